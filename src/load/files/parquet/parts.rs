//! The files of one folder after the other: `part-00000.parquet`, and further ones where one would
//! become too large.

use arrow::{
    array::RecordBatch,
    compute::BatchCoalescer,
    datatypes::{DataType, SchemaRef},
};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression as Codec, GzipLevel, ZstdLevel},
    file::{metadata::SortingColumn, properties::WriterProperties},
};

use super::Layout;
use crate::load::files::{
    Compression, FileLoadError,
    staging::{Staged, StagedFile, Staging},
};

/// When a row group, or a file, is large enough.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Rows of a row group at the most.
    pub group_rows: usize,
    /// Bytes of a row group, as encoded; they are kept in memory until it is written.
    pub group_bytes: usize,
    /// Bytes of a file after which another one is begun.
    pub file_bytes: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Sizes { group_rows: 1 << 18, group_bytes: 64 << 20, file_bytes: 256 << 20 }
    }
}

/// Rows that are encoded at a time, whatever batches they come in: a file depends on its rows only.
const BATCH_ROWS: usize = 8192;

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its final name.
    pub name: String,
    pub rows: u64,
    pub staged: Staged,
}

/// Writes files, one at a time.
pub struct Parts {
    staging: Staging,
    schema: SchemaRef,
    properties: WriterProperties,
    sizes: Sizes,
    folder: String,
    /// The number of the next file of the folder.
    next: usize,
    rows: BatchCoalescer,
    open: Option<OpenPart>,
    done: Vec<Part>,
}

struct OpenPart {
    name: String,
    rows: u64,
    writer: ArrowWriter<StagedFile>,
}

impl Parts {
    pub fn new(staging: Staging, layout: &Layout, compression: Compression, sizes: Sizes) -> Self {
        let schema = layout.file.clone();
        Parts {
            properties: properties(layout, compression, sizes),
            rows: BatchCoalescer::new(schema.clone(), BATCH_ROWS),
            staging,
            schema,
            sizes,
            folder: String::new(),
            next: 0,
            open: None,
            done: Vec::new(),
        }
    }

    /// Goes on with the folder `folder` (empty, or with `/` at its end), from the file of this
    /// number on. The one before is whole then.
    pub fn begin(&mut self, folder: &str, next: usize) -> Result<(), FileLoadError> {
        self.end_folder()?;
        folder.clone_into(&mut self.folder);
        self.next = next;
        Ok(())
    }

    /// Adds rows of the folder.
    pub fn write(&mut self, rows: RecordBatch) -> Result<(), FileLoadError> {
        // It would come out as it goes in.
        if self.rows.is_empty() && rows.num_rows() == BATCH_ROWS {
            return self.encode(&rows);
        }
        let failed = |error| FileLoadError::columns(self.staging.folder(), error);
        self.rows.push_batch(rows).map_err(failed)?;
        self.encode_completed()
    }

    /// Begins a file even where no row has come: a table without rows has its columns.
    pub fn begin_part(&mut self) -> Result<(), FileLoadError> {
        if self.open.is_some() {
            return Ok(());
        }
        let name = format!("{}part-{:05}.parquet", self.folder, self.next);
        let file = self.staging.create(&format!("{:06}", self.done.len()))?;
        let path = file.path().to_owned();
        let properties = Some(self.properties.clone());
        let writer = ArrowWriter::try_new(file, self.schema.clone(), properties)
            .map_err(|error| FileLoadError::parquet(&path, "write", error))?;
        self.open = Some(OpenPart { name, rows: 0, writer });
        self.next += 1;
        Ok(())
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.done.is_empty() && self.open.is_none() && self.rows.is_empty()
    }

    /// All files, in the order in which they were written.
    pub fn finish(mut self) -> Result<Vec<Part>, FileLoadError> {
        self.end_folder()?;
        Ok(self.done)
    }

    fn encode_completed(&mut self) -> Result<(), FileLoadError> {
        while let Some(rows) = self.rows.next_completed_batch() {
            self.encode(&rows)?;
        }
        Ok(())
    }

    fn encode(&mut self, rows: &RecordBatch) -> Result<(), FileLoadError> {
        self.begin_part()?;
        let Some(part) = &mut self.open else { return Ok(()) };
        let written = part.writer.write(rows);
        let path = part.writer.inner().path().to_owned();
        written.map_err(|error| FileLoadError::parquet(&path, "write", error))?;
        part.rows += rows.num_rows() as u64;
        let bytes = part.writer.bytes_written() + part.writer.in_progress_size();
        match bytes >= self.sizes.file_bytes {
            true => self.end_part(),
            false => Ok(()),
        }
    }

    fn end_folder(&mut self) -> Result<(), FileLoadError> {
        let flushed = self.rows.finish_buffered_batch();
        flushed.map_err(|error| FileLoadError::columns(self.staging.folder(), error))?;
        self.encode_completed()?;
        self.end_part()
    }

    fn end_part(&mut self) -> Result<(), FileLoadError> {
        let Some(part) = self.open.take() else { return Ok(()) };
        let path = part.writer.inner().path().to_owned();
        let file = part
            .writer
            .into_inner()
            .map_err(|error| FileLoadError::parquet(&path, "write", error))?;
        self.done.push(Part { name: part.name, rows: part.rows, staged: file.finish()? });
        Ok(())
    }
}

/// Dictionaries and statistics of columns and pages are on by default.
fn properties(layout: &Layout, compression: Compression, sizes: Sizes) -> WriterProperties {
    let codec = match compression {
        Compression::Zstd => Codec::ZSTD(ZstdLevel::try_new(3).unwrap_or_default()),
        Compression::Snappy => Codec::SNAPPY,
        Compression::Gzip => Codec::GZIP(GzipLevel::default()),
        Compression::None => Codec::UNCOMPRESSED,
    };
    WriterProperties::builder()
        .set_compression(codec)
        .set_created_by(concat!("vccpipe ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_max_row_group_row_count(Some(sizes.group_rows))
        .set_max_row_group_bytes(Some(sizes.group_bytes))
        .set_sorting_columns(sorting_columns(layout))
        .build()
}

/// What a reader may count on. Columns are counted by their leaves, so that nothing is said where
/// one has several.
fn sorting_columns(layout: &Layout) -> Option<Vec<SortingColumn>> {
    let is_flat = |data_type: &DataType| !data_type.is_nested();
    let all_flat = layout.file.fields().iter().all(|field| is_flat(field.data_type()));
    let columns: Vec<SortingColumn> = layout
        .sorted
        .iter()
        // Within a folder its columns are all the same.
        .filter_map(|index| layout.data.iter().position(|data| data == index))
        .map(|index| SortingColumn {
            column_idx: index as i32,
            descending: false,
            nulls_first: false,
        })
        .collect();
    (all_flat && !columns.is_empty()).then_some(columns)
}
