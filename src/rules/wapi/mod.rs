//! Rules of the CRM's objects (wapi-crm-api): one file per object, one table per action.
//!
//! Each table has the rows that the guide prints, in its order; a row that it prints twice stands
//! once, with the lines of both. Where the guide contradicts itself the tables hold what this
//! program sends, and the row says which lines it does not follow.

mod case;
mod custom_field;
mod customer;
mod faq;
mod faq_category;
mod followup;
mod row;
mod task;

use super::{Format, Rule};
use crate::crm::{Action, Object};

/// The guide's name, as in a reason that a user reads.
pub const WAPI_DOCUMENT: &str = "wapi-crm-api";

/// The guide's name for any picklist that the tenant defines; its real name is the tenant's.
pub const CUSTOM_PICKLIST: &str = "CF01_PICKLIST.NAME";

/// The guide's name for any other field that the tenant defines.
pub const CUSTOM_FIELD: &str = "CF02.NAME";

/// The other name of a Task's MEDIATYPE in a Get (wapi:3058, wapi:3321); its table prints MEDIATYPE
/// (wapi:3503).
pub const TASK_GET_MEDIA_TYPE: &str = "MEDIA_TYPE";

/// Word in `invalid`: a value that is nothing but whitespace.
pub const WHITESPACE_ONLY: &str = "whitespace-only";

/// Word in `invalid`: a phone number without any digit. The guide says "non-numeric characters"
/// beside a list of such characters that are valid (wapi:606-608).
pub const NO_DIGIT: &str = "no digit";

/// Greatest length of a DESCRIPTION, "2 MB" (wapi:1406), in bytes of ISO-8859-1.
const DESCRIPTION_BYTES: u32 = 2_000_000;

/// `+ ( ) / . - _ 0-9 space` (wapi:606).
const PHONE: &str = r"[+()/.\-_0-9 ]";

/// `A-Z a-z - 0-9 _@` (wapi:594), and the dot, which the guide's own examples have (wapi:528).
const EMAIL: &str = r"[A-Za-z0-9._@-]";

/// `A-Z, a-z,_,0-9` (wapi:628).
const PASSWORD: &str = "[A-Za-z_0-9]";

/// Digits only.
const DIGITS: &str = "[0-9]";

/// The parameters of an action, in the guide's order; empty where it has none, or where the
/// object has no such action.
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

/// The actions that the guide has for an object. Get of a FAQCategory has no parameters.
pub fn actions(object: Object) -> &'static [Action] {
    match object {
        Object::Followup => &[Action::Add, Action::Get, Action::Delete],
        Object::CustomField => &[Action::Get],
        _ => &Action::ALL,
    }
}

/// Whether the tenant can define fields of its own for the object (wapi:51).
pub fn has_custom_fields(object: Object) -> bool {
    table(object, Action::Add).iter().any(Rule::is_custom_field)
}

impl Rule {
    /// Whether the row stands for any field that the tenant defines: its tag is a placeholder.
    pub fn is_custom_field(&self) -> bool {
        matches!(self.tag, CUSTOM_PICKLIST | CUSTOM_FIELD)
    }
}

#[cfg(test)]
mod tests;
