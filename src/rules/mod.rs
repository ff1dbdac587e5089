//! The documented rules as data: one table per object and action, each row with the lines of the
//! document that say so. Nothing else in the program repeats a rule.
//!
//! A new object is a file with a table; see `campaign.rs`.

mod calls;
mod campaign;
mod fix;
mod latin1;
mod rule;
pub mod wapi;

pub use calls::{CALLS_DOCUMENT, MOST_TRANSACTION_CODES, call_column, calls};
pub use campaign::{CAMPAIGN_DOCUMENT, MOST_CAMPAIGN_RECORDS, campaign_customer, campaign_removal};
pub use fix::Fix;
pub use latin1::{is_latin1, latin1};
pub use rule::{Format, Most, Presence, Requires, Rule, TenantValues, find, nearest, nearest_of};
