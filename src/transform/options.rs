//! The steps of `transform:` as a pipeline file writes them.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};

use super::{
    lookup::{LookupOptions, Pairs},
    sql::SqlOptions,
};
use crate::{rules::Fix, yaml::Spanned};

/// One step of `transform:`.
#[derive(Clone, Debug)]
pub enum Step {
    /// Project: new columns by SQL expressions.
    Map(MapOptions),
    /// Rows for which the expression is not true are skipped.
    Filter(Spanned<String>),
    /// Of rows with the same key, keep one.
    Dedupe(DedupeOptions),
    /// New columns from a table.
    Lookup(LookupOptions),
    /// A query over all rows.
    Sql(SqlOptions),
    /// Fixes that the documented rules of the target may make.
    Validate(ValidateOptions),
}

/// `map: {TARGET: expression}`, and `keep: true` beside it.
#[derive(Clone, Debug, Default)]
pub struct MapOptions {
    /// Target columns in the order of the file.
    pub columns: Vec<(Spanned<String>, MapValue)>,
    /// Whether the columns that no target replaces stay, after the mapped ones.
    pub keep: bool,
}

/// What a target column is made from.
#[derive(Clone, Debug)]
pub enum MapValue {
    /// A SQL expression.
    Sql(Spanned<String>),
    /// `{column: First Name}`: a column as the header writes it.
    Column(Spanned<String>),
    /// `{value: Default}`: the same text in every row.
    Value(String),
}

/// `dedupe: {key: [..], keep: first}`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DedupeOptions {
    /// The columns that together are the key. A row in which one of them is null has no key.
    #[schemars(length(min = 1))]
    pub key: Vec<Spanned<String>>,
    /// Which row of those with the same key stays. Default `first`.
    #[serde(default)]
    pub keep: Keep,
}

/// Which of the rows with the same key stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The first of the input.
    #[default]
    First,
    /// The last of the input.
    Last,
    /// None of them: all are rejected.
    RejectAll,
}

/// `validate: {fix: {COLUMN: truncate}}`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidateOptions {
    /// Columns whose values may be mended, and how. Each fix is counted and listed.
    #[serde(default)]
    pub fix: std::collections::BTreeMap<String, Spanned<Fix>>,
}

const STEP_KEYS: &[&str] = &["map", "filter", "dedupe", "lookup", "sql", "validate"];

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneKey;

        impl<'de> Visitor<'de> for OneKey {
            type Value = Step;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a step: one of {}", STEP_KEYS.join(", "))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Step, A::Error> {
                let (mut step, mut keep) = (None, false);
                let mut tables = None::<Pairs>;
                while let Some(key) = map.next_key::<String>()? {
                    let found = match key.as_str() {
                        "map" => Step::Map(map.next_value()?),
                        "filter" => Step::Filter(map.next_value()?),
                        "dedupe" => Step::Dedupe(map.next_value()?),
                        "lookup" => Step::Lookup(map.next_value()?),
                        "sql" => {
                            let tables = Pairs::default();
                            Step::Sql(SqlOptions { sql: map.next_value()?, tables })
                        }
                        "validate" => Step::Validate(map.next_value()?),
                        "tables" => {
                            tables = Some(map.next_value()?);
                            continue;
                        }
                        "keep" => {
                            keep = map.next_value()?;
                            continue;
                        }
                        other => return Err(A::Error::unknown_field(other, STEP_KEYS)),
                    };
                    if step.replace(found).is_some() {
                        return Err(A::Error::custom("a step has one key"));
                    }
                }
                match step.ok_or_else(|| A::Error::custom("a step has one key"))? {
                    Step::Map(map) if tables.is_none() => {
                        Ok(Step::Map(MapOptions { keep: keep || map.keep, ..map }))
                    }
                    _ if keep => Err(A::Error::custom("`keep` stands beside `map` only")),
                    Step::Sql(sql) => {
                        Ok(Step::Sql(SqlOptions { tables: tables.unwrap_or_default(), ..sql }))
                    }
                    _ if tables.is_some() => {
                        Err(A::Error::custom("`tables` stands beside `sql` only"))
                    }
                    other => Ok(other),
                }
            }
        }

        deserializer.deserialize_map(OneKey)
    }
}

impl<'de> Deserialize<'de> for MapOptions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Columns;

        impl<'de> Visitor<'de> for Columns {
            type Value = MapOptions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("target columns, each with an expression")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<MapOptions, A::Error> {
                let mut options = MapOptions::default();
                while let Some(target) = map.next_key::<Spanned<String>>()? {
                    options.columns.push((target, map.next_value()?));
                }
                Ok(options)
            }
        }

        deserializer.deserialize_map(Columns)
    }
}

impl<'de> Deserialize<'de> for MapValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;

        impl<'de> Visitor<'de> for Value {
            type Value = Option<MapValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a SQL expression, `{column: NAME}` or `{value: TEXT}`")
            }

            fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
                Ok(None)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let value = match map.next_key::<String>()?.as_deref() {
                    Some("column") => MapValue::Column(map.next_value()?),
                    Some("value") => MapValue::Value(map.next_value()?),
                    _ => return Err(A::Error::custom("a mapped value has one key")),
                };
                match map.next_entry::<IgnoredAny, IgnoredAny>()? {
                    None => Ok(Some(value)),
                    Some(_) => Err(A::Error::custom("a mapped value has one key")),
                }
            }
        }

        #[derive(Debug)]
        enum Any {
            Text(String),
            Value(MapValue),
        }

        impl<'de> Deserialize<'de> for Any {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct TextOr;

                impl<'de> Visitor<'de> for TextOr {
                    type Value = Any;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        Value.expecting(f)
                    }

                    fn visit_str<E: Error>(self, text: &str) -> Result<Any, E> {
                        Ok(Any::Text(text.to_owned()))
                    }

                    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Any, A::Error> {
                        let value = Value.visit_map(map)?;
                        value.map(Any::Value).ok_or_else(|| A::Error::custom("no value"))
                    }
                }

                deserializer.deserialize_any(TextOr)
            }
        }

        let spanned = Spanned::<Any>::deserialize(deserializer)?;
        Ok(match spanned.value {
            Any::Text(text) => MapValue::Sql(Spanned::new(text, spanned.span)),
            Any::Value(value) => value,
        })
    }
}

impl JsonSchema for MapOptions {
    fn schema_name() -> Cow<'static, str> {
        "MapOptions".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<MapValue>();
        json_schema!({
            "type": "object",
            "description": "Target columns, each made by a SQL expression over the columns so far. Identifiers are taken as the header writes them; with spaces or hyphens they stand in double quotes.",
            "additionalProperties": value,
            "minProperties": 1
        })
    }
}

impl JsonSchema for MapValue {
    fn schema_name() -> Cow<'static, str> {
        "MapValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "oneOf": [
                { "type": "string", "minLength": 1, "description": "A SQL expression." },
                {
                    "type": "object", "additionalProperties": false, "required": ["column"],
                    "properties": { "column": { "type": "string", "description": "A column as the header writes it." } }
                },
                {
                    "type": "object", "additionalProperties": false, "required": ["value"],
                    "properties": { "value": { "type": "string", "description": "The same text in every row." } }
                }
            ]
        })
    }
}

impl JsonSchema for Step {
    fn schema_name() -> Cow<'static, str> {
        "Step".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let map = generator.subschema_for::<MapOptions>();
        let dedupe = generator.subschema_for::<DedupeOptions>();
        let lookup = generator.subschema_for::<LookupOptions>();
        let validate = generator.subschema_for::<ValidateOptions>();
        let alternative = |key: &str, schema: Schema| {
            json_schema!({
                "type": "object", "additionalProperties": false, "required": [key],
                "properties": { key: schema }
            })
        };
        let filter = json_schema!({
            "type": "string", "minLength": 1,
            "description": "A SQL expression; rows for which it is not true are skipped."
        });
        let sql = json_schema!({
            "type": "string", "minLength": 1,
            "description": "One SELECT over all rows, which are the table `input`. Its result is kept in the run's folder, so that a resumed run sees the same rows."
        });
        let tables = json_schema!({
            "type": "object", "minProperties": 1,
            "additionalProperties": { "type": "string", "minLength": 1 },
            "description": "Beside `sql`: further tables by name; each is a CSV, NDJSON or Parquet file, or `results:NAME`, what all runs of the pipeline NAME have loaded."
        });
        let mut with_tables = alternative("sql", sql);
        if let Some(properties) = with_tables.get_mut("properties") {
            properties["tables"] = tables.to_value();
        }
        let keep = json_schema!({
            "type": "boolean",
            "description": "Beside `map`: whether the columns that are not mapped stay."
        });
        let mut with_keep = alternative("map", map);
        if let Some(properties) = with_keep.get_mut("properties") {
            properties["keep"] = keep.to_value();
        }
        json_schema!({
            "description": "One step: a single key, or `map` with `keep` beside it, or `sql` with `tables`.",
            "oneOf": [
                with_keep,
                alternative("filter", filter),
                alternative("dedupe", dedupe),
                alternative("lookup", lookup),
                with_tables,
                alternative("validate", validate)
            ]
        })
    }
}
