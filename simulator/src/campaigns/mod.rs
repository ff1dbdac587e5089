//! The campaign API (campaign-records-api.txt): customers in and out, status, records.
//!
//! A POST is read in [`add`], each of its records judged by [`campaign`], and what was found
//! becomes a [`change`] that is carried out, kept, and answered in this order. Every answer is
//! a row of [`messages`].

mod add;
mod book;
mod campaign;
mod change;
mod dates;
mod delete;
mod messages;
mod records;
pub(crate) mod settings;
mod status;
mod view;

use std::sync::Arc;

use axum::{
    Json, Router,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};

use crate::{shared::Shared, tenant::Token};
pub(crate) use book::Line;
pub(crate) use campaign::Campaigns;
pub(crate) use change::Change;
pub(crate) use dates::write as write_date;
use messages::Refusal;
use settings::Tokens;

/// The paths of the API, as printed: `tstats` to change, `stats` to look (CAMPAIGN_PATHS).
pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/api/tstats/campaigns/{id}", post(view::change).patch(view::change))
        .route("/api/tstats/campaigns/{id}/customers", post(add::add))
        .route("/api/tstats/campaigns/{id}/customers/{customer}", delete(delete::delete))
        .route("/api/stats/campaigns/{name}", get(view::view))
        .route("/api/stats/campaigns/{id}/records.json", get(records::json))
        .route("/api/stats/campaigns/{id}/records", get(records::xml))
        .method_not_allowed_fallback(|| async { Refusal::MethodNotAllowed })
}

/// Lets a request in that has the token that its method wants.
fn authorize(shared: &Shared, method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let documented = match *method {
        Method::GET | Method::DELETE | Method::HEAD => Token::Data,
        _ => Token::Action,
    };
    let admits = |token| header.is_some_and(|header| shared.credentials.admits(header, token));
    let admitted = match shared.settings.campaigns.tokens {
        Tokens::Strict => admits(documented),
        Tokens::Swapped => admits(documented.other()),
        Tokens::Any => admits(Token::Action) || admits(Token::Data),
    };
    if admitted { Ok(()) } else { Err(Refusal::Unauthorized) }
}

/// A number in a path; one that is none names nothing.
fn number(text: &str, otherwise: Refusal) -> Result<u64, Refusal> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().ok_or(otherwise)
}

/// Fails unless a body is declared as JSON.
fn require_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = declared.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") { Ok(()) } else { Err(Refusal::NotJson) }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, message, _) = self.row();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut reply = (status, Json(serde_json::json!({ "message": message }))).into_response();
        if self == Refusal::Unauthorized {
            let challenge = HeaderValue::from_static("Basic realm=\"campaigns\"");
            reply.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        reply
    }
}
