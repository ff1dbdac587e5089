//! A few records, by few requests: what a preview looks at. Get has no paging, so a narrow window is
//! asked for, and a wider one where it brings too little.

use jiff::{ToSpan, civil::Date};

use super::{
    gather::{Gather, Known, Phase, STATE, State, trouble},
    options::RangeBy,
    planner::Planner,
    strands::Strand,
    window::{Day, FIRST_DAY, Window, number_tag},
};
use crate::{
    crm::Object,
    extract::fetch::{FetchError, Found},
    spool::Spool,
    tenant::{Extent, Overview},
};

/// Windows that are asked for at the most; each is wider than the one before.
const WINDOWS: usize = 4;

/// How many times the days of a window go into the next.
const WIDER: i64 = 16;

/// Rows that are aimed at, for each that is wanted: numbers are not spread evenly.
const MORE: f64 = 1.5;

/// Patience with a reply.
const SECONDS: u64 = 20;

/// Fetches about so many of the newest records into the spool.
///
/// # Errors
/// As [`Gather::run`].
pub async fn sample(
    gather: &Gather<'_>,
    rows: u64,
    spool: &mut Spool,
) -> Result<Found, FetchError> {
    let mut found = Found { asked: gather.asked.name(), ..Found::default() };
    let Narrow { extent, windows } = Narrow::find(gather, rows).await?;
    for window in windows.into_iter().take(WINDOWS) {
        // One window, after which nothing is looked for: whether all is there does not matter.
        let planner = Planner::new(vec![window], u64::MAX, SECONDS);
        let strands = vec![Strand::default()];
        let known = Known { phase: Phase::Done, extent, strands, ..Known::default() };
        let state = State { planner, known };
        spool.set_note(STATE, &serde_json::to_string(&state).unwrap_or_default())?;
        found = gather.run(spool).await?;
        if spool.keys()? >= rows {
            break;
        }
    }
    Ok(found)
}

/// Windows that are asked for until there is enough, the narrowest first.
#[derive(Default)]
struct Narrow {
    extent: Option<Extent>,
    windows: Vec<Window>,
}

impl Narrow {
    async fn find(gather: &Gather<'_>, rows: u64) -> Result<Narrow, FetchError> {
        let object = gather.object();
        let taken = gather.taken();
        let has = |tag: &str| taken.iter().any(|taken| taken == tag);
        let only = |windows| Ok(Narrow { extent: None, windows });
        if object == Object::FaqCategory || names_one_record(gather) {
            return only(vec![Window::all(0)]);
        }
        if object == Object::Faq {
            let taken: Vec<&str> = taken.iter().map(String::as_str).collect();
            return only(gather.categories(&taken).await?);
        }
        let number = number_tag(object).filter(|tag| !has(tag));
        if let Some((day, from, to)) = gather.asked.days.first().copied() {
            let to = if day == Day::Due { to } else { to.min(next(gather.asked.today)) };
            // Follow-ups are never found by days alone (ruling FOLLOWUP_ONLY_CASENUM).
            let number = number.filter(|_| object == Object::Followup);
            return only(days_back(day, from, to, 1, number));
        }
        let by_days = matches!(object, Object::Case | Object::Task);
        if number.is_none() && !by_days {
            // By numbers the pipeline itself narrows down; days narrow further.
            let end = next(gather.asked.today);
            return only(days_back(Day::Created, FIRST_DAY, end, 1, None));
        }
        let of = if object == Object::Followup { Object::Case } else { object };
        let extent = match gather.crm.overview(of, gather.around.dice).await.map_err(trouble)? {
            Overview::Empty => return Ok(Narrow::default()),
            Overview::Some(extent) => Some(extent),
            Overview::Odd(_) | Overview::Untold => None,
        };
        let filtered = !taken.is_empty();
        let windows = match (number, extent) {
            (Some(tag), Some(extent)) => numbers_back(gather, tag, extent, rows, filtered),
            _ => last_days(gather, extent, rows, number).await?,
        };
        Ok(Narrow { extent, windows })
    }
}

/// Whether the pipeline asks for single records by their numbers.
fn names_one_record(gather: &Gather<'_>) -> bool {
    let key = gather.object().key();
    let whole = |values: &[String]| values.iter().all(|value| !value.contains('%'));
    let mut tags = gather.options.r#where.0.iter();
    tags.any(|(tag, values)| key.contains(&tag.value.as_str()) && whole(values))
}

/// The beginnings of the last number that so many records are expected to have, shorter and shorter.
fn numbers_back(
    gather: &Gather<'_>,
    tag: &str,
    extent: Extent,
    rows: u64,
    filtered: bool,
) -> Vec<Window> {
    let known = Known { extent: Some(extent), ..Known::default() };
    let cuts = gather.cuts(&known, &[]);
    let share = extent.total as f64 / (extent.last - extent.first + 1) as f64;
    let last = extent.last.to_string();
    let beginnings = (1..last.len()).rev().map(|length| &last[..length]).chain([""]);
    let windows = beginnings.map(|digits| Window::of_numbers(0, tag, digits, true));
    let expected = |window: &Window| {
        window.number.as_ref().map_or(0.0, |number| cuts.numbers(number) as f64 * share)
    };
    let mut windows: Vec<Window> =
        windows.skip_while(|window| expected(window) < rows as f64 * MORE).collect();
    if windows.is_empty() {
        windows.push(Window::of_numbers(0, tag, "", true));
    }
    if filtered && windows.len() >= WINDOWS {
        // Few of them may fit: in the end all are asked for that do.
        windows.drain(WINDOWS - 1..windows.len() - 1);
    }
    windows
}

/// The last days on which records were created.
async fn last_days(
    gather: &Gather<'_>,
    extent: Option<Extent>,
    rows: u64,
    number: Option<&str>,
) -> Result<Vec<Window>, FetchError> {
    let ends = match extent {
        Some(extent) if number.is_none() => {
            gather.days_of_ends(extent).await?.map(|(first, last)| (extent, first, last))
        }
        _ => None,
    };
    let today = next(gather.asked.today);
    let (end, width) = match ends {
        Some((extent, first, last)) => {
            let days = i64::from((last - first).get_days()) + 1;
            let each = extent.total as f64 / days as f64;
            (next(last), (rows as f64 * MORE / each).ceil().max(1.0) as i64)
        }
        None => (today, 1),
    };
    let day = match gather.options.range.by {
        // The newest records were changed since, if at all.
        Some(RangeBy::Modified) if ends.is_none() => Day::Modified,
        _ => Day::Created,
    };
    Ok(days_back(day, FIRST_DAY, end, width, number))
}

/// Days before `to`, those before them, and so on until `from`.
fn days_back(day: Day, from: Date, to: Date, width: i64, number: Option<&str>) -> Vec<Window> {
    let mut windows = Vec::new();
    let (mut end, mut width) = (to, width);
    while end > from && windows.len() < WINDOWS {
        let start = end.checked_sub(width.days()).unwrap_or(from).max(from);
        let start = if windows.len() + 1 == WINDOWS { from } else { start };
        let days = Window::of_days(0, day, start, end);
        windows.push(match number {
            Some(tag) => Window { days: days.days, ..Window::of_numbers(0, tag, "", true) },
            None => days,
        });
        (end, width) = (start, width.saturating_mul(WIDER));
    }
    windows
}

fn next(day: Date) -> Date {
    day.checked_add(1.day()).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_go_back_in_ever_wider_windows_that_leave_no_day_out() {
        let windows = days_back(Day::Created, FIRST_DAY, date(2026, 11, 27), 1, None);
        let names: Vec<String> = windows.iter().map(Window::name).collect();
        assert_eq!(
            names,
            [
                "created on 2026-11-26",
                "created from 2026-11-10, before 2026-11-26",
                "created from 2026-02-27, before 2026-11-10",
                "created from 1990-01-01, before 2026-02-27"
            ]
        );
        let few = days_back(Day::Modified, date(2026, 11, 25), date(2026, 11, 27), 1, None);
        assert_eq!(few.len(), 2, "a window of the pipeline is not left");
    }
}
