//! Phone calls: placed once and never again, coded, ended.

mod options;
mod sink;

pub use options::{BusyAgent, CallUnavailable, CallsOptions};
pub use sink::{CallsSink, CallsTarget};
