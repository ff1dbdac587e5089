//! Text in the characters of ISO-8859-1, which is what the CRM declares its replies in.

use std::borrow::Cow;

/// Writes what ISO-8859-1 lacks in characters that it has: `“Zoë” – 5 €` becomes `"Zoë" - 5 EUR`.
/// A character that nothing stands for is left out.
pub fn latin1(text: &str) -> Cow<'_, str> {
    if is_latin1(text) {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c) {
            0..=0xFF => written.push(c),
            _ => written.push_str(any_ascii::any_ascii_char(c)),
        }
    }
    Cow::Owned(written)
}

/// Whether ISO-8859-1 has all characters of a text.
pub fn is_latin1(text: &str) -> bool {
    text.is_ascii() || text.chars().all(|c| u32::from(c) <= 0xFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_iso_8859_1_has_stays_and_the_rest_is_written_otherwise() {
        assert_eq!(latin1("“Zoë” – 5 € …"), "\"Zoë\" - 5 EUR ...");
        assert_eq!(latin1("Łódź č ő"), "Lódz c o");
        assert_eq!(latin1("中文"), "ZhongWen");
        assert!(matches!(latin1("Zoë"), Cow::Borrowed(_)));
    }
}
