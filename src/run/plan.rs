//! The plan of a run: the input opened, the steps made ready, the target known. Nothing is sent.

use std::path::{Path, PathBuf};

use arrow::datatypes::SchemaRef;
use jiff::Timestamp;
use tokio::runtime::Handle;

use super::{
    RunError,
    books::Thresholds,
    chain::Chain,
    connect,
    event::{Event, Observer},
    halt::Halting,
    identity::Identity,
    look, query,
    read_ahead::ReadAhead,
    start,
    survey::Survey,
    tables::{self, Results, Tables},
};
use crate::{
    batch::{Batch, Fate, Position},
    clock::Clock,
    connections::Connection,
    diagnostic::{Diagnostic, Span},
    extract::{self, ExtractOptions, Source, fetch::Remote, wapi::Period},
    files,
    load::{LoadOptions, Target, campaign::CampaignAction},
    outcome::Tally,
    rules::Fix,
    spec::Pipeline,
    transform::{Step, Steps},
    validate::{CallRules, FileRules, PARTITION_BY, Rules, WapiLoadRules},
    yaml::Spanned,
};

/// Rows of a chunk: enough to make columns pay, few enough to keep some in memory.
pub const CHUNK_ROWS: usize = 8192;

/// What is to be run, and with what.
pub struct Job<'a> {
    pub pipeline: &'a Pipeline,
    pub connection: &'a Connection,
    /// What the connection is known by in the ledger: host and tenant, or `simulator`.
    pub connection_identity: &'a str,
    pub options: &'a Options,
    pub clock: &'a Clock,
    pub halting: &'a Halting,
    pub observer: &'a dyn Observer,
}

/// What the command line says about a run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Folder of ledgers and runs.
    pub state_dir: PathBuf,
    /// Give an unfinished run up.
    pub fresh: bool,
    /// Send what was loaded to the end before.
    pub again: bool,
    /// Take up only so many rows of the input.
    pub limit: Option<u64>,
    /// Files instead of those of the pipeline.
    pub input: Vec<PathBuf>,
    /// Days to fetch, instead of what is new.
    pub period: Period,
    /// Values of variables, as the command line gave them: they are noted with the run.
    pub variables: Vec<(String, String)>,
    /// The run whose left-over rows are sent again.
    pub retry: Option<super::Retry>,
    /// Keep no ledger: for measuring what it costs, and for nothing else.
    pub without_ledger: bool,
}

/// Everything opened and known.
pub struct Plan {
    pub name: String,
    pub source: Source,
    /// What it is fetched from, where it comes from the tenant.
    pub remote: Option<Remote>,
    /// Names of the input's files as they are told.
    pub files: Vec<String>,
    pub steps: Steps,
    /// What its `lookup` steps read.
    pub tables: Tables,
    pub rules: Rules,
    pub target: Target,
    pub identity: Identity,
    pub(super) load: LoadOptions,
    /// No row of the source from this ordinal on is taken up.
    pub limit: Option<u64>,
    /// The columns of the input, where a query has made the rows of the source.
    pub(super) input: Option<SchemaRef>,
}

impl Plan {
    /// Opens the input, compiles the steps and connects the sink.
    ///
    /// # Errors
    /// All mistakes of expressions and columns at once; an input that cannot be read.
    pub fn make(job: &Job<'_>) -> Result<Plan, RunError> {
        let (source, files, tables, steps) = open(job, Results::MustBeThere)?;
        let pipeline = job.pipeline;
        let rules = rules(pipeline, job.connection);
        let complaints = target_columns(pipeline, &rules, &steps);
        if !complaints.is_empty() {
            return Err(wrong(job, complaints));
        }
        let target = target(job, &source)?;
        let remote = match pipeline.extract.is_remote() {
            true => Some(connect::remote(&pipeline.extract, job.connection)?),
            false => None,
        };
        Ok(Plan {
            name: pipeline.name.to_string(),
            source,
            remote,
            files,
            steps,
            tables,
            rules,
            target,
            identity: Identity::of(pipeline, job.connection_identity),
            load: pipeline.load.clone(),
            limit: job.options.limit,
            input: None,
        })
    }

    /// Compiles the steps again for a run that goes on: `now()` stays what it was when the run
    /// began, so that a resumed run sees the same rows.
    pub(super) fn as_of(&mut self, job: &Job<'_>, began: Timestamp) -> Result<(), RunError> {
        self.steps = compile(job, &self.source, &self.files, &self.tables, began)
            .map_err(|complaints| wrong(job, complaints))?;
        Ok(())
    }

    pub(super) fn thresholds(&self) -> Thresholds {
        match &self.load {
            LoadOptions::Campaign(campaign) => Thresholds {
                max_rejected: campaign.max_rejected,
                max_refused: campaign.max_refused,
            },
            LoadOptions::Wapi(wapi) => {
                Thresholds { max_rejected: wapi.max_rejected, max_refused: wapi.max_refused }
            }
            LoadOptions::Calls(calls) => {
                Thresholds { max_rejected: calls.max_rejected, max_refused: calls.max_refused }
            }
            LoadOptions::Parquet(_) | LoadOptions::Csv(_) | LoadOptions::Json(_) => Thresholds {
                max_rejected: match &self.target {
                    Target::Files(files) => files.max_rejected(),
                    Target::Api(_) => None,
                },
                max_refused: None,
            },
        }
    }
}

/// Opens the input and the tables, and compiles the steps over their columns.
pub(super) fn open(
    job: &Job<'_>,
    results: Results,
) -> Result<(Source, Vec<String>, Tables, Steps), RunError> {
    let dated = matches!(&job.pipeline.extract, ExtractOptions::Wapi(_));
    if job.options.period != Period::default() && !dated {
        return Err(RunError::CommandLine {
            what: "`--from` and `--to` are for pipelines with `extract: wapi`".into(),
            hint: "filter the rows in `transform`, where they come from elsewhere".into(),
        });
    }
    let input: Vec<PathBuf> =
        job.options.input.iter().map(|path| start::behind_latest(path)).collect();
    let input = (!input.is_empty()).then_some(input.as_slice());
    let source =
        Source::open(&job.pipeline.extract, input)?.in_zone(job.connection.timezone.as_ref());
    let files: Vec<String> = source.files().iter().map(|path| path.display().to_string()).collect();
    let (tables, mut complaints) = Tables::open(job, results)?;
    match compile(job, &source, &files, &tables, job.clock.now()) {
        Ok(steps) if complaints.is_empty() => return Ok((source, files, tables, steps)),
        Ok(_) => {}
        Err(further) => complaints.extend(further),
    }
    Err(wrong(job, complaints))
}

pub(super) fn compile(
    job: &Job<'_>,
    source: &Source,
    files: &[String],
    tables: &Tables,
    now: Timestamp,
) -> Result<Steps, Vec<Diagnostic>> {
    let steps: Vec<Step> = job.pipeline.transform.iter().map(|step| step.value.clone()).collect();
    let text = &job.pipeline.source.text;
    let (lookups, queries) = (tables.columns(), tables.query_columns());
    let steps = Steps::compile_over(text, &steps, source.schema(), &lookups, &queries, now)?;
    Ok(steps.with_files(files.to_vec()))
}

/// The target of the pipeline; for files, what stands at their place is looked at.
fn target(job: &Job<'_>, source: &Source) -> Result<Target, RunError> {
    let target = connect::target(&job.pipeline.load, job.connection)?;
    if let Target::Files(files) = &target {
        files.check(source.files())?;
        if let Some(input) = source.files().first()
            && files.replaces()
            && !job.options.input.is_empty()
            && extract::is_left_over(source.files())?
        {
            return Err(files.left_over(input).into());
        }
    }
    Ok(target)
}

pub(super) fn wrong(job: &Job<'_>, complaints: Vec<Diagnostic>) -> RunError {
    RunError::Pipeline(Box::new(job.pipeline.report(complaints)))
}

/// The rules of the load target, with the fixes that the pipeline asks for.
pub(super) fn rules(pipeline: &Pipeline, connection: &Connection) -> Rules {
    let blanked = |column: &str| {
        pipeline.transform.iter().any(|step| match &step.value {
            Step::Validate(validate) => {
                validate.fix.get(column).is_some_and(|fix| fix.value == Fix::Blank)
            }
            _ => false,
        })
    };
    let fixes = pipeline.transform.iter().filter_map(|step| match &step.value {
        Step::Validate(validate) => Some(&validate.fix),
        _ => None,
    });
    match &pipeline.load {
        LoadOptions::Campaign(campaign) => Rules::Campaign {
            blank_schedule: blanked("schedule-date-time"),
            window: None,
            removes: campaign.action.value == CampaignAction::Remove,
        },
        LoadOptions::Calls(calls) => Rules::Calls(CallRules {
            action: calls.action.value,
            fixes: fixes.flatten().map(|(column, fix)| (column.clone(), fix.value)).collect(),
            allow_repeats: calls.allow_repeats,
        }),
        LoadOptions::Wapi(wapi) => Rules::Wapi(Box::new(WapiLoadRules::new(
            wapi.object.value,
            wapi.action.value,
            wapi.custom_fields.iter().map(|name| name.value.clone()).collect(),
            fixes.flatten().map(|(column, fix)| (column.clone(), fix.value)).collect(),
            wapi.match_on.as_ref().map(|on| on.0.clone()).unwrap_or_default(),
            wapi.identify_by.as_ref().map(|by| by.0.clone()).unwrap_or_default(),
            connection.wapi.as_ref().map(|wapi| wapi.style.apostrophe),
        ))),
        LoadOptions::Parquet(parquet) => {
            let names = |names: &[Spanned<String>], by: &'static str| -> Vec<_> {
                names.iter().map(|name| (name.value.clone(), by)).collect()
            };
            let mut named = names(&parquet.partition_by, PARTITION_BY);
            named.extend(names(&parquet.sort_by, "`sort_by`"));
            Rules::Files(FileRules {
                key: parquet.key.iter().map(|name| name.value.clone()).collect(),
                named,
                has_folders: !parquet.partition_by.is_empty(),
            })
        }
        LoadOptions::Csv(_) | LoadOptions::Json(_) => Rules::Files(FileRules::default()),
    }
}

/// Columns that the target does not know, or misses.
pub(super) fn target_columns(pipeline: &Pipeline, rules: &Rules, steps: &Steps) -> Vec<Diagnostic> {
    // A column that is missing is missing in the last map.
    let last_map_place = pipeline
        .transform
        .iter()
        .rfind(|step| matches!(step.value, Step::Map(_) | Step::Sql(_)))
        .map(|step| step.span);
    let place = |column: &str| {
        let declared = declared_at(&pipeline.load, column).or_else(|| made_at(pipeline, column));
        declared.or(last_map_place).unwrap_or_else(|| target_place(&pipeline.load))
    };
    let mut complaints = rules.complaints(steps.output(), place);
    complaints.extend(fixes(pipeline, rules));
    complaints
}

/// Where the load itself names a column.
fn declared_at(load: &LoadOptions, column: &str) -> Option<Span> {
    let find = |names: &[Spanned<String>]| {
        names.iter().find(|name| name.value == column).map(|name| name.span)
    };
    match load {
        LoadOptions::Wapi(wapi) => find(&wapi.custom_fields),
        LoadOptions::Parquet(parquet) => [&parquet.key, &parquet.partition_by, &parquet.sort_by]
            .into_iter()
            .find_map(|n| find(n)),
        LoadOptions::Campaign(_)
        | LoadOptions::Calls(_)
        | LoadOptions::Csv(_)
        | LoadOptions::Json(_) => None,
    }
}

/// Where the load says what the rows are.
fn target_place(load: &LoadOptions) -> Span {
    match load {
        LoadOptions::Campaign(_) => Span::default(),
        LoadOptions::Wapi(wapi) => wapi.object.span,
        LoadOptions::Calls(calls) => calls.action.span,
        LoadOptions::Parquet(parquet) => parquet.path.span,
        LoadOptions::Csv(csv) => csv.path.span,
        LoadOptions::Json(json) => json.path.span,
    }
}

/// Where a column was made: in the last map, or taken from a table after it.
fn made_at(pipeline: &Pipeline, column: &str) -> Option<Span> {
    for step in pipeline.transform.iter().rev() {
        let mut targets: Box<dyn Iterator<Item = &Spanned<String>>> = match &step.value {
            Step::Map(map) => Box::new(map.columns.iter().map(|(target, _)| target)),
            Step::Lookup(lookup) => Box::new(lookup.take.0.iter().map(|(target, _)| target)),
            Step::Sql(query) => return Some(query.sql.span),
            _ => continue,
        };
        let found = targets.find(|target| target.value == column).map(|target| target.span);
        if found.is_some() || matches!(step.value, Step::Map(_)) {
            return found;
        }
    }
    None
}

/// Fixes of columns that the target does not know, or that no rule allows.
fn fixes(pipeline: &Pipeline, rules: &Rules) -> Vec<Diagnostic> {
    let validates = pipeline.transform.iter().filter_map(|step| match &step.value {
        Step::Validate(validate) => Some(validate),
        _ => None,
    });
    validates
        .flat_map(|validate| &validate.fix)
        .filter_map(|(column, fix)| {
            let (allowed, word) = match (rules.rule(column), fix.value) {
                (None, fix) if rules.is_custom_field(column) => {
                    (fix != Fix::Truncate, "cut to a length")
                }
                (None, _) => {
                    let message = format!("the target has no column `{column}` to be mended");
                    return Some(Diagnostic::new(fix.span, message));
                }
                (Some(rule), Fix::Blank) => (rule.may_be_blanked(), "sent as no value"),
                // Of a call, only what may be left out can be mended.
                (Some(_), Fix::Truncate | Fix::Transliterate)
                    if matches!(rules, Rules::Calls(_)) =>
                {
                    (false, "mended but by `blank`")
                }
                (Some(rule), Fix::Truncate) => (rule.may_be_truncated(), "cut to a length"),
                (Some(rule), Fix::Transliterate) => {
                    (rule.may_be_transliterated(), "written in other characters")
                }
            };
            let message = format!("`{column}` cannot be {word}: its rules do not allow it");
            (!allowed).then(|| Diagnostic::new(fix.span, message))
        })
        .collect()
}

/// All mistakes of a pipeline and its columns, without any request.
///
/// # Errors
/// As [`Plan::make`].
pub fn check(job: &Job<'_>) -> Result<(), RunError> {
    let (source, _, _, steps) = open(job, Results::MayCome)?;
    let rules = rules(job.pipeline, job.connection);
    let complaints = target_columns(job.pipeline, &rules, &steps);
    if !complaints.is_empty() {
        return Err(wrong(job, complaints));
    }
    for message in steps.warnings() {
        job.observer.observe(Event::Warning { message: message.clone() });
    }
    // What the connection lacks for this target is told as well.
    target(job, &source).map(drop)
}

/// What a run would do: everything but sending.
#[derive(Debug, Default)]
pub struct DryRun {
    pub tally: Tally,
    /// Rows fit for sending.
    pub fit: u64,
    /// Values that would be mended.
    pub fixed: u64,
    /// Requests that it takes.
    pub requests: u64,
    /// The first few rows that would be rejected: line and reasons.
    pub rejects: Vec<(u64, String)>,
    /// Requests that reading the rows took, where they are the tenant's.
    pub asked: Option<u64>,
}

/// Rejected rows that a dry run shows.
pub(super) const EXAMPLES: usize = 5;

/// Reads, transforms and validates everything, and sends nothing. `scratch` is an empty folder
/// that the caller removes. Rows of the tenant are fetched on `runtime`, read-only.
///
/// # Errors
/// As [`Plan::make`], and an input that cannot be read to its end.
pub fn dry_run(job: &Job<'_>, scratch: &Path, runtime: &Handle) -> Result<DryRun, RunError> {
    files::private_dir(scratch)?;
    let mut plan = Plan::make(job)?;
    let mut result = DryRun::default();
    if plan.remote.is_some() {
        let looked = look::count(job, &mut plan, runtime, scratch)?;
        let Some(looked) = looked else { return Ok(result) };
        result.asked = Some(looked.requests);
    }
    let tables = scratch.join(tables::FOLDER);
    if plan.tables.provide(&mut plan.steps, &tables, job)?.is_none() {
        return Ok(result);
    }
    let Some(before) = query::carry_out(&mut plan, job, scratch, false)? else { return Ok(result) };
    result.tally.read = before.rows();
    (result.tally.rejected, result.tally.skipped) = (before.rejected, before.skipped);
    result.rejects = before.examples;
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
    let Some(found) = survey.make(&mut plan.steps)? else { return Ok(result) };
    let chain = Chain {
        steps: &plan.steps,
        rules: &plan.rules,
        clock: job.clock,
        twice: found.twice,
        lineage: None,
        files: &plan.files,
    };
    let rows = plan.source.rows(Position::default(), CHUNK_ROWS)?;
    let mut rows = ReadAhead::begin(rows, plan.limit);
    while let Some(chunk) = rows.next_chunk()? {
        result.tally.read = chunk.end.ordinal;
        let passed = chain.pass(Batch::from_source(std::sync::Arc::clone(&chunk.rows)))?;
        result.fit += passed.rows.len() as u64;
        result.fixed += passed.fixed.len() as u64;
        let mut rejects: Vec<(u64, String)> =
            chunk.bad.iter().map(|bad| (bad.origin.line, bad.reason.clone())).collect();
        for fallen in passed.fallen {
            match fallen.fate {
                Fate::Skipped => result.tally.skipped += 1,
                Fate::Rejected => {
                    rejects.push((chunk.rows.origins[fallen.pick as usize].line, fallen.reason))
                }
            }
        }
        result.tally.rejected += rejects.len() as u64;
        rejects.sort();
        let room = EXAMPLES.saturating_sub(result.rejects.len());
        result.rejects.extend(rejects.into_iter().take(room));
    }
    result.requests = plan.target.requests_for(result.fit);
    Ok(result)
}
