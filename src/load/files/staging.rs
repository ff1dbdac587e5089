//! Files on their way: written beside the target, where no reader looks, and hashed as they grow.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::FileLoadError;
use crate::files;

/// Bytes kept back before they are written.
const BUFFER: usize = 1 << 20;

/// The folder in which a run prepares its files. It is for its owner only; the files in it have
/// the rights that they keep once they are published.
#[derive(Clone, Debug)]
pub struct Staging {
    folder: PathBuf,
}

impl Staging {
    /// An empty folder: what an earlier process left in it belongs to no run that can go on.
    pub fn begin(folder: &Path) -> Result<Staging, FileLoadError> {
        remove(folder)?;
        files::private_dir(folder)?;
        Ok(Staging { folder: folder.to_owned() })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Begins a file. Its name matches no pattern by which readers look for data.
    pub fn create(&self, name: &str) -> Result<StagedFile, FileLoadError> {
        let name = format!("{name}.staged");
        let path = self.folder.join(&name);
        let file = File::create(&path).map_err(|error| FileLoadError::io(&path, "write", error))?;
        Ok(StagedFile {
            name,
            path,
            file,
            buffer: Vec::with_capacity(BUFFER),
            hash: Sha256::new(),
            bytes: 0,
        })
    }
}

/// Takes a staging folder away, with all that is in it.
pub fn remove(folder: &Path) -> Result<(), FileLoadError> {
    match fs::remove_dir_all(folder) {
        Err(error) if !matches!(error.kind(), io::ErrorKind::NotFound) => {
            Err(FileLoadError::io(folder, "remove", error))
        }
        _ => Ok(()),
    }
}

/// A file that grows, with its length and its SHA-256 so far.
#[derive(Debug)]
pub struct StagedFile {
    name: String,
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    hash: Sha256,
    bytes: u64,
}

/// A file that is whole and durable, and has not its final name yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// Its name in the staging folder.
    pub name: String,
    pub bytes: u64,
    /// 64 hexadecimal digits.
    pub sha256: String,
}

impl StagedFile {
    /// Where it stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes it durable.
    pub fn finish(mut self) -> Result<Staged, FileLoadError> {
        self.hand_on()
            .and_then(|()| self.file.sync_all())
            .map_err(|error| FileLoadError::io(&self.path, "write", error))?;
        Ok(Staged { name: self.name, bytes: self.bytes, sha256: hex(&self.hash.finalize()) })
    }

    fn hand_on(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.hash.update(&self.buffer);
        self.bytes += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

impl Write for StagedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER {
            self.hand_on()?;
        }
        Ok(bytes.len())
    }

    /// What is kept back goes at the end.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_staged_file_knows_its_length_and_hash() {
        let folder = tempfile::tempdir().unwrap();
        let staging = Staging::begin(&folder.path().join(".staging")).unwrap();
        let mut file = staging.create("00000").unwrap();
        file.write_all(b"abc").unwrap();
        let staged = file.finish().unwrap();
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((staged.bytes, staged.sha256.as_str()), (3, abc));
        assert_eq!(fs::read(staging.folder().join(&staged.name)).unwrap(), b"abc");
    }

    #[test]
    fn a_staging_folder_begins_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".staging");
        let staging = Staging::begin(&path).unwrap();
        staging.create("left-over").unwrap().finish().unwrap();
        Staging::begin(&path).unwrap();
        assert_eq!(fs::read_dir(&path).unwrap().count(), 0);
    }
}
