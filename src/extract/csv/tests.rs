//! One test for each way in which a file can be other than it should.

use std::{fs, io::Write, path::PathBuf};

use super::*;
use crate::{
    extract::{
        CHUNK_ROWS, ExtractOptions, Source,
        conformance::{Read, chunks, keeps_its_promises, rows, rows_from, rows_of},
    },
    files::Remedy,
    yaml::Spanned,
};

/// A folder of files to read.
pub(super) struct Folder(tempfile::TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(super) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }

    /// Writes a file and opens it, with the options as `with` sets them.
    pub(super) fn open(
        &self,
        bytes: impl AsRef<[u8]>,
        with: impl FnOnce(&mut CsvOptions),
    ) -> Result<Source, ExtractError> {
        let path = self.put("input.csv", bytes);
        let mut options = CsvOptions::at(&[&path]);
        with(&mut options);
        Source::open(&ExtractOptions::Csv(options), None)
    }
}

pub(super) fn set(option: &mut Option<Spanned<String>>, value: &str) {
    *option = Some(Spanned::new(value.to_owned(), Default::default()));
}

fn read_text(bytes: impl AsRef<[u8]>) -> Vec<Read> {
    rows(&Folder::new().open(bytes, |_| {}).unwrap())
}

/// (line, fields joined by `|`, reason) of each row; `-` is no value.
fn told(bytes: impl AsRef<[u8]>) -> Vec<(u64, String, String)> {
    read_text(bytes).into_iter().map(tell).collect()
}

fn tell(row: Read) -> (u64, String, String) {
    let fields = row.fields.iter().map(|field| field.as_deref().unwrap_or("-"));
    let joined = fields.collect::<Vec<_>>().join("|");
    (row.origin.line, joined, row.reason.unwrap_or_default())
}

fn ok(line: u64, fields: &str) -> (u64, String, String) {
    (line, fields.into(), String::new())
}

fn bad(line: u64, fields: &str, reason: &str) -> (u64, String, String) {
    (line, fields.into(), reason.into())
}

fn error_of(result: Result<Source, ExtractError>) -> ExtractError {
    let error = result.expect_err("an error");
    assert!(!error.hint().is_empty(), "{error} has no way out");
    error
}

#[test]
fn fields_line_ends_and_quotes_are_read_as_rfc_4180_says() {
    let text = "a,b\r\n1,two words\r\n\"3,4\",\"say \"\"hi\"\"\"\n,\"\"\r5,6";
    assert_eq!(
        told(text),
        [ok(2, "1|two words"), ok(3, "3,4|say \"hi\""), ok(4, "-|-"), ok(5, "5|6")]
    );
}

#[test]
fn lines_are_right_after_quoted_newlines_and_blank_lines() {
    let text = "\n\na,b\n1,\"x\ny\r\nz\"\n\n\r\n2,y\n\"a\rb\",3\n4,z\n";
    assert_eq!(told(text), [ok(4, "1|x\ny\r\nz"), ok(9, "2|y"), ok(10, "a\rb|3"), ok(12, "4|z")]);
}

#[test]
fn origins_are_the_byte_ranges_of_the_rows() {
    let text = "\u{feff}a,b\r\n1,\"x\r\ny\"\r\n\r\n2,bad,row\r\n3,é\r\n";
    let rows = read_text(text);
    let cut: Vec<&str> = rows
        .iter()
        .map(|row| {
            let start = row.origin.start as usize;
            &text[start..start + row.origin.length as usize]
        })
        .collect();
    assert_eq!(cut, ["1,\"x\r\ny\"\r\n", "2,bad,row\r\n", "3,é\r\n"]);
    assert_eq!(rows.iter().map(|row| row.origin.ordinal).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(rows[0].fields, [Some("1".into()), Some("x\r\ny".into())]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_name_nor_of_the_first_field() {
    let folder = Folder::new();
    let source = folder.open("\u{feff}id,name\n\u{feff}1,x\n", |_| {}).unwrap();
    assert_eq!(source.schema().field(0).name(), "id");
    assert_eq!(rows(&source)[0].fields[0].as_deref(), Some("\u{feff}1"));
    let source = folder.open("\u{feff}1,x\n", |options| options.header = false).unwrap();
    assert_eq!(rows(&source)[0].fields[0].as_deref(), Some("1"));
    // A quoted first name behind the mark is quoted still.
    let source = folder.open("\u{feff}\"i,d\",b\n", |_| {}).unwrap();
    assert_eq!(source.schema().field(0).name(), "i,d");
}

#[test]
fn a_row_with_more_fields_names_them_and_the_next_row_is_right() {
    assert_eq!(
        told("a,b\n1,2,x,\"y,z\"\n3,4\n"),
        [bad(2, "1|2", "the row has 4 fields, the header 2 (extra: `x`, `y,z`)"), ok(3, "3|4")]
    );
}

#[test]
fn a_row_with_fewer_fields_names_what_is_missing() {
    assert_eq!(
        told("a,b,c\n1\n2,3,4\n"),
        [bad(2, "1|-|-", "the row has 1 field, the header 3 (missing: `b`, `c`)"), ok(3, "2|3|4")]
    );
}

#[test]
fn a_quote_within_a_field_rejects_its_line_only() {
    assert_eq!(
        told("a,b\n6\" pipe,x\n1,5'\"\n2,y\n"),
        [
            bad(2, "6\" pipe|x", "`a`: a quote stands within a field that does not begin with one"),
            bad(3, "1|5'\"", "`b`: a quote stands within a field that does not begin with one"),
            ok(4, "2|y"),
        ]
    );
}

#[test]
fn text_after_a_closing_quote_rejects_the_line_only() {
    assert_eq!(
        told("a,b\n\"x\"y,1\n\"x\" ,1\n\"x\"y\"z\",1\n2,y\n"),
        [
            bad(2, "\"x\"y,1|-", "`a`: text follows the closing quote"),
            bad(3, "\"x\" ,1|-", "`a`: text follows the closing quote"),
            bad(4, "\"x\"y\"z\",1|-", "`a`: text follows the closing quote"),
            ok(5, "2|y"),
        ]
    );
}

#[test]
fn a_quote_that_closes_wrongly_on_a_later_line_rejects_the_line_that_opened_it() {
    assert_eq!(
        told("a,b\n1,\"open\n2,x\n3,\"y\"\n4,z\n"),
        [
            bad(2, "1|\"open", "`b`: text follows the quote that closes it, on line 4"),
            ok(3, "2|x"),
            ok(4, "3|y"),
            ok(5, "4|z"),
        ]
    );
    assert_eq!(
        told("a,b\n\"1\n\",x\"y,\"z\"\n4,z\n")[0],
        bad(
            2,
            "\"1|-",
            "`a`: the quote that opens it is closed on line 3, where another quote stands within \
             a field"
        )
    );
}

#[test]
fn an_unclosed_quote_rejects_its_line_and_the_lines_after_it_are_rows() {
    assert_eq!(
        told("a,b\n1,\"open\n2,x\n3,y"),
        [
            bad(2, "1|\"open", "`b`: the quote that opens it is never closed"),
            ok(3, "2|x"),
            ok(4, "3|y"),
        ]
    );
    assert_eq!(told("a,b\n1,\""), [bad(2, "1|\"", "`b`: the quote that opens it is never closed")]);
}

#[test]
fn an_unclosed_quote_is_given_up_at_the_row_limit() {
    let mut text = String::from("a,b\n1,\"open\n");
    (0..60_000).for_each(|n| text.push_str(&format!("{n},some text to fill the line\n")));
    let rows = told(&text);
    assert_eq!(rows.len(), 60_001);
    let reason = "`b`: the quote that opens it is not closed within 1048576 bytes";
    assert_eq!(rows[0], bad(2, "1|\"open", reason));
    assert_eq!(rows[60_000], ok(60_002, "59999|some text to fill the line"));
}

#[test]
fn a_line_that_is_too_long_is_cut_and_the_next_row_is_right() {
    for (length, fits) in [(ROW_LIMIT - 3, true), (ROW_LIMIT - 2, false), (5 << 20, false)] {
        let text = format!("a,b\n1,{}\n2,y\n", "x".repeat(length));
        let rows = read_text(&text);
        assert_eq!(rows.len(), 2, "{length}");
        assert_eq!(rows[0].reason.is_none(), fits, "{length}");
        assert_eq!(rows[0].origin.length as usize, length + 3, "{length}");
        if !fits {
            let kept = rows[0].fields[1].as_ref().unwrap().len();
            assert_eq!(kept, 998);
            let reason = "the line is longer than 1048576 bytes; its first 1000 are kept";
            assert_eq!(rows[0].reason.as_deref(), Some(reason));
        }
        assert_eq!(tell(rows[1].clone()), ok(3, "2|y"));
    }
}

#[test]
fn undecodable_bytes_reject_their_row_only() {
    assert_eq!(
        told(b"a,b\nRen\xe9,1\n\xc3\xa9,2\nx,\xff\n"),
        [
            bad(2, "Ren\u{fffd}|1", "`a`: byte 0xE9 is not utf-8 (after `Ren`)"),
            ok(3, "é|2"),
            bad(4, "x|\u{fffd}", "`b`: byte 0xFF is not utf-8 (after ``)"),
        ]
    );
}

#[test]
fn a_character_that_is_cut_by_a_delimiter_is_no_character() {
    let rows = told(b"a,b\n1,\xc3\n\xa9,2\n3,4\n");
    assert_eq!(rows[0].2, "`b`: byte 0xC3 is not utf-8 (after ``)");
    assert_eq!(rows[1].2, "`a`: byte 0xA9 is not utf-8 (after ``)");
    assert_eq!(rows[2], ok(4, "3|4"));
    // Within one column the two halves would make a character.
    let rows = told(b"a\n\xc3\n\xa9\n");
    assert!(rows.iter().all(|row| !row.2.is_empty()), "{rows:?}");
}

#[test]
fn a_nul_byte_rejects_its_row_only() {
    let filler = "1,2\n".repeat(3000); // the start of a file with a NUL is taken for binary
    let rows = told(format!("a,b\n{filler}x\0y,1\n5,6\n"));
    assert_eq!(rows[3000], bad(3002, "x\0y|1", "`a`: a NUL byte (after `x`)"));
    assert_eq!(rows[3001], ok(3003, "5|6"));
}

#[test]
fn other_encodings_are_decoded() {
    let folder = Folder::new();
    for (label, bytes, text) in [
        ("windows-1252", &b"a,b\nRen\xe9,\x80\n"[..], "René|€"),
        ("iso-8859-1", b"a,b\nRen\xe9,x\n", "René|x"),
        ("iso-8859-15", b"a,b\n\xa4,x\n", "€|x"),
        ("shift_jis", b"a,b\n\x83\x5c,\x83\x65\n", "ソ|テ"),
    ] {
        let source = folder.open(bytes, |o| set(&mut o.encoding, label)).unwrap();
        assert_eq!(tell(rows(&source)[0].clone()), ok(2, text), "{label}");
    }
    let source = folder.open(b"\xe9t\xe9,b\nx,y\n", |o| set(&mut o.encoding, "latin1")).unwrap();
    assert_eq!(source.schema().field(0).name(), "été");
    let source = folder.open(b"a,b\n1,\x81 \n2,z\n", |o| set(&mut o.encoding, "euc-kr")).unwrap();
    let rows: Vec<_> = rows(&source).into_iter().map(tell).collect();
    assert_eq!(rows[0].2, "`b`: byte 0x81 is not euc-kr (after ``)");
    assert_eq!(rows[1], ok(3, "2|z"));
}

#[test]
fn another_delimiter_and_quote_are_taken() {
    let folder = Folder::new();
    let source = folder
        .open("a;b\n'x;y';\"1\"\n", |options| {
            set(&mut options.delimiter, ";");
            set(&mut options.quote, "'");
        })
        .unwrap();
    assert_eq!(tell(rows(&source)[0].clone()), ok(2, "x;y|\"1\""));
}

#[test]
fn null_values_replace_the_empty_text() {
    let folder = Folder::new();
    let source = folder
        .open("a,b\nNULL,\n\\N,x\n", |options| {
            options.null_values = Some(vec!["NULL".into(), "\\N".into()]);
        })
        .unwrap();
    let rows: Vec<_> = rows(&source).into_iter().map(tell).collect();
    assert_eq!(rows, [ok(2, "-|"), ok(3, "-|x")]);
}

#[test]
fn without_a_header_columns_have_numbers() {
    let folder = Folder::new();
    let source = folder.open("1,2\n3\n5,6\n", |options| options.header = false).unwrap();
    assert_eq!(source.schema().field(1).name(), "column_2");
    let rows: Vec<_> = rows(&source).into_iter().map(tell).collect();
    let reason = "the row has 1 field, the first row 2 (missing: `column_2`)";
    assert_eq!(rows, [ok(1, "1|2"), bad(2, "3|-", reason), ok(3, "5|6")]);
}

#[test]
fn columns_that_had_to_be_renamed_are_told() {
    let source = Folder::new().open("a,,a\n1,2,3\n", |_| {}).unwrap();
    let schema = source.schema();
    let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, ["a", "column_2", "a_2"]);
    assert_eq!(source.warnings().len(), 2);
}

#[test]
fn a_header_alone_has_no_rows() {
    for text in ["a,b", "a,b\r\n", "a,b\n\n\n"] {
        assert!(told(text).is_empty(), "{text:?}");
    }
}

#[test]
fn gzip_and_zstd_and_globs_are_read_through() {
    let folder = Folder::new();
    let mut gzip = Vec::new();
    for part in ["id,name\n1,a\n2,", "b\n3,c\n"] {
        let mut member = flate2::write::GzEncoder::new(Vec::new(), Default::default());
        member.write_all(part.as_bytes()).unwrap();
        gzip.extend(member.finish().unwrap());
    }
    folder.put("1.csv.gz", &gzip);
    folder.put("2.csv.zst", zstd::encode_all(&b"id,name\n4,d\n"[..], 3).unwrap());
    folder.put("3.csv", "id,name\n5,e\nbad\n");
    let glob = folder.0.path().join("*.csv*").display().to_string();
    let source = Source::open(&ExtractOptions::Csv(CsvOptions::at(&[&glob])), None).unwrap();
    assert_eq!(source.files().len(), 3);
    let all = chunks(&source, Position::default(), CHUNK_ROWS);
    assert_eq!(all.len(), 3, "no chunk spans two files");
    assert_eq!(all[2].bytes_read, source.total_bytes());
    let rows: Vec<Read> = all.iter().flat_map(rows_of).collect();
    let ids: Vec<_> = rows.iter().map(|row| row.fields[0].clone().unwrap()).collect();
    assert_eq!(ids, ["1", "2", "3", "4", "5", "bad"]);
    let places: Vec<_> = rows.iter().map(|r| (r.origin.file, r.origin.line)).collect();
    assert_eq!(places, [(0, 2), (0, 3), (0, 4), (1, 2), (2, 2), (2, 3)]);
    keeps_its_promises(&source);
}

#[test]
fn a_row_that_is_gone_is_told_and_not_replaced_by_another() {
    let folder = Folder::new();
    let source = folder.open("a,b\n1,2\n3,4\n", |_| {}).unwrap();
    let origin = rows(&source)[1].origin;
    folder.put("input.csv", "a,b\n1,2\n3,45\n");
    let error = source.reread(&origin).unwrap_err();
    assert!(matches!(error, ExtractError::RowGone { start: 8, .. }), "{error}");
}

#[test]
fn a_rejected_csv_runs_again_without_the_columns_of_the_run() {
    let folder = Folder::new();
    let path = folder.put(
        "rejected.csv",
        "id,\"name, full\",_line,_file,_reason\n1,René,7,x.csv,\"`a`: bad; `b`: bad\"\n",
    );
    // The pipeline reads another dialect than the one results are written in.
    let mut options = CsvOptions::at(&["never/there.csv"]);
    set(&mut options.delimiter, ";");
    set(&mut options.encoding, "windows-1252");
    options.header = false;
    let files = [PathBuf::from(path)];
    let source = Source::open(&ExtractOptions::Csv(options.clone()), Some(&files)).unwrap();
    let schema = source.schema();
    let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, ["id", "name, full"]);
    assert_eq!(tell(rows(&source)[0].clone()), ok(2, "1|René"));
    // Any other file is read as the options say.
    let files = [PathBuf::from(folder.put("other.csv", b"1;Ren\xe9\n"))];
    let source = Source::open(&ExtractOptions::Csv(options), Some(&files)).unwrap();
    assert_eq!(tell(rows(&source)[0].clone()), ok(1, "1|René"));
}

#[test]
fn columns_called_like_the_runs_are_columns_where_the_pipeline_names_the_file() {
    let source = Folder::new().open("id,_line,_reason\n1,2,3\n", |_| {}).unwrap();
    assert_eq!(source.schema().fields().len(), 3);
}

#[test]
fn an_empty_file_has_no_header() {
    for text in ["", "\u{feff}", "\n\r\n"] {
        let error = error_of(Folder::new().open(text, |_| {}));
        assert!(matches!(error, ExtractError::Empty { .. }), "{text:?}: {error}");
        assert_eq!(error.remedy(), Remedy::MendFile);
    }
}

#[test]
fn what_is_no_text_is_told_at_once() {
    for (bytes, what) in [
        (&b"\xff\xfea\0,\0b\0\n\0"[..], "it is UTF-16, by its byte order mark"),
        (b"a\0,\0b\0\n\0", "it holds NUL bytes"),
        (b"PK\x03\x04\x14\0", "it is a ZIP archive, as spreadsheets are"),
    ] {
        let error = error_of(Folder::new().open(bytes, |_| {}));
        assert!(error.to_string().ends_with(what), "{error}");
    }
}

#[test]
fn a_mark_of_utf_8_contradicts_another_encoding() {
    let error =
        error_of(Folder::new().open("\u{feff}a,b\n", |o| set(&mut o.encoding, "windows-1252")));
    assert!(matches!(error, ExtractError::WrongEncoding { .. }), "{error}");
}

#[test]
fn a_header_that_another_delimiter_would_split_is_told() {
    for (text, hint) in [
        ("id;name;city\n", "delimiter: \";\""),
        ("id\tname\n", "delimiter: \"\\t\""),
        ("id|name\n", "delimiter: \"|\""),
    ] {
        let error = error_of(Folder::new().open(text, |_| {}));
        assert!(error.hint().contains(hint), "{error}: {}", error.hint());
    }
    // Whoever names the delimiter means it.
    assert!(Folder::new().open("id;name\n1\n", |o| set(&mut o.delimiter, ",")).is_ok());
}

#[test]
fn a_header_with_bad_quotes_or_bytes_is_told() {
    for (bytes, why) in [
        (&b"a,b\"c\n1,2\n"[..], "a quote stands within a field that does not begin with one"),
        (b"\"a\"b,c\n", "text follows a closing quote"),
        (b"\"a,b\n1,2\n", "a quote is never closed"),
        (b"a,\xe9\n", "column 2 is not utf-8; set `encoding`"),
    ] {
        let error = error_of(Folder::new().open(bytes, |_| {}));
        assert!(error.to_string().ends_with(why), "{error}");
    }
}

#[test]
fn too_many_columns_are_told() {
    let error = error_of(Folder::new().open(",".repeat(COLUMN_LIMIT), |_| {}));
    assert!(error.to_string().ends_with("has 4097 columns, the limit is 4096"), "{error}");
}

#[test]
fn files_of_other_columns_are_told_with_the_difference() {
    let folder = Folder::new();
    let first = folder.put("1.csv", "a,b\n");
    for (header, how) in [
        ("a\n", "it lacks `b`"),
        ("a,b,c\n", "it has also `c`"),
        ("b,a\n", "the same columns in another order"),
        ("a,c\n", "it lacks `b`, and has also `c`"),
    ] {
        let second = folder.put("2.csv", header);
        let options = ExtractOptions::Csv(CsvOptions::at(&[&first, &second]));
        let error = error_of(Source::open(&options, None));
        assert!(error.to_string().ends_with(how), "{error}");
    }
}

#[test]
fn a_missing_file_and_a_directory_are_told_with_their_path() {
    let folder = Folder::new();
    let open = |path: &str| Source::open(&ExtractOptions::Csv(CsvOptions::at(&[path])), None);
    let missing = folder.0.path().join("no.csv").display().to_string();
    let error = error_of(open(&missing));
    assert_eq!(error.to_string(), format!("there is no file `{missing}`"));
    let directory = folder.0.path().display().to_string();
    let error = error_of(open(&directory));
    assert_eq!(error.to_string(), format!("`{directory}` is a directory, not a file"));
    let error = error_of(open(&folder.0.path().join("*.csv").display().to_string()));
    assert!(error.to_string().starts_with("no file matches"), "{error}");
    let none = Source::open(&ExtractOptions::Csv(CsvOptions::at(&[])), None).err().unwrap();
    assert_eq!(none.to_string(), "`path` names no file");
}

#[test]
fn a_file_cut_before_the_place_to_go_on_is_told() {
    let folder = Folder::new();
    let source = folder.open("a,b\n1,2\n", |_| {}).unwrap();
    let from = Position { file: 0, byte: 100, line: 9, ordinal: 7 };
    let error = source.rows(from, 10).unwrap().next_chunk().unwrap_err();
    assert!(error.to_string().contains("ends before byte 100"), "{error}");
    drop(folder);
    let error = source.rows(Position::default(), 10).unwrap().next_chunk().unwrap_err();
    assert!(error.to_string().starts_with("there is no file"), "{error}");
}

#[test]
fn an_appended_file_goes_on_after_its_last_row() {
    let folder = Folder::new();
    let source = folder.open("a,b\n1,2\n", |_| {}).unwrap();
    let end = chunks(&source, Position::default(), 10).last().unwrap().end;
    assert_eq!(end, Position { file: 0, byte: 8, line: 3, ordinal: 1 });
    let grown = folder.open("a,b\n1,2\n3,4\n", |_| {}).unwrap();
    let rest = rows_from(&grown, end, 10);
    assert_eq!(rest.len(), 1);
    assert_eq!((rest[0].origin.line, rest[0].origin.ordinal), (3, 1));
}

#[test]
fn a_chunk_ends_before_it_grows_large() {
    let folder = Folder::new();
    let row = format!("1,{}\n", "x".repeat(100_000));
    let source = folder.open(format!("a,b\n{}", row.repeat(100)), |_| {}).unwrap();
    let all = chunks(&source, Position::default(), CHUNK_ROWS);
    assert_eq!(all.iter().map(|chunk| chunk.rows.origins.len()).sum::<usize>(), 100);
    assert!(all.iter().all(|chunk| chunk.rows.columns.get_array_memory_size() < 12 << 20));
    assert_eq!(all.len(), 3);
}
