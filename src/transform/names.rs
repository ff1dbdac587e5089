//! The names in an expression: all that do not exist are told at once, with the nearest that do.

use std::ops::ControlFlow;

use datafusion::{
    arrow::datatypes::{DataType, Field, Schema},
    sql::sqlparser::{
        ast::{Expr, Function, Ident, Query, Spanned as _, Visit, Visitor},
        keywords::ALL_KEYWORDS,
        tokenizer,
    },
};

use super::{engine::Engine, place::Place};
use crate::{
    diagnostic::{Diagnostic, Span},
    yaml::Spanned,
};

/// Most columns that a hint lists.
const LISTED: usize = 30;

/// Functions that people know from SQL and that need more than one row.
const OVER_MANY_ROWS: &[&str] =
    &["avg", "count", "lag", "lead", "max", "min", "rank", "row_number", "sum"];

/// What an expression names.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Columns, as written.
    pub columns: Vec<String>,
    /// Names of columns and functions that do not exist.
    pub complaints: Vec<Diagnostic>,
}

/// Looks all names of `expression` up.
pub(super) fn look_up(
    expression: &Expr,
    place: Place<'_>,
    columns: &Schema,
    engine: &Engine,
) -> Names {
    let mut reader = Reader { place, columns, engine, names: Names::default(), seen_to: 0 };
    let _ = expression.visit(&mut reader);
    reader.names
}

struct Reader<'a> {
    place: Place<'a>,
    columns: &'a Schema,
    engine: &'a Engine,
    names: Names,
    /// Offset in the expression after the last complaint, so that `a-b` is told once.
    seen_to: usize,
}

impl Visitor for Reader<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        let message = "an expression works on one row and cannot hold a query";
        self.names.complaints.push(Diagnostic::new(self.place.sql.span, message));
        ControlFlow::Break(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        match expression {
            Expr::Identifier(name) => self.column(&name.value, name.quote_style, name.span),
            Expr::CompoundIdentifier(parts) => {
                let name = parts.iter().map(|part: &Ident| &*part.value).collect::<Vec<_>>();
                self.column(&name.join("."), None, expression.span());
            }
            Expr::Function(function) => self.function(function),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

impl Reader<'_> {
    fn column(&mut self, name: &str, quote: Option<char>, span: tokenizer::Span) {
        let (start, end) = self.offsets(span, name.len());
        let known = self.columns.column_with_name(name).is_some();
        if known && (quote.is_some() || !name.contains('.')) {
            self.names.columns.push(name.to_owned());
            return;
        }
        if start < self.seen_to {
            return;
        }
        let unquoted = unquoted(self.place, self.columns, start).filter(|_| quote.is_none());
        let complaint =
            match unquoted {
                Some((from, to, column)) => {
                    self.seen_to = to;
                    Diagnostic::new(self.place.of(from, to), no_column(&self.place.sql[from..to]))
                        .with_hint(in_quotes(&column))
                }
                None => {
                    self.seen_to = end;
                    Diagnostic::new(self.place.of(start, end), no_column(name))
                        .with_hint(column_hint(name, quote, self.columns))
                }
            };
        self.names.complaints.push(complaint);
    }

    fn function(&mut self, function: &Function) {
        let name = function.name.to_string().to_lowercase();
        if self.engine.has_function(&name) {
            return;
        }
        let span =
            function.name.0.first().map(|part| part.span()).unwrap_or(tokenizer::Span::empty());
        let (start, end) = self.offsets(span, name.len());
        let mut complaint =
            Diagnostic::new(self.place.of(start, end), format!("there is no function `{name}`"));
        let column = unquoted(self.place, self.columns, start);
        complaint.hint = if let Some((_, _, column)) = column {
            Some(in_quotes(&column))
        } else if OVER_MANY_ROWS.contains(&&*name) {
            Some(
                "an expression works on one row; `greatest` and `least` compare values of a row"
                    .to_owned(),
            )
        } else {
            nearest(&name, self.engine.function_names())
                .map(|near| format!("did you mean `{near}`?"))
        };
        self.names.complaints.push(complaint);
    }

    fn offsets(&self, span: tokenizer::Span, length: usize) -> (usize, usize) {
        let start = self.place.offset(span.start.line, span.start.column);
        let end = self.place.offset(span.end.line, span.end.column);
        match (start, end) {
            (Some(start), Some(end)) if start < end => (start, end),
            (Some(start), _) => (start, start + length),
            _ => (0, self.place.sql.len()),
        }
    }
}

/// A column that stands around `offset` without the quotes that it needs, and its range.
pub(super) fn unquoted(
    place: Place<'_>,
    columns: &Schema,
    offset: usize,
) -> Option<(usize, usize, String)> {
    let names = columns.fields().iter().map(|field| field.name());
    names.filter(|name| as_identifier(name) != **name || is_sql_word(name)).find_map(|name| {
        let mut places =
            place.sql.match_indices(name.as_str()).map(|(at, _)| (at, at + name.len()));
        let (from, to) = places.find(|(from, to)| {
            (*from..*to).contains(&offset) && stands_alone(place.sql, *from, *to)
        })?;
        Some((from, to, name.clone()))
    })
}

fn is_sql_word(name: &str) -> bool {
    ALL_KEYWORDS.binary_search(&&*name.to_uppercase()).is_ok()
}

/// Whether no word goes on before or after a place.
fn stands_alone(text: &str, from: usize, to: usize) -> bool {
    let of_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '"');
    !text[..from].ends_with(of_word) && !text[to..].starts_with(of_word)
}

/// How a column that needs quotes is written.
pub(super) fn in_quotes(column: &str) -> String {
    let why = match as_identifier(column) == column {
        true => "a word of SQL that names a column",
        false => "a name with other signs than letters, digits and `_`",
    };
    format!("write `\"{}\"`: {why} stands in double quotes", column.replace('"', "\"\""))
}

/// The complaint about a column that a step names outright, not in an expression.
pub(super) fn unknown_column(name: &str, span: Span, columns: &Schema) -> Diagnostic {
    Diagnostic::new(span, no_column(name))
        .with_hint(name_hint(name, columns, |column| format!("`{column}`")))
}

/// The complaint about a column that the table of a `lookup` does not have.
pub(super) fn unknown_in_table(
    column: &Spanned<String>,
    table: &str,
    columns: &[String],
) -> Diagnostic {
    let fields = columns.iter().map(|name| Field::new(name, DataType::Utf8, true));
    let columns = Schema::new(fields.collect::<Vec<_>>());
    let message = format!("there is no column `{}` in {table}", column.value);
    Diagnostic::new(column.span, message)
        .with_hint(name_hint(column, &columns, |column| format!("`{column}`")))
}

pub(super) fn no_column(name: &str) -> String {
    format!("there is no column `{name}`")
}

pub(super) fn column_hint(name: &str, quote: Option<char>, columns: &Schema) -> String {
    let hint = name_hint(name, columns, |column| match as_identifier(column) {
        quoted if quote == Some('"') => format!("`\"{}\"`", quoted.trim_matches('"')),
        written => format!("`{written}`"),
    });
    match quote {
        Some('"') if !hint.starts_with("did") => {
            format!("text stands in single quotes: `'{name}'`; {hint}")
        }
        _ => hint,
    }
}

fn name_hint(name: &str, columns: &Schema, show: impl Fn(&str) -> String) -> String {
    let names = || columns.fields().iter().map(|field| field.name().as_str());
    let mut hint = match nearest(name, names()) {
        Some(near) => format!("did you mean {}? ", show(near)),
        None => String::new(),
    };
    let listed = names().take(LISTED).map(|name| format!("`{name}`")).collect::<Vec<_>>();
    hint.push_str(&match columns.fields().len() {
        0 => "there are no columns".to_owned(),
        all if all > LISTED => {
            format!("the columns are: {} and {} more", listed.join(", "), all - LISTED)
        }
        _ => format!("the columns are: {}", listed.join(", ")),
    });
    hint
}

/// A column as an expression writes it.
fn as_identifier(column: &str) -> String {
    let mut chars = column.chars();
    let plain = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_');
    if plain { column.to_owned() } else { format!("\"{}\"", column.replace('"', "\"\"")) }
}

/// The most similar of `names`, if it is similar at all. Case, spaces, hyphens and underscores
/// count for little: they are what people get wrong about a header.
pub(super) fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let wanted = folded(name);
    let rated = names.map(|candidate| {
        let distance = strsim::damerau_levenshtein(&wanted, &folded(candidate));
        (distance, strsim::damerau_levenshtein(name, candidate), candidate)
    });
    let (distance, _, candidate) = rated.min()?;
    let allowed = (wanted.chars().count() / 3).max(1);
    (distance <= allowed && distance < wanted.chars().count()).then_some(candidate)
}

fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, ' ' | '-' | '_' | '.'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_looks_past_case_and_signs() {
        let names = ["account_number", "Account Name", "callback_at"];
        let near = |name| nearest(name, names.into_iter());
        assert_eq!(near("acount_number"), Some("account_number"));
        assert_eq!(near("AccountName"), Some("Account Name"));
        assert_eq!(near("phone"), None);
        assert_eq!(near("x"), None);
    }
}
