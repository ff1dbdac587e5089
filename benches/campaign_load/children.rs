//! What is measured, each in a process of its own.

use std::{
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use arrow::array::Int64Array;
use bytes::Bytes;
use futures::{StreamExt, stream};
use vccpipe::{
    clock::Clock,
    connections::Connections,
    environment::Environment,
    http::{
        Api, ApiLimits, Auth, Client, ClientOptions, Limit, Method, Repeatable, Request, Token,
    },
    run::{Event, Halting, Job, Observer, Options},
    secret::Secret,
    spec::{Pipeline, Vars},
    wire::campaign::encode_customers,
};

use crate::{
    BATCH, CONCURRENCY,
    measure::{Figures, wait},
    server::Server,
};

/// Writes `input.csv`: distinct customers with a quarter of callbacks, as the sample has them.
pub fn write_input(folder: &Path, rows: u64) {
    let mut file = BufWriter::new(File::create(folder.join("input.csv")).unwrap());
    vccpipe_simulator::sample::write_clean_campaign_customers(rows, 0, &mut file).unwrap();
}

fn child(arguments: &[&str]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(arguments)
        .stdin(Stdio::null())
        .spawn()
        .unwrap()
}

/// Sends pre-built bodies.
pub fn ceiling(url: &str, rows: u64) -> Figures {
    let started = Instant::now();
    wait(child(&["child-ceiling", url, &rows.to_string()]), started)
}

/// The child of [`ceiling`]: the same client, the same requests in flight; replies are read and
/// not looked at.
pub fn send_pre_built(url: &str, rows: u64) {
    let ids: Vec<i64> = (0..rows as i64).map(|row| 10_000_000 + row).collect();
    let body = |ids: &[i64]| {
        let mut body = Vec::new();
        encode_customers(&Int64Array::from(ids.to_vec()), None, &mut body);
        Bytes::from(body)
    };
    let bodies: Vec<Bytes> = ids.chunks(BATCH).map(body).collect();
    let limit = Limit { per_second: None, burst: 1, concurrency: CONCURRENCY as u32 };
    let limits = ApiLimits { campaigns: limit, ..ApiLimits::default() };
    let client = Client::new(ClientOptions { limits, ..ClientOptions::new(url) }).unwrap();
    let auth = Auth::Basic(
        Token { name: "action".into(), username: "bench".into(), secret: Secret::new("bench") }
            .into(),
    );
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let send = |body: Bytes| async {
            let request = Request {
                api: Api::Campaigns,
                method: Method::POST,
                path_and_query: "/api/tstats/campaigns/1/customers".into(),
                body: Some((body, "application/json")),
                auth: auth.clone(),
                repeatable: Repeatable::AfterLookUp,
            };
            let permit = client.permit(Api::Campaigns, &auth).await;
            assert_eq!(client.send_by(permit, request).await.unwrap().status, 207);
        };
        stream::iter(bodies).for_each_concurrent(CONCURRENCY, send).await;
    });
}

/// A load of `input.csv`, begun anew.
pub struct Load {
    folder: PathBuf,
}

impl Load {
    pub fn new(folder: &Path, url: &str) -> Self {
        let _ = std::fs::remove_dir_all(folder.join("state"));
        std::fs::write(
            folder.join("connections.yaml"),
            format!(
                "connections:
  bench:
    base_url: {url}
    tenant: bench
    tokens: {{ action: bench, data: bench }}
    limits:
      campaigns: {{ per_second: unlimited, concurrency: {CONCURRENCY} }}
"
            ),
        )
        .unwrap();
        std::fs::write(
            folder.join("pipeline.yaml"),
            format!(
                "version: 1
name: bench
connection: bench
extract:
  csv: {{ path: {} }}
transform:
  - filter: \"coalesce(opt_out, '') <> 'Y'\"
  - map:
      customer-id: cast(account_number as bigint)
      schedule-date-time: to_utc(callback_at, 'America/New_York') + (current_date() - date '2026-11-23')
  - dedupe: {{ key: [customer-id], keep: first }}
load:
  campaign: {{ action: add, campaign: 1, batch_size: {BATCH} }}
",
                folder.join("input.csv").display()
            ),
        )
        .unwrap();
        Load { folder: folder.to_owned() }
    }

    fn child(&self, ledger: bool) -> Child {
        let folder = self.folder.to_str().unwrap();
        child(&["child-load", folder, if ledger { "ledger" } else { "no-ledger" }])
    }

    /// Runs it to its end.
    pub fn run(&self, ledger: bool) -> Figures {
        let started = Instant::now();
        wait(self.child(ledger), started)
    }

    /// Kills it when half of the rows are sent, and tells how long after its start the resumed
    /// process sent its first request.
    pub fn kill_half_way(&self, server: &Server, rows: u64) -> Duration {
        let requests = || server.posts();
        let before = requests();
        let mut first = self.child(true);
        while requests() - before < rows / BATCH as u64 / 2 {
            assert!(first.try_wait().unwrap().is_none(), "it ended before half of its rows");
            std::thread::sleep(Duration::from_millis(2));
        }
        first.kill().unwrap();
        first.wait().unwrap();
        // What was in flight has been counted by then.
        std::thread::sleep(Duration::from_millis(200));
        let before = requests();
        let started = Instant::now();
        let mut resumed = self.child(true);
        while requests() == before {
            assert!(resumed.try_wait().unwrap().is_none(), "it ended without a request");
            std::thread::sleep(Duration::from_millis(1));
        }
        let took = started.elapsed();
        resumed.kill().unwrap();
        resumed.wait().unwrap();
        took
    }
}

/// Nobody watches.
struct Nobody;

impl Observer for Nobody {
    fn observe(&self, _: Event) {}
}

/// The child of [`Load`]: what `vccpipe run` does, without its table.
pub fn load(folder: &Path, ledger: bool) {
    let file = folder.join("pipeline.yaml").display().to_string();
    let text = std::fs::read_to_string(&file).unwrap();
    let pipeline = Pipeline::parse(&file, &text, &Vars::default()).unwrap();
    let connections = Connections::load(&folder.join("connections.yaml")).unwrap();
    let connection = connections.get("bench", &Environment::System).unwrap();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let options =
        Options { state_dir: folder.join("state"), without_ledger: !ledger, ..Options::default() };
    let job = Job {
        pipeline: &pipeline,
        connection: &connection,
        connection_identity: "bench",
        options: &options,
        clock: &Clock::System,
        halting: &Halting::default(),
        observer: &Nobody,
    };
    vccpipe::run::run(&job, runtime.handle()).unwrap();
}
