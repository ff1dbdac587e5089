//! Add, Modify and Delete: what a command that was found right changes.

use jiff::Timestamp;

use super::{
    change::Change,
    command::{Action, Command},
    crm::Crm,
    record::{CAME_BY_EMAIL, Record},
    search::stored_tag,
    table::Row,
};
use crate::settings::{CaseModifyUnsupplied, CrmObject};

/// What is done, and the number that the reply tells.
pub(crate) struct Plan {
    pub changes: Vec<Change>,
    /// Tag and number; Delete tells none.
    pub key: Option<(&'static str, String)>,
}

/// The changes of a command; `None` if what it names is not there.
pub(crate) fn plan(
    crm: &Crm,
    object: CrmObject,
    command: &Command,
    now: Timestamp,
) -> Option<Plan> {
    let sent = Sent::new(object, command);
    match command.action {
        Action::Add => add(crm, object, &sent, now),
        Action::Modify => modify(crm, object, &sent, now),
        Action::Delete => delete(crm, object, &sent),
        Action::Get | Action::List => None,
    }
}

/// The values of a command that are not empty, under the tags by which they are kept.
struct Sent<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Sent<'a> {
    fn new(object: CrmObject, command: &'a Command) -> Self {
        let tags = command.tags.iter().filter(|(_, value)| !value.is_empty());
        let tags = tags.map(|(tag, value)| match (object, command.action, tag.as_str()) {
            // TASK_DELETE_TAG.
            (CrmObject::Task, Action::Delete, "TASK") => ("TASKNUM", value.as_str()),
            _ => (stored_tag(object, tag), value.as_str()),
        });
        Sent(tags.collect())
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(tag, _)| *tag == name).map(|(_, value)| *value)
    }

    fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

fn add(crm: &Crm, object: CrmObject, sent: &Sent, now: Timestamp) -> Option<Plan> {
    let id = crm.table(object).next_id();
    let mut record = Record::new(id, now).with(object.id_tag(), &id.to_string());
    for (tag, value) in &sent.0 {
        record.set(tag, value);
    }
    let mut key = (object.id_tag(), id.to_string());
    match object {
        CrmObject::Customer => {
            default_to(&mut record, "ADDR1COUNTRY", "United States");
            default_to(&mut record, "ADDR2COUNTRY", "United States");
            default_to(&mut record, "CUSTOMERTYPE", crm.default_of("CUSTOMERTYPE"));
            settle_password(sent, &mut record);
        }
        CrmObject::Case => {
            default_to(&mut record, "CREATEDBY", &crm.settings.used_identity);
            for tag in ["STATUS", "PRIORITY", "SEVERITY", "CATEGORY", "PROJECT"] {
                default_to(&mut record, tag, default_of_case(crm, tag));
            }
            default_to(&mut record, "VISIBILITY", "Internal");
            settle_case(crm, &Record::new(id, now), &mut record, now);
        }
        CrmObject::Followup => {
            let case: u64 = sent.get("CASENUM")?.parse().ok()?;
            let number = crm.next_followup(case).to_string();
            complete_followup(crm, crm.get(CrmObject::Case, case)?, &mut record, &number);
            key = ("FOLLOWUPNUM", number);
        }
        CrmObject::Task => {
            default_to(&mut record, "CREATEDBY", &crm.settings.used_identity);
            default_to(&mut record, "ASSIGNEDTO", &crm.settings.used_identity);
            default_to(&mut record, "TASK_STATUS", crm.default_of("TASK_STATUS"));
            default_to(&mut record, "REMINDER", "N");
        }
        CrmObject::FaqCategory => default_to(&mut record, "PRIVATE", "N"),
        CrmObject::Faq => {
            default_to(&mut record, "PRIVATE", "N");
            default_to(&mut record, "LANGUAGE", "en");
        }
    }
    Some(Plan { changes: vec![Change::Added(object, record)], key: Some(key) })
}

fn default_to(record: &mut Record, tag: &str, value: &str) {
    if record.get(tag).is_empty() {
        record.set(tag, value);
    }
}

/// AUTOPASSWD True: the password is made here, whatever else was sent.
fn settle_password(sent: &Sent, record: &mut Record) {
    if sent.get("AUTOPASSWD").is_some_and(|auto| auto.eq_ignore_ascii_case("true")) {
        let password = format!("auto{}", record.id % 100_000_000);
        record.set("PASSWORD", &password);
    }
}

/// The default of a case's list; a case is Unassigned unless something else is said.
fn default_of_case<'a>(crm: &'a Crm, tag: &str) -> &'a str {
    match tag {
        "STATUS" => &crm.settings.unassigned_status,
        "VISIBILITY" => "Internal",
        _ => crm.default_of(tag),
    }
}

/// A follow-up that says nothing of the case's state tells what it is.
fn complete_followup(crm: &Crm, case: Row, record: &mut Record, number: &str) {
    record.set("FOLLOWUPNUM", number);
    record.set("CREATEDBY", &crm.settings.used_identity);
    record.set("ATTACHMENTS", "0");
    for tag in ["STATUS", "PRIORITY", "SEVERITY", "CATEGORY", "PROJECT"] {
        default_to(record, tag, &case.get(tag));
    }
    default_to(record, "VISIBILITY", "Internal");
    default_to(record, "MEDIATYPE", "Other");
}

fn modify(crm: &Crm, object: CrmObject, sent: &Sent, now: Timestamp) -> Option<Plan> {
    let id = sent.get(object.id_tag())?;
    let before = crm.get(object, id.parse().ok()?)?.record();
    let mut record = before.clone();
    unsent(crm, object, sent, &mut record);
    for (tag, value) in &sent.0 {
        record.set(tag, value);
    }
    let mut changes = Vec::new();
    match object {
        CrmObject::Customer => settle_password(sent, &mut record),
        CrmObject::Case => {
            settle_case(crm, &before, &mut record, now);
            changes.push(automated_followup(crm, &before, &record, now));
        }
        CrmObject::Faq => {
            // FAQ_PRIVATE_CASE.
            let private = record.get("PRIVATE").to_ascii_uppercase();
            record.set("PRIVATE", &private);
        }
        _ => {}
    }
    let key = Some((object.id_tag(), id.into()));
    // "If no value is modified, a reply status of 0 is returned but the task is left unchanged".
    if object == CrmObject::Task && record == before {
        return Some(Plan { changes, key });
    }
    record.modified = now;
    record.times_modified += 1;
    changes.insert(0, Change::Modified(object, record));
    Some(Plan { changes, key })
}

/// What becomes of the parameters that a Modify does not send, as the switches have it.
fn unsent(crm: &Crm, object: CrmObject, sent: &Sent, record: &mut Record) {
    let rules = &crm.rules;
    // "The Description of an Email Case cannot be modified": not to nothing either (wapi:4716).
    let keeps_description = !record.get(CAME_BY_EMAIL).is_empty();
    let mut write = |tag: &str, value: &str| {
        if !sent.has(tag) && (!keeps_description || tag != "DESCRIPTION") {
            record.set(tag, value);
        }
    };
    match object {
        CrmObject::Customer if rules.customer_modify_country_default => {
            write("ADDR1COUNTRY", "United States");
            write("ADDR2COUNTRY", "United States");
        }
        CrmObject::Case => unsent_of_case(crm, write),
        CrmObject::Task if rules.task_modify_assignedto_username => {
            write("ASSIGNEDTO", &crm.settings.used_identity);
        }
        CrmObject::FaqCategory if rules.private_default_on_modify => write("PRIVATE", "N"),
        CrmObject::Faq => {
            if rules.faq_modify_unsupplied_empty {
                write("QUESTION", "");
                write("ANSWER", "");
            }
            if rules.private_default_on_modify {
                write("PRIVATE", "N");
            }
        }
        _ => {}
    }
}

/// CASE_MODIFY_UNSUPPLIED.
fn unsent_of_case(crm: &Crm, mut write: impl FnMut(&str, &str)) {
    match crm.rules.case_modify_unsupplied {
        CaseModifyUnsupplied::Retain => {}
        CaseModifyUnsupplied::Null => {
            let optional = ["SUBJECT", "DESCRIPTION", "STATUS", "PRIORITY", "SEVERITY", "CATEGORY"];
            for tag in optional.into_iter().chain(["VISIBILITY", "MEDIATYPE", "ASSIGNEDTO"]) {
                write(tag, "");
            }
            for field in crm.custom_fields(CrmObject::Case) {
                write(&field.name.to_ascii_uppercase(), "");
            }
        }
        CaseModifyUnsupplied::Default => {
            for tag in ["STATUS", "PRIORITY", "SEVERITY", "CATEGORY", "VISIBILITY"] {
                write(tag, default_of_case(crm, tag));
            }
        }
    }
}

/// What follows from a case's status and assignee: who closed it, and when it was assigned.
fn settle_case(crm: &Crm, before: &Record, case: &mut Record, now: Timestamp) {
    let today = crm.day(now);
    if case.get("STATUS") == crm.settings.unassigned_status {
        case.set("ASSIGNEDTO", "");
    }
    if case.get("ASSIGNEDTO") != before.get("ASSIGNEDTO") {
        let assigned = !case.get("ASSIGNEDTO").is_empty();
        case.set("ASSIGNEDDATE", if assigned { &today } else { "" });
    }
    let closed = |case: &Record| case.get("STATUS") == crm.settings.closed_status;
    match (closed(before), closed(case)) {
        (false, true) => {
            case.set("CLOSEDBY", &crm.settings.used_identity);
            case.set("CLOSEDDATE", &today);
        }
        (true, false) => {
            case.set("CLOSEDBY", "");
            case.set("CLOSEDDATE", "");
        }
        _ => {}
    }
}

/// "The Modify Case operation generates an automated follow-up containing a description of the
/// modification".
fn automated_followup(crm: &Crm, before: &Record, case: &Record, now: Timestamp) -> Change {
    let mut lines: Vec<String> = Vec::new();
    let tags = case.fields().chain(before.fields()).map(|(tag, _)| tag);
    for tag in tags.filter(|tag| case.get(tag) != before.get(tag)) {
        let line = match tag {
            "DESCRIPTION" => "DESCRIPTION was changed".into(),
            _ => format!("{tag} was \"{}\", is \"{}\"", before.get(tag), case.get(tag)),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let description =
        if lines.is_empty() { "no value was changed".into() } else { lines.join("\n") };
    let object = CrmObject::Followup;
    let id = crm.table(object).next_id();
    let mut followup = Record::new(id, now).with(object.id_tag(), &id.to_string());
    followup.automated = true;
    followup.set("CASENUM", case.get("CASENUM"));
    followup.set("SUBJECT", "Case was modified");
    followup.set("DESCRIPTION", &description);
    let number = crm.next_followup(case.id).to_string();
    complete_followup(crm, Row::Kept(case), &mut followup, &number);
    Change::Added(object, followup)
}

/// "Deleting a customer causes a cascade effect"; a case's, too.
fn delete(crm: &Crm, object: CrmObject, sent: &Sent) -> Option<Plan> {
    let id = match object {
        CrmObject::Followup => crm.followup(sent.get("CASENUM")?, sent.get("FOLLOWUPNUM")?)?.id(),
        _ => crm.get(object, sent.get(object.id_tag())?.parse().ok()?)?.id(),
    };
    let mut changes = Vec::new();
    let of = |object: CrmObject, tag: &str, value: u64| {
        let table = crm.table(object);
        let value = value.to_string();
        let ids = table.holding(tag, &value).unwrap_or_default();
        let fitting = |id: &u64| table.get(*id).is_some_and(|row| row.get(tag) == value);
        ids.into_iter().filter(fitting).collect::<Vec<_>>()
    };
    let mut cases = if object == CrmObject::Case { vec![id] } else { Vec::new() };
    if object == CrmObject::Customer {
        cases = of(CrmObject::Case, "ACCOUNTNUM", id);
        let tasks = of(CrmObject::Task, "ACCOUNTNUM", id).into_iter();
        changes.extend(tasks.map(|id| Change::Deleted(CrmObject::Task, id)));
    }
    for case in cases {
        let followups = of(CrmObject::Followup, "CASENUM", case).into_iter();
        changes.extend(followups.map(|id| Change::Deleted(CrmObject::Followup, id)));
        if object == CrmObject::Customer {
            changes.push(Change::Deleted(CrmObject::Case, case));
        }
    }
    changes.push(Change::Deleted(object, id));
    Some(Plan { changes, key: None })
}
