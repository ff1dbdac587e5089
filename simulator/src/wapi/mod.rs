//! The CRM API (wapi-crm-api.txt, field-notes.md): customers, cases, follow-ups, tasks, FAQs.
//!
//! A packet is read in [`request`], its sender let in here, and its command judged ([`check`], by
//! the tables of [`fields`]), carried out and answered in [`answer`]: a Get by a [`search`] over the [`table`]s of the [`crm`], a change
//! by a plan of [`write`] that is kept and then made. HTTP is always 200; the outcome is an
//! attribute of the [`reply`].

mod answer;
mod change;
mod check;
mod command;
mod countries;
mod crm;
mod dates;
mod fields;
mod grow;
mod index;
mod layout;
mod like;
mod messages;
mod objects;
mod record;
mod reply;
mod request;
mod search;
mod seed;
mod seeded;
pub(crate) mod settings;
mod table;
mod tenant;
mod timeline;
mod truth;
mod words;
mod write;

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, header},
    routing::post,
};

use crate::shared::Shared;
pub(crate) use change::{Change, write as write_changes};
pub(crate) use crm::Crm;
pub(crate) use reply::{INTERNAL, Reply, Sending, Status, TooLong, UNAVAILABLE};
pub(crate) use request::name;
pub(crate) use truth::lines;

/// The path of the classic entrance.
pub(crate) const CLASSIC: &str = "/WAPI/wapi.php";
/// The path of the gateway.
pub(crate) const GATEWAY: &str = "/cc/v1/wapi";

/// A failure of the server's own, as the guide's table words it.
pub(crate) fn internal_error() -> Reply {
    let problem = messages::Problem::Internal;
    Reply::failed(problem.error_code(), problem.text())
}

/// The two entrances.
pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new().route(CLASSIC, post(classic)).route(GATEWAY, post(gateway))
}

/// A form with a WAPI packet, which holds the credentials.
async fn classic(State(shared): State<Arc<Shared>>, body: Bytes) -> Reply {
    let (login, command) = match request::classic(&body, &shared.settings.wapi) {
        Ok(read) => read,
        Err(unreadable) => return answer::unreadable(&shared, unreadable),
    };
    let known = &shared.credentials;
    let enters = login.tenant == known.tenant
        && login.username == known.wapi_username
        && login.password == known.wapi_password;
    match enters {
        true => answer::answer(&shared, command),
        false => Reply::status(reply::WRONG_LOGIN),
    }
}

/// A bare COMMAND; the credentials are headers.
async fn gateway(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Reply {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let known = &shared.credentials;
    if header("x-8x8-tenant") != known.tenant || header("x-api-key") != known.api_key {
        return Reply::status(reply::WRONG_LOGIN);
    }
    let kind = header(header::CONTENT_TYPE.as_str()).split(';').next().unwrap_or_default();
    if !kind.trim().eq_ignore_ascii_case("application/xml") {
        return Reply::status(reply::INSUFFICIENT);
    }
    answer::answer(&shared, request::gateway(&body, &shared.settings.wapi))
}
