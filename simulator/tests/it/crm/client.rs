//! The least client of the CRM API: it writes packets by hand and reads replies with roxmltree.

use std::io;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use vccpipe_simulator::Running;

/// A reply of the CRM API.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The XML, decoded as it declares.
    pub text: String,
    pub status: i32,
    pub code: i32,
    pub message: String,
    /// The elements of each ITEM, or of REPLY itself where it has none.
    pub items: Vec<Vec<(String, String)>>,
}

impl Reply {
    /// The only value of a tag.
    pub fn value(&self, tag: &str) -> String {
        let mut all = self.values(tag);
        assert_eq!(all.len(), 1, "`{tag}` is not there once: {}", self.text);
        all.remove(0)
    }

    /// All values of a tag.
    pub fn values(&self, tag: &str) -> Vec<String> {
        let all = self.items.iter().flatten().filter(|(name, _)| name == tag);
        all.map(|(_, value)| value.clone()).collect()
    }
}

/// A form for the classic entrance.
pub fn form(packet: &str) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("xml_query", packet).finish()
}

/// A value as packets write it.
pub fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('\'', "&rsquot;")
}

/// A COMMAND with these tags.
pub fn command(name: &str, tags: &[(&str, &str)]) -> String {
    let (object, action) = name.split_once(' ').unwrap();
    let tags = tags.iter().map(|(tag, value)| format!("<{tag}>{}</{tag}>", escape(value)));
    let tags: String = tags.collect();
    format!("<COMMAND OBJECT=\"{object}\" ACTION=\"{action}\">{tags}</COMMAND>")
}

/// Sends a command, e.g. `customer add`, and expects a success.
pub async fn ok(simulator: &Running, name: &str, tags: &[(&str, &str)]) -> Reply {
    let reply = send(simulator, name, tags).await;
    assert_eq!(reply.status, 0, "{name} {tags:?}: {}", reply.text);
    reply
}

/// Sends a command through the gateway.
pub async fn send(simulator: &Running, name: &str, tags: &[(&str, &str)]) -> Reply {
    try_send(simulator, name, tags).await.unwrap()
}

pub async fn try_send(simulator: &Running, name: &str, tags: &[(&str, &str)]) -> io::Result<Reply> {
    let known = simulator.credentials();
    let head = format!(
        "X-8x8-Tenant: {}\r\nx-api-key: {}\r\nContent-Type: application/xml",
        known.tenant, known.api_key
    );
    let body = command(name, tags);
    read(&post(simulator, "/cc/v1/wapi", &head, body.as_bytes()).await?)
}

/// Sends a command through the classic entrance.
pub async fn send_classic(simulator: &Running, name: &str, tags: &[(&str, &str)]) -> Reply {
    let known = simulator.credentials();
    let packet = format!(
        "<WAPI><TENANT>{}</TENANT><USERNAME>{}</USERNAME><PASSWORD>{}</PASSWORD>{}</WAPI>",
        known.tenant,
        known.wapi_username,
        known.wapi_password,
        command(name, tags)
    );
    send_form(simulator, &form(&packet)).await
}

/// Sends a form to the classic entrance.
pub async fn send_form(simulator: &Running, form: &str) -> Reply {
    let head = "Content-Type: application/x-www-form-urlencoded";
    read(&post(simulator, "/WAPI/wapi.php", head, form.as_bytes()).await.unwrap()).unwrap()
}

/// A POST; the whole reply as it came.
pub async fn post(simulator: &Running, path: &str, head: &str, body: &[u8]) -> io::Result<Vec<u8>> {
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\n{head}\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(simulator.address()).await?;
    stream.write_all(&[request.as_bytes(), body].concat()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// Reads a reply of the API; anything else is an error.
pub fn read(bytes: &[u8]) -> io::Result<Reply> {
    let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let (head, text) = text.split_once("\r\n\r\n").ok_or_else(cut)?;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}\n{text}");
    assert!(head.contains("content-type: text/xml"), "{head}");
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>"), "{text}");
    let document = roxmltree::Document::parse(text).map_err(|_| cut())?;
    let reply = document.root_element().first_element_child().unwrap();
    assert_eq!(reply.tag_name().name(), "REPLY");
    let attribute = |name| reply.attribute(name).unwrap_or_else(|| panic!("no {name}: {text}"));
    let elements = |node: roxmltree::Node| {
        let elements = node.children().filter(|child| child.is_element());
        let named = elements.map(|element| {
            let value = element.text().unwrap_or_default().to_string();
            (element.tag_name().name().to_string(), value)
        });
        named.collect::<Vec<_>>()
    };
    let items = reply.children().filter(|child| child.has_tag_name("ITEM"));
    let mut items: Vec<_> = items.map(elements).collect();
    if items.is_empty() {
        items = vec![elements(reply)];
    }
    Ok(Reply {
        text: text.into(),
        status: attribute("STATUS").parse().unwrap(),
        code: attribute("ERROR_CODE").parse().unwrap(),
        message: attribute("ERROR_STR").into(),
        items,
    })
}

/// The records of an object as the ground truth tells them.
pub fn records(simulator: &Running, object: &str) -> Vec<serde_json::Value> {
    let lines = simulator.wapi_records(object);
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The record of an object that has this value under a tag.
pub fn record(simulator: &Running, object: &str, tag: &str, value: &str) -> serde_json::Value {
    let lines = simulator.wapi_records(object);
    let wanted = format!("\"{tag}\":{}", serde_json::json!(value));
    let lines = lines.lines().filter(|line| line.contains(&wanted));
    let mut all: Vec<_> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(all.len(), 1, "{object} with {tag} {value}");
    all.remove(0)
}
