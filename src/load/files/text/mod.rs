//! Rows as text: CSV for people and spreadsheets, JSON for programs.

mod cells;
mod csv;
mod json;
mod stream;

pub use cells::{Cells, TextOf};
pub use csv::CsvWriter;
pub use json::JsonWriter;
pub use stream::TextFile;

#[cfg(test)]
mod tests;
