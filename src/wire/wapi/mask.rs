//! Customers' passwords are not shown, neither as fields nor in the server's own messages.

use super::messages::plain;

/// Whether the values of a tag are not shown.
pub(super) fn is_secret(tag: &str) -> bool {
    tag.to_ascii_uppercase().contains("PASSWORD")
}

/// The beginnings, as plain words, of messages that name PASSWORD and hold no value of it.
const SHOWS_NO_VALUE: [&str; 7] = [
    "the length of the value",
    "the tag ",
    "the status of the tag",
    "the alias autopassw",
    "the mandatory tag",
    "inconsistent tags",
    "input error",
];

/// A message of the server without the value of a PASSWORD, as in "The passed value 'x' of the
/// alias 'PASSWORD' doesn't meet the specified criterion" (wapi:4862-4863). Rather more is taken
/// out than too little: a value may hold quotes and words of its own.
pub(super) fn masked(message: &str) -> String {
    // Lower case in ASCII keeps all positions.
    let lower = message.to_ascii_lowercase();
    let words = plain(message);
    if SHOWS_NO_VALUE.iter().any(|beginning| words.starts_with(beginning)) {
        return message.to_owned();
    }
    let (Some(alias), Some(first)) = (lower.rfind("password"), message.find(is_quote)) else {
        return message.to_owned();
    };
    let behind = alias + "password".len();
    if first < alias && !message[first..alias].chars().all(is_quote) {
        let between = &lower[first..alias];
        let joint = [" of ", " for "].iter().filter_map(|word| between.rfind(word)).max();
        let end = joint.map_or(alias, |at| first + at);
        return format!("{}'(secret)'{}", &message[..first], &message[end..]);
    }
    // The alias comes first: a value can only be behind it.
    let closed = message[behind..].trim_start_matches(is_quote);
    match closed.find(is_quote) {
        Some(at) => format!("{}'(secret)'", &message[..message.len() - closed.len() + at]),
        None => message.to_owned(),
    }
}

fn is_quote(c: char) -> bool {
    "'\"`\u{2018}\u{2019}\u{201c}\u{201d}".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_about_a_password_does_not_show_it() {
        let criterion = "of the alias 'PASSWORD' doesn't meet the specified criterion";
        for password in ["hunter2", "o'neil", "x' of the alias 'y", "pass of word", "\"", "p@ss"] {
            let told = masked(&format!("The passed value '{password}' {criterion}"));
            assert_eq!(told, format!("The passed value '(secret)' {criterion}"));
            let told = masked(&format!("Duplicate value ‘{password}' of ‘Password’"));
            assert_eq!(told, "Duplicate value '(secret)' of ‘Password’");
            for told in [
                masked(&format!("The value of PASSWORD is '{password}'.")),
                masked(&format!("The alias 'PASSWORD' has the value '{password}'.")),
                masked(&format!("'{password}' as 'PASSWORD' is wrong")),
            ] {
                assert!(!told.contains(&format!("'{password}")), "{told}");
                assert!(told.contains("(secret)"), "{told}");
            }
        }
    }

    #[test]
    fn messages_that_show_no_password_stay_as_they_are() {
        for message in [
            "The length of the value for the alias 'PASSWORD' doesn't confirm to the criterion. The \
             length of the value passed is '2', min length allowed is '3'",
            "The tag 'PASSWORD' is not a valid tag for the 'GET' on the 'CASE'",
            "The ALIAS ‘AUTOPASSWD' is not given",
            "The ALIAS ‘AUTOPASSWD’ is FALSE, but ALIAS ‘PASSWORD’ is not provided",
            "Inconsistent tags. AUTOPASSWORD is TRUE and PASSWORD is also provided",
            "Duplicate Tag 'PASSWORD'",
            "The passed value 'x' of the alias 'EMAIL' doesn't meet the specified criterion",
            "Wrong password",
            "",
        ] {
            assert_eq!(masked(message), message);
        }
    }
}
