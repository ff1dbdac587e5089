//! One call, from its ring to the end of its post-processing.

use jiff::{SignedDuration, Timestamp};

use super::{
    change::{Deed, Placed, What},
    request::Selection,
    settings::CallsSettings,
};

/// A call and what was done with it.
pub(crate) struct Ring {
    pub placed: Placed,
    pub deeds: Vec<Deed>,
    /// The transaction codes that were set last.
    pub codes: Vec<Selection>,
    ended: Option<Timestamp>,
    finished: bool,
}

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    InProgress,
    PostProcessing,
    Ended,
}

/// How long calls last, and what their post-processing waits for.
pub(crate) struct Durations {
    call: Option<SignedDuration>,
    post_processing: Option<SignedDuration>,
    mandatory: Vec<u64>,
}

impl Durations {
    pub(super) fn new(settings: &CallsSettings, mandatory: Vec<u64>) -> Self {
        let duration = |ms: u64| SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX));
        let (call, post_processing) =
            (settings.lasts_ms.map(duration), settings.post_processing_ms.map(duration));
        Durations { call, post_processing, mandatory }
    }
}

impl Ring {
    pub(super) fn new(placed: Placed) -> Self {
        Ring { placed, deeds: Vec::new(), codes: Vec::new(), ended: None, finished: false }
    }

    /// Does a deed.
    pub(super) fn carry_out(&mut self, deed: Deed) {
        match &deed.what {
            What::SetTransactionCodes(selections) => self.codes.clone_from(selections),
            What::End { post_processing_too } => self.end(deed.at, *post_processing_too),
            What::HangUp => self.end(deed.at, false),
            // "In preparation for the next call": what would keep the agent from it ends.
            What::FreeLines | What::FreeLine(_) => self.end(deed.at, true),
        }
        self.deeds.push(deed);
    }

    fn end(&mut self, at: Timestamp, finished: bool) {
        self.ended.get_or_insert(at);
        self.finished |= finished;
    }

    /// How far the call is.
    pub(super) fn phase(&self, now: Timestamp, durations: &Durations) -> Phase {
        let by_itself = durations.call.and_then(|lasts| passed(self.placed.at, lasts, now));
        let ended = match (self.ended, by_itself) {
            (Some(a), Some(b)) => a.min(b),
            (Some(at), None) | (None, Some(at)) => at,
            (None, None) => return Phase::InProgress,
        };
        let processed = || {
            let lasts = durations.post_processing?;
            passed(ended, lasts, now).filter(|_| self.has_codes_of(&durations.mandatory))
        };
        match self.finished || !self.placed.has_queue || processed().is_some() {
            true => Phase::Ended,
            false => Phase::PostProcessing,
        }
    }

    fn has_codes_of(&self, lists: &[u64]) -> bool {
        lists.iter().all(|list| self.codes.iter().any(|selection| selection.id == *list))
    }
}

/// When a duration ended, if it has.
fn passed(from: Timestamp, lasts: SignedDuration, now: Timestamp) -> Option<Timestamp> {
    from.checked_add(lasts).ok().filter(|end| *end <= now)
}
