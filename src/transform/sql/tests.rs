use std::collections::BTreeMap;

use arrow::{
    array::{Int64Array, StringArray},
    util::pretty::pretty_format_batches,
};

use super::*;
use crate::{
    transform::{Step, Steps, TableColumns},
    yaml,
};

fn steps(text: &str) -> Vec<Step> {
    let root = yaml::parse(text).root.unwrap();
    yaml::decode::<BTreeMap<String, Vec<Step>>>(&root, text).unwrap().remove("transform").unwrap()
}

fn people() -> RecordBatch {
    let ids = Int64Array::from(vec![Some(1), Some(2), Some(3), None]);
    let names = StringArray::from(vec![Some("Zoë"), Some("O'Brien"), None, Some("x")]);
    RecordBatch::try_from_iter_with_nullable([
        ("id", Arc::new(ids) as _, true),
        ("full name", Arc::new(names) as _, true),
    ])
    .unwrap()
}

fn calls() -> RecordBatch {
    let ids = StringArray::from(vec!["1", "3", "1"]);
    let phones = StringArray::from(vec![Some("555"), Some("556"), Some("557")]);
    RecordBatch::try_from_iter_with_nullable([
        ("person", Arc::new(ids) as _, true),
        ("phone", Arc::new(phones) as _, true),
    ])
    .unwrap()
}

/// Rows in memory.
#[derive(Debug)]
struct Held {
    rows: RecordBatch,
    key: Vec<String>,
}

impl Relation for Held {
    fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }

    fn rows(&self) -> Option<u64> {
        Some(self.rows.num_rows() as u64)
    }

    fn last_counts_by(&self) -> Vec<String> {
        self.key.clone()
    }

    fn read(&self, columns: &[usize]) -> Result<RelationRows, RelationError> {
        Ok(Box::new(std::iter::once(Ok(self.rows.project(columns)?))))
    }
}

fn held(rows: RecordBatch, key: &[&str]) -> Arc<dyn Relation> {
    Arc::new(Held { rows, key: key.iter().map(|name| (*name).to_owned()).collect() })
}

fn file(sql: &str) -> String {
    let sql = sql.replace('\n', "\n      ");
    format!("transform:\n  - sql: >-\n      {sql}\n    tables: {{ calls: calls.csv }}\n")
}

fn compile(sql: &str, tables: Option<SchemaRef>) -> Result<Steps, Vec<Diagnostic>> {
    let text = file(sql);
    let now = "2026-11-22T20:00:00Z".parse().unwrap();
    let queries = QueryTables::from([(0, vec![tables])]);
    let schema = people().schema();
    Steps::compile_over(&text, &steps(&text), schema, &TableColumns::new(), &queries, now)
}

/// What the query gives over both tables.
fn run_with(sql: &str, key: &[&str]) -> Result<String, QueryError> {
    let steps = compile(sql, Some(calls().schema())).unwrap();
    let relations = [held(people(), &[]), held(calls(), key)];
    let folder = tempfile::tempdir().unwrap();
    let mut rows = Vec::new();
    let hand_on = |batch| {
        rows.push(batch);
        Ok(())
    };
    let ended: Result<(), Ended> = steps.query(0, &relations, folder.path(), || Ok(()), hand_on);
    match ended {
        Err(Ended(Some(error))) => return Err(error),
        other => other.map_err(|_| "no query").unwrap(),
    }
    assert!(rows.iter().all(|batch| batch.schema() == *steps.output()));
    Ok(pretty_format_batches(&rows).unwrap().to_string())
}

#[derive(Debug)]
struct Ended(Option<QueryError>);

impl From<QueryError> for Ended {
    fn from(error: QueryError) -> Self {
        Ended(Some(error))
    }
}

impl From<crate::transform::TransformError> for Ended {
    fn from(_: crate::transform::TransformError) -> Self {
        Ended(None)
    }
}

fn run(sql: &str) -> String {
    run_with(sql, &[]).unwrap()
}

/// The complaints about a query: what is underlined, the message, the hint.
fn wrong(sql: &str) -> Vec<(String, String, String)> {
    let text = file(sql);
    let complaints = compile(sql, Some(calls().schema())).unwrap_err();
    let told = |one: Diagnostic| {
        (one.span.of(&text).to_owned(), one.message, one.hint.unwrap_or_default())
    };
    complaints.into_iter().map(told).collect()
}

#[test]
fn a_query_joins_groups_and_orders_all_rows_with_our_functions() {
    insta::assert_snapshot!(run(
        r#"SELECT i.id, "full name" AS name, count(c.phone) AS calls, max(phone_digits(c.phone)) AS last,
           to_utc('2026-11-23 14:30', 'America/New_York') AS at, current_date() AS today
           FROM input i LEFT JOIN calls c ON i.id = c.person
           GROUP BY 1, 2 ORDER BY id"#
    ), @r"
    +----+---------+-------+------+----------------------+------------+
    | id | name    | calls | last | at                   | today      |
    +----+---------+-------+------+----------------------+------------+
    | 1  | Zoë     | 2     | 557  | 2026-11-23T19:30:00Z | 2026-11-22 |
    | 2  | O'Brien | 0     |      | 2026-11-23T19:30:00Z | 2026-11-22 |
    | 3  |         | 1     | 556  | 2026-11-23T19:30:00Z | 2026-11-22 |
    |    | x       | 0     |      | 2026-11-23T19:30:00Z | 2026-11-22 |
    +----+---------+-------+------+----------------------+------------+
    ");
}

#[test]
fn of_results_only_the_last_row_of_a_record_counts() {
    insta::assert_snapshot!(run_with("SELECT * FROM calls ORDER BY person", &["person"]).unwrap(), @r"
    +--------+-------+
    | person | phone |
    +--------+-------+
    | 1      | 557   |
    | 3      | 556   |
    +--------+-------+
    ");
}

#[test]
fn rows_keep_their_order_where_none_is_asked_for_and_that_is_told() {
    let steps = compile("SELECT id FROM input WHERE id > 1", None).unwrap();
    assert!(steps.warnings()[0].starts_with("step 1: no ORDER BY ends the query"));
    assert!(compile("SELECT id FROM input ORDER BY id", None).unwrap().warnings().is_empty());
    assert!(compile("SELECT count(*) AS n FROM input", None).unwrap().warnings().is_empty());
    assert!(run("SELECT id FROM input WHERE id > 1").contains("| 2  |\n| 3  |"));
}

#[test]
fn what_is_not_determined_is_told_with_the_way_out() {
    for (sql, at, part) in [
        ("SELECT id FROM input LIMIT 2", "LIMIT", "which rows it keeps"),
        ("SELECT id FROM input OFFSET 1", "OFFSET", "which rows it passes over"),
        ("SELECT * FROM (SELECT id FROM input LIMIT 2) AS s ORDER BY id", "LIMIT", "which rows"),
        (
            "SELECT id, row_number() OVER () AS n FROM input ORDER BY id",
            "row_number",
            "`row_number` without ORDER BY",
        ),
        (
            "SELECT id, lag(id) OVER (PARTITION BY id) AS n FROM input ORDER BY id",
            "lag",
            "`lag` without",
        ),
        (
            "SELECT string_agg(\"full name\", ', ') AS n FROM input",
            "string_agg",
            "`string_agg` without ORDER BY",
        ),
        (
            "SELECT random() AS n FROM input ORDER BY id",
            "random",
            "`random` gives another value each time",
        ),
        (
            "SELECT DISTINCT ON (id) id, \"full name\" FROM input ORDER BY id",
            "DISTINCT",
            "DISTINCT ON without",
        ),
    ] {
        let wrong = wrong(sql);
        assert_eq!(wrong.len(), 1, "{sql}: {wrong:?}");
        assert_eq!(wrong[0].0, at, "{sql}");
        assert!(wrong[0].1.contains(part) && !wrong[0].2.is_empty(), "{wrong:?}");
    }
    for sql in [
        "SELECT id FROM input ORDER BY id LIMIT 2",
        "SELECT id, row_number() OVER (ORDER BY id) AS n FROM input ORDER BY n",
        "SELECT string_agg(\"full name\", ', ' ORDER BY id) AS n FROM input",
        "SELECT id, count(*) OVER (PARTITION BY id) AS n FROM input ORDER BY id",
        "SELECT now() AS at FROM input ORDER BY id",
        "WITH c AS (SELECT id FROM input ORDER BY id LIMIT 2) SELECT id FROM c ORDER BY id",
    ] {
        assert!(compile(sql, None).is_ok(), "{sql}: {:?}", compile(sql, None).err());
    }
}

#[test]
fn mistakes_are_told_with_their_place_and_the_nearest_name() {
    let one = |sql: &str| {
        let wrong = wrong(sql);
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        let (at, message, hint) = wrong.into_iter().next().unwrap();
        format!("{at}: {message}; {hint}")
    };
    insta::assert_snapshot!(one("SELECT idd FROM input"), @"idd: there is no column `idd`; did you mean `id`? the columns are: `id`, `full name`");
    insta::assert_snapshot!(one("SELECT c.fone FROM calls c"), @"c.fone: there is no column `c.fone`; the columns are: `person`, `phone`");
    insta::assert_snapshot!(one("SELECT id FROM inputs"), @"inputs: there is no table `inputs`; did you mean `input`? the tables are: `input`, `calls`; `tables` beside `sql` names more");
    insta::assert_snapshot!(one("SELECT uper(phone) AS p FROM calls"), @"uper: there is no function `uper`; did you mean `upper`?");
    insta::assert_snapshot!(one("SELECT id FROM input WHERE"), @"SELECT id FROM input WHERE: this is not a SQL query: expected an expression, found the end; ");
    insta::assert_snapshot!(one("DELETE FROM input"), @"DELETE FROM input: a `sql` step is a query: it begins with SELECT or WITH; ");
    insta::assert_snapshot!(one("SELECT id FROM input; SELECT id FROM input"), @"SELECT id FROM input; SELECT id FROM input: a `sql` step is one query; ");
    insta::assert_snapshot!(one("SELECT i.id, j.id FROM input i JOIN input j ON i.id = j.id"), @"id: the query gives the column `id` twice; name one of them otherwise, as in `.. AS id_2`");
    insta::assert_snapshot!(one("SELECT id FROM input WHERE \"full name\" + 1"), @r#"SELECT id FROM input WHERE "full name" + 1: cannot coerce arithmetic expression text + bigint to valid types; "#);
}

#[test]
fn a_table_that_is_not_there_yet_has_the_columns_that_the_query_names() {
    let sql =
        "SELECT i.id, r.\"ACCOUNTNUM\" FROM input i JOIN calls r ON r.old = i.id ORDER BY i.id";
    let steps = compile(sql, None).unwrap();
    assert_eq!(steps.output().field(1).name(), "ACCOUNTNUM");
}

#[test]
fn one_value_fails_the_query_and_is_named() {
    let error = run_with("SELECT cast(\"full name\" AS bigint) AS n FROM input", &[]).unwrap_err();
    assert_eq!(error.to_string(), "the query of step 1 failed: `Zoë` is not a whole number");
    assert!(error.hint().contains("try_cast"));
}
