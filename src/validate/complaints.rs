//! Reasons against rows, gathered rule by rule.

use std::{collections::BTreeMap, fmt};

use arrow::{array::BooleanArray, buffer::BooleanBuffer};

use crate::{
    batch::{Batch, Fallen, Fate},
    rules::Rule,
};

/// Characters of a value that a reason shows.
const SHOWN_CHARS: usize = 60;

/// The reasons against the rows of a batch; nearly always none.
#[derive(Debug, Default)]
pub struct Complaints(BTreeMap<usize, String>);

impl Complaints {
    /// Adds `FIELD: what is wrong (value, limit, guide section)` to a row's reasons.
    pub fn add(&mut self, row: usize, reason: &str) {
        let reasons = self.0.entry(row).or_default();
        if !reasons.is_empty() {
            reasons.push_str("; ");
        }
        reasons.push_str(reason);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True for each of `rows` rows against which nothing is said.
    pub fn passed(&self, rows: usize) -> BooleanArray {
        BooleanArray::new(BooleanBuffer::collect_bool(rows, |row| !self.0.contains_key(&row)), None)
    }

    /// The rows with their reasons.
    pub fn into_rows(self) -> impl Iterator<Item = (usize, String)> {
        self.0.into_iter()
    }

    /// The rows with their reasons, as they leave the pipeline.
    pub fn into_fallen(self, batch: &Batch) -> Vec<Fallen> {
        let fallen = |(row, reason): (usize, String)| Fallen {
            pick: batch.picks[row],
            fate: Fate::Rejected,
            reason,
        };
        self.0.into_iter().map(fallen).collect()
    }
}

/// A reason in the form that DESIGN section 3 gives it.
pub fn reason(rule: &Rule, wrong: &str, value: impl fmt::Display, limit: &str) -> String {
    let shown = shown(&value.to_string());
    let limit = if limit.is_empty() { String::new() } else { format!(", {limit}") };
    format!("{}: {wrong} (`{shown}`{limit}, {})", rule.tag, rule.source())
}

/// A value as a reason shows it: not too much of it, on one line, and nothing that a terminal
/// takes for an order.
pub fn shown(value: &str) -> String {
    let visible = |c: char| match c {
        '\r' | '\n' | '\t' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    let mut shown: String = value.chars().take(SHOWN_CHARS).map(visible).collect();
    if value.chars().nth(SHOWN_CHARS).is_some() {
        shown.push_str("...");
    }
    shown
}

/// The reason against a row that lacks a mandatory value.
pub fn missing(rule: &Rule) -> String {
    format!("{}: missing (mandatory, {})", rule.tag, rule.source())
}
