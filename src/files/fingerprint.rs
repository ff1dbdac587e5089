//! The identity of an input: what makes a run know its files again, and tell what changed.
//!
//! A file is known by its size, its time of modification, and the XXH3-128 of each
//! [`CHECKPOINT`] bytes as stored. The hash of the whole is the XXH3-128 of those hashes, so
//! that one pass over the bytes serves both; it is no guard against malice, and need not be.

use std::{
    fmt::Write as _,
    fs::File,
    io::{Read, Seek, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::{Compression, FileError, InputFile, open::open_regular};

/// Stored bytes from one checkpoint to the next.
pub const CHECKPOINT: u64 = 4 << 20;

/// The identity of all files of an input, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// One print per file.
    pub files: Vec<FilePrint>,
}

/// The identity of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilePrint {
    /// The path as it was given.
    pub path: PathBuf,
    /// Bytes stored.
    pub size: u64,
    /// Time of modification in nanoseconds since 1970; 0 where the system keeps none.
    pub modified: u64,
    /// Hash of each [`CHECKPOINT`] bytes, the last one of what is left.
    pub checkpoints: Vec<Hash>,
    /// Hash of the whole.
    pub whole: Hash,
}

/// 128 bits, written as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hash(pub u128);

/// How an input differs from what it was when its fingerprint was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Not at all.
    Same,
    /// It goes on where it ended, and what was there is there still.
    Appended {
        /// The file that grew, or the first of the further files.
        file: PathBuf,
        /// The stored bytes that it had; 0 for a further file.
        from: u64,
        /// Whether its text ended with a line end, so that no row of it became another.
        at_record_boundary: bool,
    },
    /// It is another input.
    Changed {
        /// The file concerned.
        file: PathBuf,
        /// What differs, in words that follow the path.
        what: String,
    },
}

impl Fingerprint {
    /// Reads all files and takes their prints.
    pub fn take(paths: &[PathBuf]) -> Result<Self, FileError> {
        let files = paths.iter().map(|path| FilePrint::take(path)).collect::<Result<_, _>>()?;
        Ok(Fingerprint { files })
    }

    /// Stored bytes of all files.
    pub fn total_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// A name for the content alone: equal for equal bytes in equal files, wherever and
    /// whenever they are stored.
    pub fn content_id(&self) -> String {
        let all: Vec<u8> = self.files.iter().flat_map(|file| file.whole.0.to_be_bytes()).collect();
        Hash(xxh3_128(&all)).to_string()
    }

    /// Whether the files at `paths` hold the same bytes, whatever they are called.
    pub fn is_content_of(&self, paths: &[PathBuf]) -> Result<bool, FileError> {
        let size = |path: &PathBuf| path.metadata().map_or(0, |about| about.len());
        // Hashing is for files that might be the same.
        let as_long = paths.iter().map(size).eq(self.files.iter().map(|file| file.size));
        Ok(as_long && Fingerprint::take(paths)?.content_id() == self.content_id())
    }

    /// Compares with what the files at `paths` hold now.
    ///
    /// A file of the same size and time is believed after its first and last checkpoint and the
    /// one of `resume_at` (file, stored byte) were read; any other is read whole.
    pub fn compare(
        &self,
        paths: &[PathBuf],
        resume_at: Option<(usize, u64)>,
    ) -> Result<Change, FileError> {
        let last = self.files.len().saturating_sub(1);
        let mut grown = None;
        for (index, before) in self.files.iter().enumerate() {
            let Some(path) = paths.get(index) else {
                return Ok(changed(&before.path, "is no longer among the files"));
            };
            let near = resume_at.filter(|(file, _)| *file == index).map(|(_, byte)| byte);
            match before.compare(path, near)? {
                Change::Same => {}
                Change::Appended { file, .. } if index < last => {
                    let what = format!("grew after byte {}, but it is not the last", before.size);
                    return Ok(changed(&file, what));
                }
                appended @ Change::Appended { .. } => grown = Some(appended),
                other => return Ok(other),
            }
        }
        let further = paths.get(self.files.len()).map(|path| Change::Appended {
            file: path.clone(),
            from: 0,
            at_record_boundary: true,
        });
        Ok(grown.or(further).unwrap_or(Change::Same))
    }
}

impl FilePrint {
    fn take(path: &Path) -> Result<Self, FileError> {
        let mut file = Blocks::open(path)?;
        let (size, modified) = (file.size, file.modified);
        let count = size.div_ceil(CHECKPOINT);
        let checkpoints =
            (0..count).map(|index| file.hash(block(index, size))).collect::<Result<Vec<_>, _>>()?;
        let whole = whole(&checkpoints);
        Ok(FilePrint { path: path.to_owned(), size, modified, checkpoints, whole })
    }

    /// Compares one file; `near` is a stored byte whose checkpoint is read in any case.
    fn compare(&self, path: &Path, near: Option<u64>) -> Result<Change, FileError> {
        if path != self.path {
            let what = format!("stands where `{}` stood", self.path.display());
            return Ok(changed(path, what));
        }
        let mut file = match Blocks::open(path) {
            Err(FileError::Missing { .. }) => return Ok(changed(path, "is missing")),
            other => other?,
        };
        if file.size < self.size {
            let what = format!("shrank from {} to {} bytes", self.size, file.size);
            return Ok(changed(path, what));
        }
        let untouched = file.size == self.size && file.modified == self.modified;
        for index in self.to_read(untouched, near) {
            let place = block(index, self.size);
            if file.hash(place.clone())? != self.checkpoints[index as usize] {
                let what = format!("differs between byte {} and {}", place.start, place.end);
                return Ok(changed(path, what));
            }
        }
        if file.size == self.size {
            return Ok(Change::Same);
        }
        let at_record_boundary = ends_with_line(path, self.size)?;
        Ok(Change::Appended { file: path.to_owned(), from: self.size, at_record_boundary })
    }

    /// The checkpoints that tell whether the file is the same.
    fn to_read(&self, untouched: bool, near: Option<u64>) -> Vec<u64> {
        let count = self.checkpoints.len() as u64;
        if !untouched || count == 0 {
            return (0..count).collect();
        }
        let near = near.map_or(0, |byte| (byte / CHECKPOINT).min(count - 1));
        let mut some = vec![0, near, count - 1];
        some.sort_unstable();
        some.dedup();
        some
    }
}

fn changed(file: &Path, what: impl Into<String>) -> Change {
    Change::Changed { file: file.to_owned(), what: what.into() }
}

/// The stored bytes of checkpoint `index` of a file of `size` bytes.
fn block(index: u64, size: u64) -> Range<u64> {
    let start = index * CHECKPOINT;
    start..size.min(start + CHECKPOINT)
}

fn whole(checkpoints: &[Hash]) -> Hash {
    let mut hasher = Xxh3::new();
    checkpoints.iter().for_each(|hash| hasher.update(&hash.0.to_be_bytes()));
    Hash(hasher.digest128())
}

/// A file that is hashed piece by piece, with one buffer for all.
struct Blocks<'a> {
    path: &'a Path,
    file: File,
    size: u64,
    modified: u64,
    buffer: Vec<u8>,
}

impl<'a> Blocks<'a> {
    fn open(path: &'a Path) -> Result<Self, FileError> {
        let file = open_regular(path)?;
        let about = file.metadata().map_err(|error| FileError::from_io(path, "read", error))?;
        let since = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified = since.map_or(0, |since| since.as_nanos() as u64);
        let buffer = vec![0; CHECKPOINT.min(about.len()) as usize];
        Ok(Blocks { path, file, size: about.len(), modified, buffer })
    }

    fn hash(&mut self, place: Range<u64>) -> Result<Hash, FileError> {
        let buffer = &mut self.buffer[..(place.end - place.start) as usize];
        let read =
            self.file.seek(SeekFrom::Start(place.start)).and_then(|_| self.file.read_exact(buffer));
        read.map_err(|error| FileError::from_io(self.path, "read", error))?;
        Ok(Hash(xxh3_128(buffer)))
    }
}

/// Whether the text of the first `stored` bytes ends with a line end; an empty text does.
fn ends_with_line(path: &Path, stored: u64) -> Result<bool, FileError> {
    let last = match InputFile::open(path)?.compression() {
        Compression::Plain => last_stored_byte(path, stored)?,
        // What was there was whole members or frames: they can be read by themselves.
        _ => last_byte_of_text(path, stored)?,
    };
    Ok(last.is_none_or(|byte| byte == b'\n' || byte == b'\r'))
}

fn last_stored_byte(path: &Path, stored: u64) -> Result<Option<u8>, FileError> {
    let Some(at) = stored.checked_sub(1) else { return Ok(None) };
    let mut file = InputFile::open_at(path, at)?;
    let mut last = [0];
    Ok((file.fill(&mut last)? == 1).then_some(last[0]))
}

fn last_byte_of_text(path: &Path, stored: u64) -> Result<Option<u8>, FileError> {
    let mut file = InputFile::open_prefix(path, stored)?;
    let (mut last, mut piece) = (None, vec![0; 128 << 10]);
    loop {
        match file.fill(&mut piece)? {
            0 => return Ok(last),
            count => last = Some(piece[count - 1]),
        }
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = String::with_capacity(32);
        let _ = write!(digits, "{self}"); // a `String` takes all
        serializer.serialize_str(&digits)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = String::deserialize(deserializer)?;
        u128::from_str_radix(&digits, 16).map(Hash).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::Write,
        time::{Duration, SystemTime},
    };

    use super::*;

    struct Input {
        folder: tempfile::TempDir,
    }

    impl Input {
        fn new() -> Self {
            Input { folder: tempfile::tempdir().unwrap() }
        }

        fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
            let path = self.folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        }
    }

    fn append(path: &Path, bytes: &[u8]) {
        fs::OpenOptions::new().append(true).open(path).unwrap().write_all(bytes).unwrap();
    }

    /// Sets the time of modification.
    fn touch(path: &Path, seconds: u64) {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    }

    fn big(blocks: u64) -> Vec<u8> {
        (0..blocks * CHECKPOINT + 100).map(|n| (n % 251) as u8).collect()
    }

    #[test]
    fn the_same_files_are_the_same_even_when_touched() {
        let input = Input::new();
        let paths = [input.put("a.csv", &big(2)), input.put("b.csv", b"")];
        let before = Fingerprint::take(&paths).unwrap();
        assert_eq!(before.files[0].checkpoints.len(), 3);
        assert_eq!(before.compare(&paths, None).unwrap(), Change::Same);
        touch(&paths[0], 1);
        assert_eq!(before.compare(&paths, None).unwrap(), Change::Same);
        let json = serde_json::to_string(&before).unwrap();
        assert_eq!(serde_json::from_str::<Fingerprint>(&json).unwrap(), before);
    }

    #[test]
    fn the_content_id_knows_neither_path_nor_time() {
        let input = Input::new();
        let (a, b) = (input.put("a", b"x,y\n"), input.put("b", b"x,y\n"));
        touch(&b, 1);
        let id =
            |path: &PathBuf| Fingerprint::take(std::slice::from_ref(path)).unwrap().content_id();
        assert_eq!(id(&a), id(&b));
        append(&b, b"1,2\n");
        assert_ne!(id(&a), id(&b));
    }

    #[test]
    fn growth_is_told_with_its_place_and_whether_a_line_had_ended() {
        let input = Input::new();
        for (old, boundary) in [("x\n1\n", true), ("x\r1\r", true), ("x\n1", false), ("", true)] {
            let path = input.put("a.csv", old.as_bytes());
            let before = Fingerprint::take(std::slice::from_ref(&path)).unwrap();
            append(&path, b"2\n");
            let expected = Change::Appended {
                file: path.clone(),
                from: old.len() as u64,
                at_record_boundary: boundary,
            };
            assert_eq!(before.compare(&[path], None).unwrap(), expected, "{old:?}");
        }
    }

    #[test]
    fn a_further_gzip_member_or_zstd_frame_counts_as_appended() {
        let input = Input::new();
        let gzip = |text: &str| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
            encoder.write_all(text.as_bytes()).unwrap();
            encoder.finish().unwrap()
        };
        let zstd = |text: &str| zstd::encode_all(text.as_bytes(), 1).unwrap();
        for (name, old, more, boundary) in [
            ("a.gz", gzip("x\n1\n"), gzip("2\n"), true),
            ("b.gz", gzip("x\n1"), gzip("2\n"), false),
            ("a.zst", zstd("x\n1\n"), zstd("2\n"), true),
            ("b.zst", zstd("x\n1"), zstd("2\n"), false),
        ] {
            let path = input.put(name, &old);
            let before = Fingerprint::take(std::slice::from_ref(&path)).unwrap();
            append(&path, &more);
            let change = before.compare(&[path], None).unwrap();
            let Change::Appended { at_record_boundary, from, .. } = change else {
                panic!("{name}: {change:?}")
            };
            assert_eq!((from, at_record_boundary), (old.len() as u64, boundary), "{name}");
        }
    }

    #[test]
    fn further_files_at_the_end_count_as_appended_and_elsewhere_as_changed() {
        let input = Input::new();
        let (a, b, c) = (input.put("a", b"1\n"), input.put("b", b"2\n"), input.put("c", b"3\n"));
        let before = Fingerprint::take(&[a.clone(), b.clone()]).unwrap();
        let appended = Change::Appended { file: c.clone(), from: 0, at_record_boundary: true };
        assert_eq!(before.compare(&[a.clone(), b.clone(), c.clone()], None).unwrap(), appended);
        let moved = before.compare(&[a.clone(), c.clone(), b.clone()], None).unwrap();
        assert!(matches!(&moved, Change::Changed { file, .. } if *file == c), "{moved:?}");
        let gone = before.compare(std::slice::from_ref(&a), None).unwrap();
        assert!(matches!(&gone, Change::Changed { file, .. } if *file == b), "{gone:?}");
        append(&a, b"more\n");
        let inner = before.compare(&[a.clone(), b], None).unwrap();
        assert!(matches!(&inner, Change::Changed { file, .. } if *file == a), "{inner:?}");
    }

    #[test]
    fn what_changed_is_told_with_its_place() {
        let input = Input::new();
        let bytes = big(2);
        let path = input.put("a.csv", &bytes);
        let paths = [path.clone()];
        let before = Fingerprint::take(&paths).unwrap();
        let what = |expected: &str| match before.compare(&paths, None).unwrap() {
            Change::Changed { what, .. } => assert_eq!(what, expected),
            other => panic!("{other:?}"),
        };
        let mut other = bytes.clone();
        other[CHECKPOINT as usize + 5] ^= 1;
        fs::write(&path, &other).unwrap();
        touch(&path, 7);
        what("differs between byte 4194304 and 8388608");
        // Changed before the place at which it also grew: not merely appended.
        append(&path, b"more");
        what("differs between byte 4194304 and 8388608");
        fs::write(&path, &bytes[..10]).unwrap();
        what("shrank from 8388708 to 10 bytes");
        fs::remove_file(&path).unwrap();
        what("is missing");
    }

    #[test]
    fn an_untouched_file_is_read_at_its_ends_and_where_the_run_goes_on() {
        let input = Input::new();
        let mut bytes = big(4);
        let path = input.put("a.csv", &bytes);
        touch(&path, 5);
        let before = Fingerprint::take(std::slice::from_ref(&path)).unwrap();
        let middle = 2 * CHECKPOINT + 9;
        bytes[middle as usize] ^= 1;
        fs::write(&path, &bytes).unwrap();
        touch(&path, 5); // a forger: same size and time
        let at = |resume_at| before.compare(std::slice::from_ref(&path), resume_at).unwrap();
        assert_eq!(at(None), Change::Same);
        assert!(matches!(at(Some((0, middle))), Change::Changed { .. }));
    }
}
