//! `parse_wapi_date(text)`: a date and time of the CRM API, as a timestamp.

use std::sync::Arc;

use arrow::{
    array::{Array, AsArray, TimestampMillisecondArray},
    datatypes::{DataType, TimeUnit},
};
use datafusion::{
    common::Result,
    logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility},
};
use jiff::{civil::DateTime, tz::TimeZone};

use super::{FunctionDoc, failure, like_arguments, text_column, wrong_call};
use crate::wire::wapi::read_date;

pub(super) const DOC: FunctionDoc = FunctionDoc {
    name: "parse_wapi_date",
    arguments: "text",
    meaning: "a date of the CRM API as a timestamp without a zone: MMDDYYYY, then perhaps HH:MM:SS \
              (with blanks between or without), or MMDDYYYYHH24MI. `to_utc` with the tenant's zone \
              makes an instant of it. Null and blank give null",
    example: "parse_wapi_date('0503201212:26:59')",
    result: "2012-05-03T12:26:59",
};

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ParseWapiDate(Signature);

impl Default for ParseWapiDate {
    fn default() -> Self {
        ParseWapiDate(Signature::user_defined(Volatility::Immutable))
    }
}

impl ScalarUDFImpl for ParseWapiDate {
    fn name(&self) -> &str {
        DOC.name
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Timestamp(TimeUnit::Millisecond, None))
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [_] => Ok(vec![DataType::Utf8]),
            _ => Err(wrong_call(&DOC)),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let column = text_column(&arguments)?;
        let mut times = TimestampMillisecondArray::builder(column.len());
        for text in column.as_string::<i32>() {
            match text.map(str::trim).filter(|text| !text.is_empty()) {
                Some(text) => times.append_value(millis(text)?),
                None => times.append_null(),
            }
        }
        like_arguments(&arguments, Arc::new(times.finish()))
    }
}

fn millis(text: &str) -> Result<i64> {
    let read = read_date(text).map(|date| date.at()).or_else(|| as_in_requests(text));
    // The clock's own time counts as if it were UTC's: a timestamp without a zone.
    let at = read.and_then(|at| TimeZone::UTC.to_timestamp(at).ok());
    at.map(|at| at.as_millisecond())
        .ok_or_else(|| failure(format!("`{text}` is not MMDDYYYY, with or without HH:MM:SS")))
}

/// MMDDYYYYHH24MI, as requests write the due date of a task (wapi:2832-2834).
fn as_in_requests(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_at_checked(8)?;
    let (hour, minute) = time.split_at_checked(2).filter(|_| time.len() == 4)?;
    read_date(&format!("{date}{hour}:{minute}:00")).map(|date| date.at())
}
