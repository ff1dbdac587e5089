//! Messages of a whole pipeline file, and what a good one becomes.

use proptest::prelude::*;

use super::*;
use crate::{
    environment::Environment,
    transform::{Keep, MapValue},
};

/// The example of the design, with a block scalar added.
const EXAMPLE: &str = r#"# yaml-language-server: $schema=../docs/pipeline.schema.json
version: 1
name: load-campaign            # names the run's folder
description: Add the customers of a CSV file to a dialer campaign.
connection: simulator

vars:
  campaign: 0125
  day: monday

extract:
  csv: { path: samples/campaign_customers.csv }

transform:
  - filter: "coalesce(opt_out, '') <> 'Y'"
  - map:
      customer-id: account_number
      schedule-date-time: to_utc(callback_at, 'America/New_York')
      note: { value: "${var:day}" }
      "First Name": { column: First Name }
    keep: true
  - filter: |
      one = 1 and
      two = 2
  - dedupe: { key: [customer-id], keep: first }
  - validate: { fix: { COMMENTS: truncate } }

load:
  campaign: { action: add, campaign: "${var:campaign}", batch_size: 500, max_refused: 5% }
"#;

fn vars(given: &[(&str, &str)]) -> Vars {
    let given = given.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    let environment = Environment::fixed([("TOKEN", "s3cret"), ("SIZE", "70000")]);
    Vars { given: given.collect(), environment, shared: false }
}

fn wrong(text: &str) -> String {
    match Pipeline::parse("x.yaml", text, &vars(&[])) {
        Ok(pipeline) => panic!("this is right: {pipeline:?}"),
        Err(report) => report.render(false),
    }
}

/// A whole file around a `transform` or `load` or `extract` that is the point of a test.
fn around(extract: &str, transform: &str, load: &str) -> String {
    let or = |text: &str, default: &str| {
        if text.is_empty() { default.to_owned() } else { text.to_owned() }
    };
    let extract = or(extract, "csv: { path: a.csv }");
    let transform = or(transform, "- filter: \"true\"");
    let load = or(load, "campaign: { action: add, campaign: 1 }");
    format!(
        "version: 1\nname: x\nconnection: simulator\nextract:\n  {extract}\ntransform:\n  {transform}\nload:\n  {load}\n"
    )
}

/// The messages and hints alone.
fn said(text: &str) -> String {
    let report = Pipeline::parse("x.yaml", text, &vars(&[])).unwrap_err();
    let said = |one: &Diagnostic| {
        let hint = one.hint.as_ref().map(|hint| format!("\n    {hint}")).unwrap_or_default();
        format!("[{}] {}{hint}", one.span.of(text).replace('\n', "\\n"), one.message)
    };
    report.diagnostics.iter().map(said).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_of_the_design_is_read() {
    let pipeline = Pipeline::parse("x.yaml", EXAMPLE, &vars(&[])).unwrap();
    assert_eq!(pipeline.name.value, "load-campaign");
    assert_eq!(pipeline.transform.len(), 5);
    let LoadOptions::Campaign(campaign) = &pipeline.load else { panic!("{:?}", pipeline.load) };
    assert_eq!((campaign.campaign, campaign.batch_size), (125, 500));
    let Step::Map(map) = &pipeline.transform[1].value else { panic!("not a map") };
    assert!(map.keep);
    let names: Vec<&str> = map.columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["customer-id", "schedule-date-time", "note", "First Name"]);
    assert!(matches!(&map.columns[2].1, MapValue::Value(text) if text == "monday"));
    let Step::Dedupe(dedupe) = &pipeline.transform[3].value else { panic!("not a dedupe") };
    assert_eq!(dedupe.keep, Keep::First);
}

#[test]
fn spans_are_exactly_what_the_file_says() {
    let pipeline = Pipeline::parse("x.yaml", EXAMPLE, &vars(&[])).unwrap();
    let slice = |span: crate::diagnostic::Span| span.of(EXAMPLE);
    assert_eq!(slice(pipeline.name.span), "load-campaign");
    let Step::Filter(filter) = &pipeline.transform[0].value else { panic!("not a filter") };
    assert_eq!(slice(filter.span), "\"coalesce(opt_out, '') <> 'Y'\"");
    let Step::Filter(block) = &pipeline.transform[2].value else { panic!("not a filter") };
    assert_eq!(slice(block.span), "one = 1 and\n      two = 2");
    assert_eq!(slice(pipeline.transform[2].span), "filter: |\n      one = 1 and\n      two = 2");
    let Step::Map(map) = &pipeline.transform[1].value else { panic!("not a map") };
    let (key, value) = &map.columns[1];
    assert_eq!(slice(key.span), "schedule-date-time");
    let MapValue::Sql(sql) = value else { panic!("not an expression") };
    assert_eq!(slice(sql.span), sql.value);
    assert_eq!(yaml::locate(EXAMPLE, sql.span, "callback_at").map(slice), Some("callback_at"));
    let place = yaml::locate_position(EXAMPLE, block.span, &block.value, 2, 1);
    assert_eq!(place.map(slice), Some("two"));
    let Step::Dedupe(dedupe) = &pipeline.transform[3].value else { panic!("not a dedupe") };
    assert_eq!(slice(dedupe.key[0].span), "customer-id");
}

#[test]
fn given_variables_win_over_defaults() {
    let pipeline = Pipeline::parse("x.yaml", EXAMPLE, &vars(&[("campaign", "7")])).unwrap();
    let LoadOptions::Campaign(campaign) = &pipeline.load else { panic!("{:?}", pipeline.load) };
    assert_eq!(campaign.campaign, 7);
    assert_eq!(pipeline.vars["campaign"], "0125");
}

#[test]
fn fingerprints_tell_what_changed_and_not_how_it_is_written() {
    let plain = Pipeline::parse("x.yaml", EXAMPLE, &vars(&[])).unwrap().source.fingerprints;
    let restyled = EXAMPLE.replace("account_number", "'account_number'   # note").replace(
        "{ path: samples/campaign_customers.csv }",
        "\n    path: samples/campaign_customers.csv",
    );
    let restyled = Pipeline::parse("x.yaml", &restyled, &vars(&[])).unwrap().source.fingerprints;
    assert_eq!(plain, restyled);
    let other = Pipeline::parse("x.yaml", EXAMPLE, &vars(&[("campaign", "7")])).unwrap();
    let other = other.source.fingerprints;
    let changed: Vec<&String> = plain.keys().filter(|key| plain[*key] != other[*key]).collect();
    assert_eq!(changed, ["load"]);
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once_each_at_its_place() {
    let text = "\
version: 2
name: Load Campaign
conection: simulator
extract:
  csv: { path: a.csv, delimter: ';', header: yes }
transform:
  - filtre: \"opt_out <> 'Y'\"
  - map: { customer-id: 5 }
load:
  campaign: { action: ad, batch_size: abc }
";
    insta::assert_snapshot!(wrong(text), @r#"
    x.yaml:1:10
      × `version` must be `1`, not the number `2`
       ╭────
     1 │ version: 2
       ·          ─
     2 │ name: Load Campaign
       ╰────
      help: Version of the format: 1.

    x.yaml:2:7
      × `name` cannot be `Load Campaign`
       ╭────
     1 │ version: 2
     2 │ name: Load Campaign
       ·       ─────────────
     3 │ conection: simulator
       ╰────
      help: Names the run's folder: lower-case letters, digits and hyphens, at most 64 of them.

    x.yaml:3:1
      × unknown key `conection`, did you mean `connection`?
       ╭────
     2 │ name: Load Campaign
     3 │ conection: simulator
       · ─────────
     4 │ extract:
       ╰────

    x.yaml:5:23
      × unknown key `delimter`, did you mean `delimiter`?
       ╭────
     4 │ extract:
     5 │   csv: { path: a.csv, delimter: ';', header: yes }
       ·                       ────────
     6 │ transform:
       ╰────

    x.yaml:5:46
      × `header` must be `true` or `false`, not the text `yes`
       ╭────
     4 │ extract:
     5 │   csv: { path: a.csv, delimter: ';', header: yes }
       ·                                              ───
     6 │ transform:
       ╰────
      help: write `true`

    x.yaml:7:5
      × unknown key `filtre`, did you mean `filter`?
       ╭────
     6 │ transform:
     7 │   - filtre: "opt_out <> 'Y'"
       ·     ──────
     8 │   - map: { customer-id: 5 }
       ╰────

    x.yaml:8:25
      × `customer-id` must be text or a mapping (`key: value`), not the number `5`
       ╭────
     7 │   - filtre: "opt_out <> 'Y'"
     8 │   - map: { customer-id: 5 }
       ·                         ─
     9 │ load:
       ╰────
      help: put it in quotes: `"5"`

    x.yaml:10:3
      × missing key `campaign` in `campaign`
        ╭────
      9 │ load:
     10 │   campaign: { action: ad, batch_size: abc }
        ·   ────────
        ╰────
      help: The campaign's number, as Configuration Manager's column "Campaign ID" shows it.

    x.yaml:10:23
      × `action` must be `add` or `remove`, not the text `ad`
        ╭────
      9 │ load:
     10 │   campaign: { action: ad, batch_size: abc }
        ·                       ──
        ╰────
      help: did you mean `add`?

    x.yaml:10:39
      × `batch_size` must be a whole number, not the text `abc`
        ╭────
      9 │ load:
     10 │   campaign: { action: ad, batch_size: abc }
        ·                                       ───
        ╰────
      help: Records of one request, 1 to 10000. The documents name no limit. Default 500.
    "#);
}

#[test]
fn mistakes_of_sections_without_syntax_errors_are_told_with_the_syntax_errors() {
    let text = "version: 1\nname: a: b\nextract:\n  cvs: { path: x }\nload:\n\tcampaign: 1\n";
    insta::assert_snapshot!(said(text), @r#"
    [:] a `:` is out of place here
        a text that holds `: ` is put in quotes; else look at the indentation
    [cvs] unknown key `cvs`, did you mean `csv`?
    [	] a tab stands where spaces must
        indent with spaces; YAML allows no tabs there
    "#);
}

#[test]
fn a_step_has_one_key() {
    let texts = [
        "- map: { a: b }\n    filter: x",
        "- filter: x\n    keep: true",
        "- keep: true",
        "- {}",
        "- filter",
        "- filter:",
        "- validate: {}\n    filtr: x",
        "- { map: { a: b }, keep: 1 }\n  - colour: red",
    ];
    let shown = texts.map(|step| format!("{step}\n{}\n", said(&around("", step, ""))));
    insta::assert_snapshot!(shown.join("\n"), @r#"
    - map: { a: b }
        filter: x
    [filter] `filter` cannot stand beside `map`
        give `filter` an item of its own: `- filter: ..`

    - filter: x
        keep: true
    [keep] `keep` cannot stand beside `filter`
        it stands beside `map` only

    - keep: true
    [keep] item 1 of `transform` needs one of the keys `map`, `filter`, `dedupe`, `lookup`, `sql` or `validate`

    - {}
    [{}] item 1 of `transform` needs one of the keys `map`, `filter`, `dedupe`, `lookup`, `sql` or `validate`

    - filter
    [filter] item 1 of `transform` must be a mapping (`key: value`), not the text `filter`
        One step: a single key, or `map` with `keep` beside it, or `sql` with `tables`.

    - filter:
    [filter] `filter` has no value
        A SQL expression; rows for which it is not true are skipped.

    - validate: {}
        filtr: x
    [filtr] unknown key `filtr` in item 1 of `transform`
        the keys are: `validate`

    - { map: { a: b }, keep: 1 }
      - colour: red
    [1] `keep` must be `true` or `false`, not the number `1`
        Beside `map`: whether the columns that are not mapped stay.
    [colour] unknown key `colour` in item 2 of `transform`
        the keys are: `map`, `filter`, `dedupe`, `lookup`, `sql`, `validate`
    "#);
}

#[test]
fn the_kinds_of_values_are_told_in_plain_words() {
    let texts = [
        ("", "- map: {}", ""),
        ("", "- map: { a: { column: x, value: y } }", ""),
        ("", "- map: { a: { colum: x } }", ""),
        ("", "- map: { a: [x] }", ""),
        ("", "- map: { a: '' }", ""),
        ("", "- map: { a: { value: 5 } }", ""),
        ("", "- dedupe: { key: [], keep: newest }", ""),
        ("", "- dedupe: { key: [a, 2] }", ""),
        ("", "- dedupe: x", ""),
        ("", "- validate: { fix: { A: trunc } }", ""),
        ("", "- validate: {}\n  - validate: {}", ""),
        ("", "filter: x", ""),
        ("csv: { path: [] }", "", ""),
        ("csv: { path: 5 }", "", ""),
        ("csv: a.csv", "", ""),
        ("csv:", "", ""),
        ("csv: { path: a, header: 'true' }", "", ""),
        ("csv: { path: a, delimiter: ';;' }", "", ""),
        ("csv: { path: a, quote: ',' }", "", ""),
        ("csv: { path: a, encoding: klingon }", "", ""),
        ("{ csv: { path: a }, json: { path: b } }", "", ""),
        ("", "", "campaign: { action: add, campaign: -1 }"),
        ("", "", "campaign: { action: add, campaign: 1.5 }"),
        ("", "", "campaign: { action: add, campaign: 1, batch_size: 0 }"),
        ("", "", "campaign: { action: add, campaign: 1, batch_size: 20000 }"),
        ("", "", "campaign: { action: add, campaign: '1' }"),
        ("", "", "campaign: { action: add, campaign: 1, max_refused: 500% }"),
        ("", "", "campaign: { action: add, campaign: 1, max_refused: some, max_rejected: [] }"),
        ("", "", "campaign: { action: add, campaign: 1, when_in_doubt: leav }"),
    ];
    let shown = texts.map(|(extract, transform, load)| {
        let text = around(extract, transform, load);
        format!("{extract}{transform}{load}\n{}\n", said(&text))
    });
    insta::assert_snapshot!(shown.join("\n"), @r#"
    - map: {}
    [map] `map` is empty
        Target columns, each made by a SQL expression over the columns so far. Identifiers are taken as the header writes them; with spaces or hyphens they stand in double quotes.

    - map: { a: { column: x, value: y } }
    [value] `value` cannot stand beside `column`
        keep one of them: `a` has one of the keys `column` or `value`

    - map: { a: { colum: x } }
    [colum] unknown key `colum`, did you mean `column`?

    - map: { a: [x] }
    [[x]] `a` must be text or a mapping (`key: value`), not a list

    - map: { a: '' }
    [''] `a` is empty
        A SQL expression.

    - map: { a: { value: 5 } }
    [5] `value` must be text, not the number `5`
        put it in quotes: `"5"`

    - dedupe: { key: [], keep: newest }
    [[]] `key` is empty
        The columns that together are the key. A row in which one of them is null has no key.
    [newest] `keep` must be `first`, `last` or `reject_all`, not the text `newest`
        Which row of those with the same key stays. Default `first`.

    - dedupe: { key: [a, 2] }
    [2] item 2 of `key` must be text, not the number `2`
        put it in quotes: `"2"`

    - dedupe: x
    [x] `dedupe` must be a mapping (`key: value`), not the text `x`
        `dedupe: {key: [..], keep: first}`.

    - validate: { fix: { A: trunc } }
    [trunc] `A` must be `truncate`, `blank` or `transliterate`, not the text `trunc`
        How a value that breaks a rule may be mended.

    - validate: {}
      - validate: {}
    [validate] a second `validate` step
        put all fixes into one: the rules are applied once, after the last step

    filter: x
    [transform] `transform` must be a list, not a mapping
        What happens to the rows: a list of steps, each with one key.

    csv: { path: [] }
    [[]] `path` is empty
        File, list of files or glob; `.gz` and `.zst` are read through. Relative to the working directory. Example: `exports/customers-*.csv`.

    csv: { path: 5 }
    [5] `path` must be text or a list, not the number `5`
        put it in quotes: `"5"`

    csv: a.csv
    [a.csv] `csv` must be a mapping (`key: value`), not the text `a.csv`
        Delimited text files. All columns are text.

    csv:
    [csv] `csv` has no value
        Delimited text files. All columns are text.

    csv: { path: a, header: 'true' }
    ['true'] `header` must be `true` or `false`, not the text `true`
        take the quotes away: `true`

    csv: { path: a, delimiter: ';;' }
    [';;'] `delimiter` must be one ASCII character
        for instance `","`, `";"` or `"|"`; a tab is written `"\t"`

    csv: { path: a, quote: ',' }
    [','] `delimiter` and `quote` are the same character
        a field in quotes may hold the delimiter only if the two differ

    csv: { path: a, encoding: klingon }
    [klingon] `encoding` is not the name of an encoding
        for instance `utf-8`, `windows-1252` or `iso-8859-1`

    { csv: { path: a }, json: { path: b } }
    [json] `json` cannot stand beside `csv`
        keep one of them: `extract` has one of the keys `csv`, `json`, `xlsx`, `parquet`, `wapi`, `campaign`, `list` or `attachments`

    campaign: { action: add, campaign: -1 }
    [-1] `campaign` must be at least 0, not the number `-1`
        The campaign's number, as Configuration Manager's column "Campaign ID" shows it.

    campaign: { action: add, campaign: 1.5 }
    [1.5] `campaign` must be a whole number, not the number `1.5`
        The campaign's number, as Configuration Manager's column "Campaign ID" shows it.

    campaign: { action: add, campaign: 1, batch_size: 0 }
    [0] `batch_size` must be at least 1, not the number `0`
        Records of one request, 1 to 10000. The documents name no limit. Default 500.

    campaign: { action: add, campaign: 1, batch_size: 20000 }
    [20000] `batch_size` must be at most 10000, not the number `20000`
        Records of one request, 1 to 10000. The documents name no limit. Default 500.

    campaign: { action: add, campaign: '1' }
    ['1'] `campaign` must be a whole number, not the text `1`
        take the quotes away: `1`

    campaign: { action: add, campaign: 1, max_refused: 500% }
    [500%] `max_refused` must be a count such as `100`, or a share such as `5%`, not `500%`

    campaign: { action: add, campaign: 1, max_refused: some, max_rejected: [] }
    [some] `max_refused` cannot be `some`
        Refused records beyond which the run stops: a count, or a share such as `5%`.
    [[]] `max_rejected` must be a whole number or text, not a list
        Rejected records beyond which the run stops: a count, or a share such as `5%`.

    campaign: { action: add, campaign: 1, when_in_doubt: leav }
    [leav] `when_in_doubt` must be `send_again` or `leave`, not the text `leav`
        did you mean `leave`?
    "#);
}

#[test]
fn files_that_are_no_pipeline_are_told_so() {
    let texts = ["", "# nothing\n", "- a\n", "abc\n", "{}\n", "version: 1\n"];
    let shown = texts.map(|text| format!("{text:?}\n{}\n", said(text)));
    insta::assert_snapshot!(shown.join("\n"), @r##"
    ""
    [] the file is empty
        a pipeline has the keys `version`, `name`, `connection`, `extract` and `load`

    "# nothing\n"
    [] the file is empty
        a pipeline has the keys `version`, `name`, `connection`, `extract` and `load`

    "- a\n"
    [- a] the file must be a mapping (`key: value`), not a list
        A pipeline: where rows come from, what happens to them, and where they go.

    "abc\n"
    [abc] the file must be a mapping (`key: value`), not the text `abc`
        A pipeline: where rows come from, what happens to them, and where they go.

    "{}\n"
    [{}] missing key `version`
        Version of the format: 1.
    [{}] missing key `name`
        Names the run's folder: lower-case letters, digits and hyphens, at most 64 of them.
    [{}] missing key `connection`
        A name in connections.yaml, or `simulator`, which is built in.
    [{}] missing key `extract`
        Where the rows come from.
    [{}] missing key `load`
        Where the rows go.

    "version: 1\n"
    [version] missing key `name`
        Names the run's folder: lower-case letters, digits and hyphens, at most 64 of them.
    [version] missing key `connection`
        A name in connections.yaml, or `simulator`, which is built in.
    [version] missing key `extract`
        Where the rows come from.
    [version] missing key `load`
        Where the rows go.
    "##);
}

#[test]
fn what_an_interpolation_gives_is_checked_and_never_shown() {
    let secret = "s3cret";
    let texts = [
        around("csv: { path: a, delimiter: \"${env:TOKEN}\" }", "", ""),
        around("csv: { path: a, encoding: \"${env:TOKEN}\" }", "", ""),
        around("csv: { path: a, header: \"${env:TOKEN}\" }", "", ""),
        around("", "- dedupe: { key: [a], keep: \"${env:TOKEN}\" }", ""),
        around("", "", "campaign: { action: \"${env:TOKEN}\", campaign: 1 }"),
        around("", "", "campaign: { action: add, campaign: \"x${env:TOKEN}\" }"),
        around("", "", "campaign: { action: add, campaign: 1, max_refused: \"${env:TOKEN}\" }"),
        around("", "", "campaign: { action: add, campaign: 1, batch_size: \"${env:SIZE}\" }"),
        around("", "", "campaign: { action: add, campaign: 1, max_refused: \"${env:SIZE}%\" }"),
    ];
    for text in &texts {
        let shown = wrong(text);
        assert!(!shown.contains(secret) && !shown.contains("70000"), "{shown}");
    }
    insta::assert_snapshot!(texts.map(|text| said(&text)).join("\n"), @r#"
    ["${env:TOKEN}"] `delimiter` must be one ASCII character
        for instance `","`, `";"` or `"|"`; a tab is written `"\t"`
    ["${env:TOKEN}"] `encoding` is not the name of an encoding
        for instance `utf-8`, `windows-1252` or `iso-8859-1`
    ["${env:TOKEN}"] `header` must be `true` or `false`, not what `${env:TOKEN}` gives
        Whether the first row of each file names the columns (default). Without one they are `column_1`, `column_2`, ...
    ["${env:TOKEN}"] `keep` must be `first`, `last` or `reject_all`, not what `${env:TOKEN}` gives
        Which row of those with the same key stays. Default `first`.
    ["${env:TOKEN}"] `action` must be `add` or `remove`, not what `${env:TOKEN}` gives
        What to do with each row.
    ["x${env:TOKEN}"] `campaign` must be a whole number, not what `x${env:TOKEN}` gives
        The campaign's number, as Configuration Manager's column "Campaign ID" shows it.
    ["${env:TOKEN}"] `max_refused` cannot be what `${env:TOKEN}` gives
        Refused records beyond which the run stops: a count, or a share such as `5%`.
    ["${env:SIZE}"] `batch_size` must be at most 10000, not what `${env:SIZE}` gives
        Records of one request, 1 to 10000. The documents name no limit. Default 500.
    ["${env:SIZE}%"] `max_refused` must be a count such as `100`, or a share such as `5%`, not `${env:SIZE}%`
    "#);
}

#[test]
fn variables_that_are_not_there_or_not_wanted_are_told() {
    let text = around("csv: { path: \"${var:pth} ${env:NOT_SET}\" }", "", "")
        + "vars: { path: a.csv, list: [1] }\n";
    let report = Pipeline::parse("x.yaml", &text, &vars(&[("paht", "b.csv")])).unwrap_err();
    insta::assert_snapshot!(report.render(false), @r#"
    x.yaml:5:17
      × unknown variable `pth`, did you mean `path`?
       ╭────
     4 │ extract:
     5 │   csv: { path: "${var:pth} ${env:NOT_SET}" }
       ·                 ──────────
     6 │ transform:
       ╰────
      help: declare it under `vars`, or pass `--var pth=value`; the variables are: `paht`, `path`

    x.yaml:5:28
      × the environment variable `NOT_SET` is not set
       ╭────
     4 │ extract:
     5 │   csv: { path: "${var:pth} ${env:NOT_SET}" }
       ·                            ──────────────
     6 │ transform:
       ╰────
      help: set it, or give a default: `${env:NOT_SET:-default}`

    x.yaml:10:1
      × `--var paht` names no variable of this file, did you mean `path`?
        ╭────
      9 │   campaign: { action: add, campaign: 1 }
     10 │ vars: { path: a.csv, list: [1] }
        · ────
        ╰────
      help: the variables are: `list`, `path`, `pth`

    x.yaml:10:28
      × `list` must be text, a number or `true` or `false`, not a list
        ╭────
      9 │   campaign: { action: add, campaign: 1 }
     10 │ vars: { path: a.csv, list: [1] }
        ·                            ───
        ╰────
    "#);
}

#[test]
fn an_overridden_default_is_not_looked_up_and_a_default_is_not_replaced_twice() {
    let text = around("csv: { path: \"${var:path}\" }", "", "")
        + "vars: { path: \"${env:NOT_SET}\", note: '$${x}' }\n";
    let pipeline = Pipeline::parse("x.yaml", &text, &vars(&[("path", "b.csv")])).unwrap();
    let ExtractOptions::Csv(csv) = &pipeline.extract else { panic!("{:?}", pipeline.extract) };
    assert_eq!(csv.path.0[0].value, "b.csv");
    assert_eq!(pipeline.vars["note"], "${x}");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("nowhere.yaml");
    let error = Pipeline::load(&missing, &vars(&[])).unwrap_err();
    assert!(error.to_string().contains("nowhere.yaml"));
    assert!(error.hint().unwrap().contains("working directory"));
    let binary = dir.path().join("binary.yaml");
    std::fs::write(&binary, [0xff, 0xfe]).unwrap();
    assert!(Pipeline::load(&binary, &vars(&[])).unwrap_err().hint().unwrap().contains("UTF-8"));
}

/// `UPDATE=1 cargo test` writes the copy anew.
#[test]
fn the_schema_in_docs_is_the_one_of_the_types() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/pipeline.schema.json");
    let schema = schema_json();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/docs")).unwrap();
        std::fs::write(path, &schema).unwrap();
    }
    let copy = std::fs::read_to_string(path).unwrap_or_default();
    assert!(copy == schema, "{path} is stale: run the test with UPDATE=1");
}

#[test]
fn the_schema_knows_every_key_and_lets_variables_stand_for_numbers() {
    let schema: serde_json::Value = serde_json::from_str(&schema_json()).unwrap();
    assert_eq!(schema["title"], "vccpipe pipeline");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    let mut keys = keys;
    keys.sort();
    assert_eq!(
        keys,
        ["connection", "description", "extract", "load", "name", "transform", "vars", "version"]
    );
    let campaign = &schema["$defs"]["CampaignOptions"]["properties"]["campaign"];
    assert_eq!(campaign["anyOf"][0]["type"], "integer");
    assert!(campaign["description"].as_str().unwrap().contains("campaign's number"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Cuts and changes of a good file: whatever is told lies inside the text.
    #[test]
    fn a_damaged_file_is_told_of_inside_its_text(
        cut in 0..EXAMPLE.len(), length in 0usize..40,
        piece in "(|\t|: |- |\"|'|\\{|\\}|\\[|#|\n|\n  |\\$\\{|&a |é|x){1,3}"
    ) {
        let end = (cut + length).min(EXAMPLE.len());
        let text = format!("{}{piece}{}", &EXAMPLE[..cut], &EXAMPLE[end..]);
        if let Err(report) = Pipeline::parse("x.yaml", &text, &vars(&[])) {
            prop_assert!(!report.diagnostics.is_empty());
            for one in &report.diagnostics {
                prop_assert!(text.get(one.span.start..one.span.end).is_some(), "{one:?}");
            }
            prop_assert!(report.render(false).starts_with("x.yaml:"));
        }
    }

    #[test]
    fn any_scalar_that_is_accepted_is_found_at_its_span(text in "[ -~é]{0,12}") {
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "$${");
        let file = around("", &format!("- filter: \"{quoted}\""), "");
        if let Ok(pipeline) = Pipeline::parse("x.yaml", &file, &vars(&[])) {
            let Step::Filter(filter) = &pipeline.transform[0].value else { panic!("not a filter") };
            prop_assert_eq!(&filter.value, &text);
            prop_assert_eq!(filter.span.of(&file), format!("\"{quoted}\""));
        }
    }
}
