//! Killed at random moments and resumed: no customer is lost, none is doubled, and the books say
//! what the tenant says.

use std::{
    thread,
    time::{Duration, Instant},
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use vccpipe_simulator::FaultKind;

use crate::bench::{Bench, csv_of, customers, fault, settings};

const ROWS: usize = 3000;

/// A load of so many rows with everything going wrong now and then: valid customers, some that
/// the tenant does not know, rows that are no numbers, and some given twice.
fn troubled(seed: u64) -> (Bench, Vec<u64>) {
    let mut settings = settings(12_000);
    // The tenant's own seed says who exists; the faults have theirs.
    settings.faults = vec![
        fault(FaultKind::Unavailable, 0.05),
        fault(FaultKind::ResetAfter, 0.05),
        fault(FaultKind::ResetBefore, 0.03),
        fault(FaultKind::Truncated, 0.03),
        fault(FaultKind::TimeoutAfter, 0.01),
        fault(FaultKind::Error, 0.03),
        fault(FaultKind::Status206, 0.002),
        fault(FaultKind::DropItem, 0.002),
    ];
    for (rule, fault) in (0..).zip(&mut settings.faults) {
        fault.seed = Some(seed * 100 + rule);
    }
    settings.latency_ms.insert(vccpipe_simulator::Api::Campaigns, 4);
    let bench = Bench::new(settings);
    let valid = customers(ROWS);
    let mut text = csv_of(&valid);
    for (row, customer) in valid.iter().enumerate().step_by(100) {
        // Unknown to the tenant; no number; given before.
        text.push_str(&format!("{},\n{row}x,\n{customer},\n", 99_000_000 + row));
    }
    bench.write("input.csv", &text);
    bench.write_pipeline(20);
    (bench, valid)
}

/// Starts the program and kills it after a while; gives whether it was still at work.
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
    // SIGKILL on Unix.
    child.kill().unwrap();
    child.wait().unwrap();
    true
}

fn resume_and_compare(bench: &Bench, valid: &[u64]) {
    let told = bench.run();
    let told = match told.stdout.contains("nothing is sent") {
        // It had come to its end before the kill.
        true => told.expect(0),
        false => told.expect(3),
    };
    bench.assert_books_are_true();
    let truth = bench.truth();
    let missing: Vec<_> = valid.iter().filter(|customer| !truth.contains_key(customer)).collect();
    assert!(missing.is_empty(), "lost: {missing:?}\n{}", told.stderr);
    assert_eq!(truth.len(), valid.len());
    let summary = bench.summary();
    assert_eq!(summary["rejected"], ROWS / 100 * 2, "no numbers, and given twice: {summary}");
    assert_eq!(summary["refused"], ROWS / 100, "unknown to the tenant: {summary}");
    assert_eq!(summary["in_doubt"], 0, "{summary}");
}

/// How long the load takes when nobody kills it.
fn whole_time() -> Duration {
    let (bench, valid) = troubled(0);
    let started = Instant::now();
    resume_and_compare(&bench, &valid);
    started.elapsed()
}

fn killed_at_random_moments(first_seed: u64, loads: u64, kills: u32) -> u64 {
    let whole = whole_time();
    let mut in_time = 0;
    for seed in first_seed..first_seed + loads {
        println!("seed {seed}");
        let mut dice = StdRng::seed_from_u64(seed);
        let (bench, valid) = troubled(seed);
        for kill in 0..kills {
            // A later kill falls into the resume, which is shorter.
            let share = dice.random_range(0.0..0.9) / f64::from(kill + 1);
            in_time += u64::from(kill_after(&bench, whole.mul_f64(share)));
        }
        resume_and_compare(&bench, &valid);
    }
    in_time
}

#[test]
fn killed_at_fifty_random_moments_nothing_is_lost_or_doubled() {
    // In two halves at once: each load mostly waits.
    let halves = [1, 26].map(|first| thread::spawn(move || killed_at_random_moments(first, 25, 1)));
    let in_time: u64 = halves.map(|half| half.join().unwrap()).iter().sum();
    assert!(in_time >= 40, "only {in_time} of 50 kills came while the program was at work");
}

#[test]
fn killed_again_while_it_resumes_nothing_is_lost_or_doubled() {
    let halves =
        [101, 126].map(|first| thread::spawn(move || killed_at_random_moments(first, 25, 2)));
    let in_time: u64 = halves.map(|half| half.join().unwrap()).iter().sum();
    assert!(in_time >= 70, "only {in_time} of 100 kills came while the program was at work");
}

/// Every named place of the program, at its first few passages.
#[test]
fn a_crash_at_each_named_place_loses_nothing() {
    for place in ["intent-is-durable", "results-are-written"] {
        for passage in [1, 2, 5] {
            println!("{place}:{passage}");
            let (bench, valid) = troubled(passage);
            let crashed = bench
                .command(&["run", "pipeline.yaml"])
                .env("VCCPIPE_FAILPOINT", format!("{place}:{passage}"))
                .output()
                .unwrap();
            assert!(crashed.status.code().is_none(), "the program was to abort: {crashed:?}");
            resume_and_compare(&bench, &valid);
        }
    }
}

/// The README's promise: the main job, killed and given again, against the tenant that lives in
/// the killed process itself.
#[test]
fn the_built_in_tenant_remembers_what_a_killed_run_sent() {
    let bench = Bench::without_tenant();
    bench.write("slow.yaml", "latency_ms: { campaigns: 20 }\n");
    bench.copy_sample();
    let arguments = ["run", "sample.yaml", "--simulator-config", "slow.yaml"];
    for (kill, milliseconds) in [400, 500, 600].into_iter().enumerate() {
        println!("kill {kill} after {milliseconds} ms");
        let mut child = bench.command(&arguments).spawn().unwrap();
        thread::sleep(Duration::from_millis(milliseconds));
        // It may have come to its end: then the rest shows that it sends nothing again.
        let _ = child.kill();
        child.wait().unwrap();
    }
    let told = bench.vccpipe(&arguments);
    assert!(matches!(told.code, Some(0 | 3)), "{told:?}");
    let loaded = bench.loaded_by("load-campaign-from-csv");
    let (held, twice) = bench.held_by_the_built_in_tenant(125);
    assert_eq!(loaded, held, "the books differ from what the tenant holds");
    assert_eq!(twice, 0, "customers were taken in twice");
    bench.vccpipe(&arguments).expect(0).says("nothing is sent");
}
