//! Reading CSV into columns, beside what bare tokenising takes.
//!
//! Each row is some 80 bytes of nine fields. The aim is at least 1,500,000 rows a second of one
//! core; `tokenised_by_the_csv_crate` is the ceiling that the machine sets.

use std::{fmt::Write as _, hint::black_box, path::PathBuf};

use divan::{
    Bencher,
    counter::{BytesCount, ItemsCount},
};
use vccpipe::{
    batch::Position,
    extract::{CHUNK_ROWS, ExtractOptions, Source, csv::CsvOptions},
};

const ROWS: usize = 200_000;
const HEADER: &str = "account,first,last,phone,city,state,callback_at,opt_out,notes\n";

/// A file that is there as long as it is read.
struct Input {
    path: PathBuf,
    bytes: usize,
    _folder: tempfile::TempDir,
}

impl Input {
    fn of(row: impl Fn(&mut String, usize)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("input.csv");
        let mut text = String::from(HEADER);
        (0..ROWS).for_each(|number| row(&mut text, number));
        std::fs::write(&path, &text).expect("a file");
        Input { path, bytes: text.len(), _folder: folder }
    }

    fn plain() -> Self {
        Input::of(|text, n| {
            let _ = writeln!(
                text,
                "{:08},Maria,Fernandez,+1 408 555 {:04},San Jose,CA,2026-11-24 09:30,N,call {n}",
                10_000_000 + n,
                n % 10_000
            );
        })
    }

    fn quoted() -> Self {
        Input::of(|text, n| {
            let _ = writeln!(
                text,
                "{:08},\"Zoë\",\"O'Neil, Jr\",\"(408) 555-{:04}\",Genève,,2026-11-24,,\"a \"\"b\"\"\nc\"",
                10_000_000 + n,
                n % 10_000
            );
        })
    }
}

fn read(bencher: Bencher, input: Input) {
    let options = ExtractOptions::Csv(CsvOptions::at(&[&input.path.display().to_string()]));
    let source = Source::open(&options, None).expect("a source");
    bencher.counter(ItemsCount::new(ROWS)).counter(BytesCount::new(input.bytes)).bench_local(
        || {
            let mut rows = source.rows(Position::default(), CHUNK_ROWS).expect("rows");
            let mut count = 0;
            while let Some(chunk) = rows.next_chunk().expect("a chunk") {
                count += black_box(&chunk).rows.origins.len();
            }
            assert_eq!(count, ROWS);
        },
    );
}

#[divan::bench]
fn plain_rows(bencher: Bencher) {
    read(bencher, Input::plain());
}

#[divan::bench]
fn quoted_rows_with_accents_and_newlines(bencher: Bencher) {
    read(bencher, Input::quoted());
}

#[divan::bench]
fn tokenised_by_the_csv_crate(bencher: Bencher) {
    let input = Input::plain();
    bencher.counter(ItemsCount::new(ROWS)).counter(BytesCount::new(input.bytes)).bench_local(
        || {
            let mut reader = csv::Reader::from_path(&input.path).expect("a reader");
            let mut record = csv::ByteRecord::new();
            let mut count = 0;
            while reader.read_byte_record(&mut record).expect("a record") {
                count += black_box(&record).len() / 9;
            }
            assert_eq!(count, ROWS);
        },
    );
}
