//! `sql`: a query over all rows, whose result is what the run reads.

use std::{fs, time::Duration};

use crate::bench::{Bench, csv_of, customers, settings};

const SQL: &str = "  - filter: \"kind <> 'no'\"
  - dedupe: { key: [account, kind] }
  - sql: >-
      SELECT i.account AS \"customer-id\", max(n.weight) AS weight
      FROM input i JOIN notes n ON n.account = i.account
      GROUP BY i.account ORDER BY weight, 1
    tables: { notes: notes.ndjson }
  - dedupe: { key: [customer-id] }
  - map: { customer-id: '\"customer-id\"' }";

/// Rows of `count` customers, of which each has two and the first is filtered out; and their notes.
fn write_input(bench: &Bench, count: usize) -> Vec<u64> {
    let valid = customers(count);
    let mut input = "account,kind\n".to_owned();
    let mut notes = String::new();
    for (index, account) in valid.iter().enumerate() {
        let kind = if index == 0 { "no" } else { "yes" };
        input += &format!("{account},{kind}\n{account},{kind}\n");
        notes += &format!("{{\"account\": \"{account}\", \"weight\": {}}}\n", count - index);
    }
    bench.write("input.csv", &(input + "ragged\n"));
    bench.write("notes.ndjson", &notes);
    valid
}

#[test]
fn a_query_makes_the_rows_of_the_run_and_the_books_balance() {
    let bench = Bench::new(settings(12_000));
    bench.write_steps(SQL);
    let valid = write_input(&bench, 60);
    bench.vccpipe(&["check", "pipeline.yaml"]).expect(0);
    let told = bench.vccpipe(&["run", "pipeline.yaml", "--dry-run"]).expect(3);
    assert!(told.stdout.contains("122"), "{}", told.stdout);
    bench.run().expect(3);
    bench.assert_books_are_true();
    let summary = bench.summary();
    // 59 rows of the result; 2 filtered out, 59 of a key that was there, one ragged.
    assert_eq!(summary["read"], 59 + 2 + 59 + 1);
    assert_eq!(
        (&summary["loaded"], &summary["rejected"], &summary["skipped"]),
        (&59.into(), &1.into(), &61.into())
    );
    let mut loaded = valid[1..].to_vec();
    loaded.sort_unstable();
    assert_eq!(bench.truth().into_keys().collect::<Vec<_>>(), loaded);
    let rejected = fs::read_to_string(bench.latest().join("rejected.csv")).unwrap();
    let header = "account,kind,customer-id,weight,_line,_file,_reason\n";
    let ragged = "ragged,,,,122,input.csv,\"the row has 1 field";
    assert!(rejected.starts_with(&format!("{header}{ragged}")), "{rejected}");
    let skipped = bench.results("skipped.csv");
    assert!(skipped[2]["_reason"].starts_with("duplicate of line 4"), "{:?}", skipped[2]);
    // `_line` is the row of the result.
    let rows = bench.results("loaded.csv");
    assert_eq!(rows[0]["customer-id"], valid[59].to_string());
    assert_eq!(rows[0]["_line"], "1");
    assert!(!bench.latest().join("relation/work").exists());
    bench.run().expect(0).says("this input was loaded to its end by run");
    assert_eq!(bench.truth().len(), 59);
}

#[test]
fn a_run_that_was_killed_goes_on_with_the_rows_that_it_kept() {
    let bench = Bench::new(settings(12_000));
    bench.write_steps(SQL);
    bench.mend("pipeline.yaml", "batch_size: 50", "batch_size: 10");
    let valid = write_input(&bench, 200);
    let mut command = bench.command(&["run", "pipeline.yaml"]);
    let killed = command.env("VCCPIPE_FAILPOINT", "intent-is-durable:2").output().unwrap();
    assert!(!killed.status.success());
    // The table is another now; the rows of the run are what they were.
    bench.write("notes.ndjson", &format!("{{\"account\": \"{}\", \"weight\": 1}}\n", valid[5]));
    bench.run().expect(3);
    bench.assert_books_are_true();
    assert_eq!(bench.truth().len(), 199);
    assert!(bench.truth().values().all(|applied| *applied == 1));
    assert_eq!(bench.summary()["read"], 199 + 2 + 199 + 1);
}

#[test]
fn a_crash_after_the_query_lists_what_fell_before_it_once() {
    let bench = Bench::new(settings(12_000));
    bench.write_steps(SQL);
    write_input(&bench, 40);
    let mut command = bench.command(&["run", "pipeline.yaml"]);
    let killed = command.env("VCCPIPE_FAILPOINT", "relation-is-kept:1").output().unwrap();
    assert!(killed.status.code().is_none(), "the program was to abort: {killed:?}");
    bench.run().expect(3);
    bench.assert_books_are_true();
    assert_eq!(bench.results("skipped.csv").len(), 2 + 39);
    assert!(!bench.latest().join("relation/before-step-3").exists());
}

#[test]
fn a_limit_counts_the_rows_of_the_input_and_two_queries_follow_each_other() {
    let bench = Bench::new(settings(12_000));
    let valid = write_input(&bench, 40);
    bench.write_steps(
        "  - sql: SELECT account, count(*) AS n FROM input GROUP BY account ORDER BY account
  - filter: n = 2
  - dedupe: { key: [account] }
  - sql: >-
      SELECT a.account AS \"customer-id\" FROM input a JOIN input b ON a.account = b.account
      ORDER BY 1 DESC
  - map: { customer-id: '\"customer-id\"' }",
    );
    // Nine customers with two rows each, and one of whom only the first is read.
    bench.vccpipe(&["run", "pipeline.yaml", "--limit", "19"]).expect(0);
    bench.assert_books_are_true();
    let mut loaded = valid[..9].to_vec();
    loaded.sort_unstable();
    assert_eq!(bench.truth().into_keys().collect::<Vec<_>>(), loaded);
    assert_eq!(bench.summary()["skipped"], 1);
    let skipped = &bench.results("skipped.csv")[0];
    assert_eq!(
        (&*skipped["account"], &*skipped["_reason"]),
        (&*valid[9].to_string(), "filter: n = 2")
    );
}

#[test]
fn a_run_whose_relation_is_gone_says_so_and_sends_nothing() {
    let bench = Bench::new(settings(12_000));
    bench.write_steps(SQL);
    bench.mend("pipeline.yaml", "batch_size: 50", "batch_size: 10");
    write_input(&bench, 200);
    let mut child = bench.run_until_posts(2);
    child.kill().unwrap();
    child.wait().unwrap();
    let path = bench.latest().join("relation/step-3.parquet");
    fs::remove_file(&path).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    let posts = bench.posts();
    let told = bench.run().expect(2);
    assert!(
        told.stderr.contains("the rows that the query of the unfinished run made are gone"),
        "{}",
        told.stderr
    );
    assert_eq!(bench.posts(), posts);
}

#[test]
fn input_that_grew_is_not_sent_again_by_a_query() {
    let bench = Bench::new(settings(12_000));
    bench.write_steps(SQL);
    write_input(&bench, 20);
    bench.run().expect(3);
    bench.append("input.csv", &csv_of(&customers(30)[25..]).replace("account,callback\n", ""));
    let told = bench.run().expect(2);
    assert!(told.stderr.contains("nobody can tell which were loaded"), "{}", told.stderr);
}

#[test]
fn an_order_that_is_not_determined_is_told_at_check() {
    let bench = Bench::new(settings(12_000));
    write_input(&bench, 3);
    bench.write_steps("  - sql: SELECT account AS \"customer-id\" FROM input LIMIT 2");
    let told = bench.vccpipe(&["check", "pipeline.yaml"]).expect(2);
    assert!(
        told.stderr.contains("LIMIT without ORDER BY: which rows it keeps is not determined"),
        "{}",
        told.stderr
    );
    assert!(told.stderr.contains("a resumed run could not trust it"), "{}", told.stderr);
    bench.write_steps("  - sql: SELECT DISTINCT account AS \"customer-id\" FROM input");
    let told = bench.vccpipe(&["check", "pipeline.yaml"]).expect(0);
    assert!(told.stderr.contains("warning: step 1: no ORDER BY ends the query"), "{}", told.stderr);
}

#[test]
fn a_value_that_fails_the_query_ends_the_run_before_anything_is_sent() {
    let bench = Bench::new(settings(12_000));
    write_input(&bench, 3);
    bench.write_steps(
        "  - sql: SELECT cast(kind AS bigint) AS \"customer-id\" FROM input ORDER BY 1",
    );
    let told = bench.run().expect(2);
    assert!(
        told.stderr.contains("the query of step 1 failed: `no` is not a whole number"),
        "{}",
        told.stderr
    );
    assert_eq!(bench.posts(), 0);
}
