//! The keys of `extract: parquet`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::extract::csv::Paths;

/// Parquet files. The columns are of the types that the files say.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParquetOptions {
    /// File, list of files or glob. Files of a list must have the same columns. Relative to the
    /// working directory. Example: `exports/customers-*.parquet`.
    pub path: Paths,
}

impl ParquetOptions {
    /// How the files are read, whatever their names: a run belongs to it.
    pub fn identity(&self) -> String {
        "parquet".into()
    }
}
