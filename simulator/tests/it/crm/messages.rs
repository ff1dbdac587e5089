//! Each of the guide's 43 messages (wapi:4702-4898), by its number.

use std::collections::BTreeSet;

use serde_json::json;
use vccpipe_simulator::Running;

use super::client::{Reply, command, ok, post, read, records};
use crate::client::simulator;

type Tags<'a> = &'a [(&'a str, &'a str)];

const NAME: [(&str, &str); 2] = [("FIRSTNAME", "Bill"), ("LASTNAME", "Gates")];
const CASE: [(&str, &str); 3] =
    [("ACCOUNTNUM", "10000012"), ("SUBJECT", "jet"), ("DESCRIPTION", "late")];
const TASK: (&str, &str) = ("ACCOUNTNUM", "10000012");
const FOLLOWUP: [(&str, &str); 2] = [("SUBJECT", "call"), ("DESCRIPTION", "called")];

async fn sent(simulator: &Running, body: &str) -> Reply {
    let known = simulator.credentials();
    let head = format!(
        "X-8x8-Tenant: {}\r\nx-api-key: {}\r\nContent-Type: application/xml",
        known.tenant, known.api_key
    );
    read(&post(simulator, "/cc/v1/wapi", &head, body.as_bytes()).await.unwrap()).unwrap()
}

/// A simulator with its refusals, and the numbers of the messages that were seen.
struct Seen {
    simulator: Running,
    numbers: BTreeSet<u32>,
}

impl Seen {
    /// Sends a body, which must be refused with this message and change nothing.
    async fn body(&mut self, number: u32, body: &str, code: i32, message: &str) {
        let before = self.simulator.state().wapi.objects;
        let reply = sent(&self.simulator, body).await;
        let found = (reply.status, reply.code, reply.message.as_str());
        assert_eq!(found, (-1, code, message), "E{number:02}: {body:.300}");
        assert_eq!(self.simulator.state().wapi.objects, before, "E{number:02} changed something");
        self.numbers.insert(number);
    }

    async fn refused(&mut self, number: u32, name: &str, tags: Tags<'_>, code: i32, message: &str) {
        self.body(number, &command(name, tags), code, message).await;
    }
}

#[tokio::test]
async fn each_of_the_43_messages_is_answered_to_what_it_is_for() {
    let fault = json!({ "kind": "internal_error", "command": "country list" });
    let settings = json!({ "tenant": { "customers": 100 }, "faults": [fault] });
    let mut seen = Seen { simulator: simulator(settings).await, numbers: BTreeSet::new() };
    seen.cannot_be_read().await;
    seen.tags_are_wrong().await;
    seen.values_are_wrong().await;
    seen.status_and_assignee_disagree().await;
    seen.change_is_not_allowed().await;
    assert_eq!(seen.numbers, (1..=43).collect());
}

impl Seen {
    async fn cannot_be_read(&mut self) {
        for (number, body, code, message) in [
            (2, "<COMMAND OBJECT='CASE'/>", -1, "Action Value not passed"),
            (3, "<COMMAND OBJECT='CASE' ACTION='PUT'/>", -1, "Action Value Not Valid"),
            (14, "<COMMAND OBJECT='CASE' ACTION='GET'>", 1, "Not a valid XML string"),
            (
                15,
                "<COMMAND OBJECT='CASE' ACTION='GET'><SUBJECT>a</SUBJECT>b</COMMAND>",
                1,
                "Not a valid XML string. Error after 'SUBJECT'",
            ),
            (16, "<COMMAND OBJECT='a-b' ACTION='GET'/>", -1, "OBJECT name 'a-b' not valid"),
            (
                17,
                "<COMMAND OBJECT='CASES' ACTION='GET'/>",
                -1,
                "OBJECT 'CASES' is not a valid object",
            ),
            (18, "<COMMAND ACTION='GET'/>", -1, "OBJECT value not passed"),
            (
                43,
                "<COMMAND OBJECT='CASE' ACTION='GET'>\n<SUBJECT>a & b</SUBJECT></COMMAND>",
                1,
                "XML string not correct. Error at line '2': 'malformed entity reference'",
            ),
        ] {
            self.body(number, body, code, message).await;
        }
        self.refused(11, "country list", &[], -1, "Internal Error").await;
    }

    async fn tags_are_wrong(&mut self) {
        let rows: &[(u32, &str, Tags, i32, &str)] = &[
            (
                1,
                "followup modify",
                &FOLLOWUP,
                -1,
                "Action 'MODIFY' Not Valid for the Object 'FOLLOWUP'",
            ),
            (5, "task add", &[TASK, TASK], -1, "Duplicate Tag 'ACCOUNTNUM'"),
            (7, "faqcategory delete", &[], -1, "FAQCATID not passed"),
            (10, "customfield get", &[], 6, "Input Error: The tag 'NAME' not passed"),
            (
                10,
                "task add",
                &[TASK, ("REMINDER", "Y")],
                6,
                "Input Error: The tag 'DUEDATE' not passed",
            ),
            (12, "case add", &[], 7, "No tags are found"),
            (12, "task delete", &[], 7, "No tags are found"),
            (
                13,
                "case add",
                &[("STATUS", "Closed")],
                8,
                "None of the possible mandatory tags or its values is found. Please check the \
                 documentation and pass at least one mandatory tag",
            ),
            (28, "customer add", &NAME, -1, "The ALIAS 'AUTOPASSWD' is not given"),
            (
                32,
                "case add",
                &CASE[..2],
                -1,
                "The mandatory tag 'DESCRIPTION' is not passed or the value for this tag is not \
                 passed",
            ),
            (
                35,
                "task add",
                &[TASK, ("STATUS", "New")],
                -1,
                "The tag 'STATUS' is not a valid tag for the 'ADD' on the 'TASK'",
            ),
            (
                36,
                "customer modify",
                &[("ACCOUNTNUM", "10000012"), ("RETIRED", "x")],
                -1,
                "The STATUS of the tag 'RETIRED' is 'DEL'. No action allowed on this tag",
            ),
        ];
        for (number, name, tags, code, message) in rows {
            self.refused(*number, name, tags, *code, message).await;
        }
    }

    async fn values_are_wrong(&mut self) {
        let long = "x".repeat(33);
        let rows: &[(u32, &str, Tags, i32, &str)] = &[
            (
                19,
                "customer get",
                &[("FIRSTNAME", "B%")],
                4,
                "Regular expression not allowed for the alias 'FIRSTNAME'",
            ),
            (
                30,
                "customer modify",
                &[("ACCOUNTNUM", "10000012"), ("PASSWORD", "ab")],
                3,
                "The length of the value for the alias 'PASSWORD' doesn't confirm to the \
                 criterion. The length of the value passed is '2', min length allowed is '3' and \
                 max length allowed is '15'",
            ),
            (
                31,
                "customer modify",
                &[("ACCOUNTNUM", "10000012"), ("OLD_ID", &long)],
                3,
                "The length of the value of the tag 'OLD_ID' is '33' which is greater than the \
                 allowed value '32",
            ),
            (33, "case delete", &[("CASENUM", "1")], -1, "The passed caseid '1' is not valid"),
            (
                34,
                "customer modify",
                &[("ACCOUNTNUM", "10000012"), ("EMAIL", "a+b@example.com")],
                2,
                "The passed value 'a+b@example.com' of the alias 'EMAIL' doesn't meet the \
                 specified criterion",
            ),
            (
                39,
                "task add",
                &[TASK, ("DUEDATE", "02302026")],
                -1,
                "The value of the passed alias 'DUEDATE' is not in the correct format (mmddyyyy)",
            ),
            (
                40,
                "task add",
                &[TASK, ("MEDIA_TYPE", "Outbound")],
                5,
                "The value 'Outbound' of the alias 'MEDIA_TYPE' is not valid",
            ),
            (
                41,
                "customer modify",
                &[("ACCOUNTNUM", "10000012"), ("PRIVACYLEVEL", "Secret")],
                5,
                "The value 'Secret' for the tag 'PRIVACYLEVEL' is not valid",
            ),
            (
                42,
                "customer modify",
                &[("ACCOUNTNUM", "10000012"), ("ADDR1COUNTRY", "Atlantis")],
                5,
                "The value = 'Atlantis' of the tag 'ADDR1COUNTRY' is not valid",
            ),
        ];
        for (number, name, tags, code, message) in rows {
            self.refused(*number, name, tags, *code, message).await;
        }
    }

    /// CASE_STATUS_ASSIGNEDTO, FOLLOWUP_STATUS.
    async fn status_and_assignee_disagree(&mut self) {
        let unassigned = ok(&self.simulator, "case add", &CASE).await.value("CASENUM");
        let more = [("STATUS", "Open"), ("ASSIGNEDTO", "jsmith")];
        let assigned = ok(&self.simulator, "case add", &[&CASE[..], &more].concat()).await;
        let assigned = assigned.value("CASENUM");
        let (unassigned, assigned) = (("CASENUM", &*unassigned), ("CASENUM", &*assigned));
        let (open, una) = (("STATUS", "Open"), ("STATUS", "Unassigned"));
        let agent = ("ASSIGNEDTO", "jsmith");
        let start = "TAGS Incompatible.";
        let case = |more: Tags<'static>| [&CASE[..], more].concat();
        for (number, name, tags, message) in [
            (
                20,
                "case add",
                case(&[("ASSIGNEDTO", "jsmith")]),
                "ASSIGNEDTO passed but no STATUS is passed. By default STATUS value is label \
                 with USABILITY ='UNA'",
            ),
            (
                21,
                "case modify",
                vec![assigned, una, agent],
                "ASSIGNEDTO passed but STATUS is UNASSIGNED",
            ),
            (
                22,
                "followup add",
                [&[assigned, una, agent], &FOLLOWUP[..]].concat(),
                "ASSIGNEDTO passed with STATUS = Unassigned",
            ),
            (
                23,
                "case modify",
                vec![assigned, open, ("ASSIGNEDTO", "")],
                "EMPTY ASSIGNEDTO passed with STATUS = OPEN",
            ),
            (
                24,
                "case modify",
                vec![unassigned, open],
                "The usability of STATUS cannot be OPN, when the Case is not assigned to some \
                 agent",
            ),
            (
                25,
                "case modify",
                vec![assigned, una],
                "The usability of STATUS cannot be UNA, when the Case is assigned to some agent",
            ),
            (
                26,
                "case add",
                case(&[("STATUS", "Open")]),
                "The usability of STATUS is OPN, but no ASSIGNEDTO passed",
            ),
            (
                27,
                "followup add",
                [&[assigned, una], &FOLLOWUP[..]].concat(),
                "The value of STATUS cannot be Unassigned, when the Case is assigned to some \
                 agent",
            ),
        ] {
            self.refused(number, name, &tags, -1, &format!("{start} {message}")).await;
        }
        for (number, name, tags) in [
            (37, "case modify", vec![unassigned, open, ("ASSIGNEDTO", "gone1")]),
            (37, "case add", case(&[("STATUS", "Open"), ("ASSIGNEDTO", "109")])),
            (38, "task add", vec![TASK, ("TASK_STATUS", "New"), ("ASSIGNEDTO", "gone1")]),
        ] {
            let value = if tags.contains(&("ASSIGNEDTO", "109")) { "109" } else { "gone1" };
            let message =
                format!("The STATUS of the value '{value}' of the ASSIGNEDTO tag is deleted");
            self.refused(number, name, &tags, -1, &message).await;
        }
        // What the matrix allows.
        let simulator = &self.simulator;
        ok(simulator, "case add", &case(&[("STATUS", "Unassigned")])).await;
        ok(simulator, "case modify", &[assigned, open]).await;
        ok(simulator, "case modify", &[unassigned, una]).await;
        ok(simulator, "case modify", &[unassigned, ("STATUS", "Pending")]).await;
        ok(simulator, "followup add", &[&[assigned, open], &FOLLOWUP[..]].concat()).await;
        ok(simulator, "followup add", &[&[unassigned, open, agent], &FOLLOWUP[..]].concat()).await;
    }

    async fn change_is_not_allowed(&mut self) {
        let simulator = &self.simulator;
        let password = [NAME[0], NAME[1], ("PASSWORD", "bill123")];
        let email = ("EMAIL", "bill@example.com");
        let bill = [&password[..], &[("AUTOPASSWD", "False"), email]].concat();
        ok(simulator, "customer add", &bill).await;
        let email_case = records(simulator, "case")
            .into_iter()
            .find(|case| case["CREATEDBY"].is_null() && case["MEDIATYPE"] == "Email");
        let email_case = email_case.unwrap()["CASENUM"].as_str().unwrap().to_string();
        let taken = "Duplicate value 'bill@example.com' of 'EMAIL'";
        let rows: &[(u32, &str, Tags, i32, &str)] = &[
            (
                4,
                "case modify",
                &[("CASENUM", &email_case), ("DESCRIPTION", "x")],
                -1,
                &format!(
                    "CASENUM '{email_case}' is an EMAIL Case. The Description of an Email Case \
                     cannot be modified"
                ),
            ),
            (6, "customer add", &bill, 81, taken),
            (6, "customer modify", &[("ACCOUNTNUM", "10000012"), email], -1, taken),
            (
                8,
                "faqcategory delete",
                &[("FAQCATID", "1")],
                -1,
                "FAQ Category cannot be deleted when FAQ exists for the given category",
            ),
            (
                9,
                "customer add",
                &[&password[..], &[("AUTOPASSWD", "tRUE")]].concat(),
                -1,
                "Inconsistent tags. AUTOPASSWORD is TRUE and PASSWORD is also provided",
            ),
            (
                29,
                "customer add",
                &[NAME[0], NAME[1], ("AUTOPASSWD", "False")],
                -1,
                "The ALIAS 'AUTOPASSWD' is FALSE, but ALIAS 'PASSWORD' is not provided",
            ),
        ];
        for (number, name, tags, code, message) in rows {
            self.refused(*number, name, tags, *code, message).await;
        }
        let simulator = &self.simulator;
        ok(simulator, "case modify", &[("CASENUM", &email_case), ("SUBJECT", "x")]).await;
    }
}
