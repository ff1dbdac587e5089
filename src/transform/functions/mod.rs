//! The functions that expressions have beside DataFusion's own.
//!
//! One file each; a new one is a file and a line in [`FUNCTIONS`]. `phone_digits` is the one to
//! copy. The example of each runs as a test.

mod entities;
mod html;
mod latin1;
mod local_time;
mod parse_wapi_date;
mod phone_digits;
mod phone_e164;
mod strip_html;
mod text_function;
mod to_utc;
mod wapi_clock;
mod wapi_date;
mod wapi_datetime;
mod zone;

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, AsArray, StringArray},
    compute::cast,
    datatypes::DataType,
};
use datafusion::{
    common::{DataFusionError, Result, ScalarValue},
    logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF},
};

use wapi_clock::{Form, WapiClock};

/// Every function, in the order of the documentation.
const FUNCTIONS: &[Function] = &[
    Function { doc: &to_utc::DOC, make: || to_utc::ToUtc::default().into() },
    Function { doc: &wapi_date::DOC, make: || WapiClock::new(Form::Date).into() },
    Function { doc: &wapi_datetime::DOC, make: || WapiClock::new(Form::DateTime).into() },
    Function {
        doc: &parse_wapi_date::DOC,
        make: || parse_wapi_date::ParseWapiDate::default().into(),
    },
    Function { doc: &phone_digits::DOC, make: || phone_digits::PhoneDigits::default().into() },
    Function { doc: &phone_e164::DOC, make: || phone_e164::PhoneE164::default().into() },
    Function { doc: &strip_html::DOC, make: strip_html::function },
    Function { doc: &latin1::DOC, make: latin1::function },
];

struct Function {
    doc: &'static FunctionDoc,
    make: fn() -> ScalarUDF,
}

/// What the documentation says of a function.
#[derive(Debug)]
pub struct FunctionDoc {
    /// Its name.
    pub name: &'static str,
    /// What it takes: `text, zone`.
    pub arguments: &'static str,
    /// What it gives.
    pub meaning: &'static str,
    /// An expression that uses it.
    pub example: &'static str,
    /// The value of the example.
    pub result: &'static str,
}

/// The functions that expressions have beside DataFusion's own.
pub fn functions() -> impl Iterator<Item = &'static FunctionDoc> {
    FUNCTIONS.iter().map(|function| function.doc)
}

/// The same, for the engine.
pub(super) fn own_functions() -> impl Iterator<Item = Arc<ScalarUDF>> {
    FUNCTIONS.iter().map(|function| Arc::new((function.make)()))
}

/// The failure of a value or of an argument; the text is shown as it is.
fn failure(message: impl Into<String>) -> DataFusionError {
    DataFusionError::Execution(message.into())
}

/// How a function of two arguments is called, where it is called differently.
fn two_arguments(types: &[DataType], function: &FunctionDoc) -> Result<()> {
    match types {
        [_, _] => Ok(()),
        _ => Err(wrong_call(function)),
    }
}

fn wrong_call(function: &FunctionDoc) -> DataFusionError {
    DataFusionError::Plan(format!(
        "`{0}` is called as `{0}({1})`",
        function.name, function.arguments
    ))
}

/// The text of an argument that is the same for all rows, if it is.
fn constant_text<'a>(arguments: &ReturnFieldArgs<'a>, index: usize) -> Option<&'a str> {
    arguments.scalar_arguments.get(index).copied().flatten()?.try_as_str().flatten()
}

/// An argument: one text for all rows, or one per row.
enum Text<'a> {
    Constant(Option<&'a str>),
    Rows(&'a StringArray),
}

impl<'a> Text<'a> {
    fn of(value: &'a ColumnarValue) -> Result<Self> {
        match value {
            ColumnarValue::Scalar(scalar) => Ok(Text::Constant(scalar.try_as_str().flatten())),
            ColumnarValue::Array(array) => array
                .as_string_opt()
                .map(Text::Rows)
                .ok_or_else(|| failure(format!("expected text, found {}", array.data_type()))),
        }
    }

    fn row(&self, row: usize) -> Option<&'a str> {
        use arrow::array::Array;
        match self {
            Text::Constant(text) => *text,
            Text::Rows(rows) => rows.is_valid(row).then(|| rows.value(row)),
        }
    }
}

/// The first argument as a column of text, whatever kind of text it is.
fn text_column(arguments: &ScalarFunctionArgs) -> Result<ArrayRef> {
    let column = arguments.args[0].to_array(arguments.number_rows)?;
    Ok(if column.data_type() == &DataType::Utf8 { column } else { cast(&column, &DataType::Utf8)? })
}

/// A value for all rows where the arguments were the same for all rows.
fn like_arguments(arguments: &ScalarFunctionArgs, values: ArrayRef) -> Result<ColumnarValue> {
    let constant = arguments.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
    match constant && !values.is_empty() {
        true => Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&values, 0)?)),
        false => Ok(ColumnarValue::Array(values)),
    }
}

#[cfg(test)]
mod tests;
