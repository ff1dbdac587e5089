//! Judges a command by the guide's rules: nothing, or the one message that the server answers.
//!
//! A command can break several rules and is told of one. The guide gives no order; ours is, from
//! what needs least knowledge to what needs most:
//! 1. the action is one of the object's: E01;
//! 2. there are tags, but for a Get or List: E12, or E07 where a category is deleted;
//! 3. each tag, in the order sent, is known and not repeated: E35, E36, E05 ([`tags`]);
//! 4. what must be there is there and nothing is empty: E13, E28, E10, E23, E32 ([`tags`]);
//! 5. each value, in the order sent, has its form: E19, E30 or E31, E34, E39, E33 for a CASENUM
//!    that is no number, E37, E38, E40 to E42 ([`values`]);
//! 6. the values agree with each other, and with the case: E09, E29, E10, E20 to E27
//!    ([`together`]);
//! 7. but for a Get: the records that are named are there, and the change is allowed: E33, E40,
//!    E42, E04, E06, E08 ([`records`]).
//!
//! Where the guide has several messages for one fault (SIMILAR_ERRORS), each has its place here:
//! - E13 is answered where none of several mandatory tags has a value, E32 where one is missing
//!   or empty, E10 where Customfield's NAME or a reminder's DUEDATE is not sent;
//! - E21 and E25 are a Case's, E22 and E27 a Followup's;
//! - E37 is a Case's and a Followup's, E38 a Task's; they read the same;
//! - E40 is a built-in list's, a fixed list's, a user's, and that of a number that no record has;
//!   E41 a custom pick list's; E42 a country's, and a FOLLOWUPNUM's; a CASENUM has E33.

mod records;
mod tags;
#[cfg(test)]
mod tests;
mod together;
mod values;

use super::{
    command::{Action, Command, Object},
    fields::{self, Field, Table},
    messages::Problem,
    settings::WapiSettings,
};
use crate::settings::CustomFieldType;

/// Why a command is refused, if it is.
pub(crate) fn check(tenant: &dyn Tenant, command: &Command) -> Result<(), Problem> {
    let (object, action) = (command.object, command.action);
    // DELETE_SUPPORT.
    let has_action = action != Action::Delete || tenant.rules().delete_allowed;
    let table = fields::table(object, action).filter(|_| has_action);
    let table = table.ok_or(Problem::ActionNotForObject { action, object })?;
    let sent = Sent { tenant, table, command };
    sent.has_tags()?;
    sent.tags_are_known()?;
    sent.mandatory_tags_are_there()?;
    sent.nothing_is_empty()?;
    sent.values_have_their_forms()?;
    sent.values_agree()?;
    match action {
        Action::Get | Action::List => Ok(()),
        _ => sent.change_is_allowed(),
    }
}

/// A command, beside what it is judged by.
struct Sent<'a> {
    tenant: &'a dyn Tenant,
    table: &'static Table,
    command: &'a Command,
}

/// What a tag is.
enum Row {
    Field(&'static Field),
    Custom(CustomField),
}

impl<'a> Sent<'a> {
    fn object(&self) -> Object {
        self.command.object
    }

    fn action(&self) -> Action {
        self.command.action
    }

    fn is_get(&self) -> bool {
        self.command.action == Action::Get
    }

    fn rules(&self) -> &'a WapiSettings {
        self.tenant.rules()
    }

    /// The tags that the command holds, in its order.
    fn tags(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.command.tags.iter().map(|(tag, value)| (tag.as_str(), value.as_str()))
    }

    /// The row of a tag, also of a custom field that was deleted.
    fn row(&self, tag: &str) -> Option<Row> {
        let lenient = self.rules().delete_task_lenient && self.action() == Action::Delete;
        let tag = match (self.object(), tag) {
            // TASK_DELETE_TAG.
            (Object::Task, "TASK") if lenient => "TASKNUM",
            _ => tag,
        };
        if let Some(field) = self.table.field(tag) {
            return Some(Row::Field(field));
        }
        let custom = self.tenant.custom_field(self.object(), tag)?;
        (!self.table.custom.is_empty()).then_some(Row::Custom(custom))
    }

    /// The value of a table's row that is not empty.
    fn get(&self, wanted: &str) -> Option<&'a str> {
        self.sent(wanted).filter(|value| !value.is_empty())
    }

    /// The value of a table's row, also an empty one.
    fn sent(&self, wanted: &str) -> Option<&'a str> {
        self.tags().find_map(|(tag, value)| match self.row(tag)? {
            Row::Field(field) if field.tag == wanted => Some(value),
            _ => None,
        })
    }
}

/// What the rules must know of the tenant. Tags are in upper case.
pub(crate) trait Tenant {
    /// The values of a list: STATUS, PRIORITY, SEVERITY, PROJECT, CATEGORY, CUSTOMERTYPE,
    /// TASK_STATUS, CALL_TYPE, COUNTRY, or a custom pick list's tag; `None` is no list, so that
    /// any value will do.
    fn values(&self, object: Object, list: &str) -> Option<Values<'_>>;
    /// The custom field of an object, also a deleted one.
    fn custom_field(&self, object: Object, tag: &str) -> Option<CustomField>;
    /// An agent or a group, also a deleted one.
    fn user(&self, id: &str) -> Option<User>;
    /// What a case's status means.
    fn usability(&self, status: &str) -> Usability;
    /// Whether a case has an assignee; `None` is no case.
    fn case_is_assigned(&self, casenum: &str) -> Option<bool>;
    /// Whether there is a record with this number. A Followup's is CASENUM.FOLLOWUPNUM.
    fn exists(&self, object: Object, id: &str) -> bool;
    /// Whether a record, but for the one with the number `except`, has this value.
    fn taken(&self, object: Object, tag: &str, value: &str, except: Option<&str>) -> bool;
    /// Whether a case came by e-mail.
    fn case_came_by_email(&self, casenum: &str) -> bool;
    /// Whether a FAQ category holds FAQs.
    fn category_has_faqs(&self, faqcatid: &str) -> bool;
    /// How the guide is read.
    fn rules(&self) -> &WapiSettings;
}

/// The values of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Values<'a> {
    pub active: Vec<&'a str>,
    /// No request may name them, though records may have them.
    pub deactivated: Vec<&'a str>,
}

/// A custom field. The values of a pick list are told by [`Tenant::values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CustomField {
    pub kind: CustomFieldType,
    pub max_chars: Option<usize>,
    pub unique: bool,
    pub deleted: bool,
}

/// An agent or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub deleted: bool,
}

/// What a case's status means, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Usability {
    /// `UNA`.
    Unassigned,
    /// `OPN`.
    Open,
    Other,
}
