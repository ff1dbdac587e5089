//! Rules between the fields of a row.

use arrow::array::{Array, StringArray};

use super::WapiRules;
use crate::{
    crm::{LoadAction, Object},
    rules::Rule,
    validate::complaints::Complaints,
};

/// A row, by the names of its fields.
struct Fields<'a> {
    columns: &'a [(&'a str, StringArray)],
    row: usize,
}

impl Fields<'_> {
    fn get(&self, tag: &str) -> Option<&str> {
        let (_, column) = self.columns.iter().find(|(name, _)| *name == tag)?;
        column.is_valid(self.row).then(|| column.value(self.row))
    }

    fn has(&self, tag: &str) -> bool {
        self.get(tag).is_some()
    }
}

/// A rule between fields: whom it concerns, the field that it is told of, and what is wrong.
struct Cross {
    objects: &'static [Object],
    actions: &'static [LoadAction],
    tag: &'static str,
    what: &'static str,
    is_broken: fn(&Fields<'_>) -> bool,
}

/// The fields that the rules ask for.
const TAGS: [&str; 7] =
    ["PASSWORD", "AUTOPASSWD", "STATUS", "ASSIGNEDTO", "TASK_STATUS", "DUEDATE", "REMINDER"];

use LoadAction::{Add, Modify, Upsert};
const NEW: &[LoadAction] = &[Add, Upsert];
const SENT: &[LoadAction] = &[Add, Upsert, Modify];
const CASES: &[Object] = &[Object::Case, Object::Followup];

/// What a Modify lacks of the two of STATUS and ASSIGNEDTO is sent again by it, or known to the
/// tenant: only what contradicts itself is told.
static RULES: &[Cross] = &[
    Cross {
        // wapi:632, 816
        objects: &[Object::Customer],
        actions: SENT,
        tag: "PASSWORD",
        what: "missing, where AUTOPASSWD is False",
        is_broken: |row| is(row, "AUTOPASSWD", "false") && !row.has("PASSWORD"),
    },
    Cross {
        // wapi:4737-4738; rulings AUTOPASSWD_TRUE_PASSWORD
        objects: &[Object::Customer],
        actions: SENT,
        tag: "PASSWORD",
        what: "given, where AUTOPASSWD is True",
        is_broken: |row| is(row, "AUTOPASSWD", "true") && row.has("PASSWORD"),
    },
    Cross {
        // wapi:4788-4794; rulings CASE_STATUS_ASSIGNEDTO
        objects: CASES,
        actions: SENT,
        tag: "ASSIGNEDTO",
        what: "given, where STATUS is Unassigned",
        is_broken: |row| row.has("ASSIGNEDTO") && row.get("STATUS") == Some("Unassigned"),
    },
    Cross {
        // wapi:1466-1468; rulings CASE_STATUS_ASSIGNEDTO
        objects: CASES,
        actions: NEW,
        tag: "ASSIGNEDTO",
        what: "given without STATUS",
        is_broken: |row| row.has("ASSIGNEDTO") && !row.has("STATUS"),
    },
    Cross {
        // wapi:4802-4806; rulings CASE_STATUS_ASSIGNEDTO
        objects: CASES,
        actions: NEW,
        tag: "ASSIGNEDTO",
        what: "missing, where STATUS is Open",
        is_broken: |row| !row.has("ASSIGNEDTO") && row.get("STATUS") == Some("Open"),
    },
    Cross {
        // wapi:2808-2809; rulings TASK_STATUS_TAG
        objects: &[Object::Task],
        actions: NEW,
        tag: "ASSIGNEDTO",
        what: "given without TASK_STATUS",
        is_broken: |row| row.has("ASSIGNEDTO") && !row.has("TASK_STATUS"),
    },
    Cross {
        // wapi:2836-2838
        objects: &[Object::Task],
        actions: SENT,
        tag: "REMINDER",
        what: "given without DUEDATE",
        is_broken: |row| row.has("REMINDER") && !row.has("DUEDATE"),
    },
];

fn is(row: &Fields<'_>, tag: &str, word: &str) -> bool {
    row.get(tag).is_some_and(|value| value.eq_ignore_ascii_case(word))
}

/// Checks the rules between the fields of each row.
pub fn check(rules: &WapiRules, columns: &[(&str, StringArray)], complaints: &mut Complaints) {
    let rows = columns.first().map_or(0, |(_, column)| column.len());
    // Few of many columns are asked for, and once a row.
    let asked: Vec<_> = columns.iter().filter(|(name, _)| TAGS.contains(name)).cloned().collect();
    let columns = asked.as_slice();
    let concerns = |rule: &&Cross| {
        rule.objects.contains(&rules.object) && rule.actions.contains(&rules.action)
    };
    for cross in RULES.iter().filter(concerns) {
        let source = rules.rule(cross.tag).map(Rule::source).unwrap_or_default();
        for row in 0..rows {
            if (cross.is_broken)(&Fields { columns, row }) {
                complaints.add(row, &format!("{}: {} ({source})", cross.tag, cross.what));
            }
        }
    }
}
