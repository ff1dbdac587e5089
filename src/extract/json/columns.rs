//! The columns of NDJSON rows: which there are, of which types, and the values of a chunk.

use std::{collections::HashMap, sync::Arc};

use arrow::{
    array::{ArrayRef, BooleanBuilder, Float64Builder, Int64Builder, StringBuilder},
    datatypes::DataType,
};

use super::object::{Object, Value};

/// Of which type a column is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// No row has shown a value yet.
    #[default]
    Unknown,
    Bool,
    Whole,
    Number,
    Text,
}

impl Kind {
    fn of(value: &Value<'_>) -> Kind {
        match value {
            Value::Null => Kind::Unknown,
            Value::Bool(_) => Kind::Bool,
            Value::Number(digits) if digits.parse::<i64>().is_ok() => Kind::Whole,
            // As a number it would lose digits; it is probably a name.
            Value::Number(digits) if !digits.contains(['.', 'e', 'E']) => Kind::Text,
            Value::Number(_) => Kind::Number,
            Value::Text(_) | Value::Nested(_) => Kind::Text,
        }
    }

    /// The kind that holds values of both.
    pub fn with(self, value: &Value<'_>) -> Kind {
        match (self, Kind::of(value)) {
            (Kind::Unknown, other) | (other, Kind::Unknown) => other,
            (one, other) if one == other => one,
            (Kind::Whole | Kind::Number, Kind::Whole | Kind::Number) => Kind::Number,
            _ => Kind::Text,
        }
    }

    pub fn data_type(self) -> DataType {
        match self {
            Kind::Bool => DataType::Boolean,
            Kind::Whole => DataType::Int64,
            Kind::Number => DataType::Float64,
            Kind::Unknown | Kind::Text => DataType::Utf8,
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Kind::Bool => "true or false",
            Kind::Whole => "a whole number",
            Kind::Number => "a number",
            Kind::Unknown | Kind::Text => "a text",
        }
    }
}

/// Which columns there are.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Their names, and their types.
    pub columns: Vec<(String, Kind)>,
    by_name: HashMap<String, usize>,
    /// Whether keys that are no columns are passed over.
    pub others_are_passed: bool,
}

impl Keys {
    /// No columns but those named.
    pub fn only(names: impl Iterator<Item = String>) -> Self {
        let mut keys = Keys { others_are_passed: true, ..Keys::default() };
        names.for_each(|name| keys.add(name));
        keys
    }

    fn add(&mut self, name: String) {
        if !self.by_name.contains_key(&name) {
            self.by_name.insert(name.clone(), self.columns.len());
            self.columns.push((name, Kind::Unknown));
        }
    }

    /// Learns of the columns of a row, and of their types.
    pub fn learn(&mut self, object: &Object<'_>) {
        for (key, value) in &object.0 {
            if !self.others_are_passed && !self.by_name.contains_key(&**key) {
                self.add(key.to_string());
            }
            if let Some(column) = self.by_name.get(&**key) {
                let kind = &mut self.columns[*column].1;
                *kind = kind.with(value);
            }
        }
    }

    /// All values are text from here on.
    pub fn all_text(mut self) -> Self {
        self.columns.iter_mut().for_each(|(_, kind)| *kind = Kind::Text);
        self
    }

    /// The values of a row in the order of the columns; what is wrong with them beside.
    pub fn arrange<'v>(&self, object: Object<'v>) -> (Vec<Value<'v>>, Vec<String>) {
        let mut values = vec![Value::Null; self.columns.len()];
        let mut wrong = Vec::new();
        for (key, value) in object.0 {
            match self.by_name.get(&*key) {
                Some(column) => {
                    let (name, kind) = &self.columns[*column];
                    if !fits(&value, *kind) {
                        let text = value.text().unwrap_or_default();
                        wrong.push(format!("`{name}`: `{text}` is not {}", kind.in_words()));
                    }
                    values[*column] = value;
                }
                None if self.others_are_passed => {}
                None => wrong.push(format!(
                    "the key `{key}` is none of the columns, which are those of the first rows; \
                     `columns` can name it"
                )),
            }
        }
        (values, wrong)
    }
}

fn fits(value: &Value<'_>, kind: Kind) -> bool {
    match (kind, value) {
        (_, Value::Null) | (Kind::Unknown | Kind::Text, _) | (Kind::Bool, Value::Bool(_)) => true,
        (Kind::Whole, Value::Number(digits)) => whole(digits).is_some(),
        (Kind::Number, Value::Number(digits)) => number(digits).is_some(),
        _ => false,
    }
}

/// `1`, and also `1.0` and `1e3`.
fn whole(digits: &str) -> Option<i64> {
    /// Whole numbers up to it have a float of their own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    digits.parse().ok().or_else(|| {
        let number = number(digits)
            .filter(|number| digits.contains(['.', 'e', 'E']) && number.abs() < EXACT)?;
        (number.fract() == 0.0).then_some(number as i64)
    })
}

fn number(digits: &str) -> Option<f64> {
    digits.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The values of a chunk, column by column.
pub(super) struct Columns(Vec<Column>);

enum Column {
    Bool(BooleanBuilder),
    Whole(Int64Builder),
    Number(Float64Builder),
    Text(StringBuilder),
}

impl Columns {
    pub fn new(keys: &Keys) -> Self {
        let column = |(_, kind): &(String, Kind)| match kind {
            Kind::Bool => Column::Bool(BooleanBuilder::new()),
            Kind::Whole => Column::Whole(Int64Builder::new()),
            Kind::Number => Column::Number(Float64Builder::new()),
            Kind::Unknown | Kind::Text => Column::Text(StringBuilder::new()),
        };
        Columns(keys.columns.iter().map(column).collect())
    }

    /// Adds a row whose values fit.
    pub fn add(&mut self, values: &[Value<'_>]) {
        for (column, value) in self.0.iter_mut().zip(values) {
            match (column, value) {
                (Column::Bool(column), Value::Bool(value)) => column.append_value(*value),
                (Column::Bool(column), _) => column.append_null(),
                (Column::Whole(column), Value::Number(value)) => column.append_option(whole(value)),
                (Column::Whole(column), _) => column.append_null(),
                (Column::Number(column), Value::Number(value)) => {
                    column.append_option(number(value));
                }
                (Column::Number(column), _) => column.append_null(),
                (Column::Text(column), value) => column.append_option(value.text()),
            }
        }
    }

    /// The columns of the rows so far, and begins anew.
    pub fn finish(&mut self) -> Vec<ArrayRef> {
        let finish = |column: &mut Column| -> ArrayRef {
            match column {
                Column::Bool(column) => Arc::new(column.finish()),
                Column::Whole(column) => Arc::new(column.finish()),
                Column::Number(column) => Arc::new(column.finish()),
                Column::Text(column) => Arc::new(column.finish()),
            }
        };
        self.0.iter_mut().map(finish).collect()
    }
}
