//! The keys of `extract: wapi`.

use std::{borrow::Cow, fmt};

use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{IntoDeserializer, MapAccess, SeqAccess, Visitor, value::SeqAccessDeserializer},
};

use crate::{crm::Object, yaml::Spanned};

/// Records of the CRM, by the WAPI CRM API.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WapiExtract {
    /// What the rows are.
    pub object: Spanned<Object>,
    /// The tags that become columns: `all` (the default), or a list. A customer's PASSWORD comes
    /// only where it is named.
    #[serde(default)]
    pub select: Select,
    /// What the records must fulfil: tags with a value, or with several of which one must fit.
    #[serde(default)]
    pub r#where: Where,
    /// How the records are cut into windows; by default as suits the object.
    #[serde(default)]
    pub range: Range,
    /// Only what is new since the last run.
    #[serde(default)]
    pub incremental: Option<Incremental>,
    /// Custom fields of the tenant: their names, so that steps can use them, or `map` for one
    /// column `CUSTOM_FIELDS`. Others that the tenant has become columns behind these.
    #[serde(default)]
    pub custom_fields: CustomFields,
    /// `typed`: times and numbers where the guide says so. `text`: as the tenant writes them.
    #[serde(default)]
    pub types: Types,
}

/// How records are cut into windows, each of which is one request.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// What the windows are cut by.
    #[serde(default)]
    pub by: Option<RangeBy>,
    /// Only records of this day and later: `2026-01-31`, in the connection's time zone.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub from: Option<Date>,
    /// Only records before this day.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub to: Option<Date>,
    /// Records of one reply that are aimed at. Default 2000.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub rows: Option<u64>,
    /// Seconds beyond which a reply is too slow, so that less is asked for at a time. Default 20.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub seconds: Option<u64>,
}

/// What windows are cut by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RangeBy {
    /// By the beginnings of ACCOUNTNUM (customers) or CASENUM (follow-ups).
    Number,
    /// By the day of creation.
    Created,
    /// By the day of the last change.
    Modified,
    /// By the day on which a task is due.
    Due,
    /// By category (FAQs).
    Category,
}

/// Only what is new since the last run.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Incremental {
    /// `modified` (records that were added count as modified), or `created`.
    #[serde(default = "modified")]
    pub by: IncrementalBy,
    /// How far before the high-water mark to begin, as `2d`: what the run before had already is
    /// left out again. Default `1d`.
    #[serde(default)]
    pub overlap: Overlap,
}

/// What makes a record new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncrementalBy {
    /// It was added or changed.
    Modified,
    /// It was added.
    Created,
}

fn modified() -> IncrementalBy {
    IncrementalBy::Modified
}

/// Days of an overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap(pub u16);

impl Default for Overlap {
    fn default() -> Self {
        Overlap(1)
    }
}

impl<'de> Deserialize<'de> for Overlap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let days = text.strip_suffix('d').and_then(|days| days.parse().ok());
        days.map(Overlap).ok_or_else(|| {
            serde::de::Error::custom(format!("`{text}` is no number of days such as `1d`"))
        })
    }
}

impl JsonSchema for Overlap {
    fn schema_name() -> Cow<'static, str> {
        "Overlap".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number of days, such as `1d`: dates of the API have no finer grain.",
            "type": "string",
            "pattern": "^[0-9]{1,4}d$"
        })
    }
}

/// The tags that become columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Select {
    /// All but PASSWORD.
    #[default]
    All,
    /// These, in this order.
    Tags(Vec<Spanned<String>>),
}

impl<'de> Deserialize<'de> for Select {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match word_or_list(deserializer, "`all`, or a list of tags")? {
            WordOrList::Word(word) if word == "all" => Ok(Select::All),
            WordOrList::Word(word) => Err(serde::de::Error::custom(format!(
                "`{word}` is neither `all` nor a list of tags"
            ))),
            WordOrList::List(tags) => Ok(Select::Tags(tags)),
        }
    }
}

impl JsonSchema for Select {
    fn schema_name() -> Cow<'static, str> {
        "Select".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        word_or_list_schema(generator, "all", "`all`, or a list of tags.")
    }
}

/// Custom fields of the tenant.
#[derive(Clone, Debug, PartialEq)]
pub enum CustomFields {
    /// A column each; these first.
    Columns(Vec<Spanned<String>>),
    /// One column for all.
    Map,
}

impl Default for CustomFields {
    fn default() -> Self {
        CustomFields::Columns(Vec::new())
    }
}

impl<'de> Deserialize<'de> for CustomFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match word_or_list(deserializer, "`map`, or a list of names")? {
            WordOrList::Word(word) if word == "map" => Ok(CustomFields::Map),
            WordOrList::Word(word) => Err(serde::de::Error::custom(format!(
                "`{word}` is neither `map` nor a list of names"
            ))),
            WordOrList::List(names) => Ok(CustomFields::Columns(names)),
        }
    }
}

impl JsonSchema for CustomFields {
    fn schema_name() -> Cow<'static, str> {
        "CustomFieldColumns".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        word_or_list_schema(generator, "map", "`map`, or a list of names of custom fields.")
    }
}

/// Whether values get the types of the documented schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Types {
    /// Times and numbers where the guide says so.
    #[default]
    Typed,
    /// As the tenant writes them.
    Text,
}

/// What records must fulfil: tags in the order of the file, each with the values that fit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Where(pub Vec<(Spanned<String>, Vec<String>)>);

impl<'de> Deserialize<'de> for Where {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Tags;

        impl<'de> Visitor<'de> for Tags {
            type Value = Where;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("tags, each with a value or a list of values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Where, A::Error> {
                let mut tags = Vec::new();
                while let Some((tag, values)) = map.next_entry::<Spanned<String>, OneOrMore>()? {
                    tags.push((tag, values.0));
                }
                Ok(Where(tags))
            }
        }

        deserializer.deserialize_map(Tags)
    }
}

impl JsonSchema for Where {
    fn schema_name() -> Cow<'static, str> {
        "Where".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // Text only: `007` in quotes keeps its zeros.
        let value = json_schema!({ "type": "string" });
        json_schema!({
            "description": "Tags, each with a value or with a list of values.",
            "type": "object",
            "additionalProperties": {
                "oneOf": [
                    value,
                    { "type": "array", "items": value, "minItems": 1 }
                ]
            }
        })
    }
}

/// A value, or a list of them.
struct OneOrMore(Vec<String>);

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Values;

        impl<'de> Visitor<'de> for Values {
            type Value = OneOrMore;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value or a list of values")
            }

            fn visit_str<E>(self, value: &str) -> Result<OneOrMore, E> {
                Ok(OneOrMore(vec![value.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<OneOrMore, A::Error> {
                Vec::<String>::deserialize(SeqAccessDeserializer::new(list)).map(OneOrMore)
            }
        }

        deserializer.deserialize_any(Values)
    }
}

enum WordOrList {
    Word(String),
    List(Vec<Spanned<String>>),
}

fn word_or_list<'de, D: Deserializer<'de>>(
    deserializer: D,
    expecting: &'static str,
) -> Result<WordOrList, D::Error> {
    struct Either(&'static str);

    impl<'de> Visitor<'de> for Either {
        type Value = WordOrList;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }

        fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<WordOrList, E> {
            String::deserialize(word.into_deserializer()).map(WordOrList::Word)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<WordOrList, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(list)).map(WordOrList::List)
        }
    }

    deserializer.deserialize_any(Either(expecting))
}

fn word_or_list_schema(generator: &mut SchemaGenerator, word: &str, about: &str) -> Schema {
    let list = generator.subschema_for::<Vec<Spanned<String>>>();
    json_schema!({
        "description": about,
        "oneOf": [{ "type": "string", "enum": [word] }, list]
    })
}
