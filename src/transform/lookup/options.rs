//! The keys of a `lookup` step.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Unexpected, Visitor},
};

use crate::yaml::Spanned;

/// What `from` begins with where it names a pipeline.
const RESULTS: &str = "results:";

const WORDS: &str = "`reject`, `null` or `skip`";

/// `lookup: {from: results:customers, on: {contact_id: contact_id}, take: {ACCOUNTNUM: ACCOUNTNUM}}`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookupOptions {
    /// The table: a CSV file whose first row names its columns, an NDJSON file (`.json`,
    /// `.ndjson`, `.jsonl`; of both `.gz` and `.zst` are read through), a Parquet file
    /// (`.parquet`), or `results:NAME`, what all runs of the pipeline NAME have loaded.
    #[schemars(length(min = 1))]
    pub from: Spanned<String>,
    /// Columns of the rows, each with the column of the table that has the same text.
    pub on: Pairs,
    /// New columns, each with the column of the table that it is taken from.
    pub take: Pairs,
    /// What becomes of a row that is not in the table: it is rejected (`reject`, the default), it
    /// goes on with new columns that are null (`null`), or it is skipped (`skip`).
    #[serde(default)]
    pub missing: Missing,
}

/// What becomes of a row that is not in the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// It is rejected.
    #[default]
    Reject,
    /// It goes on, and its new columns are null.
    Null,
    /// It is skipped.
    Skip,
}

impl<'de> Deserialize<'de> for Missing {
    /// YAML takes the bare word `null` for nothing; here it is a word like the others.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word(Option<Missing>);

        impl<'de> Deserialize<'de> for Word {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct OneOf;

                impl Visitor<'_> for OneOf {
                    type Value = Word;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(WORDS)
                    }

                    fn visit_unit<E: Error>(self) -> Result<Word, E> {
                        Ok(Word(None))
                    }

                    fn visit_str<E: Error>(self, word: &str) -> Result<Word, E> {
                        match word {
                            "reject" => Ok(Word(Some(Missing::Reject))),
                            "null" => Ok(Word(Some(Missing::Null))),
                            "skip" => Ok(Word(Some(Missing::Skip))),
                            _ => Err(E::invalid_value(Unexpected::Str(word), &self)),
                        }
                    }
                }

                deserializer.deserialize_any(OneOf)
            }
        }

        let Spanned { value: Word(word), span } = Spanned::deserialize(deserializer)?;
        match word {
            Some(word) => Ok(word),
            None if span.start == span.end => Err(D::Error::custom(format!("write {WORDS}"))),
            None => Ok(Missing::Null),
        }
    }
}

impl JsonSchema for Missing {
    fn schema_name() -> Cow<'static, str> {
        "Missing".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": ["reject", "skip", "null", null] })
    }
}

/// Which table a `lookup` reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table<'a> {
    /// What all runs of a pipeline have loaded; of the same key the later wins.
    Results(&'a str),
    /// A file; a key that stands in it twice is a mistake of it.
    File(&'a str),
}

impl LookupOptions {
    /// Which table it reads.
    pub fn table(&self) -> Table<'_> {
        Table::of(&self.from)
    }
}

impl<'a> Table<'a> {
    /// The table that a pipeline file names so.
    pub fn of(from: &'a str) -> Self {
        match from.strip_prefix(RESULTS) {
            Some(pipeline) => Table::Results(pipeline.trim()),
            None => Table::File(from),
        }
    }
}

/// Columns of the rows, each with a column of the table.
#[derive(Clone, Debug, Default)]
pub struct Pairs(pub Vec<(Spanned<String>, Spanned<String>)>);

impl Pairs {
    /// The columns of the table.
    pub fn there(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.0.iter().map(|(_, there)| there)
    }
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Columns;

        impl<'de> Visitor<'de> for Columns {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("columns, each with a column of the table")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Pairs::default();
                while let Some(pair) = map.next_entry()? {
                    pairs.0.push(pair);
                }
                Ok(pairs)
            }
        }

        deserializer.deserialize_map(Columns)
    }
}

impl JsonSchema for Pairs {
    fn schema_name() -> Cow<'static, str> {
        "Pairs".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "additionalProperties": { "type": "string", "minLength": 1 },
            "minProperties": 1
        })
    }
}
