//! The CRM API, from outside.
//!
//! - `client`: the least client that can do it
//! - `customers`: adding, changing, getting and deleting customers

pub mod client;
mod customers;
