//! Settings of the tenant's telephony: who takes calls, and what calls are given.

use serde::{Deserialize, Serialize};

/// The telephony as the tenant's administrator configured it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PhoneSettings {
    /// The agents who have a phone, each with two lines.
    pub agents: Vec<PhoneAgent>,
    /// Numbers that may be shown to the one who is called; any other falls back to the agent's.
    pub channels: Vec<String>,
    /// The queues.
    pub queues: Vec<PhoneQueue>,
    /// The dial plans.
    pub dial_plans: Vec<DialPlan>,
    /// The transaction code lists.
    pub code_lists: Vec<CodeList>,
}

/// An agent who has a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneAgent {
    /// The "Internal Id", which `agentId` names.
    pub id: String,
    /// The name.
    pub name: String,
    /// What the agent does when no call of this API is concerned.
    #[serde(default)]
    pub status: AgentStatus,
    /// The number shown where `callerId` is empty or no channel.
    #[serde(default)]
    pub caller_id: String,
    /// The dial plan where `dialplanId` is not given; none without it.
    #[serde(default)]
    pub dial_plan: Option<String>,
}

/// What an agent does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentStatus {
    /// Takes calls.
    #[default]
    Available,
    /// Busy on chat: takes a call only by `forceCall`.
    OnChat,
    /// On break: takes none.
    OnBreak,
    /// Logged out: takes none.
    LoggedOut,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneQueue {
    /// What `queueId` names.
    pub id: String,
    /// The name.
    pub name: String,
}

/// A dial plan: it changes the beginning of a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DialPlan {
    /// What `dialplanId` names.
    pub id: String,
    /// The name.
    pub name: String,
    /// Digits that are taken off the front of prefix and number, where they stand there ..
    #[serde(default)]
    pub strip: String,
    /// .. and these come in their place.
    #[serde(default)]
    pub put: String,
}

/// A transaction code list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeList {
    /// What `selections[].id` names.
    pub id: u64,
    /// The name.
    pub name: String,
    /// Several of its items can be chosen.
    #[serde(default)]
    pub multiple: bool,
    /// Post-processing does not end by itself before one of its items is chosen.
    #[serde(default)]
    pub mandatory: bool,
    /// Its items.
    pub items: Vec<CodeItem>,
}

/// An item of a transaction code list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeItem {
    /// What `selections[].codes[].id` names.
    pub id: u64,
    /// The name.
    pub name: String,
}

impl Default for PhoneSettings {
    fn default() -> Self {
        let queue = |id: &str, name: &str| PhoneQueue { id: id.into(), name: name.into() };
        PhoneSettings {
            agents: sample_agents(),
            channels: vec!["12015551212".into(), "12015551213".into()],
            queues: vec![queue("598", "Outbound Sales"), queue("599", "Callbacks")],
            dial_plans: sample_dial_plans(),
            code_lists: sample_code_lists(),
        }
    }
}

/// Three who take calls, and one of each kind who does not.
fn sample_agents() -> Vec<PhoneAgent> {
    let agent = |id: &str, name: &str, status| PhoneAgent {
        id: id.into(),
        name: name.into(),
        status,
        caller_id: "12015551213".into(),
        dial_plan: Some("1".into()),
    };
    vec![
        agent("ag0VYyLh0YTsymdbtYIaaaa", "bob power", AgentStatus::Available),
        agent("ag1KdRw8QPqLxTnVzcMbbbb", "john doe", AgentStatus::Available),
        agent("ag2TnXc5HJfWyBgKmsRcccc", "jane smith", AgentStatus::Available),
        agent("ag3PvZq7LMdNrCkDhwSdddd", "sam baker", AgentStatus::OnChat),
        agent("ag4GbFs9VRtYxJpQnlTeeee", "rita shasta", AgentStatus::OnBreak),
        agent("ag5WmHk2CDjXzLvBqrUffff", "paul marsh", AgentStatus::LoggedOut),
    ]
}

fn sample_dial_plans() -> Vec<DialPlan> {
    let plan = |id: &str, name: &str, strip: &str, put: &str| DialPlan {
        id: id.into(),
        name: name.into(),
        strip: strip.into(),
        put: put.into(),
    };
    vec![plan("1", "As Dialed", "", ""), plan("12", "Out by Nine", "9", "1")]
}

fn sample_code_lists() -> Vec<CodeList> {
    let list = |id, name: &str, multiple, items: &[(u64, &str)]| CodeList {
        id,
        name: name.into(),
        multiple,
        mandatory: id == 12,
        items: items.iter().map(|(id, name)| CodeItem { id: *id, name: (*name).into() }).collect(),
    };
    vec![
        list(12, "Outcome", false, &[(234, "Reached"), (235, "No Answer"), (236, "Voicemail")]),
        list(2281, "Topics", true, &[(7361, "Renewal"), (7362, "Upgrade"), (7363, "Complaint")]),
        list(2282, "Next Step", false, &[(7370, "None"), (7371, "Call Again")]),
    ]
}
