//! What a pipeline remembers from one run to the next: how far it has come, which columns it has
//! seen, and which records the last run had.

use rusqlite::{OptionalExtension, params};

use super::{Ledger, LedgerError};

/// What changes together once a run has loaded all it fetched.
#[derive(Debug, Default)]
pub struct Remembered<'a> {
    /// Notes by name.
    pub notes: &'a [(String, String)],
}

impl Ledger {
    /// A note of an earlier run.
    pub fn remembered(&self, name: &str) -> Result<Option<String>, LedgerError> {
        self.query("SELECT value FROM memory WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()
            .map_err(|e| self.failed(e))
    }

    /// Whether the last run had a record with this key and these contents.
    pub fn had(&self, key: &[u8], hash: u64) -> Result<bool, LedgerError> {
        self.query("SELECT 1 FROM had WHERE key = ?1 AND hash = ?2")?
            .exists(params![key, hash as i64])
            .map_err(|e| self.failed(e))
    }

    /// Sets notes, and replaces the records that the last run had by those that `each` hands on,
    /// all in one durable step. `None` leaves the records as they are.
    ///
    /// # Errors
    /// The disk is full or gone; `each` fails.
    pub fn remember<E: From<LedgerError>>(
        &mut self,
        remembered: &Remembered<'_>,
        each: Option<&mut EachRecord<'_, E>>,
    ) -> Result<(), E> {
        let path = self.path.clone();
        let at = |source| LedgerError::at(&path, source);
        let transaction = self.connection.transaction().map_err(at)?;
        for (name, value) in remembered.notes {
            transaction
                .execute("INSERT OR REPLACE INTO memory VALUES (?1, ?2)", params![name, value])
                .map_err(at)?;
        }
        if let Some(each) = each {
            transaction.execute("DELETE FROM had", []).map_err(at)?;
            let mut insert = transaction
                .prepare("INSERT OR REPLACE INTO had (key, hash) VALUES (?1, ?2)")
                .map_err(at)?;
            each(&mut |key, hash| {
                insert.execute(params![key, hash as i64]).map(drop).map_err(|e| at(e).into())
            })?;
            drop(insert);
        }
        transaction.commit().map_err(|e| at(e).into())
    }
}

/// Hands on records, each with its key and a hash of its contents.
pub type EachRecord<'a, E> =
    dyn FnMut(&mut dyn FnMut(&[u8], u64) -> Result<(), E>) -> Result<(), E> + 'a;
