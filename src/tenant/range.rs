//! All customers of a tenant: Get has no paging, so the numbers are cut into prefixes, and each
//! prefix is asked for (DESIGN section 5).

use std::collections::VecDeque;

use super::{Crm, Trouble};
use crate::{clock::Dice, crm::Object, wire::wapi::Item};

/// Customers of one reply that are aimed at.
const AIM: u64 = 2000;

/// Digits of a prefix beyond which it is not cut further: the tenant answers nothing at all.
const MOST_DIGITS: usize = 9;

/// What the empty Get tells: the first and last number, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Extent {
    /// FIRSTID.
    pub first: u64,
    /// LASTID.
    pub last: u64,
    /// TOTAL: records that exist, which is not `last - first + 1`.
    pub total: u64,
}

impl Extent {
    /// How many numbers share a prefix, so that about [`AIM`] of them exist: a power of ten.
    fn numbers_of_a_prefix(&self) -> u64 {
        let span = (self.last - self.first + 1).max(1);
        let per_record = span.div_ceil(self.total.max(1));
        let mut numbers = 1;
        while numbers * 10 <= AIM * per_record {
            numbers *= 10;
        }
        numbers
    }

    /// The prefixes that cover all numbers, in order: `1000012` stands for 1000012000 to
    /// 1000012999 where the numbers have ten digits.
    pub fn prefixes(&self) -> Vec<String> {
        let numbers = self.numbers_of_a_prefix();
        let mut prefixes = Vec::new();
        let mut at = self.first;
        while at <= self.last && self.last > 0 {
            let start = at - at % numbers;
            let digits = at.to_string().len() - numbers.to_string().len() + 1;
            let prefix = start.to_string();
            prefixes.push(prefix[..digits.max(1).min(prefix.len())].to_owned());
            // The next number of the next prefix, or the first with one digit more.
            let longer = 10_u64.saturating_pow(at.to_string().len() as u32);
            at = (start + numbers).min(longer.max(at + 1));
        }
        prefixes.dedup();
        prefixes
    }
}

/// Reads all customers, prefix by prefix.
#[derive(Debug)]
pub struct ReadCustomers<'a> {
    crm: &'a Crm,
    dice: &'a Dice,
    /// Patterns of numbers: `1000012%`, or a whole number.
    left: VecDeque<String>,
}

/// Customers of one prefix.
#[derive(Debug)]
pub struct Customers {
    /// The records, in the order of the reply.
    pub items: Vec<Item>,
    /// Prefixes that are still to be read.
    pub left: usize,
}

impl Crm {
    /// First and last number, and how many: the Get without parameters. `None`: there are none.
    ///
    /// # Errors
    /// The tenant does not tell.
    pub async fn extent(&self, object: Object, dice: &Dice) -> Result<Option<Extent>, Trouble> {
        let items = self.ask(object, "GET", &object.name().to_uppercase(), &[], dice).await?;
        let number = |tag: &str| {
            items.iter().find_map(|item| item.value(tag)).and_then(|text| text.trim().parse().ok())
        };
        Ok(match (number("FIRSTID"), number("LASTID"), number("TOTAL")) {
            (Some(first), Some(last), Some(total)) if first <= last && total > 0 => {
                Some(Extent { first, last, total })
            }
            _ => None,
        })
    }

    /// Begins to read all customers.
    pub fn customers<'a>(&'a self, extent: &Extent, dice: &'a Dice) -> ReadCustomers<'a> {
        let left = extent.prefixes().into_iter().map(|prefix| prefix + "%").collect();
        ReadCustomers { crm: self, dice, left }
    }
}

impl ReadCustomers<'_> {
    /// The customers of the next prefix; `None` at the end. A prefix whose answer does not come is
    /// cut into ten.
    ///
    /// # Errors
    /// The tenant does not answer, however little is asked for.
    pub async fn next(&mut self) -> Result<Option<Customers>, Trouble> {
        loop {
            let Some(pattern) = self.left.pop_front() else { return Ok(None) };
            let tags = [("ACCOUNTNUM", pattern.as_str())];
            match self.crm.ask(Object::Customer, "GET", "CUSTOMER", &tags, self.dice).await {
                Ok(items) => return Ok(Some(Customers { items, left: self.left.len() })),
                Err(Trouble::Passing { after, message }) => match pattern.strip_suffix('%') {
                    Some(prefix) if prefix.len() < MOST_DIGITS => {
                        tracing::debug!(prefix, message, "cut into ten");
                        let parts = (0..10).rev().map(|digit| format!("{prefix}{digit}%"));
                        parts.for_each(|part| self.left.push_front(part));
                        // A number that is the prefix itself is in none of the ten.
                        self.left.push_front(prefix.to_owned());
                    }
                    _ => return Err(Trouble::Passing { after, message }),
                },
                Err(trouble) => return Err(trouble),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefixes(first: u64, last: u64, total: u64) -> Vec<String> {
        Extent { first, last, total }.prefixes()
    }

    #[test]
    fn numbers_of_one_length_are_covered_by_as_few_prefixes_as_the_aim_allows() {
        assert_eq!(prefixes(10_000_000, 10_012_631, 12_000).len(), 13);
        assert_eq!(prefixes(10_000_000, 10_000_083, 81), ["10000"]);
    }

    #[test]
    fn numbers_of_several_lengths_are_all_covered() {
        for (first, last, total) in
            [(1, 90_000, 5), (98, 10_345, 10_000), (1001, 70_030, 90), (7, 7, 1), (0, 12, 3)]
        {
            let prefixes = prefixes(first, last, total);
            for number in [first, last, (first + last) / 2, 99, 100, 101, 999, 1000, 9_999, 10_000] {
                if (first..=last).contains(&number) {
                    let text = number.to_string();
                    let covered = prefixes.iter().any(|prefix| text.starts_with(prefix.as_str()));
                    assert!(covered, "{number} of {first}..{last}: {prefixes:?}");
                }
            }
        }
    }
}
