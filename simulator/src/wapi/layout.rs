//! What a Get tells of each record: the tags, their order and their case (REPLY_TAG_CASE,
//! field-notes.md for customers).

use std::borrow::Cow;

use super::{crm::Crm, dates, reply::Body, table::Row};
use crate::settings::CrmObject;

/// Where the custom fields stand.
const CUSTOM: &str = "*";

/// As live tenants were seen to tell it: with PBX, without password and dates.
const CUSTOMER: &[&str] = &[
    "FIRSTNAME",
    "LASTNAME",
    "COMPANY",
    "PBX",
    "COMMENTS",
    "ACCOUNTNUM",
    "customertype",
    "EMAIL",
    "VOICE",
    "ALTERNATIVE",
    "FAX",
    "ADDR1STR1",
    "ADDR1STR2",
    "ADDR1CITY",
    "ADDR1STATE",
    "ADDR1ZIP",
    "ADDR1COUNTRY",
    "ADDR2STR1",
    "ADDR2STR2",
    "ADDR2CITY",
    "ADDR2STATE",
    "ADDR2ZIP",
    "ADDR2COUNTRY",
    CUSTOM,
];

/// wapi:2265-2304.
const CASE: &[&str] = &[
    "ACCOUNTNUM",
    "CASENUM",
    "SUBJECT",
    "DESCRIPTION",
    "STATUS",
    "PRIORITY",
    "SEVERITY",
    "CATEGORY",
    "PROJECT",
    "VISIBILITY",
    "MEDIATYPE",
    "ASSIGNEDTO",
    "ASSIGNEDDATE",
    "CREATEDBY",
    "CREATEDDATE",
    "CLOSEDBY",
    "CLOSEDDATE",
    "LASTACTDATE",
    CUSTOM,
];

/// wapi:2628-2658.
const FOLLOWUP: &[&str] = &[
    "CASENUM",
    "FOLLOWUPNUM",
    "SUBJECT",
    "CREATEDDATE",
    "ATTACHMENTS",
    "FOLLOWUPID",
    "CREATEDBY",
    "status",
    "priority",
    "severity",
    "category",
    "project",
    "mediatype",
    "visibility",
    "DESCRIPTION",
    CUSTOM,
];

/// wapi:3555-3603.
const TASK: &[&str] = &[
    "TASKNUM",
    "SUBJECT",
    "DESCRIPTION",
    "CREATEDDATE",
    "DUEDATE",
    "REMINDER",
    "PHONE",
    "LASTMODDATE",
    "EMAIL",
    "TRANSID",
    "CALLDURATION",
    "CAMPAIGNNAME",
    CUSTOM,
    "task_status",
    "media_type",
    "call_type",
    "ACCOUNTNUM",
    "ASSIGNEDTO",
    "CREATEDBY",
];

/// wapi:3855-3862.
const FAQ_CATEGORY: &[&str] = &["FAQCATID", "FAQCATEGORY"];

/// wapi:4255-4275.
const FAQ: &[&str] = &["FAQCATID", "FAQID", "QUESTION", "ANSWER", "SHORTCUT", "PRIVATE"];

/// Writes a record as an ITEM.
pub(crate) fn item(crm: &Crm, object: CrmObject, row: Row, body: &mut Body) {
    let tags = match object {
        CrmObject::Customer => CUSTOMER,
        CrmObject::Case => CASE,
        CrmObject::Followup => FOLLOWUP,
        CrmObject::Task => TASK,
        CrmObject::FaqCategory => FAQ_CATEGORY,
        CrmObject::Faq => FAQ,
    };
    body.item(|item| {
        for tag in tags {
            match *tag {
                CUSTOM => custom_fields(crm, object, row, item),
                tag => item.element(tag, &value(crm, object, row, tag)),
            }
        }
        if object == CrmObject::Customer && crm.rules.emit_password {
            item.element("PASSWORD", &row.get("PASSWORD"));
        }
    });
}

/// Custom fields by their names, verbatim (CF_TAG_NAMES).
fn custom_fields(crm: &Crm, object: CrmObject, row: Row, item: &mut Body) {
    for field in crm.custom_fields(object) {
        item.element(&field.name, &row.get(&field.name.to_ascii_uppercase()));
    }
}

fn value<'a>(crm: &Crm, object: CrmObject, row: Row<'a>, tag: &str) -> Cow<'a, str> {
    let second = |at| dates::second(at, crm.rules.glued_dates).into();
    match (object, tag) {
        (CrmObject::Case, "CREATEDDATE") => crm.day(row.created()).into(),
        (CrmObject::Case, "LASTACTDATE") => crm.day(row.modified()).into(),
        (_, "CREATEDDATE") => second(crm.zone.to_datetime(row.created())),
        (_, "LASTMODDATE") => second(crm.zone.to_datetime(row.modified())),
        (_, "DUEDATE") => dates::parse(&row.get(tag)).map_or("".into(), second),
        (_, "media_type") => row.get("MEDIATYPE"),
        (_, "ATTACHMENTS") if row.get(tag).is_empty() => "0".into(),
        _ if tag.starts_with(|c: char| c.is_ascii_lowercase()) => {
            row.get(&tag.to_ascii_uppercase())
        }
        _ => row.get(tag),
    }
}
