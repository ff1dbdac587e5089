//! `phone_digits(text)`: a phone number's digits.

use std::sync::Arc;

use arrow::{
    array::{Array, AsArray, StringBuilder},
    datatypes::DataType,
};
use datafusion::{
    common::Result,
    logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility},
};

use super::{FunctionDoc, like_arguments, text_column, wrong_call};

pub(super) const DOC: FunctionDoc = FunctionDoc {
    name: "phone_digits",
    arguments: "text",
    meaning: "the digits of a phone number: no `+`, no signs, no extension (from `x`, `ext`, `#`, \
              `;` or `,` on); null where there are none",
    example: "phone_digits('+1 (555) 123-4567 ext. 89')",
    result: "15551234567",
};

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PhoneDigits(Signature);

impl Default for PhoneDigits {
    fn default() -> Self {
        PhoneDigits(Signature::user_defined(Volatility::Immutable))
    }
}

impl ScalarUDFImpl for PhoneDigits {
    fn name(&self) -> &str {
        DOC.name
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    /// Whole numbers are phone numbers too, where a source types its columns.
    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [_] => Ok(vec![DataType::Utf8]),
            _ => Err(wrong_call(&DOC)),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let column = text_column(&arguments)?;
        let mut digits = StringBuilder::with_capacity(column.len(), 11 * column.len());
        let mut number = String::new();
        for text in column.as_string::<i32>() {
            number.clear();
            number.extend(digits_of(text.unwrap_or_default()));
            digits.append_option((!number.is_empty()).then_some(&number));
        }
        like_arguments(&arguments, Arc::new(digits.finish()))
    }
}

/// The digits before an extension begins. Words before the number (`fax 555..`) are no extension.
fn digits_of(text: &str) -> impl Iterator<Item = char> {
    let first = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
    text[first..]
        .chars()
        .take_while(|c| !matches!(c, 'x' | 'X' | '#' | ';' | ','))
        .filter(char::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_end_where_the_extension_begins() {
        let digits = |text| digits_of(text).collect::<String>();
        assert_eq!(digits("(555) 123-4567"), "5551234567");
        assert_eq!(digits("+44 20 7946 0958"), "442079460958");
        assert_eq!(digits("0049 30 123456"), "004930123456");
        assert_eq!(digits("fax: 555.123.4567 X12"), "5551234567");
        assert_eq!(digits("555-1234 Ext 9"), "5551234");
        assert_eq!(digits("tel:+1-201-555-0123;ext=4"), "12015550123");
        assert_eq!(digits("none"), "");
    }
}
