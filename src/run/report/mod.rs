//! `report.html`: what a run did, as one page that needs no network and no script.
//!
//! What it is made of stands in `report.json` beside it, so that it can be made again when records
//! in doubt are settled, and goes on when the run does.

mod charts;
mod page;
mod reasons;
mod samples;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use samples::{Recorder, Samples};

use super::{Job, Plan, RunError, past::PastRun, results, summary::Summary};
use crate::{
    connections::{Connection, Limit, Rate, WapiAccess},
    files,
};

/// What the page is made of, in the run's folder.
const DATA: &str = "report.json";

/// The page.
const PAGE: &str = "report.html";

/// What is remembered of a run beside its books.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Data {
    /// Its course.
    pub samples: Samples,
    /// Its settings, by name; no secret is among them.
    pub settings: Vec<(String, String)>,
}

impl Data {
    /// What an earlier process of the run has left.
    pub fn read(folder: &Path) -> Data {
        let text = std::fs::read(folder.join(DATA)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Keeps it for the next process, and for those who settle records in doubt.
    pub fn write(&self, folder: &Path) -> Result<(), RunError> {
        let text =
            serde_json::to_vec(self).map_err(|error| RunError::Unbalanced(error.to_string()))?;
        Ok(files::show(&folder.join(DATA), &text)?)
    }
}

/// Writes the page of a run by its data, its summary and its result files.
///
/// # Errors
/// A file that cannot be read or written; the run itself is none the worse for it.
pub fn write(run: &PastRun, summary: &Summary, data: &Data) -> Result<(), RunError> {
    let rejected = reasons::reasons(run, results::REJECTED, "_reason")?;
    let refused = reasons::reasons(run, results::REFUSED, "_message")?;
    let page = page::Page { summary, data, rejected: &rejected, refused: &refused };
    Ok(files::show(&run.folder.join(PAGE), page.html().as_bytes())?)
}

/// The settings of a run, as a person wants to see them again: no tokens and no passwords.
pub fn settings(job: &Job<'_>, plan: &Plan) -> Vec<(String, String)> {
    let connection = job.connection;
    let mut settings = vec![
        ("pipeline file".to_owned(), job.pipeline.source.file.clone()),
        ("description".to_owned(), job.pipeline.description.clone().unwrap_or_default()),
        ("input".to_owned(), plan.files.join(", ")),
        ("load".to_owned(), plan.identity.load.clone()),
        ("connection".to_owned(), connection.name.clone()),
        ("host".to_owned(), connection.base_url.clone()),
        ("tenant".to_owned(), connection.tenant.clone()),
        ("time zone of dates".to_owned(), zone(connection)),
        ("CRM API".to_owned(), entrance(connection)),
        ("limit of the CRM API".to_owned(), limit(connection.limits.wapi)),
        ("limit of campaigns".to_owned(), limit(connection.limits.campaigns)),
        ("limit of attachments".to_owned(), limit(connection.limits.attachments)),
        ("limit of calls".to_owned(), limit(connection.limits.calls)),
        ("time-outs".to_owned(), timeouts(connection)),
        ("attempts for the same rows".to_owned(), connection.retry.attempts.to_string()),
        ("variables".to_owned(), variables(job)),
        (
            "rows at the most".to_owned(),
            job.options.limit.map(|n| n.to_string()).unwrap_or_default(),
        ),
        ("vccpipe".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
    ];
    settings.retain(|(_, value)| !value.is_empty());
    settings
}

fn zone(connection: &Connection) -> String {
    let zone = connection.timezone.as_ref();
    zone.and_then(|zone| zone.iana_name()).unwrap_or_default().to_owned()
}

fn entrance(connection: &Connection) -> String {
    match connection.wapi.as_ref().map(|wapi| &wapi.access) {
        None => String::new(),
        Some(WapiAccess::Classic { .. }) => "classic, by user name and password".into(),
        Some(WapiAccess::Gateway { base_url, .. }) => format!("gateway {base_url}, by API key"),
    }
}

fn limit(limit: Limit) -> String {
    let rate = match limit.rate {
        Rate::PerSecond(rate) => format!("{rate} a second"),
        Rate::Unlimited => "no limit of requests a second".to_owned(),
    };
    format!("{rate}, {} at once", limit.concurrency)
}

fn timeouts(connection: &Connection) -> String {
    let (connect, request) = (connection.timeouts.connect, connection.timeouts.request);
    format!("{connect:?} to connect, {request:?} for a request")
}

/// Names only: a value may be anything.
fn variables(job: &Job<'_>) -> String {
    let names: Vec<&str> = job.options.variables.iter().map(|(name, _)| name.as_str()).collect();
    names.join(", ")
}
