//! `vccpipe man`: the manual pages.

use std::io::{self, Write};

use clap::{Command, CommandFactory};

use super::{
    args::{CommandLine, ManArgs},
    exit::Exit,
    report,
};
use crate::rules::nearest_of;

/// Prints a page, or writes them all into a folder.
pub fn man(args: &ManArgs) -> Exit {
    let mut program = CommandLine::command();
    program.build();
    if let Some(folder) = &args.dir {
        return match write_all(&program, folder) {
            Ok(count) => {
                say!("{count} pages in {}", folder.display());
                Exit::Success
            }
            Err(error) => {
                eprintln!("{}", report::error(&error, Some("give another folder with `--dir`")));
                Exit::Usage
            }
        };
    }
    let Some(name) = &args.command else { return print(&program) };
    match program.find_subcommand(name) {
        Some(command) => print(command),
        None => {
            let names = program.get_subcommands().map(Command::get_name);
            let hint = match nearest_of(names, name) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "`vccpipe --help` lists the commands".to_owned(),
            };
            eprintln!("error: there is no command `{name}`\n  hint: {hint}");
            Exit::Usage
        }
    }
}

fn print(command: &Command) -> Exit {
    let mut page = Vec::new();
    if let Err(error) = clap_mangen::Man::new(command.clone()).render(&mut page) {
        eprintln!("{}", report::error(&error, None));
        return Exit::Failed;
    }
    let _ = io::stdout().write_all(&page);
    Exit::Success
}

fn write_all(program: &Command, folder: &std::path::Path) -> io::Result<usize> {
    std::fs::create_dir_all(folder)?;
    let commands = program.get_subcommands().filter(|command| command.get_name() != "help");
    let pages: Vec<&Command> = std::iter::once(program).chain(commands).collect();
    for page in &pages {
        let mut text = Vec::new();
        clap_mangen::Man::new((*page).clone()).render(&mut text)?;
        // `vccpipe-run`, as the build has named it.
        let name = page.get_display_name().unwrap_or(page.get_name());
        std::fs::write(folder.join(format!("{name}.1")), text)?;
    }
    Ok(pages.len())
}
