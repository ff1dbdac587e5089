//! `latin1(text)`: a text in the characters of ISO-8859-1.

use datafusion::logical_expr::ScalarUDF;

use super::{FunctionDoc, text_function::text_function};
use crate::rules::latin1;

pub(super) const DOC: FunctionDoc = FunctionDoc {
    name: "latin1",
    arguments: "text",
    meaning: "the text with the characters that ISO-8859-1 lacks written in those that it has; null \
              where nothing is left",
    example: "latin1('“Łódź” – 5 €')",
    result: "\"Lódz\" - 5 EUR",
};

pub(super) fn function() -> ScalarUDF {
    text_function(&DOC, |text| Some(latin1(text)).filter(|written| !written.is_empty()))
}
