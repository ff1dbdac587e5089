//! How long to wait before the next attempt.

use std::time::Duration;

use crate::clock::Dice;

/// Exponential with full jitter, capped: attempt `n` waits between 0 and `base * 2^n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The longest wait after the first attempt.
    pub base: Duration,
    /// The longest wait at all.
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Backoff { base: Duration::from_millis(500), cap: Duration::from_secs(30) }
    }
}

impl Backoff {
    /// The wait after attempt `attempt`, 0 for the first.
    pub fn delay(&self, attempt: u32, dice: &Dice) -> Duration {
        let most = self.base.saturating_mul(2_u32.saturating_pow(attempt)).min(self.cap);
        most.mul_f64(dice.fraction())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_spread_below_a_limit_that_doubles_up_to_the_cap() {
        let backoff = Backoff { base: Duration::from_secs(1), cap: Duration::from_secs(10) };
        let dice = Dice::seeded(7);
        for (attempt, most) in [(0, 1), (1, 2), (2, 4), (3, 8), (4, 10), (5, 10), (1000, 10)] {
            let waits: Vec<_> = (0..200).map(|_| backoff.delay(attempt, &dice)).collect();
            let most = Duration::from_secs(most);
            assert!(waits.iter().all(|wait| *wait <= most));
            assert!(waits.iter().any(|wait| *wait < most / 4), "no jitter below");
            assert!(waits.iter().any(|wait| *wait > most * 3 / 4), "no jitter above");
        }
    }
}
