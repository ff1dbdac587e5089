//! A ZIP of several files, taken apart within limits. Nothing is made but files, in the part that is
//! given; what they are called does not matter here.

use std::{
    fs::File,
    io::{BufReader, Read, Write},
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
            let read = file.read(&mut buffer).map_err(|e| Stop::Unreadable(e.to_string()))?;
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
