//! Why files could not be written, named by what the reader does next.

use std::{
    error::Error,
    io,
    path::{Path, PathBuf},
};

use arrow::error::ArrowError;
use parquet::errors::ParquetError;

use crate::files::FileError;

/// Why a load into files cannot begin, or did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum FileLoadError {
    /// What stands at the target, or what the pipeline asks for, must be mended first. Nothing
    /// was written.
    #[error("{what}")]
    Refused { what: String, hint: String },
    /// A file of the target, of the staging folder, or of the run's folder.
    #[error(transparent)]
    Files(#[from] FileError),
    /// Columns that could not be put together.
    #[error("the columns for `{}` could not be put together: {source}", path.display())]
    Columns { path: PathBuf, source: ArrowError },
    /// A Parquet file that could not be written or read.
    #[error("the Parquet file `{}` failed: {source}", path.display())]
    Parquet { path: PathBuf, source: ParquetError },
    /// The run was asked to stop before everything was written.
    #[error("the run was stopped before everything was written")]
    Stopped,
    /// The object store said no.
    #[error("the object store failed to {doing} `{name}`: {why}")]
    Store { doing: &'static str, name: String, why: String },
}

impl FileLoadError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            FileLoadError::Refused { hint, .. } => hint.clone(),
            FileLoadError::Files(error) => error.hint(),
            FileLoadError::Columns { .. } => {
                "this is a defect of vccpipe: please report it with the run's `log.jsonl`".into()
            }
            FileLoadError::Parquet { .. } => {
                "if the file was there before, put it back from a copy or load it anew by \
                 `mode: snapshot`; else give the same command again"
                    .into()
            }
            FileLoadError::Stopped => "give the same command again".into(),
            FileLoadError::Store { .. } => {
                "check the bucket and the credentials in the environment, and give the same \
                 command again: it goes on where it was"
                    .into()
            }
        }
    }

    /// Whether the pipeline or the target is to be mended before anything is written.
    pub fn is_usage(&self) -> bool {
        match self {
            FileLoadError::Refused { .. } => true,
            FileLoadError::Files(error) => !matches!(
                error,
                FileError::DiskFull { .. } | FileError::Io { .. } | FileError::Damaged { .. }
            ),
            _ => false,
        }
    }

    pub(super) fn refused(what: impl Into<String>, hint: impl Into<String>) -> Self {
        FileLoadError::Refused { what: what.into(), hint: hint.into() }
    }

    pub(super) fn io(path: &Path, doing: &'static str, source: io::Error) -> Self {
        FileError::from_io(path, doing, source).into()
    }

    /// What arrow said of the columns of `path`; what the system said, if it was that.
    pub(super) fn columns(path: &Path, source: ArrowError) -> Self {
        match source {
            ArrowError::IoError(_, error) => FileLoadError::io(path, "write", error),
            source => FileLoadError::Columns { path: path.to_owned(), source },
        }
    }

    /// What the Parquet library said of `path`; what the system said, if it was that.
    pub(super) fn parquet(path: &Path, doing: &'static str, source: ParquetError) -> Self {
        let source = match source {
            ParquetError::External(error) => match error.downcast::<io::Error>() {
                Ok(error) => return FileLoadError::io(path, doing, *error),
                Err(error) => ParquetError::External(error),
            },
            source => source,
        };
        let system = source.source().and_then(|error| error.downcast_ref::<io::Error>());
        match system {
            Some(error) => FileLoadError::io(path, doing, error.kind().into()),
            None => FileLoadError::Parquet { path: path.to_owned(), source },
        }
    }
}
