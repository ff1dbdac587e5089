//! Gets all windows, several at a time, until nothing is left, and looks whether all is there.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use futures::{StreamExt, stream::FuturesUnordered};
use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use super::{
    asked::Asked,
    complete,
    keeper::Keeper,
    options::{RangeBy, WapiExtract},
    planner::{AIM, Planner},
    prepare::{Prepared, prepare},
    strands::{self, Strand},
    window::{Cuts, Day, FIRST_DAY, LIKELY_FIRST_DAY, Window, number_tag},
};
use crate::{
    crm::Object,
    extract::fetch::{FetchError, Found, Surroundings, Told},
    rules::TenantValues,
    spool::{Part, Spool},
    tenant::{Crm, Extent, Overview, Trouble, Unread},
};

/// Seconds beyond which a reply is too slow where the pipeline says nothing.
const SLOW: u64 = 20;

/// Failures of a window that can be cut until it is cut; the first may be chance.
const FAILURES_UNTIL_CUT: u32 = 2;

/// The note under which the state is kept.
pub(super) const STATE: &str = "state";

/// Lists by which cases and tasks of an over-full day are cut.
const CASE_LISTS: &[&str] = &["STATUS", "PRIORITY", "SEVERITY", "CATEGORY", "PROJECT"];
const TASK_LISTS: &[&str] = &["TASK_STATUS", "CALL_TYPE"];

/// What has been done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// The windows that the guide asks for.
    #[default]
    Main,
    /// Parts of the windows that brought the most, since a Get may give only so many records.
    Full,
    /// Windows with further tags, since records are missing.
    Doubt,
    /// Numbers that no record was found for.
    Gaps,
    /// All of it.
    Done,
}

/// All that a run that goes on must know.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {
    pub planner: Planner,
    pub known: Known,
}

/// What was learnt of the tenant so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Known {
    pub phase: Phase,
    pub extent: Option<Extent>,
    pub strands: Vec<Strand>,
    pub values: Vec<(String, Vec<String>)>,
    /// Rows of all replies so far.
    pub rows: u64,
    /// The windows that brought the most.
    #[serde(default)]
    pub fullest: Fullest,
    /// What the tenant said at last about the number of its records.
    pub total: Option<u64>,
    /// What the user should know in the end.
    pub warnings: Vec<String>,
}

/// The windows that brought the most records, and how many.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Fullest {
    /// Records that each of them brought.
    pub rows: u64,
    /// Those that were not asked for in parts.
    pub windows: Vec<Window>,
    /// Those that wait until one of them was asked for in parts.
    pub waiting: Vec<Window>,
    /// Records that were known before.
    pub keys_before: u64,
    /// Whether the parts of one brought more: a Get gives no more at a time.
    pub is_limited: bool,
}

impl Fullest {
    fn note(&mut self, window: &Window, rows: u64) {
        if rows > self.rows && !self.is_limited {
            self.rows = rows;
            self.windows.clear();
        }
        if rows >= self.rows {
            self.windows.push(window.clone());
        }
    }
}

/// The windows of one extract.
pub struct Gather<'a> {
    pub options: &'a WapiExtract,
    pub asked: &'a Asked,
    pub around: &'a Surroundings<'a>,
    pub crm: &'a Crm,
    /// Replies that are read at once: as many as there are cores.
    pub readers: Semaphore,
}

/// A window with what was heard of it.
struct Heard {
    window: Window,
    result: Result<Prepared, Unread>,
    took: Duration,
}

impl Gather<'_> {
    /// Fetches all that is left.
    ///
    /// # Errors
    /// A window that is not answered however it is cut; what was fetched is kept.
    pub async fn run(&self, spool: &mut Spool) -> Result<Found, FetchError> {
        let kept = spool.note(STATE)?.and_then(|text| serde_json::from_str::<State>(&text).ok());
        let mut state = match kept {
            Some(mut state) => {
                state.planner.take_up();
                state
            }
            None => {
                let state = self.begin().await?;
                spool.set_note(STATE, &json(&state))?;
                state
            }
        };
        loop {
            self.drain(&mut state, spool).await?;
            let more = complete::next(self, &mut state, spool).await?;
            spool.set_note(STATE, &json(&state))?;
            if !more {
                break;
            }
        }
        for warning in &state.known.warnings {
            (self.around.tell)(Told::Warning(warning.clone()));
        }
        complete::found(self, &state, spool)
    }

    pub(super) fn object(&self) -> Object {
        self.options.object.value
    }

    /// Tags of the pipeline's `where`.
    pub(super) fn taken(&self) -> Vec<String> {
        self.options.r#where.0.iter().map(|(tag, _)| tag.value.clone()).collect()
    }

    /// Whether all records of the object are asked for, so that TOTAL can be compared.
    pub(super) fn asks_for_all(&self) -> bool {
        self.options.r#where.0.is_empty() && self.asked.days.is_empty()
    }

    pub(super) fn cuts<'s>(&self, known: &'s Known, taken: &'s [String]) -> Cuts<'s> {
        let end = self.asked.today.checked_add(366.days()).unwrap_or(self.asked.today);
        Cuts { object: self.object(), extent: known.extent, taken, values: &known.values, end }
    }

    /// Learns the range, and lays out the first windows.
    async fn begin(&self) -> Result<State, FetchError> {
        let object = self.object();
        let taken = self.taken();
        let taken: Vec<&str> = taken.iter().map(String::as_str).collect();
        let mut state = State::default();
        state.known.strands = strands::always(object, &taken);
        if !self.asks_for_all() {
            // Nobody can tell whether all is there.
            state.known.strands.extend(strands::in_doubt(object, &taken));
        }
        let range = &self.options.range;
        state.planner =
            Planner::new(Vec::new(), range.rows.unwrap_or(AIM), range.seconds.unwrap_or(SLOW));
        match object {
            Object::FaqCategory => state.planner.add(vec![Window::all(0)]),
            Object::Faq => state.planner.add(self.categories(&taken).await?),
            _ => self.lay_out(&mut state).await?,
        }
        Ok(state)
    }

    async fn lay_out(&self, state: &mut State) -> Result<(), FetchError> {
        let object = self.object();
        // Follow-ups have no overview of their own; their numbers are those of the cases.
        let of = if object == Object::Followup { Object::Case } else { object };
        match self.crm.overview(of, self.around.dice).await.map_err(trouble)? {
            Overview::Empty => return Ok(()),
            Overview::Some(extent) => state.known.extent = Some(extent),
            Overview::Odd(Extent { first, last, total }) => state.known.warnings.push(format!(
                "the tenant tells of {total} records of {of}, but that they go from {first} to \
                 {last}: they are asked for without a range"
            )),
            Overview::Untold => {}
        }
        state.known.total = state.known.extent.filter(|_| object == of).map(|extent| extent.total);
        let by_number = number_tag(object).filter(|tag| !self.taken().iter().any(|t| t == tag));
        let by_days = matches!(self.options.range.by, Some(RangeBy::Created | RangeBy::Modified));
        let windows = match by_number {
            _ if !self.asked.days.is_empty() => self.days_asked(state, by_number),
            Some(tag) if object == Object::Followup || !by_days => {
                vec![Window::of_numbers(0, tag, "", true)]
            }
            _ => self.days_of_all(state).await?,
        };
        if let Some(extent) = state.known.extent
            && self.asks_for_all()
        {
            let numbers = (extent.last - extent.first + 1) as f64;
            // A case has one or two follow-ups, until replies tell better.
            let each = if object == Object::Followup { 2.0 } else { 1.0 };
            state.planner.expect(0, 0.0, each * extent.total as f64 / numbers);
            if let Some((first, last)) = self.days_of_ends(extent).await? {
                let days = i64::from((last - first).get_days()).max(1);
                state.planner.expect(
                    0,
                    extent.total as f64 / days as f64,
                    each * extent.total as f64 / numbers,
                );
            }
        }
        state.planner.add(windows);
        Ok(())
    }

    /// The windows of the days that are asked for, each whole: what is new is seldom much.
    fn days_asked(&self, state: &State, by_number: Option<&'static str>) -> Vec<Window> {
        let of = |strand: usize, (day, from, to): (Day, Date, Date)| {
            let window = Window::of_days(strand, day, from, to);
            match by_number.filter(|_| self.object() == Object::Followup) {
                // Follow-ups are never found by days alone (ruling FOLLOWUP_ONLY_CASENUM).
                Some(tag) => {
                    Window { days: window.days, ..Window::of_numbers(strand, tag, "", true) }
                }
                None => window,
            }
        };
        let days = &self.asked.days;
        (0..state.known.strands.len())
            .flat_map(|strand| days.iter().map(move |day| of(strand, *day)))
            .collect()
    }

    /// The windows of all days, where windows are cut by days.
    async fn days_of_all(&self, state: &State) -> Result<Vec<Window>, FetchError> {
        let day = match self.options.range.by {
            Some(RangeBy::Modified) => Day::Modified,
            Some(RangeBy::Due) => Day::Due,
            _ => Day::Created,
        };
        if !self.options.r#where.0.is_empty() {
            return Ok((0..state.known.strands.len()).map(Window::all).collect());
        }
        let end = self.cuts(&state.known, &[]).end;
        let known = match state.known.extent {
            Some(extent) => self.days_of_ends(extent).await?,
            None => None,
        };
        let (first, last) = known.unwrap_or((LIKELY_FIRST_DAY, self.asked.today));
        let after = last.checked_add(1.day()).unwrap_or(last).min(end);
        let spans = [(FIRST_DAY, first), (first, after), (after, end)];
        let spans = spans.into_iter().filter(|(from, to)| from < to);
        let main = spans.map(|(from, to)| Window::of_days(0, day, from, to));
        // What comes only where it is asked for is seldom much: each strand as a whole.
        Ok(main.chain((1..state.known.strands.len()).map(Window::all)).collect())
    }

    /// The days on which the first and the last record were created, where they can be asked for.
    pub(super) async fn days_of_ends(
        &self,
        extent: Extent,
    ) -> Result<Option<(Date, Date)>, FetchError> {
        let object = self.object();
        if !matches!(object, Object::Case | Object::Task) {
            return Ok(None);
        }
        let mut days = Vec::new();
        for number in [extent.first, extent.last] {
            let number = number.to_string();
            let tags = [(object.key()[0], number.as_str())];
            let name = object.name().to_uppercase();
            let items = self
                .crm
                .ask(object, "GET", &name, &tags, self.around.dice)
                .await
                .map_err(trouble)?;
            let created = items.first().and_then(|item| item.value("CREATEDDATE"));
            let Some(date) = created.and_then(crate::wire::wapi::read_date) else {
                return Ok(None);
            };
            days.push(date.date);
        }
        Ok(Some((days[0].min(days[1]), days[0].max(days[1]))))
    }

    /// A window for each category of FAQs (wapi:4171-4180).
    pub(super) async fn categories(&self, taken: &[&str]) -> Result<Vec<Window>, FetchError> {
        let days: Vec<_> = match self.asked.days.as_slice() {
            [] => vec![None],
            days => days.iter().map(|day| Some(*day)).collect(),
        };
        let dated = |window: Window, day: Option<(Day, Date, Date)>| match day {
            Some((day, from, to)) => {
                Window { days: Window::of_days(0, day, from, to).days, ..window }
            }
            None => window,
        };
        if taken.contains(&"FAQCATID") || taken.contains(&"STRING") {
            return Ok(days.iter().map(|day| dated(Window::all(0), *day)).collect());
        }
        let what = TenantValues::FaqCategories;
        let lists = self.crm.values("FAQCATID", what, self.around.dice).await.map_err(trouble)?;
        let windows = lists.unwrap_or_default().into_iter().flat_map(|category| {
            let only = vec![("FAQCATID".to_owned(), category)];
            let window = Window { only, ..Window::all(0) };
            days.iter().map(|day| dated(window.clone(), *day)).collect::<Vec<_>>()
        });
        Ok(windows.collect())
    }

    /// Asks for windows until none is left. What they bring is written while others are asked for;
    /// all that came meanwhile becomes durable by one sync.
    async fn drain(&self, state: &mut State, spool: &mut Spool) -> Result<(), FetchError> {
        let mut keeper = Keeper::new(spool.path())?;
        let drained = self.drain_into(&mut keeper, state).await;
        // Also where it stopped, what was fetched is kept.
        keeper.finish(|| json(state)).await?;
        drained
    }

    async fn drain_into(&self, keeper: &mut Keeper, state: &mut State) -> Result<(), FetchError> {
        let taken = self.taken();
        let most = self.around.remote.concurrency.max(1);
        let mut under_way = FuturesUnordered::new();
        let mut answered = Instant::now();
        loop {
            // A disk that is slow is not to make the memory grow.
            while under_way.len() + keeper.waiting() < 2 * most && under_way.len() < most {
                let cuts = self.cuts(&state.known, &taken);
                let Some(window) = state.planner.next(&cuts) else { break };
                let tags = self.tags(&window, &state.known.strands);
                under_way.push(self.ask(window, tags));
            }
            let Heard { window, result, took } = tokio::select! {
                biased;
                kept = keeper.kept(), if keeper.is_busy() => {
                    self.tell_kept(kept?, state);
                    keeper.begin(|| json(state));
                    continue;
                }
                heard = under_way.next(), if !under_way.is_empty() => match heard {
                    Some(heard) => heard?,
                    None => continue,
                },
                else => return Ok(()),
            };
            match result {
                Ok(prepared) => {
                    answered = Instant::now();
                    keeper.add(self.done(window, prepared, took, state, &taken));
                    keeper.begin(|| json(state));
                }
                Err(unread) => self.miss(window, unread, state, &taken, answered).await?,
            }
        }
    }

    fn tags(&self, window: &Window, strands: &[Strand]) -> Vec<(String, String)> {
        let wanted = self.options.r#where.0.iter();
        let wanted = wanted.flat_map(|(tag, values)| {
            values.iter().map(|value| (tag.value.clone(), value.clone()))
        });
        let strand =
            strands.get(window.strand).map(|strand| strand.0.as_slice()).unwrap_or_default();
        let own = window.tags();
        // A window that is cut down to one value of a tag asks for no other.
        let free = strand.iter().filter(|(tag, _)| own.iter().all(|(own, _)| own != tag));
        wanted.chain(free.cloned()).chain(own.iter().cloned()).collect()
    }

    async fn ask(&self, window: Window, tags: Vec<(String, String)>) -> Result<Heard, FetchError> {
        let permit = self.crm.permit().await;
        let started = Instant::now();
        let tags = tags.iter().map(|(tag, value)| (tag.as_str(), value.as_str()));
        let received = self.crm.receive(permit, self.object(), tags).await;
        let took = started.elapsed();
        let (object, hashed) = (self.object(), self.options.incremental.is_some());
        let _reader = self.readers.acquire().await;
        let reading = move || received.read().map(|fetched| prepare(object, hashed, fetched));
        let result = match tokio::task::spawn_blocking(reading).await {
            Ok(Ok(prepared)) => Ok(prepared?),
            Ok(Err(unread)) => Err(unread),
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        Ok(Heard { window, result, took })
    }

    /// A window that was answered: what it has brought, to be kept.
    fn done(
        &self,
        window: Window,
        Prepared { rows, keys, hashes }: Prepared,
        took: Duration,
        state: &mut State,
        taken: &[String],
    ) -> Part {
        let count = keys.len() as u64;
        state.planner.done(&window, count, took, &self.cuts(&state.known, taken));
        state.known.rows += count;
        state.known.fullest.note(&window, count);
        let what = window.name();
        (self.around.tell)(Told::Answered { what: what.clone(), rows: keys.len(), took });
        Part { what, rows, keys, hashes }
    }

    fn tell_kept(&self, rows: u64, state: &State) {
        (self.around.tell)(Told::Fetched {
            rows,
            keys: state.known.rows,
            total: state.known.total,
            left: state.planner.left(),
        });
    }

    /// Decides what becomes of a window that was not read.
    async fn miss(
        &self,
        window: Window,
        unread: Unread,
        state: &mut State,
        taken: &[String],
        answered: Instant,
    ) -> Result<(), FetchError> {
        match unread {
            Unread::Busy { after, message } => {
                self.check_patience(&window, answered, &message)?;
                let delay = after.unwrap_or_else(|| {
                    self.around.remote.backoff.delay(window.failures, self.around.dice)
                });
                self.wait(&window, delay, message).await;
                state.planner.again(&window, false);
                Ok(())
            }
            Unread::Failed { message } => {
                self.failed(window, message, state, taken, answered).await
            }
            Unread::No(trouble_heard) => self.refused(window, trouble_heard, state),
        }
    }

    async fn failed(
        &self,
        window: Window,
        message: String,
        state: &mut State,
        taken: &[String],
        answered: Instant,
    ) -> Result<(), FetchError> {
        if window.failures + 1 >= FAILURES_UNTIL_CUT {
            self.learn_values(&window, state).await?;
            let cuts = self.cuts(&state.known, taken);
            if let Some(parts) = window.parts(&cuts) {
                (self.around.tell)(Told::Note(format!(
                    "{}: {message}; it is cut into {} smaller windows",
                    window.name(),
                    parts.len()
                )));
                state.planner.split(&window, parts, &self.cuts(&state.known, taken));
                return Ok(());
            }
        }
        if window.failures + 1 >= self.around.remote.attempts.max(FAILURES_UNTIL_CUT) {
            return Err(FetchError::tenant(
                format!(
                    "the window `{}` of {} is not answered, and cannot be cut further: {message}",
                    window.name(),
                    self.object()
                ),
                "give the same command again later: it asks only for what is missing. If it is \
                 never answered, ask for less with `where`, or raise `timeouts: request`",
            ));
        }
        self.check_patience(&window, answered, &message)?;
        let delay = self.around.remote.backoff.delay(window.failures, self.around.dice);
        self.wait(&window, delay, message).await;
        state.planner.again(&window, true);
        Ok(())
    }

    async fn wait(&self, window: &Window, delay: Duration, message: String) {
        (self.around.tell)(Told::Waiting { what: window.name(), delay, message });
        tokio::time::sleep(delay).await;
    }

    fn check_patience(
        &self,
        window: &Window,
        answered: Instant,
        message: &str,
    ) -> Result<(), FetchError> {
        let patience = self.around.remote.give_up_after;
        match answered.elapsed() > patience {
            false => Ok(()),
            true => Err(FetchError::tenant(
                format!(
                    "the tenant has answered nothing for {} s; of `{}` it last said: {message}",
                    patience.as_secs(),
                    window.name()
                ),
                "give the same command again later: it asks only for what is missing",
            )),
        }
    }

    /// A tenant that has no such special value cannot have records of it.
    fn refused(&self, window: Window, heard: Trouble, state: &mut State) -> Result<(), FetchError> {
        match heard {
            Trouble::Refused { message } if window.strand > 0 => {
                let tags = state.known.strands.get(window.strand).cloned().unwrap_or_default();
                let named: Vec<String> =
                    tags.0.iter().map(|(tag, value)| format!("{tag} {value}")).collect();
                state.known.warnings.push(format!(
                    "the tenant refuses to look for {}: {message}; such records are not fetched",
                    named.join(", ")
                ));
                state.planner.done(&window, 0, Duration::ZERO, &self.cuts(&state.known, &[]));
                Ok(())
            }
            other => Err(trouble(other)),
        }
    }

    /// Asks for the lists by which an over-full day is cut, once.
    pub(super) async fn learn_values(
        &self,
        window: &Window,
        state: &mut State,
    ) -> Result<(), FetchError> {
        let lists = match self.object() {
            Object::Case => CASE_LISTS,
            Object::Task => TASK_LISTS,
            _ => return Ok(()),
        };
        let one_day = window.days.is_some_and(|days| days.count() <= 1);
        if !state.known.values.is_empty() || !one_day {
            return Ok(());
        }
        let mut values = BTreeMap::new();
        for list in lists {
            let what = TenantValues::Picklist;
            let found = self.crm.values(list, what, self.around.dice).await.map_err(trouble)?;
            if let Some(found) = found.filter(|found| found.len() > 1) {
                values.insert((*list).to_owned(), found);
            }
        }
        state.known.values = lists
            .iter()
            .filter_map(|list| values.remove_entry(*list))
            .filter(|(tag, _)| !self.taken().contains(tag))
            .collect();
        Ok(())
    }
}

pub(super) fn trouble(trouble: Trouble) -> FetchError {
    match trouble {
        Trouble::Passing { message, .. } => FetchError::tenant(
            format!("the tenant does not answer: {message}"),
            "give the same command again later: it asks only for what is missing",
        ),
        Trouble::Refused { message } => FetchError::tenant(
            format!("the tenant refuses the search: {message}"),
            "check `where` and `range`; where the pipeline has neither, no guide tells of such an answer",
        ),
        Trouble::Forbidden { what, hint } | Trouble::Stop { what, hint } => {
            FetchError::tenant(what, hint)
        }
    }
}

fn json(state: &State) -> String {
    serde_json::to_string(state).unwrap_or_default()
}
