//! The words of the CRM (wapi-crm-api): its objects, and what can be done with them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The objects of the CRM, in the words of the guide.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Object {
    /// A customer, known by its ACCOUNTNUM.
    Customer,
    /// A case, known by its CASENUM.
    Case,
    /// A follow-up, known by its case's CASENUM and its own FOLLOWUPNUM.
    Followup,
    /// A task, known by its TASKNUM.
    Task,
    /// A category of FAQs, known by its FAQCATID.
    FaqCategory,
    /// A question with its answer, known by its FAQID.
    Faq,
    /// A custom field: only the values of picklists can be asked for, and nothing loaded.
    #[serde(skip)]
    CustomField,
}

/// What can be done with an object.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Add a new record.
    Add,
    /// Change a record.
    Modify,
    /// Look for records.
    Get,
    /// Delete a record, and what belongs to it.
    Delete,
}

impl Object {
    /// All of them, in the order of the guide.
    pub const ALL: [Object; 7] = [
        Object::Customer,
        Object::Case,
        Object::Followup,
        Object::Task,
        Object::FaqCategory,
        Object::Faq,
        Object::CustomField,
    ];

    /// The name as the guide writes it.
    pub fn name(self) -> &'static str {
        match self {
            Object::Customer => "Customer",
            Object::Case => "Case",
            Object::Followup => "Followup",
            Object::Task => "Task",
            Object::FaqCategory => "FAQCategory",
            Object::Faq => "FAQ",
            Object::CustomField => "Customfield",
        }
    }

    /// The parameters that together tell one record from all others.
    pub fn key(self) -> &'static [&'static str] {
        match self {
            Object::Customer => &["ACCOUNTNUM"],
            Object::Case => &["CASENUM"],
            Object::Followup => &["CASENUM", "FOLLOWUPNUM"],
            Object::Task => &["TASKNUM"],
            Object::FaqCategory => &["FAQCATID"],
            Object::Faq => &["FAQID"],
            Object::CustomField => &[],
        }
    }
}

impl Action {
    /// All of them, in the order of the guide.
    pub const ALL: [Action; 4] = [Action::Add, Action::Modify, Action::Get, Action::Delete];

    /// The name as the guide writes it.
    pub fn name(self) -> &'static str {
        match self {
            Action::Add => "Add",
            Action::Modify => "Modify",
            Action::Get => "Get",
            Action::Delete => "Delete",
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a load does with each row.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum LoadAction {
    /// Add a new record.
    Add,
    /// Change the record that the row's key names.
    Modify,
    /// Change the record that `match_on` finds, or add one.
    Upsert,
    /// Delete the record that the row's key names.
    Delete,
}

impl LoadAction {
    /// The word as the pipeline file has it.
    pub fn as_str(self) -> &'static str {
        match self {
            LoadAction::Add => "add",
            LoadAction::Modify => "modify",
            LoadAction::Upsert => "upsert",
            LoadAction::Delete => "delete",
        }
    }
}

/// The column that holds the key of `match_on` in one form; it is not sent.
pub const MATCH_KEY: &str = "_match";

/// Tags whose values are phone numbers: they are matched by their digits.
const PHONES: &[&str] = &["VOICE", "ALTERNATIVE", "FAX", "PHONE"];

/// Whether a tag holds a phone number.
pub fn is_phone(tag: &str) -> bool {
    PHONES.contains(&tag)
}

/// The form of values in which a row and a record of the tenant are matched: phone numbers by
/// their digits, e-mail addresses whatever their case, all else as it stands but for blanks around
/// it. `None` where a value is missing, or has nothing to match by.
pub fn match_key<'a>(values: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Option<String> {
    let mut key = String::new();
    for (tag, value) in values {
        let value = value?.trim();
        if !key.is_empty() {
            key.push('\u{1f}');
        }
        let start = key.len();
        match tag {
            tag if is_phone(tag) => key.extend(value.chars().filter(char::is_ascii_digit)),
            "EMAIL" => key.extend(value.chars().flat_map(char::to_lowercase)),
            _ => key.push_str(value),
        }
        if key.len() == start {
            return None;
        }
    }
    (!key.is_empty()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::match_key;

    #[test]
    fn phones_match_by_digits_and_addresses_whatever_their_case() {
        let key = |tag, value| match_key([(tag, Some(value))].into_iter());
        assert_eq!(key("VOICE", "+1 (555) 010-2"), key("VOICE", "15550102"));
        assert_eq!(key("EMAIL", "Ann@Example.com "), key("EMAIL", "ann@example.com"));
        assert_ne!(key("OLD_ID", "a"), key("OLD_ID", "A"));
        assert_eq!(key("VOICE", "none"), None, "no digit to match by");
        assert_eq!(match_key([("EMAIL", None)].into_iter()), None);
        let two = |a, b| match_key([("FIRSTNAME", Some(a)), ("LASTNAME", Some(b))].into_iter());
        assert_ne!(two("a b", "c"), two("a", "b c"));
    }
}
