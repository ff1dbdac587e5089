//! A load of customers end to end, beside a bare keep-alive loop that sends the same bodies:
//! `cargo bench --bench wapi_load`.
//!
//! The server is the simulator with all its rules, a process of its own and new for each run, and
//! so is what is measured. Eight requests are in flight, and no rate limit is set.

#[path = "../campaign_load/measure.rs"]
mod measure;

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
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
/// How long the server takes for a request beside its own work, in milliseconds, and customers that
/// are added then. 0 measures the program alone; a live tenant takes longer than ten.
const CASES: [(u64, u64); 2] = [(0, 20_000), (10, 5000)];
const RUNS: usize = 3;
const COLUMNS: [&str; 12] = [
    "FIRSTNAME",
    "LASTNAME",
    "EMAIL",
    "COMPANY",
    "VOICE",
    "COMMENTS",
    "AUTOPASSWD",
    "ADDR1STR1",
    "ADDR1CITY",
    "ADDR1STATE",
    "ADDR1ZIP",
    "ADDR1COUNTRY",
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["child-server", latency] => serve(latency.parse().unwrap()),
        ["child-ceiling", url, rows] => send_pre_built(url, rows.parse().unwrap()),
        ["child-load", folder, rows] => load(Path::new(folder), rows.parse().unwrap()),
        _ => CASES.into_iter().for_each(|(latency, rows)| standard(latency, rows)),
    }
}

fn standard(latency: u64, rows: u64) {
    let folder = tempfile::tempdir().unwrap();
    write_input(folder.path(), rows);
    println!(
        "{rows} customers added, {CONCURRENCY} requests in flight, the server waits {latency} ms, \
         median of {RUNS}"
    );
    let several = |each: &dyn Fn() -> Figures| median((0..RUNS).map(|_| each()).collect());
    let ceiling = several(&|| {
        let server = Server::start(latency);
        let started = Instant::now();
        wait(child(&["child-ceiling", &server.url, &rows.to_string()]), started)
    });
    ceiling.print("pre-built bodies", rows);
    let loaded = several(&|| {
        let server = Server::start(latency);
        prepare(folder.path(), &server.url);
        let started = Instant::now();
        wait(child(&["child-load", folder.path().to_str().unwrap(), &rows.to_string()]), started)
    });
    loaded.print("vccpipe", rows);
    println!(
        "  rate / rate of pre-built bodies: {:.2} (aim 0.8)",
        ceiling.wall.as_secs_f64() / loaded.wall.as_secs_f64()
    );
}

/// One customer as the input has it.
fn customer(row: u64) -> [String; 12] {
    [
        format!("Bill{row}"),
        "O'Brien".into(),
        format!("bill.{row}@example.com"),
        "Smith & Sons".into(),
        format!("+1 555 {row:07}"),
        "Called twice, wants 50 % off".into(),
        "True".into(),
        format!("{row} John Fitzgerald Boulevard"),
        "Los Angeles".into(),
        "CA".into(),
        format!("{:05}", row % 100_000),
        "United States".into(),
    ]
}

fn write_input(folder: &Path, rows: u64) {
    let mut writer = csv::Writer::from_path(folder.join("input.csv")).unwrap();
    writer.write_record(COLUMNS).unwrap();
    (0..rows).for_each(|row| writer.write_record(customer(row)).unwrap());
    writer.flush().unwrap();
}

fn prepare(folder: &Path, url: &str) {
    let _ = std::fs::remove_dir_all(folder.join("state"));
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
  csv: {{ path: {} }}
load:
  wapi: {{ object: customer, action: add }}
",
        folder.join("input.csv").display()
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
    fn start(latency: u64) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["child-server", &latency.to_string()])
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

fn serve(latency: u64) {
    let runtime = runtime();
    let mut settings = vccpipe_simulator::Settings::default();
    settings.latency_ms.insert(vccpipe_simulator::Api::Wapi, latency);
    let tenant = runtime.block_on(vccpipe_simulator::start(settings, None, 0)).unwrap();
    println!("{}", tenant.base_url());
    std::io::stdout().flush().unwrap();
    // Until the parent goes away.
    let _ = std::io::stdin().read_line(&mut String::new());
}

/// Sends the bodies that the load sends, made before; replies are read and not looked at.
fn send_pre_built(url: &str, rows: u64) {
    let login = Login {
        tenant: vccpipe_simulator::SAMPLE_TENANT.into(),
        username: vccpipe_simulator::SAMPLE_WAPI_USERNAME.into(),
        password: Secret::new(vccpipe_simulator::SAMPLE_WAPI_PASSWORD),
    };
    let style = Style { apostrophe: Apostrophe::Rsquot, characters: Characters::References };
    let bodies: Vec<Bytes> = (0..rows)
        .map(|row| {
            let values = customer(row);
            let tags = COLUMNS.iter().copied().zip(values.iter().map(String::as_str));
            let command = WapiCommand { object: "CUSTOMER", action: "ADD", tags };
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
