//! Rules of phone calls (phone-calls-api).

use super::rule::{Format, Presence, Rule};
use crate::phone::{
    AGENT_ID, CALLER_ID, CODES, CallAction, DIALPLAN_ID, END_POST_PROCESSING, FORCE_CALL,
    INTERACTION_ID, LINE_NO, NUMBER, PREFIX, QUEUE_ID,
};

/// The document's name, as in a reason that a user reads.
pub const CALLS_DOCUMENT: &str = "phone-calls-api";

/// "Up to six transaction codes can be assigned to a transaction" (calls:148).
pub const MOST_TRANSACTION_CODES: u32 = 6;

/// The rows that stand for any element of the two arrays.
const TRANSACTION_DATA_NAME: &str = "extTransactionData.NAME";
const USER_DATA_NAME: &str = "ctlUserData.NAME";

const TRUTH: &[&str] = &["true", "false"];

const fn call(
    action: &'static str,
    section: &'static str,
    presence: Presence,
    tag: &'static str,
    lines: &'static [&'static str],
) -> Rule {
    Rule {
        document: CALLS_DOCUMENT,
        section,
        presence: Some(presence),
        lines,
        ..Rule::new("Call", action, tag)
    }
}

const fn placed(presence: Presence, tag: &'static str, lines: &'static [&'static str]) -> Rule {
    call("Place", "Place Call For Agent", presence, tag, lines)
}

static PLACE: [Rule; 9] = [
    placed(Presence::Mandatory, AGENT_ID, &["calls:48"]),
    // "MUST be passed but can be an empty string": sent empty where the row has none.
    Rule { default: Some(""), ..placed(Presence::Mandatory, PREFIX, &["calls:49"]) },
    Rule {
        // What has no digit cannot be converted to E.164.
        invalid: &["no digit"],
        unique: true,
        ..placed(Presence::Mandatory, NUMBER, &["calls:50"])
    },
    Rule { default: Some(""), ..placed(Presence::Mandatory, CALLER_ID, &["calls:51"]) },
    placed(Presence::Optional, QUEUE_ID, &["calls:52"]),
    placed(Presence::Optional, DIALPLAN_ID, &["calls:53"]),
    Rule {
        values: TRUTH,
        default: Some("false"),
        ..placed(Presence::Optional, FORCE_CALL, &["calls:54"])
    },
    placed(Presence::Optional, TRANSACTION_DATA_NAME, &["calls:45", "calls:55-56"]),
    placed(Presence::Optional, USER_DATA_NAME, &["calls:45", "calls:57-58"]),
];

const SET_SECTION: &str = "Set Transaction Codes";

static SET_TRANSACTION_CODES: [Rule; 3] = [
    call("SetTransactionCodes", SET_SECTION, Presence::Mandatory, INTERACTION_ID, &["calls:139"]),
    call("SetTransactionCodes", SET_SECTION, Presence::Mandatory, AGENT_ID, &["calls:140"]),
    Rule {
        format: Some(Format::TransactionCodes { most: MOST_TRANSACTION_CODES }),
        ..call(
            "SetTransactionCodes",
            SET_SECTION,
            Presence::Mandatory,
            CODES,
            &["calls:144-150", "calls:187-191"],
        )
    },
];

const END_SECTION: &str = "End Call based on interactionId";

static END: [Rule; 2] = [
    call("End", END_SECTION, Presence::Mandatory, INTERACTION_ID, &["calls:257"]),
    Rule {
        values: TRUTH,
        default: Some("false"),
        ..call("End", END_SECTION, Presence::Optional, END_POST_PROCESSING, &["calls:262"])
    },
];

const HANG_UP_SECTION: &str = "Hang up call for agent";

static HANG_UP: [Rule; 2] = [
    call("HangUp", HANG_UP_SECTION, Presence::Mandatory, INTERACTION_ID, &["calls:307"]),
    call("HangUp", HANG_UP_SECTION, Presence::Mandatory, AGENT_ID, &["calls:308"]),
];

static FREE_LINES: [Rule; 1] =
    [call("FreeLines", "Free agent lines", Presence::Mandatory, AGENT_ID, &["calls:353"])];

const FREE_LINE_SECTION: &str = "Free specific agent line";

static FREE_LINE: [Rule; 2] = [
    call("FreeLine", FREE_LINE_SECTION, Presence::Mandatory, AGENT_ID, &["calls:398"]),
    Rule {
        values: &["1", "2"],
        ..call("FreeLine", FREE_LINE_SECTION, Presence::Mandatory, LINE_NO, &["calls:399"])
    },
];

/// The parameters of what is done with a call, in the document's order.
pub fn calls(action: CallAction) -> &'static [Rule] {
    match action {
        CallAction::Place => &PLACE,
        CallAction::SetTransactionCodes => &SET_TRANSACTION_CODES,
        CallAction::End => &END,
        CallAction::HangUp => &HANG_UP,
        CallAction::FreeLines => &FREE_LINES,
        CallAction::FreeLine => &FREE_LINE,
    }
}

/// The rule of a column, where `extTransactionData.Name` is one of many of its kind.
pub fn call_column(action: CallAction, column: &str) -> Option<&'static Rule> {
    calls(action).iter().find(|rule| match rule.tag.strip_suffix("NAME") {
        Some(family) => column.strip_prefix(family).is_some_and(|name| !name.trim().is_empty()),
        None => rule.tag == column,
    })
}

#[cfg(test)]
mod tests {
    use super::super::rule::tests::json;
    use super::*;

    #[test]
    fn each_action_has_the_rows_of_the_document() {
        let rows = CallAction::ALL.map(|action| calls(action).len());
        assert_eq!(rows, [9, 3, 2, 2, 1, 2]);
        let codes = json(&calls(CallAction::SetTransactionCodes)[2]);
        assert_eq!(codes["format"], "listId:itemId, with `;` between them, at most 6");
        let number = json(&calls(CallAction::Place)[2]);
        assert_eq!((&number["presence"], &number["invalid"][0]), (&"M".into(), &"no digit".into()));
    }

    #[test]
    fn elements_of_the_two_arrays_are_columns_by_prefix() {
        let tag = |column| call_column(CallAction::Place, column).map(|rule| rule.tag);
        assert_eq!(tag("extTransactionData.Loyalty Level"), Some(TRANSACTION_DATA_NAME));
        assert_eq!(tag("ctlUserData.AccountRef"), Some(USER_DATA_NAME));
        assert_eq!(tag("number"), Some(NUMBER));
        for unknown in
            ["extTransactionData.", "extTransactionData", "extTransationData.a", "lineNo"]
        {
            assert_eq!(tag(unknown), None, "{unknown}");
        }
    }
}
