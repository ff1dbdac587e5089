//! The body of a reply to a POST of customers: bytes to items, tolerant in what they hold and
//! strict about where they end.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use thiserror::Error;

use super::scan::scan;

/// Bytes of a reply beyond which it is not read: over six times what the answer to the largest
/// batch (10,000 records, each with a long message) needs.
pub const MOST_BODY_BYTES: usize = 16 << 20;

/// What the body of a reply holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// One item per customer, as in a 207.
    Items(Vec<Item<'a>>),
    /// `{"message": ".."}`: an answer to the whole POST.
    Message(Cow<'a, str>),
}

/// The answer to one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// Whom it answers.
    pub customer: CustomerId,
    /// Its `http-status`; 0 where none could be read.
    pub status: u16,
    /// Its message; empty where none was given.
    pub message: Cow<'a, str>,
}

/// The `customer-id` of an item: a number, a string or null (field-notes, Campaign records).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustomerId {
    /// A number, or digits in a string.
    Number(i64),
    /// Null, empty or not there: the item answers by its position.
    Null,
    /// Anything else; no customer sent can be meant.
    Unreadable,
}

/// A body that cannot be read: what the server did is in doubt.
#[derive(Debug, Error)]
pub enum DecodeError {
    /// It ends before its value does.
    #[error("the reply is cut off after {bytes} bytes")]
    CutOff {
        /// Bytes that came.
        bytes: usize,
    },
    /// It is empty.
    #[error("the reply is empty")]
    Empty,
    /// It is larger than any answer to what was sent.
    #[error("the reply has {bytes} bytes, more than the {MOST_BODY_BYTES} that are read")]
    TooLarge {
        /// Bytes that came.
        bytes: usize,
    },
    /// It is another kind of text, often a proxy's HTML page.
    #[error("the reply is not the JSON expected but begins with `{beginning}`")]
    NotExpected {
        /// Its first characters.
        beginning: String,
    },
}

/// Reads a body as an array of items, a single item, or a message for the whole POST.
pub fn decode(body: &[u8]) -> Result<Body<'_>, DecodeError> {
    if body.len() > MOST_BODY_BYTES {
        return Err(DecodeError::TooLarge { bytes: body.len() });
    }
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if text.trim_ascii().is_empty() {
        return Err(DecodeError::Empty);
    }
    if let Some(items) = scan(text) {
        return Ok(Body::Items(items));
    }
    parse(text).map_err(|error| {
        if error.is_eof() {
            DecodeError::CutOff { bytes: body.len() }
        } else {
            DecodeError::NotExpected { beginning: beginning(text) }
        }
    })
}

/// Reads whatever form the body has.
fn parse(text: &[u8]) -> Result<Body<'_>, serde_json::Error> {
    // serde_json refuses a depth of more than 128 and anything after the value.
    serde_json::from_slice::<Any>(text).map(|any| any.0)
}

/// The first characters of a text, on one line.
fn beginning(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(&text[..text.len().min(240)]);
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().filter(|c| !c.is_control()).take(60).collect()
}

/// A whole body.
struct Any<'a>(Body<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Any<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemsOrOne;

        impl<'de> Visitor<'de> for ItemsOrOne {
            type Value = Body<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of answers, or one")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::with_capacity(512);
                while let Some(Fields { item, .. }) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Body::Items(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let Fields { item, names_one, has_message } = Fields::read(map)?;
                match (names_one, has_message) {
                    // "One row may come as an object instead of an array" (field-notes).
                    (true, _) => Ok(Body::Items(vec![item])),
                    (false, true) => Ok(Body::Message(item.message)),
                    (false, false) => Err(A::Error::custom("neither an answer nor a message")),
                }
            }
        }

        deserializer.deserialize_any(ItemsOrOne).map(Any)
    }
}

/// One object of the body, and which of the keys that we know it has.
struct Fields<'a> {
    item: Item<'a>,
    names_one: bool,
    has_message: bool,
}

impl<'a> Fields<'a> {
    fn read<A: MapAccess<'a>>(mut map: A) -> Result<Self, A::Error> {
        let (mut id, mut status, mut message) = (None, None, None);
        while let Some(key) = map.next_key::<Key>()? {
            let place = match key {
                Key::CustomerId => &mut id,
                Key::HttpStatus => &mut status,
                Key::Message => &mut message,
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            if place.replace(map.next_value::<Scalar>()?).is_some() {
                // Two values of one key: whom or what it answers cannot be told.
                return Err(A::Error::custom("a key twice"));
            }
        }
        Ok(Fields {
            names_one: id.is_some(),
            has_message: message.is_some(),
            item: Item {
                customer: id.map_or(CustomerId::Null, Scalar::into_customer_id),
                status: status.map_or(0, Scalar::into_status),
                message: message.map_or(Cow::Borrowed(""), Scalar::into_text),
            },
        })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the answer to one customer")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Fields::read(map)
            }
        }

        deserializer.deserialize_map(Object)
    }
}

enum Key {
    CustomerId,
    HttpStatus,
    Message,
    Other,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Key, E> {
                Ok(match key {
                    "customer-id" => Key::CustomerId,
                    "http-status" => Key::HttpStatus,
                    "message" => Key::Message,
                    _ => Key::Other,
                })
            }
        }

        deserializer.deserialize_identifier(Name)
    }
}

/// A value that may come as number, string or null.
pub(super) enum Scalar<'a> {
    Null,
    Number(i64),
    Text(Cow<'a, str>),
    Other,
}

impl<'a> Scalar<'a> {
    pub(super) fn into_customer_id(self) -> CustomerId {
        match self {
            Scalar::Null => CustomerId::Null,
            Scalar::Number(number) => CustomerId::Number(number),
            Scalar::Text(text) if text.trim().is_empty() => CustomerId::Null,
            Scalar::Text(text) => {
                text.trim().parse().map_or(CustomerId::Unreadable, CustomerId::Number)
            }
            Scalar::Other => CustomerId::Unreadable,
        }
    }

    pub(super) fn into_status(self) -> u16 {
        match self {
            Scalar::Number(number) => u16::try_from(number).unwrap_or(0),
            Scalar::Text(text) => text.trim().parse().unwrap_or(0),
            Scalar::Null | Scalar::Other => 0,
        }
    }

    pub(super) fn into_text(self) -> Cow<'a, str> {
        match self {
            Scalar::Text(text) => text,
            Scalar::Number(number) => Cow::Owned(number.to_string()),
            Scalar::Null | Scalar::Other => Cow::Borrowed(""),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Loose;

        impl<'de> Visitor<'de> for Loose {
            type Value = Scalar<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Scalar::Number(number))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(i64::try_from(number).map_or(Scalar::Other, Scalar::Number))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
                // Beyond 2^53 not every whole number is a double, so it may be another's.
                let is_exact = number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
                Ok(if is_exact { Scalar::Number(number as i64) } else { Scalar::Other })
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Scalar::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Scalar::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Scalar::Null)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Scalar::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
        }

        deserializer.deserialize_any(Loose)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn items(body: &str) -> Vec<Item<'_>> {
        match decode(body.as_bytes()) {
            Ok(Body::Items(items)) => items,
            other => panic!("not items: {other:?}"),
        }
    }

    fn error(body: &[u8]) -> String {
        decode(body).unwrap_err().to_string()
    }

    #[test]
    fn numbers_strings_and_null_are_read_alike() {
        let read = items(
            r#"[{"customer-id":7,"http-status":200},
                {"customer-id":" 0007 ","http-status":"200","extra":{"deep":[1,[2]]}},
                {"customer-id":7.0,"http-status":200.0,"message":null},
                {"customer-id":null,"http-status":400,"message":"Invalid customer-id"},
                {"customer-id":"","http-status":400},
                {"http-status":400},
                {"customer-id":"abc","http-status":"soon"},
                {"customer-id":[7],"http-status":70000}]"#,
        );
        let told: Vec<_> = read.iter().map(|item| (item.customer, item.status)).collect();
        use CustomerId::{Null, Number, Unreadable};
        assert_eq!(
            told,
            [
                (Number(7), 200),
                (Number(7), 200),
                (Number(7), 200),
                (Null, 400),
                (Null, 400),
                (Null, 400),
                (Unreadable, 0),
                (Unreadable, 0),
            ]
        );
        assert_eq!(read[3].message, "Invalid customer-id");
        assert_eq!(read[2].message, "");
    }

    #[test]
    fn the_usual_body_is_read_by_the_quick_reader() {
        let usual = r#" [ {"customer-id": 7, "http-status": 200, "schedule-date-time": null},
            {"http-status":"400","customer-id":null,"message":"Duplicate customer"} ] "#;
        let quick = scan(usual.as_bytes()).unwrap();
        assert_eq!(parse(usual.as_bytes()).unwrap(), Body::Items(quick));
        for other in
            ["[]", "[{}]", r#"[{"a":1},]"#, r#"[{"a":01}]"#, "[{\"a\":\"\n\"}]", r#"[{"a":1}] x"#]
        {
            assert!(scan(other.as_bytes()).is_none(), "{other}");
        }
    }

    #[test]
    fn messages_without_escapes_are_not_copied() {
        let read = items(r#"[{"message":"plain"},{"message":"caf\u00e9"}]"#);
        assert!(matches!(read[0].message, Cow::Borrowed("plain")));
        assert_eq!(read[1].message, "café");
    }

    #[test]
    fn a_single_object_is_one_item_or_a_message_for_all() {
        assert_eq!(items("\u{feff}{\"customer-id\":7,\"http-status\":200}").len(), 1);
        assert!(items("[]").is_empty());
        let whole = decode(br#"{"message":"This is not a dynamic campaign."}"#).unwrap();
        assert_eq!(whole, Body::Message("This is not a dynamic campaign.".into()));
        let whole = decode(br#"{"http-status":400,"message":"no"}"#).unwrap();
        assert_eq!(whole, Body::Message("no".into()));
    }

    #[test]
    fn a_body_that_cannot_be_read_says_what_came() {
        assert_eq!(error(b""), "the reply is empty");
        assert_eq!(error(br#"[{"customer-id":7,"#), "the reply is cut off after 18 bytes");
        assert_eq!(
            error(b"<html>\n <title>502 Bad Gateway</title>"),
            "the reply is not the JSON expected but begins with `<html> <title>502 Bad Gateway</title>`"
        );
        assert!(error(b"[] []").contains("begins with `[] []`"));
        assert!(error(br#"{"status":1}"#).contains("not the JSON expected"));
        assert!(error(br#"[{"customer-id":1,"customer-id":2}]"#).contains("not the JSON"));
        assert!(error(&[b'['; 100_000]).contains("not the JSON expected"));
        assert!(error(&vec![b' '; MOST_BODY_BYTES + 1]).contains("more than"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&bytes);
        }

        #[test]
        fn any_json_like_text_is_survived(text in r#"[\[\]{}",:0-9a-z\\ -]{0,80}"#) {
            let _ = decode(text.as_bytes());
        }

        #[test]
        fn both_readers_read_the_same(
            text in r#"\[( ?\{"(customer-id|http-status|message|x)" ?: ?(0|7|-7|07|2\.0|1e2|null|true|"7"|"a\\"|"é")(,"(customer-id|message)":(99|"b"|\[\]))?\},?){1,3}\] ?"#
        ) {
            if let Some(items) = scan(text.as_bytes()) {
                prop_assert_eq!(parse(text.as_bytes()).unwrap(), Body::Items(items));
            }
        }

        #[test]
        fn a_body_that_is_cut_anywhere_is_never_read(
            ids in proptest::collection::vec(any::<i64>(), 1..20),
            cut in 0.0..1.0_f64,
        ) {
            let whole = ids.iter().map(|id| format!(r#"{{"customer-id":{id},"http-status":200}}"#));
            let whole = format!("[{}]", whole.collect::<Vec<_>>().join(","));
            let cut = (whole.len() as f64 * cut) as usize;
            prop_assert!(decode(&whole.as_bytes()[..cut]).is_err());
        }
    }
}
