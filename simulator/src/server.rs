//! Starting and stopping: the router with its layers, the listener, the running simulator.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use axum::{Json, Router, extract::DefaultBodyLimit, http::StatusCode, middleware};
use serde_json::json;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    attachments, calls, campaigns,
    connection::{Entrance, Line},
    error::Error,
    layer,
    settings::Settings,
    shared::Shared,
    state::State,
    tenant::Credentials,
    truth, wapi,
};

const LONGEST_STOP: Duration = Duration::from_secs(3);

/// A started simulator. It stops when it is dropped, or in good order by [`Running::stop`].
pub struct Running {
    address: SocketAddr,
    shared: Arc<Shared>,
    stopping: watch::Sender<bool>,
    served: JoinHandle<()>,
}

/// Starts a simulator on `127.0.0.1` as tasks of the current runtime.
///
/// With `keep_in` the tenant is kept in that folder: every change is written before its reply
/// is sent, and made again at the next start. Port 0 takes any free one.
///
/// # Errors
/// Settings that make no sense, a port that is taken, a kept tenant that cannot be read.
pub async fn start(
    settings: Settings,
    keep_in: Option<PathBuf>,
    port: u16,
) -> Result<Running, Error> {
    let (stopping, stopped) = watch::channel(false);
    let shared = Shared::new(settings, keep_in.as_deref(), stopped.clone())?;
    let listen = |source| Error::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let service = router(shared.clone()).into_make_service_with_connect_info::<Line>();
    let served = tokio::spawn(async move {
        let mut stopped = stopped;
        let end = async move {
            // An error means that the simulator was dropped, which stops it too.
            let _ = stopped.wait_for(|stopping| *stopping).await;
        };
        // Serving ends only by the signal; errors of single connections end those.
        let _ = axum::serve(Entrance(listener), service).with_graceful_shutdown(end).await;
    });
    Ok(Running { address, shared, stopping, served })
}

/// Everything that is served: the APIs behind the layer, and the truth beside them.
fn router(shared: Arc<Shared>) -> Router {
    let apis = Router::new()
        .merge(calls::routes())
        .merge(campaigns::routes())
        .merge(wapi::routes())
        .merge(attachments::routes())
        .fallback(no_such_path)
        .layer(middleware::from_fn_with_state(shared.clone(), layer::pass))
        .layer(DefaultBodyLimit::disable());
    truth::routes().fallback_service(apis.with_state(shared.clone())).with_state(shared)
}

async fn no_such_path() -> (StatusCode, Json<serde_json::Value>) {
    (StatusCode::NOT_FOUND, Json(json!({ "message": "Not Found" })))
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as a URL, without a slash at its end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What a client needs to be let in.
    pub fn credentials(&self) -> Credentials {
        self.shared.credentials.clone()
    }

    /// The ground truth, as `GET /_simulator/state` tells it.
    pub fn state(&self) -> State {
        State::of(&self.shared)
    }

    /// What was done with each customer of a campaign, as
    /// `GET /_simulator/campaigns/{id}/customers` tells it.
    pub fn customers_csv(&self, campaign: u64) -> String {
        truth::pieces(self.shared.clone(), campaign).collect()
    }

    /// The records of an object of the CRM (`customer`, `case`, ..), as
    /// `GET /_simulator/wapi/{object}` tells them; empty for an object that there is not.
    pub fn wapi_records(&self, object: &str) -> String {
        truth::records(self.shared.clone(), object.into()).collect()
    }

    /// Each time that a phone rang, as `GET /_simulator/calls` tells it.
    pub fn calls(&self) -> String {
        truth::rings(self.shared.clone()).collect()
    }

    /// The files that are attached to records, as `GET /_simulator/attachments` tells them.
    pub fn attachments(&self) -> String {
        truth::files(self.shared.clone()).collect()
    }

    /// Lets the requests in work end, though not for ever, and stops.
    pub async fn stop(mut self) {
        self.stopping.send_replace(true);
        // A client that never finishes its request is not waited for.
        if tokio::time::timeout(LONGEST_STOP, &mut self.served).await.is_err() {
            self.served.abort();
        }
    }
}
