//! The keys of `extract: json`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{extract::csv::Paths, yaml::Spanned};

/// Files with one JSON object a line (NDJSON). Objects and lists within a row are read as JSON
/// text.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonOptions {
    /// File, list of files or glob; `.gz` and `.zst` are read through. Relative to the working
    /// directory. Example: `exports/customers-*.ndjson`.
    pub path: Paths,
    /// Of which types the columns are: those that the first rows show (`found`, the default), or
    /// all text (`text`).
    #[serde(default)]
    pub types: Types,
    /// The keys that are read, each of which becomes a column; others are passed over. Default:
    /// the keys of the first 10,000 rows of each file; a later row with another key is rejected.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub columns: Option<Vec<Spanned<String>>>,
}

/// Of which types the columns are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Types {
    /// Those that the first rows show: whole numbers, numbers, true or false, text.
    #[default]
    Found,
    /// Text, as the file writes it.
    Text,
}

impl JsonOptions {
    /// How the files are read, whatever their names: a run belongs to it.
    pub fn identity(&self) -> String {
        let columns = self.columns.iter().flatten().map(|name| &name.value).collect::<Vec<_>>();
        format!("json {:?} {columns:?}", self.types)
    }

    /// Files at these paths, all text.
    pub fn text_at(paths: &[&str]) -> Self {
        let spanned = |path: &&str| Spanned::new((*path).to_owned(), Default::default());
        JsonOptions {
            path: Paths(paths.iter().map(spanned).collect()),
            types: Types::Text,
            columns: None,
        }
    }
}
