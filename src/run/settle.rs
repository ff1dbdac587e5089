//! One unit until its answer stands: wait, send, wait again. The only place that sends again
//! what is in doubt.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
        mpsc::Sender,
    },
    time::{Duration, Instant},
};

use futures::{StreamExt, stream::FuturesUnordered};
use tokio::sync::{mpsc::UnboundedReceiver, oneshot};

use super::{
    books::Entry,
    event::{Event, Observer},
    halt::{Halt, Halting},
    only_once::SentBefore,
    report::Recorder,
    unit::Unit,
};
use crate::{
    clock::Dice,
    http::Backoff,
    load::{Before, Delivery, Sink},
    outcome::{RowAnswer, UnitAnswer},
};

/// How long and how often to try.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Requests for the same rows whose answers are lost, until the rows stay in doubt.
    pub attempts: u32,
    /// Waiting between two requests for the same rows.
    pub backoff: Backoff,
    /// Where the server settles nothing for so long, the run stops; it can be resumed.
    pub give_up_after: Duration,
}

/// What the units of a run share while they are settled.
pub struct Settling<'a> {
    pub sink: &'a Sink,
    pub patience: Patience,
    /// Whether what is in doubt is sent again, where the API allows it.
    pub send_doubtful_again: bool,
    /// What earlier runs have sent, where nothing is sent twice.
    pub sent_before: Option<SentBefore>,
    pub halting: &'a Halting,
    pub observer: &'a dyn Observer,
    pub recorder: &'a Recorder,
    pub dice: &'a Dice,
    /// Since when the server has settled no record that it was sent; `None` while it does.
    pub failing_since: Mutex<Option<Instant>>,
    /// Answers that were lost one after another, where nothing is sent again.
    pub lost_in_a_row: AtomicU32,
    /// The server said what stops the run: nothing leaves any more, even before the books know.
    pub is_over: AtomicBool,
}

/// What to do with a unit after an answer.
enum Next {
    Wait(Unit, Duration, String),
    Report(Entry),
}

impl Settling<'_> {
    /// Takes units whose intents are durable, and reports exactly one entry for each.
    ///
    /// All units of the window wait in here at once; the sink's gate lets few through.
    pub async fn run(&self, mut units: UnboundedReceiver<Unit>, books: Sender<Entry>) {
        let mut under_way = FuturesUnordered::new();
        loop {
            tokio::select! {
                unit = units.recv() => match unit {
                    Some(unit) => under_way.push(self.settle(unit, &books)),
                    None => break,
                },
                Some(entry) = under_way.next(), if !under_way.is_empty() => {
                    // The books stop listening only when they cannot be written any more.
                    let _ = books.send(entry);
                }
            }
        }
    }

    async fn settle(&self, mut unit: Unit, books: &Sender<Entry>) -> Entry {
        match self.found_before(&unit) {
            Ok(None) => {}
            Ok(Some(answer)) => return Entry::Answered { unit, answers: vec![answer] },
            Err(halt) => return Entry::Stopped { unit, halt },
        }
        loop {
            if unit.doubt && !self.send_doubtful_again {
                let message = "the program was ended before its answer was entered".to_owned();
                return Entry::LeftInDoubt { unit, message };
            }
            let turn = async {
                if let Some(at) = unit.not_before {
                    tokio::time::sleep_until(at.into()).await;
                }
                self.sink.turn().await
            };
            let turn = tokio::select! {
                biased;
                () = self.halting.halted() => return Entry::Returned { unit },
                turn = turn => turn,
            };
            if self.is_over.load(Ordering::Relaxed) {
                return Entry::Returned { unit };
            }
            if !self.sink.takes(unit.len()) {
                let message = "more records than the server takes at once".to_owned();
                return Entry::Split { unit, status: 413, message };
            }
            if self.sink.sends_only_once() && !self.may_leave(&unit, books).await {
                return Entry::Returned { unit };
            }
            let sent = unit.doubt || unit.attempts > 0;
            let before = Before { doubt: unit.doubt, sent };
            let sent_at = Instant::now();
            let delivery = self.sink.deliver(turn, &unit.rows, before).await;
            unit.attempts += 1;
            let line = unit.origins.first().map_or(0, |origin| origin.line);
            self.recorder.delivered(line, unit.len(), unit.attempts, sent_at.elapsed());
            match self.next(unit, delivery) {
                Next::Report(entry) => {
                    if matches!(entry, Entry::Stopped { .. }) {
                        self.is_over.store(true, Ordering::Relaxed);
                    }
                    return entry;
                }
                Next::Wait(waiting, delay, message) => {
                    unit = waiting;
                    if self.sink.sends_only_once() {
                        let _ = books.send(Entry::Stays { id: unit.id });
                    }
                    unit.not_before = Some(Instant::now() + delay);
                    let (rows, attempt) = (unit.len(), unit.attempts);
                    self.observer.observe(Event::Waiting { rows, attempt, delay, message });
                }
            }
        }
    }

    /// What to tell of a row that an earlier run has sent.
    fn found_before(&self, unit: &Unit) -> Result<Option<RowAnswer>, Halt> {
        let Some(sent_before) = self.sent_before.as_ref().filter(|_| !unit.doubt) else {
            return Ok(None);
        };
        match sent_before.find(unit) {
            Ok(run) => Ok(run.map(|run| RowAnswer::Rejected {
                reason: format!(
                    "the same call was placed, or is in doubt, since run {run}; `--again` places it \
                     once more"
                ),
            })),
            Err(error) => Err(Halt::Error {
                what: error.to_string(),
                hint: error.hint().unwrap_or_default(),
            }),
        }
    }

    /// Waits until it is durable that a unit leaves now; `false` where it must not any more.
    async fn may_leave(&self, unit: &Unit, books: &Sender<Entry>) -> bool {
        let (durable, is_durable) = oneshot::channel();
        let _ = books.send(Entry::Leaving { id: unit.id, durable });
        is_durable.await.is_ok()
            && !self.halting.is_halted()
            && !self.is_over.load(Ordering::Relaxed)
    }

    /// Interprets an answer for the unit as a whole.
    fn next(&self, mut unit: Unit, delivery: Delivery) -> Next {
        unit.doubt |= delivery.maybe_applied;
        if let (true, false, UnitAnswer::Again { message, .. }) =
            (unit.doubt, self.send_doubtful_again, &delivery.answer)
        {
            let message = message.clone();
            return Next::Report(Entry::LeftInDoubt { unit, message });
        }
        match delivery.answer {
            UnitAnswer::Rows(answers) => match all_again(&answers) {
                Some((after, message)) => self.wait(unit, after, message),
                None => {
                    if answers.iter().any(is_final) {
                        self.note_success();
                    }
                    Next::Report(Entry::Answered { unit, answers })
                }
            },
            UnitAnswer::Again { after, message, .. } => self.wait(unit, after, message),
            UnitAnswer::Split { status, message } => {
                Next::Report(Entry::Split { unit, status, message })
            }
            UnitAnswer::Doubt { message } => {
                unit.doubt = true;
                unit.lost += 1;
                if !self.send_doubtful_again {
                    Next::Report(self.leave_in_doubt(unit, message))
                } else if self.is_out_of_patience() {
                    Next::Report(self.give_up(unit, &message))
                } else if unit.lost >= self.patience.attempts {
                    Next::Report(Entry::LeftInDoubt { unit, message })
                } else if delivery.timed_out && unit.len() > 1 {
                    // A smaller request is answered sooner.
                    Next::Report(Entry::Split { unit, status: 0, message })
                } else {
                    self.wait(unit, None, message)
                }
            }
            UnitAnswer::Stop { what, hint } => {
                Next::Report(Entry::Stopped { unit, halt: Halt::Error { what, hint } })
            }
        }
    }

    /// Being asked to wait is no failure, unless it never ends.
    fn wait(&self, unit: Unit, after: Option<Duration>, message: String) -> Next {
        if self.is_out_of_patience() {
            return Next::Report(self.give_up(unit, &message));
        }
        let delay = after.unwrap_or_else(|| self.backoff(&unit));
        Next::Wait(unit, delay, message)
    }

    fn give_up(&self, unit: Unit, message: &str) -> Entry {
        Entry::Stopped { unit, halt: self.halt(message) }
    }

    fn halt(&self, message: &str) -> Halt {
        let seconds = self.patience.give_up_after.as_secs();
        Halt::Error {
            what: format!("the server has taken nothing for {seconds} s; it last said: {message}"),
            hint: "give the same command again later: it goes on where it was".into(),
        }
    }

    fn backoff(&self, unit: &Unit) -> Duration {
        self.patience.backoff.delay(unit.attempts.saturating_sub(1), self.dice)
    }

    fn failing_since(&self) -> MutexGuard<'_, Option<Instant>> {
        self.failing_since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_success(&self) {
        *self.failing_since() = None;
        self.lost_in_a_row.store(0, Ordering::Relaxed);
    }

    /// What is sent only once would be in doubt to the last row, were the host not well.
    fn leave_in_doubt(&self, unit: Unit, message: String) -> Entry {
        let lost = self.lost_in_a_row.fetch_add(1, Ordering::Relaxed) + 1;
        if !self.sink.sends_only_once() || lost < self.patience.attempts {
            return Entry::LeftInDoubt { unit, message };
        }
        let halt = Halt::Error {
            what: format!("{lost} answers in a row were lost; the last: {message}"),
            hint: "see whether the host is well, then give the same command again: what is in \
                   doubt stays so, and the rest is sent"
                .into(),
        };
        Entry::Stopped { unit, halt }
    }

    /// Counts from the first failure after a success: a server that nobody asks does not fail.
    fn is_out_of_patience(&self) -> bool {
        let since = *self.failing_since().get_or_insert_with(Instant::now);
        since.elapsed() > self.patience.give_up_after
    }
}

fn is_final(answer: &RowAnswer) -> bool {
    matches!(answer, RowAnswer::Loaded { .. } | RowAnswer::Refused { .. })
}

/// What to wait for, where no row of a unit was taken or refused.
fn all_again(answers: &[RowAnswer]) -> Option<(Option<Duration>, String)> {
    let mut longest = None;
    for answer in answers {
        let RowAnswer::Again { after, .. } = answer else { return None };
        longest = longest.max(*after);
    }
    match answers.first() {
        Some(RowAnswer::Again { message, .. }) => Some((longest, message.clone())),
        _ => None,
    }
}
