//! Whether what the tenant holds is what a row says.

use crate::{crm::is_phone, wire::wapi::Item};

/// Tags that no reply tells, or not as they were sent.
const NOT_TOLD: &[&str] = &["PASSWORD", "AUTOPASSWD", "LANGUAGE"];

/// Tags that a reply may spell otherwise (rulings MEDIA_TYPE_TAG).
const SPELLINGS: &[(&str, &str)] = &[("MEDIATYPE", "MEDIA_TYPE"), ("MEDIA_TYPE", "MEDIATYPE")];

/// What the record has for a tag, however the reply spells it. `None`: it does not tell.
pub fn told<'a>(item: &'a Item, tag: &str) -> Option<&'a str> {
    let other = || SPELLINGS.iter().find(|(sent, _)| *sent == tag).map(|(_, told)| *told);
    item.value(tag).or_else(|| item.value(other()?))
}

/// Whether a tag can be compared at all.
pub fn is_told(tag: &str) -> bool {
    !NOT_TOLD.contains(&tag)
}

/// Whether sending the value would change nothing: equal but for what XML and the guide's dates
/// do to a text on its way.
pub fn is_unchanged(tag: &str, sent: &str, item: &Item) -> bool {
    let Some(held) = told(item, tag) else { return false };
    match tag {
        "DUEDATE" => digits(sent).take(12).eq(digits(held).take(12)),
        _ => plain(sent) == plain(held),
    }
}

/// Whether the value may be the one that was sent, whatever a tenant makes of spaces, quotes,
/// case of addresses and the form of phone numbers. A tag that the reply leaves out says nothing.
pub fn is_alike(tag: &str, sent: &str, item: &Item) -> bool {
    told(item, tag).is_none_or(|held| alike_form(tag, sent) == alike_form(tag, held))
}

/// A value in the form in which those that may be one are equal.
pub fn alike_form(tag: &str, value: &str) -> String {
    if tag == "DUEDATE" {
        return digits(value).take(12).collect();
    }
    if is_phone(tag) {
        return digits(value).collect();
    }
    folded(value, tag == "EMAIL" || tag.contains("TYPE")).collect()
}

/// XML makes one line feed of each line end; blanks at the ends do not travel well.
fn plain(text: &str) -> String {
    text.trim().replace("\r\n", "\n").replace('\r', "\n")
}

fn digits(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(char::is_ascii_digit)
}

/// Without spaces and quotes of any kind: `blank` and `typographic` apostrophes change those.
fn folded(text: &str, lower: bool) -> impl Iterator<Item = char> + '_ {
    let dropped = |c: &char| {
        !c.is_whitespace() && !matches!(c, '\'' | '"' | '`' | '´' | '‘' | '’' | '“' | '”')
    };
    text.chars().filter(dropped).map(move |c| if lower { c.to_ascii_lowercase() } else { c })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(tags: &[(&str, &str)]) -> Item {
        Item::from_fields(tags)
    }

    #[test]
    fn a_change_of_spaces_is_a_change_but_may_be_one_s_own_record() {
        let held = item(&[("COMPANY", "Acme  Jets "), ("EMAIL", "A@b.de"), ("VOICE", "(555) 1-2")]);
        assert!(is_unchanged("COMPANY", "Acme  Jets", &held));
        assert!(!is_unchanged("COMPANY", "Acme Jets", &held));
        assert!(is_alike("COMPANY", "Acme Jets", &held));
        assert!(is_alike("EMAIL", "a@b.de", &held) && !is_unchanged("EMAIL", "a@b.de", &held));
        assert!(is_alike("VOICE", "55512", &held) && !is_alike("VOICE", "555123", &held));
    }

    #[test]
    fn an_apostrophe_in_any_form_is_alike() {
        let held = item(&[("LASTNAME", "O'Brien")]);
        for sent in ["O'Brien", "O’Brien", "O Brien"] {
            assert!(is_alike("LASTNAME", sent, &held), "{sent}");
        }
        assert!(!is_alike("LASTNAME", "OBryan", &held));
    }

    #[test]
    fn dates_are_compared_to_the_minute_and_other_spellings_are_known() {
        let held = item(&[("DUEDATE", "06212012 13:15:00"), ("MEDIA_TYPE", "Email")]);
        assert!(is_unchanged("DUEDATE", "062120121315", &held));
        assert!(!is_unchanged("DUEDATE", "062120121316", &held));
        assert!(is_unchanged("MEDIATYPE", "Email", &held));
        assert!(!is_unchanged("PHONE", "1", &held), "nothing is known of it");
        assert!(is_alike("PHONE", "1", &held), "nothing speaks against it");
    }
}
