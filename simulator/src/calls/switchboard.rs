//! All calls of a tenant: who can take one, which are in progress, what may be done with them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    change::{self, Change, Deed, Placed, What},
    messages::Refusal,
    request::{Selection, Wanted},
    ring::{Durations, Phase, Ring},
};
use crate::{
    chance::mix,
    error::Error,
    settings::Settings,
    state::CallsState,
    tenant::phone::{AgentStatus, CodeList, PhoneAgent, PhoneSettings},
};

/// "Agent has Line 1 and Line 2" (document, Free specific agent line).
const LINES: [u8; 2] = [1, 2];
/// "Up to six transaction codes can be assigned to a transaction" (document).
const MOST_CODES: usize = 6;

/// The calls of a tenant.
pub(crate) struct Switchboard {
    phone: PhoneSettings,
    tenant: String,
    seed: u64,
    durations: Durations,
    rings: Vec<Ring>,
    by_guid: HashMap<String, usize>,
    /// By agent, the calls that had not ended when last looked at.
    open: HashMap<String, Vec<usize>>,
    /// How often the same call rang.
    rang: HashMap<String, u64>,
    refusals: BTreeMap<&'static str, u64>,
}

impl Switchboard {
    pub(crate) fn new(settings: &Settings) -> Result<Self, Error> {
        let phone = settings.tenant.phone.clone();
        check(&phone)?;
        let mandatory = phone.code_lists.iter().filter(|list| list.mandatory).map(|list| list.id);
        Ok(Switchboard {
            durations: Durations::new(&settings.calls, mandatory.collect()),
            phone,
            tenant: settings.tenant.name.clone(),
            seed: settings.seed,
            rings: Vec::new(),
            by_guid: HashMap::new(),
            open: HashMap::new(),
            rang: HashMap::new(),
            refusals: BTreeMap::new(),
        })
    }

    /// The call to be placed, if its agent can take it.
    pub(super) fn judge(
        &mut self,
        wanted: &Wanted,
        received: Map<String, Value>,
        now: Timestamp,
    ) -> Result<Placed, Refusal> {
        let agent = self.agent(&wanted.agent_id)?.clone();
        let has_queue = self.has_queue(wanted)?;
        let dialed = self.dialed(wanted, &agent)?;
        let line = self.line_for(&agent, wanted.force_call == Some(true), now)?;
        let shown = wanted.caller_id.as_ref().filter(|id| self.phone.channels.contains(id));
        let elements = wanted.ext_transaction_data.as_deref().unwrap_or_default();
        let elements = elements.iter().map(|element| [&element.name, &element.value]);
        let same = serde_json::json!([wanted.number, elements.collect::<Vec<_>>()]).to_string();
        Ok(Placed {
            guid: self.next_guid(now),
            at: now,
            line,
            has_queue,
            dialed,
            presented: shown.unwrap_or(&agent.caller_id).clone(),
            same,
            agent: agent.id,
            received,
        })
    }

    fn agent(&self, id: &str) -> Result<&PhoneAgent, Refusal> {
        let found = self.phone.agents.iter().find(|agent| agent.id == id);
        found.ok_or_else(|| Refusal::UnknownAgent { agent: id.into() })
    }

    fn has_queue(&self, wanted: &Wanted) -> Result<bool, Refusal> {
        let Some(queue) = &wanted.queue_id else { return Ok(false) };
        let known = self.phone.queues.iter().any(|known| known.id == *queue);
        if known { Ok(true) } else { Err(Refusal::UnknownQueue { queue: queue.clone() }) }
    }

    /// Prefix and number in E.164, by the dial plan of the request or else of the agent.
    fn dialed(&self, wanted: &Wanted, agent: &PhoneAgent) -> Result<String, Refusal> {
        let prefix = wanted.prefix.as_deref().unwrap_or_default();
        if !wanted.number.bytes().any(|byte| byte.is_ascii_digit()) {
            return Err(Refusal::NoDigits);
        }
        let digits = prefix.chars().chain(wanted.number.chars()).filter(char::is_ascii_digit);
        let digits: String = digits.collect();
        let Some(id) = wanted.dialplan_id.as_ref().or(agent.dial_plan.as_ref()) else {
            return Ok(format!("+{digits}"));
        };
        let plan = self.phone.dial_plans.iter().find(|plan| plan.id == *id);
        let plan = plan.ok_or_else(|| Refusal::UnknownDialPlan { plan: id.clone() })?;
        Ok(match digits.strip_prefix(&plan.strip) {
            Some(rest) => format!("+{}{rest}", plan.put),
            None => format!("+{digits}"),
        })
    }

    /// A line of the agent that is free for a call (document, `forceCall`).
    fn line_for(&mut self, agent: &PhoneAgent, force: bool, now: Timestamp) -> Result<u8, Refusal> {
        let id = || agent.id.clone();
        if matches!(agent.status, AgentStatus::OnBreak | AgentStatus::LoggedOut) {
            return Err(Refusal::Away { agent: id(), status: agent.status });
        }
        let open = self.open_calls(&agent.id, now);
        let held = |line: &u8| {
            let in_progress = open.iter().filter(|(_, phase)| *phase == Phase::InProgress);
            in_progress.into_iter().any(|(ring, _)| self.rings[*ring].placed.line == *line)
        };
        let line = LINES.into_iter().find(|line| !held(line));
        let line = line.ok_or_else(|| Refusal::Busy { agent: id() })?;
        // "If no queue is associated the agent will not be set to busy status."
        if !force && open.iter().any(|(ring, _)| self.rings[*ring].placed.has_queue) {
            return Err(Refusal::Busy { agent: id() });
        }
        match agent.status {
            AgentStatus::OnChat if !force => Err(Refusal::OnChat { agent: id() }),
            _ => Ok(line),
        }
    }

    /// The calls of an agent that have not ended, in the order in which they rang.
    fn open_calls(&mut self, agent: &str, now: Timestamp) -> Vec<(usize, Phase)> {
        let Some(open) = self.open.get_mut(agent) else { return Vec::new() };
        let phases = open.iter().map(|ring| (*ring, self.rings[*ring].phase(now, &self.durations)));
        let still: Vec<_> = phases.filter(|(_, phase)| *phase != Phase::Ended).collect();
        *open = still.iter().map(|(ring, _)| *ring).collect();
        still
    }

    /// An id like the document's `int-184a0c5493f-nempJR9b0nXcZbChiZmtZkLCE-phone-00-acmecorp01`.
    fn next_guid(&self, now: Timestamp) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let nth = self.rings.len() as u64;
        let letter = |place| {
            let draw = mix(&[self.seed, nth, place]) % LETTERS.len() as u64;
            char::from(LETTERS[draw as usize])
        };
        let letters: String = (0..25).map(letter).collect();
        format!("int-{:x}-{letters}-phone-00-{}", now.as_millisecond(), self.tenant)
    }

    /// An agent's long name, like the document's
    /// `acmecorp01-ag0VYyLh0YTsymdbtYIaaaa-edc85374-bb3e-48ad-98fd-41d122701be6`.
    pub(super) fn long_name(&self, agent: &str) -> String {
        let [a, b] = [1, 2].map(|part| {
            agent.bytes().fold(mix(&[self.seed, part]), |state, byte| mix(&[state, byte.into()]))
        });
        let (tenant, c) = (&self.tenant, b >> 48);
        let [d, e, f] = [a >> 32, (a >> 16) & 0xFFFF, a & 0xFFF];
        format!("{tenant}-{agent}-{d:08x}-{e:04x}-4{f:03x}-{c:04x}-{:012x}", b & 0xFFFF_FFFF_FFFF)
    }

    /// What setting codes does, if they can be set.
    pub(super) fn judge_codes(
        &self,
        guid: &str,
        agent: &str,
        selections: Vec<Selection>,
        now: Timestamp,
    ) -> Result<Change, Refusal> {
        let not_found = || Refusal::NotOfAgent { guid: guid.into(), agent: agent.into() };
        let ring = self.of_agent(guid, agent)?;
        if ring.phase(now, &self.durations) == Phase::Ended {
            return Err(not_found());
        }
        judge_selections(&selections, &self.phone.code_lists)?;
        Ok(did(guid, now, What::SetTransactionCodes(selections)))
    }

    /// What ending a call does, if it has not ended. One in post-processing can be ended only
    /// with its post-processing.
    pub(super) fn judge_end(
        &self,
        guid: &str,
        post_processing_too: bool,
        now: Timestamp,
    ) -> Result<Change, Refusal> {
        let ring = self.by_guid.get(guid).map(|ring| &self.rings[*ring]);
        let ring = ring.ok_or_else(|| Refusal::UnknownInteraction { guid: guid.into() })?;
        match ring.phase(now, &self.durations) {
            Phase::InProgress => {}
            Phase::PostProcessing if post_processing_too => {}
            Phase::PostProcessing | Phase::Ended => return Err(Refusal::Terminated),
        }
        Ok(did(guid, now, What::End { post_processing_too }))
    }

    /// What hanging up does, if the agent is in the call.
    pub(super) fn judge_hang_up(
        &self,
        guid: &str,
        agent: &str,
        now: Timestamp,
    ) -> Result<Change, Refusal> {
        match self.of_agent(guid, agent)?.phase(now, &self.durations) {
            Phase::InProgress => Ok(did(guid, now, What::HangUp)),
            Phase::PostProcessing | Phase::Ended => Err(Refusal::Terminated),
        }
    }

    /// What freeing an agent's lines, or one of them, does: the end of each call there.
    pub(super) fn judge_free(
        &mut self,
        agent: &str,
        line: Option<u8>,
        now: Timestamp,
    ) -> Result<Vec<(String, Change)>, Refusal> {
        self.agent(agent)?;
        let open = self.open_calls(agent, now);
        if open.is_empty() && line.is_none() {
            return Err(Refusal::NothingInProgress { agent: agent.into() });
        }
        let what = line.map_or(What::FreeLines, What::FreeLine);
        let placed = open.iter().map(|(ring, _)| &self.rings[*ring].placed);
        let on_line = placed.filter(|placed| line.is_none_or(|line| placed.line == line));
        let guids = on_line.map(|placed| placed.guid.clone());
        let freed: Vec<_> =
            guids.map(|guid| (guid.clone(), did(&guid, now, what.clone()))).collect();
        match line {
            Some(line) if freed.is_empty() => {
                Err(Refusal::NothingOnLine { line, agent: agent.into() })
            }
            _ => Ok(freed),
        }
    }

    /// The call with this id, if it is the agent's.
    fn of_agent(&self, guid: &str, agent: &str) -> Result<&Ring, Refusal> {
        let ring = self.by_guid.get(guid).map(|ring| &self.rings[*ring]);
        ring.filter(|ring| ring.placed.agent == agent)
            .ok_or_else(|| Refusal::NotOfAgent { guid: guid.into(), agent: agent.into() })
    }

    /// Does what was found; false if it makes no sense.
    pub(super) fn carry_out(&mut self, change: Change) -> bool {
        match change {
            Change::Rang(placed) => {
                let nth = self.rings.len();
                *self.rang.entry(placed.same.clone()).or_default() += 1;
                self.open.entry(placed.agent.clone()).or_default().push(nth);
                let is_new = self.by_guid.insert(placed.guid.clone(), nth).is_none();
                self.rings.push(Ring::new(placed));
                is_new
            }
            Change::Did { guid, deed } => match self.by_guid.get(&guid) {
                Some(ring) => {
                    self.rings[*ring].carry_out(deed);
                    true
                }
                None => false,
            },
        }
    }

    /// Makes kept changes again; false if they make no sense.
    pub(crate) fn replay(&mut self, frame: &[u8]) -> bool {
        let Some(changes) = change::read(frame) else { return false };
        changes.into_iter().all(|change| self.carry_out(change))
    }

    pub(super) fn note_refusal(&mut self, name: &'static str) {
        *self.refusals.entry(name).or_default() += 1;
    }

    /// The calls from the n-th on, each with its phase and how often the same rang.
    pub(super) fn rings(
        &self,
        from: usize,
        now: Timestamp,
    ) -> impl Iterator<Item = (&Ring, Phase, u64)> {
        self.rings.iter().skip(from).map(move |ring| {
            let rang = self.rang.get(&ring.placed.same).copied().unwrap_or_default();
            (ring, ring.phase(now, &self.durations), rang)
        })
    }

    pub(crate) fn state(&self, now: Timestamp) -> CallsState {
        let mut state = CallsState {
            rings: self.rings.len() as u64,
            doubles: self.rings.len() as u64 - self.rang.len() as u64,
            refusals: self.refusals.iter().map(|(name, n)| ((*name).into(), *n)).collect(),
            ..CallsState::default()
        };
        for (ring, phase, _) in self.rings(0, now) {
            *match phase {
                Phase::InProgress => &mut state.in_progress,
                Phase::PostProcessing => &mut state.post_processing,
                Phase::Ended => &mut state.ended,
            } += 1;
            for deed in &ring.deeds {
                *match deed.what {
                    What::SetTransactionCodes(_) => &mut state.codes_set,
                    What::End { .. } => &mut state.ends,
                    What::HangUp => &mut state.hang_ups,
                    What::FreeLines | What::FreeLine(_) => &mut state.freed,
                } += 1;
            }
        }
        state
    }
}

fn did(guid: &str, at: Timestamp, what: What) -> Change {
    Change::Did { guid: guid.into(), deed: Deed { at, what } }
}

/// Whether these items can be chosen: each exists, of a list of single choice only one.
fn judge_selections(selections: &[Selection], lists: &[CodeList]) -> Result<(), Refusal> {
    let mut chosen: BTreeMap<u64, usize> = BTreeMap::new();
    for selection in selections {
        *chosen.entry(selection.id).or_default() += selection.codes.len();
        let list = lists.iter().find(|list| list.id == selection.id);
        let unknown = selection.codes.iter().find(|code| {
            !list.is_some_and(|list| list.items.iter().any(|item| item.id == code.id))
        });
        if let Some(code) = unknown {
            return Err(Refusal::UnknownCode { list: selection.id, item: code.id });
        }
    }
    if chosen.is_empty() || chosen.values().any(|codes| *codes == 0) {
        return Err(Refusal::NoCodes);
    }
    let single = |id: &u64| lists.iter().any(|list| list.id == *id && !list.multiple);
    let too_many = chosen.iter().filter(|(id, codes)| **codes > 1 && single(id));
    let too_many: Vec<u64> = too_many.map(|(id, _)| *id).collect();
    if !too_many.is_empty() {
        return Err(Refusal::SingleChoice { lists: too_many });
    }
    match chosen.values().sum::<usize>() > MOST_CODES {
        true => Err(Refusal::TooManyCodes),
        false => Ok(()),
    }
}

/// Whether no id repeats, and each agent's dial plan is there.
fn check(phone: &PhoneSettings) -> Result<(), Error> {
    let wrong = |setting: String, problem: String| {
        Err(Error::Setting { setting: format!("tenant.phone.{setting}"), problem })
    };
    for (kind, ids) in [
        ("agents", phone.agents.iter().map(|agent| agent.id.clone()).collect::<Vec<_>>()),
        ("queues", phone.queues.iter().map(|queue| queue.id.clone()).collect()),
        ("dial_plans", phone.dial_plans.iter().map(|plan| plan.id.clone()).collect()),
        ("code_lists", phone.code_lists.iter().map(|list| list.id.to_string()).collect()),
    ] {
        let mut seen = BTreeSet::new();
        for (place, id) in ids.iter().enumerate() {
            if !seen.insert(id) {
                return wrong(format!("{kind}[{place}].id"), format!("repeats `{id}`"));
            }
        }
    }
    for (place, agent) in phone.agents.iter().enumerate() {
        let Some(id) = &agent.dial_plan else { continue };
        if !phone.dial_plans.iter().any(|plan| plan.id == *id) {
            let problem = format!("is `{id}`, which no dial plan is");
            return wrong(format!("agents[{place}].dial_plan"), problem);
        }
    }
    Ok(())
}
