//! `vccpipe audit`: the books of a run, proved row by row.

use super::{
    args::{AuditArgs, Global},
    exit::Exit,
    report::grouped,
    resolve::{over_its_connection, run_args},
    run::{Stage, fail, read_pipeline},
};
use crate::run::{self, Audit, Beginning, Finding, Past, PastRun, RunError};

/// Audits one run, and tells what does not hold.
pub fn audit(global: &Global, args: &AuditArgs) -> Exit {
    let stage = match Stage::set(global) {
        Ok(stage) => stage,
        Err(exit) => return exit,
    };
    stage.listen();
    match audited(global, args, &stage) {
        Ok((name, Some(audit))) => {
            tell(&name, &audit);
            match audit.balances() {
                true => Exit::Success,
                false => Exit::Failed,
            }
        }
        Ok((_, None)) => Exit::Interrupted,
        Err(exit) => exit,
    }
}

fn audited(
    global: &Global,
    args: &AuditArgs,
    stage: &Stage,
) -> Result<(String, Option<Audit>), Exit> {
    let (past, run) = find(global, &args.run).map_err(|error| fail(global, &error))?;
    let beginning = run.beginning().map_err(|error| fail(global, &error))?;
    let run_args = run_args(&beginning, args.connection.clone(), args.simulator_config.clone());
    let path = Beginning::pipeline(&run.folder);
    let pipeline = read_pipeline(global, &path, &run_args.variables, false).map_err(|message| {
        eprintln!("{message}");
        Exit::Usage
    })?;
    let audit =
        run::audit(&past, &run, &pipeline, &stage.halting).map_err(|error| fail(global, &error))?;
    let Some(mut audit) = audit else { return Ok((past.name.clone(), None)) };
    if args.remote {
        let session = stage.session(global, &run_args, None);
        over_its_connection(global, &session, &beginning, &run, &run_args, |job| {
            run::audit_remote(job, &run, &mut audit, stage.runtime.handle())
        })?;
    }
    Ok((past.name.clone(), Some(audit)))
}

fn find(global: &Global, meant: &str) -> Result<(Past, PastRun), RunError> {
    let (name, run_id) = run::find_run(&global.state_dir, meant)?;
    let past = Past::open(&global.state_dir, &name)?;
    let run = match run_id {
        Some(run_id) => past.run(&run_id)?,
        None => past.runs()?.into_iter().next().ok_or_else(|| RunError::NoSuchRun {
            what: format!("no run of `{name}` has begun"),
            hint: "give `vccpipe run` first".into(),
        })?,
    };
    Ok((past, run))
}

fn tell(name: &str, audit: &Audit) {
    let verdict = match audit.balances() {
        true => "balances",
        false => "does not balance",
    };
    say!("{name}: run {} ({}) {verdict}", audit.run_id, audit.status);
    say!("  {:<11} {:>13}   {}", "read again", grouped(audit.read), audit.input);
    for (name, rows) in Audit::NAMES.iter().zip(audit.rows) {
        say!("  {name:<11} {:>13}", grouped(rows));
    }
    if audit.pending > 0 {
        say!("  {:<11} {:>13}   the run goes on with them", "pending", grouped(audit.pending));
    }
    if let Some(remote) = audit.remote {
        say!(
            "  {:<11} {:>13}   of {} that the tenant was asked for",
            "confirmed",
            grouped(remote.confirmed),
            grouped(remote.asked)
        );
    }
    audit.findings.iter().for_each(tell_finding);
}

fn tell_finding(finding: &Finding) {
    let shown = finding.examples.len() as u64;
    let more = match finding.count > shown {
        true => format!(", the first {shown}"),
        false => String::new(),
    };
    say!("{} ({}{more}):", finding.what, grouped(finding.count));
    for example in &finding.examples {
        say!("  {example}");
    }
}
