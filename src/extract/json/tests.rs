use std::{fs, io::Write, path::PathBuf};

use super::*;
use crate::extract::{
    ExtractOptions, Source,
    conformance::{Read, keeps_its_promises, rows},
};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }

    fn open(
        &self,
        bytes: impl AsRef<[u8]>,
        with: impl FnOnce(&mut JsonOptions),
    ) -> Result<Source, ExtractError> {
        let path = self.put("input.ndjson", bytes);
        let mut options = JsonOptions { types: Types::Found, ..JsonOptions::text_at(&[&path]) };
        with(&mut options);
        Source::open(&ExtractOptions::Json(options), None)
    }
}

fn found(bytes: impl AsRef<[u8]>) -> Source {
    Folder::new().open_kept(bytes)
}

impl Folder {
    /// Opens a file whose folder stays until the test has ended.
    fn open_kept(self, bytes: impl AsRef<[u8]>) -> Source {
        let source = self.open(bytes, |_| {}).unwrap();
        std::mem::forget(self);
        source
    }
}

/// (line, fields joined by `|`, reason) of each row; `-` is no value.
fn told(source: &Source) -> Vec<(u64, String, String)> {
    let tell = |row: Read| {
        let fields = row.fields.iter().map(|field| field.as_deref().unwrap_or("-"));
        let fields = fields.collect::<Vec<_>>().join("|");
        (row.origin.line, fields, row.reason.unwrap_or_default())
    };
    rows(source).into_iter().map(tell).collect()
}

fn types(source: &Source) -> Vec<String> {
    let schema = source.schema();
    let of = |field: &std::sync::Arc<Field>| format!("{} {}", field.name(), field.data_type());
    schema.fields().iter().map(of).collect()
}

const MIXED: &str = "{\"id\": 1, \"zip\": \"01234\", \"vip\": true, \"share\": 1.50}\r
{\"share\": 2, \"id\": null, \"address\": {\"city\": \"Łódź\"}}\n
\n{\"id\": 3}
[1, 2]
{\"id\": \"x\", \"vip\": 0}
{\"id\": 4, \"zip\"
{\"id\": 5, \"zip\": 77}";

#[test]
fn the_first_rows_tell_the_types_and_a_value_of_none_is_a_bad_row() {
    let folder = Folder::new();
    // The rows that are looked at hold numbers only.
    let many = "{\"id\": 1, \"vip\": false}\n".repeat(LOOK_ROWS);
    let source = folder.open(many + MIXED, |_| {}).unwrap();
    assert_eq!(types(&source), ["id Int64", "vip Boolean"]);
    let line = LOOK_ROWS as u64;
    let last = told(&source).split_off(LOOK_ROWS);
    let unknown = |key: &str| {
        format!(
            "the key `{key}` is none of the columns, which are those of the first rows; `columns` \
             can name it"
        )
    };
    assert_eq!(last[0], (line + 1, "1|true".into(), [unknown("zip"), unknown("share")].join("; ")));
    assert_eq!(last[2], (line + 5, "3|-".into(), String::new()));
    let reason = "`id`: `x` is not a whole number; `vip`: `0` is not true or false";
    assert_eq!(last[4], (line + 7, "x|0".into(), reason.into()));
}

#[test]
fn a_line_that_is_no_object_is_a_bad_row_and_the_next_is_read() {
    let source = found(MIXED);
    assert_eq!(
        types(&source),
        ["id Utf8", "zip Utf8", "vip Utf8", "share Float64", "address Utf8"]
    );
    let told = told(&source);
    let fields: Vec<(u64, &str)> =
        told.iter().map(|(line, fields, _)| (*line, &**fields)).collect();
    assert_eq!(
        fields,
        [
            (1, "1|01234|true|1.5|-"),
            (2, "-|-|-|2.0|{\"city\": \"Łódź\"}"),
            (5, "3|-|-|-|-"),
            (6, "-|-|-|-|-"),
            (7, "x|-|0|-|-"),
            (8, "-|-|-|-|-"),
            (9, "5|77|-|-|-"),
        ]
    );
    assert_eq!(told[3].2, "the line is no JSON object: `[1, 2]`");
    assert_eq!(told[5].2, "the JSON object is cut off: `{\"id\": 4, \"zip\"`");
    keeps_its_promises(&source);
}

#[test]
fn all_is_text_where_the_options_say_so() {
    let folder = Folder::new();
    let source = folder.open(MIXED, |options| options.types = Types::Text).unwrap();
    assert!(types(&source).iter().all(|of| of.ends_with(" Utf8")));
    assert_eq!(told(&source)[0].1, "1|01234|true|1.50|-");
    keeps_its_promises(&source);
}

#[test]
fn named_columns_are_read_and_others_passed_over() {
    let folder = Folder::new();
    let named = |name: &str| crate::yaml::Spanned::new(name.to_owned(), Default::default());
    let source = folder
        .open(MIXED, |options| options.columns = Some(vec![named("zip"), named("none")]))
        .unwrap();
    assert_eq!(told(&source)[0], (1, "01234|-".into(), String::new()));
    keeps_its_promises(&source);
}

#[test]
fn several_files_compressed_ones_and_a_line_without_end_are_read() {
    let folder = Folder::new();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(b"\xef\xbb\xbf{\"a\": 1}\n{\"a\": 2}").unwrap();
    let paths = [
        folder.put("1.ndjson.gz", gz.finish().unwrap()),
        folder.put(
            "2.ndjson",
            format!("{{\"a\": 3, \"b\": \"{}\"}}\n{{\"a\": 4}}\n", "x".repeat(2 << 20)),
        ),
        folder.put("3.ndjson", "\n{\"a\": 5, \"b\": \"y\"}\n"),
    ];
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let source = Source::open(&ExtractOptions::Json(JsonOptions::text_at(&paths)), None).unwrap();
    keeps_its_promises(&source);
    let told = told(&source);
    let fields: Vec<&str> = told.iter().map(|(_, fields, _)| fields.as_str()).collect();
    assert_eq!(fields, ["1|-", "2|-", "-|-", "4|-", "5|y"]);
    assert!(
        told[2].2.starts_with("the line is longer than 1048576 bytes (`{\"a\": 3, "),
        "{}",
        told[2].2
    );
}

#[test]
fn what_is_no_ndjson_is_named_with_the_way_out() {
    let folder = Folder::new();
    for (bytes, why) in [
        (&b"[{\"a\": 1}]"[..], "it begins with `[`"),
        (b"{\n  \"a\":\n  1\n}", "none of its first 4 lines is a JSON object"),
        (b"", "it is empty"),
        (b"\xff\xfe{\0", "it is UTF-16"),
        (b"PAR1", "it is a Parquet file"),
        (b"a,b\n1,2\n", "none of its first 2 lines is a JSON object"),
    ] {
        let error = folder.open(bytes, |_| {}).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        assert!(!error.hint().is_empty());
    }
}

#[test]
fn rows_that_a_run_rejected_are_read_again_in_their_types() {
    let folder = Folder::new();
    let path =
        folder.put("input.ndjson", "{\"id\": 1, \"name\": \"a\"}\n{\"id\": 2, \"name\": \"b\"}\n");
    let options = JsonOptions { types: Types::Found, ..JsonOptions::text_at(&[&path]) };
    let mended =
        folder.put("rejected.csv", "id,name,_line,_reason\n7,c,2,because\nx,d,3,because\n");
    let files = [PathBuf::from(mended)];
    let source = Source::open(&ExtractOptions::Json(options), Some(&files)).unwrap();
    assert_eq!(types(&source), ["id Int64", "name Utf8"]);
    assert_eq!(
        told(&source),
        [(2, "7|c".into(), String::new()), (3, "x|d".into(), "`id`: `x` is no Int64".into()),]
    );
    keeps_its_promises(&source);
}
