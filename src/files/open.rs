//! Plain and compressed files, read from any byte of their text.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use flate2::bufread::MultiGzDecoder;

use super::FileError;

/// Bytes that a decoder asks the system for at a time.
const DECODER_INPUT: usize = 128 << 10;

/// How a file is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// As it is.
    Plain,
    /// gzip, of one member or several (RFC 1952).
    Gzip,
    /// Zstandard, of one frame or several (RFC 8878).
    Zstd,
}

impl Compression {
    fn name(self) -> &'static str {
        match self {
            Compression::Plain => "not compressed",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        }
    }

    fn of_suffix(path: &Path) -> Self {
        let suffix = path.extension().map(|s| s.to_ascii_lowercase());
        match suffix.as_deref().and_then(|s| s.to_str()) {
            Some("gz" | "gzip") => Compression::Gzip,
            Some("zst" | "zstd") => Compression::Zstd,
            _ => Compression::Plain,
        }
    }

    fn of_content(first: &[u8]) -> Self {
        match first {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
            // A skippable frame (RFC 8878, 3.1.2); pzstd begins its files with one.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
            _ => Compression::Plain,
        }
    }
}

/// The text of a file, decompressed where it is stored compressed.
pub struct InputFile {
    path: PathBuf,
    compression: Compression,
    reader: Decoder,
    /// Byte of the text that is read next.
    at: u64,
    stored: Arc<AtomicU64>,
}

enum Decoder {
    Plain(Counted),
    Gzip(Box<MultiGzDecoder<BufReader<Counted>>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, BufReader<Counted>>>),
}

/// Counts the stored bytes that were read.
struct Counted {
    file: File,
    /// Stored bytes after which the file is taken to end.
    left: u64,
    stored: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let room = into.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let count = self.file.read(&mut into[..room])?;
        self.left -= count as u64;
        self.stored.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl InputFile {
    /// Opens a file at the start of its text.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        Self::open_prefix(path, u64::MAX)
    }

    /// Opens a file as if it had only its first `size` stored bytes.
    pub(super) fn open_prefix(path: &Path, size: u64) -> Result<Self, FileError> {
        let io = |error| FileError::from_io(path, "read", error);
        let mut file = open_regular(path)?;
        let compression = recognise(path, &mut file)?;
        file.seek(SeekFrom::Start(0)).map_err(io)?;
        let stored = Arc::new(AtomicU64::new(0));
        let counted = Counted { file, left: size, stored: stored.clone() };
        let reader = match compression {
            Compression::Plain => Decoder::Plain(counted),
            Compression::Gzip => {
                let buffered = BufReader::with_capacity(DECODER_INPUT, counted);
                Decoder::Gzip(Box::new(MultiGzDecoder::new(buffered)))
            }
            Compression::Zstd => {
                let buffered = BufReader::with_capacity(DECODER_INPUT, counted);
                Decoder::Zstd(Box::new(
                    zstd::stream::read::Decoder::with_buffer(buffered).map_err(io)?,
                ))
            }
        };
        Ok(InputFile { path: path.to_owned(), compression, reader, at: 0, stored })
    }

    /// Opens a file at byte `at` of its text: by a seek in a plain file, by decompressing and
    /// dropping what stands before it in a compressed one.
    pub fn open_at(path: &Path, at: u64) -> Result<Self, FileError> {
        let mut input = Self::open(path)?;
        input.forward_to(at)?;
        Ok(input)
    }

    /// Goes on to byte `at` of the text, which must not lie behind.
    pub fn forward_to(&mut self, at: u64) -> Result<(), FileError> {
        let count = at.saturating_sub(self.at);
        let skipped = match &mut self.reader {
            Decoder::Plain(plain) => {
                let moved = skip_plain(plain, count);
                self.at += moved.as_ref().unwrap_or(&0);
                moved
            }
            _ => io::copy(&mut (&mut *self).take(count), &mut io::sink()),
        };
        if skipped.map_err(|error| self.read_error(error))? < count {
            return Err(FileError::EndsBefore { path: self.path.clone(), wanted: at });
        }
        Ok(())
    }

    /// Byte of the text that is read next.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// How the file is stored.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// Stored bytes passed so far, for progress; a decoder reads ahead by a buffer.
    pub fn stored_bytes(&self) -> u64 {
        self.stored.load(Ordering::Relaxed)
    }

    /// The path it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The next bytes of text into `into`; 0 is the end of the file.
    pub fn fill(&mut self, into: &mut [u8]) -> Result<usize, FileError> {
        loop {
            match self.read(into) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => return other.map_err(|error| self.read_error(error)),
            }
        }
    }

    fn read_error(&self, error: io::Error) -> FileError {
        let path = self.path.clone();
        // The operating system's errors have a number; a decoder's have none.
        match (self.compression, error.raw_os_error()) {
            (Compression::Plain, _) | (_, Some(_)) => FileError::from_io(&path, "read", error),
            _ if error.kind() == io::ErrorKind::UnexpectedEof => {
                FileError::Damaged { path, why: "the compressed data ends too early".into() }
            }
            _ => FileError::Damaged { path, why: error.to_string() },
        }
    }
}

impl Read for InputFile {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.reader {
            Decoder::Plain(reader) => reader.read(into)?,
            Decoder::Gzip(reader) => reader.read(into)?,
            Decoder::Zstd(reader) => reader.read(into)?,
        };
        self.at += count as u64;
        Ok(count)
    }
}

/// Opens a regular file for reading; a directory or a pipe is an error of its own.
pub(super) fn open_regular(path: &Path) -> Result<File, FileError> {
    let io = |error| FileError::from_io(path, "read", error);
    // Looked at before it is opened: the opening of a pipe waits for a writer.
    let kind = std::fs::metadata(path).map_err(io)?.file_type();
    if kind.is_dir() {
        return Err(FileError::Directory { path: path.to_owned() });
    }
    if !kind.is_file() {
        return Err(FileError::NotRegular { path: path.to_owned() });
    }
    File::open(path).map_err(io)
}

/// How `path` is stored, by its suffix and its first bytes, which must agree.
fn recognise(path: &Path, file: &mut File) -> Result<Compression, FileError> {
    let mut reader = BufReader::with_capacity(16, file);
    let first = reader.fill_buf().map_err(|error| FileError::from_io(path, "read", error))?;
    let (named, found) = (Compression::of_suffix(path), Compression::of_content(first));
    if named == found {
        return Ok(found);
    }
    let named = if named == Compression::Plain { "plain text" } else { named.name() };
    let found = if first.is_empty() { "empty" } else { found.name() };
    Err(FileError::WrongCompression { path: path.to_owned(), named, found })
}

/// Seeks forward, never beyond the end; gives the bytes it moved.
fn skip_plain(plain: &mut Counted, count: u64) -> io::Result<u64> {
    let here = plain.file.stream_position()?;
    let moved = count.min(plain.file.metadata()?.len().saturating_sub(here));
    plain.file.seek(SeekFrom::Start(here + moved))?;
    plain.stored.fetch_add(moved, Ordering::Relaxed);
    Ok(moved)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn store(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    fn text(path: &Path, at: u64) -> Result<String, FileError> {
        let mut input = InputFile::open_at(path, at)?;
        let (mut all, mut piece) = (Vec::new(), [0; 7]);
        loop {
            match input.fill(&mut piece)? {
                0 => return Ok(String::from_utf8(all).unwrap()),
                count => all.extend_from_slice(&piece[..count]),
            }
        }
    }

    #[test]
    fn plain_gzip_and_zstd_read_the_same_from_any_byte() {
        let two_members = [gzip(b"one,two\n"), gzip(b"three,four\n")].concat();
        let two_frames = [
            zstd::encode_all(&b"one,two\n"[..], 1).unwrap(),
            zstd::encode_all(&b"three,four\n"[..], 1).unwrap(),
        ]
        .concat();
        let whole = "one,two\nthree,four\n";
        for (name, bytes) in
            [("a.csv", whole.as_bytes()), ("a.csv.gz", &two_members), ("a.csv.ZST", &two_frames)]
        {
            let (_folder, path) = store(name, bytes);
            for at in 0..=whole.len() {
                assert_eq!(text(&path, at as u64).unwrap(), whole[at..], "{name} from {at}");
            }
            let error = text(&path, whole.len() as u64 + 1).unwrap_err();
            assert!(matches!(error, FileError::EndsBefore { .. }), "{name}: {error}");
        }
    }

    #[test]
    fn stored_bytes_end_at_the_size_of_the_file() {
        let bytes = gzip("some text, ".repeat(10_000).as_bytes());
        let (_folder, path) = store("a.gz", &bytes);
        let mut input = InputFile::open(&path).unwrap();
        io::copy(&mut input, &mut io::sink()).unwrap();
        assert_eq!(input.stored_bytes(), bytes.len() as u64);
    }

    #[test]
    fn a_suffix_that_the_content_belies_is_told() {
        for (name, bytes, found) in [
            ("a.csv", gzip(b"x"), "gzip"),
            ("a.csv.gz", b"a,b\n".to_vec(), "not compressed"),
            ("a.csv.zst", gzip(b"x"), "gzip"),
            ("a.csv.gz", Vec::new(), "empty"),
        ] {
            let (_folder, path) = store(name, &bytes);
            let error = InputFile::open(&path).err().unwrap();
            assert!(error.to_string().ends_with(&format!("its content is {found}")), "{error}");
        }
    }

    #[test]
    fn a_cut_or_spoilt_archive_is_damaged() {
        let mut bytes = gzip("text that is long enough to be cut".repeat(50).as_bytes());
        let (_folder, path) = store("a.gz", &bytes[..bytes.len() - 6]);
        assert!(matches!(text(&path, 0), Err(FileError::Damaged { .. })));
        let end = bytes.len() - 5;
        bytes[end] ^= 0xff; // in the checksum
        let (_folder, path) = store("a.gz", &bytes);
        assert!(matches!(text(&path, 0), Err(FileError::Damaged { .. })));
        let frame = zstd::encode_all("some text".repeat(100).as_bytes(), 1).unwrap();
        let (_folder, path) = store("a.zst", &frame[..frame.len() - 3]);
        assert!(matches!(text(&path, 0), Err(FileError::Damaged { .. })));
    }

    #[test]
    fn what_is_not_a_file_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let missing = InputFile::open(&folder.path().join("no.csv")).err().unwrap();
        assert!(matches!(missing, FileError::Missing { .. }), "{missing}");
        let directory = InputFile::open(folder.path()).err().unwrap();
        assert!(matches!(directory, FileError::Directory { .. }), "{directory}");
        #[cfg(unix)]
        {
            let device = InputFile::open(Path::new("/dev/null")).err().unwrap();
            assert!(matches!(device, FileError::NotRegular { .. }), "{device}");
        }
    }
}
