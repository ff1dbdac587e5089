//! The client against a server of a few lines, which answers as badly as each test wants.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::secret::Secret;

const SECRET: &str = "never-to-be-seen-5f1c";

fn auth() -> Auth {
    Auth::Basic(Arc::new(Token {
        name: "action".to_owned(),
        username: "acme".to_owned(),
        secret: Secret::new(SECRET),
    }))
}

fn post(repeatable: Repeatable) -> Request {
    Request {
        api: Api::Campaigns,
        method: Method::POST,
        path_and_query: "/api/tstats/campaigns/1/customers".to_owned(),
        body: Some(("[]".into(), "application/json")),
        auth: auth(),
        repeatable,
    }
}

fn get() -> Request {
    Request::get(Api::Campaigns, "/api/stats/campaigns/1.json", auth())
}

/// A server that gives the n-th request (from 0) the n-th of `replies`, and from then on the last.
/// An empty reply closes the connection.
struct Server {
    base_url: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    async fn start(replies: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, replies, Arc::clone(&seen)));
            }
        });
        Server { base_url, requests }
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn serve(mut stream: TcpStream, replies: &[&str], seen: Arc<AtomicUsize>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(1..) = stream.read(&mut buffer).await {
        let number = seen.fetch_add(1, Ordering::SeqCst);
        let reply = replies[number.min(replies.len() - 1)];
        if reply == "SILENCE" {
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        if stream.write_all(reply.as_bytes()).await.is_err() || !is_complete(reply) {
            return;
        }
    }
}

fn is_complete(reply: &str) -> bool {
    let Some((head, body)) = reply.split_once("\r\n\r\n") else { return false };
    head.contains(&format!("content-length: {}", body.len()))
}

fn options(base_url: &str) -> ClientOptions {
    let limit = Limit { per_second: None, burst: 1, concurrency: 8 };
    ClientOptions {
        limits: ApiLimits { campaigns: limit, wapi: limit, attachments: limit, calls: limit },
        request_timeout: Duration::from_millis(500),
        timer: Timer::manual().0,
        seed: Some(1),
        ..ClientOptions::new(base_url)
    }
}

fn client(base_url: &str) -> Client {
    Client::new(options(base_url)).unwrap()
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]";
const BUSY: &str = "HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n";
const BROKEN: &str = "HTTP/1.1 500 Broken\r\ncontent-length: 0\r\n\r\n";
const CUT: &str = "HTTP/1.1 207 Multi-Status\r\ncontent-length: 100\r\n\r\n[{\"customer-id\"";
const MOVED: &str =
    "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn a_reply_comes_whole_and_is_counted() {
    let server = Server::start(&[OK]).await;
    let client = client(&server.base_url);
    let reply = client.send(post(Repeatable::Never)).await.unwrap();
    assert_eq!((reply.status, &reply.body[..]), (200, &b"[]"[..]));
    let counts = TrafficCounts { requests: 1, retries: 0, bytes_sent: 2, bytes_received: 2 };
    assert_eq!(client.traffic(), counts);
}

#[tokio::test]
async fn a_download_is_written_while_it_comes_and_what_is_cut_off_is_lost() {
    const GONE: &str = "HTTP/1.1 404 Gone\r\ncontent-length: 4\r\n\r\nnone";
    let server = Server::start(&[OK, CUT, GONE, "SILENCE"]).await;
    let client = client(&server.base_url);
    let mut written: Vec<u8> = Vec::new();
    for expected in [Some(200), None, Some(404), None] {
        written.clear();
        let permit = client.permit(Api::Attachments, &auth()).await;
        let answer = client.download(permit, get(), &mut written).await;
        match (expected, answer) {
            (Some(200), Ok(download)) => {
                assert_eq!((download.bytes, download.reply.body.len()), (2, 0));
                assert_eq!(written, b"[]");
            }
            (Some(404), Ok(download)) => {
                assert_eq!(&download.reply.body[..], b"none");
                assert!(written.is_empty(), "only the body of a success is written");
            }
            (None, Err(DownloadError::Failure(Failure::Lost { .. }))) => {}
            (_, other) => panic!("{expected:?}: {other:?}"),
        }
    }
    let counts = client.traffic();
    assert_eq!((counts.requests, counts.bytes_received), (4, 2 + 15 + 4));
}

#[tokio::test]
async fn a_request_that_nobody_took_was_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = client(&base_url);
    let failure = client.send(post(Repeatable::Never)).await.unwrap_err();
    assert!(matches!(failure, Failure::NotSent { cause: NotSent::Unreachable, .. }), "{failure:?}");
    assert!(failure.hint().unwrap().contains("base_url"));
    assert_eq!(client.traffic(), TrafficCounts::default());
}

#[tokio::test]
async fn a_host_that_speaks_no_tls_was_sent_nothing() {
    let server = Server::start(&[OK]).await;
    let https = server.base_url.replace("http://", "https://");
    // A machine without certificates cannot make such a client at all.
    let Ok(client) = Client::new(options(&https)) else { return };
    let failure = client.send(post(Repeatable::Never)).await.unwrap_err();
    assert!(matches!(failure, Failure::NotSent { cause: NotSent::Tls, .. }), "{failure:?}");
    assert!(!format!("{failure}{failure:?}").contains(SECRET));
}

#[tokio::test]
async fn a_request_whose_answer_does_not_come_whole_is_lost_and_sent_once() {
    for replies in [&[""], &[CUT], &["SILENCE"], &["HTTP/1.1 nonsense\r\n\r\n"]] {
        let server = Server::start(replies).await;
        let failure = client(&server.base_url).send(post(Repeatable::AfterLookUp)).await;
        let failure = failure.unwrap_err();
        assert!(matches!(failure, Failure::Lost { .. }), "{replies:?}: {failure:?}");
        assert_eq!(server.requests(), 1, "{replies:?}");
    }
}

#[tokio::test]
async fn a_reply_beyond_the_limit_is_lost() {
    let server = Server::start(&[OK]).await;
    let options = ClientOptions { most_reply_bytes: 1, ..options(&server.base_url) };
    let failure = Client::new(options).unwrap().send(post(Repeatable::Never)).await.unwrap_err();
    assert_eq!(failure.to_string(), "the answer was lost: the reply is larger than 1 bytes");
}

#[tokio::test]
async fn only_requests_that_may_be_repeated_are() {
    let server = Server::start(&["", BROKEN, CUT, OK]).await;
    let client = client(&server.base_url);
    assert_eq!(client.send(get()).await.unwrap().status, 200);
    assert_eq!(server.requests(), 4);
    assert_eq!(client.traffic().retries, 3);

    let server = Server::start(&[BROKEN, OK]).await;
    let client = self::client(&server.base_url);
    assert_eq!(client.send(post(Repeatable::Never)).await.unwrap().status, 500);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_request_is_not_repeated_for_ever() {
    let server = Server::start(&[BROKEN]).await;
    let options = options(&server.base_url);
    let attempts = options.retry.attempts as usize;
    assert_eq!(Client::new(options).unwrap().send(get()).await.unwrap().status, 500);
    assert_eq!(server.requests(), attempts);
}

#[tokio::test]
async fn a_busy_server_is_left_alone_as_long_as_it_says() {
    let server = Server::start(&[BUSY, BUSY, OK]).await;
    let (timer, manual) = Timer::manual();
    let options = ClientOptions { timer, ..options(&server.base_url) };
    let client = Client::new(options).unwrap();
    assert_eq!(client.send(get()).await.unwrap().status, 200);
    assert_eq!(manual.passed(), Duration::from_secs(14));
    // One that may not be repeated comes back at once, and the next waits for it.
    let server = Server::start(&[BUSY, OK]).await;
    let (timer, manual) = Timer::manual();
    let client = Client::new(ClientOptions { timer, ..self::options(&server.base_url) }).unwrap();
    let reply = client.send(post(Repeatable::AfterLookUp)).await.unwrap();
    assert_eq!(reply.hints.retry_after, Some(Duration::from_secs(7)));
    assert_eq!(manual.passed(), Duration::ZERO);
    let permit = client.permit(Api::Campaigns, &auth()).await;
    assert_eq!(manual.passed(), Duration::from_secs(7));
    assert_eq!(client.send_by(permit, post(Repeatable::AfterLookUp)).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let server = Server::start(&[MOVED]).await;
    let reply = client(&server.base_url).send(get()).await.unwrap();
    assert_eq!(reply.status, 302);
}

#[tokio::test]
async fn the_gate_opens_by_what_the_answers_say() {
    let server = Server::start(&[OK, OK, OK, OK, OK, OK, BUSY, OK]).await;
    let client = client(&server.base_url);
    let limits = client.limits(Api::Campaigns, &auth());
    assert_eq!(limits.allowed(), 1);
    for _ in 0..6 {
        client.send(post(Repeatable::Never)).await.unwrap();
    }
    assert_eq!(limits.allowed(), 3);
    client.send(post(Repeatable::Never)).await.unwrap();
    assert_eq!(limits.allowed(), 1);
}

#[test]
fn attachments_go_one_at_a_time_whatever_is_configured() {
    assert_eq!(options("http://127.0.0.1:1").limits.of(Api::Attachments).concurrency, 1);
}

#[test]
fn only_this_machine_is_spoken_to_without_encryption() {
    let error = |base_url: &str| options(base_url).checked_url().map_err(|error| error.to_string());
    for fine in [
        "http://127.0.0.1:8080",
        "http://127.9.9.9",
        "http://[::1]:1",
        "http://localhost:1/",
        "https://vcc-na12.8x8.com",
    ] {
        assert!(error(fine).is_ok(), "{fine}");
    }
    for insecure in ["http://vcc-na12.8x8.com", "http://127.0.0.1.example.com", "http://10.0.0.1"] {
        assert!(error(insecure).unwrap_err().contains("not encrypted"), "{insecure}");
    }
    for none in ["", "vcc-na12.8x8.com", "ftp://127.0.0.1", "https://x/?a=b"] {
        assert!(error(none).unwrap_err().contains("cannot be used as base URL"), "{none}");
    }
    let told = error(&format!("https://acme:{SECRET}@host/")).unwrap_err();
    assert!(!told.contains(SECRET), "{told}");
}

#[tokio::test]
async fn a_token_shows_nowhere() {
    let server = Server::start(&[""]).await;
    let client = client(&server.base_url);
    let key = Auth::ApiKey(Arc::new(ApiKey { tenant: "acme".into(), secret: Secret::new(SECRET) }));
    let mut request = post(Repeatable::Never);
    request.body = Some((format!("<PASSWORD>{SECRET}</PASSWORD>").into(), "text/xml"));
    let failure = client.send(request.clone()).await.unwrap_err();
    let permit = client.permit(Api::Wapi, &key).await;
    let said = format!(
        "{request:?} {:?} {key:?} {} {failure} {failure:?} {client:?} {permit:?} {:?}",
        auth(),
        key.identity(),
        options(&server.base_url),
    );
    assert!(!said.contains(SECRET), "{said}");
    assert!(said.contains("acme"), "something was said");
    drop(permit);

    let control = Auth::ApiKey(Arc::new(ApiKey {
        tenant: "acme".into(),
        secret: Secret::new(format!("{SECRET}\n")),
    }));
    let failure = client.send(Request::get(Api::Wapi, "/", control)).await.unwrap_err();
    assert!(matches!(failure, Failure::NotSent { cause: NotSent::Malformed, .. }));
    assert!(!format!("{failure}{failure:?}").contains(SECRET));
}
