//! The attributes of REPLY, which the guide prints in every order, spelling and quoting.

use crate::wire::references::unescape;

/// Attributes: their names without anything but letters and digits, in upper case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Attributes(Vec<(String, String)>);

impl Attributes {
    /// Reads what stands behind an element's name. Values may have quotes of any kind or none;
    /// names may hold blanks (wapi:1227, `ERROR _STR`).
    pub(super) fn parse(raw: &str) -> Self {
        let mut attributes = Vec::new();
        let mut rest = raw;
        while let Some((name, behind)) = rest.split_once('=') {
            let name = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
            let (value, behind) = split_value(behind.trim_start());
            attributes.push((name.to_ascii_uppercase(), unescape(value)));
            rest = behind;
        }
        Attributes(attributes)
    }

    /// The values of all attributes of a name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(is, _)| is == name).map(|(_, value)| value.as_str())
    }
}

/// A value, and what is behind it.
fn split_value(text: &str) -> (&str, &str) {
    let is_quote = |c: char| "\"'\u{201c}\u{201d}\u{2018}\u{2019}".contains(c);
    let Some(open) = text.chars().next().filter(|c| is_quote(*c)) else {
        return text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    };
    let is_close = |c: char| match open {
        '"' | '\'' => c == open,
        // Typographic ones come in either shape.
        _ => is_quote(c) && !c.is_ascii(),
    };
    let inside = &text[open.len_utf8()..];
    let mut closes = inside.match_indices(is_close);
    let first = closes.clone().next();
    // A value from a customer may hold a quote: the one that ends it has another attribute, or
    // nothing, behind it.
    match closes.find(|(at, quote)| ends_a_value(&inside[at + quote.len()..])).or(first) {
        Some((at, quote)) => (&inside[..at], &inside[at + quote.len()..]),
        None => (inside, ""),
    }
}

fn ends_a_value(behind: &str) -> bool {
    let behind = behind.trim_start();
    let name = behind.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    behind.trim_end_matches('/').trim_end().is_empty()
        || (name.len() < behind.len()
            && name.trim_start_matches(is_of_a_split_name).starts_with('='))
}

/// What may stand between a name and its `=` (wapi:1227, 4058).
fn is_of_a_split_name(c: char) -> bool {
    c.is_ascii_whitespace() || c == '_' || c.is_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Vec<(String, String)> {
        Attributes::parse(raw).0
    }

    #[test]
    fn every_printed_form_of_the_attributes_is_read() {
        let cases: &[(&str, &[(&str, &str)])] = &[
            (r#" STATUS=0 ERROR_STR="""#, &[("STATUS", "0"), ("ERRORSTR", "")]),
            (" STATUS=”0” ERROR _STR=””", &[("STATUS", "0"), ("ERRORSTR", "")]),
            (
                "\n STATUS_CODE = '0'\tERROR STR='' STATUS = \"0\" ",
                &[("STATUSCODE", "0"), ("ERRORSTR", ""), ("STATUS", "0")],
            ),
            (" ERROR_CODESTATUS=”0” ERROR_STR=””", &[("ERRORCODESTATUS", "0"), ("ERRORSTR", "")]),
            (r#" a="1"b="2""#, &[("A", "1"), ("B", "2")]),
            ("", &[]),
            (" a=\"1", &[("A", "1")]),
        ];
        for (raw, expected) in cases {
            let read = read(raw);
            let read: Vec<_> = read.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            assert_eq!(read, *expected, "{raw}");
        }
    }

    #[test]
    fn a_quote_within_a_message_does_not_end_it() {
        let raw = r#" ERROR_STR="The value "a" = "b" for 'X' is not valid" STATUS="-1""#;
        let read = read(raw);
        assert_eq!(read[0].1, r#"The value "a" = "b" for 'X' is not valid"#);
        assert_eq!(read[1], ("STATUS".to_owned(), "-1".to_owned()));
    }
}
