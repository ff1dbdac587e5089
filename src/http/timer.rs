//! Waiting as a parameter, so that tests need not wait.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Tells how much time has passed, and lets it pass.
#[derive(Clone, Debug, Default)]
pub enum Timer {
    /// The system's time.
    #[default]
    System,
    /// Time that passes only by waiting.
    Manual(Arc<ManualTimer>),
}

/// Time that passes only by waiting, for tests.
#[derive(Debug)]
pub struct ManualTimer {
    start: Instant,
    passed: Mutex<Duration>,
}

impl Timer {
    /// A timer for tests.
    pub fn manual() -> (Self, Arc<ManualTimer>) {
        #[allow(clippy::disallowed_methods)] // some moment to count from
        let start = Instant::now();
        let manual = Arc::new(ManualTimer { start, passed: Mutex::default() });
        (Timer::Manual(Arc::clone(&manual)), manual)
    }

    /// The moment now, of a clock that is never set back.
    #[allow(clippy::disallowed_methods)] // the one place
    pub fn now(&self) -> Instant {
        match self {
            Timer::System => Instant::now(),
            Timer::Manual(manual) => manual.start + manual.passed(),
        }
    }

    /// Waits.
    #[allow(clippy::disallowed_methods)] // the one place
    pub async fn sleep(&self, duration: Duration) {
        match self {
            Timer::System => tokio::time::sleep(duration).await,
            Timer::Manual(manual) => {
                manual.advance(duration);
                tokio::task::yield_now().await;
            }
        }
    }
}

impl governor::clock::Clock for Timer {
    type Instant = Instant;

    fn now(&self) -> Instant {
        Timer::now(self)
    }
}

impl ManualTimer {
    /// All the time that was waited for.
    pub fn passed(&self) -> Duration {
        *self.passed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets time pass.
    pub fn advance(&self, duration: Duration) {
        *self.passed.lock().unwrap_or_else(PoisonError::into_inner) += duration;
    }
}
