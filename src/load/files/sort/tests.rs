use arrow::{
    array::{AsArray, Int64Array, StringArray},
    datatypes::Int64Type,
};
use proptest::prelude::*;

use super::*;

fn rows(keys: &[Option<i64>], first: usize) -> RecordBatch {
    let names: Vec<String> = (first..first + keys.len()).map(|row| format!("row {row}")).collect();
    RecordBatch::try_from_iter_with_nullable([
        ("key", Arc::new(Int64Array::from(keys.to_vec())) as ArrayRef, true),
        ("name", Arc::new(StringArray::from(names)), true),
    ])
    .unwrap()
}

fn sorted(keys: &[Option<i64>], limits: Limits, batch: usize) -> Vec<(Option<i64>, String)> {
    let folder = tempfile::tempdir().unwrap();
    let schema = rows(&[], 0).schema();
    let order = Order::new(&schema, &[0]).unwrap();
    let mut sorter = Sorter::new(Arc::clone(&schema), order, folder.path(), "rows", limits);
    for (at, keys) in keys.chunks(batch).enumerate() {
        sorter.push(rows(keys, at * batch)).unwrap();
    }
    let mut sorted = sorter.finish(None).unwrap();
    let mut found = Vec::new();
    while let Some(batch) = sorted.next().unwrap() {
        let keys = batch.column(0).as_primitive::<Int64Type>();
        let names = batch.column(1).as_string::<i32>();
        found.extend(keys.iter().zip(names).map(|(key, name)| (key, name.unwrap().to_owned())));
    }
    drop(sorted);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a run was left");
    found
}

fn expected(keys: &[Option<i64>]) -> Vec<(Option<i64>, String)> {
    let names = (0..).map(|row| format!("row {row}"));
    let mut rows: Vec<(Option<i64>, String)> = keys.iter().copied().zip(names).collect();
    // No value comes last; equal rows stay as they were.
    rows.sort_by_key(|(key, _)| (key.is_none(), *key));
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn rows_come_sorted_whatever_the_memory(
        keys in prop::collection::vec(prop::option::of(-20..20_i64), 0..300),
        held in 1..4000_usize,
        merged in 2..5_usize,
        slice in 1..500_usize,
        batch in 1..50_usize,
    ) {
        let limits = Limits { held, merged, slice };
        prop_assert_eq!(sorted(&keys, limits, batch), expected(&keys));
    }
}

#[test]
fn rows_of_the_sort_before_stand_first_where_both_are_equal() {
    let folder = tempfile::tempdir().unwrap();
    let schema = rows(&[], 0).schema();
    let sorter = |name: &str| {
        let order = Order::new(&schema, &[0]).unwrap();
        Sorter::new(Arc::clone(&schema), order, folder.path(), name, Limits::default())
    };
    let (mut new, mut old) = (sorter("new"), sorter("old"));
    new.push(rows(&[Some(1), Some(2)], 0)).unwrap();
    old.push(rows(&[Some(2), Some(1)], 10)).unwrap();
    let batch = new.finish(Some(old)).unwrap().next().unwrap().unwrap();
    let names: Vec<&str> = batch.column(1).as_string::<i32>().iter().flatten().collect();
    assert_eq!(names, ["row 11", "row 0", "row 10", "row 1"]);
}
