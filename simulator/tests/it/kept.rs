//! A kept tenant: it is the same after a new start.

use std::fs;

use serde_json::json;
use vccpipe_simulator::start;

use crate::client::{add, at_now, customer, get, list, send, started};

const TRUTH: &str = "/_simulator/campaigns/125/customers";

#[tokio::test]
async fn a_kept_tenant_is_the_same_after_a_new_start() {
    let folder = tempfile::tempdir().unwrap();
    let keep_in = Some(folder.path().join("tenant"));
    let first = started(json!({}), keep_in.clone()).await;
    let scheduled = json!([
        { "customer-id": customer(5), "schedule-date-time": "2026-11-24T09:00:00.250Z" },
        { "customer-id": customer(5) },
        { "customer-id": 77 },
        { "customer-id": null },
    ]);
    add(&first, 125, list(0, 3)).await.unwrap();
    add(&first, 125, scheduled).await.unwrap();
    let path = format!("/api/tstats/campaigns/125/customers/{}", customer(1));
    send(&first, "DELETE", &path, "").await.unwrap();
    send(&first, "POST", "/api/tstats/campaigns/129", r#"{"status":"RUNNING"}"#).await.unwrap();
    let (truth, before) = (get(&first, TRUTH).await.body, first.state());
    first.stop().await;

    let second = started(json!({}), keep_in).await;
    assert_eq!(get(&second, TRUTH).await.body, truth);
    assert_eq!(second.customers_csv(125), truth);
    assert!(truth.contains(&format!("{},2,1,2026-11-24T09:00:00.250Z\n", customer(5))), "{truth}");
    let after = second.state();
    for (id, mut campaign) in before.campaigns {
        // Requests are counted by the process, not by the tenant.
        campaign.requests.clear();
        campaign.max_concurrent_posts = 0;
        assert_eq!(after.campaigns[&id], campaign);
    }
    let again = add(&second, 125, list(0, 1)).await.unwrap().json();
    assert_eq!(again[0]["message"], "Duplicate customer");
}

#[tokio::test]
async fn what_was_processed_is_kept_though_nobody_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let keep_in = Some(folder.path().to_path_buf());
    let faults = json!({ "faults": [{ "kind": "reset_after" }] });
    let first = started(faults, keep_in.clone()).await;
    add(&first, 125, list(0, 2)).await.unwrap_err();
    first.stop().await;
    // Faults are no part of the tenant: they may change.
    let second = started(json!({}), keep_in).await;
    assert_eq!(second.state().campaigns[&125].applied, 2);
}

#[tokio::test]
async fn a_torn_last_entry_is_as_if_it_had_not_been() {
    let folder = tempfile::tempdir().unwrap();
    let keep_in = Some(folder.path().to_path_buf());
    let first = started(json!({}), keep_in.clone()).await;
    add(&first, 125, list(0, 2)).await.unwrap();
    add(&first, 125, list(2, 2)).await.unwrap();
    first.stop().await;
    let file = folder.path().join("tenant.journal");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() - 3]).unwrap();
    let second = started(json!({}), keep_in).await;
    assert_eq!(second.state().campaigns[&125].applied, 2);
    assert_eq!(add(&second, 125, list(2, 2)).await.unwrap().json()[0]["http-status"], 200);
}

#[tokio::test]
async fn a_tenant_of_another_seed_is_refused_with_the_file_and_the_difference() {
    let folder = tempfile::tempdir().unwrap();
    let keep_in = Some(folder.path().to_path_buf());
    started(json!({}), keep_in.clone()).await.stop().await;
    let settings = at_now(json!({ "seed": 2, "tenant": { "customers": 13 } }));
    let error = start(settings, keep_in, 0).await.err().unwrap().to_string();
    for part in ["tenant.journal", "`seed` was `1` and is now `2`", "`customers` was `12000`"] {
        assert!(error.contains(part), "{part} is not in: {error}");
    }
}
