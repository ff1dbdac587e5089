//! Faults of the CRM API, and what is counted.

use serde_json::json;

use super::client::{ok, send, try_send};
use crate::client::simulator;

const NEW: &[(&str, &str)] = &[("FIRSTNAME", "A"), ("LASTNAME", "B"), ("AUTOPASSWD", "True")];

#[tokio::test]
async fn a_status_fault_is_http_200_and_may_have_been_applied() {
    let faults = json!([
        { "kind": "wapi_status_500", "command": "Customer ADD", "times": 1, "processed": true },
        { "kind": "wapi_status_503", "command": "Customer ADD", "times": 1 },
    ]);
    let simulator = simulator(json!({ "faults": faults })).await;
    ok(&simulator, "customer get", &[("FIRSTNAME", "Nobody")]).await;
    assert_eq!(send(&simulator, "customer add", NEW).await.status, 500);
    assert_eq!(simulator.state().wapi.objects["customer"].added, 1);
    assert_eq!(send(&simulator, "customer add", NEW).await.status, 503);
    ok(&simulator, "customer add", NEW).await;
    let state = simulator.state();
    assert_eq!(state.wapi.objects["customer"].added, 2);
    assert_eq!(state.wapi.objects["customer"].records, 12_002);
    let counted = json!({
        "CUSTOMER GET 0": 1, "CUSTOMER ADD 500": 1, "CUSTOMER ADD 503": 1, "CUSTOMER ADD 0": 1,
    });
    assert_eq!(serde_json::to_value(&state.wapi.requests).unwrap(), counted);
    let wapi = serde_json::to_value(&state.apis).unwrap()["wapi"].clone();
    assert_eq!((&wapi["requests"], &wapi["faults"]["wapi_status_500"]), (&json!(4), &json!(1)));
}

#[tokio::test]
async fn a_reply_may_be_lost_after_the_add_was_applied_or_come_half() {
    let faults = json!([
        { "kind": "reset_after", "command": "customer add", "times": 1 },
        { "kind": "truncated", "command": "customer get", "times": 1 },
        { "kind": "reset_before", "command": "customer modify" },
    ]);
    let simulator = simulator(json!({ "faults": faults })).await;
    try_send(&simulator, "customer add", NEW).await.unwrap_err();
    assert_eq!(simulator.state().wapi.objects["customer"].added, 1);
    try_send(&simulator, "customer get", &[("LASTNAME", "B")]).await.unwrap_err();
    let found = ok(&simulator, "customer get", &[("LASTNAME", "B")]).await;
    let number = found.value("ACCOUNTNUM");
    let change = [("ACCOUNTNUM", number.as_str()), ("LASTNAME", "C")];
    try_send(&simulator, "customer modify", &change).await.unwrap_err();
    let state = simulator.state();
    assert_eq!(state.wapi.objects["customer"].modified, 0);
    assert_eq!(state.wapi.requests["CUSTOMER ADD reset_after"], 1);
    assert_eq!(state.wapi.requests["CUSTOMER MODIFY reset_before"], 1);
}

#[tokio::test]
async fn a_fault_for_a_command_spares_the_campaigns() {
    let faults = json!([
        { "kind": "error", "command": "customer add" },
        { "kind": "wapi_status_500", "path": "*/customers" },
    ]);
    let simulator = simulator(json!({ "faults": faults })).await;
    let added = crate::client::add(&simulator, 125, crate::client::list(0, 1)).await.unwrap();
    assert_eq!(added.status, 207);
}

#[tokio::test]
async fn the_limits_of_the_crm_api_are_its_own() {
    let limits = json!({ "limits": { "wapi": { "per_second": 0.01, "burst": 1 } } });
    let simulator = simulator(limits).await;
    ok(&simulator, "customer get", &[]).await;
    let path = "/cc/v1/wapi";
    let refused = crate::client::send(&simulator, "POST", path, "").await.unwrap();
    assert_eq!(refused.status, 429);
    assert_eq!(simulator.state().wapi.requests.len(), 1);
}
