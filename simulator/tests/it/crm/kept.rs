//! A kept CRM: it is the same after a new start.

use serde_json::{Value, json};
use vccpipe_simulator::{Running, start};

use super::client::{ok, records, send, try_send};
use crate::client::{at_now, started};

const OBJECTS: [&str; 6] = ["customer", "case", "followup", "task", "faqcategory", "faq"];

fn all(simulator: &Running) -> Vec<String> {
    OBJECTS.iter().map(|object| simulator.wapi_records(object)).collect()
}

fn few() -> Value {
    json!({ "tenant": { "customers": 300 } })
}

/// One change of each kind, of each object; the numbers of a customer and of a case.
async fn change_everything(simulator: &Running) -> (String, String) {
    let customer = [("FIRSTNAME", "Zoë"), ("LASTNAME", "O'Brien"), ("AUTOPASSWD", "True")];
    let customer = ok(simulator, "customer add", &customer).await.value("ACCOUNTNUM");
    let of = ("ACCOUNTNUM", customer.as_str());
    ok(simulator, "customer modify", &[of, ("COMPANY", "AT&T")]).await;
    ok(simulator, "customer delete", &[("ACCOUNTNUM", "10000012")]).await;
    let case = [of, ("SUBJECT", "中文"), ("DESCRIPTION", "a\nb")];
    let case = ok(simulator, "case add", &case).await.value("CASENUM");
    let followup = [("CASENUM", case.as_str()), ("SUBJECT", "s"), ("DESCRIPTION", "d")];
    ok(simulator, "followup add", &followup).await;
    ok(simulator, "case modify", &[("CASENUM", &case), ("PRIORITY", "High")]).await;
    let task = ok(simulator, "task add", &[of, ("SUBJECT", "call")]).await.value("TASKNUM");
    ok(simulator, "task modify", &[("TASKNUM", &task), ("SUBJECT", "called")]).await;
    let category = ok(simulator, "faqcategory add", &[("FAQCATEGORY", "New")]).await;
    let category = category.value("FAQCATID");
    let faq = [("FAQCATID", category.as_str()), ("QUESTION", "q"), ("ANSWER", "a")];
    let faq = ok(simulator, "faq add", &faq).await.value("FAQID");
    ok(simulator, "faq delete", &[("FAQID", &faq)]).await;
    (customer, case)
}

#[tokio::test]
async fn a_kept_crm_is_the_same_after_a_new_start() {
    let folder = tempfile::tempdir().unwrap();
    let keep_in = Some(folder.path().to_path_buf());
    let first = started(few(), keep_in.clone()).await;
    let fresh = all(&first);
    let (customer, case) = change_everything(&first).await;
    let (before, counts) = (all(&first), first.state().wapi.objects);
    assert!(fresh.iter().zip(&before).take(4).all(|(fresh, before)| fresh != before));
    first.stop().await;

    let second = started(few(), keep_in).await;
    assert_eq!(all(&second), before);
    assert_eq!(second.state().wapi.objects, counts);
    assert_eq!((counts["customer"].added, counts["customer"].deleted), (1, 1));
    assert_eq!((counts["followup"].added, counts["followup"].automated), (1, 1));
    // No number is given twice, also not that of the deleted FAQ.
    let id = |object: &str, tag: &str| {
        let all = records(&second, object);
        all.last().unwrap()[tag].as_str().unwrap().parse::<u64>().unwrap()
    };
    assert_eq!(id("case", "CASENUM").to_string(), case);
    let faq = [("FAQCATID", "1"), ("QUESTION", "q"), ("ANSWER", "a")];
    let faq = ok(&second, "faq add", &faq).await.value("FAQID");
    assert_eq!(faq, "162");
    let list = json!([{ "customer-id": customer.parse::<u64>().unwrap() }]);
    let answers = crate::client::add(&second, 125, list).await.unwrap().json();
    assert_eq!(answers[0]["http-status"], 200);
}

#[tokio::test]
async fn what_was_added_is_kept_though_nobody_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let keep_in = Some(folder.path().to_path_buf());
    let mut settings = few();
    settings["faults"] = json!([{ "kind": "reset_after" }]);
    let first = started(settings, keep_in.clone()).await;
    let case = [("ACCOUNTNUM", "10000012"), ("SUBJECT", "lost"), ("DESCRIPTION", "d")];
    try_send(&first, "case add", &case).await.unwrap_err();
    first.stop().await;
    // A process that is killed leaves half a frame at worst.
    let journal = folder.path().join("tenant.journal");
    let mut bytes = std::fs::read(&journal).unwrap();
    bytes.extend([200, 0, 0, 0, 1, 2, 3, 4, 2, 1, 2]);
    std::fs::write(&journal, bytes).unwrap();
    let second = started(few(), keep_in).await;
    let found = ok(&second, "case get", &[("SUBJECT", "lost")]).await;
    assert_eq!(found.value("ACCOUNTNUM"), "10000012");
    assert_eq!(second.state().wapi.objects["case"].added, 1);
}

#[tokio::test]
async fn settings_of_the_crm_that_make_no_sense_are_refused_by_name() {
    for (tenant, expected) in [
        (json!({ "crm": { "timezone": "Mars" } }), "`tenant.crm.timezone` is `Mars`"),
        (json!({ "crm": { "used_identity": "gone1" } }), "`tenant.crm.used_identity` is `gone1`"),
        (json!({ "crm": { "created_to": "2024-01-01" } }), "`tenant.crm.created_to`"),
        (json!({ "wapi_username": "12345678901" }), "`tenant.wapi_username` has 11 characters"),
        (json!({ "wapi_password": "12" }), "`tenant.wapi_password` has 2 characters"),
    ] {
        let error = start(at_now(json!({ "tenant": tenant })), None, 0).await.err().unwrap();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn another_crm_is_another_tenant_and_rights_may_change() {
    let folder = tempfile::tempdir().unwrap();
    let keep_in = Some(folder.path().to_path_buf());
    started(json!({}), keep_in.clone()).await.stop().await;
    let other = at_now(json!({ "tenant": { "crm": { "cases": 3 } } }));
    let error = start(other, keep_in.clone(), 0).await.err().unwrap().to_string();
    assert!(error.contains("`crm` was"), "{error}");
    let settings = json!({ "wapi": { "rights": { "case": [] } }, "tenant": { "api_key": "k" } });
    let again = started(settings, keep_in).await;
    assert_eq!(send(&again, "case get", &[]).await.status, 310);
}

#[tokio::test]
async fn what_is_there_at_first_does_not_depend_on_the_clock() {
    let first = started(few(), None).await;
    let mut other = few();
    other["clock"] = json!({ "starts_at": "2027-03-04T05:06:07Z" });
    assert_eq!(all(&started(other, None).await), all(&first));
}
