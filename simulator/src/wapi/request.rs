//! From bytes to a command: the form, the escapes, the XML.
//!
//! The classic entrance takes a form with the field `xml_query`, whose WAPI packet holds the
//! credentials; the gateway takes the bare COMMAND. Tags and attributes are read without regard
//! to case. DTDs are refused, so no entity but XML's own and `&rsquot;` means anything.

use std::borrow::Cow;

use roxmltree::{Document, Node, ParsingOptions};

use super::{
    command::{Action, Command, Object},
    settings::{Apostrophe, RequestEncoding, WapiSettings},
};

/// Far above any command's; it bounds the memory that a packet can ask for.
const MOST_NODES: u32 = 20_000;

/// Why a request holds no command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// There is no packet, or no COMMAND in it.
    Insufficient,
    NotXml,
    NotXmlAfter(String),
    NotXmlAt {
        line: u32,
        message: String,
    },
    NoAction,
    UnknownAction,
    NoObject,
    UnknownObject(String),
    /// A value holds an apostrophe that is not written `&rsquot;`.
    Apostrophe {
        tag: String,
        value: String,
    },
}

/// What the packet of the classic entrance says of the sender.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Login {
    pub tenant: String,
    pub username: String,
    pub password: String,
}

/// Reads the form of the classic entrance. The login is told also of a command that is refused:
/// who may not enter is not told what is wrong with it.
pub(crate) fn classic(
    body: &[u8],
    settings: &WapiSettings,
) -> Result<(Login, Result<Command, Unreadable>), Unreadable> {
    let packet = xml_query(body, settings).ok_or(Unreadable::Insufficient)?;
    let text = decoded(&packet, settings)?;
    let packet = Packet::new(&text)?;
    let document = packet.parse()?;
    let root = document.root_element();
    if !is(root, "WAPI") {
        return Err(Unreadable::NotXmlAfter(root.tag_name().name().into()));
    }
    let mut login = Login::default();
    let mut command = None;
    let mut command_twice = None;
    for child in elements(root) {
        let field = match child.tag_name().name().to_ascii_uppercase().as_str() {
            "TENANT" => &mut login.tenant,
            "USERNAME" => &mut login.username,
            "PASSWORD" => &mut login.password,
            "COMMAND" if command.is_none() => {
                command = Some(child);
                continue;
            }
            _ => {
                command_twice.get_or_insert(child);
                continue;
            }
        };
        *field = text_of(child)?.into_owned();
    }
    let command = match (command, command_twice) {
        (_, Some(other)) => Err(Unreadable::NotXmlAfter(other.tag_name().name().into())),
        (None, None) => Err(Unreadable::Insufficient),
        (Some(node), None) => packet.command(node, settings),
    };
    Ok((login, command))
}

/// Reads the body of the gateway.
pub(crate) fn gateway(body: &[u8], settings: &WapiSettings) -> Result<Command, Unreadable> {
    let text = decoded(body, settings)?;
    let packet = Packet::new(&text)?;
    let document = packet.parse()?;
    let root = document.root_element();
    if !is(root, "COMMAND") {
        return Err(Unreadable::Insufficient);
    }
    packet.command(root, settings)
}

/// `OBJECT ACTION` of a request in upper case, found by the attributes alone: faults are scoped
/// by it before the request is read, and also where it cannot be.
pub(crate) fn name(path: &str, body: &[u8], settings: &WapiSettings) -> String {
    let packet = match path.ends_with(".php") {
        true => xml_query(body, settings).unwrap_or_default(),
        false => Cow::Borrowed(body),
    };
    let text = String::from_utf8_lossy(&packet[..packet.len().min(4_096)]).to_ascii_uppercase();
    let command = text.find("<COMMAND").map_or("", |at| &text[at..]);
    let command = command.split('>').next().unwrap_or_default();
    let value = |name: &str| {
        let (_, rest) = command.split_once(name)?;
        let rest = rest.trim_start().strip_prefix('=')?.trim_start();
        let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        rest[1..].split(quote).next()
    };
    format!("{} {}", value("OBJECT").unwrap_or("?"), value("ACTION").unwrap_or("?"))
}

/// The field of that name of a form, decoded to bytes: their encoding is a setting.
fn xml_query<'a>(body: &'a [u8], settings: &WapiSettings) -> Option<Cow<'a, [u8]>> {
    if let Some(raw) = body.strip_prefix(b"xml_query=".as_slice())
        && settings.raw_form_lenient
        && raw.trim_ascii_start().starts_with(b"<")
    {
        return Some(Cow::Borrowed(raw));
    }
    let mut fields = body.split(|byte| *byte == b'&');
    let value = fields.find_map(|field| field.strip_prefix(b"xml_query=".as_slice()))?;
    Some(Cow::Owned(percent_decoded(value)))
}

fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        match (byte, digit(at), digit(at + 1)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 2;
            }
            (b'+', ..) => out.push(b' '),
            _ => out.push(*byte),
        }
    }
    out
}

fn decoded<'a>(bytes: &'a [u8], settings: &WapiSettings) -> Result<Cow<'a, str>, Unreadable> {
    match settings.request_encoding {
        RequestEncoding::Utf8 => {
            std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| Unreadable::NotXml)
        }
        RequestEncoding::Latin1 => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

/// A packet's text, in which a character that it does not hold stands for `&rsquot;`.
struct Packet<'a> {
    text: Cow<'a, str>,
    rsquot: Option<char>,
}

impl<'a> Packet<'a> {
    fn new(text: &'a str) -> Result<Self, Unreadable> {
        let text = text.trim_start_matches('\u{FEFF}').trim_start();
        if text.contains("<!DOCTYPE") {
            return Err(Unreadable::NotXml);
        }
        if !text.contains("&rsquot;") {
            return Ok(Packet { text: Cow::Borrowed(text), rsquot: None });
        }
        // Noncharacters are allowed in XML, and so could be in a value; not all of them will.
        let rsquot = ('\u{FDD0}'..='\u{FDEF}').find(|c| !text.contains(*c) && !refers_to(text, *c));
        let rsquot = rsquot.ok_or(Unreadable::NotXml)?;
        let mut buffer = [0; 4];
        let text = text.replace("&rsquot;", rsquot.encode_utf8(&mut buffer));
        Ok(Packet { text: Cow::Owned(text), rsquot: Some(rsquot) })
    }

    fn parse(&self) -> Result<Document<'_>, Unreadable> {
        let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
        Document::parse_with_options(&self.text, options).map_err(|error| match error {
            roxmltree::Error::NoRootNode | roxmltree::Error::UnclosedRootNode => Unreadable::NotXml,
            error => Unreadable::NotXmlAt { line: error.pos().row, message: without_place(&error) },
        })
    }

    fn command(&self, node: Node, settings: &WapiSettings) -> Result<Command, Unreadable> {
        let attribute = |name: &str| {
            let mut all = node.attributes();
            let found = all.find(|attribute| attribute.name().eq_ignore_ascii_case(name));
            found.map(|attribute| attribute.value().trim()).filter(|value| !value.is_empty())
        };
        let object = attribute("OBJECT").ok_or(Unreadable::NoObject)?;
        let object =
            Object::named(object).ok_or_else(|| Unreadable::UnknownObject(object.into()))?;
        let action = attribute("ACTION").ok_or(Unreadable::NoAction)?;
        let action = Action::named(action).ok_or(Unreadable::UnknownAction)?;
        if let Some(stray) = node.children().find(|child| is_stray(*child)) {
            let before = stray.prev_sibling_element().unwrap_or(node);
            return Err(Unreadable::NotXmlAfter(before.tag_name().name().into()));
        }
        let mut tags = Vec::new();
        for child in elements(node) {
            let tag = child.tag_name().name().to_ascii_uppercase();
            let value = self.value(&tag, &text_of(child)?, settings)?;
            tags.push((tag, value));
        }
        Ok(Command { object, action, tags })
    }

    fn value(&self, tag: &str, text: &str, settings: &WapiSettings) -> Result<String, Unreadable> {
        if settings.apostrophe == Apostrophe::Strict && text.contains('\'') {
            return Err(Unreadable::Apostrophe { tag: tag.into(), value: self.with_quotes(text) });
        }
        let text = self.with_quotes(text);
        Ok(match settings.double_escape_lenient {
            true => text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"),
            false => text,
        })
    }

    /// What `&rsquot;` stands for.
    fn with_quotes(&self, text: &str) -> String {
        match self.rsquot {
            Some(rsquot) => text.replace(rsquot, "'"),
            None => text.into(),
        }
    }
}

/// Whether a text holds a numeric reference to a character.
fn refers_to(text: &str, wanted: char) -> bool {
    text.split("&#").skip(1).any(|rest| {
        let number = rest.split(';').next().unwrap_or_default();
        let number = match number.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        number == Ok(u32::from(wanted))
    })
}

/// The text of an element that must hold nothing else.
fn text_of<'a>(element: Node<'a, '_>) -> Result<Cow<'a, str>, Unreadable> {
    let mut whole = Cow::Borrowed("");
    for child in element.children() {
        match child.text() {
            Some(text) if child.is_text() && whole.is_empty() => whole = Cow::Borrowed(text),
            Some(text) if child.is_text() => whole.to_mut().push_str(text),
            _ if child.is_element() => {
                return Err(Unreadable::NotXmlAfter(element.tag_name().name().into()));
            }
            _ => {}
        }
    }
    Ok(whole)
}

fn elements<'a, 'd>(node: Node<'a, 'd>) -> impl Iterator<Item = Node<'a, 'd>> {
    node.children().filter(Node::is_element)
}

fn is(node: Node, name: &str) -> bool {
    node.tag_name().name().eq_ignore_ascii_case(name)
}

/// Text between the tags of a command, where none belongs.
fn is_stray(node: Node) -> bool {
    node.is_text() && node.text().is_some_and(|text| !text.trim().is_empty())
}

/// An error's message; its place is told beside it.
fn without_place(error: &roxmltree::Error) -> String {
    let text = error.to_string();
    text.split(" at ").next().unwrap_or_default().into()
}

impl Object {
    /// The object of a name as requests write it, in any case.
    fn named(name: &str) -> Option<Object> {
        Some(match name.to_ascii_uppercase().as_str() {
            "CUSTOMER" => Object::Customer,
            "CASE" => Object::Case,
            "FOLLOWUP" => Object::Followup,
            "TASK" => Object::Task,
            "FAQCATEGORY" => Object::FaqCategory,
            "FAQ" => Object::Faq,
            "CUSTOMFIELD" => Object::CustomField,
            "COUNTRY" => Object::Country,
            "AGENTS" => Object::Agents,
            "GROUPS" => Object::Groups,
            _ => return None,
        })
    }
}

impl Action {
    /// The action of a name, in any case.
    fn named(name: &str) -> Option<Action> {
        Some(match name.to_ascii_uppercase().as_str() {
            "ADD" => Action::Add,
            "MODIFY" => Action::Modify,
            "GET" => Action::Get,
            "DELETE" => Action::Delete,
            "LIST" => Action::List,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strict() -> WapiSettings {
        WapiSettings::default()
    }

    fn form(packet: &str) -> Vec<u8> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("other", "x").append_pair("xml_query", packet);
        form.finish().into_bytes()
    }

    fn read(tags: &str, settings: &WapiSettings) -> Result<Vec<(String, String)>, Unreadable> {
        let body = format!("<COMMAND OBJECT='customer' action=\"aDD\">{tags}</COMMAND>");
        gateway(body.as_bytes(), settings).map(|command| command.tags)
    }

    fn value(text: &str, settings: &WapiSettings) -> Result<String, Unreadable> {
        read(&format!("<Company>{text}</Company>"), settings).map(|mut tags| tags.remove(0).1)
    }

    #[test]
    fn a_packet_is_read_without_regard_to_case() {
        let packet = "<?xml version='1.0' encoding='ISO-8859-1'?>\n<wapi><tenant>T</tenant>\
            <UserName>u</UserName><password>p+&amp;%</password>\
            <command object=\"Customer\" Action=\"GET\"> <FirstName>Zoë &#x4E2D;</FirstName>\
            </command></wapi>";
        let (login, command) = classic(&form(packet), &strict()).unwrap();
        let (tenant, username, password) = ("T".into(), "u".into(), "p+&%".into());
        assert_eq!(login, Login { tenant, username, password });
        let tags = vec![("FIRSTNAME".into(), "Zoë 中".into())];
        let expected = Command { object: Object::Customer, action: Action::Get, tags };
        assert_eq!(command, Ok(expected));
    }

    #[test]
    fn only_rsquot_is_an_apostrophe_unless_the_switch_is_on() {
        let lenient = WapiSettings { apostrophe: Apostrophe::Lenient, ..strict() };
        assert_eq!(value("O&rsquot;Brien", &strict()).unwrap(), "O'Brien");
        assert_eq!(value("&#xFDD0;&rsquot;", &strict()).unwrap(), "\u{FDD0}'");
        assert_eq!(value("<![CDATA[O&rsquot;Brien]]>", &strict()).unwrap(), "O'Brien");
        for written in ["O'Brien", "O&apos;Brien", "O&#39;Brien"] {
            let refused = value(written, &strict()).unwrap_err();
            assert!(matches!(refused, Unreadable::Apostrophe { .. }), "{written}: {refused:?}");
            assert_eq!(value(written, &lenient).unwrap(), "O'Brien");
        }
    }

    #[test]
    fn values_are_escaped_once_and_again_only_by_the_switch() {
        let lenient = WapiSettings { double_escape_lenient: true, ..strict() };
        assert_eq!(value("a &amp; b &lt; c", &strict()).unwrap(), "a & b < c");
        assert_eq!(value("<![CDATA[a & b < c]]>", &strict()).unwrap(), "a & b < c");
        assert_eq!(value("AT&amp;amp;T", &strict()).unwrap(), "AT&amp;T");
        assert_eq!(value("AT&amp;amp;T &amp;lt;", &lenient).unwrap(), "AT&T <");
        assert_eq!(value("AT&amp;amp;lt;T", &lenient).unwrap(), "AT&lt;T");
    }

    #[test]
    fn what_is_not_xml_is_refused() {
        for text in [
            "<COMPANY>x</COMPANI>",
            "<COMPANY>&nbsp;</COMPANY>",
            "<COMPANY>&#1;</COMPANY>",
            "<COMPANY>a & b</COMPANY>",
            "<COMPANY><B>x</B></COMPANY>",
            "COMPANY>x</COMPANY>",
            "stray",
            "<COMPANY>x<COMPANY>",
        ] {
            let refused = read(text, &strict()).unwrap_err();
            let is_xml = matches!(
                refused,
                Unreadable::NotXml | Unreadable::NotXmlAfter(_) | Unreadable::NotXmlAt { .. }
            );
            assert!(is_xml, "{text}: {refused:?}");
        }
        let typographic = "<COMMAND OBJECT=\u{201D}CASE\u{201D} ACTION=\u{201D}GET\u{201D}/>";
        let refused = gateway(typographic.as_bytes(), &strict()).unwrap_err();
        assert!(matches!(refused, Unreadable::NotXmlAt { line: 1, .. }), "{refused:?}");
        let dtd = "<!DOCTYPE x [<!ENTITY e 'x'>]><COMMAND OBJECT='CASE' ACTION='GET'/>";
        assert_eq!(gateway(dtd.as_bytes(), &strict()), Err(Unreadable::NotXml));
    }

    #[test]
    fn a_packet_without_a_command_and_a_form_without_a_packet_are_insufficient() {
        let empty = classic(&form("<WAPI><TENANT>T</TENANT></WAPI>"), &strict()).unwrap().1;
        assert_eq!(empty, Err(Unreadable::Insufficient));
        assert_eq!(classic(b"xml=1", &strict()), Err(Unreadable::Insufficient));
        assert_eq!(gateway(b"<WAPI/>", &strict()), Err(Unreadable::Insufficient));
        let two = "<WAPI><COMMAND OBJECT='CASE' ACTION='GET'/><COMMAND/></WAPI>";
        let refused = classic(&form(two), &strict()).unwrap().1;
        assert_eq!(refused, Err(Unreadable::NotXmlAfter("COMMAND".into())));
    }

    #[test]
    fn the_raw_form_is_read_only_by_the_switch() {
        let raw = b"xml_query=<WAPI><TENANT>A+B&amp;C</TENANT>\
            <COMMAND OBJECT='CASE' ACTION='GET'/></WAPI>";
        let lenient = WapiSettings { raw_form_lenient: true, ..strict() };
        assert_eq!(classic(raw, &lenient).unwrap().0.tenant, "A+B&C");
        assert!(classic(raw, &strict()).is_err());
        let (login, _) = classic(&form("<WAPI><TENANT>A+B</TENANT></WAPI>"), &lenient).unwrap();
        assert_eq!(login.tenant, "A+B");
    }

    #[test]
    fn bytes_are_read_as_the_setting_has_it() {
        let latin = WapiSettings { request_encoding: RequestEncoding::Latin1, ..strict() };
        let body = b"<COMMAND OBJECT='CASE' ACTION='GET'><SUBJECT>Zo\xEB</SUBJECT></COMMAND>";
        assert_eq!(gateway(body, &latin).unwrap().tags[0].1, "Zoë");
        assert_eq!(gateway(body, &strict()), Err(Unreadable::NotXml));
    }

    #[test]
    fn a_command_is_named_by_its_attributes_also_where_it_cannot_be_read() {
        let named = |body: &str| name("/cc/v1/wapi", body.as_bytes(), &strict());
        assert_eq!(named("<command action = 'get' OBJECT=\"Case\"><SUB"), "CASE GET");
        assert_eq!(named("<COMMAND OBJECT=\"Case\">"), "CASE ?");
        let packet = "<wapi><command object='Faq' action='Add'/></wapi>";
        assert_eq!(name("/WAPI/wapi.php", &form(packet), &strict()), "FAQ ADD");
    }
}
