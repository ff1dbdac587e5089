//! Search patterns: `%` is any run of characters, also none; there is no escape for a literal
//! one (WILDCARD_MEANING).

/// A searched value.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    /// The texts between the signs; one is an exact value.
    parts: Vec<String>,
    fold: bool,
}

impl Pattern {
    /// Reads a value; with `fold` case means nothing (GET_CASE_SENSITIVE).
    pub(crate) fn new(text: &str, fold: bool) -> Self {
        let text = if fold { text.to_lowercase() } else { text.into() };
        Pattern { parts: text.split('%').map(String::from).collect(), fold }
    }

    /// The value, unless it is a pattern.
    pub(crate) fn exact(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [whole] => Some(whole),
            _ => None,
        }
    }

    /// What every value begins with that fulfils it.
    pub(crate) fn prefix(&self) -> &str {
        self.parts.first().map_or("", String::as_str)
    }

    /// Whether a value fulfils it.
    pub(crate) fn matches(&self, value: &str) -> bool {
        if self.fold {
            self.matches_folded(&value.to_lowercase())
        } else {
            self.matches_folded(value)
        }
    }

    fn matches_folded(&self, value: &str) -> bool {
        let [first, between @ .., last] = self.parts.as_slice() else {
            return self.exact() == Some(value);
        };
        let Some(mut rest) = value.strip_prefix(first.as_str()) else { return false };
        for part in between {
            match rest.find(part.as_str()) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_any_run_of_characters() {
        for (pattern, value, expected) in [
            ("gates", "gates", true),
            ("gates", "Gates", false),
            ("g%", "gates", true),
            ("g%", "Gates", false),
            ("%", "", true),
            ("%45%", "1453", true),
            ("%45%", "45", true),
            ("%45%", "4 5", false),
            ("a%a", "a", false),
            ("a%a", "aa", true),
            ("a%b%c", "a-b-b-c", true),
            ("a%b%c", "a-c-b", false),
            ("p %", "printer", false),
            ("", "", true),
        ] {
            assert_eq!(Pattern::new(pattern, false).matches(value), expected, "{pattern} {value}");
        }
        assert!(Pattern::new("ZO%", true).matches("zoë"));
    }
}
