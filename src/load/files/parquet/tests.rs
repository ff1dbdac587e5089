//! Runs one after the other over one folder, in little memory, compared with a map in memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int64Type;
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::{load::files::FileSink, outcome::LoadedAs};

/// Key, folder, value.
type Row = (i64, String, Option<String>);

/// A run's batches.
type Batches = Vec<Vec<(i64, u8, Option<u8>)>>;

fn options(yaml: &str) -> ParquetOptions {
    let parsed = crate::yaml::parse(yaml);
    crate::yaml::decode(&parsed.root.unwrap(), yaml).unwrap()
}

fn rows(batch: &[(i64, u8, Option<u8>)]) -> RecordBatch {
    let texts = batch.iter().map(|row| row.2.map(|value| format!("value {value}")));
    RecordBatch::try_from_iter_with_nullable([
        (
            "id",
            Arc::new(Int64Array::from_iter_values(batch.iter().map(|row| row.0))) as ArrayRef,
            true,
        ),
        (
            "day",
            Arc::new(StringArray::from_iter_values(batch.iter().map(|row| row.1.to_string()))),
            true,
        ),
        ("value", Arc::new(StringArray::from_iter(texts)), true),
    ])
    .unwrap()
}

/// Runs a load and publishes it; gives what became of each row.
fn run(home: &Path, number: usize, options: &ParquetOptions, batches: &Batches) -> Vec<LoadedAs> {
    let id = format!("run-{number}");
    let folder = home.join(&id);
    let run = RunOf {
        pipeline: "p",
        id: &id,
        folder: &folder,
        now: Timestamp::UNIX_EPOCH,
        window: None,
        halted: &|| false,
    };
    let scratch = FileSink::scratch(&folder);
    crate::files::private_dir(&scratch).unwrap();
    let out = home.join("out");
    std::fs::create_dir_all(&out).unwrap();
    let place = Place::Folder(out);
    let store = place.open().unwrap();
    let folder = Folder {
        before: Manifest::read(store.as_ref(), "out").unwrap(),
        foreign: Vec::new(),
        staging: Staging::begin(&place.staging("p", &folder)).unwrap(),
        scratch,
    };
    let memory = Memory {
        sort: Limits { held: 300, merged: 2, slice: 100 },
        sizes: Sizes { group_rows: 7, group_bytes: 1 << 20, file_bytes: 700 },
        segment: 3,
    };
    let schema = rows(&[]).schema();
    let columns = Columns::of(&schema);
    let mut writer = ParquetWriter::with_memory(options, columns, folder, memory).unwrap();
    let mut count = 0;
    for batch in batches {
        writer.write(&rows(batch)).unwrap();
        count += batch.len();
    }
    let (plan, mut fates) = writer.finish(place.to_string(), &run).unwrap();
    plan.carry_out().unwrap();
    plan.carry_out().unwrap();
    plan.tidy().unwrap();
    (0..count).map(|_| fates.of_next_row().unwrap()).collect()
}

/// What readers find.
fn table(home: &Path, options: &ParquetOptions) -> Vec<Row> {
    let place = Place::Folder(home.join("out"));
    let store = place.open().unwrap();
    let manifest = Manifest::read(store.as_ref(), "out").unwrap().unwrap();
    let layout = Layout::of(rows(&[]).schema(), options).unwrap();
    let mut found = Vec::new();
    for file in &manifest.files {
        let stored =
            stored::StoredFile::new(home.join("out").join(&file.path), &file.path, &layout);
        let mut batches = stored.rows(&[0, 1, 2], None).unwrap();
        while let Some(batch) = batches.next().unwrap() {
            let ids = batch.column(0).as_primitive::<Int64Type>().iter().flatten();
            let days = batch.column(1).as_string::<i32>().iter().flatten().map(str::to_owned);
            let values = batch.column(2).as_string::<i32>().iter().map(|v| v.map(str::to_owned));
            found.extend(ids.zip(days).zip(values).map(|((id, day), value)| (id, day, value)));
        }
    }
    let listed: BTreeSet<String> = manifest.files.iter().map(|file| file.path.clone()).collect();
    let mut names: BTreeSet<String> = store.list().unwrap().into_iter().collect();
    assert!(names.remove(MANIFEST));
    assert_eq!(names, listed);
    assert_eq!(manifest.rows, found.len() as u64);
    found
}

/// A run in which no key comes twice: the survey has seen to that.
fn batches() -> impl Strategy<Value = Batches> {
    let row = (0..25_i64, 0..3_u8, prop::option::of(0..3_u8));
    prop::collection::vec(prop::collection::vec(row, 0..8), 0..5).prop_map(|mut batches| {
        let mut seen = BTreeSet::new();
        for batch in &mut batches {
            batch.retain(|row| seen.insert(row.0));
        }
        batches
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn upserts_one_after_the_other_end_equal_to_a_map(
        runs in prop::collection::vec(batches(), 1..5),
        in_folders in any::<bool>(),
    ) {
        let home = tempfile::tempdir().unwrap();
        let options = options(match in_folders {
            true => "{path: out, mode: upsert, key: [id], partition_by: [day]}",
            false => "{path: out, mode: upsert, key: [id]}",
        });
        let mut model = BTreeMap::new();
        for (number, batches) in runs.iter().enumerate() {
            let fates = run(home.path(), number, &options, batches);
            let mut expected = Vec::new();
            for (id, day, value) in batches.iter().flatten() {
                let row = (*id, day.to_string(), value.map(|value| format!("value {value}")));
                expected.push(match model.insert(*id, row.clone()) {
                    None => LoadedAs::Added,
                    Some(before) if before == row => LoadedAs::Unchanged,
                    Some(_) => LoadedAs::Modified,
                });
            }
            prop_assert_eq!(fates, expected);
            let mut found = table(home.path(), &options);
            found.sort();
            prop_assert_eq!(found, model.values().cloned().collect::<Vec<_>>());
        }
    }

    #[test]
    fn appends_one_after_the_other_hold_all_rows(
        runs in prop::collection::vec(batches(), 1..4),
        sorted in any::<bool>(),
    ) {
        let home = tempfile::tempdir().unwrap();
        let options = options(match sorted {
            true => "{path: out, mode: append, partition_by: [day], sort_by: [value]}",
            false => "{path: out, mode: append}",
        });
        let mut model: Vec<Row> = Vec::new();
        for (number, batches) in runs.iter().enumerate() {
            run(home.path(), number, &options, batches);
            model.extend(batches.iter().flatten().map(|(id, day, value)| {
                (*id, day.to_string(), value.map(|value| format!("value {value}")))
            }));
            let mut found = table(home.path(), &options);
            let mut wanted = model.clone();
            if sorted {
                found.sort();
                wanted.sort();
            }
            prop_assert_eq!(found, wanted);
        }
    }
}
