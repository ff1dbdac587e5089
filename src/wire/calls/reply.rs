//! Replies: `{"reasons": [..], "message": ".."}`, or anything at all.

use serde_json::Value;

/// A longer text is cut: it stands in a result file.
const MOST_CHARS: usize = 300;

/// What a reply says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallReply {
    /// The kind of its body.
    pub body: Body,
    /// Its reasons, or else its message, or else how its body begins. May be empty.
    pub text: String,
    /// The id of the call that was placed: `interactionGuid` in the guide, `id` in the API
    /// description (field-notes, Phone calls).
    pub id: Option<String>,
}

/// The kind of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// An object, whose message is "OK".
    Ok,
    /// Another object.
    Json,
    /// Nothing.
    Empty,
    /// A page, a piece of something, or what nobody knows.
    Other,
}

impl CallReply {
    /// Reads a body; any bytes will do.
    pub fn decode(body: &[u8]) -> CallReply {
        let body = body.trim_ascii();
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        if body.is_empty() {
            return CallReply { body: Body::Empty, text: String::new(), id: None };
        }
        let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
            let start = shown(&String::from_utf8_lossy(&body[..body.len().min(400)]), 60);
            let text = format!("the reply is not the JSON expected but begins with `{start}`");
            return CallReply { body: Body::Other, text, id: None };
        };
        let message = fields.get("message").and_then(scalar).unwrap_or_default();
        let reasons = match fields.get("reasons") {
            Some(Value::Array(reasons)) => {
                reasons.iter().filter_map(scalar).collect::<Vec<_>>().join("; ")
            }
            Some(reason) => scalar(reason).unwrap_or_default(),
            None => String::new(),
        };
        let ids = ["interactionGuid", "id"].into_iter();
        let id = ids.filter_map(|key| fields.get(key).and_then(scalar)).next();
        let is_ok = message.eq_ignore_ascii_case("ok");
        let text = if reasons.is_empty() { &message } else { &reasons };
        let body = if is_ok { Body::Ok } else { Body::Json };
        CallReply { body, text: shown(text, MOST_CHARS), id }
    }
}

/// A text or a number; `None` where it is empty or something else.
fn scalar(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// On one line, not too long, and nothing that a terminal takes for an order.
fn shown(text: &str, most: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(body: &str) -> (Body, String, Option<String>) {
        let reply = CallReply::decode(body.as_bytes());
        (reply.body, reply.text, reply.id)
    }

    #[test]
    fn the_id_is_read_under_both_names() {
        let told = decoded(
            r#"{"reasons": ["Call successfully initiated"], "message": "OK",
                "interactionGuid": "int-184a0c5493f-phone-00-acmecorp01"}"#,
        );
        let id = Some("int-184a0c5493f-phone-00-acmecorp01".to_owned());
        assert_eq!(told, (Body::Ok, "Call successfully initiated".into(), id));
        assert_eq!(decoded(r#"{"id": "int-1"}"#).2.as_deref(), Some("int-1"));
        assert_eq!(decoded(r#"{"id": 17, "interactionGuid": null}"#).2.as_deref(), Some("17"));
        assert_eq!(decoded(r#"{"id": " ", "interactionGuid": {}}"#).2, None);
    }

    #[test]
    fn reasons_are_told_before_the_message_and_anything_is_survived() {
        let text = |body: &str| decoded(body).1;
        assert_eq!(text(r#"{"reasons":["a","b"],"message":"Bad Request"}"#), "a; b");
        assert_eq!(text(r#"{"reasons":[],"message":"Bad Request"}"#), "Bad Request");
        assert_eq!(text(r#"{"reasons":"only one"}"#), "only one");
        assert_eq!(decoded("").0, Body::Empty);
        assert_eq!(decoded("[]").0, Body::Other);
        let (body, text, _) = decoded("<html>\n <title>502 Bad Gateway</title>\u{1b}[31m");
        assert_eq!(body, Body::Other);
        assert_eq!(
            text,
            "the reply is not the JSON expected but begins with \
             `<html> <title>502 Bad Gateway</title> [31m`"
        );
        assert_eq!(decoded(r#"{"reasons":["a"#).0, Body::Other);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let told = CallReply::decode(&bytes).text;
            prop_assert!(told.chars().count() < 400 && !told.contains(char::is_control));
        }
    }
}
