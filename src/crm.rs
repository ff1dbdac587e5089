//! The words of the CRM (wapi-crm-api): its objects, and what can be done with them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The objects of the CRM, in the words of the guide.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Object {
    /// A customer, known by its ACCOUNTNUM.
    Customer,
    /// A case, known by its CASENUM.
    Case,
    /// A follow-up, known by its case's CASENUM and its own FOLLOWUPNUM.
    Followup,
    /// A task, known by its TASKNUM.
    Task,
    /// A category of FAQs, known by its FAQCATID.
    FaqCategory,
    /// A question with its answer, known by its FAQID.
    Faq,
    /// A custom field: only the values of picklists can be asked for.
    CustomField,
}

/// What can be done with an object.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Add a new record.
    Add,
    /// Change a record.
    Modify,
    /// Look for records.
    Get,
    /// Delete a record, and what belongs to it.
    Delete,
}

impl Object {
    /// The name as the guide writes it.
    pub fn name(self) -> &'static str {
        match self {
            Object::Customer => "Customer",
            Object::Case => "Case",
            Object::Followup => "Followup",
            Object::Task => "Task",
            Object::FaqCategory => "FAQCategory",
            Object::Faq => "FAQ",
            Object::CustomField => "Customfield",
        }
    }

    /// The parameters that together tell one record from all others.
    pub fn key(self) -> &'static [&'static str] {
        match self {
            Object::Customer => &["ACCOUNTNUM"],
            Object::Case => &["CASENUM"],
            Object::Followup => &["CASENUM", "FOLLOWUPNUM"],
            Object::Task => &["TASKNUM"],
            Object::FaqCategory => &["FAQCATID"],
            Object::Faq => &["FAQID"],
            Object::CustomField => &[],
        }
    }
}

impl Action {
    /// The name as the guide writes it.
    pub fn name(self) -> &'static str {
        match self {
            Action::Add => "Add",
            Action::Modify => "Modify",
            Action::Get => "Get",
            Action::Delete => "Delete",
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
