//! `vccpipe check`: all errors of pipeline files, without any request.

use super::{
    args::{CheckArgs, Global},
    exit::Exit,
    report,
    run::{connection_without_requests, nowhere, read_pipeline},
};
use crate::{
    clock::Clock,
    run::{self, Event, Halting, Job, Observer, Options, RunError},
};

/// Checks the files and tells of each.
pub fn check(global: &Global, args: &CheckArgs) -> Exit {
    let mut exit = Exit::Success;
    for path in &args.files {
        match read_pipeline(global, path, &args.variables, args.files.len() > 1) {
            Ok(pipeline) => {
                // What the connection lacks is told; one that cannot be used here, such as without
                // its variables, hinders nobody: nothing is sent.
                let connection = connection_without_requests(global, &pipeline.connection)
                    .map_or_else(|_| nowhere(), |(connection, _)| connection);
                let options = Options {
                    state_dir: global.state_dir.clone(),
                    input: args.input.clone(),
                    ..Options::default()
                };
                let job = Job {
                    pipeline: &pipeline,
                    connection: &connection,
                    connection_identity: "",
                    options: &options,
                    clock: &Clock::System,
                    halting: &Halting::default(),
                    observer: &Nobody,
                };
                match run::check(&job) {
                    Ok(()) => say!("{}: no errors", path.display()),
                    Err(RunError::Pipeline(complaints)) => {
                        eprintln!("{}", complaints.render(global.colors_errors()));
                        exit = Exit::Usage;
                    }
                    Err(error) => {
                        eprintln!("{}", report::error(&error, error.hint().as_deref()));
                        exit = Exit::Usage;
                    }
                }
            }
            Err(message) => {
                eprintln!("{message}");
                exit = Exit::Usage;
            }
        }
    }
    exit
}

/// Nothing happens during a check.
struct Nobody;

impl Observer for Nobody {
    fn observe(&self, _: Event) {}
}
