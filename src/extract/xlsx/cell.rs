//! What a cell holds, as text.

use calamine::{DataRef, ExcelDateTime};

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Text(String),
    /// What cannot be read, in words that follow the column's name.
    Fault(String),
}

/// The days of 1900-01-01 and 9999-12-31 as Excel counts them.
const DAYS: std::ops::Range<f64> = 0.0..2_958_466.0;

/// The cell's text; none where it is empty. `by_formula` tells whether a formula makes it.
pub(super) fn read(value: &DataRef<'_>, by_formula: bool) -> Option<Cell> {
    let text = match value {
        DataRef::Empty if by_formula => {
            let why = "its formula has no result stored with it: open the workbook in a \
                       spreadsheet program and save it";
            return Some(Cell::Fault(why.to_owned()));
        }
        DataRef::Empty => return None,
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::Bool(true) => "true".to_owned(),
        DataRef::Bool(false) => "false".to_owned(),
        DataRef::DateTime(moment) => match moment_text(moment) {
            Some(text) => text,
            None => return Some(Cell::Fault(format!("{} is no date", moment.as_f64()))),
        },
        DataRef::DateTimeIso(text) => text.strip_suffix("T00:00:00").unwrap_or(text).to_owned(),
        DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => return Some(Cell::Fault(format!("the cell holds {error}"))),
    };
    (!text.is_empty()).then_some(Cell::Text(text))
}

/// A number as it is typed: no `.0`, no exponent.
fn number_text(number: f64) -> String {
    // Negative zero is shown as 0.
    if number == 0.0 { "0".to_owned() } else { number.to_string() }
}

/// `2026-11-23`, `2026-11-23T14:30:00`, `14:30:00` without a day, `26:05:00` for hours that count
/// on.
fn moment_text(moment: &ExcelDateTime) -> Option<String> {
    let days = moment.as_f64();
    if moment.is_duration() {
        let seconds = (days * 86_400.0).round();
        if !seconds.is_finite() || seconds.abs() > 1e12 {
            return None;
        }
        let sign = if seconds < 0.0 { "-" } else { "" };
        let seconds = seconds.abs() as u64;
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        return Some(format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"));
    }
    if !DAYS.contains(&days) {
        return None;
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let fraction = if milli == 0 { String::new() } else { format!(".{milli:03}") };
    let time = format!("{hour:02}:{minute:02}:{second:02}{fraction}");
    Some(match (days < 1.0, time.as_str()) {
        (true, time) => time.to_owned(),
        (false, "00:00:00") => date,
        (false, time) => format!("{date}T{time}"),
    })
}

#[cfg(test)]
mod tests {
    use calamine::{CellErrorType, ExcelDateTimeType};

    use super::*;

    fn text(value: DataRef<'_>) -> String {
        match read(&value, false) {
            Some(Cell::Text(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    fn at(days: f64, kind: ExcelDateTimeType) -> DataRef<'static> {
        DataRef::DateTime(ExcelDateTime::new(days, kind, false))
    }

    #[test]
    fn numbers_are_written_as_they_are_typed() {
        for (number, shown) in [
            (5.0, "5"),
            (-0.0, "0"),
            (0.29, "0.29"),
            (1234567890123456.0, "1234567890123456"),
            (1e20, "100000000000000000000"),
            (-12.5, "-12.5"),
        ] {
            assert_eq!(text(DataRef::Float(number)), shown);
        }
        assert_eq!(text(DataRef::SharedString("007")), "007");
        assert_eq!(text(DataRef::Bool(true)), "true");
    }

    #[test]
    fn days_and_times_are_written_as_iso_8601_writes_them() {
        let moment = |days| text(at(days, ExcelDateTimeType::DateTime));
        assert_eq!(moment(46349.0), "2026-11-23");
        assert_eq!(moment(46349.604166666664), "2026-11-23T14:30:00");
        assert_eq!(moment(0.604166666666667), "14:30:00");
        assert_eq!(moment(46349.000011574), "2026-11-23T00:00:01");
        assert_eq!(text(at(1.0868055555555556, ExcelDateTimeType::TimeDelta)), "26:05:00");
        let far = read(&at(3_000_000.0, ExcelDateTimeType::DateTime), false);
        assert_eq!(far, Some(Cell::Fault("3000000 is no date".into())));
    }

    #[test]
    fn errors_and_formulas_without_a_result_are_told() {
        let error = read(&DataRef::Error(CellErrorType::NA), false);
        assert_eq!(error, Some(Cell::Fault("the cell holds #N/A".into())));
        assert!(matches!(read(&DataRef::Empty, true), Some(Cell::Fault(_))));
        assert_eq!(read(&DataRef::Empty, false), None);
        assert_eq!(read(&DataRef::String(String::new()), true), None);
    }
}
