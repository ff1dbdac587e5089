//! Text to tree: the events of `saphyr-parser`, with byte spans and with what is refused of YAML.
//!
//! Refused are anchors and aliases, tags, several documents, keys given twice and keys that are
//! not scalars: a pipeline file has no need of them, and each makes a span or a message lie.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError};

use super::{
    node::{Key, Node, Value, core_schema},
    syntax,
};
use crate::diagnostic::{Diagnostic, Span, line_column};

/// Bytes that a file may have; a pipeline of a thousand mapped columns has a tenth.
const SIZE_LIMIT: usize = 1 << 20;
/// Lists and mappings in one another.
const DEPTH_LIMIT: usize = 64;
/// Syntax errors told of one file.
const ERROR_LIMIT: usize = 10;

/// What a text is, as far as it could be read.
#[derive(Debug)]
pub struct Parsed {
    /// The document; none if there is none.
    pub root: Option<Node>,
    /// What is wrong with the syntax.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether parts of the text are missing in `root`, so that a missing key means nothing.
    pub damaged: bool,
}

/// Reads a text. After a syntax error the top-level section that it stands in is left out and
/// the rest is read again, so that the errors of all sections are told at once.
pub fn parse(text: &str) -> Parsed {
    if let Some(complaint) = unreadable(text) {
        return Parsed { root: None, diagnostics: vec![complaint], damaged: true };
    }
    let mut diagnostics = Vec::new();
    let mut readable = text.to_owned();
    loop {
        let mut builder = Builder::new(text, &readable);
        let failed = builder.run().err();
        let Some(error) = failed else {
            let damaged = !diagnostics.is_empty();
            diagnostics.append(&mut builder.diagnostics);
            return Parsed { root: builder.root, diagnostics, damaged };
        };
        let at = builder.offsets.byte(error.marker());
        let complaint = syntax::explain(&readable, at, error.info());
        let section = section_around(&readable, complaint.span.start);
        let seen_before = readable[section.start..section.end].trim().is_empty();
        if diagnostics.is_empty() || !seen_before {
            diagnostics.push(complaint);
        }
        if seen_before || diagnostics.len() == ERROR_LIMIT {
            return Parsed { root: None, diagnostics, damaged: true };
        }
        // Newlines stay where they are, and so do the offsets of all the rest.
        let blank: String = readable[section.start..section.end]
            .bytes()
            .map(|byte| if matches!(byte, b'\n' | b'\r') { byte as char } else { ' ' })
            .collect();
        readable.replace_range(section.start..section.end, &blank);
    }
}

/// Texts that are not for the parser: too long, or with characters that no YAML text has.
fn unreadable(text: &str) -> Option<Diagnostic> {
    if text.len() > SIZE_LIMIT {
        let message = format!("the file has more than {SIZE_LIMIT} bytes");
        return Some(Diagnostic::new(Span::default(), message));
    }
    let allowed = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{85}');
    let (at, found) = text.char_indices().find(|(_, c)| !allowed(*c))?;
    let message = format!("a control character (U+{:04X}) in the text", found as u32);
    Some(
        Diagnostic::new(Span::new(at, at + found.len_utf8()), message)
            .with_hint("take it out, or write it as an escape such as `\\x1b` in double quotes"),
    )
}

/// From the last line at or before `at` that begins in the first column up to the next one.
fn section_around(text: &str, at: usize) -> Span {
    let begins_section = |line: &str| !line.starts_with([' ', '\t', '#', '\r', '\n', '-']);
    let mut section = Span::new(0, text.len());
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if begins_section(line) {
            if offset > at {
                section.end = offset;
                break;
            }
            section.start = offset;
        }
        offset += line.len();
    }
    section
}

/// The parser's markers count characters; spans count bytes.
struct Offsets {
    /// Byte of each character, unless all characters are bytes.
    bytes: Option<Vec<usize>>,
    length: usize,
}

impl Offsets {
    fn new(text: &str) -> Self {
        let bytes = (!text.is_ascii()).then(|| text.char_indices().map(|(byte, _)| byte).collect());
        Offsets { bytes, length: text.len() }
    }

    fn byte(&self, marker: &Marker) -> usize {
        match &self.bytes {
            None => marker.index().min(self.length),
            Some(bytes) => bytes.get(marker.index()).copied().unwrap_or(self.length),
        }
    }

    fn span(&self, span: saphyr_parser::Span) -> Span {
        let start = self.byte(&span.start);
        Span::new(start, self.byte(&span.end).max(start))
    }
}

/// A list or mapping that is not finished.
struct Frame {
    start: usize,
    /// Whether it is a list.
    list: bool,
    items: Vec<Node>,
    entries: Vec<(Key, Node)>,
    /// The keys so far, with their lines.
    lines: HashMap<String, usize>,
    /// The key whose value comes next.
    key: Option<Key>,
}

struct Builder<'a> {
    /// The text as written.
    text: &'a str,
    /// The text without sections that have syntax errors.
    readable: &'a str,
    offsets: Offsets,
    stack: Vec<Frame>,
    documents: usize,
    root: Option<Node>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, readable: &'a str) -> Self {
        Builder {
            text,
            readable,
            offsets: Offsets::new(readable),
            stack: Vec::new(),
            documents: 0,
            root: None,
            diagnostics: Vec::new(),
        }
    }

    fn run(&mut self) -> Result<(), ScanError> {
        let mut parser = Parser::new_from_str(self.readable);
        while let Some(event) = parser.next_event() {
            let (event, span) = event?;
            let span = self.offsets.span(span);
            if self.documents > 1 || self.stack.len() > DEPTH_LIMIT {
                break;
            }
            self.take(event, span);
        }
        Ok(())
    }

    fn take(&mut self, event: Event<'_>, span: Span) {
        match event {
            Event::DocumentStart(_) => self.begin_document(span),
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse(span, anchor, tag.is_some());
                let span = exact(self.text, span, style);
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let as_text = || Value::Str(text.clone().into_owned());
                if self.wants_key() {
                    self.add_key(Key { name: text.into_owned(), span });
                } else {
                    let value = if plain { core_schema(&text) } else { as_text() };
                    self.add(Node::new(value, span));
                }
            }
            Event::Alias(_) => {
                self.refuse_alias(span);
                match self.wants_key() {
                    true => self.add_key(Key { name: span.of(self.text).to_owned(), span }),
                    false => self.add(Node::new(Value::Null, span)),
                }
            }
            Event::SequenceStart(anchor, tag) => self.begin(span, true, anchor, tag.is_some()),
            Event::MappingStart(anchor, tag) => self.begin(span, false, anchor, tag.is_some()),
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
    }

    fn begin_document(&mut self, span: Span) {
        self.documents += 1;
        if self.documents > 1 {
            self.complain(span, "a second document begins here", "a file holds one document");
        }
    }

    fn begin(&mut self, span: Span, list: bool, anchor: usize, tagged: bool) {
        self.refuse(span, anchor, tagged);
        if self.stack.len() == DEPTH_LIMIT {
            self.complain(span, "lists and mappings stand too deep in one another", "flatten them");
        }
        self.stack.push(Frame {
            start: span.start,
            list,
            items: Vec::new(),
            entries: Vec::new(),
            lines: HashMap::new(),
            key: None,
        });
    }

    fn end(&mut self, span: Span) {
        let Some(frame) = self.stack.pop() else { return };
        let last = frame.items.last().or(frame.entries.last().map(|(_, value)| value));
        let first = frame.entries.first().map(|(key, _)| key.span.start);
        // A block ends where its last value does; a flow with its bracket.
        let in_brackets = span.of(self.text).starts_with([']', '}']);
        let end = match last {
            _ if in_brackets => span.start + 1,
            Some(node) => node.span.end,
            None => span.end,
        };
        let start = if in_brackets { frame.start } else { first.unwrap_or(frame.start) };
        let span = Span::new(start, end.max(start));
        let value = if frame.list { Value::List(frame.items) } else { Value::Map(frame.entries) };
        if self.wants_key() {
            self.complain(
                span,
                "a key is not plain text",
                "write the key as one word or in quotes",
            );
            self.add_key(Key { name: span.of(self.text).to_owned(), span });
        } else {
            self.add(Node::new(value, span));
        }
    }

    /// Whether the next node is the key of a mapping.
    fn wants_key(&self) -> bool {
        self.stack.last().is_some_and(|frame| !frame.list && frame.key.is_none())
    }

    fn add_key(&mut self, key: Key) {
        let Some(frame) = self.stack.last_mut() else { return };
        let (line, _) = line_column(self.text, key.span.start);
        let earlier = frame.lines.insert(key.name.clone(), line);
        let complaint = earlier.map(|earlier| {
            let message = format!("the key `{}` is given twice", key.name);
            (key.span, message, format!("the first stands on line {earlier}; keep one of them"))
        });
        frame.key = Some(key);
        if let Some((span, message, hint)) = complaint {
            self.complain(span, message, hint);
        }
    }

    fn add(&mut self, node: Node) {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(frame) => match frame.key.take() {
                Some(key) => frame.entries.push((key, node)),
                None => frame.items.push(node),
            },
        }
    }

    fn refuse(&mut self, span: Span, anchor: usize, tagged: bool) {
        if anchor != 0 {
            self.refuse_alias(span);
        }
        if tagged {
            self.complain(
                first_word(self.text, span),
                "tags (`!..`) have no meaning here",
                "take the tag out; a text that looks like a number is put in quotes",
            );
        }
    }

    fn refuse_alias(&mut self, span: Span) {
        self.complain(
            first_word(self.text, span),
            "anchors (`&..`) and aliases (`*..`) are not supported",
            "write the value out; a text that begins with `&` or `*` is put in quotes",
        );
    }

    fn complain(&mut self, span: Span, message: impl Into<String>, hint: impl Into<String>) {
        self.diagnostics.push(Diagnostic::new(span, message).with_hint(hint));
    }
}

/// The scalar alone: the parser's spans take in white space, and behind quotes a comment, too.
fn exact(text: &str, span: Span, style: ScalarStyle) -> Span {
    let source = span.of(text);
    let closed = match style {
        ScalarStyle::SingleQuoted => closing_quote(source, '\'', '\''),
        ScalarStyle::DoubleQuoted => closing_quote(source, '"', '\\'),
        _ => None,
    };
    Span::new(span.start, span.start + closed.unwrap_or(source.trim_end().len()))
}

/// The length of a quoted scalar. `escape` before a quote makes it a part of the text.
fn closing_quote(source: &str, quote: char, escape: char) -> Option<usize> {
    let mut rest = source.char_indices().skip(1).peekable();
    while let Some((at, c)) = rest.next() {
        let next = rest.peek().map(|(_, next)| *next);
        if c == escape && (escape != quote || next == Some(quote)) {
            rest.next();
        } else if c == quote {
            return Some(at + 1);
        }
    }
    None
}

/// The first word at a span, which may be empty.
fn first_word(text: &str, span: Span) -> Span {
    let rest = text.get(span.start..).unwrap_or_default();
    let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
    Span::new(span.start, span.start + length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostic::Report;

    fn rendered(text: &str) -> String {
        Report::new("x.yaml", text, parse(text).diagnostics).render(false)
    }

    fn tree(text: &str) -> Node {
        let parsed = parse(text);
        assert_eq!(parsed.diagnostics, []);
        parsed.root.unwrap()
    }

    /// Path of keys and indices, the text at the span, and the value of each scalar.
    fn scalars(text: &str) -> Vec<(String, String, Value)> {
        fn walk(text: &str, path: &str, node: &Node, out: &mut Vec<(String, String, Value)>) {
            match &node.value {
                Value::List(items) => items
                    .iter()
                    .enumerate()
                    .for_each(|(at, item)| walk(text, &format!("{path}/{at}"), item, out)),
                Value::Map(entries) => entries.iter().for_each(|(key, value)| {
                    assert!(key.span.of(text).contains(&key.name), "{key:?}");
                    walk(text, &format!("{path}/{}", key.name), value, out);
                }),
                value => out.push((path.into(), node.span.of(text).into(), value.clone())),
            }
        }
        let mut out = Vec::new();
        walk(text, "", &tree(text), &mut out);
        out
    }

    #[test]
    fn spans_are_exactly_the_scalars_in_every_style() {
        let text = "é: hello ü   # comment\r\nb:  x\r\n   y z  \r\n'k': \"q\\tu\"  # c\r\nlist:\r\n- 'it''s'   \r\n- { n: 12, t: true }\r\nempty:\r\nliteral: |\r\n  one\r\n    two\r\n\r\nfolded: >-\r\n  one\r\n  two\r\n";
        let string = |text: &str| Value::Str(text.to_owned());
        let found = scalars(text);
        let expected = [
            ("/é", "hello ü", string("hello ü")),
            ("/b", "x\r\n   y z", string("x y z")),
            ("/k", "\"q\\tu\"", string("q\tu")),
            ("/list/0", "'it''s'", string("it's")),
            ("/list/1/n", "12", Value::Int(12)),
            ("/list/1/t", "true", Value::Bool(true)),
            ("/empty", "", Value::Null),
            ("/literal", "one\r\n    two", string("one\n  two\n")),
            ("/folded", "one\r\n  two", string("one two")),
        ];
        let expected: Vec<_> =
            expected.map(|(path, slice, value)| (path.into(), slice.into(), value)).into();
        assert_eq!(found, expected);
    }

    #[test]
    fn spans_of_mappings_and_lists_end_with_their_last_value() {
        let text = "\u{feff}a:\n  - x: 1\n    y: 2\n\n  - z  \nb: { c: [1, 2] }  \n";
        let root = tree(text);
        assert_eq!(root.span.of(text), text.trim_start_matches('\u{feff}').trim_end());
        assert_eq!(root.get("b").unwrap().span.of(text), "{ c: [1, 2] }");
        let Value::List(items) = &root.get("a").unwrap().value else { panic!("no list") };
        assert_eq!(items[0].span.of(text), "x: 1\n    y: 2");
    }

    #[test]
    fn what_is_refused_of_yaml_is_told_all_at_once() {
        insta::assert_snapshot!(rendered("a: &x 1\nb: *x\nc: !!str 3\na: 2\n? [d]\n: 1\n---\ne: 1\n"), @r#"
        x.yaml:1:4
          × anchors (`&..`) and aliases (`*..`) are not supported
           ╭────
         1 │ a: &x 1
           ·    ──
         2 │ b: *x
           ╰────
          help: write the value out; a text that begins with `&` or `*` is put in quotes

        x.yaml:2:4
          × anchors (`&..`) and aliases (`*..`) are not supported
           ╭────
         1 │ a: &x 1
         2 │ b: *x
           ·    ──
         3 │ c: !!str 3
           ╰────
          help: write the value out; a text that begins with `&` or `*` is put in quotes

        x.yaml:3:4
          × tags (`!..`) have no meaning here
           ╭────
         2 │ b: *x
         3 │ c: !!str 3
           ·    ─────
         4 │ a: 2
           ╰────
          help: take the tag out; a text that looks like a number is put in quotes

        x.yaml:4:1
          × the key `a` is given twice
           ╭────
         3 │ c: !!str 3
         4 │ a: 2
           · ─
         5 │ ? [d]
           ╰────
          help: the first stands on line 1; keep one of them

        x.yaml:5:3
          × a key is not plain text
           ╭────
         4 │ a: 2
         5 │ ? [d]
           ·   ───
         6 │ : 1
           ╰────
          help: write the key as one word or in quotes

        x.yaml:7:1
          × a second document begins here
           ╭────
         6 │ : 1
         7 │ ---
           · ───
         8 │ e: 1
           ╰────
          help: a file holds one document
        "#);
    }

    #[test]
    fn syntax_errors_of_several_sections_are_told_at_once() {
        insta::assert_snapshot!(rendered("name: a: b\nextract:\n\tcsv: 1\ntransform:\n  - filter: \"x\nload:\n  x: 1\n"), @r#"
        x.yaml:1:8
          × a `:` is out of place here
           ╭────
         1 │ name: a: b
           ·        ─
         2 │ extract:
           ╰────
          help: a text that holds `: ` is put in quotes; else look at the indentation

        x.yaml:3:1
          × a tab stands where spaces must
           ╭────
         2 │ extract:
         3 │     csv: 1
           · ────
         4 │ transform:
           ╰────
          help: indent with spaces; YAML allows no tabs there

        x.yaml:5:13
          × a quote is opened here and not closed where the text ends
           ╭────
         4 │ transform:
         5 │   - filter: "x
           ·             ─
         6 │ load:
           ╰────
          help: close the quote
        "#);
    }

    #[test]
    fn control_characters_and_depth_are_refused() {
        insta::assert_snapshot!(rendered("a: \u{1b}[0m\n"), @r#"
        x.yaml:1:4
          × a control character (U+001B) in the text
           ╭────
         1 │ a: ?[0m
           ·    ─
           ╰────
          help: take it out, or write it as an escape such as `\x1b` in double quotes
        "#);
        assert!(rendered(&"[".repeat(100)).contains("too deep"));
        assert!(rendered(&"- ".repeat(5000)).contains("too deep"));
        assert!(rendered(&"a".repeat(SIZE_LIMIT + 1)).contains("more than 1048576 bytes"));
    }

    fn all_spans(node: &Node, out: &mut Vec<Span>) {
        out.push(node.span);
        match &node.value {
            Value::List(items) => items.iter().for_each(|item| all_spans(item, out)),
            Value::Map(entries) => entries.iter().for_each(|(key, value)| {
                out.push(key.span);
                all_spans(value, out);
            }),
            _ => {}
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn any_text_gives_spans_inside_it_and_no_panic(
            text in "([a-cé:#&*!|>'\"%@`\\[\\]{},?$\\\\~0-9.-]|[ \n]|: |- |\n  |\n    |\r\n|\t|\u{feff}|\u{0}|---|😀){0,40}"
        ) {
            let parsed = parse(&text);
            let mut spans: Vec<Span> = parsed.diagnostics.iter().map(|one| one.span).collect();
            if let Some(root) = &parsed.root {
                all_spans(root, &mut spans);
            }
            for span in spans {
                prop_assert!(span.start <= span.end && span.end <= text.len(), "{span:?}");
                prop_assert!(text.get(span.start..span.end).is_some(), "{span:?}");
            }
            Report::new("x.yaml", text, parsed.diagnostics).render(false);
        }

        #[test]
        fn quoted_scalars_have_spans_with_both_quotes(inner in "[a-zé ]{0,6}", after in "( {0,3}|  # c \"'|\r)") {
            for quote in ["'", "\""] {
                let text = format!("k: {quote}{inner}{quote}{after}\nm: 1\n");
                let root = tree(&text);
                let span = root.get("k").unwrap().span;
                prop_assert_eq!(span.of(&text), format!("{quote}{inner}{quote}"));
            }
        }
    }
}
