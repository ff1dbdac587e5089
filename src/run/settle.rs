//! One unit until its answer stands: wait, send, wait again. The only place that sends again
//! what is in doubt.

use std::{
    sync::{Mutex, PoisonError, mpsc::Sender},
    time::{Duration, Instant},
};

use futures::{StreamExt, stream::FuturesUnordered};
use tokio::sync::mpsc::UnboundedReceiver;

use super::{
    books::Entry,
    event::{Event, Observer},
    halt::{Halt, Halting},
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
    /// Without any success for so long, the run stops; it can be resumed.
    pub give_up_after: Duration,
}

/// What the units of a run share while they are settled.
pub struct Settling<'a> {
    pub sink: &'a Sink,
    pub patience: Patience,
    /// Whether what is in doubt is sent again, where the API allows it.
    pub send_doubtful_again: bool,
    pub halting: &'a Halting,
    pub observer: &'a dyn Observer,
    pub dice: &'a Dice,
    /// When the server last took or refused something; counts from the start.
    pub last_success: Mutex<Instant>,
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
                    Some(unit) => under_way.push(self.settle(unit)),
                    None => break,
                },
                Some(entry) = under_way.next(), if !under_way.is_empty() => {
                    // The books stop listening only when they cannot be written any more.
                    let _ = books.send(entry);
                }
            }
        }
    }

    async fn settle(&self, mut unit: Unit) -> Entry {
        loop {
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
            let sent = unit.doubt || unit.attempts > 0;
            let before = Before { doubt: unit.doubt, sent };
            let delivery = self.sink.deliver(turn, &unit.rows, before).await;
            unit.attempts += 1;
            match self.next(unit, delivery) {
                Next::Report(entry) => return entry,
                Next::Wait(waiting, delay, message) => {
                    unit = waiting;
                    unit.not_before = Some(Instant::now() + delay);
                    let (rows, attempt) = (unit.len(), unit.attempts);
                    self.observer.observe(Event::Waiting { rows, attempt, delay, message });
                }
            }
        }
    }

    /// Interprets an answer for the unit as a whole.
    fn next(&self, mut unit: Unit, delivery: Delivery) -> Next {
        match delivery.answer {
            UnitAnswer::Rows(answers) => match all_again(&answers) {
                Some((after, message)) => self.wait(unit, after, message),
                None => {
                    self.note_success();
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
                    Next::Report(Entry::LeftInDoubt { unit, message })
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
        let seconds = self.patience.give_up_after.as_secs();
        Entry::Stopped {
            unit,
            halt: Halt::Error {
                what: format!(
                    "the server has taken nothing for {seconds} s; it last said: {message}"
                ),
                hint: "give the same command again later: it goes on where it was".into(),
            },
        }
    }

    fn backoff(&self, unit: &Unit) -> Duration {
        self.patience.backoff.delay(unit.attempts.saturating_sub(1), self.dice)
    }

    fn note_success(&self) {
        *self.last_success.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn is_out_of_patience(&self) -> bool {
        let last = *self.last_success.lock().unwrap_or_else(PoisonError::into_inner);
        last.elapsed() > self.patience.give_up_after
    }
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
