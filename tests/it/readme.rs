//! Every YAML of the README and every example in docs/ is one that the program takes.

use vccpipe::{
    connections::Connections,
    spec::{Pipeline, Vars},
    yaml,
};
use vccpipe_simulator::Settings;

const README: &str = include_str!("../../README.md");
const CONNECTIONS: &str = include_str!("../../docs/connections.example.yaml");
const SIMULATOR: &str = include_str!("../../docs/simulator.example.yaml");

/// What a YAML is, by its keys; panics where the program does not take it.
fn kind_of(text: &str) -> &'static str {
    let has = |key: &str| text.lines().any(|line| line.starts_with(key));
    if has("version:") {
        Pipeline::parse("README.md", text, &Vars::default())
            .unwrap_or_else(|report| panic!("{}", report.render(false)));
        return "pipeline";
    }
    if has("connections:") {
        Connections::parse("README.md", text)
            .unwrap_or_else(|report| panic!("{}", report.render(false)));
        return "connections";
    }
    // Parts of a pipeline, as the text around them shows them.
    const HEAD: &str =
        "version: 1\nname: part\nconnection: acme\nextract:\n  csv: { path: a.csv }\n";
    if has("extract:") {
        let load = "load:\n  csv: { path: out.csv }\n";
        kind_of(&format!("version: 1\nname: part\nconnection: acme\n{text}{load}"));
        return "extract";
    }
    if has("load:") {
        kind_of(&format!("{HEAD}{text}"));
        return "load";
    }
    if text.trim_start().starts_with("- ") {
        let load = "load:\n  campaign: { action: add, campaign: 1 }\n";
        kind_of(&format!("{HEAD}transform:\n{text}{load}"));
        return "steps";
    }
    let root = yaml::parse(text).root.expect("a document");
    yaml::decode::<Settings>(&root, text).unwrap_or_else(|wrong| panic!("{}", wrong.message));
    "simulator"
}

#[test]
fn every_yaml_of_the_readme_is_one_that_the_program_takes() {
    let fenced = README.split("```yaml\n").skip(1).filter_map(|rest| rest.split_once("```"));
    let kinds: Vec<&str> = fenced.map(|(text, _)| kind_of(text)).collect();
    assert_eq!(
        kinds,
        [
            "steps",
            "connections",
            "pipeline",
            "pipeline",
            "extract",
            "extract",
            "extract",
            "load",
            "load",
            "simulator"
        ]
    );
}

#[test]
fn the_examples_in_docs_are_taken() {
    assert_eq!(kind_of(CONNECTIONS), "connections");
    assert_eq!(kind_of(SIMULATOR), "simulator");
}
