//! The kept tenant: an append-only file of changes, written before the reply is sent and read
//! again at the next start.
//!
//! Two lines of text (version, settings), then frames: length and checksum (four bytes each,
//! little endian), then as many bytes that a module wrote. A process that is killed leaves at
//! worst half a frame at the end, whose change nobody was told of; it is cut off.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
    time::Duration,
};

use crate::error::Error;

/// The journal's name in its folder.
const FILE: &str = "tenant.journal";
const VERSION: &str = "vccpipe-simulator journal 1";
const FRAME_HEAD: usize = 8;
const MOST_IN_FRAME: usize = 1 << 30;

/// An open journal.
pub(crate) struct Journal {
    path: PathBuf,
    file: Mutex<Writer>,
}

struct Writer {
    file: File,
    buffer: Vec<u8>,
    /// A write failed: what stands in the file is not known, so nothing may follow.
    failed: bool,
}

impl Journal {
    /// Opens a folder's journal, or begins it, and gives each frame in it to `replay`, which
    /// tells whether it understands it.
    pub(crate) fn open(
        folder: &Path,
        settings: &str,
        replay: impl FnMut(&[u8]) -> bool,
    ) -> Result<Journal, Error> {
        let path = folder.join(FILE);
        let failed = |doing| {
            let path = path.clone();
            move |source| Error::Journal { doing, path, source }
        };
        private_folder(folder).map_err(failed("make the folder of"))?;
        let mut file = private_file(&path).map_err(failed("open"))?;
        match locked(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::InUse { path }),
            Err(TryLockError::Error(source)) => return Err(failed("lock")(source)),
        }
        let end = Reader::new(&file, &path)?.read(settings, replay)?;
        if end == 0 {
            file.set_len(0).map_err(failed("begin"))?;
            file.seek(SeekFrom::Start(0)).map_err(failed("begin"))?;
            let head = format!("{VERSION}\n{settings}\n");
            file.write_all(head.as_bytes()).map_err(failed("begin"))?;
        } else {
            file.set_len(end).map_err(failed("trim"))?;
            file.seek(SeekFrom::Start(end)).map_err(failed("trim"))?;
        }
        let writer = Writer { file, buffer: Vec::new(), failed: false };
        Ok(Journal { path, file: Mutex::new(writer) })
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a frame. After a failure every further frame fails too.
    pub(crate) fn append(&self, frame: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let mut writer = self.file.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let Writer { file, buffer, failed } = &mut *writer;
        if *failed {
            return Err(io::Error::other("an earlier write to the journal failed"));
        }
        buffer.clear();
        buffer.resize(FRAME_HEAD, 0);
        frame(buffer);
        let (head, content) = buffer.split_at_mut(FRAME_HEAD);
        head[..4].copy_from_slice(&(content.len() as u32).to_le_bytes());
        head[4..].copy_from_slice(&checksum(content).to_le_bytes());
        file.write_all(buffer).inspect_err(|_| *failed = true)
    }
}

struct Reader<'a> {
    path: &'a Path,
    file: BufReader<&'a File>,
    length: u64,
    at: u64,
}

impl<'a> Reader<'a> {
    fn new(file: &'a File, path: &'a Path) -> Result<Self, Error> {
        let length = file.metadata().map(|metadata| metadata.len());
        let length = length.map_err(|source| read_error(path, source))?;
        Ok(Reader { path, file: BufReader::with_capacity(1 << 16, file), length, at: 0 })
    }

    /// Reads the whole journal; where its last whole frame ends, or 0 if it is to be begun.
    fn read(mut self, settings: &str, mut replay: impl FnMut(&[u8]) -> bool) -> Result<u64, Error> {
        let path = self.path.to_path_buf();
        let Some(version) = self.line(VERSION)? else { return Ok(0) };
        if version != VERSION {
            let expected = VERSION.to_string();
            return Err(Error::JournalVersion { path, found: version, expected });
        }
        let Some(found) = self.line("")? else { return Ok(0) };
        if found != settings {
            let differences = differences(&found, settings);
            return Err(Error::JournalSettings { path, differences });
        }
        let mut content = Vec::new();
        while self.frame(&mut content)? {
            if !replay(&content) {
                return Err(self.damaged());
            }
            self.at += (FRAME_HEAD + content.len()) as u64;
        }
        Ok(self.at)
    }

    /// The next line, or `None` if the file ends within it and may be a torn beginning of a
    /// journal whose line begins with `start`.
    fn line(&mut self, start: &str) -> Result<Option<String>, Error> {
        let mut line = Vec::new();
        let mut limited = (&mut self.file).take(1 << 20);
        limited.read_until(b'\n', &mut line).map_err(|source| read_error(self.path, source))?;
        self.at += line.len() as u64;
        let text = String::from_utf8_lossy(&line);
        match text.strip_suffix('\n') {
            Some(whole) => Ok(Some(whole.into())),
            None if start.is_empty() || start.starts_with(&*text) => Ok(None),
            None => Ok(Some(text.chars().take(60).collect())),
        }
    }

    /// Reads the next frame; false at the end, also at a torn one.
    fn frame(&mut self, content: &mut Vec<u8>) -> Result<bool, Error> {
        let left = self.length - self.at;
        if left < FRAME_HEAD as u64 {
            return Ok(false);
        }
        let mut head = [0; FRAME_HEAD];
        self.file.read_exact(&mut head).map_err(|source| read_error(self.path, source))?;
        let [a, b, c, d, sum @ ..] = head;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        let end = (FRAME_HEAD + length) as u64;
        if length > MOST_IN_FRAME {
            return Err(self.damaged());
        }
        if end > left {
            return Ok(false);
        }
        content.resize(length, 0);
        self.file.read_exact(content).map_err(|source| read_error(self.path, source))?;
        match checksum(content) == u32::from_le_bytes(sum) {
            true => Ok(true),
            // Only the last frame can be torn.
            false if end == left => Ok(false),
            false => Err(self.damaged()),
        }
    }

    fn damaged(&self) -> Error {
        Error::JournalDamaged { path: self.path.to_path_buf(), at: self.at }
    }
}

fn read_error(path: &Path, source: io::Error) -> Error {
    Error::Journal { doing: "read", path: path.to_path_buf(), source }
}

/// The settings of two JSON objects that differ: "`seed` was `1` and is now `2`".
fn differences(found: &str, given: &str) -> String {
    let read = |text| serde_json::from_str::<serde_json::Map<_, _>>(text).unwrap_or_default();
    let (found, given) = (read(found), read(given));
    let mut keys: Vec<&String> = found.keys().chain(given.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let show = |value: Option<&serde_json::Value>| {
        let text = value.map_or("nothing".into(), ToString::to_string);
        if text.chars().count() > 60 {
            text.chars().take(60).collect::<String>() + ".."
        } else {
            text
        }
    };
    let changed = keys.into_iter().filter(|key| found.get(*key) != given.get(*key)).map(|key| {
        format!("`{key}` was `{}` and is now `{}`", show(found.get(key)), show(given.get(key)))
    });
    changed.collect::<Vec<_>>().join(", ")
}

/// FNV-1a; it finds torn frames, and need find nothing else.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// Locks a file. A process that was just killed holds its locks until it is gone, so it is
/// given a moment.
fn locked(file: &File) -> Result<(), TryLockError> {
    for _ in 0..20 {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(25)),
            other => return other,
        }
    }
    file.try_lock()
}

/// Makes a folder that only its owner can enter.
fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens a file that only its owner can read, and makes it if need be.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes a number in as few bytes as it needs.
pub(crate) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Reads such a number off the front.
pub(crate) fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for place in 0..10 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7F) << (7 * place);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn open(folder: &Path, settings: &str) -> Result<(Journal, Vec<Vec<u8>>), Error> {
        let mut frames = Vec::new();
        let journal = Journal::open(folder, settings, |frame| {
            frames.push(frame.to_vec());
            true
        })?;
        Ok((journal, frames))
    }

    fn written(folder: &Path) -> Vec<u8> {
        let (journal, _) = open(folder, "{}").unwrap();
        for frame in [&b"first"[..], b"", b"third"] {
            journal.append(|out| out.extend(frame)).unwrap();
        }
        fs::read(folder.join(FILE)).unwrap()
    }

    #[test]
    fn numbers_come_back() {
        for number in [0, 1, 127, 128, 10_000_000, u64::MAX] {
            let mut bytes = Vec::new();
            put_number(&mut bytes, number);
            assert_eq!(take_number(&mut bytes.as_slice()), Some(number));
        }
        assert_eq!(take_number(&mut [0x80; 11].as_slice()), None);
    }

    #[test]
    fn a_journal_cut_anywhere_holds_the_whole_frames_before_the_cut() {
        let folder = tempfile::tempdir().unwrap();
        let whole = written(folder.path());
        let head = VERSION.len() + 1 + 3;
        let ends = [head + 13, head + 21, head + 34];
        for length in 0..=whole.len() {
            fs::write(folder.path().join(FILE), &whole[..length]).unwrap();
            let (journal, frames) = open(folder.path(), "{}").unwrap();
            assert_eq!(frames.len(), ends.iter().filter(|end| **end <= length).count(), "{length}");
            journal.append(|out| out.push(7)).unwrap();
            drop(journal);
            let again = open(folder.path(), "{}").unwrap().1;
            assert_eq!((again.len(), again.last()), (frames.len() + 1, Some(&vec![7])));
        }
    }

    #[test]
    fn a_changed_byte_before_the_last_frame_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = written(folder.path());
        let head = VERSION.len() + 1 + 3;
        bytes[head + FRAME_HEAD] ^= 1;
        fs::write(folder.path().join(FILE), bytes).unwrap();
        let error = open(folder.path(), "{}").err().unwrap();
        assert!(matches!(error, Error::JournalDamaged { at, .. } if at == head as u64), "{error}");
    }

    #[test]
    fn other_settings_other_versions_and_other_files_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        written(folder.path());
        let error = open(folder.path(), "{\"seed\":2}").err().unwrap().to_string();
        assert!(error.contains(FILE), "{error}");
        assert!(error.contains("`seed` was `nothing` and is now `2`"), "{error}");
        for other in ["vccpipe-simulator journal 2\n{}\n", "a shopping list\n", "milk"] {
            fs::write(folder.path().join(FILE), other).unwrap();
            let error = open(folder.path(), "{}").err().unwrap();
            assert!(matches!(error, Error::JournalVersion { .. }), "{other}: {error}");
            assert_eq!(fs::read(folder.path().join(FILE)).unwrap(), other.as_bytes());
        }
    }

    #[test]
    fn a_journal_in_use_is_not_opened_twice() {
        let folder = tempfile::tempdir().unwrap();
        let _open = open(folder.path(), "{}").unwrap();
        assert!(matches!(open(folder.path(), "{}").err().unwrap(), Error::InUse { .. }));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_a_journal() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("kept");
        written(&inner);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&inner), mode(&inner.join(FILE))), (0o700, 0o600));
    }
}
