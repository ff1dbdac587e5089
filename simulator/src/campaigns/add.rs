//! POST of customers: a list in, an answer to each record out, in the same order.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{
    authorize,
    campaign::{Asked, Campaign, Date},
    change::{Change, Deed},
    dates,
    messages::{Answer, DUPLICATED, Refusal},
    number, require_json,
    settings::{CampaignSettings, DuplicateWording, JsonValues},
};
use crate::{
    api::Api,
    faults::{RecordFault, RecordFaults},
    shared::Shared,
    tenant::Customers,
};

/// A record as it was sent. An unknown key makes the whole list invalid: a misspelt
/// `schedule-date-time` must not pass for none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item<'a> {
    #[serde(rename = "customer-id", borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(rename = "schedule-date-time", borrow, default, deserialize_with = "present")]
    date: Option<&'a RawValue>,
}

/// A value that is there, also where it is null.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(value).map(Some)
}

/// An item of the reply.
struct Replied<'a> {
    id: Option<u64>,
    date: Option<&'a RawValue>,
    answer: Answer,
}

/// `POST /api/tstats/campaigns/{id}/customers`
pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    authorize(&shared, &method, &headers)?;
    let id = number(&id, Refusal::UnknownCampaign)?;
    let settings = &shared.settings.campaigns;
    if body.len() > settings.max_bytes_per_post {
        return Err(Refusal::TooLarge);
    }
    require_json(&headers)?;
    let items = read(&body)?;
    if items.len() > settings.max_records_per_post {
        return Err(Refusal::TooLarge);
    }
    let faults = shared.faults.for_records(Api::Campaigns, method.as_str(), uri.path());
    let (replied, window) = process(&shared, id, &items, &faults)?;
    let content = [(header::CONTENT_TYPE, "application/json")];
    Ok((StatusCode::MULTI_STATUS, content, write(&replied, window, settings)).into_response())
}

fn read(body: &[u8]) -> Result<Vec<Item<'_>>, Refusal> {
    let items: Vec<Item> = serde_json::from_slice(body).map_err(|_| Refusal::InvalidList)?;
    if items.is_empty() { Err(Refusal::InvalidList) } else { Ok(items) }
}

type Window = Option<(Timestamp, Timestamp)>;

/// Judges and carries out each record in order, and keeps the whole before anybody is told.
fn process<'a>(
    shared: &Shared,
    id: u64,
    items: &[Item<'a>],
    faults: &RecordFaults,
) -> Result<(Vec<Replied<'a>>, Window), Refusal> {
    let now = shared.clock.now();
    let mut campaigns = shared.campaigns();
    let (campaign, customers) = campaigns.get_mut(id).ok_or(Refusal::UnknownCampaign)?;
    if let Some(refusal) = campaign.refuses_adding() {
        return Err(refusal);
    }
    let mut deeds = Vec::with_capacity(items.len());
    let mut replied = Vec::with_capacity(items.len());
    for item in items {
        let (deed, reply) = process_one(campaign, customers, item, faults.draw(), now);
        deeds.push(deed);
        replied.extend(reply);
    }
    let window = campaign.window;
    let change = Change::Sent { campaign: id, deeds };
    shared.keep(&campaigns, &change).map_err(|_| Refusal::Internal)?;
    Ok((replied, window))
}

/// What is done with a record, and what is told of it.
fn process_one<'a>(
    campaign: &mut Campaign,
    customers: &Customers,
    item: &Item<'a>,
    fault: Option<RecordFault>,
    now: Timestamp,
) -> (Deed, Option<Replied<'a>>) {
    let number = item.id.and_then(|id| whole_number(id.get()));
    let date = read_date(item.date);
    let answer = match (number, fault) {
        (None, _) => Answer::InvalidId,
        (_, Some(RecordFault::TimedOut { applied: false })) => Answer::TimedOut,
        (Some(number), _) => campaign.judge(&Asked { number, date }, customers, now),
    };
    let at = match date {
        Date::At(at) if answer == Answer::Accepted => Some(at),
        _ => None,
    };
    let deed = Deed { number, answer, at };
    campaign.carry_out(&deed, customers);
    let mut reply = Replied { id: number, date: item.date, answer };
    match fault {
        Some(RecordFault::DropItem) => return (deed, None),
        Some(RecordFault::NullId) => reply.id = None,
        Some(RecordFault::TimedOut { .. }) if number.is_some() => reply.answer = Answer::TimedOut,
        _ => {}
    }
    (deed, Some(reply))
}

/// A customer-id is an integer in JSON (CUSTOMER_WORDS): digits, and no sign, point or quotes.
fn whole_number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn read_date(raw: Option<&RawValue>) -> Date {
    let Some(raw) = raw else { return Date::None };
    let text = raw.get();
    let plain = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    // A date needs no escape in JSON, but may have one.
    let date = match plain {
        Some(plain) if !plain.contains('\\') => dates::parse(plain),
        _ => serde_json::from_str(text).ok().and_then(|text: String| dates::parse(&text)),
    };
    date.map_or(Date::Invalid, Date::At)
}

/// Writes the items of a 207; dates as they were sent.
fn write(items: &[Replied], window: Window, settings: &CampaignSettings) -> Vec<u8> {
    let mut out = Vec::with_capacity(2 + items.len() * 110);
    out.push(b'[');
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        item.write(&mut out, window, settings);
    }
    out.push(b']');
    out
}

impl Replied<'_> {
    fn write(&self, out: &mut Vec<u8>, window: Window, settings: &CampaignSettings) {
        out.extend(b"{\"customer-id\":");
        match self.id {
            Some(id) => write_number(out, id, settings.customer_id_as),
            None => out.extend(b"null"),
        }
        if let Some(date) = self.date {
            out.extend(b",\"schedule-date-time\":");
            out.extend(date.get().as_bytes());
        }
        out.extend(b",\"http-status\":");
        write_number(out, self.answer.row().status.into(), settings.http_status_as);
        if let Some(message) = self.message(window, settings) {
            out.extend(b",\"message\":\"");
            // No message of the table holds a character that JSON escapes.
            out.extend(message.as_bytes());
            out.push(b'"');
        }
        out.push(b'}');
    }

    fn message(&self, window: Window, settings: &CampaignSettings) -> Option<String> {
        let message = self.answer.row().message?;
        Some(match (self.answer, window) {
            (Answer::OutsideSchedule, Some((from, to))) => {
                message.replace("{from}", &dates::write(from)).replace("{to}", &dates::write(to))
            }
            (Answer::Duplicate, _)
                if settings.duplicate_wording == DuplicateWording::FieldNotes =>
            {
                DUPLICATED.into()
            }
            _ => message.into(),
        })
    }
}

fn write_number(out: &mut Vec<u8>, number: u64, as_what: JsonValues) {
    let text = match as_what {
        JsonValues::Numbers => number.to_string(),
        JsonValues::Strings => format!("\"{number}\""),
    };
    out.extend(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_integer_of_json_is_a_customer_id() {
        let ids = r#"[{"customer-id":10000001},{"customer-id":"10000001"},{"customer-id":1.0},
            {"customer-id":-1},{"customer-id":null},{},{"customer-id":[1]},
            {"customer-id":99999999999999999999999}]"#;
        let read = read(ids.as_bytes()).ok().unwrap();
        let ids: Vec<_> =
            read.iter().map(|item| item.id.and_then(|id| whole_number(id.get()))).collect();
        assert_eq!(ids, [Some(10_000_001), None, None, None, None, None, None, None]);
    }

    #[test]
    fn a_null_date_is_an_invalid_one_and_an_escaped_one_is_read() {
        let items = r#"[{"customer-id":1},{"customer-id":1,"schedule-date-time":null},
            {"customer-id":1,"schedule-date-time":20260101},
            {"customer-id":1,"schedule-date-time":"2016-08-29T09:00:00\u005a"}]"#;
        let read = read(items.as_bytes()).ok().unwrap();
        let dates: Vec<_> = read.iter().map(|item| read_date(item.date)).collect();
        let at = Date::At("2016-08-29T09:00:00Z".parse().unwrap());
        assert_eq!(dates, [Date::None, Date::Invalid, Date::Invalid, at]);
    }

    #[test]
    fn what_is_not_a_list_of_records_is_an_invalid_list() {
        for body in [
            "",
            "[]",
            "{}",
            "[1]",
            "[{\"customer-id\":1}",
            "[{\"customer-id\":1,\"schedule-datetime\":\"2016-08-29T09:00:00Z\"}]",
            "[{\"customer-id\":1,\"customer-id\":2}]",
        ] {
            assert_eq!(read(body.as_bytes()).err(), Some(Refusal::InvalidList), "`{body}`");
        }
    }
}
