//! Transaction codes.

use serde_json::{Value, json};

use super::client::{BOB, JOHN, ask, call, delete, placed, rings, set_codes, told, with};
use crate::client::simulator;

fn one(list: u64, items: &[u64]) -> Value {
    let codes: Vec<_> = items.iter().map(|id| json!({ "id": id })).collect();
    json!({ "id": list, "codes": codes })
}

#[tokio::test]
async fn codes_of_several_lists_are_set_and_set_anew() {
    let simulator = simulator(json!({})).await;
    let guid = placed(&simulator, call(BOB, "6175550001")).await;
    let first = json!([one(12, &[234]), one(2281, &[7361, 7362])]);
    let second = json!([one(12, &[235])]);
    for selections in [&first, &second] {
        let reply = set_codes(&simulator, &guid, BOB, selections.clone()).await;
        assert_eq!(told(&reply), (200, "Transaction codes successfully set".into()));
        assert_eq!(reply.message(), "OK");
        assert_eq!(rings(&simulator)[0]["_codes"], *selections);
    }
    let done = |selections| {
        json!({
            "at": crate::client::NOW, "action": "set_transaction_codes", "selections": selections,
        })
    };
    assert_eq!(rings(&simulator)[0]["_done"], json!([done(first), done(second)]));
    assert_eq!(simulator.state().calls.codes_set, 2);
}

#[tokio::test]
async fn codes_that_cannot_be_chosen_are_refused_as_noted_and_change_nothing() {
    let simulator = simulator(json!({ "tenant": { "phone": { "code_lists": [
        { "id": 12, "name": "a", "items": [{ "id": 1, "name": "x" }, { "id": 2, "name": "y" }] },
        { "id": 13, "name": "b", "items": [{ "id": 1, "name": "x" }, { "id": 2, "name": "y" }] },
        { "id": 14, "name": "c", "multiple": true, "items": (1..=7)
            .map(|id| json!({ "id": id, "name": "z" })).collect::<Vec<_>>() },
    ]}}}))
    .await;
    let guid = placed(&simulator, call(BOB, "6175550001")).await;
    let single = |lists| {
        format!("Invalid transaction codes, lists=[{lists}] are not supporting multiple choice")
    };
    let unknown =
        |list: u64, item: u64| format!("Invalid transaction code, listId=[{list}] itemId=[{item}]");
    for (selections, reason) in [
        (json!([one(12, &[1, 2])]), single("12")),
        (json!([one(12, &[1, 2]), one(13, &[1, 2])]), single("12, 13")),
        (json!([one(12, &[1]), one(12, &[2])]), single("12")),
        (json!([one(12, &[3])]), unknown(12, 3)),
        (json!([one(12, &[1]), one(99, &[1])]), unknown(99, 1)),
        (json!([]), "No transaction codes were given".into()),
        (json!([one(12, &[])]), "No transaction codes were given".into()),
        (
            json!([one(14, &[1, 2, 3, 4, 5, 6, 7])]),
            "Up to six transaction codes can be assigned".into(),
        ),
        (
            json!([one(12, &[1]), one(14, &[1, 2, 3, 4, 5, 6])]),
            "Up to six transaction codes can be assigned".into(),
        ),
    ] {
        let reply = set_codes(&simulator, &guid, BOB, selections.clone()).await;
        assert_eq!(told(&reply), (400, reason), "{selections}");
    }
    assert_eq!(rings(&simulator)[0]["_codes"], json!([]));
    let six = json!([one(14, &[1, 2, 3, 4, 5, 6])]);
    assert_eq!(set_codes(&simulator, &guid, BOB, six).await.status, 200);
}

#[tokio::test]
async fn codes_go_to_the_calls_own_agent_until_post_processing_ends() {
    let simulator = simulator(json!({})).await;
    let guid = placed(&simulator, call(BOB, "6175550001")).await;
    let codes = json!([one(12, &[234])]);
    let not_found =
        |guid: &str, agent: &str| format!("Interaction [{guid}] for agent [{agent}] was not found");
    for (guid, agent) in [(guid.as_str(), JOHN), (&guid, "nobody"), ("int-1", BOB)] {
        let reply = set_codes(&simulator, guid, agent, codes.clone()).await;
        assert_eq!(told(&reply), (400, not_found(guid, agent)));
    }
    delete(&simulator, &format!("/calls/{guid}")).await;
    assert_eq!(set_codes(&simulator, &guid, BOB, codes.clone()).await.status, 200);
    delete(&simulator, &format!("/calls/{guid}?endPostProcessing=true")).await;
    let reply = set_codes(&simulator, &guid, BOB, codes).await;
    assert_eq!(told(&reply), (400, not_found(&guid, BOB)));
}

#[tokio::test]
async fn a_body_that_is_no_list_of_selections_is_refused() {
    // As three of the document's samples print it: the array is not closed.
    let unclosed = r#"{ "selections": [ { "id": 12, "codes": [ { "id": 234 } ] } }"#;
    let strict = simulator(json!({})).await;
    let guid = placed(&strict, call(BOB, "6175550001")).await;
    let path = format!("/calls/{guid}/agent/{BOB}/transaction-codes");
    for body in [
        unclosed,
        "",
        "{}",
        "[]",
        r#"{"selections":{}}"#,
        r#"{"selections":[{"id":"12","codes":[{"id":234}]}]}"#,
        r#"{"selections":[{"id":12}]}"#,
        r#"{"selections":[{"id":12,"codes":[234]}]}"#,
        r#"{"selections":[{"id":12,"codes":[{"id":234}]}],"more":1}"#,
    ] {
        let reply = ask(&strict, "PUT", &path, body).await.unwrap();
        assert_eq!(reply.status, 400, "{body}");
    }
    let lenient = simulator(json!({ "calls": { "json_lenient": true } })).await;
    let guid = placed(&lenient, with(call(BOB, "6175550001"), json!({}))).await;
    let path = format!("/calls/{guid}/agent/{BOB}/transaction-codes");
    assert_eq!(ask(&lenient, "PUT", &path, unclosed).await.unwrap().status, 200);
    assert_eq!(ask(&lenient, "PUT", &path, "{").await.unwrap().status, 400);
}
