//! The keys of `extract: xlsx`.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected, Visitor},
};

use crate::{extract::csv::Paths, yaml::Spanned};

/// Sheets of Excel workbooks (.xlsx). All columns are text; dates are written as `2026-11-23` or
/// `2026-11-23T14:30:00`, and a formula is what it gave when the workbook was saved.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct XlsxOptions {
    /// File, list of files or glob. Relative to the working directory. Example:
    /// `exports/customers.xlsx`.
    pub path: Paths,
    /// The sheet, by its name or by its number (1 is the first). Default: the first that holds
    /// cells and is not hidden.
    #[serde(default)]
    pub sheet: Option<Spanned<SheetChoice>>,
    /// The row that names the columns; rows above it are passed over. Default: the first row that
    /// is not empty.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1_048_576))]
    pub header_row: Option<Spanned<u32>>,
}

impl XlsxOptions {
    /// How the files are read, whatever their names: a run belongs to it.
    pub fn identity(&self) -> String {
        let sheet = self.sheet.as_ref().map(|sheet| &sheet.value);
        format!("xlsx {sheet:?} {:?}", self.header_row.as_ref().map(|row| row.value))
    }
}

/// Which sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SheetChoice {
    Name(String),
    /// 1 is the first.
    Number(u64),
}

impl<'de> Deserialize<'de> for SheetChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrNumber;

        impl Visitor<'_> for NameOrNumber {
            type Value = SheetChoice;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a sheet, or its number from 1 on")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<SheetChoice, E> {
                Ok(SheetChoice::Name(name.to_owned()))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<SheetChoice, E> {
                match number {
                    0 => Err(E::invalid_value(Unexpected::Unsigned(0), &self)),
                    number => Ok(SheetChoice::Number(number)),
                }
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<SheetChoice, E> {
                match u64::try_from(number) {
                    Ok(number) => self.visit_u64(number),
                    Err(_) => Err(E::invalid_value(Unexpected::Signed(number), &self)),
                }
            }
        }

        deserializer.deserialize_any(NameOrNumber)
    }
}

impl JsonSchema for SheetChoice {
    fn schema_name() -> Cow<'static, str> {
        "SheetChoice".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "oneOf": [
                { "type": "string", "minLength": 1 },
                { "type": "integer", "minimum": 1 }
            ]
        })
    }
}
