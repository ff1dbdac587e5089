//! The reader: source, steps and rules, cut into drafts for the books.

use std::{borrow::Cow, collections::VecDeque, sync::Arc};

use arrow::{array::RecordBatch, compute::concat_batches};

use super::{RunError, chain::Chain, read_ahead::ReadAhead, unit::Segment, window::Window};
use crate::{
    batch::{BadRow, Batch, Chunk, Fallen, Fate, Position, SourceBatch},
    load::Sink,
    validate::Fixed,
};

/// Chunks of which rows may wait for a full unit: where a filter leaves little, a unit is cut
/// short instead of keeping ever more of the input in memory.
const WAITING_CHUNKS: usize = 4;

/// Rows for the books: a unit to be sent, and what fell out before its end.
#[derive(Debug, Default)]
pub struct Draft {
    /// The target's columns, and the rows as read.
    pub rows: Option<(RecordBatch, Vec<Segment>)>,
    /// What is told of rows beside their sending, in the order of the input.
    pub remarks: Vec<Remark>,
    /// All rows before this place are in this draft or an earlier one.
    pub through: Position,
    /// Bytes of the stored input read so far.
    pub bytes_read: u64,
}

/// What is told of a row.
#[derive(Debug)]
pub enum Remark {
    /// A step or a rule took it out.
    Fallen { source: Arc<SourceBatch>, row: usize, fate: Fate, reason: String },
    /// It could not be read.
    Unreadable(BadRow),
    /// A value of it was mended, because the pipeline asks for it.
    Fixed { source: Arc<SourceBatch>, row: usize, column: Cow<'static, str>, reason: String },
}

/// Reads on from where the checkpoint stands, and cuts drafts.
pub struct Producer<'a> {
    rows: ReadAhead,
    chain: Chain<'a>,
    sink: &'a Sink,
    waiting: VecDeque<Waiting>,
}

/// What is left of one chunk.
struct Waiting {
    /// The chunk, for the places between its rows.
    chunk: Chunk,
    rows: Batch,
    /// Rows of `rows` that are drafted already.
    taken: usize,
    remarks: VecDeque<(u64, Remark)>,
}

impl<'a> Producer<'a> {
    /// A reader of `rows`, which it packs into units as the sink wants them.
    pub fn new(rows: ReadAhead, chain: Chain<'a>, sink: &'a Sink) -> Self {
        Producer { rows, chain, sink, waiting: VecDeque::new() }
    }

    /// Reads to the end of the input, or until `hand_on` or the window say to stop.
    ///
    /// Gives whether the end was reached.
    pub fn run(
        mut self,
        window: &Window,
        mut hand_on: impl FnMut(Draft) -> bool,
    ) -> Result<bool, RunError> {
        while let Some(chunk) = self.rows.next_chunk()? {
            self.take_in(chunk)?;
            while let Some(draft) = self.cut(false)? {
                if !offer(draft, window, &mut hand_on) {
                    return Ok(false);
                }
            }
        }
        while let Some(draft) = self.cut(true)? {
            if !offer(draft, window, &mut hand_on) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn take_in(&mut self, chunk: Chunk) -> Result<(), RunError> {
        let passed = self.chain.pass(Batch::from_source(Arc::clone(&chunk.rows)))?;
        let remarks = in_order(&chunk, passed.fallen, passed.fixed);
        self.waiting.push_back(Waiting { chunk, rows: passed.rows, taken: 0, remarks });
        Ok(())
    }

    /// The next draft, if enough waits for one; at the end whatever waits.
    fn cut(&mut self, end: bool) -> Result<Option<Draft>, RunError> {
        let ready: usize = self.waiting.iter().map(|chunk| chunk.rows.len() - chunk.taken).sum();
        let full = self.sink.rows_of_a_unit();
        let short = end || self.waiting.len() > WAITING_CHUNKS;
        if self.waiting.is_empty() || (ready < full && !short && ready > 0) {
            return Ok(None);
        }
        let mut draft = Draft::default();
        let (mut parts, mut sources) = (Vec::new(), Vec::new());
        let mut missing = full;
        while let Some(mut waiting) = self.waiting.pop_front() {
            let picked = missing.min(waiting.rows.len() - waiting.taken);
            if picked > 0 {
                let picks = waiting.taken..waiting.taken + picked;
                parts.push(waiting.rows.columns.slice(waiting.taken, picked));
                sources.push(Segment {
                    source: Arc::clone(&waiting.chunk.rows),
                    picks: waiting.rows.picks[picks].to_vec(),
                });
                waiting.taken += picked;
                missing -= picked;
            }
            draft.bytes_read = waiting.chunk.bytes_read;
            if waiting.taken < waiting.rows.len() {
                // The unit is full: what comes after its last row stays.
                let last = waiting.rows.origin(waiting.taken - 1).ordinal;
                draft.through = waiting.chunk.after(last);
                // For the progress: what is left of the chunk is not taken up yet.
                let left = waiting.chunk.end.byte.saturating_sub(draft.through.byte);
                draft.bytes_read = draft.bytes_read.saturating_sub(left);
                draft.remarks.extend(drain_through(&mut waiting.remarks, last));
                self.waiting.push_front(waiting);
                break;
            }
            draft.through = waiting.chunk.end;
            draft.remarks.extend(waiting.remarks.into_iter().map(|(_, remark)| remark));
            if missing == 0 {
                break;
            }
        }
        if let Some(first) = parts.first() {
            let rows = match parts.len() {
                1 => first.clone(),
                _ => concat_batches(&first.schema(), &parts)?,
            };
            draft.rows = Some((rows, sources));
        }
        Ok(Some(draft))
    }
}

fn offer(draft: Draft, window: &Window, hand_on: &mut impl FnMut(Draft) -> bool) -> bool {
    (draft.rows.is_none() || window.reserve()) && hand_on(draft)
}

fn drain_through(remarks: &mut VecDeque<(u64, Remark)>, last: u64) -> Vec<Remark> {
    let count = remarks.partition_point(|(ordinal, _)| *ordinal <= last);
    remarks.drain(..count).map(|(_, remark)| remark).collect()
}

/// What is told of the rows of a chunk, in the order of the input.
pub(super) fn in_order(
    chunk: &Chunk,
    fallen: Vec<Fallen>,
    fixed: Vec<Fixed>,
) -> VecDeque<(u64, Remark)> {
    let source = || Arc::clone(&chunk.rows);
    let ordinal = |row: usize| chunk.rows.origins[row].ordinal;
    let fallen = fallen.into_iter().map(|fallen| {
        let row = fallen.pick as usize;
        let (fate, reason) = (fallen.fate, fallen.reason);
        (ordinal(row), Remark::Fallen { source: source(), row, fate, reason })
    });
    let fixed = fixed.into_iter().map(|fixed| {
        let row = fixed.pick as usize;
        let (column, reason) = (fixed.column, fixed.reason);
        (ordinal(row), Remark::Fixed { source: source(), row, column, reason })
    });
    let unreadable =
        chunk.bad.iter().map(|bad| (bad.origin.ordinal, Remark::Unreadable(bad.clone())));
    let mut remarks: Vec<(u64, Remark)> = fallen.chain(fixed).chain(unreadable).collect();
    remarks.sort_by_key(|(ordinal, _)| *ordinal);
    remarks.into()
}
