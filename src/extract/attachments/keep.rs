//! The folder of a pipeline's files: `OBJECT/NUMBER/NAME`, and beside the files of a record a list
//! of them, by which a later run knows what is there.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};

use super::{
    download::{Whole, sum_of},
    rows::{Outcome, Row, Saved},
};
use crate::{
    files::{self, FileError},
    wire::attachment::safe_name,
};

/// What the names of parts begin with: what is in them is on its way.
const PART: &str = ".vccpipe-part-";

/// Held in a part while its process lives.
const LOCK: &str = "lock";

/// The list of a record's files, in their folder.
const LIST: &str = ".vccpipe-attachments.json";

/// A folder for files.
pub struct Folder {
    root: PathBuf,
}

/// A folder in the folder for what is on its way; gone when dropped.
pub struct Part {
    folder: PathBuf,
    _lock: File,
}

/// What the list of a record's files holds.
#[derive(Serialize, Deserialize)]
struct List {
    basis: Basis,
    rows: Vec<Row>,
}

/// On what a record's files were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// How many the CRM told of.
    pub count: Option<u64>,
    /// Whether a ZIP of several was to be unpacked.
    pub unpacks: bool,
    /// Whether an attached ZIP was to be unpacked as well.
    #[serde(default)]
    pub unpacks_all: bool,
}

impl Basis {
    /// Whether what was saved on the other is what this one asks for. Where the CRM tells of
    /// another number of files, some were added or removed.
    fn is_met_by(self, other: Basis) -> bool {
        let known = self.count.zip(other.count);
        (self.unpacks, self.unpacks_all) == (other.unpacks, other.unpacks_all)
            && known.is_none_or(|(now, then)| now == then)
    }
}

impl Folder {
    /// Makes the folder where it is not there, and clears away what processes left that were
    /// killed.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn open(root: &Path) -> Result<Folder, FileError> {
        files::private_dir(root)?;
        let entries = fs::read_dir(root).map_err(|e| FileError::from_io(root, "read", e))?;
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(PART) && is_left(&entry.path()) {
                let _ = fs::remove_dir_all(entry.path()); // it harms nobody
            }
        }
        Ok(Folder { root: root.to_owned() })
    }

    /// A part of one's own.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn part(&self) -> Result<Part, FileError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = self.root.join(format!("{PART}{}-{number}", std::process::id()));
        files::private_dir(&folder)?;
        let path = folder.join(LOCK);
        let lock = files::private_file(&path)?;
        lock.try_lock().map_err(|error| FileError::from_io(&path, "lock", error.into()))?;
        Ok(Part { folder, _lock: lock })
    }

    /// The rows of a record's files where all of them are there as they were saved.
    pub fn there(&self, object: &str, id: &str, basis: Basis) -> Option<Vec<Row>> {
        let text = fs::read(self.of(object, id).join(LIST)).ok()?;
        let mut list: List = serde_json::from_slice(&text).ok()?;
        if !basis.is_met_by(list.basis) {
            return None;
        }
        for row in &mut list.rows {
            if let Some(saved) = &row.saved {
                if !self.holds(saved) {
                    return None;
                }
                row.outcome = Outcome::There;
            }
        }
        Some(list.rows)
    }

    /// Whether a file is there, with its length and its sum.
    pub fn holds(&self, saved: &Saved) -> bool {
        // A list that somebody has changed leads nowhere else.
        let within = saved.path.split('/').all(|part| safe_name(part) == part);
        let path = self.root.join(&saved.path);
        within
            && fs::symlink_metadata(&path).is_ok_and(|is| is.is_file() && is.len() == saved.bytes)
            && sum_of(&path).is_ok_and(|sum| sum == saved.sha256)
    }

    /// Where a file of a record is to stand, and what it holds.
    pub fn place(object: &str, id: &str, name: &str, whole: &Whole) -> Saved {
        Saved {
            path: format!("{object}/{}/{name}", safe_name(id)),
            bytes: whole.bytes,
            sha256: whole.sha256.clone(),
        }
    }

    /// Gives a file its name, when it is durable.
    ///
    /// # Errors
    /// The disk is full or gone.
    pub fn put(&self, whole: &Whole, saved: &Saved) -> Result<(), FileError> {
        let target = self.root.join(&saved.path);
        if let Some(folder) = target.parent() {
            files::private_dir(folder)?;
        }
        files::put_in_place(&whole.path, &target)
    }

    /// Writes the list of a record's files, when they are in their place.
    ///
    /// # Errors
    /// The disk is full or gone.
    pub fn list(
        &self,
        object: &str,
        id: &str,
        basis: Basis,
        rows: &[Row],
        part: &Part,
    ) -> Result<(), FileError> {
        let list = List { basis, rows: rows.to_vec() };
        let text = serde_json::to_vec_pretty(&list).unwrap_or_default();
        let folder = self.of(object, id);
        files::private_dir(&folder)?;
        let on_its_way = part.file("list");
        let mut file = files::private_file(&on_its_way)?;
        file.set_len(0)
            .and_then(|()| file.write_all(&text))
            .map_err(|error| FileError::from_io(&on_its_way, "write", error))?;
        files::put_in_place(&on_its_way, &folder.join(LIST))
    }

    fn of(&self, object: &str, id: &str) -> PathBuf {
        self.root.join(object).join(safe_name(id))
    }
}

/// Whether no process has the part any more.
fn is_left(part: &Path) -> bool {
    // One that is being made has no lock yet.
    File::open(part.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok())
}

impl Part {
    /// Where a file is on its way.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Removes what was not put in its place.
    pub fn clear(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten().filter(|entry| entry.file_name() != LOCK) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder); // the next run does it otherwise
    }
}
