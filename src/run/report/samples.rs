//! What a run remembers of its course: a few hundred numbers, however long it takes.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::outcome::Tally;

/// Points of the course at the most: beyond it every second one goes.
const MOST_POINTS: usize = 512;

/// Slow requests that are kept.
const MOST_SLOW: usize = 10;

/// Buckets of a doubling: percentiles are right to one part in eleven.
const PER_DOUBLING: f64 = 8.0;

/// Milliseconds of the first bucket.
const FIRST: f64 = 0.1;

/// Buckets: up to 0.1 ms * 2^25, which is an hour.
const BUCKETS: usize = 200;

/// Takes samples while the run goes; cheap enough for every request.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Samples>);

impl Recorder {
    /// Goes on with what an earlier process of the run has left.
    pub fn new(before: Samples) -> Self {
        Recorder(Mutex::new(before))
    }

    /// A request was answered, or its answer was lost.
    pub fn delivered(&self, first_line: u64, rows: usize, attempt: u32, took: Duration) {
        let mut samples = self.lock();
        let milliseconds = took.as_secs_f64() * 1000.0;
        samples.latencies.add(milliseconds);
        samples.keep_slow(Slow { window: None, first_line, rows, attempt, milliseconds });
    }

    /// A window was fetched from the tenant.
    pub fn fetched(&self, window: String, rows: usize, took: Duration) {
        let mut samples = self.lock();
        let milliseconds = took.as_secs_f64() * 1000.0;
        samples.latencies.add(milliseconds);
        let window = Some(window);
        samples.keep_slow(Slow { window, first_line: 0, rows, attempt: 1, milliseconds });
    }

    /// The books have come so far, after so many seconds.
    pub fn progress(&self, seconds: f64, tally: &Tally) {
        let point = Point {
            seconds,
            settled: tally.settled(),
            loaded: tally.loaded.total(),
            not_loaded: tally.rejected + tally.refused + tally.in_doubt,
        };
        self.lock().course.add(point);
    }

    /// What there is so far.
    pub fn samples(&self) -> Samples {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Samples> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All that is remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Samples {
    /// How long requests took.
    pub latencies: Latencies,
    /// The slowest of them, the slowest first.
    pub slowest: Vec<Slow>,
    /// How the books grew.
    pub course: Course,
}

impl Samples {
    fn keep_slow(&mut self, slow: Slow) {
        let last = self.slowest.last().map_or(0.0, |slow| slow.milliseconds);
        if self.slowest.len() == MOST_SLOW && slow.milliseconds <= last {
            return;
        }
        let at = self.slowest.partition_point(|other| other.milliseconds >= slow.milliseconds);
        self.slowest.insert(at, slow);
        self.slowest.truncate(MOST_SLOW);
    }
}

/// A slow request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slow {
    /// What was asked for, where rows were fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    /// Line of its first row.
    pub first_line: u64,
    /// Rows that it had.
    pub rows: usize,
    /// Which attempt it was for these rows; 1 is the first.
    pub attempt: u32,
    /// How long it took.
    pub milliseconds: f64,
}

/// How many requests took how long: buckets that grow by a twelfth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Latencies {
    counts: Vec<u64>,
    longest: f64,
}

impl Latencies {
    fn add(&mut self, milliseconds: f64) {
        if self.counts.is_empty() {
            self.counts = vec![0; BUCKETS];
        }
        let bucket = ((milliseconds / FIRST).log2() * PER_DOUBLING).max(0.0) as usize;
        // What an older version wrote may have fewer buckets.
        let last = self.counts.len() - 1;
        self.counts[bucket.min(last)] += 1;
        self.longest = self.longest.max(milliseconds);
    }

    /// Requests.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The longest, in milliseconds.
    pub fn longest(&self) -> f64 {
        self.longest
    }

    /// The milliseconds within which this share of the requests was answered.
    pub fn percentile(&self, share: f64) -> f64 {
        let wanted = (self.count() as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted.max(1) {
                return end_of(bucket).min(self.longest);
            }
        }
        self.longest
    }

    /// Beginning, end and number of requests of each bucket, from the first that has some to the
    /// last.
    pub fn buckets(&self) -> Vec<(f64, f64, u64)> {
        let first = self.counts.iter().position(|count| *count > 0).unwrap_or(0);
        let end = self.counts.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
        let bucket = |at: usize| (FIRST * 2_f64.powf(at as f64 / PER_DOUBLING), end_of(at));
        (first..end).map(|at| (bucket(at).0, bucket(at).1, self.counts[at])).collect()
    }
}

fn end_of(bucket: usize) -> f64 {
    FIRST * 2_f64.powf((bucket + 1) as f64 / PER_DOUBLING)
}

/// How the books grew over time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// Points in the order of time.
    pub points: Vec<Point>,
    /// Seconds between two points at the least.
    every: f64,
}

/// The books at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Seconds since the run began, its interruptions left out.
    pub seconds: f64,
    /// Rows with an outcome.
    pub settled: u64,
    /// Rows that the target holds.
    pub loaded: u64,
    /// Rows that it does not take, or may not hold.
    pub not_loaded: u64,
}

impl Course {
    fn add(&mut self, point: Point) {
        match self.points.last() {
            // The last point is always the newest.
            Some(_) if self.points.len() > 1 && self.is_too_near(point.seconds) => {
                if let Some(last) = self.points.last_mut() {
                    *last = point;
                }
            }
            _ => self.points.push(point),
        }
        if self.points.len() > MOST_POINTS {
            let last = self.points.len() - 1;
            let mut at = 0;
            self.points.retain(|_| {
                at += 1;
                (at - 1) % 2 == 0 || at - 1 == last
            });
            let span = point.seconds - self.points[0].seconds;
            self.every = span / MOST_POINTS as f64 * 2.0;
        }
    }

    fn is_too_near(&self, seconds: f64) -> bool {
        let before = self.points[self.points.len() - 2].seconds;
        seconds - before < self.every
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_course_keeps_its_shape_in_few_points() {
        let recorder = Recorder::default();
        for step in 0..200_000_u64 {
            let mut tally = Tally { read: step, ..Tally::default() };
            tally.loaded.added = step;
            recorder.progress(step as f64 / 10.0, &tally);
        }
        let points = recorder.samples().course.points;
        assert!((MOST_POINTS / 4..=MOST_POINTS).contains(&points.len()), "{}", points.len());
        assert_eq!(points.last().map(|point| point.settled), Some(199_999));
        assert!(points.is_sorted_by(|one, next| one.seconds < next.seconds));
        let steady = points.windows(2).map(|two| {
            (two[1].settled - two[0].settled) as f64 / (two[1].seconds - two[0].seconds)
        });
        steady.for_each(|rate| assert!((9.9..10.1).contains(&rate), "{rate}"));
    }

    #[test]
    fn percentiles_are_right_to_a_bucket() {
        let recorder = Recorder::default();
        for step in 1..=1000 {
            recorder.delivered(step, 1, 1, Duration::from_millis(step));
        }
        let samples = recorder.samples();
        for (share, wanted) in [(0.5, 500.0), (0.95, 950.0), (0.99, 990.0)] {
            let found = samples.latencies.percentile(share);
            assert!((wanted..wanted * 1.1).contains(&found), "{share}: {found}");
        }
        assert_eq!(samples.latencies.percentile(1.0), 1000.0);
        assert_eq!(samples.latencies.count(), 1000);
        let slowest: Vec<u64> = samples.slowest.iter().map(|slow| slow.first_line).collect();
        assert_eq!(slowest, (991..=1000).rev().collect::<Vec<_>>());
    }
}
