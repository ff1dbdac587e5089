//! Settings of the two YAML formats that are neither a load's nor a fault's own subject, each known
//! by what comes of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::{Duration, Instant},
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Value, json};
use vccpipe_simulator::{Settings, StatusMethod, Tokens};

use crate::{
    bench::{Bench, csv_of, customers, settings, text},
    crm,
    sources::{text_cell, write_workbook},
};

type Row = BTreeMap<String, String>;

/// A tenant with a small CRM in New York, as the connection has it.
fn small(more: Value) -> Settings {
    let crm = json!({
        "timezone": "America/New_York", "cases": 40, "followups": 60, "tasks": 30, "faqs": 20,
    });
    let mut whole = json!({ "tenant": { "customers": 120, "crm": crm } });
    for (key, value) in more.as_object().unwrap() {
        whole[key] = value.clone();
    }
    serde_json::from_value(whole).unwrap()
}

fn bench_of(settings: Settings) -> Bench {
    let bench = Bench::new(settings);
    bench.without_haste();
    bench
}

fn write(bench: &Bench, extract: &str, steps: &str, load: &str) {
    bench.write(
        "pipeline.yaml",
        &format!(
            "version: 1
name: test-load
description: What comes of a setting.
connection: acme
extract:
  {extract}
transform: {steps}
load:
  {load}
"
        ),
    );
}

fn rows_of(bench: &Bench, name: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(bench.path(name)).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

/// What an extract brings, as a CSV file has it.
fn extracted(bench: &Bench, extract: &str) -> Vec<Row> {
    write(bench, extract, "[]", "csv: { path: out.csv }");
    bench.vccpipe(&["run", "pipeline.yaml", "--fresh"]).expect(0);
    rows_of(bench, "out.csv")
}

#[test]
fn a_csv_of_another_dialect_is_read_as_its_keys_say() {
    let bench = bench_of(small(json!({})));
    let before = bench.records("customer").len();
    // windows-1252: 0xEB is an e with a diaeresis, 0x92 the typographic apostrophe.
    let input: &[u8] =
        b"'Zo\xeb';'Lef\xe8vre; Sons';'NULL';'True'\r\n'Ann';'O\x92Neil';'-';'True'\r\n";
    fs::write(bench.path("input.txt"), input).unwrap();
    write(
        &bench,
        "csv: { path: [input.txt], delimiter: ';', quote: \"'\", encoding: windows-1252, header: false, null_values: ['NULL', '-'] }",
        "\n  - map:\n      FIRSTNAME: column_1\n      LASTNAME: { column: column_2 }\n      \
         COMPANY: \"coalesce(column_3, 'none')\"\n      AUTOPASSWD: { value: 'True' }",
        "wapi: { object: customer, action: add }",
    );
    bench.run().expect(0);
    let added = bench.records_since("customer", before);
    let names: Vec<_> = added
        .iter()
        .map(|record| ["FIRSTNAME", "LASTNAME", "COMPANY"].map(|tag| text(record, tag)))
        .collect();
    assert_eq!(names, [["Zoë", "Lefèvre; Sons", "none"], ["Ann", "O’Neil", "none"]]);
}

#[test]
fn ndjson_has_the_types_and_columns_that_its_keys_say() {
    let bench = bench_of(small(json!({})));
    bench.write("input.ndjson", "{\"id\": 7, \"vip\": true}\n{\"id\": 10, \"vip\": false}\n");
    let out = |extract: &str| {
        write(&bench, extract, "[]", "json: { path: out.ndjson, mode: snapshot }");
        bench.vccpipe(&["run", "pipeline.yaml", "--fresh"]).expect(0);
        fs::read_to_string(bench.path("out.ndjson")).unwrap()
    };
    assert_eq!(
        out("json: { path: input.ndjson, types: found }"),
        "{\"id\":7,\"vip\":true}\n{\"id\":10,\"vip\":false}\n"
    );
    assert_eq!(
        out("json: { path: input.ndjson, types: text, columns: [vip, id] }"),
        "{\"vip\":\"true\",\"id\":\"7\"}\n{\"vip\":\"false\",\"id\":\"10\"}\n"
    );
}

#[test]
fn files_are_written_as_the_keys_of_their_load_say() {
    let bench = bench_of(small(json!({})));
    bench.write("input.csv", "name,sum\n=1+1,\n\"Zoë; Ann\",3\n");
    let load = "csv: { path: out.csv, mode: snapshot, delimiter: ';', null_value: none, formula_safe: true, bom: true, max_rejected: 0, max_refused: 0 }";
    write(&bench, "csv: { path: input.csv }", "[]", load);
    bench.run().expect(0);
    let written = fs::read_to_string(bench.path("out.csv")).unwrap().replace("\r\n", "\n");
    assert_eq!(written, "\u{feff}name;sum\n'=1+1;none\n\"Zoë; Ann\";3\n");

    for compression in ["zstd", "gzip", "snappy", "none"] {
        let load = format!(
            "parquet: {{ path: folder, mode: snapshot, compression: {compression}, max_refused: 0 }}"
        );
        write(&bench, "csv: { path: input.csv }", "[]", &load);
        bench.vccpipe(&["run", "pipeline.yaml", "--fresh"]).expect(0);
        let rows = bench.table("folder");
        assert_eq!((rows.len(), rows[1]["name"].as_str()), (2, "Zoë; Ann"), "{compression}");
        let manifest: Value =
            serde_json::from_slice(&fs::read(bench.path("folder/_manifest.json")).unwrap())
                .unwrap();
        let file = bench.path("folder").join(manifest["files"][0]["path"].as_str().unwrap());
        let file = fs::File::open(file).unwrap();
        let reader = parquet::file::reader::SerializedFileReader::new(file).unwrap();
        let metadata = parquet::file::reader::FileReader::metadata(&reader);
        let used = format!("{:?}", metadata.row_group(0).column(0).compression());
        let meant = compression.replace("none", "uncompressed");
        assert!(used.to_lowercase().starts_with(&meant), "{compression}: {used}");
    }

    // Too many rejected rows leave every kind of file as it was.
    bench.write("input.csv", "name,sum\na,1\nb,2,3\n");
    for load in ["csv: { path: out.csv, max_rejected: 0 }", "json: { path: new, max_rejected: 0 }"]
    {
        write(&bench, "csv: { path: input.csv }", "[]", load);
        bench.vccpipe(&["run", "pipeline.yaml", "--fresh"]).expect(1).says("`max_rejected` is 0");
    }
    assert!(fs::read_to_string(bench.path("out.csv")).unwrap().contains("Zoë"));
    assert!(!bench.path("new").exists());
    // Nothing refuses rows of a file, whatever `max_refused` is.
    let load = "json: { path: new, mode: snapshot, max_refused: 0, max_rejected: 100% }";
    write(&bench, "csv: { path: input.csv }", "[]", load);
    bench.vccpipe(&["run", "pipeline.yaml", "--fresh"]).expect(3);
    assert_eq!(fs::read_to_string(bench.path("new")).unwrap(), "{\"name\":\"a\",\"sum\":\"1\"}\n");
}

#[test]
fn whatever_windows_are_cut_by_the_same_records_come() {
    let bench = bench_of(small(json!({})));
    for (object, by) in [
        ("customer", &["number", "created", "modified"][..]),
        ("case", &["created", "modified"]),
        ("followup", &["number", "created"]),
        ("task", &["created", "modified", "due"]),
        ("faq", &["category", "created"]),
    ] {
        let truth = bench.records(object).len();
        let whole = extracted(&bench, &format!("wapi: {{ object: {object}, select: all }}"));
        assert_eq!(whole.len(), truth, "{object}");
        for by in by {
            let extract = format!(
                "wapi: {{ object: {object}, range: {{ by: {by}, rows: 20, seconds: 1 }} }}"
            );
            assert_eq!(extracted(&bench, &extract), whole, "{object} by: {by}");
        }
    }
}

/// The day on which a record was created, as the tenant's clocks show it.
fn created(record: &BTreeMap<String, Value>) -> Date {
    let at: Timestamp = text(record, "_created").parse().unwrap();
    at.to_zoned(TimeZone::get("America/New_York").unwrap()).date()
}

#[test]
fn a_range_of_days_brings_the_records_of_these_days() {
    let bench = bench_of(small(json!({})));
    let mut days: Vec<Date> = bench.records("case").iter().map(created).collect();
    days.sort_unstable();
    let (from, to) = (days[10], days[30]);
    let within = days.iter().filter(|day| from <= **day && **day < to).count();
    let range = format!("by: created, from: {from}, to: {to}");
    let extract = format!("wapi: {{ object: case, range: {{ {range} }} }}");
    let found = extracted(&bench, &extract);
    assert!(within > 0 && found.len() == within, "{} instead of {within}", found.len());
}

#[test]
fn a_slow_reply_makes_the_next_windows_smaller_and_loses_nothing() {
    // 20 ms a row: a window of 60 rows takes longer than a second, one of 40 does not.
    let wapi = json!({ "get_ms_per_row": 20.0 });
    let asked = |range: &str| {
        let bench = bench_of(small(json!({ "wapi": wapi })));
        let extract = format!("wapi: {{ object: customer, range: {{ {range} }} }}");
        assert_eq!(extracted(&bench, &extract).len(), bench.records("customer").len());
        bench.asked("CUSTOMER GET")
    };
    let (patient, hasty) = (asked("rows: 60, seconds: 20"), asked("rows: 60, seconds: 1"));
    assert!(hasty >= patient, "{hasty} requests instead of {patient}");
}

#[test]
fn values_of_the_tenant_are_typed_or_as_it_writes_them() {
    let bench = bench_of(small(json!({})));
    let typed = extracted(&bench, "wapi: { object: case, types: typed }");
    let plain = extracted(&bench, "wapi: { object: case, types: text }");
    let truth = bench.records("case");
    assert_eq!((typed.len(), plain.len()), (truth.len(), truth.len()));
    for record in &truth {
        let of = |rows: &[Row]| {
            let number = text(record, "CASENUM");
            rows.iter().find(|row| row["CASENUM"] == number).unwrap()["CREATEDDATE"].clone()
        };
        let day = created(record);
        assert!(of(&typed).starts_with(&format!("{day}T")), "{} of {record:?}", of(&typed));
        assert!(of(&plain).starts_with(&day.strftime("%m%d%Y").to_string()), "{}", of(&plain));
    }
}

#[test]
fn custom_fields_fit_into_one_column_or_stand_by_themselves() {
    let bench = bench_of(small(json!({})));
    bench.write("input.csv", "FIRSTNAME,LASTNAME,OLD_ID,AUTOPASSWD\nAnn,Able,a-7,True\n");
    let load = "wapi: { object: customer, action: add, custom_fields: [OLD_ID] }";
    write(&bench, "csv: { path: input.csv }", "[]", load);
    bench.run().expect(0);
    let number = bench.results("loaded.csv")[0]["ACCOUNTNUM"].clone();
    let ann = |extract: &str| {
        let rows = extracted(&bench, extract);
        rows.into_iter().find(|row| row["ACCOUNTNUM"] == number).unwrap()
    };
    let row = ann("wapi: { object: customer, custom_fields: map }");
    assert!(row["CUSTOM_FIELDS"].contains("OLD_ID") && row["CUSTOM_FIELDS"].contains("a-7"));
    assert!(!row.contains_key("OLD_ID"));
    assert_eq!(ann("wapi: { object: customer, custom_fields: [OLD_ID] }")["OLD_ID"], "a-7");
}

#[test]
fn an_incremental_extract_by_creation_leaves_changed_records_out() {
    let bench = bench_of(small(json!({})));
    let extract = "wapi: { object: customer, incremental: { by: created, overlap: 0d } }";
    write(&bench, extract, "[]", "csv: { path: out.csv }");
    bench.run().expect(0);
    assert_eq!(bench.summary()["read"], bench.records("customer").len());
    let known = bench.records("customer");
    let number = text(&known[0], "ACCOUNTNUM");
    for (name, input, load) in [
        ("changes", format!("ACCOUNTNUM,COMPANY\n{number},New Ltd\n"), "modify"),
        ("additions", "FIRSTNAME,LASTNAME,AUTOPASSWD\nAnn,Able,True\n".to_owned(), "add"),
    ] {
        bench.write("input.csv", &input);
        let load = format!("wapi: {{ object: customer, action: {load} }}");
        write(&bench, "csv: { path: input.csv }", "[]", &load);
        bench.mend("pipeline.yaml", "name: test-load", &format!("name: {name}"));
        bench.run().expect(0);
    }
    write(&bench, extract, "[]", "csv: { path: out.csv }");
    bench.run().expect(0);
    let names: Vec<String> =
        rows_of(&bench, "out.csv").iter().map(|r| r["LASTNAME"].clone()).collect();
    assert_eq!(names, ["Able"], "the changed one was created before");
}

#[test]
fn records_of_a_campaign_are_those_that_fit_by_the_token_that_is_chosen() {
    let mut settings = small(json!({ "campaigns": { "records_page": 50 } }));
    settings.campaigns.tokens = Tokens::Swapped;
    let bench = bench_of(settings);
    let load = "csv: { path: out.csv }";
    write(&bench, "campaign: { campaign: 128 }", "[]", load);
    bench.run().expect(1).says("records_token: ..");
    bench.mend(
        "connections.yaml",
        "    limits:\n",
        "    campaigns: { records_token: action }\n    limits:\n",
    );
    let all = extracted(&bench, "campaign: { campaign: 128, paging: auto }");
    assert_eq!(all.len(), 120, "one of each customer");
    // One reply is all: the first page.
    assert_eq!(extracted(&bench, "campaign: { campaign: 128, paging: never }"), all[..50]);
    let status = all[0]["status"].clone();
    let extract = format!("campaign: {{ campaign: 128, where: {{ status: \"{status}\" }} }}");
    let wanted: Vec<Row> = all.iter().filter(|row| row["status"] == status).cloned().collect();
    assert!(wanted.len() < all.len(), "the sample has records of several states");
    assert_eq!(extracted(&bench, &extract), wanted);
    bench.mend("connections.yaml", "records_token: action", "records_token: data");
    write(&bench, "campaign: { campaign: 128 }", "[]", load);
    bench.vccpipe(&["run", "pipeline.yaml", "--fresh"]).expect(1).says("401");
}

/// The record and the sum of each file.
fn sums(rows: &[Row]) -> BTreeSet<(String, String)> {
    rows.iter().map(|row| (row["id"].clone(), row["sha256"].clone())).collect()
}

#[test]
fn numbers_of_attachments_come_from_every_kind_of_file() {
    let bench = bench_of(small(json!({ "attachments": { "cases": 0.6, "most_bytes": 2000 } })));
    bench.mend(
        "connections.yaml",
        "      wapi: { per_second",
        "      attachments: { per_second: unlimited, concurrency: 1 }\n      wapi: { per_second",
    );
    let extract = |ids: &str, more: &str| {
        format!("attachments: {{ object: case, ids: {ids}, directory: files{more} }}")
    };
    let whole = extracted(&bench, &extract("{ from: { wapi: { object: case } } }", ""));
    let ids: BTreeSet<&String> = whole.iter().map(|row| &row["id"]).collect();
    let numbers: String = ids.iter().map(|id| format!("{{\"number\": {id}}}\n")).collect();
    bench.write("numbers.ndjson", &numbers);
    for load in ["parquet: { path: numbers }", "csv: { path: numbers.csv }"] {
        write(&bench, "json: { path: numbers.ndjson }", "[]", load);
        bench.vccpipe(&["run", "pipeline.yaml", "--fresh"]).expect(0);
    }
    let cells = std::iter::once("number").chain(ids.iter().map(|id| id.as_str())).enumerate();
    let cells: Vec<String> =
        cells.map(|(row, text)| text_cell(&format!("A{}", row + 1), text)).collect();
    write_workbook(&bench, "numbers.xlsx", &cells, "");
    for source in [
        "xlsx: { path: numbers.xlsx }",
        "json: { path: numbers.ndjson }",
        "parquet: { path: numbers/*.parquet }",
        "csv: { path: numbers.csv }",
    ] {
        let from = format!("{{ from: {{ {source} }}, column: number }}");
        let rows = extracted(&bench, &extract(&from, ", unpack: auto, again: true"));
        assert_eq!(sums(&rows), sums(&whole), "{source}");
    }
    assert!(sums(&whole).iter().any(|(_, sum)| !sum.is_empty()), "there are files");
    // The other extracts have no numbers of records.
    let nested = extract("[1]", "");
    for source in ["campaign: { campaign: 128 }", "list: { of: agents }", &nested] {
        let from = format!("{{ from: {{ {source} }}, column: number }}");
        write(&bench, &extract(&from, ""), "[]", "csv: { path: out.csv }");
        let told = bench.vccpipe(&["check", "pipeline.yaml"]).expect(2);
        told.says("numbers of records come from `wapi` or from files");
    }
}

#[test]
fn a_zip_that_grows_more_than_max_ratio_is_refused() {
    let attachments = json!({
        "cases": 0.3, "zip_bombs": 1.0, "zip_bomb_as": "honest", "zip_bomb_bytes": 4_194_304
    });
    let bench = bench_of(small(json!({ "attachments": attachments })));
    bench.mend(
        "connections.yaml",
        "      wapi: { per_second",
        "      attachments: { per_second: 500, burst: 100 }\n      wapi: { per_second",
    );
    let refused = |folder: &str, more: &str| {
        let rows = extracted(
            &bench,
            &format!(
                "attachments: {{ object: case, ids: {{ from: {{ wapi: {{ object: case }} }} }}, \
                 directory: {folder}{more} }}"
            ),
        );
        rows.iter().filter(|row| row["reason"].contains("max_ratio")).count()
    };
    let usual = refused("usual", "");
    assert!(usual > 0, "the sample has ZIPs that grow");
    assert_eq!(refused("generous", ", max_ratio: 1000000"), 0);
    assert_eq!(refused("strict", ", max_ratio: 2"), usual);
}

#[test]
fn a_lost_answer_is_sent_again_and_a_busy_server_is_waited_for() {
    let faults = json!([
        { "kind": "reset_after", "every": 2, "times": 1, "method": "POST", "path": "*/customers" },
        { "kind": "unavailable", "every": 3, "times": 1, "method": "POST", "path": "*/customers" }
    ]);
    let mut settings = settings(12_000);
    settings.faults = serde_json::from_value(faults).unwrap();
    let bench = Bench::new(settings);
    bench.without_haste();
    bench.write("input.csv", &csv_of(&customers(40)));
    let load = ", batch_bytes: 5000, when_in_doubt: send_again, unavailable_means: not_applied";
    bench.write_pipeline_with(10, load);
    bench.run().expect(0);
    bench.assert_books_are_true();
    let summary = bench.summary();
    assert_eq!(summary["loaded_detail"]["confirmed_on_resume"], 10, "{summary}");
    assert_eq!(bench.truth().len(), 40);
}

#[test]
fn a_record_that_is_as_its_row_is_modified_only_where_the_load_says_so() {
    for (only_changed, modified) in [("true", 0), ("false", 3)] {
        let bench = bench_of(small(json!({})));
        let known = bench.records("customer");
        let rows: String = known[..3]
            .iter()
            .map(|held| format!("{},\"{}\"\n", text(held, "ACCOUNTNUM"), text(held, "COMPANY")))
            .collect();
        bench.write("input.csv", &format!("ACCOUNTNUM,COMPANY\n{rows}"));
        let load = format!("object: customer, action: modify, only_changed: {only_changed}");
        bench.write_crm_pipeline(&load);
        bench.run().expect(0);
        assert_eq!(bench.asked("CUSTOMER MODIFY"), modified, "only_changed: {only_changed}");
        let detail = &bench.summary()["loaded_detail"];
        assert_eq!(
            (&detail["modified"], &detail["unchanged"]),
            (&modified.into(), &(3 - modified).into())
        );
    }
}

#[test]
fn fields_that_a_row_does_not_have_are_sent_again_or_left_out() {
    for (unsent, stays) in [("resend", true), ("omit", false)] {
        // A tenant that empties what is not sent (ruling CASE_MODIFY_UNSUPPLIED).
        let bench = bench_of(small(json!({ "wapi": { "case_modify_unsupplied": "null" } })));
        let before = bench.records("case");
        let was = before
            .iter()
            .find(|case| {
                text(case, "VISIBILITY") != "Private"
                    && text(case, "PRIORITY") == "Low"
                    && !["109", "110"].contains(&text(case, "ASSIGNEDTO"))
                    && !text(case, "ASSIGNEDTO").starts_with("gone")
            })
            .unwrap();
        let number = text(was, "CASENUM");
        bench.write("input.csv", &format!("CASENUM,PRIORITY,STATUS\n{number},High,Open\n"));
        let load = format!("object: case, action: modify, unsent_fields: {unsent}");
        bench.write_crm_pipeline(&load);
        bench.run().expect(0);
        let after = bench.records("case");
        let is = after.iter().find(|case| case["CASENUM"] == was["CASENUM"]).unwrap();
        assert_eq!(text(is, "PRIORITY"), "High");
        assert_eq!(is.get("SUBJECT") == was.get("SUBJECT"), stays, "unsent_fields: {unsent}");
    }
}

#[test]
fn a_load_into_the_crm_stops_beyond_its_thresholds() {
    let bench = bench_of(small(json!({})));
    let before = bench.records("customer").len();
    let held = bench.records("customer");
    let email = held.iter().map(|one| text(one, "EMAIL")).find(|email| !email.is_empty()).unwrap();
    let row = |last: &str, email: &str| format!("Ann,{last},{email},True\n");
    let head = "FIRSTNAME,LASTNAME,EMAIL,AUTOPASSWD\n";
    bench.write("input.csv", &(head.to_owned() + &row("", "a@b.example") + &row("Able", "")));
    bench.write_crm_pipeline("object: customer, action: add, max_rejected: 0");
    bench.run().expect(1).says("1 record was rejected, and `max_rejected` is 0");
    bench.write("input.csv", &(head.to_owned() + &row("Able", email)));
    bench.write_crm_pipeline("object: customer, action: add, max_refused: 0");
    bench.run().expect(1).says("1 record was refused, and `max_refused` is 0");
    assert!(bench.records_since("customer", before).len() <= 1);
}

#[test]
fn values_are_mended_as_the_validate_step_says() {
    let bench = bench_of(small(json!({})));
    let before = bench.records("customer").len();
    let comments = "x".repeat(5000);
    bench.write(
        "input.csv",
        &format!("FIRSTNAME,LASTNAME,COMMENTS,FAX,COMPANY,AUTOPASSWD\nAnn,Able,{comments},none at all,Łódź,True\n"),
    );
    bench.write_crm_steps(
        "\n  - validate: { fix: { COMMENTS: truncate, FAX: blank, COMPANY: transliterate } }",
        "object: customer, action: add",
    );
    bench.run().expect(0);
    let added = &bench.records_since("customer", before)[0];
    assert!(text(added, "COMMENTS").len() < 5000 && text(added, "COMMENTS").starts_with("xx"));
    assert_eq!((text(added, "FAX"), text(added, "COMPANY")), ("", "Lódz"));
    let fixed: Vec<String> =
        bench.results("fixed.csv").iter().map(|row| row["_reason"].clone()).collect();
    for field in ["COMMENTS", "FAX", "COMPANY"] {
        assert!(fixed.iter().any(|told| told.contains(field)), "{field}: {fixed:?}");
    }
}

#[test]
fn a_campaign_is_started_with_the_token_and_the_verb_that_are_chosen() {
    for (tokens, method, words) in [
        (Tokens::Strict, StatusMethod::Post, "start_token: action, start_method: post"),
        (
            Tokens::Swapped,
            StatusMethod::Patch,
            "start_token: data, start_method: patch, add_token: data, status_token: action",
        ),
        (
            Tokens::Strict,
            StatusMethod::Post,
            "add_token: action, status_token: data, start_method: post",
        ),
    ] {
        let mut settings = settings(12_000);
        settings.tenant.campaigns[0].status = 8;
        settings.campaigns.tokens = tokens;
        settings.campaigns.status_method = method;
        let bench = Bench::new(settings);
        bench.without_haste();
        bench.write("input.csv", &csv_of(&customers(5)));
        bench.write_pipeline_with(5, ", start_after_load: true, check_campaign: true");
        bench.mend(
            "connections.yaml",
            "    limits:\n",
            &format!("    campaigns: {{ {words} }}\n    limits:\n"),
        );
        bench.run().expect(0).says("campaign 125 is started");
        bench.assert_books_are_true();
    }
}

#[test]
fn text_arrives_whole_by_each_way_of_writing_its_characters() {
    for (characters, encoding, company) in [
        ("references", "utf8", "Łódź & Zoë"),
        ("utf8", "utf8", "Łódź & Zoë"),
        ("latin1", "latin1", "Zoë & Lefèvre"),
    ] {
        let bench = bench_of(small(json!({ "wapi": { "request_encoding": encoding } })));
        let before = bench.records("customer").len();
        bench.mend(
            "connections.yaml",
            "wapi: { username",
            &format!("wapi: {{ endpoint: classic, characters: {characters}, username"),
        );
        bench.write(
            "input.csv",
            &format!("FIRSTNAME,LASTNAME,COMPANY,AUTOPASSWD\nAnn,Able,{company},True\n"),
        );
        bench.write_crm_pipeline("object: customer, action: add");
        bench.run().expect(0);
        let added = bench.records_since("customer", before);
        assert_eq!(text(&added[0], "COMPANY"), company, "characters: {characters}");
    }
}

#[test]
fn so_many_requests_as_burst_says_go_out_at_once_and_then_the_rate_counts() {
    let mut settings = settings(12_000);
    settings.tenant.crm.cases = 10;
    let bench = Bench::new(settings);
    bench.without_haste();
    // A minute and more between two requests, but for the burst.
    bench.mend(
        "connections.yaml",
        "campaigns: { per_second: unlimited, concurrency: 4 }",
        "campaigns: { per_second: 0.01, burst: 4, concurrency: 1 }",
    );
    bench.write("input.csv", &csv_of(&customers(30)));
    bench.write_pipeline(10);
    let started = Instant::now();
    // Three batches.
    bench.run().expect(0);
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    assert_eq!(bench.truth().len(), 30);
    bench.mend("connections.yaml", "per_second: 0.01, burst: 4", "per_second: 5, burst: 1");
    let started = Instant::now();
    bench.vccpipe(&["run", "pipeline.yaml", "--again"]).expect(3);
    // Three batches and two waits; the look has another token, and a limit of its own.
    assert!(started.elapsed() > Duration::from_millis(390), "{:?}", started.elapsed());
}

#[test]
fn the_crm_takes_so_many_requests_at_once_as_burst_says() {
    let bench = Bench::new(crm::tenant());
    bench.without_haste();
    bench.mend(
        "connections.yaml",
        "wapi: { per_second: unlimited, concurrency: 4 }",
        "wapi: { per_second: 0.01, burst: 20, concurrency: 1 }",
    );
    let before = bench.records("customer").len();
    bench.write("input.csv", &crm::customers(10));
    bench.write_crm_pipeline("object: customer, action: add, check_values: false");
    let started = Instant::now();
    bench.run().expect(0);
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    assert_eq!(bench.records_since("customer", before).len(), 10);
    let state = bench.tenant().state();
    assert_eq!(state.apis[&vccpipe_simulator::Api::Wapi].max_concurrent, 1, "concurrency: 1");
}
