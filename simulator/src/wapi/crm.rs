//! The CRM: its tables, its configuration, and what was done to it.

use std::collections::{BTreeMap, HashMap};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    change::{self, Change},
    dates,
    grow::Growth,
    record::Record,
    seed,
    seeded::SeededCustomers,
    table::{Row, Table},
    timeline::Timeline,
};
use crate::{
    attachments::Files,
    error::Error,
    settings::{
        CrmObject, CrmSettings, CustomFieldDefinition, Settings, TenantSettings, WapiSettings,
    },
    state::CrmState,
    tenant::Customers,
};

/// The CRM of a tenant.
pub(crate) struct Crm {
    pub settings: CrmSettings,
    pub rules: WapiSettings,
    pub zone: TimeZone,
    customers: Customers,
    /// Which files are attached to its records.
    pub files: Files,
    tables: BTreeMap<CrmObject, Table>,
    /// The highest FOLLOWUPNUM ever given in a case.
    last_followups: HashMap<u64, u64>,
    counts: BTreeMap<CrmObject, Counts>,
    pub(super) growth: Growth,
    /// The highest number of a record that was there at first.
    last_at_first: BTreeMap<CrmObject, u64>,
}

/// What was done to an object's records.
#[derive(Clone, Copy, Default)]
struct Counts {
    added: u64,
    modified: u64,
    deleted: u64,
    automated: u64,
}

impl Crm {
    pub(crate) fn new(settings: &Settings, customers: Customers) -> Result<Self, Error> {
        let crm = &settings.tenant.crm;
        let wrong = |key: &str, problem: String| Error::Setting {
            setting: format!("tenant.crm.{key}"),
            problem,
        };
        let zone = TimeZone::get(&crm.timezone).map_err(|error| {
            wrong("timezone", format!("is `{}`, which is no time zone: {error}", crm.timezone))
        })?;
        if !crm.agents.iter().any(|agent| agent.id == crm.used_identity && !agent.deleted) {
            let problem = format!("is `{}`, which is no agent", crm.used_identity);
            return Err(wrong("used_identity", problem));
        }
        let day = |date: jiff::civil::Date| {
            let moment = dates::moment(date.at(0, 0, 0, 0), &zone);
            moment.ok_or_else(|| wrong("created_from", format!("is `{date}`, out of range")))
        };
        let span = (day(crm.created_from)?, day(crm.created_to)?);
        if span.0 >= span.1 {
            let problem = format!("is `{}`, not after `{}`", crm.created_to, crm.created_from);
            return Err(wrong("created_to", problem));
        }
        if let Some(field) = crm.custom_fields.iter().find(|field| !is_tag(&field.name)) {
            let problem = format!("names `{}`, which can be no tag", field.name);
            return Err(wrong("custom_fields", problem));
        }
        check_login(settings)?;
        check_numbers(settings)?;
        let timeline = timeline(crm, span, &zone)?;
        let lists = customer_lists(crm);
        let seeded =
            SeededCustomers::new(customers.clone(), settings.seed, timeline.clone(), lists);
        let mut tables: BTreeMap<_, _> =
            CrmObject::ALL.map(|object| (object, empty_table(object, &settings.tenant))).into();
        if let Some(table) = tables.remove(&CrmObject::Customer) {
            tables.insert(CrmObject::Customer, table.with_seeded(seeded));
        }
        let mut this = Crm {
            settings: crm.clone(),
            rules: settings.wapi.clone(),
            zone,
            customers,
            files: Files::new(settings.seed, &settings.attachments)?,
            tables,
            last_followups: HashMap::new(),
            counts: BTreeMap::new(),
            growth: Growth::default(),
            last_at_first: BTreeMap::new(),
        };
        seed::fill(&mut this, settings.seed, timeline);
        Ok(this)
    }

    /// The records of an object.
    pub(crate) fn table(&self, object: CrmObject) -> &Table {
        &self.tables[&object]
    }

    /// A record.
    pub(crate) fn get(&self, object: CrmObject, id: u64) -> Option<Row<'_>> {
        self.table(object).get(id)
    }

    /// The FOLLOWUPNUM that a case's next follow-up gets.
    pub(crate) fn next_followup(&self, case: u64) -> u64 {
        self.last_followups.get(&case).map_or(1, |last| last + 1)
    }

    /// The follow-up of a case with this FOLLOWUPNUM.
    pub(crate) fn followup(&self, case: &str, number: &str) -> Option<Row<'_>> {
        let table = self.table(CrmObject::Followup);
        let ids = table.holding("CASENUM", case).unwrap_or_default();
        let mut rows = ids.into_iter().filter_map(|id| table.get(id));
        rows.find(|row| row.get("FOLLOWUPNUM") == number && row.get("CASENUM") == case)
    }

    /// The custom fields of an object that are not deleted.
    pub(crate) fn custom_fields(
        &self,
        object: CrmObject,
    ) -> impl Iterator<Item = &CustomFieldDefinition> {
        self.settings.custom_fields.iter().filter(move |field| {
            Some(field.object) == object.with_custom_fields() && !field.deleted
        })
    }

    /// The default of a built-in list.
    pub(crate) fn default_of(&self, list: &str) -> &str {
        let list = self.settings.picklists.iter().find(|known| known.name == list);
        list.and_then(|list| list.values.first()).map_or("", String::as_str)
    }

    /// Whether a user id is a deleted agent's, or a deleted group's.
    pub(crate) fn is_deleted_agent(&self, id: &str) -> bool {
        self.settings.agents.iter().any(|agent| agent.deleted && agent.id == id)
    }

    pub(crate) fn is_deleted_group(&self, id: &str) -> bool {
        self.settings.groups.iter().any(|group| group.deleted && group.id == id)
    }

    /// Puts a record in as one that was there at first.
    pub(super) fn seed(&mut self, object: CrmObject, record: Record) {
        self.carry_out(Change::Added(object, record));
    }

    /// The records at first are all there; they are no deeds.
    pub(super) fn begin(&mut self) {
        self.counts.clear();
        let last = |object| (object, self.table(object).next_id() - 1);
        self.last_at_first = CrmObject::ALL.map(last).into();
    }

    /// Whether a record was there before anybody did anything.
    pub(crate) fn was_there_at_first(&self, object: CrmObject, id: u64) -> bool {
        self.last_at_first.get(&object).is_some_and(|last| id <= *last)
    }

    /// Makes kept changes again; false if they make no sense.
    pub(crate) fn replay(&mut self, frame: &[u8]) -> bool {
        let Some(changes) = change::read(frame) else { return false };
        self.carry_out_all(changes);
        true
    }

    /// Makes changes, which must stand in the journal already.
    pub(crate) fn carry_out_all(&mut self, changes: Vec<Change>) {
        for change in changes {
            self.carry_out(change);
        }
    }

    fn carry_out(&mut self, change: Change) {
        let (Change::Added(object, _) | Change::Modified(object, _) | Change::Deleted(object, _)) =
            change;
        let counts = self.counts.entry(object).or_default();
        let Some(table) = self.tables.get_mut(&object) else { return };
        match change {
            Change::Added(_, record) => {
                match record.automated {
                    true => counts.automated += 1,
                    false => counts.added += 1,
                }
                if object == CrmObject::Customer {
                    self.customers.note(record.id, true);
                }
                if let (CrmObject::Followup, Some((case, number))) =
                    (object, followup_number(&record))
                {
                    let last = self.last_followups.entry(case).or_default();
                    *last = number.max(*last);
                }
                table.put(record);
            }
            Change::Modified(_, record) => {
                counts.modified += 1;
                table.put(record);
            }
            Change::Deleted(_, id) => {
                counts.deleted += 1;
                table.remove(id);
                if object == CrmObject::Customer {
                    self.customers.note(id, false);
                }
            }
        }
    }

    /// What was done to each object.
    pub(crate) fn states(&self) -> BTreeMap<String, CrmState> {
        let state = |object: &CrmObject| {
            let counts = self.counts.get(object).copied().unwrap_or_default();
            CrmState {
                records: self.table(*object).len(),
                added: counts.added,
                modified: counts.modified,
                deleted: counts.deleted,
                automated: counts.automated,
            }
        };
        CrmObject::ALL.iter().map(|object| (object.name().into(), state(object))).collect()
    }

    /// MMDDYYYY of a moment.
    pub(crate) fn day(&self, at: Timestamp) -> String {
        dates::day(at, &self.zone)
    }
}

/// Replies write custom fields' names as tags.
fn is_tag(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

/// The lengths that the administrator's form takes (wapi:143, wapi:147).
fn check_login(settings: &Settings) -> Result<(), Error> {
    let tenant = &settings.tenant;
    for (key, value, allowed) in [
        ("wapi_username", &tenant.wapi_username, 1..=10),
        ("wapi_password", &tenant.wapi_password, 3..=15),
    ] {
        let length = value.chars().count();
        if !allowed.contains(&length) {
            let (least, most) = allowed.into_inner();
            let problem = format!("has {length} characters, not {least} to {most}");
            return Err(Error::Setting { setting: format!("tenant.{key}"), problem });
        }
    }
    Ok(())
}

/// Numbers from which on records are numbered; so low that none overflows.
fn check_numbers(settings: &Settings) -> Result<(), Error> {
    let tenant = &settings.tenant;
    for (key, number) in [
        ("first_account_number", tenant.first_account_number),
        ("crm.first_case_number", tenant.crm.first_case_number),
    ] {
        if !(1..=1_000_000_000).contains(&number) {
            let problem = format!("is `{number}`, but must be 1 to 1000000000");
            return Err(Error::Setting { setting: format!("tenant.{key}"), problem });
        }
    }
    Ok(())
}

/// When the records at first were created.
fn timeline(
    crm: &CrmSettings,
    (from, to): (Timestamp, Timestamp),
    zone: &TimeZone,
) -> Result<Timeline, Error> {
    let wrong =
        |key: &str, problem| Error::Setting { setting: format!("tenant.crm.{key}"), problem };
    if !(0.0..=1.0).contains(&crm.bulk_share) {
        let problem = format!("is `{}`, but must be from 0 to 1", crm.bulk_share);
        return Err(wrong("bulk_share", problem));
    }
    let timeline = Timeline::new(from, to);
    let Some(day) = crm.bulk_day else { return Ok(timeline) };
    let midnight = |day: Date| dates::moment(day.at(0, 0, 0, 0), zone);
    let ends = day.tomorrow().ok().and_then(midnight);
    match midnight(day).zip(ends).filter(|(begins, ends)| from <= *begins && *ends <= to) {
        Some(bulk) => Ok(timeline.with_bulk(bulk, crm.bulk_share)),
        None => {
            let span = (crm.created_from, crm.created_to);
            let problem = format!("is `{day}`, not between `{}` and `{}`", span.0, span.1);
            Err(wrong("bulk_day", problem))
        }
    }
}

/// The number of a kept record's case, and its own in that case.
fn followup_number(record: &Record) -> Option<(u64, u64)> {
    Some((record.get("CASENUM").parse().ok()?, record.get("FOLLOWUPNUM").parse().ok()?))
}

fn empty_table(object: CrmObject, tenant: &TenantSettings) -> Table {
    let mut indexed: Vec<String> = object.indexed().iter().map(|tag| (*tag).into()).collect();
    let custom = tenant.crm.custom_fields.iter().filter(|field| {
        // The customers at first have no values of these, so the index tells all.
        Some(field.object) == object.with_custom_fields() && !field.kind.is_list()
    });
    indexed.extend(custom.map(|field| field.name.to_ascii_uppercase()));
    Table::new(object.before_first_id(tenant), indexed)
}

/// The lists from which customers at first have values, deactivated ones included.
fn customer_lists(settings: &CrmSettings) -> HashMap<String, Vec<String>> {
    let built_in = settings.picklists.iter().filter(|list| list.name == "CUSTOMERTYPE");
    let built_in = built_in.map(|list| (&list.name, &list.values, &list.deactivated));
    let custom = settings.custom_fields.iter().filter(|field| {
        Some(field.object) == CrmObject::Customer.with_custom_fields()
            && field.kind.is_list()
            && !field.deleted
    });
    let custom = custom.map(|field| (&field.name, &field.values, &field.deactivated));
    let all = built_in.chain(custom).map(|(name, values, deactivated)| {
        (name.to_ascii_uppercase(), values.iter().chain(deactivated).cloned().collect())
    });
    all.collect()
}
