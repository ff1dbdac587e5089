//! Sends batches of customers to a campaign, and looks at the campaign before.

use std::sync::atomic::{AtomicU64, Ordering};

use arrow::{
    array::{AsArray, RecordBatch},
    datatypes::{Int64Type, TimestampMillisecondType},
};
use bytes::Bytes;

use super::{
    CampaignAction, CampaignOptions, Starting, Unavailable, WhenInDoubt, batch_size::BatchSize,
};
use crate::{
    http::{Api, Auth, Client, Failure, Method, NotSent, Repeatable, Reply, Request},
    load::{Before, Delivery, Looked, Turn, WhatAndHint},
    outcome::{Traffic, UnitAnswer},
    rules,
    wire::campaign::{
        BRACKETS_LEN, CampaignStatus, Verdict, answer, encode_customers, encoded_len,
        removal_answer,
    },
};

/// What a campaign load needs of a connection.
#[derive(Debug)]
pub struct CampaignTarget {
    /// The client of the tenant's host.
    pub client: Client,
    /// The token for adding customers, or for taking them out (rulings CAMPAIGN_TOKEN).
    pub send: Auth,
    /// The token for looking at the campaign.
    /// `None` where the pipeline does not look.
    pub status: Option<Auth>,
    /// How the campaign is started after the load, where it is to be.
    pub start: Option<Starting>,
    /// How each of the two is called in the connection, for the message of a 401.
    pub send_name: String,
    pub status_name: String,
    /// Requests in flight at the most.
    pub concurrency: usize,
}

/// Adds customers to one campaign, or takes them out.
#[derive(Debug)]
pub struct CampaignSink {
    pub(super) target: CampaignTarget,
    pub(super) options: CampaignOptions,
    size: BatchSize,
    /// Requests that repeated an earlier one.
    repeated: AtomicU64,
}

impl CampaignSink {
    /// A sink for the campaign of `options`.
    pub fn new(target: CampaignTarget, options: CampaignOptions) -> Self {
        // The longest record that the rules let through: the body never exceeds `batch_bytes`.
        let longest = encoded_len(i64::MAX, true);
        let by_bytes = (options.batch_bytes as usize).saturating_sub(BRACKETS_LEN) / longest;
        let most = match options.action.value {
            CampaignAction::Add => (options.batch_size as usize).min(by_bytes).max(1),
            CampaignAction::Remove => 1,
        };
        CampaignSink { target, size: BatchSize::new(most), options, repeated: AtomicU64::new(0) }
    }

    pub async fn look(&self) -> Result<Looked, WhatAndHint> {
        if !self.options.check_campaign {
            return Ok(Looked::default());
        }
        let Some(status) = self.status().await? else { return Ok(Looked::default()) };
        let verdict = match self.options.action.value {
            CampaignAction::Add => status.verdict(),
            CampaignAction::Remove => status.removal_verdict(),
        };
        match verdict {
            Verdict::Ok { warning } => Ok(Looked {
                warnings: warning.filter(|_| !self.will_run(&status)).into_iter().collect(),
                window: status.window,
                ..Looked::default()
            }),
            Verdict::Stop { what, hint } => Err((what, hint.to_owned())),
        }
    }

    /// Whether a paused campaign runs after the load.
    fn will_run(&self, status: &CampaignStatus) -> bool {
        self.target.start.is_some() && matches!(status.status, Some(8..=11))
    }

    /// What the server tells of the campaign; `None` where nobody may ask.
    pub(super) async fn status(&self) -> Result<Option<CampaignStatus>, WhatAndHint> {
        let Some(auth) = self.target.status.clone() else { return Ok(None) };
        let id = self.options.campaign;
        let path = format!("/api/stats/campaigns/{id}.json");
        let request = Request::get(Api::Campaigns, path, auth);
        let reply = self.target.client.send(request).await.map_err(|failure| {
            let hint = failure.hint().unwrap_or("give the same command again later");
            (format!("campaign {id} could not be looked at: {failure}"), hint.to_owned())
        })?;
        if reply.status != 200 {
            return Err(self.not_told(&reply));
        }
        let status = CampaignStatus::decode(&reply.body).map_err(|error| {
            let hint = "`check_campaign: false` in the pipeline's `load` skips this look";
            (format!("the state of campaign {id} was not understood: {error}"), hint.to_owned())
        })?;
        Ok(Some(status))
    }

    fn not_told(&self, reply: &Reply) -> WhatAndHint {
        let id = self.options.campaign;
        let what = format!("campaign {id} could not be looked at: HTTP {}", reply.status);
        match reply.status {
            401 | 403 => (
                format!("{what} with {}", self.target.status_name),
                "check the tenant's name and this token; `campaigns: {status_token: action}` in \
                 the connection uses the other one"
                    .to_owned(),
            ),
            404 => (
                format!("campaign {id} was not found"),
                "check the number (Configuration Manager, Campaigns, column Campaign ID) and the \
                 connection's tenant and platform"
                    .to_owned(),
            ),
            _ => (what, "give the same command again later".to_owned()),
        }
    }

    pub async fn turn(&self) -> Turn {
        self.target.client.permit(Api::Campaigns, &self.target.send).await
    }

    pub async fn deliver(&self, turn: Turn, rows: &RecordBatch, before: Before) -> Delivery {
        let ids = rows.column(0).as_primitive::<Int64Type>();
        if before.sent {
            self.repeated.fetch_add(1, Ordering::Relaxed);
        }
        let customers = format!("/api/tstats/campaigns/{}/customers", self.options.campaign);
        let (method, path_and_query, body) = match self.options.action.value {
            CampaignAction::Add => {
                let schedule = rows.column(1).as_primitive::<TimestampMillisecondType>();
                let mut body = Vec::new();
                encode_customers(ids, Some(schedule), &mut body);
                (Method::POST, customers, Some((Bytes::from(body), "application/json")))
            }
            // A unit of one row (`takes`).
            CampaignAction::Remove => {
                (Method::DELETE, format!("{customers}/{}", ids.value(0)), None)
            }
        };
        let request = Request {
            api: Api::Campaigns,
            method,
            path_and_query,
            body,
            auth: self.target.send.clone(),
            repeatable: Repeatable::AfterLookUp,
        };
        match self.target.client.send_by(turn, request).await {
            Ok(reply) => self.read(&reply, ids.values(), before.doubt),
            Err(failure) => self.no_reply(failure, rows.num_rows()),
        }
    }

    fn read(&self, reply: &Reply, sent: &[i64], doubt: bool) -> Delivery {
        let (answer, setting) = match self.options.action.value {
            CampaignAction::Add => {
                let doubts = vec![doubt; sent.len()];
                (answer(reply.status, &reply.body, sent, &doubts), "add_token")
            }
            CampaignAction::Remove => {
                (removal_answer(reply.status, &reply.body, doubt), "remove_token")
            }
        };
        let answer = match answer {
            UnitAnswer::Again { after, throttled, message } => {
                UnitAnswer::Again { after: after.or(reply.hints.wait()), throttled, message }
            }
            UnitAnswer::Stop { what, .. } if matches!(reply.status, 401 | 403) => {
                let other = match self.target.send_name.contains("Action") {
                    true => "data",
                    false => "action",
                };
                UnitAnswer::Stop {
                    what: format!("{what} (sent with {})", self.target.send_name),
                    hint: format!(
                        "check the tenant's name and this token; `campaigns: {{{setting}: {other}}}` in the \
                         connection uses the other one"
                    ),
                }
            }
            UnitAnswer::Split { status: 413, message } => {
                self.size.too_large(sent.len());
                let message = match message.is_empty() {
                    true => "the request is too large".to_owned(),
                    false => message,
                };
                UnitAnswer::Split { status: 413, message }
            }
            UnitAnswer::Rows(rows) => {
                self.size.answered();
                UnitAnswer::Rows(rows)
            }
            other => other,
        };
        let maybe_applied =
            reply.status == 503 && self.options.unavailable_means == Unavailable::InDoubt;
        Delivery { answer, timed_out: false, maybe_applied }
    }

    fn no_reply(&self, failure: Failure, rows: usize) -> Delivery {
        let message = failure.to_string();
        let hint = failure.hint().unwrap_or("report this").to_owned();
        let (answer, timed_out) = match failure {
            Failure::NotSent { cause: NotSent::Unreachable, .. } => {
                (UnitAnswer::Again { after: None, throttled: false, message }, false)
            }
            Failure::NotSent { .. } => (UnitAnswer::Stop { what: message, hint }, false),
            Failure::Lost { timed_out, .. } => {
                if timed_out {
                    self.size.timed_out(rows);
                }
                (UnitAnswer::Doubt { message }, timed_out)
            }
        };
        Delivery { answer, timed_out, maybe_applied: false }
    }

    pub fn rows_of_a_unit(&self) -> usize {
        self.size.now()
    }

    pub fn takes(&self, rows: usize) -> bool {
        rows <= self.size.most()
    }

    pub fn concurrency(&self) -> usize {
        self.target.concurrency
    }

    pub fn adds(&self) -> bool {
        self.options.action.value == CampaignAction::Add
    }

    pub fn sends_doubtful_again(&self) -> bool {
        self.options.when_in_doubt == WhenInDoubt::SendAgain
    }

    pub fn check_count(&self, records: u64) -> Result<(), (u64, String)> {
        match self.adds() && records > rules::MOST_CAMPAIGN_RECORDS.value {
            true => Err((rules::MOST_CAMPAIGN_RECORDS.value, "a campaign upload".to_owned())),
            false => Ok(()),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::ClientOptions;

    fn sink(options: &str) -> CampaignSink {
        let target = CampaignTarget {
            client: Client::new(ClientOptions::new("http://127.0.0.1:9")).unwrap(),
            send: Auth::InBody("test".into()),
            status: None,
            start: None,
            send_name: String::new(),
            status_name: String::new(),
            concurrency: 1,
        };
        let parsed = crate::yaml::parse(options);
        let options = crate::yaml::decode(&parsed.root.unwrap(), options).unwrap();
        CampaignSink::new(target, options)
    }

    #[test]
    fn five_million_records_are_taken_and_not_one_more() {
        let sink = sink("{ action: add, campaign: 1 }");
        assert_eq!(sink.check_count(5_000_000), Ok(()));
        let (most, what) = sink.check_count(5_000_001).unwrap_err();
        assert_eq!((most, what.as_str()), (5_000_000, "a campaign upload"));
    }

    #[test]
    fn a_batch_of_the_longest_records_keeps_within_its_bytes() {
        for bytes in [1024, 4096, 100_000] {
            let sink = sink(&format!("{{ action: add, campaign: 1, batch_bytes: {bytes} }}"));
            let longest = encoded_len(i64::MAX, true);
            let body = BRACKETS_LEN + sink.rows_of_a_unit() * longest;
            assert!(body <= bytes, "{body} bytes in a body of {bytes}");
        }
    }
}
