//! Five million rows in little memory: measured by hand, since it takes minutes.
//!
//! ```sh
//! cargo test --test it -- --ignored --nocapture large::
//! ```
//!
//! `VCCPIPE_ROWS` is another number of rows.

use std::{
    fs::File,
    io::{Read, Write},
    os::unix::process::ExitStatusExt,
    time::Instant,
};

use crate::bench::{Bench, settings};

/// What `dedupe`, `lookup` and a survey of the input may take, whatever the number of rows is.
const LIMIT_MB: u64 = 256;

fn rows() -> u64 {
    std::env::var("VCCPIPE_ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(5_000_000)
}

/// `input.csv` with a key that every tenth row repeats, and `table.csv` with a row for each key.
fn write_files(bench: &Bench, rows: u64) {
    let create = |name: &str| std::io::BufWriter::new(File::create(bench.path(name)).unwrap());
    let (mut input, mut table) = (create("input.csv"), create("table.csv"));
    writeln!(input, "old,note").unwrap();
    writeln!(table, "old,account").unwrap();
    for row in 0..rows {
        let key = if row % 10 == 9 { row - 9 } else { row };
        writeln!(input, "K{key:09},a row of some text for customer {row}").unwrap();
        // In another order than the input.
        let key = (row * 7_919) % rows;
        writeln!(table, "K{key:09},{}", 10_000_000 + key).unwrap();
    }
}

/// Runs the program to its end; gives the most memory that it took, in MB.
fn peak_of(bench: &Bench, args: &[&str]) -> u64 {
    let begun = Instant::now();
    let child = bench.command(args).spawn().unwrap();
    let pid = child.id() as libc::pid_t;
    let reader = std::thread::spawn(move || said_by(child));
    // SAFETY: all zeros is a value of it.
    let (mut status, mut usage) = (0, unsafe { std::mem::zeroed::<libc::rusage>() });
    // SAFETY: the child is ours and nobody else waits for it; both places are ours to write to.
    let waited = unsafe { libc::wait4(pid, &mut status, 0, &mut usage) };
    assert_eq!(waited, pid);
    let told = reader.join().unwrap();
    let peak = usage.ru_maxrss as u64 / 1024;
    let code = std::process::ExitStatus::from_raw(status).code();
    eprintln!("{args:?}: exit {code:?}, {peak} MB, {:.0} s\n{told}", begun.elapsed().as_secs_f64());
    assert!(matches!(code, Some(0 | 3)), "{told}");
    peak
}

/// What a child says, without waiting for it: the last line of its standard error comes last.
fn said_by(mut child: std::process::Child) -> String {
    let mut errors = child.stderr.take().unwrap();
    let told = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = errors.read_to_string(&mut text);
        text
    });
    let mut text = String::new();
    let _ = child.stdout.take().unwrap().read_to_string(&mut text);
    text + told.join().unwrap().lines().last().unwrap_or_default()
}

#[test]
#[ignore = "takes minutes: see the head of the file"]
fn dedupe_and_lookup_take_little_memory_over_five_million_rows() {
    let bench = Bench::new(settings(100));
    write_files(&bench, rows());
    bench.write_steps(
        "  - dedupe: { key: [old], keep: last }
  - lookup: { from: table.csv, on: { old: old }, take: { account: account } }
  - map: { customer-id: account }",
    );
    let peak = peak_of(&bench, &["run", "pipeline.yaml", "--dry-run"]);
    assert!(peak < LIMIT_MB, "{peak} MB");
}

#[test]
#[ignore = "takes minutes: see the head of the file"]
fn a_query_spills_what_does_not_fit_over_five_million_rows() {
    let bench = Bench::new(settings(100));
    write_files(&bench, rows());
    bench.write_steps(
        "  - sql: >-
      SELECT t.account AS \"customer-id\", max(i.note) AS note
      FROM input i JOIN tab t ON t.old = i.old GROUP BY t.account ORDER BY note, 1
    tables: { tab: table.csv }
  - map: { customer-id: '\"customer-id\"' }",
    );
    let peak = peak_of(&bench, &["run", "pipeline.yaml", "--dry-run"]);
    assert!(peak < 3 * LIMIT_MB, "{peak} MB");
}
