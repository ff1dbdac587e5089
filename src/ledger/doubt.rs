//! Records that stay in doubt after their run: asked for by those who settle them.

use rusqlite::params;

use super::{Ledger, LedgerError, OpenUnit, UnitId};

/// What the units of a run add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnitTotals {
    /// Rows that the target holds.
    pub loaded: u64,
    /// Rows refused for good.
    pub refused: u64,
    /// Rows that a look at the target stopped.
    pub rejected: u64,
    /// Rows that stay in doubt.
    pub in_doubt: u64,
    /// Rows of units without an outcome.
    pub open: u64,
}

impl Ledger {
    /// Units of a run that stay in doubt, from the one after `after` on: as many as have
    /// `most_rows` rows together, and at least one where there is one.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn in_doubt(
        &self,
        run_id: &str,
        after: UnitId,
        most_rows: u64,
    ) -> Result<Vec<OpenUnit>, LedgerError> {
        let mut statement = self.query(
            "SELECT id, attempts, payload, rows FROM unit
             WHERE run_id = ?1 AND state <> 'done' AND state = 'in_doubt' AND id > ?2
             ORDER BY id",
        )?;
        let mut rows =
            statement.query(params![run_id, after as i64]).map_err(|source| self.failed(source))?;
        let (mut units, mut count) = (Vec::new(), 0);
        while let Some(row) = rows.next().map_err(|source| self.failed(source))? {
            let read = || -> rusqlite::Result<(OpenUnit, u64)> {
                let payload: Option<Vec<u8>> = row.get(2)?;
                let unit = OpenUnit {
                    id: row.get::<_, i64>(0)? as UnitId,
                    attempts: row.get(1)?,
                    withheld: false,
                    payload: payload.unwrap_or_default(),
                };
                Ok((unit, row.get::<_, i64>(3)? as u64))
            };
            let (unit, its_rows) = read().map_err(|source| self.failed(source))?;
            if !units.is_empty() && count + its_rows > most_rows {
                break;
            }
            count += its_rows;
            units.push(unit);
        }
        Ok(units)
    }

    /// What the units of a run add up to: a unit that was sent again counts by its parts.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn unit_totals(&self, run_id: &str) -> Result<UnitTotals, LedgerError> {
        let sum = |what: &str, state: &str| {
            format!("coalesce(sum(CASE WHEN state = '{state}' THEN {what} END), 0)")
        };
        let sql = format!(
            "SELECT {}, {}, {}, {}, {} FROM unit WHERE run_id = ?1",
            sum("loaded", "done"),
            sum("refused", "done"),
            sum("rejected", "done"),
            sum("rows", "in_doubt"),
            sum("rows", "open"),
        );
        let number = |row: &rusqlite::Row<'_>, at: usize| row.get::<_, i64>(at).map(|n| n as u64);
        self.query(&sql)?
            .query_row([run_id], |row| {
                Ok(UnitTotals {
                    loaded: number(row, 0)?,
                    refused: number(row, 1)?,
                    rejected: number(row, 2)?,
                    in_doubt: number(row, 3)?,
                    open: number(row, 4)?,
                })
            })
            .map_err(|source| self.failed(source))
    }
}
