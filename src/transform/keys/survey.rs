//! The pass over the whole input that finds the rows whose key another row has, too.

use std::{
    cmp::Ordering,
    path::{Path, PathBuf},
};

use super::{
    KeyError,
    canonical::Keys,
    duplicates::{Duplicates, Loser, LoserFile, Winner},
    sort::{Limits, Record, Sort, Sorted},
};
use crate::{batch::Batch, transform::options::Keep};

/// Takes the keys of all rows of an input.
pub struct KeySurvey {
    folder: PathBuf,
    name: String,
    keep: Keep,
    limits: Limits,
    seen: Sort<Seen>,
}

/// A row's key and where the row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    hash: [u64; 2],
    /// The row's ordinal, or its complement where the last row wins: the winner comes first.
    rank: u64,
    line: u64,
    file: u32,
}

impl KeySurvey {
    /// A survey that will write the file `name` in `folder`, and keeps its working files there,
    /// readable by nobody else.
    ///
    /// # Errors
    /// `folder` does not exist.
    pub fn create(folder: &Path, name: &str, keep: Keep) -> Result<Self, KeyError> {
        Self::with_limits(folder, name, keep, Limits::default())
    }

    fn with_limits(
        folder: &Path,
        name: &str,
        keep: Keep,
        limits: Limits,
    ) -> Result<Self, KeyError> {
        std::fs::read_dir(folder).map_err(KeyError::io(folder))?;
        let seen = Sort::new(&folder.join(format!("{name}.by-key")), limits);
        Ok(KeySurvey { folder: folder.to_owned(), name: name.to_owned(), keep, limits, seen })
    }

    /// Adds the rows of a batch. A row with a null in its key has none, and is nobody's duplicate.
    /// Batches may come in any order.
    ///
    /// # Errors
    /// The disk is full or gone.
    pub fn add(&mut self, batch: &Batch, key_columns: &[usize]) -> Result<(), KeyError> {
        let mut keys = Keys::of(&batch.columns, key_columns)?;
        for row in 0..batch.len() {
            let Some(hash) = keys.hash(row) else { continue };
            let origin = batch.origin(row);
            let seen = Seen {
                hash: [(hash >> 64) as u64, hash as u64],
                rank: rank(self.keep, origin.ordinal),
                line: origin.line,
                file: origin.file,
            };
            self.seen.push(seen).map_err(KeyError::io(&self.folder))?;
        }
        Ok(())
    }

    /// Writes the rows that lose, and opens the list.
    ///
    /// # Errors
    /// The disk is full or gone.
    pub fn finish(self) -> Result<Duplicates, KeyError> {
        let at_folder = || KeyError::io(&self.folder);
        let sorted = self.seen.finish().map_err(at_folder())?;
        let spill = self.folder.join(format!("{}.by-row", self.name));
        let mut losers = Sort::new(&spill, self.limits);
        find_losers(self.keep, sorted, &mut losers).map_err(at_folder())?;
        let mut losers = losers.finish().map_err(at_folder())?;

        let path = self.folder.join(&self.name);
        let mut file = LoserFile::create(&path)?;
        while let Some(loser) = losers.next().map_err(at_folder())? {
            file.push(&loser)?;
        }
        file.publish()?;
        Duplicates::open(&path)
    }
}

fn rank(keep: Keep, ordinal: u64) -> u64 {
    match keep {
        Keep::First | Keep::RejectAll => ordinal,
        Keep::Last => !ordinal,
    }
}

/// Of rows with the same key all but the first lose, against it; where none may stay the first
/// loses as well, against the second.
fn find_losers(
    keep: Keep,
    mut rows: Sorted<Seen>,
    losers: &mut Sort<Loser>,
) -> std::io::Result<()> {
    let mut first: Option<Seen> = None;
    let mut alone = true;
    while let Some(row) = rows.next()? {
        match first {
            Some(first) if first.hash == row.hash => {
                if alone && keep == Keep::RejectAll {
                    losers.push(first.loses_against(&row, keep))?;
                }
                losers.push(row.loses_against(&first, keep))?;
                alone = false;
            }
            _ => (first, alone) = (Some(row), true),
        }
    }
    Ok(())
}

impl Seen {
    fn loses_against(&self, winner: &Seen, keep: Keep) -> Loser {
        Loser {
            ordinal: rank(keep, self.rank), // its own inverse
            winner: Winner {
                file: winner.file,
                line: winner.line,
                ordinal: rank(keep, winner.rank),
            },
        }
    }
}

impl Ord for Seen {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.hash, self.rank).cmp(&(other.hash, other.rank))
    }
}

impl PartialOrd for Seen {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Record for Seen {
    const SIZE: usize = 36;

    fn write(&self, bytes: &mut [u8]) {
        bytes[..8].copy_from_slice(&self.hash[0].to_le_bytes());
        bytes[8..16].copy_from_slice(&self.hash[1].to_le_bytes());
        bytes[16..24].copy_from_slice(&self.rank.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.line.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.file.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        use super::duplicates::{number, short_number};
        Seen {
            hash: [number(bytes, 0), number(bytes, 8)],
            rank: number(bytes, 16),
            line: number(bytes, 24),
            file: short_number(bytes, 32),
        }
    }
}

#[cfg(test)]
#[path = "survey_tests.rs"]
mod tests;
