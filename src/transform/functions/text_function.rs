//! A function from a text to a text.

use std::{
    borrow::Cow,
    hash::{Hash, Hasher},
    sync::Arc,
};

use arrow::{
    array::{Array, AsArray, StringBuilder},
    datatypes::DataType,
};
use datafusion::{
    common::Result,
    logical_expr::{
        ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
    },
};

use super::{FunctionDoc, like_arguments, text_column, wrong_call};

/// What such a function does with a text; none is null. Null always gives null.
type Value = for<'a> fn(&'a str) -> Option<Cow<'a, str>>;

/// The function that `doc` describes.
pub(super) fn text_function(doc: &'static FunctionDoc, value: Value) -> ScalarUDF {
    let signature = Signature::user_defined(Volatility::Immutable);
    TextFunction { doc, signature, value }.into()
}

#[derive(Debug)]
struct TextFunction {
    doc: &'static FunctionDoc,
    signature: Signature,
    value: Value,
}

/// A name is one function.
impl PartialEq for TextFunction {
    fn eq(&self, other: &Self) -> bool {
        self.doc.name == other.doc.name
    }
}

impl Eq for TextFunction {}

impl Hash for TextFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.doc.name.hash(state);
    }
}

impl ScalarUDFImpl for TextFunction {
    fn name(&self) -> &str {
        self.doc.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [_] => Ok(vec![DataType::Utf8]),
            _ => Err(wrong_call(self.doc)),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let column = text_column(&arguments)?;
        let texts = column.as_string::<i32>();
        let mut values = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
        for text in texts {
            values.append_option(text.and_then(self.value));
        }
        like_arguments(&arguments, Arc::new(values.finish()))
    }
}
