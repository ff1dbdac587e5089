//! The tables of the ledger file, and how it is opened.

use std::path::Path;

use rusqlite::Connection;

use super::LedgerError;

/// Version of the tables below, kept in SQLite's `user_version`.
const VERSION: i64 = 3;

const TABLES: &str = "
CREATE TABLE run (
    run_id      TEXT PRIMARY KEY,
    identity    TEXT NOT NULL,     -- JSON: connection, load, extract, transform
    input       TEXT NOT NULL,     -- JSON: fingerprint of the input
    limited     INTEGER,           -- rows to read at the most, where asked for
    started_at  TEXT NOT NULL,
    status      TEXT NOT NULL,
    checkpoint  TEXT NOT NULL      -- JSON: position, books, lengths of the result files
) STRICT;

CREATE TABLE unit (
    id            INTEGER PRIMARY KEY,
    run_id        TEXT NOT NULL,
    parent        INTEGER,         -- the unit of which this is a part that is sent again
    first_ordinal INTEGER NOT NULL,
    last_ordinal  INTEGER NOT NULL,
    rows          INTEGER NOT NULL,
    attempts      INTEGER NOT NULL,
    state         TEXT NOT NULL,   -- open: intent without outcome; done; in_doubt
    withheld      INTEGER NOT NULL,-- 1: open, and known not to have been applied
    payload       BLOB,            -- what is sent, and where each row came from
    loaded        INTEGER,
    refused       INTEGER,
    in_doubt      INTEGER,
    again         INTEGER,
    rejected      INTEGER,
    message       TEXT
) STRICT;

-- Records of the target that are known to be a row's: a later look-up leaves them out.
CREATE TABLE assigned (
    id            TEXT NOT NULL,
    run_id        TEXT NOT NULL,
    ordinal       INTEGER NOT NULL,
    PRIMARY KEY (id, run_id, ordinal)
) STRICT, WITHOUT ROWID;

-- What a pipeline remembers from one run to the next.
CREATE TABLE memory (
    name          TEXT PRIMARY KEY,
    value         TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Records that the last run of an incremental extract had.
CREATE TABLE had (
    key           BLOB PRIMARY KEY,
    hash          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX unit_without_outcome ON unit (run_id) WHERE state <> 'done';
";

/// Opens the file and sets it to be durable at each commit.
pub(super) fn open(path: &Path) -> rusqlite::Result<Connection> {
    create_private(path);
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    // Payloads are some ten kilobytes: larger pages keep their chains short.
    connection.pragma_update(None, "page_size", 8192)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // FULL: a commit returns after the write-ahead log is synced. DESIGN 4.1 asks for it.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "cache_size", -2048)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// SQLite would create the file readable for all; its `-wal` and `-shm` take over the mode.
fn create_private(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // Where this fails, opening fails next and says why.
        let _ = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// Refuses a file that a newer version has written, or that is damaged.
pub(super) fn check_version(connection: &Connection, path: &Path) -> Result<(), LedgerError> {
    let at = |source| LedgerError::at(path, source);
    let found: i64 =
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(at)?;
    if found > VERSION {
        return Err(LedgerError::Newer { path: path.to_owned(), found, known: VERSION });
    }
    let verdict: String =
        connection.pragma_query_value(None, "quick_check", |row| row.get(0)).map_err(at)?;
    if verdict != "ok" {
        return Err(LedgerError::Damaged { path: path.to_owned(), what: verdict });
    }
    Ok(())
}

/// What turns the tables of version 1 into those of version 2.
const FROM_1_TO_2: &str = "
ALTER TABLE unit ADD COLUMN rejected INTEGER;
CREATE TABLE assigned (
    id            TEXT NOT NULL,
    run_id        TEXT NOT NULL,
    ordinal       INTEGER NOT NULL,
    PRIMARY KEY (id, run_id, ordinal)
) STRICT, WITHOUT ROWID;
";

/// What turns the tables of version 2 into those of version 3.
const FROM_2_TO_3: &str = "
CREATE TABLE memory (
    name          TEXT PRIMARY KEY,
    value         TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE had (
    key           BLOB PRIMARY KEY,
    hash          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Creates the tables in a new file, and brings those of an older version up to date.
pub(super) fn migrate(connection: &Connection) -> rusqlite::Result<()> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let change = match found {
        0 => TABLES.to_owned(),
        1 => format!("{FROM_1_TO_2}{FROM_2_TO_3}"),
        2 => FROM_2_TO_3.to_owned(),
        _ => return Ok(()),
    };
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; {change} PRAGMA user_version = {VERSION}; COMMIT;"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names of tables and their columns.
    fn shape(connection: &Connection) -> Vec<String> {
        let sql = "SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c
                   WHERE m.type = 'table' ORDER BY 1";
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// The tables without those between two places of their text.
    fn without(tables: &str, from: &str, to: &str) -> String {
        let (before, rest) = tables.split_once(from).unwrap();
        let (_, after) = rest.split_once(to).unwrap();
        format!("{before}{to}{after}")
    }

    #[test]
    fn ledgers_of_older_versions_get_the_tables_of_the_newest() {
        let new = Connection::open_in_memory().unwrap();
        migrate(&new).unwrap();
        let second = without(TABLES, "-- What a pipeline remembers", "CREATE INDEX");
        let first = without(&second, "-- Records of the target", "CREATE INDEX")
            .replace("    rejected      INTEGER,\n", "");
        for (version, tables) in [(1, first), (2, second)] {
            let connection = Connection::open_in_memory().unwrap();
            connection
                .execute_batch(&format!("{tables} PRAGMA user_version = {version};"))
                .unwrap();
            assert_ne!(shape(&connection), shape(&new));
            migrate(&connection).unwrap();
            assert_eq!(shape(&connection), shape(&new), "from version {version}");
        }
    }
}
