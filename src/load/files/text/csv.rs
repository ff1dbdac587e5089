//! Rows as CSV (RFC 4180): a header, lines that end in `\n`, quotes only where they must be.

use arrow::{array::RecordBatch, datatypes::SchemaRef, error::ArrowError};
use memchr::memchr;

use super::{
    cells::{Cells, TextOf},
    stream::TextFile,
};
use crate::load::files::{CsvFileOptions, FileLoadError, staging::Staged};

/// Writes one CSV file.
pub struct CsvWriter {
    file: TextFile,
    path: std::path::PathBuf,
    style: Style,
    /// Cells that got an apostrophe.
    made_safe: u64,
}

/// How fields are written.
struct Style {
    separator: u8,
    null: Vec<u8>,
    formula_safe: bool,
}

impl CsvWriter {
    /// A file with a header of these columns.
    pub fn new(
        mut file: TextFile,
        path: std::path::PathBuf,
        schema: &SchemaRef,
        options: &CsvFileOptions,
    ) -> Result<CsvWriter, FileLoadError> {
        let style = Style {
            separator: options.separator(),
            null: options.null_value.clone().into_bytes(),
            formula_safe: options.formula_safe,
        };
        let mut header = Vec::new();
        if options.bom {
            header.extend_from_slice("\u{feff}".as_bytes());
        }
        let mut made_safe = 0;
        for (index, field) in schema.fields().iter().enumerate() {
            if index > 0 {
                header.push(style.separator);
            }
            made_safe += u64::from(style.text(field.name().as_bytes(), &mut header));
        }
        header.push(b'\n');
        file.write(&header)?;
        Ok(CsvWriter { file, path, style, made_safe })
    }

    /// Adds rows.
    pub fn write(&mut self, rows: &RecordBatch) -> Result<(), FileLoadError> {
        let failed = |error| FileLoadError::columns(&self.path, error);
        let cells: Result<Vec<Cells>, ArrowError> =
            rows.columns().iter().map(|column| Cells::of(column, TextOf::Csv)).collect();
        let cells = cells.map_err(failed)?;
        let (mut text, mut value) = (Vec::new(), Vec::new());
        for row in 0..rows.num_rows() {
            let start = text.len();
            for (index, cells) in cells.iter().enumerate() {
                if index > 0 {
                    text.push(self.style.separator);
                }
                if cells.is_null(row) {
                    text.extend_from_slice(&self.style.null);
                } else if cells.is_free_text() {
                    value.clear();
                    cells.write(row, &mut value).map_err(failed)?;
                    self.made_safe += u64::from(self.style.text(&value, &mut text));
                } else {
                    cells.write(row, &mut text).map_err(failed)?;
                }
            }
            if text.len() == start {
                // A line without anything is no row for a reader.
                text.extend_from_slice(b"\"\"");
            }
            text.push(b'\n');
        }
        self.file.write(&text)
    }

    /// Makes the file durable; gives how many cells got an apostrophe.
    pub fn finish(self) -> Result<(Staged, u64), FileLoadError> {
        Ok((self.file.finish()?, self.made_safe))
    }
}

impl Style {
    /// Adds a text as a field; gives whether it got an apostrophe.
    fn text(&self, value: &[u8], out: &mut Vec<u8>) -> bool {
        let unsafe_ = self.formula_safe && is_formula(value);
        let must = |byte: &u8| matches!(byte, b'"' | b'\n' | b'\r') || *byte == self.separator;
        // What would else be read as no value is put in quotes as well.
        if !value.iter().any(must) && (value != self.null || unsafe_) {
            if unsafe_ {
                out.push(b'\'');
            }
            out.extend_from_slice(value);
            return unsafe_;
        }
        out.push(b'"');
        if unsafe_ {
            out.push(b'\'');
        }
        let mut rest = value;
        while let Some(quote) = memchr(b'"', rest) {
            out.extend_from_slice(&rest[..=quote]);
            out.push(b'"');
            rest = &rest[quote + 1..];
        }
        out.extend_from_slice(rest);
        out.push(b'"');
        unsafe_
    }
}

/// Whether a spreadsheet would take a text for a formula. A number is none: `-5` stays.
fn is_formula(text: &[u8]) -> bool {
    let begins = matches!(text.first(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\n'));
    let is_number = || {
        let digits =
            |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'-' | b'+');
        text.iter().all(digits)
            && std::str::from_utf8(text).is_ok_and(|text| text.parse::<f64>().is_ok())
    };
    begins && !is_number()
}
