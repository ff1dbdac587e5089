//! The attachments API (ccm-attachments-api.txt): what is attached to cases, follow-ups and FAQs.
//!
//! One [`turn`] at a time per tenant, from the request's beginning to the reply's last byte. Which
//! [`files`] a record has is computed; one is sent as itself, several as a [`zip`], and neither is
//! ever whole in memory ([`content`]).

mod content;
mod files;
mod names;
mod nasty;
pub(crate) mod settings;
mod truth;
mod turn;
mod zip;

use std::{convert::Infallible, sync::Arc};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::stream;
use serde_json::json;

use crate::{settings::CrmObject, shared::Shared, tenant::Token, wapi::Crm};
use content::Content;
pub(crate) use files::{Files, Holder};
use settings::ContentTypes;
pub(crate) use truth::{Place, lines};
pub(crate) use turn::{Turns, busy};

/// What every path of the API begins with.
pub(crate) const PATH: &str = "/api/ccm/attachments/";

/// The paths of the API.
pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/api/ccm/attachments/{object}/{id}", get(attachments))
        .method_not_allowed_fallback(|| async { Refusal::MethodNotAllowed })
}

/// Why nothing is sent (ccm: Response Codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    BadRequest,
    Unauthorized,
    NotFound,
    MethodNotAllowed,
    Internal,
}

/// `GET /api/ccm/attachments/{case|followup|faq}/{id}`
async fn attachments(
    State(shared): State<Arc<Shared>>,
    Path((object, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let user = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    // TOKENS_ACROSS: the Data Request Token.
    if !user.is_some_and(|user| shared.credentials.admits(user, Token::Data)) {
        return Err(Refusal::Unauthorized);
    }
    let object = match object.as_str() {
        "case" => CrmObject::Case,
        "followup" => CrmObject::Followup,
        "faq" => CrmObject::Faq,
        _ => return Err(Refusal::NotFound),
    };
    let of = holder(&shared.crm(), object, &id)?;
    if shared.files.count(of) == 0 || shared.files.are_gone(of) {
        return Err(Refusal::NotFound);
    }
    // Sums and packing take their time.
    let made = tokio::task::spawn_blocking(move || made(&shared, of, &id));
    made.await.map_err(|_| Refusal::Internal)
}

/// The record of an id: a number, or a follow-up's case and its number in it (FOLLOWUP_IDS).
fn holder(crm: &Crm, object: CrmObject, id: &str) -> Result<Holder, Refusal> {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // Beyond every number that was ever given there is nothing.
        digits.then(|| text.parse().unwrap_or(u64::MAX)).ok_or(Refusal::BadRequest)
    };
    let found = match (object, id.split_once('.')) {
        (CrmObject::Followup, Some((case, followup))) => {
            let (case, followup) = (number(case)?, number(followup)?);
            crm.followup(&case.to_string(), &followup.to_string())
        }
        (CrmObject::Followup, None) => return Err(Refusal::BadRequest),
        _ => crm.get(object, number(id)?),
    };
    let id = found.ok_or(Refusal::NotFound)?.id();
    match crm.was_there_at_first(object, id) {
        true => Ok(Holder { object, id }),
        false => Err(Refusal::NotFound),
    }
}

/// One file as itself, several as a ZIP.
fn made(shared: &Shared, of: Holder, id: &str) -> Response {
    let settings = &shared.settings.attachments;
    let mut files = shared.files.of(of);
    let (name, kind, content) = match files.len() {
        1 => {
            let file = files.remove(0);
            let kind = files::content_type(&file.name);
            (file.name, kind, file.content)
        }
        _ => {
            let name = files::zip_name(of.object, id).into_bytes();
            (name, "application/zip", shared.files.zip(files))
        }
    };
    let mut headers = HeaderMap::new();
    match settings.content_type {
        ContentTypes::Proper => put(&mut headers, header::CONTENT_TYPE, kind.as_bytes()),
        ContentTypes::OctetStream => {
            put(&mut headers, header::CONTENT_TYPE, b"application/octet-stream");
        }
        ContentTypes::None => {}
    }
    if let Some(value) = names::disposition(&name, settings.names) {
        put(&mut headers, header::CONTENT_DISPOSITION, &value);
    }
    if settings.content_length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(content.len()));
    }
    let mut reply = streamed(content).into_response();
    *reply.headers_mut() = headers;
    reply
}

fn put(headers: &mut HeaderMap, name: header::HeaderName, value: &[u8]) {
    // What no header can hold is left out with its header.
    if let Ok(value) = HeaderValue::from_bytes(value) {
        headers.insert(name, value);
    }
}

fn streamed(content: Content) -> Body {
    Body::from_stream(stream::iter(content.blocks().map(Ok::<_, Infallible>)))
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Refusal::BadRequest => (StatusCode::BAD_REQUEST, "Bad request"),
            Refusal::Unauthorized => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Refusal::NotFound => (StatusCode::NOT_FOUND, "Not found"),
            Refusal::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"),
            Refusal::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Server Error"),
        };
        let mut reply = (status, Json(json!({ "message": message }))).into_response();
        if self == Refusal::Unauthorized {
            let challenge = HeaderValue::from_static("Basic realm=\"attachments\"");
            reply.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        reply
    }
}
