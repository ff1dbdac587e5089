//! An expression over batches, of which a failing row never takes its batch along.

use datafusion::arrow::{
    array::{Array, ArrayRef, RecordBatch, new_null_array},
    compute::{cast, concat},
    datatypes::DataType,
    error::ArrowError,
    util::display::{ArrayFormatter, FormatOptions},
};

use super::{
    engine::{EngineError, Planned},
    failure,
};

/// From how few rows on halving them further is not worth it: of few rows, one of which fails,
/// mostly others fail as well.
const ONE_BY_ONE: usize = 8;

/// An expression, with what a reason tells of it.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    /// The column that it makes, or `filter`.
    pub target: String,
    /// As the pipeline file writes it.
    pub sql: String,
    planned: Planned,
}

/// The values of an expression over a batch.
pub(super) struct Values {
    /// One value per row; null for the rows that failed.
    pub values: ArrayRef,
    /// The rows that failed, ascending, with the reason.
    pub failed: Vec<(usize, String)>,
}

impl Expression {
    /// `sql` as planned, which makes `target`.
    pub fn new(target: impl Into<String>, sql: impl Into<String>, planned: Planned) -> Self {
        Expression { target: target.into(), sql: sql.into(), planned }
    }

    /// The type of its values.
    pub fn data_type(&self) -> &DataType {
        &self.planned.data_type
    }

    /// Indices of the columns that it reads, ascending.
    pub fn columns(&self) -> &[usize] {
        &self.planned.columns
    }

    /// Evaluates over all rows; where that fails, finds the rows for which it does by halving.
    pub fn evaluate(&self, rows: &RecordBatch) -> Result<Values, ArrowError> {
        let mut pieces = Vec::new();
        let mut failed = Vec::new();
        self.evaluate_part(rows, 0, &mut pieces, &mut failed);
        let values = match pieces.as_slice() {
            [] => new_null_array(self.data_type(), 0),
            [piece] => piece.clone(),
            pieces => concat(&pieces.iter().map(|piece| &**piece).collect::<Vec<_>>())?,
        };
        Ok(Values { values, failed })
    }

    fn evaluate_part(
        &self,
        part: &RecordBatch,
        offset: usize,
        pieces: &mut Vec<ArrayRef>,
        failed: &mut Vec<(usize, String)>,
    ) {
        let rows = part.num_rows();
        if rows == 0 {
            return;
        }
        match self.try_evaluate(part) {
            Ok(values) => pieces.push(values),
            Err(error) if rows == 1 => {
                failed.push((offset, self.reason(&error, part)));
                pieces.push(new_null_array(self.data_type(), 1));
            }
            Err(_) => {
                let some = if rows <= ONE_BY_ONE { 1 } else { rows.div_ceil(2) };
                for from in (0..rows).step_by(some) {
                    let part = part.slice(from, some.min(rows - from));
                    self.evaluate_part(&part, offset + from, pieces, failed);
                }
            }
        }
    }

    /// Evaluates over all rows, or fails as a whole.
    pub fn try_evaluate(&self, rows: &RecordBatch) -> Result<ArrayRef, EngineError> {
        let values = self.planned.physical.evaluate(rows)?.into_array(rows.num_rows())?;
        if values.data_type() == self.data_type() {
            Ok(values)
        } else {
            Ok(cast(&values, self.data_type())?)
        }
    }

    /// The target, the expression, what is wrong, and the values it was computed from.
    fn reason(&self, error: &EngineError, row: &RecordBatch) -> String {
        let wrong = failure::of_value(error);
        let used = self.columns().iter().map(|&column| {
            let name = row.schema_ref().field(column).name();
            format!("{name} = {}", shown(row.column(column), 0))
        });
        let used = used.collect::<Vec<_>>().join(", ");
        let values = if used.is_empty() { used } else { format!(" ({used})") };
        format!("{}: `{}` failed: {wrong}{values}", self.target, self.sql)
    }
}

/// A value as a reason shows it.
pub(super) fn shown(column: &ArrayRef, row: usize) -> String {
    if column.is_null(row) {
        return "null".to_owned();
    }
    let formatter = ArrayFormatter::try_new(column, &FormatOptions::default());
    let text = formatter.and_then(|f| f.value(row).try_to_string()).unwrap_or_default();
    format!("`{}`", failure::shortened(&text))
}
