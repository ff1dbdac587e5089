//! The clock and the dice as parameters, so that tests choose both.

use std::sync::Mutex;

use jiff::Timestamp;
use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};

/// Tells the time; the only place that asks the system for it.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The system's time.
    #[default]
    System,
    /// Always the same time, for tests.
    Fixed(Timestamp),
}

impl Clock {
    /// The time now.
    #[allow(clippy::disallowed_methods)] // the one place
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => Timestamp::now(),
            Clock::Fixed(at) => *at,
        }
    }
}

/// Random numbers for jitter; seeded in tests.
#[derive(Debug)]
pub struct Dice(Mutex<StdRng>);

impl Dice {
    /// Dice from a seed.
    pub fn seeded(seed: u64) -> Self {
        Dice(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    /// Dice that nobody can foresee.
    pub fn random() -> Self {
        Self::seeded(rand::rng().next_u64())
    }

    /// A number from 0 up to, but not, 1.
    pub fn fraction(&self) -> f64 {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).random::<f64>()
    }
}
