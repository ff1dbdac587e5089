//! All customers of a tenant to Parquet, beside a bare loop that sends the same Gets and drops the
//! bodies: `cargo bench --bench wapi_extract`; with `-- --large` also a million customers, whose
//! memory is compared with that of a hundred thousand.
//!
//! The server is the simulator, a process of its own, and so is what is measured. Eight requests
//! may be in flight, and no rate limit is set.

#[path = "../crm/mod.rs"]
mod crm;
#[path = "../campaign_load/measure.rs"]
mod measure;

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use crm::{CONCURRENCY, Server, body, child, load, prepare, send_all, serve};
use measure::{Figures, median, wait};

const CUSTOMERS: u64 = 100_000;
const LARGE: u64 = 1_000_000;
const RUNS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["child-server", customers] => {
            let mut settings = vccpipe_simulator::Settings::default();
            settings.tenant.customers = customers.parse().unwrap();
            serve(settings);
        }
        ["child-ceiling", url, spool] => send_the_same(url, Path::new(spool)),
        ["child-load", folder, rows] => load(Path::new(folder), rows.parse().unwrap()),
        ["--large"] => {
            let small = standard(CUSTOMERS, 1);
            let large = standard(LARGE, 1);
            println!(
                "peak of {LARGE} / peak of {CUSTOMERS}: {:.2}; {:.0} MB (aim: below 256 MB)",
                large.peak_bytes as f64 / small.peak_bytes as f64,
                large.peak_bytes as f64 / 1e6
            );
        }
        _ => {
            standard(CUSTOMERS, RUNS);
        }
    }
}

fn standard(customers: u64, runs: usize) -> Figures {
    let folder = tempfile::tempdir().unwrap();
    println!(
        "{customers} customers to Parquet, {CONCURRENCY} requests in flight, median of {runs}"
    );
    // A server that was asked before: the first to ask for something is not to pay for its indexes.
    let server = Server::start(customers);
    let out = folder.path().join("out");
    let parquet = format!("parquet: {{ path: {} }}", out.display());
    prepare(folder.path(), &server.url, "wapi: { object: customer }", &parquet);
    let several = |each: &dyn Fn() -> Figures| median((0..runs).map(|_| each()).collect());
    let loaded = several(&|| {
        let _ = std::fs::remove_dir_all(folder.path().join("state"));
        let _ = std::fs::remove_dir_all(folder.path().join("out"));
        let started = Instant::now();
        let folder = folder.path().to_str().unwrap();
        wait(child(&["child-load", folder, &customers.to_string()]), started)
    });
    let spool = spool(folder.path());
    let ceiling = several(&|| {
        let started = Instant::now();
        wait(child(&["child-ceiling", &server.url, spool.to_str().unwrap()]), started)
    });
    ceiling.print("the same Gets, bare", customers);
    loaded.print("vccpipe", customers);
    println!(
        "  rate / rate of the bare loop: {:.2} (aim 0.5); {} Gets",
        ceiling.wall.as_secs_f64() / loaded.wall.as_secs_f64(),
        asked(&spool).len()
    );
    loaded
}

/// What the newest run has fetched.
fn spool(folder: &Path) -> PathBuf {
    folder.join("state/runs/bench/latest/fetched.sqlite")
}

/// The numbers that its windows asked for.
fn asked(spool: &Path) -> Vec<String> {
    let connection = rusqlite::Connection::open(spool).unwrap();
    let mut ask = connection.prepare("SELECT what FROM part ORDER BY id").unwrap();
    let names = ask.query_map([], |row| row.get::<_, String>(0)).unwrap();
    names.map(|name| name.unwrap().strip_prefix("ACCOUNTNUM ").unwrap().to_owned()).collect()
}

/// Sends the Gets of an export again.
fn send_the_same(url: &str, spool: &Path) {
    let get =
        |number: &String| body("CUSTOMER", "GET", [("ACCOUNTNUM", number.as_str())].into_iter());
    send_all(url, asked(spool).iter().map(get).collect());
}
