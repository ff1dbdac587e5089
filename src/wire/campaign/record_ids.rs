//! Which customers a page of a campaign's records names: the numbers alone, whatever else stands
//! in the records.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// The `record-id` of each record of a page of `records.json`, in its order: it is the customer-id
/// of the POST (campaign:188, field-notes, Campaign records).
///
/// # Errors
/// A body that is no list of records.
pub fn record_ids(body: &[u8]) -> Result<Vec<i64>, String> {
    let page: Page = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    Ok(page.records.0)
}

#[derive(Deserialize)]
struct Page {
    records: Records,
}

/// The value of `records`: an object with `record`, or one of the forms that a converter from XML
/// gives to nothing: an empty text, an empty object, null.
struct Records(Vec<i64>);

impl<'de> Deserialize<'de> for Records {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RecordsVisitor).map(Records)
    }
}

struct RecordsVisitor;

impl<'de> Visitor<'de> for RecordsVisitor {
    type Value = Vec<i64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<i64>, E> {
        match text.trim().is_empty() {
            true => Ok(Vec::new()),
            false => Err(E::custom("`records` is a text")),
        }
    }

    fn visit_unit<E: Error>(self) -> Result<Vec<i64>, E> {
        Ok(Vec::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<i64>, A::Error> {
        let mut ids = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "record" => ids = map.next_value::<OneOrMany>()?.0,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(ids)
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
        assert_eq!(ids(r#"{"records":{"record":{"record-id":7}}}"#), [7]);
        for none in [r#""""#, "{}", "null", r#"{"record":[]}"#, r#"{"record":null}"#] {
            assert_eq!(ids(&format!("{{\"records\":{none}}}")), Vec::<i64>::new(), "{none}");
        }
    }

    #[test]
    fn what_is_no_list_of_records_is_not_taken_for_an_empty_one() {
        for body in
            ["", "<records/>", "{}", r#"{"records":"busy"}"#, r#"{"records":{"record":[{}]}}"#]
        {
            assert!(record_ids(body.as_bytes()).is_err(), "{body}");
        }
    }
}
