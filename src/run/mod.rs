//! One run of one pipeline: plan (everything opened and known), survey, send, settle.
//!
//! Three threads share the work: the reader ([`produce`]) takes rows through the steps and cuts
//! units; the book-keeper ([`books`]) makes intents and outcomes durable; the third one sends and
//! waits ([`settle`]). A unit passes from the first to the second to the third and back.

mod audit;
mod begun;
mod books;
mod chain;
mod conclude;
mod connect;
mod error;
mod event;
mod fetch;
mod forecast;
mod halt;
mod history;
mod identity;
mod lineage;
mod loaded;
mod look;
mod made_from;
mod marks;
mod only_once;
mod past;
mod payload;
mod plan;
mod preview;
mod produce;
mod query;
mod read_ahead;
mod reasons;
mod relation;
mod report;
mod resolve;
mod results;
mod retry;
mod seek;
mod settle;
mod start;
mod summary;
mod survey;
mod tables;
mod unit;
mod window;
mod write;

use std::{
    path::PathBuf,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU32},
        mpsc,
    },
    thread,
    time::Instant,
};

use tokio::runtime::Handle;

pub use audit::{Audit, Finding, Findings, Remote, audit, audit_remote};
pub use begun::Beginning;
pub use error::RunError;
pub use event::{Event, Observer};
pub use forecast::{ByRule, Fetched, Forecast, forecast};
pub use halt::{Halt, Halting};
pub use history::{History, Standing, history};
pub use look::{Outlook, outlook};
pub use made_from::{check_can_be_kept, check_plan};
pub use past::{Past, PastRun, find as find_run, names as pipelines_that_ran};
pub use plan::{DryRun, Job, Options, Plan, check, dry_run};
pub use preview::{Mark, Preview, Stage, Told, preview};
pub use resolve::{ByHand, Resolution, Settled, doubtful, resolve};
pub use retry::{Left as LeftOver, Retry, left_over};
pub use summary::Summary;

use books::{Books, Ending, Entry, Page};
use chain::Chain;
use lineage::Lineage;
use only_once::SentBefore;
use produce::Producer;
use read_ahead::ReadAhead;
use report::Recorder;
use settle::{Patience, Settling};
pub use start::Left;
use start::{Begun, Start};
use survey::Survey;
use unit::Unit;
use window::Window;

use crate::{
    batch::Position,
    clock::Dice,
    files::{self, Remedy},
    http::Backoff,
    ledger::{Assigned, Checkpoint, Ledger, RunLock, RunStatus},
    load::{Question, Sink, Target},
};

/// How a run was left.
#[derive(Debug)]
pub enum Outcome {
    /// It ran: to its end, or until it was stopped.
    Ran { summary: Box<Summary>, folder: PathBuf, halt: Option<Halt> },
    /// The same input was loaded to the end before: nothing was sent.
    AlreadyLoaded { run_id: String, rows: u64, left: Left },
}

/// Runs a pipeline: begins, or goes on where an earlier process stopped.
///
/// Blocks its thread until the run has ended; requests are made on `runtime`.
///
/// # Errors
/// Anything that keeps the run from beginning, and a ledger or result file that fails. What stops
/// a run that has begun (the server, a signal, an unreadable input) is in [`Outcome::Ran`].
pub fn run(job: &Job<'_>, runtime: &Handle) -> Result<Outcome, RunError> {
    let mut plan = Plan::make(job)?;
    let home = job.options.state_dir.join("runs").join(&plan.name);
    files::private_dir(&home).map_err(|source| match source.remedy() {
        Remedy::MendOptions | Remedy::MendAccess => RunError::Folder { path: home.clone(), source },
        _ => RunError::Files(source),
    })?;
    let _lock = RunLock::take(&home.join("lock"), &plan.name)?;
    let mut ledger = match job.options.without_ledger {
        true => Ledger::without_memory()?,
        false => Ledger::open(&home.join("ledger.sqlite"))?,
    };
    if let Some(outcome) = write::publish_what_is_left(job, &plan, &mut ledger, &home)? {
        return Ok(outcome);
    }
    let begun = match start::begin(job, &plan, &mut ledger, &home)? {
        Start::Go(begun) => *begun,
        Start::AlreadyLoaded { run_id, rows, left } => {
            return Ok(Outcome::AlreadyLoaded { run_id, rows, left });
        }
    };
    retry::lay_down(job, &plan, &ledger, &begun.folder)?;
    if let Ok(began) = begun.started_at.parse() {
        plan.as_of(job, began)?;
    }
    job.observer.observe(Event::Started {
        pipeline: plan.name.clone(),
        run_id: begun.run_id.clone(),
        resumed: begun.resumed,
        after: begun.resumed_from.clone().filter(|_| !begun.resumed),
        total_bytes: plan.source.total_bytes(),
        folder: begun.folder.clone(),
    });
    for message in plan.source.warnings().iter().chain(plan.steps.warnings()) {
        job.observer.observe(Event::Warning { message: message.clone() });
    }
    let mut data = report::Data::read(&begun.folder);
    data.settings = report::settings(job, &plan);
    let recorder = Recorder::new(std::mem::take(&mut data.samples));
    let ended = carry_out(job, &mut plan, &begun, &mut ledger, runtime, &recorder);
    let outcome = close(job, &plan, &begun, &mut ledger, ended);
    data.samples = recorder.samples();
    if let Ok(Outcome::Ran { summary, .. }) = &outcome
        && let Err(error) = tell(&ledger, &begun, summary, &data)
    {
        let message = format!("no `report.html` was written: {error}");
        job.observer.observe(Event::Warning { message });
    }
    if let Ok(Outcome::Ran { summary, .. }) = &outcome {
        job.observer.observe(Event::Ended { requests: summary.requests, retries: summary.retries });
    }
    outcome
}

/// Looks at the target, surveys the input, and sends until the end or until a halt.
fn carry_out(
    job: &Job<'_>,
    plan: &mut Plan,
    begun: &Begun,
    ledger: &mut Ledger,
    runtime: &Handle,
    recorder: &Recorder,
) -> Result<Ending, RunError> {
    let mut checkpoint = begun.checkpoint.clone();
    let started = Instant::now();
    let stopped = |mut checkpoint: Checkpoint, halt: Halt| {
        checkpoint.elapsed_seconds += started.elapsed().as_secs_f64();
        Ok(Ending { checkpoint, halt: Some(halt) })
    };
    if let Some(halt) = fetch::fetch(job, plan, begun, &mut checkpoint, ledger, runtime, recorder)?
    {
        return stopped(checkpoint, halt);
    }
    let found = write::look(job, plan, begun)?;
    if let Some(halt) = look(job, plan, begun, runtime) {
        checkpoint.traffic += plan.target.traffic();
        return stopped(checkpoint, halt);
    }
    let tables = begun.folder.join(tables::FOLDER);
    let Some(made) = plan.tables.provide(&mut plan.steps, &tables, job)? else {
        return stopped(checkpoint, Halt::Signal);
    };
    // Rows that were drafted are of the relation that there was.
    let is_begun = checkpoint.position.byte > 0 || checkpoint.input_done;
    let Some(before) = query::carry_out(plan, job, &begun.folder, is_begun)? else {
        return stopped(checkpoint, Halt::Signal);
    };
    query::enter(plan, &begun.folder, &before, &mut checkpoint)?;
    // What was found out over other tables does not count.
    checkpoint.surveyed &= !made && !before.made;
    let keys = begun.folder.join("keys");
    let lineage = Lineage::open(&begun.folder)?;
    let survey = Survey {
        source: &plan.source,
        rules: &plan.rules,
        clock: job.clock,
        files: &plan.files,
        lineage: lineage.as_ref(),
        folder: &keys,
        limit: plan.limit,
        chunk_rows: plan::CHUNK_ROWS,
        too_many: &|rows| plan.target.check_count(rows).is_err(),
        halting: job.halting,
        observer: job.observer,
    };
    let known = match checkpoint.surveyed {
        // A list that is gone or damaged is made again.
        true => survey.open(&mut plan.steps).ok(),
        false => None,
    };
    let twice = if let Some(known) = known {
        known
    } else {
        files::private_dir(&keys)?;
        let Some(found) = survey.make(&mut plan.steps)? else {
            return stopped(checkpoint, Halt::Signal);
        };
        plan.target.check_count(found.fit).map_err(|(most, what)| RunError::TooMany {
            rows: found.fit,
            most,
            what,
        })?;
        checkpoint.surveyed = true;
        checkpoint.fit = found.fit;
        let mut commit = ledger.commit(&begun.run_id)?;
        commit.checkpoint(&checkpoint)?;
        commit.finish()?;
        found.twice
    };
    if let Some(halt) = prepare(job, plan, begun, checkpoint.fit, runtime) {
        checkpoint.traffic += plan.target.traffic();
        return stopped(checkpoint, halt);
    }
    if let (Target::Api(sink), false) = (&mut plan.target, job.options.without_ledger) {
        sink.learn_assigned(Assigned::open(ledger.path())?);
    }
    let chain = Chain {
        steps: &plan.steps,
        rules: &plan.rules,
        clock: job.clock,
        twice,
        lineage: lineage.as_ref(),
        files: &plan.files,
    };
    checkpoint.elapsed_seconds += started.elapsed().as_secs_f64();
    match (&plan.target, found) {
        (Target::Api(sink), _) => {
            let sending = Sending { job, plan, sink, begun, runtime, recorder };
            let mut ending = send(sending, chain, checkpoint, ledger)?;
            conclude::conclude(job, sink, runtime, &mut ending);
            Ok(ending)
        }
        (Target::Files(files), Some(found)) => {
            write::write(job, plan, files, begun, found, &chain, checkpoint)
        }
        (Target::Files(_), None) => Err(RunError::Vanished("the look at the target".into())),
    }
}

/// Looks at the target before anything is read; gives why the run stops, if it does.
fn look(job: &Job<'_>, plan: &mut Plan, begun: &Begun, runtime: &Handle) -> Option<Halt> {
    let Target::Api(sink) = &mut plan.target else { return None };
    let wanted = plan.rules.wanted_lists(plan.steps.output());
    let question = Question { wanted: &wanted, folder: &begun.folder };
    let looked = runtime.block_on(async {
        tokio::select! {
            looked = sink.look(question) => Some(looked),
            () = job.halting.halted() => None,
        }
    });
    match looked {
        None => Some(Halt::Signal),
        Some(Err((what, hint))) => Some(Halt::Error { what, hint }),
        Some(Ok(looked)) => {
            for message in &looked.warnings {
                job.observer.observe(Event::Warning { message: message.clone() });
            }
            plan.rules.learn(looked.window, looked.values);
            None
        }
    }
}

/// Reads of the target what the rows need; gives why the run stops, if it does.
fn prepare(
    job: &Job<'_>,
    plan: &mut Plan,
    begun: &Begun,
    rows: u64,
    runtime: &Handle,
) -> Option<Halt> {
    let Target::Api(sink) = &mut plan.target else { return None };
    let tell = |message: String| job.observer.observe(Event::Note { message });
    let prepared = runtime.block_on(async {
        tokio::select! {
            prepared = sink.prepare(rows, &begun.folder, &tell) => Some(prepared),
            () = job.halting.halted() => None,
        }
    });
    match prepared {
        None => Some(Halt::Signal),
        Some(Err((what, hint))) => Some(Halt::Error { what, hint }),
        Some(Ok(())) => None,
    }
}

/// What the three threads of a run share.
#[derive(Clone, Copy)]
struct Sending<'a> {
    job: &'a Job<'a>,
    plan: &'a Plan,
    sink: &'a Sink,
    begun: &'a Begun,
    runtime: &'a Handle,
    recorder: &'a Recorder,
}

/// The three threads of a run, from the checkpoint to the end.
fn send(
    sending: Sending<'_>,
    chain: Chain<'_>,
    checkpoint: crate::ledger::Checkpoint,
    ledger: &mut Ledger,
) -> Result<Ending, RunError> {
    let Sending { job, plan, sink, begun, runtime, recorder } = sending;
    let retry = &job.connection.retry;
    let patience = Patience {
        attempts: retry.attempts,
        backoff: Backoff { base: retry.base, cap: retry.cap },
        give_up_after: retry.give_up_after,
    };
    let dice = Dice::random();
    let window = Window::new(sink.concurrency() * sink.units_ahead());
    let only_once = sink.sends_only_once();
    let sent_before = match job.options.again {
        true => None,
        false => SentBefore::look(ledger, sink, &plan.identity, &begun.run_id)?,
    };
    let left_open = left_open(ledger, &begun.run_id, only_once)?;
    let results = query::results(plan, &begun.folder, &checkpoint.results)?;
    let (entries, inbox) = mpsc::channel();
    let (give, units) = tokio::sync::mpsc::unbounded_channel();
    let position = checkpoint.position;
    let input_done = checkpoint.input_done;
    let bookkeeping = Page {
        run_id: &begun.run_id,
        results,
        source: &plan.source,
        again: plan.source.rereader(),
        patience,
        send_doubtful_again: sink.sends_doubtful_again(),
        row_key: sink.row_key(),
        leaving: Vec::new(),
        thresholds: plan.thresholds(),
        window: &window,
        halting: job.halting,
        observer: job.observer,
        recorder,
        dice: &dice,
        next_unit: ledger.next_unit()?,
        under_way: left_open.len(),
        halt: None,
        input_ended: false,
        bytes_read: 0,
        traffic: Box::new(|| sink.traffic()),
        started: Instant::now(),
        before: checkpoint.clone(),
        checkpoint,
    };
    let books = Books { ledger, page: bookkeeping };
    for unit in left_open {
        window.open_unit();
        // The receiver is alive: it is used below.
        let _ = give.send(unit);
    }
    let settling = Settling {
        sink,
        patience,
        send_doubtful_again: sink.sends_doubtful_again(),
        sent_before,
        halting: job.halting,
        observer: job.observer,
        recorder,
        dice: &dice,
        failing_since: Mutex::default(),
        lost_in_a_row: AtomicU32::default(),
        is_over: AtomicBool::default(),
    };
    thread::scope(|scope| {
        let for_reader = entries.clone();
        let window = &window;
        let reader = scope.spawn(move || {
            let ended = match input_done {
                true => Entry::InputEnded { complete: true, failed: None },
                false => read(sending, chain, position, window, &for_reader),
            };
            let _ = for_reader.send(ended);
        });
        let keeper = scope.spawn(move || {
            let ending = books.keep(inbox, give);
            // Where the books failed, nobody else may wait for them.
            window.close();
            ending
        });
        let signalled = entries.clone();
        drop(entries);
        runtime.block_on(async {
            let settled = settling.run(units, signalled.clone());
            tokio::pin!(settled);
            tokio::select! {
                () = &mut settled => return,
                () = job.halting.halted() => {
                    let _ = signalled.send(Entry::Signalled);
                }
            }
            settled.await;
        });
        drop(signalled);
        reader.join().map_err(|_| RunError::Vanished("the reader".into()))?;
        keeper.join().map_err(|_| RunError::Vanished("the book-keeper".into()))?
    })
}

/// Takes up the units that an earlier process left without an outcome. Each may leave again from
/// now on, so that another crash leaves them in doubt; `only_once`: each says so itself, right
/// before it leaves.
fn left_open(ledger: &mut Ledger, run_id: &str, only_once: bool) -> Result<Vec<Unit>, RunError> {
    let open = ledger.open_units(run_id)?;
    let units = open.iter().map(Unit::from_ledger).collect::<Result<Vec<_>, _>>()?;
    if only_once {
        return Ok(units);
    }
    let mut commit = ledger.commit(run_id)?;
    for unit in units.iter().filter(|unit| !unit.doubt) {
        commit.release(unit.id)?;
    }
    commit.finish()?;
    Ok(units)
}

fn read(
    sending: Sending<'_>,
    chain: Chain<'_>,
    from: Position,
    window: &Window,
    books: &mpsc::Sender<Entry>,
) -> Entry {
    let Sending { job, plan, sink, .. } = sending;
    let ended = plan.source.rows(from, plan::CHUNK_ROWS).map_err(RunError::from).and_then(|rows| {
        let rows = ReadAhead::begin(rows, plan.limit);
        let hand_on = |draft| !job.halting.is_halted() && books.send(Entry::Drafted(draft)).is_ok();
        Producer::new(rows, chain, sink).run(window, hand_on)
    });
    match ended {
        Ok(complete) => Entry::InputEnded { complete, failed: None },
        Err(error) => Entry::InputEnded {
            complete: false,
            failed: Some(Halt::Error {
                what: error.to_string(),
                hint: error.hint().unwrap_or_else(|| {
                    "mend it and give the same command again: it goes on where it was".into()
                }),
            }),
        },
    }
}

/// Writes `report.html`, and what it is made of.
fn tell(
    ledger: &Ledger,
    begun: &Begun,
    summary: &Summary,
    data: &report::Data,
) -> Result<(), RunError> {
    data.write(&begun.folder)?;
    let run = past::run_in(ledger, &begun.run_id, &begun.folder)?;
    report::write(&run, summary, data)
}

/// Enters how the run ended, writes the summary, and tidies up.
fn close(
    job: &Job<'_>,
    plan: &Plan,
    begun: &Begun,
    ledger: &mut Ledger,
    ended: Result<Ending, RunError>,
) -> Result<Outcome, RunError> {
    let ended = match ended {
        Ok(ended) => ended,
        Err(error) => {
            // The disk may be full or gone: what is known is written as far as it can be.
            let _ = ledger.set_status(&begun.run_id, RunStatus::Failed);
            return Err(error);
        }
    };
    let status = match &ended.halt {
        None => RunStatus::Finished,
        Some(Halt::Signal) => RunStatus::Interrupted,
        Some(Halt::Error { .. }) => RunStatus::Failed,
    };
    if status == RunStatus::Finished {
        fetch::settle(&job.pipeline.extract, plan, begun, ledger)?;
    }
    let tally = &ended.checkpoint.tally;
    if status == RunStatus::Finished && !tally.balances() {
        return Err(RunError::Unbalanced(format!("{tally:?}")));
    }
    let mut commit = ledger.commit(&begun.run_id)?;
    commit.checkpoint(&ended.checkpoint)?;
    commit.finish()?;
    let mut summary = Summary::of(
        &plan.name,
        &begun.run_id,
        status,
        (&begun.started_at, job.clock.now().to_string()),
        &ended.checkpoint,
        begun.resumed_from.clone(),
    );
    summary.retry_of = job.options.retry.as_ref().map(|retry| retry.of.clone());
    if let Some(Halt::Error { what, hint }) = &ended.halt {
        summary.stopped_because = Some(what.clone());
        summary.hint = Some(hint.clone());
    }
    summary.write(&begun.folder)?;
    ledger.set_status(&begun.run_id, status)?;
    if status == RunStatus::Finished {
        // The lists of keys and the tables served this run only.
        let _ = std::fs::remove_dir_all(begun.folder.join("keys"));
        let _ = std::fs::remove_dir_all(begun.folder.join(tables::FOLDER));
        query::tidy(&begun.folder, &plan.steps);
    }
    Ok(Outcome::Ran { summary: Box::new(summary), folder: begun.folder.clone(), halt: ended.halt })
}
