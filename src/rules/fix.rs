//! What may be done to a value that breaks a rule.

use schemars::JsonSchema;
use serde::Deserialize;

/// How a value that breaks a rule may be mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fix {
    /// Cut to the greatest length.
    Truncate,
    /// Send no value.
    Blank,
    /// Write what ISO-8859-1 lacks in characters that it has: `Łódź` becomes `Lódz`.
    Transliterate,
}
