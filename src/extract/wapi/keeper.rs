//! Writes finished windows on a thread of their own, so that nobody waits for the disk.

use std::path::Path;

use tokio::task::{JoinHandle, spawn_blocking};

use super::gather::STATE;
use crate::spool::{Part, Spool, SpoolError};

/// What waits to be written, and what is being written.
pub(super) struct Keeper {
    /// Its own way into the spool; not here while it is in use.
    spool: Option<Spool>,
    waiting: Vec<Part>,
    busy: Option<JoinHandle<(Spool, Result<u64, SpoolError>)>>,
}

impl Keeper {
    /// Writes into the spool at this place.
    pub fn new(path: &Path) -> Result<Keeper, SpoolError> {
        Ok(Keeper { spool: Some(Spool::open(path)?), waiting: Vec::new(), busy: None })
    }

    /// Parts that are not being written yet.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether something is being written.
    pub fn is_busy(&self) -> bool {
        self.busy.is_some()
    }

    /// Takes a part, to be written by the next [`Keeper::begin`].
    pub fn add(&mut self, part: Part) {
        self.waiting.push(part);
    }

    /// Begins to write what waits, with the state that goes with all of it, if nothing is being
    /// written.
    pub fn begin(&mut self, state: impl FnOnce() -> String) {
        if self.waiting.is_empty() {
            return;
        }
        let Some(mut spool) = self.spool.take() else { return };
        let (parts, state) = (std::mem::take(&mut self.waiting), state());
        self.busy = Some(spawn_blocking(move || {
            let rows = parts.iter().map(|part| part.keys.len() as u64).sum();
            let entered = spool.enter(&parts, &[(STATE, &state)]);
            (spool, entered.map(|()| rows))
        }));
    }

    /// Waits until everything is durable.
    ///
    /// # Errors
    /// The disk is full or gone.
    pub async fn finish(&mut self, state: impl Fn() -> String) -> Result<(), SpoolError> {
        self.begin(&state);
        while self.is_busy() {
            self.kept().await?;
            self.begin(&state);
        }
        Ok(())
    }

    /// Waits until what is being written is durable; gives its rows. To be asked only while
    /// something is being written; may be asked again where it was not waited for.
    ///
    /// # Errors
    /// The disk is full or gone.
    pub async fn kept(&mut self) -> Result<u64, SpoolError> {
        let Some(busy) = &mut self.busy else { return std::future::pending().await };
        let ended = busy.await;
        self.busy = None;
        match ended {
            Ok((spool, entered)) => {
                self.spool = Some(spool);
                entered
            }
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}
