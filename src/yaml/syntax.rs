//! What the parser says of bad syntax, in words that say what to do.

use crate::diagnostic::{Diagnostic, Span};

/// The parser's words, ours, and the way out. The first row that fits counts.
const WORDS: &[(&str, &str, &str)] = &[
    ("tab", "a tab stands where spaces must", "indent with spaces; YAML allows no tabs there"),
    (
        "mapping values are not allowed",
        "a `:` is out of place here",
        "a text that holds `: ` is put in quotes; else look at the indentation",
    ),
    (
        "illegal placement of ':'",
        "a `:` is out of place here",
        "look for a `]`, `}` or quote that is missing on the lines before",
    ),
    (
        "expected ',' or '}'",
        "this `{ .. }` does not go on with `,` or `}`",
        "entries stand apart by `,`; a text with `{`, `}`, `,` or `: ` in it is put in quotes",
    ),
    (
        "expected ',' or ']'",
        "this `[ .. ]` does not go on with `,` or `]`",
        "items stand apart by `,`; a text with `[`, `]` or `,` in it is put in quotes",
    ),
    (
        "indentation in quoted scalar",
        "a quote is opened here and not closed where the text ends",
        "close the quote",
    ),
    ("unexpected end of stream", "a quote is opened here and never closed", "close the quote"),
    ("unexpected eof", "the file ends too early", "close what is open: a quote, `]` or `}`"),
    ("after double-quoted scalar", "text stands behind the closing quote", QUOTE_HINT),
    (
        "unknown escape character",
        "this escape is not known in double quotes",
        "write `\\\\` for a backslash, or use single quotes, in which nothing is escaped",
    ),
    (
        "did not find expected key",
        "this line fits to nothing above it",
        "give it the indentation of the lines that it belongs to",
    ),
    (
        "did not find expected '-' indicator",
        "this line fits to nothing above it",
        "an item of a list begins with `- `, all at the same indentation",
    ),
    ("simple key expect", "a key has no `:` behind it", "write `key: value`"),
    ("unexpected character", "a plain text cannot begin with this character", "put it in quotes"),
    ("recursion limit", "lists and mappings stand too deep in one another", "flatten them"),
    ("indentation", "the indentation is not right here", INDENT_HINT),
    ("wrongly indented", "the indentation is not right here", INDENT_HINT),
    ("not allowed in this context", "this is out of place here", INDENT_HINT),
    ("unknown anchor", "anchors (`&..`) and aliases (`*..`) are not supported", ALIAS_HINT),
];

const QUOTE_HINT: &str =
    "a quote within double quotes is written `\\\"`, within single quotes `''`";
const INDENT_HINT: &str = "entries of one list or mapping have the same indentation";
const ALIAS_HINT: &str = "write the value out; a text that begins with `*` is put in quotes";

/// The complaint about what the parser found wrong at byte `at`.
pub(super) fn explain(text: &str, at: usize, info: &str) -> Diagnostic {
    // A key without `:` is missed when the next line begins.
    let late = info.contains("simple key expect");
    let span = if late { last_word(text, at) } else { place(text, at) };
    if let Some(complaint) = bare_interpolation(text, at) {
        return complaint;
    }
    if let Some(tab) = tab_indentation(text, at) {
        return Diagnostic::new(tab, WORDS[0].1).with_hint(WORDS[0].2);
    }
    match WORDS.iter().find(|(theirs, ..)| info.contains(theirs)) {
        Some((_, message, hint)) => Diagnostic::new(span, *message).with_hint(*hint),
        None => Diagnostic::new(span, format!("this is not YAML: {info}")),
    }
}

/// The character at `at`; at the end of a line or of the text, the last one before it.
fn place(text: &str, at: usize) -> Span {
    let next = text[at..].chars().next().filter(|c| !c.is_whitespace());
    if let Some(next) = next {
        return Span::new(at, at + next.len_utf8());
    }
    let before = text[..at].trim_end();
    match before.chars().next_back() {
        Some(last) => Span::new(before.len() - last.len_utf8(), before.len()),
        None => Span::new(at, at),
    }
}

/// The last word before `at`.
fn last_word(text: &str, at: usize) -> Span {
    let before = text[..at].trim_end();
    let word = before.split_whitespace().next_back().unwrap_or_default();
    Span::new(before.len() - word.len(), before.len())
}

/// `{ a: ${var:x} }`: within brackets YAML takes the `{` for a mapping.
fn bare_interpolation(text: &str, at: usize) -> Option<Diagnostic> {
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    let line = &text[line_start..line_end];
    let start = line_start + line.find("${")?;
    let in_brackets = line[..start - line_start].contains(['{', '[']);
    let quoted = text[..start].ends_with(['"', '\'']);
    if !in_brackets || quoted || at < start {
        return None;
    }
    let end = text[start..line_end].find('}').map_or(line_end, |end| start + end + 1);
    Some(
        Diagnostic::new(Span::new(start, end), "`${..}` within `{ }` or `[ ]` needs quotes")
            .with_hint(format!("write `\"{}\"`", &text[start..end])),
    )
}

/// A tab in the indentation of the line at `at` or of the next, where the parser often says
/// something else.
fn tab_indentation(text: &str, at: usize) -> Option<Span> {
    let mut start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    for line in text[start..].split_inclusive('\n').take(2) {
        let indentation = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        if let Some(tab) = indentation.find('\t') {
            return Some(Span::new(start + tab, start + tab + 1));
        }
        start += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::{diagnostic::Report, yaml::parse};

    #[test]
    fn every_kind_of_bad_syntax_says_what_to_do() {
        let texts = [
            "a: b: c\n",
            "a: 1\n b: 2\n",
            "a:\n\tb: 2\n",
            "a: 1\n\tb: 2\n",
            "a: \"x\n",
            "a: \"x\" y\n",
            "a: \"\\q\"\n",
            "a: [1, 2\n",
            "a: { b: 1 c: 2 }\n",
            "a: { b: ${var:x} }\n",
            "a:\n  - x\n - y\n",
            "a: @x\n",
            "a: %x\n",
            "a: *nobody\n",
            "a: 1\nb\nc: 2\n",
        ];
        let shown: Vec<String> = texts
            .map(|text| Report::new("x.yaml", text, parse(text).diagnostics).render(false))
            .into();
        insta::assert_snapshot!(shown.join("\n======\n"), @r#"
        x.yaml:1:5
          × a `:` is out of place here
           ╭────
         1 │ a: b: c
           ·     ─
           ╰────
          help: a text that holds `: ` is put in quotes; else look at the indentation

        ======
        x.yaml:2:3
          × a `:` is out of place here
           ╭────
         1 │ a: 1
         2 │  b: 2
           ·   ─
           ╰────
          help: a text that holds `: ` is put in quotes; else look at the indentation

        ======
        x.yaml:2:1
          × a tab stands where spaces must
           ╭────
         1 │ a:
         2 │     b: 2
           · ────
           ╰────
          help: indent with spaces; YAML allows no tabs there

        ======
        x.yaml:2:1
          × a tab stands where spaces must
           ╭────
         1 │ a: 1
         2 │     b: 2
           · ────
           ╰────
          help: indent with spaces; YAML allows no tabs there

        ======
        x.yaml:1:4
          × a quote is opened here and never closed
           ╭────
         1 │ a: "x
           ·    ─
           ╰────
          help: close the quote

        ======
        x.yaml:1:8
          × text stands behind the closing quote
           ╭────
         1 │ a: "x" y
           ·        ─
           ╰────
          help: a quote within double quotes is written `\"`, within single quotes `''`

        ======
        x.yaml:1:4
          × this escape is not known in double quotes
           ╭────
         1 │ a: "\q"
           ·    ─
           ╰────
          help: write `\\` for a backslash, or use single quotes, in which nothing is escaped

        ======
        x.yaml:1:8
          × this `[ .. ]` does not go on with `,` or `]`
           ╭────
         1 │ a: [1, 2
           ·        ─
           ╰────
          help: items stand apart by `,`; a text with `[`, `]` or `,` in it is put in quotes

        ======
        x.yaml:1:12
          × this `{ .. }` does not go on with `,` or `}`
           ╭────
         1 │ a: { b: 1 c: 2 }
           ·            ─
           ╰────
          help: entries stand apart by `,`; a text with `{`, `}`, `,` or `: ` in it is put in quotes

        ======
        x.yaml:1:9
          × `${..}` within `{ }` or `[ ]` needs quotes
           ╭────
         1 │ a: { b: ${var:x} }
           ·         ────────
           ╰────
          help: write `"${var:x}"`

        ======
        x.yaml:3:2
          × this line fits to nothing above it
           ╭────
         2 │   - x
         3 │  - y
           ·  ─
           ╰────
          help: give it the indentation of the lines that it belongs to

        ======
        x.yaml:1:4
          × a plain text cannot begin with this character
           ╭────
         1 │ a: @x
           ·    ─
           ╰────
          help: put it in quotes

        ======
        x.yaml:1:4
          × a plain text cannot begin with this character
           ╭────
         1 │ a: %x
           ·    ─
           ╰────
          help: put it in quotes

        ======
        x.yaml:1:4
          × anchors (`&..`) and aliases (`*..`) are not supported
           ╭────
         1 │ a: *nobody
           ·    ─
           ╰────
          help: write the value out; a text that begins with `*` is put in quotes

        ======
        x.yaml:2:1
          × a key has no `:` behind it
           ╭────
         1 │ a: 1
         2 │ b
           · ─
         3 │ c: 2
           ╰────
          help: write `key: value`
        "#);
    }
}
