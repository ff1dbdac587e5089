//! All customers of a tenant to Parquet, beside a bare loop that sends the same Gets and drops the
//! bodies: `cargo bench --bench wapi_extract`; with `-- --large` also a million customers, whose
//! memory is compared with that of a hundred thousand.
//!
//! The server is the simulator, a process of its own, and so is what is measured. Eight requests
//! may be in flight, and no rate limit is set.

#[path = "../campaign_load/measure.rs"]
mod measure;

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Instant,
};

use bytes::Bytes;
use futures::{StreamExt, stream};
use measure::{Figures, median, wait};
use vccpipe::{
    clock::Clock,
    connections::Connections,
    environment::Environment,
    http::{Api, ApiLimits, Auth, Client, ClientOptions, Limit, Method, Repeatable, Request},
    run::{Event, Halting, Job, Observer, Options},
    secret::Secret,
    spec::{Pipeline, Vars},
    wire::wapi::{
        Apostrophe, CLASSIC_PATH, CLASSIC_TYPE, Characters, Command as WapiCommand, Entrance,
        Login, Style, encode,
    },
};

/// Requests in flight.
const CONCURRENCY: usize = 8;
const CUSTOMERS: u64 = 100_000;
const LARGE: u64 = 1_000_000;
const RUNS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["child-server", customers] => serve(customers.parse().unwrap()),
        ["child-ceiling", url, spool] => send_the_same(url, Path::new(spool)),
        ["child-load", folder, rows] => load(Path::new(folder), rows.parse().unwrap()),
        ["--large"] => {
            let small = standard(CUSTOMERS, 1);
            let large = standard(LARGE, 1);
            println!(
                "peak of {LARGE} / peak of {CUSTOMERS}: {:.2}; {:.0} MB (aim: below 256 MB)",
                large.peak_bytes as f64 / small.peak_bytes as f64,
                large.peak_bytes as f64 / 1e6
            );
        }
        _ => {
            standard(CUSTOMERS, RUNS);
        }
    }
}

fn standard(customers: u64, runs: usize) -> Figures {
    let folder = tempfile::tempdir().unwrap();
    println!(
        "{customers} customers to Parquet, {CONCURRENCY} requests in flight, median of {runs}"
    );
    // A server that was asked before: the first to ask for something is not to pay for its indexes.
    let server = Server::start(customers);
    prepare(folder.path(), &server.url);
    let several = |each: &dyn Fn() -> Figures| median((0..runs).map(|_| each()).collect());
    let loaded = several(&|| {
        let _ = std::fs::remove_dir_all(folder.path().join("state"));
        let _ = std::fs::remove_dir_all(folder.path().join("out"));
        let started = Instant::now();
        let folder = folder.path().to_str().unwrap();
        wait(child(&["child-load", folder, &customers.to_string()]), started)
    });
    let spool = spool(folder.path());
    let ceiling = several(&|| {
        let started = Instant::now();
        wait(child(&["child-ceiling", &server.url, spool.to_str().unwrap()]), started)
    });
    ceiling.print("the same Gets, bare", customers);
    loaded.print("vccpipe", customers);
    println!(
        "  rate / rate of the bare loop: {:.2} (aim 0.5); {} Gets",
        ceiling.wall.as_secs_f64() / loaded.wall.as_secs_f64(),
        asked(&spool).len()
    );
    loaded
}

/// What the newest run has fetched.
fn spool(folder: &Path) -> PathBuf {
    folder.join("state/runs/bench/latest/fetched.sqlite")
}

/// The numbers that its windows asked for.
fn asked(spool: &Path) -> Vec<String> {
    let connection = rusqlite::Connection::open(spool).unwrap();
    let mut ask = connection.prepare("SELECT what FROM part ORDER BY id").unwrap();
    let names = ask.query_map([], |row| row.get::<_, String>(0)).unwrap();
    names.map(|name| name.unwrap().strip_prefix("ACCOUNTNUM ").unwrap().to_owned()).collect()
}

fn prepare(folder: &Path, url: &str) {
    let connections = format!(
        "connections:
  bench:
    base_url: {url}
    tenant: {}
    timezone: UTC
    wapi: {{ username: {}, password: {} }}
    limits:
      wapi: {{ per_second: unlimited, concurrency: {CONCURRENCY} }}
",
        vccpipe_simulator::SAMPLE_TENANT,
        vccpipe_simulator::SAMPLE_WAPI_USERNAME,
        vccpipe_simulator::SAMPLE_WAPI_PASSWORD,
    );
    std::fs::write(folder.join("connections.yaml"), connections).unwrap();
    let pipeline = format!(
        "version: 1
name: bench
connection: bench
extract:
  wapi: {{ object: customer }}
load:
  parquet: {{ path: {} }}
",
        folder.join("out").display()
    );
    std::fs::write(folder.join("pipeline.yaml"), pipeline).unwrap();
}

fn child(arguments: &[&str]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(arguments)
        .stdin(Stdio::null())
        .spawn()
        .unwrap()
}

/// The simulator as a process of its own; it ends with its standard input.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(customers: u64) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["child-server", &customers.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Server { process, url: url.trim().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn serve(customers: u64) {
    let runtime = runtime();
    let mut settings = vccpipe_simulator::Settings::default();
    settings.tenant.customers = customers;
    let tenant = runtime.block_on(vccpipe_simulator::start(settings, None, 0)).unwrap();
    println!("{}", tenant.base_url());
    std::io::stdout().flush().unwrap();
    // Until the parent goes away.
    let _ = std::io::stdin().read_line(&mut String::new());
}

/// Sends the Gets of an export again; replies are read and dropped.
fn send_the_same(url: &str, spool: &Path) {
    let login = Login {
        tenant: vccpipe_simulator::SAMPLE_TENANT.into(),
        username: vccpipe_simulator::SAMPLE_WAPI_USERNAME.into(),
        password: Secret::new(vccpipe_simulator::SAMPLE_WAPI_PASSWORD),
    };
    let style = Style { apostrophe: Apostrophe::Rsquot, characters: Characters::References };
    let bodies: Vec<Bytes> = asked(spool)
        .iter()
        .map(|number| {
            let tags = [("ACCOUNTNUM", number.as_str())].into_iter();
            let command = WapiCommand { object: "CUSTOMER", action: "GET", tags };
            let mut body = Vec::new();
            encode(command, Entrance::Classic(&login), style, &mut body).unwrap();
            Bytes::from(body)
        })
        .collect();
    let limit = Limit { per_second: None, burst: 1, concurrency: CONCURRENCY as u32 };
    let limits = ApiLimits { wapi: limit, ..ApiLimits::default() };
    let client = Client::new(ClientOptions { limits, ..ClientOptions::new(url) }).unwrap();
    let auth = Auth::InBody("bench".into());
    runtime().block_on(async {
        let send = |body: Bytes| async {
            let request = Request {
                api: Api::Wapi,
                method: Method::POST,
                path_and_query: CLASSIC_PATH.into(),
                body: Some((body, CLASSIC_TYPE)),
                auth: auth.clone(),
                repeatable: Repeatable::AfterLookUp,
            };
            let permit = client.permit(Api::Wapi, &auth).await;
            assert_eq!(client.send_by(permit, request).await.unwrap().status, 200);
        };
        stream::iter(bodies).for_each_concurrent(CONCURRENCY, send).await;
    });
}

/// Nobody watches.
struct Nobody;

impl Observer for Nobody {
    fn observe(&self, _: Event) {}
}

fn load(folder: &Path, rows: u64) {
    let file = folder.join("pipeline.yaml").display().to_string();
    let text = std::fs::read_to_string(&file).unwrap();
    let pipeline = Pipeline::parse(&file, &text, &Vars::default()).unwrap();
    let connections = Connections::load(&folder.join("connections.yaml")).unwrap();
    let connection = connections.get("bench", &Environment::System).unwrap();
    let runtime = runtime();
    let options = Options { state_dir: folder.join("state"), ..Options::default() };
    let job = Job {
        pipeline: &pipeline,
        connection: &connection,
        connection_identity: "bench",
        options: &options,
        clock: &Clock::System,
        halting: &Halting::default(),
        observer: &Nobody,
    };
    let outcome = vccpipe::run::run(&job, runtime.handle()).unwrap();
    let vccpipe::run::Outcome::Ran { summary, .. } = outcome else { panic!("nothing was sent") };
    assert_eq!(summary.loaded, rows, "{summary:?}");
}
