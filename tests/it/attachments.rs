//! Files that are attached to records: saved whole, under names that lead nowhere, one request at a
//! time, and a row for each.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use vccpipe_simulator::Settings;

use crate::{
    bench::{Bench, Told},
    crm_bad_answers::{Keep, page},
};

type Row = BTreeMap<String, String>;

/// A small tenant with these settings of its attachments, and further ones.
fn tenant(attachments: Value, further: Value) -> Bench {
    let mut settings = json!({
        "tenant": { "customers": 300, "crm": { "cases": 60, "followups": 80, "faqs": 40 } },
        "attachments": attachments,
    });
    for (key, value) in further.as_object().unwrap() {
        settings[key] = value.clone();
    }
    let settings: Settings = serde_json::from_value(settings).unwrap();
    let bench = Bench::new(settings);
    bench.mend(
        "connections.yaml",
        "      wapi: { per_second",
        "      attachments: { per_second: unlimited }\n      wapi: { per_second",
    );
    bench.mend("connections.yaml", "request: 400ms", "request: 5s");
    bench
}

const CASES: &str = "from: { wapi: { object: case, where: { ATTACHMENTS: yes } } }";
const FOLLOWUPS: &str = "from: { wapi: { object: followup } }";
const FAQS: &str = "from: { wapi: { object: faq } }";

fn write_as(bench: &Bench, name: &str, object: &str, ids: &str, further: &str) {
    let file = format!("{name}.yaml");
    let ids = if ids.starts_with('[') { ids.to_owned() } else { format!("{{ {ids} }}") };
    bench.write(
        &file,
        &format!(
            "version: 1
name: {name}
connection: acme
extract:
  attachments:
    object: {object}
    ids: {ids}
    directory: files
{further}
load:
  csv: {{ path: {name}.csv }}
"
        ),
    );
}

fn write(bench: &Bench, object: &str, ids: &str, further: &str) {
    write_as(bench, "test-load", object, ids, further);
    bench.mend("test-load.yaml", "test-load.csv", "index.csv");
    fs::rename(bench.path("test-load.yaml"), bench.path("pipeline.yaml")).unwrap();
}

fn index_of(bench: &Bench, name: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(bench.path(name)).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn index(bench: &Bench) -> Vec<Row> {
    index_of(bench, "index.csv")
}

/// The truth about an object's files.
fn truth(bench: &Bench, object: &str) -> Vec<Value> {
    let lines = bench.tenant().attachments();
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["object"] == object).collect()
}

/// Id and sum of each file that there is.
fn sums_of_truth(lines: &[Value]) -> Vec<(String, String)> {
    let files = lines.iter().filter(|line| line["form"] == "file" && line["sha256"].is_string());
    let text = |line: &Value, key: &str| line[key].as_str().unwrap().to_owned();
    let mut sums: Vec<_> = files.map(|line| (text(line, "id"), text(line, "sha256"))).collect();
    sums.sort();
    sums
}

/// Id and sum of each row of a file, and that the file is there, whole, where the row says.
#[track_caller]
fn sums_of_index(bench: &Bench, rows: &[Row]) -> Vec<(String, String)> {
    let files = rows.iter().filter(|row| !row["path"].is_empty());
    let mut sums: Vec<_> = files
        .map(|row| {
            let bytes = fs::read(bench.path("files").join(&row["path"])).unwrap();
            assert_eq!(row["bytes"], bytes.len().to_string(), "{row:?}");
            assert_eq!(row["sha256"], sha256(&bytes), "{row:?}");
            (row["id"].clone(), row["sha256"].clone())
        })
        .collect();
    sums.sort();
    sums
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All files below a folder.
fn files_below(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match fs::symlink_metadata(&path).unwrap().is_dir() {
            true => found.extend(files_below(&path)),
            false => drop(found.insert(path)),
        }
    }
    found
}

/// Requests for attachments, by `object status`.
fn requests(bench: &Bench) -> u64 {
    bench.tenant().state().attachments.requests.values().sum()
}

#[track_caller]
fn assert_one_at_a_time(bench: &Bench) {
    let state = bench.tenant().state().attachments;
    assert_eq!((state.most_at_once, state.refused), (1, 0), "{state:?}");
}

/// That the files are those of the truth, and each is a row.
#[track_caller]
fn assert_is_the_truth(bench: &Bench, object: &str) {
    let rows = index(bench);
    assert_eq!(sums_of_index(bench, &rows), sums_of_truth(&truth(bench, object)));
    let on_disk = files_below(&bench.path("files"));
    let left: Vec<_> =
        on_disk.iter().filter(|path| path.display().to_string().contains("part-")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn every_file_is_saved_with_its_sum_and_only_records_with_files_are_asked_for() {
    for (object, ids) in [("case", CASES), ("followup", FOLLOWUPS)] {
        let bench = tenant(json!({}), json!({}));
        write(&bench, object, ids, "");
        bench.run().expect(0);
        assert_is_the_truth(&bench, object);
        let rows = index(&bench);
        assert!(rows.iter().all(|row| row["outcome"] == "saved" && row["object"] == object));
        let records: BTreeSet<&str> = rows.iter().map(|row| row["id"].as_str()).collect();
        assert!(records.len() > 5, "{records:?}");
        assert_eq!(requests(&bench), records.len() as u64, "one request a record");
        assert_one_at_a_time(&bench);
        // By the numbers, and not by the letters.
        let order: Vec<Vec<u64>> = rows
            .iter()
            .map(|row| row["id"].split('.').map(|part| part.parse().unwrap()).collect())
            .collect();
        assert!(order.is_sorted(), "{order:?}");
    }
}

#[test]
fn records_without_files_are_rows_and_no_failure() {
    let bench = tenant(json!({ "vanished": 0.5 }), json!({}));
    write(&bench, "faq", FAQS, "");
    bench.run().expect(0);
    assert_is_the_truth(&bench, "faq");
    let rows = index(&bench);
    let with: BTreeSet<String> =
        sums_of_truth(&truth(&bench, "faq")).into_iter().map(|(id, _)| id).collect();
    for row in &rows {
        let expected = if with.contains(&row["id"]) { "saved" } else { "missing" };
        assert_eq!(row["outcome"], expected, "{row:?}");
    }
    assert!(rows.iter().filter(|row| row["outcome"] == "missing").count() > 20);
}

#[test]
fn names_are_read_however_they_are_sent_and_a_zip_that_was_attached_stays_one_file() {
    for (names, content_type, zip_names) in [
        ("percent", "octet_stream", "percent"),
        ("rfc5987", "proper", "utf8"),
        ("rfc2047", "none", "unmarked"),
        ("raw", "proper", "percent"),
    ] {
        let settings = json!({
            "names": names, "content_type": content_type, "zip_names": zip_names, "cases": 0.6,
            "most_bytes": 2000, "large_share": 0.0, "content_length": names != "raw"
        });
        let bench = tenant(settings, json!({}));
        write(&bench, "case", CASES, "");
        bench.run().expect(0);
        assert_is_the_truth(&bench, "case");
        let named = |id: &str, name: &str, sum: &str| [id, name, sum].map(str::to_owned);
        let mut told: Vec<_> = index(&bench)
            .iter()
            .map(|row| named(&row["id"], &row["file_name"], &row["sha256"]))
            .collect();
        let mut there: Vec<_> = truth(&bench, "case")
            .iter()
            .map(|line| {
                let text = |key: &str| line[key].as_str().unwrap();
                let name = match (names, text("name")) {
                    // It cannot be told from one that is encoded.
                    ("raw", "caf%C3%A9.txt") if line["in_reply"] == 1 => "café.txt",
                    (_, "caf%C3%A9.txt") if zip_names != "percent" && line["in_reply"] != 1 => {
                        "café.txt"
                    }
                    (_, name) => name,
                };
                named(text("id"), name, text("sha256"))
            })
            .collect();
        told.sort();
        there.sort();
        assert_eq!(told, there, "{names}");
        let zips = told.iter().filter(|[_, name, _]| name.ends_with(".zip")).count();
        assert!(zips > 0, "no attached ZIP among them");
    }
}

#[test]
fn without_any_name_the_type_tells_and_with_unpack_never_every_reply_is_one_file() {
    let settings = json!({ "names": "none", "followups": 0.6, "most_bytes": 500 });
    let bench = tenant(settings, json!({}));
    write(&bench, "followup", FOLLOWUPS, "");
    bench.run().expect(0);
    // The CRM's count tells each ZIP of several from an attached one.
    assert_is_the_truth(&bench, "followup");
    fs::remove_dir_all(bench.path("files")).unwrap();
    write(&bench, "followup", FOLLOWUPS, "    unpack: never");
    bench.run().expect(0);
    let rows = index(&bench);
    let ids: BTreeSet<&String> = rows.iter().map(|row| &row["id"]).collect();
    assert_eq!(ids.len(), rows.len(), "one row a record");
    assert!(rows.iter().any(|row| row["path"].ends_with(".zip")), "{rows:?}");
    // Another way of unpacking asks again.
    write(&bench, "followup", FOLLOWUPS, "    unpack: always");
    bench.run().expect(0);
    let unpacked = index(&bench);
    assert!(unpacked.len() > rows.len());
    // A ZIP that is left was one of the files in another.
    assert!(
        unpacked
            .iter()
            .all(|row| { !row["file_name"].is_empty() || !row["path"].ends_with(".zip") })
    );
}

#[test]
fn hostile_names_stay_in_the_folder_of_their_record() {
    let bench = tenant(json!({ "nasty_names": true, "cases": 0.3 }), json!({}));
    write(&bench, "case", CASES, "");
    let before = files_below(bench.path(".").as_path());
    bench.run().expect(0);
    let rows = index(&bench);
    assert_eq!(sums_of_index(&bench, &rows), sums_of_truth(&truth(&bench, "case")));
    let (files, state) = (bench.path("./files"), bench.path("./.vccpipe"));
    let mut expected: BTreeSet<PathBuf> = rows
        .iter()
        .filter(|row| !row["path"].is_empty())
        .map(|row| files.join(&row["path"]))
        .collect();
    let ids: BTreeSet<&String> = rows.iter().map(|row| &row["id"]).collect();
    let with_files = ids.iter().map(|id| files.join("case").join(id));
    let on_disk: BTreeSet<PathBuf> = files_below(&bench.path("."))
        .into_iter()
        .filter(|path| !path.starts_with(&state) && !before.contains(path))
        .collect();
    expected.extend(with_files.map(|folder| folder.join(".vccpipe-attachments.json")));
    expected.insert(bench.path("./index.csv"));
    assert_eq!(on_disk, expected, "a file is elsewhere");
    for row in rows.iter().filter(|row| !row["path"].is_empty()) {
        let parts: Vec<&str> = row["path"].split('/').collect();
        assert_eq!((parts.len(), parts[0], parts[1]), (3, "case", row["id"].as_str()));
        assert!(parts[2].len() <= 200 && !parts[2].starts_with('.'), "{row:?}");
    }
    let refused: Vec<&Row> = rows.iter().filter(|row| row["outcome"] == "refused").collect();
    for (name, reason) in [("folder/", "folder"), ("link", "link"), ("passwords.txt", "link")] {
        let told = refused.iter().find(|row| row["file_name"] == name);
        assert!(told.is_some_and(|row| row["reason"].contains(reason)), "{name}: {refused:?}");
    }
}

#[test]
fn a_zip_that_explodes_is_refused_and_nothing_of_it_stays() {
    for kind in ["honest", "lying"] {
        let settings = json!({
            "zip_bombs": 1.0, "zip_bomb_as": kind, "zip_bomb_bytes": 67_108_864, "cases": 0.3
        });
        let bench = tenant(settings, json!({}));
        write(&bench, "case", CASES, "");
        bench.run().expect(0);
        let bombs: BTreeSet<String> = truth(&bench, "case")
            .iter()
            .filter(|line| line["bomb"] == true)
            .map(|line| line["id"].as_str().unwrap().to_owned())
            .collect();
        assert!(!bombs.is_empty());
        for row in index(&bench) {
            let is_bomb = bombs.contains(&row["id"]);
            assert_eq!(row["outcome"], if is_bomb { "refused" } else { "saved" }, "{row:?}");
            assert_eq!(row["reason"].contains("the ZIP is refused"), is_bomb, "{row:?}");
        }
        for id in &bombs {
            assert!(!bench.path("files/case").join(id).exists(), "{id}");
        }
        let bytes = files_below(&bench.path("files"));
        let bytes: u64 = bytes.iter().map(|path| fs::metadata(path).unwrap().len()).sum();
        assert!(bytes < 8 << 20, "{bytes} bytes on disk");
    }
}

#[test]
fn limits_of_the_pipeline_refuse_what_is_beyond_them() {
    let bench = tenant(json!({ "cases": 0.5, "large_share": 0.0 }), json!({}));
    write(&bench, "case", CASES, "    max_bytes: 15000\n    max_entries: 2");
    bench.run().expect(0);
    let rows = index(&bench);
    for reason in ["max_bytes", "max_entries"] {
        assert!(rows.iter().any(|row| row["reason"].contains(reason)), "{reason}: {rows:?}");
    }
    let saved = rows.iter().filter(|row| row["outcome"] == "saved");
    assert!(saved.clone().count() > 0);
    assert!(saved.clone().all(|row| row["bytes"].parse::<u64>().unwrap() <= 15_000));
}

#[test]
fn what_is_there_is_not_asked_for_again_and_what_is_gone_or_damaged_is() {
    let bench = tenant(json!({}), json!({}));
    write(&bench, "case", CASES, "");
    bench.run().expect(0);
    let first = index(&bench);
    let asked = requests(&bench);
    bench.run().expect(0).says("files were there");
    assert_eq!(requests(&bench), asked, "nothing is new");
    let again = index(&bench);
    assert!(again.iter().all(|row| row["outcome"] == "there"), "{again:?}");
    let without_outcome = |rows: &[Row]| -> Vec<Row> {
        let mut rows = rows.to_vec();
        rows.iter_mut().for_each(|row| drop(row.remove("outcome")));
        rows
    };
    assert_eq!(without_outcome(&again), without_outcome(&first));

    let of_one: Vec<&Row> = first.iter().filter(|row| row["id"] == first[0]["id"]).collect();
    let path = bench.path("files").join(&of_one[0]["path"]);
    let mut bytes = fs::read(&path).unwrap();
    bytes[0] ^= 1;
    fs::write(&path, &bytes).unwrap();
    bench.run().expect(0);
    assert_eq!(requests(&bench), asked + 1, "the damaged one");
    assert_is_the_truth(&bench, "case");

    write(&bench, "case", CASES, "    again: true");
    bench.run().expect(0);
    assert_eq!(requests(&bench), 2 * asked + 1, "all of them");
    assert!(index(&bench).iter().all(|row| row["outcome"] == "there"));
}

#[test]
fn faults_of_the_host_are_waited_out() {
    let faults: Vec<Value> = ["unavailable", "throttled", "truncated", "reset_before", "error"]
        .iter()
        .map(|kind| json!({ "kind": kind, "probability": 0.15, "api": "attachments" }))
        .collect();
    let bench =
        tenant(json!({ "cases": 0.5, "content_length": false }), json!({ "faults": faults }));
    write(&bench, "case", CASES, "");
    bench.run().expect(0);
    assert_is_the_truth(&bench, "case");
    assert!(index(&bench).iter().all(|row| row["outcome"] == "saved"));
    assert_one_at_a_time(&bench);
}

#[test]
fn a_part_of_a_file_is_not_saved_for_the_whole() {
    let part = json!([{ "kind": "status_206", "alone": true, "api": "attachments", "times": 2 }]);
    let bench = tenant(json!({}), json!({ "faults": part }));
    write(&bench, "case", CASES, "");
    bench.run().expect(0);
    assert_is_the_truth(&bench, "case");
    assert!(index(&bench).iter().all(|row| row["outcome"] == "saved"));
}

#[test]
fn a_host_that_sends_elsewhere_stops_the_run_after_one_request() {
    let bench = tenant(json!({}), json!({}));
    write(&bench, "case", "[1001, 1002]", "");
    let host = bench.behind(|_, _, _| Keep(page("302 Found")));
    bench.run().expect(1).says("the attachments API sends elsewhere (HTTP 302)");
    assert_eq!(host.heard("GET /api/ccm/"), 1);
}

#[test]
fn a_record_that_always_fails_is_told_and_the_others_are_saved() {
    let bench = tenant(json!({ "cases": 0.5 }), json!({}));
    let ids = sums_of_truth(&truth(&bench, "case"));
    let bad = ids[0].0.clone();
    let fault = json!([{ "kind": "error", "api": "attachments", "path": format!("*/case/{bad}") }]);
    let bench = tenant(json!({ "cases": 0.5 }), json!({ "faults": fault }));
    write(&bench, "case", CASES, "");
    bench.run().expect(0);
    for row in index(&bench) {
        let expected = if row["id"] == bad { "refused" } else { "saved" };
        assert_eq!(row["outcome"], expected, "{row:?}");
    }
}

#[test]
fn a_host_that_answers_nothing_stops_the_run_and_the_next_one_goes_on() {
    let fault = json!([{ "kind": "error", "api": "attachments", "after": 4, "times": 36 }]);
    let bench = tenant(json!({ "cases": 0.5 }), json!({ "faults": fault }));
    write(&bench, "case", CASES, "");
    bench.run().expect(1).says("does not answer").says("asks only for what is missing");
    assert!(!bench.path("index.csv").exists(), "no half index");
    bench.run().expect(0);
    assert_is_the_truth(&bench, "case");
    let records: BTreeSet<String> = index(&bench).iter().map(|row| row["id"].clone()).collect();
    assert_eq!(requests(&bench), records.len() as u64 + 36, "what was saved is not asked for");
}

#[test]
fn a_denied_token_stops_the_run_after_one_request_and_is_named() {
    let bench = tenant(json!({}), json!({}));
    let token = bench.tenant().credentials().data_token.clone();
    bench.mend("connections.yaml", &token, "another-token");
    write(&bench, "case", "[1, 2, 3]", "");
    bench.run().expect(1).says("the Data Request Token (`tokens.data`)").says("HTTP 401");
    assert_eq!(requests(&bench), 1);
}

#[test]
fn numbers_come_from_a_list_or_a_file_and_what_is_none_is_refused_without_a_request() {
    let bench = tenant(json!({ "followups": 0.5 }), json!({}));
    let ids: BTreeSet<String> =
        sums_of_truth(&truth(&bench, "followup")).into_iter().map(|(id, _)| id).collect();
    let mut text = "CASENUM,FOLLOWUPNUM,ATTACHMENTS\n".to_owned();
    for id in &ids {
        let (case, number) = id.split_once('.').unwrap();
        text += &format!("{case},{number},\n{case},{number},\n");
    }
    text += "../../etc,passwd,\n,,\n1,1,0\n";
    bench.write("numbers.csv", &text);
    write(&bench, "followup", "from: { csv: { path: numbers.csv } }", "");
    bench.run().expect(0);
    assert_is_the_truth(&bench, "followup");
    assert_eq!(requests(&bench), ids.len() as u64, "each once");
    let refused: Vec<Row> =
        index(&bench).into_iter().filter(|row| row["outcome"] == "refused").collect();
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert!(refused.iter().all(|row| row["reason"].contains("no number of a record")));

    let one = ids.first().unwrap();
    write(&bench, "followup", &format!("[\"{one}\", \"999999.1\"]"), "");
    bench.run().expect(0);
    let outcomes: Vec<String> = index(&bench).iter().map(|row| row["outcome"].clone()).collect();
    assert_eq!(outcomes.last().map(String::as_str), Some("missing"), "{outcomes:?}");
}

#[test]
fn two_processes_never_ask_at_the_same_time() {
    let bench = tenant(json!({ "cases": 0.6, "followups": 0.6 }), json!({}));
    write_as(&bench, "of-cases", "case", CASES, "");
    write_as(&bench, "of-followups", "followup", FOLLOWUPS, "");
    let start = |name: &str| bench.command(&["run", name, "--progress", "never"]).spawn().unwrap();
    let both = ["of-cases.yaml", "of-followups.yaml"].map(start);
    for child in both {
        Told::of(child.wait_with_output().unwrap()).expect(0);
    }
    assert_one_at_a_time(&bench);
    for (name, object) in [("of-cases.csv", "case"), ("of-followups.csv", "followup")] {
        let rows = index_of(&bench, name);
        assert_eq!(sums_of_index(&bench, &rows), sums_of_truth(&truth(&bench, object)));
    }
}

#[test]
fn killed_at_random_moments_it_ends_with_the_same_files() {
    let settings = || json!({ "cases": 0.6, "large_share": 0.2 });
    let further = || json!({ "latency_ms": { "attachments": 10 } });
    let undisturbed = tenant(settings(), further());
    write(&undisturbed, "case", CASES, "");
    let started = Instant::now();
    undisturbed.run().expect(0);
    let (whole, expected) = (started.elapsed(), index(&undisturbed));
    for share in [0.3, 0.5, 0.7, 0.85] {
        let bench = tenant(settings(), further());
        write(&bench, "case", CASES, "");
        let mut kills = 0;
        for part in [share, 0.4] {
            let mut child =
                bench.command(&["run", "pipeline.yaml", "--progress", "never"]).spawn().unwrap();
            thread::sleep(whole.mul_f64(part));
            kills += u64::from(child.try_wait().unwrap().is_none());
            // SIGKILL on Unix.
            let _ = child.kill();
            child.wait().unwrap();
            if bench.path("files").exists() {
                let half = files_below(&bench.path("files"));
                let places =
                    half.iter().filter(|path| !path.display().to_string().contains("part-"));
                let sums: BTreeSet<&str> =
                    expected.iter().map(|row| row["sha256"].as_str()).collect();
                for path in places.filter(|path| path.extension().is_none_or(|e| e != "json")) {
                    let sum = sha256(&fs::read(path).unwrap());
                    assert!(sums.contains(sum.as_str()), "{} is half", path.display());
                }
            }
        }
        bench.run().expect(0);
        assert_is_the_truth(&bench, "case");
        let without_outcome = |rows: &[Row]| -> Vec<Row> {
            let mut rows = rows.to_vec();
            rows.iter_mut().for_each(|row| drop(row.remove("outcome")));
            rows
        };
        assert_eq!(without_outcome(&index(&bench)), without_outcome(&expected));
        let records: BTreeSet<&String> = expected.iter().map(|row| &row["id"]).collect();
        // Of a record that was under way when it was killed there are two.
        assert!(requests(&bench) <= records.len() as u64 + kills, "more than what was missing");
    }
}

#[test]
fn a_large_file_is_never_whole_in_memory() {
    let peak = |large_bytes: u64| {
        let settings = json!({ "cases": 0.1, "large_share": 1.0, "large_bytes": large_bytes });
        let bench = tenant(settings, json!({}));
        write(&bench, "case", CASES, "    unpack: never");
        let ids: BTreeSet<String> =
            sums_of_truth(&truth(&bench, "case")).into_iter().map(|(id, _)| id).collect();
        write(&bench, "case", &format!("[{}]", ids.first().unwrap()), "    unpack: never");
        let mut child =
            bench.command(&["run", "pipeline.yaml", "--progress", "never"]).spawn().unwrap();
        let status = format!("/proc/{}/status", child.id());
        let mut most = 0;
        while child.try_wait().unwrap().is_none() {
            let text = fs::read_to_string(&status).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
            most = most.max(kib.unwrap_or(0));
            thread::sleep(Duration::from_millis(5));
        }
        Told::of(child.wait_with_output().unwrap()).expect(0);
        assert!(index(&bench)[0]["bytes"].parse::<u64>().unwrap() >= large_bytes);
        most
    };
    let (small, large): (u64, u64) = (peak(1 << 10), peak(48 << 20));
    assert!(large < small + (24 << 10), "{small} KiB, and {large} KiB with 48 MiB more");
}

#[test]
fn a_full_disk_is_told_and_leaves_nothing_half() {
    let settings = json!({ "cases": 0.3, "large_share": 1.0, "large_bytes": 8 << 20 });
    let bench = tenant(settings, json!({}));
    write(&bench, "case", CASES, "    unpack: never");
    let mut command = bench.command(&["run", "pipeline.yaml", "--progress", "never"]);
    // No file may be longer than 4 MiB: the system says the same as of a full disk.
    unsafe {
        use std::os::unix::process::CommandExt;
        command.pre_exec(|| {
            libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
            let limit = libc::rlimit { rlim_cur: 4 << 20, rlim_max: 4 << 20 };
            libc::setrlimit(libc::RLIMIT_FSIZE, &limit);
            Ok(())
        });
    }
    Told::of(command.output().unwrap()).expect(1).says("no space left").says("same command again");
    let half = files_below(&bench.path("files"));
    assert!(half.is_empty(), "{half:?}");
    bench.run().expect(0);
    let rows = index(&bench);
    assert!(rows.iter().all(|row| row["outcome"] == "saved"), "{rows:?}");
    sums_of_index(&bench, &rows);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let bench = tenant(json!({}), json!({}));
    let check = || bench.vccpipe(&["check", "pipeline.yaml"]);
    write(&bench, "case", "[12]", "");
    check().expect(0);
    write(&bench, "customer", "[12]", "");
    check().expect(2).says("customer").says("pipeline.yaml:6");
    write(&bench, "followup", "[38]", "");
    check().expect(2).says("`38` is no number of a followup").says("pipeline.yaml:7");
    write(&bench, "case", "from: { wapi: { object: task } }", "");
    check().expect(2).says("not known from rows of Task");
    write(&bench, "case", "from: { list: { of: agents } }", "");
    check().expect(2).says("numbers of records come from `wapi` or from files");
    bench.write("numbers.csv", "CASE_NUMBER\n1\n");
    write(&bench, "case", "from: { csv: { path: numbers.csv } }", "");
    check().expect(2).says("there is no column `CASENUM`").says("did you mean `CASE_NUMBER`?");
    write(&bench, "case", "from: { csv: { path: numbers.csv } }, column: CASE_NUMBER", "");
    check().expect(0);
    write(&bench, "case", "[12]", "    unpack: sometimes");
    check().expect(2).says("sometimes");
    write(&bench, "case", "[12]", "");
    bench.mend("pipeline.yaml", "    ids: [12]\n", "");
    check().expect(2).says("`ids`");
}

#[test]
fn lists_of_the_tenant_are_rows() {
    let bench = tenant(json!({}), json!({}));
    let list = |keys: &str| {
        bench.write(
            "pipeline.yaml",
            &format!(
                "version: 1\nname: test-load\nconnection: acme\nextract:\n  list: {{ {keys} }}\n\
                 load:\n  csv: {{ path: index.csv }}\n"
            ),
        );
        bench.run().expect(0);
        let text = fs::read_to_string(bench.path("index.csv")).unwrap();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let agents = list("of: agents");
    assert_eq!(agents[0], "AGENTID,AGENT");
    assert!(agents.contains(&"bobp,bob power".into()), "{agents:?}");
    let groups = list("of: groups");
    assert_eq!(groups[..3], ["GROUPID,GROUP", "101,Sales", "102,Support"]);
    let countries = list("of: countries");
    assert!(countries[0] == "COUNTRY" && countries.contains(&"United States".into()));
    let categories = list("of: faq_categories");
    assert_eq!((categories[0].as_str(), categories.len()), ("FAQCATID,FAQCATEGORY", 9));
    let priorities = list("picklist: PRIORITY");
    assert_eq!(priorities[..2], ["VALUE", "Low"]);
    assert!(bench.vccpipe(&["run", "pipeline.yaml"]).code == Some(0));
    assert_eq!(list("picklist: NOTHING"), ["VALUE"]);
    bench.mend("pipeline.yaml", "picklist: NOTHING", "");
    bench.vccpipe(&["check", "pipeline.yaml"]).expect(2).says("`list` does not say which");
}
