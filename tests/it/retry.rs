//! What a run left over is sent again, and nothing that is loaded or in doubt.

use std::{fs, sync::Arc};

use arrow::array::Int64Array;
use vccpipe_simulator::{FaultKind, FaultRule};

use crate::{
    bench::{Bench, csv_of, customers, fault, settings},
    sources::{ndjson, text_cell, write_parquet, write_pipeline, write_workbook},
};

/// Nine customers; the tenant does not know one of them, and one row is no number.
fn loaded() -> (Bench, Vec<u64>) {
    let bench = Bench::new(settings(12_000));
    bench.without_haste();
    let valid = customers(8);
    let mut text = csv_of(&valid[..7]);
    text.push_str("99000001,\nseven,\n");
    bench.write("input.csv", &text);
    bench.write_pipeline(3);
    bench.run().expect(3);
    (bench, valid)
}

/// The last customers and lines of the newest run's file.
fn lines(bench: &Bench, file: &str) -> Vec<String> {
    bench.results(file).iter().map(|row| row["_line"].clone()).collect()
}

#[test]
fn only_what_was_refused_is_sent_again() {
    let (bench, _) = loaded();
    let first = fs::read_link(bench.latest()).unwrap();
    let posts = bench.posts();
    let told = bench.vccpipe(&["retry", "test-load"]).expect(3);
    insta::assert_snapshot!(bench.plain(&format!("{}{}", told.stdout, told.stderr)), @r"
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
      line 9: refused by the server: The customer-id has not been found.
    test-load: 1 refused and 0 rejected rows of run [run] are sent again
    test-load: run [run] begins
    1 rows read ahead, up to 1 to be sent
    ");
    assert_eq!(bench.posts(), posts + 1);
    let summary = bench.summary();
    assert_eq!(summary["retry_of"], first.to_str().unwrap());
    assert_eq!((&summary["read"], &summary["refused"]), (&1.into(), &1.into()));
    assert_eq!(lines(&bench, "refused.csv"), ["9"], "known by its line in the first input");
    assert_eq!(bench.results("refused.csv")[0]["_file"], "input.csv");
    bench.vccpipe(&["audit", "test-load"]).expect(0);
    // The retry can be retried, and so on.
    bench.vccpipe(&["retry", "test-load"]).expect(3);
    assert_eq!(lines(&bench, "refused.csv"), ["9"]);
    bench.run().expect(0).says("nothing is sent");
}

#[test]
fn rejected_rows_are_sent_once_the_pipeline_file_mends_them() {
    let (bench, valid) = loaded();
    bench.mend(
        "pipeline.yaml",
        "customer-id: account",
        &format!(
            "customer-id: \"CASE WHEN account = 'seven' THEN '{}' ELSE account END\"",
            valid[7]
        ),
    );
    bench.vccpipe(&["retry", "test-load"]).expect(3).says("1 refused and 1 rejected rows");
    assert_eq!(lines(&bench, "loaded.csv"), ["10"]);
    assert_eq!(bench.truth().len(), 8);
    assert!(bench.truth().values().all(|times| *times == 1));
    bench.vccpipe(&["audit", "test-load"]).expect(0);
}

#[test]
fn a_mended_file_loads_nothing_twice() {
    let (bench, valid) = loaded();
    // A person has put everything into one file: loaded rows, mended ones, one twice, a new one.
    let mended = format!(
        "account,callback,_line,_reason\n{},,2,\n{},,10,mended\n{},,10,again\n1234567,,77,\n\
         99000002,,9,\n{},,,\n",
        valid[0], valid[7], valid[7], 99000003
    );
    bench.write("mended.csv", &mended);
    bench.vccpipe(&["retry", "test-load", "--input", "mended.csv"]).expect(3);
    let summary = bench.summary();
    let count = |key: &str| summary[key].as_u64().unwrap();
    assert_eq!(
        ["read", "loaded", "rejected", "refused", "skipped"].map(count),
        [6, 1, 1, 2, 2],
        "{summary}"
    );
    let skipped = bench.results("skipped.csv");
    assert_eq!(skipped[0]["_reason"], "line 2 was loaded already");
    assert_eq!(skipped[1]["_reason"], "line 10 is given twice in this file");
    assert_eq!(bench.results("rejected.csv")[0]["_reason"], "line 77 is no row of the runs before");
    assert_eq!(lines(&bench, "loaded.csv"), ["10"]);
    let refused = bench.results("refused.csv");
    assert_eq!((refused[0]["_line"].as_str(), refused[0]["_file"].as_str()), ("9", "input.csv"));
    assert_eq!((refused[1]["_line"].as_str(), refused[1]["_file"].as_str()), ("7", "mended.csv"));
    assert!(bench.truth().values().all(|times| *times == 1));
    bench.vccpipe(&["audit", "test-load"]).expect(0);
    // The row that is loaded by now is not sent once more.
    bench.vccpipe(&["retry", "test-load", "--input", "mended.csv"]).expect(3);
    assert_eq!(bench.summary()["loaded"], 0);
    assert!(bench.truth().values().all(|times| *times == 1));
}

#[test]
fn what_a_retry_has_loaded_is_not_left_over_once_the_input_has_grown() {
    let (bench, valid) = loaded();
    bench.write("mended.csv", &format!("account,callback,_line,_reason\n{},,9,\n", valid[7]));
    bench.vccpipe(&["retry", "test-load", "--input", "mended.csv"]).expect(0);
    assert_eq!(bench.truth().len(), 8);
    bench.append("input.csv", "99000002,\n");
    bench.run().expect(3);
    bench.vccpipe(&["retry", "test-load"]).expect(3).says("1 refused and 0 rejected rows");
    assert_eq!(lines(&bench, "refused.csv"), ["11"]);
    bench.vccpipe(&["audit", "test-load"]).expect(0);
}

#[test]
fn a_file_that_was_mended_in_place_is_taken_as_well() {
    let (bench, valid) = loaded();
    let path = bench.latest().join("rejected.csv");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("seven"), "{text}");
    // A number and no more: the file is shorter or longer than the run has written it.
    fs::write(&path, text.replace("seven", &valid[7].to_string())).unwrap();
    let mended = ".vccpipe/runs/test-load/latest/rejected.csv";
    bench.vccpipe(&["retry", "test-load", "--input", mended]).expect(0);
    assert_eq!(lines(&bench, "loaded.csv"), ["10"]);
    assert_eq!(bench.truth().len(), 8);
}

#[test]
fn a_row_in_doubt_is_never_among_them() {
    let mut settings = settings(12_000);
    let doubt = FaultRule { applied: 0.0, ..fault(FaultKind::Status206, 1.0) };
    settings.faults = vec![FaultRule { times: Some(9), ..doubt }];
    let bench = Bench::new(settings);
    bench.without_haste();
    let valid = customers(3);
    bench.write("input.csv", &csv_of(&valid));
    bench.write_pipeline(20);
    bench.mend("connections.yaml", "attempts: 12", "attempts: 3");
    bench.run().expect(4);
    let posts = bench.posts();
    bench.vccpipe(&["retry", "test-load"]).expect(0).says("3 rows are in doubt: `vccpipe resolve");
    bench.write("mended.csv", &format!("account,callback,_line,_reason\n{},,2,\n", valid[0]));
    bench.vccpipe(&["retry", "test-load", "--input", "mended.csv"]).expect(0);
    assert_eq!(bench.posts(), posts, "nothing was sent");
    assert!(bench.results("skipped.csv")[0]["_reason"].starts_with("line 2 is in doubt"));
}

#[test]
fn a_retry_that_is_killed_goes_on_by_the_same_command() {
    for place in ["intent-is-durable", "results-are-written"] {
        for passage in [1, 2] {
            let bench = Bench::new(settings(12_000));
            bench.without_haste();
            let valid = customers(6);
            let unknown: Vec<u64> = (0..6).map(|row| 99_000_000 + row).collect();
            bench.write("input.csv", &csv_of(&unknown));
            bench.write_pipeline(2);
            bench.run().expect(3);
            let text = fs::read_to_string(bench.latest().join("refused.csv")).unwrap();
            let mended = unknown.iter().zip(&valid).fold(text, |text, (unknown, valid)| {
                text.replace(&format!("\n{unknown},"), &format!("\n{valid},"))
            });
            bench.write("mended.csv", &mended);
            let crashed = bench
                .command(&["retry", "test-load", "--input", "mended.csv"])
                .env("VCCPIPE_FAILPOINT", format!("{place}:{passage}"))
                .output()
                .unwrap();
            assert!(crashed.status.code().is_none(), "the program was to abort: {crashed:?}");
            // Before its first commit a run has sent nothing, and binds nobody.
            if (place, passage) != ("results-are-written", 1) {
                bench.run().expect(2).says("`vccpipe retry test-load` goes on with it");
            }
            bench.vccpipe(&["retry", "test-load"]).expect(0).says("goes on");
            bench.assert_books_are_true();
            assert_eq!(bench.truth().len(), 6);
            assert_eq!(lines(&bench, "loaded.csv").len(), 6);
            bench.vccpipe(&["audit", "test-load"]).expect(0);
        }
    }
}

#[test]
fn rows_of_every_kind_of_file_are_sent_again_and_mended_in_csv() {
    for (extract, line) in [
        ("json: { path: input.ndjson }", "4"),
        ("parquet: { path: input.parquet }", "4"),
        ("xlsx: { path: input.xlsx }", "5"),
    ] {
        let bench = Bench::new(settings(12_000));
        bench.without_haste();
        let valid = customers(6);
        // The fourth of them is one whom the tenant does not know.
        let mut given = valid.clone();
        given[3] = 99_000_001;
        bench.write("input.ndjson", &ndjson(&given));
        let accounts = Int64Array::from_iter_values(given.iter().map(|account| *account as i64));
        write_parquet(&bench, "input.parquet", vec![("account", Arc::new(accounts))]);
        let cells = given.iter().map(u64::to_string);
        let cells = std::iter::once("account".to_owned()).chain(cells).enumerate();
        let rows: Vec<String> =
            cells.map(|(row, text)| text_cell(&format!("A{}", row + 1), &text)).collect();
        write_workbook(&bench, "input.xlsx", &rows, "");
        write_pipeline(&bench, extract);
        bench.run().expect(3);
        assert_eq!(lines(&bench, "refused.csv"), [line], "{extract}");

        bench.vccpipe(&["retry", "test-load"]).expect(3).says("1 refused and 0 rejected rows");
        assert_eq!(lines(&bench, "refused.csv"), [line], "{extract}");
        let text = fs::read_to_string(bench.latest().join("refused.csv")).unwrap();
        let mended = text.replace("\n99000001,", &format!("\n{},", valid[3]));
        // Somebody has put a row into it that is loaded.
        let loaded = format!("{},2,", valid[if line == "5" { 0 } else { 1 }]);
        let (_, added) = text.lines().next().unwrap().split_once(",_line,").unwrap();
        let commas = ",".repeat(added.split(',').count() - 1);
        let file = extract.split_whitespace().nth(3).unwrap();
        let named = if added.starts_with("_file") {
            format!("{loaded}{file}{commas}")
        } else {
            format!("{loaded}{commas}")
        };
        bench.write("mended.csv", &format!("{mended}{named}\n"));
        bench.vccpipe(&["retry", "test-load", "--input", "mended.csv"]).expect(0);
        assert_eq!(lines(&bench, "loaded.csv"), [line], "{extract}");
        assert_eq!(bench.results("skipped.csv")[0]["_reason"], "line 2 was loaded already");
        assert_eq!(bench.truth().into_iter().collect::<Vec<_>>(), once(&valid), "{extract}");
        bench.vccpipe(&["audit", "test-load"]).expect(0);
    }
}

/// That each of these customers was taken in once.
fn once(customers: &[u64]) -> Vec<(u64, u64)> {
    let mut sorted: Vec<(u64, u64)> = customers.iter().map(|customer| (*customer, 1)).collect();
    sorted.sort_unstable();
    sorted
}

#[test]
fn what_a_run_has_left_over_never_takes_the_place_of_a_snapshot() {
    let bench = Bench::without_tenant();
    bench.write("input.csv", "id,name\n1,Ann\n2,Bob,x\n3,Cy\n");
    bench.write(
        "pipeline.yaml",
        "version: 1\nname: test-load\nconnection: simulator\nextract: { csv: { path: input.csv } }\n\
         load: { csv: { path: out.csv } }\n",
    );
    bench.run().expect(3);
    let whole = fs::read_to_string(bench.path("out.csv")).unwrap();
    bench.write("mended.csv", "id,name,_line,_reason\n2,Bob,3,\n");
    let retry = bench.vccpipe(&["retry", "test-load", "--input", "mended.csv"]).expect(2);
    let run = bench.vccpipe(&["run", "pipeline.yaml", "--input", "mended.csv"]).expect(2);
    for told in [retry, run] {
        told.says("`mended.csv` holds rows that a run has left over, and `out.csv` would hold");
    }
    assert_eq!(fs::read_to_string(bench.path("out.csv")).unwrap(), whole);
    let told = bench.vccpipe(&["status"]).expect(0);
    told.says("mend the rows where they came from and run the pipeline again");
    // A folder that takes rows by their key takes mended ones.
    bench.mend(
        "pipeline.yaml",
        "csv: { path: out.csv }",
        "parquet: { path: out, mode: upsert, key: [id] }",
    );
    bench.vccpipe(&["run", "pipeline.yaml", "--fresh"]).expect(3);
    bench.vccpipe(&["retry", "test-load", "--input", "mended.csv"]).expect(0);
    let names: Vec<String> = bench.table("out").iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, ["Ann", "Bob", "Cy"]);
    bench.vccpipe(&["audit", "test-load"]).expect(0);
}

#[test]
fn what_cannot_be_retried_is_named_with_the_way_out() {
    let (bench, _) = loaded();
    let mut said = bench.plain(&bench.vccpipe(&["retry", "nobody"]).expect(2).stderr);
    bench.mend("pipeline.yaml", "campaign: 125", "campaign: 126");
    said += &bench.plain(&bench.vccpipe(&["retry", "test-load"]).expect(2).stderr);
    bench.mend("pipeline.yaml", "campaign: 126", "campaign: 125");
    bench.mend("pipeline.yaml", "name: test-load", "name: other");
    said += &bench.plain(&bench.vccpipe(&["retry", "test-load"]).expect(2).stderr);
    fs::remove_file(bench.path("pipeline.yaml")).unwrap();
    said += &bench.plain(&bench.vccpipe(&["retry", "test-load"]).expect(2).stderr);
    insta::assert_snapshot!(said, @r"
    error: no pipeline `nobody` has run in `.vccpipe`
      hint: these have: `test-load`; another state is named with `--state-dir`
    error: run [run] loaded `campaign 125 (add)`, and the pipeline now says `campaign 126 (add)`
      hint: what is left over goes to where the rest went: put `load` back
    error: `pipeline.yaml` is now the pipeline `other`, not `test-load`
      hint: put the pipeline file back, by its path and its `name`
    error: cannot read the pipeline file `pipeline.yaml`: No such file or directory (os error 2)
      hint: check the path; relative paths are relative to the working directory
    ");
}
