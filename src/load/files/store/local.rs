//! A folder of the file system.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::{FileLoadError, Store};
use crate::files::FileError;

/// A folder, which need not be there yet.
#[derive(Debug)]
pub struct LocalStore {
    root: PathBuf,
}

impl LocalStore {
    pub fn new(root: &Path) -> Self {
        LocalStore { root: root.to_owned() }
    }

    fn collect(&self, folder: &Path, names: &mut Vec<String>) -> Result<(), FileLoadError> {
        let failed = |error| FileLoadError::io(folder, "read", error);
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other.map_err(failed)?,
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if entry.file_type().map_err(failed)?.is_dir() {
                self.collect(&path, names)?;
            } else if let Ok(within) = path.strip_prefix(&self.root) {
                names.push(within.to_string_lossy().replace('\\', "/"));
            }
        }
        Ok(())
    }
}

impl Store for LocalStore {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, FileLoadError> {
        let path = self.root.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FileLoadError::io(&path, "read", error)),
        }
    }

    fn list(&self) -> Result<Vec<String>, FileLoadError> {
        let mut names = Vec::new();
        self.collect(&self.root, &mut names)?;
        names.sort();
        Ok(names)
    }

    fn put(&self, staged: &Path, name: &str, bytes: u64) -> Result<(), FileLoadError> {
        let path = self.root.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .map_err(|error| FileLoadError::io(folder, "make the folder", error))?;
        }
        match fs::rename(staged, &path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                match fs::metadata(&path).is_ok_and(|there| there.len() == bytes) {
                    true => Ok(()),
                    false => Err(FileLoadError::io(staged, "read", error)),
                }
            }
            other => other.map_err(|error| FileLoadError::io(&path, "write", error)),
        }
    }

    fn delete(&self, name: &str) -> Result<(), FileLoadError> {
        let path = self.root.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(FileLoadError::io(&path, "remove", error));
            }
            _ => {}
        }
        // A partition of which nothing is left; one that holds something else stays.
        let mut folder = path.parent();
        while let Some(empty) = folder.filter(|folder| *folder != self.root) {
            if fs::remove_dir(empty).is_err() {
                break;
            }
            folder = empty.parent();
        }
        Ok(())
    }

    fn fetch(&self, name: &str, _scratch: &Path) -> Result<PathBuf, FileLoadError> {
        let path = self.root.join(name);
        match path.is_file() {
            true => Ok(path),
            false => Err(FileError::Missing { path }.into()),
        }
    }

    fn sync(&self, names: &[&str]) -> Result<(), FileLoadError> {
        let mut folders = BTreeSet::from([self.root.as_path()]);
        // The folders above may be new, too.
        folders.extend(self.root.parent());
        let paths: Vec<PathBuf> = names.iter().map(|name| self.root.join(name)).collect();
        for path in &paths {
            folders.extend(path.ancestors().skip(1).take_while(|above| *above != self.root));
        }
        // Only Unix opens a folder as a file.
        if cfg!(unix) {
            for folder in folders {
                match File::open(folder).and_then(|folder| folder.sync_all()) {
                    // A partition that was removed; a folder above that may not be opened.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(_) if Some(folder) == self.root.parent() => {}
                    other => {
                        other.map_err(|error| FileLoadError::io(folder, "write", error))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn manifest_first(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_put_that_was_done_before_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(&folder.path().join("out"));
        let staged = folder.path().join("00000.staged");
        fs::write(&staged, "new").unwrap();
        for _ in 0..2 {
            store.put(&staged, "DAY=1/part-00000.parquet", 3).unwrap();
        }
        // A file that is another one was not put there by an earlier process.
        assert!(store.put(&staged, "DAY=1/part-00000.parquet", 4).is_err());
        assert_eq!(store.list().unwrap(), ["DAY=1/part-00000.parquet"]);
        assert_eq!(store.read("DAY=1/part-00000.parquet").unwrap().unwrap(), b"new");
        store.sync(&["DAY=1/part-00000.parquet"]).unwrap();
    }

    #[test]
    fn a_partition_goes_with_its_last_file_and_hidden_files_are_nobodys() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path());
        let staged = folder.path().join(".s");
        for name in ["A=1/B=2/part-00000.parquet", "A=1/B=3/part-00000.parquet"] {
            fs::write(&staged, "x").unwrap();
            store.put(&staged, name, 1).unwrap();
        }
        fs::write(folder.path().join(".hidden"), "x").unwrap();
        store.delete("A=1/B=2/part-00000.parquet").unwrap();
        store.delete("A=1/B=2/part-00000.parquet").unwrap();
        assert!(!folder.path().join("A=1/B=2").exists());
        assert_eq!(store.list().unwrap(), ["A=1/B=3/part-00000.parquet"]);
    }
}
