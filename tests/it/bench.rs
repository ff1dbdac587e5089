//! The pieces of a test: a folder of its own, a simulated tenant, and the program.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::runtime::Runtime;
use vccpipe_simulator::{
    CampaignDefinition, FaultKind, FaultRule, Running, Settings, TenantSettings,
};

/// The campaign that tests load.
pub const CAMPAIGN: u64 = 125;

/// A folder, a tenant that outlives the program, and the files of a pipeline.
pub struct Bench {
    folder: tempfile::TempDir,
    runtime: Runtime,
    tenant: Option<Running>,
}

impl Bench {
    /// A tenant with these settings.
    pub fn new(settings: Settings) -> Self {
        let bench = Self::without_tenant();
        let tenant = bench.runtime.block_on(vccpipe_simulator::start(settings, None, 0)).unwrap();
        let bench = Bench { tenant: Some(tenant), ..bench };
        bench.write("connections.yaml", &bench.connections());
        bench
    }

    /// No tenant: for what never gets to a request, or uses the built-in one.
    pub fn without_tenant() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        Bench { folder: tempfile::tempdir().unwrap(), runtime, tenant: None }
    }

    fn connections(&self) -> String {
        let tenant = self.tenant();
        let known = tenant.credentials();
        format!(
            "connections:
  acme:
    base_url: {}
    tenant: {}
    timezone: America/New_York
    tokens: {{ action: {}, data: {} }}
    wapi: {{ username: {}, password: {} }}
    limits:
      campaigns: {{ per_second: unlimited, concurrency: 4 }}
      wapi: {{ per_second: unlimited, concurrency: 4 }}
    timeouts: {{ connect: 2s, request: 400ms }}
    retry: {{ attempts: 12, base: 5ms, cap: 60ms, give_up_after: 20s }}
",
            tenant.base_url(),
            known.tenant,
            known.action_token,
            known.data_token,
            known.wapi_username,
            known.wapi_password
        )
    }

    pub fn tenant(&self) -> &Running {
        self.tenant.as_ref().expect("a tenant")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub fn append(&self, name: &str, text: &str) {
        use std::io::Write;
        let mut file = fs::File::options().append(true).open(self.path(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// A pipeline over `input.csv` with the columns `account` and `callback`.
    pub fn write_pipeline(&self, batch_size: u32) {
        self.write_pipeline_with(batch_size, "");
    }

    /// A pipeline that loads `input.csv` as it stands into the CRM, with these keys of the load.
    pub fn write_crm_pipeline(&self, load: &str) {
        self.write_crm_steps("[]", load);
    }

    /// The same, with steps.
    pub fn write_crm_steps(&self, steps: &str, load: &str) {
        self.write(
            "pipeline.yaml",
            &format!(
                "version: 1
name: test-load
connection: acme
extract:
  csv: {{ path: input.csv }}
transform: {steps}
load:
  wapi: {{ {load} }}
"
            ),
        );
    }

    /// The records of an object that the tenant holds, in the order of their numbers.
    pub fn records(&self, object: &str) -> Vec<BTreeMap<String, Value>> {
        records_of(self.tenant(), object)
    }

    /// Those of them that were made since, by the number that was the last before.
    pub fn records_since(&self, object: &str, before: usize) -> Vec<BTreeMap<String, Value>> {
        self.records(object).split_off(before)
    }

    /// How often the tenant was asked for something, e.g. `CUSTOMER ADD`, whatever it answered.
    pub fn asked(&self, command: &str) -> u64 {
        let state = serde_json::to_value(self.tenant().state()).unwrap();
        let requests = state["wapi"]["requests"].as_object().unwrap();
        let of = requests.iter().filter(|(name, _)| name.starts_with(&format!("{command} ")));
        of.map(|(_, count)| count.as_u64().unwrap()).sum()
    }

    /// The same, with further keys of the load.
    pub fn write_pipeline_with(&self, batch_size: u32, load: &str) {
        self.write(
            "pipeline.yaml",
            &format!(
                "version: 1
name: test-load
connection: acme
extract:
  csv: {{ path: input.csv }}
transform:
  - map:
      customer-id: account
      schedule-date-time: callback
load:
  campaign: {{ action: add, campaign: {CAMPAIGN}, batch_size: {batch_size}{load} }}
"
            ),
        );
    }

    /// A pipeline over `input.csv` with these steps.
    pub fn write_steps(&self, steps: &str) {
        self.write_pipeline(50);
        let text = fs::read_to_string(self.path("pipeline.yaml")).unwrap();
        let (head, rest) = text.split_once("  - map:").unwrap();
        let (_, load) = rest.split_once("load:").unwrap();
        self.write("pipeline.yaml", &format!("{head}{steps}\nload:{load}"));
    }

    /// Replaces a piece of a file's text.
    #[track_caller]
    pub fn mend(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "`{from}` is not in {name}:\n{text}");
        self.write(name, &text.replace(from, to));
    }

    /// Requests may take their time: of a machine that is busy nothing is expected.
    pub fn without_haste(&self) {
        self.mend("connections.yaml", "request: 400ms", "request: 20s");
    }

    /// A text in which names of folders, runs, ports and moments are replaced, for a snapshot.
    pub fn plain(&self, text: &str) -> String {
        let folder = self.folder.path().display().to_string();
        let mut text = text.replace(&folder, "[folder]");
        for (pattern, word) in [
            (r"\b\d{8}T\d{6}\.\d{3}Z(-\d+)?", "[run]"),
            (r"127\.0\.0\.1:\d+", "[host]"),
            (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[moment]"),
            (r"process \d+", "process [id]"),
            (r"(?m)^  time .*$", "  time        [time]"),
            (r"(?m)[ \t]+$", ""),
        ] {
            text = regex::Regex::new(pattern).unwrap().replace_all(&text, word).into_owned();
        }
        text
    }

    /// The program with `args`, in the folder.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vccpipe"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_remove("NO_COLOR")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub fn vccpipe(&self, args: &[&str]) -> Told {
        Told::of(self.command(args).output().unwrap())
    }

    /// `vccpipe run pipeline.yaml`.
    pub fn run(&self) -> Told {
        self.vccpipe(&["run", "pipeline.yaml"])
    }

    /// The repository's main job: its pipeline as `sample.yaml`, and its sample.
    pub fn copy_sample(&self) {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(repository.join("pipelines/load_campaign_from_csv.yaml"));
        let sample = repository.join("samples/campaign_customers.csv");
        let text = text.unwrap();
        assert!(text.contains("samples/campaign_customers.csv"), "{text}");
        let text = text.replace("samples/campaign_customers.csv", sample.to_str().unwrap());
        self.write("sample.yaml", &text);
    }

    /// The customers that the newest run of a pipeline says are loaded, in order.
    pub fn loaded_by(&self, pipeline: &str) -> Vec<u64> {
        let path = self.path(&format!(".vccpipe/runs/{pipeline}/latest/loaded.csv"));
        let mut reader = csv::Reader::from_path(path).unwrap();
        let rows = reader.deserialize::<BTreeMap<String, String>>();
        let mut loaded: Vec<u64> =
            rows.map(|row| row.unwrap()["customer-id"].parse().unwrap()).collect();
        loaded.sort_unstable();
        loaded
    }

    /// The customers that the built-in tenant holds in a campaign, and how many of them were
    /// taken in more than once: read from what the tenant keeps, by the simulator itself.
    pub fn held_by_the_built_in_tenant(&self, campaign: u64) -> (Vec<u64>, usize) {
        let kept = self.path(".vccpipe/simulator");
        let started = vccpipe_simulator::start(Settings::default(), Some(kept), 0);
        let tenant = self.runtime.block_on(started).unwrap();
        let text = tenant.customers_csv(campaign);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows = reader.deserialize::<BTreeMap<String, String>>().map(|row| row.unwrap());
        let number = |row: &BTreeMap<String, String>, key: &str| row[key].parse::<u64>().unwrap();
        let applied: Vec<(u64, u64)> = rows
            .map(|row| (number(&row, "customer-id"), number(&row, "times_applied")))
            .filter(|(_, times)| *times > 0)
            .collect();
        let twice = applied.iter().filter(|(_, times)| *times > 1).count();
        (applied.into_iter().map(|(customer, _)| customer).collect(), twice)
    }

    /// Starts `vccpipe run pipeline.yaml` and waits until it has sent a few requests.
    pub fn run_until_posts(&self, posts: u64) -> Child {
        let mut child = self.command(&["run", "pipeline.yaml"]).spawn().unwrap();
        let until = Instant::now() + Duration::from_secs(20);
        while self.posts() < posts {
            assert!(Instant::now() < until, "no {posts} requests came");
            assert!(child.try_wait().unwrap().is_none(), "the run ended before {posts} requests");
            std::thread::sleep(Duration::from_millis(2));
        }
        child
    }

    /// A result file of the newest run: its rows, by the names of its columns.
    pub fn results(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        let path = self.latest().join(name);
        let mut reader =
            csv::Reader::from_path(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        reader.deserialize().map(|row| row.unwrap()).collect()
    }

    /// `summary.json` of the newest run.
    pub fn summary(&self) -> Value {
        let text = fs::read_to_string(self.latest().join("summary.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The folder of the newest run.
    pub fn latest(&self) -> PathBuf {
        self.path(".vccpipe/runs/test-load/latest")
    }

    /// How often each customer was taken into the campaign, by the tenant's own account.
    pub fn truth(&self) -> BTreeMap<u64, u64> {
        let url = format!("/_simulator/campaigns/{CAMPAIGN}/customers");
        let body = self.get(&url);
        let mut reader = csv::Reader::from_reader(body.as_bytes());
        let rows = reader.deserialize::<BTreeMap<String, String>>().map(|row| row.unwrap());
        rows.map(|row| {
            (row["customer-id"].parse().unwrap(), row["times_applied"].parse::<u64>().unwrap())
        })
        .filter(|(_, applied)| *applied > 0)
        .collect()
    }

    /// POSTs of customers that reached the campaign's API.
    pub fn posts(&self) -> u64 {
        let state = self.tenant().state();
        let requests = &state.campaigns[&CAMPAIGN].requests;
        requests.iter().filter(|(what, _)| what.starts_with("POST")).map(|(_, n)| n).sum()
    }

    fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n"))
    }

    /// The body of the tenant's reply to a request.
    pub fn ask(&self, request: &str) -> String {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(self.tenant().address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let (_, body) = reply.split_once("\r\n\r\n").unwrap();
        body.to_owned()
    }

    /// POSTs customers beside the program, with the token that the document wants.
    pub fn post_customers(&self, campaign: u64, body: &str) -> String {
        self.post(&format!("/api/tstats/campaigns/{campaign}/customers"), body)
    }

    /// POSTs JSON with the Action token; gives the body of the reply.
    pub fn post(&self, path: &str, body: &str) -> String {
        let known = self.tenant().credentials();
        let auth = base64(&format!("{}:{}", known.tenant, known.action_token));
        let length = body.len();
        self.ask(&format!(
            "POST {path} HTTP/1.0\r\nHost: localhost\r\nAuthorization: Basic {auth}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// Whether the books of a finished run say what the tenant says: each loaded customer was
    /// taken in once, and nobody else was.
    #[track_caller]
    pub fn assert_books_are_true(&self) {
        let truth = self.truth();
        let twice: Vec<_> = truth.iter().filter(|(_, applied)| **applied > 1).collect();
        assert!(twice.is_empty(), "taken in more than once: {twice:?}");
        let mut loaded: Vec<u64> = self
            .results("loaded.csv")
            .iter()
            .map(|row| row["customer-id"].parse().unwrap())
            .collect();
        loaded.sort_unstable();
        let applied: Vec<u64> = truth.keys().copied().collect();
        assert_eq!(loaded, applied, "the books differ from the truth");
        let summary = self.summary();
        let count = |key: &str| summary[key].as_u64().unwrap();
        assert_eq!(
            count("read"),
            ["loaded", "rejected", "refused", "skipped", "in_doubt"].map(count).iter().sum::<u64>(),
            "the books do not balance: {summary}"
        );
        assert_eq!(count("loaded"), loaded.len() as u64);
        for name in ["rejected", "refused", "skipped", "in_doubt"] {
            let rows = self.results(&format!("{name}.csv")).len() as u64;
            assert_eq!(count(name), rows, "{name}.csv has another number of rows");
        }
    }
}

/// The records of an object that a tenant holds.
pub fn records_of(tenant: &Running, object: &str) -> Vec<BTreeMap<String, Value>> {
    let text = tenant.wapi_records(object);
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The value of a field of a record, as text.
pub fn text<'a>(record: &'a BTreeMap<String, Value>, tag: &str) -> &'a str {
    record.get(tag).and_then(Value::as_str).unwrap_or_default()
}

/// What the program said.
#[derive(Debug)]
pub struct Told {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Told {
    pub fn of(output: Output) -> Self {
        Told {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        let both = format!("{}\n{}", self.stdout, self.stderr);
        assert!(both.contains(words), "`{words}` is not in:\n{both}");
        self
    }
}

/// A tenant of its own seed with so many customers and one running campaign.
pub fn settings(customers: u64) -> Settings {
    let tenant = TenantSettings {
        customers,
        do_not_call: Vec::new(),
        campaigns: vec![CampaignDefinition {
            id: CAMPAIGN,
            status: 3,
            ..CampaignDefinition::default()
        }],
        ..TenantSettings::default()
    };
    Settings { tenant, ..Settings::default() }
}

/// A fault of the campaign's POSTs.
pub fn fault(kind: FaultKind, probability: f64) -> FaultRule {
    let rule = serde_json::json!({
        "kind": kind, "probability": probability, "method": "POST", "path": "*/customers",
        "delay_ms": 900
    });
    serde_json::from_value(rule).unwrap()
}

/// Numbers of the first `count` customers of the sample tenant.
pub fn customers(count: usize) -> Vec<u64> {
    let mut text = Vec::new();
    vccpipe_simulator::sample::write_clean_campaign_customers(count as u64, 0, &mut text).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_slice());
    reader.records().map(|row| row.unwrap()[0].trim().parse().unwrap()).collect()
}

/// A CSV of these customers, without callbacks.
pub fn csv_of(customers: &[u64]) -> String {
    let rows = customers.iter().map(|customer| format!("{customer},\n"));
    "account,callback\n".to_owned() + &rows.collect::<String>()
}

/// As Basic authentication writes credentials.
pub fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |chunk: &[u8], place: usize| {
        let padded = chunk.iter().chain([&0, &0]).take(3);
        let bits = padded.fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        match place <= chunk.len() {
            true => DIGITS[(bits >> (18 - 6 * place)) as usize & 63] as char,
            false => '=',
        }
    };
    text.as_bytes()
        .chunks(3)
        .flat_map(|chunk| (0..4).map(move |place| digit(chunk, place)))
        .collect()
}
