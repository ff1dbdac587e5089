//! Customers of a dynamic campaign, in batches answered by HTTP 207.

mod options;

pub use options::{CampaignAction, CampaignOptions, WhenInDoubt};
