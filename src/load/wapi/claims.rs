//! Which records are whose: no record is taken for two rows, and rows that are alike never send
//! and look at the same time.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::ledger::Assigned;

/// Records kept in memory: more than can wait for the ledger's commit at once.
const MOST_IN_MEMORY: usize = 1 << 16;

/// Locks that rows share by their likeness.
const LOCKS: usize = 1024;

/// The records that are known to be a row's.
#[derive(Debug)]
pub struct Claims {
    recent: Mutex<Recent>,
    /// What earlier commits and processes have assigned.
    assigned: Option<Assigned>,
    locks: Vec<Arc<AsyncMutex<()>>>,
}

#[derive(Debug, Default)]
struct Recent {
    ids: HashSet<String>,
    order: VecDeque<String>,
}

impl Claims {
    /// Nothing is claimed but what the ledger knows.
    pub fn new(assigned: Option<Assigned>) -> Self {
        let locks = (0..LOCKS).map(|_| Arc::default()).collect();
        Claims { recent: Mutex::default(), assigned, locks }
    }

    /// Takes a record for a row; `false` where it is another row's.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn claim(&self, id: &str) -> Result<bool, crate::ledger::LedgerError> {
        if let Some(assigned) = &self.assigned
            && assigned.has(id)?
        {
            return Ok(false);
        }
        Ok(self.note(id))
    }

    /// Notes a record that an answer named; whether it was new.
    pub fn note(&self, id: &str) -> bool {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if !recent.ids.insert(id.to_owned()) {
            return false;
        }
        recent.order.push_back(id.to_owned());
        if recent.order.len() > MOST_IN_MEMORY
            && let Some(oldest) = recent.order.pop_front()
        {
            recent.ids.remove(&oldest);
        }
        true
    }

    /// The lock that a row shares with all rows that are like it.
    pub fn lock_of(&self, likeness: u64) -> Arc<AsyncMutex<()>> {
        Arc::clone(&self.locks[likeness as usize % LOCKS])
    }
}

/// Held while a row is looked for or sent.
pub type Alone = OwnedMutexGuard<()>;
