use std::sync::Arc;

use arrow::{
    array::{RecordBatch, StringArray},
    datatypes::{Field, Schema},
    util::pretty::pretty_format_batches,
};
use proptest::prelude::*;

use super::*;
use crate::{
    batch::{Origin, SourceBatch},
    diagnostic::Span,
    transform::{DedupeOptions, MapOptions, MapValue, ValidateOptions},
    yaml::Spanned,
};

/// A pipeline file and steps that are written one below the other into it.
#[derive(Default)]
struct File {
    text: String,
    steps: Vec<Step>,
}

impl File {
    fn spanned(&mut self, value: &str) -> Spanned<String> {
        let start = self.text.len();
        self.text.push_str(value);
        let span = Span { start, end: self.text.len() };
        self.text.push('\n');
        Spanned::new(value.to_owned(), span)
    }

    fn filter(mut self, sql: &str) -> Self {
        let sql = self.spanned(sql);
        self.steps.push(Step::Filter(sql));
        self
    }

    fn map(mut self, columns: &[(&str, &str)]) -> Self {
        let columns = columns.iter().map(|(target, sql)| {
            let target = self.spanned(target);
            let value = match (sql.strip_prefix("column:"), sql.strip_prefix("value:")) {
                (Some(column), _) => MapValue::Column(self.spanned(column)),
                (_, Some(text)) => MapValue::Value(text.to_owned()),
                _ => MapValue::Sql(self.spanned(sql)),
            };
            (target, value)
        });
        let columns = columns.collect();
        self.steps.push(Step::Map(MapOptions { columns, keep: false }));
        self
    }

    fn keep(mut self) -> Self {
        if let Some(Step::Map(map)) = self.steps.last_mut() {
            map.keep = true;
        }
        self
    }

    fn dedupe(mut self, key: &[&str], keep: Keep) -> Self {
        let key = key.iter().map(|column| self.spanned(column)).collect();
        self.steps.push(Step::Dedupe(DedupeOptions { key, keep }));
        self
    }

    fn compile(&self, columns: &[&str]) -> Result<Steps, Vec<Diagnostic>> {
        let now = "2026-11-22T20:00:00Z".parse().unwrap();
        Steps::compile(&self.text, &self.steps, schema(columns), now)
    }

    /// The complaints, each with the text that it underlines.
    fn complaints(&self, columns: &[&str]) -> String {
        let told = self.compile(columns).unwrap_err().into_iter().map(|complaint| {
            let underlined = &self.text[complaint.span.start..complaint.span.end];
            let hint = complaint.hint.map(|hint| format!("\n    {hint}")).unwrap_or_default();
            format!("[{underlined}] {}{hint}", complaint.message)
        });
        told.collect::<Vec<_>>().join("\n")
    }
}

fn schema(columns: &[&str]) -> SchemaRef {
    let fields = columns.iter().map(|name| Field::new(*name, DataType::Utf8, true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Rows of text; `-` is null. The first row of the input is `from`, on line `from + 2`.
fn batch(columns: &[&str], from: u64, rows: &[&[&str]]) -> Batch {
    let column = |index: usize| {
        let values = rows.iter().map(|row| Some(row[index]).filter(|value| *value != "-"));
        Arc::new(values.collect::<StringArray>()) as ArrayRef
    };
    let arrays = (0..columns.len()).map(column).collect();
    let columns = RecordBatch::try_new(schema(columns), arrays).unwrap();
    let origin = |ordinal| Origin { file: 0, line: ordinal + 2, start: 0, length: 0, ordinal };
    let origins = (from..).take(rows.len()).map(origin).collect();
    Batch::from_source(Arc::new(SourceBatch { columns, origins }))
}

/// The rows that come out, and those that fall.
fn shown_rows(batch: &Batch, fallen: &[Fallen]) -> String {
    let mut told = pretty_format_batches(std::slice::from_ref(&batch.columns)).unwrap().to_string();
    told.push_str(&format!("\npicks {:?}", batch.picks));
    for row in fallen {
        told.push_str(&format!("\n{} {:?}: {}", row.pick, row.fate, row.reason));
    }
    told
}

fn run(file: &File, columns: &[&str], rows: &[&[&str]]) -> String {
    let steps = file.compile(columns).unwrap_or_else(|_| panic!("{}", file.complaints(columns)));
    let mut fallen = Vec::new();
    let out = steps.apply(batch(columns, 0, rows), &mut fallen).unwrap();
    assert_eq!(out.columns.schema(), *steps.output());
    shown_rows(&out, &fallen)
}

const CAMPAIGN: &[&str] = &["account_number", "First Name", "callback_at", "opt_out"];

#[test]
fn a_campaign_is_filtered_and_mapped() {
    let file = File::default().filter("coalesce(opt_out, '') <> 'Y'").map(&[
        ("customer-id", "cast(trim(account_number) as bigint)"),
        ("schedule-date-time", "to_utc(callback_at, 'America/New_York')"),
        ("name", "column:First Name"),
        ("upper", "UPPER(\"First Name\")"),
        ("source", "value:csv"),
    ]);
    let rows: &[&[&str]] = &[
        &[" 007 ", "Zoë", "2026-11-23 09:30", "-"],
        &["8", "Ann", "11/23/2026 9:30 PM", "Y"],
        &["abc", "Bob", "banana", "N"],
        &["9", "-", "2026-11-23T09:30:00Z", "N"],
        &["10", "Eve", "2026-03-08 02:30", ""],
        &["-", "Max", "-", "-"],
    ];
    insta::assert_snapshot!(run(&file, CAMPAIGN, rows), @r"
    +-------------+----------------------+------+-------+--------+
    | customer-id | schedule-date-time   | name | upper | source |
    +-------------+----------------------+------+-------+--------+
    | 7           | 2026-11-23T14:30:00Z | Zoë  | ZOË   | csv    |
    | 9           | 2026-11-23T09:30:00Z |      |       | csv    |
    |             |                      | Max  | MAX   | csv    |
    +-------------+----------------------+------+-------+--------+
    picks [0, 3, 5]
    1 Skipped: filter: coalesce(opt_out, '') <> 'Y'
    2 Rejected: customer-id: `cast(trim(account_number) as bigint)` failed: `abc` is not a whole number (account_number = `abc`); schedule-date-time: `to_utc(callback_at, 'America/New_York')` failed: `banana` is not a date and time (callback_at = `banana`)
    4 Rejected: schedule-date-time: `to_utc(callback_at, 'America/New_York')` failed: `2026-03-08 02:30:00` does not exist in America/New_York: the clocks are put forward over it (callback_at = `2026-03-08 02:30`)
    ");
}

#[test]
fn all_mistakes_of_all_steps_are_told_at_once() {
    let file = File::default()
        .filter("coalesce(opt_uot, '') <> \"Y\"")
        .filter("First Name = 'x'")
        .filter("account_number")
        .filter("uper(opt_out) = 'Y' and trmi(callback_at) = ''")
        .map(&[
            ("customer-id", "cast(trim(acount_number) as bigint)"),
            ("name", "column:first_name"),
            ("name", "callback_at"),
            ("when", "to_utc(callback_at, 'America/NewYork')"),
            ("cut", "substr(callback_at"),
            ("sum", "sum(account_number)"),
            ("open", "'it"),
            ("two", "1 2"),
            ("never", "cast('abc' as bigint)"),
            ("types", "callback_at + true"),
            ("call", "upper(callback_at, 1)"),
            ("query", "(select 1)"),
        ])
        .dedupe(&["customer_id", "when", "when"], Keep::First);
    insta::assert_snapshot!(file.complaints(CAMPAIGN), @r#"
    [opt_uot] there is no column `opt_uot`
        did you mean `opt_out`? the columns are: `account_number`, `First Name`, `callback_at`, `opt_out`
    ["Y"] there is no column `Y`
        text stands in single quotes: `'Y'`; the columns are: `account_number`, `First Name`, `callback_at`, `opt_out`
    [Name] this is not a SQL expression: expected end of expression, found `Name`
        write `"First Name"`: a name with other signs than letters, digits and `_` stands in double quotes
    [account_number] a filter must be true or false, and this is text
        compare it with something, as in `coalesce(opt_out, '') <> 'Y'`
    [uper] there is no function `uper`
        did you mean `upper`?
    [trmi] there is no function `trmi`
        did you mean `trim`?
    [acount_number] there is no column `acount_number`
        did you mean `account_number`? the columns are: `account_number`, `First Name`, `callback_at`, `opt_out`
    [first_name] there is no column `first_name`
        did you mean `First Name`? the columns are: `account_number`, `First Name`, `callback_at`, `opt_out`
    [name] the column `name` is mapped twice
    [to_utc(callback_at, 'America/NewYork')] there is no time zone `America/NewYork`; did you mean `America/New_York`?
    [substr(callback_at] this is not a SQL expression: expected `)`, found the end
    [sum] there is no function `sum`
        an expression works on one row; `greatest` and `least` compare values of a row
    ['] this is not a SQL expression: unterminated string literal
    [2] this is not a SQL expression: expected end of expression, found `2`
    [cast('abc' as bigint)] `abc` is not a whole number
    [callback_at + true] cannot coerce arithmetic expression text + boolean to valid types
    [upper(callback_at, 1)] function 'upper' expects 1 arguments but received 2
    [(select 1)] an expression works on one row and cannot hold a query
    [customer_id] there is no column `customer_id`
        did you mean `customer-id`? the columns are: `customer-id`, `name`, `when`, `cut`, `sum`, `open`, `two`, `never`, `types`, `call`, `query`
    [when] the key names `when` twice
    "#);
}

#[test]
fn a_name_with_signs_is_told_to_stand_in_quotes() {
    let columns = &["account-number", "First Name", "a.b"];
    let file = File::default().map(&[
        ("a", "upper(account-number)"),
        ("b", "trim(First Name)"),
        ("c", "a.b"),
        ("d", "\"account_number\""),
    ]);
    insta::assert_snapshot!(file.complaints(columns), @r#"
    [account-number] there is no column `account-number`
        write `"account-number"`: a name with other signs than letters, digits and `_` stands in double quotes
    [Name] this is not a SQL expression: expected `)`, found `Name`
        write `"First Name"`: a name with other signs than letters, digits and `_` stands in double quotes
    [a.b] there is no column `a.b`
        write `"a.b"`: a name with other signs than letters, digits and `_` stands in double quotes
    ["account_number"] there is no column `account_number`
        did you mean `"account-number"`? the columns are: `account-number`, `First Name`, `a.b`
    "#);
}

#[test]
fn a_column_that_is_a_word_of_sql_is_told_to_stand_in_quotes() {
    let columns = &["user", "order", "end", "date", "name", "group"];
    let file = File::default().map(&[
        ("a", "trim(user)"),
        ("b", "trim(order)"),
        ("c", "end"),
        ("d", "group || 'x'"),
        ("e", "orders"),
    ]);
    insta::assert_snapshot!(file.complaints(columns), @r#"
    [user] there is no function `user`
        write `"user"`: a word of SQL that names a column stands in double quotes
    [orders] there is no column `orders`
        did you mean `order`? the columns are: `user`, `order`, `end`, `date`, `name`, `group`
    "#);
    let quoted = File::default().map(&[("a", "\"user\" || \"end\" || \"group\" || name")]);
    assert_eq!(quoted.compile(columns).unwrap().used_columns(), [0, 2, 4, 5]);
}

#[test]
fn a_function_that_differs_each_time_differs_in_each_row() {
    let steps = File::default().map(&[("id", "uuid()")]).compile(&["a"]).unwrap();
    let out = steps.apply(batch(&["a"], 0, &[&["1"], &["1"]]), &mut Vec::new()).unwrap();
    let ids = out.columns.column(0).as_string::<i32>();
    assert_ne!(ids.value(0), ids.value(1));
}

#[test]
fn what_uses_a_wrong_column_is_not_complained_about_again() {
    let file = File::default()
        .map(&[("id", "trim(nothing)")])
        .map(&[("id", "cast(id as bigint) + 1"), ("other", "'x'")])
        .keep()
        .filter("id > 0 and other = 'x'");
    assert_eq!(file.compile(CAMPAIGN).unwrap_err().len(), 1);
}

#[test]
fn kept_columns_follow_the_mapped_ones_and_a_mapped_name_replaces_its_column() {
    let file = File::default()
        .map(&[("id", "account_number"), ("opt_out", "coalesce(opt_out, 'N')")])
        .keep();
    let rows: &[&[&str]] = &[&["1", "Ann", "-", "-"]];
    insta::assert_snapshot!(run(&file, CAMPAIGN, rows), @r"
    +----+---------+----------------+------------+-------------+
    | id | opt_out | account_number | First Name | callback_at |
    +----+---------+----------------+------------+-------------+
    | 1  | N       | 1              | Ann        |             |
    +----+---------+----------------+------------+-------------+
    picks [0]
    ");
}

#[test]
fn only_the_columns_that_anything_reads_are_used() {
    let used = |file: File| file.compile(CAMPAIGN).unwrap().used_columns();
    assert_eq!(used(File::default()), [0, 1, 2, 3]);
    assert_eq!(used(File::default().map(&[("a", "1")])), [0; 0]);
    let mapped = File::default().filter("opt_out is null").map(&[("id", "trim(account_number)")]);
    assert_eq!(used(mapped), [0, 3]);
    let narrowed = File::default().map(&[("b", "callback_at")]).keep().map(&[("c", "b")]);
    assert_eq!(used(narrowed), [0, 1, 2, 3]);
    let deduped = File::default().dedupe(&["callback_at"], Keep::First).map(&[("c", "opt_out")]);
    assert_eq!(used(deduped), [2, 3]);
}

#[test]
fn all_reasons_of_a_row_are_told() {
    let file = File::default().map(&[
        ("a", "cast(account_number as bigint)"),
        ("b", "cast(account_number as double)"),
        ("c", "100 / cast(account_number as bigint)"),
        ("d", "cast(account_number as date)"),
        ("e", "cast(account_number as timestamp)"),
    ]);
    insta::assert_snapshot!(run(&file, &["account_number"], &[&["x"], &["0"]]), @r"
    +---+---+---+---+---+
    | a | b | c | d | e |
    +---+---+---+---+---+
    +---+---+---+---+---+
    picks []
    0 Rejected: a: `cast(account_number as bigint)` failed: `x` is not a whole number (account_number = `x`); b: `cast(account_number as double)` failed: `x` is not a number (account_number = `x`); c: `100 / cast(account_number as bigint)` failed: `x` is not a whole number (account_number = `x`); d: `cast(account_number as date)` failed: `x` is not a date (account_number = `x`); e: `cast(account_number as timestamp)` failed: `x` is not a date and time (account_number = `x`)
    1 Rejected: c: `100 / cast(account_number as bigint)` failed: division by zero (account_number = `0`); d: `cast(account_number as date)` failed: `0` is not a date (account_number = `0`); e: `cast(account_number as timestamp)` failed: `0` is not a date and time (account_number = `0`)
    ");
}

#[test]
fn a_condition_before_a_cast_protects_the_row_from_it() {
    let file = File::default()
        .filter("account_number <> 'x' and cast(account_number as bigint) > 5")
        .map(&[(
            "n",
            "case when account_number = '7' then -1 else cast(account_number as bigint) end",
        )]);
    let rows: Vec<&[&str]> = vec![&["x"], &["6"], &["7"], &["4"], &["y"], &["-"]];
    insta::assert_snapshot!(run(&file, &["account_number"], &rows), @r"
    +----+
    | n  |
    +----+
    | 6  |
    | -1 |
    +----+
    picks [1, 2]
    0 Skipped: filter: account_number <> 'x' and cast(account_number as bigint) > 5
    3 Skipped: filter: account_number <> 'x' and cast(account_number as bigint) > 5
    4 Rejected: filter: `account_number <> 'x' and cast(account_number as bigint) > 5` failed: `y` is not a whole number (account_number = `y`)
    5 Skipped: filter: account_number <> 'x' and cast(account_number as bigint) > 5
    ");
}

#[test]
fn now_and_current_date_are_the_time_of_the_run() {
    let file = File::default().map(&[
        ("now", "now()"),
        ("today", "current_date()"),
        ("day", "current_date"),
        ("ahead", "to_utc(callback_at, 'America/New_York') > now()"),
        ("days", "current_date() - date '2026-11-20'"),
        (
            "shifted",
            "to_utc(callback_at, 'America/New_York') + (current_date() - date '2026-11-20')",
        ),
        ("back", "timestamp '2026-01-03T00:00:00' - (date '2026-01-03' - date '2026-01-01')"),
        ("week", "to_utc(callback_at, 'UTC') + interval '7 days'"),
        ("date", "cast(left(callback_at, 10) as date) + 7"),
    ]);
    insta::assert_snapshot!(run(&file, &["callback_at"], &[&["2026-11-23 09:30"]]), @r"
    +----------------------+------------+------------+-------+------+----------------------+---------------------+----------------------+------------+
    | now                  | today      | day        | ahead | days | shifted              | back                | week                 | date       |
    +----------------------+------------+------------+-------+------+----------------------+---------------------+----------------------+------------+
    | 2026-11-22T20:00:00Z | 2026-11-22 | 2026-11-22 | true  | 2    | 2026-11-25T14:30:00Z | 2026-01-01T00:00:00 | 2026-11-30T09:30:00Z | 2026-11-30 |
    +----------------------+------------+------------+-------+------+----------------------+---------------------+----------------------+------------+
    picks [0]
    ");
}

#[test]
fn rows_that_all_pass_are_not_copied() {
    let file = File::default().filter("account_number <> 'x'");
    let steps = file.compile(CAMPAIGN).unwrap();
    let before = batch(CAMPAIGN, 0, &[&["1", "2", "3", "4"]]);
    let column = Arc::clone(before.columns.column(0));
    let after = steps.apply(before, &mut Vec::new()).unwrap();
    assert!(Arc::ptr_eq(&column, after.columns.column(0)));
}

#[test]
fn a_batch_of_no_rows_and_a_mapping_of_no_columns_are_fine() {
    let file = File::default().map(&[]).filter("1 = 1");
    let steps = file.compile(CAMPAIGN).unwrap();
    let out = steps.apply(batch(CAMPAIGN, 0, &[]), &mut Vec::new()).unwrap();
    assert_eq!((out.len(), out.columns.num_rows()), (0, 0));
    let rows: &[&[&str]] = &[&["1", "2", "3", "4"]];
    let out = steps.apply(batch(CAMPAIGN, 0, rows), &mut Vec::new()).unwrap();
    assert_eq!((out.len(), out.columns.num_rows()), (1, 1));
}

#[test]
fn a_dedupe_runs_over_batches_after_its_survey() {
    let file = File::default()
        .map(&[("customer-id", "cast(account_number as bigint)"), ("n", "opt_out")])
        .dedupe(&["customer-id"], Keep::Last)
        .filter("n <> 'no'")
        .dedupe(&["n"], Keep::RejectAll);
    let steps = file.compile(CAMPAIGN).unwrap();
    let mut steps = steps.with_files(vec!["a.csv".to_owned(), "b.csv".to_owned()]);
    let batches = || {
        let first: &[&[&str]] =
            &[&["7", "-", "-", "a"], &["08", "-", "-", "b"], &["-", "-", "-", "c"]];
        let second: &[&[&str]] =
            &[&["x", "-", "-", "a"], &["007", "-", "-", "b"], &["9", "-", "-", "no"]];
        [batch(CAMPAIGN, 0, first), batch(CAMPAIGN, 3, second)]
    };
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(steps.surveys_needed(), [1, 3]);
    let unready = steps.apply(batches()[0].clone(), &mut Vec::new());
    assert!(matches!(unready, Err(TransformError::NotSurveyed(1))));
    for step in steps.surveys_needed() {
        let mut survey = steps.survey(step, folder.path()).unwrap();
        for batch in batches() {
            let rows = steps.apply_until(step, batch, &mut Vec::new()).unwrap();
            survey.add(&rows, steps.key(step)).unwrap();
        }
        steps.provide(step, survey.finish().unwrap());
    }
    let told = batches().map(|batch| {
        let mut fallen = Vec::new();
        let out = steps.apply(batch, &mut fallen).unwrap();
        shown_rows(&out, &fallen)
    });
    insta::assert_snapshot!(told.join("\n"), @r"
    +-------------+---+
    | customer-id | n |
    +-------------+---+
    |             | c |
    +-------------+---+
    picks [2]
    0 Skipped: duplicate of line 6 of `a.csv`: customer-id = `7`
    1 Rejected: same key as line 6 of `a.csv`: n = `b`
    +-------------+---+
    | customer-id | n |
    +-------------+---+
    +-------------+---+
    picks []
    0 Rejected: customer-id: `cast(account_number as bigint)` failed: `x` is not a whole number (account_number = `x`)
    2 Skipped: filter: n <> 'no'
    1 Rejected: same key as line 3 of `a.csv`: n = `b`
    ");
}

#[test]
fn the_validate_step_changes_no_row() {
    let mut file = File::default();
    file.steps.push(Step::Validate(ValidateOptions::default()));
    let rows: &[&[&str]] = &[&["1"]];
    assert!(run(&file, &["a"], rows).ends_with("picks [0]"));
}

#[test]
fn steps_are_shared_by_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Steps>();
}

#[test]
fn compiling_costs_little() {
    let columns: Vec<String> = (0..20).map(|n| format!("column_{n}")).collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let sql = "case when coalesce(trim(column_1), '') <> '' then upper(column_2) else concat(column_3, '-', column_4) end";
    let targets: Vec<String> = (0..10).map(|n| format!("t{n}")).collect();
    let mapped: Vec<(&str, &str)> = targets.iter().map(|target| (&**target, sql)).collect();
    let file = File::default().map(&mapped);
    let began = std::time::Instant::now();
    file.compile(&columns).unwrap();
    let took = began.elapsed();
    println!("compiled in {took:?}");
    // Ten times of what it takes in a dev build on a slow machine.
    assert!(took < std::time::Duration::from_secs(1), "{took:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Failing rows at any places: what a batch gives is what its rows give one by one.
    #[test]
    fn a_batch_gives_what_its_rows_give_alone(
        values in prop::collection::vec(
            prop::sample::select(vec!["1", "02", " 3", "x", "-", "", "9", "99999999999999999999"]),
            1..80,
        ),
    ) {
        let file = File::default()
            .filter("coalesce(v, '') <> '9'")
            .map(&[("n", "cast(trim(v) as bigint)"), ("v", "v"), ("when", "to_utc('2026-01-' || v, 'UTC')")])
            .keep()
            .filter("n < 3 or n is null");
        let steps = file.compile(&["v"]).unwrap();
        let rows: Vec<[&str; 1]> = values.iter().map(|value| [*value]).collect();
        let rows: Vec<&[&str]> = rows.iter().map(|row| row.as_slice()).collect();
        let mut fallen = Vec::new();
        let whole = steps.apply(batch(&["v"], 0, &rows), &mut fallen).unwrap();
        fallen.sort_by_key(|row| row.pick);
        let (mut picks, mut alone, mut alone_fallen) = (Vec::new(), Vec::new(), Vec::new());
        for (index, row) in rows.iter().enumerate() {
            let mut one_fallen = Vec::new();
            let one = steps.apply(batch(&["v"], 0, &[row]), &mut one_fallen).unwrap();
            picks.extend(one.picks.iter().map(|_| index as u32));
            alone.push(one.columns);
            alone_fallen.extend(one_fallen.into_iter().map(|one| (index as u32, one.fate, one.reason)));
        }
        let alone = arrow::compute::concat_batches(steps.output(), &alone).unwrap();
        prop_assert_eq!(whole.columns, alone);
        prop_assert_eq!(whole.picks, picks);
        let fallen: Vec<_> = fallen.into_iter().map(|row| (row.pick, row.fate, row.reason)).collect();
        prop_assert_eq!(fallen, alone_fallen);
    }
}
