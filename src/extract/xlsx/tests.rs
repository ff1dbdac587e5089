use std::{fs, io::Write};

use zip::write::SimpleFileOptions;

use super::*;
use crate::{
    extract::{
        ExtractOptions, Source,
        conformance::{Read, keeps_its_promises, rows},
        csv::Paths,
    },
    yaml::Spanned,
};

/// Styles: 0 is none, 1 a date, 2 a date with a time, 3 hours that count on.
const STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd hh:mm"/><numFmt numFmtId="165" formatCode="[h]:mm"/></numFmts>
<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>"#;

/// A workbook of these sheets, each a name and what its XML holds after `<worksheet>`.
pub(super) fn workbook(sheets: &[(&str, &str)], texts: &[&str]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut put = |name: &str, text: String| {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    };
    let of = |index: usize| index + 1;
    let listed: String = sheets
        .iter()
        .enumerate()
        .map(|(i, (name, _))| {
            format!("<sheet name=\"{name}\" sheetId=\"{0}\" r:id=\"rId{0}\"/>", of(i))
        })
        .collect();
    let relations: String = (0..sheets.len())
        .map(|i| {
            let n = of(i);
            format!("<Relationship Id=\"rId{n}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>")
        })
        .collect();
    put(
        "[Content_Types].xml",
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>".into(),
    );
    put(
        "_rels/.rels",
        format!(
            "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        ),
    );
    put(
        "xl/workbook.xml",
        format!(
            "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{listed}</sheets></workbook>"
        ),
    );
    put(
        "xl/_rels/workbook.xml.rels",
        format!(
            "<Relationships xmlns=\"{PACKAGE}\">{relations}<Relationship Id=\"s\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/><Relationship Id=\"t\" Type=\"{OFFICE}/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>"
        ),
    );
    put("xl/styles.xml", STYLES.into());
    let texts: String =
        texts.iter().map(|text| format!("<si><t xml:space=\"preserve\">{text}</t></si>")).collect();
    put("xl/sharedStrings.xml", format!("<sst xmlns=\"{MAIN}\">{texts}</sst>"));
    for (index, (_, body)) in sheets.iter().enumerate() {
        put(
            &format!("xl/worksheets/sheet{}.xml", of(index)),
            format!("<worksheet xmlns=\"{MAIN}\">{body}</worksheet>"),
        );
    }
    archive.finish().unwrap().into_inner()
}

/// A sheet of these rows; a cell that begins with `<` is XML after `<c r="..`, others are text.
fn sheet(rows: &[(u32, &[&str])], after: &str) -> String {
    let cell = |row: u32, column: usize, cell: &str| {
        let place = format!("{}{row}", column_name(column as u32 + 1));
        match cell.strip_prefix('<') {
            Some(rest) => format!("<c r=\"{place}\" {rest}</c>"),
            None if cell.is_empty() => String::new(),
            None => format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>"),
        }
    };
    let rows = rows.iter().map(|(number, cells)| {
        let cells = cells.iter().enumerate().map(|(i, text)| cell(*number, i, text));
        format!("<row r=\"{number}\">{}</row>", cells.collect::<String>())
    });
    format!("<sheetData>{}</sheetData>{after}", rows.collect::<String>())
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    fn open(
        &self,
        bytes: &[u8],
        with: impl FnOnce(&mut XlsxOptions),
    ) -> Result<Source, ExtractError> {
        let path = self.0.path().join("book.xlsx");
        fs::write(&path, bytes).unwrap();
        let path = Paths(vec![Spanned::new(path.display().to_string(), Default::default())]);
        let mut options = XlsxOptions { path, sheet: None, header_row: None };
        with(&mut options);
        Source::open(&ExtractOptions::Xlsx(options), None)
    }
}

fn named(name: &str) -> Option<Spanned<SheetChoice>> {
    Some(Spanned::new(SheetChoice::Name(name.into()), Default::default()))
}

fn told(source: &Source) -> Vec<(u64, String, String)> {
    let tell = |row: Read| {
        let fields = row.fields.iter().map(|field| field.as_deref().unwrap_or("-"));
        let fields = fields.collect::<Vec<_>>().join("|");
        (row.origin.line, fields, row.reason.unwrap_or_default())
    };
    rows(source).into_iter().map(tell).collect()
}

fn why(result: Result<Source, ExtractError>) -> String {
    let error = result.expect_err("an error");
    assert!(!error.hint().is_empty(), "{error} has no way out");
    let text = format!("{error}; {}", error.hint());
    text.split_once("book.xlsx` ").map_or(text.clone(), |(_, rest)| rest.to_owned())
}

#[test]
fn cells_are_read_as_text_and_errors_reject_their_row() {
    let rows: &[(u32, &[&str])] = &[
        (1, &["id", "<t=\"s\"><v>0</v>", "when", "amount", "vip", "sum"]),
        (
            2,
            &[
                "<t=\"s\"><v>1</v>",
                "Zoë",
                "<s=\"1\"><v>46349</v>",
                "<><v>5</v>",
                "<t=\"b\"><v>1</v>",
                "<><f>D2*2</f><v>10</v>",
            ],
        ),
        (
            3,
            &[
                "<><v>42</v>",
                "",
                "<s=\"2\"><v>46349.604166666664</v>",
                "<><v>0.28999999999999998</v>",
                "<t=\"b\"><v>0</v>",
                "<t=\"str\"><f>B3&amp;\"\"</f><v></v>",
            ],
        ),
        (
            5,
            &[
                "7",
                "",
                "23.11.2026",
                "<s=\"3\"><v>1.0868055555555556</v>",
                "",
                "<t=\"e\"><f>1/0</f><v>#DIV/0!</v>",
            ],
        ),
        (6, &["8", "", "", "", "", "<><f>D6</f>"]),
        (7, &["9", "x", "", "", "", "", "", "stray"]),
        (8, &["<s=\"1\">", "", "", ""]),
        (9, &["10", "<t=\"e\"><v>#SPILL!</v>"]),
        (10, &["11", "y"]),
    ];
    let bytes = workbook(&[("People", &sheet(rows, ""))], &["full name", "007"]);
    let folder = Folder::new();
    let source = folder.open(&bytes, |_| {}).unwrap();
    let names: Vec<_> = source.schema().fields().iter().map(|f| f.name().clone()).collect();
    assert_eq!(names, ["id", "full name", "when", "amount", "vip", "sum"]);
    let told = told(&source);
    let good: Vec<_> = told.iter().filter(|row| row.2.is_empty()).collect();
    assert_eq!(
        good.iter().map(|row| (row.0, &*row.1)).collect::<Vec<_>>(),
        [(2, "007|Zoë|2026-11-23|5|true|10"), (3, "42|-|2026-11-23T14:30:00|0.29|false|-"),]
    );
    let bad: Vec<_> = told.iter().filter(|row| !row.2.is_empty()).collect();
    assert_eq!(bad[0].1, "7|-|23.11.2026|26:05:00|-|-");
    assert_eq!(bad[0].2, "`sum`: the cell holds #DIV/0!");
    assert!(
        bad[1].2.starts_with("`sum`: its formula has no result stored with it"),
        "{}",
        bad[1].2
    );
    assert_eq!(bad[2].2, "column H: `stray` stands where the header names no column");
    // Which of both rows an error of no name belongs to is not known: neither is sent.
    assert_eq!((bad[3].0, bad[4].0, bad.len()), (9, 10, 5));
    keeps_its_promises(&source);
}

#[test]
fn a_header_may_stand_anywhere_and_have_gaps_and_repetitions() {
    let rows: &[(u32, &[&str])] = &[
        (2, &["", "Report of 2026"]),
        (4, &["", "id", "", "id", "name"]),
        (5, &["", "1", "2", "3", "4"]),
    ];
    let bytes = workbook(&[("One", &sheet(rows, ""))], &[]);
    let folder = Folder::new();
    let source =
        folder.open(&bytes, |o| o.header_row = Some(Spanned::new(4, Default::default()))).unwrap();
    let names: Vec<_> = source.schema().fields().iter().map(|f| f.name().clone()).collect();
    assert_eq!(names, ["id", "column_2", "id_2", "name"]);
    assert_eq!(source.warnings().len(), 2, "{:?}", source.warnings());
    assert_eq!(told(&source), [(5, "1|2|3|4".into(), String::new())]);
    keeps_its_promises(&source);
    let error =
        why(folder.open(&bytes, |o| o.header_row = Some(Spanned::new(3, Default::default()))));
    assert!(error.contains("row 3 of the sheet `One` is empty"), "{error}");
}

#[test]
fn a_merged_header_is_an_error_with_the_way_out_and_merged_rows_are_told() {
    let rows: &[(u32, &[&str])] = &[
        (1, &["id", "phone"]),
        (2, &["", "home", "mobile"]),
        (3, &["1", "555", "556"]),
        (4, &["", "557", "558"]),
    ];
    let merged = |ranges: &[&str]| {
        let ranges = ranges.iter().map(|range| format!("<mergeCell ref=\"{range}\"/>"));
        format!("<mergeCells>{}</mergeCells>", ranges.collect::<String>())
    };
    let folder = Folder::new();
    let bytes = workbook(&[("One", &sheet(rows, &merged(&["A1:A2", "B1:C1", "A3:A4"])))], &[]);
    let error = why(folder.open(&bytes, |_| {}));
    assert!(
        error
            .contains("the header of the sheet `One` has merged cells: `A1:A2` (`id`) is one cell"),
        "{error}"
    );
    assert!(error.contains("set `header_row: 2`"), "{error}");
    let source =
        folder.open(&bytes, |o| o.header_row = Some(Spanned::new(2, Default::default()))).unwrap();
    assert_eq!(told(&source)[0], (3, "1|555|556".into(), String::new()));
    let names: Vec<_> = source.schema().fields().iter().map(|f| f.name().clone()).collect();
    assert_eq!(names, ["id", "home", "mobile"]);
    assert!(source.warnings()[0].contains("merged cells (`A3:A4`)"), "{:?}", source.warnings());
    let bytes = workbook(&[("One", &sheet(rows, &merged(&["B1:C1"])))], &[]);
    let error = why(folder.open(&bytes, |_| {}));
    assert!(
        error.contains("`B1:C1` (`phone`) is one cell") && error.contains("unmerge it"),
        "{error}"
    );
}

#[test]
fn a_sheet_is_chosen_by_name_or_number_and_an_empty_one_is_told() {
    let one = sheet(&[(1, &["a"]), (2, &["1"])], "");
    let two = sheet(&[(1, &["b"]), (2, &["2"])], "");
    let bytes = workbook(&[("Empty", &sheet(&[], "")), ("One", &one), ("Two", &two)], &[]);
    let folder = Folder::new();
    let source = folder.open(&bytes, |_| {}).unwrap();
    assert_eq!(source.schema().field(0).name(), "a");
    assert!(source.warnings()[0].contains("the sheet `One` of "), "{:?}", source.warnings());
    let source = folder.open(&bytes, |o| o.sheet = named("Two")).unwrap();
    assert_eq!((source.schema().field(0).name().as_str(), source.warnings().len()), ("b", 0));
    let third = Some(Spanned::new(SheetChoice::Number(3), Default::default()));
    assert_eq!(folder.open(&bytes, |o| o.sheet = third).unwrap().schema().field(0).name(), "b");
    let error = why(folder.open(&bytes, |o| o.sheet = named("Empty")));
    assert!(error.contains("the sheet `Empty` is empty"), "{error}");
    let error = why(folder.open(&bytes, |o| o.sheet = named("Three")));
    assert!(
        error.ends_with("it has no sheet `Three`; its sheets are: `Empty`, `One`, `Two`"),
        "{error}"
    );
    let error = why(folder.open(&workbook(&[("E", &sheet(&[], ""))], &[]), |_| {}));
    assert!(error.contains("no sheet of it holds a cell"), "{error}");
}

#[test]
fn what_is_no_workbook_is_told() {
    let folder = Folder::new();
    for (bytes, part) in [
        (&b"a,b\n1,2\n"[..], "it is no .xlsx file"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "a workbook of the old kind (.xls)"),
        (b"PK\x03\x04nonsense", "its archive is damaged"),
        (b"", "it is no .xlsx file"),
    ] {
        let error = why(folder.open(bytes, |_| {}));
        assert!(error.contains(part), "{error}");
    }
}
