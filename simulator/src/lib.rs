//! A simulated contact center tenant, built from the API documents and not from the client.
//!
//! [`start`] serves a tenant on loopback, with its data computed from a seed: who it is and
//! what goes wrong is told by [`Settings`]. It never depends on the program that it tests, so a
//! mistake in a codec or a rule cannot agree with itself.
//!
//! ```no_run
//! # async fn example() -> Result<(), vccpipe_simulator::Error> {
//! let simulator = vccpipe_simulator::start(Default::default(), None, 0).await?;
//! println!("{} {:?}", simulator.base_url(), simulator.credentials());
//! simulator.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! # The ground truth
//! `GET /_simulator/state` is [`State`] as JSON. `GET /_simulator/campaigns/{id}/customers` is
//! CSV, `customer-id,times_sent,times_applied,schedule-date-time`, one line for each number that
//! was ever processed, sorted by number:
//! - `times_sent`: how often a record of a processed POST had this customer-id, whatever was
//!   answered; a request that a fault keeps from being processed counts nothing;
//! - `times_applied`: how often it was taken into the campaign. More than once only after it was
//!   removed in between: a duplicate is never applied;
//! - `schedule-date-time`: of the last time it was taken in.
//!
//! Of numbers that no customer has, the first 200,000 are told.
//!
//! `GET /_simulator/wapi/{object}` ([`Running::wapi_records`]) is NDJSON: each record of the CRM
//! that there is, by number, with its fields by their tags in upper case and
//! - `_created`, `_modified`: moments, finer than any reply tells them;
//! - `_times_modified`: accepted Modifies; a Task's that changes nothing leaves no mark;
//! - `_automated`: a follow-up that a Case Modify wrote;
//! - `_CAME_BY_EMAIL`, of a case whose description cannot be modified.
//!
//! `GET /_simulator/calls` ([`Running::calls`]) is NDJSON: each time that a phone rang, in order,
//! with the fields as they were received, `interactionGuid`, and
//! - `_times_rang`: how often a call with the same number and `extTransactionData` rang in all, so
//!   above 1 for each of a double's lines;
//! - `_at`, `_line` (1 or 2), `_dialed` (after the dial plan), `_presented` (the number shown);
//! - `_state`: `in_progress`, `post_processing` or `ended`; `_codes`: the selections set last;
//! - `_done`: what was done with the call, in order, each with `at` and `action`:
//!   `set_transaction_codes`, `end`, `hang_up`, `free_lines` or `free_line`. What was refused is
//!   not among them.
//!
//! `GET /_simulator/attachments` ([`Running::attachments`]) is NDJSON, a line for each file:
//! `object`, `id` (of a follow-up with its case), `name`, `bytes`, `sha256`, and
//! - `name_hex`: the name's bytes, where they are no UTF-8;
//! - `sent_as`: Content-Disposition of a file that is sent alone, or the name in the ZIP;
//! - `in_reply`: how many files the reply holds; more than one come as a ZIP;
//! - `form`: `file`, `directory` or `symlink`;
//! - `bomb`: an entry that explodes, which has no `sha256`;
//! - `vanished`: the CRM tells of files that are gone; such a line has no file.
//!
//! # The way of a request
//! `connection` (can be cut) -> `layer` (count, limits, latency, faults) -> the module of the
//! API -> the tenant's changes, in the `journal` before the reply leaves. A further API is a
//! module beside `campaigns` with its routes, an arm of `Api::of`, and a number for its frames
//! in `shared`.

// Words.
mod api;
mod chance;
mod clock;
mod error;

// The tenant, and what is set.
mod settings;
mod tenant;

// The APIs.
mod attachments;
mod calls;
mod campaigns;
mod wapi;

// What every API stands on.
mod connection;
mod faults;
mod journal;
mod layer;
mod limits;
mod shared;
mod state;
mod truth;

mod server;

// Files as users have them.
pub mod sample;

pub use api::Api;
pub use error::Error;
pub use server::{Running, start};
pub use settings::*;
pub use state::{ApiState, AttachmentState, CallsState, CampaignState, CrmState, State, WapiState};
pub use tenant::{
    Credentials, Customers, FIRST_NUMBER, SAMPLE_ACTION_TOKEN, SAMPLE_API_KEY, SAMPLE_CUSTOMERS,
    SAMPLE_DATA_TOKEN, SAMPLE_TENANT, SAMPLE_WAPI_PASSWORD, SAMPLE_WAPI_USERNAME,
};
