//! Columns of any type as the texts that are sent.

use arrow::{
    array::{Array, ArrayRef, AsArray, StringArray, StringBuilder},
    compute::{can_cast_types, cast},
    datatypes::{DataType, TimeUnit, TimestampMillisecondType},
    error::ArrowError,
    util::display::array_value_to_string,
};
use jiff::{Timestamp, tz::TimeZone};

use super::super::campaign::whole_number_text;
use crate::rules::{Format, Rule};

/// A column as text.
pub fn texts(rule: Option<&Rule>, column: &ArrayRef) -> Result<StringArray, ArrowError> {
    match column.data_type() {
        DataType::Utf8 => Ok(column.as_string::<i32>().clone()),
        DataType::Null => Ok(StringArray::new_null(column.len())),
        DataType::LargeUtf8 | DataType::Utf8View => {
            Ok(cast(column, &DataType::Utf8)?.as_string::<i32>().clone())
        }
        DataType::Dictionary(_, value) => texts(rule, &cast(column, value)?),
        kind if kind.is_temporal() => moments(rule, column),
        kind if kind.is_numeric() => {
            let text = |row| whole_number_text(column, row);
            (0..column.len()).map(text).collect::<Result<Vec<_>, _>>().map(StringArray::from)
        }
        _ => shown(column),
    }
}

/// Values as they are shown.
fn shown(column: &ArrayRef) -> Result<StringArray, ArrowError> {
    let mut texts = StringBuilder::new();
    for row in 0..column.len() {
        match column.is_null(row) {
            true => texts.append_null(),
            false => texts.append_value(array_value_to_string(column, row)?),
        }
    }
    Ok(texts.finish())
}

/// Dates and times in the form that the field takes; as they are shown where it takes any text.
fn moments(rule: Option<&Rule>, column: &ArrayRef) -> Result<StringArray, ArrowError> {
    let form = match rule.and_then(|rule| rule.format) {
        Some(Format::Date) => "%m%d%Y",
        Some(Format::DateTime | Format::DateOrDateTime) => "%m%d%Y%H%M",
        _ => return shown(column),
    };
    // A time of day as it is written: the CRM's dates have no zone.
    let moment = DataType::Timestamp(TimeUnit::Millisecond, None);
    if !can_cast_types(column.data_type(), &moment) {
        return shown(column);
    }
    let millis = cast(column, &moment)?;
    let millis = millis.as_primitive::<TimestampMillisecondType>();
    let text = |at: Option<i64>| {
        let at = Timestamp::from_millisecond(at?).ok()?;
        Some(at.to_zoned(TimeZone::UTC).strftime(form).to_string())
    };
    Ok(millis.iter().map(text).collect())
}
