//! A campaign load end to end, beside the ceiling of sending pre-built bodies through the same
//! client: `cargo bench --bench campaign_load`.
//!
//! The server is minimal (it answers each POST with a 207 that takes every customer), a process of
//! its own, and so is what is measured, so that the system's own accounting tells CPU and memory.
//!
//! - without arguments: 1,000,000 rows, with and without the ledger, beside the ceiling
//! - `-- --large`: 5,000,000 rows beside 1,000,000: memory, and how soon a killed run goes on

mod children;
mod measure;
mod server;

use std::{path::Path, time::Duration};

use children::{Load, ceiling, write_input};
use measure::{Figures, median};

/// Requests in flight. Two cores are shared with the server.
const CONCURRENCY: usize = 4;
/// Records of a request.
const BATCH: usize = 500;
/// How long the server takes for a request: 0 measures the program alone, 10 ms is a server near
/// by. (Live tenants answer more slowly, and allow a few requests a second.)
const LATENCIES: [Duration; 2] = [Duration::ZERO, Duration::from_millis(10)];
const RUNS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["child-server", latency] => server::serve(Duration::from_millis(latency.parse().unwrap())),
        ["child-ceiling", url, rows] => children::send_pre_built(url, rows.parse().unwrap()),
        ["child-load", folder, ledger] => children::load(Path::new(folder), *ledger == "ledger"),
        _ if arguments.contains(&"--large") => large(),
        _ => standard(1_000_000),
    }
}

fn standard(rows: u64) {
    let folder = tempfile::tempdir().unwrap();
    write_input(folder.path(), rows);
    println!("{rows} rows, batches of {BATCH}, {CONCURRENCY} requests in flight, median of {RUNS}");
    for latency in LATENCIES {
        println!("\nserver answers after {} ms", latency.as_millis());
        let server = server::start(latency);
        let several = |each: &dyn Fn() -> Figures| median((0..RUNS).map(|_| each()).collect());
        let ceiling = several(&|| ceiling(&server.url, rows));
        ceiling.print("pre-built bodies", rows);
        let loaded = several(&|| Load::new(folder.path(), &server.url).run(true));
        loaded.print("vccpipe", rows);
        let without = several(&|| Load::new(folder.path(), &server.url).run(false));
        without.print("vccpipe, no ledger", rows);
        println!(
            "  rate / rate of pre-built bodies: {:.2} (aim 0.8)",
            ceiling.wall.as_secs_f64() / loaded.wall.as_secs_f64()
        );
        println!(
            "  records per CPU-second: {:.0} (aim 200,000)",
            rows as f64 / loaded.cpu.as_secs_f64()
        );
        println!(
            "  the ledger costs: {:+.1} % of CPU, {:+.1} % of time (aim below 15 %)",
            (loaded.cpu.as_secs_f64() / without.cpu.as_secs_f64() - 1.0) * 100.0,
            (loaded.wall.as_secs_f64() / without.wall.as_secs_f64() - 1.0) * 100.0
        );
    }
}

fn large() {
    let server = server::start(Duration::ZERO);
    let mut peaks = Vec::new();
    for rows in [1_000_000, 5_000_000] {
        let folder = tempfile::tempdir().unwrap();
        write_input(folder.path(), rows);
        let figures = Load::new(folder.path(), &server.url).run(true);
        figures.print(&format!("vccpipe, {rows} rows"), rows);
        peaks.push(figures.peak_bytes as f64);
        if rows == 5_000_000 {
            println!("  peak: {:.0} MB (aim below 128 MB)", peaks[1] / 1e6);
            println!("  peak / peak of 1,000,000 rows: {:.2} (aim 1.1)", peaks[1] / peaks[0]);
            let first = Load::new(folder.path(), &server.url).kill_half_way(&server, rows);
            println!("  first request of the resumed run after {first:?} (aim 1 s)");
        }
    }
}
