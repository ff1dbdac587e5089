//! `vccpipe init`: a working folder with a first pipeline that runs.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use super::{args::InitArgs, exit::Exit};
use crate::{connections, spec};

/// A file of the working folder.
struct Starter {
    path: &'static str,
    content: &'static [u8],
    /// Whether only its owner may read it.
    private: bool,
}

const fn starter(path: &'static str, content: &'static [u8]) -> Starter {
    Starter { path, content, private: false }
}

/// The files, in the order in which they are told.
const FILES: &[Starter] = &[
    starter("pipelines/first_load.yaml", include_bytes!("init/first_load.yaml")),
    starter("samples/first_customers.csv", include_bytes!("init/first_customers.csv")),
    starter(
        "samples/salesforce_contacts.csv",
        include_bytes!("../../samples/salesforce_contacts.csv"),
    ),
    Starter {
        path: "connections.yaml",
        content: include_bytes!("init/connections.yaml"),
        private: true,
    },
    starter(".gitignore", include_bytes!("init/gitignore")),
];

/// A JSON Schema: its file, and what makes it.
type Schema = (&'static str, fn() -> String);

/// The JSON Schemas: made by the program, not kept in it.
const SCHEMAS: &[Schema] = &[
    ("pipeline.schema.json", spec::schema_json),
    ("connections.schema.json", connections::schema_json),
];

/// Makes the folder and what is missing in it.
pub fn init(args: &InitArgs) -> Exit {
    let folder = &args.folder;
    let (mut made, mut kept) = (Vec::new(), Vec::new());
    let schemas = SCHEMAS.iter().map(|(path, schema)| (*path, false, schema().into_bytes()));
    let files = FILES.iter().map(|file| (file.path, file.private, file.content.to_vec()));
    for (path, private, content) in files.chain(schemas) {
        match write_new(&folder.join(path), private, &content) {
            Ok(()) => made.push(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => kept.push(path),
            Err(error) => {
                let path = folder.join(path);
                eprintln!(
                    "error: `{}` cannot be written: {error}\n  hint: give a folder that you may \
                     write to: `vccpipe init DIR`",
                    path.display()
                );
                return Exit::Usage;
            }
        }
    }
    say!("{}", told(folder, &made, &kept));
    Exit::Success
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, private: bool, content: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    open_new(path, private)?.write_all(content)
}

fn open_new(path: &Path, private: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if private {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = private;
    options.open(path)
}

fn told(folder: &Path, made: &[&str], kept: &[&str]) -> String {
    let what = |path: &str| match path {
        "pipelines/first_load.yaml" => "a first pipeline, for the built-in simulated tenant",
        "samples/first_customers.csv" => "its input",
        "samples/salesforce_contacts.csv" => {
            "contacts as Salesforce exports them, to try `guess` on"
        }
        "connections.yaml" => "your tenant, once you have filled it in; only you can read it",
        ".gitignore" => "keeps the state and the connections out of a repository",
        "pipeline.schema.json" => "for editors that complete pipeline files",
        _ => "for editors that complete connections files",
    };
    let mut lines = Vec::new();
    if !made.is_empty() {
        lines.push(format!("made in {}:", folder.display()));
        lines.extend(made.iter().map(|path| format!("  {path:<33}{}", what(path))));
    }
    if !kept.is_empty() {
        lines.push("there already, and left as it is:".to_owned());
        lines.extend(kept.iter().map(|path| format!("  {path}")));
    }
    lines.push("next:".to_owned());
    if folder != Path::new(".") {
        lines.push(format!("  cd {}", folder.display()));
    }
    for command in [
        "vccpipe preview pipelines/first_load.yaml",
        "vccpipe run pipelines/first_load.yaml",
        "vccpipe guess samples/salesforce_contacts.csv --to wapi:customer:add --out pipelines/contacts.yaml",
    ] {
        lines.push(format!("  {command}"));
    }
    lines.join("\n")
}
