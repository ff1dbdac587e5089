//! `lookup`: columns from a table of another file, or from what another pipeline has loaded.
//!
//! The table is no part of the input and may be as large: it is laid down on disk once per run
//! ([`TableBuilder`]), so that a resumed run sees the same rows, and each batch is looked up in it
//! at once.

mod options;
mod table;

use std::sync::Arc;

use datafusion::arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions, StringArray},
    compute::cast,
    datatypes::{DataType, SchemaRef},
    error::ArrowError,
};

pub use options::{LookupOptions, Missing, Pairs, Table};
pub use table::TableBuilder;

use super::{
    failure,
    steps::{TransformError, retain},
};
use crate::{
    batch::{Batch, Fallen, Fate},
    index::{Index, Values, Which, key_of},
};

/// Places that a reason names, where a key stands in the table more than once.
const PLACES: usize = 3;

/// `lookup:`, ready to run once its table is there.
#[derive(Debug)]
pub(super) struct Lookup {
    /// The table as the pipeline file names it.
    pub from: String,
    /// The columns that are looked up.
    pub on: Vec<usize>,
    /// How each of `columns` is made.
    pub made: Vec<Made>,
    /// The columns after the step.
    pub columns: SchemaRef,
    pub missing: Missing,
    /// Whether of rows with the same key the last wins; else none does.
    pub last_wins: bool,
    pub table: Option<Index>,
}

/// What a column is made from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Made {
    /// A column of before, as it is.
    Column(usize),
    /// A value of the table's row.
    Taken(usize),
}

impl Lookup {
    /// Of the columns after the step, given by `used`, those before it that they need.
    pub fn columns_before(&self, used: &[usize]) -> Vec<usize> {
        let kept = used.iter().filter_map(|column| match self.made[*column] {
            Made::Column(before) => Some(before),
            Made::Taken(_) => None,
        });
        kept.chain(self.on.iter().copied()).collect()
    }

    pub fn apply(
        &self,
        step: usize,
        batch: Batch,
        fallen: &mut Vec<Fallen>,
    ) -> Result<Batch, TransformError> {
        let table = self.table.as_ref().ok_or(TransformError::NoTable(step))?;
        let texts = self.on.iter().map(|column| as_text(batch.columns.column(*column)));
        let texts = texts.collect::<Result<Vec<_>, _>>()?;
        let keys: Vec<Option<String>> = (0..batch.len()).map(|row| key(&texts, row)).collect();
        let which = if self.last_wins { Which::Last } else { Which::First(PLACES + 1) };
        let found = table.find_all(&keys, which)?;

        let mut keep = vec![true; batch.len()];
        for (row, found) in found.iter().enumerate() {
            if let Some((fate, why)) = self.falls(found) {
                keep[row] = false;
                let reason = self.reason(&batch, &texts, row, &why);
                fallen.push(Fallen { pick: batch.picks[row], fate, reason });
            }
        }
        let batch = self.with_taken(batch, &found)?;
        match keep.contains(&false) {
            true => Ok(retain(batch, &BooleanArray::from(keep))?),
            false => Ok(batch),
        }
    }

    /// Whether a row for which the table has these falls out, and what is wrong with its key.
    fn falls(&self, found: &[Values]) -> Option<(Fate, String)> {
        match (found, self.missing) {
            ([_], _) | ([], Missing::Null) => None,
            ([], Missing::Reject) => Some((Fate::Rejected, format!("not in {}", self.from))),
            ([], Missing::Skip) => Some((Fate::Skipped, format!("not in {}", self.from))),
            (several, _) => {
                let places = several.iter().filter_map(|values| values.last()?.as_deref());
                let mut places: Vec<&str> = places.take(PLACES).collect();
                places.extend((several.len() > PLACES).then_some("others"));
                let last = places.pop().unwrap_or_default();
                let places = places.join(", ");
                Some((
                    Fate::Rejected,
                    format!("in {} more than once: {places} and {last}", self.from),
                ))
            }
        }
    }

    /// `contact_id: `C-17` is not in results:customers`.
    fn reason(&self, batch: &Batch, texts: &[StringArray], row: usize, why: &str) -> String {
        let names =
            self.on.iter().map(|column| batch.columns.schema_ref().field(*column).name().as_str());
        let values = texts.iter().map(|text| match text.is_valid(row) {
            true => format!("`{}`", failure::shortened(text.value(row))),
            false => "null".to_owned(),
        });
        let values = values.collect::<Vec<_>>().join(", ");
        let is = if self.on.len() == 1 { "is" } else { "are together" };
        format!("{}: {values} {is} {why}", names.collect::<Vec<_>>().join(", "))
    }

    /// The batch with the columns that were found; null where nothing was.
    fn with_taken(&self, batch: Batch, found: &[Vec<Values>]) -> Result<Batch, ArrowError> {
        let taken = |value: usize| -> ArrayRef {
            let values = found.iter().map(|rows| rows.first()?.get(value)?.as_deref());
            Arc::new(values.collect::<StringArray>())
        };
        let columns = self.made.iter().map(|made| match made {
            Made::Column(index) => Arc::clone(batch.columns.column(*index)),
            Made::Taken(value) => taken(*value),
        });
        let columns = columns.collect();
        let options = RecordBatchOptions::new().with_row_count(Some(batch.len()));
        let schema = Arc::clone(&self.columns);
        let columns = RecordBatch::try_new_with_options(schema, columns, &options)?;
        Ok(Batch { columns, ..batch })
    }
}

/// The key of a row; none if one of its columns is null.
fn key(texts: &[StringArray], row: usize) -> Option<String> {
    let part = |text: &'_ StringArray| text.is_valid(row).then(|| text.value(row).to_owned());
    match texts {
        [only] => part(only),
        texts => {
            let parts = texts.iter().map(part).collect::<Option<Vec<_>>>()?;
            Some(key_of(&parts.iter().map(String::as_str).collect::<Vec<_>>()))
        }
    }
}

/// A column as text: numbers are compared with a table by theirs.
fn as_text(column: &ArrayRef) -> Result<StringArray, ArrowError> {
    match column.data_type() {
        DataType::Utf8 => Ok(column.as_string().clone()),
        DataType::Null => Ok(StringArray::new_null(column.len())),
        _ => Ok(cast(column, &DataType::Utf8)?.as_string().clone()),
    }
}

#[cfg(test)]
mod tests;
