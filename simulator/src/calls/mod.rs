//! The phone calls API (phone-calls-api.txt): calls placed, coded, ended, and lines freed.
//!
//! A body is read in [`request`] and judged by the [`switchboard`]; what was found becomes a
//! [`change`] that is kept, carried out and answered in this order, so that no phone rings
//! without the journal knowing it. Every answer is in [`messages`].

mod change;
mod handlers;
mod messages;
mod request;
mod ring;
pub(crate) mod settings;
mod switchboard;
mod truth;

use std::sync::Arc;

use axum::{
    Json, Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::{delete, post, put},
};
use serde_json::{Value, json};

use crate::{shared::Shared, tenant::Token};
pub(crate) use change::{Change, write as write_changes};
use messages::{Done, Refusal};
use settings::{CallIdKey, CallsSettings, CallsVersion, RefusalBody};
pub(crate) use switchboard::Switchboard;
pub(crate) use truth::lines;

/// The paths of the API, as printed: `agent` within a call, `agents` before one
/// (PHONE_AGENT_PATHS).
pub(crate) fn routes() -> Router<Arc<Shared>> {
    let path = |rest: &str| format!("/api/{{version}}/tenants/{{tenant}}{rest}");
    Router::new()
        .route(&path("/calls"), post(handlers::place))
        .route(&path("/calls/{interaction}"), delete(handlers::end))
        .route(&path("/calls/{interaction}/agent/{agent}"), delete(handlers::hang_up))
        .route(
            &path("/calls/{interaction}/agent/{agent}/transaction-codes"),
            put(handlers::set_transaction_codes),
        )
        .route(&path("/agents/{agent}/calls"), delete(handlers::free_lines))
        .route(&path("/agents/{agent}/calls/line/{line}"), delete(handlers::free_line))
        .method_not_allowed_fallback(|| async {
            refuse(&Refusal::MethodNotAllowed, &CallsSettings::default())
        })
}

/// What a request to this API asks for; `None` is a path of another API.
pub(crate) fn action(method: &str, path: &str) -> Option<&'static str> {
    let mut parts = path.strip_prefix("/api/")?.split('/').skip(1);
    if parts.next() != Some("tenants") || parts.next().is_none_or(str::is_empty) {
        return None;
    }
    let parts: Vec<&str> = parts.collect();
    Some(match (method, parts.as_slice()) {
        ("POST", ["calls"]) => "place",
        ("DELETE", ["calls", _]) => "end",
        ("DELETE", ["calls", _, "agent", _]) => "hang_up",
        ("PUT", ["calls", _, "agent", _, "transaction-codes"]) => "set_transaction_codes",
        ("DELETE", ["agents", _, "calls"]) => "free_lines",
        ("DELETE", ["agents", _, "calls", "line", _]) => "free_line",
        (_, ["calls", ..] | ["agents", _, "calls", ..]) => "other",
        _ => return None,
    })
}

/// Lets a request in that has the Action token (TOKENS_ACROSS), for its own tenant only.
fn authorize(
    shared: &Shared,
    version: &str,
    tenant: &str,
    headers: &HeaderMap,
) -> Result<(), Refusal> {
    let served = match shared.settings.calls.version {
        CallsVersion::V1 => version == "v1",
        CallsVersion::Vv1 => version == "vv1",
        CallsVersion::Any => matches!(version, "v1" | "vv1"),
    };
    if !served {
        return Err(Refusal::NoSuchPath);
    }
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let admits = |token| header.is_some_and(|header| shared.credentials.admits(header, token));
    match (admits(Token::Action), admits(Token::Data)) {
        (true, _) if tenant == shared.credentials.tenant => Ok(()),
        // Who asks is known, but may not do this here.
        (true, _) | (_, true) => Err(Refusal::Forbidden),
        (false, false) => Err(Refusal::Unauthorized),
    }
}

/// Fails unless a body is declared as JSON.
fn require_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = declared.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") { Ok(()) } else { Err(Refusal::NotJson) }
}

/// The reply to what was done, or not.
fn answer(shared: &Shared, result: Result<Done, Refusal>) -> Response {
    let settings = &shared.settings.calls;
    let done = match result {
        Ok(done) => done,
        Err(refusal) => {
            let (_, name, _) = refusal.row(settings.nothing_to_free);
            shared.switchboard().note_refusal(name);
            return refuse(&refusal, settings);
        }
    };
    let mut body = body(&done.reason(), "OK");
    if let Done::Placed { guid } = done {
        let key = match settings.call_id_key {
            CallIdKey::InteractionGuid => "interactionGuid",
            CallIdKey::Id => "id",
        };
        body[key] = guid.into();
    }
    Json(body).into_response()
}

fn refuse(refusal: &Refusal, settings: &CallsSettings) -> Response {
    let (status, ..) = refusal.row(settings.nothing_to_free);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let title = status.canonical_reason().unwrap_or_default();
    let mut reply = match settings.refusal_body {
        RefusalBody::Reasons => (status, Json(body(&refusal.reason(), title))).into_response(),
        RefusalBody::Empty => status.into_response(),
        RefusalBody::Html => {
            let page = format!("<html><body><h1>{} {title}</h1></body></html>", status.as_u16());
            (status, Html(page)).into_response()
        }
    };
    if *refusal == Refusal::Unauthorized {
        let challenge = HeaderValue::from_static("Basic realm=\"calls\"");
        reply.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    reply
}

fn body(reason: &str, message: &str) -> Value {
    json!({ "reasons": [reason], "message": message })
}
