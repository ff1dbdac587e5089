//! The form of one value: what XML can carry, the guide's own values, dates and addresses.

use super::dates::{is_date, is_date_time};
use crate::rules::{Format, Rule};

/// Characters that XML 1.0 has no way to write (its production `Char`).
pub fn is_forbidden_in_xml(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// The first such character of a text.
pub fn forbidden_in_xml(text: &str) -> Option<char> {
    text.chars().find(|c| is_forbidden_in_xml(*c))
}

/// A value of a list of the guide in the guide's spelling, if it has it: where their case does not
/// matter, in any.
pub fn spelling(rule: &Rule, value: &str) -> Option<&'static str> {
    let is_meant = |one: &&&str| match rule.values_case_sensitive {
        true => **one == value,
        false => one.eq_ignore_ascii_case(value),
    };
    rule.values.iter().find(is_meant).copied()
}

/// Whether a value has the form that the guide wants; what a wildcard stands for is not known.
pub fn keeps_format(rule: &Rule, value: &str, searches: bool) -> bool {
    match rule.format {
        Some(Format::Date) => is_date(value),
        Some(Format::DateTime) => is_date_time(value),
        Some(Format::DateOrDateTime) => is_date(value) || is_date_time(value),
        Some(Format::EmailAddress) => (searches && value.contains('%')) || is_address(value),
        // Digits have their charset, and bytes their length; who is a user, the tenant tells.
        Some(
            Format::Integer
            | Format::Digits
            | Format::Latin1Bytes
            | Format::TransactionCodes { .. }
            | Format::UserId { .. }
            | Format::ZonedDateTime { .. },
        )
        | None => true,
    }
}

/// What is said of a value that has not the form of its field.
pub fn wrong_form(rule: &Rule) -> (&'static str, String) {
    match rule.format {
        Some(Format::Date) => ("not a day", "written as MMDDYYYY".to_owned()),
        Some(Format::DateTime) => {
            ("not a day and a time", "written as MMDDYYYYHH24MI, e.g. 062120121315".to_owned())
        }
        Some(Format::DateOrDateTime) => {
            ("not a day", "written as MMDDYYYY, or with a time as MMDDYYYYHH24MI".to_owned())
        }
        Some(Format::EmailAddress) => ("not an e-mail address", String::new()),
        Some(form) => ("not in its form", form.to_string()),
        None => ("not in its form", String::new()),
    }
}

/// One `@` with something on both sides of it, and no blanks.
fn is_address(value: &str) -> bool {
    let blanks = value.contains(char::is_whitespace);
    matches!(value.split_once('@'), Some((name, host))
        if !blanks && !name.is_empty() && !host.is_empty() && !host.contains('@'))
}
