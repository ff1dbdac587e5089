//! Every answer of the phone calls API, with where it is printed.
//!
//! `document` is phone-calls-api.txt, `notes` field-notes.md ("Phone calls"), `ours` an answer
//! that is printed nowhere and that a client must not rely on. All statuses are of the notes'
//! list: 200, 400, 401, 403, 410 and 500; 404 and 405 are for paths that there are not.

use super::settings::NothingToFree;
use crate::tenant::phone::AgentStatus;

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Done {
    Placed { guid: String },
    CodesSet,
    Ended { guid: String },
    HungUp { agent: String, guid: String },
    LinesFreed { agent: String },
    LineFreed { agent: String, line: u8, guid: String },
}

impl Done {
    /// The reason as the document prints it; agents by their long names.
    pub(super) fn reason(&self) -> String {
        match self {
            Done::Placed { .. } => "Call successfully initiated".into(),
            Done::CodesSet => "Transaction codes successfully set".into(),
            Done::Ended { guid } => {
                format!("Ending call with interactionGuid=[{guid}] was successful")
            }
            Done::HungUp { agent, guid } => {
                format!("Hangup for agent [{agent}] leg in interaction [{guid}] was successful")
            }
            Done::LinesFreed { agent } => {
                format!("Hangup all calls for agent [{agent}] was successful.")
            }
            Done::LineFreed { agent, line, guid } => format!(
                "Hangup for agent [{agent}] leg on line [{line}] assigned to interaction [{guid}] was successful."
            ),
        }
    }
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Busy { agent: String },
    OnChat { agent: String },
    Away { agent: String, status: AgentStatus },
    UnknownAgent { agent: String },
    UnknownQueue { queue: String },
    UnknownDialPlan { plan: String },
    NoDigits,
    InvalidBody { problem: String },
    NotJson,
    SingleChoice { lists: Vec<u64> },
    UnknownCode { list: u64, item: u64 },
    NoCodes,
    TooManyCodes,
    UnknownInteraction { guid: String },
    NotOfAgent { guid: String, agent: String },
    Terminated,
    NothingInProgress { agent: String },
    NothingOnLine { line: u8, agent: String },
    UnknownLine { line: String },
    InvalidFlag { value: String },
    Unauthorized,
    Forbidden,
    NoSuchPath,
    MethodNotAllowed,
    Internal,
}

impl Refusal {
    /// Its HTTP status, its name in the ground truth, and where its reason is printed.
    pub(super) fn row(&self, nothing_to_free: NothingToFree) -> (u16, &'static str, &'static str) {
        const NOTES: &str = "notes";
        const OURS: &str = "ours";
        let nothing = if nothing_to_free == NothingToFree::Gone { 410 } else { 400 };
        match self {
            Refusal::Busy { .. } => (400, "busy", NOTES),
            Refusal::OnChat { .. } => (400, "on_chat", OURS),
            Refusal::Away { .. } => (400, "away", OURS),
            Refusal::UnknownAgent { .. } => (400, "unknown_agent", OURS),
            Refusal::UnknownQueue { .. } => (400, "unknown_queue", OURS),
            Refusal::UnknownDialPlan { .. } => (400, "unknown_dial_plan", OURS),
            Refusal::NoDigits => (400, "no_digits", OURS),
            Refusal::InvalidBody { .. } => (400, "invalid_body", OURS),
            Refusal::NotJson => (400, "not_json", OURS),
            Refusal::SingleChoice { .. } => (400, "single_choice", NOTES),
            Refusal::UnknownCode { .. } => (400, "unknown_code", NOTES),
            Refusal::NoCodes => (400, "no_codes", OURS),
            Refusal::TooManyCodes => (400, "too_many_codes", "ours; limit: document"),
            Refusal::UnknownInteraction { .. } => (400, "unknown_interaction", OURS),
            Refusal::NotOfAgent { .. } => (400, "not_of_agent", NOTES),
            Refusal::Terminated => (410, "terminated", NOTES),
            Refusal::NothingInProgress { .. } => (nothing, "nothing_in_progress", NOTES),
            Refusal::NothingOnLine { .. } => (nothing, "nothing_on_line", NOTES),
            Refusal::UnknownLine { .. } => (400, "unknown_line", "ours; lines: document"),
            Refusal::InvalidFlag { .. } => (400, "invalid_flag", OURS),
            Refusal::Unauthorized => (401, "unauthorized", OURS),
            Refusal::Forbidden => (403, "forbidden", OURS),
            Refusal::NoSuchPath => (404, "no_such_path", OURS),
            Refusal::MethodNotAllowed => (405, "method_not_allowed", OURS),
            Refusal::Internal => (500, "internal", OURS),
        }
    }

    /// The reason that the body tells.
    pub(super) fn reason(&self) -> String {
        match self {
            Refusal::Busy { agent } => format!(
                "Agent=[{agent}] not available to handle interaction, already on busy phone interaction"
            ),
            Refusal::OnChat { agent } => format!(
                "Agent=[{agent}] not available to handle interaction, already on busy chat interaction"
            ),
            Refusal::Away { agent, status } => format!(
                "Agent=[{agent}] not available to handle interaction, status=[{}]",
                if *status == AgentStatus::OnBreak { "on break" } else { "logged out" }
            ),
            Refusal::UnknownAgent { agent } => format!("Agent [{agent}] was not found"),
            Refusal::UnknownQueue { queue } => format!("Queue [{queue}] was not found"),
            Refusal::UnknownDialPlan { plan } => format!("Dial plan [{plan}] was not found"),
            Refusal::NoDigits => "Invalid number".into(),
            Refusal::InvalidBody { problem } => format!("Invalid request body: {problem}"),
            Refusal::NotJson => "Content-Type must be application/json".into(),
            Refusal::SingleChoice { lists } => {
                let lists: Vec<String> = lists.iter().map(u64::to_string).collect();
                let lists = lists.join(", ");
                format!(
                    "Invalid transaction codes, lists=[{lists}] are not supporting multiple choice"
                )
            }
            Refusal::UnknownCode { list, item } => {
                format!("Invalid transaction code, listId=[{list}] itemId=[{item}]")
            }
            Refusal::NoCodes => "No transaction codes were given".into(),
            Refusal::TooManyCodes => "Up to six transaction codes can be assigned".into(),
            Refusal::UnknownInteraction { guid } => format!("Interaction [{guid}] was not found"),
            Refusal::NotOfAgent { guid, agent } => {
                format!("Interaction [{guid}] for agent [{agent}] was not found")
            }
            Refusal::Terminated => "Interaction is already terminated interactionId".into(),
            Refusal::NothingInProgress { agent } => {
                format!("Agent [{agent}] has no phone interactions in progress.")
            }
            Refusal::NothingOnLine { line, agent } => {
                format!("Failed to find any interaction on line [{line}] for agent [{agent}].")
            }
            Refusal::UnknownLine { line } => format!("Invalid line [{line}]"),
            Refusal::InvalidFlag { value } => format!("Invalid endPostProcessing [{value}]"),
            Refusal::Unauthorized => "Unauthorized".into(),
            Refusal::Forbidden => "Forbidden".into(),
            Refusal::NoSuchPath => "Not Found".into(),
            Refusal::MethodNotAllowed => "Method Not Allowed".into(),
            Refusal::Internal => "Internal server error".into(),
        }
    }
}
