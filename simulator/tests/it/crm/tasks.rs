//! Tasks.

use serde_json::{Value, json};
use vccpipe_simulator::Running;

use super::client::{ok, record, records};
use crate::client::simulator;

const DELETED: [&str; 3] = ["gone1", "gone2", "gone3"];

fn is_deleted(user: &Value) -> bool {
    DELETED.iter().any(|deleted| user == deleted)
}

/// What the truth tells of the tasks that fulfil something and are of no deleted agent.
fn expected(simulator: &Running, fits: impl Fn(&Value) -> bool) -> Vec<String> {
    let tasks = records(simulator, "task").into_iter();
    let tasks = tasks
        .filter(|task| !is_deleted(&task["CREATEDBY"]) && !is_deleted(&task["ASSIGNEDTO"]))
        .filter(|task| fits(task));
    tasks.map(|task| task["TASKNUM"].as_str().unwrap().to_string()).collect()
}

#[tokio::test]
async fn an_added_task_has_the_defaults_and_comes_back_as_printed() {
    let simulator = simulator(json!({})).await;
    let task = [
        ("ACCOUNTNUM", "10000012"),
        ("SUBJECT", "Phone & more"),
        ("MEDIA_TYPE", "Phone"),
        ("CALL_TYPE", "DAA"),
        ("DUEDATE", "062120271315"),
        ("REMINDER", "Y"),
        ("TRANSID", "0012345678"),
        ("task_text", "some text"),
        ("TASK_DATE", "04062012"),
        ("task_picklist", "three"),
    ];
    let number = ok(&simulator, "task add", &task).await.value("TASKNUM");
    let got = ok(&simulator, "task get", &[("TASKNUM", &number)]).await;
    let expected = [
        ("TASKNUM", number.as_str()),
        ("SUBJECT", "Phone & more"),
        ("DESCRIPTION", ""),
        ("CREATEDDATE", "11232026 12:00:00"),
        ("DUEDATE", "06212027 13:15:00"),
        ("REMINDER", "Y"),
        ("PHONE", ""),
        ("LASTMODDATE", "11232026 12:00:00"),
        ("EMAIL", ""),
        ("TRANSID", "0012345678"),
        ("CALLDURATION", ""),
        ("CAMPAIGNNAME", ""),
        ("task_text", "some text"),
        ("task_number", ""),
        ("task_date", "04062012"),
        ("task_url", ""),
        ("task_picklist", "three"),
        ("task_status", "New"),
        ("media_type", "Phone"),
        ("call_type", "DAA"),
        ("ACCOUNTNUM", "10000012"),
        ("ASSIGNEDTO", "pma"),
        ("CREATEDBY", "pma"),
    ];
    let expected: Vec<_> = expected.map(|(tag, value)| (tag.into(), value.into())).into();
    assert_eq!(got.items, [expected]);
}

#[tokio::test]
async fn a_modify_that_changes_nothing_leaves_no_mark() {
    let simulator = simulator(json!({})).await;
    let task = [("ACCOUNTNUM", "10000012"), ("SUBJECT", "call")];
    let number = ok(&simulator, "task add", &task).await.value("TASKNUM");
    let same = [("TASKNUM", number.as_str()), ("SUBJECT", "call")];
    assert_eq!(ok(&simulator, "task modify", &same).await.value("TASKNUM"), number);
    assert_eq!(record(&simulator, "task", "TASKNUM", &number)["_times_modified"], 0);
    ok(&simulator, "task modify", &[same[0], ("SUBJECT", "called")]).await;
    let task = record(&simulator, "task", "TASKNUM", &number);
    assert_eq!((&task["_times_modified"], &task["SUBJECT"]), (&json!(1), &json!("called")));
    assert_eq!(simulator.state().wapi.objects["task"].modified, 1);
}

#[tokio::test]
async fn an_assignee_that_is_not_sent_stays_or_becomes_the_used_identity() {
    for (switch, expected) in [(false, "jsmith"), (true, "pma")] {
        let settings = json!({ "wapi": { "task_modify_assignedto_username": switch } });
        let simulator = simulator(settings).await;
        let task = [("ACCOUNTNUM", "10000012"), ("ASSIGNEDTO", "jsmith"), ("TASK_STATUS", "New")];
        let number = ok(&simulator, "task add", &task).await.value("TASKNUM");
        ok(&simulator, "task modify", &[("TASKNUM", &number), ("SUBJECT", "x")]).await;
        assert_eq!(record(&simulator, "task", "TASKNUM", &number)["ASSIGNEDTO"], expected);
    }
}

#[tokio::test]
async fn tasks_are_found_by_values_patterns_and_due_dates() {
    let simulator = simulator(json!({})).await;
    let text = |task: &Value, tag: &str| task[tag].as_str().unwrap_or_default().to_string();
    let due = |task: &Value| {
        let due = text(task, "DUEDATE");
        format!("{}{}{}", &due[4..8], &due[..4], &due[8..])
    };
    type Fits<'a> = Box<dyn Fn(&Value) -> bool + 'a>;
    let rows: Vec<(Vec<(&str, &str)>, Fits)> = vec![
        (vec![("CALL_TYPE", "Outbound")], Box::new(|task| task["CALL_TYPE"] == "Outbound")),
        (
            vec![("MEDIA_TYPE", "Phone"), ("MEDIA_TYPE", "Chat")],
            Box::new(|task| task["MEDIATYPE"] == "Phone" || task["MEDIATYPE"] == "Chat"),
        ),
        (
            vec![("CAMPAIGNNAME", "%Promo%")],
            Box::new(|task| text(task, "CAMPAIGNNAME").contains("Promo")),
        ),
        (vec![("PHONE", "1-555-%")], Box::new(|task| text(task, "PHONE").starts_with("1-555-"))),
        (
            vec![("FROMDUEDATE", "03012025"), ("TODUEDATE", "040120251200")],
            Box::new(|task| {
                due(task).as_str() >= "202503010000" && due(task).as_str() < "202504011200"
            }),
        ),
        (vec![("ASSIGNEDTO", "102")], Box::new(|task| task["ASSIGNEDTO"] == "102")),
    ];
    for (tags, fits) in rows {
        let found = ok(&simulator, "task get", &tags).await.values("TASKNUM");
        assert_eq!(found, expected(&simulator, fits), "{tags:?}");
        assert!(!found.is_empty(), "{tags:?}");
    }
}

#[tokio::test]
async fn tasks_of_deleted_agents_need_both_tags() {
    let crm = json!({ "tenant": { "crm": { "tasks": 3_000 } } });
    let simulator = simulator(crm).await;
    let tasks = records(&simulator, "task");
    let created = ("CREATEDBY", "Deleted Agents");
    let assigned = ("ASSIGNEDTO", "Deleted Agents");
    for (tags, by, to) in [
        (vec![created], true, false),
        (vec![assigned], false, true),
        (vec![created, assigned], true, true),
    ] {
        let fits = |task: &&Value| {
            is_deleted(&task["CREATEDBY"]) == by && is_deleted(&task["ASSIGNEDTO"]) == to
        };
        let expected: Vec<_> =
            tasks.iter().filter(fits).map(|task| task["TASKNUM"].clone()).collect();
        let found = ok(&simulator, "task get", &tags).await.values("TASKNUM");
        assert_eq!(found, expected, "{tags:?}");
        assert!(!found.is_empty(), "{tags:?}");
    }
    let summary = ok(&simulator, "task get", &[]).await;
    assert_eq!((summary.value("FIRSTID"), summary.value("TOTAL")), ("170".into(), "3000".into()));
}
