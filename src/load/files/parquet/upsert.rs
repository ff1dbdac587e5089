//! Rows that replace those with the same key.
//!
//! While the rows come, the hash of each one's key, the hash of the whole row, and its folder are
//! noted in a file. Then the keys of the files that are there are read, for so many new rows at a
//! time as memory allows, and compared: that tells which rows are added, modified, or there
//! already, and which folders that concerns. Only those are written anew, from the rows of theirs
//! that stay and the new ones.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use arrow::{
    array::{BooleanArray, BooleanBufferBuilder, RecordBatch},
    compute::filter_record_batch,
    row::{RowConverter, SortField},
};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::{Layout, folders, split, stored::StoredFile};
use crate::{
    files::private_file,
    load::files::{
        FileLoadError, FileSink, RunOf, manifest::ManifestFile, sort::Sorter, store::Store,
    },
    outcome::LoadedAs,
};

/// New rows whose keys are compared at a time: some 70 MB.
pub const SEGMENT: usize = 1_000_000;

/// What is noted of a new row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Note {
    key: u128,
    row: u64,
    folder: u32,
}

const NOTE_BYTES: usize = 28;

/// The keys of the new rows.
pub struct NewKeys {
    path: PathBuf,
    file: BufWriter<File>,
    hashing: Hashing,
    folders: Folders,
    segment: usize,
}

/// Hashes of keys and rows, the same for the same values in the table's types.
struct Hashing {
    key: Vec<usize>,
    key_rows: RowConverter,
    all_rows: RowConverter,
}

/// The folders of the table, each with whether it is written anew.
struct Folders {
    names: Vec<String>,
    values: Option<RowConverter>,
    by_value: HashMap<Box<[u8]>, u32>,
    by_path: HashMap<String, u32>,
    concerned: Vec<bool>,
}

/// What the comparison found.
pub struct Compared {
    /// One byte for each new row, in the order in which they came.
    pub fates: PathBuf,
    /// Files that stay as they are.
    pub kept: Vec<ManifestFile>,
    folders: Folders,
}

impl NewKeys {
    /// Notes keys in a file of `scratch`; compares those of `segment` rows at a time.
    pub fn new(layout: &Layout, scratch: &Path, segment: usize) -> Result<NewKeys, FileLoadError> {
        let path = scratch.join("keys");
        let file = private_file(&path)?;
        file.set_len(0).map_err(|error| FileLoadError::io(&path, "write", error))?;
        let converter = |columns: &[usize]| {
            let field =
                |index: &usize| SortField::new(layout.table.field(*index).data_type().clone());
            RowConverter::new(columns.iter().map(field).collect())
                .map_err(|error| FileLoadError::columns(&path, error))
        };
        let all: Vec<usize> = (0..layout.table.fields().len()).collect();
        let hashing = Hashing {
            key: layout.key.clone(),
            key_rows: converter(&layout.key)?,
            all_rows: converter(&all)?,
        };
        let folders = Folders {
            names: layout.folder_names(),
            values: match layout.folders.is_empty() {
                true => None,
                false => Some(converter(&layout.folders)?),
            },
            by_value: HashMap::new(),
            by_path: HashMap::new(),
            concerned: Vec::new(),
        };
        let file = BufWriter::with_capacity(1 << 18, file);
        Ok(NewKeys { file, hashing, folders, segment, path })
    }

    /// Notes the keys of rows in the table's columns.
    pub fn add(&mut self, layout: &Layout, rows: &RecordBatch) -> Result<(), FileLoadError> {
        let failed = |error| FileLoadError::columns(&self.path, error);
        let columns = layout.folder_columns(rows);
        let values = match &self.folders.values {
            Some(values) => Some(values.convert_columns(&columns).map_err(failed)?),
            None => None,
        };
        let keys = self.hashing.keys(rows).map_err(failed)?;
        let hashes = self.hashing.rows(rows).map_err(failed)?;
        let mut last: Option<(&[u8], u32)> = None;
        for row in 0..rows.num_rows() {
            let value = values.as_ref().map_or(&[][..], |values| values.row(row).data());
            let folder = match last {
                Some((before, folder)) if before == value => folder,
                _ => self.folders.of(value, &columns, row)?,
            };
            last = Some((value, folder));
            let note = Note { key: keys[row], row: hashes[row], folder };
            self.file
                .write_all(&note.bytes())
                .map_err(|error| FileLoadError::io(&self.path, "write", error))?;
        }
        Ok(())
    }

    /// Compares with the files that are there. Their rows that are replaced are left out, and
    /// those that stay go to `old`, where their folder is written anew.
    pub fn compare(
        mut self,
        layout: &Layout,
        before: &[ManifestFile],
        store: &dyn Store,
        run: &RunOf<'_>,
        old: &mut Sorter,
    ) -> Result<Compared, FileLoadError> {
        let write = |error| FileLoadError::io(&self.path, "write", error);
        self.file.flush().map_err(write)?;
        let file =
            File::open(&self.path).map_err(|error| FileLoadError::io(&self.path, "read", error))?;
        let mut notes = BufReader::with_capacity(1 << 18, file);
        let scratch = FileSink::scratch(run.folder);
        let fates = scratch.join("fates");
        let file = private_file(&fates)?;
        file.set_len(0).map_err(|error| FileLoadError::io(&fates, "write", error))?;
        let mut told = BufWriter::new(file);
        let mut stored = Stored {
            layout,
            files: before,
            store,
            run,
            scratch: &scratch,
            replaced: before.iter().map(|_| None).collect(),
        };
        loop {
            let segment = read_segment(&mut notes, self.segment)
                .map_err(|error| FileLoadError::io(&self.path, "read", error))?;
            if segment.is_empty() {
                break;
            }
            let found = stored.compare(&segment, &self.hashing, &mut self.folders)?;
            for (note, done) in segment.iter().zip(&found) {
                self.folders.concerned[note.folder as usize] |= *done != LoadedAs::Unchanged;
            }
            let bytes: Vec<u8> = found.iter().map(|done| byte_of(*done)).collect();
            told.write_all(&bytes).map_err(|error| FileLoadError::io(&fates, "write", error))?;
        }
        told.flush().map_err(|error| FileLoadError::io(&fates, "write", error))?;
        let kept = stored.keep(&self.folders, old)?;
        let _ = std::fs::remove_file(&self.path);
        Ok(Compared { fates, kept, folders: self.folders })
    }
}

impl Compared {
    /// Whether a folder is written anew.
    pub fn concerns(&self, folder: &str) -> bool {
        self.folders.concerns(folder)
    }
}

impl Hashing {
    fn keys(&self, rows: &RecordBatch) -> Result<Vec<u128>, arrow::error::ArrowError> {
        let columns: Vec<_> = self.key.iter().map(|index| rows.column(*index).clone()).collect();
        let keys = self.key_rows.convert_columns(&columns)?;
        Ok(keys.iter().map(|key| xxh3_128(key.data())).collect())
    }

    fn rows(&self, rows: &RecordBatch) -> Result<Vec<u64>, arrow::error::ArrowError> {
        let all = self.all_rows.convert_columns(rows.columns())?;
        Ok(all.iter().map(|row| xxh3_64(row.data())).collect())
    }
}

impl Folders {
    /// The number of the folder of a row.
    fn of(
        &mut self,
        value: &[u8],
        columns: &[arrow::array::ArrayRef],
        row: usize,
    ) -> Result<u32, FileLoadError> {
        if let Some(number) = self.by_value.get(value) {
            return Ok(*number);
        }
        let number = self.numbered(&folders::folder_of(&self.names, columns, row)?);
        self.by_value.insert(value.into(), number);
        Ok(number)
    }

    fn numbered(&mut self, path: &str) -> u32 {
        if let Some(number) = self.by_path.get(path) {
            return *number;
        }
        let number = self.concerned.len() as u32;
        self.by_path.insert(path.to_owned(), number);
        self.concerned.push(false);
        number
    }

    fn concerns(&self, path: &str) -> bool {
        self.by_path.get(path).is_some_and(|number| self.concerned[*number as usize])
    }
}

/// The files that are there, and which of their rows are replaced.
struct Stored<'a> {
    layout: &'a Layout,
    files: &'a [ManifestFile],
    store: &'a dyn Store,
    run: &'a RunOf<'a>,
    scratch: &'a Path,
    /// For each file with such rows a bit for each row: 12 MB for a hundred million of them.
    replaced: Vec<Option<BooleanBufferBuilder>>,
}

impl Stored<'_> {
    /// What becomes of the new rows of a segment.
    fn compare(
        &mut self,
        segment: &[Note],
        hashing: &Hashing,
        folders: &mut Folders,
    ) -> Result<Vec<LoadedAs>, FileLoadError> {
        let mut by_key: Vec<(u128, u32)> =
            segment.iter().enumerate().map(|(at, note)| (note.key, at as u32)).collect();
        by_key.sort_unstable();
        let mut fates = vec![LoadedAs::Added; segment.len()];
        for (number, stored) in self.files.iter().enumerate() {
            self.run.go_on()?;
            let folder = folders.numbered(split(&stored.path).0);
            let path = self.store.fetch(&stored.path, self.scratch)?;
            let file = StoredFile::new(path, &stored.path, self.layout);
            let found = find_keys(&file, self.layout, hashing, &by_key)?;
            if found.is_empty() {
                continue;
            }
            let replaced = self.replaced[number].get_or_insert_with(|| {
                let mut bits = BooleanBufferBuilder::new(stored.rows as usize);
                bits.append_n(stored.rows as usize, false);
                bits
            });
            let rows: Vec<usize> = found.iter().map(|(row, _)| *row).collect();
            let all: Vec<usize> = (0..self.layout.table.fields().len()).collect();
            let mut there = file.rows(&all, Some(&rows))?;
            let mut found = found.into_iter();
            while let Some(batch) = there.next()? {
                let hashes = hashing
                    .rows(&batch)
                    .map_err(|error| FileLoadError::columns(self.scratch, error))?;
                for (hash, (row, at)) in hashes.into_iter().zip(&mut found) {
                    replaced.set_bit(row, true);
                    let (note, fate) = (&segment[at as usize], &mut fates[at as usize]);
                    let same = hash == note.row && folder == note.folder;
                    // Of a key that stands there twice one row stays.
                    *fate = match (*fate, same) {
                        (LoadedAs::Added, true) => LoadedAs::Unchanged,
                        _ => LoadedAs::Modified,
                    };
                    folders.concerned[folder as usize] |= *fate == LoadedAs::Modified;
                }
            }
        }
        Ok(fates)
    }

    /// Hands the rows that stay to `old`, of the folders that are written anew; gives the files of
    /// the others.
    fn keep(self, folders: &Folders, old: &mut Sorter) -> Result<Vec<ManifestFile>, FileLoadError> {
        let mut kept = Vec::new();
        let all: Vec<usize> = (0..self.layout.table.fields().len()).collect();
        for (stored, replaced) in self.files.iter().zip(self.replaced) {
            if !folders.concerns(split(&stored.path).0) {
                kept.push(stored.clone());
                continue;
            }
            let replaced = replaced.map(|mut bits| bits.finish());
            let path = self.store.fetch(&stored.path, self.scratch)?;
            let file = StoredFile::new(path, &stored.path, self.layout);
            let mut rows = file.rows(&all, None)?;
            let mut from = 0;
            while let Some(batch) = rows.next()? {
                self.run.go_on()?;
                let count = batch.num_rows();
                let batch = match &replaced {
                    Some(replaced) => {
                        let stays = !&replaced.slice(from, count);
                        filter_record_batch(&batch, &BooleanArray::new(stays, None))
                            .map_err(|error| FileLoadError::columns(self.scratch, error))?
                    }
                    None => batch,
                };
                from += count;
                old.push(batch)?;
            }
        }
        Ok(kept)
    }
}

/// The rows of a file whose keys are among the new ones: each with the new row's index.
fn find_keys(
    file: &StoredFile<'_>,
    layout: &Layout,
    hashing: &Hashing,
    by_key: &[(u128, u32)],
) -> Result<Vec<(usize, u32)>, FileLoadError> {
    let mut found = Vec::new();
    let mut rows = file.rows(&layout.key, None)?;
    let mut from = 0;
    while let Some(batch) = rows.next()? {
        let keys = hashing
            .key_rows
            .convert_columns(batch.columns())
            .map_err(|error| FileLoadError::columns(Path::new("keys"), error))?;
        for (row, key) in keys.iter().enumerate() {
            let key = xxh3_128(key.data());
            if let Ok(at) = by_key.binary_search_by_key(&key, |(key, _)| *key) {
                found.push((from + row, by_key[at].1));
            }
        }
        from += batch.num_rows();
    }
    Ok(found)
}

impl Note {
    fn bytes(self) -> [u8; NOTE_BYTES] {
        let mut bytes = [0; NOTE_BYTES];
        bytes[..16].copy_from_slice(&self.key.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.row.to_le_bytes());
        bytes[24..].copy_from_slice(&self.folder.to_le_bytes());
        bytes
    }

    fn read(bytes: &[u8; NOTE_BYTES]) -> Note {
        let (mut key, mut row, mut folder) = ([0; 16], [0; 8], [0; 4]);
        key.copy_from_slice(&bytes[..16]);
        row.copy_from_slice(&bytes[16..24]);
        folder.copy_from_slice(&bytes[24..]);
        Note {
            key: u128::from_le_bytes(key),
            row: u64::from_le_bytes(row),
            folder: u32::from_le_bytes(folder),
        }
    }
}

fn read_segment(notes: &mut impl Read, most: usize) -> std::io::Result<Vec<Note>> {
    let mut segment = Vec::new();
    let mut bytes = [0; NOTE_BYTES];
    while segment.len() < most {
        match notes.read_exact(&mut bytes) {
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => break,
            other => other?,
        }
        segment.push(Note::read(&bytes));
    }
    Ok(segment)
}

fn byte_of(done: LoadedAs) -> u8 {
    match done {
        LoadedAs::Modified => b'm',
        LoadedAs::Unchanged => b'u',
        _ => b'a',
    }
}

/// What became of each row, in the order in which they were written.
pub enum Fates {
    /// All were added.
    Added,
    /// It differs.
    Each { path: PathBuf, bytes: BufReader<File> },
}

impl Fates {
    /// Opens what a comparison has written.
    pub fn open(path: &Path) -> Result<Fates, FileLoadError> {
        let file = File::open(path).map_err(|error| FileLoadError::io(path, "read", error))?;
        Ok(Fates::Each { path: path.to_owned(), bytes: BufReader::new(file) })
    }

    /// What became of the next row.
    pub fn of_next_row(&mut self) -> Result<LoadedAs, FileLoadError> {
        let Fates::Each { path, bytes } = self else { return Ok(LoadedAs::Added) };
        let mut byte = [0];
        bytes.read_exact(&mut byte).map_err(|error| FileLoadError::io(path, "read", error))?;
        Ok(match byte[0] {
            b'm' => LoadedAs::Modified,
            b'u' => LoadedAs::Unchanged,
            _ => LoadedAs::Added,
        })
    }
}

impl std::fmt::Debug for Fates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Fates::Added => "Added",
            Fates::Each { .. } => "Each",
        })
    }
}
