//! What can go wrong with a file, and what its owner does next.

use std::{
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

/// What the reader of an error does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Write another path or option into the pipeline file.
    MendOptions,
    /// Get the right to read or write.
    MendAccess,
    /// Mend the content of the file.
    MendFile,
    /// Free space, then resume.
    MakeRoom,
    /// Look at the machine; the same command may work again.
    TryAgain,
    /// Tell the makers of this program.
    ReportBug,
}

/// An error of one file: it names the file, and [`FileError::hint`] tells the way out.
#[derive(Debug, Error)]
pub enum FileError {
    /// Nothing stands at the path.
    #[error("there is no file `{}`", path.display())]
    Missing { path: PathBuf },
    /// A file is to be written where no folder stands.
    #[error("there is no folder to {doing} `{}` in", path.display())]
    NoFolder { path: PathBuf, doing: &'static str },
    /// A file stands where a folder is wanted.
    #[error("`{}` is a file, and a folder is wanted there", path.display())]
    NotFolder { path: PathBuf },
    /// A glob that matches no file.
    #[error("no file matches `{glob}`")]
    NoMatch { glob: String },
    /// A glob that is none.
    #[error("`{glob}` is not a valid glob: {why}")]
    BadGlob { glob: String, why: String },
    /// A directory where a file is wanted.
    #[error("`{}` is a directory, not a file", path.display())]
    Directory { path: PathBuf },
    /// A pipe, socket or device where a file is wanted.
    #[error("`{}` is not a regular file", path.display())]
    NotRegular { path: PathBuf },
    /// The system denies it.
    #[error("no permission to {doing} `{}`", path.display())]
    Permission { path: PathBuf, doing: &'static str },
    /// The suffix says one thing, the first bytes another.
    #[error("`{}` is named like a {named} file, but its content is {found}", path.display())]
    WrongCompression { path: PathBuf, named: &'static str, found: &'static str },
    /// A compressed file that cannot be decompressed to its end.
    #[error("`{}` is damaged: {why}", path.display())]
    Damaged { path: PathBuf, why: String },
    /// A file that ends before the place where reading was to go on.
    #[error("`{}` ends before byte {wanted}, where reading was to go on", path.display())]
    EndsBefore { path: PathBuf, wanted: u64 },
    /// A result file that lost bytes that were already counted.
    #[error("`{}` has {found} bytes, but {committed} were written to it", path.display())]
    LostResults { path: PathBuf, committed: u64, found: u64 },
    /// A result file that begins with other columns than the run writes.
    #[error("`{}` does not begin with the columns of this run", path.display())]
    OtherColumns { path: PathBuf },
    /// No space, or no quota, left.
    #[error("no space left to {doing} `{}`", path.display())]
    DiskFull { path: PathBuf, doing: &'static str },
    /// Anything else that the system says.
    #[error("could not {doing} `{}`: {source}", path.display())]
    Io { path: PathBuf, doing: &'static str, source: io::Error },
}

impl FileError {
    /// The error that the system gave when `doing` something to `path`; `doing` is a verb.
    pub fn from_io(path: &Path, doing: &'static str, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            // `AlreadyExists`: a folder was to be made where the file stands.
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists if doing != "read" => {
                let file = path.ancestors().find(|above| above.is_file()).unwrap_or(&path);
                FileError::NotFolder { path: file.to_owned() }
            }
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => match doing {
                "read" => FileError::Missing { path },
                _ => FileError::NoFolder { path, doing },
            },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                FileError::Permission { path, doing }
            }
            io::ErrorKind::IsADirectory => FileError::Directory { path },
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => FileError::DiskFull { path, doing },
            _ => FileError::Io { path, doing, source },
        }
    }

    /// What kind of mending the error asks for.
    pub fn remedy(&self) -> Remedy {
        match self {
            FileError::Missing { .. }
            | FileError::NoFolder { .. }
            | FileError::NotFolder { .. }
            | FileError::NoMatch { .. }
            | FileError::BadGlob { .. }
            | FileError::Directory { .. }
            | FileError::NotRegular { .. } => Remedy::MendOptions,
            FileError::Permission { .. } => Remedy::MendAccess,
            FileError::WrongCompression { .. }
            | FileError::Damaged { .. }
            | FileError::EndsBefore { .. }
            | FileError::LostResults { .. }
            | FileError::OtherColumns { .. } => Remedy::MendFile,
            FileError::DiskFull { .. } => Remedy::MakeRoom,
            FileError::Io { .. } => Remedy::TryAgain,
        }
    }

    /// What to do about it, in a sentence.
    pub fn hint(&self) -> String {
        match self {
            FileError::Missing { .. } => {
                "check the path; relative paths are relative to the working directory".into()
            }
            FileError::NoFolder { .. } => "make the folder, or choose another".into(),
            FileError::NotFolder { .. } => "move the file away, or choose another folder".into(),
            FileError::NoMatch { .. } => {
                "check the pattern; it is relative to the working directory".into()
            }
            FileError::BadGlob { .. } => {
                "write `[*]`, `[?]` or `[[]` for a character that is meant literally".into()
            }
            FileError::Directory { path } => {
                format!("name the files in it, for example `{}`", path.join("*.csv").display())
            }
            FileError::NotRegular { .. } => {
                "save it to a file first: an interrupted run reads its input again".into()
            }
            FileError::Permission { doing, path } => match *doing {
                "read" => {
                    format!("run `ls -l {}` and give the user read permission", path.display())
                }
                _ => "give the user write permission on the directory, or choose another".into(),
            },
            FileError::WrongCompression { found: "not compressed", .. } => {
                "take the suffix away, or get the compressed file".into()
            }
            FileError::WrongCompression { found, .. } => {
                format!("rename the file so that its suffix says {found}, or store it again")
            }
            FileError::Damaged { .. } => {
                "copy the file again from where it came from; `gzip -t` or `zstd -t` tests it"
                    .into()
            }
            FileError::EndsBefore { .. } => {
                "the file was cut since the run was interrupted; put it back, or start anew with \
                 `--fresh`"
                    .into()
            }
            FileError::LostResults { .. } => {
                "put the file back from a copy, or start anew with `--fresh`".into()
            }
            FileError::OtherColumns { .. } => {
                "the file was edited or replaced; put it back, or start anew with `--fresh`".into()
            }
            FileError::DiskFull { .. } => {
                "free some space and run the same command again: it goes on where it was".into()
            }
            FileError::Io { .. } => "look at the disk, then run the same command again".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_system_carry_the_path_and_the_way_out() {
        for (kind, remedy, message) in [
            (
                io::ErrorKind::NotFound,
                Remedy::MendOptions,
                "there is no folder to write `a/b.csv` in",
            ),
            (
                io::ErrorKind::PermissionDenied,
                Remedy::MendAccess,
                "no permission to write `a/b.csv`",
            ),
            (io::ErrorKind::StorageFull, Remedy::MakeRoom, "no space left to write `a/b.csv`"),
            (io::ErrorKind::QuotaExceeded, Remedy::MakeRoom, "no space left to write `a/b.csv`"),
            (
                io::ErrorKind::IsADirectory,
                Remedy::MendOptions,
                "`a/b.csv` is a directory, not a file",
            ),
        ] {
            let error = FileError::from_io(Path::new("a/b.csv"), "write", kind.into());
            assert_eq!(error.remedy(), remedy);
            assert_eq!(error.to_string(), message);
            assert!(!error.hint().is_empty());
        }
    }
}
