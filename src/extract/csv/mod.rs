//! Delimited text files, read in a stream.

mod options;

pub use options::{CsvOptions, Paths};
