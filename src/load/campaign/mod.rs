//! Customers of a dynamic campaign, in batches answered by HTTP 207.

mod batch_size;
mod options;
mod sink;
mod start;

pub use options::{CampaignAction, CampaignOptions, Unavailable, WhenInDoubt};
pub use sink::{CampaignSink, CampaignTarget};
pub use start::Starting;
