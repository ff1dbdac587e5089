//! The truth about a run: an SQLite file that records, durably and before it happens, each unit
//! of work, and then what came back. Resume, results and summary are questions to it.
//!
//! Only this module, `index` and `spool` know SQLite. One writer at a time: the lock of [`RunLock`] sees to
//! it.

mod assigned;
mod doubt;
mod error;
mod lock;
mod memory;
mod records;
mod schema;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Row, params};

pub use assigned::Assigned;
pub use doubt::UnitTotals;
pub use error::LedgerError;
pub use lock::RunLock;
pub use memory::{EachRecord, Remembered, TakeRecord};
pub use records::{Checkpoint, Closing, Intent, OpenUnit, RunRecord, RunStatus, UnitId};

/// The ledger of one pipeline: all its runs.
#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
    path: PathBuf,
    /// Whether units are kept at all.
    keeps: bool,
}

impl Ledger {
    /// Opens or creates the ledger file, private to its owner.
    ///
    /// # Errors
    /// A damaged file, one written by a newer version, a folder that cannot be written.
    pub fn open(path: &Path) -> Result<Ledger, LedgerError> {
        let connection = schema::open(path).map_err(|source| LedgerError::at(path, source))?;
        schema::check_version(&connection, path)?;
        schema::migrate(&connection).map_err(|source| LedgerError::at(path, source))?;
        Ok(Ledger { connection, path: path.to_owned(), keeps: true })
    }

    /// A ledger that forgets at once: for measuring what keeping one costs, and nothing else.
    pub fn without_memory() -> Result<Ledger, LedgerError> {
        let path = PathBuf::from(":memory:");
        let failed = |source| LedgerError::at(&path, source);
        let connection = Connection::open_in_memory().map_err(failed)?;
        schema::migrate(&connection).map_err(failed)?;
        Ok(Ledger { connection, path, keeps: false })
    }

    /// Where the file stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Enters a new run, with a checkpoint from which nothing is read yet.
    pub fn begin(&mut self, run: &RunRecord, checkpoint: &Checkpoint) -> Result<(), LedgerError> {
        let path = self.path.clone();
        let mut commit = self.commit(&run.run_id)?;
        commit
            .transaction
            .execute(
                "INSERT INTO run (run_id, identity, input, limited, started_at, status, checkpoint)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, '{}')",
                params![
                    run.run_id,
                    run.identity,
                    run.input,
                    run.limit,
                    run.started_at,
                    run.status.as_str()
                ],
            )
            .map_err(|source| LedgerError::at(&path, source))?;
        commit.checkpoint(checkpoint)?;
        commit.finish()
    }

    /// All runs, the newest first.
    pub fn runs(&self) -> Result<Vec<RunRecord>, LedgerError> {
        let mut statement = self.query(
            "SELECT run_id, identity, input, limited, started_at, status
             FROM run ORDER BY run_id DESC",
        )?;
        let rows = statement.query_map([], run_record).map_err(|e| self.failed(e))?;
        rows.collect::<Result<_, _>>().map_err(|e| self.failed(e))
    }

    /// The run that was neither finished nor given up, if there is one.
    pub fn unfinished(&self) -> Result<Option<RunRecord>, LedgerError> {
        Ok(self.runs()?.into_iter().find(|run| run.status.is_unfinished()))
    }

    /// The last checkpoint of a run.
    pub fn checkpoint(&self, run_id: &str) -> Result<Checkpoint, LedgerError> {
        let text: Option<String> = self
            .query("SELECT checkpoint FROM run WHERE run_id = ?1")?
            .query_row([run_id], |row| row.get(0))
            .optional()
            .map_err(|e| self.failed(e))?;
        text.and_then(|text| serde_json::from_str(&text).ok()).ok_or_else(|| LedgerError::Damaged {
            path: self.path.clone(),
            what: "a checkpoint is missing".into(),
        })
    }

    /// The units of a run whose intent has no outcome, in the order of their numbers.
    pub fn open_units(&self, run_id: &str) -> Result<Vec<OpenUnit>, LedgerError> {
        let mut statement = self.query(
            "SELECT id, attempts, withheld, payload FROM unit
             WHERE run_id = ?1 AND state = 'open' ORDER BY id",
        )?;
        let rows = statement
            .query_map([run_id], |row| {
                Ok(OpenUnit {
                    id: row.get::<_, i64>(0)? as UnitId,
                    attempts: row.get(1)?,
                    withheld: row.get(2)?,
                    payload: row.get(3)?,
                })
            })
            .map_err(|e| self.failed(e))?;
        rows.collect::<Result<_, _>>().map_err(|e| self.failed(e))
    }

    /// The number that the next unit gets.
    pub fn next_unit(&self) -> Result<UnitId, LedgerError> {
        let last: i64 = self
            .query("SELECT coalesce(max(id), 0) FROM unit")?
            .query_row([], |row| row.get(0))
            .map_err(|e| self.failed(e))?;
        Ok(last as UnitId + 1)
    }

    /// Notes that the input of a run has grown since.
    pub fn replace_input(&mut self, run_id: &str, input: &str) -> Result<(), LedgerError> {
        let changed = self
            .connection
            .execute("UPDATE run SET input = ?2 WHERE run_id = ?1", params![run_id, input]);
        changed.map(drop).map_err(|e| self.failed(e))
    }

    /// Sets the status of a run.
    pub fn set_status(&mut self, run_id: &str, status: RunStatus) -> Result<(), LedgerError> {
        let changed = self.connection.execute(
            "UPDATE run SET status = ?2 WHERE run_id = ?1",
            params![run_id, status.as_str()],
        );
        changed.map(drop).map_err(|e| self.failed(e))
    }

    /// Begins a group of entries that become durable together.
    pub fn commit<'a>(&'a mut self, run_id: &'a str) -> Result<Commit<'a>, LedgerError> {
        let path = self.path.as_path();
        let transaction =
            self.connection.transaction().map_err(|source| LedgerError::at(path, source))?;
        Ok(Commit { transaction, run_id, path, keeps: self.keeps })
    }

    fn query(&self, sql: &str) -> Result<rusqlite::CachedStatement<'_>, LedgerError> {
        self.connection.prepare_cached(sql).map_err(|e| self.failed(e))
    }

    fn failed(&self, source: rusqlite::Error) -> LedgerError {
        LedgerError::at(&self.path, source)
    }
}

fn run_record(row: &Row<'_>) -> rusqlite::Result<RunRecord> {
    Ok(RunRecord {
        run_id: row.get(0)?,
        identity: row.get(1)?,
        input: row.get(2)?,
        limit: row.get(3)?,
        started_at: row.get(4)?,
        status: RunStatus::parse(&row.get::<_, String>(5)?),
    })
}

/// A group of entries that become durable together, or not at all.
#[derive(Debug)]
pub struct Commit<'a> {
    transaction: rusqlite::Transaction<'a>,
    run_id: &'a str,
    path: &'a Path,
    keeps: bool,
}

impl Commit<'_> {
    /// Whether what is entered is kept; else nobody needs to make it ready.
    pub fn keeps(&self) -> bool {
        self.keeps
    }

    /// Enters what is about to be sent. The request may leave once the group is durable.
    pub fn intend(&mut self, intent: &Intent<'_>) -> Result<(), LedgerError> {
        self.enter(intent, "open", None)
    }

    /// Enters what came back. The payload is given up: it is needed no more.
    pub fn close(&mut self, id: UnitId, closing: &Closing) -> Result<(), LedgerError> {
        self.execute(
            "UPDATE unit SET state = 'done', payload = NULL, attempts = ?2, loaded = ?3,
                             refused = ?4, in_doubt = ?5, again = ?6, rejected = ?7
             WHERE id = ?1",
            params![
                id as i64,
                closing.attempts,
                closing.loaded,
                closing.refused,
                closing.in_doubt,
                closing.again,
                closing.rejected
            ],
        )
    }

    /// Enters that a record of the target is the one of a row: it is no other row's.
    pub fn assign(&mut self, id: &str, ordinal: u64) -> Result<(), LedgerError> {
        self.execute(
            "INSERT OR IGNORE INTO assigned (id, run_id, ordinal) VALUES (?1, ?2, ?3)",
            params![id, self.run_id, ordinal as i64],
        )
    }

    /// Takes back that something is the one of a row: it turned out that it never was.
    pub fn unassign(&mut self, id: &str, ordinal: u64) -> Result<(), LedgerError> {
        self.execute(
            "DELETE FROM assigned WHERE id = ?1 AND run_id = ?2 AND ordinal = ?3",
            params![id, self.run_id, ordinal as i64],
        )
    }

    /// Enters rows that stay in doubt, with what was sent, so that they can be settled later.
    pub fn leave_in_doubt(&mut self, intent: &Intent<'_>, why: &str) -> Result<(), LedgerError> {
        self.enter(intent, "in_doubt", Some(why))
    }

    fn enter(
        &self,
        intent: &Intent<'_>,
        state: &str,
        why: Option<&str>,
    ) -> Result<(), LedgerError> {
        self.execute(
            "INSERT INTO unit (id, run_id, parent, first_ordinal, last_ordinal, rows, attempts,
                               state, withheld, payload, in_doubt, message)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10, ?11)",
            params![
                intent.id as i64,
                self.run_id,
                intent.parent.map(|id| id as i64),
                intent.first_ordinal as i64,
                intent.last_ordinal as i64,
                intent.rows,
                intent.attempts,
                state,
                intent.payload,
                why.map(|_| intent.rows),
                why
            ],
        )
    }

    /// Notes that a unit is known not to have been applied: after a stop it is no doubt.
    pub fn withhold(&mut self, id: UnitId) -> Result<(), LedgerError> {
        self.execute("UPDATE unit SET withheld = 1 WHERE id = ?1", params![id as i64])
    }

    /// Notes that a unit may have been applied from now on.
    pub fn release(&mut self, id: UnitId) -> Result<(), LedgerError> {
        self.execute("UPDATE unit SET withheld = 0 WHERE id = ?1", params![id as i64])
    }

    /// Enters how far the run has come.
    pub fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), LedgerError> {
        let text = serde_json::to_string(checkpoint).map_err(|source| LedgerError::Damaged {
            path: self.path.to_owned(),
            what: source.to_string(),
        })?;
        self.execute("UPDATE run SET checkpoint = ?2 WHERE run_id = ?1", params![self.run_id, text])
    }

    /// Makes the group durable: returns once the disk has it.
    pub fn finish(self) -> Result<(), LedgerError> {
        let path = self.path;
        self.transaction.commit().map_err(|source| LedgerError::at(path, source))
    }

    fn execute(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), LedgerError> {
        if !self.keeps {
            return Ok(());
        }
        let mut statement = self
            .transaction
            .prepare_cached(sql)
            .map_err(|source| LedgerError::at(self.path, source))?;
        statement.execute(values).map(drop).map_err(|source| LedgerError::at(self.path, source))
    }
}
