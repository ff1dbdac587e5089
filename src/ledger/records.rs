//! What the ledger holds, as the rest of the program sees it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    batch::Position,
    outcome::{Tally, Traffic},
};

/// The number of a unit, unique in its ledger.
pub type UnitId = u64;

/// One run as entered at its beginning.
#[derive(Clone, Debug)]
pub struct RunRecord {
    /// Sorts by time.
    pub run_id: String,
    /// JSON: what the run belongs to, beside its input.
    pub identity: String,
    /// JSON: fingerprint of the input.
    pub input: String,
    /// Rows to read at the most, where the user asked for that.
    pub limit: Option<i64>,
    /// When it began.
    pub started_at: String,
    /// How it stands.
    pub status: RunStatus,
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// Entered and not ended: it runs, or its process is gone.
    Running,
    /// Stopped by a signal; can go on.
    Interrupted,
    /// Stopped by an error; can go on.
    Failed,
    /// All rows of the input have their outcome.
    Finished,
    /// Given up by `--fresh`.
    Abandoned,
}

impl RunStatus {
    /// The word in the ledger and in `summary.json`.
    pub fn as_str(self) -> &'static str {
        match self {
            RunStatus::Running => "running",
            RunStatus::Interrupted => "interrupted",
            RunStatus::Failed => "failed",
            RunStatus::Finished => "finished",
            RunStatus::Abandoned => "abandoned",
        }
    }

    pub(super) fn parse(word: &str) -> Self {
        match word {
            "interrupted" => RunStatus::Interrupted,
            "failed" => RunStatus::Failed,
            "finished" => RunStatus::Finished,
            "abandoned" => RunStatus::Abandoned,
            _ => RunStatus::Running,
        }
    }

    /// Whether a run of this status is there to be resumed.
    pub fn is_unfinished(self) -> bool {
        matches!(self, RunStatus::Running | RunStatus::Interrupted | RunStatus::Failed)
    }
}

/// How far a run has come; replaced as a whole at each commit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// From where to read on: all rows before it are in the books or in an open unit.
    pub position: Position,
    /// Whether the whole input was surveyed: keys seen twice are known, and counts.
    pub surveyed: bool,
    /// Rows that the survey found fit for sending.
    pub fit: u64,
    /// Whether all rows of the input are taken up.
    pub input_done: bool,
    /// The books so far.
    pub tally: Tally,
    /// What it cost on the wire so far.
    pub traffic: Traffic,
    /// Values mended because the pipeline asked for it, by field and fix.
    #[serde(default)]
    pub fixes: BTreeMap<String, u64>,
    /// What was fetched from the tenant, as the summary tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched: Option<serde_json::Value>,
    /// Durable length of each result file.
    pub results: BTreeMap<String, u64>,
    /// Seconds that earlier processes of this run took.
    pub elapsed_seconds: f64,
    /// How often the run was taken up again.
    pub resumes: u32,
}

/// What is about to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Intent<'a> {
    /// The unit's number.
    pub id: UnitId,
    /// The unit of which it is a part, where it is sent again.
    pub parent: Option<UnitId>,
    /// Ordinal of its first row.
    pub first_ordinal: u64,
    /// Ordinal of its last row.
    pub last_ordinal: u64,
    /// Its number of rows.
    pub rows: u32,
    /// Requests that were made for it.
    pub attempts: u32,
    /// Its rows, to be sent again after a crash.
    pub payload: &'a [u8],
}

/// What came back.
#[derive(Clone, Copy, Debug, Default)]
pub struct Closing {
    /// Requests that were made for it.
    pub attempts: u32,
    /// Rows that the target holds.
    pub loaded: u32,
    /// Rows refused for good.
    pub refused: u32,
    /// Rows that a look at the target stopped; they were not sent.
    pub rejected: u32,
    /// Rows that stay in doubt.
    pub in_doubt: u32,
    /// Rows that are sent again, in a unit of their own.
    pub again: u32,
}

/// A unit whose intent has no outcome.
#[derive(Clone, Debug)]
pub struct OpenUnit {
    /// Its number.
    pub id: UnitId,
    /// Requests that were made for it, as far as entered.
    pub attempts: u32,
    /// Whether it is known not to have been applied.
    pub withheld: bool,
    /// Its rows.
    pub payload: Vec<u8>,
}
