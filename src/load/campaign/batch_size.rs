//! How many records go together: what the pipeline says, and what the server can take.

use std::sync::{Mutex, PoisonError};

/// Below so many records a batch is not made smaller because of a time-out.
const LEAST_AFTER_TIME_OUT: usize = 25;

/// Batches answered in a row after which a size that a time-out had halved is doubled again.
const ANSWERED_IN_A_ROW: u32 = 20;

/// The size of the next batch. The documents name no limit (field-notes, Campaign records: "on
/// 413 or a time-out halve it").
#[derive(Debug)]
pub struct BatchSize {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Never more: the pipeline's size, or what a 413 has shown.
    most: usize,
    now: usize,
    answered: u32,
}

impl BatchSize {
    /// Begins with `most` records.
    pub fn new(most: usize) -> Self {
        BatchSize { state: Mutex::new(State { most, now: most, answered: 0 }) }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Records of the next batch.
    pub fn now(&self) -> usize {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).now
    }

    /// Records that one request may have at all.
    pub fn most(&self) -> usize {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).most
    }

    /// The server does not take so many records (413): batches stay smaller from now on.
    pub fn too_large(&self, records: usize) {
        self.change(|state| {
            state.most = state.most.min((records / 2).max(1));
            state.now = state.now.min(state.most);
        });
    }

    /// The server did not answer so many records in time: smaller for a while.
    pub fn timed_out(&self, records: usize) {
        self.change(|state| {
            let half = (records / 2).max(LEAST_AFTER_TIME_OUT);
            state.now = state.now.min(half).max(1);
            state.answered = 0;
        });
    }

    /// A batch was answered.
    pub fn answered(&self) {
        self.change(|state| {
            state.answered += 1;
            if state.answered >= ANSWERED_IN_A_ROW && state.now < state.most {
                state.now = (state.now * 2).min(state.most);
                state.answered = 0;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_413_halves_for_good_and_a_time_out_for_a_while() {
        let size = BatchSize::new(500);
        size.too_large(500);
        assert_eq!(size.now(), 250);
        size.timed_out(250);
        assert_eq!(size.now(), 125);
        (0..2 * ANSWERED_IN_A_ROW).for_each(|_| size.answered());
        assert_eq!(size.now(), 250, "never more than the server takes");
    }

    #[test]
    fn a_size_set_small_stays_as_it_is_set() {
        let size = BatchSize::new(10);
        size.timed_out(10);
        assert_eq!(size.now(), 10);
        (0..8).for_each(|_| size.too_large(size.now()));
        assert_eq!(size.now(), 1);
    }
}
