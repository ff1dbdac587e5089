//! ISO 8601 date and time with a zone, read strictly.

use jiff::{civil, tz::TimeZone};

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateTime {
    /// A moment, in milliseconds since 1970.
    At(i64),
    /// A date, with or without a time of day, that names no zone.
    WithoutZone,
    /// Neither.
    Unreadable,
}

/// Reads `YYYY-MM-DDTHH:MM[:SS[.fff]]` with `Z` or an offset such as `+02:00` or `-0500`.
pub fn parse(text: &str) -> DateTime {
    let bytes = text.as_bytes();
    if bytes.len() == 10 {
        return if date(bytes).is_some() { DateTime::WithoutZone } else { DateTime::Unreadable };
    }
    let Some((local, zone)) = date_and_time(bytes) else { return DateTime::Unreadable };
    match offset_minutes(zone) {
        Some(Some(minutes)) => DateTime::At(local - minutes * 60_000),
        Some(None) => DateTime::WithoutZone,
        None => DateTime::Unreadable,
    }
}

/// Milliseconds as if in UTC, and what follows.
fn date_and_time(text: &[u8]) -> Option<(i64, &[u8])> {
    let day = date(text.get(..10)?)?;
    let time = text.get(10..16)?;
    if time[0] != b'T' || time[3] != b':' {
        return None;
    }
    let (hour, minute) = (number(&time[1..3])?, number(&time[4..6])?);
    let mut rest = &text[16..];
    let (mut second, mut millis) = (0, 0);
    if let [b':', tens, ones, after @ ..] = rest {
        second = number(&[*tens, *ones])?;
        rest = after;
        if let [b'.' | b',', digits @ ..] = rest {
            let count = digits.iter().take_while(|digit| digit.is_ascii_digit()).count();
            if !(1..=9).contains(&count) {
                return None;
            }
            // Milliseconds are what is sent: further digits are cut.
            let place = |(digit, place): (&u8, i64)| i64::from(digit - b'0') * place;
            millis = digits[..count].iter().zip([100, 10, 1]).map(place).sum();
            rest = &digits[count..];
        }
    }
    let time = civil::Time::new(hour as i8, minute as i8, second as i8, 0).ok()?;
    let zoned = day.to_datetime(time).to_zoned(TimeZone::UTC).ok()?;
    Some((zoned.timestamp().as_millisecond() + millis, rest))
}

fn date(text: &[u8]) -> Option<civil::Date> {
    if text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let (year, month, day) = (number(&text[..4])?, number(&text[5..7])?, number(&text[8..10])?);
    civil::Date::new(year as i16, month as i8, day as i8).ok()
}

/// `Some(None)` where no zone is named, `None` where it is none.
fn offset_minutes(zone: &[u8]) -> Option<Option<i64>> {
    let (sign, hours, minutes) = match zone {
        [] => return Some(None),
        b"Z" => return Some(Some(0)),
        [sign, hours @ ..] if hours.len() == 2 => (sign, hours, &b"00"[..]),
        [sign, rest @ ..] if rest.len() == 4 => (sign, &rest[..2], &rest[2..]),
        [sign, rest @ ..] if rest.len() == 5 && rest[2] == b':' => (sign, &rest[..2], &rest[3..]),
        _ => return None,
    };
    let (hours, minutes) = (i64::from(number(hours)?), i64::from(number(minutes)?));
    // The widest zones of the world are -12:00 and +14:00.
    let offset = (hours <= 14 && minutes < 60).then_some(hours * 60 + minutes)?;
    match sign {
        b'+' => Some(Some(offset)),
        b'-' => Some(Some(-offset)),
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0_u16, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + u16::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_moment_is_read_in_each_form_that_iso_8601_gives_it() {
        let nine: jiff::Timestamp = "2022-07-14T09:00:00Z".parse().unwrap();
        let nine = nine.as_millisecond();
        for (text, at) in [
            ("2022-07-14T09:00:00.000Z", nine),
            ("2022-07-14T09:00Z", nine),
            ("2022-07-14T09:00:00+00:00", nine),
            ("2022-07-14T05:00:00-0400", nine),
            ("2022-07-14T11:00:00+02", nine),
            ("2022-07-14T09:00:00.5Z", nine + 500),
            ("2022-07-14T09:00:00,123456789Z", nine + 123),
        ] {
            assert_eq!(parse(text), DateTime::At(at), "{text}");
        }
    }

    #[test]
    fn a_moment_without_a_zone_is_told_apart_from_what_is_none() {
        for text in ["2022-07-14", "2022-07-14T09:00", "2022-07-14T09:00:00.000"] {
            assert_eq!(parse(text), DateTime::WithoutZone, "{text}");
        }
        for text in [
            // The form that the document's 207 calls invalid (campaign:114).
            "2016-08-29T 09:00:00.000Z",
            "2022-07-14 09:00:00Z",
            "2022-02-30T09:00:00Z",
            "2022-07-14T24:00:00Z",
            "2022-07-14T09:60:00Z",
            "2022-07-14T09:00:60Z",
            "2022-07-14T09Z",
            "2022-07-14T09:00:00.Z",
            "2022-07-14T09:00:00.1234567890Z",
            "2022-07-14T09:00:00z",
            "2022-07-14T09:00:00Z ",
            "2022-07-14T09:00:00+15:00",
            "2022-07-14T09:00:00*02:00",
            "07/14/2022 9:00",
            "20220714T090000Z",
            "tomorrow",
            "",
        ] {
            assert_eq!(parse(text), DateTime::Unreadable, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC{0,40}") {
            parse(&text);
        }

        #[test]
        fn a_moment_is_read_as_another_implementation_writes_it(millis in 0_i64..253_402_300_799_999) {
            let text = format!("{:.3}", jiff::Timestamp::from_millisecond(millis).unwrap());
            prop_assert_eq!(parse(&text), DateTime::At(millis));
        }
    }
}
