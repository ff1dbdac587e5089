//! Settings of the tenant: who it is and what it holds. A kept tenant belongs to them.

use serde::{Deserialize, Serialize};

use super::{FIRST_NUMBER, crm::CrmSettings, phone::PhoneSettings};

/// Username of the built-in tenant.
pub const SAMPLE_TENANT: &str = "sampletenant";
/// Action Request Token of the built-in tenant.
pub const SAMPLE_ACTION_TOKEN: &str = "action-token-of-the-sample-tenant";
/// Data Request Token of the built-in tenant.
pub const SAMPLE_DATA_TOKEN: &str = "data-token-of-the-sample-tenant";
/// CRM API username of the built-in tenant: at most ten characters.
pub const SAMPLE_WAPI_USERNAME: &str = "wapiuser";
/// CRM API password of the built-in tenant: three to fifteen characters.
pub const SAMPLE_WAPI_PASSWORD: &str = "wapi-password";
/// API key of the built-in tenant for the CRM API's gateway.
pub const SAMPLE_API_KEY: &str = "api-key-of-the-sample-tenant";
/// Customers of the built-in tenant.
pub const SAMPLE_CUSTOMERS: u64 = 12_000;

/// The tenant and what it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TenantSettings {
    /// The tenant's name, which is the username of Basic authentication.
    pub name: String,
    /// The Action Request Token.
    pub action_token: String,
    /// The Data Request Token.
    pub data_token: String,
    /// The CRM API's username.
    pub wapi_username: String,
    /// The CRM API's password.
    pub wapi_password: String,
    /// The key for the CRM API's gateway.
    pub api_key: String,
    /// How many customers the CRM holds: numbered from the first number on, one number in twenty
    /// missing.
    /// They are computed, so that five million cost no more than one.
    pub customers: u64,
    /// The number from which on they are numbered; it may be missing itself.
    pub first_account_number: u64,
    /// Customers of every 10,000 that are in the do-not-call list.
    pub do_not_call_per_10000: u64,
    /// Further customers in the do-not-call list.
    pub do_not_call: Vec<u64>,
    /// The campaigns.
    pub campaigns: Vec<CampaignDefinition>,
    /// The CRM.
    pub crm: CrmSettings,
    /// The telephony.
    pub phone: PhoneSettings,
}

impl Default for TenantSettings {
    fn default() -> Self {
        TenantSettings {
            name: SAMPLE_TENANT.into(),
            action_token: SAMPLE_ACTION_TOKEN.into(),
            data_token: SAMPLE_DATA_TOKEN.into(),
            wapi_username: SAMPLE_WAPI_USERNAME.into(),
            wapi_password: SAMPLE_WAPI_PASSWORD.into(),
            api_key: SAMPLE_API_KEY.into(),
            customers: SAMPLE_CUSTOMERS,
            first_account_number: FIRST_NUMBER,
            do_not_call_per_10000: 3,
            do_not_call: Vec::new(),
            campaigns: sample_campaigns(),
            crm: CrmSettings::default(),
            phone: PhoneSettings::default(),
        }
    }
}

/// A campaign as it is before anybody does anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CampaignDefinition {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Whether it is a dynamic campaign; others take no customers.
    pub dynamic: bool,
    /// Whether it is enabled.
    pub enabled: bool,
    /// Its status by number, 0 to 11.
    pub status: u8,
    /// When it calls; always, without one.
    pub schedule: Option<ScheduleWindow>,
    /// At most so many records may be scheduled.
    pub max_scheduled: Option<u64>,
    /// So many of the scheduled make room in each second since the simulator started.
    pub scheduled_freed_per_second: f64,
    /// The share of added records, 0 to 1, that the dialer takes up at once: half of them are
    /// Accepted, half Completed, and neither can be deleted.
    pub taken_up: f64,
    /// Records that it holds at first, of the first customers; as many as there are at most.
    pub records_at_first: u64,
}

impl Default for CampaignDefinition {
    fn default() -> Self {
        CampaignDefinition {
            id: 0,
            name: String::new(),
            dynamic: true,
            enabled: true,
            status: 3,
            schedule: None,
            max_scheduled: None,
            scheduled_freed_per_second: 0.0,
            taken_up: 0.0,
            records_at_first: 0,
        }
    }
}

/// A window of time, relative to the full hour in which the simulator started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleWindow {
    /// Its start, in hours from then.
    pub from_hours: i32,
    /// Its end, in hours from then.
    pub to_hours: i32,
}

/// One campaign of each kind that a load meets.
fn sample_campaigns() -> Vec<CampaignDefinition> {
    let campaign = |id, name: &str| CampaignDefinition {
        id,
        name: name.into(),
        ..CampaignDefinition::default()
    };
    vec![
        campaign(125, "Winter Renewals"),
        CampaignDefinition { dynamic: false, ..campaign(126, "Static Survey") },
        CampaignDefinition { enabled: false, ..campaign(127, "Switched Off") },
        CampaignDefinition {
            status: 5,
            taken_up: 0.8,
            records_at_first: 500,
            ..campaign(128, "Stopped in Autumn & Winter")
        },
        CampaignDefinition { status: 0, ..campaign(129, "Not Yet Started") },
        CampaignDefinition {
            status: 4,
            schedule: Some(ScheduleWindow { from_hours: 0, to_hours: 96 }),
            ..campaign(130, "Four Days Only")
        },
    ]
}
