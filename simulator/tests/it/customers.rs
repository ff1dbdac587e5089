//! Adding and deleting customers: every message of the document and of the field notes.

use serde_json::{Value, json};

use crate::client::{add, customer, get, list, send, simulator};

const INVALID_DATE: &str = "Invalid schedule-date-time format - please use ISO 8601 format";
const PAST: &str = "The subject schedule-date-time is in the past.";
const AHEAD: &str =
    "The subject schedule-date-time must be within 7 days ahead of a future period.";

/// Statuses and messages of a 207's items.
fn told(items: &Value) -> Vec<(u64, &str)> {
    let items = items.as_array().unwrap().iter();
    let told = |item: &'_ Value| item["http-status"].as_u64().unwrap();
    items.map(|item| (told(item), item["message"].as_str().unwrap_or(""))).collect()
}

#[tokio::test]
async fn the_documented_example_is_answered_as_printed() {
    let simulator = simulator(json!({})).await;
    add(&simulator, 125, json!([{ "customer-id": customer(2) }])).await.unwrap();
    let sent = json!([
        { "customer-id": customer(0), "schedule-date-time": "2026-11-29T09:00:00.000Z" },
        { "customer-id": customer(1) },
        { "customer-id": customer(2) },
        { "customer-id": customer(3), "schedule-date-time": "2026-11-29T 09:00:00.000Z" },
        { "customer-id": null },
        { "customer-id": 9 },
        { "customer-id": customer(4), "schedule-date-time": "2016-08-29T09:00:00.000Z" },
        { "customer-id": customer(5), "schedule-date-time": "2026-11-30T12:00:00.001Z" },
        { "customer-id": customer(1) },
    ]);
    let reply = add(&simulator, 125, sent.clone()).await.unwrap();
    assert_eq!((reply.status, reply.header("content-type")), (207, Some("application/json")));
    let expected = [
        (200, ""),
        (200, ""),
        (400, "Duplicate customer"),
        (400, INVALID_DATE),
        (400, "Invalid customer-id"),
        (404, "The customer-id has not been found."),
        (400, PAST),
        (400, AHEAD),
        (400, "Duplicate customer"),
    ];
    let items = reply.json();
    assert_eq!(told(&items), expected);
    for (item, sent) in items.as_array().unwrap().iter().zip(sent.as_array().unwrap()) {
        assert_eq!(item["customer-id"], sent["customer-id"]);
        assert_eq!(item.get("schedule-date-time"), sent.get("schedule-date-time"));
    }
    let state = simulator.state().campaigns[&125].clone();
    assert_eq!((state.records, state.applied, state.duplicates), (3, 3, 2));
}

#[tokio::test]
async fn a_date_outside_the_campaigns_schedule_is_told_with_the_schedule() {
    let simulator = simulator(json!({})).await;
    let at = |nth, date| json!({ "customer-id": customer(nth), "schedule-date-time": date });
    let list = json!([
        at(0, "2026-11-27T12:00:00Z"),
        at(1, "2026-11-27T12:00:01Z"),
        at(2, "2026-12-24T12:00:00Z")
    ]);
    let items = add(&simulator, 130, list).await.unwrap().json();
    let outside = "The subject schedule-date-time is outside the campaign schedule \
                   from 2026-11-23T12:00:00.000Z to 2026-11-27T12:00:00.000Z.";
    assert_eq!(told(&items), [(200, ""), (400, outside), (400, outside)]);
    let status = get(&simulator, "/api/stats/campaigns/130.json").await.json();
    assert_eq!(status["campaign"]["schedule-end"], "2026-11-27T12:00:00.000Z");
    assert_eq!(status["campaign"]["schedule-start"], "2026-11-23T12:00:00.000Z");
}

#[tokio::test]
async fn exactly_seven_days_ahead_is_taken() {
    let simulator = simulator(json!({})).await;
    let list = json!([
        { "customer-id": customer(0), "schedule-date-time": "2026-11-30T12:00:00Z" },
        { "customer-id": customer(1), "schedule-date-time": "2026-11-30T07:00:00-05:00" },
        { "customer-id": customer(2), "schedule-date-time": "2026-11-30T12:00:00+01:00" },
        { "customer-id": customer(3), "schedule-date-time": "2026-11-30T12:00:00" },
    ]);
    let items = add(&simulator, 125, list).await.unwrap().json();
    assert_eq!(told(&items), [(200, ""), (200, ""), (200, ""), (400, INVALID_DATE)]);
}

#[tokio::test]
async fn the_messages_of_the_field_notes_come_by_the_tenants_data() {
    let simulator = simulator(json!({ "tenant": {
        "do_not_call": [customer(1)],
        "campaigns": [{ "id": 125, "max_scheduled": 1 }],
    }}))
    .await;
    let date = "2026-11-24T12:00:00Z";
    let list = json!([
        { "customer-id": customer(0), "schedule-date-time": date },
        { "customer-id": customer(1) },
        { "customer-id": customer(2), "schedule-date-time": date },
        { "customer-id": customer(3) },
    ]);
    let items = add(&simulator, 125, list).await.unwrap().json();
    let maximum =
        "Maximum limit of scheduled customers has been reached. Please try call again later on.";
    let dnc = "customer is wrong or in DNC list";
    assert_eq!(told(&items), [(200, ""), (400, dnc), (400, maximum), (200, "")]);
}

#[tokio::test]
async fn a_full_campaign_takes_no_more() {
    let simulator = simulator(json!({ "campaigns": { "max_records": 2 } })).await;
    let items = add(&simulator, 125, list(0, 3)).await.unwrap().json();
    assert_eq!(items[1]["http-status"], 200);
    assert!(items[2]["message"].as_str().unwrap().starts_with("Maximum limit"), "{items}");
}

#[tokio::test]
async fn a_whole_post_fails_with_the_campaigns_message() {
    let simulator = simulator(json!({})).await;
    for (campaign, status, message) in [
        (126, 400, "This is not a dynamic campaign."),
        (127, 400, "The campaign is not enabled."),
        (128, 400, "The campaign has stopped. No additional customers can be added."),
        (129, 400, "The operation is invalid for a campaign that has not started."),
        (999, 404, "The campaign-id has not been found."),
    ] {
        let reply = add(&simulator, campaign, list(0, 1)).await.unwrap();
        assert_eq!((reply.status, reply.message().as_str()), (status, message));
    }
    let reply = add(&simulator, 125, json!({ "customer-id": 1 })).await.unwrap();
    assert_eq!(
        (reply.status, reply.message().as_str()),
        (400, "The provided customer list is invalid.")
    );
}

#[tokio::test]
async fn a_post_too_long_is_refused_by_413() {
    let limits = json!({ "max_records_per_post": 2, "max_bytes_per_post": 100 });
    let simulator = simulator(json!({ "campaigns": limits })).await;
    assert_eq!(add(&simulator, 125, list(0, 2)).await.unwrap().status, 207);
    let long = json!([{ "customer-id": customer(9), "schedule-date-time": "x".repeat(100) }]);
    assert_eq!(add(&simulator, 125, long).await.unwrap().status, 413);
    assert_eq!(add(&simulator, 125, list(0, 3)).await.unwrap().status, 413);
}

#[tokio::test]
async fn values_and_wording_follow_the_switches() {
    let simulator = simulator(json!({ "campaigns": {
        "customer_id_as": "strings", "http_status_as": "strings", "duplicate_wording": "field_notes"
    }}))
    .await;
    let twice = json!([{ "customer-id": customer(0) }, { "customer-id": customer(0) }]);
    let items = add(&simulator, 125, twice).await.unwrap().json();
    let id = customer(0).to_string();
    let expected = json!([
        { "customer-id": id, "http-status": "200" },
        { "customer-id": id, "http-status": "400", "message": "Duplicated customer." },
    ]);
    assert_eq!(items, expected);
}

async fn delete(simulator: &vccpipe_simulator::Running, campaign: u64, id: u64) -> (u16, String) {
    let path = format!("/api/tstats/campaigns/{campaign}/customers/{id}");
    let reply = send(simulator, "DELETE", &path, "").await.unwrap();
    (reply.status, if reply.body.is_empty() { String::new() } else { reply.message() })
}

#[tokio::test]
async fn a_customer_is_deleted_once_and_may_come_again() {
    let simulator = simulator(json!({})).await;
    let id = customer(0);
    add(&simulator, 125, list(0, 1)).await.unwrap();
    assert_eq!(delete(&simulator, 125, id).await, (204, String::new()));
    assert_eq!(delete(&simulator, 125, id).await.0, 404);
    assert_eq!(add(&simulator, 125, list(0, 1)).await.unwrap().json()[0]["http-status"], 200);
    let state = simulator.state().campaigns[&125].clone();
    assert_eq!((state.records, state.applied, state.removed), (1, 2, 1));
}

#[tokio::test]
async fn a_delete_fails_with_the_campaigns_message() {
    let simulator = simulator(json!({})).await;
    for (campaign, message) in [
        (126, "This is not a dynamic campaign."),
        (127, "This campaign is not enabled."),
        (128, "The campaign has stopped. No customers can be deleted."),
    ] {
        assert_eq!(delete(&simulator, campaign, customer(0)).await, (400, message.into()));
    }
}

#[tokio::test]
async fn a_record_that_the_dialer_took_up_is_not_deleted() {
    let campaign = json!([{ "id": 125, "taken_up": 1.0 }]);
    let simulator = simulator(json!({ "tenant": { "campaigns": campaign } })).await;
    add(&simulator, 125, list(0, 1)).await.unwrap();
    let (status, message) = delete(&simulator, 125, customer(0)).await;
    assert_eq!(status, 400);
    assert!(message.contains("New, Queued and Scheduled"), "{message}");
}

#[tokio::test]
async fn only_new_queued_and_scheduled_records_are_deleted() {
    let campaign = json!([{ "id": 125, "taken_up": 0.5 }]);
    let simulator = simulator(json!({ "tenant": { "campaigns": campaign } })).await;
    let mut sent = list(0, 60);
    for item in sent.as_array_mut().unwrap().iter_mut().take(20) {
        item["schedule-date-time"] = json!("2026-11-24T09:00:00Z");
    }
    add(&simulator, 125, sent).await.unwrap();
    let records = get(&simulator, "/api/stats/campaigns/125/records.json").await.json();
    let mut seen = std::collections::BTreeSet::new();
    for record in records["records"]["record"].as_array().unwrap() {
        let (id, status) = (record["record-id"].as_u64(), record["status"].as_u64().unwrap());
        // Document, "Record status": 0 New, 1 Queued, 2 Accepted, 3 Completed, 4 Scheduled.
        let expected = if matches!(status, 0 | 1 | 4) { 204 } else { 400 };
        assert_eq!(delete(&simulator, 125, id.unwrap()).await.0, expected, "{record}");
        seen.insert(status);
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn who_is_not_in_the_campaign_is_not_found() {
    let simulator = simulator(json!({})).await;
    let not_found = (404, "The customer-id has not been found.".to_string());
    for id in [customer(0), 9, u64::MAX] {
        assert_eq!(delete(&simulator, 125, id).await, not_found);
    }
    // A campaign that has not started has given nobody up, but refuses nobody either.
    assert_eq!(delete(&simulator, 129, customer(0)).await, not_found);
    let path = "/api/tstats/campaigns/125/customers/everybody";
    assert_eq!(send(&simulator, "DELETE", path, "").await.unwrap().status, 404);
    let unknown = (404, "The campaign-id has not been found.".to_string());
    assert_eq!(delete(&simulator, 999, customer(0)).await, unknown);
    assert_eq!(simulator.state().campaigns[&125].removed, 0);
}

#[tokio::test]
async fn a_paused_or_purged_campaign_gives_customers_up_and_a_stopped_one_does_not() {
    let simulator = simulator(json!({})).await;
    add(&simulator, 125, list(0, 3)).await.unwrap();
    for (nth, status, expected) in [(0, "PAUSED", 204), (1, "PURGED", 204), (2, "STOPPED", 400)] {
        let body = json!({ "status": status }).to_string();
        send(&simulator, "POST", "/api/tstats/campaigns/125", &body).await.unwrap();
        assert_eq!(delete(&simulator, 125, customer(nth)).await.0, expected, "{status}");
    }
}

#[tokio::test]
async fn a_removal_whose_reply_was_lost_is_not_found_when_it_is_sent_again() {
    let fault = json!([{ "kind": "reset_after", "method": "DELETE", "every": 2 }]);
    let simulator = simulator(json!({ "faults": fault })).await;
    add(&simulator, 125, list(0, 2)).await.unwrap();
    assert_eq!(delete(&simulator, 125, customer(0)).await.0, 204);
    let path = format!("/api/tstats/campaigns/125/customers/{}", customer(1));
    send(&simulator, "DELETE", &path, "").await.unwrap_err();
    assert_eq!(delete(&simulator, 125, customer(1)).await.0, 404);
    let state = simulator.state().campaigns[&125].clone();
    assert_eq!((state.records, state.removed), (0, 2));
}
