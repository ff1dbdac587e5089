//! Which records have files, how their names are sent, and what is odd about them.

use serde::{Deserialize, Serialize};

/// Attachments, and switches of their API. All of it may change for a kept tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AttachmentSettings {
    /// The share of the cases at first that have files, 0 to 1.
    pub cases: f64,
    /// The share of the follow-ups at first that have files; their ATTACHMENTS counts them.
    pub followups: f64,
    /// The share of the FAQs at first that have files.
    pub faqs: f64,
    /// A record that has files has one to so many.
    pub most_files: u64,
    /// The least bytes of a file ..
    pub least_bytes: u64,
    /// .. and the most.
    pub most_bytes: u64,
    /// The share of the records with files whose first file is a large one.
    pub large_share: f64,
    /// The bytes of a large file; it is made while it is sent.
    pub large_bytes: u64,
    /// How a file's name stands in Content-Disposition; documented is only that special
    /// characters are encoded.
    pub names: NamesAs,
    /// How names stand in a ZIP.
    pub zip_names: ZipNames,
    /// What Content-Type tells.
    pub content_type: ContentTypes,
    /// Replies tell their length; without it they come in chunks.
    pub content_length: bool,
    /// Names that a careless client would follow out of its folder, or could not make a file of.
    pub nasty_names: bool,
    /// The share of the ZIPs that hold an entry which explodes.
    pub zip_bombs: f64,
    /// Whether such an entry tells its size.
    pub zip_bomb_as: ZipBomb,
    /// The bytes of such an entry, rounded up to whole MiB.
    pub zip_bomb_bytes: u64,
    /// The share of the records with files whose files are gone: the CRM lists them, and they
    /// are answered by 404.
    pub vanished: f64,
    /// So many other tenants are always being served; from ten on everybody gets 503.
    pub other_tenants: u64,
    /// Seconds of the Retry-After header of a 503; none without it.
    pub retry_after: Option<u64>,
}

impl Default for AttachmentSettings {
    fn default() -> Self {
        AttachmentSettings {
            cases: 0.2,
            followups: 0.2,
            faqs: 0.1,
            most_files: 3,
            least_bytes: 100,
            most_bytes: 20_000,
            large_share: 0.01,
            large_bytes: 2_097_152,
            names: NamesAs::Percent,
            zip_names: ZipNames::Percent,
            content_type: ContentTypes::Proper,
            content_length: true,
            nasty_names: false,
            zip_bombs: 0.0,
            zip_bomb_as: ZipBomb::Honest,
            zip_bomb_bytes: 1_073_741_824,
            vanished: 0.0,
            other_tenants: 0,
            retry_after: None,
        }
    }
}

/// How a file's name stands in Content-Disposition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NamesAs {
    /// `filename="caf%C3%A9.pdf"`
    Percent,
    /// `filename*=UTF-8''caf%C3%A9.pdf`
    Rfc5987,
    /// `filename="=?UTF-8?B?Y2Fmw6kucGRm?="`
    Rfc2047,
    /// `filename="café.pdf"`, in UTF-8.
    Raw,
    /// There is no Content-Disposition.
    None,
}

/// How names stand in a ZIP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZipNames {
    /// `caf%C3%A9.pdf`, as the document has it of names.
    Percent,
    /// In UTF-8, and the entry says so.
    Utf8,
    /// In UTF-8, and the entry does not say so.
    Unmarked,
    /// In ISO-8859-1; other characters are question marks.
    Latin1,
}

/// What Content-Type tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentTypes {
    /// The type of the file, or `application/zip` of several.
    Proper,
    /// Always `application/octet-stream`.
    OctetStream,
    /// There is none.
    None,
}

/// Whether an entry that explodes tells its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZipBomb {
    /// It tells how many bytes it holds.
    Honest,
    /// It tells that it holds a thousand.
    Lying,
}
