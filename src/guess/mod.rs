//! A first pipeline file from an input: its dialect, its columns by name and by values, and the
//! documented fields that they seem to be.
//!
//! What is known of names, dates and countries stands in tables ([`synonyms`], [`dates`],
//! [`places`]); what a target takes comes from the documented rules. A guess never hides what it
//! is not sure of: that is left as a comment, with what to do.

mod dates;
mod dialect;
mod express;
mod matching;
mod places;
mod profile;
mod synonyms;
mod target;
mod write;

use std::path::PathBuf;

pub use dialect::Dialect;
pub use target::Target;

use crate::{
    batch::Position,
    extract::{CHUNK_ROWS, ExtractError, ExtractOptions, Source},
    files::FileError,
    yaml,
};
use profile::Profile;

/// Rows that a guess looks at.
pub const ROWS: u64 = 100_000;

/// What is to be guessed.
pub struct Request {
    /// The input, as the pipeline is to name it.
    pub input: PathBuf,
    pub target: Target,
    /// The connection that the pipeline names.
    pub connection: String,
    /// The zone of times that say none.
    pub timezone: String,
    /// The path of the JSON Schema, for the editor's line.
    pub schema: Option<String>,
}

/// A pipeline file, and what to say about it.
pub struct Guess {
    /// The file's text.
    pub text: String,
    /// The name of the pipeline in it.
    pub name: String,
    /// Columns of the input.
    pub columns: usize,
    /// Columns that have a place.
    pub placed: usize,
    /// Rows that were looked at.
    pub rows: u64,
    /// What remains to be done before the pipeline can load anything.
    pub to_do: Vec<String>,
    /// What the source has to say.
    pub warnings: Vec<String>,
}

/// Why there is no guess.
#[derive(Debug, thiserror::Error)]
pub enum GuessError {
    /// The target's name.
    #[error("{what}")]
    Target { what: String, hint: String },
    /// The file cannot be read as one of the sources.
    #[error("{what}")]
    Unknown { what: String, hint: String },
    /// The file has no columns to guess from.
    #[error("`{}` has no columns and no rows: there is nothing to guess from", path.display())]
    Empty { path: PathBuf },
    #[error(transparent)]
    Extract(#[from] ExtractError),
    #[error(transparent)]
    Files(#[from] FileError),
}

impl GuessError {
    /// The way out.
    pub fn hint(&self) -> Option<String> {
        match self {
            GuessError::Target { hint, .. } | GuessError::Unknown { hint, .. } => {
                Some(hint.clone())
            }
            GuessError::Empty { .. } => Some("give a file that has a header and some rows".into()),
            GuessError::Extract(error) => Some(error.hint()),
            GuessError::Files(error) => Some(error.hint()),
        }
    }
}

/// Reads the beginning of an input and writes a pipeline for it.
///
/// # Errors
/// An input that cannot be read, or that nothing can be told of.
pub fn guess(request: &Request) -> Result<Guess, GuessError> {
    if jiff::tz::TimeZone::get(&request.timezone).is_err() {
        return Err(GuessError::Target {
            what: format!("`{}` is not the name of a time zone", request.timezone),
            hint: "write an IANA name, such as `America/New_York` or `Europe/Berlin`".into(),
        });
    }
    let section = extract_section(request)?;
    let source = Source::open(&section.options, None)?;
    let (columns, rows, whole) = profiles(&source)?;
    if columns.is_empty() || (rows == 0 && columns.iter().all(|column| column.name.is_empty())) {
        return Err(GuessError::Empty { path: request.input.clone() });
    }
    let fields = target::fields(request.target);
    let places = matching::assign(&columns, &fields, request.target.synonyms());
    let warnings = source.warnings().to_vec();
    let seen = write::Seen { columns: &columns, fields: &fields, places: &places, rows, whole };
    let written = write::pipeline(request, &section.lines, &seen);
    Ok(Guess {
        text: written.text,
        name: written.name,
        columns: columns.len(),
        placed: written.placed,
        rows,
        to_do: written.to_do,
        warnings,
    })
}

/// The key of `extract` for the input, as text and as options.
struct Section {
    /// Lines under `extract:`, without their indentation.
    lines: Vec<String>,
    options: ExtractOptions,
}

/// Sources that are known by the end of their name; anything else is delimited text.
const BY_NAME: &[(&str, &str)] = &[
    ("json", "json"),
    ("ndjson", "json"),
    ("jsonl", "json"),
    ("xlsx", "xlsx"),
    ("xlsm", "xlsx"),
    ("xls", "xlsx"),
    ("parquet", "parquet"),
];

fn extract_section(request: &Request) -> Result<Section, GuessError> {
    let path = write::scalar(&request.input.display().to_string());
    let ending = request.input.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let kind = BY_NAME.iter().find(|(name, _)| ending.eq_ignore_ascii_case(name));
    let (line, notes) = match kind {
        Some((_, kind)) => (format!("{kind}: {{ path: {path} }}"), Vec::new()),
        None => {
            let dialect = Dialect::of(&request.input)?;
            (format!("csv: {{ path: {path}{} }}", dialect.keys()), dialect.notes())
        }
    };
    let options = options(&line, &request.input)?;
    Ok(Section { lines: notes.into_iter().chain([line]).collect(), options })
}

/// The options that a line of YAML stands for, if the program has this source.
fn options(line: &str, path: &std::path::Path) -> Result<ExtractOptions, GuessError> {
    let parsed = yaml::parse(line);
    let root = parsed.root.filter(|_| parsed.diagnostics.is_empty());
    let options = root.and_then(|mut root| {
        let nothing = std::collections::BTreeMap::new();
        let environment = crate::environment::Environment::System;
        let with = yaml::Interpolation { variables: &nothing, environment: &environment };
        yaml::interpolate(&mut root, line, with);
        yaml::decode::<ExtractOptions>(&root, line).ok()
    });
    options.ok_or_else(|| GuessError::Unknown {
        what: format!("`{}` is of a kind that cannot be read yet", path.display()),
        hint: "store it as CSV in UTF-8 first".into(),
    })
}

/// What the columns hold; the rows looked at, and whether these are all.
fn profiles(source: &Source) -> Result<(Vec<Profile>, u64, bool), GuessError> {
    let schema = source.schema();
    let mut columns: Vec<Profile> =
        schema.fields().iter().map(|field| Profile::new(field.name())).collect();
    let mut rows = source.rows(Position::default(), CHUNK_ROWS)?;
    let mut seen = 0;
    while let Some(chunk) = rows.next_chunk()? {
        for (profile, column) in columns.iter_mut().zip(chunk.rows.columns.columns()) {
            profile.add(column, |row| chunk.rows.origins[row].line);
        }
        seen = chunk.end.ordinal;
        if seen >= ROWS {
            return Ok((columns, seen, false));
        }
    }
    Ok((columns, seen, true))
}

#[cfg(test)]
mod tests;
