//! Whether all is there: the records found are compared with TOTAL, and gaps are looked at again.

use super::{
    gather::{Gather, Known, Phase, State, trouble},
    strands,
    window::{Window, number_tag},
};
use crate::{
    crm::Object,
    extract::fetch::{FetchError, Found, Told},
    spool::{Key, Spool},
    tenant::{LEAST_LIMIT, Overview},
};

/// Windows with which gaps are looked at again, at the most.
const MOST_LOOKS: usize = 500;

/// Gaps that are told.
const GAPS_TOLD: usize = 20;

/// What is to be asked for after all windows were answered; gives whether there is any.
pub async fn next(
    gather: &Gather<'_>,
    state: &mut State,
    spool: &Spool,
) -> Result<bool, FetchError> {
    let object = gather.object();
    let can_tell =
        gather.asks_for_all() && state.known.extent.is_some() && object != Object::Followup;
    if state.known.phase == Phase::Done {
        return Ok(false);
    }
    if !can_tell {
        let more = parts_of_the_fullest(gather, state, spool).await?;
        if !more {
            state.known.phase = Phase::Done;
        }
        return Ok(more);
    }
    let overview = gather.crm.overview(object, gather.around.dice).await.map_err(trouble)?;
    let before = state.known.extent;
    if let Overview::Some(extent) = overview {
        // Records may have been added since.
        state.known.total = Some(extent.total);
        if let Some(known) = &mut state.known.extent {
            known.first = known.first.min(extent.first);
            known.last = known.last.max(extent.last);
            known.total = extent.total;
        }
    }
    let missing = state.known.total.unwrap_or(0).saturating_sub(spool.keys()?);
    if missing == 0 {
        state.known.phase = Phase::Done;
        return Ok(false);
    }
    if parts_of_the_fullest(gather, state, spool).await? {
        return Ok(true);
    }
    state.known.phase = match state.known.phase {
        Phase::Main | Phase::Full => Phase::Doubt,
        Phase::Doubt => Phase::Gaps,
        Phase::Gaps | Phase::Done => Phase::Done,
    };
    match state.known.phase {
        Phase::Doubt => {
            let further = strands::in_doubt(object, &[]);
            let first = state.known.strands.len();
            let windows: Vec<Window> =
                (0..further.len()).map(|at| Window::all(first + at)).collect();
            state.known.strands.extend(further);
            let new = new_numbers(gather, state, before.map(|extent| extent.last));
            state.planner.add(windows.into_iter().chain(new).collect());
        }
        Phase::Gaps => {
            let gaps = gaps(spool, state)?;
            let windows = looks(object, state, &gaps);
            (gather.around.tell)(Told::Note(format!(
                "{missing} of {} records were not found yet: {} gaps between their numbers are \
                 looked at again",
                state.known.total.unwrap_or(0),
                windows.len()
            )));
            state.planner.add(windows);
        }
        Phase::Main | Phase::Full | Phase::Done => return Ok(false),
    }
    Ok(true)
}

/// No limit on the records of a Get is documented, and none is excluded: where TOTAL cannot tell, or
/// says that records are missing, one of the windows that brought the most is asked for in parts. If
/// they bring more, so are all that brought as much. Gives whether there is something to ask.
async fn parts_of_the_fullest(
    gather: &Gather<'_>,
    state: &mut State,
    spool: &Spool,
) -> Result<bool, FetchError> {
    let keys = spool.keys()?;
    let Known { phase, fullest, .. } = &mut state.known;
    let has_grown = keys > std::mem::replace(&mut fullest.keys_before, keys);
    let windows = match phase {
        _ if fullest.is_limited => std::mem::take(&mut fullest.windows),
        Phase::Main if fullest.rows >= LEAST_LIMIT => {
            *phase = Phase::Full;
            let one = fullest.windows.pop();
            fullest.waiting = std::mem::take(&mut fullest.windows);
            one.into_iter().collect()
        }
        Phase::Full if has_grown => {
            fullest.is_limited = true;
            (gather.around.tell)(Told::Note(format!(
                "the tenant gives at most {} records of a Get: windows that brought as many are \
                 asked for in parts",
                fullest.rows
            )));
            let mut all = std::mem::take(&mut fullest.windows);
            all.append(&mut fullest.waiting);
            all
        }
        // A part that brought as much as the whole, which tells nothing yet.
        Phase::Full => std::mem::take(&mut fullest.windows),
        _ => return Ok(false),
    };
    let is_limited = fullest.is_limited;
    let taken = gather.taken();
    let mut parts = Vec::new();
    for window in windows {
        gather.learn_values(&window, state).await?;
        match window.parts(&gather.cuts(&state.known, &taken)) {
            Some(some) => parts.extend(some),
            None if !is_limited => {}
            None => state.known.warnings.push(format!(
                "{}: {} records came, as many as the tenant may give at a time, and it cannot be \
                 asked for in parts",
                window.name(),
                state.known.fullest.rows
            )),
        }
    }
    let more = !parts.is_empty();
    state.planner.add(parts);
    Ok(more)
}

/// Windows for the numbers that were given since the first look.
fn new_numbers(gather: &Gather<'_>, state: &State, last: Option<u64>) -> Vec<Window> {
    let (Some(last), Some(extent)) = (last, state.known.extent) else { return Vec::new() };
    match last < extent.last {
        true => of_range(gather.object(), state, last + 1, extent.last, MOST_LOOKS),
        false => Vec::new(),
    }
}

/// Ranges of numbers without a record, the longest first.
fn gaps(spool: &Spool, state: &State) -> Result<Vec<(u64, u64)>, FetchError> {
    let Some(extent) = state.known.extent else { return Ok(Vec::new()) };
    let mut gaps = Vec::new();
    let mut next = extent.first;
    spool.each_key(|key, _| {
        if let Some(number) = Key::first_number(key) {
            if number > next {
                gaps.push((next, number - 1));
            }
            next = next.max(number.saturating_add(1));
        }
    })?;
    if next <= extent.last {
        gaps.push((next, extent.last));
    }
    gaps.sort_by_key(|(from, to)| std::cmp::Reverse(to - from));
    Ok(gaps)
}

fn looks(object: Object, state: &State, gaps: &[(u64, u64)]) -> Vec<Window> {
    let mut windows = Vec::new();
    for (from, to) in gaps {
        let room = MOST_LOOKS.saturating_sub(windows.len());
        if room == 0 {
            break;
        }
        windows.extend(of_range(object, state, *from, *to, room));
    }
    windows
}

/// Windows for the numbers from one to another, at most so many.
fn of_range(object: Object, state: &State, from: u64, to: u64, most: usize) -> Vec<Window> {
    let (tag, by_beginning) = match number_tag(object) {
        Some(tag) => (tag, true),
        None => (object.key()[0], false),
    };
    let mut windows = Vec::new();
    let mut next = from;
    while next <= to && windows.len() < most {
        // The largest block of numbers of one length that begins here and ends within.
        let mut block = 1_u64;
        while by_beginning
            && next.is_multiple_of(block * 10)
            && next > 0
            && next + block * 10 - 1 <= to
            && (next / (block * 10)) > 0
        {
            block *= 10;
        }
        let digits = (next / block).to_string();
        match by_beginning {
            true => windows.push(Window::of_numbers(0, tag, &digits, block > 1)),
            // A record of a deleted agent comes only where that is asked for.
            false => windows.extend(
                (0..state.known.strands.len())
                    .map(|strand| Window::of_numbers(strand, tag, &digits, false)),
            ),
        }
        next += block;
    }
    windows
}

/// What was found in the end.
pub fn found(gather: &Gather<'_>, state: &State, spool: &Spool) -> Result<Found, FetchError> {
    let (windows, rows) = spool.parts()?;
    let records = spool.keys()?;
    let total = state.known.total.filter(|_| gather.asks_for_all());
    let missing = total.unwrap_or(0).saturating_sub(records);
    let mut told = match missing {
        0 => Vec::new(),
        _ => gaps(spool, state)?,
    };
    told.truncate(GAPS_TOLD);
    if missing > 0 {
        let ranges: Vec<String> = told
            .iter()
            .map(|(from, to)| if from == to { from.to_string() } else { format!("{from}-{to}") })
            .collect();
        (gather.around.tell)(Told::Warning(format!(
            "the tenant says that it has {} records of {}, and {missing} of them were not found, \
             although gaps were looked at again; numbers without a record, the longest ranges \
             first: {}",
            total.unwrap_or(0),
            gather.object(),
            ranges.join(", ")
        )));
    }
    let asked = gather.asked.name();
    Ok(Found { asked, windows, rows, records, total, missing, gaps: told, ..Found::default() })
}
