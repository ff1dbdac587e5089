//! Fields to columns of text: the tokeniser writes each field straight into its column.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{ArrayRef, StringArray},
    buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer},
    error::ArrowError,
};
use encoding_rs::{Encoding, UTF_8};
use memchr::memchr;

use crate::extract::CHUNK_ROWS;

/// Room for a column before anything is known of it.
const FIRST_ROOM: usize = 256;

/// Bytes that grow, in room that is already initialised, as the tokeniser wants it.
#[derive(Debug, Default)]
pub(super) struct FieldBytes {
    room: Vec<u8>,
    used: usize,
}

impl FieldBytes {
    /// The room that is left.
    #[inline]
    pub(super) fn room(&mut self) -> &mut [u8] {
        &mut self.room[self.used..]
    }

    /// Counts `count` bytes of the room as used.
    #[inline]
    pub(super) fn wrote(&mut self, count: usize) {
        self.used += count;
    }

    /// Adds bytes as they are.
    #[inline]
    pub(super) fn put(&mut self, bytes: &[u8]) {
        while self.room().len() < bytes.len() {
            self.grow();
        }
        self.room()[..bytes.len()].copy_from_slice(bytes);
        self.wrote(bytes.len());
    }

    /// Makes more room.
    #[cold]
    pub(super) fn grow(&mut self) {
        self.room.resize((2 * self.room.len()).max(64), 0);
    }

    /// Bytes in use.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.used
    }

    /// The bytes in use from `start` on.
    #[inline]
    pub(super) fn since(&self, start: usize) -> &[u8] {
        &self.room[start..self.used]
    }
}

#[derive(Debug)]
struct Column {
    bytes: FieldBytes,
    /// Where each row's field ends, a 0 before the first: as Arrow wants them.
    offsets: Vec<i32>,
}

impl Column {
    fn with_room(rows: usize, bytes: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Column { bytes: FieldBytes { room: vec![0; bytes], used: 0 }, offsets }
    }

    fn field(&self, row: usize) -> &[u8] {
        &self.bytes.room[self.offsets[row] as usize..self.offsets[row + 1] as usize]
    }

    /// End of the last whole row.
    #[inline]
    fn end(&self) -> usize {
        self.offsets[self.offsets.len() - 1] as usize
    }
}

/// How bytes become values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    pub(super) encoding: &'static Encoding,
    pub(super) null_values: &'a [String],
}

/// The rows of a chunk on their way to columns, and the row that is being read.
#[derive(Debug)]
pub(super) struct Columns {
    columns: Vec<Column>,
    /// Fields of the current row beyond the last column.
    extras: Vec<FieldBytes>,
    rows: usize,
    chunk_rows: usize,
}

impl Columns {
    /// Columns for chunks of up to `chunk_rows` rows; with none, all fields are extras.
    pub(super) fn new(count: usize, chunk_rows: usize) -> Self {
        let rows = chunk_rows.min(CHUNK_ROWS);
        let columns = (0..count).map(|_| Column::with_room(rows, FIRST_ROOM)).collect();
        Columns { columns, extras: Vec::new(), rows: 0, chunk_rows: rows }
    }

    /// Rows accepted so far.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Where field `index` of the current row goes.
    #[inline]
    pub(super) fn field(&mut self, index: usize) -> &mut FieldBytes {
        if index < self.columns.len() {
            return &mut self.columns[index].bytes;
        }
        let extra = index - self.columns.len();
        if extra == self.extras.len() {
            self.extras.push(FieldBytes::default());
        }
        self.extras[extra].used = 0;
        &mut self.extras[extra]
    }

    /// Ends the current row: it stays.
    #[inline]
    pub(super) fn accept(&mut self) {
        for column in &mut self.columns {
            // A chunk ends soon after 4 MiB: far from the end of an `i32`.
            column.offsets.push(column.bytes.used as i32);
        }
        self.rows += 1;
    }

    /// The `count` fields of the current row, as read.
    pub(super) fn current(&self, count: usize) -> impl Iterator<Item = &[u8]> {
        let columns = self.columns.iter().map(|column| column.bytes.since(column.end()));
        columns.chain(self.extras.iter().map(|extra| extra.since(0))).take(count)
    }

    /// Ends the current row: it goes.
    pub(super) fn discard(&mut self) {
        for column in &mut self.columns {
            column.bytes.used = column.end();
        }
    }

    /// The fields of an accepted row.
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = &[u8]> {
        self.columns.iter().map(move |column| column.field(row))
    }

    /// For each row with a value that is no text in its encoding, among the first `count`
    /// columns: the columns that are wrong.
    pub(super) fn undecodable(&self, count: usize, values: Values) -> BTreeMap<usize, Vec<usize>> {
        let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, column) in self.columns[..count].iter().enumerate() {
            if is_clean(column, values.encoding) {
                continue;
            }
            let wrong = (0..self.rows).filter(|row| !is_text(column.field(*row), values.encoding));
            wrong.for_each(|row| found.entry(row).or_default().push(index));
        }
        found
    }

    /// Takes rows out again.
    pub(super) fn remove(&mut self, rows: &BTreeMap<usize, Vec<usize>>) {
        for column in &mut self.columns {
            let mut kept = Column::with_room(self.rows, column.bytes.used);
            for row in (0..self.rows).filter(|row| !rows.contains_key(row)) {
                let field = column.field(row);
                kept.bytes.room()[..field.len()].copy_from_slice(field);
                kept.bytes.wrote(field.len());
                kept.offsets.push(kept.bytes.used as i32);
            }
            *column = kept;
        }
        self.rows -= rows.len();
    }

    /// The first `count` columns as Arrow arrays; begins anew with no rows.
    ///
    /// An error where a value is no text: take out what [`Columns::undecodable`] tells first.
    pub(super) fn finish(
        &mut self,
        count: usize,
        values: Values,
    ) -> Result<Vec<ArrayRef>, ArrowError> {
        let rows = self.chunk_rows;
        let arrays = self.columns.iter_mut().enumerate().map(|(index, column)| {
            // The next chunk is like this one; an eighth more avoids most growth.
            let room = (column.bytes.used + column.bytes.used / 8).max(FIRST_ROOM);
            let done = std::mem::replace(column, Column::with_room(rows, room));
            (index < count).then(|| array(done, values))
        });
        let arrays = arrays.flatten().collect();
        self.rows = 0;
        arrays
    }
}

fn array(column: Column, values: Values) -> Result<ArrayRef, ArrowError> {
    let Column { bytes: FieldBytes { mut room, used }, mut offsets } = column;
    room.truncate(used);
    if values.encoding != UTF_8 && !room.is_ascii() {
        (room, offsets) = decode(&room, &offsets, values.encoding);
    }
    let nulls = nulls(&room, &offsets, values.null_values);
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    Ok(Arc::new(StringArray::try_new(offsets, Buffer::from_vec(room), nulls)?))
}

fn decode(room: &[u8], offsets: &[i32], encoding: &'static Encoding) -> (Vec<u8>, Vec<i32>) {
    let mut text = Vec::with_capacity(room.len() + room.len() / 4);
    let mut ends = Vec::with_capacity(offsets.len());
    ends.push(0);
    for field in offsets.windows(2) {
        let field = &room[field[0] as usize..field[1] as usize];
        let (decoded, _) = encoding.decode_without_bom_handling(field);
        text.extend_from_slice(decoded.as_bytes());
        ends.push(text.len() as i32);
    }
    (text, ends)
}

fn nulls(text: &[u8], offsets: &[i32], null_values: &[String]) -> Option<NullBuffer> {
    let rows = offsets.len() - 1;
    // The usual case: the empty text alone, which its two offsets tell.
    if matches!(null_values, [empty] if empty.is_empty()) {
        if !offsets.windows(2).any(|field| field[0] == field[1]) {
            return None;
        }
        let valid = BooleanBuffer::collect_bool(rows, |row| offsets[row] != offsets[row + 1]);
        return Some(NullBuffer::new(valid));
    }
    let valid = BooleanBuffer::collect_bool(rows, |row| {
        let field = &text[offsets[row] as usize..offsets[row + 1] as usize];
        !null_values.iter().any(|null| null.as_bytes() == field)
    });
    let nulls = NullBuffer::new(valid);
    (nulls.null_count() > 0).then_some(nulls)
}

/// Whether the whole column is surely good; `false` asks for a look at each field.
fn is_clean(column: &Column, encoding: &'static Encoding) -> bool {
    let bytes = column.bytes.since(0);
    if memchr(0, bytes).is_some() {
        return false;
    }
    if bytes.is_ascii() {
        return true;
    }
    if encoding != UTF_8 {
        return false;
    }
    // A field that ends within a character, and one that begins there, may together be good.
    std::str::from_utf8(bytes)
        .is_ok_and(|text| column.offsets.iter().all(|end| text.is_char_boundary(*end as usize)))
}

fn is_text(field: &[u8], encoding: &'static Encoding) -> bool {
    memchr(0, field).is_none()
        && encoding.decode_without_bom_handling_and_without_replacement(field).is_some()
}
