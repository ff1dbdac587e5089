//! What the benches of the CRM share: the simulator as a process of its own, and a run of the
//! program in another.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

use bytes::Bytes;
use futures::{StreamExt, stream};
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
pub const CONCURRENCY: usize = 8;

/// This program again, in another part.
pub fn child(arguments: &[&str]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(arguments)
        .stdin(Stdio::null())
        .spawn()
        .unwrap()
}

/// The simulator as a process of its own; it ends with its standard input.
pub struct Server {
    process: Child,
    pub url: String,
}

impl Server {
    /// `what` is for [`serve`]'s caller, in the child.
    pub fn start(what: u64) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["child-server", &what.to_string()])
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

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Serves a tenant until the parent goes away.
pub fn serve(settings: vccpipe_simulator::Settings) {
    let runtime = runtime();
    let tenant = runtime.block_on(vccpipe_simulator::start(settings, None, 0)).unwrap();
    println!("{}", tenant.base_url());
    std::io::stdout().flush().unwrap();
    let _ = std::io::stdin().read_line(&mut String::new());
}

/// Writes the connections file and the pipeline, with nothing of an earlier run beside them.
pub fn prepare(folder: &Path, url: &str, extract: &str, load: &str) {
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
extract: {{ {extract} }}
load: {{ {load} }}
"
    );
    std::fs::write(folder.join("pipeline.yaml"), pipeline).unwrap();
}

/// The body of a command to the sample tenant.
pub fn body<'a>(
    object: &str,
    action: &str,
    tags: impl Iterator<Item = (&'a str, &'a str)>,
) -> Bytes {
    let login = Login {
        tenant: vccpipe_simulator::SAMPLE_TENANT.into(),
        username: vccpipe_simulator::SAMPLE_WAPI_USERNAME.into(),
        password: Secret::new(vccpipe_simulator::SAMPLE_WAPI_PASSWORD),
    };
    let style = Style {
        apostrophe: Apostrophe::Rsquot,
        characters: Characters::References,
        ..Style::default()
    };
    let mut body = Vec::new();
    let command = WapiCommand { object, action, tags };
    encode(command, Entrance::Classic(&login), style, &mut body).unwrap();
    Bytes::from(body)
}

/// Sends bodies through a bare keep-alive loop; replies are read and not looked at.
pub fn send_all(url: &str, bodies: Vec<Bytes>) {
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

/// Runs the pipeline of a folder to its end, which loads so many rows.
pub fn load(folder: &Path, rows: u64) {
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
