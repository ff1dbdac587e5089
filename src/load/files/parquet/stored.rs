//! The rows of a file that is there already, in the columns of the table of now.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array, new_null_array},
    compute::take,
    datatypes::{DataType, Schema, SchemaRef},
    error::ArrowError,
};
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{
        ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
    },
};

use super::{Layout, folders};
use crate::load::files::{FileLoadError, columns::as_type};

/// Rows that are decoded at a time.
const BATCH_ROWS: usize = 8192;

/// A file of the table, from which rows are read again.
pub struct StoredFile<'a> {
    /// Where it can be read.
    path: PathBuf,
    /// Its name in the folder, which tells the values that are not in it.
    name: &'a str,
    layout: &'a Layout,
}

/// Rows of a file, in order.
pub struct StoredRows<'a> {
    file: &'a StoredFile<'a>,
    reader: ParquetRecordBatchReader,
    /// The columns that are wanted.
    schema: SchemaRef,
    /// The values that its folders name, one row of each, by name.
    folders: Vec<(String, ArrayRef)>,
}

impl<'a> StoredFile<'a> {
    pub fn new(path: PathBuf, name: &'a str, layout: &'a Layout) -> Self {
        StoredFile { path, name, layout }
    }

    /// The rows, with these columns of the table only. `picked` says which rows; all, if none.
    pub fn rows(
        &'a self,
        columns: &[usize],
        picked: Option<&[usize]>,
    ) -> Result<StoredRows<'a>, FileLoadError> {
        let table = &self.layout.table;
        let fields: Vec<_> =
            columns.iter().map(|index| Arc::clone(&table.fields()[*index])).collect();
        let schema = Arc::new(Schema::new(fields));
        let file =
            File::open(&self.path).map_err(|error| FileLoadError::io(&self.path, "read", error))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file)
            .map_err(|error| FileLoadError::parquet(&self.path, "read", error))?;
        let there = builder.schema();
        let wanted: Vec<usize> = (0..there.fields().len())
            .filter(|index| schema.index_of(there.field(*index).name()).is_ok())
            .collect();
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
        let mut builder = builder.with_projection(mask).with_batch_size(BATCH_ROWS);
        if let Some(picked) = picked {
            builder = builder.with_row_selection(selection(picked));
        }
        let reader =
            builder.build().map_err(|error| FileLoadError::parquet(&self.path, "read", error))?;
        let named: Vec<(String, DataType)> = self
            .layout
            .folders
            .iter()
            .map(|index| table.field(*index))
            .map(|field| (field.name().clone(), field.data_type().clone()))
            .collect();
        let values = folders::values_of(self.name, &named)?;
        let folders = named.into_iter().map(|(name, _)| name).zip(values).collect();
        Ok(StoredRows { file: self, reader, schema, folders })
    }
}

impl StoredRows<'_> {
    /// The next rows; none at the end.
    pub fn next(&mut self) -> Result<Option<RecordBatch>, FileLoadError> {
        let path: &Path = &self.file.path;
        let Some(rows) = self.reader.next() else { return Ok(None) };
        let rows = rows.map_err(|error| match error {
            ArrowError::ParquetError(why) => FileLoadError::Parquet {
                path: path.to_owned(),
                source: parquet::errors::ParquetError::General(why),
            },
            error => FileLoadError::columns(path, error),
        })?;
        self.arrange(&rows).map(Some).map_err(|error| FileLoadError::columns(path, error))
    }

    /// The rows in the columns that are wanted; those that the file lacks have no values.
    fn arrange(&self, rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let count = rows.num_rows();
        let columns: Result<Vec<ArrayRef>, ArrowError> = self
            .schema
            .fields()
            .iter()
            .map(|field| {
                if let Some(column) = rows.column_by_name(field.name()) {
                    return as_type(column, field.data_type());
                }
                match self.folders.iter().find(|(name, _)| name == field.name()) {
                    Some((_, value)) => take(value, &UInt32Array::from(vec![0; count]), None),
                    None => Ok(new_null_array(field.data_type(), count)),
                }
            })
            .collect();
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns?, &options)
    }
}

/// These rows, which ascend, and no others.
fn selection(picked: &[usize]) -> RowSelection {
    let mut selectors = Vec::new();
    let mut next = 0;
    for run in picked.chunk_by(|one, other| one + 1 == *other) {
        if run[0] > next {
            selectors.push(RowSelector::skip(run[0] - next));
        }
        selectors.push(RowSelector::select(run.len()));
        next = run[0] + run.len();
    }
    selectors.into()
}
