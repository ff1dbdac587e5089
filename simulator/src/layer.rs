//! What every request of every API passes before and after its handler: the count, the limits,
//! the latency and the faults.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::{Body, HttpBody, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use serde_json::json;

use crate::{
    api::Api,
    attachments::busy,
    connection::{Cut, Line},
    faults::{ErrorBody, FaultKind, FaultRule},
    limits::add_ratelimit_headers,
    shared::Shared,
    state::Visit,
    wapi::{self, Reply},
};

/// The longest body that is read at all; the APIs' own limits are far below.
const MOST_BYTES: usize = 64 << 20;

/// Passes a request on, unless something goes wrong.
pub(crate) async fn pass(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let Some(api) = Api::of(&path) else { return next.run(request).await };
    let method = request.method().clone();
    let mut visit = shared.traffic.enter(api, method.as_str(), &path);
    if api != Api::Attachments {
        return within(&shared, api, visit, request, next).await;
    }
    let settings = &shared.settings.attachments;
    match shared.turns.take(settings.other_tenants) {
        Some(turn) => turn.until_sent(within(&shared, api, visit, request, next).await),
        None => {
            visit.ends(StatusCode::SERVICE_UNAVAILABLE.as_u16());
            busy(settings.retry_after)
        }
    }
}

/// The same, once it is the tenant's turn.
async fn within(
    shared: &Shared,
    api: Api,
    mut visit: Visit<'_>,
    request: Request,
    next: Next,
) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let _place = match shared.limits.admit(api) {
        Ok(place) => place,
        Err(refused) => {
            visit.is_limited();
            let reply = refused.into_response();
            visit.ends(reply.status().as_u16());
            return reply;
        }
    };
    // Read first, so that also a request that fails was sent whole.
    let (request, command) = match with_whole_body(shared, api, request).await {
        Ok(read) => read,
        Err(reply) => {
            visit.ends(reply.status().as_u16());
            return reply;
        }
    };
    let fault = shared.faults.for_request(api, method.as_str(), &path, command.as_deref());
    if let Some(command) = command {
        visit.asks_for(command);
    }
    let latency = shared.settings.latency_ms.get(&api).copied().unwrap_or(0);
    shared.sleep(Duration::from_millis(latency) + fault.delay).await;
    let Some(rule) = fault.rule else {
        return processed(shared, request, next, &mut visit).await;
    };
    fail(shared, rule, fault.applied, request, next, visit).await
}

/// What the API's own handler answers. It may have found more than it can send.
async fn processed(
    shared: &Shared,
    request: Request,
    next: Next,
    visit: &mut Visit<'_>,
) -> Response {
    let line = request.extensions().get::<ConnectInfo<Line>>().map(|info| info.0.clone());
    let reply = next.run(request).await;
    visit.ends(outcome(&reply));
    let Some(sending) = reply.extensions().get::<wapi::Sending>().copied() else { return reply };
    shared.sleep(sending.delay).await;
    let Some(too_long) = sending.cut else { return reply };
    visit.ends("too_many_rows");
    if let Some(line) = line {
        line.cut(match too_long {
            wapi::TooLong::Nothing => Cut::Close,
            wapi::TooLong::Half => Cut::AfterBody(length(&reply) / 2),
        });
    }
    reply
}

/// The request with its body, and what it asks the CRM's API for.
async fn with_whole_body(
    shared: &Shared,
    api: Api,
    request: Request,
) -> Result<(Request, Option<String>), Response> {
    let (parts, body) = request.into_parts();
    match to_bytes(body, MOST_BYTES).await {
        Ok(bytes) => {
            let command = (api == Api::Wapi)
                .then(|| wapi::name(parts.uri.path(), &bytes, &shared.settings.wapi));
            Ok((Request::from_parts(parts, Body::from(bytes)), command))
        }
        Err(_) => {
            let message = json!({ "message": "Request Entity Too Large" });
            Err((StatusCode::PAYLOAD_TOO_LARGE, Json(message)).into_response())
        }
    }
}

/// How a request ended: by the STATUS of the CRM's API, or else by the status of HTTP.
fn outcome(reply: &Response) -> i32 {
    let status = reply.extensions().get::<wapi::Status>().map(|status| status.0);
    status.unwrap_or(reply.status().as_u16().into())
}

/// Gives a request its fault, processing it or not as the fault has it.
async fn fail(
    shared: &Shared,
    rule: FaultRule,
    applied: bool,
    request: Request,
    next: Next,
    mut visit: Visit<'_>,
) -> Response {
    let line = request.extensions().get::<ConnectInfo<Line>>().map(|info| info.0.clone());
    let processed = match rule.kind {
        FaultKind::ResetAfter | FaultKind::TimeoutAfter | FaultKind::Truncated => true,
        FaultKind::Status206 => applied,
        FaultKind::ResetBefore | FaultKind::TimeoutBefore => false,
        _ => rule.processed,
    };
    let reply = if processed { Some(next.run(request).await) } else { None };
    let mut cut = |cut| {
        visit.ends(rule.kind.name());
        if let Some(line) = &line {
            line.cut(cut);
        }
        // Nobody sees it, but where there is no connection: in a test of the bare router.
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    };
    match (rule.kind, reply) {
        (FaultKind::ResetBefore | FaultKind::ResetAfter, _) => cut(Cut::Reset),
        (FaultKind::TimeoutBefore | FaultKind::TimeoutAfter, _) => {
            shared.sleep(Duration::from_millis(rule.delay_ms)).await;
            cut(Cut::Close)
        }
        (FaultKind::Truncated, Some(reply)) => {
            cut(Cut::AfterBody(length(&reply) / 2));
            reply
        }
        _ => {
            let reply = refusal(&rule);
            visit.ends(outcome(&reply));
            reply
        }
    }
}

/// The bytes of a reply's body; of one that does not tell them, some that it surely has.
fn length(reply: &Response) -> usize {
    let told = reply.headers().get(header::CONTENT_LENGTH);
    let told = told.and_then(|value| value.to_str().ok()?.parse().ok());
    let exact = HttpBody::size_hint(reply.body()).exact().map(|length| length as usize);
    told.or(exact).unwrap_or(200)
}

/// The reply of a fault that has one.
fn refusal(rule: &FaultRule) -> Response {
    match rule.kind {
        FaultKind::WapiStatus500 => return Reply::status(wapi::INTERNAL).into_response(),
        FaultKind::WapiStatus503 => return Reply::status(wapi::UNAVAILABLE).into_response(),
        FaultKind::InternalError => return wapi::internal_error().into_response(),
        _ => {}
    }
    let (status, message) = match rule.kind {
        FaultKind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        FaultKind::Throttled => (StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
        FaultKind::BadGateway => (StatusCode::BAD_GATEWAY, "Bad Gateway"),
        FaultKind::Status206 => (
            StatusCode::PARTIAL_CONTENT,
            "The request was sent but the response timed out. Please check the result status later",
        ),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"),
    };
    let is_page = rule.kind == FaultKind::BadGateway
        || (rule.kind == FaultKind::Error && rule.body == ErrorBody::Html);
    let mut reply = match is_page {
        true => (status, Html(page(status, message))).into_response(),
        false => (status, Json(json!({ "message": message }))).into_response(),
    };
    if let Some(seconds) = rule.retry_after {
        reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if rule.ratelimit_headers {
        add_ratelimit_headers(&mut reply, 100, rule.retry_after.unwrap_or(60));
    }
    reply
}

/// A page as proxies show it.
fn page(status: StatusCode, message: &str) -> String {
    let title = format!("{} {message}", status.as_u16());
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1>\
         </center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
}
