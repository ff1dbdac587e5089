//! The committed sample, and what generated files hold.

use std::{collections::HashSet, fs, path::Path};

use vccpipe_simulator::{
    Customers, SAMPLE_CUSTOMERS, Settings,
    sample::{crm_files, write_campaign_customers, write_clean_campaign_customers},
};

fn written(rows: u64, seed: u64) -> Vec<u8> {
    let mut out = Vec::new();
    write_campaign_customers(rows, seed, SAMPLE_CUSTOMERS, &mut out).unwrap();
    out
}

/// The records of a file, by a reader that is not ours.
fn records(bytes: &[u8]) -> Vec<csv::StringRecord> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).expect("a BOM");
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    reader.records().map(Result::unwrap).collect()
}

fn tenant() -> Customers {
    let settings = Settings::default();
    Customers::new(settings.seed, &settings.tenant)
}

#[test]
fn the_committed_sample_is_what_the_generator_writes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/campaign_customers.csv");
    let committed = fs::read(&path).unwrap_or_default();
    assert!(
        committed == written(10_000, 1),
        "`{}` differs; write it with `cargo run -p vccpipe-simulator --example \
         generate_campaign_customers -- 10000 1`",
        path.display()
    );
}

#[test]
fn the_committed_samples_of_the_crm_are_what_the_generator_writes() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    for file in crm_files(1) {
        let path = samples.join(file.path);
        assert!(
            fs::read(&path).unwrap_or_default() == file.content,
            "`{}` differs; write it with `cargo run -p vccpipe-simulator --example \
             generate_crm_samples -- samples`",
            path.display()
        );
    }
}

#[test]
fn another_seed_gives_other_contacts_but_the_same_odd_ones() {
    let contacts = |seed| {
        let file = crm_files(seed).into_iter().find(|file| file.path.ends_with("contacts_1.csv"));
        records(&file.unwrap().content)
    };
    let (first, second) = (contacts(1), contacts(2));
    assert_ne!(first, second);
    let without_last_name = |rows: &[csv::StringRecord]| -> Vec<String> {
        let empty = rows.iter().filter(|row| row[2].trim().is_empty());
        empty.map(|row| row[0].to_owned()).collect()
    };
    assert_eq!(without_last_name(&first), ["C-000030"]);
    assert_eq!(without_last_name(&second), ["C-000030"]);
}

#[test]
fn a_longer_file_begins_with_the_shorter() {
    assert!(written(3_000, 1).starts_with(&written(2_000, 1)));
    assert_ne!(written(100, 1), written(100, 2));
}

#[test]
fn the_sample_holds_what_such_files_hold() {
    let records = records(&written(10_000, 1));
    assert_eq!(records.len(), 10_000);
    let count =
        |what: &str, range: std::ops::Range<usize>, is: &dyn Fn(&csv::StringRecord) -> bool| {
            let found = records.iter().filter(|record| is(record)).count();
            assert!(range.contains(&found), "{found} rows {what}");
        };
    let tenant = tenant();
    let number = |row: &csv::StringRecord| row[0].trim().parse::<u64>().ok();
    count("have too few or too many fields", 2..12, &|row| row.len() != 9);
    count("are no number", 1..10, &|row| number(row).is_none());
    count("are unknown", 1..15, &|row| number(row).is_some_and(|number| !tenant.exists(number)));
    count("are not to be called", 1..10, &|row| {
        number(row).is_some_and(|number| tenant.is_do_not_call(number))
    });
    count("begin with zeros", 100..300, &|row| row[0].starts_with("00"));
    count("have spaces round the name", 100..300, &|row| row[1].trim() != &row[1]);
    count("opt out", 200..400, &|row| matches!(row.get(7), Some("Y" | "yes")));
    count("hold a newline", 800..2_000, &|row| row.get(8).is_some_and(|note| note.contains('\n')));
    count("have a callback", 2_000..3_000, &|row| row.get(6).is_some_and(|at| !at.is_empty()));
    count("have an American date", 500..1_000, &|row| {
        row.get(6).is_some_and(|at| at.contains('/'))
    });
    count("are overlong", 1..12, &|row| row.get(8).is_some_and(|note| note.len() > 4_000));
    let distinct: HashSet<_> = records.iter().filter_map(number).collect();
    assert!((9_860..9_930).contains(&distinct.len()), "{} distinct numbers", distinct.len());
}

#[test]
fn a_clean_file_holds_nothing_to_refuse() {
    let mut out = Vec::new();
    let next = write_clean_campaign_customers(10_000, 0, &mut out).unwrap();
    let (records, tenant) = (records(&out), tenant());
    let numbers: Vec<u64> = records.iter().map(|row| row[0].parse().unwrap()).collect();
    assert_eq!(numbers.len(), 10_000);
    assert!(numbers.is_sorted_by(|a, b| a < b));
    assert!(numbers.iter().all(|n| tenant.exists(*n) && !tenant.is_do_not_call(*n)));
    assert!(records.iter().all(|row| row.len() == 9 && row[7].is_empty()));
    assert_eq!(tenant.number(next - 1), numbers[9_999]);
}
