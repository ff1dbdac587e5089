//! Rows of text and where they were read, as bytes for the ledger.
//!
//! A record of the CRM is a unit of its own, and an Arrow IPC stream of one row is ten times the row:
//! rows whose columns are all text are written as what they are.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, StringBuilder},
    datatypes::{DataType, Field, Schema},
    error::ArrowError,
};

use crate::batch::Origin;

/// The first byte; an IPC stream begins with 0xFF.
const TEXT: u8 = b'T';

/// The length of a value that is null.
const NULL: u32 = u32::MAX;

/// The bytes of rows whose columns are all text; `None` where one is not.
pub fn write(rows: &RecordBatch, origins: &[Origin]) -> Option<Vec<u8>> {
    let columns: Option<Vec<_>> =
        rows.columns().iter().map(|column| column.as_string_opt::<i32>()).collect();
    let columns = columns?;
    let mut bytes = vec![TEXT];
    put(&mut bytes, columns.len() as u32);
    for field in rows.schema_ref().fields() {
        put_text(&mut bytes, field.name());
    }
    put(&mut bytes, rows.num_rows() as u32);
    for (row, origin) in origins.iter().enumerate() {
        put(&mut bytes, origin.file);
        put(&mut bytes, origin.length);
        for number in [origin.line, origin.start, origin.ordinal] {
            bytes.extend(number.to_le_bytes());
        }
        for column in &columns {
            match column.is_null(row) {
                true => put(&mut bytes, NULL),
                false => put_text(&mut bytes, column.value(row)),
            }
        }
    }
    Some(bytes)
}

/// Reads what [`write`] wrote; `None` where the bytes are of another kind.
///
/// # Errors
/// Bytes that are damaged.
pub fn read(bytes: &[u8]) -> Option<Result<(RecordBatch, Vec<Origin>), ArrowError>> {
    let rest = bytes.strip_prefix(&[TEXT])?;
    let damaged = || ArrowError::IpcError("the rows of a unit are damaged".into());
    Some(read_rows(rest).ok_or_else(damaged).and_then(|(fields, columns, origins)| {
        Ok((RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?, origins))
    }))
}

fn read_rows(bytes: &[u8]) -> Option<(Vec<Field>, Vec<ArrayRef>, Vec<Origin>)> {
    let rest = &mut &*bytes;
    let width = take(rest)?;
    let name = |rest: &mut &[u8]| Some(Field::new(take_text(rest)??, DataType::Utf8, true));
    let fields = (0..width).map(|_| name(rest)).collect::<Option<Vec<_>>>()?;
    let rows = take(rest)?;
    let mut columns: Vec<StringBuilder> = fields.iter().map(|_| StringBuilder::new()).collect();
    let mut origins = Vec::new();
    for _ in 0..rows {
        let (file, length) = (take(rest)?, take(rest)?);
        let (line, start, ordinal) = (take_long(rest)?, take_long(rest)?, take_long(rest)?);
        origins.push(Origin { file, line, start, length, ordinal });
        for column in &mut columns {
            column.append_option(take_text(rest)?);
        }
    }
    let columns = columns.into_iter().map(|mut column| Arc::new(column.finish()) as ArrayRef);
    rest.is_empty().then(|| (fields, columns.collect(), origins))
}

fn put(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend(number.to_le_bytes());
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put(bytes, text.len() as u32);
    bytes.extend(text.as_bytes());
}

fn take(bytes: &mut &[u8]) -> Option<u32> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u32::from_le_bytes(*number))
}

fn take_long(bytes: &mut &[u8]) -> Option<u64> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u64::from_le_bytes(*number))
}

/// A text, or null; the outer `None` is damage.
fn take_text<'a>(bytes: &mut &'a [u8]) -> Option<Option<&'a str>> {
    let length = take(bytes)?;
    if length == NULL {
        return Some(None);
    }
    let (text, rest) = bytes.split_at_checked(length as usize)?;
    *bytes = rest;
    std::str::from_utf8(text).ok().map(Some)
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, StringArray};

    use super::*;

    fn batch() -> (RecordBatch, Vec<Origin>) {
        let names: ArrayRef = Arc::new(StringArray::from(vec![Some("Zoë"), None, Some("")]));
        let texts: ArrayRef = Arc::new(StringArray::from(vec![None, Some("a\0b"), Some("中文")]));
        let origin =
            |row: u64| Origin { file: 1, line: row + 2, start: row * 9, length: 9, ordinal: row };
        let nullable = |name: &str| Field::new(name, DataType::Utf8, true);
        let schema = Schema::new(vec![nullable("FIRSTNAME"), nullable("COMMENTS")]);
        let rows = RecordBatch::try_new(Arc::new(schema), vec![names, texts]).unwrap();
        (rows, (0..3).map(origin).collect())
    }

    #[test]
    fn rows_of_text_come_back_as_they_went_in() {
        let (rows, origins) = batch();
        let bytes = write(&rows, &origins).unwrap();
        let (back, its_origins) = read(&bytes).unwrap().unwrap();
        assert_eq!((back, its_origins), (rows.clone(), origins.clone()));
        let slice = write(&rows.slice(1, 1), &origins[1..2]).unwrap();
        let (back, _) = read(&slice).unwrap().unwrap();
        assert_eq!(back, rows.slice(1, 1));
    }

    #[test]
    fn damaged_bytes_are_an_error_and_other_rows_are_of_another_kind() {
        let (rows, origins) = batch();
        let bytes = write(&rows, &origins).unwrap();
        for length in 1..bytes.len() {
            assert!(read(&bytes[..length]).unwrap().is_err(), "cut after {length}");
        }
        assert!(read(&[0xFF; 8]).is_none());
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        let numbers = RecordBatch::try_from_iter([("customer-id", numbers)]).unwrap();
        assert!(write(&numbers, &origins[..1]).is_none());
    }
}
