//! The README names every setting, and no other.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vccpipe_simulator::{
    CampaignDefinition, CrmObject, FaultRule, GrowSettings, LimitSettings, ScheduleWindow, Settings,
};

const README: &str = include_str!("../../README.md");

fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            found.insert(key.clone());
            keys(value, found);
        }),
        Value::Array(list) => list.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

fn settings() -> BTreeSet<String> {
    let fault: FaultRule = serde_json::from_value(json!({ "kind": "slow" })).unwrap();
    let mut found = BTreeSet::new();
    for value in [
        serde_json::to_value(Settings::default()),
        serde_json::to_value(LimitSettings::default()),
        serde_json::to_value(CampaignDefinition::default()),
        serde_json::to_value(GrowSettings {
            object: CrmObject::Customer,
            every_requests: 1,
            times: None,
        }),
        serde_json::to_value(ScheduleWindow { from_hours: 0, to_hours: 1 }),
        serde_json::to_value(fault),
    ] {
        keys(&value.unwrap(), &mut found);
    }
    found
}

/// The words before a colon in the YAML example, without its comments.
fn documented() -> BTreeSet<String> {
    let (_, rest) = README.split_once("```yaml\n").unwrap();
    let (yaml, _) = rest.split_once("```").unwrap();
    let lines = yaml.lines().map(|line| line.split_once(" #").map_or(line, |(line, _)| line));
    let parts = lines.flat_map(|line| line.split(['{', ',']));
    let keys = parts.filter_map(|part| part.split_once(':'));
    let keys = keys.map(|(key, _)| key.trim().trim_start_matches("- ").to_string());
    keys.filter(|key| key.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()))
        .collect()
}

#[test]
fn the_readme_names_every_setting_and_no_other() {
    assert_eq!(documented(), settings());
}

#[test]
fn the_readme_names_every_fault() {
    for kind in [
        "unavailable",
        "throttled",
        "error",
        "bad_gateway",
        "reset_before",
        "reset_after",
        "timeout_before",
        "timeout_after",
        "truncated",
        "slow",
        "status_206",
        "drop_item",
        "null_id",
        "wapi_status_500",
        "wapi_status_503",
        "internal_error",
    ] {
        assert!(serde_json::from_value::<FaultRule>(json!({ "kind": kind })).is_ok(), "{kind}");
        assert!(README.contains(&format!("`{kind}`")), "{kind}");
    }
}
