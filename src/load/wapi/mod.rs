//! Records of the CRM by the WAPI CRM API, one request each.
//!
//! [`sink`] asks the tenant what has to be known first; [`deliver`] decides what a row needs: to be
//! added, changed, left alone or deleted; [`ask`] sends its commands and questions. [`find`] says
//! which record of the tenant a row is, [`held`] reads one by its number, [`own`] recognises a
//! record whose answer was lost, and [`seek`] looks for one after its run.

mod ask;
mod claims;
mod compare;
mod deliver;
mod find;
mod held;
mod mirror;
mod options;
mod own;
mod resend;
mod row;
mod seek;
mod sink;

pub use options::{Tags, UnsentFields, WapiOptions};
pub use sink::{WapiSink, WapiTarget};
