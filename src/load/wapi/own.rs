//! One's own record after a lost answer: looked for, and recognised by what was sent.

use super::{
    compare::{alike_form, is_alike, is_told},
    row::Row,
};
use crate::{
    crm::Object,
    rules::{self, Rule},
    wire::wapi::Item,
};

/// By what a record is looked for, where nothing better is known: its parent's number, or what
/// every record has. The rest is compared here.
const LOOK_UP: &[(Object, &[&str])] = &[
    (Object::Customer, &["FIRSTNAME", "LASTNAME"]),
    (Object::Case, &["ACCOUNTNUM"]),
    (Object::Followup, &["CASENUM"]),
    (Object::Task, &["ACCOUNTNUM"]),
    (Object::FaqCategory, &[]),
    (Object::Faq, &["FAQCATID"]),
];

/// How the record of a row is looked for and recognised.
#[derive(Clone, Debug)]
pub struct Identity {
    object: Object,
    /// `identify_by` of the pipeline.
    by: Option<Vec<String>>,
    /// Custom fields of the tenant: Get takes them.
    custom: Vec<String>,
}

impl Identity {
    /// By the columns of `identify_by`, or by all that was sent.
    pub fn new(object: Object, by: Option<Vec<String>>, custom: Vec<String>) -> Self {
        Identity { object, by, custom }
    }

    /// What to ask the tenant for.
    pub fn question<'a>(&self, row: &Row<'a>) -> Vec<(&'a str, &'a str)> {
        if let Some(by) = &self.by {
            let asked = by.iter().filter_map(|tag| {
                row.tags().find(|(name, value)| {
                    name == tag && can_be_asked(self.object, &self.custom, tag, value)
                })
            });
            let asked: Vec<_> = asked.collect();
            if !asked.is_empty() {
                return asked;
            }
        }
        // "Email address has to be unique for each customer" (wapi:597-598).
        let email = row.tags().find(|(tag, _)| *tag == "EMAIL");
        if let (Object::Customer, None, Some(email)) = (self.object, &self.by, email) {
            return vec![email];
        }
        let tags = LOOK_UP.iter().find(|(object, _)| *object == self.object);
        let tags = tags.map_or(&[][..], |(_, tags)| tags);
        row.tags()
            .filter(|(tag, value)| {
                tags.contains(tag) && can_be_asked(self.object, &self.custom, tag, value)
            })
            .collect()
    }

    /// A number that rows share whose records may be taken for one another: only one of them is
    /// looked for or sent at a time. A value that one row has and another lacks tells them apart
    /// for nobody, so that without `identify_by` only what every row has counts.
    pub fn likeness(&self, row: &Row<'_>) -> u64 {
        let table = rules::wapi::table(self.object, crate::crm::Action::Add);
        let counts = |tag: &str| match &self.by {
            Some(by) => by.iter().any(|name| name == tag),
            None => rules::find(table, tag).is_some_and(Rule::is_mandatory) && is_told(tag),
        };
        let mut hash = xxhash_rust::xxh3::Xxh3::new();
        for (tag, value) in row.tags().filter(|(tag, _)| counts(tag)) {
            for part in [tag, &alike_form(tag, value)] {
                hash.update(part.as_bytes());
                hash.update(&[0]);
            }
        }
        hash.digest()
    }

    /// Whether a record may be the one that was sent.
    pub fn is_own(&self, row: &Row<'_>, item: &Item) -> bool {
        // A new record with the row's own address is the row's, whatever became of the rest of it.
        let by_address = self.object == Object::Customer && row.get("EMAIL").is_some();
        let counts = |tag: &str| match &self.by {
            Some(by) => by.iter().any(|name| name == tag),
            None if by_address => ["FIRSTNAME", "LASTNAME", "EMAIL"].contains(&tag),
            None => is_told(tag),
        };
        row.tags().filter(|(tag, _)| counts(tag)).all(|(tag, value)| is_alike(tag, value, item))
    }
}

/// Whether Get takes a tag with this value: `%` is a wildcard, and not allowed everywhere.
pub fn can_be_asked(object: Object, custom: &[String], tag: &str, value: &str) -> bool {
    let table = rules::wapi::table(object, crate::crm::Action::Get);
    match rules::find(table, tag) {
        Some(rule) => rule.wildcard || !value.contains('%'),
        None => custom.iter().any(|name| name == tag) && !value.contains('%'),
    }
}
