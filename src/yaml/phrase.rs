//! The words in which messages speak of values: never a value that `${..}` brought in.

use super::node::{Node, Value};

/// Characters of a value that a message shows.
const SHOWN: usize = 40;

/// The node as it was written, on one line and not too long.
pub(super) fn written(text: &str, node: &Node) -> String {
    let source = node.span.of(text);
    let unquoted = ['"', '\'']
        .iter()
        .find_map(|&quote| source.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(source);
    let one_line = unquoted.split_whitespace().collect::<Vec<_>>().join(" ");
    match one_line.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}...", &one_line[..cut]),
        None => one_line,
    }
}

/// What the node is, as the end of "must be .., not ..".
pub(super) fn found(text: &str, node: &Node) -> String {
    let written = || written(text, node);
    match &node.value {
        _ if node.interpolated => format!("what `{}` gives", written()),
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) => format!("`{}`", written()),
        Value::Int(_) | Value::Float(_) => format!("the number `{}`", written()),
        Value::Str(text) if text.is_empty() => "an empty text".to_owned(),
        Value::Str(_) => format!("the text `{}`", written()),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a mapping".to_owned(),
    }
}

/// A JSON type as users say it.
pub(super) fn kind(name: &str) -> &'static str {
    match name {
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        "string" => "text",
        "array" => "a list",
        "object" => "a mapping (`key: value`)",
        _ => "nothing",
    }
}

/// `a`, `b` or `c`.
pub(super) fn either(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}
