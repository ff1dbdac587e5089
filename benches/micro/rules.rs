//! The documented rules over customers: 20 columns, as a migration has them.
//!
//! The aim is a million rows per second on two cores.

use std::{collections::BTreeMap, sync::Arc};

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use divan::{Bencher, counter::ItemsCount};
use vccpipe::{
    batch::{Batch, Origin, SourceBatch},
    crm::{LoadAction, Object},
    validate::WapiRules,
};

const ROWS: u64 = 8192;

const TAGS: [&str; 20] = [
    "FIRSTNAME",
    "LASTNAME",
    "EMAIL",
    "COMPANY",
    "VOICE",
    "ALTERNATIVE",
    "FAX",
    "COMMENTS",
    "AUTOPASSWD",
    "ADDR1STR1",
    "ADDR1STR2",
    "ADDR1CITY",
    "ADDR1STATE",
    "ADDR1ZIP",
    "ADDR1COUNTRY",
    "ADDR2STR1",
    "ADDR2CITY",
    "ADDR2ZIP",
    "ADDR2COUNTRY",
    "CUSTOMERTYPE",
];

const COUNTRIES: [&str; 4] = ["United States", "Germany", "France", "Canada"];
const TYPES: [&str; 3] = ["Default", "Gold", "NT User"];

/// A value of a row; every eighth customer has a second address, which the others leave empty.
fn value(tag: &str, row: u64) -> String {
    let pick = |values: &[&str]| values[(row * 7 % 31) as usize % values.len()].to_owned();
    match tag {
        "FIRSTNAME" => pick(&["Zoë", "Bill", "Maria", "O'Neil", "François"]),
        "LASTNAME" => pick(&["O'Brien", "Gates", "Fernández", "Müller"]),
        "EMAIL" => format!("customer.{row}@example.com"),
        "COMPANY" => format!("Acme Jets & Sons {row}"),
        "VOICE" | "ALTERNATIVE" | "FAX" => format!("+1 (408) 555-{:04}", row % 10_000),
        "COMMENTS" => format!("Called on day {row}, wants a quote for 12 seats."),
        "AUTOPASSWD" => "True".to_owned(),
        "ADDR1COUNTRY" => pick(&COUNTRIES),
        "CUSTOMERTYPE" => pick(&TYPES),
        tag if tag.starts_with("ADDR2") && !row.is_multiple_of(8) => String::new(),
        "ADDR2COUNTRY" => pick(&COUNTRIES),
        _ => format!("{row} John Fitzgerald Boulevard")[..15].to_owned(),
    }
}

/// A chunk of customers; of a hundred rows `wrong` have an e-mail address that is none.
fn chunk(wrong: u64) -> Batch {
    let column = |tag: &'static str| -> (&str, ArrayRef) {
        let texts = (0..ROWS).map(|row| match tag {
            "EMAIL" if row % 100 < wrong => "not+known".to_owned(),
            _ => value(tag, row),
        });
        (tag, Arc::new(texts.map(Some).collect::<StringArray>()))
    };
    let columns = RecordBatch::try_from_iter(TAGS.map(column)).expect("columns");
    let origin = |row| Origin { file: 0, line: row + 2, start: 0, length: 0, ordinal: row };
    let origins = (0..ROWS).map(origin).collect();
    Batch::from_source(Arc::new(SourceBatch { columns, origins }))
}

#[divan::bench(args = [0, 5])]
fn customers(bencher: Bencher, wrong: u64) {
    let mut rules =
        WapiRules::new(Object::Customer, LoadAction::Add, Vec::new(), BTreeMap::new(), None);
    let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    rules.learn(
        [
            ("ADDR1COUNTRY".to_owned(), list(&COUNTRIES)),
            ("ADDR2COUNTRY".to_owned(), list(&COUNTRIES)),
            ("CUSTOMERTYPE".to_owned(), list(&TYPES)),
        ]
        .into(),
    );
    let batch = chunk(wrong);
    let sound = rules.check(&batch).expect("columns that can be checked").batch.len() as u64;
    assert_eq!(sound, (0..ROWS).filter(|row| row % 100 >= wrong).count() as u64);
    bencher
        .counter(ItemsCount::new(ROWS))
        .bench_local(|| rules.check(&batch).expect("columns that can be checked").fallen.len());
}
