//! Which columns go where: into the names of folders, into the files, and into the order of rows.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch},
    datatypes::{Schema, SchemaRef},
    error::ArrowError,
};

use crate::load::files::{FileLoadError, ParquetOptions};

/// The layout of a table. A column that names folders does not stand in the files as well: that
/// is what Hive does, and pyarrow takes a column that stands in both for two.
#[derive(Clone, Debug)]
pub struct Layout {
    /// All columns of the table.
    pub table: SchemaRef,
    /// Those in the files.
    pub file: SchemaRef,
    /// Indices of the columns that name folders, from the outermost in.
    pub folders: Vec<usize>,
    /// Indices of the columns in the files.
    pub data: Vec<usize>,
    /// Indices of the columns by which the rows of a file are sorted.
    pub sorted: Vec<usize>,
    /// Indices of the key.
    pub key: Vec<usize>,
}

impl Layout {
    /// The layout of a table with these columns.
    pub fn of(table: SchemaRef, options: &ParquetOptions) -> Result<Layout, FileLoadError> {
        let indices = |names: &[crate::yaml::Spanned<String>]| {
            names.iter().map(|name| index_of(&table, name)).collect::<Result<Vec<_>, _>>()
        };
        let folders = indices(&options.partition_by)?;
        let key = indices(&options.key)?;
        let sorted = match options.sort_by.is_empty() {
            true => key.clone(),
            false => indices(&options.sort_by)?,
        };
        let data: Vec<usize> =
            (0..table.fields().len()).filter(|index| !folders.contains(index)).collect();
        let fields: Vec<_> = data.iter().map(|index| Arc::clone(&table.fields()[*index])).collect();
        Ok(Layout { file: Arc::new(Schema::new(fields)), table, folders, data, sorted, key })
    }

    /// The columns by which all rows are sorted before they are written; none where rows go into
    /// one file as they come.
    pub fn order(&self) -> Vec<usize> {
        self.folders.iter().chain(&self.sorted).copied().collect()
    }

    /// Names of the columns that name folders.
    pub fn folder_names(&self) -> Vec<String> {
        self.folders.iter().map(|index| self.table.field(*index).name().clone()).collect()
    }

    /// The columns that name folders.
    pub fn folder_columns(&self, rows: &RecordBatch) -> Vec<ArrayRef> {
        self.folders.iter().map(|index| Arc::clone(rows.column(*index))).collect()
    }

    /// The columns of the files.
    pub fn data_columns(&self, rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        match self.folders.is_empty() {
            true => Ok(rows.clone()),
            false => rows.project(&self.data),
        }
    }
}

fn index_of(table: &Schema, name: &str) -> Result<usize, FileLoadError> {
    table.index_of(name).map_err(|_| {
        FileLoadError::refused(
            format!("the rows have no column `{name}`"),
            "name a column that the last step gives",
        )
    })
}
