//! Where rows go. One folder per sink; a new one is a folder, a variant and an arm.

pub mod campaign;
mod threshold;

use schemars::JsonSchema;
use serde::Deserialize;

pub use threshold::Threshold;

/// Where the rows go: one of these keys.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LoadOptions {
    /// Customers of a dialer campaign.
    Campaign(campaign::CampaignOptions),
}
