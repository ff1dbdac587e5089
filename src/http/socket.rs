//! The connection itself: TLS, pool, time-outs, and which failures leave a request in doubt.

use std::{error::Error, sync::Once, time::Duration};

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use reqwest::{Response, Url, redirect};

use super::{
    client::{ClientError, ClientOptions},
    hints::ServerHints,
    request::{Auth, Failure, NotSent, Reply, Request, Transport},
};
use crate::clock::Clock;

/// An idle connection is not used again after this time: a server closes its end some seconds
/// later, and a request that meets the closing end is in doubt for nothing.
const IDLE: Duration = Duration::from_secs(10);

/// How long a download may take as a whole: long enough for any.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// Sends over the network.
pub(super) struct Socket {
    client: reqwest::Client,
    base_url: String,
    most_reply_bytes: usize,
    /// How long a request with its whole reply may take; of a download, the next piece.
    patience: Duration,
    clock: Clock,
}

impl Socket {
    /// Opens nothing yet.
    pub fn new(options: &ClientOptions) -> Result<Self, ClientError> {
        let url = options.checked_url()?;
        install_crypto();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("vccpipe/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .tcp_nodelay(true)
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .connect_timeout(options.connect_timeout)
            .timeout(options.request_timeout)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(match options.reuse_connections {
                true => options.limits.most_concurrency() as usize,
                false => 0,
            });
        builder = if url.scheme() == "https" {
            builder.https_only(true)
        } else {
            // Plain HTTP to loopback: works on a machine without certificates, too.
            builder.tls_certs_only([])
        };
        let client = builder.build().map_err(|error| ClientError::NoTls(chain(&error)))?;
        Ok(Socket {
            client,
            base_url: options.base_url.trim_end_matches('/').to_owned(),
            most_reply_bytes: options.most_reply_bytes,
            patience: options.request_timeout,
            clock: options.clock.clone(),
        })
    }

    async fn exchange(&self, request: Request) -> Result<Reply, Failure> {
        let mut response = self.start(request, None).await?;
        let headers = std::mem::take(response.headers_mut());
        Ok(Reply {
            status: response.status().as_u16(),
            hints: ServerHints::read(&headers, self.clock.now()),
            headers,
            body: self.read_body(response).await?,
        })
    }

    /// The reply's head; its body is still to come. The time allowed counts anew for each piece.
    pub(super) async fn begin(&self, request: Request) -> Result<(Reply, Response), Failure> {
        let mut response = within(self.patience, self.start(request, Some(LONGEST))).await??;
        let headers = std::mem::take(response.headers_mut());
        let head = Reply {
            status: response.status().as_u16(),
            hints: ServerHints::read(&headers, self.clock.now()),
            headers,
            body: Bytes::new(),
        };
        Ok((head, response))
    }

    /// The next piece of a body; `None` at its end.
    pub(super) async fn piece(&self, response: &mut Response) -> Result<Option<Bytes>, Failure> {
        within(self.patience, next_piece(response)).await?
    }

    async fn start(
        &self,
        request: Request,
        timeout: Option<Duration>,
    ) -> Result<Response, Failure> {
        let url = Url::parse(&format!("{}{}", self.base_url, request.path_and_query))
            .map_err(|error| malformed(error.to_string()))?;
        let mut builder = self.client.request(request.method, url);
        if let Some(timeout) = timeout {
            builder = builder.timeout(timeout);
        }
        builder = match &request.auth {
            Auth::Basic(token) => builder.basic_auth(&token.username, Some(token.secret.expose())),
            Auth::ApiKey(key) => builder
                .header("X-8x8-Tenant", &key.tenant)
                .header("x-api-key", sensitive(key.secret.expose())?),
            Auth::InBody(_) => builder,
        };
        if let Some((body, content_type)) = request.body {
            builder = builder.header(reqwest::header::CONTENT_TYPE, content_type).body(body);
        }
        builder.send().await.map_err(|error| failure(&error.without_url()))
    }

    async fn read_body(&self, mut response: Response) -> Result<Bytes, Failure> {
        let expected = response.content_length().unwrap_or(0);
        let too_large = || Failure::Lost {
            reason: format!("the reply is larger than {} bytes", self.most_reply_bytes),
            timed_out: false,
        };
        if expected > self.most_reply_bytes as u64 {
            return Err(too_large());
        }
        // A body that comes in one piece is not copied.
        let Some(first) = next_piece(&mut response).await? else { return Ok(Bytes::new()) };
        if first.len() as u64 == expected {
            return Ok(first);
        }
        let mut whole = BytesMut::with_capacity((expected as usize).max(first.len()));
        let mut next = Some(first);
        while let Some(piece) = next {
            if whole.len() + piece.len() > self.most_reply_bytes {
                return Err(too_large());
            }
            whole.extend_from_slice(&piece);
            next = next_piece(&mut response).await?;
        }
        Ok(whole.freeze())
    }
}

async fn within<T>(time: Duration, doing: impl Future<Output = T>) -> Result<T, Failure> {
    tokio::time::timeout(time, doing).await.map_err(|_| Failure::Lost {
        reason: "nothing came within the time allowed".into(),
        timed_out: true,
    })
}

impl Transport for Socket {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, Failure>> {
        Box::pin(self.exchange(request))
    }
}

async fn next_piece(response: &mut Response) -> Result<Option<Bytes>, Failure> {
    response.chunk().await.map_err(|error| Failure::Lost {
        timed_out: error.is_timeout(),
        reason: format!("the reply was cut off: {}", chain(&error.without_url())),
    })
}

fn install_crypto() {
    static ONCE: Once = Once::new();
    // An error means that another part of the process has chosen a provider before.
    ONCE.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
}

fn sensitive(text: &str) -> Result<reqwest::header::HeaderValue, Failure> {
    let mut value = reqwest::header::HeaderValue::from_str(text)
        .map_err(|_| malformed("the api key has characters that no header holds".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn malformed(reason: String) -> Failure {
    Failure::NotSent { cause: NotSent::Malformed, reason }
}

/// Whether a request can have left before this error. Where that is unknown, it may have.
fn failure(error: &reqwest::Error) -> Failure {
    let reason = chain(error);
    if error.is_builder() {
        Failure::NotSent { cause: NotSent::Malformed, reason }
    } else if error.is_connect() {
        let cause = if is_tls(error) { NotSent::Tls } else { NotSent::Unreachable };
        Failure::NotSent { cause, reason }
    } else if error.is_timeout() {
        let reason = "no answer within the time allowed".to_owned();
        Failure::Lost { reason, timed_out: true }
    } else {
        Failure::Lost { reason, timed_out: false }
    }
}

fn is_tls(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        if error.is::<rustls::Error>() {
            return true;
        }
        // The source of an I/O error is its inner error's source: the inner one is asked for.
        source = match error.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref()) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}

/// An error with its causes, each said once.
fn chain(error: &dyn Error) -> String {
    let mut said = vec![error.to_string()];
    let mut source = error.source();
    while let Some(error) = source {
        let text = error.to_string();
        if said.last().is_none_or(|last| !last.contains(&text)) {
            said.push(text);
        }
        source = error.source();
    }
    said.join(": ")
}
