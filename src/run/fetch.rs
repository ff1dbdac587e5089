//! Fetching rows from the tenant, before anything else is done with them: into the spool in the
//! run's folder, from which they are then read like those of a file.

use std::path::{Path, PathBuf};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use tokio::runtime::Handle;

use super::{
    Job, Plan, RunError, event::Event, halt::Halt, identity::Identity, report::Recorder,
    start::Begun,
};
use crate::{
    clock::Dice,
    extract::{
        ExtractOptions, Source,
        attachments::{self, IDS_SPOOL},
        campaign,
        fetch::{FetchError, Found, Purpose, Remote, Surroundings, Told},
        list,
        spooled::SpooledSource,
        wapi::{self, Asked, WapiExtract, Watermark},
    },
    ledger::{Checkpoint, Ledger, Remembered, TakeRecord},
    outcome::Traffic,
    spool::Spool,
};

/// The spool's name in the run's folder.
pub(super) const SPOOL: &str = "fetched.sqlite";

/// What a run asks for, as a note in its spool: a run that goes on asks for the same.
const ASKED: &str = "asked";

/// The ledger's notes: how far earlier runs have come, and which custom fields they have seen.
pub const WATERMARK: &str = "watermark";
const COLUMNS: &str = "columns of";

/// Fetches what the pipeline's `extract` asks for, as far as it is not there yet; from then on the
/// plan's source has the rows. Gives why it stopped before its end, if it did.
///
/// # Errors
/// A spool or ledger that fails; columns that the steps do not find.
pub fn fetch(
    job: &Job<'_>,
    plan: &mut Plan,
    begun: &Begun,
    checkpoint: &mut Checkpoint,
    ledger: &Ledger,
    runtime: &Handle,
    recorder: &Recorder,
) -> Result<Option<Halt>, RunError> {
    let Some(remote) = plan.remote.clone() else { return Ok(None) };
    let mut spool = Spool::open(&begun.folder.join(SPOOL))?;
    let began = began(job, begun);
    if !spool.is_whole()? {
        let before = traffic(&remote);
        let fetching = Fetching {
            job,
            remote: &remote,
            purpose: Purpose::Load,
            folder: &begun.folder,
            run_id: &begun.run_id,
            began,
            runtime,
            recorder,
        };
        let ended = fetching.gather(ledger, &mut spool);
        checkpoint.traffic += traffic(&remote).since(before);
        let mut found = match ended {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(Some(Halt::Signal)),
            Err(RunError::Fetch(FetchError::Tenant { what, hint })) => {
                return Ok(Some(Halt::Error { what, hint }));
            }
            Err(error) => return Err(error),
        };
        found.unchanged = lay_down(ledger, &mut spool)?;
        tell_found(job, &found);
        checkpoint.fetched = serde_json::to_value(&found).ok();
        // Files of an earlier process were written over other rows, if at all.
        checkpoint.surveyed = false;
    }
    plan.source = source(job, Purpose::Load, &remote, ledger, &spool)?;
    plan.as_of(job, began)?;
    Ok(None)
}

/// What a fetch needs of its run, or of whoever looks.
pub(super) struct Fetching<'a> {
    pub job: &'a Job<'a>,
    pub remote: &'a Remote,
    pub purpose: Purpose,
    /// Where the spools stand.
    pub folder: &'a Path,
    pub run_id: &'a str,
    pub began: Timestamp,
    pub runtime: &'a Handle,
    pub recorder: &'a Recorder,
}

impl Fetching<'_> {
    /// Fetches what is asked for into the spool, as far as it is not there; nothing when halted.
    pub fn gather(&self, ledger: &Ledger, spool: &mut Spool) -> Result<Option<Found>, RunError> {
        let Fetching { job, remote, runtime, recorder, .. } = *self;
        let dice = Dice::random();
        let tell = |told: Told| match told {
            Told::Answered { what, rows, took } => recorder.fetched(what, rows, took),
            told => event(told).into_iter().for_each(|event| job.observer.observe(event)),
        };
        let around = Surroundings {
            remote,
            purpose: self.purpose,
            began: self.began,
            dice: &dice,
            folder: self.folder,
            state_dir: &job.options.state_dir,
            tell: &tell,
        };
        match &job.pipeline.extract {
            ExtractOptions::Campaign(options) => runtime.block_on(async {
                tokio::select! {
                    found = campaign::fetch(options, &around, spool) => Ok(Some(found?)),
                    () = job.halting.halted() => Ok(None),
                }
            }),
            ExtractOptions::Wapi(options) => {
                let asked = self.asked(options, ledger, spool)?;
                if !asked.days.is_empty() {
                    let message = format!("fetching {} {}", options.object.value, asked.name());
                    job.observer.observe(Event::Note { message });
                }
                runtime.block_on(async {
                    tokio::select! {
                        found = wapi::fetch(options, &asked, &around, spool) => Ok(Some(found?)),
                        () = job.halting.halted() => Ok(None),
                    }
                })
            }
            ExtractOptions::List(options) => runtime.block_on(async {
                tokio::select! {
                    found = list::fetch(options, &around, spool) => Ok(Some(found?)),
                    () = job.halting.halted() => Ok(None),
                }
            }),
            ExtractOptions::Attachments(options) => runtime.block_on(async {
                tokio::select! {
                    found = attachments::fetch(options, &around, spool) => Ok(Some(found?)),
                    () = job.halting.halted() => Ok(None),
                }
            }),
            _ => Ok(None),
        }
    }

    /// What the run asks for: what it asked for when it began.
    fn asked(
        &self,
        options: &WapiExtract,
        ledger: &Ledger,
        spool: &mut Spool,
    ) -> Result<Asked, RunError> {
        let job = self.job;
        // A look shows some records, whatever the runs before had of them.
        let mark = match self.purpose {
            Purpose::Look { .. } => None,
            Purpose::Load | Purpose::Count => mark(job, ledger)?,
        };
        if let Some(asked) = noted(spool)? {
            let now = Asked::of(options, job.options.period, mark.as_ref(), asked.today);
            return match now.days == asked.days {
                true => Ok(asked),
                false => Err(RunError::Changed {
                    pipeline: job.pipeline.name.to_string(),
                    run_id: self.run_id.to_owned(),
                    changes: vec![format!("it fetches {}, and not {}", asked.name(), now.name())],
                }),
            };
        }
        let today = today(self.began, self.remote.zone.clone());
        let asked = Asked::of(options, job.options.period, mark.as_ref(), today);
        spool.set_note(ASKED, &json(&asked))?;
        Ok(asked)
    }
}

/// The day at the tenant.
pub(super) fn today(now: Timestamp, zone: Option<TimeZone>) -> Date {
    now.to_zoned(zone.unwrap_or(TimeZone::UTC)).date()
}

/// What a run asked for when it began.
pub(super) fn noted(spool: &Spool) -> Result<Option<Asked>, RunError> {
    let text = spool.note(ASKED)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// How far earlier runs of this pipeline have come, with the same extract into the same place.
pub(super) fn mark(job: &Job<'_>, ledger: &Ledger) -> Result<Option<Watermark>, RunError> {
    let text = ledger.remembered(WATERMARK)?;
    let mark: Option<Watermark> = text.and_then(|text| serde_json::from_str(&text).ok());
    let of = of(&Identity::of(job.pipeline, job.connection_identity));
    Ok(mark.filter(|mark| mark.of == of))
}

/// What a high-water mark belongs to.
fn of(identity: &Identity) -> String {
    format!("{} | {} | {}", identity.connection, identity.extract, identity.load)
}

/// Lays the rows down in their order; those of the overlap that the run before had are left out.
pub(super) fn lay_down(ledger: &Ledger, spool: &mut Spool) -> Result<u64, RunError> {
    let leaves_out = noted(spool)?.is_some_and(|asked| asked.leaves_out);
    let mut failed = None;
    let left_out = spool.lay_down(&mut |key, hash| {
        leaves_out
            && ledger.had(key, hash).unwrap_or_else(|error| {
                failed.get_or_insert(error);
                false
            })
    })?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(left_out),
    }
}

/// The rows as a source. Custom fields that came, and those that earlier runs have seen, are
/// columns of it; a new one and one that is gone are told.
pub(super) fn source(
    job: &Job<'_>,
    purpose: Purpose,
    remote: &Remote,
    ledger: &Ledger,
    spool: &Spool,
) -> Result<Source, RunError> {
    let lines = spool.lines()?;
    let shape = match &job.pipeline.extract {
        ExtractOptions::Campaign(options) => options.shape(&spool.columns_seen()?),
        ExtractOptions::Wapi(options) => {
            let now = options.custom_of(&spool.columns_seen()?);
            let before = known_columns(ledger, options)?;
            // Of a few records nobody can tell which columns came no more.
            let tells = !matches!(purpose, Purpose::Look { .. });
            if let Some(before) = before.as_ref().filter(|_| tells) {
                tell_columns(job, before, &now, lines.rows());
            }
            let mut seen = before.unwrap_or_default();
            seen.extend(now);
            options.shape(&seen, remote.zone.clone())
        }
        ExtractOptions::List(options) => options.shape(),
        ExtractOptions::Attachments(options) => options.shape(),
        _ => return Err(crate::extract::ExtractError::NotFetched.into()),
    };
    Ok(Source::Spooled(SpooledSource::fetched(shape, lines)))
}

/// The name of the note: a pipeline may come to fetch something else.
fn columns_note(options: &WapiExtract) -> String {
    format!("{COLUMNS} {}", options.object.value)
}

fn known_columns(ledger: &Ledger, options: &WapiExtract) -> Result<Option<Vec<String>>, RunError> {
    let text = ledger.remembered(&columns_note(options))?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

fn tell_columns(job: &Job<'_>, before: &[String], now: &[String], rows: u64) {
    let told = |names: &[&String], what: &str| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("{} {what}", names.join(", "));
        job.observer.observe(Event::Warning { message });
    };
    let new: Vec<&String> = now.iter().filter(|name| !before.contains(name)).collect();
    if !new.is_empty() {
        told(&new, "came for the first time: a new custom field of the tenant, and a new column");
    }
    let gone: Vec<&String> = before.iter().filter(|name| !now.contains(name)).collect();
    if !gone.is_empty() && rows > 0 {
        told(&gone, "did not come any more: the column stays, and is empty");
    }
}

pub(super) fn tell_found(job: &Job<'_>, found: &Found) {
    if matches!(job.pipeline.extract, ExtractOptions::Attachments(_)) {
        // What became of each file is told where it is known.
        return;
    }
    let s = if found.windows == 1 { "" } else { "s" };
    let mut message = format!("{} records fetched in {} window{s}", found.records, found.windows);
    if found.unchanged > 0 {
        message += &format!("; {} of them are as the run before had them", found.unchanged);
    }
    job.observer.observe(Event::Note { message });
}

/// Moves the high-water mark, and remembers what was fetched: once everything is loaded.
///
/// # Errors
/// The ledger or the spool fails.
pub fn settle(
    extract: &ExtractOptions,
    plan: &Plan,
    begun: &Begun,
    ledger: &mut Ledger,
) -> Result<(), RunError> {
    if plan.remote.is_none() {
        return Ok(());
    }
    let path = begun.folder.join(SPOOL);
    let spool = Spool::open(&path)?;
    let asked = noted(&spool)?;
    let mut notes = Vec::new();
    if let ExtractOptions::Wapi(options) = extract {
        let mut columns = known_columns(ledger, options)?.unwrap_or_default();
        columns.extend(options.custom_of(&spool.columns_seen()?));
        columns.sort();
        columns.dedup();
        notes.push((columns_note(options), json(&columns)));
    }
    let moves_to = asked.and_then(|asked| asked.moves_to);
    if let Some(through) = moves_to {
        notes.push((WATERMARK.to_owned(), json(&Watermark { through, of: of(&plan.identity) })));
    }
    let remembered = Remembered { notes: &notes };
    let mut each = |take: &mut TakeRecord<'_, RunError>| {
        let mut failed = None;
        spool.each_key(|key, hash| {
            if failed.is_none() {
                failed = take(key, hash).err();
            }
        })?;
        failed.map_or(Ok(()), Err)
    };
    match moves_to {
        Some(_) => ledger.remember(&remembered, Some(&mut each))?,
        None => ledger.remember::<RunError>(&remembered, None)?,
    }
    forget_older(begun);
    Ok(())
}

/// What earlier runs have fetched is of no more use: the newest is kept, to be looked into.
fn forget_older(begun: &Begun) {
    let Some(home) = begun.folder.parent() else { return };
    let Ok(runs) = std::fs::read_dir(home) else { return };
    for run in runs.flatten().map(|entry| entry.path()).filter(|path| *path != begun.folder) {
        if run.is_symlink() {
            continue;
        }
        for file in [SPOOL, IDS_SPOOL].iter().flat_map(|spool| files_of(&run.join(spool))) {
            let _ = std::fs::remove_file(file);
        }
    }
}

/// A spool, and what SQLite keeps beside it.
fn files_of(spool: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|end| {
        let mut name = spool.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    })
}

fn began(job: &Job<'_>, begun: &Begun) -> Timestamp {
    begun.started_at.parse().unwrap_or_else(|_| job.clock.now())
}

fn event(told: Told) -> Option<Event> {
    Some(match told {
        Told::Fetched { keys, total, left, .. } => Event::Fetching { records: keys, total, left },
        Told::Waiting { what, delay, message } => {
            Event::Waiting { rows: 0, attempt: 1, delay, message: format!("{what}: {message}") }
        }
        Told::Note(message) => Event::Note { message },
        Told::Warning(message) => Event::Warning { message },
        Told::Answered { .. } => return None,
    })
}

pub(super) fn traffic(remote: &Remote) -> Traffic {
    let crm = remote.crm.iter().map(|crm| crm.client.traffic());
    let data = remote.data.iter().map(|data| data.client.traffic());
    crm.chain(data).fold(Traffic::default(), |mut sum, counts| {
        sum += Traffic {
            requests: counts.requests,
            retries: counts.retries,
            bytes_sent: counts.bytes_sent,
            bytes_received: counts.bytes_received,
        };
        sum
    })
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
