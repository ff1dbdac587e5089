//! Files with one JSON object a line (NDJSON), read in a stream.
//!
//! Which columns there are, and of which types, is known from the first rows of each file
//! ([`Keys`]). A line that is no object, one with a value of another type, and one with a key that
//! the first rows did not have are bad rows, and reading goes on with the next line.

mod columns;
mod lines;
mod object;
mod options;
mod rows;

#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::datatypes::{Field, Schema, SchemaRef};

pub use options::{JsonOptions, Types};
pub use rows::{JsonRereader, JsonRows};

use self::{columns::Keys, lines::Lines};
use super::{ExtractError, csv, inputs};
use crate::{batch::Position, files::InputFile};

/// Rows of each file that are looked at to tell the columns.
const LOOK_ROWS: usize = 10_000;

/// Bytes of each file after which no further rows are looked at.
const LOOK_BYTES: u64 = 32 << 20;

/// NDJSON files that were found, with the columns that their first rows show.
#[derive(Clone, Debug)]
pub struct JsonSource(Arc<Opened>);

/// What is known of the files of a source.
#[derive(Debug)]
struct Opened {
    files: Vec<PathBuf>,
    sizes: Vec<u64>,
    keys: Keys,
    schema: SchemaRef,
    warnings: Vec<String>,
}

impl JsonSource {
    /// Finds the files and looks at their first rows; see [`Source::open`](super::Source::open).
    pub fn open(
        options: &JsonOptions,
        input_override: Option<&[PathBuf]>,
    ) -> Result<Self, ExtractError> {
        let files = inputs::files(&options.path, input_override)?;
        let sizes = inputs::sizes(&files)?;
        let mut keys = match &options.columns {
            Some(names) => Keys::only(names.iter().map(|name| name.value.clone())),
            None => Keys::default(),
        };
        for path in &files {
            look(path, &mut keys)?;
        }
        if options.types == Types::Text {
            keys = keys.all_text();
        }
        let written: Vec<String> = keys.columns.iter().map(|(name, _)| name.clone()).collect();
        let (names, warnings) = csv::unique(&written);
        let fields = names.into_iter().zip(&keys.columns);
        let fields = fields.map(|(name, (_, kind))| Field::new(name, kind.data_type(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        Ok(JsonSource(Arc::new(Opened { files, sizes, keys, schema, warnings })))
    }

    /// The columns.
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

    /// Columns that were renamed.
    pub fn warnings(&self) -> &[String] {
        &self.0.warnings
    }

    /// The rows from a place on.
    pub fn rows(&self, from: Position, chunk_rows: usize) -> Result<JsonRows, ExtractError> {
        Ok(JsonRows::new(Arc::clone(&self.0), from, chunk_rows))
    }

    /// Reads single rows again.
    pub fn rereader(&self) -> JsonRereader {
        JsonRereader::new(Arc::clone(&self.0))
    }
}

/// Opens a file at its start, behind the byte order mark that it may have.
fn open_text(path: &Path) -> Result<Lines, ExtractError> {
    let mut lines = Lines::new(InputFile::open(path)?, 1);
    let first = lines.beginning()?;
    let (why, hint) = if first.starts_with(b"\xff\xfe") || first.starts_with(b"\xfe\xff") {
        ("it is UTF-16, by its byte order mark", "store it as utf-8: `iconv -f UTF-16 -t UTF-8`")
    } else if first.starts_with(b"PK\x03\x04") {
        ("it is a ZIP archive", "unpack it, and name the file in it")
    } else if first.starts_with(b"PAR1") {
        ("it is a Parquet file", "read it by `extract: parquet`")
    } else if first.trim_ascii_start().starts_with(b"[") {
        (
            "it begins with `[`: it holds one list, and not one object a line",
            "write one object a line, for example by `jq -c '.[]' FILE > FILE.ndjson`",
        )
    } else {
        return Ok(lines);
    };
    Err(wrong(path, why, hint))
}

fn wrong(path: &Path, why: &str, hint: &str) -> ExtractError {
    let (why, hint) = (why.to_owned(), hint.to_owned());
    ExtractError::Format { path: path.to_owned(), format: "NDJSON", why, hint }
}

/// Learns from the first rows of a file.
fn look(path: &Path, keys: &mut Keys) -> Result<(), ExtractError> {
    let mut lines = open_text(path)?;
    let (mut looked, mut objects) = (0, 0);
    while looked < LOOK_ROWS && lines.place().0 < LOOK_BYTES {
        let Some(line) = lines.next()? else { break };
        looked += 1;
        if let Ok(object) = object::read(line.text) {
            keys.learn(&object);
            objects += 1;
        }
    }
    if keys.columns.len() > csv::COLUMN_LIMIT {
        let why = format!("its rows have more than {} different keys", csv::COLUMN_LIMIT);
        return Err(wrong(path, &why, "name the keys that are wanted by `columns`"));
    }
    match (looked, objects) {
        (0, _) if !keys.others_are_passed && keys.columns.is_empty() => Err(wrong(
            path,
            "it is empty, so that its columns are not known",
            "export it again, take it from `path`, or name the keys by `columns`",
        )),
        (1.., 0) => Err(wrong(
            path,
            &format!("none of its first {looked} lines is a JSON object"),
            "write one object a line, for example by `jq -c . FILE > FILE.ndjson`",
        )),
        _ => Ok(()),
    }
}
