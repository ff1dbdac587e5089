//! The rules and the records that are there at first.

use super::*;
use crate::{
    settings::{CrmObject, Settings},
    tenant::{Customers, TenantSettings},
    wapi::{crm::Crm, record::CAME_BY_EMAIL, table::Row},
};

const OBJECTS: [Object; 6] = [Customer, Case, Followup, Task, FaqCategory, Faq];

fn crm() -> Crm {
    let tenant = TenantSettings { customers: 300, ..TenantSettings::default() };
    let settings = Settings { tenant, ..Settings::default() };
    let customers = Customers::new(settings.seed, &settings.tenant);
    Crm::new(&settings, customers).unwrap()
}

/// What a value must be sent with: its record's number, or what a new follow-up needs.
fn beside(object: CrmObject, row: Row, tag: &str) -> Vec<(String, String)> {
    let number = (object.id_tag(), row.id().to_string());
    let mut tags = match object {
        CrmObject::Followup => {
            vec![("CASENUM", row.get("CASENUM").into()), ("SUBJECT", "s".into())]
        }
        _ => vec![number],
    };
    match (object, tag) {
        (CrmObject::Followup, _) => tags.push(("DESCRIPTION", "d".into())),
        (CrmObject::FaqCategory, _) => tags.push(("FAQCATEGORY", "c".into())),
        _ => {}
    }
    match (object, tag) {
        (CrmObject::Customer, "PASSWORD") => tags.push(("AUTOPASSWD", "False".into())),
        (CrmObject::Customer, "AUTOPASSWD") => tags.push(("PASSWORD", "pass".into())),
        (CrmObject::Case | CrmObject::Followup, "ASSIGNEDTO") => {
            tags.push(("STATUS", "Pending".into()));
        }
        (CrmObject::Task, "ASSIGNEDTO") => tags.push(("TASK_STATUS", "New".into())),
        (CrmObject::Task, "REMINDER") => tags.push(("DUEDATE", row.get("DUEDATE").into())),
        _ => {}
    }
    tags.retain(|(known, _)| *known != tag);
    tags.into_iter().map(|(tag, value)| (tag.into(), value)).collect()
}

#[test]
fn what_is_there_at_first_keeps_the_rules_but_for_what_no_request_can_give() {
    let crm = crm();
    for (named, object) in OBJECTS.into_iter().zip(CrmObject::ALL) {
        let action = if named == Followup { Add } else { Modify };
        let table = fields::table(named, action).unwrap();
        let mut sent = 0;
        for row in crm.table(object).rows() {
            for field in table.fields.iter().filter(|field| !row.get(field.tag).is_empty()) {
                let value = row.get(field.tag);
                let mut tags = beside(object, row, field.tag);
                tags.push((field.tag.into(), value.to_string()));
                let judged = check(&Command { object: named, action, tags }, &crm);
                let number = judged.map_or_else(|problem| problem.number(), |()| 0);
                let expected = match (&*value, field.tag) {
                    ("Urgent" | "Legacy" | "Reseller" | "Private" | "Voice", _) => 40,
                    ("gone1" | "gone2" | "gone3" | "109" | "110", "ASSIGNEDTO") => match named {
                        Task => 38,
                        _ => 37,
                    },
                    (_, "DESCRIPTION") if !row.get(CAME_BY_EMAIL).is_empty() => 4,
                    _ => 0,
                };
                assert_eq!(number, expected, "{named} {} {}: {value}", row.id(), field.tag);
                sent += 1;
            }
        }
        assert!(sent > 0, "{named}");
    }
}
