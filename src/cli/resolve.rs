//! `vccpipe resolve`: records in doubt, looked for at the tenant and settled.

use super::{
    args::{Found, Global, ResolveArgs, RunArgs},
    exit::Exit,
    report::grouped,
    run::{Session, Stage, fail, read_pipeline},
};
use crate::{
    clock::Clock,
    load::Sighting,
    run::{
        self, Beginning, ByHand, Event, Job, Observer, Options, Past, PastRun, Resolution,
        RunError, Settled,
    },
};

/// Settles what is in doubt of all finished runs of the pipeline.
pub fn resolve(global: &Global, args: &ResolveArgs) -> Exit {
    let found = Past::open(&global.state_dir, &args.name)
        .and_then(|past| run::doubtful(&past).map(|runs| (past, runs)));
    let (mut past, runs) = match found {
        Ok(found) => found,
        Err(error) => return fail(global, &error),
    };
    if runs.is_empty() {
        say!("{}: nothing is in doubt", args.name);
        return Exit::Success;
    }
    let stage = match Stage::set(global) {
        Ok(stage) => stage,
        Err(exit) => return exit,
    };
    stage.listen();
    let mut all = Resolution::default();
    let mut named = Vec::new();
    for run in &runs {
        match settle(global, args, &stage, &mut past, run, &mut named) {
            Ok(resolution) => {
                all.loaded += resolution.loaded;
                all.left_over += resolution.left_over;
                all.in_doubt += resolution.in_doubt;
            }
            Err(exit) => return exit,
        }
    }
    tell_end(args, &all);
    let others = args.lines.iter().filter(|line| !named.contains(line));
    let others: Vec<String> = others.map(u64::to_string).collect();
    if !others.is_empty() && !stage.halting.is_halted() {
        tell_others(args, &others);
        if named.is_empty() {
            return Exit::Usage;
        }
    }
    match (stage.halting.is_halted(), all.in_doubt, all.left_over) {
        (true, _, _) => Exit::Interrupted,
        (_, 0, 0) => Exit::Success,
        (_, 0, _) => Exit::Rejects,
        _ => Exit::InDoubt,
    }
}

fn settle(
    global: &Global,
    args: &ResolveArgs,
    stage: &Stage,
    past: &mut Past,
    run: &PastRun,
    named: &mut Vec<u64>,
) -> Result<Resolution, Exit> {
    let beginning = run.beginning().map_err(|error| fail(global, &error))?;
    let run_args = run_args(&beginning, args.connection.clone(), args.simulator_config.clone());
    let session = stage.session(global, &run_args, None);
    say!("{}: run {}, {} in doubt", args.name, run.run_id, records(run.checkpoint.tally.in_doubt));
    let by_hand = args.found.map(|found| ByHand {
        loaded: found == Found::Loaded,
        lines: args.lines.clone(),
        file: args.file.clone(),
    });
    over_its_connection(global, &session, &beginning, run, &run_args, |job| {
        let handle = stage.runtime.handle();
        run::resolve(job, past, run, by_hand.as_ref(), handle, &mut |settled| {
            tell(settled);
            named.push(settled.line);
        })
    })
}

/// What `run` was told when it began, as its arguments.
pub(super) fn run_args(
    beginning: &Beginning,
    connection: Option<String>,
    simulator_config: Option<std::path::PathBuf>,
) -> RunArgs {
    RunArgs {
        files: vec![beginning.file.clone()],
        connection: Some(connection.unwrap_or_else(|| beginning.connection.clone())),
        variables: beginning.variables.clone().into_iter().collect(),
        simulator_config,
        ..RunArgs::default()
    }
}

/// Does something over the connection of a past run, with its pipeline as it was then.
pub(super) fn over_its_connection<T>(
    global: &Global,
    session: &Session<'_>,
    beginning: &Beginning,
    run: &PastRun,
    args: &RunArgs,
    what: impl FnOnce(&Job<'_>) -> Result<T, RunError>,
) -> Result<T, Exit> {
    let path = Beginning::pipeline(&run.folder);
    let pipeline = read_pipeline(global, &path, &args.variables, false).map_err(|message| {
        eprintln!("{message}");
        Exit::Usage
    })?;
    let name = args.connection.as_deref().unwrap_or(&beginning.connection);
    let tenant = session.tenant(name)?;
    let (connection, identity) = session.connection(name, tenant.as_ref()).map_err(|message| {
        eprintln!("{message}");
        Exit::Usage
    })?;
    let options = Options { state_dir: global.state_dir.clone(), ..Options::default() };
    let job = Job {
        pipeline: &pipeline,
        connection: &connection,
        connection_identity: &identity,
        options: &options,
        clock: &Clock::System,
        halting: session.halting,
        observer: &Nobody,
    };
    what(&job).map_err(|error| fail(global, &error))
}

fn tell(settled: &Settled) {
    let place = match &settled.file {
        Some(file) => format!("line {} of {file}", settled.line),
        None => format!("line {}", settled.line),
    };
    match &settled.sighting {
        Sighting::There { what, .. } => say!("  {place}: loaded: {what}"),
        Sighting::NotThere { what } => say!("  {place}: left over: {what}"),
        Sighting::Unknown { why } => say!("  {place}: stays in doubt: {why}"),
    }
}

fn tell_end(args: &ResolveArgs, all: &Resolution) {
    say!(
        "{} loaded, {} left over, {} still in doubt",
        grouped(all.loaded),
        grouped(all.left_over),
        grouped(all.in_doubt)
    );
    if all.left_over > 0 {
        say!("  hint: `vccpipe retry {}` sends what is left over again", args.name);
    }
    if all.in_doubt > 0 {
        say!(
            "  hint: find out yourself what became of a record, and say it: \
             `vccpipe resolve {} --as loaded --line N`, or `--as not-loaded`",
            args.name
        );
    }
}

/// Lines that a person has named and that are not in doubt.
fn tell_others(args: &ResolveArgs, others: &[String]) {
    let lines = match others {
        [line] => format!("line {line}"),
        lines => format!("lines {}", lines.join(", ")),
    };
    let of = args.file.as_ref().map_or(String::new(), |file| format!(" of `{file}`"));
    eprintln!(
        "error: nothing that is in doubt was read from {lines}{of}\n  hint: `in_doubt.csv` of the \
         run has the lines in `_line`, and where the input has several files these in `_file`"
    );
}

fn records(count: u64) -> String {
    match count {
        1 => "1 record".to_owned(),
        count => format!("{} records", grouped(count)),
    }
}

/// Nobody listens: what is found is told row by row.
pub(super) struct Nobody;

impl Observer for Nobody {
    fn observe(&self, _: Event) {}
}
