//! `summary.json`, and what the command line shows of it.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use super::RunError;
use crate::{
    files,
    ledger::{Checkpoint, RunStatus},
    outcome::LoadedTally,
};

/// The books of one run, as `summary.json` has them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Summary {
    pub pipeline: String,
    pub run_id: String,
    /// `finished`, `interrupted` or `failed`.
    pub status: String,
    pub started_at: String,
    pub finished_at: String,
    pub read: u64,
    pub loaded: u64,
    pub rejected: u64,
    pub refused: u64,
    pub skipped: u64,
    pub in_doubt: u64,
    /// Taken up without an outcome yet; 0 once the run is finished.
    pub pending: u64,
    pub loaded_detail: LoadedTally,
    pub requests: u64,
    pub retries: u64,
    pub bytes_sent: u64,
    pub bytes_received: u64,
    pub elapsed_seconds: f64,
    /// The run that this one went on from: itself after an interruption, an earlier one where the
    /// input had grown since.
    pub resumed_from: Option<String>,
    /// The run whose left-over rows this one sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<String>,
    /// How often this run was taken up again.
    pub resumes: u32,
    /// What was fetched from the tenant: windows, records, what is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched: Option<serde_json::Value>,
    /// Values mended because the pipeline asked for it, by field and fix.
    pub fixes: BTreeMap<String, u64>,
    /// Why the run stopped before its end.
    pub stopped_because: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Summary {
    /// The summary of a run at a checkpoint.
    pub fn of(
        pipeline: &str,
        run_id: &str,
        status: RunStatus,
        times: (&str, String),
        checkpoint: &Checkpoint,
        resumed_from: Option<String>,
    ) -> Summary {
        let tally = &checkpoint.tally;
        let traffic = &checkpoint.traffic;
        Summary {
            pipeline: pipeline.to_owned(),
            run_id: run_id.to_owned(),
            status: status.as_str().to_owned(),
            started_at: times.0.to_owned(),
            finished_at: times.1,
            read: tally.read,
            loaded: tally.loaded.total(),
            rejected: tally.rejected,
            refused: tally.refused,
            skipped: tally.skipped,
            in_doubt: tally.in_doubt,
            pending: tally.pending(),
            loaded_detail: tally.loaded.clone(),
            requests: traffic.requests,
            retries: traffic.retries,
            bytes_sent: traffic.bytes_sent,
            bytes_received: traffic.bytes_received,
            elapsed_seconds: (checkpoint.elapsed_seconds * 1000.0).round() / 1000.0,
            resumed_from,
            retry_of: None,
            resumes: checkpoint.resumes,
            fetched: checkpoint.fetched.clone(),
            fixes: checkpoint.fixes.clone(),
            stopped_because: None,
            hint: None,
        }
    }

    /// Writes `summary.json` into the run's folder, by rename.
    pub fn write(&self, folder: &Path) -> Result<(), RunError> {
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|error| RunError::Unbalanced(error.to_string()))?;
        text.push(b'\n');
        files::publish(&folder.join("summary.json"), &text)?;
        Ok(())
    }
}
