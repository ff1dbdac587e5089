//! The key of a row as bytes that are the same for the same values, and their hash.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, UInt64Array},
    compute::cast,
    datatypes::{DataType, Int64Type, TimeUnit, UInt64Type},
    error::ArrowError,
};
use xxhash_rust::xxh3::xxh3_128;

/// The columns of a key over one batch.
pub(super) struct Keys {
    columns: Vec<Column>,
    bytes: Vec<u8>,
}

/// A column of a key; other types than these are compared as text.
enum Column {
    Whole(Int64Array),
    /// Whole numbers that `Whole` cannot hold are among them.
    Unsigned(UInt64Array),
    Text(StringArray),
}

impl Keys {
    /// The key in these columns of `rows`.
    pub fn of(rows: &RecordBatch, columns: &[usize]) -> Result<Self, ArrowError> {
        let columns = columns.iter().map(|&column| Column::of(rows.column(column)));
        Ok(Keys { columns: columns.collect::<Result<_, _>>()?, bytes: Vec::new() })
    }

    /// The hash of a row's key; none if one of its columns is null.
    pub fn hash(&mut self, row: usize) -> Option<u128> {
        self.bytes.clear();
        for column in &self.columns {
            column.append(row, &mut self.bytes)?;
        }
        Some(xxh3_128(&self.bytes))
    }
}

impl Column {
    fn of(array: &ArrayRef) -> Result<Self, ArrowError> {
        use DataType as T;
        Ok(match array.data_type() {
            T::Utf8 => Column::Text(array.as_string().clone()),
            T::Int64 => Column::Whole(array.as_primitive::<Int64Type>().clone()),
            T::UInt64 => Column::Unsigned(array.as_primitive::<UInt64Type>().clone()),
            T::Int8 | T::Int16 | T::Int32 | T::UInt8 | T::UInt16 | T::UInt32 => {
                Column::Whole(cast(array, &T::Int64)?.as_primitive::<Int64Type>().clone())
            }
            // Instants and days, in the unit of their type, which a column does not change.
            T::Date32 | T::Date64 | T::Timestamp(..) | T::Time32(_) | T::Time64(_) => {
                let whole = match array.data_type() {
                    T::Date32 | T::Time32(TimeUnit::Second | TimeUnit::Millisecond) => {
                        cast(&cast(array, &T::Int32)?, &T::Int64)?
                    }
                    _ => cast(array, &T::Int64)?,
                };
                Column::Whole(whole.as_primitive::<Int64Type>().clone())
            }
            _ => Column::Text(as_text(array)?),
        })
    }

    /// Appends a value so that no other value, or list of values, gives the same bytes.
    fn append(&self, row: usize, bytes: &mut Vec<u8>) -> Option<()> {
        match self {
            Column::Whole(values) => {
                bytes.push(b'i');
                bytes.extend(valid(values, row)?.value(row).to_le_bytes());
            }
            Column::Unsigned(values) => {
                let value = valid(values, row)?.value(row);
                bytes.push(if i64::try_from(value).is_ok() { b'i' } else { b'u' });
                bytes.extend(value.to_le_bytes());
            }
            Column::Text(values) => {
                let text = valid(values, row)?.value(row);
                bytes.push(b't');
                bytes.extend((text.len() as u32).to_le_bytes());
                bytes.extend(text.as_bytes());
            }
        }
        Some(())
    }
}

fn valid<A: Array>(values: &A, row: usize) -> Option<&A> {
    values.is_valid(row).then_some(values)
}

fn as_text(array: &ArrayRef) -> Result<StringArray, ArrowError> {
    let text: ArrayRef = match array.data_type() {
        DataType::Null => Arc::new(StringArray::new_null(array.len())),
        _ => cast(array, &DataType::Utf8)?,
    };
    Ok(text.as_string::<i32>().clone())
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int32Array, LargeStringArray};

    use super::*;

    fn hashes(columns: Vec<ArrayRef>) -> Vec<Option<u128>> {
        let names = ('a'..).map(|c| c.to_string());
        let rows = RecordBatch::try_from_iter(names.zip(columns)).unwrap();
        let all: Vec<usize> = (0..rows.num_columns()).collect();
        let mut keys = Keys::of(&rows, &all).unwrap();
        (0..rows.num_rows()).map(|row| keys.hash(row)).collect()
    }

    #[test]
    fn the_same_number_is_the_same_key_whatever_its_width() {
        let wide = hashes(vec![Arc::new(Int64Array::from(vec![7, -1]))]);
        assert_eq!(wide, hashes(vec![Arc::new(Int32Array::from(vec![7, -1]))]));
        assert_eq!(wide[0], hashes(vec![Arc::new(UInt64Array::from(vec![7]))])[0]);
        let minus_one = hashes(vec![Arc::new(UInt64Array::from(vec![u64::MAX]))]);
        assert_ne!(wide[1], minus_one[0]);
    }

    #[test]
    fn the_same_text_is_the_same_key_whatever_kind_of_text() {
        let text = hashes(vec![Arc::new(StringArray::from(vec!["007"]))]);
        assert_eq!(text, hashes(vec![Arc::new(LargeStringArray::from(vec!["007"]))]));
        assert_ne!(text, hashes(vec![Arc::new(StringArray::from(vec!["7"]))]));
    }

    #[test]
    fn where_one_column_ends_is_part_of_the_key() {
        let pair = |a: &str, b: &str| {
            let column =
                |text: &str| Arc::new(StringArray::from(vec![text.to_owned()])) as ArrayRef;
            hashes(vec![column(a), column(b)])
        };
        assert_ne!(pair("ab", "c"), pair("a", "bc"));
    }

    #[test]
    fn a_null_in_any_column_is_no_key() {
        let first = Arc::new(StringArray::from(vec![Some("a"), None, Some("a")]));
        let second = Arc::new(Int64Array::from(vec![None, Some(1), Some(1)]));
        let found: Vec<bool> = hashes(vec![first, second]).iter().map(Option::is_some).collect();
        assert_eq!(found, [false, false, true]);
    }
}
