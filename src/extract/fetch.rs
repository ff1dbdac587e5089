//! What is shared by all extracts that ask the tenant: their surroundings, what they tell, and how
//! they fail.

use std::{path::Path, time::Duration};

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::ExtractError;
use crate::{
    clock::Dice,
    files::FileError,
    http::{Auth, Backoff, Client},
    spool::SpoolError,
    tenant::Crm,
};

/// The tenant, as far as an extract may ask it.
#[derive(Clone, Debug, Default)]
pub struct Remote {
    /// Its CRM, where the connection has access to it.
    pub crm: Option<Crm>,
    /// Its campaigns and attachments, where the extract reads those.
    pub data: Option<DataAccess>,
    /// The token for a campaign's status, where the extract reads its records.
    pub campaign_status: Option<Auth>,
    /// The zone of its dates.
    pub zone: Option<TimeZone>,
    /// Gets that may be under way at once.
    pub concurrency: usize,
    /// How often one is repeated.
    pub attempts: u32,
    /// Waiting between two attempts.
    pub backoff: Backoff,
    /// Where nothing is answered for so long, the run stops; it can be resumed.
    pub give_up_after: Duration,
}

/// How campaigns and attachments are read.
#[derive(Clone, Debug)]
pub struct DataAccess {
    /// The client of the host.
    pub client: Client,
    /// The token, whose limits count.
    pub auth: Auth,
    /// How the connections file calls the token.
    pub token_name: String,
}

/// What rows are fetched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// They are loaded: all, with the files that are attached.
    Load,
    /// They are checked and counted: all, but no file is saved.
    Count,
    /// Some are looked at: about so many, by few requests, and no file is saved.
    Look { rows: u64 },
}

/// What is around a fetch.
pub struct Surroundings<'a> {
    pub remote: &'a Remote,
    pub purpose: Purpose,
    /// The time at which the run began.
    pub began: Timestamp,
    pub dice: &'a Dice,
    /// The run's folder.
    pub folder: &'a Path,
    /// The folder that all processes share.
    pub state_dir: &'a Path,
    /// Hears how far it is.
    pub tell: &'a (dyn Fn(Told) + Send + Sync),
}

/// What a fetch tells while it goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// A window is finished.
    Fetched { rows: u64, keys: u64, total: Option<u64>, left: usize },
    /// A window was answered.
    Answered { what: String, rows: usize, took: Duration },
    /// A window waits, and why.
    Waiting { what: String, delay: Duration, message: String },
    /// What is done and why, where it chose.
    Note(String),
    /// What the user should know.
    Warning(String),
}

/// What a fetch has found, for the summary.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// What was asked for.
    pub asked: String,
    /// Requests that brought rows or none.
    pub windows: u64,
    /// Rows of all replies.
    pub rows: u64,
    /// Different records among them.
    pub records: u64,
    /// Records that the tenant says it has, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Records that could not be found.
    #[serde(default)]
    pub missing: u64,
    /// Where they may be: ranges of numbers without a record, the longest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<(u64, u64)>,
    /// Records of the overlap that are as the run before had them.
    #[serde(default)]
    pub unchanged: u64,
    /// Custom fields that came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom_fields: Vec<String>,
}

/// Why rows could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The tenant does not give them.
    #[error("{what}")]
    Tenant { what: String, hint: String },
    /// What came cannot be kept.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// A file that came cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Rows that say what is to be fetched cannot be read.
    #[error(transparent)]
    Rows(#[from] ExtractError),
    /// Columns that Arrow does not take: a mistake of this program.
    #[error("what was fetched could not be put into columns: {0}")]
    Columns(#[from] arrow::error::ArrowError),
}

impl FetchError {
    pub(super) fn tenant(what: impl Into<String>, hint: impl Into<String>) -> Self {
        FetchError::Tenant { what: what.into(), hint: hint.into() }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            FetchError::Tenant { hint, .. } => hint.clone(),
            FetchError::Spool(error) => error.hint().into(),
            FetchError::File(error) => error.hint(),
            FetchError::Rows(error) => error.hint(),
            FetchError::Columns(_) => "this is a bug: please report it".into(),
        }
    }
}
