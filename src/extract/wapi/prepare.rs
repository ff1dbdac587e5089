//! Makes the records of a reply ready for the spool: the documented names, keys, hashes, and packed.

use std::sync::Arc;

use arrow::{
    array::{Array, AsArray, RecordBatch, StringArray},
    datatypes::{Field, Schema},
    error::ArrowError,
};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::documented::{SECRET, canonical};
use crate::{
    crm::Object,
    spool::{Key, Packed},
    tenant::Fetched,
};

/// Rows ready for the spool.
pub(super) struct Prepared {
    pub rows: Packed,
    pub keys: Vec<Key>,
    pub hashes: Vec<u64>,
}

/// Makes rows ready for the spool.
pub(super) fn prepare(
    object: Object,
    hashed: bool,
    fetched: Fetched,
) -> Result<Prepared, ArrowError> {
    let batches: Vec<RecordBatch> =
        fetched.batches.into_iter().map(|batch| with_documented_names(object, batch)).collect();
    let hashes = match hashed {
        true => batches.iter().flat_map(row_hashes).collect(),
        false => vec![0; fetched.rows],
    };
    let mut keys = Vec::with_capacity(fetched.rows);
    batches.iter().for_each(|batch| keys_of(object, batch, &mut keys));
    Ok(Prepared { rows: Packed::of(&batches)?, keys, hashes })
}

/// The columns by their documented names.
fn with_documented_names(object: Object, batch: RecordBatch) -> RecordBatch {
    let schema = batch.schema();
    let named = |field: &Field| {
        let name = canonical(object, field.name());
        // The documented name stands there already: both stay.
        let free = name == field.name() || schema.column_with_name(name).is_none();
        Field::new(if free { name } else { field.name() }, field.data_type().clone(), true)
    };
    let fields: Vec<Field> = schema.fields().iter().map(|field| named(field)).collect();
    let columns = batch.columns().to_vec();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap_or(batch)
}

fn keys_of(object: Object, batch: &RecordBatch, keys: &mut Vec<Key>) {
    let columns: Vec<Option<&StringArray>> = object
        .key()
        .iter()
        .map(|tag| batch.column_by_name(tag).and_then(|column| column.as_string_opt::<i32>()))
        .collect();
    for row in 0..batch.num_rows() {
        keys.push(Key::of(columns.iter().map(|column| match column {
            Some(column) if !column.is_null(row) => column.value(row).trim(),
            _ => "",
        })));
    }
}

/// A hash of each row's values, whatever the order of the columns; empty ones count as none.
fn row_hashes(batch: &RecordBatch) -> Vec<u64> {
    let mut hashes = vec![0_u64; batch.num_rows()];
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        if field.name() == SECRET {
            continue;
        }
        let seed = xxh3_64(field.name().as_bytes());
        let Some(values) = column.as_string_opt::<i32>() else { continue };
        for (hash, value) in hashes.iter_mut().zip(values.iter()) {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                *hash = hash.wrapping_add(xxh3_64_with_seed(value.as_bytes(), seed));
            }
        }
    }
    hashes
}
