//! What becomes of one row: added, changed, left alone, deleted; and what its answers mean.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arrow::array::RecordBatch;
use serde::{Deserialize, Serialize};

use super::{
    WapiOptions,
    claims::{Alone, Claims},
    compare::is_unchanged,
    find::{Found, MatchOn},
    held::Held,
    mirror::{Mirror, MirrorError},
    own::Identity,
    resend,
    row::Row,
};
use crate::{
    clock::Dice,
    crm::{Action, LoadAction, Object},
    files,
    http::Api,
    ledger::Assigned,
    load::{Before, Delivery, Looked, Turn, WhatAndHint},
    outcome::{LoadedAs, RecordId, RowAnswer, Traffic, UnitAnswer},
    rules::TenantValues,
    tenant::{Crm, Extent, Heard, Trouble},
    wire::wapi::{
        Answer, Apostrophe, Family, Item, Meaning, Reply, Status, classify, hint, recognise,
    },
};

/// What a look at the tenant told, in the run's folder: a run that goes on knows the same.
const LOOKED: &str = "tenant.json";

/// The tenant's customers, in the run's folder.
const MIRROR: &str = "tenant-customers.sqlite";

/// What a WAPI load needs of a connection.
#[derive(Debug)]
pub struct WapiTarget {
    /// The tenant's CRM.
    pub crm: Crm,
    /// Requests in flight at the most.
    pub concurrency: usize,
}

/// Loads records of one object.
#[derive(Debug)]
pub struct WapiSink {
    crm: Crm,
    held: Held,
    concurrency: usize,
    options: WapiOptions,
    object: Object,
    action: LoadAction,
    only_changed: bool,
    custom: Vec<String>,
    identity: Identity,
    match_on: Option<MatchOn>,
    claims: Claims,
    known: Known,
    mirror: Option<Mirror>,
    dice: Dice,
    /// Requests that repeated an earlier one.
    repeated: AtomicU64,
}

/// What is known of the tenant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Known {
    /// First and last number before anything was sent, and how many records.
    extent: Option<Extent>,
    /// Values that the tenant defines, by tag.
    values: BTreeMap<String, Vec<String>>,
    /// Values that it does not tell.
    warnings: Vec<String>,
}

/// How far a row has come: an answer, or what is needed to go on.
type Step<T> = Result<T, Delivery>;

impl WapiSink {
    /// A sink for the object and action of `options`.
    pub fn new(target: WapiTarget, options: WapiOptions) -> Self {
        let object = options.object.value;
        let tags = |tags: &super::Tags| tags.0.clone();
        let custom: Vec<String> =
            options.custom_fields.iter().map(|name| name.value.clone()).collect();
        WapiSink {
            held: Held::new(target.crm.clone(), object),
            crm: target.crm,
            concurrency: target.concurrency,
            object,
            action: options.action.value,
            only_changed: options.only_changed(),
            identity: Identity::new(object, options.identify_by.as_ref().map(tags), custom.clone()),
            custom,
            match_on: options.match_on.as_ref().map(|on| MatchOn::new(object, tags(on))),
            claims: Claims::new(None),
            known: Known::default(),
            mirror: None,
            dice: Dice::random(),
            repeated: AtomicU64::new(0),
            options,
        }
    }

    /// Takes over what the ledger knows of records that are assigned to rows.
    pub fn learn_assigned(&mut self, assigned: Assigned) {
        self.claims = Claims::new(Some(assigned));
    }

    /// Asks the tenant for the values that it defines, and for its last number.
    pub async fn look(
        &mut self,
        wanted: &[(String, TenantValues)],
        folder: &Path,
    ) -> Result<Looked, WhatAndHint> {
        let path = folder.join(LOOKED);
        let kept = std::fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok());
        self.known = match kept {
            Some(known) => known,
            None => {
                let known = self.ask(wanted).await?;
                let text = serde_json::to_vec(&known).unwrap_or_default();
                files::publish(&path, &text).map_err(|error| (error.to_string(), error.hint()))?;
                known
            }
        };
        Ok(Looked {
            warnings: self.known.warnings.clone(),
            values: self.known.values.clone(),
            ..Looked::default()
        })
    }

    async fn ask(&self, wanted: &[(String, TenantValues)]) -> Result<Known, WhatAndHint> {
        let mut known = Known::default();
        if self.wants_extent() {
            match self.crm.extent(self.object, &self.dice).await {
                Ok(extent) => known.extent = extent,
                // One's own record is then recognised by its values alone.
                Err(Trouble::Refused { message } | Trouble::Forbidden { what: message, .. }) => {
                    tracing::debug!(message, "no summary");
                }
                Err(trouble) => return Err(stopped(self.object, trouble)),
            }
        }
        let wanted = if self.options.check_values { wanted } else { &[] };
        for (tag, what) in wanted {
            match self.crm.values(tag, *what, &self.dice).await {
                Ok(Some(values)) => {
                    known.values.insert(tag.clone(), values);
                }
                Ok(None) => {}
                Err(Trouble::Passing { message, .. }) => {
                    return Err((
                        format!("the values of {tag} could not be asked for: {message}"),
                        "give the same command again later, or set `check_values: false`".into(),
                    ));
                }
                Err(trouble @ Trouble::Stop { .. }) => {
                    return Err(stopped(Object::CustomField, trouble));
                }
                // A tenant that refuses such a question turns the check off.
                Err(Trouble::Refused { message } | Trouble::Forbidden { what: message, .. }) => {
                    known.warnings.push(format!(
                        "the tenant does not tell the values of {tag} ({message}): they are not \
                         checked before sending"
                    ));
                }
            }
        }
        Ok(known)
    }

    /// Whether the last number tells new records from those that were there before.
    fn wants_extent(&self) -> bool {
        let summed_up = matches!(self.object, Object::Customer | Object::Case | Object::Task);
        summed_up && matches!(self.action, LoadAction::Add | LoadAction::Upsert)
    }

    /// Reads the tenant's customers in bulk where that takes fewer requests than a look-up for
    /// each of `rows` rows; gives what it does and why.
    pub async fn prepare(
        &mut self,
        rows: u64,
        folder: &Path,
        tell: &(dyn Fn(String) + Send + Sync),
    ) -> Result<(), WhatAndHint> {
        let (Some(by), Object::Customer) = (&self.match_on, self.object) else { return Ok(()) };
        let Some(mut extent) = self.known.extent.filter(|_| rows > 0) else { return Ok(()) };
        let path = folder.join(MIRROR);
        let disk = |error: crate::index::IndexError| (error.to_string(), error.hint());
        if path.exists() {
            // An earlier process of this run has read them, and since then others may have added
            // some: one that is missed would be added twice.
            let now = self.crm.extent(self.object, &self.dice).await;
            extent = now.map_err(|trouble| stopped(self.object, trouble))?.unwrap_or(extent);
        }
        let requests = extent.prefixes().len() as u64;
        if requests >= rows && !by.needs_all() {
            tell(format!(
                "{rows} rows are looked up one by one: reading all {} customers of the tenant \
                 would take {requests} requests",
                extent.total
            ));
            return Ok(());
        }
        let why = match by.needs_all() {
            true => "since phone numbers are matched by their digits".to_owned(),
            false => format!("instead of {rows} look-ups one by one"),
        };
        let (all, names) = (extent.total, by.names());
        tell(format!(
            "reads the tenant's {all} customers by {names} in about {requests} requests, {why}"
        ));
        let progress = |read: u64| tracing::info!(read, all, "customers read");
        let read = Mirror::read(&self.crm, &extent, by, &path, &self.dice, &progress).await;
        let (mirror, read) = read.map_err(|error| match error {
            MirrorError::Tenant(trouble) => stopped(self.object, trouble),
            MirrorError::Index(error) => disk(error),
        })?;
        if read < all {
            tell(format!("the tenant told {all} customers and gave {read} of them"));
        }
        self.mirror = Some(mirror);
        Ok(())
    }

    pub async fn turn(&self) -> Turn {
        self.crm.permit().await
    }

    /// Sends one row, and asks what has to be asked for it.
    pub async fn deliver(&self, turn: Turn, rows: &RecordBatch, before: Before) -> Delivery {
        if before.sent {
            self.repeated.fetch_add(1, Ordering::Relaxed);
        }
        let schema = rows.schema();
        let row = Row::of(rows, &schema, 0);
        let told = match self.action {
            LoadAction::Add => self.add(turn, &row, before).await,
            LoadAction::Modify => self.modify(turn, &row, before).await,
            LoadAction::Upsert => self.upsert(turn, &row, before).await,
            LoadAction::Delete => self.delete(turn, &row, before).await,
        };
        match told {
            Ok(answer) => Delivery::answered(UnitAnswer::Rows(vec![answer])),
            Err(delivery) => delivery,
        }
    }

    async fn add(&self, turn: Turn, row: &Row<'_>, before: Before) -> Step<RowAnswer> {
        let (turn, _alone) = self.alone(turn, self.identity.likeness(row)).await;
        let turn = match before.doubt {
            false => turn,
            true => match self.own(turn, row).await? {
                Some(id) => return Ok(confirmed(id)),
                None => self.turn().await,
            },
        };
        self.send_new(turn, row).await
    }

    /// Sends an Add whose row is known not to be there.
    async fn send_new(&self, turn: Turn, row: &Row<'_>) -> Step<RowAnswer> {
        let reply = self.command(turn, Action::Add, row.tags()).await?;
        match self.meaning(Action::Add, &reply) {
            Meaning::Done => match self.id_of(&reply) {
                Some(number) => {
                    let id = self.named(row, number);
                    self.claims.note(&id.to_string());
                    Ok(RowAnswer::Loaded { done: LoadedAs::Added, id: Some(id) })
                }
                // It says that it was done, and not under which number.
                None => match self.own_now(row).await? {
                    Some(id) => Ok(RowAnswer::Loaded { done: LoadedAs::Added, id: Some(id) }),
                    None => Err(in_doubt("the reply has no number of the new record".into())),
                },
            },
            // The same command would bring the same STATUS: whether it was done is looked up once.
            Meaning::Unknown if matches!(reply.answer.status, Status::Other(_)) => {
                match self.own_now(row).await? {
                    Some(id) => Ok(confirmed(id)),
                    None => Ok(self.refused(row, &reply.answer)),
                }
            }
            meaning => self.not_done(row, Action::Add, meaning, &reply.answer),
        }
    }

    async fn modify(&self, turn: Turn, row: &Row<'_>, before: Before) -> Step<RowAnswer> {
        let key = self.key_tags(row);
        let wants = self.only_changed || self.resends(row);
        if !wants {
            return self.send_change(turn, row, None, before, self.id_of_row(row)).await;
        }
        match self.held(turn, &key, before.sent).await? {
            None => Ok(RowAnswer::Rejected {
                reason: format!(
                    "{}: the tenant has no such {} (`{}`)",
                    self.object.key()[0],
                    self.object.name().to_lowercase(),
                    self.id_of_row(row)
                ),
            }),
            Some(record) => {
                let turn = self.turn().await;
                self.change(turn, row, &record, before, self.id_of_row(row)).await
            }
        }
    }

    /// Changes a record that was just read, if there is anything to change.
    async fn change(
        &self,
        turn: Turn,
        row: &Row<'_>,
        record: &Item,
        before: Before,
        id: String,
    ) -> Step<RowAnswer> {
        if self.only_changed && self.is_as_wanted(row, record) {
            let done = match before.doubt {
                true => LoadedAs::ConfirmedOnResume,
                false => LoadedAs::Unchanged,
            };
            return Ok(RowAnswer::Loaded { done, id: Some(self.named(row, id)) });
        }
        self.send_change(turn, row, Some(record), before, id).await
    }

    async fn send_change(
        &self,
        turn: Turn,
        row: &Row<'_>,
        record: Option<&Item>,
        before: Before,
        id: String,
    ) -> Step<RowAnswer> {
        let mut resent = match (record, self.options.unsent_fields) {
            (Some(record), super::UnsentFields::Resend) => {
                let allowed = |tag: &str, value: &str| self.is_known(tag, value);
                resend::resent(self.object, row, record, allowed)
            }
            _ => Vec::new(),
        };
        let mut reply = self.send_modify(turn, row, &resent, &id).await?;
        let problem = recognise(&reply.answer).map(|problem| problem.family);
        if problem == Some(Family::EmailCase) && row.get("DESCRIPTION").is_none() {
            // It was only sent again, and a case that came by e-mail keeps its own (wapi:4716).
            resent.retain(|(tag, _)| *tag != "DESCRIPTION");
            reply = self.send_modify(self.turn().await, row, &resent, &id).await?;
        }
        match self.meaning(Action::Modify, &reply) {
            Meaning::Done => {
                let done = match before.doubt {
                    true => LoadedAs::ConfirmedOnResume,
                    false => LoadedAs::Modified,
                };
                Ok(RowAnswer::Loaded { done, id: Some(self.named(row, id)) })
            }
            Meaning::Unknown if matches!(reply.answer.status, Status::Other(_)) => {
                match self.held_now(&[(self.object.key()[0], id.as_str())]).await? {
                    Some(record) if self.is_as_wanted(row, &record) => Ok(RowAnswer::Loaded {
                        done: LoadedAs::ConfirmedOnResume,
                        id: Some(self.named(row, id)),
                    }),
                    _ => Ok(self.refused(row, &reply.answer)),
                }
            }
            meaning => self.not_done(row, Action::Modify, meaning, &reply.answer),
        }
    }

    async fn send_modify(
        &self,
        turn: Turn,
        row: &Row<'_>,
        resent: &[(&str, &str)],
        id: &str,
    ) -> Step<Reply> {
        let key = self.object.key().iter().copied().zip(std::iter::once(id));
        let named = key.filter(|(tag, _)| row.get(tag).is_none());
        let own = row.tags().filter(|(tag, _)| self.is_sent_in_change(tag));
        self.command(turn, Action::Modify, named.chain(own).chain(resent.iter().copied())).await
    }

    async fn upsert(&self, turn: Turn, row: &Row<'_>, before: Before) -> Step<RowAnswer> {
        let key = row.match_key().unwrap_or_default();
        let (turn, _alone) = self.alone(turn, xxhash_rust::xxh3::xxh3_64(key.as_bytes())).await;
        // What was sent by this run is not in the mirror.
        let mirror = self.mirror.as_ref().filter(|_| !before.sent);
        let (turn, found) = match mirror {
            Some(mirror) => (turn, mirror.find(key).map_err(|error| disk_failed(&error))?),
            None => {
                let found = self.find(turn, row, key).await?;
                (self.turn().await, found)
            }
        };
        match found {
            Found::None if before.doubt => match self.own(turn, row).await? {
                Some(id) => Ok(confirmed(id)),
                None => self.send_new(self.turn().await, row).await,
            },
            Found::None => self.send_new(turn, row).await,
            Found::Several(ids) => Ok(RowAnswer::Rejected { reason: self.ambiguous(&ids) }),
            Found::One { id, record } if mirror.is_none() => {
                self.change(turn, row, &record, before, id).await
            }
            Found::One { id, record } => {
                // Read in bulk, some time ago: what is sent again beside the row is read anew.
                if self.only_changed && self.is_as_wanted(row, &record) {
                    let id = Some(self.named(row, id));
                    return Ok(RowAnswer::Loaded { done: LoadedAs::Unchanged, id });
                }
                self.change_as_it_is_now(turn, row, before, id).await
            }
        }
    }

    async fn change_as_it_is_now(
        &self,
        turn: Turn,
        row: &Row<'_>,
        before: Before,
        id: String,
    ) -> Step<RowAnswer> {
        if !self.resends(row) {
            return self.send_change(turn, row, None, before, id).await;
        }
        let held = self.held(turn, &[(self.object.key()[0], id.as_str())], true).await?;
        let turn = self.turn().await;
        match held {
            Some(record) => self.change(turn, row, &record, before, id).await,
            // It was deleted since it was read.
            None => self.send_new(turn, row).await,
        }
    }

    async fn delete(&self, turn: Turn, row: &Row<'_>, before: Before) -> Step<RowAnswer> {
        let key = self.key_tags(row);
        let reply = self.command(turn, Action::Delete, key.iter().copied()).await?;
        let id = Some(self.named(row, self.id_of_row(row)));
        match self.meaning(Action::Delete, &reply) {
            Meaning::Done => Ok(RowAnswer::Loaded { done: LoadedAs::Removed, id }),
            // The first sending was applied, and its answer lost.
            Meaning::NotThere if before.doubt => {
                Ok(RowAnswer::Loaded { done: LoadedAs::ConfirmedOnResume, id })
            }
            Meaning::Unknown if matches!(reply.answer.status, Status::Other(_)) => {
                match self.held_now(&key).await? {
                    None => Ok(RowAnswer::Loaded { done: LoadedAs::ConfirmedOnResume, id }),
                    Some(_) => Ok(self.refused(row, &reply.answer)),
                }
            }
            meaning => self.not_done(row, Action::Delete, meaning, &reply.answer),
        }
    }

    /// The record of a row that was sent just now. What keeps it from being found leaves the row in
    /// doubt: it must not be sent again without a look.
    async fn own_now(&self, row: &Row<'_>) -> Step<Option<RecordId>> {
        let own = self.own(self.turn().await, row).await;
        own.map_err(|delivery| Delivery { maybe_applied: true, ..delivery })
    }

    /// The record that an earlier sending of the row has made, if it was applied.
    async fn own(&self, turn: Turn, row: &Row<'_>) -> Step<Option<RecordId>> {
        let question = self.identity.question(row).into_iter();
        let items = self.crm.look(turn, self.object, question).await.map_err(|trouble| {
            match trouble {
                // The row may be there all the same: it is not rejected.
                Trouble::Refused { message } => {
                    in_doubt(format!("the tenant could not be asked for the record: {message}"))
                }
                other => unanswered(self.object, other),
            }
        })?;
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

    async fn find(&self, turn: Turn, row: &Row<'_>, key: &str) -> Step<Found> {
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
        let tag = self.object.key().last().copied().unwrap_or_default();
        let same = items.into_iter().filter(|item| by.key_of(item).as_deref() == Some(key));
        let records = same.filter_map(|item| Some((item.value(tag)?.to_owned(), item)));
        Ok(Found::of(records.collect()))
    }

    /// The record that a row changes or deletes; where no answer comes, the row waits as it is.
    async fn held(&self, turn: Turn, key: &[(&str, &str)], anew: bool) -> Step<Option<Item>> {
        let held = self.held.by_key(turn, key, anew, &self.dice).await;
        held.map_err(|trouble| unanswered(self.object, trouble))
    }

    /// The same after something was sent: without an answer the row is in doubt.
    async fn held_now(&self, key: &[(&str, &str)]) -> Step<Option<Item>> {
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
    async fn command<'t>(
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
    fn not_done(
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
    fn refused(&self, row: &Row<'_>, answer: &Answer) -> RowAnswer {
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

    fn meaning(&self, action: Action, reply: &Reply) -> Meaning {
        classify(self.object, action, &reply.answer)
    }

    /// Lets no row that is alike be on its way at the same time. The turn is given back while
    /// waiting, since the other one may need it.
    async fn alone(&self, turn: Turn, likeness: u64) -> (Turn, Alone) {
        let lock = self.claims.lock_of(likeness);
        match Arc::clone(&lock).try_lock_owned() {
            Ok(alone) => (turn, alone),
            Err(_) => {
                drop(turn);
                let alone = lock.lock_owned().await;
                (self.turn().await, alone)
            }
        }
    }

    fn resends(&self, row: &Row<'_>) -> bool {
        self.options.unsent_fields == super::UnsentFields::Resend
            && resend::wants_record(self.object, row)
    }

    fn is_as_wanted(&self, row: &Row<'_>, record: &Item) -> bool {
        row.tags()
            .filter(|(tag, _)| self.is_sent_in_change(tag))
            .all(|(tag, value)| is_unchanged(tag, value, record))
    }

    /// An upsert that finds its record leaves its password alone: the row has one for a new one.
    fn is_sent_in_change(&self, tag: &str) -> bool {
        let only_for_new = ["PASSWORD", "AUTOPASSWD"].contains(&tag);
        let modified =
            crate::rules::find(crate::rules::wapi::table(self.object, Action::Modify), tag);
        let takes = modified.is_some() || self.custom.iter().any(|name| name == tag);
        !(self.action == LoadAction::Upsert && (only_for_new || !takes))
    }

    fn is_known(&self, tag: &str, value: &str) -> bool {
        self.known.values.get(tag).is_none_or(|values| values.iter().any(|one| one == value))
    }

    fn key_tags<'a>(&self, row: &Row<'a>) -> Vec<(&'a str, &'a str)> {
        row.tags().filter(|(tag, _)| self.object.key().contains(tag)).collect()
    }

    /// The number that stands in the row.
    fn id_of_row(&self, row: &Row<'_>) -> String {
        let tag = self.object.key().last().copied().unwrap_or_default();
        row.get(tag).unwrap_or_default().to_owned()
    }

    fn id_of(&self, reply: &Reply) -> Option<String> {
        let tag = self.object.key().last()?;
        reply.value(tag).map(|id| id.trim().to_owned()).filter(|id| !id.is_empty())
    }

    /// The number of a follow-up counts within its case only.
    fn named(&self, row: &Row<'_>, number: String) -> RecordId {
        let within = match self.object {
            Object::Followup => row.get("CASENUM").map(str::to_owned),
            _ => None,
        };
        RecordId { number, within }
    }

    fn ambiguous(&self, ids: &[String]) -> String {
        let names = self.match_on.as_ref().map(MatchOn::names).unwrap_or_default();
        let shown: Vec<&str> = ids.iter().take(3).map(String::as_str).collect();
        format!(
            "{names}: {} records of the tenant have this value ({}{})",
            ids.len(),
            shown.join(", "),
            if ids.len() > shown.len() { ", .." } else { "" }
        )
    }

    pub fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// Whether the same input must not be loaded twice.
    pub fn adds(&self) -> bool {
        self.action == LoadAction::Add
    }

    pub fn traffic(&self) -> Traffic {
        let counts = self.crm.client.traffic();
        Traffic {
            requests: counts.requests,
            retries: counts.retries + self.repeated.load(Ordering::Relaxed),
            bytes_sent: counts.bytes_sent,
            bytes_received: counts.bytes_received,
        }
    }
}

fn confirmed(id: RecordId) -> RowAnswer {
    RowAnswer::Loaded { done: LoadedAs::ConfirmedOnResume, id: Some(id) }
}

fn failed(object: Object, action: Action, what: &dyn std::fmt::Display) -> String {
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

fn in_doubt(message: String) -> Delivery {
    Delivery::answered(UnitAnswer::Doubt { message })
}

fn disk_failed(error: &dyn std::fmt::Display) -> Delivery {
    Delivery::answered(UnitAnswer::Stop {
        what: error.to_string(),
        hint: "mend it and give the same command again: it goes on where it was".into(),
    })
}

fn stopped(object: Object, trouble: Trouble) -> WhatAndHint {
    match trouble {
        Trouble::Stop { what, hint } | Trouble::Forbidden { what, hint } => {
            (failed(object, Action::Get, &what), hint)
        }
        Trouble::Refused { message } => (
            failed(object, Action::Get, &message),
            "see whether the CRM API user may Get these records (Configuration Manager, \
             Integration, CRM API)"
                .into(),
        ),
        Trouble::Passing { message, .. } => (
            format!("the tenant does not answer: {message}"),
            "give the same command again later".into(),
        ),
    }
}
