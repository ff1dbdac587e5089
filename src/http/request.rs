//! What goes out and what comes back.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use futures::future::BoxFuture;
pub use reqwest::Method;
use thiserror::Error;

use super::hints::ServerHints;
use crate::secret::Secret;

/// Sends a request and waits for the whole reply. Wrappers of it add what concerns all requests.
pub trait Transport: Send + Sync {
    /// Sends `request`. Dropping the future gives up; the request may have left.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, Failure>>;
}

/// The APIs of a tenant: each has its own limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Api {
    /// Dialer campaigns.
    Campaigns,
    /// CRM objects.
    Wapi,
    /// Files of cases, follow-ups and FAQs; strictly one request at a time.
    Attachments,
    /// Phone calls.
    Calls,
}

/// Whether a request may be sent again when its answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeatable {
    /// It changes nothing, or the same again: this module repeats it.
    Freely,
    /// Only by one who has looked whether the first was applied.
    AfterLookUp,
    /// Never.
    Never,
}

/// A user name with a token: Basic authentication.
#[derive(Debug)]
pub struct Token {
    /// Which of the connection's tokens it is, e.g. `action`, for messages.
    pub name: String,
    /// The user name, usually the tenant's name.
    pub username: String,
    /// The token itself.
    pub secret: Secret,
}

/// The gateway's key.
#[derive(Debug)]
pub struct ApiKey {
    /// The tenant, sent as `X-8x8-Tenant`.
    pub tenant: String,
    /// The key, sent as `x-api-key`.
    pub secret: Secret,
}

/// Who asks.
#[derive(Clone, Debug)]
pub enum Auth {
    /// Basic authentication.
    Basic(Arc<Token>),
    /// The gateway's headers.
    ApiKey(Arc<ApiKey>),
    /// The credentials stand in the body; the text says whose they are, for the limits.
    InBody(Arc<str>),
}

impl Auth {
    /// Whose limits a request counts against. Holds no secret.
    pub fn identity(&self) -> String {
        match self {
            Auth::Basic(token) => format!("basic {} {}", token.username, token.name),
            Auth::ApiKey(key) => format!("key {}", key.tenant),
            Auth::InBody(whose) => format!("body {whose}"),
        }
    }

    /// Whether both count against the same limits, told without an allocation.
    pub(super) fn is_same(&self, other: &Auth) -> bool {
        match (self, other) {
            (Auth::Basic(one), Auth::Basic(other)) => {
                Arc::ptr_eq(one, other)
                    || (one.username == other.username && one.name == other.name)
            }
            (Auth::ApiKey(one), Auth::ApiKey(other)) => one.tenant == other.tenant,
            (Auth::InBody(one), Auth::InBody(other)) => one == other,
            _ => false,
        }
    }
}

/// One request. Cloning it copies no body.
#[derive(Clone)]
pub struct Request {
    /// Whose limits it counts against.
    pub api: Api,
    /// The verb.
    pub method: Method,
    /// Path and query, beginning with `/`. Never holds a secret.
    pub path_and_query: String,
    /// The body and its type.
    pub body: Option<(Bytes, &'static str)>,
    /// Who asks.
    pub auth: Auth,
    /// Whether it may be sent again.
    pub repeatable: Repeatable,
}

impl Request {
    /// A request that reads, and may therefore be repeated.
    pub fn get(api: Api, path_and_query: impl Into<String>, auth: Auth) -> Self {
        Request {
            api,
            method: Method::GET,
            path_and_query: path_and_query.into(),
            body: None,
            auth,
            repeatable: Repeatable::Freely,
        }
    }
}

/// A body may hold passwords and customers: only its length is shown.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("api", &self.api)
            .field("method", &self.method)
            .field("path_and_query", &self.path_and_query)
            .field("body_bytes", &self.body.as_ref().map_or(0, |(body, _)| body.len()))
            .field("repeatable", &self.repeatable)
            .finish_non_exhaustive()
    }
}

/// A whole reply, whatever its status.
#[derive(Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// What the server says of its limits.
    pub hints: ServerHints,
    /// The reply's headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body, complete.
    pub body: Bytes,
}

impl Reply {
    /// Whether the server said that it is busy (field-notes, Limits: 429 and 503 alike).
    pub fn is_throttled(&self) -> bool {
        matches!(self.status, 429 | 503)
    }

    /// A header's value, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("hints", &self.hints)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// No reply.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// The request did not leave: nothing was applied.
    #[error("the request was not sent: {reason}")]
    NotSent {
        /// What kind of obstacle it was.
        cause: NotSent,
        /// What happened.
        reason: String,
    },
    /// The request may have been applied.
    #[error("the answer was lost: {reason}")]
    Lost {
        /// What happened.
        reason: String,
        /// Whether the time allowed ran out: a smaller request may be answered sooner.
        timed_out: bool,
    },
}

/// Why a request did not leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// No connection: refused, no route, no such host, or none in time. May pass.
    Unreachable,
    /// The TLS handshake failed. Does not pass by itself.
    Tls,
    /// The request could not be made, e.g. of a path that is none. A bug.
    Malformed,
}

impl Failure {
    /// What the reader can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Failure::NotSent { cause: NotSent::Unreachable, .. } => Some(
                "check `platform` or `base_url` of the connection, and whether this machine \
                 reaches that host",
            ),
            Failure::NotSent { cause: NotSent::Tls, .. } => Some(
                "check that the host's certificate is trusted on this machine (package \
                 ca-certificates, or SSL_CERT_FILE) and that nothing between rewrites TLS",
            ),
            Failure::NotSent { cause: NotSent::Malformed, .. } => Some("please report this"),
            Failure::Lost { .. } => None,
        }
    }
}
