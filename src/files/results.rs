//! CSV files that only grow, and that the ledger knows the length of.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use memchr::memchr;

use super::{FileError, private_file};

/// Bytes kept back before they are written.
const BUFFER: usize = 256 << 10;

/// A CSV of results: appended to, and cut back on opening to the length that was committed.
///
/// The bytes after the committed length belong to rows whose outcome was never made durable;
/// the resumed run writes them again.
#[derive(Debug)]
pub struct ResultFile {
    path: PathBuf,
    file: File,
    /// Bytes in the file.
    written: u64,
    /// Bytes of them that are durable.
    synced: u64,
    /// Bytes still to be written after them.
    buffer: Vec<u8>,
}

impl ResultFile {
    /// Opens the file at its committed length; 0 makes it anew, with `header` as first row. Its
    /// name is durable once the caller has called [`sync_folder`](super::sync_folder): there are
    /// several files in a folder.
    pub fn open<S: AsRef<str>>(
        path: &Path,
        committed: u64,
        header: &[S],
    ) -> Result<Self, FileError> {
        let mut first = Vec::new();
        write_record(&mut first, header.iter().map(|name| Some(name.as_ref())));
        let file = private_file(path)?;
        let mut results = ResultFile {
            path: path.to_owned(),
            file,
            written: committed,
            synced: 0,
            buffer: Vec::new(),
        };
        if committed == 0 {
            results.cut_to(0)?;
            results.buffer = first;
            results.flush_and_len()?;
        } else {
            results.check_header(&first, committed)?; // before a file that is another is cut
            results.cut_to(committed)?;
        }
        Ok(results)
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds whole records, as [`write_record`] makes them.
    pub fn append(&mut self, records: &[u8]) -> Result<(), FileError> {
        self.buffer.extend_from_slice(records);
        if self.buffer.len() >= BUFFER {
            self.flush_and_len()?;
        }
        Ok(())
    }

    /// Hands all bytes to the system; gives the length that may be committed after a
    /// [`ResultFile::sync`].
    pub fn flush_and_len(&mut self) -> Result<u64, FileError> {
        if self.buffer.is_empty() {
            return Ok(self.written);
        }
        // Always from the known length: after a full disk the same call goes on rightly.
        let written = self
            .file
            .seek(SeekFrom::Start(self.written))
            .and_then(|_| self.file.write_all(&self.buffer));
        written.map_err(|error| self.error(error))?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(self.written)
    }

    /// Makes what was flushed durable.
    pub fn sync(&mut self) -> Result<(), FileError> {
        if self.synced < self.written {
            self.file.sync_data().map_err(|error| self.error(error))?;
            self.synced = self.written;
        }
        Ok(())
    }

    fn check_header(&mut self, expected: &[u8], committed: u64) -> Result<(), FileError> {
        let found = self.file.metadata().map_err(|error| self.error(error))?.len();
        if found < committed {
            return Err(FileError::LostResults { path: self.path.clone(), committed, found });
        }
        let mut header = vec![0; expected.len()];
        let read =
            self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.read_exact(&mut header));
        // Too short to hold the header is as wrong as another header.
        if read.is_err() || header != expected {
            return Err(FileError::OtherColumns { path: self.path.clone() });
        }
        Ok(())
    }

    fn cut_to(&mut self, committed: u64) -> Result<(), FileError> {
        self.file.set_len(committed).map_err(|error| self.error(error))
    }

    fn error(&self, error: std::io::Error) -> FileError {
        FileError::from_io(&self.path, "write", error)
    }
}

/// Adds one CSV record to `out`: fields quoted only where they must be (RFC 4180), `\n` at the
/// end. No value and the empty text are written alike.
pub fn write_record<'a>(out: &mut Vec<u8>, fields: impl IntoIterator<Item = Option<&'a str>>) {
    let start = out.len();
    for (index, field) in fields.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_field(out, field.unwrap_or_default().as_bytes());
    }
    // A lone empty field would be a blank line, which readers skip.
    if out.len() == start {
        out.extend_from_slice(b"\"\"");
    }
    out.push(b'\n');
}

fn write_field(out: &mut Vec<u8>, field: &[u8]) {
    if !field.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        return out.extend_from_slice(field);
    }
    out.push(b'"');
    let mut rest = field;
    while let Some(quote) = memchr(b'"', rest) {
        out.extend_from_slice(&rest[..=quote]);
        out.push(b'"');
        rest = &rest[quote + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    fn record(fields: &[Option<&str>]) -> String {
        let mut out = Vec::new();
        write_record(&mut out, fields.iter().copied());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn fields_are_quoted_only_where_they_must_be() {
        assert_eq!(record(&[Some("a b"), None, Some("é;'")]), "a b,,é;'\n");
        assert_eq!(record(&[Some("a,b"), Some("say \"hi\"")]), "\"a,b\",\"say \"\"hi\"\"\"\n");
        assert_eq!(record(&[Some("two\nlines"), Some("\r")]), "\"two\nlines\",\"\r\"\n");
        assert_eq!(record(&[None]), "\"\"\n");
        assert_eq!(record(&[None, None]), ",\n");
    }

    proptest! {
        #[test]
        fn any_record_reads_back_by_another_reader(
            fields in prop::collection::vec("[a\",;\r\n é\u{feff}]{0,6}", 1..5)
        ) {
            let text = record(&fields.iter().map(|f| Some(f.as_str())).collect::<Vec<_>>());
            let text = format!("x\n{text}"); // so that a byte order mark is not the file's first
            let mut reader =
                csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
            let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
            prop_assert_eq!(rows.len(), 1);
            prop_assert_eq!(rows[0].iter().collect::<Vec<_>>(), fields);
        }
    }

    const HEADER: [&str; 2] = ["id", "_line"];

    #[test]
    fn a_file_is_cut_back_to_what_was_committed_and_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejected.csv");
        let mut results = ResultFile::open(&path, 0, &HEADER).unwrap();
        results.append(b"1,2\n").unwrap();
        let committed = results.flush_and_len().unwrap();
        results.sync().unwrap();
        results.append(b"2,3\n").unwrap();
        results.flush_and_len().unwrap();
        drop(results); // killed before the second row was committed
        let mut results = ResultFile::open(&path, committed, &HEADER).unwrap();
        results.append(b"9,9\n").unwrap();
        assert_eq!(results.flush_and_len().unwrap(), committed + 4);
        assert_eq!(fs::read_to_string(&path).unwrap(), "id,_line\n1,2\n9,9\n");
    }

    #[test]
    fn nothing_committed_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejected.csv");
        fs::write(&path, "left,over\n1,2\n").unwrap();
        ResultFile::open(&path, 0, &HEADER).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "id,_line\n");
    }

    #[test]
    fn a_file_that_lost_rows_or_has_other_columns_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejected.csv");
        fs::write(&path, "id,_line\n").unwrap();
        let error = ResultFile::open(&path, 50, &HEADER).unwrap_err();
        assert!(error.to_string().ends_with("has 9 bytes, but 50 were written to it"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "id,_line\n");
        let error = ResultFile::open(&path, 9, &["other", "_line"]).unwrap_err();
        assert!(matches!(error, FileError::OtherColumns { .. }), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_with_the_path_and_loses_nothing() {
        // `/dev/full` takes no byte; the file's own bookkeeping is what is looked at here.
        let mut results = ResultFile {
            path: "/dev/full".into(),
            file: File::options().write(true).open("/dev/full").unwrap(),
            written: 0,
            synced: 0,
            buffer: Vec::new(),
        };
        results.append(b"1,2\n").unwrap();
        for _ in 0..2 {
            let error = results.flush_and_len().unwrap_err();
            assert!(matches!(&error, FileError::DiskFull { .. }), "{error}");
            assert_eq!(error.to_string(), "no space left to write `/dev/full`");
        }
        assert_eq!((results.written, results.buffer.as_slice()), (0, &b"1,2\n"[..]));
    }
}
