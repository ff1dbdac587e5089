//! Rows of the tenant become files: all of them, whatever the tenant makes difficult, and each once.
//! What is expected is the simulator's truth.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use jiff::{civil::DateTime, tz::TimeZone};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use vccpipe::{
    clock::Clock,
    connections::Connections,
    environment::Environment,
    run::{self, Event, Halting, Job, Observer, Options, Outcome},
    spec::{Pipeline, Vars},
};
use vccpipe_simulator::{Running, Settings};

use crate::{
    bad_input::SmallDisk,
    bench::{Bench, Told, records_of, text},
    file_loads::files_of,
};

type Record = BTreeMap<String, Value>;
type Row = BTreeMap<String, String>;

/// Object, pipeline, folder and key of each nightly export.
const NIGHTLY: [(&str, &str, &str, &[&str]); 6] = [
    ("customer", "nightly/10_customers", "customers", &["ACCOUNTNUM"]),
    ("case", "nightly/20_cases", "cases", &["CASENUM"]),
    ("followup", "nightly/30_followups", "followups", &["CASENUM", "FOLLOWUPNUM"]),
    ("task", "nightly/40_tasks", "tasks", &["TASKNUM"]),
    ("faqcategory", "nightly/50_faq_categories", "faq_categories", &["FAQCATID"]),
    ("faq", "nightly/60_faqs", "faqs", &["FAQID"]),
];

/// Settings from JSON; what is not there has its default.
fn settings(more: Value) -> Settings {
    serde_json::from_value(more).unwrap()
}

/// A tenant in New York, as the connection has it.
fn tenant(customers: u64, crm: Value, wapi: Value) -> Settings {
    let mut all = json!({ "timezone": "America/New_York" });
    for (key, value) in crm.as_object().unwrap() {
        all[key] = value.clone();
    }
    settings(json!({ "tenant": { "customers": customers, "crm": all }, "wapi": wapi }))
}

/// A tenant that may take its time: no answer is late.
fn bench_of(settings: Settings) -> Bench {
    let bench = Bench::new(settings);
    bench.without_haste();
    bench
}

/// A pipeline that exports an object as it is.
fn export(bench: &Bench, extract: &str, load: &str) {
    bench.write(
        "pipeline.yaml",
        &format!(
            "version: 1\nname: test-load\nconnection: acme\nextract: {{ {extract} }}\nload: {{ {load} }}\n"
        ),
    );
}

fn whole(bench: &Bench, object: &str) {
    export(bench, &format!("wapi: {{ object: {object} }}"), "parquet: { path: out }");
}

/// The value of a truth's field as the export has it: dates become moments.
fn exported(tag: &str, value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let is_time = matches!(
        tag,
        "CREATEDDATE" | "LASTMODDATE" | "LASTACTDATE" | "DUEDATE" | "ASSIGNEDDATE" | "CLOSEDDATE"
    );
    if !is_time {
        return text;
    }
    let time = match (text.trim().split_once(' '), text.len()) {
        (Some((_, time)), _) => time.to_owned(),
        (None, 12) => format!("{}:{}:00", &text[8..10], &text[10..]),
        (None, _) => "00:00:00".into(),
    };
    let (month, day, year) = (&text[..2], &text[2..4], &text[4..8]);
    let civil: DateTime = format!("{year}-{month}-{day}T{time}").parse().unwrap();
    let zone = TimeZone::get("America/New_York").unwrap();
    let zoned = zone.to_ambiguous_zoned(civil).compatible().unwrap();
    zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// A value as the name of a folder has it, or as it stands.
fn of_folder(value: &str) -> String {
    value.replace("%20", " ").replace("__HIVE_DEFAULT_PARTITION__", "")
}

fn key_of(value: impl Fn(&str) -> String, key: &[&str]) -> String {
    key.iter().map(|tag| value(tag)).collect::<Vec<_>>().join(".")
}

/// Compares rows with the truth, row by row and field by field.
#[track_caller]
fn assert_is_truth(rows: &[Row], truth: &[Record], key: &[&str]) {
    let mut by_key: BTreeMap<String, &Row> = BTreeMap::new();
    for row in rows {
        let id = key_of(|tag| row[tag].clone(), key);
        assert!(by_key.insert(id.clone(), row).is_none(), "{id} is there twice");
    }
    assert_eq!(rows.len(), truth.len(), "another number of records than the truth");
    for record in truth {
        let id = key_of(|tag| text(record, tag).to_owned(), key);
        let row = by_key.get(&id).unwrap_or_else(|| panic!("{id} is missing"));
        for (tag, value) in record.iter().filter(|(tag, _)| is_told(tag)) {
            // The Get of a category does not tell it (ruling PRIVATE_DEFAULT_MODIFY).
            if tag == "PRIVATE" && key == ["FAQCATID"] {
                continue;
            }
            // Nor does that of a FAQ tell its language (wapi:4256-4270).
            if tag == "LANGUAGE" {
                continue;
            }
            // A task's media type has two names (ruling MEDIA_TYPE_TAG).
            let held = row
                .get(tag)
                .or_else(|| row.get("MEDIA_TYPE"))
                .unwrap_or_else(|| panic!("no column {tag}: {row:?}"));
            assert_eq!(of_folder(held), exported(tag, value), "{tag} of {id}");
        }
        for (column, value) in row.iter().filter(|(_, value)| !of_folder(value).is_empty()) {
            let known = record.contains_key(column) || is_derived(column);
            assert!(known, "{column} of {id} is `{value}`, and empty in truth: {record:?}");
        }
    }
}

/// Fields of the truth that a Get tells.
fn is_told(tag: &str) -> bool {
    !tag.starts_with('_') && !matches!(tag, "PASSWORD" | "AUTOPASSWD")
}

/// Columns that the truth tells otherwise, or that the pipeline makes.
fn is_derived(column: &str) -> bool {
    matches!(
        column,
        "CREATED_MONTH"
            | "CREATEDDATE"
            | "LASTMODDATE"
            | "LASTACTDATE"
            | "FOLLOWUPID"
            | "ATTACHMENTS"
            | "MEDIA_TYPE"
    )
}

fn warnings(told: &Told) -> Vec<&str> {
    told.stderr.lines().filter(|line| line.contains("warning")).collect()
}

fn nightly(bench: &Bench, more: &[&str]) -> Told {
    let files: Vec<String> =
        NIGHTLY.iter().map(|(_, file, ..)| format!("pipelines/{file}.yaml")).collect();
    let mut args = vec!["run", "--connection", "acme", "--progress", "never"];
    args.extend(more);
    args.extend(files.iter().map(String::as_str));
    bench.vccpipe(&args)
}

fn with_pipelines(bench: &Bench) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::os::unix::fs::symlink(repository.join("pipelines"), bench.path("pipelines")).unwrap();
}

/// A CRM command beside the program.
fn command(bench: &Bench, object: &str, action: &str, tags: &[(&str, &str)]) {
    command_to(bench.tenant(), object, action, tags);
}

fn command_to(tenant: &Running, object: &str, action: &str, tags: &[(&str, &str)]) {
    let known = tenant.credentials();
    let tags: String = tags.iter().map(|(tag, value)| format!("<{tag}>{value}</{tag}>")).collect();
    let body = format!("<COMMAND OBJECT=\"{object}\" ACTION=\"{action}\">{tags}</COMMAND>");
    let request = format!(
        "POST /cc/v1/wapi HTTP/1.0\r\nHost: localhost\r\nX-8x8-Tenant: {}\r\nx-api-key: {}\r\n\
         Content-Type: application/xml\r\nContent-Length: {}\r\n\r\n{body}",
        known.tenant,
        known.api_key,
        body.len()
    );
    let mut stream = std::net::TcpStream::connect(tenant.address()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.contains("STATUS=\"0\""), "{object} {action}: {reply}");
}

/// What happens at a moment of the year in which the clocks are put forward and back.
enum Happens {
    /// So many customers are changed.
    Change(usize),
    /// The export runs, and brings so many.
    Export(u64),
}

#[test]
fn nothing_is_lost_or_doubled_at_midnight_or_when_the_clocks_change() {
    use Happens::{Change, Export};
    let bench = Bench::without_tenant();
    let (kept, state) = (bench.path("tenant"), bench.path("state"));
    let yaml = format!(
        "version: 1\nname: nights\nconnection: acme\nextract:\n  wapi: {{ object: customer, incremental: {{ overlap: 0d }} }}\n\
         load:\n  csv: {{ path: {} }}\n",
        bench.path("out.csv").display()
    );
    let pipeline = Pipeline::parse("nights.yaml", &yaml, &Vars::default()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut next = 0;
    for (at, happens) in [
        ("2026-03-07T12:00:00-05:00", Export(60)),
        ("2026-03-07T23:59:30-05:00", Change(1)),
        ("2026-03-08T00:00:10-05:00", Export(1)),
        ("2026-03-08T00:00:30-05:00", Change(1)),
        ("2026-03-08T03:00:10-04:00", Change(1)),
        ("2026-03-08T23:59:59-04:00", Change(2)),
        ("2026-03-09T00:10:00-04:00", Export(4)),
        ("2026-03-09T00:20:00-04:00", Export(0)),
        ("2026-11-01T01:30:00-04:00", Change(1)),
        ("2026-11-01T01:30:00-05:00", Change(1)),
        ("2026-11-01T23:59:59-05:00", Change(1)),
        ("2026-11-02T00:00:05-05:00", Change(1)),
        ("2026-11-02T00:05:00-05:00", Export(4)),
        ("2026-11-03T00:05:00-05:00", Export(0)),
    ] {
        let now: jiff::Timestamp = at.parse().unwrap();
        let settings = settings(json!({
            "tenant": { "customers": 60, "crm": { "timezone": "America/New_York" } },
            "clock": { "starts_at": now.to_string(), "stands_still": true }
        }));
        let started = vccpipe_simulator::start(settings, Some(kept.clone()), 0);
        let tenant = runtime.block_on(started).unwrap();
        match happens {
            Change(customers) => {
                let known = records_of(&tenant, "customer");
                for customer in &known[next..next + customers] {
                    let company = format!("Changed at {at}");
                    let tags =
                        [("ACCOUNTNUM", text(customer, "ACCOUNTNUM")), ("COMPANY", &company)];
                    command_to(&tenant, "Customer", "Modify", &tags);
                }
                next += customers;
            }
            Export(expected) => {
                let read = export_at(&tenant, &pipeline, &state, now, runtime.handle());
                assert_eq!(read, expected, "records brought at {at}");
            }
        }
        runtime.block_on(tenant.stop());
    }
}

/// Runs a pipeline as if it were another time; gives the rows that were read and loaded.
fn export_at(
    tenant: &Running,
    pipeline: &Pipeline,
    state: &Path,
    now: jiff::Timestamp,
    runtime: &tokio::runtime::Handle,
) -> u64 {
    let known = tenant.credentials();
    let connections = format!(
        "connections:\n  acme:\n    base_url: {}\n    tenant: {}\n    timezone: America/New_York\n    \
         wapi: {{ username: {}, password: {} }}\n    limits: {{ wapi: {{ per_second: unlimited, concurrency: 4 }} }}\n",
        tenant.base_url(),
        known.tenant,
        known.wapi_username,
        known.wapi_password
    );
    let file = state.with_file_name("connections.yaml");
    fs::write(&file, connections).unwrap();
    let connection = Connections::load(&file).unwrap().get("acme", &Environment::System).unwrap();
    let options = Options { state_dir: state.to_owned(), ..Options::default() };
    let job = Job {
        pipeline,
        connection: &connection,
        connection_identity: "acme",
        options: &options,
        clock: &Clock::Fixed(now),
        halting: &Halting::default(),
        observer: &Nobody,
    };
    let Outcome::Ran { summary, halt, .. } = run::run(&job, runtime).unwrap() else {
        panic!("nothing was run")
    };
    assert_eq!(halt, None);
    assert_eq!(summary.read, summary.loaded);
    summary.read
}

struct Nobody;

impl Observer for Nobody {
    fn observe(&self, _: Event) {}
}

#[test]
fn the_nightly_pipelines_export_the_truth_and_the_next_night_exactly_the_changes() {
    let bench = bench_of(tenant(3000, json!({}), json!({})));
    with_pipelines(&bench);
    let told = nightly(&bench, &[]).expect(0);
    assert_eq!(warnings(&told), Vec::<&str>::new());
    for (object, _, folder, key) in NIGHTLY {
        assert_is_truth(&bench.table(&format!("export/{folder}")), &bench.records(object), key);
    }

    // A second night on which nothing changed brings nothing.
    nightly(&bench, &[]).expect(0);
    for name in ["nightly-customers", "nightly-cases", "nightly-tasks", "nightly-followups"] {
        let summary = summary(&bench, name);
        assert_eq!(summary["read"], 0, "{name}: {summary}");
    }

    // Changes of the day.
    let customer = text(&bench.records("customer")[7], "ACCOUNTNUM").to_owned();
    command(&bench, "Customer", "Modify", &[("ACCOUNTNUM", &customer), ("COMPANY", "Changed Inc")]);
    command(
        &bench,
        "Customer",
        "Add",
        &[("FIRSTNAME", "New"), ("LASTNAME", "One"), ("AUTOPASSWD", "True")],
    );
    let task = text(&bench.records("task")[3], "TASKNUM").to_owned();
    command(&bench, "Task", "Modify", &[("TASKNUM", &task), ("SUBJECT", "Changed as well")]);
    let case = text(&bench.records("case")[5], "CASENUM").to_owned();
    command(
        &bench,
        "Followup",
        "Add",
        &[("CASENUM", &case), ("SUBJECT", "A further note"), ("DESCRIPTION", "x")],
    );
    nightly(&bench, &[]).expect(0);
    for (name, changes) in
        [("nightly-customers", 2), ("nightly-tasks", 1), ("nightly-followups", 1)]
    {
        let summary = summary(&bench, name);
        assert_eq!(summary["read"], changes, "{name}: {summary}");
        assert_eq!(summary["loaded"], changes, "{name}: {summary}");
    }
    for (object, _, folder, key) in NIGHTLY {
        assert_is_truth(&bench.table(&format!("export/{folder}")), &bench.records(object), key);
    }
}

fn summary(bench: &Bench, name: &str) -> Value {
    let path = bench.path(&format!(".vccpipe/runs/{name}/latest/summary.json"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_period_is_fetched_again_and_the_mark_stays_where_it_is() {
    let bench = bench_of(tenant(100, json!({}), json!({})));
    export(&bench, "wapi: { object: task, incremental: {} }", "csv: { path: tasks.csv }");
    bench.run().expect(0);
    assert_eq!(bench.summary()["read"], bench.records("task").len());

    let period = ["run", "pipeline.yaml", "--from", "2025-02-01", "--to", "2025-03-01"];
    bench.vccpipe(&period).expect(0).says("modified from 2025-02-01, before 2025-03-01");
    let zone = TimeZone::get("America/New_York").unwrap();
    let within = |record: &Record, field: &str| {
        let at: jiff::Timestamp = text(record, field).parse().unwrap();
        let day = at.to_zoned(zone.clone()).date().to_string();
        ("2025-02-01".."2025-03-01").contains(&day.as_str())
    };
    let truth = bench.records("task");
    let of_period =
        truth.iter().filter(|task| within(task, "_created") || within(task, "_modified"));
    let expected = of_period.count();
    assert!(expected > 0);
    assert_eq!(bench.summary()["read"], expected, "{}", bench.summary());

    bench.run().expect(0);
    assert_eq!(bench.summary()["read"], 0, "the mark was moved by a period");
    let status = bench.vccpipe(&["status"]).expect(0);
    assert!(status.stdout.contains("what is new is fetched through"), "{}", status.stdout);

    bench.write("input.csv", "a\n1\n");
    export(&bench, "csv: { path: input.csv }", "csv: { path: out.csv }");
    bench
        .vccpipe(&period)
        .expect(2)
        .says("`--from` and `--to` are for pipelines with `extract: wapi`");
}

#[test]
fn a_hundred_thousand_customers_take_few_requests() {
    let bench = bench_of(tenant(100_000, json!({}), json!({})));
    whole(&bench, "customer");
    bench.run().expect(0);
    let summary = bench.summary();
    assert_eq!(summary["loaded"], 100_000, "{summary}");
    // Ideal are 50 replies of 2,000; with the Gets that tell the range.
    let requests = bench.asked("CUSTOMER GET");
    assert!(requests <= 65, "{requests} requests");
    assert_eq!(bench.table("out").len(), 100_000);
}

#[test]
fn numbers_of_different_lengths_and_gaps_are_all_found() {
    let settings = settings(json!({
        "tenant": { "customers": 12_000, "first_account_number": 98,
                    "crm": { "timezone": "America/New_York" } }
    }));
    let bench = bench_of(settings);
    whole(&bench, "customer");
    let told = bench.run().expect(0);
    assert_eq!(warnings(&told), Vec::<&str>::new());
    assert_is_truth(&bench.table("out"), &bench.records("customer"), &["ACCOUNTNUM"]);
}

#[test]
fn an_over_full_day_and_deleted_agents_leave_nothing_out() {
    let crm = json!({ "bulk_day": "2025-03-17", "bulk_share": 0.5, "cases": 1500, "tasks": 900 });
    for too_many in ["status_500", "truncated"] {
        let wapi = json!({ "get_most_rows": 300, "get_too_many": too_many });
        let bench = bench_of(tenant(3000, crm.clone(), wapi));
        for (object, key) in [("case", "CASENUM"), ("task", "TASKNUM"), ("customer", "ACCOUNTNUM")]
        {
            let _ = fs::remove_dir_all(bench.path("out"));
            whole(&bench, object);
            let told = bench.vccpipe(&["run", "pipeline.yaml", "--fresh"]).expect(0);
            assert_eq!(warnings(&told), Vec::<&str>::new(), "{object}, {too_many}");
            assert_is_truth(&bench.table("out"), &bench.records(object), &[key]);
        }
    }
}

#[test]
fn a_tenant_that_tells_less_than_it_has_is_found_out() {
    let wapi = json!({ "get_most_rows": 700, "get_too_many": "first_rows" });
    let bench = bench_of(tenant(3000, json!({}), wapi));
    whole(&bench, "customer");
    let told = bench.run().expect(0);
    let rows = bench.table("out").len();
    let missing = bench.summary()["fetched"]["missing"].as_u64().unwrap() as usize;
    assert_eq!(rows + missing, 3000, "what is missing is told");
    if missing > 0 {
        told.says("were not found");
    }
}

#[test]
fn a_get_that_gives_only_the_first_rows_loses_nothing_also_where_no_total_is_told() {
    let crm = json!({ "cases": 300, "followups": 900, "tasks": 300 });
    let wapi = json!({ "get_most_rows": 60, "get_too_many": "first_rows" });
    let bench = bench_of(tenant(500, crm, wapi));
    for (object, key) in [
        ("followup", ["CASENUM", "FOLLOWUPNUM"].as_slice()),
        ("customer", &["ACCOUNTNUM"]),
        ("case", &["CASENUM"]),
        ("task", &["TASKNUM"]),
    ] {
        let _ = fs::remove_dir_all(bench.path("out"));
        whole(&bench, object);
        let told = bench.vccpipe(&["run", "pipeline.yaml", "--fresh"]).expect(0);
        assert_eq!(warnings(&told), Vec::<&str>::new(), "{object}");
        assert_is_truth(&bench.table("out"), &bench.records(object), key);
        told.says("at most 60 records of a Get");
    }
}

#[test]
fn records_that_come_while_others_are_read_are_there_too() {
    let wapi = json!({ "grows": { "object": "customer", "every_requests": 1, "times": 5 } });
    let bench = bench_of(tenant(5000, json!({}), wapi));
    whole(&bench, "customer");
    bench.run().expect(0);
    let truth = bench.records("customer");
    let rows = bench.table("out");
    assert!(rows.len() >= 5000, "{}", rows.len());
    assert!(rows.len() <= truth.len());
}

#[test]
fn an_empty_tenant_gives_an_empty_export() {
    for shape in ["zeros", "blank", "nothing"] {
        let crm = json!({ "cases": 0, "private_cases": 0, "followups": 0, "tasks": 0,
                          "faqs": 0, "faq_categories": 0 });
        let bench = bench_of(tenant(0, crm, json!({ "empty_summary_as": shape })));
        with_pipelines(&bench);
        nightly(&bench, &["--allow-rejects"]).expect(0);
        for (.., folder, _) in NIGHTLY {
            assert_eq!(bench.table(&format!("export/{folder}")).len(), 0, "{folder}, {shape}");
        }
    }
}

#[test]
fn a_range_that_cannot_be_is_told_and_does_no_harm() {
    let bench = bench_of(tenant(2500, json!({}), json!({ "summary_swapped": true })));
    whole(&bench, "customer");
    bench.run().expect(0).says("are asked for without a range");
    assert_is_truth(&bench.table("out"), &bench.records("customer"), &["ACCOUNTNUM"]);
}

#[test]
fn a_total_that_is_too_high_is_told_with_the_gaps() {
    let bench = bench_of(tenant(2500, json!({}), json!({ "summary_total_off": 3 })));
    whole(&bench, "customer");
    bench.run().expect(0).says("3 of them were not found");
    // From cron there is no progress, and the warning all the same.
    let silent = bench.vccpipe(&["run", "pipeline.yaml", "--fresh", "--progress", "never"]);
    assert_eq!(warnings(&silent.expect(0)).len(), 1);
    let summary = bench.summary();
    assert_eq!(summary["fetched"]["missing"], 3, "{summary}");
    assert!(summary["fetched"]["gaps"].as_array().is_some_and(|gaps| !gaps.is_empty()));
}

#[test]
fn a_window_that_is_never_answered_stops_the_run_and_is_named() {
    let wapi = json!({ "get_most_rows": 0, "get_too_many": "status_500" });
    let bench = bench_of(tenant(30, json!({}), wapi));
    bench.mend("connections.yaml", "attempts: 12", "attempts: 3");
    whole(&bench, "customer");
    let told = bench.run().expect(1).says("is not answered, and cannot be cut further");
    assert!(told.stderr.contains("ACCOUNTNUM"), "{}", told.stderr);
    assert!(!bench.path("out/_manifest.json").exists());
}

#[test]
fn where_and_select_ask_for_what_they_say() {
    let bench = bench_of(tenant(300, json!({}), json!({})));
    export(
        &bench,
        "wapi: { object: case, select: [CASENUM, STATUS], where: { STATUS: [Open, Closed] } }",
        "csv: { path: cases.csv }",
    );
    bench.run().expect(0);
    let mut reader = csv::Reader::from_path(bench.path("cases.csv")).unwrap();
    assert_eq!(reader.headers().unwrap(), vec!["CASENUM", "STATUS"]);
    let rows: Vec<(String, String)> = reader.deserialize().map(|row| row.unwrap()).collect();
    let truth = bench.records("case");
    let wanted: Vec<&Record> =
        truth.iter().filter(|case| matches!(text(case, "STATUS"), "Open" | "Closed")).collect();
    assert!(!wanted.is_empty());
    assert_eq!(rows.len(), wanted.len());
}

#[test]
fn a_task_s_media_type_is_asked_for_by_either_name() {
    let bench = bench_of(tenant(100, json!({ "tasks": 200 }), json!({})));
    let phoned = |record: &&Record| text(record, "MEDIATYPE") == "Phone";
    let truth: Vec<Record> = bench.records("task").iter().filter(phoned).cloned().collect();
    assert!(!truth.is_empty());
    for tag in ["MEDIATYPE", "MEDIA_TYPE"] {
        let wanted = format!("wapi: {{ object: task, where: {{ {tag}: Phone }} }}");
        export(&bench, &wanted, "parquet: { path: out }");
        bench.vccpipe(&["run", "pipeline.yaml", "--fresh"]).expect(0);
        assert_is_truth(&bench.table("out"), &truth, &["TASKNUM"]);
        fs::remove_dir_all(bench.path("out")).unwrap();
    }
}

#[test]
fn what_the_guide_does_not_offer_is_told_at_check() {
    let bench = bench_of(tenant(10, json!({}), json!({})));
    for (extract, says) in [
        ("wapi: { object: customer, where: { FAX: '1' } }", "Customer cannot be searched by `FAX`"),
        (
            "wapi: { object: case, where: { CASENUM: '1%' } }",
            "`%` is not allowed for CASENUM of Case",
        ),
        ("wapi: { object: customer, where: { EMAIL: [a, b] } }", "several values of EMAIL"),
        ("wapi: { object: customer, select: [FIRSTNAM] }", "did you mean `FIRSTNAME`?"),
        (
            "wapi: { object: followup, incremental: { by: modified } }",
            "cannot be asked for by the day of the last change",
        ),
        ("wapi: { object: faqcategory, incremental: {} }", "FAQ categories have no dates"),
        ("wapi: { object: case, range: { by: number } }", "Case cannot be cut `by: number`"),
        (
            "wapi: { object: case, range: { from: 2026-02-01, to: 2026-02-01 } }",
            "there is no day in it",
        ),
    ] {
        export(&bench, extract, "csv: { path: out.csv }");
        bench.vccpipe(&["check", "pipeline.yaml"]).expect(2).says(says);
    }
    assert_eq!(bench.asked("CUSTOMER GET"), 0);
}

#[test]
fn a_full_disk_stops_an_export_and_it_goes_on_once_there_is_room() {
    let bench = bench_of(tenant(3000, json!({ "cases": 400, "followups": 900 }), json!({})));
    // Nobody tells how many follow-ups there are: one that is lost would not be missed.
    export(&bench, "wapi: { object: followup, range: { rows: 40 } }", "parquet: { path: out }");
    let Some(disk) = SmallDisk::mount(bench.path(".vccpipe"), "700k") else { return };
    let told = bench.run().expect(1);
    let said = bench.plain(&told.stderr);
    assert!(said.contains("no space is left for the fetched rows"), "{said}");
    assert!(said.contains("what was fetched is kept"), "{said}");
    assert!(!bench.path("out").exists(), "readers find nothing of it");
    Command::new("mount").args(["-o", "remount,size=50m"]).arg(&disk.0).output().unwrap();
    bench.run().expect(0);
    assert_is_truth(&bench.table("out"), &bench.records("followup"), &["CASENUM", "FOLLOWUPNUM"]);
}

#[test]
fn an_export_killed_at_random_ends_with_the_same_files() {
    let seed = 20_261_126;
    println!("seed {seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let faults = json!([
        { "kind": "wapi_status_500", "probability": 0.05, "api": "wapi" },
        { "kind": "reset_after", "probability": 0.05, "api": "wapi" },
        { "kind": "truncated", "probability": 0.05, "api": "wapi" }
    ]);
    let with_faults = |faults: Value| {
        settings(json!({
            "tenant": { "customers": 2000, "crm": { "timezone": "America/New_York" } },
            "faults": faults,
            "latency_ms": { "wapi": 4 }
        }))
    };
    let extract = "wapi: { object: customer, range: { rows: 60 } }";
    let load = "parquet: { path: out, partition_by: [ADDR1COUNTRY], sort_by: [ACCOUNTNUM] }";
    let undisturbed = bench_of(with_faults(json!([])));
    export(&undisturbed, extract, load);
    undisturbed.run().expect(0);
    let expected = hashes(&undisturbed.path("out"));
    assert!(!expected.is_empty());

    let mut kills = 0;
    while kills < 50 {
        let bench = bench_of(with_faults(faults.clone()));
        export(&bench, extract, load);
        loop {
            let mut child = bench.command(&["run", "pipeline.yaml"]).spawn().unwrap();
            let until = Instant::now() + Duration::from_millis(chance.random_range(30..700));
            while Instant::now() < until && child.try_wait().unwrap().is_none() {
                for file in files_of_if_there(&bench.path("out")) {
                    assert_is_whole(&file);
                }
                std::thread::sleep(Duration::from_millis(3));
            }
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success(), "{:?}", Told::of(child.wait_with_output().unwrap()));
                break;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
        }
        assert_eq!(hashes(&bench.path("out")), expected, "after {kills} kills, seed {seed}");
    }
}

fn files_of_if_there(folder: &Path) -> Vec<std::path::PathBuf> {
    match folder.exists() {
        true => files_of(folder).into_iter().map(|name| folder.join(name)).collect(),
        false => Vec::new(),
    }
}

/// A Parquet file begins and ends with its mark.
fn assert_is_whole(file: &Path) {
    let Ok(bytes) = fs::read(file) else { return };
    assert!(
        bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"),
        "half a file: {}",
        file.display()
    );
}

fn hashes(folder: &Path) -> BTreeMap<String, u64> {
    files_of(folder)
        .into_iter()
        .map(|name| {
            let hash = xxhash_rust::xxh3::xxh3_64(&fs::read(folder.join(&name)).unwrap());
            (name, hash)
        })
        .collect()
}

#[test]
fn the_records_of_a_campaign_come_in_both_forms_and_page_by_page() {
    let mut known: Option<Vec<Row>> = None;
    for campaigns in [
        json!({}),
        json!({ "records_page": 50 }),
        json!({ "records_page": 50, "records_after_last": "last_page" }),
        json!({ "digits_as": "strings" }),
    ] {
        let bench = bench_of(settings(json!({ "campaigns": campaigns })));
        for format in ["json", "xml"] {
            let extract = format!("campaign: {{ campaign: 128, format: {format} }}");
            export(&bench, &extract, "csv: { path: records.csv }");
            bench.vccpipe(&["run", "pipeline.yaml", "--fresh"]).expect(0);
            let mut reader = csv::Reader::from_path(bench.path("records.csv")).unwrap();
            let rows: Vec<Row> = reader.deserialize().map(|row| row.unwrap()).collect();
            assert_eq!(rows.len(), 500, "{campaigns} {format}");
            assert!(rows.iter().any(|row| row["status-name"] == "Completed"));
            match &known {
                Some(known) => assert_eq!(rows, *known, "{campaigns} {format}"),
                None => known = Some(rows),
            }
        }
    }
}

/// The rows of `records.csv` after a run with this exit code.
fn exported_records(bench: &Bench, further: &str, code: i32) -> (usize, Told) {
    export(bench, &format!("campaign: {{ campaign: 128{further} }}"), "csv: { path: records.csv }");
    let told = bench.vccpipe(&["run", "pipeline.yaml", "--fresh"]).expect(code);
    let rows = fs::read_to_string(bench.path("records.csv")).unwrap_or_default();
    (rows.lines().count().saturating_sub(1), told)
}

#[test]
fn a_list_that_ends_before_the_campaign_does_is_told() {
    let bench_with = |page: usize, turned_by: &str| {
        let campaigns = json!({ "records_page": page, "records_turned_by": turned_by });
        bench_of(settings(json!({ "campaigns": campaigns })))
    };
    let bench = bench_with(50, "nothing");
    let (rows, told) = exported_records(&bench, "", 0);
    assert_eq!(rows, 50);
    told.says("campaign 128 says that it has 500 records, and 50 came");
    assert_eq!(bench.summary()["fetched"]["missing"], 450, "{}", bench.summary());
    let args = ["run", "pipeline.yaml", "--fresh", "--progress", "never"];
    let told = bench.vccpipe(&args).expect(0);
    assert!(told.stderr.starts_with("warning: campaign 128 says"), "{}", told.stderr);
    assert_eq!(told.stderr.lines().count(), 1, "no progress: {}", told.stderr);
    let told = bench.vccpipe(&[&args[..], &["-q"]].concat()).expect(0);
    assert_eq!(told.stderr, "");

    let bench = bench_with(50, "refused");
    let (_, told) = exported_records(&bench, "", 1);
    told.says("50 of 500 records of campaign 128 came").says("`paging: never`");
    assert_eq!(exported_records(&bench, ", paging: never", 0).0, 50);
    // Who has all of them does not mind that there are no pages.
    assert_eq!(exported_records(&bench_with(500, "refused"), "", 0).0, 500);
}

#[test]
fn the_records_have_a_token_of_their_own() {
    let swapped = settings(json!({ "campaigns": { "tokens": "swapped" } }));
    let bench = bench_of(swapped);
    let (_, told) = exported_records(&bench, "", 1);
    told.says("the tenant refuses the Data Request Token").says("`campaigns: {records_token: ..}`");
    bench.mend(
        "connections.yaml",
        "    limits:\n",
        "    campaigns: { records_token: action }\n    limits:\n",
    );
    assert_eq!(exported_records(&bench, "", 0).0, 500);
}
