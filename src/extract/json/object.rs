//! One line as an object: its keys, and their values as the file writes them.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::extract::csv::COLUMN_LIMIT;

/// Characters of a line that a reason shows.
const SHOWN: usize = 60;

/// The keys and values of one object, in their order.
#[derive(Debug)]
pub(super) struct Object<'a>(pub Vec<(Cow<'a, str>, Value<'a>)>);

/// A value as the file writes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    Text(Cow<'a, str>),
    /// An object or a list: its JSON text.
    Nested(&'a str),
}

impl Value<'_> {
    /// The value as text; none for null.
    pub fn text(&self) -> Option<&str> {
        Some(match self {
            Value::Null => return None,
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            Value::Number(text) | Value::Nested(text) => text,
            Value::Text(text) => text,
        })
    }
}

/// Reads a line.
///
/// # Errors
/// Why it is no object, in words that follow the line's number.
pub(super) fn read(line: &[u8]) -> Result<Object<'_>, String> {
    let text = std::str::from_utf8(line).map_err(|error| {
        let (good, bad) = line.split_at(error.valid_up_to());
        let before: String = String::from_utf8_lossy(good).chars().rev().take(20).collect();
        let before: String = before.chars().rev().collect();
        let byte = bad.first().copied().unwrap_or_default();
        format!("byte 0x{byte:02X} is not utf-8 (after `{before}`)")
    })?;
    if !text.trim_start().starts_with('{') {
        return Err(format!("the line is no JSON object: `{}`", shortened(text)));
    }
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let what = message.split(" at line ").next().unwrap_or(&message);
        match error.classify() {
            serde_json::error::Category::Eof => {
                format!("the JSON object is cut off: `{}`", shortened(text))
            }
            _ => format!("no JSON: {what}, at character {}", error.column()),
        }
    })
}

fn shortened(text: &str) -> String {
    let mut short: String =
        text.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(SHOWN).is_some() {
        short.push('…');
    }
    short
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut pairs: Vec<(Cow<'de, str>, Value<'de>)> = Vec::new();
                while let Some(Text(key)) = map.next_key()? {
                    if pairs.len() == COLUMN_LIMIT {
                        return Err(A::Error::custom(format!("more than {COLUMN_LIMIT} keys")));
                    }
                    if pairs.iter().any(|(known, _)| *known == key) {
                        return Err(A::Error::custom(format!(
                            "the key `{key}` stands twice in it"
                        )));
                    }
                    pairs.push((key, value(map.next_value()?)?));
                }
                Ok(Object(pairs))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}

/// A text that is borrowed where nothing in it is escaped.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Any)
    }
}

fn value<'a, E: Error>(raw: &'a RawValue) -> Result<Value<'a>, E> {
    let raw = raw.get();
    Ok(match raw.as_bytes().first() {
        Some(b'"') => {
            let Text(text) = serde_json::from_str(raw).map_err(E::custom)?;
            Value::Text(text)
        }
        Some(b'{' | b'[') => Value::Nested(raw),
        Some(b't') => Value::Bool(true),
        Some(b'f') => Value::Bool(false),
        Some(b'n') | None => Value::Null,
        Some(_) => Value::Number(raw),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(line: &str) -> Vec<(String, Option<String>)> {
        let Object(pairs) = read(line.as_bytes()).unwrap();
        let told =
            |(key, value): (Cow<str>, Value)| (key.into_owned(), value.text().map(Into::into));
        pairs.into_iter().map(told).collect()
    }

    #[test]
    fn values_are_as_the_file_writes_them() {
        let line = r#" {"a":"x\u00e9\n","b":1.10,"c":12345678901234567890,"d":true,"e":null,"f":{"g":[1, 2]}} "#;
        let found = pairs(line);
        let value = |key: &str| found.iter().find(|(name, _)| name == key).unwrap().1.as_deref();
        assert_eq!(value("a"), Some("xé\n"));
        assert_eq!(value("b"), Some("1.10"));
        assert_eq!(value("c"), Some("12345678901234567890"));
        assert_eq!(value("d"), Some("true"));
        assert_eq!(value("e"), None);
        assert_eq!(value("f"), Some(r#"{"g":[1, 2]}"#));
    }

    #[test]
    fn a_line_that_is_no_object_says_why() {
        let why = |line: &[u8]| read(line).unwrap_err();
        assert_eq!(why(b"[1]"), "the line is no JSON object: `[1]`");
        assert_eq!(why(b"{\"a\":1"), "the JSON object is cut off: `{\"a\":1`");
        assert_eq!(why(b"{\"a\":1,}"), "no JSON: trailing comma, at character 8");
        assert_eq!(
            why(b"{\"a\":1,\"a\":2}"),
            "no JSON: the key `a` stands twice in it, at character 10"
        );
        assert_eq!(why(b"{\"a\":\"\xe4\"}"), "byte 0xE4 is not utf-8 (after `{\"a\":\"`)");
        assert!(why(br#"{"a":"\ud800"}"#).starts_with("no JSON: "), "a lone surrogate");
    }
}
