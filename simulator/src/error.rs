//! Why a simulator did not start.

use std::{io, path::PathBuf};

/// Why a simulator did not start; each names the thing and the way out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The port is taken, or may not be used.
    #[error("cannot listen on `127.0.0.1:{port}`: {source} (port 0 takes any free one)")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// A value of the settings makes no sense.
    #[error("the simulator's setting `{setting}` {problem}")]
    Setting {
        /// Where it stands, as a path of keys.
        setting: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The journal cannot be read or written.
    #[error("cannot {doing} the simulated tenant's journal `{path}`: {source}")]
    Journal {
        /// What was tried.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process keeps its tenant in the same folder.
    #[error(
        "the simulated tenant in `{path}` is in use by another process (wait for it, or give this one another folder)"
    )]
    InUse {
        /// The journal.
        path: PathBuf,
    },
    /// The journal was begun by another version of the simulator, or is no journal at all.
    #[error(
        "`{path}` begins with `{found}`, not with `{expected}` (move it away to begin a new tenant)"
    )]
    JournalVersion {
        /// The journal.
        path: PathBuf,
        /// Its first line.
        found: String,
        /// The first line that this version writes.
        expected: String,
    },
    /// The journal belongs to a tenant with another seed or other tenant settings.
    #[error(
        "`{path}` belongs to a tenant with other settings: {differences} (give the former settings again, or move the file away to begin a new tenant)"
    )]
    JournalSettings {
        /// The journal.
        path: PathBuf,
        /// Each setting that differs, with both values.
        differences: String,
    },
    /// The journal is damaged before its end.
    #[error("`{path}` is damaged at byte {at} (move it away to begin a new tenant)")]
    JournalDamaged {
        /// The journal.
        path: PathBuf,
        /// Offset of the first byte that is not as it was written.
        at: u64,
    },
}
