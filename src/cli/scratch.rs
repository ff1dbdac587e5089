//! A folder for what serves one look at rows: tenants' records may stand in it.

use tempfile::{Builder, TempDir};

use super::exit::Exit;

/// Makes a folder in the system's temporary one, for its owner only and by a name that nobody can
/// have taken before. It is removed when it is dropped.
///
/// # Errors
/// No folder can be made there; the user was told.
pub fn scratch() -> Result<TempDir, Exit> {
    Builder::new().prefix("vccpipe-").tempdir().map_err(|error| {
        let place = std::env::temp_dir();
        eprintln!(
            "error: no folder can be made in `{}`, to work in: {error}\n  hint: set TMPDIR to a \
             place that can be written",
            place.display()
        );
        Exit::Failed
    })
}
