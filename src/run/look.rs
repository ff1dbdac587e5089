//! Rows of the tenant for those who only look: fetched into a folder that is thrown away, without a
//! run, and without moving any mark. And what a run would ask for, told without asking.

use std::path::Path;

use tokio::runtime::Handle;

use super::{
    Job, Plan, RunError, connect,
    fetch::{self, Fetching, SPOOL},
    report::Recorder,
    start::{self, Foreseen},
};
use crate::{
    connections::{Limit, Rate},
    extract::{
        ExtractOptions, Source,
        fetch::{FetchError, Found, Purpose},
        wapi::{Asked, Period},
    },
    ledger::Ledger,
    spool::Spool,
};

/// Rows that were fetched to be looked at.
pub struct Looked {
    pub source: Source,
    /// Requests that it took.
    pub requests: u64,
    pub found: Found,
}

/// Fetches rows into `scratch`, which the caller removes. `None` when halted.
///
/// # Errors
/// What keeps them from being fetched.
pub fn look(
    job: &Job<'_>,
    runtime: &Handle,
    scratch: &Path,
    purpose: Purpose,
) -> Result<Option<Looked>, RunError> {
    let remote = connect::remote(&job.pipeline.extract, job.connection)?;
    let ledger = ledger_of(job)?;
    let mut spool = Spool::open(&scratch.join(SPOOL))?;
    let fetching = Fetching {
        job,
        remote: &remote,
        purpose,
        folder: scratch,
        run_id: "",
        began: job.clock.now(),
        runtime,
        recorder: &Recorder::default(),
    };
    let gathered = fetching.gather(&ledger, &mut spool).map_err(nothing_is_kept)?;
    let Some(mut found) = gathered else { return Ok(None) };
    found.unchanged = fetch::lay_down(&ledger, &mut spool)?;
    fetch::tell_found(job, &found);
    let source = fetch::source(job, purpose, &remote, &ledger, &spool)?;
    Ok(Some(Looked { source, requests: fetch::traffic(&remote).requests, found }))
}

/// Of a look nothing is kept: the same command asks for all of it again.
fn nothing_is_kept(error: RunError) -> RunError {
    let RunError::Fetch(FetchError::Tenant { what, hint }) = error else { return error };
    let hint = [": it asks only for what is missing", ": it goes on where it was"]
        .iter()
        .fold(hint, |hint, words| hint.replace(words, ""));
    RunError::Fetch(FetchError::Tenant { what, hint })
}

/// Fetches all rows of a plan whose rows are the tenant's; from then on it has them. `None` when
/// halted.
///
/// # Errors
/// As [`look`]; columns that the steps do not find.
pub fn count(
    job: &Job<'_>,
    plan: &mut Plan,
    runtime: &Handle,
    scratch: &Path,
) -> Result<Option<Looked>, RunError> {
    let Some(looked) = look(job, runtime, scratch, Purpose::Count)? else { return Ok(None) };
    plan.source = looked.source.clone();
    plan.as_of(job, job.clock.now())?;
    Ok(Some(looked))
}

/// The pipeline's ledger as it is; where there is none, one that nothing is in.
fn ledger_of(job: &Job<'_>) -> Result<Ledger, RunError> {
    let home = job.options.state_dir.join("runs").join(&*job.pipeline.name.value);
    let path = home.join(start::LEDGER);
    Ok(match path.is_file() {
        true => Ledger::open(&path)?,
        false => Ledger::without_memory()?,
    })
}

/// What a run would ask the tenant for, as far as it is known without asking.
#[derive(Debug)]
pub struct Outlook {
    pub pipeline: String,
    /// What is asked for, one thing after the other.
    pub asks: Vec<String>,
    /// What the run begins from, where it fetches only what is new.
    pub mark: Option<String>,
    /// The limits of the connection that hold for it.
    pub limits: Vec<String>,
    /// What becomes of an unfinished run.
    pub next_run: String,
}

/// Tells what a run of a pipeline whose rows are the tenant's would ask for; no request is made.
///
/// # Errors
/// As [`Plan::make`].
pub fn outlook(job: &Job<'_>) -> Result<Outlook, RunError> {
    let plan = Plan::make(job)?;
    let ledger = ledger_of(job)?;
    let home = job.options.state_dir.join("runs").join(&plan.name);
    let spool_of = |run_id: &str| -> Result<Option<Spool>, RunError> {
        let spool = home.join(run_id).join(SPOOL);
        Ok(spool.is_file().then(|| Spool::open(&spool)).transpose()?)
    };
    let (mut next_run, begun): (String, Option<(String, Spool)>) =
        match start::foresee(job, &plan, &ledger, &home)? {
            Foreseen::GoesOn { run_id, .. } => {
                let spool = spool_of(&run_id)?;
                (goes_on(&run_id, spool.as_ref())?, spool.map(|spool| (run_id, spool)))
            }
            Foreseen::Refuses { run_id, changes } => (refuses(&run_id, &changes.join("; ")), None),
            _ => ("begins, and fetches all of this".to_owned(), None),
        };
    let mark = fetch::mark(job, &ledger)?;
    let period = job.options.period;
    let today = fetch::today(job.clock.now(), job.connection.timezone.clone());
    let mut asked = Asked::all(today);
    let mut since = None;
    if let ExtractOptions::Wapi(wapi) = &job.pipeline.extract {
        asked = Asked::of(wapi, period, mark.as_ref(), today);
        // A run that goes on asks for what it asked for when it began.
        if let Some((run, spool)) = &begun
            && let Some(noted) = fetch::noted(spool)?
        {
            let now = Asked::of(wapi, period, mark.as_ref(), noted.today);
            match now.days == noted.days {
                true => asked = noted,
                false => {
                    let what = format!("it fetches {}, and not {}", noted.name(), now.name());
                    next_run = refuses(run, &what);
                }
            }
        }
        let is_incremental = wapi.incremental.is_some() && period == Period::default();
        since = is_incremental.then(|| match &mark {
            Some(mark) => format!("{}, the day of the last run that was loaded", mark.through),
            None => "none yet: all is fetched, and the run after that fetches what is new".into(),
        });
    }
    Ok(Outlook {
        pipeline: plan.name.clone(),
        asks: job.pipeline.extract.outlook(&asked),
        mark: since,
        limits: limits(job, &plan),
        next_run,
    })
}

fn refuses(run_id: &str, why: &str) -> String {
    format!(
        "refuses, because the unfinished run {run_id} belongs to something else: {why} (`--fresh` \
         gives it up)"
    )
}

fn goes_on(run_id: &str, spool: Option<&Spool>) -> Result<String, RunError> {
    let is_whole = spool.map(Spool::is_whole).transpose()?.unwrap_or(false);
    Ok(match is_whole {
        true => format!("goes on with run {run_id}, which has fetched all of this"),
        false => format!("goes on with run {run_id}, and asks only for what that run still lacks"),
    })
}

/// The limits of the APIs that are asked, by their keys in the connections file.
fn limits(job: &Job<'_>, plan: &Plan) -> Vec<String> {
    let Some(remote) = &plan.remote else { return Vec::new() };
    let limits = &job.connection.limits;
    let told = |name: &str, limit: Limit| {
        let rate = match limit.rate {
            Rate::PerSecond(rate) => format!("{rate} requests a second"),
            Rate::Unlimited => "any number of requests a second".to_owned(),
        };
        format!("{name}: {rate}, {} at once", limit.concurrency)
    };
    let crm = remote.crm.as_ref().map(|_| told("wapi", limits.wapi));
    let data = remote.data.as_ref().map(|_| match &job.pipeline.extract {
        ExtractOptions::Attachments(_) => told("attachments", limits.attachments),
        _ => told("campaigns", limits.campaigns),
    });
    crm.into_iter().chain(data).collect()
}
