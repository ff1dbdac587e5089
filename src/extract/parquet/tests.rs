use std::{fs::File, path::Path};

use arrow::array::{
    ArrayRef, Date32Array, Float64Array, Int64Array, LargeStringArray, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use parquet::{arrow::ArrowWriter, file::properties::WriterProperties};

use super::*;
use crate::extract::{
    ExtractOptions, Source,
    conformance::{chunks, keeps_its_promises, rows},
    csv::Paths,
};

const ROWS: i64 = 25;

fn batch(from: i64) -> RecordBatch {
    let all = from..from + ROWS;
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(all.clone()));
    let names: ArrayRef = Arc::new(LargeStringArray::from_iter(
        all.clone().map(|id| (id % 5 != 0).then(|| format!("Zoë {id}"))),
    ));
    let shares: ArrayRef =
        Arc::new(Float64Array::from_iter_values(all.clone().map(|id| id as f64 / 4.0)));
    let days: ArrayRef =
        Arc::new(Date32Array::from_iter_values(all.clone().map(|id| 20_000 + id as i32)));
    let moments: ArrayRef = Arc::new(
        TimestampMicrosecondArray::from_iter_values(all.map(|id| id * 1_000_000))
            .with_timezone("UTC"),
    );
    RecordBatch::try_from_iter([
        ("id", ids),
        ("name", names),
        ("share", shares),
        ("day", days),
        ("at", moments),
    ])
    .unwrap()
}

/// Writes row groups of seven rows.
fn write(path: &Path, batch: &RecordBatch) {
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(7)).build();
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

fn options(paths: &[&Path]) -> ExtractOptions {
    let spanned =
        |path: &&Path| crate::yaml::Spanned::new(path.display().to_string(), Default::default());
    ExtractOptions::Parquet(ParquetOptions { path: Paths(paths.iter().map(spanned).collect()) })
}

fn two_files(folder: &Path) -> Source {
    let (one, two) = (folder.join("1.parquet"), folder.join("2.parquet"));
    write(&one, &batch(0));
    write(&two, &batch(ROWS));
    Source::open(&options(&[&one, &two]), None).unwrap()
}

#[test]
fn any_row_can_be_read_again_and_reading_goes_on_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let source = two_files(folder.path());
    keeps_its_promises(&source);
    let all = rows(&source);
    assert_eq!(all.len(), 2 * ROWS as usize);
    let fields: Vec<_> = all[26].fields.iter().map(|field| field.as_deref().unwrap()).collect();
    assert_eq!(fields, ["26", "Zoë 26", "6.5", "2024-10-30", "1970-01-01T00:00:26Z"]);
    assert_eq!((all[26].origin.file, all[26].origin.line), (1, 2));
}

#[test]
fn columns_are_of_the_types_of_the_file_and_text_is_of_one_kind() {
    let folder = tempfile::tempdir().unwrap();
    let schema = two_files(folder.path()).schema();
    let types: Vec<String> =
        schema.fields().iter().map(|field| field.data_type().to_string()).collect();
    assert_eq!(types[..4], ["Int64", "Utf8", "Float64", "Date32"]);
    assert!(schema.fields().iter().all(|field| field.is_nullable()));
}

#[test]
fn only_the_columns_that_are_used_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let source = two_files(folder.path());
    let mut some = source.rows_of(Position::default(), 1000, &[3, 1]).unwrap();
    let chunk = some.next_chunk().unwrap().unwrap();
    let whole = &chunks(&source, Position::default(), 1000)[0];
    for (column, field) in source.schema().fields().iter().enumerate() {
        let read = chunk.rows.columns.column(column);
        match ["name", "day"].contains(&field.name().as_str()) {
            true => assert_eq!(read, whole.rows.columns.column(column)),
            false => assert_eq!(read.null_count(), chunk.rows.columns.num_rows()),
        }
    }
    assert_eq!(chunk.rows.origins, whole.rows.origins);
}

#[test]
fn what_is_no_parquet_or_has_other_columns_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("text.parquet"), "id,name\n1,Zoë\n").unwrap();
    let error = Source::open(&options(&[&path("text.parquet")]), None).unwrap_err();
    assert!(error.to_string().contains("text.parquet` cannot be read as Parquet: "), "{error}");
    assert!(!error.hint().is_empty());

    write(&path("1.parquet"), &batch(0));
    let names: ArrayRef = Arc::new(StringArray::from(vec!["x"]));
    let other = RecordBatch::try_from_iter([("id", names)]).unwrap();
    write(&path("2.parquet"), &other);
    let error =
        Source::open(&options(&[&path("1.parquet"), &path("2.parquet")]), None).unwrap_err();
    assert!(error.to_string().ends_with("it lacks `name`, `share`, `day`, `at`"), "{error}");
    let mut bytes = std::fs::read(path("1.parquet")).unwrap();
    bytes.truncate(bytes.len() - 9);
    std::fs::write(path("cut.parquet"), bytes).unwrap();
    assert!(Source::open(&options(&[&path("cut.parquet")]), None).is_err());
}
