//! Answers that are lost, and programs that are killed: no phone rings twice.

use std::{
    thread,
    time::{Duration, Instant},
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use vccpipe_simulator::{Api, Settings};

use super::{BOB, PLACE, assert_rang_once, bench, calls, column, endless, fault, number, rang};
use crate::bench::Bench;

/// A load of so many calls, each tenth answer lost in the same way.
fn each_tenth(rows: usize, mut rule: Value) -> Bench {
    rule["method"] = "POST".into();
    rule["every"] = 10.into();
    let bench = bench(Settings { faults: vec![fault(rule)], ..endless() }, PLACE);
    bench.write("input.csv", &calls(rows));
    bench
}

#[test]
fn with_every_tenth_answer_lost_no_phone_rings_twice_and_the_doubtful_are_listed() {
    for rule in [
        json!({ "kind": "reset_after" }),
        json!({ "kind": "timeout_after" }),
        json!({ "kind": "truncated" }),
        json!({ "kind": "error", "processed": true }),
        json!({ "kind": "error", "body": "json", "processed": true }),
        json!({ "kind": "bad_gateway", "processed": true }),
        json!({ "kind": "unavailable", "processed": true }),
        json!({ "kind": "status_206", "alone": true, "applied": 1.0 }),
    ] {
        println!("{rule}");
        let bench = each_tenth(30, rule.clone());
        bench.run().expect(4);
        assert_eq!(rang(&bench), (1..=30).map(number).collect::<Vec<_>>(), "{rule}");
        assert_eq!(column(&bench, "in_doubt.csv", "number"), [10, 20, 30].map(number), "{rule}");
        assert_eq!(column(&bench, "in_doubt.csv", "_line"), ["11", "21", "31"]);
        assert_eq!(bench.results("loaded.csv").len(), 27);
        assert_eq!(bench.tenant().state().apis[&Api::Calls].requests, 30);
        assert_rang_once(&bench);
        bench.run().expect(0).says("nothing is sent");
        assert_rang_once(&bench);
    }
}

#[test]
fn what_was_perhaps_not_processed_is_in_doubt_as_well() {
    for rule in [
        json!({ "kind": "reset_before" }),
        json!({ "kind": "timeout_before" }),
        json!({ "kind": "error" }),
        json!({ "kind": "bad_gateway" }),
    ] {
        println!("{rule}");
        let bench = each_tenth(20, rule);
        let told = bench.run().expect(4);
        assert_eq!(column(&bench, "in_doubt.csv", "number"), [10, 20].map(number));
        assert_eq!(rang(&bench).len(), 18);
        told.says("in doubt").says("line 11: sent once, and nobody knows whether it was applied");
        assert_rang_once(&bench);
    }
}

#[test]
fn what_a_person_says_was_not_placed_is_placed_by_a_retry() {
    let bench = each_tenth(30, json!({ "kind": "reset_before", "times": 2 }));
    bench.run().expect(4);
    assert_eq!(column(&bench, "in_doubt.csv", "number"), [10, 20].map(number));
    let say = |what: &str, line: &str| {
        bench.vccpipe(&["resolve", "test-load", "--as", what, "--line", line])
    };
    say("not-loaded", "11").expect(4);
    bench.vccpipe(&["retry", "test-load"]).expect(0);
    assert_eq!(column(&bench, "loaded.csv", "number"), [number(10)]);
    let rang = rang(&bench);
    assert_eq!((rang.len(), rang.last()), (29, Some(&number(10))));
    // The other one is still in doubt, and does not ring.
    bench.vccpipe(&["retry", "test-load"]).expect(0).says("nothing over that could be sent again");
    say("loaded", "21").expect(0);
    bench.append("input.csv", &format!("{BOB},1,{}\n{BOB},1,{}\n", number(10), number(20)));
    bench.run().expect(3);
    assert_eq!(super::rang(&bench).len(), 29);
}

#[test]
fn a_host_that_answers_nothing_does_not_get_the_whole_list() {
    let dead = fault(json!({ "kind": "error", "processed": true, "after": 2 }));
    let bench = bench(Settings { faults: vec![dead], ..endless() }, PLACE);
    bench.mend("connections.yaml", "attempts: 12", "attempts: 3");
    bench.write("input.csv", &calls(30));
    bench.run().expect(1).says("3 answers in a row were lost");
    assert_eq!(rang(&bench), [1, 2, 3, 4, 5].map(number));
    // The last of them is settled when the run goes on.
    bench.run().expect(1);
    assert_eq!(rang(&bench), [1, 2, 3, 4, 5, 6, 7, 8].map(number));
    assert_eq!(column(&bench, "in_doubt.csv", "number"), [3, 4, 5, 6, 7].map(number));
    assert_eq!(bench.tenant().state().calls.doubles, 0);
}

#[test]
fn a_server_that_is_not_there_leaves_nothing_in_doubt() {
    let bench = bench(endless(), PLACE);
    bench.write("input.csv", &calls(3));
    let here = bench.tenant().base_url().to_owned();
    // Nobody listens on the discard port.
    bench.mend("connections.yaml", &here, "http://127.0.0.1:9");
    bench.mend("connections.yaml", "give_up_after: 20s", "give_up_after: 1s");
    bench.run().expect(1).says("the server has taken nothing for 1 s");
    assert_eq!(bench.summary()["in_doubt"], 0);
    bench.mend("connections.yaml", "http://127.0.0.1:9", &here);
    bench.run();
    assert_eq!(rang(&bench), [1, 2, 3].map(number));
    assert_rang_once(&bench);
}

#[test]
fn a_signal_leaves_nothing_in_doubt() {
    let mut settings = endless();
    settings.latency_ms.insert(Api::Calls, 40);
    let bench = bench(settings, PLACE);
    bench.write("input.csv", &calls(20));
    let mut child = bench.command(&["run", "pipeline.yaml"]).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while rang(&bench).len() < 3 {
        assert!(Instant::now() < until, "no phone rang");
        thread::sleep(Duration::from_millis(5));
    }
    let told = std::process::Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(told.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    bench.run().expect(0);
    assert_eq!(rang(&bench), (1..=20).map(number).collect::<Vec<_>>());
    assert_rang_once(&bench);
}

/// Kills a run at a random moment, and resumes it until it ends by itself.
fn killed_and_resumed(seed: u64, whole: Duration) -> u64 {
    let mut settings = endless();
    settings.latency_ms.insert(Api::Calls, 6);
    settings.faults = vec![
        fault(json!({ "kind": "reset_after", "probability": 0.1, "seed": seed })),
        fault(json!({ "kind": "throttled", "probability": 0.1, "seed": seed + 1 })),
    ];
    let bench = bench(settings, PLACE);
    const ROWS: usize = 40;
    bench.write("input.csv", &calls(ROWS));
    let mut dice = StdRng::seed_from_u64(seed);
    let mut in_time = 0;
    for _ in 0..3 {
        let mut child =
            bench.command(&["run", "pipeline.yaml", "--progress", "never"]).spawn().unwrap();
        thread::sleep(whole.mul_f64(dice.random_range(0.1..0.8)));
        in_time += u64::from(child.try_wait().unwrap().is_none());
        // SIGKILL on Unix.
        let _ = child.kill();
        child.wait().unwrap();
    }
    let told = bench.run();
    assert!(matches!(told.code, Some(0 | 4)), "seed {seed}: {told:?}");
    assert_rang_once(&bench);
    let (rang, summary) = (rang(&bench), bench.summary());
    assert_eq!(summary["read"], ROWS, "seed {seed}: {summary}");
    // Each lost answer leaves one in doubt, and each kill one at the most.
    let lost = bench.tenant().state().apis[&Api::Calls].faults.get("reset_after").copied();
    let doubtful = summary["in_doubt"].as_u64().unwrap();
    assert!(doubtful <= lost.unwrap_or(0) + in_time, "seed {seed}: {summary}");
    let silent = (1..=ROWS).filter(|row| !rang.contains(&number(*row))).count() as u64;
    assert!(silent <= in_time, "seed {seed}: {silent} phones never rang");
    in_time
}

#[test]
fn killed_at_random_moments_and_resumed_no_phone_rings_twice() {
    let started = Instant::now();
    let mut settings = endless();
    settings.latency_ms.insert(Api::Calls, 6);
    let bench = bench(settings, PLACE);
    bench.write("input.csv", &calls(40));
    bench.run().expect(0);
    let whole = started.elapsed();
    let in_time: u64 = (1..=10).map(|seed| killed_and_resumed(seed * 10, whole)).sum();
    assert!(in_time >= 10, "only {in_time} of 30 kills came while the program was at work");
}

/// Every named place of the program, at a few passages.
#[test]
fn a_crash_at_each_named_place_rings_nobody_twice() {
    for place in ["intent-is-durable", "results-are-written", "leaving-is-durable"] {
        for passage in [1, 2, 7] {
            println!("{place}:{passage}");
            let bench = bench(endless(), PLACE);
            bench.write("input.csv", &calls(12));
            let crashed = bench
                .command(&["run", "pipeline.yaml"])
                .env("VCCPIPE_FAILPOINT", format!("{place}:{passage}"))
                .output()
                .unwrap();
            assert!(crashed.status.code().is_none(), "the program was to abort: {crashed:?}");
            let told = bench.run();
            assert!(matches!(told.code, Some(0 | 4)), "{told:?}");
            assert_rang_once(&bench);
            assert!(bench.results("in_doubt.csv").len() <= 1);
        }
    }
}

#[test]
fn rows_that_only_waited_are_not_in_doubt_after_a_crash() {
    // Each call has to wait: the first has left when the program is killed, the second has not.
    let bench = bench(endless(), PLACE);
    bench.mend("connections.yaml", "calls: { per_second: unlimited }", "calls: { per_second: 1 }");
    bench.write("input.csv", &format!("agentId,number\n{BOB},1\n{BOB},2\n{BOB},3\n"));
    let mut child = bench.command(&["run", "pipeline.yaml"]).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while rang(&bench).is_empty() {
        assert!(Instant::now() < until, "no phone rang");
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(200));
    child.kill().unwrap();
    child.wait().unwrap();
    bench.run().expect(0);
    assert_eq!(rang(&bench), ["1", "2", "3"]);
    assert_eq!(bench.summary()["in_doubt"], 0);
    assert_rang_once(&bench);
}
