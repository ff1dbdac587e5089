//! How long a value may be, and what is counted.

use std::ops::RangeInclusive;

use crate::{
    crm::Action,
    rules::{Format, Rule},
};

/// The least and the greatest length of the values of a field.
#[derive(Clone, Debug)]
pub struct Length {
    allowed: RangeInclusive<usize>,
    counted: Counted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counted {
    Characters,
    /// All but `%`: where numbers are looked for it is no digit of theirs (rulings
    /// TRANSID_WILDCARD).
    Digits,
    /// Bytes of the text in ISO-8859-1 (rulings SIZE_2MB).
    Latin1Bytes,
}

impl Length {
    pub fn of(rule: Option<&Rule>) -> Self {
        let searches = rule.is_some_and(|rule| rule.action == Action::Get.name());
        let counted = match rule.and_then(|rule| rule.format) {
            Some(Format::Latin1Bytes) => Counted::Latin1Bytes,
            Some(Format::Integer | Format::Digits) if searches => Counted::Digits,
            _ => Counted::Characters,
        };
        let least = rule.and_then(|rule| rule.min_chars).unwrap_or(0);
        let most = rule.and_then(|rule| rule.max_chars).map_or(usize::MAX, |most| most as usize);
        Length { allowed: least as usize..=most, counted }
    }

    /// Whether a value has the right length for certain, by the number of its bytes.
    pub fn fits_by_bytes(&self, value: &str) -> bool {
        let bytes = value.len();
        let (least, most) = (*self.allowed.start(), *self.allowed.end());
        // In UTF-8 a character takes 1 to 4 bytes; a reference to it is less than 4 times as long.
        let sure = match self.counted {
            Counted::Latin1Bytes => bytes.saturating_mul(4) <= most,
            Counted::Characters | Counted::Digits => bytes <= most,
        };
        sure && bytes >= least.saturating_mul(4)
            || self.allowed.contains(&bytes) && value.is_ascii()
    }

    /// What is said of a value that is too long, and its limit.
    pub fn too_long(&self, value: &str) -> Option<String> {
        let (has, most) = (self.count(value), *self.allowed.end());
        (has > most).then(|| format!("{has} {}, at most {most}", self.unit()))
    }

    /// What is said of a value that is too short, and its limit.
    pub fn too_short(&self, value: &str) -> Option<String> {
        let (has, least) = (self.count(value), *self.allowed.start());
        (has < least).then(|| format!("{has} {}, at least {least}", self.unit()))
    }

    /// The beginning of a value that is not too long, cut at a character.
    pub fn cut<'v>(&self, value: &'v str) -> &'v str {
        let mut left = *self.allowed.end();
        for (at, c) in value.char_indices() {
            match left.checked_sub(self.counted.of(c)) {
                Some(rest) => left = rest,
                None => return &value[..at],
            }
        }
        value
    }

    fn count(&self, value: &str) -> usize {
        match self.counted {
            Counted::Characters => value.chars().count(),
            counted => value.chars().map(|c| counted.of(c)).sum(),
        }
    }

    fn unit(&self) -> &'static str {
        match self.counted {
            Counted::Latin1Bytes => "bytes of ISO-8859-1",
            Counted::Characters | Counted::Digits => "characters",
        }
    }
}

impl Counted {
    fn of(self, c: char) -> usize {
        match (self, u32::from(c)) {
            (Counted::Digits, 0x25) => 0,
            // What ISO-8859-1 lacks is a reference such as `&#8364;`.
            (Counted::Latin1Bytes, code @ 0x100..) => "&#;".len() + code.ilog10() as usize + 1,
            _ => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(least: Option<u32>, most: u32, format: Option<Format>) -> Length {
        let rule = Rule::new("Case", "Add", "X");
        Length::of(Some(&Rule { min_chars: least, max_chars: Some(most), format, ..rule }))
    }

    #[test]
    fn characters_count_and_not_bytes() {
        let free = length(Some(3), 5, None);
        for (value, fits) in [("ab", false), ("éé", false), ("ééé", true), ("中中中中中", true)]
        {
            let told = free.too_short(value).or(free.too_long(value));
            assert_eq!(told.is_none(), fits, "{value}: {told:?}");
            assert!(fits || !free.fits_by_bytes(value), "{value}");
        }
        assert_eq!(free.too_long("abcdéf").unwrap(), "6 characters, at most 5");
        assert_eq!(free.cut("abcdéf"), "abcdé");
        assert!(free.fits_by_bytes("abc") && !free.fits_by_bytes("abcdef"));
    }

    #[test]
    fn bytes_of_iso_8859_1_count_where_the_guide_says_megabytes() {
        let bytes = length(None, 10, Some(Format::Latin1Bytes));
        assert_eq!(bytes.too_long("éééééééééé"), None);
        assert_eq!(bytes.too_long("éééé€").unwrap(), "11 bytes of ISO-8859-1, at most 10");
        assert_eq!(bytes.cut("éééé€"), "éééé");
        assert_eq!(bytes.cut("ééé€é"), "ééé€");
        assert!(!bytes.fits_by_bytes("éééé€") && bytes.fits_by_bytes("0123456789"));
    }
}
