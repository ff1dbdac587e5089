//! What the values of a column are like.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use arrow::{array::Array, array::ArrayRef, array::AsArray, compute::cast, datatypes::DataType};
use regex::Regex;

use super::{dates, places};

/// Different values that are kept; of a column with more it is only known that it has more.
const DISTINCT: usize = 64;

/// Characters of a value up to which it is kept as one of few.
const SHORT: usize = 40;

/// Values that are kept to tell whether one comes twice.
const FOR_DUPLICATES: usize = 200_000;

static EMAIL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[^\s@,;<>]+@[^\s@,;<>]+\.[A-Za-z]{2,}$").ok());

/// Words of yes and no, in lower case.
const YES: &[&str] = &[
    "1", "true", "t", "yes", "y", "x", "ja", "j", "oui", "si", "sí", "sim", "s", "vrai", "wahr",
    "on",
];
const NO: &[&str] =
    &["0", "false", "f", "no", "n", "nein", "non", "nee", "não", "nao", "faux", "falsch", "off"];

/// What the values of a column are like.
pub(super) struct Profile {
    /// The column, as the header writes it.
    pub name: String,
    /// Whether the source has it as text.
    pub is_text: bool,
    pub rows: u64,
    /// Rows that have a value which is not only blanks.
    pub given: u64,
    /// Values that are nothing but blanks.
    pub blank: u64,
    /// Values with blanks around them.
    pub padded: u64,
    /// Values of more than one line.
    pub lines: u64,
    /// Values of more than two lines.
    pub many_lines: u64,
    pub emails: u64,
    /// Values with seven to fifteen digits and nothing else but what phones have.
    pub phones: u64,
    /// Values of the phones' kind with letters in them, such as an extension.
    pub phones_with_words: u64,
    /// Values that are all digits.
    pub integers: u64,
    /// Digits with a zero in front.
    pub leading_zeros: u64,
    pub countries: u64,
    pub yes_no: u64,
    /// Values that share one comma with a blank after it, as `Smith, Ann`.
    pub with_comma: u64,
    pub with_blank: u64,
    /// Dates with a comma between day and time.
    pub commas_in_dates: u64,
    /// How many values have each form of dates.
    pub dates: [u64; dates::FORMS.len()],
    /// How many values are so many characters long.
    pub lengths: BTreeMap<usize, u64>,
    /// The line of the longest value.
    pub longest_at: u64,
    /// The different values, while they are few.
    pub few: Option<BTreeMap<String, u64>>,
    seen: Option<BTreeSet<u64>>,
    /// Values that came before, in whatever case.
    pub repeated: u64,
}

impl Profile {
    pub fn new(name: &str) -> Self {
        Profile {
            name: name.to_owned(),
            is_text: true,
            rows: 0,
            given: 0,
            blank: 0,
            padded: 0,
            lines: 0,
            many_lines: 0,
            emails: 0,
            phones: 0,
            phones_with_words: 0,
            integers: 0,
            leading_zeros: 0,
            countries: 0,
            yes_no: 0,
            with_comma: 0,
            with_blank: 0,
            commas_in_dates: 0,
            dates: [0; dates::FORMS.len()],
            lengths: BTreeMap::new(),
            longest_at: 0,
            few: Some(BTreeMap::new()),
            seen: Some(BTreeSet::new()),
            repeated: 0,
        }
    }

    /// Adds the values of some rows.
    pub fn add(&mut self, column: &ArrayRef, line: impl Fn(usize) -> u64) {
        self.rows += column.len() as u64;
        self.is_text &= matches!(column.data_type(), DataType::Utf8 | DataType::Null);
        let Ok(texts) = cast(column, &DataType::Utf8) else { return };
        let Some(texts) = texts.as_string_opt::<i32>() else { return };
        for row in (0..texts.len()).filter(|row| texts.is_valid(*row)) {
            self.add_value(texts.value(row), || line(row));
        }
    }

    fn add_value(&mut self, value: &str, line: impl Fn() -> u64) {
        let text = value.trim();
        if text.is_empty() {
            self.blank += u64::from(!value.is_empty());
            return;
        }
        self.given += 1;
        self.padded += u64::from(text.len() != value.len());
        let length = text.chars().count();
        if self.longest() < length {
            self.longest_at = line();
        }
        *self.lengths.entry(length).or_default() += 1;
        let ends = text.lines().count();
        self.lines += u64::from(ends > 1);
        self.many_lines += u64::from(ends > 2);
        self.with_comma += u64::from(text.matches(", ").count() == 1);
        self.with_blank += u64::from(text.contains(' '));
        self.shape(text, length);
        self.count(text, length);
    }

    /// What a value looks like.
    fn shape(&mut self, text: &str, length: usize) {
        if length > 120 {
            return;
        }
        self.emails += u64::from(EMAIL.as_ref().is_some_and(|email| email.is_match(text)));
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if digits == text.len() {
            self.integers += 1;
            self.leading_zeros += u64::from(digits > 1 && text.starts_with('0'));
        }
        let forms = dates::forms_of(text);
        for (at, count) in self.dates.iter_mut().enumerate() {
            *count += u64::from(forms & (1 << at) != 0);
        }
        self.commas_in_dates += u64::from(forms != 0 && text.contains(','));
        if (7..=18).contains(&digits) && forms == 0 {
            let plain = text.chars().all(|c| c.is_ascii_digit() || "+()/.-_ ".contains(c));
            let with_words = digits * 2 >= length && text.chars().any(char::is_alphabetic);
            let starts = text.starts_with(['+', '(']) || text.as_bytes()[0].is_ascii_digit();
            self.phones += u64::from(plain && starts);
            self.phones_with_words += u64::from(!plain && with_words && starts);
        }
        self.countries += u64::from(places::is_country(text));
        let lower = text.to_lowercase();
        self.yes_no += u64::from(YES.contains(&&*lower) || NO.contains(&&*lower));
    }

    fn count(&mut self, text: &str, length: usize) {
        if let Some(few) = &mut self.few {
            *few.entry(text.to_owned()).or_default() += 1;
            if few.len() > DISTINCT || length > SHORT {
                self.few = None;
            }
        }
        if let Some(seen) = &mut self.seen {
            let hash = xxhash_rust::xxh3::xxh3_64(text.to_lowercase().as_bytes());
            self.repeated += u64::from(!seen.insert(hash));
            if seen.len() > FOR_DUPLICATES {
                self.seen = None;
            }
        }
    }

    /// Characters of the longest value.
    pub fn longest(&self) -> usize {
        self.lengths.last_key_value().map_or(0, |(length, _)| *length)
    }

    /// Values of more characters than these.
    pub fn longer_than(&self, most: usize) -> u64 {
        self.lengths.range(most + 1..).map(|(_, count)| count).sum()
    }

    /// Rows that have no value, or only blanks.
    pub fn missing(&self) -> u64 {
        self.rows - self.given
    }

    /// The share of the values given of which something holds.
    pub fn share(&self, of: u64) -> f64 {
        if self.given == 0 { 0.0 } else { of as f64 / self.given as f64 }
    }

    /// The form of the dates in it, where nearly all values are some.
    pub fn date_form(&self) -> Option<usize> {
        let most = self.dates.iter().max().copied().filter(|most| *most > 0)?;
        let at = self.dates.iter().position(|count| *count == most)?;
        (self.share(most) >= 0.9).then_some(at)
    }

    /// Whether day and month could be taken for each other.
    pub fn date_is_ambiguous(&self, form: usize) -> bool {
        dates::FORMS[form].rival.is_some_and(|rival| self.dates[rival] == self.dates[form])
    }

    /// The values that mean yes, where all are yes or no.
    pub fn yes_words(&self) -> Option<Vec<&str>> {
        let few = self.few.as_ref().filter(|_| self.given > 0 && self.yes_no == self.given)?;
        Some(
            few.keys()
                .map(String::as_str)
                .filter(|word| YES.contains(&&*word.to_lowercase()))
                .collect(),
        )
    }

    /// The different values, where they are few enough to be names of kinds.
    pub fn kinds(&self) -> Option<Vec<(&str, u64)>> {
        let few = self.few.as_ref().filter(|few| !few.is_empty() && few.len() <= 12)?;
        // Few values of few rows say nothing.
        (self.given >= 2 * few.len() as u64)
            .then(|| few.iter().map(|(word, count)| (word.as_str(), *count)).collect())
    }

    /// What the column holds, without a value that may be somebody's name.
    pub fn told(&self) -> String {
        if self.given == 0 {
            return "empty".to_owned();
        }
        if let Some(form) = self.date_form() {
            return format!("dates such as {}", dates::FORMS[form].example);
        }
        if self.share(self.emails) > 0.8 {
            return "e-mail addresses".to_owned();
        }
        if let Some(kinds) = self.kinds() {
            let words: Vec<String> = kinds.iter().map(|(word, _)| one_line(word)).collect();
            return format!("one of: {}", words.join(", "));
        }
        if self.share(self.phones + self.phones_with_words) > 0.8 {
            return "phone numbers".to_owned();
        }
        if self.integers == self.given {
            return "whole numbers".to_owned();
        }
        let lines = if self.lines > 0 { ", of several lines" } else { "" };
        format!("text of up to {} characters{lines}", self.longest())
    }
}

/// A text for a comment: one line, and without what could end it.
pub(super) fn one_line(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| {
            if c.is_control() || c == '\u{2028}' || c == '\u{2029}' || c == '\u{feff}' {
                ' '
            } else {
                c
            }
        })
        .collect();
    match plain.char_indices().nth(60) {
        Some((at, _)) => format!("{}..", &plain[..at]),
        None => plain,
    }
}
