//! The book-keeper: one thread that writes result files and ledger, many entries a commit.
//!
//! A unit's intent is durable before the unit is handed on for sending, and its outcome is durable
//! before it counts. Checkpoint, books and lengths of the result files move in the same commit.

use std::{
    sync::mpsc::Receiver,
    time::{Duration, Instant},
};

use tokio::sync::{mpsc::UnboundedSender, oneshot};

use super::{
    RunError,
    event::{Event, Observer},
    halt::{Halt, Halting},
    produce::{Draft, Remark},
    report::Recorder,
    results::{InputRow, LoadedRow, Results},
    settle::Patience,
    unit::Unit,
    window::Window,
};
use crate::{
    batch::Fate,
    clock::Dice,
    extract::{Rereader, Source},
    failpoint,
    ledger::{Checkpoint, Closing, Commit, Intent, Ledger, UnitId},
    load::{RowKey, Threshold},
    outcome::{RowAnswer, Traffic},
};

/// Entries of one commit at the most.
const ENTRIES_OF_A_COMMIT: usize = 1024;

/// How long a commit waits for more entries, where half of the window is with the sender: one sync
/// then serves many answers, and nobody waits for it.
const LINGER: Duration = Duration::from_millis(5);

/// What the book-keeper is told.
#[derive(Debug)]
pub enum Entry {
    /// Rows of the input: to be sent, or taken out.
    Drafted(Draft),
    /// The input has no more rows, or the reader stopped.
    InputEnded { complete: bool, failed: Option<Halt> },
    /// One answer per row.
    Answered { unit: Unit, answers: Vec<RowAnswer> },
    /// To be sent in two halves.
    Split { unit: Unit, status: u16, message: String },
    /// Looking and sending again did not tell.
    LeftInDoubt { unit: Unit, message: String },
    /// The run stops, and this unit waits for the next.
    Returned { unit: Unit },
    /// A unit that is sent only once is about to leave, and waits until that is durable.
    Leaving { id: UnitId, durable: oneshot::Sender<()> },
    /// Such a unit was turned away for certain, and waits.
    Stays { id: UnitId },
    /// The run has to stop because of this answer. Unless in doubt, it was not applied.
    Stopped { unit: Unit, halt: Halt },
    /// A signal.
    Signalled,
}

/// How the books were left.
#[derive(Debug)]
pub struct Ending {
    pub checkpoint: Checkpoint,
    /// Why the run stopped before its end, if it did.
    pub halt: Option<Halt>,
}

/// What stops a run that loads too little.
#[derive(Clone, Copy, Debug, Default)]
pub struct Thresholds {
    pub max_rejected: Option<Threshold>,
    pub max_refused: Option<Threshold>,
}

/// The book-keeper of one run.
pub struct Books<'a> {
    pub ledger: &'a mut Ledger,
    pub page: Page<'a>,
}

/// All that the entries change, beside the ledger itself.
pub struct Page<'a> {
    pub run_id: &'a str,
    pub checkpoint: Checkpoint,
    pub results: Results,
    pub source: &'a Source,
    /// Reads rows again that only the ledger has: kept, so that many rows cost one pass.
    pub again: Rereader,
    pub patience: Patience,
    pub send_doubtful_again: bool,
    /// For units that are never sent again once they have left: what tells their rows apart. An
    /// intent alone is then no doubt.
    pub row_key: Option<RowKey>,
    /// Who waits until the commit is durable.
    pub leaving: Vec<oneshot::Sender<()>>,
    pub thresholds: Thresholds,
    pub window: &'a Window,
    pub halting: &'a Halting,
    pub observer: &'a dyn Observer,
    pub recorder: &'a Recorder,
    pub dice: &'a Dice,
    pub next_unit: UnitId,
    /// Units that were handed on and have not come back.
    pub under_way: usize,
    pub halt: Option<Halt>,
    pub input_ended: bool,
    pub bytes_read: u64,
    /// What the wire has cost, read at each commit.
    pub traffic: Box<dyn Fn() -> Traffic + Send + 'a>,
    pub started: Instant,
    /// What earlier processes of this run had on their books.
    pub before: Checkpoint,
}

impl Books<'_> {
    /// Keeps the books until the run has ended or stopped.
    ///
    /// # Errors
    /// A ledger or result file that cannot be written; what was sent is then settled on resume.
    pub fn keep(
        mut self,
        inbox: Receiver<Entry>,
        send: UnboundedSender<Unit>,
    ) -> Result<Ending, RunError> {
        while !self.page.is_ended() {
            let Ok(first) = inbox.recv() else { break };
            let entries = self.gather(first, &inbox);
            let ready = self.commit(entries)?;
            failpoint::pass("intent-is-durable");
            if !self.page.leaving.is_empty() {
                failpoint::pass("leaving-is-durable");
            }
            for durable in self.page.leaving.drain(..) {
                // One who waits no more has been told to stop.
                let _ = durable.send(());
            }
            self.page.under_way += ready.len();
            for unit in ready {
                // The receiver lives until this sender is gone.
                let _ = send.send(unit);
            }
            self.page.tell();
        }
        Ok(Ending { checkpoint: self.page.checkpoint, halt: self.page.halt })
    }

    /// What goes into one commit: what is there, and what comes while the sender has plenty to do.
    fn gather(&self, first: Entry, inbox: &Receiver<Entry>) -> Vec<Entry> {
        let is_fed = self.page.under_way * 2 >= self.page.window.size();
        if is_fed && self.page.halt.is_none() {
            // Not woken by each entry: that would cost more than the entry.
            std::thread::sleep(LINGER);
        }
        let rest = std::iter::from_fn(|| inbox.try_recv().ok());
        std::iter::once(first).chain(rest.take(ENTRIES_OF_A_COMMIT - 1)).collect()
    }

    /// Makes a group of entries durable; gives the units that may now be sent.
    fn commit(&mut self, entries: Vec<Entry>) -> Result<Vec<Unit>, RunError> {
        let mut ready = Vec::new();
        let page = &mut self.page;
        let mut commit = self.ledger.commit(page.run_id)?;
        for entry in entries {
            page.enter(entry, &mut commit, &mut ready)?;
        }
        page.checkpoint.results = page.results.settle(commit.keeps())?;
        failpoint::pass("results-are-written");
        page.checkpoint.traffic = page.before.traffic;
        page.checkpoint.traffic += (page.traffic)();
        page.checkpoint.elapsed_seconds =
            page.before.elapsed_seconds + page.started.elapsed().as_secs_f64();
        commit.checkpoint(&page.checkpoint)?;
        if page.halt.is_some() {
            // Units that were about to be sent wait for the next run; none of them has left.
            for unit in ready.drain(..).filter(|unit| !unit.doubt) {
                commit.withhold(unit.id)?;
            }
        }
        commit.finish()?;
        Ok(ready)
    }
}

impl Page<'_> {
    fn is_ended(&self) -> bool {
        let all_back = self.under_way == 0 && self.input_ended;
        all_back && (self.halt.is_some() || self.window.open() == 0)
    }

    fn enter(
        &mut self,
        entry: Entry,
        commit: &mut Commit<'_>,
        ready: &mut Vec<Unit>,
    ) -> Result<(), RunError> {
        match entry {
            Entry::Drafted(draft) => self.enter_draft(draft, commit, ready),
            Entry::InputEnded { complete, failed } => {
                self.input_ended = true;
                self.checkpoint.input_done = complete;
                self.check_rejected();
                if let Some(halt) = failed {
                    self.stop(halt);
                }
                Ok(())
            }
            Entry::Answered { unit, answers } => {
                self.under_way -= 1;
                self.enter_answers(&unit, &answers, commit, ready)
            }
            Entry::Split { unit, status, message } => {
                self.under_way -= 1;
                self.enter_split(&unit, status, &message, commit, ready)
            }
            Entry::LeftInDoubt { unit, message } => {
                self.under_way -= 1;
                let answers = vec![RowAnswer::Doubt { message }; unit.len()];
                self.enter_rows(&unit, &answers, true, commit, ready)
            }
            Entry::Returned { unit } => {
                self.under_way -= 1;
                if !unit.doubt {
                    commit.withhold(unit.id)?;
                }
                Ok(())
            }
            Entry::Leaving { id, durable } => {
                commit.release(id)?;
                self.leaving.push(durable);
                Ok(())
            }
            Entry::Stays { id } => Ok(commit.withhold(id)?),
            Entry::Stopped { unit, halt } => {
                self.stop(halt);
                self.under_way -= 1;
                if !unit.doubt {
                    commit.withhold(unit.id)?;
                }
                Ok(())
            }
            Entry::Signalled => {
                self.stop(Halt::Signal);
                Ok(())
            }
        }
    }

    /// The first reason to stop is the one that is told.
    fn stop(&mut self, halt: Halt) {
        self.halt.get_or_insert(halt);
        self.halting.halt();
        self.window.close();
    }

    fn enter_draft(
        &mut self,
        draft: Draft,
        commit: &mut Commit<'_>,
        ready: &mut Vec<Unit>,
    ) -> Result<(), RunError> {
        for remark in &draft.remarks {
            self.enter_remark(remark)?;
        }
        self.checkpoint.tally.read += draft.through.ordinal - self.checkpoint.position.ordinal;
        self.checkpoint.position = draft.through;
        self.bytes_read = draft.bytes_read;
        if let Some((rows, sources)) = draft.rows {
            self.window.arrived();
            let unit = Unit::new(self.take_number(), rows, sources);
            self.intend(unit, commit, ready)?;
        }
        self.check_rejected();
        Ok(())
    }

    fn enter_remark(&mut self, remark: &Remark) -> Result<(), RunError> {
        let tally = &mut self.checkpoint.tally;
        match remark {
            Remark::Fallen { source, row, fate, reason } => {
                match fate {
                    Fate::Rejected => tally.rejected += 1,
                    Fate::Skipped => tally.skipped += 1,
                }
                self.results.fallen(source, *row, *fate, reason)
            }
            Remark::Unreadable(bad) => {
                tally.rejected += 1;
                self.results.unreadable(bad, self.source.schema().fields().len())
            }
            Remark::Fixed { source, row, column, reason } => {
                *self.checkpoint.fixes.entry(column.clone().into_owned()).or_default() += 1;
                self.results.fixed(source, *row, reason)
            }
        }
    }

    fn enter_answers(
        &mut self,
        unit: &Unit,
        answers: &[RowAnswer],
        commit: &mut Commit<'_>,
        ready: &mut Vec<Unit>,
    ) -> Result<(), RunError> {
        let final_doubt = !self.send_doubtful_again || unit.lost + 1 >= self.patience.attempts;
        self.enter_rows(unit, answers, final_doubt, commit, ready)?;
        self.check_threshold("refused", self.thresholds.max_refused, self.checkpoint.tally.refused);
        self.check_rejected();
        Ok(())
    }

    /// Books each row of a unit by its answer, and draws up anew what has to be sent again.
    fn enter_rows(
        &mut self,
        unit: &Unit,
        answers: &[RowAnswer],
        final_doubt: bool,
        commit: &mut Commit<'_>,
        ready: &mut Vec<Unit>,
    ) -> Result<(), RunError> {
        let mut closing = Closing { attempts: unit.attempts, ..Closing::default() };
        let (mut again, mut doubtful, mut left) = (Vec::new(), Vec::new(), Vec::new());
        let mut wait: Option<Duration> = None;
        for (row, answer) in answers.iter().enumerate() {
            match answer {
                RowAnswer::Loaded { done, id } => {
                    let input = match self.results.loaded_tells_input() {
                        true => Some(input_row(self.source, &mut self.again, unit, row)?),
                        false => None,
                    };
                    let loaded = LoadedRow { rows: &unit.rows, row, id: id.as_ref(), done: *done };
                    self.results.loaded(&unit.origins[row], &loaded, input.as_ref())?;
                    self.checkpoint.tally.loaded.count(*done);
                    closing.loaded += 1;
                    if let Some(id) = id {
                        commit.assign(&id.to_string(), unit.origins[row].ordinal)?;
                    }
                    self.note_sent(unit, row, commit)?;
                }
                RowAnswer::Rejected { reason } => {
                    let input = input_row(self.source, &mut self.again, unit, row)?;
                    self.results.rejected(&input, reason)?;
                    self.checkpoint.tally.rejected += 1;
                    closing.rejected += 1;
                }
                RowAnswer::Refused { status, message } => {
                    let input = input_row(self.source, &mut self.again, unit, row)?;
                    self.results.refused(&input, *status, message)?;
                    self.checkpoint.tally.refused += 1;
                    closing.refused += 1;
                }
                RowAnswer::Again { after, .. } => {
                    wait = wait.max(*after);
                    again.push(row as u32);
                }
                RowAnswer::Doubt { message } if final_doubt => {
                    let input = input_row(self.source, &mut self.again, unit, row)?;
                    let reason = format!(
                        "{}, and nobody knows whether it was applied: {message}",
                        tried_times(unit.attempts)
                    );
                    self.results.in_doubt(&input, &reason)?;
                    self.note_sent(unit, row, commit)?;
                    self.checkpoint.tally.in_doubt += 1;
                    closing.in_doubt += 1;
                    left.push(row as u32);
                }
                RowAnswer::Doubt { .. } => doubtful.push(row as u32),
            }
        }
        closing.again = (again.len() + doubtful.len()) as u32;
        commit.close(unit.id, &closing)?;
        self.window.close_unit();
        if !left.is_empty() {
            let part = unit.part(self.take_number(), &left, true)?;
            commit.leave_in_doubt(&intent(&part, &part.payload()?), "left in doubt")?;
        }
        self.send_again(unit, &again, unit.doubt, wait, commit, ready)?;
        self.send_again(unit, &doubtful, true, None, commit, ready)
    }

    /// What is sent only once is known to the runs that come.
    fn note_sent(&self, unit: &Unit, row: usize, commit: &mut Commit<'_>) -> Result<(), RunError> {
        match self.row_key {
            Some(row_key) => {
                Ok(commit.assign(&row_key(&unit.rows, row), unit.origins[row].ordinal)?)
            }
            None => Ok(()),
        }
    }

    fn send_again(
        &mut self,
        unit: &Unit,
        rows: &[u32],
        doubt: bool,
        wait: Option<Duration>,
        commit: &mut Commit<'_>,
        ready: &mut Vec<Unit>,
    ) -> Result<(), RunError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut part = unit.part(self.take_number(), rows, doubt)?;
        let backoff = self.patience.backoff.delay(unit.attempts.saturating_sub(1), self.dice);
        part.lost += u32::from(doubt);
        part.not_before = Some(Instant::now() + wait.unwrap_or(backoff));
        self.intend(part, commit, ready)
    }

    fn enter_split(
        &mut self,
        unit: &Unit,
        status: u16,
        message: &str,
        commit: &mut Commit<'_>,
        ready: &mut Vec<Unit>,
    ) -> Result<(), RunError> {
        if unit.len() < 2 {
            // One record that is refused as a whole is refused.
            let answer = match unit.doubt {
                true => RowAnswer::Doubt { message: message.to_owned() },
                false => RowAnswer::Refused { status: status.into(), message: message.to_owned() },
            };
            return self.enter_rows(unit, &[answer], true, commit, ready);
        }
        let rows: Vec<u32> = (0..unit.len() as u32).collect();
        let (first, second) = rows.split_at(rows.len() / 2);
        let again = unit.len() as u32;
        commit.close(unit.id, &Closing { attempts: unit.attempts, again, ..Closing::default() })?;
        self.window.close_unit();
        for half in [first, second] {
            let part = unit.part(self.take_number(), half, unit.doubt)?;
            self.intend(part, commit, ready)?;
        }
        Ok(())
    }

    fn intend(
        &mut self,
        unit: Unit,
        commit: &mut Commit<'_>,
        ready: &mut Vec<Unit>,
    ) -> Result<(), RunError> {
        if commit.keeps() {
            commit.intend(&intent(&unit, &unit.payload()?))?;
            if self.row_key.is_some() {
                commit.withhold(unit.id)?;
            }
        }
        self.window.open_unit();
        ready.push(unit);
        Ok(())
    }

    fn take_number(&mut self) -> UnitId {
        let number = self.next_unit;
        self.next_unit += 1;
        number
    }

    fn check_rejected(&mut self) {
        self.check_threshold(
            "rejected",
            self.thresholds.max_rejected,
            self.checkpoint.tally.rejected,
        );
    }

    fn check_threshold(&mut self, what: &str, most: Option<Threshold>, bad: u64) {
        if let Some(most) =
            most.filter(|most| most.is_exceeded(bad, self.checkpoint.tally.read, self.input_ended))
        {
            self.stop(Halt::Error {
                what: most.told(bad, what),
                hint: format!(
                    "look into `{what}.csv` of the run; what was sent is kept, and the same \
                     command goes on after a larger `max_{what}`"
                ),
            });
        }
    }

    fn tell(&self) {
        self.recorder.progress(self.checkpoint.elapsed_seconds, &self.checkpoint.tally);
        self.observer.observe(Event::Progress {
            tally: self.checkpoint.tally.clone(),
            bytes_read: self.bytes_read,
        });
    }
}

fn tried_times(attempts: u32) -> String {
    match attempts {
        0 => "perhaps sent".into(),
        1 => "sent once".into(),
        // A further try may have been a look-up that had no answer.
        more => format!("tried {more} times"),
    }
}

fn intent<'a>(unit: &Unit, payload: &'a [u8]) -> Intent<'a> {
    Intent {
        id: unit.id,
        parent: unit.parent,
        first_ordinal: unit.origins.first().map_or(0, |origin| origin.ordinal),
        last_ordinal: unit.origins.last().map_or(0, |origin| origin.ordinal),
        rows: unit.len() as u32,
        attempts: unit.attempts,
        payload,
    }
}

/// The row as the input has it: from memory, or read again from its place.
fn input_row<'a>(
    source: &Source,
    again: &mut Rereader,
    unit: &'a Unit,
    row: usize,
) -> Result<InputRow<'a>, RunError> {
    if let Some((held, row)) = unit.source_of(row) {
        return Ok(InputRow::Held { source: held, row });
    }
    let origin = &unit.origins[row];
    let fields = again.fields(origin)?;
    Ok(InputRow::ReadAgain { origin, fields, width: source.schema().fields().len() })
}
