//! The rows of all files, chunk by chunk.

use std::sync::Arc;

use arrow::array::RecordBatch;

use super::{
    Opened,
    columns::{Columns, Values},
    header,
    records::{Fault, Next, Place, Records},
};
use crate::{
    batch::{BadRow, Chunk, Origin, Position, SourceBatch},
    extract::{ExtractError, Rows},
    files::InputFile,
};

/// Bytes of the file after which a chunk ends, so that long rows do not fill the memory.
const CHUNK_BYTES: u64 = 4 << 20;

/// Rows of CSV files from a place on.
pub struct CsvRows {
    source: Arc<Opened>,
    /// The file that is being read; none before its first row is asked for.
    records: Option<Records>,
    position: Position,
    chunk_rows: usize,
    columns: Columns,
    origins: Vec<Origin>,
    bad: Vec<BadRow>,
}

impl CsvRows {
    pub(super) fn new(source: Arc<Opened>, from: Position, chunk_rows: usize) -> Self {
        let columns = Columns::new(source.header.names.len(), chunk_rows);
        CsvRows {
            source,
            records: None,
            position: from,
            chunk_rows: chunk_rows.max(1),
            columns,
            origins: Vec::new(),
            bad: Vec::new(),
        }
    }

    /// Goes elsewhere; forward in the file that is open costs least.
    pub(super) fn go_to(&mut self, to: Position) -> Result<(), ExtractError> {
        let ahead = match &mut self.records {
            Some(records) if to.file == self.position.file && to.byte > 0 => {
                records.forward_to(to.byte, to.line)?
            }
            _ => false,
        };
        if !ahead {
            self.records = None;
        }
        self.position = to;
        Ok(())
    }

    /// Opens the file of the current position, at it.
    fn open(&self) -> Result<Records, ExtractError> {
        let path = &self.source.files[self.position.file as usize];
        let dialect = &self.source.dialect;
        if self.position.byte > 0 {
            let input = InputFile::open_at(path, self.position.byte)?;
            return Ok(Records::new(input, self.position.line, dialect));
        }
        let mut records = header::open_text(path, dialect)?;
        if dialect.header {
            records.next(&mut Columns::new(0, 1))?;
        }
        Ok(records)
    }

    /// Reads rows until the chunk is full; false where the file has none left.
    fn fill(&mut self, records: &mut Records) -> Result<bool, ExtractError> {
        let (start, _) = records.end();
        while self.columns.rows() + self.bad.len() < self.chunk_rows
            && records.end().0 - start < CHUNK_BYTES
        {
            match records.next(&mut self.columns)? {
                Next::Record { fields } => self.record(records.place(), fields)?,
                Next::Fault(fault) => self.fault(records, fault)?,
                Next::End => break,
            }
        }
        (self.position.byte, self.position.line) = records.end();
        Ok(self.columns.rows() + self.bad.len() > 0)
    }

    #[inline]
    fn record(&mut self, place: Place, fields: usize) -> Result<(), ExtractError> {
        let origin = self.origin(place)?;
        if fields == self.source.header.names.len() {
            self.columns.accept();
            self.origins.push(origin);
            return Ok(());
        }
        let fields: Vec<&[u8]> = self.columns.current(fields).collect();
        let (fields, reason) = self.source.bad_rows().ragged(&fields);
        self.columns.discard();
        self.bad.push(BadRow { origin, fields, reason });
        Ok(())
    }

    fn fault(&mut self, records: &mut Records, fault: Fault) -> Result<(), ExtractError> {
        self.columns.discard();
        let rejected = records.reject()?;
        let (fields, reason) = self.source.bad_rows().fault(fault, records.place(), &rejected);
        let origin = self.origin(records.place())?;
        self.bad.push(BadRow { origin, fields, reason });
        Ok(())
    }

    /// The provenance of the next row of the input.
    fn origin(&mut self, place: Place) -> Result<Origin, ExtractError> {
        let Place { line, start, length } = place;
        let file = self.position.file;
        let path = || self.source.files[file as usize].clone();
        let length =
            length.try_into().map_err(|_| ExtractError::EndlessLine { path: path(), line })?;
        let ordinal = self.position.ordinal;
        self.position.ordinal += 1;
        Ok(Origin { file, line, start, length, ordinal })
    }

    /// Makes a chunk of what was read.
    fn chunk(&mut self, records: &Records) -> Result<Chunk, ExtractError> {
        let source = self.source.clone();
        let values =
            Values { encoding: source.dialect.encoding, null_values: &source.dialect.null_values };
        self.take_out_undecodable(values);
        let mut bad = std::mem::take(&mut self.bad);
        bad.sort_by_key(|row| row.origin.ordinal);
        let columns = self.columns.finish(source.header.own, values)?;
        let columns = RecordBatch::try_new(source.schema.clone(), columns)?;
        let origins = std::mem::take(&mut self.origins);
        let before: u64 = source.sizes[..self.position.file as usize].iter().sum();
        Ok(Chunk {
            rows: Arc::new(SourceBatch { columns, origins }),
            bad,
            end: self.position,
            bytes_read: before + records.stored_bytes(),
        })
    }

    /// Makes bad rows of those with a value that is no text.
    fn take_out_undecodable(&mut self, values: Values) {
        let wrong = self.columns.undecodable(self.source.header.own, values);
        if wrong.is_empty() {
            return;
        }
        for (row, columns) in &wrong {
            let fields: Vec<&[u8]> = self.columns.row(*row).collect();
            let (fields, reason) = self.source.bad_rows().undecodable(&fields, columns);
            self.bad.push(BadRow { origin: self.origins[*row], fields, reason });
        }
        let mut row = 0;
        self.origins.retain(|_| {
            row += 1;
            !wrong.contains_key(&(row - 1))
        });
        self.columns.remove(&wrong);
    }
}

impl Rows for CsvRows {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExtractError> {
        while (self.position.file as usize) < self.source.files.len() {
            let mut records = match self.records.take() {
                Some(records) => records,
                None => self.open()?,
            };
            if self.fill(&mut records)? {
                let chunk = self.chunk(&records)?;
                self.records = Some(records);
                return Ok(Some(chunk));
            }
            let Position { file, ordinal, .. } = self.position;
            self.position = Position { file: file + 1, byte: 0, line: 1, ordinal };
        }
        Ok(None)
    }
}
