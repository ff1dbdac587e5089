//! The rules of one field over its column. A value that breaks none costs one look at its bytes.

use std::sync::Arc;

use arrow::array::{Array, StringArray};
use regex::Regex;

use super::{
    dates::{is_date, is_date_time},
    lists::Values,
};
use crate::{
    rules::{
        Fix, Format, Rule, is_latin1, latin1,
        wapi::{NO_DIGIT, WHITESPACE_ONLY},
    },
    validate::complaints::shown,
    wire::wapi::Apostrophe,
};

/// Everything that is asked of the values of one field.
pub struct FieldRules<'a> {
    name: &'a str,
    rule: Option<&'static Rule>,
    fix: Option<Fix>,
    apostrophe: Option<Apostrophe>,
    values: Option<Arc<Values>>,
    /// Bytes of which nothing more has to be asked.
    plain: [bool; 256],
    charset: Option<Regex>,
    needs_digit: bool,
}

/// A column that was checked.
#[derive(Debug)]
pub struct Outcome {
    /// The values to be sent.
    pub values: StringArray,
    /// Rows and what is said against them.
    pub complaints: Vec<(usize, String)>,
    /// Rows and what was mended.
    pub fixed: Vec<(usize, String)>,
}

impl<'a> FieldRules<'a> {
    pub fn new(
        name: &'a str,
        rule: Option<&'static Rule>,
        fix: Option<Fix>,
        apostrophe: Option<Apostrophe>,
        values: Option<Arc<Values>>,
    ) -> Self {
        let charset = rule.and_then(|rule| rule.charset).and_then(|set| Regex::new(set).ok());
        let invalid = rule.map_or(&[][..], |rule| rule.invalid);
        let mut field = FieldRules {
            name,
            rule,
            fix,
            apostrophe,
            values,
            plain: [false; 256],
            charset,
            needs_digit: invalid.contains(&NO_DIGIT),
        };
        for byte in 0..=0x7F_u8 {
            field.plain[byte as usize] =
                field.is_allowed(char::from(byte)) && !field.is_changed(char::from(byte));
        }
        // Three bytes that begin with 0xEF may be one that XML forbids.
        if field.charset.is_none() && fix != Some(Fix::Transliterate) {
            (0x80..=0xFF).filter(|byte| *byte != 0xEF).for_each(|byte| field.plain[byte] = true);
        }
        field
    }

    /// Whether the characters of the field include this one.
    fn is_allowed(&self, c: char) -> bool {
        let mut bytes = [0; 4];
        let text = &*c.encode_utf8(&mut bytes);
        let invalid = self.rule.map_or(&[][..], |rule| rule.invalid);
        !is_forbidden_in_xml(c)
            && !invalid.contains(&text)
            && self.charset.as_ref().is_none_or(|set| set.is_match(text))
    }

    /// Whether the connection changes this character, or does not send it.
    fn is_changed(&self, c: char) -> bool {
        let changes = [Apostrophe::Typographic, Apostrophe::Blank, Apostrophe::Reject];
        c == '\'' && self.apostrophe.is_some_and(|apostrophe| changes.contains(&apostrophe))
    }

    /// Checks a column.
    pub fn check(&self, values: StringArray) -> Outcome {
        let mut outcome = Outcome { values, complaints: Vec::new(), fixed: Vec::new() };
        let mut changed: Vec<(usize, Option<String>)> = Vec::new();
        let mandatory = self.rule.filter(|rule| rule.is_mandatory());
        let mut last_listed = "";
        for row in 0..outcome.values.len() {
            if outcome.values.is_null(row) {
                outcome
                    .complaints
                    .extend(mandatory.map(|rule| (row, super::super::complaints::missing(rule))));
                continue;
            }
            let value = outcome.values.value(row);
            if self.is_plain(value) && self.is_listed(value, &mut last_listed) {
                continue;
            }
            match self.settle(value) {
                Settled::AsItIs => {}
                Settled::NotSent => changed.push((row, None)),
                Settled::Mended { value, reason } => {
                    changed.push((row, value));
                    outcome.fixed.push((row, reason));
                }
                Settled::Wrong(reasons) => {
                    outcome.complaints.extend(reasons.into_iter().map(|reason| (row, reason)));
                }
            }
        }
        if !changed.is_empty() {
            outcome.values = with_changes(&outcome.values, changed);
        }
        outcome
    }

    /// Whether a value breaks no rule for certain, by its bytes.
    fn is_plain(&self, value: &str) -> bool {
        let bytes = value.as_bytes();
        let (least, most) = self.rule.map_or((1, usize::MAX), |rule| {
            (
                rule.min_chars.unwrap_or(1) as usize,
                rule.max_chars.map_or(usize::MAX, |n| n as usize),
            )
        });
        let blank = matches!(bytes.first(), Some(b' ' | b'\t' | b'\n' | b'\r' | 0x80..) | None);
        // A character takes a byte or more: too few bytes are too few characters.
        !blank
            && (least..=most).contains(&bytes.len())
            && (least == 1 || value.is_ascii())
            && bytes.iter().fold(true, |plain, byte| plain & self.plain[*byte as usize])
            && (!self.needs_digit || bytes.iter().any(u8::is_ascii_digit))
            && self.rule.is_none_or(|rule| rule.values.is_empty() && keeps_format(rule, value))
    }

    /// Whether the tenant knows a value; the same value again is not looked up again.
    fn is_listed<'v>(&self, value: &'v str, last: &mut &'v str) -> bool {
        match &self.values {
            None => true,
            Some(_) if *last == value => true,
            Some(values) => {
                let listed = values.has(value);
                if listed {
                    *last = value;
                }
                listed
            }
        }
    }

    /// What becomes of a value that is not plain.
    fn settle(&self, value: &str) -> Settled {
        if value.trim().is_empty() {
            return self.settle_blank(value);
        }
        let (sent, mended) = match self.rewrite(value) {
            Ok(rewritten) => rewritten,
            Err(reason) => return Settled::Wrong(vec![reason]),
        };
        let reasons = self.reasons(&sent);
        let text = mended.join("; ");
        match (reasons.is_empty(), self.fix) {
            (true, _) if mended.is_empty() => Settled::AsItIs,
            (true, _) => Settled::Mended { value: Some(sent), reason: text },
            (false, Some(Fix::Truncate)) => match self.truncated(&sent) {
                Some(cut) if self.reasons(&cut).is_empty() => {
                    Settled::Mended { value: Some(cut), reason: reasons.join("; ") }
                }
                _ => Settled::Wrong(reasons),
            },
            (false, Some(Fix::Blank)) if !self.is_mandatory() => {
                Settled::Mended { value: None, reason: reasons.join("; ") }
            }
            (false, _) => Settled::Wrong(reasons),
        }
    }

    /// No value: an empty one, or blanks.
    fn settle_blank(&self, value: &str) -> Settled {
        let invalid = self.rule.is_some_and(|rule| rule.invalid.contains(&WHITESPACE_ONLY));
        match self.rule {
            Some(rule) if rule.is_mandatory() => {
                Settled::Wrong(vec![super::super::complaints::missing(rule)])
            }
            _ if value.is_empty() || !invalid => Settled::NotSent,
            _ if self.fix == Some(Fix::Blank) => {
                Settled::Mended { value: None, reason: self.reason("only blanks", value, "") }
            }
            _ => Settled::Wrong(vec![self.reason("only blanks", value, "")]),
        }
    }

    fn is_mandatory(&self) -> bool {
        self.rule.is_some_and(Rule::is_mandatory)
    }

    /// The value with apostrophes and characters as the connection and the pipeline want them.
    fn rewrite(&self, value: &str) -> Result<(String, Vec<String>), String> {
        let mut sent = value.to_owned();
        let mut mended = Vec::new();
        if value.contains('\'') {
            let (other, what) = match self.apostrophe {
                Some(Apostrophe::Typographic) => ("\u{2019}", "apostrophe sent as U+2019"),
                Some(Apostrophe::Blank) => (" ", "apostrophe sent as a blank"),
                Some(Apostrophe::Reject) => {
                    let limit = "`wapi.apostrophe: reject`";
                    return Err(self.reason("holds an apostrophe", value, limit));
                }
                _ => ("'", ""),
            };
            if !what.is_empty() {
                sent = sent.replace('\'', other);
                mended.push(self.reason(what, value, "`wapi.apostrophe`"));
            }
        }
        if self.fix == Some(Fix::Transliterate) && !is_latin1(&sent) {
            let written = latin1(&sent).into_owned();
            // What nothing stands for must not make the value vanish.
            if !written.trim().is_empty() {
                let what = "characters that ISO-8859-1 lacks";
                mended.push(self.reason(what, value, "written otherwise"));
                sent = written;
            }
        }
        Ok((sent, mended))
    }

    /// All that is wrong with a value.
    fn reasons(&self, value: &str) -> Vec<String> {
        let mut reasons = Vec::new();
        let mut say = |what: &str, limit: &str| reasons.push(self.reason(what, value, limit));
        if let Some(c) = value.chars().find(|c| is_forbidden_in_xml(*c)) {
            say(&format!("a control character (U+{:04X})", u32::from(c)), "XML cannot carry it");
        }
        if let Some(values) = self.values.as_ref().filter(|values| !values.has(value)) {
            match values.meant(value) {
                Some(meant) => {
                    say("not a value of the tenant", &format!("did you mean `{meant}`?"));
                }
                None => say("not a value of the tenant", ""),
            }
        }
        let Some(rule) = self.rule else { return reasons };
        let chars = value.chars().count() as u64;
        if let Some(most) = rule.max_chars.filter(|most| chars > u64::from(*most)) {
            say("too long", &format!("{chars} characters, at most {most}"));
        }
        if let Some(least) = rule.min_chars.filter(|least| chars < u64::from(*least)) {
            say("too short", &format!("{chars} characters, at least {least}"));
        }
        let wrong = value.chars().find(|c| !is_forbidden_in_xml(*c) && !self.is_allowed(*c));
        if let Some(c) = wrong {
            let limit = match rule.charset {
                Some(set) => format!("allowed are {set}"),
                None => "not allowed".to_owned(),
            };
            say(&format!("the character `{c}`"), &limit);
        }
        if self.needs_digit && !value.contains(|c: char| c.is_ascii_digit()) {
            say("without a digit", "");
        }
        if !is_one_of(rule, value) {
            say("not a value that it takes", &format!("one of {}", rule.values.join(", ")));
        }
        if !keeps_format(rule, value) {
            let form = rule.format.map(|format| format.to_string()).unwrap_or_default();
            say("not in its form", &form);
        }
        reasons
    }

    /// The value cut to its greatest length, at a character.
    fn truncated(&self, value: &str) -> Option<String> {
        let rule = self.rule?;
        let cut: String = value.chars().take(rule.max_chars? as usize).collect();
        Some(cut.trim_end().to_owned())
    }

    fn reason(&self, wrong: &str, value: &str, limit: &str) -> String {
        let value = match self.name {
            // A password is told to nobody.
            "PASSWORD" => "(hidden)",
            _ => value,
        };
        let source = self.rule.map_or("custom field".to_owned(), Rule::source);
        let limit = if limit.is_empty() { String::new() } else { format!("{limit}, ") };
        format!("{}: {wrong} (`{}`, {limit}{source})", self.name, shown(value))
    }
}

/// What becomes of a value.
enum Settled {
    AsItIs,
    NotSent,
    Mended { value: Option<String>, reason: String },
    Wrong(Vec<String>),
}

/// Characters that XML 1.0 has no way to write (its production `Char`).
fn is_forbidden_in_xml(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Whether the guide's own values have this one.
fn is_one_of(rule: &Rule, value: &str) -> bool {
    rule.values.is_empty()
        || rule.values.iter().any(|one| match rule.values_case_sensitive {
            true => *one == value,
            false => one.eq_ignore_ascii_case(value),
        })
}

/// Whether a value has the form that the guide wants.
fn keeps_format(rule: &Rule, value: &str) -> bool {
    match rule.format {
        Some(Format::Date) => is_date(value),
        Some(Format::DateTime) => is_date_time(value),
        Some(Format::DateOrDateTime) => is_date(value) || is_date_time(value),
        Some(Format::EmailAddress) => is_address(value),
        Some(Format::Integer | Format::Digits) => value.bytes().all(|byte| byte.is_ascii_digit()),
        // A character is a byte of ISO-8859-1; who a user is says the tenant.
        Some(Format::Latin1Bytes | Format::UserId { .. } | Format::ZonedDateTime { .. }) | None => {
            true
        }
    }
}

/// One `@` with something on both sides of it, and no blanks.
fn is_address(value: &str) -> bool {
    let blanks = value.contains(char::is_whitespace);
    matches!(value.split_once('@'), Some((name, host))
        if !blanks && !name.is_empty() && !host.is_empty() && !host.contains('@'))
}

fn with_changes(values: &StringArray, changed: Vec<(usize, Option<String>)>) -> StringArray {
    let mut changed = changed.into_iter().peekable();
    let texts =
        values.iter().enumerate().map(|(row, value)| match changed.next_if(|(at, _)| *at == row) {
            Some((_, text)) => text.map(std::borrow::Cow::Owned),
            None => value.map(std::borrow::Cow::Borrowed),
        });
    texts.collect::<Vec<_>>().into_iter().collect()
}
