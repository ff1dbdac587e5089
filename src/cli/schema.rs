//! `vccpipe schema`: the JSON Schemas of pipeline files and connections files.

use super::{
    args::{SchemaArgs, SchemaOf},
    exit::Exit,
};
use crate::{connections, spec};

/// Prints a schema.
pub fn schema(args: &SchemaArgs) -> Exit {
    let schema = match args.of {
        SchemaOf::Pipeline => spec::schema_json(),
        SchemaOf::Connections => connections::schema_json(),
    };
    say!("{}", schema.trim_end());
    Exit::Success
}
