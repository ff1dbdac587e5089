//! The records of a campaign (campaign:173-250): a list in JSON or in XML, in all the shapes that
//! JSON made from XML has (field-notes, Campaign records).

use std::{fmt, sync::Arc};

use super::without_mark;
use arrow::{
    array::{ArrayRef, RecordBatch, StringBuilder},
    datatypes::{DataType, Field, Schema},
};
use quick_xml::{Reader, events::Event};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The columns that the document has, in its order.
pub const RECORD_COLUMNS: [&str; 8] = [
    "campaign-name",
    "campaign-id",
    "record-id",
    "phone-list",
    "status",
    "status-code",
    "ext-trans-data",
    "disposition-code",
];

/// Names of codes: the column with the code, the one with its name, and the names.
type CodeNames = (&'static str, &'static str, &'static [(i64, &'static str)]);

/// The codes that have names (campaign:224-250).
pub const CODE_NAMES: [CodeNames; 3] = [
    (
        "status",
        "status-name",
        &[(0, "New"), (1, "Queued"), (2, "Accepted"), (3, "Completed"), (4, "Scheduled")],
    ),
    (
        "status-code",
        "status-code-name",
        &[
            (0, "Default"),
            (1, "Max Attempt Reached"),
            (2, "Skipped"),
            (3, "No Phone Number"),
            (4, "Invalid Phone Number"),
        ],
    ),
    (
        "disposition-code",
        "disposition-code-name",
        &[(1000, "None"), (1001, "Try Again"), (1002, "Scheduled Call Back")],
    ),
];

/// A list of records that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the list of records cannot be read: {0}")]
pub struct RecordsError(String);

/// Reads the records of a reply as columns of text, the names of codes among them; `None` where
/// there are none.
///
/// # Errors
/// A body that is no such list, or only a part of one.
pub fn decode_records(body: &[u8]) -> Result<Option<RecordBatch>, RecordsError> {
    let mut rows = Rows::default();
    let text = without_mark(body);
    match text.first() {
        None => {}
        Some(b'<') => xml(text, &mut rows)?,
        Some(_) => json(text, &mut rows)?,
    }
    rows.finish()
}

/// Columns in the making.
#[derive(Default)]
struct Rows {
    columns: Vec<(String, StringBuilder, usize)>,
    rows: usize,
}

impl Rows {
    fn put(&mut self, name: &str, value: &str) {
        let at = match self.columns.iter().position(|(known, ..)| known == name) {
            Some(at) => at,
            None => {
                let mut values = StringBuilder::new();
                values.append_nulls(self.rows);
                self.columns.push((name.to_owned(), values, self.rows));
                self.columns.len() - 1
            }
        };
        let (_, values, filled) = &mut self.columns[at];
        // The first of a name that is there twice counts.
        if *filled == self.rows {
            values.append_value(value);
            *filled += 1;
        }
    }

    fn end_row(&mut self) {
        for (code, name, names) in CODE_NAMES {
            let Some((_, values, filled)) = self.columns.iter().find(|(known, ..)| known == code)
            else {
                continue;
            };
            if *filled <= self.rows {
                continue;
            }
            let text = last_value(values);
            let number = text.trim().parse::<i64>().ok();
            let found = names.iter().find(|(code, _)| Some(*code) == number);
            if let Some((_, found)) = found {
                self.put(name, found);
            }
        }
        self.rows += 1;
        for (_, values, filled) in self.columns.iter_mut().filter(|column| column.2 < self.rows) {
            values.append_null();
            *filled += 1;
        }
    }

    fn finish(self) -> Result<Option<RecordBatch>, RecordsError> {
        if self.rows == 0 {
            return Ok(None);
        }
        let fields = self.columns.iter().map(|(name, ..)| Field::new(name, DataType::Utf8, true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let arrays = self
            .columns
            .into_iter()
            .map(|(_, mut values, _)| Arc::new(values.finish()) as ArrayRef);
        RecordBatch::try_new(schema, arrays.collect())
            .map(Some)
            .map_err(|error| RecordsError(error.to_string()))
    }
}

/// The value that was put in last.
fn last_value(values: &StringBuilder) -> String {
    let offsets = values.offsets_slice();
    let (Some(end), Some(start)) =
        (offsets.last(), offsets.len().checked_sub(2).map(|at| offsets[at]))
    else {
        return String::new();
    };
    String::from_utf8_lossy(&values.values_slice()[start as usize..*end as usize]).into_owned()
}

fn json(body: &[u8], rows: &mut Rows) -> Result<(), RecordsError> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    Level { name: "records", rows }
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end())
        .map_err(|error| RecordsError(error.to_string()))
}

/// An object with one member that counts: `records` at first, then `record`.
struct Level<'r> {
    name: &'static str,
    rows: &'r mut Rows,
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the member `{}`", self.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut has_others, mut is_there) = (false, false);
        while let Some(name) = map.next_key::<String>()? {
            let is_it = name == self.name;
            is_there |= is_it;
            has_others |= !is_it;
            match (is_it, self.name) {
                (true, "records") => {
                    map.next_value_seed(Level { name: "record", rows: self.rows })?
                }
                (true, _) => map.next_value_seed(List { rows: self.rows })?,
                (false, _) => map.next_value::<IgnoredAny>().map(drop)?,
            }
        }
        // `{"message": ".."}` is an answer, and not an empty list.
        match has_others && !is_there && self.name == "records" {
            true => Err(serde::de::Error::custom("it has no `records`")),
            false => Ok(()),
        }
    }

    /// A list without the level between.
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        List { rows: self.rows }.visit_seq(list)
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        nothing(text)
    }
}

/// `""`: what an element without content becomes.
fn nothing<E: serde::de::Error>(text: &str) -> Result<(), E> {
    match text.trim() {
        "" => Ok(()),
        _ => Err(E::custom("a text where records should be")),
    }
}

/// Many records, one, or none.
struct List<'r> {
    rows: &'r mut Rows,
}

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(List { rows: self.rows })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut is_empty = true;
        while let Some((name, value)) = map.next_entry::<String, serde_json::Value>()? {
            is_empty = false;
            match value {
                serde_json::Value::Null => {}
                serde_json::Value::String(text) => self.rows.put(&name, &text),
                other => self.rows.put(&name, &other.to_string()),
            }
        }
        if !is_empty {
            self.rows.end_row();
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        nothing(text)
    }
}

/// `<records><record><record-id>..</record-id>..</record>..</records>`.
fn xml(body: &[u8], rows: &mut Rows) -> Result<(), RecordsError> {
    let wrong = |what: String| RecordsError(what);
    let text = String::from_utf8_lossy(body);
    let mut reader = Reader::from_str(&text);
    let mut path: Vec<String> = Vec::new();
    let mut value = String::new();
    let mut has_root = false;
    loop {
        match reader.read_event().map_err(|error| wrong(error.to_string()))? {
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                if path.is_empty() && name != "records" {
                    return Err(wrong(format!("it begins with <{name}> and not with <records>")));
                }
                has_root = true;
                path.push(name);
                value.clear();
            }
            Event::Empty(empty) => {
                let name = empty.local_name().as_ref().to_owned();
                match path.len() {
                    0 if name == "records" => return Ok(()),
                    2 => rows.put(&name, ""),
                    _ => {}
                }
            }
            Event::Text(text) if path.len() == 3 => {
                value.push_str(&text.into_inner());
            }
            Event::CData(data) if path.len() == 3 => {
                value.push_str(&data.into_inner());
            }
            Event::GeneralRef(reference) if path.len() == 3 => {
                let name = reference.into_inner();
                value.push_str(&resolve(&name).ok_or_else(|| wrong(format!("unknown &{name};")))?);
            }
            Event::End(_) => {
                let name = path.pop().unwrap_or_default();
                match path.len() {
                    0 => return Ok(()),
                    1 => rows.end_row(),
                    2 => rows.put(&name, &value),
                    _ => {}
                }
            }
            Event::Eof if has_root => return Err(wrong("it ends in the middle".into())),
            Event::Eof => return Err(wrong("it has no <records>".into())),
            _ => {}
        }
    }
}

/// What a reference stands for: the five of XML, and numbers.
fn resolve(name: &str) -> Option<String> {
    let known = match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            return char::from_u32(code).map(String::from);
        }
    };
    Some(known.to_owned())
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};

    use super::*;

    fn read(body: &str) -> Vec<Vec<String>> {
        let Some(batch) = decode_records(body.as_bytes()).unwrap() else { return Vec::new() };
        let value = |name: &str, row: usize| {
            let column = batch.column_by_name(name)?.as_string::<i32>();
            (!column.is_null(row)).then(|| column.value(row).to_owned())
        };
        let columns = ["record-id", "phone-list", "status", "status-name", "disposition-code-name"];
        let row = |row| columns.map(|name| value(name, row).unwrap_or_else(|| "-".into())).to_vec();
        (0..batch.num_rows()).map(row).collect()
    }

    const ONE: &str = r#"{"record-id": 10000000, "phone-list": "*Phone|555", "status": 3, "disposition-code": "1002"}"#;

    #[test]
    fn one_record_and_many_and_none_are_read_in_every_shape() {
        let one = ["10000000", "*Phone|555", "3", "Completed", "Scheduled Call Back"];
        for body in [
            format!(r#"{{"records": {{"record": [{ONE}]}}}}"#),
            format!(r#"{{"records": {{"record": {ONE}}}}}"#),
            format!(r#"{{"records": [{ONE}]}}"#),
        ] {
            assert_eq!(read(&body), [one], "{body}");
        }
        let two =
            format!(r#"{{"records": {{"record": [{ONE}, {{"record-id": "7", "status": 9}}]}}}}"#);
        assert_eq!(read(&two)[1], ["7", "-", "9", "-", "-"]);
        for body in [
            r#"{"records": {"record": []}}"#,
            r#"{"records": {"record": ""}}"#,
            r#"{"records": ""}"#,
            r#"{"records": {}}"#,
            r#"{"records": null}"#,
            "{}",
            "[]",
            "null",
            "\u{feff}{\"records\": []}\r\n",
            "\u{feff}<records/>",
            "<records/>",
            "<records></records>",
            "<?xml version='1.0'?><records> </records>",
            "",
        ] {
            assert_eq!(read(body), Vec::<Vec<String>>::new(), "{body}");
        }
    }

    #[test]
    fn xml_is_read_as_json_is() {
        let body = "<records><record><record-id>10000000</record-id><phone-list>*Phone|5&amp;5</phone-list>\
                    <status>0</status><disposition-code>1000</disposition-code></record>\
                    <record><record-id>2</record-id><status/></record></records>";
        assert_eq!(
            read(body),
            [["10000000", "*Phone|5&5", "0", "New", "None"], ["2", "-", "", "-", "-"]]
        );
    }

    #[test]
    fn half_a_list_is_none() {
        for body in [
            r#"{"message": "The server is busy."}"#,
            r#"{"records": {"record": [{"record-id": 1}"#,
            "<records><record><record-id>1</record-id></record>",
            "<html>maintenance</html>",
            "maintenance",
            r#"{"records": "later"}"#,
        ] {
            assert!(decode_records(body.as_bytes()).is_err(), "{body}");
        }
    }
}
