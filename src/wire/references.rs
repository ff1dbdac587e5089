//! References to characters, as XML and HTML write them: `&amp;`, `&#233;`.

/// A text with its references resolved; what is no reference stays as it is.
pub(super) fn unescape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, reference)) = rest.split_once('&') {
        text.push_str(before);
        match reference.split_once(';') {
            Some((name, behind)) if !name.contains(['&', ' ']) => {
                resolve(name, &mut text);
                rest = behind;
            }
            _ => {
                text.push('&');
                rest = reference;
            }
        }
    }
    text.push_str(rest);
    text
}

/// What stands between `&` and `;`: a character, or else itself. Nothing is ever expanded, and
/// `rsquot`, which is an entity of no standard, is the apostrophe (wapi:236).
pub(super) fn resolve(reference: &str, into: &mut String) {
    let character = match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" | "rsquot" => Some('\''),
        _ => reference.strip_prefix('#').and_then(numbered),
    };
    match character {
        Some(character) => into.push(character),
        None => {
            into.push('&');
            into.push_str(reference);
            into.push(';');
        }
    }
}

fn numbered(digits: &str) -> Option<char> {
    let (digits, radix) = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (digits, 10),
    };
    // A sign is no digit here.
    if !digits.starts_with(|c: char| c.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, radix).ok().filter(|code| *code != 0).and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_and_anything_else_stays_as_it_is() {
        let text =
            "AT&T &amp; &lt;&gt;&quot;&apos;&rsquot; &#233;&#xE9; &nbsp; &#0; &#xD800; &#+65; &";
        assert_eq!(unescape(text), "AT&T & <>\"'' éé &nbsp; &#0; &#xD800; &#+65; &");
    }
}
