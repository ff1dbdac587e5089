//! The text of a piece of HTML, as far as a plain text can show it.
//!
//! What other systems keep in their descriptions is no document: pieces of HTML, mixed with text
//! that never was any. So whatever is not clearly a tag stays.

use super::entities::entity;

/// Elements that stand on lines of their own.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "caption",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
];

/// Elements that are not shown, with all that is in them.
const HIDDEN: &[&str] = &["head", "script", "style", "template", "title"];

/// Line ends kept in a row: one empty line.
const LINE_ENDS: usize = 2;

/// The plain text of `html`. Where it has no tag at all it is taken for text, and only its entities
/// are resolved.
pub(super) fn plain_text(html: &str) -> String {
    let mut page = Page::default();
    let mut rest = html;
    let mut has_tags = false;
    while let Some(at) = rest.find('<') {
        let (text, from) = rest.split_at(at);
        page.text(text);
        match Markup::at(from) {
            Some((markup, length)) => {
                has_tags = true;
                rest = &from[length..];
                if let Some(name) = page.markup(markup) {
                    rest = behind_end_of(name, rest);
                }
            }
            None => {
                page.text("<");
                rest = &from[1..];
            }
        }
    }
    page.text(rest);
    match has_tags {
        true => page.finish(),
        false => resolved(html).trim().to_owned(),
    }
}

/// What begins with `<` and is no text.
enum Markup<'a> {
    Opening(&'a str),
    Closing(&'a str),
    /// A comment, a declaration or an instruction.
    Nothing,
}

impl<'a> Markup<'a> {
    /// The markup that `from` begins with, and its length.
    fn at(from: &'a str) -> Option<(Self, usize)> {
        if let Some(comment) = from.strip_prefix("<!--") {
            let length = comment.find("-->").map_or(from.len(), |end| 4 + end + 3);
            return Some((Markup::Nothing, length));
        }
        if from.starts_with("<!") || from.starts_with("<?") {
            return from.find('>').map(|end| (Markup::Nothing, end + 1));
        }
        let within = from.strip_prefix('<')?;
        let (closing, within) = match within.strip_prefix('/') {
            Some(within) => (true, within),
            None => (false, within),
        };
        let end = within.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))?;
        let name = within.get(..end).filter(|name| is_name(name))?;
        let length = from.len() - within.len() + end_of_tag(within, end)?;
        Some(match closing {
            true => (Markup::Closing(name), length),
            false => (Markup::Opening(name), length),
        })
    }
}

/// Whether a word may name an element: `<ann@example.com>` and `<https://...>` are text.
fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':'))
        && !word.ends_with(':')
}

/// The place behind the `>` of a tag, which may stand in the value of an attribute as well.
fn end_of_tag(tag: &str, from: usize) -> Option<usize> {
    let bytes = tag.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'>' => return Some(at + 1),
            quote @ (b'"' | b'\'') if bytes[..at].trim_ascii_end().ends_with(b"=") => {
                // A value that never ends is none: the tag ends at the next `>`.
                let end = bytes[at + 1..].iter().position(|byte| *byte == quote);
                at += end.map_or(1, |end| end + 2);
            }
            _ => at += 1,
        }
    }
    None
}

/// What comes after the end tag of a hidden element; nothing where it has none.
fn behind_end_of<'a>(name: &str, rest: &'a str) -> &'a str {
    let mut from = 0;
    while let Some(at) = rest[from..].find("</") {
        let tag = &rest[from + at..];
        match Markup::at(tag) {
            Some((Markup::Closing(closed), length)) if closed.eq_ignore_ascii_case(name) => {
                return &tag[length..];
            }
            _ => from += at + 2,
        }
    }
    ""
}

/// The text so far.
#[derive(Default)]
struct Page {
    shown: String,
    /// Line ends to come before the next word.
    line_ends: usize,
    /// Whether a blank is to come before the next word.
    blank: bool,
    /// Whether the next word begins an item of a list.
    item: bool,
    /// How many elements are open whose blanks are shown as they are.
    verbatim: usize,
}

impl Page {
    /// Takes a tag; gives its name where what is in the element is not shown.
    fn markup<'a>(&mut self, markup: Markup<'a>) -> Option<&'a str> {
        let (name, opening) = match markup {
            Markup::Opening(name) => (name, true),
            Markup::Closing(name) => (name, false),
            Markup::Nothing => return None,
        };
        let lower = name.to_ascii_lowercase();
        match lower.as_str() {
            "br" => self.line_ends = (self.line_ends + 1).min(LINE_ENDS),
            "td" | "th" => self.blank = true,
            hidden if HIDDEN.contains(&hidden) => return opening.then_some(name),
            block if BLOCKS.contains(&block) => self.line_ends = self.line_ends.max(1),
            _ => {}
        }
        match lower.as_str() {
            "li" => self.item = opening,
            "pre" if opening => self.verbatim += 1,
            "pre" => self.verbatim = self.verbatim.saturating_sub(1),
            _ => {}
        }
        None
    }

    fn text(&mut self, text: &str) {
        for character in resolved(text).chars() {
            match character {
                '\n' if self.verbatim > 0 => {
                    self.line_ends = (self.line_ends + 1).min(LINE_ENDS);
                }
                c if c.is_ascii_whitespace() && self.verbatim == 0 => self.blank = true,
                // A blank that may not be broken is a blank all the same.
                '\u{a0}' => self.character(' '),
                c => self.character(c),
            }
        }
    }

    fn character(&mut self, character: char) {
        let begins = self.shown.is_empty();
        if self.line_ends > 0 && !begins {
            self.shown.truncate(self.shown.trim_end_matches(' ').len());
            self.shown.extend(std::iter::repeat_n('\n', self.line_ends));
        } else if self.blank && !begins && !self.shown.ends_with(' ') {
            self.shown.push(' ');
        }
        if self.item {
            self.shown.push_str("- ");
        }
        (self.line_ends, self.blank, self.item) = (0, false, false);
        self.shown.push(character);
    }

    fn finish(self) -> String {
        self.shown.trim().to_owned()
    }
}

/// A text with its entities resolved.
fn resolved(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        whole.push_str(before);
        let (character, length) = entity(from).unwrap_or(('&', 1));
        whole.push(character);
        rest = &from[length..];
    }
    whole.push_str(rest);
    whole
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_are_gone_and_lines_stay() {
        for (html, text) in [
            ("<p>One.</p><p>Two.</p>", "One.\nTwo."),
            ("<div>One<br/>two<BR>\n three</div>", "One\ntwo\nthree"),
            ("a<br><br><br><br>b", "a\n\nb"),
            ("<b>bold</b> and <i class='x > y'>italic</i>", "bold and italic"),
            ("<ul>\n <li>one</li>\n <li>two</li>\n</ul>after", "- one\n- two\nafter"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
            ("<h1>Title</h1>text", "Title\ntext"),
            ("<pre>one\n  two</pre>", "one\n  two"),
            ("<p>&nbsp;</p><p>x&nbsp;&nbsp;y</p>", "x  y"),
            ("line one\nline <b>two</b>", "line one line two"),
            ("<o:p></o:p>Word", "Word"),
        ] {
            assert_eq!(plain_text(html), text, "{html}");
        }
    }

    #[test]
    fn what_is_not_shown_is_gone_with_all_that_is_in_it() {
        for (html, text) in [
            ("a<script>if (a < b) { '</p>' }</SCRIPT>b", "ab"),
            ("<style>p { color: red }</style>a", "a"),
            ("<html><head><title>t</title></head><body>a</body></html>", "a"),
            ("a<!-- > <b> -->b", "ab"),
            ("<!DOCTYPE html><?xml version='1.0'?>a<![if !mso]>b<![endif]>", "ab"),
            ("a<script>never closed", "a"),
            ("a<!-- never closed <b>", "a"),
        ] {
            assert_eq!(plain_text(html), text, "{html}");
        }
    }

    #[test]
    fn what_is_no_tag_stays() {
        for text in [
            "AT&T, 1 < 2, a <- b",
            "Ann <ann@example.com>",
            "see <https://example.com/a>",
            "two\n\nparagraphs of\n  text",
            "ends with <b",
            "<3",
            "50 % off & more; yes",
        ] {
            assert_eq!(plain_text(text), text);
        }
        assert_eq!(
            plain_text("<p>Ann <ann@example.com>, 1 < 2</p>"),
            "Ann <ann@example.com>, 1 < 2"
        );
    }

    #[test]
    fn entities_are_resolved_once() {
        assert_eq!(
            plain_text("O&#39;Brien &amp;lt; Zo&euml; &unknown; &#146;"),
            "O'Brien &lt; Zoë &unknown; ’"
        );
        assert_eq!(plain_text("<p>&lt;b&gt;</p>"), "<b>");
    }

    proptest! {
        #[test]
        fn any_text_has_a_plain_text(html in "([<>/&;\"'=!a-c -]|<br>|</p>|<pre>|<script>|é|\n){0,60}") {
            let plain = plain_text(&html);
            prop_assert_eq!(plain.trim(), &plain);
        }

        #[test]
        fn text_without_signs_of_html_stays_as_it_is(text in "[^<&]{0,60}") {
            prop_assert_eq!(plain_text(&text), text.trim());
        }
    }
}
