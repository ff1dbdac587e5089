//! The program's surroundings as a parameter, so that tests choose them: environment variables,
//! and the small files that `${file:..}` names.

use std::{
    collections::BTreeMap,
    fmt,
    fs::File,
    io::{self, Read},
};

/// Where `${env:NAME}` and `${file:PATH}` look.
#[derive(Clone, Default)]
pub enum Environment {
    /// The system's.
    #[default]
    System,
    /// Always the same, for tests.
    Fixed {
        /// Environment variables.
        variables: BTreeMap<String, String>,
        /// Files by their path.
        files: BTreeMap<String, String>,
    },
}

/// Bytes that a file named by `${file:..}` may have: it holds a token or an expression.
pub const FILE_LIMIT: u64 = 64 * 1024;

impl Environment {
    /// Environment variables only, for tests.
    pub fn fixed<const N: usize>(variables: [(&str, &str); N]) -> Self {
        let variables =
            variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter();
        Environment::Fixed { variables: variables.collect(), files: BTreeMap::new() }
    }

    /// The value of an environment variable; none if it is not set or not Unicode.
    pub fn variable(&self, name: &str) -> Option<String> {
        match self {
            Environment::System => std::env::var(name).ok(),
            Environment::Fixed { variables, .. } => variables.get(name).cloned(),
        }
    }

    /// The text of a small file, at most [`FILE_LIMIT`] bytes.
    pub fn file(&self, path: &str) -> io::Result<String> {
        match self {
            Environment::System => read_small(path),
            Environment::Fixed { files, .. } => {
                files.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
            }
        }
    }
}

fn read_small(path: &str) -> io::Result<String> {
    let mut text = String::new();
    // One byte more tells a file that is too long from one that just fits, and nobody waits for
    // the end of a device.
    File::open(path)?.take(FILE_LIMIT + 1).read_to_string(&mut text)?;
    if text.len() as u64 > FILE_LIMIT {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it has more than {FILE_LIMIT} bytes"),
        ));
    }
    Ok(text)
}

/// The surroundings hold tokens and passwords.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Environment::System => "System",
            Environment::Fixed { .. } => "Fixed(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_long_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        std::fs::write(&path, "x".repeat(FILE_LIMIT as usize)).unwrap();
        assert!(Environment::System.file(path.to_str().unwrap()).is_ok());
        std::fs::write(&path, "x".repeat(FILE_LIMIT as usize + 1)).unwrap();
        let error = Environment::System.file(path.to_str().unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "it has more than 65536 bytes");
    }
}
