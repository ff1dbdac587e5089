//! Which calls are the same: whom they ring, and about what. Who places them, and the number shown,
//! make no other call of it.

use arrow::array::{Array, AsArray, RecordBatch};
use xxhash_rust::xxh3::xxh3_128;

use crate::phone::{RINGS, TRANSACTION_DATA, USER_DATA};

/// The key of a call that is to be placed.
pub fn call_key(rows: &RecordBatch, row: usize) -> String {
    let schema = rows.schema_ref();
    let mut parts = Vec::new();
    for (field, column) in schema.fields().iter().zip(rows.columns()) {
        let name = field.name().as_str();
        let counts =
            name == RINGS || name.starts_with(TRANSACTION_DATA) || name.starts_with(USER_DATA);
        let Some(texts) = column.as_string_opt::<i32>().filter(|_| counts) else { continue };
        if texts.is_valid(row) {
            parts.push((name, texts.value(row)));
        }
    }
    // Columns may be written down in another order.
    parts.sort_unstable();
    let mut bytes = Vec::new();
    for text in parts.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend((text.len() as u64).to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    format!("call {:032x}", xxh3_128(&bytes))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray};

    use super::*;

    fn key(columns: &[(&str, Option<&str>)]) -> String {
        let columns = columns.iter().map(|(name, value)| {
            (*name, Arc::new(StringArray::from(vec![*value])) as ArrayRef, true)
        });
        call_key(&RecordBatch::try_from_iter_with_nullable(columns).unwrap(), 0)
    }

    #[test]
    fn a_call_is_the_same_whoever_places_it() {
        let first = key(&[
            ("agentId", Some("a")),
            ("ctlUserData.Ref", Some("7")),
            ("extTransactionData.Name", None),
            ("_rings", Some("1617")),
        ]);
        let same =
            [("_rings", Some("1617")), ("number", Some("617")), ("ctlUserData.Ref", Some("7"))];
        assert_eq!(first, key(&same));
        assert_ne!(first, key(&[("_rings", Some("1617"))]));
        assert_ne!(first, key(&[("_rings", Some("1618")), ("ctlUserData.Ref", Some("7"))]));
        let (one, other) =
            (("extTransactionData.a", Some("b")), ("extTransactionData.ab", Some("")));
        assert_ne!(key(&[one]), key(&[other]));
    }
}
