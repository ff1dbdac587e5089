//! What was done with calls, as the journal keeps it: a list of changes in JSON.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::request::Selection;

/// A change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// A phone rang.
    Rang(Placed),
    /// Something was done with a call.
    Did { guid: String, deed: Deed },
}

/// A call as it was placed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Placed {
    pub guid: String,
    pub at: Timestamp,
    pub agent: String,
    /// The agent's line, 1 or 2.
    pub line: u8,
    /// A call without a queue has no post-processing, and does not make its agent busy.
    pub has_queue: bool,
    /// The number after the dial plan.
    pub dialed: String,
    /// The number that was shown.
    pub presented: String,
    /// What tells whether the same call rang before: number and extTransactionData.
    pub same: String,
    /// The body as it came.
    pub received: Map<String, Value>,
}

/// What was done with a call, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Deed {
    pub at: Timestamp,
    pub what: What,
}

/// What was done with a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    SetTransactionCodes(Vec<Selection>),
    End { post_processing_too: bool },
    HangUp,
    FreeLines,
    FreeLine(u8),
}

/// Appends changes to a frame.
pub(crate) fn write(changes: &[Change], out: &mut Vec<u8>) {
    // Neither a Vec nor such changes can fail; were it so, the frame would not be read again.
    let _ = serde_json::to_writer(out, changes);
}

/// Reads what `write` wrote.
pub(super) fn read(frame: &[u8]) -> Option<Vec<Change>> {
    serde_json::from_slice(frame).ok()
}
