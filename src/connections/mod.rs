//! connections.yaml: the tenants that pipelines may speak to, with their credentials and limits.
//!
//! All of the file is checked when it is read, but `${..}` is replaced only in the connection
//! that is asked for, so that an unset variable of another one does no harm.

mod address;
mod duration;
mod mask;
mod options;
mod resolve;

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    diagnostic::{Diagnostic, Report, listed, nearest},
    environment::Environment,
    yaml::{self, Gaps, Node, Parsed},
};

pub use crate::wire::wapi::{Apostrophe, Characters, ReplyCharacters};
pub use options::{Endpoint, Rate, StartMethod, Token};
pub use resolve::{
    CallAccess, CampaignTokens, Connection, Limit, Limits, Retry, Timeouts, Tokens, Wapi,
    WapiAccess,
};

/// The connection that needs no file: a simulated tenant inside the process.
pub const SIMULATOR: &str = "simulator";

/// Where connections are looked for when nothing else is said.
pub const DEFAULT_FILE: &str = "connections.yaml";

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// There is no file.
    #[error("there is no connections file `{}`", path.display())]
    NoFile {
        /// The file looked for.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("cannot read the connections file `{}`: {error}", path.display())]
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
    /// The file has no such connection.
    #[error("`{file}` has no connection `{name}`{}", meant.as_ref().map(|meant| format!(", did you mean `{meant}`?")).unwrap_or_default())]
    Unknown {
        /// The name asked for.
        name: String,
        /// The file.
        file: String,
        /// The name that was probably meant.
        meant: Option<String>,
        /// The names that there are.
        names: Vec<String>,
    },
}

impl ConnectionError {
    /// The way out, where it is not told with the places in the file.
    pub fn hint(&self) -> Option<String> {
        match self {
            ConnectionError::NoFile { .. } => Some(format!(
                "`--connections FILE` names another; the connection `{SIMULATOR}` needs none"
            )),
            ConnectionError::Unreadable { error, .. }
                if error.kind() == io::ErrorKind::InvalidData =>
            {
                Some("a connections file is UTF-8 text".to_owned())
            }
            ConnectionError::Unreadable { .. } | ConnectionError::Wrong(_) => None,
            ConnectionError::Unknown { names, .. } => Some(format!(
                "the connections are: {}",
                listed(names.iter().map(String::as_str).chain([SIMULATOR]))
            )),
        }
    }
}

/// A connections file, checked, with nothing replaced yet.
pub struct Connections {
    file: String,
    /// The text with the secrets in it masked: it is for messages only.
    text: String,
    root: Node,
}

/// The tree may hold tokens in plain.
impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Connections {
    /// Reads the file given by `--connections`, else `connections.yaml` in the working directory.
    pub fn find(given: Option<&Path>) -> Result<Self, ConnectionError> {
        Self::load(given.unwrap_or(Path::new(DEFAULT_FILE)))
    }

    /// Reads and checks a connections file.
    pub fn load(path: &Path) -> Result<Self, ConnectionError> {
        let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ConnectionError::NoFile { path: path.to_owned() },
            _ => ConnectionError::Unreadable { path: path.to_owned(), error },
        })?;
        Self::parse(&path.display().to_string(), &text).map_err(ConnectionError::Wrong)
    }

    /// Checks the text of a connections file. All that is wrong with it is told at once, but for
    /// what only the values behind `${..}` can tell.
    pub fn parse(file: &str, text: &str) -> Result<Self, Report> {
        let Parsed { root, mut diagnostics, damaged } = yaml::parse(text);
        let text = &mask::masked(text, root.as_ref(), damaged);
        if let Some(root) = &root {
            let gaps = Gaps { sections: damaged, interpolations: true };
            let schema = yaml::schema_of::<options::File>();
            diagnostics.extend(yaml::check(&schema, root, text, gaps));
            diagnostics.extend(reserved_names(root));
            for (key, connection) in connections(root) {
                resolve::check_host(key, connection, &mut diagnostics);
            }
        }
        match root {
            Some(root) if diagnostics.is_empty() => {
                Ok(Connections { file: file.to_owned(), text: text.to_owned(), root })
            }
            Some(_) => Err(Report::new(file, text, diagnostics)),
            None => {
                if diagnostics.is_empty() {
                    diagnostics.push(empty_file());
                }
                Err(Report::new(file, text, diagnostics))
            }
        }
    }

    /// The names of the connections, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        connections(&self.root).iter().map(|(key, _)| key.name.as_str())
    }

    /// The connection `name`, with its `${env:..}` and `${file:..}` replaced.
    pub fn get(
        &self,
        name: &str,
        environment: &Environment,
    ) -> Result<Connection, ConnectionError> {
        let found = connections(&self.root).iter().find(|(key, _)| key.name == name);
        let Some((key, node)) = found else { return Err(self.unknown(name)) };
        resolve::resolve(key, node, &self.text, environment).map_err(|diagnostics| {
            ConnectionError::Wrong(Report::new(&self.file, &self.text, diagnostics))
        })
    }

    fn unknown(&self, name: &str) -> ConnectionError {
        ConnectionError::Unknown {
            name: name.to_owned(),
            file: self.file.clone(),
            meant: nearest(name, self.names().chain([SIMULATOR])).map(str::to_owned),
            names: self.names().map(str::to_owned).collect(),
        }
    }
}

fn connections(root: &Node) -> &[(yaml::Key, Node)] {
    root.get("connections").map_or(&[], Node::entries)
}

fn reserved_names(root: &Node) -> Option<Diagnostic> {
    let (key, _) = connections(root).iter().find(|(key, _)| key.name == SIMULATOR)?;
    Some(
        Diagnostic::new(key.span, format!("the name `{SIMULATOR}` is taken"))
            .with_hint("it is the built-in simulated tenant; choose another name"),
    )
}

fn empty_file() -> Diagnostic {
    Diagnostic::new(Default::default(), "the file is empty")
        .with_hint("it has the key `connections` with a name for each tenant under it")
}

/// The JSON Schema of a connections file, for editors.
pub fn schema_json() -> String {
    let mut schema = yaml::schema_of::<options::File>();
    yaml::as_written(&mut schema);
    format!("{schema:#}\n")
}

#[cfg(test)]
mod tests;
