//! Rows as JSON objects, one on each line: numbers as numbers, instants as ISO 8601 in UTC, no
//! value as `null`.

use arrow::{array::RecordBatch, datatypes::SchemaRef, error::ArrowError};

use super::{
    cells::{Cells, TextOf, json_text},
    stream::TextFile,
};
use crate::load::files::{FileLoadError, staging::Staged};

/// Writes one file.
pub struct JsonWriter {
    file: TextFile,
    path: std::path::PathBuf,
    /// `{"first":`, `,"second":`, ...
    names: Vec<Vec<u8>>,
}

impl JsonWriter {
    /// A file of objects with these names.
    pub fn new(file: TextFile, path: std::path::PathBuf, schema: &SchemaRef) -> JsonWriter {
        let name = |(index, field): (usize, &arrow::datatypes::FieldRef)| {
            let mut name = vec![if index == 0 { b'{' } else { b',' }];
            json_text(field.name(), &mut name);
            name.push(b':');
            name
        };
        JsonWriter { file, path, names: schema.fields().iter().enumerate().map(name).collect() }
    }

    /// Adds rows.
    pub fn write(&mut self, rows: &RecordBatch) -> Result<(), FileLoadError> {
        let failed = |error| FileLoadError::columns(&self.path, error);
        let cells: Result<Vec<Cells>, ArrowError> =
            rows.columns().iter().map(|column| Cells::of(column, TextOf::Json)).collect();
        let cells = cells.map_err(failed)?;
        let mut text = Vec::new();
        for row in 0..rows.num_rows() {
            for (name, cells) in self.names.iter().zip(&cells) {
                text.extend_from_slice(name);
                cells.write_json(row, &mut text).map_err(failed)?;
            }
            if cells.is_empty() {
                text.push(b'{');
            }
            text.extend_from_slice(b"}\n");
        }
        self.file.write(&text)
    }

    /// Makes the file durable.
    pub fn finish(self) -> Result<Staged, FileLoadError> {
        self.file.finish()
    }
}
