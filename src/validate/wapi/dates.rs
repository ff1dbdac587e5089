//! The CRM's dates: MMDDYYYY, and MMDDYYYYHH24MI.

use jiff::civil::{Date, Time};

/// Whether a text is a day, MMDDYYYY.
pub fn is_date(text: &str) -> bool {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = (number(0..2), number(2..4), number(4..8));
    digits
        && matches!(parts, (Some(month), Some(day), Some(year))
            if Date::new(year, month as i8, day as i8).is_ok())
}

/// Whether a text is a day with hours and minutes, MMDDYYYYHH24MI.
pub fn is_date_time(text: &str) -> bool {
    let (Some(day), Some(time)) = (text.get(..8), text.get(8..)) else { return false };
    let number = |range: std::ops::Range<usize>| time.get(range)?.parse::<i8>().ok();
    let digits = time.len() == 4 && time.bytes().all(|byte| byte.is_ascii_digit());
    let at = (number(0..2), number(2..4));
    let is_time = matches!(at, (Some(hour), Some(minute)) if Time::new(hour, minute, 0, 0).is_ok());
    digits && is_time && is_date(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_those_of_the_calendar() {
        for good in ["06212012", "02292012", "12311999"] {
            assert!(is_date(good), "{good}");
            assert!(is_date_time(&format!("{good}1315")), "{good}");
        }
        for bad in ["", "6212012", "02302012", "13012012", "00012012", "2012-06-21", "0621201é"] {
            assert!(!is_date(bad), "{bad}");
        }
        for bad in ["06212012", "062120122460", "062120122400", "06212012 1315", "0621201213"] {
            assert!(!is_date_time(bad), "{bad}");
        }
    }
}
