//! Reading fetched rows in the order of their keys, from any of them on.

use std::{
    collections::{HashMap, VecDeque},
    path::PathBuf,
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, RecordBatch, StringArray, new_null_array},
    compute::interleave,
    datatypes::{DataType, SchemaRef},
};
use rusqlite::{Connection, OpenFlags, params};

use super::{SpoolError, unpack};

/// Bytes of unpacked windows that are held: rows of neighbouring keys come from few windows.
const HELD_BYTES: usize = 48 << 20;

/// The rows of a spool in their order.
#[derive(Clone, Debug)]
pub struct Lines {
    path: PathBuf,
    rows: u64,
}

impl Lines {
    pub(super) fn new(path: PathBuf, rows: u64) -> Self {
        Lines { path, rows }
    }

    /// How many there are.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Reads from a row on; columns of `schema` that no reply had are null, all are text.
    ///
    /// # Errors
    /// The file is gone or damaged.
    pub fn open(&self, schema: SchemaRef) -> Result<SpoolRows, SpoolError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)
            .map_err(|source| SpoolError::at(&self.path, source))?;
        Ok(SpoolRows {
            connection,
            path: self.path.clone(),
            schema,
            held: HashMap::new(),
            order: VecDeque::new(),
            held_bytes: 0,
        })
    }
}

/// Reads rows by their numbers.
pub struct SpoolRows {
    connection: Connection,
    path: PathBuf,
    schema: SchemaRef,
    held: HashMap<i64, Arc<Held>>,
    /// The windows held, the one that was used last at the end.
    order: VecDeque<i64>,
    held_bytes: usize,
}

/// One unpacked window, in the columns of the schema.
struct Held {
    batches: Vec<RecordBatch>,
    /// The number of each batch's first row.
    starts: Vec<usize>,
    bytes: usize,
}

impl SpoolRows {
    /// Rows `from` to `from + most - 1`, as far as they are there.
    ///
    /// # Errors
    /// The file is gone or damaged.
    pub fn read(&mut self, from: u64, most: usize) -> Result<RecordBatch, SpoolError> {
        let places = self.places(from, most)?;
        let mut sources: Vec<RecordBatch> = Vec::new();
        let mut numbers: HashMap<(i64, usize), usize> = HashMap::new();
        let mut indices = Vec::with_capacity(places.len());
        for (part, row) in places {
            let held = self.part(part)?;
            let batch = held.starts.partition_point(|start| *start <= row) - 1;
            let number = *numbers.entry((part, batch)).or_insert_with(|| {
                sources.push(held.batches[batch].clone());
                sources.len() - 1
            });
            indices.push((number, row - held.starts[batch]));
        }
        self.gather(&sources, &indices)
    }

    fn gather(
        &self,
        sources: &[RecordBatch],
        indices: &[(usize, usize)],
    ) -> Result<RecordBatch, SpoolError> {
        let columns = (0..self.schema.fields().len()).map(|column| {
            let arrays: Vec<&dyn Array> =
                sources.iter().map(|batch| batch.column(column).as_ref()).collect();
            match arrays.is_empty() {
                true => Ok(Arc::new(StringArray::new_null(0)) as ArrayRef),
                false => interleave(&arrays, indices),
            }
        });
        columns
            .collect::<Result<Vec<_>, _>>()
            .and_then(|columns| RecordBatch::try_new(Arc::clone(&self.schema), columns))
            .map_err(|error| self.damaged(error.to_string()))
    }

    fn places(&self, from: u64, most: usize) -> Result<Vec<(i64, usize)>, SpoolError> {
        let sql = "SELECT part, row FROM line WHERE ordinal >= ?1 ORDER BY ordinal LIMIT ?2";
        let failed = |source| SpoolError::at(&self.path, source);
        let mut ask = self.connection.prepare_cached(sql).map_err(failed)?;
        let places = ask
            .query_map(params![from as i64, most as i64], |row| {
                Ok((row.get(0)?, row.get::<_, i64>(1)? as usize))
            })
            .map_err(failed)?;
        places.collect::<Result<_, _>>().map_err(failed)
    }

    fn part(&mut self, id: i64) -> Result<Arc<Held>, SpoolError> {
        if let Some(held) = self.held.get(&id) {
            let held = Arc::clone(held);
            if self.order.back() != Some(&id) {
                self.order.retain(|other| *other != id);
                self.order.push_back(id);
            }
            return Ok(held);
        }
        let payload: Vec<u8> = self
            .connection
            .prepare_cached("SELECT payload FROM part WHERE id = ?1")
            .and_then(|mut ask| ask.query_row([id], |row| row.get(0)))
            .map_err(|source| SpoolError::at(&self.path, source))?;
        let batches = unpack(&payload).map_err(|error| self.damaged(error.to_string()))?;
        let held = Arc::new(self.hold(&batches)?);
        self.held_bytes += held.bytes;
        self.held.insert(id, Arc::clone(&held));
        self.order.push_back(id);
        while self.held_bytes > HELD_BYTES && self.order.len() > 1 {
            let Some(oldest) = self.order.pop_front() else { break };
            self.held_bytes -= self.held.remove(&oldest).map_or(0, |held| held.bytes);
        }
        Ok(held)
    }

    /// The batches in the columns of the schema.
    fn hold(&self, batches: &[RecordBatch]) -> Result<Held, SpoolError> {
        let (mut starts, mut rows, mut bytes) = (Vec::new(), 0, 0);
        let mut fitted = Vec::with_capacity(batches.len());
        for batch in batches {
            let columns =
                self.schema.fields().iter().map(|field| match batch.column_by_name(field.name()) {
                    Some(column) => Arc::clone(column),
                    None => new_null_array(&DataType::Utf8, batch.num_rows()),
                });
            let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns.collect())
                .map_err(|error| self.damaged(error.to_string()))?;
            starts.push(rows);
            rows += batch.num_rows();
            bytes += batch.get_array_memory_size();
            fitted.push(batch);
        }
        Ok(Held { batches: fitted, starts, bytes })
    }

    fn damaged(&self, what: String) -> SpoolError {
        SpoolError::Damaged { path: self.path.clone(), what }
    }
}
