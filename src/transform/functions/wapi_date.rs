//! `wapi_date(date, timestamp or text[, zone])`: a date as requests of the CRM API write it.

use jiff::civil::DateTime;

use super::FunctionDoc;

pub(super) const DOC: FunctionDoc = FunctionDoc {
    name: "wapi_date",
    arguments: "date, timestamp or text[, zone]",
    meaning: "MMDDYYYY, as the CRM API takes dates. Text may be what `to_utc` reads. With a zone (an \
              IANA name, that of the tenant) an instant is the date that its clocks show; without \
              one it is that of UTC, or of the offset that a text has. Null and blank give null",
    example: "wapi_date('2026-11-03T14:30:00')",
    result: "11032026",
};

/// Eight digits (wapi:1674, wapi:3064).
pub(super) fn write(at: DateTime) -> String {
    format!("{:02}{:02}{:04}", at.month(), at.day(), at.year())
}
