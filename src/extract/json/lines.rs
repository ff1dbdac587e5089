//! The lines of a file, however long one of them is.

use memchr::memchr;

use crate::{
    extract::csv::ROW_LIMIT,
    files::{Compression, FileError, InputFile},
};

/// Bytes asked for at a time.
const PIECE: usize = 256 << 10;

/// Bytes of a line that is longer than a row may be, kept to show what it is.
const SHOWN: usize = 1000;

const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";

/// One line that is not blank.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// Its text without the line end; of a line that is too long its beginning.
    pub text: &'a [u8],
    /// Whether it is longer than a row may be.
    pub too_long: bool,
    /// Its number; 1 is the first line of the file.
    pub number: u64,
    /// Offset of its first byte.
    pub start: u64,
    /// Bytes, line end included.
    pub length: u64,
}

/// Where a line stands in the buffer.
struct Found {
    text: std::ops::Range<usize>,
    length: u64,
    too_long: bool,
}

/// The lines of one file.
pub(super) struct Lines {
    input: InputFile,
    buffer: Vec<u8>,
    filled: usize,
    /// First byte of `buffer` that is not passed yet.
    at: usize,
    /// Offset in the file of that byte.
    offset: u64,
    /// Its line.
    line: u64,
}

impl Lines {
    /// Reads on from where `input` stands, which is the first byte of line `line`.
    pub fn new(input: InputFile, line: u64) -> Self {
        let offset = input.position();
        Lines { input, buffer: vec![0; PIECE], filled: 0, at: 0, offset, line }
    }

    /// The first bytes of the file, as many as there are at hand; a byte order mark is passed.
    pub fn beginning(&mut self) -> Result<&[u8], FileError> {
        while self.filled < 1024 && self.more()? {}
        if self.offset == 0 && self.buffer[..self.filled].starts_with(UTF_8_MARK) {
            self.pass(UTF_8_MARK.len());
        }
        Ok(&self.buffer[self.at..self.filled])
    }

    /// Offset and line of the byte that comes next.
    pub fn place(&self) -> (u64, u64) {
        (self.offset, self.line)
    }

    /// Stored bytes passed so far.
    pub fn stored_bytes(&self) -> u64 {
        match self.input.compression() {
            Compression::Plain => self.offset,
            _ => self.input.stored_bytes(),
        }
    }

    /// Goes on to byte `offset`, the first of line `line`; false where that lies behind.
    pub fn forward_to(&mut self, offset: u64, line: u64) -> Result<bool, FileError> {
        let Some(ahead) = offset.checked_sub(self.offset) else { return Ok(false) };
        if ahead <= (self.filled - self.at) as u64 {
            self.at += ahead as usize;
        } else {
            self.input.forward_to(offset)?;
            (self.filled, self.at) = (0, 0);
        }
        (self.offset, self.line) = (offset, line);
        Ok(true)
    }

    /// The next line that is not blank; none at the end of the file.
    pub fn next(&mut self) -> Result<Option<Line<'_>>, FileError> {
        loop {
            let (start, number) = (self.offset, self.line);
            let Some(found) = self.find()? else { return Ok(None) };
            self.offset = start + found.length;
            self.line += 1;
            let blank = self.buffer[found.text.clone()].iter().all(u8::is_ascii_whitespace);
            if !blank || found.too_long {
                let Found { text, length, too_long } = found;
                let text = &self.buffer[text];
                return Ok(Some(Line { text, too_long, number, start, length }));
            }
        }
    }

    /// Passes over the next line.
    fn find(&mut self) -> Result<Option<Found>, FileError> {
        let mut looked = 0;
        loop {
            let rest = &self.buffer[self.at..self.filled];
            let end = memchr(b'\n', &rest[looked..]).map(|end| looked + end);
            if end.unwrap_or(rest.len()) > ROW_LIMIT {
                return self.pass_long().map(Some);
            }
            if let Some(end) = end {
                let text = self.at..self.at + end;
                self.at += end + 1;
                return Ok(Some(self.without_return(text, end as u64 + 1)));
            }
            looked = rest.len();
            if !self.more()? {
                let text = self.at..self.filled;
                let length = text.len() as u64;
                self.at = self.filled;
                return Ok((length > 0).then(|| self.without_return(text, length)));
            }
        }
    }

    fn without_return(&self, mut text: std::ops::Range<usize>, length: u64) -> Found {
        if self.buffer[text.clone()].ends_with(b"\r") {
            text.end -= 1;
        }
        Found { text, length, too_long: false }
    }

    /// Passes over a line that is longer than a row may be; its beginning is kept at the front of
    /// the buffer.
    fn pass_long(&mut self) -> Result<Found, FileError> {
        let kept = self.buffer[self.at..self.at + SHOWN].to_vec();
        let mut length = 0;
        loop {
            let rest = &self.buffer[self.at..self.filled];
            let end = memchr(b'\n', rest).map(|end| end + 1);
            let count = end.unwrap_or(rest.len());
            length += count as u64;
            self.at += count;
            if end.is_some() || !self.more()? {
                break;
            }
        }
        // What comes next stands after the text that is kept.
        self.buffer.splice(..self.at, kept);
        self.filled = self.filled - self.at + SHOWN;
        self.at = SHOWN;
        Ok(Found { text: 0..SHOWN, length, too_long: true })
    }

    fn pass(&mut self, count: usize) {
        self.at += count;
        self.offset += count as u64;
    }

    /// Reads further; false at the end of the file. What is not passed stays at hand.
    fn more(&mut self) -> Result<bool, FileError> {
        self.buffer.copy_within(self.at..self.filled, 0);
        self.filled -= self.at;
        self.at = 0;
        if self.filled + PIECE > self.buffer.len() {
            self.buffer.resize(self.filled + PIECE, 0);
        }
        let count = self.input.fill(&mut self.buffer[self.filled..])?;
        self.filled += count;
        Ok(count > 0)
    }
}
