//! The characters that the charsets of the tables have, each charset read once.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::Regex;

use crate::{
    crm::{Action, Object},
    rules::wapi::table,
};

/// The ASCII characters of a charset. None of the guide's charsets has a character beyond ASCII.
#[derive(Clone, Copy, Debug)]
pub struct Charset([bool; 128]);

static CHARSETS: LazyLock<BTreeMap<&'static str, Charset>> = LazyLock::new(|| {
    let tables = Object::ALL
        .into_iter()
        .flat_map(|object| Action::ALL.into_iter().flat_map(move |action| table(object, action)));
    let charsets = tables.filter_map(|rule| rule.charset);
    charsets.map(|charset| (charset, Charset::read(charset))).collect()
});

impl Charset {
    /// The characters for which a regular expression for one character stands.
    pub fn of(charset: &str) -> Charset {
        CHARSETS.get(charset).copied().unwrap_or_else(|| Charset::read(charset))
    }

    fn read(charset: &str) -> Charset {
        let one = Regex::new(charset);
        let has = |c: char| one.as_ref().is_ok_and(|one| one.is_match(c.encode_utf8(&mut [0; 4])));
        Charset(std::array::from_fn(|byte| has(char::from(byte as u8))))
    }

    pub fn has(&self, c: char) -> bool {
        self.0.get(c as usize).is_some_and(|has| *has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charset_has_what_its_expression_has_and_nothing_beyond_ascii() {
        assert!(CHARSETS.len() >= 5, "{:?}", CHARSETS.keys());
        for charset in CHARSETS.keys() {
            let one = Regex::new(&format!("^{charset}$")).unwrap();
            for c in (0..0x3000).filter_map(char::from_u32) {
                assert_eq!(Charset::of(charset).has(c), one.is_match(&c.to_string()), "{c:?}");
            }
        }
    }
}
