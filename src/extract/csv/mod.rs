//! Delimited text files, read in a stream (RFC 4180, strictly, with any of the three line ends).
//!
//! A file is read by a `window` of bytes, cut into `records`, whose fields go straight into
//! `columns`; [`CsvRows`] makes chunks of them. A record that cannot be told is a bad row: the physical line
//! on which it begins is put aside, and reading goes on with the line after it.

mod bad;
mod columns;
mod dialect;
mod header;
mod options;
mod records;
mod rows;
mod window;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

pub use dialect::Dialect;
pub use header::COLUMN_LIMIT;
pub(super) use header::unique;
pub use options::{CsvOptions, Paths};
pub use records::ROW_LIMIT;
pub use rows::CsvRows;

use self::{bad::BadRows, header::Header};
use super::{ExtractError, Rows};
use crate::{
    batch::{Origin, Position},
    files::{self, FileError},
};

/// CSV files that were found, with a header that they share.
#[derive(Clone, Debug)]
pub struct CsvSource(Arc<Opened>);

/// What is known of the files of a source.
#[derive(Debug)]
pub(crate) struct Opened {
    files: Vec<PathBuf>,
    sizes: Vec<u64>,
    dialect: Dialect,
    header: Header,
    schema: SchemaRef,
}

impl Opened {
    fn bad_rows(&self) -> BadRows<'_> {
        BadRows { header: &self.header, dialect: &self.dialect }
    }
}

impl CsvSource {
    /// Finds the files and reads their headers; see [`Source::open`](super::Source::open).
    pub fn open(
        options: &CsvOptions,
        input_override: Option<&[PathBuf]>,
    ) -> Result<Self, ExtractError> {
        let mut dialect = Dialect::of(options).map_err(ExtractError::Options)?;
        let files = match input_override {
            Some(files) => files.to_vec(),
            None => {
                let patterns: Vec<&str> =
                    options.path.0.iter().map(|path| path.value.as_str()).collect();
                files::expand(&patterns)?
            }
        };
        let of_a_run = input_override.is_some() && all_of_a_run(&files)?;
        if of_a_run {
            dialect = Dialect::of_results();
        }
        let mut header = shared_header(&files, &dialect)?;
        if input_override.is_some() {
            header = header.without_added();
        }
        let sizes = files.iter().map(|file| size(file)).collect::<Result<_, _>>()?;
        let columns = header.names[..header.own].iter();
        let fields: Vec<Field> =
            columns.map(|name| Field::new(name, DataType::Utf8, true)).collect();
        let schema = Arc::new(Schema::new(fields));
        Ok(CsvSource(Arc::new(Opened { files, sizes, dialect, header, schema })))
    }

    /// The columns: text, all of them.
    pub fn schema(&self) -> SchemaRef {
        self.0.schema.clone()
    }

    /// The same with the columns that a run has added behind the rows' own.
    pub fn with_added(&self) -> Self {
        let header = Header { own: self.0.header.names.len(), ..self.0.header.clone() };
        let fields = header.names.iter().map(|name| Field::new(name, DataType::Utf8, true));
        CsvSource(Arc::new(Opened {
            files: self.0.files.clone(),
            sizes: self.0.sizes.clone(),
            dialect: self.0.dialect.clone(),
            schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())),
            header,
        }))
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
        &self.0.header.warnings
    }

    /// How the files are written.
    pub fn dialect(&self) -> &Dialect {
        &self.0.dialect
    }

    /// The rows from a place on.
    pub fn rows(&self, from: Position, chunk_rows: usize) -> Result<CsvRows, ExtractError> {
        Ok(CsvRows::new(self.0.clone(), from, chunk_rows))
    }

    /// Reads single rows again.
    pub fn rereader(&self) -> CsvRereader {
        let rows = CsvRows::new(self.0.clone(), Position::default(), 1);
        CsvRereader { source: self.0.clone(), rows }
    }
}

/// Reads single rows again; best in ascending order.
pub struct CsvRereader {
    source: Arc<Opened>,
    rows: CsvRows,
}

impl CsvRereader {
    /// The fields of a row, good or bad, in the order of the columns.
    pub fn fields(&mut self, origin: &Origin) -> Result<Vec<Option<String>>, ExtractError> {
        let &Origin { file, line, start, ordinal, .. } = origin;
        let gone = || {
            let path = self.source.files.get(file as usize).cloned().unwrap_or_default();
            ExtractError::RowGone { path, start }
        };
        self.rows.go_to(Position { file, byte: start, line, ordinal })?;
        let chunk = self.rows.next_chunk()?.ok_or_else(gone)?;
        if let Some(bad) = chunk.bad.into_iter().next() {
            return if bad.origin == *origin { Ok(bad.fields) } else { Err(gone()) };
        }
        if chunk.rows.origins.first() != Some(origin) {
            return Err(gone());
        }
        let columns = chunk.rows.columns.columns().iter();
        Ok(columns.map(|column| text(column.as_ref())).collect())
    }
}

/// The first value of a column of text.
fn text(column: &dyn arrow::array::Array) -> Option<String> {
    let texts = column.as_any().downcast_ref::<arrow::array::StringArray>()?;
    texts.iter().next().flatten().map(str::to_owned)
}

pub(super) fn all_of_a_run(files: &[PathBuf]) -> Result<bool, ExtractError> {
    for file in files {
        if !header::is_of_a_run(file)? {
            return Ok(false);
        }
    }
    Ok(!files.is_empty())
}

/// The header of the first file, after a look at the others'.
fn shared_header(files: &[PathBuf], dialect: &Dialect) -> Result<Header, ExtractError> {
    let Some((first, others)) = files.split_first() else {
        let wrong = crate::diagnostic::Diagnostic::new(Default::default(), "`path` names no file");
        return Err(ExtractError::Options(vec![wrong]));
    };
    let header = header::read(first, dialect)?;
    for path in others.iter().filter(|_| dialect.header) {
        let other = header::read(path, dialect)?;
        if let Some(how) = difference(&header.names, &other.names) {
            let (path, first) = (path.clone(), first.clone());
            return Err(ExtractError::HeaderDiffers { path, first, how });
        }
    }
    Ok(header)
}

/// How the columns of a file differ from those of the first.
pub(super) fn difference(first: &[String], other: &[String]) -> Option<String> {
    if first == other {
        return None;
    }
    let only_in = |these: &[String], those: &[String]| {
        let only = these.iter().filter(|name| !those.contains(name));
        only.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    };
    let (missing, further) = (only_in(first, other), only_in(other, first));
    Some(match (missing.as_str(), further.as_str()) {
        ("", "") => "the same columns in another order".into(),
        (missing, "") => format!("it lacks {missing}"),
        ("", further) => format!("it has also {further}"),
        (missing, further) => format!("it lacks {missing}, and has also {further}"),
    })
}

fn size(path: &Path) -> Result<u64, FileError> {
    let about = path.metadata().map_err(|error| FileError::from_io(path, "read", error))?;
    Ok(about.len())
}
