//! The runs of a state folder and how they ended, as their ledgers have it.

use std::path::{Path, PathBuf};

use super::{RunError, fetch, identity::Identity, start};
use crate::{
    extract::wapi::Watermark,
    ledger::{Checkpoint, Ledger, RunLock, RunRecord, RunStatus},
    load::LoadOptions,
};

/// A run, and how it stands.
pub struct Standing {
    pub pipeline: String,
    pub record: RunRecord,
    pub checkpoint: Checkpoint,
    pub folder: PathBuf,
    /// Whether a process is at work on it.
    pub is_alive: bool,
    /// Whether it is the newest of its pipeline.
    pub is_newest: bool,
    /// The day through which the pipeline has fetched what is new; of the newest run only.
    pub high_water_mark: Option<jiff::civil::Date>,
}

impl Standing {
    /// Whether its rows took the place of all that was there before.
    pub fn is_snapshot(&self) -> bool {
        let identity = serde_json::from_str::<Identity>(&self.record.identity);
        identity.is_ok_and(|identity| LoadOptions::is_snapshot(&identity.load))
    }
}

/// All runs, the newest first, and the ledgers that could not be read.
#[derive(Default)]
pub struct History {
    pub runs: Vec<Standing>,
    pub unreadable: Vec<(String, RunError)>,
    /// The pipelines that have a ledger, in the order of their names.
    pub pipelines: Vec<String>,
}

/// Reads the ledgers of a state folder; those of one pipeline where `name` is given.
///
/// # Errors
/// The state folder cannot be read. That it is not there is no error.
pub fn history(state_dir: &Path, name: Option<&str>) -> Result<History, RunError> {
    let mut history = History::default();
    let homes = state_dir.join("runs");
    let entries = match std::fs::read_dir(&homes) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(history),
        Err(error) => return Err(crate::files::FileError::from_io(&homes, "read", error).into()),
    };
    for entry in entries.flatten() {
        let home = entry.path();
        if home.join(start::LEDGER).is_file() {
            history.pipelines.push(entry.file_name().display().to_string());
        }
    }
    history.pipelines.sort();
    for pipeline in history.pipelines.clone() {
        if name.is_some_and(|name| name != pipeline) {
            continue;
        }
        match runs_of(&homes.join(&pipeline), &pipeline) {
            Ok(runs) => history.runs.extend(runs),
            Err(error) => history.unreadable.push((pipeline, error)),
        }
    }
    history.runs.sort_by(|a, b| b.record.run_id.cmp(&a.record.run_id));
    Ok(history)
}

fn runs_of(home: &Path, pipeline: &str) -> Result<Vec<Standing>, RunError> {
    let ledger = Ledger::open(&home.join(start::LEDGER))?;
    let mut runs = Vec::new();
    let mark = ledger.remembered(fetch::WATERMARK)?;
    let mark = mark.and_then(|text| serde_json::from_str::<Watermark>(&text).ok());
    for record in ledger.runs()? {
        let running = record.status == RunStatus::Running;
        runs.push(Standing {
            pipeline: pipeline.to_owned(),
            checkpoint: ledger.checkpoint(&record.run_id)?,
            folder: home.join(&record.run_id),
            is_alive: running && RunLock::is_held(&home.join("lock")),
            is_newest: runs.is_empty(),
            high_water_mark: mark.as_ref().filter(|_| runs.is_empty()).map(|mark| mark.through),
            record,
        });
    }
    Ok(runs)
}
