//! Every one of the guide's 43 messages: the simulator gives it, and the program knows it and what
//! to do.

use vccpipe::{
    crm::{Action, Object},
    wire::wapi::{Family, MESSAGES, Meaning, Reply, classify, recognise},
};
use vccpipe_simulator::FaultKind;

use crate::{
    bench::settings,
    crm::crm_fault,
    crm_readings::tenant::{Tags, Tenant, command, tags},
};

/// What a run does about an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    /// The row goes on the list of refused ones.
    Refuses,
    /// The row's record is not there, which the row is told.
    Misses,
    /// The address or shortcut is another record's.
    FindsAnother,
    /// It may have been carried out: the run looks before it sends again.
    Looks,
    /// It asks again.
    AsksAgain,
    /// The run ends.
    Stops,
}

fn does(meaning: Meaning) -> Option<Does> {
    Some(match meaning {
        Meaning::Done => return None,
        Meaning::Refused => Does::Refuses,
        Meaning::NotThere => Does::Misses,
        Meaning::Duplicate => Does::FindsAnother,
        Meaning::Unknown => Does::Looks,
        Meaning::Again => Does::AsksAgain,
        Meaning::Stop { .. } => Does::Stops,
    })
}

/// A message's number, what is sent for it, and what the run does then.
struct Row {
    number: u8,
    object: Object,
    action: Action,
    body: String,
    does: Does,
}

fn row(number: u8, object: Object, action: Action, sent: Tags, does: Does) -> Row {
    let body = command(object.name(), action.name(), &sent);
    Row { number, object, action, body, does }
}

fn raw(number: u8, object: Object, action: Action, body: &str, does: Does) -> Row {
    Row { number, object, action, body: body.to_owned(), does }
}

/// Tags after tags.
fn with(base: &[(&str, &str)], more: &[(&str, &str)]) -> Tags {
    tags(&[base, more].concat())
}

const NAME: &[(&str, &str)] = &[("FIRSTNAME", "A"), ("LASTNAME", "B")];
const PERSON: &[(&str, &str)] = &[("FIRSTNAME", "A"), ("LASTNAME", "B"), ("AUTOPASSWD", "True")];
const CASE: &[(&str, &str)] = &[("ACCOUNTNUM", "10000012"), ("SUBJECT", "s"), ("DESCRIPTION", "d")];

/// The records that the rows name.
struct Records {
    taken: String,
    by_email: String,
    unassigned: String,
    assigned: String,
}

/// A tenant that fails whenever a FAQ is to be added.
fn tenant() -> (Tenant, Records) {
    let mut settings = settings(300);
    settings.faults = vec![crm_fault(FaultKind::WapiStatus500, 1.0, "faq add")];
    let tenant = Tenant::with(settings);
    let number = |tags| tenant.record(Object::Case, tags).last().unwrap().1.clone();
    let assigned = with(CASE, &[("STATUS", "Open"), ("ASSIGNEDTO", "jsmith")]);
    let (unassigned, assigned) = (number(tags(CASE)), number(assigned));
    let of = |object: &str, tag: &str, fits: &dyn Fn(&str) -> bool, wanted: &str| {
        let all = tenant.records(object);
        let found = all.iter().find(|record| record.get(tag).is_some_and(|value| fits(value)));
        found.unwrap_or_else(|| panic!("no {object} with {tag}"))[wanted].clone()
    };
    let taken = of("customer", "EMAIL", &|email| !email.is_empty(), "EMAIL");
    let by_email = of("case", "_CAME_BY_EMAIL", &|came| came == "Y", "CASENUM");
    (tenant, Records { taken, by_email, unassigned, assigned })
}

/// Of the command itself, its tags, and its XML.
fn about_commands() -> Vec<Row> {
    use Does::{Looks, Refuses, Stops};
    use Object::{Case, CustomField, Customer, FaqCategory, Followup};
    let get = "<COMMAND OBJECT='CASE' ACTION='GET'>";
    vec![
        row(1, Followup, Action::Modify, Tags::new(), Stops),
        raw(2, Case, Action::Add, "<COMMAND OBJECT='CASE'/>", Stops),
        raw(3, Case, Action::Add, "<COMMAND OBJECT='CASE' ACTION='PUT'/>", Stops),
        row(5, Customer, Action::Add, with(PERSON, &[("FIRSTNAME", "A")]), Refuses),
        row(7, FaqCategory, Action::Delete, Tags::new(), Refuses),
        row(10, CustomField, Action::Get, Tags::new(), Refuses),
        row(11, Object::Faq, Action::Add, tags(&[("FAQCATID", "1")]), Looks),
        row(12, Customer, Action::Add, Tags::new(), Refuses),
        row(13, Customer, Action::Add, tags(&[("COMPANY", "x")]), Refuses),
        raw(14, Case, Action::Get, get, Refuses),
        raw(15, Case, Action::Get, &format!("{get}<STATUS>Open</STATUS>x</COMMAND>"), Refuses),
        raw(16, Case, Action::Get, "<COMMAND OBJECT='a case' ACTION='GET'/>", Stops),
        raw(17, Case, Action::Get, "<COMMAND OBJECT='CASES' ACTION='GET'/>", Stops),
        raw(18, Case, Action::Get, "<COMMAND ACTION='GET'/>", Stops),
        row(28, Customer, Action::Add, tags(NAME), Refuses),
        row(32, Case, Action::Add, tags(&CASE[..2]), Refuses),
        row(35, Customer, Action::Get, tags(&[("COMMENTS", "x")]), Refuses),
        row(36, Customer, Action::Add, with(PERSON, &[("retired", "x")]), Refuses),
        raw(43, Case, Action::Get, &format!("{get}\n<SUBJECT>a & b</SUBJECT></COMMAND>"), Refuses),
    ]
}

/// Of values, and of records.
fn about_values(records: &Records) -> Vec<Row> {
    use Does::{FindsAnother, Misses, Refuses};
    use Object::{Case, Customer, FaqCategory, Task};
    let long = "x".repeat(33);
    let (taken, email) = (records.taken.as_str(), records.by_email.as_str());
    let described = tags(&[("CASENUM", email), ("DESCRIPTION", "x")]);
    let secret = [("AUTOPASSWD", "False")];
    let gone = [("ASSIGNEDTO", "gone1"), ("STATUS", "Open")];
    let gone_group = [("ACCOUNTNUM", "10000012"), ("ASSIGNEDTO", "109"), ("TASK_STATUS", "New")];
    let nobody = [("ACCOUNTNUM", "99999999"), ("COMPANY", "x")];
    vec![
        row(4, Case, Action::Modify, described, Refuses),
        row(6, Customer, Action::Add, with(PERSON, &[("EMAIL", taken)]), FindsAnother),
        row(8, FaqCategory, Action::Delete, tags(&[("FAQCATID", "1")]), Refuses),
        row(9, Customer, Action::Add, with(PERSON, &[("PASSWORD", "secret")]), Refuses),
        row(19, Customer, Action::Get, tags(&[("FIRSTNAME", "A%")]), Refuses),
        row(29, Customer, Action::Add, with(NAME, &secret), Refuses),
        row(30, Customer, Action::Get, tags(&[("LASTNAME", &long)]), Refuses),
        row(31, Customer, Action::Add, with(PERSON, &[("OLD_ID", &long)]), Refuses),
        row(33, Case, Action::Modify, tags(&[("CASENUM", "999999"), ("SUBJECT", "x")]), Misses),
        row(34, Customer, Action::Add, with(PERSON, &[("COMPANY", "<x>")]), Refuses),
        row(37, Case, Action::Add, with(CASE, &gone), Refuses),
        row(38, Task, Action::Add, tags(&gone_group), Refuses),
        row(39, Case, Action::Get, tags(&[("FROMDATE", "2025-01-01")]), Refuses),
        row(40, Case, Action::Add, with(CASE, &[("PRIORITY", "Urgent")]), Refuses),
        row(41, Customer, Action::Add, with(PERSON, &[("PrivacyLevel", "Secret")]), Refuses),
        row(42, Customer, Action::Modify, tags(&nobody), Misses),
    ]
}

/// Of STATUS and ASSIGNEDTO (rulings CASE_STATUS_ASSIGNEDTO).
fn about_assignees(records: &Records) -> Vec<Row> {
    use Does::Refuses;
    use Object::{Case, Followup};
    let (unassigned, assigned) = (records.unassigned.as_str(), records.assigned.as_str());
    let add = |more: &[(&str, &str)]| with(CASE, more);
    let change = |case, status| tags(&[("CASENUM", case), ("STATUS", status)]);
    let follow = |case, more: &[(&str, &str)]| {
        with(&[("CASENUM", case), ("SUBJECT", "s"), ("DESCRIPTION", "d")], more)
    };
    let (jsmith, none) = (("ASSIGNEDTO", "jsmith"), ("STATUS", "Unassigned"));
    vec![
        row(20, Case, Action::Add, add(&[jsmith]), Refuses),
        row(21, Case, Action::Add, add(&[jsmith, none]), Refuses),
        row(22, Followup, Action::Add, follow(unassigned, &[jsmith, none]), Refuses),
        row(23, Case, Action::Add, add(&[("ASSIGNEDTO", ""), ("STATUS", "Open")]), Refuses),
        row(24, Case, Action::Modify, change(unassigned, "Open"), Refuses),
        row(25, Case, Action::Modify, change(assigned, "Unassigned"), Refuses),
        row(26, Case, Action::Add, add(&[("STATUS", "Open")]), Refuses),
        row(27, Followup, Action::Add, follow(assigned, &[none]), Refuses),
    ]
}

#[track_caller]
fn assert_known(row: &Row, reply: &Reply) {
    let number = row.number;
    let answer = &reply.answer;
    assert!(!answer.is_success(), "E{number:02}: {answer}");
    let problem = recognise(answer).unwrap_or_else(|| panic!("E{number:02}: {answer}"));
    // 37 and 38 read the same.
    let known = if number == 38 { 37 } else { number };
    assert_eq!(problem.number, Some(known), "E{number:02}: {answer}");
    let family = MESSAGES.iter().find(|message| message.number == number).unwrap().family;
    assert_eq!(problem.family, family, "E{number:02}: {answer}");
    let meaning = classify(row.object, row.action, answer);
    assert_eq!(does(meaning), Some(row.does), "E{number:02}: {answer}");
}

#[test]
fn each_message_of_the_guide_is_given_by_the_simulator_and_known_to_the_program() {
    let (tenant, records) = tenant();
    let mut rows = about_commands();
    rows.extend(about_values(&records));
    rows.extend(about_assignees(&records));
    rows.sort_by_key(|row| row.number);
    let numbers: Vec<u8> = rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=43).collect::<Vec<u8>>());
    rows.iter().for_each(|row| assert_known(row, &tenant.post(row.body.as_bytes())));
}

#[test]
fn what_a_message_means_depends_on_what_was_asked() {
    let (tenant, records) = tenant();
    let asked = |object, action: Action, tags: Tags| {
        let reply = tenant.asked(object, action.name(), &tags);
        let family = recognise(&reply.answer).map(|problem| problem.family);
        (family.unwrap(), does(classify(object, action, &reply.answer)).unwrap())
    };
    let followup = tags(&[("CASENUM", "999999"), ("SUBJECT", "s"), ("DESCRIPTION", "d")]);
    assert_eq!(
        asked(Object::Followup, Action::Add, followup),
        (Family::CaseNotValid, Does::Refuses),
        "the row is wrong, and no record of its own is missing"
    );
    let case = [("ACCOUNTNUM", "99999999"), CASE[1], CASE[2]];
    assert_eq!(
        asked(Object::Case, Action::Add, tags(&case)),
        (Family::ValueNotValid, Does::Refuses),
        "the customer is not what is added"
    );
    let gone = tags(&[("CASENUM", "999999")]);
    assert_eq!(
        asked(Object::Case, Action::Delete, gone),
        (Family::CaseNotValid, Does::Misses),
        "it is gone already"
    );
    let other = [("ACCOUNTNUM", "10000012"), ("EMAIL", records.taken.as_str())];
    assert_eq!(
        asked(Object::Customer, Action::Modify, tags(&other)),
        (Family::DuplicateValue, Does::FindsAnother)
    );
}
