//! What an export of the whole CRM asks, and what makes it hard.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use vccpipe_simulator::{Running, Settings, start};

use super::client::{ok, record, records, send, try_send};
use crate::client::{at_now, simulator, started};

/// The numbers that the truth tells of an object, of the records of which something is so.
fn numbers(
    simulator: &Running,
    object: &str,
    tag: &str,
    fits: impl Fn(&Value) -> bool,
) -> BTreeSet<String> {
    let all = records(simulator, object).into_iter().filter(fits);
    all.map(|record| record[tag].as_str().unwrap().to_string()).collect()
}

async fn got(simulator: &Running, name: &str, tag: &str, tags: &[(&str, &str)]) -> Vec<String> {
    ok(simulator, name, tags).await.values(tag)
}

#[tokio::test]
async fn customers_whose_numbers_have_different_lengths_are_found_by_prefixes() {
    let tenant = json!({ "customers": 2_000, "first_account_number": 98 });
    let simulator = simulator(json!({ "tenant": tenant })).await;
    let all = numbers(&simulator, "customer", "ACCOUNTNUM", |_| true);
    let lengths: BTreeSet<usize> = all.iter().map(String::len).collect();
    assert!(lengths.contains(&2) && lengths.contains(&4), "{lengths:?}");
    let mut found = Vec::new();
    for digit in 1..=9 {
        let prefix = format!("{digit}%");
        let tags = [("ACCOUNTNUM", prefix.as_str())];
        found.extend(got(&simulator, "customer get", "ACCOUNTNUM", &tags).await);
    }
    let summary = ok(&simulator, "customer get", &[]).await;
    assert_eq!(summary.value("TOTAL"), found.len().to_string());
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), all);
    assert!(summary.value("FIRSTID").len() < summary.value("LASTID").len());
    // The campaigns know the same customers.
    let list = json!([{ "customer-id": 98 }, { "customer-id": 99 }, { "customer-id": 100 }]);
    let answers = crate::client::add(&simulator, 125, list).await.unwrap().json();
    let taken = answers.as_array().unwrap().iter().filter(|answer| answer["http-status"] == 200);
    let there = ["98", "99", "100"].iter().filter(|number| all.contains(**number));
    assert_eq!(taken.count(), there.count());
    let records = crate::client::get(&simulator, "/api/stats/campaigns/125/records.json").await;
    assert!(records.body.contains("\"record-id\":100"), "{}", records.body);
}

#[tokio::test]
async fn days_of_creation_and_modification_are_those_of_the_time_zone() {
    let crm = json!({ "timezone": "America/New_York" });
    let simulator = simulator(json!({ "tenant": { "customers": 1_000, "crm": crm } })).await;
    for (object, tag) in [("customer", "ACCOUNTNUM"), ("case", "CASENUM"), ("task", "TASKNUM")] {
        let shown = |record: &Value| {
            let gone =
                |tag: &str| record[tag].as_str().is_some_and(|user| user.starts_with("gone"));
            !gone("CREATEDBY") && (object != "task" || !gone("ASSIGNEDTO"))
        };
        let all: Vec<Value> = records(&simulator, object).into_iter().filter(shown).collect();
        for (kind, key) in [("CREATE", "_created"), ("LASTMOD", "_modified")] {
            for (from, to) in [
                // Over a change of the clock; a day; a month; nothing.
                ("2025-03-09", "2025-03-10"),
                ("2025-05-05", "2025-05-06"),
                ("2025-03-08", "2025-04-08"),
                ("2025-05-06", "2025-05-06"),
                ("2025-05-06", "2025-05-05"),
            ] {
                let within = |record: &&Value| {
                    let at: jiff::Timestamp = record[key].as_str().unwrap().parse().unwrap();
                    midnight(from) <= at && at < midnight(to)
                };
                let expected = all.iter().filter(within).map(|record| record[tag].clone());
                let (first, last) = (format!("FROM{kind}DATE"), format!("TO{kind}DATE"));
                let (from, to) = (written(from), written(to));
                let tags = [(first.as_str(), from.as_str()), (last.as_str(), to.as_str())];
                let found = got(&simulator, &format!("{object} get"), tag, &tags).await;
                assert_eq!(found, expected.collect::<Vec<_>>(), "{object} {tags:?}");
            }
        }
    }
}

fn midnight(day: &str) -> jiff::Timestamp {
    let zone = jiff::tz::TimeZone::get("America/New_York").unwrap();
    let date: jiff::civil::Date = day.parse().unwrap();
    date.to_zoned(zone).unwrap().timestamp()
}

/// MMDDYYYY of a day.
fn written(day: &str) -> String {
    format!("{}{}{}", &day[5..7], &day[8..10], &day[..4])
}

#[tokio::test]
async fn a_bulk_import_makes_half_of_the_records_on_one_day() {
    let crm = json!({ "bulk_day": "2025-03-17", "cases": 1_000, "tasks": 500,
        "timezone": "America/New_York" });
    let simulator = simulator(json!({ "tenant": { "customers": 5_000, "crm": crm } })).await;
    let day = [("FROMCREATEDATE", "03172025"), ("TOCREATEDATE", "03182025")];
    let customers = got(&simulator, "customer get", "ACCOUNTNUM", &day).await;
    assert!((2_500..2_520).contains(&customers.len()), "{}", customers.len());
    for (object, tag, count) in [("case", "CASENUM", 500), ("task", "TASKNUM", 250)] {
        let mut found = got(&simulator, &format!("{object} get"), tag, &day).await.len();
        found += got(
            &simulator,
            &format!("{object} get"),
            tag,
            &[&day[..], &[("CREATEDBY", "Deleted Agents")]].concat(),
        )
        .await
        .len();
        assert!(found > count * 8 / 10, "{found} of {count} {object}s");
    }
    for (crm, expected) in [
        (json!({ "bulk_day": "2024-03-17" }), "`tenant.crm.bulk_day` is `2024-03-17`, not between"),
        (json!({ "bulk_share": 2.0 }), "`tenant.crm.bulk_share` is `2`"),
        (json!({ "first_case_number": 0 }), "`tenant.crm.first_case_number` is `0`"),
    ] {
        let settings = at_now(json!({ "tenant": { "crm": crm } }));
        let error = start(settings, None, 0).await.err().unwrap().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn all_cases_and_tasks_come_only_if_those_of_deleted_agents_are_asked_for() {
    let crm = json!({ "cases": 600, "tasks": 600, "first_case_number": 95 });
    let simulator = simulator(json!({ "tenant": { "crm": crm } })).await;
    let time = [("FROMCREATEDATE", "01012025"), ("TOCREATEDATE", "01012026")];
    let (by, to) = (("CREATEDBY", "Deleted Agents"), ("ASSIGNEDTO", "Deleted Agents"));
    for (object, tag, asked) in [
        ("case", "CASENUM", vec![vec![], vec![by]]),
        ("task", "TASKNUM", vec![vec![], vec![by], vec![to], vec![by, to]]),
    ] {
        let all = numbers(&simulator, object, tag, |_| true);
        let mut found = Vec::new();
        for more in asked {
            let tags = [&time[..], &more[..]].concat();
            let part = got(&simulator, &format!("{object} get"), tag, &tags).await;
            assert!(!part.is_empty() && part.len() < all.len(), "{object} {more:?}");
            found.extend(part);
        }
        assert_eq!(found.len(), all.len(), "{object}");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), all);
    }
    for (name, tags) in [
        ("case get", [("CREATEDBY", "Customers")]),
        ("case get", [("ASSIGNEDTO", "None")]),
        ("case get", [("ASSIGNEDTO", "Deleted Groups")]),
        ("case get", [("ASSIGNEDTO", "101")]),
        ("task get", [("ASSIGNEDTO", "None")]),
        ("task get", [("ASSIGNEDTO", "Deleted Groups")]),
        ("task get", [("ASSIGNEDTO", "102")]),
    ] {
        let tag = if name == "case get" { "CASENUM" } else { "TASKNUM" };
        assert!(!got(&simulator, name, tag, &tags).await.is_empty(), "{name} {tags:?}");
    }
}

#[tokio::test]
async fn followups_are_found_by_the_first_digits_of_their_cases() {
    let crm = json!({ "cases": 400, "followups": 900, "first_case_number": 95 });
    let simulator = simulator(json!({ "tenant": { "crm": crm } })).await;
    let mut total = 0;
    for prefix in ["1", "2", "3", "4", "5", "6", "7", "8", "9"] {
        let begins = |followup: &Value| followup["CASENUM"].as_str().unwrap().starts_with(prefix);
        let expected = numbers(&simulator, "followup", "FOLLOWUPID", begins);
        let pattern = format!("{prefix}%");
        let tags = [("CASENUM", pattern.as_str())];
        let found = got(&simulator, "followup get", "FOLLOWUPID", &tags).await;
        total += found.len();
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected, "{prefix}");
        let tags = [tags[0], ("FROMCREATEDATE", "06012025"), ("TOCREATEDATE", "07012025")];
        let in_june = |followup: &Value| {
            begins(followup) && followup["_created"].as_str().unwrap().starts_with("2025-06")
        };
        let expected = numbers(&simulator, "followup", "FOLLOWUPID", in_june);
        let found = got(&simulator, "followup get", "FOLLOWUPID", &tags).await;
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected, "{prefix}");
    }
    assert_eq!(total, 900);
}

#[tokio::test]
async fn a_get_of_too_many_rows_fails_as_the_switch_has_it() {
    let few = [("ACCOUNTNUM", "1000001%")];
    let many = [("ACCOUNTNUM", "100000%")];
    for way in ["status_500", "timeout", "truncated", "first_rows"] {
        let wapi = json!({ "get_most_rows": 20, "get_too_many": way, "get_timeout_ms": 50 });
        let simulator = simulator(json!({ "wapi": wapi })).await;
        assert_eq!(got(&simulator, "customer get", "ACCOUNTNUM", &few).await.len(), 10);
        let reply = try_send(&simulator, "customer get", &many).await;
        match way {
            "status_500" => assert_eq!(reply.unwrap().status, 500),
            "first_rows" => assert_eq!(reply.unwrap().values("ACCOUNTNUM").len(), 20),
            _ => assert!(reply.is_err(), "{way}"),
        }
        let counted = match way {
            "status_500" => "CUSTOMER GET 500",
            "first_rows" => "CUSTOMER GET 0",
            _ => "CUSTOMER GET too_many_rows",
        };
        assert!(simulator.state().wapi.requests[counted] > 0, "{way}");
    }
}

#[tokio::test]
async fn rows_take_their_time_where_they_are_told_to() {
    let simulator = simulator(json!({ "wapi": { "get_ms_per_row": 10.0 } })).await;
    let began = Instant::now();
    let few = [("ACCOUNTNUM", "1000001%")];
    assert_eq!(got(&simulator, "customer get", "ACCOUNTNUM", &few).await.len(), 10);
    assert!(began.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn records_are_added_while_others_are_read() {
    for object in ["customer", "case", "followup", "task", "faqcategory", "faq"] {
        let grows = json!({ "object": object, "every_requests": 3, "times": 2 });
        let simulator = simulator(json!({ "wapi": { "grows": grows } })).await;
        let held = || simulator.state().wapi.objects[object].records;
        let before = held();
        let mut totals = Vec::new();
        for _ in 0..10 {
            ok(&simulator, "customer get", &[("ACCOUNTNUM", "10000012")]).await;
            totals.push(held() - before);
        }
        assert_eq!(totals, [0, 0, 1, 1, 1, 2, 2, 2, 2, 2], "{object}");
        assert_eq!(simulator.state().wapi.objects[object].added, 2);
    }
}

#[tokio::test]
async fn what_was_added_while_others_were_read_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let grows = json!({ "wapi": { "grows": { "every_requests": 1, "times": 2 } },
        "tenant": { "customers": 300 } });
    let first = started(grows, Some(folder.path().to_path_buf())).await;
    for _ in 0..3 {
        ok(&first, "customer get", &[("ACCOUNTNUM", "10000012")]).await;
    }
    let before = first.wapi_records("customer");
    first.stop().await;
    let few = json!({ "tenant": { "customers": 300 } });
    let again = started(few, Some(folder.path().to_path_buf())).await;
    assert_eq!(again.wapi_records("customer"), before);
    assert_eq!(ok(&again, "customer get", &[]).await.value("TOTAL"), "302");
}

#[tokio::test]
async fn the_summary_can_be_wrong() {
    let wapi = json!({ "summary_swapped": true, "summary_total_off": -3 });
    let simulator = simulator(json!({ "wapi": wapi })).await;
    let summary = ok(&simulator, "customer get", &[]).await;
    let (first, last): (u64, u64) =
        (summary.value("FIRSTID").parse().unwrap(), summary.value("LASTID").parse().unwrap());
    assert!(first > last);
    assert_eq!(summary.value("TOTAL"), "11997");
}

#[tokio::test]
async fn an_empty_tenant_has_nothing_and_says_so() {
    let crm = json!({ "cases": 0, "followups": 0, "tasks": 0, "faqs": 0, "faq_categories": 0 });
    for (shape, first, total) in [("zeros", "0", "0"), ("blank", "", "0"), ("nothing", "", "")] {
        let settings = json!({ "tenant": { "customers": 0, "crm": crm },
            "wapi": { "empty_summary_as": shape } });
        let simulator = simulator(settings).await;
        for name in ["customer get", "case get", "task get"] {
            let summary = ok(&simulator, name, &[]).await;
            if shape == "nothing" {
                assert!(summary.text.contains("<data />"), "{}", summary.text);
                continue;
            }
            assert_eq!(
                (summary.value("FIRSTID"), summary.value("LASTID")),
                (first.into(), first.into())
            );
            assert_eq!(summary.value("TOTAL"), total);
        }
        for (name, tags) in [
            ("customer get", [("ACCOUNTNUM", "1%")]),
            ("customer get", [("FROMCREATEDATE", "01012025")]),
            ("customer get", [("FROMLASTMODDATE", "01012025")]),
            ("followup get", [("CASENUM", "1%")]),
            ("faq get", [("FAQCATID", "1")]),
        ] {
            assert!(ok(&simulator, name, &tags).await.text.contains("<data />"), "{name}");
        }
        assert!(ok(&simulator, "faqcategory get", &[]).await.text.contains("<data />"));
        assert_eq!(simulator.attachments(), "");
    }
}

/// Starts the kept tenant at a moment of its own.
async fn night(folder: &std::path::Path, at: &str) -> Running {
    let crm = json!({ "timezone": "America/New_York" });
    let settings = json!({ "tenant": { "customers": 200, "crm": crm },
        "clock": { "starts_at": at, "stands_still": true } });
    let settings: Settings = serde_json::from_value(settings).unwrap();
    start(settings, Some(folder.to_path_buf()), 0).await.unwrap()
}

#[tokio::test]
async fn a_later_night_changes_records_on_its_own_day() {
    let folder = tempfile::tempdir().unwrap();
    // The last half hour of 7 March, and that of 8 March, a day of 23 hours.
    let mut changed = Vec::new();
    for (at, company) in [("2026-03-08T04:30:00Z", "First"), ("2026-03-09T03:30:00Z", "Second")] {
        let simulator = night(folder.path(), at).await;
        let of = ("ACCOUNTNUM", if company == "First" { "10000012" } else { "10000013" });
        ok(&simulator, "customer modify", &[of, ("COMPANY", company)]).await;
        let case = [of, ("SUBJECT", company), ("DESCRIPTION", "d")];
        let case = ok(&simulator, "case add", &case).await.value("CASENUM");
        changed.push((of.1.to_string(), case));
        simulator.stop().await;
    }
    let third = night(folder.path(), "2026-03-10T12:00:00Z").await;
    for (nth, (from, to)) in
        [("03072026", "03082026"), ("03082026", "03092026")].into_iter().enumerate()
    {
        let (customer, case) = &changed[nth];
        let modified = [("FROMLASTMODDATE", from), ("TOLASTMODDATE", to)];
        let found = got(&third, "customer get", "ACCOUNTNUM", &modified).await;
        assert_eq!(&found, std::slice::from_ref(customer), "{from}");
        let created = [("FROMCREATEDATE", from), ("TOCREATEDATE", to)];
        let found = got(&third, "case get", "CASENUM", &created).await;
        assert_eq!(&found, std::slice::from_ref(case));
        let told = ok(&third, "case get", &[("CASENUM", case)]).await;
        assert_eq!(
            (told.value("CREATEDDATE"), told.value("LASTACTDATE")),
            (from.into(), from.into())
        );
    }
    assert_eq!(record(&third, "customer", "ACCOUNTNUM", "10000012")["COMPANY"], "First");
    let nobody = [("FROMLASTMODDATE", "03092026"), ("TOLASTMODDATE", "03112026")];
    assert!(send(&third, "customer get", &nobody).await.text.contains("<data />"));
}
