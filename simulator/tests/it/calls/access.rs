//! Who is let in, and by which paths.

use serde_json::json;

use super::client::{ACTION, BOB, DATA, TENANT, call, place, rings, told};
use crate::client::{send_as, simulator};

#[tokio::test]
async fn only_the_action_token_of_the_paths_tenant_is_let_in() {
    let simulator = simulator(json!({})).await;
    let body = call(BOB, "6175551984").to_string();
    for (method, path) in [
        ("POST", "/calls".to_string()),
        ("PUT", format!("/calls/int-1/agent/{BOB}/transaction-codes")),
        ("DELETE", "/calls/int-1".into()),
        ("DELETE", format!("/calls/int-1/agent/{BOB}")),
        ("DELETE", format!("/agents/{BOB}/calls")),
        ("DELETE", format!("/agents/{BOB}/calls/line/1")),
    ] {
        for (user, tenant, status) in [
            ("sampletenant:wrong", TENANT, 401),
            ("othertenant:action-token-of-the-sample-tenant", TENANT, 401),
            (DATA, TENANT, 403),
            (ACTION, "/api/v1/tenants/othertenant", 403),
        ] {
            let path = format!("{tenant}{path}");
            let reply = send_as(&simulator, method, &path, &body, user).await.unwrap();
            assert_eq!(reply.status, status, "{method} {path} as {user}: {reply:?}");
            assert_eq!(reply.header("www-authenticate").is_some(), status == 401);
        }
    }
    assert!(rings(&simulator).is_empty());
    let state = simulator.state().calls;
    assert_eq!((state.refusals["unauthorized"], state.refusals["forbidden"]), (12, 12));
    assert_eq!((state.requests["place 401"], state.requests["free_line 403"]), (2, 2));
}

#[tokio::test]
async fn the_version_is_v1_unless_the_switch_says_otherwise() {
    for (version, v1, vv1) in [("v1", 200, 404), ("vv1", 404, 200), ("any", 200, 200)] {
        let simulator = simulator(json!({ "calls": { "version": version } })).await;
        for (part, status) in [("v1", v1), ("vv1", vv1), ("1", 404)] {
            let path = format!("/api/{part}/tenants/sampletenant/calls");
            let body = super::client::with(call(BOB, "6175551984"), json!({ "queueId": null }));
            let reply = send_as(&simulator, "POST", &path, &body.to_string(), ACTION).await;
            assert_eq!(reply.unwrap().status, status, "{version}: {part}");
        }
    }
}

#[tokio::test]
async fn other_methods_and_paths_are_not_served() {
    let simulator = simulator(json!({})).await;
    for (method, path, status) in [
        ("GET", "/calls".to_string(), 405),
        ("POST", "/calls/int-1".into(), 405),
        ("DELETE", format!("/calls/int-1/agents/{BOB}"), 404),
        ("DELETE", format!("/agent/{BOB}/calls"), 404),
        ("DELETE", format!("/agents/{BOB}/calls/line"), 404),
    ] {
        let path = format!("{TENANT}{path}");
        let reply = send_as(&simulator, method, &path, "", ACTION).await.unwrap();
        assert_eq!(reply.status, status, "{method} {path}");
    }
}

#[tokio::test]
async fn a_refusal_may_tell_nothing_or_show_a_page() {
    for (name, start) in [("reasons", "{\"message\""), ("empty", ""), ("html", "<html>")] {
        let simulator = simulator(json!({ "calls": { "refusal_body": name } })).await;
        let reply = place(&simulator, call("nobody", "6175551984")).await.unwrap();
        assert_eq!(reply.status, 400, "{name}");
        assert_eq!(reply.body.is_empty(), start.is_empty(), "{name}: {reply:?}");
        assert!(reply.body.starts_with(start), "{name}: {reply:?}");
        let taken = place(&simulator, call(BOB, "6175551984")).await.unwrap();
        assert_eq!(told(&taken).1, "Call successfully initiated", "{name}");
    }
}
