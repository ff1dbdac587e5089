//! What holds for any bytes: no panic, no row lost, and the same rows from any place on.

use proptest::prelude::*;

use super::{
    columns::Columns,
    records::{Next, Records},
    tests::{Folder, Read, chunks, read, rows_of, set},
    *,
};
use crate::extract::Source;

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
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_file_is_opened_or_refused_and_read_to_its_end(bytes in any_bytes()) {
        let folder = Folder::new();
        if let Ok(source) = folder.open(&bytes, |_| {}) {
            let rows = read(&source);
            prop_assert!(rows.iter().all(|row| range(row).end <= bytes.len()));
        }
    }

    #[test]
    fn rows_and_bad_rows_are_all_records_of_any_bytes(bytes in any_bytes(), chunk_rows in 1usize..5) {
        let folder = Folder::new();
        let (text, source) = open_behind_header(&folder, &bytes);
        let all = chunks(&source.unwrap(), Position::default(), chunk_rows);
        let rows: Vec<Read> = all.iter().flat_map(rows_of).collect();
        let told: Vec<_> =
            rows.iter().map(|r| (range(r), r.origin.line, r.reason.is_none())).collect();
        prop_assert_eq!(told, expected(&text, 3));
        for (ordinal, row) in rows.iter().enumerate() {
            prop_assert_eq!(row.origin.ordinal, ordinal as u64);
        }
        prop_assert!(all.iter().all(|chunk| chunk.rows.origins.len() + chunk.bad.len() <= chunk_rows));
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
        for (row, record) in read(&source.unwrap()).iter().zip(&records[1..]) {
            let Some(fields) = &record.fields else { continue };
            let fields = fields.iter().map(|field| String::from_utf8_lossy(field).into_owned());
            let mut fields: Vec<_> = fields.map(|f| (!f.is_empty()).then_some(f)).collect();
            fields.resize(3, None);
            prop_assert_eq!(&row.fields, &fields);
        }
    }

    #[test]
    fn reading_goes_on_from_the_start_and_the_end_of_any_row(bytes in any_bytes()) {
        let folder = Folder::new();
        let (_, source) = open_behind_header(&folder, &bytes);
        let source = source.unwrap();
        let all = read(&source);
        for (index, row) in all.iter().enumerate() {
            let Origin { file, line, start, length, ordinal } = row.origin;
            let from = Position { file, byte: start, line, ordinal };
            let rest: Vec<Read> = chunks(&source, from, 7).iter().flat_map(rows_of).collect();
            prop_assert_eq!(&rest, &all[index..]);
            // The line of a row's end is not in its origin: take it from the text.
            let after = Position { file, byte: start + u64::from(length), line: 1, ordinal: ordinal + 1 };
            let rest: Vec<Read> = chunks(&source, after, 7).iter().flat_map(rows_of).collect();
            let fields = |rows: &[Read]| rows.iter().map(|r| (range(r), r.fields.clone())).collect::<Vec<_>>();
            prop_assert_eq!(fields(&rest), fields(&all[index + 1..]));
        }
    }

    #[test]
    fn reading_goes_on_from_the_end_of_any_chunk(bytes in any_bytes(), chunk_rows in 1usize..4) {
        let folder = Folder::new();
        let (_, source) = open_behind_header(&folder, &bytes);
        let source = source.unwrap();
        let all = chunks(&source, Position::default(), chunk_rows);
        let rows: Vec<Read> = all.iter().flat_map(rows_of).collect();
        let mut passed = 0;
        for chunk in &all {
            passed += chunk.rows.origins.len() + chunk.bad.len();
            let rest: Vec<Read> = chunks(&source, chunk.end, 5).iter().flat_map(rows_of).collect();
            prop_assert_eq!(&rest, &rows[passed..]);
        }
    }

    #[test]
    fn any_row_is_read_again_as_it_was(bytes in any_bytes(), seed in any::<u64>()) {
        let folder = Folder::new();
        let (_, source) = open_behind_header(&folder, &bytes);
        let source = source.unwrap();
        let rows = read(&source);
        let mut again = source.rereader();
        for row in &rows {
            prop_assert_eq!(&again.fields(&row.origin).unwrap(), &row.fields);
        }
        for step in 0..rows.len().min(5) {
            let row = &rows[(seed as usize).wrapping_add(step * 7) % rows.len()];
            prop_assert_eq!(&again.fields(&row.origin).unwrap(), &row.fields);
        }
    }

    #[test]
    fn a_file_of_the_csv_crate_reads_back_equal(
        rows in prop::collection::vec(prop::array::uniform3("[a-c\",;\r\n é\u{feff}]{0,8}"), 0..30),
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
        rows.iter().for_each(|row| writer.write_record(row).unwrap());
        let folder = Folder::new();
        let source = folder.open(writer.into_inner().unwrap(), |options| {
            set(&mut options.delimiter, if semicolon { ";" } else { "," });
            options.null_values = Some(Vec::new());
        });
        let back = read(&source.unwrap());
        prop_assert!(back.iter().all(|row| row.reason.is_none()), "{:?}", back);
        let back: Vec<Vec<String>> =
            back.into_iter().map(|row| row.fields.into_iter().flatten().collect()).collect();
        prop_assert_eq!(back, rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>());
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
