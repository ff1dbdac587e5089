//! What a run tells while it goes: progress, log and tests listen.

use std::{path::PathBuf, time::Duration};

use crate::outcome::Tally;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// The run begins, or goes on.
    Started {
        pipeline: String,
        run_id: String,
        resumed: bool,
        /// The run after whose last row this one begins.
        after: Option<String>,
        /// Bytes of the input as stored.
        total_bytes: u64,
        /// The run's folder.
        folder: PathBuf,
    },
    /// Rows are fetched from the tenant.
    Fetching { records: u64, total: Option<u64>, left: usize },
    /// A table that rows are looked up in is read.
    Indexing { table: String, rows: u64 },
    /// The input is read for the first time: keys seen twice, counts.
    Surveying { pass: usize, passes: usize, rows: u64, bytes_read: u64 },
    /// The survey is done; nothing was sent yet.
    Surveyed { rows: u64, fit: u64, elapsed: Duration },
    /// More rows have an outcome.
    Progress { tally: Tally, bytes_read: u64 },
    /// A unit is sent again, or waits.
    Waiting { rows: usize, attempt: u32, delay: Duration, message: String },
    /// What the run does and why, where it chose.
    Note { message: String },
    /// Something that the user should know and that stops nothing.
    Warning { message: String },
    /// The run ends.
    Ended { requests: u64, retries: u64 },
}

/// Listens to a run.
pub trait Observer: Send + Sync {
    /// Takes an event; must be quick.
    fn observe(&self, event: Event);
}
