//! A run of sorted rows in a file of the run's folder, readable by nobody else.

use std::{
    fs::File,
    io::{BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use arrow::{
    array::RecordBatch,
    datatypes::SchemaRef,
    ipc::{reader::StreamReader, writer::StreamWriter},
};

use crate::{files::private_file, load::files::FileLoadError};

/// Rows on their way to the disk. They are made again after a crash, so that nothing is synced.
pub struct SpillFile {
    path: PathBuf,
    writer: StreamWriter<BufWriter<File>>,
}

impl SpillFile {
    pub fn create(path: &Path, schema: &SchemaRef) -> Result<SpillFile, FileLoadError> {
        let file = private_file(path)?;
        file.set_len(0).map_err(|error| FileLoadError::io(path, "write", error))?;
        let writer = StreamWriter::try_new(BufWriter::with_capacity(1 << 18, file), schema)
            .map_err(|error| FileLoadError::columns(path, error))?;
        Ok(SpillFile { path: path.to_owned(), writer })
    }

    pub fn write(&mut self, rows: &RecordBatch) -> Result<(), FileLoadError> {
        self.writer.write(rows).map_err(|error| FileLoadError::columns(&self.path, error))
    }

    pub fn finish(self) -> Result<(), FileLoadError> {
        let mut file =
            self.writer.into_inner().map_err(|error| FileLoadError::columns(&self.path, error))?;
        file.flush().map_err(|error| FileLoadError::io(&self.path, "write", error))
    }
}

/// Rows that come back from the disk. The file goes with them.
pub struct SpilledRows {
    path: PathBuf,
    reader: StreamReader<BufReader<File>>,
}

impl SpilledRows {
    pub fn open(path: &Path) -> Result<SpilledRows, FileLoadError> {
        let file = File::open(path).map_err(|error| FileLoadError::io(path, "read", error))?;
        let reader = StreamReader::try_new(BufReader::new(file), None)
            .map_err(|error| FileLoadError::columns(path, error))?;
        Ok(SpilledRows { path: path.to_owned(), reader })
    }

    pub fn next(&mut self) -> Result<Option<RecordBatch>, FileLoadError> {
        let next = self.reader.next().transpose();
        next.map_err(|error| FileLoadError::columns(&self.path, error))
    }
}

impl Drop for SpilledRows {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
