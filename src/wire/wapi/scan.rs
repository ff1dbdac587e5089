//! One pass over the elements of a reply, for all that read one.
//!
//! Tags count without regard to case. Under REPLY an ITEM holds fields, a DATA (seen around
//! nothing) is looked through, and anything else is a field of its own. The text of a field is all
//! text within it; text outside of fields does not count. No entity is ever expanded but the five
//! of XML, numeric references and `&rsquot;`.

use std::{borrow::Cow, io::BufRead};

use memchr::memchr2;
use quick_xml::{
    Error, Reader,
    errors::{IllFormedError, SyntaxError},
    events::Event,
};

use super::{
    attributes::Attributes,
    error::DecodeError,
    text::{ReplyText, beginning},
};
use crate::wire::references::resolve;

/// What takes the fields of a reply.
pub(super) trait Fields {
    /// A field with its value, in the order of the reply. `tag` is in the case of the reply.
    fn field(&mut self, in_item: bool, tag: &str, value: &str) -> Result<(), DecodeError>;
}

/// Where a pass has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// An ITEM has ended.
    Item,
    /// The reply is whole.
    End,
}

/// A pass over one reply, behind the start of its REPLY.
pub(super) struct Scan<'t> {
    text: &'t str,
    reader: Reader<&'t [u8]>,
    bytes: usize,
    most_depth: usize,
    open: Names,
    /// Depth of the field that is open.
    field: Option<usize>,
    /// Depth of the ITEM that is open.
    item: Option<usize>,
    value: Value<'t>,
}

impl<'t> Scan<'t> {
    /// Reads up to and with the start of REPLY.
    pub(super) fn open(reply: &'t ReplyText<'_>) -> Result<(Self, Attributes), DecodeError> {
        let mut reader = Reader::from_str(&reply.text);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        let mut scan = Scan {
            text: &reply.text,
            reader,
            bytes: reply.bytes,
            most_depth: reply.limits.most_depth,
            open: Names::default(),
            field: None,
            item: None,
            value: Value::default(),
        };
        let attributes = scan.find_reply(reply)?;
        Ok((scan, attributes))
    }

    fn find_reply(&mut self, reply: &ReplyText<'_>) -> Result<Attributes, DecodeError> {
        let not_wapi = || DecodeError::NotWapi { beginning: beginning(&reply.text) };
        loop {
            match (self.open.depth(), self.event()?) {
                (0, Event::Start(start)) if is(start.name().as_ref(), "WAPI") => {
                    self.open.push(start.name().as_ref());
                }
                (0, Event::Start(_) | Event::Empty(_) | Event::End(_) | Event::Eof) => {
                    return Err(not_wapi());
                }
                (0, Event::Text(text)) if !is_noise(&text) => return Err(not_wapi()),
                (_, Event::Start(start)) if is(start.name().as_ref(), "REPLY") => {
                    self.open.push(start.name().as_ref());
                    return Ok(Attributes::parse(start.attributes_raw()));
                }
                (_, Event::Empty(start)) if is(start.name().as_ref(), "REPLY") => {
                    return Ok(Attributes::parse(start.attributes_raw()));
                }
                (_, Event::Start(_) | Event::Empty(_) | Event::End(_)) => {
                    return Err(DecodeError::NoReply);
                }
                (_, Event::Eof) => return Err(self.cut_off()),
                _ => {}
            }
        }
    }

    /// Goes on to the end of the next ITEM or of the reply, and hands on the fields on the way.
    pub(super) fn step(&mut self, into: &mut impl Fields) -> Result<Step, DecodeError> {
        loop {
            match self.event()? {
                Event::Start(start) => {
                    self.start(start.name().as_ref())?;
                    self.plain_fields(into)?;
                }
                Event::End(end) => {
                    if let Some(step) = self.end(end.name().as_ref(), into)? {
                        return Ok(step);
                    }
                    self.plain_fields(into)?;
                }
                Event::Empty(start) => {
                    let name = start.name();
                    self.start(name.as_ref())?;
                    if let Some(step) = self.end(name.as_ref(), into)? {
                        return Ok(step);
                    }
                    self.plain_fields(into)?;
                }
                Event::Eof => return Err(self.cut_off()),
                _ if self.field.is_none() => {}
                Event::Text(text) => self.value.push(text.into_inner()),
                Event::CData(text) => self.value.push(text.into_inner()),
                Event::GeneralRef(reference) => {
                    resolve(&reference.into_inner(), self.value.pieces());
                }
                _ => {}
            }
        }
    }

    /// Takes the fields of the open item up to the first that is not [`plain`]: nearly all are, and
    /// three events of the reader are many for one of them. To be called right behind a tag, where
    /// the reader looks for text next.
    #[inline]
    fn plain_fields(&mut self, into: &mut impl Fields) -> Result<(), DecodeError> {
        let in_item = self.item == Some(self.open.depth()) && self.field.is_none();
        if !in_item || self.open.depth() >= self.most_depth {
            return Ok(());
        }
        let begin = self.text.len() - self.reader.get_ref().len();
        let mut rest = &self.text[begin..];
        while let Some(field) = plain(rest) {
            into.field(true, field.tag, number_or_text(field.tag, field.value))?;
            rest = field.behind;
        }
        let taken = self.text.len() - begin - rest.len();
        self.reader.stream().consume(taken);
        Ok(())
    }

    #[inline]
    fn start(&mut self, name: &str) -> Result<(), DecodeError> {
        if self.open.depth() >= self.most_depth {
            return Err(DecodeError::TooDeep { most: self.most_depth });
        }
        if self.open.depth() < 2 {
            return Err(self.malformed(format!("a second element beside REPLY, `{}`", brief(name))));
        }
        self.open.push(name);
        let depth = self.open.depth();
        if self.field.is_some() {
            // Markup within a value: its text is part of the value.
        } else if self.item.is_none() && is(name, "ITEM") {
            self.item = Some(depth);
        } else if self.item.is_some() || !is(name, "DATA") {
            self.field = Some(depth);
            self.value.clear();
        }
        Ok(())
    }

    #[inline]
    fn end(&mut self, name: &str, into: &mut impl Fields) -> Result<Option<Step>, DecodeError> {
        let depth = self.open.depth();
        if !self.open.last().is_some_and(|open| is(open, name)) {
            return Err(self.malformed(format!("`</{}>` closes nothing", brief(name))));
        }
        let mut step = None;
        if self.field == Some(depth) {
            self.field = None;
            into.field(self.item.is_some(), name, number_or_text(name, self.value.get()))?;
        } else if self.item == Some(depth) {
            self.item = None;
            step = Some(Step::Item);
        } else if depth == 1 {
            step = Some(Step::End);
        }
        self.open.pop();
        Ok(step)
    }

    // Inline: an event is large, and not moved twice then.
    #[inline(always)]
    fn event(&mut self) -> Result<Event<'t>, DecodeError> {
        match self.reader.read_event() {
            Ok(Event::DocType(_)) => Err(DecodeError::Doctype),
            Ok(event) => Ok(event),
            Err(Error::IllFormed(IllFormedError::MissingDoctypeName)) => Err(DecodeError::Doctype),
            Err(Error::Syntax(SyntaxError::InvalidBangMarkup)) => {
                Err(self.malformed("markup that begins with `<!`".to_owned()))
            }
            // It was looking for an end that did not come.
            Err(Error::Syntax(_)) => Err(self.cut_off()),
            Err(_) => Err(self.malformed("markup that is none".to_owned())),
        }
    }

    fn cut_off(&self) -> DecodeError {
        DecodeError::Truncated { bytes: self.bytes }
    }

    fn malformed(&self, what: String) -> DecodeError {
        DecodeError::Malformed { what, at: self.reader.buffer_position() }
    }
}

/// Whether a text before WAPI can be passed over: blanks, and the `-` that a browser's view of a
/// tree puts before elements (wapi:2624).
fn is_noise(text: &str) -> bool {
    text.trim_matches(|c: char| c == '-' || c.is_whitespace()).is_empty()
}

/// A field that is plainly written, and what stands behind it.
struct Plain<'t> {
    tag: &'t str,
    value: &'t str,
    behind: &'t str,
}

/// The field that a text begins with, perhaps behind blanks, where it is written as
/// `<TAG>value</TAG>` or `<TAG/>` and nothing else: no attribute, reference or markup, the same
/// tag twice. Whatever differs is for the reader.
#[inline]
fn plain(text: &str) -> Option<Plain<'_>> {
    let inner = text.trim_ascii_start().strip_prefix('<')?;
    let of_a_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    let name = inner.bytes().take_while(of_a_name).count();
    let tag = inner.get(..name).filter(|tag| !tag.is_empty())?;
    let content = match inner[name..].strip_prefix('>') {
        Some(content) => content,
        None => {
            let behind = inner[name..].strip_prefix("/>")?;
            return Some(Plain { tag, value: "", behind });
        }
    };
    let value = &content[..memchr2(b'<', b'&', content.as_bytes())?];
    let end = content[value.len()..].strip_prefix("</")?;
    let behind = end.strip_prefix(tag)?.strip_prefix('>')?;
    Some(Plain { tag, value, behind })
}

/// Tags of numbers by which records are named.
const NUMBERS: &[&str] = &[
    "ACCOUNTNUM",
    "CASENUM",
    "FOLLOWUPNUM",
    "FOLLOWUPID",
    "TASKNUM",
    "FAQCATID",
    "FAQID",
    "AGENTID",
    "GROUPID",
];

/// A value without the blanks that the guide prints about some numbers (wapi:303, wapi:1255): a
/// record would not be found by them. Texts keep theirs.
#[inline]
fn number_or_text<'v>(tag: &str, value: &'v str) -> &'v str {
    let trimmed = value.trim_ascii();
    let is_number = || NUMBERS.iter().any(|number| is(tag, number));
    if trimmed.len() < value.len() && is_number() { trimmed } else { value }
}

/// Whether two names are the same, without regard to case.
fn is(name: &str, other: &str) -> bool {
    name.eq_ignore_ascii_case(other)
}

/// A name for a message.
fn brief(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// The names of the open elements, one after the other.
#[derive(Default)]
struct Names {
    text: String,
    starts: Vec<usize>,
}

impl Names {
    fn depth(&self) -> usize {
        self.starts.len()
    }

    fn push(&mut self, name: &str) {
        self.starts.push(self.text.len());
        self.text.push_str(name);
    }

    fn last(&self) -> Option<&str> {
        self.starts.last().map(|start| &self.text[*start..])
    }

    fn pop(&mut self) {
        if let Some(start) = self.starts.pop() {
            self.text.truncate(start);
        }
    }
}

/// The text of a field as it comes: nearly always one piece, which is not copied.
#[derive(Default)]
struct Value<'t> {
    first: Cow<'t, str>,
    /// All of it, once there is a second piece.
    whole: String,
    in_pieces: bool,
}

impl<'t> Value<'t> {
    fn clear(&mut self) {
        self.first = Cow::Borrowed("");
        self.in_pieces = false;
    }

    fn push(&mut self, text: Cow<'t, str>) {
        if self.first.is_empty() && !self.in_pieces {
            self.first = text;
        } else {
            self.pieces().push_str(&text);
        }
    }

    fn pieces(&mut self) -> &mut String {
        if !self.in_pieces {
            self.in_pieces = true;
            self.whole.clear();
            self.whole.push_str(&self.first);
        }
        &mut self.whole
    }

    fn get(&self) -> &str {
        if self.in_pieces { &self.whole } else { &self.first }
    }
}
