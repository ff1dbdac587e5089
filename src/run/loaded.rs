//! `loaded.csv` of a run into files: at once where every row is added, at the end where only the
//! comparison with the files that are there tells what became of a row.

use std::{
    fs::File,
    io::{BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, AsArray, RecordBatch, UInt32Array, UInt64Array},
    datatypes::{DataType, Field, Schema, UInt32Type, UInt64Type},
    error::ArrowError,
    ipc::{reader::StreamReader, writer::StreamWriter},
};

use super::{
    RunError,
    results::{LoadedRow, Results},
};
use crate::{
    batch::{Batch, Origin},
    files::{self, FileError},
    load::files::Fates,
    outcome::{KeyFrom, LoadedAs, LoadedColumns, Tally},
};

/// What is told of each row in `loaded.csv`, from the columns that it needs.
pub struct LoadedRows {
    /// The columns of the key, by their indices in the rows.
    key: Vec<usize>,
    waiting: Option<Waiting>,
}

/// Rows that wait for the end, in a file of the run's folder.
struct Waiting {
    path: PathBuf,
    rows: u64,
    writer: Option<StreamWriter<BufWriter<File>>>,
}

impl LoadedRows {
    /// `columns` are those of the rows; gives those of [`Results`] with it. `scratch` is where
    /// rows wait, if they have to.
    pub fn new(columns: LoadedColumns, scratch: Option<&Path>) -> (LoadedRows, LoadedColumns) {
        let index = |(_, from): &(_, KeyFrom)| match from {
            KeyFrom::Column(index) => Some(*index),
            KeyFrom::Answer => None,
        };
        let key: Vec<usize> = columns.key.iter().filter_map(index).collect();
        let told = columns.key.into_iter().enumerate();
        let told = told.map(|(place, (name, _))| (name, KeyFrom::Column(place))).collect();
        let waiting =
            scratch.map(|folder| Waiting { path: folder.join("loaded"), rows: 0, writer: None });
        (LoadedRows { key, waiting }, LoadedColumns { key: told, input: columns.input })
    }

    /// Rows of which is not known yet what became of them.
    pub fn waiting(&self) -> u64 {
        self.waiting.as_ref().map_or(0, |waiting| waiting.rows)
    }

    /// Enters rows that are on their way into the files.
    pub fn enter(
        &mut self,
        rows: &Batch,
        results: &mut Results,
        tally: &mut Tally,
    ) -> Result<(), RunError> {
        let key = rows.columns.project(&self.key)?;
        if let Some(waiting) = &mut self.waiting {
            return waiting.write(rows, &key);
        }
        for row in 0..rows.len() {
            let loaded = LoadedRow { rows: &key, row, id: None, done: LoadedAs::Added };
            results.loaded(rows.origin(row), &loaded, None)?;
        }
        tally.loaded.added += rows.len() as u64;
        Ok(())
    }

    /// Enters the rows that waited.
    pub fn settle(
        self,
        mut fates: Fates,
        results: &mut Results,
        tally: &mut Tally,
    ) -> Result<(), RunError> {
        let Some(waiting) = self.waiting else { return Ok(()) };
        let Some(rows) = waiting.finish()? else { return Ok(()) };
        for batch in rows {
            let batch = batch?;
            let origins = origins_of(&batch)?;
            for (row, origin) in origins.iter().enumerate() {
                let done = fates.of_next_row()?;
                let loaded = LoadedRow { rows: &batch, row, id: None, done };
                results.loaded(origin, &loaded, None)?;
                tally.loaded.count(done);
            }
        }
        Ok(())
    }
}

impl Waiting {
    fn write(&mut self, rows: &Batch, key: &RecordBatch) -> Result<(), RunError> {
        let origins = (0..rows.len()).map(|row| rows.origin(row));
        let files = UInt32Array::from_iter_values(origins.clone().map(|origin| origin.file));
        let lines = UInt64Array::from_iter_values(origins.map(|origin| origin.line));
        let mut columns: Vec<ArrayRef> = key.columns().to_vec();
        columns.extend([Arc::new(files) as ArrayRef, Arc::new(lines)]);
        let fields = key.schema();
        let fields = fields.fields().iter().cloned().chain([
            Arc::new(Field::new("_file", DataType::UInt32, false)),
            Arc::new(Field::new("_line", DataType::UInt64, false)),
        ]);
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns)?;
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                let file = files::private_file(&self.path)?;
                file.set_len(0).map_err(|error| FileError::from_io(&self.path, "write", error))?;
                self.writer.insert(StreamWriter::try_new(BufWriter::new(file), &schema)?)
            }
        };
        writer.write(&batch).map_err(|error| named(&self.path, error))?;
        self.rows += rows.len() as u64;
        Ok(())
    }

    fn finish(mut self) -> Result<Option<StreamReader<BufReader<File>>>, RunError> {
        let Some(writer) = self.writer.take() else { return Ok(None) };
        let mut file = writer.into_inner().map_err(|error| named(&self.path, error))?;
        file.flush().map_err(|error| FileError::from_io(&self.path, "write", error))?;
        let file = File::open(&self.path);
        let file = file.map_err(|error| FileError::from_io(&self.path, "read", error))?;
        Ok(Some(StreamReader::try_new(BufReader::new(file), None)?))
    }
}

/// What the system said of a file, where arrow only hands that on.
fn named(path: &Path, error: ArrowError) -> RunError {
    match error {
        ArrowError::IoError(_, error) => FileError::from_io(path, "write", error).into(),
        error => error.into(),
    }
}

/// The places of rows that waited; of a place only file and line are told.
fn origins_of(batch: &RecordBatch) -> Result<Vec<Origin>, ArrowError> {
    let wrong = || ArrowError::IpcError("rows that waited have no places".into());
    let column = |back: usize| batch.num_columns().checked_sub(back).map(|at| batch.column(at));
    let files = column(2).and_then(|column| column.as_primitive_opt::<UInt32Type>());
    let lines = column(1).and_then(|column| column.as_primitive_opt::<UInt64Type>());
    let (files, lines) = (files.ok_or_else(wrong)?, lines.ok_or_else(wrong)?);
    let origin = |(file, line): (&u32, &u64)| Origin {
        file: *file,
        line: *line,
        start: 0,
        length: 0,
        ordinal: 0,
    };
    Ok(files.values().iter().zip(lines.values()).map(origin).collect())
}
