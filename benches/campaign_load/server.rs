//! The least that can answer a campaign load: takes every customer, and remembers nothing but how
//! many requests came.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A server in a process of its own; ended when dropped.
pub struct Server {
    child: Child,
    pub url: String,
}

/// Starts one that answers after `latency`.
pub fn start(latency: Duration) -> Server {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["child-server", &latency.as_millis().to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut url = String::new();
    lines.read_line(&mut url).unwrap();
    Server { child, url: url.trim().to_owned() }
}

impl Server {
    /// POSTs that were answered so far.
    pub fn posts(&self) -> u64 {
        let mut stream =
            std::net::TcpStream::connect(self.url.trim_start_matches("http://")).unwrap();
        stream.write_all(b"GET /posts HTTP/1.1\r\n\r\n").unwrap();
        let mut reply = [0; 256];
        let length = stream.read(&mut reply).unwrap();
        let text = String::from_utf8_lossy(&reply[..length]);
        text.rsplit('\n').next().unwrap().parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// POSTs that were answered.
static POSTS: AtomicU64 = AtomicU64::new(0);

/// Serves until killed.
pub fn serve(latency: Duration) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}", listener.local_addr().unwrap());
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(converse(stream, latency));
        }
    });
}

/// One connection: requests with bodies, answered in order.
async fn converse(mut stream: TcpStream, latency: Duration) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut buffer = Vec::with_capacity(1 << 16);
    let mut reply = Vec::with_capacity(1 << 16);
    loop {
        let head = loop {
            if let Some(end) = find(&buffer, b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut buffer).await.ok()? == 0 {
                return None;
            }
        };
        let length = content_length(&buffer[..head]);
        while buffer.len() < head + length {
            if stream.read_buf(&mut buffer).await.ok()? == 0 {
                return None;
            }
        }
        reply.clear();
        if buffer.starts_with(b"POST") {
            answer(&buffer[head..head + length], &mut reply);
            POSTS.fetch_add(1, Ordering::Relaxed);
            if !latency.is_zero() {
                tokio::time::sleep(latency).await;
            }
        } else if buffer.starts_with(b"GET /posts") {
            let posts = POSTS.load(Ordering::Relaxed).to_string();
            head_of(200, posts.len(), &mut reply);
            reply.extend_from_slice(posts.as_bytes());
        } else {
            let body = br#"{"campaign":{"campaign-id":1,"enabled":"Y","status":3,"dynamic-campaign":"Y"}}"#;
            head_of(200, body.len(), &mut reply);
            reply.extend_from_slice(body);
        }
        stream.write_all(&reply).await.ok()?;
        buffer.drain(..head + length);
    }
}

fn answer(body: &[u8], reply: &mut Vec<u8>) {
    let mut items = Vec::with_capacity(body.len() * 2);
    let mut rest = body;
    while let Some(at) = find(rest, b"\"customer-id\":") {
        rest = &rest[at + 14..];
        let end = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        items.extend_from_slice(if items.is_empty() { b"[" } else { b"," });
        items.extend_from_slice(b"{\"customer-id\":");
        items.extend_from_slice(&rest[..end]);
        items.extend_from_slice(b",\"http-status\":200}");
        rest = &rest[end..];
    }
    items.push(b']');
    head_of(207, items.len(), reply);
    reply.extend_from_slice(&items);
}

fn head_of(status: u16, length: usize, reply: &mut Vec<u8>) {
    let head = format!(
        "HTTP/1.1 {status} OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    reply.extend_from_slice(head.as_bytes());
}

fn content_length(head: &[u8]) -> usize {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let value = text.split("content-length:").nth(1).and_then(|rest| rest.lines().next());
    value.map_or(0, |value| value.trim().parse().unwrap())
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, what)
}
