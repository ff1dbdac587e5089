//! The bytes of a file around the record that is being read.

use memchr::memchr2;

use crate::files::{FileError, InputFile};

/// Bytes asked for at a time.
const PIECE: usize = 256 << 10;

/// A piece of a file: from the first byte of the current record to what was read so far.
pub(super) struct Window {
    input: InputFile,
    buffer: Vec<u8>,
    /// Bytes of `buffer` that hold text.
    filled: usize,
    /// First byte of the current record.
    start: usize,
    /// First byte that is not taken yet.
    at: usize,
    /// Offset in the file of the first byte of `buffer`.
    base: u64,
}

impl Window {
    pub(super) fn new(input: InputFile) -> Self {
        let base = input.position();
        Window { input, buffer: vec![0; PIECE], filled: 0, start: 0, at: 0, base }
    }

    /// Offset in the file of the first byte that is not taken yet.
    pub(super) fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// Stored bytes passed so far.
    pub(super) fn stored_bytes(&self) -> u64 {
        match self.input.compression() {
            crate::files::Compression::Plain => self.offset(),
            _ => self.input.stored_bytes(),
        }
    }

    /// Begins a record at the first byte that is not taken yet.
    pub(super) fn begin(&mut self) {
        self.start = self.at;
    }

    /// The bytes of the current record taken so far.
    pub(super) fn record(&self) -> &[u8] {
        &self.buffer[self.start..self.at]
    }

    /// How many they are.
    pub(super) fn length(&self) -> usize {
        self.at - self.start
    }

    /// Bytes at hand, up to the record's byte `limit`.
    #[inline]
    pub(super) fn unread(&self, limit: usize) -> &[u8] {
        &self.buffer[self.at..self.filled.min(self.start + limit)]
    }

    /// Takes `count` of the bytes at hand.
    #[inline]
    pub(super) fn take(&mut self, count: usize) {
        self.at += count;
    }

    /// The next byte; none at the end of the file.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<Option<u8>, FileError> {
        if self.at == self.filled && !self.more()? {
            return Ok(None);
        }
        Ok(Some(self.buffer[self.at]))
    }

    /// The first `count` bytes that are not taken, or what the file has left.
    pub(super) fn ahead(&mut self, count: usize) -> Result<&[u8], FileError> {
        while self.filled - self.at < count && self.more()? {}
        Ok(&self.buffer[self.at..self.filled.min(self.at + count)])
    }

    /// Reads further; false at the end of the file. The current record stays at hand.
    pub(super) fn more(&mut self) -> Result<bool, FileError> {
        self.buffer.copy_within(self.start..self.filled, 0);
        self.base += self.start as u64;
        self.filled -= self.start;
        self.at -= self.start;
        self.start = 0;
        if self.filled == self.buffer.len() {
            self.buffer.resize(2 * self.filled, 0);
        }
        let count = self.input.fill(&mut self.buffer[self.filled..])?;
        self.filled += count;
        Ok(count > 0)
    }

    /// Takes the line end that comes next, if one does: `\n`, `\r` or `\r\n`.
    pub(super) fn take_line_end(&mut self) -> Result<bool, FileError> {
        match self.peek()? {
            Some(b'\n') => self.at += 1,
            Some(b'\r') => {
                self.at += 1;
                self.take_line_feed()?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Takes the `\n` that comes next, if one does.
    pub(super) fn take_line_feed(&mut self) -> Result<(), FileError> {
        if self.peek()? == Some(b'\n') {
            self.at += 1;
        }
        Ok(())
    }

    /// Gives back what was taken of the record, then takes its first physical line. Gives the
    /// line without its end, up to `keep` bytes of it, and the length of the whole with its end.
    pub(super) fn take_line(&mut self, keep: usize) -> Result<(Vec<u8>, u64), FileError> {
        self.at = self.start;
        let (mut line, mut length) = (Vec::new(), 0);
        loop {
            let rest = &self.buffer[self.at..self.filled];
            let end = memchr2(b'\n', b'\r', rest);
            let count = end.unwrap_or(rest.len());
            line.extend_from_slice(&rest[..count.min(keep.saturating_sub(line.len()))]);
            self.at += count;
            length += count as u64;
            if end.is_some() {
                break;
            }
            self.start = self.at; // what was looked through need not stay at hand
            if !self.more()? {
                break;
            }
        }
        self.start = self.at;
        self.take_line_end()?;
        Ok((line, length + self.length() as u64))
    }

    /// Goes on to byte `offset` of the file; false where that lies behind.
    pub(super) fn forward_to(&mut self, offset: u64) -> Result<bool, FileError> {
        let Some(ahead) = offset.checked_sub(self.offset()) else { return Ok(false) };
        let at_hand = (self.filled - self.at) as u64;
        if ahead <= at_hand {
            self.at += ahead as usize;
        } else {
            self.input.forward_to(offset)?;
            (self.filled, self.at, self.base) = (0, 0, offset);
        }
        self.start = self.at;
        Ok(true)
    }
}
