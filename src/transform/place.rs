//! Where in the pipeline file a piece of an expression stands.
//!
//! The YAML reader knows the place of the whole scalar. A scalar may be folded or escaped, so that
//! an offset in the expression is not an offset in the file; then the words are looked for.

use crate::{diagnostic::Span, yaml::Spanned};

/// An expression, and the pipeline file it stands in.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The whole pipeline file.
    pub text: &'a str,
    /// The expression with the span of its scalar.
    pub sql: &'a Spanned<String>,
}

impl<'a> Place<'a> {
    /// The span in the file of bytes `start..end` of the expression, or of the whole scalar where
    /// it cannot be told.
    pub fn of(&self, start: usize, end: usize) -> Span {
        self.verbatim(start, end).or_else(|| self.by_word(start, end)).unwrap_or(self.sql.span)
    }

    /// The first place of a word, whatever its case; the whole scalar where it has none.
    pub fn word(&self, word: &str) -> Span {
        let (text, wanted) = (self.sql.to_ascii_lowercase(), word.to_ascii_lowercase());
        let alone = |at: usize| {
            let of_word = |c: char| c.is_alphanumeric() || c == '_';
            !text[..at].ends_with(of_word) && !text[at + wanted.len()..].starts_with(of_word)
        };
        let mut places = text.match_indices(&wanted).map(|(at, _)| at).filter(|at| alone(*at));
        match places.next().filter(|_| !wanted.is_empty()) {
            Some(at) => self.of(at, at + wanted.len()),
            None => self.sql.span,
        }
    }

    /// The offset in the expression of a place that the SQL parser tells as line and column.
    pub fn offset(&self, line: u64, column: u64) -> Option<usize> {
        let line_start = match line {
            0 => return None,
            1 => 0,
            _ => self.sql.value.match_indices('\n').nth(line as usize - 2)?.0 + 1,
        };
        let rest = &self.sql.value[line_start..];
        let column = column.checked_sub(1)? as usize;
        let within = rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at);
        Some(line_start + within)
    }

    /// Most expressions stand in the file as they are.
    fn verbatim(&self, start: usize, end: usize) -> Option<Span> {
        let scalar_start = self.sql.span.start;
        let raw = self.text.get(scalar_start..self.sql.span.end)?;
        let at = scalar_start + raw.find(&self.sql.value)?;
        Some(Span { start: at + start, end: at + end })
    }

    /// The n-th occurrence of the words in the expression is the n-th in the scalar.
    fn by_word(&self, start: usize, end: usize) -> Option<Span> {
        let raw = self.text.get(self.sql.span.start..self.sql.span.end)?;
        let words = self.sql.value.get(start..end).filter(|words| !words.is_empty())?;
        let before = self.sql.value.get(..start)?.matches(words).count();
        let (at, _) = raw.match_indices(words).nth(before)?;
        let at = self.sql.span.start + at;
        Some(Span { start: at, end: at + words.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spanned(text: &str, scalar: &str, value: &str) -> Spanned<String> {
        let start = text.find(scalar).unwrap();
        Spanned::new(value.to_owned(), Span { start, end: start + scalar.len() })
    }

    #[test]
    fn a_quoted_scalar_is_searched_verbatim() {
        let text = r#"filter: "a <> b""#;
        let sql = spanned(text, r#""a <> b""#, "a <> b");
        let span = Place { text, sql: &sql }.of(5, 6);
        assert_eq!(&text[span.start..span.end], "b");
        assert_eq!(span.start, 14);
    }

    #[test]
    fn a_folded_scalar_is_searched_by_words() {
        let text = "filter: >\n  opt_in\n  <> opt\n";
        let sql = spanned(text, "opt_in\n  <> opt", "opt_in <> opt");
        let span = Place { text, sql: &sql }.of(10, 13);
        assert_eq!((span.start, &text[span.start..span.end]), (24, "opt"));
    }

    #[test]
    fn a_place_that_cannot_be_found_is_the_whole_scalar() {
        let text = r#"filter: "a = \u0062""#;
        let sql = spanned(text, r#""a = \u0062""#, "a = b");
        assert_eq!(Place { text, sql: &sql }.of(4, 5), sql.span);
    }

    #[test]
    fn lines_and_columns_of_the_parser_are_offsets() {
        let sql = Spanned::new("é\nab".to_owned(), Span::default());
        let place = Place { text: "", sql: &sql };
        assert_eq!(place.offset(1, 2), Some(2));
        assert_eq!(place.offset(2, 2), Some(4));
        assert_eq!(place.offset(0, 0), None);
    }
}
