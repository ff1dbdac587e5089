use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

fn values(row: &[Option<&str>]) -> Values {
    row.iter().map(|value| value.map(str::to_owned)).collect()
}

fn made(path: &Path, rows: &[(&str, Option<&str>)]) -> Index {
    let mut builder = IndexBuilder::create(path, &["value"]).unwrap();
    rows.iter().for_each(|(key, value)| builder.add(key, &[*value]).unwrap());
    builder.finish().unwrap()
}

#[test]
fn a_key_gives_its_rows_in_the_order_in_which_they_were_added() {
    let folder = tempfile::tempdir().unwrap();
    let mut builder = IndexBuilder::create(&folder.path().join("index"), &["a", "b"]).unwrap();
    builder.add("k", &[Some("1"), None]).unwrap();
    builder.add("other", &[Some("x")]).unwrap();
    builder.add("k", &[Some(""), Some("Zoë\n")]).unwrap();
    builder.add("k", &[Some("3"), Some("4")]).unwrap();
    let index = builder.finish().unwrap();
    let rows = [
        values(&[Some("1"), None]),
        values(&[Some(""), Some("Zoë\n")]),
        values(&[Some("3"), Some("4")]),
    ];
    assert_eq!(index.find("k", 9).unwrap(), rows);
    assert_eq!(index.find("k", 2).unwrap(), rows[..2]);
    assert_eq!(index.find("other", 1).unwrap(), [values(&[Some("x"), None])]);
    assert!(index.find("K", 9).unwrap().is_empty());
    assert_eq!((index.len(), index.columns()), (4, &["a".to_owned(), "b".to_owned()][..]));
    let last = index.find_all(&[Some("k"), None, Some("no"), Some("k")], Which::Last).unwrap();
    assert_eq!(last, [vec![rows[2].clone()], vec![], vec![], vec![rows[2].clone()]]);
}

#[test]
fn an_index_is_opened_again_as_it_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    drop(made(&path, &[("a", Some("1")), ("b", None)]));
    let index = Index::open(&path).unwrap().unwrap();
    assert_eq!(index.find("a", 1).unwrap(), [values(&[Some("1")])]);
    assert_eq!(index.find("b", 1).unwrap(), [values(&[None])]);
    assert_eq!((index.len(), index.is_empty()), (2, false));
}

#[test]
fn one_that_is_missing_or_half_made_or_damaged_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    assert!(Index::open(&path).unwrap().is_none());
    let mut builder = IndexBuilder::create(&path, &["value"]).unwrap();
    builder.add("a", &[Some("1")]).unwrap();
    assert!(Index::open(&path).unwrap().is_none());
    drop(builder);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);

    std::fs::write(&path, "").unwrap();
    assert!(Index::open(&path).unwrap().is_none());
    std::fs::write(&path, "what somebody else has written ".repeat(50)).unwrap();
    assert!(Index::open(&path).unwrap().is_none());
    let index = made(&path, &[("a", Some("2"))]);
    assert_eq!(index.find("a", 1).unwrap(), [values(&[Some("2")])]);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 4096]).unwrap();
    let cut = Index::open(&path).and_then(|index| index.map(|i| i.find("a", 1)).transpose());
    assert!(matches!(cut, Ok(None) | Err(IndexError::Damaged { .. })), "{cut:?}");
}

#[test]
fn what_a_killed_process_left_is_no_hindrance() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    std::fs::write(folder.path().join("index.part"), "half of an index").unwrap();
    assert_eq!(made(&path, &[("a", Some("1"))]).find("a", 1).unwrap().len(), 1);
    assert!(!folder.path().join("index.part").exists());
}

#[test]
fn an_index_without_rows_or_columns_finds_nothing_but_keys() {
    let folder = tempfile::tempdir().unwrap();
    assert!(made(&folder.path().join("none"), &[]).is_empty());
    let mut keys = IndexBuilder::create(&folder.path().join("keys"), &[]).unwrap();
    keys.add("a", &[]).unwrap();
    let keys = keys.finish().unwrap();
    assert_eq!((keys.find("a", 9).unwrap().len(), keys.find("b", 9).unwrap().len()), (1, 0));
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let error = IndexBuilder::create(&folder.path().join("no/index"), &["a"]).unwrap_err();
    assert!(error.to_string().ends_with("index.part` cannot be made"), "{error}");
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    made(&path, &[("a", Some("1"))]);
    let mode = std::os::unix::fs::MetadataExt::mode(&path.metadata().unwrap());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn threads_share_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let keys: Vec<String> = (0..500).map(|number| number.to_string()).collect();
    let rows: Vec<_> = keys.iter().map(|key| (key.as_str(), Some(key.as_str()))).collect();
    let index = made(&folder.path().join("index"), &rows);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for key in &keys {
                    assert_eq!(index.find(key, 2).unwrap(), [values(&[Some(key)])]);
                }
            });
        }
    });
}

#[test]
fn parts_that_differ_give_keys_that_differ() {
    assert_eq!(key_of(&["C-17"]), "C-17");
    let pairs = [["ab", "c"], ["a", "bc"], ["", "abc"], ["abc", ""], ["1:a", ""], ["", "1:a"]];
    let keys: std::collections::HashSet<_> = pairs.iter().map(|pair| key_of(pair)).collect();
    assert_eq!(keys.len(), pairs.len());
}

proptest! {
    #[test]
    fn parts_can_be_told_from_their_key(
        one in prop::array::uniform3("[0-9:a]{0,3}"),
        other in prop::array::uniform3("[0-9:a]{0,3}"),
    ) {
        let key = |parts: &[String; 3]| {
            key_of(&[parts[0].as_str(), &parts[1], &parts[2]])
        };
        prop_assert_eq!(key(&one) == key(&other), one == other);
    }
}

proptest! {
    // Each case waits for the disk.
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn an_index_finds_what_a_map_in_memory_finds(
        rows in prop::collection::vec((0_u8..30, prop::option::of("[a-c]{0,2}")), 0..200),
        most in 0_usize..4,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut builder = IndexBuilder::create(&folder.path().join("index"), &["value"]).unwrap();
        let mut model: HashMap<String, Vec<Values>> = HashMap::new();
        for (key, value) in &rows {
            builder.add(&key.to_string(), &[value.as_deref()]).unwrap();
            model.entry(key.to_string()).or_default().push(vec![value.clone()]);
        }
        let index = builder.finish().unwrap();
        let keys: Vec<Option<String>> =
            (0..60).map(|key| (key % 7 != 0).then(|| (key / 2).to_string())).collect();
        let first = index.find_all(&keys, Which::First(most)).unwrap();
        let last = index.find_all(&keys, Which::Last).unwrap();
        for (at, key) in keys.iter().enumerate() {
            let rows = key.as_ref().and_then(|key| model.get(key)).cloned().unwrap_or_default();
            prop_assert_eq!(&first[at][..], &rows[..rows.len().min(most)]);
            prop_assert_eq!(last[at].first(), rows.last());
        }
    }
}

/// `cargo test --release -- --ignored --nocapture five_million_rows`
#[test]
#[ignore = "measures time and memory; run it in release"]
fn five_million_rows_are_indexed_and_looked_up_in_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let most_memory = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
    };
    let began = std::time::Instant::now();
    let path = folder.path().join("index");
    let mut builder = IndexBuilder::create(&path, &["ACCOUNTNUM", "EMAIL"]).unwrap();
    for row in 0..5_000_000_u64 {
        let (key, value) = (format!("C-{}", row * 7919 % 5_000_000), row.to_string());
        builder.add(&key, &[Some(&value), Some("somebody@example.com")]).unwrap();
    }
    println!("added {:?}, {} MiB", began.elapsed(), most_memory());
    let index = builder.finish().unwrap();
    let size = path.metadata().unwrap().len() >> 20;
    println!("finished {:?}, {} MiB, file {size} MiB", began.elapsed(), most_memory());
    let began = std::time::Instant::now();
    for batch in 0..5_000_000_u64 / 8192 {
        let keys: Vec<Option<String>> = (batch * 8192..(batch + 1) * 8192)
            .map(|row| Some(format!("C-{}", row * 104_729 % 5_000_000)))
            .collect();
        let found = index.find_all(&keys, Which::First(2)).unwrap();
        assert!(found.iter().all(|rows| rows.len() == 1));
    }
    println!("looked up {:?}, {} MiB", began.elapsed(), most_memory());
    assert!(most_memory() < 256);
}
