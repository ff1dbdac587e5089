//! The command line: one file per command, named as typed. Only this module prints.

/// Prints a result on standard output. A reader that goes away, such as `head`, is no error.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($words)*);
    }};
}

mod args;
mod audit;
mod check;
mod completions;
mod exit;
mod guess;
mod init;
mod log;
mod man;
mod outlook;
mod plan;
mod preview;
mod progress;
mod report;
mod resolve;
mod retry;
mod rules;
mod run;
mod schema;
mod scratch;
mod simulator;
mod status;

use std::{io::IsTerminal, process::ExitCode};

use clap::{CommandFactory, Parser};

use args::{Command, CommandLine, Global, When};
use exit::Exit;

/// Parses the command line, runs the command, and says how it ended.
pub fn main() -> ExitCode {
    let line = CommandLine::parse();
    let exit = match &line.command {
        Command::Init(args) => init::init(args),
        Command::Guess(args) => guess::guess(&line.global, args),
        Command::Check(args) => check::check(&line.global, args),
        Command::Preview(args) => preview::preview(&line.global, args),
        Command::Plan(args) => plan::plan(&line.global, args),
        Command::Run(args) => run::run(&line.global, args),
        Command::Status(args) => status::status(&line.global, args),
        Command::Rules(args) => rules::rules(args),
        Command::Simulator(args) => simulator::simulator(&line.global, args),
        Command::Schema(args) => schema::schema(args),
        Command::Completions(args) => completions::completions(args),
        Command::Man(args) => man::man(args),
        Command::Resolve(args) => resolve::resolve(&line.global, args),
        Command::Retry(args) => retry::retry(&line.global, args),
        Command::Audit(args) => audit::audit(&line.global, args),
    };
    exit.into()
}

/// The commands and options, as the parser has them.
pub fn command() -> clap::Command {
    CommandLine::command()
}

impl Global {
    /// Whether what goes to standard error may be coloured.
    fn colors_errors(&self) -> bool {
        match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto => std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        }
    }
}

/// The runtime for requests: one thread for sockets, one to work beside it.
fn runtime() -> Result<tokio::runtime::Runtime, Exit> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(
        |error| {
            eprintln!("{}", report::error(&error, None));
            Exit::Failed
        },
    )
}
