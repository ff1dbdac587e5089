//! Phone calls: paths and bodies of the requests, their replies, and what each answer means.
//!
//! A call is placed by a POST that must never be sent twice, and all else changes nothing more when
//! it is repeated. `answers` is the table that knows which answer says for certain that nothing was
//! done.

mod answers;
mod codes;
mod reply;
mod request;

pub use answers::{ANSWERS, Class, Known, classify};
pub use codes::{Codes, CodesError};
pub use reply::{Body, CallReply};
pub use request::{PlaceCall, Target};
