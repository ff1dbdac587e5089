//! The limits of one (host, credential, API), shared by all that runs in the process.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, LazyLock, Mutex, PoisonError, Weak},
    time::Duration,
};

use futures::future::BoxFuture;
use governor::{
    Quota, RateLimiter,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};

use super::{
    backoff::Backoff,
    gate::{Gate, Slot},
    request::{Api, Auth, Failure, Reply, Request, Transport},
    timer::Timer,
};
use crate::clock::Dice;

/// The system's timers tick in milliseconds: a rate beyond this many a second is kept on average,
/// in bursts of [`TICK`].
const TICK: Duration = Duration::from_millis(5);

/// What a connection allows for one API.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Requests a second; `None` = as many as the server takes.
    pub per_second: Option<f64>,
    /// Requests at once after a pause.
    pub burst: u32,
    /// Requests in flight.
    pub concurrency: u32,
}

type Rate = RateLimiter<NotKeyed, InMemoryState, Timer, NoOpMiddleware<std::time::Instant>>;

/// Rate and gate of one (host, credential, API).
#[derive(Debug)]
pub struct Limits {
    rate: Option<Rate>,
    gate: Gate,
    timer: Timer,
}

/// The right to send one request now. Dropping it unused gives it back.
#[derive(Debug)]
pub struct Permit {
    limits: Arc<Limits>,
    slot: Slot,
}

type Key = (String, String, Api);

static REGISTRY: LazyLock<Mutex<HashMap<Key, Weak<Limits>>>> = LazyLock::new(Mutex::default);

impl Limits {
    /// Limits that nobody shares.
    pub fn new(limit: Limit, backoff: Backoff, dice: Dice, timer: Timer) -> Self {
        let rate = limit
            .per_second
            .and_then(|per_second| quota(per_second, limit.burst))
            .map(|quota| RateLimiter::direct_with_clock(quota, timer.clone()));
        Limits { rate, gate: Gate::new(limit.concurrency, backoff, dice), timer }
    }

    /// The limits of this host, credential and API in this process: those in use, made by whoever
    /// came first, or else new ones.
    pub fn shared(host: &str, auth: &Auth, api: Api, make: impl FnOnce() -> Limits) -> Arc<Self> {
        let key = (host.to_owned(), auth.identity(), api);
        let mut registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(limits) = registry.get(&key).and_then(Weak::upgrade) {
            return limits;
        }
        registry.retain(|_, limits| limits.strong_count() > 0);
        let limits = Arc::new(make());
        registry.insert(key, Arc::downgrade(&limits));
        limits
    }

    /// Waits until a request may be sent.
    pub async fn permit(self: &Arc<Self>) -> Permit {
        let slot = self.gate.enter().await;
        // From here on the slot is given back even where the wait is given up.
        let mut permit = Permit { limits: Arc::clone(self), slot };
        loop {
            let held = self.gate.wait(self.timer.now());
            if !held.is_zero() {
                self.timer.sleep(held).await;
                continue;
            }
            match self.rate.as_ref().map(Rate::check) {
                Some(Err(early)) => {
                    self.timer.sleep(early.wait_time_from(self.timer.now())).await;
                }
                Some(Ok(())) | None => break,
            }
        }
        // While it waited the gate may have narrowed: the answer will tell of the gate of now.
        permit.slot = self.gate.renewed();
        permit
    }

    /// The server said, not by the status of a reply, that it is busy.
    pub fn throttled(&self, after: Option<Duration>) {
        self.gate.throttled(None, after, self.timer.now());
    }

    /// How long nothing will be sent, because the server is busy.
    pub fn held_for(&self) -> Duration {
        self.gate.wait(self.timer.now())
    }

    /// How many requests may be in flight at present.
    pub fn allowed(&self) -> u32 {
        self.gate.allowed()
    }
}

fn quota(per_second: f64, burst: u32) -> Option<Quota> {
    let period = Duration::try_from_secs_f64(1.0 / per_second).ok()?;
    let per_tick = (per_second * TICK.as_secs_f64()) as u32;
    let burst = NonZeroU32::new(burst.max(per_tick)).unwrap_or(NonZeroU32::MIN);
    Some(Quota::with_period(period)?.allow_burst(burst))
}

impl Permit {
    /// Gives it back, and the limits what was learned from the answer.
    pub fn learn(self, answer: &Result<Reply, Failure>) {
        let Limits { gate, timer, .. } = &*self.limits;
        match answer {
            Ok(reply) if reply.is_throttled() => {
                let wait = gate.throttled(Some(self.slot), reply.hints.wait(), timer.now());
                tracing::debug!(status = reply.status, ?wait, "the server is busy");
            }
            Ok(reply) => {
                if let Some(wait) = reply.hints.wait() {
                    gate.hold(wait, timer.now());
                }
                // A server that breaks is no reason to send more at a time.
                if reply.status < 500 {
                    gate.succeeded(self.slot);
                }
            }
            Err(_) => {}
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.limits.gate.leave();
    }
}

/// Sends each request when the limits of its (credential, API) allow it.
pub(super) struct Limited<T> {
    pub inner: T,
    pub limits: Arc<LimitsOfHost>,
}

impl<T: Transport> Transport for Limited<T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, Failure>> {
        Box::pin(async move {
            let permit = self.limits.of(request.api, &request.auth).permit().await;
            let answer = self.inner.send(request).await;
            permit.learn(&answer);
            answer
        })
    }
}

/// The limits of one host, by credential and API, kept at hand.
pub(super) struct LimitsOfHost {
    host: String,
    make: Box<dyn Fn(Api) -> Limits + Send + Sync>,
    known: Mutex<Vec<(Api, Auth, Arc<Limits>)>>,
}

impl LimitsOfHost {
    pub fn new(host: String, make: impl Fn(Api) -> Limits + Send + Sync + 'static) -> Self {
        LimitsOfHost { host, make: Box::new(make), known: Mutex::default() }
    }

    pub fn host(&self) -> &str {
        &self.host
    }

    pub fn of(&self, api: Api, auth: &Auth) -> Arc<Limits> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|(of, whose, _)| *of == api && whose.is_same(auth));
        if let Some((_, _, limits)) = found {
            return Arc::clone(limits);
        }
        let limits = Limits::shared(&self.host, auth, api, || (self.make)(api));
        known.push((api, auth.clone(), Arc::clone(&limits)));
        limits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(per_second: Option<f64>, burst: u32, timer: Timer) -> Arc<Limits> {
        let limit = Limit { per_second, burst, concurrency: 4 };
        Arc::new(Limits::new(limit, Backoff::default(), Dice::seeded(3), timer))
    }

    #[tokio::test]
    async fn the_rate_is_kept_after_the_burst() {
        let (timer, manual) = Timer::manual();
        let limits = limits(Some(5.0), 3, timer);
        for _ in 0..3 {
            drop(limits.permit().await);
        }
        assert_eq!(manual.passed(), Duration::ZERO, "the burst waits for nothing");
        for _ in 0..10 {
            drop(limits.permit().await);
        }
        let passed = manual.passed().as_secs_f64();
        assert!((1.99..2.01).contains(&passed), "ten at five a second took {passed} s");
    }

    #[tokio::test]
    async fn a_high_rate_is_kept_on_average() {
        let (timer, manual) = Timer::manual();
        let limits = limits(Some(4000.0), 1, timer);
        for _ in 0..4000 {
            drop(limits.permit().await);
        }
        let passed = manual.passed().as_secs_f64();
        assert!((0.98..1.01).contains(&passed), "{passed}");
    }

    #[tokio::test]
    async fn nothing_is_sent_before_the_moment_that_the_server_names() {
        let (timer, manual) = Timer::manual();
        let limits = limits(None, 1, timer);
        limits.throttled(Some(Duration::from_secs(30)));
        assert_eq!(limits.held_for(), Duration::from_secs(30));
        drop(limits.permit().await);
        assert_eq!(manual.passed(), Duration::from_secs(30));
    }

    #[test]
    fn the_same_host_credential_and_api_share_their_limits() {
        let make = || {
            let limit = Limit { per_second: None, burst: 1, concurrency: 1 };
            Limits::new(limit, Backoff::default(), Dice::seeded(1), Timer::System)
        };
        let auth = |whose: &str| Auth::InBody(whose.into());
        let first = Limits::shared("host:1", &auth("a"), Api::Wapi, make);
        let again = Limits::shared("host:1", &auth("a"), Api::Wapi, make);
        assert!(Arc::ptr_eq(&first, &again));
        for (host, whose, api) in
            [("host:2", "a", Api::Wapi), ("host:1", "b", Api::Wapi), ("host:1", "a", Api::Calls)]
        {
            let other = Limits::shared(host, &auth(whose), api, make);
            assert!(!Arc::ptr_eq(&first, &other), "{host} {whose} {api:?}");
        }
    }
}
