//! Writes finished windows on a thread of their own, so that nobody waits for the disk.

use std::path::Path;

use tokio::task::{JoinHandle, spawn_blocking};

use super::gather::STATE;
use crate::spool::{Part, Spool, SpoolError};

/// What waits to be written, and what is being written.
pub(super) struct Keeper {
    /// Its own way into the spool; not here while it is in use, nor once it has failed. What was to
    /// be written then is done by the state of all that comes later: nothing more may be written.
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

    /// Waits until everything is durable; after a failure nothing more becomes so.
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
            Ok((spool, Ok(rows))) => {
                self.spool = Some(spool);
                Ok(rows)
            }
            Ok((_, Err(error))) => Err(error),
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, RecordBatch, StringArray};

    use super::*;
    use crate::spool::{Key, Packed};

    fn part(what: &str, id: &str) -> Part {
        let ids: ArrayRef = Arc::new(StringArray::from(vec![id]));
        let batch = RecordBatch::try_from_iter([("ID", ids)]).unwrap();
        Part {
            what: what.into(),
            rows: Packed::of(&[batch]).unwrap(),
            keys: vec![Key::of([id].into_iter())],
            hashes: vec![0],
        }
    }

    #[tokio::test]
    async fn after_a_failure_no_later_window_says_that_the_lost_one_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fetched.sqlite");
        let spool = Spool::open(&path).unwrap();
        // The disk has no room for the one, and has some again for the other.
        spool.has_no_room_for("lost");
        let mut keeper = Keeper::new(&path).unwrap();
        keeper.add(part("lost", "1"));
        keeper.begin(|| "1 is done".into());
        keeper.add(part("later", "2"));
        assert!(keeper.kept().await.is_err());
        keeper.finish(|| "1 and 2 are done".into()).await.unwrap();
        assert_eq!(spool.parts().unwrap(), (0, 0));
        assert_eq!(spool.note(STATE).unwrap(), None);
    }

    #[tokio::test]
    async fn what_comes_while_something_is_written_is_written_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fetched.sqlite");
        let spool = Spool::open(&path).unwrap();
        let mut keeper = Keeper::new(&path).unwrap();
        keeper.add(part("one", "1"));
        keeper.begin(|| "1".into());
        keeper.add(part("two", "2"));
        keeper.add(part("three", "3"));
        keeper.begin(|| "not yet".into());
        assert_eq!(keeper.waiting(), 2);
        assert_eq!(keeper.kept().await.unwrap(), 1);
        keeper.finish(|| "1, 2 and 3".into()).await.unwrap();
        assert_eq!(spool.parts().unwrap(), (3, 3));
        assert_eq!(spool.note(STATE).unwrap().as_deref(), Some("1, 2 and 3"));
    }
}
