//! The folders of a partitioned table: `COLUMN=value/`, as Hive lays them out.

use arrow::{
    array::{Array, ArrayRef, AsArray, StringArray},
    compute::cast,
    datatypes::DataType,
    error::ArrowError,
};

use crate::load::files::{
    FileLoadError,
    columns::as_type,
    text::{Cells, TextOf},
};

/// The folder of rows without a value.
const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

/// Bytes that a file system takes in one name.
const LONGEST: usize = 255;

/// The name of a column or value in a path: what any file system or reader could take for
/// something else is written as `%` and two digits.
pub fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let mut name = String::with_capacity(text.len());
    for byte in text.bytes() {
        match plain(byte) {
            true => name.push(char::from(byte)),
            false => name.push_str(&format!("%{byte:02X}")),
        }
    }
    name
}

/// The text that was escaped; none if it is none of ours.
pub fn unescaped(name: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

/// The folder of one row: `A=1/B=x/`, with the values of `columns` in that row; nothing where
/// there are no columns.
pub fn folder_of(
    names: &[String],
    columns: &[ArrayRef],
    row: usize,
) -> Result<String, FileLoadError> {
    let mut folder = String::new();
    for (name, column) in names.iter().zip(columns) {
        let value = match column.is_null(row) {
            true => NO_VALUE.to_owned(),
            false => {
                let mut text = Vec::new();
                let wrong = |error: ArrowError| {
                    FileLoadError::refused(
                        format!("the values of `{name}` cannot name folders: {error}"),
                        "make a text of them by a `map`",
                    )
                };
                Cells::of(column, TextOf::Csv)
                    .and_then(|c| c.write(row, &mut text))
                    .map_err(wrong)?;
                match String::from_utf8_lossy(&text).as_ref() {
                    // A text that says so is not the same as no value.
                    NO_VALUE => format!("%5F{}", &NO_VALUE[1..]),
                    text => escaped(text),
                }
            }
        };
        let part = format!("{}={value}", escaped(name));
        if part.len() > LONGEST {
            return Err(FileLoadError::refused(
                format!("a value of `{name}` is too long to name a folder: `{part}`"),
                "take a shorter column for `partition_by`, or shorten it by a `map`",
            ));
        }
        folder.push_str(&part);
        folder.push('/');
    }
    Ok(folder)
}

/// The values of the columns by which a file stands in its folder, one row of each.
pub fn values_of(
    path: &str,
    columns: &[(String, DataType)],
) -> Result<Vec<ArrayRef>, FileLoadError> {
    let mut parts = path.split('/');
    let wrong = || {
        FileLoadError::refused(
            format!("`{path}` does not stand in a folder of the columns of `partition_by`"),
            "load anew by `mode: snapshot`",
        )
    };
    let mut values = Vec::new();
    for (name, data_type) in columns {
        let part = parts.next().ok_or_else(wrong)?;
        let (column, value) = part.split_once('=').ok_or_else(wrong)?;
        if unescaped(column).as_ref() != Some(name) {
            return Err(wrong());
        }
        let value = match value {
            NO_VALUE => None,
            value => Some(unescaped(value).ok_or_else(wrong)?),
        };
        let text: ArrayRef = std::sync::Arc::new(StringArray::from(vec![value]));
        let typed = match data_type {
            DataType::Utf8 => as_type(&text, data_type),
            _ => cast(&text, data_type),
        };
        let typed = typed.map_err(|_| wrong())?;
        if typed.is_null(0) != text.as_string::<i32>().is_null(0) {
            return Err(wrong());
        }
        values.push(typed);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::{
        array::{BooleanArray, Date32Array, Int64Array, TimestampMicrosecondArray},
        datatypes::TimeUnit,
    };

    use super::*;

    #[test]
    fn values_name_folders_and_come_back_from_them() {
        let columns: Vec<(String, ArrayRef)> = vec![
            ("day".into(), Arc::new(Date32Array::from(vec![Some(20_000), None]))),
            ("a b=c".into(), Arc::new(StringArray::from(vec!["50% of a/b: Zoë..", NO_VALUE]))),
            ("n".into(), Arc::new(Int64Array::from(vec![-5, 0]))),
            ("ok".into(), Arc::new(BooleanArray::from(vec![true, false]))),
            (
                "at".into(),
                Arc::new(
                    TimestampMicrosecondArray::from(vec![1_700_000_000_123_456, 0])
                        .with_timezone("UTC"),
                ),
            ),
            ("empty".into(), Arc::new(StringArray::from(vec![Some(""), None]))),
        ];
        let names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
        let arrays: Vec<ArrayRef> = columns.iter().map(|(_, array)| Arc::clone(array)).collect();
        let types: Vec<(String, DataType)> =
            columns.iter().map(|(name, array)| (name.clone(), array.data_type().clone())).collect();
        for row in 0..2 {
            let folder = folder_of(&names, &arrays, row).unwrap();
            let back = values_of(&format!("{folder}part-00000.parquet"), &types).unwrap();
            for (array, back) in arrays.iter().zip(back) {
                assert_eq!(array.slice(row, 1).as_ref(), back.as_ref(), "{folder}");
            }
        }
        assert_eq!(types[4].1, DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())));
        assert_eq!(
            folder_of(&names[..2], &arrays[..2], 0).unwrap(),
            "day=2024-10-04/a%20b%3Dc=50%25%20of%20a%2Fb%3A%20Zo%C3%AB../"
        );
    }

    #[test]
    fn a_value_that_no_file_system_takes_is_refused() {
        let long: ArrayRef = Arc::new(StringArray::from(vec!["é".repeat(50)]));
        let error = folder_of(&["name".into()], &[long], 0).unwrap_err();
        assert!(error.to_string().starts_with("a value of `name` is too long"), "{error}");
    }
}
