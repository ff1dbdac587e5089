//! Options of the command line that no load is about, each known by what comes of it.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::Child,
};

use serde_json::Value;
use vccpipe_simulator::{FaultKind, Settings};

use crate::{
    bench::{Bench, CAMPAIGN, Told, csv_of, customers, fault, settings},
    crm,
};

/// A campaign of a variable's number, customers who are known, and one row that is none.
fn loadable() -> (Bench, Vec<u64>) {
    loadable_from(settings(12_000))
}

fn loadable_from(settings: Settings) -> (Bench, Vec<u64>) {
    let bench = Bench::new(settings);
    bench.without_haste();
    let known = customers(6);
    bench.write("input.csv", &(csv_of(&known) + "seven,\n"));
    bench.write_pipeline(3);
    bench.mend("pipeline.yaml", "campaign: 125", "campaign: \"${var:campaign}\"");
    (bench, known)
}

#[test]
fn preview_looks_at_so_many_rows_of_the_input_that_is_given() {
    let (bench, known) = loadable();
    bench.write("other.csv", &csv_of(&known[..4]));
    let preview = |args: &[&str]| {
        let all = [&["preview", "pipeline.yaml", "--var", "campaign=125"], args].concat();
        bench.vccpipe(&all).expect(0).stdout
    };
    let told = preview(&["--rows", "2", "--limit", "5"]);
    assert!(told.contains("the first 5 rows were looked at"), "{told}");
    assert!(told.contains("at most 2 rows are shown"), "{told}");
    let told = preview(&["-n", "1", "--input", "other.csv", "--connection", "simulator"]);
    assert!(told.contains("all 4 rows were looked at"), "{told}");
    bench.vccpipe(&["preview", "pipeline.yaml"]).expect(2).says("campaign");
    assert_eq!(bench.posts(), 0);
}

#[test]
fn plan_counts_with_what_it_is_given() {
    let (bench, known) = loadable();
    bench.write("other.csv", &csv_of(&known[..4]));
    let plan = |args: &[&str]| {
        let out = ["plan", "pipeline.yaml", "--var", "campaign=125", "--out", "plan.json"];
        bench.vccpipe(&[&out[..], args].concat()).expect(0);
        serde_json::from_slice::<Value>(&fs::read(bench.path("plan.json")).unwrap()).unwrap()
    };
    let whole = plan(&["--answer-ms", "1000"]);
    assert_eq!((&whole["read"], &whole["to_send"]), (&7.into(), &6.into()));
    let fast = plan(&["--answer-ms", "10"]);
    assert_ne!(whole["least_time"], fast["least_time"], "an answer takes as long as is said");
    assert_eq!(plan(&["--limit", "5"])["read"], 5);
    let other = plan(&["--input", "other.csv", "--connection", "simulator"]);
    assert_eq!(other["read"], 4);
    assert_eq!(bench.posts(), 0);
}

#[test]
fn check_and_run_take_variables_inputs_and_connections() {
    let (bench, known) = loadable();
    bench.write("other.csv", "number,callback\n1,\n");
    let check = |args: &[&str]| bench.vccpipe(&[&["check", "pipeline.yaml"], args].concat());
    check(&["--var", "campaign=125"]).expect(0);
    check(&["--var", "campaign"]).expect(2).says("`campaign` is not of the form NAME=VALUE");
    check(&["--var", "campaign=125", "--input", "other.csv"]).expect(2).says("`account`");
    fs::rename(bench.path("connections.yaml"), bench.path("tenants.yaml")).unwrap();
    let run = |args: &[&str]| {
        let all = [&["run", "pipeline.yaml", "--var", "campaign=125", "-q"], args].concat();
        bench.vccpipe(&all)
    };
    run(&[]).expect(2).says("connections.yaml");
    let told = run(&["--connections", "tenants.yaml", "--allow-rejects"]).expect(0);
    assert_eq!(told.stderr, "", "-q says nothing but errors and the result");
    assert_eq!(bench.truth().len(), known.len());
}

#[test]
fn how_much_is_said_and_in_which_colours_is_chosen() {
    // Only whoever wants to hear everything hears that the server was busy.
    let mut busy = settings(12_000);
    let rule = serde_json::json!({ "kind": "unavailable", "every": 2, "path": "*/customers" });
    busy.faults = vec![serde_json::from_value(rule).unwrap()];
    let (bench, _) = loadable_from(busy);
    let run = |args: &[&str]| {
        let all = [&["run", "pipeline.yaml", "--var", "campaign=125", "--again"], args].concat();
        bench.vccpipe(&all)
    };
    let quiet = run(&["--quiet", "--progress", "auto"]).expect(3).stderr;
    assert_eq!(quiet, "");
    let plain = run(&["--progress", "never", "--color", "auto"]).expect(3).stderr;
    let more = run(&["-v", "--progress", "never", "--log-format", "text"]).expect(3).stderr;
    let most = run(&["--verbose", "--verbose", "--progress", "never"]).expect(3).stderr;
    for (said, info, busy) in [(&plain, false, false), (&more, true, false), (&most, true, true)] {
        assert_eq!(said.contains("run begins"), info, "{said}");
        assert_eq!(said.contains("the server is busy"), busy, "{said}");
    }
    let json = run(&["-v", "--log-format", "json", "--progress", "never"]).expect(3).stderr;
    let lines = json.lines().filter(|line| line.starts_with('{'));
    assert!(lines.clone().count() > 0, "{json}");
    lines.for_each(|line| drop(serde_json::from_str::<Value>(line).unwrap()));
    let bar = run(&["--progress", "always"]).expect(3).stderr;
    assert!(bar.len() > plain.len(), "{bar}");
    run(&["-v", "-q"]).expect(2);

    bench.mend("pipeline.yaml", "batch_size: 3", "batch_siz: 3");
    let check = |color: &str| {
        let args = ["check", "pipeline.yaml", "--var", "campaign=125", "--color", color];
        bench.vccpipe(&args).expect(2).stderr
    };
    assert!(check("always").contains("\u{1b}["));
    assert!(!check("never").contains('\u{1b}') && !check("auto").contains('\u{1b}'));
}

#[test]
fn a_guess_names_the_connection_and_the_zone_that_it_is_told() {
    let bench = Bench::without_tenant();
    bench.write("input.csv", "account,call at\n1001,2026-11-30 14:00\n1002,2026-11-30 15:30\n");
    let told = bench.vccpipe(&[
        "guess",
        "input.csv",
        "--to",
        "campaign:125",
        "--connection",
        "acme",
        "--timezone",
        "Europe/Berlin",
    ]);
    let text = told.expect(0).stdout;
    assert!(text.contains("connection: acme") && text.contains("'Europe/Berlin'"), "{text}");
    // What rings phones is left to a person.
    bench.write("calls.csv", "agent id,phone\nag1,6175550101\nag2,617-555-0102\n");
    let args = ["guess", "calls.csv", "--to", "calls", "--connection", "acme", "--out", "c.yaml"];
    bench.vccpipe(&args).expect(0).says("to do: `confirm_place: true`");
    bench.vccpipe(&["check", "c.yaml"]).expect(2).says("`place` needs `confirm_place: true`");
    let text = fs::read_to_string(bench.path("c.yaml")).unwrap();
    bench.write("c.yaml", &text.replace("# confirm_place", "confirm_place"));
    bench.vccpipe(&["check", "c.yaml"]).expect(0);
    let wrong = ["guess", "input.csv", "--to", "campaign:125", "--timezone", "Europe/Berln"];
    bench.vccpipe(&wrong).expect(2).says("Europe/Berln");
}

#[test]
fn rules_schemas_and_pages_come_in_every_form() {
    let bench = Bench::without_tenant();
    let say = |args: &[&str]| bench.vccpipe(args).expect(0).stdout;
    assert!(say(&["rules", "task", "add", "--format", "markdown"]).contains("| tag |"));
    assert!(say(&["rules", "task", "add", "--format", "table"]).contains("TAG "));
    let titles = ["pipeline", "connections"].map(|of| {
        let schema: Value = serde_json::from_str(&say(&["schema", of])).unwrap();
        schema["title"].as_str().unwrap().to_owned()
    });
    assert_eq!(titles, ["vccpipe pipeline", "vccpipe connections"]);
    assert_eq!(say(&["schema"]), say(&["schema", "pipeline"]));
    assert_eq!(say(&["status", "--format", "json"]).trim(), "[]");
    assert!(say(&["status", "--format", "table"]).contains("no runs yet"));
    assert!(say(&["--version"]).starts_with("vccpipe "));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(say(&["completions", shell]).contains("simulator"), "{shell}");
    }
    assert!(say(&["man"]).contains(".TH vccpipe"));
}

/// A process that is stopped in order where it goes out of use.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        // SAFETY: the process is a child of this one, and has not been waited for.
        unsafe { libc::kill(self.0.id() as i32, libc::SIGINT) };
        let _ = self.0.wait();
    }
}

#[test]
fn the_simulator_serves_what_it_is_told_and_keeps_it() {
    let bench = Bench::without_tenant();
    bench.write("simulator.yaml", "tenant: { name: elsewhere }\n");
    let serve = || {
        let mut child = bench
            .command(&[
                "simulator",
                "--port",
                "0",
                "--config",
                "simulator.yaml",
                "--customers",
                "12",
                "--cases",
                "7",
                "--followups",
                "5",
                "--tasks",
                "3",
                "--keep",
                "kept",
            ])
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        (Served(child), line.trim().to_owned())
    };
    let (served, address) = serve();
    bench.write(
        "connections.yaml",
        &format!(
            "connections:\n  acme:\n    base_url: {address}\n    tenant: elsewhere\n    \
             timezone: America/New_York\n    \
             wapi: {{ username: wapiuser, password: wapi-password }}\n    \
             limits: {{ wapi: {{ per_second: unlimited }} }}\n"
        ),
    );
    let held = |object: &str| {
        bench.write(
            "pipeline.yaml",
            &format!(
                "version: 1\nname: held\nconnection: acme\nextract: {{ wapi: {{ object: {object} }} }}\nload: {{ csv: {{ path: out.csv }} }}\n"
            ),
        );
        bench.vccpipe(&["run", "pipeline.yaml", "--fresh"]).expect(0);
        csv::Reader::from_path(bench.path("out.csv")).unwrap().records().count()
    };
    assert_eq!(["customer", "followup", "task"].map(held), [12, 5, 3]);
    bench.write("input.csv", "FIRSTNAME,LASTNAME,AUTOPASSWD\nAnn,Able,True\n");
    bench.write_crm_pipeline("object: customer, action: add");
    bench.run().expect(0);
    // One process at a time has the folder.
    let second = ["simulator", "--port", "0", "--keep", "kept"];
    bench.vccpipe(&second).expect(2).says("the simulated tenant in `kept` is in use");
    drop(served);
    let (_served, again) = serve();
    bench.mend("connections.yaml", &address, &again);
    assert_eq!(held("customer"), 13, "what was added is kept");
    bench.vccpipe(&["simulator", "--config", "no.yaml"]).expect(2).says("`no.yaml`");
}

#[test]
fn what_follows_a_run_takes_its_connection_and_the_settings_of_the_tenant() {
    let bench = Bench::without_tenant();
    bench.write(
        "simulator.yaml",
        "faults:\n  - { kind: status_206, probability: 1.0, times: 3, path: '*/customers' }\n",
    );
    let known = customers(3);
    bench.write("input.csv", &(csv_of(&known) + "99000001,\nseven,\n"));
    bench.write_pipeline(10);
    bench.mend("pipeline.yaml", "connection: acme", "connection: simulator");
    bench.mend(
        "pipeline.yaml",
        "campaign: 125",
        "campaign: \"${var:campaign}\", when_in_doubt: leave",
    );
    bench.write("quiet.yaml", "faults: []\n");
    let with = |args: &[&str], settings: &str| {
        bench.vccpipe(&[args, &["--simulator-config", settings]].concat())
    };
    let run = ["run", "pipeline.yaml", "--var", "campaign=125"];
    with(&run, "simulator.yaml").expect(4);
    assert!(bench.summary()["in_doubt"].as_u64().unwrap() > 0);
    let wrong = ["resolve", "test-load", "--connection", "acme"];
    with(&wrong, "quiet.yaml").expect(2);
    let resolve = ["resolve", "test-load", "--connection", "simulator"];
    let told = with(&resolve, "quiet.yaml");
    assert!(matches!(told.code, Some(0 | 3)), "{told:?}");
    assert_eq!(bench.summary()["in_doubt"], 0);
    let audit = ["audit", "test-load", "--remote", "--connection", "simulator"];
    with(&audit, "quiet.yaml").expect(0);
    let retry = [
        "retry",
        "test-load",
        "--connection",
        "simulator",
        "--var",
        "campaign=125",
        "--allow-rejects",
    ];
    with(&retry, "quiet.yaml").expect(0);
    let (held, twice) = bench.held_by_the_built_in_tenant(CAMPAIGN);
    assert_eq!((held, twice), (known, 0));
}

#[test]
fn a_row_of_several_files_is_settled_by_its_file_and_line() {
    let mut settings = settings(12_000);
    settings.faults = vec![fault(FaultKind::Status206, 1.0)];
    let bench = Bench::new(settings);
    bench.without_haste();
    let known = customers(2);
    bench.write("one.csv", &csv_of(&known[..1]));
    bench.write("two.csv", &csv_of(&known[1..]));
    bench.write_pipeline_with(10, ", when_in_doubt: leave");
    bench.mend("pipeline.yaml", "input.csv", "[one.csv, two.csv]");
    bench.run().expect(4);
    let resolve = |more: &[&str]| {
        let known = ["resolve", "test-load", "--as", "not-loaded", "--line", "2"];
        bench.vccpipe(&[&known[..], more].concat())
    };
    resolve(&["--file", "three.csv"]).expect(2).says("was read from line 2 of `three.csv`");
    assert_eq!(bench.summary()["in_doubt"], 2);
    resolve(&["--file", "two.csv"]).expect(4);
    let left: Vec<String> =
        bench.results("in_doubt.csv").iter().map(|row| row["_file"].clone()).collect();
    assert_eq!(left, ["one.csv"]);
    assert_eq!(bench.results("refused.csv")[0]["_file"], "two.csv");
}

#[test]
fn a_state_folder_of_its_own_knows_nothing_of_another() {
    let bench = Bench::new(crm::tenant());
    bench.write("input.csv", &crm::customers(2));
    bench.write_crm_pipeline("object: customer, action: add");
    bench.vccpipe(&["run", "pipeline.yaml", "--state-dir", "elsewhere"]).expect(0);
    assert!(bench.path("elsewhere/runs/test-load/latest").exists());
    bench.vccpipe(&["status"]).expect(0).says("no runs yet");
    let told: Told = bench.vccpipe(&["status", "--state-dir", "elsewhere"]).expect(0);
    assert!(told.stdout.contains("test-load"), "{}", told.stdout);
}
