//! Keys that stand in the input twice, found over any number of rows in the same memory.
//!
//! A [`KeySurvey`] takes the hash of each row's key and where the row stands, sorts these on disk
//! by hash ([`sort`]), finds the rows that lose against another of the same key, and writes them
//! sorted by row ([`Duplicates`]), so that any later pass, from wherever it starts, can ask for
//! its rows in passing.
//!
//! Sorting was preferred to partitions by hash: a key that stands in half of the rows makes one
//! partition that no hash can split, and costs a sort nothing.
//!
//! Two keys are taken for the same if 128 bits of XXH3 agree, which for a billion different keys
//! happens by chance once in 10^20 inputs.

mod canonical;
mod duplicates;
mod sort;
mod survey;

use std::{io, path::PathBuf};

pub use duplicates::{Duplicates, Winner};
pub use survey::KeySurvey;

/// Why keys cannot be surveyed, or the result not be read.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Writing or reading failed.
    #[error("the keys of the input cannot be kept in `{}`: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file is not one that a survey wrote, or not all of it.
    #[error("`{}` is not a list of keys seen twice, or is cut off; delete it, and it is made again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The key's values cannot be compared.
    #[error("the key cannot be read: {0}; this is a bug")]
    Columns(#[from] arrow::error::ArrowError),
}

impl KeyError {
    fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> KeyError {
        let path = path.into();
        move |error| KeyError::Io { path, error }
    }
}
