//! The records of one Get as columns: thousands in a reply, and never a part of one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arrow::array::RecordBatch;

use super::{
    Crm, Heard, Trouble,
    crm::{answered, heard, tell_odd},
};
use crate::{
    crm::{Action, Object},
    http,
    wire::wapi::{Answer, DecodeError, Limits, ReplyText, Status},
};

/// Rows of one batch of a reply at the most.
const BATCH_ROWS: usize = 4096;

/// A whole reply.
#[derive(Debug)]
pub struct Fetched {
    /// The records, all columns text.
    pub batches: Vec<RecordBatch>,
    /// How many there are.
    pub rows: usize,
}

/// Why the records of a Get were not read.
#[derive(Debug)]
pub enum Unread {
    /// The tenant has too much to do: the same Get may do later.
    Busy { after: Option<Duration>, message: String },
    /// No answer, half an answer, or an error in the tenant: so it goes where too much is asked
    /// for at once.
    Failed { message: String },
    /// Whatever is done, this Get has no answer.
    No(Trouble),
}

/// What came, before it is read.
#[derive(Debug)]
pub struct Received {
    came: Result<http::Reply, Heard>,
    object: Object,
    is_known: Arc<AtomicBool>,
    is_odd_told: Arc<AtomicBool>,
    limits: Limits,
}

impl Crm {
    /// Asks once, by a permit, for the records that fit. Reading what comes is a matter of its own.
    pub async fn receive<'a>(
        &self,
        permit: http::Permit,
        object: Object,
        tags: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Received {
        let name = object.name().to_uppercase();
        let came = self.exchange(permit, &name, "GET", tags).await;
        Received {
            came,
            object,
            is_known: Arc::clone(&self.is_known),
            is_odd_told: Arc::clone(&self.is_odd_told),
            limits: self.limits(),
        }
    }
}

impl Received {
    /// Reads the records. Thousands take milliseconds, for which no thread that serves others is
    /// to be held. Nothing of a reply counts before its end was seen.
    ///
    /// # Errors
    /// What was heard instead.
    pub fn read(self) -> Result<Fetched, Unread> {
        let reply = match self.came {
            Ok(reply) => reply,
            Err(heard) => return unread(heard, self.object),
        };
        if (200..300).contains(&reply.status) {
            let read = ReplyText::read(&reply.body, &self.limits)
                .and_then(|text| Ok((columns(&text)?, text.looks_like_utf8())));
            if let Ok(((answer, batches), is_odd)) = read
                && answer.is_success()
            {
                self.is_known.store(true, Ordering::Relaxed);
                tell_odd(is_odd, &self.is_odd_told);
                let rows = batches.iter().map(RecordBatch::num_rows).sum();
                return Ok(Fetched { batches, rows });
            }
        }
        let is_known = self.is_known.load(Ordering::Relaxed);
        unread(heard("GET", &reply, is_known, &self.limits), self.object)
    }
}

fn columns(text: &ReplyText<'_>) -> Result<(Answer, Vec<RecordBatch>), DecodeError> {
    let mut items = text.items(BATCH_ROWS)?;
    let answer = items.answer().clone();
    let batches = items.by_ref().collect::<Result<Vec<_>, _>>()?;
    Ok((answer, batches))
}

fn unread(heard: Heard, object: Object) -> Result<Fetched, Unread> {
    Err(match heard {
        Heard::NotApplied { after, message, .. } => Unread::Busy { after, message },
        Heard::Lost { after, busy: true, message } => Unread::Busy { after, message },
        Heard::Lost { message, .. } => Unread::Failed { message },
        Heard::Reply(reply) if reply.answer.status == Status::Unavailable => {
            Unread::Busy { after: None, message: reply.answer.to_string() }
        }
        heard => match answered(heard, object, Action::Get) {
            Err(Trouble::Passing { message, .. }) => Unread::Failed { message },
            Err(trouble) => Unread::No(trouble),
            // An error that means: no such record.
            Ok(items) if items.is_empty() => {
                return Ok(Fetched { batches: Vec::new(), rows: 0 });
            }
            // A success that could not be read as columns.
            Ok(_) => Unread::Failed { message: "the reply is not what it should be".into() },
        },
    })
}
