//! Sending again what a finished run has left over, and nothing else: as a new run, over a file of
//! those rows, in which each is known by the place where it was read at first.
//!
//! Which rows are left over is told by the result files of the run and of those that it goes back
//! to: refused, or rejected and mended since, and in no newer run's files. A row that is loaded or
//! in doubt is never among them, and where a person names it in a corrected file it is skipped.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use arrow::array::{Array, AsArray};

use super::{
    Job, RunError,
    identity::Identity,
    lineage::{Descent, Lineage, LineageWriter, Names, Standing},
    marks::Marks,
    past::{Past, PastRun, run_in},
    plan::{CHUNK_ROWS, Plan},
    resolve::{as_it_is, committed, damaged, header},
    results::{IN_DOUBT, LOADED, REFUSED, REJECTED, SKIPPED},
};
use crate::{
    batch::{Chunk, Position},
    files::{FileError, Fingerprint, PendingFile, write_record},
    ledger::{Ledger, RunStatus},
    spec::Pipeline,
};

/// The file of left-over rows, in the folder of the run that left them.
const RETRY: &str = "retry.csv";

/// A run that sends again what another has left over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The other run.
    pub of: String,
}

/// What there is to be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// Nothing; so many rows are rejected or in doubt.
    Nothing { of: PastRunId, rejected: u64, in_doubt: u64 },
    /// Rows, in this file; `others` more are of a file with other columns, and are left where they
    /// are.
    Rows { of: PastRunId, input: Vec<PathBuf>, refused: u64, rejected: u64, others: u64 },
    /// A corrected file, as it is given.
    Corrected { of: PastRunId, input: Vec<PathBuf> },
    /// A retry that has not come to its end goes on.
    GoesOn { of: PastRunId, input: Vec<PathBuf> },
}

/// The name of a run.
pub type PastRunId = String;

/// Finds what the newest finished run has left over; `pipeline` is the file as it is now.
///
/// # Errors
/// There is no finished run; the pipeline now loads into another place; its rows do not come from
/// files.
pub fn left_over(
    past: &Past,
    pipeline: &Pipeline,
    corrected: Option<&Path>,
) -> Result<Left, RunError> {
    let runs = past.runs()?;
    let given = corrected.map(|path| vec![path.to_owned()]);
    if let Some(unfinished) = runs.iter().find(|run| run.status.is_unfinished()) {
        let beginning = unfinished.beginning()?;
        return match beginning.retry_of {
            Some(of) => Ok(Left::GoesOn { of, input: given.unwrap_or(beginning.input) }),
            None => Err(RunError::NoSuchRun {
                what: format!(
                    "run {} of `{}` has not come to its end",
                    unfinished.run_id, past.name
                ),
                hint: format!("go on with it first: `vccpipe run {}`", beginning.file.display()),
            }),
        };
    }
    for run in &runs {
        past.tidy(run)?;
    }
    let Some(newest) = past.runs()?.into_iter().find(|run| run.status == RunStatus::Finished)
    else {
        return Err(RunError::NoSuchRun {
            what: format!("no run of `{}` has come to its end", past.name),
            hint: "give `vccpipe run` first".into(),
        });
    };
    let of = newest.run_id.clone();
    if pipeline.extract.is_remote() {
        return Err(RunError::NoSuchRun {
            what: format!("the rows of `{}` come from the tenant, not from a file", past.name),
            hint: "run the pipeline again: it fetches them anew".into(),
        });
    }
    let before = newest.identity()?;
    let now = Identity::of(pipeline, &before.connection);
    if !before.same_target(&now) {
        return Err(RunError::NoSuchRun {
            what: format!(
                "run {of} loaded `{}`, and the pipeline now says `{}`",
                before.load, now.load
            ),
            hint: "what is left over goes to where the rest went: put `load` back".into(),
        });
    }
    if let Some(input) = given {
        return Ok(Left::Corrected { of, input });
    }
    let tally = &newest.checkpoint.tally;
    let (all_rejected, in_doubt) = (tally.rejected, tally.in_doubt);
    // Rejected by the same steps and rules they would be rejected again.
    let mended = before != now;
    let path = newest.folder.join(RETRY);
    let (refused, rejected, others) = gather(past, &newest, mended, &path)?;
    if refused + rejected == 0 {
        return Ok(Left::Nothing { of, rejected: all_rejected, in_doubt });
    }
    Ok(Left::Rows { of, input: vec![path], refused, rejected, others })
}

/// All runs that have had rows of the same inputs, the newest first: what a run goes back to, and
/// whatever goes back to that. `without` is one that is only about to begin.
fn family(
    ledger: &Ledger,
    home: &Path,
    of: &str,
    without: Option<&str>,
) -> Result<Vec<PastRun>, RunError> {
    let mut runs = Vec::new();
    for record in ledger.runs()? {
        if Some(record.run_id.as_str()) != without {
            let folder = home.join(&record.run_id);
            runs.push(run_in(ledger, &record.run_id, &folder)?);
        }
    }
    // A run of an older version goes back to none that is known.
    let parent = |run: &PastRun| run.beginning().ok().and_then(|it| it.retry_of.or(it.after));
    let links: Vec<(String, Option<String>)> =
        runs.iter().map(|run| (run.run_id.clone(), parent(run))).collect();
    let mut related = BTreeSet::from([of.to_owned()]);
    loop {
        let before = related.len();
        for (run, parent) in &links {
            let Some(parent) = parent else { continue };
            if related.contains(run) || related.contains(parent) {
                related.extend([run.clone(), parent.clone()]);
            }
        }
        if related.len() == before {
            break;
        }
    }
    runs.retain(|run| related.contains(&run.run_id));
    Ok(runs)
}

/// Files of several runs by number, so that the same file has the same one.
#[derive(Debug, Default)]
struct Files(Vec<String>);

impl Files {
    fn number(&mut self, name: &str) -> usize {
        if let Some(at) = self.0.iter().position(|file| file == name) {
            return at;
        }
        self.0.push(name.to_owned());
        self.0.len() - 1
    }
}

/// Hands on each row of a result file, with the file and line by which it is known. Those that a
/// person mends, maybe in place, are read as they are.
fn each_row(
    run: &PastRun,
    file: &str,
    take: &mut dyn FnMut(&[String], &csv::StringRecord, &str, u64) -> Result<(), RunError>,
) -> Result<(), RunError> {
    let length = run.checkpoint.results.get(file).copied().unwrap_or(0);
    if length == 0 {
        return Ok(());
    }
    let path = run.folder.join(file);
    let names = Names::of(run)?;
    let only = names.files().first().cloned().unwrap_or_default();
    let may_be_mended = [REFUSED, REJECTED].contains(&file) && run.status == RunStatus::Finished;
    let mut rows = match may_be_mended {
        true => as_it_is(&path)?,
        false => committed(&path, length)?,
    };
    let header = header(&mut rows, &path)?;
    let column = |name: &str| header.iter().rposition(|column| column == name);
    let line_at = match file == LOADED {
        // The run's own columns stand first there.
        true => header.iter().position(|column| column == "_line"),
        false => column("_line"),
    };
    let file_at = match (names.tells_files(), file == LOADED) {
        (false, _) => None,
        (true, true) => header.iter().position(|column| column == "_file"),
        (true, false) => column("_file"),
    };
    for record in rows.records() {
        let record = record.map_err(|error| damaged(&path, &error))?;
        let line = line_at.and_then(|at| record.get(at)).and_then(|line| line.parse().ok());
        let Some(line) = line else {
            if may_be_mended {
                continue;
            }
            return Err(RunError::Results {
                what: format!("`{}` has a row whose `_line` is no number", path.display()),
                hint: "restore the run's folder from a backup: its files are not to be changed"
                    .into(),
            });
        };
        let of = file_at.and_then(|at| record.get(at)).unwrap_or(&only);
        take(&header, &record, of, line)?;
    }
    Ok(())
}

/// Writes what a run and those before it have left over to `path`; gives how many rows were
/// refused, how many rejected, and how many have other columns than the first.
fn gather(
    past: &Past,
    newest: &PastRun,
    with_rejected: bool,
    path: &Path,
) -> Result<(u64, u64, u64), RunError> {
    let mut pending = PendingFile::begin(path)?;
    let mut files = Files::default();
    let mut seen = Marks::default();
    let mut columns: Option<Vec<String>> = None;
    let (mut refused, mut rejected, mut others) = (0, 0, 0);
    let wants: &[&str] = if with_rejected { &[REFUSED, REJECTED] } else { &[REFUSED] };
    for run in family(&past.ledger, &past.home, &newest.run_id, None)? {
        let mut here = Vec::new();
        for file in wants {
            each_row(&run, file, &mut |header, record, of, line| {
                let number = files.number(of);
                if seen.has(number, line) {
                    return Ok(());
                }
                let own = own_columns(header);
                let columns = columns.get_or_insert_with(|| own.to_vec());
                if columns.as_slice() != own {
                    others += 1;
                    return Ok(());
                }
                if here.is_empty() && refused + rejected == 0 {
                    let added = ["_line", "_file", "_reason"];
                    let names = own.iter().map(String::as_str).chain(added);
                    write_record(&mut here, names.map(Some));
                }
                let reason = header.iter().rposition(|name| name == "_reason");
                let reason = reason.and_then(|at| record.get(at)).unwrap_or_default();
                let line = line.to_string();
                let fields = record.iter().take(own.len()).chain([line.as_str(), of, reason]);
                write_record(&mut here, fields.map(Some));
                *(if *file == REFUSED { &mut refused } else { &mut rejected }) += 1;
                flush(&mut pending, &mut here, path, 1 << 16)
            })?;
        }
        flush(&mut pending, &mut here, path, 0)?;
        // Whatever became of a row in this run counts more than what older ones say.
        for file in [LOADED, IN_DOUBT, REFUSED, REJECTED] {
            each_row(&run, file, &mut |_, _, of, line| {
                let number = files.number(of);
                seen.add(number, line);
                Ok(())
            })?;
        }
    }
    if refused + rejected > 0 {
        pending.commit()?;
    }
    Ok((refused, rejected, others))
}

fn flush(
    pending: &mut PendingFile,
    bytes: &mut Vec<u8>,
    path: &Path,
    most: usize,
) -> Result<(), RunError> {
    if bytes.len() > most {
        std::io::Write::write_all(pending, bytes)
            .map_err(|error| FileError::from_io(path, "write", error))?;
        bytes.clear();
    }
    Ok(())
}

/// The input's own columns of a result file: those before the run's.
fn own_columns(header: &[String]) -> &[String] {
    let end = header.iter().rposition(|name| name == "_line").unwrap_or(header.len());
    &header[..end]
}

/// Lays down, in the folder of a retry, by which file and line each row of its input is known,
/// and which of them stay behind.
pub(super) fn lay_down(
    job: &Job<'_>,
    plan: &Plan,
    ledger: &Ledger,
    folder: &Path,
) -> Result<(), RunError> {
    let Some(retry) = &job.options.retry else { return Ok(()) };
    if Lineage::open(folder)?.is_some() {
        return Ok(());
    }
    let home = folder.parent().unwrap_or(Path::new("."));
    let mut known = Known::default();
    let now = Fingerprint::take(plan.source.files())?.content_id();
    // A new row has no identity but its place: the same file again has the same rows.
    let mut given_before = false;
    let this = folder.file_name().and_then(|name| name.to_str());
    for run in family(ledger, home, &retry.of, this)? {
        known.learn(&run)?;
        let input: Option<Fingerprint> = serde_json::from_str(&run.record.input).ok();
        given_before |= input.is_some_and(|input| input.content_id() == now);
    }
    let mut writer = LineageWriter::begin(folder)?;
    for name in &known.files.0 {
        writer.file(name);
    }
    let Some(source) = plan.source.with_added() else {
        return Err(RunError::NoSuchRun {
            what: "this input is not one of rows that a run has left over".into(),
            hint: "give a mended `rejected.csv` or `refused.csv` with `--input`".into(),
        });
    };
    let own = plan.source.schema().fields().len();
    let schema = source.schema();
    let added = |name: &str| {
        let found = schema.fields().iter().rposition(|field| field.name() == name);
        found.filter(|at| *at >= own)
    };
    let (line_at, file_at) = (added("_line"), added("_file"));
    let names: Vec<u32> = plan.files.iter().map(|name| writer.file(name)).collect();
    let mut rows = source.rows(Position::default(), CHUNK_ROWS)?;
    while let Some(chunk) = rows.next_chunk()? {
        for (row, origin) in in_order(&chunk) {
            let here = (names.get(origin.file as usize).copied().unwrap_or(0), origin.line);
            let cell = |at: Option<usize>| {
                let texts = chunk.rows.columns.column(at?).as_string_opt::<i32>()?;
                let row = row.filter(|row| !texts.is_null(*row))?;
                Some(texts.value(row).trim()).filter(|text| !text.is_empty())
            };
            let is_known_here = given_before && known.is_loaded(here);
            writer.add(match cell(line_at) {
                None if is_known_here => stays(here, Standing::Loaded, here.1),
                None => stays(here, Standing::Goes, 0),
                Some(says) => known.descent(says, cell(file_at), here),
            })?;
        }
    }
    writer.finish()
}

/// All rows of a chunk in the order of the input; no index for those that cannot be read.
fn in_order(chunk: &Chunk) -> Vec<(Option<usize>, &crate::batch::Origin)> {
    let good = chunk.rows.origins.iter().enumerate().map(|(row, origin)| (Some(row), origin));
    let bad = chunk.bad.iter().map(|bad| (None, &bad.origin));
    let mut all: BTreeMap<u64, _> = BTreeMap::new();
    all.extend(good.chain(bad).map(|(row, origin)| (origin.ordinal, (row, origin))));
    all.into_values().collect()
}

/// What earlier runs say of rows.
#[derive(Default)]
struct Known {
    files: Files,
    loaded: Marks,
    in_doubt: Marks,
    all: Marks,
    given: Marks,
}

impl Known {
    fn learn(&mut self, run: &PastRun) -> Result<(), RunError> {
        for name in Names::of(run)?.files() {
            self.files.number(name);
        }
        for file in [LOADED, IN_DOUBT, REFUSED, REJECTED, SKIPPED] {
            each_row(run, file, &mut |_, _, of, line| {
                let number = self.files.number(of);
                self.all.add(number, line);
                match file {
                    LOADED => drop(self.loaded.add(number, line)),
                    IN_DOUBT => drop(self.in_doubt.add(number, line)),
                    _ => {}
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// What is known of a row that says on which line of which file it was read at first; `here` is
    /// where it stands now.
    fn descent(&mut self, says: &str, file: Option<&str>, here: (u32, u64)) -> Descent {
        let file = match file {
            Some(name) => self.files.0.iter().position(|file| file == name),
            // The runs before had one file, which is the first.
            None => Some(0),
        };
        let (Ok(line), Some(file)) = (says.parse::<u64>(), file) else {
            return stays(here, Standing::Unknown, 0);
        };
        if !self.all.has(file, line) {
            stays(here, Standing::Unknown, line)
        } else if self.loaded.has(file, line) {
            stays(here, Standing::Loaded, line)
        } else if self.in_doubt.has(file, line) {
            stays(here, Standing::InDoubt, line)
        } else if !self.given.add(file, line) {
            stays(here, Standing::Twice, line)
        } else {
            stays((file as u32, line), Standing::Goes, line)
        }
    }

    fn is_loaded(&self, (file, line): (u32, u64)) -> bool {
        self.loaded.has(file as usize, line)
    }
}

fn stays((file, line): (u32, u64), standing: Standing, says: u64) -> Descent {
    Descent { file, line, standing, says }
}
