use std::{fs, sync::Arc};

use arrow::{
    array::{
        ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, ListArray,
        MapBuilder, RecordBatch, StringArray, StringBuilder, TimestampMicrosecondArray,
        TimestampMillisecondArray, UInt64Array,
    },
    datatypes::Int64Type,
};
use proptest::prelude::*;

use super::*;
use crate::load::files::{CsvFileOptions, staging::Staging};

fn options(yaml: &str) -> CsvFileOptions {
    let parsed = crate::yaml::parse(yaml);
    crate::yaml::decode(&parsed.root.unwrap(), yaml).unwrap()
}

fn csv(rows: &RecordBatch, yaml: &str) -> (String, u64) {
    let folder = tempfile::tempdir().unwrap();
    let staging = Staging::begin(&folder.path().join("s")).unwrap();
    let file = staging.create("0").unwrap();
    let path = file.path().to_owned();
    let file = TextFile::new(file, "rows.csv").unwrap();
    let mut writer = CsvWriter::new(file, path.clone(), &rows.schema(), &options(yaml)).unwrap();
    writer.write(rows).unwrap();
    let (_, made_safe) = writer.finish().unwrap();
    (fs::read_to_string(path).unwrap(), made_safe)
}

fn json(rows: &RecordBatch) -> String {
    let folder = tempfile::tempdir().unwrap();
    let staging = Staging::begin(&folder.path().join("s")).unwrap();
    let file = staging.create("0").unwrap();
    let path = file.path().to_owned();
    let file = TextFile::new(file, "rows.json").unwrap();
    let mut writer = JsonWriter::new(file, path.clone(), &rows.schema());
    writer.write(rows).unwrap();
    writer.finish().unwrap();
    fs::read_to_string(path).unwrap()
}

fn texts(name: &str, values: Vec<Option<&str>>) -> RecordBatch {
    RecordBatch::try_from_iter([(name, Arc::new(StringArray::from(values)) as ArrayRef)]).unwrap()
}

/// A column of each kind.
fn kinds() -> RecordBatch {
    let mut map = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    map.keys().append_value("COLOUR");
    map.values().append_value("r\"ed");
    map.keys().append_value("SIZE");
    map.values().append_null();
    map.append(true).unwrap();
    map.append(false).unwrap();
    let lists = [Some(vec![Some(1), None]), None];
    let at = TimestampMicrosecondArray::from(vec![Some(1_700_000_000_250_000), None]);
    let local = TimestampMillisecondArray::from(vec![Some(-1_000), None]);
    RecordBatch::try_from_iter([
        ("text", Arc::new(StringArray::from(vec![Some("Zoë"), None])) as ArrayRef),
        ("whole", Arc::new(Int64Array::from(vec![Some(i64::MIN), None]))),
        ("large", Arc::new(UInt64Array::from(vec![Some(u64::MAX), None]))),
        ("float", Arc::new(Float64Array::from(vec![Some(0.1), Some(f64::NAN)]))),
        ("yes", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("day", Arc::new(Date32Array::from(vec![Some(-1), None]))),
        ("at", Arc::new(at.with_timezone("America/New_York"))),
        ("local", Arc::new(local)),
        ("map", Arc::new(map.finish())),
        ("list", Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists))),
        (
            "money",
            Arc::new(
                Decimal128Array::from(vec![Some(-1_250), None])
                    .with_precision_and_scale(10, 2)
                    .unwrap(),
            ),
        ),
    ])
    .unwrap()
}

#[test]
fn every_kind_of_value_has_a_text() {
    insta::assert_snapshot!(csv(&kinds(), "path: x").0, @r#"
    text,whole,large,float,yes,day,at,local,map,list,money
    Zoë,-9223372036854775808,18446744073709551615,0.1,true,1969-12-31,2023-11-14T22:13:20.25Z,1969-12-31T23:59:59,"{""COLOUR"":""r\""ed"",""SIZE"":null}","[1,null]",-12.50
    ,,,NaN,,,,,,,
    "#);
    insta::assert_snapshot!(json(&kinds()), @r#"
    {"text":"Zoë","whole":-9223372036854775808,"large":18446744073709551615,"float":0.1,"yes":true,"day":"1969-12-31","at":"2023-11-14T22:13:20.25Z","local":"1969-12-31T23:59:59","map":{"COLOUR":"r\"ed","SIZE":null},"list":[1,null],"money":"-12.50"}
    {"text":null,"whole":null,"large":null,"float":null,"yes":null,"day":null,"at":null,"local":null,"map":null,"list":null,"money":null}
    "#);
}

#[test]
fn a_text_that_a_spreadsheet_takes_for_a_formula_gets_an_apostrophe_and_a_number_does_not() {
    let values = ["=1+1", "+1 555", "-5", "-5.5e3", "@x", "\tx", "-", "a=b", "+15551234", "'x"];
    let rows = texts("=head", values.map(Some).to_vec());
    let (text, made_safe) = csv(&rows, "{path: x, formula_safe: true}");
    let lines: Vec<&str> = text.lines().collect();
    let safe = ["'=head", "'=1+1", "'+1 555", "-5", "-5.5e3", "'@x", "'\tx", "'-", "a=b"];
    assert_eq!(lines[..9], safe);
    assert_eq!(made_safe, 6);
    assert_eq!(csv(&rows, "path: x").1, 0);
}

#[test]
fn no_value_and_an_empty_text_are_told_apart() {
    let rows = texts("a", vec![None, Some(""), Some("NULL")]);
    assert_eq!(csv(&rows, "path: x").0, "a\n\"\"\n\"\"\nNULL\n");
    let two =
        RecordBatch::try_from_iter([("a", rows.column(0).clone()), ("b", rows.column(0).clone())]);
    let two = two.unwrap();
    assert_eq!(csv(&two, "path: x").0, "a,b\n,\n\"\",\"\"\nNULL,NULL\n");
    let (text, _) = csv(&two, "{path: x, null_value: \"NULL\", delimiter: \";\", bom: true}");
    assert_eq!(text, "\u{feff}a;b\nNULL;NULL\n;\n\"NULL\";\"NULL\"\n");
}

proptest! {
    #[test]
    fn any_text_reads_back_by_another_reader(
        values in prop::collection::vec("[a\",;\r\n é=']{0,6}", 1..20)
    ) {
        let rows = RecordBatch::try_from_iter([
            ("x", Arc::new(StringArray::from(vec!["x"; values.len()])) as ArrayRef),
            ("text", Arc::new(StringArray::from(values.clone()))),
        ]).unwrap();
        let (text, _) = csv(&rows, "path: x");
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        let back: Vec<String> = reader.records().map(|row| row.unwrap()[1].to_owned()).collect();
        prop_assert_eq!(&back, &values);
        let back: Vec<String> = json(&rows)
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .map(|row| row["text"].as_str().unwrap().to_owned())
            .collect();
        prop_assert_eq!(&back, &values);
    }
}
