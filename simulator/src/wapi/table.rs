//! All records of one object: those that are computed, and those that are kept.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use jiff::Timestamp;

use super::{index::Index, record::Record, seeded::SeededCustomers};

/// All records of one object.
pub(crate) struct Table {
    seeded: Option<SeededCustomers>,
    /// Kept records; `None` is a computed one that was deleted.
    kept: BTreeMap<u64, Option<Record>>,
    indexed: Vec<String>,
    index: Index,
    /// The kept records by their moments.
    by_created: BTreeSet<(Timestamp, u64)>,
    by_modified: BTreeSet<(Timestamp, u64)>,
    records: u64,
    /// The highest number ever given: none is given twice.
    last: u64,
}

/// A record, kept or computed.
#[derive(Clone, Copy)]
pub(crate) enum Row<'a> {
    Kept(&'a Record),
    Seeded(&'a SeededCustomers, u64),
}

impl<'a> Row<'a> {
    pub(crate) fn id(&self) -> u64 {
        match self {
            Row::Kept(record) => record.id,
            Row::Seeded(seeded, nth) => seeded.number(*nth),
        }
    }

    /// A value; empty where there is none.
    pub(crate) fn get(&self, tag: &str) -> Cow<'a, str> {
        match self {
            Row::Kept(record) => Cow::Borrowed(record.get(tag)),
            Row::Seeded(seeded, nth) => seeded.value(*nth, tag),
        }
    }

    pub(crate) fn created(&self) -> Timestamp {
        match self {
            Row::Kept(record) => record.created,
            Row::Seeded(seeded, nth) => seeded.created(*nth),
        }
    }

    pub(crate) fn modified(&self) -> Timestamp {
        match self {
            Row::Kept(record) => record.modified,
            Row::Seeded(seeded, nth) => seeded.modified(*nth),
        }
    }

    /// The whole record, to be changed.
    pub(crate) fn record(&self) -> Record {
        match self {
            Row::Kept(record) => (*record).clone(),
            Row::Seeded(seeded, nth) => seeded.record(*nth),
        }
    }
}

impl Table {
    /// An empty table whose numbers come after `last`, with an index of these tags.
    pub(crate) fn new(last: u64, indexed: Vec<String>) -> Self {
        Table {
            seeded: None,
            kept: BTreeMap::new(),
            indexed,
            index: Index::default(),
            by_created: BTreeSet::new(),
            by_modified: BTreeSet::new(),
            records: 0,
            last,
        }
    }

    /// The same with computed records before all others.
    pub(crate) fn with_seeded(mut self, seeded: SeededCustomers) -> Self {
        self.records = seeded.count();
        if let Some(nth) = self.records.checked_sub(1) {
            self.last = self.last.max(seeded.number(nth));
        }
        self.seeded = Some(seeded);
        self
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.records
    }

    /// The number that the next record gets.
    pub(crate) fn next_id(&self) -> u64 {
        self.last + 1
    }

    pub(crate) fn get(&self, id: u64) -> Option<Row<'_>> {
        match self.kept.get(&id) {
            Some(record) => record.as_ref().map(Row::Kept),
            None => {
                let seeded = self.seeded.as_ref()?;
                seeded.nth(id).map(|nth| Row::Seeded(seeded, nth))
            }
        }
    }

    /// Writes a record, over the one of its number.
    pub(crate) fn put(&mut self, mut record: Record) {
        record.trim();
        self.take_out(record.id);
        for tag in &self.indexed {
            self.index.insert(tag, record.get(tag), record.id);
        }
        self.by_created.insert((record.created, record.id));
        self.by_modified.insert((record.modified, record.id));
        self.last = self.last.max(record.id);
        self.records += 1;
        self.kept.insert(record.id, Some(record));
    }

    /// Takes a record away, if there is one of this number.
    pub(crate) fn remove(&mut self, id: u64) {
        self.take_out(id);
        match self.seeded.as_ref().and_then(|seeded| seeded.nth(id)) {
            Some(_) => self.kept.insert(id, None),
            None => self.kept.remove(&id),
        };
    }

    fn take_out(&mut self, id: u64) {
        if self.get(id).is_none() {
            return;
        }
        self.records -= 1;
        if let Some(Some(record)) = self.kept.get(&id) {
            self.by_created.remove(&(record.created, id));
            self.by_modified.remove(&(record.modified, id));
            for tag in &self.indexed {
                self.index.remove(tag, record.get(tag), id);
            }
        }
    }

    /// All records from a number on, in the order of their numbers.
    pub(crate) fn rows_from(&self, from: u64) -> impl Iterator<Item = Row<'_>> {
        let mut kept = self.kept.range(from..).peekable();
        let mut seeded = self.seeded.iter().flat_map(move |seeded| {
            (seeded.first_from(from)..seeded.count()).map(move |nth| Row::Seeded(seeded, nth))
        });
        let mut next_seeded = seeded.next();
        std::iter::from_fn(move || {
            loop {
                let number = next_seeded.map(|row| row.id());
                let Some((id, record)) = kept.next_if(|(id, _)| number.is_none_or(|n| **id <= n))
                else {
                    let row = next_seeded?;
                    next_seeded = seeded.next();
                    return Some(row);
                };
                if number == Some(*id) {
                    next_seeded = seeded.next();
                }
                if let Some(record) = record {
                    return Some(Row::Kept(record));
                }
            }
        })
    }

    /// The number of the n-th computed record, whether or not it was deleted.
    pub(crate) fn nth_seeded(&self, nth: u64) -> Option<u64> {
        self.seeded.as_ref().filter(|seeded| nth < seeded.count()).map(|seeded| seeded.number(nth))
    }

    /// All records, in the order of their numbers.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows_from(0)
    }

    /// The highest number of a record.
    pub(crate) fn last_id(&self) -> Option<u64> {
        let kept = self.kept.iter().rev().find(|(_, record)| record.is_some()).map(|(id, _)| *id);
        let seeded = self.seeded.as_ref().and_then(|seeded| {
            let numbers = (0..seeded.count()).rev().map(|nth| seeded.number(nth));
            numbers.into_iter().find(|number| !matches!(self.kept.get(number), Some(None)))
        });
        kept.max(seeded)
    }

    /// The numbers of the records that were created within a time, sorted.
    pub(crate) fn created_within(&self, within: &Range<Timestamp>) -> Vec<u64> {
        let seeded = self.seeded.iter().flat_map(|seeded| seeded.created_within(within));
        self.with_kept(seeded, &self.by_created, within)
    }

    /// The numbers of the records that were last modified within a time, sorted.
    pub(crate) fn modified_within(&self, within: &Range<Timestamp>) -> Vec<u64> {
        let seeded = self.seeded.iter().flat_map(|seeded| seeded.modified_within(within));
        self.with_kept(seeded, &self.by_modified, within)
    }

    fn with_kept(
        &self,
        seeded: impl Iterator<Item = u64>,
        kept: &BTreeSet<(Timestamp, u64)>,
        within: &Range<Timestamp>,
    ) -> Vec<u64> {
        let mut ids: Vec<u64> = seeded
            .filter_map(|nth| self.nth_seeded(nth))
            .filter(|number| !self.kept.contains_key(number))
            .collect();
        if within.start < within.end {
            let kept = kept.range((within.start, 0)..(within.end, 0));
            ids.extend(kept.map(|(_, id)| id));
        }
        ids.sort_unstable();
        ids
    }

    /// At most how many records have a number from one on and before another.
    pub(crate) fn at_most_between(&self, from: u64, before: u64) -> u64 {
        let seeded = self.seeded.as_ref();
        let seeded = seeded
            .map_or(0, |seeded| seeded.first_from(before).saturating_sub(seeded.first_from(from)));
        seeded + self.kept.range(from..before.max(from)).count() as u64
    }

    /// The numbers of records that may hold a value under an indexed tag, sorted, or `None`.
    pub(crate) fn holding(&self, tag: &str, value: &str) -> Option<Vec<u64>> {
        if !self.indexed.iter().any(|indexed| indexed == tag) {
            return None;
        }
        let mut ids = match &self.seeded {
            None => Vec::new(),
            Some(seeded) => {
                let all = seeded.holding(tag, value)?.into_iter().map(|nth| seeded.number(nth));
                all.filter(|number| !self.kept.contains_key(number)).collect()
            }
        };
        ids.extend(self.index.get(tag, value));
        ids.sort_unstable();
        Some(ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::{Customers, TenantSettings};
    use crate::wapi::timeline::Timeline;

    fn at() -> Timestamp {
        "2025-01-06T00:00:00Z".parse().unwrap()
    }

    fn customers(count: u64) -> Table {
        let settings = TenantSettings { customers: count, ..TenantSettings::default() };
        let span = (at(), "2025-10-01T00:00:00Z".parse().unwrap());
        let timeline = Timeline::new(span.0, span.1);
        let seeded =
            SeededCustomers::new(Customers::new(1, &settings), 1, timeline, Default::default());
        let indexed = ["EMAIL", "LASTNAME", "OLD_ID"].map(String::from).to_vec();
        Table::new(0, indexed).with_seeded(seeded)
    }

    fn ids(table: &Table) -> Vec<u64> {
        table.rows().map(|row| row.id()).collect()
    }

    #[test]
    fn computed_records_are_changed_deleted_and_followed_by_new_ones() {
        let mut table = customers(50);
        let all = ids(&table);
        let row = table.get(all[3]).unwrap();
        let (mut changed, email) = (row.record(), table.get(all[4]).unwrap().get("EMAIL"));
        let email = email.into_owned();
        changed.set("LASTNAME", "Renamed");
        table.put(changed);
        table.remove(all[4]);
        table.remove(all[49]);
        let new = table.next_id();
        assert_eq!(new, all[49] + 1);
        table.put(Record::new(new, at()).with("LASTNAME", "renamed").with("EMAIL", &email));
        let mut expected = all.clone();
        expected.retain(|id| *id != all[4] && *id != all[49]);
        expected.push(new);
        assert_eq!(ids(&table), expected);
        assert_eq!((table.len(), table.last_id()), (49, Some(new)));
        assert_eq!(table.holding("LASTNAME", "RENAMED"), Some(vec![all[3], new]));
        assert_eq!(table.holding("EMAIL", &email), Some(vec![new]));
        assert!(table.get(all[4]).is_none());
        table.remove(new);
        assert_eq!((table.len(), table.last_id()), (48, Some(all[48])));
        assert_eq!(table.next_id(), new + 1, "no number is given twice");
    }

    #[test]
    fn rows_begin_where_they_are_asked_to() {
        let mut table = customers(100);
        let all = ids(&table);
        for from in [0, all[0], all[40], all[40] + 1, all[99], all[99] + 1] {
            let rows: Vec<u64> = table.rows_from(from).map(|row| row.id()).collect();
            let expected: Vec<u64> = all.iter().copied().filter(|id| *id >= from).collect();
            assert_eq!(rows, expected, "from {from}");
        }
        table.remove(all[40]);
        assert_eq!(table.rows_from(all[40]).next().map(|row| row.id()), Some(all[41]));
    }

    #[test]
    fn every_computed_customer_is_found_by_each_of_its_keys() {
        let table = customers(300);
        let mut emails = std::collections::HashSet::new();
        for row in table.rows() {
            let (email, name) = (row.get("EMAIL"), row.get("LASTNAME"));
            assert!(table.holding("LASTNAME", &name).unwrap().contains(&row.id()), "{name}");
            assert!(name.chars().count() <= 30, "{name}");
            if !email.is_empty() {
                assert_eq!(table.holding("EMAIL", &email), Some(vec![row.id()]), "{email}");
                assert!(emails.insert(email.clone()), "{email} is not the only one");
            }
            let record = row.record();
            assert_eq!((record.get("EMAIL"), record.get("LASTNAME")), (&*email, &*name));
            assert!(row.created() <= row.modified());
        }
    }
}
