//! One row as it is sent: tags and values.

use arrow::array::{Array, AsArray, RecordBatch};

use crate::crm::MATCH_KEY;

/// A row of the target's columns; absent values are left out.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    tags: Vec<(&'a str, &'a str)>,
    match_key: Option<&'a str>,
}

impl<'a> Row<'a> {
    /// Row `row` of a batch whose columns are all text.
    pub fn of(rows: &'a RecordBatch, schema: &'a arrow::datatypes::Schema, row: usize) -> Row<'a> {
        let mut tags = Vec::with_capacity(rows.num_columns());
        let mut match_key = None;
        for (field, column) in schema.fields().iter().zip(rows.columns()) {
            let Some(texts) = column.as_string_opt::<i32>() else { continue };
            if texts.is_null(row) {
                continue;
            }
            match field.name().as_str() {
                MATCH_KEY => match_key = Some(texts.value(row)),
                name => tags.push((name, texts.value(row))),
            }
        }
        Row { tags, match_key }
    }

    /// Tags and values in the order of the columns.
    pub fn tags(&self) -> impl Iterator<Item = (&'a str, &'a str)> + Clone + '_ {
        self.tags.iter().copied()
    }

    /// The value of a tag, if it is sent.
    pub fn get(&self, tag: &str) -> Option<&'a str> {
        self.tags.iter().find(|(name, _)| *name == tag).map(|(_, value)| *value)
    }

    /// The key by which an upsert finds the record.
    pub fn match_key(&self) -> Option<&'a str> {
        self.match_key
    }
}
