//! NDJSON, workbooks and Parquet files as the input of a run: what is wrong with a row rejects that
//! row, a run that was killed goes on, and what it rejected can be mended.

use std::{fs, io::Write, sync::Arc};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};

use crate::bench::{Bench, customers, settings};

/// A pipeline over another kind of input.
pub fn write_pipeline(bench: &Bench, extract: &str) {
    bench.write_pipeline(10);
    bench.mend("pipeline.yaml", "csv: { path: input.csv }", extract);
    bench.mend("pipeline.yaml", "      schedule-date-time: callback\n", "");
}

pub fn ndjson(customers: &[u64]) -> String {
    customers.iter().map(|account| format!("{{\"account\": {account}}}\n")).collect()
}

pub fn write_parquet(bench: &Bench, name: &str, columns: Vec<(&str, ArrayRef)>) {
    let rows = RecordBatch::try_from_iter(columns).unwrap();
    let file = fs::File::create(bench.path(name)).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, rows.schema(), None).unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
}

/// A workbook with one sheet, `People`, of these rows of XML cells.
pub fn write_workbook(bench: &Bench, name: &str, rows: &[String], after: &str) {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let numbered = rows.iter().enumerate();
    let rows: String =
        numbered.map(|(index, cells)| format!("<row r=\"{}\">{cells}</row>", index + 1)).collect();
    let parts = [
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"r\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"People\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"r1\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData>{after}</worksheet>"),
        ),
    ];
    let mut archive = zip::ZipWriter::new(fs::File::create(bench.path(name)).unwrap());
    for (name, text) in parts {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
}

pub fn text_cell(column: &str, text: &str) -> String {
    format!("<c t=\"inlineStr\" r=\"{column}\"><is><t>{text}</t></is></c>")
}

#[test]
fn ndjson_is_loaded_and_rows_that_do_not_fit_are_rejected_and_mended() {
    let bench = Bench::new(settings(12_000));
    let valid = customers(30);
    bench.write(
        "input.ndjson",
        &format!("{}not json\n{{\"account\": \"abc\"}}\n", ndjson(&valid[..28])),
    );
    // The rows that tell the types are all there: the last one makes them text.
    write_pipeline(&bench, "json: { path: input.ndjson, columns: [account] }");
    bench.run().expect(3);
    bench.assert_books_are_true();
    assert_eq!(bench.truth().len(), 28);
    let rejected = bench.results("rejected.csv");
    assert_eq!(rejected[0]["_line"], "29");
    assert_eq!(rejected[0]["_reason"], "the line is no JSON object: `not json`");
    assert_eq!((&*rejected[1]["account"], &*rejected[1]["_line"]), ("abc", "30"));
    bench.write(
        "mended.csv",
        &format!("account,_line,_reason\n{},29,x\n{},30,x\n", valid[28], valid[29]),
    );
    bench.vccpipe(&["run", "pipeline.yaml", "--input", "mended.csv"]).expect(0);
    assert_eq!(bench.truth().len(), 30);
}

#[test]
fn a_run_over_ndjson_and_parquet_that_was_killed_goes_on() {
    for extract in ["json: { path: input.ndjson }", "parquet: { path: input.parquet }"] {
        let bench = Bench::new(settings(12_000));
        let valid = customers(300);
        bench.write("input.ndjson", &ndjson(&valid));
        let accounts = Int64Array::from_iter_values(valid.iter().map(|account| *account as i64));
        let notes = StringArray::from_iter_values(valid.iter().map(|_| "not used"));
        write_parquet(
            &bench,
            "input.parquet",
            vec![("account", Arc::new(accounts)), ("note", Arc::new(notes))],
        );
        write_pipeline(&bench, extract);
        let mut child = bench.run_until_posts(3);
        child.kill().unwrap();
        child.wait().unwrap();
        bench.run().expect(0);
        bench.assert_books_are_true();
        assert_eq!(bench.truth().len(), 300, "{extract}");
        bench.run().says("loaded");
    }
}

#[test]
fn parquet_rows_that_a_rule_rejects_are_mended_in_their_types() {
    let bench = Bench::new(settings(12_000));
    let valid = customers(20);
    let accounts = Int64Array::from_iter(
        valid.iter().enumerate().map(|(index, account)| (index != 7).then_some(*account as i64)),
    );
    write_parquet(&bench, "input.parquet", vec![("account", Arc::new(accounts))]);
    write_pipeline(&bench, "parquet: { path: input.parquet }");
    bench.run().expect(3);
    assert_eq!(bench.results("rejected.csv")[0]["_line"], "8");
    bench.write("mended.csv", &format!("account,_line,_reason\n{},8,x\nabc,9,x\n", valid[7]));
    bench.vccpipe(&["run", "pipeline.yaml", "--input", "mended.csv"]).expect(3);
    assert_eq!(bench.truth().len(), 20);
    assert_eq!(bench.results("rejected.csv")[0]["_reason"], "`account`: `abc` is no Int64");
}

#[test]
fn a_workbook_is_loaded_and_its_error_cells_and_dates_as_text_are_told_with_their_row() {
    let bench = Bench::new(settings(12_000));
    let valid = customers(4);
    let number = |row: usize, account: u64| format!("<c r=\"A{row}\"><v>{account}</v></c>");
    let rows = [
        text_cell("A1", "account") + &text_cell("B1", "call at"),
        number(2, valid[0]),
        number(3, valid[1]) + "<c r=\"B3\" t=\"e\"><f>A1/0</f><v>#DIV/0!</v></c>",
        number(4, valid[2]) + &text_cell("B4", "next Tuesday"),
        text_cell("A5", &valid[3].to_string()),
    ];
    write_workbook(&bench, "book.xlsx", &rows, "");
    write_pipeline(&bench, "xlsx: { path: book.xlsx, sheet: People }");
    bench.mend(
        "pipeline.yaml",
        "customer-id: account",
        "customer-id: account\n      schedule-date-time: to_utc(\"call at\", 'America/New_York')",
    );
    bench.run().expect(3);
    bench.assert_books_are_true();
    assert_eq!(bench.truth().len(), 2);
    let rejected = bench.results("rejected.csv");
    assert_eq!(
        (&*rejected[0]["_line"], &*rejected[0]["_reason"]),
        ("3", "`call at`: the cell holds #DIV/0!")
    );
    assert_eq!(rejected[1]["call at"], "next Tuesday");
    assert!(rejected[1]["_reason"].contains("next Tuesday"), "{:?}", rejected[1]);
}

#[test]
fn a_workbook_that_is_no_table_is_told_at_check() {
    let bench = Bench::new(settings(100));
    write_pipeline(&bench, "xlsx: { path: book.xlsx }");
    let merged = "<mergeCells><mergeCell ref=\"A1:B1\"/></mergeCells>";
    let rows = [text_cell("A1", "who"), text_cell("A2", "account") + &text_cell("B2", "name")];
    write_workbook(&bench, "book.xlsx", &rows, merged);
    let told = bench.vccpipe(&["check", "pipeline.yaml"]).expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    error: `book.xlsx` cannot be read as an Excel workbook: the header of the sheet `People` has merged cells: `A1:B1` (`who`) is one cell
      hint: unmerge it and give each column a name of its own; where the names stand in a row below, set `header_row` to its number
    ");
    write_workbook(&bench, "book.xlsx", &[], "");
    bench.vccpipe(&["check", "pipeline.yaml"]).expect(2).says("no sheet of it holds a cell");
    bench.mend("pipeline.yaml", "path: book.xlsx", "path: book.xlsx, sheet: 0");
    bench.vccpipe(&["check", "pipeline.yaml"]).expect(2);
}

#[test]
fn a_lookup_reads_ndjson_and_parquet_files_and_names_lines_of_a_key_that_stands_twice() {
    let bench = Bench::new(settings(12_000));
    let valid = customers(3);
    bench.write("input.csv", "old\n1\n2\n3\n4\n");
    let line = |old: u64, account: u64| format!("{{\"old\": {old}, \"account\": {account}}}\n");
    let table = line(1, valid[0]) + &line(2, valid[1]) + &line(2, valid[2]);
    bench.write("table.ndjson", &table);
    let old = Int64Array::from_iter_values([1, 2, 2]);
    let accounts = Int64Array::from_iter_values(valid.iter().map(|account| *account as i64));
    write_parquet(
        &bench,
        "table.parquet",
        vec![("old", Arc::new(old)), ("account", Arc::new(accounts))],
    );
    for table in ["table.ndjson", "table.parquet"] {
        bench.write_steps(&format!(
            "  - lookup: {{ from: {table}, on: {{ old: old }}, take: {{ account: account }} }}
  - map: {{ customer-id: account }}"
        ));
        bench.vccpipe(&["run", "pipeline.yaml", "--again"]).expect(3);
        let reasons: Vec<_> =
            bench.results("rejected.csv").into_iter().map(|row| row["_reason"].clone()).collect();
        assert_eq!(
            reasons,
            [
                format!("old: `2` is in {table} more than once: line 2 and line 3"),
                format!("old: `3` is not in {table}"),
                format!("old: `4` is not in {table}"),
            ]
        );
    }
}
