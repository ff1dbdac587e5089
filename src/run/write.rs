//! A run into files: every row through the chain and into files beside the place; then, once the
//! last one is durable, everything is published and booked.
//!
//! The result files and the books move at the end only. What an interrupted run has written is
//! written anew, from its first row on. Publishing is not begun before its plan is durable in the
//! run's folder; a process that finds the plan carries it out, whatever the input is by then.

use std::{
    path::Path,
    sync::{
        Arc,
        mpsc::{SyncSender, sync_channel},
    },
    thread,
    time::Instant,
};

use arrow::array::RecordBatch;
use serde::{Deserialize, Serialize};

use super::{
    Ending, Event, Halt, Job, Outcome, Plan, RunError,
    chain::{Chain, Passed},
    close,
    lineage::Lineage,
    loaded::LoadedRows,
    plan,
    read_ahead::ReadAhead,
    results::Results,
    start::Begun,
};
use crate::{
    batch::{Batch, Chunk, Fate},
    failpoint, files,
    ledger::{Checkpoint, Ledger},
    load::{
        Target,
        files::{FileLoadError, FileSink, FileWriter, Found, PublishPlan, RunOf, Written},
    },
};

/// The plan of publishing, in the run's folder.
const PUBLISH: &str = "publish.json";

/// Batches that wait for the writer.
const AHEAD: usize = 2;

/// What is left to do once everything is durable beside the place.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pending {
    /// How the books are to be left.
    checkpoint: Checkpoint,
    publish: PublishPlan,
}

/// Looks at what stands at the place, where the target is one, before anything is read.
pub fn look(job: &Job<'_>, plan: &Plan, begun: &Begun) -> Result<Option<Found>, RunError> {
    let Target::Files(files) = &plan.target else { return Ok(None) };
    let found = files.look(plan.steps.output(), &plan.name, &begun.run_id)?;
    for message in &found.warnings {
        job.observer.observe(Event::Warning { message: message.clone() });
    }
    Ok(Some(found))
}

/// Writes all rows, publishes the files, and gives how the books are to be left.
pub fn write(
    job: &Job<'_>,
    plan: &Plan,
    files: &FileSink,
    begun: &Begun,
    found: Found,
    chain: &Chain<'_>,
    checkpoint: Checkpoint,
) -> Result<Ending, RunError> {
    let started = Instant::now();
    // What was asked of the tenant, for those who read the manifest.
    let window = checkpoint.fetched.clone();
    let run = RunOf {
        pipeline: &plan.name,
        id: &begun.run_id,
        folder: &begun.folder,
        now: job.clock.now(),
        window: window.as_ref(),
        halted: &|| job.halting.is_halted(),
    };
    let writer = files.begin(found, &run)?;
    let scratch = FileSink::scratch(&begun.folder);
    let told = plan.rules.loaded_columns(plan.steps.output());
    let (loaded, columns) =
        LoadedRows::new(told, files.tells_at_the_end().then_some(scratch.as_path()));
    let results = Results::open(
        &begun.folder,
        &checkpoint.results,
        &plan.source.schema(),
        &columns,
        plan.source.files(),
        Lineage::open(&begun.folder)?,
    )?;
    let before = checkpoint.clone();
    let mut pass = Pass { job, plan, results, loaded, checkpoint };
    let written = pass.all_rows(chain, writer, &run)?;
    let written = match written {
        Passage::Written(written) => written,
        // Nothing happened yet: the next process begins where this one did.
        Passage::Halted(halt) => {
            let mut checkpoint = before;
            checkpoint.elapsed_seconds += started.elapsed().as_secs_f64();
            return Ok(Ending { checkpoint, halt: Some(halt) });
        }
    };
    let Pass { mut results, loaded, mut checkpoint, .. } = pass;
    loaded.settle(written.fates, &mut results, &mut checkpoint.tally)?;
    checkpoint.results = results.settle(true)?;
    checkpoint.input_done = true;
    checkpoint.elapsed_seconds += started.elapsed().as_secs_f64();
    for message in written.notes {
        job.observer.observe(Event::Note { message });
    }
    failpoint::pass("files-are-staged");
    let pending = Pending { checkpoint, publish: written.plan };
    pending.keep(&begun.folder)?;
    failpoint::pass("publish-plan-is-durable");
    pending.carry_out(job, &begun.folder)
}

/// Carries out the plan of publishing that an earlier process has left, and ends its run.
pub fn publish_what_is_left(
    job: &Job<'_>,
    plan: &Plan,
    ledger: &mut Ledger,
    home: &Path,
) -> Result<Option<Outcome>, RunError> {
    let Some(unfinished) = ledger.unfinished()? else { return Ok(None) };
    let folder = home.join(&unfinished.run_id);
    let Some(pending) = Pending::find(&folder)? else { return Ok(None) };
    let begun = Begun {
        run_id: unfinished.run_id.clone(),
        started_at: unfinished.started_at,
        folder,
        checkpoint: pending.checkpoint.clone(),
        resumed: true,
        resumed_from: Some(unfinished.run_id),
    };
    job.observer.observe(Event::Started {
        pipeline: plan.name.clone(),
        run_id: begun.run_id.clone(),
        resumed: true,
        after: None,
        total_bytes: 0,
        folder: begun.folder.clone(),
    });
    let message = "everything was written before; it is published now".to_owned();
    job.observer.observe(Event::Note { message });
    let mut ended = pending.carry_out(job, &begun.folder)?;
    ended.checkpoint.resumes += 1;
    let outcome = close(job, plan, &begun, ledger, Ok(ended))?;
    job.observer.observe(Event::Ended { requests: 0, retries: 0 });
    // With `--fresh` the user wants another run; this one had to come to its end first.
    Ok((!job.options.fresh).then_some(outcome))
}

impl Pending {
    fn keep(&self, folder: &Path) -> Result<(), RunError> {
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| RunError::Unbalanced(error.to_string()))?;
        Ok(files::publish(&folder.join(PUBLISH), &text)?)
    }

    fn find(folder: &Path) -> Result<Option<Pending>, RunError> {
        let path = folder.join(PUBLISH);
        let text = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|error| files::FileError::from_io(&path, "read", error))?,
        };
        let pending = serde_json::from_slice(&text)
            .map_err(|error| files::FileError::Damaged { path, why: error.to_string() })?;
        Ok(Some(pending))
    }

    fn carry_out(self, job: &Job<'_>, folder: &Path) -> Result<Ending, RunError> {
        let files = self.publish.files.len();
        self.publish.carry_out().map_err(|error| RunError::Target {
            what: format!("everything was written, but could not be published: {error}"),
            hint: format!(
                "{}; what is left to do is kept, and the same command goes on with it",
                error.hint()
            ),
        })?;
        let files = match files {
            1 => "1 file was".to_owned(),
            files => format!("{files} files were"),
        };
        let message = format!("{files} published in `{}`", self.publish.place);
        job.observer.observe(Event::Note { message });
        failpoint::pass("files-are-published");
        self.publish.tidy()?;
        let _ = std::fs::remove_dir_all(FileSink::scratch(folder));
        Ok(Ending { checkpoint: self.checkpoint, halt: None })
    }
}

/// How the passage of the rows ended.
enum Passage {
    Written(Written),
    Halted(Halt),
}

/// All rows on their way into the files.
struct Pass<'a> {
    job: &'a Job<'a>,
    plan: &'a Plan,
    results: Results,
    loaded: LoadedRows,
    checkpoint: Checkpoint,
}

impl Pass<'_> {
    /// Takes all rows through the chain and into the files. The files are written by a thread of
    /// their own.
    fn all_rows(
        &mut self,
        chain: &Chain<'_>,
        writer: FileWriter,
        run: &RunOf<'_>,
    ) -> Result<Passage, RunError> {
        thread::scope(|scope| {
            let (give, rows) = sync_channel::<RecordBatch>(AHEAD);
            let writing = scope.spawn(move || {
                let mut writer = writer;
                for rows in rows {
                    writer.write(&rows)?;
                }
                Ok::<FileWriter, FileLoadError>(writer)
            });
            let halted = self.read(chain, give);
            let writer = writing.join().map_err(|_| RunError::Vanished("the writer".into()))?;
            // What keeps files from being written is the reason, whatever else came of it.
            let writer = writer?;
            match halted? {
                Some(halt) => Ok(Passage::Halted(halt)),
                None => {
                    let run = RunOf { now: self.job.clock.now(), ..*run };
                    match writer.finish(&run) {
                        Err(FileLoadError::Stopped) => Ok(Passage::Halted(Halt::Signal)),
                        written => Ok(Passage::Written(written?)),
                    }
                }
            }
        })
    }

    /// Reads to the end of the input; gives why it stopped before, if it did.
    fn read(
        &mut self,
        chain: &Chain<'_>,
        give: SyncSender<RecordBatch>,
    ) -> Result<Option<Halt>, RunError> {
        let rows = self.plan.source.rows(self.checkpoint.position, plan::CHUNK_ROWS)?;
        let mut rows = ReadAhead::begin(rows, self.job.options.limit);
        while let Some(chunk) = rows.next_chunk()? {
            if self.job.halting.is_halted() {
                return Ok(Some(Halt::Signal));
            }
            let passed = chain.pass(Batch::from_source(Arc::clone(&chunk.rows)))?;
            self.book(&chunk, &passed)?;
            if let Some(halt) = self.too_many_rejected(false) {
                return Ok(Some(halt));
            }
            let bytes_read = chunk.bytes_read;
            if !passed.rows.is_empty() && give.send(passed.rows.columns).is_err() {
                // The writer failed, and says why.
                return Ok(None);
            }
            let mut tally = self.checkpoint.tally.clone();
            // What became of the rows that wait is told at the end.
            tally.loaded.added += self.loaded.waiting();
            self.job.observer.observe(Event::Progress { tally, bytes_read });
        }
        if self.checkpoint.tally.read == 0 {
            let message = "the input has no rows".to_owned();
            self.job.observer.observe(Event::Warning { message });
        }
        Ok(self.too_many_rejected(true))
    }

    /// Enters the rows of a chunk into the result files and the books.
    fn book(&mut self, chunk: &Chunk, passed: &Passed) -> Result<(), RunError> {
        let tally = &mut self.checkpoint.tally;
        tally.read += chunk.end.ordinal - self.checkpoint.position.ordinal;
        self.checkpoint.position = chunk.end;
        let mut fallen: Vec<_> = passed.fallen.iter().collect();
        fallen.sort_by_key(|fallen| fallen.pick);
        let mut unreadable = chunk.bad.iter().peekable();
        let width = chunk.rows.columns.num_columns();
        for fallen in fallen {
            let row = fallen.pick as usize;
            let ordinal = chunk.rows.origins[row].ordinal;
            while let Some(bad) = unreadable.next_if(|bad| bad.origin.ordinal < ordinal) {
                tally.rejected += 1;
                self.results.unreadable(bad, width)?;
            }
            match fallen.fate {
                Fate::Rejected => tally.rejected += 1,
                Fate::Skipped => tally.skipped += 1,
            }
            self.results.fallen(&chunk.rows, row, fallen.fate, &fallen.reason)?;
        }
        for bad in unreadable {
            tally.rejected += 1;
            self.results.unreadable(bad, width)?;
        }
        for fixed in &passed.fixed {
            let fixes = &mut self.checkpoint.fixes;
            *fixes.entry(fixed.column.clone().into_owned()).or_default() += 1;
            self.results.fixed(&chunk.rows, fixed.pick as usize, &fixed.reason)?;
        }
        self.loaded.enter(&passed.rows, &mut self.results, tally)
    }

    fn too_many_rejected(&self, all: bool) -> Option<Halt> {
        let most = self.plan.thresholds().max_rejected?;
        let tally = &self.checkpoint.tally;
        most.is_exceeded(tally.rejected, tally.read, all).then(|| Halt::Error {
            what: most.told(tally.rejected, "rejected"),
            hint: "look into `rejected.csv` of the run; nothing was published, and the same \
                   command begins anew after a larger `max_rejected`"
                .into(),
        })
    }
}
