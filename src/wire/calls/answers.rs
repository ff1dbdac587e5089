//! What an answer means: a table of what the phone API says, with the source of each line.
//!
//! The first line that fits counts. A line names loose phrases, never a whole text. What no line
//! says for certain is in doubt, and a call in doubt is never placed again.

use crate::{
    phone::CallAction,
    wire::phrases::{holds, plain},
};

/// What is to be done about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It was done.
    Done,
    /// It was so before: the call had ended.
    AlreadySo,
    /// It was so before, because an earlier sending whose answer was lost had done it.
    Confirmed,
    /// The server said no for good.
    Refused,
    /// The agent takes no call now; no phone has rung.
    Busy,
    /// Turned away without being worked on: send it again later.
    Again,
    /// Turned away with 503, which may mean either where a call is placed.
    Unavailable,
    /// It may or may not have been done.
    Doubt,
    /// Not done, and nothing else will be.
    Stop {
        /// What the user does about it.
        hint: &'static str,
    },
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// For which actions; none = for all.
    pub actions: &'static [CallAction],
    /// Least and greatest HTTP status.
    pub statuses: (u16, u16),
    /// Phrases of which the text holds one, in lower case, single blanks between words and no
    /// punctuation; ` * ` stands for any words between. None = any text.
    pub phrases: &'static [&'static str],
    /// Whether the line is only for what was sent before without an answer.
    pub in_doubt_before: bool,
    /// What it means.
    pub class: Class,
    /// Where that is said.
    pub source: &'static str,
}

const fn known(
    actions: &'static [CallAction],
    statuses: (u16, u16),
    phrases: &'static [&'static str],
    class: Class,
    source: &'static str,
) -> Known {
    Known { actions, statuses, phrases, in_doubt_before: false, class, source }
}

/// For what was sent before without an answer.
const fn in_doubt(line: Known) -> Known {
    Known { in_doubt_before: true, ..line }
}

const ALL: &[CallAction] = &[];
const ANY: &[&str] = &[];
const CLIENT_ERROR: (u16, u16) = (400, 499);
const PLACE: &[CallAction] = &[CallAction::Place];
const CODES: &[CallAction] = &[CallAction::SetTransactionCodes];
const DELETES: &[CallAction] =
    &[CallAction::End, CallAction::HangUp, CallAction::FreeLines, CallAction::FreeLine];

/// The interaction, or the agent's part in it, is not there.
const GONE: &[&str] = &[
    "interaction is already terminated",
    "interaction * for agent * was not found",
    "has no phone interactions in progress",
    "failed to find any interaction on line",
];

const CREDENTIALS: &str = "check the tenant's name and this token against Configuration Manager, \
    Integration, API Token; `calls: {token: ..}` in the connection chooses between `action` and `data`";
const NOT_THIS_API: &str = "check `platform` or `base_url`, the tenant's name and `calls: \
    {version: ..}` of the connection, and any proxy between";

const REASONS: &str = "field-notes, Phone calls: reasons seen";

/// Answers of the phone API.
pub static ANSWERS: &[Known] = &[
    known(ALL, (206, 206), ANY, Class::Doubt, "field-notes: 206, the outcome is unknown"),
    known(ALL, (200, 299), ANY, Class::Done, "calls:98-109, 221-229"),
    known(ALL, (401, 401), ANY, Class::Stop { hint: CREDENTIALS }, "calls:7-12"),
    known(ALL, (403, 403), ANY, Class::Stop { hint: CREDENTIALS }, "calls:7-12"),
    in_doubt(known(
        DELETES,
        (410, 410),
        ANY,
        Class::Confirmed,
        "field-notes: 410 = already ended; the first sending may have ended it",
    )),
    known(DELETES, (410, 410), ANY, Class::AlreadySo, "field-notes: 410 = already ended"),
    in_doubt(known(DELETES, CLIENT_ERROR, GONE, Class::Confirmed, REASONS)),
    in_doubt(known(
        DELETES,
        (404, 404),
        ANY,
        Class::Confirmed,
        "what is gone cannot be found; the first sending may have ended it",
    )),
    known(DELETES, CLIENT_ERROR, &["interaction is already terminated"], Class::AlreadySo, REASONS),
    // The codes may have been set by the first sending, and the interaction closed since.
    in_doubt(known(CODES, CLIENT_ERROR, GONE, Class::Doubt, REASONS)),
    in_doubt(known(CODES, (404, 404), ANY, Class::Doubt, REASONS)),
    in_doubt(known(CODES, (410, 410), ANY, Class::Doubt, REASONS)),
    known(
        PLACE,
        CLIENT_ERROR,
        &["not available to handle interaction", "already on busy phone interaction"],
        Class::Busy,
        REASONS,
    ),
    known(CODES, CLIENT_ERROR, &["invalid transaction code"], Class::Refused, REASONS),
    known(ALL, CLIENT_ERROR, GONE, Class::Refused, REASONS),
    known(ALL, (408, 408), ANY, Class::Doubt, "RFC 9110: the server gave up waiting"),
    known(
        ALL,
        (429, 429),
        ANY,
        Class::Again,
        "RFC 6585, 4: too many requests, so this one was not taken; field-notes, Limits",
    ),
    known(PLACE, (404, 404), ANY, Class::Stop { hint: NOT_THIS_API }, "calls:64: no such path"),
    known(
        ALL,
        (405, 407),
        ANY,
        Class::Stop { hint: NOT_THIS_API },
        "RFC 9110: wrong for all alike",
    ),
    known(
        ALL,
        (415, 415),
        ANY,
        Class::Stop { hint: NOT_THIS_API },
        "RFC 9110: wrong for all alike",
    ),
    known(ALL, CLIENT_ERROR, ANY, Class::Refused, "field-notes: 400; RFC 9110"),
    known(ALL, (300, 399), ANY, Class::Stop { hint: NOT_THIS_API }, "the tenant's own cluster"),
    known(
        PLACE,
        (503, 503),
        ANY,
        Class::Unavailable,
        "field-notes: a place-call answered by 500/503 is in doubt",
    ),
    known(ALL, (503, 503), ANY, Class::Again, "field-notes, Limits; a repetition does no harm"),
    known(ALL, (500, 599), ANY, Class::Doubt, "field-notes: it may have been applied"),
];

/// What an answer means. An answer that the table does not know is in doubt.
pub fn classify(action: CallAction, status: u16, text: &str, in_doubt_before: bool) -> Class {
    let text = plain(text);
    ANSWERS
        .iter()
        .find(|line| line.fits(action, status, &text, in_doubt_before))
        .map_or(Class::Doubt, |line| line.class)
}

impl Known {
    fn fits(&self, action: CallAction, status: u16, text: &str, in_doubt_before: bool) -> bool {
        (self.actions.is_empty() || self.actions.contains(&action))
            && (self.statuses.0..=self.statuses.1).contains(&status)
            && (in_doubt_before || !self.in_doubt_before)
            && (self.phrases.is_empty() || self.phrases.iter().any(|phrase| holds(text, phrase)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUSY: &str =
        "Agent=[ag1] not available to handle interaction, already on busy phone interaction";

    #[test]
    fn a_call_may_be_placed_again_only_after_an_answer_that_excludes_that_it_was() {
        for status in 0..700 {
            for text in ["", "OK", BUSY, "Internal server error", "was not found"] {
                match classify(CallAction::Place, status, text, false) {
                    Class::Again => assert_eq!(status, 429, "{status} {text}"),
                    Class::Busy => assert!((400..500).contains(&status), "{status} {text}"),
                    Class::Unavailable => assert_eq!(status, 503, "{status} {text}"),
                    Class::Confirmed | Class::AlreadySo => panic!("{status} {text}"),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn what_is_said_of_a_call_to_be_placed_is_classified() {
        let class = |status, text| classify(CallAction::Place, status, text, false);
        assert_eq!(class(200, "Call successfully initiated"), Class::Done);
        assert_eq!(class(400, BUSY), Class::Busy);
        assert_eq!(class(400, "Missing agentId"), Class::Refused);
        for status in [206, 408, 500, 502, 504, 520, 599, 100, 0, 999] {
            assert_eq!(class(status, ""), Class::Doubt, "{status}");
        }
        for status in [301, 307, 401, 403, 404, 405, 415] {
            assert!(matches!(class(status, ""), Class::Stop { .. }), "{status}");
        }
    }

    #[test]
    fn what_has_ended_already_is_done_and_told_apart() {
        for action in DELETES {
            assert_eq!(classify(*action, 410, "", false), Class::AlreadySo);
            assert_eq!(classify(*action, 410, "", true), Class::Confirmed);
            let terminated = "Interaction is already terminated interactionId";
            assert_eq!(classify(*action, 400, terminated, false), Class::AlreadySo);
            for gone in [
                "Interaction [int-1] for agent [ag1] was not found",
                "Agent [ag1] has no phone interactions in progress.",
                "Failed to find any interaction on line [2] for agent [ag1].",
            ] {
                assert_eq!(classify(*action, 400, gone, false), Class::Refused, "{gone}");
                assert_eq!(classify(*action, 400, gone, true), Class::Confirmed, "{gone}");
            }
            assert_eq!(classify(*action, 404, "", false), Class::Refused);
            assert_eq!(classify(*action, 503, "", true), Class::Again);
            assert_eq!(classify(*action, 500, "", false), Class::Doubt);
        }
    }

    #[test]
    fn codes_that_are_sent_again_are_in_doubt_where_the_interaction_is_gone() {
        let class =
            |status, text, doubt| classify(CallAction::SetTransactionCodes, status, text, doubt);
        let invalid = "Invalid transaction code, listId=[12] itemId=[9]";
        let choice = "Invalid transaction codes, lists=[12] are not supporting multiple choice";
        let gone = "Interaction [int-1] for agent [ag1] was not found";
        for text in [invalid, choice] {
            assert_eq!(class(400, text, false), Class::Refused);
            assert_eq!(class(400, text, true), Class::Refused);
        }
        assert_eq!(class(400, gone, false), Class::Refused);
        assert_eq!(class(400, gone, true), Class::Doubt);
        assert_eq!(class(410, "", false), Class::Refused);
        assert_eq!(class(410, "", true), Class::Doubt);
        assert_eq!(class(429, "", false), Class::Again);
    }
}
