//! The body of a POST of customers, written straight from columns.

use arrow::array::{Array, Int64Array, TimestampMillisecondArray};

/// Bytes of a body beyond those of its records: the two brackets.
pub const BRACKETS_LEN: usize = 2;

const ID_KEY: &[u8] = b"{\"customer-id\":";
const SCHEDULE_KEY: &[u8] = b",\"schedule-date-time\":\"";
const MILLIS_PER_DAY: i64 = 86_400_000;

/// Bytes of `YYYY-MM-DDTHH:MM:SS.mmmZ`.
const DATE_TIME_LEN: usize = 24;

/// Bytes that one record adds to a body, its comma included. Exact, but for a date beyond the
/// year 9999, which no rule lets through.
pub fn encoded_len(id: i64, scheduled: bool) -> usize {
    let digits = id.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1;
    let schedule = if scheduled { SCHEDULE_KEY.len() + DATE_TIME_LEN + 1 } else { 0 };
    ID_KEY.len() + digits + usize::from(id < 0) + schedule + "},".len()
}

/// Appends `[{"customer-id":10003629,"schedule-date-time":"2022-07-14T09:00:00.000Z"},..]`
/// (campaign:84-91; the form of the date is ruling CAMPAIGN_DATETIME) to `out`.
///
/// `ids` has no nulls; a null in `schedule` sends no such key.
pub fn encode_customers(
    ids: &Int64Array,
    schedule: Option<&TimestampMillisecondArray>,
    out: &mut Vec<u8>,
) {
    debug_assert_eq!(ids.null_count(), 0);
    let schedule = schedule.filter(|column| column.null_count() < column.len());
    out.reserve(BRACKETS_LEN + ids.len() * encoded_len(9_999_999_999, schedule.is_some()));
    out.push(b'[');
    for (row, id) in ids.values().iter().enumerate() {
        if row > 0 {
            out.push(b',');
        }
        out.extend_from_slice(ID_KEY);
        push_integer(*id, out);
        if let Some(column) = schedule
            && column.is_valid(row)
        {
            out.extend_from_slice(SCHEDULE_KEY);
            push_date_time(column.value(row), out);
            out.push(b'"');
        }
        out.push(b'}');
    }
    out.push(b']');
}

fn push_integer(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    let mut rest = value.unsigned_abs();
    let mut digits = [0_u8; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// Writes milliseconds since 1970 as `YYYY-MM-DDTHH:MM:SS.mmmZ`.
fn push_date_time(millis: i64, out: &mut Vec<u8>) {
    let (year, month, day) = civil_from_days(millis.div_euclid(MILLIS_PER_DAY));
    let of_day = millis.rem_euclid(MILLIS_PER_DAY) as u32;
    let (seconds, milli) = (of_day / 1000, of_day % 1000);
    if !(0..=9999).contains(&year) {
        // ISO 8601 writes such years with a sign.
        out.push(if year < 0 { b'-' } else { b'+' });
        push_integer(year.abs(), out);
    } else {
        push_padded(year as u32, 4, out);
    }
    for (mark, value) in [(b'-', month), (b'-', day), (b'T', seconds / 3600)] {
        out.push(mark);
        push_padded(value, 2, out);
    }
    for value in [seconds / 60 % 60, seconds % 60] {
        out.push(b':');
        push_padded(value, 2, out);
    }
    out.push(b'.');
    push_padded(milli, 3, out);
    out.push(b'Z');
}

fn push_padded(value: u32, width: usize, out: &mut Vec<u8>) {
    let mut digits = [b'0'; 4];
    let mut rest = value;
    for digit in digits[..width].iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.extend_from_slice(&digits[..width]);
}

/// Year, month and day of a day number (0 = 1970-01-01), in the proleptic Gregorian calendar:
/// Howard Hinnant's `civil_from_days`, in eras of 400 years that begin on the first of March.
fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u32, day as u32)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn encoded(ids: Vec<i64>, schedule: Option<Vec<Option<i64>>>) -> String {
        let mut out = Vec::new();
        let schedule = schedule.map(TimestampMillisecondArray::from);
        encode_customers(&Int64Array::from(ids), schedule.as_ref(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_body_reads_as_the_document_prints_it() {
        let nine: Timestamp = "2022-07-14T09:00:00Z".parse().unwrap();
        assert_eq!(
            encoded(vec![10003629, 10003621], Some(vec![Some(nine.as_millisecond()), None])),
            r#"[{"customer-id":10003629,"schedule-date-time":"2022-07-14T09:00:00.000Z"},{"customer-id":10003621}]"#
        );
        assert_eq!(encoded(vec![], None), "[]");
        assert_eq!(encoded(vec![0], Some(vec![None])), r#"[{"customer-id":0}]"#);
    }

    #[test]
    fn a_sliced_column_is_written_from_its_own_first_row() {
        let ids = Int64Array::from(vec![1, 2, 3]).slice(1, 2);
        let schedule = TimestampMillisecondArray::from(vec![Some(0), None, Some(1)]).slice(1, 2);
        let mut out = b"before".to_vec();
        encode_customers(&ids, Some(&schedule), &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"before[{"customer-id":2},{"customer-id":3,"schedule-date-time":"1970-01-01T00:00:00.001Z"}]"#
        );
    }

    #[test]
    fn a_year_of_five_digits_has_a_sign() {
        let mut out = Vec::new();
        push_date_time(253_402_300_800_000, &mut out);
        assert_eq!(out, b"+10000-01-01T00:00:00.000Z");
    }

    proptest! {
        #[test]
        fn a_date_reads_as_another_implementation_writes_it(
            // Years -9999 to 9999 are what the other one knows; those of four digits are compared.
            millis in -62_167_219_200_000_i64..253_402_300_799_999
        ) {
            let mut out = Vec::new();
            push_date_time(millis, &mut out);
            let expected = format!("{:.3}", Timestamp::from_millisecond(millis).unwrap());
            prop_assert_eq!(String::from_utf8(out).unwrap(), expected);
        }

        #[test]
        fn the_length_told_is_the_length_written(
            rows in proptest::collection::vec((any::<i64>(), proptest::option::of(0_i64..4_000_000_000_000)), 0..20)
        ) {
            let (ids, schedule): (Vec<_>, Vec<_>) = rows.iter().copied().unzip();
            let told: usize = rows.iter().map(|(id, at)| encoded_len(*id, at.is_some())).sum();
            let body = encoded(ids.clone(), Some(schedule));
            // The last record has no comma.
            prop_assert_eq!(body.len(), BRACKETS_LEN + told - usize::from(!rows.is_empty()));
            let read: Vec<serde_json::Value> = serde_json::from_str(&body).unwrap();
            let read: Vec<_> = read.iter().map(|r| r["customer-id"].as_i64().unwrap()).collect();
            prop_assert_eq!(read, ids);
        }
    }
}
