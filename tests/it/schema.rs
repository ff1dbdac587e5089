//! The JSON Schema describes every key, and a validator that is not ours takes the examples.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;
use vccpipe::{connections, spec};

/// Every key of an object of the schema, with the place where it stands.
fn undescribed(node: &Value, schema: &Value, place: &str, found: &mut Vec<String>, keys: &mut u32) {
    let Value::Object(map) = node else { return };
    if let Some(Value::Object(properties)) = map.get("properties") {
        for (key, property) in properties {
            *keys += 1;
            if !is_described(property, schema) {
                found.push(format!("{place}.{key}"));
            }
        }
    }
    for (name, inner) in map {
        match inner {
            Value::Object(_) => undescribed(inner, schema, &format!("{place}.{name}"), found, keys),
            Value::Array(list) => list.iter().for_each(|inner| {
                undescribed(inner, schema, &format!("{place}.{name}"), found, keys)
            }),
            _ => {}
        }
    }
}

/// Whether a property has a description of its own, or that of the type it refers to.
fn is_described(property: &Value, schema: &Value) -> bool {
    if property["description"].as_str().is_some_and(|words| !words.is_empty()) {
        return true;
    }
    match property["$ref"].as_str().and_then(|path| path.strip_prefix('#')) {
        Some(path) => schema.pointer(path).is_some_and(|target| is_described(target, schema)),
        None => false,
    }
}

#[test]
fn every_key_of_both_files_is_described() {
    for (schema, least) in [(spec::schema_json(), 100), (connections::schema_json(), 30)] {
        let schema = serde_json::from_str(&schema).unwrap();
        let (mut found, mut keys) = (Vec::new(), 0);
        undescribed(&schema, &schema, "", &mut found, &mut keys);
        assert!(keys > least, "only {keys} keys were seen");
        assert!(found.is_empty(), "without a description:\n{}", found.join("\n"));
    }
}

#[test]
fn each_example_names_its_schema_in_the_first_line() {
    let mut documents = Vec::new();
    examples(Path::new("pipelines"), &mut documents);
    documents.push("docs/connections.example.yaml".into());
    for path in documents {
        let text = fs::read_to_string(&path).unwrap();
        let named = text.strip_prefix("# yaml-language-server: $schema=");
        let named = named.and_then(|rest| rest.lines().next()).unwrap_or_default();
        let schema = path.parent().unwrap().join(named);
        assert!(!named.is_empty() && schema.is_file(), "{}: {named}", path.display());
    }
}

fn examples(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            examples(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            found.push(path);
        }
    }
}

/// Reads the schema's path and the documents' paths, and prints what is wrong.
const VALIDATE: &str = "
import json, re, sys
import yaml
from jsonschema import Draft202012Validator
lines = sys.stdin.read().split('\\n')
schema = json.load(open(lines[0]))
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
# PyYAML reads YAML 1.1, in which `on` means true and a day is a date.
class Loader(yaml.SafeLoader):
    pass
kept = {'tag:yaml.org,2002:int', 'tag:yaml.org,2002:float', 'tag:yaml.org,2002:null'}
Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag in kept]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver('tag:yaml.org,2002:bool', re.compile('^(true|false)$'), list('tf'))
for path in lines[1:]:
    document = yaml.load(open(path, encoding='utf-8'), Loader)
    for error in validator.iter_errors(document):
        print(f'{path}: {error.json_path}: {error.message}')
";

/// What the validator of Python says of documents; nothing where it is not installed.
fn validated(schema: &Path, documents: &[PathBuf]) -> Option<String> {
    let python = |args: &[&str]| {
        let python = std::env::var("VCCPIPE_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
        let mut command = Command::new(python);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().ok()
    };
    let has = python(&["-c", "import yaml, jsonschema"])?.wait_with_output().unwrap();
    if !has.status.success() {
        return None;
    }
    let mut child = python(&["-c", VALIDATE])?;
    let paths = std::iter::once(schema).chain(documents.iter().map(PathBuf::as_path));
    let lines: Vec<String> = paths.map(|path| path.display().to_string()).collect();
    child.stdin.take().unwrap().write_all(lines.join("\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_examples_keep_the_schema_as_a_validator_that_is_not_ours_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("schema.json");
    fs::write(&path, spec::schema_json()).unwrap();
    let mut documents = Vec::new();
    examples(Path::new("pipelines"), &mut documents);
    assert!(documents.len() >= 9, "{documents:?}");
    let starter = folder.path().join("first_load.yaml");
    fs::write(&starter, include_str!("../../src/cli/init/first_load.yaml")).unwrap();
    documents.push(starter);
    let Some(told) = validated(&path, &documents) else {
        println!("SKIPPED: python3 with the packages jsonschema and PyYAML is not installed");
        return;
    };
    assert_eq!(told, "");
    // The validator is one that finds something.
    let wrong = folder.path().join("wrong.yaml");
    fs::write(
        &wrong,
        "version: 1\nname: x\nconnection: a\nextract: { csv: { path: a.csv, delimitr: ';' } }\n",
    )
    .unwrap();
    let told = validated(&path, &[wrong]).unwrap();
    assert!(told.contains("'load' is a required property"), "{told}");
}

/// The YAML of the README that is a whole file of its kind, each as a file of its own.
fn of_the_readme(folder: &Path, key: &str) -> Vec<PathBuf> {
    let text = include_str!("../../README.md");
    let fenced = text.split("```yaml\n").skip(1).filter_map(|rest| rest.split_once("```"));
    let whole = fenced.filter(|(text, _)| text.lines().any(|line| line.starts_with(key)));
    let write = |(place, (text, _)): (usize, (&str, &str))| {
        let path = folder.join(format!("readme-{place}.yaml"));
        fs::write(&path, text).unwrap();
        path
    };
    whole.enumerate().map(write).collect()
}

#[test]
fn secrets_and_variables_keep_the_schemas_as_a_validator_that_is_not_ours_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let pipeline = file("pipeline.json", &spec::schema_json());
    let connections = file("connections.json", &connections::schema_json());
    // The user name has at most 10 characters, and its variable has more.
    let mut documents = of_the_readme(folder.path(), "connections:");
    documents.push("docs/connections.example.yaml".into());
    documents.push("src/cli/init/connections.yaml".into());
    assert!(documents.len() > 2, "the README has a connections file");
    let Some(told) = validated(&connections, &documents) else {
        println!("SKIPPED: python3 with the packages jsonschema and PyYAML is not installed");
        return;
    };
    assert_eq!(told, "");
    let mut documents = of_the_readme(folder.path(), "version:");
    documents.push(file(
        "variables.yaml",
        "version: 1\nname: of-variables\nconnection: \"${var:tenant}\"\n\
         extract:\n  attachments:\n    object: \"${var:object}\"\n    ids: [1]\n    \
         directory: files\n    max_bytes: \"${var:bytes}\"\n    again: \"${env:AGAIN:-false}\"\n\
         load:\n  parquet: { path: out, mode: \"${var:mode}\", max_rejected: \"${var:share}\" }\n",
    ));
    assert_eq!(validated(&pipeline, &documents).unwrap(), "");
    let wrong = [
        "connections:\n  acme: { tenant: t, wapi: { username: elevenchars, password: secret } }\n",
        "connections:\n  acme: { tenant: t, calls: { token: both } }\n",
        "connections:\n  acme: { tenant: t, limits: { attachments: { concurrency: 2 } } }\n",
    ];
    for (place, text) in wrong.iter().enumerate() {
        let told = validated(&connections, &[file(&format!("wrong-{place}.yaml"), text)]).unwrap();
        assert!(!told.is_empty(), "taken: {text}");
    }
}
