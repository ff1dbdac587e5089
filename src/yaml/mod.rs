//! YAML text to values that know where in the text they stand.

mod spanned;

pub use spanned::Spanned;
