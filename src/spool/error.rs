//! What keeps fetched rows from being kept or read.

use std::{
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

/// A spool that fails, named by what its owner does next.
#[derive(Debug, Error)]
pub enum SpoolError {
    /// The file cannot be made.
    #[error("cannot write the fetched rows to `{}`: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No room is left.
    #[error("no space is left for the fetched rows: `{}`", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// SQLite fails.
    #[error("the fetched rows in `{}` cannot be used: {source}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// It does not hold what was put into it.
    #[error("the fetched rows in `{}` are damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
}

impl SpoolError {
    pub(super) fn at(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => SpoolError::Full { path },
            _ => SpoolError::Sqlite { path, source },
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            SpoolError::File { .. } => "check that the state folder can be written",
            SpoolError::Full { .. } => {
                "make room and give the same command again: what was fetched is kept"
            }
            SpoolError::Sqlite { .. } | SpoolError::Damaged { .. } => {
                "give the command again with `--fresh`: everything is fetched anew"
            }
        }
    }
}
