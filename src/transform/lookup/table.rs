//! The table of a `lookup`, as it is laid down on disk before the first row is looked up.

use std::path::Path;

use datafusion::arrow::array::{Array, RecordBatch, StringArray};

use super::{LookupOptions, Table, as_text};
use crate::index::{Index, IndexBuilder, IndexError, key_of};

/// A table in the making. Of the rows that it is given it keeps what is looked up and what is
/// taken, and of a file's rows where they stand.
#[derive(Debug)]
pub struct TableBuilder {
    index: IndexBuilder,
    on: Vec<String>,
    take: Vec<String>,
    keeps_places: bool,
}

impl TableBuilder {
    /// Begins the file `path` for a step with these options.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn create(path: &Path, options: &LookupOptions) -> Result<Self, IndexError> {
        let on = options.on.there().map(|column| column.value.clone()).collect();
        let take: Vec<String> = options.take.there().map(|column| column.value.clone()).collect();
        let keeps_places = matches!(options.table(), Table::File(_));
        let mut columns: Vec<&str> = take.iter().map(String::as_str).collect();
        columns.extend(keeps_places.then_some("_place"));
        Ok(TableBuilder { index: IndexBuilder::create(path, &columns)?, on, take, keeps_places })
    }

    /// Columns that rows must have to be found, and that these lack.
    pub fn lacks<'a>(&'a self, columns: &'a [String]) -> impl Iterator<Item = &'a String> {
        self.on.iter().filter(|column| !columns.contains(column))
    }

    /// Adds rows; numbers and dates count as their text. One with a null in its key is found by nobody and left out; a column
    /// to be taken that they lack is null. `place` says where a row stands: `line 7`.
    ///
    /// # Errors
    /// The disk is full or gone.
    pub fn add(
        &mut self,
        rows: &RecordBatch,
        place: impl Fn(usize) -> String,
    ) -> Result<(), IndexError> {
        let column = |name: &String| as_text(rows.column_by_name(name)?).ok();
        let Some(on) = self.on.iter().map(column).collect::<Option<Vec<_>>>() else {
            return Ok(());
        };
        let take: Vec<Option<StringArray>> = self.take.iter().map(column).collect();
        for row in 0..rows.num_rows() {
            let key = on.iter().map(|column| value(column, row)).collect::<Option<Vec<_>>>();
            let Some(key) = key else { continue };
            let place = self.keeps_places.then(|| place(row));
            let taken = take.iter().map(|column| column.as_ref().and_then(|c| value(c, row)));
            let values: Vec<Option<&str>> = taken.chain([place.as_deref()]).collect();
            self.index.add(&key_of(&key), &values)?;
        }
        Ok(())
    }

    /// Makes the table whole.
    ///
    /// # Errors
    /// The disk is full or gone.
    pub fn finish(self) -> Result<Index, IndexError> {
        self.index.finish()
    }
}

fn value(column: &StringArray, row: usize) -> Option<&str> {
    column.is_valid(row).then(|| column.value(row))
}
