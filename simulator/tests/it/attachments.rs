//! The attachments API: one request at a time, what is sent for one file and for several.

use std::{
    collections::BTreeSet,
    io::{self, Cursor, Read},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use vccpipe_simulator::Running;

use crate::{
    client::{simulator, started},
    crm::client::{ok, records},
};

/// A reply whose body is no text.
struct Fetched {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Fetched {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

async fn connected(simulator: &Running, path: &str, token: &str) -> TcpStream {
    let user = STANDARD.encode(format!("sampletenant:{token}"));
    let request = format!(
        "GET /api/ccm/attachments/{path} HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: Basic {user}\r\nConnection: close\r\n\r\n"
    );
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn fetch_as(simulator: &Running, path: &str, token: &str) -> io::Result<Fetched> {
    let mut bytes = Vec::new();
    connected(simulator, path, token).await.read_to_end(&mut bytes).await?;
    let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(cut)?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut fetched = Fetched { status, head, body: bytes.split_off(end + 4) };
    if fetched.header("transfer-encoding") == Some("chunked") {
        fetched.body = dechunked(&fetched.body).ok_or_else(cut)?;
    } else if fetched.header("content-length") != Some(fetched.body.len().to_string().as_str()) {
        return Err(cut());
    }
    Ok(fetched)
}

fn dechunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let line = bytes.windows(2).position(|two| two == b"\r\n")?;
        let length = std::str::from_utf8(&bytes[..line]).ok()?;
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(whole);
        }
        whole.extend(bytes.get(line + 2..line + 2 + length)?);
        bytes = bytes.get(line + 4 + length..)?;
    }
}

async fn fetch(simulator: &Running, path: &str) -> Fetched {
    fetch_as(simulator, path, "data-token-of-the-sample-tenant").await.unwrap()
}

fn truth(simulator: &Running) -> Vec<Value> {
    let lines = simulator.attachments();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn path(line: &Value) -> String {
    format!("{}/{}", line["object"].as_str().unwrap(), line["id"].as_str().unwrap())
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first line of the truth of which something is so.
fn first(lines: &[Value], fits: impl Fn(&Value) -> bool) -> Value {
    lines.iter().find(|line| fits(line)).unwrap_or_else(|| panic!("no such line")).clone()
}

fn few() -> Value {
    json!({ "tenant": { "customers": 300, "crm": { "cases": 60, "followups": 80, "faqs": 40 } } })
}

fn with(attachments: Value) -> Value {
    let mut settings = few();
    settings["attachments"] = attachments;
    settings
}

#[tokio::test]
async fn every_file_of_the_truth_is_sent_alone_or_in_a_zip() {
    let simulator = simulator(with(json!({ "zip_names": "utf8" }))).await;
    let lines = truth(&simulator);
    let paths: BTreeSet<String> = lines.iter().map(path).collect();
    for object in ["case/", "followup/", "faq/"] {
        assert!(paths.iter().any(|path| path.starts_with(object)), "no {object}");
    }
    for path_of in &paths {
        let fetched = fetch(&simulator, path_of).await;
        assert_eq!(fetched.status, 200, "{path_of}");
        let files: Vec<&Value> = lines.iter().filter(|line| path(line) == *path_of).collect();
        if let [alone] = files.as_slice() {
            assert_eq!(alone["sha256"], sha256(&fetched.body), "{path_of}");
            assert_eq!(alone["sent_as"], fetched.header("content-disposition").unwrap());
            continue;
        }
        assert_eq!(fetched.header("content-type"), Some("application/zip"));
        let mut zip = zip::ZipArchive::new(Cursor::new(fetched.body)).unwrap();
        assert_eq!(zip.len(), files.len(), "{path_of}");
        for (nth, file) in files.iter().enumerate() {
            let mut entry = zip.by_index(nth).unwrap();
            assert_eq!(file["name"], *entry.name().unwrap());
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            assert_eq!(file["sha256"], sha256(&bytes), "{path_of}");
            assert_eq!(file["bytes"], bytes.len());
        }
    }
    let state = simulator.state();
    assert_eq!((state.attachments.most_at_once, state.attachments.refused), (1, 0));
    let served: u64 = state.attachments.requests.values().sum();
    assert_eq!(served, paths.len() as u64);
    assert!(state.attachments.requests["case 200"] > 0, "{state:?}");
}

#[tokio::test]
async fn the_crm_tells_of_the_same_files() {
    let simulator = simulator(few()).await;
    let lines = truth(&simulator);
    let of = |object: &str| -> BTreeSet<String> {
        let lines = lines.iter().filter(|line| line["object"] == object);
        lines.map(|line| line["id"].as_str().unwrap().to_string()).collect()
    };
    let mut told = BTreeSet::new();
    for creator in ["Deleted Agents", ""] {
        let mut tags = vec![("ATTACHMENTS", "yes")];
        tags.extend((!creator.is_empty()).then_some(("CREATEDBY", creator)));
        told.extend(ok(&simulator, "case get", &tags).await.values("CASENUM"));
    }
    assert_eq!(told, of("case"));
    let mut counted = BTreeSet::new();
    for followup in records(&simulator, "followup") {
        let text = |tag: &str| followup[tag].as_str().unwrap().to_string();
        let id = format!("{}.{}", text("CASENUM"), text("FOLLOWUPNUM"));
        let files = lines.iter().filter(|line| line["object"] == "followup" && line["id"] == *id);
        assert_eq!(text("ATTACHMENTS"), files.count().to_string(), "{id}");
        if text("ATTACHMENTS") != "0" {
            counted.insert(id);
        }
    }
    assert_eq!(counted, of("followup"));
}

#[tokio::test]
async fn ids_tokens_and_records_without_files_are_told_apart() {
    let simulator = simulator(few()).await;
    let lines = truth(&simulator);
    let case = first(&lines, |line| line["object"] == "case")["id"].as_str().unwrap().to_string();
    let without: Vec<String> =
        ok(&simulator, "case get", &[("ATTACHMENTS", "no")]).await.values("CASENUM");
    for (path, status) in [
        (format!("case/{}", without[0]), 404),
        ("case/99999".into(), 404),
        ("case/99999999999999999999999".into(), 404),
        ("faq/99999".into(), 404),
        ("followup/1001.99".into(), 404),
        ("task/170".into(), 404),
        ("case/abc".into(), 400),
        ("case/-1".into(), 400),
        ("case/38.1".into(), 400),
        ("followup/38".into(), 400),
        ("followup/38.".into(), 400),
        ("followup/38.1.2".into(), 400),
        ("followup/38.x".into(), 400),
        (format!("case/{case}"), 200),
    ] {
        assert_eq!(fetch(&simulator, &path).await.status, status, "{path}");
    }
    for token in ["action-token-of-the-sample-tenant", "wrong"] {
        let refused = fetch_as(&simulator, &format!("case/{case}"), token).await.unwrap();
        assert_eq!(refused.status, 401);
    }
    ok(&simulator, "case delete", &[("CASENUM", &case)]).await;
    assert_eq!(fetch(&simulator, &format!("case/{case}")).await.status, 404);
    assert!(!truth(&simulator).iter().any(|line| line["id"] == case && line["object"] == "case"));
}

#[tokio::test]
async fn nothing_is_attached_to_what_an_api_adds() {
    let all = json!({ "cases": 1.0, "followups": 1.0, "faqs": 1.0, "large_share": 0.0 });
    let simulator = simulator(with(all)).await;
    let case = [("ACCOUNTNUM", "10000012"), ("SUBJECT", "s"), ("DESCRIPTION", "d")];
    let case = ok(&simulator, "case add", &case).await.value("CASENUM");
    let followup = [("CASENUM", case.as_str()), ("SUBJECT", "s"), ("DESCRIPTION", "d")];
    ok(&simulator, "followup add", &followup).await;
    let got = ok(&simulator, "followup get", &[("CASENUM", &case)]).await;
    assert_eq!(got.value("ATTACHMENTS"), "0");
    for path in [format!("case/{case}"), format!("followup/{case}.1")] {
        assert_eq!(fetch(&simulator, &path).await.status, 404, "{path}");
    }
    let with = ok(&simulator, "case get", &[("ATTACHMENTS", "yes")]).await.values("CASENUM");
    assert!(!with.is_empty() && !with.contains(&case));
}

#[tokio::test]
async fn a_second_request_is_refused_until_the_first_ones_last_byte_is_sent() {
    let all = json!({ "cases": 1.0, "large_share": 1.0, "large_bytes": 20_000_000,
        "most_files": 1, "retry_after": 2 });
    let simulator = simulator(with(all)).await;
    let (one, two) = ("case/1001", "case/1002");
    let token = "data-token-of-the-sample-tenant";
    let mut reading = connected(&simulator, one, token).await;
    let mut head = [0; 1_000];
    reading.read_exact(&mut head).await.unwrap();
    let refused = fetch(&simulator, two).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("2")));
    let mut rest = Vec::new();
    reading.read_to_end(&mut rest).await.unwrap();
    assert!(rest.len() > 19_000_000);
    assert_eq!(fetch(&simulator, two).await.status, 200);
    // A client that goes away is not waited for.
    let mut leaving = connected(&simulator, one, token).await;
    leaving.read_exact(&mut head).await.unwrap();
    drop(leaving);
    for attempt in 0.. {
        if fetch(&simulator, two).await.status == 200 {
            break;
        }
        assert!(attempt < 100, "the turn of a client that went away does not end");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let state = simulator.state().attachments;
    assert_eq!(state.most_at_once, 2);
    assert!(state.refused >= 1);
}

#[tokio::test]
async fn one_after_the_other_is_never_refused() {
    for length in [true, false] {
        let settings = with(json!({ "content_length": length, "large_share": 0.3 }));
        let simulator = simulator(settings).await;
        let paths: BTreeSet<String> = truth(&simulator).iter().map(path).collect();
        for path in &paths {
            let fetched = fetch(&simulator, path).await;
            assert_eq!(fetched.status, 200, "{path}");
            assert_eq!(fetched.header("content-length").is_some(), length);
        }
        assert_eq!(simulator.state().attachments.refused, 0);
    }
}

#[tokio::test]
async fn ten_other_tenants_leave_no_room() {
    let simulator = simulator(with(json!({ "other_tenants": 10 }))).await;
    assert_eq!(fetch(&simulator, "case/1001").await.status, 503);
    assert_eq!(simulator.state().attachments.refused, 0);
}

#[tokio::test]
async fn limits_and_latency_are_those_of_any_api() {
    let mut settings = few();
    settings["limits"] = json!({ "attachments": { "per_second": 0.1, "burst": 1, "status": 503 } });
    settings["latency_ms"] = json!({ "attachments": 200 });
    let simulator = simulator(settings).await;
    let path = path(&truth(&simulator)[0]);
    let token = "data-token-of-the-sample-tenant";
    // While the first one waits it is being served.
    let (first, second) = tokio::join!(fetch(&simulator, &path), async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        fetch_as(&simulator, &path, token).await.unwrap()
    });
    assert_eq!((first.status, second.status), (200, 503));
    assert_eq!(simulator.state().attachments.refused, 1);
    let limited = fetch(&simulator, &path).await;
    assert_eq!((limited.status, limited.header("retry-after").is_some()), (503, true));
    let state = simulator.state();
    assert_eq!(state.apis[&vccpipe_simulator::Api::Attachments].limited, 1);
    assert_eq!(state.attachments.refused, 1);
}

#[tokio::test]
async fn names_and_types_are_told_as_the_switches_have_it() {
    for (names, start) in [
        ("percent", Some("attachment; filename=\"")),
        ("rfc5987", Some("attachment; filename*=UTF-8''")),
        ("rfc2047", Some("attachment; filename=\"=?UTF-8?B?")),
        ("raw", Some("attachment; filename=\"")),
        ("none", None),
    ] {
        let switches = json!({ "names": names, "content_type": "octet_stream", "most_files": 1 });
        let simulator = simulator(with(switches)).await;
        let line = first(&truth(&simulator), |line| !line["name"].as_str().unwrap().is_ascii());
        let fetched = fetch(&simulator, &path(&line)).await;
        assert_eq!(fetched.header("content-type"), Some("application/octet-stream"));
        let told = fetched.header("content-disposition");
        assert_eq!(told.map(|told| told.starts_with(start.unwrap())), start.map(|_| true));
        if names == "raw" {
            assert!(told.unwrap().contains(line["name"].as_str().unwrap()), "{told:?}");
        }
    }
}

#[tokio::test]
async fn a_zip_that_is_one_file_begins_like_a_zip_of_several() {
    let simulator = simulator(with(json!({ "cases": 1.0, "most_files": 1 }))).await;
    let lines = truth(&simulator);
    for end in [".zip", ".docx"] {
        let line = first(&lines, |line| {
            line["in_reply"] == 1 && line["name"].as_str().unwrap().ends_with(end)
        });
        let fetched = fetch(&simulator, &path(&line)).await;
        assert!(fetched.body.starts_with(b"PK\x03\x04"));
        assert_eq!(line["sha256"], sha256(&fetched.body));
        zip::ZipArchive::new(Cursor::new(fetched.body)).unwrap();
    }
}

#[tokio::test]
async fn nasty_names_are_in_a_zip_as_they_are() {
    let nasty = json!({ "nasty_names": true, "followups": 1.0, "zip_bombs": 1.0,
        "zip_bomb_bytes": 5_000_000 });
    let simulator = simulator(with(nasty)).await;
    let lines = truth(&simulator);
    let several = first(&lines, |line| line["object"] == "followup" && line["in_reply"] != 1);
    let fetched = fetch(&simulator, &path(&several)).await;
    let mut zip = zip::ZipArchive::new(Cursor::new(fetched.body)).unwrap();
    let files: Vec<&Value> = lines.iter().filter(|line| path(line) == path(&several)).collect();
    let names: Vec<&str> = files.iter().map(|file| file["name"].as_str().unwrap()).collect();
    for name in ["../../evil.txt", "C:\\evil.txt", "same.txt", "", "..", "nul\0byte.txt", "CON"] {
        assert!(names.contains(&name), "{name:?}");
    }
    assert!(names.iter().any(|name| name.len() > 300));
    assert!(files.iter().any(|file| file["name_hex"] == "ff fe 80 2e 62 69 6e".replace(' ', "")));
    for form in ["symlink", "directory"] {
        assert!(files.iter().any(|file| file["form"] == form), "{form}");
    }
    let bomb = files.last().unwrap();
    assert_eq!((&bomb["bomb"], &bomb["bytes"]), (&json!(true), &json!(5_242_880)));
    // Its followup's count is of the files, as the truth tells them, but for the bomb.
    let id = several["id"].as_str().unwrap();
    let (case, number) = id.split_once('.').unwrap();
    let got = ok(&simulator, "followup get", &[("CASENUM", case)]).await;
    let item = got.items.iter().find(|item| item.contains(&("FOLLOWUPNUM".into(), number.into())));
    let count = (files.len() - 1).to_string();
    assert!(item.unwrap().contains(&("ATTACHMENTS".into(), count)));
    let mut entries = BTreeSet::new();
    for nth in 0..zip.len() {
        entries.insert(zip.by_index_raw(nth).unwrap().name_raw().to_vec());
    }
    assert!(entries.contains(&b"../../evil.txt"[..]) && entries.contains(&b"\xFF\xFE\x80.bin"[..]));
}

#[tokio::test]
async fn vanished_files_are_listed_and_answered_by_404() {
    let simulator = simulator(with(json!({ "vanished": 0.5 }))).await;
    let lines = truth(&simulator);
    let gone = first(&lines, |line| line["vanished"] == true && line["object"] == "case");
    assert_eq!(fetch(&simulator, &path(&gone)).await.status, 404);
    let told = ok(&simulator, "case get", &[("CASENUM", gone["id"].as_str().unwrap())]).await;
    assert_eq!(told.items.len(), 1);
    let there = first(&lines, |line| line["vanished"] != true);
    assert_eq!(fetch(&simulator, &path(&there)).await.status, 200);
}

#[tokio::test]
async fn faults_limits_and_a_kept_tenant_concern_attachments_too() {
    let folder = tempfile::tempdir().unwrap();
    let keep_in = Some(folder.path().to_path_buf());
    let mut settings = with(json!({ "large_share": 0.5 }));
    settings["faults"] = json!([
        { "kind": "truncated", "api": "attachments", "times": 1 },
        { "kind": "unavailable", "api": "attachments", "times": 1, "retry_after": 1 },
        { "kind": "reset_after", "api": "attachments", "times": 1 },
    ]);
    let first_run = started(settings, keep_in.clone()).await;
    let lines = truth(&first_run);
    let path = path(&lines[0]);
    let token = "data-token-of-the-sample-tenant";
    fetch_as(&first_run, &path, token).await.err().unwrap();
    assert_eq!(fetch(&first_run, &path).await.status, 503);
    fetch_as(&first_run, &path, token).await.err().unwrap();
    assert_eq!(fetch(&first_run, &path).await.status, 200);
    let state = first_run.state();
    assert_eq!(state.attachments.refused, 0);
    assert_eq!(state.apis[&vccpipe_simulator::Api::Attachments].faults.len(), 3);
    let case = lines[0]["id"].as_str().unwrap().to_string();
    ok(&first_run, "case delete", &[("CASENUM", &case)]).await;
    first_run.stop().await;
    let again = started(with(json!({ "large_share": 0.5 })), keep_in).await;
    let is_left = |line: &Value| {
        let id = line["id"].as_str().unwrap();
        id != case && !id.starts_with(&format!("{case}."))
    };
    let left: Vec<Value> = lines.into_iter().filter(is_left).collect();
    assert_eq!(truth(&again), left);
}
