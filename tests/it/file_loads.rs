//! Loads into files: what readers find is what came in, and nothing that is half.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use arrow::{array::RecordBatch, util::display::array_value_to_string};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::bench::{Bench, Told};

/// A row as texts, by column.
pub type Row = BTreeMap<String, String>;

impl Bench {
    /// A pipeline from `input.csv` into files, with typed columns.
    pub fn write_file_pipeline(&self, load: &str) {
        self.write_file_steps(
            "  - map:
      id: cast(id as bigint)
      name: name
      day: cast(day as date)
      amount: cast(amount as double)
      note: note",
            load,
        );
    }

    /// The same, with these steps.
    pub fn write_file_steps(&self, steps: &str, load: &str) {
        self.write(
            "pipeline.yaml",
            &format!(
                "version: 1
name: test-load
connection: simulator
extract:
  csv: {{ path: input.csv }}
transform:
{steps}
load:
  {load}
"
            ),
        );
    }

    /// `input.csv` with so many rows: numbers from `first` on, three days, notes here and there.
    pub fn write_rows(&self, first: usize, rows: usize) {
        self.write("input.csv", &input(first, rows));
    }

    /// The manifest of a folder.
    pub fn manifest(&self, folder: &str) -> Value {
        let text = fs::read_to_string(self.path(folder).join("_manifest.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The rows of all Parquet files of a folder, those of its manifest, in its order.
    #[track_caller]
    pub fn table(&self, folder: &str) -> Vec<Row> {
        let manifest = self.manifest(folder);
        let mut rows = Vec::new();
        let mut listed = BTreeSet::new();
        for file in manifest["files"].as_array().unwrap() {
            let path = file["path"].as_str().unwrap();
            listed.insert(path.to_owned());
            let whole = self.path(folder).join(path);
            let bytes = fs::read(&whole).unwrap();
            assert_eq!(bytes.len() as u64, file["bytes"].as_u64().unwrap(), "{path}");
            assert_eq!(sha256(&bytes), file["sha256"].as_str().unwrap(), "{path}");
            let found = parquet_rows(&whole);
            assert_eq!(found.len() as u64, file["rows"].as_u64().unwrap(), "{path}");
            let folders: Vec<(String, String)> = path
                .split('/')
                .filter_map(|part| part.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            rows.extend(found.into_iter().map(|mut row| {
                row.extend(folders.iter().cloned());
                row
            }));
        }
        assert_eq!(manifest["rows"].as_u64().unwrap(), rows.len() as u64);
        assert_eq!(files_of(&self.path(folder)), listed, "the manifest lists what is there");
        rows
    }
}

pub fn input(first: usize, rows: usize) -> String {
    let mut text = "id,name,day,amount,note\n".to_owned();
    for id in first..first + rows {
        let note = if id.is_multiple_of(7) { "=1+1" } else { "" };
        text.push_str(&format!(
            "{id},\"Zoë, {id}\",2026-01-0{},{}.5,{note}\n",
            1 + id % 3,
            (id * 31) % 97
        ));
    }
    text
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The Parquet files below a folder that any reader would find.
pub fn files_of(folder: &Path) -> BTreeSet<String> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeSet<String>) {
        // A folder that goes away meanwhile, as that for staging does, has nothing for readers.
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound && folder != root => return,
            entries => entries.unwrap(),
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else if path.extension().is_some_and(|ending| ending == "parquet") {
                found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(folder, folder, &mut found);
    found
}

/// All rows of a file, as texts.
pub fn parquet_rows(path: &Path) -> Vec<Row> {
    let file = fs::File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    let mut rows = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let columns = batch.schema();
            let value = |column: usize| array_value_to_string(batch.column(column), row).unwrap();
            let names = columns.fields().iter().enumerate();
            rows.push(names.map(|(at, field)| (field.name().clone(), value(at))).collect());
        }
    }
    rows
}

/// What `input` makes of these numbers, once it is loaded.
fn expected(ids: impl IntoIterator<Item = usize>) -> Vec<Row> {
    let row = |id: usize| {
        let note = if id.is_multiple_of(7) { "=1+1" } else { "" };
        [
            ("id", id.to_string()),
            ("name", format!("Zoë, {id}")),
            ("day", format!("2026-01-0{}", 1 + id % 3)),
            ("amount", format!("{}.5", (id * 31) % 97)),
            ("note", note.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    };
    ids.into_iter().map(row).collect()
}

fn by_id(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(|row| row["id"].parse::<usize>().unwrap());
    rows
}

fn books(bench: &Bench) -> BTreeMap<String, u64> {
    let summary = bench.summary();
    let count = |(name, value): (&String, &Value)| Some((name.clone(), value.as_u64()?));
    let detail = summary["loaded_detail"].as_object().unwrap().iter().filter_map(count);
    detail.chain(summary.as_object().unwrap().iter().filter_map(count)).collect()
}

#[test]
fn a_csv_becomes_parquet_row_by_row_and_field_by_field() {
    let bench = Bench::without_tenant();
    bench.write_rows(0, 20_000);
    bench.append("input.csv", "x,no number,2026-01-01,1,\n");
    bench.write_file_pipeline("parquet: { path: out/table }");
    bench.run().expect(3);
    assert_eq!(bench.table("out/table"), expected(0..20_000));
    let books = books(&bench);
    assert_eq!((books["read"], books["added"], books["rejected"]), (20_001, 20_000, 1));
    let loaded = bench.results("loaded.csv");
    assert_eq!(loaded.len(), 20_000);
    assert_eq!((loaded[5]["_line"].as_str(), loaded[5]["_done"].as_str()), ("7", "added"));
    assert_eq!(bench.results("rejected.csv")[0]["_line"], "20002");
    let manifest = bench.manifest("out/table");
    assert_eq!(manifest["schema"][0], serde_json::json!({ "name": "id", "type": "Int64" }));
    assert_eq!(manifest["pipeline"], "test-load");
    assert_eq!(hidden(&bench.path("out/table")), Vec::<PathBuf>::new(), "nothing is left");
}

fn hidden(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with('.')).collect()
}

#[test]
fn a_csv_becomes_csv_and_json() {
    let bench = Bench::without_tenant();
    bench.write_rows(0, 50);
    bench.append("input.csv", "50,\"a \"\"b\"\"\",2026-01-01,-5,\"-5\"\n");
    bench.write_file_pipeline("csv: { path: out/rows.csv, formula_safe: true }");
    bench.run().expect(0).says("8 cells that a spreadsheet would take for formulas");
    let text = fs::read_to_string(bench.path("out/rows.csv")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "id,name,day,amount,note");
    assert_eq!(lines[1], "0,\"Zoë, 0\",2026-01-01,0.5,'=1+1");
    assert_eq!(lines[2], "1,\"Zoë, 1\",2026-01-02,31.5,");
    assert_eq!(lines[51], "50,\"a \"\"b\"\"\",2026-01-01,-5.0,-5");

    bench.write_file_pipeline("json: { path: out/rows.json.gz }");
    bench.run().expect(0);
    let file = fs::File::open(bench.path("out/rows.json.gz")).unwrap();
    let text = std::io::read_to_string(flate2::read::GzDecoder::new(file)).unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        rows[1],
        serde_json::json!({
            "id": 1, "name": "Zoë, 1", "day": "2026-01-02", "amount": 31.5, "note": null
        })
    );
    assert_eq!(rows.len(), 51);
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    let bench = Bench::without_tenant();
    bench.write_rows(0, 3_000);
    let mut found = Vec::new();
    for _ in 0..2 {
        bench.write_file_pipeline("parquet: { path: out/table, partition_by: [day] }");
        bench.run().expect(0);
        bench.write_file_pipeline("json: { path: out/rows.json.zst }");
        bench.run().expect(0);
        let manifest = bench.manifest("out/table");
        let files = manifest["files"].as_array().unwrap().iter();
        let files: Vec<String> = files.map(|f| f["sha256"].as_str().unwrap().to_owned()).collect();
        assert_eq!(files.len(), 3);
        found.push((files, fs::read(bench.path("out/rows.json.zst")).unwrap()));
    }
    assert_eq!(found[0], found[1]);
}

#[test]
fn folders_and_orders_are_as_asked() {
    let bench = Bench::without_tenant();
    bench.write_rows(0, 20_000);
    bench.write_file_pipeline(
        "parquet: { path: out, partition_by: [day], sort_by: [amount, id], compression: snappy }",
    );
    bench.run().expect(0);
    let files = files_of(&bench.path("out"));
    let days = [1, 2, 3].map(|day| format!("day=2026-01-0{day}/part-00000.parquet"));
    assert_eq!(files, BTreeSet::from(days));
    let rows = bench.table("out");
    assert_eq!(by_id(rows.clone()), expected(0..20_000));
    let order = |row: &Row| {
        let number = |name: &str| row[name].parse::<f64>().unwrap();
        (row["day"].clone(), (number("amount") * 10.0) as u64, number("id") as u64)
    };
    assert!(rows.is_sorted_by_key(order));
    let first = parquet_rows(&bench.path("out/day=2026-01-01/part-00000.parquet"));
    assert!(!first[0].contains_key("day"), "the folder tells it: {:?}", first[0]);
}

#[test]
fn a_snapshot_takes_the_place_of_the_one_before() {
    let bench = Bench::without_tenant();
    bench.write_file_pipeline("parquet: { path: out, partition_by: [day] }");
    bench.write_rows(0, 300);
    bench.run().expect(0);
    bench.write_rows(0, 2);
    bench.run().expect(0);
    assert_eq!(by_id(bench.table("out")), expected(0..2));
    assert!(!bench.path("out/day=2026-01-03").exists(), "an empty folder was left");
    bench.write("input.csv", "id,name,day,amount,note\n");
    bench.run().expect(0).says("the input has no rows");
    assert_eq!(bench.table("out"), Vec::<Row>::new());
    bench.write_file_pipeline("parquet: { path: other }");
    bench.run().expect(0);
    // Readers need one file to know the columns.
    assert_eq!(files_of(&bench.path("other")).len(), 1);
}

#[test]
fn an_append_adds_files_and_never_twice() {
    let bench = Bench::without_tenant();
    bench.write_file_pipeline("parquet: { path: out, mode: append }");
    bench.write_rows(0, 100);
    bench.run().expect(0);
    bench.run().expect(0).says("this input was loaded to its end");
    bench.append(
        "input.csv",
        &input(100, 20).lines().skip(1).map(|l| format!("{l}\n")).collect::<String>(),
    );
    bench.run().expect(0);
    assert_eq!(books(&bench)["added"], 20);
    bench.write_rows(500, 7);
    bench.run().expect(0);
    let parts = [0, 1, 2].map(|part| format!("part-{part:05}.parquet"));
    assert_eq!(files_of(&bench.path("out")), BTreeSet::from(parts));
    assert_eq!(bench.table("out"), expected((0..120).chain(500..507)));
}

#[test]
fn an_upsert_replaces_rows_by_their_key_and_writes_only_what_is_concerned() {
    let bench = Bench::without_tenant();
    bench.write_file_pipeline(
        "parquet: { path: out, mode: upsert, key: [id], partition_by: [day] }",
    );
    bench.write_rows(0, 3_000);
    bench.run().expect(0);
    assert_eq!(books(&bench)["added"], 3_000);
    let before = bench.manifest("out");
    // Changed: 3 in its folder; 4 to another folder; 9000 is new; 0 is as it was; 6 comes twice.
    bench.write(
        "input.csv",
        "id,name,day,amount,note
3,changed,2026-01-01,1.5,
4,moved,2026-01-01,1.5,
6,first,2026-01-01,1.5,
9000,new,2026-01-01,1.5,
0,\"Zoë, 0\",2026-01-01,0.5,=1+1
6,last,2026-01-01,1.5,
",
    );
    bench.run().expect(0);
    let found = books(&bench);
    let counts = ["added", "modified", "unchanged", "skipped"].map(|name| found[name]);
    assert_eq!(counts, [1, 3, 1, 1], "{found:?}");
    let skipped = &bench.results("skipped.csv")[0];
    assert_eq!((skipped["_line"].as_str(), skipped["name"].as_str()), ("4", "first"));
    assert_eq!(skipped["_reason"], "id: given again in the input (`6`, last on line 7)");
    let told: Vec<(String, String)> = bench
        .results("loaded.csv")
        .into_iter()
        .map(|row| (row["id"].clone(), row["_done"].clone()))
        .collect();
    let done = [
        ("3", "modified"),
        ("4", "modified"),
        ("9000", "added"),
        ("0", "unchanged"),
        ("6", "modified"),
    ];
    assert_eq!(told, done.map(|(id, done)| (id.to_owned(), done.to_owned())));

    let mut truth = expected(0..3_000);
    for (id, name) in [(3, "changed"), (4, "moved"), (6, "last")] {
        truth[id].insert("name".into(), name.into());
        truth[id].insert("day".into(), "2026-01-01".into());
        truth[id].insert("amount".into(), "1.5".into());
    }
    let mut new = truth[3].clone();
    new.insert("id".into(), "9000".into());
    new.insert("name".into(), "new".into());
    truth.push(new);
    for row in &mut truth {
        if ["3", "4", "6", "9000"].contains(&row["id"].as_str()) {
            row.insert("note".into(), String::new());
        }
    }
    assert_eq!(by_id(bench.table("out")), truth);
    let hash = |manifest: &Value, folder: &str| {
        let files = manifest["files"].as_array().unwrap();
        let file = files.iter().find(|f| f["path"].as_str().unwrap().starts_with(folder)).unwrap();
        (file["sha256"].clone(), file["run_id"].clone())
    };
    let after = bench.manifest("out");
    assert_eq!(hash(&before, "day=2026-01-03"), hash(&after, "day=2026-01-03"));
    assert_ne!(hash(&before, "day=2026-01-02"), hash(&after, "day=2026-01-02"));

    // Nothing differs: nothing is written.
    bench.run().expect(0);
    let found = books(&bench);
    assert_eq!((found["unchanged"], found["added"], found["modified"]), (5, 0, 0));
    assert_eq!(bench.manifest("out")["files"], after["files"]);
}

#[test]
fn columns_that_appear_or_vanish_are_told_and_another_type_is_refused() {
    let bench = Bench::without_tenant();
    bench.write_rows(0, 3);
    let steps = |columns: &str| {
        bench.write_file_steps(
            &format!("  - map:\n      id: cast(id as bigint)\n{columns}"),
            "parquet: { path: out, mode: upsert, key: [id] }",
        );
    };
    steps("      name: name");
    bench.run().expect(0);
    bench.write_rows(2, 2);
    steps("      amount: cast(amount as double)");
    bench
        .run()
        .expect(0)
        .says("the column `name` is gone from the rows: it stays in the files, without values")
        .says("the column `amount` is new");
    let rows = by_id(bench.table("out"));
    let shown = |row: &Row| format!("{} {} {}", row["id"], row["name"], row["amount"]);
    let shown: Vec<String> = rows.iter().map(shown).collect();
    assert_eq!(shown, ["0 Zoë, 0 ", "1 Zoë, 1 ", "2  62.5", "3  93.5"]);
    steps("      amount: amount");
    let told = bench.run().expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    test-load: run [run] begins
    error: the column `amount` was `Float64` in the files that are there, and is `Utf8` now
      hint: make it what it was by a `map` with a `cast`, give it another name, or load into a new folder: readers of `amount` count on its type
    ");
    assert_eq!(by_id(bench.table("out")), rows);
}

#[test]
fn rows_without_a_key_are_rejected() {
    let bench = Bench::without_tenant();
    bench.write_rows(0, 2);
    bench.append("input.csv", ",nobody,2026-01-01,1,\n");
    bench.write_file_pipeline("parquet: { path: out, mode: upsert, key: [id] }");
    let told: Told = bench.run().expect(3);
    assert!(told.stdout.contains("line 4: id: missing"), "{}", told.stdout);
    assert_eq!(bench.table("out"), expected(0..2));
}
