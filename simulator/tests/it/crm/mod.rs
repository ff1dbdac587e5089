//! The CRM API, from outside. What is found is compared with the ground truth.
//!
//! - `client`: the least client that can do it
//! - `entrances`: the two paths, logins, rights, what cannot be read
//! - `customers`: adding, changing, getting and deleting customers
//! - `cases`: cases and their follow-ups
//! - `tasks`: tasks
//! - `faqs`: FAQ categories, FAQs, and lists of the configuration
//! - `extraction`: what a whole export asks, and how it is made hard
//! - `faults`: faults of the CRM API, and what is counted
//! - `kept`: a kept CRM
//! - `messages`: the 43 messages
//! - `rules`: what the rulings decide, from outside
//! - `switches`: the settings that loosen a rule

mod cases;
pub mod client;
mod customers;
mod entrances;
mod extraction;
mod faqs;
mod faults;
mod kept;
mod messages;
mod rules;
mod switches;
mod tasks;
