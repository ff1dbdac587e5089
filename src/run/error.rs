//! Why a run could not begin, or had to stop: named by what the reader does next.

use std::path::PathBuf;

use crate::{
    diagnostic::Report,
    extract::{ExtractError, fetch::FetchError},
    files::FileError,
    index::IndexError,
    ledger::LedgerError,
    load::files::FileLoadError,
    spool::SpoolError,
    transform::{KeyError, QueryError, TransformError},
};

/// Why a run did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The pipeline file is to be mended.
    #[error("the pipeline file has errors")]
    Pipeline(Box<Report>),
    /// The input is to be mended, or its path.
    #[error(transparent)]
    Extract(#[from] ExtractError),
    /// The file with what was fetched.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// What was to be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A result file or the state folder.
    #[error(transparent)]
    Files(#[from] FileError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The files of a load, or the place where they go.
    #[error(transparent)]
    Written(#[from] FileLoadError),
    /// A step failed as a whole, not for a row.
    #[error(transparent)]
    Transform(#[from] TransformError),
    /// A list of keys that stand in the input twice.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The table of a `lookup`.
    #[error(transparent)]
    Table(#[from] IndexError),
    /// Columns could not be put together.
    #[error("rows could not be put together: {0}")]
    Columns(#[from] arrow::error::ArrowError),
    /// An unfinished run belongs to something else than what is there now.
    #[error("the unfinished run {run_id} of `{pipeline}` cannot go on: {}", changes.join("; "))]
    Changed { pipeline: String, run_id: String, changes: Vec<String> },
    /// A row that was loaded has grown since.
    #[error("the input was loaded by run {run_id}: {what}")]
    GrewWithin { run_id: String, what: String },
    /// The rows that a `sql` step made are gone, and some of them were sent.
    #[error("the rows that the query of the unfinished run made are gone: `{}`", path.display())]
    RelationGone { path: PathBuf },
    /// A file that is no plan.
    #[error("`{}` is no plan: {what}", path.display())]
    NoPlan { path: PathBuf, what: String },
    /// A plan of something else.
    #[error("the plan `{}` is not of what is there now: {}", path.display(), changes.join("; "))]
    NotPlanned { path: PathBuf, changes: Vec<String> },
    /// A call is placed once, and the unfinished run has placed some.
    #[error(
        "the unfinished run {run_id} of `{pipeline}` has placed calls: `--fresh` would place them again"
    )]
    OnlyOnce { pipeline: String, run_id: String },
    /// More rows than the target takes in one upload.
    #[error("{rows} records are to be loaded, and {what} takes at most {most}")]
    TooMany { rows: u64, most: u64, what: String },
    /// The target said what no further request will change, before anything was sent.
    #[error("{what}")]
    Target { what: String, hint: String },
    /// The command line asks for what the pipeline has not.
    #[error("{what}")]
    CommandLine { what: String, hint: String },
    /// A run that was asked for is not there, or not in a state for it.
    #[error("{what}")]
    NoSuchRun { what: String, hint: String },
    /// A result file is not what the run has left.
    #[error("{what}")]
    Results { what: String, hint: String },
    /// The connection cannot be used.
    #[error("{what}")]
    Connection { what: String, hint: String },
    /// The run's folder cannot be made.
    #[error("the folder `{}` cannot be made or written", path.display())]
    Folder { path: PathBuf, source: FileError },
    /// The books do not balance: a defect of the program.
    #[error("the books do not balance: {0}")]
    Unbalanced(String),
    /// A thread of the run ended without a word.
    #[error("a part of the run ended without a word: {0}")]
    Vanished(String),
}

impl From<QueryError> for RunError {
    fn from(error: QueryError) -> Self {
        RunError::Transform(TransformError::Query(error))
    }
}

impl RunError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            RunError::Extract(error) => Some(error.hint()),
            RunError::Files(error) => Some(error.hint()),
            RunError::Spool(error) => Some(error.hint().into()),
            RunError::Fetch(error) => Some(error.hint()),
            RunError::Ledger(error) => Some(error.hint()),
            RunError::Written(error) => Some(error.hint()),
            RunError::Changed { .. } => Some(
                "put back what changed and give the same command again, or start anew with \
                 `--fresh`: rows that were already sent are then sent again"
                    .into(),
            ),
            RunError::GrewWithin { .. } => Some(
                "give new rows in a file of their own with `--input`, or send all rows again with \
                 `--again`"
                    .into(),
            ),
            RunError::NoPlan { .. } => {
                Some("make one with `vccpipe plan FILE --out plan.json`".into())
            }
            RunError::NotPlanned { .. } => Some(
                "put back what changed, or make the plan anew with `vccpipe plan FILE --out \
                 plan.json` and look at it; nothing was sent"
                    .into(),
            ),
            RunError::OnlyOnce { .. } => Some(
                "give the same command without `--fresh`: it goes on where it was; if all phones \
                 shall ring again, add `--again`"
                    .into(),
            ),
            RunError::Table(error) | RunError::Transform(TransformError::Table(error)) => {
                Some(error.hint())
            }
            RunError::Transform(TransformError::Query(error)) => Some(error.hint()),
            RunError::RelationGone { .. } => Some(
                "put the file back, or start anew with `--fresh`: rows that were already sent are \
                 then sent again"
                    .into(),
            ),
            RunError::Keys(_) | RunError::Transform(_) => Some(
                "make room and see that the folder can be written; then give the same command \
                 again: it goes on where it was"
                    .into(),
            ),
            RunError::TooMany { most, .. } => Some(format!(
                "load it in parts of at most {most} records, each into a campaign of its own"
            )),
            RunError::Target { hint, .. }
            | RunError::CommandLine { hint, .. }
            | RunError::Connection { hint, .. }
            | RunError::NoSuchRun { hint, .. }
            | RunError::Results { hint, .. } => Some(hint.clone()),
            RunError::Folder { source, .. } => {
                Some(format!("{} with `--state-dir`", source.hint()))
            }
            RunError::Unbalanced(_) | RunError::Vanished(_) => Some(
                "this is a defect of vccpipe: please report it with the run's `log.jsonl`; the \
                 ledger has what was sent"
                    .into(),
            ),
            _ => None,
        }
    }

    /// Whether a file or the command line is to be mended, and nothing was sent.
    pub fn is_usage(&self) -> bool {
        match self {
            RunError::Pipeline(_)
            | RunError::Extract(_)
            | RunError::Changed { .. }
            | RunError::GrewWithin { .. }
            | RunError::RelationGone { .. }
            | RunError::Transform(TransformError::Query(_))
            | RunError::NoPlan { .. }
            | RunError::NotPlanned { .. }
            | RunError::OnlyOnce { .. }
            | RunError::TooMany { .. }
            | RunError::CommandLine { .. }
            | RunError::Connection { .. }
            | RunError::NoSuchRun { .. }
            | RunError::Folder { .. } => true,
            RunError::Written(error) => error.is_usage(),
            RunError::Ledger(error) => matches!(
                error,
                LedgerError::Damaged { .. }
                    | LedgerError::Newer { .. }
                    | LedgerError::Access { .. }
                    | LedgerError::Lock { .. }
            ),
            _ => false,
        }
    }
}
