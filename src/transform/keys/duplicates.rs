//! The rows that lose against another of the same key, on disk in the order of the input.

use std::{
    cmp::Ordering,
    fs::{File, OpenOptions},
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::{KeyError, sort::Record};
use crate::batch::Batch;

/// What the file begins with: its name and version, then the number of records.
const MAGIC: &[u8; 16] = b"vccpipe keys 1\n\n";
const HEADER: u64 = 24;

/// Records read at a time.
const READ: u64 = 2048;

/// The row of the same key that stays, or where none may stay, another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Winner {
    /// Index of its file in the source's list of files.
    pub file: u32,
    /// Its line.
    pub line: u64,
    /// Its number in the whole input.
    pub ordinal: u64,
}

/// A row that does not stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Loser {
    pub ordinal: u64,
    pub winner: Winner,
}

/// The rows of an input that lose against another of the same key.
///
/// It keeps no place in the file: threads may ask for any batch at any time.
#[derive(Debug)]
pub struct Duplicates {
    path: PathBuf,
    file: File,
    count: u64,
}

impl Duplicates {
    /// Opens what a survey has written.
    ///
    /// # Errors
    /// There is no such file, or it is something else.
    pub fn open(path: &Path) -> Result<Self, KeyError> {
        let file = File::open(path).map_err(KeyError::io(path))?;
        let length = file.metadata().map_err(KeyError::io(path))?.len();
        let damaged = || KeyError::Damaged { path: path.to_owned() };
        let mut header = [0; HEADER as usize];
        read_at(&file, &mut header, 0).map_err(|_| damaged())?;
        let count = number(&header, MAGIC.len());
        let expected = count.checked_mul(Loser::SIZE as u64).and_then(|n| n.checked_add(HEADER));
        if !header.starts_with(MAGIC) || expected != Some(length) {
            return Err(damaged());
        }
        Ok(Duplicates { path: path.to_owned(), file, count })
    }

    /// How many rows of the whole input lose.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The rows of `batch` that lose, ascending, each with the one that it loses against.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn mark(&self, batch: &Batch) -> Result<Vec<(usize, Winner)>, KeyError> {
        let mut losers = Vec::new();
        if self.count == 0 || batch.is_empty() {
            return Ok(losers);
        }
        let mut walk = Walk {
            list: self,
            next: self.search(batch.origin(0).ordinal)?,
            read: Vec::new().into_iter(),
        };
        let mut loser = walk.next()?;
        for row in 0..batch.len() {
            let ordinal = batch.origin(row).ordinal;
            while loser.is_some_and(|loser| loser.ordinal < ordinal) {
                loser = walk.next()?;
            }
            match loser {
                None => break,
                Some(loser) if loser.ordinal == ordinal => losers.push((row, loser.winner)),
                Some(_) => {}
            }
        }
        Ok(losers)
    }

    /// Index of the first record that is not before `ordinal`.
    fn search(&self, ordinal: u64) -> Result<u64, KeyError> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            let found = self.read(middle, middle + 1)?;
            match found.first() {
                Some(loser) if loser.ordinal < ordinal => low = middle + 1,
                _ => high = middle,
            }
        }
        Ok(low)
    }

    fn read(&self, from: u64, to: u64) -> Result<Vec<Loser>, KeyError> {
        let mut bytes = vec![0; (to - from) as usize * Loser::SIZE];
        let offset = HEADER + from * Loser::SIZE as u64;
        read_at(&self.file, &mut bytes, offset).map_err(KeyError::io(&self.path))?;
        Ok(bytes.chunks_exact(Loser::SIZE).map(Loser::read).collect())
    }
}

/// The records one after the other, some read ahead.
struct Walk<'a> {
    list: &'a Duplicates,
    next: u64,
    read: std::vec::IntoIter<Loser>,
}

impl Walk<'_> {
    fn next(&mut self) -> Result<Option<Loser>, KeyError> {
        if let Some(loser) = self.read.next() {
            return Ok(Some(loser));
        }
        let to = self.list.count.min(self.next + READ);
        self.read = self.list.read(self.next, to)?.into_iter();
        self.next = to;
        Ok(self.read.next())
    }
}

/// The list while it is written; it gets its name when it is whole.
pub(super) struct LoserFile {
    path: PathBuf,
    unfinished: PathBuf,
    file: BufWriter<File>,
    count: u64,
}

impl LoserFile {
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".part");
        let unfinished = PathBuf::from(unfinished);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let open = options.open(&unfinished);
        let mut file = BufWriter::new(open.map_err(KeyError::io(&unfinished))?);
        file.write_all(&[0; HEADER as usize]).map_err(KeyError::io(&unfinished))?;
        Ok(LoserFile { path: path.to_owned(), unfinished, file, count: 0 })
    }

    pub fn push(&mut self, loser: &Loser) -> Result<(), KeyError> {
        let mut bytes = [0; Loser::SIZE];
        loser.write(&mut bytes);
        self.count += 1;
        self.file.write_all(&bytes).map_err(KeyError::io(&self.unfinished))
    }

    pub fn publish(mut self) -> Result<(), KeyError> {
        self.finish().map_err(KeyError::io(&self.unfinished))
    }

    fn finish(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(MAGIC)?;
        self.file.write_all(&self.count.to_le_bytes())?;
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        std::fs::rename(&self.unfinished, &self.path)?;
        #[cfg(unix)]
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

impl Drop for LoserFile {
    /// A list that was not finished is of no use; one that was has another name by now.
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.unfinished);
    }
}

impl Record for Loser {
    const SIZE: usize = 28;

    fn write(&self, bytes: &mut [u8]) {
        bytes[..8].copy_from_slice(&self.ordinal.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.winner.ordinal.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.winner.line.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.winner.file.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        Loser {
            ordinal: number(bytes, 0),
            winner: Winner {
                ordinal: number(bytes, 8),
                line: number(bytes, 16),
                file: short_number(bytes, 24),
            },
        }
    }
}

impl Ord for Loser {
    fn cmp(&self, other: &Self) -> Ordering {
        self.ordinal.cmp(&other.ordinal)
    }
}

impl PartialOrd for Loser {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The eight bytes at `at` as a number.
pub(super) fn number(bytes: &[u8], at: usize) -> u64 {
    let mut eight = [0; 8];
    eight.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(eight)
}

/// The four bytes at `at` as a number.
pub(super) fn short_number(bytes: &[u8], at: usize) -> u32 {
    let mut four = [0; 4];
    four.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(four)
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, bytes, offset)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes = &mut bytes[read..];
        offset += read as u64;
    }
    Ok(())
}
