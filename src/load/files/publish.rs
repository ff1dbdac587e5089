//! From staged files to files that readers find: a plan that is durable before its first step, and
//! whose steps may be done twice.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{
    FileLoadError,
    staging::{self, Staged},
    store::Place,
};
use crate::failpoint;

/// What is to be done so that readers find what was staged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishPlan {
    /// The folder, or the prefix in an object store.
    pub place: String,
    /// Where the staged files stand.
    pub staging: PathBuf,
    /// Files to be given their names, in this order.
    pub files: Vec<Placing>,
    /// Files that no longer belong to the place.
    pub obsolete: Vec<String>,
    /// The staged manifest, where the place has one.
    pub manifest: Option<Placing>,
}

/// A staged file and the name that it gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placing {
    /// Its name in the staging folder.
    pub staged: String,
    pub name: String,
    pub bytes: u64,
}

impl Placing {
    pub(super) fn of(staged: Staged, name: String) -> Placing {
        Placing { staged: staged.name, name, bytes: staged.bytes }
    }
}

impl PublishPlan {
    /// Carries the plan out, from wherever an earlier process has left it.
    ///
    /// # Errors
    /// The place cannot be written; the plan can be carried out later.
    pub fn carry_out(&self) -> Result<(), FileLoadError> {
        let place = Place::parse(&self.place)?;
        let store = place.open()?;
        let mut names: Vec<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        for file in &self.files {
            store.put(&self.staging.join(&file.staged), &file.name, file.bytes)?;
            failpoint::pass("file-is-published");
        }
        let manifest_first = store.manifest_first();
        let remove = || -> Result<(), FileLoadError> {
            for name in &self.obsolete {
                store.delete(name)?;
                failpoint::pass("file-is-removed");
            }
            Ok(())
        };
        if !manifest_first {
            remove()?;
        }
        // What the manifest lists is durable before the manifest is.
        names.extend(self.obsolete.iter().map(String::as_str));
        store.sync(&names)?;
        if let Some(manifest) = &self.manifest {
            let staged = self.staging.join(&manifest.staged);
            store.put(&staged, &manifest.name, manifest.bytes)?;
            store.sync(&[&manifest.name])?;
            failpoint::pass("manifest-is-published");
        }
        if manifest_first {
            remove()?;
        }
        Ok(())
    }

    /// Takes the staging folder away, once all that the plan brought about is in the books.
    pub fn tidy(&self) -> Result<(), FileLoadError> {
        staging::remove(&self.staging)
    }
}
