//! Where rows come from. One folder per source; a new one is a folder, a variant and an arm.

pub mod csv;

use schemars::JsonSchema;
use serde::Deserialize;

/// Where the rows come from: one of these keys.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ExtractOptions {
    /// Delimited text files.
    Csv(csv::CsvOptions),
}
