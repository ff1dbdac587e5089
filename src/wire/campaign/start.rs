//! Starting a campaign: from which states it can be, the request, and what is answered.

use super::{answer::message_of, decode::decode, status::CampaignStatus, without_mark};

/// The body of `POST` or `PATCH /api/tstats/campaigns/{id}` (field-notes, Campaign records).
pub const START_BODY: &[u8] = br#"{"status":"RUNNING"}"#;

/// Whether a campaign can be started: New, Paused and Purged ones can, "Stopped is final"
/// (field-notes, Campaign records).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Startable {
    /// It runs.
    Running,
    /// It can be, as far as is known.
    Yes,
    /// It cannot.
    No {
        /// Why.
        what: String,
        /// What to do about it.
        hint: &'static str,
    },
}

impl CampaignStatus {
    /// Whether the campaign can be started.
    pub fn startable(&self) -> Startable {
        let name = self.status_name().unwrap_or_default();
        match self.status {
            Some(1 | 3 | 4) => Startable::Running,
            Some(5..=7) => Startable::No {
                what: format!("{} cannot be started: its state is `{name}`", self.title()),
                hint: "a stopped or completed campaign cannot be started again: create a new one \
                       and load into that",
            },
            _ if self.enabled == Some(false) => Startable::No {
                what: format!("{} cannot be started: it is not enabled", self.title()),
                hint: "enable it in Configuration Manager, Campaigns, and give the same command \
                       again",
            },
            // New, Scheduled, Paused, Purged, or what only the server knows.
            _ => Startable::Yes,
        }
    }
}

/// What the server said to the request to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartAnswer {
    /// It starts.
    Done,
    /// Look at the campaign, and ask again if it does not run.
    LookAgain {
        /// What was said.
        message: String,
    },
    /// It does not, and asking again is of no use.
    No {
        /// What was said.
        message: String,
    },
}

/// Reads the answer.
pub fn start_answer(status: u16, body: &[u8]) -> StartAnswer {
    // A page with a success is somebody else's: of a login, of a proxy.
    let is_a_page = without_mark(body).starts_with(b"<");
    let said = message_of(decode(body));
    let message = match said.trim() {
        "" => format!("HTTP {status}"),
        said => format!("HTTP {status}: {said}"),
    };
    match status {
        // A success replies nobody knows what (field-notes).
        200..=299 if status != 206 && !is_a_page => StartAnswer::Done,
        200..=299 => StartAnswer::LookAgain { message },
        408 | 429 | 500..=599 => StartAnswer::LookAgain { message },
        _ => StartAnswer::No { message },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_state(state: u8) -> Startable {
        CampaignStatus { id: Some(125), status: Some(state), ..CampaignStatus::default() }
            .startable()
    }

    #[test]
    fn a_campaign_starts_from_new_paused_and_purged_and_never_from_stopped() {
        for state in 0..=12 {
            match (state, in_state(state)) {
                (1 | 3 | 4, told) => assert_eq!(told, Startable::Running, "{state}"),
                (5..=7, Startable::No { what, .. }) => {
                    assert!(what.starts_with("campaign 125 cannot be started: its state is `"))
                }
                (0 | 2 | 8..=12, told) => assert_eq!(told, Startable::Yes, "{state}"),
                (_, told) => panic!("{state}: {told:?}"),
            }
        }
        assert_eq!(CampaignStatus::default().startable(), Startable::Yes);
        let disabled = CampaignStatus { enabled: Some(false), ..CampaignStatus::default() };
        assert!(matches!(disabled.startable(), Startable::No { .. }));
    }

    #[test]
    fn an_answer_that_settles_nothing_calls_for_another_look() {
        assert_eq!(start_answer(200, b""), StartAnswer::Done);
        assert_eq!(start_answer(204, b""), StartAnswer::Done);
        assert_eq!(start_answer(202, br#"{"status":"RUNNING"}"#), StartAnswer::Done);
        assert_eq!(start_answer(200, b"OK"), StartAnswer::Done);
        let page = start_answer(200, b"<html>sign in</html>");
        assert!(matches!(page, StartAnswer::LookAgain { .. }), "{page:?}");
        for status in [206, 408, 429, 500, 502, 503] {
            let told = start_answer(status, b"<html>");
            assert!(matches!(told, StartAnswer::LookAgain { .. }), "{status}");
        }
        let body = br#"{"message":"The campaign cannot change to this status."}"#;
        let message = "HTTP 400: The campaign cannot change to this status.".to_owned();
        assert_eq!(start_answer(400, body), StartAnswer::No { message });
    }
}
