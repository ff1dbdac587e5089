//! Tenants that read the guide otherwise than the simulator does by itself: replies with blanks or in
//! another encoding, a Get that tells only a part. Nobody is added twice, and nothing is written
//! back that was misread.

use std::collections::BTreeMap;

use serde_json::json;
use vccpipe_simulator::Settings;

use crate::{
    bench::{Bench, settings, text},
    crm::{customers, tenant},
    crm_bad_answers::{Pass, Replace, Rewrite, page},
};

/// A tenant of so many customers with these settings of the CRM API.
fn reading(customers: u64, wapi: serde_json::Value) -> Settings {
    let mut all = serde_json::to_value(settings(customers)).unwrap();
    for (key, value) in wapi.as_object().unwrap() {
        all["wapi"][key] = value.clone();
    }
    serde_json::from_value(all).unwrap()
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "\"\""))
}

fn digits(value: &str) -> String {
    value.chars().filter(char::is_ascii_digit).collect()
}

#[test]
fn an_upsert_of_a_case_names_its_number_once() {
    let bench = Bench::new(tenant());
    bench.without_haste();
    let before = bench.records("case");
    let alike = |one: &BTreeMap<_, _>| {
        let same = |tag: &str, other: &BTreeMap<_, _>| text(one, tag) == text(other, tag);
        before.iter().filter(|other| same("ACCOUNTNUM", other) && same("SUBJECT", other)).count()
    };
    let plain = before.iter().filter(|case| {
        let to = text(case, "ASSIGNEDTO");
        text(case, "VISIBILITY") != "Private"
            && text(case, "PRIORITY") == "Low"
            && !to.starts_with("gone")
            && !["109", "110"].contains(&to)
            && alike(case) == 1
    });
    let plain: Vec<_> = plain.take(5).collect();
    assert_eq!(plain.len(), 5, "the sample has such cases");
    let mut rows = String::from("ACCOUNTNUM,SUBJECT,DESCRIPTION,PRIORITY\n");
    for case in &plain {
        let (subject, description) = (text(case, "SUBJECT"), text(case, "DESCRIPTION"));
        let (subject, description) = (quoted(subject), quoted(description));
        rows.push_str(&format!("{},{subject},{description},High\n", text(case, "ACCOUNTNUM")));
    }
    bench.write("input.csv", &rows);
    bench.write_crm_pipeline("object: case, action: upsert, match_on: [ACCOUNTNUM, SUBJECT]");
    bench.run().expect(0).says("5 modified");
    let after = bench.records("case");
    assert_eq!(after.len(), before.len(), "none was added");
    for was in plain {
        let is = after.iter().find(|case| case["CASENUM"] == was["CASENUM"]).unwrap();
        assert_eq!(text(is, "PRIORITY"), "High");
        for tag in ["SUBJECT", "DESCRIPTION", "STATUS", "SEVERITY", "CATEGORY", "ASSIGNEDTO"] {
            assert_eq!(is.get(tag), was.get(tag), "{tag}");
        }
    }
}

/// People of the tenant whom a phone number tells apart, as an input with other company names.
fn people(records: &[BTreeMap<String, serde_json::Value>], count: usize) -> String {
    let mut by_phone: BTreeMap<String, usize> = BTreeMap::new();
    for record in records {
        *by_phone.entry(digits(text(record, "VOICE"))).or_default() += 1;
    }
    let known = records.iter().filter(|record| {
        let voice = digits(text(record, "VOICE"));
        !voice.is_empty() && by_phone[&voice] == 1
    });
    let mut rows = String::from("FIRSTNAME,LASTNAME,VOICE,COMPANY,AUTOPASSWD\n");
    // Those behind the first rows of each reply.
    for record in known.collect::<Vec<_>>().into_iter().rev().take(count) {
        let value = |tag: &str| quoted(text(record, tag));
        let (first, last, voice) = (value("FIRSTNAME"), value("LASTNAME"), value("VOICE"));
        rows.push_str(&format!("{first},{last},{voice},Changed Ltd,True\n"));
    }
    rows
}

#[test]
fn an_upsert_adds_nobody_twice_where_a_get_gives_only_the_first_rows() {
    let first_rows = json!({ "get_most_rows": 100, "get_too_many": "first_rows" });
    let bench = Bench::new(reading(1500, first_rows));
    bench.without_haste();
    let before = bench.records("customer");
    bench.write("input.csv", &people(&before, 300));
    bench.write_crm_pipeline("object: customer, action: upsert, match_on: VOICE");
    bench.run().expect(0).says("300 modified");
    assert_eq!(bench.records("customer").len(), before.len(), "nobody was added");
    // 300 are read before they are changed, and none is looked up by itself.
    assert!(bench.asked("CUSTOMER GET") < 450, "{}", bench.asked("CUSTOMER GET"));
}

#[test]
fn an_upsert_looks_up_who_is_not_among_the_customers_that_were_given() {
    // TOTAL counts records that no Get gives.
    let bench = Bench::new(reading(500, json!({ "summary_total_off": 3 })));
    bench.without_haste();
    let before = bench.records("customer");
    bench.write("input.csv", &(people(&before, 20) + "Ann,New,555 0101 999,,True\n"));
    bench.write_crm_pipeline("object: customer, action: upsert, match_on: VOICE");
    let told = bench.run().expect(0);
    told.says("503 customers and gave 500 of them: rows that match none of these are looked up");
    let detail = &bench.summary()["loaded_detail"];
    assert_eq!((&detail["added"], &detail["modified"]), (&1.into(), &20.into()));
    assert_eq!(bench.records("customer").len(), before.len() + 1);
}

fn with_blanks(body: Vec<u8>) -> Vec<u8> {
    let text: String = body.iter().map(|byte| char::from(*byte)).collect();
    let tags = regex::Regex::new(r"<([A-Z0-9]+)>([^<]+)</").unwrap();
    let text = tags.replace_all(&text, "<$1> $2 </");
    text.chars().map(|c| c as u8).collect()
}

#[test]
fn blanks_about_the_values_of_a_reply_neither_double_nor_hide_a_record() {
    // "<TAG> result_value</TAG>" (wapi:303), "<ACCOUNTNUM> 123456< /ACCOUNTNUM>" (wapi:1255).
    let bench = Bench::new(tenant());
    let host = bench.behind(|_, _, _| Rewrite(with_blanks));
    let before = bench.records("customer").len();
    bench.write("input.csv", &customers(12));
    bench.write_crm_pipeline("object: customer, action: upsert, match_on: EMAIL");
    bench.run().expect(0).says("12 added");
    let changed = customers(12).replace("Sons", "Daughters");
    bench.write("input.csv", &changed);
    bench.run().expect(0).says("12 modified");
    bench.run().expect(0).says("12 unchanged");
    let held = bench.records_since("customer", before);
    assert_eq!(held.len(), 12);
    assert!(held.iter().all(|record| text(record, "LASTNAME").contains("Daughters")));
    let loaded = bench.results("loaded.csv");
    assert!(loaded.iter().all(|row| row["ACCOUNTNUM"].trim() == row["ACCOUNTNUM"]));
    drop(host);
}

fn in_utf8(body: Vec<u8>) -> Vec<u8> {
    body.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes()
}

#[test]
fn replies_in_utf8_that_say_otherwise_are_told_and_a_setting_reads_them() {
    // The guide's own sample is one of them (wapi:4249-4265; ruling ENCODING_MOJIBAKE).
    let bench = Bench::new(tenant());
    bench.write(
        "input.csv",
        "FIRSTNAME,LASTNAME,EMAIL,COMPANY,AUTOPASSWD\nZoë,Müller,zoe@example.com,Böll,True\n",
    );
    bench.write_crm_pipeline("object: customer, action: add");
    bench.run().expect(0);
    let host = bench.behind(|_, _, _| Rewrite(in_utf8));
    bench.write_crm_pipeline("object: customer, action: upsert, match_on: EMAIL");
    let declared = "wapi: { reply_characters: declared, username";
    bench.mend("connections.yaml", "wapi: { username", declared);
    bench.run().expect(0).says("`wapi: {reply_characters: utf8}`").says("1 modified");
    bench.mend("connections.yaml", "reply_characters: declared", "reply_characters: utf8");
    let told = bench.run().expect(0).says("1 unchanged");
    assert!(!told.stderr.contains("reply_characters"), "{}", told.stderr);
    drop(host);
}

fn as_an_error(body: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&body).into_owned();
    match text.contains("<data") {
        true => {
            br#"<WAPI><REPLY STATUS="-1" ERROR_STR="No records found" ERROR_CODE="-1"/></WAPI>"#
                .to_vec()
        }
        false => body,
    }
}

#[test]
fn a_get_that_finds_nothing_may_say_so_by_an_error() {
    let bench = Bench::new(tenant());
    let host = bench.behind(|command, _, _| match command {
        "CUSTOMER GET" => Rewrite(as_an_error),
        _ => Pass,
    });
    let before = bench.records("customer").len();
    bench.write("input.csv", &customers(3));
    bench.write_crm_pipeline("object: customer, action: upsert, match_on: [LASTNAME, EMAIL]");
    bench.run().expect(0).says("3 added");
    assert_eq!(bench.records_since("customer", before).len(), 3);
    drop(host);
}

#[test]
fn an_address_is_matched_whatever_its_case_also_where_rows_are_looked_up_one_by_one() {
    // Searches are case-sensitive (wapi:888).
    let bench = Bench::new(settings(9000));
    bench.without_haste();
    bench.write(
        "input.csv",
        "FIRSTNAME,LASTNAME,EMAIL,COMPANY,AUTOPASSWD\n\
         Ann,One,Ann.One@Example.com,,True\nBea,Two,bea.two@example.com,,True\n",
    );
    bench.write_crm_pipeline("object: customer, action: add");
    bench.run().expect(0);
    let before = bench.records("customer").len();
    bench.write(
        "input.csv",
        "FIRSTNAME,LASTNAME,EMAIL,COMPANY,AUTOPASSWD\n\
         Ann,One,ann.one@example.com,Acme,True\nBea,Other,Bea.Two@example.com,Acme,True\n",
    );
    bench.write_crm_pipeline("object: customer, action: upsert, match_on: EMAIL");
    bench.run().expect(0).says("looked up one by one").says("2 modified");
    assert_eq!(bench.records("customer").len(), before, "nobody was added");
}

fn nobody(_: Vec<u8>) -> Vec<u8> {
    br#"<WAPI><REPLY STATUS="0" ERROR_STR="" ERROR_CODE="0"><data /></REPLY></WAPI>"#.to_vec()
}

#[test]
fn a_lost_add_is_found_where_the_tenant_finds_addresses_in_lower_case_only() {
    let bench = Bench::new(reading(200, json!({ "case_insensitive_search": true })));
    let host = bench.behind(|command, nth, packet| match command {
        "CUSTOMER ADD" if nth % 2 == 0 => Replace(page("502 Bad Gateway")),
        "CUSTOMER GET" if packet.contains("@Example") => Rewrite(nobody),
        _ => Pass,
    });
    let before = bench.records("customer").len();
    // As if the tenant had kept them in lower case.
    bench.write("input.csv", &customers(6).replace("@example", "@Example"));
    bench.write_crm_pipeline("object: customer, action: add");
    bench.run().expect(0);
    assert_eq!(bench.records_since("customer", before).len(), 6);
    drop(host);
}
