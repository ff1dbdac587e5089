//! Rows that were fetched from a tenant, kept in the run's folder until they are loaded: one SQLite
//! file, in which the rows of a window and the word that it is finished become durable together.
//!
//! Each row has a key. A key that comes again takes the place of the one before, so that windows may
//! overlap, and the rows are read in the order of their keys, however the windows were cut.

mod entries;
mod error;
mod key;
mod place;
mod read;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use arrow::{
    array::RecordBatch, buffer::Buffer, error::ArrowError, ipc::reader::StreamDecoder,
    ipc::writer::StreamWriter,
};
use rusqlite::{Connection, OptionalExtension, params};

use entries::Entry;
pub use error::SpoolError;
pub use key::Key;
use place::Place;
pub use read::{Lines, SpoolRows};

/// Version of the tables, in SQLite's `user_version`.
const VERSION: i64 = 3;

const TABLES: &str = "
CREATE TABLE part (
    id      INTEGER PRIMARY KEY,
    what    TEXT NOT NULL,     -- what was asked for, for a person
    rows    INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,  -- of the payload when it is unpacked
    payload BLOB NOT NULL      -- the rows: Arrow IPC, zstd
) STRICT;

CREATE TABLE line (            -- made when all is there: the rows in the order of their keys
    block   INTEGER PRIMARY KEY,
    places  BLOB NOT NULL      -- where rows block * 4096 and following stand
) STRICT;

CREATE TABLE note (
    name    TEXT PRIMARY KEY,
    value   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// A level of zstd that costs next to nothing: what it saves is written and read but once.
const LEVEL: i32 = -3;

/// Fetched rows on disk.
#[derive(Debug)]
pub struct Spool {
    connection: Connection,
    path: PathBuf,
}

/// The rows of one finished window.
#[derive(Debug)]
pub struct Part {
    /// What was asked for, for a person.
    pub what: String,
    /// The rows.
    pub rows: Packed,
    /// The key of each row.
    pub keys: Vec<Key>,
    /// A hash of the contents of each row.
    pub hashes: Vec<u64>,
}

/// Rows as they are stored.
#[derive(Debug)]
pub struct Packed {
    /// Arrow IPC, zstd; `None` where there is no row.
    payload: Option<Vec<u8>>,
    /// How long the payload is when it is unpacked.
    bytes: usize,
    /// The names of their columns.
    columns: Vec<String>,
}

impl Packed {
    /// Packs rows, all columns text, batch after batch. That takes a while where they are many.
    ///
    /// # Errors
    /// Columns that Arrow cannot write.
    pub fn of(batches: &[RecordBatch]) -> Result<Packed, ArrowError> {
        let mut columns: Vec<String> = Vec::new();
        for field in batches.iter().flat_map(|batch| batch.schema_ref().fields()) {
            if !columns.contains(field.name()) {
                columns.push(field.name().clone());
            }
        }
        let (payload, bytes) = pack(batches)?.unzip();
        Ok(Packed { payload, bytes: bytes.unwrap_or_default(), columns })
    }
}

impl Spool {
    /// Opens or creates the file, private to its owner.
    ///
    /// # Errors
    /// A folder that cannot be written, a file that is no spool.
    pub fn open(path: &Path) -> Result<Spool, SpoolError> {
        private_file(path).map_err(|source| SpoolError::File { path: path.to_owned(), source })?;
        let at = |source| SpoolError::at(path, source);
        let connection = Connection::open(path).map_err(at)?;
        match prepare(&connection).map_err(at)? {
            VERSION => Ok(Spool { connection, path: path.to_owned() }),
            // There was none: it is durable as it is, and from here on by its commits.
            0 => {
                make(&connection).map_err(at)?;
                make_durable(path)
                    .map_err(|source| SpoolError::File { path: path.to_owned(), source })?;
                Ok(Spool { connection, path: path.to_owned() })
            }
            other => Err(SpoolError::Damaged {
                path: path.to_owned(),
                what: format!("they are of version {other}, and this program knows {VERSION}"),
            }),
        }
    }

    /// Where the file stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Enters the rows of finished windows, and notes, in one durable step.
    ///
    /// # Errors
    /// The disk is full or gone.
    pub fn enter(&mut self, parts: &[Part], notes: &[(&str, &str)]) -> Result<(), SpoolError> {
        let path = self.path.clone();
        let at = |source| SpoolError::at(&path, source);
        let transaction = self.connection.transaction().map_err(at)?;
        parts.iter().try_for_each(|part| write_part(&transaction, part)).map_err(at)?;
        for (name, value) in notes {
            write_note(&transaction, name, value).map_err(at)?;
        }
        transaction.commit().map_err(at)
    }

    /// Sets a note.
    pub fn set_note(&mut self, name: &str, value: &str) -> Result<(), SpoolError> {
        write_note(&self.connection, name, value).map_err(|source| self.failed(source))
    }

    /// A note.
    pub fn note(&self, name: &str) -> Result<Option<String>, SpoolError> {
        self.connection
            .prepare_cached("SELECT value FROM note WHERE name = ?1")
            .and_then(|mut ask| ask.query_row([name], |row| row.get(0)).optional())
            .map_err(|source| self.failed(source))
    }

    /// Different keys so far.
    pub fn keys(&self) -> Result<u64, SpoolError> {
        entries::count(&self.connection).map_err(|source| self.failed(source))
    }

    /// Windows so far, and the rows that they brought.
    pub fn parts(&self) -> Result<(u64, u64), SpoolError> {
        let rows = self.number("SELECT coalesce(sum(rows), 0) FROM part")?;
        Ok((self.number("SELECT count(*) FROM part")?, rows))
    }

    /// Whether a key is there.
    pub fn has(&self, key: &Key) -> Result<bool, SpoolError> {
        entries::has(&self.connection, key.as_bytes()).map_err(|source| self.failed(source))
    }

    /// Hands on each key with the hash of its row, in the order of the keys.
    pub fn each_key(&self, mut take: impl FnMut(&[u8], u64)) -> Result<(), SpoolError> {
        entries::each(&self.connection, &mut |entry| {
            take(entry.key, entry.hash);
            Ok(())
        })
        .map_err(|source| self.failed(source))
    }

    /// Lays down the order in which the rows are read; leaves out those whose key and contents
    /// are in `known`. Gives how many were left out.
    ///
    /// # Errors
    /// The disk is full or gone.
    pub fn lay_down(
        &mut self,
        known: &mut dyn FnMut(&[u8], u64) -> bool,
    ) -> Result<u64, SpoolError> {
        let path = self.path.clone();
        let at = |source| SpoolError::at(&path, source);
        let transaction = self.connection.transaction().map_err(at)?;
        let left_out = lay_down(&transaction, known).map_err(at)?;
        write_note(&transaction, WHOLE, "yes").map_err(at)?;
        transaction.commit().map_err(at)?;
        Ok(left_out)
    }

    /// Whether everything was fetched, and the order is laid down.
    pub fn is_whole(&self) -> Result<bool, SpoolError> {
        Ok(self.note(WHOLE)?.is_some())
    }

    /// The names of all columns of all windows, in the order in which they first came.
    pub fn columns_seen(&self) -> Result<Vec<String>, SpoolError> {
        let text = self.note(COLUMNS)?.unwrap_or_else(|| "[]".into());
        serde_json::from_str(&text).map_err(|error| SpoolError::Damaged {
            path: self.path.clone(),
            what: error.to_string(),
        })
    }

    /// The rows in their order, to be read from any of them on.
    pub fn lines(&self) -> Result<Lines, SpoolError> {
        let bytes = self.number("SELECT coalesce(sum(length(places)), 0) FROM line")?;
        Ok(Lines::new(self.path.clone(), bytes / Place::BYTES as u64))
    }

    /// From now on a part of this name cannot be entered.
    #[cfg(test)]
    pub fn has_no_room_for(&self, what: &str) {
        let trigger = format!(
            "CREATE TRIGGER full BEFORE INSERT ON part WHEN NEW.what = '{what}'
             BEGIN SELECT RAISE(ABORT, 'full'); END"
        );
        self.connection.execute_batch(&trigger).unwrap();
    }

    fn number(&self, sql: &str) -> Result<u64, SpoolError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut ask| ask.query_row([], |row| row.get::<_, i64>(0)))
            .map(|number| number as u64)
            .map_err(|source| self.failed(source))
    }

    fn failed(&self, source: rusqlite::Error) -> SpoolError {
        SpoolError::at(&self.path, source)
    }
}

/// The note that says that nothing is missing.
const WHOLE: &str = "whole";

/// The note with the names of all columns.
const COLUMNS: &str = "columns";

/// Gives the version of the tables, 0 where there are none.
fn prepare(connection: &Connection) -> rusqlite::Result<i64> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "page_size", 8192)?;
    connection.pragma_update(None, "cache_size", -8192)?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Makes the tables, without a sync at each step: nothing is lost with an empty file.
fn make(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "synchronous", "off")?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; {TABLES} {} PRAGMA user_version = {VERSION}; COMMIT;",
        entries::TABLES
    ))?;
    connection.pragma_update(None, "synchronous", "full")
}

fn write_part(connection: &Connection, part: &Part) -> rusqlite::Result<()> {
    let Some(payload) = &part.rows.payload else { return Ok(()) };
    connection
        .prepare_cached("INSERT INTO part (what, rows, bytes, payload) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![part.what, part.keys.len() as i64, part.rows.bytes as i64, payload])?;
    let id = connection.last_insert_rowid() as u32;
    entries::enter(connection, id, &part.keys, &part.hashes)?;
    note_columns(connection, &part.rows.columns)
}

/// Keeps the list of columns: few parts bring a new one.
fn note_columns(connection: &Connection, columns: &[String]) -> rusqlite::Result<()> {
    let text: Option<String> = connection
        .prepare_cached("SELECT value FROM note WHERE name = ?1")?
        .query_row([COLUMNS], |row| row.get(0))
        .optional()?;
    let mut names: Vec<String> =
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let before = names.len();
    for column in columns {
        if !names.contains(column) {
            names.push(column.clone());
        }
    }
    match names.len() > before {
        true => write_note(connection, COLUMNS, &serde_json::to_string(&names).unwrap_or_default()),
        false => Ok(()),
    }
}

fn write_note(connection: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO note VALUES (?1, ?2)")?
        .execute([name, value])
        .map(drop)
}

fn lay_down(
    connection: &Connection,
    known: &mut dyn FnMut(&[u8], u64) -> bool,
) -> rusqlite::Result<u64> {
    connection.execute("DELETE FROM line", [])?;
    let mut enter = connection.prepare_cached("INSERT INTO line VALUES (?1, ?2)")?;
    let (mut block, mut left_out) = (0_i64, 0);
    let mut places = Vec::with_capacity(Place::IN_BLOCK * Place::BYTES);
    entries::each(connection, &mut |Entry { key, hash, place }| {
        if known(key, hash) {
            left_out += 1;
            return Ok(());
        }
        places.extend(place.to_bytes());
        if places.len() == Place::IN_BLOCK * Place::BYTES {
            enter.execute(params![block, places])?;
            block += 1;
            places.clear();
        }
        Ok(())
    })?;
    if !places.is_empty() {
        enter.execute(params![block, places])?;
    }
    Ok(left_out)
}

/// Bytes of a stream's length.
const LENGTH: usize = 8;

/// The batches as one blob, with its length when it is unpacked; `None` where there is no row.
fn pack(batches: &[RecordBatch]) -> Result<Option<(Vec<u8>, usize)>, ArrowError> {
    let Some(first) = batches.first() else { return Ok(None) };
    debug_assert!(first.num_rows() > 0);
    let mut bytes = Vec::new();
    // Columns may come to later batches: each is a stream of its own, behind its length.
    let mut at = 0;
    while at < batches.len() {
        let schema = batches[at].schema();
        let alike = batches[at..].iter().take_while(|batch| batch.schema() == schema).count();
        let start = bytes.len() + LENGTH;
        bytes.resize(start, 0);
        let mut writer = StreamWriter::try_new(bytes, &schema)?;
        batches[at..at + alike].iter().try_for_each(|batch| writer.write(batch))?;
        bytes = writer.into_inner()?;
        let length = (bytes.len() - start) as u64;
        bytes[start - LENGTH..start].copy_from_slice(&length.to_le_bytes());
        at += alike;
    }
    let packed = zstd::bulk::compress(&bytes, LEVEL).map_err(io_error)?;
    Ok(Some((packed, bytes.len())))
}

/// What [`pack`] has made. The batches share the unpacked bytes: nothing is copied out of them.
fn unpack(payload: &[u8], bytes: usize) -> Result<Vec<RecordBatch>, ArrowError> {
    let mut rest = Buffer::from(zstd::bulk::decompress(payload, bytes).map_err(io_error)?);
    let mut batches = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<LENGTH>() {
        let length = u64::from_le_bytes(*length) as usize;
        if length > after.len() {
            return Err(ArrowError::IpcError("a part is shorter than it says".into()));
        }
        let mut stream = rest.slice_with_length(LENGTH, length);
        rest.advance(LENGTH + length);
        let mut decoder = StreamDecoder::new();
        while let Some(batch) = decoder.decode(&mut stream)? {
            batches.push(batch);
        }
        decoder.finish()?;
    }
    Ok(batches)
}

fn io_error(error: std::io::Error) -> ArrowError {
    ArrowError::IoError(error.to_string(), error)
}

/// The file as it is, and its name.
fn make_durable(path: &Path) -> std::io::Result<()> {
    std::fs::File::open(path)?.sync_all()?;
    // Only Unix opens a folder as a file.
    match path.parent().filter(|folder| cfg!(unix) && !folder.as_os_str().is_empty()) {
        Some(folder) => std::fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn private_file(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
