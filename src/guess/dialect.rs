//! How a delimited file is written, told from its beginning.

use std::{io::Read, path::Path};

use super::GuessError;
use crate::files::{FileError, InputFile};

/// Bytes of the file's text that are looked at for the delimiter.
const HEAD: usize = 256 << 10;

/// Bytes that are looked at for the encoding: the first umlaut may stand far down.
const FOR_ENCODING: usize = 16 << 20;

/// Records that are compared.
const RECORDS: usize = 500;

/// What stands between fields; the earlier is preferred.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// What stands around them.
const QUOTES: [u8; 2] = [b'"', b'\''];

/// How a delimited file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    pub delimiter: u8,
    pub quote: u8,
    /// Its WHATWG label.
    pub encoding: &'static str,
    pub header: bool,
    /// Records that have another number of fields than the first.
    pub odd_records: usize,
    /// Records that were looked at.
    pub records: usize,
}

impl Dialect {
    /// Looks at the beginning of a file.
    ///
    /// # Errors
    /// It cannot be read, or is no text that could be.
    pub fn of(path: &Path) -> Result<Dialect, GuessError> {
        let mut text = Vec::new();
        let mut file = InputFile::open(path)?;
        let read = file.by_ref().take(FOR_ENCODING as u64).read_to_end(&mut text);
        read.map_err(|error| GuessError::Files(FileError::from_io(path, "read", error)))?;
        if let Some(kind) = no_text(&text) {
            return Err(GuessError::Unknown {
                what: format!("`{}` is {kind}", path.display()),
                hint: match kind.contains("UTF-16") {
                    true => "store it as UTF-8 first, for example by \
                             `iconv -f UTF-16 -t UTF-8`"
                        .into(),
                    false => "give a delimited text file".into(),
                },
            });
        }
        Ok(Self::of_text(&text))
    }

    /// The dialect of a text.
    pub fn of_text(text: &[u8]) -> Dialect {
        let encoding = encoding(text);
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let cut = text.len() > HEAD;
        let head = &text[..text.len().min(HEAD)];
        let mut best: Option<(f64, Dialect)> = None;
        for quote in QUOTES {
            for delimiter in DELIMITERS {
                let (score, counted) = score(head, delimiter, quote, cut);
                if best.as_ref().is_none_or(|(most, _)| score > *most + 1e-9) {
                    best = Some((score, Dialect { encoding, ..counted }));
                }
            }
        }
        best.map(|(_, dialect)| dialect).unwrap_or(Dialect {
            delimiter: b',',
            quote: b'"',
            encoding,
            header: true,
            odd_records: 0,
            records: 0,
        })
    }

    /// The keys that differ from the defaults, as they stand after `path`.
    pub fn keys(&self) -> String {
        let mut keys = String::new();
        match self.delimiter {
            b',' => {}
            b'\t' => keys.push_str(r#", delimiter: "\t""#),
            other => keys.push_str(&format!(", delimiter: \"{}\"", other as char)),
        }
        if self.quote != b'"' {
            keys.push_str(&format!(", quote: \"{}\"", self.quote as char));
        }
        if self.encoding != "utf-8" {
            keys.push_str(&format!(", encoding: {}", self.encoding));
        }
        if !self.header {
            keys.push_str(", header: false");
        }
        keys
    }

    /// What the user should know about it, as comments.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.encoding != "utf-8" {
            notes.push(
                "# Not UTF-8, so probably windows-1252: look at names with accents in the preview."
                    .to_owned(),
            );
        }
        if !self.header {
            notes.push(
                "# The first row looks like values, not like names: the columns are column_1, .."
                    .to_owned(),
            );
        }
        if self.odd_records > 0 {
            notes.push(format!(
                "# {} of the first {} records have another number of fields than the first one: \
                 they are rejected.",
                self.odd_records, self.records
            ));
        }
        notes
    }
}

/// What bytes are that cannot be a delimited text.
fn no_text(text: &[u8]) -> Option<&'static str> {
    match text {
        [] => Some("empty"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("text in UTF-16, which is not read"),
        [b'P', b'K', 3, 4, ..] => Some("a ZIP archive or a workbook, not delimited text"),
        _ => {
            let head = &text[..text.len().min(4096)];
            memchr::memchr(0, head).map(|_| "no text: it has zero bytes")
        }
    }
}

/// `utf-8` where all bytes are that; else the encoding that most other files are in.
fn encoding(text: &[u8]) -> &'static str {
    match std::str::from_utf8(text) {
        Ok(_) => "utf-8",
        // The last character may be cut where the reading ended.
        Err(error) if error.error_len().is_none() && text.len() >= FOR_ENCODING => "utf-8",
        Err(_) => "windows-1252",
    }
}

/// How well a text falls into records of the same number of fields.
fn score(head: &[u8], delimiter: u8, quote: u8, cut: bool) -> (f64, Dialect) {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .quote(quote)
        .has_headers(false)
        .flexible(true)
        .from_reader(head);
    let mut records: Vec<csv::ByteRecord> =
        reader.byte_records().take(RECORDS).map_while(Result::ok).collect();
    if cut && records.len() < RECORDS {
        records.pop();
    }
    let fields = records.first().map_or(0, csv::ByteRecord::len);
    let odd = records.iter().filter(|record| record.len() != fields).count();
    let share = 1.0 - odd as f64 / records.len().max(1) as f64;
    // Quotes that are left at both ends of fields belong to another dialect.
    let left: usize = records
        .iter()
        .take(50)
        .flat_map(|record| record.iter())
        .filter(|field| quoted_still(field))
        .count();
    let total: usize = records.iter().take(50).map(csv::ByteRecord::len).sum();
    let unquoted = 1.0 - left as f64 / total.max(1) as f64;
    let width = if fields > 1 { 1.0 + (fields as f64).ln() } else { 0.2 };
    let score = share * share * width * unquoted;
    let header = records.first().is_none_or(|first| names_columns(first, &records[1..]));
    let dialect = Dialect {
        delimiter,
        quote,
        encoding: "utf-8",
        header,
        odd_records: odd,
        records: records.len(),
    };
    (score, dialect)
}

fn quoted_still(field: &[u8]) -> bool {
    let trimmed = field.trim_ascii();
    QUOTES.iter().any(|quote| {
        trimmed.len() >= 2 && trimmed.first() == Some(quote) && trimmed.last() == Some(quote)
    })
}

/// Whether a record reads like names of columns: nothing in it looks like a value.
fn names_columns(first: &csv::ByteRecord, others: &[csv::ByteRecord]) -> bool {
    let is_value = |field: &[u8]| {
        let text = String::from_utf8_lossy(field);
        let text = text.trim();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let email = text.contains('@') && text.contains('.') && !text.contains(' ');
        email || (digits > 0 && digits * 2 >= text.chars().count())
    };
    // A header of numbers, such as years, still is one if the rows below differ in kind.
    let values = first.iter().filter(|field| is_value(field)).count();
    let twice = others.iter().take(20).any(|other| {
        !first.is_empty() && first.iter().eq(other.iter()) && first.iter().any(|f| !f.is_empty())
    });
    values == 0 || twice || (values * 3 < first.len() && !first.iter().any(|f| f.contains(&b'@')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &[u8]) -> String {
        let dialect = Dialect::of_text(text);
        format!("{}{}", dialect.keys(), dialect.notes().join(" | "))
    }

    #[test]
    fn the_usual_dialects_are_told_apart() {
        assert_eq!(told(b"a,b\n1,2\n3,4\n"), "");
        assert_eq!(told(b"name;town\nAnn;\"Bath, Avon\"\nBob;Bath\n"), r#", delimiter: ";""#);
        assert_eq!(told(b"name\ttown\nAnn\tx\n"), r#", delimiter: "\t""#);
        assert_eq!(told(b"name|town\nAnn|x, y\n"), r#", delimiter: "|""#);
        assert_eq!(told(b"name,town\n'Ann','x, y'\n'Bob','z'\n"), r#", quote: "'""#);
        assert_eq!(told("\u{feff}name,town\nZoë,x\n".as_bytes()), "");
    }

    #[test]
    fn prices_with_commas_do_not_make_a_comma_the_delimiter() {
        let text = b"article;price;town\nbolt;1,50;Bath\nnut;0,75;Ulm\nscrew;12,00;Rom\n";
        assert_eq!(told(text), r#", delimiter: ";""#);
    }

    #[test]
    fn bytes_that_are_no_utf8_are_told() {
        let told = told(b"name;town\nJos\xe9;M\xfcnchen\n");
        assert!(told.contains("encoding: windows-1252"), "{told}");
        assert!(told.contains("look at names with accents"), "{told}");
    }

    #[test]
    fn a_first_row_of_values_is_no_header() {
        let told = told(b"Ann,ann@example.com,+1 555 0100\nBob,bob@example.com,+1 555 0101\n");
        assert!(told.starts_with(", header: false"), "{told}");
    }

    #[test]
    fn a_footer_does_not_change_the_dialect() {
        let mut text = String::from("\"a\",\"b\",\"c\"\n");
        (0..40).for_each(|n| text.push_str(&format!("\"{n}\",\"x, y\",\"it's\"\n")));
        text.push_str("\"Copyright (c) 2026\"\n");
        let dialect = Dialect::of_text(text.as_bytes());
        assert_eq!((dialect.delimiter, dialect.quote, dialect.odd_records), (b',', b'"', 1));
    }

    #[test]
    fn a_file_of_one_column_is_read_as_one() {
        let dialect = Dialect::of_text(b"customer_id\n10001\n10002\n");
        assert_eq!((dialect.delimiter, dialect.header, dialect.odd_records), (b',', true, 0));
    }

    #[test]
    fn what_is_no_text_is_named() {
        assert!(no_text(b"\xff\xfea\0").unwrap().contains("UTF-16"));
        assert!(no_text(b"PK\x03\x04..").unwrap().contains("workbook"));
        assert!(no_text(b"a\0b").unwrap().contains("zero bytes"));
        assert_eq!(no_text(b"a,b\n"), None);
    }
}
