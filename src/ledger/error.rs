//! What can go wrong with the ledger, named by what the reader does next.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file is no ledger any more.
    #[error("the ledger `{}` is damaged: {what}", path.display())]
    Damaged { path: PathBuf, what: String },
    /// A newer version of the program wrote it.
    #[error("the ledger `{}` has format {found}, this vccpipe knows formats up to {known}", path.display())]
    Newer { path: PathBuf, found: i64, known: i64 },
    /// The disk has no room left.
    #[error("the disk is full: the ledger `{}` could not be written", path.display())]
    Full { path: PathBuf },
    /// The file or its folder may not be written.
    #[error("the ledger `{}` cannot be opened or written", path.display())]
    Access { path: PathBuf, source: rusqlite::Error },
    /// Another process runs the same pipeline.
    #[error("pipeline `{pipeline}` is being run by another process{}", holder.as_deref().map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    Locked { pipeline: String, holder: Option<String> },
    /// The lock file could not be made.
    #[error("the lock `{}` cannot be made", path.display())]
    Lock { path: PathBuf, source: std::io::Error },
    /// Anything else that SQLite says.
    #[error("the ledger `{}` failed", path.display())]
    Sqlite { path: PathBuf, source: rusqlite::Error },
}

impl LedgerError {
    /// Names what SQLite said by what to do about it.
    pub(super) fn at(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                LedgerError::Damaged { path, what: source.to_string() }
            }
            Some(ErrorCode::DiskFull) => LedgerError::Full { path },
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                LedgerError::Access { path, source }
            }
            _ => LedgerError::Sqlite { path, source },
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            LedgerError::Damaged { path, .. } => format!(
                "restore `{}` from a backup; or move it aside and run again: what an unfinished \
                 run has sent is then forgotten, and a load that adds meets its own records as \
                 duplicates",
                path.display()
            ),
            LedgerError::Newer { .. } => {
                "use the newer vccpipe that wrote it, or another `--state-dir`".into()
            }
            LedgerError::Full { .. } => {
                "make room, and give the same command again: it goes on where it was".into()
            }
            LedgerError::Access { .. } | LedgerError::Lock { .. } => {
                "make the folder writable for this user, or name another one with `--state-dir`"
                    .into()
            }
            LedgerError::Locked { .. } => {
                "wait until it has ended, or use another `--state-dir` for an independent run"
                    .into()
            }
            LedgerError::Sqlite { .. } => {
                "give the same command again: it goes on where it was".into()
            }
        }
    }
}
