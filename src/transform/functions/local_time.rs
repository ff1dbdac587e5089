//! Reading the dates and times that people's files have, without a zone or with one.

use jiff::civil::{Date, DateTime, Time};

const SECONDS_OF_A_DAY: i64 = 86_400;

/// A date and time as a clock on the wall shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LocalTime {
    /// Seconds since 1970-01-01T00:00 of the same clock.
    pub seconds: i64,
    /// Milliseconds of the second.
    pub millis: u32,
    /// Seconds that the clock is ahead of UTC, where the text says it.
    pub offset: Option<i64>,
}

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoTime {
    /// It has none of the shapes.
    Shape,
    /// It has one, but the calendar or the clock has no such value.
    Value(&'static str),
}

impl NoTime {
    /// What is wrong with `text`.
    pub fn told(self, text: &str) -> String {
        let text = text.trim();
        match self {
            NoTime::Shape => format!("`{text}` is not a date and time"),
            NoTime::Value(why) => format!("`{text}` is not a date and time: {why}"),
        }
    }
}

impl LocalTime {
    /// From milliseconds since 1970-01-01T00:00 of the clock.
    pub fn from_millis(millis: i64) -> Self {
        LocalTime {
            seconds: millis.div_euclid(1000),
            millis: millis.rem_euclid(1000) as u32,
            offset: None,
        }
    }

    /// The clock's date and time, to the second.
    pub fn civil(self) -> Option<DateTime> {
        let days = i32::try_from(self.seconds.div_euclid(SECONDS_OF_A_DAY)).ok()?;
        let seconds = self.seconds.rem_euclid(SECONDS_OF_A_DAY) as i32;
        let date = Date::constant(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?);
        let time = Time::midnight().checked_add(jiff::Span::new().try_seconds(seconds).ok()?);
        Some(date.ok()?.to_datetime(time.ok()?))
    }

    /// Reads `2026-11-23T14:30:00.5+01:00`, `2026-11-23 14:30`, `11/23/2026 2:30 PM`,
    /// `2026-11-23`; spaces around do not matter.
    pub fn read(text: &str) -> Result<Self, NoTime> {
        let mut cursor = Cursor(text.trim().as_bytes());
        let (days, iso) = cursor.date()?;
        let mut read = LocalTime { seconds: days * SECONDS_OF_A_DAY, millis: 0, offset: None };
        if cursor.0.is_empty() {
            return Ok(read);
        }
        if !(cursor.eat(b' ') || (iso && (cursor.eat(b'T') || cursor.eat(b't')))) {
            return Err(NoTime::Shape);
        }
        while cursor.eat(b' ') {}
        let (seconds, millis) = cursor.time()?;
        read.seconds += seconds;
        read.millis = millis;
        read.offset = if iso { cursor.offset()? } else { None };
        if cursor.0.is_empty() { Ok(read) } else { Err(NoTime::Shape) }
    }
}

/// The bytes not read yet.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn eat(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if *first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), NoTime> {
        if self.eat(byte) { Ok(()) } else { Err(NoTime::Shape) }
    }

    /// A number of `least` to `most` digits.
    fn number(&mut self, least: usize, most: usize) -> Result<i64, NoTime> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(least..=most).contains(&digits) {
            return Err(NoTime::Shape);
        }
        let (number, rest) = self.0.split_at(digits);
        self.0 = rest;
        Ok(number.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
    }

    /// Days since 1970-01-01, and whether the date is ISO's (else with slashes, month first).
    fn date(&mut self) -> Result<(i64, bool), NoTime> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (year, month, day, iso) = if digits == 4 {
            let year = self.number(4, 4)?;
            self.expect(b'-')?;
            let month = self.number(2, 2)?;
            self.expect(b'-')?;
            (year, month, self.number(2, 2)?, true)
        } else {
            let month = self.number(1, 2)?;
            self.expect(b'/')?;
            let day = self.number(1, 2)?;
            self.expect(b'/')?;
            (self.number(4, 4)?, month, day, false)
        };
        if !(1..=12).contains(&month) {
            return Err(NoTime::Value(match iso {
                true => "the month must be 01 to 12",
                false => "with slashes the month comes first, and must be 1 to 12",
            }));
        }
        if day < 1 || day > days_of_month(year, month) {
            return Err(NoTime::Value("the month has no such day"));
        }
        Ok((days_since_1970(year, month, day), iso))
    }

    /// Seconds since midnight, and milliseconds.
    fn time(&mut self) -> Result<(i64, u32), NoTime> {
        let mut hour = self.number(1, 2)?;
        self.expect(b':')?;
        let minute = self.number(2, 2)?;
        let (mut second, mut millis) = (0, 0);
        if self.eat(b':') {
            second = self.number(2, 2)?;
            if self.eat(b'.') || self.eat(b',') {
                millis = self.millis()?;
            }
        }
        if let Some(afternoon) = self.half_of_day() {
            if !(1..=12).contains(&hour) {
                return Err(NoTime::Value("with AM or PM the hour must be 1 to 12"));
            }
            hour = hour % 12 + if afternoon { 12 } else { 0 };
        }
        if hour > 23 || minute > 59 || second > 59 {
            return Err(NoTime::Value("there is no such time of day"));
        }
        Ok((hour * 3600 + minute * 60 + second, millis))
    }

    /// A fraction of 1 to 9 digits; what is finer than milliseconds is dropped.
    fn millis(&mut self) -> Result<u32, NoTime> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let fraction = self.number(1, 9)?;
        let millis = match digits {
            1 => fraction * 100,
            2 => fraction * 10,
            digits => fraction / 10_i64.pow(digits as u32 - 3),
        };
        Ok(millis as u32)
    }

    /// ` PM` or `am`: whether it is the afternoon.
    fn half_of_day(&mut self) -> Option<bool> {
        let text = self.0.trim_ascii_start();
        let (half, rest) = text.split_at_checked(2)?;
        let afternoon = match half {
            b"AM" | b"am" | b"Am" => false,
            b"PM" | b"pm" | b"Pm" => true,
            _ => return None,
        };
        self.0 = rest;
        Some(afternoon)
    }

    /// `Z`, `+01:00`, `-0500` or `+01`, or nothing.
    fn offset(&mut self) -> Result<Option<i64>, NoTime> {
        self.0 = self.0.trim_ascii_start();
        if self.eat(b'Z') || self.eat(b'z') {
            return Ok(Some(0));
        }
        let sign = match (self.eat(b'+'), self.eat(b'-')) {
            (true, _) => 1,
            (_, true) => -1,
            _ => return Ok(None),
        };
        let (hours, minutes) = match self.0.len() {
            4 => {
                let both = self.number(4, 4)?;
                (both / 100, both % 100)
            }
            2 => (self.number(2, 2)?, 0),
            _ => {
                let hours = self.number(2, 2)?;
                self.expect(b':')?;
                (hours, self.number(2, 2)?)
            }
        };
        if hours > 18 || minutes > 59 {
            return Err(NoTime::Value("there is no such offset from UTC"));
        }
        Ok(Some(sign * (hours * 3600 + minutes * 60)))
    }
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts years from March, so that the leap day is the last of one.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        match LocalTime::read(text) {
            Ok(time) => {
                let civil = time.civil().unwrap();
                format!("{civil} {:03} {:?}", time.millis, time.offset)
            }
            Err(NoTime::Shape) => "no shape".to_owned(),
            Err(NoTime::Value(why)) => why.to_owned(),
        }
    }

    #[test]
    fn the_common_shapes_are_read() {
        let texts = [
            "2026-11-23",
            "2026-11-23 14:30",
            "  2026-11-23T14:30:05  ",
            "2026-11-23 14:30:05.25",
            "2026-11-23T14:30:05.123456789Z",
            "2026-11-23T14:30:05-05:00",
            "2026-11-23T14:30+0530",
            "2026-11-23 14:30:00 +01",
            "11/23/2026",
            "11/23/2026 2:30 PM",
            "1/2/2026 12:00:01AM",
            "01/02/2026 14:05",
            "02/29/2028 12:30 pm",
        ];
        let told: Vec<_> = texts.iter().map(|text| format!("{text:?} = {}", read(text))).collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        "2026-11-23" = 2026-11-23T00:00:00 000 None
        "2026-11-23 14:30" = 2026-11-23T14:30:00 000 None
        "  2026-11-23T14:30:05  " = 2026-11-23T14:30:05 000 None
        "2026-11-23 14:30:05.25" = 2026-11-23T14:30:05 250 None
        "2026-11-23T14:30:05.123456789Z" = 2026-11-23T14:30:05 123 Some(0)
        "2026-11-23T14:30:05-05:00" = 2026-11-23T14:30:05 000 Some(-18000)
        "2026-11-23T14:30+0530" = 2026-11-23T14:30:00 000 Some(19800)
        "2026-11-23 14:30:00 +01" = 2026-11-23T14:30:00 000 Some(3600)
        "11/23/2026" = 2026-11-23T00:00:00 000 None
        "11/23/2026 2:30 PM" = 2026-11-23T14:30:00 000 None
        "1/2/2026 12:00:01AM" = 2026-01-02T00:00:01 000 None
        "01/02/2026 14:05" = 2026-01-02T14:05:00 000 None
        "02/29/2028 12:30 pm" = 2028-02-29T12:30:00 000 None
        "#);
    }

    #[test]
    fn what_is_no_time_says_what_is_wrong_where_that_is_known() {
        let texts = [
            "",
            "banana",
            "2026-11-23T",
            "2026-13-01",
            "2026-02-29",
            "23/11/2026",
            "11/23/26",
            "2026-11-23 24:00",
            "2026-11-23 13:00 PM",
            "2026-11-23 10:61",
            "2026-11-23 10:00 x",
            "11/23/2026T10:00",
            "2026-11-23T10:00+99:00",
            "2026-1-2",
            "20261123",
            "12026-01-01",
        ];
        let told: Vec<_> = texts.iter().map(|text| format!("{text:?}: {}", read(text))).collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        "": no shape
        "banana": no shape
        "2026-11-23T": no shape
        "2026-13-01": the month must be 01 to 12
        "2026-02-29": the month has no such day
        "23/11/2026": with slashes the month comes first, and must be 1 to 12
        "11/23/26": no shape
        "2026-11-23 24:00": there is no such time of day
        "2026-11-23 13:00 PM": with AM or PM the hour must be 1 to 12
        "2026-11-23 10:61": there is no such time of day
        "2026-11-23 10:00 x": no shape
        "11/23/2026T10:00": no shape
        "2026-11-23T10:00+99:00": there is no such offset from UTC
        "2026-1-2": no shape
        "20261123": no shape
        "12026-01-01": no shape
        "#);
    }

    proptest! {
        #[test]
        fn days_agree_with_the_calendar(days in -719_162_i64..2_932_896) {
            let date = LocalTime { seconds: days * SECONDS_OF_A_DAY, millis: 0, offset: None };
            let date = date.civil().unwrap().date();
            let text = date.to_string();
            prop_assert_eq!(LocalTime::read(&text).unwrap().seconds, days * SECONDS_OF_A_DAY);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,30}") {
            let _ = LocalTime::read(&text);
        }
    }
}
