//! A folder of Parquet files.
//!
//! Rows that go into one folder as they come are encoded at once. Where there are several folders,
//! or an order, they are sorted before: then one file is open at a time, however many folders
//! there are, and the same rows give the same files.

mod folders;
mod layout;
mod parts;
mod stored;
mod upsert;

use std::{collections::HashMap, path::PathBuf};

use arrow::{array::RecordBatch, compute::partition};

pub use layout::Layout;
pub use parts::{Part, Sizes};
pub use upsert::Fates;

use super::{
    FileLoadError, MANIFEST, Manifest, Mode, ParquetOptions,
    columns::Columns,
    manifest::ManifestFile,
    publish::{Placing, PublishPlan},
    sink::RunOf,
    sort::{Limits, Order, Sorted, Sorter},
    staging::Staging,
    store::Place,
};
use parts::Parts;
use upsert::NewKeys;

/// Writes the files of one run.
pub struct ParquetWriter {
    options: ParquetOptions,
    columns: Columns,
    layout: Layout,
    staging: Staging,
    /// What the folder held before.
    before: Option<Manifest>,
    /// Names in the folder that nobody may write over.
    foreign: Vec<String>,
    feed: Feed,
    /// Where rows are replaced.
    keys: Option<NewKeys>,
    parts: Parts,
    numbers: Numbers,
}

enum Feed {
    /// Into one folder, as they come.
    Straight,
    /// Sorted before.
    Sorted(Box<Sorter>),
}

/// How much memory a writer may use.
#[derive(Clone, Copy, Debug)]
struct Memory {
    sort: Limits,
    sizes: Sizes,
    /// New rows whose keys are compared at a time.
    segment: usize,
}

impl Default for Memory {
    fn default() -> Self {
        Memory { sort: Limits::default(), sizes: Sizes::default(), segment: upsert::SEGMENT }
    }
}

/// What a writer is given of the folder.
pub struct Folder {
    pub before: Option<Manifest>,
    pub foreign: Vec<String>,
    pub staging: Staging,
    /// For sorted runs.
    pub scratch: PathBuf,
}

impl ParquetWriter {
    /// A writer of rows in these columns.
    pub fn new(
        options: &ParquetOptions,
        columns: Columns,
        folder: Folder,
    ) -> Result<ParquetWriter, FileLoadError> {
        Self::with_memory(options, columns, folder, Memory::default())
    }

    fn with_memory(
        options: &ParquetOptions,
        columns: Columns,
        folder: Folder,
        memory: Memory,
    ) -> Result<ParquetWriter, FileLoadError> {
        let layout = Layout::of(columns.schema.clone(), options)?;
        let order = layout.order();
        let feed = match order.is_empty() {
            true => Feed::Straight,
            false => {
                let order = Order::new(&layout.table, &order)
                    .map_err(|error| FileLoadError::columns(&folder.scratch, error))?;
                let table = layout.table.clone();
                let limits = memory.sort;
                Feed::Sorted(Box::new(Sorter::new(table, order, &folder.scratch, "new", limits)))
            }
        };
        let mut parts =
            Parts::new(folder.staging.clone(), &layout, options.compression, memory.sizes);
        let numbers = Numbers::of(folder.before.as_ref(), options.mode);
        parts.begin("", numbers.first(""))?;
        Ok(ParquetWriter {
            options: options.clone(),
            columns,
            staging: folder.staging,
            before: folder.before,
            foreign: folder.foreign,
            keys: match options.mode {
                Mode::Upsert => Some(NewKeys::new(&layout, &folder.scratch, memory.segment)?),
                Mode::Snapshot | Mode::Append => None,
            },
            layout,
            feed,
            parts,
            numbers,
        })
    }

    /// Adds rows.
    pub fn write(&mut self, rows: &RecordBatch) -> Result<(), FileLoadError> {
        let arranged = self.columns.arrange(rows);
        let rows = arranged.map_err(|e| FileLoadError::columns(self.staging.folder(), e))?;
        if let Some(keys) = &mut self.keys {
            keys.add(&self.layout, &rows)?;
        }
        match &mut self.feed {
            Feed::Straight => self.parts.write(rows),
            Feed::Sorted(sorter) => sorter.push(rows),
        }
    }

    /// Writes what is left, and says how it is to be published and what became of the rows.
    pub fn finish(
        mut self,
        place: String,
        run: &RunOf<'_>,
    ) -> Result<(PublishPlan, Fates), FileLoadError> {
        let before = self.before.take().unwrap_or_else(|| nothing(run));
        let mut fates = Fates::Added;
        let mut kept = match self.options.mode {
            Mode::Append => before.files.clone(),
            Mode::Snapshot | Mode::Upsert => Vec::new(),
        };
        if let Feed::Sorted(mut new) = self.feed {
            let (sorted, compared) = match self.keys {
                None => (new.finish(None)?, None),
                Some(keys) => {
                    // The memory is needed for the keys.
                    new.spill()?;
                    let mut old = new.beside("old")?;
                    let store = Place::parse(&place)?.open()?;
                    let files = &before.files;
                    let compared =
                        keys.compare(&self.layout, files, store.as_ref(), run, &mut old)?;
                    fates = Fates::open(&compared.fates)?;
                    kept.clone_from(&compared.kept);
                    (new.finish(Some(old))?, Some(compared))
                }
            };
            let start = |folder: &str| match &compared {
                Some(compared) if !compared.concerns(folder) => None,
                _ => Some(self.numbers.first(folder)),
            };
            write_folders(&self.layout, sorted, &mut self.parts, run, start)?;
        }
        let is_empty = kept.is_empty() && self.parts.is_empty();
        if is_empty && self.layout.folders.is_empty() {
            // A table without rows has its columns nevertheless.
            self.parts.begin("", 0)?;
            self.parts.begin_part()?;
        }
        let parts = self.parts.finish()?;
        let writing = Writing {
            options: &self.options,
            columns: &self.columns,
            staging: &self.staging,
            before: &before,
            foreign: &self.foreign,
        };
        Ok((writing.plan(parts, kept, place, run)?, fates))
    }
}

/// What all ways of writing a folder share at their end.
struct Writing<'a> {
    options: &'a ParquetOptions,
    columns: &'a Columns,
    staging: &'a Staging,
    before: &'a Manifest,
    foreign: &'a [String],
}

impl Writing<'_> {
    /// The plan by which the folder comes to hold `parts` and `kept`, and nothing else of what
    /// it held before.
    fn plan(
        &self,
        parts: Vec<Part>,
        kept: Vec<ManifestFile>,
        place: String,
        run: &RunOf<'_>,
    ) -> Result<PublishPlan, FileLoadError> {
        if let Some(part) = parts.iter().find(|part| self.foreign.contains(&part.name)) {
            return Err(FileLoadError::refused(
                format!(
                    "`{}` is to be written, and vccpipe did not write the one there",
                    part.name
                ),
                "move it away, or choose another folder",
            ));
        }
        let mut files = kept;
        files.extend(parts.iter().map(|part| ManifestFile {
            path: part.name.clone(),
            rows: part.rows,
            bytes: part.staged.bytes,
            sha256: part.staged.sha256.clone(),
            run_id: run.id.to_owned(),
        }));
        files.sort_by(|one, other| one.path.cmp(&other.path));
        let names = |names: &[crate::yaml::Spanned<String>]| {
            names.iter().map(|name| name.value.clone()).collect::<Vec<_>>()
        };
        let manifest = Manifest {
            version: Manifest::version(),
            pipeline: run.pipeline.to_owned(),
            run_id: run.id.to_owned(),
            written_at: run.now.to_string(),
            mode: self.options.mode,
            key: names(&self.options.key),
            partition_by: names(&self.options.partition_by),
            sort_by: names(&self.options.sort_by),
            window: run.window.cloned(),
            rows: files.iter().map(|file| file.rows).sum(),
            bytes: files.iter().map(|file| file.bytes).sum(),
            schema: self.columns.listed(),
            files,
        };
        let mut listed: Vec<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
        listed.sort_unstable();
        let is_obsolete = |path: &str| listed.binary_search(&path).is_err();
        let before = self.before.files.iter().map(|file| &file.path);
        let mut staged = self.staging.create(MANIFEST)?;
        std::io::Write::write_all(&mut staged, manifest.text().as_bytes())
            .map_err(|error| FileLoadError::io(self.staging.folder(), "write", error))?;
        Ok(PublishPlan {
            place,
            staging: self.staging.folder().to_owned(),
            files: parts.into_iter().map(|part| Placing::of(part.staged, part.name)).collect(),
            obsolete: before.filter(|path| is_obsolete(path)).cloned().collect(),
            manifest: Some(Placing::of(staged.finish()?, MANIFEST.to_owned())),
        })
    }
}

/// A folder that was not there.
fn nothing(run: &RunOf<'_>) -> Manifest {
    Manifest {
        version: Manifest::version(),
        pipeline: run.pipeline.to_owned(),
        run_id: String::new(),
        written_at: String::new(),
        mode: Mode::Snapshot,
        key: Vec::new(),
        partition_by: Vec::new(),
        sort_by: Vec::new(),
        window: None,
        rows: 0,
        bytes: 0,
        schema: Vec::new(),
        files: Vec::new(),
    }
}

/// Writes sorted rows folder by folder. `start` gives the number of a folder's first file, or
/// none where its rows are not to be written.
fn write_folders(
    layout: &Layout,
    mut sorted: Sorted,
    parts: &mut Parts,
    run: &RunOf<'_>,
    mut start: impl FnMut(&str) -> Option<usize>,
) -> Result<(), FileLoadError> {
    let names = layout.folder_names();
    let failed = |error| FileLoadError::columns(run.folder, error);
    let mut open: Option<(String, bool)> = None;
    while let Some(rows) = sorted.next()? {
        run.go_on()?;
        let columns = layout.folder_columns(&rows);
        let ranges = match columns.is_empty() {
            true => std::iter::once(0..rows.num_rows()).collect(),
            false => partition(&columns).map_err(failed)?.ranges(),
        };
        let data = layout.data_columns(&rows).map_err(failed)?;
        for range in ranges {
            let folder = folders::folder_of(&names, &columns, range.start)?;
            if open.as_ref().is_none_or(|(current, _)| *current != folder) {
                let first = start(&folder);
                if let Some(first) = first {
                    parts.begin(&folder, first)?;
                }
                open = Some((folder, first.is_some()));
            }
            if open.as_ref().is_some_and(|(_, wanted)| *wanted) {
                parts.write(data.slice(range.start, range.len()))?;
            }
        }
    }
    Ok(())
}

/// For each folder the number of the first new file: those that are there stay in an append.
#[derive(Debug, Default)]
struct Numbers(HashMap<String, usize>);

impl Numbers {
    fn of(before: Option<&Manifest>, mode: Mode) -> Numbers {
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let files = before.filter(|_| mode == Mode::Append).into_iter().flat_map(|b| &b.files);
        for file in files {
            let (folder, name) = split(&file.path);
            let number = name.strip_prefix("part-").and_then(|n| n.strip_suffix(".parquet"));
            if let Some(number) = number.and_then(|number| number.parse::<usize>().ok()) {
                let next = numbers.entry(folder.to_owned()).or_default();
                *next = (*next).max(number + 1);
            }
        }
        Numbers(numbers)
    }

    fn first(&self, folder: &str) -> usize {
        self.0.get(folder).copied().unwrap_or_default()
    }
}

/// The folder of a file, with `/` at its end, and the file's name.
fn split(path: &str) -> (&str, &str) {
    path.split_at(path.rfind('/').map_or(0, |slash| slash + 1))
}

#[cfg(test)]
mod tests;
