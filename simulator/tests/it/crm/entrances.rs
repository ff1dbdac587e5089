//! The two entrances: who may enter, and what cannot be read.

use serde_json::json;
use vccpipe_simulator::Running;

use super::client::{Reply, command, form, ok, post, read, send, send_classic, send_form};
use crate::client::simulator;

const GET: &[(&str, &str)] = &[("ACCOUNTNUM", "10000012")];

async fn gateway(simulator: &Running, head: &str, body: &[u8]) -> Reply {
    read(&post(simulator, "/cc/v1/wapi", head, body).await.unwrap()).unwrap()
}

#[tokio::test]
async fn both_entrances_answer_the_same() {
    let simulator = simulator(json!({})).await;
    let reply = send(&simulator, "customer get", GET).await;
    assert_eq!((reply.status, reply.value("ACCOUNTNUM").as_str()), (0, "10000012"));
    assert_eq!(send_classic(&simulator, "CUSTOMER GET", GET).await, reply);
}

#[tokio::test]
async fn whoever_is_not_known_is_answered_303_and_told_nothing_else() {
    let simulator = simulator(json!({})).await;
    let known = simulator.credentials();
    let right = [&*known.tenant, &*known.wapi_username, &*known.wapi_password];
    for wrong in 0..3 {
        let mut login = right;
        login[wrong] = "wrong";
        let [tenant, username, password] = login;
        let packet = format!(
            "<WAPI><TENANT>{tenant}</TENANT><USERNAME>{username}</USERNAME>\
             <PASSWORD>{password}</PASSWORD><COMMAND OBJECT='nonsense'/></WAPI>"
        );
        assert_eq!(send_form(&simulator, &form(&packet)).await.status, 303, "{login:?}");
    }
    let body = command("customer get", GET);
    let (tenant, key) = (&known.tenant, &known.api_key);
    for head in [
        format!("X-8x8-Tenant: {tenant}\r\nContent-Type: application/xml"),
        format!("X-8x8-Tenant: other\r\nx-api-key: {key}\r\nContent-Type: application/xml"),
        format!("x-api-key: {key}\r\nContent-Type: application/xml"),
    ] {
        assert_eq!(gateway(&simulator, &head, body.as_bytes()).await.status, 303, "{head}");
    }
}

#[tokio::test]
async fn what_holds_no_command_is_302() {
    let simulator = simulator(json!({})).await;
    let known = simulator.credentials();
    let (tenant, key) = (&known.tenant, &known.api_key);
    let head = format!("X-8x8-Tenant: {tenant}\r\nx-api-key: {key}\r\nContent-Type:");
    let body = command("customer get", GET);
    let plain = gateway(&simulator, &format!("{head} text/plain"), body.as_bytes()).await;
    assert_eq!(plain.status, 302);
    let wrapped = format!("<WAPI>{body}</WAPI>");
    let head = format!("{head} application/xml");
    assert_eq!(gateway(&simulator, &head, wrapped.as_bytes()).await.status, 302);
    assert_eq!(send_form(&simulator, "xml=1").await.status, 302);
}

#[tokio::test]
async fn a_missing_right_is_310_and_delete_can_be_no_action_at_all() {
    let rights = json!({ "customer": ["get"], "task": ["add"] });
    let simulator = simulator(json!({ "wapi": { "rights": rights } })).await;
    ok(&simulator, "customer get", GET).await;
    assert_eq!(send(&simulator, "customer delete", GET).await.status, 310);
    assert_eq!(send(&simulator, "customer modify", GET).await.status, 310);
    assert_eq!(send(&simulator, "task get", &[]).await.status, 310);
    ok(&simulator, "case get", &[]).await;
    ok(&simulator, "country list", &[]).await;
}

#[tokio::test]
async fn the_paths_take_nothing_but_a_post() {
    let simulator = simulator(json!({})).await;
    for path in ["/WAPI/wapi.php", "/cc/v1/wapi"] {
        let reply = crate::client::get(&simulator, path).await;
        assert_eq!(reply.status, 405, "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_the_guides_messages() {
    let simulator = simulator(json!({})).await;
    let known = simulator.credentials();
    let head = format!(
        "X-8x8-Tenant: {}\r\nx-api-key: {}\r\nContent-Type: application/xml",
        known.tenant, known.api_key
    );
    for (body, code, message) in [
        ("<COMMAND OBJECT='CASE'/>", -1, "Action Value not passed"),
        ("<COMMAND OBJECT='CASE' ACTION='PUT'/>", -1, "Action Value Not Valid"),
        ("<COMMAND OBJECT='CASE' ACTION='GET'>", 1, "Not a valid XML string"),
        (
            "<COMMAND OBJECT='CASE' ACTION='GET'><CASENUM>1</CASENUM>x</COMMAND>",
            1,
            "Not a valid XML string. Error after 'CASENUM'",
        ),
        ("<COMMAND OBJECT='a case' ACTION='GET'/>", -1, "OBJECT name 'a case' not valid"),
        ("<COMMAND OBJECT='CASES' ACTION='GET'/>", -1, "OBJECT 'CASES' is not a valid object"),
        ("<COMMAND ACTION='GET'/>", -1, "OBJECT value not passed"),
        (
            "<COMMAND OBJECT='CASE' ACTION='GET'>\n<SUBJECT>a & b</SUBJECT></COMMAND>",
            1,
            "XML string not correct. Error at line '2': 'malformed entity reference'",
        ),
        (
            "<COMMAND OBJECT='CASE' ACTION='GET'><SUBJECT>it's &rsquot;</SUBJECT></COMMAND>",
            2,
            "The passed value 'it's '' of the alias 'SUBJECT' doesn't meet the specified criterion",
        ),
    ] {
        let reply = gateway(&simulator, &head, body.as_bytes()).await;
        assert_eq!(
            (reply.status, reply.code, reply.message.as_str()),
            (-1, code, message),
            "{body}"
        );
    }
    let state = simulator.state();
    assert_eq!(state.wapi.requests["CASE PUT -1"], 1);
    assert_eq!(state.wapi.requests["? GET -1"], 1);
}

#[tokio::test]
async fn error_codes_can_be_minus_one_throughout() {
    let simulator = simulator(json!({ "wapi": { "error_code_minus_one": true } })).await;
    let known = simulator.credentials();
    let head = format!(
        "X-8x8-Tenant: {}\r\nx-api-key: {}\r\nContent-Type: application/xml",
        known.tenant, known.api_key
    );
    let reply = gateway(&simulator, &head, b"<COMMAND").await;
    assert_eq!((reply.status, reply.code), (-1, -1), "{}", reply.text);
}
