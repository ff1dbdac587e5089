//! One record of the CRM, and how the journal keeps it.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::journal::{put_number, take_number};

/// A tag in upper case; only custom fields' names take memory of their own.
pub(crate) type Tag = Cow<'static, str>;

/// A record: its number, its values, and when it was made and changed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub id: u64,
    pub created: Timestamp,
    pub modified: Timestamp,
    /// How often a Modify was applied.
    pub times_modified: u64,
    /// A follow-up that a Case Modify wrote.
    pub automated: bool,
    /// The values that are not empty.
    fields: Vec<(Tag, Box<str>)>,
}

/// The tags of all objects that records hold; others are custom fields'.
const TAGS: [&str; 59] = [
    "ACCOUNTNUM",
    "ADDR1CITY",
    "ADDR1COUNTRY",
    "ADDR1STATE",
    "ADDR1STR1",
    "ADDR1STR2",
    "ADDR1ZIP",
    "ADDR2CITY",
    "ADDR2COUNTRY",
    "ADDR2STATE",
    "ADDR2STR1",
    "ADDR2STR2",
    "ADDR2ZIP",
    "ALTERNATIVE",
    "ANSWER",
    "ASSIGNEDDATE",
    "ASSIGNEDTO",
    "ATTACHMENTS",
    "AUTOPASSWD",
    "CALLDURATION",
    "CALL_TYPE",
    "CAMPAIGNNAME",
    "CASENUM",
    "CATEGORY",
    "CLOSEDBY",
    "CLOSEDDATE",
    "COMMENTS",
    "COMPANY",
    "CREATEDBY",
    "CUSTOMERTYPE",
    "DESCRIPTION",
    "DUEDATE",
    "EMAIL",
    "FAQCATEGORY",
    "FAQCATID",
    "FAQID",
    "FAX",
    "FIRSTNAME",
    "FOLLOWUPID",
    "FOLLOWUPNUM",
    "LANGUAGE",
    "LASTNAME",
    "MEDIATYPE",
    "PASSWORD",
    "PBX",
    "PHONE",
    "PRIORITY",
    "PRIVATE",
    "PROJECT",
    "QUESTION",
    "REMINDER",
    "SEVERITY",
    "SHORTCUT",
    "STATUS",
    "SUBJECT",
    "TASKNUM",
    "TASK_STATUS",
    "TRANSID",
    "VISIBILITY",
];
/// `VOICE`, the last by the alphabet, and the mark of a follow-up's origin.
const VOICE: &str = "VOICE";
/// A case that came by e-mail; its description cannot be modified. No reply tells it.
pub(crate) const CAME_BY_EMAIL: &str = "_CAME_BY_EMAIL";

/// The tag of a name in upper case.
pub(crate) fn tag(name: &str) -> Tag {
    match TAGS.binary_search(&name) {
        Ok(place) => Cow::Borrowed(TAGS[place]),
        Err(_) if name == VOICE => Cow::Borrowed(VOICE),
        Err(_) => Cow::Owned(name.into()),
    }
}

impl Record {
    /// A new record without values.
    pub(crate) fn new(id: u64, created: Timestamp) -> Self {
        let (modified, fields) = (created, Vec::new());
        Record { id, created, modified, times_modified: 0, automated: false, fields }
    }

    /// A value; empty where there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(tag, _)| tag == name);
        found.map_or("", |(_, value)| value)
    }

    /// Writes a value, or takes it away with an empty one.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        match self.fields.iter().position(|(tag, _)| tag == name) {
            Some(place) if value.is_empty() => {
                self.fields.remove(place);
            }
            Some(place) => self.fields[place].1 = value.into(),
            None if value.is_empty() => {}
            None => self.fields.push((tag(name), value.into())),
        }
    }

    /// The same with a value.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    /// Gives back the memory that it does not need: a hundred thousand of them are kept.
    pub(crate) fn trim(&mut self) {
        self.fields.shrink_to_fit();
    }

    /// Its values by tag.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(tag, value)| (&**tag, &**value))
    }

    /// Appends it to a frame.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        put_number(out, self.id);
        put_time(out, self.created);
        put_time(out, self.modified);
        put_number(out, self.times_modified);
        out.push(u8::from(self.automated));
        put_number(out, self.fields.len() as u64);
        for (tag, value) in &self.fields {
            put_text(out, tag);
            put_text(out, value);
        }
    }

    /// Reads one off the front of a frame.
    pub(crate) fn read(bytes: &mut &[u8]) -> Option<Record> {
        let (id, created, modified) = (take_number(bytes)?, take_time(bytes)?, take_time(bytes)?);
        let mut record = Record { modified, ..Record::new(id, created) };
        record.times_modified = take_number(bytes)?;
        let (automated, rest) = bytes.split_first()?;
        *bytes = rest;
        record.automated = *automated != 0;
        for _ in 0..take_number(bytes)? {
            let name = tag(take_text(bytes)?);
            record.fields.push((name, take_text(bytes)?.into()));
        }
        Some(record)
    }
}

/// Nothing in the CRM happened before 1970.
fn put_time(out: &mut Vec<u8>, at: Timestamp) {
    put_number(out, at.as_millisecond().max(0) as u64);
}

fn take_time(bytes: &mut &[u8]) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(take_number(bytes)?).ok()?).ok()
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend(text.as_bytes());
}

fn take_text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    let length = usize::try_from(take_number(bytes)?).ok()?;
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    std::str::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tags_are_sorted_so_that_they_are_found() {
        assert!(TAGS.is_sorted());
        for name in TAGS.iter().chain(&[VOICE]) {
            assert!(matches!(tag(name), Cow::Borrowed(_)), "{name}");
        }
    }

    #[test]
    fn a_record_comes_back_as_it_was_written() {
        let created = "2025-03-04T05:06:07.008Z".parse().unwrap();
        let mut record = Record::new(10_000_001, created)
            .with("FIRSTNAME", "Zoë")
            .with("OLD_ID", "007")
            .with("COMPANY", "AT&T")
            .with("COMPANY", "");
        record.times_modified = 3;
        record.automated = true;
        let mut frame = Vec::new();
        record.write(&mut frame);
        assert_eq!(Record::read(&mut frame.as_slice()).as_ref(), Some(&record));
        for cut in 0..frame.len() {
            assert_eq!(Record::read(&mut &frame[..cut]), None, "cut at {cut}");
        }
        assert_eq!((record.get("COMPANY"), record.get("OLD_ID")), ("", "007"));
    }
}
