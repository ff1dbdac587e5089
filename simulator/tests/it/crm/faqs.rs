//! FAQ categories, FAQs, and lists of the tenant's configuration.

use serde_json::{Value, json};

use super::client::{ok, record, records};
use crate::client::simulator;

#[tokio::test]
async fn categories_are_added_modified_listed_and_deleted() {
    let simulator = simulator(json!({})).await;
    let added = ok(&simulator, "faqcategory add", &[("FAQCATEGORY", "Safety 2"), ("PRIVATE", "Y")]);
    let added = added.await;
    let number = added.value("FAQCATID");
    assert!(!added.text.contains("ITEM"));
    ok(&simulator, "faqcategory modify", &[("FAQCATID", &number), ("FAQCATEGORY", "Legal 2")])
        .await;
    let category = record(&simulator, "faqcategory", "FAQCATID", &number);
    assert_eq!((&category["FAQCATEGORY"], &category["PRIVATE"]), (&json!("Legal 2"), &json!("Y")));
    let got = ok(&simulator, "faqcategory get", &[]).await;
    assert_eq!(got.items.len(), 9);
    assert_eq!(got.items[8][0], ("FAQCATID".into(), number.clone()));
    assert_eq!(got.items[8][1], ("FAQCATEGORY".into(), "Legal 2".into()));
    assert_eq!(ok(&simulator, "faqcategory list", &[]).await.items, got.items);
    ok(&simulator, "faqcategory delete", &[("FAQCATID", &number)]).await;
    assert_eq!(records(&simulator, "faqcategory").len(), 8);
}

#[tokio::test]
async fn faqs_are_found_by_category_text_and_day() {
    let simulator = simulator(json!({})).await;
    let faqs = records(&simulator, "faq");
    let text = |faq: &Value, tag: &str| faq[tag].as_str().unwrap_or_default().to_string();
    let created = |faq: &Value| text(faq, "_created")[..10].to_string();
    type Fits<'a> = Box<dyn Fn(&Value) -> bool + 'a>;
    let rows: Vec<(Vec<(&str, &str)>, Fits)> = vec![
        (vec![("FAQCATID", "3")], Box::new(|faq| faq["FAQCATID"] == "3")),
        (vec![("STRING", "%")], Box::new(|_| true)),
        (
            vec![("STRING", "%light jets%")],
            Box::new(|faq| {
                text(faq, "QUESTION").contains("light jets")
                    || text(faq, "ANSWER").contains("light jets")
            }),
        ),
        (
            vec![("FAQCATID", "1"), ("FROMCREATEDATE", "06012025")],
            Box::new(|faq| faq["FAQCATID"] == "1" && created(faq).as_str() >= "2025-06-01"),
        ),
    ];
    for (tags, fits) in rows {
        let expected: Vec<_> =
            faqs.iter().filter(|faq| fits(faq)).map(|faq| faq["FAQID"].clone()).collect();
        let found = ok(&simulator, "faq get", &tags).await;
        assert_eq!(found.values("FAQID"), expected, "{tags:?}");
        assert!(!expected.is_empty(), "{tags:?}");
        let tags: Vec<_> = found.items[0].iter().map(|(tag, _)| tag.as_str()).collect();
        assert_eq!(tags, ["FAQCATID", "FAQID", "QUESTION", "ANSWER", "SHORTCUT", "PRIVATE"]);
    }
}

#[tokio::test]
async fn what_a_modify_of_a_faq_does_not_send_follows_the_switches() {
    for (switch, question, private) in [(false, json!("q"), "Y"), (true, Value::Null, "N")] {
        let settings = json!({ "wapi": {
            "faq_modify_unsupplied_empty": switch, "private_default_on_modify": switch,
        }});
        let simulator = simulator(settings).await;
        let faq = [("FAQCATID", "1"), ("QUESTION", "q"), ("ANSWER", "a"), ("PRIVATE", "Y")];
        let number = ok(&simulator, "faq add", &faq).await.value("FAQID");
        ok(&simulator, "faq modify", &[("FAQID", &number), ("ANSWER", "b")]).await;
        let faq = record(&simulator, "faq", "FAQID", &number);
        assert_eq!((&faq["QUESTION"], &faq["ANSWER"]), (&question, &json!("b")), "{switch}");
        assert_eq!(faq["PRIVATE"], private, "{switch}");
    }
}

#[tokio::test]
async fn lists_tell_what_is_not_deleted_or_deactivated() {
    let simulator = simulator(json!({})).await;
    let countries = ok(&simulator, "country list", &[]).await.values("COUNTRY");
    assert_eq!(countries[..3], ["Afghanistan", "Albania", "Algeria"]);
    for country in ["United States", "United Kingdom", "Côte d'Ivoire"] {
        assert!(countries.iter().any(|known| known == country), "{country}");
    }
    let agents = ok(&simulator, "agents list", &[]).await;
    let ids = ["bobp", "johnd", "jsmith", "rshasta", "sbaker", "pma"];
    assert_eq!(
        (agents.values("AGENTID"), agents.values("AGENT")[0].as_str()),
        (ids.map(String::from).to_vec(), "bob power")
    );
    let groups = ok(&simulator, "groups list", &[]).await;
    assert_eq!(
        (groups.values("AGENTID"), groups.values("AGENT")),
        (vec!["101".into(), "102".into()], vec!["Sales".into(), "Support".into()])
    );
    let values = |name: &'static str| {
        let simulator = &simulator;
        async move { ok(simulator, "customfield get", &[("NAME", name)]).await.values("VALUE") }
    };
    assert_eq!(values("PrivacyLevel").await, ["No Solicitation", "Unknown", "Neutral"]);
    assert_eq!(values("PRIORITY").await, ["Low", "Medium", "High"]);
    assert_eq!(values("TASK_STATUS").await, ["New", "Pending", "In Progress", "Closed"]);
    for no_list in ["OLD_ID", "nothing", "privacylevel"] {
        assert!(values(no_list).await.is_empty(), "{no_list}");
    }
}

#[tokio::test]
async fn the_shapes_of_replies_follow_the_switches() {
    let settings = json!({ "wapi": {
        "groups_reply": "groupid", "no_match_as": "empty", "emit_password": true,
        "customer_modify_item": true,
    }});
    let simulator = simulator(settings).await;
    let groups = ok(&simulator, "groups list", &[]).await;
    assert_eq!(
        (groups.values("GROUPID")[0].as_str(), groups.values("GROUP")[0].as_str()),
        ("101", "Sales")
    );
    let nothing = ok(&simulator, "customer get", &[("LASTNAME", "Nobody")]).await;
    assert!(nothing.text.contains("STATUS=\"0\"/>"), "{}", nothing.text);
    let number = [("ACCOUNTNUM", "10000012")];
    assert!(ok(&simulator, "customer get", &number).await.value("PASSWORD").starts_with("pw_"));
    let custom = ok(&simulator, "customer modify", &[number[0], ("queue_id", "1")]).await;
    assert!(custom.text.contains("<ITEM><ACCOUNTNUM>"), "{}", custom.text);
    let plain = ok(&simulator, "customer modify", &[number[0], ("COMPANY", "x")]).await;
    assert!(!plain.text.contains("ITEM"), "{}", plain.text);
}
