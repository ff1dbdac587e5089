//! Records in doubt are looked for at the tenant, and settled by what is found there.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use vccpipe_simulator::{FaultKind, FaultRule, Settings};

use crate::{
    bench::{Bench, csv_of, customers, fault, settings},
    crm,
    crm_bad_answers::{Host, Keep, Pass, page, reply},
};

/// Customers whose answers were all 206: some of them were taken in, and nobody knows which.
fn doubtful_campaign(rows: usize) -> Bench {
    doubtful_campaign_of(rows, |_| {})
}

fn doubtful_campaign_of(rows: usize, change: impl FnOnce(&mut Settings)) -> Bench {
    let mut settings = settings(12_000);
    // Three times, until the run gives the rows up; then the fault is over.
    let times = Some(3 * rows as u64);
    let rule =
        FaultRule { times, applied: 0.15, seed: Some(3), ..fault(FaultKind::Status206, 1.0) };
    settings.faults = vec![rule];
    change(&mut settings);
    let bench = Bench::new(settings);
    bench.without_haste();
    bench.write("input.csv", &csv_of(&customers(rows)));
    bench.write_pipeline(20);
    bench.mend("connections.yaml", "attempts: 12", "attempts: 3");
    bench.run().expect(4);
    assert_eq!(bench.summary()["in_doubt"], rows as u64);
    bench
}

/// Customers of the CRM of whom the second and third were in doubt: the second was added, the
/// third was not, and for a while the tenant told nobody.
fn doubtful_customers() -> (Bench, Host, usize) {
    let bench = Bench::new(crm::tenant());
    bench.write("input.csv", &crm::customers(5));
    bench.write_crm_pipeline("object: customer, action: add");
    bench.mend("connections.yaml", "attempts: 12", "attempts: 3");
    let before = bench.records("customer").len();
    let is_shy = Arc::new(AtomicBool::new(true));
    let shy = Arc::clone(&is_shy);
    let host = bench.behind(move |command, nth, packet| match (command, nth) {
        _ if !shy.load(Ordering::Relaxed) => Pass,
        ("CUSTOMER ADD", _) if packet.contains("ann.1@") => {
            crate::crm_bad_answers::Replace(page("502 Bad Gateway"))
        }
        ("CUSTOMER ADD", _) if packet.contains("ann.2@") => Keep(page("502 Bad Gateway")),
        ("CUSTOMER GET", 1..) => Keep(reply("STATUS=\"-1\" ERROR_STR=\"Not now\"")),
        _ => Pass,
    });
    bench.run().expect(4);
    assert_eq!(bench.summary()["in_doubt"], 2);
    is_shy.store(false, Ordering::Relaxed);
    (bench, host, before)
}

#[test]
fn customers_of_a_campaign_are_found_in_its_records_or_left_over() {
    let bench = doubtful_campaign(12);
    let truth = bench.truth().len() as u64;
    assert!((1..12).contains(&truth), "some of them were taken in: {truth}");
    let posts = bench.posts();
    let told = bench.vccpipe(&["resolve", "test-load"]).expect(3);
    assert_eq!(bench.posts(), posts, "nothing was sent");
    let first = told.stdout.lines().nth(1).unwrap();
    assert!(first.starts_with("  line 2: "), "{}", told.stdout);
    let found = told.stdout.matches("is in campaign 125").count() as u64;
    let missing = told.stdout.matches("is not in campaign 125").count() as u64;
    assert_eq!((found, missing), (truth, 12 - truth), "{}", told.stdout);
    bench.assert_books_are_true();
    let summary = bench.summary();
    assert_eq!(summary["loaded_detail"]["confirmed_on_resume"], truth);
    assert_eq!((&summary["refused"], &summary["in_doubt"]), (&(12 - truth).into(), &0.into()));
    assert!(bench.results("refused.csv")[0]["_reason"].starts_with("left over: customer "));
    bench.vccpipe(&["audit", "test-load"]).expect(0);
    bench.vccpipe(&["resolve", "test-load"]).expect(0).says("test-load: nothing is in doubt");
    // What is left over is sent again, and nobody is taken in twice.
    bench.vccpipe(&["retry", "test-load"]).expect(0);
    assert_eq!(bench.truth().len(), 12);
    assert!(bench.truth().values().all(|times| *times == 1));
    assert_eq!(bench.summary()["loaded"], 12 - truth);
    bench.vccpipe(&["audit", "test-load"]).expect(0);
}

#[test]
fn records_are_read_page_by_page() {
    let bench = doubtful_campaign_of(12, |settings| settings.campaigns.records_page = Some(2));
    bench.vccpipe(&["resolve", "test-load"]).expect(3);
    bench.assert_books_are_true();
}

#[test]
fn a_list_that_ends_before_the_campaign_does_settles_only_whom_it_names() {
    let bench = doubtful_campaign_of(12, |settings| {
        settings.campaigns.records_page = Some(1);
        settings.campaigns.records_turned_by = serde_json::from_str("\"nothing\"").unwrap();
    });
    let truth = bench.truth().len() as u64;
    assert!(truth > 1, "{truth}");
    let told = bench.vccpipe(&["resolve", "test-load"]).expect(4);
    assert_eq!(told.stdout.matches("is in campaign 125").count(), 1, "{}", told.stdout);
    told.says(&format!("the list has only 1 of the {truth} records that the campaign says it has"));
    assert_eq!(bench.summary()["in_doubt"], 11);
    let told = bench.vccpipe(&["audit", "test-load", "--remote"]).expect(0);
    told.says("1   of 1 that the tenant was asked for");
}

#[test]
fn a_customer_is_found_by_its_address_and_the_other_left_over() {
    let (bench, _host, before) = doubtful_customers();
    let told = bench.vccpipe(&["resolve", "test-load"]).expect(3);
    let numbers = regex::Regex::new(r"\b1000\d{4}\b").unwrap();
    let said = numbers.replace_all(&bench.plain(&told.stdout), "[number]").into_owned();
    insta::assert_snapshot!(said, @r"
    test-load: run [run], 2 records in doubt
      line 3: loaded: the tenant has it as [number]
      line 4: left over: the tenant has no Customer like it that is not another row's
    1 loaded, 1 left over, 0 still in doubt
      hint: `vccpipe retry test-load` sends what is left over again
    ");
    let rows = bench.results("loaded.csv");
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[3]["_line"], "3");
    assert_eq!(rows[3]["_done"], "confirmed_on_resume");
    let record = &bench.records_since("customer", before);
    assert_eq!(record.len(), 4);
    let found = record.iter().find(|record| record["ACCOUNTNUM"] == rows[3]["ACCOUNTNUM"].as_str());
    assert_eq!(found.unwrap()["EMAIL"], "ann.1@example.com");
    assert_eq!(rows[3]["EMAIL"], "ann.1@example.com", "what others look up is told as well");
    bench.vccpipe(&["audit", "test-load", "--remote"]).expect(0).says("4   of 4 that the tenant");
    bench.vccpipe(&["retry", "test-load"]).expect(0);
    assert_eq!(bench.records("customer").len(), before + 5);
    bench.vccpipe(&["audit", "test-load", "--remote"]).expect(0);
}

#[test]
fn what_a_person_has_found_out_is_taken_by_line() {
    let (bench, _host, _) = doubtful_customers();
    let told =
        bench.vccpipe(&["resolve", "test-load", "--as", "not-loaded", "--line", "4"]).expect(4);
    insta::assert_snapshot!(bench.plain(&told.stdout), @r"
    test-load: run [run], 2 records in doubt
      line 4: left over: it was not applied, as you say
    0 loaded, 1 left over, 1 still in doubt
      hint: `vccpipe retry test-load` sends what is left over again
      hint: find out yourself what became of a record, and say it: `vccpipe resolve test-load --as loaded --line N`, or `--as not-loaded`
    ");
    assert_eq!(bench.summary()["in_doubt"], 1);
    bench.vccpipe(&["audit", "test-load"]).expect(0);
    bench.vccpipe(&["resolve", "test-load", "--as", "loaded", "--line", "3"]).expect(0);
    let summary = bench.summary();
    assert_eq!((&summary["in_doubt"], &summary["refused"]), (&0.into(), &1.into()));
    assert_eq!(bench.results("in_doubt.csv").len(), 0);
    bench.vccpipe(&["audit", "test-load"]).expect(0);
    bench.vccpipe(&["resolve", "test-load", "--as", "loaded"]).expect(2);
}

#[test]
fn without_what_the_run_knew_of_the_tenant_nothing_is_guessed() {
    let (bench, _host, _) = doubtful_customers();
    std::fs::remove_file(bench.latest().join("tenant.json")).unwrap();
    bench.vccpipe(&["resolve", "test-load"]).expect(4).says("stays in doubt: `").says("is gone");
    assert_eq!(bench.summary()["in_doubt"], 2);
}

#[test]
fn a_crash_while_records_are_settled_loses_and_doubles_nothing() {
    for place in ["doubt-is-written", "doubt-is-settled"] {
        let bench = doubtful_campaign(12);
        let crashed = bench
            .command(&["resolve", "test-load"])
            .env("VCCPIPE_FAILPOINT", format!("{place}:1"))
            .output()
            .unwrap();
        assert!(crashed.status.code().is_none(), "the program was to abort: {crashed:?}");
        let told = bench.vccpipe(&["resolve", "test-load"]);
        assert!(matches!(told.code, Some(0 | 3)), "{place}: {told:?}");
        bench.assert_books_are_true();
        assert_eq!(bench.summary()["in_doubt"], 0, "{place}");
        bench.vccpipe(&["audit", "test-load"]).expect(0);
    }
}

#[test]
fn what_cannot_be_settled_is_named_with_the_way_out() {
    let bench = doubtful_campaign(3);
    let mut said = String::new();
    for args in [
        &["resolve", "nobody"][..],
        &["resolve", "../test-load"],
        &["resolve", "test-load", "--connection", "other"],
    ] {
        said += &format!("{}\n", bench.plain(&bench.vccpipe(args).expect(2).stderr));
    }
    let port = bench.tenant().address().port().to_string();
    bench.mend("connections.yaml", &port, "9");
    said += &bench.plain(&bench.vccpipe(&["resolve", "test-load"]).expect(2).stderr);
    insta::assert_snapshot!(said, @r"
    error: no pipeline `nobody` has run in `.vccpipe`
      hint: these have: `test-load`; another state is named with `--state-dir`

    error: no pipeline `../test-load` has run in `.vccpipe`
      hint: these have: `test-load`; another state is named with `--state-dir`

    error: `connections.yaml` has no connection `other`
      hint: the connections are: `acme`, `simulator`

    error: run [run] was sent to `http://[host] sampletenant`, and the connection `acme` leads to `http://[host] sampletenant`
      hint: mend the connections file, or name the one of the run with `--connection`
    ");
    assert_eq!(bench.summary()["in_doubt"], 3);
}
