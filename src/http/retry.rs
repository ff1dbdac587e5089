//! Repeats requests that may be repeated freely.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::{
    backoff::Backoff,
    counting::Traffic,
    request::{Failure, NotSent, Repeatable, Reply, Request, Transport},
    timer::Timer,
};
use crate::clock::Dice;

/// How often a request is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryOptions {
    /// Attempts that end without an answer, or with 5xx, before that is the answer.
    pub attempts: u32,
    /// Answers that the server is busy before that is the answer. The limits wait between them.
    pub busy: u32,
    /// How long to wait between attempts.
    pub backoff: Backoff,
}

impl Default for RetryOptions {
    fn default() -> Self {
        RetryOptions { attempts: 6, busy: 60, backoff: Backoff::default() }
    }
}

/// Repeats requests that are [`Repeatable::Freely`], and no others.
pub struct Retry<T> {
    pub(super) inner: T,
    pub(super) options: RetryOptions,
    pub(super) dice: Dice,
    pub(super) timer: Timer,
    pub(super) traffic: Arc<Traffic>,
}

impl<T: Transport> Transport for Retry<T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, Failure>> {
        if request.repeatable != Repeatable::Freely {
            return self.inner.send(request);
        }
        Box::pin(async move {
            let (mut attempts, mut busy) = (0, 0);
            loop {
                let answer = self.inner.send(request.clone()).await;
                match &answer {
                    Ok(reply) if reply.is_throttled() && busy + 1 < self.options.busy => busy += 1,
                    other if may_pass(other) && attempts + 1 < self.options.attempts => {
                        let wait = self.options.backoff.delay(attempts, &self.dice);
                        tracing::debug!(path = request.path_and_query, ?wait, "sent again");
                        self.timer.sleep(wait).await;
                        attempts += 1;
                    }
                    _ => return answer,
                }
                self.traffic.retried();
            }
        })
    }
}

/// Whether another attempt may end otherwise.
fn may_pass(answer: &Result<Reply, Failure>) -> bool {
    match answer {
        Ok(reply) => !reply.is_throttled() && matches!(reply.status, 408 | 500..=599),
        Err(Failure::NotSent { cause, .. }) => *cause == NotSent::Unreachable,
        Err(Failure::Lost { .. }) => true,
    }
}
