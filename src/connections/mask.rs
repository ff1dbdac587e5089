//! Tokens and passwords that stand in the file itself: reports quote lines of the file, and must
//! not quote these.

use crate::yaml::{Node, Value};

/// The keys whose values are secret.
const SECRET_KEYS: &[&str] = &["password", "api_key", "action", "data"];

/// The text with every secret value replaced by as many `*` as it has bytes, so that spans stay
/// right. `${env:NAME}` is no secret, and says which variable is meant; a default in it may be.
pub(super) fn masked(text: &str, root: Option<&Node>, damaged: bool) -> String {
    let mut masked = text.as_bytes().to_vec();
    if let Some(root) = root {
        hide_values(root, text, &mut masked);
    }
    if damaged {
        hide_lines(text, &mut masked);
    }
    // Whole characters are replaced by ASCII, so that this is text again.
    String::from_utf8(masked).unwrap_or_else(|_| "*".repeat(text.len()))
}

fn hide(masked: &mut [u8], text: &str, start: usize, end: usize) {
    let value = &text[start..end];
    if value.contains("${") && !value.contains(":-") {
        return;
    }
    for byte in &mut masked[start..end] {
        if !byte.is_ascii_whitespace() {
            *byte = b'*';
        }
    }
}

fn hide_values(node: &Node, text: &str, masked: &mut [u8]) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| hide_values(item, text, masked)),
        Value::Map(entries) => {
            for (key, value) in entries {
                if SECRET_KEYS.contains(&key.name.as_str()) {
                    hide(masked, text, value.span.start, value.span.end);
                } else {
                    hide_values(value, text, masked);
                }
            }
        }
        _ => {}
    }
}

/// Where the text is not understood: all that follows a secret key on its line.
fn hide_lines(text: &str, masked: &mut [u8]) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        for key in SECRET_KEYS {
            for (at, _) in line.match_indices(key) {
                let rest = &line[at + key.len()..];
                let is_key = rest.trim_start_matches(['"', '\'', ' ']).starts_with(':');
                let begins = !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
                if is_key && begins {
                    let value =
                        start + at + key.len() + rest.find(':').map_or(0, |colon| colon + 1);
                    hide(masked, text, value, start + line.len());
                }
            }
        }
        start += line.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse;

    #[test]
    fn secrets_are_hidden_and_names_of_variables_are_not() {
        let text = "a:\n  wapi: { password: 'p4ßs', username: u }\n  tokens:\n    action: ${env:A}\n    data: ${env:D:-plain}\n  campaigns: { add_token: action }\n";
        let parsed = parse(text);
        let masked = masked(text, parsed.root.as_ref(), parsed.damaged);
        assert_eq!(masked.len(), text.len());
        insta::assert_snapshot!(masked, @r#"
        a:
          wapi: { password: *******, username: u }
          tokens:
            action: ${env:A}
            data: ***************
          campaigns: { add_token: action }
        "#);
    }

    #[test]
    fn secrets_are_hidden_in_a_text_that_cannot_be_read() {
        let text = "a:\n\twapi: { \"password\": p4ss, username: u }\n  tokens: [ data: tok\n  campaigns: { add_token: action }\n";
        let parsed = parse(text);
        assert!(parsed.damaged);
        insta::assert_snapshot!(masked(text, parsed.root.as_ref(), true), @r#"
        a:
        	wapi: { "password": ***** ********* * *
          tokens: [ data: ***
          campaigns: { add_token: action }
        "#);
    }
}
