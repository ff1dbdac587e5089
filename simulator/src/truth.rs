//! The ground truth over HTTP, beside the APIs: no authentication, no limits, no faults.

use std::{convert::Infallible, fmt::Write, sync::Arc};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Path, State as FromState},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::stream;

use crate::{
    attachments, calls,
    campaigns::{Line, write_date},
    shared::Shared,
    state::State,
    wapi,
};

const PIECE: usize = 4_000;

/// The paths under `/_simulator`.
pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/_simulator/state", get(state))
        .route("/_simulator/campaigns/{id}/customers", get(customers))
        .route("/_simulator/wapi/{object}", get(crm_records))
        .route("/_simulator/calls", get(all_calls))
        .route("/_simulator/attachments", get(attached))
}

async fn state(FromState(shared): FromState<Arc<Shared>>) -> Json<State> {
    Json(State::of(&shared))
}

/// `customer-id,times_sent,times_applied,schedule-date-time` of all that were ever sent.
async fn customers(FromState(shared): FromState<Arc<Shared>>, Path(id): Path<u64>) -> Response {
    if shared.campaigns().get(id).is_none() {
        return (StatusCode::NOT_FOUND, "no such campaign\n").into_response();
    }
    let pieces = pieces(shared, id).map(|text| Ok::<_, Infallible>(Bytes::from(text)));
    let body = Body::from_stream(stream::iter(pieces));
    ([(header::CONTENT_TYPE, "text/csv")], body).into_response()
}

/// The records of an object of the CRM, a line of JSON each.
async fn crm_records(
    FromState(shared): FromState<Arc<Shared>>,
    Path(object): Path<String>,
) -> Response {
    if wapi::lines(&shared.crm(), &object, 0, 0).is_none() {
        return (StatusCode::NOT_FOUND, "no such object\n").into_response();
    }
    let pieces = records(shared, object).map(|text| Ok::<_, Infallible>(Bytes::from(text)));
    let body = Body::from_stream(stream::iter(pieces));
    ([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response()
}

/// The files that are attached to records, a line of JSON each.
async fn attached(FromState(shared): FromState<Arc<Shared>>) -> Response {
    let pieces = files(shared).map(|text| Ok::<_, Infallible>(Bytes::from(text)));
    let body = Body::from_stream(stream::iter(pieces));
    ([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response()
}

/// The files that are attached to records, piece by piece.
pub(crate) fn files(shared: Arc<Shared>) -> impl Iterator<Item = String> + Send {
    let mut place = attachments::Place::FIRST;
    std::iter::from_fn(move || {
        let (piece, next) = attachments::lines(&shared, place)?;
        place = next;
        Some(piece)
    })
}

/// The records of an object of the CRM, piece by piece; none of an unknown object.
pub(crate) fn records(shared: Arc<Shared>, object: String) -> impl Iterator<Item = String> + Send {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let (piece, from) = wapi::lines(&shared.crm(), &object, next?, PIECE)?;
        next = from;
        Some(piece)
    })
}

/// The rings, a line of JSON each.
async fn all_calls(FromState(shared): FromState<Arc<Shared>>) -> Response {
    let pieces = rings(shared).map(|text| Ok::<_, Infallible>(Bytes::from(text)));
    let body = Body::from_stream(stream::iter(pieces));
    ([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response()
}

/// The rings, piece by piece.
pub(crate) fn rings(shared: Arc<Shared>) -> impl Iterator<Item = String> + Send {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let now = shared.clock.now();
        let (piece, from) = calls::lines(&shared.switchboard(), next?, PIECE, now);
        next = from;
        Some(piece)
    })
}

/// The CSV of a campaign's customers, piece by piece; of an unknown campaign the header only.
pub(crate) fn pieces(shared: Arc<Shared>, id: u64) -> impl Iterator<Item = String> + Send {
    let head = "customer-id,times_sent,times_applied,schedule-date-time\n".to_string();
    let mut next = Some(0);
    std::iter::once(head).chain(std::iter::from_fn(move || {
        let (piece, from) = piece(&shared, id, next?);
        next = from;
        Some(piece)
    }))
}

/// The next lines, and where to go on, if there are more.
fn piece(shared: &Shared, id: u64, mut from: u64) -> (String, Option<u64>) {
    let mut out = String::with_capacity(PIECE * 24);
    let campaigns = shared.campaigns();
    for _ in 0..PIECE {
        let Some(line) = campaigns.get(id).and_then(|campaign| campaign.book.next(from)) else {
            return (out, None);
        };
        write_line(&mut out, &line);
        match line.customer.checked_add(1) {
            Some(next) => from = next,
            None => return (out, None),
        }
    }
    (out, Some(from))
}

fn write_line(out: &mut String, line: &Line) {
    let date = line.schedule.map(write_date).unwrap_or_default();
    // Writing to a String does not fail.
    let _ = writeln!(out, "{},{},{},{date}", line.customer, line.sent, line.applied);
}
