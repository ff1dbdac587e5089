//! The files of a table as what a query reads.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array},
    compute::cast,
    datatypes::{DataType, Field, Schema, SchemaRef},
};

use super::tables::{self, Bad, Found, Part};
use crate::{
    batch::{Chunk, Position},
    extract::{CHUNK_ROWS, Rows, Source},
    transform::{Relation, RelationError, RelationRows},
};

/// Bytes of a row of text, where nothing better is known: only a guess at how many rows there are.
const ROW_BYTES: u64 = 64;

/// The files of a table.
#[derive(Debug)]
pub struct Files {
    schema: SchemaRef,
    parts: Vec<Part>,
    /// The columns that tell its rows apart, where of equal ones only the last counts.
    key: Vec<String>,
    /// What was said of rows that cannot be read.
    told: Arc<Mutex<Vec<String>>>,
}

/// The columns that any of a table's files has; not known where none is there. A column that has
/// several types is text.
pub fn columns(found: &Found) -> Option<SchemaRef> {
    let mut fields: Vec<Field> = Vec::new();
    for part in &found.parts {
        for field in part.source.schema().fields() {
            match fields.iter_mut().find(|known| known.name() == field.name()) {
                Some(known) if known.data_type() != field.data_type() => {
                    *known = known.clone().with_data_type(DataType::Utf8);
                }
                Some(_) => {}
                None => fields.push(field.as_ref().clone()),
            }
        }
    }
    (!found.parts.is_empty()).then(|| Arc::new(Schema::new(fields)))
}

impl Files {
    /// The rows of a source.
    pub fn of_source(source: Source) -> Self {
        let schema = source.schema();
        let parts = vec![Part { source, committed: None }];
        Files { schema, parts, key: Vec::new(), told: Arc::default() }
    }

    /// The rows of a table that was found.
    pub fn of_table(found: &Found) -> Self {
        let schema = columns(found).unwrap_or_else(|| Arc::new(Schema::empty()));
        // What a record is known by stands in `loaded.csv` between the place and what was done.
        let of_runs = found.parts.iter().all(|part| part.committed.is_some());
        let names = schema.fields().iter().map(|field| field.name().as_str());
        let key = names
            .skip_while(|name| ["_line", "_file"].contains(name))
            .take_while(|name| *name != "_done" && of_runs)
            .map(str::to_owned)
            .collect();
        Files { schema, parts: found.parts.clone(), key, told: Arc::default() }
    }

    /// What is to be said of rows that could not be read, once.
    pub fn warnings(&self) -> Vec<String> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let mut warnings = std::mem::take(&mut *told);
        warnings.sort();
        warnings.dedup();
        warnings
    }
}

impl Relation for Files {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn rows(&self) -> Option<u64> {
        let of_part = |part: &Part| match &part.source {
            Source::Parquet(parquet) => parquet.total_rows(),
            other => other.total_bytes() / ROW_BYTES,
        };
        Some(self.parts.iter().map(of_part).sum())
    }

    fn last_counts_by(&self) -> Vec<String> {
        self.key.clone()
    }

    fn read(&self, columns: &[usize]) -> Result<RelationRows, RelationError> {
        let schema = Arc::new(self.schema.project(columns)?);
        let told = Arc::clone(&self.told);
        Ok(Box::new(Reading { parts: self.parts.clone().into_iter(), schema, current: None, told }))
    }
}

/// The rows of all files, one after the other.
struct Reading {
    parts: std::vec::IntoIter<Part>,
    /// The columns that are wanted.
    schema: SchemaRef,
    current: Option<(Part, Box<dyn Rows>, Bad)>,
    told: Arc<Mutex<Vec<String>>>,
}

impl Reading {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, RelationError> {
        loop {
            let Some((part, rows, bad)) = &mut self.current else {
                let Some(part) = self.parts.next() else { return Ok(None) };
                let names = part.source.schema();
                let used =
                    self.schema.fields().iter().filter_map(|f| names.index_of(f.name()).ok());
                let used: Vec<usize> = used.collect();
                let rows = part.source.rows_of(Position::default(), CHUNK_ROWS, &used)?;
                self.current = Some((part, rows, Bad::default()));
                continue;
            };
            if let Some(mut chunk) = rows.next_chunk()? {
                if let Some(end) = part.committed {
                    chunk = tables::before(chunk, end);
                }
                bad.count(&chunk);
                return Ok(Some(in_place(&chunk, &self.schema)?));
            }
            let warning = std::mem::take(bad).told(part);
            self.told.lock().unwrap_or_else(PoisonError::into_inner).extend(warning);
            self.current = None;
        }
    }
}

impl Iterator for Reading {
    type Item = Result<RecordBatch, RelationError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_batch().transpose()
    }
}

/// The rows with the columns that are wanted, in their types; null where the file has none.
fn in_place(chunk: &Chunk, schema: &SchemaRef) -> Result<RecordBatch, RelationError> {
    let rows = &chunk.rows.columns;
    let columns = schema.fields().iter().map(|field| -> Result<ArrayRef, RelationError> {
        match rows.column_by_name(field.name()) {
            Some(column) => Ok(cast(column, field.data_type())?),
            None => Ok(new_null_array(field.data_type(), rows.num_rows())),
        }
    });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}
