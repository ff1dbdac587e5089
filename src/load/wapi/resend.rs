//! What a Modify sends beside the row's own fields, because one reading of the guide would lose it.

use super::{compare::told, row::Row};
use crate::{
    crm::{Action, Object},
    rules::{self, Rule},
    wire::wapi::Item,
};

/// Fields that are sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    /// These.
    Tags(&'static [&'static str]),
    /// All that Modify takes and Get tells.
    All,
}

/// By object, with the ruling.
const AGAIN: &[(Object, Again, &str)] = &[
    (
        Object::Customer,
        Again::Tags(&["ADDR1COUNTRY", "ADDR2COUNTRY"]),
        "rulings CUSTOMER_MODIFY_COUNTRY",
    ),
    (Object::Case, Again::All, "rulings CASE_MODIFY_UNSUPPLIED"),
    (Object::Task, Again::Tags(&["ASSIGNEDTO", "TASK_STATUS"]), "rulings TASK_MODIFY_ASSIGNEDTO"),
    (
        Object::Faq,
        Again::Tags(&["QUESTION", "ANSWER", "PRIVATE"]),
        "rulings FAQ_MODIFY_UNSUPPLIED, PRIVATE_DEFAULT_MODIFY",
    ),
    (Object::FaqCategory, Again::Tags(&["FAQCATEGORY", "PRIVATE"]), "rulings FAQCAT_MODIFY_NAME"),
];

/// What a Get of a case tells and no Modify takes (wapi:2265-2300, 1460-1466): all else that is in
/// no table is a custom field.
const ONLY_TOLD: &[&str] = &[
    "ACCOUNTNUM",
    "PROJECT",
    "ASSIGNEDDATE",
    "ATTACHMENTS",
    "CREATEDBY",
    "CREATEDDATE",
    "CLOSEDBY",
    "CLOSEDDATE",
    "LASTACTDATE",
    "LASTMODDATE",
    "COMPANY",
    "FIRSTNAME",
    "LASTNAME",
];

/// Free texts, whose blanks are their own.
const TEXTS: &[&str] = &["SUBJECT", "DESCRIPTION", "QUESTION", "ANSWER", "FAQCATEGORY"];

/// Tags that are never sent unless the row has them: they would change what nobody asked for.
const NEVER: &[&str] = &["PASSWORD", "AUTOPASSWD", "REMINDER"];

fn again(object: Object) -> Again {
    AGAIN.iter().find(|(of, ..)| *of == object).map_or(Again::Tags(&[]), |(_, again, _)| *again)
}

/// Whether a row lacks fields that have to be sent again, so that the record must be read.
pub fn wants_record(object: Object, row: &Row<'_>) -> bool {
    match again(object) {
        Again::All => true,
        Again::Tags(tags) => tags.iter().any(|tag| row.get(tag).is_none()),
    }
}

/// Tags and values of the record that are sent again beside the row's own. Never a blank, and no
/// value that the rules would refuse: `allowed` says what the tenant knows.
pub fn resent<'a>(
    object: Object,
    row: &Row<'_>,
    record: &'a Item,
    allowed: impl Fn(&str, &str) -> bool,
) -> Vec<(&'a str, &'a str)> {
    let table = rules::wapi::table(object, Action::Modify);
    let wanted = |rule: &&'static Rule| {
        // The number names the record: a second one is a duplicate tag (wapi:4722-4723).
        let is_key = object.key().contains(&rule.tag);
        let listed = match again(object) {
            Again::All => true,
            Again::Tags(tags) => tags.contains(&rule.tag),
        };
        listed && !is_key && !NEVER.contains(&rule.tag) && row.get(rule.tag).is_none()
    };
    let mut resent = Vec::new();
    for rule in table.iter().filter(wanted) {
        let Some(value) = told(record, rule.tag).filter(|value| !value.trim().is_empty()) else {
            continue;
        };
        // The guide prints replies with blanks about a value (wapi:303): one of a list has none.
        let value = if TEXTS.contains(&rule.tag) { value } else { value.trim() };
        let known = rule.values.is_empty() || rule.values.contains(&value);
        if known && allowed(rule.tag, value) {
            resent.push((rule.tag, value));
        }
    }
    if again(object) == Again::All {
        let custom = record.fields().filter(|(tag, value)| {
            let documented = rules::find(table, tag).is_some() || ONLY_TOLD.contains(tag);
            !documented && row.get(tag).is_none() && !value.trim().is_empty() && allowed(tag, value)
        });
        resent.extend(custom);
    }
    resent
}
