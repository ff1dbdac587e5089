//! The rows of all files, chunk by chunk.

use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};

use super::{
    Opened,
    columns::Columns,
    lines::{Line, Lines},
    object, open_text,
};
use crate::{
    batch::{BadRow, Chunk, Origin, Position, SourceBatch},
    extract::{ExtractError, Rows, csv::ROW_LIMIT, inputs},
    files::InputFile,
};

/// Rows of NDJSON files from a place on.
pub struct JsonRows {
    source: Arc<Opened>,
    /// The file that is being read; none before its first row is asked for.
    lines: Option<Lines>,
    position: Position,
    chunk_rows: usize,
    columns: Columns,
    origins: Vec<Origin>,
    bad: Vec<BadRow>,
}

impl JsonRows {
    pub(super) fn new(source: Arc<Opened>, from: Position, chunk_rows: usize) -> Self {
        let columns = Columns::new(&source.keys);
        JsonRows {
            source,
            lines: None,
            position: from,
            chunk_rows: chunk_rows.max(1),
            columns,
            origins: Vec::new(),
            bad: Vec::new(),
        }
    }

    /// Goes elsewhere; forward in the file that is open costs least.
    fn go_to(&mut self, to: Position) -> Result<(), ExtractError> {
        let ahead = match &mut self.lines {
            Some(lines) if to.file == self.position.file && to.byte > 0 => {
                lines.forward_to(to.byte, to.line)?
            }
            _ => false,
        };
        if !ahead {
            self.lines = None;
        }
        self.position = to;
        Ok(())
    }

    /// Opens the file of the current position, at it.
    fn open(&self) -> Result<Lines, ExtractError> {
        let path = &self.source.files[self.position.file as usize];
        if self.position.byte > 0 {
            let input = InputFile::open_at(path, self.position.byte)?;
            return Ok(Lines::new(input, self.position.line));
        }
        open_text(path)
    }

    /// Reads rows until the chunk is full; false where the file has none left.
    fn fill(&mut self, lines: &mut Lines) -> Result<bool, ExtractError> {
        let (start, _) = lines.place();
        while self.origins.len() + self.bad.len() < self.chunk_rows
            && lines.place().0 - start < inputs::CHUNK_BYTES as u64
        {
            let Some(line) = lines.next()? else { break };
            self.row(&line)?;
        }
        (self.position.byte, self.position.line) = lines.place();
        Ok(self.origins.len() + self.bad.len() > 0)
    }

    fn row(&mut self, line: &Line<'_>) -> Result<(), ExtractError> {
        let origin = self.origin(line)?;
        let source = Arc::clone(&self.source);
        let width = source.keys.columns.len();
        let unread = |reason: String| BadRow { origin, fields: vec![None; width], reason };
        if line.too_long {
            let start = String::from_utf8_lossy(&line.text[..line.text.len().min(60)]);
            let reason = format!("the line is longer than {ROW_LIMIT} bytes (`{start}…`)");
            self.bad.push(unread(reason));
            return Ok(());
        }
        match object::read(line.text) {
            Err(why) => self.bad.push(unread(why)),
            Ok(object) => {
                let (values, wrong) = source.keys.arrange(object);
                if wrong.is_empty() {
                    self.columns.add(&values);
                    self.origins.push(origin);
                } else {
                    let fields = values.iter().map(|value| value.text().map(str::to_owned));
                    let (fields, reason) = (fields.collect(), wrong.join("; "));
                    self.bad.push(BadRow { origin, fields, reason });
                }
            }
        }
        Ok(())
    }

    /// The provenance of the next row of the input.
    fn origin(&mut self, line: &Line<'_>) -> Result<Origin, ExtractError> {
        let Position { file, ordinal, .. } = self.position;
        let path = || self.source.files[file as usize].clone();
        let length = line
            .length
            .try_into()
            .map_err(|_| ExtractError::EndlessLine { path: path(), line: line.number })?;
        self.position.ordinal += 1;
        Ok(Origin { file, line: line.number, start: line.start, length, ordinal })
    }

    /// Makes a chunk of what was read.
    fn chunk(&mut self, lines: &Lines) -> Result<Chunk, ExtractError> {
        let origins = std::mem::take(&mut self.origins);
        let options = RecordBatchOptions::new().with_row_count(Some(origins.len()));
        let schema = Arc::clone(&self.source.schema);
        let columns = RecordBatch::try_new_with_options(schema, self.columns.finish(), &options)?;
        let before: u64 = self.source.sizes[..self.position.file as usize].iter().sum();
        Ok(Chunk {
            rows: Arc::new(SourceBatch { columns, origins }),
            bad: std::mem::take(&mut self.bad),
            end: self.position,
            bytes_read: before + lines.stored_bytes(),
        })
    }
}

impl Rows for JsonRows {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExtractError> {
        while (self.position.file as usize) < self.source.files.len() {
            let mut lines = match self.lines.take() {
                Some(lines) => lines,
                None => self.open()?,
            };
            if self.fill(&mut lines)? {
                let chunk = self.chunk(&lines)?;
                self.lines = Some(lines);
                return Ok(Some(chunk));
            }
            let Position { file, ordinal, .. } = self.position;
            self.position = Position { file: file + 1, byte: 0, line: 1, ordinal };
        }
        Ok(None)
    }
}

/// Reads single rows again; best in ascending order.
pub struct JsonRereader {
    source: Arc<Opened>,
    rows: JsonRows,
}

impl JsonRereader {
    pub(super) fn new(source: Arc<Opened>) -> Self {
        let rows = JsonRows::new(Arc::clone(&source), Position::default(), 1);
        JsonRereader { source, rows }
    }

    /// The values of a row, in the order of the columns.
    pub fn fields(&mut self, origin: &Origin) -> Result<Vec<Option<String>>, ExtractError> {
        self.rows.go_to(origin.position())?;
        inputs::next_fields(&mut self.rows, origin)?
            .ok_or_else(|| inputs::gone(&self.source.files, origin))
    }
}
