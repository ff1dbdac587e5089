//! The keys of `extract: csv`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};

use crate::yaml::Spanned;

/// Delimited text files. All columns are text.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CsvOptions {
    /// File, list of files or glob; `.gz` and `.zst` are read through. Relative to the working
    /// directory. Example: `exports/customers-*.csv`.
    pub path: Paths,
    /// The character between fields; `\t` for a tab. Default `,`.
    #[serde(default)]
    pub delimiter: Option<Spanned<String>>,
    /// The character around fields that hold delimiters or line ends. Default `"`.
    #[serde(default)]
    pub quote: Option<Spanned<String>>,
    /// Character encoding, by its WHATWG label: `utf-8` (default, a byte order mark is taken
    /// away), `windows-1252`, `iso-8859-1` (read as windows-1252, as the standard says), ...
    #[serde(default)]
    pub encoding: Option<Spanned<String>>,
    /// Whether the first row of each file names the columns (default). Without one they are
    /// `column_1`, `column_2`, ...
    #[serde(default = "yes")]
    pub header: bool,
    /// Texts that stand for no value. Default: the empty text.
    #[serde(default)]
    pub null_values: Option<Vec<String>>,
}

impl CsvOptions {
    /// How the files are read, whatever their names: a run belongs to it.
    pub fn identity(&self) -> String {
        let text = |option: &Option<Spanned<String>>| option.as_ref().map(|it| it.value.clone());
        format!(
            "csv {:?}",
            (
                text(&self.delimiter),
                text(&self.quote),
                text(&self.encoding),
                self.header,
                &self.null_values
            )
        )
    }

    /// Files as RFC 4180 describes them, at these paths.
    pub fn at(paths: &[&str]) -> Self {
        let spanned = |path: &&str| Spanned::new((*path).to_owned(), Default::default());
        CsvOptions {
            path: Paths(paths.iter().map(spanned).collect()),
            delimiter: None,
            quote: None,
            encoding: None,
            header: true,
            null_values: None,
        }
    }
}

fn yes() -> bool {
    true
}

/// One path or glob, or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths(pub Vec<Spanned<String>>);

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Vec<String>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a path or a list of paths")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(vec![text.to_owned()])
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut paths = Vec::new();
                while let Some(path) = list.next_element()? {
                    paths.push(path);
                }
                Ok(paths)
            }
        }

        struct Any(Vec<String>);

        impl<'de> Deserialize<'de> for Any {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(OneOrMany).map(Any)
            }
        }

        let all = Spanned::<Any>::deserialize(deserializer)?;
        let span = all.span;
        Ok(Paths(all.value.0.into_iter().map(|path| Spanned::new(path, span)).collect()))
    }
}

impl JsonSchema for Paths {
    fn schema_name() -> Cow<'static, str> {
        "Paths".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "oneOf": [
                { "type": "string", "minLength": 1 },
                { "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 } }
            ]
        })
    }
}
