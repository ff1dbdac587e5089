//! A row for each file, and for each record of which nothing was saved.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch, StringBuilder},
    error::ArrowError,
};
use serde::{Deserialize, Serialize};

/// The column with the number of bytes.
pub const BYTES: &str = "bytes";

/// All columns (DESIGN section 2), and why nothing was saved.
pub const COLUMNS: &[&str] =
    &["object", "id", "file_name", "path", BYTES, "sha256", "content_type", "outcome", "reason"];

/// What became of a file, or of a record's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was fetched, and is there now.
    Saved,
    /// It was there, with the right sum.
    There,
    /// The tenant has none.
    Missing,
    /// It cannot be fetched, or is not saved for what it is; the reason says why.
    Refused,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Outcome::Saved => "saved",
            Outcome::There => "there",
            Outcome::Missing => "missing",
            Outcome::Refused => "refused",
        }
    }
}

/// A row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The name as it was sent, decoded.
    pub file_name: Option<String>,
    /// The file below the folder.
    pub saved: Option<Saved>,
    /// Content-Type of a file that was sent alone.
    pub content_type: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why nothing was saved, or a ZIP is not unpacked.
    pub reason: Option<String>,
}

/// A file below the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// Its path from the folder on, with `/`.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its sum, in hexadecimal digits.
    pub sha256: String,
}

impl Row {
    /// The row of a record of which nothing is saved.
    pub fn of_none(outcome: Outcome, reason: Option<String>) -> Row {
        Row { file_name: None, saved: None, content_type: None, outcome, reason }
    }

    /// The row of a file of which nothing is saved.
    pub fn refused(file_name: String, reason: impl Into<String>) -> Row {
        let row = Row::of_none(Outcome::Refused, Some(reason.into()));
        Row { file_name: Some(file_name), ..row }
    }
}

/// A row for each record whose files were not asked for: its number, and nothing else.
pub fn numbers(object: &str, ids: &[String]) -> Result<RecordBatch, ArrowError> {
    let columns = COLUMNS.iter().map(|name| {
        let mut column = StringBuilder::new();
        for id in ids {
            column.append_option(match *name {
                "object" => Some(object),
                "id" => Some(id.as_str()),
                _ => None,
            });
        }
        (*name, Arc::new(column.finish()) as ArrayRef, true)
    });
    RecordBatch::try_from_iter_with_nullable(columns)
}

/// The rows of a record, in columns of text.
pub fn batch(object: &str, id: &str, rows: &[Row]) -> Result<RecordBatch, ArrowError> {
    let mut columns: Vec<StringBuilder> = COLUMNS.iter().map(|_| StringBuilder::new()).collect();
    for row in rows {
        let bytes = row.saved.as_ref().map(|saved| saved.bytes.to_string());
        let values = [
            Some(object),
            Some(id),
            row.file_name.as_deref(),
            row.saved.as_ref().map(|saved| saved.path.as_str()),
            bytes.as_deref(),
            row.saved.as_ref().map(|saved| saved.sha256.as_str()),
            row.content_type.as_deref(),
            Some(row.outcome.as_str()),
            row.reason.as_deref(),
        ];
        columns.iter_mut().zip(values).for_each(|(column, value)| column.append_option(value));
    }
    let columns = columns.into_iter().map(|mut column| Arc::new(column.finish()) as ArrayRef);
    RecordBatch::try_from_iter_with_nullable(
        COLUMNS.iter().copied().zip(columns).map(|(name, column)| (name, column, true)),
    )
}
