//! What can be set: the tenant, how strictly it reads the documents, and what goes wrong.
//!
//! Everything has a default and the defaults are the strict reading of the documents. The
//! README shows all keys.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::api::Api;
pub use crate::attachments::settings::{
    AttachmentSettings, ContentTypes, NamesAs, ZipBomb, ZipNames,
};
pub use crate::calls::settings::{
    CallIdKey, CallsSettings, CallsVersion, EndPostProcessing, NothingToFree, RefusalBody,
};
pub use crate::campaigns::settings::{
    AfterLast, CampaignSettings, DuplicateWording, EmptyShape, JsonValues, StatusMethod, Tokens,
};
pub use crate::faults::{ErrorBody, FaultKind, FaultRule};
pub use crate::limits::LimitSettings;
pub use crate::tenant::crm::{
    CrmSettings, CustomFieldDefinition, CustomFieldObject, CustomFieldType, PicklistDefinition,
    UserDefinition,
};
pub use crate::tenant::phone::{
    AgentStatus, CodeItem, CodeList, DialPlan, PhoneAgent, PhoneQueue, PhoneSettings,
};
pub use crate::tenant::settings::{CampaignDefinition, ScheduleWindow, TenantSettings};
pub use crate::wapi::settings::{
    Apostrophe, CaseModifyUnsupplied, CrmObject, CrmRight, EmailCharacters, EmptySummary,
    GroupsReply, GrowSettings, NoMatch, RequestEncoding, TooManyRows, WapiSettings,
};

/// All settings of a simulator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where all chance comes from: the gaps between customers, their phones, the faults.
    pub seed: u64,
    /// Who the tenant is and what it holds.
    pub tenant: TenantSettings,
    /// The tenant's clock.
    pub clock: ClockSettings,
    /// How the campaign API reads its document.
    pub campaigns: CampaignSettings,
    /// How the CRM API reads its guide.
    pub wapi: WapiSettings,
    /// How the phone calls API reads its document, and how long calls take.
    pub calls: CallsSettings,
    /// Attachments, and how their API reads its document.
    pub attachments: AttachmentSettings,
    /// Rate limits by API; none without an entry.
    pub limits: BTreeMap<Api, LimitSettings>,
    /// Milliseconds that every request of an API takes before it is processed.
    pub latency_ms: BTreeMap<Api, u64>,
    /// What goes wrong: the first rule that a request fulfils makes its fault.
    pub faults: Vec<FaultRule>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            seed: 1,
            tenant: TenantSettings::default(),
            clock: ClockSettings::default(),
            campaigns: CampaignSettings::default(),
            wapi: WapiSettings::default(),
            calls: CallsSettings::default(),
            attachments: AttachmentSettings::default(),
            limits: BTreeMap::new(),
            latency_ms: BTreeMap::new(),
            faults: Vec::new(),
        }
    }
}

/// The tenant's clock; the system's by default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClockSettings {
    /// The time that it shows when the simulator starts.
    pub starts_at: Option<Timestamp>,
    /// It keeps showing that time.
    pub stands_still: bool,
}
