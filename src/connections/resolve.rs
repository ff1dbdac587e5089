//! From the keys of one connection to a connection that can be used.

use std::{collections::BTreeMap, time::Duration};

use jiff::tz::TimeZone;

use super::{
    SIMULATOR, address,
    duration::Time,
    options::{
        CallOptions, ConnectionOptions, Endpoint, LimitOptions, LimitsOptions, Rate, RetryOptions,
        StartMethod, TimeoutOptions, Token, WapiOptions,
    },
};
use crate::{
    diagnostic::Diagnostic,
    environment::Environment,
    secret::Secret,
    wire::wapi::Style,
    yaml::{self, Gaps, Interpolation, Key, Node, Spanned},
};

/// A tenant that can be spoken to.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its name in connections.yaml.
    pub name: String,
    /// The host's address without a `/` at the end.
    pub base_url: String,
    /// The tenant's name.
    pub tenant: String,
    /// The zone of WAPI's dates.
    pub timezone: Option<TimeZone>,
    /// Access to the CRM API.
    pub wapi: Option<Wapi>,
    /// The tenant's tokens.
    pub tokens: Tokens,
    /// Which token each call of the campaign API uses.
    pub campaigns: CampaignTokens,
    /// How a campaign is started.
    pub start_method: StartMethod,
    /// How the phone API is spoken to.
    pub calls: CallAccess,
    /// How fast, and how much at once, each API is used.
    pub limits: Limits,
    /// How long to wait for the host.
    pub timeouts: Timeouts,
    /// When and how often a request is sent again.
    pub retry: Retry,
}

/// Access to the CRM API.
#[derive(Clone, Debug)]
pub struct Wapi {
    /// The entrance, with its credentials.
    pub access: WapiAccess,
    /// How apostrophes and characters outside ASCII are sent.
    pub style: Style,
}

/// The entrance of the CRM API.
#[derive(Clone, Debug)]
pub enum WapiAccess {
    /// `wapi.php` of the tenant's host.
    Classic {
        /// The CRM API user name.
        username: String,
        /// The CRM API password.
        password: Secret,
    },
    /// The common gateway.
    Gateway {
        /// Its key.
        api_key: Secret,
        /// Its address without a `/` at the end.
        base_url: String,
    },
}

/// The tenant's tokens.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    /// The Action Request Token.
    pub action: Option<Secret>,
    /// The Data Request Token.
    pub data: Option<Secret>,
}

impl Tokens {
    /// One of the two, if the connection has it.
    pub fn get(&self, token: Token) -> Option<&Secret> {
        match token {
            Token::Action => self.action.as_ref(),
            Token::Data => self.data.as_ref(),
        }
    }
}

/// Which token each call of the campaign API uses (rulings.md, CAMPAIGN_TOKEN).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CampaignTokens {
    /// For adding customers: `campaigns.add_token`.
    pub add: Token,
    /// For the campaign's status: `campaigns.status_token`.
    pub status: Token,
    /// For the campaign's records: `campaigns.records_token`.
    pub records: Token,
    /// For removing customers: `campaigns.remove_token`.
    pub remove: Token,
    /// For starting the campaign: `campaigns.start_token`.
    pub start: Token,
}

impl Default for CampaignTokens {
    fn default() -> Self {
        let (add, read) = (Token::Action, Token::Data);
        CampaignTokens { add, status: read, records: read, remove: read, start: add }
    }
}

/// How the phone API is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallAccess {
    /// Its token (rulings.md, TOKENS_ACROSS): `calls.token`.
    pub token: Token,
    /// The version in its paths, such as `v1`.
    pub version: String,
}

impl Default for CallAccess {
    fn default() -> Self {
        CallAccess { token: Token::Action, version: "v1".to_owned() }
    }
}

/// How fast, and how much at once, an API is used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Requests a second.
    pub rate: Rate,
    /// Requests that may follow at once after a pause.
    pub burst: u32,
    /// Requests on their way at the same time.
    pub concurrency: usize,
}

/// The limits of each API.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The CRM API.
    pub wapi: Limit,
    /// The campaign API.
    pub campaigns: Limit,
    /// Attachments, always one at a time.
    pub attachments: Limit,
    /// The phone API.
    pub calls: Limit,
}

impl Limit {
    const fn new(per_second: f64, burst: u32, concurrency: usize) -> Self {
        Limit { rate: Rate::PerSecond(per_second), burst, concurrency }
    }

    fn with(self, options: &LimitOptions) -> Self {
        Limit {
            rate: options.per_second.unwrap_or(self.rate),
            burst: options.burst.unwrap_or(self.burst),
            concurrency: options.concurrency.map_or(self.concurrency, |most| most as usize),
        }
    }
}

/// Modest, since no limit is published (field-notes.md, "Limits").
impl Default for Limits {
    fn default() -> Self {
        Limits {
            wapi: Limit::new(5.0, 5, 4),
            campaigns: Limit::new(2.0, 2, 2),
            attachments: Limit::new(1.0, 1, 1),
            calls: Limit::new(1.0, 1, 1),
        }
    }
}

/// How long to wait for the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For a request with its answer.
    pub request: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts { connect: Duration::from_secs(10), request: Duration::from_secs(120) }
    }
}

/// When and how often a request is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often a unit is sent at the most; being asked to wait does not count.
    pub attempts: u32,
    /// The first pause; each further one may be twice as long.
    pub base: Duration,
    /// The longest pause.
    pub cap: Duration,
    /// How long the host may refuse all work before the run stops.
    pub give_up_after: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Retry {
            attempts: 8,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(60),
            give_up_after: Duration::from_secs(15 * 60),
        }
    }
}

impl Connection {
    /// The built-in connection: a simulated tenant inside the process, without limits to speak of.
    pub fn for_simulator(base_url: &str, tenant: &str, action: Secret, data: Secret) -> Self {
        let free = Limit { rate: Rate::Unlimited, burst: 1, concurrency: 4 };
        let one_at_a_time = Limit { concurrency: 1, ..free };
        let attachments = one_at_a_time;
        Connection {
            name: SIMULATOR.to_owned(),
            base_url: base_url.trim_end_matches('/').to_owned(),
            tenant: tenant.to_owned(),
            timezone: Some(TimeZone::UTC),
            wapi: None,
            tokens: Tokens { action: Some(action), data: Some(data) },
            campaigns: CampaignTokens::default(),
            start_method: StartMethod::default(),
            calls: CallAccess::default(),
            limits: Limits { wapi: free, campaigns: free, attachments, calls: one_at_a_time },
            timeouts: Timeouts { request: Duration::from_secs(30), ..Timeouts::default() },
            retry: Retry::default(),
        }
    }
}

impl Connection {
    /// The same, with a login to the CRM API.
    pub fn with_wapi(mut self, username: &str, password: Secret) -> Self {
        self.wapi = Some(Wapi {
            access: WapiAccess::Classic { username: username.to_owned(), password },
            style: Style::default(),
        });
        self
    }
}

/// Exactly one of `platform` and `base_url` says where the tenant is.
pub(super) fn check_host(key: &Key, node: &Node, found: &mut Vec<Diagnostic>) {
    let platform = node.entries().iter().find(|(key, _)| key.name == "platform");
    let base_url = node.entries().iter().find(|(key, _)| key.name == "base_url");
    let hint = "`platform: na12` stands for `base_url: https://vcc-na12.8x8.com`";
    match (platform, base_url) {
        (Some(_), Some((second, _))) => found.push(
            Diagnostic::new(second.span, "`base_url` cannot stand beside `platform`")
                .with_hint(format!("keep one of them; {hint}")),
        ),
        (None, None) if !node.entries().is_empty() => found.push(
            Diagnostic::new(
                key.span,
                format!("`{}` has neither `platform` nor `base_url`", key.name),
            )
            .with_hint(hint),
        ),
        _ => {}
    }
}

/// Replaces `${..}` in one connection, checks it, and fills in the defaults.
pub(super) fn resolve(
    key: &Key,
    node: &Node,
    text: &str,
    environment: &Environment,
) -> Result<Connection, Vec<Diagnostic>> {
    let mut node = node.clone();
    let with = Interpolation { variables: &BTreeMap::new(), environment };
    let mut unreplaced = yaml::interpolate(&mut node, text, with);
    if !unreplaced.is_empty() {
        let gaps = Gaps { interpolations: true, ..Gaps::default() };
        let schema = yaml::schema_of::<ConnectionOptions>();
        unreplaced.extend(yaml::check(&schema, &node, text, gaps));
        return Err(unreplaced);
    }
    let options: ConnectionOptions = yaml::read(&node, text)?;
    let mut found = Vec::new();
    let at = key.span;
    let base_url = base_url(&options, &mut found);
    let timezone = timezone(options.timezone.as_ref(), text, &mut found);
    if options.wapi.is_some() && options.timezone.is_none() {
        found.push(
            Diagnostic::new(at, "missing key `timezone` beside `wapi`").with_hint(
                "WAPI's dates have no zone: name the tenant's, such as `America/New_York`",
            ),
        );
    }
    let wapi = options.wapi.and_then(|wapi| {
        let at = node.entries().iter().find(|(key, _)| key.name == "wapi");
        resolve_wapi(wapi, at.map_or(key, |(key, _)| key), &mut found)
    });
    let calls = call_access(&options.calls, &mut found);
    if !found.is_empty() {
        return Err(found);
    }
    let defaults = CampaignTokens::default();
    Ok(Connection {
        name: key.name.clone(),
        base_url: base_url.unwrap_or_default(),
        tenant: options.tenant,
        timezone,
        wapi,
        tokens: Tokens { action: options.tokens.action, data: options.tokens.data },
        campaigns: CampaignTokens {
            add: options.campaigns.add_token.unwrap_or(defaults.add),
            status: options.campaigns.status_token.unwrap_or(defaults.status),
            records: options.campaigns.records_token.unwrap_or(defaults.records),
            remove: options.campaigns.remove_token.unwrap_or(defaults.remove),
            start: options.campaigns.start_token.unwrap_or(defaults.start),
        },
        start_method: options.campaigns.start_method,
        calls,
        limits: limits(&options.limits),
        timeouts: timeouts(&options.timeouts),
        retry: retry(&options.retry),
    })
}

/// "The current version is 1 resulting in v1" (calls:40): either is taken (rulings PHONE_VERSION).
fn call_access(options: &CallOptions, found: &mut Vec<Diagnostic>) -> CallAccess {
    let defaults = CallAccess::default();
    let version = options.version.as_ref().map_or(defaults.version, |given| {
        let digits = given.value.0.trim_start_matches(['v', 'V']);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || digits.len() > 3 {
            let message = "`version` is not the version of an API";
            found.push(Diagnostic::new(given.span, message).with_hint("for instance `v1`"));
        }
        format!("v{digits}")
    });
    CallAccess { token: options.token.unwrap_or(defaults.token), version }
}

fn base_url(options: &ConnectionOptions, found: &mut Vec<Diagnostic>) -> Option<String> {
    if let Some(platform) = &options.platform {
        return Some(address::of_platform(platform));
    }
    let hint = "write it as `https://HOST`, or name a `platform`";
    checked_url("base_url", options.base_url.as_ref()?, hint, found)
}

fn checked_url(
    name: &str,
    given: &Spanned<String>,
    hint: &str,
    found: &mut Vec<Diagnostic>,
) -> Option<String> {
    let complain = |why| {
        let message = format!("`{name}` cannot be used: {why}");
        found.push(Diagnostic::new(given.span, message).with_hint(hint));
    };
    address::check(given).map_err(complain).ok()
}

fn timezone(
    given: Option<&Spanned<String>>,
    text: &str,
    found: &mut Vec<Diagnostic>,
) -> Option<TimeZone> {
    let given = given?;
    let zone = TimeZone::get(given);
    if zone.is_err() {
        let written = given.span.of(text).trim_matches(['"', '\'']);
        found.push(
            Diagnostic::new(given.span, format!("unknown time zone `{written}`"))
                .with_hint("use a name of the IANA database, such as `America/New_York` or `UTC`"),
        );
    }
    zone.ok()
}

fn resolve_wapi(options: WapiOptions, key: &Key, found: &mut Vec<Diagnostic>) -> Option<Wapi> {
    let base_url = match &options.gateway_url {
        None => address::GATEWAY.to_owned(),
        Some(given) => checked_url("gateway_url", given, "write it as `https://HOST`", found)?,
    };
    let mut missing = |name: &str, endpoint: &str| {
        found.push(
            Diagnostic::new(key.span, format!("missing key `{name}` in `wapi`"))
                .with_hint(format!("`endpoint: {endpoint}` needs it")),
        );
    };
    let access = match (options.endpoint, options.username, options.password, options.api_key) {
        (Endpoint::Classic, Some(username), Some(password), _) => {
            WapiAccess::Classic { username, password }
        }
        (Endpoint::Classic, username, password, _) => {
            username.is_none().then(|| missing("username", "classic"));
            password.is_none().then(|| missing("password", "classic"));
            return None;
        }
        (Endpoint::Gateway, _, _, Some(api_key)) => WapiAccess::Gateway { api_key, base_url },
        (Endpoint::Gateway, ..) => {
            missing("api_key", "gateway");
            return None;
        }
    };
    let style = Style {
        apostrophe: options.apostrophe,
        characters: options.characters,
        replies: options.reply_characters,
    };
    Some(Wapi { access, style })
}

fn limits(options: &LimitsOptions) -> Limits {
    let defaults = Limits::default();
    let attachments = &options.attachments;
    Limits {
        wapi: defaults.wapi.with(&options.wapi),
        campaigns: defaults.campaigns.with(&options.campaigns),
        attachments: Limit {
            rate: attachments.per_second.unwrap_or(defaults.attachments.rate),
            burst: attachments.burst.unwrap_or(defaults.attachments.burst),
            concurrency: 1,
        },
        calls: defaults.calls.with(&options.calls),
    }
}

fn time(given: Option<Time>, default: Duration) -> Duration {
    given.map_or(default, |time| time.0)
}

fn timeouts(options: &TimeoutOptions) -> Timeouts {
    let defaults = Timeouts::default();
    Timeouts {
        connect: time(options.connect, defaults.connect),
        request: time(options.request, defaults.request),
    }
}

fn retry(options: &RetryOptions) -> Retry {
    let defaults = Retry::default();
    Retry {
        attempts: options.attempts.unwrap_or(defaults.attempts),
        base: time(options.base, defaults.base),
        cap: time(options.cap, defaults.cap),
        give_up_after: time(options.give_up_after, defaults.give_up_after),
    }
}
