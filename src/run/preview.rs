//! The first rows of an input after each step, or a few of the tenant's: what a user looks at before a
//! pipeline runs.

use std::{path::Path, sync::Arc};

use arrow::{
    array::Array,
    datatypes::DataType,
    util::display::{ArrayFormatter, FormatOptions},
};
use tokio::runtime::Handle;

use super::{
    Job, Plan, RunError,
    chain::Chain,
    look,
    plan::{self, CHUNK_ROWS},
    query,
    read_ahead::ReadAhead,
    survey::Survey,
    tables::{self, Results},
};
use crate::{
    batch::{Batch, Fallen, Fate, Position, SourceBatch},
    extract::fetch::Purpose,
    files,
};

/// What is shown.
pub struct Preview {
    /// Rows that were looked at.
    pub rows: u64,
    /// Whether these are all rows of the input.
    pub whole: bool,
    /// The rows as read, after each step, and after the rules of the target.
    pub stages: Vec<Stage>,
    /// What a user should know about the input.
    pub warnings: Vec<String>,
    /// Requests that reading the rows took, where they are the tenant's.
    pub asked: Option<u64>,
    /// Whether it was stopped before its end.
    pub halted: bool,
}

/// The rows after one step.
pub struct Stage {
    /// What was done: `extract`, `map`, `filter`, ..., `rules of the target`.
    pub name: String,
    pub columns: Vec<StageColumn>,
    /// The first rows: their lines and values.
    pub shown: Vec<(u64, Vec<Option<String>>)>,
    /// Rows that are left.
    pub left: u64,
    pub rejected: u64,
    pub skipped: u64,
    pub fixed: u64,
    /// The first rows that fell, or of which a value was mended.
    pub told: Vec<Told>,
}

/// A column after a step.
pub struct StageColumn {
    pub name: String,
    pub mark: Mark,
}

/// What a step did to a column, as far as the rows shown tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Same,
    New,
    Changed,
}

/// What is said of a row.
pub struct Told {
    /// `rejected`, `skipped` or `fixed`.
    pub what: &'static str,
    pub line: u64,
    /// Where there are several files.
    pub file: Option<String>,
    pub reason: String,
}

/// Takes the first `looked` rows through all steps and keeps the first `show` of each. `scratch` is
/// an empty folder that the caller removes. Of the tenant's rows a few are fetched on `runtime`.
///
/// # Errors
/// As [`Plan::make`](super::Plan::make), but for the connection, which is not asked for anything
/// where the rows come from files.
pub fn preview(
    job: &Job<'_>,
    scratch: &Path,
    show: usize,
    looked: u64,
    runtime: &Handle,
) -> Result<Preview, RunError> {
    files::private_dir(scratch)?;
    let (mut source, mut files, tables, mut steps) = plan::open(job, Results::MustBeThere)?;
    let rules = plan::rules(job.pipeline, job.connection);
    let complaints = plan::target_columns(job.pipeline, &rules, &steps);
    if !complaints.is_empty() {
        return Err(plan::wrong(job, complaints));
    }
    let mut preview = Preview {
        rows: 0,
        whole: true,
        stages: Vec::new(),
        warnings: source.warnings().to_vec(),
        asked: None,
        halted: true,
    };
    let now = job.clock.now();
    if job.pipeline.extract.is_remote() {
        let purpose = Purpose::Look { rows: show as u64 };
        let some = look::look(job, runtime, scratch, purpose)?;
        let Some(some) = some else { return Ok(preview) };
        preview.asked = Some(some.requests);
        source = some.source;
        steps = plan::compile(job, &source, &files, &tables, now)
            .map_err(|complaints| plan::wrong(job, complaints))?;
    }
    if tables.provide(&mut steps, &scratch.join(tables::FOLDER), job)?.is_none() {
        return Ok(preview);
    }
    if steps.has_query() {
        // A query is over all rows: it is run, and what it gives is looked at.
        let mut plan = Plan::make(job)?;
        if preview.asked.is_some() {
            plan.source = source;
            plan.as_of(job, now)?;
        }
        let folder = scratch.join(tables::FOLDER);
        let provided = plan.tables.provide(&mut plan.steps, &folder, job)?.is_some();
        if !provided || query::carry_out(&mut plan, job, scratch, false)?.is_none() {
            return Ok(preview);
        }
        (source, files, steps) = (plan.source, plan.files, plan.steps);
    }
    let survey = Survey {
        source: &source,
        rules: &rules,
        clock: job.clock,
        files: &files,
        lineage: None,
        folder: scratch,
        limit: Some(looked),
        chunk_rows: CHUNK_ROWS,
        too_many: &|_| false,
        halting: job.halting,
        observer: job.observer,
    };
    let Some(found) = survey.make(&mut steps)? else { return Ok(preview) };
    let chain = Chain {
        steps: &steps,
        rules: &rules,
        clock: job.clock,
        twice: found.twice,
        lineage: None,
        files: &files,
    };
    let mut stages = Stages::new(job, show, &files, steps.first());
    // One row more tells whether there are more.
    let mut rows =
        ReadAhead::begin(source.rows(Position::default(), CHUNK_ROWS)?, Some(looked + 1));
    while let Some(chunk) = rows.next_chunk()? {
        preview.whole &= chunk.end.ordinal <= looked;
        preview.rows = chunk.end.ordinal.min(looked);
        let source = within(&chunk.rows, looked);
        let batch = Batch::from_source(source);
        for bad in chunk.bad.iter().filter(|bad| bad.origin.ordinal < looked) {
            stages.unreadable(bad.origin.line, bad.origin.file, &bad.reason);
        }
        stages.pass(batch, &chain)?;
    }
    preview.stages = stages.finish();
    preview.halted = false;
    Ok(preview)
}

/// The rows of a chunk that are looked at.
fn within(rows: &Arc<SourceBatch>, looked: u64) -> Arc<SourceBatch> {
    let keep = rows.origins.partition_point(|origin| origin.ordinal < looked);
    match keep == rows.origins.len() {
        true => Arc::clone(rows),
        false => Arc::new(SourceBatch {
            columns: rows.columns.slice(0, keep),
            origins: rows.origins[..keep].to_vec(),
        }),
    }
}

/// The stages while rows pass through them.
struct Stages<'a> {
    stages: Vec<Stage>,
    show: usize,
    files: &'a [String],
    /// The first step that is looked at: those before it made the rows.
    first: usize,
}

impl<'a> Stages<'a> {
    fn new(job: &Job<'_>, show: usize, files: &'a [String], first: usize) -> Self {
        let text = &job.pipeline.source.text;
        let steps = job.pipeline.transform.iter().map(|step| key_of(step.span.of(text)));
        let source = if first > 0 { "sql" } else { "extract" };
        let names = std::iter::once(source.to_owned())
            .chain(steps.skip(first))
            .chain(["the rules of the target".to_owned()]);
        Stages { stages: names.map(Stage::new).collect(), show, files, first }
    }

    fn unreadable(&mut self, line: u64, file: u32, reason: &str) {
        let (show, file) = (self.show, self.file(file));
        let stage = &mut self.stages[0];
        stage.rejected += 1;
        stage.tell(Told { what: "rejected", line, file, reason: reason.to_owned() }, show);
    }

    fn pass(&mut self, batch: Batch, chain: &Chain<'_>) -> Result<(), RunError> {
        self.enter(0, &batch, None, Vec::new());
        let last = self.stages.len() - 1;
        let mut before = batch;
        for step in 0..last - 1 {
            let mut fallen = Vec::new();
            let after = chain.steps.apply_one(self.first + step, before.clone(), &mut fallen)?;
            self.enter(step + 1, &after, Some(&before), fallen);
            before = after;
        }
        let passed = chain.end(before.clone(), Vec::new())?;
        self.enter(last, &passed.rows, Some(&before), passed.fallen);
        for fixed in passed.fixed {
            let origin = passed.rows.source.origins[fixed.pick as usize];
            let (show, file) = (self.show, self.file(origin.file));
            let reason = format!("{}: {}", fixed.column, fixed.reason);
            self.stages[last].fixed += 1;
            self.stages[last].tell(Told { what: "fixed", line: origin.line, file, reason }, show);
        }
        Ok(())
    }

    fn enter(&mut self, at: usize, rows: &Batch, before: Option<&Batch>, fallen: Vec<Fallen>) {
        let show = self.show;
        let told: Vec<Told> = fallen
            .into_iter()
            .map(|fallen| {
                let origin = rows.source.origins[fallen.pick as usize];
                let what = match fallen.fate {
                    Fate::Rejected => "rejected",
                    Fate::Skipped => "skipped",
                };
                let file = self.file(origin.file);
                Told { what, line: origin.line, file, reason: fallen.reason }
            })
            .collect();
        let stage = &mut self.stages[at];
        for told in told {
            match told.what {
                "rejected" => stage.rejected += 1,
                _ => stage.skipped += 1,
            }
            stage.tell(told, show);
        }
        stage.left += rows.len() as u64;
        stage.show(rows, before, show);
    }

    fn file(&self, file: u32) -> Option<String> {
        self.files.get(file as usize).filter(|_| self.files.len() > 1).cloned()
    }

    fn finish(mut self) -> Vec<Stage> {
        self.stages.iter_mut().for_each(|stage| stage.told.sort_by_key(|told| told.line));
        self.stages
    }
}

impl Stage {
    fn new(name: String) -> Self {
        Stage {
            name,
            columns: Vec::new(),
            shown: Vec::new(),
            left: 0,
            rejected: 0,
            skipped: 0,
            fixed: 0,
            told: Vec::new(),
        }
    }

    fn tell(&mut self, told: Told, show: usize) {
        if self.told.len() < show {
            self.told.push(told);
        }
    }

    fn show(&mut self, rows: &Batch, before: Option<&Batch>, show: usize) {
        let schema = rows.columns.schema();
        if self.columns.is_empty() {
            let columns = schema.fields().iter().filter(|field| !is_ours(field.name()));
            let names = columns.map(|field| field.name().clone());
            self.columns = names.map(|name| StageColumn { name, mark: Mark::Same }).collect();
        }
        let wanted = show.saturating_sub(self.shown.len()).min(rows.len());
        for row in 0..wanted {
            let values = self.columns.iter().map(|column| value(rows, &column.name, row));
            self.shown.push((rows.origin(row).line, values.collect()));
        }
        let Some(before) = before else { return };
        for column in &mut self.columns {
            if before.columns.schema().index_of(&column.name).is_err() {
                column.mark = Mark::New;
                continue;
            }
            let changed = (0..wanted).any(|row| {
                let same = before.picks.binary_search(&rows.picks[row]);
                same.is_ok_and(|other| {
                    value(rows, &column.name, row) != value(before, &column.name, other)
                })
            });
            if changed {
                column.mark = Mark::Changed;
            }
        }
    }
}

/// Columns by which the program matches records; they are not sent.
fn is_ours(name: &str) -> bool {
    name == crate::crm::MATCH_KEY
}

/// A value as text; null and a column that is not there have none.
fn value(rows: &Batch, column: &str, row: usize) -> Option<String> {
    let column = rows.columns.column_by_name(column)?;
    if column.is_null(row) || *column.data_type() == DataType::Null {
        return None;
    }
    let formatter = ArrayFormatter::try_new(column, &FormatOptions::default()).ok()?;
    formatter.value(row).try_to_string().ok()
}

/// The key of a step, as the file writes it.
fn key_of(step: &str) -> String {
    let step = step.trim_start_matches(['{', '-', ' ', '\n']);
    step.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}
