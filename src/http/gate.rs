//! How many requests may be in flight, and from when: learned from what the server answers.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use super::{backoff::Backoff, hints::LONGEST_WAIT};
use crate::clock::Dice;

/// So many times the present number of slots must succeed before there is one more.
const SUCCESSES_PER_SLOT: u32 = 2;

/// Slots for requests in flight. It begins with one, grows by one after a series of successes, and
/// halves when the server says that it is busy.
#[derive(Debug)]
pub struct Gate {
    most: u32,
    backoff: Backoff,
    dice: Dice,
    freed: Notify,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    allowed: u32,
    in_flight: u32,
    successes: u32,
    /// How often the gate has narrowed. Answers to requests sent before the last time say nothing
    /// of the gate as it is now.
    era: u64,
    /// How often in a row.
    strikes: u32,
    not_before: Option<Instant>,
}

/// A taken slot, by the era in which it was taken.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    era: u64,
}

impl Gate {
    /// A gate that lets through one request at first, and at most `most`.
    pub fn new(most: u32, backoff: Backoff, dice: Dice) -> Self {
        let state =
            State { allowed: 1, in_flight: 0, successes: 0, era: 0, strikes: 0, not_before: None };
        Gate { most: most.max(1), backoff, dice, freed: Notify::new(), state: Mutex::new(state) }
    }

    /// Waits for a slot and takes it. Whoever takes one gives it back by [`Gate::leave`].
    pub async fn enter(&self) -> Slot {
        loop {
            let freed = self.freed.notified();
            if let Some(slot) = self.try_enter() {
                return slot;
            }
            freed.await;
        }
    }

    fn try_enter(&self) -> Option<Slot> {
        let mut state = self.state();
        (state.in_flight < state.allowed).then(|| {
            state.in_flight += 1;
            Slot { era: state.era }
        })
    }

    /// The slot that was taken, as of now: just before its request is sent.
    pub fn renewed(&self) -> Slot {
        Slot { era: self.state().era }
    }

    /// Gives a slot back.
    pub fn leave(&self) {
        let mut state = self.state();
        state.in_flight = state.in_flight.saturating_sub(1);
        drop(state);
        self.freed.notify_one();
    }

    /// The request of `slot` was answered, and the server was not busy.
    pub fn succeeded(&self, slot: Slot) {
        let mut state = self.state();
        if slot.era != state.era {
            return;
        }
        state.strikes = 0;
        state.successes += 1;
        if state.allowed < self.most && state.successes >= SUCCESSES_PER_SLOT * state.allowed {
            state.allowed += 1;
            state.successes = 0;
            drop(state);
            self.freed.notify_one();
        }
    }

    /// The server said that it is busy, and perhaps for how long. `slot` is the request's, where
    /// it was one request's answer. Returns the wait that follows.
    pub fn throttled(&self, slot: Option<Slot>, after: Option<Duration>, now: Instant) -> Duration {
        let mut state = self.state();
        // Many requests in flight are refused at once: that is one warning, not many.
        if slot.is_none_or(|slot| slot.era == state.era) {
            let wait = after.unwrap_or_else(|| self.backoff.delay(state.strikes, &self.dice));
            state.era += 1;
            state.strikes += 1;
            state.successes = 0;
            state.allowed = (state.allowed / 2).max(1);
            state.hold_until(now + wait.min(LONGEST_WAIT));
        } else if let Some(after) = after {
            state.hold_until(now + after.min(LONGEST_WAIT));
        }
        state.wait(now)
    }

    /// Lets nothing through for a while, though the server is not busy.
    pub fn hold(&self, wait: Duration, now: Instant) {
        self.state().hold_until(now + wait.min(LONGEST_WAIT));
    }

    /// How long nothing is let through from `now` on.
    pub fn wait(&self, now: Instant) -> Duration {
        self.state().wait(now)
    }

    /// How many requests may be in flight at present.
    pub fn allowed(&self) -> u32 {
        self.state().allowed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn hold_until(&mut self, moment: Instant) {
        self.not_before = self.not_before.max(Some(moment));
    }

    fn wait(&self, now: Instant) -> Duration {
        self.not_before.map_or(Duration::ZERO, |moment| moment.saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Timer;

    fn gate(most: u32) -> Gate {
        Gate::new(most, Backoff::default(), Dice::seeded(1))
    }

    fn succeed(gate: &Gate, times: u32) {
        for _ in 0..times {
            let slot = gate.try_enter().unwrap();
            gate.succeeded(slot);
            gate.leave();
        }
    }

    #[test]
    fn it_begins_with_one_and_grows_slowly_to_its_most() {
        let gate = gate(3);
        assert!(gate.try_enter().is_some());
        assert!(gate.try_enter().is_none(), "a second slot at the start");
        gate.leave();
        succeed(&gate, 2);
        assert_eq!(gate.allowed(), 2);
        succeed(&gate, 3);
        assert_eq!(gate.allowed(), 2);
        succeed(&gate, 1);
        assert_eq!(gate.allowed(), 3);
        succeed(&gate, 100);
        assert_eq!(gate.allowed(), 3);
    }

    #[test]
    fn a_busy_server_halves_it_once_for_all_requests_in_flight() {
        let (timer, _) = Timer::manual();
        let gate = gate(8);
        succeed(&gate, 1000);
        let slots: Vec<_> = (0..8).map(|_| gate.try_enter().unwrap()).collect();
        let second = Some(Duration::from_secs(1));
        for slot in &slots {
            assert_eq!(gate.throttled(Some(*slot), second, timer.now()), Duration::from_secs(1));
        }
        assert_eq!(gate.allowed(), 4);
        // A success of before says nothing of the gate as it is now.
        gate.succeeded(slots[0]);
        assert_eq!(gate.state().strikes, 1);
        for _ in &slots {
            gate.leave();
        }
        for _ in 0..10 {
            gate.throttled(None, second, timer.now());
        }
        assert_eq!(gate.allowed(), 1);
    }

    #[test]
    fn a_wait_is_as_told_or_grows_and_never_shrinks() {
        let (timer, manual) = Timer::manual();
        let gate = gate(2);
        gate.throttled(None, Some(Duration::from_secs(20)), timer.now());
        gate.throttled(None, Some(Duration::from_secs(5)), timer.now());
        assert_eq!(gate.wait(timer.now()), Duration::from_secs(20));
        manual.advance(Duration::from_secs(21));
        assert_eq!(gate.wait(timer.now()), Duration::ZERO);
        let untold = gate.throttled(None, None, timer.now());
        assert!(untold <= Duration::from_secs(2), "{untold:?}");
        gate.throttled(None, Some(Duration::from_secs(864_000)), timer.now());
        assert_eq!(gate.wait(timer.now()), LONGEST_WAIT);
    }

    #[tokio::test]
    async fn all_that_wait_get_in_one_after_the_other() {
        let gate = std::sync::Arc::new(gate(1));
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let gate = std::sync::Arc::clone(&gate);
                tokio::spawn(async move {
                    let slot = gate.enter().await;
                    assert_eq!(gate.state().in_flight, 1);
                    tokio::task::yield_now().await;
                    gate.succeeded(slot);
                    gate.leave();
                })
            })
            .collect();
        for task in tasks {
            tokio::time::timeout(Duration::from_secs(5), task).await.unwrap().unwrap();
        }
    }
}
