//! `rejected.csv` and its like as the input of a pipeline that reads other files: the run wrote
//! every value as text, and it is read again in the type that the pipeline's own files have.

use std::{path::PathBuf, sync::Arc};

use arrow::{
    array::{Array, AsArray, BooleanArray, RecordBatch},
    compute::{can_cast_types, cast, filter_record_batch},
    datatypes::{DataType, Schema, SchemaRef},
};

use super::{
    ExtractError, ExtractOptions, Rows, Source,
    csv::{CsvOptions, CsvRows, CsvSource},
    inputs,
};
use crate::batch::{BadRow, Chunk, Origin, Position, SourceBatch};

/// CSV files of a run, and the types that their columns had.
#[derive(Clone, Debug)]
pub struct MendedSource {
    csv: CsvSource,
    schema: SchemaRef,
}

/// Opens the files of a run in the types of the pipeline's own files, which must be there still.
pub(super) fn open(options: &ExtractOptions, files: &[PathBuf]) -> Result<Source, ExtractError> {
    let csv = CsvSource::open(&CsvOptions::at(&[]), Some(files))?;
    let typed = match options {
        ExtractOptions::Json(_) | ExtractOptions::Parquet(_) => {
            Source::open(options, None)?.schema()
        }
        _ => return Ok(Source::Csv(csv)),
    };
    let text = csv.schema();
    let fields = text.fields().iter().map(|field| {
        let of = typed.field_with_name(field.name()).map_or(&DataType::Utf8, |of| of.data_type());
        if can_be_read(of) {
            return Ok(field.as_ref().clone().with_data_type(of.clone()));
        }
        Err(ExtractError::Format {
            path: files[0].clone(),
            format: "rows of this pipeline",
            why: format!("the column `{}` is of the type {of}, which no text has", field.name()),
            hint: "mend the rows where they came from, and name that file with `--input`".into(),
        })
    });
    let schema = Schema::new(fields.collect::<Result<Vec<_>, _>>()?);
    Ok(Source::Mended(MendedSource { csv, schema: Arc::new(schema) }))
}

/// Whether a value of the type can be told from its text.
fn can_be_read(data_type: &DataType) -> bool {
    use DataType::{Binary, BinaryView, FixedSizeBinary, LargeBinary};
    !matches!(data_type, Binary | LargeBinary | BinaryView | FixedSizeBinary(_))
        && can_cast_types(&DataType::Utf8, data_type)
}

impl MendedSource {
    /// The columns, in the types of the pipeline's own files.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The same rows as text, with the columns that a run has added behind their own.
    pub fn with_added(&self) -> Source {
        Source::Csv(self.csv.with_added())
    }

    /// The files in their order.
    pub fn files(&self) -> &[PathBuf] {
        self.csv.files()
    }

    /// Bytes of all files as they are stored.
    pub fn total_bytes(&self) -> u64 {
        self.csv.total_bytes()
    }

    /// Columns that were renamed.
    pub fn warnings(&self) -> &[String] {
        self.csv.warnings()
    }

    /// The rows from a place on.
    pub fn rows(&self, from: Position, chunk_rows: usize) -> Result<MendedRows, ExtractError> {
        let csv = self.csv.rows(from, chunk_rows)?;
        Ok(MendedRows { csv, schema: self.schema() })
    }

    /// Reads single rows again.
    pub fn rereader(&self) -> MendedRereader {
        MendedRereader { source: self.clone() }
    }
}

/// Rows of text, each value put into its type.
pub struct MendedRows {
    csv: CsvRows,
    schema: SchemaRef,
}

impl Rows for MendedRows {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExtractError> {
        self.csv.next_chunk()?.map(|chunk| typed(chunk, &self.schema)).transpose()
    }
}

/// The chunk in the types of `schema`; rows with a value that has none of it are bad rows.
fn typed(mut chunk: Chunk, schema: &SchemaRef) -> Result<Chunk, ExtractError> {
    let texts = &chunk.rows.columns;
    let pairs = || texts.columns().iter().zip(schema.fields());
    let columns = pairs()
        .map(|(text, field)| cast(text, field.data_type()))
        .collect::<Result<Vec<_>, _>>()?;
    let columns = RecordBatch::try_new(Arc::clone(schema), columns)?;
    let unfit = |row: usize| {
        let unfit = pairs()
            .zip(columns.columns())
            .filter(move |((text, _), value)| text.is_valid(row) && value.is_null(row));
        let reasons = unfit.map(|((text, field), _)| {
            let text = text.as_string_opt::<i32>().map_or("", |text| text.value(row));
            format!("`{}`: `{text}` is no {}", field.name(), field.data_type())
        });
        reasons.collect::<Vec<_>>().join("; ")
    };
    let reasons: Vec<String> = (0..columns.num_rows()).map(unfit).collect();
    if reasons.iter().all(String::is_empty) {
        let origins = chunk.rows.origins.clone();
        chunk.rows = Arc::new(SourceBatch { columns, origins });
        return Ok(chunk);
    }
    let fits: Vec<bool> = reasons.iter().map(String::is_empty).collect();
    let mut origins = Vec::new();
    for (row, reason) in reasons.into_iter().enumerate() {
        let origin = chunk.rows.origins[row];
        match reason.is_empty() {
            true => origins.push(origin),
            false => {
                chunk.bad.push(BadRow { origin, fields: inputs::fields_of(texts, row), reason });
            }
        }
    }
    chunk.bad.sort_by_key(|bad| bad.origin.ordinal);
    let columns = filter_record_batch(&columns, &BooleanArray::from(fits))?;
    chunk.rows = Arc::new(SourceBatch { columns, origins });
    Ok(chunk)
}

/// Reads single rows again.
pub struct MendedRereader {
    source: MendedSource,
}

impl MendedRereader {
    /// The values of a row, in the order of the columns.
    pub fn fields(&mut self, origin: &Origin) -> Result<Vec<Option<String>>, ExtractError> {
        let mut rows = self.source.rows(origin.position(), 1)?;
        inputs::next_fields(&mut rows, origin)?
            .ok_or_else(|| inputs::gone(self.source.files(), origin))
    }
}
