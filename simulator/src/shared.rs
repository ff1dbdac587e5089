//! What all requests share: the tenant, its settings, and the layers' counters.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::sync::watch;

use crate::{
    attachments::{Files, Turns},
    calls::{self, Switchboard},
    campaigns::Campaigns,
    clock::Clock,
    error::Error,
    faults::Faults,
    journal::Journal,
    limits::Limits,
    settings::Settings,
    state::Traffic,
    tenant::{Credentials, Customers},
    wapi::{self, Crm},
};

/// What all requests share.
pub(crate) struct Shared {
    pub settings: Settings,
    pub credentials: Credentials,
    pub clock: Clock,
    pub faults: Faults,
    pub limits: Limits,
    pub traffic: Traffic,
    /// Of the attachments API.
    pub turns: Turns,
    pub files: Files,
    pub journal: Option<Journal>,
    campaigns: Mutex<Campaigns>,
    crm: Mutex<Crm>,
    switchboard: Mutex<Switchboard>,
    stopping: watch::Receiver<bool>,
}

/// The first byte of a journal's frame: whose change it holds. Never give a number anew.
const CAMPAIGNS: u8 = 1;
const CRM: u8 = 2;
const CALLS: u8 = 4;

impl Shared {
    /// Seeds the tenant, and makes the kept changes again.
    pub(crate) fn new(
        settings: Settings,
        keep_in: Option<&std::path::Path>,
        stopping: watch::Receiver<bool>,
    ) -> Result<Arc<Shared>, Error> {
        let clock = Clock::new(&settings.clock);
        let customers = Customers::new(settings.seed, &settings.tenant);
        let mut crm = Crm::new(&settings, customers.clone())?;
        let mut campaigns = Campaigns::new(&settings, customers, clock.now())?;
        let mut switchboard = Switchboard::new(&settings)?;
        let journal = keep_in.map(|folder| {
            Journal::open(folder, &identity(&settings), |frame| match frame.split_first() {
                Some((&CAMPAIGNS, change)) => campaigns.replay(change),
                Some((&CRM, changes)) => crm.replay(changes),
                Some((&CALLS, changes)) => switchboard.replay(changes),
                _ => false,
            })
        });
        Ok(Arc::new(Shared {
            credentials: Credentials::of(&settings.tenant),
            clock,
            faults: Faults::new(&settings.faults, settings.seed)?,
            limits: Limits::new(&settings.limits)?,
            traffic: Traffic::default(),
            turns: Turns::default(),
            files: Files::new(settings.seed, &settings.attachments)?,
            journal: journal.transpose()?,
            campaigns: Mutex::new(campaigns),
            crm: Mutex::new(crm),
            switchboard: Mutex::new(switchboard),
            stopping,
            settings,
        }))
    }

    /// The campaigns, for as long as nobody else may have them.
    pub(crate) fn campaigns(&self) -> MutexGuard<'_, Campaigns> {
        self.campaigns.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Keeps a change of a campaign. The campaigns are given to prove that they are locked, so
    /// that changes stand in the journal in the order in which they were made.
    pub(crate) fn keep(
        &self,
        _locked: &Campaigns,
        change: &crate::campaigns::Change,
    ) -> io::Result<()> {
        let Some(journal) = &self.journal else { return Ok(()) };
        journal.append(|out| {
            out.push(CAMPAIGNS);
            change.write(out);
        })
    }

    /// The CRM, for as long as nobody else may have it.
    pub(crate) fn crm(&self) -> MutexGuard<'_, Crm> {
        self.crm.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Keeps the changes of one command, before they are made.
    pub(crate) fn keep_crm(&self, _locked: &Crm, changes: &[wapi::Change]) -> io::Result<()> {
        let Some(journal) = &self.journal else { return Ok(()) };
        journal.append(|out| {
            out.push(CRM);
            wapi::write_changes(changes, out);
        })
    }

    /// The calls, for as long as nobody else may have them.
    pub(crate) fn switchboard(&self) -> MutexGuard<'_, Switchboard> {
        self.switchboard.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Keeps the changes of one request, before they are made.
    pub(crate) fn keep_calls(
        &self,
        _locked: &Switchboard,
        changes: &[calls::Change],
    ) -> io::Result<()> {
        let Some(journal) = &self.journal else { return Ok(()) };
        journal.append(|out| {
            out.push(CALLS);
            calls::write_changes(changes, out);
        })
    }

    /// Waits, but no longer than until the simulator stops.
    pub(crate) async fn sleep(&self, time: Duration) {
        if time.is_zero() {
            return;
        }
        let mut stopping = self.stopping.clone();
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            // An error means that the simulator was dropped, which stops it too.
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }
}

/// What a kept tenant belongs to, on one line; without the tokens, which may change.
fn identity(settings: &Settings) -> String {
    let tenant = &settings.tenant;
    serde_json::json!({
        "seed": settings.seed,
        "name": tenant.name,
        "customers": tenant.customers,
        "first_account_number": tenant.first_account_number,
        "do_not_call_per_10000": tenant.do_not_call_per_10000,
        "do_not_call": tenant.do_not_call,
        "campaigns": tenant.campaigns,
        "crm": tenant.crm,
        "phone": tenant.phone,
    })
    .to_string()
}
