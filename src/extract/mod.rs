//! Where rows come from. One folder per source; a new one is a folder, a variant and an arm.

pub mod attachments;
pub mod campaign;
#[cfg(test)]
pub mod conformance;
pub mod csv;
mod error;
pub mod fetch;
mod inputs;
pub mod json;
pub mod list;
mod mended;
pub mod parquet;
pub mod spooled;
pub mod wapi;
pub mod xlsx;

use std::path::{Path, PathBuf};

use arrow::datatypes::SchemaRef;
use schemars::JsonSchema;
use serde::Deserialize;

pub use error::ExtractError;

use crate::batch::{Chunk, Origin, Position};

/// Rows of a [`SourceBatch`](crate::batch::SourceBatch) where nothing asks for another number.
pub const CHUNK_ROWS: usize = 8192;

/// Where the rows come from: one of these keys.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ExtractOptions {
    /// Delimited text files.
    Csv(csv::CsvOptions),
    /// Files with one JSON object a line.
    Json(json::JsonOptions),
    /// Sheets of Excel workbooks.
    Xlsx(xlsx::XlsxOptions),
    /// Parquet files.
    Parquet(parquet::ParquetOptions),
    /// Records of the CRM: customers, cases, follow-ups, tasks, FAQs.
    Wapi(Box<wapi::WapiExtract>),
    /// The records of a campaign.
    Campaign(campaign::CampaignExtract),
    /// Values that the tenant defines: countries, agents, groups, categories of FAQs, picklists.
    List(list::ListExtract),
    /// Files that are attached to cases, follow-ups or FAQs.
    Attachments(Box<attachments::AttachmentsExtract>),
}

impl ExtractOptions {
    /// How the rows are read: a run belongs to it.
    pub fn identity(&self) -> String {
        match self {
            ExtractOptions::Csv(csv) => csv.identity(),
            ExtractOptions::Json(json) => json.identity(),
            ExtractOptions::Xlsx(xlsx) => xlsx.identity(),
            ExtractOptions::Parquet(parquet) => parquet.identity(),
            ExtractOptions::Wapi(wapi) => wapi.identity(),
            ExtractOptions::Campaign(campaign) => campaign.identity(),
            ExtractOptions::List(list) => list.identity(),
            ExtractOptions::Attachments(attachments) => attachments.identity(),
        }
    }

    /// What a run asks the tenant for, one thing after the other, for a person; nothing where the
    /// rows come from files. `asked`: which records of the CRM.
    pub fn outlook(&self, asked: &wapi::Asked) -> Vec<String> {
        match self {
            ExtractOptions::Wapi(wapi) => wapi.outlook(asked),
            ExtractOptions::Campaign(campaign) => campaign.outlook(),
            ExtractOptions::List(list) => list.outlook(),
            ExtractOptions::Attachments(attachments) => attachments.outlook(asked),
            ExtractOptions::Csv(_)
            | ExtractOptions::Json(_)
            | ExtractOptions::Xlsx(_)
            | ExtractOptions::Parquet(_) => Vec::new(),
        }
    }

    /// Whether the rows come from the tenant, and have to be fetched before they are read.
    pub fn is_remote(&self) -> bool {
        matches!(
            self,
            ExtractOptions::Wapi(_)
                | ExtractOptions::Campaign(_)
                | ExtractOptions::List(_)
                | ExtractOptions::Attachments(_)
        )
    }
}

/// Rows in the order of the input.
pub trait Rows: Send {
    /// The next rows, good and bad; `None` at the end of the input.
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExtractError>;
}

/// A source that was opened: its files are there, and its columns are known.
#[derive(Clone, Debug)]
pub enum Source {
    /// Delimited text files.
    Csv(csv::CsvSource),
    /// Files with one JSON object a line.
    Json(json::JsonSource),
    /// Sheets of Excel workbooks.
    Xlsx(xlsx::XlsxSource),
    /// Parquet files.
    Parquet(parquet::ParquetSource),
    /// Rows that a run left in a CSV file, in the types of another source.
    Mended(mended::MendedSource),
    /// Rows that are fetched from the tenant.
    Spooled(spooled::SpooledSource),
}

/// Whether these are files of rows that a run has left over, such as `rejected.csv`.
pub fn is_left_over(files: &[PathBuf]) -> Result<bool, ExtractError> {
    csv::all_of_a_run(files)
}

impl Source {
    /// Opens all files and reads their headers.
    ///
    /// `input_override` (from `--input`) stands in for the paths of the options. It may be a
    /// `rejected.csv`, `refused.csv`, ... of a run; the columns that the run added at its end are
    /// left out then.
    pub fn open(
        options: &ExtractOptions,
        input_override: Option<&[PathBuf]>,
    ) -> Result<Source, ExtractError> {
        if options.is_remote() && input_override.is_some() {
            return Err(ExtractError::NoFiles);
        }
        if let (Some(files), false) = (input_override, matches!(options, ExtractOptions::Csv(_)))
            && csv::all_of_a_run(files)?
        {
            return mended::open(options, files);
        }
        match options {
            ExtractOptions::Csv(options) => {
                csv::CsvSource::open(options, input_override).map(Source::Csv)
            }
            ExtractOptions::Json(options) => {
                json::JsonSource::open(options, input_override).map(Source::Json)
            }
            ExtractOptions::Xlsx(options) => {
                xlsx::XlsxSource::open(options, input_override).map(Source::Xlsx)
            }
            ExtractOptions::Parquet(options) => {
                parquet::ParquetSource::open(options, input_override).map(Source::Parquet)
            }
            ExtractOptions::Wapi(options) => {
                let shape = options.shape(&[], None);
                Ok(Source::Spooled(spooled::SpooledSource::expected(shape)))
            }
            ExtractOptions::Campaign(options) => {
                Ok(Source::Spooled(spooled::SpooledSource::expected(options.shape(&[]))))
            }
            ExtractOptions::List(options) => {
                Ok(Source::Spooled(spooled::SpooledSource::expected(options.shape())))
            }
            ExtractOptions::Attachments(options) => {
                options.check_ids()?;
                Ok(Source::Spooled(spooled::SpooledSource::expected(options.shape())))
            }
        }
    }

    /// The same rows with the columns that an earlier run has added behind their own, by which
    /// they are known again; none of a source that cannot be such a file.
    pub fn with_added(&self) -> Option<Source> {
        match self {
            Source::Csv(csv) => Some(Source::Csv(csv.with_added())),
            Source::Mended(mended) => Some(mended.with_added()),
            _ => None,
        }
    }

    /// With fetched dates in this zone.
    pub fn in_zone(self, zone: Option<&jiff::tz::TimeZone>) -> Source {
        match self {
            Source::Spooled(spooled) => Source::Spooled(spooled.in_zone(zone)),
            other => other,
        }
    }

    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        match self {
            Source::Csv(csv) => csv.schema(),
            Source::Json(json) => json.schema(),
            Source::Xlsx(xlsx) => xlsx.schema(),
            Source::Parquet(parquet) => parquet.schema(),
            Source::Mended(mended) => mended.schema(),
            Source::Spooled(spooled) => spooled.schema(),
        }
    }

    /// The files, in the order in which they are read; [`Origin::file`] is an index of it.
    pub fn files(&self) -> &[PathBuf] {
        match self {
            Source::Csv(csv) => csv.files(),
            Source::Json(json) => json.files(),
            Source::Xlsx(xlsx) => xlsx.files(),
            Source::Parquet(parquet) => parquet.files(),
            Source::Mended(mended) => mended.files(),
            Source::Spooled(_) => &[],
        }
    }

    /// The file in which a row stands.
    pub fn file(&self, origin: &Origin) -> Option<&Path> {
        self.files().get(origin.file as usize).map(PathBuf::as_path)
    }

    /// Bytes of all files as they are stored; of fetched rows their number.
    pub fn total_bytes(&self) -> u64 {
        match self {
            Source::Csv(csv) => csv.total_bytes(),
            Source::Json(json) => json.total_bytes(),
            Source::Xlsx(xlsx) => xlsx.total_bytes(),
            Source::Parquet(parquet) => parquet.total_bytes(),
            Source::Mended(mended) => mended.total_bytes(),
            Source::Spooled(spooled) => spooled.total(),
        }
    }

    /// What a user should know about the input, such as columns that had to be renamed.
    pub fn warnings(&self) -> &[String] {
        match self {
            Source::Csv(csv) => csv.warnings(),
            Source::Json(json) => json.warnings(),
            Source::Xlsx(xlsx) => xlsx.warnings(),
            Source::Parquet(parquet) => parquet.warnings(),
            Source::Mended(mended) => mended.warnings(),
            Source::Spooled(_) => &[],
        }
    }

    /// The rows from a place on. [`Position::default`] is the start; the start and the end of
    /// any row, good or bad, are places, and so is [`Chunk::end`].
    pub fn rows(&self, from: Position, chunk_rows: usize) -> Result<Box<dyn Rows>, ExtractError> {
        match self {
            Source::Csv(csv) => Ok(Box::new(csv.rows(from, chunk_rows)?)),
            Source::Json(json) => Ok(Box::new(json.rows(from, chunk_rows)?)),
            Source::Xlsx(xlsx) => Ok(Box::new(xlsx.rows(from, chunk_rows)?)),
            Source::Parquet(parquet) => Ok(Box::new(parquet.rows(from, chunk_rows)?)),
            Source::Mended(mended) => Ok(Box::new(mended.rows(from, chunk_rows)?)),
            Source::Spooled(spooled) => Ok(Box::new(spooled.rows(from, chunk_rows)?)),
        }
    }

    /// The same for whoever reads only some of the columns: those that `used` does not name may
    /// be null.
    pub fn rows_of(
        &self,
        from: Position,
        chunk_rows: usize,
        used: &[usize],
    ) -> Result<Box<dyn Rows>, ExtractError> {
        match self {
            Source::Parquet(parquet) => Ok(Box::new(parquet.rows_of(from, chunk_rows, used)?)),
            _ => self.rows(from, chunk_rows),
        }
    }

    /// The fields of one row, read again; of a bad row as far as they can be told. For many rows
    /// take a [`Source::rereader`].
    pub fn reread(&self, origin: &Origin) -> Result<Vec<Option<String>>, ExtractError> {
        self.rereader().fields(origin)
    }

    /// Reads rows again one by one; rows in ascending order cost one pass.
    pub fn rereader(&self) -> Rereader {
        match self {
            Source::Csv(csv) => Rereader::Csv(Box::new(csv.rereader())),
            Source::Json(json) => Rereader::Json(json.rereader()),
            Source::Xlsx(xlsx) => Rereader::Xlsx(xlsx.rereader()),
            Source::Parquet(parquet) => Rereader::Parquet(parquet.rereader()),
            Source::Mended(mended) => Rereader::Mended(mended.rereader()),
            Source::Spooled(spooled) => Rereader::Spooled(spooled.rereader()),
        }
    }
}

/// Reads single rows again.
pub enum Rereader {
    /// From delimited text files.
    Csv(Box<csv::CsvRereader>),
    /// From files with one JSON object a line.
    Json(json::JsonRereader),
    /// From sheets of Excel workbooks.
    Xlsx(xlsx::XlsxRereader),
    /// From Parquet files.
    Parquet(parquet::ParquetRereader),
    /// From rows that a run left.
    Mended(mended::MendedRereader),
    /// From what was fetched.
    Spooled(spooled::SpooledRereader),
}

impl Rereader {
    /// The fields of the row, in the order of the source's columns.
    pub fn fields(&mut self, origin: &Origin) -> Result<Vec<Option<String>>, ExtractError> {
        match self {
            Rereader::Csv(csv) => csv.fields(origin),
            Rereader::Json(json) => json.fields(origin),
            Rereader::Xlsx(xlsx) => xlsx.fields(origin),
            Rereader::Parquet(parquet) => parquet.fields(origin),
            Rereader::Mended(mended) => mended.fields(origin),
            Rereader::Spooled(spooled) => spooled.fields(origin),
        }
    }
}
