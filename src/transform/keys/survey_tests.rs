use std::{collections::HashMap, sync::Arc};

use arrow::array::{Int64Array, RecordBatch, StringArray};
use proptest::prelude::*;

use super::*;
use crate::batch::{Origin, SourceBatch};

/// A batch of rows with these keys, the first being row `from` of the input; two rows a line.
fn batch(from: u64, keys: &[Option<u8>]) -> Batch {
    let text: StringArray = keys.iter().map(|key| key.map(|key| format!("key {key}"))).collect();
    let number: Int64Array = keys.iter().map(|key| key.map(i64::from)).collect();
    let columns = RecordBatch::try_from_iter([
        ("text", Arc::new(text) as _),
        ("number", Arc::new(number) as _),
    ]);
    let origins = (from..).take(keys.len()).map(origin).collect();
    Batch::from_source(Arc::new(SourceBatch { columns: columns.unwrap(), origins }))
}

fn origin(ordinal: u64) -> Origin {
    Origin { file: (ordinal % 3) as u32, line: 2 + ordinal * 2, start: 0, length: 0, ordinal }
}

fn winner(ordinal: usize) -> Winner {
    let origin = origin(ordinal as u64);
    Winner { file: origin.file, line: origin.line, ordinal: origin.ordinal }
}

/// What a survey must find, computed in memory.
fn model(keep: Keep, keys: &[Option<u8>]) -> Vec<Option<Winner>> {
    let mut rows: HashMap<u8, Vec<usize>> = HashMap::new();
    for (row, key) in keys.iter().enumerate() {
        key.map(|key| rows.entry(key).or_default().push(row));
    }
    let lost = |(row, key): (usize, &Option<u8>)| {
        let same = rows.get(&(*key)?)?;
        let against = match keep {
            Keep::First => *same.first()?,
            Keep::Last => *same.last()?,
            Keep::RejectAll => *same.iter().find(|other| **other != row)?,
        };
        (against != row).then(|| winner(against))
    };
    keys.iter().enumerate().map(lost).collect()
}

fn survey(
    folder: &Path,
    keep: Keep,
    limits: Limits,
    batches: &[Batch],
    key: &[usize],
) -> Duplicates {
    let mut survey = KeySurvey::with_limits(folder, "keys", keep, limits).unwrap();
    for batch in batches {
        survey.add(batch, key).unwrap();
    }
    survey.finish().unwrap()
}

fn marks(duplicates: &Duplicates, batch: &Batch) -> Vec<Option<Winner>> {
    let mut marks = vec![None; batch.len()];
    for (row, winner) in duplicates.mark(batch).unwrap() {
        marks[row] = Some(winner);
    }
    marks
}

proptest! {
    // Each case waits for the disk.
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_survey_finds_what_a_map_in_memory_finds(
        keys in prop::collection::vec(prop::option::weighted(0.9, 0_u8..40), 0..400),
        keep in prop::sample::select(vec![Keep::First, Keep::Last, Keep::RejectAll]),
        (rows, run) in (1_usize..60, 1_usize..50),
        (merged, ahead) in (2_usize..5, 1_usize..9),
        key in prop::sample::select(vec![vec![0], vec![1], vec![1, 0]]),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let batches: Vec<Batch> = keys
            .chunks(rows)
            .scan(0, |from, keys| {
                *from += keys.len();
                Some(batch((*from - keys.len()) as u64, keys))
            })
            .collect();
        let limits = Limits { run, merged, ahead };
        let found = survey(folder.path(), keep, limits, &batches, &key);
        let expected = model(keep, &keys);
        prop_assert_eq!(found.count() as usize, expected.iter().flatten().count());
        // From any batch on, and in any order.
        for (index, batch) in batches.iter().enumerate().rev() {
            let from = index * rows;
            prop_assert_eq!(marks(&found, batch), &expected[from..from + batch.len()]);
        }
    }
}

#[test]
fn a_batch_of_which_rows_were_taken_out_is_marked_by_its_own_rows() {
    let folder = tempfile::tempdir().unwrap();
    let whole = batch(0, &[Some(1), Some(1), Some(2), Some(1), Some(2)]);
    let found =
        survey(folder.path(), Keep::First, Limits::default(), std::slice::from_ref(&whole), &[0]);
    let picks = vec![0, 2, 4];
    let indices = arrow::array::UInt32Array::from(picks.clone());
    let columns = arrow::compute::take_record_batch(&whole.columns, &indices).unwrap();
    let part = Batch { columns, picks, source: whole.source };
    assert_eq!(found.mark(&part).unwrap(), [(2, winner(2))]);
}

#[test]
fn only_the_result_is_left_in_the_folder_and_nobody_else_may_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { run: 2, merged: 2, ahead: 1 };
    survey(folder.path(), Keep::First, limits, &[batch(0, &[Some(1); 9])], &[0]);
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["keys"]);
    #[cfg(unix)]
    {
        let mode =
            std::os::unix::fs::MetadataExt::mode(&folder.path().join("keys").metadata().unwrap());
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_list_that_is_cut_off_is_told_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    survey(folder.path(), Keep::First, Limits::default(), &[batch(0, &[Some(1); 9])], &[0]);
    let path = folder.path().join("keys");
    let bytes = std::fs::read(&path).unwrap();
    for length in [0, 10, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..length]).unwrap();
        let told = Duplicates::open(&path).unwrap_err().to_string();
        assert!(told.ends_with("or is cut off; delete it, and it is made again"), "{told}");
    }
}

#[test]
fn a_survey_can_be_handed_to_another_thread_and_its_result_shared() {
    fn sent<T: Send>() {}
    fn shared<T: Send + Sync>() {}
    sent::<KeySurvey>();
    shared::<Duplicates>();
}

/// `cargo test --release -- --ignored --nocapture five_million`
#[test]
#[ignore = "measures time and memory; run it in release"]
fn five_million_keys_are_surveyed_fast_and_in_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let batches = (0..5_000_000_u64 / 8192).map(|index| {
        let from = index * 8192;
        let keys: Int64Array =
            (from..from + 8192).map(|row| (row * 7919 % 4_900_000) as i64).collect();
        let columns = RecordBatch::try_from_iter([("key", Arc::new(keys) as _)]).unwrap();
        let origins = (from..from + 8192).map(origin).collect();
        Batch::from_source(Arc::new(SourceBatch { columns, origins }))
    });
    let most_memory = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().to_owned()
    };
    println!("before {}", most_memory());
    let mut survey = KeySurvey::create(folder.path(), "keys", Keep::First).unwrap();
    let mut adding = std::time::Duration::ZERO;
    for batch in batches {
        let began = std::time::Instant::now();
        survey.add(&batch, &[0]).unwrap();
        adding += began.elapsed();
    }
    let began = std::time::Instant::now();
    let found = survey.finish().unwrap();
    println!("{} lose; adding {adding:?}, finishing {:?}", found.count(), began.elapsed());
    println!("after {}", most_memory());
    assert!(found.count() > 90_000);
}
