//! Loads into an object store, which is one of this machine: the few requests of S3 that matter.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use crate::bench::{Bench, Told};

/// A bucket that keeps objects in memory, and the requests that came.
#[derive(Clone, Default)]
struct Bucket(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    objects: BTreeMap<String, Vec<u8>>,
    parts: BTreeMap<String, Vec<u8>>,
    /// Method and object of each request that changed something.
    changes: Vec<String>,
    /// So many changes are taken; then the store is out of order.
    takes: Option<usize>,
}

impl Bucket {
    /// Serves on a port of this machine.
    fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let bucket = self.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let bucket = bucket.clone();
                thread::spawn(move || while bucket.answer(&stream).is_some() {});
            }
        });
        format!("http://{address}")
    }

    fn answer(&self, mut stream: &TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let mut length = 0;
        let head = line.clone();
        loop {
            line.clear();
            reader.read_line(&mut line).ok()?;
            if line.trim().is_empty() {
                break;
            }
            let (name, value) = line.split_once(':')?;
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let mut words = head.split_whitespace();
        let (method, target) = (words.next()?, words.next()?);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let key = unescaped(path.strip_prefix("/lake")?.trim_start_matches('/'));
        let (status, text) = self.0.lock().unwrap().answer(method, &key, query, body);
        let head_only = method == "HEAD";
        let body = if head_only { &[][..] } else { &text[..] };
        write!(
            stream,
            "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nETag: \"e\"\r\nLast-Modified: Mon, 23 \
             Nov 2026 00:00:00 GMT\r\n\r\n",
            text.len()
        )
        .ok()?;
        stream.write_all(body).ok()
    }

    fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        self.0.lock().unwrap().objects.clone()
    }
}

impl Kept {
    fn answer(&mut self, method: &str, key: &str, query: &str, body: Vec<u8>) -> (u16, Vec<u8>) {
        if method != "GET" && method != "HEAD" {
            if self.takes == Some(0) {
                return (403, b"<Error><Code>AccessDenied</Code></Error>".to_vec());
            }
            self.takes = self.takes.map(|takes| takes - 1);
        }
        match (method, query) {
            ("GET", query) if query.contains("list-type=2") => {
                let listed = self.objects.iter().map(|(key, bytes)| {
                    format!(
                        "<Contents><Key>{key}</Key><Size>{}</Size>\
                         <LastModified>2026-11-23T00:00:00.000Z</LastModified></Contents>",
                        bytes.len()
                    )
                });
                let listed: String = listed.collect();
                let text = format!(
                    "<ListBucketResult><IsTruncated>false</IsTruncated>{listed}</ListBucketResult>"
                );
                (200, text.into_bytes())
            }
            ("GET" | "HEAD", _) => match self.objects.get(key) {
                Some(bytes) => (200, bytes.clone()),
                None => (404, b"<Error><Code>NoSuchKey</Code></Error>".to_vec()),
            },
            ("POST", query) if query.contains("uploads") => {
                let text = "<InitiateMultipartUploadResult><UploadId>u</UploadId>\
                            </InitiateMultipartUploadResult>";
                self.parts.remove(key);
                (200, text.into())
            }
            ("PUT", query) if query.contains("partNumber") => {
                self.parts.entry(key.to_owned()).or_default().extend(body);
                (200, Vec::new())
            }
            ("POST", query) if query.contains("uploadId") => {
                let whole = self.parts.remove(key).unwrap_or_default();
                self.changes.push(format!("PUT {key}"));
                self.objects.insert(key.to_owned(), whole);
                let text = "<CompleteMultipartUploadResult><ETag>e</ETag>\
                            </CompleteMultipartUploadResult>";
                (200, text.into())
            }
            ("PUT", _) => {
                self.changes.push(format!("PUT {key}"));
                self.objects.insert(key.to_owned(), body);
                (200, Vec::new())
            }
            ("POST", query) if query.contains("delete") => {
                let text = String::from_utf8(body).unwrap();
                let document = roxmltree::Document::parse(&text).unwrap();
                let mut deleted = String::new();
                for key in document.descendants().filter(|node| node.has_tag_name("Key")) {
                    let key = key.text().unwrap();
                    self.changes.push(format!("DELETE {key}"));
                    self.objects.remove(key);
                    deleted.push_str(&format!("<Deleted><Key>{key}</Key></Deleted>"));
                }
                (200, format!("<DeleteResult>{deleted}</DeleteResult>").into_bytes())
            }
            ("DELETE", _) => {
                self.changes.push(format!("DELETE {key}"));
                self.objects.remove(key);
                (204, Vec::new())
            }
            other => panic!("nobody answers {other:?} {key}"),
        }
    }
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        (bytes, rest) = match byte {
            b'%' => {
                let digits = std::str::from_utf8(&after[..2]).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
                (bytes, &after[2..])
            }
            byte => {
                bytes.push(*byte);
                (bytes, after)
            }
        };
    }
    String::from_utf8(bytes).unwrap()
}

fn run(bench: &Bench, url: &str, failpoint: &str) -> Told {
    let output = bench
        .command(&["run", "pipeline.yaml"])
        .env("AWS_ENDPOINT", url)
        .env("AWS_ACCESS_KEY_ID", "hush-key")
        .env("AWS_SECRET_ACCESS_KEY", "hush-secret")
        .env("AWS_REGION", "eu-central-1")
        .env("VCCPIPE_FAILPOINT", failpoint)
        .output();
    Told::of(output.unwrap())
}

/// The rows of a bucket's table: copied into a folder, and read there.
fn table(bench: &Bench, bucket: &Bucket) -> Vec<crate::file_loads::Row> {
    let copy = bench.path("copy");
    let _ = std::fs::remove_dir_all(&copy);
    for (key, bytes) in bucket.objects() {
        let path = copy.join(key.strip_prefix("crm/rows/").unwrap());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    bench.table("copy")
}

#[test]
fn an_object_store_holds_what_a_folder_would() {
    let (bench, bucket) = (Bench::without_tenant(), Bucket::default());
    let url = bucket.serve();
    bench.write_rows(0, 300);
    bench.write_file_pipeline("parquet: { path: \"s3://lake/crm/rows\", partition_by: [day] }");
    run(&bench, &url, "").expect(0);
    let names: Vec<String> = bucket.objects().into_keys().collect();
    let days = [1, 2, 3].map(|day| format!("crm/rows/day=2026-01-0{day}/part-00000.parquet"));
    assert_eq!(names[..1], ["crm/rows/_manifest.json"]);
    assert_eq!(names[1..], days);
    assert_eq!(table(&bench, &bucket).len(), 300);

    // The manifest comes before what it no longer lists is removed.
    bench.write("input.csv", &crate::file_loads::input(0, 1));
    run(&bench, &url, "").expect(0);
    let changes = bucket.0.lock().unwrap().changes.split_off(4);
    assert_eq!(
        changes,
        [
            "PUT crm/rows/day=2026-01-01/part-00000.parquet",
            "PUT crm/rows/_manifest.json",
            "DELETE crm/rows/day=2026-01-02/part-00000.parquet",
            "DELETE crm/rows/day=2026-01-03/part-00000.parquet",
        ]
    );
    assert_eq!(table(&bench, &bucket).len(), 1);
}

#[test]
fn an_upsert_into_an_object_store_goes_on_where_it_was() {
    let (bench, bucket) = (Bench::without_tenant(), Bucket::default());
    let url = bucket.serve();
    bench.write_file_pipeline("parquet: { path: \"s3://lake/crm/rows\", mode: upsert, key: [id] }");
    bench.write_rows(0, 300);
    run(&bench, &url, "").expect(0);
    bench.write_rows(200, 300);
    let crashed = run(&bench, &url, "file-is-published:1");
    assert!(crashed.code.is_none(), "{crashed:?}");
    bucket.0.lock().unwrap().takes = Some(0);
    let told = run(&bench, &url, "").expect(1);
    assert!(told.stderr.contains("the object store failed to write"), "{}", told.stderr);
    bucket.0.lock().unwrap().takes = None;
    let told = run(&bench, &url, "").expect(0);
    let rows = table(&bench, &bucket);
    let ids: Vec<usize> = rows.iter().map(|row| row["id"].parse().unwrap()).collect();
    assert_eq!(ids, (0..500).collect::<Vec<_>>());
    assert!(!format!("{told:?}{crashed:?}").contains("hush"), "credentials are not told");
}

#[test]
fn a_store_that_no_one_opens_is_told() {
    let bench = Bench::without_tenant();
    bench.write_rows(0, 3);
    bench.write_file_pipeline("csv: { path: \"s3://lake/rows.csv\" }");
    // Plain HTTP to another machine: credentials would travel in it.
    let told = run(&bench, "http://store.example.com", "").expect(2);
    let words = "`http://store.example.com` of the environment is not safe for an object store";
    assert!(told.stderr.contains(words), "{told:?}");
}
