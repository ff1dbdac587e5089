//! The rules of one field over its column. A value that breaks none costs one look at its bytes.

use std::sync::Arc;

use arrow::{
    array::{Array, AsArray, BooleanArray, StringArray, StringBuilder},
    compute::nullif,
    error::ArrowError,
};

use super::{
    charsets::Charset,
    form::{forbidden_in_xml, is_forbidden_in_xml, keeps_format, spelling, wrong_form},
    length::Length,
    lists::Values,
};
use crate::{
    crm::Action,
    rules::{
        Fix, Rule, is_latin1, latin1, nearest_of,
        wapi::{NO_DIGIT, WHITESPACE_ONLY},
    },
    validate::complaints::{missing, shown},
    wire::wapi::Apostrophe,
};

/// What is told to nobody.
const PASSWORD: &str = "PASSWORD";

/// Everything that is asked of the values of one field.
pub struct FieldRules<'a> {
    name: &'a str,
    rule: Option<&'a Rule>,
    fix: Option<Fix>,
    apostrophe: Option<Apostrophe>,
    values: Option<Arc<Values>>,
    length: Length,
    /// Bytes of which nothing more has to be asked.
    plain: [bool; 256],
    charset: Option<Charset>,
    needs_digit: bool,
    /// Whether records are looked for by the values: then `%` is a sign of its own.
    searches: bool,
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
        rule: Option<&'a Rule>,
        fix: Option<Fix>,
        apostrophe: Option<Apostrophe>,
        values: Option<Arc<Values>>,
    ) -> Self {
        let charset = rule.and_then(|rule| rule.charset).map(Charset::of);
        let invalid = rule.map_or(&[][..], |rule| rule.invalid);
        let mut field = FieldRules {
            name,
            rule,
            fix,
            apostrophe,
            values,
            length: Length::of(rule),
            plain: [false; 256],
            charset,
            needs_digit: invalid.contains(&NO_DIGIT),
            searches: rule.is_some_and(|rule| rule.action == Action::Get.name()),
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
        match self.rule {
            Some(rule) if self.searches && c == '%' => rule.wildcard,
            _ => {
                !is_forbidden_in_xml(c)
                    && !invalid.contains(&text)
                    && self.charset.is_none_or(|set| set.has(c))
            }
        }
    }

    /// Whether there is a digit, or a `%` of a search, which may stand for one.
    fn may_have_digit(&self, value: &str) -> bool {
        value.bytes().any(|byte| byte.is_ascii_digit() || (self.searches && byte == b'%'))
    }

    /// Whether the connection changes this character, or does not send it.
    fn is_changed(&self, c: char) -> bool {
        let changes = [Apostrophe::Typographic, Apostrophe::Blank, Apostrophe::Reject];
        c == '\'' && self.apostrophe.is_some_and(|apostrophe| changes.contains(&apostrophe))
    }

    /// All that is wrong with one value, which is sent as it is.
    pub fn complaint(&self, value: &str) -> Option<String> {
        let reasons = match value.trim().is_empty() {
            true => vec![self.reason("no value", value, "")],
            false => self.reasons(value),
        };
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    /// Checks a column.
    ///
    /// # Errors
    /// Values that cannot be left out of the column.
    pub fn check(&self, values: StringArray) -> Result<Outcome, ArrowError> {
        let mut outcome = Outcome { values, complaints: Vec::new(), fixed: Vec::new() };
        let mut changed: Vec<(usize, Option<String>)> = Vec::new();
        let mandatory = self.rule.filter(|rule| rule.is_mandatory());
        let mut last_listed = "";
        for row in 0..outcome.values.len() {
            if outcome.values.is_null(row) {
                outcome.complaints.extend(mandatory.map(|rule| (row, missing(rule))));
                continue;
            }
            let value = outcome.values.value(row);
            if self.is_plain(value) && self.is_listed(value, &mut last_listed) {
                continue;
            }
            match self.settle(value) {
                Settled::AsItIs => {}
                Settled::NotSent => changed.push((row, None)),
                Settled::Spelled(value) => changed.push((row, Some(value))),
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
            outcome.values = with_changes(&outcome.values, changed)?;
        }
        Ok(outcome)
    }

    /// Whether a value breaks no rule for certain, by its bytes.
    fn is_plain(&self, value: &str) -> bool {
        let bytes = value.as_bytes();
        self.length.fits_by_bytes(value)
            && !is_blank(value)
            && bytes.iter().fold(true, |plain, byte| plain & self.plain[*byte as usize])
            && (!self.needs_digit || self.may_have_digit(value))
            && self.rule.is_none_or(|rule| {
                (self.of_guide(rule).is_empty() || rule.values.contains(&value))
                    && keeps_format(rule, value, self.searches)
            })
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
        if is_blank(value) {
            return self.settle_blank(value);
        }
        let (sent, mended) = self.rewrite(value);
        if is_blank(&sent) {
            return self.settle_blank(&sent);
        }
        let reasons = self.reasons(&sent);
        if reasons.is_empty() {
            let spelled = self.rule.filter(|rule| !self.of_guide(rule).is_empty());
            return match (mended.is_empty(), spelled.and_then(|rule| spelling(rule, &sent))) {
                (true, None) => Settled::AsItIs,
                (true, Some(spelled)) => Settled::Spelled(spelled.to_owned()),
                (false, _) => Settled::Mended { value: Some(sent), reason: mended.join("; ") },
            };
        }
        let all = || [mended.as_slice(), reasons.as_slice()].concat().join("; ");
        match self.fix {
            Some(Fix::Truncate) => match self.truncated(&sent) {
                Some(cut) => Settled::Mended { value: Some(cut), reason: all() },
                None => Settled::Wrong(reasons),
            },
            Some(Fix::Blank) if !self.is_mandatory() => {
                Settled::Mended { value: None, reason: reasons.join("; ") }
            }
            _ => Settled::Wrong(reasons),
        }
    }

    /// No value: an empty one, or blanks.
    fn settle_blank(&self, value: &str) -> Settled {
        let invalid = self.rule.is_some_and(|rule| rule.invalid.contains(&WHITESPACE_ONLY));
        match self.rule {
            Some(rule) if rule.is_mandatory() => Settled::Wrong(vec![missing(rule)]),
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

    /// The value with characters and apostrophes as the pipeline and the connection want them.
    fn rewrite(&self, value: &str) -> (String, Vec<String>) {
        let mut sent = value.to_owned();
        let mut mended = Vec::new();
        // First, since it writes an apostrophe for the typographic one.
        if self.fix == Some(Fix::Transliterate) && !is_latin1(&sent) {
            let written = latin1(&sent).into_owned();
            // What nothing stands for must not make the value vanish.
            if !written.trim().is_empty() {
                let what = "characters that ISO-8859-1 lacks";
                mended.push(self.reason(what, value, "written otherwise"));
                sent = written;
            }
        }
        let other = match self.apostrophe {
            Some(Apostrophe::Typographic) => Some(("\u{2019}", "apostrophe sent as U+2019")),
            Some(Apostrophe::Blank) => Some((" ", "apostrophe sent as a blank")),
            _ => None,
        };
        // Where the field takes none, the user is told of the one that he has written.
        if let Some((other, what)) = other.filter(|_| sent.contains('\'') && self.is_allowed('\''))
        {
            sent = sent.replace('\'', other);
            mended.push(self.reason(what, value, "`wapi.apostrophe`"));
        }
        (sent, mended)
    }

    /// All that is wrong with a value.
    fn reasons(&self, value: &str) -> Vec<String> {
        let mut reasons = Vec::new();
        let mut say = |what: &str, limit: &str| reasons.push(self.reason(what, value, limit));
        if let Some(c) = forbidden_in_xml(value) {
            say(&format!("a control character (U+{:04X})", u32::from(c)), "XML cannot carry it");
        }
        if self.apostrophe == Some(Apostrophe::Reject) && value.contains('\'') {
            say("holds an apostrophe", "`wapi.apostrophe: reject`");
        }
        if let Some(values) = self.values.as_ref().filter(|values| !values.has(value)) {
            let meant = values.meant(value).map(|meant| format!("did you mean `{meant}`?"));
            say("not a value of the tenant", &meant.unwrap_or_default());
        }
        let Some(rule) = self.rule else { return reasons };
        if let Some(limit) = self.length.too_long(value) {
            say("too long", &limit);
        }
        if let Some(limit) = self.length.too_short(value) {
            say("too short", &limit);
        }
        let wrong = value.chars().find(|c| !is_forbidden_in_xml(*c) && !self.is_allowed(*c));
        if let Some(c) = wrong {
            let (what, limit) = self.not_allowed(rule, c);
            say(&what, &limit);
        }
        if self.needs_digit && !self.may_have_digit(value) {
            say("without a digit", "");
        }
        if !self.of_guide(rule).is_empty() && spelling(rule, value).is_none() {
            say("not one of its values", &choices(rule, value));
        }
        if !keeps_format(rule, value, self.searches) {
            let (what, limit) = wrong_form(rule);
            say(what, &limit);
        }
        reasons
    }

    /// The values that the guide lists. What the tenant has stands in for them.
    fn of_guide(&self, rule: &Rule) -> &'static [&'static str] {
        match &self.values {
            Some(_) => &[],
            None => rule.values,
        }
    }

    /// What is said of a character that the field does not take.
    fn not_allowed(&self, rule: &Rule, c: char) -> (String, String) {
        if self.searches && c == '%' {
            return ("the wildcard `%`".to_owned(), "not allowed in this search".to_owned());
        }
        let what = match self.name {
            PASSWORD => "a wrong character".to_owned(),
            _ if c.is_control() => format!("a control character (U+{:04X})", u32::from(c)),
            _ => format!("the character `{c}`"),
        };
        let limit = match rule.charset {
            Some(set) => format!("allowed are {set}"),
            None => "not allowed".to_owned(),
        };
        (what, limit)
    }

    /// The value cut to its greatest length, at a character, where that mends it.
    fn truncated(&self, value: &str) -> Option<String> {
        let cut = self.length.cut(value).trim_end();
        (!cut.is_empty() && self.reasons(cut).is_empty()).then(|| cut.to_owned())
    }

    fn reason(&self, wrong: &str, value: &str, limit: &str) -> String {
        let value = match self.name {
            PASSWORD => "(hidden)",
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
    /// In the guide's own spelling, where the case of its values does not matter.
    Spelled(String),
    Mended {
        value: Option<String>,
        reason: String,
    },
    Wrong(Vec<String>),
}

/// Whether a value is empty or only blanks; nearly always told by its first byte.
fn is_blank(value: &str) -> bool {
    match value.as_bytes().first() {
        Some(b'!'..=b'~') => false,
        _ => value.trim_start().is_empty(),
    }
}

/// The values that a field takes, and the one that may be meant.
fn choices(rule: &Rule, value: &str) -> String {
    let same = rule.values.iter().find(|one| one.eq_ignore_ascii_case(value.trim())).copied();
    let meant = same.or_else(|| nearest_of(rule.values.iter().copied(), value));
    let hint = meant.map(|meant| format!("; did you mean `{meant}`?"));
    rule.values.join(", ") + &hint.unwrap_or_default()
}

/// The column with its changes, which ascend by row. Where values are only left out, the bytes of
/// the others are not copied.
fn with_changes(
    values: &StringArray,
    changed: Vec<(usize, Option<String>)>,
) -> Result<StringArray, ArrowError> {
    if changed.iter().all(|(_, text)| text.is_none()) {
        let mut left_out = vec![false; values.len()];
        changed.iter().for_each(|(row, _)| left_out[*row] = true);
        return Ok(nullif(values, &BooleanArray::from(left_out))?.as_string().clone());
    }
    let mut changed = changed.into_iter().peekable();
    let mut sent = StringBuilder::with_capacity(values.len(), values.value_data().len());
    for (row, value) in values.iter().enumerate() {
        match changed.next_if(|(at, _)| *at == row) {
            Some((_, text)) => sent.append_option(text),
            None => sent.append_option(value),
        }
    }
    Ok(sent.finish())
}
