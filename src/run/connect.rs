//! From a connection and the keys of `load` to a sink that can send.

use std::sync::Arc;

use super::RunError;
use crate::{
    connections::{Connection, Limit, Rate, StartMethod, Token, WapiAccess},
    extract::{
        ExtractOptions,
        fetch::{DataAccess, Remote},
    },
    http::{self, ApiKey, ApiLimits, Auth, Backoff, Client, ClientOptions},
    load::{
        LoadOptions, Sink, Target,
        calls::{CallsSink, CallsTarget},
        campaign::{CampaignAction, CampaignSink, CampaignTarget, Starting},
        files::FileSink,
        wapi::{WapiSink, WapiTarget},
    },
    tenant::{Access, CampaignRecords, Crm},
    wire::wapi::Login,
};

/// Connects the target; no request is made.
pub fn target(load: &LoadOptions, connection: &Connection) -> Result<Target, RunError> {
    match load.as_files() {
        Some(format) => Ok(Target::Files(Box::new(FileSink::new(format)?))),
        None => sink(load, connection).map(Target::Api),
    }
}

pub fn sink(load: &LoadOptions, connection: &Connection) -> Result<Sink, RunError> {
    match load {
        LoadOptions::Campaign(options) => {
            let tokens = connection.campaigns;
            let send = match options.action.value {
                CampaignAction::Add => tokens.add,
                CampaignAction::Remove => tokens.remove,
            };
            let starting = || -> Result<Starting, RunError> {
                Ok(Starting {
                    auth: auth(connection, tokens.start)?,
                    name: token_name(tokens.start),
                    method: match connection.start_method {
                        StartMethod::Post => http::Method::POST,
                        StartMethod::Patch => http::Method::PATCH,
                    },
                    attempts: connection.retry.attempts,
                    backoff: backoff(connection),
                })
            };
            let target = CampaignTarget {
                client: client(connection, &connection.base_url)?,
                send: auth(connection, send)?,
                status: match options.check_campaign || options.start_after_load {
                    true => Some(auth(connection, tokens.status)?),
                    false => None,
                },
                start: options.start_after_load.then(starting).transpose()?,
                send_name: token_name(send),
                status_name: token_name(tokens.status),
                concurrency: connection.limits.campaigns.concurrency,
            };
            Ok(Sink::Campaign(Box::new(CampaignSink::new(target, options.clone()))))
        }
        LoadOptions::Wapi(options) => {
            let target = WapiTarget {
                crm: crm(connection)?,
                concurrency: connection.limits.wapi.concurrency,
            };
            Ok(Sink::Wapi(Box::new(WapiSink::new(target, options.clone()))))
        }
        LoadOptions::Calls(options) => {
            let access = &connection.calls;
            // What may not be sent again is not risked on an old connection.
            let reuse = options.action.value.may_be_repeated();
            let target = CallsTarget {
                client: client_with(connection, &connection.base_url, reuse)?,
                auth: auth(connection, access.token)?,
                token_name: token_name(access.token),
                tenant: connection.tenant.clone(),
                version: access.version.clone(),
                concurrency: connection.limits.calls.concurrency,
            };
            Ok(Sink::Calls(Box::new(CallsSink::new(target, options.clone()))))
        }
        LoadOptions::Parquet(_) | LoadOptions::Csv(_) | LoadOptions::Json(_) => {
            Err(RunError::Connection {
                what: "files are not sent over a connection".into(),
                hint: "this is a defect of vccpipe: please report it".into(),
            })
        }
    }
}

/// A campaign to be asked for its records; no request is made.
///
/// # Errors
/// The token for reading is missing.
pub fn campaign_records(
    connection: &Connection,
    campaign: u64,
) -> Result<CampaignRecords, RunError> {
    Ok(CampaignRecords {
        client: client(connection, &connection.base_url)?,
        auth: auth(connection, connection.campaigns.records)?,
        status: auth(connection, connection.campaigns.status)?,
        campaign,
    })
}

/// What an extract may ask the tenant; no request is made.
///
/// # Errors
/// What the connection lacks for it.
pub fn remote(extract: &ExtractOptions, connection: &Connection) -> Result<Remote, RunError> {
    let crm = match extract {
        ExtractOptions::Attachments(attachments) if !attachments.asks_the_crm() => None,
        ExtractOptions::Wapi(_) | ExtractOptions::List(_) | ExtractOptions::Attachments(_) => {
            Some(crm(connection)?)
        }
        _ => None,
    };
    let data = match extract {
        ExtractOptions::Campaign(_) => Some(data(connection, connection.campaigns.records)?),
        // "Your Tenant name as the username, and your Data Request Token as the password" (ccm).
        ExtractOptions::Attachments(_) => Some(data(connection, Token::Data)?),
        _ => None,
    };
    // Without it a list is taken as it comes.
    let campaign_status = match extract {
        ExtractOptions::Campaign(_) => auth(connection, connection.campaigns.status).ok(),
        _ => None,
    };
    Ok(Remote {
        crm,
        data,
        campaign_status,
        zone: connection.timezone.clone(),
        concurrency: connection.limits.wapi.concurrency,
        attempts: connection.retry.attempts,
        backoff: Backoff { base: connection.retry.base, cap: connection.retry.cap },
        give_up_after: connection.retry.give_up_after,
    })
}

fn data(connection: &Connection, token: Token) -> Result<DataAccess, RunError> {
    Ok(DataAccess {
        client: client(connection, &connection.base_url)?,
        auth: auth(connection, token)?,
        token_name: token_name(token),
    })
}

/// The tenant's CRM, as the connection enters it.
fn crm(connection: &Connection) -> Result<Crm, RunError> {
    let wapi = connection.wapi.as_ref().ok_or_else(|| RunError::Connection {
        what: format!("the connection `{}` has no access to the CRM API", connection.name),
        hint: "write `wapi: {username: .., password: ..}` and `timezone:` into it".into(),
    })?;
    let (base_url, auth, access) = match &wapi.access {
        WapiAccess::Classic { username, password } => {
            let login = Login {
                tenant: connection.tenant.clone(),
                username: username.clone(),
                password: password.clone(),
            };
            let whose = format!("{} {username}", connection.tenant);
            (&connection.base_url, Auth::InBody(whose.into()), Access::Classic(login))
        }
        WapiAccess::Gateway { api_key, base_url } => {
            let key = ApiKey { tenant: connection.tenant.clone(), secret: api_key.clone() };
            (base_url, Auth::ApiKey(key.into()), Access::Gateway)
        }
    };
    Ok(Crm {
        client: client(connection, base_url)?,
        auth,
        access,
        style: wapi.style,
        attempts: connection.retry.attempts,
        backoff: Backoff { base: connection.retry.base, cap: connection.retry.cap },
        is_known: Arc::default(),
        is_odd_told: Arc::default(),
    })
}

fn backoff(connection: &Connection) -> Backoff {
    Backoff { base: connection.retry.base, cap: connection.retry.cap }
}

fn client(connection: &Connection, base_url: &str) -> Result<Client, RunError> {
    client_with(connection, base_url, true)
}

fn client_with(
    connection: &Connection,
    base_url: &str,
    reuse_connections: bool,
) -> Result<Client, RunError> {
    let limits = &connection.limits;
    let mut options = ClientOptions::new(base_url);
    options.connect_timeout = connection.timeouts.connect;
    options.request_timeout = connection.timeouts.request;
    options.limits = ApiLimits {
        campaigns: limit(limits.campaigns),
        wapi: limit(limits.wapi),
        attachments: limit(limits.attachments),
        calls: limit(limits.calls),
    };
    options.reuse_connections = reuse_connections;
    options.retry.attempts = connection.retry.attempts;
    options.retry.backoff = Backoff { base: connection.retry.base, cap: connection.retry.cap };
    Client::new(options).map_err(|error| RunError::Connection {
        what: format!("the connection `{}` cannot be used: {error}", connection.name),
        hint: "mend it in the connections file".into(),
    })
}

fn limit(limit: Limit) -> http::Limit {
    http::Limit {
        per_second: match limit.rate {
            Rate::PerSecond(rate) => Some(rate),
            Rate::Unlimited => None,
        },
        burst: limit.burst,
        concurrency: limit.concurrency as u32,
    }
}

/// The token as the documents and the connections file call it.
fn token_name(token: Token) -> String {
    match token {
        Token::Action => "the Action Request Token (`tokens.action`)".into(),
        Token::Data => "the Data Request Token (`tokens.data`)".into(),
    }
}

fn auth(connection: &Connection, token: Token) -> Result<Auth, RunError> {
    let secret = connection.tokens.get(token).ok_or_else(|| RunError::Connection {
        what: format!("the connection `{}` lacks {}", connection.name, token_name(token)),
        hint: "write it under `tokens:`; Configuration Manager, Integration, API Token shows it"
            .into(),
    })?;
    let token = http::Token {
        name: token.name().to_owned(),
        username: connection.tenant.clone(),
        secret: secret.clone(),
    };
    Ok(Auth::Basic(token.into()))
}
