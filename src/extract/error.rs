//! What keeps a source from being read, named by what its owner does next.

use std::path::PathBuf;

use thiserror::Error;

use crate::{
    diagnostic::Diagnostic,
    files::{FileError, Remedy},
    spool::SpoolError,
};

/// A source that cannot be read, as a whole. A row that cannot is a
/// [`BadRow`](crate::batch::BadRow), and no error.
#[derive(Debug, Error)]
pub enum ExtractError {
    /// The file itself: not there, not readable, damaged.
    #[error(transparent)]
    File(#[from] FileError),
    /// Keys of `extract` with values that cannot be.
    #[error("{}", messages(.0))]
    Options(Vec<Diagnostic>),
    /// Not even a header.
    #[error("`{}` is empty: it has no header", path.display())]
    Empty { path: PathBuf },
    /// A first row that cannot name the columns.
    #[error("the header of `{}` cannot be read: {why}", path.display())]
    BadHeader { path: PathBuf, why: String },
    /// Bytes that no text in an ASCII-compatible encoding has.
    #[error("`{}` is not a text file: {what}", path.display())]
    NotText { path: PathBuf, what: &'static str, hint: &'static str },
    /// A byte order mark that contradicts the option.
    #[error("`{}` says that it is utf-8, by its byte order mark, but `encoding` says {encoding}",
        path.display())]
    WrongEncoding { path: PathBuf, encoding: String },
    /// One column only, whose name holds what looks like the delimiter.
    #[error("the header of `{}` is one column, `{header}`", path.display())]
    WrongDelimiter { path: PathBuf, header: String, found: char },
    /// More columns than any table has: it is probably something else.
    #[error("the header of `{}` has {found} columns, the limit is {limit}", path.display())]
    TooManyColumns { path: PathBuf, found: usize, limit: usize },
    /// Files of one source that are not alike.
    #[error("the header of `{}` is not that of `{}`: {how}", path.display(), first.display())]
    HeaderDiffers { path: PathBuf, first: PathBuf, how: String },
    /// Columns of one source's files that are not alike, where files name their types.
    #[error("the columns of `{}` are not those of `{}`: {how}", path.display(), first.display())]
    ColumnsDiffer { path: PathBuf, first: PathBuf, how: String },
    /// A file that is not what the source reads, or one that holds no table.
    #[error("`{}` cannot be read as {format}: {why}", path.display())]
    Format { path: PathBuf, format: &'static str, why: String, hint: String },
    /// A line that even its length cannot be told of.
    #[error("line {line} of `{}` is longer than 4 GiB", path.display())]
    EndlessLine { path: PathBuf, line: u64 },
    /// Columns that Arrow does not take: a mistake of this program.
    #[error("the rows could not be put into columns: {0}")]
    Columns(#[from] arrow::error::ArrowError),
    /// Files where the rows come from the tenant.
    #[error("the rows of this pipeline come from the tenant, and not from files")]
    NoFiles,
    /// Rows of the tenant that were not fetched yet.
    #[error("the rows of this pipeline come from the tenant, and were not fetched")]
    NotFetched,
    /// A fetched row that is not there any more.
    #[error("row {row} of what was fetched is not there any more")]
    RowNotFetched { row: u64 },
    /// The file with what was fetched.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// A row that was there and is not.
    #[error("`{}` has no row at {start} any more", path.display())]
    RowGone { path: PathBuf, start: u64 },
}

impl ExtractError {
    /// What kind of mending the error asks for.
    pub fn remedy(&self) -> Remedy {
        match self {
            ExtractError::File(error) => error.remedy(),
            ExtractError::Spool(SpoolError::Full { .. }) => Remedy::MakeRoom,
            ExtractError::Columns(_) => Remedy::ReportBug,
            ExtractError::NotFetched => Remedy::MendOptions,
            ExtractError::Options(_)
            | ExtractError::NoFiles
            | ExtractError::WrongEncoding { .. }
            | ExtractError::WrongDelimiter { .. } => Remedy::MendOptions,
            ExtractError::Empty { .. }
            | ExtractError::BadHeader { .. }
            | ExtractError::NotText { .. }
            | ExtractError::TooManyColumns { .. }
            | ExtractError::HeaderDiffers { .. }
            | ExtractError::ColumnsDiffer { .. }
            | ExtractError::Format { .. }
            | ExtractError::EndlessLine { .. }
            | ExtractError::Spool(_)
            | ExtractError::RowNotFetched { .. }
            | ExtractError::RowGone { .. } => Remedy::MendFile,
        }
    }

    /// What to do about it, in a sentence.
    pub fn hint(&self) -> String {
        match self {
            ExtractError::File(error) => error.hint(),
            ExtractError::Options(all) => {
                all.iter().find_map(|one| one.hint.clone()).unwrap_or_default()
            }
            ExtractError::Columns(_) => "this is a bug: please report it with the file".into(),
            ExtractError::NoFiles => "leave `--input` out".into(),
            ExtractError::NotFetched => {
                "`vccpipe preview` shows some of them, `vccpipe plan --fetch` reads them all".into()
            }
            ExtractError::Spool(error) => error.hint().into(),
            ExtractError::RowNotFetched { .. } => {
                "give the command again with `--fresh`: everything is fetched anew".into()
            }
            ExtractError::Empty { .. } => {
                "export it again, or take it from `path`; with `header: false` the first row is \
                 data"
                    .into()
            }
            ExtractError::BadHeader { .. } => {
                "mend its first line; it names the columns, unless `header: false` is set".into()
            }
            ExtractError::NotText { hint, .. } => (*hint).into(),
            ExtractError::WrongEncoding { .. } => "take `encoding` away: utf-8 is read".into(),
            ExtractError::WrongDelimiter { found, .. } => {
                let written = if *found == '\t' { "\\t".to_owned() } else { found.to_string() };
                format!("the fields seem to be separated otherwise: set `delimiter: \"{written}\"`")
            }
            ExtractError::TooManyColumns { .. } => {
                "check `delimiter`, and that the line ends are really line ends".into()
            }
            ExtractError::Format { hint, .. } => hint.clone(),
            ExtractError::HeaderDiffers { .. } | ExtractError::ColumnsDiffer { .. } => {
                "load files of different columns by pipelines of their own".into()
            }
            ExtractError::EndlessLine { .. } => {
                "check that it is a delimited text file, and its line ends".into()
            }
            ExtractError::RowGone { .. } => {
                "the file changed since it was read; put it back and run the command again".into()
            }
        }
    }
}

fn messages(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|one| one.message.as_str()).collect::<Vec<_>>().join("; ")
}
