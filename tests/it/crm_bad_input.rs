//! What is wrong with a load into the CRM is named, with the way out, and nothing is lost or
//! doubled: pipelines, connections, rows, and tenants that say no.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vccpipe_simulator::{FaultKind, FaultRule, Settings};

use crate::{
    bench::{Bench, text},
    crm::{crm_fault, customers, tenant},
};

const ADD: &str = "object: customer, action: add";

/// The sample tenant with some settings of its own.
fn tenant_with(change: impl FnOnce(&mut Value)) -> Settings {
    let mut settings = serde_json::to_value(tenant()).unwrap();
    change(&mut settings);
    serde_json::from_value(settings).unwrap()
}

/// A tenant, an input and a load of it.
fn bench_with(settings: Settings, input: &str, load: &str) -> Bench {
    let bench = Bench::new(settings);
    bench.mend("connections.yaml", "request: 400ms", "request: 20s");
    bench.write("input.csv", input);
    bench.write_crm_pipeline(load);
    bench
}

impl Bench {
    /// All that a run says.
    #[track_caller]
    pub fn all_said(&self, code: i32) -> String {
        let told = self.run().expect(code);
        self.plain(&format!("{}{}", told.stdout, told.stderr))
    }

    /// The same, where rows that are on their way at once make more or fewer requests.
    #[track_caller]
    fn all_said_but_requests(&self, code: i32) -> String {
        let requests = regex::Regex::new(r"requests .*").unwrap();
        requests.replace(&self.all_said(code), "requests    [requests]").into_owned()
    }

    /// The requests that reached the CRM API, by command and STATUS.
    pub fn crm_requests(&self) -> BTreeMap<String, u64> {
        let state = serde_json::to_value(self.tenant().state()).unwrap();
        serde_json::from_value(state["wapi"]["requests"].clone()).unwrap()
    }

    /// Line and reason of each row of a result file.
    pub fn reasons(&self, name: &str) -> String {
        let of = if name == "rejected.csv" { "_reason" } else { "_message" };
        let rows = self.results(name);
        rows.iter().map(|row| format!("{}: {}\n", row["_line"], row[of])).collect()
    }

    /// Whether each row of the input became one customer, and nobody else did.
    #[track_caller]
    pub fn assert_added_once(&self, before: usize, count: usize) {
        let mut added: Vec<String> = self
            .records_since("customer", before)
            .iter()
            .map(|record| text(record, "EMAIL").to_owned())
            .collect();
        added.sort();
        let mut wanted: Vec<String> = (0..count).map(|n| format!("ann.{n}@example.com")).collect();
        wanted.sort();
        assert_eq!(added, wanted);
    }
}

#[test]
fn a_wrong_login_stops_after_one_request() {
    let bench = bench_with(tenant(), &customers(20), ADD);
    let before = bench.records("customer").len();
    bench.mend("connections.yaml", "wapi-password", "wapi-passwort");
    insta::assert_snapshot!(bench.all_said(1), @r"
    test-load failed: run [run]
      read                    0
      loaded                  0
      rejected                0
      refused                 0
      skipped                 0
      in doubt                0
      requests                1   0 of them again
      time        [time]
    test-load: run [run] begins
    error: Customer Get failed: STATUS 303, ERROR_CODE 303: Invalid login
      hint: check `tenant` with `wapi.username` and `wapi.password`, or `wapi.api_key` for the gateway (Configuration Manager, Integration, CRM API), and the host: `platform` or `base_url` is the tenant's own cluster
    ");
    insta::assert_snapshot!(bench.all_said(1), @r"
    test-load failed: run [run]
      read                    0
      loaded                  0
      rejected                0
      refused                 0
      skipped                 0
      in doubt                0
      requests                2   0 of them again
      time        [time]
    test-load: run [run] goes on
    error: Customer Get failed: STATUS 303, ERROR_CODE 303: Invalid login
      hint: check `tenant` with `wapi.username` and `wapi.password`, or `wapi.api_key` for the gateway (Configuration Manager, Integration, CRM API), and the host: `platform` or `base_url` is the tenant's own cluster
    ");
    insta::assert_debug_snapshot!(bench.crm_requests(), @r#"
    {
        "CUSTOMER GET 303": 2,
    }
    "#);
    bench.mend("connections.yaml", "wapi-passwort", "wapi-password");
    bench.run().expect(0);
    bench.assert_added_once(before, 20);
}

#[test]
fn a_missing_right_to_add_stops_before_more_is_sent_than_was_on_its_way() {
    let bench = bench_with(
        tenant_with(|settings| settings["wapi"]["rights"] = json!({ "customer": ["get"] })),
        &customers(40),
        ADD,
    );
    insta::assert_snapshot!(bench.all_said_but_requests(1), @r"
    test-load failed: run [run]
      read                   40
      loaded                  0
      rejected                0
      refused                 0
      skipped                 0
      in doubt                0
      pending                40   taken up, to be settled when the run goes on
      requests    [requests]
      time        [time]
    test-load: run [run] begins
    40 rows read ahead, up to 40 to be sent
    error: Customer Add failed: STATUS 310, ERROR_CODE 310: Not enough permissions
      hint: give the CRM API user the right to this object and action: Configuration Manager, Integration, CRM API, Access Rights
    ");
    assert!(bench.asked("CUSTOMER ADD") <= 4, "{:?}", bench.crm_requests());
    assert_eq!(bench.results("refused.csv").len(), 0);
}

#[test]
fn a_missing_right_to_get_is_told_before_anything_is_changed() {
    let bench = bench_with(
        tenant_with(|settings| {
            settings["wapi"]["rights"] = json!({ "customer": ["add", "modify"] });
        }),
        "FIRSTNAME,LASTNAME,EMAIL,AUTOPASSWD\nA,B,a@example.com,True\nC,D,c@example.com,True\n",
        "object: customer, action: upsert, match_on: EMAIL",
    );
    insta::assert_snapshot!(bench.all_said_but_requests(1), @r"
    test-load failed: run [run]
      read                    2
      loaded                  0
      rejected                0
      refused                 0
      skipped                 0
      in doubt                0
      pending                 2   taken up, to be settled when the run goes on
      requests    [requests]
      time        [time]
    test-load: run [run] begins
    2 rows read ahead, up to 2 to be sent
    error: Customer Get failed: STATUS 310, ERROR_CODE 310: Not enough permissions
      hint: give the CRM API user the right to this object and action: Configuration Manager, Integration, CRM API, Access Rights
    ");
    assert_eq!(bench.asked("CUSTOMER ADD"), 0);
}

#[test]
fn a_rate_limit_is_waited_for() {
    for kind in [FaultKind::Throttled, FaultKind::WapiStatus503] {
        let mut settings = tenant();
        let rule = crm_fault(kind, 0.5, "customer add");
        settings.faults = vec![FaultRule { times: Some(15), ..rule }];
        let bench = bench_with(settings, &customers(30), ADD);
        let before = bench.records("customer").len();
        bench.run().expect(0).says("30 added");
        bench.assert_added_once(before, 30);
    }
}

#[test]
fn an_outage_is_waited_out() {
    let mut settings = tenant();
    let outage = crm_fault(FaultKind::Unavailable, 1.0, "customer add");
    settings.faults = vec![FaultRule { after: 5, times: Some(40), ..outage }];
    let bench = bench_with(settings, &customers(30), ADD);
    let before = bench.records("customer").len();
    bench.run().expect(0);
    bench.assert_added_once(before, 30);
    assert_eq!(bench.results("loaded.csv").len(), 30);
}

#[test]
fn an_outage_beyond_all_patience_stops_the_run_which_goes_on_later() {
    let mut settings = tenant();
    let outage = crm_fault(FaultKind::Unavailable, 1.0, "customer add");
    settings.faults = vec![FaultRule { after: 5, times: Some(60), ..outage }];
    let bench = bench_with(settings, &customers(30), ADD);
    let before = bench.records("customer").len();
    bench.mend("connections.yaml", "give_up_after: 20s", "give_up_after: 100ms");
    bench.mend("connections.yaml", "attempts: 12", "attempts: 100");
    insta::assert_snapshot!(bench.all_said_but_requests(1), @r"
    test-load failed: run [run]
      read                   30
      loaded                  5   5 added
      rejected                0
      refused                 0
      skipped                 0
      in doubt                0
      pending                25   taken up, to be settled when the run goes on
      requests    [requests]
      time        [time]
    test-load: run [run] begins
    30 rows read ahead, up to 30 to be sent
    error: the server has taken nothing for 0 s; it last said: HTTP 503 from the host
      hint: give the same command again later: it goes on where it was
    ");
    bench.mend("connections.yaml", "give_up_after: 100ms", "give_up_after: 20s");
    bench.run().expect(0);
    bench.assert_added_once(before, 30);
    assert_eq!(bench.results("loaded.csv").len(), 30);
}

#[test]
fn a_field_that_the_tenant_does_not_have_is_refused_with_the_way_out() {
    let bench = bench_with(
        tenant(),
        "FIRSTNAME,LASTNAME,AUTOPASSWD,shoe_size\nA,B,True,44\nC,D,True,\n",
        "object: customer, action: add, custom_fields: [shoe_size]",
    );
    insta::assert_snapshot!(bench.all_said(3), @r"
    test-load finished: run [run]
      read                    2
      loaded                  1   1 added
      rejected                0
      refused                 1   .vccpipe/runs/test-load/[run]/refused.csv
      skipped                 0
      in doubt                0
      requests                4   0 of them again
      time        [time]
    refused:
      line 2: refused by the server: The tag 'SHOE_SIZE' is not a valid tag for the 'ADD' on the 'CUSTOMER' (the tenant has no such field for this object: compare its name with Configuration Manager, CRM, Custom Fields)
    test-load: run [run] begins
    2 rows read ahead, up to 2 to be sent
    ");
    insta::assert_snapshot!(bench.reasons("refused.csv"), @"2: The tag 'SHOE_SIZE' is not a valid tag for the 'ADD' on the 'CUSTOMER' (the tenant has no such field for this object: compare its name with Configuration Manager, CRM, Custom Fields)");
    insta::assert_debug_snapshot!(bench.crm_requests(), @r#"
    {
        "CUSTOMER ADD -1": 1,
        "CUSTOMER ADD 0": 1,
        "CUSTOMER GET 0": 1,
        "CUSTOMFIELD GET 0": 1,
    }
    "#);
    insta::assert_snapshot!(bench.all_said(0), @r"
    test-load: this input was loaded to its end by run [run] (2 rows); nothing is sent
      hint: mend what was rejected or refused (1) in .vccpipe/runs/test-load/[run] and load that file by `--input`; `--again` sends all of it again
    ");
}

#[test]
fn a_deleted_custom_field_is_refused_with_the_way_out() {
    let bench = bench_with(
        tenant(),
        "FIRSTNAME,LASTNAME,AUTOPASSWD,retired\nA,B,True,yes\nC,D,True,\n",
        "object: customer, action: add, custom_fields: [retired]",
    );
    insta::assert_snapshot!(bench.all_said(3), @r"
    test-load finished: run [run]
      read                    2
      loaded                  1   1 added
      rejected                0
      refused                 1   .vccpipe/runs/test-load/[run]/refused.csv
      skipped                 0
      in doubt                0
      requests                4   0 of them again
      time        [time]
    refused:
      line 2: refused by the server: The STATUS of the tag 'RETIRED' is 'DEL'. No action allowed on this tag (the custom field was deleted in Configuration Manager: leave it out, or restore it)
    test-load: run [run] begins
    2 rows read ahead, up to 2 to be sent
    ");
    insta::assert_snapshot!(bench.reasons("refused.csv"), @"2: The STATUS of the tag 'RETIRED' is 'DEL'. No action allowed on this tag (the custom field was deleted in Configuration Manager: leave it out, or restore it)");
}

#[test]
fn a_deactivated_value_of_a_picklist_is_told_before_it_is_sent() {
    let bench = bench_with(
        tenant(),
        "FIRSTNAME,LASTNAME,AUTOPASSWD,CUSTOMERTYPE,PrivacyLevel\n\
         A,B,True,Reseller,Neutral\nC,D,True,default,Secret\nE,F,True,Default,Unknown\n",
        "object: customer, action: add, custom_fields: [PrivacyLevel]",
    );
    insta::assert_snapshot!(bench.all_said(3), @r"
    test-load finished: run [run]
      read                    3
      loaded                  1   1 added
      rejected                2   .vccpipe/runs/test-load/[run]/rejected.csv
      refused                 0
      skipped                 0
      in doubt                0
      requests                4   0 of them again
      time        [time]
    rejected:
      line 2: CUSTOMERTYPE: not a value of the tenant (`Reseller`, wapi-crm-api: Add Customer)
      line 3: CUSTOMERTYPE: not a value of the tenant (`default`, did you mean `Default`?, wapi-crm-api: Add Customer); PrivacyLevel: not a value of the tenant (`Secret`, custom field)
    test-load: run [run] begins
    3 rows read ahead, up to 1 to be sent
    ");
    insta::assert_snapshot!(bench.reasons("rejected.csv"), @r"
    2: CUSTOMERTYPE: not a value of the tenant (`Reseller`, wapi-crm-api: Add Customer)
    3: CUSTOMERTYPE: not a value of the tenant (`default`, did you mean `Default`?, wapi-crm-api: Add Customer); PrivacyLevel: not a value of the tenant (`Secret`, custom field)
    ");
    assert_eq!(bench.asked("CUSTOMER ADD"), 1);
}

#[test]
fn values_that_are_not_checked_are_refused_by_the_tenant() {
    let bench = bench_with(
        tenant(),
        "FIRSTNAME,LASTNAME,AUTOPASSWD,CUSTOMERTYPE\nA,B,True,Reseller\nE,F,True,Default\n",
        "object: customer, action: add, check_values: false",
    );
    insta::assert_snapshot!(bench.all_said(3), @r"
    test-load finished: run [run]
      read                    2
      loaded                  1   1 added
      rejected                0
      refused                 1   .vccpipe/runs/test-load/[run]/refused.csv
      skipped                 0
      in doubt                0
      requests                3   0 of them again
      time        [time]
    refused:
      line 2: refused by the server: The value 'Reseller' of the alias 'CUSTOMERTYPE' is not valid (the tenant's own values are in Configuration Manager; upper and lower case count)
    test-load: run [run] begins
    2 rows read ahead, up to 2 to be sent
    ");
    insta::assert_snapshot!(bench.reasons("refused.csv"), @"2: The value 'Reseller' of the alias 'CUSTOMERTYPE' is not valid (the tenant's own values are in Configuration Manager; upper and lower case count)");
    assert_eq!(bench.asked("CUSTOMFIELD"), 0, "{:?}", bench.crm_requests());
}

#[test]
fn a_custom_field_whose_name_clashes_is_told_at_check() {
    let bench = bench_with(
        tenant(),
        "FIRSTNAME,LASTNAME,AUTOPASSWD,Email\nA,B,True,x\n",
        "object: customer, action: add, custom_fields: [Email, OLD_ID, old_id]",
    );
    let said = bench.all_said(2);
    insta::assert_snapshot!(&said, @r"
    pipeline.yaml:8:58
      × the custom field `Email` has the name of the field `EMAIL`: nobody can tell which of the two is meant
       ╭────
     7 │ load:
     8 │   wapi: { object: customer, action: add, custom_fields: [Email, OLD_ID, old_id] }
       ·                                                          ─────
       ╰────
      help: give the custom field another name in Configuration Manager, or leave it out

    pipeline.yaml:8:73
      × the custom field `old_id` has the name of the field `OLD_ID`: nobody can tell which of the two is meant
       ╭────
     7 │ load:
     8 │   wapi: { object: customer, action: add, custom_fields: [Email, OLD_ID, old_id] }
       ·                                                                         ──────
       ╰────
      help: give the custom field another name in Configuration Manager, or leave it out
    ");
    let told = bench.vccpipe(&["check", "pipeline.yaml"]).expect(2);
    assert_eq!(bench.plain(&told.stderr).trim(), said.trim());
    assert!(bench.crm_requests().is_empty());
}

#[test]
fn an_address_of_four_thousand_characters_is_rejected_or_cut() {
    let input = format!("FIRSTNAME,LASTNAME,AUTOPASSWD,ADDR1STR1\nA,B,True,{}\n", "x".repeat(4000));
    let bench = bench_with(tenant(), &input, ADD);
    insta::assert_snapshot!(bench.all_said(3), @r"
    test-load finished: run [run]
      read                    1
      loaded                  0
      rejected                1   .vccpipe/runs/test-load/[run]/rejected.csv
      refused                 0
      skipped                 0
      in doubt                0
      requests                1   0 of them again
      time        [time]
    rejected:
      line 2: ADDR1STR1: too long (`xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...`, 4000 characters, at most 50, wapi-crm-api: Add Customer)
    test-load: run [run] begins
    1 rows read ahead, up to 0 to be sent
    ");
    insta::assert_snapshot!(bench.reasons("rejected.csv"), @"2: ADDR1STR1: too long (`xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...`, 4000 characters, at most 50, wapi-crm-api: Add Customer)");
    bench.write_crm_steps("[{ validate: { fix: { ADDR1STR1: truncate } } }]", ADD);
    insta::assert_snapshot!(bench.all_said(0), @r"
    test-load: this input was loaded to its end by run [run] (1 rows); nothing is sent
      hint: mend what was rejected or refused (1) in .vccpipe/runs/test-load/[run] and load that file by `--input`; `--again` sends all of it again
    ");
}

#[test]
fn an_address_that_another_customer_has_is_refused_on_modify_too() {
    let bench = Bench::new(tenant());
    let held = bench.records("customer");
    let with: Vec<_> = held.iter().filter(|held| !text(held, "EMAIL").is_empty()).collect();
    let number = text(with[0], "ACCOUNTNUM");
    bench.write("input.csv", &format!("ACCOUNTNUM,EMAIL\n{number},{}\n", text(with[1], "EMAIL")));
    bench.write_crm_pipeline("object: customer, action: modify");
    insta::assert_snapshot!(bench.all_said(3), @r"
    test-load finished: run [run]
      read                    1
      loaded                  0
      rejected                0
      refused                 1   .vccpipe/runs/test-load/[run]/refused.csv
      skipped                 0
      in doubt                0
      requests                2   0 of them again
      time        [time]
    refused:
      line 2: refused by the server: Duplicate value 'paolo.dangelo2@example.net' of 'EMAIL' (another record of the tenant has this value: modify or upsert that one)
    test-load: run [run] begins
    1 rows read ahead, up to 1 to be sent
    ");
    insta::assert_snapshot!(bench.reasons("refused.csv"), @"2: Duplicate value 'paolo.dangelo2@example.net' of 'EMAIL' (another record of the tenant has this value: modify or upsert that one)");
    assert_eq!(bench.records("customer"), held);
    assert_eq!(bench.asked("CUSTOMER MODIFY"), 1);
}

#[test]
fn an_add_of_an_address_that_exists_says_what_to_do() {
    let bench = Bench::new(tenant());
    let held = bench.records("customer");
    let taken = held.iter().map(|record| text(record, "EMAIL")).find(|email| !email.is_empty());
    bench.write(
        "input.csv",
        &format!("FIRSTNAME,LASTNAME,EMAIL,AUTOPASSWD\nE,F,{},True\n", taken.unwrap()),
    );
    bench.write_crm_pipeline(ADD);
    insta::assert_snapshot!(bench.all_said(3), @r"
    test-load finished: run [run]
      read                    1
      loaded                  0
      rejected                0
      refused                 1   .vccpipe/runs/test-load/[run]/refused.csv
      skipped                 0
      in doubt                0
      requests                2   0 of them again
      time        [time]
    refused:
      line 2: refused by the server: Duplicate value 'mei-ling.clark0@example.com' of 'EMAIL' (another record of the tenant has this value: modify or upsert that one)
    test-load: run [run] begins
    1 rows read ahead, up to 1 to be sent
    ");
    insta::assert_snapshot!(bench.reasons("refused.csv"), @"2: Duplicate value 'mei-ling.clark0@example.com' of 'EMAIL' (another record of the tenant has this value: modify or upsert that one)");
    insta::assert_snapshot!(bench.all_said(0), @r"
    test-load: this input was loaded to its end by run [run] (1 rows); nothing is sent
      hint: mend what was rejected or refused (1) in .vccpipe/runs/test-load/[run] and load that file by `--input`; `--again` sends all of it again
    ");
}

#[test]
fn a_load_that_lacks_a_key_is_told_at_check() {
    let bench = bench_with(tenant(), "A\n1\n", "object: customer, action: upsert");
    insta::assert_snapshot!(bench.all_said(2), @r"
    pipeline.yaml:8:37
      × `upsert` needs `match_on`: by which columns a row finds its record
       ╭────
     7 │ load:
     8 │   wapi: { object: customer, action: upsert }
       ·                                     ──────
       ╰────
      help: for instance `match_on: EMAIL`
    ");
    bench.write_crm_pipeline("object: task, action: delete");
    insta::assert_snapshot!(bench.all_said(2), @r"
    pipeline.yaml:8:33
      × `delete` needs `confirm_delete: true` beside it
       ╭────
     7 │ load:
     8 │   wapi: { object: task, action: delete }
       ·                                 ──────
       ╰────
      help: what is deleted cannot be brought back, and takes along what belongs to it: the cases, follow-ups and tasks of a customer, for instance
    ");
    bench.write_crm_pipeline("object: followup, action: modify");
    insta::assert_snapshot!(bench.all_said(2), @r"
    pipeline.yaml:8:37
      × a follow-up cannot be changed, so that it cannot be loaded by this action
       ╭────
     7 │ load:
     8 │   wapi: { object: followup, action: modify }
       ·                                     ──────
       ╰────
      help: the CRM API has `add` and `delete` for follow-ups
    ");
    bench.write_crm_pipeline("object: customer, action: add, match_on: EMAIL");
    insta::assert_snapshot!(bench.all_said(2), @r"
    pipeline.yaml:8:37
      × `match_on` makes no sense with `add`
       ╭────
     7 │ load:
     8 │   wapi: { object: customer, action: add, match_on: EMAIL }
       ·                                     ───
       ╰────
      help: it is for `upsert`; `modify` and `delete` find their record by its number
    ");
    bench.write_crm_pipeline("object: task, action: modify, identify_by: SUBJECT");
    insta::assert_snapshot!(bench.all_said(2), @r"
    pipeline.yaml:8:33
      × `identify_by` makes no sense with `modify`
       ╭────
     7 │ load:
     8 │   wapi: { object: task, action: modify, identify_by: SUBJECT }
       ·                                 ──────
       ╰────
      help: it is for `add` and `upsert`; `modify` and `delete` find their record by its number
    ");
    bench.write_crm_pipeline("object: customfield, action: add");
    insta::assert_snapshot!(bench.all_said(2), @r"
    pipeline.yaml:8:19
      × `object` must be `customer`, `case`, `followup`, `task`, `faqcategory` or `faq`, not the text `customfield`
       ╭────
     7 │ load:
     8 │   wapi: { object: customfield, action: add }
       ·                   ───────────
       ╰────
      help: What the rows are.
    ");
    assert!(bench.crm_requests().is_empty());
}

#[test]
fn a_column_of_match_on_or_identify_by_that_is_not_there_is_told_at_check() {
    let input = "FIRSTNAME,LASTNAME,AUTOPASSWD\nA,B,True\n";
    let bench = bench_with(
        tenant(),
        input,
        "object: customer, action: upsert, match_on: [EMAIL, lastname]",
    );
    insta::assert_snapshot!(bench.all_said(2), @r"
    pipeline.yaml:8:19
      × `match_on` demands a column `EMAIL`
       ╭────
     7 │ load:
     8 │   wapi: { object: customer, action: upsert, match_on: [EMAIL, lastname] }
       ·                   ────────
       ╰────
      help: add `EMAIL: ...` to the last `map`

    pipeline.yaml:8:19
      × `match_on` demands a column `lastname`
       ╭────
     7 │ load:
     8 │   wapi: { object: customer, action: upsert, match_on: [EMAIL, lastname] }
       ·                   ────────
       ╰────
      help: did you mean `LASTNAME`?
    ");
    bench.write_crm_pipeline("object: customer, action: add, identify_by: [LASTNAME, OLD_ID]");
    insta::assert_snapshot!(bench.all_said(2), @r"
    pipeline.yaml:8:19
      × `identify_by` demands a column `OLD_ID`
       ╭────
     7 │ load:
     8 │   wapi: { object: customer, action: add, identify_by: [LASTNAME, OLD_ID] }
       ·                   ────────
       ╰────
      help: add `OLD_ID: ...` to the last `map`
    ");
    bench.write_crm_pipeline("object: customer, action: add, identify_by: []");
    insta::assert_snapshot!(bench.all_said(2), @r"
    pipeline.yaml:8:55
      × `identify_by` is empty
       ╭────
     7 │ load:
     8 │   wapi: { object: customer, action: add, identify_by: [] }
       ·                                                       ──
       ╰────
      help: How a record is recognised as one's own after its answer was lost: the columns that must be equal. Default: the e-mail address of a customer that has one; else all that was sent.
    ");
    assert!(bench.crm_requests().is_empty());
}

#[test]
fn columns_that_the_tenant_cannot_be_asked_for_are_told_at_check() {
    let bench = bench_with(
        tenant(),
        "FAQCATID,QUESTION,ANSWER,SHORTCUT\n1,Q,A,s\n",
        "object: faq, action: upsert, match_on: SHORTCUT",
    );
    insta::assert_snapshot!(bench.all_said(2), @r"
    pipeline.yaml:8:19
      × the CRM cannot be asked for records by SHORTCUT: nobody could tell whether one is there
       ╭────
     7 │ load:
     8 │   wapi: { object: faq, action: upsert, match_on: SHORTCUT }
       ·                   ───
       ╰────
      help: add one of them to `match_on`: FAQCATID
    ");
    assert!(bench.crm_requests().is_empty());
}

#[test]
fn a_connection_without_wapi_is_told_with_what_to_write() {
    let bench = bench_with(tenant(), &customers(3), ADD);
    bench.mend("connections.yaml", "    wapi: { username", "    # wapi: { username");
    bench.vccpipe(&["check", "pipeline.yaml"]).expect(2).says("has no access to the CRM API");
    insta::assert_snapshot!(bench.all_said(2), @r"
    error: the connection `acme` has no access to the CRM API
      hint: write `wapi: {username: .., password: ..}` and `timezone:` into it
    ");
    assert!(bench.crm_requests().is_empty());
}

#[test]
fn a_user_name_that_is_too_long_is_told_at_its_place() {
    let bench = bench_with(tenant(), &customers(3), ADD);
    bench.mend("connections.yaml", "username: wapiuser", "username: \"${env:CRM_USER}\"");
    let run = |user: &str| {
        let mut command = bench.command(&["run", "pipeline.yaml"]);
        crate::bench::Told::of(command.env("CRM_USER", user).output().unwrap())
    };
    insta::assert_snapshot!(bench.plain(&run("wapiuser-of-the-tenant").expect(2).stderr), @r#"
    connections.yaml:7:23
      × `username` must have at most 10 characters
       ╭────
     6 │     tokens: { action: *********************************, data: ******************************* }
     7 │     wapi: { username: "${env:CRM_USER}", password: ************* }
       ·                       ─────────────────
     8 │     limits:
       ╰────
      help: The CRM API user name, at most 10 characters.
    "#);
    run("wapiuser").expect(0);
}

#[test]
fn a_row_that_fits_two_customers_or_has_nothing_to_match_on_is_rejected() {
    let bench = Bench::new(tenant());
    bench.write(
        "input.csv",
        "FIRSTNAME,LASTNAME,COMPANY,AUTOPASSWD\nA,Twin,One,True\nB,Twin,Two,True\n",
    );
    bench.write_crm_pipeline(ADD);
    bench.run().expect(0);
    let before = bench.records("customer");
    bench.write(
        "input.csv",
        "FIRSTNAME,LASTNAME,COMPANY,EMAIL,AUTOPASSWD\nA,Twin,Three,,True\nB,,Four,b@example.com,True\n\
         C,Single,Five,,True\n",
    );
    bench.write_crm_pipeline("object: customer, action: upsert, match_on: LASTNAME");
    insta::assert_snapshot!(bench.all_said(3), @r"
    test-load finished: run [run]
      read                    3
      loaded                  1   1 added
      rejected                2   .vccpipe/runs/test-load/[run]/rejected.csv
      refused                 0
      skipped                 0
      in doubt                0
      requests                3   0 of them again
      time        [time]
    rejected:
      line 3: LASTNAME: missing (mandatory, wapi-crm-api: Add Customer)
      line 2: LASTNAME: 2 records of the tenant have this value (10000210, 10000211)
    test-load: run [run] begins
    3 rows read ahead, up to 2 to be sent
    reads the tenant's 202 customers by LASTNAME in about 1 requests, instead of 2 look-ups one by one
    ");
    insta::assert_snapshot!(bench.reasons("rejected.csv"), @r"
    3: LASTNAME: missing (mandatory, wapi-crm-api: Add Customer)
    2: LASTNAME: 2 records of the tenant have this value (10000210, 10000211)
    ");
    bench.write_crm_pipeline("object: customer, action: upsert, match_on: EMAIL");
    bench.run().expect(3);
    insta::assert_snapshot!(bench.reasons("rejected.csv"), @r"
    2: EMAIL: no value to match on
    3: LASTNAME: missing (mandatory, wapi-crm-api: Add Customer)
    4: EMAIL: no value to match on
    ");
    assert_eq!(bench.records("customer").len(), before.len() + 1, "Single");
}

#[test]
fn a_value_that_cannot_be_asked_for_is_never_added_twice() {
    // Few rows, so that each is looked up by a request of its own.
    let input = "FIRSTNAME,LASTNAME,AUTOPASSWD,OLD_ID\nA,B,True,50%\n";
    let load = "object: customer, action: upsert, match_on: OLD_ID, custom_fields: [OLD_ID]";
    let bench = bench_with(crate::bench::settings(6000), input, load);
    let before = bench.records("customer").len();
    insta::assert_snapshot!(bench.all_said(3), @r"
    test-load finished: run [run]
      read                    1
      loaded                  0
      rejected                1   .vccpipe/runs/test-load/[run]/rejected.csv
      refused                 0
      skipped                 0
      in doubt                0
      requests                2   0 of them again
      time        [time]
    rejected:
      line 2: OLD_ID: the tenant cannot be asked for this value, since `%` stands for any text
    test-load: run [run] begins
    1 rows read ahead, up to 1 to be sent
    1 rows are looked up one by one: reading all 6000 customers of the tenant would take 7 requests
    ");
    insta::assert_snapshot!(bench.reasons("rejected.csv"), @"2: OLD_ID: the tenant cannot be asked for this value, since `%` stands for any text");
    bench.run().expect(3);
    assert_eq!(bench.records("customer").len(), before);
}

#[test]
fn a_tenant_that_fails_over_its_lists_is_waited_for_and_then_told() {
    let mut settings = tenant();
    settings.faults = vec![crm_fault(FaultKind::WapiStatus500, 1.0, "customfield get")];
    let bench =
        bench_with(settings, "FIRSTNAME,LASTNAME,AUTOPASSWD,CUSTOMERTYPE\nA,B,True,Default\n", ADD);
    insta::assert_snapshot!(bench.all_said(1), @r"
    test-load failed: run [run]
      read                    0
      loaded                  0
      rejected                0
      refused                 0
      skipped                 0
      in doubt                0
      requests               13   0 of them again
      time        [time]
    test-load: run [run] begins
    error: the values of CUSTOMERTYPE could not be asked for: STATUS 500, ERROR_CODE 500: Internal Error
      hint: give the same command again later, or set `check_values: false`
    ");
}

#[test]
fn the_gateway_wants_its_key() {
    let bench = bench_with(tenant(), &customers(5), ADD);
    let before = bench.records("customer").len();
    let known = bench.tenant().credentials();
    let classic =
        format!("{{ username: {}, password: {} }}", known.wapi_username, known.wapi_password);
    let url = bench.tenant().base_url();
    let gateway =
        |key: &str| format!("{{ endpoint: gateway, api_key: {key}, gateway_url: {url} }}");
    bench.mend("connections.yaml", &classic, &gateway("no-such-key"));
    insta::assert_snapshot!(bench.all_said(1), @r"
    test-load failed: run [run]
      read                    0
      loaded                  0
      rejected                0
      refused                 0
      skipped                 0
      in doubt                0
      requests                1   0 of them again
      time        [time]
    test-load: run [run] begins
    error: Customer Get failed: STATUS 303, ERROR_CODE 303: Invalid login
      hint: check `tenant` with `wapi.username` and `wapi.password`, or `wapi.api_key` for the gateway (Configuration Manager, Integration, CRM API), and the host: `platform` or `base_url` is the tenant's own cluster
    ");
    insta::assert_debug_snapshot!(bench.crm_requests(), @r#"
    {
        "CUSTOMER GET 303": 1,
    }
    "#);
    bench.mend("connections.yaml", "no-such-key", "api-key-of-the-sample-tenant");
    bench.run().expect(0);
    bench.assert_added_once(before, 5);
    bench.mend("connections.yaml", ", api_key: api-key-of-the-sample-tenant", "");
    insta::assert_snapshot!(bench.all_said(2), @r"
    connections.yaml:7:5
      × missing key `api_key` in `wapi`
       ╭────
     6 │     tokens: { action: *********************************, data: ******************************* }
     7 │     wapi: { endpoint: gateway, gateway_url: http://[host] }
       ·     ────
     8 │     limits:
       ╰────
      help: `endpoint: gateway` needs it
    ");
}

#[test]
fn an_apostrophe_that_the_tenant_does_not_take_is_told_with_the_setting() {
    let input = "FIRSTNAME,LASTNAME,AUTOPASSWD\nAnn,O'Brien,True\nBob,Smith,True\n";
    let bench = bench_with(tenant(), input, ADD);
    let before = bench.records("customer").len();
    bench.mend("connections.yaml", "wapi: { username", "wapi: { apostrophe: xml, username");
    insta::assert_snapshot!(bench.all_said(3), @r"
    test-load finished: run [run]
      read                    2
      loaded                  1   1 added
      rejected                0
      refused                 1   .vccpipe/runs/test-load/[run]/refused.csv
      skipped                 0
      in doubt                0
      requests                3   0 of them again
      time        [time]
    refused:
      line 2: refused by the server: The passed value 'O'Brien' of the alias 'LASTNAME' doesn't meet the specified criterion (the tenant may not take apostrophes as the connection writes them: `wapi: {apostrophe: rsquot}`)
    test-load: run [run] begins
    2 rows read ahead, up to 2 to be sent
    ");
    insta::assert_snapshot!(bench.reasons("refused.csv"), @"2: The passed value 'O'Brien' of the alias 'LASTNAME' doesn't meet the specified criterion (the tenant may not take apostrophes as the connection writes them: `wapi: {apostrophe: rsquot}`)");
    for setting in ["reject", "typographic", "blank", "rsquot"] {
        bench.mend("connections.yaml", "apostrophe: xml", &format!("apostrophe: {setting}"));
        let told = bench.vccpipe(&["run", "pipeline.yaml", "--again"]);
        let said = format!("{}{}", told.stdout, told.stderr);
        assert_eq!(told.code, Some(if setting == "reject" { 3 } else { 0 }), "{setting}: {said}");
        bench.mend("connections.yaml", &format!("apostrophe: {setting}"), "apostrophe: xml");
    }
    let names: Vec<String> = bench
        .records_since("customer", before)
        .iter()
        .map(|record| text(record, "LASTNAME").to_owned())
        .filter(|name| name != "Smith")
        .collect();
    assert_eq!(names, ["O\u{2019}Brien", "O Brien", "O'Brien"]);
}

#[test]
fn a_load_that_is_interrupted_goes_on_where_it_was() {
    let mut settings = tenant();
    settings.latency_ms.insert(vccpipe_simulator::Api::Wapi, 15);
    let bench = bench_with(settings, &customers(200), ADD);
    let before = bench.records("customer").len();
    let mut child = bench.command(&["run", "pipeline.yaml"]).spawn().unwrap();
    while bench.asked("CUSTOMER ADD") < 20 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was interrupted");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    interrupt(&child);
    let told = crate::bench::Told::of(child.wait_with_output().unwrap());
    assert_eq!(told.code, Some(130), "{}\n{}", told.stdout, told.stderr);
    let added = bench.records_since("customer", before).len();
    assert!((20..200).contains(&added), "{added}");
    assert_eq!(bench.results("loaded.csv").len(), added, "what is on its way is waited for");
    bench.run().expect(0);
    bench.assert_added_once(before, 200);
    assert_eq!(bench.results("loaded.csv").len(), 200);
    assert_eq!(bench.asked("CUSTOMER ADD"), 200, "nothing is sent twice");
}

#[test]
fn faqs_and_their_categories_are_modified_though_no_get_takes_their_number() {
    let bench = Bench::new(tenant());
    let faqs = bench.records("faq");
    let numbers: Vec<&str> = faqs[..3].iter().map(|faq| text(faq, "FAQID")).collect();
    let rows: String = numbers.iter().map(|number| format!("{number},New answer\n")).collect();
    bench.write("input.csv", &format!("FAQID,ANSWER\n{rows}9999,None\n"));
    bench.write_crm_pipeline("object: faq, action: modify");
    insta::assert_snapshot!(bench.all_said(3), @r"
    test-load finished: run [run]
      read                    4
      loaded                  3   3 modified
      rejected                1   .vccpipe/runs/test-load/[run]/rejected.csv
      refused                 0
      skipped                 0
      in doubt                0
      requests                4   0 of them again
      time        [time]
    rejected:
      line 5: FAQID: the tenant has no such faq (`9999`)
    test-load: run [run] begins
    4 rows read ahead, up to 4 to be sent
    ");
    insta::assert_debug_snapshot!(bench.crm_requests(), @r#"
    {
        "FAQ GET 0": 1,
        "FAQ MODIFY 0": 3,
    }
    "#);
    let categories = bench.records("faqcategory");
    let number = text(&categories[1], "FAQCATID");
    bench.write("input.csv", &format!("FAQCATID,FAQCATEGORY\n{number},Renamed\n9999,None\n"));
    bench.write_crm_pipeline("object: faqcategory, action: modify");
    insta::assert_snapshot!(bench.all_said(3), @r"
    test-load finished: run [run]
      read                    2
      loaded                  1   1 modified
      rejected                1   .vccpipe/runs/test-load/[run]/rejected.csv
      refused                 0
      skipped                 0
      in doubt                0
      requests                3   0 of them again
      time        [time]
    rejected:
      line 3: FAQCATID: the tenant has no such faqcategory (`9999`)
    test-load: run [run] begins
    2 rows read ahead, up to 2 to be sent
    ");
}

#[test]
fn who_was_added_by_others_while_an_upsert_was_interrupted_is_found_when_it_goes_on() {
    let mut settings = tenant();
    settings.latency_ms.insert(vccpipe_simulator::Api::Wapi, 15);
    let load = "object: customer, action: upsert, match_on: VOICE";
    // Without e-mail addresses, which would keep the tenant from adding anybody twice.
    let rows: String = (0..60).map(|n| format!("Ann{n},Smith,555 {n:04},True\n")).collect();
    let bench = bench_with(settings, &format!("FIRSTNAME,LASTNAME,VOICE,AUTOPASSWD\n{rows}"), load);
    let before = bench.records("customer").len();
    let mut child = bench.command(&["run", "pipeline.yaml"]).spawn().unwrap();
    while bench.asked("CUSTOMER ADD") < 8 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was interrupted");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let others = std::fs::read_to_string(bench.path("pipeline.yaml")).unwrap();
    bench.write("others.yaml", &others.replace("test-load", "others"));
    bench.vccpipe(&["run", "others.yaml"]).expect(0);
    bench.run().expect(0);
    assert_eq!(bench.records_since("customer", before).len(), 60);
}

fn interrupt(child: &std::process::Child) {
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
}
