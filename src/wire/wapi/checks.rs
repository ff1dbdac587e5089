//! What must hold for any request and any reply: for property tests here and fuzz targets in
//! `fuzz/`.

use std::borrow::Cow;

use arrow::array::{Array, AsArray, RecordBatch};

use super::{
    Apostrophe, Characters, Command, DecodeError, EncodeError, Entrance, Item, Limits, Login,
    Reply, ReplyText, Style, decode, encode,
};
use crate::secret::Secret;

/// Any bytes are read or refused, and by both readers alike.
pub fn reply(bytes: &[u8], batch_rows: usize) -> Result<(), String> {
    let limits = Limits { most_bytes: 1 << 20, most_depth: 8, most_tags: 50, ..Limits::default() };
    let text = match ReplyText::read(bytes, &limits) {
        Ok(text) => text,
        Err(error) => {
            let same = decode(bytes, &limits).is_err_and(|other| other == error);
            return ensure(same, "one reader takes what is no text for the other");
        }
    };
    match (decode(bytes, &limits), columns(&text, batch_rows)) {
        (Ok(reply), Ok((answer, batches))) => {
            ensure(answer == reply.answer, "the readers differ in the answer")?;
            same_items(&reply, &batches)
        }
        // A reply may have more tags than a table can have columns.
        (Ok(_), Err(DecodeError::TooManyTags { .. })) => Ok(()),
        (Err(one), Err(other)) => {
            let same = one == other || matches!(other, DecodeError::TooManyTags { .. });
            ensure(same, "the readers differ in the error")
        }
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => Err("one reader reads, the other does not".to_owned()),
    }
}

type Columns = (super::Answer, Vec<RecordBatch>);

fn columns(text: &ReplyText<'_>, batch_rows: usize) -> Result<Columns, DecodeError> {
    let mut items = text.items(batch_rows)?;
    let batches = items.by_ref().collect::<Result<Vec<_>, _>>()?;
    Ok((items.answer().clone(), batches))
}

fn same_items(reply: &Reply, batches: &[RecordBatch]) -> Result<(), String> {
    let bare: &[Item] = if reply.bare.is_empty() { &[] } else { std::slice::from_ref(&reply.bare) };
    let items = if reply.items.is_empty() { bare } else { &reply.items };
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    ensure(rows == items.len(), "the readers differ in the number of items")?;
    let places =
        batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row)));
    for (item, (batch, row)) in items.iter().zip(places) {
        let schema = batch.schema();
        for (at, field) in schema.fields().iter().enumerate() {
            let column = batch.column(at).as_string::<i32>();
            let value = column.is_valid(row).then(|| column.value(row));
            ensure(value == item.value(field.name()), "the readers differ in a value")?;
        }
        let all_there = item.fields().all(|(tag, _)| schema.index_of(tag).is_ok());
        ensure(all_there, "a field has no column")?;
    }
    Ok(())
}

/// Any values are sent so that form decoding and XML parsing give them back, or are refused for a
/// reason that holds. `parse` gives the tags of a COMMAND with their values; it is a parser of its
/// own, of which the program has no need.
pub fn request(
    values: &[&str],
    style: Style,
    parse: impl Fn(&str) -> Result<Vec<(String, String)>, String>,
) -> Result<(), String> {
    let tags: Vec<String> = (0..values.len()).map(|at| format!("TAG_{at}")).collect();
    let given = tags.iter().map(String::as_str).zip(values.iter().copied());
    let login = Login {
        tenant: "acme & sons".to_owned(),
        username: "o'neil".to_owned(),
        password: Secret::new("<p+%&\"é'>"),
    };
    let (mut form, mut bare) = (Vec::new(), Vec::new());
    let command = Command { object: "CUSTOMER", action: "ADD", tags: given.clone() };
    let encoded = encode(command.clone(), Entrance::Classic(&login), style, &mut form);
    if encode(command, Entrance::Gateway, style, &mut bare) != encoded {
        return Err("the entrances differ".to_owned());
    }
    let encoded = match encoded {
        Ok(encoded) => encoded,
        Err(error) => return refused_rightly(&error, given, style),
    };
    ensure(form.is_ascii(), "a form is not ASCII")?;
    let is_references = style.characters == Characters::References;
    ensure(!is_references || bare.is_ascii(), "a reference is not ASCII")?;

    let packet = form.strip_prefix(b"xml_query=").ok_or("the form has another field")?;
    ensure(!packet.contains(&b'&'), "the form has another field")?;
    let packet = form_decoded(packet);
    if style.characters != Characters::Latin1 {
        let mut fields = form_urlencoded::parse(&form);
        let same = fields.next().is_some_and(|(_, value)| value.as_bytes() == packet);
        ensure(same && fields.next().is_none(), "the form is read in another way")?;
    }
    let packet = text_of(&packet, style)?;
    let start = packet.find("<COMMAND ").ok_or("the packet has no COMMAND")?;
    let inner = packet[start..].strip_suffix("</WAPI>").ok_or("the packet has no end")?;
    ensure(inner == text_of(&bare, style)?, "the entrances differ in the command")?;
    // As the server does, before it parses (ruling RSQUOT_ENTITY).
    let whole = parse(&packet.replace("&rsquot;", "&#39;"))?;

    let expected = given.map(|(tag, value)| (tag.to_owned(), as_held(value, style).into_owned()));
    ensure(whole == expected.collect::<Vec<_>>(), "the values differ")?;
    let altered = values.iter().filter(|value| as_held(value, style) != **value).count();
    ensure(altered == encoded.altered, "the altered values are counted wrongly")
}

fn refused_rightly<'a>(
    error: &EncodeError,
    mut given: impl Iterator<Item = (&'a str, &'a str)>,
    style: Style,
) -> Result<(), String> {
    let value = given.find(|(tag, _)| *tag == error.tag()).ok_or("another tag is named")?.1;
    ensure(
        match error {
            EncodeError::Name { .. } => false,
            EncodeError::Control { code, .. } => value.chars().any(|c| {
                u32::from(c) == *code
                    && (matches!(c, '\u{fffe}' | '\u{ffff}')
                        || (c < ' ' && !matches!(c, '\t' | '\n' | '\r')))
            }),
            EncodeError::Apostrophe { .. } => {
                style.apostrophe == Apostrophe::Reject && value.contains('\'')
            }
        },
        "a value is refused for a reason that does not hold",
    )
}

/// What the CRM holds of a value.
fn as_held(value: &str, style: Style) -> Cow<'_, str> {
    match style.apostrophe {
        Apostrophe::Typographic if value.contains('\'') => value.replace('\'', "\u{2019}").into(),
        Apostrophe::Blank if value.contains('\'') => value.replace('\'', " ").into(),
        _ => Cow::Borrowed(value),
    }
}

fn form_decoded(form: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(form.len());
    let mut rest = form.iter().copied();
    let digit = |byte: Option<u8>| char::from(byte.unwrap_or(b'?')).to_digit(16).unwrap_or(0) as u8;
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => digit(rest.next()) * 16 + digit(rest.next()),
            byte => byte,
        });
    }
    bytes
}

fn text_of(bytes: &[u8], style: Style) -> Result<String, String> {
    match style.characters {
        Characters::Latin1 => Ok(bytes.iter().copied().map(char::from).collect()),
        _ => String::from_utf8(bytes.to_vec()).map_err(|error| error.to_string()),
    }
}

fn ensure(holds: bool, else_say: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(else_say.to_owned()) }
}
