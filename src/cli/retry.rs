//! `vccpipe retry`: what the newest run left over, sent again as a run of its own.

use super::{
    args::{Global, RetryArgs},
    exit::Exit,
    report::grouped,
    resolve::run_args,
    run::{Stage, fail, read_pipeline},
};
use crate::run::{self, LeftOver, Past, Retry, RunError};

/// Sends again what is left over.
pub fn retry(global: &Global, args: &RetryArgs) -> Exit {
    let beginning = Past::open(&global.state_dir, &args.name).and_then(|past| {
        let newest = past.runs()?.into_iter().next();
        newest.map(|run| run.beginning()).transpose()
    });
    let beginning = match beginning {
        Ok(Some(beginning)) => beginning,
        Ok(None) => {
            let what = format!("no run of `{}` has begun", args.name);
            let hint = "give `vccpipe run` first".to_owned();
            return fail(global, &RunError::NoSuchRun { what, hint });
        }
        Err(error) => return fail(global, &error),
    };
    let connection = args.connection.clone();
    let mut run_args = run_args(&beginning, connection, args.simulator_config.clone());
    run_args.allow_rejects = args.allow_rejects;
    for (name, value) in &args.variables {
        run_args.variables.retain(|(known, _)| known != name);
        run_args.variables.push((name.clone(), value.clone()));
    }
    let pipeline = match read_pipeline(global, &beginning.file, &run_args.variables, false) {
        Ok(pipeline) => pipeline,
        Err(message) => {
            eprintln!("{message}");
            return Exit::Usage;
        }
    };
    if pipeline.name.value != args.name {
        let what = format!(
            "`{}` is now the pipeline `{}`, not `{}`",
            beginning.file.display(),
            pipeline.name.value,
            args.name
        );
        let hint = "put the pipeline file back, by its path and its `name`".to_owned();
        return fail(global, &RunError::NoSuchRun { what, hint });
    }
    let left = Past::open(&global.state_dir, &args.name)
        .and_then(|past| run::left_over(&past, &pipeline, args.input.as_deref()));
    let left = match left {
        Ok(left) => left,
        Err(error) => return fail(global, &error),
    };
    let (of, input) = match left {
        LeftOver::Nothing { of, rejected, in_doubt } => {
            return nothing(&args.name, &of, rejected, in_doubt);
        }
        LeftOver::Rows { of, input, refused, rejected, others } => {
            tell(
                global,
                &format!(
                    "{}: {} refused and {} rejected rows of run {of} are sent again",
                    args.name,
                    grouped(refused),
                    grouped(rejected)
                ),
            );
            if others > 0 {
                tell(
                    global,
                    &format!(
                        "warning: {} rows of runs before have other columns, and stay behind: give \
                         them with `--input`",
                        grouped(others)
                    ),
                );
            }
            (of, input)
        }
        LeftOver::Corrected { of, input } => {
            tell(global, &format!("{}: a mended file of run {of}", args.name));
            (of, input)
        }
        LeftOver::GoesOn { of, input } => {
            tell(global, &format!("{}: the retry of run {of} goes on", args.name));
            (of, input)
        }
    };
    let stage = match Stage::set(global) {
        Ok(stage) => stage,
        Err(exit) => return exit,
    };
    stage.listen();
    run_args.input = input;
    stage.session(global, &run_args, Some(Retry { of })).run_one(&pipeline)
}

fn tell(global: &Global, line: &str) {
    if !global.quiet {
        eprintln!("{line}");
    }
}

fn nothing(name: &str, of: &str, rejected: u64, in_doubt: u64) -> Exit {
    say!("{name}: run {of} left nothing over that could be sent again");
    if rejected > 0 {
        say!(
            "  hint: {} rows are rejected: mend the pipeline file, or a copy of `rejected.csv` and \
             give it with `--input`",
            grouped(rejected)
        );
    }
    if in_doubt > 0 {
        say!(
            "  hint: {} rows are in doubt: `vccpipe resolve {name}` settles them",
            grouped(in_doubt)
        );
    }
    Exit::Success
}
