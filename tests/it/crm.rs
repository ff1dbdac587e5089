//! Records of the CRM: added, changed, matched and deleted, and what the books say of them.

use vccpipe_simulator::{FaultKind, FaultRule, Settings};

use crate::bench::{Bench, settings, text};

/// A tenant with a few customers of its own.
pub fn tenant() -> Settings {
    settings(200)
}

/// A fault of the CRM API; `command` such as `customer add` narrows it.
pub fn crm_fault(kind: FaultKind, probability: f64, command: &str) -> FaultRule {
    let rule = serde_json::json!({
        "kind": kind, "probability": probability, "api": "wapi", "command": command,
        "delay_ms": 900
    });
    serde_json::from_value(rule).unwrap()
}

const ADD_CUSTOMERS: &str = "object: customer, action: add";

/// Customers without anything wrong.
pub fn customers(count: usize) -> String {
    let row =
        |n: usize| format!("Ann{n},O'Brien & Sons {n},ann.{n}@example.com,+1 555 {n:04},True\n");
    "FIRSTNAME,LASTNAME,EMAIL,VOICE,AUTOPASSWD\n".to_owned()
        + &(0..count).map(row).collect::<String>()
}

#[test]
fn customers_are_added_and_the_books_have_their_numbers() {
    let bench = Bench::new(tenant());
    let before = bench.records("customer").len();
    bench.write("input.csv", &customers(30));
    bench.write_crm_pipeline(ADD_CUSTOMERS);
    bench.run().expect(0).says("30   30 added");
    let added = bench.records_since("customer", before);
    let loaded = bench.results("loaded.csv");
    assert_eq!((added.len(), loaded.len()), (30, 30));
    for row in &loaded {
        let record = added.iter().find(|record| text(record, "ACCOUNTNUM") == row["ACCOUNTNUM"]);
        let record = record.unwrap_or_else(|| panic!("{row:?} is not in the tenant"));
        for tag in ["FIRSTNAME", "LASTNAME", "EMAIL", "VOICE"] {
            assert_eq!(text(record, tag), row[tag], "{tag}");
        }
    }
    bench.run().expect(0).says("nothing is sent");
    assert_eq!(bench.records_since("customer", before).len(), 30);
}

#[test]
fn text_of_any_kind_arrives_as_it_was_given() {
    let bench = Bench::new(tenant());
    let before = bench.records("customer").len();
    let texts = ["Zoë", "中文", "a & b < c > \"d\"", "50 % off + 1", "it's", "😀", "line\none"];
    let rows: String =
        texts.iter().map(|text| format!("X,Y,\"{}\",True\n", text.replace('"', "\"\""))).collect();
    bench.write("input.csv", &format!("FIRSTNAME,LASTNAME,COMMENTS,AUTOPASSWD\n{rows}"));
    bench.write_crm_pipeline(ADD_CUSTOMERS);
    bench.run().expect(0);
    let mut held: Vec<String> = bench
        .records_since("customer", before)
        .iter()
        .map(|record| text(record, "COMMENTS").to_owned())
        .collect();
    let mut given: Vec<String> = texts.map(str::to_owned).to_vec();
    held.sort();
    given.sort();
    assert_eq!(held, given);
}

#[test]
fn an_address_that_exists_already_is_told_in_the_file_and_in_the_tenant() {
    let bench = Bench::new(tenant());
    let held = bench.records("customer");
    let taken = held.iter().map(|record| text(record, "EMAIL")).find(|email| !email.is_empty());
    let taken = taken.unwrap();
    bench.write(
        "input.csv",
        &format!(
            "FIRSTNAME,LASTNAME,EMAIL,AUTOPASSWD\nA,B,a@example.com,True\nC,D,a@example.com,True\n\
             E,F,{taken},True\nG,H,,True\nI,J,,True\n"
        ),
    );
    bench.write_crm_pipeline(ADD_CUSTOMERS);
    bench.run().expect(3);
    let rejected = bench.results("rejected.csv");
    assert_eq!(rejected.len(), 1);
    assert_eq!(
        (rejected[0]["_line"].as_str(), rejected[0]["_reason"].as_str()),
        ("3", "EMAIL: given twice in the input (`a@example.com`, first on line 2)")
    );
    let refused = bench.results("refused.csv");
    assert_eq!((refused.len(), refused[0]["_line"].as_str()), (1, "4"));
    assert!(refused[0]["_message"].contains("Duplicate"), "{refused:?}");
    assert_eq!(bench.asked("CUSTOMER ADD"), 4, "a duplicate is not sent again");
    assert_eq!(bench.results("loaded.csv").len(), 3, "an empty address is none");
}

#[test]
fn a_lost_answer_is_looked_up_before_the_customer_is_sent_again() {
    for kind in [
        FaultKind::ResetAfter,
        FaultKind::ResetBefore,
        FaultKind::Truncated,
        FaultKind::TimeoutAfter,
        FaultKind::BadGateway,
        FaultKind::Unavailable,
        FaultKind::Throttled,
        FaultKind::WapiStatus500,
        FaultKind::WapiStatus503,
    ] {
        let mut settings = tenant();
        // A 429 says that nothing was done.
        let processed = kind != FaultKind::Throttled;
        let rule = FaultRule { processed, ..crm_fault(kind, 0.4, "customer add") };
        settings.faults = vec![FaultRule { times: Some(12), ..rule }];
        let bench = Bench::new(settings);
        let before = bench.records("customer").len();
        bench.write("input.csv", &customers(40));
        bench.write_crm_pipeline(ADD_CUSTOMERS);
        bench.run().expect(0);
        let added = bench.records_since("customer", before);
        assert_eq!(added.len(), 40, "{kind:?}: each customer once");
        let mut numbers: Vec<String> =
            bench.results("loaded.csv").iter().map(|row| row["ACCOUNTNUM"].clone()).collect();
        numbers.sort();
        numbers.dedup();
        assert_eq!(numbers.len(), 40, "{kind:?}: each row has a number of its own");
    }
}

#[test]
fn rows_that_are_all_alike_are_added_as_often_as_they_stand_there() {
    let mut settings = tenant();
    settings.faults = vec![
        crm_fault(FaultKind::ResetAfter, 0.3, "customer add"),
        crm_fault(FaultKind::ResetBefore, 0.2, "customer add"),
        crm_fault(FaultKind::Truncated, 0.1, "customer get"),
    ];
    let bench = Bench::new(settings);
    let before = bench.records("customer").len();
    let rows = "Ann,Smith,True\n".repeat(25);
    bench.write("input.csv", &format!("FIRSTNAME,LASTNAME,AUTOPASSWD\n{rows}"));
    bench.write_crm_pipeline(ADD_CUSTOMERS);
    bench.run().expect(0);
    let added = bench.records_since("customer", before);
    assert_eq!(added.len(), 25);
    let mut told: Vec<String> =
        bench.results("loaded.csv").iter().map(|row| row["ACCOUNTNUM"].clone()).collect();
    let mut held: Vec<String> =
        added.iter().map(|record| text(record, "ACCOUNTNUM").to_owned()).collect();
    told.sort();
    held.sort();
    assert_eq!(told, held, "each row has one of the records");
}

/// Columns of a record that a modify of its names needs.
fn named(
    records: &[std::collections::BTreeMap<String, serde_json::Value>],
    tag: &str,
) -> Vec<String> {
    records.iter().map(|record| text(record, tag).to_owned()).collect()
}

#[test]
fn a_modify_changes_what_the_row_has_and_nothing_else_and_leaves_equal_records_alone() {
    let bench = Bench::new(tenant());
    let before = bench.records("customer");
    let numbers = named(&before[..10], "ACCOUNTNUM");
    let mut rows = String::from("ACCOUNTNUM,COMPANY\n");
    for (place, number) in numbers.iter().enumerate() {
        // Every second one stays as it is.
        let company = match place % 2 {
            0 => format!("New Company {place}"),
            _ => text(&before[place], "COMPANY").replace('"', "\"\""),
        };
        rows.push_str(&format!("{number},\"{company}\"\n"));
    }
    rows.push_str("99999999,Nobody\n");
    bench.write("input.csv", &rows);
    bench.write_crm_pipeline("object: customer, action: modify");
    let told = bench.run().expect(3);
    let summary = bench.summary();
    assert_eq!(summary["loaded_detail"]["modified"], 5, "{summary}\n{}", told.stderr);
    assert_eq!(bench.asked("CUSTOMER MODIFY"), 5);
    let rejected = bench.results("rejected.csv");
    assert!(rejected[0]["_reason"].contains("no such customer (`99999999`)"), "{rejected:?}");
    let after = bench.records("customer");
    for (place, (was, is)) in before.iter().zip(&after).enumerate() {
        for (tag, value) in was.iter().filter(|(tag, _)| !tag.starts_with('_')) {
            let changed = tag == "COMPANY" && place < 10 && place % 2 == 0;
            assert_eq!(is[tag] != *value, changed, "{tag} of {was:?}");
        }
    }
}

#[test]
fn a_case_keeps_its_fields_under_each_reading_of_the_guide() {
    for reading in ["retain", "null", "default"] {
        let mut settings = serde_json::to_value(tenant()).unwrap();
        settings["wapi"]["case_modify_unsupplied"] = reading.into();
        let bench = Bench::new(serde_json::from_value(settings).unwrap());
        let before = bench.records("case");
        let open: Vec<_> = before
            .iter()
            .filter(|case| {
                text(case, "VISIBILITY") != "Private"
                    && !text(case, "ASSIGNEDTO").starts_with("gone")
                    && !["109", "110"].contains(&text(case, "ASSIGNEDTO"))
                    && text(case, "PRIORITY") == "Low"
            })
            .take(5)
            .collect();
        assert_eq!(open.len(), 5, "the sample has such cases");
        let rows: String =
            open.iter().map(|case| format!("{},High\n", text(case, "CASENUM"))).collect();
        bench.write("input.csv", &format!("CASENUM,PRIORITY\n{rows}"));
        bench.write_crm_pipeline("object: case, action: modify");
        bench.run().expect(0);
        let after = bench.records("case");
        for was in open {
            let is = after.iter().find(|case| case["CASENUM"] == was["CASENUM"]).unwrap();
            assert_eq!(text(is, "PRIORITY"), "High");
            for tag in ["SUBJECT", "DESCRIPTION", "STATUS", "SEVERITY", "CATEGORY", "ASSIGNEDTO"] {
                assert_eq!(is.get(tag), was.get(tag), "{tag} under `{reading}`");
            }
        }
    }
}

#[test]
fn an_upsert_adds_the_new_changes_the_old_and_leaves_the_rest() {
    let bench = Bench::new(tenant());
    let before = bench.records("customer");
    let mut rows = String::from("FIRSTNAME,LASTNAME,EMAIL,COMPANY,AUTOPASSWD\n");
    let with_address = before.iter().filter(|held| !text(held, "EMAIL").is_empty());
    for (place, held) in with_address.take(6).enumerate() {
        let value = |tag: &str| format!("\"{}\"", text(held, tag).replace('"', "\"\""));
        let company = if place < 2 { "Changed Ltd".to_owned() } else { value("COMPANY") };
        let (first, last, email) = (value("FIRSTNAME"), value("LASTNAME"), value("EMAIL"));
        rows.push_str(&format!("{first},{last},{email},{company},True\n"));
    }
    (0..4).for_each(|n| rows.push_str(&format!("New{n},Customer,new{n}@example.com,,True\n")));
    bench.write("input.csv", &rows);
    bench.write_crm_pipeline("object: customer, action: upsert, match_on: EMAIL");
    bench.run().expect(0);
    let detail = &bench.summary()["loaded_detail"];
    assert_eq!(
        (&detail["added"], &detail["modified"], &detail["unchanged"]),
        (&4.into(), &2.into(), &4.into())
    );
    assert_eq!(bench.records("customer").len(), before.len() + 4);
    // The second run changes nothing, and says so.
    let adds = bench.asked("CUSTOMER ADD");
    bench.run().expect(0).says("10 unchanged");
    assert_eq!((bench.asked("CUSTOMER ADD"), bench.asked("CUSTOMER MODIFY")), (adds, 2));
}

#[test]
fn an_upsert_of_many_reads_the_tenant_in_bulk_and_says_so() {
    let bench = Bench::new(settings(3000));
    bench.write("input.csv", &customers(400));
    bench.write_crm_pipeline("object: customer, action: upsert, match_on: [EMAIL]");
    bench.run().expect(0).says("instead of 400 look-ups one by one");
    assert!(bench.asked("CUSTOMER GET") < 20, "{}", bench.asked("CUSTOMER GET"));
    assert_eq!(bench.summary()["loaded_detail"]["added"], 400);
    bench.run().expect(0).says("400 unchanged");
}

#[test]
fn phones_are_matched_by_their_digits() {
    let bench = Bench::new(tenant());
    let before = bench.records("customer");
    let held =
        before.iter().find(|record| text(record, "VOICE").contains(['-', ' ', '('])).unwrap();
    let digits: String = text(held, "VOICE").chars().filter(char::is_ascii_digit).collect();
    let first = text(held, "FIRSTNAME").replace('"', "\"\"");
    bench.write(
        "input.csv",
        &format!("FIRSTNAME,LASTNAME,VOICE,AUTOPASSWD\n\"{first}\",Renamed,{digits},True\n"),
    );
    bench.write_crm_pipeline("object: customer, action: upsert, match_on: VOICE");
    bench.run().expect(0).says("matched by their digits");
    assert_eq!(bench.records("customer").len(), before.len(), "nobody was added");
    let loaded = bench.results("loaded.csv");
    assert_eq!(loaded[0]["ACCOUNTNUM"], text(held, "ACCOUNTNUM"));
    assert_eq!(loaded[0]["_done"], "modified");
}

#[test]
fn a_delete_wants_to_be_confirmed_and_a_tenant_s_refusal_is_one() {
    let bench = Bench::new(tenant());
    let before = bench.records("task");
    let rows: String =
        named(&before[..3], "TASKNUM").iter().map(|number| format!("{number}\n")).collect();
    bench.write("input.csv", &format!("TASKNUM\n{rows}"));
    bench.write_crm_pipeline("object: task, action: delete");
    bench.run().expect(2).says("confirm_delete: true");
    bench.write_crm_pipeline("object: task, action: delete, confirm_delete: true");
    bench.run().expect(0).says("3 removed");
    assert_eq!(bench.records("task").len(), before.len() - 3);

    let mut settings = serde_json::to_value(tenant()).unwrap();
    settings["wapi"]["delete_allowed"] = false.into();
    let bench = Bench::new(serde_json::from_value(settings).unwrap());
    bench.write("input.csv", &format!("TASKNUM\n{rows}"));
    bench.write_crm_pipeline("object: task, action: delete, confirm_delete: true");
    bench.run().expect(3);
    assert_eq!(bench.results("refused.csv").len(), 3);
    assert_eq!(bench.records("task").len(), before.len());
}

#[test]
fn a_lost_answer_to_a_delete_is_confirmed_by_the_next() {
    let mut settings = tenant();
    let lost = crm_fault(FaultKind::ResetAfter, 1.0, "task delete");
    settings.faults = vec![FaultRule { times: Some(2), ..lost }];
    let bench = Bench::new(settings);
    let before = bench.records("task");
    let rows: String =
        named(&before[..5], "TASKNUM").iter().map(|number| format!("{number}\n")).collect();
    bench.write("input.csv", &format!("TASKNUM\n{rows}"));
    bench.write_crm_pipeline("object: task, action: delete, confirm_delete: true");
    bench.run().expect(0);
    let summary = bench.summary();
    let count = |what: &str| summary["loaded_detail"][what].as_u64().unwrap();
    // Both lost answers may be those of one task: it is then confirmed by the third request.
    let confirmed = count("confirmed_on_resume");
    assert!(matches!(confirmed, 1 | 2), "{summary}");
    assert_eq!(count("removed") + confirmed, 5);
    assert_eq!(bench.records("task").len(), before.len() - 5);
}

#[test]
fn follow_ups_are_known_by_their_case_and_their_own_number() {
    let mut settings = tenant();
    settings.faults = vec![crm_fault(FaultKind::ResetAfter, 0.3, "followup add")];
    let bench = Bench::new(settings);
    let before = bench.records("followup").len();
    let cases = named(&bench.records("case")[..4], "CASENUM");
    let rows: String =
        (0..20).map(|n| format!("{},Called,Nobody answered,Internal\n", cases[n % 4])).collect();
    bench.write("input.csv", &format!("CASENUM,SUBJECT,DESCRIPTION,VISIBILITY\n{rows}"));
    bench.write_crm_pipeline("object: followup, action: add");
    bench.run().expect(0);
    assert_eq!(bench.records("followup").len(), before + 20);
    let mut names: Vec<(String, String)> = bench
        .results("loaded.csv")
        .iter()
        .map(|row| (row["CASENUM"].clone(), row["FOLLOWUPNUM"].clone()))
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 20, "each row has a follow-up of its own");
}
