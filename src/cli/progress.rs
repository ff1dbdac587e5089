//! Progress of a run on standard error: a bar on a terminal, a line now and then elsewhere.

use std::{
    io::IsTerminal,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{
    args::{Global, When},
    log::{RunLog, TOLD},
};
use crate::{
    outcome::Tally,
    run::{Event, Observer},
};

/// Without a terminal a line comes at most so often.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows the events of a run, and logs them.
pub struct Progress {
    display: Display,
    log: RunLog,
    state: Mutex<State>,
}

enum Display {
    Bar(ProgressBar),
    Lines,
    /// No progress; what the user should know is told all the same.
    Warnings,
    /// Nothing.
    Silent,
}

struct State {
    started: Instant,
    last_line: Instant,
    total_bytes: u64,
    /// Where this process began, for the rate.
    first: Option<(u64, f64)>,
}

impl Progress {
    /// Progress as the command line asks for it.
    pub fn new(global: &Global, log: RunLog) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let display = match (global.quiet, global.progress, terminal) {
            (true, _, _) => Display::Silent,
            (_, When::Never, _) => Display::Warnings,
            (_, When::Always | When::Auto, true) => Display::Bar(bar()),
            (_, When::Always | When::Auto, false) => Display::Lines,
        };
        let now = Instant::now();
        let state = State { started: now, last_line: now, total_bytes: 0, first: None };
        Progress { display, log, state: Mutex::new(state) }
    }

    /// Takes the bar away; what follows is printed plainly.
    pub fn finish(&self) {
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
        }
    }

    fn say(&self, line: &str) {
        match &self.display {
            Display::Bar(bar) => bar.println(line),
            Display::Lines => eprintln!("{line}"),
            Display::Warnings | Display::Silent => {}
        }
    }

    /// A warning is no progress: `--progress never`, as from cron, does not silence it.
    fn warn(&self, message: &str) {
        match &self.display {
            Display::Warnings => eprintln!("warning: {message}"),
            _ => self.say(&format!("warning: {message}")),
        }
    }

    fn fetching(&self, records: u64, total: Option<u64>, left: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let of = total.map_or(String::new(), |total| format!(" of {}", HumanCount(total)));
        let text = format!("{}{of} records fetched, {left} requests left", HumanCount(records));
        match &self.display {
            Display::Bar(bar) => {
                bar.set_length(total.unwrap_or(records).max(records));
                bar.set_position(records);
                bar.set_message(text);
            }
            Display::Lines if state.last_line.elapsed() >= LINE_EVERY => {
                state.last_line = Instant::now();
                eprintln!("{text}");
            }
            Display::Lines | Display::Warnings | Display::Silent => {}
        }
    }

    fn show(&self, tally: &Tally, bytes_read: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Rows under way are read and not done: the time that is left counts them.
        let share = tally.settled() as f64 / tally.read.max(1) as f64;
        let done = bytes_read as f64 * share;
        if bytes_read == 0 {
            return;
        }
        let (first_rows, first_done) = *state.first.get_or_insert((tally.settled(), done));
        let seconds = state.started.elapsed().as_secs_f64().max(0.001);
        let rate = (tally.settled().saturating_sub(first_rows)) as f64 / seconds;
        let done_rate = (done - first_done) / seconds;
        let left = (state.total_bytes as f64 - done).max(0.0);
        let eta = Duration::try_from_secs_f64(left / done_rate).ok();
        let text = format!(
            "{} rows, {} rows/s, ETA {}; loaded {}, refused {}, in doubt {}",
            HumanCount(tally.read),
            HumanCount(rate as u64),
            eta.map_or("?".to_owned(), |eta| HumanDuration(eta).to_string()),
            HumanCount(tally.loaded.total()),
            HumanCount(tally.refused),
            HumanCount(tally.in_doubt),
        );
        match &self.display {
            Display::Bar(bar) => {
                bar.set_length(state.total_bytes);
                bar.set_position(done as u64);
                bar.set_message(text);
            }
            Display::Lines if state.last_line.elapsed() >= LINE_EVERY => {
                state.last_line = Instant::now();
                eprintln!("{text}");
            }
            Display::Lines | Display::Warnings | Display::Silent => {}
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(8));
    // The template is a constant of ours; a broken one falls back to the default.
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3}%  {msg}") {
        bar.set_style(style);
    }
    bar
}

impl Observer for Progress {
    fn observe(&self, event: Event) {
        match event {
            Event::Started { pipeline, run_id, resumed, after, total_bytes, folder } => {
                if let Err(error) = self.log.open(&folder) {
                    self.warn(&format!("no log is kept: {error}"));
                }
                self.state.lock().unwrap_or_else(PoisonError::into_inner).total_bytes = total_bytes;
                let word = match (resumed, after) {
                    (true, _) => "goes on".to_owned(),
                    (false, None) => "begins".to_owned(),
                    (false, Some(before)) => format!("begins where run {before} ended"),
                };
                tracing::info!(pipeline, run_id, resumed, "run {word}");
                self.say(&format!("{pipeline}: run {run_id} {word}"));
            }
            Event::Fetching { records, total, left } => self.fetching(records, total, left),
            Event::Indexing { table, rows } => {
                if let Display::Bar(bar) = &self.display {
                    bar.set_message(format!("reading {table}: {} rows", HumanCount(rows)));
                }
            }
            Event::Surveying { pass, passes, rows, bytes_read } => {
                if let Display::Bar(bar) = &self.display {
                    let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                    bar.set_length(state.total_bytes);
                    bar.set_position(bytes_read);
                    let rows = HumanCount(rows);
                    bar.set_message(format!("reading ahead ({pass} of {passes}): {rows} rows"));
                }
            }
            Event::Surveyed { rows, fit, elapsed } => {
                let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                state.started = Instant::now();
                let elapsed_ms = elapsed.as_millis() as u64;
                tracing::info!(rows, fit, elapsed_ms, "input surveyed, nothing sent yet");
                drop(state);
                self.say(&format!(
                    "{} rows read ahead, up to {} to be sent",
                    HumanCount(rows),
                    HumanCount(fit)
                ));
            }
            Event::Progress { tally, bytes_read } => self.show(&tally, bytes_read),
            Event::Waiting { rows, attempt, delay, message } => {
                let delay_ms = delay.as_millis() as u64;
                tracing::info!(rows, attempt, delay_ms, message, "a batch waits");
            }
            Event::Note { message } => {
                tracing::info!(target: TOLD, "{message}");
                self.say(&message);
            }
            Event::Warning { message } => {
                tracing::warn!(target: TOLD, "{message}");
                self.warn(&message);
            }
            Event::Ended { requests, retries } => {
                tracing::info!(requests, retries, "run ended");
                self.log.close();
            }
        }
    }
}
