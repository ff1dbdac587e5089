//! When the records at first were created: in the order of their numbers, evenly, and on a day of
//! a bulk import many of them at once.

use jiff::{SignedDuration, Timestamp};

/// A span of time, and perhaps a day in it on which many records were created.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    from: Timestamp,
    seconds: u64,
    bulk: Option<Bulk>,
}

#[derive(Clone, Debug)]
struct Bulk {
    /// Seconds from the span's beginning.
    begins: u64,
    seconds: u64,
    share: f64,
}

impl Timeline {
    pub(crate) fn new(from: Timestamp, to: Timestamp) -> Self {
        Timeline { from, seconds: seconds(from, to).max(1), bulk: None }
    }

    /// The same with a day on which a share of the records was created; the day is in the span.
    pub(crate) fn with_bulk(self, (from, to): (Timestamp, Timestamp), share: f64) -> Self {
        let bulk = Bulk { begins: seconds(self.from, from), seconds: seconds(from, to), share };
        Timeline { bulk: Some(bulk), ..self }
    }

    /// When it begins.
    pub(crate) fn from(&self) -> Timestamp {
        self.from
    }

    /// Its seconds.
    pub(crate) fn seconds(&self) -> u64 {
        self.seconds
    }

    /// When the n-th of so many records was created: not before the one in front of it.
    pub(crate) fn created(&self, nth: u64, count: u64, draw: u64) -> u64 {
        let Some(bulk) = &self.bulk else { return self.evenly(nth, count, draw) };
        let many = (count as f64 * bulk.share).round() as u64;
        let others = count.saturating_sub(many);
        let before = (others * bulk.begins).div_ceil(self.seconds);
        if nth < before {
            return self.evenly(nth, others, draw).min(bulk.begins);
        }
        match nth - before {
            place if place < many => bulk.begins + bulk.seconds * place / many,
            place => {
                let evenly = self.evenly(before + place - many, others, draw);
                evenly.max(bulk.begins + bulk.seconds).min(self.seconds - 1)
            }
        }
    }

    fn evenly(&self, nth: u64, count: u64, draw: u64) -> u64 {
        let count = count.max(1);
        let at = (u128::from(self.seconds) * u128::from(nth) / u128::from(count)) as u64;
        at + draw % (self.seconds / count).max(1)
    }

    /// The moment after so many seconds.
    pub(crate) fn at(&self, seconds: u64) -> Timestamp {
        let span = SignedDuration::from_secs(seconds as i64);
        self.from.checked_add(span).unwrap_or(self.from)
    }

    /// The first second of the span that is not before a moment.
    pub(crate) fn second_of(&self, at: Timestamp) -> u64 {
        let span = at.duration_since(self.from);
        let seconds = span.as_secs() + i64::from(span.subsec_nanos() > 0);
        u64::try_from(seconds).unwrap_or(0)
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_secs()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Timestamp {
        format!("{text}T00:00:00Z").parse().unwrap()
    }

    fn year() -> Timeline {
        Timeline::new(day("2025-01-01"), day("2026-01-01"))
    }

    #[test]
    fn nobody_is_created_before_the_one_in_front() {
        let bulk = (day("2025-03-17"), day("2025-03-18"));
        for timeline in [year(), year().with_bulk(bulk, 0.5), year().with_bulk(bulk, 1.0)] {
            for count in [1, 2, 7, 1_000, 100_000] {
                let at = |nth| timeline.created(nth, count, crate::chance::mix(&[nth]));
                let all: Vec<u64> = (0..count).map(at).collect();
                assert!(all.is_sorted(), "{count} in {timeline:?}");
                assert!(all.iter().all(|at| *at < timeline.seconds()), "{count} in {timeline:?}");
            }
        }
    }

    #[test]
    fn half_of_them_are_created_on_the_day_of_the_import() {
        let (from, to) = (day("2025-03-17"), day("2025-03-18"));
        let timeline = year().with_bulk((from, to), 0.5);
        let on_that_day = (0..10_000u64).filter(|nth| {
            let at = timeline.at(timeline.created(*nth, 10_000, crate::chance::mix(&[*nth])));
            from <= at && at < to
        });
        let count = on_that_day.count();
        assert!((5_000..5_010).contains(&count), "{count} of 10000");
    }

    #[test]
    fn a_moment_is_found_again_by_its_second() {
        let timeline = year();
        for seconds in [0, 1, 86_400] {
            assert_eq!(timeline.second_of(timeline.at(seconds)), seconds);
        }
        assert_eq!(timeline.second_of(day("2024-12-31")), 0);
        assert_eq!(timeline.second_of("2025-01-01T00:00:00.5Z".parse().unwrap()), 1);
    }
}
