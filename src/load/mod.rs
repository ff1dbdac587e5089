//! Where rows go. One folder per sink; a new one is a folder, a variant and an arm.

pub mod calls;
pub mod campaign;
pub mod files;
mod threshold;
pub mod wapi;

use std::{collections::BTreeMap, path::Path};

use arrow::array::RecordBatch;
use schemars::JsonSchema;
use serde::Deserialize;

pub use threshold::Threshold;

use crate::{
    http,
    ledger::Assigned,
    outcome::{LoadedAs, RecordId, Traffic, UnitAnswer},
    rules::TenantValues,
};

/// Where the rows go: one of these keys.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LoadOptions {
    /// Customers of a dialer campaign.
    Campaign(campaign::CampaignOptions),
    /// Records of the CRM: customers, cases, follow-ups, tasks, FAQs.
    Wapi(wapi::WapiOptions),
    /// Phone calls: placed for agents, coded, ended.
    Calls(calls::CallsOptions),
    /// A folder of Parquet files.
    Parquet(files::ParquetOptions),
    /// One CSV file.
    Csv(files::CsvFileOptions),
    /// One file of JSON objects, one on each line.
    Json(files::JsonFileOptions),
}

impl LoadOptions {
    /// Whether an [identity](Self::identity) is that of a load whose rows take the place of all
    /// that is there.
    pub fn is_snapshot(identity: &str) -> bool {
        match identity.split_once(' ') {
            Some(("csv" | "json", _)) => true,
            Some(("parquet", rest)) => rest.contains(" (snapshot"),
            _ => false,
        }
    }

    /// For rows that are sent only once: what tells them apart.
    pub fn row_key(&self) -> Option<RowKey> {
        match self {
            LoadOptions::Calls(calls) if !calls.action.value.may_be_repeated() => {
                Some(calls::call_key)
            }
            _ => None,
        }
    }

    /// The place that the records go to, and what is done there: a run belongs to it.
    pub fn identity(&self) -> String {
        match self {
            LoadOptions::Campaign(campaign) => {
                format!("campaign {} ({})", campaign.campaign, campaign.action.as_str())
            }
            LoadOptions::Wapi(wapi) => {
                let on = wapi.match_on.as_ref().map(|on| format!(" on {}", on.0.join(", ")));
                let (object, action) = (wapi.object.value, wapi.action.value.as_str());
                format!("wapi {object} ({action}{})", on.unwrap_or_default())
            }
            LoadOptions::Calls(calls) => format!("calls ({})", calls.action.value.as_str()),
            LoadOptions::Parquet(parquet) => {
                let listed = |word: &str, names: &[crate::yaml::Spanned<String>]| {
                    let names: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
                    match names.is_empty() {
                        true => String::new(),
                        false => format!(", {word} {}", names.join(", ")),
                    }
                };
                format!(
                    "parquet {} ({}{}{}{})",
                    parquet.path.value,
                    parquet.mode.as_str(),
                    listed("key", &parquet.key),
                    listed("partitioned by", &parquet.partition_by),
                    listed("sorted by", &parquet.sort_by)
                )
            }
            LoadOptions::Csv(csv) => format!("csv {}", csv.path.value),
            LoadOptions::Json(json) => format!("json {}", json.path.value),
        }
    }

    /// The files that it writes, where it writes files.
    pub fn as_files(&self) -> Option<files::Format> {
        match self {
            LoadOptions::Parquet(parquet) => Some(files::Format::Parquet(parquet.clone())),
            LoadOptions::Csv(csv) => Some(files::Format::Csv(csv.clone())),
            LoadOptions::Json(json) => Some(files::Format::Json(json.clone())),
            LoadOptions::Campaign(_) | LoadOptions::Wapi(_) | LoadOptions::Calls(_) => None,
        }
    }
}

/// Where the rows of a run go.
#[derive(Debug)]
pub enum Target {
    /// An API: units are sent, and each row has an answer.
    Api(Sink),
    /// Files: they are written, and published as a whole.
    Files(Box<files::FileSink>),
}

impl Target {
    /// Whether it adds records, so that the same input must not be loaded twice.
    pub fn adds(&self) -> bool {
        match self {
            Target::Api(sink) => sink.adds(),
            Target::Files(files) => files.adds(),
        }
    }

    /// Whether what was sent is never sent again, whatever became of it.
    pub fn sends_only_once(&self) -> bool {
        match self {
            Target::Api(sink) => sink.sends_only_once(),
            Target::Files(_) => false,
        }
    }

    /// Checks the number of records against what the target takes in one upload; the error is the
    /// greatest number, and of what.
    pub fn check_count(&self, records: u64) -> Result<(), (u64, String)> {
        match self {
            Target::Api(sink) => sink.check_count(records),
            Target::Files(_) => Ok(()),
        }
    }

    /// What went over the wire so far.
    pub fn traffic(&self) -> Traffic {
        match self {
            Target::Api(sink) => sink.traffic(),
            Target::Files(_) => Traffic::default(),
        }
    }

    /// Requests that so many records take at least.
    pub fn requests_for(&self, records: u64) -> u64 {
        match self {
            Target::Api(sink) => records.div_ceil(sink.rows_of_a_unit() as u64),
            Target::Files(_) => 0,
        }
    }
}

/// A sink that was connected: it sends units and says what became of each row.
#[derive(Debug)]
pub enum Sink {
    /// Customers of a dialer campaign.
    Campaign(Box<campaign::CampaignSink>),
    /// Records of the CRM.
    Wapi(Box<wapi::WapiSink>),
    /// Phone calls.
    Calls(Box<calls::CallsSink>),
}

/// Why something stopped, and what to do about it.
pub type WhatAndHint = (String, String);

/// What a look at the target told, before anything is sent.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    /// What the user should know.
    pub warnings: Vec<String>,
    /// From when to when the campaign runs.
    pub window: Option<(jiff::Timestamp, jiff::Timestamp)>,
    /// Values that the tenant defines, by tag.
    pub values: BTreeMap<String, Vec<String>>,
}

/// What to ask the target before anything is sent.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Parameters whose values the tenant defines.
    pub wanted: &'a [(String, TenantValues)],
    /// Where the answers are kept: a run that goes on asks no more.
    pub folder: &'a Path,
}

/// What tells a row that is sent only once from all others: the same key is the same deed.
pub type RowKey = fn(&RecordBatch, usize) -> String;

/// The right to send one unit now.
pub type Turn = http::Permit;

/// What happened to rows before they are sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Before {
    /// They were sent, and may have been applied.
    pub doubt: bool,
    /// They were sent, whatever came of it.
    pub sent: bool,
}

/// What came back for a unit.
#[derive(Debug)]
pub struct Delivery {
    pub answer: UnitAnswer,
    /// No answer came in time: a smaller request may be answered sooner.
    pub timed_out: bool,
    /// It is to be sent again, and may nevertheless have been applied.
    pub maybe_applied: bool,
}

impl Delivery {
    /// An answer that settles what it says, and nothing more.
    pub fn answered(answer: UnitAnswer) -> Self {
        Delivery { answer, timed_out: false, maybe_applied: false }
    }
}

/// What a look at the target says of a row whose sending is in doubt, after its run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// The target holds it.
    There { done: LoadedAs, id: Option<RecordId>, what: String },
    /// It was not applied.
    NotThere { what: String },
    /// Nobody can tell.
    Unknown { why: String },
}

impl Sink {
    /// Looks at the target before anything is sent.
    ///
    /// # Errors
    /// What keeps the target from taking anything, and what to do about it.
    pub async fn look(&mut self, question: Question<'_>) -> Result<Looked, WhatAndHint> {
        match self {
            Sink::Campaign(campaign) => campaign.look().await,
            Sink::Wapi(wapi) => wapi.look(question.wanted, question.folder).await,
            // Nothing can be asked of the phone API.
            Sink::Calls(_) => Ok(Looked::default()),
        }
    }

    /// Reads of the target what `rows` rows need, where one reading serves many of them.
    ///
    /// # Errors
    /// What keeps it from being read.
    pub async fn prepare(
        &mut self,
        rows: u64,
        folder: &Path,
        tell: &(dyn Fn(String) + Send + Sync),
    ) -> Result<(), WhatAndHint> {
        match self {
            Sink::Campaign(_) | Sink::Calls(_) => Ok(()),
            Sink::Wapi(wapi) => wapi.prepare(rows, folder, tell).await,
        }
    }

    /// Takes over what the ledger knows of records that are assigned to rows.
    pub fn learn_assigned(&mut self, assigned: Assigned) {
        match self {
            Sink::Campaign(_) | Sink::Calls(_) => {}
            Sink::Wapi(wapi) => wapi.learn_assigned(assigned),
        }
    }

    /// Waits until the limits let one more unit go.
    pub async fn turn(&self) -> Turn {
        match self {
            Sink::Campaign(campaign) => campaign.turn().await,
            Sink::Wapi(wapi) => wapi.turn().await,
            Sink::Calls(calls) => calls.turn().await,
        }
    }

    /// Sends rows once.
    pub async fn deliver(&self, turn: Turn, rows: &RecordBatch, before: Before) -> Delivery {
        match self {
            Sink::Campaign(campaign) => campaign.deliver(turn, rows, before).await,
            Sink::Wapi(wapi) => wapi.deliver(turn, rows, before).await,
            Sink::Calls(calls) => calls.deliver(turn, rows, before).await,
        }
    }

    /// The rows that go together at present.
    pub fn rows_of_a_unit(&self) -> usize {
        match self {
            Sink::Campaign(campaign) => campaign.rows_of_a_unit(),
            Sink::Wapi(_) | Sink::Calls(_) => 1,
        }
    }

    /// Whether one request may have so many rows; with more it would only be refused.
    pub fn takes(&self, rows: usize) -> bool {
        match self {
            Sink::Campaign(campaign) => campaign.takes(rows),
            Sink::Wapi(_) | Sink::Calls(_) => rows == 1,
        }
    }

    /// Requests in flight at the most.
    pub fn concurrency(&self) -> usize {
        match self {
            Sink::Campaign(campaign) => campaign.concurrency(),
            Sink::Wapi(wapi) => wapi.concurrency(),
            Sink::Calls(calls) => calls.concurrency(),
        }
    }

    /// Units whose intents are made durable ahead, for each request in flight: one sync serves
    /// many, and a crash leaves so many to settle.
    pub fn units_ahead(&self) -> usize {
        match self {
            Sink::Campaign(campaign) if campaign.adds() => 8,
            Sink::Campaign(_) => 16,
            // One record each.
            Sink::Wapi(_) => 64,
            Sink::Calls(calls) => calls.units_ahead(),
        }
    }

    /// Whether a row is sent at most once, whatever happens. Then each sending is made durable by
    /// itself, right before it leaves: a crash leaves no doubt about what only waited.
    pub fn sends_only_once(&self) -> bool {
        match self {
            Sink::Campaign(_) | Sink::Wapi(_) => false,
            Sink::Calls(calls) => calls.sends_only_once(),
        }
    }

    /// For rows that are sent only once: what tells them apart.
    pub fn row_key(&self) -> Option<RowKey> {
        match self {
            Sink::Calls(_) if self.sends_only_once() => Some(calls::call_key),
            _ => None,
        }
    }

    /// Whether the pipeline wants rows of the same key sent all the same.
    pub fn allows_repeats(&self) -> bool {
        match self {
            Sink::Campaign(_) | Sink::Wapi(_) => true,
            Sink::Calls(calls) => calls.allows_repeats(),
        }
    }

    /// Whether it adds records, so that the same input must not be loaded twice.
    pub fn adds(&self) -> bool {
        match self {
            Sink::Campaign(campaign) => campaign.adds(),
            Sink::Wapi(wapi) => wapi.adds(),
            Sink::Calls(calls) => calls.adds(),
        }
    }

    /// Whether what is in doubt may be sent again without harm.
    pub fn sends_doubtful_again(&self) -> bool {
        match self {
            Sink::Campaign(campaign) => campaign.sends_doubtful_again(),
            // It looks first.
            Sink::Wapi(_) => true,
            Sink::Calls(calls) => !calls.sends_only_once(),
        }
    }

    /// Whether something is to be started once all rows are loaded.
    pub fn starts_after_load(&self) -> bool {
        match self {
            Sink::Campaign(campaign) => campaign.target_starts(),
            Sink::Wapi(_) | Sink::Calls(_) => false,
        }
    }

    /// Starts what the rows were loaded for; gives what is to be told.
    ///
    /// # Errors
    /// Why it was not started, and what to do about it.
    pub async fn start(&self) -> Result<Option<String>, WhatAndHint> {
        match self {
            Sink::Campaign(campaign) => campaign.start().await,
            Sink::Wapi(_) | Sink::Calls(_) => Ok(None),
        }
    }

    /// Checks the number of records against what the target takes in one upload; the error is the
    /// greatest number, and of what.
    pub fn check_count(&self, records: u64) -> Result<(), (u64, String)> {
        match self {
            Sink::Campaign(campaign) => campaign.check_count(records),
            Sink::Wapi(_) | Sink::Calls(_) => Ok(()),
        }
    }

    /// What went over the wire so far.
    pub fn traffic(&self) -> Traffic {
        match self {
            Sink::Campaign(campaign) => campaign.traffic(),
            Sink::Wapi(wapi) => wapi.traffic(),
            Sink::Calls(calls) => calls.traffic(),
        }
    }
}
