//! Which customers a page of a campaign's records names: the numbers alone, whatever else stands
//! in the records.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::without_mark;

/// The `record-id` of each record of a page of `records.json`, in its order: it is the customer-id
/// of the POST (campaign:188, field-notes, Campaign records).
///
/// # Errors
/// A body that is no list of records.
pub fn record_ids(body: &[u8]) -> Result<Vec<i64>, String> {
    let page: Page =
        serde_json::from_slice(without_mark(body)).map_err(|error| error.to_string())?;
    Ok(page.0)
}

/// The whole: an object with `records`, or one of the forms that a converter from XML gives to
/// nothing: an empty text, an empty object, null.
struct Page(Vec<i64>);

impl<'de> Deserialize<'de> for Page {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Level { of: "records" }).map(Page)
    }
}

/// The value of `records`: an object with `record`, a list, or nothing.
struct Records(Vec<i64>);

impl<'de> Deserialize<'de> for Records {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Level { of: "record" }).map(Records)
    }
}

struct Level {
    of: &'static str,
}

impl<'de> Visitor<'de> for Level {
    type Value = Vec<i64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`, or a list of records", self.of)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<i64>, E> {
        nothing(text)
    }

    fn visit_unit<E: Error>(self) -> Result<Vec<i64>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Vec<i64>, A::Error> {
        OneOrManyVisitor.visit_seq(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<i64>, A::Error> {
        let (mut ids, mut has_others) = (None, false);
        while let Some(key) = map.next_key::<String>()? {
            match (key == self.of, self.of) {
                (true, "records") => ids = Some(map.next_value::<Records>()?.0),
                (true, _) => ids = Some(map.next_value::<OneOrMany>()?.0),
                (false, _) => {
                    has_others = true;
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        // `{"message": ".."}` is an answer, and not an empty list.
        match ids {
            None if has_others && self.of == "records" => Err(A::Error::custom("no `records`")),
            ids => Ok(ids.unwrap_or_default()),
        }
    }
}

/// `""`: what an element without content becomes.
fn nothing<E: Error>(text: &str) -> Result<Vec<i64>, E> {
    match text.trim().is_empty() {
        true => Ok(Vec::new()),
        false => Err(E::custom("a text where records should be")),
    }
}

/// A list of records, or a single one that stands alone.
struct OneOrMany(Vec<i64>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor).map(OneOrMany)
    }
}

struct OneOrManyVisitor;

impl<'de> Visitor<'de> for OneOrManyVisitor {
    type Value = Vec<i64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("records")
    }

    fn visit_unit<E: Error>(self) -> Result<Vec<i64>, E> {
        Ok(Vec::new())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<i64>, E> {
        nothing(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<i64>, A::Error> {
        let mut ids = Vec::new();
        while let Some(record) = list.next_element::<Record>()? {
            ids.push(record.id.0);
        }
        Ok(ids)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<i64>, A::Error> {
        let record = Record::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
        Ok(vec![record.id.0])
    }
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "record-id")]
    id: Number,
}

/// A number, as one or as a text of digits.
struct Number(i64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfAnyKind;

        impl Visitor<'_> for OfAnyKind {
            type Value = i64;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<i64, E> {
                Ok(number)
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<i64, E> {
                i64::try_from(number).map_err(|_| E::custom("`record-id` is too large"))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<i64, E> {
                match number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
                    true => Ok(number as i64),
                    false => Err(E::custom("`record-id` is no whole number")),
                }
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<i64, E> {
                text.trim().parse().map_err(|_| E::custom("`record-id` is no number"))
            }
        }

        deserializer.deserialize_any(OfAnyKind).map(Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(body: &str) -> Vec<i64> {
        record_ids(body.as_bytes()).unwrap()
    }

    #[test]
    fn numbers_are_read_in_every_form_of_a_page() {
        let many = r#"{"records":{"record":[{"campaign-id":1,"record-id":10000000,"status":3},
            {"record-id":"10000001","ext-trans-data":{"a":[1]}}]}}"#;
        assert_eq!(ids(many), [10_000_000, 10_000_001]);
        for one in [
            r#"{"records":{"record":{"record-id":7}}}"#,
            r#"{"records":[{"record-id":7}]}"#,
            r#"[{"record-id":7.0}]"#,
            "\u{feff}{\"records\":{\"record\":{\"record-id\":\"7\"}}}\r\n",
        ] {
            assert_eq!(ids(one), [7], "{one}");
        }
        for none in ["\"\"", "{}", "null", "[]", r#"{"record":[]}"#, r#"{"record":null}"#] {
            assert_eq!(ids(&format!("{{\"records\":{none}}}")), Vec::<i64>::new(), "{none}");
        }
        for none in ["\"\"", "{}", "null", "[]", r#"{"records":{"record":""}}"#] {
            assert_eq!(ids(none), Vec::<i64>::new(), "{none}");
        }
    }

    #[test]
    fn what_is_no_list_of_records_is_not_taken_for_an_empty_one() {
        for body in [
            "",
            "<records/>",
            r#"{"message":"busy"}"#,
            r#"{"records":"busy"}"#,
            r#"{"records":{"record":[{}]}}"#,
        ] {
            assert!(record_ids(body.as_bytes()).is_err(), "{body}");
        }
    }
}
