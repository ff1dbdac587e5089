//! `schedule-date-time`: what is ISO 8601 with a zone, read strictly.

use jiff::Timestamp;

/// Reads `YYYY-MM-DDTHH:MM[:SS[.fff]]` followed by `Z`, `±HH:MM` or `±HH`; nothing else.
///
/// ISO 8601 allows no blank, and wants capital letters. A time without a zone is ISO 8601, but
/// says of no moment whether it is in the past; it is not taken.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let rest = digits(text, "dddd-dd-ddTdd:dd")?;
    let rest = match digits(rest, ":dd") {
        Some(rest) => fraction(rest)?,
        None => rest,
    };
    let zone = rest == "Z"
        || ["+dd:dd", "-dd:dd", "+dd", "-dd"].iter().any(|form| digits(rest, form) == Some(""));
    // The form is right; whether the day and the time exist, jiff knows, but that it takes a 60th
    // second for the 59th.
    if zone && text.get(16..19) != Some(":60") { text.parse().ok() } else { None }
}

/// Writes a moment as the document does: `2016-08-27T09:00:00.000Z`.
pub(crate) fn write(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// What follows after a form, in which `d` is any digit.
fn digits<'a>(text: &'a str, form: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(form.len())?;
    let fits = head.bytes().zip(form.bytes()).all(|(byte, form)| match form {
        b'd' => byte.is_ascii_digit(),
        _ => byte == form,
    });
    fits.then_some(rest)
}

/// What follows after a fraction of a second of one to nine digits, if there is one.
fn fraction(text: &str) -> Option<&str> {
    let Some(rest) = text.strip_prefix('.') else { return Some(text) };
    let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    (1..=9).contains(&(rest.len() - after.len())).then_some(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_dates_are_read() {
        for text in [
            "2016-08-29T09:00:00.000Z",
            "2016-08-29T09:00:00Z",
            "2016-08-29T09:00Z",
            "2016-08-29T11:00:00.5+02:00",
            "2016-08-29T05:00:00-04",
        ] {
            let read = parse(text).unwrap_or_else(|| panic!("`{text}` was not read"));
            assert!(write(read).starts_with("2016-08-29T09:00:00."), "`{text}`");
        }
    }

    #[test]
    fn anything_else_is_invalid() {
        for text in [
            "",
            "2016-08-29T 09:00:00.000Z",
            "2016-08-29 09:00:00.000Z",
            " 2016-08-29T09:00:00.000Z",
            "2016-08-29T09:00:00.000Z ",
            "2016-08-29T09:00:00.000",
            "2016-08-29",
            "2016-08-29t09:00:00z",
            "2016-08-29T09:00:00.Z",
            "2016-08-29T09:00:00+0200",
            "2016-08-29T9:00:00Z",
            "2016-02-30T09:00:00Z",
            "2016-08-29T25:00:00Z",
            "2016-08-29T23:59:60Z",
            "20160829T090000Z",
            "08/29/2016 9:00 AM",
            "２016-08-29T09:00:00Z",
        ] {
            assert_eq!(parse(text), None, "`{text}`");
        }
    }
}
