//! Each key of a pipeline file and of a connections file, each command and each option, has a test
//! that tries it: the tables beside this file say which.
//!
//! A line has what is tried, the test's file, the test's name, and perhaps further names: of
//! functions and constants of that file (or `mod.rs` beside it, or `bench.rs`), and of files of the
//! repository. Each has
//! to stand in the text of the one before. The words of what is tried have to stand somewhere in
//! these texts: so that no line is a mere claim.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use regex::Regex;
use serde_json::Value;
use vccpipe::{cli, connections, spec};

const PIPELINE: &str = "tests/it/every_key/pipeline.txt";
const CONNECTIONS: &str = "tests/it/every_key/connections.txt";
const COMMAND_LINE: &str = "tests/it/every_key/command_line.txt";

/// Where a schema comes back to itself: the keys of these extracts are those of any other.
const AGAIN: &str = "extract.attachments.ids.from";

/// What a schema describes: keys by their path, and after `=` each of the words that a key takes.
fn keys_of(schema: &str) -> Vec<String> {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let mut found = Vec::new();
    keys_below(&schema, &schema, "", &mut BTreeSet::new(), &mut found);
    found
}

fn keys_below<'s>(
    node: &'s Value,
    schema: &'s Value,
    path: &str,
    within: &mut BTreeSet<&'s str>,
    found: &mut Vec<String>,
) {
    let mut add = |what: String| {
        if !found.contains(&what) {
            found.push(what);
        }
    };
    let words = node.get("const").into_iter();
    for word in words.chain(node["enum"].as_array().into_iter().flatten()) {
        let word = word.as_str().map_or_else(|| word.to_string(), str::to_owned);
        add(format!("{path}={word}"));
    }
    if let Some(target) = node["$ref"].as_str()
        && within.insert(target)
    {
        let node = schema.pointer(target.trim_start_matches('#')).unwrap();
        keys_below(node, schema, path, within, found);
        within.remove(target);
    }
    for (key, property) in node["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        if !found.contains(&path) {
            found.push(path.clone());
        }
        if !path.starts_with(&format!("{AGAIN}.")) {
            keys_below(property, schema, &path, within, found);
        }
    }
    keys_below_if_there(&node["additionalProperties"], schema, &format!("{path}.*"), within, found);
    keys_below_if_there(&node["items"], schema, &format!("{path}[]"), within, found);
    for choice in ["oneOf", "anyOf", "allOf"] {
        for branch in node[choice].as_array().into_iter().flatten() {
            keys_below(branch, schema, path, within, found);
        }
    }
}

fn keys_below_if_there<'s>(
    node: &'s Value,
    schema: &'s Value,
    path: &str,
    within: &mut BTreeSet<&'s str>,
    found: &mut Vec<String>,
) {
    if node.is_object() {
        keys_below(node, schema, path, within, found);
    }
}

/// What the command line takes: `run`, `run FILE`, `run --limit`, `status --format=json`.
fn words_of_the_command_line() -> Vec<String> {
    let program = cli::command();
    let mut found = Vec::new();
    words_of("vccpipe", &program, &mut found);
    for command in program.get_subcommands() {
        found.push(command.get_name().to_owned());
        words_of(command.get_name(), command, &mut found);
    }
    found
}

fn words_of(name: &str, command: &clap::Command, found: &mut Vec<String>) {
    for argument in command.get_arguments() {
        let mut word = match (argument.get_long(), argument.get_short()) {
            (Some(long), _) => format!("{name} --{long}"),
            (None, Some(short)) => format!("{name} -{short}"),
            (None, None) => format!("{name} {}", argument.get_id().as_str().to_uppercase()),
        };
        found.push(word.clone());
        if let (Some(_), Some(short)) = (argument.get_long(), argument.get_short()) {
            found.push(format!("{name} -{short}"));
        }
        if argument.get_action().takes_values() {
            word.push('=');
            found.extend(
                argument.get_possible_values().iter().map(|value| word.clone() + value.get_name()),
            );
        }
    }
}

/// A line of a table.
struct Line<'t> {
    what: &'t str,
    file: &'t str,
    test: &'t str,
    through: Vec<&'t str>,
}

impl<'t> Line<'t> {
    fn of(line: &'t str) -> Self {
        let mut words = line.split_whitespace();
        let mut word = || words.next().unwrap_or_else(|| panic!("too short: `{line}`"));
        let (what, file, test) = (word(), word(), word());
        Line { what, file, test, through: words.collect() }
    }

    /// The texts that have to hold the words: that of the test, and of what it leads to.
    fn texts(&self, sources: &mut Sources) -> Result<Vec<String>, String> {
        let source = sources.text(self.file)?;
        let test = definition(&source, self.test)
            .filter(|test| test.is_test)
            .ok_or_else(|| format!("there is no test `{}` in {}", self.test, self.file))?;
        let mut texts = vec![test.text];
        for name in &self.through {
            let mentioned = match name.rsplit_once('/') {
                Some((folder, file)) => vec![*name, folder, file, file.trim_end_matches(".yaml")],
                None => vec![*name],
            };
            let before = texts.last().map_or("", String::as_str);
            if !mentioned.iter().any(|word| has_word(before, word)) {
                return Err(format!("`{name}` does not stand in what leads to it"));
            }
            let text = match name.contains('/') {
                true => sources.text(name)?,
                false => {
                    let beside = Path::new(self.file).with_file_name("mod.rs");
                    let found = [self.file, &beside.to_string_lossy(), "tests/it/bench.rs"]
                        .iter()
                        .find_map(|file| definition(&sources.text(file).ok()?, name));
                    found.ok_or_else(|| format!("there is no `{name}`"))?.text
                }
            };
            texts.push(text);
        }
        // What a source writes as `\n` ends a line of the file that a test writes.
        Ok(texts.into_iter().map(|text| text.replace("\\n", "\n")).collect())
    }
}

/// Files of the repository, each read once.
#[derive(Default)]
struct Sources(BTreeMap<String, String>);

impl Sources {
    fn text(&mut self, path: &str) -> Result<String, String> {
        if !self.0.contains_key(path) {
            let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
            self.0.insert(path.to_owned(), text);
        }
        Ok(self.0[path].clone())
    }
}

/// A function or a constant of a source.
struct Definition {
    text: String,
    /// Whether it is a test, and one that runs.
    is_test: bool,
}

fn definition(source: &str, name: &str) -> Option<Definition> {
    let lines: Vec<&str> = source.lines().collect();
    let begins = Regex::new(&format!(
        r"^\s*(pub(\(\w+\))? )?((async )?fn {name}[(<]|(const|static) {name}:)"
    ))
    .unwrap();
    let first = lines.iter().position(|line| begins.is_match(line))?;
    let indent = lines[first].len() - lines[first].trim_start().len();
    let is_function = lines[first].contains("fn ");
    let is_last = |line: &&str| match is_function {
        true => **line == format!("{}}}", " ".repeat(indent)),
        false => line.ends_with(';') && !line.trim_start().starts_with('-'),
    };
    let last = first + lines[first..].iter().position(is_last)?;
    let head = lines[..first].iter().rev().take_while(|line| {
        let line = line.trim_start();
        line.starts_with("#[") || line.starts_with("//")
    });
    let head: String = head.copied().collect();
    Some(Definition {
        text: lines[first..=last].join("\n"),
        is_test: head.contains("#[test]") && !head.contains("#[ignore"),
    })
}

/// Whether a word stands in a text, not as a part of another.
fn has_word(text: &str, word: &str) -> bool {
    let word = regex::escape(word);
    Regex::new(&format!(r"(^|[^\w-]){word}($|[^\w-])")).unwrap().is_match(text)
}

/// Whether a key stands in a text as keys do.
fn has_key(text: &str, key: &str) -> bool {
    let key = regex::escape(key);
    Regex::new(&format!(r#"(^|[^\w-]){key}["']?\s*:"#)).unwrap().is_match(text)
}

/// What of a key is not in the texts: the key itself, the key above it, or the word it takes.
fn missing_of_key(what: &str, texts: &[String]) -> Vec<String> {
    let (path, word) = what.split_once('=').map_or((what, None), |(path, word)| (path, Some(word)));
    let mut keys = path.rsplit('.').map(|key| key.trim_end_matches("[]")).filter(|key| *key != "*");
    let mut missing = Vec::new();
    let mut miss = |is_there: bool, words: String| {
        if !is_there {
            missing.push(words);
        }
    };
    let key = keys.next().unwrap_or_default();
    miss(texts.iter().any(|text| has_key(text, key)), format!("{key}:"));
    // A step stands in a list, whatever its helper has around it.
    if let Some(above) = keys.next().filter(|above| *above != "transform") {
        miss(texts.iter().any(|text| has_word(text, above)), above.to_owned());
    }
    if let Some(word) = word {
        miss(texts.iter().any(|text| has_word(text, word)), word.to_owned());
    }
    missing
}

/// What of a command line is not in the texts. An argument without a name of its own is there
/// wherever its command is.
fn missing_of_command_line(what: &str, texts: &[String]) -> Vec<String> {
    let (what, value) =
        what.split_once('=').map_or((what, None), |(what, value)| (what, Some(value)));
    let mut words: Vec<&str> = what.split('.').filter(|word| *word != "vccpipe").collect();
    words.retain(|word| *word != word.to_uppercase() || word.starts_with('-'));
    words.extend(value);
    let missing = words.iter().filter(|word| !texts.iter().any(|text| has_word(text, word)));
    missing.map(|word| (*word).to_owned()).collect()
}

/// Compares a table with what there is; `missing_of` tells which words a line's texts lack.
fn compare(table: &str, there: &[String], missing_of: fn(&str, &[String]) -> Vec<String>) {
    let text = fs::read_to_string(Path::new(table)).unwrap();
    let lines: Vec<Line> = text.lines().filter(|l| !l.starts_with('#')).map(Line::of).collect();
    let mut wrong = Vec::new();
    for what in there {
        match lines.iter().filter(|line| line.what == what).count() {
            1 => {}
            0 => wrong.push(format!("{what}: no line says which test tries it")),
            _ => wrong.push(format!("{what}: has more than one line")),
        }
    }
    let mut sources = Sources::default();
    for line in &lines {
        if !there.iter().any(|what| what == line.what) {
            wrong.push(format!("{}: there is no such thing any more", line.what));
            continue;
        }
        match line.texts(&mut sources) {
            Err(why) => wrong.push(format!("{}: {why}", line.what)),
            Ok(texts) => match missing_of(line.what, &texts) {
                missing if missing.is_empty() => {}
                missing => wrong.push(format!(
                    "{}: `{}` does not stand in `{}` of {}",
                    line.what,
                    missing.join("`, `"),
                    line.test,
                    line.file
                )),
            },
        }
    }
    assert!(wrong.is_empty(), "{table}:\n{}", wrong.join("\n"));
}

#[test]
fn every_key_of_a_pipeline_file_has_a_test() {
    compare(PIPELINE, &keys_of(&spec::schema_json()), missing_of_key);
}

#[test]
fn every_key_of_a_connections_file_has_a_test() {
    compare(CONNECTIONS, &keys_of(&connections::schema_json()), missing_of_key);
}

#[test]
fn the_example_of_a_connections_file_shows_every_key() {
    let text = fs::read_to_string("docs/connections.example.yaml").unwrap();
    for what in keys_of(&connections::schema_json()) {
        let key = what.rsplit('.').next().unwrap_or_default();
        assert!(what.contains('=') || has_key(&text, key), "{what}");
    }
}

#[test]
fn every_command_and_option_has_a_test() {
    let there: Vec<String> =
        words_of_the_command_line().iter().map(|words| words.replace(' ', ".")).collect();
    compare(COMMAND_LINE, &there, missing_of_command_line);
}

#[test]
fn a_line_that_claims_too_much_is_found_out() {
    const OWN: &str = "tests/it/every_key.rs a_line_that_claims_too_much_is_found_out";
    let mut sources = Sources::default();
    let mut wrong = |line: &str| Line::of(line).texts(&mut sources).err().unwrap_or_default();
    assert_eq!(
        wrong("x tests/it/every_key.rs has_word"),
        "there is no test `has_word` in tests/it/every_key.rs"
    );
    assert!(wrong("x tests/it/no_such_file.rs y").starts_with("tests/it/no_such_file.rs: "));
    assert_eq!(wrong(&format!("x {OWN} keys_below")), "");
    assert_eq!(
        wrong(&format!("x {OWN} keys_below words_of")),
        "`words_of` does not stand in what leads to it"
    );
    let texts = ["load:\n  csv: { path: out.csv }".to_owned()];
    assert_eq!(missing_of_key("load.csv.path", &texts), [""; 0]);
    assert_eq!(missing_of_key("load.csv.bom", &texts), ["bom:"]);
    assert_eq!(missing_of_key("load.json.path", &texts), ["json"]);
    assert_eq!(missing_of_key("load.csv.path=in.csv", &texts), ["in.csv"]);
    let texts = ["&[\"retry\", \"--var\"]".to_owned()];
    assert_eq!(missing_of_command_line("retry.--var", &texts), [""; 0]);
    assert_eq!(missing_of_command_line("retry.--variable", &texts), ["--variable"]);
    assert_eq!(missing_of_command_line("audit.RUN", &texts), ["audit"]);
}
