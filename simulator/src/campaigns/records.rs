//! GET of a campaign's records, as JSON and as XML, streamed.

use std::{convert::Infallible, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{Path, Query, State},
    http::{HeaderMap, Method, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use quick_xml::escape::escape;

use super::{
    authorize,
    campaign::Campaign,
    messages::Refusal,
    number,
    settings::{AfterLast, EmptyShape, JsonValues, TurnedBy},
};
use crate::shared::Shared;

/// Records in one piece of a streamed reply: so long the campaigns are locked at once.
const PIECE: usize = 2_000;

const DIGITS: [&str; 5] = ["campaign-id", "record-id", "status", "status-code", "disposition-code"];

/// Status codes of completed records: most have the default (document: "Status code").
const CODES: [u8; 10] = [0, 0, 0, 0, 0, 0, 1, 2, 3, 4];
/// Their dispositions: the predefined ones, and one of the tenant's own.
const DISPOSITIONS: [u16; 5] = [1002, 1002, 1001, 1000, 7];

/// `GET /api/stats/campaigns/{id}/records.json`
pub(super) async fn json(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    authorize(&shared, &method, &headers)?;
    let mut rows = Rows::new(shared, &id, query)?;
    let settings = rows.shared.settings.campaigns.clone();
    let first = rows.take(2);
    let digits_as = settings.digits_as;
    let (start, end) = match first.len() {
        0 => return Ok(reply(JSON, empty(settings.no_records_as).into())),
        1 if settings.single_record_as_object => ("{\"records\":{\"record\":", "}}"),
        _ => ("{\"records\":{\"record\":[", "]}}"),
    };
    let write = move |row: &Row, out: &mut String, is_first: bool| {
        if !is_first {
            out.push(',');
        }
        row.write_json(out, digits_as);
    };
    Ok(reply(JSON, streamed(rows, first, start, end, write)))
}

/// `GET /api/stats/campaigns/{id}/records`
pub(super) async fn xml(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    authorize(&shared, &method, &headers)?;
    let mut rows = Rows::new(shared, &id, query)?;
    let first = rows.take(1);
    if first.is_empty() {
        return Ok(reply(XML, "<records/>".into()));
    }
    let write = |row: &Row, out: &mut String, _| row.write_xml(out);
    Ok(reply(XML, streamed(rows, first, "<records>", "</records>", write)))
}

const JSON: &str = "application/json";
const XML: &str = "application/xml";

fn reply(kind: &'static str, body: Body) -> Response {
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}

fn empty(shape: EmptyShape) -> &'static str {
    match shape {
        EmptyShape::EmptyArray => "{\"records\":{\"record\":[]}}",
        EmptyShape::EmptyText => "{\"records\":\"\"}",
        EmptyShape::EmptyObject => "{\"records\":{}}",
        EmptyShape::Null => "{\"records\":null}",
    }
}

/// A body of a start, all rows, and an end.
fn streamed(
    mut rows: Rows,
    first: Vec<Row>,
    start: &'static str,
    end: &'static str,
    write: impl Fn(&Row, &mut String, bool) + Send + 'static,
) -> Body {
    let mut head = String::from(start);
    for (place, row) in first.iter().enumerate() {
        write(row, &mut head, place == 0);
    }
    let mut pieces = Some(head);
    let mut over = false;
    let pieces = std::iter::from_fn(move || {
        if let Some(head) = pieces.take() {
            return Some(head);
        }
        let piece = if over { return None } else { rows.take(PIECE) };
        over = piece.is_empty();
        let mut out = String::with_capacity(piece.len() * 260);
        piece.iter().for_each(|row| write(row, &mut out, false));
        if over {
            out.push_str(end);
        }
        Some(out)
    });
    Body::from_stream(stream::iter(pieces.map(|text| Ok::<_, Infallible>(Bytes::from(text)))))
}

/// The rows that a query asks for, read as they are written.
struct Rows {
    shared: Arc<Shared>,
    campaign: u64,
    filters: Vec<(String, String)>,
    next: u64,
    skip: usize,
    left: usize,
}

impl Rows {
    fn new(shared: Arc<Shared>, id: &str, query: Vec<(String, String)>) -> Result<Self, Refusal> {
        let campaign = number(id, Refusal::UnknownCampaign)?;
        if shared.campaigns().get(campaign).is_none() {
            return Err(Refusal::UnknownCampaign);
        }
        let (turned, filters): (Vec<_>, Vec<_>) =
            query.into_iter().partition(|(key, _)| key == "n");
        let settings = &shared.settings.campaigns;
        let first: usize = match (settings.records_turned_by, turned.first()) {
            (TurnedBy::Refused, Some(_)) => return Err(Refusal::UnknownParameter),
            (TurnedBy::Row, Some((_, n))) => n.parse().unwrap_or(1),
            (_, _) => 1,
        };
        let (page, after_last) = (settings.records_page, settings.records_after_last);
        let mut rows = Rows { shared, campaign, filters, next: 0, skip: 0, left: usize::MAX };
        let Some(page) = page.filter(|page| *page > 0) else { return Ok(rows) };
        let mut skip = first.saturating_sub(1);
        if after_last == AfterLast::LastPage {
            let last = rows.count().saturating_sub(1) / page * page;
            skip = skip.min(last);
        }
        (rows.skip, rows.left) = (skip, page);
        Ok(rows)
    }

    /// How many rows the query asks for, on all pages.
    fn count(&self) -> usize {
        let all = Rows { shared: self.shared.clone(), filters: self.filters.clone(), ..*self };
        let mut all = Rows { left: usize::MAX, ..all };
        std::iter::from_fn(|| Some(all.take(PIECE).len()).filter(|rows| *rows > 0)).sum()
    }

    /// At most so many of the rows that are left.
    fn take(&mut self, most: usize) -> Vec<Row> {
        let mut taken = Vec::new();
        let shared = self.shared.clone();
        let campaigns = shared.campaigns();
        let Some(campaign) = campaigns.get(self.campaign) else { return Vec::new() };
        while taken.len() < most && self.left > 0 {
            let Some(line) = campaign.book.next(self.next) else { break };
            self.next = line.customer + 1;
            let Some(status) = line.status else { continue };
            if self.skip > 0 && self.filters.is_empty() {
                self.skip -= 1;
                continue;
            }
            let phone = campaigns.customers.phone_digits(line.customer);
            let row = Row::new(campaign, line.customer, status as u8, phone);
            if !row.passes(&self.filters) {
                continue;
            }
            if self.skip > 0 {
                self.skip -= 1;
                continue;
            }
            self.left -= 1;
            taken.push(row);
        }
        taken
    }
}

/// A record, field by field.
struct Row([(&'static str, String); 8]);

impl Row {
    fn new(campaign: &Campaign, customer: u64, status: u8, phone: u64) -> Self {
        // Only what was dialed has an outcome.
        let (code, disposition) = match status {
            3 => (CODES[(phone % 10) as usize], DISPOSITIONS[(phone / 10 % 5) as usize]),
            _ => (0, 1000),
        };
        let data = if status == 3 && phone.is_multiple_of(7) { "lang=en&vip=<yes>" } else { "" };
        Row([
            ("campaign-name", campaign.definition.name.clone()),
            ("campaign-id", campaign.definition.id.to_string()),
            ("record-id", customer.to_string()),
            ("phone-list", format!("*Phone Number|555{phone:07}")),
            ("status", status.to_string()),
            ("status-code", code.to_string()),
            ("ext-trans-data", data.into()),
            ("disposition-code", disposition.to_string()),
        ])
    }

    /// Whether every filter that names a field is fulfilled; other parameters mean nothing.
    fn passes(&self, filters: &[(String, String)]) -> bool {
        filters.iter().all(|(name, wanted)| {
            self.0.iter().all(|(field, value)| field != name || value == wanted)
        })
    }

    fn write_json(&self, out: &mut String, digits_as: JsonValues) {
        for (place, (field, value)) in self.0.iter().enumerate() {
            let comma = if place == 0 { '{' } else { ',' };
            let bare = digits_as == JsonValues::Numbers && DIGITS.contains(field);
            let value = if bare { value.clone() } else { serde_json::json!(value).to_string() };
            out.push(comma);
            out.push_str(&format!("\"{field}\":{value}"));
        }
        out.push('}');
    }

    fn write_xml(&self, out: &mut String) {
        out.push_str("<record>");
        for (field, value) in &self.0 {
            out.push_str(&format!("<{field}>{}</{field}>", escape(value.as_str())));
        }
        out.push_str("</record>");
    }
}
