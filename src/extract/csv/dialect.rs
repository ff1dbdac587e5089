//! How a delimited file is written: the options, checked.

use encoding_rs::{Encoding, UTF_8};

use super::CsvOptions;
use crate::{diagnostic::Diagnostic, yaml::Spanned};

/// How a delimited file is written.
#[derive(Clone, Debug)]
pub struct Dialect {
    /// Between fields.
    pub delimiter: u8,
    /// Whether the options name the delimiter.
    pub delimiter_given: bool,
    /// Around fields.
    pub quote: u8,
    /// Of the bytes between them; always one that contains ASCII.
    pub encoding: &'static Encoding,
    /// Whether the first row of each file names the columns.
    pub header: bool,
    /// Texts that stand for no value.
    pub null_values: Vec<String>,
}

impl Dialect {
    /// The dialect of the files that a run leaves: `rejected.csv` and its like.
    pub fn of_results() -> Self {
        Dialect {
            delimiter: b',',
            delimiter_given: true,
            quote: b'"',
            encoding: UTF_8,
            header: true,
            null_values: vec![String::new()],
        }
    }

    /// The dialect that options describe, or all that is wrong with them.
    pub fn of(options: &CsvOptions) -> Result<Self, Vec<Diagnostic>> {
        let mut wrong = Vec::new();
        let delimiter = one_byte("delimiter", options.delimiter.as_ref(), b',', &mut wrong);
        let quote = one_byte("quote", options.quote.as_ref(), b'"', &mut wrong);
        let encoding = encoding(options.encoding.as_ref(), &mut wrong);
        if let Some(given) = options.delimiter.as_ref().or(options.quote.as_ref()) {
            if delimiter == quote && wrong.is_empty() {
                wrong.push(Diagnostic::new(given.span, "`delimiter` and `quote` are the same"));
            }
            // In Shift_JIS, Big5, GBK and gb18030 the later bytes of a character may be ASCII
            // from 0x30 on (https://encoding.spec.whatwg.org/#legacy-multi-byte-chinese).
            let multi_byte = encoding != UTF_8 && !encoding.is_single_byte();
            if multi_byte && delimiter.max(quote) >= 0x30 {
                let message =
                    format!("`{}` may be a part of a character in {}", &**given, encoding.name());
                wrong.push(Diagnostic::new(given.span, message));
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Dialect {
            delimiter,
            delimiter_given: options.delimiter.is_some(),
            quote,
            encoding,
            header: options.header,
            null_values: options.null_values.clone().unwrap_or_else(|| vec![String::new()]),
        })
    }

    /// A tokeniser of this dialect. It knows no byte order mark: one that stands before a row in
    /// the midst of a file belongs to the row.
    pub(super) fn tokeniser(&self) -> csv_core::Reader {
        let mut core =
            csv_core::ReaderBuilder::new().delimiter(self.delimiter).quote(self.quote).build();
        prime(&mut core);
        core
    }
}

/// Makes a fresh tokeniser believe that the start of the file is behind it.
pub(super) fn prime(core: &mut csv_core::Reader) {
    let (_, taken, _) = core.read_field(b"x", &mut []);
    debug_assert_eq!(taken, 0);
}

fn one_byte(
    key: &str,
    given: Option<&Spanned<String>>,
    default: u8,
    wrong: &mut Vec<Diagnostic>,
) -> u8 {
    let Some(given) = given else { return default };
    match given.as_bytes() {
        b"\\t" => b'\t',
        [byte @ (b'\t' | 0x20..=0x7e)] if !byte.is_ascii_alphanumeric() => *byte,
        _ => {
            let message = format!("`{}` cannot be a {key}", given.escape_debug());
            let hint = "write one ASCII character that is no letter and no digit; `\\t` is a tab";
            wrong.push(Diagnostic::new(given.span, message).with_hint(hint));
            default
        }
    }
}

fn encoding(given: Option<&Spanned<String>>, wrong: &mut Vec<Diagnostic>) -> &'static Encoding {
    let Some(given) = given else { return UTF_8 };
    let (message, hint) = match Encoding::for_label(given.as_bytes()) {
        // `replacement` is the standard's name for encodings that are not to be read.
        Some(encoding) if encoding.is_ascii_compatible() && encoding.name() != "replacement" => {
            return encoding;
        }
        Some(encoding) => (
            format!("files in {} are not read", encoding.name()),
            "store the file as utf-8 first, for example by `iconv -f UTF-16 -t UTF-8`",
        ),
        None => (
            format!("unknown encoding `{}`", given.escape_debug()),
            "write a label of https://encoding.spec.whatwg.org/#names-and-labels, such as \
             `utf-8`, `windows-1252` or `iso-8859-1`",
        ),
    };
    wrong.push(Diagnostic::new(given.span, message).with_hint(hint));
    UTF_8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(yaml: &[(&str, &str)]) -> CsvOptions {
        let object: serde_json::Map<String, serde_json::Value> =
            yaml.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let text = |key: &str| {
            object
                .get(key)
                .map(|v| Spanned::new(v.as_str().unwrap().to_owned(), Default::default()))
        };
        CsvOptions {
            delimiter: text("delimiter"),
            quote: text("quote"),
            encoding: text("encoding"),
            ..CsvOptions::at(&[])
        }
    }

    #[test]
    fn the_default_is_rfc_4180_in_utf_8() {
        let dialect = Dialect::of(&options(&[])).unwrap();
        assert_eq!((dialect.delimiter, dialect.quote, dialect.header), (b',', b'"', true));
        assert_eq!(dialect.encoding, UTF_8);
        assert_eq!(dialect.null_values, [""]);
    }

    #[test]
    fn a_tab_is_written_either_way() {
        for tab in ["\t", "\\t"] {
            assert_eq!(Dialect::of(&options(&[("delimiter", tab)])).unwrap().delimiter, b'\t');
        }
    }

    #[test]
    fn iso_8859_1_is_read_as_windows_1252() {
        let dialect = Dialect::of(&options(&[("encoding", "ISO-8859-1")])).unwrap();
        assert_eq!(dialect.encoding, encoding_rs::WINDOWS_1252);
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let all =
            Dialect::of(&options(&[("delimiter", "ab"), ("quote", "\n"), ("encoding", "klingon")]));
        let messages: Vec<_> = all.unwrap_err().into_iter().map(|d| d.message).collect();
        assert_eq!(
            messages,
            ["`ab` cannot be a delimiter", "`\\n` cannot be a quote", "unknown encoding `klingon`"]
        );
    }

    #[test]
    fn what_cannot_be_told_apart_is_refused() {
        for (given, message) in [
            (&[("encoding", "utf-16le")][..], "files in UTF-16LE are not read"),
            (&[("encoding", "iso-2022-jp")], "files in ISO-2022-JP are not read"),
            (&[("encoding", "hz-gb-2312")], "files in replacement are not read"),
            (&[("delimiter", "\"")], "`delimiter` and `quote` are the same"),
            (
                &[("delimiter", "|"), ("encoding", "shift_jis")],
                "`|` may be a part of a character in Shift_JIS",
            ),
            (&[("delimiter", "5")], "`5` cannot be a delimiter"),
        ] {
            let wrong = Dialect::of(&options(given)).unwrap_err();
            assert_eq!(wrong[0].message, message);
        }
    }
}
