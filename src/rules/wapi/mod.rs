//! Rules of the CRM's objects (wapi-crm-api): one table per object and action.

mod case;
mod custom_field;
mod customer;
mod faq;
mod faq_category;
mod followup;
mod task;

use super::Rule;
use crate::crm::{Action, Object};

/// The document's name, as in a reason that a user reads.
pub const WAPI_DOCUMENT: &str = "wapi-crm-api";

/// The documented parameters of an object and action; none where the guide has no such action.
pub fn table(object: Object, action: Action) -> &'static [Rule] {
    match object {
        Object::Customer => customer::table(action),
        Object::Case => case::table(action),
        Object::Followup => followup::table(action),
        Object::Task => task::table(action),
        Object::FaqCategory => faq_category::table(action),
        Object::Faq => faq::table(action),
        Object::CustomField => custom_field::table(action),
    }
}

/// The actions that the guide has for an object, in its order. One of them takes no parameters: Get
/// of a category of FAQs.
pub fn actions(object: Object) -> &'static [Action] {
    match object {
        Object::Followup => &[Action::Add, Action::Get, Action::Delete],
        Object::CustomField => &[Action::Get],
        _ => &[Action::Add, Action::Modify, Action::Get, Action::Delete],
    }
}

/// The objects of the guide, in its order.
pub const OBJECTS: [Object; 7] = [
    Object::Customer,
    Object::Case,
    Object::Followup,
    Object::Task,
    Object::FaqCategory,
    Object::Faq,
    Object::CustomField,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_have_as_many_rows_as_the_guide() {
        use Object::*;
        // Customer Modify prints six of its rows twice: 26 lines name 26 parameters.
        for (object, rows) in [
            (Customer, [25, 26, 13, 1]),
            (Case, [13, 10, 21, 1]),
            (Followup, [13, 0, 3, 2]),
            (Task, [16, 13, 20, 1]),
            (FaqCategory, [2, 3, 0, 1]),
            (Faq, [6, 5, 4, 1]),
            (CustomField, [0, 0, 1, 0]),
        ] {
            let actions = [Action::Add, Action::Modify, Action::Get, Action::Delete];
            for (action, rows) in actions.into_iter().zip(rows) {
                let table = table(object, action);
                assert_eq!(table.len(), rows, "{object} {action}");
                for rule in table {
                    assert_eq!((rule.object, rule.action), (object.name(), action.name()));
                    assert!(!rule.lines.is_empty(), "{object} {action} {}", rule.tag);
                }
            }
        }
    }
}
