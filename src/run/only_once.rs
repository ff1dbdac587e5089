//! What is sent only once stays so from run to run: a row that an earlier run of the pipeline has
//! sent into the same place is not sent again because its file was mended elsewhere.

use super::{RunError, identity::Identity, unit::Unit};
use crate::{
    ledger::{Assigned, Ledger},
    load::{RowKey, Sink},
};

/// The rows that earlier runs have sent, or may have.
pub struct SentBefore {
    row_key: RowKey,
    assigned: Assigned,
    /// The runs that count.
    runs: Vec<String>,
}

impl SentBefore {
    /// Looks at the runs of the ledger but `own`; `None` where rows may be sent more than once, or
    /// no other run has sent into the same place.
    pub fn look(
        ledger: &Ledger,
        sink: &Sink,
        now: &Identity,
        own: &str,
    ) -> Result<Option<Self>, RunError> {
        let Some(row_key) = sink.row_key().filter(|_| !sink.allows_repeats()) else {
            return Ok(None);
        };
        let mut runs = Vec::new();
        for run in ledger.runs()?.into_iter().filter(|run| run.run_id != own) {
            let identity = serde_json::from_str::<Identity>(&run.identity);
            if identity.is_ok_and(|identity| identity.same_target(now)) {
                runs.push(run.run_id);
            }
        }
        if runs.is_empty() {
            return Ok(None);
        }
        Ok(Some(SentBefore { row_key, assigned: Assigned::open(ledger.path())?, runs }))
    }

    /// The run that has sent the unit's only row, or may have.
    pub fn find(&self, unit: &Unit) -> Result<Option<&str>, RunError> {
        let runs = self.assigned.runs_of(&(self.row_key)(&unit.rows, 0))?;
        Ok(self.runs.iter().find(|run| runs.contains(run)).map(String::as_str))
    }
}
