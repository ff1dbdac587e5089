//! Replies: always HTTP 200; the outcome is an attribute. ISO-8859-1, other characters as
//! numeric references.

use std::time::Duration;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

use super::messages::Problem;

/// The outcome of a command that was not carried out by its own fault.
pub(crate) const FAILED: i32 = -1;
/// Outcomes that have no message in the guide's table (field-notes.md).
pub(crate) const INSUFFICIENT: i32 = 302;
pub(crate) const WRONG_LOGIN: i32 = 303;
pub(crate) const NO_RIGHT: i32 = 310;
pub(crate) const INTERNAL: i32 = 500;
pub(crate) const UNAVAILABLE: i32 = 503;

/// A reply.
pub(crate) struct Reply {
    status: i32,
    code: i32,
    message: String,
    body: Body,
    sending: Sending,
}

/// What a Get's reply costs, and what becomes of one that is too long.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sending {
    /// It is sent after this time.
    pub delay: Duration,
    pub cut: Option<TooLong>,
}

/// What becomes of a reply that is too long, but for a STATUS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TooLong {
    /// Nothing of it is sent.
    Nothing,
    /// Half of it is sent.
    Half,
}

/// What stands in REPLY.
#[derive(Default)]
pub(crate) struct Body {
    bytes: Vec<u8>,
    items: u64,
}

/// The STATUS of a reply, for the layer to count.
#[derive(Clone, Copy)]
pub(crate) struct Status(pub i32);

impl Reply {
    /// A success.
    pub(crate) fn success(body: Body) -> Self {
        Reply { status: 0, code: 0, message: String::new(), body, sending: Sending::default() }
    }

    /// A failure with a message of the guide's table.
    pub(crate) fn failed(code: i32, message: String) -> Self {
        Reply { status: FAILED, code, message, ..Reply::success(Body::default()) }
    }

    /// An outcome that tells nothing of the command.
    pub(crate) fn status(status: i32) -> Self {
        let message = match status {
            INSUFFICIENT => "XML insufficient or corrupted".into(),
            WRONG_LOGIN => "Invalid login".into(),
            NO_RIGHT => "Not enough permissions".into(),
            UNAVAILABLE => "Service unavailable".into(),
            _ => Problem::Internal.text(),
        };
        Reply { status, code: status, message, ..Reply::success(Body::default()) }
    }

    /// The same, sent as told.
    pub(crate) fn sent(self, sending: Sending) -> Self {
        Reply { sending, ..self }
    }

    fn write(self) -> Vec<u8> {
        let mut head = Body::default();
        head.raw("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<WAPI>\n<REPLY ERROR_CODE=\"");
        head.raw(&self.code.to_string());
        head.raw("\" ERROR_STR=\"");
        head.text(&self.message.replace('\n', " "));
        head.raw("\" STATUS=\"");
        head.raw(&self.status.to_string());
        if self.body.is_empty() {
            head.raw("\"/>\n</WAPI>\n");
            return head.bytes;
        }
        head.raw("\">\n");
        let mut whole = self.body;
        whole.raw("</REPLY>\n</WAPI>\n");
        // Moved, not copied: a body may be most of the memory.
        whole.bytes.splice(0..0, head.bytes);
        whole.bytes
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let (status, sending) = (Status(self.status), self.sending);
        let mut reply = ([(header::CONTENT_TYPE, "text/xml")], self.write()).into_response();
        reply.extensions_mut().insert(status);
        reply.extensions_mut().insert(sending);
        reply
    }
}

impl Body {
    /// `<data />`: a success that found nothing.
    pub(crate) fn nothing() -> Self {
        let mut body = Body::default();
        body.raw("<data />\n");
        body
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How many ITEMs there are.
    pub(crate) fn items(&self) -> u64 {
        self.items
    }

    /// Writes an ITEM of what `write` writes.
    pub(crate) fn item(&mut self, write: impl FnOnce(&mut Body)) {
        self.raw("<ITEM>");
        write(self);
        self.raw("</ITEM>\n");
        self.items += 1;
    }

    /// Writes an element.
    pub(crate) fn element(&mut self, tag: &str, value: &str) {
        self.raw("<");
        self.raw(tag);
        if value.is_empty() {
            self.raw("/>");
            return;
        }
        self.raw(">");
        self.text(value);
        self.raw("</");
        self.raw(tag);
        self.raw(">");
    }

    fn raw(&mut self, ascii: &str) {
        self.bytes.extend_from_slice(ascii.as_bytes());
    }

    fn text(&mut self, text: &str) {
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !b"&<>\"".contains(&byte)) {
            return self.raw(text);
        }
        for c in text.chars() {
            match c {
                '&' => self.raw("&amp;"),
                '<' => self.raw("&lt;"),
                '>' => self.raw("&gt;"),
                '"' => self.raw("&quot;"),
                ' '..='~' | '\n' | '\t' | '\u{A0}'..='\u{FF}' => self.bytes.push(c as u8),
                // Also the carriage return, which would come back as a newline.
                _ => self.raw(&format!("&#{};", u32::from(c))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_latin_1_with_references_for_the_rest() {
        let mut body = Body::default();
        body.item(|item| {
            item.element("A", "Zoë & \"<中>\"\r\n'");
            item.element("b", "");
        });
        let written = Reply::success(body).write();
        let expected = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<WAPI>\n\
            <REPLY ERROR_CODE=\"0\" ERROR_STR=\"\" STATUS=\"0\">\n\
            <ITEM><A>Zo\xEB &amp; &quot;&lt;&#20013;&gt;&quot;&#13;\n'</A><b/></ITEM>\n\
            </REPLY>\n</WAPI>\n";
        assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(expected));
    }

    #[test]
    fn a_failure_has_its_code_before_its_message_and_its_status() {
        let written = Reply::failed(2, "a 'b' & c".into()).write();
        let written = String::from_utf8(written).unwrap();
        let reply = "<REPLY ERROR_CODE=\"2\" ERROR_STR=\"a 'b' &amp; c\" STATUS=\"-1\"/>";
        assert!(written.contains(reply), "{written}");
    }
}
