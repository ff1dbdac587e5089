//! Requests and replies of the CRM API (wapi-crm-api): commands to bodies, bodies to replies, and
//! what an answer means.
//!
//! A command goes through `encode`. A reply goes through `text` (bytes to text), `scan` (its
//! elements, with REPLY's `attributes`) and either `reply` (small ones as a whole) or `items`
//! (large ones as columns).

mod attributes;
mod encode;
mod error;
mod items;
mod mask;
mod reply;
mod scan;
mod style;
mod text;

pub use encode::{
    CLASSIC_PATH, CLASSIC_TYPE, Command, EncodeError, Encoded, Entrance, GATEWAY_PATH,
    GATEWAY_TYPE, Login, encode,
};
pub use error::DecodeError;
pub use items::ItemsDecoder;
pub use reply::{Answer, Item, Reply, Status, decode};
pub use style::{Apostrophe, Characters, Style};
pub use text::{Limits, ReplyText};
