//! By which file and line a row is known: those where it was read, or, of a run that sends again
//! what another one left over, those where it was read at first.

use std::{
    fs::File,
    io::{BufWriter, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use super::{RunError, past::PastRun};
use crate::{
    batch::{Batch, Fallen, Fate, Origin},
    files::{self, FileError, Fingerprint},
};

/// The rows of a retry, in the run's folder: for each its file, its line, and whether it goes.
const LINEAGE: &str = "lineage.bin";

/// The names of the files, beside it.
const FILES: &str = "lineage.json";

/// Bytes of a row: file, standing, line, and the line that it says it was read on.
const WIDTH: u64 = 24;

/// Whether a row of a retry is taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Goes,
    /// It was loaded by an earlier run.
    Loaded,
    /// It is in doubt, and never sent again by itself.
    InDoubt,
    /// An earlier row of the file has the same identity.
    Twice,
    /// No earlier run has had such a row.
    Unknown,
}

impl Standing {
    const ALL: [Standing; 5] =
        [Standing::Goes, Standing::Loaded, Standing::InDoubt, Standing::Twice, Standing::Unknown];

    fn code(self) -> u32 {
        Self::ALL.iter().position(|one| *one == self).unwrap_or(0) as u32
    }

    fn of(code: u32) -> Standing {
        Self::ALL.get(code as usize).copied().unwrap_or(Standing::Goes)
    }

    /// Why a row stays behind; `None` where it does not.
    pub fn reason(self, line: u64) -> Option<String> {
        match self {
            Standing::Goes => None,
            Standing::Unknown if line == 0 => {
                Some("its `_line` or `_file` is none of the runs before".into())
            }
            Standing::Loaded => Some(format!("line {line} was loaded already")),
            Standing::InDoubt => {
                Some(format!("line {line} is in doubt: `vccpipe resolve` settles it"))
            }
            Standing::Twice => Some(format!("line {line} is given twice in this file")),
            Standing::Unknown => Some(format!("line {line} is no row of the runs before")),
        }
    }
}

/// What is known of a row of a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descent {
    /// The number of the file by which it is known: that of its first reading where it goes, and
    /// its own where it stays behind.
    pub file: u32,
    /// The line by which it is known.
    pub line: u64,
    /// Whether it goes.
    pub standing: Standing,
    /// The line that it says it was read on at first; 0 where it says none.
    pub says: u64,
}

/// Where the rows of a retry were read at first.
#[derive(Debug)]
pub struct Lineage {
    files: Vec<String>,
    rows: Mutex<Held>,
    path: PathBuf,
}

#[derive(Debug)]
struct Held {
    file: File,
    /// A piece of the file, and the number of its first row.
    piece: Vec<u8>,
    first: u64,
}

/// Rows of a piece that is held.
const PIECE: u64 = 8192;

impl Lineage {
    /// The lineage in a run's folder; none of a run that is no retry.
    pub fn open(folder: &Path) -> Result<Option<Lineage>, RunError> {
        let path = folder.join(LINEAGE);
        if !path.exists() {
            return Ok(None);
        }
        let read = |error| FileError::from_io(&path, "read", error);
        let text = std::fs::read(folder.join(FILES)).map_err(read)?;
        let files = serde_json::from_slice(&text)
            .map_err(|error| RunError::Unbalanced(error.to_string()))?;
        let file = File::open(&path).map_err(read)?;
        let rows = Mutex::new(Held { file, piece: Vec::new(), first: 0 });
        Ok(Some(Lineage { files, rows, path }))
    }

    /// Names of the files.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// What is known of the row `ordinal` of the retry's input.
    pub fn of(&self, ordinal: u64) -> Result<Descent, RunError> {
        let mut held = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = held.piece.len() as u64 / WIDTH;
        if ordinal < held.first || ordinal >= held.first + rows {
            held.first = ordinal - ordinal % PIECE;
            let at = held.first * WIDTH;
            let mut piece = Vec::new();
            let read = held
                .file
                .seek(SeekFrom::Start(at))
                .and_then(|_| (&held.file).take(PIECE * WIDTH).read_to_end(&mut piece));
            read.map_err(|error| FileError::from_io(&self.path, "read", error))?;
            held.piece = piece;
        }
        let at = ((ordinal - held.first) * WIDTH) as usize;
        let row = held.piece.get(at..at + WIDTH as usize).ok_or_else(|| {
            RunError::Unbalanced(format!("`{}` has no row {ordinal}", self.path.display()))
        })?;
        let small =
            |at: usize| u32::from_le_bytes([row[at], row[at + 1], row[at + 2], row[at + 3]]);
        let long = |at: usize| u64::from(small(at)) | u64::from(small(at + 4)) << 32;
        let (file, standing) = (small(0), Standing::of(small(4)));
        Ok(Descent { file, line: long(8), standing, says: long(16) })
    }
}

impl Lineage {
    /// The rows of a batch that are taken up; the others fall out with their reasons.
    pub fn admit(&self, batch: Batch, fallen: &mut Vec<Fallen>) -> Result<Batch, RunError> {
        let mut keep = vec![true; batch.len()];
        for (row, keep) in keep.iter_mut().enumerate() {
            let Descent { standing, says, .. } = self.of(batch.origin(row).ordinal)?;
            let Some(reason) = standing.reason(says) else { continue };
            *keep = false;
            let fate = match standing {
                Standing::Unknown => Fate::Rejected,
                _ => Fate::Skipped,
            };
            fallen.push(Fallen { pick: batch.picks[row], fate, reason });
        }
        match keep.contains(&false) {
            true => Ok(batch.filter(&keep)?),
            false => Ok(batch),
        }
    }
}

/// A lineage in the making: named when it is whole.
pub struct LineageWriter {
    folder: PathBuf,
    files: Vec<String>,
    rows: BufWriter<files::PendingFile>,
}

impl LineageWriter {
    /// Begins one in a run's folder.
    pub fn begin(folder: &Path) -> Result<LineageWriter, RunError> {
        let pending = files::PendingFile::begin(&folder.join(LINEAGE))?;
        Ok(LineageWriter {
            folder: folder.to_owned(),
            files: Vec::new(),
            rows: BufWriter::new(pending),
        })
    }

    /// The number of a file.
    pub fn file(&mut self, name: &str) -> u32 {
        if let Some(at) = self.files.iter().position(|file| file == name) {
            return at as u32;
        }
        self.files.push(name.to_owned());
        self.files.len() as u32 - 1
    }

    /// Adds the next row.
    pub fn add(&mut self, descent: Descent) -> Result<(), RunError> {
        let mut row = [0; WIDTH as usize];
        row[..4].copy_from_slice(&descent.file.to_le_bytes());
        row[4..8].copy_from_slice(&descent.standing.code().to_le_bytes());
        row[8..16].copy_from_slice(&descent.line.to_le_bytes());
        row[16..].copy_from_slice(&descent.says.to_le_bytes());
        let path = self.folder.join(LINEAGE);
        self.rows.write_all(&row).map_err(|error| FileError::from_io(&path, "write", error).into())
    }

    /// Makes it durable, and gives it its name.
    pub fn finish(self) -> Result<(), RunError> {
        let path = self.folder.join(LINEAGE);
        let names = serde_json::to_vec(&self.files)
            .map_err(|error| RunError::Unbalanced(error.to_string()))?;
        files::publish(&self.folder.join(FILES), &names)?;
        let rows = self
            .rows
            .into_inner()
            .map_err(|error| FileError::from_io(&path, "write", error.into_error()))?;
        Ok(rows.commit()?)
    }
}

/// By which names a past run knows its rows.
pub struct Names {
    lineage: Option<Lineage>,
    /// The files of the input, where there are several.
    files: Vec<String>,
}

impl Names {
    /// Those of a run.
    pub fn of(run: &PastRun) -> Result<Names, RunError> {
        let input: Fingerprint = serde_json::from_str(&run.record.input)
            .map_err(|error| RunError::Unbalanced(error.to_string()))?;
        let files = input.files.iter().map(|file| file.path.display().to_string()).collect();
        Ok(Names { lineage: Lineage::open(&run.folder)?, files })
    }

    /// The names of all files that rows may be of.
    pub fn files(&self) -> &[String] {
        self.lineage.as_ref().map_or(&self.files, |lineage| lineage.files())
    }

    /// Whether result files tell the file of a row.
    pub fn tells_files(&self) -> bool {
        self.lineage.is_some() || self.files.len() > 1
    }

    /// The number of the file and the line of a row.
    pub fn place(&self, origin: &Origin) -> Result<(usize, u64), RunError> {
        match &self.lineage {
            None => Ok((origin.file as usize, origin.line)),
            Some(lineage) => lineage.of(origin.ordinal).map(|of| (of.file as usize, of.line)),
        }
    }

    /// File and line of a row, as the result files have them.
    pub fn of_row(&self, origin: &Origin) -> Result<(Option<&str>, u64), RunError> {
        let (file, line) = self.place(origin)?;
        let name = self.files().get(file).map(String::as_str);
        Ok((name.filter(|_| self.tells_files()), line))
    }
}
