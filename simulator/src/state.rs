//! The ground truth: what was really done, for a test to compare the books with.
//!
//! Counts of requests begin with the process; what became of records is kept with the tenant.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use serde::Serialize;

use crate::{api::Api, attachments, calls, shared::Shared};

/// What the simulator knows, as `GET /_simulator/state` tells it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct State {
    /// The tenant's name.
    pub tenant: String,
    /// The tenant's time.
    pub now: jiff::Timestamp,
    /// The file in which the tenant is kept.
    pub kept_in: Option<String>,
    /// What was done to each campaign.
    pub campaigns: BTreeMap<u64, CampaignState>,
    /// What was done to the CRM.
    pub wapi: WapiState,
    /// What was done with phone calls.
    pub calls: CallsState,
    /// What was asked of the attachments API.
    pub attachments: AttachmentState,
    /// What was asked of each API.
    pub apis: BTreeMap<Api, ApiState>,
}

/// What was done to a campaign.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CampaignState {
    /// Its name.
    pub name: String,
    /// Its status by number.
    pub status: u8,
    /// Records that it holds now.
    pub records: u64,
    /// Accepted adds; more than `records` where some were removed.
    pub applied: u64,
    /// Accepted removals.
    pub removed: u64,
    /// Adds refused as duplicates.
    pub duplicates: u64,
    /// What became of the records that were sent, by message; `""` are the accepted.
    pub answers: BTreeMap<String, u64>,
    /// Most POSTs of customers that were in work at once.
    pub max_concurrent_posts: u64,
    /// Requests by method and HTTP status, or by the fault that took their reply.
    pub requests: BTreeMap<String, u64>,
}

/// What was done to the CRM, and what was asked of its API.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct WapiState {
    /// What was done to each object: `customer`, `case`, `followup`, `task`, `faqcategory`, `faq`.
    pub objects: BTreeMap<String, CrmState>,
    /// Requests by `OBJECT ACTION STATUS`, or by the fault that took their reply.
    pub requests: BTreeMap<String, u64>,
}

/// What was done to an object of the CRM since the tenant began.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CrmState {
    /// Records that there are now.
    pub records: u64,
    /// Accepted Adds, and records that were added while others were read (`wapi.grows`).
    pub added: u64,
    /// Accepted Modifies that left a mark; a Task's that changes nothing leaves none.
    pub modified: u64,
    /// Records that were deleted, also with their customer or case.
    pub deleted: u64,
    /// Follow-ups that Case Modifies wrote.
    pub automated: u64,
}

/// What was done with phone calls since the tenant began, and what was asked of their API.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CallsState {
    /// How often a phone rang.
    pub rings: u64,
    /// Rings of a number with the same `extTransactionData` as one before.
    pub doubles: u64,
    /// Calls in progress.
    pub in_progress: u64,
    /// Calls in post-processing.
    pub post_processing: u64,
    /// Calls that ended, with their post-processing.
    pub ended: u64,
    /// Accepted settings of transaction codes.
    pub codes_set: u64,
    /// Accepted ends of a call, or of its post-processing.
    pub ends: u64,
    /// Accepted hang-ups.
    pub hang_ups: u64,
    /// Calls that a freed line ended.
    pub freed: u64,
    /// What this process refused, by name.
    pub refusals: BTreeMap<String, u64>,
    /// Requests by `ACTION STATUS`, or by the fault that took their reply.
    pub requests: BTreeMap<String, u64>,
}

/// What was asked of the attachments API.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AttachmentState {
    /// Requests by `object status`, or by the fault that took their reply.
    pub requests: BTreeMap<String, u64>,
    /// Most requests of the tenant at once, until their replies were sent, also those that were
    /// refused for it: 1 where the client keeps the rule.
    pub most_at_once: u64,
    /// Requests that were refused because another one was being served.
    pub refused: u64,
}

/// What was asked of an API.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ApiState {
    /// All requests.
    pub requests: u64,
    /// Those that a limit refused.
    pub limited: u64,
    /// Most that were in work at once.
    pub max_concurrent: u64,
    /// Faults given, by kind.
    pub faults: BTreeMap<String, u64>,
}

impl State {
    pub(crate) fn of(shared: &Shared) -> State {
        let traffic = shared.traffic.lock();
        let mut campaigns = shared.campaigns().states();
        for (id, state) in &mut campaigns {
            if let Some(seen) = traffic.campaigns.get(id) {
                state.max_concurrent_posts = seen.posts.most;
                state.requests = seen.requests.clone();
            }
        }
        let apis = traffic.apis.iter().map(|(api, seen)| {
            let faults = shared.faults.given(*api);
            let state = ApiState {
                requests: seen.requests,
                limited: seen.limited,
                max_concurrent: seen.gauge.most,
                faults: faults.into_iter().map(|(kind, count)| (kind.into(), count)).collect(),
            };
            (*api, state)
        });
        State {
            tenant: shared.credentials.tenant.clone(),
            now: shared.clock.now(),
            kept_in: shared.journal.as_ref().map(|kept| kept.path().display().to_string()),
            campaigns,
            attachments: attachments(shared, traffic.attachments.clone()),
            wapi: WapiState { objects: shared.crm().states(), requests: traffic.commands.clone() },
            calls: CallsState {
                requests: traffic.calls.clone(),
                ..shared.switchboard().state(shared.clock.now())
            },
            apis: apis.collect(),
        }
    }
}

fn attachments(shared: &Shared, requests: BTreeMap<String, u64>) -> AttachmentState {
    let (most_at_once, refused) = shared.turns.counts();
    AttachmentState { requests, most_at_once, refused }
}

/// Requests seen by this process.
#[derive(Default)]
pub(crate) struct Traffic(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    apis: BTreeMap<Api, SeenByApi>,
    campaigns: BTreeMap<u64, SeenByCampaign>,
    /// Of the CRM's API, by `OBJECT ACTION STATUS`.
    commands: BTreeMap<String, u64>,
    /// Of the phone calls API, by `ACTION STATUS`.
    calls: BTreeMap<String, u64>,
    /// Of the attachments API, by `object STATUS`.
    attachments: BTreeMap<String, u64>,
}

#[derive(Default)]
struct SeenByApi {
    requests: u64,
    limited: u64,
    gauge: Gauge,
}

#[derive(Default)]
struct SeenByCampaign {
    posts: Gauge,
    requests: BTreeMap<String, u64>,
}

#[derive(Default)]
struct Gauge {
    now: u64,
    most: u64,
}

impl Gauge {
    fn enter(&mut self) {
        self.now += 1;
        self.most = self.most.max(self.now);
    }

    fn leave(&mut self) {
        self.now = self.now.saturating_sub(1);
    }
}

impl Traffic {
    /// Notes a request; it counts as in work until the visit is dropped.
    pub(crate) fn enter(&self, api: Api, method: &str, path: &str) -> Visit<'_> {
        let campaign = posted_to(path);
        let posts = method == "POST" && path.ends_with("/customers");
        let mut seen = self.lock();
        let by_api = seen.apis.entry(api).or_default();
        by_api.requests += 1;
        by_api.gauge.enter();
        if let Some(id) = campaign.filter(|_| posts) {
            seen.campaigns.entry(id).or_default().posts.enter();
        }
        drop(seen);
        let (method, end) = (method.to_string(), "client went away".to_string());
        let command = calls::action(&method, path).map(String::from);
        let limited = false;
        let attached_to = attached_to(path);
        Visit { traffic: self, api, campaign, posts, method, command, attached_to, end, limited }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// A request in work.
pub(crate) struct Visit<'a> {
    traffic: &'a Traffic,
    api: Api,
    campaign: Option<u64>,
    posts: bool,
    method: String,
    command: Option<String>,
    attached_to: Option<String>,
    end: String,
    limited: bool,
}

impl Visit<'_> {
    /// Notes how the request ends: by a status or by a fault.
    pub(crate) fn ends(&mut self, end: impl ToString) {
        self.end = end.to_string();
    }

    /// Notes what the CRM's API is asked for: `OBJECT ACTION`.
    pub(crate) fn asks_for(&mut self, command: String) {
        self.command = Some(command);
    }

    /// Notes that a limit refused it.
    pub(crate) fn is_limited(&mut self) {
        self.limited = true;
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        let mut seen = self.traffic.lock();
        let by_api = seen.apis.entry(self.api).or_default();
        by_api.gauge.leave();
        by_api.limited += u64::from(self.limited);
        if let Some(command) = &self.command {
            let counted = match self.api {
                Api::Calls => &mut seen.calls,
                _ => &mut seen.commands,
            };
            *counted.entry(format!("{command} {}", self.end)).or_default() += 1;
        }
        if let Some(object) = &self.attached_to {
            *seen.attachments.entry(format!("{object} {}", self.end)).or_default() += 1;
        }
        let Some(id) = self.campaign else { return };
        let by_campaign = seen.campaigns.entry(id).or_default();
        if self.posts {
            by_campaign.posts.leave();
        }
        *by_campaign.requests.entry(format!("{} {}", self.method, self.end)).or_default() += 1;
    }
}

/// The object whose attachments a path names.
fn attached_to(path: &str) -> Option<String> {
    let (object, _) = path.strip_prefix(attachments::PATH)?.split_once('/')?;
    Some(object.to_string())
}

/// The campaign that a path names.
fn posted_to(path: &str) -> Option<u64> {
    let (_, rest) = path.split_once("/campaigns/")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}
