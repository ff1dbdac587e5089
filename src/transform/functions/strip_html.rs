//! `strip_html(text)`: the plain text of a piece of HTML.

use std::borrow::Cow;

use datafusion::logical_expr::ScalarUDF;

use super::{FunctionDoc, html::plain_text, text_function::text_function};

pub(super) const DOC: FunctionDoc = FunctionDoc {
    name: "strip_html",
    arguments: "text",
    meaning: "the plain text of a piece of HTML: tags, comments, scripts and styles out; a line end \
              for `<br>` and after paragraphs, headings, list items and table rows; entities \
              resolved; blanks as a browser shows them. Text without any tag keeps its line ends. \
              Null where nothing is left",
    example: "strip_html('<p>O&rsquo;Brien<br>AT&amp;T</p>')",
    result: "O’Brien\nAT&T",
};

pub(super) fn function() -> ScalarUDF {
    text_function(&DOC, |text| match plain_text(text) {
        plain if plain.is_empty() => None,
        plain => Some(Cow::Owned(plain)),
    })
}
