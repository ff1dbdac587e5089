//! `vccpipe guess`: a first pipeline file from an input's header and values.

use std::path::{Path, PathBuf};

use super::{
    args::{Global, GuessArgs},
    exit::Exit,
    report::{self, grouped},
};
use crate::guess::{self, Guess, GuessError, Request, Target};

/// The JSON Schema, as `vccpipe init` calls it.
const SCHEMA: &str = "pipeline.schema.json";

/// Writes the pipeline file.
pub fn guess(global: &Global, args: &GuessArgs) -> Exit {
    let _log = super::log::start(global);
    if let Some(out) = args.out.as_ref().filter(|out| out.exists()) {
        eprintln!(
            "error: `{}` is there already, and is not overwritten\n  hint: give another name with \
             `--out`, or remove it first",
            out.display()
        );
        return Exit::Usage;
    }
    let guessed = Target::parse(&args.to).and_then(|target| {
        guess::guess(&Request {
            input: args.input.clone(),
            target,
            connection: args.connection.clone(),
            timezone: args.timezone.clone(),
            schema: schema_from(args.out.as_deref()),
        })
    });
    let guess = match guessed {
        Ok(guess) => guess,
        Err(error) => return fail(&error),
    };
    guess.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
    match &args.out {
        None => {
            say!("{}", guess.text.trim_end());
            eprintln!("{}", told(&guess));
            Exit::Success
        }
        Some(out) => match write(out, &guess.text) {
            Ok(()) => {
                say!("{}", told(&guess));
                say!(
                    "written to {0}; next: `vccpipe check {0}`, `vccpipe preview {0}`",
                    out.display()
                );
                Exit::Success
            }
            Err(error) => {
                let what = format!("error: `{}` cannot be written: {error}", out.display());
                eprintln!("{what}\n  hint: make its folder first, or give another name by `--out`");
                Exit::Usage
            }
        },
    }
}

fn fail(error: &GuessError) -> Exit {
    eprintln!("{}", report::error(error, error.hint().as_deref()));
    Exit::Usage
}

/// A new file; one that came in between stays.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut file = std::fs::File::create_new(path)?;
    file.write_all(text.as_bytes())
}

/// The path from the new file to the JSON Schema in one of the folders above it.
fn schema_from(out: Option<&Path>) -> Option<String> {
    let folder = out.and_then(Path::parent).unwrap_or(Path::new(""));
    let mut up = String::new();
    let mut at = PathBuf::from(folder);
    loop {
        if at.join(SCHEMA).is_file() {
            return Some(format!("{up}{SCHEMA}"));
        }
        if at.as_os_str().is_empty() || !at.pop() {
            return None;
        }
        up.push_str("../");
    }
}

fn told(guess: &Guess) -> String {
    let mut text = format!(
        "{}: {} of {} columns have a place, from {} rows",
        guess.name,
        guess.placed,
        guess.columns,
        grouped(guess.rows)
    );
    for to_do in &guess.to_do {
        text.push_str(&format!("\n  to do: {to_do}"));
    }
    text
}
