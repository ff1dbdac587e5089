use std::collections::BTreeMap;

use arrow::{
    array::{Int64Array, RecordBatch, StringArray},
    util::pretty::pretty_format_batches,
};

use super::*;
use crate::{
    batch::{Origin, SourceBatch},
    diagnostic::Diagnostic,
    transform::{Step, Steps, TableColumns},
    yaml,
};

/// Steps as a pipeline file writes them.
fn steps(text: &str) -> Vec<Step> {
    let root = yaml::parse(text).root.unwrap();
    yaml::decode::<BTreeMap<String, Vec<Step>>>(&root, text).unwrap().remove("transform").unwrap()
}

fn compile(
    text: &str,
    input: &RecordBatch,
    tables: &TableColumns,
) -> Result<Steps, Vec<Diagnostic>> {
    let now = "2026-11-22T20:00:00Z".parse().unwrap();
    Steps::compile_with(text, &steps(text), input.schema(), tables, now)
}

fn texts(columns: &[&str], rows: &[&[&str]]) -> RecordBatch {
    let column = |index: usize| -> ArrayRef {
        let values = rows.iter().map(|row| Some(row[index]).filter(|value| *value != "-"));
        Arc::new(values.collect::<StringArray>())
    };
    let columns = columns.iter().enumerate();
    RecordBatch::try_from_iter_with_nullable(columns.map(|(at, name)| (*name, column(at), true)))
        .unwrap()
}

fn batch(columns: RecordBatch) -> Batch {
    let origin = |ordinal| Origin { file: 0, line: ordinal + 2, start: 0, length: 0, ordinal };
    let origins = (0..columns.num_rows() as u64).map(origin).collect();
    Batch::from_source(Arc::new(SourceBatch { columns, origins }))
}

/// What comes out of the steps of `text`, whose `lookup`s read `table`, and what falls.
fn run(text: &str, input: RecordBatch, table: &RecordBatch) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut ready = compile(text, &input, &TableColumns::new()).unwrap();
    for step in ready.tables_needed() {
        let Step::Lookup(options) = &steps(text)[step] else { panic!("no lookup") };
        let path = folder.path().join(Steps::table_name(step));
        let mut builder = TableBuilder::create(&path, options).unwrap();
        builder.add(table, |row| format!("line {}", row + 2)).unwrap();
        ready.provide_table(step, builder.finish().unwrap());
    }
    let mut fallen = Vec::new();
    let out = ready.apply(batch(input), &mut fallen).unwrap();
    assert_eq!(out.columns.schema(), *ready.output());
    let mut told = pretty_format_batches(std::slice::from_ref(&out.columns)).unwrap().to_string();
    told.push_str(&format!("\npicks {:?}", out.picks));
    for row in fallen {
        told.push_str(&format!("\n{} {:?}: {}", row.pick, row.fate, row.reason));
    }
    told
}

/// Old ids and the numbers that a server gave.
fn customers() -> RecordBatch {
    texts(
        &["contact_id", "ACCOUNTNUM", "country"],
        &[
            &["C-1", "1000000001", "US"],
            &["C-2", "1000000002", "-"],
            &["-", "1000000003", "US"],
            &["C-1", "1000000004", "DE"],
        ],
    )
}

const RESULTS: &str = "
transform:
  - lookup:
      from: results:customers
      on: { contact: contact_id }
      take: { ACCOUNTNUM: ACCOUNTNUM, country: country }
";

fn cases() -> RecordBatch {
    texts(
        &["contact", "country", "subject"],
        &[&["C-2", "old", "a"], &["C-17", "old", "b"], &["C-1", "old", "c"], &["-", "old", "d"]],
    )
}

#[test]
fn of_results_the_later_wins_and_a_miss_is_rejected() {
    insta::assert_snapshot!(run(RESULTS, cases(), &customers()), @r"
    +---------+---------+---------+------------+
    | contact | country | subject | ACCOUNTNUM |
    +---------+---------+---------+------------+
    | C-2     |         | a       | 1000000002 |
    | C-1     | DE      | c       | 1000000004 |
    +---------+---------+---------+------------+
    picks [0, 2]
    1 Rejected: contact: `C-17` is not in results:customers
    3 Rejected: contact: null is not in results:customers
    ");
}

#[test]
fn a_miss_may_be_null_or_skipped() {
    let null = format!("{RESULTS}      missing: null\n");
    insta::assert_snapshot!(run(&null, cases(), &customers()), @r"
    +---------+---------+---------+------------+
    | contact | country | subject | ACCOUNTNUM |
    +---------+---------+---------+------------+
    | C-2     |         | a       | 1000000002 |
    | C-17    |         | b       |            |
    | C-1     | DE      | c       | 1000000004 |
    |         |         | d       |            |
    +---------+---------+---------+------------+
    picks [0, 1, 2, 3]
    ");
    let skip = format!("{RESULTS}      missing: skip\n");
    insta::assert_snapshot!(run(&skip, cases(), &customers()), @r"
    +---------+---------+---------+------------+
    | contact | country | subject | ACCOUNTNUM |
    +---------+---------+---------+------------+
    | C-2     |         | a       | 1000000002 |
    | C-1     | DE      | c       | 1000000004 |
    +---------+---------+---------+------------+
    picks [0, 2]
    1 Skipped: contact: `C-17` is not in results:customers
    3 Skipped: contact: null is not in results:customers
    ");
}

#[test]
fn a_key_that_stands_twice_in_a_file_is_rejected_whatever_misses_do() {
    let file = RESULTS.replace("results:customers", "customers.csv");
    insta::assert_snapshot!(run(&format!("{file}      missing: skip\n"), cases(), &customers()), @r"
    +---------+---------+---------+------------+
    | contact | country | subject | ACCOUNTNUM |
    +---------+---------+---------+------------+
    | C-2     |         | a       | 1000000002 |
    +---------+---------+---------+------------+
    picks [0]
    1 Skipped: contact: `C-17` is not in customers.csv
    2 Rejected: contact: `C-1` is in customers.csv more than once: line 2 and line 5
    3 Skipped: contact: null is not in customers.csv
    ");
    let many = texts(&["contact_id", "ACCOUNTNUM"], &[&["C-1", "1"][..]; 5]);
    insta::assert_snapshot!(run(&file, texts(&["contact", "country"], &[&["C-1", "-"]]), &many), @r"
    +---------+---------+------------+
    | contact | country | ACCOUNTNUM |
    +---------+---------+------------+
    +---------+---------+------------+
    picks []
    0 Rejected: contact: `C-1` is in customers.csv more than once: line 2, line 3, line 4 and others
    ");
}

#[test]
fn several_columns_are_one_key_and_numbers_are_their_text() {
    let text = "
transform:
  - lookup:
      from: results:faqs
      on: { id: old_id, language: language }
      take: { FAQID: FAQID }
";
    let ids: ArrayRef = Arc::new(Int64Array::from(vec![7, 7, 70]));
    let languages: ArrayRef = Arc::new(StringArray::from(vec!["en", "de", "en"]));
    let input = RecordBatch::try_from_iter([("id", ids), ("language", languages)]).unwrap();
    let table = texts(&["old_id", "language", "FAQID"], &[&["7", "en", "1"], &["70", "en", "2"]]);
    insta::assert_snapshot!(run(text, input, &table), @r"
    +----+----------+-------+
    | id | language | FAQID |
    +----+----------+-------+
    | 7  | en       | 1     |
    | 70 | en       | 2     |
    +----+----------+-------+
    picks [0, 2]
    1 Rejected: id, language: `7`, `de` are together not in results:faqs
    ");
}

#[test]
fn what_comes_after_a_lookup_knows_its_columns() {
    let text = "
transform:
  - lookup: { from: results:customers, on: { contact: contact_id }, take: { NEW: ACCOUNTNUM } }
  - map: { customer-id: NEW, subject: \"concat(subject, ' ', contact)\" }
";
    insta::assert_snapshot!(run(text, cases(), &customers()), @r"
    +-------------+---------+
    | customer-id | subject |
    +-------------+---------+
    | 1000000002  | a C-2   |
    | 1000000004  | c C-1   |
    +-------------+---------+
    picks [0, 2]
    1 Rejected: contact: `C-17` is not in results:customers
    3 Rejected: contact: null is not in results:customers
    ");
    let steps = compile(text, &cases(), &TableColumns::new()).unwrap();
    assert_eq!(steps.used_columns(), [0, 2]);
    assert!(!steps.is_last_change(0));
}

#[test]
fn columns_that_do_not_exist_are_told_with_the_nearest() {
    let text = "
transform:
  - lookup:
      from: customers.csv
      on: { contct: contactid }
      take: { NEW: ACOUNTNUM, other: salary }
  - filter: NEW <> ''
";
    let columns = ["contact_id", "ACCOUNTNUM"].map(str::to_owned).to_vec();
    let complaints =
        compile(text, &cases(), &TableColumns::from([(0, columns)])).unwrap_err().into_iter();
    let told: Vec<String> = complaints
        .map(|one| format!("[{}] {}\n    {}", one.span.of(text), one.message, one.hint.unwrap()))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    [contct] there is no column `contct`
        did you mean `contact`? the columns are: `contact`, `country`, `subject`
    [contactid] there is no column `contactid` in customers.csv
        did you mean `contact_id`? the columns are: `contact_id`, `ACCOUNTNUM`
    [ACOUNTNUM] there is no column `ACOUNTNUM` in customers.csv
        did you mean `ACCOUNTNUM`? the columns are: `contact_id`, `ACCOUNTNUM`
    [salary] there is no column `salary` in customers.csv
        the columns are: `contact_id`, `ACCOUNTNUM`
    ");
    // Of a table that is not there yet nothing is known.
    let unknown = text.replace("contct", "contact");
    assert!(compile(&unknown, &cases(), &TableColumns::new()).is_ok());
}

#[test]
fn a_lookup_without_its_table_is_a_bug() {
    let steps = compile(RESULTS, &cases(), &TableColumns::new()).unwrap();
    let error = steps.apply(batch(cases()), &mut Vec::new()).unwrap_err();
    assert!(matches!(error, TransformError::NoTable(0)), "{error}");
}

#[test]
fn rows_without_a_column_of_the_key_are_told_and_found_by_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let Step::Lookup(options) = &steps(RESULTS)[0] else { panic!("no lookup") };
    let mut builder = TableBuilder::create(&folder.path().join("table"), options).unwrap();
    let columns = ["ACCOUNTNUM".to_owned()];
    assert_eq!(builder.lacks(&columns).collect::<Vec<_>>(), ["contact_id"]);
    builder.add(&texts(&["ACCOUNTNUM"], &[&["1"]]), |_| String::new()).unwrap();
    builder.add(&texts(&["contact_id"], &[&["C-1"]]), |_| String::new()).unwrap();
    let table = builder.finish().unwrap();
    assert_eq!(table.len(), 1);
    assert_eq!(table.find("C-1", 9).unwrap(), [vec![None, None]]);
}
