//! Each switch that loosens a rule: refused without it, taken with it.

use serde_json::{Value, json};

use super::client::{command, ok, post, read, send};
use crate::client::simulator;

fn settings(switches: Value) -> Value {
    json!({ "tenant": { "customers": 300 }, "wapi": switches })
}

const PERSON: [(&str, &str); 3] = [("FIRSTNAME", "A"), ("LASTNAME", "B"), ("AUTOPASSWD", "True")];

#[tokio::test]
async fn what_a_switch_allows_is_refused_without_it() {
    let person = |more: (&'static str, &'static str)| [&PERSON[..], &[more]].concat();
    let followup = [("CASENUM", "1001"), ("SUBJECT", "s"), ("DESCRIPTION", "d")];
    for (switch, name, tags) in [
        (
            json!({ "followup_voice": true }),
            "followup add",
            [&followup[..], &[("MEDIATYPE", "Voice")]].concat(),
        ),
        (json!({ "customer_wildcard_names": true }), "customer get", vec![("FIRSTNAME", "A%")]),
        (json!({ "customer_wildcard_names": true }), "customer get", vec![("VOICE", "%555%")]),
        (json!({ "none_any_case": true }), "case get", vec![("ASSIGNEDTO", "NONE")]),
        (
            json!({ "autopasswd_true_ignores_password": true }),
            "customer add",
            person(("PASSWORD", "mine")),
        ),
        (
            json!({ "email_characters": "any" }),
            "customer add",
            person(("EMAIL", "a+b@example.com")),
        ),
        (json!({ "delete_task_lenient": true }), "task delete", vec![("TASK", "170")]),
        (json!({ "empty_optional_lenient": true }), "customer add", person(("COMPANY", ""))),
    ] {
        let strict = simulator(settings(json!({}))).await;
        assert_eq!(send(&strict, name, &tags).await.status, -1, "{switch} {tags:?}");
        let lenient = simulator(settings(switch)).await;
        ok(&lenient, name, &tags).await;
    }
}

#[tokio::test]
async fn what_a_switch_forbids_is_taken_without_it() {
    let dotted = [&PERSON[..], &[("EMAIL", "a.b@example.com")]].concat();
    for (switch, name, tags) in [
        (json!({ "delete_allowed": false }), "task delete", vec![("TASKNUM", "170")]),
        (json!({ "email_characters": "printed" }), "customer add", dotted),
    ] {
        let strict = simulator(settings(switch.clone())).await;
        let refused = send(&strict, name, &tags).await;
        assert_eq!(refused.status, -1, "{switch}");
        let usual = simulator(settings(json!({}))).await;
        ok(&usual, name, &tags).await;
    }
}

#[tokio::test]
async fn values_are_read_as_the_switches_have_it() {
    let body = "<COMMAND OBJECT='Customer' ACTION='Add'><FIRSTNAME>D'Arcy</FIRSTNAME>\
        <LASTNAME>A&amp;amp;B</LASTNAME><AUTOPASSWD>True</AUTOPASSWD></COMMAND>";
    let lenient = json!({ "apostrophe": "lenient", "double_escape_lenient": true });
    for (switches, expected) in [
        (json!({}), None),
        (json!({ "apostrophe": "lenient" }), Some("A&amp;B")),
        (lenient, Some("A&B")),
    ] {
        let simulator = simulator(settings(switches)).await;
        let known = simulator.credentials();
        let head = format!(
            "X-8x8-Tenant: {}\r\nx-api-key: {}\r\nContent-Type: application/xml",
            known.tenant, known.api_key
        );
        let reply = post(&simulator, "/cc/v1/wapi", &head, body.as_bytes()).await.unwrap();
        let reply = read(&reply).unwrap();
        let Some(expected) = expected else {
            assert_eq!((reply.status, reply.code), (-1, 2), "{}", reply.text);
            continue;
        };
        let number = reply.value("ACCOUNTNUM");
        let got = ok(&simulator, "customer get", &[("ACCOUNTNUM", &number)]).await;
        assert_eq!(
            (got.value("FIRSTNAME"), got.value("LASTNAME")),
            ("D'Arcy".into(), expected.into())
        );
    }
}

#[tokio::test]
async fn the_raw_form_of_the_guides_java_is_read_by_the_switch_alone() {
    for (switch, status) in [(false, -1), (true, 0)] {
        let simulator = simulator(settings(json!({ "raw_form_lenient": switch }))).await;
        let known = simulator.credentials();
        let raw = format!(
            "xml_query=<wapi><tenant>{}</tenant><username>{}</username><password>{}</password>{}\
             </wapi>",
            known.tenant,
            known.wapi_username,
            known.wapi_password,
            command("customer get", &[("COMPANY", "A&B")]),
        );
        assert_eq!(super::client::send_form(&simulator, &raw).await.status, status, "{switch}");
    }
}
