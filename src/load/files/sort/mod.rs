//! Sorting any number of rows in the same memory: sorted runs in files of the run's folder, then
//! merged. Rows that are equal in the columns of the order stay in the order in which they came.

mod merge;
mod spill;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, RecordBatch},
    compute::{SortOptions, interleave_record_batch},
    datatypes::SchemaRef,
    error::ArrowError,
    row::{RowConverter, Rows, SortField},
};

pub use merge::Sorted;

use super::FileLoadError;
use spill::SpillFile;

/// How much memory a sort may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of rows that are sorted in memory at a time.
    pub held: usize,
    /// Runs merged at a time.
    pub merged: usize,
    /// Bytes of rows that are read ahead of each run that is merged.
    pub slice: usize,
}

impl Default for Limits {
    /// 32 MiB and as much for merging: 32 runs are 1 GiB of rows, each further pass over the disk
    /// 32 times as much.
    fn default() -> Self {
        Limits { held: 32 << 20, merged: 32, slice: 1 << 20 }
    }
}

/// Rows of a batch that a sort hands on at the most.
const BATCH_ROWS: usize = 8192;

/// The columns by which rows are sorted, ascending, no value last.
#[derive(Debug)]
pub struct Order {
    columns: Vec<usize>,
    converter: RowConverter,
}

impl Order {
    /// By these columns of `schema`.
    pub fn new(schema: &SchemaRef, columns: &[usize]) -> Result<Order, ArrowError> {
        let options = SortOptions { descending: false, nulls_first: false };
        let field = |column: &usize| {
            SortField::new_with_options(schema.field(*column).data_type().clone(), options)
        };
        let converter = RowConverter::new(columns.iter().map(field).collect())?;
        Ok(Order { columns: columns.to_vec(), converter })
    }

    /// The rows as bytes that compare as the rows do.
    pub fn rows(&self, batch: &RecordBatch) -> Result<Rows, ArrowError> {
        let columns: Vec<ArrayRef> =
            self.columns.iter().map(|column| Arc::clone(batch.column(*column))).collect();
        self.converter.convert_columns(&columns)
    }
}

/// Takes rows in any order.
#[derive(Debug)]
pub struct Sorter {
    order: Order,
    limits: Limits,
    schema: SchemaRef,
    /// Where the runs go, and how their names begin.
    folder: PathBuf,
    name: String,
    held: Vec<RecordBatch>,
    held_bytes: usize,
    runs: Vec<PathBuf>,
    /// Runs that were ever made.
    made: usize,
}

impl Sorter {
    /// A sort that spills into files of `folder` whose names begin with `name`.
    pub fn new(schema: SchemaRef, order: Order, folder: &Path, name: &str, limits: Limits) -> Self {
        Sorter {
            order,
            limits,
            schema,
            folder: folder.to_owned(),
            name: name.to_owned(),
            held: Vec::new(),
            held_bytes: 0,
            runs: Vec::new(),
            made: 0,
        }
    }

    /// A sort of the same order, with files of its own.
    pub fn beside(&self, name: &str) -> Result<Sorter, FileLoadError> {
        let order = Order::new(&self.schema, &self.order.columns)
            .map_err(|error| FileLoadError::columns(&self.folder, error))?;
        Ok(Sorter::new(Arc::clone(&self.schema), order, &self.folder, name, self.limits))
    }

    /// Adds rows.
    pub fn push(&mut self, rows: RecordBatch) -> Result<(), FileLoadError> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        self.held_bytes += bytes_of(&rows);
        self.held.push(rows);
        match self.held_bytes >= self.limits.held {
            true => self.spill(),
            false => Ok(()),
        }
    }

    /// Writes what is held as a sorted run, so that the memory is free for something else.
    pub fn spill(&mut self) -> Result<(), FileLoadError> {
        if self.held.is_empty() {
            return Ok(());
        }
        let path = self.next_run();
        let failed = |error| FileLoadError::columns(&path, error);
        let mut file = SpillFile::create(&path, &self.schema)?;
        let held = std::mem::take(&mut self.held);
        let rows: usize = held.iter().map(RecordBatch::num_rows).sum();
        let slice = rows_of_a_slice(self.held_bytes, rows, self.limits.slice);
        let places = self.sorted_places(&held).map_err(failed)?;
        let batches: Vec<&RecordBatch> = held.iter().collect();
        for places in places.chunks(slice) {
            let batch = interleave_record_batch(&batches, places).map_err(failed)?;
            file.write(&batch)?;
        }
        file.finish()?;
        self.held_bytes = 0;
        self.runs.push(path);
        Ok(())
    }

    fn next_run(&mut self) -> PathBuf {
        self.made += 1;
        self.folder.join(format!("{}-{:05}.arrow", self.name, self.made))
    }

    /// Batch and row of each row that is held, in the order of the sort.
    fn sorted_places(&self, held: &[RecordBatch]) -> Result<Vec<(usize, usize)>, ArrowError> {
        let keys =
            held.iter().map(|batch| self.order.rows(batch)).collect::<Result<Vec<_>, _>>()?;
        let mut places: Vec<(usize, usize)> = held
            .iter()
            .enumerate()
            .flat_map(|(batch, rows)| (0..rows.num_rows()).map(move |row| (batch, row)))
            .collect();
        // Places that are equal in the order's columns stand as they came.
        places.sort_unstable_by(|one, other| {
            let (left, right) = (keys[one.0].row(one.1), keys[other.0].row(other.1));
            left.cmp(&right).then_with(|| one.cmp(other))
        });
        Ok(places)
    }

    /// All rows in their order. Those of `before` stand before those of this sort where both are
    /// equal.
    pub fn finish(mut self, before: Option<Sorter>) -> Result<Sorted, FileLoadError> {
        self.spill()?;
        let mut runs = Vec::new();
        if let Some(mut before) = before {
            before.spill()?;
            runs.append(&mut before.runs);
        }
        runs.append(&mut self.runs);
        while runs.len() > self.limits.merged {
            // Neighbours are merged, so that what came first stays first.
            let mut merged = Vec::new();
            for group in runs.chunks(self.limits.merged) {
                merged.push(self.merge(group)?);
            }
            runs = merged;
        }
        Sorted::open(self.order, &runs)
    }

    /// Makes one run of some.
    fn merge(&mut self, runs: &[PathBuf]) -> Result<PathBuf, FileLoadError> {
        let path = self.next_run();
        let order = Order::new(&self.schema, &self.order.columns)
            .map_err(|error| FileLoadError::columns(&path, error))?;
        let mut sorted = Sorted::open(order, runs)?;
        let mut file = SpillFile::create(&path, &self.schema)?;
        while let Some(batch) = sorted.next()? {
            let slice = rows_of_a_slice(bytes_of(&batch), batch.num_rows(), self.limits.slice);
            for from in (0..batch.num_rows()).step_by(slice) {
                file.write(&batch.slice(from, slice.min(batch.num_rows() - from)))?;
            }
        }
        file.finish()?;
        Ok(path)
    }
}

/// Rows that make up a slice of so many bytes.
fn rows_of_a_slice(bytes: usize, rows: usize, slice: usize) -> usize {
    let row = (bytes / rows.max(1)).max(1);
    (slice / row).clamp(1, BATCH_ROWS)
}

/// The bytes of the values of these rows, however large the buffers are that they stand in.
pub fn bytes_of(rows: &RecordBatch) -> usize {
    let of = |column: &ArrayRef| {
        column.to_data().get_slice_memory_size().unwrap_or_else(|_| column.get_array_memory_size())
    };
    rows.columns().iter().map(of).sum()
}

#[cfg(test)]
mod tests;
