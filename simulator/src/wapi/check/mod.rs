//! Judges a command by the guide's rules: nothing, or the one message that the server answers.
//!
//! A command can break several rules and is told of one. The guide gives no order; ours is, from
//! what needs least knowledge to what needs most:
//! 1. the action is one of the object's: E01;
//! 2. there are tags: E12, or E07, E10, E13 where they say it better;
//! 3. each tag, in the order sent, is known and not repeated: E35, E36, E05 ([`tags`]);
//! 4. what must be there is there and not empty: E07, E10, E13, E23, E28, E32 ([`tags`]);
//! 5. each value, in the order sent: E19, E30 or E31, E34, E33 or E42 for what is no number, and
//!    E37 to E41 ([`values`]);
//! 6. the records that are named are there: E33, E42 ([`records`]);
//! 7. the values agree with each other, and with the case: E09, E29, E10, E20 to E27 ([`together`]);
//! 8. the change is allowed: E04, E06, E08 ([`records`]).
//!
//! Where the guide has several messages for one fault (SIMILAR_ERRORS), each has its place here:
//! - E21 and E25 are a Case's, E22 and E27 a Followup's;
//! - E37 is a Case's and a Followup's, E38 a Task's; they read the same;
//! - E40 is a built-in list's, a fixed list's and a user's, E41 a custom pick list's, E42 that of
//!   a number that no record has; a CASENUM has E33.

mod records;
mod tags;
#[cfg(test)]
mod tests;
mod together;
mod values;

use tags::Sent;

use super::{
    command::{Action, Command, Object},
    fields,
    messages::Problem,
    settings::WapiSettings,
};
use crate::settings::CustomFieldType;

/// Whether a command fulfils the rules; the first problem if not.
pub(crate) fn check(command: &Command, tenant: &impl Tenant) -> Result<(), Problem> {
    let Command { object, action, .. } = *command;
    let table = match action {
        // DELETE_SUPPORT.
        Action::Delete if !tenant.rules().delete_allowed => None,
        _ => fields::table(object, action),
    };
    let table = table.ok_or(Problem::ActionNotForObject { action, object })?;
    let mut sent = Sent::read(command, table, tenant)?;
    sent.complete(table, tenant)?;
    for item in &sent.items {
        values::check(item, &sent, tenant)?;
    }
    if action == Action::Get {
        return together::search(&sent);
    }
    records::there(&sent, tenant)?;
    together::change(&sent, tenant)?;
    records::allowed(&sent, tenant)
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
