//! The keys of `load: campaign`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{load::threshold::Threshold, yaml::Spanned};

/// Customers of a dialer campaign.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignOptions {
    /// What to do with each row.
    pub action: Spanned<CampaignAction>,
    /// The campaign's number, as Configuration Manager's column "Campaign ID" shows it.
    pub campaign: u64,
    /// Records of one request, 1 to 10000. The documents name no limit. Default 500.
    #[serde(default = "default_batch_size")]
    #[schemars(range(min = 1, max = 10000))]
    pub batch_size: u32,
    /// Bytes of one request's body at the most, 1024 to 10000000. Default 1000000.
    #[serde(default = "default_batch_bytes")]
    #[schemars(range(min = 1024, max = 10000000))]
    pub batch_bytes: u32,
    /// Whether to look at the campaign before the first batch. Default `true`.
    #[serde(default = "yes")]
    pub check_campaign: bool,
    /// What to do with records whose answer was lost. Default `send_again`.
    #[serde(default)]
    pub when_in_doubt: WhenInDoubt,
    /// What 503 says of a POST: no document tells. Default `not_applied`.
    #[serde(default)]
    pub unavailable_means: Unavailable,
    /// Whether to start the campaign once all rows are loaded and none is in doubt. Default
    /// `false`.
    #[serde(default)]
    pub start_after_load: bool,
    /// Refused records beyond which the run stops: a count, or a share such as `5%`.
    #[serde(default)]
    pub max_refused: Option<Threshold>,
    /// Rejected records beyond which the run stops: a count, or a share such as `5%`.
    #[serde(default)]
    pub max_rejected: Option<Threshold>,
}

/// What a campaign load does with each row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CampaignAction {
    /// Add the customer to the campaign.
    Add,
    /// Take the customer out of the campaign, one request each.
    Remove,
}

impl CampaignAction {
    /// The word as the pipeline file has it.
    pub fn as_str(self) -> &'static str {
        match self {
            CampaignAction::Add => "add",
            CampaignAction::Remove => "remove",
        }
    }
}

/// What to do with records that were sent and whose answer was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenInDoubt {
    /// Send them again: "Duplicate customer" then means that the first sending was applied.
    #[default]
    SendAgain,
    /// Leave them in doubt, and list them.
    Leave,
}

/// What an answer of 503 (service unavailable) says of the records of a POST.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unavailable {
    /// They were not applied: they wait and are sent again, and "Duplicate customer" then means
    /// that the campaign had them before.
    #[default]
    NotApplied,
    /// They may have been applied: "Duplicate customer" then means that they were.
    InDoubt,
}

fn default_batch_size() -> u32 {
    500
}

fn default_batch_bytes() -> u32 {
    1_000_000
}

fn yes() -> bool {
    true
}
