//! A small reply as a whole: what became of the command, and the items that it brought.

use std::fmt;

use super::{
    attributes::Attributes,
    error::DecodeError,
    mask::{is_secret, masked},
    scan::{Fields, Scan, Step},
    text::{Limits, ReplyText},
};

/// What became of a command, by REPLY's STATUS (field-notes, WAPI).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// `0`.
    Success,
    /// `-1`: the code and the message say why.
    Failed,
    /// `302`: the XML is insufficient or corrupted.
    BadXml,
    /// `303`: the login is wrong, and so may be the tenant or the host.
    Login,
    /// `304`: invalid operation.
    InvalidOperation,
    /// `310`: a right is missing.
    Permission,
    /// `500`: internal error.
    Internal,
    /// `503`: service unavailable.
    Unavailable,
    /// Anything else.
    Other(String),
}

impl Status {
    pub(super) fn of(text: &str) -> Status {
        match text.trim() {
            // The letter as well (wapi:4321).
            "0" | "O" | "o" => Status::Success,
            "-1" => Status::Failed,
            "302" => Status::BadXml,
            "303" => Status::Login,
            "304" => Status::InvalidOperation,
            "310" => Status::Permission,
            "500" => Status::Internal,
            "503" => Status::Unavailable,
            other => Status::Other(other.chars().filter(|c| !c.is_control()).take(40).collect()),
        }
    }

    /// As REPLY has it; `other` for all that no guide has.
    pub(super) fn number(&self) -> &'static str {
        match self {
            Status::Success => "0",
            Status::Failed => "-1",
            Status::BadXml => "302",
            Status::Login => "303",
            Status::InvalidOperation => "304",
            Status::Permission => "310",
            Status::Internal => "500",
            Status::Unavailable => "503",
            Status::Other(_) => "other",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Other(text) => write!(f, "`{text}`"),
            known => f.write_str(known.number()),
        }
    }
}

/// REPLY's attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What became of the command.
    pub status: Status,
    /// The number of the error; it has its own series, beside that of the status.
    pub error_code: Option<i64>,
    /// What the server says; empty on success. A customer's password in it is masked.
    pub message: String,
}

impl Answer {
    /// Success is STATUS 0. The code counts only where there is no STATUS, and so do the guide's
    /// other spellings of the two (ruling REPLY_ATTRIBUTES).
    pub(super) fn read(attributes: &Attributes) -> Answer {
        let code = attributes.all("ERRORCODE").chain(attributes.all("STATUSCODE")).next();
        let statuses: Vec<Status> = attributes.all("STATUS").map(Status::of).collect();
        let status = match (statuses.as_slice(), code) {
            ([], code) => match attributes.all("ERRORCODESTATUS").next().or(code) {
                Some(text) => Answer::status_from_code(text),
                None => Status::Other(String::new()),
            },
            ([first, rest @ ..], _) if rest.iter().all(|other| other == first) => first.clone(),
            _ => Status::Other("several at once".to_owned()),
        };
        let message = match status {
            Status::Success => String::new(),
            _ => masked(attributes.all("ERRORSTR").next().unwrap_or_default()),
        };
        let error_code = code.and_then(|code| match code.trim() {
            "O" | "o" => Some(0),
            digits => digits.parse().ok(),
        });
        Answer { status, error_code, message }
    }

    fn status_from_code(text: &str) -> Status {
        match Status::of(text) {
            // A number of the errors' own series.
            Status::Other(number) if number.parse::<i64>().is_ok() => Status::Failed,
            status => status,
        }
    }

    /// Whether the command was carried out.
    pub fn is_success(&self) -> bool {
        self.status == Status::Success
    }
}

/// What the server says of a command, for a person.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "STATUS {}", self.status)?;
        if let Some(code) = self.error_code.filter(|code| *code != 0 && *code != -1) {
            write!(f, ", ERROR_CODE {code}")?;
        }
        match self.message.trim() {
            "" => Ok(()),
            message => write!(f, ": {message}"),
        }
    }
}

/// A reply as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What became of the command.
    pub answer: Answer,
    /// Its items. An ITEM without a field is none.
    pub items: Vec<Item>,
    /// The fields that stand in no item.
    pub bare: Item,
    /// Whether its values were probably encoded twice over: see [`ReplyText::looks_like_utf8`].
    pub looks_like_utf8: bool,
}

impl Reply {
    /// The first value of a tag, in an item or not (ruling ITEM_WRAP).
    pub fn value(&self, tag: &str) -> Option<&str> {
        self.bare.value(tag).or_else(|| self.items.iter().find_map(|item| item.value(tag)))
    }
}

/// Fields in the order of the reply: tags in upper case, and their values.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Item {
    fields: Vec<(String, String)>,
}

impl Item {
    /// The first value of a tag. A field that is there and empty is `""`.
    pub fn value(&self, tag: &str) -> Option<&str> {
        self.fields().find(|(is, _)| is.eq_ignore_ascii_case(tag)).map(|(_, value)| value)
    }

    /// All fields, also those whose tag is there twice.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(tag, value)| (tag.as_str(), value.as_str()))
    }

    /// Whether it has no field.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    fn push(&mut self, tag: &str, value: &str) {
        self.fields.push((tag.to_ascii_uppercase(), value.to_owned()));
    }
}

/// Passwords are not shown.
impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(tag, value)| (tag, if is_secret(tag) { "(secret)" } else { value });
        f.debug_map().entries(self.fields().map(shown)).finish()
    }
}

/// Reads a small reply. For the rows of an extract there is [`ReplyText::items`].
pub fn decode(body: &[u8], limits: &Limits) -> Result<Reply, DecodeError> {
    let text = ReplyText::read(body, limits)?;
    let (mut scan, attributes) = Scan::open(&text)?;
    let mut found = Found::default();
    while scan.step(&mut found)? == Step::Item {
        let item = std::mem::take(&mut found.item);
        if !item.is_empty() {
            found.items.push(item);
        }
    }
    Ok(Reply {
        answer: Answer::read(&attributes),
        items: found.items,
        bare: found.bare,
        looks_like_utf8: text.looks_like_utf8(),
    })
}

#[derive(Default)]
struct Found {
    items: Vec<Item>,
    item: Item,
    bare: Item,
}

impl Fields for Found {
    fn field(&mut self, in_item: bool, tag: &str, value: &str) -> Result<(), DecodeError> {
        let of = if in_item { &mut self.item } else { &mut self.bare };
        of.push(tag, value);
        Ok(())
    }
}
