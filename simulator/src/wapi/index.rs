//! Which records hold a value: by a hash of tag and value without regard to case. What it finds
//! may hold the value; who searches looks again.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

/// The hash of a value under a tag.
pub(crate) fn key(tag: &str, value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    tag.hash(&mut hasher);
    for c in value.chars().flat_map(char::to_lowercase) {
        c.hash(&mut hasher);
    }
    hasher.finish()
}

/// Record numbers by their values, sorted.
#[derive(Default)]
pub(crate) struct Index(HashMap<u64, Vec<u64>>);

impl Index {
    pub(crate) fn insert(&mut self, tag: &str, value: &str, id: u64) {
        if value.is_empty() {
            return;
        }
        let ids = self.0.entry(key(tag, value)).or_default();
        if let Err(place) = ids.binary_search(&id) {
            ids.insert(place, id);
        }
    }

    pub(crate) fn remove(&mut self, tag: &str, value: &str, id: u64) {
        let key = key(tag, value);
        let Some(ids) = self.0.get_mut(&key) else { return };
        if let Ok(place) = ids.binary_search(&id) {
            ids.remove(place);
        }
        if ids.is_empty() {
            self.0.remove(&key);
        }
    }

    pub(crate) fn get(&self, tag: &str, value: &str) -> &[u64] {
        self.0.get(&key(tag, value)).map_or(&[], Vec::as_slice)
    }
}
