//! Proves that the books of a run balance, by the identity of its rows: each row of the input, read
//! again, stands in exactly one result file; no result file has another row or one twice; and the
//! counts of the files, the ledger and the summary are the same.
//!
//! A row is a bit in memory for each result file, so that millions cost little.

mod findings;
mod remote;

use std::path::PathBuf;

pub use findings::{Finding, Findings};
pub use remote::{Remote, audit_remote};

use super::{
    RunError, Summary,
    fetch::SPOOL,
    halt::Halting,
    lineage::Names,
    marks::Marks,
    past::{Past, PastRun},
    plan::CHUNK_ROWS,
    read_ahead::ReadAhead,
    resolve::{committed, damaged, header},
    results::{IN_DOUBT, LOADED, REFUSED, REJECTED, SKIPPED},
    unit::Unit,
};
use crate::{
    batch::{Origin, Position},
    extract::Source,
    files::{Change, Fingerprint},
    ledger::RunStatus,
    spec::Pipeline,
    spool::Spool,
};

/// The result files, one for each outcome.
const OUTCOMES: [&str; 5] = [LOADED, REJECTED, REFUSED, SKIPPED, IN_DOUBT];

/// What an audit has looked at, and what it found.
#[derive(Debug, Default)]
pub struct Audit {
    /// The run's name.
    pub run_id: String,
    /// How the run was left.
    pub status: String,
    /// Rows of the input that belong to the run, as they were read again.
    pub read: u64,
    /// Rows of each result file, in the order of [`Audit::NAMES`].
    pub rows: [u64; 5],
    /// Rows of units without an outcome: of a run that has not come to its end.
    pub pending: u64,
    /// Bytes or rows of the input, as it is told.
    pub input: String,
    /// Where the records were looked for, and how many were found.
    pub remote: Option<Remote>,
    /// What does not hold.
    pub findings: Findings,
}

impl Audit {
    /// The outcomes, in the order of [`Audit::rows`].
    pub const NAMES: [&'static str; 5] = ["loaded", "rejected", "refused", "skipped", "in doubt"];

    /// Whether everything holds.
    pub fn balances(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Audits a run without a look at the tenant. `pipeline` is the run's own. `None` when halted.
///
/// # Errors
/// The ledger cannot be read; a defect of a file that keeps it from being read at all is a finding.
pub fn audit(
    past: &Past,
    run: &PastRun,
    pipeline: &Pipeline,
    halting: &Halting,
) -> Result<Option<Audit>, RunError> {
    past.tidy(run)?;
    let run = &past.run(&run.run_id)?;
    let mut auditor = Auditor {
        past,
        run,
        names: Names::of(run)?,
        marks: std::array::from_fn(|_| Marks::default()),
        pending: Marks::default(),
        audit: Audit {
            run_id: run.run_id.clone(),
            status: run.status.as_str().to_owned(),
            ..Audit::default()
        },
    };
    for outcome in 0..OUTCOMES.len() {
        auditor.read_results(outcome)?;
    }
    auditor.read_open_units()?;
    if !auditor.read_input(pipeline, halting)? {
        return Ok(None);
    }
    auditor.check_leftover();
    auditor.check_counts(pipeline)?;
    Ok(Some(auditor.audit))
}

struct Auditor<'a> {
    past: &'a Past,
    run: &'a PastRun,
    names: Names,
    /// The rows of each result file.
    marks: [Marks; 5],
    /// Rows whose unit has no outcome.
    pending: Marks,
    audit: Audit,
}

impl Auditor<'_> {
    fn path(&self, outcome: usize) -> PathBuf {
        self.run.folder.join(OUTCOMES[outcome])
    }

    fn place(&self, file: usize, line: u64) -> String {
        match self.names.files().get(file).filter(|_| self.names.tells_files()) {
            Some(name) => format!("line {line} of `{name}`"),
            None => format!("line {line}"),
        }
    }

    /// Marks the rows of a result file, and notes those that stand there or elsewhere before.
    fn read_results(&mut self, outcome: usize) -> Result<(), RunError> {
        let name = OUTCOMES[outcome];
        let path = self.path(outcome);
        let length = self.run.checkpoint.results.get(name).copied().unwrap_or(0);
        if length == 0 {
            return Ok(());
        }
        match path.metadata() {
            Err(error) => {
                self.audit.findings.add("a file is missing", format!("{name}: {error}"));
                return Ok(());
            }
            Ok(about) if about.len() < length => {
                let what = format!("{name} has {} bytes, the ledger says {length}", about.len());
                self.audit.findings.add("a file is shorter than it was written", what);
                return Ok(());
            }
            Ok(about) if about.len() > length && self.run.status == RunStatus::Finished => {
                let what = format!("{name} has {} bytes, the ledger says {length}", about.len());
                self.audit.findings.add("a file is longer than it was written", what);
            }
            Ok(_) => {}
        }
        let mut rows = committed(&path, length)?;
        let header = header(&mut rows, &path)?;
        let at = |name: &str| match outcome {
            // The run's own columns stand first in `loaded.csv`, and last elsewhere.
            0 => header.iter().position(|column| column == name),
            _ => header.iter().rposition(|column| column == name),
        };
        let (line_at, file_at) = (at("_line"), at("_file").filter(|_| self.names.tells_files()));
        let mut record = csv::StringRecord::new();
        loop {
            match rows.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let what = damaged(&path, &error).to_string();
                    self.audit.findings.add("a file cannot be read", what);
                    return Ok(());
                }
            }
            self.audit.rows[outcome] += 1;
            let line = line_at.and_then(|at| record.get(at)).and_then(|line| line.parse().ok());
            let file = match file_at.map(|at| record.get(at).unwrap_or_default()) {
                None => Some(0),
                Some(told) => self.names.files().iter().position(|name| name == told),
            };
            let (Some(line), Some(file)) = (line, file) else {
                let what = format!("{name}, row {}", self.audit.rows[outcome]);
                self.audit.findings.add("a row does not say where it comes from", what);
                continue;
            };
            self.mark(outcome, file, line);
        }
        Ok(())
    }

    fn mark(&mut self, outcome: usize, file: usize, line: u64) {
        let name = OUTCOMES[outcome];
        if !self.marks[outcome].add(file, line) {
            let what = format!("{}: twice in {name}", self.place(file, line));
            self.audit.findings.add("a row has an outcome twice", what);
        }
        let others = (0..outcome).filter(|other| self.marks[*other].has(file, line));
        for other in others.collect::<Vec<_>>() {
            let what = format!("{}: in {} and in {name}", self.place(file, line), OUTCOMES[other]);
            self.audit.findings.add("a row has two outcomes", what);
        }
    }

    fn read_open_units(&mut self) -> Result<(), RunError> {
        for open in self.past.ledger.open_units(&self.run.run_id)? {
            for origin in &Unit::from_ledger(&open)?.origins {
                let (file, line) = self.names.place(origin)?;
                self.pending.add(file, line);
            }
        }
        self.audit.pending = self.pending.len();
        Ok(())
    }

    /// Reads the input again; each of its rows takes its marks away. `false` when halted.
    fn read_input(&mut self, pipeline: &Pipeline, halting: &Halting) -> Result<bool, RunError> {
        if pipeline.extract.is_remote() {
            return self.read_fetched();
        }
        let before: Fingerprint = serde_json::from_str(&self.run.record.input)
            .map_err(|error| RunError::Unbalanced(error.to_string()))?;
        let paths: Vec<PathBuf> = before.files.iter().map(|file| file.path.clone()).collect();
        match before.compare(&paths, None)? {
            Change::Same => self.audit.input = "unchanged".into(),
            Change::Appended { file, .. } => {
                self.audit.input = format!("`{}` has grown since", file.display());
            }
            Change::Changed { file, what } => {
                let what = format!("`{}` {what}", file.display());
                self.audit.findings.add("the input is not what it was", what);
                self.audit.input = "changed".into();
            }
        }
        let source = match Source::open(&pipeline.extract, Some(&paths)) {
            Ok(source) => source,
            Err(error) => {
                self.audit.findings.add("the input cannot be read again", error.to_string());
                self.forget();
                return Ok(true);
            }
        };
        let rows = source.rows(Position::default(), CHUNK_ROWS)?;
        // Of the last chunk only what the run has taken up.
        let mut rows = ReadAhead::begin(rows, Some(self.run.checkpoint.position.ordinal));
        while let Some(chunk) = rows.next_chunk()? {
            if halting.is_halted() {
                return Ok(false);
            }
            let bad = chunk.bad.iter().map(|bad| bad.origin);
            for origin in chunk.rows.origins.iter().copied().chain(bad) {
                self.take(&origin)?;
            }
        }
        Ok(true)
    }

    /// The rows of a spool are known by their numbers.
    fn read_fetched(&mut self) -> Result<bool, RunError> {
        let path = self.run.folder.join(SPOOL);
        if !path.exists() {
            let what = format!("`{}` is gone: a newer run has taken its place", path.display());
            self.audit.findings.add("the input cannot be read again", what);
            self.forget();
            return Ok(true);
        }
        let rows = Spool::open(&path)?.lines()?.rows();
        self.audit.input = format!("fetched from the tenant, {rows} rows");
        for ordinal in 0..rows.min(self.run.checkpoint.position.ordinal) {
            let line = ordinal + 1;
            self.take(&Origin { file: 0, line, start: ordinal, length: 1, ordinal })?;
        }
        Ok(true)
    }

    /// Nothing can be said of single rows.
    fn forget(&mut self) {
        self.marks = std::array::from_fn(|_| Marks::default());
        self.pending = Marks::default();
    }

    /// Takes the marks of a row away; it has exactly one.
    fn take(&mut self, origin: &Origin) -> Result<(), RunError> {
        let checkpoint = &self.run.checkpoint;
        let first = checkpoint.position.ordinal - checkpoint.tally.read;
        if origin.ordinal < first {
            // An earlier run has had it.
            return Ok(());
        }
        self.audit.read += 1;
        let (file, line) = self.names.place(origin)?;
        let mut found = usize::from(self.pending.take(file, line));
        for marks in &mut self.marks {
            found += usize::from(marks.take(file, line));
        }
        if found == 0 {
            let what = self.place(file, line);
            self.audit.findings.add("a row of the input has no outcome", what);
        }
        Ok(())
    }

    /// Marks that are left are of rows that the input does not have.
    fn check_leftover(&mut self) {
        for (outcome, name) in OUTCOMES.iter().enumerate() {
            let left = self.marks[outcome].len();
            let shown = self.marks[outcome].first(findings::EXAMPLES);
            for (file, line) in &shown {
                let what = format!("{name}: {}", self.place(*file, *line));
                self.audit.findings.add("a result is of no row of the input", what);
            }
            let more = left - shown.len() as u64;
            self.audit.findings.count("a result is of no row of the input", more);
        }
    }

    /// Files, ledger and summary have the same counts.
    fn check_counts(&mut self, pipeline: &Pipeline) -> Result<(), RunError> {
        let tally = &self.run.checkpoint.tally;
        let books =
            [tally.loaded.total(), tally.rejected, tally.refused, tally.skipped, tally.in_doubt];
        for (at, name) in OUTCOMES.iter().enumerate() {
            let (rows, booked) = (self.audit.rows[at], books[at]);
            self.same(&format!("{name} and the ledger"), rows, booked);
        }
        let read = tally.read;
        if self.audit.input != "changed" && self.audit.read > 0 {
            self.same("the input and the ledger", self.audit.read, read);
        }
        let settled = books.iter().sum::<u64>() + self.audit.pending;
        self.same("all outcomes and the rows that were read", settled, read);
        if pipeline.load.as_files().is_none() {
            self.check_units(&books)?;
        }
        self.check_summary(&books, read);
        Ok(())
    }

    /// What is sent is a unit of the ledger; what is written into files is none.
    fn check_units(&mut self, books: &[u64; 5]) -> Result<(), RunError> {
        let units = self.past.ledger.unit_totals(&self.run.run_id)?;
        self.same("the ledger's units and its books, loaded", units.loaded, books[0]);
        self.same("the ledger's units and its books, refused", units.refused, books[2]);
        self.same("the ledger's units and its books, in doubt", units.in_doubt, books[4]);
        if self.run.status == RunStatus::Finished {
            self.same("units without an outcome in a finished run", units.open, 0);
        }
        Ok(())
    }

    fn check_summary(&mut self, books: &[u64; 5], read: u64) {
        let path = self.run.folder.join("summary.json");
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(_) if self.run.status == RunStatus::Running => return,
            Err(error) => {
                let what = format!("summary.json: {error}");
                return self.audit.findings.add("a file is missing", what);
            }
        };
        match serde_json::from_slice::<Summary>(&text) {
            Ok(told) => {
                let told_of =
                    [told.loaded, told.rejected, told.refused, told.skipped, told.in_doubt];
                for (at, name) in Audit::NAMES.iter().enumerate() {
                    self.same(
                        &format!("summary.json and the ledger, {name}"),
                        told_of[at],
                        books[at],
                    );
                }
                self.same("summary.json and the ledger, read", told.read, read);
            }
            Err(error) => {
                let what = format!("summary.json: {error}");
                self.audit.findings.add("a file cannot be read", what);
            }
        }
    }

    fn same(&mut self, what: &str, one: u64, other: u64) {
        if one != other {
            let what = format!("{what}: {one} and {other}");
            self.audit.findings.add("counts differ", what);
        }
    }
}
