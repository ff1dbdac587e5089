//! One client per connection: the stack of transports, and what a run needs of it.

use std::{sync::Arc, time::Duration};

use reqwest::Url;
use thiserror::Error;

use super::{
    backoff::Backoff,
    counting::{Counting, Traffic, TrafficCounts},
    download::{self, Download, DownloadError},
    limits::{Limit, Limited, Limits, LimitsOfHost, Permit},
    request::{Api, Auth, Failure, Reply, Request, Transport},
    retry::{Retry, RetryOptions},
    socket::Socket,
    timer::Timer,
};
use crate::clock::{Clock, Dice};

/// The limits of a connection, by API.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ApiLimits {
    /// Dialer campaigns.
    pub campaigns: Limit,
    /// CRM objects.
    pub wapi: Limit,
    /// Attachments; their concurrency is 1 whatever stands here.
    pub attachments: Limit,
    /// Phone calls.
    pub calls: Limit,
}

/// The defaults of DESIGN section 2: a modest rate, since no limit is published.
impl Default for ApiLimits {
    fn default() -> Self {
        let limit = |per_second, burst, concurrency| Limit {
            per_second: Some(per_second),
            burst,
            concurrency,
        };
        ApiLimits {
            campaigns: limit(2.0, 1, 2),
            wapi: limit(5.0, 5, 4),
            attachments: limit(1.0, 1, 1),
            calls: limit(1.0, 1, 1),
        }
    }
}

impl ApiLimits {
    /// The limit of one API.
    pub fn of(&self, api: Api) -> Limit {
        match api {
            Api::Campaigns => self.campaigns,
            Api::Wapi => self.wapi,
            // "Attachments are strictly one at a time per tenant" (DESIGN section 1).
            Api::Attachments => Limit { concurrency: 1, ..self.attachments },
            Api::Calls => self.calls,
        }
    }

    pub(super) fn most_concurrency(&self) -> u32 {
        let all = [Api::Campaigns, Api::Wapi, Api::Attachments, Api::Calls];
        all.map(|api| self.of(api).concurrency).into_iter().sum()
    }
}

/// What a client is made from.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// `https://host`, or `http://` for loopback.
    pub base_url: String,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long a request with its whole reply may take.
    pub request_timeout: Duration,
    /// The limits.
    pub limits: ApiLimits,
    /// Bytes of a reply that are read at the most.
    pub most_reply_bytes: usize,
    /// Whether a connection serves more than one request. A request that meets the closing end of
    /// an idle connection is lost for nothing; where it may not be repeated, that costs more than
    /// a handshake.
    pub reuse_connections: bool,
    /// How requests are repeated.
    pub retry: RetryOptions,
    /// The time of day, for `Retry-After` dates.
    pub clock: Clock,
    /// Waiting.
    pub timer: Timer,
    /// Seed of the jitter; `None` = nobody can foresee it.
    pub seed: Option<u64>,
}

impl ClientOptions {
    /// The defaults for one host.
    pub fn new(base_url: impl Into<String>) -> Self {
        ClientOptions {
            base_url: base_url.into(),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(120),
            limits: ApiLimits::default(),
            most_reply_bytes: 64 << 20,
            reuse_connections: true,
            retry: RetryOptions::default(),
            clock: Clock::System,
            timer: Timer::System,
            seed: None,
        }
    }

    /// The base URL, if it may be used: HTTPS, or plain HTTP to this machine.
    pub(super) fn checked_url(&self) -> Result<Url, ClientError> {
        let wrong = |why: &str| ClientError::BaseUrl {
            base_url: without_credentials(&self.base_url),
            why: why.to_owned(),
        };
        let url = Url::parse(&self.base_url).map_err(|error| wrong(&error.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("credentials do not belong into a URL"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("it has a query or a fragment"));
        }
        match url.scheme() {
            "https" => Ok(url),
            "http" if is_loopback(&url) => Ok(url),
            "http" => Err(ClientError::Insecure { base_url: self.base_url.clone() }),
            _ => Err(wrong("it begins neither with https:// nor with http://")),
        }
    }

    fn dice(&self) -> Dice {
        self.seed.map_or_else(Dice::random, Dice::seeded)
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn without_credentials(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            format!("{}://(hidden){}", &url[..scheme], &url[at..])
        }
        _ => url.to_owned(),
    }
}

/// A client that cannot be made: the connection is to be mended.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The base URL is none.
    #[error("`{base_url}` cannot be used as base URL: {why}")]
    BaseUrl {
        /// The URL.
        base_url: String,
        /// What is wrong with it.
        why: String,
    },
    /// Plain HTTP to another machine.
    #[error("`{base_url}` is not encrypted: only https:// is used, but to this machine itself")]
    Insecure {
        /// The URL.
        base_url: String,
    },
    /// No TLS, usually for want of certificates.
    #[error(
        "no TLS connections can be made: {0} (the package ca-certificates, or SSL_CERT_FILE, \
         provides the certificates)"
    )]
    NoTls(String),
}

/// Sends requests to one host within its limits. Clones share everything.
#[derive(Clone)]
pub struct Client {
    /// With limits and retry.
    stack: Arc<dyn Transport>,
    /// For those who hold a permit.
    permitted: Arc<dyn Transport>,
    /// For bodies that are not held in memory.
    socket: Arc<Socket>,
    limits: Arc<LimitsOfHost>,
    traffic: Arc<Traffic>,
}

impl Client {
    /// A client; no connection is opened before the first request.
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        let url = options.checked_url()?;
        let host = url.authority().to_owned();
        let traffic = Arc::new(Traffic::default());
        let limits = Arc::new(LimitsOfHost::new(host, limits_by(&options)));

        let socket = Arc::new(Socket::new(&options)?);
        let inner = Arc::clone(&socket);
        let counting = Arc::new(Counting { inner, traffic: Arc::clone(&traffic) });
        let limited = Limited { inner: Arc::clone(&counting), limits: Arc::clone(&limits) };
        let retry = Retry {
            inner: limited,
            options: options.retry,
            dice: options.dice(),
            timer: options.timer.clone(),
            traffic: Arc::clone(&traffic),
        };
        Ok(Client { stack: Arc::new(retry), permitted: counting, socket, limits, traffic })
    }

    /// Sends a request when the limits allow it, and again where it may be repeated freely.
    pub async fn send(&self, request: Request) -> Result<Reply, Failure> {
        self.stack.send(request).await
    }

    /// Waits until a request may be sent: for a load, which chooses what to send, and makes that
    /// durable, only when it can leave at once.
    pub async fn permit(&self, api: Api, auth: &Auth) -> Permit {
        self.limits.of(api, auth).permit().await
    }

    /// Sends a request by a permit, at once and only once.
    pub async fn send_by(&self, permit: Permit, request: Request) -> Result<Reply, Failure> {
        let answer = self.permitted.send(request).await;
        permit.learn(&answer);
        answer
    }

    /// Sends a request by a permit, at once and only once, and writes the body of a success to
    /// `into` while it comes. The time allowed for a request is that for the next piece here.
    ///
    /// # Errors
    /// No reply, a body that breaks off, or a writer that fails.
    pub async fn download(
        &self,
        permit: Permit,
        request: Request,
        into: &mut (dyn std::io::Write + Send),
    ) -> Result<Download, DownloadError> {
        let answer = download::exchange(&self.socket, &self.traffic, request, into).await;
        match &answer {
            Ok(download) => permit.learn(&Ok(download.reply.clone())),
            Err(DownloadError::Failure(failure)) => permit.learn(&Err(failure.clone())),
            Err(DownloadError::Write(_)) => drop(permit),
        }
        answer
    }

    /// Host and port, as the limits know them.
    pub fn host(&self) -> &str {
        self.limits.host()
    }

    /// The limits of one API as they are at present.
    pub fn limits(&self, api: Api, auth: &Auth) -> Arc<Limits> {
        self.limits.of(api, auth)
    }

    /// What went over the wire.
    pub fn traffic(&self) -> TrafficCounts {
        self.traffic.counts()
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("traffic", &self.traffic.counts()).finish_non_exhaustive()
    }
}

fn limits_by(options: &ClientOptions) -> impl Fn(Api) -> Limits + Send + Sync + 'static {
    let (limits, timer, seed) = (options.limits, options.timer.clone(), options.seed);
    let backoff: Backoff = options.retry.backoff;
    move |api| {
        let dice = seed.map_or_else(Dice::random, Dice::seeded);
        Limits::new(limits.of(api), backoff, dice, timer.clone())
    }
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(&self, request: Request) -> futures::future::BoxFuture<'_, Result<Reply, Failure>> {
        (**self).send(request)
    }
}
