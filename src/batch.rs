//! Rows on their way: Arrow columns, with each row's provenance beside them.

use std::sync::Arc;

use arrow::{
    array::{BooleanArray, RecordBatch},
    compute::filter_record_batch,
    error::ArrowError,
};
use serde::{Deserialize, Serialize};

/// Where a row begins in the input, and which row of the whole input it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Index of the file in the source's list of files.
    pub file: u32,
    /// Line of the row's first byte; 1 is the first line of the file.
    pub line: u64,
    /// Offset of the row's first byte in the (decompressed) file.
    pub start: u64,
    /// Bytes of the row, its line end included.
    pub length: u32,
    /// Number of the row in the whole input, 0 for the first, bad rows counted too.
    pub ordinal: u64,
}

/// A place between two rows of the input, from which reading can go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Index of the file in the source's list of files.
    pub file: u32,
    /// Offset of the next row's first byte in the (decompressed) file; 0 = before its header.
    pub byte: u64,
    /// Line of that byte; 1 is the first line of the file.
    pub line: u64,
    /// Ordinal of the next row.
    pub ordinal: u64,
}

/// Rows as the source read them; the columns are the input's own.
#[derive(Debug)]
pub struct SourceBatch {
    /// The input's columns.
    pub columns: RecordBatch,
    /// One origin per row of `columns`.
    pub origins: Vec<Origin>,
}

/// A row that could not be read: it goes on a list and the rest continue.
#[derive(Clone, Debug)]
pub struct BadRow {
    /// Where the row stands.
    pub origin: Origin,
    /// Its fields as far as they could be told, in the order of the input's columns.
    pub fields: Vec<Option<String>>,
    /// Why it could not be read.
    pub reason: String,
}

/// What a source hands on at a time: rows, bad rows between them, and where to go on.
#[derive(Debug)]
pub struct Chunk {
    /// The rows that could be read.
    pub rows: Arc<SourceBatch>,
    /// The rows that could not, in the order of the input.
    pub bad: Vec<BadRow>,
    /// The place after the last row of this chunk.
    pub end: Position,
    /// Bytes of the stored (maybe compressed) input consumed so far, over all files.
    pub bytes_read: u64,
}

impl Origin {
    /// The place before the row.
    pub fn position(&self) -> Position {
        Position { file: self.file, byte: self.start, line: self.line, ordinal: self.ordinal }
    }
}

impl Chunk {
    /// The place between the row `ordinal` and the one after it.
    pub fn after(&self, ordinal: u64) -> Position {
        let next = ordinal + 1;
        let good = self.rows.origins.binary_search_by_key(&next, |origin| origin.ordinal);
        let bad = self.bad.binary_search_by_key(&next, |bad| bad.origin.ordinal);
        match (good, bad) {
            (Ok(row), _) => self.rows.origins[row].position(),
            (_, Ok(row)) => self.bad[row].origin.position(),
            _ => self.end,
        }
    }
}

/// Rows between two steps: the columns of now, and for each row the one it was read as.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The columns after the steps so far.
    pub columns: RecordBatch,
    /// The rows as read.
    pub source: Arc<SourceBatch>,
    /// For each row of `columns` its index in `source`, ascending.
    pub picks: Vec<u32>,
}

impl Batch {
    /// All rows of a chunk, before the first step.
    pub fn from_source(source: Arc<SourceBatch>) -> Self {
        let picks = (0..source.columns.num_rows() as u32).collect();
        Batch { columns: source.columns.clone(), source, picks }
    }

    /// Rows of `columns`.
    pub fn len(&self) -> usize {
        self.picks.len()
    }

    /// Whether no row is left.
    pub fn is_empty(&self) -> bool {
        self.picks.is_empty()
    }

    /// The rows for which `keep` is true.
    ///
    /// # Errors
    /// `keep` has another length.
    pub fn filter(&self, keep: &[bool]) -> Result<Batch, ArrowError> {
        let picks = self.picks.iter().zip(keep).filter(|(_, keep)| **keep);
        let mask = BooleanArray::from(keep.to_vec());
        Ok(Batch {
            columns: filter_record_batch(&self.columns, &mask)?,
            source: Arc::clone(&self.source),
            picks: picks.map(|(pick, _)| *pick).collect(),
        })
    }

    /// Where row `row` of `columns` was read.
    pub fn origin(&self, row: usize) -> &Origin {
        &self.source.origins[self.picks[row] as usize]
    }
}

/// Why a row leaves the pipeline before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Our own validation, or an expression that failed, stopped it.
    Rejected,
    /// Filtered out, or a duplicate of another row.
    Skipped,
}

/// A row that a step or a rule took out.
#[derive(Clone, Debug)]
pub struct Fallen {
    /// Index of the row in the batch's `source`.
    pub pick: u32,
    /// Rejected or skipped.
    pub fate: Fate,
    /// Every reason, `; ` between.
    pub reason: String,
}
