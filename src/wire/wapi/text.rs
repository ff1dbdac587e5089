//! The bytes of a reply as text: in the encoding that it declares, and never another kind of page.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::{error::DecodeError, style::ReplyCharacters};

/// What is read of a reply, and how deep. A reply beyond it is refused, never half read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body.
    pub most_bytes: usize,
    /// Elements within each other. A documented reply has four: WAPI, REPLY, ITEM and a field.
    pub most_depth: usize,
    /// Different tags of the items of one reply.
    pub most_tags: usize,
    /// How bytes become text.
    pub characters: ReplyCharacters,
}

/// A body beyond this could hold a column that Arrow cannot address.
const MOST_BYTES: usize = 1 << 29;

impl Default for Limits {
    fn default() -> Self {
        // 100,000 items of 1 kB, five times over.
        Limits {
            most_bytes: MOST_BYTES,
            most_depth: 32,
            most_tags: 2000,
            characters: ReplyCharacters::default(),
        }
    }
}

/// The text of one reply.
#[derive(Clone)]
pub struct ReplyText<'b> {
    pub(super) text: Cow<'b, str>,
    pub(super) bytes: usize,
    pub(super) limits: Limits,
    looks_like_utf8: bool,
}

/// Customers' passwords may be in it.
impl std::fmt::Debug for ReplyText<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReplyText").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

impl<'b> ReplyText<'b> {
    /// Reads a body as it declares itself. What declares nothing, or UTF-8 that it is not, is read
    /// as UTF-8 where it can be and as ISO-8859-1 else, so that no byte is lost.
    pub fn read(body: &'b [u8], limits: &Limits) -> Result<Self, DecodeError> {
        let most = limits.most_bytes.min(MOST_BYTES);
        if body.len() > most {
            return Err(DecodeError::TooLarge { bytes: body.len(), most });
        }
        let declared = Encoding::for_bom(body).map(|(encoding, _)| encoding);
        let declared = declared.or_else(|| declared_encoding(body));
        let utf8 = std::str::from_utf8(body).ok();
        let as_declared = limits.characters == ReplyCharacters::Declared || utf8.is_none();
        let text = match (declared, utf8) {
            (Some(encoding), _) if encoding != UTF_8 && as_declared => {
                encoding.decode_with_bom_removal(body).0
            }
            (_, Some(text)) => Cow::Borrowed(text.trim_start_matches('\u{feff}')),
            // ISO-8859-1 with the printable characters that windows-1252 has in its gap, which is
            // what databases and browsers mean by the name.
            (_, None) => WINDOWS_1252.decode_without_bom_handling(body).0,
        };
        let looks_like_utf8 = as_declared
            && declared.is_some_and(|encoding| encoding != UTF_8)
            && utf8.is_some()
            && !text.is_ascii();
        let this = ReplyText { text, bytes: body.len(), limits: *limits, looks_like_utf8 };
        this.refuse_other_kinds()?;
        Ok(this)
    }

    /// Whether the reply declares another encoding, and yet all of it is UTF-8: what it holds was
    /// probably written twice over (ruling ENCODING_MOJIBAKE).
    pub fn looks_like_utf8(&self) -> bool {
        self.looks_like_utf8
    }

    fn refuse_other_kinds(&self) -> Result<(), DecodeError> {
        let text = self.text.trim_start();
        if text.is_empty() {
            return Err(DecodeError::Empty);
        }
        let first = without_prolog(text).as_bytes();
        let begins = |with: &str| {
            let start = first.get(..with.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()))
        };
        if ["<!doctype html", "<html", "<head", "<title", "<body"].into_iter().any(begins) {
            return Err(DecodeError::Html { title: title(text) });
        }
        Ok(())
    }
}

/// A text behind its XML declaration and comments: a page may have them, too.
fn without_prolog(text: &str) -> &str {
    let mut rest = text;
    for (open, close) in [("<?xml", "?>"), ("<!--", "-->")] {
        while let Some((_, behind)) =
            rest.strip_prefix(open).and_then(|inside| inside.split_once(close))
        {
            rest = behind.trim_start();
        }
    }
    rest
}

/// The encoding that the XML declaration names, between quotes of any kind.
fn declared_encoding(body: &[u8]) -> Option<&'static Encoding> {
    let head = &body[..body.len().min(200)];
    let head = head.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = head.iter().position(|byte| *byte == b'>').unwrap_or(head.len());
    let head = String::from_utf8_lossy(&head[..end]).to_ascii_lowercase();
    let (_, value) = head.split_once("encoding")?;
    let is_of_a_label = |c: &char| c.is_ascii_alphanumeric() || "-_:.".contains(*c);
    let label: String =
        value.chars().skip_while(|c| !is_of_a_label(c)).take_while(is_of_a_label).collect();
    Encoding::for_label(label.as_bytes())
}

/// The title of a page, or else its first words.
fn title(page: &str) -> String {
    let page = first_characters(page, 4096);
    // Lower case in ASCII keeps all positions.
    let lower = page.to_ascii_lowercase();
    let inside = lower.find("<title").and_then(|open| {
        let from = open + lower[open..].find('>')? + 1;
        let to = from + lower[from..].find("</title").unwrap_or(lower.len() - from);
        page.get(from..to)
    });
    beginning(inside.unwrap_or(page))
}

/// The first words of a text on one line, up to anything that looks like a password.
pub(super) fn beginning(text: &str) -> String {
    let text = first_characters(text, 240);
    let end = text.to_ascii_lowercase().find("passw").unwrap_or(text.len());
    let words: Vec<&str> = text[..end].split_whitespace().collect();
    words.join(" ").chars().filter(|c| !c.is_control()).take(60).collect()
}

fn first_characters(text: &str, most_bytes: usize) -> &str {
    let mut end = most_bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
