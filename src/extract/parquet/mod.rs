//! Parquet files, read row group by row group.
//!
//! A row is known by its number in its file: [`Origin::start`] counts from 0 and [`Origin::line`]
//! from 1. Reading goes on from any row, since the row groups before it are not touched and the
//! pages before it are not decoded.

mod options;
mod rows;

#[cfg(test)]
mod tests;

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::{
    arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions},
    errors::ParquetError,
};

pub use options::ParquetOptions;
pub use rows::{ParquetRereader, ParquetRows};

use super::{ExtractError, csv, inputs};
use crate::{batch::Position, files::FileError};

/// Parquet files that were found, with columns that they share.
#[derive(Clone, Debug)]
pub struct ParquetSource(Arc<Opened>);

/// What is known of the files of a source.
#[derive(Debug)]
struct Opened {
    files: Vec<PathBuf>,
    sizes: Vec<u64>,
    metadata: Vec<ArrowReaderMetadata>,
    schema: SchemaRef,
    warnings: Vec<String>,
    /// Ordinal of the first row.
    first: u64,
}

impl ParquetSource {
    /// Finds the files and reads their footers; see [`Source::open`](super::Source::open).
    pub fn open(
        options: &ParquetOptions,
        input_override: Option<&[PathBuf]>,
    ) -> Result<Self, ExtractError> {
        Self::of_files(inputs::files(&options.path, input_override)?, 0)
    }

    /// The files at these paths, whose first row has the number `first` in the whole input.
    pub fn of_files(files: Vec<PathBuf>, first: u64) -> Result<Self, ExtractError> {
        let sizes = inputs::sizes(&files)?;
        let metadata =
            files.iter().map(|path| footer(path)).collect::<Result<Vec<_>, ExtractError>>()?;
        let mut schemas = metadata.iter().map(|metadata| columns(metadata.schema()));
        let (schema, warnings) = schemas.next().unwrap_or_else(|| columns(&Schema::empty()));
        for (index, (other, _)) in schemas.enumerate() {
            if let Some(how) = difference(&schema, &other) {
                let (path, first) = (files[index + 1].clone(), files[0].clone());
                return Err(ExtractError::ColumnsDiffer { path, first, how });
            }
        }
        let schema = Arc::new(schema);
        Ok(ParquetSource(Arc::new(Opened { files, sizes, metadata, schema, warnings, first })))
    }

    /// The columns, of the types that the files say; all of Arrow's kinds of text are one.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.0.schema)
    }

    /// The files in their order.
    pub fn files(&self) -> &[PathBuf] {
        &self.0.files
    }

    /// Bytes of all files as they are stored.
    pub fn total_bytes(&self) -> u64 {
        self.0.sizes.iter().sum()
    }

    /// Rows of all files.
    pub fn total_rows(&self) -> u64 {
        self.0.metadata.iter().map(rows_in).sum()
    }

    /// Columns that were renamed.
    pub fn warnings(&self) -> &[String] {
        &self.0.warnings
    }

    /// What the writer of the first file has noted under a key.
    pub fn note(&self, key: &str) -> Option<&str> {
        let notes = self.0.metadata.first()?.metadata().file_metadata().key_value_metadata()?;
        notes.iter().find(|note| note.key == key)?.value.as_deref()
    }

    /// The rows from a place on.
    pub fn rows(&self, from: Position, chunk_rows: usize) -> Result<ParquetRows, ExtractError> {
        let all: Vec<usize> = (0..self.0.schema.fields().len()).collect();
        self.rows_of(from, chunk_rows, &all)
    }

    /// The rows from a place on, with no more than these columns; the others are null.
    pub fn rows_of(
        &self,
        from: Position,
        chunk_rows: usize,
        used: &[usize],
    ) -> Result<ParquetRows, ExtractError> {
        Ok(ParquetRows::new(Arc::clone(&self.0), from, chunk_rows, used))
    }

    /// Reads single rows again.
    pub fn rereader(&self) -> ParquetRereader {
        ParquetRereader::new(Arc::clone(&self.0))
    }
}

fn rows_in(metadata: &ArrowReaderMetadata) -> u64 {
    metadata.metadata().file_metadata().num_rows().max(0) as u64
}

fn footer(path: &Path) -> Result<ArrowReaderMetadata, ExtractError> {
    let file = open_file(path)?;
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
        .map_err(|error| unreadable(path, &error))?;
    if metadata.schema().fields().is_empty() {
        return Err(wrong(path, "it has no columns".into()));
    }
    Ok(metadata)
}

fn open_file(path: &Path) -> Result<File, ExtractError> {
    File::open(path).map_err(|error| FileError::from_io(path, "read", error).into())
}

fn unreadable(path: &Path, error: &ParquetError) -> ExtractError {
    let message = error.to_string();
    let why = message.strip_prefix("Parquet error: ").unwrap_or(&message);
    wrong(path, why.to_owned())
}

fn wrong(path: &Path, why: String) -> ExtractError {
    let hint = "check that it is a Parquet file and was copied to its end".into();
    ExtractError::Format { path: path.to_owned(), format: "Parquet", why, hint }
}

/// The columns as the rest of the program sees them, and what had to be renamed.
fn columns(stored: &Schema) -> (Schema, Vec<String>) {
    let written: Vec<String> = stored.fields().iter().map(|field| field.name().clone()).collect();
    let (names, warnings) = csv::unique(&written);
    let fields = stored.fields().iter().zip(names);
    // A row that is not read has no values, so that every column may be null.
    let fields = fields.map(|(field, name)| Field::new(name, plain(field.data_type()), true));
    (Schema::new(fields.collect::<Vec<_>>()), warnings)
}

/// Of Arrow's kinds of the same values, the plain one.
fn plain(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        DataType::BinaryView | DataType::LargeBinary => DataType::Binary,
        DataType::Dictionary(_, values) => plain(values),
        other => other.clone(),
    }
}

/// How the columns of a file differ from those of the first.
fn difference(first: &Schema, other: &Schema) -> Option<String> {
    let names = |schema: &Schema| -> Vec<String> {
        schema.fields().iter().map(|field| field.name().clone()).collect()
    };
    let of_names = csv::difference(&names(first), &names(other));
    of_names.or_else(|| {
        let mut pairs = first.fields().iter().zip(other.fields());
        let (one, two) = pairs.find(|(one, two)| one.data_type() != two.data_type())?;
        let (name, then, now) = (one.name(), one.data_type(), two.data_type());
        Some(format!("`{name}` is {now}, and {then} there"))
    })
}
