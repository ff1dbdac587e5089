//! Files that others see whole or not at all, and files that nobody else may read.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use super::FileError;

/// Makes `path` and the folders above it; those it makes are for their owner only (0700).
pub fn private_dir(path: &Path) -> Result<(), FileError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| FileError::from_io(path, "make the folder", error))
}

/// Opens `path` for reading and writing, and makes it, for its owner only (0600), where it is
/// not there. What it holds stays.
pub fn private_file(path: &Path) -> Result<File, FileError> {
    let mut options = private_options();
    options.read(true).create(true).truncate(false);
    options.open(path).map_err(|error| FileError::from_io(path, "write", error))
}

fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Publishes `bytes` as `target`: readers see the old file or the new one, never a part.
pub fn publish(target: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let mut pending = PendingFile::begin(target)?;
    pending.write_all(bytes).map_err(|error| FileError::from_io(target, "write", error))?;
    pending.commit()
}

/// The same for what can be made again: it may be gone, or empty, after a power cut.
pub fn show(target: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let mut pending = PendingFile::begin(target)?;
    pending.write_all(bytes).map_err(|error| FileError::from_io(target, "write", error))?;
    pending.take_place()
}

/// Makes the file `from` durable, gives it the name `target`, and makes the name durable. Both are
/// in one file system.
pub fn put_in_place(from: &Path, target: &Path) -> Result<(), FileError> {
    let io = |error| FileError::from_io(target, "write", error);
    File::open(from).and_then(|file| file.sync_all()).map_err(io)?;
    fs::rename(from, target).map_err(io)?;
    sync_folder_of(target)
}

/// Gives a durable file another's name and place; readers see the old one or this one.
pub fn replace(new: &Path, target: &Path) -> Result<(), FileError> {
    fs::rename(new, target).map_err(|error| FileError::from_io(target, "write", error))?;
    sync_folder_of(target)
}

/// Cuts what stands behind the first `length` bytes of a file; a shorter one stays as it is.
pub fn cut(path: &Path, length: u64) -> Result<(), FileError> {
    let cut = || -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(path)?;
        match file.metadata()?.len() > length {
            true => file.set_len(length).and_then(|()| file.sync_all()),
            false => Ok(()),
        }
    };
    cut().map_err(|error| FileError::from_io(path, "write", error))
}

/// A file on its way: private and beside its target until it is committed, gone when dropped.
#[derive(Debug)]
pub struct PendingFile {
    target: PathBuf,
    temporary: PathBuf,
    file: Option<File>,
}

impl PendingFile {
    /// Begins a file that will stand at `target`.
    pub fn begin(target: &Path) -> Result<Self, FileError> {
        loop {
            let temporary = temporary_beside(target);
            match private_options().create_new(true).open(&temporary) {
                // Left by a process of the same number that was killed: take the next name.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(FileError::from_io(target, "write", error)),
                Ok(file) => {
                    return Ok(PendingFile { target: target.into(), temporary, file: Some(file) });
                }
            }
        }
    }

    /// Makes the file durable, gives it its name, and makes the name durable.
    pub fn commit(self) -> Result<(), FileError> {
        let target = self.target.clone();
        if let Some(file) = &self.file {
            file.sync_all().map_err(|error| FileError::from_io(&target, "write", error))?;
        }
        self.take_place()?;
        sync_folder_of(&target)
    }

    fn take_place(mut self) -> Result<(), FileError> {
        fs::rename(&self.temporary, &self.target)
            .map_err(|error| FileError::from_io(&self.target, "write", error))?;
        self.file = None;
        Ok(())
    }
}

impl Write for PendingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().map_or(Ok(bytes.len()), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for PendingFile {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            let _ = fs::remove_file(&self.temporary); // what is left of it harms nobody
        }
    }
}

/// A name beside `target` that no other file of this process has.
fn temporary_beside(target: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = target.file_name().unwrap_or_default().display();
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    target.with_file_name(format!(".{name}.{}-{number}.tmp", std::process::id()))
}

fn sync_folder_of(path: &Path) -> Result<(), FileError> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => sync_folder(folder),
        _ => sync_folder(Path::new(".")),
    }
}

/// Makes the names in a folder durable.
pub fn sync_folder(folder: &Path) -> Result<(), FileError> {
    // Only Unix opens a folder as a file.
    if cfg!(unix) {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| FileError::from_io(folder, "write", error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().display().to_string()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_target_is_replaced_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("summary.json");
        publish(&target, b"old").unwrap();
        let mut pending = PendingFile::begin(&target).unwrap();
        pending.write_all(b"new").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"old");
        assert_eq!(names(folder.path()).len(), 2);
        pending.commit().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["summary.json"]);
    }

    #[test]
    fn a_file_that_is_not_committed_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut pending = PendingFile::begin(&folder.path().join("a")).unwrap();
        pending.write_all(b"half").unwrap();
        drop(pending);
        assert!(names(folder.path()).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn private_means_the_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let inner = folder.path().join("state/runs");
        private_dir(&inner).unwrap();
        private_dir(&inner).unwrap();
        assert_eq!((mode(&inner), mode(inner.parent().unwrap())), (0o700, 0o700));
        let file = inner.join("ledger");
        private_file(&file).unwrap().write_all(b"kept").unwrap();
        private_file(&file).unwrap();
        assert_eq!((mode(&file), fs::read(&file).unwrap()), (0o600, b"kept".to_vec()));
        publish(&inner.join("b"), b"").unwrap();
        assert_eq!(mode(&inner.join("b")), 0o600);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named_with_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("no/such.csv");
        let error = publish(&target, b"").unwrap_err();
        assert!(matches!(&error, FileError::NoFolder { path, .. } if *path == target), "{error}");
    }
}
