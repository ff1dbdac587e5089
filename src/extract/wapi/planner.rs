//! Which window is asked for next: windows shrink and grow with the rows and seconds of replies.

use std::time::Duration;

use jiff::ToSpan;
use serde::{Deserialize, Serialize};

use super::window::{Cuts, Days, Window};

/// Records of a reply that are aimed at where the pipeline says nothing.
pub const AIM: u64 = 2000;

/// A reply may bring so many times the aim where the average stays within it: beginnings of
/// numbers grow by ten at a time.
const MOST_OF_AIM: f64 = 5.0;

/// What is left to be asked for, and what replies have taught. It is kept with each finished
/// window, so that a run that goes on asks only for what is missing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Planner {
    /// Not asked for yet, the next one last.
    pending: Vec<Window>,
    /// Asked for, and not answered.
    flying: Vec<Window>,
    /// Records of a day, by strand.
    per_day: Vec<f64>,
    /// Records of a number, by strand.
    per_number: Vec<f64>,
    /// Records of one reply that are aimed at.
    aim: f64,
    /// Seconds beyond which a reply is too slow.
    seconds: f64,
    /// Records that the tenant can give at a time, where it could not give more.
    cap: Option<f64>,
    /// Windows of numbers so far, and the records that were expected of them.
    asked: (f64, f64),
}

impl Planner {
    /// Begins with windows, the first one first.
    pub fn new(windows: Vec<Window>, aim: u64, seconds: u64) -> Planner {
        let mut planner =
            Planner { aim: aim as f64, seconds: seconds as f64, ..Planner::default() };
        planner.add(windows);
        planner
    }

    /// Puts windows behind those that are left.
    pub fn add(&mut self, windows: Vec<Window>) {
        self.pending.splice(0..0, windows.into_iter().rev());
    }

    /// What is expected of a day and of a number of a strand.
    pub fn expect(&mut self, strand: usize, per_day: f64, per_number: f64) {
        *at(&mut self.per_day, strand) = per_day;
        *at(&mut self.per_number, strand) = per_number;
    }

    /// Takes up the plan of an earlier process: what was under way is asked for again.
    pub fn take_up(&mut self) {
        let flying = std::mem::take(&mut self.flying);
        self.pending.extend(flying.into_iter().rev());
    }

    /// Windows that are left, those under way included.
    pub fn left(&self) -> usize {
        self.pending.len() + self.flying.len()
    }

    /// The next window; it is under way from now on.
    pub fn next(&mut self, cuts: &Cuts<'_>) -> Option<Window> {
        loop {
            let window = self.pending.pop()?;
            if window.number.as_ref().is_some_and(|number| cuts.numbers(number) == 0) {
                continue;
            }
            match self.cut(&window, cuts) {
                Some(parts) => self.pending.extend(parts.into_iter().rev()),
                None => {
                    if window.number.is_some() {
                        self.asked.0 += 1.0;
                        self.asked.1 += self.expected(&window, cuts);
                    }
                    self.flying.push(window.clone());
                    return Some(window);
                }
            }
        }
    }

    /// A window was answered: it is no longer left.
    pub fn done(&mut self, window: &Window, rows: u64, took: Duration, cuts: &Cuts<'_>) {
        self.land(window);
        let rows = rows as f64;
        if let Some(days) = window.days
            && window.number.is_none()
            && window.only.is_empty()
            && window.text.is_none()
        {
            let measured = rows / days.count().max(1) as f64;
            let known = at(&mut self.per_day, window.strand);
            // Never much less at once: the next day may be a full one.
            *known = (*known * 0.5 + measured * 0.5).max(*known * 0.25);
        }
        if let Some(number) = &window.number
            && window.days.is_none()
            && cuts.extent.is_some()
        {
            let measured = rows / cuts.numbers(number).max(1) as f64;
            let known = at(&mut self.per_number, window.strand);
            *known = *known * 0.7 + measured * 0.3;
        }
        let seconds = took.as_secs_f64();
        if seconds > self.seconds && rows > 1.0 {
            self.cap = Some((rows * self.seconds / seconds).max(10.0).min(self.allowed()));
        } else if seconds * 4.0 < self.seconds && rows * 1.2 > self.allowed() {
            // It gives this easily: a little more, up to the aim.
            self.cap = self.cap.map(|cap| cap * 1.25).filter(|cap| *cap < self.aim);
        }
    }

    /// A window was too much: its parts are asked for instead.
    pub fn split(&mut self, window: &Window, parts: Vec<Window>, cuts: &Cuts<'_>) {
        self.land(window);
        let expected = self.expected(window, cuts);
        if expected > 1.0 {
            self.cap = Some((expected / 2.0).max(10.0).min(self.allowed()));
        }
        self.pending.extend(parts.into_iter().rev());
    }

    /// A window is to be asked for again.
    pub fn again(&mut self, window: &Window, failed: bool) {
        self.land(window);
        let failures = window.failures + u32::from(failed);
        self.pending.push(Window { failures, ..window.clone() });
    }

    fn land(&mut self, window: &Window) {
        if let Some(at) = self.flying.iter().position(|one| one == window) {
            self.flying.swap_remove(at);
        }
    }

    fn allowed(&self) -> f64 {
        self.cap.unwrap_or(self.aim).min(self.aim)
    }

    /// Records that the window is expected to bring; 0 where nobody knows.
    fn expected(&self, window: &Window, cuts: &Cuts<'_>) -> f64 {
        let of = |known: &[f64]| known.get(window.strand).copied().unwrap_or(0.0);
        match (&window.days, &window.number) {
            (Some(days), None) => of(&self.per_day) * days.count() as f64,
            (None, Some(number)) => of(&self.per_number) * cuts.numbers(number) as f64,
            _ => 0.0,
        }
    }

    /// What a window is cut into before it is asked for.
    fn cut(&self, window: &Window, cuts: &Cuts<'_>) -> Option<Vec<Window>> {
        let expected = self.expected(window, cuts);
        if expected <= self.allowed() {
            return None;
        }
        if let Some(days) = window.days {
            return self.first_days(window, days);
        }
        let (windows, rows) = self.asked;
        let keeps_average = (rows + expected) / (windows + 1.0) <= self.aim;
        if self.cap.is_none() && keeps_average && expected <= self.aim * MOST_OF_AIM {
            return None;
        }
        let digits = cuts.next_digits(window.number.as_ref()?)?;
        let part = |number| Window { number: Some(number), ..window.clone() };
        Some(digits.into_iter().map(part).collect())
    }

    /// As many days as bring what is allowed, and the rest.
    fn first_days(&self, window: &Window, days: Days) -> Option<Vec<Window>> {
        let per_day = self.per_day.get(window.strand).copied().unwrap_or(0.0);
        let fit = ((self.allowed() / per_day) as i64).max(1);
        if fit >= days.count() {
            return None;
        }
        let middle = days.from.checked_add(fit.days()).ok()?;
        let part = |days| Window { days: Some(days), ..window.clone() };
        Some(vec![part(Days { to: middle, ..days }), part(Days { from: middle, ..days })])
    }
}

fn at(list: &mut Vec<f64>, index: usize) -> &mut f64 {
    if list.len() <= index {
        list.resize(index + 1, 0.0);
    }
    &mut list[index]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{crm::Object, tenant::Extent};
    use jiff::civil::date;

    fn cuts(first: u64, last: u64, total: u64) -> Cuts<'static> {
        let extent = Some(Extent { first, last, total });
        Cuts { object: Object::Customer, extent, taken: &[], values: &[], end: date(2026, 11, 27) }
    }

    /// Asks for all numbers of a tenant in which every number is taken whose remainder by 20 is
    /// not 7; gives the windows, and how often each number came.
    fn all_numbers(first: u64, last: u64, aim: u64) -> (Vec<(Window, u64)>, Vec<u32>) {
        let total = (first..=last).filter(|number| number % 20 != 7).count() as u64;
        let cuts = cuts(first, last, total);
        let mut planner =
            Planner::new(vec![Window::of_numbers(0, "ACCOUNTNUM", "", true)], aim, 20);
        planner.expect(0, 0.0, total as f64 / (last - first + 1) as f64);
        let mut came = vec![0; (last - first + 1) as usize];
        let mut windows = Vec::new();
        while let Some(window) = planner.next(&cuts) {
            let number = window.number.as_ref().unwrap();
            let mut rows = 0;
            for one in (first..=last).filter(|one| one % 20 != 7) {
                let text = one.to_string();
                let fits = match number.open {
                    true => text.starts_with(&number.digits),
                    false => text == number.digits,
                };
                if fits {
                    came[(one - first) as usize] += 1;
                    rows += 1;
                }
            }
            planner.done(&window, rows, Duration::from_millis(80), &cuts);
            windows.push((window, rows));
        }
        (windows, came)
    }

    #[test]
    fn a_hundred_thousand_customers_take_few_requests() {
        let (windows, came) = all_numbers(10_000_000, 10_105_262, 2000);
        let rows: u64 = windows.iter().map(|(_, rows)| rows).sum();
        assert_eq!(rows, came.iter().map(|count| u64::from(*count)).sum::<u64>());
        assert!(came.iter().all(|count| *count <= 1), "no number is asked for twice");
        // Ideal: 50 replies of 2,000.
        assert!(windows.len() <= 65, "{} requests", windows.len());
        assert!(windows.iter().all(|(_, rows)| *rows <= 10_000));
    }

    #[test]
    fn numbers_of_different_lengths_come_once_each() {
        for (first, last) in [(98, 10_345), (1, 30_000), (7, 7), (0, 1234), (1001, 70_030)] {
            let (_, came) = all_numbers(first, last, 500);
            for (at, count) in came.iter().enumerate() {
                let number = first + at as u64;
                assert_eq!(*count, u32::from(number % 20 != 7), "{number} of {first}..{last}");
            }
        }
    }

    #[test]
    fn a_window_that_fails_is_cut_and_the_next_are_smaller() {
        let cuts = cuts(10_000_000, 10_105_262, 100_000);
        let start = Window::of_days(0, Day::Created, date(2025, 1, 1), date(2025, 12, 31));
        let mut planner = Planner::new(vec![start], 2000, 20);
        planner.expect(0, 100.0, 0.0);
        let first = planner.next(&cuts).unwrap();
        assert_eq!(first.days.unwrap().count(), 20);
        let parts = first.parts(&cuts).unwrap();
        planner.split(&first, parts, &cuts);
        assert_eq!(planner.next(&cuts).unwrap().days.unwrap().count(), 10);
        assert_eq!(planner.next(&cuts).unwrap().days.unwrap().count(), 10);
        assert_eq!(planner.next(&cuts).unwrap().days.unwrap().count(), 10, "of the rest");
    }

    #[test]
    fn what_was_under_way_is_asked_for_again() {
        let cuts = cuts(1, 10_000, 10_000);
        let mut planner =
            Planner::new(vec![Window::of_numbers(0, "ACCOUNTNUM", "", true)], 2000, 20);
        planner.expect(0, 0.0, 1.0);
        let first = planner.next(&cuts).unwrap();
        let text = serde_json::to_string(&planner).unwrap();
        let mut planner: Planner = serde_json::from_str(&text).unwrap();
        planner.take_up();
        assert_eq!(planner.next(&cuts).unwrap(), first);
    }

    use super::super::window::Day;
}
