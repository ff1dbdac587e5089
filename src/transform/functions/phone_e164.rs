//! `phone_e164(text, region)`: a phone number as `+15551234567`.

use std::sync::Arc;

use arrow::{
    array::{Array, AsArray, StringBuilder},
    datatypes::{DataType, Field, FieldRef},
};
use datafusion::{
    common::Result,
    logical_expr::{
        ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
    },
};
use phonenumber::{Mode, country};

use super::{
    FunctionDoc, Text, constant_text, failure, like_arguments, text_column, two_arguments,
};

pub(super) const DOC: FunctionDoc = FunctionDoc {
    name: "phone_e164",
    arguments: "text, region",
    meaning: "a phone number in E.164 form, its extension left out; a number without country code \
              is one of the region (`US`, `GB`, ..). A number that cannot exist there rejects the \
              row; null and blank give null",
    example: "phone_e164('(201) 555-0123', 'US')",
    result: "+12015550123",
};

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PhoneE164(Signature);

impl Default for PhoneE164 {
    fn default() -> Self {
        PhoneE164(Signature::user_defined(Volatility::Immutable))
    }
}

impl ScalarUDFImpl for PhoneE164 {
    fn name(&self) -> &str {
        DOC.name
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    /// A region that is written out is checked when the expression is compiled.
    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        if let Some(region) = constant_text(&arguments, 1) {
            region_of(region)?;
        }
        Ok(Arc::new(Field::new(DOC.name, DataType::Utf8, true)))
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        two_arguments(types, &DOC)?;
        Ok(vec![DataType::Utf8; 2])
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let column = text_column(&arguments)?;
        let regions = Text::of(&arguments.args[1])?;
        let constant = match regions {
            Text::Constant(Some(region)) => Some(region_of(region)?),
            _ => None,
        };
        let mut numbers = StringBuilder::with_capacity(column.len(), 12 * column.len());
        for (row, text) in column.as_string::<i32>().iter().enumerate() {
            let region = match constant {
                Some(region) => Some(region),
                None => regions.row(row).map(region_of).transpose()?,
            };
            match text.map(str::trim).filter(|text| !text.is_empty()) {
                Some(text) => numbers.append_value(e164(text, region)?),
                None => numbers.append_null(),
            }
        }
        like_arguments(&arguments, Arc::new(numbers.finish()))
    }
}

fn region_of(region: &str) -> Result<country::Id> {
    region.trim().to_ascii_uppercase().parse().map_err(|_| {
        failure(format!("`{region}` is not a region: give two letters of ISO 3166, such as `US`"))
    })
}

fn e164(text: &str, region: Option<country::Id>) -> Result<String> {
    let number = phonenumber::parse(region, text)
        .map_err(|error| failure(format!("`{text}` is not a phone number: {error}")))?;
    if !phonenumber::is_valid(&number) {
        let region = region.map(|region| format!(" of {}", region.as_ref())).unwrap_or_default();
        return Err(failure(format!("`{text}` is not a valid phone number{region}")));
    }
    let number = number.format().mode(Mode::E164).to_string();
    Ok(match number.find(|c: char| c != '+' && !c.is_ascii_digit()) {
        Some(extension) => number[..extension].to_owned(),
        None => number,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_region_and_of_others_get_their_country_code() {
        let us = Some(country::US);
        assert_eq!(e164("(201) 555-0123", us).unwrap(), "+12015550123");
        assert_eq!(e164("+44 20 7946 0958", us).unwrap(), "+442079460958");
        assert_eq!(e164("201-555-0123 ext. 4", us).unwrap(), "+12015550123");
    }

    #[test]
    fn a_number_that_cannot_exist_is_told_with_the_region() {
        let told = |text| e164(text, Some(country::US)).unwrap_err().to_string();
        insta::assert_snapshot!(told("123"), @"Execution error: `123` is not a valid phone number of US");
        insta::assert_snapshot!(told("banana"), @"Execution error: `banana` is not a phone number: not a number");
    }

    #[test]
    fn an_unknown_region_says_what_a_region_is() {
        insta::assert_snapshot!(region_of("Narnia").unwrap_err().to_string(), @"Execution error: `Narnia` is not a region: give two letters of ISO 3166, such as `US`");
    }
}
