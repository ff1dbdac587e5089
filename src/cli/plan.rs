//! `vccpipe plan`: what a run would do, from all rows of the input and without sending any.

use std::{fmt::Write, time::Duration};

use super::{
    args::{Global, PlanArgs},
    exit::Exit,
    outlook,
    progress::Progress,
    report::{self, counted, grouped},
    run::{Stage, connection_without_requests, fail, read_pipeline},
    scratch::scratch,
};
use crate::{
    clock::Clock,
    extract::fetch::Found,
    files,
    run::{self, ByRule, Fetched, Forecast, Job, Options},
};

/// Reads all input and tells what a run would do.
pub fn plan(global: &Global, args: &PlanArgs) -> Exit {
    let stage = match Stage::set(global) {
        Ok(stage) => stage,
        Err(exit) => return exit,
    };
    let pipeline = match read_pipeline(global, &args.file, &args.variables, false) {
        Ok(pipeline) => pipeline,
        Err(message) => {
            eprintln!("{message}");
            return Exit::Usage;
        }
    };
    let name = args.connection.as_deref().unwrap_or(&pipeline.connection);
    let fetches = args.fetch && pipeline.extract.is_remote();
    let found = match fetches {
        true => stage.looks_over(global, name, args.simulator_config.as_deref()),
        false => connection_without_requests(global, name)
            .map(|(connection, identity)| (None, connection, identity))
            .map_err(|message| {
                eprintln!("{message}");
                Exit::Usage
            }),
    };
    let (_tenant, connection, identity) = match found {
        Ok(found) => found,
        Err(exit) => return exit,
    };
    let options = Options {
        state_dir: global.state_dir.clone(),
        limit: args.limit,
        input: args.input.clone(),
        period: args.days.into(),
        ..Options::default()
    };
    let progress = Progress::new(global, stage.log());
    let job = Job {
        pipeline: &pipeline,
        connection: &connection,
        connection_identity: &identity,
        options: &options,
        clock: &Clock::System,
        halting: &stage.halting,
        observer: &progress,
    };
    if args.out.is_some()
        && let Err(error) = run::check_can_be_kept(&job)
    {
        return fail(global, &error);
    }
    if pipeline.extract.is_remote() && !fetches {
        return outlook::tell(global, &job, "plan");
    }
    stage.listen();
    let scratch = match scratch() {
        Ok(scratch) => scratch,
        Err(exit) => return exit,
    };
    let answer_time = Duration::from_millis(args.answer_ms);
    let forecast = run::forecast(&job, scratch.path(), answer_time, stage.runtime.handle());
    progress.finish();
    let forecast = match forecast {
        Ok(Some(forecast)) => forecast,
        Ok(None) => return Exit::Interrupted,
        Err(error) => return fail(global, &error),
    };
    outlook::tell_requests(global, forecast.fetched.as_ref().map(|fetched| fetched.requests));
    say!("{}", told(&forecast));
    match &args.out {
        Some(path) => write(&forecast, path, args),
        None => Exit::Success,
    }
}

fn write(forecast: &Forecast, path: &std::path::Path, args: &PlanArgs) -> Exit {
    let text = serde_json::to_string_pretty(forecast).unwrap_or_default() + "\n";
    if let Err(error) = files::publish(path, text.as_bytes()) {
        eprintln!("{}", report::error(&error, Some(&error.hint())));
        return Exit::Usage;
    }
    let file = args.file.display();
    say!("the plan is in {0}; `vccpipe run {file} --plan {0}` runs it", path.display());
    Exit::Success
}

/// The plan as a user reads it.
fn told(plan: &Forecast) -> String {
    let mut text = format!("{}: plan, nothing was sent\n", plan.pipeline);
    let mut line = |label: &str, value: String| {
        let _ = writeln!(text, "  {label:<11} {value}");
    };
    let count = |number: u64| format!("{:>13}", grouped(number));
    if let Some(Fetched { found, .. }) = &plan.fetched {
        line("fetched", format!("{}   {}", count(found.records), found_out(found)));
    }
    line("read", count(plan.read));
    line("to send", count(plan.to_send));
    line("rejected", count(plan.rejected));
    line("skipped", count(plan.skipped));
    if plan.fixed > 0 {
        line("fixed", count(plan.fixed));
    }
    line("requests", format!("{}   {}", count(plan.requests.sending), how_many_each(plan)));
    by_rule(&mut text, "rejected, by rule", &plan.rejects);
    by_rule(&mut text, "skipped", &plan.skips);
    by_rule(&mut text, "fixed", &plan.fixes);
    collisions(&mut text, plan);
    least_time(&mut text, plan);
    let _ = writeln!(text, "the next run: {}", next_run(plan));
    for stop in &plan.stops {
        let _ = writeln!(text, "stop: {stop}");
    }
    for note in &plan.notes {
        let _ = writeln!(text, "note: {note}");
    }
    text.truncate(text.trim_end().len());
    text
}

/// What was asked for, and what of it is no row.
fn found_out(found: &Found) -> String {
    let mut text = found.asked.clone();
    if found.unchanged > 0 {
        let _ = write!(text, "; {} are as the last run had them", grouped(found.unchanged));
    }
    if found.missing > 0 {
        let _ = write!(text, "; {} were not found", grouped(found.missing));
    }
    text
}

fn how_many_each(plan: &Forecast) -> String {
    let each = match plan.requests.records_each {
        0 => "for the load: files are written".to_owned(),
        1 => "one record each".to_owned(),
        each => format!("of up to {} records", grouped(each)),
    };
    match plan.requests.before {
        0 => each,
        1 => format!("{each}, and 1 before them"),
        before => format!("{each}, and {before} before them"),
    }
}

fn by_rule(text: &mut String, title: &str, rules: &[ByRule]) {
    if rules.is_empty() {
        return;
    }
    let _ = writeln!(text, "{title}:");
    for rule in rules {
        let _ = writeln!(text, "  {:>9}  {}", grouped(rule.rows), rule.rule);
        for example in &rule.examples {
            let place = place(example.line, example.file.as_deref());
            match example.reason == rule.rule {
                true => {
                    let _ = writeln!(text, "             {place}");
                }
                false => {
                    let reason = shortened(&example.reason);
                    let _ = writeln!(text, "             {place}: {reason}");
                }
            }
        }
    }
}

/// A reason on one line of a screen or two.
fn shortened(reason: &str) -> String {
    let line = reason.replace(['\r', '\n'], " ");
    match line.char_indices().nth(170) {
        Some((at, _)) => format!("{}..", &line[..at]),
        None => line,
    }
}

fn place(line: u64, file: Option<&str>) -> String {
    match file {
        Some(file) => format!("line {line} of {file}"),
        None => format!("line {line}"),
    }
}

fn collisions(text: &mut String, plan: &Forecast) {
    let collisions = &plan.collisions;
    if collisions.rows == 0 {
        return;
    }
    let _ = writeln!(text, "keys that stand twice: {}", counted(collisions.rows, "row", "rows"));
    for example in &collisions.examples {
        let _ = writeln!(
            text,
            "             {}: the key of {} ({})",
            place(example.line, example.file.as_deref()),
            place(example.other_line, example.other_file.as_deref()),
            shortened(&example.key)
        );
    }
}

fn least_time(text: &mut String, plan: &Forecast) {
    if plan.least_time.is_empty() {
        return;
    }
    let _ = writeln!(text, "least time, under each limit of the connection:");
    for time in &plan.least_time {
        let mut notes: Vec<String> =
            time.assumes.iter().map(|it| format!("assuming {it}")).collect();
        if time.binds {
            notes.push("this one binds".into());
        }
        let notes =
            if notes.is_empty() { String::new() } else { format!("   {}", notes.join("; ")) };
        let _ = writeln!(text, "  {:>13}  {}{notes}", duration(time.seconds), time.limit);
    }
}

/// `2 h 5 min`, `3 min 20 s`, `1.5 s`.
fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        0..60 => format!("{seconds:.1} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", grouped(whole / 3600), whole % 3600 / 60),
    }
}

fn next_run(plan: &Forecast) -> String {
    let next = &plan.next_run;
    let (run, sends) =
        (next.run_id.as_deref().unwrap_or_default(), counted(next.sends, "record", "records"));
    match next.does {
        "go_on" => format!("goes on with run {run} and sends {sends}"),
        "continue" => format!("begins where run {run} ended and sends {sends}"),
        "nothing" => format!(
            "sends nothing, because run {run} has loaded this input to its end (`--again` would \
             send it again)"
        ),
        "refuse" => format!(
            "refuses, because the unfinished run {run} belongs to something else: {} (`--fresh` \
             gives it up)",
            next.changes.join("; ")
        ),
        _ => format!("begins with the first row and sends {sends}"),
    }
}
