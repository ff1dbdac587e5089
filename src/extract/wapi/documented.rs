//! The columns of each object as the guide's replies have them, with their types.

use arrow::datatypes::{DataType, Field, TimeUnit};

use crate::crm::Object;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything: leading zeros count.
    Text,
    /// A quantity: digits only (the guide says so).
    Number,
    /// A date, with or without a time, in the tenant's zone.
    Time,
}

/// A documented column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The tag in upper case.
    pub tag: &'static str,
    /// What it holds.
    pub kind: Kind,
}

const fn text(tag: &'static str) -> Column {
    Column { tag, kind: Kind::Text }
}

const fn number(tag: &'static str) -> Column {
    Column { tag, kind: Kind::Number }
}

const fn time(tag: &'static str) -> Column {
    Column { tag, kind: Kind::Time }
}

/// The reply of a live tenant (field-notes, WAPI), the key first. The printed one (wapi:1228-1260)
/// has PASSWORD as well, which only comes where it is named.
const CUSTOMER: &[Column] = &[
    text("ACCOUNTNUM"),
    text("FIRSTNAME"),
    text("LASTNAME"),
    text("COMPANY"),
    text("PBX"),
    text("COMMENTS"),
    text("CUSTOMERTYPE"),
    text("EMAIL"),
    text("VOICE"),
    text("ALTERNATIVE"),
    text("FAX"),
    text("ADDR1STR1"),
    text("ADDR1STR2"),
    text("ADDR1CITY"),
    text("ADDR1STATE"),
    text("ADDR1ZIP"),
    text("ADDR1COUNTRY"),
    text("ADDR2STR1"),
    text("ADDR2STR2"),
    text("ADDR2CITY"),
    text("ADDR2STATE"),
    text("ADDR2ZIP"),
    text("ADDR2COUNTRY"),
];

/// wapi:2265-2304.
const CASE: &[Column] = &[
    text("CASENUM"),
    text("ACCOUNTNUM"),
    text("SUBJECT"),
    text("DESCRIPTION"),
    text("STATUS"),
    text("PRIORITY"),
    text("SEVERITY"),
    text("CATEGORY"),
    text("PROJECT"),
    text("VISIBILITY"),
    text("MEDIATYPE"),
    text("ASSIGNEDTO"),
    time("ASSIGNEDDATE"),
    text("CREATEDBY"),
    time("CREATEDDATE"),
    text("CLOSEDBY"),
    time("CLOSEDDATE"),
    time("LASTACTDATE"),
];

/// wapi:2628-2657. ATTACHMENTS is a count (ruling ATTACHMENTS_FORM).
const FOLLOWUP: &[Column] = &[
    text("CASENUM"),
    text("FOLLOWUPNUM"),
    text("FOLLOWUPID"),
    text("SUBJECT"),
    time("CREATEDDATE"),
    number("ATTACHMENTS"),
    text("CREATEDBY"),
    text("STATUS"),
    text("PRIORITY"),
    text("SEVERITY"),
    text("CATEGORY"),
    text("PROJECT"),
    text("MEDIATYPE"),
    text("VISIBILITY"),
    text("DESCRIPTION"),
];

/// wapi:3553-3600. CALLDURATION is digits only (wapi:2848). So is TRANSID (wapi:2854), but as a name:
/// its leading zeros count.
const TASK: &[Column] = &[
    text("TASKNUM"),
    text("ACCOUNTNUM"),
    text("SUBJECT"),
    text("DESCRIPTION"),
    time("CREATEDDATE"),
    time("DUEDATE"),
    text("REMINDER"),
    text("PHONE"),
    time("LASTMODDATE"),
    text("EMAIL"),
    text("TRANSID"),
    number("CALLDURATION"),
    text("CAMPAIGNNAME"),
    text("TASK_STATUS"),
    text("MEDIA_TYPE"),
    text("CALL_TYPE"),
    text("ASSIGNEDTO"),
    text("CREATEDBY"),
];

/// wapi:3845-3850.
const FAQ_CATEGORY: &[Column] = &[text("FAQCATID"), text("FAQCATEGORY")];

/// wapi:4256-4270.
const FAQ: &[Column] = &[
    text("FAQID"),
    text("FAQCATID"),
    text("QUESTION"),
    text("ANSWER"),
    text("SHORTCUT"),
    text("PRIVATE"),
];

/// Tags that mean a documented one (rulings LASTACTDATE, MEDIA_TYPE_TAG, CAMPAGINNAME).
const SAME: &[(Object, &str, &str)] = &[
    (Object::Case, "LASTMODDATE", "LASTACTDATE"),
    (Object::Task, "LASTACTDATE", "LASTMODDATE"),
    (Object::Task, "MEDIATYPE", "MEDIA_TYPE"),
    (Object::Task, "CAMPAGINNAME", "CAMPAIGNNAME"),
];

/// The column that only comes where it is named.
pub const SECRET: &str = "PASSWORD";

/// The documented columns of an object.
pub fn columns(object: Object) -> &'static [Column] {
    match object {
        Object::Customer => CUSTOMER,
        Object::Case => CASE,
        Object::Followup => FOLLOWUP,
        Object::Task => TASK,
        Object::FaqCategory => FAQ_CATEGORY,
        Object::Faq => FAQ,
        Object::CustomField => &[],
    }
}

/// The documented tag that a tag of a reply means.
pub fn canonical(object: Object, tag: &str) -> &str {
    let same = SAME.iter().find(|(of, other, _)| *of == object && *other == tag);
    same.map_or(tag, |(_, _, documented)| documented)
}

/// Whether a tag is documented for the replies of an object.
pub fn is_documented(object: Object, tag: &str) -> bool {
    tag == SECRET || columns(object).iter().any(|column| column.tag == tag)
}

/// A field of this kind; times are in the zone of this name.
pub fn field(name: &str, kind: Kind, zone: &str) -> Field {
    let data_type = match kind {
        Kind::Text => DataType::Utf8,
        Kind::Number => DataType::Int64,
        Kind::Time => DataType::Timestamp(TimeUnit::Microsecond, Some(zone.into())),
    };
    Field::new(name, data_type, true)
}
