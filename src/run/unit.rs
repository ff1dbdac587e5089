//! A unit of work: rows that are sent together, and how they are kept in the ledger.

use std::{io::Cursor, sync::Arc, time::Instant};

use arrow::{
    array::{ArrayRef, AsArray, RecordBatch, UInt32Array, UInt64Array},
    compute::{concat_batches, take_record_batch},
    datatypes::{DataType, Field, Schema, UInt32Type, UInt64Type},
    error::ArrowError,
    ipc::{reader::StreamReader, writer::StreamWriter},
};

use super::payload;
use crate::{
    batch::{Origin, SourceBatch},
    ledger::{OpenUnit, UnitId},
};

/// The columns that stand behind the target's own in a unit's payload, in this order.
const ORIGIN_COLUMNS: [(&str, DataType); 5] = [
    ("_file", DataType::UInt32),
    ("_line", DataType::UInt64),
    ("_start", DataType::UInt64),
    ("_length", DataType::UInt32),
    ("_ordinal", DataType::UInt64),
];

/// Rows that are sent together.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its number in the ledger.
    pub id: UnitId,
    /// The unit of which it is a part, where it is sent again.
    pub parent: Option<UnitId>,
    /// The target's columns.
    pub rows: RecordBatch,
    /// Where each row was read.
    pub origins: Vec<Origin>,
    /// The rows as they were read; empty for a unit that comes from the ledger.
    pub sources: Vec<Segment>,
    /// Requests that were made for these rows.
    pub attempts: u32,
    /// Requests of them whose answer was lost, by this process.
    pub lost: u32,
    /// Whether an earlier sending may have been applied.
    pub doubt: bool,
    /// Not to be sent before.
    pub not_before: Option<Instant>,
}

/// Rows of one source batch.
#[derive(Clone, Debug)]
pub struct Segment {
    /// The batch.
    pub source: Arc<SourceBatch>,
    /// Indices of the rows in it.
    pub picks: Vec<u32>,
}

impl Unit {
    /// A unit of rows that were just read.
    pub fn new(id: UnitId, rows: RecordBatch, sources: Vec<Segment>) -> Self {
        let origins = sources
            .iter()
            .flat_map(|segment| {
                segment.picks.iter().map(|pick| segment.source.origins[*pick as usize])
            })
            .collect();
        Unit {
            id,
            parent: None,
            rows,
            origins,
            sources,
            attempts: 0,
            lost: 0,
            doubt: false,
            not_before: None,
        }
    }

    /// Its number of rows.
    pub fn len(&self) -> usize {
        self.origins.len()
    }

    /// The row as it was read, where it is still in memory.
    pub fn source_of(&self, row: usize) -> Option<(&SourceBatch, usize)> {
        let mut row = row;
        for segment in &self.sources {
            match segment.picks.get(row) {
                Some(pick) => return Some((&segment.source, *pick as usize)),
                None => row -= segment.picks.len(),
            }
        }
        None
    }

    /// Some of its rows as a unit of their own.
    pub fn part(&self, id: UnitId, rows: &[u32], doubt: bool) -> Result<Unit, ArrowError> {
        let sources = match self.sources.is_empty() {
            true => Vec::new(),
            false => self.segments_of(rows),
        };
        Ok(Unit {
            id,
            parent: Some(self.id),
            rows: take_record_batch(&self.rows, &UInt32Array::from(rows.to_vec()))?,
            origins: rows.iter().map(|row| self.origins[*row as usize]).collect(),
            sources,
            attempts: self.attempts,
            lost: self.lost,
            doubt,
            not_before: None,
        })
    }

    fn segments_of(&self, rows: &[u32]) -> Vec<Segment> {
        let mut parts = Vec::with_capacity(self.sources.len());
        let mut first = 0;
        for segment in &self.sources {
            let end = first + segment.picks.len();
            let picks: Vec<u32> = rows
                .iter()
                .map(|row| *row as usize)
                .filter(|row| (first..end).contains(row))
                .map(|row| segment.picks[row - first])
                .collect();
            if !picks.is_empty() {
                parts.push(Segment { source: Arc::clone(&segment.source), picks });
            }
            first = end;
        }
        parts
    }

    /// The rows and their origins as bytes for the ledger.
    pub fn payload(&self) -> Result<Vec<u8>, ArrowError> {
        if let Some(bytes) = payload::write(&self.rows, &self.origins) {
            return Ok(bytes);
        }
        let origins: [ArrayRef; 5] = [
            Arc::new(UInt32Array::from_iter_values(self.origins.iter().map(|o| o.file))),
            Arc::new(UInt64Array::from_iter_values(self.origins.iter().map(|o| o.line))),
            Arc::new(UInt64Array::from_iter_values(self.origins.iter().map(|o| o.start))),
            Arc::new(UInt32Array::from_iter_values(self.origins.iter().map(|o| o.length))),
            Arc::new(UInt64Array::from_iter_values(self.origins.iter().map(|o| o.ordinal))),
        ];
        let schema = payload_schema(&self.rows.schema());
        let columns = self.rows.columns().iter().cloned().chain(origins).collect();
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns)?;
        let mut writer = StreamWriter::try_new(Vec::new(), &schema)?;
        writer.write(&batch)?;
        writer.into_inner()
    }

    /// A unit whose intent stood in the ledger without an outcome.
    pub fn from_ledger(open: &OpenUnit) -> Result<Unit, ArrowError> {
        if let Some(read) = payload::read(&open.payload) {
            let (rows, origins) = read?;
            return Ok(Unit::taken_up(open, rows, origins));
        }
        let reader = StreamReader::try_new(Cursor::new(&open.payload), None)?;
        let schema = reader.schema();
        let batches = reader.collect::<Result<Vec<_>, _>>()?;
        let batch = concat_batches(&schema, &batches)?;
        let width = batch
            .num_columns()
            .checked_sub(ORIGIN_COLUMNS.len())
            .ok_or_else(|| ArrowError::IpcError("a unit without the origins of its rows".into()))?;
        let origins = origins_of(&batch, width)?;
        let rows = batch.project(&(0..width).collect::<Vec<_>>())?;
        Ok(Unit::taken_up(open, rows, origins))
    }

    fn taken_up(open: &OpenUnit, rows: RecordBatch, origins: Vec<Origin>) -> Unit {
        Unit {
            id: open.id,
            parent: None,
            rows,
            origins,
            sources: Vec::new(),
            attempts: open.attempts,
            lost: 0,
            doubt: !open.withheld,
            not_before: None,
        }
    }
}

fn payload_schema(rows: &Schema) -> Arc<Schema> {
    let origins = ORIGIN_COLUMNS
        .into_iter()
        .map(|(name, data_type)| Arc::new(Field::new(name, data_type, false)));
    Arc::new(Schema::new(rows.fields().iter().cloned().chain(origins).collect::<Vec<_>>()))
}

fn origins_of(batch: &RecordBatch, width: usize) -> Result<Vec<Origin>, ArrowError> {
    let wrong = || ArrowError::IpcError("the origins of a unit's rows have another type".into());
    let small = |index: usize| {
        batch.column(width + index).as_primitive_opt::<UInt32Type>().ok_or_else(wrong)
    };
    let large = |index: usize| {
        batch.column(width + index).as_primitive_opt::<UInt64Type>().ok_or_else(wrong)
    };
    let (file, line, start) = (small(0)?, large(1)?, large(2)?);
    let (length, ordinal) = (small(3)?, large(4)?);
    Ok((0..batch.num_rows())
        .map(|row| Origin {
            file: file.value(row),
            line: line.value(row),
            start: start.value(row),
            length: length.value(row),
            ordinal: ordinal.value(row),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use arrow::array::Int64Array;

    use super::*;

    fn source(rows: u64) -> Arc<SourceBatch> {
        let ids = Int64Array::from_iter_values((0..rows).map(|row| row as i64 + 10_000_000));
        let columns = RecordBatch::try_from_iter([("customer-id", Arc::new(ids) as ArrayRef)]);
        let origins = (0..rows)
            .map(|row| Origin { file: 0, line: row + 2, start: row * 9, length: 9, ordinal: row })
            .collect();
        Arc::new(SourceBatch { columns: columns.unwrap(), origins })
    }

    fn unit() -> Unit {
        let (first, second) = (source(4), source(6));
        let rows = concat_batches(
            &first.columns.schema(),
            [&first.columns.slice(1, 3), &second.columns.slice(0, 2)],
        );
        Unit::new(
            7,
            rows.unwrap(),
            vec![
                Segment { source: first, picks: vec![1, 2, 3] },
                Segment { source: second, picks: vec![0, 1] },
            ],
        )
    }

    #[test]
    fn a_unit_comes_back_from_the_ledger_as_it_went_in() {
        let unit = unit();
        let open =
            OpenUnit { id: 7, attempts: 2, withheld: false, payload: unit.payload().unwrap() };
        let back = Unit::from_ledger(&open).unwrap();
        assert_eq!(back.rows, unit.rows);
        assert_eq!(back.origins, unit.origins);
        assert!(back.doubt, "an intent without an outcome is in doubt");
    }

    #[test]
    fn a_part_keeps_the_rows_as_they_were_read() {
        let part = unit().part(8, &[2, 3], true).unwrap();
        assert_eq!(part.parent, Some(7));
        let lines: Vec<u64> = part.origins.iter().map(|origin| origin.line).collect();
        assert_eq!(lines, [5, 2]);
        let picks: Vec<usize> = (0..part.len()).map(|row| part.source_of(row).unwrap().1).collect();
        assert_eq!(picks, [3, 0]);
        assert!(part.source_of(2).is_none());
    }
}
