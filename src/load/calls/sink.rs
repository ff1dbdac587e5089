//! Sends one request for each row, and reads what came back.

use std::sync::atomic::{AtomicU64, Ordering};

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::Schema,
};
use bytes::Bytes;

use super::{BusyAgent, CallUnavailable, CallsOptions};
use crate::{
    http::{Api, Auth, Client, Failure, Method, NotSent, Repeatable, Reply, Request},
    load::{Before, Delivery, Turn},
    outcome::{LoadedAs, RecordId, RowAnswer, Traffic, UnitAnswer},
    phone::{AGENT_ID, CODES, CallAction, END_POST_PROCESSING, INTERACTION_ID, LINE_NO},
    wire::calls::{Body, CallReply, Class, Codes, PlaceCall, Target, classify},
};

/// What a load of calls needs of a connection.
#[derive(Debug)]
pub struct CallsTarget {
    /// The client of the tenant's host.
    pub client: Client,
    /// The token (rulings TOKENS_ACROSS).
    pub auth: Auth,
    /// How it is called in the connection, for the message of a 401.
    pub token_name: String,
    /// The tenant, which stands in the path.
    pub tenant: String,
    /// The version in the path, such as `v1`.
    pub version: String,
    /// Requests in flight at the most.
    pub concurrency: usize,
}

/// Does one thing with calls, row by row.
#[derive(Debug)]
pub struct CallsSink {
    target: CallsTarget,
    options: CallsOptions,
    action: CallAction,
    /// Requests that repeated an earlier one.
    repeated: AtomicU64,
}

impl CallsSink {
    /// A sink for the action of `options`.
    pub fn new(target: CallsTarget, options: CallsOptions) -> Self {
        let action = options.action.value;
        CallsSink { target, options, action, repeated: AtomicU64::new(0) }
    }

    pub async fn turn(&self) -> Turn {
        self.target.client.permit(Api::Calls, &self.target.auth).await
    }

    /// Sends the only row of `rows`.
    pub async fn deliver(&self, turn: Turn, rows: &RecordBatch, before: Before) -> Delivery {
        if before.sent {
            self.repeated.fetch_add(1, Ordering::Relaxed);
        }
        let request = self.request(&Row { rows, schema: rows.schema_ref() });
        match self.target.client.send_by(turn, request).await {
            Ok(reply) => Delivery::answered(self.read(&reply, before.doubt)),
            Err(failure) => no_reply(failure),
        }
    }

    fn request(&self, row: &Row<'_>) -> Request {
        let (interaction, agent) = (row.text(INTERACTION_ID), row.text(AGENT_ID));
        const JSON: &str = "application/json";
        let (method, target, body) = match self.action {
            CallAction::Place => {
                (Method::POST, Target::Calls, Some(PlaceCall::of(row.values()).body()))
            }
            CallAction::SetTransactionCodes => {
                // The rules let nothing else through.
                let body = Codes::parse(row.text(CODES)).map(|codes| codes.body());
                let target = Target::TransactionCodes { interaction, agent };
                (Method::PUT, target, Some(body.unwrap_or_default()))
            }
            CallAction::End => {
                let end_post_processing = row.text(END_POST_PROCESSING) == "true";
                (Method::DELETE, Target::Interaction { interaction, end_post_processing }, None)
            }
            CallAction::HangUp => (Method::DELETE, Target::Leg { interaction, agent }, None),
            CallAction::FreeLines => (Method::DELETE, Target::Lines { agent }, None),
            CallAction::FreeLine => {
                (Method::DELETE, Target::Line { agent, line: row.text(LINE_NO) }, None)
            }
        };
        Request {
            api: Api::Calls,
            method,
            path_and_query: target.path(&self.target.version, &self.target.tenant),
            body: body.map(|body| (Bytes::from(body), JSON)),
            auth: self.target.auth.clone(),
            repeatable: match self.action.may_be_repeated() {
                // By the run, which counts and waits.
                true => Repeatable::AfterLookUp,
                false => Repeatable::Never,
            },
        }
    }

    fn read(&self, reply: &Reply, doubt: bool) -> UnitAnswer {
        let said = CallReply::decode(&reply.body);
        let status = reply.status;
        match classify(self.action, status, &said.text, doubt) {
            Class::Done => self.done(status, said),
            Class::AlreadySo => one(RowAnswer::loaded(LoadedAs::Unchanged)),
            Class::Confirmed => one(RowAnswer::loaded(LoadedAs::ConfirmedOnResume)),
            Class::Refused => refused(status, said),
            Class::Busy if self.options.busy_agent == BusyAgent::Wait => UnitAnswer::Again {
                after: None,
                throttled: false,
                message: told(status, &said.text),
            },
            Class::Busy => refused(status, said),
            Class::Unavailable if self.options.unavailable_means == CallUnavailable::InDoubt => {
                UnitAnswer::Doubt { message: told(status, &said.text) }
            }
            Class::Again | Class::Unavailable => UnitAnswer::Again {
                after: reply.hints.wait(),
                throttled: true,
                message: told(status, &said.text),
            },
            Class::Doubt => UnitAnswer::Doubt { message: told(status, &said.text) },
            Class::Stop { hint } => {
                let mut what = told(status, &said.text);
                if matches!(status, 401 | 403) {
                    what = format!("{what} (sent with {})", self.target.token_name);
                }
                UnitAnswer::Stop { what, hint: hint.to_owned() }
            }
        }
    }

    /// A success, if the body does not say something else: a proxy answers 200, too.
    fn done(&self, status: u16, said: CallReply) -> UnitAnswer {
        let done = match self.action {
            CallAction::Place => LoadedAs::Added,
            CallAction::SetTransactionCodes => LoadedAs::Modified,
            _ => LoadedAs::Removed,
        };
        match (self.action, said.body, said.id) {
            (CallAction::Place, _, Some(number)) => {
                let id = Some(RecordId { number, within: None });
                one(RowAnswer::Loaded { done, id })
            }
            (CallAction::Place, Body::Ok, None) => one(RowAnswer::loaded(done)),
            (CallAction::Place, ..) => {
                let message = format!("{}, without the id of the call", told(status, &said.text));
                UnitAnswer::Doubt { message }
            }
            (_, Body::Ok | Body::Json | Body::Empty, _) => one(RowAnswer::loaded(done)),
            (_, Body::Other, _) => UnitAnswer::Doubt { message: told(status, &said.text) },
        }
    }

    pub fn concurrency(&self) -> usize {
        self.target.concurrency
    }

    /// Calls are placed in the order of the input, but for those whose agent is waited for: they
    /// hold up no other one.
    pub fn units_ahead(&self) -> usize {
        match self.sends_only_once() && self.options.busy_agent == BusyAgent::Refuse {
            true => 1,
            false => 8,
        }
    }

    /// Whether rows are sent at most once, whatever happens.
    pub fn sends_only_once(&self) -> bool {
        !self.action.may_be_repeated()
    }

    pub fn allows_repeats(&self) -> bool {
        self.options.allow_repeats
    }

    pub fn adds(&self) -> bool {
        self.action == CallAction::Place
    }

    pub fn traffic(&self) -> Traffic {
        let counts = self.target.client.traffic();
        Traffic {
            requests: counts.requests,
            retries: counts.retries + self.repeated.load(Ordering::Relaxed),
            bytes_sent: counts.bytes_sent,
            bytes_received: counts.bytes_received,
        }
    }
}

/// The only row of a unit.
struct Row<'a> {
    rows: &'a RecordBatch,
    schema: &'a Schema,
}

impl<'a> Row<'a> {
    /// Columns and values; absent ones are left out.
    fn values(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let columns = self.schema.fields().iter().zip(self.rows.columns());
        columns.filter_map(|(field, column)| {
            let texts = column.as_string_opt::<i32>()?;
            (!texts.is_empty() && texts.is_valid(0))
                .then(|| (field.name().as_str(), texts.value(0)))
        })
    }

    fn text(&self, name: &str) -> &'a str {
        self.values().find(|(column, _)| *column == name).map_or("", |(_, value)| value)
    }
}

fn no_reply(failure: Failure) -> Delivery {
    let message = failure.to_string();
    let hint = failure.hint().unwrap_or("report this").to_owned();
    let answer = match failure {
        Failure::NotSent { cause: NotSent::Unreachable, .. } => {
            UnitAnswer::Again { after: None, throttled: false, message }
        }
        Failure::NotSent { .. } => UnitAnswer::Stop { what: message, hint },
        Failure::Lost { .. } => UnitAnswer::Doubt { message },
    };
    Delivery::answered(answer)
}

fn one(answer: RowAnswer) -> UnitAnswer {
    UnitAnswer::Rows(vec![answer])
}

fn refused(status: u16, said: CallReply) -> UnitAnswer {
    let message = match said.text.is_empty() {
        true => format!("HTTP {status}"),
        false => said.text,
    };
    one(RowAnswer::Refused { status: status.into(), message })
}

fn told(status: u16, text: &str) -> String {
    match text {
        "" => format!("the server answered HTTP {status}"),
        text => format!("the server answered HTTP {status}: {text}"),
    }
}
