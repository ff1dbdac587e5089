//! Ends, hang-ups, freed lines, and what ends by itself.

use serde_json::{Value, json};
use vccpipe_simulator::Running;

use super::client::{BOB, JOHN, call, delete, place, placed, rings, set_codes, told, with};
use crate::client::simulator;

const TERMINATED: (u16, &str) = (410, "Interaction is already terminated interactionId");

fn states(simulator: &Running) -> Vec<String> {
    rings(simulator).iter().map(|ring| ring["_state"].as_str().unwrap().into()).collect()
}

fn terminated() -> (u16, String) {
    (TERMINATED.0, TERMINATED.1.into())
}

#[tokio::test]
async fn a_call_ends_into_post_processing_which_ends_by_its_own_flag() {
    let simulator = simulator(json!({})).await;
    let guid = placed(&simulator, call(BOB, "6175550001")).await;
    let path = format!("/calls/{guid}");
    let ended = (200, format!("Ending call with interactionGuid=[{guid}] was successful"));
    assert_eq!(told(&delete(&simulator, &path).await), ended);
    assert_eq!(states(&simulator), ["post_processing"]);
    assert_eq!(place(&simulator, call(BOB, "6175550002")).await.unwrap().status, 400);
    assert_eq!(told(&delete(&simulator, &path).await), terminated());
    assert_eq!(
        told(&delete(&simulator, &format!("{path}?endPostProcessing=false")).await),
        terminated()
    );
    let flagged = format!("{path}?endPostProcessing=true");
    assert_eq!(told(&delete(&simulator, &flagged).await), ended);
    assert_eq!(states(&simulator), ["ended"]);
    assert_eq!(told(&delete(&simulator, &flagged).await), terminated());
    placed(&simulator, call(BOB, "6175550002")).await;
    let state = simulator.state().calls;
    assert_eq!((state.ends, state.refusals["terminated"], state.requests["end 410"]), (2, 3, 3));
    let done = rings(&simulator)[0]["_done"].clone();
    let flags = [&done[0]["endPostProcessing"], &done[1]["endPostProcessing"]];
    assert_eq!(flags, [&json!(false), &json!(true)]);
}

#[tokio::test]
async fn the_flag_is_read_by_its_value_or_by_its_presence() {
    let cases = [("", 0), ("=", 0), ("=true", 0), ("=false", 1)];
    for (switch, false_ends) in [("value", false), ("present", true)] {
        for (value, post_processing) in cases {
            let simulator = simulator(json!({ "calls": { "end_post_processing": switch } })).await;
            let guid = placed(&simulator, call(BOB, "6175550001")).await;
            let path = format!("/calls/{guid}?endPostProcessing{value}");
            assert_eq!(delete(&simulator, &path).await.status, 200);
            let expected = if false_ends { 0 } else { post_processing };
            assert_eq!(simulator.state().calls.post_processing, expected, "{switch}: {value}");
        }
    }
    let simulator = simulator(json!({})).await;
    let guid = placed(&simulator, call(BOB, "6175550001")).await;
    let reply = delete(&simulator, &format!("/calls/{guid}?endPostProcessing=yes")).await;
    assert_eq!(told(&reply), (400, "Invalid endPostProcessing [yes]".into()));
    assert_eq!(states(&simulator), ["in_progress"]);
}

#[tokio::test]
async fn a_call_that_never_was_is_not_found() {
    let simulator = simulator(json!({})).await;
    let reply = delete(&simulator, "/calls/int-1").await;
    assert_eq!(told(&reply), (400, "Interaction [int-1] was not found".into()));
}

#[tokio::test]
async fn an_agent_hangs_up_once_and_only_the_own_call() {
    let simulator = simulator(json!({})).await;
    let guid = placed(&simulator, call(BOB, "6175550001")).await;
    for (guid, agent) in [(guid.as_str(), JOHN), ("int-1", BOB)] {
        let reason = format!("Interaction [{guid}] for agent [{agent}] was not found");
        let reply = delete(&simulator, &format!("/calls/{guid}/agent/{agent}")).await;
        assert_eq!(told(&reply), (400, reason));
    }
    let path = format!("/calls/{guid}/agent/{BOB}");
    let (status, reason) = told(&delete(&simulator, &path).await);
    assert_eq!(status, 200);
    assert!(reason.starts_with(&format!("Hangup for agent [sampletenant-{BOB}-")), "{reason}");
    assert!(reason.ends_with(&format!("] leg in interaction [{guid}] was successful")), "{reason}");
    assert_eq!(states(&simulator), ["post_processing"]);
    assert_eq!(told(&delete(&simulator, &path).await), terminated());
    assert_eq!(simulator.state().calls.hang_ups, 1);
    assert_eq!(rings(&simulator)[0]["_done"][0]["action"], "hang_up");
}

/// Two calls of one agent, on both lines.
async fn two_calls(simulator: &Running) -> [String; 2] {
    let forced = with(call(BOB, "6175550002"), json!({ "forceCall": true }));
    [placed(simulator, call(BOB, "6175550001")).await, placed(simulator, forced).await]
}

#[tokio::test]
async fn freeing_all_lines_ends_all_calls_of_an_agent_and_nobody_elses() {
    let simulator = simulator(json!({})).await;
    two_calls(&simulator).await;
    placed(&simulator, call(JOHN, "6175550003")).await;
    let path = format!("/agents/{BOB}/calls");
    let (status, reason) = told(&delete(&simulator, &path).await);
    assert_eq!(status, 200);
    let start = format!("Hangup all calls for agent [sampletenant-{BOB}-");
    assert!(reason.starts_with(&start) && reason.ends_with("] was successful."), "{reason}");
    assert_eq!(states(&simulator), ["ended", "ended", "in_progress"]);
    let nothing = format!("Agent [{BOB}] has no phone interactions in progress.");
    assert_eq!(told(&delete(&simulator, &path).await), (410, nothing));
    placed(&simulator, call(BOB, "6175550004")).await;
    assert_eq!(simulator.state().calls.freed, 2);
}

#[tokio::test]
async fn freeing_a_line_ends_only_the_call_there() {
    let simulator = simulator(json!({})).await;
    let [_, second] = two_calls(&simulator).await;
    let path = |line: &str| format!("/agents/{BOB}/calls/line/{line}");
    let (status, reason) = told(&delete(&simulator, &path("2")).await);
    assert_eq!(status, 200);
    let end = format!("] leg on line [2] assigned to interaction [{second}] was successful.");
    assert!(
        reason.starts_with("Hangup for agent [sampletenant-") && reason.ends_with(&end),
        "{reason}"
    );
    assert_eq!(states(&simulator), ["in_progress", "ended"]);
    let nothing = format!("Failed to find any interaction on line [2] for agent [{BOB}].");
    assert_eq!(told(&delete(&simulator, &path("2")).await), (410, nothing));
    for line in ["0", "3", "one"] {
        let reply = delete(&simulator, &path(line)).await;
        assert_eq!(told(&reply), (400, format!("Invalid line [{line}]")));
    }
    let unknown = delete(&simulator, "/agents/nobody/calls").await;
    assert_eq!(told(&unknown), (400, "Agent [nobody] was not found".into()));
    assert_eq!(rings(&simulator)[1]["_done"][0]["lineNo"], 2);
}

#[tokio::test]
async fn that_there_is_nothing_to_free_may_be_a_bad_request() {
    let simulator = simulator(json!({ "calls": { "nothing_to_free": "bad_request" } })).await;
    for path in ["calls", "calls/line/1"] {
        assert_eq!(
            delete(&simulator, &format!("/agents/{BOB}/{path}")).await.status,
            400,
            "{path}"
        );
    }
}

/// A tenant whose clock runs, and whose calls end by themselves.
async fn running(calls: Value) -> Running {
    let settings = serde_json::from_value(json!({ "calls": calls })).unwrap();
    vccpipe_simulator::start(settings, None, 0).await.unwrap()
}

async fn wait_for(simulator: &Running, state: &str) {
    for _ in 0..400 {
        if states(simulator)[0] == state {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("never {state}: {:?}", rings(simulator));
}

#[tokio::test]
async fn a_call_and_its_post_processing_end_by_themselves_once_the_mandatory_codes_are_set() {
    let simulator = running(json!({ "lasts_ms": 30, "post_processing_ms": 30 })).await;
    let guid = placed(&simulator, call(BOB, "6175550001")).await;
    wait_for(&simulator, "post_processing").await;
    tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    assert_eq!(states(&simulator), ["post_processing"]);
    let optional = json!([{ "id": 2281, "codes": [{ "id": 7361 }] }]);
    set_codes(&simulator, &guid, BOB, optional).await;
    assert_eq!(states(&simulator), ["post_processing"]);
    let mandatory = json!([{ "id": 12, "codes": [{ "id": 234 }] }]);
    assert_eq!(set_codes(&simulator, &guid, BOB, mandatory).await.status, 200);
    wait_for(&simulator, "ended").await;
    placed(&simulator, call(BOB, "6175550002")).await;
}

#[tokio::test]
async fn a_call_that_ended_by_itself_is_gone_for_those_who_end_it() {
    let simulator = running(json!({ "lasts_ms": 0 })).await;
    let without = with(call(BOB, "6175550001"), json!({ "queueId": null }));
    let guid = placed(&simulator, without).await;
    for path in
        [format!("/calls/{guid}?endPostProcessing=true"), format!("/calls/{guid}/agent/{BOB}")]
    {
        assert_eq!(told(&delete(&simulator, &path).await), terminated(), "{path}");
    }
    assert_eq!(delete(&simulator, &format!("/agents/{BOB}/calls")).await.status, 410);
}
