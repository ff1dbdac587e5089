//! A complaint about a place in a text: what, where (a span), and the way out; and how a list of
//! them is shown.

use std::{borrow::Cow, fmt};

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, ThemeCharacters, ThemeStyles};

/// A range of bytes in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Span { start, end }
    }

    /// The part of `text` that this span covers; nothing if it is not a part of it.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// One complaint about one place of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong: lower case, values in backticks.
    pub message: String,
    /// The text underlined.
    pub span: Span,
    /// A few words beside the underline, if any.
    pub label: Option<String>,
    /// What to do about it, if known.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// A complaint without label or hint.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Diagnostic { message: message.into(), span, label: None, hint: None }
    }

    /// Adds what to do about it.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds words beside the underline.
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }
}

/// All complaints about one text, in the order of their places.
///
/// What is shown is the text as it was written: a value that came in by `${env:..}` never shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Report {
    /// The text's name, usually a path.
    pub file: String,
    /// The text.
    pub text: String,
    /// The complaints, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Sorts the complaints; one said twice of the same place is said once.
    pub fn new(
        file: impl Into<String>,
        text: impl Into<String>,
        mut diagnostics: Vec<Diagnostic>,
    ) -> Self {
        diagnostics.sort_by_key(|one| (one.span.start, one.span.end));
        diagnostics.dedup();
        Report { file: file.into(), text: text.into(), diagnostics }
    }

    /// Each complaint as `FILE:LINE:COLUMN`, the message, the lines concerned with the place
    /// underlined, and the hint.
    pub fn render(&self, color: bool) -> String {
        let styles = if color { ThemeStyles::ansi() } else { ThemeStyles::none() };
        let theme = GraphicalTheme { characters: ThemeCharacters::unicode(), styles };
        // Messages are not wrapped: a message cut in two cannot be searched for.
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(100)
            .with_wrap_lines(false)
            .without_primary_span_start()
            .without_syntax_highlighting();
        let shown: Vec<String> =
            self.diagnostics.iter().map(|one| self.render_one(&handler, one)).collect();
        shown.join("\n")
    }

    fn render_one(&self, handler: &GraphicalReportHandler, diagnostic: &Diagnostic) -> String {
        let (line, column) = line_column(&self.text, diagnostic.span.start);
        let mut out = format!("{}:{line}:{column}\n", self.file);
        let shown = Shown { diagnostic, text: &printable(&self.text) };
        if handler.render_report(&mut out, &shown).is_err() {
            out.push_str(&diagnostic.message);
        }
        out
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

/// As it is rendered: what a failed `unwrap` prints should be readable.
impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Report {}

/// The text without characters that would steer a terminal, each byte in its place.
fn printable(text: &str) -> Cow<'_, str> {
    let steers = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match steers(c) {
            true => shown.extend(std::iter::repeat_n('?', c.len_utf8())),
            false => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// A diagnostic in the form that `miette` renders.
struct Shown<'a> {
    diagnostic: &'a Diagnostic,
    text: &'a str,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.diagnostic.message)
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Shown<'_> {}

impl miette::Diagnostic for Shown<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.diagnostic.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let Diagnostic { span, label, .. } = self.diagnostic;
        // An underline has a length, also at the end of the text.
        let length = span.end.saturating_sub(span.start).max(1);
        let length = length.min(self.text.len().saturating_sub(span.start));
        Some(Box::new(std::iter::once(LabeledSpan::new(label.clone(), span.start, length))))
    }
}

/// Line and column of a byte of `text`, both from 1; columns count characters.
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let column = String::from_utf8_lossy(&before[line_start..])
        .trim_start_matches('\u{feff}')
        .chars()
        .count();
    (line, column + 1)
}

/// The candidate that `name` was probably meant to be, if one is near enough.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_', ' '], "");
    let wanted = plain(name);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &plain(candidate)), candidate))
        // A third of the letters may be wrong, and one of any name but the shortest.
        .filter(|(wrong, candidate)| {
            let letters = wanted.chars().count().min(candidate.chars().count());
            *wrong <= (letters / 3).max(usize::from(letters > 1))
        })
        .min_by_key(|(wrong, _)| *wrong)
        .map(|(_, candidate)| candidate)
}

/// Names in backticks with commas between, for hints.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "name: x\ntransform:\n  - filtre: \"é\"\nload:\n";

    fn report() -> Report {
        let diagnostics = vec![
            Diagnostic::new(Span::new(36, 40), "second").with_label("here"),
            Diagnostic::new(Span::new(23, 29), "unknown key `filtre`, did you mean `filter`?")
                .with_hint("the keys are: `filter`, `map`"),
        ];
        Report::new("pipelines/x.yaml", TEXT, diagnostics)
    }

    #[test]
    fn a_report_begins_each_complaint_with_its_place_and_underlines_it() {
        insta::assert_snapshot!(report().render(false), @r#"
        pipelines/x.yaml:3:5
          × unknown key `filtre`, did you mean `filter`?
           ╭────
         2 │ transform:
         3 │   - filtre: "é"
           ·     ──────
         4 │ load:
           ╰────
          help: the keys are: `filter`, `map`

        pipelines/x.yaml:4:1
          × second
           ╭────
         3 │   - filtre: "é"
         4 │ load:
           · ──┬─
           ·   ╰── here
           ╰────
        "#);
    }

    #[test]
    fn colours_come_only_when_asked_for() {
        assert!(report().render(true).contains('\u{1b}'));
        assert!(!report().render(false).contains('\u{1b}'));
    }

    #[test]
    fn a_place_at_the_end_or_in_an_empty_text_is_shown() {
        let at_end = Diagnostic::new(Span::new(3, 3), "too short");
        assert!(Report::new("a", "abc", vec![at_end.clone()]).render(false).contains("too short"));
        assert!(Report::new("a", "abc\n", vec![at_end]).render(false).contains("a:1:4"));
        let empty = Diagnostic::new(Span::new(0, 0), "empty");
        assert!(Report::new("a", "", vec![empty]).render(false).contains("a:1:1"));
    }

    #[test]
    fn nothing_in_a_text_steers_the_terminal() {
        let text = "a: \u{1b}[2J\u{9b}x";
        let shown = Report::new("a", text, vec![Diagnostic::new(Span::new(3, 4), "no")]);
        assert!(shown.render(false).contains("a: ?[2J??x"), "{shown}");
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(line_column("é: é", "é: ".len()), (1, 4));
        assert_eq!(line_column("a\r\nb: c", 6), (2, 4));
    }

    #[test]
    fn the_nearest_name_forgives_case_hyphens_and_a_letter_or_two() {
        let names = ["filter", "map", "customer-id", "batch_size"];
        assert_eq!(nearest("filtre", names), Some("filter"));
        assert_eq!(nearest("Customer_ID", names), Some("customer-id"));
        assert_eq!(nearest("batchsize", names), Some("batch_size"));
        assert_eq!(nearest("mpa", names), Some("map"));
        assert_eq!(nearest("colour", names), None);
        assert_eq!(nearest("", names), None);
    }
}
