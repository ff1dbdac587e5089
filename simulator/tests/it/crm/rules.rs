//! What the rulings decide, from outside.

use serde_json::json;

use super::client::{ok, record, send};
use crate::client::simulator;

const CUSTOMER: (&str, &str) = ("ACCOUNTNUM", "10000012");

#[tokio::test]
async fn a_search_without_regard_to_case_takes_the_values_of_lists_so_as_well() {
    let lenient = simulator(json!({ "wapi": { "case_insensitive_search": true } })).await;
    let open = ok(&lenient, "case get", &[("STATUS", "open"), ("PRIORITY", "HIGH")]).await;
    assert!(!open.items.is_empty() && open.values("STATUS").iter().all(|status| status == "Open"));
    let number = open.values("CASENUM").remove(0);
    let modify = [("CASENUM", number.as_str()), ("PRIORITY", "HIGH")];
    assert_eq!(send(&lenient, "case modify", &modify).await.code, 5);
    let custom = [("PRIVACYLEVEL", "NEUTRAL")];
    assert!(!ok(&lenient, "customer get", &custom).await.items.is_empty());
    let strict = simulator(json!({})).await;
    assert_eq!(send(&strict, "case get", &[("STATUS", "open")]).await.code, 5);
}

#[tokio::test]
async fn an_internal_error_may_be_answered_as_the_guide_words_it() {
    let faults = json!([
        { "kind": "internal_error", "command": "task add", "times": 1 },
        { "kind": "internal_error", "command": "customer delete", "processed": true },
    ]);
    let simulator = simulator(json!({ "faults": faults })).await;
    let before = simulator.state().wapi.objects;
    let refused = send(&simulator, "task add", &[CUSTOMER]).await;
    let expected = (-1, -1, "Internal Error");
    assert_eq!((refused.status, refused.code, refused.message.as_str()), expected);
    assert_eq!(simulator.state().wapi.objects, before);
    ok(&simulator, "task add", &[CUSTOMER]).await;
    assert_eq!(send(&simulator, "customer delete", &[CUSTOMER]).await.status, -1);
    assert_eq!(simulator.state().wapi.objects["customer"].deleted, 1);
}

#[tokio::test]
async fn an_unassigned_open_case_is_refused_also_where_empty_tags_are_ignored() {
    let simulator = simulator(json!({ "wapi": { "empty_optional_lenient": true } })).await;
    let case =
        [CUSTOMER, ("SUBJECT", "s"), ("DESCRIPTION", "d"), ("STATUS", "Open"), ("ASSIGNEDTO", "")];
    let refused = send(&simulator, "case add", &case).await;
    assert!(refused.message.contains("EMPTY ASSIGNEDTO"), "{}", refused.message);
}

#[tokio::test]
async fn a_tasks_media_type_has_two_spellings_that_must_agree() {
    let simulator = simulator(json!({})).await;
    let media = |one, other| [CUSTOMER, ("MEDIATYPE", one), ("MEDIA_TYPE", other)];
    let number = ok(&simulator, "task add", &media("Chat", "Chat")).await.value("TASKNUM");
    assert_eq!(record(&simulator, "task", "TASKNUM", &number)["MEDIATYPE"], "Chat");
    let refused = send(&simulator, "task add", &media("Chat", "Email")).await;
    assert_eq!(refused.message, "Duplicate Tag 'MEDIA_TYPE'");
    let case = [CUSTOMER, ("SUBJECT", "s"), ("DESCRIPTION", "d"), ("MEDIA_TYPE", "Chat")];
    let refused = send(&simulator, "case add", &case).await;
    assert!(refused.message.starts_with("The tag 'MEDIA_TYPE'"), "{}", refused.message);
}

#[tokio::test]
async fn numbers_that_no_record_has_are_refused_by_a_change_and_not_found_by_a_get() {
    let simulator = simulator(json!({})).await;
    let faq = [("FAQCATID", "99"), ("QUESTION", "q"), ("ANSWER", "a")];
    for (name, tags, message) in [
        ("customer delete", vec![("ACCOUNTNUM", "1")], "The value = '1' of the tag 'ACCOUNTNUM'"),
        ("task add", vec![("ACCOUNTNUM", "x")], "The value = 'x' of the tag 'ACCOUNTNUM'"),
        ("task modify", vec![("TASKNUM", "1")], "The value = '1' of the tag 'TASKNUM'"),
        ("faq delete", vec![("FAQID", "999")], "The value = '999' of the tag 'FAQID'"),
        ("faq add", faq.to_vec(), "The value = '99' of the tag 'FAQCATID'"),
        (
            "followup delete",
            vec![("CASENUM", "1001"), ("FOLLOWUPNUM", "99")],
            "The value = '99' of the tag 'FOLLOWUPNUM'",
        ),
        ("case modify", vec![("CASENUM", "01001")], "The passed caseid '01001'"),
    ] {
        let refused = send(&simulator, name, &tags).await;
        assert!(refused.message.starts_with(message), "{name}: {}", refused.message);
    }
    let none = ok(&simulator, "case get", &[("CASENUM", "1")]).await;
    assert!(none.text.contains("<data />"), "{}", none.text);
}

#[tokio::test]
async fn a_shortcut_and_a_unique_custom_field_belong_to_one_record() {
    let field = json!({ "object": "case", "name": "ref", "kind": "text", "unique": true });
    let simulator = simulator(json!({ "tenant": { "crm": { "custom_fields": [field] } } })).await;
    let faq = [("FAQCATID", "1"), ("QUESTION", "q"), ("ANSWER", "a"), ("SHORTCUT", "faq0")];
    let refused = send(&simulator, "faq add", &faq).await;
    assert_eq!(refused.message, "Duplicate value 'faq0' of 'SHORTCUT'");
    ok(&simulator, "faq modify", &[("FAQID", "1"), ("SHORTCUT", "faq0")]).await;
    let case = [CUSTOMER, ("SUBJECT", "s"), ("DESCRIPTION", "d"), ("ref", "7")];
    let number = ok(&simulator, "case add", &case).await.value("CASENUM");
    let refused = send(&simulator, "case add", &case).await;
    assert_eq!(refused.message, "Duplicate value '7' of 'REF'");
    ok(&simulator, "case modify", &[("CASENUM", &number), ("REF", "7")]).await;
}

#[tokio::test]
async fn yes_and_no_have_their_case_but_for_faq_modify() {
    let simulator = simulator(json!({})).await;
    let category = [("FAQCATEGORY", "New"), ("PRIVATE", "y")];
    let faq = [("FAQCATID", "1"), ("QUESTION", "q"), ("ANSWER", "a"), ("PRIVATE", "y")];
    let modified = [("FAQCATID", "1"), ("FAQCATEGORY", "New"), ("PRIVATE", "n")];
    assert_eq!(send(&simulator, "faqcategory add", &category).await.code, 5);
    assert_eq!(send(&simulator, "faqcategory modify", &modified).await.code, 5);
    assert_eq!(send(&simulator, "faq add", &faq).await.code, 5);
    ok(&simulator, "faq modify", &[("FAQID", "1"), ("PRIVATE", "y")]).await;
}

#[tokio::test]
async fn a_get_takes_what_its_table_names() {
    let simulator = simulator(json!({})).await;
    for (name, tags) in [
        ("followup get", vec![("CASENUM", "%0%")]),
        ("case get", vec![("ASSIGNEDTO", "deleted GROUPS"), ("ASSIGNEDTO", "None")]),
        ("case get", vec![("CREATEDBY", "customers")]),
        ("task get", vec![("TRANSID", "%1234567890%")]),
        ("task get", vec![("FROMDUEDATE", "03012025"), ("TODUEDATE", "040120251200")]),
        ("task get", vec![("ASSIGNEDTO", "jsmith")]),
        ("customer get", vec![("EMAIL", "%@example.com"), ("LASTNAME", "%<~%")]),
        ("case get", vec![("ATTACHMENTS", "yes")]),
    ] {
        ok(&simulator, name, &tags).await;
    }
    for (name, tags, message) in [
        ("followup get", vec![("FROMCREATEDATE", "01012025")], "The mandatory tag 'CASENUM'"),
        ("followup get", vec![("CASENUM", "1"), ("CASENUM", "2")], "Duplicate Tag 'CASENUM'"),
        ("faq get", vec![], "None of the possible mandatory tags"),
        ("customer get", vec![("FAX", "1")], "The tag 'FAX' is not a valid tag for the 'GET'"),
        ("case get", vec![("CASENUM", "100%")], "Regular expression not allowed"),
        ("case get", vec![("ASSIGNEDTO", "Deleted Agent")], "The value 'Deleted Agent'"),
        ("case get", vec![("ATTACHMENTS", "YES")], "The value 'YES' of the alias"),
        ("case get", vec![("LASTNAME", "a<b")], "The passed value 'a<b' of the alias 'LASTNAME'"),
        ("case get", vec![("PRIORITY", "Urgent")], "The value 'Urgent' of the alias 'PRIORITY'"),
        ("case get", vec![("FROMDATE", "010120250000")], "The value of the passed alias"),
        ("task get", vec![("CREATEDBY", "Customers")], "The value 'Customers' of the alias"),
        ("task get", vec![("CAMPAGINNAME", "x")], "The tag 'CAMPAGINNAME' is not a valid tag"),
        ("task get", vec![("TRANSID", "%12345678901%")], "The length of the value"),
        ("case modify", vec![("TASKNUM", "170")], "The tag 'TASKNUM' is not a valid tag"),
        ("country list", vec![("COUNTRY", "x")], "The tag 'COUNTRY' is not a valid tag"),
    ] {
        let refused = send(&simulator, name, &tags).await;
        assert!(refused.message.starts_with(message), "{name} {tags:?}: {}", refused.message);
    }
}
