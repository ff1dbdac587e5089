//! Counts what goes over the wire.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use futures::future::BoxFuture;

use super::request::{Failure, Reply, Request, Transport};

/// Counters of one client, shared by all its clones.
#[derive(Debug, Default)]
pub struct Traffic {
    requests: AtomicU64,
    retries: AtomicU64,
    bytes_sent: AtomicU64,
    bytes_received: AtomicU64,
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrafficCounts {
    /// Requests sent, repeated ones too.
    pub requests: u64,
    /// Requests that this module repeated by itself.
    pub retries: u64,
    /// Bytes of bodies sent.
    pub bytes_sent: u64,
    /// Bytes of bodies received.
    pub bytes_received: u64,
}

impl Traffic {
    /// The counters now.
    pub fn counts(&self) -> TrafficCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        TrafficCounts {
            requests: read(&self.requests),
            retries: read(&self.retries),
            bytes_sent: read(&self.bytes_sent),
            bytes_received: read(&self.bytes_received),
        }
    }

    /// A request leaves.
    pub(super) fn left(&self, body_bytes: u64) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.bytes_sent.fetch_add(body_bytes, Ordering::Relaxed);
    }

    /// It did not leave after all.
    pub(super) fn stayed(&self, body_bytes: u64) {
        self.requests.fetch_sub(1, Ordering::Relaxed);
        self.bytes_sent.fetch_sub(body_bytes, Ordering::Relaxed);
    }

    /// Bytes of a body came.
    pub(super) fn received(&self, bytes: u64) {
        self.bytes_received.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn retried(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }
}

/// Counts each request and the bytes of its bodies.
pub(super) struct Counting<T> {
    pub inner: T,
    pub traffic: Arc<Traffic>,
}

impl<T: Transport> Transport for Counting<T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, Failure>> {
        let sent = request.body.as_ref().map_or(0, |(body, _)| body.len() as u64);
        self.traffic.left(sent);
        Box::pin(async move {
            let answer = self.inner.send(request).await;
            match &answer {
                Ok(reply) => {
                    self.traffic.received(reply.body.len() as u64);
                }
                // What did not leave was not sent.
                Err(Failure::NotSent { .. }) => self.traffic.stayed(sent),
                Err(Failure::Lost { .. }) => {}
            }
            answer
        })
    }
}
