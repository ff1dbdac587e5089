//! Which record of the tenant a row of an upsert is.

use super::{compare::told, own::can_be_asked, row::Row};
use crate::{
    crm::{Object, match_key},
    wire::wapi::Item,
};

/// What was found for a row.
#[derive(Debug)]
pub enum Found {
    /// No record: it is to be added.
    None,
    /// One record, by its number, as it is held.
    One { id: String, record: Item },
    /// More than one: nobody can tell which is meant.
    Several(Vec<String>),
}

impl Found {
    /// From records that may stand there twice.
    pub fn of(records: Vec<(String, Item)>) -> Found {
        let mut different: Vec<(String, Item)> = Vec::new();
        for (id, record) in records {
            if different.iter().all(|(known, _)| *known != id) {
                different.push((id, record));
            }
        }
        match different.len() {
            0 => Found::None,
            1 => different.pop().map_or(Found::None, |(id, record)| Found::One { id, record }),
            _ => Found::Several(different.into_iter().map(|(id, _)| id).collect()),
        }
    }
}

/// By which columns a row finds its record.
#[derive(Clone, Debug)]
pub struct MatchOn {
    object: Object,
    tags: Vec<String>,
}

impl MatchOn {
    /// By these columns together.
    pub fn new(object: Object, tags: Vec<String>) -> Self {
        MatchOn { object, tags }
    }

    /// What to ask the tenant for; what cannot be asked is compared here.
    pub fn question<'a>(&self, row: &Row<'a>, custom: &[String]) -> Vec<(&'a str, &'a str)> {
        let asked = |tag: &str, value: &str| {
            self.tags.iter().any(|name| name == tag)
                && can_be_asked(self.object, custom, tag, value)
        };
        row.tags().filter(|(tag, value)| asked(tag, value)).collect()
    }

    /// The key of a record, in the same form as a row's.
    pub fn key_of(&self, record: &Item) -> Option<String> {
        match_key(self.tags.iter().map(|tag| (tag.as_str(), told(record, tag))))
    }

    /// Whether the tenant has to be read as a whole: it finds phone numbers only as they are
    /// written, and here they are matched by their digits.
    pub fn needs_all(&self) -> bool {
        self.object == Object::Customer && self.tags.iter().any(|tag| crate::crm::is_phone(tag))
    }

    /// The names, for a message.
    pub fn names(&self) -> String {
        self.tags.join(", ")
    }
}
