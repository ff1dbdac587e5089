//! Rows that were fetched from the tenant, as a source: read from the spool in the run's folder,
//! in the order of their keys, and given their types.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, AsArray, Int64Builder, MapBuilder, RecordBatch, StringArray,
        StringBuilder, TimestampMicrosecondBuilder, UInt32Array,
    },
    compute::take_record_batch,
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use jiff::tz::TimeZone;

use super::{ExtractError, Rows};
use crate::{
    batch::{BadRow, Chunk, Origin, Position, SourceBatch},
    spool::{Lines, SpoolRows},
    wire::wapi::read_date,
};

/// How a column of fetched text becomes one of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    /// As it stands; an empty one is none.
    Text,
    /// A number.
    Number,
    /// A date of the CRM, with or without a time.
    Time,
}

/// A column of the source.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name, which is that of the fetched column.
    pub name: String,
    /// Its type.
    pub cast: Cast,
}

/// The shape of the rows.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The columns.
    pub columns: Vec<Column>,
    /// Fetched columns that stand in one map, and the map's name.
    pub map: Option<(String, Vec<String>)>,
    /// The zone of dates; `None`: UTC.
    pub zone: Option<TimeZone>,
}

impl Shape {
    /// The columns of the source.
    pub fn schema(&self) -> SchemaRef {
        let zone = self.zone_name();
        let columns = self.columns.iter().map(|column| {
            let data_type = match column.cast {
                Cast::Text => DataType::Utf8,
                Cast::Number => DataType::Int64,
                Cast::Time => DataType::Timestamp(
                    arrow::datatypes::TimeUnit::Microsecond,
                    Some(zone.as_str().into()),
                ),
            };
            Field::new(&column.name, data_type, true)
        });
        let map = self.map.iter().map(|(name, _)| Field::new(name, map_type(), false));
        Arc::new(Schema::new(columns.chain(map).collect::<Vec<_>>()))
    }

    fn zone_name(&self) -> String {
        let name = self.zone.as_ref().and_then(|zone| zone.iana_name());
        name.unwrap_or("UTC").to_owned()
    }

    /// What is read from the spool: all columns as text.
    fn fetched(&self) -> SchemaRef {
        let columns = self.columns.iter().map(|column| &column.name);
        let map = self.map.iter().flat_map(|(_, names)| names);
        let fields = columns.chain(map).map(|name| Field::new(name, DataType::Utf8, true));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }
}

/// The type of the column that holds many.
fn map_type() -> DataType {
    let entries = Field::new(
        "entries",
        DataType::Struct(
            vec![
                Field::new("keys", DataType::Utf8, false),
                Field::new("values", DataType::Utf8, true),
            ]
            .into(),
        ),
        false,
    );
    DataType::Map(Arc::new(entries), false)
}

/// Fetched rows; before they are there, only their columns are known.
#[derive(Clone, Debug)]
pub struct SpooledSource {
    shape: Shape,
    schema: SchemaRef,
    lines: Option<Lines>,
}

impl SpooledSource {
    /// A source whose rows are still to be fetched.
    pub fn expected(shape: Shape) -> Self {
        SpooledSource { schema: shape.schema(), shape, lines: None }
    }

    /// A source whose rows are there.
    pub fn fetched(shape: Shape, lines: Lines) -> Self {
        SpooledSource { schema: shape.schema(), shape, lines: Some(lines) }
    }

    /// With dates in this zone.
    pub fn in_zone(mut self, zone: Option<&TimeZone>) -> Self {
        self.shape.zone = zone.cloned();
        self.schema = self.shape.schema();
        self
    }

    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// How many rows there are; for progress, which counts in bytes elsewhere.
    pub fn total(&self) -> u64 {
        self.lines.as_ref().map_or(0, Lines::rows)
    }

    /// The rows from a place on.
    pub fn rows(&self, from: Position, chunk_rows: usize) -> Result<SpooledRows, ExtractError> {
        let lines = self.lines.as_ref().ok_or(ExtractError::NotFetched)?;
        let rows = lines.open(self.shape.fetched())?;
        let reader = Typing { shape: self.shape.clone(), schema: self.schema() };
        Ok(SpooledRows { rows, reader, next: from.ordinal, total: lines.rows(), chunk_rows })
    }

    /// Reads single rows again.
    pub fn rereader(&self) -> SpooledRereader {
        SpooledRereader { source: self.clone(), rows: None, held: None }
    }
}

/// Reads fetched rows in chunks.
pub struct SpooledRows {
    rows: SpoolRows,
    reader: Typing,
    next: u64,
    total: u64,
    chunk_rows: usize,
}

impl Rows for SpooledRows {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExtractError> {
        if self.next >= self.total {
            return Ok(None);
        }
        let batch = self.rows.read(self.next, self.chunk_rows)?;
        if batch.num_rows() == 0 {
            return Ok(None);
        }
        let first = self.next;
        self.next += batch.num_rows() as u64;
        self.reader.chunk(&batch, first).map(Some)
    }
}

/// Where a fetched row stands: its number is its line.
fn origin(ordinal: u64) -> Origin {
    Origin { file: 0, line: ordinal + 1, start: ordinal, length: 1, ordinal }
}

/// Gives fetched text its types.
struct Typing {
    shape: Shape,
    schema: SchemaRef,
}

impl Typing {
    fn chunk(&self, text: &RecordBatch, first: u64) -> Result<Chunk, ExtractError> {
        let mut wrong: Vec<(usize, String)> = Vec::new();
        let zone = self.shape.zone.clone().unwrap_or(TimeZone::UTC);
        let width = self.shape.columns.len();
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(width + 1);
        for (at, column) in self.shape.columns.iter().enumerate() {
            let values = text.column(at).as_string::<i32>();
            columns.push(match column.cast {
                Cast::Text => without_empty(values),
                Cast::Number => numbers(&column.name, values, &mut wrong),
                Cast::Time => times(&column.name, values, &zone, &mut wrong),
            });
        }
        if let Some((_, names)) = &self.shape.map {
            columns.push(map(text.num_rows(), names, &text.columns()[width..]));
        }
        let columns = columns
            .into_iter()
            .zip(self.schema.fields())
            .map(|(column, field)| match column.data_type() == field.data_type() {
                true => Ok(column),
                false => arrow::compute::cast(&column, field.data_type()),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let all = RecordBatch::try_new(Arc::clone(&self.schema), columns)?;
        let end = first + text.num_rows() as u64;
        let (rows, bad) = self.apart(all, text, first, wrong)?;
        Ok(Chunk {
            rows: Arc::new(rows),
            bad,
            end: Position { file: 0, byte: end, line: end + 1, ordinal: end },
            bytes_read: end,
        })
    }

    /// Rows with a value that is not what the guide says go on a list; the others continue.
    fn apart(
        &self,
        all: RecordBatch,
        text: &RecordBatch,
        first: u64,
        mut wrong: Vec<(usize, String)>,
    ) -> Result<(SourceBatch, Vec<BadRow>), ExtractError> {
        if wrong.is_empty() {
            let origins = (0..all.num_rows() as u64).map(|row| origin(first + row)).collect();
            return Ok((SourceBatch { columns: all, origins }, Vec::new()));
        }
        wrong.sort_by_key(|(row, _)| *row);
        let mut bad: Vec<BadRow> = Vec::new();
        for (row, reason) in wrong {
            let origin = origin(first + row as u64);
            match bad.last_mut().filter(|last| last.origin.ordinal == origin.ordinal) {
                Some(last) => last.reason = format!("{}; {reason}", last.reason),
                None => bad.push(BadRow { origin, fields: self.fields(text, row), reason }),
            }
        }
        let is_bad = |row: &u32| {
            let ordinal = first + u64::from(*row);
            bad.binary_search_by_key(&ordinal, |bad| bad.origin.ordinal).is_ok()
        };
        let good: Vec<u32> = (0..all.num_rows() as u32).filter(|row| !is_bad(row)).collect();
        let origins = good.iter().map(|row| origin(first + u64::from(*row))).collect();
        let columns = take_record_batch(&all, &UInt32Array::from(good))?;
        Ok((SourceBatch { columns, origins }, bad))
    }

    /// The row's values as they were fetched, in the order of the source's columns.
    fn fields(&self, text: &RecordBatch, row: usize) -> Vec<Option<String>> {
        let value = |column: &ArrayRef| {
            let column = column.as_string::<i32>();
            (!column.is_null(row)).then(|| column.value(row).to_owned())
        };
        let width = self.shape.columns.len();
        let mut fields: Vec<Option<String>> = text.columns()[..width]
            .iter()
            .map(|column| value(column).filter(|text| !text.is_empty()))
            .collect();
        if let Some((_, names)) = &self.shape.map {
            let values = names.iter().zip(&text.columns()[width..]);
            let values: serde_json::Map<String, serde_json::Value> = values
                .filter_map(|(name, column)| Some((name.clone(), value(column)?.into())))
                .collect();
            fields.push(Some(serde_json::Value::Object(values).to_string()));
        }
        fields
    }
}

/// Empty fields of a reply are missing data (wapi:330).
fn without_empty(values: &StringArray) -> ArrayRef {
    if values.iter().all(|value| value != Some("")) {
        return Arc::new(values.clone());
    }
    let mut kept = StringBuilder::with_capacity(values.len(), values.value_data().len());
    values.iter().for_each(|value| kept.append_option(value.filter(|value| !value.is_empty())));
    Arc::new(kept.finish())
}

fn numbers(name: &str, values: &StringArray, wrong: &mut Vec<(usize, String)>) -> ArrayRef {
    let mut numbers = Int64Builder::with_capacity(values.len());
    for (row, value) in values.iter().enumerate() {
        let Some(text) = value.map(str::trim).filter(|text| !text.is_empty()) else {
            numbers.append_null();
            continue;
        };
        let number = text.parse::<i64>().ok();
        if number.is_none() {
            wrong.push((
                row,
                format!("{name}: no number (`{text}`); `types: text` takes it as it is"),
            ));
        }
        numbers.append_option(number);
    }
    Arc::new(numbers.finish())
}

fn times(
    name: &str,
    values: &StringArray,
    zone: &TimeZone,
    wrong: &mut Vec<(usize, String)>,
) -> ArrayRef {
    let mut times = TimestampMicrosecondBuilder::with_capacity(values.len());
    // Neighbours were often made on the same day.
    let mut last: Option<(&str, i64)> = None;
    for (row, value) in values.iter().enumerate() {
        let Some(text) = value.map(str::trim).filter(|text| !text.is_empty()) else {
            times.append_null();
            continue;
        };
        if let Some((_, at)) = last.filter(|(known, _)| *known == text) {
            times.append_value(at);
            continue;
        }
        let at = read_date(text).and_then(|date| {
            // Of a time that the clocks show twice, the first; one that they leave out, later.
            let zoned = zone.to_ambiguous_zoned(date.at()).compatible().ok()?;
            Some(zoned.timestamp().as_microsecond())
        });
        match at {
            Some(at) => last = Some((text, at)),
            None => {
                wrong.push((
                    row,
                    format!("{name}: no date (`{text}`); `types: text` takes it as it is"),
                ));
            }
        }
        times.append_option(at);
    }
    let name = zone.iana_name().unwrap_or("UTC").to_owned();
    Arc::new(times.finish().with_timezone(name))
}

fn map(rows: usize, names: &[String], columns: &[ArrayRef]) -> ArrayRef {
    let mut map = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    for row in 0..rows {
        for (name, column) in names.iter().zip(columns) {
            let column = column.as_string::<i32>();
            if !column.is_null(row) && !column.value(row).is_empty() {
                map.keys().append_value(name);
                map.values().append_value(column.value(row));
            }
        }
        // Keys and values have the same length: nothing can fail.
        let _ = map.append(true);
    }
    Arc::new(map.finish())
}

/// Reads single fetched rows again.
pub struct SpooledRereader {
    source: SpooledSource,
    rows: Option<SpoolRows>,
    /// The rows that were read last: the next one is likely among them.
    held: Option<(u64, RecordBatch)>,
}

/// Rows that are read for the sake of one.
const AROUND: u64 = 1024;

impl SpooledRereader {
    /// The fields of the row, in the order of the source's columns.
    pub fn fields(&mut self, origin: &Origin) -> Result<Vec<Option<String>>, ExtractError> {
        let start = origin.ordinal / AROUND * AROUND;
        if self.held.as_ref().is_none_or(|(held, _)| *held != start) {
            let rows = match &mut self.rows {
                Some(rows) => rows,
                None => {
                    let lines = self.source.lines.as_ref().ok_or(ExtractError::NotFetched)?;
                    self.rows.insert(lines.open(self.source.shape.fetched())?)
                }
            };
            self.held = Some((start, rows.read(start, AROUND as usize)?));
        }
        let typing = Typing { shape: self.source.shape.clone(), schema: self.source.schema() };
        match &self.held {
            Some((start, batch)) if origin.ordinal - start < batch.num_rows() as u64 => {
                Ok(typing.fields(batch, (origin.ordinal - start) as usize))
            }
            _ => Err(ExtractError::RowNotFetched { row: origin.ordinal }),
        }
    }
}

#[cfg(test)]
#[path = "spooled_tests.rs"]
mod tests;
