//! Places inside a scalar: where in the file the word stands that an expression's error names.

use crate::diagnostic::Span;

/// The place of `needle` as a word of its own in the scalar at `span`, written as the scalar's
/// quotes demand. None if it does not stand there, for instance because `${..}` brought it in.
pub fn locate(text: &str, span: Span, needle: &str) -> Option<Span> {
    let source = span.of(text);
    let written = match quote_of(text, span) {
        Some('"') => needle.replace('\\', "\\\\").replace('"', "\\\""),
        Some(_) => needle.replace('\'', "''"),
        None => needle.to_owned(),
    };
    if written.is_empty() {
        return None;
    }
    // `id` is not meant within `customer-id`, unless it stands nowhere else.
    let with_hyphen = |c: char| c == '-' || is_word(c);
    let start =
        word_at(source, &written, with_hyphen).or_else(|| word_at(source, &written, is_word))?;
    Some(Span::new(span.start + start, span.start + start + written.len()))
}

/// The quote that the scalar is written in, if it is.
fn quote_of(text: &str, span: Span) -> Option<char> {
    let first = span.of(text).chars().next().filter(|c| matches!(c, '"' | '\''))?;
    // No plain scalar begins with a quote, but the text of a block scalar may: its span begins
    // behind the indentation of a line, and the line before ends with `|` or `>`.
    let before = text.get(..span.start)?;
    let line_start = before.trim_end_matches(' ');
    let above = line_start.trim_end();
    let header = above.rsplit('\n').next().unwrap_or_default();
    let header = header.split(" #").next().unwrap_or_default().trim_end();
    let header = header.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
    let in_block = line_start.ends_with('\n') && header.ends_with(['|', '>']);
    (!in_block).then_some(first)
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn word_at(source: &str, needle: &str, is_word: impl Fn(char) -> bool) -> Option<usize> {
    let cuts_a_word = |inner: Option<char>, outer: Option<char>| {
        inner.is_some_and(&is_word) && outer.is_some_and(&is_word)
    };
    source.match_indices(needle).map(|(at, _)| at).find(|&at| {
        let (before, after) = (&source[..at], &source[at + needle.len()..]);
        !cuts_a_word(needle.chars().next(), before.chars().next_back())
            && !cuts_a_word(needle.chars().next_back(), after.chars().next())
    })
}

/// The place of a line and column (both from 1, columns in characters) of `value`, which is what
/// the scalar at `span` means. The span covers the word that begins there.
pub fn locate_position(
    text: &str,
    span: Span,
    value: &str,
    line: usize,
    column: usize,
) -> Option<Span> {
    let lines = value.split_inclusive('\n').take(line.checked_sub(1)?);
    let before: usize = lines.map(|line| line.chars().count()).sum();
    let wanted = before + column.checked_sub(1)?;
    let start = span.start + *aligned(span.of(text), quote_of(text, span), value).get(wanted)?;
    let rest = &text[start..span.end];
    let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    let length = if word > 0 { word } else { rest.chars().next()?.len_utf8() };
    Some(Span::new(start, start + length))
}

/// For each character of `value` its offset in `source`, as far as both agree. White space may
/// differ, since YAML folds lines and takes indentation away; an escape stands for one character.
fn aligned(source: &str, quote: Option<char>, value: &str) -> Vec<usize> {
    let mut at = usize::from(quote.is_some());
    let mut offsets = Vec::new();
    for wanted in value.chars() {
        let found = |at: usize| source[at..].chars().next();
        if !wanted.is_whitespace() {
            at += source[at..].len() - source[at..].trim_start().len();
        }
        let step = match (found(at), quote) {
            (Some('\\'), Some('"')) => escape_length(&source[at..]),
            (Some('\''), Some('\'')) if source[at..].starts_with("''") => 2,
            (Some(c), _) if c == wanted => c.len_utf8(),
            (Some(c), _) if wanted.is_whitespace() && c.is_whitespace() => c.len_utf8(),
            (Some(_), _) if wanted.is_whitespace() => 0,
            _ => break,
        };
        offsets.push(at);
        at += step;
    }
    offsets
}

fn escape_length(source: &str) -> usize {
    let length = match source.as_bytes().get(1) {
        Some(b'x') => 4,
        Some(b'u') => 6,
        Some(b'U') => 10,
        _ => 1 + source[1..].chars().next().map_or(0, char::len_utf8),
    };
    // The text was read by the parser, so that escapes are whole; a cut one ends the alignment.
    if source.is_char_boundary(length) { length } else { source.len() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::yaml::{Value, parse};

    fn scalar(text: &str) -> (Span, String) {
        let root = parse(text).root.unwrap();
        let node = root.get("k").unwrap();
        let Value::Str(value) = &node.value else { panic!("not a text: {node:?}") };
        (node.span, value.clone())
    }

    #[test]
    fn a_word_is_found_whole_in_every_style() {
        for (text, needle, rest) in [
            ("k: acct + account\n", "account", "account\n"),
            ("k: '\"customer-id\" = ''x'' and id = 1'\n", "id", "id = 1'\n"),
            ("k: \"\\\"First Name\\\" = 1\"\n", "\"First Name\"", "\\\"First Name\\\" = 1\"\n"),
            ("k: |\n  one\n  two = 2\n", "two", "two = 2\n"),
            ("k: a-id\n", "id", "id\n"),
        ] {
            let (span, _) = scalar(text);
            let found = locate(text, span, needle).unwrap();
            assert!(text[found.start..].starts_with(rest), "{text}: {:?}", found.of(text));
        }
        let text = "k: accounts\n";
        assert_eq!(locate(text, scalar(text).0, "account"), None);
    }

    #[test]
    fn a_line_and_column_are_found_in_every_style() {
        for (text, line, column, word) in [
            ("k: a + bcd\n", 1, 5, "bcd"),
            ("k: a +\n    bcd\n", 1, 5, "bcd"),
            ("k: \"é\\t\\u00e9 'x' bcd\"\n", 1, 9, "bcd"),
            ("k: 'it''s bcd'\n", 1, 6, "bcd"),
            ("k: |\r\n   a +\r\n     bcd\r\n", 2, 3, "bcd"),
            ("k: >-\n  a\n  + bcd\n", 1, 5, "bcd"),
            ("k: |\n  a\n  + 1\n", 2, 1, "+"),
        ] {
            let (span, value) = scalar(text);
            let found = locate_position(text, span, &value, line, column);
            assert_eq!(found.map(|found| found.of(text)), Some(word), "{text}");
        }
        let (span, value) = scalar("k: abc\n");
        assert_eq!(locate_position("k: abc\n", span, &value, 1, 9), None);
        assert_eq!(locate_position("k: abc\n", span, &value, 0, 1), None);
    }

    proptest! {
        #[test]
        fn any_position_in_any_scalar_is_inside_it(
            inner in "[a-zé'\"\\\\ \n$]{0,12}", line in 0usize..4, column in 0usize..14, style in 0..4
        ) {
            let indented = inner.replace('\n', "\n  ");
            let text = match style {
                0 => format!("k: \"{}\"\n", indented.replace('\\', "\\\\").replace('"', "\\\"")),
                1 => format!("k: '{}'\n", indented.replace('\'', "''")),
                2 => format!("k: |2\n  {indented}\n"),
                _ => format!("k: >2\n  {indented}\n"),
            };
            let parsed = parse(&text);
            let Some(root) = parsed.root else { return Ok(()) };
            let Some(node) = root.get("k") else { return Ok(()) };
            let Value::Str(value) = &node.value else { return Ok(()) };
            if let Some(found) = locate_position(&text, node.span, value, line, column) {
                prop_assert!(node.span.start <= found.start && found.end <= node.span.end);
                prop_assert!(!found.of(&text).is_empty());
            }
        }

        #[test]
        fn every_visible_character_is_found_where_it_stands(inner in "[a-zé'\"\\\\$]{1,6}( [a-z]{1,4}){0,4}") {
            for text in [
                format!("k: \"{}\"\n", inner.replace('\\', "\\\\").replace('"', "\\\"")),
                format!("k: '{}'\n", inner.replace('\'', "''").replace(' ', "\n   ")),
                format!("k: >-\n  {}\n", inner.replace(' ', "\n  ")),
            ] {
                let (span, value) = scalar(&text);
                let offsets = aligned(span.of(&text), quote_of(&text, span), &value);
                prop_assert_eq!(offsets.len(), value.chars().count());
                for (offset, c) in offsets.into_iter().zip(value.chars()) {
                    let source = span.of(&text)[offset..].trim_start_matches('\\');
                    prop_assert!(c == '\\' || c == ' ' || source.starts_with(c));
                }
            }
        }
    }
}
