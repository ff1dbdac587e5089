//! The pipeline file: its text checked as a whole, with the place of everything that a later
//! check may want to point at. Nothing is opened here but the file itself.

mod checks;
mod vars;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
};

use schemars::JsonSchema;
use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_64;

use crate::{
    diagnostic::{Diagnostic, Report},
    extract::ExtractOptions,
    load::LoadOptions,
    transform::Step,
    yaml::{self, Gaps, Interpolation, Node, Parsed, Spanned},
};

pub use vars::Vars;

/// A pipeline: where rows come from, what happens to them, and where they go.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "vccpipe pipeline")]
pub struct Pipeline {
    /// Version of the format: 1.
    #[schemars(extend("const" = 1))]
    pub version: u32,
    /// Names the run's folder: lower-case letters, digits and hyphens, at most 64 of them.
    #[schemars(regex(pattern = r"^[a-z0-9-]{1,64}$"))]
    pub name: Spanned<String>,
    /// What the pipeline is for.
    #[serde(default)]
    pub description: Option<String>,
    /// A name in connections.yaml, or `simulator`, which is built in.
    #[schemars(length(min = 1))]
    pub connection: Spanned<String>,
    /// Defaults of the variables that `${var:NAME}` stands for; `--var NAME=value` overrides them.
    #[serde(default)]
    #[schemars(extend("additionalProperties" = { "type": ["string", "number", "boolean"] }))]
    pub vars: BTreeMap<String, String>,
    /// Where the rows come from.
    pub extract: ExtractOptions,
    /// What happens to the rows: a list of steps, each with one key.
    #[serde(default)]
    pub transform: Vec<Spanned<Step>>,
    /// Where the rows go.
    pub load: LoadOptions,
    /// The text that this was read from.
    #[serde(skip)]
    #[schemars(skip)]
    pub source: Source,
}

/// The text of a pipeline, to point at later and to tell whether it has changed.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The file's name.
    pub file: String,
    /// The text as written.
    pub text: String,
    /// The variables that it uses.
    pub variables: BTreeSet<String>,
    /// A fingerprint of each section with `${..}` replaced. Comments, spaces and quotes make no
    /// difference to it.
    pub fingerprints: BTreeMap<String, u64>,
}

impl Source {
    /// Complaints about places of this text.
    pub fn report(&self, diagnostics: Vec<Diagnostic>) -> Report {
        Report::new(&self.file, &self.text, diagnostics)
    }
}

/// Why there is no pipeline.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read the pipeline file `{}`: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// The file is wrong.
    #[error("{0}")]
    Wrong(Report),
}

impl LoadError {
    /// The way out, where it is not told with the places in the file.
    pub fn hint(&self) -> Option<String> {
        match self {
            LoadError::Unreadable { error, .. } if error.kind() == io::ErrorKind::NotFound => Some(
                "check the path; relative paths are relative to the working directory".to_owned(),
            ),
            LoadError::Unreadable { error, .. } if error.kind() == io::ErrorKind::InvalidData => {
                Some("a pipeline file is UTF-8 text".to_owned())
            }
            _ => None,
        }
    }
}

impl Pipeline {
    /// Reads and checks a pipeline file.
    pub fn load(path: &Path, vars: &Vars) -> Result<Pipeline, LoadError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| LoadError::Unreadable { path: path.to_owned(), error })?;
        Self::parse(&path.display().to_string(), &text, vars).map_err(LoadError::Wrong)
    }

    /// Checks the text of a pipeline file. All that is wrong with it is told at once.
    pub fn parse(file: &str, text: &str, vars: &Vars) -> Result<Pipeline, Report> {
        let Parsed { root, mut diagnostics, damaged } = yaml::parse(text);
        let Some(mut root) = root else {
            if diagnostics.is_empty() {
                diagnostics.push(checks::empty_file());
            }
            return Err(Report::new(file, text, diagnostics));
        };
        let used = yaml::references(&root, text);
        let unreplaced = replace_variables(&mut root, text, vars, damaged);
        let gaps = Gaps { sections: damaged, interpolations: !unreplaced.is_empty() };
        diagnostics.extend(unreplaced);
        diagnostics.extend(yaml::check(&yaml::schema_of::<Pipeline>(), &root, text, gaps));
        checks::sections(&root, text, &mut diagnostics);
        if diagnostics.is_empty() {
            match yaml::decode::<Pipeline>(&root, text) {
                Ok(pipeline) => return Ok(pipeline.with_source(file, text, &root, used)),
                Err(complaint) => diagnostics.push(complaint),
            }
        }
        Err(Report::new(file, text, diagnostics))
    }

    fn with_source(mut self, file: &str, text: &str, root: &Node, used: BTreeSet<String>) -> Self {
        let fingerprint = |node: &Node| xxh3_64(node.canonical().as_bytes());
        self.source = Source {
            file: file.to_owned(),
            text: text.to_owned(),
            variables: used,
            fingerprints: root
                .entries()
                .iter()
                .map(|(key, value)| (key.name.clone(), fingerprint(value)))
                .collect(),
        };
        self
    }

    /// Whether the file declares or uses a variable.
    pub fn knows_variable(&self, name: &str) -> bool {
        self.vars.contains_key(name) || self.source.variables.contains(name)
    }

    /// Complaints about places of this pipeline's file.
    pub fn report(&self, diagnostics: Vec<Diagnostic>) -> Report {
        self.source.report(diagnostics)
    }
}

/// Defaults first, then `--var`, then every other value of the file.
fn replace_variables(root: &mut Node, text: &str, vars: &Vars, damaged: bool) -> Vec<Diagnostic> {
    let used = yaml::references(root, text);
    let mut found = Vec::new();
    let variables = vars.with_defaults(root, text, &mut found);
    if !damaged {
        found.extend(vars.superfluous(root, &used));
    }
    let with = Interpolation { variables: &variables, environment: &vars.environment };
    // The defaults have been replaced already; what they hold now is not looked at again.
    let defaults =
        root.get_mut("vars").map(|node| std::mem::replace(&mut node.value, yaml::Value::Null));
    found.extend(yaml::interpolate(root, text, with));
    if let (Some(defaults), Some(node)) = (defaults, root.get_mut("vars")) {
        node.value = defaults;
    }
    found
}

/// The JSON Schema of a pipeline file, for editors.
pub fn schema_json() -> String {
    let mut schema = yaml::schema_of::<Pipeline>();
    yaml::as_written(&mut schema);
    format!("{schema:#}\n")
}

#[cfg(test)]
mod tests;
