//! `vccpipe rules`: the tables of the guide, as other programs read them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::bench::Bench;

const KEYS: [&str; 18] = [
    "object",
    "action",
    "tag",
    "presence",
    "min_chars",
    "max_chars",
    "values",
    "values_case_sensitive",
    "charset",
    "invalid",
    "format",
    "default",
    "unique",
    "requires",
    "repeatable",
    "wildcard",
    "range_pair",
    "lines",
];

/// Rows of Add, Modify, Get and Delete in the guide; none where it has no such action.
const ROWS: [(&str, [Option<usize>; 4]); 7] = [
    ("Customer", [Some(25), Some(26), Some(13), Some(1)]),
    ("Case", [Some(13), Some(10), Some(21), Some(1)]),
    ("Followup", [Some(13), None, Some(3), Some(2)]),
    ("Task", [Some(16), Some(13), Some(20), Some(1)]),
    ("FAQCategory", [Some(2), Some(3), Some(0), Some(1)]),
    ("FAQ", [Some(6), Some(5), Some(4), Some(1)]),
    ("Customfield", [None, None, Some(1), None]),
];

fn json(bench: &Bench, args: &[&str]) -> Vec<Value> {
    let args = [&["rules"], args, &["--format", "json"]].concat();
    serde_json::from_str(&bench.vccpipe(&args).expect(0).stdout).expect("a list in JSON")
}

#[test]
fn every_object_and_action_has_as_many_rows_as_the_guide() {
    let bench = Bench::without_tenant();
    for (object, rows) in ROWS {
        for (action, rows) in ["Add", "Modify", "Get", "Delete"].into_iter().zip(rows) {
            let Some(rows) = rows else {
                let told = bench.vccpipe(&["rules", object, action]).expect(2);
                assert!(told.stdout.is_empty(), "{}", told.stdout);
                told.says("hint: actions:");
                continue;
            };
            let rules = json(&bench, &[&object.to_uppercase(), &action.to_lowercase()]);
            assert_eq!(rules.len(), rows, "{object} {action}");
            for rule in rules {
                assert_eq!((&rule["object"], &rule["action"]), (&object.into(), &action.into()));
            }
        }
    }
    let all: usize = ROWS.iter().flat_map(|(_, rows)| rows).flatten().sum();
    let campaign = json(&bench, &["campaign", "add"]).len();
    let removal = json(&bench, &["campaign", "delete"]).len();
    assert_eq!((campaign, removal), (2, 1));
    let calls = json(&bench, &["calls"]).len();
    assert_eq!(json(&bench, &["call", "set_transaction_codes"]).len(), 3);
    assert_eq!(json(&bench, &["call", "place"]).len(), 9);
    assert_eq!(json(&bench, &[]).len(), all + campaign + removal + calls);
}

#[test]
fn every_row_has_the_agreed_keys_and_the_lines_that_say_so() {
    for rule in json(&Bench::without_tenant(), &[]) {
        let keys: BTreeSet<&str> = rule.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, BTreeSet::from(KEYS), "{rule}");
        // The tables of Get have no column for it; the prose demands two.
        match rule["action"].as_str() {
            Some("Get") => assert!(rule["presence"].is_null() || rule["presence"] == "M", "{rule}"),
            _ => assert!(rule["presence"] == "M" || rule["presence"] == "O", "{rule}"),
        }
        for key in ["values", "invalid", "requires", "lines"] {
            let list = rule[key].as_array().unwrap();
            assert!(list.iter().all(Value::is_string), "{key} of {rule}");
        }
        for line in rule["lines"].as_array().unwrap() {
            let line = line.as_str().unwrap();
            let documents = ["wapi:", "campaign:", "calls:"];
            assert!(documents.iter().any(|document| line.starts_with(document)), "{line}");
        }
        assert!(!rule["lines"].as_array().unwrap().is_empty(), "{rule}");
        if let Some(set) = rule["charset"].as_str() {
            let set = regex::Regex::new(&format!("^{set}$")).unwrap();
            assert!(!set.is_match("\u{7}") && !set.is_match("ab"), "not one character: {rule}");
        }
    }
}

#[test]
fn a_row_that_the_guide_prints_twice_has_the_lines_of_both() {
    let rules = json(&Bench::without_tenant(), &["customer", "modify"]);
    let twice: Vec<&str> = rules
        .iter()
        .filter(|rule| {
            // Lines of the table itself; others are of the guide's list of errors.
            let lines = rule["lines"].as_array().unwrap().iter();
            let first = lines.map(|line| line.as_str().unwrap()["wapi:".len()..][..3].parse());
            first.filter(|line| (739..864).contains(line.as_ref().unwrap_or(&0))).count() == 2
        })
        .map(|rule| rule["tag"].as_str().unwrap())
        .collect();
    let printed =
        ["ACCOUNTNUM", "FIRSTNAME", "LASTNAME", "EMAIL", "COMPANY", "VOICE", "ALTERNATIVE", "FAX"];
    assert_eq!(twice, printed);
}

#[test]
fn an_unknown_object_ends_with_2_and_names_the_nearest() {
    let told = Bench::without_tenant().vccpipe(&["rules", "costumer"]).expect(2);
    assert!(told.stdout.is_empty());
    told.says("did you mean `Customer`?").says("FAQCategory, FAQ, Customfield, CampaignCustomer");
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    let readme = include_str!("../../README.md");
    let printed = Bench::without_tenant().vccpipe(&["rules", "faq", "add"]).expect(0).stdout;
    assert!(readme.contains(&format!("```text\n{printed}```")), "{printed}");
}
