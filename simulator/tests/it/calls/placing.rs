//! Placing calls, and who does not take them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::client::{
    BOB, JOHN, LOGGED_OUT, ON_BREAK, ON_CHAT, ask, call, place, placed, rings, told, with,
};
use crate::client::{get, simulator};

const TAKEN: (u16, &str) = (200, "Call successfully initiated");

fn busy(agent: &str) -> String {
    format!(
        "Agent=[{agent}] not available to handle interaction, already on busy phone interaction"
    )
}

#[tokio::test]
async fn a_call_is_placed_as_documented_and_its_ring_is_recorded() {
    let simulator = simulator(json!({})).await;
    let documented = json!({
        "agentId": BOB, "prefix": "1", "number": "6175551984", "callerId": "12015551212",
        "queueId": "598", "forceCall": true, "dialplanId": "12",
        "extTransactionData": [
            { "name": "Name", "value": "Bilbo Baggins" },
            { "name": "Loyalty Level", "value": "Gold" },
        ],
        "ctlUserData": [{ "name": "DueDate", "value": "2022-12-25" }],
    });
    let reply = place(&simulator, documented.clone()).await.unwrap();
    assert_eq!(told(&reply), (TAKEN.0, TAKEN.1.into()));
    assert_eq!(reply.message(), "OK");
    let guid = reply.json()["interactionGuid"].as_str().unwrap().to_string();
    let parts: Vec<&str> = guid.split('-').collect();
    let at: jiff::Timestamp = crate::client::NOW.parse().unwrap();
    let moment = format!("{:x}", at.as_millisecond());
    assert_eq!((parts[0], parts[1], parts[2].len()), ("int", moment.as_str(), 25), "{guid}");
    assert_eq!(parts[3..], ["phone", "00", "sampletenant"], "{guid}");

    let body = get(&simulator, "/_simulator/calls").await.body;
    assert_eq!(body, simulator.calls());
    let [ring] = rings(&simulator).try_into().unwrap();
    for (key, value) in documented.as_object().unwrap() {
        assert_eq!(ring[key], *value, "{key}");
    }
    let expected = json!({
        "interactionGuid": guid, "_at": crate::client::NOW, "_line": 1, "_dialed": "+16175551984",
        "_presented": "12015551212", "_times_rang": 1, "_state": "in_progress", "_codes": [],
        "_done": [],
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(ring[key], *value, "{key}");
    }
}

#[tokio::test]
async fn the_id_comes_under_the_key_that_the_switch_names() {
    let simulator = simulator(json!({ "calls": { "call_id_key": "id" } })).await;
    let reply = place(&simulator, call(BOB, "6175551984")).await.unwrap().json();
    assert!(reply["id"].as_str().unwrap().starts_with("int-"), "{reply}");
    assert_eq!(reply.get("interactionGuid"), None);
}

#[tokio::test]
async fn a_busy_agent_takes_a_second_call_only_by_force_and_never_a_third() {
    let simulator = simulator(json!({})).await;
    placed(&simulator, call(BOB, "6175550001")).await;
    let second = call(BOB, "6175550002");
    let reply = place(&simulator, second.clone()).await.unwrap();
    assert_eq!(told(&reply), (400, busy(BOB)));
    let unforced = with(second.clone(), json!({ "forceCall": false }));
    assert_eq!(told(&place(&simulator, unforced).await.unwrap()), (400, busy(BOB)));
    let forced = |number| with(call(BOB, number), json!({ "forceCall": true }));
    placed(&simulator, forced("6175550002")).await;
    assert_eq!(told(&place(&simulator, forced("6175550003")).await.unwrap()), (400, busy(BOB)));
    placed(&simulator, call(JOHN, "6175550003")).await;

    let lines: Vec<_> = rings(&simulator)
        .iter()
        .map(|ring| (ring["number"].clone(), ring["_line"].clone()))
        .collect();
    let expected = [("6175550001", 1), ("6175550002", 2), ("6175550003", 1)];
    assert_eq!(lines, expected.map(|(number, line)| (json!(number), json!(line))));
    let state = simulator.state().calls;
    assert_eq!((state.rings, state.in_progress, state.refusals["busy"]), (3, 3, 3));
}

#[tokio::test]
async fn a_call_without_a_queue_does_not_make_its_agent_busy_but_holds_a_line() {
    let simulator = simulator(json!({})).await;
    let without = |number| with(call(BOB, number), json!({ "queueId": null }));
    placed(&simulator, without("6175550001")).await;
    placed(&simulator, without("6175550002")).await;
    assert_eq!(told(&place(&simulator, without("6175550003")).await.unwrap()), (400, busy(BOB)));
}

#[tokio::test]
async fn one_on_chat_takes_a_call_by_force_and_others_who_are_away_do_not() {
    let simulator = simulator(json!({})).await;
    for (agent, reason) in [
        (ON_CHAT, "already on busy chat interaction"),
        (ON_BREAK, "status=[on break]"),
        (LOGGED_OUT, "status=[logged out]"),
    ] {
        let (status, told) = told(&place(&simulator, call(agent, "6175550001")).await.unwrap());
        assert_eq!(status, 400);
        assert_eq!(told, format!("Agent=[{agent}] not available to handle interaction, {reason}"));
    }
    for (agent, status) in [(ON_CHAT, 200), (ON_BREAK, 400), (LOGGED_OUT, 400)] {
        let forced = with(call(agent, "6175550001"), json!({ "forceCall": true }));
        assert_eq!(place(&simulator, forced).await.unwrap().status, status, "{agent}");
    }
}

#[tokio::test]
async fn what_names_nothing_or_is_no_call_is_refused_and_rings_nowhere() {
    let simulator = simulator(json!({})).await;
    for (fields, reason) in [
        (json!({ "agentId": "nobody" }), "Agent [nobody] was not found"),
        (json!({ "queueId": "5" }), "Queue [5] was not found"),
        (json!({ "queueId": "" }), "Queue [] was not found"),
        (json!({ "dialplanId": "99" }), "Dial plan [99] was not found"),
        (json!({ "number": "none" }), "Invalid number"),
        (json!({ "number": "" }), "Invalid number"),
    ] {
        let reply = place(&simulator, with(call(BOB, "6175550001"), fields.clone())).await;
        assert_eq!(told(&reply.unwrap()), (400, reason.into()), "{fields}");
    }
    let element = |element: Value| json!({ "extTransactionData": [element] });
    for fields in [
        json!({ "agentId": null }),
        json!({ "prefix": null }),
        json!({ "number": null }),
        json!({ "callerId": null }),
        json!({ "number": 6_175_550_001_u64 }),
        json!({ "queueId": 598 }),
        json!({ "forceCall": "true" }),
        json!({ "extTransationData": [] }),
        json!({ "queueID": "598" }),
        element(json!({ "name": "a" })),
        element(json!({ "name": "a", "value": 1 })),
        element(json!({ "name": "a", "value": "b", "more": "c" })),
        json!({ "ctlUserData": { "name": "a", "value": "b" } }),
    ] {
        let reply = place(&simulator, with(call(BOB, "6175550001"), fields.clone())).await;
        let (status, reason) = told(&reply.unwrap());
        assert_eq!(status, 400, "{fields}");
        assert!(reason.starts_with("Invalid request body: "), "{fields}: {reason}");
    }
    for body in ["", "[]", "{", "null", "{\"agentId\":\"a\",\"agentId\":\"b\"}"] {
        let reply = ask(&simulator, "POST", "/calls", body).await.unwrap();
        assert_eq!(reply.status, 400, "{body}");
    }
    assert_eq!((rings(&simulator).len(), simulator.state().calls.rings), (0, 0));
}

#[tokio::test]
async fn prefix_and_caller_id_may_be_empty_and_with_a_switch_missing() {
    let missing = with(call(JOHN, "6175550001"), json!({ "prefix": null, "callerId": null }));
    let strict = simulator(json!({})).await;
    placed(&strict, with(call(BOB, "6175550001"), json!({ "prefix": "", "callerId": "" }))).await;
    assert_eq!(place(&strict, missing.clone()).await.unwrap().status, 400);
    let lenient = simulator(json!({ "calls": { "caller_id_lenient": true } })).await;
    placed(&lenient, missing).await;
}

#[tokio::test]
async fn the_misspelt_key_is_taken_only_with_its_switch() {
    let misspelt = |name: &str| {
        let data = json!([{ "name": "row", "value": name }]);
        with(call(BOB, "6175550001"), json!({ "extTransationData": data, "queueId": null }))
    };
    let lenient = simulator(json!({ "calls": { "typo_lenient": true } })).await;
    placed(&lenient, misspelt("1")).await;
    placed(&lenient, misspelt("2")).await;
    assert_eq!(lenient.state().calls.doubles, 0);
}

#[tokio::test]
async fn the_number_shown_is_a_channel_or_the_agents_own() {
    for (asked, shown) in
        [("12015551212", "12015551212"), ("12015559999", "12015551213"), ("", "12015551213")]
    {
        let simulator = simulator(json!({})).await;
        placed(&simulator, with(call(BOB, "6175550001"), json!({ "callerId": asked }))).await;
        assert_eq!(rings(&simulator)[0]["_presented"], shown, "{asked}");
    }
}

#[tokio::test]
async fn the_dial_plan_changes_the_number_that_is_dialed() {
    for (prefix, number, plan, dialed) in [
        ("1", "617-555-0001", None, "+16175550001"),
        ("", "+44 20 7946 0001", None, "+442079460001"),
        ("9", "6175550001", Some("12"), "+16175550001"),
        ("9", "6175550001", None, "+96175550001"),
    ] {
        let simulator = simulator(json!({})).await;
        let fields = json!({ "prefix": prefix, "dialplanId": plan });
        placed(&simulator, with(call(BOB, number), fields)).await;
        assert_eq!(rings(&simulator)[0]["_dialed"], dialed, "{prefix} {number} {plan:?}");
    }
}

#[tokio::test]
async fn a_call_that_is_sent_twice_rings_twice_and_the_truth_tells() {
    let settings = json!({
        "calls": { "lasts_ms": 0, "post_processing_ms": 0 },
        "tenant": { "phone": { "code_lists": [] } },
    });
    let simulator = simulator(settings).await;
    let row = |number, row: &str| {
        let data = json!({ "extTransactionData": [{ "name": "row", "value": row }] });
        with(call(BOB, number), data)
    };
    let mut guids = BTreeSet::new();
    for call in [
        row("6175550001", "1"),
        row("6175550002", "2"),
        row("6175550001", "1"),
        row("6175550001", "3"),
    ] {
        guids.insert(placed(&simulator, call).await);
    }
    assert_eq!(guids.len(), 4);
    let times: Vec<_> =
        rings(&simulator).iter().map(|ring| ring["_times_rang"].as_u64().unwrap()).collect();
    assert_eq!(times, [2, 1, 2, 1]);
    let state = simulator.state().calls;
    assert_eq!((state.rings, state.doubles, state.ended), (4, 1, 4));
}

#[tokio::test]
async fn telephony_that_makes_no_sense_is_refused_by_name() {
    let agent = |id: &str, plan: &str| json!({ "id": id, "name": "x", "dial_plan": plan });
    for (phone, setting) in [
        (json!({ "agents": [agent("a", "1"), agent("a", "1")] }), "agents[1].id` repeats `a`"),
        (json!({ "agents": [agent("a", "7")] }), "agents[0].dial_plan` is `7`"),
        (
            json!({ "queues": [{ "id": "1", "name": "x" }, { "id": "1", "name": "y" }] }),
            "queues[1].id` repeats `1`",
        ),
    ] {
        let settings = crate::client::at_now(json!({ "tenant": { "phone": phone } }));
        let error = vccpipe_simulator::start(settings, None, 0).await.err().unwrap().to_string();
        assert!(error.contains(&format!("tenant.phone.{setting}")), "{error}");
    }
}
