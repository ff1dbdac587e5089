//! What goes wrong, by rules: which requests or records get a fault is a pure function of the
//! seed and of how many of them came before, so a run in the same order fails in the same way.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{api::Api, chance::fraction, error::Error};

/// A rule of when what goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// What goes wrong.
    pub kind: FaultKind,
    /// How often, 0 to 1, of the requests (or records) in scope.
    #[serde(default = "always")]
    pub probability: f64,
    /// Only requests of this API.
    #[serde(default)]
    pub api: Option<Api>,
    /// Only requests of this method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only this path; `*` stands for any run of characters.
    #[serde(default)]
    pub path: Option<String>,
    /// Only requests to the CRM's API for this, e.g. `customer add`, in any case.
    #[serde(default)]
    pub command: Option<String>,
    /// The first so many in scope are spared.
    #[serde(default)]
    pub after: u64,
    /// Only each n-th in scope after those: `10` is the tenth, the twentieth and so on.
    #[serde(default)]
    pub every: Option<u64>,
    /// At most so many faults; no limit without it.
    #[serde(default)]
    pub times: Option<u64>,
    /// A seed of the rule's own; otherwise the tenant's and the rule's place in the list.
    #[serde(default)]
    pub seed: Option<u64>,
    /// `unavailable`, `throttled`: seconds of the Retry-After header; none without it.
    #[serde(default)]
    pub retry_after: Option<u64>,
    /// `throttled`: with `x-ratelimit-limit`, `-remaining` and `-reset` headers.
    #[serde(default)]
    pub ratelimit_headers: bool,
    /// `error`: what the body is.
    #[serde(default)]
    pub body: ErrorBody,
    /// `unavailable`, `throttled`, `error`, `bad_gateway`, `wapi_status_500`, `wapi_status_503`, `internal_error`: the request was processed all the same.
    #[serde(default)]
    pub processed: bool,
    /// `slow`, `timeout_before`, `timeout_after`: milliseconds.
    #[serde(default = "half_a_minute")]
    pub delay_ms: u64,
    /// `status_206`: the share of those answered so that were applied, 0 to 1.
    #[serde(default = "half")]
    pub applied: f64,
    /// `status_206`: the whole reply is a 206, not an item of a 207.
    #[serde(default)]
    pub alone: bool,
}

fn always() -> f64 {
    1.0
}

fn half() -> f64 {
    0.5
}

fn half_a_minute() -> u64 {
    30_000
}

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// 503.
    Unavailable,
    /// 429.
    Throttled,
    /// 500.
    Error,
    /// 502 with a proxy's HTML page.
    BadGateway,
    /// The connection is reset before the request is processed.
    ResetBefore,
    /// The request is processed, then the connection is reset without a reply.
    ResetAfter,
    /// No reply for a while, then the connection is closed; not processed.
    TimeoutBefore,
    /// Processed, then no reply for a while, then the connection is closed.
    TimeoutAfter,
    /// Processed; the connection is closed in the middle of the reply's body.
    Truncated,
    /// Processed and answered after a delay; other rules apply as well.
    Slow,
    /// A record is answered by 206, whatever became of it (or the whole POST: `alone`).
    #[serde(rename = "status_206")]
    Status206,
    /// A record is processed, but the 207 leaves its item out.
    DropItem,
    /// A record is processed, but its item of the 207 has a null `customer-id`.
    NullId,
    /// A reply of the CRM's API whose STATUS is 500.
    #[serde(rename = "wapi_status_500")]
    WapiStatus500,
    /// A reply of the CRM's API whose STATUS is 503.
    #[serde(rename = "wapi_status_503")]
    WapiStatus503,
    /// A reply of the CRM's API with the guide's message `Internal Error`.
    InternalError,
}

impl FaultKind {
    /// Its name as settings write it.
    pub fn name(self) -> &'static str {
        match self {
            FaultKind::Unavailable => "unavailable",
            FaultKind::Throttled => "throttled",
            FaultKind::Error => "error",
            FaultKind::BadGateway => "bad_gateway",
            FaultKind::ResetBefore => "reset_before",
            FaultKind::ResetAfter => "reset_after",
            FaultKind::TimeoutBefore => "timeout_before",
            FaultKind::TimeoutAfter => "timeout_after",
            FaultKind::Truncated => "truncated",
            FaultKind::Slow => "slow",
            FaultKind::Status206 => "status_206",
            FaultKind::DropItem => "drop_item",
            FaultKind::NullId => "null_id",
            FaultKind::WapiStatus500 => "wapi_status_500",
            FaultKind::WapiStatus503 => "wapi_status_503",
            FaultKind::InternalError => "internal_error",
        }
    }
}

/// The body of an `error`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorBody {
    /// A page of a proxy.
    #[default]
    Html,
    /// `{"message": "Internal server error"}`
    Json,
}

/// All rules with their counters.
pub(crate) struct Faults {
    rules: Vec<Counted>,
    given: Mutex<BTreeMap<(Api, FaultKind), u64>>,
}

struct Counted {
    rule: FaultRule,
    seed: u64,
    in_scope: AtomicU64,
    made: AtomicU64,
}

/// What is to happen to one request.
#[derive(Default)]
pub(crate) struct RequestFault {
    /// Delay of `slow` rules.
    pub delay: Duration,
    /// The rule that decides the reply.
    pub rule: Option<FaultRule>,
    /// `status_206` alone: whether the request is applied.
    pub applied: bool,
}

/// What is to happen to one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordFault {
    TimedOut { applied: bool },
    DropItem,
    NullId,
}

/// The rules for records that one request fulfils.
pub(crate) struct RecordFaults<'a> {
    api: Api,
    faults: &'a Faults,
    rules: Vec<&'a Counted>,
}

impl Faults {
    pub(crate) fn new(rules: &[FaultRule], seed: u64) -> Result<Self, Error> {
        let rules = rules.iter().enumerate().map(|(place, rule)| Counted::new(rule, place, seed));
        Ok(Faults { rules: rules.collect::<Result<_, _>>()?, given: Mutex::default() })
    }

    /// What is to happen to a request.
    pub(crate) fn for_request(
        &self,
        api: Api,
        method: &str,
        path: &str,
        command: Option<&str>,
    ) -> RequestFault {
        let mut fault = RequestFault::default();
        let rules = self.rules.iter().filter(|counted| {
            !counted.concerns_records()
                && counted.has_in_scope(api, method, path)
                && counted.concerns_command(command)
        });
        for counted in rules {
            let Some(n) = counted.strikes() else { continue };
            self.note(api, counted.rule.kind);
            if counted.rule.kind == FaultKind::Slow {
                fault.delay += Duration::from_millis(counted.rule.delay_ms);
                continue;
            }
            fault.applied = counted.applies(n);
            fault.rule = Some(counted.rule.clone());
            break;
        }
        fault
    }

    /// The rules for a request's records.
    pub(crate) fn for_records(&self, api: Api, method: &str, path: &str) -> RecordFaults<'_> {
        let rules = self.rules.iter().filter(|counted| {
            counted.concerns_records() && counted.has_in_scope(api, method, path)
        });
        RecordFaults { api, faults: self, rules: rules.collect() }
    }

    /// How many faults of each kind an API was given.
    pub(crate) fn given(&self, api: Api) -> BTreeMap<&'static str, u64> {
        let given = self.given.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let of_api = given.iter().filter(|((of, _), _)| *of == api);
        of_api.map(|((_, kind), count)| (kind.name(), *count)).collect()
    }

    fn note(&self, api: Api, kind: FaultKind) {
        let mut given = self.given.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        *given.entry((api, kind)).or_default() += 1;
    }
}

impl RecordFaults<'_> {
    /// What is to happen to the next record.
    pub(crate) fn draw(&self) -> Option<RecordFault> {
        let (counted, n) =
            self.rules.iter().find_map(|counted| Some((counted, counted.strikes()?)))?;
        self.faults.note(self.api, counted.rule.kind);
        Some(match counted.rule.kind {
            FaultKind::DropItem => RecordFault::DropItem,
            FaultKind::NullId => RecordFault::NullId,
            _ => RecordFault::TimedOut { applied: counted.applies(n) },
        })
    }
}

impl Counted {
    fn new(rule: &FaultRule, place: usize, seed: u64) -> Result<Self, Error> {
        for (key, value) in [("probability", rule.probability), ("applied", rule.applied)] {
            if !(0.0..=1.0).contains(&value) {
                let setting = format!("faults[{place}].{key}");
                let problem = format!("is `{value}`, but must be from 0 to 1");
                return Err(Error::Setting { setting, problem });
            }
        }
        if rule.every == Some(0) {
            let setting = format!("faults[{place}].every");
            return Err(Error::Setting { setting, problem: "must be above 0".into() });
        }
        let seed = rule.seed.unwrap_or(crate::chance::mix(&[seed, place as u64]));
        let rule = rule.clone();
        Ok(Counted { rule, seed, in_scope: AtomicU64::new(0), made: AtomicU64::new(0) })
    }

    fn concerns_records(&self) -> bool {
        match self.rule.kind {
            FaultKind::Status206 => !self.rule.alone,
            kind => matches!(kind, FaultKind::DropItem | FaultKind::NullId),
        }
    }

    fn has_in_scope(&self, api: Api, method: &str, path: &str) -> bool {
        let rule = &self.rule;
        rule.api.is_none_or(|of| of == api)
            && rule.method.as_ref().is_none_or(|of| of.eq_ignore_ascii_case(method))
            && rule.path.as_ref().is_none_or(|pattern| matches_path(pattern, path))
    }

    /// The STATUS faults are only for the CRM's API, whose replies have one.
    fn concerns_command(&self, command: Option<&str>) -> bool {
        let wanted = self.rule.command.as_deref();
        let statuses =
            [FaultKind::WapiStatus500, FaultKind::WapiStatus503, FaultKind::InternalError];
        match (wanted, command) {
            (Some(wanted), Some(command)) => wanted.trim().eq_ignore_ascii_case(command),
            (Some(_), None) => false,
            (None, command) => command.is_some() || !statuses.contains(&self.rule.kind),
        }
    }

    /// Counts one more in scope; its number if the fault strikes it.
    fn strikes(&self) -> Option<u64> {
        let n = self.in_scope.fetch_add(1, Ordering::Relaxed);
        let place = n.checked_sub(self.rule.after)?;
        let turn = self.rule.every.is_none_or(|every| (place + 1).is_multiple_of(every));
        if !turn || fraction(&[self.seed, n]) >= self.rule.probability {
            return None;
        }
        let made = self.made.fetch_add(1, Ordering::Relaxed);
        self.rule.times.is_none_or(|times| made < times).then_some(n)
    }

    fn applies(&self, n: u64) -> bool {
        fraction(&[self.seed, n, 1]) < self.rule.applied
    }
}

/// Whether a path fulfils a pattern in which `*` is any run of characters.
fn matches_path(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((start, rest)) => path.strip_prefix(start).is_some_and(|path| {
            (0..=path.len()).any(|at| path.get(at..).is_some_and(|tail| matches_path(rest, tail)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(kind: FaultKind) -> FaultRule {
        serde_json::from_value(serde_json::json!({ "kind": kind })).unwrap()
    }

    fn struck(rules: &[FaultRule], requests: usize) -> Vec<usize> {
        let faults = Faults::new(rules, 1).unwrap();
        let strikes = |_: &usize| {
            let path = "/api/x/125/customers";
            faults.for_request(Api::Campaigns, "POST", path, None).rule.is_some()
        };
        (0..requests).filter(strikes).collect()
    }

    #[test]
    fn a_rule_spares_the_first_and_ends_after_its_times() {
        let rule = FaultRule { after: 2, times: Some(3), ..rule(FaultKind::Unavailable) };
        assert_eq!(struck(&[rule], 10), [2, 3, 4]);
    }

    #[test]
    fn every_third_is_struck_after_the_spared() {
        let rule = FaultRule { after: 1, every: Some(3), ..rule(FaultKind::ResetAfter) };
        assert_eq!(struck(std::slice::from_ref(&rule), 11), [3, 6, 9]);
        let never = FaultRule { every: Some(0), ..rule };
        let error = Faults::new(&[never], 1).err().unwrap().to_string();
        assert!(error.contains("`faults[0].every` must be above 0"), "{error}");
    }

    #[test]
    fn the_same_seed_strikes_the_same_requests() {
        let rule = FaultRule { probability: 0.3, ..rule(FaultKind::ResetAfter) };
        let first = struck(std::slice::from_ref(&rule), 1000);
        assert_eq!(first, struck(std::slice::from_ref(&rule), 1000));
        assert!((250..350).contains(&first.len()), "{} of 1000", first.len());
        let other = FaultRule { seed: Some(99), ..rule };
        assert_ne!(first, struck(&[other], 1000));
    }

    #[test]
    fn a_rule_concerns_only_its_scope() {
        for (method, path, expected) in [
            (Some("post"), Some("*/customers"), 1),
            (Some("POST"), Some("/api/*/125/*"), 1),
            (Some("DELETE"), None, 0),
            (None, Some("*/records"), 0),
            (None, Some("/api/x/125/customers"), 1),
        ] {
            let (method, path) = (method.map(String::from), path.map(String::from));
            let rule = FaultRule { method, path, ..rule(FaultKind::Error) };
            assert_eq!(struck(std::slice::from_ref(&rule), 1).len(), expected, "{rule:?}");
        }
    }

    #[test]
    fn a_probability_above_one_is_refused_by_name() {
        let rule = FaultRule { probability: 1.5, ..rule(FaultKind::Error) };
        let error = Faults::new(&[rule], 1).err().unwrap().to_string();
        assert!(error.contains("`faults[0].probability` is `1.5`"), "{error}");
    }

    #[test]
    fn every_kind_is_written_as_it_is_named() {
        for kind in [
            FaultKind::Status206,
            FaultKind::ResetAfter,
            FaultKind::NullId,
            FaultKind::WapiStatus500,
            FaultKind::WapiStatus503,
            FaultKind::InternalError,
        ] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
