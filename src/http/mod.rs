//! The only module that opens sockets: transport, limits and retry.
//!
//! Each concern is a wrapper of one trait, [`Transport`]; [`Client`] stacks them, outermost last:
//! the socket, counting, the limits of (host, credential, API), retry. A [`Request`] says itself
//! whether it may be repeated.

mod backoff;
mod client;
mod counting;
mod download;
mod gate;
mod hints;
mod limits;
mod request;
mod retry;
mod socket;
mod timer;

pub use backoff::Backoff;
pub use client::{ApiLimits, Client, ClientError, ClientOptions};
pub use counting::{Traffic, TrafficCounts};
pub use download::{Download, DownloadError};
pub use hints::{LONGEST_WAIT, ServerHints};
pub use limits::{Limit, Limits, Permit};
pub use request::{
    Api, ApiKey, Auth, Failure, Method, NotSent, Repeatable, Reply, Request, Token, Transport,
};
pub use retry::{Retry, RetryOptions};
pub use timer::{ManualTimer, Timer};

#[cfg(test)]
mod tests;
