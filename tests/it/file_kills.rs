//! Loads into files, killed: the same files in the end, and never half of one where readers look.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{
    bench::{Bench, Told},
    file_loads::{files_of, input},
};

const ROWS: usize = 12_000;

/// The places at which a load into files can crash, in their order.
const PLACES: [&str; 6] = [
    "files-are-staged",
    "publish-plan-is-durable",
    "file-is-published",
    "file-is-removed",
    "manifest-is-published",
    "files-are-published",
];

/// An export that has run once, and whose input has changed since: files are replaced, removed,
/// and stay.
fn changed_export(mode: &str) -> Bench {
    let bench = Bench::without_tenant();
    let key = if mode == "upsert" { ", key: [id], sort_by: [amount, id]" } else { "" };
    bench.write_file_pipeline(&format!(
        "parquet: {{ path: out, mode: {mode}, partition_by: [day]{key} }}"
    ));
    bench.write("input.csv", &input(0, ROWS));
    bench.run().expect(0);
    // The third day has no rows any more in a snapshot, and no changes in an upsert.
    let changed = input(ROWS / 2, ROWS)
        .lines()
        .filter(|line| !line.contains("2026-01-03"))
        .map(|line| format!("{}\n", line.replace("Zoë", "Chloé")))
        .collect::<String>();
    bench.write("input.csv", &changed);
    bench
}

/// The same export in a folder of its own.
fn copy_of(export: &Bench) -> Bench {
    let bench = Bench::without_tenant();
    for name in ["pipeline.yaml", "input.csv", "out/_manifest.json"] {
        fs::create_dir_all(bench.path(name).parent().unwrap()).unwrap();
        fs::copy(export.path(name), bench.path(name)).unwrap();
    }
    for (name, bytes) in files(&export.path("out")) {
        let path = bench.path("out").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    bench
}

/// Names and contents of all files that readers find.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    files_of(folder)
        .into_iter()
        .map(|name| (name.clone(), fs::read(folder.join(name)).unwrap()))
        .collect()
}

/// Reads what stands under the final names, over and over; gives how often, and stops with what
/// was wrong.
struct Watcher {
    stop: Arc<AtomicBool>,
    looks: Arc<AtomicU64>,
    thread: thread::JoinHandle<()>,
}

impl Watcher {
    fn of(folder: &Path) -> Watcher {
        let (stop, looks) = (Arc::new(AtomicBool::default()), Arc::new(AtomicU64::default()));
        let (folder, stopped, looked) = (folder.to_owned(), Arc::clone(&stop), Arc::clone(&looks));
        let thread = thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let names: Vec<String> = match std::panic::catch_unwind(|| files_of(&folder)) {
                    Ok(names) => names.into_iter().collect(),
                    // A folder went away while it was listed.
                    Err(_) => continue,
                };
                for name in names {
                    // Gone between the list and the look: removed, not half.
                    let Ok(file) = fs::File::open(folder.join(&name)) else { continue };
                    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
                        .unwrap_or_else(|error| panic!("{name} is no Parquet file: {error}"));
                    for rows in reader.build().unwrap() {
                        rows.unwrap_or_else(|error| panic!("{name} is damaged: {error}"));
                    }
                    looked.fetch_add(1, Ordering::Relaxed);
                }
                thread::sleep(Duration::from_millis(2));
                if let Ok(text) = fs::read(folder.join("_manifest.json")) {
                    serde_json::from_slice::<serde_json::Value>(&text).expect("a whole manifest");
                }
            }
        });
        Watcher { stop, looks, thread }
    }

    fn end(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("readers saw half a file");
        self.looks.load(Ordering::Relaxed)
    }
}

fn kill_after(bench: &Bench, delay: Duration) -> bool {
    let mut child =
        bench.command(&["run", "pipeline.yaml", "--progress", "never"]).spawn().unwrap();
    let until = Instant::now() + delay;
    while Instant::now() < until {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    true
}

/// The summary's counts, without times and names.
fn counts(bench: &Bench) -> serde_json::Value {
    let summary = bench.summary();
    serde_json::json!([
        summary["status"],
        summary["read"],
        summary["loaded_detail"],
        summary["rejected"],
        summary["skipped"],
    ])
}

fn undisturbed(export: &Bench) -> (BTreeMap<String, Vec<u8>>, serde_json::Value, Duration) {
    let bench = copy_of(export);
    let started = Instant::now();
    bench.run().expect(0);
    (files(&bench.path("out")), counts(&bench), started.elapsed())
}

fn assert_same_end(
    bench: &Bench,
    told: &Told,
    mode: &str,
    wanted: &(BTreeMap<String, Vec<u8>>, serde_json::Value, Duration),
) {
    assert_eq!(told.code, Some(0), "{told:?}");
    let found = files(&bench.path("out"));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&wanted.0), "{mode}");
    assert!(found == wanted.0, "{mode}: a file has another content");
    bench.table("out");
    let hidden = bench.path("out/.vccpipe-staging-test-load");
    assert!(!hidden.exists(), "the staging folder was left");
}

#[test]
fn killed_at_fifty_random_moments_the_files_are_the_same_and_never_half() {
    let modes = ["snapshot", "upsert"].map(|mode| {
        thread::spawn(move || {
            let export = changed_export(mode);
            let wanted = undisturbed(&export);
            let mut in_time = 0;
            for seed in 1..=25 {
                println!("{mode}, seed {seed}");
                let mut dice = StdRng::seed_from_u64(seed);
                let bench = copy_of(&export);
                let watcher = Watcher::of(&bench.path("out"));
                in_time +=
                    u64::from(kill_after(&bench, wanted.2.mul_f64(dice.random_range(0.0..1.0))));
                let told = bench.run();
                watcher.end();
                assert_same_end(&bench, &told, mode, &wanted);
            }
            in_time
        })
    });
    let in_time: u64 = modes.map(|mode| mode.join().unwrap()).iter().sum();
    assert!(in_time >= 30, "only {in_time} of 50 kills came while the program was at work");
}

/// Every named place of publishing, where a random moment seldom falls.
#[test]
fn a_crash_at_each_place_of_publishing_ends_in_the_same_files() {
    for mode in ["snapshot", "append", "upsert"] {
        let export = changed_export(mode);
        let wanted = undisturbed(&export);
        for place in PLACES {
            let bench = copy_of(&export);
            let watcher = Watcher::of(&bench.path("out"));
            let crashed = bench
                .command(&["run", "pipeline.yaml"])
                .env("VCCPIPE_FAILPOINT", format!("{place}:1"))
                .output()
                .unwrap();
            if mode != "snapshot" && place == "file-is-removed" {
                assert_eq!(crashed.status.code(), Some(0), "nothing is removed in this mode");
                watcher.end();
                continue;
            }
            assert!(crashed.status.code().is_none(), "{place}: the program was to abort");
            let told = bench.run();
            let looks = watcher.end();
            assert!(looks > 0, "the watcher saw nothing");
            println!("{mode}, {place}: {looks} looks");
            assert_same_end(&bench, &told, mode, &wanted);
            assert_eq!(counts(&bench), wanted.1, "{mode}, {place}");
        }
    }
}

/// Once the plan of publishing is durable, nothing of the input is needed, and what was appended
/// to it meanwhile belongs to the next run.
#[test]
fn what_was_staged_is_published_whatever_the_input_is_by_then() {
    let bench = Bench::without_tenant();
    bench.write_file_pipeline("parquet: { path: out, mode: append }");
    bench.write_rows(0, 100);
    let crashed = bench
        .command(&["run", "pipeline.yaml"])
        .env("VCCPIPE_FAILPOINT", "publish-plan-is-durable:1")
        .output()
        .unwrap();
    assert!(crashed.status.code().is_none(), "{crashed:?}");
    assert!(!bench.path("out/_manifest.json").exists());
    let more = input(100, 5);
    bench.append("input.csv", more.split_once('\n').unwrap().1);
    bench.run().expect(0).says("everything was written before; it is published now");
    assert_eq!(bench.table("out").len(), 100);
    bench.run().expect(0);
    assert_eq!(bench.table("out").len(), 105);
    bench.run().expect(0).says("this input was loaded to its end");
}
