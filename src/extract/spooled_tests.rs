use std::sync::Arc;

use arrow::{
    array::{ArrayRef, AsArray, RecordBatch, StringArray},
    datatypes::TimestampMicrosecondType,
    util::display::array_value_to_string,
};

use super::*;
use crate::{
    extract::{Source, conformance},
    spool::{Key, Packed, Part, Spool},
};

const ROWS: &[[Option<&str>; 4]] = &[
    [Some("1"), Some("03082026 01:30:00"), Some("7"), Some("x")],
    [Some("2"), Some("13452026"), Some("8"), None],
    [Some("3"), Some(""), None, Some("")],
    [Some("4"), Some("1101202601:30:00"), Some("many"), Some("y")],
    [Some("5"), Some("11012026"), Some("007"), Some("z")],
];

fn spool(folder: &std::path::Path) -> Lines {
    let column = |at: usize| {
        Arc::new(StringArray::from(ROWS.iter().map(|row| row[at]).collect::<Vec<_>>())) as ArrayRef
    };
    let names = ["ID", "CREATEDDATE", "COUNT", "MY_FIELD"];
    let columns = names.iter().enumerate().map(|(at, name)| (*name, column(at)));
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.map(|(n, c)| (n, c, true))).unwrap();
    let keys: Vec<Key> = ROWS.iter().map(|row| Key::of(row[0].into_iter())).collect();
    let mut spool = Spool::open(&folder.join("fetched.sqlite")).unwrap();
    let hashes = vec![0; keys.len()];
    let part = Part { what: "all".into(), rows: Packed::of(&[batch]).unwrap(), keys, hashes };
    spool.enter(&[part], &[]).unwrap();
    spool.lay_down(&mut |_, _| false).unwrap();
    spool.lines().unwrap()
}

fn shape(casts: [Cast; 3], map: bool) -> Shape {
    let names = ["ID", "CREATEDDATE", "COUNT"];
    let mut columns: Vec<Column> =
        names.iter().zip(casts).map(|(name, cast)| Column { name: (*name).into(), cast }).collect();
    if !map {
        columns.push(Column { name: "MY_FIELD".into(), cast: Cast::Text });
    }
    let map = map.then(|| ("CUSTOM_FIELDS".to_owned(), vec!["MY_FIELD".to_owned()]));
    Shape { columns, map, zone: Some(TimeZone::get("America/New_York").unwrap()) }
}

#[test]
fn fetched_rows_keep_the_promises_of_a_source() {
    let folder = tempfile::tempdir().unwrap();
    let text = shape([Cast::Text; 3], false);
    let source = Source::Spooled(SpooledSource::fetched(text, spool(folder.path())));
    let rows = conformance::rows(&source);
    assert_eq!(rows.len(), ROWS.len());
    assert_eq!(rows[2].fields, [Some("3".to_owned()), None, None, None], "empty is none");
    conformance::keeps_its_promises(&source);
}

#[test]
fn a_date_or_number_that_is_none_rejects_its_row_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let typed = shape([Cast::Text, Cast::Time, Cast::Number], false);
    let source = SpooledSource::fetched(typed, spool(folder.path()));
    let chunk = source.rows(Position::default(), 100).unwrap().next_chunk().unwrap().unwrap();
    let bad: Vec<(u64, &str)> =
        chunk.bad.iter().map(|bad| (bad.origin.line, bad.reason.as_str())).collect();
    assert_eq!(
        bad,
        [
            (2, "CREATEDDATE: no date (`13452026`); `types: text` takes it as it is"),
            (4, "COUNT: no number (`many`); `types: text` takes it as it is"),
        ]
    );
    assert_eq!(chunk.bad[0].fields[1].as_deref(), Some("13452026"), "told as it was written");
    let columns = &chunk.rows.columns;
    let ids: Vec<&str> = columns.column(0).as_string::<i32>().iter().flatten().collect();
    assert_eq!(ids, ["1", "3", "5"]);
    let time = |row| array_value_to_string(columns.column(1), row).unwrap();
    assert_eq!(
        [time(0), time(1), time(2)],
        ["2026-03-08T01:30:00-05:00", "", "2026-11-01T00:00:00-04:00"]
    );
    assert!(columns.column(1).as_primitive_opt::<TimestampMicrosecondType>().is_some());
    assert_eq!(array_value_to_string(columns.column(2), 2).unwrap(), "7");
}

#[test]
fn custom_fields_fit_into_one_column() {
    let folder = tempfile::tempdir().unwrap();
    let source = SpooledSource::fetched(shape([Cast::Text; 3], true), spool(folder.path()));
    let chunk = source.rows(Position::default(), 100).unwrap().next_chunk().unwrap().unwrap();
    let map = chunk.rows.columns.column_by_name("CUSTOM_FIELDS").unwrap();
    assert_eq!(array_value_to_string(map, 0).unwrap(), "{MY_FIELD: x}");
    assert_eq!(array_value_to_string(map, 1).unwrap(), "{}");
    let again = source.rereader().fields(&chunk.rows.origins[0]).unwrap();
    assert_eq!(again[3].as_deref(), Some(r#"{"MY_FIELD":"x"}"#));
}

#[test]
fn rows_that_were_not_fetched_are_told_as_such() {
    let source = SpooledSource::expected(shape([Cast::Text; 3], false));
    assert!(matches!(source.rows(Position::default(), 1), Err(ExtractError::NotFetched)));
}
