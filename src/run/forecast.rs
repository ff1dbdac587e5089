//! What a run would do, from all rows of the input and without sending any: what would be rejected
//! and by which rule, keys that collide, requests, and the least time that they take.

use std::{path::Path, time::Duration};

use arrow::util::display::array_value_to_string;
use serde::Serialize;
use tokio::runtime::Handle;

use super::{
    Job, Plan, RunError,
    chain::Chain,
    look::{self, Looked},
    made_from::MadeFrom,
    plan::CHUNK_ROWS,
    query,
    read_ahead::ReadAhead,
    reasons::Reasons,
    start::{self, Foreseen},
    survey::Survey,
    tables,
};
use crate::{
    batch::{Batch, Fate, Position},
    connections::{Limit, Rate},
    crm::LoadAction,
    extract::{ExtractOptions, fetch::Found},
    files,
    ledger::Ledger,
    load::{LoadOptions, Target},
    transform::Winner,
};

/// Rows that are shown of each rule.
const EXAMPLES: usize = 3;

/// Version of the file that `--out` writes.
pub const FORMAT: u32 = 1;

/// What a run would do.
#[derive(Debug, Serialize)]
pub struct Forecast {
    /// Version of this file.
    pub format: u32,
    pub pipeline: String,
    pub made_at: String,
    /// What the plan was made from: `run --plan` runs nothing else.
    pub made_from: MadeFrom,
    /// What reading the rows took and found, where they are the tenant's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fetched: Option<Fetched>,
    pub read: u64,
    pub to_send: u64,
    pub rejected: u64,
    pub skipped: u64,
    /// Values that would be mended because the pipeline asks for it.
    pub fixed: u64,
    /// Rejected rows by the rule that they break; a row may break several.
    pub rejects: Vec<ByRule>,
    pub skips: Vec<ByRule>,
    pub fixes: Vec<ByRule>,
    /// Rows whose key another row has.
    pub collisions: Collisions,
    pub requests: Requests,
    pub least_time: Vec<LeastTime>,
    /// What the next `run` would do, as the ledger has it.
    pub next_run: NextRun,
    /// What would keep the run from beginning or from going on to its end.
    pub stops: Vec<String>,
    pub notes: Vec<String>,
}

/// What was fetched to be counted.
#[derive(Debug, Serialize)]
pub struct Fetched {
    pub requests: u64,
    pub found: Found,
}

/// Rows that break one rule.
#[derive(Debug, Serialize, PartialEq)]
pub struct ByRule {
    pub rule: String,
    pub rows: u64,
    pub examples: Vec<Example>,
}

/// One row of them.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct Example {
    pub line: u64,
    /// Where there are several files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    pub reason: String,
}

/// Rows of the same key.
#[derive(Debug, Default, Serialize)]
pub struct Collisions {
    pub rows: u64,
    pub examples: Vec<Collision>,
}

/// Two rows of the same key.
#[derive(Debug, Serialize)]
pub struct Collision {
    pub key: String,
    /// The row that does not stay.
    pub line: u64,
    /// The other one.
    pub other_line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_file: Option<String>,
}

/// Requests that the run makes at the least.
#[derive(Debug, Serialize)]
pub struct Requests {
    /// Records of one request.
    pub records_each: u64,
    /// Requests that carry records.
    pub sending: u64,
    /// Requests before the first of them.
    pub before: u64,
}

/// The time that all requests take at the least under one limit.
#[derive(Debug, Serialize)]
pub struct LeastTime {
    /// The limit, as the connection has it.
    pub limit: String,
    pub seconds: f64,
    /// Whether no other limit takes longer.
    pub binds: bool,
    /// What is assumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumes: Option<String>,
}

/// What the next `run` would do.
#[derive(Debug, Serialize)]
pub struct NextRun {
    /// `begin`, `go_on`, `continue`, `nothing` or `refuse`.
    pub does: &'static str,
    /// The run concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// Records that it would send.
    pub sends: u64,
    /// What changed, where it refuses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
}

/// Reads all of the input and sends nothing. `scratch` is an empty folder that the caller removes;
/// `answer_time` is what one answer of the server is taken to need. Rows of the tenant are fetched
/// on `runtime`, read-only.
///
/// # Errors
/// As [`Plan::make`], and an input that cannot be read to its end.
pub fn forecast(
    job: &Job<'_>,
    scratch: &Path,
    answer_time: Duration,
    runtime: &Handle,
) -> Result<Option<Forecast>, RunError> {
    files::private_dir(scratch)?;
    let mut plan = Plan::make(job)?;
    let made_from = MadeFrom::of(job, &plan)?;
    let fetched = match plan.remote {
        Some(_) => match look::count(job, &mut plan, runtime, scratch)? {
            Some(Looked { requests, found, .. }) => Some(Fetched { requests, found }),
            None => return Ok(None),
        },
        None => None,
    };
    let tables = scratch.join(tables::FOLDER);
    if plan.tables.provide(&mut plan.steps, &tables, job)?.is_none() {
        return Ok(None);
    }
    let Some(before) = query::carry_out(&mut plan, job, scratch, false)? else { return Ok(None) };
    let survey = Survey {
        source: &plan.source,
        rules: &plan.rules,
        clock: job.clock,
        files: &plan.files,
        lineage: None,
        folder: scratch,
        limit: plan.limit,
        chunk_rows: CHUNK_ROWS,
        too_many: &|_| false,
        halting: job.halting,
        observer: job.observer,
    };
    let Some(found) = survey.make(&mut plan.steps)? else { return Ok(None) };
    let foreseen = foreseen(job, &plan)?;
    let chain = Chain {
        steps: &plan.steps,
        rules: &plan.rules,
        clock: job.clock,
        twice: found.twice,
        lineage: None,
        files: &plan.files,
    };
    let mut count = Count::new(&plan.files, foreseen.from());
    count.before(&before);
    let mut rows = ReadAhead::begin(plan.source.rows(Position::default(), CHUNK_ROWS)?, plan.limit);
    while let Some(chunk) = rows.next_chunk()? {
        if job.halting.is_halted() {
            return Ok(None);
        }
        count.read = chunk.end.ordinal;
        for bad in &chunk.bad {
            count.rejected += 1;
            count.rejects.add(&bad.reason, bad.origin.line, bad.origin.file);
        }
        count.pass(Batch::from_source(chunk.rows), &chain)?;
    }
    let forecast = count.into_forecast(job, &plan, made_from, foreseen, answer_time);
    Ok(Some(Forecast { fetched, ..forecast }))
}

/// What the ledger says of the next run; without a ledger it begins.
fn foreseen(job: &Job<'_>, plan: &Plan) -> Result<Foreseen, RunError> {
    let home = job.options.state_dir.join("runs").join(&plan.name);
    let path = home.join(start::LEDGER);
    match path.is_file() {
        true => start::foresee(job, plan, &Ledger::open(&path)?, &home),
        false => Ok(Foreseen::Begins),
    }
}

/// What is counted while the rows pass.
struct Count<'a> {
    files: &'a [String],
    /// Rows from this one on are still to be sent.
    from: u64,
    read: u64,
    fit: u64,
    still: u64,
    rejected: u64,
    skipped: u64,
    fixed: u64,
    rejects: Reasons,
    skips: Reasons,
    fixes: Reasons,
    collisions: Collisions,
}

impl<'a> Count<'a> {
    fn new(files: &'a [String], from: u64) -> Self {
        Count {
            files,
            from,
            read: 0,
            fit: 0,
            still: 0,
            rejected: 0,
            skipped: 0,
            fixed: 0,
            rejects: Reasons::new(EXAMPLES),
            skips: Reasons::new(EXAMPLES),
            fixes: Reasons::new(EXAMPLES),
            collisions: Collisions::default(),
        }
    }

    /// Counts the rows that fell before a query.
    fn before(&mut self, before: &query::Before) {
        self.read = before.rows();
        (self.rejected, self.skipped) = (before.rejected, before.skipped);
        for (line, reason) in &before.examples {
            self.rejects.add(reason, *line, 0);
        }
    }

    /// Takes a batch through the steps one by one, so that keys that collide are seen.
    fn pass(&mut self, batch: Batch, chain: &Chain<'_>) -> Result<(), RunError> {
        let mut fallen = Vec::new();
        let mut rows = batch;
        for step in chain.steps.first()..chain.steps.len() {
            for (row, winner) in chain.steps.losers(step, &rows)? {
                self.collide(&rows, row, winner, || {
                    let key = chain.steps.key(step);
                    let schema = rows.columns.schema();
                    let part = |column: &usize| {
                        let value = array_value_to_string(rows.columns.column(*column), row);
                        format!("{} = {}", schema.field(*column).name(), value.unwrap_or_default())
                    };
                    key.iter().map(part).collect::<Vec<_>>().join(", ")
                });
            }
            rows = chain.steps.apply_one(step, rows, &mut fallen)?;
        }
        let passed = chain.end(rows, fallen)?;
        for (pick, winner, key) in &passed.twice {
            let origin = passed.rows.source.origins[*pick as usize];
            self.collision(origin.line, origin.file, *winner, || key.clone());
        }
        self.fit += passed.rows.len() as u64;
        let ordinal = |row: &usize| passed.rows.origin(*row).ordinal >= self.from;
        self.still += (0..passed.rows.len()).filter(ordinal).count() as u64;
        for fallen in passed.fallen {
            let origin = passed.rows.source.origins[fallen.pick as usize];
            match fallen.fate {
                Fate::Rejected => {
                    self.rejected += 1;
                    self.rejects.add(&fallen.reason, origin.line, origin.file);
                }
                Fate::Skipped => {
                    self.skipped += 1;
                    self.skips.add(&fallen.reason, origin.line, origin.file);
                }
            }
        }
        for fixed in passed.fixed {
            let origin = passed.rows.source.origins[fixed.pick as usize];
            self.fixed += 1;
            let reason = format!("{}: {}", fixed.column, fixed.reason);
            self.fixes.add(&reason, origin.line, origin.file);
        }
        Ok(())
    }

    fn collide(&mut self, rows: &Batch, row: usize, winner: Winner, key: impl Fn() -> String) {
        let origin = *rows.origin(row);
        self.collision(origin.line, origin.file, winner, key);
    }

    fn collision(&mut self, line: u64, file: u32, winner: Winner, key: impl Fn() -> String) {
        self.collisions.rows += 1;
        if self.collisions.examples.len() < EXAMPLES {
            self.collisions.examples.push(Collision {
                key: key(),
                line,
                other_line: winner.line,
                file: self.file(file),
                other_file: self.file(winner.file),
            });
        }
    }

    fn file(&self, file: u32) -> Option<String> {
        self.files.get(file as usize).filter(|_| self.files.len() > 1).cloned()
    }

    fn into_forecast(
        self,
        job: &Job<'_>,
        plan: &Plan,
        made_from: MadeFrom,
        foreseen: Foreseen,
        answer_time: Duration,
    ) -> Forecast {
        let requests = requests(plan, self.fit);
        let total = requests.sending + requests.before;
        let least_time =
            api_limit(plan, job).map_or(Vec::new(), |limit| least_times(limit, total, answer_time));
        let next_run = next_run(foreseen, self.still);
        let stops = stops(plan, self.read, self.rejected, self.fit);
        Forecast {
            format: FORMAT,
            pipeline: plan.name.clone(),
            made_at: job.clock.now().to_string(),
            made_from,
            fetched: None,
            read: self.read,
            to_send: self.fit,
            rejected: self.rejected,
            skipped: self.skipped,
            fixed: self.fixed,
            rejects: self.rejects.finish(self.files),
            skips: self.skips.finish(self.files),
            fixes: self.fixes.finish(self.files),
            collisions: self.collisions,
            requests,
            least_time,
            next_run,
            stops,
            notes: notes(job, plan),
        }
    }
}

fn next_run(foreseen: Foreseen, still: u64) -> NextRun {
    let (does, run_id, sends, changes) = match foreseen {
        Foreseen::Begins => ("begin", None, still, Vec::new()),
        Foreseen::GoesOn { run_id, open, .. } => ("go_on", Some(run_id), still + open, Vec::new()),
        Foreseen::Continues { run_id, .. } => ("continue", Some(run_id), still, Vec::new()),
        Foreseen::Loaded { run_id } => ("nothing", Some(run_id), 0, Vec::new()),
        Foreseen::Refuses { run_id, changes } => ("refuse", Some(run_id), 0, changes),
    };
    NextRun { does, run_id, sends, changes }
}

fn requests(plan: &Plan, fit: u64) -> Requests {
    let records_each = match &plan.target {
        Target::Api(sink) => sink.rows_of_a_unit().max(1) as u64,
        // Files take no request.
        Target::Files(_) => return Requests { records_each: 0, sending: 0, before: 0 },
    };
    let mut requests = Requests { records_each, sending: fit.div_ceil(records_each), before: 0 };
    if let LoadOptions::Campaign(campaign) = &plan.load {
        requests.before = u64::from(campaign.check_campaign);
    }
    if let LoadOptions::Wapi(wapi) = &plan.load
        && wapi.check_values
    {
        requests.before = plan.rules.wanted_lists(plan.steps.output()).len() as u64;
    }
    requests
}

/// The limits of the API that the load uses.
fn api_limit(plan: &Plan, job: &Job<'_>) -> Option<Limit> {
    let limits = &job.connection.limits;
    match &plan.load {
        LoadOptions::Campaign(_) => Some(limits.campaigns),
        LoadOptions::Wapi(_) => Some(limits.wapi),
        LoadOptions::Calls(_) => Some(limits.calls),
        LoadOptions::Parquet(_) | LoadOptions::Csv(_) | LoadOptions::Json(_) => None,
    }
}

fn least_times(limit: Limit, requests: u64, answer_time: Duration) -> Vec<LeastTime> {
    let mut times = Vec::new();
    if let Rate::PerSecond(rate) = limit.rate {
        let waiting = requests.saturating_sub(u64::from(limit.burst));
        times.push(LeastTime {
            limit: format!("per_second: {rate}, burst: {}", limit.burst),
            seconds: waiting as f64 / rate,
            binds: false,
            assumes: None,
        });
    }
    let rounds = requests.div_ceil(limit.concurrency.max(1) as u64);
    times.push(LeastTime {
        limit: format!("concurrency: {}", limit.concurrency),
        seconds: rounds as f64 * answer_time.as_secs_f64(),
        binds: false,
        assumes: Some(format!("{} ms for an answer", answer_time.as_millis())),
    });
    let most = times.iter().map(|time| time.seconds).fold(0.0, f64::max);
    if let Some(time) = times.iter_mut().find(|time| time.seconds == most && most > 0.0) {
        time.binds = true;
    }
    times
}

/// What would keep the run from beginning, or from going on to its end.
fn stops(plan: &Plan, read: u64, rejected: u64, fit: u64) -> Vec<String> {
    let mut stops = Vec::new();
    if let Err((most, what)) = plan.target.check_count(fit) {
        stops.push(format!("{what} takes at most {most} records: the run would not begin"));
    }
    let exceeded = |threshold: &crate::load::Threshold| threshold.is_exceeded(rejected, read, true);
    if plan.thresholds().max_rejected.as_ref().is_some_and(exceeded) {
        stops.push("more rows are rejected than `max_rejected` allows: the run would stop".into());
    }
    stops
}

/// What a look at the input alone cannot tell.
fn notes(job: &Job<'_>, plan: &Plan) -> Vec<String> {
    let mut notes = Vec::new();
    if plan.remote.is_some() {
        notes.push(
            "these are the records that the tenant had just now: `run` fetches them again, or goes \
             on with what an unfinished run has fetched"
                .into(),
        );
    }
    if let ExtractOptions::Attachments(_) = &job.pipeline.extract {
        notes.push(
            "no file was asked for: a row stands for a record here, and `run` makes one of each \
             file, by one request for each record"
                .into(),
        );
    }
    if plan.target.sends_only_once() {
        notes.push(
            "a call that an earlier run of the pipeline has placed, or left in doubt, is rejected \
             when it is its turn"
                .into(),
        );
    }
    if let LoadOptions::Wapi(wapi) = &plan.load {
        let wanted = plan.rules.wanted_lists(plan.steps.output());
        if wapi.check_values && !wanted.is_empty() {
            let tags: Vec<&str> = wanted.iter().map(|(tag, _)| tag.as_str()).collect();
            notes.push(format!(
                "the tenant defines the values of {}: the run asks for them, and may reject more \
                 rows",
                tags.join(", ")
            ));
        }
        match wapi.action.value {
            LoadAction::Upsert => notes.push(
                "an upsert also looks the records up, one by one or in bulk, and sends nothing \
                 for those that are as they should be"
                    .into(),
            ),
            LoadAction::Modify => notes.push(
                "a record may be read before it is changed, which takes further requests; nothing \
                 is sent for one that is as it should be"
                    .into(),
            ),
            LoadAction::Add | LoadAction::Delete => {}
        }
    }
    notes
}
