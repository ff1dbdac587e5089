//! Those who read Parquet elsewhere read what is written here: pyarrow, DuckDB, Polars, pandas.

use std::process::Command;

use serde_json::Value;

use crate::bench::Bench;

/// A Python that has the readers, or nothing where there is none.
fn python() -> Option<String> {
    let python = std::env::var("VCCPIPE_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
    let import = "import pyarrow, duckdb, polars, pandas";
    match Command::new(&python).args(["-c", import]).output() {
        Ok(output) if output.status.success() => Some(python),
        other => {
            println!("SKIPPED: `{python}` does not {import} ({other:?})");
            None
        }
    }
}

/// What each reader sees of a folder, in these columns.
#[track_caller]
fn readings(bench: &Bench, python: &str, folder: &str, columns: &str) -> Vec<(String, Value)> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/read_export.py");
    let told =
        Command::new(python).arg(script).arg(bench.path(folder)).arg(columns).output().unwrap();
    let errors = String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "{errors}");
    let text = String::from_utf8(told.stdout).unwrap();
    let reading = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        (line["reader"].as_str().unwrap().to_owned(), line["rows"].clone())
    };
    text.lines().map(reading).collect()
}

#[test]
fn others_read_what_is_written() {
    let Some(python) = python() else { return };
    let bench = Bench::without_tenant();
    bench.write(
        "input.csv",
        "id,name,day,amount,at,yes,zip
1,\"Zoë \"\"Z\"\", \u{1F600}\",2026-03-08,1.25,2026-03-08T01:30:00,true,00501
2,,2026-03-09,,,,
3,two,1969-12-31,-1e300,2026-11-01T12:00:00.123456,false,7
",
    );
    let steps = "  - map:
      id: cast(id as bigint)
      name: name
      day: cast(day as date)
      amount: cast(amount as double)
      at: to_utc(at, 'America/New_York')
      yes: cast(yes as boolean)
      zip: zip
      group: coalesce(name, 'a/b=c %')";
    let columns = "id,name,day,amount,at,yes,zip,group";
    let wanted = serde_json::json!([
        [
            "1",
            "Zoë \"Z\", \u{1F600}",
            "2026-03-08",
            "1.25",
            "2026-03-08T06:30:00+00:00",
            "True",
            "00501",
            "Zoë \"Z\", \u{1F600}"
        ],
        ["2", "", "2026-03-09", "", "", "", "", "a/b=c %"],
        [
            "3",
            "two",
            "1969-12-31",
            "-1e+300",
            "2026-11-01T17:00:00.123000+00:00",
            "False",
            "7",
            "two"
        ],
    ]);
    for (folder, load) in [
        ("plain", ""),
        ("sorted", ", sort_by: [name], compression: gzip"),
        ("parts", ", partition_by: [group], compression: snappy"),
        ("days", ", partition_by: [day, group], compression: none"),
        ("upserted", ", mode: upsert, key: [id], partition_by: [group]"),
    ] {
        bench.write_file_steps(steps, &format!("parquet: {{ path: {folder}{load} }}"));
        bench.run().expect(0);
        for (reader, rows) in readings(&bench, &python, folder, columns) {
            assert_eq!(rows, wanted, "{reader} reads {folder}");
        }
    }
}
