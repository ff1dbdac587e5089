//! Get: which records fulfil a command.

use std::ops::Range;

use jiff::Timestamp;

use super::{
    command::{Command, Object},
    crm::Crm,
    dates,
    like::Pattern,
    table::Row,
};
use crate::{attachments::Holder, settings::CrmObject};

/// What a record must fulfil; all of a search's.
enum Condition {
    /// A value fulfils one of the patterns: a repeated tag is an OR.
    Value {
        tag: String,
        any: Vec<Pattern>,
    },
    /// One of the tags' values does (STRING).
    OneOf {
        tags: [&'static str; 2],
        pattern: Pattern,
    },
    /// A value of the record's customer does.
    OfCustomer {
        tag: String,
        pattern: Pattern,
    },
    /// ASSIGNEDTO or CREATEDBY.
    User {
        tag: String,
        any: Vec<User>,
    },
    /// Half-open ranges: from the one, before the other (HALF_OPEN_SCOPE).
    From(Moment, Timestamp),
    Before(Moment, Timestamp),
    /// A case has files, or has none.
    Attachments(bool),
    /// A value that means nothing, and so fits no record.
    Never,
}

/// Which of a record's moments.
#[derive(Clone, Copy, PartialEq)]
enum Moment {
    Created,
    Modified,
    Due,
}

/// Whom ASSIGNEDTO or CREATEDBY names.
enum User {
    Is(String),
    DeletedAgents,
    DeletedGroups,
    /// Nobody: an unassigned record, or one that a customer created.
    Nobody,
}

/// Which records a search has to look at.
enum Candidates {
    /// Those of these numbers.
    Ids(Vec<u64>),
    /// Those whose numbers are not below the first of a pair and below the second.
    Between(Vec<(u64, u64)>),
    /// All of them.
    All,
}

/// A search for records of an object.
pub(crate) struct Search<'a> {
    crm: &'a Crm,
    object: CrmObject,
    conditions: Vec<Condition>,
    /// Tags under which records of deleted agents are not found (DELETED_AGENTS_SCOPE).
    without_deleted: Vec<&'static str>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(crm: &'a Crm, object: CrmObject, command: &Command) -> Self {
        let mut names: Vec<&str> = Vec::new();
        for (tag, _) in &command.tags {
            if !names.contains(&tag.as_str()) {
                names.push(tag);
            }
        }
        let values = |name: &str| {
            let tags = command.tags.iter().filter(|(tag, value)| tag == name && !value.is_empty());
            tags.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
        };
        let named = names.iter().map(|name| (*name, values(name)));
        let conditions = named.filter(|(_, values)| !values.is_empty());
        let conditions =
            conditions.map(|(name, values)| condition(crm, object, name, &values)).collect();
        let scoped: &[&str] = match object {
            CrmObject::Case => &["CREATEDBY"],
            CrmObject::Task => &["CREATEDBY", "ASSIGNEDTO"],
            _ => &[],
        };
        let without_deleted = scoped.iter().copied().filter(|tag| values(tag).is_empty());
        Search { crm, object, conditions, without_deleted: without_deleted.collect() }
    }

    /// Whether the command names nothing to search for.
    pub(crate) fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Gives each record found to `each`, in the order of their numbers, for as long as it wants
    /// more.
    pub(crate) fn run(&self, mut each: impl FnMut(Row<'a>) -> bool) {
        let table = self.crm.table(self.object);
        let mut look = |row: Row<'a>| !self.fits(row) || each(row);
        match self.candidates() {
            Candidates::Ids(ids) => {
                ids.into_iter().filter_map(|id| table.get(id)).all(look);
            }
            Candidates::Between(ranges) => {
                ranges.into_iter().all(|(from, before)| {
                    table.rows_from(from).take_while(|row| row.id() < before).all(&mut look)
                });
            }
            Candidates::All => {
                table.rows().all(look);
            }
        }
    }

    /// As few records as can be told without a look at each, of which one may fit.
    fn candidates(&self) -> Candidates {
        if let Some(ids) = self.of_values() {
            return Candidates::Ids(ids);
        }
        let table = self.crm.table(self.object);
        let ranges = self.number_ranges();
        let most = ranges.as_ref().map(|ranges| {
            ranges.iter().map(|(from, before)| table.at_most_between(*from, *before)).sum()
        });
        let lists = [self.of_cases(), self.of_moments()].into_iter().flatten();
        match (lists.min_by_key(Vec::len), ranges) {
            (Some(ids), _) if most.is_none_or(|most: u64| ids.len() as u64 <= most) => {
                Candidates::Ids(ids)
            }
            (_, Some(ranges)) => Candidates::Between(ranges),
            (Some(ids), None) => Candidates::Ids(ids),
            (None, None) => Candidates::All,
        }
    }

    /// The shortest list of records that an index of values knows to hold all that may fit.
    fn of_values(&self) -> Option<Vec<u64>> {
        let table = self.crm.table(self.object);
        let lists = self.conditions.iter().filter_map(|condition| {
            let Condition::Value { tag, any } = condition else { return None };
            let exact: Option<Vec<&str>> = any.iter().map(Pattern::exact).collect();
            let mut ids = Vec::new();
            for value in exact? {
                match tag == self.object.id_tag() {
                    true => ids.extend(value.parse::<u64>()),
                    false => ids.extend(table.holding(tag, value)?),
                }
            }
            ids.sort_unstable();
            ids.dedup();
            Some(ids)
        });
        lists.min_by_key(Vec::len)
    }

    /// The records that were created or modified within the searched time, and at any due.
    fn of_moments(&self) -> Option<Vec<u64>> {
        let table = self.crm.table(self.object);
        let created = self.time(Moment::Created).map(|within| table.created_within(&within));
        let modified = self.time(Moment::Modified).map(|within| table.modified_within(&within));
        created.into_iter().chain(modified).min_by_key(Vec::len)
    }

    /// The time within which a moment is searched.
    fn time(&self, moment: Moment) -> Option<Range<Timestamp>> {
        let mut within = Timestamp::MIN..Timestamp::MAX;
        for condition in &self.conditions {
            match condition {
                Condition::From(of, at) if *of == moment => within.start = within.start.max(*at),
                Condition::Before(of, at) if *of == moment => within.end = within.end.min(*at),
                _ => {}
            }
        }
        (within != (Timestamp::MIN..Timestamp::MAX)).then_some(within)
    }

    /// The follow-ups of the cases whose numbers begin with the searched digits.
    fn of_cases(&self) -> Option<Vec<u64>> {
        let cases = self.crm.table(CrmObject::Case);
        let table = self.crm.table(self.object);
        let prefix = self.prefix("CASENUM").filter(|_| self.object == CrmObject::Followup)?;
        let numbers = ranges(prefix).flat_map(|(from, before)| {
            cases.rows_from(from).map(|case| case.id()).take_while(move |id| *id < before)
        });
        let ids = numbers.filter_map(|case| table.holding("CASENUM", &case.to_string()));
        let mut ids: Vec<u64> = ids.flatten().collect();
        ids.sort_unstable();
        Some(ids)
    }

    /// The numbers that begin with the searched digits.
    fn number_ranges(&self) -> Option<Vec<(u64, u64)>> {
        self.prefix(self.object.id_tag()).map(|prefix| ranges(prefix).collect())
    }

    /// The digits with which the searched values of a tag begin.
    fn prefix(&self, name: &str) -> Option<&str> {
        self.conditions.iter().find_map(|condition| match condition {
            Condition::Value { tag, any } if tag == name && any.len() == 1 => {
                let prefix = any[0].prefix();
                let digits = prefix.bytes().all(|byte| byte.is_ascii_digit());
                (digits && !prefix.is_empty() && !prefix.starts_with('0')).then_some(prefix)
            }
            _ => None,
        })
    }

    fn fits(&self, row: Row<'a>) -> bool {
        self.conditions.iter().all(|condition| self.fulfils(row, condition))
            && self.without_deleted.iter().all(|tag| !self.crm.is_deleted_agent(&row.get(tag)))
    }

    fn fulfils(&self, row: Row<'a>, condition: &Condition) -> bool {
        match condition {
            Condition::Value { tag, any } => {
                let value = row.get(tag);
                any.iter().any(|pattern| pattern.matches(&value))
            }
            Condition::OneOf { tags, pattern } => {
                tags.iter().any(|tag| pattern.matches(&row.get(tag)))
            }
            Condition::OfCustomer { tag, pattern } => {
                let customer = row.get("ACCOUNTNUM").parse().ok();
                let customer = customer.and_then(|id| self.crm.get(CrmObject::Customer, id));
                customer.is_some_and(|customer| pattern.matches(&customer.get(tag)))
            }
            Condition::User { tag, any } => {
                let value = row.get(tag);
                any.iter().any(|user| match user {
                    User::Is(id) => *id == value,
                    User::Nobody => value.is_empty(),
                    User::DeletedAgents => self.crm.is_deleted_agent(&value),
                    User::DeletedGroups => self.crm.is_deleted_group(&value),
                })
            }
            Condition::From(moment, from) => self.at(row, *moment).is_some_and(|at| at >= *from),
            Condition::Before(moment, to) => self.at(row, *moment).is_some_and(|at| at < *to),
            Condition::Attachments(wanted) => self.has_attachments(row) == *wanted,
            Condition::Never => false,
        }
    }

    fn at(&self, row: Row<'a>, moment: Moment) -> Option<Timestamp> {
        match moment {
            Moment::Created => Some(row.created()),
            Moment::Modified => Some(row.modified()),
            Moment::Due => dates::moment(dates::parse(&row.get("DUEDATE"))?, &self.crm.zone),
        }
    }

    fn has_attachments(&self, case: Row<'a>) -> bool {
        let (object, id) = (CrmObject::Case, case.id());
        self.crm.was_there_at_first(object, id) && self.crm.files.count(Holder { object, id }) > 0
    }
}

/// What a tag's values ask of a record.
fn condition(crm: &Crm, object: CrmObject, name: &str, values: &[&str]) -> Condition {
    let fold = crm.rules.case_insensitive_search;
    let pattern = |value: &&str| Pattern::new(value, fold);
    let first = values.first().copied().unwrap_or_default();
    if let Some((side, moment)) = range(name) {
        let moment_of = dates::parse(first).and_then(|at| dates::moment(at, &crm.zone));
        return match moment_of {
            None => Condition::Never,
            Some(at) if side == "FROM" => Condition::From(moment, at),
            Some(at) => Condition::Before(moment, at),
        };
    }
    match (object, name) {
        (CrmObject::Case | CrmObject::Task, "ASSIGNEDTO" | "CREATEDBY") => {
            let any = values.iter().map(|value| user(crm, name, value)).collect();
            Condition::User { tag: name.into(), any }
        }
        (CrmObject::Case, "LASTNAME" | "COMPANY") => {
            Condition::OfCustomer { tag: name.into(), pattern: pattern(&first) }
        }
        (CrmObject::Case, "ATTACHMENTS") => Condition::Attachments(first == "yes"),
        (CrmObject::Faq, "STRING") => {
            Condition::OneOf { tags: ["QUESTION", "ANSWER"], pattern: pattern(&first) }
        }
        _ => {
            let any = values.iter().map(pattern).collect();
            Condition::Value { tag: stored_tag(object, name).into(), any }
        }
    }
}

/// The tag under which a parameter's value is kept: a Task's media type has two spellings
/// (MEDIA_TYPE_TAG).
pub(crate) fn stored_tag(object: CrmObject, name: &str) -> &str {
    match (object, name) {
        (CrmObject::Task, "MEDIA_TYPE") => "MEDIATYPE",
        _ => name,
    }
}

/// The side and the moment of a range's tag; Case's FROMDATE and TODATE are of the creation.
fn range(name: &str) -> Option<(&str, Moment)> {
    let side = if name.starts_with("FROM") { "FROM" } else { "TO" };
    let moment = match name.strip_prefix(side)? {
        "DATE" | "CREATEDATE" => Moment::Created,
        "LASTMODDATE" => Moment::Modified,
        "DUEDATE" => Moment::Due,
        _ => return None,
    };
    Some((side, moment))
}

fn user(crm: &Crm, tag: &str, value: &str) -> User {
    let none = value == "None" || crm.rules.none_any_case && value.eq_ignore_ascii_case("None");
    match tag {
        _ if value.eq_ignore_ascii_case("Deleted Agents") => User::DeletedAgents,
        "ASSIGNEDTO" if value.eq_ignore_ascii_case("Deleted Groups") => User::DeletedGroups,
        "ASSIGNEDTO" if none => User::Nobody,
        "CREATEDBY" if value.eq_ignore_ascii_case("Customers") => User::Nobody,
        _ => User::Is(value.into()),
    }
}

/// The numbers that begin with some digits, as ranges.
fn ranges(prefix: &str) -> impl Iterator<Item = (u64, u64)> {
    let first: u64 = prefix.parse().unwrap_or(u64::MAX);
    (0..20).map_while(move |zeros| {
        let scale = 10u64.checked_pow(zeros)?;
        Some((first.checked_mul(scale)?, first.checked_add(1)?.checked_mul(scale)?))
    })
}

/// The picklist values that a Customfield Get names, or nothing where no list has that name.
pub(crate) fn picklist<'a>(crm: &'a Crm, name: &str) -> Vec<&'a str> {
    let fold = crm.rules.case_insensitive_search;
    let is = |known: &str| known == name || fold && known.eq_ignore_ascii_case(name);
    let settings = &crm.settings;
    let built_in = settings.picklists.iter().filter(|list| is(&list.name));
    let custom = settings.custom_fields.iter();
    let custom = custom.filter(|field| field.kind.is_list() && !field.deleted && is(&field.name));
    let mut values: Vec<&str> = Vec::new();
    let lists = built_in.map(|list| &list.values).chain(custom.map(|field| &field.values));
    for value in lists.flatten() {
        if !values.contains(&value.as_str()) {
            values.push(value);
        }
    }
    values
}

/// Whether a Get of an object without parameters asks for its numbers.
pub(crate) fn has_summary(object: Object) -> bool {
    matches!(object, Object::Customer | Object::Case | Object::Task)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::{
        settings::Settings,
        tenant::{Customers, TenantSettings},
        wapi::command::Action,
    };

    fn found(crm: &Crm, tag: &str, value: &str) -> Vec<u64> {
        let tags = vec![(tag.into(), value.into())];
        let command = Command { object: Object::Customer, action: Action::Get, tags };
        let mut found = Vec::new();
        Search::new(crm, CrmObject::Customer, &command).run(|row| {
            found.push(row.id());
            true
        });
        found
    }

    #[test]
    fn among_a_hundred_thousand_customers_each_is_found_by_each_key_at_once() {
        let tenant = TenantSettings { customers: 100_000, ..TenantSettings::default() };
        let settings = Settings { tenant, ..Settings::default() };
        let customers = Customers::new(settings.seed, &settings.tenant);
        let crm = Crm::new(&settings, customers.clone()).unwrap();
        // The first search by a name makes its index.
        for tag in ["VOICE", "LASTNAME"] {
            found(&crm, tag, "x");
        }
        for tag in ["ACCOUNTNUM", "EMAIL", "VOICE", "PREFIX"] {
            let rows = (0..2_000).map(|nth| customers.number(nth * 49));
            let rows = rows.filter_map(|number| crm.get(CrmObject::Customer, number));
            let wanted: Vec<(u64, String)> = rows
                .map(|row| match tag {
                    "PREFIX" => (row.id(), format!("{}%", row.id())),
                    tag => (row.id(), row.get(tag).into_owned()),
                })
                .filter(|(_, value)| !value.is_empty())
                .collect();
            let began = Instant::now();
            for (number, value) in &wanted {
                let tag = if tag == "PREFIX" { "ACCOUNTNUM" } else { tag };
                assert!(found(&crm, tag, value).contains(number), "{tag} {value}");
            }
            let each = began.elapsed() / wanted.len() as u32;
            // Unoptimized, and beside all other tests: a look at each customer takes 30 ms.
            assert!(each < Duration::from_micros(500), "a Get by {tag} took {each:?}");
        }
    }

    #[test]
    fn among_a_million_customers_only_those_of_a_window_are_looked_at() {
        let tenant = TenantSettings { customers: 1_000_000, ..TenantSettings::default() };
        let settings = Settings { tenant, ..Settings::default() };
        let crm = Crm::new(&settings, Customers::new(settings.seed, &settings.tenant)).unwrap();
        let found_and_seen = |tags: &[(&str, &str)]| {
            let tags = tags.iter().map(|(tag, value)| ((*tag).into(), (*value).into())).collect();
            let command = Command { object: Object::Customer, action: Action::Get, tags };
            let search = Search::new(&crm, CrmObject::Customer, &command);
            let mut found = 0;
            search.run(|_| {
                found += 1;
                true
            });
            let table = crm.table(CrmObject::Customer);
            let seen = match search.candidates() {
                Candidates::Ids(ids) => ids.len() as u64,
                Candidates::Between(ranges) => ranges
                    .into_iter()
                    .map(|(from, before)| table.at_most_between(from, before))
                    .sum(),
                Candidates::All => table.len(),
            };
            (found, seen)
        };
        let created = [("FROMCREATEDATE", "03172025"), ("TOCREATEDATE", "03182025")];
        let modified = [("FROMLASTMODDATE", "03172025"), ("TOLASTMODDATE", "03182025")];
        let prefix = ("ACCOUNTNUM", "10012%");
        for (tags, least, most) in [
            (&[prefix][..], 900, 1_000),
            (&created, 3_000, 4_000),
            (&modified, 2_000, 4_000),
            (&[("ACCOUNTNUM", "9%")], 0, 0),
        ] {
            let (found, seen) = found_and_seen(tags);
            assert_eq!(found, seen, "{tags:?}");
            assert!((least..=most).contains(&found), "{tags:?}: {found}");
        }
        // The fewer of both.
        let (found, seen) = found_and_seen(&[created[0], created[1], prefix]);
        assert!(found == 0 && seen < 1_000, "{found} of {seen}");
    }
}
