//! How the campaign API reads its document: each ambiguity is a switch, the default is strict.

use serde::{Deserialize, Serialize};

/// Switches of the campaign API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CampaignSettings {
    /// Which token each method wants (rulings: CAMPAIGN_TOKEN).
    pub tokens: Tokens,
    /// Most records in one POST; one more is answered by 413.
    pub max_records_per_post: usize,
    /// Most bytes in one POST; one more is answered by 413.
    pub max_bytes_per_post: usize,
    /// Most records in a campaign (document: "Uploads for a maximum of 5 million records").
    pub max_records: u64,
    /// `customer-id` of replies: a number as in the document, or a string.
    pub customer_id_as: JsonValues,
    /// `http-status` of replies: a number as in the document, or a string.
    pub http_status_as: JsonValues,
    /// Digits in the JSON of records and of the status: numbers, or strings.
    pub digits_as: JsonValues,
    /// How a duplicate is worded.
    pub duplicate_wording: DuplicateWording,
    /// A record that is in the campaign already is a duplicate even where its date is wrong;
    /// with `false` the date is looked at first.
    pub duplicates_before_dates: bool,
    /// The method that changes a campaign's status.
    pub status_method: StatusMethod,
    /// Keys of the status answer that tell the campaign's schedule window, `[start, end]`;
    /// `null`: it does not tell it.
    pub schedule_keys: Option<[String; 2]>,
    /// One record comes as an object, not as an array of one.
    pub single_record_as_object: bool,
    /// How no records look in JSON.
    pub no_records_as: EmptyShape,
    /// Rows in one page of records, which `n=` (1-based first row) turns; `null`: all at once,
    /// and `n=` means nothing. Sister lists use 50.
    pub records_page: Option<usize>,
    /// What a page after the last one holds.
    pub records_after_last: AfterLast,
    /// What `n=` does where records come in pages: no document says that they do.
    pub records_turned_by: TurnedBy,
}

impl Default for CampaignSettings {
    fn default() -> Self {
        CampaignSettings {
            tokens: Tokens::Strict,
            max_records_per_post: 10_000,
            max_bytes_per_post: 1_048_576,
            max_records: 5_000_000,
            customer_id_as: JsonValues::Numbers,
            http_status_as: JsonValues::Numbers,
            digits_as: JsonValues::Numbers,
            duplicate_wording: DuplicateWording::Document,
            duplicates_before_dates: true,
            status_method: StatusMethod::Both,
            schedule_keys: Some(["schedule-start".into(), "schedule-end".into()]),
            single_record_as_object: false,
            no_records_as: EmptyShape::EmptyArray,
            records_page: None,
            records_after_last: AfterLast::Nothing,
            records_turned_by: TurnedBy::Row,
        }
    }
}

/// Which token a method wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tokens {
    /// POST and PATCH the Action token; GET and DELETE the Data token.
    Strict,
    /// Either will do.
    Any,
    /// The other one of `strict` for every method.
    Swapped,
}

/// How digits are written in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JsonValues {
    /// `3`
    Numbers,
    /// `"3"`
    Strings,
}

/// The two printed wordings of a duplicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateWording {
    /// `Duplicate customer`, as in the document.
    Document,
    /// `Duplicated customer.`, as in field-notes.md.
    FieldNotes,
}

/// The method that changes a campaign's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusMethod {
    /// POST and PATCH.
    Both,
    /// POST only, as in the guide.
    Post,
    /// PATCH only, as in the API description.
    Patch,
}

/// How no records look in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyShape {
    /// `{"records":{"record":[]}}`
    EmptyArray,
    /// `{"records":""}`
    EmptyText,
    /// `{"records":{}}`
    EmptyObject,
    /// `{"records":null}`
    Null,
}

/// What a page after the last one holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterLast {
    /// No rows.
    Nothing,
    /// The last page again.
    LastPage,
}

/// What `n=` does where records come in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnedBy {
    /// It is the number of the first row, as in sister lists.
    Row,
    /// Nothing: the first page comes each time.
    Nothing,
    /// It is no parameter of this list: 400.
    Refused,
}
