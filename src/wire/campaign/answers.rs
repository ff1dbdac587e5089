//! What an answer means: tables of what the campaign API says, with the source of each line.
//!
//! The first line that fits counts. Texts differ in wording between the guides, so a line names
//! loose phrases, never a whole text. A new message is a line here and a case in the tests.

use crate::{
    outcome::LoadedAs,
    wire::phrases::{holds, plain},
};

/// What an answer applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One customer, in the body of a 207.
    Record,
    /// The whole POST.
    Post,
    /// The DELETE of one customer.
    Delete,
}

/// What is to be done about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The campaign holds the customer, or no more where it was to be taken out.
    Loaded(LoadedAs),
    /// The server said no for good.
    Refused,
    /// Not taken now: send it again later. `throttled` slows the others down, too.
    Again {
        /// Whether the server is busy, rather than the campaign full.
        throttled: bool,
    },
    /// It may or may not have been applied.
    Doubt,
    /// Not applied, and no other record will be.
    Stop {
        /// What the user does about it.
        hint: &'static str,
    },
    /// Not applied, because of a part: send it in halves. One record alone is refused.
    Split,
}

/// One line of a table: an answer that is known, and what it means.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Least and greatest HTTP status.
    pub statuses: (u16, u16),
    /// Phrases of which the message holds one, in lower case, single blanks between words and no
    /// punctuation; ` * ` stands for any words between. None = any message.
    pub phrases: &'static [&'static str],
    /// Whether the line is only for records whose earlier sending is in doubt.
    pub in_doubt_before: bool,
    /// What it means.
    pub class: Class,
    /// Where that is said.
    pub source: &'static str,
}

const fn known(
    statuses: (u16, u16),
    phrases: &'static [&'static str],
    class: Class,
    source: &'static str,
) -> Known {
    Known { statuses, phrases, in_doubt_before: false, class, source }
}

/// For records whose earlier sending is in doubt.
const fn in_doubt(line: Known) -> Known {
    Known { in_doubt_before: true, ..line }
}

const ANY: &[&str] = &[];
const CLIENT_ERROR: (u16, u16) = (400, 499);

const NOT_DYNAMIC: &str = "use a campaign that is configured as a dynamic campaign (Configuration \
    Manager, Campaigns), or make this one dynamic";
const NOT_ENABLED: &str = "enable the campaign in Configuration Manager, Campaigns, and run again";
const STOPPED: &str = "a stopped or completed campaign takes no customers and cannot be started \
    again: create a new campaign and load into that one";
const GIVES_UP_NOBODY: &str = "a stopped or completed campaign gives up no customers, and calls \
    nobody any more";
const NOT_STARTED: &str = "start the campaign (Configuration Manager, Campaigns) and run again";
const CREDENTIALS: &str = "check the user name and the token in connections.yaml against Configuration \
    Manager, Integration, API Token; which token a call uses is a setting of the connection";
const CAMPAIGN_NOT_FOUND: &str = "check `campaign` in the pipeline file against the column \
    \"Campaign ID\" in Configuration Manager, and `platform` or `base_url` of the connection";
const REDIRECTED: &str = "check `platform` or `base_url` of the connection: the tenant's own cluster \
    answers without a redirect";
const NOT_THIS_API: &str =
    "check `platform` or `base_url` of the connection, and any proxy between";

const RUN_WIDE: &str = "field-notes: concern the whole run: stop at once";
const WHOLE_POST: &str = "field-notes: failures of the whole POST";

const DYNAMIC: Known = known(
    CLIENT_ERROR,
    &["not a dynamic campaign", "not * dynamic"],
    Class::Stop { hint: NOT_DYNAMIC },
    RUN_WIDE,
);
const ENABLED: Known =
    known(CLIENT_ERROR, &["campaign * not enabled"], Class::Stop { hint: NOT_ENABLED }, RUN_WIDE);
const STARTED: Known = known(
    CLIENT_ERROR,
    &["campaign that has not started", "campaign * not started"],
    Class::Stop { hint: NOT_STARTED },
    RUN_WIDE,
);
const ENDED: Known = known(
    CLIENT_ERROR,
    &[
        "campaign has stopped",
        "campaign has been stopped",
        "campaign is stopped",
        "campaign * stopped or completed",
        "campaign has completed",
        "campaign is completed",
        "no additional customers can be added",
    ],
    Class::Stop { hint: STOPPED },
    RUN_WIDE,
);
const TIMED_OUT: Known = known(
    (0, 599),
    &["response timed out", "check the result status later"],
    Class::Doubt,
    "field-notes: 206, the outcome is unknown",
);
const MAXIMUM: Known = known(
    CLIENT_ERROR,
    &["maximum limit of scheduled customers"],
    Class::Again { throttled: false },
    "field-notes: try again later",
);

/// Answers to one customer, in the body of a 207.
pub static RECORD_ANSWERS: &[Known] = &[
    known((206, 206), ANY, Class::Doubt, "field-notes: 206, the outcome is unknown"),
    TIMED_OUT,
    known((200, 299), ANY, Class::Loaded(LoadedAs::Added), "campaign:97-106"),
    DYNAMIC,
    ENABLED,
    STARTED,
    ENDED,
    in_doubt(known(
        CLIENT_ERROR,
        &["duplicate customer", "duplicated customer"],
        Class::Loaded(LoadedAs::ConfirmedOnResume),
        "field-notes: evidence of success for a record whose earlier send is in doubt",
    )),
    known(
        CLIENT_ERROR,
        &["duplicate customer", "duplicated customer"],
        Class::Refused,
        "campaign:107-111; field-notes: a refusal on a first send",
    ),
    MAXIMUM,
    known(CLIENT_ERROR, &["dnc list"], Class::Refused, "field-notes: refused for good"),
    known(CLIENT_ERROR, &["invalid schedule date time format"], Class::Refused, "campaign:112-117"),
    known(CLIENT_ERROR, &["invalid customer id"], Class::Refused, "campaign:118-122"),
    known(CLIENT_ERROR, &["customer id has not been found"], Class::Refused, "campaign:123-127"),
    // The time may have passed since the earlier sending was applied, so it refutes nothing.
    in_doubt(known(
        CLIENT_ERROR,
        &["schedule date time is in the past"],
        Class::Doubt,
        "campaign:128-133; which check the server makes first is documented nowhere",
    )),
    known(CLIENT_ERROR, &["schedule date time is in the past"], Class::Refused, "campaign:128-133"),
    known(CLIENT_ERROR, &["outside the campaign schedule"], Class::Refused, "campaign:134-139"),
    known(CLIENT_ERROR, &["within 7 days ahead"], Class::Refused, "campaign:140-145"),
    known((401, 401), ANY, Class::Stop { hint: CREDENTIALS }, "campaign:23-37"),
    known((403, 403), ANY, Class::Stop { hint: CREDENTIALS }, "campaign:23-37"),
    known((408, 408), ANY, Class::Doubt, "RFC 9110: the server gave up waiting"),
    known((429, 429), ANY, Class::Again { throttled: true }, "field-notes, Limits"),
    known((503, 503), ANY, Class::Again { throttled: true }, "field-notes, Limits"),
    known(CLIENT_ERROR, ANY, Class::Refused, "RFC 9110: the request is wrong"),
    known((500, 599), ANY, Class::Doubt, "field-notes: it may have been applied"),
];

/// Answers to a POST of customers as a whole.
pub static POST_ANSWERS: &[Known] = &[
    DYNAMIC,
    ENABLED,
    STARTED,
    ENDED,
    known(
        (401, 401),
        ANY,
        Class::Stop { hint: CREDENTIALS },
        "campaign:23-37; field-notes: on a 401 say which token was used",
    ),
    known((403, 403), ANY, Class::Stop { hint: CREDENTIALS }, "campaign:23-37"),
    known((413, 413), ANY, Class::Split, "field-notes: on 413 halve it"),
    known(CLIENT_ERROR, &["provided customer list is invalid"], Class::Split, WHOLE_POST),
    TIMED_OUT,
    MAXIMUM,
    // "In the body of a 207 as well as alone" (field-notes): alone for many, one of them is meant.
    known(
        CLIENT_ERROR,
        &[
            "duplicate customer",
            "duplicated customer",
            "dnc list",
            "invalid schedule date time format",
            "invalid customer id",
            "customer id has not been found",
            "schedule date time is in the past",
            "outside the campaign schedule",
            "within 7 days ahead",
        ],
        Class::Split,
        "field-notes: in the body of a 207 as well as alone",
    ),
    known((404, 404), ANY, Class::Stop { hint: CAMPAIGN_NOT_FOUND }, "ruling CAMPAIGN_PATHS"),
    known((408, 408), ANY, Class::Doubt, "RFC 9110: the server gave up waiting"),
    known((429, 429), ANY, Class::Again { throttled: true }, "field-notes, Limits"),
    known((503, 503), ANY, Class::Again { throttled: true }, "field-notes, Limits"),
    // One bad record may be the cause: halves find it, and the rest is loaded.
    known((400, 400), ANY, Class::Split, "RFC 9110: the request is wrong"),
    known((422, 422), ANY, Class::Split, "RFC 9110: the request is wrong"),
    known(CLIENT_ERROR, ANY, Class::Stop { hint: NOT_THIS_API }, "RFC 9110: wrong for all alike"),
    known(
        (300, 399),
        ANY,
        Class::Stop { hint: REDIRECTED },
        "field-notes: the tenant's own cluster",
    ),
    known((500, 599), ANY, Class::Doubt, "field-notes: 500, HTML pages with 5xx and 52x"),
];

/// Answers to the DELETE of one customer.
pub static DELETE_ANSWERS: &[Known] = &[
    known((206, 206), ANY, Class::Doubt, "field-notes: 206, the outcome is unknown"),
    TIMED_OUT,
    known((200, 299), ANY, Class::Loaded(LoadedAs::Removed), "campaign:276-278"),
    DYNAMIC,
    ENABLED,
    STARTED,
    Known { class: Class::Stop { hint: GIVES_UP_NOBODY }, ..ENDED },
    known(
        CLIENT_ERROR,
        &["no customers can be deleted"],
        Class::Stop { hint: GIVES_UP_NOBODY },
        "field-notes: DELETE",
    ),
    known((401, 401), ANY, Class::Stop { hint: CREDENTIALS }, "campaign:23-37"),
    known((403, 403), ANY, Class::Stop { hint: CREDENTIALS }, "campaign:23-37"),
    known(
        (404, 404),
        &["campaign * not been found", "campaign not found", "campaign * was not found"],
        Class::Stop { hint: CAMPAIGN_NOT_FOUND },
        "ruling CAMPAIGN_PATHS",
    ),
    in_doubt(known(
        (404, 404),
        ANY,
        Class::Loaded(LoadedAs::ConfirmedOnResume),
        "DESIGN 4.5: sent again, and 404 then means removed",
    )),
    known((404, 404), ANY, Class::Refused, "field-notes: DELETE, 404 not in the campaign"),
    known((408, 408), ANY, Class::Doubt, "RFC 9110: the server gave up waiting"),
    known((429, 429), ANY, Class::Again { throttled: true }, "field-notes, Limits"),
    known((503, 503), ANY, Class::Again { throttled: true }, "field-notes, Limits"),
    known((405, 407), ANY, Class::Stop { hint: NOT_THIS_API }, "RFC 9110: wrong for all alike"),
    known(CLIENT_ERROR, ANY, Class::Refused, "RFC 9110: the request is wrong"),
    known(
        (300, 399),
        ANY,
        Class::Stop { hint: REDIRECTED },
        "field-notes: the tenant's own cluster",
    ),
    known((500, 599), ANY, Class::Doubt, "field-notes: 500, HTML pages with 5xx and 52x"),
];

/// What an answer means. An answer that no table knows is in doubt.
pub fn classify(scope: Scope, status: u16, message: &str, in_doubt_before: bool) -> Class {
    let table = match scope {
        Scope::Record => RECORD_ANSWERS,
        Scope::Post => POST_ANSWERS,
        Scope::Delete => DELETE_ANSWERS,
    };
    // The usual answer, told without a look at its (usually absent) message.
    if scope == Scope::Record && status == 200 && message.is_empty() {
        return Class::Loaded(LoadedAs::Added);
    }
    let message = plain(message);
    table
        .iter()
        .find(|line| line.fits(status, &message, in_doubt_before))
        .map_or(Class::Doubt, |line| line.class)
}

impl Known {
    fn fits(&self, status: u16, message: &str, in_doubt_before: bool) -> bool {
        (self.statuses.0..=self.statuses.1).contains(&status)
            && (in_doubt_before || !self.in_doubt_before)
            && (self.phrases.is_empty() || self.phrases.iter().any(|phrase| holds(message, phrase)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDED: Class = Class::Loaded(LoadedAs::Added);
    const CONFIRMED: Class = Class::Loaded(LoadedAs::ConfirmedOnResume);
    const BUSY: Class = Class::Again { throttled: true };
    const LATER: Class = Class::Again { throttled: false };

    const fn stop(hint: &'static str) -> Class {
        Class::Stop { hint }
    }

    #[test]
    fn each_documented_answer_to_a_record_is_classified() {
        // (status, message, on a first sending, where an earlier sending is in doubt)
        let past = "The subject schedule-date-time is in the past.";
        let outside = "The subject schedule-date-time is outside the campaign schedule from \
            2016-08-27T09:00:00.000Z to 2016-08-28T09:00:00.000Z.";
        let ahead =
            "The subject schedule-date-time must be within 7 days ahead of a future period.";
        let format = "Invalid schedule-date-time format - please use ISO 8601 format";
        let maximum = "Maximum limit of scheduled customers has been reached. Please try call again \
            later on.";
        let timed_out = "The request was sent but the response timed out. Please check the result \
            status later";
        let (refused, doubt) = (Class::Refused, Class::Doubt);
        let cases: &[(u16, &str, Class, Class)] = &[
            (200, "", ADDED, ADDED),
            (201, "Created", ADDED, ADDED),
            (206, timed_out, doubt, doubt),
            (400, timed_out, doubt, doubt),
            (206, "", doubt, doubt),
            (400, "Duplicate customer", refused, CONFIRMED),
            (400, "Duplicated customer.", refused, CONFIRMED),
            (409, " DUPLICATE   customer!", refused, CONFIRMED),
            (400, format, refused, refused),
            (400, "Invalid customer-id", refused, refused),
            (404, "The customer-id has not been found.", refused, refused),
            (400, past, refused, doubt),
            (400, outside, refused, refused),
            (400, ahead, refused, refused),
            (400, maximum, LATER, LATER),
            (400, "customer is wrong or in DNC list", refused, refused),
            (400, "This is not a dynamic campaign.", stop(NOT_DYNAMIC), stop(NOT_DYNAMIC)),
            (400, "Not a dynamic campaign", stop(NOT_DYNAMIC), stop(NOT_DYNAMIC)),
            (400, "The campaign is not enabled.", stop(NOT_ENABLED), stop(NOT_ENABLED)),
            (400, "This campaign is not enabled.", stop(NOT_ENABLED), stop(NOT_ENABLED)),
            (
                400,
                "The campaign has stopped. No additional customers can be added.",
                stop(STOPPED),
                stop(STOPPED),
            ),
            (400, "The campaign is stopped or completed", stop(STOPPED), stop(STOPPED)),
            (
                400,
                "The operation is invalid for a campaign that has not started.",
                stop(NOT_STARTED),
                stop(NOT_STARTED),
            ),
            (401, "", stop(CREDENTIALS), stop(CREDENTIALS)),
            (403, "Forbidden", stop(CREDENTIALS), stop(CREDENTIALS)),
            (429, "", BUSY, BUSY),
            (503, "Service Unavailable", BUSY, BUSY),
            (500, "Internal server error", doubt, doubt),
            (408, "", doubt, doubt),
            (418, "a new refusal", refused, refused),
            (302, "", doubt, doubt),
            (0, "", doubt, doubt),
            (999, "", doubt, doubt),
        ];
        for (status, message, first, in_doubt) in cases {
            assert_eq!(classify(Scope::Record, *status, message, false), *first, "{message}");
            assert_eq!(classify(Scope::Record, *status, message, true), *in_doubt, "{message}");
        }
    }

    #[test]
    fn each_documented_answer_to_a_post_is_classified() {
        let cases: &[(u16, &str, Class)] = &[
            (400, "The campaign has stopped. No additional customers can be added.", stop(STOPPED)),
            (
                400,
                "The operation is invalid for a campaign that has not started.",
                stop(NOT_STARTED),
            ),
            (400, "The provided customer list is invalid.", Class::Split),
            (400, "This is not a dynamic campaign.", stop(NOT_DYNAMIC)),
            (400, "The campaign is not enabled.", stop(NOT_ENABLED)),
            (500, "Internal server error", Class::Doubt),
            (400, "Duplicated customer.", Class::Split),
            (400, "Maximum limit of scheduled customers has been reached.", LATER),
            (400, "customer is wrong or in DNC list", Class::Split),
            (404, "The customer-id has not been found.", Class::Split),
            (404, "Not Found", stop(CAMPAIGN_NOT_FOUND)),
            (400, "Bad Request", Class::Split),
            (405, "Method Not Allowed", stop(NOT_THIS_API)),
            (401, "", stop(CREDENTIALS)),
            (403, "", stop(CREDENTIALS)),
            (408, "", Class::Doubt),
            (413, "", Class::Split),
            (429, "<html>", BUSY),
            (503, "<html>maintenance</html>", BUSY),
            (502, "", Class::Doubt),
            (522, "", Class::Doubt),
            (302, "", stop(REDIRECTED)),
            (202, "", Class::Doubt),
        ];
        for (status, message, class) in cases {
            assert_eq!(
                classify(Scope::Post, *status, message, false),
                *class,
                "{status} {message}"
            );
        }
    }

    #[test]
    fn no_line_of_a_table_is_hidden_by_one_before_it() {
        for (scope, table) in [(Scope::Record, RECORD_ANSWERS), (Scope::Post, POST_ANSWERS)] {
            for (number, line) in table.iter().enumerate() {
                let message =
                    line.phrases.first().copied().unwrap_or("other").replace(" * ", " x ");
                let statuses = line.statuses.0..=line.statuses.1;
                let reached = statuses.clone().any(|status| {
                    let fits = |l: &Known| l.fits(status, &message, line.in_doubt_before);
                    table.iter().position(fits) == Some(number)
                });
                assert!(reached, "{scope:?}, line {number}: {line:?}");
            }
        }
    }

    #[test]
    fn each_phrase_is_written_plainly() {
        for line in RECORD_ANSWERS.iter().chain(POST_ANSWERS) {
            for phrase in line.phrases {
                for part in phrase.split(" * ") {
                    assert_eq!(plain(part), part, "it would never be found");
                }
            }
        }
    }
}
