//! A connected load into the CRM: what it asks the tenant before the first row, and what each row
//! is handed to.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use arrow::array::RecordBatch;
use serde::{Deserialize, Serialize};

use super::{
    WapiOptions,
    ask::failed,
    claims::Claims,
    find::MatchOn,
    held::Held,
    mirror::{Mirror, MirrorError},
    own::Identity,
    row::Row,
};
use crate::{
    clock::Dice,
    crm::{Action, LoadAction, Object},
    files,
    ledger::Assigned,
    load::{Before, Delivery, Looked, Turn, WhatAndHint},
    outcome::{Traffic, UnitAnswer},
    rules::TenantValues,
    tenant::{Crm, Extent, Trouble},
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
    pub(super) crm: Crm,
    pub(super) held: Held,
    pub(super) concurrency: usize,
    pub(super) options: WapiOptions,
    pub(super) object: Object,
    pub(super) action: LoadAction,
    pub(super) only_changed: bool,
    pub(super) custom: Vec<String>,
    pub(super) identity: Identity,
    pub(super) match_on: Option<MatchOn>,
    pub(super) claims: Claims,
    pub(super) known: Known,
    pub(super) mirror: Option<Mirror>,
    pub(super) dice: Dice,
    /// Requests that repeated an earlier one.
    pub(super) repeated: AtomicU64,
}

/// What is known of the tenant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Known {
    /// First and last number before anything was sent, and how many records.
    pub(super) extent: Option<Extent>,
    /// Values that the tenant defines, by tag.
    pub(super) values: BTreeMap<String, Vec<String>>,
    /// Values that it does not tell.
    warnings: Vec<String>,
}

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
        self.known = match kept(folder) {
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
        // A follow-up's number counts within its case only.
        let ascends = self.object != Object::Followup;
        ascends && matches!(self.action, LoadAction::Add | LoadAction::Upsert)
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
            tell(format!(
                "the tenant told {all} customers and gave {read} of them: rows that match none of \
                 these are looked up one by one before they are added"
            ));
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

/// What an earlier look left in the run's folder.
pub(super) fn kept(folder: &Path) -> Option<Known> {
    let text = std::fs::read(folder.join(LOOKED)).ok()?;
    serde_json::from_slice(&text).ok()
}

pub(super) fn stopped(object: Object, trouble: Trouble) -> WhatAndHint {
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
