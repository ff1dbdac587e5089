//! The tree that a YAML document is: values with their spans.

use crate::diagnostic::Span;

/// A value of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands: a quoted scalar with its quotes, a block scalar without its `|` or `>`.
    pub span: Span,
    /// Whether its text came, at least in part, from `${..}`. Messages about it show the text as
    /// it was written and never the value, which may be a token or password.
    pub interpolated: bool,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing, or `null` or `~`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// Another number.
    Float(f64),
    /// Text.
    Str(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping: always text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub name: String,
    /// Where it stands.
    pub span: Span,
}

impl Node {
    /// A value as the file has it.
    pub fn new(value: Value, span: Span) -> Self {
        Node { value, span, interpolated: false }
    }

    /// The value of a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(name, _)| name.name == key).map(|(_, value)| value)
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let Value::Map(entries) = &mut self.value else { return None };
        entries.iter_mut().find(|(name, _)| name.name == key).map(|(_, value)| value)
    }

    /// The entries of a mapping; none if it is something else.
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Where to point when the whole is meant: the first key of a mapping, else all of it.
    pub fn head(&self) -> Span {
        self.entries().first().map_or(self.span, |(key, _)| key.span)
    }

    /// The value without its spelling: quotes, comments and spaces make no
    /// difference, but the order of keys does, since it orders columns.
    pub fn canonical(&self) -> String {
        match &self.value {
            Value::Null => "null".to_owned(),
            Value::Bool(flag) => flag.to_string(),
            Value::Int(number) => number.to_string(),
            Value::Float(number) => format!("{number:?}"),
            Value::Str(text) => format!("{text:?}"),
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(Node::canonical).collect();
                format!("[{}]", items.join(","))
            }
            Value::Map(entries) => {
                let entry =
                    |(key, value): &(Key, Node)| format!("{:?}:{}", key.name, value.canonical());
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
            }
        }
    }

    /// The value when a number or `true` or `false` is wanted. The text that `${..}` gives counts
    /// as if it stood there without quotes: whoever passes `--var campaign=125` means a number.
    pub(super) fn typed(&self) -> Value {
        match &self.value {
            Value::Str(text) if self.interpolated => core_schema(text.trim()),
            other => other.clone(),
        }
    }
}

/// What a plain scalar means by YAML 1.2's core schema (chapter 10.3.2). `yes`, `on` and octal
/// numbers without `0o` are text or decimal, as there.
pub(super) fn core_schema(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    whole_number(text)
        .map(Value::Int)
        .or_else(|| fraction(text).map(Value::Float))
        .unwrap_or_else(|| Value::Str(text.to_owned()))
}

fn whole_number(text: &str) -> Option<i128> {
    let value = if let Some(digits) = text.strip_prefix("0x") {
        from_digits(digits, 16)
    } else if let Some(digits) = text.strip_prefix("0o") {
        from_digits(digits, 8)
    } else if let Some(digits) = text.strip_prefix('-') {
        from_digits(digits, 10).map(|value| -value)
    } else {
        from_digits(text.strip_prefix('+').unwrap_or(text), 10)
    };
    // What no integer type of ours holds is left to be a fraction, as other parsers do.
    value.filter(|value| (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(value))
}

fn from_digits(digits: &str, radix: u32) -> Option<i128> {
    let only_digits = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    only_digits.then(|| i128::from_str_radix(digits, radix).ok()).flatten()
}

fn fraction(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    match unsigned {
        ".inf" | ".Inf" | ".INF" if text.starts_with('-') => return Some(f64::NEG_INFINITY),
        ".inf" | ".Inf" | ".INF" => return Some(f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" if unsigned == text => return Some(f64::NAN),
        _ => {}
    }
    let numeric = |byte: u8| byte.is_ascii_digit() || b".eE+-".contains(&byte);
    let first = unsigned.bytes().next()?;
    let starts = first.is_ascii_digit() || first == b'.';
    (starts && unsigned.bytes().all(numeric)).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_are_typed_by_the_core_schema() {
        let text = |text: &str| Value::Str(text.to_owned());
        for (scalar, value) in [
            ("", Value::Null),
            ("~", Value::Null),
            ("True", Value::Bool(true)),
            ("yes", text("yes")),
            ("007", Value::Int(7)),
            ("-12", Value::Int(-12)),
            ("+3", Value::Int(3)),
            ("0x1F", Value::Int(31)),
            ("0o17", Value::Int(15)),
            ("18446744073709551615", Value::Int(u64::MAX.into())),
            ("18446744073709551616", Value::Float(18446744073709551616.0)),
            ("1.5", Value::Float(1.5)),
            (".5e1", Value::Float(5.0)),
            ("-.inf", Value::Float(f64::NEG_INFINITY)),
            ("inf", text("inf")),
            ("1_000", text("1_000")),
            ("--1", text("--1")),
            ("1.2.3", text("1.2.3")),
            ("2025-01-31", text("2025-01-31")),
            ("+", text("+")),
            ("e", text("e")),
        ] {
            assert_eq!(core_schema(scalar), value, "{scalar}");
        }
    }
}
