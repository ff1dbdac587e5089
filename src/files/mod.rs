//! Files: found, opened, recognised again, published and appended to.
//!
//! - [`expand`] turns paths and globs into files, in a stable order;
//! - [`InputFile`] reads a plain, `.gz` or `.zst` file from any byte of its text;
//! - [`Fingerprint`] knows an input again, and tells what changed in it;
//! - [`publish`], [`PendingFile`], [`put_in_place`], [`private_dir`] and [`private_file`] write for
//!   others to find;
//! - [`ResultFile`] is a CSV that only grows, and is cut back to what was committed.

mod error;
mod fingerprint;
mod open;
mod paths;
mod publish;
mod results;

pub use error::{FileError, Remedy};
pub use fingerprint::{CHECKPOINT, Change, FilePrint, Fingerprint, Hash};
pub use open::{Compression, InputFile};
pub use paths::expand;
pub use publish::{
    PendingFile, cut, private_dir, private_file, publish, put_in_place, replace, show, sync_folder,
};
pub use results::{ResultFile, write_record};
