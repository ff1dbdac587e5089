//! The five outcomes of a record, and how a row's answer is told apart.

use std::{borrow::Cow, fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// What the target did with a record that it now holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadedAs {
    Added,
    Modified,
    Unchanged,
    Removed,
    /// A record whose first answer was lost, and that looking or sending again showed to be there.
    ConfirmedOnResume,
}

impl LoadedAs {
    /// The word in `loaded.csv` and in the summary.
    pub fn as_str(self) -> &'static str {
        match self {
            LoadedAs::Added => "added",
            LoadedAs::Modified => "modified",
            LoadedAs::Unchanged => "unchanged",
            LoadedAs::Removed => "removed",
            LoadedAs::ConfirmedOnResume => "confirmed_on_resume",
        }
    }
}

/// What `loaded.csv` tells of each row beside what was done.
#[derive(Clone, Debug, Default)]
pub struct LoadedColumns {
    /// The target's key, by name.
    pub key: Vec<(Cow<'static, str>, KeyFrom)>,
    /// Whether the input's own columns follow: others look the key up by them.
    pub input: bool,
}

/// Where a part of a record's key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFrom {
    /// A column of what was sent, by its index.
    Column(usize),
    /// The answer.
    Answer,
}

/// What an answer says of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowAnswer {
    /// The target holds it; `id` is what the server calls it, where that is not among the columns
    /// that were sent.
    Loaded { done: LoadedAs, id: Option<RecordId> },
    /// Our own look at the target stopped it: nothing was sent for it.
    Rejected { reason: String },
    /// The server said no for good.
    Refused { status: i32, message: String },
    /// The server did not take it now, and says or implies that it will later.
    Again { after: Option<Duration>, message: String },
    /// It may or may not have been applied.
    Doubt { message: String },
}

/// What the server calls a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordId {
    /// Its number.
    pub number: String,
    /// The number of the record within which that counts: the case of a follow-up.
    pub within: Option<String>,
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.within {
            Some(within) => write!(f, "{within}.{}", self.number),
            None => f.write_str(&self.number),
        }
    }
}

impl RowAnswer {
    /// The target holds it, and its key is known from the row.
    pub fn loaded(done: LoadedAs) -> Self {
        RowAnswer::Loaded { done, id: None }
    }
}

/// What came back for a unit as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitAnswer {
    /// One answer per row of the unit, in its order.
    Rows(Vec<RowAnswer>),
    /// Not applied: wait and send it again. `throttled` slows the others down, too.
    Again { after: Option<Duration>, throttled: bool, message: String },
    /// Not applied: too large, or refused as a whole because of a part: send it in two halves.
    Split { status: u16, message: String },
    /// Nobody knows whether it was applied.
    Doubt { message: String },
    /// Not applied, and no other unit will be: the run stops.
    Stop { what: String, hint: String },
}

/// The books of a run. `read = loaded + rejected + refused + skipped + in_doubt + pending`, and
/// `pending` is 0 once the run has finished.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Rows of the input that were taken up.
    pub read: u64,
    /// Stopped by an expression or a rule; nothing was sent.
    pub rejected: u64,
    /// Refused by the server for good.
    pub refused: u64,
    /// Filtered out, or duplicates of another row.
    pub skipped: u64,
    /// Sent, and nobody knows whether they were applied.
    pub in_doubt: u64,
    /// Held by the target, by what it took.
    pub loaded: LoadedTally,
}

/// Loaded records by what the target did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadedTally {
    pub added: u64,
    pub modified: u64,
    pub unchanged: u64,
    pub removed: u64,
    pub confirmed_on_resume: u64,
}

impl LoadedTally {
    /// All loaded records.
    pub fn total(&self) -> u64 {
        self.added + self.modified + self.unchanged + self.removed + self.confirmed_on_resume
    }

    /// Counts one more.
    pub fn count(&mut self, loaded_as: LoadedAs) {
        *match loaded_as {
            LoadedAs::Added => &mut self.added,
            LoadedAs::Modified => &mut self.modified,
            LoadedAs::Unchanged => &mut self.unchanged,
            LoadedAs::Removed => &mut self.removed,
            LoadedAs::ConfirmedOnResume => &mut self.confirmed_on_resume,
        } += 1;
    }
}

impl Tally {
    /// Rows that have an outcome.
    pub fn settled(&self) -> u64 {
        self.loaded.total() + self.rejected + self.refused + self.skipped + self.in_doubt
    }

    /// Rows that were taken up and have no outcome yet.
    pub fn pending(&self) -> u64 {
        self.read - self.settled().min(self.read)
    }

    /// Whether every row that was read has exactly one outcome.
    pub fn balances(&self) -> bool {
        self.read == self.settled()
    }
}

/// What a run cost on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Requests sent, retries included.
    pub requests: u64,
    /// Requests that repeated an earlier one, or a part of it.
    pub retries: u64,
    /// Bytes of request bodies.
    pub bytes_sent: u64,
    /// Bytes of reply bodies.
    pub bytes_received: u64,
}

impl Traffic {
    /// What was added since `before`.
    pub fn since(self, before: Traffic) -> Traffic {
        Traffic {
            requests: self.requests - before.requests,
            retries: self.retries - before.retries,
            bytes_sent: self.bytes_sent - before.bytes_sent,
            bytes_received: self.bytes_received - before.bytes_received,
        }
    }
}

impl std::ops::AddAssign for Traffic {
    fn add_assign(&mut self, more: Traffic) {
        self.requests += more.requests;
        self.retries += more.retries;
        self.bytes_sent += more.bytes_sent;
        self.bytes_received += more.bytes_received;
    }
}
