//! Sorted runs merged into one stream of rows.

use std::path::{Path, PathBuf};

use arrow::{array::RecordBatch, compute::interleave_record_batch, row::Rows};

use super::{BATCH_ROWS, Order, spill::SpilledRows};
use crate::load::files::FileLoadError;

/// All rows of a sort, in their order.
pub struct Sorted {
    order: Order,
    /// For messages: any file of the sort.
    path: PathBuf,
    runs: Vec<Cursor>,
    /// Runs with a row to give, as a heap: the least row first, of equal ones the earlier run.
    heap: Vec<usize>,
    /// Batches of which rows are picked and not handed on yet.
    batches: Vec<RecordBatch>,
    /// Batch and row of each row that is picked.
    picked: Vec<(usize, usize)>,
}

/// A run, and how far it has come.
struct Cursor {
    rows: SpilledRows,
    keys: Option<Rows>,
    /// Index of its batch in `batches`.
    batch: usize,
    row: usize,
}

impl Sorted {
    pub(super) fn open(order: Order, runs: &[PathBuf]) -> Result<Sorted, FileLoadError> {
        let path = runs.first().cloned().unwrap_or_default();
        let open = |path: &PathBuf| {
            let rows = SpilledRows::open(path)?;
            Ok(Cursor { rows, keys: None, batch: 0, row: 0 })
        };
        let cursors = runs.iter().map(open).collect::<Result<Vec<_>, FileLoadError>>()?;
        let mut sorted = Sorted {
            order,
            path,
            runs: cursors,
            heap: Vec::new(),
            batches: Vec::new(),
            picked: Vec::new(),
        };
        for run in 0..sorted.runs.len() {
            if sorted.refill(run)? {
                sorted.heap.push(run);
                sorted.sift_up(sorted.heap.len() - 1);
            }
        }
        Ok(sorted)
    }

    /// The next rows; none at the end.
    pub fn next(&mut self) -> Result<Option<RecordBatch>, FileLoadError> {
        while self.picked.len() < BATCH_ROWS {
            let Some(&run) = self.heap.first() else { break };
            let cursor = &mut self.runs[run];
            self.picked.push((cursor.batch, cursor.row));
            cursor.row += 1;
            let left = cursor.keys.as_ref().map_or(0, Rows::num_rows) - cursor.row;
            let full = left == 0 && self.batches.len() > 4 * self.runs.len();
            if left == 0 && !self.refill(run)? {
                self.heap.swap_remove(0);
            }
            self.sift_down();
            if full {
                // Many batches wait for their rows to be handed on: enough is enough.
                break;
            }
        }
        if self.picked.is_empty() {
            return Ok(None);
        }
        let batches: Vec<&RecordBatch> = self.batches.iter().collect();
        let next = interleave_record_batch(&batches, &self.picked)
            .map_err(|error| FileLoadError::columns(&self.path, error))?;
        self.picked.clear();
        self.forget();
        Ok(Some(next))
    }

    /// Reads the next batch of a run; false at its end.
    fn refill(&mut self, run: usize) -> Result<bool, FileLoadError> {
        let cursor = &mut self.runs[run];
        loop {
            let Some(batch) = cursor.rows.next()? else {
                cursor.keys = None;
                return Ok(false);
            };
            if batch.num_rows() == 0 {
                continue;
            }
            let keys = self.order.rows(&batch);
            cursor.keys = Some(keys.map_err(|error| FileLoadError::columns(&self.path, error))?);
            cursor.batch = self.batches.len();
            cursor.row = 0;
            self.batches.push(batch);
            return Ok(true);
        }
    }

    /// Keeps only the batches that have rows left.
    fn forget(&mut self) {
        let mut kept = Vec::with_capacity(self.runs.len());
        for cursor in self.runs.iter_mut().filter(|cursor| cursor.keys.is_some()) {
            kept.push(self.batches[cursor.batch].clone());
            cursor.batch = kept.len() - 1;
        }
        self.batches = kept;
    }

    fn is_before(&self, one: usize, other: usize) -> bool {
        let row = |run: usize| {
            let cursor = &self.runs[run];
            cursor.keys.as_ref().map(|keys| keys.row(cursor.row))
        };
        (row(one), one) < (row(other), other)
    }

    fn sift_up(&mut self, mut at: usize) {
        while at > 0 {
            let above = (at - 1) / 2;
            if !self.is_before(self.heap[at], self.heap[above]) {
                break;
            }
            self.heap.swap(at, above);
            at = above;
        }
    }

    fn sift_down(&mut self) {
        let mut at = 0;
        loop {
            let mut least = at;
            for below in [2 * at + 1, 2 * at + 2] {
                if below < self.heap.len() && self.is_before(self.heap[below], self.heap[least]) {
                    least = below;
                }
            }
            if least == at {
                return;
            }
            self.heap.swap(at, least);
            at = least;
        }
    }
}

impl std::fmt::Debug for Sorted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sorted").field("path", &Path::new(&self.path)).finish_non_exhaustive()
    }
}
