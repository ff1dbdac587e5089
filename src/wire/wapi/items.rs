//! The items of a large reply as columns of text.
//!
//! A column is a tag in upper case, in the order in which the tags first appear. A field that is
//! absent is null; one that is there and empty is an empty string.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchOptions, StringBuilder},
    datatypes::{DataType, Field, Schema},
};

use super::{
    error::DecodeError,
    reply::Answer,
    scan::{Fields, Scan, Step},
    text::ReplyText,
};

impl<'b> ReplyText<'b> {
    /// The items, at most so many a batch. Only when the last batch has come without an error is
    /// the reply known to be whole.
    pub fn items(&self, batch_rows: usize) -> Result<ItemsDecoder<'_>, DecodeError> {
        ItemsDecoder::open(self, batch_rows)
    }
}

/// Reads the items of one reply in batches, in the order of the reply.
pub struct ItemsDecoder<'t> {
    answer: Answer,
    scan: Scan<'t>,
    columns: Columns,
    batch_rows: usize,
    is_over: bool,
}

impl<'t> ItemsDecoder<'t> {
    fn open(reply: &'t ReplyText<'_>, batch_rows: usize) -> Result<Self, DecodeError> {
        let (scan, attributes) = Scan::open(reply)?;
        Ok(ItemsDecoder {
            answer: Answer::read(&attributes),
            scan,
            columns: Columns { most: reply.limits.most_tags, ..Columns::default() },
            batch_rows: batch_rows.max(1),
            is_over: false,
        })
    }

    /// What became of the command. It stands before the items.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// Fields whose tag had come before in the same item; the first one counts.
    pub fn repeated(&self) -> u64 {
        self.columns.repeated
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, DecodeError> {
        while !self.is_over && self.columns.rows < self.batch_rows {
            match self.scan.step(&mut self.columns)? {
                Step::Item => self.columns.end_row(),
                Step::End => {
                    self.is_over = true;
                    self.columns.end_reply()?;
                }
            }
        }
        self.columns.take()
    }
}

impl Iterator for ItemsDecoder<'_> {
    type Item = Result<RecordBatch, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_batch().transpose();
        if matches!(next, Some(Err(_)) | None) {
            self.is_over = true;
            self.columns.rows = 0;
        }
        next
    }
}

/// The columns of the rows so far.
#[derive(Default)]
struct Columns {
    columns: Vec<Column>,
    /// Whole rows.
    rows: usize,
    /// Rows of all batches before.
    rows_before: usize,
    /// Columns that have a value in the open row.
    filled: usize,
    /// Where the next field is looked for first: fields come in the same order in each item.
    expected: usize,
    most: usize,
    repeated: u64,
    /// Fields that stand in no item: a row, should there be no other.
    bare: Vec<(String, String)>,
}

struct Column {
    name: String,
    /// The tag as it last came.
    tag: String,
    values: StringBuilder,
    /// Values and nulls so far.
    len: usize,
}

impl Fields for Columns {
    fn field(&mut self, in_item: bool, tag: &str, value: &str) -> Result<(), DecodeError> {
        if in_item {
            return self.put(tag, value);
        }
        if self.bare.len() >= self.most {
            return Err(DecodeError::TooManyTags { most: self.most });
        }
        self.bare.push((tag.to_owned(), value.to_owned()));
        Ok(())
    }
}

impl Columns {
    fn put(&mut self, tag: &str, value: &str) -> Result<(), DecodeError> {
        let at = self.find(tag)?;
        self.expected = at + 1;
        let column = &mut self.columns[at];
        if column.len > self.rows {
            self.repeated += 1;
            return Ok(());
        }
        column.values.append_value(value);
        column.len += 1;
        self.filled += 1;
        Ok(())
    }

    fn find(&mut self, tag: &str) -> Result<usize, DecodeError> {
        if self.columns.get(self.expected).is_some_and(|column| column.tag == tag) {
            return Ok(self.expected);
        }
        let known = |column: &Column| column.name.eq_ignore_ascii_case(tag);
        if let Some(at) = self.columns.iter().position(known) {
            let column = &mut self.columns[at];
            column.tag.clear();
            column.tag.push_str(tag);
            return Ok(at);
        }
        if self.columns.len() >= self.most {
            return Err(DecodeError::TooManyTags { most: self.most });
        }
        let mut values = StringBuilder::new();
        values.append_nulls(self.rows);
        let name = tag.to_ascii_uppercase();
        self.columns.push(Column { name, tag: tag.to_owned(), values, len: self.rows });
        Ok(self.columns.len() - 1)
    }

    /// Ends the row that has been begun; an item without a field is none.
    fn end_row(&mut self) {
        if self.filled == 0 {
            return;
        }
        self.rows += 1;
        if self.filled < self.columns.len() {
            for column in self.columns.iter_mut().filter(|column| column.len < self.rows) {
                column.values.append_null();
                column.len += 1;
            }
        }
        self.filled = 0;
        self.expected = 0;
    }

    fn end_reply(&mut self) -> Result<(), DecodeError> {
        if self.rows_before + self.rows == 0 {
            for (tag, value) in std::mem::take(&mut self.bare) {
                self.put(&tag, &value)?;
            }
            self.end_row();
        }
        Ok(())
    }

    /// The rows as a batch, if there are any. Its columns are all that have appeared so far.
    fn take(&mut self) -> Result<Option<RecordBatch>, DecodeError> {
        if self.rows == 0 {
            return Ok(None);
        }
        let rows = std::mem::take(&mut self.rows);
        self.rows_before += rows;
        let fields =
            self.columns.iter().map(|column| Field::new(&column.name, DataType::Utf8, true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let arrays = self.columns.iter_mut().map(|column| {
            column.len = 0;
            // The next batch is likely as large, and need not grow step by step.
            let room = StringBuilder::with_capacity(rows, column.values.values_slice().len());
            let mut full = std::mem::replace(&mut column.values, room);
            Arc::new(full.finish()) as ArrayRef
        });
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(schema, arrays.collect(), &options)
            .map(Some)
            .map_err(|error| DecodeError::Malformed { what: error.to_string(), at: 0 })
    }
}
