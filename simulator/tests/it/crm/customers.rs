//! Customers: adding, changing, getting, deleting.

use serde_json::json;

use super::client::{ok, record, send, send_classic};
use crate::client::{add, simulator};

const BILL: &[(&str, &str)] = &[
    ("FIRSTNAME", "Zoë"),
    ("LASTNAME", "O'Brien & 中文"),
    ("EMAIL", "b.gates@microsoft.com"),
    ("COMPANY", "AT&T"),
    ("VOICE", "0123 456 7890"),
    ("AUTOPASSWD", "FALSE"),
    ("PASSWORD", "bill123"),
    ("ADDR1ZIP", "02108"),
    ("CUSTOMERTYPE", "NT User"),
    ("PrivacyLevel", "Neutral"),
    ("old_id", "0007"),
];

#[tokio::test]
async fn a_customer_that_was_added_is_got_and_modified() {
    let simulator = simulator(json!({})).await;
    let added = ok(&simulator, "Customer Add", BILL).await;
    let number = added.value("ACCOUNTNUM");
    assert!(added.text.contains(&format!("<ITEM><ACCOUNTNUM>{number}</ACCOUNTNUM></ITEM>")));
    let got = ok(&simulator, "CUSTOMER get", &[("Email", "b.gates@microsoft.com")]).await;
    let expected = [
        ("FIRSTNAME", "Zoë"),
        ("LASTNAME", "O'Brien & 中文"),
        ("COMPANY", "AT&T"),
        ("PBX", ""),
        ("COMMENTS", ""),
        ("ACCOUNTNUM", &number),
        ("customertype", "NT User"),
        ("EMAIL", "b.gates@microsoft.com"),
        ("VOICE", "0123 456 7890"),
        ("ALTERNATIVE", ""),
        ("FAX", ""),
        ("ADDR1STR1", ""),
        ("ADDR1STR2", ""),
        ("ADDR1CITY", ""),
        ("ADDR1STATE", ""),
        ("ADDR1ZIP", "02108"),
        ("ADDR1COUNTRY", "United States"),
        ("ADDR2STR1", ""),
        ("ADDR2STR2", ""),
        ("ADDR2CITY", ""),
        ("ADDR2STATE", ""),
        ("ADDR2ZIP", ""),
        ("ADDR2COUNTRY", "United States"),
        ("OLD_ID", "0007"),
        ("queue_id", ""),
        ("PrivacyLevel", "Neutral"),
    ];
    let expected: Vec<_> = expected.map(|(tag, value)| (tag.into(), value.into())).into();
    assert_eq!(got.items, [expected]);

    let change = [("ACCOUNTNUM", number.as_str()), ("FIRSTNAME", "Bill"), ("queue_id", "9")];
    let modified = send_classic(&simulator, "customer modify", &change).await;
    assert!(!modified.text.contains("ITEM"), "{}", modified.text);
    assert_eq!(modified.value("ACCOUNTNUM"), number);
    let truth = record(&simulator, "customer", "ACCOUNTNUM", &number);
    assert_eq!((&truth["FIRSTNAME"], &truth["QUEUE_ID"]), (&json!("Bill"), &json!("9")));
    assert_eq!((&truth["ADDR1ZIP"], &truth["PASSWORD"]), (&json!("02108"), &json!("bill123")));
    assert_eq!((&truth["_times_modified"], &truth["OLD_ID"]), (&json!(1), &json!("0007")));
    assert_eq!(truth["_created"], "2026-11-23T12:00:00Z");
    let none = ok(&simulator, "customer get", &[("FIRSTNAME", "Nobody")]).await;
    assert!(none.text.contains("<data />"), "{}", none.text);
}

#[tokio::test]
async fn the_campaigns_know_the_customers_at_once() {
    let simulator = simulator(json!({})).await;
    let new = ok(&simulator, "customer add", BILL).await.value("ACCOUNTNUM");
    let old = crate::client::customer(7).to_string();
    send(&simulator, "customer delete", &[("ACCOUNTNUM", &old)]).await;
    let number = |text: &str| text.parse::<u64>().unwrap();
    let list = json!([{ "customer-id": number(&new) }, { "customer-id": number(&old) }]);
    let answers = add(&simulator, 125, list).await.unwrap().json();
    assert_eq!(
        (&answers[0]["http-status"], &answers[1]["http-status"]),
        (&json!(200), &json!(404))
    );
}
