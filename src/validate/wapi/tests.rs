//! Every row of the guide's tables through the check: at its limits, with each character, absent.

use std::{collections::BTreeMap, sync::Arc};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use regex::Regex;

use super::*;
use crate::{
    batch::{Origin, SourceBatch},
    rules::Requires,
};

/// Everything that a load may send.
const LOADS: [(Object, LoadAction); 17] = [
    (Object::Customer, LoadAction::Add),
    (Object::Customer, LoadAction::Modify),
    (Object::Customer, LoadAction::Delete),
    (Object::Case, LoadAction::Add),
    (Object::Case, LoadAction::Modify),
    (Object::Case, LoadAction::Delete),
    (Object::Followup, LoadAction::Add),
    (Object::Followup, LoadAction::Delete),
    (Object::Task, LoadAction::Add),
    (Object::Task, LoadAction::Modify),
    (Object::Task, LoadAction::Delete),
    (Object::FaqCategory, LoadAction::Add),
    (Object::FaqCategory, LoadAction::Modify),
    (Object::FaqCategory, LoadAction::Delete),
    (Object::Faq, LoadAction::Add),
    (Object::Faq, LoadAction::Modify),
    (Object::Faq, LoadAction::Delete),
];

pub(super) fn wapi(object: Object, action: LoadAction) -> WapiRules {
    WapiRules::new(object, action, Vec::new(), BTreeMap::new(), None)
}

pub(super) fn batch(columns: Vec<(&str, ArrayRef)>) -> Batch {
    let columns = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    )
    .unwrap();
    let origin = |row| Origin { file: 0, line: row + 2, start: 0, length: 0, ordinal: row };
    let origins = (0..columns.num_rows() as u64).map(origin).collect();
    Batch::from_source(Arc::new(SourceBatch { columns, origins }))
}

/// A batch of texts: its columns, and rows of values.
pub(super) fn texts(names: &[&str], rows: &[&[Option<&str>]]) -> Batch {
    let column = |at: usize| -> ArrayRef {
        Arc::new(rows.iter().map(|row| row[at]).collect::<StringArray>())
    };
    batch(names.iter().enumerate().map(|(at, name)| (*name, column(at))).collect())
}

/// The values of the only row as they are sent, or what is said against it.
pub(super) fn send(
    rules: &WapiRules,
    row: &[(&str, Option<&str>)],
) -> Result<BTreeMap<String, String>, String> {
    let (names, values): (Vec<&str>, Vec<Option<&str>>) = row.iter().copied().unzip();
    let checked = rules.check(&texts(&names, &[&values])).unwrap();
    if let [fallen] = &checked.fallen[..] {
        assert_eq!(checked.batch.len(), 0);
        return Err(fallen.reason.clone());
    }
    let columns = &checked.batch.columns;
    let sent = names.iter().filter_map(|name| {
        let column = columns.column_by_name(name).unwrap().as_string::<i32>();
        column.is_valid(0).then(|| ((*name).to_owned(), column.value(0).to_owned()))
    });
    Ok(sent.collect())
}

fn tags(object: Object, action: LoadAction) -> impl Iterator<Item = &'static Rule> {
    wapi(object, action).table().iter().filter(|rule| !rule.is_custom_field())
}

fn every_tag() -> impl Iterator<Item = (Object, LoadAction, &'static Rule)> {
    LOADS
        .into_iter()
        .flat_map(|(object, action)| tags(object, action).map(move |rule| (object, action, rule)))
}

/// A value of `chars` characters that keeps the rule.
fn of_length(rule: &Rule, chars: usize) -> String {
    match rule.format {
        Some(Format::EmailAddress) => format!("a@{}", "b".repeat(chars - 2)),
        // Each charset of the guide has the digits.
        _ => "1".repeat(chars),
    }
}

/// A value that keeps the rule.
fn sound(rule: &Rule) -> String {
    match (rule.values, rule.format) {
        // True: no password is needed.
        ([_, "True"], _) => "True".to_owned(),
        ([first, ..], _) => (*first).to_owned(),
        (_, Some(Format::DateTime)) => "062120121315".to_owned(),
        _ => of_length(rule, rule.min_chars.unwrap_or(3) as usize),
    }
}

/// What a row needs beside the tag that is tested: the mandatory ones, and what it requires.
fn company(
    object: Object,
    action: LoadAction,
    tested: &Rule,
    given: bool,
) -> Vec<(&'static str, String)> {
    let required = tested.requires.iter().filter_map(|requires| match requires {
        Requires::Given(tag) => Some(*tag),
        _ => None,
    });
    let required: Vec<&str> = required.collect();
    let wanted = tags(object, action).filter(|rule| {
        rule.tag != tested.tag && (rule.is_mandatory() || required.contains(&rule.tag))
    });
    let value = |rule: &Rule| match (rule.tag, tested.tag) {
        ("AUTOPASSWD", "PASSWORD") if given => "False".to_owned(),
        _ => sound(rule),
    };
    wanted.map(|rule| (rule.tag, value(rule))).collect()
}

/// What becomes of a row in which only `value` can be wrong; what is sent for it if it is not.
fn try_value(
    object: Object,
    action: LoadAction,
    rule: &Rule,
    value: Option<&str>,
) -> Result<Option<String>, String> {
    let given = value.is_some_and(|value| !value.trim().is_empty());
    let company = company(object, action, rule, given);
    let mut row: Vec<(&str, Option<&str>)> =
        company.iter().map(|(tag, value)| (*tag, Some(value.as_str()))).collect();
    row.push((rule.tag, value));
    send(&wapi(object, action), &row).map(|sent| sent.get(rule.tag).cloned())
}

#[test]
fn every_tag_takes_a_sound_value_as_it_is() {
    for (object, action, rule) in every_tag() {
        let value = sound(rule);
        let sent = try_value(object, action, rule, Some(&value));
        assert_eq!(sent, Ok(Some(value)), "{object} {action:?} {}", rule.tag);
    }
}

#[test]
fn every_length_is_kept_to_the_character() {
    let mut tried = 0;
    for (object, action, rule) in every_tag() {
        let what = format!("{object} {action:?} {}", rule.tag);
        let is_taken = |chars: u32| {
            let value = of_length(rule, chars as usize);
            let sent = try_value(object, action, rule, Some(&value));
            assert!(sent.as_ref().is_err() || sent == Ok(Some(value)), "{what}");
            sent.map(|_| ())
        };
        if let Some(most) = rule.max_chars {
            assert_eq!(is_taken(most - 1), Ok(()), "{what}");
            assert_eq!(is_taken(most), Ok(()), "{what}");
            let reason = is_taken(most + 1).unwrap_err();
            let start = format!("{}: too long (", rule.tag);
            let end = format!(", at most {most}, {})", rule.source());
            assert!(reason.starts_with(&start) && reason.ends_with(&end), "{what}: {reason}");
            tried += 1;
        }
        if let Some(least) = rule.min_chars {
            assert_eq!(is_taken(least), Ok(()), "{what}");
            let reason = is_taken(least - 1).unwrap_err();
            assert!(reason.contains(": too short ("), "{what}: {reason}");
            assert!(reason.contains(&format!("at least {least}, ")), "{what}: {reason}");
        }
    }
    assert_eq!(tried, 63);
}

#[test]
fn characters_are_counted_and_not_bytes() {
    for (object, action, rule) in every_tag() {
        let is_text = rule.values.is_empty() && rule.may_be_transliterated();
        let Some(most) = rule.max_chars.filter(|_| is_text) else { continue };
        for c in ["é", "中"] {
            // Bytes of ISO-8859-1: a character that it lacks is a reference.
            if rule.format == Some(Format::Latin1Bytes) && c != "é" {
                continue;
            }
            let value = c.repeat(most as usize);
            let what = format!("{object} {action:?} {} {c}", rule.tag);
            assert_eq!(try_value(object, action, rule, Some(&value)), Ok(Some(value.clone())));
            let longer = value + c;
            let reason = try_value(object, action, rule, Some(&longer)).unwrap_err();
            assert!(reason.contains("too long"), "{what}: {reason}");
        }
    }
}

#[test]
fn every_character_is_taken_where_the_guide_has_it_and_nowhere_else() {
    let characters: Vec<char> = (' '..='~').chain(['\n', '\t', 'é', 'Ł', '中', '😀']).collect();
    let (mut taken, mut refused) = (0, 0);
    for (object, action, rule) in every_tag() {
        if !rule.values.is_empty() || matches!(rule.format, Some(Format::DateTime)) {
            continue;
        }
        let charset = rule.charset.map(|charset| Regex::new(&format!("^{charset}$")).unwrap());
        for c in &characters {
            let text = c.to_string();
            let expected = charset.as_ref().is_none_or(|set| set.is_match(&text))
                && !rule.invalid.contains(&text.as_str());
            let value = match rule.format {
                // A blank or another `@` is a matter of the form.
                Some(Format::EmailAddress) if c.is_whitespace() || *c == '@' => continue,
                Some(Format::EmailAddress) => format!("a{c}@b"),
                _ => format!("1{c}11"),
            };
            match try_value(object, action, rule, Some(&value)) {
                Ok(sent) => assert!(expected && sent.as_ref() == Some(&value), "{rule:?} {value}"),
                Err(reason) => {
                    assert!(!expected, "{reason}");
                    assert!(reason.ends_with(&format!("{})", rule.source())), "{reason}");
                    let named = rule.tag == "PASSWORD" || c.is_control() || reason.contains(*c);
                    assert!(named && !reason.contains("; "), "{reason}");
                }
            }
            *if expected { &mut taken } else { &mut refused } += 1;
        }
    }
    assert!(taken > 3000 && refused > 1000, "{taken} {refused}");
}

#[test]
fn what_xml_cannot_carry_falls_in_every_field() {
    for (object, action, rule) in every_tag() {
        for c in ['\0', '\u{8}', '\u{B}', '\u{1B}', '\u{1F}', '\u{FFFE}', '\u{FFFF}'] {
            let value = format!("1{c}1");
            let reason = try_value(object, action, rule, Some(&value)).unwrap_err();
            let told = format!("{}: a control character (U+{:04X})", rule.tag, u32::from(c));
            assert!(reason.contains(&told), "{reason}");
            assert!(!reason.contains(c) || c > '\u{FF}', "{reason}");
        }
    }
}

#[test]
fn a_mandatory_value_must_be_there_and_an_optional_one_need_not() {
    for (object, action, rule) in every_tag() {
        let what = format!("{object} {action:?} {}", rule.tag);
        for value in [None, Some("")] {
            let sent = try_value(object, action, rule, value);
            match rule.is_mandatory() {
                true => {
                    let reason = sent.unwrap_err();
                    let told = format!("{}: missing (mandatory, {})", rule.tag, rule.source());
                    assert_eq!(reason, told);
                }
                false => assert_eq!(sent, Ok(None), "{what}"),
            }
        }
        for blanks in [" ", " \t\n", "\u{A0}\u{3000}"] {
            let sent = try_value(object, action, rule, Some(blanks));
            match (rule.is_mandatory(), rule.invalid.contains(&"whitespace-only")) {
                (true, _) => assert!(sent.unwrap_err().contains("missing"), "{what}"),
                (_, true) => assert!(sent.unwrap_err().contains("only blanks"), "{what}"),
                (false, false) => assert_eq!(sent, Ok(None), "{what}"),
            }
        }
    }
}

#[test]
fn the_guides_values_are_sent_in_its_spelling_and_no_others() {
    let mut tried = 0;
    for (object, action, rule) in every_tag().filter(|(_, _, rule)| !rule.values.is_empty()) {
        for value in rule.values.iter().filter(|value| **value != "False") {
            let sent = try_value(object, action, rule, Some(value));
            assert_eq!(sent, Ok(Some((*value).to_owned())));
            let other = match value.to_uppercase() {
                upper if upper == *value => value.to_lowercase(),
                upper => upper,
            };
            match (rule.values_case_sensitive, try_value(object, action, rule, Some(&other))) {
                (false, sent) => assert_eq!(sent, Ok(Some((*value).to_owned())), "{rule:?}"),
                (true, sent) => {
                    let reason = sent.unwrap_err();
                    assert!(reason.contains("not one of its values"), "{reason}");
                    assert!(reason.contains(&format!("did you mean `{value}`?")), "{reason}");
                }
            }
            tried += 1;
        }
        let reason = try_value(object, action, rule, Some("Voicemail")).unwrap_err();
        assert!(reason.contains(&format!("(`Voicemail`, {}", rule.values[0])), "{reason}");
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn a_phone_number_has_a_digit() {
    let mut tried = 0;
    for (object, action, rule) in every_tag() {
        if rule.invalid.contains(&"no digit") {
            let reason = try_value(object, action, rule, Some("(+-/)")).unwrap_err();
            assert!(reason.contains("without a digit (`(+-/)`, "), "{reason}");
            assert!(try_value(object, action, rule, Some("+1 (408) 555-0100/2")).is_ok());
            tried += 1;
        }
    }
    assert_eq!(tried, 8);
}

#[test]
fn dates_and_addresses_keep_their_form() {
    let add = |tag: &str, value: &str| {
        let rule = rules::find(wapi(Object::Task, LoadAction::Add).table(), tag).unwrap();
        try_value(Object::Task, LoadAction::Add, rule, Some(value))
    };
    for good in ["062120121315", "022920120000", "123120992359"] {
        assert_eq!(add("DUEDATE", good), Ok(Some(good.to_owned())));
    }
    for bad in ["06212012", "022920110000", "062120122400", "062120121360", "2012-06-21", " "] {
        let sent = add("DUEDATE", bad);
        assert!(sent == Ok(None) && bad == " " || sent.is_err(), "{bad}");
    }
    for good in ["a@b", "zoë@example.com", "o'brien@example.com"] {
        assert_eq!(add("EMAIL", good), Ok(Some(good.to_owned())));
    }
    for bad in ["a", "@b", "a@", "a@b@c", "a b@c"] {
        assert!(add("EMAIL", bad).unwrap_err().contains("not an e-mail address"), "{bad}");
    }
}
