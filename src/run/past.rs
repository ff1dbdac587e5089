//! The runs that a pipeline has had, for the commands that come back to them.

use std::path::{Path, PathBuf};

use super::{RunError, begun::Beginning, identity::Identity, report, summary::Summary};
use crate::{
    files,
    ledger::{Checkpoint, Ledger, RunLock, RunRecord, RunStatus},
};

/// The next `in_doubt.csv`, until the ledger has what it says.
pub(super) const NEXT_IN_DOUBT: &str = "in_doubt.next.csv";

/// A pipeline's folder: its ledger and its runs. Nobody else runs the pipeline while this lives.
#[derive(Debug)]
pub struct Past {
    /// The pipeline's name.
    pub name: String,
    /// Its folder.
    pub home: PathBuf,
    pub(super) ledger: Ledger,
    _lock: RunLock,
}

/// One of its runs.
#[derive(Clone, Debug)]
pub struct PastRun {
    /// Its name.
    pub run_id: String,
    /// Its folder.
    pub folder: PathBuf,
    /// How it was left.
    pub status: RunStatus,
    /// How far it came.
    pub checkpoint: Checkpoint,
    /// What it is known by, as the ledger has it.
    pub(super) record: RunRecord,
}

impl Past {
    /// Opens the ledger of a pipeline that has run.
    ///
    /// # Errors
    /// It has not run; another process runs it; the ledger cannot be read.
    pub fn open(state_dir: &Path, name: &str) -> Result<Past, RunError> {
        let home = state_dir.join("runs").join(name);
        let path = home.join("ledger.sqlite");
        if !is_a_name(name) || !path.exists() {
            return Err(no_runs(state_dir, name));
        }
        let lock = RunLock::take(&home.join("lock"), name)?;
        let ledger = Ledger::open(&path)?;
        Ok(Past { name: name.to_owned(), home, ledger, _lock: lock })
    }

    /// All runs, the newest first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn runs(&self) -> Result<Vec<PastRun>, RunError> {
        self.ledger.runs()?.into_iter().map(|record| self.run_of(record)).collect()
    }

    /// One run by its name.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn run(&self, run_id: &str) -> Result<PastRun, RunError> {
        let found = self.ledger.runs()?.into_iter().find(|run| run.run_id == run_id);
        let record = found.ok_or_else(|| RunError::NoSuchRun {
            what: format!("`{}` has no run `{run_id}`", self.name),
            hint: format!("the folders in `{}` are its runs", self.home.display()),
        })?;
        self.run_of(record)
    }

    fn run_of(&self, record: RunRecord) -> Result<PastRun, RunError> {
        Ok(PastRun {
            run_id: record.run_id.clone(),
            folder: self.home.join(&record.run_id),
            status: record.status,
            checkpoint: self.ledger.checkpoint(&record.run_id)?,
            record,
        })
    }

    /// Brings the files of a run to what the ledger says, where a process was killed while it
    /// settled records in doubt. Whether there was anything to do.
    pub(super) fn tidy(&self, run: &PastRun) -> Result<bool, RunError> {
        let next = run.folder.join(NEXT_IN_DOUBT);
        let Ok(about) = next.metadata() else { return Ok(false) };
        let target = run.folder.join(super::results::IN_DOUBT);
        // A next file always has fewer rows than the one before.
        if Some(&about.len()) == run.checkpoint.results.get(super::results::IN_DOUBT) {
            files::replace(&next, &target)?;
        } else {
            for name in [super::results::LOADED, super::results::REFUSED] {
                let length = run.checkpoint.results.get(name).copied().unwrap_or(0);
                files::cut(&run.folder.join(name), length)?;
            }
            let _ = std::fs::remove_file(&next);
        }
        run.retell(&self.name)?;
        Ok(true)
    }
}

impl PastRun {
    /// How it was begun.
    ///
    /// # Errors
    /// The file is gone.
    pub fn beginning(&self) -> Result<Beginning, RunError> {
        Beginning::read(&self.folder)
    }

    pub(super) fn identity(&self) -> Result<Identity, RunError> {
        serde_json::from_str(&self.record.identity)
            .map_err(|error| RunError::Unbalanced(error.to_string()))
    }

    /// Writes the summary anew, with the counts of the ledger.
    pub(super) fn retell(&self, name: &str) -> Result<(), RunError> {
        let text = std::fs::read(self.folder.join("summary.json")).unwrap_or_default();
        let before: Option<Summary> = serde_json::from_slice(&text).ok();
        let mut summary = Summary::of(
            name,
            &self.run_id,
            self.status,
            (
                &self.record.started_at,
                before.as_ref().map_or_else(String::new, |before| before.finished_at.clone()),
            ),
            &self.checkpoint,
            before.as_ref().and_then(|before| before.resumed_from.clone()),
        );
        if let Some(before) = before {
            summary.retry_of = before.retry_of;
            summary.stopped_because = before.stopped_because;
            summary.hint = before.hint;
        }
        summary.write(&self.folder)?;
        // The page is told anew, too; without it the books are none the worse.
        let _ = report::write(self, &summary, &report::Data::read(&self.folder));
        Ok(())
    }
}

fn is_a_name(name: &str) -> bool {
    let of_a_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.chars().all(of_a_name)
}

/// A run of a ledger that is open already.
pub(super) fn run_in(ledger: &Ledger, run_id: &str, folder: &Path) -> Result<PastRun, RunError> {
    let found = ledger.runs()?.into_iter().find(|run| run.run_id == run_id);
    let record =
        found.ok_or_else(|| RunError::Unbalanced(format!("run {run_id} is not in its ledger")))?;
    Ok(PastRun {
        run_id: run_id.to_owned(),
        folder: folder.to_owned(),
        status: record.status,
        checkpoint: ledger.checkpoint(run_id)?,
        record,
    })
}

/// The pipelines that have run, by name.
pub fn names(state_dir: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(state_dir.join("runs")) else { return Vec::new() };
    let ran = entries.flatten().filter(|entry| entry.path().join("ledger.sqlite").exists());
    let mut names: Vec<String> =
        ran.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

fn no_runs(state_dir: &Path, name: &str) -> RunError {
    let what = format!("no pipeline `{name}` has run in `{}`", state_dir.display());
    let names = names(state_dir);
    let hint = match names.is_empty() {
        true => "name the pipeline by its `name:`, and its state with `--state-dir`".to_owned(),
        false => {
            let listed = crate::diagnostic::listed(names.iter().map(String::as_str));
            format!("these have: {listed}; another state is named with `--state-dir`")
        }
    };
    RunError::NoSuchRun { what, hint }
}

/// Which run is meant by a pipeline's name, a run's name, or the path of a run's folder.
///
/// # Errors
/// No run is.
pub fn find(state_dir: &Path, meant: &str) -> Result<(String, Option<String>), RunError> {
    let parts: Vec<&str> = meant.trim_end_matches('/').split('/').collect();
    let is_run = |name: &str, run: &str| state_dir.join("runs").join(name).join(run).is_dir();
    if let [.., name, run] = parts.as_slice()
        && is_a_name(name)
        && is_run(name, run)
    {
        return Ok(((*name).to_owned(), run_of_link(state_dir, name, run)));
    }
    let names = names(state_dir);
    if names.iter().any(|name| name == meant) {
        return Ok((meant.to_owned(), None));
    }
    if !meant.contains('/')
        && meant.ends_with(|c: char| c == 'Z' || c.is_ascii_digit())
        && let Some(name) = names.iter().find(|name| is_run(name, meant))
    {
        return Ok((name.clone(), Some(meant.to_owned())));
    }
    Err(no_runs(state_dir, meant))
}

/// `latest` is a link.
fn run_of_link(state_dir: &Path, name: &str, run: &str) -> Option<String> {
    let folder = state_dir.join("runs").join(name).join(run);
    let target = std::fs::read_link(&folder).unwrap_or(PathBuf::from(run));
    target.file_name().map(|run| run.to_string_lossy().into_owned())
}
