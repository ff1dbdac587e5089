//! What `sql` steps make of all rows, kept in the run's folder.
//!
//! A query is run once, before the first row is sent. What it gives is written to a file that is
//! there whole or not at all, and from then on that file is the run's source: a row is known by its
//! number in it, and a resumed run reads the same rows, whatever became of the tables.
//!
//! The books count what was read: the rows of the relation, and before them those that fell out on
//! the way into the query. Both stand in the same result files, whose columns are the input's own
//! and then those of the relation; `_file` says which `_line` counts.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{
    array::RecordBatch,
    datatypes::{Schema, SchemaRef},
};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::{metadata::KeyValue, properties::WriterProperties},
};

use super::{
    Job, RunError,
    event::Event,
    lineage::Lineage,
    plan::{self, EXAMPLES, Plan},
    produce::{self, Remark},
    read_ahead::ReadAhead,
    relation::Files,
    results::{self, FallenBefore, Results},
    survey::Survey,
};
use crate::{
    batch::{Batch, Fate, Position},
    extract::{Source, parquet::ParquetSource},
    failpoint,
    files::{self, FileError, PendingFile},
    ledger::Checkpoint,
    transform::{Relation, Steps, TransformError},
};

/// Where relations stand, in the run's folder.
const FOLDER: &str = "relation";

/// What the writer of a relation notes with it.
const REJECTED: &str = "vccpipe.rejected";
const SKIPPED: &str = "vccpipe.skipped";

/// Rows of a row group: what is decoded to go on within it.
const GROUP_ROWS: usize = 64 << 10;

/// Bytes after which a row group ends, so that long rows do not fill the memory.
const GROUP_BYTES: usize = 16 << 20;

/// What fell out before the last query.
#[derive(Debug, Default)]
pub struct Before {
    pub rejected: u64,
    pub skipped: u64,
    /// The first few that were rejected: line and reason; none where the relation was there.
    pub examples: Vec<(u64, String)>,
    /// Whether a relation was made now.
    pub made: bool,
    /// Where the rows are listed, for each query.
    folders: Vec<PathBuf>,
}

impl Before {
    /// How many rows fell.
    pub fn rows(&self) -> u64 {
        self.rejected + self.skipped
    }
}

/// The result files of a run, at their committed lengths.
pub fn results(
    plan: &Plan,
    folder: &Path,
    lengths: &BTreeMap<String, u64>,
) -> Result<Results, RunError> {
    let (source, files) = (plan.source.schema(), plan.source.files());
    let columns = plan.rules.loaded_columns(plan.steps.output());
    match &plan.input {
        None => {
            let lineage = Lineage::open(folder)?;
            Results::open(folder, lengths, &source, &columns, files, lineage)
        }
        Some(input) => Results::open_over(folder, lengths, input, &source, &columns, files),
    }
}

/// Enters the rows that fell out before the queries in the books, unless they are in them; the
/// caller commits the checkpoint.
pub fn enter(
    plan: &Plan,
    run: &Path,
    before: &Before,
    checkpoint: &mut Checkpoint,
) -> Result<(), RunError> {
    if checkpoint.position.ordinal >= before.rows() {
        return Ok(());
    }
    let mut results = results(plan, run, &checkpoint.results)?;
    for folder in &before.folders {
        for (name, fate) in [(results::REJECTED, Fate::Rejected), (results::SKIPPED, Fate::Skipped)]
        {
            replay(&folder.join(name), fate, &mut results)?;
        }
    }
    checkpoint.results = results.settle(true)?;
    checkpoint.position.ordinal = before.rows();
    checkpoint.tally.read += before.rows();
    checkpoint.tally.rejected += before.rejected;
    checkpoint.tally.skipped += before.skipped;
    Ok(())
}

/// Enters the rows of a file that was kept beside a relation.
fn replay(path: &Path, fate: Fate, results: &mut Results) -> Result<(), RunError> {
    let failed = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => FileError::from_io(path, "read", error),
        other => FileError::Damaged { path: path.to_owned(), why: format!("{other:?}") },
    };
    let mut rows = csv::Reader::from_path(path).map_err(failed)?;
    let names = rows.headers().map_err(failed)?.clone();
    let mut row = csv::StringRecord::new();
    while rows.read_record(&mut row).map_err(failed)? {
        let value = |name: &str| {
            let column = names.iter().position(|known| known == name)?;
            row.get(column).map(str::to_owned)
        };
        results.before(value, fate)?;
    }
    Ok(())
}

/// Runs the queries of the plan, as far as their results are not there, and makes the last result
/// its source. `begun` says that rows of it were sent before. Gives nothing when the run was
/// halted.
pub fn carry_out(
    plan: &mut Plan,
    job: &Job<'_>,
    run: &Path,
    begun: bool,
) -> Result<Option<Before>, RunError> {
    let mut before = Before::default();
    while let Some(step) = plan.steps.next_query() {
        let path = run.join(FOLDER).join(format!("step-{}.parquet", step + 1));
        let kept = open(&path, plan, step)?;
        let relation = match kept {
            Some(relation) => relation,
            None if begun => return Err(RunError::RelationGone { path }),
            None => {
                let made = Making { job, run, path: &path, step };
                if !made.make(plan, &mut before)? {
                    return Ok(None);
                }
                before.made = true;
                open(&path, plan, step)?.ok_or(RunError::RelationGone { path })?
            }
        };
        before.rejected = noted(&relation, REJECTED);
        before.skipped = noted(&relation, SKIPPED);
        before.folders.push(beside(run, step));
        plan.input.get_or_insert(plan.source.schema());
        let files = relation.files().to_vec();
        plan.files = files.iter().map(|path| path.display().to_string()).collect();
        plan.source = Source::Parquet(ParquetSource::of_files(files, before.rows())?);
        plan.limit = None; // it counted the rows of the input
        plan.steps.begin_after(step);
    }
    Ok(Some(before))
}

/// Takes away what only a run that goes on needs. The relations stay: the rows of the result files
/// are theirs.
pub fn tidy(run: &Path, steps: &Steps) {
    for step in steps.queries() {
        let _ = fs::remove_dir_all(beside(run, step));
    }
}

/// Where rows are listed that fell out before a query.
fn beside(run: &Path, step: usize) -> PathBuf {
    run.join(FOLDER).join(format!("before-step-{}", step + 1))
}

/// The relation, if it is there and has the columns that the query gives.
fn open(path: &Path, plan: &Plan, step: usize) -> Result<Option<ParquetSource>, RunError> {
    if !path.exists() {
        return Ok(None);
    }
    let Ok(relation) = ParquetSource::of_files(vec![path.to_owned()], 0) else { return Ok(None) };
    let wanted = plan.steps.query_columns(step).map(|(_, output)| output);
    Ok((Some(&relation.schema()) == wanted).then_some(relation))
}

fn noted(relation: &ParquetSource, key: &str) -> u64 {
    relation.note(key).and_then(|count| count.parse().ok()).unwrap_or(0)
}

/// One relation in the making.
struct Making<'a> {
    job: &'a Job<'a>,
    /// The run's folder.
    run: &'a Path,
    path: &'a Path,
    /// Index of the step in `transform:`.
    step: usize,
}

impl Making<'_> {
    /// Runs the query over the plan's source; false when the run was halted.
    fn make(&self, plan: &mut Plan, before: &mut Before) -> Result<bool, RunError> {
        let work = self.run.join(FOLDER).join("work");
        let _ = fs::remove_dir_all(&work); // of a process that was killed
        files::private_dir(&work)?;
        let input = work.join("input.parquet");
        let made = self.survey(plan, &work)?
            && self.take_in(plan, &input, before)?
            && self.query(plan, &input, &work, before)?;
        let _ = fs::remove_dir_all(&work);
        Ok(made)
    }

    /// Finds the keys that stand twice, for the `dedupe` steps before the query.
    fn survey(&self, plan: &mut Plan, folder: &Path) -> Result<bool, RunError> {
        let survey = Survey {
            source: &plan.source,
            rules: &plan.rules,
            clock: self.job.clock,
            files: &plan.files,
            lineage: None,
            folder,
            limit: plan.limit,
            chunk_rows: plan::CHUNK_ROWS,
            too_many: &|_| false,
            halting: self.job.halting,
            observer: self.job.observer,
        };
        let passes = plan.steps.surveys_needed().len();
        Ok(survey.keys(&mut plan.steps, passes)?.is_some())
    }

    /// Takes all rows through the steps before the query, once: what falls out is listed, and what
    /// is left can be read as often as the query wants.
    fn take_in(&self, plan: &Plan, to: &Path, before: &mut Before) -> Result<bool, RunError> {
        let folder = beside(self.run, self.step);
        files::private_dir(&folder)?;
        let schema = plan.source.schema();
        let mut fallen = FallenBefore::create(&folder, &schema, plan.source.files())?;
        let columns = plan.steps.query_columns(self.step).map(|(input, _)| Arc::clone(input));
        let columns = columns.ok_or(TransformError::WholeRelation(self.step))?;
        let mut rows_left = RowsFile::create(files::private_file(to)?, to, &columns)?;
        let rows = plan.source.rows(Position::default(), plan::CHUNK_ROWS)?;
        let mut rows = ReadAhead::begin(rows, plan.limit);
        while let Some(chunk) = rows.next_chunk()? {
            if self.job.halting.is_halted() {
                return Ok(false);
            }
            let mut out = Vec::new();
            let left = plan.steps.apply(Batch::from_source(Arc::clone(&chunk.rows)), &mut out)?;
            rows_left.write(&left.columns)?;
            for (_, remark) in produce::in_order(&chunk, out, Vec::new()) {
                list(remark, &mut fallen, before)?;
            }
            let rows = chunk.end.ordinal;
            self.job.observer.observe(Event::Indexing { table: self.name(), rows });
        }
        fallen.finish()?;
        rows_left.finish(&[])?;
        Ok(true)
    }

    fn query(
        &self,
        plan: &Plan,
        input: &Path,
        work: &Path,
        before: &Before,
    ) -> Result<bool, RunError> {
        let source = ParquetSource::of_files(vec![input.to_owned()], 0)?;
        let tables: Vec<Arc<Files>> = std::iter::once(Files::of_source(Source::Parquet(source)))
            .chain(plan.tables.of_query(self.step).iter().map(Files::of_table))
            .map(Arc::new)
            .collect();
        self.warn(plan.tables.of_query(self.step).iter().flat_map(|found| found.warnings.clone()));
        let relations: Vec<Arc<dyn Relation>> =
            tables.iter().map(|files| Arc::clone(files) as Arc<dyn Relation>).collect();
        let columns = plan.steps.query_columns(self.step).map(|(_, output)| Arc::clone(output));
        let columns = columns.ok_or(TransformError::WholeRelation(self.step))?;
        let create = || RowsFile::create(PendingFile::begin(self.path)?, self.path, &columns);
        let kept = std::cell::RefCell::new(create()?);
        let ended = plan.steps.query::<Ended>(
            self.step,
            &relations,
            work,
            || {
                kept.replace(create()?);
                Ok(())
            },
            |rows| {
                if self.job.halting.is_halted() {
                    return Err(Ended::Halted);
                }
                let mut kept = kept.borrow_mut();
                kept.write(&rows)?;
                let rows = kept.rows;
                self.job.observer.observe(Event::Indexing { table: self.name(), rows });
                Ok(())
            },
        );
        self.warn(tables.iter().flat_map(|files| files.warnings()));
        match ended {
            Ok(()) => {}
            Err(Ended::Halted) => return Ok(false),
            Err(Ended::Failed(error)) => return Err(error),
        }
        let notes = [(REJECTED, before.rejected), (SKIPPED, before.skipped)];
        let (file, rows) = kept.into_inner().finish(&notes)?;
        file.commit()?;
        failpoint::pass("relation-is-kept");
        let message = format!("the query of step {} gave {rows} rows", self.step + 1);
        self.job.observer.observe(Event::Note { message });
        Ok(true)
    }

    fn name(&self) -> String {
        format!("the query of step {}", self.step + 1)
    }

    fn warn(&self, messages: impl Iterator<Item = String>) {
        messages.for_each(|message| self.job.observer.observe(Event::Warning { message }));
    }
}

/// Lists and counts a row that fell out.
fn list(remark: Remark, fallen: &mut FallenBefore, before: &mut Before) -> Result<(), RunError> {
    let rejected = match &remark {
        Remark::Fallen { source, row, fate, reason } => {
            fallen.fallen(source, *row, *fate, reason)?;
            match fate {
                Fate::Skipped => None,
                Fate::Rejected => Some((source.origins[*row].line, reason)),
            }
        }
        Remark::Unreadable(bad) => {
            fallen.unreadable(bad)?;
            Some((bad.origin.line, &bad.reason))
        }
        // Only rules mend values, and they come after the last step.
        Remark::Fixed { .. } => return Ok(()),
    };
    match rejected {
        None => before.skipped += 1,
        Some((line, reason)) => {
            before.rejected += 1;
            if before.examples.len() < EXAMPLES {
                before.examples.push((line, reason.clone()));
            }
        }
    }
    Ok(())
}

/// Why a query was not carried out to its end.
enum Ended {
    Halted,
    Failed(RunError),
}

impl<E: Into<RunError>> From<E> for Ended {
    fn from(error: E) -> Self {
        Ended::Failed(error.into())
    }
}

/// A Parquet file of rows in the making.
struct RowsFile<W: Write + Send> {
    path: PathBuf,
    writer: ArrowWriter<W>,
    rows: u64,
}

impl<W: Write + Send> RowsFile<W> {
    fn create(to: W, path: &Path, columns: &SchemaRef) -> Result<Self, RunError> {
        let level = ZstdLevel::try_new(1).map_err(|error| failed(path, error))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        let schema = Arc::new(Schema::new(columns.fields().clone()));
        let writer = ArrowWriter::try_new(to, schema, Some(properties))
            .map_err(|error| failed(path, error))?;
        Ok(RowsFile { path: path.to_owned(), writer, rows: 0 })
    }

    fn write(&mut self, rows: &RecordBatch) -> Result<(), RunError> {
        let written = self.writer.write(rows).and_then(|()| {
            match self.writer.in_progress_size() > GROUP_BYTES {
                true => self.writer.flush(),
                false => Ok(()),
            }
        });
        self.rows += rows.num_rows() as u64;
        written.map_err(|error| failed(&self.path, error))
    }

    /// Ends the file; gives what it was written to, and its rows.
    fn finish(mut self, notes: &[(&str, u64)]) -> Result<(W, u64), RunError> {
        for (key, count) in notes {
            let note = KeyValue::new((*key).to_owned(), count.to_string());
            self.writer.append_key_value_metadata(note);
        }
        let file = self.writer.into_inner().map_err(|error| failed(&self.path, error))?;
        Ok((file, self.rows))
    }
}

fn failed(path: &Path, error: ParquetError) -> RunError {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => FileError::from_io(path, "write", *error).into(),
            Err(error) => RunError::Columns(arrow::error::ArrowError::ExternalError(error)),
        },
        error => RunError::Columns(arrow::error::ArrowError::ParquetError(error.to_string())),
    }
}
