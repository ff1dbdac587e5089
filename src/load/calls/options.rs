//! The keys of `load: calls`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{load::threshold::Threshold, phone::CallAction, yaml::Spanned};

/// Phone calls of agents, by the phone API.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallsOptions {
    /// What to do with each row.
    pub action: Spanned<CallAction>,
    /// `place` asks for it: phones ring, and nobody can take that back.
    #[serde(default)]
    pub confirm_place: bool,
    /// For `place`: what to do where the server says that the agent is busy. Default `refuse`.
    #[serde(default)]
    pub busy_agent: BusyAgent,
    /// For `place`: what 503 says of a call. Default `in_doubt`.
    #[serde(default)]
    pub unavailable_means: CallUnavailable,
    /// For `place`: whether rows of the same number each place a call, and rows that an earlier run
    /// has placed once more. By default they are rejected. Default `false`.
    #[serde(default)]
    pub allow_repeats: bool,
    /// Refused records beyond which the run stops: a count, or a share such as `5%`.
    #[serde(default)]
    pub max_refused: Option<Threshold>,
    /// Rejected records beyond which the run stops: a count, or a share such as `5%`.
    #[serde(default)]
    pub max_rejected: Option<Threshold>,
}

/// What to do with a call for which the agent is not available. No phone has rung.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BusyAgent {
    /// Tell it as refused, with the server's reason.
    #[default]
    Refuse,
    /// Wait and try again later.
    Wait,
}

/// What an answer of 503 (service unavailable) says of a call that was to be placed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallUnavailable {
    /// A phone may have rung: the call is in doubt, and not placed again.
    #[default]
    InDoubt,
    /// It was turned away: it waits and is sent again.
    NotApplied,
}
