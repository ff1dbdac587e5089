//! Dates in replies (ruling REPLY_DATE_FORMATS).

use jiff::civil::{Date, DateTime, Time};

/// A date of a reply. It is in the tenant's zone, which no reply tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReplyDate {
    /// The day.
    pub date: Date,
    /// The time, where there is one: cases have none (wapi:2291).
    pub time: Option<Time>,
}

impl ReplyDate {
    /// With midnight for a time that is not there.
    pub fn at(self) -> DateTime {
        self.date.to_datetime(self.time.unwrap_or(Time::midnight()))
    }
}

/// Reads `04062012`, `0503201212:26:59` or `04062012 18:33:49`; `None` for anything else, and so for
/// an empty field.
pub fn read_date(text: &str) -> Option<ReplyDate> {
    let (date, time) = text.trim().split_at_checked(8)?;
    let [month, day, century, year] = numbers(date.as_bytes().chunks(2))?;
    let year = i16::from(century) * 100 + i16::from(year);
    let date = Date::new(year, month, day).ok()?;
    let time = match time.trim_start() {
        "" => None,
        time => {
            let [hour, minute, second] = numbers(time.split(':').map(str::as_bytes))?;
            Some(Time::new(hour, minute, second, 0).ok()?)
        }
    };
    Some(ReplyDate { date, time })
}

/// So many numbers of two digits, and no more.
fn numbers<'a, const N: usize>(mut parts: impl Iterator<Item = &'a [u8]>) -> Option<[i8; N]> {
    let mut numbers = [0; N];
    for number in &mut numbers {
        let [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] = parts.next()? else { return None };
        *number = ((tens - b'0') * 10 + (ones - b'0')) as i8;
    }
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_printed_form_is_read() {
        for (text, at, has_time) in [
            ("01122010", "2010-01-12T00:00:00", false),
            ("0503201212:26:59", "2012-05-03T12:26:59", true),
            ("04062012 18:33:49", "2012-04-06T18:33:49", true),
            (" 06092012   03:00:00 ", "2012-06-09T03:00:00", true),
            ("02292012", "2012-02-29T00:00:00", false),
        ] {
            let read = read_date(text).unwrap();
            assert_eq!(read.at().to_string(), at);
            assert_eq!(read.time.is_some(), has_time, "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_date() {
        for text in [
            "",
            " ",
            "0112201",
            "13012010",
            "02302012",
            "0112201x",
            "01122010 18:33",
            "é1122010",
            "0112201018:33:49:00",
            "01122010 24:00:00",
            "01122010 1:33:49",
            "2012-04-06",
            "+1122010",
            "0112201é",
        ] {
            assert_eq!(read_date(text), None, "{text}");
        }
    }
}
