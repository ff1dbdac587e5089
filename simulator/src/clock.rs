//! The tenant's clock: the system's, or one that the settings start at another time.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

use crate::settings::ClockSettings;

/// Tells the tenant's time.
#[derive(Clone, Debug)]
pub(crate) enum Clock {
    /// The system's time.
    System,
    /// Began at a time of its own when the simulator started, and runs on.
    Running { began: Timestamp, since: Instant },
    /// Always the same time.
    Still(Timestamp),
}

impl Clock {
    pub(crate) fn new(settings: &ClockSettings) -> Self {
        match (settings.starts_at, settings.stands_still) {
            (None, false) => Clock::System,
            (None, true) => Clock::Still(Clock::System.now()),
            (Some(began), false) => Clock::Running { began, since: Instant::now() },
            (Some(at), true) => Clock::Still(at),
        }
    }

    #[allow(clippy::disallowed_methods)] // the one place
    pub(crate) fn now(&self) -> Timestamp {
        match self {
            Clock::System => Timestamp::now(),
            Clock::Running { began, since } => {
                let elapsed = SignedDuration::try_from(since.elapsed()).unwrap_or_default();
                began.saturating_add(elapsed).unwrap_or(*began)
            }
            Clock::Still(at) => *at,
        }
    }
}
