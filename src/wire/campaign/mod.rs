//! Campaign customers: the body of a POST, its 207 reply, and what each answer means.
//!
//! A reply goes through three files in order: `decode` (bytes to items), `matching` (which item
//! answers which row) and `answers` (what the item means, by a table). [`answer`] puts the three
//! together.

mod answer;
mod answers;
mod decode;
mod encode;
mod matching;
mod record_ids;
mod records;
mod removal;
mod scan;
mod start;
mod status;

/// A text without the byte order mark and the blanks around it, which some servers write.
fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii()
}

pub use answer::answer;
pub use answers::{Class, DELETE_ANSWERS, Known, POST_ANSWERS, RECORD_ANSWERS, Scope, classify};
pub use decode::{Body, CustomerId, DecodeError, Item, MOST_BODY_BYTES, decode};
pub use encode::{BRACKETS_LEN, encode_customers, encoded_len};
pub use matching::{ItemFor, Matched, match_items};
pub use record_ids::record_ids;
pub use records::{CODE_NAMES, RECORD_COLUMNS, RecordsError, decode_records};
pub use removal::removal_answer;
pub use start::{START_BODY, StartAnswer, Startable, start_answer};
pub use status::{CampaignStatus, STATUS_NAMES, StatusError, Verdict};
