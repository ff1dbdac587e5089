//! Settles records that stayed in doubt: by a look at the tenant, or by what a person has found
//! out. Nothing is sent again.
//!
//! A row that is found moves from `in_doubt.csv` to `loaded.csv`; one that is surely not there is
//! left over, and moves to `refused.csv`, from which `retry` takes it. The files grow first, then
//! one commit of the ledger says how long they are, what the books are and which units are open no
//! more, and then the shorter `in_doubt.csv` takes the place of the longer one: a process that is
//! killed in between has settled the rows or has not.

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    io::{BufReader, Read, Write},
    path::Path,
};

use tokio::runtime::Handle;

use super::{
    Job, RunError,
    lineage::Names,
    past::{NEXT_IN_DOUBT, Past, PastRun},
    plan,
    results::{IN_DOUBT, LOADED, REFUSED},
    seek::Seeker,
    unit::Unit,
};
use crate::{
    failpoint,
    files::{FileError, PendingFile, ResultFile, write_record},
    ledger::{Closing, Intent, RunStatus, UnitId},
    load::{RowKey, Sighting},
    outcome::{KeyFrom, LoadedAs, LoadedColumns},
};

/// Rows that are settled in one commit, about.
const ROWS_OF_A_COMMIT: u64 = 4096;

/// What a person has found out.
#[derive(Clone, Debug)]
pub struct ByHand {
    /// Whether the tenant has them.
    pub loaded: bool,
    /// Their lines in the input.
    pub lines: Vec<u64>,
    /// The file, where the input has several.
    pub file: Option<String>,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Its line in the input.
    pub line: u64,
    /// Its file, where the input has several.
    pub file: Option<String>,
    /// What was found.
    pub sighting: Sighting,
}

/// What became of all rows of a run that were in doubt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resolution {
    /// Found: loaded.
    pub loaded: u64,
    /// Not there: left over.
    pub left_over: u64,
    /// Still in doubt.
    pub in_doubt: u64,
}

/// The finished runs of a pipeline that have records in doubt, the oldest first.
///
/// # Errors
/// The newest run is not finished: going on with it may settle them.
pub fn doubtful(past: &Past) -> Result<Vec<PastRun>, RunError> {
    let runs = past.runs()?;
    if let Some(run) = runs.iter().find(|run| run.status.is_unfinished()) {
        return Err(RunError::NoSuchRun {
            what: format!("run {} of `{}` has not come to its end", run.run_id, past.name),
            hint: "go on with it first: that settles what it can by itself".into(),
        });
    }
    for run in &runs {
        past.tidy(run)?;
    }
    let doubt =
        |run: &PastRun| run.status == RunStatus::Finished && run.checkpoint.tally.in_doubt > 0;
    Ok(runs.into_iter().rev().filter(doubt).collect())
}

/// Settles what is in doubt of one run. `job` is that run's own: its pipeline as it was, and its
/// connection. `told` hears of each row.
///
/// # Errors
/// Another connection; a tenant that cannot be asked; a disk that is full. What was settled
/// before stays settled.
pub fn resolve(
    job: &Job<'_>,
    past: &mut Past,
    run: &PastRun,
    by_hand: Option<&ByHand>,
    runtime: &Handle,
    told: &mut dyn FnMut(&Settled),
) -> Result<Resolution, RunError> {
    let identity = run.identity()?;
    if identity.connection != job.connection_identity {
        return Err(RunError::Connection {
            what: format!(
                "run {} was sent to `{}`, and the connection `{}` leads to `{}`",
                run.run_id, identity.connection, job.connection.name, job.connection_identity
            ),
            hint: "mend the connections file, or name the one of the run with `--connection`"
                .into(),
        });
    }
    let ledger_path = past.ledger.path().to_owned();
    let seeker = match by_hand {
        Some(_) => Seeker::Nobody { why: "it was not named by `--line`".into() },
        None => Seeker::of(&job.pipeline.load, job.connection, &run.folder, &ledger_path)?,
    };
    let names = Names::of(run)?;
    let rules = plan::rules(job.pipeline, job.connection);
    let mut resolution = Resolution::default();
    let mut after: UnitId = 0;
    loop {
        let open = past.ledger.in_doubt(&run.run_id, after, ROWS_OF_A_COMMIT)?;
        let Some(last) = open.last() else { break };
        after = last.id;
        let units = open.iter().map(Unit::from_ledger).collect::<Result<Vec<_>, _>>()?;
        let sightings = match runtime.block_on(async {
            tokio::select! {
                seen = seeker.seek(&units) => Some(seen),
                () = job.halting.halted() => None,
            }
        }) {
            Some(seen) => seen?,
            None => break,
        };
        let mut group = Vec::with_capacity(units.len());
        for (unit, sightings) in units.into_iter().zip(sightings) {
            group.push(judge(unit, sightings, &names, by_hand)?);
        }
        let columns = |unit: &Unit| rules.loaded_columns(&unit.rows.schema());
        let row_key = job.pipeline.load.row_key();
        Settling { past, run, columns: &columns, row_key }.settle(&group)?;
        let mut rows: Vec<&Settled> = group.iter().flat_map(|judged| &judged.rows).collect();
        rows.sort_by_key(|row| (&row.file, row.line));
        for row in rows {
            match row.sighting {
                Sighting::There { .. } => resolution.loaded += 1,
                Sighting::NotThere { .. } => resolution.left_over += 1,
                // By hand only some rows are spoken of.
                Sighting::Unknown { .. } if by_hand.is_some() => continue,
                Sighting::Unknown { .. } => {}
            }
            told(row);
        }
    }
    resolution.in_doubt = past.run(&run.run_id)?.checkpoint.tally.in_doubt;
    Ok(resolution)
}

/// A unit, and what is known of each of its rows.
struct Judged {
    unit: Unit,
    rows: Vec<Settled>,
}

/// Says of each row what is known: by the look, or by hand.
fn judge(
    unit: Unit,
    sightings: Vec<Sighting>,
    names: &Names,
    by_hand: Option<&ByHand>,
) -> Result<Judged, RunError> {
    let mut rows = Vec::with_capacity(unit.len());
    for (origin, seen) in unit.origins.iter().zip(sightings) {
        let (file, line) = names.of_row(origin)?;
        let named = by_hand.filter(|hand| {
            hand.lines.contains(&line)
                && hand.file.as_ref().is_none_or(|named| Some(named.as_str()) == file)
        });
        let sighting = match named {
            None => seen,
            Some(ByHand { loaded: true, .. }) => Sighting::There {
                done: LoadedAs::ConfirmedOnResume,
                id: None,
                what: "the tenant has it, as you say".into(),
            },
            Some(_) => Sighting::NotThere { what: "it was not applied, as you say".into() },
        };
        rows.push(Settled { line, file: file.map(str::to_owned), sighting });
    }
    Ok(Judged { unit, rows })
}

/// What is known of a row, by its file and line.
type Verdicts<'a> = HashMap<(Option<&'a str>, u64), (&'a Judged, usize)>;

/// Moves rows from one result file to another.
struct Settling<'a> {
    past: &'a mut Past,
    run: &'a PastRun,
    columns: &'a dyn Fn(&Unit) -> LoadedColumns,
    /// For rows that are sent only once: what tells them apart.
    row_key: Option<RowKey>,
}

impl Settling<'_> {
    /// Makes what is known of a group durable, all at once.
    fn settle(&mut self, group: &[Judged]) -> Result<(), RunError> {
        let mut verdicts: Verdicts<'_> = HashMap::new();
        for judged in group {
            for (row, settled) in judged.rows.iter().enumerate() {
                if !matches!(settled.sighting, Sighting::Unknown { .. }) {
                    verdicts.insert((settled.file.as_deref(), settled.line), (judged, row));
                }
            }
        }
        if verdicts.is_empty() {
            return Ok(());
        }
        let run = self.past.run(&self.run.run_id)?;
        let mut checkpoint = run.checkpoint.clone();
        let moved = self.move_rows(&verdicts, &checkpoint.results)?;
        let mut number = self.past.ledger.next_unit()?;
        let mut commit = self.past.ledger.commit(&run.run_id)?;
        for judged in group {
            let (closing, left) = count(judged, &mut checkpoint.tally);
            if left.len() == judged.unit.len() {
                continue;
            }
            commit.close(judged.unit.id, &closing)?;
            for (row, settled) in judged.rows.iter().enumerate() {
                let ordinal = judged.unit.origins[row].ordinal;
                match (&settled.sighting, self.row_key) {
                    (Sighting::There { id: Some(id), .. }, _) => {
                        commit.assign(&id.to_string(), ordinal)?;
                    }
                    // It was not sent, so that `retry` may send it.
                    (Sighting::NotThere { .. }, Some(row_key)) => {
                        commit.unassign(&row_key(&judged.unit.rows, row), ordinal)?;
                    }
                    _ => {}
                }
            }
            if !left.is_empty() {
                let part = judged.unit.part(number, &left, true)?;
                number += 1;
                commit.leave_in_doubt(&intent(&part, &part.payload()?), "left in doubt")?;
            }
        }
        checkpoint.results.extend(moved);
        failpoint::pass("doubt-is-written");
        commit.checkpoint(&checkpoint)?;
        commit.finish()?;
        failpoint::pass("doubt-is-settled");
        self.past.tidy(&self.past.run(&run.run_id)?)?;
        Ok(())
    }

    /// Writes the rows where they now belong; gives the lengths for the ledger.
    fn move_rows(
        &self,
        verdicts: &Verdicts<'_>,
        lengths: &BTreeMap<String, u64>,
    ) -> Result<BTreeMap<String, u64>, RunError> {
        let folder = &self.run.folder;
        let length = |name: &str| lengths.get(name).copied().unwrap_or(0);
        let path = folder.join(IN_DOUBT);
        let mut rows = committed(&path, length(IN_DOUBT))?;
        let header = header(&mut rows, &path)?;
        let mut loaded = Appended::open(&folder.join(LOADED), length(LOADED))?;
        let mut refused = Appended::open(&folder.join(REFUSED), length(REFUSED))?;
        let mut next = PendingFile::begin(&folder.join(NEXT_IN_DOUBT))?;
        let mut left = Vec::new();
        let mut written = 0;
        let mut keep = |left: &mut Vec<u8>| -> Result<(), RunError> {
            next.write_all(left).map_err(|error| FileError::from_io(&path, "write", error))?;
            written += left.len() as u64;
            left.clear();
            Ok(())
        };
        write_record(&mut left, header.iter().map(|name| Some(name.as_str())));
        let mut moved = 0;
        for record in rows.records() {
            let record = record.map_err(|error| damaged(&path, &error))?;
            let row = Fields { header: &header, record: &record };
            let (file, line) = (row.get("_file"), row.get("_line"));
            let place = (file, line.and_then(|line| line.parse().ok()).unwrap_or(0));
            let Some((judged, at)) = verdicts.get(&place) else {
                write_record(&mut left, record.iter().map(Some));
                if left.len() > 1 << 16 {
                    keep(&mut left)?;
                }
                continue;
            };
            moved += 1;
            match &judged.rows[*at].sighting {
                Sighting::There { done, id, .. } => {
                    let key = (self.columns)(&judged.unit).key;
                    let id = id.as_ref().map(|id| id.number.clone());
                    let key = key.iter().map(|(name, from)| {
                        (
                            name.clone(),
                            match from {
                                KeyFrom::Column(column) => cell(&judged.unit, *column, *at),
                                KeyFrom::Answer => id.clone().unwrap_or_default(),
                            },
                        )
                    });
                    let key: Vec<(std::borrow::Cow<'_, str>, String)> = key.collect();
                    loaded.add(|name| match name {
                        "_done" => done.as_str().to_owned(),
                        name => match key.iter().find(|(key, _)| *key == name) {
                            Some((_, value)) => value.clone(),
                            None => row.get(name).unwrap_or_default().to_owned(),
                        },
                    })?;
                }
                Sighting::NotThere { what } => refused.add(|name| match name {
                    "_reason" => format!("left over: {what}"),
                    "_status" => "0".to_owned(),
                    "_message" => what.clone(),
                    name => row.get(name).unwrap_or_default().to_owned(),
                })?,
                Sighting::Unknown { .. } => {}
            }
        }
        if moved != verdicts.len() {
            return Err(RunError::Results {
                what: format!(
                    "`{}` has {moved} of the {} rows that the ledger has in doubt",
                    path.display(),
                    verdicts.len()
                ),
                hint: "restore the run's folder from a backup: its files are not to be changed"
                    .into(),
            });
        }
        keep(&mut left)?;
        next.commit()?;
        let names = [(LOADED, loaded.settle()?), (REFUSED, refused.settle()?), (IN_DOUBT, written)];
        Ok(names.map(|(name, length)| (name.to_owned(), length)).into())
    }
}

/// Counts a unit's rows over, and says which of them stay.
fn count(judged: &Judged, tally: &mut crate::outcome::Tally) -> (Closing, Vec<u32>) {
    let mut closing = Closing { attempts: judged.unit.attempts, ..Closing::default() };
    let mut left = Vec::new();
    for (row, settled) in judged.rows.iter().enumerate() {
        match &settled.sighting {
            Sighting::There { done, .. } => {
                closing.loaded += 1;
                tally.loaded.count(*done);
                tally.in_doubt -= 1;
            }
            Sighting::NotThere { .. } => {
                closing.refused += 1;
                tally.refused += 1;
                tally.in_doubt -= 1;
            }
            Sighting::Unknown { .. } => left.push(row as u32),
        }
    }
    closing.again = left.len() as u32;
    (closing, left)
}

fn intent<'a>(unit: &Unit, payload: &'a [u8]) -> Intent<'a> {
    Intent {
        id: unit.id,
        parent: unit.parent,
        first_ordinal: unit.origins.first().map_or(0, |origin| origin.ordinal),
        last_ordinal: unit.origins.last().map_or(0, |origin| origin.ordinal),
        rows: unit.len() as u32,
        attempts: unit.attempts,
        payload,
    }
}

fn cell(unit: &Unit, column: usize, row: usize) -> String {
    let options = arrow::util::display::FormatOptions::default();
    let column = unit.rows.column(column);
    let text = arrow::util::display::ArrayFormatter::try_new(column, &options)
        .map(|formatter| formatter.value(row).to_string());
    text.unwrap_or_default()
}

/// A row of a result file, by the names of its columns.
struct Fields<'a> {
    header: &'a [String],
    record: &'a csv::StringRecord,
}

impl<'a> Fields<'a> {
    /// The run's own columns stand behind those of the input, which may have the same names.
    fn get(&self, name: &str) -> Option<&'a str> {
        let own = name.starts_with('_');
        let at = match own {
            true => self.header.iter().rposition(|column| column == name),
            false => self.header.iter().position(|column| column == name),
        };
        self.record.get(at?)
    }
}

/// A result file that takes more rows, by the names of its columns.
struct Appended {
    file: ResultFile,
    header: Vec<String>,
}

impl Appended {
    fn open(path: &Path, length: u64) -> Result<Appended, RunError> {
        let header = header(&mut committed(path, length)?, path)?;
        Ok(Appended { file: ResultFile::open(path, length, &header)?, header })
    }

    fn add(&mut self, value: impl Fn(&str) -> String) -> Result<(), RunError> {
        let values: Vec<String> = self.header.iter().map(|name| value(name)).collect();
        let mut record = Vec::new();
        write_record(&mut record, values.iter().map(|value| Some(value.as_str())));
        Ok(self.file.append(&record)?)
    }

    fn settle(mut self) -> Result<u64, RunError> {
        let length = self.file.flush_and_len()?;
        self.file.sync()?;
        Ok(length)
    }
}

/// Reads a result file as far as the ledger knows it.
pub(super) fn committed(
    path: &Path,
    length: u64,
) -> Result<csv::Reader<std::io::Take<BufReader<File>>>, RunError> {
    let file = File::open(path).map_err(|error| FileError::from_io(path, "read", error))?;
    let found = file.metadata().map_err(|error| FileError::from_io(path, "read", error))?.len();
    if found < length {
        let (path, committed) = (path.to_owned(), length);
        return Err(FileError::LostResults { path, committed, found }.into());
    }
    let text = BufReader::with_capacity(1 << 16, file).take(length);
    Ok(csv::ReaderBuilder::new().flexible(true).from_reader(text))
}

/// Reads a result file that a person may have changed.
pub(super) fn as_it_is(
    path: &Path,
) -> Result<csv::Reader<std::io::Take<BufReader<File>>>, RunError> {
    let file = File::open(path).map_err(|error| FileError::from_io(path, "read", error))?;
    let text = BufReader::with_capacity(1 << 16, file).take(u64::MAX);
    Ok(csv::ReaderBuilder::new().flexible(true).from_reader(text))
}

/// The names of a result file's columns.
pub(super) fn header<R: Read>(
    rows: &mut csv::Reader<R>,
    path: &Path,
) -> Result<Vec<String>, RunError> {
    let header = rows.headers().map_err(|error| damaged(path, &error))?;
    Ok(header.iter().map(str::to_owned).collect())
}

pub(super) fn damaged(path: &Path, error: &csv::Error) -> RunError {
    RunError::Results {
        what: format!("`{}` cannot be read: {error}", path.display()),
        hint: "restore the run's folder from a backup: its files are not to be changed".into(),
    }
}
