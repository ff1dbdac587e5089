//! `wapi_datetime(date, timestamp or text[, zone])`: a date and time as requests of the CRM API write
//! them.

use jiff::civil::DateTime;

use super::FunctionDoc;

pub(super) const DOC: FunctionDoc = FunctionDoc {
    name: "wapi_datetime",
    arguments: "date, timestamp or text[, zone]",
    meaning: "MMDDYYYYHH24MI (12 digits), as the CRM API takes the due date of a task; seconds are \
              dropped. What it takes, and the zone, are as for `wapi_date`",
    example: "wapi_datetime('2026-11-03T19:30:59Z', 'America/New_York')",
    result: "110320261430",
};

/// `062120121315` is June 21st 2012 1:15PM (wapi:2832-2834).
pub(super) fn write(at: DateTime) -> String {
    let (month, day, year) = (at.month(), at.day(), at.year());
    format!("{month:02}{day:02}{year:04}{:02}{:02}", at.hour(), at.minute())
}
