//! The README's tutorial, command by command, as a new user would type it.

use std::{fs, process::Command};

const README: &str = include_str!("../../README.md");

/// The section of the tutorial.
fn section() -> &'static str {
    let (_, rest) =
        README.split_once("## Tutorial: from a Salesforce export to the tenant").unwrap();
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

/// The commands of its `sh` blocks, in their order.
fn commands() -> Vec<&'static str> {
    let blocks = section().split("```sh\n").skip(1).filter_map(|rest| rest.split_once("```"));
    blocks.flat_map(|(block, _)| block.lines()).filter(|line| !line.trim().is_empty()).collect()
}

/// Whether the program has a command.
fn knows(command: &str) -> bool {
    let help = Command::new(env!("CARGO_BIN_EXE_vccpipe")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    help.lines().any(|line| line.trim_start().starts_with(&format!("{command} ")))
}

/// How the text says that a command ends, where it is not 0.
fn expected(line: &str) -> i32 {
    let said = section().contains("`vccpipe run` ends with 3");
    match line.starts_with("vccpipe run ") && said {
        true => 3,
        false => 0,
    }
}

#[test]
fn the_tutorial_of_the_readme_runs_as_it_stands_in_under_ten_commands() {
    let folder = tempfile::tempdir().unwrap();
    let mut at = folder.path().to_owned();
    let commands = commands();
    assert!(commands.len() < 10, "{commands:?}");
    let mut told = String::new();
    for line in &commands {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["cd", folder] => at = at.join(folder),
            ["vccpipe", command, ..] => {
                if !knows(command) {
                    assert_eq!(*command, "audit", "`{line}`: there is no such command");
                    continue;
                }
                let output = Command::new(env!("CARGO_BIN_EXE_vccpipe"))
                    .args(&words[1..])
                    .current_dir(&at)
                    .output()
                    .unwrap();
                let out = String::from_utf8(output.stdout).unwrap();
                let err = String::from_utf8(output.stderr).unwrap();
                assert_eq!(output.status.code(), Some(expected(line)), "{line}\n{out}\n{err}");
                told.push_str(&format!("$ {line}\n{out}{err}"));
            }
            other => panic!("the tutorial has a command that is not run here: {other:?}"),
        }
    }
    for command in ["init", "guess", "check", "preview", "plan", "run", "audit"] {
        let begins = format!("vccpipe {command} ");
        assert!(commands.iter().any(|line| line.starts_with(&begins)), "no `{command}`");
    }
    // The books that the text shows are those of the run.
    let summary = at.join(".vccpipe/runs/salesforce-contacts/latest/summary.json");
    let summary: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(summary).unwrap()).unwrap();
    let shown = section();
    for (word, count) in [("read", 217), ("loaded", 194), ("rejected", 21), ("refused", 2)] {
        assert_eq!(summary[word], count, "{word}: {told}");
        let line = shown.lines().find(|line| line.trim_start().starts_with(&format!("{word} ")));
        assert!(line.is_some_and(|line| line.contains(&count.to_string())), "{word} in the README");
    }
}
