//! All customers of a tenant: Get has no paging, so the numbers are cut into prefixes, and each
//! prefix is asked for (DESIGN section 5).

use std::collections::VecDeque;

use super::{Crm, Trouble};
use crate::{clock::Dice, crm::Object, wire::wapi::Item};

/// Customers of one reply that are aimed at.
const AIM: u64 = 2000;

/// Records of a reply from which on it may be that a Get gives no more; sister lists of the same
/// service give 50 (field-notes, Campaign records).
pub const LEAST_LIMIT: u64 = 50;

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
    /// How many digits may follow a prefix, so that about [`AIM`] records have it.
    fn free_digits(&self) -> u32 {
        let span = (self.last - self.first + 1).max(1);
        let per_record = span.div_ceil(self.total.max(1));
        (AIM * per_record).ilog10()
    }

    /// The digits with which all numbers begin.
    fn common_beginning(&self) -> String {
        let (first, last) = (self.first.to_string(), self.last.to_string());
        match first.len() == last.len() {
            true => {
                let same = first.chars().zip(last.chars()).take_while(|(one, other)| one == other);
                same.map(|(one, _)| one).collect()
            }
            false => String::new(),
        }
    }

    /// The prefixes that cover all numbers, in order: `1000012` stands for 1000012000 to
    /// 1000012999 where the numbers have ten digits.
    pub fn prefixes(&self) -> Vec<String> {
        if self.total <= AIM {
            return vec![String::new()];
        }
        let free = self.free_digits();
        let digits = |number: u64| number.checked_ilog10().unwrap_or(0) + 1;
        let mut prefixes: Vec<String> = Vec::new();
        for length in digits(self.first)..=digits(self.last) {
            let least = if length == 1 { 0 } else { 10_u64.pow(length - 1) };
            let most = 10_u64.checked_pow(length).map_or(u64::MAX, |next| next - 1);
            let cut = 10_u64.pow(free.min(length - 1));
            for prefix in self.first.max(least) / cut..=self.last.min(most) / cut {
                let prefix = prefix.to_string();
                // `1%` finds all that `12%` finds.
                if !prefixes.iter().any(|known| prefix.starts_with(known.as_str())) {
                    prefixes.push(prefix);
                }
            }
        }
        prefixes
    }
}

/// What the Get without parameters tells of an object's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overview {
    /// There are none.
    Empty,
    /// There are some.
    Some(Extent),
    /// FIRSTID, LASTID and TOTAL that cannot be.
    Odd(Extent),
    /// It does not tell.
    Untold,
}

/// Reads all customers, prefix by prefix.
#[derive(Debug)]
pub struct ReadCustomers<'a> {
    crm: &'a Crm,
    dice: &'a Dice,
    /// Patterns of numbers: `1000012%`, or a whole number.
    left: VecDeque<String>,
    /// As many records as a reply may not have: it is asked for in parts.
    most: usize,
}

/// Customers of one prefix.
#[derive(Debug)]
pub struct Customers {
    /// What was asked for: `1000012%`, or a whole number.
    pub pattern: String,
    /// The records, in the order of the reply.
    pub items: Vec<Item>,
    /// Prefixes that are still to be read.
    pub left: usize,
}

impl Crm {
    /// First and last number, and how many: the Get without parameters, or where that gives no
    /// summary, what the Get of all gives. `None`: there are none.
    ///
    /// # Errors
    /// The tenant does not tell.
    pub async fn extent(&self, object: Object, dice: &Dice) -> Result<Option<Extent>, Trouble> {
        let name = object.name().to_uppercase();
        let all: &[(&str, &str)] = match object {
            // "Use <STRING>%<STRING> to fetch all FAQs" (wapi:4209).
            Object::Faq => &[("STRING", "%")],
            _ => &[],
        };
        let items = self.ask(object, "GET", &name, all, dice).await?;
        if matches!(object, Object::Faq | Object::FaqCategory) {
            let id = |item: &Item| item.value(object.key()[0])?.trim().parse().ok();
            let numbers: Vec<u64> = items.iter().filter_map(id).collect();
            let ends = numbers.iter().min().zip(numbers.iter().max());
            let total = numbers.len() as u64;
            return Ok(ends.map(|(first, last)| Extent { first: *first, last: *last, total }));
        }
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

    /// What the Get without parameters tells: FIRSTID, LASTID and TOTAL (wapi:1041-1100,
    /// wapi:1921-1967).
    ///
    /// # Errors
    /// The tenant does not answer.
    pub async fn overview(&self, object: Object, dice: &Dice) -> Result<Overview, Trouble> {
        let name = object.name().to_uppercase();
        let items = match self.ask(object, "GET", &name, &[], dice).await {
            Ok(items) => items,
            // Not every object is documented to have one.
            Err(Trouble::Refused { .. }) => return Ok(Overview::Untold),
            Err(trouble) => return Err(trouble),
        };
        let text = |tag: &str| items.iter().find_map(|item| item.value(tag)).map(str::trim);
        let number = |tag: &str| text(tag).and_then(|text| text.parse::<u64>().ok());
        Ok(match (number("FIRSTID"), number("LASTID"), number("TOTAL")) {
            (_, _, Some(0)) => Overview::Empty,
            (Some(first), Some(last), Some(total)) => {
                let extent = Extent { first, last, total };
                if first > last { Overview::Odd(extent) } else { Overview::Some(extent) }
            }
            _ => Overview::Untold,
        })
    }

    /// Begins to read all customers. A reply of `most` or more is asked for again in parts.
    pub fn customers<'a>(
        &'a self,
        extent: &Extent,
        most: usize,
        dice: &'a Dice,
    ) -> ReadCustomers<'a> {
        let left = extent.prefixes().into_iter().map(|prefix| prefix + "%").collect();
        ReadCustomers { crm: self, dice, left, most }
    }

    /// Whether there are more than `most` customers of a prefix where they are asked for in parts.
    ///
    /// # Errors
    /// The tenant does not answer.
    pub async fn has_more_customers(
        &self,
        extent: &Extent,
        pattern: &str,
        most: usize,
        dice: &Dice,
    ) -> Result<bool, Trouble> {
        let common = extent.common_beginning() + "%";
        let begins = common.starts_with(pattern.trim_end_matches('%'));
        let pattern = if begins { common.as_str() } else { pattern };
        let Some(left) = parts(pattern) else { return Ok(false) };
        // A part with as many as the whole tells nothing, and is asked for in parts, too.
        let mut some = ReadCustomers { crm: self, dice, left, most };
        let mut found = 0;
        while let Some(customers) = some.next().await? {
            found += customers.items.len();
            if found > most {
                return Ok(true);
            }
        }
        Ok(false)
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
                Ok(items) => match parts(&pattern).filter(|_| items.len() >= self.most) {
                    Some(parts) => self.cut(parts),
                    None => {
                        return Ok(Some(Customers { pattern, items, left: self.left.len() }));
                    }
                },
                Err(Trouble::Passing { after, message }) => match parts(&pattern) {
                    Some(parts) => {
                        tracing::debug!(pattern, message, "cut into ten");
                        self.cut(parts);
                    }
                    None => return Err(Trouble::Passing { after, message }),
                },
                Err(trouble) => return Err(trouble),
            }
        }
    }
}

impl ReadCustomers<'_> {
    fn cut(&mut self, parts: VecDeque<String>) {
        parts.into_iter().rev().for_each(|part| self.left.push_front(part));
    }
}

/// The ten parts of a pattern, and the number that is the prefix itself, which is in none of them.
fn parts(pattern: &str) -> Option<VecDeque<String>> {
    let prefix = pattern.strip_suffix('%').filter(|prefix| prefix.len() < MOST_DIGITS)?;
    let itself = (!prefix.is_empty()).then(|| prefix.to_owned());
    let parts = (0..10).map(|digit| format!("{prefix}{digit}%"));
    Some(itself.into_iter().chain(parts).collect())
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
        assert_eq!(prefixes(10_000_000, 10_000_083, 81), [""], "one request for all");
        assert_eq!(prefixes(10_000_000, 10_105_262, 100_000).len(), 106);
    }

    #[test]
    fn numbers_of_several_lengths_are_all_covered() {
        for (first, last, total) in
            [(1, 90_000, 5000), (98, 10_345, 10_000), (1001, 70_030, 9000), (7, 7, 1), (0, 12, 3)]
        {
            let prefixes = prefixes(first, last, total);
            for number in [first, last, (first + last) / 2, 99, 100, 101, 999, 1000, 9_999, 10_000]
            {
                if (first..=last).contains(&number) {
                    let text = number.to_string();
                    let covered = prefixes.iter().any(|prefix| text.starts_with(prefix.as_str()));
                    assert!(covered, "{number} of {first}..{last}: {prefixes:?}");
                }
            }
        }
    }
}
