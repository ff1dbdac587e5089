//! What can be asked of a tenant's CRM: commands with their replies, lists of values, ranges.
//!
//! [`Crm`] sends one command and says what was heard: a reply, or how it was lost. What a lost or
//! failed answer means for a record is for the caller to say; questions ([`Crm::ask`]) change
//! nothing, and are repeated here until they are answered. [`Attachments`] asks for the files of one
//! record, one request at a time over all processes.

mod attachments;
mod crm;
mod lists;
mod range;
mod records;
mod rows;
mod turn;

pub use attachments::{Attached, Attachments};
pub use crm::{Access, Crm, Heard, Trouble};
pub use range::{Customers, Extent, LEAST_LIMIT, Overview, ReadCustomers};
pub use records::{CampaignRecords, Listing, Unanswered};
pub use rows::{Fetched, Unread};
pub use turn::{Turn, Turns};
