//! After the last row: a campaign is started, where the pipeline asks for it.
//!
//! The run is not finished before. One that ends in between, however it does, goes on here.

use tokio::runtime::Handle;

use super::{Ending, Event, Halt, Job};
use crate::{failpoint, load::Sink, outcome::Tally};

/// Starts what the rows were loaded for, or tells why not.
pub fn conclude(job: &Job<'_>, sink: &Sink, runtime: &Handle, ending: &mut Ending) {
    if !sink.starts_after_load() || ending.halt.is_some() {
        return;
    }
    failpoint::pass("load-is-done");
    if let Some(why) = why_not(&ending.checkpoint.tally, job.options.limit.is_some()) {
        let message = format!("the campaign is not started: {why}");
        job.observer.observe(Event::Warning { message });
        return;
    }
    let before = sink.traffic();
    let started = runtime.block_on(async {
        tokio::select! {
            started = sink.start() => Some(started),
            () = job.halting.halted() => None,
        }
    });
    ending.checkpoint.traffic += sink.traffic().since(before);
    match started {
        Some(Ok(told)) => {
            told.into_iter().for_each(|message| job.observer.observe(Event::Note { message }));
        }
        Some(Err((what, hint))) => ending.halt = Some(Halt::Error { what, hint }),
        None => ending.halt = Some(Halt::Signal),
    }
}

/// Rows that were rejected or refused keep nobody waiting: `max_rejected` and `max_refused` say
/// when they are too many.
fn why_not(tally: &Tally, limited: bool) -> Option<String> {
    match (tally.in_doubt, tally.loaded.total()) {
        (1.., _) => Some(format!(
            "{} of its customers are in doubt; see in_doubt.csv, then start it in Configuration \
             Manager, Campaigns",
            tally.in_doubt
        )),
        (_, 0) => Some("no customer was loaded".into()),
        _ if limited => Some("`--limit` has taken up only a part of the input".into()),
        _ => None,
    }
}
