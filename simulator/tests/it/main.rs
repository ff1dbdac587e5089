//! The simulator from outside, over TCP.
//!
//! - `calls`: the phone calls API
//! - `attachments`: the attachments API
//! - `client`: the least client that can do it; it shares no code with the simulator
//! - `crm`: the CRM API
//! - `customers`: adding and deleting, every message
//! - `campaigns`: status, records, tokens
//! - `faults`: faults and limits, and the truth about them
//! - `kept`: a kept tenant
//! - `readme`: the README names every setting
//! - `samples`: the committed sample is what the generator writes

mod attachments;
mod calls;
mod campaigns;
mod client;
mod crm;
mod customers;
mod faults;
mod kept;
mod readme;
mod samples;
