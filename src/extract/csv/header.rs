//! The first row of a file: the names of its columns.

use std::{collections::HashSet, path::Path};

use super::{
    columns::Columns,
    dialect::Dialect,
    records::{Fault, Next, Records},
};
use crate::{extract::ExtractError, files::InputFile};

/// More columns than a table has; beyond it the delimiter or the file is probably wrong.
pub const COLUMN_LIMIT: usize = 4096;

/// Bytes at the start of a file that are looked at to tell whether it is text.
const LOOK: usize = 8 << 10;

/// Columns that a run adds at the end of `rejected.csv` and its like.
const ADDED_BY_A_RUN: &[&str] = &["_line", "_file", "_reason", "_status", "_message"];

const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";

/// The columns of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// All columns, named so that no two are alike.
    pub(super) names: Vec<String>,
    /// How many of them, from the first on, are rows' own.
    pub(super) own: usize,
    /// What had to be renamed.
    pub(super) warnings: Vec<String>,
}

/// Opens a file at its start, behind the byte order mark that it may have.
pub(super) fn open_text(path: &Path, dialect: &Dialect) -> Result<Records, ExtractError> {
    let mut records = Records::new(InputFile::open(path)?, 1, dialect);
    let first = records.ahead(LOOK)?;
    check_text(path, first)?;
    if first.starts_with(UTF_8_MARK) {
        if dialect.encoding != encoding_rs::UTF_8 {
            let encoding = dialect.encoding.name().to_ascii_lowercase();
            return Err(ExtractError::WrongEncoding { path: path.into(), encoding });
        }
        records.pass(UTF_8_MARK.len());
    }
    Ok(records)
}

/// The columns of a file, from its first row.
pub(super) fn read(path: &Path, dialect: &Dialect) -> Result<Header, ExtractError> {
    let mut records = open_text(path, dialect)?;
    let fields = first_row(path, &mut records)?;
    if fields.len() > COLUMN_LIMIT {
        let found = fields.len();
        return Err(ExtractError::TooManyColumns { path: path.into(), found, limit: COLUMN_LIMIT });
    }
    if !dialect.header {
        let names: Vec<_> = (1..=fields.len()).map(|number| format!("column_{number}")).collect();
        return Ok(Header { own: names.len(), names, warnings: Vec::new() });
    }
    let written = decode(path, &fields, dialect)?;
    check_delimiter(path, &written, dialect)?;
    let (names, warnings) = unique(&written);
    Ok(Header { own: names.len(), names, warnings })
}

impl Header {
    /// Takes the columns that a run added at the end for no columns of the rows.
    pub(super) fn without_added(mut self) -> Self {
        let added = self.names.iter().rev().take_while(|name| is_added(name)).count();
        self.own = self.names.len() - added;
        self
    }
}

/// Whether a file was left by a run, as `rejected.csv`: its header ends with the run's columns.
pub(in crate::extract) fn is_of_a_run(path: &Path) -> Result<bool, ExtractError> {
    let dialect = Dialect::of_results();
    // A file in another encoding is none, and is read, and complained of, as the options say.
    let header = match read(path, &dialect) {
        Err(ExtractError::File(error)) => return Err(error.into()),
        other => other.ok().map(Header::without_added),
    };
    Ok(header.is_some_and(|header| {
        let added = &header.names[header.own..];
        ["_line", "_reason"].iter().all(|name| added.iter().any(|have| have == name))
    }))
}

fn is_added(name: &str) -> bool {
    ADDED_BY_A_RUN.contains(&name)
}

/// The raw fields of the first row.
fn first_row(path: &Path, records: &mut Records) -> Result<Vec<Vec<u8>>, ExtractError> {
    let mut columns = Columns::new(0, 1);
    match records.next(&mut columns)? {
        Next::Record { fields } => Ok(columns.current(fields).map(<[u8]>::to_vec).collect()),
        Next::End => Err(ExtractError::Empty { path: path.into() }),
        Next::Fault(fault) => {
            let why = match fault {
                Fault::StrayQuote => "a quote stands within a field that does not begin with one",
                Fault::TextAfterQuote => "text follows a closing quote",
                Fault::Unclosed => "a quote is never closed",
                Fault::TooLong => "it is longer than 1 MiB, or a quote is never closed",
            };
            Err(ExtractError::BadHeader { path: path.into(), why: why.into() })
        }
    }
}

fn decode(path: &Path, fields: &[Vec<u8>], dialect: &Dialect) -> Result<Vec<String>, ExtractError> {
    let decoded = fields.iter().enumerate().map(|(index, field)| {
        let text = dialect.encoding.decode_without_bom_handling_and_without_replacement(field);
        text.map(|text| text.into_owned()).ok_or_else(|| {
            let encoding = dialect.encoding.name().to_ascii_lowercase();
            let why = format!("column {} is not {encoding}; set `encoding`", index + 1);
            ExtractError::BadHeader { path: path.into(), why }
        })
    });
    decoded.collect()
}

/// UTF-16 and binary files, told apart by their first bytes.
fn check_text(path: &Path, first: &[u8]) -> Result<(), ExtractError> {
    let (what, hint) = if first.starts_with(b"\xff\xfe") || first.starts_with(b"\xfe\xff") {
        ("it is UTF-16, by its byte order mark", "store it as utf-8: `iconv -f UTF-16 -t UTF-8`")
    } else if first.starts_with(b"PK\x03\x04") {
        ("it is a ZIP archive, as spreadsheets are", "export the sheet as CSV (utf-8)")
    } else if first.contains(&0) {
        ("it holds NUL bytes", "store it as utf-8, if it is UTF-16; else export it again as CSV")
    } else {
        return Ok(());
    };
    Err(ExtractError::NotText { path: path.into(), what, hint })
}

/// One column, with what is a delimiter elsewhere in its name: the options are probably wrong.
fn check_delimiter(path: &Path, names: &[String], dialect: &Dialect) -> Result<(), ExtractError> {
    let ([only], false) = (names, dialect.delimiter_given) else { return Ok(()) };
    match only.chars().find(|c| [';', '\t', '|', ','].contains(c)) {
        Some(found) if found as u32 != u32::from(dialect.delimiter) => {
            let header = only.chars().take(80).collect();
            Err(ExtractError::WrongDelimiter { path: path.into(), header, found })
        }
        _ => Ok(()),
    }
}

/// Names of which no two are alike, and what was changed for it.
pub(in crate::extract) fn unique(written: &[String]) -> (Vec<String>, Vec<String>) {
    let mut taken: HashSet<String> = written.iter().cloned().collect();
    let mut seen = HashSet::new();
    let (mut names, mut warnings) = (Vec::new(), Vec::new());
    for (index, name) in written.iter().enumerate() {
        let blank = name.trim().is_empty();
        if !blank && seen.insert(name.as_str()) {
            names.push(name.clone());
            continue;
        }
        let new = if blank {
            free(&mut taken, format!("column_{}", index + 1))
        } else {
            free(&mut taken, format!("{name}_2"))
        };
        warnings.push(if blank {
            format!("column {} has no name in the header; it is called `{new}`", index + 1)
        } else {
            format!("the header names `{name}` again in column {}; it is called `{new}`", index + 1)
        });
        names.push(new);
    }
    (names, warnings)
}

/// The name that was asked for, or the next one that is not taken: `a_2`, `a_3`, ...
fn free(taken: &mut HashSet<String>, wanted: String) -> String {
    let stem = wanted.strip_suffix("_2").unwrap_or(&wanted).to_owned();
    let mut number = 2;
    let mut name = wanted;
    while !taken.insert(name.clone()) {
        number += 1;
        name = format!("{stem}_{number}");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(written: &[&str]) -> (Vec<String>, Vec<String>) {
        unique(&written.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn names_that_come_again_are_numbered() {
        let (unique, warnings) = names(&["a", "b", "a", "a"]);
        assert_eq!(unique, ["a", "b", "a_2", "a_3"]);
        assert_eq!(warnings[0], "the header names `a` again in column 3; it is called `a_2`");
        assert_eq!(names(&["a", "a", "a_2"]).0, ["a", "a_3", "a_2"]);
        assert_eq!(names(&["a_2", "a_2"]).0, ["a_2", "a_2_2"]);
    }

    #[test]
    fn columns_without_a_name_get_their_number() {
        let (unique, warnings) = names(&["", "column_3", " "]);
        assert_eq!(unique, ["column_1", "column_3", "column_3_3"]);
        assert_eq!(warnings.len(), 2);
        assert_eq!(warnings[0], "column 1 has no name in the header; it is called `column_1`");
    }

    #[test]
    fn what_a_run_added_is_left_out_at_the_end_only() {
        let own = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            Header { own: names.len(), names, warnings: Vec::new() }.without_added().own
        };
        assert_eq!(own(&["id", "_line", "_file", "_reason", "_status", "_message"]), 1);
        assert_eq!(own(&["_line", "id", "_line", "_reason"]), 2);
        assert_eq!(own(&["id"]), 1);
    }
}
