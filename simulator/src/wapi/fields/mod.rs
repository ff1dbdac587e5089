//! The parameters of each object and action, table by table of the guide, in its order.
//!
//! Rows that are printed twice stand once, with both places. The two rows `CF01_PICKLIST.NAME`
//! and `CF02.NAME` of a table are its [`Table::custom`]. What a table leaves open is decided by
//! the ruling that is named beside it.

mod case;
mod customer;
mod faq;
mod followup;
mod form;
mod task;

use super::command::{Action, Object};
pub(crate) use form::{Form, Set};

/// The parameters of an action on an object.
#[derive(Debug)]
pub(crate) struct Table {
    pub fields: &'static [Field],
    /// Where the custom fields of the object stand in it; empty if it has none.
    pub custom: &'static str,
}

/// A row of a table.
#[derive(Debug)]
pub(crate) struct Field {
    pub tag: &'static str,
    /// Another spelling of the tag.
    pub other_spelling: Option<&'static str>,
    pub form: Form,
    pub presence: Presence,
    /// Get takes it more than once, as an OR (wapi:1656-1669, 3049-3058).
    pub repeatable: bool,
    /// Get takes it with `%`.
    pub wildcard: Wildcard,
    /// No two records may hold the same value.
    pub unique: bool,
    #[allow(dead_code)] // read by whoever reads the table
    pub lines: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Mandatory,
    Optional,
}

/// Whether Get takes `%` (WILDCARD_TAGS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wildcard {
    No,
    Yes,
    /// Where the switch for a customer's FIRSTNAME and VOICE is on.
    Switched,
}

/// The table of an action on an object; `None` where the object has no such action.
pub(crate) fn table(object: Object, action: Action) -> Option<&'static Table> {
    use Action::{Add, Delete, Get, List, Modify};
    Some(match (object, action) {
        (Object::Customer, Add) => &customer::ADD,
        (Object::Customer, Modify) => &customer::MODIFY,
        (Object::Customer, Get) => &customer::GET,
        (Object::Customer, Delete) => &customer::DELETE,
        (Object::Case, Add) => &case::ADD,
        (Object::Case, Modify) => &case::MODIFY,
        (Object::Case, Get) => &case::GET,
        (Object::Case, Delete) => &case::DELETE,
        (Object::Followup, Add) => &followup::ADD,
        (Object::Followup, Get) => &followup::GET,
        (Object::Followup, Delete) => &followup::DELETE,
        (Object::Task, Add) => &task::ADD,
        (Object::Task, Modify) => &task::MODIFY,
        (Object::Task, Get) => &task::GET,
        (Object::Task, Delete) => &task::DELETE,
        (Object::FaqCategory, Add) => &faq::CATEGORY_ADD,
        (Object::FaqCategory, Modify) => &faq::CATEGORY_MODIFY,
        (Object::FaqCategory, Delete) => &faq::CATEGORY_DELETE,
        (Object::Faq, Add) => &faq::ADD,
        (Object::Faq, Modify) => &faq::MODIFY,
        (Object::Faq, Get) => &faq::GET,
        (Object::Faq, Delete) => &faq::DELETE,
        (Object::CustomField, Get) => &CUSTOM_FIELD_GET,
        // wapi:3829, 4486-4692: no parameters.
        (Object::FaqCategory, Get | List) => &NONE,
        (Object::Country | Object::Agents | Object::Groups, List) => &NONE,
        _ => return None,
    })
}

const NONE: Table = Table { fields: &[], custom: "" };

/// wapi:4371-4378; the table says "Custom Field Name" (CUSTOMFIELD_PARAM).
const CUSTOM_FIELD_GET: Table =
    Table { fields: &[mandatory("NAME", Form::ANY, "wapi:4364, 4375-4378")], custom: "" };

impl Table {
    /// The row of a tag.
    pub(crate) fn field(&self, tag: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.tag == tag || field.other_spelling == Some(tag))
    }
}

impl Field {
    const fn repeatable(self) -> Field {
        Field { repeatable: true, ..self }
    }

    const fn wildcard(self) -> Field {
        Field { wildcard: Wildcard::Yes, ..self }
    }

    const fn wildcard_switched(self) -> Field {
        Field { wildcard: Wildcard::Switched, ..self }
    }

    const fn unique(self) -> Field {
        Field { unique: true, ..self }
    }

    const fn or(self, tag: &'static str) -> Field {
        Field { other_spelling: Some(tag), ..self }
    }
}

const fn mandatory(tag: &'static str, form: Form, lines: &'static str) -> Field {
    Field { presence: Presence::Mandatory, ..optional(tag, form, lines) }
}

const fn optional(tag: &'static str, form: Form, lines: &'static str) -> Field {
    Field {
        tag,
        other_spelling: None,
        form,
        presence: Presence::Optional,
        repeatable: false,
        wildcard: Wildcard::No,
        unique: false,
        lines,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_table_has_as_many_rows_as_the_guide() {
        use Action::{Add, Delete, Get, Modify};
        for (object, counts) in [
            (Object::Customer, [(Add, 25), (Modify, 26), (Get, 13), (Delete, 1)].as_slice()),
            // Custom fields are no rows of Case Modify, but of its example and of wapi:4398-4466.
            (Object::Case, &[(Add, 13), (Modify, 10 + 2), (Get, 21), (Delete, 1)]),
            (Object::Followup, &[(Add, 13), (Get, 3), (Delete, 2)]),
            // FROMCREATEDATE and TOCREATEDATE are a pair of Get (wapi:3061) and no rows of it.
            (Object::Task, &[(Add, 16), (Modify, 13), (Get, 20 + 2), (Delete, 1)]),
            (Object::FaqCategory, &[(Add, 2), (Modify, 3), (Get, 0), (Delete, 1)]),
            (Object::Faq, &[(Add, 6), (Modify, 5), (Get, 4), (Delete, 1)]),
            (Object::CustomField, &[(Get, 1)]),
        ] {
            for (action, count) in counts {
                let table = table(object, *action).unwrap();
                let custom = if table.custom.is_empty() { 0 } else { 2 };
                assert_eq!(table.fields.len() + custom, *count, "{object} {action}");
            }
        }
    }

    #[test]
    fn a_tag_stands_in_a_table_once_and_with_its_lines() {
        for object in [Object::Customer, Object::Case, Object::Followup, Object::Task] {
            for action in [Action::Add, Action::Modify, Action::Get, Action::Delete] {
                let Some(table) = table(object, action) else { continue };
                for field in table.fields {
                    assert!(std::ptr::eq(table.field(field.tag).unwrap(), field), "{}", field.tag);
                    assert!(field.lines.starts_with("wapi:"), "{}", field.tag);
                }
            }
        }
    }

    #[test]
    fn objects_have_the_actions_of_the_guide_and_no_others() {
        for (object, action) in [
            (Object::Followup, Action::Modify),
            (Object::Case, Action::List),
            (Object::CustomField, Action::Modify),
            (Object::CustomField, Action::List),
            (Object::Country, Action::Get),
            (Object::Agents, Action::Add),
            (Object::Groups, Action::Delete),
        ] {
            assert!(table(object, action).is_none(), "{object} {action}");
        }
        for object in [Object::Country, Object::Agents, Object::Groups, Object::FaqCategory] {
            assert!(table(object, Action::List).unwrap().fields.is_empty(), "{object}");
        }
    }
}
