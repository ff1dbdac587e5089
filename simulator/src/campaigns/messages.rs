//! Every answer of the campaign API as a table, with where it is printed.
//!
//! `document` is campaign-records-api.txt, `notes` field-notes.md ("Campaign records"), `ours`
//! an answer that is printed nowhere and that a client must not rely on.

/// What became of one record of a POST. The numbers stand in journals: never give one anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(crate) enum Answer {
    Accepted = 0,
    /// Nobody knows, the client least of all; here, that nothing was done.
    TimedOut = 1,
    Duplicate = 2,
    InvalidDate = 3,
    InvalidId = 4,
    NotFound = 5,
    InThePast = 6,
    OutsideSchedule = 7,
    TooFarAhead = 8,
    MaximumReached = 9,
    DoNotCall = 10,
}

/// One row of the table of records' answers.
pub(crate) struct RecordRow {
    pub answer: Answer,
    pub status: u16,
    /// `{from}` and `{to}` stand for the campaign's schedule.
    pub message: Option<&'static str>,
    #[allow(dead_code)] // read by whoever reads the table
    pub source: &'static str,
}

/// The answers to single records, in the order of [`Answer`].
pub(crate) const RECORDS: [RecordRow; 11] = [
    row(Answer::Accepted, 200, None, "document: first and second item of the example"),
    row(
        Answer::TimedOut,
        206,
        Some(
            "The request was sent but the response timed out. Please check the result status later",
        ),
        "notes: more answers of the same API",
    ),
    row(Answer::Duplicate, 400, Some("Duplicate customer"), "document: third item"),
    row(
        Answer::InvalidDate,
        400,
        Some("Invalid schedule-date-time format - please use ISO 8601 format"),
        "document: fourth item",
    ),
    row(Answer::InvalidId, 400, Some("Invalid customer-id"), "document: fifth item"),
    row(Answer::NotFound, 404, Some("The customer-id has not been found."), "document: sixth item"),
    row(
        Answer::InThePast,
        400,
        Some("The subject schedule-date-time is in the past."),
        "document: seventh item",
    ),
    row(
        Answer::OutsideSchedule,
        400,
        Some(
            "The subject schedule-date-time is outside the campaign schedule from {from} to {to}.",
        ),
        "document: eighth item",
    ),
    row(
        Answer::TooFarAhead,
        400,
        Some("The subject schedule-date-time must be within 7 days ahead of a future period."),
        "document: ninth item",
    ),
    row(
        Answer::MaximumReached,
        400,
        Some(
            "Maximum limit of scheduled customers has been reached. Please try call again later on.",
        ),
        "notes: more answers of the same API",
    ),
    row(
        Answer::DoNotCall,
        400,
        Some("customer is wrong or in DNC list"),
        "notes: more answers of the same API",
    ),
];

/// The other wording of a duplicate (notes: "also printed").
pub(crate) const DUPLICATED: &str = "Duplicated customer.";

const fn row(
    answer: Answer,
    status: u16,
    message: Option<&'static str>,
    source: &'static str,
) -> RecordRow {
    RecordRow { answer, status, message, source }
}

impl Answer {
    /// The answer with this number.
    pub(crate) fn numbered(number: u8) -> Option<Answer> {
        RECORDS.get(usize::from(number)).map(|row| row.answer)
    }

    /// Its row of the table.
    pub(crate) fn row(self) -> &'static RecordRow {
        &RECORDS[self as usize]
    }
}

/// Why a whole request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    AddToStopped,
    NotStarted,
    InvalidList,
    NotDynamic,
    AddToDisabled,
    DeleteFromStopped,
    DeleteFromDisabled,
    NotInCampaign,
    NotDeletable,
    UnknownCampaign,
    NoSuchTransition,
    InvalidStatus,
    UnknownParameter,
    Unauthorized,
    MethodNotAllowed,
    NotJson,
    TooLarge,
    Internal,
}

impl Refusal {
    /// Its HTTP status, its message, and where it is printed.
    pub(crate) fn row(self) -> (u16, &'static str, &'static str) {
        const ADD: &str = "notes: failures of the whole POST";
        const DELETE: &str = "notes: DELETE";
        match self {
            Refusal::AddToStopped => {
                (400, "The campaign has stopped. No additional customers can be added.", ADD)
            }
            Refusal::NotStarted => {
                (400, "The operation is invalid for a campaign that has not started.", ADD)
            }
            Refusal::InvalidList => (400, "The provided customer list is invalid.", ADD),
            Refusal::NotDynamic => (400, "This is not a dynamic campaign.", ADD),
            Refusal::AddToDisabled => (400, "The campaign is not enabled.", ADD),
            Refusal::DeleteFromStopped => {
                (400, "The campaign has stopped. No customers can be deleted.", DELETE)
            }
            Refusal::DeleteFromDisabled => (400, "This campaign is not enabled.", DELETE),
            Refusal::NotInCampaign => (404, "The customer-id has not been found.", DELETE),
            Refusal::NotDeletable => {
                (400, "Only New, Queued and Scheduled records can be deleted.", "ours; rule: notes")
            }
            Refusal::UnknownCampaign => (404, "The campaign-id has not been found.", "ours"),
            Refusal::NoSuchTransition => {
                (400, "The campaign cannot change to this status.", "ours; rule: notes")
            }
            Refusal::InvalidStatus => (400, "The provided status is invalid.", "ours"),
            Refusal::UnknownParameter => (400, "The parameter n is invalid.", "ours"),
            Refusal::Unauthorized => (401, "Unauthorized", "ours"),
            Refusal::MethodNotAllowed => (405, "Method Not Allowed", "ours"),
            Refusal::NotJson => (415, "Unsupported Media Type", "ours; header: document"),
            Refusal::TooLarge => (413, "Request Entity Too Large", "ours; limit: notes"),
            Refusal::Internal => (500, "Internal server error", ADD),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_the_order_of_the_answers() {
        for (number, row) in RECORDS.iter().enumerate() {
            assert_eq!(row.answer as usize, number);
            assert_eq!(Answer::numbered(number as u8), Some(row.answer));
        }
        assert_eq!(Answer::numbered(RECORDS.len() as u8), None);
    }
}
