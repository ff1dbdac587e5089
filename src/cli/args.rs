//! The command line as typed: one visible list of commands and options.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

/// Moves records in bulk into and out of an 8x8 Virtual Contact Center tenant.
#[derive(Debug, Parser)]
#[command(
    name = "vccpipe",
    version,
    after_help = "Example:\n  vccpipe check pipelines/load_campaign_from_csv.yaml\n  vccpipe run pipelines/load_campaign_from_csv.yaml\n\n\
Exit codes: 0 everything loaded or skipped; 1 the run failed or was stopped, and can go on;\n\
2 the command line or a file is wrong, nothing was sent; 3 finished, some records were rejected\n\
or refused; 4 finished, some records are in doubt; 130 interrupted, and can go on."
)]
pub struct CommandLine {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Folder of ledgers, runs and the simulated tenant
    #[arg(long, global = true, value_name = "DIR", default_value = ".vccpipe")]
    pub state_dir: PathBuf,
    /// File with the connections [default: connections.yaml, where a pipeline names one]
    #[arg(long, global = true, value_name = "FILE")]
    pub connections: Option<PathBuf>,
    /// How log lines on standard error look
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// Say more; twice for everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Say nothing but errors and the result
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Show progress: auto is a bar on a terminal, and a line now and then elsewhere
    #[arg(long, global = true, value_enum, default_value_t = When::Auto)]
    pub progress: When,
    /// Colour the output
    #[arg(long, global = true, value_enum, default_value_t = When::Auto)]
    pub color: When,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// When to show something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    Auto,
    Always,
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run pipelines in order; what was interrupted goes on where it was
    Run(RunArgs),
    /// Tell all errors of pipeline files, without any request
    Check(CheckArgs),
    /// Print the documented rules of objects and what is done with them
    Rules(RulesArgs),
    /// Serve the simulated tenant on this machine until interrupted
    Simulator(SimulatorArgs),
    /// Print the JSON Schema of pipeline files, for editors
    Schema,
}

/// `vccpipe run`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  vccpipe run pipelines/load_campaign_from_csv.yaml --var campaign=125\n  vccpipe run pipelines/load_campaign_from_csv.yaml --dry-run --limit 1000"
)]
pub struct RunArgs {
    /// Pipeline files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Read, transform and validate everything, and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Give an unfinished run up and start anew: what it sent is sent again
    #[arg(long)]
    pub fresh: bool,
    /// Send an input again that was already loaded to the end
    #[arg(long)]
    pub again: bool,
    /// Take up only the first N rows of the input
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Fetch the records of this day and later instead of what is new (of an incremental extract)
    #[arg(long, value_name = "DATE")]
    pub from: Option<jiff::civil::Date>,
    /// Fetch the records before this day instead of what is new
    #[arg(long, value_name = "DATE")]
    pub to: Option<jiff::civil::Date>,
    /// Read this file instead of the one that the pipeline names
    #[arg(long, value_name = "PATH")]
    pub input: Vec<PathBuf>,
    /// Use this connection instead of the one that the pipeline names
    #[arg(long, value_name = "NAME")]
    pub connection: Option<String>,
    /// Set a variable of the pipeline file
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = parse_variable)]
    pub variables: Vec<(String, String)>,
    /// End with 0 where records were rejected or refused
    #[arg(long)]
    pub allow_rejects: bool,
    /// Settings of the built-in simulator (YAML), where the connection is `simulator`
    #[arg(long, value_name = "FILE")]
    pub simulator_config: Option<PathBuf>,
}

/// `vccpipe check`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  vccpipe check pipelines/*.yaml")]
pub struct CheckArgs {
    /// Pipeline files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Read this file instead of the one that the pipeline names
    #[arg(long, value_name = "PATH")]
    pub input: Vec<PathBuf>,
    /// Set a variable of the pipeline file
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = parse_variable)]
    pub variables: Vec<(String, String)>,
}

/// `vccpipe rules`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  vccpipe rules customer add\n  vccpipe rules follow-up\n  vccpipe rules campaign\n  vccpipe rules --format json"
)]
pub struct RulesArgs {
    /// Customer, case, follow-up, task, faq-category, faq, custom-field or campaign [default: all]
    pub object: Option<String>,
    /// Add, modify, get or delete [default: all]
    pub action: Option<String>,
    /// How they are printed
    #[arg(long, value_enum, default_value_t = RulesFormat::Table)]
    pub format: RulesFormat,
}

/// How rules are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RulesFormat {
    /// For a terminal of 100 columns
    Table,
    /// One list, for programs
    Json,
    /// For a document
    Markdown,
}

/// `vccpipe simulator`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  vccpipe simulator --port 8080 --customers 100000\n  curl http://127.0.0.1:8080/_simulator/state"
)]
pub struct SimulatorArgs {
    /// Port on the loopback address; 0 takes a free one and prints it
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// Settings of the tenant, its faults and limits (YAML)
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Customers of the tenant
    #[arg(long, value_name = "N")]
    pub customers: Option<u64>,
    /// Cases of the tenant
    #[arg(long, value_name = "N")]
    pub cases: Option<u64>,
    /// Follow-ups of the tenant
    #[arg(long, value_name = "N")]
    pub followups: Option<u64>,
    /// Tasks of the tenant
    #[arg(long, value_name = "N")]
    pub tasks: Option<u64>,
    /// Keep what happens to the tenant in this folder
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}

fn parse_variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is not of the form NAME=VALUE")),
    }
}
