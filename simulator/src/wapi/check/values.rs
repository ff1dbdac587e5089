//! Whether each value has the form that its row asks for.

use super::{CustomField, Row, Sent};
use crate::{
    settings::{CustomFieldType, EmailCharacters},
    wapi::{
        command::Object,
        dates,
        fields::{Field, Form, Set, Wildcard},
        messages::Problem,
    },
};

/// SIZE_2MB.
pub(super) const MOST_BYTES: usize = 2_097_152;
/// MEDIATYPE_VALUES; the last by the switch.
const FOLLOWUP_MEDIA: [&str; 5] = ["Phone", "Chat", "Email", "Other", "Voice"];

/// A value that is judged.
struct Value<'a> {
    tag: &'a str,
    /// As it was sent.
    whole: &'a str,
    /// Without the `%` that a Get takes: they count for no length and are of no set.
    plain: String,
}

impl Sent<'_> {
    pub(super) fn values_have_their_forms(&self) -> Result<(), Problem> {
        for (tag, whole) in self.tags().filter(|(_, value)| !value.is_empty()) {
            match self.row(tag) {
                Some(Row::Field(field)) if !self.is_ignored(tag) => {
                    self.field(field, Value { tag, whole, plain: whole.into() })?;
                }
                Some(Row::Custom(custom)) => {
                    self.no_wildcard(tag, whole)?;
                    self.custom(custom, &Value { tag, whole, plain: whole.into() })?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A PASSWORD beside AUTOPASSWD True, where the switch ignores it.
    fn is_ignored(&self, tag: &str) -> bool {
        tag == "PASSWORD"
            && self.rules().autopasswd_true_ignores_password
            && self.makes_password() == Some(true)
    }

    /// "Other tag values cannot be passed" with % (wapi:4773-4775).
    fn no_wildcard(&self, tag: &str, value: &str) -> Result<(), Problem> {
        match self.is_get() && value.contains('%') {
            true => Err(Problem::WildcardNotAllowed { tag: tag.into() }),
            false => Ok(()),
        }
    }

    fn field(&self, field: &Field, mut value: Value) -> Result<(), Problem> {
        let wildcard = match field.wildcard {
            Wildcard::No => false,
            Wildcard::Yes => self.is_get(),
            Wildcard::Switched => self.is_get() && self.rules().customer_wildcard_names,
        };
        // The name of a pick list is no pattern, and no list has one with %.
        if !wildcard && self.object() != Object::CustomField {
            self.no_wildcard(value.tag, value.whole)?;
        }
        if wildcard {
            value.plain.retain(|c| c != '%');
            // All `%`: any value at all.
            if value.plain.is_empty() {
                return Ok(());
            }
        }
        let is_pattern = value.plain != value.whole;
        match field.form {
            Form::Text { min, max, set, blank_allowed } => {
                let min = if is_pattern { 0 } else { min };
                value.has_length(value.plain.chars().count(), min, max)?;
                let blank = !blank_allowed && value.plain.trim().is_empty();
                value.meets(!blank && self.is_of(set, &value.plain, is_pattern))
            }
            Form::Description => {
                value.has_length(latin_bytes(&value.plain), 1, MOST_BYTES)?;
                value.meets(!value.plain.trim().is_empty())
            }
            Form::Digits { max } => {
                value.has_length(value.plain.chars().count(), 1, max)?;
                value.meets(is_digits(&value.plain))
            }
            Form::Address { max } => {
                value.has_length(value.plain.chars().count(), 1, max)?;
                value.meets(is_pattern || is_address(&value.plain))
            }
            Form::Number(_) | Form::FollowupNumber if is_digits(&value.plain) => Ok(()),
            Form::Number(_) | Form::FollowupNumber => {
                Err(Problem::no_record(field.tag, value.whole))
            }
            Form::OneOf(list) => value.is_valid(list.contains(&value.whole)),
            Form::OneOfAnyCase(list) => {
                value.is_valid(list.iter().any(|known| known.eq_ignore_ascii_case(value.whole)))
            }
            Form::FollowupMedia => {
                let known = if self.rules().followup_voice { 5 } else { 4 };
                value.is_valid(FOLLOWUP_MEDIA[..known].contains(&value.whole))
            }
            Form::Listed("COUNTRY") if !self.is_listed("COUNTRY", value.whole) => {
                let (tag, value) = (value.tag.into(), value.whole.into());
                Err(Problem::OtherValueNotValid { value, tag })
            }
            Form::Listed(list) => value.is_valid(self.is_listed(list, value.whole)),
            Form::Assignee => self.assignee(&value),
            Form::Creator { customers } => self.creator(customers, &value),
            Form::Day => value.is_date(&[8]),
            Form::Minute => value.is_date(&[12]),
            Form::DayOrMinute => value.is_date(&[8, 12]),
        }
    }

    fn custom(&self, custom: CustomField, value: &Value) -> Result<(), Problem> {
        let length = value.whole.chars().count();
        if let Some(max) = custom.max_chars.filter(|max| length > *max) {
            let tag = value.tag.into();
            return Err(Problem::CustomFieldTooLong { tag, length, max });
        }
        match custom.kind {
            CustomFieldType::Text | CustomFieldType::Url => Ok(()),
            CustomFieldType::Number => value.meets(is_digits(value.whole)),
            CustomFieldType::Date => value.is_date(&[8]),
            CustomFieldType::Picklist if self.is_listed(value.tag, value.whole) => Ok(()),
            CustomFieldType::Picklist => {
                let (tag, value) = (value.tag.into(), value.whole.into());
                Err(Problem::CustomValueNotValid { value, tag })
            }
        }
    }

    /// Whether a list of the tenant has an active value; its case counts (CUSTOMERTYPE_CASE),
    /// unless a Get compares without it.
    fn is_listed(&self, list: &str, value: &str) -> bool {
        let fold = self.is_get() && self.rules().case_insensitive_search;
        let values = self.tenant.values(self.object(), list);
        values.is_none_or(|values| {
            let mut active = values.active.iter();
            active.any(|known| *known == value || fold && known.eq_ignore_ascii_case(value))
        })
    }

    /// An agent or a group; a Get takes words for some of them, too (NONE_CASE,
    /// DELETED_AGENT_SINGULAR).
    fn assignee(&self, value: &Value) -> Result<(), Problem> {
        let none = match self.rules().none_any_case {
            true => value.whole.eq_ignore_ascii_case("None"),
            false => value.whole == "None",
        };
        if self.is_get() && (none || value.is_word(&["Deleted Agents", "Deleted Groups"])) {
            return Ok(());
        }
        match self.tenant.user(value.whole) {
            Some(user) if user.deleted && self.object() == Object::Task => {
                Err(Problem::DeletedTaskAssignee { value: value.whole.into() })
            }
            Some(user) if user.deleted => {
                Err(Problem::DeletedAssignee { value: value.whole.into() })
            }
            user => value.is_valid(user.is_some()),
        }
    }

    fn creator(&self, customers: bool, value: &Value) -> Result<(), Problem> {
        let word = value.is_word(&["Deleted Agents"]) || customers && value.is_word(&["Customers"]);
        let user = self.tenant.user(value.whole);
        value.is_valid(word || user.is_some_and(|user| !user.deleted))
    }

    fn is_of(&self, set: Set, text: &str, is_pattern: bool) -> bool {
        let all = |fits: &dyn Fn(char) -> bool| text.chars().all(fits);
        let alphanumeric = |c: char| c.is_ascii_alphanumeric();
        match set {
            Set::Any => true,
            Set::NoAngles => all(&|c| !matches!(c, '~' | '<' | '>')),
            Set::Email => match self.rules().email_characters {
                EmailCharacters::Any => true,
                EmailCharacters::Printed => all(&|c| alphanumeric(c) || "-_@".contains(c)),
                EmailCharacters::Dotted => all(&|c| alphanumeric(c) || "-_@.".contains(c)),
            },
            Set::Phone => {
                all(&|c| c.is_ascii_digit() || "+()/.-_ ".contains(c))
                    && (is_pattern || text.bytes().any(|byte| byte.is_ascii_digit()))
            }
            Set::Password => all(&|c| alphanumeric(c) || c == '_'),
            Set::Category => all(&|c| alphanumeric(c) || " ~!@#$%^:\";',.?/".contains(c)),
        }
    }
}

impl Value<'_> {
    fn has_length(&self, length: usize, min: usize, max: usize) -> Result<(), Problem> {
        match (min..=max).contains(&length) {
            true => Ok(()),
            false => Err(Problem::Length { tag: self.tag.into(), length, min, max }),
        }
    }

    fn meets(&self, criterion: bool) -> Result<(), Problem> {
        let (value, tag) = (self.whole.into(), self.tag.into());
        if criterion { Ok(()) } else { Err(Problem::Criterion { value, tag }) }
    }

    fn is_valid(&self, valid: bool) -> Result<(), Problem> {
        let (value, tag) = (self.whole.into(), self.tag.into());
        if valid { Ok(()) } else { Err(Problem::ValueNotValid { value, tag }) }
    }

    fn is_date(&self, lengths: &[usize]) -> Result<(), Problem> {
        match lengths.contains(&self.whole.len()) && dates::parse(self.whole).is_some() {
            true => Ok(()),
            false => Err(Problem::DateNotValid { tag: self.tag.into() }),
        }
    }

    fn is_word(&self, words: &[&str]) -> bool {
        words.iter().any(|word| word.eq_ignore_ascii_case(self.whole))
    }
}

/// The bytes of a text in ISO-8859-1, where other characters are numeric references.
fn latin_bytes(text: &str) -> usize {
    let bytes = text.chars().map(|c| match u32::from(c) {
        0..=0xFF => 1,
        number => "&#;".len() + number.ilog10() as usize + 1,
    });
    bytes.sum()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `local@domain`, without white space.
fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    let fits = |part: &str| !part.is_empty() && !part.contains('@');
    parts.is_some_and(|(local, domain)| fits(local) && fits(domain))
        && !text.contains(char::is_whitespace)
}
