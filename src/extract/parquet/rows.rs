//! The rows of all files, chunk by chunk.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array},
    compute::cast,
};
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder},
};

use super::{Opened, open_file, rows_in, wrong};
use crate::{
    batch::{Chunk, Origin, Position, SourceBatch},
    extract::{ExtractError, Rows, inputs},
};

/// Rows of a chunk that is read for single rows of it.
const REREAD_ROWS: usize = 1024;

/// Rows of Parquet files from a place on.
pub struct ParquetRows {
    source: Arc<Opened>,
    /// The columns that are read, ascending.
    used: Vec<usize>,
    /// The file that is being read; none before its first row is asked for.
    reader: Option<ParquetRecordBatchReader>,
    position: Position,
    chunk_rows: usize,
}

impl ParquetRows {
    pub(super) fn new(
        source: Arc<Opened>,
        from: Position,
        chunk_rows: usize,
        used: &[usize],
    ) -> Self {
        let mut used: Vec<usize> =
            used.iter().copied().filter(|column| *column < source.schema.fields().len()).collect();
        used.sort_unstable();
        used.dedup();
        // The start of the input is before the row that has its first number.
        let ordinal = from.ordinal.max(source.first);
        let position = Position { ordinal, ..from };
        ParquetRows { source, used, reader: None, position, chunk_rows: chunk_rows.max(1) }
    }

    /// Opens the file of the current position, at it.
    fn open(&self) -> Result<ParquetRecordBatchReader, ExtractError> {
        let path = &self.source.files[self.position.file as usize];
        let metadata = &self.source.metadata[self.position.file as usize];
        let groups = metadata.metadata().row_groups();
        let (mut first, mut before) = (0, 0);
        let rows = |group: usize| groups[group].num_rows().max(0) as u64;
        while first < groups.len() && before + rows(first) <= self.position.byte {
            before += rows(first);
            first += 1;
        }
        let longest = groups.iter().map(|group| group.total_byte_size() / group.num_rows().max(1));
        let longest = longest.max().unwrap_or(1).max(1) as usize;
        let batch = (inputs::CHUNK_BYTES / longest).clamp(1, self.chunk_rows);
        let mask = ProjectionMask::roots(metadata.parquet_schema(), self.used.iter().copied());
        ParquetRecordBatchReaderBuilder::new_with_metadata(open_file(path)?, metadata.clone())
            .with_projection(mask)
            .with_row_groups((first..groups.len()).collect())
            .with_offset((self.position.byte - before) as usize)
            .with_batch_size(batch)
            .build()
            .map_err(|error| super::unreadable(path, &error))
    }

    fn chunk(&mut self, read: &RecordBatch) -> Result<Chunk, ExtractError> {
        let Position { file, byte, ordinal, .. } = self.position;
        let rows = read.num_rows();
        let origin = |row: u64| Origin {
            file,
            line: byte + row + 1,
            start: byte + row,
            length: 1,
            ordinal: ordinal + row,
        };
        let origins = (0..rows as u64).map(origin).collect();
        let columns = self.in_place(read)?;
        let byte = byte + rows as u64;
        self.position = Position { file, byte, line: byte + 1, ordinal: ordinal + rows as u64 };
        let (before, this) = self.source.sizes.split_at(file as usize);
        let of_file = rows_in(&self.source.metadata[file as usize]).max(1);
        let share = u128::from(this[0]) * u128::from(byte.min(of_file)) / u128::from(of_file);
        Ok(Chunk {
            rows: Arc::new(SourceBatch { columns, origins }),
            bad: Vec::new(),
            end: self.position,
            bytes_read: before.iter().sum::<u64>() + share as u64,
        })
    }

    /// The columns that were read in their places, and in the types of the source.
    fn in_place(&self, read: &RecordBatch) -> Result<RecordBatch, ExtractError> {
        let rows = read.num_rows();
        let mut read = read.columns().iter();
        let mut used = self.used.iter().peekable();
        let fields = self.source.schema.fields().iter().enumerate();
        let columns = fields.map(|(index, field)| -> Result<ArrayRef, ExtractError> {
            match used.next_if(|column| **column == index).and_then(|_| read.next()) {
                Some(column) if column.data_type() == field.data_type() => Ok(Arc::clone(column)),
                Some(column) => Ok(cast(column, field.data_type())?),
                None => Ok(new_null_array(field.data_type(), rows)),
            }
        });
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let schema = Arc::clone(&self.source.schema);
        Ok(RecordBatch::try_new_with_options(schema, columns, &options)?)
    }
}

impl Rows for ParquetRows {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExtractError> {
        while (self.position.file as usize) < self.source.files.len() {
            let mut reader = match self.reader.take() {
                Some(reader) => reader,
                None => self.open()?,
            };
            if let Some(read) = reader.next() {
                let path = &self.source.files[self.position.file as usize];
                let read = read.map_err(|error| wrong(path, error.to_string()))?;
                self.reader = Some(reader);
                return self.chunk(&read).map(Some);
            }
            let Position { file, ordinal, .. } = self.position;
            self.position = Position { file: file + 1, byte: 0, line: 1, ordinal };
        }
        Ok(None)
    }
}

/// Reads single rows again; best in ascending order.
pub struct ParquetRereader {
    source: Arc<Opened>,
    rows: Option<ParquetRows>,
    chunk: Option<Chunk>,
}

impl ParquetRereader {
    pub(super) fn new(source: Arc<Opened>) -> Self {
        ParquetRereader { source, rows: None, chunk: None }
    }

    /// The values of a row, in the order of the columns.
    pub fn fields(&mut self, origin: &Origin) -> Result<Vec<Option<String>>, ExtractError> {
        if let Some(fields) = self.held(origin) {
            return Ok(fields);
        }
        if !self.is_near(origin) {
            let used: Vec<usize> = (0..self.source.schema.fields().len()).collect();
            let source = Arc::clone(&self.source);
            self.rows = Some(ParquetRows::new(source, origin.position(), REREAD_ROWS, &used));
        }
        if let Some(rows) = &mut self.rows {
            self.chunk = rows.next_chunk()?;
            let is_before =
                |chunk: &Chunk| (chunk.end.file, chunk.end.byte) <= (origin.file, origin.start);
            while self.chunk.as_ref().is_some_and(is_before) {
                self.chunk = rows.next_chunk()?;
            }
        }
        self.held(origin).ok_or_else(|| inputs::gone(&self.source.files, origin))
    }

    /// Whether reading on comes to the row sooner than beginning anew.
    fn is_near(&self, origin: &Origin) -> bool {
        self.rows.as_ref().is_some_and(|rows| {
            let Position { file, byte, .. } = rows.position;
            let near = byte..byte + 4 * REREAD_ROWS as u64;
            origin.file == file && near.contains(&origin.start)
        })
    }

    fn held(&self, origin: &Origin) -> Option<Vec<Option<String>>> {
        let rows = &self.chunk.as_ref()?.rows;
        let first = rows.origins.first()?;
        let row = origin.start.checked_sub(first.start).filter(|_| first.file == origin.file)?;
        let found = rows.origins.get(row as usize)? == origin;
        found.then(|| inputs::fields_of(&rows.columns, row as usize))
    }
}
