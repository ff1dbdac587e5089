//! One request at a time: "to allow only a single request per customer at a time", where the
//! customer is the tenant; and ten tenants at once (ccm: 503).

use std::sync::{Arc, Mutex, MutexGuard};

use axum::{
    Json,
    body::{Body, HttpBody},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use serde_json::json;

/// "more than 10 customers hitting the CCM API at the same time".
const MOST_TENANTS: u64 = 10;

/// Who is being served.
#[derive(Default)]
pub(crate) struct Turns(Arc<Mutex<Seen>>);

#[derive(Clone, Copy, Default)]
struct Seen {
    served: bool,
    most_at_once: u64,
    refused: u64,
}

/// The right to be served; it ends with the reply's last byte.
pub(crate) struct Turn(Arc<Mutex<Seen>>);

impl Turns {
    /// Serves a request, unless another one of the tenant's, or ten other tenants', is served.
    pub(crate) fn take(&self, other_tenants: u64) -> Option<Turn> {
        let mut seen = lock(&self.0);
        seen.most_at_once = seen.most_at_once.max(1 + u64::from(seen.served));
        if seen.served || other_tenants >= MOST_TENANTS {
            seen.refused += u64::from(seen.served);
            return None;
        }
        seen.served = true;
        Some(Turn(self.0.clone()))
    }

    /// The most requests of the tenant at once, also those that were refused for it, and how
    /// many were.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let seen = lock(&self.0);
        (seen.most_at_once, seen.refused)
    }
}

impl Turn {
    /// Keeps the turn until the reply is sent, or its client is gone.
    pub(crate) fn until_sent(self, reply: Response) -> Response {
        let (mut parts, body) = reply.into_parts();
        let told = parts.headers.get(header::CONTENT_LENGTH);
        let told = told.and_then(|value| value.to_str().ok()?.parse().ok());
        let left = HttpBody::size_hint(&body).exact();
        if let (None, Some(exact)) = (told, left) {
            parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(exact));
        }
        let state = (body.into_data_stream(), Some(self), told.or(left));
        let sent = stream::unfold(state, |(mut body, mut turn, left)| async move {
            let Some(block) = body.next().await else {
                drop(turn);
                return None;
            };
            // Before the last byte leaves: whoever has it may come again at once.
            let length = block.as_ref().map_or(0, |block| block.len() as u64);
            let left = left.map(|left| left.saturating_sub(length));
            if left == Some(0) {
                turn = None;
            }
            Some((block, (body, turn, left)))
        });
        Response::from_parts(parts, Body::from_stream(sent))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.0).served = false;
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// The reply to a request whose turn it is not.
pub(crate) fn busy(retry_after: Option<u64>) -> Response {
    let message = json!({ "message": "Server Busy" });
    let mut reply = (StatusCode::SERVICE_UNAVAILABLE, Json(message)).into_response();
    if let Some(seconds) = retry_after {
        reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_request_is_refused_and_counted_and_the_next_one_served() {
        let turns = Turns::default();
        let first = turns.take(0);
        assert!(first.is_some() && turns.take(0).is_none());
        drop(first);
        assert!(turns.take(9).is_some());
        assert!(turns.take(10).is_none());
        assert_eq!(turns.counts(), (2, 1));
    }

    #[tokio::test]
    async fn a_turn_ends_with_the_last_byte_and_not_before() {
        let turns = Turns::default();
        for length in [Some("6"), None] {
            let body = Body::from_stream(stream::iter(["one", "two"].map(Ok::<_, std::io::Error>)));
            let mut reply = body.into_response();
            if let Some(length) = length {
                reply.headers_mut().insert(header::CONTENT_LENGTH, length.parse().unwrap());
            }
            let turn = turns.take(0).unwrap();
            let mut sent = turn.until_sent(reply).into_body().into_data_stream();
            assert_eq!(sent.next().await.unwrap().unwrap(), "one");
            assert!(turns.take(0).is_none());
            assert_eq!(sent.next().await.unwrap().unwrap(), "two");
            if length.is_none() {
                assert!(turns.take(0).is_none());
                assert!(sent.next().await.is_none());
            }
            assert!(turns.take(0).is_some());
        }
    }
}
