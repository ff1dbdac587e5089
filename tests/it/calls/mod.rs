//! Phone calls: each row rings one phone, whatever happens.

mod ending;
mod examples;
mod lost;
mod place;

use serde_json::{Value, json};
use vccpipe_simulator::{CallsSettings, FaultRule, PhoneSettings, Settings, TenantSettings};

use crate::bench::Bench;

const BOB: &str = "ag0VYyLh0YTsymdbtYIaaaa";
const JOHN: &str = "ag1KdRw8QPqLxTnVzcMbbbb";

/// A tenant whose agents are free again at once.
fn endless() -> Settings {
    let phone = PhoneSettings { code_lists: Vec::new(), ..PhoneSettings::default() };
    Settings {
        calls: CallsSettings {
            lasts_ms: Some(0),
            post_processing_ms: Some(0),
            ..CallsSettings::default()
        },
        tenant: TenantSettings { phone, customers: 10, ..TenantSettings::default() },
        ..Settings::default()
    }
}

/// A tenant whose calls last until they are ended.
fn lasting() -> Settings {
    let tenant = TenantSettings { customers: 10, ..TenantSettings::default() };
    Settings { tenant, ..Settings::default() }
}

fn fault(rule: Value) -> FaultRule {
    let mut whole = json!({ "api": "calls", "delay_ms": 900 });
    let given = rule.as_object().expect("an object").clone();
    whole.as_object_mut().expect("an object").extend(given);
    serde_json::from_value(whole).unwrap()
}

/// A pipeline that does something with the calls of `input.csv`.
fn bench(settings: Settings, load: &str) -> Bench {
    // Only where answers are to come too late, the program is in haste.
    let faults = serde_json::to_string(&settings.faults).unwrap();
    let is_late = faults.contains("timeout") || faults.contains("slow");
    let bench = Bench::new(settings);
    if !is_late {
        bench.without_haste();
    }
    bench.mend(
        "connections.yaml",
        "    limits:\n",
        "    limits:\n      calls: { per_second: unlimited }\n",
    );
    write_load(&bench, load);
    bench
}

fn write_load(bench: &Bench, load: &str) {
    bench.write(
        "pipeline.yaml",
        &format!(
            "version: 1
name: test-load
connection: acme
extract:
  csv: {{ path: input.csv }}
load:
  calls: {{ {load} }}
"
        ),
    );
}

const PLACE: &str = "action: place, confirm_place: true";

/// Calls of one agent to so many numbers.
fn calls(count: usize) -> String {
    let rows = (1..=count).map(|row| format!("{BOB},1,{}\n", number(row)));
    "agentId,prefix,number\n".to_owned() + &rows.collect::<String>()
}

fn number(row: usize) -> String {
    format!("617555{row:04}")
}

/// Each time that a phone rang, by the tenant's own account.
fn rings(bench: &Bench) -> Vec<Value> {
    let text = bench.tenant().calls();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The numbers that rang, in the order in which they did.
fn rang(bench: &Bench) -> Vec<String> {
    rings(bench).iter().map(|ring| ring["number"].as_str().unwrap().to_owned()).collect()
}

/// A column of a result file.
fn column(bench: &Bench, file: &str, name: &str) -> Vec<String> {
    bench.results(file).iter().map(|row| row[name].clone()).collect()
}

/// Whether each number rang once at the most, each that is told as loaded did, and each that did
/// is told as loaded or in doubt.
#[track_caller]
fn assert_rang_once(bench: &Bench) {
    let mut rang = rang(bench);
    let rings = rang.len();
    rang.sort();
    rang.dedup();
    assert_eq!(rang.len(), rings, "a phone rang twice");
    assert_eq!(bench.tenant().state().calls.doubles, 0);
    let (loaded, doubtful) =
        (column(bench, "loaded.csv", "number"), column(bench, "in_doubt.csv", "number"));
    let silent: Vec<_> = loaded.iter().filter(|number| !rang.contains(number)).collect();
    assert!(silent.is_empty(), "told as loaded, and never rang: {silent:?}");
    let untold: Vec<_> = rang
        .iter()
        .filter(|number| !loaded.contains(number) && !doubtful.contains(number))
        .collect();
    assert!(untold.is_empty(), "rang, and nobody tells: {untold:?}");
    let summary = bench.summary();
    let count = |key: &str| summary[key].as_u64().unwrap();
    let outcomes = ["loaded", "rejected", "refused", "skipped", "in_doubt"].map(count);
    assert_eq!(count("read"), outcomes.iter().sum::<u64>(), "{summary}");
    assert_eq!(outcomes[0], loaded.len() as u64);
    assert_eq!(outcomes[4], doubtful.len() as u64);
}

/// Places a call beside the program; gives its id.
fn placed(bench: &Bench, agent: &str, number: &str) -> String {
    let body = json!({
        "agentId": agent, "prefix": "1", "number": number, "callerId": "", "queueId": "598"
    });
    let tenant = &bench.tenant().credentials().tenant;
    let reply = bench.post(&format!("/api/v1/tenants/{tenant}/calls"), &body.to_string());
    let reply: Value = serde_json::from_str(&reply).unwrap_or_else(|_| panic!("{reply}"));
    reply["interactionGuid"].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned()
}
