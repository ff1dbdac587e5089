//! `vccpipe completions`: what a shell needs to complete commands and options.

use std::io::Write;

use clap::CommandFactory;

use super::{
    args::{CommandLine, CompletionsArgs},
    exit::Exit,
};

/// Prints the completions of a shell.
pub fn completions(args: &CompletionsArgs) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut CommandLine::command(), "vccpipe", &mut script);
    // A reader that goes away is no error.
    let _ = std::io::stdout().write_all(&script);
    Exit::Success
}
