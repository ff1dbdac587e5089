//! Messages of a connections file, and what a good one becomes.

use std::time::Duration;

use super::*;
use crate::{secret::Secret, wire::wapi::Style};

/// The example of the design, and a second tenant with everything that is not its default.
const EXAMPLE: &str = r#"connections:
  acme:
    platform: na12                       # https://vcc-na12.8x8.com
    tenant: acmecorp01
    timezone: America/New_York           # of WAPI dates
    wapi:
      endpoint: classic
      username: ${env:VCC_WAPI_USERNAME}
      password: ${env:VCC_WAPI_PASSWORD}
      apostrophe: rsquot
    tokens: { action: "${env:VCC_ACTION_TOKEN}", data: "${env:VCC_DATA_TOKEN}" }
    limits:
      wapi:        { per_second: 5, burst: 5, concurrency: 4 }
      campaigns:   { per_second: 2, concurrency: 2 }
      attachments: { per_second: 1 }
      calls:       { per_second: 1, concurrency: 1 }
    timeouts: { connect: 10s, request: 120s }
  local:
    base_url: http://127.0.0.1:8080/
    tenant: t
    tokens: { action: plain-token }
    campaigns: { add_token: data, remove_token: action }
    limits: { campaigns: { per_second: unlimited, concurrency: 8 } }
    retry: { attempts: 3, base: 100ms, cap: 5s, give_up_after: 1m }
    timezone: UTC
    wapi: { endpoint: gateway, api_key: gateway-k3y, apostrophe: xml, characters: latin1,
      reply_characters: utf8 }
"#;

fn environment() -> Environment {
    Environment::fixed([
        ("VCC_WAPI_USERNAME", "apiuser"),
        ("VCC_WAPI_PASSWORD", "pa55word"),
        ("VCC_ACTION_TOKEN", "action-s3cret"),
        ("VCC_DATA_TOKEN", "data-s3cret"),
        ("LONG", "0123456789ABCDEFGHIJ"),
    ])
}

fn said(text: &str, diagnostics: &[Diagnostic]) -> String {
    let said = |one: &Diagnostic| {
        let hint = one.hint.as_ref().map(|hint| format!("\n    {hint}")).unwrap_or_default();
        format!("[{}] {}{hint}", one.span.of(text), one.message)
    };
    diagnostics.iter().map(said).collect::<Vec<_>>().join("\n")
}

/// What is said of a connection `a` with these keys, when read or when asked for.
fn said_of(keys: &str) -> String {
    let text = format!("connections:\n  a: {{ {keys} }}\n");
    let report = match Connections::parse("c.yaml", &text) {
        Err(report) => report,
        Ok(connections) => match connections.get("a", &environment()) {
            Err(ConnectionError::Wrong(report)) => report,
            other => panic!("not a wrong file: {other:?}"),
        },
    };
    said(&report.text, &report.diagnostics)
}

#[test]
fn the_example_of_the_design_is_read() {
    let connections = Connections::parse("c.yaml", EXAMPLE).unwrap();
    assert_eq!(connections.names().collect::<Vec<_>>(), ["acme", "local"]);
    let acme = connections.get("acme", &environment()).unwrap();
    assert_eq!(acme.base_url, "https://vcc-na12.8x8.com");
    assert_eq!(acme.timezone.unwrap().iana_name(), Some("America/New_York"));
    assert_eq!(acme.limits, Limits::default());
    assert_eq!(acme.timeouts, Timeouts::default());
    assert_eq!(acme.campaigns, CampaignTokens::default());
    assert_eq!(acme.tokens.get(Token::Action).unwrap().expose(), "action-s3cret");
    assert_eq!(acme.tokens.get(Token::Data).unwrap().expose(), "data-s3cret");
    let wapi = acme.wapi.unwrap();
    assert_eq!(wapi.style, Style::default());
    let WapiAccess::Classic { username, password } = wapi.access else { panic!("not classic") };
    assert_eq!((username.as_str(), password.expose()), ("apiuser", "pa55word"));
}

#[test]
fn what_is_set_wins_over_the_defaults() {
    let connections = Connections::parse("c.yaml", EXAMPLE).unwrap();
    let local = connections.get("local", &environment()).unwrap();
    assert_eq!(local.base_url, "http://127.0.0.1:8080");
    assert_eq!((local.campaigns.add, local.campaigns.remove), (Token::Data, Token::Action));
    assert_eq!(local.limits.campaigns, Limit { rate: Rate::Unlimited, burst: 2, concurrency: 8 });
    assert_eq!(local.limits.wapi, Limits::default().wapi);
    assert_eq!(local.retry.base, Duration::from_millis(100));
    assert_eq!(local.retry.give_up_after, Duration::from_secs(60));
    assert!(local.tokens.data.is_none());
    let style = Style {
        apostrophe: Apostrophe::Xml,
        characters: Characters::Latin1,
        replies: ReplyCharacters::Utf8,
    };
    assert_eq!(local.wapi.unwrap().style, style);
}

#[test]
fn an_unset_variable_of_another_connection_does_no_harm() {
    let connections = Connections::parse("c.yaml", EXAMPLE).unwrap();
    let nothing_set = Environment::fixed([]);
    assert!(connections.get("local", &nothing_set).is_ok());
    let error = connections.get("acme", &nothing_set).unwrap_err();
    insta::assert_snapshot!(error.to_string(), @r#"
    c.yaml:8:17
      × the environment variable `VCC_WAPI_USERNAME` is not set
       ╭────
     7 │       endpoint: classic
     8 │       username: ${env:VCC_WAPI_USERNAME}
       ·                 ────────────────────────
     9 │       password: ${env:VCC_WAPI_PASSWORD}
       ╰────
      help: set it, or give a default: `${env:VCC_WAPI_USERNAME:-default}`

    c.yaml:9:17
      × the environment variable `VCC_WAPI_PASSWORD` is not set
        ╭────
      8 │       username: ${env:VCC_WAPI_USERNAME}
      9 │       password: ${env:VCC_WAPI_PASSWORD}
        ·                 ────────────────────────
     10 │       apostrophe: rsquot
        ╰────
      help: set it, or give a default: `${env:VCC_WAPI_PASSWORD:-default}`

    c.yaml:11:24
      × the environment variable `VCC_ACTION_TOKEN` is not set
        ╭────
     10 │       apostrophe: rsquot
     11 │     tokens: { action: "${env:VCC_ACTION_TOKEN}", data: "${env:VCC_DATA_TOKEN}" }
        ·                        ───────────────────────
     12 │     limits:
        ╰────
      help: set it, or give a default: `${env:VCC_ACTION_TOKEN:-default}`

    c.yaml:11:57
      × the environment variable `VCC_DATA_TOKEN` is not set
        ╭────
     10 │       apostrophe: rsquot
     11 │     tokens: { action: "${env:VCC_ACTION_TOKEN}", data: "${env:VCC_DATA_TOKEN}" }
        ·                                                         ─────────────────────
     12 │     limits:
        ╰────
      help: set it, or give a default: `${env:VCC_DATA_TOKEN:-default}`
    "#);
}

#[test]
fn secrets_show_in_no_debug_and_in_no_message() {
    let connections = Connections::parse("c.yaml", EXAMPLE).unwrap();
    let mut shown = format!("{connections:?} {:?}", environment());
    for name in ["acme", "local"] {
        shown += &format!("{:#?}", connections.get(name, &environment()).unwrap());
    }
    let (action, data) = (Secret::new("action-s3cret"), Secret::new("data-s3cret"));
    shown += &format!("{:?}", Connection::for_simulator("http://[::1]:1", "t", action, data));
    shown += &said_of("platform: '${env:LONG}', tenant: t, tokens: { action: [x] }");
    shown += &said_of("platform: '${env:LONG}', tenant: t");
    shown += &said_of("base_url: '${env:LONG}', timezone: '${env:LONG}', tenant: t");
    shown += &said_of("platform: na1, tenant: t, timeouts: { connect: '${env:LONG}' }");
    shown += &said_of("platform: na1, tenant: t, limits: { wapi: { per_second: '${env:LONG}' } }");
    shown += &said_of(
        "platform: na1, tenant: t, timezone: UTC, wapi: { username: '${env:LONG}', password: '${env:LONG}' }",
    );
    shown += &said_of("platform: na1, tenant: t, tokens: { action: '', data: [plain-token] }");
    let text = EXAMPLE.replace("tenant: t\n", "tenat: t\n");
    shown += &Connections::parse("c.yaml", &text).unwrap_err().render(false);
    let text = EXAMPLE.replace("tenant: t\n", "tenant: t: t\n");
    shown += &Connections::parse("c.yaml", &text).unwrap_err().render(false);
    for secret in ["s3cret", "pa55word", "plain-token", "0123456789A"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn the_simulator_needs_no_file_and_has_no_limits() {
    let (action, data) = (Secret::new("a"), Secret::new("d"));
    let simulator = Connection::for_simulator("http://127.0.0.1:5/", "tenant", action, data);
    assert_eq!(
        (simulator.name.as_str(), simulator.base_url.as_str()),
        ("simulator", "http://127.0.0.1:5")
    );
    assert_eq!(simulator.limits.campaigns.rate, Rate::Unlimited);
    assert_eq!(simulator.limits.campaigns.concurrency, 4);
    assert_eq!(simulator.limits.attachments.concurrency, 1);
    assert_eq!(simulator.timeouts.request, Duration::from_secs(30));
}

#[test]
fn every_mistake_in_a_connection_is_told_with_the_way_out() {
    let texts = [
        "platform: na12, base_url: 'https://x.example', tenant: t",
        "tenant: t",
        "platform: na12b, tenant: ''",
        "platform: na12, tennant: t",
        "base_url: 'http://example.com', tenant: t, timezone: Mars/Base",
        "base_url: 'https://user:x@example.com', tenant: t",
        "base_url: 'example.com', tenant: t",
        "platform: na1, tenant: t, wapi: { username: abc }",
        "platform: na1, tenant: t, timezone: UTC, wapi: { endpoint: gateway }",
        "platform: na1, tenant: t, timezone: UTC, wapi: { endpoint: clasic, username: 12345678901, password: ab }",
        "platform: na1, tenant: t, timezone: UTC, wapi: { username: abcdefghijkl, password: ab }",
        "platform: na1, tenant: t, limits: { attachments: { concurrency: 2 }, wapi: { per_second: 0 }, calls: { per_second: fast, concurrency: 100 }, chat: {} }",
        "platform: na1, tenant: t, limits: { wapi: { per_second: 0.0001 } }",
        "platform: na1, tenant: t, timeouts: { connect: 10, request: 10 days }",
        "platform: na1, tenant: t, timeouts: { connect: 0s }",
        "platform: na1, tenant: t, campaigns: { add_token: acton }",
        "platform: na1, tenant: t, tokens: { action: '', data: 5 }",
        "platform: na1, tenant: t, retry: { attempts: 0, pause: 1s }",
        "platform: na1, tenant: '${env:NOT_SET}', tokens: { action: '${var:x}' }, limits: 5",
    ];
    let shown = texts.map(|keys| format!("{keys}\n{}\n", said_of(keys)));
    insta::assert_snapshot!(shown.join("\n"), @r#"
    platform: na12, base_url: 'https://x.example', tenant: t
    [base_url] `base_url` cannot stand beside `platform`
        keep one of them; `platform: na12` stands for `base_url: https://vcc-na12.8x8.com`

    tenant: t
    [a] `a` has neither `platform` nor `base_url`
        `platform: na12` stands for `base_url: https://vcc-na12.8x8.com`

    platform: na12b, tenant: ''
    [na12b] `platform` cannot be `na12b`
        The platform that the tenant lives on, such as `na12` for https://vcc-na12.8x8.com.
    [''] `tenant` is empty
        The tenant's name.

    platform: na12, tennant: t
    [tennant] unknown key `tennant`, did you mean `tenant`?

    base_url: 'http://example.com', tenant: t, timezone: Mars/Base
    ['http://example.com'] `base_url` cannot be used: plain HTTP is for this machine only (`localhost`, `127.0.0.1`)
        write it as `https://HOST`, or name a `platform`
    [Mars/Base] unknown time zone `Mars/Base`
        use a name of the IANA database, such as `America/New_York` or `UTC`

    base_url: 'https://user:x@example.com', tenant: t
    ['https://user:x@example.com'] `base_url` cannot be used: it holds a user name; credentials stand under `tokens` and `wapi`
        write it as `https://HOST`, or name a `platform`

    base_url: 'example.com', tenant: t
    ['example.com'] `base_url` cannot be used: it has no `https://`
        write it as `https://HOST`, or name a `platform`

    platform: na1, tenant: t, wapi: { username: abc }
    [a] missing key `timezone` beside `wapi`
        WAPI's dates have no zone: name the tenant's, such as `America/New_York`
    [wapi] missing key `password` in `wapi`
        `endpoint: classic` needs it

    platform: na1, tenant: t, timezone: UTC, wapi: { endpoint: gateway }
    [wapi] missing key `api_key` in `wapi`
        `endpoint: gateway` needs it

    platform: na1, tenant: t, timezone: UTC, wapi: { endpoint: clasic, username: 12345678901, password: ab }
    [clasic] `endpoint` must be `classic` or `gateway`, not the text `clasic`
        did you mean `classic`?
    [12345678901] `username` must be text, not the number `12345678901`
        put it in quotes: `"12345678901"`
    [**] `password` must have at least 3 characters
        The CRM API password, 3 to 15 characters.

    platform: na1, tenant: t, timezone: UTC, wapi: { username: abcdefghijkl, password: ab }
    [abcdefghijkl] `username` must have at most 10 characters
        The CRM API user name, at most 10 characters.
    [**] `password` must have at least 3 characters
        The CRM API password, 3 to 15 characters.

    platform: na1, tenant: t, limits: { attachments: { concurrency: 2 }, wapi: { per_second: 0 }, calls: { per_second: fast, concurrency: 100 }, chat: {} }
    [2] `concurrency` must be `1`, not the number `2`
        Always 1: the API serves one request of a tenant at a time.
    [0] `per_second` must be more than 0, not the number `0`
        Requests a second, or `unlimited`.
    [fast] `per_second` must be a number or `unlimited`, not the text `fast`
        Requests a second, or `unlimited`.
    [100] `concurrency` must be at most 64, not the number `100`
        Requests on their way at the same time, 1 to 64.
    [chat] unknown key `chat` in `limits`
        the keys are: `attachments`, `calls`, `campaigns`, `wapi`

    platform: na1, tenant: t, limits: { wapi: { per_second: 0.0001 } }
    [0.0001] `per_second`: between 0.001 and 1000 a second, or `unlimited`

    platform: na1, tenant: t, timeouts: { connect: 10, request: 10 days }
    [10] `connect` must be text, not the number `10`
        put it in quotes: `"10"`
    [10 days] `request` cannot be `10 days`
        For a request with its answer. Default `120s`.

    platform: na1, tenant: t, timeouts: { connect: 0s }
    [0s] `connect` must be a time above zero such as `10s`, `500ms` or `2m`, not `0s`

    platform: na1, tenant: t, campaigns: { add_token: acton }
    [acton] `add_token` must be `action` or `data`, not the text `acton`
        did you mean `action`?

    platform: na1, tenant: t, tokens: { action: '', data: 5 }
    [**] `action` is empty
        The Action Request Token: campaigns are filled and calls placed with it.
    [*] `data` must be text, not the number `*`
        put it in quotes: `"*"`

    platform: na1, tenant: t, retry: { attempts: 0, pause: 1s }
    [0] `attempts` must be at least 1, not the number `0`
        How often a unit is sent at the most, 1 to 100. Being asked to wait does not count. Default 8.
    [pause] unknown key `pause` in `retry`
        the keys are: `attempts`, `base`, `cap`, `give_up_after`

    platform: na1, tenant: '${env:NOT_SET}', tokens: { action: '${var:x}' }, limits: 5
    [5] `limits` must be a mapping (`key: value`), not the number `5`
        How fast, and how much at once, each API is used.
    "#);
}

#[test]
fn files_that_are_no_connections_are_told_so() {
    let texts = [
        "",
        "acme: { platform: na12 }\n",
        "connections: []\n",
        "connections: { acme: }\n",
        "connections: { simulator: { platform: na1, tenant: t } }\n",
        "connections: { a: { platform: na1\n",
    ];
    let shown = texts.map(|text| {
        let report = Connections::parse("c.yaml", text).unwrap_err();
        format!("{text:?}\n{}\n", said(text, &report.diagnostics))
    });
    insta::assert_snapshot!(shown.join("\n"), @r#"
    ""
    [] the file is empty
        it has the key `connections` with a name for each tenant under it

    "acme: { platform: na12 }\n"
    [acme] unknown key `acme`
        the keys are: `connections`

    "connections: []\n"
    [[]] `connections` must be a mapping (`key: value`), not a list
        A name for each tenant, which pipelines use under `connection`.

    "connections: { acme: }\n"
    [acme] `acme` has no value
        One tenant: its host, its credentials, and what it can bear.

    "connections: { simulator: { platform: na1, tenant: t } }\n"
    [simulator] the name `simulator` is taken
        it is the built-in simulated tenant; choose another name

    "connections: { a: { platform: na1\n"
    [1] this `{ .. }` does not go on with `,` or `}`
        entries stand apart by `,`; a text with `{`, `}`, `,` or `: ` in it is put in quotes
    "#);
}

#[test]
fn a_name_or_a_file_that_is_not_there_is_told_with_those_that_are() {
    let connections = Connections::parse("c.yaml", EXAMPLE).unwrap();
    let unknown = connections.get("acmee", &environment()).unwrap_err();
    let missing = Connections::load(Path::new("/nowhere/connections.yaml")).unwrap_err();
    let shown = [unknown, missing].map(|error| format!("{error}\n    {}", error.hint().unwrap()));
    insta::assert_snapshot!(shown.join("\n"), @r#"
    `c.yaml` has no connection `acmee`, did you mean `acme`?
        the connections are: `acme`, `local`, `simulator`
    there is no connections file `/nowhere/connections.yaml`
        `--connections FILE` names another; the connection `simulator` needs none
    "#);
}

/// `UPDATE=1 cargo test` writes the copy anew.
#[test]
fn the_schema_in_docs_is_the_one_of_the_types() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/connections.schema.json");
    let schema = schema_json();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/docs")).unwrap();
        std::fs::write(path, &schema).unwrap();
    }
    let copy = std::fs::read_to_string(path).unwrap_or_default();
    assert!(copy == schema, "{path} is stale: run the test with UPDATE=1");
}
