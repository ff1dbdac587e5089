//! Faults and limits: what the client sees, and what is true.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vccpipe_simulator::Running;

use crate::client::{add, customer, get, list, send, simulator};

async fn failing(rule: Value) -> Running {
    simulator(json!({ "faults": [rule] })).await
}

/// Records in the campaign, and how often each was applied, by the truth's CSV.
async fn applied(simulator: &Running) -> Vec<(u64, u64)> {
    let csv = get(simulator, "/_simulator/campaigns/125/customers").await.body;
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("customer-id,times_sent,times_applied,schedule-date-time"));
    let number = |text: Option<&str>| text.unwrap().parse().unwrap();
    lines
        .map(|line| {
            let mut fields = line.split(',');
            (number(fields.next()), number(fields.nth(1)))
        })
        .collect()
}

#[tokio::test]
async fn a_reset_after_processing_is_applied_exactly_once() {
    let simulator = failing(json!({ "kind": "reset_after", "method": "POST", "times": 1 })).await;
    let lost = add(&simulator, 125, list(0, 3)).await.unwrap_err();
    assert_eq!(lost.kind(), std::io::ErrorKind::ConnectionReset);
    let again = add(&simulator, 125, list(0, 3)).await.unwrap().json();
    assert!(again.as_array().unwrap().iter().all(|item| item["message"] == "Duplicate customer"));
    let once: Vec<_> = (0..3).map(|nth| (customer(nth), 1)).collect();
    assert_eq!(applied(&simulator).await, once);
    let state = simulator.state();
    assert_eq!(state.campaigns[&125].duplicates, 3);
    assert_eq!(state.campaigns[&125].requests["POST reset_after"], 1);
    assert_eq!(state.apis[&vccpipe_simulator::Api::Campaigns].faults["reset_after"], 1);
}

#[tokio::test]
async fn what_fails_before_processing_is_not_applied() {
    for (rule, status) in [
        (json!({ "kind": "reset_before" }), None),
        (json!({ "kind": "timeout_before", "delay_ms": 20 }), None),
        (json!({ "kind": "unavailable" }), Some(503)),
        (json!({ "kind": "throttled" }), Some(429)),
        (json!({ "kind": "error" }), Some(500)),
        (json!({ "kind": "bad_gateway" }), Some(502)),
        (json!({ "kind": "status_206", "alone": true, "applied": 0.0 }), Some(206)),
    ] {
        let simulator = failing(rule.clone()).await;
        let reply = add(&simulator, 125, list(0, 1)).await;
        assert_eq!(reply.as_ref().map(|reply| reply.status).ok(), status, "{rule}: {reply:?}");
        assert_eq!(simulator.state().campaigns[&125].applied, 0, "{rule}");
    }
}

#[tokio::test]
async fn what_fails_after_processing_is_applied() {
    for (rule, status) in [
        (json!({ "kind": "timeout_after", "delay_ms": 20 }), None),
        (json!({ "kind": "truncated" }), None),
        (json!({ "kind": "slow", "delay_ms": 20 }), Some(207)),
        (json!({ "kind": "error", "processed": true }), Some(500)),
        (json!({ "kind": "status_206", "alone": true, "applied": 1.0 }), Some(206)),
    ] {
        let simulator = failing(rule.clone()).await;
        let reply = add(&simulator, 125, list(0, 1)).await;
        assert_eq!(reply.as_ref().map(|reply| reply.status).ok(), status, "{rule}: {reply:?}");
        assert_eq!(simulator.state().campaigns[&125].applied, 1, "{rule}");
    }
}

#[tokio::test]
async fn refusals_carry_the_headers_and_bodies_that_were_asked_for() {
    let throttled = json!({ "kind": "throttled", "retry_after": 7, "ratelimit_headers": true });
    let reply = add(&failing(throttled).await, 125, list(0, 1)).await.unwrap();
    assert_eq!(reply.header("retry-after"), Some("7"));
    assert_eq!(reply.header("x-ratelimit-remaining"), Some("0"));
    let unavailable = add(&failing(json!({ "kind": "unavailable" })).await, 125, list(0, 1)).await;
    assert_eq!(unavailable.unwrap().header("retry-after"), None);
    let html = add(&failing(json!({ "kind": "error" })).await, 125, list(0, 1)).await.unwrap();
    assert!(html.body.starts_with("<html>"), "{html:?}");
    let body = json!({ "kind": "error", "body": "json" });
    let reply = add(&failing(body).await, 125, list(0, 1)).await.unwrap();
    assert_eq!(reply.message(), "Internal server error");
}

#[tokio::test]
async fn a_record_in_doubt_is_applied_as_often_as_the_rule_says() {
    let rule = json!({ "kind": "status_206", "probability": 0.5, "applied": 0.5 });
    let simulator = failing(rule).await;
    let items = add(&simulator, 125, list(0, 400)).await.unwrap().json();
    let items = items.as_array().unwrap();
    let doubtful = items.iter().filter(|item| item["http-status"] == 206).count();
    let accepted = items.iter().filter(|item| item["http-status"] == 200).count();
    assert_eq!(doubtful + accepted, 400);
    let state = simulator.state().campaigns[&125].clone();
    let silently = state.applied as usize - accepted;
    assert!((150..250).contains(&doubtful), "{doubtful} of 400 in doubt");
    assert!((60..140).contains(&silently), "{silently} of {doubtful} applied");
    let times: u64 = applied(&simulator).await.iter().map(|(_, times)| times).sum();
    assert_eq!(times, state.applied);
}

#[tokio::test]
async fn an_item_may_be_left_out_or_lose_its_id() {
    let simulator = simulator(json!({ "faults": [
        { "kind": "drop_item", "after": 1, "times": 1 },
        { "kind": "null_id", "after": 1, "times": 1 },
    ]}))
    .await;
    let items = add(&simulator, 125, list(0, 4)).await.unwrap().json();
    let ids: Vec<_> =
        items.as_array().unwrap().iter().map(|item| item["customer-id"].as_u64()).collect();
    assert_eq!(ids, [Some(customer(0)), None, Some(customer(3))]);
    assert_eq!(items[1]["http-status"], 200);
    assert_eq!(simulator.state().campaigns[&125].applied, 4);
}

#[tokio::test]
async fn requests_over_the_rate_are_refused_and_told_when_to_come() {
    let limits = json!({ "limits": { "campaigns": { "per_second": 0.1, "burst": 2 } } });
    let simulator = simulator(limits).await;
    let mut statuses = Vec::new();
    for nth in 0..3 {
        let reply = add(&simulator, 125, list(nth, 1)).await.unwrap();
        statuses.push((reply.status, reply.header("retry-after").map(String::from)));
    }
    assert_eq!(statuses, [(207, None), (207, None), (429, Some("10".into()))]);
    let api = simulator.state().apis[&vccpipe_simulator::Api::Campaigns].clone();
    assert_eq!((api.requests, api.limited), (3, 1));
    assert_eq!(get(&simulator, "/_simulator/state").await.status, 200);
}

#[tokio::test]
async fn the_truth_tells_how_many_posts_were_in_work_at_once() {
    let settings = json!({
        "latency_ms": { "campaigns": 200 }, "limits": { "campaigns": { "concurrency": 2 } }
    });
    let simulator = simulator(settings).await;
    let posts = tokio::join!(
        add(&simulator, 125, list(0, 1)),
        add(&simulator, 125, list(1, 1)),
        add(&simulator, 125, list(2, 1)),
    );
    let mut statuses = [posts.0, posts.1, posts.2].map(|reply| reply.unwrap().status);
    statuses.sort_unstable();
    assert_eq!(statuses, [207, 207, 429]);
    assert_eq!(simulator.state().campaigns[&125].max_concurrent_posts, 3);
}

#[tokio::test]
async fn stopping_does_not_wait_for_a_time_out() {
    let simulator = failing(json!({ "kind": "timeout_after", "delay_ms": 600_000 })).await;
    let address = simulator.address();
    let body = "[{\"customer-id\":10000001}]";
    let request = format!(
        "POST /api/tstats/campaigns/125/customers HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let start = Instant::now();
    simulator.stop().await;
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn an_unknown_setting_is_refused() {
    let wrong = serde_json::from_value::<vccpipe_simulator::Settings>(json!({ "fautls": [] }));
    assert!(wrong.unwrap_err().to_string().contains("fautls"));
    let rule = json!({ "kind": "error", "probability": 2 });
    let settings = serde_json::from_value(json!({ "faults": [rule] })).unwrap();
    let error = vccpipe_simulator::start(settings, None, 0).await.err().unwrap().to_string();
    assert!(error.contains("`faults[0].probability`"), "{error}");
}

#[tokio::test]
async fn what_is_sent_before_a_reply_is_cut_is_a_reply_cut_short() {
    let simulator = failing(json!({ "kind": "truncated", "method": "GET" })).await;
    let cut = send(&simulator, "GET", "/api/stats/campaigns/125.json", "").await.unwrap_err();
    assert_eq!(cut.kind(), std::io::ErrorKind::UnexpectedEof);
}
