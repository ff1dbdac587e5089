//! `sql`: a query over all rows at once.
//!
//! A query sees the rows before it as the table `input`, and further tables by their names. It is
//! planned when the steps are compiled, so that its mistakes are told at `check`, with what would
//! make its result another one each time ([`order`]). The run gives it its tables as
//! [`Relation`]s, and keeps the rows that come out: what a resumed run reads is what was kept.
//!
//! Memory is limited: what does not fit is written to a folder and read back ([`session`]).

mod check;
mod order;
mod scan;
mod session;

use std::{collections::BTreeMap, fmt, path::Path, sync::Arc};

use datafusion::{
    arrow::{
        array::{RecordBatch, RecordBatchOptions},
        compute::cast,
        datatypes::{DataType, Field, Schema, SchemaRef},
        error::ArrowError,
    },
    common::DataFusionError,
    logical_expr::LogicalPlan,
    physical_plan::execute_stream,
};
use futures::StreamExt;
use jiff::Timestamp;

use self::session::{Joins, Session};
use super::{engine::EngineError, failure, lookup::Pairs, place::Place};
use crate::{diagnostic::Diagnostic, yaml::Spanned};

/// The table that the rows before the step are.
pub(super) const INPUT: &str = "input";

/// `sql: "SELECT .. FROM input .."`, and `tables: {name: path}` beside it.
#[derive(Clone, Debug)]
pub struct SqlOptions {
    /// One query.
    pub sql: Spanned<String>,
    /// Further tables: their names, and where each comes from.
    pub tables: Pairs,
}

/// The columns of the tables that `sql` steps read beside `input`, by the steps' indices in
/// `transform:`, in the order of `tables:`. Those of a table that is not there yet are not known.
pub type QueryTables = BTreeMap<usize, Vec<Option<SchemaRef>>>;

/// Why rows of a relation cannot be read.
pub type RelationError = Box<dyn std::error::Error + Send + Sync>;

/// Rows of a relation, on their way into a query.
pub type RelationRows = Box<dyn Iterator<Item = Result<RecordBatch, RelationError>> + Send>;

/// Rows that a query reads, once or several times.
pub trait Relation: fmt::Debug + Send + Sync {
    /// The columns.
    fn schema(&self) -> SchemaRef;

    /// About how many rows there are, where that is known.
    fn rows(&self) -> Option<u64>;

    /// The columns that tell rows apart of which only the last counts; none where all count.
    fn last_counts_by(&self) -> Vec<String> {
        Vec::new()
    }

    /// All rows, with these columns in this order.
    ///
    /// # Errors
    /// What is read cannot be.
    fn read(&self, columns: &[usize]) -> Result<RelationRows, RelationError>;
}

/// Why a query did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// A value of some row, or what is read.
    #[error("the query of step {step} failed: {why}")]
    Failed {
        /// Index of the step in `transform:`, from 1.
        step: usize,
        /// What is wrong.
        why: String,
    },
    /// It needs more memory at once than it is given.
    #[error("the query of step {step} needs more memory than it is given: {why}")]
    Memory {
        /// Index of the step in `transform:`, from 1.
        step: usize,
        /// Which part of it.
        why: String,
    },
}

impl QueryError {
    /// What to do about it, in a sentence.
    pub fn hint(&self) -> String {
        match self {
            QueryError::Failed { .. } => {
                "one value fails the whole query: use `try_cast`, or take such rows out by a `filter` \
                 before it; nothing was sent"
                    .into()
            }
            QueryError::Memory { .. } => {
                "let the query keep less at once: fewer columns, groups or `array_agg`s, or a join by \
                 equal columns instead of another condition; nothing was sent"
                    .into()
            }
        }
    }
}

/// A query, ready to run once it has its tables.
#[derive(Clone, Debug)]
pub(super) struct Query {
    /// Index of the step in `transform:`.
    step: usize,
    sql: String,
    /// The names of the tables beside `input`.
    tables: Vec<String>,
    now: Timestamp,
    /// The columns before the step.
    pub input: SchemaRef,
    /// The columns that come out.
    pub output: SchemaRef,
}

/// What is known of a query once it was planned.
pub(super) struct Planned {
    pub query: Query,
    /// What a user should know about it, and that stops nothing.
    pub warnings: Vec<String>,
}

/// Plans a query over `input` and its further tables.
///
/// # Errors
/// All that is wrong with it, each with its place.
pub(super) fn plan(
    step: usize,
    options: &SqlOptions,
    place: Place<'_>,
    input: &SchemaRef,
    known: Option<&[Option<SchemaRef>]>,
    now: Timestamp,
) -> Result<Planned, Vec<Diagnostic>> {
    let session = Session::new(now, None, Joins::Hashed)
        .map_err(|error| vec![Diagnostic::new(place.sql.span, failure::of_expression(&error))])?;
    let tables = options.tables.0.iter().map(|(name, _)| name.value.clone()).collect::<Vec<_>>();
    let parsed = check::parse(&session, place, options)?;
    let schema = |index: usize| known.and_then(|known| known.get(index)?.clone());
    let mut schemas: Vec<(String, SchemaRef)> = vec![(INPUT.to_owned(), Arc::clone(input))];
    for (index, name) in tables.iter().enumerate() {
        let columns = schema(index).unwrap_or_else(|| check::guessed(&parsed, &schemas));
        schemas.push((name.clone(), columns));
    }
    let sources = schemas.iter().map(|(name, schema)| (name.clone(), scan::columns_only(schema)));
    let planned = session
        .plan(parsed, sources.collect())
        .and_then(|plan| Ok((session.state.optimize(&plan)?, plan)));
    let (optimized, plan) =
        planned.map_err(|error| vec![check::complaint(&error, place, &schemas)])?;
    let mut wrong = order::undetermined(&plan, place);
    let output = output(&optimized, place, &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let warnings = match order::is_ordered(&plan) {
        true => Vec::new(),
        false => vec![format!(
            "step {}: no ORDER BY ends the query, so that the order of its rows may be another in \
             another run. This run keeps the rows, and a resume reads them as they are kept; where \
             it matters beyond that which row comes first (`dedupe`, `_line`), end it with ORDER BY",
            step + 1
        )],
    };
    let (sql, input) = (options.sql.value.clone(), Arc::clone(input));
    Ok(Planned { query: Query { step, sql, tables, now, input, output }, warnings })
}

/// The columns that come out, in kinds that the steps after it know.
fn output(plan: &LogicalPlan, place: Place<'_>, wrong: &mut Vec<Diagnostic>) -> SchemaRef {
    let mut fields: Vec<Field> = Vec::new();
    for field in plan.schema().fields() {
        let name = field.name();
        if fields.iter().any(|known| known.name() == name) {
            let message = format!("the query gives the column `{name}` twice");
            wrong.push(
                Diagnostic::new(place.word(name), message)
                    .with_hint(format!("name one of them otherwise, as in `.. AS {name}_2`")),
            );
            continue;
        }
        let data_type = match field.data_type() {
            DataType::Utf8View | DataType::LargeUtf8 | DataType::Null => DataType::Utf8,
            DataType::BinaryView | DataType::LargeBinary => DataType::Binary,
            DataType::Dictionary(_, values) => values.as_ref().clone(),
            other => other.clone(),
        };
        if let DataType::Interval(_) = data_type {
            let message = format!("the column `{name}` is an interval, which cannot be kept");
            wrong.push(
                Diagnostic::new(place.word(name), message)
                    .with_hint("make it text by `cast(.. as varchar)`, or a number"),
            );
        }
        fields.push(Field::new(name, data_type, true));
    }
    Arc::new(Schema::new(fields))
}

impl Query {
    /// Runs the query over its tables, `input` first, and hands its rows on. `spill` is a folder
    /// for what does not fit into memory. Where joins that keep one side in memory do not fit,
    /// `anew` is called, and all rows come again from the first on.
    ///
    /// # Errors
    /// A value that fails, rows that cannot be read, memory that is not enough; `hand_on` says
    /// that it is enough by an error of its own, which is given back.
    pub fn run<E: From<QueryError>>(
        &self,
        relations: &[Arc<dyn Relation>],
        spill: &Path,
        mut anew: impl FnMut() -> Result<(), E>,
        mut hand_on: impl FnMut(RecordBatch) -> Result<(), E>,
    ) -> Result<(), E> {
        match self.attempt(relations, spill, Joins::Hashed, &mut hand_on) {
            Err(Stopped::Engine(error)) if is_memory(&error) => {
                anew()?;
                self.attempt(relations, spill, Joins::Sorted, &mut hand_on)
            }
            ended => ended,
        }
        .map_err(|stopped| match stopped {
            Stopped::Engine(error) => self.error(&error).into(),
            Stopped::Taker(error) => error,
        })
    }

    fn error(&self, error: &EngineError) -> QueryError {
        let step = self.step + 1;
        match is_memory(error) {
            true => {
                let message = error.find_root().strip_backtrace();
                let why = message.lines().next().unwrap_or_default().to_owned();
                QueryError::Memory { step, why }
            }
            false => QueryError::Failed { step, why: failure::of_value(error) },
        }
    }

    fn attempt<E>(
        &self,
        relations: &[Arc<dyn Relation>],
        spill: &Path,
        joins: Joins,
        hand_on: &mut impl FnMut(RecordBatch) -> Result<(), E>,
    ) -> Result<(), Stopped<E>> {
        let session = Session::new(self.now, Some(spill), joins)?;
        let names = std::iter::once(INPUT).chain(self.tables.iter().map(String::as_str));
        let mut sources = Vec::new();
        for (name, relation) in names.zip(relations) {
            sources.push((name.to_owned(), session.table(relation)?));
        }
        let plan = session.plan_text(&self.sql, sources)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .map_err(DataFusionError::from)?;
        let ended = runtime.block_on(async {
            let physical = session.state.create_physical_plan(&plan).await?;
            let mut rows = execute_stream(physical, session.state.task_ctx())?;
            while let Some(batch) = rows.next().await {
                let batch = self.in_kinds(&batch?).map_err(DataFusionError::from)?;
                hand_on(batch).map_err(Stopped::Taker)?;
            }
            Ok(())
        });
        // A thread that still reads a file ends with the next batch that nobody takes.
        runtime.shutdown_background();
        ended
    }

    /// The rows in the kinds of `output`.
    fn in_kinds(&self, rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let columns = rows.columns().iter().zip(self.output.fields());
        let columns = columns.map(|(column, field)| cast(column, field.data_type()));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.output), columns, &options)
    }
}

/// Why no further rows come.
enum Stopped<E> {
    Engine(EngineError),
    Taker(E),
}

impl<E> From<EngineError> for Stopped<E> {
    fn from(error: EngineError) -> Self {
        Stopped::Engine(error)
    }
}

fn is_memory(error: &EngineError) -> bool {
    matches!(error.find_root(), DataFusionError::ResourcesExhausted(_))
}

#[cfg(test)]
mod tests;
