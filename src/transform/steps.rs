//! The steps as they run: batches in, batches out, and a list of the rows that fell out.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use datafusion::arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions, StringArray},
    compute::{filter_record_batch, prep_null_mask_filter},
    datatypes::{DataType, Schema, SchemaRef},
    error::ArrowError,
};
use jiff::Timestamp;

use super::{
    compile,
    expression::{Expression, shown},
    keys::{Duplicates, KeyError, KeySurvey, Winner},
    lookup::Lookup,
    options::{Keep, Step},
    sql::{Query, QueryError, QueryTables, Relation},
};
use crate::{
    batch::{Batch, Fallen, Fate},
    diagnostic::Diagnostic,
    index::{Index, IndexError},
};

/// Why steps cannot go on; a row that cannot is [`Fallen`] instead.
#[derive(Debug, thiserror::Error)]
pub enum TransformError {
    /// The list of keys seen twice cannot be read.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// A `dedupe` was asked to run before its survey of the input.
    #[error("step {0} is a `dedupe` whose keys were not surveyed; this is a bug")]
    NotSurveyed(usize),
    /// The table of a `lookup` cannot be read.
    #[error(transparent)]
    Table(#[from] IndexError),
    /// A `lookup` was asked to run before it was given its table.
    #[error("step {0} is a `lookup` without its table; this is a bug")]
    NoTable(usize),
    /// A `sql` step failed.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// A `sql` step was asked for single rows.
    #[error("step {0} is a `sql`, which works on all rows at once; this is a bug")]
    WholeRelation(usize),
    /// Arrow refused to put columns together.
    #[error("columns do not fit together: {0}; this is a bug")]
    Columns(#[from] ArrowError),
}

/// The columns of the tables that `lookup` steps read, by the steps' indices in `transform:`; of
/// a table that is not there yet they are not known.
pub type TableColumns = BTreeMap<usize, Vec<String>>;

/// The steps of `transform:`, ready to run. They are shared by threads: nothing in them changes.
#[derive(Debug)]
pub struct Steps {
    ready: Vec<Ready>,
    input: SchemaRef,
    output: SchemaRef,
    files: Vec<String>,
    warnings: Vec<String>,
    /// The first step that is still to be done: those before it made the source's rows.
    from: usize,
}

/// One step, ready to run.
#[derive(Debug)]
pub(super) enum Ready {
    Map(Map),
    Filter(Expression),
    Dedupe(Dedupe),
    Lookup(Lookup),
    Sql(Query),
    /// A step that does nothing to the rows here.
    Nothing,
}

/// `map:`, ready to run.
#[derive(Debug)]
pub(super) struct Map {
    /// How each of `columns` is made.
    pub made: Vec<Made>,
    /// The columns after the step.
    pub columns: SchemaRef,
}

/// What a column is made from.
#[derive(Debug)]
pub(super) enum Made {
    /// A column of before, as it is.
    Column(usize),
    /// The same text in every row.
    Text(String),
    /// An expression.
    Sql(Expression),
}

/// `dedupe:`, ready to run once its keys were surveyed.
#[derive(Debug)]
pub(super) struct Dedupe {
    /// The columns of the key.
    pub key: Vec<usize>,
    pub keep: Keep,
    pub duplicates: Option<Duplicates>,
}

impl Made {
    /// The type of the column made, from these columns.
    pub fn data_type(&self, columns: &Schema) -> DataType {
        match self {
            Made::Column(index) => columns.field(*index).data_type().clone(),
            Made::Text(_) => DataType::Utf8,
            Made::Sql(expression) => expression.data_type().clone(),
        }
    }

    fn columns(&self) -> &[usize] {
        match self {
            Made::Column(index) => std::slice::from_ref(index),
            Made::Text(_) => &[],
            Made::Sql(expression) => expression.columns(),
        }
    }
}

impl Steps {
    /// Makes `steps` ready for rows with the columns `input`.
    ///
    /// `text` is the pipeline file, for the places of complaints. `now` is what `now()` and
    /// `current_date()` mean (the day in UTC); a resumed run gives the time at which it first
    /// began, so that it sees the same rows.
    ///
    /// # Errors
    /// All mistakes of all steps, each with its place in `text`.
    pub fn compile(
        text: &str,
        steps: &[Step],
        input: SchemaRef,
        now: Timestamp,
    ) -> Result<Steps, Vec<Diagnostic>> {
        Self::compile_with(text, steps, input, &TableColumns::new(), now)
    }

    /// The same with the columns of the tables that `lookup` steps read, for complaints about
    /// them.
    ///
    /// # Errors
    /// As [`Steps::compile`].
    pub fn compile_with(
        text: &str,
        steps: &[Step],
        input: SchemaRef,
        tables: &TableColumns,
        now: Timestamp,
    ) -> Result<Steps, Vec<Diagnostic>> {
        Self::compile_over(text, steps, input, tables, &QueryTables::new(), now)
    }

    /// The same with the columns of the tables that `sql` steps read as well.
    ///
    /// # Errors
    /// As [`Steps::compile`].
    pub fn compile_over(
        text: &str,
        steps: &[Step],
        input: SchemaRef,
        tables: &TableColumns,
        queries: &QueryTables,
        now: Timestamp,
    ) -> Result<Steps, Vec<Diagnostic>> {
        compile::compile(text, steps, input, tables, queries, now)
    }

    pub(super) fn new(
        ready: Vec<Ready>,
        input: SchemaRef,
        output: SchemaRef,
        warnings: Vec<String>,
    ) -> Self {
        Steps { ready, input, output, files: Vec::new(), warnings, from: 0 }
    }

    /// What a user should know about the steps, and that stops nothing.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Whether any step is a `sql`.
    pub fn has_query(&self) -> bool {
        self.queries().next().is_some()
    }

    /// Indices (in `transform:`) of all `sql` steps.
    pub fn queries(&self) -> impl Iterator<Item = usize> {
        let steps = self.ready.iter().enumerate();
        steps.filter(|(_, step)| matches!(step, Ready::Sql(_))).map(|(index, _)| index)
    }

    /// The next `sql` step, before which [`Steps::apply`] ends; its index in `transform:`.
    pub fn next_query(&self) -> Option<usize> {
        self.queries().find(|index| *index >= self.from)
    }

    /// Runs the query of the `sql` step at `step` over its tables: first the rows that the steps
    /// before it gave, then those of `tables:` in their order. `spill` is a folder for what does
    /// not fit into memory. After `anew` all rows come again.
    ///
    /// # Errors
    /// The query fails as a whole; what `anew` and `hand_on` give.
    pub fn query<E: From<TransformError> + From<QueryError>>(
        &self,
        step: usize,
        relations: &[Arc<dyn Relation>],
        spill: &Path,
        anew: impl FnMut() -> Result<(), E>,
        hand_on: impl FnMut(RecordBatch) -> Result<(), E>,
    ) -> Result<(), E> {
        match self.ready.get(step) {
            Some(Ready::Sql(query)) => query.run(relations, spill, anew, hand_on),
            _ => Err(TransformError::WholeRelation(step).into()),
        }
    }

    /// The columns before and after the `sql` step at `step`.
    pub fn query_columns(&self, step: usize) -> Option<(&SchemaRef, &SchemaRef)> {
        match self.ready.get(step) {
            Some(Ready::Sql(query)) => Some((&query.input, &query.output)),
            _ => None,
        }
    }

    /// From here on the rows that go in are those that the `sql` step at `step` has given.
    pub fn begin_after(&mut self, step: usize) {
        if let Some(Ready::Sql(query)) = self.ready.get(step) {
            self.input = Arc::clone(&query.output);
            self.from = step + 1;
            self.files = Vec::new(); // one relation, which needs no name
        }
    }

    /// The first step that is still to be done.
    pub fn first(&self) -> usize {
        self.from
    }

    /// The step before which rows have to wait for a query; the number of steps where none does.
    fn until(&self) -> usize {
        self.next_query().unwrap_or(self.ready.len())
    }

    /// Tells the names of the input's files, by which reasons name one where there are several.
    pub fn with_files(mut self, files: Vec<String>) -> Self {
        self.files = files;
        self
    }

    /// The columns of the rows that go in.
    pub fn input(&self) -> &SchemaRef {
        &self.input
    }

    /// The columns of the rows that come out.
    pub fn output(&self) -> &SchemaRef {
        &self.output
    }

    /// Indices of the input's columns that any step or the output reads, ascending.
    pub fn used_columns(&self) -> Vec<usize> {
        let mut used: Vec<usize> = (0..self.output.fields().len()).collect();
        for step in self.ready.iter().skip(self.from).rev() {
            match step {
                Ready::Sql(query) => used = (0..query.input.fields().len()).collect(),
                // A column that is made is evaluated even if nobody reads it: it may reject.
                Ready::Map(map) => {
                    used = map.made.iter().flat_map(|made| made.columns()).copied().collect();
                }
                Ready::Filter(expression) => used.extend(expression.columns()),
                Ready::Dedupe(dedupe) => used.extend(&dedupe.key),
                Ready::Lookup(lookup) => used = lookup.columns_before(&used),
                Ready::Nothing => {}
            }
        }
        used.sort_unstable();
        used.dedup();
        used
    }

    /// Indices (in `transform:`) of the steps that need a survey of the whole input, in the
    /// order in which the surveys must be made. Those behind a `sql` that is still to be done wait
    /// for it.
    pub fn surveys_needed(&self) -> Vec<usize> {
        let is_dedupe = |index: &usize| matches!(self.ready[*index], Ready::Dedupe(_));
        (self.from..self.until()).filter(is_dedupe).collect()
    }

    /// The name, in the run's folder, of what step `step`'s survey finds.
    pub fn survey_name(step: usize) -> String {
        format!("step-{step}-keys")
    }

    /// Begins the survey for step `step`, to which the rows of [`Steps::apply_until`] are added
    /// with the key of [`Steps::key`].
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn survey(&self, step: usize, folder: &Path) -> Result<KeySurvey, TransformError> {
        let dedupe = self.dedupe(step).ok_or(TransformError::NotSurveyed(step))?;
        Ok(KeySurvey::create(folder, &Self::survey_name(step), dedupe.keep)?)
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.ready.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty()
    }

    /// The rows that would fall at step `step` because another row has their key, each with that
    /// row; none where it is no `dedupe`.
    ///
    /// # Errors
    /// The list of keys cannot be read.
    pub fn losers(
        &self,
        step: usize,
        batch: &Batch,
    ) -> Result<Vec<(usize, Winner)>, TransformError> {
        match self.dedupe(step).and_then(|dedupe| dedupe.duplicates.as_ref()) {
            Some(duplicates) => Ok(duplicates.mark(batch)?),
            None => Ok(Vec::new()),
        }
    }

    /// The columns of the key of the `dedupe` at `step`, as indices into the columns before it.
    pub fn key(&self, step: usize) -> &[usize] {
        self.dedupe(step).map_or(&[], |dedupe| &dedupe.key)
    }

    /// Whether no step after `step` does anything to the rows.
    pub fn is_last_change(&self, step: usize) -> bool {
        self.ready.iter().skip(step + 1).all(|later| matches!(later, Ready::Nothing))
    }

    /// Gives the `dedupe` at `step` what its survey found.
    pub fn provide(&mut self, step: usize, found: Duplicates) {
        if let Some(Ready::Dedupe(dedupe)) = self.ready.get_mut(step) {
            dedupe.duplicates = Some(found);
        }
    }

    /// Indices (in `transform:`) of the steps that need a table.
    pub fn tables_needed(&self) -> Vec<usize> {
        let steps = self.ready.iter().enumerate();
        steps.filter(|(_, step)| matches!(step, Ready::Lookup(_))).map(|(index, _)| index).collect()
    }

    /// The name, in the run's folder, of step `step`'s table.
    pub fn table_name(step: usize) -> String {
        format!("step-{step}-table")
    }

    /// Gives the `lookup` at `step` its table, as a [`TableBuilder`](super::TableBuilder) made it.
    pub fn provide_table(&mut self, step: usize, table: Index) {
        if let Some(Ready::Lookup(lookup)) = self.ready.get_mut(step) {
            lookup.table = Some(table);
        }
    }

    fn dedupe(&self, step: usize) -> Option<&Dedupe> {
        match self.ready.get(step) {
            Some(Ready::Dedupe(dedupe)) => Some(dedupe),
            _ => None,
        }
    }

    /// Takes a batch through all steps, or up to the next `sql`. The rows that fall out go on `fallen`: step by step, and
    /// in the order of the input for each.
    ///
    /// # Errors
    /// The list of a `dedupe` or the table of a `lookup` is missing or cannot be read. A row's own failure is not an error.
    pub fn apply(&self, batch: Batch, fallen: &mut Vec<Fallen>) -> Result<Batch, TransformError> {
        self.apply_until(self.until(), batch, fallen)
    }

    /// Takes a batch through the steps before `step`. All their columns are made, also those
    /// that the survey does not read: an expression that fails rejects its row, and a rejected
    /// row must not win.
    ///
    /// # Errors
    /// As [`Steps::apply`].
    pub fn apply_until(
        &self,
        step: usize,
        mut batch: Batch,
        fallen: &mut Vec<Fallen>,
    ) -> Result<Batch, TransformError> {
        for index in self.from..step.min(self.ready.len()) {
            batch = self.apply_one(index, batch, fallen)?;
        }
        Ok(batch)
    }

    /// Takes a batch through the step `step` alone, for showing the rows after each.
    ///
    /// # Errors
    /// As [`Steps::apply`].
    pub fn apply_one(
        &self,
        step: usize,
        batch: Batch,
        fallen: &mut Vec<Fallen>,
    ) -> Result<Batch, TransformError> {
        match &self.ready[step] {
            Ready::Map(map) => Ok(map.apply(batch, fallen)?),
            Ready::Filter(expression) => Ok(filter(expression, batch, fallen)?),
            Ready::Dedupe(dedupe) => dedupe.apply(step, batch, &self.files, fallen),
            Ready::Lookup(lookup) => lookup.apply(step, batch, fallen),
            Ready::Sql(_) => Err(TransformError::WholeRelation(step)),
            Ready::Nothing => Ok(batch),
        }
    }
}

impl Map {
    fn apply(&self, batch: Batch, fallen: &mut Vec<Fallen>) -> Result<Batch, ArrowError> {
        let mut failed = Vec::new();
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.made.len());
        for made in &self.made {
            columns.push(match made {
                Made::Column(index) => Arc::clone(batch.columns.column(*index)),
                Made::Text(text) => same_text(text, batch.len()),
                Made::Sql(expression) => {
                    let values = expression.evaluate(&batch.columns)?;
                    failed.extend(values.failed);
                    values.values
                }
            });
        }
        // A mapping of nothing still has rows.
        let options = RecordBatchOptions::new().with_row_count(Some(batch.len()));
        let schema = Arc::clone(&self.columns);
        let columns = RecordBatch::try_new_with_options(schema, columns, &options)?;
        reject(failed, Batch { columns, ..batch }, fallen)
    }
}

fn same_text(text: &str, rows: usize) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(std::iter::repeat_n(text, rows)))
}

/// Takes the rows out for which expressions failed; a row tells all its reasons.
fn reject(
    mut failed: Vec<(usize, String)>,
    batch: Batch,
    fallen: &mut Vec<Fallen>,
) -> Result<Batch, ArrowError> {
    if failed.is_empty() {
        return Ok(batch);
    }
    failed.sort_by_key(|(row, _)| *row);
    let mut keep = vec![true; batch.len()];
    for same_row in failed.chunk_by(|(left, _), (right, _)| left == right) {
        let row = same_row[0].0;
        let reasons: Vec<&str> = same_row.iter().map(|(_, reason)| reason.as_str()).collect();
        keep[row] = false;
        fallen.push(Fallen {
            pick: batch.picks[row],
            fate: Fate::Rejected,
            reason: reasons.join("; "),
        });
    }
    retain(batch, &BooleanArray::from(keep))
}

fn filter(
    expression: &Expression,
    batch: Batch,
    fallen: &mut Vec<Fallen>,
) -> Result<Batch, ArrowError> {
    let values = expression.evaluate(&batch.columns)?;
    let keep = match values.values.as_boolean_opt() {
        Some(keep) if keep.null_count() > 0 => prep_null_mask_filter(keep),
        Some(keep) => keep.clone(),
        None => BooleanArray::from(vec![false; batch.len()]), // the filter `null`
    };
    if keep.true_count() == batch.len() {
        return Ok(batch);
    }
    let mut failed = values.failed.into_iter().peekable();
    for row in (0..batch.len()).filter(|&row| !keep.value(row)) {
        let (fate, reason) = match failed.next_if(|(bad, _)| *bad == row) {
            Some((_, reason)) => (Fate::Rejected, reason),
            None => (Fate::Skipped, format!("filter: {}", expression.sql)),
        };
        fallen.push(Fallen { pick: batch.picks[row], fate, reason });
    }
    retain(batch, &keep)
}

/// The rows for which `keep` is true.
pub(super) fn retain(batch: Batch, keep: &BooleanArray) -> Result<Batch, ArrowError> {
    let columns = filter_record_batch(&batch.columns, keep)?;
    let picks = batch.picks.iter().zip(keep.values()).filter(|(_, keep)| *keep);
    let picks = picks.map(|(pick, _)| *pick).collect();
    Ok(Batch { columns, picks, source: batch.source })
}

impl Dedupe {
    fn apply(
        &self,
        step: usize,
        batch: Batch,
        files: &[String],
        fallen: &mut Vec<Fallen>,
    ) -> Result<Batch, TransformError> {
        let duplicates = self.duplicates.as_ref().ok_or(TransformError::NotSurveyed(step))?;
        let losers = duplicates.mark(&batch)?;
        if losers.is_empty() {
            return Ok(batch);
        }
        let mut keep = vec![true; batch.len()];
        for (row, winner) in losers {
            keep[row] = false;
            let reason = self.reason(&batch, row, &winner, files);
            fallen.push(Fallen { pick: batch.picks[row], fate: self.fate(), reason });
        }
        Ok(retain(batch, &BooleanArray::from(keep))?)
    }

    /// A row that lost against another is a duplicate of the input; one of a key that nobody
    /// may have twice is wrong.
    fn fate(&self) -> Fate {
        match self.keep {
            Keep::First | Keep::Last => Fate::Skipped,
            Keep::RejectAll => Fate::Rejected,
        }
    }

    fn reason(&self, batch: &Batch, row: usize, winner: &Winner, files: &[String]) -> String {
        let key = self.key.iter().map(|&column| {
            let name = batch.columns.schema_ref().field(column).name();
            format!("{name} = {}", shown(batch.columns.column(column), row))
        });
        let key = key.collect::<Vec<_>>().join(", ");
        let file = files.get(winner.file as usize).filter(|_| files.len() > 1);
        let file = file.map(|file| format!(" of `{file}`")).unwrap_or_default();
        let relation = match self.keep {
            Keep::First | Keep::Last => "duplicate of",
            Keep::RejectAll => "same key as",
        };
        format!("{relation} line {}{file}: {key}", winner.line)
    }
}

#[cfg(test)]
#[path = "steps_tests.rs"]
mod tests;
