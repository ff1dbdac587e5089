//! The main job: a CSV becomes customers of a campaign, and every row stands in the books.

use std::{fs, io::Write, os::unix::process::ExitStatusExt, path::Path};

use vccpipe_simulator::Api;

use crate::bench::{Bench, Told, csv_of, customers, settings};

/// A tenant, and an input of these many of its customers in batches of ten.
fn bench_with(rows: usize) -> (Bench, Vec<u64>) {
    let bench = Bench::new(settings(12_000));
    let valid = customers(rows);
    bench.write("input.csv", &csv_of(&valid));
    bench.write_pipeline(10);
    (bench, valid)
}

/// The same with a server that takes its time, so that there is time to stop in.
fn slow_bench(rows: usize) -> (Bench, Vec<u64>) {
    let mut settings = settings(12_000);
    settings.latency_ms.insert(Api::Campaigns, 40);
    let bench = Bench::new(settings);
    let valid = customers(rows);
    bench.write("input.csv", &csv_of(&valid));
    bench.write_pipeline(5);
    (bench, valid)
}

#[track_caller]
fn assert_loaded_once(bench: &Bench, customers: &[u64]) {
    let truth = bench.truth();
    let mut wanted: Vec<u64> = customers.to_vec();
    wanted.sort_unstable();
    assert_eq!(truth.keys().copied().collect::<Vec<_>>(), wanted);
    assert!(truth.values().all(|applied| *applied == 1), "{truth:?}");
}

fn header(path: &Path) -> String {
    fs::read_to_string(path).unwrap().lines().next().unwrap().to_owned()
}

#[test]
fn the_books_balance_and_say_what_the_tenant_says() {
    let (bench, valid) = bench_with(120);
    // A number that nobody has, a text that is none, a time that has passed, a row too long.
    bench.append(
        "input.csv",
        &format!("99999999,\nabc,\n{},2020-01-01T00:00:00Z\n{},,x\n", valid[0] + 1, valid[1]),
    );
    let told = bench.run().expect(3);
    bench.assert_books_are_true();
    assert_loaded_once(&bench, &valid);
    let summary = bench.summary();
    assert_eq!(summary["read"], 124);
    assert_eq!(summary["loaded_detail"]["added"], 120);
    insta::assert_snapshot!(bench.plain(&told.stdout), @r"
    test-load finished: run [run]
      read                  124
      loaded                120   120 added
      rejected                3   .vccpipe/runs/test-load/[run]/rejected.csv
      refused                 1   .vccpipe/runs/test-load/[run]/refused.csv
      skipped                 0
      in doubt                0
      requests               14   0 of them again
      time        [time]
    rejected:
      line 123: customer-id: not a whole number (`abc`, digits only, campaign-records-api: Customer Record)
      line 124: schedule-date-time: in the past (`[moment]`, now is [moment], campaign-records-api: Customer Record)
      line 125: the row has 3 fields, the header 2 (extra: `x`)
    refused:
      line 122: refused by the server: The customer-id has not been found.
    ");
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    124 rows read ahead, up to 121 to be sent
    ");
}

#[test]
fn result_files_begin_with_the_columns_of_the_input() {
    let (bench, _) = bench_with(3);
    bench.append("input.csv", "99999999,\nabc,\n");
    bench.run().expect(3);
    let folder = bench.latest();
    assert_eq!(header(&folder.join("rejected.csv")), "account,callback,_line,_reason");
    assert_eq!(header(&folder.join("skipped.csv")), "account,callback,_line,_reason");
    assert_eq!(header(&folder.join("in_doubt.csv")), "account,callback,_line,_reason");
    assert_eq!(
        header(&folder.join("refused.csv")),
        "account,callback,_line,_reason,_status,_message"
    );
    assert_eq!(header(&folder.join("loaded.csv")), "_line,customer-id,_done");
    let refused = bench.results("refused.csv");
    assert_eq!(refused[0]["account"], "99999999");
    assert_eq!(refused[0]["_line"], "5");
    assert_eq!(refused[0]["_status"], "404");
    assert_eq!(refused[0]["_message"], "The customer-id has not been found.");
    let loaded = bench.results("loaded.csv");
    assert_eq!((loaded[0]["_line"].as_str(), loaded[0]["_done"].as_str()), ("2", "added"));
}

#[test]
fn a_rejected_row_names_each_field_value_and_rule() {
    let (bench, valid) = bench_with(1);
    let far = vccpipe::clock::Clock::System.now() + jiff::SignedDuration::from_hours(8 * 24);
    let ahead = valid[0] + 1;
    bench.append(
        "input.csv",
        &format!(
            "abc,tomorrow\n,\n{ahead},2020-01-01T00:00:00Z\n{ahead},{far:.0}\n-5,2026-01-01\n"
        ),
    );
    bench.run().expect(3);
    bench.assert_books_are_true();
    let reasons: Vec<String> = bench
        .results("rejected.csv")
        .iter()
        .map(|row| format!("{}: {}", row["_line"], row["_reason"]))
        .collect();
    insta::assert_snapshot!(bench.plain(&reasons.join("\n")), @r"
    3: customer-id: not a whole number (`abc`, digits only, campaign-records-api: Customer Record); schedule-date-time: not an ISO 8601 date and time with a zone (`tomorrow`, e.g. [moment], campaign-records-api: Customer Record)
    4: customer-id: missing (mandatory, campaign-records-api: Customer Record)
    5: schedule-date-time: in the past (`[moment]`, now is [moment], campaign-records-api: Customer Record)
    6: schedule-date-time: more than 7 days ahead (`[moment]`, at most [moment], campaign-records-api: Customer Record)
    7: customer-id: not a whole number (`-5`, digits only, campaign-records-api: Customer Record); schedule-date-time: without a zone (`2026-01-01`, use to_utc(.., 'America/New_York') or the like, campaign-records-api: Customer Record)
    ");
}

#[test]
fn the_summary_has_the_keys_that_other_programs_read() {
    let (bench, _) = bench_with(25);
    bench.run().expect(0);
    let summary = bench.summary();
    for key in [
        "pipeline",
        "run_id",
        "status",
        "started_at",
        "finished_at",
        "read",
        "loaded",
        "rejected",
        "refused",
        "skipped",
        "in_doubt",
        "loaded_detail",
        "requests",
        "retries",
        "bytes_sent",
        "bytes_received",
        "elapsed_seconds",
        "resumed_from",
    ] {
        assert!(summary.get(key).is_some(), "no `{key}` in {summary}");
    }
    for key in ["added", "modified", "unchanged", "removed", "confirmed_on_resume"] {
        assert!(summary["loaded_detail"][key].is_u64(), "no `loaded_detail.{key}` in {summary}");
    }
    assert_eq!(summary["pipeline"], "test-load");
    assert_eq!(summary["status"], "finished");
    assert_eq!(summary["requests"], 4, "a look and three batches: {summary}");
    assert_eq!(summary["retries"], 0);
    assert!(summary["resumed_from"].is_null());
    let folder = fs::canonicalize(bench.latest()).unwrap();
    assert_eq!(folder.file_name().unwrap().to_str(), summary["run_id"].as_str());
    assert!(folder.join("log.jsonl").exists());
}

#[test]
fn an_input_without_faults_ends_with_zero() {
    let (bench, valid) = bench_with(30);
    let told = bench.run().expect(0);
    assert_eq!(bench.results("rejected.csv").len(), 0);
    assert_loaded_once(&bench, &valid);
    insta::assert_snapshot!(bench.plain(&told.stdout), @r"
    test-load finished: run [run]
      read                   30
      loaded                 30   30 added
      rejected                0
      refused                 0
      skipped                 0
      in doubt                0
      requests                4   0 of them again
      time        [time]
    ");
}

#[test]
fn allow_rejects_ends_with_zero_all_the_same() {
    let (bench, _) = bench_with(3);
    bench.append("input.csv", "abc,\n99999999,\n");
    bench.vccpipe(&["run", "pipeline.yaml", "--allow-rejects"]).expect(0);
    bench.assert_books_are_true();
}

#[test]
fn a_finished_input_is_not_sent_again_unless_asked_for() {
    let (bench, valid) = bench_with(20);
    bench.run().expect(0);
    let first = bench.summary()["run_id"].clone();
    let posts = bench.posts();
    let told = bench.run().expect(0).says(first.as_str().unwrap());
    assert_eq!(bench.posts(), posts, "something was sent");
    assert_eq!(bench.summary()["run_id"], first, "a run was entered");
    insta::assert_snapshot!(bench.plain(&told.stdout), @r"
    test-load: this input was loaded to its end by run [run] (20 rows); nothing is sent
      hint: `--again` sends it again
    ");

    let told = bench.vccpipe(&["run", "pipeline.yaml", "--again"]).expect(3);
    assert_eq!(bench.posts(), posts + 2, "{told:?}");
    assert_eq!(bench.summary()["refused"], 20, "the tenant has them already");
    assert_eq!(bench.results("refused.csv")[0]["_message"], "Duplicate customer");
    assert_loaded_once(&bench, &valid);
}

#[test]
fn a_finished_input_is_known_again_under_another_name() {
    let (bench, _) = bench_with(20);
    bench.run().expect(0);
    let posts = bench.posts();
    fs::copy(bench.path("input.csv"), bench.path("copy.csv")).unwrap();
    for input in ["copy.csv", "./input.csv"] {
        let told = bench.vccpipe(&["run", "pipeline.yaml", "--input", input]);
        told.expect(0).says("nothing is sent");
    }
    assert_eq!(bench.posts(), posts);
    // As long, but another.
    let text = fs::read_to_string(bench.path("copy.csv")).unwrap();
    bench.write("copy.csv", &text.replacen(",\n1", ",\n2", 1));
    bench.vccpipe(&["run", "pipeline.yaml", "--input", "copy.csv"]).expect(3);
    assert!(bench.posts() > posts);
}

#[test]
fn of_an_input_that_has_grown_only_the_new_rows_are_sent() {
    let (bench, valid) = bench_with(40);
    bench.write("input.csv", &csv_of(&valid[..25]));
    bench.run().expect(0);
    let first = bench.summary()["run_id"].clone();
    bench.append("input.csv", &csv_of(&valid[25..]).replace("account,callback\n", ""));
    bench.run().expect(0);
    bench.assert_only_new_rows(15, &first);
    assert_loaded_once(&bench, &valid);
    assert_eq!(bench.results("loaded.csv")[0]["_line"], "27");
    bench.run().expect(0).says("nothing is sent");
}

#[test]
fn a_limit_takes_the_first_rows_and_the_next_run_the_rest() {
    let (bench, valid) = bench_with(40);
    bench.vccpipe(&["run", "pipeline.yaml", "--limit", "15"]).expect(0);
    assert_eq!(bench.summary()["read"], 15);
    assert_loaded_once(&bench, &valid[..15]);
    let first = bench.summary()["run_id"].clone();
    bench.vccpipe(&["run", "pipeline.yaml", "--limit", "15"]).expect(0).says("nothing is sent");
    let told = bench.run().expect(0);
    told.says(&format!("begins where run {} ended", first.as_str().unwrap()));
    bench.assert_only_new_rows(25, &first);
    assert_loaded_once(&bench, &valid);
}

impl Bench {
    #[track_caller]
    fn assert_only_new_rows(&self, rows: u64, after: &serde_json::Value) {
        let summary = self.summary();
        assert_eq!(summary["read"], rows, "{summary}");
        assert_eq!(summary["loaded"], rows, "{summary}");
        assert_eq!(&summary["resumed_from"], after, "{summary}");
    }

    /// Sends a signal to a run that has sent a few requests, and waits for its end.
    fn interrupt(&self, signal: i32) -> Told {
        let child = self.run_until_posts(3);
        // SAFETY: it only sends a signal, to a child that was not waited for.
        assert_eq!(unsafe { libc::kill(child.id() as i32, signal) }, 0);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.signal(), None, "the program was to end by itself");
        Told::of(output)
    }
}

#[test]
fn a_signal_stops_in_order_and_the_same_command_goes_on() {
    for signal in [libc::SIGINT, libc::SIGTERM] {
        let (bench, valid) = slow_bench(400);
        let told = bench.interrupt(signal).expect(130).says("give the same command again");
        let stopped = bench.summary();
        assert_eq!(stopped["status"], "interrupted", "{stopped}");
        assert!(stopped["loaded"].as_u64().unwrap() < 400, "{stopped}");
        // Requests in flight were answered: nothing that was sent is without an outcome.
        assert_eq!(stopped["loaded"], bench.truth().len() as u64, "{told:?}");

        bench.run().expect(0);
        bench.assert_books_are_true();
        assert_loaded_once(&bench, &valid);
        let summary = bench.summary();
        assert_eq!(summary["run_id"], stopped["run_id"], "it is the same run");
        assert_eq!(summary["loaded_detail"]["added"], 400, "nothing was in doubt: {summary}");
        assert_eq!(summary["retries"], 0, "{summary}");
    }
}

#[test]
fn what_an_interrupted_run_says() {
    let (bench, _) = slow_bench(400);
    let told = bench.interrupt(libc::SIGINT).expect(130);
    let counts = regex::Regex::new(r"\b\d+\b").unwrap();
    let stdout = bench.plain(&told.stdout);
    insta::assert_snapshot!(counts.replace_all(&stdout, "N"), @r"
    test-load interrupted: run [run]
      read                  N
      loaded                 N   N added
      rejected                N
      refused                 N
      skipped                 N
      in doubt                N
      pending               N   taken up, to be settled when the run goes on
      requests                N   N of them again
      time        [time]
    ");
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    400 rows read ahead, up to 400 to be sent
    stopping: requests in flight are answered first (again to leave at once)
    interrupted; give the same command again to go on
    ");
}

#[test]
fn rows_added_while_a_run_is_interrupted_are_loaded_when_it_goes_on() {
    let (bench, valid) = slow_bench(300);
    bench.write("input.csv", &csv_of(&valid[..250]));
    bench.interrupt(libc::SIGINT).expect(130);
    bench.append("input.csv", &csv_of(&valid[250..]).replace("account,callback\n", ""));
    // One of them a second time: it is found although the first sight of the input missed it.
    bench.append("input.csv", &format!("{},\n", valid[0]));
    bench.run().expect(3);
    bench.assert_books_are_true();
    assert_loaded_once(&bench, &valid);
    assert_eq!(bench.summary()["rejected"], 1);
}

#[test]
fn fresh_gives_an_interrupted_run_up() {
    let (bench, valid) = slow_bench(200);
    bench.interrupt(libc::SIGINT).expect(130);
    let stopped = bench.summary();
    bench.vccpipe(&["run", "pipeline.yaml", "--fresh"]).expect(3);
    let summary = bench.summary();
    assert_ne!(summary["run_id"], stopped["run_id"]);
    assert_eq!(summary["read"], 200, "from the beginning");
    assert_eq!(summary["refused"], stopped["loaded"], "what it sent is sent again");
    assert_loaded_once(&bench, &valid);
}

#[test]
fn a_run_that_took_nothing_up_does_not_bind_what_is_mended_next() {
    let (bench, valid) = bench_with(20);
    bench.mend("pipeline.yaml", "campaign: 125", "campaign: 999");
    bench.run().expect(1).says("campaign 999 was not found");
    bench.mend("pipeline.yaml", "campaign: 999", "campaign: 125");
    bench.run().expect(0);
    bench.assert_books_are_true();
    assert_loaded_once(&bench, &valid);
}

#[test]
fn a_second_run_at_the_same_time_is_told_who_is_at_work() {
    let (bench, valid) = slow_bench(300);
    let first = bench.run_until_posts(1);
    let told = bench.run().expect(1).says(&format!("process {}", first.id()));
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    error: pipeline `test-load` is being run by another process (process [id])
      hint: wait until it has ended, or use another `--state-dir` for an independent run
    ");
    Told::of(first.wait_with_output().unwrap()).expect(0);
    bench.assert_books_are_true();
    assert_loaded_once(&bench, &valid);
}

#[test]
fn a_dry_run_sends_nothing_and_leaves_nothing() {
    let (bench, _) = bench_with(25);
    bench.append("input.csv", "abc,\nabd,\n");
    let before = names(&bench.path("."));
    let told = bench.vccpipe(&["run", "pipeline.yaml", "--dry-run"]).expect(3);
    assert_eq!(names(&bench.path(".")), before);
    assert!(bench.tenant().state().campaigns[&125].requests.is_empty(), "a request was made");
    insta::assert_snapshot!(bench.plain(&told.stdout), @r"
    test-load: dry run, nothing was sent
      read                   27
      to send                25
      rejected                2
      skipped                 0
      fixed                   0
      requests                3
    rejected, the first 2:
      line 27: customer-id: not a whole number (`abc`, digits only, campaign-records-api: Customer Record)
      line 28: customer-id: not a whole number (`abd`, digits only, campaign-records-api: Customer Record)
    ");
    // It changes nothing for the run that follows.
    bench.run().expect(3);
    bench.assert_books_are_true();
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_rejected_file_that_was_corrected_runs_by_itself() {
    let (bench, valid) = bench_with(12);
    bench.write("input.csv", &csv_of(&valid[..10]));
    bench.append("input.csv", &format!("{}x,\n{}y,\n", valid[10], valid[11]));
    bench.run().expect(3);
    let rejected = fs::read_to_string(bench.latest().join("rejected.csv")).unwrap();
    // In place, and elsewhere.
    let corrected = rejected.replace(&format!("{}x", valid[10]), &valid[10].to_string());
    let in_place = bench.latest().join("rejected.csv");
    let in_place = fs::canonicalize(in_place).unwrap();
    fs::write(&in_place, corrected).unwrap();
    bench.vccpipe(&["run", "pipeline.yaml", "--input", in_place.to_str().unwrap()]).expect(3);
    assert_loaded_once(&bench, &valid[..11]);
    let still: Vec<_> = bench.results("rejected.csv");
    assert_eq!(still.len(), 1, "{still:?}");
    // The columns that the program adds are there once.
    assert_eq!(
        header(&bench.latest().join("rejected.csv")).matches("_reason").count(),
        1,
        "{}",
        header(&bench.latest().join("rejected.csv"))
    );
}

#[test]
fn a_rejected_file_is_found_through_latest_although_latest_moves_on() {
    let (bench, valid) = bench_with(12);
    bench.append("input.csv", "7x,\n8x,\n9x,\n");
    bench.run().expect(3);
    let latest = ".vccpipe/runs/test-load/latest/rejected.csv";
    bench.mend(latest, "7x,", &format!("{},", valid[11] + 100_000));
    bench.vccpipe(&["run", "pipeline.yaml", "--input", latest]).expect(3);
    let summary = bench.summary();
    assert_eq!((&summary["read"], &summary["refused"]), (&3.into(), &1.into()), "{summary}");
    assert_eq!(bench.results("rejected.csv").len(), 2);
}

#[test]
fn several_files_are_read_in_order_and_each_row_names_its_file() {
    let (bench, valid) = bench_with(30);
    bench.write("part-1.csv", &(csv_of(&valid[..10]) + "abc,\n"));
    bench.write("part-2.csv", &(csv_of(&valid[10..20]) + "99999999,\n"));
    bench.mend("pipeline.yaml", "path: input.csv", "path: part-*.csv");
    bench.run().expect(3);
    bench.assert_books_are_true();
    assert_loaded_once(&bench, &valid[..20]);
    let rejected = bench.results("rejected.csv");
    assert_eq!(
        (rejected[0]["_file"].as_str(), rejected[0]["_line"].as_str()),
        ("part-1.csv", "12")
    );
    let refused = bench.results("refused.csv");
    assert_eq!((refused[0]["_file"].as_str(), refused[0]["_line"].as_str()), ("part-2.csv", "12"));

    // A further file that the glob finds is what is new.
    bench.write("part-3.csv", &csv_of(&valid[20..]));
    bench.run().expect(0);
    assert_loaded_once(&bench, &valid);
    assert_eq!(bench.summary()["read"], 10);
}

#[test]
fn a_list_of_files_is_read_as_it_is_written() {
    let (bench, valid) = bench_with(20);
    bench.write("b.csv", &csv_of(&valid[..10]));
    bench.write("a.csv", &csv_of(&valid[10..]));
    bench.mend("pipeline.yaml", "path: input.csv", "path: [b.csv, a.csv]");
    bench.run().expect(0);
    assert_loaded_once(&bench, &valid);
    let files: Vec<_> =
        bench.results("loaded.csv").iter().map(|row| row["_file"].clone()).collect();
    assert_eq!(files.iter().filter(|file| *file == "b.csv").count(), 10);
}

#[test]
fn compressed_inputs_are_read_through() {
    for name in ["input.csv.gz", "input.csv.zst"] {
        let (bench, valid) = bench_with(60);
        let text = csv_of(&valid) + "abc,\n";
        let bytes = match name.ends_with("gz") {
            true => {
                let level = flate2::Compression::default();
                let mut gz = flate2::write::GzEncoder::new(Vec::new(), level);
                gz.write_all(text.as_bytes()).unwrap();
                gz.finish().unwrap()
            }
            false => zstd::encode_all(text.as_bytes(), 3).unwrap(),
        };
        fs::write(bench.path(name), bytes).unwrap();
        bench.mend("pipeline.yaml", "path: input.csv", &format!("path: {name}"));
        bench.run().expect(3);
        bench.assert_books_are_true();
        assert_loaded_once(&bench, &valid);
        assert_eq!(bench.results("rejected.csv")[0]["_line"], "62");
    }
}

#[test]
fn customers_given_twice_without_a_dedupe_are_rejected_and_name_the_first() {
    let (bench, valid) = bench_with(10);
    // With a leading zero it is the same number.
    bench.append("input.csv", &format!("{},\n0{},\n", valid[3], valid[4]));
    bench.run().expect(3);
    bench.assert_books_are_true();
    assert_loaded_once(&bench, &valid);
    let rejected = bench.results("rejected.csv");
    let reasons: Vec<_> = rejected.iter().map(|row| row["_reason"].as_str()).collect();
    assert_eq!(
        reasons,
        [
            format!("customer-id: given twice in the input (`{}`, first on line 5)", valid[3]),
            format!("customer-id: given twice in the input (`{}`, first on line 6)", valid[4]),
        ]
    );
}

/// Three rows of one customer among others, deduplicated so.
fn deduplicated(keep: &str) -> (Bench, Vec<u64>) {
    let (bench, valid) = bench_with(10);
    bench.append("input.csv", &format!("{0},\n{0},\n", valid[3]));
    bench.write_steps(&format!(
        "  - map: {{ customer-id: account }}\n  - dedupe: {{ key: [customer-id], keep: {keep} }}"
    ));
    (bench, valid)
}

#[test]
fn dedupe_keeps_the_first_the_last_or_none() {
    let (bench, valid) = deduplicated("first");
    bench.run().expect(0);
    bench.assert_books_are_true();
    assert_loaded_once(&bench, &valid);
    let skipped = bench.results("skipped.csv");
    let lines: Vec<_> = skipped.iter().map(|row| row["_line"].as_str()).collect();
    assert_eq!(lines, ["12", "13"]);
    let reason = format!("duplicate of line 5: customer-id = `{}`", valid[3]);
    assert!(skipped.iter().all(|row| row["_reason"] == reason), "{skipped:?}");

    let (bench, valid) = deduplicated("last");
    bench.run().expect(0);
    bench.assert_books_are_true();
    assert_loaded_once(&bench, &valid);
    let skipped = bench.results("skipped.csv");
    let lines: Vec<_> = skipped.iter().map(|row| row["_line"].as_str()).collect();
    assert_eq!(lines, ["5", "12"]);
    assert!(skipped.iter().all(|row| row["_reason"].contains("line 13")), "{skipped:?}");

    let (bench, valid) = deduplicated("reject_all");
    bench.run().expect(3);
    bench.assert_books_are_true();
    let others: Vec<u64> = valid.iter().copied().filter(|one| *one != valid[3]).collect();
    assert_loaded_once(&bench, &others);
    let rejected = bench.results("rejected.csv");
    assert_eq!(rejected.len(), 3, "{rejected:?}");
}

#[test]
fn a_filter_skips_rows_and_tells_itself() {
    let (bench, valid) = bench_with(10);
    bench.write_steps(&format!(
        "  - filter: \"account <> '{}'\"\n  - map: {{ customer-id: account }}",
        valid[2]
    ));
    bench.run().expect(0);
    bench.assert_books_are_true();
    assert_eq!(bench.truth().len(), 9);
    let skipped = bench.results("skipped.csv");
    assert_eq!(skipped[0]["_line"], "4");
    assert_eq!(skipped[0]["_reason"], format!("filter: account <> '{}'", valid[2]));
}

#[test]
fn a_map_that_keeps_the_other_columns_hands_them_to_the_next_step() {
    let (bench, valid) = bench_with(0);
    let rows = customers(10);
    assert!(valid.is_empty());
    let text: String = rows.iter().map(|row| format!("{row},{}\n", row % 2)).collect();
    bench.write("input.csv", &format!("account,group\n{text}"));
    bench.write_steps(
        "  - map: { customer-id: cast(account as bigint) }
    keep: true
  - filter: \"\\\"group\\\" = '1'\"
  - map: { customer-id: {column: customer-id} }",
    );
    let odd: Vec<u64> = rows.into_iter().filter(|row| row % 2 == 1).collect();
    bench.run().expect(0);
    bench.assert_books_are_true();
    assert_loaded_once(&bench, &odd);
}

#[test]
fn a_row_whose_expression_fails_is_rejected_alone() {
    let (bench, valid) = bench_with(10);
    bench.append("input.csv", "12a,\n");
    bench.write_steps("  - map: { customer-id: cast(account as bigint) }");
    bench.run().expect(3);
    bench.assert_books_are_true();
    assert_loaded_once(&bench, &valid);
    insta::assert_snapshot!(bench.results("rejected.csv")[0]["_reason"], @"customer-id: `cast(account as bigint)` failed: `12a` is not a whole number (account = `12a`)");
}

#[test]
fn too_many_rejects_stop_the_run_and_what_was_sent_is_kept() {
    let (bench, valid) = bench_with(40);
    let bad: String = (0..20).map(|row| format!("x{row},\n")).collect();
    let text = csv_of(&valid[..20]) + &bad;
    bench.write("input.csv", &(text + &csv_of(&valid[20..]).replace("account,callback\n", "")));
    bench.write_pipeline_with(10, ", max_rejected: 5");
    let told = bench.run().expect(1).says("max_rejected");
    assert_eq!(bench.summary()["status"], "failed");
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    60 rows read ahead, up to 40 to be sent
    error: 20 records were rejected, and `max_rejected` is 5
      hint: look into `rejected.csv` of the run; what was sent is kept, and the same command goes on after a larger `max_rejected`
    ");
    bench.assert_sent_is_kept();
    // With a higher threshold the same command goes on.
    bench.mend("pipeline.yaml", "max_rejected: 5", "max_rejected: 50%");
    bench.run().expect(3);
    bench.assert_books_are_true();
    assert_loaded_once(&bench, &valid);
}

#[test]
fn too_many_refusals_stop_the_run_and_what_was_sent_is_kept() {
    let (bench, valid) = bench_with(40);
    let unknown: String = (0..400).map(|row| format!("{},\n", 99_000_000 + row)).collect();
    bench.append("input.csv", &unknown);
    bench.write_pipeline_with(10, ", max_refused: 20%");
    let told = bench.run().expect(1).says("max_refused");
    let stopped = bench.summary();
    assert!(stopped["refused"].as_u64().unwrap() < 300, "{stopped}");
    assert!(told.stderr.contains("20%"), "{}", told.stderr);
    bench.assert_sent_is_kept();
    bench.mend("pipeline.yaml", "max_refused: 20%", "max_refused: 1000");
    bench.run().expect(3);
    bench.assert_books_are_true();
    assert_loaded_once(&bench, &valid);
    assert_eq!(bench.summary()["refused"], 400);
}

impl Bench {
    #[track_caller]
    fn assert_sent_is_kept(&self) {
        let truth = self.truth().len() as u64;
        assert_eq!(self.summary()["loaded"], truth, "{}", self.summary());
        assert_eq!(self.results("loaded.csv").len() as u64, truth);
    }
}

#[test]
fn several_pipelines_run_in_order_and_the_first_that_fails_ends_it() {
    let (bench, valid) = bench_with(20);
    let second = fs::read_to_string(bench.path("pipeline.yaml"))
        .unwrap()
        .replace("test-load", "second-load")
        .replace("input.csv", "second.csv");
    bench.write("second.yaml", &second);
    bench.write("input.csv", &csv_of(&valid[..10]));
    bench.write("second.csv", &(csv_of(&valid[10..]) + "abc,\n"));
    bench.vccpipe(&["run", "pipeline.yaml", "second.yaml"]).expect(3);
    assert_loaded_once(&bench, &valid);
    assert!(bench.path(".vccpipe/runs/second-load/latest/summary.json").exists());

    // A mistake in any of the files is told before the first one runs.
    bench.write("second.yaml", &second.replace("action: add", "action: ad"));
    let posts = bench.posts();
    bench.vccpipe(&["run", "--again", "pipeline.yaml", "second.yaml"]).expect(2);
    assert_eq!(bench.posts(), posts);

    // One that cannot be brought to its end keeps the next from running.
    bench.write("second.yaml", &second);
    bench.write("input.csv", &csv_of(&valid));
    bench.mend("pipeline.yaml", "campaign: 125", "campaign: 999");
    let told = bench.vccpipe(&["run", "--again", "pipeline.yaml", "second.yaml"]).expect(1);
    assert!(!told.stdout.contains("second-load"), "{}", told.stdout);
}

/// The repository's own pipeline and sample, with the built-in tenant.
fn sample(state: &Path, args: &[&str]) -> Told {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_vccpipe"))
        .args(["run", "pipelines/load_campaign_from_csv.yaml", "--state-dir"])
        .arg(state)
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    Told::of(output.unwrap())
}

#[test]
fn the_sample_runs_against_the_built_in_tenant() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    sample(&state, &["--dry-run"]).expect(3);
    assert!(!state.exists(), "a dry run left something behind");
    sample(&state, &[]).expect(3);
    let latest = state.join("runs/load-campaign-from-csv/latest");
    let summary: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(latest.join("summary.json")).unwrap()).unwrap();
    let count = |key: &str| summary[key].as_u64().unwrap();
    assert!(count("read") > 9_000, "{summary}");
    assert!(count("loaded") > 8_000, "{summary}");
    assert!(count("rejected") > 0 && count("refused") > 0 && count("skipped") > 0, "{summary}");
    assert_eq!(
        count("read"),
        count("loaded") + count("rejected") + count("refused") + count("skipped"),
        "{summary}"
    );
    sample(&state, &[]).expect(0).says("nothing is sent");
    // The tenant is kept in the state folder: the next load meets what this one left.
    sample(&state, &["--again", "--limit", "50"]).expect(3).says("Duplicate customer");
}

#[test]
fn a_variable_is_for_whichever_file_knows_it() {
    let bench = Bench::new(settings(12_000));
    bench.write("input.csv", &csv_of(&customers(30)));
    bench.write_pipeline(10);
    let first = std::fs::read_to_string(bench.path("pipeline.yaml")).unwrap();
    let second = first
        .replace("name: test-load", "name: test-second")
        .replace("campaign: 125,", "campaign: \"${var:campaign}\",");
    assert_ne!(first, second);
    bench.write("second.yaml", &second);
    let files = ["run", "pipeline.yaml", "second.yaml", "--var"];
    let told = bench.vccpipe(&[files.as_slice(), &["campain=125"]].concat()).expect(2);
    told.says("campaign");
    assert_eq!(bench.posts(), 0, "a slip of the pen sends nothing");
    // The second meets the customers of the first: the campaign is the same.
    bench.vccpipe(&[files.as_slice(), &["campaign=125"]].concat()).expect(3);
    assert_eq!(bench.truth().len(), 30);
}

#[test]
fn a_fix_is_made_only_where_it_is_asked_for_and_each_is_listed() {
    let bench = Bench::new(settings(12_000));
    let valid = customers(3);
    let rows = format!("{},\n{},2020-01-01T09:00:00Z\n{},soon\n", valid[0], valid[1], valid[2]);
    bench.write("input.csv", &format!("account,callback\n{rows}"));
    bench.write_pipeline(10);
    bench.mend(
        "pipeline.yaml",
        "load:",
        "  - validate: { fix: { schedule-date-time: blank } }\nload:",
    );
    bench.run().expect(0);
    assert_loaded_once(&bench, &valid);
    let fixed = bench.results("fixed.csv");
    let lines: Vec<&str> = fixed.iter().map(|row| row["_line"].as_str()).collect();
    assert_eq!(lines, ["3", "4"]);
    assert!(fixed[0]["_reason"].contains("in the past"), "{fixed:?}");
    assert_eq!(bench.summary()["fixes"]["schedule-date-time"], 2);

    // Without being asked for, it is a rejection; and what no rule allows is an error.
    bench.mend("pipeline.yaml", "schedule-date-time: blank", "customer-id: truncate");
    bench.vccpipe(&["run", "pipeline.yaml", "--again"]).expect(2).says("customer-id");
    bench.mend("pipeline.yaml", "fix: { customer-id: truncate }", "fix: {}");
    bench.vccpipe(&["run", "pipeline.yaml", "--again"]).expect(3);
    assert_eq!(bench.summary()["rejected"], 2);
}

#[test]
fn a_finished_input_that_was_continued_in_its_last_row_is_not_sent_again() {
    let (bench, _) = bench_with(5);
    let text = fs::read_to_string(bench.path("input.csv")).unwrap();
    bench.write("input.csv", text.trim_end());
    bench.run().expect(0);
    bench.append("input.csv", "2026-11-24T09:00:00Z\n");
    let posts = bench.posts();
    bench.run().expect(2).says("middle of its last row");
    assert_eq!(bench.posts(), posts);
}
