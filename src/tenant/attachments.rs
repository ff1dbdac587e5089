//! The files that are attached to one record, asked for once (ccm-attachments-api.txt).

use std::{io, time::Duration};

use super::turn::Turns;
use crate::{
    clock::Dice,
    files::FileError,
    http::{Api, Auth, Client, Download, DownloadError, Failure, NotSent, Request},
};

/// What every path of the API begins with.
const PATH: &str = "/api/ccm/attachments";

/// The attachments of one tenant.
#[derive(Clone, Debug)]
pub struct Attachments {
    /// The client of its host.
    pub client: Client,
    /// The Data Request Token.
    pub auth: Auth,
    /// How the connections file calls it.
    pub token_name: String,
    /// Who may ask now.
    pub turns: Turns,
}

/// What became of a request for a record's files.
#[derive(Debug)]
pub enum Attached {
    /// They came, and were written away.
    Sent(Download),
    /// There are none, or no such record.
    Missing,
    /// The tenant does not take this request.
    Refused { message: String },
    /// The tenant has too much to do, or serves another request of this tenant.
    Busy { delay: Duration, message: String },
    /// It failed for this time: no answer, a part of one, or an error in the host.
    Failed { message: String },
    /// No further request will fare better.
    Stop { what: String, hint: String },
    /// What came could not be written.
    Unwritten(io::Error),
}

impl Attachments {
    /// Asks once for the files of a record, when the limits and the other processes allow it.
    /// `waiting` is called where another process is being served.
    ///
    /// # Errors
    /// A lock that cannot be taken.
    pub async fn ask(
        &self,
        object: &str,
        id: &str,
        into: &mut (dyn io::Write + Send),
        dice: &Dice,
        waiting: &mut dyn FnMut(),
    ) -> Result<Attached, FileError> {
        let permit = self.client.permit(Api::Attachments, &self.auth).await;
        let turn = self.turns.take(dice, waiting).await?;
        let path = format!("{PATH}/{object}/{}", in_path(id));
        let request = Request::get(Api::Attachments, path, self.auth.clone());
        let answer = self.client.download(permit, request, into).await;
        drop(turn);
        Ok(match answer {
            Ok(download) => self.heard(download),
            Err(DownloadError::Failure(failure)) => unheard(&failure),
            Err(DownloadError::Write(error)) => Attached::Unwritten(error),
        })
    }

    fn heard(&self, download: Download) -> Attached {
        let status = download.reply.status;
        let message = told(&download);
        match status {
            200 | 203 => Attached::Sent(download),
            204 | 404 | 410 => Attached::Missing,
            // A part (206), or an answer that nobody has documented: not the files.
            201..=299 => Attached::Failed { message },
            300..=399 => Attached::Stop {
                what: format!("the attachments API sends elsewhere ({message})"),
                hint: ELSEWHERE.into(),
            },
            401 | 403 => Attached::Stop { what: self.denied(status), hint: DENIED.into() },
            429 | 503 => Attached::Busy {
                delay: self.client.limits(Api::Attachments, &self.auth).held_for(),
                message,
            },
            408 | 500..=599 => Attached::Failed { message },
            _ => Attached::Refused { message },
        }
    }

    fn denied(&self, status: u16) -> String {
        let whose = match &self.auth {
            Auth::Basic(token) => token.username.as_str(),
            _ => "the tenant",
        };
        format!(
            "the attachments API denies access (HTTP {status}) to `{whose}` with {}",
            self.token_name
        )
    }
}

/// What to do about a denial.
const DENIED: &str = "check the tenant's name and `tokens.data` of the connection; Configuration \
                      Manager, Integration, API Token shows the token";

/// What to do about a redirect, which is not followed.
const ELSEWHERE: &str = "check `platform` or `base_url` of the connection: the tenant's own cluster \
                         answers without a redirect";

/// The status with what the host says of it.
fn told(download: &Download) -> String {
    let status = download.reply.status;
    let body: serde_json::Value =
        serde_json::from_slice(&download.reply.body).unwrap_or(serde_json::Value::Null);
    match body.get("message").and_then(serde_json::Value::as_str) {
        Some(message) => {
            let message: String = message.chars().filter(|c| !c.is_control()).take(200).collect();
            format!("HTTP {status}: {message}")
        }
        None => format!("HTTP {status}"),
    }
}

fn unheard(failure: &Failure) -> Attached {
    let message = failure.to_string();
    match failure {
        Failure::NotSent { cause: NotSent::Unreachable, .. } | Failure::Lost { .. } => {
            Attached::Failed { message }
        }
        Failure::NotSent { .. } => {
            Attached::Stop { what: message, hint: failure.hint().unwrap_or("report this").into() }
        }
    }
}

/// The id as a piece of a path. Ids are digits and dots; all else is encoded.
fn in_path(id: &str) -> String {
    let mut path = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'-' | b'_' => path.push(byte.into()),
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    path
}
