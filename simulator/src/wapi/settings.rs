//! How the CRM API reads its guide: each ambiguity is a switch, the default is strict.
//! Names in capitals are those of rulings.md.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Switches of the CRM API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WapiSettings {
    /// What the API's user may do with each object; an object without an entry can be used in
    /// every way. A right that is missing is STATUS 310.
    pub rights: BTreeMap<CrmObject, Vec<CrmRight>>,
    /// There is a Delete; without it, it is no valid action (DELETE_SUPPORT).
    pub delete_allowed: bool,
    /// What Case Modify does to parameters that are not sent (CASE_MODIFY_UNSUPPLIED).
    pub case_modify_unsupplied: CaseModifyUnsupplied,
    /// Customer Modify without a country writes `United States` (CUSTOMER_MODIFY_COUNTRY).
    pub customer_modify_country_default: bool,
    /// Task Modify without ASSIGNEDTO gives the task to the Used Identity
    /// (TASK_MODIFY_ASSIGNEDTO).
    pub task_modify_assignedto_username: bool,
    /// FAQ Modify empties a QUESTION or ANSWER that is not sent (FAQ_MODIFY_UNSUPPLIED).
    pub faq_modify_unsupplied_empty: bool,
    /// Modify without PRIVATE writes `N` (PRIVATE_DEFAULT_MODIFY).
    pub private_default_on_modify: bool,
    /// Followup takes the MEDIATYPE `Voice` of the examples (MEDIATYPE_VALUES).
    pub followup_voice: bool,
    /// Whether an apostrophe may be sent as anything but `&rsquot;` (APOSTROPHE).
    pub apostrophe: Apostrophe,
    /// A value's `&amp;amp;` and `&amp;lt;` are decoded once more (AMP_DOUBLE_ESCAPE).
    pub double_escape_lenient: bool,
    /// The tags of LIST GROUPS (GROUPS_REPLY).
    pub groups_reply: GroupsReply,
    /// Customer Get takes `%` in FIRSTNAME and VOICE too (WILDCARD_TAGS).
    pub customer_wildcard_names: bool,
    /// Get compares without regard to case (GET_CASE_SENSITIVE).
    pub case_insensitive_search: bool,
    /// `None` is read in any case (NONE_CASE).
    pub none_any_case: bool,
    /// With AUTOPASSWD True a PASSWORD is ignored, not refused (AUTOPASSWD_TRUE_PASSWORD).
    pub autopasswd_true_ignores_password: bool,
    /// The characters of a customer's EMAIL (EMAIL_DOT).
    pub email_characters: EmailCharacters,
    /// Task Delete takes TASK for TASKNUM (TASK_DELETE_TAG).
    pub delete_task_lenient: bool,
    /// An empty optional tag is ignored, not refused (VALUES_MUST_BE_GIVEN).
    pub empty_optional_lenient: bool,
    /// The form's body may be the raw XML after `xml_query=` (URL_ENCODING).
    pub raw_form_lenient: bool,
    /// How a request's bytes are read; documented nowhere.
    pub request_encoding: RequestEncoding,
    /// No blank between date and time in replies (REPLY_DATE_FORMATS).
    pub glued_dates: bool,
    /// Customer Modify with custom fields answers in an ITEM (ITEM_WRAP).
    pub customer_modify_item: bool,
    /// Customer Get tells passwords (PASSWORD_IN_REPLY).
    pub emit_password: bool,
    /// ERROR_CODE is -1 also where its number is known (ERROR_STR_FAILURE).
    pub error_code_minus_one: bool,
    /// What a Get that finds nothing answers (field-notes.md has seen both).
    pub no_match_as: NoMatch,
    /// Milliseconds that each row of a Get's reply takes.
    pub get_ms_per_row: f64,
    /// A Get that finds more rows than this fails; without it none does.
    pub get_most_rows: Option<u64>,
    /// How a Get fails that finds too many rows.
    pub get_too_many: TooManyRows,
    /// Milliseconds until a Get of too many rows times out.
    pub get_timeout_ms: u64,
    /// Records that are added while others are read.
    pub grows: Option<GrowSettings>,
    /// FIRSTID and LASTID of a Get without parameters change places.
    pub summary_swapped: bool,
    /// TOTAL of a Get without parameters is wrong by this.
    pub summary_total_off: i64,
    /// What a Get without parameters answers where there is no record; documented nowhere.
    pub empty_summary_as: EmptySummary,
}

/// Records that are added while others are read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrowSettings {
    /// What is added.
    #[serde(default = "customer")]
    pub object: CrmObject,
    /// One is added after each so many Gets of any object.
    pub every_requests: u64,
    /// At most so many, counted by each process; no limit without it.
    #[serde(default)]
    pub times: Option<u64>,
}

fn customer() -> CrmObject {
    CrmObject::Customer
}

impl Default for WapiSettings {
    fn default() -> Self {
        WapiSettings {
            rights: CrmObject::ALL.map(|object| (object, CrmRight::ALL.to_vec())).into(),
            delete_allowed: true,
            case_modify_unsupplied: CaseModifyUnsupplied::Retain,
            customer_modify_country_default: false,
            task_modify_assignedto_username: false,
            faq_modify_unsupplied_empty: false,
            private_default_on_modify: false,
            followup_voice: false,
            apostrophe: Apostrophe::Strict,
            double_escape_lenient: false,
            groups_reply: GroupsReply::Agentid,
            customer_wildcard_names: false,
            case_insensitive_search: false,
            none_any_case: false,
            autopasswd_true_ignores_password: false,
            email_characters: EmailCharacters::Dotted,
            delete_task_lenient: false,
            empty_optional_lenient: false,
            raw_form_lenient: false,
            request_encoding: RequestEncoding::Utf8,
            glued_dates: false,
            customer_modify_item: false,
            emit_password: false,
            error_code_minus_one: false,
            no_match_as: NoMatch::Data,
            get_ms_per_row: 0.0,
            get_most_rows: None,
            get_too_many: TooManyRows::Status500,
            get_timeout_ms: 30_000,
            grows: None,
            summary_swapped: false,
            summary_total_off: 0,
            empty_summary_as: EmptySummary::Zeros,
        }
    }
}

/// An object to which a right belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CrmObject {
    /// Customers.
    Customer,
    /// Cases.
    Case,
    /// Follow-ups.
    Followup,
    /// Tasks.
    Task,
    /// FAQ categories.
    FaqCategory,
    /// FAQs.
    Faq,
}

impl CrmObject {
    /// All of them.
    pub const ALL: [CrmObject; 6] = [
        CrmObject::Customer,
        CrmObject::Case,
        CrmObject::Followup,
        CrmObject::Task,
        CrmObject::FaqCategory,
        CrmObject::Faq,
    ];
}

/// What a right allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CrmRight {
    /// To add.
    Add,
    /// To modify.
    Modify,
    /// To get, and to list FAQ categories.
    Get,
    /// To delete.
    Delete,
}

impl CrmRight {
    /// All of them.
    pub const ALL: [CrmRight; 4] =
        [CrmRight::Add, CrmRight::Modify, CrmRight::Get, CrmRight::Delete];
}

/// What becomes of a case's parameters that a Modify does not send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseModifyUnsupplied {
    /// They stay.
    Retain,
    /// They become empty.
    Null,
    /// They get the defaults of Add.
    Default,
}

/// Which apostrophes a value may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Apostrophe {
    /// Only `&rsquot;`.
    Strict,
    /// Also `'` and `&apos;`.
    Lenient,
}

/// The tags of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupsReply {
    /// AGENTID and AGENT, as printed.
    Agentid,
    /// GROUPID and GROUP.
    Groupid,
}

/// The characters of a customer's EMAIL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmailCharacters {
    /// Letters, digits, `-`, `_`, `@` as printed, and the dot of the examples.
    Dotted,
    /// As printed: without the dot.
    Printed,
    /// Any.
    Any,
}

/// The reply of a Get that finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoMatch {
    /// A REPLY with `<data />`.
    Data,
    /// An empty REPLY.
    Empty,
}

/// How a Get fails that finds too many rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TooManyRows {
    /// With the STATUS 500.
    #[serde(rename = "status_500")]
    Status500,
    /// Nothing is sent for a while, then the connection is closed.
    Timeout,
    /// The connection is closed in the middle of the reply.
    Truncated,
    /// It is a success with the first rows only, and nothing tells that there are more.
    FirstRows,
}

/// The summary of no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptySummary {
    /// FIRSTID, LASTID and TOTAL are 0.
    Zeros,
    /// FIRSTID and LASTID are empty, and TOTAL is 0.
    Blank,
    /// As a Get that finds nothing.
    Nothing,
}

/// How a request's bytes are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestEncoding {
    /// As UTF-8.
    Utf8,
    /// As ISO-8859-1.
    Latin1,
}
