//! `_manifest.json`: what a folder holds, written last, so that a reader who follows it sees one
//! whole state of the folder.

use std::{
    collections::HashSet,
    path::{Component, Path},
};

use serde::{Deserialize, Serialize};

use super::{FileLoadError, Mode, store::Store};

/// Its name. Readers of Parquet folders leave names alone that begin with `_`.
pub const MANIFEST: &str = "_manifest.json";

/// Version of its format.
const VERSION: u32 = 1;

/// What a folder holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// 1.
    pub version: u32,
    /// The pipeline that writes the folder.
    pub pipeline: String,
    /// The run that wrote last.
    pub run_id: String,
    /// When it had written everything.
    pub written_at: String,
    pub mode: Mode,
    pub key: Vec<String>,
    pub partition_by: Vec<String>,
    pub sort_by: Vec<String>,
    /// The part of the tenant's records that the last run asked for, where it asked for a part.
    pub window: Option<serde_json::Value>,
    /// Rows of all files.
    pub rows: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// The columns, those of `partition_by` among them.
    pub schema: Vec<ManifestColumn>,
    /// The files, by their paths.
    pub files: Vec<ManifestFile>,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestColumn {
    pub name: String,
    /// As Arrow writes its types.
    #[serde(rename = "type")]
    pub data_type: String,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// Relative to the folder.
    pub path: String,
    pub rows: u64,
    pub bytes: u64,
    /// 64 hexadecimal digits.
    pub sha256: String,
    /// The run that wrote it.
    pub run_id: String,
}

impl Manifest {
    /// Reads the manifest of a folder; none if there is none.
    pub fn read(store: &dyn Store, folder: &str) -> Result<Option<Manifest>, FileLoadError> {
        let Some(bytes) = store.read(MANIFEST)? else { return Ok(None) };
        let damaged = |why: String| {
            FileLoadError::refused(
                format!("`{MANIFEST}` of `{folder}` is not one that this version writes: {why}"),
                "put it back from a copy, or name another folder",
            )
        };
        let manifest: Manifest =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if manifest.version != VERSION {
            return Err(damaged(format!("its version is {}", manifest.version)));
        }
        // What it lists may be removed: nothing outside of the folder ever is.
        match manifest.files.iter().find(|file| !is_within(&file.path)) {
            Some(file) => Err(damaged(format!("`{}` is not a file of the folder", file.path))),
            None => Ok(Some(manifest)),
        }
    }

    /// Its text.
    pub fn text(&self) -> String {
        // A structure of texts and numbers can always be written.
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        text + "\n"
    }

    pub(super) fn version() -> u32 {
        VERSION
    }

    /// The names of its files.
    pub fn names(&self) -> HashSet<&str> {
        self.files.iter().map(|file| file.path.as_str()).collect()
    }
}

/// Whether a name leads to a place below the folder.
fn is_within(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    !name.is_empty()
        && !name.contains('\\')
        && parts.all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::files::store::LocalStore;

    #[test]
    fn a_manifest_that_leads_out_of_its_folder_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path());
        let manifest = |path: &str| Manifest {
            version: VERSION,
            pipeline: "p".into(),
            run_id: "r".into(),
            written_at: "2026-11-23T00:00:00Z".into(),
            mode: Mode::Snapshot,
            key: Vec::new(),
            partition_by: Vec::new(),
            sort_by: Vec::new(),
            window: None,
            rows: 1,
            bytes: 1,
            schema: Vec::new(),
            files: vec![ManifestFile {
                path: path.into(),
                rows: 1,
                bytes: 1,
                sha256: String::new(),
                run_id: "r".into(),
            }],
        };
        let read = |manifest: &Manifest| {
            std::fs::write(folder.path().join(MANIFEST), manifest.text()).unwrap();
            Manifest::read(&store, "out")
        };
        let good = manifest("DAY=1/part-00000.parquet");
        assert_eq!(read(&good).unwrap().unwrap(), good);
        for path in ["../x", "/etc/passwd", "a/../../x", ""] {
            assert!(read(&manifest(path)).is_err(), "{path}");
        }
        let newer = Manifest { version: 2, ..good };
        assert!(read(&newer).unwrap_err().to_string().contains("its version is 2"));
    }
}
