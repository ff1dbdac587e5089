//! What a plan was made from: a plan of something else is not run.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use super::{Job, Plan, RunError, forecast::FORMAT};
use crate::{
    files::{Change, Fingerprint},
    transform::{Step, Table},
};

/// Sections of a pipeline file that change nothing of what is run. The values of variables are
/// those of the sections in which they stand.
const SAY_NOTHING: [&str; 2] = ["description", "vars"];

/// Pipeline, connection, input and tables of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MadeFrom {
    /// Host and tenant, or `simulator`.
    pub connection: String,
    /// Rows that are taken up at the most.
    pub limit: Option<u64>,
    /// A fingerprint of each section of the pipeline file.
    pub sections: BTreeMap<String, String>,
    /// The input's files.
    pub input: Fingerprint,
    /// The files that rows are looked up in.
    pub tables: Fingerprint,
}

/// The part of a plan's file that is read again.
#[derive(Deserialize)]
struct PlanFile {
    format: u32,
    pipeline: String,
    made_from: MadeFrom,
}

impl MadeFrom {
    /// What a plan would be made from now.
    pub fn of(job: &Job<'_>, plan: &Plan) -> Result<MadeFrom, RunError> {
        let sections = job.pipeline.source.fingerprints.iter();
        let sections = sections.filter(|(name, _)| !SAY_NOTHING.contains(&name.as_str()));
        let tables: Vec<_> = table_files(job).into_iter().map(Into::into).collect();
        Ok(MadeFrom {
            connection: job.connection_identity.to_owned(),
            limit: job.options.limit,
            sections: sections.map(|(name, hash)| (name.clone(), format!("{hash:016x}"))).collect(),
            input: Fingerprint::take(plan.source.files())?,
            tables: Fingerprint::take(&tables)?,
        })
    }

    /// What differs from what is there now, as sentences.
    fn changes(&self, job: &Job<'_>, plan: &Plan) -> Result<Vec<String>, RunError> {
        let mut changes = Vec::new();
        if self.connection != job.connection_identity {
            let (then, now) = (&self.connection, job.connection_identity);
            changes.push(format!("it was made for `{then}`, the connection is now `{now}`"));
        }
        if self.limit != job.options.limit {
            changes.push(match self.limit {
                Some(limit) => format!("it was made with `--limit {limit}`"),
                None => "it was made without `--limit`".to_owned(),
            });
        }
        let now = &job.pipeline.source.fingerprints;
        let names: std::collections::BTreeSet<&String> =
            self.sections.keys().chain(now.keys()).collect();
        for name in names.into_iter().filter(|name| !SAY_NOTHING.contains(&name.as_str())) {
            let now = now.get(name).map(|hash| format!("{hash:016x}"));
            if self.sections.get(name) != now.as_ref() {
                changes.push(format!("`{name}` of the pipeline has changed"));
            }
        }
        changes.extend(changed(&self.input, plan.source.files())?);
        let tables: Vec<_> = table_files(job).into_iter().map(Into::into).collect();
        changes.extend(changed(&self.tables, &tables)?);
        Ok(changes)
    }
}

/// What became of files since.
fn changed(then: &Fingerprint, now: &[std::path::PathBuf]) -> Result<Option<String>, RunError> {
    Ok(match then.compare(now, None)? {
        Change::Same => None,
        Change::Appended { file, from: 0, .. } => {
            Some(format!("`{}` was not among the files", file.display()))
        }
        Change::Appended { file, .. } => Some(format!("`{}` has grown", file.display())),
        Change::Changed { file, what } => Some(format!("`{}` {what}", file.display())),
    })
}

/// The files of `lookup` and `sql` steps.
fn table_files<'a>(job: &Job<'a>) -> Vec<&'a str> {
    let tables = job.pipeline.transform.iter().flat_map(|step| match &step.value {
        Step::Lookup(lookup) => vec![lookup.table()],
        Step::Sql(sql) => sql.tables.0.iter().map(|(_, from)| Table::of(&from.value)).collect(),
        _ => Vec::new(),
    });
    tables
        .filter_map(|table| match table {
            Table::File(path) => Some(path),
            Table::Results(_) => None,
        })
        .collect()
}

/// Refuses a plan of rows that nobody can hold fast.
///
/// # Errors
/// The rows of the pipeline are the tenant's.
pub fn check_can_be_kept(job: &Job<'_>) -> Result<(), RunError> {
    match job.pipeline.extract.is_remote() {
        false => Ok(()),
        true => Err(RunError::CommandLine {
            what: "a plan of rows that the tenant has cannot be kept: they may be others when \
                   `run` fetches them"
                .into(),
            hint: "leave `--out` and `--plan` out; `run` checks each row by the same rules, and \
                   `max_rejected` stops it where too many are rejected"
                .into(),
        }),
    }
}

/// Refuses to run anything else than what the plan at `path` was made from.
///
/// # Errors
/// A file that is no plan; a pipeline, connection or input that has changed since.
pub fn check_plan(job: &Job<'_>, path: &Path) -> Result<(), RunError> {
    check_can_be_kept(job)?;
    let no_plan = |what: String| RunError::NoPlan { path: path.to_owned(), what };
    let text = std::fs::read_to_string(path).map_err(|error| no_plan(error.to_string()))?;
    let file: PlanFile = serde_json::from_str(&text)
        .map_err(|error| no_plan(format!("it is not what `vccpipe plan --out` writes: {error}")))?;
    if file.format != FORMAT {
        return Err(no_plan(format!("it has format {}, and {FORMAT} is known", file.format)));
    }
    let plan = Plan::make(job)?;
    let mut changes = file.made_from.changes(job, &plan)?;
    if file.pipeline != plan.name {
        changes = vec![format!("it was made for the pipeline `{}`", file.pipeline)];
    }
    match changes.is_empty() {
        true => Ok(()),
        false => Err(RunError::NotPlanned { path: path.to_owned(), changes }),
    }
}
