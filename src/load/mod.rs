//! Where rows go. One folder per sink; a new one is a folder, a variant and an arm.

pub mod campaign;
mod threshold;

use arrow::array::RecordBatch;
use schemars::JsonSchema;
use serde::Deserialize;

pub use threshold::Threshold;

use crate::{
    http,
    outcome::{Traffic, UnitAnswer},
};

/// Where the rows go: one of these keys.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LoadOptions {
    /// Customers of a dialer campaign.
    Campaign(campaign::CampaignOptions),
}

impl LoadOptions {
    /// The place that the records go to, and what is done there: a run belongs to it.
    pub fn identity(&self) -> String {
        match self {
            LoadOptions::Campaign(campaign) => {
                format!("campaign {} ({})", campaign.campaign, campaign.action.as_str())
            }
        }
    }
}

/// A sink that was connected: it sends units and says what became of each row.
#[derive(Debug)]
pub enum Sink {
    /// Customers of a dialer campaign.
    Campaign(campaign::CampaignSink),
}

/// Why something stopped, and what to do about it.
pub type WhatAndHint = (String, String);

/// What a look at the target told, before anything is sent.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    /// What the user should know.
    pub warnings: Vec<String>,
    /// From when to when the campaign runs.
    pub window: Option<(jiff::Timestamp, jiff::Timestamp)>,
}

/// The right to send one unit now.
pub type Turn = http::Permit;

/// What happened to rows before they are sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Before {
    /// They were sent, and may have been applied.
    pub doubt: bool,
    /// They were sent, whatever came of it.
    pub sent: bool,
}

/// What came back for a unit.
#[derive(Debug)]
pub struct Delivery {
    pub answer: UnitAnswer,
    /// No answer came in time: a smaller request may be answered sooner.
    pub timed_out: bool,
    /// It is to be sent again, and may nevertheless have been applied.
    pub maybe_applied: bool,
}

impl Sink {
    /// Looks at the target before anything is sent.
    ///
    /// # Errors
    /// What keeps the target from taking anything, and what to do about it.
    pub async fn look(&self) -> Result<Looked, WhatAndHint> {
        match self {
            Sink::Campaign(campaign) => campaign.look().await,
        }
    }

    /// Waits until the limits let one more unit go.
    pub async fn turn(&self) -> Turn {
        match self {
            Sink::Campaign(campaign) => campaign.turn().await,
        }
    }

    /// Sends rows once.
    pub async fn deliver(&self, turn: Turn, rows: &RecordBatch, before: Before) -> Delivery {
        match self {
            Sink::Campaign(campaign) => campaign.deliver(turn, rows, before).await,
        }
    }

    /// The rows that go together at present.
    pub fn rows_of_a_unit(&self) -> usize {
        match self {
            Sink::Campaign(campaign) => campaign.rows_of_a_unit(),
        }
    }

    /// Whether one request may have so many rows; with more it would only be refused.
    pub fn takes(&self, rows: usize) -> bool {
        match self {
            Sink::Campaign(campaign) => campaign.takes(rows),
        }
    }

    /// Requests in flight at the most.
    pub fn concurrency(&self) -> usize {
        match self {
            Sink::Campaign(campaign) => campaign.concurrency(),
        }
    }

    /// Whether it adds records, so that the same input must not be loaded twice.
    pub fn adds(&self) -> bool {
        match self {
            Sink::Campaign(_) => true,
        }
    }

    /// Whether what is in doubt may be sent again without harm.
    pub fn sends_doubtful_again(&self) -> bool {
        match self {
            Sink::Campaign(campaign) => campaign.sends_doubtful_again(),
        }
    }

    /// Checks the number of records against what the target takes in one upload; the error is the
    /// greatest number, and of what.
    pub fn check_count(&self, records: u64) -> Result<(), (u64, String)> {
        match self {
            Sink::Campaign(campaign) => campaign.check_count(records),
        }
    }

    /// What went over the wire so far.
    pub fn traffic(&self) -> Traffic {
        match self {
            Sink::Campaign(campaign) => campaign.traffic(),
        }
    }
}
