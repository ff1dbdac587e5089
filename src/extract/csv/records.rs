//! Bytes to records: csv-core finds the fields, and what RFC 4180 forbids is found here.
//!
//! csv-core takes any bytes, and reads a stray quote as text. Whether a quoted field was written
//! rightly shows in its lengths (see [`well_quoted`]); an unquoted field must hold no quote.
//! Both are looked at before the next quoted field begins, so that a stray quote cannot make
//! csv-core take line after line for one record. Each physical line is thus read a few times at
//! most, whatever the bytes are: within a record that ends badly, only its first line can open a
//! quote that stays open over the line's end.

use memchr::{memchr, memchr_iter, memchr2, memchr2_iter};

use super::{
    columns::Columns,
    dialect::{Dialect, prime},
    window::Window,
};
use crate::files::{FileError, InputFile};

/// Bytes of the longest row, its line end included.
pub const ROW_LIMIT: usize = 1 << 20;

/// Why a record cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A quote within a field that does not begin with one.
    StrayQuote,
    /// Text between a closing quote and the end of the field.
    TextAfterQuote,
    /// The file ends within quotes.
    Unclosed,
    /// The record is longer than [`ROW_LIMIT`].
    TooLong,
}

/// What comes next in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A record of so many fields; they stand in the columns.
    Record { fields: usize },
    /// A record that is to be [rejected](Records::reject).
    Fault(Fault),
    /// The end of the file.
    End,
}

/// Where a record stands in its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Line of its first byte.
    pub(super) line: u64,
    /// Offset of its first byte.
    pub(super) start: u64,
    /// Bytes, line end included.
    pub(super) length: u64,
}

/// The first physical line of a record that could not be told.
#[derive(Debug)]
pub(super) struct Rejected {
    /// Its bytes without the line end, up to [`ROW_LIMIT`] of them.
    pub(super) line: Vec<u8>,
    /// The line on which the fault was found.
    pub(super) fault_line: u64,
}

enum Step {
    Field,
    Record,
    Fault(Fault),
}

/// The records of one file.
pub(super) struct Records {
    window: Window,
    core: csv_core::Reader,
    quote: u8,
    delimiter: u8,
    /// The record read last.
    place: Place,
    /// Line of the first byte that is not taken yet.
    line: u64,
    /// Bytes of the record that are known to have no stray quote.
    checked: usize,
    /// Whether a field of the record is quoted.
    quoted: bool,
    /// Bytes that csv-core was given, again and again counted.
    #[cfg(test)]
    pub(super) tokenised: u64,
}

impl Records {
    /// Reads on from where `input` stands, which is the first byte of line `line`.
    pub(super) fn new(input: InputFile, line: u64, dialect: &Dialect) -> Self {
        Records {
            window: Window::new(input),
            core: dialect.tokeniser(),
            quote: dialect.quote,
            delimiter: dialect.delimiter,
            place: Place::default(),
            line,
            checked: 0,
            quoted: false,
            #[cfg(test)]
            tokenised: 0,
        }
    }

    /// The first `count` bytes that come, or what the file has left.
    pub(super) fn ahead(&mut self, count: usize) -> Result<&[u8], FileError> {
        self.window.ahead(count)
    }

    /// Passes over `count` bytes that [`Records::ahead`] gave.
    pub(super) fn pass(&mut self, count: usize) {
        self.window.take(count);
    }

    /// Goes on to the record at byte `start`; false where that lies behind.
    pub(super) fn forward_to(&mut self, start: u64, line: u64) -> Result<bool, FileError> {
        self.line = line;
        self.window.forward_to(start)
    }

    /// Where the record read last stands.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Offset and line of the byte after it.
    pub(super) fn end(&self) -> (u64, u64) {
        (self.window.offset(), self.line)
    }

    /// Stored bytes passed so far.
    pub(super) fn stored_bytes(&self) -> u64 {
        self.window.stored_bytes()
    }

    /// Reads the next record into `columns`, whose current row it becomes. Blank lines between
    /// records are passed over.
    pub(super) fn next(&mut self, columns: &mut Columns) -> Result<Next, FileError> {
        if !self.begin()? {
            return Ok(Next::End);
        }
        if let Some(fields) = self.plain(columns) {
            return Ok(Next::Record { fields });
        }
        let mut fields = 0;
        loop {
            match self.field(columns, fields)? {
                Step::Field => fields += 1,
                Step::Record => break,
                Step::Fault(fault) => return Ok(Next::Fault(fault)),
            }
        }
        if self.window.length() > ROW_LIMIT {
            return Ok(Next::Fault(Fault::TooLong));
        }
        if self.has_stray_quote(self.window.length()) {
            return Ok(Next::Fault(Fault::StrayQuote));
        }
        self.end_record()?;
        Ok(Next::Record { fields: fields + 1 })
    }

    /// Reads the record where it is the usual one: a line that is at hand to its end, and without
    /// quotes. It needs no tokeniser then, only the places of the delimiters.
    #[inline]
    fn plain(&mut self, columns: &mut Columns) -> Option<usize> {
        let ahead = self.window.unread(ROW_LIMIT);
        let line = &ahead[..memchr(b'\n', ahead)?];
        let length = line.len() + 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if memchr2(self.quote, b'\r', line).is_some() {
            return None;
        }
        let (mut fields, mut from) = (0, 0);
        for end in memchr_iter(self.delimiter, line).chain([line.len()]) {
            columns.field(fields).put(&line[from..end]);
            (fields, from) = (fields + 1, end + 1);
        }
        self.window.take(length);
        self.place.length = length as u64;
        self.line += 1;
        Some(fields)
    }

    /// Passes over blank lines to the first byte of a record; false at the end of the file.
    fn begin(&mut self) -> Result<bool, FileError> {
        self.window.begin();
        while self.window.take_line_end()? {
            self.line += 1;
            self.window.begin();
        }
        (self.checked, self.quoted) = (0, false);
        self.place = Place { line: self.line, start: self.window.offset(), length: 0 };
        Ok(self.window.peek()?.is_some())
    }

    fn end_record(&mut self) -> Result<(), FileError> {
        if self.window.record().last() == Some(&b'\r') {
            self.window.take_line_feed()?;
        }
        let record = self.window.record();
        self.place.length = record.len() as u64;
        // Without quotes the only line end is that of the record.
        self.line += if self.quoted { line_ends(record) } else { 1 };
        Ok(())
    }

    /// Reads field `index` of the current record.
    #[inline]
    fn field(&mut self, columns: &mut Columns, index: usize) -> Result<Step, FileError> {
        let begin = self.window.length();
        let quoted = self.window.peek()? == Some(self.quote);
        if quoted && self.has_stray_quote(begin) {
            return Ok(Step::Fault(Fault::StrayQuote));
        }
        let into = columns.field(index);
        let before = into.len();
        let (record_end, at_end) = loop {
            // One byte beyond the limit tells a row that is too long.
            let at_end = self.window.unread(ROW_LIMIT + 1).is_empty();
            if at_end {
                if self.window.length() > ROW_LIMIT {
                    return Ok(Step::Fault(Fault::TooLong));
                }
                if self.window.more()? {
                    continue;
                }
            }
            let input = self.window.unread(ROW_LIMIT + 1);
            let (result, taken, written) = self.core.read_field(input, into.room());
            self.window.take(taken);
            #[cfg(test)]
            (self.tokenised += taken as u64);
            into.wrote(written);
            match result {
                csv_core::ReadFieldResult::InputEmpty => {}
                csv_core::ReadFieldResult::OutputFull => into.grow(),
                csv_core::ReadFieldResult::Field { record_end } => break (record_end, at_end),
                csv_core::ReadFieldResult::End => break (true, true),
            }
        };
        if quoted {
            let field = into.since(before);
            let end = self.window.length() - usize::from(!at_end);
            if let Some(fault) = quote_fault(&self.window.record()[begin..end], field, self.quote) {
                return Ok(Step::Fault(fault));
            }
            (self.checked, self.quoted) = (self.window.length(), true);
        }
        Ok(if record_end { Step::Record } else { Step::Field })
    }

    /// Whether a quote stands in the unquoted fields up to byte `end` of the record.
    #[inline]
    fn has_stray_quote(&self, end: usize) -> bool {
        memchr(self.quote, &self.window.record()[self.checked..end]).is_some()
    }

    /// Rejects the first physical line of the record that was a fault; the next one begins after
    /// it. Its length becomes that of the record's place.
    pub(super) fn reject(&mut self) -> Result<Rejected, FileError> {
        // The last byte taken ended the field: as a line end it is the fault's line's own.
        let (_, before) = self.window.record().split_last().unwrap_or((&0, &[]));
        let fault_line = self.place.line + line_ends(before);
        let (line, length) = self.window.take_line(ROW_LIMIT)?;
        self.place.length = length;
        self.line = self.place.line + 1;
        self.core.reset();
        prime(&mut self.core);
        Ok(Rejected { line, fault_line })
    }
}

/// What is wrong with a quoted field as it stands in the file, `raw`, that csv-core read as
/// `field`.
fn quote_fault(raw: &[u8], field: &[u8], quote: u8) -> Option<Fault> {
    match well_quoted(raw, field, quote) {
        true => None,
        false if is_open(raw, quote) => Some(Fault::Unclosed),
        false => Some(Fault::TextAfterQuote),
    }
}

/// Whether the quote that `raw` begins with is never closed: all others are doubled.
fn is_open(raw: &[u8], quote: u8) -> bool {
    let mut rest = &raw[1..];
    while let Some(at) = memchr(quote, rest) {
        if rest.get(at + 1) != Some(&quote) {
            return false;
        }
        rest = &rest[at + 2..];
    }
    true
}

/// Whether `raw` is a quote, text with each quote doubled, and a quote.
///
/// Then it is longer than what was read by two quotes and by one for each quote of the text. Text
/// after the closing quote is read as it stands: its quotes, if any, make `raw` shorter than
/// that, and without any `raw` does not end with a quote.
fn well_quoted(raw: &[u8], field: &[u8], quote: u8) -> bool {
    raw.last() == Some(&quote) && raw.len() == 2 + field.len() + memchr_iter(quote, field).count()
}

/// Line ends in `bytes`, of all three kinds.
fn line_ends(bytes: &[u8]) -> u64 {
    let ends = memchr2_iter(b'\n', b'\r', bytes);
    ends.filter(|at| bytes[*at] == b'\n' || bytes.get(at + 1) != Some(&b'\n')).count() as u64
}
