//! The command line as typed: one visible list of commands and options.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::extract::wapi::Period;

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

/// Where help lists the options of every command: behind the command's own.
const EVERYWHERE: &str = "Options of every command";

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Folder of ledgers, runs and the simulated tenant
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "DIR", default_value = ".vccpipe")]
    pub state_dir: PathBuf,
    /// File with the connections [default: connections.yaml, where a pipeline names one]
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FILE")]
    pub connections: Option<PathBuf>,
    /// How log lines on standard error look
    #[arg(long, global = true, help_heading = EVERYWHERE, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// Say more; twice for everything
    #[arg(short, long, global = true, help_heading = EVERYWHERE, action = ArgAction::Count)]
    pub verbose: u8,
    /// Say nothing but errors and the result
    #[arg(short, long, global = true, help_heading = EVERYWHERE, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Show progress: auto is a bar on a terminal, and a line now and then elsewhere
    #[arg(long, global = true, help_heading = EVERYWHERE, value_enum, default_value_t = When::Auto)]
    pub progress: When,
    /// Colour the output
    #[arg(long, global = true, help_heading = EVERYWHERE, value_enum, default_value_t = When::Auto)]
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
    /// Make a working folder: a first pipeline, a connections file, samples
    Init(InitArgs),
    /// Write a first pipeline file from an input's header and values
    Guess(GuessArgs),
    /// Tell all errors of pipeline files, without any request
    Check(CheckArgs),
    /// Show the first rows after each step, and what would be rejected
    Preview(PreviewArgs),
    /// Read all input and tell what a run would do: rejects, requests, least time
    Plan(PlanArgs),
    /// Run pipelines in order; what was interrupted goes on where it was
    Run(RunArgs),
    /// Show the runs of the state folder, and what is unfinished or in doubt
    Status(StatusArgs),
    /// Print the documented rules of objects and what is done with them
    Rules(RulesArgs),
    /// Serve the simulated tenant on this machine until interrupted
    Simulator(SimulatorArgs),
    /// Print the JSON Schema of pipeline files or connections files, for editors
    Schema(SchemaArgs),
    /// Print what a shell needs to complete commands and options
    Completions(CompletionsArgs),
    /// Print the manual page of the program, or of one of its commands
    Man(ManArgs),
    /// Look for records in doubt at the tenant, and settle them
    Resolve(ResolveArgs),
    /// Send again what the newest run left over, and nothing else
    Retry(RetryArgs),
    /// Prove that the books of a run balance, row by row
    Audit(AuditArgs),
}

/// `vccpipe init`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  vccpipe init bulk-loads\n  cd bulk-loads\n  vccpipe run pipelines/first_load.yaml\n\n\
A file that is there already is never overwritten."
)]
pub struct InitArgs {
    /// The folder; it is made where it is not there
    #[arg(default_value = ".", value_name = "DIR")]
    pub folder: PathBuf,
}

/// `vccpipe guess`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  vccpipe guess samples/salesforce_contacts.csv --to wapi:customer:add --out pipelines/contacts.yaml\n  \
vccpipe guess callbacks.csv --to campaign:125 --timezone Europe/Berlin > callbacks.yaml\n  \
vccpipe guess callbacks.csv --to calls --out pipelines/calls.yaml\n\n\
The result passes `vccpipe check`; only that phones may ring over a connection of your own is\n\
left for you to confirm. What was not understood stands in it as comments; what has to\n\
be done before it can load is marked TO DO."
)]
pub struct GuessArgs {
    /// The file whose rows are to be loaded
    #[arg(value_name = "INPUT")]
    pub input: PathBuf,
    /// Where they go: `campaign`, `campaign:ID`, `calls`, or `wapi:OBJECT:ACTION` with customer, case,
    /// followup, task, faq-category or faq, and add, modify or upsert
    #[arg(long, value_name = "TARGET")]
    pub to: String,
    /// Write the pipeline into this new file [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The connection that the pipeline names
    #[arg(long, value_name = "NAME", default_value = "simulator")]
    pub connection: String,
    /// The zone of times that say none
    #[arg(long, value_name = "ZONE", default_value = "America/New_York")]
    pub timezone: String,
}

/// `vccpipe preview`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  vccpipe preview pipelines/first_load.yaml -n 5\n\n\
Columns that a step made are marked +, those that it changed *. `dedupe` sees only the rows that\n\
are looked at; `vccpipe plan` reads them all.\n\n\
Where the rows come from files, no request is made. Of rows that the tenant has a few are fetched,\n\
the newest: by few requests, which change nothing, and no attached file is fetched.")]
pub struct PreviewArgs {
    /// Pipeline file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Rows that are shown after each step
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    pub rows: usize,
    /// Rows of the input that are looked at
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub limit: u64,
    /// Read this file instead of the one that the pipeline names
    #[arg(long, value_name = "PATH")]
    pub input: Vec<PathBuf>,
    /// Use this connection instead of the one that the pipeline names
    #[arg(long, value_name = "NAME")]
    pub connection: Option<String>,
    /// Set a variable of the pipeline file
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = parse_variable)]
    pub variables: Vec<(String, String)>,
    #[command(flatten)]
    pub days: DaysArgs,
    /// Settings of the built-in simulator (YAML), where rows are fetched from it
    #[arg(long, value_name = "FILE")]
    pub simulator_config: Option<PathBuf>,
}

/// Days whose records are fetched.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct DaysArgs {
    /// Fetch the records of this day and later instead of what is new (of an incremental extract)
    #[arg(long, value_name = "DATE")]
    pub from: Option<jiff::civil::Date>,
    /// Fetch the records before this day instead of what is new
    #[arg(long, value_name = "DATE")]
    pub to: Option<jiff::civil::Date>,
}

impl From<DaysArgs> for Period {
    fn from(DaysArgs { from, to }: DaysArgs) -> Period {
        Period { from, to }
    }
}

/// `vccpipe plan`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  vccpipe plan pipelines/first_load.yaml --out plan.json\n  vccpipe run pipelines/first_load.yaml --plan plan.json\n\n\
Nothing is sent, and rejected rows are no failure of the plan: it ends with 0. `run --plan`\n\
refuses to run if the input or the pipeline has changed since.\n\n\
Of rows that the tenant has it tells what a run would ask for, and asks nothing. `--fetch` reads\n\
them and tells the rest; no attached file is fetched."
)]
pub struct PlanArgs {
    /// Pipeline file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Write the plan into this file, for programs and for `run --plan`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How long an answer of the server is taken to need, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 200)]
    pub answer_ms: u64,
    /// Take up only the first N rows of the input
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Read this file instead of the one that the pipeline names
    #[arg(long, value_name = "PATH")]
    pub input: Vec<PathBuf>,
    /// Use this connection instead of the one that the pipeline names
    #[arg(long, value_name = "NAME")]
    pub connection: Option<String>,
    /// Set a variable of the pipeline file
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = parse_variable)]
    pub variables: Vec<(String, String)>,
    /// Fetch the rows, where the tenant has them: all of them, by requests that change nothing
    #[arg(long)]
    pub fetch: bool,
    #[command(flatten)]
    pub days: DaysArgs,
    /// Settings of the built-in simulator (YAML), where rows are fetched from it
    #[arg(long, value_name = "FILE")]
    pub simulator_config: Option<PathBuf>,
}

/// `vccpipe status`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  vccpipe status\n  vccpipe status first-load --format json")]
pub struct StatusArgs {
    /// Name of a pipeline [default: all]
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// How the runs are printed
    #[arg(long, value_enum, default_value_t = StatusFormat::Table)]
    pub format: StatusFormat,
}

/// How runs are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatusFormat {
    /// For a terminal
    Table,
    /// One list, for programs
    Json,
}

/// `vccpipe schema`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  vccpipe schema > pipeline.schema.json\n  vccpipe schema connections > connections.schema.json\n\n\
The first line of a file then tells an editor where its schema stands:\n  \
# yaml-language-server: $schema=pipeline.schema.json"
)]
pub struct SchemaArgs {
    /// Which files it describes
    #[arg(value_enum, value_name = "OF", default_value_t = SchemaOf::Pipeline)]
    pub of: SchemaOf,
}

/// The files that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// Pipeline files
    Pipeline,
    /// The connections file
    Connections,
}

/// `vccpipe completions`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  vccpipe completions bash > ~/.local/share/bash-completion/completions/vccpipe\n  vccpipe completions zsh > ~/.zfunc/_vccpipe"
)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `vccpipe man`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  vccpipe man | man -l -\n  vccpipe man run > vccpipe-run.1\n  vccpipe man --dir man1"
)]
pub struct ManArgs {
    /// A command [default: the program]
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
    /// Write the pages of the program and of all its commands into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub dir: Option<PathBuf>,
}

/// `vccpipe resolve`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  vccpipe resolve move-customers\n  vccpipe resolve place-calls --as not-loaded --line 17 --line 23\n\n\
A record that the tenant has is loaded; one that it surely does not have is left over, and\n\
`vccpipe retry` sends it again. Nothing is sent by `resolve` itself. Where no question of the\n\
API can tell, find out yourself and say it with `--as`."
)]
pub struct ResolveArgs {
    /// The pipeline's name
    pub name: String,
    /// What you have found out about the rows of `--line`, instead of a look
    #[arg(long = "as", value_enum, value_name = "WHAT", requires = "lines")]
    pub found: Option<Found>,
    /// A row by its line in the input, as `in_doubt.csv` has it in `_line`
    #[arg(long = "line", value_name = "N", requires = "found")]
    pub lines: Vec<u64>,
    /// The file of those lines, where the input has several, as `_file` has it
    #[arg(long, value_name = "PATH", requires = "lines")]
    pub file: Option<String>,
    /// Use this connection, where the one of the run has another name by now
    #[arg(long, value_name = "NAME")]
    pub connection: Option<String>,
    /// Settings of the built-in simulator (YAML), where the connection is `simulator`
    #[arg(long, value_name = "FILE")]
    pub simulator_config: Option<PathBuf>,
}

/// What a person has found out about records in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Found {
    /// The target has them
    Loaded,
    /// They were not applied
    NotLoaded,
}

/// `vccpipe retry`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  vccpipe retry load-campaign\n  vccpipe retry load-campaign --input mended.csv\n\n\
Without `--input` the rows that were refused are sent again, and those that were rejected where\n\
the pipeline file has changed since. A mended copy of `rejected.csv` or `refused.csv` keeps\n\
its columns `_line` and `_file`: by them a row that is loaded already is skipped."
)]
pub struct RetryArgs {
    /// The pipeline's name
    pub name: String,
    /// A mended copy of a run's `rejected.csv` or `refused.csv`; rows without `_line` are new
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// Use this connection instead of the one of the run
    #[arg(long, value_name = "NAME")]
    pub connection: Option<String>,
    /// Set a variable of the pipeline file to another value than in the run
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = parse_variable)]
    pub variables: Vec<(String, String)>,
    /// End with 0 where records were rejected or refused
    #[arg(long)]
    pub allow_rejects: bool,
    /// Settings of the built-in simulator (YAML), where the connection is `simulator`
    #[arg(long, value_name = "FILE")]
    pub simulator_config: Option<PathBuf>,
}

/// `vccpipe audit`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  vccpipe audit load-campaign\n  vccpipe audit .vccpipe/runs/load-campaign/20261126T091500.000Z --remote\n\n\
Reads the input again and looks for each of its rows in the run's files: each stands in exactly\n\
one of them, and the counts are those of the ledger and of `summary.json`. Ends with 0 where\n\
all of that holds, else with 1."
)]
pub struct AuditArgs {
    /// A pipeline's name (its newest run), a run's name, or the path of a run's folder
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Look also for each loaded record at the tenant
    #[arg(long)]
    pub remote: bool,
    /// Use this connection, where the one of the run has another name by now
    #[arg(long, value_name = "NAME")]
    pub connection: Option<String>,
    /// Settings of the built-in simulator (YAML), where the connection is `simulator`
    #[arg(long, value_name = "FILE")]
    pub simulator_config: Option<PathBuf>,
}

/// `vccpipe run`.
#[derive(Clone, Debug, Default, Args)]
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
    /// With --dry-run: fetch the rows, where the tenant has them, by requests that change nothing
    #[arg(long, requires = "dry_run")]
    pub fetch: bool,
    /// Give an unfinished run up and start anew: what it sent is sent again
    #[arg(long)]
    pub fresh: bool,
    /// Send an input again that was already loaded to the end
    #[arg(long)]
    pub again: bool,
    /// Take up only the first N rows of the input
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    #[command(flatten)]
    pub days: DaysArgs,
    /// Read this file instead of the one that the pipeline names
    #[arg(long, value_name = "PATH")]
    pub input: Vec<PathBuf>,
    /// Use this connection instead of the one that the pipeline names
    #[arg(long, value_name = "NAME")]
    pub connection: Option<String>,
    /// Set a variable of the pipeline file
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = parse_variable)]
    pub variables: Vec<(String, String)>,
    /// Run nothing else than what this plan was made from (`vccpipe plan --out`)
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
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
