//! The keys of `load: wapi`.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};

use crate::{
    crm::{LoadAction, Object},
    load::threshold::Threshold,
    yaml::Spanned,
};

/// Records of the CRM, by the WAPI CRM API.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WapiOptions {
    /// What the rows are.
    pub object: Spanned<Object>,
    /// What to do with each row.
    pub action: Spanned<LoadAction>,
    /// For `upsert`: the columns that together tell which record of the tenant a row is.
    #[serde(default)]
    pub match_on: Option<Tags>,
    /// Whether a record that is already as the row has it is left alone. Default `true`, but
    /// `false` for `modify` with `unsent_fields: omit`, which looks at no record.
    #[serde(default)]
    pub only_changed: Option<bool>,
    /// How a record is recognised as one's own after its answer was lost: the columns that must
    /// be equal. Default: the e-mail address of a customer that has one; else all that was sent.
    #[serde(default)]
    pub identify_by: Option<Tags>,
    /// What a Modify does with fields that the row does not have. Default `resend`.
    #[serde(default)]
    pub unsent_fields: UnsentFields,
    /// Columns that are custom fields of the tenant.
    #[serde(default)]
    pub custom_fields: Vec<Spanned<String>>,
    /// `delete` asks for it: it cannot be undone, and takes along what belongs to the record.
    #[serde(default)]
    pub confirm_delete: bool,
    /// Whether to ask the tenant for the values that it defines (picklists, agents, countries),
    /// and to check rows by them before they are sent. Default `true`.
    #[serde(default = "yes")]
    pub check_values: bool,
    /// Refused records beyond which the run stops: a count, or a share such as `5%`.
    #[serde(default)]
    pub max_refused: Option<Threshold>,
    /// Rejected records beyond which the run stops: a count, or a share such as `5%`.
    #[serde(default)]
    pub max_rejected: Option<Threshold>,
}

impl WapiOptions {
    /// Whether equal records are left alone.
    pub fn only_changed(&self) -> bool {
        self.only_changed.unwrap_or(
            self.action.value != LoadAction::Modify || self.unsent_fields == UnsentFields::Resend,
        )
    }
}

/// What a Modify does with fields that the row does not have: the guide says both that they keep
/// their value and that they lose it (rulings CASE_MODIFY_UNSUPPLIED and the like).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnsentFields {
    /// Read the record and send its values again, where one reading of the guide would lose them.
    #[default]
    Resend,
    /// Send only what the row has.
    Omit,
}

/// Names of columns: one, or a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tags(pub Vec<String>);

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;

        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Tags;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a column, or a list of them")
            }

            fn visit_str<E>(self, name: &str) -> Result<Tags, E> {
                Ok(Tags(vec![name.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tags, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = list.next_element()? {
                    names.push(name);
                }
                Ok(Tags(names))
            }
        }

        deserializer.deserialize_any(OneOrMore)
    }
}

impl JsonSchema for Tags {
    fn schema_name() -> Cow<'static, str> {
        "Tags".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The name of a column, or a list of them.",
            "oneOf": [
                { "type": "string", "minLength": 1 },
                { "type": "array", "items": { "type": "string", "minLength": 1 }, "minItems": 1 }
            ]
        })
    }
}

fn yes() -> bool {
    true
}
