//! What is wrong is named, with the way out and the exit code, and nothing is lost.

use std::{fs, process::Command};

use vccpipe_simulator::Api;

use crate::bench::{Bench, csv_of, customers, settings};

/// A tenant, an input of forty customers, and a pipeline in batches of five.
fn bench() -> (Bench, Vec<u64>) {
    let mut settings = settings(12_000);
    settings.latency_ms.insert(Api::Campaigns, 20);
    let bench = Bench::new(settings);
    let valid = customers(40);
    bench.write("input.csv", &csv_of(&valid));
    bench.write_pipeline(5);
    (bench, valid)
}

impl Bench {
    /// What a run says on standard error when it ends so.
    #[track_caller]
    fn complaint(&self, code: i32) -> String {
        let told = self.run().expect(code);
        self.plain(&told.stderr)
    }

    #[track_caller]
    fn assert_nothing_was_sent(&self) {
        assert!(self.truth().is_empty(), "customers were taken in");
        assert_eq!(self.posts(), 0);
    }

    fn crash_after_a_few_batches(&self) {
        let mut command = self.command(&["run", "pipeline.yaml"]);
        command.env("VCCPIPE_FAILPOINT", "intent-is-durable:3");
        let crashed = command.output().unwrap();
        assert!(crashed.status.code().is_none(), "the program was to abort: {crashed:?}");
    }

    /// After the mistake was mended the same command loads everything, once.
    #[track_caller]
    fn assert_then_loads(&self, valid: &[u64]) {
        self.run().expect(0);
        self.assert_books_are_true();
        assert_eq!(self.truth().len(), valid.len());
    }
}

#[test]
fn a_missing_input_is_named() {
    let (bench, valid) = bench();
    bench.mend("pipeline.yaml", "input.csv", "inptu.csv");
    insta::assert_snapshot!(bench.complaint(2), @r"
    error: there is no file `inptu.csv`
      hint: check the path; relative paths are relative to the working directory
    ");
    bench.mend("pipeline.yaml", "inptu.csv", "nothing-*.csv");
    insta::assert_snapshot!(bench.complaint(2), @r"
    error: no file matches `nothing-*.csv`
      hint: check the pattern; it is relative to the working directory
    ");
    bench.mend("pipeline.yaml", "nothing-*.csv", ".");
    insta::assert_snapshot!(bench.complaint(2), @r"
    error: `.` is a directory, not a file
      hint: name the files in it, for example `./*.csv`
    ");
    bench.assert_nothing_was_sent();
    bench.mend("pipeline.yaml", "path: .", "path: input.csv");
    bench.assert_then_loads(&valid);
}

#[test]
fn a_missing_pipeline_or_connections_file_is_named() {
    let (bench, _) = bench();
    let told = bench.vccpipe(&["run", "pipelines/other.yaml"]).expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    error: cannot read the pipeline file `pipelines/other.yaml`: No such file or directory (os error 2)
      hint: check the path; relative paths are relative to the working directory
    ");
    let told = bench.vccpipe(&["run", "pipeline.yaml", "--connections", "nowhere.yaml"]).expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    error: there is no connections file `nowhere.yaml`
      hint: `--connections FILE` names another; the connection `simulator` needs none
    ");
    fs::remove_file(bench.path("connections.yaml")).unwrap();
    insta::assert_snapshot!(bench.complaint(2), @r"
    error: there is no connections file `connections.yaml`
      hint: `--connections FILE` names another; the connection `simulator` needs none
    ");
}

#[test]
fn an_unreadable_config_is_told_with_its_place() {
    let (bench, _) = bench();
    fs::write(bench.path("pipeline.yaml"), b"version: 1\nname: \xff\xfe\n").unwrap();
    insta::assert_snapshot!(bench.complaint(2), @r"
    error: cannot read the pipeline file `pipeline.yaml`: stream did not contain valid UTF-8
      hint: a pipeline file is UTF-8 text
    ");
    bench.write("pipeline.yaml", "version: 1\nname: [unclosed\n");
    insta::assert_snapshot!(bench.complaint(2), @r"
    pipeline.yaml:2:15
      × this `[ .. ]` does not go on with `,` or `]`
       ╭────
     1 │ version: 1
     2 │ name: [unclosed
       ·               ─
       ╰────
      help: items stand apart by `,`; a text with `[`, `]` or `,` in it is put in quotes
    ");
    bench.write("pipeline.yaml", "");
    insta::assert_snapshot!(bench.complaint(2), @r"
    pipeline.yaml:1:1
      × the file is empty
       ╭────
       ╰────
      help: a pipeline has the keys `version`, `name`, `connection`, `extract` and `load`
    ");
    bench.write_pipeline(5);
    bench.mend("connections.yaml", "tenant:", "tennant:");
    insta::assert_snapshot!(bench.complaint(2), @r"
    connections.yaml:4:5
      × unknown key `tennant`, did you mean `tenant`?
       ╭────
     3 │     base_url: http://[host]
     4 │     tennant: sampletenant
       ·     ───────
     5 │     timezone: America/New_York
       ╰────
    ");
}

#[test]
fn an_unknown_connection_is_told_with_those_that_there_are() {
    let (bench, _) = bench();
    bench.mend("pipeline.yaml", "connection: acme", "connection: acne");
    insta::assert_snapshot!(bench.complaint(2), @r"
    error: `connections.yaml` has no connection `acne`, did you mean `acme`?
      hint: the connections are: `acme`, `simulator`
    ");
}

#[test]
fn an_insecure_address_is_refused_before_any_request() {
    let (bench, _) = bench();
    let url = bench.tenant().base_url();
    bench.mend("connections.yaml", &url, "http://vcc-na12.8x8.com");
    insta::assert_snapshot!(bench.complaint(2), @r"
    connections.yaml:3:15
      × `base_url` cannot be used: plain HTTP is for this machine only (`localhost`, `127.0.0.1`)
       ╭────
     2 │   acme:
     3 │     base_url: http://vcc-na12.8x8.com
       ·               ───────────────────────
     4 │     tenant: sampletenant
       ╰────
      help: write it as `https://HOST`, or name a `platform`
    ");
}

#[test]
fn all_mistakes_of_a_pipeline_file_are_told_at_once() {
    let (bench, _) = bench();
    bench.write(
        "pipeline.yaml",
        "version: 1
name: Test Load
connection: acme
extract:
  csv: { path: input.csv, delimeter: \";\" }
transform:
  - filtre: \"account is not null\"
  - map: { customer-id: account }
  - dedupe: { key: [customer-id], keep: frist }
load:
  campaign: { action: add, campaign: abc, batch_size: 0 }
",
    );
    insta::assert_snapshot!(bench.complaint(2), @r#"
    pipeline.yaml:2:7
      × `name` cannot be `Test Load`
       ╭────
     1 │ version: 1
     2 │ name: Test Load
       ·       ─────────
     3 │ connection: acme
       ╰────
      help: Names the run's folder: lower-case letters, digits and hyphens, at most 64 of them.

    pipeline.yaml:5:27
      × unknown key `delimeter`, did you mean `delimiter`?
       ╭────
     4 │ extract:
     5 │   csv: { path: input.csv, delimeter: ";" }
       ·                           ─────────
     6 │ transform:
       ╰────

    pipeline.yaml:7:5
      × unknown key `filtre`, did you mean `filter`?
       ╭────
     6 │ transform:
     7 │   - filtre: "account is not null"
       ·     ──────
     8 │   - map: { customer-id: account }
       ╰────

    pipeline.yaml:9:41
      × `keep` must be `first`, `last` or `reject_all`, not the text `frist`
        ╭────
      8 │   - map: { customer-id: account }
      9 │   - dedupe: { key: [customer-id], keep: frist }
        ·                                         ─────
     10 │ load:
        ╰────
      help: did you mean `first`?

    pipeline.yaml:11:38
      × `campaign` must be a whole number, not the text `abc`
        ╭────
     10 │ load:
     11 │   campaign: { action: add, campaign: abc, batch_size: 0 }
        ·                                      ───
        ╰────
      help: The campaign's number, as Configuration Manager's column "Campaign ID" shows it.

    pipeline.yaml:11:55
      × `batch_size` must be at least 1, not the number `0`
        ╭────
     10 │ load:
     11 │   campaign: { action: add, campaign: abc, batch_size: 0 }
        ·                                                       ─
        ╰────
      help: Records of one request, 1 to 10000. The documents name no limit. Default 500.
    "#);
    // `check` says the same.
    let told = bench.vccpipe(&["check", "pipeline.yaml"]).expect(2);
    assert_eq!(bench.plain(&told.stderr), bench.complaint(2));
}

#[test]
fn a_wrong_column_in_an_expression_is_told_with_those_that_there_are() {
    let (bench, valid) = bench();
    bench.write_steps(
        "  - filter: \"acount is not null\"
  - map:
      customer-id: cast(acc_number as bigint)
      schedule-date-time: to_utc(callback, 'America/Nowhere')",
    );
    insta::assert_snapshot!(bench.complaint(2), @r#"
    pipeline.yaml:7:14
      × there is no column `acount`
       ╭────
     6 │ transform:
     7 │   - filter: "acount is not null"
       ·              ──────
     8 │   - map:
       ╰────
      help: did you mean `account`? the columns are: `account`, `callback`

    pipeline.yaml:9:25
      × there is no column `acc_number`
        ╭────
      8 │   - map:
      9 │       customer-id: cast(acc_number as bigint)
        ·                         ──────────
     10 │       schedule-date-time: to_utc(callback, 'America/Nowhere')
        ╰────
      help: the columns are: `account`, `callback`

    pipeline.yaml:10:27
      × there is no time zone `America/Nowhere`; did you mean `America/Nome`?
        ╭────
      9 │       customer-id: cast(acc_number as bigint)
     10 │       schedule-date-time: to_utc(callback, 'America/Nowhere')
        ·                           ───────────────────────────────────
     11 │ load:
        ╰────
    "#);
    bench.assert_nothing_was_sent();
    bench.write_pipeline(5);
    bench.assert_then_loads(&valid);
}

#[test]
fn a_mistake_of_sql_points_into_the_pipeline_file() {
    let (bench, _) = bench();
    bench.write_steps(
        "  - filter: \"account is not null and (callback = ''\"
  - map:
      customer-id: >-
        case when account = 'x'
        thne 1 end",
    );
    insta::assert_snapshot!(bench.complaint(2), @r#"
    pipeline.yaml:7:13
      × this is not a SQL expression: expected `)`, found the end
       ╭────
     6 │ transform:
     7 │   - filter: "account is not null and (callback = ''"
       ·             ────────────────────────────────────────
     8 │   - map:
       ╰────

    pipeline.yaml:10:14
      × this is not a SQL expression: expected end of expression, found `when`
        ╭────
      9 │       customer-id: >-
     10 │         case when account = 'x'
        ·              ────
     11 │         thne 1 end
        ╰────
    "#);
    bench.write_steps("  - map: { customer-id: phone_digit(account) }");
    insta::assert_snapshot!(bench.complaint(2), @r"
    pipeline.yaml:7:25
      × there is no function `phone_digit`
       ╭────
     6 │ transform:
     7 │   - map: { customer-id: phone_digit(account) }
       ·                         ───────────
     8 │ load:
       ╰────
      help: did you mean `phone_digits`?
    ");
}

#[test]
fn a_column_that_the_target_does_not_know_is_told_with_the_nearest_name() {
    let (bench, _) = bench();
    bench.write_steps("  - map: { customer_id: account, schedule-date-time: callback }");
    insta::assert_snapshot!(bench.complaint(2), @r"
    pipeline.yaml:7:5
      × the load target demands a column `customer-id`
       ╭────
     6 │ transform:
     7 │   - map: { customer_id: account, schedule-date-time: callback }
       ·     ───────────────────────────────────────────────────────────
     8 │ load:
       ╰────
      help: add `customer-id: ...` to the last `map`

    pipeline.yaml:7:12
      × the load target has no column `customer_id`
       ╭────
     6 │ transform:
     7 │   - map: { customer_id: account, schedule-date-time: callback }
       ·            ───────────
     8 │ load:
       ╰────
      help: did you mean `customer-id`?
    ");
}

#[test]
fn an_empty_file_and_one_with_a_header_only() {
    let (bench, valid) = bench();
    bench.write("input.csv", "");
    insta::assert_snapshot!(bench.complaint(2), @r"
    error: `input.csv` is empty: it has no header
      hint: export it again, or take it from `path`; with `header: false` the first row is data
    ");
    bench.write("input.csv", "account,callback\n");
    let told = bench.run().expect(0);
    bench.assert_nothing_was_sent();
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    0 rows read ahead, up to 0 to be sent
    warning: `input.csv` has no rows: there is nothing to send
    ");
    insta::assert_snapshot!(bench.plain(&told.stdout), @r"
    test-load finished: run [run]
      read                    0
      loaded                  0
      rejected                0
      refused                 0
      skipped                 0
      in doubt                0
      requests                1   0 of them again
      time        [time]
    ");
    // Rows that come later are new rows.
    bench.write("input.csv", &csv_of(&valid));
    bench.assert_then_loads(&valid);
}

#[test]
fn headers_that_cannot_name_columns() {
    let (bench, _) = bench();
    bench.write("input.csv", "account;callback\n1;2\n");
    insta::assert_snapshot!(bench.complaint(2), @r#"
    error: the header of `input.csv` is one column, `account;callback`
      hint: the fields seem to be separated otherwise: set `delimiter: ";"`
    "#);
    bench.write("input.csv", "account,account,callback\n1,2,3\n");
    insta::assert_snapshot!(bench.complaint(3), @r"
    test-load: run [run] begins
    warning: the header names `account` again in column 2; it is called `account_2`
    1 rows read ahead, up to 0 to be sent
    ");
    fs::write(bench.path("input.csv"), b"PK\x03\x04\0\0\0\0").unwrap();
    insta::assert_snapshot!(bench.complaint(2), @r"
    error: `input.csv` is not a text file: it is a ZIP archive, as spreadsheets are
      hint: export the sheet as CSV (utf-8)
    ");
    bench.write("input.csv", "account,callback\n1,\n");
    fs::copy(bench.path("input.csv"), bench.path("input.csv.gz")).unwrap();
    bench.mend("pipeline.yaml", "input.csv", "input.csv.gz");
    insta::assert_snapshot!(bench.complaint(2), @r"
    error: `input.csv.gz` is named like a gzip file, but its content is not compressed
      hint: take the suffix away, or get the compressed file
    ");
}

#[test]
fn rows_that_cannot_be_read_are_rejected_and_the_others_are_loaded() {
    let (bench, valid) = bench();
    let mut text = csv_of(&valid).into_bytes();
    text.extend(b"1,2,3,4\n5\n6,\"a\"b\n7,caf\xe9\n\"8,never closed\n");
    fs::write(bench.path("input.csv"), text).unwrap();
    bench.run().expect(3);
    bench.assert_books_are_true();
    assert_eq!(bench.truth().len(), valid.len());
    let reasons: Vec<String> = bench
        .results("rejected.csv")
        .iter()
        .map(|row| format!("{}: {}", row["_line"], row["_reason"]))
        .collect();
    insta::assert_snapshot!(reasons.join("\n"), @r"
    42: the row has 4 fields, the header 2 (extra: `3`, `4`)
    43: the row has 1 field, the header 2 (missing: `callback`)
    44: `callback`: text follows the closing quote
    45: `callback`: byte 0xE9 is not utf-8 (after `caf`)
    46: `account`: the quote that opens it is never closed
    ");
}

#[test]
fn a_state_folder_that_cannot_be_made_is_named() {
    let (bench, valid) = bench();
    // Root may write anywhere, so a file stands where the folder is wanted.
    bench.write("state", "a file");
    let told = bench.vccpipe(&["run", "pipeline.yaml", "--state-dir", "state"]).expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    error: the folder `state/runs/test-load` cannot be made or written
      because: `state` is a file, and a folder is wanted there
      hint: move the file away, or choose another folder with `--state-dir`
    ");
    bench.assert_nothing_was_sent();
    bench.assert_then_loads(&valid);
}

#[test]
fn a_damaged_ledger_is_named_and_nothing_is_sent() {
    let (bench, _) = bench();
    bench.run().expect(0);
    let posts = bench.posts();
    let ledger = bench.path(".vccpipe/runs/test-load/ledger.sqlite");
    let good = fs::read(&ledger).unwrap();
    fs::write(
        &ledger,
        "this is no ledger, and it is longer than the head of one would be: ".repeat(9),
    )
    .unwrap();
    insta::assert_snapshot!(bench.complaint(2), @r"
    error: the ledger `.vccpipe/runs/test-load/ledger.sqlite` is damaged: file is not a database
      hint: restore `.vccpipe/runs/test-load/ledger.sqlite` from a backup; or move it aside and run again: what an unfinished run has sent is then forgotten, and a load that adds meets its own records as duplicates
    ");
    // Damaged behind its head.
    let mut damaged = good.clone();
    damaged[4096..].fill(0x55);
    fs::write(&ledger, damaged).unwrap();
    insta::assert_snapshot!(bench.complaint(2), @r"
    error: the ledger `.vccpipe/runs/test-load/ledger.sqlite` is damaged: database disk image is malformed
      hint: restore `.vccpipe/runs/test-load/ledger.sqlite` from a backup; or move it aside and run again: what an unfinished run has sent is then forgotten, and a load that adds meets its own records as duplicates
    ");
    assert_eq!(bench.posts(), posts);
    fs::write(&ledger, good).unwrap();
    bench.run().expect(0).says("nothing is sent");
}

#[test]
fn a_ledger_of_a_newer_version_is_left_alone() {
    let (bench, _) = bench();
    bench.run().expect(0);
    let posts = bench.posts();
    let path = bench.path(".vccpipe/runs/test-load/ledger.sqlite");
    let ledger = rusqlite::Connection::open(&path).unwrap();
    ledger.pragma_update(None, "user_version", 99).unwrap();
    drop(ledger);
    insta::assert_snapshot!(bench.complaint(2), @r"
    error: the ledger `.vccpipe/runs/test-load/ledger.sqlite` has format 99, this vccpipe knows formats up to 3
      hint: use the newer vccpipe that wrote it, or another `--state-dir`
    ");
    assert_eq!(bench.posts(), posts);
}

/// A run that was cut short by a crash after a few batches.
fn cut_short() -> (Bench, Vec<u64>) {
    let (bench, valid) = bench();
    bench.crash_after_a_few_batches();
    (bench, valid)
}

#[test]
fn an_input_that_changed_is_refused_and_told_how() {
    let (bench, valid) = cut_short();
    let before = bench.truth();
    let text = fs::read_to_string(bench.path("input.csv")).unwrap();
    bench.write("input.csv", &text.replacen(&valid[0].to_string(), "10999999", 1));
    insta::assert_snapshot!(bench.complaint(2), @r"
    error: the unfinished run [run] of `test-load` cannot go on: `input.csv` differs between byte 0 and 417
      hint: put back what changed and give the same command again, or start anew with `--fresh`: rows that were already sent are then sent again
    ");
    bench.write("input.csv", &csv_of(&valid[..20]));
    insta::assert_snapshot!(bench.complaint(2), @r"
    error: the unfinished run [run] of `test-load` cannot go on: `input.csv` shrank from 417 to 217 bytes
      hint: put back what changed and give the same command again, or start anew with `--fresh`: rows that were already sent are then sent again
    ");
    fs::remove_file(bench.path("input.csv")).unwrap();
    insta::assert_snapshot!(bench.complaint(2), @r"
    error: there is no file `input.csv`
      hint: check the path; relative paths are relative to the working directory
    ");
    assert_eq!(bench.truth(), before, "something was sent");
    bench.write("input.csv", &text);
    bench.assert_then_loads(&valid);
}

#[test]
fn a_last_row_that_was_continued_is_refused() {
    let (bench, valid) = bench();
    let text = csv_of(&valid);
    bench.write("input.csv", text.trim_end_matches(",\n"));
    bench.crash_after_a_few_batches();
    bench.append("input.csv", "99,\n");
    insta::assert_snapshot!(bench.complaint(2), @r"
    error: the unfinished run [run] of `test-load` cannot go on: `input.csv` was continued in the middle of its last row
      hint: put back what changed and give the same command again, or start anew with `--fresh`: rows that were already sent are then sent again
    ");
}

#[test]
fn a_pipeline_that_changed_is_refused_and_told_how() {
    let (bench, valid) = cut_short();
    let pipeline = fs::read_to_string(bench.path("pipeline.yaml")).unwrap();
    bench.mend("pipeline.yaml", "campaign: 125", "campaign: 130");
    bench.mend("pipeline.yaml", "customer-id: account", "customer-id: trim(account)");
    bench.mend("pipeline.yaml", "path: input.csv", "path: input.csv, quote: \"'\"");
    insta::assert_snapshot!(bench.complaint(2), @r"
    error: the unfinished run [run] of `test-load` cannot go on: `load` was `campaign 125 (add)`, it is now `campaign 130 (add)`; the keys of `extract` have changed; the steps of `transform` have changed
      hint: put back what changed and give the same command again, or start anew with `--fresh`: rows that were already sent are then sent again
    ");
    bench.write("pipeline.yaml", &pipeline);
    let told = bench.vccpipe(&["run", "pipeline.yaml", "--limit", "30"]).expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    error: the unfinished run [run] of `test-load` cannot go on: it was begun without `--limit`
      hint: put back what changed and give the same command again, or start anew with `--fresh`: rows that were already sent are then sent again
    ");
    // Sizes and comments may change.
    bench.write("pipeline.yaml", &pipeline.replace("batch_size: 5 }", "batch_size: 7 } # quicker"));
    bench.assert_then_loads(&valid);
}

#[test]
fn result_files_that_were_cut_are_told() {
    let (bench, _) = cut_short();
    let loaded = bench.latest().join("loaded.csv");
    if fs::metadata(&loaded).unwrap().len() < 30 {
        fs::write(bench.latest().join("rejected.csv"), "").unwrap();
    } else {
        fs::write(loaded, "").unwrap();
    }
    let said = bench.complaint(1);
    assert!(said.contains("were written to it"), "{said}");
    assert!(said.contains("hint: put the file back from a copy"), "{said}");
}

#[test]
fn the_command_line_is_checked() {
    let (bench, _) = bench();
    for (args, words) in [
        (&["run"][..], "required arguments were not provided"),
        (&["run", "pipeline.yaml", "--limit", "x"], "invalid digit"),
        (&["run", "pipeline.yaml", "--var", "x"], "not of the form NAME=VALUE"),
        (&["run", "pipeline.yaml", "--var", "x=1"], "`--var x` names no variable"),
        (&["chek"], "'check'"),
    ] {
        let told = bench.vccpipe(args).expect(2);
        assert!(told.stderr.contains(words), "{args:?}: {}", told.stderr);
    }
    bench.assert_nothing_was_sent();
}

#[test]
fn wrong_settings_of_the_simulator_are_told() {
    let (bench, _) = bench();
    bench.write("simulator.yaml", "tenant: { custmers: 5 }\n");
    let args = ["run", "pipeline.yaml", "--connection", "simulator"];
    let told =
        bench.vccpipe(&[&args[..], &["--simulator-config", "simulator.yaml"]].concat()).expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    simulator.yaml:1:11
      × `tenant`: unknown field `custmers`, expected one of `name`, `action_token`, `data_token`, `wapi_username`, `wapi_password`, `api_key`, `customers`, `first_account_number`, `do_not_call_per_10000`, `do_not_call`, `campaigns`, `crm`, `phone`
       ╭────
     1 │ tenant: { custmers: 5 }
       ·           ────────
       ╰────
    ");
}

/// A small file system of its own, or nothing where this user may not mount one.
pub struct SmallDisk(pub std::path::PathBuf);

impl SmallDisk {
    pub fn mount(at: std::path::PathBuf, size: &str) -> Option<SmallDisk> {
        fs::create_dir_all(&at).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(&at)
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(SmallDisk(at)),
            other => {
                println!("SKIPPED: no small disk can be mounted here: {other:?}");
                None
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
    }
}

#[test]
fn a_full_disk_stops_the_run_and_it_goes_on_once_there_is_room() {
    let (bench, _) = bench();
    let valid = customers(6000);
    bench.write("input.csv", &csv_of(&valid));
    bench.write_pipeline(500);
    let Some(disk) = SmallDisk::mount(bench.path(".vccpipe"), "1m") else { return };
    // Whatever is left is taken by something else.
    fs::create_dir_all(disk.0.join("runs")).unwrap();
    fs::write(disk.0.join("ballast"), vec![1; 780_000]).unwrap();
    let told = bench.run().expect(1);
    let said = bench.plain(&told.stderr);
    assert!(said.contains("full") || said.contains("no space left"), "{said}");
    assert!(said.contains("goes on where it was"), "{said}");
    let known = bench.truth().len();
    fs::remove_file(disk.0.join("ballast")).unwrap();
    Command::new("mount").args(["-o", "remount,size=20m"]).arg(&disk.0).output().unwrap();
    bench.run().expect(0);
    bench.assert_books_are_true();
    assert_eq!(bench.truth().len(), valid.len(), "{known} before");
}
