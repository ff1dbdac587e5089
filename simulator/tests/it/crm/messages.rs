//! Every one of the guide's 43 messages, from outside, in the guide's order.

use serde_json::json;
use vccpipe_simulator::Running;

use super::client::{command, ok, post, read, records};
use crate::client::simulator;

/// What is sent where a command cannot be written as one.
enum Sent<'a> {
    Command(&'a str, Vec<(&'a str, &'a str)>),
    Raw(&'a str),
}

use Sent::{Command, Raw};

async fn send(simulator: &Running, sent: &Sent<'_>) -> (i32, String) {
    let known = simulator.credentials();
    let head = format!(
        "X-8x8-Tenant: {}\r\nx-api-key: {}\r\nContent-Type: application/xml",
        known.tenant, known.api_key
    );
    let body = match sent {
        Command(name, tags) => command(name, tags),
        Raw(body) => (*body).into(),
    };
    let reply = read(&post(simulator, "/cc/v1/wapi", &head, body.as_bytes()).await.unwrap());
    let reply = reply.unwrap();
    assert_ne!(reply.status, 0, "{body}: {}", reply.text);
    (reply.code, reply.message)
}

/// What the rows name: an unassigned case, an assigned one, and one that came by e-mail.
async fn cases(simulator: &Running) -> [String; 3] {
    let case = [("ACCOUNTNUM", "10000012"), ("SUBJECT", "s"), ("DESCRIPTION", "d")];
    let unassigned = ok(simulator, "case add", &case).await.value("CASENUM");
    let assigned = [&case[..], &[("STATUS", "Open"), ("ASSIGNEDTO", "jsmith")]].concat();
    let assigned = ok(simulator, "case add", &assigned).await.value("CASENUM");
    let all = records(simulator, "case");
    let by_email = all.iter().find(|case| case["_CAME_BY_EMAIL"] == "Y").unwrap();
    [unassigned, assigned, by_email["CASENUM"].as_str().unwrap().into()]
}

#[tokio::test]
async fn each_message_of_the_guide_is_given_with_its_code() {
    let faults = json!([{ "kind": "wapi_status_500", "command": "groups list" }]);
    let simulator = simulator(json!({ "tenant": { "customers": 300 }, "faults": faults })).await;
    let [unassigned, assigned, by_email] = cases(&simulator).await;
    let taken = records(&simulator, "customer");
    let taken = taken.iter().find_map(|customer| customer["EMAIL"].as_str()).unwrap();
    let long = "x".repeat(33);
    let name = [("FIRSTNAME", "A"), ("LASTNAME", "B")];
    let person = [name[0], name[1], ("AUTOPASSWD", "True")];
    let case = [("ACCOUNTNUM", "10000012"), ("SUBJECT", "s"), ("DESCRIPTION", "d")];
    let task = [("ACCOUNTNUM", "10000012")];
    let new = |base: &[(&'static str, &'static str)], more: &[(&'static str, &'static str)]| {
        [base, more].concat()
    };
    let followup = |case, more: &[(&'static str, &'static str)]| {
        [&[("CASENUM", case), ("SUBJECT", "s"), ("DESCRIPTION", "d")][..], more].concat()
    };
    let (number, email) = (unassigned.as_str(), by_email.as_str());
    let rows: Vec<(Sent, i32, String)> = vec![
        (Command("followup modify", vec![]), -1, "Action 'MODIFY' Not Valid for the Object 'FOLLOWUP'".into()),
        (Raw("<COMMAND OBJECT='CASE'/>"), -1, "Action Value not passed".into()),
        (Raw("<COMMAND OBJECT='CASE' ACTION='PUT'/>"), -1, "Action Value Not Valid".into()),
        (
            Command("case modify", vec![("CASENUM", email), ("DESCRIPTION", "x")]),
            -1,
            format!("CASENUM '{email}' is an EMAIL Case. The Description of an Email Case cannot be modified"),
        ),
        (Command("customer add", new(&person, &[("FIRSTNAME", "A")])), -1, "Duplicate Tag 'FIRSTNAME'".into()),
        (
            Command("customer add", [&person[..], &[("EMAIL", taken)]].concat()),
            81,
            format!("Duplicate value '{taken}' of 'EMAIL'"),
        ),
        (Command("faqcategory delete", vec![]), -1, "FAQCATID not passed".into()),
        (
            Command("faqcategory delete", vec![("FAQCATID", "1")]),
            -1,
            "FAQ Category cannot be deleted when FAQ exists for the given category".into(),
        ),
        (
            Command("customer add", new(&person, &[("PASSWORD", "secret")])),
            -1,
            "Inconsistent tags. AUTOPASSWORD is TRUE and PASSWORD is also provided".into(),
        ),
        (Command("customfield get", vec![]), 6, "Input Error: The tag 'NAME' not passed".into()),
        (Command("groups list", vec![]), 500, "Internal Error".into()),
        (Command("customer add", vec![]), 7, "No tags are found".into()),
        (
            Command("customer add", vec![("COMPANY", "x")]),
            8,
            "None of the possible mandatory tags or its values is found. Please check the \
             documentation and pass at least one mandatory tag"
                .into(),
        ),
        (Raw("<COMMAND OBJECT='CASE' ACTION='GET'>"), 1, "Not a valid XML string".into()),
        (
            Raw("<COMMAND OBJECT='CASE' ACTION='GET'><STATUS>Open</STATUS>x</COMMAND>"),
            1,
            "Not a valid XML string. Error after 'STATUS'".into(),
        ),
        (Raw("<COMMAND OBJECT='a case' ACTION='GET'/>"), -1, "OBJECT name 'a case' not valid".into()),
        (Raw("<COMMAND OBJECT='CASES' ACTION='GET'/>"), -1, "OBJECT 'CASES' is not a valid object".into()),
        (Raw("<COMMAND ACTION='GET'/>"), -1, "OBJECT value not passed".into()),
        (
            Command("customer get", vec![("FIRSTNAME", "A%")]),
            4,
            "Regular expression not allowed for the alias 'FIRSTNAME'".into(),
        ),
        (
            Command("case add", new(&case, &[("ASSIGNEDTO", "jsmith")])),
            -1,
            "TAGS Incompatible. ASSIGNEDTO passed but no STATUS is passed. By default STATUS value \
             is label with USABILITY ='UNA'"
                .into(),
        ),
        (
            Command("case add", new(&case, &[("ASSIGNEDTO", "jsmith"), ("STATUS", "Unassigned")])),
            -1,
            "TAGS Incompatible. ASSIGNEDTO passed but STATUS is UNASSIGNED".into(),
        ),
        (
            Command("followup add", followup(number, &[("ASSIGNEDTO", "jsmith"), ("STATUS", "Unassigned")])),
            -1,
            "TAGS Incompatible. ASSIGNEDTO passed with STATUS = Unassigned".into(),
        ),
        (
            Command("case add", new(&case, &[("ASSIGNEDTO", ""), ("STATUS", "Open")])),
            -1,
            "TAGS Incompatible. EMPTY ASSIGNEDTO passed with STATUS = OPEN".into(),
        ),
        (
            Command("case modify", vec![("CASENUM", number), ("STATUS", "Open")]),
            -1,
            "TAGS Incompatible. The usability of STATUS cannot be OPN, when the Case is not \
             assigned to some agent"
                .into(),
        ),
        (
            Command("case modify", vec![("CASENUM", &assigned), ("STATUS", "Unassigned")]),
            -1,
            "TAGS Incompatible. The usability of STATUS cannot be UNA, when the Case is assigned \
             to some agent"
                .into(),
        ),
        (
            Command("case add", new(&case, &[("STATUS", "Open")])),
            -1,
            "TAGS Incompatible. The usability of STATUS is OPN, but no ASSIGNEDTO passed".into(),
        ),
        (
            Command("followup add", followup(&assigned, &[("STATUS", "Unassigned")])),
            -1,
            "TAGS Incompatible. The value of STATUS cannot be Unassigned, when the Case is \
             assigned to some agent"
                .into(),
        ),
        (Command("customer add", name.to_vec()), -1, "The ALIAS 'AUTOPASSWD' is not given".into()),
        (
            Command("customer add", new(&name, &[("AUTOPASSWD", "False")])),
            -1,
            "The ALIAS 'AUTOPASSWD' is FALSE, but ALIAS 'PASSWORD' is not provided".into(),
        ),
        (
            Command("customer get", vec![("LASTNAME", &long)]),
            3,
            "The length of the value for the alias 'LASTNAME' doesn't confirm to the criterion. \
             The length of the value passed is '33', min length allowed is '1' and max length \
             allowed is '30'"
                .into(),
        ),
        (
            Command("customer add", [&person[..], &[("OLD_ID", &long)]].concat()),
            3,
            "The length of the value of the tag 'OLD_ID' is '33' which is greater than the allowed \
             value '32"
                .into(),
        ),
        (
            Command("case add", vec![case[0], case[1]]),
            -1,
            "The mandatory tag 'DESCRIPTION' is not passed or the value for this tag is not passed".into(),
        ),
        (
            Command("case modify", vec![("CASENUM", "999999"), ("SUBJECT", "x")]),
            -1,
            "The passed caseid '999999' is not valid".into(),
        ),
        (
            Command("customer add", new(&person, &[("COMPANY", "<x>")])),
            2,
            "The passed value '<x>' of the alias 'COMPANY' doesn't meet the specified criterion".into(),
        ),
        (
            Command("customer get", vec![("COMMENTS", "x")]),
            -1,
            "The tag 'COMMENTS' is not a valid tag for the 'GET' on the 'CUSTOMER'".into(),
        ),
        (
            Command("customer add", new(&person, &[("retired", "x")])),
            -1,
            "The STATUS of the tag 'RETIRED' is 'DEL'. No action allowed on this tag".into(),
        ),
        (
            Command("case add", new(&case, &[("ASSIGNEDTO", "gone1"), ("STATUS", "Open")])),
            -1,
            "The STATUS of the value 'gone1' of the ASSIGNEDTO tag is deleted".into(),
        ),
        (
            Command("task add", new(&task, &[("ASSIGNEDTO", "109"), ("TASK_STATUS", "New")])),
            -1,
            "The STATUS of the value '109' of the ASSIGNEDTO tag is deleted".into(),
        ),
        (
            Command("case get", vec![("FROMDATE", "2025-01-01")]),
            -1,
            "The value of the passed alias 'FROMDATE' is not in the correct format (mmddyyyy)".into(),
        ),
        (
            Command("case add", new(&case, &[("PRIORITY", "Urgent")])),
            5,
            "The value 'Urgent' of the alias 'PRIORITY' is not valid".into(),
        ),
        (
            Command("customer add", new(&person, &[("PrivacyLevel", "Secret")])),
            5,
            "The value 'Secret' for the tag 'PRIVACYLEVEL' is not valid".into(),
        ),
        (
            Command("customer modify", vec![("ACCOUNTNUM", "99999999"), ("COMPANY", "x")]),
            5,
            "The value = '99999999' of the tag 'ACCOUNTNUM' is not valid".into(),
        ),
        (
            Raw("<COMMAND OBJECT='CASE' ACTION='GET'>\n<SUBJECT>a & b</SUBJECT></COMMAND>"),
            1,
            "XML string not correct. Error at line '2': 'malformed entity reference'".into(),
        ),
    ];
    assert_eq!(rows.len(), 43);
    let before = simulator.state().wapi.objects;
    for (place, (sent, code, message)) in rows.iter().enumerate() {
        let found = send(&simulator, sent).await;
        assert_eq!(found, (*code, message.clone()), "E{:02}", place + 1);
    }
    assert_eq!(simulator.state().wapi.objects, before, "a refusal changes nothing");
}
