//! How a run was begun, in its folder: the text of its pipeline and what the command line said,
//! for those who come back to it later. No secret is among them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{Job, RunError};
use crate::files;

/// The file's name in the run's folder.
const BEGUN: &str = "begun.json";

/// The pipeline's text, in the run's folder.
const PIPELINE: &str = "pipeline.yaml";

/// What the command line said when a run was begun.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beginning {
    /// The pipeline file.
    pub file: PathBuf,
    /// Values of its variables.
    pub variables: BTreeMap<String, String>,
    /// The connection's name.
    pub connection: String,
    /// Files that stood in for those of the pipeline.
    pub input: Vec<PathBuf>,
    /// The run whose left-over rows this one sends again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<String>,
    /// The run after whose last row this one began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl Beginning {
    /// How this job begins.
    pub(super) fn of(job: &Job<'_>, after: Option<String>) -> Beginning {
        Beginning {
            file: PathBuf::from(&job.pipeline.source.file),
            variables: job.options.variables.iter().cloned().collect(),
            connection: job.connection.name.clone(),
            input: job.options.input.clone(),
            retry_of: job.options.retry.as_ref().map(|retry| retry.of.clone()),
            after,
        }
    }

    /// Writes it and the pipeline's text into the folder of a run that is about to begin.
    pub(super) fn write(&self, folder: &Path, pipeline: &str) -> Result<(), RunError> {
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| RunError::Unbalanced(error.to_string()))?;
        files::publish(&folder.join(PIPELINE), pipeline.as_bytes())?;
        files::publish(&folder.join(BEGUN), &text)?;
        Ok(())
    }

    /// Reads it from a run's folder.
    ///
    /// # Errors
    /// It is gone, or an older version of the program made the run.
    pub fn read(folder: &Path) -> Result<Beginning, RunError> {
        let path = folder.join(BEGUN);
        let text = std::fs::read(&path).map_err(|_| gone(&path))?;
        serde_json::from_slice(&text).map_err(|_| gone(&path))
    }

    /// The text of the pipeline as it was when the run began.
    pub fn pipeline(folder: &Path) -> PathBuf {
        folder.join(PIPELINE)
    }
}

fn gone(path: &Path) -> RunError {
    RunError::NoSuchRun {
        what: format!(
            "`{}` is missing or damaged: how the run was begun is not known",
            path.display()
        ),
        hint: "restore the run's folder from a backup; a run of an older vccpipe has no such file"
            .into(),
    }
}
