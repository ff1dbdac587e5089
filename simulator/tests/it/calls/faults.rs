//! Faults, limits, what is true all the same, and a kept tenant.

use std::io;

use serde_json::{Value, json};
use vccpipe_simulator::{Api, Running};

use super::client::{BOB, JOHN, call, delete, place, placed, rings, set_codes, with};
use crate::client::{Reply, simulator, started};

/// Agents who are free again at once, and faults.
fn endless(faults: Value) -> Value {
    json!({
        "calls": { "lasts_ms": 0, "post_processing_ms": 0 },
        "tenant": { "phone": { "code_lists": [] } },
        "faults": faults,
    })
}

async fn place_nth(simulator: &Running, nth: usize) -> io::Result<Reply> {
    place(simulator, call(BOB, &format!("617555{nth:04}"))).await
}

#[tokio::test]
async fn every_tenth_reply_is_lost_but_every_phone_has_rung_once() {
    let fault = json!([{ "kind": "reset_after", "api": "calls", "method": "POST", "every": 10 }]);
    let simulator = simulator(endless(fault)).await;
    let mut lost = Vec::new();
    for nth in 1..=35 {
        match place_nth(&simulator, nth).await {
            Ok(reply) => assert_eq!(reply.status, 200),
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
                lost.push(nth);
            }
        }
    }
    assert_eq!(lost, [10, 20, 30]);
    assert!(rings(&simulator).iter().all(|ring| ring["_times_rang"] == 1));
    let state = simulator.state();
    assert_eq!((state.calls.rings, state.calls.doubles), (35, 0));
    assert_eq!(state.calls.requests["place reset_after"], 3);
    assert_eq!(state.apis[&Api::Calls].faults["reset_after"], 3);
    place_nth(&simulator, 10).await.unwrap();
    assert_eq!(simulator.state().calls.doubles, 1);
}

#[tokio::test]
async fn a_phone_rings_exactly_where_the_fault_lets_the_request_through() {
    for (rule, status, rings) in [
        (json!({ "kind": "reset_before" }), None, 0),
        (json!({ "kind": "reset_after" }), None, 1),
        (json!({ "kind": "timeout_before", "delay_ms": 20 }), None, 0),
        (json!({ "kind": "timeout_after", "delay_ms": 20 }), None, 1),
        (json!({ "kind": "truncated" }), None, 1),
        (json!({ "kind": "slow", "delay_ms": 20 }), Some(200), 1),
        (json!({ "kind": "error" }), Some(500), 0),
        (json!({ "kind": "error", "processed": true }), Some(500), 1),
        (json!({ "kind": "error", "body": "json", "processed": true }), Some(500), 1),
        (json!({ "kind": "bad_gateway" }), Some(502), 0),
        (json!({ "kind": "bad_gateway", "processed": true }), Some(502), 1),
        (json!({ "kind": "unavailable" }), Some(503), 0),
        (json!({ "kind": "unavailable", "processed": true }), Some(503), 1),
        (json!({ "kind": "throttled" }), Some(429), 0),
        (json!({ "kind": "throttled", "processed": true }), Some(429), 1),
        (json!({ "kind": "status_206", "alone": true, "applied": 1.0 }), Some(206), 1),
        (json!({ "kind": "status_206", "alone": true, "applied": 0.0 }), Some(206), 0),
        (json!({ "kind": "wapi_status_500" }), Some(200), 1),
    ] {
        let simulator = simulator(json!({ "faults": [rule.clone()] })).await;
        let reply = place_nth(&simulator, 1).await;
        assert_eq!(reply.as_ref().map(|reply| reply.status).ok(), status, "{rule}: {reply:?}");
        assert_eq!(simulator.state().calls.rings, rings, "{rule}");
    }
}

#[tokio::test]
async fn an_end_whose_reply_was_lost_is_gone_when_it_is_sent_again() {
    let fault = json!([{ "kind": "reset_after", "method": "DELETE", "times": 1 }]);
    let simulator = simulator(json!({ "faults": fault })).await;
    let guid = placed(&simulator, call(BOB, "6175550001")).await;
    let path = format!("/calls/{guid}");
    super::client::ask(&simulator, "DELETE", &path, "").await.unwrap_err();
    assert_eq!(delete(&simulator, &path).await.status, 410);
    assert_eq!(simulator.state().calls.ends, 1);
}

#[tokio::test]
async fn requests_over_the_rate_ring_nowhere() {
    let mut settings = endless(json!([]));
    settings["limits"] = json!({ "calls": { "per_second": 0.1, "burst": 2, "status": 503 } });
    let simulator = simulator(settings).await;
    let mut statuses = Vec::new();
    for nth in 0..3 {
        statuses.push(place_nth(&simulator, nth).await.unwrap().status);
    }
    assert_eq!(statuses, [200, 200, 503]);
    let state = simulator.state();
    assert_eq!((state.calls.rings, state.apis[&Api::Calls].limited), (2, 1));
    assert_eq!(state.calls.requests["place 503"], 1);
}

#[tokio::test]
async fn the_truth_tells_how_many_requests_were_in_work_at_once() {
    let simulator = simulator(json!({ "latency_ms": { "calls": 100 } })).await;
    let start = std::time::Instant::now();
    let (bob, john) = tokio::join!(
        place(&simulator, call(BOB, "6175550001")),
        place(&simulator, call(JOHN, "6175550002")),
    );
    assert_eq!((bob.unwrap().status, john.unwrap().status), (200, 200));
    assert!(start.elapsed().as_millis() >= 100);
    assert_eq!(simulator.state().apis[&Api::Calls].max_concurrent, 2);
}

#[tokio::test]
async fn a_kept_tenant_has_the_same_calls_after_a_new_start() {
    let folder = tempfile::tempdir().unwrap();
    let keep_in = Some(folder.path().to_path_buf());
    let lost = json!([{ "kind": "reset_after", "method": "POST", "after": 2, "times": 1 }]);
    let first = started(json!({ "faults": lost }), keep_in.clone()).await;
    let data = json!({ "extTransactionData": [{ "name": "row", "value": "ä \"1\"" }] });
    let ended = placed(&first, with(call(BOB, "6175550001"), data)).await;
    set_codes(&first, &ended, BOB, json!([{ "id": 12, "codes": [{ "id": 234 }] }])).await;
    delete(&first, &format!("/calls/{ended}?endPostProcessing=true")).await;
    let hung_up = placed(&first, call(BOB, "6175550002")).await;
    delete(&first, &format!("/calls/{hung_up}/agent/{BOB}")).await;
    place(&first, call(JOHN, "6175550003")).await.unwrap_err();
    let (truth, mut before) = (first.calls(), first.state().calls);
    let journal = std::fs::read(folder.path().join("tenant.journal")).unwrap();
    assert!(String::from_utf8_lossy(&journal).contains("6175550003"), "kept before any end");
    first.stop().await;

    let second = started(json!({}), keep_in).await;
    assert_eq!(second.calls(), truth);
    before.requests.clear();
    assert_eq!(second.state().calls, before);
    assert_eq!((before.rings, before.in_progress, before.post_processing), (3, 1, 1));
    assert_eq!(place(&second, call(JOHN, "6175550004")).await.unwrap().status, 400);
    delete(&second, &format!("/agents/{BOB}/calls")).await;
    let guid = placed(&second, call(BOB, "6175550004")).await;
    assert!(![ended, hung_up].contains(&guid), "{guid}");
}
