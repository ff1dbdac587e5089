//! Reads the next chunks of a source on a thread of their own while the last one is worked on.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, sync_channel},
    },
    thread,
};

use super::RunError;
use crate::{
    batch::{Chunk, SourceBatch},
    extract::{ExtractError, Rows},
};

/// Chunks read ahead.
const AHEAD: usize = 2;

/// The rows of a source, read ahead.
pub struct ReadAhead {
    chunks: Receiver<Result<Chunk, ExtractError>>,
    /// No row from this ordinal on is taken up, where the user asked for that.
    limit: Option<u64>,
}

impl ReadAhead {
    /// Begins to read. The thread ends with the input, or when this is dropped.
    pub fn begin(mut rows: Box<dyn Rows>, limit: Option<u64>) -> Self {
        let (send, chunks) = sync_channel(AHEAD);
        thread::spawn(move || {
            while let Some(chunk) = rows.next_chunk().transpose() {
                let failed = chunk.is_err();
                if send.send(chunk).is_err() || failed {
                    break;
                }
            }
        });
        ReadAhead { chunks, limit }
    }

    /// The next chunk; `None` at the end, and after the last row that is wanted.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>, RunError> {
        let Ok(chunk) = self.chunks.recv() else { return Ok(None) };
        Ok(match self.limit {
            Some(limit) => limited(chunk?, limit),
            None => Some(chunk?),
        })
    }
}

/// The chunk without the rows from ordinal `limit` on; `None` if none is left.
fn limited(mut chunk: Chunk, limit: u64) -> Option<Chunk> {
    if chunk.end.ordinal <= limit {
        return Some(chunk);
    }
    let good = chunk.rows.origins.first();
    let bad = chunk.bad.first().map(|bad| &bad.origin);
    let first = good.into_iter().chain(bad).map(|origin| origin.ordinal).min()?;
    if first >= limit {
        return None;
    }
    chunk.end = chunk.after(limit - 1);
    let keep = chunk.rows.origins.partition_point(|origin| origin.ordinal < limit);
    chunk.bad.retain(|bad| bad.origin.ordinal < limit);
    chunk.rows = Arc::new(SourceBatch {
        columns: chunk.rows.columns.slice(0, keep),
        origins: chunk.rows.origins[..keep].to_vec(),
    });
    Some(chunk)
}
