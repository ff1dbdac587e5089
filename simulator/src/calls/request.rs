//! What the requests say: bodies, and the one parameter of a query.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    messages::Refusal,
    settings::{CallsSettings, EndPostProcessing},
};

/// The second spelling of the document (PHONE_TYPO).
const MISSPELT: &str = "extTransationData";

/// The body of a POST that places a call. An unknown key makes it invalid: a misspelt
/// `queueId` must not pass for none.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Wanted {
    pub agent_id: String,
    pub prefix: Option<String>,
    pub number: String,
    pub caller_id: Option<String>,
    #[serde(default)]
    pub queue_id: Option<String>,
    #[serde(default)]
    pub dialplan_id: Option<String>,
    #[serde(default)]
    pub force_call: Option<bool>,
    #[serde(default, alias = "extTransationData")]
    pub ext_transaction_data: Option<Vec<Element>>,
    #[serde(default)]
    pub ctl_user_data: Option<Vec<Element>>,
}

/// An element of `extTransactionData` or `ctlUserData`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Element {
    pub name: String,
    pub value: String,
}

/// Items that are chosen from a transaction code list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Selection {
    pub id: u64,
    pub codes: Vec<Code>,
}

/// An item of a transaction code list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Code {
    pub id: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Selections {
    selections: Vec<Selection>,
}

/// The call that a body wants, and the body as it was received.
pub(super) fn wanted(
    body: &[u8],
    settings: &CallsSettings,
) -> Result<(Wanted, Map<String, Value>), Refusal> {
    let wanted: Wanted = parse(body)?;
    let received: Map<String, Value> = parse(body)?;
    if received.contains_key(MISSPELT) && !settings.typo_lenient {
        return Err(invalid(format!("unknown field `{MISSPELT}`")));
    }
    for (key, value) in [("prefix", &wanted.prefix), ("callerId", &wanted.caller_id)] {
        if value.is_none() && !settings.caller_id_lenient {
            return Err(invalid(format!("missing field `{key}`")));
        }
    }
    Ok((wanted, received))
}

/// The transaction codes of a body.
pub(super) fn selections(body: &[u8], settings: &CallsSettings) -> Result<Vec<Selection>, Refusal> {
    let read = parse::<Selections>(body);
    let read = match read {
        Err(_) if settings.json_lenient => parse(&closed(body)),
        read => read,
    };
    read.map(|read| read.selections)
}

/// A sample with the bracket that it lacks before its last brace.
fn closed(body: &[u8]) -> Vec<u8> {
    let mut closed = body.to_vec();
    if let Some(at) = closed.iter().rposition(|byte| *byte == b'}') {
        closed.insert(at, b']');
    }
    closed
}

/// Whether a query asks to end post-processing.
pub(super) fn ends_post_processing(
    query: Option<&str>,
    settings: &CallsSettings,
) -> Result<bool, Refusal> {
    let mut pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let Some((_, value)) = pairs.find(|(name, _)| name == "endPostProcessing") else {
        return Ok(false);
    };
    match (&*value, settings.end_post_processing) {
        (_, EndPostProcessing::Present) | ("" | "true", _) => Ok(true),
        ("false", _) => Ok(false),
        (other, _) => Err(Refusal::InvalidFlag { value: other.into() }),
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| invalid(error.to_string()))
}

fn invalid(problem: String) -> Refusal {
    Refusal::InvalidBody { problem }
}
