//! The CRM API, from outside. What is found is compared with the ground truth.
//!
//! - `client`: the least client that can do it
//! - `entrances`: the two paths, logins, rights, what cannot be read
//! - `customers`: adding, changing, getting and deleting customers
//! - `cases`: cases and their follow-ups
//! - `tasks`: tasks
//! - `faqs`: FAQ categories, FAQs, and lists of the configuration
//! - `faults`: faults of the CRM API, and what is counted
//! - `kept`: a kept CRM
//! - `messages`: each of the guide's 43 messages
//! - `rules`: the readings of the guide that are switches or rulings

mod cases;
pub mod client;
mod customers;
mod entrances;
mod faqs;
mod faults;
mod kept;
mod messages;
mod rules;
mod tasks;
