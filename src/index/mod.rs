//! A table on disk from a text key to text values, for look-ups among millions of rows in little
//! memory.
//!
//! It is an SQLite file of its own, readable by its owner only. It is no record of anything: what
//! is in it can be made again from where it came, so it is built in one transaction without a sync
//! per row, and gets its name when it is whole. A file that was left half made is no index.

mod build;
mod error;

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{CachedStatement, Connection, OpenFlags, Row};
use xxhash_rust::xxh3::xxh3_64;

pub use build::IndexBuilder;
pub use error::IndexError;

/// What SQLite's `application_id` says of an index: `vcix`.
const APPLICATION: i64 = 0x7663_6978;

/// Version of the tables, kept in SQLite's `user_version`.
const VERSION: i64 = 1;

/// Kibibytes of the file that are kept in memory, while it is made and while it is read.
const CACHE: i64 = 8192;

/// The values of one row, in the order of the columns.
pub type Values = Vec<Option<String>>;

/// Which rows of a key are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The first that were added, so many at the most, in the order in which they were.
    First(usize),
    /// The last that was added.
    Last,
}

/// A table that was made whole. Threads share it; one looks at a time.
#[derive(Debug)]
pub struct Index {
    connection: Mutex<Connection>,
    path: PathBuf,
    columns: Vec<String>,
    rows: u64,
    /// Selects the first rows of a key.
    first: String,
    /// Selects the last row of a key.
    last: String,
}

impl Index {
    /// Opens an index. None where no file stands, or one that is half made or damaged: then it is
    /// to be made anew.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(path: &Path) -> Result<Option<Index>, IndexError> {
        if !path.exists() {
            return Ok(None);
        }
        match read_only(path) {
            Ok(found) => Ok(found.map(|(connection, about)| Index::over(connection, path, about))),
            Err(source) => match IndexError::at(path, source) {
                IndexError::Damaged { .. } => Ok(None),
                other => Err(other),
            },
        }
    }

    fn over(connection: Connection, path: &Path, about: About) -> Index {
        let values: String = (0..about.columns.len()).map(|at| format!(", v{at}")).collect();
        let select = format!("SELECT id{values} FROM entry WHERE hash = ?1 AND key = ?2");
        Index {
            connection: Mutex::new(connection),
            path: path.to_owned(),
            rows: about.rows,
            columns: about.columns,
            first: format!("{select} ORDER BY id LIMIT ?3"),
            last: format!("{select} ORDER BY id DESC LIMIT ?3"),
        }
    }

    /// The columns of its values.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many rows it has.
    pub fn len(&self) -> u64 {
        self.rows
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The rows of a key in the order in which they were added, at most `most`.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn find(&self, key: &str, most: usize) -> Result<Vec<Values>, IndexError> {
        let found = self.find_all(&[Some(key)], Which::First(most))?;
        Ok(found.into_iter().next().unwrap_or_default())
    }

    /// For each of `keys` its rows; none for one that is no key. Keys are looked up in the order
    /// in which the file has them, and one that comes again is looked up once.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn find_all<K: AsRef<str>>(
        &self,
        keys: &[Option<K>],
        which: Which,
    ) -> Result<Vec<Vec<Values>>, IndexError> {
        let mut order: Vec<(i64, &str, usize)> = keys
            .iter()
            .enumerate()
            .filter_map(|(at, key)| {
                Some((hash(key.as_ref()?.as_ref()), key.as_ref()?.as_ref(), at))
            })
            .collect();
        order.sort_unstable();
        let mut found = vec![Vec::new(); keys.len()];
        self.read(|connection| {
            let (sql, most) = match which {
                Which::First(most) => (&self.first, i64::try_from(most).unwrap_or(i64::MAX)),
                Which::Last => (&self.last, 1),
            };
            let mut statement = connection.prepare_cached(sql)?;
            for same in order.chunk_by(|one, next| one.1 == next.1) {
                let (hash, key, first) = same[0];
                let rows = self.rows_of(&mut statement, hash, key, most)?;
                for (_, _, again) in &same[1..] {
                    found[*again].clone_from(&rows);
                }
                found[first] = rows;
            }
            Ok(())
        })?;
        Ok(found)
    }

    fn rows_of(
        &self,
        statement: &mut CachedStatement<'_>,
        hash: i64,
        key: &str,
        most: i64,
    ) -> rusqlite::Result<Vec<Values>> {
        let values =
            |row: &Row<'_>| (1..=self.columns.len()).map(|column| row.get(column)).collect();
        statement.query_map((hash, key, most), values)?.collect()
    }

    /// Reads within one transaction, so that the file is locked and looked at once.
    fn read(
        &self,
        each: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<(), IndexError> {
        let mut connection = self.lock();
        let read = connection.transaction().and_then(|transaction| {
            each(&transaction)?;
            transaction.finish()
        });
        read.map_err(|source| IndexError::at(&self.path, source))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // Nothing is changed under the lock that a panic could leave half done.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an index says of itself.
struct About {
    columns: Vec<String>,
    rows: u64,
}

fn read_only(path: &Path) -> rusqlite::Result<Option<(Connection, About)>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.pragma_update(None, "cache_size", -CACHE)?;
    let says = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    if says("application_id")? != APPLICATION || says("user_version")? != VERSION {
        return Ok(None);
    }
    let (columns, rows): (String, u64) =
        connection.query_row("SELECT columns, rows FROM about", [], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)? as u64))
        })?;
    let Ok(columns) = serde_json::from_str(&columns) else { return Ok(None) };
    Ok(Some((connection, About { columns, rows })))
}

/// By which entries are found: smaller than most keys, so that there is little to sort.
fn hash(key: &str) -> i64 {
    xxh3_64(key.as_bytes()) as i64
}

/// One key of several parts. Lists of the same length give the same key only if they are the
/// same; one part alone is its own key.
pub fn key_of(parts: &[&str]) -> String {
    let Some((last, before)) = parts.split_last() else { return String::new() };
    let mut key = String::with_capacity(parts.iter().map(|part| part.len() + 4).sum());
    for part in before {
        key.push_str(&part.len().to_string());
        key.push(':');
        key.push_str(part);
    }
    key.push_str(last);
    key
}

#[cfg(test)]
mod tests;
