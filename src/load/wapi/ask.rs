//! Commands and questions about one row, and what their answers mean for it.

use super::{
    WapiSink,
    find::{Found, MatchOn, address_in_lower_case},
    row::Row,
};
use crate::{
    crm::{Action, Object},
    http::Api,
    load::{Delivery, Turn},
    outcome::{LoadedAs, RecordId, RowAnswer, UnitAnswer},
    tenant::{Heard, Trouble},
    wire::wapi::{
        Answer, Apostrophe, Family, Item, Meaning, Reply, Status, classify, hint, recognise,
    },
};

/// How far a row has come: an answer, or what is needed to go on.
pub(super) type Step<T> = Result<T, Delivery>;

impl WapiSink {
    /// The record of a row that was sent just now. What keeps it from being found leaves the row in
    /// doubt: it must not be sent again without a look.
    pub(super) async fn own_now(&self, row: &Row<'_>) -> Step<Option<RecordId>> {
        let own = self.own(self.turn().await, row).await;
        own.map_err(|delivery| Delivery { maybe_applied: true, ..delivery })
    }

    /// The record that an earlier sending of the row has made, if it was applied.
    pub(super) async fn own(&self, turn: Turn, row: &Row<'_>) -> Step<Option<RecordId>> {
        let question = self.identity.question(row);
        let own = self.own_among(row, self.look_own(turn, question.iter().copied()).await?)?;
        // The tenant may keep addresses in lower case, and finds them only so.
        match (own, address_in_lower_case(&question)) {
            (None, Some(other)) => {
                let other = other.iter().map(|(tag, value)| (*tag, value.as_ref()));
                let items = self.look_own(self.turn().await, other).await?;
                self.own_among(row, items)
            }
            (own, _) => Ok(own),
        }
    }

    async fn look_own<'t>(
        &self,
        turn: Turn,
        question: impl Iterator<Item = (&'t str, &'t str)>,
    ) -> Step<Vec<Item>> {
        self.crm.look(turn, self.object, question).await.map_err(|trouble| match trouble {
            // The row may be there all the same: it is not rejected.
            Trouble::Refused { message } => {
                in_doubt(format!("the tenant could not be asked for the record: {message}"))
            }
            other => unanswered(self.object, other),
        })
    }

    /// The row's own of these records: new, like the row, and no other row's.
    fn own_among(&self, row: &Row<'_>, items: Vec<Item>) -> Step<Option<RecordId>> {
        let before = self.known.extent.map_or(0, |extent| extent.last);
        let key = self.object.key();
        for item in items.iter().filter(|item| self.identity.is_own(row, item)) {
            let Some(id) = key.last().and_then(|tag| item.value(tag)) else { continue };
            let was_there = id.trim().parse().is_ok_and(|id: u64| id <= before);
            if was_there {
                continue;
            }
            let id = self.named(row, id.to_owned());
            if self.claims.claim(&id.to_string()).map_err(|error| disk_failed(&error))? {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    pub(super) async fn find(&self, turn: Turn, row: &Row<'_>, key: &str) -> Step<Found> {
        let Some(by) = &self.match_on else { return Ok(Found::None) };
        let question = by.question(row, &self.custom);
        if question.is_empty() && self.object != Object::FaqCategory {
            // Nobody could tell whether the record is there, and it would be added twice.
            let reason = format!(
                "{}: the tenant cannot be asked for this value, since `%` stands for any text",
                by.names()
            );
            return Err(Delivery::answered(UnitAnswer::Rows(vec![RowAnswer::Rejected { reason }])));
        }
        let items = self.look_up(turn, question.into_iter()).await?;
        let mut found = self.found_among(by, key, items);
        for question in by.further_questions(row, &self.custom) {
            if !matches!(found, Found::None) {
                break;
            }
            let tags = question.iter().map(|(tag, value)| (*tag, value.as_ref()));
            let items = self.look_up(self.turn().await, tags).await?;
            found = self.found_among(by, key, items);
        }
        Ok(found)
    }

    fn found_among(&self, by: &MatchOn, key: &str, items: Vec<Item>) -> Found {
        let tag = self.object.key().last().copied().unwrap_or_default();
        let same = items.into_iter().filter(|item| by.key_of(item).as_deref() == Some(key));
        let records = same.filter_map(|item| Some((item.value(tag)?.to_owned(), item)));
        Found::of(records.collect())
    }

    /// The record that a row changes or deletes; where no answer comes, the row waits as it is.
    pub(super) async fn held(
        &self,
        turn: Turn,
        key: &[(&str, &str)],
        anew: bool,
    ) -> Step<Option<Item>> {
        let held = self.held.by_key(turn, key, anew, &self.dice).await;
        held.map_err(|trouble| unanswered(self.object, trouble))
    }

    /// The same after something was sent: without an answer the row is in doubt.
    pub(super) async fn held_now(&self, key: &[(&str, &str)]) -> Step<Option<Item>> {
        let held = self.held(self.turn().await, key, true).await;
        held.map_err(|delivery| match delivery.answer {
            UnitAnswer::Rows(_) => in_doubt("the record could not be looked up".into()),
            answer => Delivery { answer, maybe_applied: true, timed_out: false },
        })
    }

    /// Asks for records; where no answer comes, the row waits as it is.
    async fn look_up<'t>(
        &self,
        turn: Turn,
        tags: impl Iterator<Item = (&'t str, &'t str)>,
    ) -> Step<Vec<Item>> {
        let answer = self.crm.look(turn, self.object, tags).await;
        answer.map_err(|trouble| unanswered(self.object, trouble))
    }

    /// Sends a command that changes something; gives a whole reply.
    pub(super) async fn command<'t>(
        &self,
        turn: Turn,
        action: Action,
        tags: impl Iterator<Item = (&'t str, &'t str)>,
    ) -> Step<Reply> {
        let object = self.object.name().to_uppercase();
        match self.crm.send(turn, &object, &action.name().to_uppercase(), tags).await {
            Heard::Reply(reply) => Ok(reply),
            Heard::Unsendable { message } => {
                let answer = RowAnswer::Rejected { reason: message };
                Err(Delivery::answered(UnitAnswer::Rows(vec![answer])))
            }
            Heard::Refused { status, message } => {
                let answer = RowAnswer::Refused { status, message };
                Err(Delivery::answered(UnitAnswer::Rows(vec![answer])))
            }
            Heard::NotApplied { after, throttled, message } => {
                Err(Delivery::answered(UnitAnswer::Again { after, throttled, message }))
            }
            Heard::Lost { after, busy: true, message } => {
                Err(Delivery { maybe_applied: true, ..again(after, message) })
            }
            Heard::Lost { message, .. } => Err(in_doubt(message)),
            Heard::Stop { what, hint } => {
                let what = failed(self.object, action, &what);
                Err(Delivery::answered(UnitAnswer::Stop { what, hint }))
            }
        }
    }

    /// What an answer means that does not say that the command was carried out.
    pub(super) fn not_done(
        &self,
        row: &Row<'_>,
        action: Action,
        meaning: Meaning,
        answer: &Answer,
    ) -> Step<RowAnswer> {
        match meaning {
            Meaning::Stop { hint } => {
                let what = failed(self.object, action, answer);
                Err(Delivery::answered(UnitAnswer::Stop { what, hint: hint.to_owned() }))
            }
            Meaning::Again => Err(again(None, answer.to_string())),
            Meaning::Unknown if answer.status == Status::Unavailable => {
                // It may have been carried out all the same (field-notes, WAPI).
                self.crm.client.limits(Api::Wapi, &self.crm.auth).throttled(None);
                Err(Delivery { maybe_applied: true, ..again(None, answer.to_string()) })
            }
            Meaning::Unknown => Err(in_doubt(answer.to_string())),
            _ => Ok(self.refused(row, answer)),
        }
    }

    /// What the server says, and what the reader can do where that does not say it.
    pub(super) fn refused(&self, row: &Row<'_>, answer: &Answer) -> RowAnswer {
        let message = match (&answer.status, answer.message.trim()) {
            (Status::Failed, message) if !message.is_empty() => message.to_owned(),
            _ => answer.to_string(),
        };
        let message = match self.apostrophe_hint(row, answer).or_else(|| hint(answer)) {
            Some(hint) => format!("{message} ({hint})"),
            None => message,
        };
        RowAnswer::Refused { status: answer.status.code(), message }
    }

    /// The guide forbids apostrophes, and wants them as `&rsquot;` (ruling APOSTROPHE).
    fn apostrophe_hint(&self, row: &Row<'_>, answer: &Answer) -> Option<&'static str> {
        let family = recognise(answer)?.family;
        let may_be_it = matches!(family, Family::Criterion | Family::NotXml)
            && self.crm.style.apostrophe == Apostrophe::Xml
            && row.tags().any(|(_, value)| value.contains('\''));
        may_be_it.then_some(
            "the tenant may not take apostrophes as the connection writes them: `wapi: {apostrophe: \
             rsquot}`",
        )
    }

    pub(super) fn meaning(&self, action: Action, reply: &Reply) -> Meaning {
        classify(self.object, action, &reply.answer)
    }

    pub(super) fn id_of(&self, reply: &Reply) -> Option<String> {
        let tag = self.object.key().last()?;
        reply.value(tag).map(|id| id.trim().to_owned()).filter(|id| !id.is_empty())
    }

    /// The number of a follow-up counts within its case only.
    pub(super) fn named(&self, row: &Row<'_>, number: String) -> RecordId {
        let within = match self.object {
            Object::Followup => row.get("CASENUM").map(str::to_owned),
            _ => None,
        };
        RecordId { number, within }
    }
}

pub(super) fn confirmed(id: RecordId) -> RowAnswer {
    RowAnswer::Loaded { done: LoadedAs::ConfirmedOnResume, id: Some(id) }
}

pub(super) fn failed(object: Object, action: Action, what: &dyn std::fmt::Display) -> String {
    format!("{object} {action} failed: {what}")
}

/// A question without an answer: the row waits as it is, is rejected, or the run stops.
fn unanswered(object: Object, trouble: Trouble) -> Delivery {
    match trouble {
        Trouble::Passing { after, message } => again(after, message),
        Trouble::Refused { message } => {
            let reason = format!("the tenant could not be asked for the record: {message}");
            Delivery::answered(UnitAnswer::Rows(vec![RowAnswer::Rejected { reason }]))
        }
        Trouble::Stop { what, hint } | Trouble::Forbidden { what, hint } => {
            let what = failed(object, Action::Get, &what);
            Delivery::answered(UnitAnswer::Stop { what, hint })
        }
    }
}

fn again(after: Option<std::time::Duration>, message: String) -> Delivery {
    Delivery::answered(UnitAnswer::Again { after, throttled: false, message })
}

pub(super) fn in_doubt(message: String) -> Delivery {
    Delivery::answered(UnitAnswer::Doubt { message })
}

pub(super) fn disk_failed(error: &dyn std::fmt::Display) -> Delivery {
    Delivery::answered(UnitAnswer::Stop {
        what: error.to_string(),
        hint: "mend it and give the same command again: it goes on where it was".into(),
    })
}
