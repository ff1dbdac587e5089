//! What an answer means for the record that was sent: tables of what the CRM API says, with the
//! source of each line.
//!
//! The first line that fits counts. A new answer is a line here, a new wording one in `messages`,
//! and each a case in the tests.

use super::{
    error::DecodeError,
    messages::{Family, is_about, recognise},
    reply::{Answer, Status},
};
use crate::crm::{Action, Object};

/// What an answer means for the record that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// It was carried out.
    Done,
    /// The record that was to be changed, deleted or shown does not exist.
    NotThere,
    /// Another record has a value that has to be unique.
    Duplicate,
    /// The server said no for good.
    Refused,
    /// Not carried out: it can be sent again later.
    Again,
    /// It may or may not have been carried out.
    Unknown,
    /// Not carried out, and no other command will be.
    Stop {
        /// What the user does about it.
        hint: &'static str,
    },
}

const LOGIN: Meaning = Meaning::Stop {
    hint: "check `tenant` with `wapi.username` and `wapi.password`, or `wapi.api_key` for the gateway \
        (Configuration Manager, Integration, CRM API), and the host: `platform` or `base_url` is \
        the tenant's own cluster",
};
const RIGHT: Meaning = Meaning::Stop {
    hint: "give the CRM API user the right to this object and action: Configuration Manager, \
        Integration, CRM API, Access Rights",
};
const OPERATION: Meaning = Meaning::Stop {
    hint: "check in Configuration Manager, Integration, CRM API that access is enabled, and that \
        the tenant has this object and action",
};
const NO_SUCH_COMMAND: Meaning = Meaning::Stop {
    hint: "the tenant does not have this object or action; `vccpipe rules` shows those of the guide",
};
const NO_ACCESS: Meaning = Meaning::Stop {
    hint: "check `wapi` and `tenant` of the connection: the gateway wants `api_key`, the classic \
        entrance `username` and `password`",
};
const WRONG_HOST: Meaning = Meaning::Stop {
    hint: "check `platform` or `base_url` of the connection: the tenant's own cluster answers under \
        /WAPI/wapi.php, the gateway under /cc/v1/wapi",
};
const STRANGER: Meaning = Meaning::Stop {
    hint: "if the host is down for maintenance, give the same command again later; if not, check \
        `platform` or `base_url` of the connection: the tenant's own cluster answers under \
        /WAPI/wapi.php",
};
const NOT_THIS_API: Meaning = Meaning::Stop {
    hint: "check `platform` or `base_url` of the connection, and any proxy between",
};

/// One line of the table of answers: one that is known, and what it means.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// STATUS; `other` stands for all that have no line.
    status: &'static str,
    /// What its code and message are about; empty for anything.
    families: &'static [Family],
    /// The actions that the line is for; empty for all.
    actions: &'static [Action],
    /// Whether the line is only for messages about the key of the object.
    about_key: bool,
    /// What it means.
    pub meaning: Meaning,
    /// Where that is said.
    pub source: &'static str,
}

const fn known(status: &'static str, meaning: Meaning, source: &'static str) -> Known {
    Known { status, families: &[], actions: &[], about_key: false, meaning, source }
}

/// For some actions only.
const fn on(actions: &'static [Action], line: Known) -> Known {
    Known { actions, ..line }
}

/// A command that failed, by what its code and message are about.
const fn failed(families: &'static [Family], meaning: Meaning, source: &'static str) -> Known {
    Known { families, ..known("-1", meaning, source) }
}

const GET: &[Action] = &[Action::Get];
const DELETE: &[Action] = &[Action::Delete];
/// The actions that address a record by its key.
const OF_ONE: &[Action] = &[Action::Get, Action::Modify, Action::Delete];

const NOTES: &str = "field-notes, WAPI: STATUS";
const IN_DOUBT: &str = "field-notes, WAPI: answered by 500 or 503 it may have been applied";
const HARMLESS: &str = "field-notes, WAPI: transient; a Get changes nothing";

/// The answers of the CRM API.
pub static ANSWERS: &[Known] = &[
    known("0", Meaning::Done, "field-notes, WAPI: success is STATUS 0 and nothing else"),
    known("302", Meaning::Refused, NOTES),
    known("303", LOGIN, NOTES),
    on(DELETE, known("304", Meaning::Refused, "ruling DELETE_SUPPORT: an ordinary error")),
    known("304", OPERATION, NOTES),
    known("310", RIGHT, NOTES),
    on(GET, known("500", Meaning::Again, HARMLESS)),
    known("500", Meaning::Unknown, IN_DOUBT),
    on(GET, known("503", Meaning::Again, HARMLESS)),
    known("503", Meaning::Unknown, IN_DOUBT),
    on(GET, failed(&[Family::Internal], Meaning::Again, HARMLESS)),
    failed(&[Family::Internal], Meaning::Unknown, "wapi:4749: internal error, as STATUS 500"),
    failed(&[Family::DuplicateValue], Meaning::Duplicate, "wapi:4725-4726; field-notes: 81"),
    // A follow-up is added to a case that must be there: then it is the row that is wrong.
    on(OF_ONE, failed(&[Family::CaseNotValid], Meaning::NotThere, "wapi:4857-4859")),
    Known {
        about_key: true,
        ..on(OF_ONE, failed(&[Family::ValueNotValid], Meaning::NotThere, "wapi:4892-4896"))
    },
    on(OF_ONE, failed(&[Family::NotFound], Meaning::NotThere, "a wording of no guide")),
    on(
        DELETE,
        failed(
            &[Family::ActionNotValid, Family::CommandNotValid],
            Meaning::Refused,
            "ruling DELETE_SUPPORT: an ordinary error",
        ),
    ),
    failed(
        &[Family::ActionNotValid, Family::CommandNotValid],
        NO_SUCH_COMMAND,
        "wapi:4706-4712, 4765-4770",
    ),
    known("-1", Meaning::Refused, "field-notes, WAPI: 1-8 are permanent"),
    known("other", Meaning::Unknown, "a STATUS of no guide"),
];

/// What an answer to a command means.
pub fn classify(object: Object, action: Action, answer: &Answer) -> Meaning {
    let family = match answer.status {
        Status::Failed => recognise(answer).map(|problem| problem.family),
        _ => None,
    };
    let about_key = family.is_some() && is_about(answer, object.key());
    let line = ANSWERS.iter().find(|line| line.fits(action, &answer.status, family, about_key));
    line.map_or(Meaning::Unknown, |line| line.meaning)
}

impl Known {
    fn fits(
        &self,
        action: Action,
        status: &Status,
        family: Option<Family>,
        about_key: bool,
    ) -> bool {
        self.status == status.number()
            && (self.actions.is_empty() || self.actions.contains(&action))
            && (self.families.is_empty() || family.is_some_and(|is| self.families.contains(&is)))
            && (about_key || !self.about_key)
    }
}

/// What the reader can do about an answer, where its message does not say.
pub fn hint(answer: &Answer) -> Option<&'static str> {
    let is_of_status =
        |line: &&Known| line.families.is_empty() && line.status == answer.status.number();
    let stop = ANSWERS.iter().filter(is_of_status).find_map(|line| match line.meaning {
        Meaning::Stop { hint } => Some(hint),
        _ => None,
    });
    stop.or_else(|| match answer.status {
        Status::Failed => recognise(answer)?.family.hint(),
        _ => None,
    })
}

/// One line of the table of HTTP statuses.
#[derive(Clone, Copy, Debug)]
pub struct KnownHttp {
    /// Least and greatest status.
    statuses: (u16, u16),
    /// What it means.
    pub meaning: Meaning,
    /// Where that is said.
    pub source: &'static str,
}

const fn http(least: u16, greatest: u16, meaning: Meaning, source: &'static str) -> KnownHttp {
    KnownHttp { statuses: (least, greatest), meaning, source }
}

/// HTTP statuses beside 2xx. WAPI itself always answers 200: these are the gateway's or a proxy's.
pub static HTTP_ANSWERS: &[KnownHttp] = &[
    http(300, 399, WRONG_HOST, "field-notes: the tenant's own cluster"),
    http(400, 400, Meaning::Refused, "RFC 9110: the request is wrong"),
    http(401, 401, NO_ACCESS, "RFC 9110: the credentials are wrong"),
    http(403, 403, NO_ACCESS, "RFC 9110: the credentials do not suffice"),
    http(404, 404, WRONG_HOST, "RFC 9110: nothing there"),
    http(408, 408, Meaning::Unknown, "RFC 9110: the server gave up waiting"),
    http(413, 413, Meaning::Refused, "RFC 9110: the request is too large"),
    http(422, 422, Meaning::Refused, "RFC 9110: the request is wrong"),
    http(429, 429, Meaning::Again, "field-notes, Limits: not applied"),
    http(400, 499, NOT_THIS_API, "RFC 9110: wrong for all alike"),
    http(0, 999, Meaning::Unknown, "field-notes, Limits: HTML pages with 5xx and 52x"),
];

/// What an HTTP status means; `None` for 2xx, where the body says it.
pub fn classify_http(action: Action, status: u16) -> Option<Meaning> {
    if (200..300).contains(&status) {
        return None;
    }
    let fits = |line: &&KnownHttp| (line.statuses.0..=line.statuses.1).contains(&status);
    let meaning = HTTP_ANSWERS.iter().find(fits).map_or(Meaning::Unknown, |line| line.meaning);
    Some(harmless(action, meaning))
}

/// What a body means that cannot be read, from a host that has never given a reply: it may be
/// another host. `None`: nothing of that kind.
pub fn classify_stranger(action: Action, error: &DecodeError) -> Option<Meaning> {
    let is_page = matches!(error, DecodeError::Html { .. } | DecodeError::NotWapi { .. });
    (action == Action::Get && is_page).then_some(STRANGER)
}

/// What a body that cannot be read means, where the HTTP status is 2xx.
pub fn classify_unreadable(action: Action, error: &DecodeError) -> Meaning {
    match (action, error) {
        // The same command brings the same reply.
        (
            Action::Get,
            DecodeError::TooLarge { .. }
            | DecodeError::TooDeep { .. }
            | DecodeError::TooManyTags { .. }
            | DecodeError::Doctype,
        ) => Meaning::Refused,
        _ => harmless(action, Meaning::Unknown),
    }
}

/// A Get changes nothing, so that it can be sent again in any doubt.
fn harmless(action: Action, meaning: Meaning) -> Meaning {
    match (action, meaning) {
        (Action::Get, Meaning::Unknown) => Meaning::Again,
        _ => meaning,
    }
}

#[cfg(test)]
mod tests;
