//! Commands to bodies: escaped once for XML and form-encoded in the same pass.
//!
//! Both levels are the two that the guide calls "HTTP and XML escape encoding" (ruling
//! AMP_DOUBLE_ESCAPE); a value is never copied on the way.

use thiserror::Error;

use super::style::{Apostrophe, Characters, Style};
use crate::secret::Secret;

/// The path of the classic entrance, below the tenant's own host (wapi:118-124).
pub const CLASSIC_PATH: &str = "/WAPI/wapi.php";
/// The path of the gateway (field-notes, WAPI).
pub const GATEWAY_PATH: &str = "/cc/v1/wapi";
/// The content type that the classic entrance takes (field-notes, WAPI).
pub const CLASSIC_TYPE: &str = "application/x-www-form-urlencoded";
/// The content type that the gateway takes (field-notes, WAPI).
pub const GATEWAY_TYPE: &str = "application/xml";

/// The field of the form that holds the packet (wapi:98).
const FIELD: &[u8] = b"xml_query=";

/// Who asks, at the classic entrance (wapi:182-186).
#[derive(Clone, Debug)]
pub struct Login {
    /// The tenant's name.
    pub tenant: String,
    /// The CRM API user name.
    pub username: String,
    /// The CRM API password.
    pub password: Secret,
}

/// The entrance that a body is written for.
#[derive(Clone, Copy, Debug)]
pub enum Entrance<'a> {
    /// A form whose field `xml_query` holds the login and the command.
    Classic(&'a Login),
    /// The bare command: the headers say who asks.
    Gateway,
}

/// A command: what is to be done with which object, and its parameters in the order in which they
/// are sent. It has no `Debug`, since a parameter may be a customer's PASSWORD.
#[derive(Clone, Copy)]
pub struct Command<'a, Tags> {
    /// The object, such as `CUSTOMER` or `COUNTRY`.
    pub object: &'a str,
    /// The action, such as `ADD` or `LIST`.
    pub action: &'a str,
    /// The parameters: tag and value.
    pub tags: Tags,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Encoded {
    /// Values that the CRM will hold otherwise than given: an apostrophe became a space or a
    /// typographic one. The user is told how many there were.
    pub altered: usize,
}

/// A command that cannot be sent. No value is told: it may be a password.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EncodeError {
    /// The tag, object or action is no name in XML.
    #[error(
        "`{name}` cannot be sent: a name has letters, digits, `_`, `-` and `.`, and begins with a letter or `_`"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// XML 1.0 has no way to write the character.
    #[error("{tag} holds the control character U+{code:04X}, which XML cannot carry")]
    Control {
        /// The parameter.
        tag: String,
        /// The character's number.
        code: u32,
    },
    /// `wapi.apostrophe: reject` and there is one.
    #[error("{tag} holds an apostrophe, which `wapi.apostrophe: reject` does not send")]
    Apostrophe {
        /// The parameter.
        tag: String,
    },
}

impl EncodeError {
    /// The parameter concerned.
    pub fn tag(&self) -> &str {
        match self {
            EncodeError::Name { name: tag }
            | EncodeError::Control { tag, .. }
            | EncodeError::Apostrophe { tag } => tag,
        }
    }
}

/// Writes a command in place of what `body` holds. After an error `body` holds a part of it.
pub fn encode<'a>(
    command: Command<'_, impl IntoIterator<Item = (&'a str, &'a str)>>,
    entrance: Entrance<'_>,
    style: Style,
    body: &mut Vec<u8>,
) -> Result<Encoded, EncodeError> {
    body.clear();
    let is_form = matches!(entrance, Entrance::Classic(_));
    let mut pen = Pen { body, is_form, style, encoded: Encoded::default() };
    if let Entrance::Classic(login) = entrance {
        pen.login(login)?;
    }
    pen.put(b"<COMMAND OBJECT=\"");
    pen.name(command.object)?;
    pen.put(b"\" ACTION=\"");
    pen.name(command.action)?;
    pen.put(b"\">");
    for (tag, value) in command.tags {
        pen.element(tag, value)?;
    }
    pen.put(b"</COMMAND>");
    if is_form {
        pen.put(b"</WAPI>");
    }
    Ok(pen.encoded)
}

/// What writes into the body.
struct Pen<'b> {
    body: &'b mut Vec<u8>,
    is_form: bool,
    style: Style,
    encoded: Encoded,
}

impl Pen<'_> {
    /// The field's name, and who asks. A login is sent as it is: the style may not change it.
    fn login(&mut self, login: &Login) -> Result<(), EncodeError> {
        self.body.extend_from_slice(FIELD);
        self.put(b"<WAPI>");
        let style = self.style;
        if style.apostrophe != Apostrophe::Rsquot {
            self.style.apostrophe = Apostrophe::Xml;
        }
        self.element("TENANT", &login.tenant)?;
        self.element("USERNAME", &login.username)?;
        self.element("PASSWORD", login.password.expose())?;
        self.style = style;
        Ok(())
    }

    fn element(&mut self, tag: &str, value: &str) -> Result<(), EncodeError> {
        self.put(b"<");
        self.name(tag)?;
        self.put(b">");
        self.value(tag, value)?;
        self.put(b"</");
        self.put(tag.as_bytes());
        self.put(b">");
        Ok(())
    }

    /// A name in ASCII. A `:` would be read as a name space, and the CRM's fields have neither it
    /// nor letters outside ASCII (field-notes, WAPI: custom fields).
    fn name(&mut self, name: &str) -> Result<(), EncodeError> {
        let mut bytes = name.bytes();
        let begins = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
        if !begins || !bytes.all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b)) {
            return Err(EncodeError::Name { name: name.to_owned() });
        }
        self.put(name.as_bytes());
        Ok(())
    }

    fn value(&mut self, tag: &str, value: &str) -> Result<(), EncodeError> {
        let mut rest = value;
        let mut is_altered = false;
        while let Some(at) = rest.bytes().position(is_special) {
            self.put(&rest.as_bytes()[..at]);
            rest = &rest[at..];
            let Some(character) = rest.chars().next() else { break };
            is_altered |= self.special(tag, character)?;
            rest = &rest[character.len_utf8()..];
        }
        self.put(rest.as_bytes());
        self.encoded.altered += usize::from(is_altered);
        Ok(())
    }

    /// A character that does not stand for itself; tells whether another one was sent.
    fn special(&mut self, tag: &str, character: char) -> Result<bool, EncodeError> {
        match character {
            '&' => self.put(b"&amp;"),
            '<' => self.put(b"&lt;"),
            '>' => self.put(b"&gt;"),
            '"' => self.put(b"&quot;"),
            // A bare one would be read as, or together with, a line feed.
            '\r' => self.put(b"&#13;"),
            '\'' => return self.apostrophe(tag),
            '\u{0}'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => {
                return Err(EncodeError::Control { tag: tag.to_owned(), code: character.into() });
            }
            _ => self.beyond_ascii(character),
        }
        Ok(false)
    }

    fn apostrophe(&mut self, tag: &str) -> Result<bool, EncodeError> {
        match self.style.apostrophe {
            Apostrophe::Rsquot => self.put(b"&rsquot;"),
            Apostrophe::Xml => self.put(b"&apos;"),
            Apostrophe::Typographic => self.beyond_ascii('\u{2019}'),
            Apostrophe::Blank => self.put(b" "),
            Apostrophe::Reject => return Err(EncodeError::Apostrophe { tag: tag.to_owned() }),
        }
        Ok(matches!(self.style.apostrophe, Apostrophe::Typographic | Apostrophe::Blank))
    }

    fn beyond_ascii(&mut self, character: char) {
        match (self.style.characters, u32::from(character)) {
            (Characters::Utf8, _) => self.put(character.encode_utf8(&mut [0; 4]).as_bytes()),
            // U+0080 to U+009F would be read as other characters where ISO-8859-1 means
            // windows-1252.
            (Characters::Latin1, code @ 0xa0..=0xff) => self.put(&[code as u8]),
            (_, code) => self.reference(code),
        }
    }

    /// `&#233;`.
    fn reference(&mut self, code: u32) {
        let mut digits = [0; 10];
        let mut from = digits.len();
        let mut left = code;
        loop {
            from -= 1;
            digits[from] = b'0' + (left % 10) as u8;
            left /= 10;
            if left == 0 {
                break;
            }
        }
        self.put(b"&#");
        self.put(&digits[from..]);
        self.put(b";");
    }

    /// Bytes of XML, form-encoded where the body is a form (ruling URL_ENCODING).
    fn put(&mut self, xml: &[u8]) {
        if !self.is_form {
            return self.body.extend_from_slice(xml);
        }
        let mut rest = xml;
        while let Some(at) = rest.iter().position(|byte| !stands_in_a_form(*byte)) {
            self.body.extend_from_slice(&rest[..at]);
            match rest[at] {
                b' ' => self.body.push(b'+'),
                byte => self.body.extend_from_slice(&[b'%', hex(byte >> 4), hex(byte & 15)]),
            }
            rest = &rest[at + 1..];
        }
        self.body.extend_from_slice(rest);
    }
}

/// Whether a byte of a value may begin what does not stand for itself in XML.
fn is_special(byte: u8) -> bool {
    matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'' | 0x80..)
        || (byte < b' ' && byte != b'\t' && byte != b'\n')
}

/// The bytes that stand for themselves in `application/x-www-form-urlencoded`.
fn stands_in_a_form(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"*-._".contains(&byte)
}

fn hex(half: u8) -> u8 {
    b"0123456789ABCDEF"[usize::from(half)]
}
