//! Rate limits and concurrency limits of each API. The documents publish none: without an entry
//! in the settings there is none.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{api::Api, error::Error};

/// The limits of one API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitSettings {
    /// Requests a second; no limit without it.
    pub per_second: Option<f64>,
    /// Requests that may come at once; those of one second without it, at least one.
    pub burst: Option<f64>,
    /// Requests in work at once; no limit without it.
    pub concurrency: Option<usize>,
    /// The status of the refusal, 429 or 503.
    pub status: u16,
    /// The refusal has a Retry-After header.
    pub retry_after: bool,
    /// The refusal has `x-ratelimit-limit`, `-remaining` and `-reset` headers.
    pub ratelimit_headers: bool,
}

impl Default for LimitSettings {
    fn default() -> Self {
        LimitSettings {
            per_second: None,
            burst: None,
            concurrency: None,
            status: 429,
            retry_after: true,
            ratelimit_headers: false,
        }
    }
}

/// The limits of all APIs.
pub(crate) struct Limits(BTreeMap<Api, Limit>);

struct Limit {
    settings: LimitSettings,
    status: StatusCode,
    bucket: Option<Mutex<Bucket>>,
    gate: Option<Arc<Semaphore>>,
}

/// A bucket of tokens: each request takes one, and they come back at a rate.
#[derive(Debug)]
struct Bucket {
    per_second: f64,
    burst: f64,
    tokens: f64,
    at: Instant,
}

/// A place at the gate of an API; free again when dropped.
#[derive(Default)]
pub(crate) struct Place(#[allow(dead_code)] Option<OwnedSemaphorePermit>);

/// A request that a limit refuses.
pub(crate) struct Refused {
    status: StatusCode,
    wait: Duration,
    retry_after: bool,
    limit: Option<f64>,
}

impl Limits {
    pub(crate) fn new(settings: &BTreeMap<Api, LimitSettings>) -> Result<Self, Error> {
        let limits = settings.iter().map(|(api, settings)| Ok((*api, Limit::new(settings)?)));
        limits.collect::<Result<_, _>>().map(Limits)
    }

    /// Lets a request in, or refuses it.
    pub(crate) fn admit(&self, api: Api) -> Result<Place, Refused> {
        self.0.get(&api).map_or(Ok(Place::default()), |limit| limit.admit(Instant::now()))
    }
}

impl Limit {
    fn new(settings: &LimitSettings) -> Result<Self, Error> {
        let invalid = |setting: &str, problem: &str| Error::Setting {
            setting: format!("limits.{setting}"),
            problem: problem.into(),
        };
        if !matches!(settings.status, 429 | 503) {
            return Err(invalid("status", "must be 429 or 503"));
        }
        if settings.per_second.is_some_and(|rate| rate <= 0.0) {
            return Err(invalid("per_second", "must be above 0"));
        }
        Ok(Limit {
            settings: settings.clone(),
            status: StatusCode::from_u16(settings.status).unwrap_or(StatusCode::TOO_MANY_REQUESTS),
            bucket: settings.per_second.map(|rate| {
                Mutex::new(Bucket::new(rate, settings.burst.unwrap_or(rate), Instant::now()))
            }),
            gate: settings.concurrency.map(|places| Arc::new(Semaphore::new(places))),
        })
    }

    fn admit(&self, now: Instant) -> Result<Place, Refused> {
        // The gate comes first, so that a request refused there takes no token.
        let place = match &self.gate {
            None => Place::default(),
            Some(gate) => match gate.clone().try_acquire_owned() {
                Ok(permit) => Place(Some(permit)),
                Err(_) => return Err(self.refuse(Duration::from_secs(1))),
            },
        };
        if let Some(bucket) = &self.bucket {
            let mut bucket = bucket.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            bucket.take(now).map_err(|wait| self.refuse(wait))?;
        }
        Ok(place)
    }

    fn refuse(&self, wait: Duration) -> Refused {
        Refused {
            status: self.status,
            wait,
            retry_after: self.settings.retry_after,
            limit: self.settings.per_second.filter(|_| self.settings.ratelimit_headers),
        }
    }
}

impl Bucket {
    fn new(per_second: f64, burst: f64, at: Instant) -> Self {
        let burst = burst.max(1.0);
        Bucket { per_second, burst, tokens: burst, at }
    }

    /// Takes a token, or tells how long there will be none.
    fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let elapsed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        self.tokens = (self.tokens + elapsed * self.per_second).min(self.burst);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - self.tokens) / self.per_second))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let seconds = self.wait.as_secs_f64().ceil().max(1.0) as u64;
        let body = axum::Json(serde_json::json!({ "message": "Too many requests" }));
        let mut reply = (self.status, body).into_response();
        if self.retry_after {
            reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(limit) = self.limit {
            add_ratelimit_headers(&mut reply, limit.ceil() as u64, seconds);
        }
        reply
    }
}

/// Adds `x-ratelimit-limit`, `-remaining` (none) and `-reset` (seconds).
pub(crate) fn add_ratelimit_headers(reply: &mut Response, limit: u64, reset: u64) {
    let headers =
        [("x-ratelimit-limit", limit), ("x-ratelimit-remaining", 0), ("x-ratelimit-reset", reset)];
    for (name, value) in headers {
        reply.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(2.0, 3.0, start);
        assert!((0..3).all(|_| bucket.take(start).is_ok()));
        let wait = bucket.take(start).unwrap_err();
        assert_eq!(wait, Duration::from_millis(500));
        assert!(bucket.take(start + wait).is_ok());
        assert!(bucket.take(start + wait).is_err());
    }

    #[test]
    fn a_place_is_free_again_when_dropped() {
        let settings = LimitSettings { concurrency: Some(1), ..LimitSettings::default() };
        let limit = Limit::new(&settings).unwrap();
        let place = limit.admit(Instant::now()).ok().unwrap();
        assert!(limit.admit(Instant::now()).is_err());
        drop(place);
        assert!(limit.admit(Instant::now()).is_ok());
    }

    #[test]
    fn a_refusal_tells_when_to_come_again() {
        let settings = LimitSettings {
            per_second: Some(0.25),
            status: 503,
            ratelimit_headers: true,
            ..LimitSettings::default()
        };
        let limit = Limit::new(&settings).unwrap();
        let start = Instant::now();
        assert!(limit.admit(start).is_ok());
        let reply = limit.admit(start).err().unwrap().into_response();
        assert_eq!(reply.status(), 503);
        assert_eq!(reply.headers()["retry-after"], "4");
        assert_eq!(reply.headers()["x-ratelimit-remaining"], "0");
    }
}
