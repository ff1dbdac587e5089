//! The forms in which people's files write dates, and how each is turned into one that the
//! functions of expressions read.

use std::sync::LazyLock;

use regex::Regex;

/// A form of dates.
pub(super) struct DateForm {
    /// An example, for comments.
    pub example: &'static str,
    pattern: &'static str,
    /// The expression that makes a readable text of it; `{}` is the column.
    pub readable: &'static str,
    /// The other reading, where day and month can be taken for each other.
    pub rival: Option<usize>,
}

const TIME: &str = r"(,?[T ]+\d{1,2}:\d\d(:\d\d(\.\d+)?)?( ?[AaPp][Mm])?)?";

/// The forms; a column has the one that most of its values have, of several the first.
pub(super) static FORMS: [DateForm; 10] = [
    DateForm {
        example: "2026-11-23 14:30",
        pattern: r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$",
        readable: "{}",
        rival: None,
    },
    DateForm {
        example: "11/23/2026 2:30 PM (month first)",
        pattern: r"^(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])/\d{4}%$",
        readable: "replace({}, ',', '')",
        rival: Some(2),
    },
    DateForm {
        example: "23/11/2026 14:30 (day first)",
        pattern: r"^(0?[1-9]|[12]\d|3[01])/(0?[1-9]|1[0-2])/\d{4}%$",
        readable: r"regexp_replace(replace({}, ',', ''), '^(\d+)/(\d+)/', '\2/\1/')",
        rival: Some(1),
    },
    DateForm {
        example: "23.11.2026 14:30",
        pattern: r"^(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])\.\d{4}%$",
        readable: r"regexp_replace(replace({}, ',', ''), '^(\d+)\.(\d+)\.(\d+)', '\2/\1/\3')",
        rival: None,
    },
    DateForm {
        example: "23-11-2026 14:30",
        pattern: r"^(0?[1-9]|[12]\d|3[01])-(0?[1-9]|1[0-2])-\d{4}%$",
        readable: r"regexp_replace(replace({}, ',', ''), '^(\d+)-(\d+)-(\d+)', '\2/\1/\3')",
        rival: None,
    },
    DateForm {
        example: "2026/11/23 14:30",
        pattern: r"^\d{4}/\d\d/\d\d( \d\d:\d\d(:\d\d)?)?$",
        readable: "replace({}, '/', '-')",
        rival: None,
    },
    DateForm {
        example: "11232026 (as the CRM API writes dates)",
        pattern: r"^(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(19|20)\d\d( ?\d\d:\d\d:\d\d|\d{4})?$",
        readable: "parse_wapi_date({})",
        rival: Some(7),
    },
    DateForm {
        example: "20261123",
        pattern: r"^(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$",
        readable: r"regexp_replace({}, '^(\d{4})(\d\d)(\d\d)$', '\1-\2-\3')",
        rival: Some(6),
    },
    DateForm {
        example: "20261123T143000Z",
        pattern: r"^(19|20)\d{6}T\d{6}Z$",
        readable: r"regexp_replace({}, '^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$', '\1-\2-\3T\4:\5:\6Z')",
        rival: None,
    },
    DateForm {
        example: "11-23-2026 (month first)",
        pattern: r"^(0?[1-9]|1[0-2])-(0?[1-9]|[12]\d|3[01])-\d{4}%$",
        readable: r"regexp_replace(replace({}, ',', ''), '^(\d+)-(\d+)-', '\1/\2/')",
        rival: Some(4),
    },
];

static PATTERNS: LazyLock<Vec<Option<Regex>>> = LazyLock::new(|| {
    FORMS.iter().map(|form| Regex::new(&form.pattern.replace('%', TIME)).ok()).collect()
});

/// The forms that a value has, as a bit for each.
pub(super) fn forms_of(value: &str) -> u16 {
    // Most values are no dates: nothing is asked of them.
    if value.len() < 8 || value.len() > 40 || !value.as_bytes()[0].is_ascii_digit() {
        return 0;
    }
    let has = |at: usize| PATTERNS[at].as_ref().is_some_and(|pattern| pattern.is_match(value));
    (0..FORMS.len()).filter(|at| has(*at)).fold(0, |bits, at| bits | 1 << at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(value: &str) -> Option<usize> {
        (0..FORMS.len()).find(|at| forms_of(value) & (1 << at) != 0)
    }

    #[test]
    fn every_example_has_its_form() {
        for (at, form) in FORMS.iter().enumerate() {
            let value = form.example.split(" (").next().unwrap();
            assert!(forms_of(value) & (1 << at) != 0, "{value}");
            assert!(PATTERNS[at].is_some(), "{}", form.pattern);
        }
    }

    #[test]
    fn day_and_month_are_told_apart_where_one_is_beyond_twelve() {
        assert_eq!(first("11/23/2026"), Some(1));
        assert_eq!(first("23/11/2026 14:30"), Some(2));
        let both = forms_of("4/5/2026");
        assert!(both & 0b110 == 0b110, "{both:b}");
    }

    #[test]
    fn numbers_and_words_are_no_dates() {
        for value in ["12345678", "tomorrow", "2026", "99/99/2026", "+15550100"] {
            assert_eq!(forms_of(value), 0, "{value}");
        }
    }
}
