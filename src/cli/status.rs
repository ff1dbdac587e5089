//! `vccpipe status`: the runs of the state folder, and what is unfinished or in doubt.

use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};

use super::{
    args::{Global, StatusArgs, StatusFormat},
    exit::Exit,
    report::{self, counted, grouped},
};
use crate::{
    ledger::RunStatus,
    rules::nearest_of,
    run::{self, History, Standing},
};

/// Shows the runs.
pub fn status(global: &Global, args: &StatusArgs) -> Exit {
    let history = match run::history(&global.state_dir, args.name.as_deref()) {
        Ok(history) => history,
        Err(error) => return super::run::fail(global, &error),
    };
    if let Some(name) = args.name.as_ref().filter(|name| !history.pipelines.contains(name)) {
        eprintln!("{}", unknown(name, &history, global));
        return Exit::Usage;
    }
    for (pipeline, error) in &history.unreadable {
        eprintln!("{pipeline}: {}", report::error(error, error.hint().as_deref()));
    }
    match args.format {
        StatusFormat::Json => {
            let runs: Vec<Value> = history.runs.iter().map(as_json).collect();
            say!("{:#}", Value::Array(runs));
        }
        StatusFormat::Table if history.runs.is_empty() && history.unreadable.is_empty() => {
            say!("no runs yet in {}", global.state_dir.display());
        }
        StatusFormat::Table => say!("{}", told(&history).trim_end()),
    }
    match history.unreadable.is_empty() {
        true => Exit::Success,
        false => Exit::Failed,
    }
}

fn unknown(name: &str, history: &History, global: &Global) -> String {
    let names = history.pipelines.iter().map(String::as_str);
    let hint = match (nearest_of(names, name), history.pipelines.is_empty()) {
        (Some(nearest), _) => format!("did you mean `{nearest}`?"),
        (None, true) => "nothing has run there; `--state-dir` names another folder".to_owned(),
        (None, false) => format!("there are runs of: {}", history.pipelines.join(", ")),
    };
    let folder = global.state_dir.display();
    format!("error: no pipeline `{name}` has run in {folder}\n  hint: {hint}")
}

/// How a run stands, in one word.
fn standing(run: &Standing) -> &'static str {
    match run.record.status {
        RunStatus::Running if run.is_alive => "running",
        // Its process is gone: killed, or the machine was.
        RunStatus::Running => "interrupted",
        other => other.as_str(),
    }
}

fn as_json(run: &Standing) -> Value {
    let (tally, traffic) = (&run.checkpoint.tally, &run.checkpoint.traffic);
    json!({
        "pipeline": run.pipeline,
        "run_id": run.record.run_id,
        "status": standing(run),
        "started_at": run.record.started_at,
        "read": tally.read,
        "loaded": tally.loaded.total(),
        "rejected": tally.rejected,
        "refused": tally.refused,
        "skipped": tally.skipped,
        "in_doubt": tally.in_doubt,
        "pending": tally.pending(),
        "requests": traffic.requests,
        "elapsed_seconds": run.checkpoint.elapsed_seconds,
        "high_water_mark": run.high_water_mark,
        "folder": run.folder,
    })
}

/// The runs as a table, and below it what is to be done.
fn told(history: &History) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header([
        "pipeline", "run", "status", "read", "loaded", "rejected", "refused", "skipped",
        "in doubt", "pending",
    ]);
    for run in &history.runs {
        let tally = &run.checkpoint.tally;
        let mut row =
            vec![run.pipeline.clone(), run.record.run_id.clone(), standing(run).to_owned()];
        let counts = [
            tally.read,
            tally.loaded.total(),
            tally.rejected,
            tally.refused,
            tally.skipped,
            tally.in_doubt,
            tally.pending(),
        ];
        row.extend(counts.map(grouped));
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut text = String::new();
    for line in table.to_string().lines() {
        let _ = writeln!(text, "{}", line.trim());
    }
    for run in &history.runs {
        for hint in hints(run) {
            let _ = writeln!(text, "{}: {hint}", run.pipeline);
        }
    }
    text
}

/// What is to be done about a run.
fn hints(run: &Standing) -> Vec<String> {
    let (tally, folder) = (&run.checkpoint.tally, run.folder.display());
    let mut hints = Vec::new();
    if let Some(day) = run.high_water_mark {
        hints.push(format!("what is new is fetched through {day}"));
    }
    match run.record.status {
        RunStatus::Running if run.is_alive => hints.push("a process is at work on it".to_owned()),
        status if status.is_unfinished() => hints.push(format!(
            "run {} is not finished; the same `vccpipe run` command goes on where it was{}",
            run.record.run_id,
            stopped_because(run)
        )),
        _ => {}
    }
    if tally.in_doubt > 0 && run.record.status != RunStatus::Abandoned {
        hints.push(format!(
            "{} in doubt ({folder}/in_doubt.csv); `vccpipe resolve {}` looks at the tenant",
            counted(tally.in_doubt, "record is", "records are"),
            run.pipeline
        ));
    }
    if run.is_newest && run.record.status == RunStatus::Finished {
        for (count, file) in [(tally.rejected, "rejected.csv"), (tally.refused, "refused.csv")] {
            if count > 0 {
                let way = match run.is_snapshot() {
                    true => "mend the rows where they came from and run the pipeline again",
                    false => "mend the file in place and run it by `--input`",
                };
                hints.push(format!(
                    "{} in {folder}/{file}, each with its reason; {way}",
                    counted(count, "row is", "rows are")
                ));
            }
        }
    }
    hints
}

/// Why a run stopped, from its summary.
fn stopped_because(run: &Standing) -> String {
    let text = std::fs::read(run.folder.join("summary.json")).ok();
    let summary: Option<Value> = text.and_then(|text| serde_json::from_slice(&text).ok());
    let why = summary.as_ref().and_then(|summary| summary["stopped_because"].as_str());
    why.map(|why| format!(" (it stopped because: {why})")).unwrap_or_default()
}
