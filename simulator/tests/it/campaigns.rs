//! Status, its changes, records, tokens and paths.

use serde_json::{Value, json};

use crate::client::{add, customer, get, list, send, send_as, simulator};

async fn change(
    simulator: &vccpipe_simulator::Running,
    method: &str,
    status: &str,
) -> (u16, Value) {
    let body = json!({ "status": status }).to_string();
    let reply = send(simulator, method, "/api/tstats/campaigns/129", &body).await.unwrap();
    (reply.status, reply.json()["campaign"]["status"].clone())
}

#[tokio::test]
async fn a_campaign_goes_its_way_from_new_to_stopped() {
    let simulator = simulator(json!({})).await;
    assert_eq!(change(&simulator, "POST", "PAUSED").await.0, 400);
    assert_eq!(change(&simulator, "POST", "RUNNING").await, (200, json!(3)));
    assert_eq!(add(&simulator, 129, list(0, 1)).await.unwrap().status, 207);
    assert_eq!(change(&simulator, "PATCH", "PURGED").await.0, 400);
    assert_eq!(change(&simulator, "PATCH", "PAUSED").await, (200, json!(8)));
    assert_eq!(change(&simulator, "PATCH", "PURGED").await, (200, json!(10)));
    assert_eq!(change(&simulator, "POST", "STOPPED").await, (200, json!(5)));
    assert_eq!(change(&simulator, "POST", "RUNNING").await.0, 400);
    assert_eq!(change(&simulator, "POST", "DANCING").await.0, 400);
    let reply = add(&simulator, 129, list(1, 1)).await.unwrap();
    assert_eq!(reply.message(), "The campaign has stopped. No additional customers can be added.");
}

#[tokio::test]
async fn the_status_answer_has_the_noted_fields_in_json_and_in_xml() {
    let simulator = simulator(json!({})).await;
    add(&simulator, 125, list(0, 3)).await.unwrap();
    let status = get(&simulator, "/api/stats/campaigns/125.json").await.json();
    let expected = json!({ "campaign": {
        "campaign-name": "Winter Renewals", "campaign-id": 125, "enabled": "Y", "status": 3,
        "no-of-records": 3, "dynamic-campaign": "Y", "timezone": "America/New_York",
        "schedule-name": "",
    }});
    assert_eq!(status, expected);
    let xml = get(&simulator, "/api/stats/campaigns/125").await.body;
    assert!(xml.contains("<no-of-records>3</no-of-records>"), "{xml}");
    let flags = |id: u64| format!("/api/stats/campaigns/{id}.json");
    assert_eq!(get(&simulator, &flags(126)).await.json()["campaign"]["dynamic-campaign"], "N");
    assert_eq!(get(&simulator, &flags(127)).await.json()["campaign"]["enabled"], "N");
    assert_eq!(get(&simulator, &flags(999)).await.status, 404);
}

#[tokio::test]
async fn records_come_as_documented() {
    let simulator = simulator(json!({})).await;
    add(&simulator, 125, list(0, 2)).await.unwrap();
    let records = get(&simulator, "/api/stats/campaigns/125/records.json").await.json();
    let rows = records["records"]["record"].as_array().unwrap();
    let ids: Vec<_> = rows.iter().map(|row| row["record-id"].as_u64().unwrap()).collect();
    assert_eq!(ids, [customer(0), customer(1)]);
    assert_eq!(rows[0]["campaign-name"], "Winter Renewals");
    assert!(rows[0]["phone-list"].as_str().unwrap().starts_with("*Phone Number|555"), "{records}");
    assert_eq!((&rows[0]["status-code"], &rows[0]["ext-trans-data"]), (&json!(0), &json!("")));
    let keys: Vec<_> = rows[0].as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 8, "{keys:?}");
}

#[tokio::test]
async fn thousands_of_records_are_streamed_whole() {
    let simulator = simulator(json!({})).await;
    let all: Vec<u64> = (0..5_000).map(|nth| nth + 10_000_000).collect();
    let sent: Value = all.iter().map(|id| json!({ "customer-id": id })).collect();
    add(&simulator, 125, sent).await.unwrap();
    let held = simulator.state().campaigns[&125].records;
    let json = get(&simulator, "/api/stats/campaigns/125/records.json").await.json();
    assert_eq!(json["records"]["record"].as_array().unwrap().len() as u64, held);
    let xml = get(&simulator, "/api/stats/campaigns/125/records").await.body;
    assert_eq!(xml.matches("<record>").count() as u64, held);
    assert!(xml.starts_with("<records><record>") && xml.ends_with("</record></records>"));
}

#[tokio::test]
async fn fields_work_as_filters() {
    let simulator = simulator(json!({})).await;
    add(&simulator, 125, list(0, 3)).await.unwrap();
    let path = "/api/stats/campaigns/125/records.json";
    let row = &get(&simulator, path).await.json()["records"]["record"][1];
    let phone = row["phone-list"].as_str().unwrap().replace('*', "%2A").replace(' ', "%20");
    for filter in
        [format!("record-id={}", customer(1)), format!("phone-list={}", phone.replace('|', "%7C"))]
    {
        let found = get(&simulator, &format!("{path}?{filter}")).await.json();
        assert_eq!(found["records"]["record"], json!([row]), "{filter}");
    }
    let none = get(&simulator, &format!("{path}?status=3")).await.json();
    assert_eq!(none, json!({ "records": { "record": [] } }));
}

#[tokio::test]
async fn the_odd_shapes_of_json_come_by_switches() {
    for (name, expected) in [
        ("empty_text", json!({ "records": "" })),
        ("empty_object", json!({ "records": {} })),
        ("null", json!({ "records": null })),
    ] {
        let switches = json!({
            "no_records_as": name, "single_record_as_object": true, "digits_as": "strings"
        });
        let simulator = simulator(json!({ "campaigns": switches })).await;
        let path = "/api/stats/campaigns/125/records";
        assert_eq!(get(&simulator, &format!("{path}.json")).await.json(), expected);
        assert_eq!(get(&simulator, path).await.body, "<records/>");
        add(&simulator, 125, list(0, 1)).await.unwrap();
        let one = get(&simulator, &format!("{path}.json")).await.json();
        assert_eq!(one["records"]["record"]["record-id"], customer(0).to_string());
    }
}

#[tokio::test]
async fn pages_turn_by_n_where_they_are_switched_on() {
    let simulator = simulator(json!({ "campaigns": { "records_page": 2 } })).await;
    add(&simulator, 125, list(0, 3)).await.unwrap();
    for (query, expected) in [("", vec![0, 1]), ("?n=3", vec![2]), ("?n=4", vec![])] {
        let path = format!("/api/stats/campaigns/125/records.json{query}");
        let page = get(&simulator, &path).await.json();
        let rows = page["records"]["record"].as_array().unwrap();
        let ids: Vec<_> = rows.iter().map(|row| row["record-id"].as_u64().unwrap()).collect();
        assert_eq!(ids, expected.into_iter().map(customer).collect::<Vec<_>>(), "{query}");
    }
}

#[tokio::test]
async fn pages_end_short_empty_or_repeated() {
    for (after_last, beyond) in [("nothing", 0), ("last_page", 100)] {
        let switches = json!({ "records_page": 200, "records_after_last": after_last });
        let simulator = simulator(json!({ "campaigns": switches })).await;
        let mut sizes = Vec::new();
        let mut ids = Vec::new();
        for n in [1, 201, 401, 601, 801] {
            let path = format!("/api/stats/campaigns/128/records.json?n={n}");
            let page = get(&simulator, &path).await.json();
            let rows = page["records"]["record"].as_array().unwrap().clone();
            sizes.push(rows.len());
            ids.push(rows.first().map(|row| row["record-id"].clone()));
            let xml = get(&simulator, &path.replace(".json", "")).await.body;
            assert_eq!(xml.matches("<record>").count(), rows.len(), "{n}");
        }
        assert_eq!(sizes, [200, 200, 100, beyond, beyond]);
        assert_eq!(ids[3], if beyond > 0 { ids[2].clone() } else { None });
        // Filtered pages end in the same way.
        let path = "/api/stats/campaigns/128/records.json?status=2&n=100001";
        let rows = get(&simulator, path).await.json()["records"]["record"].clone();
        assert_eq!(rows.as_array().unwrap().is_empty(), beyond == 0);
    }
}

#[tokio::test]
async fn a_finished_campaign_has_records_of_every_code() {
    let simulator = simulator(json!({})).await;
    let records = get(&simulator, "/api/stats/campaigns/128/records.json").await.json();
    let rows = records["records"]["record"].as_array().unwrap();
    assert_eq!(rows.len(), 500);
    for (field, codes) in [
        ("status", vec![0, 1, 2, 3]),
        ("status-code", vec![0, 1, 2, 3, 4]),
        ("disposition-code", vec![7, 1000, 1001, 1002]),
    ] {
        for code in codes {
            assert!(rows.iter().any(|row| row[field] == code), "{field} {code}");
        }
    }
    let with_data = rows.iter().filter(|row| row["ext-trans-data"] == "lang=en&vip=<yes>");
    assert!(with_data.count() > 10);
    let xml = get(&simulator, "/api/stats/campaigns/128/records").await.body;
    let document = roxmltree::Document::parse(&xml).unwrap();
    let first = document.root_element().first_element_child().unwrap();
    let name = first.first_element_child().unwrap();
    assert_eq!(
        (name.tag_name().name(), name.text()),
        ("campaign-name", Some("Stopped in Autumn & Winter"))
    );
    // They are there at first, and nobody's deed.
    let state = &simulator.state().campaigns[&128];
    assert_eq!((state.records, state.applied), (500, 0));
    let truth = get(&simulator, "/_simulator/campaigns/128/customers").await.body;
    assert!(truth.contains(",0,0,\n") && truth.lines().count() == 501);
}

#[tokio::test]
async fn each_method_wants_its_token() {
    let data = "sampletenant:data-token-of-the-sample-tenant";
    let action = "sampletenant:action-token-of-the-sample-tenant";
    let customers = "/api/tstats/campaigns/125/customers";
    let records = "/api/stats/campaigns/125/records.json";
    for (tokens, right) in [
        ("strict", [(action, data)].as_slice()),
        ("swapped", &[(data, action)]),
        ("any", &[(data, action), (action, data), (action, action)]),
    ] {
        let simulator = simulator(json!({ "campaigns": { "tokens": tokens } })).await;
        for post in [action, data, "other:data-token-of-the-sample-tenant"] {
            let admitted = right.iter().any(|(right, _)| *right == post);
            let reply = send_as(&simulator, "POST", customers, "[]", post).await.unwrap();
            assert_eq!(reply.status, if admitted { 400 } else { 401 }, "{tokens}: {post}");
        }
        for read in [action, data] {
            let admitted = right.iter().any(|(_, right)| *right == read);
            let reply = send_as(&simulator, "GET", records, "", read).await.unwrap();
            assert_eq!(reply.status, if admitted { 200 } else { 401 }, "{tokens}: {read}");
        }
    }
}

#[tokio::test]
async fn other_paths_and_methods_are_not_found() {
    let simulator = simulator(json!({})).await;
    for (method, path, status) in [
        ("POST", "/api/stats/campaigns/125/customers", 404),
        ("GET", "/api/tstats/campaigns/125/records.json", 404),
        ("GET", "/api/tstats/campaigns/125/customers", 405),
        ("GET", "/", 404),
    ] {
        let reply = send(&simulator, method, path, "").await.unwrap();
        assert_eq!(reply.status, status, "{method} {path}");
    }
}

/// The status by number after a request, where it is allowed (field-notes.md).
fn expected(from: u64, wanted: &str) -> Option<u64> {
    Some(match (from, wanted) {
        (0, "RUNNING") => 3,
        (2, "RUNNING") => 4,
        (1 | 3, "PAUSED") => 8,
        (4, "PAUSED") => 9,
        (1 | 3 | 8 | 10, "STOPPED") => 5,
        (4 | 9 | 11, "STOPPED") => 7,
        (8 | 10, "RUNNING") => 3,
        (9 | 11, "RUNNING") => 4,
        (8, "PURGED") => 10,
        (9, "PURGED") => 11,
        _ => return None,
    })
}

#[tokio::test]
async fn each_change_of_status_is_made_or_refused_by_post_and_by_patch() {
    for method in ["POST", "PATCH"] {
        for wanted in ["RUNNING", "PAUSED", "PURGED", "STOPPED"] {
            let campaigns: Vec<_> =
                (0..12).map(|status| json!({ "id": status + 1, "status": status })).collect();
            let simulator = simulator(json!({ "tenant": { "campaigns": campaigns } })).await;
            for from in 0..12 {
                let path = format!("/api/tstats/campaigns/{}", from + 1);
                let body = json!({ "status": wanted }).to_string();
                let reply = send(&simulator, method, &path, &body).await.unwrap();
                let status = simulator.state().campaigns[&(from + 1)].status;
                let (code, now) = match expected(from, wanted) {
                    Some(now) => (200, now),
                    None => (400, from),
                };
                let told = (reply.status, u64::from(status));
                assert_eq!(told, (code, now), "{method} {wanted} from {from}: {reply:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_change_of_status_that_cannot_be_is_refused_with_its_reason() {
    let simulator = simulator(json!({})).await;
    for (campaign, body, status, message) in [
        (127, r#"{"status":"PAUSED"}"#, 400, "The campaign is not enabled."),
        (128, r#"{"status":"RUNNING"}"#, 400, "The campaign cannot change to this status."),
        (
            129,
            r#"{"status":"STOPPED"}"#,
            400,
            "The operation is invalid for a campaign that has not started.",
        ),
        (999, r#"{"status":"RUNNING"}"#, 404, "The campaign-id has not been found."),
        (125, r#"{"status":"running"}"#, 400, "The provided status is invalid."),
        (125, r#"{"status":"PAUSED","and":1}"#, 400, "The provided status is invalid."),
        (125, "", 400, "The provided status is invalid."),
    ] {
        let path = format!("/api/tstats/campaigns/{campaign}");
        for method in ["POST", "PATCH"] {
            let reply = send(&simulator, method, &path, body).await.unwrap();
            assert_eq!((reply.status, reply.message().as_str()), (status, message), "{body}");
        }
    }
    assert_eq!(simulator.state().campaigns[&125].status, 3);
}

#[tokio::test]
async fn the_status_may_be_changed_by_one_method_only() {
    for (switch, post, patch) in [("post", 200, 405), ("patch", 405, 200)] {
        for (method, status) in [("POST", post), ("PATCH", patch)] {
            let simulator = simulator(json!({ "campaigns": { "status_method": switch } })).await;
            assert_eq!(change(&simulator, method, "RUNNING").await.0, status, "{switch} {method}");
        }
    }
}

#[tokio::test]
async fn a_change_whose_reply_was_lost_was_made() {
    let fault = json!([{ "kind": "timeout_after", "delay_ms": 10, "method": "PATCH", "times": 1 }]);
    let simulator = simulator(json!({ "faults": fault })).await;
    let body = json!({ "status": "RUNNING" }).to_string();
    let path = "/api/tstats/campaigns/129";
    send(&simulator, "PATCH", path, &body).await.unwrap_err();
    assert_eq!(simulator.state().campaigns[&129].status, 3);
    assert_eq!(send(&simulator, "PATCH", path, &body).await.unwrap().status, 400);
}

#[tokio::test]
async fn a_removal_wants_the_data_token_and_a_change_of_status_the_action_token() {
    let simulator = simulator(json!({})).await;
    let data = "sampletenant:data-token-of-the-sample-tenant";
    let action = "sampletenant:action-token-of-the-sample-tenant";
    let removal = format!("/api/tstats/campaigns/125/customers/{}", customer(0));
    add(&simulator, 125, list(0, 1)).await.unwrap();
    let paused = r#"{"status":"PAUSED"}"#;
    for (method, path, body, user, status) in [
        ("DELETE", removal.as_str(), "", action, 401),
        ("DELETE", &removal, "", data, 204),
        ("POST", "/api/tstats/campaigns/125", paused, data, 401),
        ("PATCH", "/api/tstats/campaigns/125", paused, data, 401),
        ("PATCH", "/api/tstats/campaigns/125", paused, action, 200),
    ] {
        let reply = send_as(&simulator, method, path, body, user).await.unwrap();
        assert_eq!(reply.status, status, "{method} {path} as {user}");
    }
}
