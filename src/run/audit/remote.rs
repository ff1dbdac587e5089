//! The tenant's own word on what a run says that it has loaded.

use futures::{StreamExt, stream};
use tokio::runtime::Handle;

use super::{Audit, LOADED};
use crate::{
    load::{LoadOptions, Sink, campaign::CampaignAction},
    run::{
        Job, RunError, connect,
        past::PastRun,
        resolve::{committed, damaged, header},
    },
    tenant::Unanswered,
};

/// Records that are asked for by their numbers at a time.
const RECORDS: usize = 256;

/// What the tenant said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remote {
    /// Records that it was asked for.
    pub asked: u64,
    /// Those of which it said what the run says.
    pub confirmed: u64,
}

/// Looks for each loaded record at the tenant, and notes those that are not as the run says.
///
/// # Errors
/// The connection is another; the tenant does not tell.
pub fn audit_remote(
    job: &Job<'_>,
    run: &PastRun,
    audit: &mut Audit,
    runtime: &Handle,
) -> Result<(), RunError> {
    let identity = run.identity()?;
    if identity.connection != job.connection_identity {
        return Err(RunError::Connection {
            what: format!(
                "run {} was sent to `{}`, and the connection `{}` leads to `{}`",
                run.run_id, identity.connection, job.connection.name, job.connection_identity
            ),
            hint: "mend the connections file, or name the one of the run with `--connection`"
                .into(),
        });
    }
    match &job.pipeline.load {
        LoadOptions::Calls(_) => Err(RunError::CommandLine {
            what: "the API cannot tell which calls were placed".into(),
            hint: "leave `--remote` out: the books are audited without the tenant".into(),
        }),
        LoadOptions::Parquet(_) | LoadOptions::Csv(_) | LoadOptions::Json(_) => {
            Err(RunError::CommandLine {
                what: "the rows of this run went into files, and not to the tenant".into(),
                hint: "leave `--remote` out: the books are audited without the tenant".into(),
            })
        }
        LoadOptions::Campaign(options) => {
            let records = connect::campaign_records(job.connection, options.campaign)?;
            let mut there: Vec<i64> = Vec::new();
            let listing = runtime
                .block_on(records.each(|customer| there.push(customer)))
                .map_err(|Unanswered { what, hint }| RunError::Target { what, hint })?;
            let gap = listing.gap();
            there.sort_unstable();
            let wanted = match options.action.value {
                CampaignAction::Add => true,
                CampaignAction::Remove => false,
            };
            let campaign = options.campaign;
            each_loaded(run, "customer-id", &mut |line, key, _| {
                let found = key.parse().is_ok_and(|key: i64| there.binary_search(&key).is_ok());
                if let (false, Some(gap)) = (found, &gap) {
                    note(audit, false, || {
                        format!("{line}: nothing is known of customer {key}: {gap}")
                    });
                    return Ok(());
                }
                note(audit, found == wanted, || match wanted {
                    true => format!("{line}: customer {key} is not in campaign {campaign}"),
                    false => format!("{line}: customer {key} is still in campaign {campaign}"),
                });
                Ok(())
            })
        }
        LoadOptions::Wapi(options) => {
            let object = options.object.value;
            let Sink::Wapi(sink) = connect::sink(&job.pipeline.load, job.connection)? else {
                return Ok(());
            };
            let removes = options.action.value == crate::crm::LoadAction::Delete;
            let tag = object.key().last().copied().unwrap_or_default();
            let mut waiting: Vec<(String, String, String)> = Vec::new();
            let ask = |waiting: &mut Vec<(String, String, String)>,
                       audit: &mut Audit|
             -> Result<(), RunError> {
                let asked = stream::iter(waiting.drain(..)).map(|(line, key, within)| {
                    let sink = &sink;
                    async move {
                        let held = sink.holds(&key, &within).await;
                        (line, key, held)
                    }
                });
                let answers: Vec<_> = runtime
                    .block_on(asked.buffer_unordered(sink.concurrency()).collect::<Vec<_>>());
                for (line, key, held) in answers {
                    let held = held.map_err(|(what, hint)| RunError::Target { what, hint })?;
                    note(audit, held != removes, || match removes {
                        false => format!("{line}: the tenant has no {object} {key}"),
                        true => format!("{line}: the tenant still has the {object} {key}"),
                    });
                }
                Ok(())
            };
            each_loaded(run, tag, &mut |line, key, within| {
                if key.is_empty() {
                    // Settled by hand: nobody knows its number.
                    return Ok(());
                }
                waiting.push((line.to_owned(), key.to_owned(), within.to_owned()));
                match waiting.len() >= RECORDS {
                    true => ask(&mut waiting, audit),
                    false => Ok(()),
                }
            })?;
            ask(&mut waiting, audit)
        }
    }
}

fn note(audit: &mut Audit, as_told: bool, what: impl FnOnce() -> String) {
    let remote = audit.remote.get_or_insert_default();
    remote.asked += 1;
    match as_told {
        true => remote.confirmed += 1,
        false => audit.findings.add("the tenant says otherwise", what()),
    }
}

/// Hands on each row of `loaded.csv`: its place, its key, and the case of a follow-up.
fn each_loaded(
    run: &PastRun,
    key: &str,
    take: &mut dyn FnMut(&str, &str, &str) -> Result<(), RunError>,
) -> Result<(), RunError> {
    let length = run.checkpoint.results.get(LOADED).copied().unwrap_or(0);
    if length == 0 {
        return Ok(());
    }
    let path = run.folder.join(LOADED);
    let mut rows = committed(&path, length)?;
    let header = header(&mut rows, &path)?;
    let at = |name: &str| header.iter().position(|column| column == name);
    let (line_at, key_at, within_at) = (at("_line"), at(key), at("CASENUM"));
    for record in rows.records() {
        let record = record.map_err(|error| damaged(&path, &error))?;
        let field = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
        take(&format!("line {}", field(line_at)), field(key_at), field(within_at))?;
    }
    Ok(())
}
