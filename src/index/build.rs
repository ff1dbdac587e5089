//! An index in the making.

use std::{
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use super::{APPLICATION, CACHE, Index, IndexError, VERSION, hash};

/// Takes rows, and makes an index of them. One that is dropped before it is finished leaves
/// nothing behind.
#[derive(Debug)]
pub struct IndexBuilder {
    path: PathBuf,
    /// Where the file stands until it is whole.
    unfinished: PathBuf,
    /// Gone once the index is finished.
    connection: Option<Connection>,
    columns: Vec<String>,
    insert: String,
    rows: u64,
}

impl IndexBuilder {
    /// Begins an index with these columns of values, for the file `path`.
    ///
    /// # Errors
    /// The folder is not there, or cannot be written.
    pub fn create(path: &Path, columns: &[&str]) -> Result<Self, IndexError> {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".part");
        let unfinished = PathBuf::from(unfinished);
        private_file(&unfinished)
            .map_err(|source| IndexError::File { path: unfinished.clone(), source })?;
        let connection = begin(&unfinished, columns.len())
            .map_err(|source| IndexError::at(&unfinished, source))?;
        let places: String = (0..columns.len()).map(|at| format!(", ?{}", at + 3)).collect();
        Ok(IndexBuilder {
            path: path.to_owned(),
            unfinished,
            connection: Some(connection),
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            insert: format!("INSERT INTO entry VALUES (NULL, ?1, ?2{places})"),
            rows: 0,
        })
    }

    /// Adds a row. A key may have several; those that are missing at the end of `values` are null.
    ///
    /// # Errors
    /// The disk is full or gone.
    pub fn add(&mut self, key: &str, values: &[Option<&str>]) -> Result<(), IndexError> {
        let Some(connection) = &self.connection else { return Ok(()) };
        let added = connection.prepare_cached(&self.insert).and_then(|mut insert| {
            insert.raw_bind_parameter(1, hash(key))?;
            insert.raw_bind_parameter(2, key)?;
            for column in 0..self.columns.len() {
                insert.raw_bind_parameter(column + 3, values.get(column).copied().flatten())?;
            }
            insert.raw_execute()
        });
        added.map_err(|source| IndexError::at(&self.unfinished, source))?;
        self.rows += 1;
        Ok(())
    }

    /// Makes it whole, gives it its name, and opens it.
    ///
    /// # Errors
    /// The disk is full or gone.
    pub fn finish(mut self) -> Result<Index, IndexError> {
        if let Some(connection) = self.connection.take() {
            let columns = serde_json::to_string(&self.columns).unwrap_or_default();
            end(connection, &columns, self.rows)
                .map_err(|source| IndexError::at(&self.unfinished, source))?;
        }
        let named = publish(&self.unfinished, &self.path);
        named.map_err(|source| IndexError::File { path: self.path.clone(), source })?;
        Index::open(&self.path)?.ok_or_else(|| IndexError::Damaged {
            path: self.path.clone(),
            what: "it is not what was just written".into(),
        })
    }
}

impl Drop for IndexBuilder {
    /// A file that was not finished is of no use; one that was has another name by now.
    fn drop(&mut self) {
        self.connection = None;
        let _ = std::fs::remove_file(&self.unfinished);
    }
}

/// Begins the one transaction in which all is written. No journal and no sync: what a crash
/// leaves has no name, and is made anew.
fn begin(path: &Path, columns: usize) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "off")?;
    connection.pragma_update(None, "synchronous", "off")?;
    connection.pragma_update(None, "locking_mode", "exclusive")?;
    connection.pragma_update(None, "cache_size", -CACHE)?;
    connection.pragma_update(None, "application_id", APPLICATION)?;
    let values: String = (0..columns).map(|at| format!(", v{at} TEXT")).collect();
    connection.execute_batch(&format!(
        "BEGIN;
         CREATE TABLE entry (id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, key TEXT NOT NULL{values}) STRICT;
         CREATE TABLE about (columns TEXT NOT NULL, rows INTEGER NOT NULL) STRICT;"
    ))?;
    Ok(connection)
}

/// Sorting all hashes at the end takes less time and memory than keeping them sorted from the
/// first row on.
fn end(connection: Connection, columns: &str, rows: u64) -> rusqlite::Result<()> {
    connection.execute_batch("CREATE INDEX entry_by_hash ON entry (hash);")?;
    connection.execute("INSERT INTO about VALUES (?1, ?2)", (columns, rows as i64))?;
    connection.pragma_update(None, "user_version", VERSION)?;
    connection.execute_batch("COMMIT;")?;
    connection.flush_prepared_statement_cache();
    connection.close().map_err(|(_, error)| error)
}

fn publish(unfinished: &Path, path: &Path) -> io::Result<()> {
    File::open(unfinished)?.sync_all()?;
    std::fs::rename(unfinished, path)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// An empty file: SQLite would make one that all may read.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
