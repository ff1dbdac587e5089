//! `vccpipe schema`: the JSON Schema of pipeline files.

use super::exit::Exit;
use crate::spec;

/// Prints the schema.
pub fn schema() -> Exit {
    say!("{}", spec::schema_json());
    Exit::Success
}
