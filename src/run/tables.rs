//! The tables that `lookup` and `sql` steps read: found for the plan. Those of a `lookup` are laid
//! down once in the run's folder, so that a run that goes on sees the same rows; of a `sql` it is
//! the result that is kept ([`super::query`]).

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    Job, RunError, event::Event, identity::Identity, read_ahead::ReadAhead, relation,
    results::LOADED,
};
use crate::{
    batch::{Chunk, Position},
    diagnostic::Diagnostic,
    extract::{
        CHUNK_ROWS, ExtractError, ExtractOptions, Source,
        csv::{CsvOptions, Paths},
        json::JsonOptions,
        parquet::ParquetOptions,
    },
    files::{self, FileError},
    index::Index,
    ledger::Ledger,
    transform::{
        LookupOptions, Pairs, QueryTables, Step, Steps, Table, TableBuilder, TableColumns,
    },
    yaml::Spanned,
};

/// Where the tables stand, in the run's folder.
pub const FOLDER: &str = "tables";

/// What to think of a pipeline whose results are wanted and that has not run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Results {
    /// It may run before this one does.
    MayCome,
    /// Nothing can be looked up.
    MustBeThere,
}

/// The tables of all `lookup` and `sql` steps.
#[derive(Default)]
pub struct Tables {
    lookups: Vec<Opened>,
    /// Those of each `sql`, by its index in `transform:`.
    queries: BTreeMap<usize, Vec<Found>>,
}

/// The table of a `lookup`.
struct Opened {
    /// Index of the step in `transform:`.
    step: usize,
    options: LookupOptions,
    found: Found,
}

/// A table whose files were found.
#[derive(Default)]
pub(super) struct Found {
    /// In the order in which they are read; of results those of the oldest run first.
    pub parts: Vec<Part>,
    /// What a user should know about them.
    pub warnings: Vec<String>,
}

/// A file, or several with the same columns.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub source: Source,
    /// Bytes of the file that belong to the table, where it is still written.
    pub committed: Option<u64>,
}

impl Tables {
    /// Finds the files of all tables and reads their headers. What is wrong with them is told
    /// with the place in the pipeline file.
    ///
    /// # Errors
    /// The ledger of a pipeline whose results are wanted cannot be read.
    pub fn open(job: &Job<'_>, results: Results) -> Result<(Tables, Vec<Diagnostic>), RunError> {
        let mut tables = Tables::default();
        let mut complaints = Vec::new();
        for (step, spanned) in job.pipeline.transform.iter().enumerate() {
            match &spanned.value {
                Step::Lookup(options) => match Found::of(&options.from, job, results)? {
                    Ok(found) => {
                        let options = options.clone();
                        tables.lookups.push(Opened { step, options, found });
                    }
                    Err(complaint) => complaints.push(complaint),
                },
                Step::Sql(options) => {
                    let found = of_query(&options.tables, job, results, &mut complaints)?;
                    tables.queries.insert(step, found);
                }
                _ => {}
            }
        }
        Ok((tables, complaints))
    }

    /// The columns of the tables, as far as they are known.
    pub fn columns(&self) -> TableColumns {
        let known = self.lookups.iter().filter(|table| !table.found.parts.is_empty());
        known.map(|table| (table.step, table.found.columns())).collect()
    }

    /// The columns of the tables of `sql` steps, as far as they are known.
    pub fn query_columns(&self) -> QueryTables {
        let columns = |found: &Vec<Found>| found.iter().map(relation::columns).collect();
        self.queries.iter().map(|(step, found)| (*step, columns(found))).collect()
    }

    /// The tables of the `sql` step `step`.
    pub(super) fn of_query(&self, step: usize) -> &[Found] {
        self.queries.get(&step).map_or(&[], Vec::as_slice)
    }

    /// Gives the steps their tables, from `folder`; those that are not there yet, or not whole,
    /// are made. Tells whether one was, and nothing when the run was halted.
    pub fn provide(
        &self,
        steps: &mut Steps,
        folder: &Path,
        job: &Job<'_>,
    ) -> Result<Option<bool>, RunError> {
        let mut made = false;
        for table in &self.lookups {
            files::private_dir(folder)?;
            let path = folder.join(Steps::table_name(table.step));
            let index = match Index::open(&path)? {
                Some(index) => index,
                None => {
                    made = true;
                    let Some(index) = table.make(&path, job)? else { return Ok(None) };
                    index
                }
            };
            steps.provide_table(table.step, index);
        }
        Ok(Some(made))
    }
}

/// The tables beside a query, as far as they were found.
fn of_query(
    tables: &Pairs,
    job: &Job<'_>,
    results: Results,
    complaints: &mut Vec<Diagnostic>,
) -> Result<Vec<Found>, RunError> {
    let mut all = Vec::new();
    for (_, from) in &tables.0 {
        all.push(match Found::of(from, job, results)? {
            Ok(found) => found,
            Err(complaint) => {
                complaints.push(complaint);
                Found::default()
            }
        });
    }
    Ok(all)
}

/// What is wrong with a table, and the way out.
struct Complaint {
    message: String,
    hint: String,
}

impl Complaint {
    fn new(message: String, hint: impl Into<String>) -> Self {
        Complaint { message, hint: hint.into() }
    }

    fn with_span(self, span: crate::diagnostic::Span) -> Diagnostic {
        Diagnostic::new(span, self.message).with_hint(self.hint)
    }
}

impl Found {
    /// The table that a pipeline file names so, or what is wrong with it.
    fn of(
        from: &Spanned<String>,
        job: &Job<'_>,
        results: Results,
    ) -> Result<Result<Found, Diagnostic>, RunError> {
        let found = match Table::of(from) {
            Table::File(path) => Found::file(path),
            Table::Results(pipeline) => Found::results(pipeline, job, results)?,
        };
        Ok(found.map_err(|complaint| complaint.with_span(from.span)))
    }

    fn file(path: &str) -> Result<Found, Complaint> {
        let source = open_file(path)
            .map_err(|error| Complaint::new(error.to_string(), file_hint(&error)))?;
        let warnings = source.warnings().to_vec();
        Ok(Found { parts: vec![Part { source, committed: None }], warnings })
    }

    /// What all runs of a pipeline have loaded over the connection of this run.
    fn results(
        pipeline: &str,
        job: &Job<'_>,
        wanted: Results,
    ) -> Result<Result<Found, Complaint>, RunError> {
        if let Err(complaint) = can_be_looked_up(pipeline, job) {
            return Ok(Err(complaint));
        }
        let mut found = Found::default();
        let home = job.options.state_dir.join("runs").join(pipeline);
        let over = (wanted == Results::MustBeThere).then_some(job.connection_identity);
        let runs = Runs::of(&home, over)?;
        if wanted == Results::MustBeThere && runs.ours.is_empty() {
            return Ok(Err(runs.none(pipeline)));
        }
        found.warnings.extend(runs.left_out(pipeline));
        for run in runs.ours {
            let path = home.join(&run.run_id).join(LOADED);
            match Part::of_a_run(&path, run.committed)? {
                Some(part) => found.parts.push(part),
                None => found.warnings.push(format!(
                    "`{}` is gone: what that run has loaded is not looked up",
                    path.display()
                )),
            }
        }
        Ok(Ok(found))
    }

    /// The columns that any of its files has.
    fn columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = Vec::new();
        for name in self.parts.iter().flat_map(Part::columns) {
            if !columns.contains(&name) {
                columns.push(name);
            }
        }
        columns
    }
}

impl Opened {
    /// Reads all files into the table `path`; nothing when the run was halted.
    fn make(&self, path: &Path, job: &Job<'_>) -> Result<Option<Index>, RunError> {
        let warn = |message: String| job.observer.observe(Event::Warning { message });
        self.found.warnings.iter().cloned().for_each(warn);
        let mut table = TableBuilder::create(path, &self.options)?;
        let mut rows = 0;
        for part in &self.found.parts {
            let columns = part.columns();
            let lacks: Vec<String> =
                table.lacks(&columns).map(|name| format!("`{name}`")).collect();
            if !lacks.is_empty() {
                let (file, lacks) = (part.files().join(", "), lacks.join(", "));
                warn(format!("{file} has no column {lacks}: its rows are not looked up"));
                continue;
            }
            let before = rows;
            let mut bad = Bad::default();
            let read = part.read(|chunk| {
                if job.halting.is_halted() {
                    return Ok(false);
                }
                table.add(&chunk.rows.columns, |row| part.place(&chunk, row))?;
                bad.count(&chunk);
                rows = before + chunk.end.ordinal;
                let name = self.options.from.value.clone();
                job.observer.observe(Event::Indexing { table: name, rows });
                Ok(true)
            })?;
            if !read {
                return Ok(None);
            }
            bad.told(part).into_iter().for_each(warn);
        }
        Ok(Some(table.finish()?))
    }
}

/// Opens a file by what its name says that it is.
fn open_file(path: &str) -> Result<Source, ExtractError> {
    let lower = path.to_ascii_lowercase();
    let stem = [".gz", ".gzip", ".zst", ".zstd"].iter().find_map(|end| lower.strip_suffix(end));
    let is = |ends: &[&str]| ends.iter().any(|end| stem.unwrap_or(&lower).ends_with(end));
    let options = if is(&[".json", ".ndjson", ".jsonl"]) {
        ExtractOptions::Json(JsonOptions::text_at(&[path]))
    } else if is(&[".parquet", ".pq"]) {
        let path = Paths(vec![Spanned::new(path.to_owned(), Default::default())]);
        ExtractOptions::Parquet(ParquetOptions { path })
    } else {
        ExtractOptions::Csv(CsvOptions::at(&[path]))
    };
    Source::open(&options, None)
}

/// Rows of a table that could not be read.
#[derive(Default)]
pub(super) struct Bad {
    rows: usize,
    first: Option<(u64, String)>,
}

impl Bad {
    pub fn count(&mut self, chunk: &Chunk) {
        self.rows += chunk.bad.len();
        if let (None, Some(bad)) = (&self.first, chunk.bad.first()) {
            self.first = Some((bad.origin.line, bad.reason.clone()));
        }
    }

    pub fn told(self, part: &Part) -> Option<String> {
        let (line, reason) = self.first?;
        let file = part.files().join(", ");
        Some(match self.rows {
            1 => format!("line {line} of {file} cannot be read and is not looked up: {reason}"),
            rows => format!(
                "{rows} rows of {file} cannot be read and are not looked up, the first on line \
                 {line}: {reason}"
            ),
        })
    }
}

impl Part {
    /// The file of results as far as it was committed; none if it is gone.
    fn of_a_run(path: &Path, committed: u64) -> Result<Option<Part>, RunError> {
        let found = match path.metadata() {
            Ok(about) => about.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FileError::from_io(path, "read", error).into()),
        };
        if found < committed {
            let path = path.to_owned();
            return Err(FileError::LostResults { path, committed, found }.into());
        }
        let options = CsvOptions::at(&[&path.display().to_string()]);
        let source = Source::open(&ExtractOptions::Csv(options), None)?;
        Ok(Some(Part { source, committed: Some(committed) }))
    }

    fn columns(&self) -> Vec<String> {
        self.source.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    fn files(&self) -> Vec<String> {
        self.source.files().iter().map(|file| format!("`{}`", file.display())).collect()
    }

    /// Where a row stands, as a reason tells it.
    fn place(&self, chunk: &Chunk, row: usize) -> String {
        let origin = &chunk.rows.origins[row];
        match self.source.files() {
            [_] => format!("line {}", origin.line),
            files => {
                let file = files.get(origin.file as usize).map(PathBuf::as_path);
                format!("line {} of `{}`", origin.line, file.unwrap_or(Path::new("")).display())
            }
        }
    }

    /// Hands all rows on, until `each` says that it is enough. Whether it did not.
    fn read(
        &self,
        mut each: impl FnMut(Chunk) -> Result<bool, RunError>,
    ) -> Result<bool, RunError> {
        let rows = self.source.rows(Position::default(), CHUNK_ROWS)?;
        let mut rows = ReadAhead::begin(rows, None);
        while let Some(mut chunk) = rows.next_chunk()? {
            if let Some(end) = self.committed {
                chunk = before(chunk, end);
            }
            if !each(chunk)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The rows of a chunk that begin before byte `end`: behind it stands what a run may have been
/// killed over.
pub(super) fn before(mut chunk: Chunk, end: u64) -> Chunk {
    let keep = chunk.rows.origins.partition_point(|origin| origin.start < end);
    chunk.bad.retain(|bad| bad.origin.start < end);
    if keep < chunk.rows.origins.len() {
        chunk.rows = std::sync::Arc::new(crate::batch::SourceBatch {
            columns: chunk.rows.columns.slice(0, keep),
            origins: chunk.rows.origins[..keep].to_vec(),
        });
    }
    chunk
}

/// The runs of a pipeline that have loaded, the oldest first.
#[derive(Default)]
struct Runs {
    ours: Vec<Run>,
    /// How many runs went over each other connection.
    others: BTreeMap<String, usize>,
}

struct Run {
    run_id: String,
    /// Bytes of `loaded.csv` that are in the books.
    committed: u64,
}

impl Runs {
    /// All runs over the connection `over`; any connection where none is given. Those that were
    /// given up count as well: what they have loaded is in the tenant.
    fn of(home: &Path, over: Option<&str>) -> Result<Runs, RunError> {
        let mut runs = Runs::default();
        let path = home.join("ledger.sqlite");
        if !path.exists() {
            return Ok(runs);
        }
        let ledger = Ledger::open(&path)?;
        for run in ledger.runs()?.into_iter().rev() {
            let connection = serde_json::from_str::<Identity>(&run.identity)
                .map(|identity| identity.connection)
                .map_err(|error| RunError::Unbalanced(error.to_string()))?;
            if over.is_some_and(|over| over != connection) {
                *runs.others.entry(connection).or_default() += 1;
                continue;
            }
            let checkpoint = ledger.checkpoint(&run.run_id)?;
            // A run that was stopped before its first commit has no result files.
            if let Some(committed) = checkpoint.results.get(LOADED).copied().filter(|at| *at > 0) {
                runs.ours.push(Run { run_id: run.run_id, committed });
            }
        }
        Ok(runs)
    }

    /// What to say where there is none.
    fn none(&self, pipeline: &str) -> Complaint {
        match self.others.keys().next() {
            None => Complaint::new(
                format!("the pipeline `{pipeline}` has not run: there are no results of it"),
                format!(
                    "run the file that says `name: {pipeline}` first, over the same `--state-dir`, or name \
                     it before this one"
                ),
            ),
            Some(other) => Complaint::new(
                format!(
                    "the pipeline `{pipeline}` has run over another connection only: `{other}`"
                ),
                "run it over the connection of this one first: keys belong to one tenant",
            ),
        }
    }

    /// What to say of runs over other connections.
    fn left_out(&self, pipeline: &str) -> Option<String> {
        let others: Vec<String> = self.others.keys().map(|name| format!("`{name}`")).collect();
        (!others.is_empty()).then(|| {
            format!(
                "runs of `{pipeline}` over {} are left out: keys belong to one tenant",
                others.join(", ")
            )
        })
    }
}

/// Whether `results:` is followed by the name of another pipeline.
fn can_be_looked_up(pipeline: &str, job: &Job<'_>) -> Result<(), Complaint> {
    let of_a_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if pipeline.is_empty() || !pipeline.chars().all(of_a_name) {
        let message = format!("`{pipeline}` is not the name of a pipeline");
        let hint = "write `results:NAME`, with the `name` of the pipeline that loaded the records; \
                    a file of such a name is written `./results:...`";
        return Err(Complaint::new(message, hint));
    }
    if pipeline == job.pipeline.name.value {
        let message = "a pipeline cannot look up its own results".to_owned();
        let hint = "name the pipeline that loaded the records before";
        return Err(Complaint::new(message, hint));
    }
    Ok(())
}

/// The way out for a file that a `lookup` names: it has no keys for other dialects.
fn file_hint(error: &ExtractError) -> String {
    match error {
        ExtractError::WrongDelimiter { .. } => {
            "the fields of a table are separated by commas: store the file so".into()
        }
        ExtractError::WrongEncoding { .. } | ExtractError::NotText { .. } => {
            "store the table as CSV in utf-8".into()
        }
        other => other.hint(),
    }
}
