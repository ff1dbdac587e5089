//! What can go wrong with an index, named by what the reader does next.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why an index could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The disk has no room left.
    #[error("the disk is full: the table `{}` could not be written", path.display())]
    Full { path: PathBuf },
    /// The file or its folder may not be read or written.
    #[error("the table `{}` cannot be opened or written", path.display())]
    Access { path: PathBuf, source: rusqlite::Error },
    /// The file is not what was written.
    #[error("the table `{}` is damaged: {what}", path.display())]
    Damaged { path: PathBuf, what: String },
    /// The file could not be made, or not be given its name.
    #[error("the table `{}` cannot be made", path.display())]
    File { path: PathBuf, source: std::io::Error },
    /// Anything else that SQLite says.
    #[error("the table `{}` failed", path.display())]
    Sqlite { path: PathBuf, source: rusqlite::Error },
}

impl IndexError {
    /// Names what SQLite said by what to do about it.
    pub(super) fn at(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                IndexError::Damaged { path, what: source.to_string() }
            }
            Some(ErrorCode::DiskFull) => IndexError::Full { path },
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                IndexError::Access { path, source }
            }
            _ => IndexError::Sqlite { path, source },
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            IndexError::Full { .. } => {
                "make room, and give the same command again: it goes on where it was".into()
            }
            IndexError::Access { .. } | IndexError::File { .. } => {
                "make the folder writable for this user, or name another one with `--state-dir`"
                    .into()
            }
            IndexError::Damaged { path, .. } => {
                format!("delete `{}`: it is made again", path.display())
            }
            IndexError::Sqlite { .. } => {
                "give the same command again: it goes on where it was".into()
            }
        }
    }
}
