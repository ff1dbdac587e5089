//! Cases and their follow-ups.

use serde_json::{Value, json};
use vccpipe_simulator::Running;

use super::client::{Reply, ok, record, records};
use crate::client::simulator;

const DELETED: [&str; 3] = ["gone1", "gone2", "gone3"];

fn is_deleted(user: &Value) -> bool {
    DELETED.iter().any(|deleted| user == deleted)
}

/// What the truth tells of the cases that fulfil something, by their numbers.
fn expected(simulator: &Running, fits: impl Fn(&Value) -> bool) -> Vec<String> {
    let cases = records(simulator, "case").into_iter();
    let cases = cases.filter(|case| !is_deleted(&case["CREATEDBY"]) && fits(case));
    cases.map(|case| case["CASENUM"].as_str().unwrap().to_string()).collect()
}

fn numbers(reply: &Reply) -> Vec<String> {
    reply.values("CASENUM")
}

async fn added(simulator: &Running, more: &[(&str, &str)]) -> String {
    let case = [("ACCOUNTNUM", "10000012"), ("SUBJECT", "Zoë's jet"), ("DESCRIPTION", "a & b")];
    ok(simulator, "case add", &[&case, more].concat()).await.value("CASENUM")
}

#[tokio::test]
async fn an_added_case_has_the_defaults_and_comes_back_as_printed() {
    let simulator = simulator(json!({})).await;
    let last = records(&simulator, "case").last().unwrap()["CASENUM"].clone();
    let number = added(&simulator, &[("OLD_CASE", "K-007")]).await;
    let last: u64 = last.as_str().unwrap().parse().unwrap();
    assert_eq!(number, (last + 1).to_string());
    let got = ok(&simulator, "case get", &[("CASENUM", &number)]).await;
    let expected = [
        ("ACCOUNTNUM", "10000012"),
        ("CASENUM", &number),
        ("SUBJECT", "Zoë's jet"),
        ("DESCRIPTION", "a & b"),
        ("STATUS", "Unassigned"),
        ("PRIORITY", "Low"),
        ("SEVERITY", "Information"),
        ("CATEGORY", "Default"),
        ("PROJECT", "Default"),
        ("VISIBILITY", "Internal"),
        ("MEDIATYPE", ""),
        ("ASSIGNEDTO", ""),
        ("ASSIGNEDDATE", ""),
        ("CREATEDBY", "pma"),
        ("CREATEDDATE", "11232026"),
        ("CLOSEDBY", ""),
        ("CLOSEDDATE", ""),
        ("LASTACTDATE", "11232026"),
        ("OLD_CASE", "K-007"),
    ];
    let expected: Vec<_> = expected.map(|(tag, value)| (tag.into(), value.into())).into();
    assert_eq!(got.items, [expected]);
}

#[tokio::test]
async fn a_modified_case_has_an_automated_followup_that_tells_what_changed() {
    let simulator = simulator(json!({})).await;
    let number = added(&simulator, &[]).await;
    let change = [("CASENUM", number.as_str()), ("STATUS", "Closed"), ("ASSIGNEDTO", "jsmith")];
    let reply = ok(&simulator, "case modify", &change).await;
    assert!(!reply.text.contains("ITEM") && reply.value("CASENUM") == number);
    let case = record(&simulator, "case", "CASENUM", &number);
    for (tag, value) in [
        ("STATUS", "Closed"),
        ("ASSIGNEDTO", "jsmith"),
        ("ASSIGNEDDATE", "11232026"),
        ("CLOSEDBY", "pma"),
        ("CLOSEDDATE", "11232026"),
        ("SUBJECT", "Zoë's jet"),
    ] {
        assert_eq!(case[tag], value, "{tag}");
    }
    let followup = record(&simulator, "followup", "CASENUM", &number);
    assert_eq!((&followup["_automated"], &followup["FOLLOWUPNUM"]), (&json!(true), &json!("1")));
    let description = followup["DESCRIPTION"].as_str().unwrap();
    assert!(description.contains("STATUS was \"Unassigned\", is \"Closed\""), "{description}");
    let reopened = [("CASENUM", number.as_str()), ("STATUS", "Open"), ("ASSIGNEDTO", "101")];
    ok(&simulator, "case modify", &reopened).await;
    let case = record(&simulator, "case", "CASENUM", &number);
    assert_eq!((&case["CLOSEDBY"], &case["ASSIGNEDTO"]), (&Value::Null, &json!("101")));
}

#[tokio::test]
async fn parameters_that_a_modify_does_not_send_follow_the_switch() {
    for (mode, subject, priority, project, old) in [
        ("retain", json!("Zoë's jet"), json!("High"), json!("Website"), json!("7")),
        ("null", Value::Null, Value::Null, json!("Website"), Value::Null),
        ("default", json!("Zoë's jet"), json!("Low"), json!("Website"), json!("7")),
    ] {
        let settings = json!({ "wapi": { "case_modify_unsupplied": mode } });
        let simulator = simulator(settings).await;
        let more = [("PRIORITY", "High"), ("PROJECT", "Website"), ("OLD_CASE", "7")];
        let number = added(&simulator, &more).await;
        ok(&simulator, "case modify", &[("CASENUM", &number), ("SEVERITY", "Major")]).await;
        let case = record(&simulator, "case", "CASENUM", &number);
        let found = (&case["SUBJECT"], &case["PRIORITY"], &case["PROJECT"], &case["OLD_CASE"]);
        assert_eq!(found, (&subject, &priority, &project, &old), "{mode}");
        assert_eq!(case["SEVERITY"], "Major", "{mode}");
    }
}

#[tokio::test]
async fn repeated_tags_are_an_or_and_different_ones_an_and() {
    let simulator = simulator(json!({})).await;
    let tags = [("STATUS", "Open"), ("STATUS", "Pending"), ("PRIORITY", "High")];
    let found = numbers(&ok(&simulator, "case get", &tags).await);
    let fits = |case: &Value| {
        (case["STATUS"] == "Open" || case["STATUS"] == "Pending") && case["PRIORITY"] == "High"
    };
    assert!(!found.is_empty());
    assert_eq!(found, expected(&simulator, fits));
}

#[tokio::test]
async fn subjects_and_the_customers_names_are_searched_by_patterns() {
    let simulator = simulator(json!({ "tenant": { "customers": 500 } })).await;
    let customers = records(&simulator, "customer");
    let of_customer = |case: &Value, tag: &str, fits: &dyn Fn(&str) -> bool| {
        let customer =
            customers.iter().find(|known| known["ACCOUNTNUM"] == case["ACCOUNTNUM"]).unwrap();
        customer[tag].as_str().is_some_and(fits)
    };
    let text = |case: &Value| case["SUBJECT"].as_str().unwrap().to_string();
    for (tag, pattern, fits) in [
        (
            "SUBJECT",
            "%printer%",
            Box::new(|case: &Value| text(case).contains("printer")) as Box<dyn Fn(&Value) -> bool>,
        ),
        ("SUBJECT", "p%", Box::new(|case| text(case).starts_with('p'))),
        ("SUBJECT", "Change of address", Box::new(|case| text(case) == "Change of address")),
        ("COMPANY", "%&%", Box::new(|case| of_customer(case, "COMPANY", &|c| c.contains('&')))),
        (
            "LASTNAME",
            "O'%",
            Box::new(|case| of_customer(case, "LASTNAME", &|n| n.starts_with("O'"))),
        ),
    ] {
        let found = numbers(&ok(&simulator, "case get", &[(tag, pattern)]).await);
        assert_eq!(found, expected(&simulator, fits), "{tag} {pattern}");
        assert!(!found.is_empty(), "{tag} {pattern}");
    }
}

#[tokio::test]
async fn cases_of_deleted_agents_are_found_only_when_they_are_asked_for() {
    let simulator = simulator(json!({})).await;
    let cases = records(&simulator, "case");
    let of = |tag: &str, fits: &dyn Fn(&Value) -> bool| -> Vec<String> {
        let fitting = cases.iter().filter(|case| fits(&case[tag]));
        fitting.map(|case| case["CASENUM"].as_str().unwrap().to_string()).collect()
    };
    let deleted = of("CREATEDBY", &is_deleted);
    assert!(!deleted.is_empty());
    let found = ok(&simulator, "case get", &[("CREATEDBY", "deleted AGENTS")]).await;
    assert_eq!(numbers(&found), deleted);
    let hidden = ok(&simulator, "case get", &[("CASENUM", &deleted[0])]).await;
    assert!(hidden.text.contains("<data />"), "{}", hidden.text);
    let customers = ok(&simulator, "case get", &[("CREATEDBY", "Customers")]).await;
    assert_eq!(numbers(&customers), of("CREATEDBY", &Value::is_null));
    assert!(customers.values("CREATEDBY").iter().all(String::is_empty));

    let assigned =
        |fits: &dyn Fn(&Value) -> bool| expected(&simulator, |case| fits(&case["ASSIGNEDTO"]));
    let gone_group = |group: &Value| group == "109" || group == "110";
    for (asked, expected) in [
        ("None", assigned(&Value::is_null)),
        ("Deleted Agents", assigned(&is_deleted)),
        ("Deleted Groups", assigned(&gone_group)),
        ("101", assigned(&|group| group == "101")),
    ] {
        let found = numbers(&ok(&simulator, "case get", &[("ASSIGNEDTO", asked)]).await);
        assert_eq!(found, expected, "{asked}");
        assert!(!found.is_empty(), "{asked}");
    }
}

#[tokio::test]
async fn ranges_of_days_are_half_open_and_may_have_one_side() {
    let simulator = simulator(json!({})).await;
    let day = |case: &Value, key: &str| case[key].as_str().unwrap()[..10].to_string();
    for (tags, key, from, to) in [
        (
            vec![("FROMDATE", "03012025"), ("TODATE", "03152025")],
            "_created",
            "2025-03-01",
            "2025-03-15",
        ),
        (vec![("FROMCREATEDATE", "09012025")], "_created", "2025-09-01", "9999"),
        (vec![("TOCREATEDATE", "02012025")], "_created", "0000", "2025-02-01"),
        (
            vec![("FROMLASTMODDATE", "03012025"), ("TOLASTMODDATE", "05012025")],
            "_modified",
            "2025-03-01",
            "2025-05-01",
        ),
    ] {
        let found = numbers(&ok(&simulator, "case get", &tags).await);
        let fits = |case: &Value| day(case, key).as_str() >= from && day(case, key).as_str() < to;
        assert_eq!(found, expected(&simulator, fits), "{tags:?}");
        assert!(!found.is_empty(), "{tags:?}");
    }
    let inverted = [("FROMDATE", "05012025"), ("TODATE", "03012025")];
    assert!(ok(&simulator, "case get", &inverted).await.text.contains("<data />"));
}

#[tokio::test]
async fn days_are_those_of_the_tenants_time_zone() {
    let crm = json!({ "timezone": "Pacific/Auckland" });
    let simulator = simulator(json!({ "tenant": { "crm": crm } })).await;
    let number = added(&simulator, &[]).await;
    let day = |day| [("FROMCREATEDATE", day)];
    let found = ok(&simulator, "case get", &day("11242026")).await;
    assert_eq!((numbers(&found), found.value("CREATEDDATE")), (vec![number], "11242026".into()));
    assert!(ok(&simulator, "case get", &day("11252026")).await.text.contains("<data />"));
}

#[tokio::test]
async fn a_get_without_parameters_tells_the_numbers() {
    let simulator = simulator(json!({})).await;
    let summary = ok(&simulator, "case get", &[]).await;
    let cases = records(&simulator, "case");
    assert_eq!(summary.value("TOTAL"), cases.len().to_string());
    assert_eq!(summary.value("FIRSTID"), "1001");
    assert_eq!(summary.value("LASTID"), cases.last().unwrap()["CASENUM"].as_str().unwrap());
    assert!(summary.text.contains("<ITEM><FIRSTID>"), "{}", summary.text);
}

#[tokio::test]
async fn a_few_cases_are_private_and_some_have_attachments() {
    let simulator = simulator(json!({})).await;
    let cases = records(&simulator, "case");
    let private = cases.iter().filter(|case| case["VISIBILITY"] == "Private").count();
    assert_eq!(private, 5);
    let files = simulator.attachments();
    let files = files.lines().map(|line| serde_json::from_str(line).unwrap());
    let files: Vec<Value> = files.filter(|file: &Value| file["object"] == "case").collect();
    let attached = |case: &Value| files.iter().any(|file| file["id"] == case["CASENUM"]);
    for (asked, wanted) in [("yes", true), ("no", false)] {
        let found = numbers(&ok(&simulator, "case get", &[("ATTACHMENTS", asked)]).await);
        assert_eq!(found, expected(&simulator, |case| attached(case) == wanted), "{asked}");
        assert!(!found.is_empty(), "{asked}");
    }
}

#[tokio::test]
async fn followups_are_numbered_by_case_and_found_by_it() {
    let simulator = simulator(json!({})).await;
    let case = added(&simulator, &[("PRIORITY", "High")]).await;
    let followup = [("CASENUM", case.as_str()), ("SUBJECT", "Call"), ("DESCRIPTION", "d")];
    for number in ["1", "2", "3"] {
        let reply = ok(&simulator, "followup add", &followup).await;
        assert_eq!(reply.value("FOLLOWUPNUM"), number);
        assert!(!reply.text.contains("ITEM"));
    }
    let of_case = [("CASENUM", case.as_str())];
    ok(&simulator, "followup delete", &[("CASENUM", &case), ("FOLLOWUPNUM", "3")]).await;
    assert_eq!(ok(&simulator, "followup add", &followup).await.value("FOLLOWUPNUM"), "4");
    let got = ok(&simulator, "followup get", &of_case).await;
    assert_eq!(got.values("FOLLOWUPNUM"), ["1", "2", "4"]);
    let tags: Vec<_> = got.items[0].iter().map(|(tag, _)| tag.as_str()).collect();
    let expected = "CASENUM FOLLOWUPNUM SUBJECT CREATEDDATE ATTACHMENTS FOLLOWUPID CREATEDBY status \
        priority severity category project mediatype visibility DESCRIPTION";
    assert_eq!(tags.join(" "), expected);
    assert_eq!(got.values("CREATEDDATE")[0], "11232026 12:00:00");
    assert_eq!(got.values("priority")[0], "High");

    let all = ok(&simulator, "followup get", &[("CASENUM", "%00%")]).await;
    let fitting = records(&simulator, "followup").into_iter();
    let fitting = fitting.filter(|f| f["CASENUM"].as_str().unwrap().contains("00"));
    assert_eq!(all.items.len(), fitting.count());
    let tomorrow = [of_case[0], ("FROMCREATEDATE", "11242026")];
    assert!(ok(&simulator, "followup get", &tomorrow).await.text.contains("<data />"));
}

#[tokio::test]
async fn dates_of_replies_are_glued_by_the_switch() {
    let simulator = simulator(json!({ "wapi": { "glued_dates": true } })).await;
    let case = added(&simulator, &[]).await;
    let followup = [("CASENUM", case.as_str()), ("SUBJECT", "Call"), ("DESCRIPTION", "d")];
    ok(&simulator, "followup add", &followup).await;
    let got = ok(&simulator, "followup get", &[("CASENUM", &case)]).await;
    assert_eq!(got.value("CREATEDDATE"), "1123202612:00:00");
}

#[tokio::test]
async fn a_deleted_case_takes_its_followups_and_a_customer_takes_all() {
    let simulator = simulator(json!({})).await;
    let before = simulator.state().wapi.objects;
    let case = added(&simulator, &[]).await;
    ok(&simulator, "case modify", &[("CASENUM", &case), ("PRIORITY", "High")]).await;
    ok(&simulator, "case delete", &[("CASENUM", &case)]).await;
    let after = simulator.state().wapi.objects;
    for object in ["case", "followup"] {
        assert_eq!(after[object].records, before[object].records, "{object}");
        assert_eq!(after[object].deleted, 1, "{object}");
    }
    let (cases, tasks) = (records(&simulator, "case"), records(&simulator, "task"));
    let of = |case: &Value| tasks.iter().any(|task| task["ACCOUNTNUM"] == case["ACCOUNTNUM"]);
    let customer = cases.iter().find(|case| of(case)).unwrap()["ACCOUNTNUM"].clone();
    let customer = customer.as_str().unwrap();
    let cases = cases.iter().filter(|case| case["ACCOUNTNUM"] == customer);
    let cases: Vec<String> = cases.map(|case| case["CASENUM"].as_str().unwrap().into()).collect();
    assert!(!cases.is_empty());
    let reply = ok(&simulator, "customer delete", &[("ACCOUNTNUM", customer)]).await;
    assert!(reply.text.contains("STATUS=\"0\"/>"), "{}", reply.text);
    for (object, tag) in
        [("customer", "ACCOUNTNUM"), ("task", "ACCOUNTNUM"), ("case", "ACCOUNTNUM")]
    {
        let left = records(&simulator, object);
        assert!(left.iter().all(|record| record[tag] != customer), "{object}");
    }
    let left = records(&simulator, "followup");
    let orphan = left.iter().find(|f| cases.contains(&f["CASENUM"].as_str().unwrap().to_string()));
    assert_eq!(orphan, None);
}
