//! Exit codes, as the documentation promises them.

use std::process::ExitCode;

/// How the program ends; the larger of two wins where several pipelines ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Everything loaded or skipped.
    Success,
    /// Finished, but some records were rejected or refused.
    Rejects,
    /// Finished, but some records are in doubt.
    InDoubt,
    /// The command line or a file is wrong; nothing was sent.
    Usage,
    /// The run failed or was stopped; it says how to go on.
    Failed,
    /// Interrupted, resumable.
    Interrupted,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Rejects => 3,
            Exit::InDoubt => 4,
            Exit::Interrupted => 130,
        }
    }

    /// Whether further pipelines of the same command line still run.
    pub fn goes_on(self) -> bool {
        self <= Exit::InDoubt
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}
