//! The place where files are published: a folder of a disk, or a prefix in an object store.

mod local;
mod object;

use std::{
    fmt::Debug,
    path::{Path, PathBuf},
};

use super::FileLoadError;

pub use local::LocalStore;
pub use object::ObjectPlace;

/// A folder, by its kind. It knows nothing of what stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder of the file system.
    Folder(PathBuf),
    /// A bucket, and a prefix in it.
    Objects(ObjectPlace),
}

/// Where files are published. Names are relative to it, with `/` between their parts.
pub trait Store: Debug + Send + Sync {
    /// All that a small file holds; none if there is no such file.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, FileLoadError>;

    /// The names of all files, in order; hidden ones are left out.
    fn list(&self) -> Result<Vec<String>, FileLoadError>;

    /// Publishes a staged file of so many bytes: readers see what stood there before, or all of
    /// the new one. Where the staged file is gone, an earlier process has published it.
    fn put(&self, staged: &Path, name: &str, bytes: u64) -> Result<(), FileLoadError>;

    /// Removes a file; one that is gone is no mistake.
    fn delete(&self, name: &str) -> Result<(), FileLoadError>;

    /// A file to read from; one of an object store is copied into `scratch` before.
    fn fetch(&self, name: &str, scratch: &Path) -> Result<PathBuf, FileLoadError>;

    /// Makes the names of what was put and deleted durable.
    fn sync(&self, names: &[&str]) -> Result<(), FileLoadError>;

    /// Whether readers find the manifest before what it does not list is removed: where removing
    /// takes long.
    fn manifest_first(&self) -> bool;
}

impl Place {
    /// Reads the path of a pipeline file.
    pub fn parse(path: &str) -> Result<Place, FileLoadError> {
        match path.split_once("://") {
            Some((scheme, rest)) => ObjectPlace::parse(scheme, rest).map(Place::Objects),
            None => {
                let whole = std::path::absolute(path);
                let whole =
                    whole.map_err(|error| FileLoadError::io(Path::new(path), "write", error))?;
                Ok(Place::Folder(whole))
            }
        }
    }

    /// The folder in which a file stands, and the file's name.
    pub fn parent(&self) -> Option<(Place, String)> {
        match self {
            Place::Folder(path) => {
                let name = path.file_name()?.to_str()?.to_owned();
                Some((Place::Folder(path.parent()?.to_owned()), name))
            }
            Place::Objects(place) => {
                let (parent, name) = place.parent()?;
                Some((Place::Objects(parent), name))
            }
        }
    }

    /// Opens it; an object store takes its credentials from the environment.
    pub fn open(&self) -> Result<Box<dyn Store>, FileLoadError> {
        match self {
            Place::Folder(path) => Ok(Box::new(LocalStore::new(path))),
            Place::Objects(place) => place.open(),
        }
    }

    /// Where a run of `pipeline` prepares its files: beside them, so that publishing is a rename,
    /// or in the run's own folder, from which they are sent.
    pub fn staging(&self, pipeline: &str, run_folder: &Path) -> PathBuf {
        match self {
            Place::Folder(path) => path.join(format!(".vccpipe-staging-{pipeline}")),
            Place::Objects(_) => run_folder.join("staging"),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Folder(path) => write!(f, "{}", path.display()),
            Place::Objects(place) => write!(f, "{place}"),
        }
    }
}
