//! The rules of one field over its column. A value that breaks none costs one look at its bytes.

use std::{ops::RangeInclusive, sync::Arc};

use arrow::array::{Array, StringArray};

use super::{
    form::{Set, forbidden_in_xml, is_forbidden_in_xml, keeps_format, spelling, wrong_form},
    lists::Values,
};
use crate::{
    crm::Action,
    rules::{Fix, Format, Rule, is_latin1, latin1},
    validate::complaints::{missing, shown},
    wire::wapi::Apostrophe,
};

/// What the guide calls a value of blanks only.
const ONLY_BLANKS: &str = "whitespace-only";

/// What is told to nobody.
const PASSWORD: &str = "PASSWORD";

/// What the guide calls a phone number without a digit.
const WITHOUT_DIGIT: &str = "non-numeric characters";

/// Everything that is asked of the values of one field.
pub struct FieldRules<'a> {
    name: &'a str,
    rule: Option<&'a Rule>,
    fix: Option<Fix>,
    apostrophe: Option<Apostrophe>,
    values: Option<Arc<Values>>,
    /// The numbers of bytes with which a value is neither too short nor too long for certain.
    sizes: RangeInclusive<usize>,
    /// Bytes of which nothing more has to be asked.
    plain: [bool; 256],
    charset: Option<Set>,
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
        let charset = rule.and_then(|rule| rule.charset).map(Set::of);
        let invalid = rule.map_or(&[][..], |rule| rule.invalid);
        let mut field = FieldRules {
            name,
            rule,
            fix,
            apostrophe,
            values,
            sizes: sizes(rule),
            plain: [false; 256],
            charset,
            needs_digit: invalid.contains(&WITHOUT_DIGIT),
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
                    && self.charset.as_ref().is_none_or(|set| set.has(c))
            }
        }
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
    pub fn check(&self, values: StringArray) -> Outcome {
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
            outcome.values = with_changes(&outcome.values, changed);
        }
        outcome
    }

    /// Whether a value breaks no rule for certain, by its bytes.
    fn is_plain(&self, value: &str) -> bool {
        let bytes = value.as_bytes();
        self.sizes.contains(&bytes.len())
            && !is_blank(value)
            // A character takes a byte or more: enough bytes may be too few characters.
            && (*self.sizes.start() == 1 || value.is_ascii())
            && bytes.iter().fold(true, |plain, byte| plain & self.plain[*byte as usize])
            && (!self.needs_digit || bytes.iter().any(u8::is_ascii_digit))
            && self.rule.is_none_or(|rule| {
                (rule.values.is_empty() || rule.values.contains(&value))
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
        let reasons = self.reasons(&sent);
        if reasons.is_empty() {
            return match (mended.is_empty(), self.rule.and_then(|rule| spelling(rule, &sent))) {
                (true, None) => Settled::AsItIs,
                (true, Some(spelled)) => Settled::Spelled(spelled.to_owned()),
                (false, _) => Settled::Mended { value: Some(sent), reason: mended.join("; ") },
            };
        }
        // What was mended before tells why the value in a reason is not that of the file.
        let all = [mended, reasons].concat();
        let cut = (self.fix == Some(Fix::Truncate)).then(|| self.truncated(&sent)).flatten();
        match self.fix {
            Some(Fix::Blank) if !self.is_mandatory() => {
                Settled::Mended { value: None, reason: all.join("; ") }
            }
            _ if cut.is_some() => Settled::Mended { value: cut, reason: all.join("; ") },
            _ => Settled::Wrong(all),
        }
    }

    /// No value: an empty one, or blanks.
    fn settle_blank(&self, value: &str) -> Settled {
        let invalid = self.rule.is_some_and(|rule| rule.invalid.contains(&ONLY_BLANKS));
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
        let chars = self.length(rule, value);
        if let Some(most) = rule.max_chars.filter(|most| chars > *most as usize) {
            say("too long", &format!("{chars} characters, at most {most}"));
        }
        if let Some(least) = rule.min_chars.filter(|least| chars < *least as usize) {
            say("too short", &format!("{chars} characters, at least {least}"));
        }
        let wrong = value.chars().find(|c| !is_forbidden_in_xml(*c) && !self.is_allowed(*c));
        if let Some(c) = wrong {
            let (what, limit) = self.not_allowed(rule, c);
            say(&what, &limit);
        }
        if self.needs_digit && !value.contains(|c: char| c.is_ascii_digit()) {
            say("without a digit", "");
        }
        if !rule.values.is_empty()
            && !rule.values.contains(&value)
            && spelling(rule, value).is_none()
        {
            say("not one of its values", &rule.values.join(", "));
        }
        if !keeps_format(rule, value, self.searches) {
            let (what, limit) = wrong_form(rule, value);
            say(what, &limit);
        }
        reasons
    }

    /// Characters that count; where numbers are looked for, `%` is no digit of theirs (rulings
    /// TRANSID_WILDCARD).
    fn length(&self, rule: &Rule, value: &str) -> usize {
        let counts =
            |c: &char| !(self.searches && rule.format == Some(Format::Integer) && *c == '%');
        value.chars().filter(counts).count()
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
        let rule = self.rule?;
        let most = match (rule.max_chars, rule.format) {
            (Some(most), _) | (None, Some(Format::Latin1Bytes { most })) => most,
            _ => return None,
        };
        let cut: String = value.chars().take(most as usize).collect();
        let cut = cut.trim_end();
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

/// See [`FieldRules::sizes`]: a character takes a byte or more.
fn sizes(rule: Option<&Rule>) -> RangeInclusive<usize> {
    let least = rule.and_then(|rule| rule.min_chars).map_or(1, |least| least as usize);
    let most = rule.and_then(|rule| rule.max_chars).map_or(usize::MAX, |most| most as usize);
    least..=most
}

/// Whether a value is empty or only blanks; nearly always told by its first byte.
fn is_blank(value: &str) -> bool {
    match value.as_bytes().first() {
        Some(b'!'..=b'~') => false,
        _ => value.trim_start().is_empty(),
    }
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
