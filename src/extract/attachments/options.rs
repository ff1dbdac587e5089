//! The keys of `extract: attachments`.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{
        MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

use crate::{crm::Object, extract::ExtractOptions, yaml::Spanned};

/// Files that are attached to cases, follow-ups or FAQs: they are saved into a folder, and there is
/// a row for each.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachmentsExtract {
    /// What the files are attached to.
    pub object: Spanned<Holder>,
    /// The records: a list of their numbers, or `from` another extract.
    pub ids: Ids,
    /// The folder for the files: they are saved as `OBJECT/NUMBER/NAME` in it.
    pub directory: Spanned<String>,
    /// `auto`: a ZIP that the tenant made of several files is unpacked, an attached one is not.
    /// `always`: an attached one as well, where nothing tells them apart.
    /// `never`: each reply is saved as it comes.
    #[serde(default)]
    pub unpack: Unpack,
    /// Ask again for the files of records that earlier runs have saved: some may have been added or
    /// changed. Without it such records are not asked for.
    #[serde(default)]
    pub again: bool,
    /// Entries of a ZIP at the most; one with more is refused. Default 1000.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub max_entries: Option<u64>,
    /// Bytes of one record's files at the most, as they come and unpacked; more are refused.
    /// Default 4294967296 (4 GiB).
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub max_bytes: Option<u64>,
    /// How many times larger than in its ZIP a file may be; one that is larger is refused with the
    /// whole ZIP. Default 200.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub max_ratio: Option<u64>,
}

/// What files are attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Holder {
    /// Cases, by CASENUM.
    Case,
    /// Follow-ups, by CASENUM.FOLLOWUPNUM.
    Followup,
    /// FAQs, by FAQID.
    Faq,
}

impl Holder {
    /// As it stands in the pipeline file, in paths, and in the column `object`.
    pub fn as_str(self) -> &'static str {
        match self {
            Holder::Case => "case",
            Holder::Followup => "followup",
            Holder::Faq => "faq",
        }
    }

    /// The object of the CRM.
    pub fn object(self) -> Object {
        match self {
            Holder::Case => Object::Case,
            Holder::Followup => Object::Followup,
            Holder::Faq => Object::Faq,
        }
    }
}

/// What becomes of a ZIP of several files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unpack {
    /// It is unpacked, where it is known for one.
    #[default]
    Auto,
    /// Every ZIP is unpacked, but documents that are one inside, such as .docx.
    Always,
    /// It is saved as it comes.
    Never,
}

/// Which records.
#[derive(Clone, Debug)]
pub enum Ids {
    /// These.
    List(Vec<Spanned<String>>),
    /// Those of other rows.
    From(Box<IdsFrom>),
}

/// Numbers of records from the rows of another extract. Rows whose column ATTACHMENTS says 0 are
/// left out.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdsFrom {
    /// The rows: `wapi`, `csv` or another kind of files, with their keys.
    pub from: Spanned<ExtractOptions>,
    /// The column with the numbers. Default: CASENUM of cases, CASENUM and FOLLOWUPNUM of
    /// follow-ups with a dot between, FAQID of FAQs.
    #[serde(default)]
    pub column: Option<Spanned<String>>,
}

impl<'de> Deserialize<'de> for Ids {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Ids;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of numbers, or `from:` another extract")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Ids, A::Error> {
                let ids: Vec<Spanned<Id>> = Vec::deserialize(SeqAccessDeserializer::new(list))?;
                let text = |id: Spanned<Id>| Spanned::new(id.value.0, id.span);
                Ok(Ids::List(ids.into_iter().map(text).collect()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Ids, A::Error> {
                let from = IdsFrom::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Ids::From(Box::new(from)))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// The number of a record: a whole number, or a text such as `"38.1"`.
#[derive(Clone, Debug)]
struct Id(String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = Id;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of a record; one with a dot is put in quotes")
            }

            fn visit_str<E>(self, text: &str) -> Result<Id, E> {
                Ok(Id(text.to_owned()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Id, E> {
                Ok(Id(number.to_string()))
            }
        }

        // Whole numbers come as such; a number with a dot is none of these.
        deserializer.deserialize_u64(Number)
    }
}

impl JsonSchema for Ids {
    fn schema_name() -> Cow<'static, str> {
        "AttachmentIds".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let from = generator.subschema_for::<IdsFrom>();
        let id = json_schema!({ "type": ["string", "integer"] });
        json_schema!({
            "description": "A list of numbers of records, or `from` another extract.",
            "oneOf": [{ "type": "array", "items": id, "minItems": 1 }, from]
        })
    }
}
