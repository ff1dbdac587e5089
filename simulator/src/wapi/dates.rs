//! Dates as requests and replies write them, in the tenant's time zone.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

/// Reads MMDDYYYY, or MMDDYYYYHHMM; the former is the beginning of the day.
pub(crate) fn parse(text: &str) -> Option<DateTime> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(text.len(), 8 | 12) {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<i16>().ok();
    let small = |from, to| number(from, to).and_then(|number| i8::try_from(number).ok());
    let date = Date::new(number(4, 8)?, small(0, 2)?, small(2, 4)?).ok()?;
    match text.len() {
        8 => Some(date.at(0, 0, 0, 0)),
        _ => {
            let time = jiff::civil::Time::new(small(8, 10)?, small(10, 12)?, 0, 0).ok()?;
            Some(date.to_datetime(time))
        }
    }
}

/// The moment of a date in a time zone; in a gap or a fold of the clock the nearest.
pub(crate) fn moment(at: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(at).compatible().ok()
}

/// MMDDYYYY.
pub(crate) fn day(at: Timestamp, zone: &TimeZone) -> String {
    write_day(zone.to_datetime(at))
}

fn write_day(at: DateTime) -> String {
    format!("{:02}{:02}{:04}", at.month(), at.day(), at.year())
}

/// MMDDYYYY HH:MM:SS, or without the blank.
pub(crate) fn second(at: DateTime, glued: bool) -> String {
    let blank = if glued { "" } else { " " };
    let (day, hour, minute, second) = (write_day(at), at.hour(), at.minute(), at.second());
    format!("{day}{blank}{hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_minutes_are_read_and_nothing_else() {
        let read = |text| parse(text).map(|at| at.to_string());
        assert_eq!(read("02292012").as_deref(), Some("2012-02-29T00:00:00"));
        assert_eq!(read("062120121315").as_deref(), Some("2012-06-21T13:15:00"));
        for wrong in
            ["02302012", "13012012", "2012-01-01", "0101201", "062120122415", "", "٠1012012"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn moments_are_written_in_the_time_zone() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let at: Timestamp = "2012-05-04T02:26:59Z".parse().unwrap();
        assert_eq!(day(at, &zone), "05032012");
        assert_eq!(second(zone.to_datetime(at), true), "0503201222:26:59");
        assert_eq!(second(zone.to_datetime(at), false), "05032012 22:26:59");
        assert_eq!(
            moment(parse("05032012").unwrap(), &zone).unwrap().to_string(),
            "2012-05-03T04:00:00Z"
        );
    }
}
