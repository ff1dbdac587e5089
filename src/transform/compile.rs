//! From the steps as written to the steps that run: every mistake of every expression at once.

use std::{collections::HashSet, sync::Arc};

use datafusion::arrow::{
    array::{RecordBatch, RecordBatchOptions, new_null_array},
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use jiff::Timestamp;

use super::{
    engine::{Engine, EngineError},
    expression::Expression,
    failure,
    lookup::{self, Lookup, LookupOptions, Table},
    names,
    options::{DedupeOptions, MapOptions, MapValue, Step},
    place::Place,
    sql::{self, QueryTables, SqlOptions},
    steps::{Dedupe, Made, Map, Ready, Steps, TableColumns},
};
use crate::{diagnostic::Diagnostic, yaml::Spanned};

/// See [`Steps::compile_over`].
pub(super) fn compile(
    text: &str,
    steps: &[Step],
    input: SchemaRef,
    tables: &TableColumns,
    queries: &QueryTables,
    now: Timestamp,
) -> Result<Steps, Vec<Diagnostic>> {
    let mut compiler = Compiler {
        text,
        engine: Engine::new(now),
        now,
        columns: Arc::clone(&input),
        untyped: HashSet::new(),
        complaints: Vec::new(),
        warnings: Vec::new(),
        lost: false,
    };
    let known = |index: usize| tables.get(&index).map(Vec::as_slice);
    let steps = steps.iter().enumerate();
    let mut ready = Vec::with_capacity(steps.len());
    for (index, step) in steps {
        ready.push(match step {
            _ if compiler.lost => Ready::Nothing,
            Step::Sql(options) => compiler.sql(index, options, queries.get(&index)),
            step => compiler.step(step, known(index)),
        });
    }
    if compiler.complaints.is_empty() {
        Ok(Steps::new(ready, input, compiler.columns, compiler.warnings))
    } else {
        Err(compiler.complaints)
    }
}

struct Compiler<'a> {
    text: &'a str,
    engine: Engine,
    now: Timestamp,
    /// The columns after the steps so far.
    columns: SchemaRef,
    /// Columns whose own expression is wrong: what uses them is not complained about again.
    untyped: HashSet<String>,
    complaints: Vec<Diagnostic>,
    /// What a user should know about the steps, and that stops nothing.
    warnings: Vec<String>,
    /// Whether the columns are not known: the query that makes them is wrong.
    lost: bool,
}

impl Compiler<'_> {
    /// `table` has the columns of the table that the step reads, if they are known.
    fn step(&mut self, step: &Step, table: Option<&[String]>) -> Ready {
        match step {
            Step::Map(options) => self.map(options),
            Step::Filter(sql) => self.filter(sql).map_or(Ready::Nothing, Ready::Filter),
            Step::Dedupe(options) => Ready::Dedupe(self.dedupe(options)),
            Step::Lookup(options) => Ready::Lookup(self.lookup(options, table)),
            // The documented rules of the target run after the last step, with these fixes; a
            // query is planned by `sql`.
            Step::Validate(_) | Step::Sql(_) => Ready::Nothing,
        }
    }

    /// `tables` has the columns of its tables, as far as they are known.
    fn sql(
        &mut self,
        step: usize,
        options: &SqlOptions,
        tables: Option<&Vec<Option<SchemaRef>>>,
    ) -> Ready {
        let interval = |field: &&Arc<Field>| matches!(field.data_type(), DataType::Interval(_));
        if let Some(field) = self.columns.fields().iter().find(interval) {
            let message = format!(
                "the column `{}` is an interval, which cannot be kept for a query",
                field.name()
            );
            self.complaints.push(Diagnostic::new(options.sql.span, message));
        }
        let place = Place { text: self.text, sql: &options.sql };
        let tables = tables.map(Vec::as_slice);
        let planned = match self.untyped.is_empty() {
            true => sql::plan(step, options, place, &self.columns, tables, self.now),
            // What is wrong with the columns before it was told.
            false => Err(Vec::new()),
        };
        match planned {
            Ok(planned) => {
                self.columns = Arc::clone(&planned.query.output);
                self.warnings.extend(planned.warnings);
                Ready::Sql(planned.query)
            }
            Err(complaints) => {
                self.complaints.extend(complaints);
                self.lost = true;
                Ready::Nothing
            }
        }
    }

    fn filter(&mut self, sql: &Spanned<String>) -> Option<Expression> {
        let expression = self.expression("filter", sql)?;
        match expression.data_type() {
            DataType::Boolean | DataType::Null => Some(expression),
            other => {
                let message =
                    format!("a filter must be true or false, and this is {}", kind(other));
                self.complaints.push(
                    Diagnostic::new(sql.span, message).with_hint(
                        "compare it with something, as in `coalesce(opt_out, '') <> 'Y'`",
                    ),
                );
                None
            }
        }
    }

    fn dedupe(&mut self, options: &DedupeOptions) -> Dedupe {
        let mut key = Vec::with_capacity(options.key.len());
        for column in &options.key {
            match self.columns.index_of(column) {
                Ok(index) if key.contains(&index) => self.complaints.push(Diagnostic::new(
                    column.span,
                    format!("the key names `{}` twice", column.value),
                )),
                Ok(index) => key.push(index),
                Err(_) => {
                    let unknown = names::unknown_column(column, column.span, &self.columns);
                    self.complaints.push(unknown);
                }
            }
        }
        Dedupe { key, keep: options.keep, duplicates: None }
    }

    fn lookup(&mut self, options: &LookupOptions, table: Option<&[String]>) -> Lookup {
        let mut on = Vec::with_capacity(options.on.0.len());
        for (here, _) in &options.on.0 {
            match self.columns.index_of(here) {
                Ok(index) => on.push(index),
                Err(_) => {
                    let unknown = names::unknown_column(here, here.span, &self.columns);
                    self.complaints.push(unknown);
                }
            }
        }
        if let Some(table) = table {
            let wanted = options.on.there().chain(options.take.there());
            let unknown = wanted.filter(|column| !table.contains(&column.value));
            let complaint = |column| names::unknown_in_table(column, &options.from, table);
            self.complaints.extend(unknown.map(complaint));
        }
        let made = self.take(options);
        Lookup {
            from: options.from.value.clone(),
            on,
            made,
            columns: Arc::clone(&self.columns),
            missing: options.missing,
            last_wins: matches!(options.table(), Table::Results(_)),
            table: None,
        }
    }

    /// The columns after a `lookup`: those of before, of which it replaces some, and its own.
    fn take(&mut self, options: &LookupOptions) -> Vec<lookup::Made> {
        let mut fields: Vec<Field> =
            self.columns.fields().iter().map(|field| field.as_ref().clone()).collect();
        let mut made: Vec<_> = (0..fields.len()).map(lookup::Made::Column).collect();
        for (value, (target, _)) in options.take.0.iter().enumerate() {
            let field = Field::new(&target.value, DataType::Utf8, true);
            self.untyped.remove(&target.value);
            match fields.iter().position(|old| old.name() == &target.value) {
                Some(index) => (fields[index], made[index]) = (field, lookup::Made::Taken(value)),
                None => {
                    fields.push(field);
                    made.push(lookup::Made::Taken(value));
                }
            }
        }
        self.columns = Arc::new(Schema::new(fields));
        made
    }

    fn map(&mut self, options: &MapOptions) -> Ready {
        let mut fields = Vec::new();
        let mut made = Vec::new();
        let mut untyped = HashSet::new();
        for (target, value) in &options.columns {
            if fields.iter().any(|field: &Field| field.name() == &target.value) {
                let message = format!("the column `{}` is mapped twice", target.value);
                self.complaints.push(Diagnostic::new(target.span, message));
                continue;
            }
            let source = self.value(target, value);
            let data_type = match &source {
                Some(source) => source.data_type(&self.columns),
                None => {
                    untyped.insert(target.value.clone());
                    DataType::Null
                }
            };
            fields.push(Field::new(&target.value, data_type, true));
            made.extend(source);
        }
        if options.keep {
            self.keep_unmapped(&mut fields, &mut made, &mut untyped);
        }
        self.columns = Arc::new(Schema::new(fields));
        self.untyped = untyped;
        Ready::Map(Map { made, columns: Arc::clone(&self.columns) })
    }

    fn keep_unmapped(
        &self,
        fields: &mut Vec<Field>,
        made: &mut Vec<Made>,
        untyped: &mut HashSet<String>,
    ) {
        for (index, field) in self.columns.fields().iter().enumerate() {
            if fields.iter().all(|mapped| mapped.name() != field.name()) {
                fields.push(field.as_ref().clone());
                made.push(Made::Column(index));
                untyped.extend(self.untyped.get(field.name()).cloned());
            }
        }
    }

    fn value(&mut self, target: &Spanned<String>, value: &MapValue) -> Option<Made> {
        match value {
            MapValue::Value(text) => Some(Made::Text(text.clone())),
            MapValue::Column(column) => match self.columns.index_of(column) {
                Ok(index) => Some(Made::Column(index)),
                Err(_) => {
                    let unknown = names::unknown_column(column, column.span, &self.columns);
                    self.complaints.push(unknown);
                    None
                }
            },
            MapValue::Sql(sql) => self.expression(target, sql).map(Made::Sql),
        }
    }

    fn syntax(&self, error: &EngineError, place: Place<'_>) -> Diagnostic {
        let (message, at) = failure::of_syntax(error);
        let start = at.and_then(|(line, column)| place.offset(line, column));
        let span = start.map(|start| {
            let rest = &place.sql[start..];
            let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let end = start + word.max(rest.chars().next().map_or(0, char::len_utf8));
            place.of(start, end)
        });
        let message = format!("this is not a SQL expression: {message}");
        let complaint = Diagnostic::new(span.unwrap_or(place.sql.span), message);
        let unquoted = start.and_then(|start| names::unquoted(place, &self.columns, start));
        match unquoted {
            Some((_, _, column)) => complaint.with_hint(names::in_quotes(&column)),
            None => complaint,
        }
    }

    /// Plans an expression, or complains and gives none.
    fn expression(&mut self, target: &str, sql: &Spanned<String>) -> Option<Expression> {
        let place = Place { text: self.text, sql };
        let parsed = match self.engine.parse(sql) {
            Ok(parsed) => parsed,
            Err(error) => {
                self.complaints.push(self.syntax(&error, place));
                return None;
            }
        };
        let names = names::look_up(&parsed, place, &self.columns, &self.engine);
        if !names.complaints.is_empty() {
            self.complaints.extend(names.complaints);
            return None;
        }
        if names.columns.iter().any(|column| self.untyped.contains(column)) {
            return None;
        }
        let wrong = match self.engine.plan(parsed, &self.columns) {
            Ok(planned) => {
                let expression = Expression::new(target, &**sql, planned);
                match always_fails(&expression, &self.columns) {
                    None => return Some(expression),
                    Some(error) => format!("every row fails: {}", failure::of_value(&error)),
                }
            }
            Err(error) => failure::of_expression(&error),
        };
        self.complaints.push(Diagnostic::new(sql.span, wrong));
        None
    }
}

/// The error of an expression that reads no column, and so fails for every row.
fn always_fails(expression: &Expression, columns: &SchemaRef) -> Option<EngineError> {
    if !expression.columns().is_empty() {
        return None;
    }
    let nulls = columns.fields().iter().map(|field| new_null_array(field.data_type(), 1)).collect();
    let nullable = columns.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
    let nullable = Schema::new(nullable.collect::<Vec<_>>());
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    let row = RecordBatch::try_new_with_options(Arc::new(nullable), nulls, &options);
    row.map_err(Into::into).and_then(|row| expression.try_evaluate(&row)).err()
}

fn kind(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 => "text".to_owned(),
        DataType::Date32 => "a date".to_owned(),
        DataType::Timestamp(..) => "a date and time".to_owned(),
        other if other.is_numeric() => "a number".to_owned(),
        other => format!("of type {other}"),
    }
}
