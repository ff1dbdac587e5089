//! The documented rules of the load target, applied to columns before anything is sent.
//!
//! A new target is a file with a `check` like that of [`CampaignRules`], over its table in
//! [`crate::rules`].

mod calls;
mod campaign;
mod checked;
mod columns;
mod complaints;
mod date_time;
mod files;
mod rules;
mod wapi;
mod wapi_load;

pub use calls::CallRules;
pub use campaign::{CampaignRules, campaign_schema};
pub use checked::{Checked, Fixed};
pub use columns::{ColumnProblem, check_columns};
pub use files::{FileRules, PARTITION_BY};
pub use rules::{Fit, Rules, UniqueKey};
pub use wapi::{WapiRules, complaint};
pub use wapi_load::WapiLoadRules;

#[cfg(test)]
mod tests;
