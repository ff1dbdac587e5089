//! Requests and replies of the CRM API (wapi-crm-api): commands to bodies, bodies to replies, and
//! what an answer means.
//!
//! A command goes through `encode`. A reply goes through `text` (bytes to text), `scan` (its
//! elements, with REPLY's `attributes`) and either `reply` (small ones as a whole) or `items`
//! (large ones as columns). Then `answers` says what it means, by a table, with the help of
//! `messages`, which knows the wordings.

mod answers;
mod attributes;
#[doc(hidden)]
pub mod checks;
mod dates;
mod encode;
mod error;
mod items;
mod mask;
mod messages;
mod reply;
mod scan;
mod style;
mod text;

pub use answers::{
    ANSWERS, HTTP_ANSWERS, Known, KnownHttp, Meaning, classify, classify_http, classify_stranger,
    classify_unreadable, hint,
};
pub use dates::{ReplyDate, read_date};
pub use encode::{
    CLASSIC_PATH, CLASSIC_TYPE, Command, EncodeError, Encoded, Entrance, GATEWAY_PATH,
    GATEWAY_TYPE, Login, encode,
};
pub use error::DecodeError;
pub use items::ItemsDecoder;
pub use messages::{Family, MESSAGES, Message, Problem, recognise};
pub use reply::{Answer, Item, Reply, Status, decode};
pub use style::{Apostrophe, Characters, ReplyCharacters, Style};
pub use text::{Limits, ReplyText};

#[cfg(test)]
mod encode_tests;
#[cfg(test)]
mod reply_tests;
