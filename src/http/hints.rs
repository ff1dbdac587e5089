//! What a server says of its limits: Retry-After and `x-ratelimit-*`.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// The longest wait that a server may ask for; a longer one is cut to this.
pub const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// A reset beyond this number is a moment (seconds since 1970), below it a number of seconds.
const EARLIEST_EPOCH_SECONDS: f64 = 1e9;
/// A moment beyond this number is in milliseconds.
const EARLIEST_EPOCH_MILLIS: f64 = 1e12;

/// What a reply says of the server's limits. All that it does not say is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerHints {
    /// How long to wait, at most [`LONGEST_WAIT`].
    pub retry_after: Option<Duration>,
    /// How many requests are left in the window.
    pub remaining: Option<u64>,
    /// How long until the window begins anew, at most [`LONGEST_WAIT`].
    pub reset: Option<Duration>,
}

impl ServerHints {
    /// Reads the headers of a reply that came at `now`.
    pub fn read(headers: &HeaderMap, now: Timestamp) -> Self {
        let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
        ServerHints {
            retry_after: headers
                .get(RETRY_AFTER)
                .and_then(|value| value.to_str().ok())
                .and_then(|value| seconds(value, now).or_else(|| until_date(value, now))),
            remaining: text("x-ratelimit-remaining").and_then(|value| value.parse().ok()),
            reset: text("x-ratelimit-reset")
                .and_then(|value| seconds(value, now).or_else(|| until_date(value, now))),
        }
    }

    /// How long no request should be sent: as told, or until the window of which nothing is left
    /// begins anew.
    pub fn wait(&self) -> Option<Duration> {
        match self.remaining {
            Some(0) => self.retry_after.max(self.reset),
            _ => self.retry_after,
        }
    }
}

/// Seconds from now, or since 1970.
fn seconds(value: &str, now: Timestamp) -> Option<Duration> {
    let number: f64 = value.trim().parse().ok()?;
    let from_now = if number >= EARLIEST_EPOCH_MILLIS {
        number / 1000.0 - now.as_millisecond() as f64 / 1000.0
    } else if number >= EARLIEST_EPOCH_SECONDS {
        number - now.as_millisecond() as f64 / 1000.0
    } else {
        number
    };
    Duration::try_from_secs_f64(from_now.max(0.0)).ok().map(|wait| wait.min(LONGEST_WAIT))
}

/// An HTTP date, e.g. `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7).
fn until_date(value: &str, now: Timestamp) -> Option<Duration> {
    let date = jiff::fmt::rfc2822::DateTimeParser::new()
        .relaxed_weekday(true)
        .parse_timestamp(value.trim())
        .ok()?;
    let wait = Duration::try_from(date.duration_since(now)).unwrap_or_default();
    Some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&'static str, &str)]) -> ServerHints {
        let now: Timestamp = "1994-11-06T08:49:00Z".parse().unwrap();
        let headers = headers.iter().map(|(name, value)| {
            (reqwest::header::HeaderName::from_static(name), value.parse().unwrap())
        });
        ServerHints::read(&headers.collect(), now)
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date_and_capped() {
        let wait = |value| read(&[("retry-after", value)]).wait();
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait(" 0.5 "), Some(Duration::from_millis(500)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(37)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:48:37 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("86400"), Some(LONGEST_WAIT));
        assert_eq!(wait("Sun, 06 Nov 2094 08:49:37 GMT"), Some(LONGEST_WAIT));
        for nonsense in ["", "soon", "NaN", "inf"] {
            assert!(wait(nonsense).is_none_or(|wait| wait <= LONGEST_WAIT), "{nonsense}");
        }
        assert_eq!(wait("-5"), Some(Duration::ZERO));
    }

    #[test]
    fn a_window_that_is_used_up_asks_for_a_wait_until_its_reset() {
        let hints = read(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "30")]);
        assert_eq!(hints.wait(), Some(Duration::from_secs(30)));
        // The same reset is far away when it is read as a moment; 784111777 is the one below 1e9
        // of this old date, so a date of today is used.
        let hints = read(&[("x-ratelimit-remaining", "3"), ("x-ratelimit-reset", "30")]);
        assert_eq!(hints.wait(), None);
    }

    #[test]
    fn a_reset_is_read_as_a_moment_where_it_is_one() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        for value in
            [(now.as_second() + 20).to_string(), (now.as_millisecond() + 20_000).to_string()]
        {
            assert_eq!(seconds(&value, now), Some(Duration::from_secs(20)), "{value}");
        }
    }
}
