//! DataFusion's and Arrow's errors, in the words of somebody who wrote a pipeline file.

use datafusion::{
    arrow::error::ArrowError, common::DataFusionError, sql::sqlparser::parser::ParserError,
};

const WHOLE_NUMBER: &str = "a whole number";

/// Most characters of a value that a reason quotes.
const QUOTED: usize = 60;

/// What is wrong with a row's values: `` `abc` is not a whole number ``.
pub(super) fn of_value(error: &DataFusionError) -> String {
    let message = plain(error);
    wrong_value(&message).unwrap_or_else(|| lower_first(&message))
}

fn wrong_value(message: &str) -> Option<String> {
    not_a(message, "Cannot cast string '", "' to value of ", " type")
        .or_else(|| not_a(message, "Error parsing timestamp from '", "': ", ""))
}

/// What is wrong with an expression, told when it is compiled.
pub(super) fn of_expression(error: &DataFusionError) -> String {
    let message = plain(error);
    if let Some(wrong) = wrong_value(&message) {
        return wrong;
    }
    let message = message.find("No function matches").map_or(&*message, |at| &message[at..]);
    let message = message.rsplit("user-defined coercion failed with: ").next().unwrap_or(message);
    let message = message.strip_prefix("Error during planning: ").unwrap_or(message);
    let line = message.lines().next().unwrap_or_default();
    let line = line.split(". You might need").next().unwrap_or(line);
    lower_first(&in_words(line))
}

/// A mistake of syntax: what was expected, and the line and column if they were told.
pub(super) fn of_syntax(error: &DataFusionError) -> (String, Option<(u64, u64)>) {
    let message = match error.find_root() {
        DataFusionError::SQL(error, _) => match &**error {
            ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
                message.clone()
            }
            ParserError::RecursionLimitExceeded => "the expression is nested too deeply".to_owned(),
        },
        _ => plain(error),
    };
    let (message, at) = match message.rsplit_once(" at Line: ") {
        Some((message, at)) => (message, line_and_column(at)),
        None => (&*message, None),
    };
    let message = message
        .replace("Expected: )", "expected `)`")
        .replace("Expected: ", "expected ")
        .replace(", found: EOF", ", found the end");
    let message = match message.split_once(", found: ") {
        Some((expected, found)) => format!("{expected}, found `{found}`"),
        None => message,
    };
    (lower_first(&message), at)
}

fn line_and_column(text: &str) -> Option<(u64, u64)> {
    let (line, column) = text.split_once(", Column: ")?;
    Some((line.trim().parse().ok()?, column.trim().parse().ok()?))
}

/// The innermost message, without prefixes that tell of crates.
fn plain(error: &DataFusionError) -> String {
    let message = match error.find_root() {
        DataFusionError::ArrowError(error, _) => arrow(error),
        DataFusionError::Execution(message)
        | DataFusionError::Plan(message)
        | DataFusionError::NotImplemented(message)
        | DataFusionError::Configuration(message)
        | DataFusionError::Internal(message) => message.clone(),
        DataFusionError::External(error) => error.to_string(),
        other => other.strip_backtrace(),
    };
    match message.split_once("\n\nbacktrace: ") {
        Some((message, _)) => message.to_owned(),
        None => message,
    }
}

fn arrow(error: &ArrowError) -> String {
    match error {
        ArrowError::CastError(message)
        | ArrowError::ParseError(message)
        | ArrowError::InvalidArgumentError(message)
        | ArrowError::ComputeError(message)
        | ArrowError::ArithmeticOverflow(message)
        | ArrowError::NotYetImplemented(message) => message.clone(),
        ArrowError::DivideByZero => "division by zero".to_owned(),
        other => other.to_string(),
    }
}

/// Arrow's "Cannot cast string 'X' to value of T type", as "`X` is not a T".
fn not_a(message: &str, before: &str, between: &str, after: &str) -> Option<String> {
    let rest = message.strip_prefix(before)?;
    let (value, kind) = rest.rsplit_once(between)?;
    let kind = if after.is_empty() { "Timestamp" } else { kind.strip_suffix(after)? };
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let value = shortened(value);
    Some(match kind_in_words(kind)? {
        WHOLE_NUMBER if whole => format!("`{value}` is out of the range of {}", in_words(kind)),
        kind => format!("`{value}` is not {kind}"),
    })
}

fn kind_in_words(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "Int8" | "Int16" | "Int32" | "Int64" | "UInt8" | "UInt16" | "UInt32" | "UInt64" => {
            WHOLE_NUMBER
        }
        "Float16" | "Float32" | "Float64" => "a number",
        "Boolean" => "true or false",
        "Date32" | "Date64" => "a date",
        kind if kind.starts_with("Decimal") => "a number",
        kind if kind.starts_with("Time32") || kind.starts_with("Time64") => "a time of day",
        kind if kind.starts_with("Timestamp") => "a date and time",
        _ => return None,
    })
}

/// Arrow's names of types as SQL has them.
fn in_words(message: &str) -> String {
    const WORDS: &[(&str, &str)] = &[
        ("LargeUtf8", "text"),
        ("Utf8View", "text"),
        ("Utf8", "text"),
        ("Int64", "bigint"),
        ("Int32", "int"),
        ("UInt64", "bigint unsigned"),
        ("Float64", "double"),
        ("Boolean", "boolean"),
        ("Date32", "date"),
    ];
    let replace = |message: String, (arrow, sql): &(&str, &str)| replace_word(&message, arrow, sql);
    WORDS.iter().fold(message.to_owned(), replace)
}

/// Replaces `from` where it is a word of its own (`Int64`, not the end of `UInt64`).
fn replace_word(text: &str, from: &str, to: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let (before, after) = (&rest[..at], &rest[at + from.len()..]);
        let joined =
            before.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric);
        replaced.push_str(before);
        replaced.push_str(if joined { from } else { to });
        rest = after;
    }
    replaced + rest
}

/// A value as a reason quotes it: on one line, and not endless.
pub(super) fn shortened(value: &str) -> String {
    let mut short: String =
        value.chars().take(QUOTED).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if value.chars().nth(QUOTED).is_some() {
        short.push('…');
    }
    short
}

fn lower_first(message: &str) -> String {
    let mut chars = message.chars();
    let (first, second) = (chars.next(), chars.clone().next());
    match first {
        // A name in capitals stays one.
        Some(first) if !second.is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cast_error(message: &str) -> DataFusionError {
        ArrowError::CastError(message.to_owned()).into()
    }

    #[test]
    fn a_failed_cast_names_the_value_and_what_it_is_not() {
        let told = |message: &str| of_value(&cast_error(message));
        assert_eq!(
            told("Cannot cast string 'abc' to value of Int64 type"),
            "`abc` is not a whole number"
        );
        assert_eq!(
            told("Cannot cast string '-99999999999999999999' to value of Int64 type"),
            "`-99999999999999999999` is out of the range of bigint"
        );
        assert_eq!(
            told("Cannot cast string 'it's to value of' to value of Float64 type"),
            "`it's to value of` is not a number"
        );
        assert_eq!(told("Can't cast value 300 to type Int8"), "can't cast value 300 to type Int8");
    }

    #[test]
    fn a_long_value_is_cut_and_stays_on_one_line() {
        assert_eq!(shortened("a\nb"), "a b");
        assert_eq!(shortened(&"é".repeat(61)), "é".repeat(60) + "…");
    }

    #[test]
    fn types_are_named_as_sql_names_them() {
        assert_eq!(in_words("Utf8 + Int64, UInt8"), "text + bigint, UInt8");
    }
}
