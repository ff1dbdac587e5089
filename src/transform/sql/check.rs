//! What is wrong with a query, told with its place and the way out.

use std::{collections::BTreeSet, ops::ControlFlow, sync::Arc};

use datafusion::{
    arrow::datatypes::{DataType, Field, Schema, SchemaRef},
    common::{Column, DataFusionError, Result, SchemaError},
    sql::{
        parser::{DFParserBuilder, Statement},
        sqlparser::{
            ast::{self, Expr, Ident, ObjectName, Query, Spanned as _, Visit, Visitor},
            dialect::GenericDialect,
            tokenizer,
        },
    },
};

use super::{INPUT, SqlOptions, session::Session};
use crate::{
    diagnostic::{Diagnostic, Span},
    transform::{failure, names, place::Place},
};

/// The statements of a text.
pub(super) fn statements(sql: &str) -> Result<Vec<Statement>> {
    let mut parser = DFParserBuilder::new(sql).with_dialect(&GenericDialect {}).build()?;
    Ok(parser.parse_statements()?.into())
}

/// Reads a query, and looks its tables and functions up.
pub(super) fn parse(
    session: &Session,
    place: Place<'_>,
    options: &SqlOptions,
) -> Result<Statement, Vec<Diagnostic>> {
    let mut statements = statements(place.sql).map_err(|error| vec![syntax(&error, place)])?;
    let (Some(statement), true) = (statements.pop(), statements.is_empty()) else {
        let message = "a `sql` step is one query";
        return Err(vec![Diagnostic::new(place.sql.span, message)]);
    };
    let query = match &statement {
        Statement::Statement(ast) => match ast.as_ref() {
            ast::Statement::Query(query) => Some(query),
            _ => None,
        },
        _ => None,
    };
    let Some(query) = query else {
        let message = "a `sql` step is a query: it begins with SELECT or WITH";
        return Err(vec![Diagnostic::new(place.sql.span, message)]);
    };
    let mut reader =
        Reader { place, session, tables: Vec::new(), with: Vec::new(), wrong: Vec::new() };
    reader.tables.push(INPUT.to_owned());
    for (name, _) in &options.tables.0 {
        if reader.tables.contains(&name.value) {
            let message = format!("there is a table `{}` already", name.value);
            let hint = "`input` is the rows before the step; choose another name";
            reader.wrong.push(Diagnostic::new(name.span, message).with_hint(hint));
        }
        reader.tables.push(name.value.clone());
    }
    let _ = query.visit(&mut reader);
    match reader.wrong.is_empty() {
        true => Ok(statement),
        false => Err(reader.wrong),
    }
}

fn syntax(error: &DataFusionError, place: Place<'_>) -> Diagnostic {
    let (message, at) = failure::of_syntax(error);
    let start = at.and_then(|(line, column)| place.offset(line, column));
    let span = start.map(|start| {
        let rest = &place.sql[start..];
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        place.of(start, start + word.max(rest.chars().next().map_or(0, char::len_utf8)))
    });
    let message = format!("this is not a SQL query: {message}");
    Diagnostic::new(span.unwrap_or(place.sql.span), message)
}

struct Reader<'a> {
    place: Place<'a>,
    session: &'a Session,
    /// `input` and the tables beside it.
    tables: Vec<String>,
    /// Names that the query gives to parts of itself by WITH.
    with: Vec<String>,
    wrong: Vec<Diagnostic>,
}

impl Visitor for Reader<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let with = query.with.iter().flat_map(|with| &with.cte_tables);
        self.with.extend(with.map(|table| table.alias.name.value.clone()));
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let parts: Vec<&Ident> = relation.0.iter().filter_map(|part| part.as_ident()).collect();
        let known = |name: &str| self.tables.iter().chain(&self.with).any(|table| table == name);
        if !matches!(parts.as_slice(), [only] if known(&only.value)) {
            let name = parts.iter().map(|part| part.value.as_str()).collect::<Vec<_>>().join(".");
            let tables = self.tables.iter().map(|table| format!("`{table}`"));
            let tables = tables.collect::<Vec<_>>().join(", ");
            let near = names::nearest(&name, self.tables.iter().map(String::as_str));
            let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            let hint = format!("{near}the tables are: {tables}; `tables` beside `sql` names more");
            let span = spanned(self.place, relation.span(), &name);
            let message = format!("there is no table `{name}`");
            self.wrong.push(Diagnostic::new(span, message).with_hint(hint));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        let Expr::Function(function) = expression else { return ControlFlow::Continue(()) };
        let written = function.name.to_string();
        let name = written.to_lowercase();
        if !self.session.has_function(&name) {
            let span = spanned(self.place, function.name.span(), &written);
            let mut complaint = Diagnostic::new(span, format!("there is no function `{name}`"));
            complaint.hint = names::nearest(&name, self.session.function_names())
                .map(|near| format!("did you mean `{near}`?"));
            self.wrong.push(complaint);
        }
        ControlFlow::Continue(())
    }
}

/// The place of a span that the parser tells; of the name itself where it tells none.
fn spanned(place: Place<'_>, span: tokenizer::Span, name: &str) -> Span {
    let start = place.offset(span.start.line, span.start.column);
    let end = place.offset(span.end.line, span.end.column);
    match (start, end) {
        (Some(start), Some(end)) if start < end => place.of(start, end),
        _ => place.word(name),
    }
}

/// The columns of a table that is not there yet: all that the query names and no table has.
pub(super) fn guessed(parsed: &Statement, known: &[(String, SchemaRef)]) -> SchemaRef {
    struct Identifiers(BTreeSet<String>);

    impl Visitor for Identifiers {
        type Break = ();

        fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
            match expression {
                Expr::Identifier(name) => drop(self.0.insert(name.value.clone())),
                Expr::CompoundIdentifier(parts) => {
                    self.0.extend(parts.last().map(|name| name.value.clone()));
                }
                _ => {}
            }
            ControlFlow::Continue(())
        }
    }

    let mut identifiers = Identifiers(BTreeSet::new());
    if let Statement::Statement(statement) = parsed {
        let _ = statement.visit(&mut identifiers);
    }
    // A column that `input` has is probably meant to be its; of the rest it is not known whose.
    let (input, named) = (known.first().map(|(_, schema)| schema), named_by_a_table(parsed));
    let of_input = |name: &str| input.is_some_and(|schema| schema.column_with_name(name).is_some());
    let names = identifiers.0.into_iter().filter(|name| !of_input(name) || named.contains(name));
    let fields = names.map(|name| Field::new(name, DataType::Utf8, true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Columns that stand behind the name of a table: `r.id`.
fn named_by_a_table(parsed: &Statement) -> BTreeSet<String> {
    struct Compound(BTreeSet<String>);

    impl Visitor for Compound {
        type Break = ();

        fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
            if let Expr::CompoundIdentifier(parts) = expression {
                self.0.extend(parts.last().map(|name| name.value.clone()));
            }
            ControlFlow::Continue(())
        }
    }

    let mut compound = Compound(BTreeSet::new());
    if let Statement::Statement(statement) = parsed {
        let _ = statement.visit(&mut compound);
    }
    compound.0
}

/// The complaint about a query that cannot be planned.
pub(super) fn complaint(
    error: &DataFusionError,
    place: Place<'_>,
    tables: &[(String, SchemaRef)],
) -> Diagnostic {
    let told = error.diagnostic().and_then(|diagnostic| diagnostic.span);
    let at = |name: &str| {
        let offset =
            |location: datafusion::common::Location| place.offset(location.line, location.column);
        let span = told.and_then(|span| Some((offset(span.start)?, offset(span.end)?)));
        span.filter(|(start, end)| start < end)
            .map_or_else(|| place.word(name), |(start, end)| place.of(start, end))
    };
    match error.find_root() {
        DataFusionError::SchemaError(error, _) => match error.as_ref() {
            SchemaError::FieldNotFound { field, valid_fields } => {
                unknown_column(field, valid_fields, at(&field.name), tables)
            }
            SchemaError::AmbiguousReference { field } => {
                let message = format!("the column `{}` stands for several", field.name);
                let hint = format!(
                    "name the table with it, as in `{INPUT}.{0}`, or give one of them another name, as \
                     in `.. AS {0}_2`",
                    field.name
                );
                Diagnostic::new(at(&field.name), message).with_hint(hint)
            }
            other => Diagnostic::new(place.sql.span, other.to_string()),
        },
        _ => {
            Diagnostic::new(told.map_or(place.sql.span, |_| at("")), failure::of_expression(error))
        }
    }
}

fn unknown_column(
    field: &Column,
    valid: &[Column],
    span: Span,
    tables: &[(String, SchemaRef)],
) -> Diagnostic {
    let of_table = field.relation.as_ref().map(|table| table.table());
    let fields: Vec<Field> = match tables.iter().find(|(name, _)| Some(name.as_str()) == of_table) {
        Some((_, schema)) => schema.fields().iter().map(|field| field.as_ref().clone()).collect(),
        None => valid.iter().map(|column| Field::new(&column.name, DataType::Utf8, true)).collect(),
    };
    let schema = Schema::new(fields);
    Diagnostic::new(span, names::no_column(&field.flat_name())).with_hint(names::column_hint(
        &field.name,
        None,
        &schema,
    ))
}
