//! The rows of all sheets, chunk by chunk.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch, StringBuilder},
    datatypes::SchemaRef,
};

use super::{
    Opened, Sheet,
    cell::Cell,
    workbook::{SheetRow, SheetRows, column_name},
};
use crate::{
    batch::{BadRow, Chunk, Origin, Position, SourceBatch},
    extract::{ExtractError, Rows, inputs},
};

/// Rows of workbooks from a place on. [`Position::byte`] is the number of the next row.
pub struct XlsxRows {
    source: Arc<Opened>,
    /// The sheet that is being read; none before its first row is asked for.
    sheet: Option<SheetRows>,
    /// A row that was read, and belongs to the next chunk.
    ahead: Option<SheetRow>,
    position: Position,
    chunk_rows: usize,
}

/// A row as the columns want it.
struct Row {
    fields: Vec<Option<String>>,
    /// All that is wrong with it.
    wrong: Vec<String>,
}

impl XlsxRows {
    pub(super) fn new(source: Arc<Opened>, from: Position, chunk_rows: usize) -> Self {
        let chunk_rows = chunk_rows.max(1);
        XlsxRows { source, sheet: None, ahead: None, position: from, chunk_rows }
    }

    /// Goes elsewhere; forward in the sheet that is open costs least.
    fn go_to(&mut self, to: Position) {
        if self.position.file != to.file || to.byte < self.position.byte || to.byte == 0 {
            (self.sheet, self.ahead) = (None, None);
        }
        self.position = to;
    }

    /// The next row of the current sheet, from the current position on.
    fn next_row(&mut self) -> Result<Option<SheetRow>, ExtractError> {
        let index = self.position.file as usize;
        let sheet = &self.source.sheets[index];
        let from = self.position.byte.max(u64::from(sheet.header_row) + 1);
        if self.sheet.is_none() {
            let from = u32::try_from(from).unwrap_or(u32::MAX);
            self.sheet = Some(SheetRows::begin(&self.source.files[index], &sheet.name, from));
        }
        loop {
            let row = match (self.ahead.take(), &mut self.sheet) {
                (Some(row), _) => Some(row),
                (None, Some(rows)) => rows.next()?,
                (None, None) => None,
            };
            match row {
                Some(row) if u64::from(row.number) < from => {}
                row => return Ok(row),
            }
        }
    }

    /// Reads rows until the chunk is full; none where the sheet has no more.
    fn chunk(&mut self) -> Result<Option<Chunk>, ExtractError> {
        let source = Arc::clone(&self.source);
        let sheet = &source.sheets[self.position.file as usize];
        let mut columns: Vec<StringBuilder> =
            sheet.names.iter().map(|_| StringBuilder::new()).collect();
        let (mut origins, mut bad, mut bytes) = (Vec::new(), Vec::new(), 0);
        while origins.len() + bad.len() < self.chunk_rows && bytes < inputs::CHUNK_BYTES {
            let Some(read) = self.next_row()? else { break };
            let origin = self.origin(read.number);
            let Row { fields, wrong } = arrange(sheet, read);
            bytes += fields.iter().flatten().map(String::len).sum::<usize>();
            if wrong.is_empty() {
                columns.iter_mut().zip(fields).for_each(|(column, field)| {
                    column.append_option(field);
                });
                origins.push(origin);
            } else {
                bad.push(BadRow { origin, fields, reason: wrong.join("; ") });
            }
        }
        if origins.is_empty() && bad.is_empty() {
            return Ok(None);
        }
        let columns = batch(Arc::clone(&source.schema), columns)?;
        let bytes_read = self.bytes_read()?;
        let rows = Arc::new(SourceBatch { columns, origins });
        Ok(Some(Chunk { rows, bad, end: self.position, bytes_read }))
    }

    fn origin(&mut self, number: u32) -> Origin {
        let Position { file, ordinal, .. } = self.position;
        let line = u64::from(number);
        (self.position.byte, self.position.line) = (line + 1, line + 1);
        self.position.ordinal += 1;
        Origin { file, line, start: line, length: 1, ordinal }
    }

    /// A workbook does not tell how far its sheet is read: it counts once its last row was.
    fn bytes_read(&mut self) -> Result<u64, ExtractError> {
        let (before, this) = self.source.sizes.split_at(self.position.file as usize);
        let (before, this) = (before.iter().sum::<u64>(), this[0]);
        self.ahead = self.next_row()?;
        Ok(if self.ahead.is_none() { before + this } else { before })
    }
}

fn batch(schema: SchemaRef, columns: Vec<StringBuilder>) -> Result<RecordBatch, ExtractError> {
    let columns = columns.into_iter().map(|mut column| Arc::new(column.finish()) as ArrayRef);
    Ok(RecordBatch::try_new(schema, columns.collect())?)
}

/// The cells of a row in the order of the columns.
fn arrange(sheet: &Sheet, row: SheetRow) -> Row {
    let mut fields = vec![None; sheet.names.len()];
    let mut wrong: Vec<String> = row.fault.into_iter().collect();
    for (column, cell) in row.cells {
        let index = column.checked_sub(sheet.first_column).map(|index| index as usize);
        match (index.filter(|index| *index < fields.len()), cell) {
            (Some(index), Cell::Text(text)) => fields[index] = Some(text),
            (Some(index), Cell::Fault(why)) => {
                wrong.push(format!("`{}`: {why}", sheet.names[index]));
            }
            (None, Cell::Text(text)) => wrong.push(format!(
                "column {}: `{text}` stands where the header names no column",
                column_name(column)
            )),
            (None, Cell::Fault(why)) => {
                wrong.push(format!("column {}: {why}", column_name(column)));
            }
        }
    }
    Row { fields, wrong }
}

impl Rows for XlsxRows {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExtractError> {
        while (self.position.file as usize) < self.source.files.len() {
            if let Some(chunk) = self.chunk()? {
                return Ok(Some(chunk));
            }
            let Position { file, ordinal, .. } = self.position;
            self.position = Position { file: file + 1, byte: 0, line: 1, ordinal };
            (self.sheet, self.ahead) = (None, None);
        }
        Ok(None)
    }
}

/// Reads single rows again; best in ascending order.
pub struct XlsxRereader {
    source: Arc<Opened>,
    rows: XlsxRows,
}

impl XlsxRereader {
    pub(super) fn new(source: Arc<Opened>) -> Self {
        let rows = XlsxRows::new(Arc::clone(&source), Position::default(), 1);
        XlsxRereader { source, rows }
    }

    /// The values of a row, in the order of the columns.
    pub fn fields(&mut self, origin: &Origin) -> Result<Vec<Option<String>>, ExtractError> {
        self.rows.go_to(origin.position());
        inputs::next_fields(&mut self.rows, origin)?
            .ok_or_else(|| inputs::gone(&self.source.files, origin))
    }
}
