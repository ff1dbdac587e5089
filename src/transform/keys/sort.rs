//! Sorting any number of small records in the same memory: sorted runs on disk, then merged.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// A record with a fixed number of bytes on disk.
pub(super) trait Record: Copy + Ord {
    /// Bytes on disk.
    const SIZE: usize;

    /// Writes itself to `bytes`, which are [`Record::SIZE`] long.
    fn write(&self, bytes: &mut [u8]);

    /// Reads what [`Record::write`] wrote.
    fn read(bytes: &[u8]) -> Self;
}

/// How much memory a sort may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Records sorted in memory at a time.
    pub run: usize,
    /// Runs merged at a time.
    pub merged: usize,
    /// Records read ahead of each run that is merged.
    pub ahead: usize,
}

impl Default for Limits {
    /// Some 5 MB of records, and as much for merging: 64 runs are 6 million rows, each further
    /// pass over the disk 64 times as many.
    fn default() -> Self {
        Limits { run: 100_000, merged: 64, ahead: 2_000 }
    }
}

/// Takes records in any order.
pub(super) struct Sort<R> {
    limits: Limits,
    held: Vec<R>,
    spill: Spill,
    runs: Vec<Run>,
}

/// Gives them back in theirs.
pub(super) struct Sorted<R> {
    source: Source<R>,
}

enum Source<R> {
    /// They never left memory.
    Held(std::vec::IntoIter<R>),
    Merge(Spill, Merge<R>),
}

/// Records `from..to` of the spilled ones, sorted.
#[derive(Clone, Copy)]
struct Run {
    from: u64,
    to: u64,
}

impl<R: Record> Sort<R> {
    /// A sort that spills to the file `path`, which nobody else sees and which goes with it.
    pub fn new(path: &Path, limits: Limits) -> Self {
        Sort { limits, held: Vec::new(), spill: Spill::new(path), runs: Vec::new() }
    }

    /// Adds a record.
    pub fn push(&mut self, record: R) -> io::Result<()> {
        if self.held.len() == self.limits.run {
            self.spill_held()?;
        }
        if self.held.capacity() == 0 {
            self.held.reserve_exact(self.limits.run);
        }
        self.held.push(record);
        Ok(())
    }

    fn spill_held(&mut self) -> io::Result<()> {
        self.held.sort_unstable();
        let from = self.spill.records::<R>();
        let mut writer = Writer::default();
        for record in &self.held {
            writer.push(record, &mut self.spill)?;
        }
        writer.flush(&mut self.spill)?;
        self.runs.push(Run { from, to: self.spill.records::<R>() });
        self.held.clear();
        Ok(())
    }

    /// All records, in order.
    pub fn finish(mut self) -> io::Result<Sorted<R>> {
        if self.runs.is_empty() {
            self.held.sort_unstable();
            return Ok(Sorted { source: Source::Held(self.held.into_iter()) });
        }
        if !self.held.is_empty() {
            self.spill_held()?;
        }
        self.held = Vec::new();
        while self.runs.len() > self.limits.merged {
            self.merge_some()?;
        }
        let merge = Merge::new(&self.runs, self.limits, &mut self.spill)?;
        Ok(Sorted { source: Source::Merge(self.spill, merge) })
    }

    /// Makes one run of as many as may be merged at a time; the oldest are the shortest.
    fn merge_some(&mut self) -> io::Result<()> {
        let some: Vec<Run> = self.runs.drain(..self.limits.merged).collect();
        let mut merge = Merge::<R>::new(&some, self.limits, &mut self.spill)?;
        let from = self.spill.records::<R>();
        let mut writer = Writer::default();
        while let Some(record) = merge.next(&mut self.spill)? {
            writer.push(&record, &mut self.spill)?;
        }
        writer.flush(&mut self.spill)?;
        self.runs.push(Run { from, to: self.spill.records::<R>() });
        Ok(())
    }
}

impl<R: Record> Sorted<R> {
    /// The next record.
    pub fn next(&mut self) -> io::Result<Option<R>> {
        match &mut self.source {
            Source::Held(records) => Ok(records.next()),
            Source::Merge(spill, merge) => merge.next(spill),
        }
    }
}

/// The runs, and the least record of each that is not used up.
struct Merge<R> {
    runs: Vec<Ahead<R>>,
    ahead: usize,
    least: BinaryHeap<Reverse<(R, usize)>>,
}

/// A run, of which some records were read ahead.
struct Ahead<R> {
    rest: Run,
    read: std::vec::IntoIter<R>,
}

impl<R: Record> Merge<R> {
    fn new(runs: &[Run], limits: Limits, spill: &mut Spill) -> io::Result<Self> {
        let mut merge = Merge {
            runs: runs
                .iter()
                .map(|run| Ahead { rest: *run, read: Vec::new().into_iter() })
                .collect(),
            ahead: limits.ahead,
            least: BinaryHeap::with_capacity(runs.len()),
        };
        for run in 0..merge.runs.len() {
            merge.advance(run, spill)?;
        }
        Ok(merge)
    }

    fn next(&mut self, spill: &mut Spill) -> io::Result<Option<R>> {
        let Some(Reverse((record, run))) = self.least.pop() else { return Ok(None) };
        self.advance(run, spill)?;
        Ok(Some(record))
    }

    fn advance(&mut self, run: usize, spill: &mut Spill) -> io::Result<()> {
        if let Some(record) = self.runs[run].next(self.ahead, spill)? {
            self.least.push(Reverse((record, run)));
        }
        Ok(())
    }
}

impl<R: Record> Ahead<R> {
    fn next(&mut self, ahead: usize, spill: &mut Spill) -> io::Result<Option<R>> {
        if let Some(record) = self.read.next() {
            return Ok(Some(record));
        }
        let to = self.rest.to.min(self.rest.from + ahead as u64);
        self.read = spill.read::<R>(self.rest.from, to)?.into_iter();
        self.rest.from = to;
        Ok(self.read.next())
    }
}

/// Bytes of records on their way to the disk.
#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    const FULL: usize = 256 * 1024;

    fn push<R: Record>(&mut self, record: &R, spill: &mut Spill) -> io::Result<()> {
        let at = self.0.len();
        self.0.resize(at + R::SIZE, 0);
        record.write(&mut self.0[at..]);
        if self.0.len() >= Self::FULL { self.flush(spill) } else { Ok(()) }
    }

    fn flush(&mut self, spill: &mut Spill) -> io::Result<()> {
        spill.append(&self.0)?;
        self.0.clear();
        Ok(())
    }
}

/// The file of the runs. It is made when it is needed and has no name from then on, so that it
/// goes with the process, however that ends.
struct Spill {
    path: PathBuf,
    file: Option<File>,
    bytes: u64,
}

impl Spill {
    fn new(path: &Path) -> Self {
        Spill { path: path.to_owned(), file: None, bytes: 0 }
    }

    fn records<R: Record>(&self) -> u64 {
        self.bytes / R::SIZE as u64
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(private_file(&self.path)?),
        };
        file.seek(SeekFrom::Start(self.bytes))?;
        file.write_all(bytes)?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    fn read<R: Record>(&mut self, from: u64, to: u64) -> io::Result<Vec<R>> {
        let mut bytes = vec![0; (to - from) as usize * R::SIZE];
        if let Some(file) = &mut self.file {
            file.seek(SeekFrom::Start(from * R::SIZE as u64))?;
            file.read_exact(&mut bytes)?;
        }
        Ok(bytes.chunks_exact(R::SIZE).map(R::read).collect())
    }
}

impl Drop for Spill {
    fn drop(&mut self) {
        if self.file.take().is_some() && cfg!(not(unix)) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    std::fs::remove_file(path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl Record for u64 {
        const SIZE: usize = 8;

        fn write(&self, bytes: &mut [u8]) {
            bytes.copy_from_slice(&self.to_le_bytes());
        }

        fn read(bytes: &[u8]) -> Self {
            u64::from_le_bytes(bytes.try_into().unwrap())
        }
    }

    proptest! {
        #[test]
        fn whatever_the_limits_the_order_is_the_same(
            mut numbers in prop::collection::vec(0_u64..50, 0..300),
            run in 1_usize..20,
            merged in 2_usize..5,
            ahead in 1_usize..6,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let limits = Limits { run, merged, ahead };
            let mut sort = Sort::new(&folder.path().join("spill"), limits);
            for number in &numbers {
                sort.push(*number).unwrap();
            }
            let mut sorted = sort.finish().unwrap();
            let mut found = Vec::new();
            while let Some(number) = sorted.next().unwrap() {
                found.push(number);
            }
            numbers.sort_unstable();
            prop_assert_eq!(found, numbers);
            prop_assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }
}
