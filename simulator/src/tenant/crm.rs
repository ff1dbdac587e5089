//! Settings of the CRM: its agents, lists and custom fields, and what it holds at first.

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

/// The CRM as the tenant's administrator configured it, and what it holds at first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CrmSettings {
    /// The time zone of dates, e.g. `America/New_York`.
    pub timezone: String,
    /// The agent as whom the API acts ("Used Identity").
    pub used_identity: String,
    /// The agents.
    pub agents: Vec<UserDefinition>,
    /// The groups.
    pub groups: Vec<UserDefinition>,
    /// The case status whose usability is UNA.
    pub unassigned_status: String,
    /// The case status whose usability is OPN.
    pub open_status: String,
    /// The case status with which a case is closed.
    pub closed_status: String,
    /// The built-in lists: STATUS, PRIORITY, SEVERITY, CATEGORY and PROJECT of cases and
    /// follow-ups, CUSTOMERTYPE, TASK_STATUS and CALL_TYPE. The first value is the default.
    pub picklists: Vec<PicklistDefinition>,
    /// The custom fields.
    pub custom_fields: Vec<CustomFieldDefinition>,
    /// What is there at first was created from this day on ..
    pub created_from: Date,
    /// .. and before this day.
    pub created_to: Date,
    /// A day between them on which a bulk import created many of the customers, cases and tasks.
    pub bulk_day: Option<Date>,
    /// How many of them, 0 to 1.
    pub bulk_share: f64,
    /// The number of the first case.
    pub first_case_number: u64,
    /// Cases at first.
    pub cases: u64,
    /// Of these, so many have the VISIBILITY `Private`, which no request can give.
    pub private_cases: u64,
    /// Follow-ups at first.
    pub followups: u64,
    /// Tasks at first.
    pub tasks: u64,
    /// FAQ categories at first.
    pub faq_categories: u64,
    /// FAQs at first.
    pub faqs: u64,
}

/// An agent or a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserDefinition {
    /// The user id, which ASSIGNEDTO and CREATEDBY name.
    pub id: String,
    /// The name.
    pub name: String,
    /// Deleted: its records stay, but nothing can be assigned to it.
    #[serde(default)]
    pub deleted: bool,
}

/// A built-in list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PicklistDefinition {
    /// The tag that takes its values.
    pub name: String,
    /// The values.
    pub values: Vec<String>,
    /// Values that records may still hold and no request may use.
    #[serde(default)]
    pub deactivated: Vec<String>,
}

/// A custom field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomFieldDefinition {
    /// The object that has it.
    pub object: CustomFieldObject,
    /// The Field Name, which is its tag: at most 32 letters, digits and underscores.
    pub name: String,
    /// What it holds.
    pub kind: CustomFieldType,
    /// The longest text, URL or number.
    #[serde(default)]
    pub max_chars: Option<usize>,
    /// No two records may hold the same value.
    #[serde(default)]
    pub unique: bool,
    /// Deleted: no request may name it, and no reply does.
    #[serde(default)]
    pub deleted: bool,
    /// The values of a pick list.
    #[serde(default)]
    pub values: Vec<String>,
    /// Values that records may still hold and no request may use.
    #[serde(default)]
    pub deactivated: Vec<String>,
}

/// An object that can have custom fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CustomFieldObject {
    /// Customers.
    Customer,
    /// Cases.
    Case,
    /// Follow-ups.
    Followup,
    /// Tasks.
    Task,
}

/// What a custom field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CustomFieldType {
    /// Any text.
    Text,
    /// A web address.
    Url,
    /// Digits.
    Number,
    /// A day, MMDDYYYY.
    Date,
    /// One of the values.
    Picklist,
}

impl Default for CrmSettings {
    fn default() -> Self {
        CrmSettings {
            timezone: "UTC".into(),
            used_identity: "pma".into(),
            agents: users(AGENTS, false).chain(users(GONE_AGENTS, true)).collect(),
            groups: users(GROUPS, false).chain(users(GONE_GROUPS, true)).collect(),
            unassigned_status: "Unassigned".into(),
            open_status: "Open".into(),
            closed_status: "Closed".into(),
            picklists: PICKLISTS.iter().map(|row| picklist(row.0, row.1, row.2)).collect(),
            custom_fields: sample_custom_fields(),
            created_from: date(2025, 1, 6),
            created_to: date(2025, 10, 1),
            bulk_day: None,
            bulk_share: 0.5,
            first_case_number: 1_001,
            cases: 400,
            private_cases: 5,
            followups: 700,
            tasks: 300,
            faq_categories: 8,
            faqs: 160,
        }
    }
}

const AGENTS: &[(&str, &str)] = &[
    ("bobp", "bob power"),
    ("johnd", "john doe"),
    ("jsmith", "jane smith"),
    ("rshasta", "ray shasta"),
    ("sbaker", "sue baker"),
    ("pma", "pat ma"),
];

const GONE_AGENTS: &[(&str, &str)] =
    &[("gone1", "greg one"), ("gone2", "gia two"), ("gone3", "gus three")];

const GROUPS: &[(&str, &str)] = &[("101", "Sales"), ("102", "Support")];

const GONE_GROUPS: &[(&str, &str)] = &[("109", "Night Shift"), ("110", "Fax Desk")];

fn users(list: &'static [(&str, &str)], deleted: bool) -> impl Iterator<Item = UserDefinition> {
    let user = |(id, name): &(&str, &str)| ((*id).to_string(), (*name).to_string());
    list.iter().map(user).map(move |(id, name)| UserDefinition { id, name, deleted })
}

/// Name, values, deactivated values.
type List = (&'static str, &'static [&'static str], &'static [&'static str]);

const PICKLISTS: &[List] = &[
    ("STATUS", &["Unassigned", "Open", "Pending", "Resolved", "Closed"], &[]),
    ("PRIORITY", &["Low", "Medium", "High"], &["Urgent"]),
    ("SEVERITY", &["Information", "Minor", "Major", "Critical"], &[]),
    ("CATEGORY", &["Default", "Gold", "Platinum", "Billing"], &["Legacy"]),
    ("PROJECT", &["Default", "Website"], &[]),
    ("CUSTOMERTYPE", &["Default", "NT User", "Partner"], &["Reseller"]),
    ("TASK_STATUS", &["New", "Pending", "In Progress", "Closed"], &[]),
    ("CALL_TYPE", &["DAA", "Inbound", "Outbound", "Callback"], &[]),
];

fn picklist(name: &str, values: &[&str], deactivated: &[&str]) -> PicklistDefinition {
    let texts = |list: &[&str]| list.iter().map(|value| (*value).into()).collect();
    PicklistDefinition { name: name.into(), values: texts(values), deactivated: texts(deactivated) }
}

/// One of each type, also a picklist with a deactivated value and a field that was deleted.
fn sample_custom_fields() -> Vec<CustomFieldDefinition> {
    use CustomFieldObject::{Case, Customer, Task};
    use CustomFieldType::{Date, Number, Picklist, Text, Url};
    let field = |object, name: &str, kind| CustomFieldDefinition {
        object,
        name: name.into(),
        kind,
        max_chars: None,
        unique: false,
        deleted: false,
        values: Vec::new(),
        deactivated: Vec::new(),
    };
    let listed = |object, name, values: &[&str], deactivated: &[&str]| {
        let PicklistDefinition { values, deactivated, .. } = picklist(name, values, deactivated);
        CustomFieldDefinition { values, deactivated, ..field(object, name, Picklist) }
    };
    vec![
        CustomFieldDefinition { max_chars: Some(32), ..field(Customer, "OLD_ID", Text) },
        field(Customer, "queue_id", Text),
        listed(Customer, "PrivacyLevel", &["No Solicitation", "Unknown", "Neutral"], &["Secret"]),
        CustomFieldDefinition { deleted: true, ..field(Customer, "retired", Text) },
        field(Case, "OLD_CASE", Text),
        field(Task, "task_text", Text),
        field(Task, "task_number", Number),
        field(Task, "task_date", Date),
        field(Task, "task_url", Url),
        listed(Task, "task_picklist", &["one", "two", "three"], &[]),
    ]
}
