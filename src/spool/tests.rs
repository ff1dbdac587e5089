use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{ArrayRef, AsArray, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema, SchemaRef},
};

use proptest::prelude::*;

use super::*;

fn batch(columns: &[(&str, &[&str])]) -> RecordBatch {
    let columns = columns
        .iter()
        .map(|(name, values)| (*name, Arc::new(StringArray::from(values.to_vec())) as ArrayRef));
    RecordBatch::try_from_iter(columns).unwrap()
}

fn enter(spool: &mut Spool, batches: &[RecordBatch], hash: u64, cover: &str) {
    let keys: Vec<Key> = batches
        .iter()
        .flat_map(|batch| batch.column(0).as_string::<i32>().iter())
        .map(|value| Key::of(value.into_iter()))
        .collect();
    let hashes = vec![hash; keys.len()];
    let part = Part { what: "a window".into(), rows: Packed::of(batches).unwrap(), keys, hashes };
    spool.enter(&[part], &[("cover", cover)]).unwrap();
}

fn schema() -> SchemaRef {
    let field = |name: &str| Field::new(name, DataType::Utf8, true);
    Arc::new(Schema::new(vec![field("ID"), field("NAME"), field("EXTRA")]))
}

fn texts(batch: &RecordBatch, column: usize) -> Vec<&str> {
    batch.column(column).as_string::<i32>().iter().map(|value| value.unwrap_or("-")).collect()
}

#[test]
fn rows_come_by_their_keys_however_the_windows_were_cut() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fetched.sqlite");
    let mut spool = Spool::open(&path).unwrap();
    enter(&mut spool, &[batch(&[("ID", &["100", "9"]), ("NAME", &["c", "b"])])], 1, "[1]");
    let second = batch(&[("ID", &["20", "9"]), ("NAME", &["x", "new"]), ("EXTRA", &["e", "f"])]);
    enter(&mut spool, &[batch(&[("ID", &["1"]), ("NAME", &["a"])]), second], 2, "[]");
    assert_eq!(spool.keys().unwrap(), 4);
    assert_eq!(spool.parts().unwrap(), (2, 5));
    assert_eq!(spool.columns_seen().unwrap(), ["ID", "NAME", "EXTRA"]);
    assert!(!spool.is_whole().unwrap());
    assert_eq!(spool.lay_down(&mut |_, _| false).unwrap(), 0);
    drop(spool);

    let spool = Spool::open(&path).unwrap();
    assert!(spool.is_whole().unwrap());
    assert_eq!(spool.note("cover").unwrap().as_deref(), Some("[]"));
    let lines = spool.lines().unwrap();
    assert_eq!(lines.rows(), 4);
    let mut rows = lines.open(schema()).unwrap();
    let all = rows.read(0, 10).unwrap();
    assert_eq!(texts(&all, 0), ["1", "9", "20", "100"], "by number, and the later 9 has won");
    assert_eq!(texts(&all, 1), ["a", "new", "x", "c"]);
    assert_eq!(texts(&all, 2), ["-", "f", "e", "-"]);
    assert_eq!(texts(&rows.read(2, 1).unwrap(), 0), ["20"]);
    assert_eq!(rows.read(4, 10).unwrap().num_rows(), 0);
}

/// A window with these numbers.
fn window(numbers: impl Iterator<Item = u64>) -> RecordBatch {
    let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    let names: Vec<String> = numbers.iter().map(|number| format!("name of {number}")).collect();
    let texts = |values: &[String]| Arc::new(StringArray::from_iter_values(values)) as ArrayRef;
    RecordBatch::try_from_iter([("ID", texts(&numbers)), ("NAME", texts(&names))]).unwrap()
}

#[test]
fn rows_are_read_alike_from_anywhere_in_long_runs_and_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(&folder.path().join("fetched.sqlite")).unwrap();
    // Whole stretches in parts of several batches, and two windows that share every other number.
    enter(&mut spool, &[window(5_000..7_000), window(7_000..9_000)], 0, "");
    enter(&mut spool, &[window(0..5_000)], 0, "");
    enter(&mut spool, &[window((9_000..12_000).step_by(2))], 0, "");
    enter(&mut spool, &[window((9_000..12_000).skip(1).step_by(2))], 0, "");
    spool.lay_down(&mut |_, _| false).unwrap();
    let lines = spool.lines().unwrap();
    assert_eq!(lines.rows(), 12_000);
    let places = [(0, 8_192), (8_192, 8_192), (4_000, 100), (4_095, 2), (4_096, 1), (8_990, 20)];
    for (from, most) in places {
        let mut rows = lines.open(schema()).unwrap();
        let read = rows.read(from, most).unwrap();
        let to = (from + most as u64).min(12_000);
        let expected: Vec<String> = (from..to).map(|number| format!("name of {number}")).collect();
        assert_eq!(texts(&read, 1), expected, "rows {from} to {to}");
        assert_eq!(read.column(2).null_count(), read.num_rows());
    }
}

#[test]
fn what_another_version_has_kept_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fetched.sqlite");
    drop(Spool::open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 1).unwrap();
    let error = Spool::open(&path).unwrap_err();
    assert!(error.to_string().contains("version 1"), "{error}");
    assert!(error.hint().contains("--fresh"));
}

#[test]
fn what_the_run_before_had_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(&folder.path().join("fetched.sqlite")).unwrap();
    enter(&mut spool, &[batch(&[("ID", &["1", "2", "3"])])], 7, "[]");
    let known = Key::of(["2"].into_iter());
    let left_out = spool.lay_down(&mut |key, hash| key == known.as_bytes() && hash == 7).unwrap();
    assert_eq!(left_out, 1);
    assert_eq!(spool.lines().unwrap().rows(), 2);
}

#[test]
fn keys_are_in_the_order_of_their_numbers_and_leading_zeros_are_another_key() {
    let key = |values: &[&str]| Key::of(values.iter().copied());
    assert!(key(&["9"]) < key(&["10"]));
    assert!(key(&["35", "9"]) < key(&["35", "10"]));
    assert_ne!(key(&["007"]), key(&["7"]));
    assert!(key(&["99"]) < key(&["007"]), "texts come after all numbers");
    assert_eq!(Key::first_number(key(&["35", "9"]).as_bytes()), Some(35));
    assert_eq!(Key::first_number(key(&["x"]).as_bytes()), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Windows of all lengths that lie apart, touch, contain each other or come twice.
    #[test]
    fn whatever_windows_there_were_the_last_row_of_each_key_counts(
        windows in prop::collection::vec(
            (0_u64..800, 1_u64..300, 1_usize..4, any::<bool>(), 0_u64..5), 1..12
        )
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fetched.sqlite");
        let mut spool = Spool::open(&path).unwrap();
        let mut truth: BTreeMap<u64, u64> = BTreeMap::new();
        for (at, (from, rows, step, backwards, again)) in windows.into_iter().enumerate() {
            let mut numbers: Vec<u64> = (from..from + rows).step_by(step).collect();
            if backwards {
                numbers.reverse();
            }
            // A key that comes twice in one reply.
            numbers.extend((from..from + again.min(rows)).step_by(step));
            let hash = at as u64;
            enter(&mut spool, &[window(numbers.iter().copied())], hash, "");
            truth.extend(numbers.iter().map(|number| (*number, hash)));
            prop_assert_eq!(spool.keys().unwrap(), truth.len() as u64);
        }
        for number in (0..1_200).step_by(7) {
            let key = Key::of([number.to_string().as_str()].into_iter());
            prop_assert_eq!(spool.has(&key).unwrap(), truth.contains_key(&number));
        }
        let mut found = Vec::new();
        spool.each_key(|key, hash| found.push((Key::first_number(key).unwrap(), hash))).unwrap();
        prop_assert_eq!(found, truth.clone().into_iter().collect::<Vec<_>>());
        // Rows of the first window are left out as if they were known.
        let left_out = spool.lay_down(&mut |_, hash| hash == 0).unwrap();
        let expected: Vec<String> = truth
            .iter()
            .filter(|(_, hash)| **hash != 0)
            .map(|(number, _)| number.to_string())
            .collect();
        prop_assert_eq!(left_out, (truth.len() - expected.len()) as u64);
        let lines = spool.lines().unwrap();
        prop_assert_eq!(lines.rows(), expected.len() as u64);
        let read = lines.open(schema()).unwrap().read(0, 2_000).unwrap();
        prop_assert_eq!(texts(&read, 0), expected);
    }
}
