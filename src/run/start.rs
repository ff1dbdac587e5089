//! Whether a run begins, goes on, or has nothing to do.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{Job, Plan, RunError, begun::Beginning, identity::Identity, unit::Unit};
use crate::{
    batch::Position,
    files::{self, Change, Fingerprint},
    ledger::{Checkpoint, Ledger, RunRecord, RunStatus},
    outcome::Tally,
};

/// The file of the ledger in the folder of a pipeline.
pub const LEDGER: &str = "ledger.sqlite";

/// What to do.
pub enum Start {
    /// Send, from the checkpoint on.
    Go(Box<Begun>),
    /// The same input was loaded to the end before.
    AlreadyLoaded { run_id: String, rows: u64, left: Left },
}

/// Rows of a run that its target may not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Rejected by the rules or refused by the server.
    pub not_taken: u64,
    /// Sent, and nobody knows whether they were applied.
    pub in_doubt: u64,
    /// Where they stand.
    pub folder: PathBuf,
}

/// A run that is entered in the ledger.
pub struct Begun {
    pub run_id: String,
    pub started_at: String,
    pub folder: PathBuf,
    pub checkpoint: Checkpoint,
    pub resumed: bool,
    pub resumed_from: Option<String>,
}

/// Finds the unfinished run of the pipeline and takes it up, or enters a new one.
pub fn begin(
    job: &Job<'_>,
    plan: &Plan,
    ledger: &mut Ledger,
    home: &Path,
) -> Result<Start, RunError> {
    let options = job.options;
    if let Some(unfinished) = ledger.unfinished()? {
        let untouched = left_nothing(ledger, &unfinished.run_id)?;
        if !options.fresh {
            match go_on(job, plan, ledger, home, &unfinished) {
                // Nothing was sent that could be lost or doubled: it binds nobody.
                Err(RunError::Changed { .. }) if untouched => {}
                gone_on => return gone_on.map(Start::Go),
            }
        }
        if plan.target.sends_only_once() && !untouched && !options.again {
            return Err(RunError::OnlyOnce {
                pipeline: plan.name.clone(),
                run_id: unfinished.run_id,
            });
        }
        ledger.set_status(&unfinished.run_id, RunStatus::Abandoned)?;
    }
    let mut checkpoint = Checkpoint::default();
    let mut resumed_from = None;
    let input = Fingerprint::take(plan.source.files())?;
    if let Some(retry) = &options.retry {
        goes_to_the_same_place(plan, ledger, &retry.of)?;
    }
    // The rows of a retry are known one by one.
    let asks = !options.again && options.retry.is_none() && plan.remote.is_none();
    if plan.target.adds() && asks {
        match loaded_before(job, plan, ledger, &input)? {
            Before::All { run_id, rows, tally } => {
                let left = Left {
                    not_taken: tally.rejected + tally.refused,
                    in_doubt: tally.in_doubt,
                    folder: home.join(&run_id),
                };
                return Ok(Start::AlreadyLoaded { run_id, rows, left });
            }
            Before::Part { run_id, position } => {
                checkpoint.position = position;
                resumed_from = Some(run_id);
            }
            Before::Nothing => {}
        }
    }
    let now = job.clock.now();
    let run_id = free_run_id(home, now);
    let record = RunRecord {
        run_id: run_id.clone(),
        identity: json(&plan.identity)?,
        input: json(&input)?,
        limit: options.limit.map(|limit| limit as i64),
        started_at: now.to_string(),
        status: RunStatus::Running,
    };
    let folder = home.join(&run_id);
    files::private_dir(&folder)?;
    let beginning = Beginning::of(job, resumed_from.clone());
    beginning.write(&folder, &job.pipeline.source.text)?;
    ledger.begin(&record, &checkpoint)?;
    point_latest(home, &run_id);
    Ok(Start::Go(Box::new(Begun {
        run_id,
        started_at: record.started_at,
        folder,
        checkpoint,
        resumed: false,
        resumed_from,
    })))
}

/// Whether no record of the run was taken, refused or may have been applied.
fn left_nothing(ledger: &Ledger, run_id: &str) -> Result<bool, RunError> {
    let tally = ledger.checkpoint(run_id)?.tally;
    let told = tally.loaded.total() + tally.refused + tally.in_doubt;
    Ok(told == 0 && ledger.open_units(run_id)?.iter().all(|unit| unit.withheld))
}

/// Takes an unfinished run up, if it still belongs to this pipeline and this input.
fn go_on(
    job: &Job<'_>,
    plan: &Plan,
    ledger: &mut Ledger,
    home: &Path,
    unfinished: &RunRecord,
) -> Result<Box<Begun>, RunError> {
    let mut checkpoint = ledger.checkpoint(&unfinished.run_id)?;
    let (changes, grown) = differences(job, plan, unfinished, &checkpoint, home)?;
    if grown {
        // Rows were added: keys that stand twice are to be found anew.
        checkpoint.surveyed = false;
        checkpoint.input_done = false;
        let now = Fingerprint::take(plan.source.files())?;
        if changes.is_empty() {
            ledger.replace_input(&unfinished.run_id, &json(&now)?)?;
        }
    }
    if !changes.is_empty() {
        return Err(RunError::Changed {
            pipeline: plan.name.clone(),
            run_id: unfinished.run_id.clone(),
            changes,
        });
    }
    checkpoint.resumes += 1;
    let mut commit = ledger.commit(&unfinished.run_id)?;
    commit.checkpoint(&checkpoint)?;
    commit.finish()?;
    ledger.set_status(&unfinished.run_id, RunStatus::Running)?;
    point_latest(home, &unfinished.run_id);
    Ok(Box::new(Begun {
        run_id: unfinished.run_id.clone(),
        started_at: unfinished.started_at.clone(),
        folder: home.join(&unfinished.run_id),
        checkpoint,
        resumed: true,
        resumed_from: Some(unfinished.run_id.clone()),
    }))
}

/// What keeps an unfinished run from going on, as sentences, and whether its input has grown.
fn differences(
    job: &Job<'_>,
    plan: &Plan,
    unfinished: &RunRecord,
    checkpoint: &Checkpoint,
    home: &Path,
) -> Result<(Vec<String>, bool), RunError> {
    let mut changes = read::<Identity>(&unfinished.identity)?.changes(&plan.identity);
    changes.extend(another_purpose(job, &home.join(&unfinished.run_id)));
    if unfinished.limit != job.options.limit.map(|limit| limit as i64) {
        changes.push(match unfinished.limit {
            Some(limit) => format!("it was begun with `--limit {limit}`"),
            None => "it was begun without `--limit`".into(),
        });
    }
    let input: Fingerprint = read(&unfinished.input)?;
    let at = (checkpoint.position.file as usize, checkpoint.position.byte);
    let mut grown = false;
    match input.compare(plan.source.files(), Some(at))? {
        Change::Same => {}
        Change::Appended { file, .. } if plan.steps.has_query() => changes.push(format!(
            "`{}` was continued, and the query of the run was made over what it had",
            file.display()
        )),
        Change::Appended { at_record_boundary: true, .. } => grown = true,
        Change::Appended { file, .. } => changes
            .push(format!("`{}` was continued in the middle of its last row", file.display())),
        Change::Changed { file, what } => changes.push(format!("`{}` {what}", file.display())),
    }
    Ok((changes, grown))
}

/// What the next run would do; nothing is entered anywhere.
pub enum Foreseen {
    /// It begins with the first row.
    Begins,
    /// It goes on with the rows after the place; so many are under way.
    GoesOn { run_id: String, position: Position, open: u64 },
    /// It begins where a finished run ended.
    Continues { run_id: String, position: Position },
    /// The input was loaded to its end.
    Loaded { run_id: String },
    /// An unfinished run belongs to something else.
    Refuses { run_id: String, changes: Vec<String> },
}

impl Foreseen {
    /// The first row that is not taken up yet.
    pub fn from(&self) -> u64 {
        match self {
            Foreseen::GoesOn { position, .. } | Foreseen::Continues { position, .. } => {
                position.ordinal
            }
            _ => 0,
        }
    }
}

/// What [`begin`] would do, were it called now.
pub fn foresee(
    job: &Job<'_>,
    plan: &Plan,
    ledger: &Ledger,
    home: &Path,
) -> Result<Foreseen, RunError> {
    if let Some(unfinished) = ledger.unfinished()?.filter(|_| !job.options.fresh) {
        let run_id = unfinished.run_id.clone();
        let checkpoint = ledger.checkpoint(&run_id)?;
        let (changes, _) = differences(job, plan, &unfinished, &checkpoint, home)?;
        if changes.is_empty() {
            let open = ledger.open_units(&run_id)?;
            // What was perhaps placed is not placed again.
            let once = plan.target.sends_only_once();
            let open = open.iter().filter(|unit| unit.withheld || !once);
            let open = open.map(|unit| Ok(Unit::from_ledger(unit)?.len() as u64));
            let open = open.sum::<Result<u64, RunError>>()?;
            return Ok(Foreseen::GoesOn { run_id, position: checkpoint.position, open });
        }
        if !left_nothing(ledger, &run_id)? {
            return Ok(Foreseen::Refuses { run_id, changes });
        }
    }
    if !plan.target.adds() || job.options.again || plan.remote.is_some() {
        return Ok(Foreseen::Begins);
    }
    let input = Fingerprint::take(plan.source.files())?;
    Ok(match loaded_before(job, plan, ledger, &input)? {
        Before::All { run_id, .. } => Foreseen::Loaded { run_id },
        Before::Part { run_id, position } => Foreseen::Continues { run_id, position },
        Before::Nothing => Foreseen::Begins,
    })
}

/// What is left over goes to where the rest went.
fn goes_to_the_same_place(plan: &Plan, ledger: &Ledger, of: &str) -> Result<(), RunError> {
    let Some(run) = ledger.runs()?.into_iter().find(|run| run.run_id == of) else {
        return Ok(());
    };
    let before: Identity = read(&run.identity)?;
    match before.same_target(&plan.identity) {
        true => Ok(()),
        false => Err(RunError::NoSuchRun {
            what: format!(
                "run {of} went to `{}`, {}; this retry would go to `{}`, {}",
                before.connection, before.load, plan.identity.connection, plan.identity.load
            ),
            hint: "what is left over goes to where the rest went".into(),
        }),
    }
}

/// Whether the unfinished run and this one sends what another has left over, or not.
fn another_purpose(job: &Job<'_>, folder: &Path) -> Option<String> {
    let before = Beginning::read(folder).ok().and_then(|beginning| beginning.retry_of);
    match (before, &job.options.retry) {
        (Some(of), None) => Some(format!(
            "it sends again what run {of} has left over: `vccpipe retry {}` goes on with it",
            job.pipeline.name.value
        )),
        (None, Some(_)) => Some("it is no retry: `vccpipe run` goes on with it".into()),
        (Some(before), Some(now)) if before != now.of => {
            Some(format!("it sends again what run {before} has left over, not {}", now.of))
        }
        _ => None,
    }
}

enum Before {
    Nothing,
    /// The whole input.
    All {
        run_id: String,
        rows: u64,
        tally: Tally,
    },
    /// Its beginning: it has grown since, or a `--limit` stopped there.
    Part {
        run_id: String,
        position: Position,
    },
}

/// Looks for a finished run that put the same input, or its beginning, into the same place.
fn loaded_before(
    job: &Job<'_>,
    plan: &Plan,
    ledger: &Ledger,
    now: &Fingerprint,
) -> Result<Before, RunError> {
    let files = plan.source.files();
    let finished = |run: &RunRecord| run.status == RunStatus::Finished;
    for run in ledger.runs()?.into_iter().filter(finished) {
        if !read::<Identity>(&run.identity)?.same_target(&plan.identity) {
            continue;
        }
        let checkpoint = ledger.checkpoint(&run.run_id)?;
        let rows = checkpoint.position.ordinal;
        let enough = job.options.limit.is_some_and(|limit| limit <= rows);
        let then: Fingerprint = read(&run.input)?;
        let change = match then.content_id() == now.content_id() {
            true => Change::Same,
            false => then.compare(files, None)?,
        };
        match change {
            Change::Same if run.limit.is_none() || enough => {
                let tally = checkpoint.tally;
                return Ok(Before::All { run_id: run.run_id, rows, tally });
            }
            Change::Same | Change::Appended { .. } if plan.steps.has_query() => {
                let what = "it has further rows now, and of what a `sql` step makes of all of them \
                            nobody can tell which were loaded";
                return Err(RunError::GrewWithin { run_id: run.run_id, what: what.into() });
            }
            Change::Same | Change::Appended { at_record_boundary: true, .. } => {
                let position = checkpoint.position;
                return Ok(Before::Part { run_id: run.run_id, position });
            }
            Change::Appended { file, .. } => {
                let what = format!(
                    "`{}` was continued in the middle of its last row, which that run has loaded",
                    file.display()
                );
                return Err(RunError::GrewWithin { run_id: run.run_id, what });
            }
            _ => {}
        }
    }
    Ok(Before::Nothing)
}

/// A name that sorts by time, and that no run of the pipeline has.
fn free_run_id(home: &Path, now: Timestamp) -> String {
    let stamp = now.strftime("%Y%m%dT%H%M%S").to_string();
    let milliseconds = now.subsec_millisecond();
    let first = format!("{stamp}.{milliseconds:03}Z");
    let next = (2..).map(|number| format!("{first}-{number}"));
    std::iter::once(first.clone())
        .chain(next)
        .find(|name| !home.join(name).exists())
        .unwrap_or(first)
}

/// `latest` leads to the newest run; where links cannot be made, there is none.
fn point_latest(home: &Path, run_id: &str) {
    #[cfg(unix)]
    {
        let (new, latest) = (home.join(".latest"), home.join("latest"));
        let _ = std::fs::remove_file(&new);
        if std::os::unix::fs::symlink(run_id, &new).is_ok() {
            let _ = std::fs::rename(&new, &latest);
        }
    }
    #[cfg(not(unix))]
    let _ = (home, run_id);
}

/// A file of the run that `latest` leads to now: it leads elsewhere once the next run begins.
pub fn behind_latest(path: &Path) -> PathBuf {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return path.to_owned();
    };
    match std::fs::read_link(folder) {
        Ok(run) if folder.ends_with("latest") => folder.with_file_name(run).join(name),
        _ => path.to_owned(),
    }
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, RunError> {
    serde_json::to_string(value).map_err(|error| RunError::Unbalanced(error.to_string()))
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, RunError> {
    serde_json::from_str(text).map_err(|error| RunError::Unbalanced(error.to_string()))
}
