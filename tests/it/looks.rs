//! Rows of the tenant are looked at before they are loaded: by few requests, which change nothing, and
//! nothing is left on disk. How often the tenant was asked is the simulator's own account.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use vccpipe_simulator::Settings;

use crate::bench::{Bench, Told, text};

type Record = BTreeMap<String, Value>;

/// Objects of the CRM with their keys.
const OBJECTS: [(&str, &[&str]); 6] = [
    ("customer", &["ACCOUNTNUM"]),
    ("case", &["CASENUM"]),
    ("followup", &["CASENUM", "FOLLOWUPNUM"]),
    ("task", &["TASKNUM"]),
    ("faqcategory", &["FAQCATID"]),
    ("faq", &["FAQID"]),
];

fn bench() -> Bench {
    bench_with(json!({}))
}

/// A tenant of some thousand records, with further settings, that may take its time.
fn bench_with(more: Value) -> Bench {
    let mut all = json!({ "tenant": { "customers": 1500, "crm": {
        "timezone": "America/New_York", "cases": 900, "followups": 1200, "tasks": 700, "faqs": 60
    } } });
    for (key, value) in more.as_object().unwrap() {
        all[key] = value.clone();
    }
    let settings: Settings = serde_json::from_value(all).unwrap();
    let bench = Bench::new(settings);
    bench.without_haste();
    fs::create_dir(bench.path("tmp")).unwrap();
    bench
}

/// A pipeline that writes what it is given into a CSV file.
fn write(bench: &Bench, extract: &str, steps: &str) {
    bench.write(
        "pipeline.yaml",
        &format!(
            "version: 1\nname: test-load\nconnection: acme\nextract: {{ {extract} }}\n\
             transform: {steps}\nload: {{ csv: {{ path: out.csv }} }}\n"
        ),
    );
}

/// The program, with a folder of its own for what is thrown away.
fn vccpipe(bench: &Bench, args: &[&str]) -> Told {
    let mut command = bench.command(args);
    Told::of(command.env("TMPDIR", bench.path("tmp")).output().unwrap())
}

/// Requests of any kind that the tenant has counted so far.
fn requests(bench: &Bench) -> u64 {
    let state = serde_json::to_value(bench.tenant().state()).unwrap();
    let count = |part: &Value| -> u64 {
        let requests = part["requests"].as_object().into_iter().flatten();
        requests.map(|(_, count)| count.as_u64().unwrap()).sum()
    };
    let campaigns = state["campaigns"].as_object().unwrap().values().map(count).sum::<u64>();
    count(&state["wapi"]) + count(&state["attachments"]) + campaigns
}

/// What the tenant holds.
fn held(bench: &Bench) -> Vec<Vec<Record>> {
    OBJECTS.iter().map(|(object, _)| bench.records(object)).collect()
}

/// Runs a command that only looks; gives what it said and how often the tenant was asked. Nothing
/// has become of it: neither at the tenant nor on disk.
#[track_caller]
fn look(bench: &Bench, args: &[&str]) -> (Told, u64) {
    let (before, asked) = (held(bench), requests(bench));
    let files = names(bench, ".");
    let told = vccpipe(bench, args);
    assert_eq!(held(bench), before, "the tenant was changed");
    assert_eq!(names(bench, "."), files, "something was left behind");
    assert!(names(bench, "tmp").is_empty(), "left in the scratch: {:?}", names(bench, "tmp"));
    (told, requests(bench) - asked)
}

fn names(bench: &Bench, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(bench.path(folder)).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The number after a word of a table such as that of `plan`.
#[track_caller]
fn figure(told: &Told, label: &str) -> u64 {
    let line = told.stdout.lines().find(|line| line.trim_start().starts_with(label));
    let line = line.unwrap_or_else(|| panic!("no `{label}` in:\n{}", told.stdout));
    let number = line.trim_start()[label.len()..].split_whitespace().next().unwrap();
    number.replace(',', "").parse().unwrap()
}

/// The rows of the first table of a preview: what stands in its only column.
fn first_table(told: &Told) -> Vec<String> {
    let lines = told.stdout.lines().skip_while(|line| !line.starts_with("as read")).skip(3);
    let rows = lines.take_while(|line| !line.trim().is_empty());
    rows.map(|line| line.split_whitespace().nth(1).unwrap().to_owned()).collect()
}

#[test]
fn a_preview_asks_for_few_records_of_each_object_and_leaves_nothing() {
    let bench = bench();
    for (object, key) in OBJECTS {
        let tag = key[key.len() - 1];
        write(&bench, &format!("wapi: {{ object: {object}, select: [{tag}] }}"), "[]");
        let (told, asked) = look(&bench, &["preview", "pipeline.yaml", "-n", "5"]);
        let told = told.expect(0);
        assert_eq!(first_table(&told).len(), 5, "{object}: {}", told.stdout);
        let known = bench.records(object);
        for number in first_table(&told) {
            let is_known = known.iter().any(|record| text(record, tag) == number);
            assert!(is_known, "{object} {number}: {}", told.stdout);
        }
        let s = if asked == 1 { "" } else { "s" };
        let words = format!("asked the tenant with {asked} request{s}, which change nothing");
        assert_eq!(told.stderr.trim(), words, "{object}");
        assert!((1..=5).contains(&asked), "{object} took {asked} requests");
        // A narrow window: not thousands of records for five that are shown.
        let looked_at = told.stdout.split_whitespace().nth(1).unwrap().replace(',', "");
        assert!(looked_at.parse::<u64>().unwrap() <= 500, "{}", told.stdout);
    }
}

#[test]
fn a_preview_shows_the_tenant_s_rows_after_each_step() {
    let bench = bench();
    write(
        &bench,
        "wapi: { object: case, incremental: { by: modified, overlap: 1d } }",
        "[ { filter: \"CASENUM is not null\" },\n  { map: { number: CASENUM, \
         month: \"to_char(CREATEDDATE, '%Y-%m')\" } },\n  { dedupe: { key: [number] } } ]",
    );
    let (told, asked) = look(&bench, &["preview", "pipeline.yaml", "-n", "4"]);
    let told = told.expect(0);
    assert_eq!(asked, 4, "the range, the days of its ends, and one window");
    for words in [
        "test-load: ",
        "of the tenant were looked at; nothing was sent",
        "after step 2, map",
        "month +",
    ] {
        assert!(told.stdout.contains(words), "`{words}` is not in:\n{}", told.stdout);
    }
}

#[test]
fn a_preview_keeps_to_what_the_pipeline_asks_for() {
    let bench = bench();
    let cases = bench.records("case");
    let (first, status) = (text(&cases[0], "CASENUM"), text(&cases[0], "STATUS"));
    // The oldest case by its number.
    write(
        &bench,
        &format!("wapi: {{ object: case, select: [CASENUM], where: {{ CASENUM: \"{first}\" }} }}"),
        "[]",
    );
    let (told, asked) = look(&bench, &["preview", "pipeline.yaml"]);
    assert_eq!((first_table(&told.expect(0)), asked), (vec![first.to_owned()], 1));
    // A status.
    write(
        &bench,
        &format!("wapi: {{ object: case, select: [STATUS], where: {{ STATUS: \"{status}\" }} }}"),
        "[]",
    );
    let (told, _) = look(&bench, &["preview", "pipeline.yaml", "-n", "3"]);
    assert_eq!(first_table(&told.expect(0)), vec![status.split(' ').next().unwrap(); 3]);
    // Days, as the command line gives them.
    let zone = jiff::tz::TimeZone::get("America/New_York").unwrap();
    let day = |record: &Record| {
        let created: jiff::Timestamp = text(record, "_created").parse().unwrap();
        created.to_zoned(zone.clone()).date()
    };
    let (from, to) = (day(&cases[cases.len() / 3]), day(&cases[cases.len() / 3 * 2]));
    write(&bench, "wapi: { object: case, select: [CASENUM] }", "[]");
    let (from_text, to_text) = (from.to_string(), to.to_string());
    let days = ["--from", &from_text, "--to", &to_text];
    let (told, asked) =
        look(&bench, &[&["preview", "pipeline.yaml", "-n", "5"][..], &days].concat());
    let shown = first_table(&told.expect(0));
    assert_eq!(shown.len(), 5);
    for number in shown {
        let case = cases.iter().find(|case| text(case, "CASENUM") == number).unwrap();
        assert!(from <= day(case) && day(case) < to, "{number} is of {}", day(case));
    }
    assert!(asked <= 4, "{asked} requests");
}

#[test]
fn a_preview_finds_what_is_rare_or_says_that_there_is_nothing() {
    let bench = bench();
    let customers = bench.records("customer");
    let email = text(&customers[7], "EMAIL");
    write(
        &bench,
        &format!(
            "wapi: {{ object: customer, select: [ACCOUNTNUM], where: {{ EMAIL: \"{email}\" }} }}"
        ),
        "[]",
    );
    let (told, asked) = look(&bench, &["preview", "pipeline.yaml"]);
    assert_eq!(first_table(&told.expect(0)), [text(&customers[7], "ACCOUNTNUM")]);
    assert!(asked <= 5, "{asked} requests");
    write(&bench, "wapi: { object: customer, where: { EMAIL: nobody@nowhere.example } }", "[]");
    let (told, _) = look(&bench, &["preview", "pipeline.yaml"]);
    told.expect(0).says("test-load: 0 rows of the tenant were looked at");
}

#[test]
fn lists_and_campaigns_are_previewed_by_one_request() {
    let bench = bench_with(json!({ "campaigns": { "records_page": 50 } }));
    write(&bench, "list: { of: countries }", "[]");
    let (told, asked) = look(&bench, &["preview", "pipeline.yaml", "-n", "2"]);
    assert_eq!((first_table(&told.expect(0)).len(), asked), (2, 1));
    write(&bench, "campaign: { campaign: 128 }", "[ { map: { id: \"\\\"record-id\\\"\" } } ]");
    let (told, asked) = look(&bench, &["preview", "pipeline.yaml", "-n", "2"]);
    told.expect(0).says("test-load: 50 rows of the tenant were looked at");
    assert_eq!(asked, 1, "one page");
}

#[test]
fn a_look_at_attachments_shows_the_numbers_and_fetches_no_file() {
    let bench = bench();
    let list = "attachments: { object: case, ids: [1001, 1002], directory: files }";
    write(&bench, list, "[ { map: { id: id, outcome: outcome } } ]");
    let (told, asked) = look(&bench, &["preview", "pipeline.yaml"]);
    let told = told.expect(0);
    assert_eq!(asked, 0, "numbers of a list are known");
    assert_eq!(told.stderr.trim(), "the tenant was not asked for anything");
    assert!(told.stdout.contains("1001") && told.stdout.contains("1002"), "{}", told.stdout);

    let from = "attachments: { object: case, directory: files, ids: { from: \
                { wapi: { object: case, where: { ATTACHMENTS: yes } } } } }";
    write(&bench, from, "[ { map: { id: id } } ]");
    let with_files = || {
        let lines = bench.tenant().attachments();
        let of = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let of = of.filter(|line| line["object"] == "case");
        let ids = of.map(|line| line["id"].as_str().unwrap().to_owned());
        ids.collect::<BTreeSet<String>>()
    };
    let (told, _) = look(&bench, &["preview", "pipeline.yaml", "-n", "3"]);
    let told = told.expect(0);
    assert!(told.stdout.starts_with("test-load: 3 rows of the tenant"), "{}", told.stdout);

    let (told, _) = look(&bench, &["plan", "pipeline.yaml", "--fetch"]);
    let told = told.expect(0).says("no file was asked for");
    assert_eq!(figure(&told, "to send"), with_files().len() as u64);
    let asked = bench.tenant().state().attachments.requests.values().sum::<u64>();
    assert_eq!(asked, 0, "a file was asked for");
    assert!(!bench.path("files").exists());
}

#[test]
fn looks_move_no_high_water_mark() {
    let bench = bench();
    write(&bench, "wapi: { object: customer, incremental: { by: modified, overlap: 1d } }", "[]");
    bench.run().expect(0);
    let ledger = bench.path(".vccpipe/runs/test-load/ledger.sqlite");
    let mark = || {
        let ledger = rusqlite::Connection::open(&ledger).unwrap();
        let ask = "SELECT group_concat(name || '=' || value, ';') FROM memory";
        let notes: String = ledger.query_row(ask, [], |row| row.get(0)).unwrap();
        let had: i64 = ledger.query_row("SELECT count(*) FROM had", [], |row| row.get(0)).unwrap();
        (notes, had)
    };
    let before = mark();
    let (told, _) = look(&bench, &["preview", "pipeline.yaml", "-n", "2"]);
    told.expect(0).says("of the tenant were looked at");
    let (told, _) = look(&bench, &["plan", "pipeline.yaml", "--fetch"]);
    let told = told.expect(0);
    assert_eq!(figure(&told, "read"), 0, "{}", told.stdout);
    let (told, _) = look(&bench, &["run", "pipeline.yaml", "--dry-run", "--fetch"]);
    assert_eq!(figure(&told.expect(0), "read"), 0);
    assert_eq!(mark(), before);
}

#[test]
fn a_plan_asks_nothing_and_tells_what_would_be_asked_for() {
    let bench = bench();
    write(&bench, "wapi: { object: case, incremental: { by: modified, overlap: 1d } }", "[]");
    let (told, asked) = look(&bench, &["plan", "pipeline.yaml"]);
    assert_eq!(asked, 0);
    insta::assert_snapshot!(bench.plain(&told.expect(0).stdout), @r"
    test-load: plan, nothing was sent and nothing asked
      asks for    the first and the last number of the Case records, and how many there are (FIRSTID, LASTID, TOTAL)
                  the first and the last of them, for the days of their creation
                  all Case records by the days on which they were created, about 2000 to a reply
                  the same with CREATEDBY Deleted Agents
                  how many there are, again: what is missing is looked for
      high water  none yet: all is fetched, and the run after that fetches what is new
      limits      wapi: any number of requests a second, 4 at once
    the next run: begins, and fetches all of this
    the rows are the tenant's, and were not looked at: `vccpipe preview` shows a few of them, `--fetch` reads and checks them all, by requests that change nothing
    ");
    bench.run().expect(0);
    let (told, asked) = look(&bench, &["plan", "pipeline.yaml"]);
    assert_eq!(asked, 0);
    let days = regex::Regex::new(r"\d{4}-\d\d-\d\d").unwrap();
    let told = told.expect(0);
    insta::assert_snapshot!(days.replace_all(&bench.plain(&told.stdout), "[day]"), @r"
    test-load: plan, nothing was sent and nothing asked
      asks for    the first and the last number of the Case records, and how many there are (FIRSTID, LASTID, TOTAL)
                  Case records modified from [day], before [day]
                  Case records created from [day], before [day]
                  the same with CREATEDBY Deleted Agents
                  the same with CREATEDBY Customers
                  the same with ASSIGNEDTO Deleted Agents, ASSIGNEDTO Deleted Groups, ASSIGNEDTO None
                  the same with CREATEDBY Deleted Agents, CREATEDBY Customers, ASSIGNEDTO Deleted Agents, ASSIGNEDTO Deleted Groups, ASSIGNEDTO None
      high water  [day], the day of the last run that was loaded
      limits      wapi: any number of requests a second, 4 at once
    the next run: begins, and fetches all of this
    the rows are the tenant's, and were not looked at: `vccpipe preview` shows a few of them, `--fetch` reads and checks them all, by requests that change nothing
    ");
    let (told, _) =
        look(&bench, &["plan", "pipeline.yaml", "--from", "2026-01-01", "--to", "2026-02-01"]);
    told.expect(0).says("Case records modified from 2026-01-01, before 2026-02-01");
    let (told, asked) = look(&bench, &["run", "pipeline.yaml", "--dry-run"]);
    told.expect(0).says("test-load: dry run, nothing was sent and nothing asked");
    assert_eq!(asked, 0);
}

#[test]
fn a_plan_tells_of_every_source_what_it_would_ask_for() {
    let bench = bench();
    let mut all = String::new();
    for extract in [
        "wapi: { object: customer }",
        "wapi: { object: followup, where: { CASENUM: \"10%\" } }",
        "wapi: { object: faq }",
        "list: { picklist: PRIORITY }",
        "campaign: { campaign: 128, where: { status: \"3\" } }",
        "attachments: { object: case, ids: [1001, 1002], directory: files }",
    ] {
        write(&bench, extract, "[]");
        let (told, asked) = look(&bench, &["plan", "pipeline.yaml"]);
        assert_eq!(asked, 0, "{extract}");
        let told = told.expect(0);
        let asks = told.stdout.lines().skip(1).take_while(|line| !line.contains("limits"));
        all += &format!("{extract}\n{}\n", asks.collect::<Vec<_>>().join("\n"));
    }
    insta::assert_snapshot!(all, @r#"
    wapi: { object: customer }
      asks for    the first and the last number of the Customer records, and how many there are (FIRSTID, LASTID, TOTAL)
                  all Customer records by the beginnings of ACCOUNTNUM, about 2000 to a reply
                  how many there are, again: what is missing is looked for
    wapi: { object: followup, where: { CASENUM: "10%" } }
      asks for    the first and the last number of the Case records, and how many there are (FIRSTID, LASTID, TOTAL)
                  the Followup records that fit, at once, or in parts where it is too much
                  all of it only where CASENUM is 10%
    wapi: { object: faq }
      asks for    the list of categories
                  the FAQs of each
    list: { picklist: PRIORITY }
      asks for    the picklist PRIORITY, by one request
    campaign: { campaign: 128, where: { status: "3" } }
      asks for    the records of campaign 128 (/api/stats/campaigns/128/records.json?status=3), page by page, until one brings nothing new
    attachments: { object: case, ids: [1001, 1002], directory: files }
      asks for    the files of 2 case records, one request at a time, into `files`, but for what is there already
    "#);
}

#[test]
fn a_plan_that_fetches_tells_what_the_run_then_does() {
    let bench = bench();
    write(
        &bench,
        "wapi: { object: customer }",
        "[ { filter: \"ACCOUNTNUM not like '%7'\" }, { map: { number: ACCOUNTNUM, \
         half: \"100 / (cast(substr(ACCOUNTNUM, 8) as int) - 5)\" } } ]",
    );
    let (told, asked) = look(&bench, &["plan", "pipeline.yaml", "--fetch"]);
    let told = told.expect(0);
    let words = format!("asked the tenant with {asked} requests, which change nothing");
    assert!(told.stderr.contains(&words), "{}", told.stderr);
    assert_eq!(figure(&told, "fetched"), bench.records("customer").len() as u64);
    let (dry, _) = look(&bench, &["run", "pipeline.yaml", "--dry-run", "--fetch"]);
    let dry = dry.expect(3);
    bench.run().expect(3);
    let summary = bench.summary();
    for (label, key) in
        [("read", "read"), ("to send", "loaded"), ("rejected", "rejected"), ("skipped", "skipped")]
    {
        let number = summary[key].as_u64().unwrap();
        assert!(number > 0, "{key} is 0: nothing is shown by it");
        assert_eq!((figure(&told, label), figure(&dry, label)), (number, number), "{label}");
    }
}

#[test]
fn a_plan_of_the_tenant_s_rows_is_not_kept() {
    let bench = bench();
    write(&bench, "wapi: { object: customer }", "[]");
    let (told, asked) = look(&bench, &["plan", "pipeline.yaml", "--fetch", "--out", "plan.json"]);
    insta::assert_snapshot!(bench.plain(&told.expect(2).stderr), @r"
    error: a plan of rows that the tenant has cannot be kept: they may be others when `run` fetches them
      hint: leave `--out` and `--plan` out; `run` checks each row by the same rules, and `max_rejected` stops it where too many are rejected
    ");
    assert_eq!(asked, 0, "it is refused before anything is asked");
    bench.write("plan.json", "{}");
    let (told, asked) = look(&bench, &["run", "pipeline.yaml", "--plan", "plan.json"]);
    told.expect(2).says("a plan of rows that the tenant has cannot be kept");
    assert_eq!(asked, 0);
}

#[test]
fn files_do_not_stand_in_for_the_tenant_s_rows() {
    let bench = bench();
    write(&bench, "wapi: { object: customer }", "[]");
    bench.write("rejected.csv", "ACCOUNTNUM,_line,_reason\n10000001,2,wrong\n");
    for command in ["preview", "plan", "run"] {
        let (told, asked) = look(&bench, &[command, "pipeline.yaml", "--input", "rejected.csv"]);
        told.expect(2).says("the rows of this pipeline come from the tenant, and not from files");
        assert_eq!(asked, 0, "{command}");
    }
}

#[test]
fn a_look_at_a_tenant_that_says_no_tells_so() {
    let bench = bench();
    write(&bench, "wapi: { object: customer }", "[]");
    let told = vccpipe(&bench, &["preview", "pipeline.yaml", "--connection", "acne"]).expect(2);
    assert!(told.stderr.contains("`acne`"), "{}", told.stderr);
    let known = bench.tenant().credentials();
    bench.mend(
        "connections.yaml",
        &format!("password: {}", known.wapi_password),
        "password: wrong1",
    );
    for args in [&["preview", "pipeline.yaml"][..], &["plan", "pipeline.yaml", "--fetch"]] {
        let (told, asked) = look(&bench, args);
        let told = told.expect(1);
        assert!(told.stderr.contains("hint:"), "{}", told.stderr);
        assert_eq!(asked, 1, "one request tells it");
    }
}

/// Starts a command, and interrupts it once it has begun.
#[cfg(unix)]
fn interrupted(bench: &Bench, args: &[&str], has_begun: impl Fn() -> bool) -> Told {
    let mut command = bench.command(args);
    let child = command.env("TMPDIR", bench.path("tmp")).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while !has_begun() {
        assert!(Instant::now() < until, "{args:?} never began");
        std::thread::sleep(Duration::from_millis(5));
    }
    // The program listens for signals on a thread of its own, which may come to it later.
    std::thread::sleep(Duration::from_millis(300));
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    Told::of(child.wait_with_output().unwrap())
}

#[test]
#[cfg(unix)]
fn a_plan_tells_that_an_unfinished_run_goes_on() {
    let bench = bench_with(json!({ "latency_ms": { "wapi": 1500 } }));
    write(&bench, "wapi: { object: customer, incremental: { by: created } }", "[]");
    let spool = bench.path(".vccpipe/runs/test-load/latest/fetched.sqlite");
    let has_asked = || {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let ask = "SELECT 1 FROM note WHERE name = 'asked'";
        rusqlite::Connection::open_with_flags(&spool, flags)
            .and_then(|spool| spool.query_row(ask, [], |_| Ok(())))
            .is_ok()
    };
    interrupted(&bench, &["run", "pipeline.yaml"], has_asked).expect(130);
    let next = |args: &[&str]| {
        let (told, asked) = look(&bench, &[&["plan", "pipeline.yaml"], args].concat());
        assert_eq!(asked, 0);
        let told = bench.plain(&told.expect(0).stdout);
        told.lines().find(|line| line.starts_with("the next run")).unwrap().to_owned()
    };
    insta::assert_snapshot!(next(&[]), @"the next run: goes on with run [run], and asks only for what that run still lacks");
    insta::assert_snapshot!(next(&["--from", "2026-01-01", "--to", "2026-02-01"]), @"the next run: refuses, because the unfinished run [run] belongs to something else: it fetches all records, and not created from 2026-01-01, before 2026-02-01 (`--fresh` gives it up)");
}

#[test]
#[cfg(unix)]
fn an_interrupted_look_leaves_nothing() {
    let bench = bench_with(json!({ "latency_ms": { "wapi": 1500 } }));
    write(&bench, "wapi: { object: customer }", "[]");
    for args in [
        &["preview", "pipeline.yaml"][..],
        &["plan", "pipeline.yaml", "--fetch"],
        &["run", "pipeline.yaml", "--dry-run", "--fetch"],
    ] {
        // The scratch is there: it has begun.
        let told = interrupted(&bench, args, || !names(&bench, "tmp").is_empty()).expect(130);
        assert_eq!(told.stdout, "", "no figures of half the rows: {args:?}");
        assert!(names(&bench, "tmp").is_empty(), "{args:?} left {:?}", names(&bench, "tmp"));
    }
}

#[test]
fn the_built_in_tenant_is_looked_at_as_it_was_left() {
    let bench = Bench::without_tenant();
    fs::create_dir(bench.path("tmp")).unwrap();
    let pipeline = |extract: &str| {
        write(&bench, extract, "[]");
        bench.mend("pipeline.yaml", "connection: acme", "connection: simulator");
    };
    pipeline("wapi: { object: customer, select: [ACCOUNTNUM, EMAIL] }");
    let told = vccpipe(&bench, &["preview", "pipeline.yaml", "-n", "1"]).expect(0);
    assert!(told.stdout.contains("of the tenant were looked at"), "{}", told.stdout);
    assert!(!bench.path(".vccpipe").exists(), "a look leaves nothing behind");
    // A customer who was added by a run is seen by the next look.
    bench.write("people.csv", "FIRSTNAME,LASTNAME,EMAIL\nAda,Newcomer,ada@newcomer.example\n");
    bench.write(
        "add.yaml",
        "version: 1\nname: add\nconnection: simulator\nextract: { csv: { path: people.csv } }\n\
         transform: [ { map: { FIRSTNAME: FIRSTNAME, LASTNAME: LASTNAME, EMAIL: EMAIL, VOICE: \"'2015550123'\", \
         AUTOPASSWD: \"'True'\" } } ]\nload: { wapi: { object: customer, action: add } }\n",
    );
    bench.vccpipe(&["run", "add.yaml"]).expect(0);
    pipeline("wapi: { object: customer, select: [EMAIL], where: { EMAIL: ada@newcomer.example } }");
    let told = vccpipe(&bench, &["preview", "pipeline.yaml"]).expect(0);
    assert_eq!(first_table(&told), ["ada@newcomer.example"], "{}", told.stdout);
}

#[test]
fn looks_at_the_built_in_tenant_take_its_settings() {
    let bench = Bench::without_tenant();
    fs::create_dir(bench.path("tmp")).unwrap();
    bench.write("simulator.yaml", "tenant: { customers: 7 }\n");
    write(&bench, "wapi: { object: customer, select: [ACCOUNTNUM] }", "[]");
    bench.mend("pipeline.yaml", "connection: acme", "connection: simulator");
    let settings = ["pipeline.yaml", "--simulator-config", "simulator.yaml"];
    let told = vccpipe(&bench, &[&["preview", "-n", "20"], &settings[..]].concat()).expect(0);
    assert_eq!(first_table(&told).len(), 7, "{}", told.stdout);
    let told = vccpipe(&bench, &[&["plan", "--fetch"], &settings[..]].concat()).expect(0);
    assert_eq!(figure(&told, "read"), 7, "{}", told.stdout);
}
