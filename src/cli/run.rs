//! `vccpipe run`: pipelines in order, each begun or taken up again.

use std::path::Path;

use tokio::runtime::Runtime;

use super::{
    args::{Global, RunArgs},
    exit::Exit,
    log::RunLog,
    outlook,
    progress::Progress,
    report, runtime,
    scratch::scratch,
    simulator::{self, Tenant},
};
use crate::{
    clock::Clock,
    connections::{Connection, ConnectionError, Connections, SIMULATOR},
    environment::Environment,
    run::{self, Halt, Halting, Job, Options, Outcome, Retry, RunError},
    secret::Secret,
    spec::{LoadError, Pipeline, Vars},
};

/// Runs the pipelines; stops at the first that cannot be brought to its end.
pub fn run(global: &Global, args: &RunArgs) -> Exit {
    let stage = match Stage::set(global) {
        Ok(stage) => stage,
        Err(exit) => return exit,
    };
    let pipelines = match load(global, args) {
        Ok(pipelines) => pipelines,
        Err(exit) => return exit,
    };
    if args.plan.is_some() && pipelines.len() > 1 {
        eprintln!(
            "error: a plan is of one pipeline, and {} files are given\n  hint: run them one by one",
            pipelines.len()
        );
        return Exit::Usage;
    }
    stage.listen();
    let session = stage.session(global, args, None);
    let mut worst = Exit::Success;
    for pipeline in &pipelines {
        let exit = session.run_one(pipeline);
        worst = worst.max(exit);
        if !exit.goes_on() {
            break;
        }
    }
    worst
}

/// Reads all pipeline files; the mistakes of all of them are told before anything runs.
fn load(global: &Global, args: &RunArgs) -> Result<Vec<Pipeline>, Exit> {
    let mut pipelines = Vec::new();
    let mut failed = false;
    let shared = args.files.len() > 1;
    for path in &args.files {
        match read_pipeline(global, path, &args.variables, shared) {
            Ok(pipeline) => pipelines.push(pipeline),
            Err(message) => {
                eprintln!("{message}");
                failed = true;
            }
        }
    }
    if failed {
        return Err(Exit::Usage);
    }
    for (name, _) in &args.variables {
        if !pipelines.iter().any(|pipeline| pipeline.knows_variable(name)) {
            eprintln!("error: `--var {name}` names no variable of these files");
            return Err(Exit::Usage);
        }
    }
    Ok(pipelines)
}

/// Reads one pipeline file; the error is ready to be printed. `shared`: a variable may be meant
/// for another file.
pub(super) fn read_pipeline(
    global: &Global,
    path: &Path,
    variables: &[(String, String)],
    shared: bool,
) -> Result<Pipeline, String> {
    let variables = Vars { shared, ..Vars::new(variables.iter().cloned().collect()) };
    Pipeline::load(path, &variables).map_err(|error| match &error {
        LoadError::Wrong(complaints) => complaints.render(global.colors_errors()),
        other => report::error(other, other.hint().as_deref()),
    })
}

/// The first signal stops the run in order; the second leaves at once, and loses nothing either.
async fn listen_for_signals(halting: std::sync::Arc<Halting>) {
    for leave in [false, true] {
        next_signal().await;
        if leave {
            std::process::exit(Exit::Interrupted.code().into());
        }
        eprintln!("stopping: requests in flight are answered first (again to leave at once)");
        halting.halt();
    }
}

pub(super) async fn next_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// What a command that speaks to a tenant needs around it.
pub(super) struct Stage {
    log: RunLog,
    pub(super) runtime: Runtime,
    pub(super) halting: std::sync::Arc<Halting>,
}

impl Stage {
    /// Sets up logging and a runtime.
    pub(super) fn set(global: &Global) -> Result<Stage, Exit> {
        let log = super::log::start(global);
        Ok(Stage { log, runtime: runtime()?, halting: std::sync::Arc::default() })
    }

    /// Where what happens is logged.
    pub(super) fn log(&self) -> RunLog {
        self.log.clone()
    }

    /// From now on a signal stops what goes on, in order.
    pub(super) fn listen(&self) {
        self.runtime.spawn(listen_for_signals(std::sync::Arc::clone(&self.halting)));
    }

    /// The connection over which rows of the tenant are looked at; the built-in tenant runs as long
    /// as it is held.
    pub(super) fn looks_over(
        &self,
        global: &Global,
        name: &str,
        simulator_config: Option<&Path>,
    ) -> Result<(Option<Tenant>, Connection, String), Exit> {
        let simulator_config = simulator_config.map(Path::to_owned);
        let args = RunArgs { dry_run: true, fetch: true, simulator_config, ..RunArgs::default() };
        let session = self.session(global, &args, None);
        let tenant = session.tenant(name)?;
        let (connection, identity) =
            session.connection(name, tenant.as_ref()).map_err(|message| {
                eprintln!("{message}");
                Exit::Usage
            })?;
        Ok((tenant, connection, identity))
    }

    /// Runs and their like, with these arguments.
    pub(super) fn session<'a>(
        &'a self,
        global: &'a Global,
        args: &'a RunArgs,
        retry: Option<Retry>,
    ) -> Session<'a> {
        let log = self.log.clone();
        Session { global, args, retry, log, runtime: &self.runtime, halting: &self.halting }
    }
}

/// What the pipelines of one command line share.
pub(super) struct Session<'a> {
    global: &'a Global,
    args: &'a RunArgs,
    /// The run whose left-over rows are sent again.
    retry: Option<Retry>,
    log: RunLog,
    runtime: &'a Runtime,
    pub(super) halting: &'a Halting,
}

impl Session<'_> {
    pub(super) fn run_one(&self, pipeline: &Pipeline) -> Exit {
        let name = self.args.connection.as_deref().unwrap_or(&pipeline.connection);
        let tenant = match self.tenant(name) {
            Ok(tenant) => tenant,
            Err(exit) => return exit,
        };
        let (connection, identity) = match self.connection(name, tenant.as_ref()) {
            Ok(connection) => connection,
            Err(message) => {
                eprintln!("{message}");
                return Exit::Usage;
            }
        };
        let options = Options {
            state_dir: self.global.state_dir.clone(),
            fresh: self.args.fresh,
            again: self.args.again,
            limit: self.args.limit,
            input: self.args.input.clone(),
            period: self.args.days.into(),
            variables: self.args.variables.clone(),
            retry: self.retry.clone(),
            without_ledger: false,
        };
        let progress = Progress::new(self.global, self.log.clone());
        let job = Job {
            pipeline,
            connection: &connection,
            connection_identity: &identity,
            options: &options,
            clock: &Clock::System,
            halting: self.halting,
            observer: &progress,
        };
        if self.args.dry_run {
            return match pipeline.extract.is_remote() && !self.args.fetch {
                true => outlook::tell(self.global, &job, "dry run"),
                false => self.dry_run(&job, &progress),
            };
        }
        if let Some(plan) = &self.args.plan
            && let Err(error) = run::check_plan(&job, plan)
        {
            progress.finish();
            return self.fail(&error);
        }
        let outcome = run::run(&job, self.runtime.handle());
        progress.finish();
        match outcome {
            Ok(outcome) => self.tell(&pipeline.name, outcome),
            Err(error) => self.fail(&error),
        }
    }

    /// Starts the simulated tenant, where the connection is the built-in one.
    pub(super) fn tenant(&self, connection: &str) -> Result<Option<Tenant>, Exit> {
        if connection != SIMULATOR {
            return Ok(None);
        }
        let config = self.args.simulator_config.as_deref();
        let kept = self.global.state_dir.join("simulator");
        let keep = match (self.args.dry_run, self.args.fetch) {
            (false, _) => Some(kept),
            // What was done to it is seen, where anything was; nothing is left behind.
            (true, true) => kept.exists().then_some(kept),
            (true, false) => None,
        };
        simulator::start(self.runtime, config, keep).map(Some).map_err(|message| {
            eprintln!("{message}");
            Exit::Usage
        })
    }

    pub(super) fn connection(
        &self,
        name: &str,
        tenant: Option<&Tenant>,
    ) -> Result<(Connection, String), String> {
        if let Some(tenant) = tenant {
            return Ok((tenant.connection(), SIMULATOR.to_owned()));
        }
        find_connection(self.global, name)
    }

    fn dry_run(&self, job: &Job<'_>, progress: &Progress) -> Exit {
        let scratch = match scratch() {
            Ok(scratch) => scratch,
            Err(exit) => return exit,
        };
        let result = run::dry_run(job, scratch.path(), self.runtime.handle());
        progress.finish();
        let result = match result {
            Ok(result) => result,
            Err(error) => return self.fail(&error),
        };
        if self.halting.is_halted() {
            return Exit::Interrupted;
        }
        outlook::tell_requests(self.global, result.asked);
        say!("{}", report::dry_run(&job.pipeline.name, &result));
        match result.tally.rejected > 0 && !self.args.allow_rejects {
            true => Exit::Rejects,
            false => Exit::Success,
        }
    }

    fn tell(&self, name: &str, outcome: Outcome) -> Exit {
        let (summary, folder, halt) = match outcome {
            Outcome::Ran { summary, folder, halt } => (summary, folder, halt),
            Outcome::AlreadyLoaded { run_id, rows, left } => {
                let rows = report::grouped(rows);
                say!(
                    "{name}: this input was loaded to its end by run {run_id} ({rows} rows); \
                     nothing is sent"
                );
                say!("  hint: {}", report::left(&left));
                return Exit::Success;
            }
        };
        say!("{}", report::summary(&summary, &folder).trim_end());
        match halt {
            Some(Halt::Signal) => {
                eprintln!("interrupted; give the same command again to go on");
                Exit::Interrupted
            }
            Some(Halt::Error { what, hint }) => {
                eprintln!("error: {what}\n  hint: {hint}");
                Exit::Failed
            }
            None if summary.in_doubt > 0 => Exit::InDoubt,
            None if summary.rejected + summary.refused > 0 && !self.args.allow_rejects => {
                Exit::Rejects
            }
            None => Exit::Success,
        }
    }

    fn fail(&self, error: &RunError) -> Exit {
        fail(self.global, error)
    }
}

/// Tells an error of a run, and how the program ends.
pub(super) fn fail(global: &Global, error: &RunError) -> Exit {
    match error {
        RunError::Pipeline(report) => eprintln!("{}", report.render(global.colors_errors())),
        other => eprintln!("{}", report::error(other, other.hint().as_deref())),
    }
    match error.is_usage() {
        true => Exit::Usage,
        false => Exit::Failed,
    }
}

/// A connection of the connections file, and what it is known by in the ledger.
pub(super) fn find_connection(global: &Global, name: &str) -> Result<(Connection, String), String> {
    let told = |error: ConnectionError| match &error {
        ConnectionError::Wrong(complaints) => complaints.render(global.colors_errors()),
        other => report::error(other, other.hint().as_deref()),
    };
    let connections = Connections::find(global.connections.as_deref()).map_err(told)?;
    let connection = connections.get(name, &Environment::System).map_err(told)?;
    let identity = format!("{} {}", connection.base_url, connection.tenant);
    Ok((connection, identity))
}

/// The same for commands that make no request: the built-in tenant is not started.
pub(super) fn connection_without_requests(
    global: &Global,
    name: &str,
) -> Result<(Connection, String), String> {
    match name == SIMULATOR {
        true => Ok((nowhere(), SIMULATOR.to_owned())),
        false => find_connection(global, name),
    }
}

/// A connection that leads nowhere, for commands that make no request.
pub(super) fn nowhere() -> Connection {
    let none = || Secret::new("");
    Connection::for_simulator("http://localhost", "", none(), none()).with_wapi("", none())
}
