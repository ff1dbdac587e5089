//! A ZIP of several files, taken apart within limits. Nothing is made but files, in the part that is
//! given; what they are called does not matter here.

use std::{
    fs::File,
    io::{self, BufReader, Read, Write},
    path::Path,
};

use zip::{ZipReadOptions, read::Config, unstable::read::ZipIterable};

use super::{
    download::{Summed, TooLarge, Whole},
    keep::Part,
};
use crate::{files::FileError, wire::attachment::from_zip};

/// Bytes up to which nothing is too much, however small its ZIP is.
const HARMLESS: u64 = 1 << 20;

/// What the reader of ZIPs says where an entry does not end after the bytes that it tells of.
const LARGER_THAN_TOLD: &str = "larger than its declared";

/// What kind of file a Unix mode tells of.
const KIND: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;
const FILE: u32 = 0o100_000;

/// What a ZIP may become.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    /// Entries.
    pub entries: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// Times that a file, and all of them, may be larger than packed.
    pub ratio: u64,
}

/// What became of a ZIP.
#[derive(Debug)]
pub enum Unpacked {
    /// Its entries, in their order.
    Entries(Vec<Entry>),
    /// It becomes more than is allowed.
    TooMuch(String),
    /// It cannot be unpacked, and why.
    Unreadable(String),
}

/// An entry.
#[derive(Debug)]
pub struct Entry {
    /// Its name, decoded.
    pub name: String,
    /// The file, or why there is none.
    pub file: Result<Whole, &'static str>,
}

/// Why unpacking ended.
enum Stop {
    TooMuch(String),
    Unreadable(String),
    Disk(FileError),
}

impl From<zip::result::ZipError> for Stop {
    fn from(error: zip::result::ZipError) -> Self {
        Stop::Unreadable(error.to_string())
    }
}

/// Unpacks a ZIP into files of the part.
///
/// # Errors
/// The disk is full or gone.
pub fn unpack(whole: &Whole, part: &Part, most: Most) -> Result<Unpacked, FileError> {
    match entries(whole, part, most) {
        Ok(entries) => Ok(Unpacked::Entries(entries)),
        Err(Stop::TooMuch(why)) => Ok(Unpacked::TooMuch(why)),
        Err(Stop::Unreadable(why)) => Ok(Unpacked::Unreadable(why)),
        Err(Stop::Disk(error)) => Err(error),
    }
}

fn entries(whole: &Whole, part: &Part, most: Most) -> Result<Vec<Entry>, Stop> {
    let open = || {
        let file = File::open(&whole.path);
        let file = file.map_err(|e| Stop::Disk(FileError::from_io(&whole.path, "read", e)))?;
        Ok::<_, Stop>(BufReader::new(file))
    };
    let mut zip = ZipIterable::try_new(open()?, Config::default())?;
    if zip.len() as u64 > most.entries {
        let count = zip.len();
        return Err(Stop::TooMuch(format!("{count} entries (`max_entries`: {})", most.entries)));
    }
    let mut files = zip.files_with_reader(open()?, ZipReadOptions::new())?;
    let mut budget = Budget { most, packed: whole.bytes, unpacked: 0 };
    let mut entries = Vec::new();
    while let Some(file) = files.next() {
        let mut file = file?;
        let name = from_zip(file.name_raw());
        let file = match kind(&file) {
            Err(why) => Err(why),
            Ok(()) => {
                let (told, packed) = (file.size(), file.compressed_size());
                budget.check(told, packed)?;
                let path = part.file(&format!("entry-{}", entries.len()));
                Ok(budget.copy(&mut file, packed, &path)?)
            }
        };
        entries.push(Entry { name, file });
    }
    Ok(entries)
}

/// Whether an entry is a file; else why there will be none.
fn kind<R: Read>(file: &zip::read::ZipFile<'_, R>) -> Result<(), &'static str> {
    let mode = file.unix_mode().unwrap_or_default() & KIND;
    // A name that ends in `/` is a folder's, unless there is something in it.
    if mode == FOLDER || (file.is_dir() && file.size() == 0) {
        return Err("a folder: files are saved without folders");
    }
    if file.is_symlink() {
        return Err("a symbolic link: it is not made");
    }
    match mode {
        0 | FILE => Ok(()),
        _ => Err("neither a file nor a folder"),
    }
}

/// An entry that holds more than it tells is there to explode.
fn unreadable(error: io::Error) -> Stop {
    let why = error.to_string();
    match why.contains(LARGER_THAN_TOLD) {
        true => Stop::TooMuch("a file in it is larger than it tells".into()),
        false => Stop::Unreadable(why),
    }
}

/// What may still be unpacked.
struct Budget {
    most: Most,
    packed: u64,
    unpacked: u64,
}

impl Budget {
    /// Whether an entry of so many bytes is too much: as it tells, and as it turns out.
    fn check(&self, bytes: u64, packed: u64) -> Result<(), Stop> {
        let Most { bytes: most, ratio, .. } = self.most;
        let all = self.unpacked.saturating_add(bytes);
        if all > most {
            return Err(Stop::TooMuch(format!("more than {most} bytes (`max_bytes`)")));
        }
        let explodes = |bytes: u64, packed: u64| {
            bytes > HARMLESS && bytes > packed.max(1).saturating_mul(ratio)
        };
        if explodes(bytes, packed) || explodes(all, self.packed) {
            let why = format!("it grows to more than {ratio} times its size (`max_ratio`)");
            return Err(Stop::TooMuch(why));
        }
        Ok(())
    }

    fn copy(&mut self, file: &mut impl Read, packed: u64, path: &Path) -> Result<Whole, Stop> {
        let mut into = Summed::begin(path, self.most.bytes).map_err(Stop::Disk)?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = file.read(&mut buffer).map_err(unreadable)?;
            if read == 0 {
                break;
            }
            self.check(into.bytes() + read as u64, packed)?;
            into.write_all(&buffer[..read]).map_err(|error| match TooLarge::of(&error) {
                Some(too_large) => Stop::TooMuch(too_large.to_string()),
                None => Stop::Disk(FileError::from_io(path, "write", error)),
            })?;
        }
        self.unpacked += into.bytes();
        into.finish().map_err(Stop::Disk)
    }
}

#[cfg(test)]
mod tests {
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;
    use crate::extract::attachments::keep::Folder;

    const MOST: Most = Most { entries: 100, bytes: 1 << 30, ratio: 200 };

    fn unpacked(zip: &[u8], most: Most) -> Unpacked {
        let folder = tempfile::tempdir().unwrap();
        let part = Folder::open(folder.path()).unwrap().part().unwrap();
        let mut file = Summed::begin(&part.file("reply"), u64::MAX).unwrap();
        file.write_all(zip).unwrap();
        unpack(&file.finish().unwrap(), &part, most).unwrap()
    }

    /// Four MiB of zeros, after a harmless file.
    fn bomb() -> Vec<u8> {
        let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, bytes) in [("ok.txt", 4), ("bomb.bin", 4 << 20)] {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(&vec![0; bytes]).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn what_explodes_is_stopped_whether_or_not_it_tells_its_size() {
        let honest = bomb();
        let (told, lie) = ((4_u32 << 20).to_le_bytes(), 1000_u32.to_le_bytes());
        let mut lying = honest.clone();
        for at in 0..lying.len() - 4 {
            if lying[at..at + 4] == told {
                lying[at..at + 4].copy_from_slice(&lie);
            }
        }
        assert_ne!(honest, lying);
        for zip in [honest, lying] {
            assert!(matches!(unpacked(&zip, MOST), Unpacked::TooMuch(_)));
        }
    }

    #[test]
    fn limits_count_entries_and_bytes() {
        let zip = bomb();
        let free = Most { ratio: u64::MAX, ..MOST };
        let Unpacked::Entries(entries) = unpacked(&zip, free) else { panic!("all is allowed") };
        let bytes = entries.iter().map(|entry| entry.file.as_ref().unwrap().bytes);
        assert_eq!(bytes.collect::<Vec<_>>(), [4, 4 << 20]);
        for most in [Most { entries: 1, ..free }, Most { bytes: 1000, ..free }] {
            assert!(matches!(unpacked(&zip, most), Unpacked::TooMuch(_)));
        }
        assert!(matches!(unpacked(&zip[..zip.len() / 2], MOST), Unpacked::Unreadable(_)));
    }
}
