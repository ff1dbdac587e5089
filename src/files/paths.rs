//! Paths and globs to files.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use super::FileError;

/// The files that `patterns` name, in their order; those of one glob in alphabetical order.
///
/// A path that exists is taken literally, even with the characters of a glob in it. A glob
/// matches files only, and none that begin with a dot unless it says so. A file that is named
/// twice, as by two globs that overlap, is taken once.
pub fn expand<S: AsRef<str>>(patterns: &[S]) -> Result<Vec<PathBuf>, FileError> {
    let mut seen = HashSet::new();
    let mut files = Vec::new();
    for pattern in patterns {
        files.extend(
            matches(pattern.as_ref())?.into_iter().filter(|file| seen.insert(file.clone())),
        );
    }
    Ok(files)
}

fn matches(pattern: &str) -> Result<Vec<PathBuf>, FileError> {
    let literal = Path::new(pattern);
    if literal.symlink_metadata().is_ok() || !pattern.contains(['*', '?', '[']) {
        return Ok(vec![literal.to_owned()]);
    }
    let options =
        glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::new() };
    let found = glob::glob_with(pattern, options)
        .map_err(|error| FileError::BadGlob { glob: pattern.into(), why: error.msg.into() })?;
    let mut files = Vec::new();
    for entry in found {
        let path = entry.map_err(|error| {
            FileError::from_io(error.path(), "read", std::io::Error::from(error.error().kind()))
        })?;
        if path.is_file() {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(FileError::NoMatch { glob: pattern.into() });
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        folder
    }

    fn names(folder: &tempfile::TempDir, patterns: &[&str]) -> Result<Vec<String>, FileError> {
        let patterns: Vec<String> =
            patterns.iter().map(|p| folder.path().join(p).display().to_string()).collect();
        let files = expand(&patterns)?;
        Ok(files.iter().map(|f| f.file_name().unwrap().display().to_string()).collect())
    }

    #[test]
    fn a_glob_gives_files_in_alphabetical_order_and_each_once() {
        let folder = folder(&["b.csv", "a.csv", "c.txt", ".hidden.csv"]);
        std::fs::create_dir(folder.path().join("dir.csv")).unwrap();
        assert_eq!(names(&folder, &["*.csv"]).unwrap(), ["a.csv", "b.csv"]);
        assert_eq!(
            names(&folder, &["b.csv", "*.csv", "c.*"]).unwrap(),
            ["b.csv", "a.csv", "c.txt"]
        );
    }

    #[test]
    fn a_path_that_exists_is_taken_literally() {
        let folder = folder(&["report[1].csv", "report1.csv"]);
        assert_eq!(names(&folder, &["report[1].csv"]).unwrap(), ["report[1].csv"]);
        assert_eq!(names(&folder, &["report[12].csv"]).unwrap(), ["report1.csv"]);
    }

    #[test]
    fn a_glob_without_a_match_is_named() {
        let folder = folder(&["a.csv"]);
        let error = names(&folder, &["*.tsv"]).unwrap_err();
        assert!(
            matches!(&error, FileError::NoMatch { glob } if glob.ends_with("*.tsv")),
            "{error}"
        );
        let error = names(&folder, &["[a.csv"]).unwrap_err();
        assert!(matches!(&error, FileError::BadGlob { .. }), "{error}");
    }
}
