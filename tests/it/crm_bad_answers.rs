//! Hosts that answer what no tenant should: pages, pieces, a STATUS of no guide, nothing at all.
//! Nothing is lost or doubled, and what cannot succeed is not tried again.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use crate::{
    bench::{Bench, text},
    crm::{customers, tenant},
};

const ADD: &str = "object: customer, action: add";

/// What the host does with a request.
pub enum Does {
    /// The tenant answers.
    Pass,
    /// The tenant processes it, and this is answered.
    Replace(String),
    /// This is answered, and the tenant hears nothing of it.
    Keep(String),
    /// The tenant processes it, and its reply is rewritten: the bytes of the body.
    Rewrite(fn(Vec<u8>) -> Vec<u8>),
}

pub use Does::{Keep, Pass, Replace, Rewrite};

/// Decides by the command, such as `CUSTOMER ADD`, by how many of it came before, and by the whole
/// packet.
type Decide = Box<dyn Fn(&str, usize, &str) -> Does + Send + Sync>;

/// A host between the program and the tenant.
pub struct Host {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Host {
    fn before(tenant: SocketAddr, decide: Decide) -> Host {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (heard, is_over) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicBool>::default());
        let (log, over, decide) = (Arc::clone(&heard), Arc::clone(&is_over), Arc::new(decide));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let (log, decide) = (Arc::clone(&log), Arc::clone(&decide));
                std::thread::spawn(move || serve(stream.unwrap(), tenant, &log, &decide));
            }
        });
        Host { address, heard, is_over, thread: Some(thread) }
    }

    /// How often a command was heard.
    pub fn heard(&self, command: &str) -> usize {
        self.heard.lock().unwrap().iter().filter(|heard| heard.starts_with(command)).count()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().unwrap().join();
    }
}

/// One request; the connection is closed after it.
fn serve(mut stream: TcpStream, tenant: SocketAddr, log: &Mutex<Vec<String>>, decide: &Decide) {
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if !line.to_lowercase().starts_with("connection:") {
            head.push_str(&line);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let packet: String =
        form_urlencoded::parse(&body).map(|(_, value)| value.into_owned()).collect();
    let command = match packet.contains("OBJECT=") {
        true => command_of(&packet),
        // Of the other APIs: method and path.
        false => head.split(' ').take(2).collect::<Vec<_>>().join(" "),
    };
    let before = {
        let mut heard = log.lock().unwrap();
        let before = heard.iter().filter(|heard| **heard == command).count();
        heard.push(command.clone());
        before
    };
    let pass = || {
        let mut onward = TcpStream::connect(tenant).unwrap();
        onward.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).unwrap();
        onward.write_all(&body).unwrap();
        let mut reply = Vec::new();
        onward.read_to_end(&mut reply).unwrap();
        reply
    };
    let reply = match decide(&command, before, &packet) {
        Pass => pass(),
        Keep(reply) => reply.into_bytes(),
        Replace(reply) => {
            pass();
            reply.into_bytes()
        }
        Rewrite(body) => rewritten(&pass(), body),
    };
    let _ = stream.write_all(&reply);
}

/// A reply with another body.
fn rewritten(reply: &[u8], body: fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let end = reply.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
    let body = body(reply[end..].to_vec());
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n";
    let head = format!("{head}Content-Length: {}\r\n\r\n", body.len());
    [head.into_bytes(), body].concat()
}

fn command_of(packet: &str) -> String {
    let attribute = |name: &str| {
        let start = packet.find(&format!("{name}=")).unwrap() + name.len() + 2;
        packet[start..].split(['"', '\'']).next().unwrap().to_owned()
    };
    format!("{} {}", attribute("OBJECT"), attribute("ACTION"))
}

fn http(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
}

pub fn page(status: &str) -> String {
    let body = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>..</body></html>";
    http(status, "text/html", body)
}

/// A whole reply of WAPI with these attributes and nothing else.
pub fn reply(attributes: &str) -> String {
    http("200 OK", "text/xml", &format!("<WAPI><REPLY {attributes}></REPLY></WAPI>"))
}

impl Bench {
    /// The program speaks to a host of one's own from now on.
    pub fn behind(
        &self,
        decide: impl Fn(&str, usize, &str) -> Does + Send + Sync + 'static,
    ) -> Host {
        let host = Host::before(self.tenant().address(), Box::new(decide));
        let own = format!("http://{}", host.address);
        self.mend("connections.yaml", &self.tenant().base_url(), &own);
        // Of a machine that is busy nothing is expected here.
        let text = std::fs::read_to_string(self.path("connections.yaml")).unwrap();
        self.write("connections.yaml", &text.replace("request: 400ms", "request: 20s"));
        host
    }

    /// And to the tenant itself again.
    pub fn without(&self, host: Host) {
        let own = format!("http://{}", host.address);
        self.mend("connections.yaml", &own, &self.tenant().base_url());
    }
}

fn bench(rows: usize) -> (Bench, usize) {
    let bench = Bench::new(tenant());
    bench.write("input.csv", &customers(rows));
    bench.write_crm_pipeline(ADD);
    let before = bench.records("customer").len();
    (bench, before)
}

/// What is said of a host that answers everything so.
fn said_of(answer: String) -> String {
    let (bench, before) = bench(10);
    let host = bench.behind(move |_, _, _| Keep(answer.clone()));
    let told = bench.run().expect(1);
    assert_eq!(host.heard(""), 1, "{}", told.stderr);
    bench.without(host);
    bench.run().expect(0);
    bench.assert_added_once(before, 10);
    let (_, error) = told.stderr.split_once("begins\n").unwrap();
    error.to_owned()
}

#[test]
fn a_host_that_is_not_the_tenant_s_is_told_after_one_request() {
    insta::assert_snapshot!(said_of(page("404 Not Found")), @r"
    error: Customer Get failed: HTTP 404 from the host
      hint: check `platform` or `base_url` of the connection: the tenant's own cluster answers under /WAPI/wapi.php, the gateway under /cc/v1/wapi
    ");
    insta::assert_snapshot!(said_of(page("200 OK")), @r"
    error: Customer Get failed: the reply is a web page, not WAPI's XML: `Sign in`
      hint: if the host is down for maintenance, give the same command again later; if not, check `platform` or `base_url` of the connection: the tenant's own cluster answers under /WAPI/wapi.php
    ");
    let redirect = http("302 Found\r\nLocation: /login", "text/html", "");
    insta::assert_snapshot!(said_of(redirect), @r"
    error: Customer Get failed: HTTP 302 from the host
      hint: check `platform` or `base_url` of the connection: the tenant's own cluster answers under /WAPI/wapi.php, the gateway under /cc/v1/wapi
    ");
    insta::assert_snapshot!(said_of(http("200 OK", "text/plain", "It works!")), @r"
    error: Customer Get failed: the reply is not WAPI's XML but begins with `It works!`
      hint: if the host is down for maintenance, give the same command again later; if not, check `platform` or `base_url` of the connection: the tenant's own cluster answers under /WAPI/wapi.php
    ");
}

#[test]
fn a_page_in_the_middle_of_a_run_is_no_answer_and_the_row_is_looked_up() {
    for processed in [false, true] {
        let (bench, before) = bench(10);
        let host = bench.behind(move |command, nth, _| match (command, nth % 3, processed) {
            ("CUSTOMER ADD", 1, false) => Keep(page("200 OK")),
            ("CUSTOMER ADD", 1, true) => Replace(page("200 OK")),
            _ => Pass,
        });
        bench.run().expect(0);
        bench.assert_added_once(before, 10);
        drop(host);
    }
}

#[test]
fn half_a_reply_is_no_answer_and_the_row_is_looked_up() {
    let (bench, before) = bench(10);
    let half = "<?xml version=\"1.0\"?><WAPI><REPLY ERROR_CODE=\"0\" ERROR_STR=\"\" STATUS=\"0\">\
                <ITEM><ACCOUNTNUM>1000";
    let host = bench.behind(move |command, nth, _| match (command, nth % 2) {
        ("CUSTOMER ADD", 1) => Replace(http("200 OK", "text/xml", half)),
        ("CUSTOMER GET", 1) => Keep(http("200 OK", "text/xml", half)),
        ("CUSTOMER ADD", _) if nth > 3 => Replace(http("200 OK", "text/xml", "")),
        _ => Pass,
    });
    bench.run().expect(0);
    bench.assert_added_once(before, 10);
    drop(host);
}

#[test]
fn a_status_of_no_guide_is_looked_up_once_and_not_sent_again() {
    let (bench, before) = bench(4);
    let unknown = || reply("ERROR_CODE=\"7\" ERROR_STR=\"Quota of the day\" STATUS=\"999\"");
    let host = bench.behind(move |command, _, packet| match command {
        "CUSTOMER ADD" if packet.contains("ann.1@") => Keep(unknown()),
        "CUSTOMER ADD" if packet.contains("ann.2@") => Replace(unknown()),
        _ => Pass,
    });
    insta::assert_snapshot!(bench.all_said(3), @r"
    test-load finished: run [run]
      read                    4
      loaded                  3   2 added, 1 confirmed on resume
      rejected                0
      refused                 1   .vccpipe/runs/test-load/[run]/refused.csv
      skipped                 0
      in doubt                0
      requests                7   0 of them again
      time        [time]
    refused:
      line 3: refused by the server: STATUS `999`, ERROR_CODE 7: Quota of the day
    test-load: run [run] begins
    4 rows read ahead, up to 4 to be sent
    ");
    insta::assert_snapshot!(bench.reasons("refused.csv"), @"3: STATUS `999`, ERROR_CODE 7: Quota of the day");
    assert_eq!((host.heard("CUSTOMER ADD"), host.heard("CUSTOMER GET")), (4, 3));
    assert_eq!(bench.records("customer").len(), before + 3);
    assert_eq!(bench.results("loaded.csv").len(), 3);
}

#[test]
fn a_status_of_no_guide_says_nothing_of_a_change_or_a_deletion() {
    let bench = Bench::new(tenant());
    let unknown = || reply("STATUS=\"999\"");
    let held = bench.records("customer");
    let rows: String =
        held[..3].iter().map(|held| format!("{},New\n", text(held, "ACCOUNTNUM"))).collect();
    bench.write("input.csv", &format!("ACCOUNTNUM,COMPANY\n{rows}"));
    bench.write_crm_pipeline("object: customer, action: modify");
    let host = bench.behind(move |command, nth, _| match (command, nth) {
        ("CUSTOMER MODIFY", 0) => Keep(unknown()),
        ("CUSTOMER MODIFY", 1) => Replace(unknown()),
        _ => Pass,
    });
    bench.run().expect(3);
    assert_eq!(host.heard("CUSTOMER MODIFY"), 3);
    assert_eq!((bench.results("loaded.csv").len(), bench.results("refused.csv").len()), (2, 1));
    bench.without(host);

    let held = bench.records("task");
    let rows: String =
        held[..3].iter().map(|held| text(held, "TASKNUM").to_owned() + "\n").collect();
    bench.write("input.csv", &format!("TASKNUM\n{rows}"));
    bench.write_crm_pipeline("object: task, action: delete, confirm_delete: true");
    let host = bench.behind(move |command, nth, _| match (command, nth) {
        ("TASK DELETE", 0) => Keep(unknown()),
        ("TASK DELETE", 1) => Replace(unknown()),
        _ => Pass,
    });
    bench.run().expect(3);
    assert_eq!(host.heard("TASK DELETE"), 3);
    assert_eq!((bench.results("loaded.csv").len(), bench.results("refused.csv").len()), (2, 1));
    assert_eq!(bench.records("task").len(), held.len() - 2);
}

#[test]
fn an_add_whose_reply_has_no_number_is_looked_up_until_it_is_found() {
    // The look-up fails as well at first: what was sent must not be sent again without one.
    for trouble in [page("503 Service Unavailable"), reply("STATUS=\"503\"")] {
        let (bench, before) = bench(6);
        let host = bench.behind(move |command, nth, _| match (command, nth) {
            ("CUSTOMER ADD", _) => Replace(reply("ERROR_CODE=\"0\" STATUS=\"0\"")),
            ("CUSTOMER GET", 1..9) => Keep(trouble.clone()),
            _ => Pass,
        });
        bench.run().expect(0);
        assert_eq!(host.heard("CUSTOMER ADD"), 6, "sent again");
        bench.assert_added_once(before, 6);
        assert_eq!(bench.results("loaded.csv").len(), 6);
    }
}

#[test]
fn a_record_that_cannot_be_looked_up_stays_in_doubt_and_is_not_sent_again() {
    let (bench, before) = bench(3);
    bench.mend("connections.yaml", "attempts: 12", "attempts: 3");
    let host = bench.behind(move |command, nth, packet| match (command, nth) {
        ("CUSTOMER ADD", _) if packet.contains("ann.1@") => Replace(page("502 Bad Gateway")),
        ("CUSTOMER GET", 1..) => Keep(reply("STATUS=\"-1\" ERROR_STR=\"Not now\"")),
        _ => Pass,
    });
    insta::assert_snapshot!(bench.all_said(4), @r"
    test-load finished: run [run]
      read                    3
      loaded                  2   2 added
      rejected                0
      refused                 0
      skipped                 0
      in doubt                1   .vccpipe/runs/test-load/[run]/in_doubt.csv
      requests                6   2 of them again
      time        [time]
    in doubt:
      line 3: tried 3 times, and nobody knows whether it was applied: the tenant could not be asked for the record: STATUS -1: Not now
    test-load: run [run] begins
    3 rows read ahead, up to 3 to be sent
    ");
    assert_eq!(host.heard("CUSTOMER ADD"), 3);
    assert_eq!(bench.records("customer").len(), before + 3);
    assert_eq!(bench.results("in_doubt.csv").len(), 1);
    assert_eq!(bench.results("rejected.csv").len(), 0, "it may be there");
}

#[test]
fn a_right_to_get_that_is_taken_away_during_a_run_leaves_nothing_lost_or_doubled() {
    let (bench, before) = bench(10);
    let is_taken = Arc::new(AtomicBool::new(true));
    let taken = Arc::clone(&is_taken);
    let no = || reply("STATUS=\"310\" ERROR_STR=\"Not enough permissions\"");
    let _host = bench.behind(move |command, nth, _| match (command, nth) {
        ("CUSTOMER ADD", 2) => Replace(page("502 Bad Gateway")),
        ("CUSTOMER GET", 1..) if taken.load(Ordering::Relaxed) => Keep(no()),
        _ => Pass,
    });
    bench.run().expect(1).says("Customer Get failed: STATUS 310");
    is_taken.store(false, Ordering::Relaxed);
    bench.run().expect(0);
    bench.assert_added_once(before, 10);
    assert_eq!(bench.results("loaded.csv").len(), 10);
}

#[test]
fn a_tenant_that_refuses_to_tell_its_lists_leaves_them_unchecked() {
    let bench = Bench::new(tenant());
    bench.write("input.csv", "FIRSTNAME,LASTNAME,AUTOPASSWD,CUSTOMERTYPE\nA,B,True,Default\n");
    bench.write_crm_pipeline(ADD);
    let _host = bench.behind(|command, _, _| match command {
        "CUSTOMFIELD GET" => Keep(reply("STATUS=\"310\" ERROR_STR=\"Not enough permissions\"")),
        _ => Pass,
    });
    insta::assert_snapshot!(bench.all_said(0), @r"
    test-load finished: run [run]
      read                    1
      loaded                  1   1 added
      rejected                0
      refused                 0
      skipped                 0
      in doubt                0
      requests                3   0 of them again
      time        [time]
    test-load: run [run] begins
    warning: the tenant does not tell the values of CUSTOMERTYPE (STATUS 310: Not enough permissions): they are not checked before sending
    1 rows read ahead, up to 1 to be sent
    ");
}

#[test]
fn a_row_that_the_tenant_always_fails_over_stays_in_doubt_and_the_others_are_loaded() {
    let (bench, before) = bench(8);
    bench.mend("connections.yaml", "attempts: 12", "attempts: 4");
    let failed = || reply("ERROR_CODE=\"500\" ERROR_STR=\"Internal Error\" STATUS=\"500\"");
    let host = bench.behind(move |command, _, packet| match command {
        "CUSTOMER ADD" if packet.contains("ann.3@") => Keep(failed()),
        _ => Pass,
    });
    insta::assert_snapshot!(bench.all_said(4), @r"
    test-load finished: run [run]
      read                    8
      loaded                  7   7 added
      rejected                0
      refused                 0
      skipped                 0
      in doubt                1   .vccpipe/runs/test-load/[run]/in_doubt.csv
      requests               15   3 of them again
      time        [time]
    in doubt:
      line 5: tried 4 times, and nobody knows whether it was applied: STATUS 500, ERROR_CODE 500: Internal Error
    test-load: run [run] begins
    8 rows read ahead, up to 8 to be sent
    ");
    assert_eq!(host.heard("CUSTOMER ADD"), 7 + 4);
    assert_eq!(bench.records("customer").len(), before + 7);
    assert_eq!(bench.results("loaded.csv").len(), 7);
    insta::assert_debug_snapshot!(bench.results("in_doubt.csv"), @r#"
    [
        {
            "AUTOPASSWD": "True",
            "EMAIL": "ann.3@example.com",
            "FIRSTNAME": "Ann3",
            "LASTNAME": "O'Brien & Sons 3",
            "VOICE": "+1 555 0003",
            "_line": "5",
            "_reason": "tried 4 times, and nobody knows whether it was applied: STATUS 500, ERROR_CODE 500: Internal Error",
        },
    ]
    "#);
    insta::assert_snapshot!(bench.all_said(0), @r"
    test-load: this input was loaded to its end by run [run] (8 rows); nothing is sent
      hint: see which rows of .vccpipe/runs/test-load/[run]/in_doubt.csv the tenant has, and load the others by `--input`; `--again` sends all of it again
    ");
    assert_eq!(host.heard("CUSTOMER ADD"), 7 + 4);
}
