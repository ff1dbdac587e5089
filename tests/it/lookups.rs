//! `lookup`: rows that take columns from another file, or from what another pipeline has loaded.

use std::{fs, io::Write};

use vccpipe_simulator::{Api, CampaignDefinition};

use crate::bench::{Bench, CAMPAIGN, csv_of, customers, settings};

/// The campaign of the pipeline whose results are looked up.
const FIRST: u64 = 126;

/// Rejects a row without a number, and loads the others.
const MAP: &str = "  - map: { customer-id: account }";

/// A tenant with two campaigns, and `first.yaml`, which loads `first.csv` into one of them.
fn bench() -> Bench {
    let mut settings = settings(12_000);
    let campaigns = &mut settings.tenant.campaigns;
    campaigns.push(CampaignDefinition { id: FIRST, ..campaigns[0].clone() });
    let bench = Bench::new(settings);
    bench.write_pipeline(10);
    let first = fs::read_to_string(bench.path("pipeline.yaml")).unwrap();
    let first = first
        .replace("test-load", "first-load")
        .replace("input.csv", "first.csv")
        .replace(&format!("campaign: {CAMPAIGN}"), &format!("campaign: {FIRST}"));
    bench.write("first.yaml", &first);
    bench
}

/// A `lookup` of a row's old number, the line on which the first pipeline read it.
fn lookup_results(missing: &str) -> String {
    format!(
        "  - lookup:
      from: results:first-load
      on: {{ old: _line }}
      take: {{ account: customer-id }}
      missing: {missing}
{MAP}"
    )
}

fn reasons(bench: &Bench, name: &str) -> Vec<String> {
    bench.results(name).iter().map(|row| row["_reason"].clone()).collect()
}

#[test]
fn one_pipeline_finds_what_the_one_before_it_has_loaded() {
    let bench = bench();
    let valid = customers(40);
    bench.write("first.csv", &csv_of(&valid));
    bench.write("input.csv", "old\n3\n77\n41\n\"\"\n2\n");
    bench.write_steps(&lookup_results("reject"));
    bench.vccpipe(&["check", "first.yaml", "pipeline.yaml"]).expect(0);
    bench.vccpipe(&["run", "first.yaml", "pipeline.yaml"]).expect(3);
    bench.assert_books_are_true();
    assert_eq!(bench.truth().into_keys().collect::<Vec<_>>(), {
        let mut loaded = vec![valid[1], valid[39], valid[0]];
        loaded.sort_unstable();
        loaded
    });
    assert_eq!(
        reasons(&bench, "rejected.csv"),
        ["old: `77` is not in results:first-load", "old: null is not in results:first-load"]
    );
    assert!(!bench.latest().join("tables").exists(), "the table of a finished run is left");
}

#[test]
fn of_all_runs_of_a_pipeline_the_later_wins_and_only_what_is_in_the_books_counts() {
    let bench = bench();
    let valid = customers(60);
    // Stopped by a refusal and given up: what it has loaded is in the tenant all the same.
    bench.write("first.csv", &format!("{}99999999,\n", csv_of(&valid[..9])));
    bench.mend("first.yaml", "batch_size: 10", "batch_size: 10, max_refused: 0");
    bench.vccpipe(&["run", "first.yaml"]).expect(1);
    bench.write("other.csv", &csv_of(&valid[40..43]));
    bench.vccpipe(&["run", "first.yaml", "--fresh", "--input", "other.csv"]).expect(0);
    // What a crash leaves behind the committed length is no result.
    let path = bench.path(".vccpipe/runs/first-load/latest/loaded.csv");
    let mut later = fs::File::options().append(true).open(path).unwrap();
    writeln!(later, "3,{},added\n20,{},added", valid[50], valid[51]).unwrap();

    bench.write("input.csv", "old\n2\n3\n10\n20\n");
    bench.write_steps(&lookup_results("skip"));
    bench.run().expect(0);
    let mut wanted = vec![valid[40], valid[41], valid[8]];
    wanted.sort_unstable();
    assert_eq!(bench.truth().into_keys().collect::<Vec<_>>(), wanted);
    assert_eq!(reasons(&bench, "skipped.csv"), ["old: `20` is not in results:first-load"]);
}

#[test]
fn a_file_is_looked_up_plain_or_compressed_by_several_columns() {
    let bench = bench();
    let valid = customers(3);
    let table = format!(
        "id,kind,number\n1,a,{}\n1,b,{}\n2,a,\n3,a,{}\nragged\n",
        valid[0], valid[1], valid[2]
    );
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(table.as_bytes()).unwrap();
    fs::write(bench.path("table.csv.gz"), gzip.finish().unwrap()).unwrap();
    bench.write("table.csv", &table);
    bench.write("input.csv", "old,sort,account\n1,b,\n1,a,\n9,a,7\n3,a,\n");
    for (run, table) in ["table.csv", "table.csv.gz"].into_iter().enumerate() {
        bench.write_steps(&format!(
            "  - lookup:
      from: {table}
      on: {{ old: id, sort: kind }}
      take: {{ number: number }}
      missing: null
  - filter: number is not null
  - map: {{ customer-id: number }}"
        ));
        let told = bench.vccpipe(&["run", "pipeline.yaml", "--again"]);
        let told = told.expect(if run == 0 { 0 } else { 3 });
        let told = told.says(&format!("warning: line 6 of `{table}` cannot be read"));
        assert_eq!(told.stderr.matches("warning").count(), 1, "{}", told.stderr);
        assert_eq!(reasons(&bench, "skipped.csv"), ["filter: number is not null"]);
        assert_eq!(bench.results("skipped.csv")[0]["_line"], "4");
        assert_eq!(bench.truth().len(), 3);
    }
}

#[test]
fn a_key_that_stands_twice_in_a_file_rejects_its_rows_and_names_the_lines() {
    let bench = bench();
    let valid = customers(2);
    bench.write("table.csv", &format!("id,number\nx,1\ny,{}\nx,2\n", valid[0]));
    bench.write("input.csv", "id\nx\ny\n");
    bench.write_steps(&format!(
        "  - lookup: {{ from: table.csv, on: {{ id: id }}, take: {{ account: number }} }}\n{MAP}"
    ));
    bench.run().expect(3);
    assert_eq!(
        reasons(&bench, "rejected.csv"),
        ["id: `x` is in table.csv more than once: line 2 and line 4"]
    );
    assert_eq!(bench.truth().into_keys().collect::<Vec<_>>(), [valid[0]]);
}

#[test]
fn a_run_that_goes_on_looks_up_in_the_table_of_its_beginning() {
    let mut settings = settings(12_000);
    settings.latency_ms.insert(Api::Campaigns, 20);
    let bench = Bench::new(settings);
    let valid = customers(120);
    let table = |numbers: &[u64]| {
        let rows = numbers.iter().enumerate().map(|(id, number)| format!("{id},{number}\n"));
        "id,number\n".to_owned() + &rows.collect::<String>()
    };
    bench.write("table.csv", &table(&valid[..60]));
    bench.write(
        "input.csv",
        &("id\n".to_owned() + &(0..60).map(|id| format!("{id}\n")).collect::<String>()),
    );
    bench.write_steps(&format!(
        "  - lookup: {{ from: table.csv, on: {{ id: id }}, take: {{ account: number }} }}\n{MAP}"
    ));
    bench.mend("pipeline.yaml", "batch_size: 50", "batch_size: 5");
    let mut crash = bench.command(&["run", "pipeline.yaml"]);
    crash.env("VCCPIPE_FAILPOINT", "intent-is-durable:3").output().unwrap();
    assert!(bench.latest().join("tables").exists());
    bench.write("table.csv", &table(&valid[60..]));
    bench.run().expect(0);
    bench.assert_books_are_true();
    let mut wanted = valid[..60].to_vec();
    wanted.sort_unstable();
    assert_eq!(bench.truth().into_keys().collect::<Vec<_>>(), wanted);
}

#[test]
fn a_dry_run_looks_up_and_leaves_nothing() {
    let bench = bench();
    let valid = customers(1);
    bench.write("table.csv", &format!("id,number\ny,{}\n", valid[0]));
    bench.write("input.csv", "id\nx\ny\n");
    bench.write_steps(&format!(
        "  - lookup: {{ from: table.csv, on: {{ id: id }}, take: {{ account: number }} }}\n{MAP}"
    ));
    bench
        .vccpipe(&["run", "pipeline.yaml", "--dry-run"])
        .expect(3)
        .says("line 2: id: `x` is not in table.csv");
    assert!(!bench.path(".vccpipe").exists());
}

#[test]
fn a_pipeline_that_has_not_run_is_an_error_of_the_run_and_not_of_the_file() {
    let bench = bench();
    bench.write("input.csv", "old\n3\n");
    bench.write_steps(&lookup_results("reject"));
    bench.vccpipe(&["check", "pipeline.yaml"]).expect(0);
    let told = bench.run().expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    pipeline.yaml:8:13
      × the pipeline `first-load` has not run: there are no results of it
       ╭────
     7 │   - lookup:
     8 │       from: results:first-load
       ·             ──────────────────
     9 │       on: { old: _line }
       ╰────
      help: run the file that says `name: first-load` first, over the same `--state-dir`, or name it before this one
    ");
    // Over the built-in tenant it may have run: its keys are those of another tenant.
    bench.write("first.csv", &csv_of(&customers(1)));
    bench.vccpipe(&["run", "first.yaml", "--connection", "simulator"]);
    let told = bench.run().expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    pipeline.yaml:8:13
      × the pipeline `first-load` has run over another connection only: `simulator`
       ╭────
     7 │   - lookup:
     8 │       from: results:first-load
       ·             ──────────────────
     9 │       on: { old: _line }
       ╰────
      help: run it over the connection of this one first: keys belong to one tenant
    ");
    bench.vccpipe(&["run", "first.yaml"]).expect(0);
    bench.run().says("runs of `first-load` over `simulator` are left out");
}

#[test]
fn what_is_wrong_with_a_table_is_told_with_its_place() {
    let bench = bench();
    bench.write("first.csv", &csv_of(&customers(2)));
    bench.vccpipe(&["run", "first.yaml"]).expect(0);
    bench.write("input.csv", "old\n3\n");
    bench.write("semicolons.csv", "id;number\n1;2\n");
    bench.write("table.csv", "id,number\n1,2\n");
    bench.write_steps(&format!(
        "  - lookup: {{ from: nothing.csv, on: {{ old: id }}, take: {{ a: number }} }}
  - lookup: {{ from: semicolons.csv, on: {{ old: id }}, take: {{ b: number }} }}
  - lookup: {{ from: table.csv, on: {{ old: idd }}, take: {{ c: numbr }} }}
  - lookup: {{ from: results:first-load, on: {{ old: line }}, take: {{ account: customer_id }} }}
  - lookup: {{ from: results:test-load, on: {{ old: _line }}, take: {{ d: customer-id }} }}
  - lookup: {{ from: \"results:../other\", on: {{ old: _line }}, take: {{ e: customer-id }} }}
{MAP}"
    ));
    let told = bench.vccpipe(&["check", "pipeline.yaml"]).expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r#"
    pipeline.yaml:7:21
      × there is no file `nothing.csv`
       ╭────
     6 │ transform:
     7 │   - lookup: { from: nothing.csv, on: { old: id }, take: { a: number } }
       ·                     ───────────
     8 │   - lookup: { from: semicolons.csv, on: { old: id }, take: { b: number } }
       ╰────
      help: check the path; relative paths are relative to the working directory

    pipeline.yaml:8:21
      × the header of `semicolons.csv` is one column, `id;number`
       ╭────
     7 │   - lookup: { from: nothing.csv, on: { old: id }, take: { a: number } }
     8 │   - lookup: { from: semicolons.csv, on: { old: id }, take: { b: number } }
       ·                     ──────────────
     9 │   - lookup: { from: table.csv, on: { old: idd }, take: { c: numbr } }
       ╰────
      help: the fields of a table are separated by commas: store the file so

    pipeline.yaml:9:43
      × there is no column `idd` in table.csv
        ╭────
      8 │   - lookup: { from: semicolons.csv, on: { old: id }, take: { b: number } }
      9 │   - lookup: { from: table.csv, on: { old: idd }, take: { c: numbr } }
        ·                                           ───
     10 │   - lookup: { from: results:first-load, on: { old: line }, take: { account: customer_id } }
        ╰────
      help: did you mean `id`? the columns are: `id`, `number`

    pipeline.yaml:9:61
      × there is no column `numbr` in table.csv
        ╭────
      8 │   - lookup: { from: semicolons.csv, on: { old: id }, take: { b: number } }
      9 │   - lookup: { from: table.csv, on: { old: idd }, take: { c: numbr } }
        ·                                                             ─────
     10 │   - lookup: { from: results:first-load, on: { old: line }, take: { account: customer_id } }
        ╰────
      help: did you mean `number`? the columns are: `id`, `number`

    pipeline.yaml:10:52
      × there is no column `line` in results:first-load
        ╭────
      9 │   - lookup: { from: table.csv, on: { old: idd }, take: { c: numbr } }
     10 │   - lookup: { from: results:first-load, on: { old: line }, take: { account: customer_id } }
        ·                                                    ────
     11 │   - lookup: { from: results:test-load, on: { old: _line }, take: { d: customer-id } }
        ╰────
      help: did you mean `_line`? the columns are: `_line`, `customer-id`, `_done`

    pipeline.yaml:10:77
      × there is no column `customer_id` in results:first-load
        ╭────
      9 │   - lookup: { from: table.csv, on: { old: idd }, take: { c: numbr } }
     10 │   - lookup: { from: results:first-load, on: { old: line }, take: { account: customer_id } }
        ·                                                                             ───────────
     11 │   - lookup: { from: results:test-load, on: { old: _line }, take: { d: customer-id } }
        ╰────
      help: did you mean `customer-id`? the columns are: `_line`, `customer-id`, `_done`

    pipeline.yaml:11:21
      × a pipeline cannot look up its own results
        ╭────
     10 │   - lookup: { from: results:first-load, on: { old: line }, take: { account: customer_id } }
     11 │   - lookup: { from: results:test-load, on: { old: _line }, take: { d: customer-id } }
        ·                     ─────────────────
     12 │   - lookup: { from: "results:../other", on: { old: _line }, take: { e: customer-id } }
        ╰────
      help: name the pipeline that loaded the records before

    pipeline.yaml:12:21
      × `../other` is not the name of a pipeline
        ╭────
     11 │   - lookup: { from: results:test-load, on: { old: _line }, take: { d: customer-id } }
     12 │   - lookup: { from: "results:../other", on: { old: _line }, take: { e: customer-id } }
        ·                     ──────────────────
     13 │   - map: { customer-id: account }
        ╰────
      help: write `results:NAME`, with the `name` of the pipeline that loaded the records; a file of such a name is written `./results:...`
    "#);
    bench.write_steps(&format!(
        "  - lookup: {{ from: table.csv, on: {{}}, take: {{ a: number }}, missing: maybe }}
  - lookup: {{ from: table.csv, on: {{ old: id }} }}
  - lookup: {{ from: table.csv, on: {{ old: id }}, take: {{ a: number }}, missing: }}
  - {{ lookup: {{ from: table.csv, on: {{ old: id }}, take: {{ a: number }} }}, keep: true }}
{MAP}"
    ));
    let told = bench.vccpipe(&["check", "pipeline.yaml"]).expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    pipeline.yaml:7:32
      × `on` is empty
       ╭────
     6 │ transform:
     7 │   - lookup: { from: table.csv, on: {}, take: { a: number }, missing: maybe }
       ·                                ──
     8 │   - lookup: { from: table.csv, on: { old: id } }
       ╰────
      help: Columns of the rows, each with the column of the table that has the same text.

    pipeline.yaml:7:70
      × `missing` must be `reject`, `skip` or `null`, not the text `maybe`
       ╭────
     6 │ transform:
     7 │   - lookup: { from: table.csv, on: {}, take: { a: number }, missing: maybe }
       ·                                                                      ─────
     8 │   - lookup: { from: table.csv, on: { old: id } }
       ╰────
      help: What becomes of a row that is not in the table: it is rejected (`reject`, the default), it goes on with new columns that are null (`null`), or it is skipped (`skip`).

    pipeline.yaml:8:5
      × missing key `take` in `lookup`
       ╭────
     7 │   - lookup: { from: table.csv, on: {}, take: { a: number }, missing: maybe }
     8 │   - lookup: { from: table.csv, on: { old: id } }
       ·     ──────
     9 │   - lookup: { from: table.csv, on: { old: id }, take: { a: number }, missing: }
       ╰────
      help: New columns, each with the column of the table that it is taken from.

    pipeline.yaml:9:77
      × `missing`: write `reject`, `null` or `skip`
        ╭────
      8 │   - lookup: { from: table.csv, on: { old: id } }
      9 │   - lookup: { from: table.csv, on: { old: id }, take: { a: number }, missing: }
        ·                                                                             ─
     10 │   - { lookup: { from: table.csv, on: { old: id }, take: { a: number } }, keep: true }
        ╰────

    pipeline.yaml:10:74
      × `keep` cannot stand beside `lookup`
        ╭────
      9 │   - lookup: { from: table.csv, on: { old: id }, take: { a: number }, missing: }
     10 │   - { lookup: { from: table.csv, on: { old: id }, take: { a: number } }, keep: true }
        ·                                                                          ────
     11 │   - map: { customer-id: account }
        ╰────
      help: it stands beside `map` only
    ");
}

#[test]
fn a_column_that_was_taken_and_that_the_target_does_not_know_is_told_where_it_was_taken() {
    let bench = bench();
    bench.write("input.csv", "old\n3\n");
    bench.write("table.csv", "id,number\n1,2\n");
    bench.write_steps(
        "  - map: { customer-id: old }
  - lookup: { from: table.csv, on: { customer-id: id }, take: { customerid: number } }",
    );
    let told = bench.vccpipe(&["check", "pipeline.yaml"]).expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    pipeline.yaml:8:65
      × the load target has no column `customerid`
       ╭────
     7 │   - map: { customer-id: old }
     8 │   - lookup: { from: table.csv, on: { customer-id: id }, take: { customerid: number } }
       ·                                                                 ──────────
     9 │ load:
       ╰────
      help: did you mean `customer-id`?
    ");
}

#[test]
fn a_table_that_is_gone_is_made_again() {
    let bench = bench();
    let valid = customers(30);
    let rows = valid.iter().enumerate().map(|(id, number)| format!("{id},{number}\n"));
    bench.write("table.csv", &("id,number\n".to_owned() + &rows.collect::<String>()));
    let ids: String = (0..30).map(|id| format!("{id}\n")).collect();
    bench.write("input.csv", &format!("id\n{ids}"));
    bench.write_steps(&format!(
        "  - lookup: {{ from: table.csv, on: {{ id: id }}, take: {{ account: number }} }}\n{MAP}"
    ));
    bench.mend("pipeline.yaml", "batch_size: 50", "batch_size: 5");
    let mut crash = bench.command(&["run", "pipeline.yaml"]);
    crash.env("VCCPIPE_FAILPOINT", "intent-is-durable:2").output().unwrap();
    fs::remove_dir_all(bench.latest().join("tables")).unwrap();
    bench.run().expect(0);
    bench.assert_books_are_true();
    assert_eq!(bench.truth().len(), 30);
}
