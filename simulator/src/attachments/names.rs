//! Names of files: those of the sample tenant, and how names are written for the wire.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::settings::{NamesAs, ZipNames};

/// Names as agents give them.
pub(super) const NAMES: [&str; 16] = [
    "invoice 2025-03 (final).pdf",
    "R\u{e9}sum\u{e9} Zo\u{eb}.docx",
    "screenshot 100%.png",
    "Rechnung M\u{fc}ller & S\u{f6}hne.pdf",
    "\u{5199}\u{771f}.png",
    "log.txt",
    "\u{43e}\u{442}\u{447}\u{451}\u{442} \u{437}\u{430} \u{43c}\u{430}\u{440}\u{442}.csv",
    "backup.zip",
    "O'Brien; signed.pdf",
    "na\u{ef}ve caf\u{e9}.jpg",
    "notes+todo=1.txt",
    "the \"final\" offer.docx",
    "\u{645}\u{644}\u{641}.txt",
    "export,2025.csv",
    "archive.2025.zip",
    "caf%C3%A9.txt",
];

/// The name with everything encoded but letters, digits and `-._~`.
pub(super) fn percent(name: &[u8]) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name {
        match byte {
            b'-' | b'.' | b'_' | b'~' => out.push(char::from(*byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(*byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Content-Disposition with a name.
pub(super) fn disposition(name: &[u8], names: NamesAs) -> Option<Vec<u8>> {
    let value = match names {
        NamesAs::Percent => format!("attachment; filename=\"{}\"", percent(name)).into_bytes(),
        NamesAs::Rfc5987 => format!("attachment; filename*=UTF-8''{}", percent(name)).into_bytes(),
        NamesAs::Rfc2047 => {
            let word = STANDARD.encode(name);
            format!("attachment; filename=\"=?UTF-8?B?{word}?=\"").into_bytes()
        }
        NamesAs::Raw => [b"attachment; filename=\"", quoted(name).as_slice(), b"\""].concat(),
        NamesAs::None => return None,
    };
    Some(value)
}

/// The bytes as a quoted string has them; it has no control characters.
fn quoted(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    for byte in name.iter().filter(|byte| !byte.is_ascii_control()) {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out
}

/// A name as a ZIP has it, and whether the entry says that it is UTF-8.
pub(super) fn in_zip(name: &str, names: ZipNames) -> (Vec<u8>, bool) {
    let latin1 = |c: char| u8::try_from(u32::from(c)).unwrap_or(b'?');
    match names {
        ZipNames::Percent => (percent(name.as_bytes()).into_bytes(), false),
        ZipNames::Utf8 => (name.into(), !name.is_ascii()),
        ZipNames::Unmarked => (name.into(), false),
        ZipNames::Latin1 => (name.chars().map(latin1).collect(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_write_a_name_is_as_its_document_has_it() {
        let name = "caf\u{e9} \"1\".pdf".as_bytes();
        for (names, expected) in [
            (NamesAs::Percent, "attachment; filename=\"caf%C3%A9%20%221%22.pdf\""),
            (NamesAs::Rfc5987, "attachment; filename*=UTF-8''caf%C3%A9%20%221%22.pdf"),
            (NamesAs::Rfc2047, "attachment; filename=\"=?UTF-8?B?Y2Fmw6kgIjEiLnBkZg==?=\""),
            (NamesAs::Raw, "attachment; filename=\"caf\u{e9} \\\"1\\\".pdf\""),
        ] {
            let written = disposition(name, names).unwrap();
            assert_eq!(String::from_utf8(written).unwrap(), expected);
        }
        assert_eq!(disposition(name, NamesAs::None), None);
    }
}
