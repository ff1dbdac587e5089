//! `vccpipe schema`: the JSON Schema of pipeline files.

use super::exit::Exit;
use crate::spec;

/// Prints the schema.
pub fn schema() -> Exit {
    println!("{}", spec::schema_json());
    Exit::Success
}
