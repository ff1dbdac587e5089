//! Customers: adding, changing, getting, deleting.

use serde_json::{Value, json};

use super::client::{Reply, ok, record, records, send, send_classic};
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
    let simulator = simulator(json!({ "tenant": { "customers": 100 } })).await;
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

fn numbers(reply: &Reply) -> Vec<String> {
    reply.values("ACCOUNTNUM")
}

#[tokio::test]
async fn customers_are_found_by_each_of_the_tags() {
    let simulator = simulator(json!({ "tenant": { "customers": 2_000 } })).await;
    let added = ok(&simulator, "customer add", BILL).await.value("ACCOUNTNUM");
    ok(&simulator, "customer modify", &[("ACCOUNTNUM", "10000012"), ("COMPANY", "AT&T")]).await;
    ok(&simulator, "customer delete", &[("ACCOUNTNUM", "10000013")]).await;
    let all = records(&simulator, "customer");
    let text = |record: &Value, tag: &str| record[tag].as_str().unwrap_or_default().to_string();
    let some = |tag: &str| {
        all.iter().skip(40).map(|record| text(record, tag)).find(|value| !value.is_empty()).unwrap()
    };
    let (voice, email) = (some("VOICE"), some("EMAIL"));
    type Fits<'a> = Box<dyn Fn(&Value) -> bool + 'a>;
    let is = |tag: &'static str, value: &str| -> Fits {
        let value = value.to_string();
        Box::new(move |record| record[tag] == value.as_str())
    };
    let rows: Vec<(Vec<(&str, &str)>, Fits)> = vec![
        (vec![("ACCOUNTNUM", "10000012")], is("ACCOUNTNUM", "10000012")),
        (vec![("EMAIL", &email)], is("EMAIL", &email)),
        (vec![("VOICE", &voice)], is("VOICE", &voice)),
        (vec![("FIRSTNAME", "Zoë")], is("FIRSTNAME", "Zoë")),
        (vec![("LASTNAME", "Gates")], is("LASTNAME", "Gates")),
        (vec![("COMPANY", "AT&T")], is("COMPANY", "AT&T")),
        (vec![("CUSTOMERTYPE", "Partner")], is("CUSTOMERTYPE", "Partner")),
        (vec![("privacylevel", "Neutral")], is("PRIVACYLEVEL", "Neutral")),
        (vec![("OLD_ID", "0007")], is("OLD_ID", "0007")),
        (
            vec![("ACCOUNTNUM", "1000012%")],
            Box::new(|r| text(r, "ACCOUNTNUM").starts_with("1000012")),
        ),
        (vec![("ACCOUNTNUM", "%45%")], Box::new(|r| text(r, "ACCOUNTNUM").contains("45"))),
        (vec![("COMPANY", "%&%")], Box::new(|r| text(r, "COMPANY").contains('&'))),
        (vec![("LASTNAME", "O'B%")], Box::new(|r| text(r, "LASTNAME").starts_with("O'B"))),
        (vec![("EMAIL", "b%")], Box::new(|r| text(r, "EMAIL").starts_with('b'))),
        (
            vec![("FIRSTNAME", "Anna"), ("CUSTOMERTYPE", "Default")],
            Box::new(|r| r["FIRSTNAME"] == "Anna" && r["CUSTOMERTYPE"] == "Default"),
        ),
        (
            vec![("FROMCREATEDATE", "03012025"), ("TOCREATEDATE", "03022025")],
            Box::new(|r| text(r, "_created").starts_with("2025-03-01")),
        ),
        (
            vec![("FROMLASTMODDATE", "11232026")],
            Box::new(|r| text(r, "_modified").starts_with("2026-11-23")),
        ),
    ];
    for (tags, fits) in rows {
        let expected: Vec<_> =
            all.iter().filter(|r| fits(r)).map(|r| text(r, "ACCOUNTNUM")).collect();
        let found = ok(&simulator, "customer get", &tags).await;
        assert_eq!(numbers(&found), expected, "{tags:?}");
        assert!(!expected.is_empty(), "{tags:?}");
    }
    let summary = ok(&simulator, "customer get", &[]).await;
    let summary = ["FIRSTID", "LASTID", "TOTAL"].map(|tag| summary.value(tag));
    assert_eq!(summary, [text(&all[0], "ACCOUNTNUM"), added, "2000".into()]);
}

#[tokio::test]
async fn case_means_something_unless_the_switch_is_on() {
    let tags = [("LASTNAME", "gates")];
    let strict = simulator(json!({})).await;
    assert!(ok(&strict, "customer get", &tags).await.text.contains("<data />"));
    let lenient = simulator(json!({ "wapi": { "case_insensitive_search": true } })).await;
    let found = ok(&lenient, "customer get", &tags).await;
    assert!(found.items.len() > 10, "{} found", found.items.len());
    let pattern = ok(&lenient, "customer get", &[("COMPANY", "acmeJ%")]).await;
    assert!(pattern.values("COMPANY").iter().all(|company| company == "AcmeJets"));
    assert!(!pattern.items.is_empty());
}

#[tokio::test]
async fn a_country_that_is_not_sent_stays_or_becomes_the_default() {
    for (switch, expected) in [(false, "France"), (true, "United States")] {
        let switches = json!({ "customer_modify_country_default": switch });
        let settings = json!({ "tenant": { "customers": 100 }, "wapi": switches });
        let simulator = simulator(settings).await;
        let customer = [BILL, &[("ADDR1COUNTRY", "France")]].concat();
        let number = ok(&simulator, "customer add", &customer).await.value("ACCOUNTNUM");
        ok(&simulator, "customer modify", &[("ACCOUNTNUM", &number), ("COMPANY", "x")]).await;
        let customer = record(&simulator, "customer", "ACCOUNTNUM", &number);
        assert_eq!(customer["ADDR1COUNTRY"], expected);
    }
}

#[tokio::test]
async fn the_customers_at_first_are_what_live_data_is_like() {
    let simulator = simulator(json!({})).await;
    let all = records(&simulator, "customer");
    assert_eq!(all.len(), 12_000);
    let has = |tag: &str, fits: &dyn Fn(&str) -> bool| {
        all.iter().filter(|record| record[tag].as_str().is_some_and(fits)).count()
    };
    assert!(has("LASTNAME", &|name| name.contains('\'')) > 100, "apostrophes");
    assert!(has("LASTNAME", &|name| name.chars().any(|c| c as u32 > 0xFF)) > 100, "not Latin-1");
    assert!(has("FIRSTNAME", &|name| name.contains('ë')) > 100, "accents");
    assert!(has("COMPANY", &|name| name.contains('&')) > 100, "ampersands");
    assert!(has("ADDR1ZIP", &|zip| zip.starts_with('0')) > 100, "leading zeros");
    assert!(has("CUSTOMERTYPE", &|kind| kind == "Reseller") > 100, "deactivated values");
    assert!(has("EMAIL", &|_| true) < 12_000, "some have no e-mail");
    let campaign = json!([{ "customer-id": crate::client::customer(3) }]);
    add(&simulator, 125, campaign).await.unwrap();
    let records = crate::client::get(&simulator, "/api/stats/campaigns/125/records.json").await;
    let phone = records.json()["records"]["record"][0]["phone-list"].as_str().unwrap().to_string();
    let digits = phone.rsplit('|').next().unwrap().to_string();
    let number = crate::client::customer(3).to_string();
    let voice = record(&simulator, "customer", "ACCOUNTNUM", &number)["VOICE"].clone();
    let voice: String = voice.as_str().unwrap().chars().filter(char::is_ascii_digit).collect();
    assert_eq!(voice, digits, "the campaigns call the customer's phone");
}
