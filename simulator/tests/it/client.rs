//! The least HTTP client that can test the simulator: one connection for one request.

use std::{io, path::PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use vccpipe_simulator::{Running, Settings, start};

/// The time at which tests with dates take place.
pub const NOW: &str = "2026-11-23T12:00:00Z";

/// A reply as it came.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub fn message(&self) -> String {
        self.json()["message"].as_str().unwrap_or_else(|| panic!("no message: {self:?}")).into()
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A simulator with settings in JSON, whose clock stands still at `NOW`.
pub async fn simulator(settings: Value) -> Running {
    started(settings, None).await
}

pub async fn started(settings: Value, keep_in: Option<PathBuf>) -> Running {
    start(at_now(settings), keep_in, 0).await.unwrap()
}

pub fn at_now(settings: Value) -> Settings {
    let mut settings: Settings = serde_json::from_value(settings).unwrap();
    settings.clock.starts_at.get_or_insert(NOW.parse().unwrap());
    settings.clock.stands_still = true;
    settings
}

/// Sends a request with the documented token and reads the reply to its end.
pub async fn send(simulator: &Running, method: &str, path: &str, body: &str) -> io::Result<Reply> {
    let credentials = simulator.credentials();
    let token = match method {
        "GET" | "DELETE" => credentials.data_token,
        _ => credentials.action_token,
    };
    send_as(simulator, method, path, body, &format!("{}:{token}", credentials.tenant)).await
}

pub async fn send_as(
    simulator: &Running,
    method: &str,
    path: &str,
    body: &str,
    user: &str,
) -> io::Result<Reply> {
    let user = STANDARD.encode(user);
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {user}\r\n\
         Content-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(simulator.address()).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    parse(&bytes)
}

/// A whole reply; one that ends before its length is an error of its own kind.
fn parse(bytes: &[u8]) -> io::Result<Reply> {
    let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let text = String::from_utf8(bytes.to_vec()).map_err(io::Error::other)?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(cut)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(cut)?;
    let mut reply = Reply { status, head: head.into(), body: body.into() };
    let length = reply.header("content-length");
    if length.is_some_and(|length| length.parse() != Ok(reply.body.len())) {
        return Err(cut());
    }
    if reply.header("transfer-encoding") == Some("chunked") {
        reply.body = dechunk(body).ok_or_else(cut)?;
    }
    Ok(reply)
}

fn dechunk(mut text: &str) -> Option<String> {
    let mut whole = String::new();
    loop {
        let (length, rest) = text.split_once("\r\n")?;
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(whole);
        }
        whole.push_str(rest.get(..length)?);
        text = rest.get(length + 2..)?;
    }
}

/// Adds customers to a campaign: `POST .../customers`.
pub async fn add(simulator: &Running, campaign: u64, list: Value) -> io::Result<Reply> {
    let path = format!("/api/tstats/campaigns/{campaign}/customers");
    send(simulator, "POST", &path, &list.to_string()).await
}

pub async fn get(simulator: &Running, path: &str) -> Reply {
    send(simulator, "GET", path, "").await.unwrap()
}

/// The n-th customer of the sample tenant that may be called.
pub fn customer(nth: u64) -> u64 {
    let settings = Settings::default();
    let customers = vccpipe_simulator::Customers::new(settings.seed, &settings.tenant);
    let mut callable =
        (0..).map(|nth| customers.number(nth)).filter(|n| !customers.is_do_not_call(*n));
    callable.nth(nth as usize).unwrap()
}

/// A list of the customers from `first` on, without dates.
pub fn list(first: u64, count: u64) -> Value {
    (first..first + count).map(|nth| serde_json::json!({ "customer-id": customer(nth) })).collect()
}
