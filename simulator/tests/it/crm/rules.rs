//! The readings of the guide that are switches or rulings.

use serde_json::json;

use super::client::{ok, record, send};
use crate::client::simulator;

const CUSTOMER: (&str, &str) = ("ACCOUNTNUM", "10000012");

/// A switch, and a command that is refused with a code and a part of a message without it.
type Switched<'a> = (&'a str, serde_json::Value, &'a str, Vec<(&'a str, &'a str)>, &'a str);

#[tokio::test]
async fn each_switch_allows_what_is_refused_without_it() {
    let auto = vec![
        ("FIRSTNAME", "Bill"),
        ("LASTNAME", "Gates"),
        ("AUTOPASSWD", "True"),
        ("PASSWORD", "x!y"),
    ];
    let voice =
        vec![("CASENUM", "1001"), ("SUBJECT", "s"), ("DESCRIPTION", "d"), ("MEDIATYPE", "Voice")];
    let rows: Vec<Switched> = vec![
        ("followup_voice", json!(true), "followup add", voice, "'Voice' of the alias"),
        (
            "customer_wildcard_names",
            json!(true),
            "customer get",
            vec![("VOICE", "555%"), ("FIRSTNAME", "%a%")],
            "Regular expression not allowed for the alias 'VOICE'",
        ),
        (
            "none_any_case",
            json!(true),
            "case get",
            vec![("ASSIGNEDTO", "NONE")],
            "The value 'NONE' of the alias 'ASSIGNEDTO' is not valid",
        ),
        (
            "autopasswd_true_ignores_password",
            json!(true),
            "customer add",
            auto,
            "The passed value 'x!y' of the alias 'PASSWORD'",
        ),
        (
            "email_characters",
            json!("any"),
            "customer modify",
            vec![CUSTOMER, ("EMAIL", "a+b@example.com")],
            "The passed value 'a+b@example.com' of the alias 'EMAIL'",
        ),
        (
            "delete_task_lenient",
            json!(true),
            "task delete",
            vec![("TASK", "170")],
            "The tag 'TASK' is not a valid tag for the 'DELETE' on the 'TASK'",
        ),
        (
            "empty_optional_lenient",
            json!(true),
            "customer modify",
            vec![CUSTOMER, ("COMPANY", "")],
            "The mandatory tag 'COMPANY'",
        ),
        (
            "case_insensitive_search",
            json!(true),
            "case get",
            vec![("STATUS", "open")],
            "The value 'open' of the alias 'STATUS' is not valid",
        ),
    ];
    for (switch, on, name, tags, message) in rows {
        let tenant = json!({ "customers": 100 });
        let strict = simulator(json!({ "tenant": tenant })).await;
        let refused = send(&strict, name, &tags).await;
        assert_eq!(refused.status, -1, "{switch}");
        assert!(refused.message.contains(message), "{switch}: {}", refused.message);
        let settings = json!({ "tenant": tenant, "wapi": { switch: on } });
        ok(&simulator(settings).await, name, &tags).await;
    }
}

#[tokio::test]
async fn the_dot_of_an_address_is_refused_as_printed_only_by_the_switch() {
    let settings = json!({ "wapi": { "email_characters": "printed" } });
    let simulator = simulator(settings).await;
    let dotted = [CUSTOMER, ("EMAIL", "b.gates@example.com")];
    assert_eq!(send(&simulator, "customer modify", &dotted).await.code, 2);
    ok(&simulator, "customer modify", &[CUSTOMER, ("EMAIL", "b_gates@example-com")]).await;
}

#[tokio::test]
async fn without_delete_it_is_no_valid_action() {
    let simulator = simulator(json!({ "wapi": { "delete_allowed": false } })).await;
    let refused = send(&simulator, "customer delete", &[CUSTOMER]).await;
    let message = "Action 'DELETE' Not Valid for the Object 'CUSTOMER'";
    assert_eq!((refused.status, refused.message.as_str()), (-1, message));
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
        ("customer delete", vec![("ACCOUNTNUM", "1")], "The value '1' of the alias 'ACCOUNTNUM'"),
        ("task add", vec![("ACCOUNTNUM", "x")], "The value 'x' of the alias 'ACCOUNTNUM'"),
        ("task modify", vec![("TASKNUM", "1")], "The value '1' of the alias 'TASKNUM'"),
        ("faq delete", vec![("FAQID", "999")], "The value '999' of the alias 'FAQID'"),
        ("faq add", faq.to_vec(), "The value '99' of the alias 'FAQCATID'"),
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
