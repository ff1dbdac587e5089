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
                    observer: &Warnings { file: &path.display().to_string() },
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

/// Tells what a user should know about a file that is right.
struct Warnings<'a> {
    file: &'a str,
}

impl Observer for Warnings<'_> {
    fn observe(&self, event: Event) {
        if let Event::Warning { message } = event {
            eprintln!("{}: warning: {message}", self.file);
        }
    }
}
