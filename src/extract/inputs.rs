//! What sources of files have in common: which files, how large, and a row's values as text.

use std::path::PathBuf;

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::DataType,
    util::display::{ArrayFormatter, FormatOptions},
};

use super::{ExtractError, Rows, csv::Paths};
use crate::{
    batch::Origin,
    diagnostic::Diagnostic,
    files::{self, FileError},
};

/// Bytes of values after which a chunk ends, so that long rows do not fill the memory.
pub(super) const CHUNK_BYTES: usize = 4 << 20;

/// The files of a source: those of `--input`, or those that `path` names.
pub(super) fn files(
    paths: &Paths,
    input_override: Option<&[PathBuf]>,
) -> Result<Vec<PathBuf>, ExtractError> {
    let files = match input_override {
        Some(files) => files.to_vec(),
        None => {
            let patterns: Vec<&str> = paths.0.iter().map(|path| path.value.as_str()).collect();
            files::expand(&patterns)?
        }
    };
    if files.is_empty() {
        let wrong = Diagnostic::new(Default::default(), "`path` names no file");
        return Err(ExtractError::Options(vec![wrong]));
    }
    Ok(files)
}

/// Bytes of each file as it is stored.
pub(super) fn sizes(files: &[PathBuf]) -> Result<Vec<u64>, FileError> {
    let size = |path: &PathBuf| match path.metadata() {
        Ok(about) if about.is_dir() => Err(FileError::Directory { path: path.clone() }),
        Ok(about) => Ok(about.len()),
        Err(error) => Err(FileError::from_io(path, "read", error)),
    };
    files.iter().map(size).collect()
}

/// The values of a row as result files tell them.
pub(super) fn fields_of(rows: &RecordBatch, row: usize) -> Vec<Option<String>> {
    rows.columns().iter().map(|column| text_of(column, row)).collect()
}

fn text_of(column: &dyn Array, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    if *column.data_type() == DataType::Utf8 {
        return Some(column.as_string::<i32>().value(row).to_owned());
    }
    let formatter = ArrayFormatter::try_new(column, &FormatOptions::default()).ok()?;
    Some(formatter.value(row).to_string())
}

/// The values of the row that `rows` give next, if that is the row of `origin`.
pub(super) fn next_fields(
    rows: &mut dyn Rows,
    origin: &Origin,
) -> Result<Option<Vec<Option<String>>>, ExtractError> {
    let Some(chunk) = rows.next_chunk()? else { return Ok(None) };
    if let Some(bad) = chunk.bad.first().filter(|bad| bad.origin == *origin) {
        return Ok(Some(bad.fields.clone()));
    }
    let found = chunk.rows.origins.first() == Some(origin);
    Ok(found.then(|| fields_of(&chunk.rows.columns, 0)))
}

/// A row that was there and is not.
pub(super) fn gone(files: &[PathBuf], origin: &Origin) -> ExtractError {
    let path = files.get(origin.file as usize).cloned().unwrap_or_default();
    ExtractError::RowGone { path, start: origin.start }
}
