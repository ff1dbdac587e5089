//! Which records a run asks for: all, or those of some days.

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use super::{
    options::{IncrementalBy, RangeBy, WapiExtract},
    window::Day,
};

/// How far earlier runs have come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    /// The day on which the last run asked: what was done later on it may be missing.
    pub through: Date,
    /// What was asked for, and where it went: another pipeline's mark is none.
    pub of: String,
}

/// Days that the command line asks for, instead of what is new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// The first.
    pub from: Option<Date>,
    /// The day after the last.
    pub to: Option<Date>,
}

/// Which records a run asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Days that count, any of which may bring a record; none: all records.
    pub days: Vec<(Day, Date, Date)>,
    /// Whether the run moves the high-water mark, and to which day.
    pub moves_to: Option<Date>,
    /// Whether what the run before had is left out.
    pub leaves_out: bool,
    /// The day of asking.
    pub today: Date,
}

impl Asked {
    /// All records, on the day `today`.
    pub fn all(today: Date) -> Asked {
        Asked { days: Vec::new(), moves_to: None, leaves_out: false, today }
    }

    /// What a run of `options` asks for on the day `today` of the tenant's zone.
    pub fn of(
        options: &WapiExtract,
        period: Period,
        mark: Option<&Watermark>,
        today: Date,
    ) -> Asked {
        let end = next(today);
        let nothing = Asked::all(today);
        if let Some(incremental) = &options.incremental {
            let which = match incremental.by {
                IncrementalBy::Modified => vec![Day::Modified, Day::Created],
                IncrementalBy::Created => vec![Day::Created],
            };
            let days = |from, to| which.iter().map(|day| (*day, from, to)).collect();
            if period != Period::default() {
                let (from, to) = bounds(period, end);
                return Asked { days: days(from, to), ..nothing };
            }
            let Some(mark) = mark else { return Asked { moves_to: Some(today), ..nothing } };
            let back = i64::from(incremental.overlap.0).days();
            let from = mark.through.checked_sub(back).unwrap_or(mark.through);
            return Asked { days: days(from, end), moves_to: Some(today), leaves_out: true, today };
        }
        let range = &options.range;
        let period = Period { from: period.from.or(range.from), to: period.to.or(range.to) };
        let day = match range.by {
            Some(RangeBy::Modified) => Day::Modified,
            Some(RangeBy::Due) => Day::Due,
            _ => Day::Created,
        };
        match period == Period::default() {
            true => nothing,
            false => {
                let (from, to) = bounds(period, end);
                Asked { days: vec![(day, from, to)], ..nothing }
            }
        }
    }

    /// For a person: `modified from 2026-11-24, before 2026-11-27`.
    pub fn name(&self) -> String {
        match self.days.first() {
            None => "all records".into(),
            Some((day, from, to)) => {
                let word = match day {
                    Day::Created => "created",
                    Day::Modified => "modified",
                    Day::Due => "due",
                };
                format!("{word} from {from}, before {to}")
            }
        }
    }
}

fn bounds(period: Period, end: Date) -> (Date, Date) {
    (period.from.unwrap_or(super::window::FIRST_DAY), period.to.unwrap_or(end))
}

fn next(day: Date) -> Date {
    day.checked_add(1.day()).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn options(text: &str) -> WapiExtract {
        crate::yaml::decode(&crate::yaml::parse(text).root.unwrap(), text).unwrap()
    }

    const NIGHTLY: &str = "object: customer\nincremental: { by: created, overlap: 2d }\n";

    #[test]
    fn the_first_run_asks_for_all_and_the_next_from_the_mark_on() {
        let options = options(NIGHTLY);
        let first = Asked::of(&options, Period::default(), None, date(2026, 3, 7));
        assert!(first.days.is_empty());
        assert_eq!(first.moves_to, Some(date(2026, 3, 7)));
        let mark = Watermark { through: date(2026, 3, 7), of: String::new() };
        let next = Asked::of(&options, Period::default(), Some(&mark), date(2026, 3, 9));
        assert_eq!(next.days, [(Day::Created, date(2026, 3, 5), date(2026, 3, 10))]);
        assert!(next.leaves_out);
    }

    #[test]
    fn a_backfill_leaves_the_mark_where_it_is() {
        let options = options(NIGHTLY);
        let mark = Watermark { through: date(2026, 3, 7), of: String::new() };
        let period = Period { from: Some(date(2025, 1, 1)), to: None };
        let asked = Asked::of(&options, period, Some(&mark), date(2026, 3, 9));
        assert_eq!(asked.days, [(Day::Created, date(2025, 1, 1), date(2026, 3, 10))]);
        assert_eq!((asked.moves_to, asked.leaves_out), (None, false));
    }
}
