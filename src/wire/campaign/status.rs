//! `GET /api/stats/campaigns/{id}.json`: what a campaign is, and whether it takes customers.

use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::{Map, Value};
use thiserror::Error;

use super::without_mark;

/// The states of a campaign by number (field-notes, Campaign records).
pub const STATUS_NAMES: [&str; 12] = [
    "New",
    "Manual Started",
    "Scheduled",
    "Manual Running",
    "Schedule Running",
    "Manual Stopped",
    "Completed",
    "Schedule Stopped",
    "Manual Paused",
    "Schedule Paused",
    "Manual Purged",
    "Schedule Purged",
];

/// Keys under which the two ends of the campaign's schedule may stand: no document names them.
const SCHEDULE_START: &[&str] = &["schedule-start", "schedule-start-date", "start-date", "start"];
const SCHEDULE_END: &[&str] = &["schedule-end", "schedule-end-date", "end-date", "end"];

/// What the server tells of a campaign. What it does not tell is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignStatus {
    /// Its name.
    pub name: Option<String>,
    /// Its number.
    pub id: Option<u64>,
    /// Whether it is enabled.
    pub enabled: Option<bool>,
    /// Whether it is a dynamic campaign.
    pub dynamic: Option<bool>,
    /// Its state, an index into [`STATUS_NAMES`] where known.
    pub status: Option<u8>,
    /// The number of its records.
    pub records: Option<u64>,
    /// The zone of its schedule.
    pub timezone: Option<String>,
    /// The name of its schedule.
    pub schedule_name: Option<String>,
    /// First and last moment of its schedule.
    pub window: Option<(Timestamp, Timestamp)>,
}

/// A reply that is not the status of a campaign.
#[derive(Debug, Error)]
pub enum StatusError {
    /// Not JSON, or cut off.
    #[error("the campaign's status cannot be read: {0}")]
    NotJson(#[from] serde_json::Error),
    /// JSON of another kind.
    #[error("the campaign's status cannot be read: it has none of the keys known")]
    Unknown,
}

/// Whether a campaign takes customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does, as far as is known.
    Ok {
        /// What the user should know nevertheless.
        warning: Option<String>,
    },
    /// It does not: the run ends before the first batch.
    Stop {
        /// Why.
        what: String,
        /// What to do about it.
        hint: &'static str,
    },
}

impl CampaignStatus {
    /// Reads the reply's body, with or without the `campaign` around it, numbers as strings, flags
    /// as `Y`, `true` or 1.
    pub fn decode(body: &[u8]) -> Result<Self, StatusError> {
        let value: Value = serde_json::from_slice(without_mark(body))?;
        // Lists of campaigns have one level more.
        let value = value.get("campaigns").unwrap_or(&value);
        let inner = match value.get("campaign") {
            Some(Value::Array(list)) if list.len() == 1 => &list[0],
            Some(inner) => inner,
            None => value,
        };
        let fields = inner.as_object().ok_or(StatusError::Unknown)?;
        let timezone = text(fields, &["timezone", "time-zone"]);
        let moment = |keys| moment(first(fields, keys)?, timezone.as_deref());
        let status = CampaignStatus {
            name: text(fields, &["campaign-name", "name"]),
            id: number(fields, &["campaign-id", "id"]),
            enabled: flag(fields, &["enabled"]),
            dynamic: flag(fields, &["dynamic-campaign", "dynamic"]),
            status: state(fields),
            records: number(fields, &["no-of-records"]),
            schedule_name: text(fields, &["schedule-name"]),
            window: moment(SCHEDULE_START).zip(moment(SCHEDULE_END)),
            timezone,
        };
        let is_known = status.enabled.is_some()
            || status.dynamic.is_some()
            || status.status.is_some()
            || status.id.is_some();
        if is_known { Ok(status) } else { Err(StatusError::Unknown) }
    }

    /// The name of its state.
    pub fn status_name(&self) -> Option<&'static str> {
        STATUS_NAMES.get(usize::from(self.status?)).copied()
    }

    /// Whether it takes customers: dynamic, enabled and neither stopped nor completed.
    pub fn verdict(&self) -> Verdict {
        if self.dynamic == Some(false) {
            return self.stop(
                "is not a dynamic campaign",
                "choose a campaign that is configured as dynamic (Configuration Manager, Campaigns)",
            );
        }
        if self.enabled == Some(false) {
            return self.stop(
                "is not enabled",
                "enable it in Configuration Manager, Campaigns, and run again",
            );
        }
        let name = self.status_name().unwrap_or_default();
        match self.status {
            // "Stopped is final."
            Some(5..=7) => self.stop(
                &format!("takes no customers any more: its state is `{name}`"),
                "a stopped or completed campaign cannot be started again: create a new one and \
                 load into that",
            ),
            Some(0) => self.warn(
                "has not been started (state `New`): the server may refuse customers until it is",
            ),
            Some(8..=11) => {
                self.warn(&format!("is in state `{name}`: nobody is called until it runs again"))
            }
            Some(1..=4) if self.dynamic.is_none() => {
                self.warn("does not tell whether it is dynamic: the server decides")
            }
            Some(1..=4) => Verdict::Ok { warning: None },
            Some(other) => self.warn(&format!("is in state `{other}`, which no document names")),
            None => self.warn("does not tell its state: the server decides"),
        }
    }

    /// Whether it gives customers up: dynamic, enabled and neither stopped nor completed.
    pub fn removal_verdict(&self) -> Verdict {
        match (self.verdict(), self.status) {
            (Verdict::Stop { .. }, Some(5..=7))
                if self.dynamic != Some(false) && self.enabled != Some(false) =>
            {
                let name = self.status_name().unwrap_or_default();
                self.stop(
                    &format!("gives up no customers any more: its state is `{name}`"),
                    "a stopped or completed campaign calls nobody any more",
                )
            }
            (stop @ Verdict::Stop { .. }, _) => stop,
            (Verdict::Ok { .. }, _) => Verdict::Ok { warning: None },
        }
    }

    fn stop(&self, what: &str, hint: &'static str) -> Verdict {
        Verdict::Stop { what: format!("{} {what}", self.title()), hint }
    }

    fn warn(&self, what: &str) -> Verdict {
        Verdict::Ok { warning: Some(format!("{} {what}", self.title())) }
    }

    pub(super) fn title(&self) -> String {
        match (self.id, &self.name) {
            (Some(id), Some(name)) => format!("campaign {id} (`{name}`)"),
            (Some(id), None) => format!("campaign {id}"),
            (None, Some(name)) => format!("campaign `{name}`"),
            (None, None) => "the campaign".to_owned(),
        }
    }
}

fn first<'a>(fields: &'a Map<String, Value>, keys: &[&str]) -> Option<&'a Value> {
    let given = keys.iter().filter_map(|key| fields.get(*key));
    given.into_iter().find(|value| !value.is_null())
}

fn text(fields: &Map<String, Value>, keys: &[&str]) -> Option<String> {
    match first(fields, keys)? {
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn number(fields: &Map<String, Value>, keys: &[&str]) -> Option<u64> {
    text(fields, keys)?.parse().ok()
}

fn flag(fields: &Map<String, Value>, keys: &[&str]) -> Option<bool> {
    if let Value::Bool(flag) = first(fields, keys)? {
        return Some(*flag);
    }
    match text(fields, keys)?.to_ascii_lowercase().as_str() {
        "y" | "yes" | "true" | "1" => Some(true),
        "n" | "no" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// The state as a number, or by its name.
fn state(fields: &Map<String, Value>) -> Option<u8> {
    let told = text(fields, &["status"])?;
    told.parse().ok().or_else(|| {
        let same = |name: &&str| name.eq_ignore_ascii_case(&told);
        STATUS_NAMES.iter().position(same).map(|index| index as u8)
    })
}

/// A moment as ISO 8601, in the campaign's zone where it names none, or in milliseconds.
fn moment(value: &Value, timezone: Option<&str>) -> Option<Timestamp> {
    match value {
        Value::Number(millis) => Timestamp::from_millisecond(millis.as_i64()?).ok(),
        Value::String(text) => text.trim().parse::<Timestamp>().ok().or_else(|| {
            let zone = TimeZone::get(timezone?).ok()?;
            let local: civil::DateTime = text.trim().parse().ok()?;
            local.to_zoned(zone).ok().map(|zoned| zoned.timestamp())
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(body: &str) -> CampaignStatus {
        CampaignStatus::decode(body.as_bytes()).unwrap()
    }

    fn with_state(status: u8) -> Verdict {
        decoded(&format!(
            r#"{{"campaign":{{"campaign-name":"May","campaign-id":125,"enabled":"Y","dynamic-campaign":"Y","status":{status}}}}}"#
        ))
        .verdict()
    }

    #[test]
    fn a_status_is_read_however_its_values_are_written() {
        let plain = decoded(
            r#"{"campaign":{"campaign-name":"May","campaign-id":125,"enabled":"Y","status":3,
                "no-of-records":18,"dynamic-campaign":"Y","timezone":"America/New_York",
                "schedule-name":"Office","schedule-start":"2022-07-14T09:00:00",
                "schedule-end":"2022-07-20T13:00:00.000Z"}}"#,
        );
        let loose = decoded(
            r#" {"campaign-name":"May","campaign-id":"125","enabled":true,"status":"manual running",
                "no-of-records":"18","dynamic-campaign":1,"timezone":"America/New_York",
                "schedule-name":"Office","start-date":1657803600000,"end-date":"2022-07-20T13:00:00Z"} "#,
        );
        assert_eq!(plain, loose);
        assert_eq!(plain.status_name(), Some("Manual Running"));
        assert_eq!(plain.window.unwrap().0.to_string(), "2022-07-14T13:00:00Z");
        assert_eq!(plain.verdict(), Verdict::Ok { warning: None });
    }

    #[test]
    fn a_reply_of_another_kind_is_an_error() {
        for body in ["", "<html>", "[]", "{}", r#"{"message":"x"}"#, r#"{"campaign":{"enab"#] {
            assert!(CampaignStatus::decode(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn each_state_says_whether_customers_are_taken() {
        for (status, name) in STATUS_NAMES.iter().enumerate() {
            let verdict = with_state(status as u8);
            match status {
                1..=4 => assert_eq!(verdict, Verdict::Ok { warning: None }, "{name}"),
                5..=7 => match verdict {
                    Verdict::Stop { what, .. } => assert_eq!(
                        what,
                        format!(
                            "campaign 125 (`May`) takes no customers any more: its state is `{name}`"
                        )
                    ),
                    other => panic!("{name}: {other:?}"),
                },
                _ => match verdict {
                    Verdict::Ok { warning: Some(warning) } => assert!(warning.contains(name)),
                    other => panic!("{name}: {other:?}"),
                },
            }
        }
        assert!(matches!(with_state(99), Verdict::Ok { warning: Some(_) }));
    }

    #[test]
    fn a_stopped_campaign_gives_up_no_customers_and_a_new_one_does_without_a_warning() {
        let told = |status| {
            let status = CampaignStatus { id: Some(1), status: Some(status), ..Default::default() };
            status.removal_verdict()
        };
        match told(5) {
            Verdict::Stop { what, .. } => assert_eq!(
                what,
                "campaign 1 gives up no customers any more: its state is `Manual Stopped`"
            ),
            other => panic!("{other:?}"),
        }
        for state in [0, 3, 8] {
            assert_eq!(told(state), Verdict::Ok { warning: None });
        }
    }

    #[test]
    fn a_campaign_that_is_not_dynamic_or_not_enabled_stops_the_run() {
        let what = |body: &str| match decoded(body).verdict() {
            Verdict::Stop { what, .. } => what,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            what(
                r#"{"campaign":{"campaign-id":1,"dynamic-campaign":"N","enabled":"N","status":3}}"#
            ),
            "campaign 1 is not a dynamic campaign"
        );
        assert_eq!(what(r#"{"enabled":false,"status":"3"}"#), "the campaign is not enabled");
    }
}
