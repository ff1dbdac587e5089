//! A load of customers end to end, beside a bare keep-alive loop that sends the same bodies:
//! `cargo bench --bench wapi_load`.
//!
//! The server is the simulator with all its rules, a process of its own and new for each run, and
//! so is what is measured. Eight requests are in flight, and no rate limit is set.

#[path = "../crm/mod.rs"]
mod crm;
#[path = "../campaign_load/measure.rs"]
mod measure;

use std::{path::Path, time::Instant};

use crm::{CONCURRENCY, Server, body, child, load, prepare, send_all, serve};
use measure::{Figures, median, wait};

/// How long the server takes for a request beside its own work, in milliseconds, and customers that
/// are added then. 0 measures the program alone; a live tenant takes longer than ten.
const CASES: [(u64, u64); 2] = [(0, 20_000), (10, 5000)];
const RUNS: usize = 3;
const COLUMNS: [&str; 12] = [
    "FIRSTNAME",
    "LASTNAME",
    "EMAIL",
    "COMPANY",
    "VOICE",
    "COMMENTS",
    "AUTOPASSWD",
    "ADDR1STR1",
    "ADDR1CITY",
    "ADDR1STATE",
    "ADDR1ZIP",
    "ADDR1COUNTRY",
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["child-server", latency] => {
            let mut settings = vccpipe_simulator::Settings::default();
            let latency = latency.parse().unwrap();
            settings.latency_ms.insert(vccpipe_simulator::Api::Wapi, latency);
            serve(settings);
        }
        ["child-ceiling", url, rows] => send_pre_built(url, rows.parse().unwrap()),
        ["child-load", folder, rows] => load(Path::new(folder), rows.parse().unwrap()),
        _ => CASES.into_iter().for_each(|(latency, rows)| standard(latency, rows)),
    }
}

fn standard(latency: u64, rows: u64) {
    let folder = tempfile::tempdir().unwrap();
    write_input(folder.path(), rows);
    println!(
        "{rows} customers added, {CONCURRENCY} requests in flight, the server waits {latency} ms, \
         median of {RUNS}"
    );
    let several = |each: &dyn Fn() -> Figures| median((0..RUNS).map(|_| each()).collect());
    let ceiling = several(&|| {
        let server = Server::start(latency);
        let started = Instant::now();
        wait(child(&["child-ceiling", &server.url, &rows.to_string()]), started)
    });
    ceiling.print("pre-built bodies", rows);
    let loaded = several(&|| {
        let server = Server::start(latency);
        let input = folder.path().join("input.csv");
        let extract = format!("csv: {{ path: {} }}", input.display());
        prepare(folder.path(), &server.url, &extract, "wapi: { object: customer, action: add }");
        let started = Instant::now();
        wait(child(&["child-load", folder.path().to_str().unwrap(), &rows.to_string()]), started)
    });
    loaded.print("vccpipe", rows);
    println!(
        "  rate / rate of pre-built bodies: {:.2} (aim 0.8)",
        ceiling.wall.as_secs_f64() / loaded.wall.as_secs_f64()
    );
}

/// One customer as the input has it.
fn customer(row: u64) -> [String; 12] {
    [
        format!("Bill{row}"),
        "O'Brien".into(),
        format!("bill.{row}@example.com"),
        "Smith & Sons".into(),
        format!("+1 555 {row:07}"),
        "Called twice, wants 50 % off".into(),
        "True".into(),
        format!("{row} John Fitzgerald Boulevard"),
        "Los Angeles".into(),
        "CA".into(),
        format!("{:05}", row % 100_000),
        "United States".into(),
    ]
}

fn write_input(folder: &Path, rows: u64) {
    let mut writer = csv::Writer::from_path(folder.join("input.csv")).unwrap();
    writer.write_record(COLUMNS).unwrap();
    (0..rows).for_each(|row| writer.write_record(customer(row)).unwrap());
    writer.flush().unwrap();
}

/// Sends the bodies that the load sends, made before.
fn send_pre_built(url: &str, rows: u64) {
    let bodies = (0..rows).map(|row| {
        let values = customer(row);
        let tags = COLUMNS.iter().copied().zip(values.iter().map(String::as_str));
        body("CUSTOMER", "ADD", tags)
    });
    send_all(url, bodies.collect());
}
