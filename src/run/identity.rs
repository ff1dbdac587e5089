//! What a run belongs to: a run goes on only with the same pipeline, connection and input.

use serde::{Deserialize, Serialize};

use crate::spec::Pipeline;

/// What a run belongs to beside its input. Settings that only tune (sizes of batches, limits on
/// rejects) are left out: they may change between two attempts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Host and tenant, or `simulator`.
    pub connection: String,
    /// Where the rows go.
    pub load: String,
    /// How the input is read (its content is known by its fingerprint).
    pub extract: String,
    /// Hash of the steps.
    pub transform: String,
}

impl Identity {
    /// The identity of a run of `pipeline` over `connection`.
    pub fn of(pipeline: &Pipeline, connection: &str) -> Self {
        // The fingerprint of a section does not see comments and spaces.
        let steps = pipeline.source.fingerprints.get("transform").copied().unwrap_or_default();
        Identity {
            connection: connection.to_owned(),
            load: pipeline.load.identity(),
            extract: pipeline.extract.identity(),
            transform: format!("{steps:016x}"),
        }
    }

    /// What differs between the unfinished run and the pipeline of now, as sentences.
    pub fn changes(&self, now: &Identity) -> Vec<String> {
        let mut changes = Vec::new();
        if self.connection != now.connection {
            let (then, now) = (&self.connection, &now.connection);
            changes.push(format!("it was sending to `{then}`, the connection is now `{now}`"));
        }
        if self.load != now.load {
            let (then, now) = (&self.load, &now.load);
            changes.push(format!("`load` was `{then}`, it is now `{now}`"));
        }
        if self.extract != now.extract {
            changes.push("the keys of `extract` have changed".into());
        }
        if self.transform != now.transform {
            changes.push("the steps of `transform` have changed".into());
        }
        changes
    }

    /// Whether both put the same records into the same place, whatever the steps are.
    pub fn same_target(&self, other: &Identity) -> bool {
        self.connection == other.connection && self.load == other.load
    }
}
