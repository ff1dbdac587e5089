//! The keys of connections.yaml.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

use super::duration::Time;
use crate::{
    secret::Secret,
    wire::wapi::{Apostrophe, Characters, ReplyCharacters},
    yaml::Spanned,
};

/// The tenants that pipelines may speak to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "vccpipe connections")]
pub(super) struct File {
    /// A name for each tenant, which pipelines use under `connection`.
    #[allow(dead_code)] // each is read on its own, when it is asked for
    pub connections: BTreeMap<String, ConnectionOptions>,
}

/// One tenant: its host, its credentials, and what it can bear.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectionOptions {
    /// The platform that the tenant lives on, such as `na12` for https://vcc-na12.8x8.com.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[A-Za-z]{2}[0-9]{1,2}$"))]
    pub platform: Option<Spanned<String>>,
    /// The host's whole address in place of `platform`: `https://..`.
    #[serde(default)]
    pub base_url: Option<Spanned<String>>,
    /// The tenant's name.
    #[schemars(length(min = 1))]
    pub tenant: String,
    /// The zone of WAPI's dates, such as `America/New_York`. Needed with `wapi`.
    #[serde(default)]
    pub timezone: Option<Spanned<String>>,
    /// Access to the CRM API (WAPI).
    #[serde(default)]
    pub wapi: Option<WapiOptions>,
    /// The tokens of Configuration Manager, Integration, API Token.
    #[serde(default)]
    pub tokens: TokenOptions,
    /// Which token each call of the campaign API uses.
    #[serde(default)]
    pub campaigns: CampaignOptions,
    /// The phone API.
    #[serde(default)]
    pub calls: CallOptions,
    /// How fast, and how much at once, each API is used.
    #[serde(default)]
    pub limits: LimitsOptions,
    /// How long to wait for the host.
    #[serde(default)]
    pub timeouts: TimeoutOptions,
    /// When and how often a request that failed is sent again.
    #[serde(default)]
    pub retry: RetryOptions,
}

/// Access to the CRM API (WAPI).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WapiOptions {
    /// Which entrance: `classic` (user name and password) or `gateway` (API key). Default
    /// `classic`.
    #[serde(default)]
    pub endpoint: Endpoint,
    /// The CRM API user name, at most 10 characters.
    #[serde(default)]
    #[schemars(with = "String", length(min = 1, max = 10))]
    pub username: Option<String>,
    /// The CRM API password, 3 to 15 characters.
    #[serde(default)]
    #[schemars(with = "String", length(min = 3, max = 15))]
    pub password: Option<Secret>,
    /// The key of the `gateway` entrance.
    #[serde(default)]
    #[schemars(with = "String", length(min = 1))]
    pub api_key: Option<Secret>,
    /// The address of the `gateway` entrance. Default `https://api.8x8.com`.
    #[serde(default)]
    pub gateway_url: Option<Spanned<String>>,
    /// How an apostrophe is sent. Default `rsquot`.
    #[serde(default)]
    pub apostrophe: Apostrophe,
    /// How characters outside ASCII are sent. Default `references`.
    #[serde(default)]
    pub characters: Characters,
    /// How characters outside ASCII are read in replies. Default `declared`.
    #[serde(default)]
    pub reply_characters: ReplyCharacters,
}

/// Which entrance of the CRM API is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `wapi.php` of the tenant's host, with user name and password in the body.
    #[default]
    Classic,
    /// The common gateway, with an API key.
    Gateway,
}

/// The tokens of Configuration Manager.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenOptions {
    /// The Action Request Token: campaigns are filled and calls placed with it.
    #[serde(default)]
    #[schemars(with = "String", length(min = 1))]
    pub action: Option<Secret>,
    /// The Data Request Token: status and records are read with it.
    #[serde(default)]
    #[schemars(with = "String", length(min = 1))]
    pub data: Option<Secret>,
}

/// One of the tenant's tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Token {
    /// The Action Request Token.
    Action,
    /// The Data Request Token.
    Data,
}

impl Token {
    /// Its name as the documents write it.
    pub fn name(self) -> &'static str {
        match self {
            Token::Action => "Action Request Token",
            Token::Data => "Data Request Token",
        }
    }
}

/// Which token each call of the campaign API uses: the documents contradict themselves.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CampaignOptions {
    /// For adding customers. Default `action`.
    #[serde(default)]
    pub add_token: Option<Token>,
    /// For the campaign's status. Default `data`.
    #[serde(default)]
    pub status_token: Option<Token>,
    /// For the campaign's records. Default `data`.
    #[serde(default)]
    pub records_token: Option<Token>,
    /// For removing customers. Default `data`.
    #[serde(default)]
    pub remove_token: Option<Token>,
    /// For starting the campaign. Default `action`.
    #[serde(default)]
    pub start_token: Option<Token>,
    /// How a campaign is started: by POST, as the guide has it, or by PATCH, as the API description
    /// has it. Default `post`.
    #[serde(default)]
    pub start_method: StartMethod,
}

/// The verb of the request that changes a campaign's status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StartMethod {
    /// As the guide has it.
    #[default]
    Post,
    /// As the API description has it.
    Patch,
}

/// The phone API.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CallOptions {
    /// Which token it takes. Default `action`.
    #[serde(default)]
    pub token: Option<Token>,
    /// The version in its paths, with or without the `v`. Default `v1`.
    #[serde(default)]
    pub version: Option<Spanned<Version>>,
}

/// The version of an API in its paths.
#[derive(Debug)]
pub(super) struct Version(pub String);

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrText;

        impl Visitor<'_> for NumberOrText {
            type Value = Version;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a version such as `v1`")
            }

            fn visit_u64<E>(self, version: u64) -> Result<Version, E> {
                Ok(Version(version.to_string()))
            }

            fn visit_str<E>(self, version: &str) -> Result<Version, E> {
                Ok(Version(version.to_owned()))
            }
        }

        deserializer.deserialize_any(NumberOrText)
    }
}

impl JsonSchema for Version {
    fn schema_name() -> Cow<'static, str> {
        "Version".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A version such as `v1`.",
            "oneOf": [
                { "type": "integer", "minimum": 1, "maximum": 999 },
                { "type": "string", "pattern": "^[vV]?[0-9]{1,3}$" }
            ]
        })
    }
}

/// How fast, and how much at once, each API is used. No limit is published: these are modest.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsOptions {
    /// The CRM API. Default: 5 a second, 5 in a burst, 4 at once.
    #[serde(default)]
    pub wapi: LimitOptions,
    /// The campaign API. Default: 2 a second, 2 at once.
    #[serde(default)]
    pub campaigns: LimitOptions,
    /// Attachments. Default: 1 a second. They are always taken one at a time.
    #[serde(default)]
    pub attachments: AttachmentLimitOptions,
    /// The phone API. Default: 1 a second, 1 at once.
    #[serde(default)]
    pub calls: LimitOptions,
}

/// How fast, and how much at once, an API is used.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitOptions {
    /// Requests a second, or `unlimited`.
    #[serde(default)]
    pub per_second: Option<Rate>,
    /// Requests that may follow at once after a pause, 1 to 1000.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    pub burst: Option<u32>,
    /// Requests on their way at the same time, 1 to 64.
    #[serde(default)]
    #[schemars(range(min = 1, max = 64))]
    pub concurrency: Option<u32>,
}

/// How fast attachments are taken.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AttachmentLimitOptions {
    /// Requests a second, or `unlimited`.
    #[serde(default)]
    pub per_second: Option<Rate>,
    /// Requests that may follow at once after a pause, 1 to 1000.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    pub burst: Option<u32>,
    /// Always 1: the API serves one request of a tenant at a time.
    #[serde(default)]
    #[schemars(extend("const" = 1))]
    #[allow(dead_code)] // may be written down, and changes nothing
    pub concurrency: Option<u32>,
}

/// Requests a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// So many, a fraction too.
    PerSecond(f64),
    /// As many as go.
    Unlimited,
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrWord;

        impl Visitor<'_> for NumberOrWord {
            type Value = Rate;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number above zero, or `unlimited`")
            }

            fn visit_f64<E: Error>(self, rate: f64) -> Result<Rate, E> {
                // A thousand a second is far beyond what any host takes, and a request in a
                // thousand seconds is none.
                match (0.001..=1000.0).contains(&rate) {
                    true => Ok(Rate::PerSecond(rate)),
                    false => Err(E::custom("between 0.001 and 1000 a second, or `unlimited`")),
                }
            }

            fn visit_u64<E: Error>(self, rate: u64) -> Result<Rate, E> {
                self.visit_f64(rate as f64)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Rate, E> {
                match (text, text.trim().parse()) {
                    ("unlimited", _) => Ok(Rate::Unlimited),
                    (_, Ok(rate)) => self.visit_f64(rate),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_any(NumberOrWord)
    }
}

impl JsonSchema for Rate {
    fn schema_name() -> Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Requests a second, or `unlimited`.",
            "oneOf": [
                { "type": "number", "exclusiveMinimum": 0, "maximum": 1000 },
                { "type": "string", "const": "unlimited" }
            ]
        })
    }
}

/// How long to wait for the host.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TimeoutOptions {
    /// For a connection. Default `10s`.
    #[serde(default)]
    #[schemars(with = "Time")]
    pub connect: Option<Time>,
    /// For a request with its answer. Default `120s`.
    #[serde(default)]
    #[schemars(with = "Time")]
    pub request: Option<Time>,
}

/// When and how often a request that failed is sent again.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RetryOptions {
    /// How often a unit is sent at the most, 1 to 100. Being asked to wait does not count.
    /// Default 8.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub attempts: Option<u32>,
    /// The first pause; each further one may be twice as long. Default `500ms`.
    #[serde(default)]
    #[schemars(with = "Time")]
    pub base: Option<Time>,
    /// The longest pause. Default `60s`.
    #[serde(default)]
    #[schemars(with = "Time")]
    pub cap: Option<Time>,
    /// How long the host may refuse all work before the run stops, to go on later. Default `15m`.
    #[serde(default)]
    #[schemars(with = "Time")]
    pub give_up_after: Option<Time>,
}
