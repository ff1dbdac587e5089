//! Values that a field may have: those of the guide, or those that the tenant defines.

use std::collections::{HashMap, HashSet};

/// Values to be compared with as they are written.
#[derive(Debug)]
pub struct Values {
    all: HashSet<String>,
    by_letters: HashMap<String, String>,
}

impl Values {
    /// The values of a list.
    pub fn new(values: Vec<String>) -> Self {
        let by_letters = values.iter().map(|value| (letters(value), value.clone())).collect();
        Values { all: values.into_iter().collect(), by_letters }
    }

    /// Whether a value is one of them.
    pub fn has(&self, value: &str) -> bool {
        self.all.contains(value)
    }

    /// The value that may be meant: the same in other letters, or nearly the same.
    pub fn meant(&self, value: &str) -> Option<&str> {
        let same = self.by_letters.get(&letters(value)).map(String::as_str);
        same.or_else(|| {
            let likeness = |one: &String| strsim::jaro_winkler(&letters(one), &letters(value));
            let near = self.all.iter().map(|one| (likeness(one), one));
            let nearest = near.filter(|(likeness, _)| *likeness >= 0.85);
            // Of equally near ones the first by name: a message is the same each time.
            nearest
                .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
                .map(|(_, one)| one.as_str())
        })
    }
}

fn letters(value: &str) -> String {
    value.trim().to_lowercase()
}
