//! What a check of rows gives: those that may be sent, those that fell, and what was mended.

use std::{borrow::Cow, sync::Arc};

use arrow::{array::RecordBatch, compute::filter_record_batch, error::ArrowError};

use super::complaints::Complaints;
use crate::batch::{Batch, Fallen};

/// The rows that may be sent, and those that fell.
#[derive(Debug)]
pub struct Checked {
    /// Rows that keep every rule, in the target's own columns.
    pub batch: Batch,
    /// Rows that do not, with all reasons.
    pub fallen: Vec<Fallen>,
    /// Values that were mended because the pipeline or the connection asks for it.
    pub fixed: Vec<Fixed>,
}

/// A value that was mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// Index of the row in the batch's `source`.
    pub pick: u32,
    /// The column.
    pub column: Cow<'static, str>,
    /// What was wrong, as a reason says it.
    pub reason: String,
}

impl Checked {
    /// Parts the rows of `columns` against which something is said from the others.
    pub(super) fn of(
        batch: &Batch,
        columns: RecordBatch,
        complaints: Complaints,
        mut fixed: Vec<Fixed>,
    ) -> Result<Checked, ArrowError> {
        let source = Arc::clone(&batch.source);
        if complaints.is_empty() {
            let batch = Batch { columns, source, picks: batch.picks.clone() };
            return Ok(Checked { batch, fallen: Vec::new(), fixed });
        }
        let passed = complaints.passed(batch.len());
        let kept = batch.picks.iter().zip(passed.values().iter());
        let picks: Vec<u32> = kept.filter(|(_, passed)| *passed).map(|(pick, _)| *pick).collect();
        // A row that falls nevertheless was not mended.
        fixed.retain(|fixed| picks.binary_search(&fixed.pick).is_ok());
        let fallen = complaints.into_fallen(batch);
        let columns = filter_record_batch(&columns, &passed)?;
        Ok(Checked { batch: Batch { columns, source, picks }, fallen, fixed })
    }
}
