//! What a load into files asks of its rows: any column may be written, but those that its keys
//! name have to be there, and a row that is to be found again needs its key.

use arrow::{
    array::Array,
    datatypes::{DataType, Schema},
    error::ArrowError,
};

use super::{Checked, ColumnProblem, Fit, UniqueKey, complaints::Complaints};
use crate::{
    batch::{Batch, Fallen},
    diagnostic,
    outcome::{KeyFrom, LoadedColumns},
};

/// The rules of a load into files.
#[derive(Clone, Debug, Default)]
pub struct FileRules {
    /// The columns that tell which row is which, where rows are replaced.
    pub key: Vec<String>,
    /// Further columns that the load names, each with the key of the load that names it.
    pub named: Vec<(String, &'static str)>,
    /// Whether values name folders.
    pub has_folders: bool,
}

impl FileRules {
    pub fn unique_key(&self, output: &Schema) -> Option<UniqueKey> {
        let columns: Result<Vec<usize>, _> =
            self.key.iter().map(|name| output.index_of(name)).collect();
        let columns = columns.ok().filter(|columns| !columns.is_empty())?;
        Some(UniqueKey { name: self.key.join(", "), columns })
    }

    pub fn loaded_columns(&self, output: &Schema) -> LoadedColumns {
        let key = self.key.iter().filter_map(|name| {
            let index = output.index_of(name).ok()?;
            Some((name.clone().into(), KeyFrom::Column(index)))
        });
        LoadedColumns { key: key.collect(), input: false }
    }

    /// Rows that have no value in their key fall; nothing else is asked.
    pub fn check(&self, batch: &Batch, fallen: &mut Vec<Fallen>) -> Result<Fit, ArrowError> {
        let mut complaints = Complaints::default();
        for name in &self.key {
            let Some(column) = batch.columns.column_by_name(name) else { continue };
            if column.null_count() == 0 && *column.data_type() != DataType::Null {
                continue;
            }
            let nulls = column.logical_nulls();
            for row in 0..column.len() {
                if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                    complaints.add(row, &format!("{name}: missing (the load's `key` names it)"));
                }
            }
        }
        let checked = Checked::of(batch, batch.columns.clone(), complaints, Vec::new())?;
        fallen.extend(checked.fallen);
        Ok(Fit { rows: checked.batch, fixed: checked.fixed })
    }

    pub fn complaints(&self, columns: &Schema) -> Vec<ColumnProblem> {
        let names: Vec<&str> = columns.fields().iter().map(|field| field.name().as_str()).collect();
        let key = self.key.iter().map(|name| (name, "`key`"));
        let wanted = key.chain(self.named.iter().map(|(name, by)| (name, *by)));
        let mut problems: Vec<ColumnProblem> = wanted
            .filter_map(|(name, by)| match columns.field_with_name(name) {
                Ok(field) if field.data_type().is_nested() => Some(ColumnProblem::Nested {
                    name: name.clone(),
                    by,
                    found: field.data_type().clone(),
                }),
                Ok(_) => None,
                Err(_) => Some(ColumnProblem::Missing {
                    name: name.clone().into(),
                    by,
                    meant: diagnostic::nearest(name, names.iter().copied()).map(str::to_owned),
                }),
            })
            .collect();
        let in_folders = |name: &&str| {
            self.named.iter().any(|(named, by)| *by == PARTITION_BY && named == *name)
        };
        if self.has_folders && !names.is_empty() && names.iter().all(in_folders) {
            let name = self.named.first().map(|(name, _)| name.clone()).unwrap_or_default();
            problems.push(ColumnProblem::NothingLeft { name });
        }
        problems
    }
}

/// The key of a load by whose columns folders are named.
pub const PARTITION_BY: &str = "`partition_by`";
