//! Books that balance are proved, and whatever does not hold is named.

use std::fs;

use vccpipe_simulator::FaultKind;

use crate::bench::{Bench, Told, csv_of, customers, fault, settings};

/// A load with every outcome but doubt, in batches of three.
fn loaded() -> Bench {
    let mut settings = settings(12_000);
    settings.faults = vec![fault(FaultKind::ResetAfter, 0.2)];
    let bench = Bench::new(settings);
    bench.without_haste();
    let valid = customers(10);
    let mut text = csv_of(&valid);
    text.push_str(&format!("99000001,\nten,\n{},\n\"open\n", valid[0]));
    bench.write("input.csv", &text);
    bench.write_steps(
        "  - filter: \"account <> '99000009'\"
  - map:
      customer-id: account
      schedule-date-time: callback",
    );
    bench.append("input.csv", "99000009,\n");
    bench.run().expect(3);
    bench
}

fn audit(bench: &Bench) -> Told {
    bench.vccpipe(&["audit", "test-load"])
}

#[test]
fn each_command_shows_an_example() {
    let bench = Bench::without_tenant();
    for command in ["resolve", "retry", "audit"] {
        bench.vccpipe(&[command, "--help"]).expect(0).says(&format!("vccpipe {command} "));
    }
}

/// Changes a file of the newest run behind the program's back.
fn tamper(bench: &Bench, file: &str, change: impl FnOnce(String) -> String) {
    let path = bench.latest().join(file);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, change(text)).unwrap();
}

#[test]
fn books_that_balance_are_proved() {
    let bench = loaded();
    let told = audit(&bench).expect(0);
    insta::assert_snapshot!(bench.plain(&told.stdout), @r"
    test-load: run [run] (finished) balances
      read again             15   unchanged
      loaded                 10
      rejected                3
      refused                 1
      skipped                 1
      in doubt                0
    ");
    let run = fs::read_link(bench.latest()).unwrap();
    let run = run.to_str().unwrap();
    for meant in [run, &format!("test-load/{run}"), ".vccpipe/runs/test-load/latest"] {
        bench.vccpipe(&["audit", meant]).expect(0).says(run);
    }
    bench.vccpipe(&["audit", "test-load", "--remote"]).expect(0).says("10   of 10 that the tenant");
}

#[test]
fn a_row_that_is_gone_twice_or_of_nobody_is_named_by_its_line() {
    let bench = loaded();
    // Of the same length, so that only the identity of rows can tell.
    tamper(&bench, "loaded.csv", |text| {
        assert!(text.contains("\n3,") && text.contains("\n5,"), "{text}");
        text.replace("\n3,", "\n4,").replace("\n5,", "\n9,").replace("\n6,", "\n0,")
    });
    let told = audit(&bench).expect(1);
    insta::assert_snapshot!(bench.plain(&told.stdout), @r"
    test-load: run [run] (finished) does not balance
      read again             15   unchanged
      loaded                 10
      rejected                3
      refused                 1
      skipped                 1
      in doubt                0
    a row has an outcome twice (2):
      line 4: twice in loaded.csv
      line 9: twice in loaded.csv
    a row of the input has no outcome (3):
      line 3
      line 5
      line 6
    a result is of no row of the input (1):
      loaded.csv: line 0
    ");
}

#[test]
fn a_row_with_two_outcomes_and_counts_that_differ_are_named() {
    let bench = loaded();
    tamper(&bench, "refused.csv", |text| text.replace(",12,", ",02,"));
    tamper(&bench, "summary.json", |text| text.replace("\"loaded\": 10", "\"loaded\": 11"));
    let told = audit(&bench).expect(1);
    insta::assert_snapshot!(bench.plain(&told.stdout), @r"
    test-load: run [run] (finished) does not balance
      read again             15   unchanged
      loaded                 10
      rejected                3
      refused                 1
      skipped                 1
      in doubt                0
    a row has two outcomes (1):
      line 2: in loaded.csv and in refused.csv
    a row of the input has no outcome (1):
      line 12
    counts differ (1):
      summary.json and the ledger, loaded: 11 and 10
    ");
}

#[test]
fn files_that_were_changed_and_inputs_that_are_others_are_named() {
    let bench = loaded();
    tamper(&bench, "loaded.csv", |text| text[..text.len() - 9].to_owned());
    tamper(&bench, "skipped.csv", |text| text + "by hand\n");
    bench.mend("input.csv", "ten", "six");
    let told = audit(&bench).expect(1);
    insta::assert_snapshot!(bench.plain(&told.stdout), @r"
    test-load: run [run] (finished) does not balance
      read again             15   changed
      loaded                  0
      rejected                3
      refused                 1
      skipped                 1
      in doubt                0
    a file is shorter than it was written (1):
      loaded.csv has 187 bytes, the ledger says 196
    a file is longer than it was written (1):
      skipped.csv has 82 bytes, the ledger says 74
    the input is not what it was (1):
      `input.csv` differs between byte 0 and 158
    a row of the input has no outcome (10):
      line 2
      line 3
      line 4
      line 5
      line 6
      line 7
      line 8
      line 9
      line 10
      line 11
    counts differ (1):
      loaded.csv and the ledger: 0 and 10
    ");
    fs::remove_file(bench.path("input.csv")).unwrap();
    audit(&bench).expect(1).says("is missing");
}

#[test]
fn what_the_tenant_lost_is_found_by_remote() {
    let bench = Bench::new(crate::crm::tenant());
    bench.write("input.csv", &crate::crm::customers(3));
    bench.write_crm_pipeline("object: customer, action: add");
    bench.run().expect(0);
    tamper(&bench, "loaded.csv", |text| {
        // Rows stand there in the order of their answers.
        let row = text.lines().find(|row| row.starts_with("3,")).unwrap();
        let number = row.split(',').nth(1).unwrap().to_owned();
        text.replace(&number, "19999999")
    });
    bench.vccpipe(&["audit", "test-load"]).expect(0);
    let told = bench.vccpipe(&["audit", "test-load", "--remote"]).expect(1);
    insta::assert_snapshot!(bench.plain(&told.stdout), @r"
    test-load: run [run] (finished) does not balance
      read again              3   unchanged
      loaded                  3
      rejected                0
      refused                 0
      skipped                 0
      in doubt                0
      confirmed               2   of 3 that the tenant was asked for
    the tenant says otherwise (1):
      line 3: the tenant has no Customer 19999999
    ");
}

#[test]
fn an_interrupted_run_is_audited_as_far_as_it_came() {
    let bench = Bench::new(settings(12_000));
    bench.without_haste();
    bench.write("input.csv", &csv_of(&customers(30)));
    bench.write_pipeline(3);
    let crashed = bench
        .command(&["run", "pipeline.yaml"])
        .env("VCCPIPE_FAILPOINT", "intent-is-durable:1")
        .output()
        .unwrap();
    assert!(crashed.status.code().is_none(), "the program was to abort: {crashed:?}");
    audit(&bench).expect(0).says("(running) balances").says("pending");
    bench.run().expect(0);
    audit(&bench).expect(0);
    // The next run has only the rows behind the last ones.
    bench.append("input.csv", &format!("{},\n", customers(31)[30]));
    bench.run().expect(0);
    audit(&bench).expect(0).says("read again              1");
}

#[test]
fn rows_that_were_fetched_are_audited_by_their_spool() {
    let bench = Bench::new(settings(40));
    bench.without_haste();
    bench.write(
        "pipeline.yaml",
        "version: 1
name: test-load
connection: acme
extract:
  wapi: { object: customer, select: [ACCOUNTNUM] }
transform:
  - map: { customer-id: ACCOUNTNUM }
load:
  campaign: { action: add, campaign: 125 }
",
    );
    let told = bench.run();
    assert!(matches!(told.code, Some(0 | 3)), "{told:?}");
    audit(&bench).expect(0).says("fetched from the tenant");
}

#[test]
fn rows_that_went_into_files_are_audited_as_well() {
    let bench = Bench::new(settings(40));
    bench.without_haste();
    bench.write("input.csv", "account,callback\n1,\n2,\n3,x,\n4,\n");
    for load in ["csv: { path: out.csv }", "json: { path: out.ndjson }", "parquet: { path: out }"] {
        bench.write_steps("  - filter: \"account <> '2'\"");
        let text = fs::read_to_string(bench.path("pipeline.yaml")).unwrap();
        let (head, _) = text.split_once("load:").unwrap();
        bench.write("pipeline.yaml", &format!("{head}load:\n  {load}\n"));
        bench.vccpipe(&["run", "pipeline.yaml", "--fresh"]).expect(3);
        let told = audit(&bench).expect(0);
        insta::allow_duplicates! {
            insta::assert_snapshot!(bench.plain(&told.stdout), @r"
            test-load: run [run] (finished) balances
              read again              4   unchanged
              loaded                  2
              rejected                1
              refused                 0
              skipped                 1
              in doubt                0
            ");
        }
        tamper(&bench, "loaded.csv", |text| text.replace("\n2,", "\n3,"));
        audit(&bench).expect(1);
    }
}

#[test]
fn a_run_that_is_not_there_is_told_with_those_that_are() {
    let bench = loaded();
    let told = bench.vccpipe(&["audit", "20200101T000000.000Z"]).expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    error: no pipeline `[run]` has run in `.vccpipe`
      hint: these have: `test-load`; another state is named with `--state-dir`
    ");
    bench.vccpipe(&["audit", "test-load/20200101T000000.000Z"]).expect(2);
}
