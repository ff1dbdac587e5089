//! Phone calls: placed once and never again, coded, ended.

mod key;
mod options;
mod sink;

pub use key::call_key;
pub use options::{BusyAgent, CallUnavailable, CallsOptions};
pub use sink::{CallsSink, CallsTarget};
