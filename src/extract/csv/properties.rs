//! What holds for any bytes: no panic, no row lost, and the same rows from any place on.

use proptest::prelude::*;

use super::{
    columns::Columns,
    records::{Next, Records},
    tests::{Folder, set},
    *,
};
use crate::extract::{
    Source,
    conformance::{Read, keeps_its_promises, rows},
};

/// What a record is, told in the plainest way: the oracle.
#[derive(Debug, PartialEq)]
struct Plain {
    bytes: std::ops::Range<usize>,
    line: u64,
    /// `None` for a record that is wrongly quoted.
    fields: Option<Vec<Vec<u8>>>,
}

/// All records of `text`, byte by byte, with no regard to speed.
fn plain_records(text: &[u8]) -> Vec<Plain> {
    let (mut records, mut at, mut line) = (Vec::new(), 0, 1);
    while at < text.len() {
        if let Some(next) = after_line_end(text, at) {
            (at, line) = (next, line + 1);
            continue;
        }
        let (fields, end) = match plain_record(text, at) {
            Some((fields, end)) => (Some(fields), end),
            None => (None, end_of_line(text, at)),
        };
        records.push(Plain { bytes: at..end, line, fields });
        while at < end {
            match after_line_end(text, at) {
                Some(next) => (at, line) = (next, line + 1),
                None => at += 1,
            }
        }
    }
    records
}

fn after_line_end(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at..)? {
        [b'\r', b'\n', ..] => Some(at + 2),
        [b'\r' | b'\n', ..] => Some(at + 1),
        _ => None,
    }
}

fn end_of_line(text: &[u8], start: usize) -> usize {
    (start..text.len()).find_map(|at| after_line_end(text, at)).unwrap_or(text.len())
}

fn plain_record(text: &[u8], mut at: usize) -> Option<(Vec<Vec<u8>>, usize)> {
    let mut fields = Vec::new();
    loop {
        let mut field = Vec::new();
        if text.get(at) == Some(&b'"') {
            at += 1;
            loop {
                match text.get(at..)? {
                    [b'"', b'"', ..] => (field.push(b'"'), at += 2),
                    [b'"', ..] => break,
                    [byte, ..] => (field.push(*byte), at += 1),
                    [] => return None,
                };
            }
            at += 1;
        } else {
            while let Some(byte) = text.get(at).filter(|byte| !b",\r\n".contains(byte)) {
                if *byte == b'"' {
                    return None;
                }
                field.push(*byte);
                at += 1;
            }
        }
        fields.push(field);
        match text.get(at) {
            None => return Some((fields, at)),
            Some(b',') => at += 1,
            Some(_) => return after_line_end(text, at).map(|end| (fields, end)),
        }
    }
}

/// The rows that the oracle expects behind the header.
fn expected(text: &[u8], columns: usize) -> Vec<(std::ops::Range<usize>, u64, bool)> {
    let records = plain_records(text).into_iter().skip(1);
    let good = |fields: &Option<Vec<Vec<u8>>>| {
        fields.as_ref().is_some_and(|fields| {
            fields.len() == columns
                && fields.iter().all(|f| !f.contains(&0) && std::str::from_utf8(f).is_ok())
        })
    };
    records.map(|record| (record.bytes, record.line, good(&record.fields))).collect()
}

fn range(row: &Read) -> std::ops::Range<usize> {
    let start = row.origin.start as usize;
    start..start + row.origin.length as usize
}

/// Text in which all that matters to a reader of CSV is frequent.
fn csv_like() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"\"",
        b"\"",
        b",",
        b",",
        b"\n",
        b"\r\n",
        b"\r",
        b"a",
        b"bc",
        b" ",
        b"\"\"",
        b"\"x\"",
        b"1,2,3\n",
        b"\xc3\xa9",
        b"\xc3",
        b"\xa9",
        b"\xef\xbb\xbf",
    ];
    let piece = proptest::sample::select(pieces);
    prop::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![3 => csv_like(), 1 => prop::collection::vec(any::<u8>(), 0..300)]
}

/// A file with a good header before any bytes.
fn open_behind_header(folder: &Folder, bytes: &[u8]) -> (Vec<u8>, Result<Source, ExtractError>) {
    // Long enough that bytes behind it are not taken for a binary file's.
    let header = format!("a,b,{}\n", "c".repeat(9000));
    let text = [header.as_bytes(), bytes].concat();
    let source = folder.open(&text, |_| {});
    (text, source)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_file_is_opened_or_refused_and_read_to_its_end(bytes in any_bytes()) {
        let folder = Folder::new();
        if let Ok(source) = folder.open(&bytes, |_| {}) {
            let rows = rows(&source);
            prop_assert!(rows.iter().all(|row| range(row).end <= bytes.len()));
        }
    }

    #[test]
    fn rows_and_bad_rows_are_all_records_of_any_bytes(bytes in any_bytes()) {
        let folder = Folder::new();
        let (text, source) = open_behind_header(&folder, &bytes);
        let rows = rows(&source.unwrap());
        let told: Vec<_> =
            rows.iter().map(|r| (range(r), r.origin.line, r.reason.is_none())).collect();
        prop_assert_eq!(told, expected(&text, 3));
        // Between rows there is nothing but line ends.
        let mut end = 9005; // of the header
        for row in &rows {
            let gap = &text[end..range(row).start];
            prop_assert!(gap.iter().all(|byte| b"\r\n".contains(byte)), "{:?}", gap);
            end = range(row).end;
        }
        prop_assert!(text[end..].iter().all(|byte| b"\r\n".contains(byte)));
    }

    #[test]
    fn fields_are_those_of_the_oracle(bytes in csv_like()) {
        let folder = Folder::new();
        let (text, source) = open_behind_header(&folder, &bytes);
        let records = plain_records(&text);
        for (row, record) in rows(&source.unwrap()).iter().zip(&records[1..]) {
            let Some(fields) = &record.fields else { continue };
            let fields = fields.iter().map(|field| String::from_utf8_lossy(field).into_owned());
            let mut fields: Vec<_> = fields.map(|f| (!f.is_empty()).then_some(f)).collect();
            fields.resize(3, None);
            prop_assert_eq!(&row.fields, &fields);
        }
    }

    #[test]
    fn the_promises_of_a_source_hold_for_any_bytes(bytes in any_bytes()) {
        let folder = Folder::new();
        keeps_its_promises(&open_behind_header(&folder, &bytes).1.unwrap());
    }

    #[test]
    fn a_file_of_the_csv_crate_reads_back_equal(
        written in prop::collection::vec(prop::array::uniform3("[a-c\",;\r\n é\u{feff}]{0,8}"), 0..30),
        crlf in any::<bool>(),
        always in any::<bool>(),
        semicolon in any::<bool>(),
    ) {
        let terminator = if crlf { ::csv::Terminator::CRLF } else { ::csv::Terminator::Any(b'\n') };
        let style = if always { ::csv::QuoteStyle::Always } else { ::csv::QuoteStyle::Necessary };
        let mut writer = ::csv::WriterBuilder::new()
            .terminator(terminator)
            .quote_style(style)
            .delimiter(if semicolon { b';' } else { b',' })
            .from_writer(Vec::new());
        writer.write_record(["x", "y", "z"]).unwrap();
        written.iter().for_each(|row| writer.write_record(row).unwrap());
        let folder = Folder::new();
        let source = folder.open(writer.into_inner().unwrap(), |options| {
            set(&mut options.delimiter, if semicolon { ";" } else { "," });
            options.null_values = Some(Vec::new());
        });
        let back = rows(&source.unwrap());
        prop_assert!(back.iter().all(|row| row.reason.is_none()), "{:?}", back);
        let back: Vec<Vec<String>> =
            back.into_iter().map(|row| row.fields.into_iter().flatten().collect()).collect();
        prop_assert_eq!(back, written.iter().map(|row| row.to_vec()).collect::<Vec<_>>());
    }
}

/// A reader that looks for the end of each open quote could read such files over and over.
#[test]
fn no_byte_is_read_more_than_a_few_times_whatever_the_quotes() {
    for line in ["a\"b,\"", "\"", "x,\"\"\"", "\"a\"\"", "\"x\"y,\"z", "a,\"b\"c,\"", "\"\"\"a,"] {
        let text = format!("{line}\n").repeat(40_000);
        let folder = Folder::new();
        let path = folder.put("input.csv", &text);
        let input = files::InputFile::open(Path::new(&path)).unwrap();
        let mut records = Records::new(input, 1, &Dialect::of_results());
        let mut columns = Columns::new(2, 100);
        let mut count = 0;
        loop {
            match records.next(&mut columns).unwrap() {
                Next::End => break,
                Next::Record { .. } => {}
                Next::Fault(_) => drop(records.reject().unwrap()),
            }
            columns.discard();
            count += 1;
        }
        assert!(count >= 10_000, "{line}: {count} rows");
        let most = 3 * text.len() as u64;
        assert!(records.tokenised <= most, "{line}: {} of {most} bytes", records.tokenised);
    }
}
