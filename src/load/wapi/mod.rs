//! Records of the CRM by the WAPI CRM API, one request each.
//!
//! [`sink`] decides what a row needs: to be added, changed, left alone or deleted. [`find`] says
//! which record of the tenant a row is; [`own`] recognises a record whose answer was lost.

mod by_key;
mod claims;
mod compare;
mod find;
mod mirror;
mod options;
mod own;
mod resend;
mod row;
mod sink;

pub use options::{Tags, UnsentFields, WapiOptions};
pub use sink::{WapiSink, WapiTarget};
