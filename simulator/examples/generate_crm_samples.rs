//! Writes the exports of an old CRM and a list of people into a folder, the samples of the CRM
//! pipelines.
//!
//! ```console
//! $ cargo run -p vccpipe-simulator --example generate_crm_samples -- samples
//! ```

use std::{env, fs, io, path::Path, process::ExitCode};

use vccpipe_simulator::sample::crm_files;

const USAGE: &str = "usage: generate_crm_samples FOLDER [SEED]";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (folder, seed) = match arguments.as_slice() {
        [folder] => (folder, Ok(1)),
        [folder, seed] => (folder, seed.parse()),
        _ => return fail(USAGE),
    };
    let Ok(seed) = seed else { return fail(USAGE) };
    match write(Path::new(folder), seed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("cannot write into `{folder}`: {error}")),
    }
}

fn write(folder: &Path, seed: u64) -> io::Result<()> {
    for file in crm_files(seed) {
        let path = folder.join(file.path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, file.content)?;
    }
    Ok(())
}

fn fail(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(2)
}
