//! One value: its length, its characters, and whether the tenant knows it.

use super::{
    CustomField, Tenant,
    tags::{Item, Rule, Sent},
};
use crate::{
    settings::CustomFieldType,
    wapi::{
        command::{Action, Object},
        dates,
        fields::{Field, Form, Set, Wildcard},
        messages::Problem,
        settings::{EmailCharacters, WapiSettings},
    },
};

/// SIZE_2MB.
const MOST_BYTES: usize = 2_097_152;

pub(super) fn check(item: &Item, sent: &Sent, tenant: &impl Tenant) -> Result<(), Problem> {
    let is_pattern = sent.action == Action::Get && item.value.contains('%');
    if is_pattern && !takes_patterns(item.rule, tenant.rules()) {
        return Err(Problem::WildcardNotAllowed { tag: item.tag.into() });
    }
    let value = Value { tag: item.tag, text: item.value, is_pattern };
    match item.rule {
        Rule::Custom(custom) => value.custom(custom, sent, tenant),
        Rule::Field(field) => value.fits(field, sent, tenant),
    }
}

fn takes_patterns(rule: Rule, rules: &WapiSettings) -> bool {
    match rule {
        Rule::Field(Field { wildcard: Wildcard::Yes, .. }) => true,
        Rule::Field(Field { wildcard: Wildcard::Switched, .. }) => rules.customer_wildcard_names,
        _ => false,
    }
}

/// A value, in which `%` may stand for any characters.
struct Value<'a> {
    tag: &'a str,
    text: &'a str,
    is_pattern: bool,
}

impl Value<'_> {
    fn fits(&self, field: &Field, sent: &Sent, tenant: &impl Tenant) -> Result<(), Problem> {
        match field.form {
            Form::Text { min, max, set, blank_allowed } => {
                self.length(self.text.chars().count(), min, max)?;
                let is_blank = self.text.trim().is_empty();
                self.criterion((blank_allowed || !is_blank) && self.is_of(set, tenant.rules()))
            }
            Form::Description => {
                self.length(latin_1_bytes(self.text), 1, MOST_BYTES)?;
                self.criterion(!self.text.trim().is_empty())
            }
            Form::Digits { max } => {
                // TRANSID_WILDCARD: only the digits of a pattern are counted.
                let rest = self.text.chars().filter(|c| !(self.is_pattern && *c == '%'));
                self.length(rest.clone().count(), usize::from(!self.is_pattern), max)?;
                self.criterion(rest.clone().all(|c| c.is_ascii_digit()))
            }
            Form::Address { max } => {
                self.length(self.text.chars().count(), 1, max)?;
                self.criterion(self.is_pattern || is_address(self.text))
            }
            Form::OneOf(values) => self.listed(values.contains(&self.text)),
            Form::OneOfAnyCase(values) => {
                self.listed(values.iter().any(|value| value.eq_ignore_ascii_case(self.text)))
            }
            Form::FollowupMedia => {
                let voice = tenant.rules().followup_voice && self.text == "Voice";
                self.listed(voice || ["Phone", "Chat", "Email", "Other"].contains(&self.text))
            }
            Form::Listed(list) => self.listed(self.is_active(list, sent, tenant)),
            Form::Number(object) => self.number(object),
            Form::FollowupNumber => self.number(Object::Followup),
            Form::Assignee => self.assignee(sent, tenant),
            Form::Creator { customers } => self.creator(customers, tenant),
            Form::Day => self.date(&[8]),
            Form::Minute => self.date(&[12]),
            Form::DayOrMinute => self.date(&[8, 12]),
        }
    }

    fn length(&self, length: usize, min: usize, max: usize) -> Result<(), Problem> {
        match (min..=max).contains(&length) {
            true => Ok(()),
            false => Err(Problem::Length { tag: self.tag.into(), length, min, max }),
        }
    }

    fn criterion(&self, is_met: bool) -> Result<(), Problem> {
        let (value, tag) = self.told();
        if is_met { Ok(()) } else { Err(Problem::Criterion { value, tag }) }
    }

    fn listed(&self, is_valid: bool) -> Result<(), Problem> {
        let (value, tag) = self.told();
        if is_valid { Ok(()) } else { Err(Problem::ValueNotValid { value, tag }) }
    }

    fn told(&self) -> (String, String) {
        (self.text.into(), self.tag.into())
    }

    fn is_of(&self, set: Set, rules: &WapiSettings) -> bool {
        let all = |allowed: &dyn Fn(char) -> bool| {
            self.text.chars().all(|c| allowed(c) || self.is_pattern && c == '%')
        };
        match set {
            Set::Any => true,
            Set::NoAngles => all(&|c| !"~<>".contains(c)),
            Set::Email => match rules.email_characters {
                EmailCharacters::Any => true,
                EmailCharacters::Printed => {
                    all(&|c| c.is_ascii_alphanumeric() || "-_@".contains(c))
                }
                EmailCharacters::Dotted => {
                    all(&|c| c.is_ascii_alphanumeric() || "-_@.".contains(c))
                }
            },
            Set::Phone => {
                let has_digit = self.text.contains(|c: char| c.is_ascii_digit());
                all(&|c| c.is_ascii_digit() || "+()/.-_ ".contains(c))
                    && (has_digit || self.is_pattern)
            }
            Set::Password => all(&|c| c.is_ascii_alphanumeric() || c == '_'),
            Set::Category => all(&|c| c.is_ascii_alphanumeric() || "~!@#$%^:\";',.?/ ".contains(c)),
        }
    }

    /// Whether a list has this value and it is not deactivated. Without a list any will do. Its
    /// case counts, but in a search that compares without it (GET_CASE_SENSITIVE).
    fn is_active(&self, list: &str, sent: &Sent, tenant: &impl Tenant) -> bool {
        let fold = sent.action == Action::Get && tenant.rules().case_insensitive_search;
        let is = |known: &&str| *known == self.text || fold && self.is_word(known);
        tenant.values(sent.object, list).is_none_or(|values| values.active.iter().any(is))
    }

    /// The form of a record's number; a change also wants the record, which is looked up later.
    fn number(&self, object: Object) -> Result<(), Problem> {
        let is_digits =
            self.text.chars().all(|c| c.is_ascii_digit() || self.is_pattern && c == '%');
        if is_digits { Ok(()) } else { Err(no_record(object, self.tag, self.text)) }
    }

    fn assignee(&self, sent: &Sent, tenant: &impl Tenant) -> Result<(), Problem> {
        if sent.action == Action::Get && self.names_assignees(tenant.rules()) {
            return Ok(());
        }
        let value = self.text.into();
        match tenant.user(self.text) {
            None => self.listed(false),
            Some(user) if !user.deleted => Ok(()),
            Some(_) if sent.object == Object::Task => Err(Problem::DeletedTaskAssignee { value }),
            Some(_) => Err(Problem::DeletedAssignee { value }),
        }
    }

    /// Words that a search takes for a user (DELETED_AGENT_SINGULAR, NONE_CASE).
    fn names_assignees(&self, rules: &WapiSettings) -> bool {
        self.is_word("Deleted Agents")
            || self.is_word("Deleted Groups")
            || self.text == "None"
            || rules.none_any_case && self.is_word("None")
    }

    fn creator(&self, customers: bool, tenant: &impl Tenant) -> Result<(), Problem> {
        let is_word = self.is_word("Deleted Agents") || customers && self.is_word("Customers");
        self.listed(is_word || tenant.user(self.text).is_some_and(|user| !user.deleted))
    }

    fn is_word(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }

    fn date(&self, lengths: &[usize]) -> Result<(), Problem> {
        match lengths.contains(&self.text.len()) && dates::parse(self.text).is_some() {
            true => Ok(()),
            false => Err(Problem::DateNotValid { tag: self.tag.into() }),
        }
    }

    fn custom(&self, field: CustomField, sent: &Sent, tenant: &impl Tenant) -> Result<(), Problem> {
        let length = self.text.chars().count();
        if let Some(max) = field.max_chars.filter(|max| length > *max) {
            return Err(Problem::CustomFieldTooLong { tag: self.tag.into(), length, max });
        }
        match field.kind {
            CustomFieldType::Text | CustomFieldType::Url => Ok(()),
            CustomFieldType::Number => self.criterion(is_number(self.text)),
            CustomFieldType::Date => self.date(&[8]),
            CustomFieldType::Picklist => {
                let (value, tag) = self.told();
                match self.is_active(self.tag, sent, tenant) {
                    true => Ok(()),
                    false => Err(Problem::CustomValueNotValid { value, tag }),
                }
            }
        }
    }
}

/// What is said of a number that no record has.
pub(super) fn no_record(object: Object, tag: &str, number: &str) -> Problem {
    match object {
        Object::Case => Problem::CaseNotValid { casenum: number.into() },
        _ => Problem::RecordNotValid { value: number.into(), tag: tag.into() },
    }
}

/// The bytes of a text in ISO-8859-1, in which other characters are numeric references.
fn latin_1_bytes(text: &str) -> usize {
    let bytes = |c| match u32::from(c) {
        0..=0xFF => 1,
        other => "&#;".len() + other.to_string().len(),
    };
    if text.is_ascii() { text.len() } else { text.chars().map(bytes).sum() }
}

/// "Valid email address": something on both sides of the one `@`, and no blank.
fn is_address(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.contains(['@', ' ']);
    text.split_once('@').is_some_and(|(local, domain)| is_part(local) && is_part(domain))
        && !text.contains(char::is_whitespace)
}

/// Digits, perhaps with a sign before and a point between them.
fn is_number(text: &str) -> bool {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    match unsigned.split_once('.') {
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
        None => is_digits(unsigned),
    }
}
