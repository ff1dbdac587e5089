//! YAML text to values that know where in the text they stand.
//!
//! [`parse`] makes a tree of [`Node`]s, [`interpolate`] replaces `${..}` in it, [`check`] holds it
//! against the JSON Schema of the wanted type and tells everything that is wrong, and [`read`]
//! makes the value. A type with its doc comments is all that an option needs: the schema comes
//! from it, and so do the messages.

mod as_written;
mod check;
mod de;
mod interpolate;
mod locate;
mod node;
mod parse;
mod phrase;
mod spanned;
mod syntax;

pub use as_written::as_written;
pub use check::{Gaps, check};
pub use de::{decode, read, schema_of};
pub use interpolate::{Interpolation, interpolate, references};
pub use locate::{locate, locate_position};
pub use node::{Key, Node, Value};
pub use parse::{Parsed, parse};
pub use spanned::Spanned;
