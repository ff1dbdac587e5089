//! Loads into files: Parquet, CSV and JSON, on a disk or in an object store.
//!
//! A load into files does not send units. Its rows are written beside the place ([`staging`]),
//! where no reader looks, and published as a whole when the last one is durable ([`publish`]): by
//! rename on a disk, whole objects in a store. Until then nothing has happened: a run that is
//! interrupted writes anew, and the same rows give the same files.

mod columns;
mod error;
mod manifest;
mod options;
mod parquet;
mod publish;
mod sink;
mod sort;
mod staging;
mod store;
mod text;

pub use error::FileLoadError;
pub use manifest::{MANIFEST, Manifest};
pub use options::{Compression, CsvFileOptions, FileMode, JsonFileOptions, Mode, ParquetOptions};
pub use parquet::Fates;
pub use publish::PublishPlan;
pub use sink::{FileSink, FileWriter, Format, Found, RunOf, Written};
