//! Starts the campaign after the load. The campaign is looked at before each request, so that an
//! answer that is lost does no harm.

use bytes::Bytes;

use super::CampaignSink;
use crate::{
    clock::Dice,
    http::{Api, Auth, Backoff, Failure, Method, NotSent, Repeatable, Request},
    load::WhatAndHint,
    wire::campaign::{START_BODY, StartAnswer, Startable, start_answer},
};

const GO_ON: &str = "give the same command again: it sends no customer a second time, and starts \
    the campaign; or start it in Configuration Manager, Campaigns";

/// How the campaign is started.
#[derive(Debug)]
pub struct Starting {
    /// The token (rulings CAMPAIGN_TOKEN).
    pub auth: Auth,
    /// How it is called in the connection.
    pub name: String,
    /// POST or PATCH: the vendor's pages differ (field-notes, Campaign records).
    pub method: Method,
    /// How often it is asked for, where the answers settle nothing.
    pub attempts: u32,
    /// Waiting between two times.
    pub backoff: Backoff,
}

impl CampaignSink {
    /// Whether the campaign is to be started after the load.
    pub fn target_starts(&self) -> bool {
        self.target.start.is_some()
    }

    /// Starts the campaign unless it runs; gives what is to be told.
    ///
    /// # Errors
    /// A campaign that cannot be started, or a server that does not say that it is.
    pub async fn start(&self) -> Result<Option<String>, WhatAndHint> {
        let Some(starting) = &self.target.start else { return Ok(None) };
        let id = self.options.campaign;
        let dice = Dice::random();
        let mut attempt = 0;
        loop {
            let Some(status) = self.status().await? else { return Ok(None) };
            match status.startable() {
                Startable::Running if attempt == 0 => {
                    return Ok(Some(format!("campaign {id} is running already")));
                }
                Startable::Running => return Ok(Some(format!("campaign {id} is started"))),
                Startable::No { what, hint } => return Err((what, hint.to_owned())),
                Startable::Yes => {}
            }
            let message = match self.ask_to_start(starting).await? {
                None => return Ok(Some(format!("campaign {id} is started"))),
                Some(message) => message,
            };
            attempt += 1;
            if attempt >= starting.attempts {
                let what = format!("campaign {id} was not started: {message}");
                return Err((what, GO_ON.to_owned()));
            }
            tokio::time::sleep(starting.backoff.delay(attempt - 1, &dice)).await;
        }
    }

    /// Asks once; gives what was said where that settles nothing.
    async fn ask_to_start(&self, starting: &Starting) -> Result<Option<String>, WhatAndHint> {
        let id = self.options.campaign;
        let request = Request {
            api: Api::Campaigns,
            method: starting.method.clone(),
            path_and_query: format!("/api/tstats/campaigns/{id}"),
            body: Some((Bytes::from_static(START_BODY), "application/json")),
            auth: starting.auth.clone(),
            repeatable: Repeatable::AfterLookUp,
        };
        let reply = match self.target.client.send(request).await {
            Ok(reply) => reply,
            Err(
                failure @ (Failure::Lost { .. }
                | Failure::NotSent { cause: NotSent::Unreachable, .. }),
            ) => return Ok(Some(failure.to_string())),
            Err(failure) => {
                let hint = failure.hint().unwrap_or(GO_ON).to_owned();
                return Err((format!("campaign {id} was not started: {failure}"), hint));
            }
        };
        match start_answer(reply.status, &reply.body) {
            StartAnswer::Done => Ok(None),
            StartAnswer::LookAgain { message } => Ok(Some(message)),
            StartAnswer::No { message } => Err(self.not_started(starting, reply.status, &message)),
        }
    }

    fn not_started(&self, starting: &Starting, status: u16, message: &str) -> WhatAndHint {
        let what = format!("campaign {} was not started: {message}", self.options.campaign);
        match status {
            401 | 403 => (
                format!("{what} (sent with {})", starting.name),
                "check the tenant's name and this token; `campaigns: {start_token: data}` in the \
                 connection uses the other one"
                    .to_owned(),
            ),
            405 => {
                let other = match starting.method {
                    Method::PATCH => "post",
                    _ => "patch",
                };
                let hint = format!(
                    "`campaigns: {{start_method: {other}}}` in the connection uses the other verb"
                );
                (what, hint)
            }
            _ => (what, GO_ON.to_owned()),
        }
    }
}
