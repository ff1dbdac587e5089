//! How many units may be open at once: it bounds memory, and what a crash leaves to settle.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Counts units from their intent to their outcome, and holds the reader back.
#[derive(Debug)]
pub struct Window {
    size: usize,
    state: Mutex<State>,
    room: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Units with an intent and no outcome.
    open: usize,
    /// Units that the reader may have handed on, and that have no intent yet.
    drafted: usize,
    closed: bool,
}

impl Window {
    /// Room for `size` units.
    pub fn new(size: usize) -> Self {
        Window { size: size.max(1), state: Mutex::default(), room: Condvar::new() }
    }

    /// Units that may be open at once.
    pub fn size(&self) -> usize {
        self.size
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for room for one more unit of the reader's; `false` when the run stops.
    pub fn reserve(&self) -> bool {
        let mut state = self.state();
        while !state.closed && state.open + state.drafted >= self.size {
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.drafted += 1;
        !state.closed
    }

    /// Wakes the reader, but not for each unit: it waits until there is room for some.
    fn tell(&self, state: &State) {
        if state.open + state.drafted <= self.size - self.size / 4 {
            self.room.notify_all();
        }
    }

    /// A unit of the reader's reached the books.
    pub fn arrived(&self) {
        let mut state = self.state();
        state.drafted -= 1;
        self.tell(&state);
    }

    /// One more unit has an intent.
    pub fn open_unit(&self) {
        self.state().open += 1;
    }

    /// One unit has its outcome.
    pub fn close_unit(&self) {
        let mut state = self.state();
        state.open -= 1;
        self.tell(&state);
    }

    /// Units with an intent and no outcome.
    pub fn open(&self) -> usize {
        self.state().open
    }

    /// The run stops: nobody waits any more.
    pub fn close(&self) {
        self.state().closed = true;
        self.room.notify_all();
    }
}
