//! The keys of `load: parquet`, `load: csv` and `load: json`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{load::threshold::Threshold, yaml::Spanned};

/// A folder of Parquet files, on a disk or in an object store.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ParquetFolder")]
pub struct ParquetOptions {
    /// The folder: a path, or `s3://`, `gs://` or `az://` with bucket and prefix.
    #[schemars(length(min = 1))]
    pub path: Spanned<String>,
    /// What becomes of the rows that the folder holds. Default `snapshot`.
    #[serde(default)]
    pub mode: Mode,
    /// For `upsert`: the columns that together tell which row of the folder a row is.
    #[serde(default)]
    pub key: Vec<Spanned<String>>,
    /// Columns whose values name folders, `COLUMN=value/`, one within the other.
    #[serde(default)]
    pub partition_by: Vec<Spanned<String>>,
    /// Columns by which the rows of a file are sorted. Default: as they come; for `upsert`, by
    /// `key`.
    #[serde(default)]
    pub sort_by: Vec<Spanned<String>>,
    /// How pages are compressed. Default `zstd`.
    #[serde(default)]
    pub compression: Compression,
    /// Rejected records beyond which the run stops: a count, or a share such as `5%`.
    #[serde(default)]
    pub max_rejected: Option<Threshold>,
    /// For the sake of all loads having it: a file refuses nothing.
    #[serde(default)]
    pub max_refused: Option<Threshold>,
}

/// What becomes of the rows that a folder holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The rows of this run take their place.
    #[default]
    Snapshot,
    /// They stay, and the rows of this run are added in files of their own.
    Append,
    /// Rows with the same `key` are replaced, the others stay.
    Upsert,
}

impl Mode {
    /// The word as the pipeline file has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Snapshot => "snapshot",
            Mode::Append => "append",
            Mode::Upsert => "upsert",
        }
    }
}

/// How the pages of a Parquet file are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Small and fast.
    #[default]
    Zstd,
    /// For readers that know nothing else.
    Snappy,
    /// For readers that know nothing else.
    Gzip,
    /// Not at all.
    None,
}

/// One CSV file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CsvFileOptions {
    /// The file; one that ends in `.gz` or `.zst` is compressed.
    #[schemars(length(min = 1))]
    pub path: Spanned<String>,
    /// What becomes of the file that is there. Default, and all that there is: `snapshot`.
    #[serde(default)]
    pub mode: FileMode,
    /// What stands between fields: one ASCII character, `"\t"` for a tab. Default `","`.
    #[serde(default)]
    pub delimiter: Option<Spanned<String>>,
    /// The text that stands for no value. Default: nothing; an empty text is then `""`.
    #[serde(default)]
    pub null_value: String,
    /// Whether a text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`,
    /// `@`, a tab or a line end, and is no number) gets an apostrophe in front. Default `false`.
    #[serde(default)]
    pub formula_safe: bool,
    /// Whether the file begins with a byte order mark, by which Excel knows UTF-8. Default `false`.
    #[serde(default)]
    pub bom: bool,
    /// Rejected records beyond which the run stops: a count, or a share such as `5%`.
    #[serde(default)]
    pub max_rejected: Option<Threshold>,
    /// For the sake of all loads having it: a file refuses nothing.
    #[serde(default)]
    pub max_refused: Option<Threshold>,
}

/// One file of JSON objects, one on each line.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonFileOptions {
    /// The file; one that ends in `.gz` or `.zst` is compressed.
    #[schemars(length(min = 1))]
    pub path: Spanned<String>,
    /// What becomes of the file that is there. Default, and all that there is: `snapshot`.
    #[serde(default)]
    pub mode: FileMode,
    /// Rejected records beyond which the run stops: a count, or a share such as `5%`.
    #[serde(default)]
    pub max_rejected: Option<Threshold>,
    /// For the sake of all loads having it: a file refuses nothing.
    #[serde(default)]
    pub max_refused: Option<Threshold>,
}

/// What becomes of a single file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileMode {
    /// The rows of this run take its place.
    #[default]
    Snapshot,
}

impl CsvFileOptions {
    /// The byte between fields.
    pub fn separator(&self) -> u8 {
        match self.delimiter.as_ref().map(|delimiter| delimiter.value.as_str()) {
            None => b',',
            Some("\\t") => b'\t',
            Some(text) => text.bytes().next().unwrap_or(b','),
        }
    }
}
