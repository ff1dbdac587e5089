//! One campaign, and all of a tenant's.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{
    book::{Book, RecordStatus},
    change::{Change, Deed},
    messages::{Answer, RECORDS, Refusal},
    status::{Phase, Status},
};
use crate::{
    chance::fraction,
    error::Error,
    settings::{CampaignDefinition, ScheduleWindow, Settings},
    state::CampaignState,
    tenant::Customers,
};

/// "Schedules a call with a possible maximum of 7 days in advance" (document, Overview).
const MOST_AHEAD: SignedDuration = SignedDuration::from_hours(7 * 24);

/// All campaigns of a tenant.
pub(crate) struct Campaigns {
    pub customers: Customers,
    by_id: BTreeMap<u64, Campaign>,
}

/// A campaign: what it is, and what was done to it.
pub(crate) struct Campaign {
    pub definition: CampaignDefinition,
    pub window: Option<(Timestamp, Timestamp)>,
    pub status: Status,
    pub book: Book,
    seed: u64,
    started: Timestamp,
    max_records: u64,
    duplicates_before_dates: bool,
    answers: [u64; RECORDS.len()],
    removed: u64,
}

/// A record of a POST that has a customer-id.
pub(crate) struct Asked {
    pub number: u64,
    pub date: Date,
}

/// The `schedule-date-time` of a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Date {
    None,
    At(Timestamp),
    Invalid,
}

impl Campaigns {
    pub(crate) fn new(
        settings: &Settings,
        customers: Customers,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let definitions = settings.tenant.campaigns.iter().enumerate();
        let mut by_id = BTreeMap::new();
        for (place, definition) in definitions {
            let wrong = |key: &str, problem: String| Error::Setting {
                setting: format!("tenant.campaigns[{place}].{key}"),
                problem,
            };
            let status = Status::numbered(definition.status).ok_or_else(|| {
                wrong("status", format!("is `{}`, not 0 to 11", definition.status))
            })?;
            let mut campaign = Campaign::new(settings, definition, status, now);
            campaign.fill(&customers);
            if by_id.insert(definition.id, campaign).is_some() {
                return Err(wrong("id", format!("repeats `{}`", definition.id)));
            }
        }
        Ok(Campaigns { customers, by_id })
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Campaign> {
        self.by_id.get(&id)
    }

    /// A campaign to be changed, and the customers.
    pub(crate) fn get_mut(&mut self, id: u64) -> Option<(&mut Campaign, &Customers)> {
        Some((self.by_id.get_mut(&id)?, &self.customers))
    }

    /// Makes a kept change again; false if it makes no sense.
    pub(crate) fn replay(&mut self, frame: &[u8]) -> bool {
        let Some(change) = Change::read(frame) else { return false };
        let (Change::Sent { campaign: id, .. }
        | Change::Removed { campaign: id, .. }
        | Change::Status { campaign: id, .. }) = change;
        let Some((campaign, customers)) = self.get_mut(id) else { return false };
        match change {
            Change::Sent { deeds, .. } => {
                deeds.iter().for_each(|deed| campaign.carry_out(deed, customers));
            }
            Change::Removed { customer, .. } => campaign.remove(customer),
            Change::Status { status, .. } => match Status::numbered(status) {
                Some(status) => campaign.status = status,
                None => return false,
            },
        }
        true
    }

    pub(crate) fn states(&self) -> BTreeMap<u64, CampaignState> {
        self.by_id.iter().map(|(id, campaign)| (*id, campaign.state())).collect()
    }
}

impl Campaign {
    fn new(
        settings: &Settings,
        definition: &CampaignDefinition,
        status: Status,
        now: Timestamp,
    ) -> Self {
        Campaign {
            definition: definition.clone(),
            window: definition.schedule.as_ref().map(|window| moments(window, now)),
            status,
            book: Book::default(),
            seed: settings.seed,
            started: now,
            max_records: settings.campaigns.max_records,
            duplicates_before_dates: settings.campaigns.duplicates_before_dates,
            answers: [0; RECORDS.len()],
            removed: 0,
        }
    }

    /// Takes in the records that are there at first; they are no deeds.
    fn fill(&mut self, customers: &Customers) {
        for nth in 0..self.definition.records_at_first.min(customers.count()) {
            let number = customers.number(nth);
            self.book.put(number, None, self.first_status(number, None));
        }
    }

    /// Why it takes no customers now, if so.
    pub(crate) fn refuses_adding(&self) -> Option<Refusal> {
        match self.status.phase() {
            _ if !self.definition.dynamic => Some(Refusal::NotDynamic),
            _ if !self.definition.enabled => Some(Refusal::AddToDisabled),
            Phase::Stopped => Some(Refusal::AddToStopped),
            Phase::New => Some(Refusal::NotStarted),
            Phase::Running | Phase::Paused | Phase::Purged => None,
        }
    }

    /// Why it gives no customers up now, if so.
    pub(crate) fn refuses_deleting(&self) -> Option<Refusal> {
        match self.status.phase() {
            _ if !self.definition.dynamic => Some(Refusal::NotDynamic),
            _ if !self.definition.enabled => Some(Refusal::DeleteFromDisabled),
            Phase::Stopped => Some(Refusal::DeleteFromStopped),
            _ => None,
        }
    }

    /// What is to be answered to a record.
    ///
    /// The document prints no order of its rules. Here: whether the customer can be called at
    /// all, whether it is there already, and the date; the switch puts the date before.
    pub(crate) fn judge(&self, asked: &Asked, customers: &Customers, now: Timestamp) -> Answer {
        if asked.date == Date::Invalid && !self.duplicates_before_dates {
            return Answer::InvalidDate;
        }
        if !customers.exists(asked.number) {
            return Answer::NotFound;
        }
        if customers.is_do_not_call(asked.number) {
            return Answer::DoNotCall;
        }
        let is_duplicate = || self.book.status(asked.number).map(|_| Answer::Duplicate);
        let wrong_date = || self.wrong_date(asked.date, now);
        let found = match self.duplicates_before_dates {
            true => is_duplicate().or_else(wrong_date),
            false => wrong_date().or_else(is_duplicate),
        };
        found.or_else(|| self.is_full(asked.date, now)).unwrap_or(Answer::Accepted)
    }

    fn wrong_date(&self, date: Date, now: Timestamp) -> Option<Answer> {
        let at = match date {
            Date::None => return None,
            Date::Invalid => return Some(Answer::InvalidDate),
            Date::At(at) => at,
        };
        let outside = self.window.is_some_and(|(from, to)| at < from || at > to);
        match at {
            _ if at < now => Some(Answer::InThePast),
            _ if outside => Some(Answer::OutsideSchedule),
            _ if at.duration_since(now) > MOST_AHEAD => Some(Answer::TooFarAhead),
            _ => None,
        }
    }

    fn is_full(&self, date: Date, now: Timestamp) -> Option<Answer> {
        let running = now.duration_since(self.started).as_secs_f64().max(0.0);
        let freed = (running * self.definition.scheduled_freed_per_second) as u64;
        let scheduled = date != Date::None
            && self
                .definition
                .max_scheduled
                .is_some_and(|most| self.book.scheduled() >= most.saturating_add(freed));
        let full = scheduled || self.book.records() >= self.max_records;
        full.then_some(Answer::MaximumReached)
    }

    /// Does what was found.
    pub(crate) fn carry_out(&mut self, deed: &Deed, customers: &Customers) {
        self.answers[deed.answer as usize] += 1;
        let Some(number) = deed.number else { return };
        self.book.note_sent(number, customers.exists(number));
        if deed.answer == Answer::Accepted {
            self.book.add(number, deed.at, self.first_status(number, deed.at));
        }
    }

    fn first_status(&self, number: u64, at: Option<Timestamp>) -> RecordStatus {
        let taken_up = self.definition.taken_up;
        let draw = fraction(&[self.seed, self.definition.id, number]);
        match at {
            _ if draw < taken_up / 2.0 => RecordStatus::Accepted,
            _ if draw < taken_up => RecordStatus::Completed,
            Some(_) => RecordStatus::Scheduled,
            None if draw > 0.9 => RecordStatus::Queued,
            None => RecordStatus::New,
        }
    }

    /// Takes a customer out.
    pub(crate) fn remove(&mut self, customer: u64) {
        self.book.remove(customer);
        self.removed += 1;
    }

    fn state(&self) -> CampaignState {
        let answers = RECORDS.iter().zip(self.answers).filter(|(_, count)| *count > 0);
        CampaignState {
            name: self.definition.name.clone(),
            status: self.status.number(),
            records: self.book.records(),
            applied: self.answers[Answer::Accepted as usize],
            removed: self.removed,
            duplicates: self.answers[Answer::Duplicate as usize],
            answers: answers
                .map(|(row, count)| (row.message.unwrap_or_default().into(), count))
                .collect(),
            ..CampaignState::default()
        }
    }
}

/// A window's moments, from the full hour.
fn moments(window: &ScheduleWindow, now: Timestamp) -> (Timestamp, Timestamp) {
    let hour = now.as_second().div_euclid(3600) * 3600;
    let moment = |hours: i32| {
        Timestamp::from_second(hour + i64::from(hours) * 3600).unwrap_or(Timestamp::MAX)
    };
    (moment(window.from_hours), moment(window.to_hours))
}
