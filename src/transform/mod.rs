//! What happens to rows on the way: SQL expressions over batches, and keys seen twice.

mod options;

pub use options::{DedupeOptions, Fix, Keep, MapOptions, MapValue, Step, ValidateOptions};
