//! One command to the CRM, and what was heard.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;

use crate::{
    clock::Dice,
    crm::{Action, Object},
    http::{self, Api, Auth, Backoff, Client, Failure, Method, NotSent, Repeatable, Request},
    wire::wapi::{
        CLASSIC_PATH, CLASSIC_TYPE, Command, Entrance, GATEWAY_PATH, GATEWAY_TYPE, Item, Limits,
        Login, Meaning, Reply, Status, Style, classify, classify_http, classify_stranger,
        classify_unreadable, decode, encode,
    },
};

/// How the CRM is entered.
#[derive(Clone, Debug)]
pub enum Access {
    /// User name and password in the body.
    Classic(Login),
    /// A key in the headers.
    Gateway,
}

/// The CRM of one tenant.
#[derive(Clone, Debug)]
pub struct Crm {
    /// The client of its host.
    pub client: Client,
    /// Whose limits count, and the gateway's key.
    pub auth: Auth,
    /// How it is entered.
    pub access: Access,
    /// How text is written.
    pub style: Style,
    /// How often a question is repeated.
    pub attempts: u32,
    /// Waiting between two attempts.
    pub backoff: Backoff,
    /// Whether the host has ever given a reply: one that has not may be another host.
    pub is_known: Arc<AtomicBool>,
    /// Whether it was told that replies are in another encoding than they say.
    pub is_odd_told: Arc<AtomicBool>,
}

/// What was heard of a command.
#[derive(Debug)]
pub enum Heard {
    /// A whole reply.
    Reply(Reply),
    /// The host does not take this one.
    Refused { status: i32, message: String },
    /// It cannot be written down, and was not sent.
    Unsendable { message: String },
    /// It was not processed; it may be sent again.
    NotApplied { after: Option<Duration>, throttled: bool, message: String },
    /// It may have been processed.
    Lost { after: Option<Duration>, busy: bool, message: String },
    /// No further request will fare better.
    Stop { what: String, hint: String },
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It passes: ask again later.
    Passing { after: Option<Duration>, message: String },
    /// The tenant says no to this question.
    Refused { message: String },
    /// The user may not ask this.
    Forbidden { what: String, hint: String },
    /// Whatever is asked, the tenant says no.
    Stop { what: String, hint: String },
}

impl Crm {
    /// Waits until the limits let one more request go.
    pub async fn permit(&self) -> http::Permit {
        self.client.permit(Api::Wapi, &self.auth).await
    }

    /// Sends a command once, by a permit.
    pub async fn send<'a>(
        &self,
        permit: http::Permit,
        object: &str,
        action: &str,
        tags: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Heard {
        let reply = match self.exchange(permit, object, action, tags).await {
            Ok(reply) => reply,
            Err(heard) => return heard,
        };
        let heard = heard(action, &reply, self.is_known.load(Ordering::Relaxed), &self.limits());
        if let Heard::Reply(reply) = &heard {
            tell_odd(reply.looks_like_utf8, &self.is_odd_told);
            self.is_known.store(true, Ordering::Relaxed);
        }
        heard
    }

    /// How replies are read.
    pub(super) fn limits(&self) -> Limits {
        Limits { characters: self.style.replies, ..Limits::default() }
    }

    /// Sends a command once, and gives the reply as it came.
    pub(super) async fn exchange<'a>(
        &self,
        permit: http::Permit,
        object: &str,
        action: &str,
        tags: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<http::Reply, Heard> {
        let mut body = Vec::new();
        let command = Command { object, action, tags };
        let (entrance, path, content_type) = match &self.access {
            Access::Classic(login) => (Entrance::Classic(login), CLASSIC_PATH, CLASSIC_TYPE),
            Access::Gateway => (Entrance::Gateway, GATEWAY_PATH, GATEWAY_TYPE),
        };
        if let Err(error) = encode(command, entrance, self.style, &mut body) {
            return Err(Heard::Unsendable { message: error.to_string() });
        }
        let request = Request {
            api: Api::Wapi,
            method: Method::POST,
            path_and_query: path.to_owned(),
            body: Some((Bytes::from(body), content_type)),
            auth: self.auth.clone(),
            // One who knows what the command does decides whether it may be repeated.
            repeatable: Repeatable::AfterLookUp,
        };
        self.client.send_by(permit, request).await.map_err(unheard)
    }

    /// Asks once, by a permit, for the records that fit.
    pub async fn look<'a>(
        &self,
        permit: http::Permit,
        object: Object,
        tags: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<Vec<Item>, Trouble> {
        let name = object.name().to_uppercase();
        let heard = self.send(permit, &name, "GET", tags).await;
        answered(heard, object, Action::Get)
    }

    /// Asks until there is an answer, or so often that there will be none.
    ///
    /// # Errors
    /// What the tenant refuses; the last trouble where it does not pass.
    pub async fn ask(
        &self,
        object: Object,
        action: &str,
        name: &str,
        tags: &[(&str, &str)],
        dice: &Dice,
    ) -> Result<Vec<Item>, Trouble> {
        let mut attempt = 0;
        loop {
            let permit = self.permit().await;
            let heard = self.send(permit, name, action, tags.iter().copied()).await;
            match answered(heard, object, Action::Get) {
                Err(Trouble::Passing { after, .. }) if attempt + 1 < self.attempts => {
                    let wait = after.unwrap_or_else(|| self.backoff.delay(attempt, dice));
                    tracing::debug!(object = name, action, ?wait, "asked again");
                    tokio::time::sleep(wait).await;
                    attempt += 1;
                }
                other => return other,
            }
        }
    }
}

/// The items of a question's answer, or why there are none.
pub(super) fn answered(heard: Heard, object: Object, action: Action) -> Result<Vec<Item>, Trouble> {
    match heard {
        Heard::Reply(reply) => match classify(object, action, &reply.answer) {
            Meaning::Done if reply.items.is_empty() && !reply.bare.is_empty() => {
                Ok(vec![reply.bare])
            }
            Meaning::Done => Ok(reply.items),
            Meaning::NotThere => Ok(Vec::new()),
            Meaning::Again | Meaning::Unknown if passes(&reply.answer.status) => {
                Err(Trouble::Passing { after: None, message: reply.answer.to_string() })
            }
            Meaning::Stop { hint } => {
                let (what, hint) = (reply.answer.to_string(), hint.to_owned());
                Err(match reply.answer.status {
                    Status::Login => Trouble::Stop { what, hint },
                    _ => Trouble::Forbidden { what, hint },
                })
            }
            _ => Err(Trouble::Refused { message: reply.answer.to_string() }),
        },
        Heard::Unsendable { message } | Heard::Refused { message, .. } => {
            Err(Trouble::Refused { message })
        }
        Heard::NotApplied { after, message, .. } | Heard::Lost { after, message, .. } => {
            Err(Trouble::Passing { after, message })
        }
        Heard::Stop { what, hint } => Err(Trouble::Stop { what, hint }),
    }
}

/// Whether a STATUS of failure may be another one later; one that nobody knows will not.
fn passes(status: &Status) -> bool {
    !matches!(status, Status::Other(_))
}

/// Says once that values come twice encoded: they would be written back so (ruling
/// ENCODING_MOJIBAKE).
pub(super) fn tell_odd(looks_like_utf8: bool, is_told: &AtomicBool) {
    if looks_like_utf8 && !is_told.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "replies of the tenant are UTF-8 and declare another encoding: if letters such as \
             `é` come as `Ã©`, set `wapi: {{reply_characters: utf8}}` in the connection"
        );
    }
}

/// What an HTTP reply says: WAPI itself always answers 200 (field-notes, WAPI).
pub(super) fn heard(action: &str, reply: &http::Reply, is_known: bool, limits: &Limits) -> Heard {
    let after = reply.hints.wait();
    let does = match action {
        "ADD" => Action::Add,
        "MODIFY" => Action::Modify,
        "DELETE" => Action::Delete,
        _ => Action::Get,
    };
    let (meaning, message) = match classify_http(does, reply.status) {
        Some(meaning) => (meaning, format!("HTTP {} from the host", reply.status)),
        None => match decode(&reply.body, limits) {
            Ok(reply) => return Heard::Reply(reply),
            Err(error) => {
                let stranger = classify_stranger(does, &error).filter(|_| !is_known);
                (stranger.unwrap_or_else(|| classify_unreadable(does, &error)), error.to_string())
            }
        },
    };
    let busy = reply.is_throttled();
    match meaning {
        Meaning::Stop { hint } => Heard::Stop { what: message, hint: hint.to_owned() },
        Meaning::Again if reply.status == 429 => {
            Heard::NotApplied { after, throttled: true, message }
        }
        Meaning::Again | Meaning::Unknown | Meaning::Done => Heard::Lost { after, busy, message },
        Meaning::NotThere | Meaning::Duplicate | Meaning::Refused => {
            Heard::Refused { status: reply.status.into(), message }
        }
    }
}

fn unheard(failure: Failure) -> Heard {
    let message = failure.to_string();
    match failure {
        Failure::NotSent { cause: NotSent::Unreachable, .. } => {
            Heard::NotApplied { after: None, throttled: false, message }
        }
        Failure::NotSent { .. } => {
            let hint = failure.hint().unwrap_or("report this").to_owned();
            Heard::Stop { what: message, hint }
        }
        Failure::Lost { .. } => Heard::Lost { after: None, busy: false, message },
    }
}
