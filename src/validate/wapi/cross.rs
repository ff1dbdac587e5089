//! What the fields of a row require of each other, as the tables have it.

use arrow::array::{Array, StringArray};

use super::WapiRules;
use crate::{
    crm::LoadAction,
    rules::{Requires, Rule},
    validate::complaints::Complaints,
};

/// What a Modify lacks of these is sent again by it, or known to the tenant: only what
/// contradicts itself is told of them (rulings CASE_STATUS_ASSIGNEDTO, TASK_MODIFY_ASSIGNEDTO).
const SENT_AGAIN: &[&str] = &["STATUS", "ASSIGNEDTO", "TASK_STATUS"];

/// Checks what the fields of each row require of each other.
pub fn check(rules: &WapiRules, columns: &[(&str, StringArray)], complaints: &mut Complaints) {
    let column =
        |tag: &str| columns.iter().find(|(name, _)| *name == tag).map(|(_, column)| column);
    for rule in rules.table() {
        let Some(own) = column(rule.tag) else { continue };
        for requires in rule.requires {
            let lacks = !matches!(requires, Requires::AbsentIf { .. });
            let changes = rules.action == LoadAction::Modify;
            if lacks && changes && SENT_AGAIN.contains(&requires.tag()) {
                continue;
            }
            check_one(rule, *requires, own, column(requires.tag()), complaints);
        }
    }
}

fn check_one(
    rule: &Rule,
    requires: Requires,
    own: &StringArray,
    other: Option<&StringArray>,
    complaints: &mut Complaints,
) {
    for row in (0..own.len()).filter(|row| own.is_valid(*row)) {
        let value = own.value(row);
        let given = other.is_some_and(|other| other.is_valid(row));
        let is = |wanted: &str| value.eq_ignore_ascii_case(wanted);
        let wrong = match requires {
            Requires::Given(tag) if !given => format!("given without {tag}"),
            Requires::GivenIf { tag, value } if is(value) && !given => {
                format!("`{value}` needs {tag}")
            }
            Requires::AbsentIf { tag, value } if is(value) && given => {
                format!("`{value}` forbids {tag}")
            }
            _ => continue,
        };
        complaints.add(row, &format!("{}: {wrong} ({})", rule.tag, rule.source()));
    }
}
