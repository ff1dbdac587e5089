//! What every source promises, as one check: a new source calls [`keeps_its_promises`].

use super::{CHUNK_ROWS, Source, inputs};
use crate::batch::{BadRow, Chunk, Origin, Position};

/// A row, good or bad, as tests compare it.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    pub origin: Origin,
    pub fields: Vec<Option<String>>,
    /// Why it is bad, if it is.
    pub reason: Option<String>,
}

/// Chunks from a place to the end.
pub fn chunks(source: &Source, from: Position, chunk_rows: usize) -> Vec<Chunk> {
    let mut rows = source.rows(from, chunk_rows).unwrap();
    std::iter::from_fn(|| rows.next_chunk().unwrap()).collect()
}

/// Rows from a place to the end.
pub fn rows_from(source: &Source, from: Position, chunk_rows: usize) -> Vec<Read> {
    chunks(source, from, chunk_rows).iter().flat_map(rows_of).collect()
}

/// All rows.
pub fn rows(source: &Source) -> Vec<Read> {
    rows_from(source, Position::default(), CHUNK_ROWS)
}

/// All rows of a chunk, in the order of the input; values as result files tell them.
pub fn rows_of(chunk: &Chunk) -> Vec<Read> {
    let good = chunk.rows.origins.iter().enumerate().map(|(row, origin)| Read {
        origin: *origin,
        fields: inputs::fields_of(&chunk.rows.columns, row),
        reason: None,
    });
    let bad = chunk.bad.iter().cloned().map(|BadRow { origin, fields, reason }| Read {
        origin,
        fields,
        reason: Some(reason),
    });
    let mut all: Vec<Read> = good.chain(bad).collect();
    all.sort_by_key(|row| row.origin.ordinal);
    all
}

/// Panics where the source breaks a promise of [`Source`].
pub fn keeps_its_promises(source: &Source) {
    let all = rows(source);
    rows_are_numbered_and_apart(&all);
    chunks_are_whole(source, &all);
    reading_goes_on_from_any_row(source, &all);
    rows_are_read_again_as_they_were(source, &all);
}

fn rows_are_numbered_and_apart(all: &[Read]) {
    for (ordinal, row) in all.iter().enumerate() {
        assert_eq!(row.origin.ordinal, ordinal as u64);
        assert!(row.origin.length > 0, "{row:?}");
    }
    for pair in all.windows(2) {
        let (one, next) = (&pair[0].origin, &pair[1].origin);
        let end = (one.file, one.start + u64::from(one.length));
        assert!((next.file, next.start) >= end, "{one:?} reaches into {next:?}");
        assert!((next.file, next.line) > (one.file, one.line), "{one:?} {next:?}");
    }
}

fn chunks_are_whole(source: &Source, all: &[Read]) {
    for chunk_rows in [1, 2, 3, 1000] {
        let chunks = chunks(source, Position::default(), chunk_rows);
        let (mut passed, mut bytes) = (0, 0);
        for chunk in &chunks {
            let rows = rows_of(chunk);
            assert!((1..=chunk_rows).contains(&rows.len()));
            assert_eq!(chunk.rows.columns.schema(), source.schema());
            assert_eq!(chunk.rows.columns.num_rows(), chunk.rows.origins.len());
            assert!(rows.iter().all(|row| row.origin.file == chunk.end.file));
            assert!(chunk.bytes_read >= bytes && chunk.bytes_read <= source.total_bytes());
            bytes = chunk.bytes_read;
            passed += rows.len();
            assert_eq!(chunk.end.ordinal, passed as u64);
            assert_eq!(rows_from(source, chunk.end, 5), all[passed..], "from {:?}", chunk.end);
        }
        assert_eq!(passed, all.len());
    }
}

fn reading_goes_on_from_any_row(source: &Source, all: &[Read]) {
    // The line of a row's end is not in its origin, so lines are not compared behind it.
    let without_lines = |rows: &[Read]| -> Vec<Read> {
        let mut rows = rows.to_vec();
        rows.iter_mut().for_each(|row| row.origin.line = 0);
        rows.iter_mut().for_each(|row| row.reason = row.reason.take().map(|_| String::new()));
        rows
    };
    for (index, row) in all.iter().enumerate() {
        let Origin { file, line, start, length, ordinal } = row.origin;
        let from = Position { file, byte: start, line, ordinal };
        assert_eq!(rows_from(source, from, 7), all[index..]);
        let byte = start + u64::from(length);
        let after = Position { file, byte, line: 1, ordinal: ordinal + 1 };
        let rest = rows_from(source, after, 7);
        assert_eq!(without_lines(&rest), without_lines(&all[index + 1..]));
    }
}

fn rows_are_read_again_as_they_were(source: &Source, all: &[Read]) {
    let mut again = source.rereader();
    for row in all.iter().chain(all.iter().rev()) {
        assert_eq!(again.fields(&row.origin).unwrap(), row.fields);
    }
    if let Some(row) = all.last() {
        assert_eq!(source.reread(&row.origin).unwrap(), row.fields);
    }
}
