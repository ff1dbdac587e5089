//! The records of one campaign, compactly: sixteen bytes each, in pages, sorted by customer.
//!
//! Account numbers are dense (one number in twenty is missing), so a page is an array indexed
//! by the number, made when the first of its customers comes. Five million records take 84 MB.

use std::collections::BTreeMap;

use jiff::Timestamp;

const PAGE: u64 = 4096;
/// Unknown numbers of which the book still tells how often they were sent.
const MOST_STRANGERS: usize = 200_000;
const NO_DATE: i64 = i64::MIN;

/// The status of a record (document: "Record status").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum RecordStatus {
    New = 0,
    Queued = 1,
    Accepted = 2,
    Completed = 3,
    Scheduled = 4,
}

impl RecordStatus {
    /// Whether such a record can be deleted (notes: DELETE).
    pub(crate) fn is_deletable(self) -> bool {
        !matches!(self, RecordStatus::Accepted | RecordStatus::Completed)
    }

    fn of(entry: &Entry) -> Option<Self> {
        Some(match entry.status {
            0 => RecordStatus::New,
            1 => RecordStatus::Queued,
            2 => RecordStatus::Accepted,
            3 => RecordStatus::Completed,
            4 => RecordStatus::Scheduled,
            _ => return None,
        })
    }
}

const NOT_IN_CAMPAIGN: u8 = u8::MAX;

#[derive(Clone, Copy)]
struct Entry {
    /// Milliseconds since 1970 of the last accepted `schedule-date-time`.
    schedule: i64,
    sent: u16,
    applied: u16,
    status: u8,
}

impl Entry {
    fn is_known(&self) -> bool {
        self.sent > 0 || self.applied > 0 || self.status != NOT_IN_CAMPAIGN
    }
}

const BLANK: Entry = Entry { schedule: NO_DATE, sent: 0, applied: 0, status: NOT_IN_CAMPAIGN };

/// What the book knows of one customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub customer: u64,
    pub sent: u32,
    pub applied: u32,
    pub schedule: Option<Timestamp>,
    /// `None`: not in the campaign, or not any more.
    pub status: Option<RecordStatus>,
}

/// The records of one campaign.
#[derive(Default)]
pub(crate) struct Book {
    pages: Vec<Option<Box<[Entry]>>>,
    /// Numbers that no customer has, with how often they were sent.
    strangers: BTreeMap<u64, u32>,
    records: u64,
    scheduled: u64,
}

impl Book {
    /// How many records the campaign holds.
    pub(crate) fn records(&self) -> u64 {
        self.records
    }

    /// How many of them are Scheduled.
    pub(crate) fn scheduled(&self) -> u64 {
        self.scheduled
    }

    /// The status of a customer's record, if the campaign holds one.
    pub(crate) fn status(&self, customer: u64) -> Option<RecordStatus> {
        self.entry(customer).and_then(RecordStatus::of)
    }

    /// Notes that a number was sent which may be no customer's.
    pub(crate) fn note_sent(&mut self, number: u64, exists: bool) {
        if exists {
            let entry = self.entry_mut(number);
            entry.sent = entry.sent.saturating_add(1);
        } else if self.strangers.len() < MOST_STRANGERS || self.strangers.contains_key(&number) {
            *self.strangers.entry(number).or_default() += 1;
        }
    }

    /// Takes a customer in.
    pub(crate) fn add(&mut self, customer: u64, at: Option<Timestamp>, status: RecordStatus) {
        let entry = self.entry_mut(customer);
        entry.applied = entry.applied.saturating_add(1);
        self.put(customer, at, status);
    }

    /// Puts a customer in who was there at first.
    pub(crate) fn put(&mut self, customer: u64, at: Option<Timestamp>, status: RecordStatus) {
        let entry = self.entry_mut(customer);
        let was = RecordStatus::of(entry);
        entry.schedule = at.map_or(NO_DATE, Timestamp::as_millisecond);
        entry.status = status as u8;
        self.count(was, Some(status));
    }

    /// Takes a customer out.
    pub(crate) fn remove(&mut self, customer: u64) {
        let entry = self.entry_mut(customer);
        let was = RecordStatus::of(entry);
        entry.status = NOT_IN_CAMPAIGN;
        self.count(was, None);
    }

    /// The next customer at or after a number of whom the book knows anything.
    pub(crate) fn next(&self, from: u64) -> Option<Line> {
        let stranger = self.strangers.range(from..).next();
        let stranger = stranger.map(|(customer, sent)| Line {
            customer: *customer,
            sent: *sent,
            applied: 0,
            schedule: None,
            status: None,
        });
        match (self.next_customer(from), stranger) {
            (Some(a), Some(b)) if b.customer < a.customer => Some(b),
            (Some(a), _) => Some(a),
            (None, b) => b,
        }
    }

    fn next_customer(&self, from: u64) -> Option<Line> {
        let first = usize::try_from(from / PAGE).ok()?;
        let pages = self.pages.iter().enumerate().skip(first);
        pages.filter_map(|(number, page)| Some((number, page.as_ref()?))).find_map(
            |(number, page)| {
                let skip = if number == first { (from % PAGE) as usize } else { 0 };
                let (place, entry) =
                    page.iter().enumerate().skip(skip).find(|(_, entry)| entry.is_known())?;
                let customer = number as u64 * PAGE + place as u64;
                Some(Line {
                    customer,
                    sent: entry.sent.into(),
                    applied: entry.applied.into(),
                    schedule: Timestamp::from_millisecond(entry.schedule)
                        .ok()
                        .filter(|_| entry.schedule != NO_DATE),
                    status: RecordStatus::of(entry),
                })
            },
        )
    }

    fn count(&mut self, was: Option<RecordStatus>, is: Option<RecordStatus>) {
        let scheduled = |status| u64::from(status == Some(RecordStatus::Scheduled));
        self.records = self.records + u64::from(is.is_some()) - u64::from(was.is_some());
        self.scheduled = self.scheduled + scheduled(is) - scheduled(was);
    }

    fn entry(&self, customer: u64) -> Option<&Entry> {
        let page = self.pages.get(usize::try_from(customer / PAGE).ok()?)?.as_ref()?;
        page.get((customer % PAGE) as usize)
    }

    fn entry_mut(&mut self, customer: u64) -> &mut Entry {
        let number = (customer / PAGE) as usize;
        if self.pages.len() <= number {
            self.pages.resize_with(number + 1, || None);
        }
        let page =
            self.pages[number].get_or_insert_with(|| vec![BLANK; PAGE as usize].into_boxed_slice());
        &mut page[(customer % PAGE) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(book: &Book) -> Vec<Line> {
        let mut from = 0;
        std::iter::from_fn(|| {
            let line = book.next(from)?;
            from = line.customer + 1;
            Some(line)
        })
        .collect()
    }

    #[test]
    fn an_entry_takes_sixteen_bytes() {
        assert_eq!(size_of::<Entry>(), 16);
    }

    #[test]
    fn customers_come_out_sorted_with_what_was_done() {
        let mut book = Book::default();
        let at: Timestamp = "2026-11-24T14:30:00.250Z".parse().unwrap();
        for number in [12_000_000, 10_000_000, 9, 10_004_096] {
            book.note_sent(number, number != 9);
        }
        book.add(10_004_096, Some(at), RecordStatus::Scheduled);
        book.add(10_000_000, None, RecordStatus::New);
        let seen: Vec<_> = lines(&book)
            .iter()
            .map(|line| (line.customer, line.sent, line.applied, line.schedule))
            .collect();
        let expected = [
            (9, 1, 0, None),
            (10_000_000, 1, 1, None),
            (10_004_096, 1, 1, Some(at)),
            (12_000_000, 1, 0, None),
        ];
        assert_eq!(seen, expected);
        assert_eq!((book.records(), book.scheduled()), (2, 1));
    }

    #[test]
    fn a_removed_customer_may_come_again() {
        let mut book = Book::default();
        book.add(10_000_001, None, RecordStatus::New);
        book.remove(10_000_001);
        assert_eq!((book.status(10_000_001), book.records()), (None, 0));
        book.add(10_000_001, None, RecordStatus::New);
        assert_eq!((book.records(), lines(&book)[0].applied), (1, 2));
    }
}
