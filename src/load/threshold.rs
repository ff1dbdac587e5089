//! How many records may go wrong before a run stops.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

/// A count of records, or a share of those read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    /// So many records.
    Count(u64),
    /// So many of a hundred records read, told once a hundred are read.
    Percent(f64),
}

impl Threshold {
    /// Whether `bad` of `read` records are more than this allows; `all`: there are no further ones.
    pub fn is_exceeded(self, bad: u64, read: u64, all: bool) -> bool {
        match self {
            Threshold::Count(most) => bad > most,
            // A share of the first few rows says nothing yet.
            Threshold::Percent(most) => {
                (all || read >= 100) && bad as f64 * 100.0 > most * read as f64
            }
        }
    }

    /// That more records than this were `rejected` or `refused`.
    pub fn told(self, bad: u64, what: &str) -> String {
        let records = if bad == 1 { "record was" } else { "records were" };
        format!("{bad} {records} {what}, and `max_{what}` is {self}")
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Threshold::Count(most) => write!(f, "{most}"),
            Threshold::Percent(most) => write!(f, "{most}%"),
        }
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CountOrShare;

        impl Visitor<'_> for CountOrShare {
            type Value = Threshold;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a count such as `100`, or a share such as `5%`")
            }

            fn visit_u64<E: Error>(self, count: u64) -> Result<Threshold, E> {
                Ok(Threshold::Count(count))
            }

            fn visit_i64<E: Error>(self, count: i64) -> Result<Threshold, E> {
                u64::try_from(count)
                    .map(Threshold::Count)
                    .map_err(|_| E::custom("a count is not negative"))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Threshold, E> {
                let share = text.trim().strip_suffix('%').map(|share| share.trim().parse::<f64>());
                match (share, text.trim().parse()) {
                    (Some(Ok(share)), _) if (0.0..=100.0).contains(&share) => {
                        Ok(Threshold::Percent(share))
                    }
                    (None, Ok(count)) => Ok(Threshold::Count(count)),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_any(CountOrShare)
    }
}

impl JsonSchema for Threshold {
    fn schema_name() -> Cow<'static, str> {
        "Threshold".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A count such as `100`, or a share of the rows read such as `5%`.",
            "oneOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^\\s*\\d+(\\.\\d+)?\\s*%?\\s*$" }
            ]
        })
    }
}
