//! The CRM's customers, computed: which numbers exist is a pure function of seed and count.
//!
//! Account numbers start at 10000000, or as the settings have it, and have gaps (field-notes.md). Here every block of twenty
//! successive numbers lacks exactly one, chosen by the seed; so the n-th customer's number and a
//! number's n are both found at once, without a list. Those that the CRM API adds or deletes
//! are listed; a tenant without any pays nothing for the list.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::chance::mix;

/// The account number from which on customers are numbered by default.
pub const FIRST_NUMBER: u64 = 10_000_000;
const BLOCK: u64 = 20;
const IN_BLOCK: u64 = BLOCK - 1;

/// What a derived fact is about, so that facts of one customer are independent.
#[derive(Clone, Copy)]
enum About {
    Gap = 1,
    DoNotCall = 2,
    Phone = 3,
}

/// The customers of a tenant.
#[derive(Clone, Debug)]
pub struct Customers {
    seed: u64,
    first: u64,
    count: u64,
    do_not_call_per_10000: u64,
    do_not_call: Vec<u64>,
    /// Shared by all clones: the CRM writes what the campaigns read.
    changes: Arc<Changes>,
}

/// The customers that were added (true) or deleted since.
#[derive(Debug, Default)]
struct Changes {
    any: AtomicBool,
    by_number: RwLock<HashMap<u64, bool>>,
}

impl Customers {
    /// The customers of a tenant with these settings.
    pub fn new(seed: u64, settings: &super::TenantSettings) -> Self {
        let mut do_not_call = settings.do_not_call.clone();
        do_not_call.sort_unstable();
        let do_not_call_per_10000 = settings.do_not_call_per_10000;
        let (count, changes) = (settings.customers, Arc::default());
        let first = settings.first_account_number;
        Customers { seed, first, count, do_not_call_per_10000, do_not_call, changes }
    }

    /// How many there are at first.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The account number of the n-th customer, counted from 0, whether or not there are so many.
    pub fn number(&self, nth: u64) -> u64 {
        let (block, place) = (nth / IN_BLOCK, nth % IN_BLOCK);
        self.first + block * BLOCK + place + u64::from(place >= self.gap(block))
    }

    /// Whether a customer of this number exists.
    pub fn exists(&self, number: u64) -> bool {
        let changed = self.changes.any.load(Ordering::Acquire).then(|| {
            let by_number = self.changes.by_number.read().unwrap_or_else(PoisonError::into_inner);
            by_number.get(&number).copied()
        });
        changed.flatten().unwrap_or_else(|| self.nth(number).is_some())
    }

    /// Which of the first customers has this number, counted from 0; also one that was deleted.
    pub(crate) fn nth(&self, number: u64) -> Option<u64> {
        let offset = number.checked_sub(self.first)?;
        let (block, place, gap) = (offset / BLOCK, offset % BLOCK, self.gap(offset / BLOCK));
        let nth = block * IN_BLOCK + place - u64::from(place > gap);
        (place != gap && nth < self.count).then_some(nth)
    }

    /// Notes that a customer was added, or deleted.
    pub(crate) fn note(&self, number: u64, exists: bool) {
        let mut changed = self.changes.by_number.write().unwrap_or_else(PoisonError::into_inner);
        changed.insert(number, exists);
        self.changes.any.store(true, Ordering::Release);
    }

    /// Whether this customer is in the do-not-call list; of those that were added later, only
    /// the listed are.
    pub fn is_do_not_call(&self, number: u64) -> bool {
        self.draw(About::DoNotCall, number) % 10_000 < self.do_not_call_per_10000
            && self.nth(number).is_some()
            || self.do_not_call.binary_search(&number).is_ok()
    }

    /// The last seven digits of this customer's phone number.
    pub(crate) fn phone_digits(&self, number: u64) -> u64 {
        2_000_000 + self.draw(About::Phone, number) % 8_000_000
    }

    fn gap(&self, block: u64) -> u64 {
        self.draw(About::Gap, block) % BLOCK
    }

    fn draw(&self, about: About, number: u64) -> u64 {
        mix(&[self.seed, about as u64, number])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::TenantSettings;

    fn customers(count: u64) -> Customers {
        Customers::new(1, &TenantSettings { customers: count, ..TenantSettings::default() })
    }

    #[test]
    fn exactly_the_numbered_customers_exist() {
        let customers = customers(12_000);
        let numbered: Vec<u64> = (0..12_000).map(|nth| customers.number(nth)).collect();
        let range = FIRST_NUMBER - 100..FIRST_NUMBER + 20_000;
        let existing: Vec<u64> = range.filter(|number| customers.exists(*number)).collect();
        assert_eq!(numbered, existing);
    }

    #[test]
    fn they_are_numbered_from_where_the_settings_say() {
        let settings = TenantSettings {
            customers: 20_000,
            first_account_number: 98,
            ..TenantSettings::default()
        };
        let customers = Customers::new(1, &settings);
        let existing = (0..30_000).filter(|number| customers.exists(*number));
        let existing: Vec<u64> = existing.collect();
        assert_eq!(existing, (0..20_000).map(|nth| customers.number(nth)).collect::<Vec<_>>());
        assert!(existing[0] < 100 && existing[19_999] > 20_000);
    }

    #[test]
    fn what_one_clone_is_told_all_know() {
        let customers = customers(100);
        let (first, added) = (customers.number(0), customers.number(99) + 1);
        let clone = customers.clone();
        clone.note(first, false);
        clone.note(added, true);
        assert_eq!((customers.exists(first), customers.exists(added)), (false, true));
        assert_eq!((customers.nth(first), customers.nth(added)), (Some(0), None));
    }

    #[test]
    fn about_one_number_in_twenty_is_a_gap() {
        let customers = customers(12_000);
        let last = customers.number(11_999);
        assert!((12_600..12_640).contains(&(last - FIRST_NUMBER)), "the last is {last}");
    }

    #[test]
    fn three_in_ten_thousand_are_not_to_be_called() {
        let customers = customers(1_000_000);
        let listed = (0..1_000_000).filter(|nth| customers.is_do_not_call(customers.number(*nth)));
        let listed = listed.count();
        assert!((200..400).contains(&listed), "{listed} of a million");
    }

    #[test]
    fn a_listed_customer_is_not_to_be_called() {
        let settings = TenantSettings {
            do_not_call_per_10000: 0,
            do_not_call: vec![10_000_009, 10_000_003],
            ..TenantSettings::default()
        };
        let customers = Customers::new(1, &settings);
        assert!(customers.is_do_not_call(10_000_003));
        assert!(!customers.is_do_not_call(10_000_004));
    }
}
