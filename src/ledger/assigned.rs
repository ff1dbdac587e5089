//! Which records of the target are known to be a row's: asked by those who look for their own
//! record after a lost answer.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rusqlite::{Connection, OpenFlags, params};

use super::LedgerError;

/// A reader of the assigned records, beside the one writer. It sees what is committed.
#[derive(Debug)]
pub struct Assigned {
    connection: Mutex<Connection>,
    path: PathBuf,
}

impl Assigned {
    /// Opens the ledger at `path` for reading.
    ///
    /// # Errors
    /// A ledger that cannot be read.
    pub fn open(path: &Path) -> Result<Assigned, LedgerError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
            connection.busy_timeout(std::time::Duration::from_secs(5))?;
            Ok(connection)
        });
        let connection = opened.map_err(|source| LedgerError::at(path, source))?;
        Ok(Assigned { connection: Mutex::new(connection), path: path.to_owned() })
    }

    /// Whether a row has this record, in any run of the pipeline.
    pub fn has(&self, id: &str) -> Result<bool, LedgerError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM assigned WHERE id = ?1)")
            .and_then(|mut statement| statement.query_row(params![id], |row| row.get(0)));
        asked.map_err(|source| LedgerError::at(&self.path, source))
    }

    /// The runs in which a row has this.
    pub fn runs_of(&self, id: &str) -> Result<Vec<String>, LedgerError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = connection
            .prepare_cached("SELECT DISTINCT run_id FROM assigned WHERE id = ?1")
            .and_then(|mut statement| {
                let runs = statement.query_map(params![id], |row| row.get(0))?;
                runs.collect::<Result<_, _>>()
            });
        asked.map_err(|source| LedgerError::at(&self.path, source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Checkpoint, Ledger, RunRecord, RunStatus};

    #[test]
    fn what_is_committed_is_known_to_the_reader() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.sqlite");
        let mut ledger = Ledger::open(&path).unwrap();
        let run = RunRecord {
            run_id: "r".into(),
            identity: "{}".into(),
            input: "{}".into(),
            limit: None,
            started_at: String::new(),
            status: RunStatus::Running,
        };
        ledger.begin(&run, &Checkpoint::default()).unwrap();
        let reader = Assigned::open(&path).unwrap();
        let mut commit = ledger.commit("r").unwrap();
        commit.assign("10000001", 3).unwrap();
        assert!(!reader.has("10000001").unwrap(), "not durable yet");
        commit.finish().unwrap();
        assert!(reader.has("10000001").unwrap());
        assert!(!reader.has("10000002").unwrap());
        assert_eq!(reader.runs_of("10000001").unwrap(), ["r"]);
        assert!(reader.runs_of("10000002").unwrap().is_empty());
        let mut commit = ledger.commit("r").unwrap();
        commit.unassign("10000001", 4).unwrap();
        commit.finish().unwrap();
        assert!(reader.has("10000001").unwrap(), "it is another row's");
        let mut commit = ledger.commit("r").unwrap();
        commit.unassign("10000001", 3).unwrap();
        commit.finish().unwrap();
        assert!(!reader.has("10000001").unwrap());
    }
}
