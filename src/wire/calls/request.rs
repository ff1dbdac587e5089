//! Paths and bodies of the requests.

use serde::Serialize;

use crate::phone::{
    AGENT_ID, CALLER_ID, DIALPLAN_ID, FORCE_CALL, NUMBER, PREFIX, QUEUE_ID, TRANSACTION_DATA,
    USER_DATA,
};

/// What a request is about: the path after the tenant (rulings PHONE_AGENT_PATHS: as printed).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// All calls: to place one (calls:64).
    Calls,
    /// The transaction codes of an agent in an interaction (calls:195).
    TransactionCodes { interaction: &'a str, agent: &'a str },
    /// An interaction as a whole (calls:266).
    Interaction { interaction: &'a str, end_post_processing: bool },
    /// An agent's leg of an interaction (calls:312).
    Leg { interaction: &'a str, agent: &'a str },
    /// All lines of an agent (calls:357).
    Lines { agent: &'a str },
    /// One line of an agent (calls:403).
    Line { agent: &'a str, line: &'a str },
}

impl Target<'_> {
    /// Path and query. `version` is `v1` or the like (rulings PHONE_VERSION).
    pub fn path(&self, version: &str, tenant: &str) -> String {
        let base = format!("/api/{version}/tenants/{}", segment(tenant));
        match self {
            Target::Calls => format!("{base}/calls"),
            Target::TransactionCodes { interaction, agent } => {
                let (interaction, agent) = (segment(interaction), segment(agent));
                format!("{base}/calls/{interaction}/agent/{agent}/transaction-codes")
            }
            Target::Interaction { interaction, end_post_processing } => {
                // `true`, or not at all (rulings PHONE_END_POST).
                let query = if *end_post_processing { "?endPostProcessing=true" } else { "" };
                format!("{base}/calls/{}{query}", segment(interaction))
            }
            Target::Leg { interaction, agent } => {
                format!("{base}/calls/{}/agent/{}", segment(interaction), segment(agent))
            }
            Target::Lines { agent } => format!("{base}/agents/{}/calls", segment(agent)),
            Target::Line { agent, line } => {
                format!("{base}/agents/{}/calls/line/{}", segment(agent), segment(line))
            }
        }
    }
}

/// A value as one segment of a path: all but the unreserved characters of RFC 3986 is encoded.
fn segment(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(byte.into());
            }
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}

/// The body that places a call (calls:67-95).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlaceCall<'a> {
    agent_id: &'a str,
    prefix: &'a str,
    number: &'a str,
    caller_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    force_call: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dialplan_id: Option<&'a str>,
    // Not `extTransationData`, as it is printed once (rulings PHONE_TYPO).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ext_transaction_data: Vec<Element<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ctl_user_data: Vec<Element<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Element<'a> {
    name: &'a str,
    value: &'a str,
}

impl<'a> PlaceCall<'a> {
    /// A call from columns and their values. Prefix and caller id are always sent, empty where
    /// there is none (rulings PHONE_CALLERID).
    pub fn of(values: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut call = PlaceCall::default();
        for (column, value) in values {
            match column {
                AGENT_ID => call.agent_id = value,
                PREFIX => call.prefix = value,
                NUMBER => call.number = value,
                CALLER_ID => call.caller_id = value,
                QUEUE_ID => call.queue_id = Some(value),
                DIALPLAN_ID => call.dialplan_id = Some(value),
                FORCE_CALL => call.force_call = Some(value == "true"),
                other => call.add_element(other, value),
            }
        }
        call
    }

    fn add_element(&mut self, column: &'a str, value: &'a str) {
        if let Some(name) = column.strip_prefix(TRANSACTION_DATA) {
            self.ext_transaction_data.push(Element { name, value });
        } else if let Some(name) = column.strip_prefix(USER_DATA) {
            self.ctl_user_data.push(Element { name, value });
        }
    }

    /// The bytes to be sent.
    pub fn body(&self) -> Vec<u8> {
        // Texts cannot fail to be written.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_call_reads_as_the_document_prints_it() {
        let printed = serde_json::json!({
            "agentId": "ag0VYyLh0YTsymdbtYIaaaa", "prefix": "1", "number": "6175551984",
            "callerId": "12015551212", "queueId": "598", "forceCall": true, "dialplanId": "12",
            "extTransactionData": [
                { "name": "Name", "value": "Bilbo Baggins" },
                { "name": "Loyalty Level", "value": "Gold" }
            ],
            "ctlUserData": [
                { "name": "AccountRef", "value": "BB123987" },
                { "name": "DueDate", "value": "2022-12-25" }
            ]
        });
        let values = [
            ("agentId", "ag0VYyLh0YTsymdbtYIaaaa"),
            ("prefix", "1"),
            ("number", "6175551984"),
            ("callerId", "12015551212"),
            ("queueId", "598"),
            ("dialplanId", "12"),
            ("forceCall", "true"),
            ("extTransactionData.Name", "Bilbo Baggins"),
            ("extTransactionData.Loyalty Level", "Gold"),
            ("ctlUserData.AccountRef", "BB123987"),
            ("ctlUserData.DueDate", "2022-12-25"),
            ("_rings", "16175551984"),
        ];
        let body = PlaceCall::of(values.into_iter()).body();
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&body).unwrap(), printed);
    }

    #[test]
    fn prefix_and_caller_id_are_always_sent_and_the_rest_only_where_it_is_given() {
        let values = [("agentId", "a"), ("number", "1")];
        let body = String::from_utf8(PlaceCall::of(values.into_iter()).body()).unwrap();
        assert_eq!(body, r#"{"agentId":"a","prefix":"","number":"1","callerId":""}"#);
    }

    #[test]
    fn paths_are_those_that_the_document_prints() {
        let (interaction, agent) = ("int-184a-phone-00-acme", "ag0V");
        let path = |target: Target<'_>| target.path("v1", "acmecorp01");
        assert_eq!(path(Target::Calls), "/api/v1/tenants/acmecorp01/calls");
        assert_eq!(
            path(Target::TransactionCodes { interaction, agent }),
            "/api/v1/tenants/acmecorp01/calls/int-184a-phone-00-acme/agent/ag0V/transaction-codes"
        );
        let end = |end_post_processing| Target::Interaction { interaction, end_post_processing };
        assert_eq!(
            path(end(true)),
            "/api/v1/tenants/acmecorp01/calls/int-184a-phone-00-acme?endPostProcessing=true"
        );
        assert_eq!(path(end(false)), "/api/v1/tenants/acmecorp01/calls/int-184a-phone-00-acme");
        assert_eq!(
            path(Target::Leg { interaction, agent }),
            "/api/v1/tenants/acmecorp01/calls/int-184a-phone-00-acme/agent/ag0V"
        );
        assert_eq!(path(Target::Lines { agent }), "/api/v1/tenants/acmecorp01/agents/ag0V/calls");
        assert_eq!(
            path(Target::Line { agent, line: "2" }),
            "/api/v1/tenants/acmecorp01/agents/ag0V/calls/line/2"
        );
    }

    proptest! {
        #[test]
        fn no_value_leaves_its_segment(agent in any::<String>()) {
            let path = Target::Lines { agent: &agent }.path("v1", "acme");
            let inner = path.strip_prefix("/api/v1/tenants/acme/agents/").unwrap();
            let inner = inner.strip_suffix("/calls").unwrap();
            prop_assert!(!inner.contains(['/', '?', '#', ' ', '\\']) && inner.is_ascii());
        }
    }
}
