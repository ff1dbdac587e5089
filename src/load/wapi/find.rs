//! Which record of the tenant a row of an upsert is.

use std::borrow::Cow;

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

/// The same question with its address in lower case; `None` where it is.
pub fn address_in_lower_case<'a>(
    question: &[(&'a str, &'a str)],
) -> Option<Vec<(&'a str, Cow<'a, str>)>> {
    let lowered = |tag: &str, value: &'a str| match tag {
        "EMAIL" => Cow::Owned(value.to_lowercase()),
        _ => Cow::Borrowed(value),
    };
    let other: Vec<_> = question.iter().map(|(tag, value)| (*tag, lowered(tag, value))).collect();
    let differs = other.iter().zip(question).any(|((_, one), (_, other))| one != other);
    differs.then_some(other)
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

    /// What else to ask where nothing was found: addresses are matched whatever their case, and the
    /// tenant finds them only as it has them (ruling GET_CASE_SENSITIVE).
    pub fn further_questions<'a>(
        &self,
        row: &Row<'a>,
        custom: &[String],
    ) -> Vec<Vec<(&'a str, Cow<'a, str>)>> {
        let by_address = self.object == Object::Customer && self.tags.iter().any(|t| t == "EMAIL");
        if !by_address {
            return Vec::new();
        }
        let first = self.question(row, custom);
        let names = row.tags().filter(|(tag, value)| {
            ["FIRSTNAME", "LASTNAME"].contains(tag) && can_be_asked(self.object, custom, tag, value)
        });
        let names: Vec<_> = names.map(|(tag, value)| (tag, Cow::Borrowed(value))).collect();
        let names = (!names.is_empty()).then_some(names);
        address_in_lower_case(&first).into_iter().chain(names).collect()
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
