//! Chance for one row of a sample.

use crate::chance::mix;

/// Draws of one row.
pub(super) struct Draws(u64);

impl Draws {
    pub(super) fn new(parts: &[u64]) -> Self {
        Draws(mix(parts))
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = mix(&[self.0]);
        self.0 % bound
    }

    pub(super) fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len() as u64) as usize]
    }
}
