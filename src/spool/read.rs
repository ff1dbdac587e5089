//! Reading fetched rows in the order of their keys, from any of them on.

use std::{
    collections::{HashMap, VecDeque},
    path::PathBuf,
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, RecordBatch, StringArray, new_null_array},
    compute::{concat, interleave},
    datatypes::{DataType, SchemaRef},
};
use rusqlite::{Connection, OpenFlags, params};

use super::{Place, SpoolError, unpack};

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

/// Rows that follow each other in a batch are copied at one go where there are as many of them.
const LONG_RUN: usize = 16;

/// Reads rows by their numbers.
pub struct SpoolRows {
    connection: Connection,
    path: PathBuf,
    schema: SchemaRef,
    held: HashMap<u32, Held>,
    /// The windows held, the one that was used last at the end.
    order: VecDeque<u32>,
    held_bytes: usize,
}

/// One unpacked window, in the columns of the schema.
struct Held {
    /// Rows that have not been read yet; read in their order, none is read twice.
    left: usize,
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
        let mut numbers: HashMap<(u32, usize), usize> = HashMap::new();
        let mut indices = Vec::with_capacity(places.len());
        for run in places.chunk_by(|one, next| one.part == next.part) {
            let part = run[0].part;
            let held = self.part(part)?;
            for row in run.iter().map(|place| place.row as usize) {
                let batch = held.starts.partition_point(|start| *start <= row) - 1;
                let number = *numbers.entry((part, batch)).or_insert_with(|| {
                    sources.push(held.batches[batch].clone());
                    sources.len() - 1
                });
                indices.push((number, row - held.starts[batch]));
            }
            held.left = held.left.saturating_sub(run.len());
            if held.left == 0 {
                self.let_go(part);
            }
        }
        self.gather(&sources, &indices)
    }

    fn gather(
        &self,
        sources: &[RecordBatch],
        indices: &[(usize, usize)],
    ) -> Result<RecordBatch, SpoolError> {
        let runs: Vec<&[(usize, usize)]> =
            indices.chunk_by(|one, next| *next == (one.0, one.1 + 1)).collect();
        let in_runs = runs.len() * LONG_RUN <= indices.len();
        let columns = (0..self.schema.fields().len()).map(|column| {
            if indices.is_empty() {
                return Ok(Arc::new(StringArray::new_null(0)) as ArrayRef);
            }
            if in_runs {
                let slices: Vec<ArrayRef> = runs
                    .iter()
                    .map(|run| sources[run[0].0].column(column).slice(run[0].1, run.len()))
                    .collect();
                return match slices.as_slice() {
                    [one] => Ok(Arc::clone(one)),
                    slices => concat(&slices.iter().map(AsRef::as_ref).collect::<Vec<_>>()),
                };
            }
            let arrays: Vec<&dyn Array> =
                sources.iter().map(|batch| batch.column(column).as_ref()).collect();
            interleave(&arrays, indices)
        });
        columns
            .collect::<Result<Vec<_>, _>>()
            .and_then(|columns| RecordBatch::try_new(Arc::clone(&self.schema), columns))
            .map_err(|error| self.damaged(error.to_string()))
    }

    fn places(&self, from: u64, most: usize) -> Result<Vec<Place>, SpoolError> {
        let sql = "SELECT places FROM line WHERE block BETWEEN ?1 AND ?2 ORDER BY block";
        let failed = |source| SpoolError::at(&self.path, source);
        let block = |ordinal: u64| (ordinal / Place::IN_BLOCK as u64) as i64;
        let mut ask = self.connection.prepare_cached(sql).map_err(failed)?;
        let last = block((from + most as u64).saturating_sub(1));
        let mut blocks = ask.query(params![block(from), last]).map_err(failed)?;
        let mut before = (from % Place::IN_BLOCK as u64) as usize;
        let mut places = Vec::with_capacity(most);
        while let Some(row) = blocks.next().map_err(failed)? {
            let bytes = row.get_ref(0).map_err(failed)?.as_blob().unwrap_or_default();
            let stored = bytes.as_chunks().0.iter().skip(before);
            places.extend(stored.take(most - places.len()).map(|bytes| Place::of_bytes(*bytes)));
            before = 0;
        }
        Ok(places)
    }

    fn part(&mut self, id: u32) -> Result<&mut Held, SpoolError> {
        if self.order.back() != Some(&id) {
            self.order.retain(|other| *other != id);
            self.order.push_back(id);
        }
        if !self.held.contains_key(&id) {
            let held = self.unpacked(id)?;
            self.held_bytes += held.bytes;
            self.held.insert(id, held);
            while self.held_bytes > HELD_BYTES && self.order.len() > 1 {
                let Some(oldest) = self.order.front().copied() else { break };
                self.let_go(oldest);
            }
        }
        let gone =
            || SpoolError::Damaged { path: self.path.clone(), what: "a part is not there".into() };
        self.held.get_mut(&id).ok_or_else(gone)
    }

    fn let_go(&mut self, id: u32) {
        self.order.retain(|other| *other != id);
        self.held_bytes -= self.held.remove(&id).map_or(0, |held| held.bytes);
    }

    fn unpacked(&self, id: u32) -> Result<Held, SpoolError> {
        let (bytes, batches) = self
            .connection
            .prepare_cached("SELECT bytes, payload FROM part WHERE id = ?1")
            .and_then(|mut ask| {
                ask.query_row([id], |row| {
                    let bytes = row.get::<_, i64>(0)? as usize;
                    Ok((bytes, unpack(row.get_ref(1)?.as_blob()?, bytes)))
                })
            })
            .map_err(|source| SpoolError::at(&self.path, source))?;
        let batches = batches.map_err(|error| self.damaged(error.to_string()))?;
        self.hold(&batches, bytes)
    }

    /// The batches in the columns of the schema.
    fn hold(&self, batches: &[RecordBatch], bytes: usize) -> Result<Held, SpoolError> {
        let (mut starts, mut rows) = (Vec::new(), 0);
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
            fitted.push(batch);
        }
        Ok(Held { left: rows, batches: fitted, starts, bytes })
    }

    fn damaged(&self, what: String) -> SpoolError {
        SpoolError::Damaged { path: self.path.clone(), what }
    }
}
