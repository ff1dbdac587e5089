//! The words of the phone API (phone-calls-api): what can be done with calls, and what its columns
//! are called.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a load does with each row.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CallAction {
    /// Place a call for an agent: a phone rings. Needs `confirm_place: true`.
    Place,
    /// Set the transaction codes of an interaction.
    SetTransactionCodes,
    /// End a call for all who take part in it.
    End,
    /// Hang up one agent's leg of a call.
    HangUp,
    /// End an agent's part in all calls.
    FreeLines,
    /// End an agent's part in the call on one line.
    FreeLine,
}

impl CallAction {
    /// All of them, in the order of the document.
    pub const ALL: [CallAction; 6] = [
        CallAction::Place,
        CallAction::SetTransactionCodes,
        CallAction::End,
        CallAction::HangUp,
        CallAction::FreeLines,
        CallAction::FreeLine,
    ];

    /// The word as the pipeline file has it.
    pub fn as_str(self) -> &'static str {
        match self {
            CallAction::Place => "place",
            CallAction::SetTransactionCodes => "set_transaction_codes",
            CallAction::End => "end",
            CallAction::HangUp => "hang_up",
            CallAction::FreeLines => "free_lines",
            CallAction::FreeLine => "free_line",
        }
    }

    /// Whether the same request, made a second time, changes nothing more. To place a call again
    /// rings a second phone: there is no idempotency key (field-notes, Phone calls).
    pub fn may_be_repeated(self) -> bool {
        self != CallAction::Place
    }
}

pub const AGENT_ID: &str = "agentId";
pub const PREFIX: &str = "prefix";
pub const NUMBER: &str = "number";
pub const CALLER_ID: &str = "callerId";
pub const QUEUE_ID: &str = "queueId";
pub const DIALPLAN_ID: &str = "dialplanId";
pub const FORCE_CALL: &str = "forceCall";
pub const INTERACTION_ID: &str = "interactionId";
pub const LINE_NO: &str = "lineNo";
pub const END_POST_PROCESSING: &str = "endPostProcessing";
pub const CODES: &str = "codes";

/// The column `extTransactionData.NAME` is the element NAME of `extTransactionData`.
pub const TRANSACTION_DATA: &str = "extTransactionData.";
/// The column `ctlUserData.NAME` is the element NAME of `ctlUserData`.
pub const USER_DATA: &str = "ctlUserData.";

/// The column that holds which phone rings, in one form; it is not sent.
pub const RINGS: &str = "_rings";
