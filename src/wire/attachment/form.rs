//! Whether a reply is one file, or a ZIP of several: "in case of more than one file in response, the
//! response content will be of ZIP type" (ccm), and a single file may be a ZIP itself.

/// What a reply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The one file that is attached, whatever it holds.
    One,
    /// A ZIP that the server made of several.
    Several,
}

/// What is known of a reply before it is looked into.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told<'a> {
    /// The name in Content-Disposition, decoded.
    pub name: Option<&'a str>,
    /// Content-Type.
    pub content_type: Option<&'a str>,
    /// How many files the CRM says are attached.
    pub count: Option<u64>,
    /// The record to which they are attached: `1234`, or `1234.2`.
    pub id: &'a str,
    /// The first bytes.
    pub start: &'a [u8],
}

/// What the names of ZIPs that servers make are made of, beside the id.
const WORDS: &[&str] =
    &["case", "followup", "follow", "up", "faq", "attachment", "attachments", "crm", "ccm", "id"];

impl Form {
    /// By the count, then by the type, then by the name; where nothing tells, it is one file: kept
    /// as it is, nothing of it is lost.
    pub fn of(told: &Told<'_>) -> Form {
        if !begins_like_a_zip(told.start) {
            return Form::One;
        }
        match told.count {
            Some(0 | 1) => return Form::One,
            Some(_) => return Form::Several,
            None => {}
        }
        let Some(says_zip) = says_zip(told) else { return Form::One };
        match told.name {
            Some(name) if is_made_by_the_server(name, told.id) => Form::Several,
            Some(_) => Form::One,
            None if says_zip => Form::Several,
            None => Form::One,
        }
    }

    /// Whether a reply is a ZIP, whoever made it, and no document that is one inside.
    pub fn is_a_zip(told: &Told<'_>) -> bool {
        begins_like_a_zip(told.start)
            && says_zip(told).is_some_and(|says_zip| {
                says_zip || told.name.is_none_or(|name| name.to_lowercase().ends_with(".zip"))
            })
    }
}

/// Whether the type says that it is a ZIP; `None` where it names a document whose format is a ZIP
/// inside, such as .docx.
fn says_zip(told: &Told<'_>) -> Option<bool> {
    match told.content_type.map(essence).as_deref() {
        Some("application/zip" | "application/x-zip-compressed" | "application/x-zip") => {
            Some(true)
        }
        // What says nothing.
        None | Some("" | "application/octet-stream" | "binary/octet-stream") => Some(false),
        Some(_) => None,
    }
}

/// A ZIP with entries, or an empty one.
fn begins_like_a_zip(start: &[u8]) -> bool {
    start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06")
}

/// The type without its parameters.
fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a name is one that nobody gave a file: `case_1234.zip`, `attachments.zip`.
fn is_made_by_the_server(name: &str, id: &str) -> bool {
    let name = name.to_lowercase();
    let Some(stem) = name.strip_suffix(".zip") else { return false };
    let of_the_id: Vec<&str> = id.split('.').collect();
    let words = stem.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.collect();
    let known = |word: &str| WORDS.contains(&word) || of_the_id.contains(&word);
    !words.is_empty() && words.iter().all(|word| known(word) || glued(word, &of_the_id))
}

/// `case1234`.
fn glued(word: &str, of_the_id: &[&str]) -> bool {
    WORDS.iter().any(|known| word.strip_prefix(known).is_some_and(|rest| of_the_id.contains(&rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZIP: &[u8] = b"PK\x03\x04";

    fn form(name: Option<&str>, content_type: Option<&str>, count: Option<u64>) -> Form {
        Form::of(&Told { name, content_type, count, id: "1234.2", start: ZIP })
    }

    #[test]
    fn the_count_decides_where_the_crm_tells_it() {
        assert_eq!(form(Some("followup_1234.2.zip"), Some("application/zip"), Some(1)), Form::One);
        assert_eq!(form(Some("backup.zip"), None, Some(3)), Form::Several);
        let text = Told { count: Some(2), start: b"hello", ..Told::default() };
        assert_eq!(Form::of(&text), Form::One, "what is no ZIP cannot be unpacked");
    }

    #[test]
    fn a_zip_that_somebody_attached_stays_one_file() {
        for name in ["backup.zip", "archive.2025.zip", "case notes.zip", "1234-photos.zip", ".zip"]
        {
            assert_eq!(form(Some(name), Some("application/zip"), None), Form::One, "{name}");
        }
        let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        assert_eq!(form(None, Some(docx), None), Form::One);
        assert_eq!(form(Some("offer.docx"), Some("application/octet-stream"), None), Form::One);
        assert_eq!(form(None, None, None), Form::One, "nothing tells");
    }

    #[test]
    fn whoever_wants_every_zip_unpacked_gets_no_document_taken_apart() {
        let is_a_zip = |name, content_type| {
            let told = Told { name, content_type, start: ZIP, ..Told::default() };
            Form::is_a_zip(&told)
        };
        assert!(is_a_zip(Some("acme-2026.zip"), Some("application/octet-stream")));
        assert!(is_a_zip(Some("download"), Some("application/zip")));
        assert!(is_a_zip(None, None));
        assert!(!is_a_zip(Some("offer.docx"), Some("application/octet-stream")));
        let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        assert!(!is_a_zip(None, Some(docx)));
        assert!(!Form::is_a_zip(&Told { start: b"hello", ..Told::default() }));
    }

    #[test]
    fn a_zip_that_the_server_made_is_known_by_its_name_or_by_having_none() {
        let made = ["followup_1234.2.zip", "Case1234.zip", "attachments.zip", "1234_2.ZIP"];
        for name in made {
            assert_eq!(form(Some(name), Some("application/octet-stream"), None), Form::Several);
        }
        assert_eq!(form(None, Some("Application/ZIP; x=y"), None), Form::Several);
    }
}
