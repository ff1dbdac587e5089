//! Requests to the phone calls API.

use std::io;

use serde_json::{Value, json};
use vccpipe_simulator::Running;

use crate::client::{Reply, send_as};

pub const BOB: &str = "ag0VYyLh0YTsymdbtYIaaaa";
pub const JOHN: &str = "ag1KdRw8QPqLxTnVzcMbbbb";
pub const ON_CHAT: &str = "ag3PvZq7LMdNrCkDhwSdddd";
pub const ON_BREAK: &str = "ag4GbFs9VRtYxJpQnlTeeee";
pub const LOGGED_OUT: &str = "ag5WmHk2CDjXzLvBqrUffff";
pub const ACTION: &str = "sampletenant:action-token-of-the-sample-tenant";
pub const DATA: &str = "sampletenant:data-token-of-the-sample-tenant";
pub const TENANT: &str = "/api/v1/tenants/sampletenant";

/// A call with a queue.
pub fn call(agent: &str, number: &str) -> Value {
    json!({ "agentId": agent, "prefix": "1", "number": number, "callerId": "", "queueId": "598" })
}

/// The same with further fields, or other values; null takes a field away.
pub fn with(mut call: Value, fields: Value) -> Value {
    for (key, value) in fields.as_object().unwrap() {
        call[key] = value.clone();
    }
    call.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    call
}

pub async fn ask(simulator: &Running, method: &str, path: &str, body: &str) -> io::Result<Reply> {
    send_as(simulator, method, &format!("{TENANT}{path}"), body, ACTION).await
}

pub async fn place(simulator: &Running, call: Value) -> io::Result<Reply> {
    ask(simulator, "POST", "/calls", &call.to_string()).await
}

/// Places a call that is taken; its id.
pub async fn placed(simulator: &Running, call: Value) -> String {
    let reply = place(simulator, call).await.unwrap();
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["interactionGuid"].as_str().unwrap().into()
}

pub async fn delete(simulator: &Running, path: &str) -> Reply {
    ask(simulator, "DELETE", path, "").await.unwrap()
}

pub async fn set_codes(simulator: &Running, guid: &str, agent: &str, selections: Value) -> Reply {
    let path = format!("/calls/{guid}/agent/{agent}/transaction-codes");
    let body = json!({ "selections": selections }).to_string();
    ask(simulator, "PUT", &path, &body).await.unwrap()
}

/// The rings by the truth.
pub fn rings(simulator: &Running) -> Vec<Value> {
    simulator.calls().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Status and reason of a reply with the documented shape.
pub fn told(reply: &Reply) -> (u16, String) {
    let body = reply.json();
    assert!(body["message"].is_string(), "{body}");
    let reasons = body["reasons"].as_array().unwrap();
    assert_eq!(reasons.len(), 1, "{body}");
    (reply.status, reasons[0].as_str().unwrap().into())
}
