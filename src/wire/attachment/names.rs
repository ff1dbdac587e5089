//! Names of files as servers write them: percent-encoded (the document: "encodes all special chars of
//! an attachment file name"), by RFC 5987, by RFC 2047, as raw bytes, or not at all.

use std::borrow::Cow;

use mailparse::{parse_content_disposition, parse_header};

use crate::wire::references::unescape;

/// The second half of code page 437, in which ZIPs have names where they say nothing else.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// The name in a Content-Disposition header, decoded; `None` where it has none.
pub fn from_disposition(header: &[u8]) -> Option<String> {
    let header = text(header);
    let params = parse_content_disposition(&header).params;
    // Where both are there, the extended one counts (RFC 6266, 4.3).
    if let Some(extended) = params.get("filename*") {
        let alone = format!("attachment; filename*={extended}");
        if let Some(name) = parse_content_disposition(&alone).params.get("filename") {
            return filled(name.clone());
        }
    }
    let name = params.get("filename")?.clone();
    let is_extended = header.to_ascii_lowercase().contains("filename*");
    filled(match (encoded_words(&name), is_extended) {
        (Some(decoded), _) => decoded,
        (None, true) => name,
        (None, false) => plain(&name),
    })
}

/// The name of a ZIP's entry, decoded.
pub fn from_zip(name: &[u8]) -> String {
    plain(&text(name))
}

/// A name in which special characters are encoded, in the one way or the other: the document does
/// not say in which. A name is decoded once.
fn plain(name: &str) -> String {
    match name.contains('%') {
        true => without_percent(name),
        false => unescape(name),
    }
}

fn filled(name: String) -> Option<String> {
    (!name.trim().is_empty()).then_some(name)
}

/// UTF-8 where it is that; else ISO-8859-1, or code page 437 where a byte would be a control
/// character of the former.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let is_latin1 = bytes.iter().all(|byte| !(0x80..=0x9f).contains(byte));
    let character = |byte: &u8| match byte {
        0..=0x7f => char::from(*byte),
        high if is_latin1 => char::from(*high),
        high => CP437.chars().nth(usize::from(*high) - 0x80).unwrap_or('\u{fffd}'),
    };
    Cow::Owned(bytes.iter().map(character).collect())
}

/// `=?UTF-8?B?..?=`, as mail programs write it.
fn encoded_words(name: &str) -> Option<String> {
    if !(name.contains("=?") && name.contains("?=")) {
        return None;
    }
    let header = format!("X: {name}");
    let (parsed, _) = parse_header(header.as_bytes()).ok()?;
    Some(parsed.get_value()).filter(|decoded| decoded != name)
}

/// `caf%C3%A9.pdf`; a text in which a percent sign stands for itself stays as it is.
fn without_percent(name: &str) -> String {
    if !name.contains('%') {
        return name.to_owned();
    }
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first != b'%' {
            bytes.push(*first);
            rest = after;
            continue;
        }
        let digit = |at: usize| after.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(0), digit(1)) else { return name.to_owned() };
        bytes.push((high * 16 + low) as u8);
        rest = &after[2..];
    }
    text(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_however_it_is_written() {
        for (header, name) in [
            ("attachment; filename=\"caf%C3%A9%20%221%22.pdf\"", "café \"1\".pdf"),
            ("attachment; filename*=UTF-8''caf%C3%A9%20%221%22.pdf", "café \"1\".pdf"),
            ("attachment; filename=\"x.pdf\"; filename*=UTF-8''caf%C3%A9.pdf", "café.pdf"),
            ("attachment; filename*=iso-8859-1''caf%E9.pdf", "café.pdf"),
            ("attachment; filename=\"=?UTF-8?B?Y2Fmw6kgIjEiLnBkZg==?=\"", "café \"1\".pdf"),
            ("attachment; filename=\"=?utf-8?Q?caf=C3=A9.pdf?=\"", "café.pdf"),
            ("attachment; filename=\"café \\\"1\\\".pdf\"", "café \"1\".pdf"),
            ("inline; FileName=plain.txt", "plain.txt"),
            ("attachment; filename=\"a;b.txt\"", "a;b.txt"),
            ("attachment; filename=\"screenshot 100%.png\"", "screenshot 100%.png"),
            ("attachment; filename=\"caf%25C3%25A9.txt\"", "caf%C3%A9.txt"),
            ("attachment; filename*=UTF-8''caf%25C3%25A9.txt", "caf%C3%A9.txt"),
            ("attachment; filename=\"notes%2Btodo+1.txt\"", "notes+todo+1.txt"),
            ("attachment; filename=\"caf&#233;&#x20;&quot;1&quot;&amp;2.pdf\"", "café \"1\"&2.pdf"),
            ("attachment; filename=\"a%26amp%3Bb.txt\"", "a&amp;b.txt"),
            ("attachment; filename=\"R&D &no; &#xFFFFFFF;.txt\"", "R&D &no; &#xFFFFFFF;.txt"),
        ] {
            assert_eq!(from_disposition(header.as_bytes()).as_deref(), Some(name), "{header}");
        }
        let latin1 = b"attachment; filename=\"caf\xe9.pdf\"";
        assert_eq!(from_disposition(latin1).as_deref(), Some("café.pdf"));
        for none in ["", "attachment", "attachment; filename=\"\"", "attachment; filename"] {
            assert_eq!(from_disposition(none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn names_in_a_zip_are_utf_8_or_one_of_the_old_code_pages() {
        assert_eq!(from_zip("é.txt".as_bytes()), "é.txt");
        assert_eq!(from_zip(b"caf\xe9.txt"), "café.txt");
        assert_eq!(from_zip(b"caf\x82.txt"), "café.txt");
        assert_eq!(from_zip(b"caf%C3%A9.txt"), "café.txt");
        assert_eq!(from_zip(b"..%2f..%2fevil.txt"), "../../evil.txt");
        assert_eq!(CP437.chars().count(), 128);
    }

    #[test]
    fn no_bytes_make_it_fail() {
        for header in [&b"\xff\xfe\x80"[..], b"attachment; filename*=x", b"; ; =; filename*=''%"] {
            from_disposition(header);
            from_zip(header);
        }
    }
}
