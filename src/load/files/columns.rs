//! From the columns of a pipeline to those of a file: types that every reader knows, and a schema
//! that stays what it was.

use std::{str::FromStr, sync::Arc};

use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array},
    compute::cast,
    datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit},
    error::ArrowError,
};

use super::{
    FileLoadError, Mode,
    manifest::{Manifest, ManifestColumn},
};

/// The columns of a table of files, and where each of them comes from.
#[derive(Clone, Debug)]
pub struct Columns {
    /// All columns, those that name folders among them.
    pub schema: SchemaRef,
    /// For each its index in the pipeline's rows; none for one that the pipeline no longer has.
    from: Vec<Option<usize>>,
}

impl Columns {
    /// The columns of `output`, in types that files have.
    pub fn of(output: &Schema) -> Columns {
        let fields: Vec<Field> = output
            .fields()
            .iter()
            .map(|field| Field::new(field.name(), stored(field.data_type()), true))
            .collect();
        let from = (0..fields.len()).map(Some).collect();
        Columns { schema: Arc::new(Schema::new(fields)), from }
    }

    /// The same, in the order of the files that are there; what appears or vanishes is told by
    /// `warn`. A column that vanishes stays, without values, where the rows that are there stay.
    ///
    /// # Errors
    /// A column has another type than in the files that are there.
    pub fn after(
        output: &Schema,
        before: &Manifest,
        mode: Mode,
        mut warn: impl FnMut(String),
    ) -> Result<Columns, FileLoadError> {
        let now = Columns::of(output);
        let (mut fields, mut from) = (Vec::new(), Vec::new());
        for column in &before.schema {
            if let Some((index, field)) = now.schema.column_with_name(&column.name) {
                same_type(column, field)?;
                fields.push(field.clone());
                from.push(Some(index));
            } else if mode == Mode::Snapshot {
                warn(format!(
                    "the column `{}` of the last export is gone: the new files do not have it",
                    column.name
                ));
            } else {
                warn(format!(
                    "the column `{}` is gone from the rows: it stays in the files, without values",
                    column.name
                ));
                fields.push(Field::new(&column.name, parsed(column)?, true));
                from.push(None);
            }
        }
        for (index, field) in now.schema.fields().iter().enumerate() {
            if before.schema.iter().all(|column| column.name != *field.name()) {
                warn(match mode {
                    Mode::Snapshot => format!("the column `{}` is new", field.name()),
                    _ => format!(
                        "the column `{}` is new: files that are not written anew do not have it",
                        field.name()
                    ),
                });
                fields.push(field.as_ref().clone());
                from.push(Some(index));
            }
        }
        Ok(Columns { schema: Arc::new(Schema::new(fields)), from })
    }

    /// Rows of the pipeline in these columns.
    pub fn arrange(&self, rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let columns: Result<Vec<ArrayRef>, ArrowError> = self
            .schema
            .fields()
            .iter()
            .zip(&self.from)
            .map(|(field, from)| match from {
                Some(index) => as_type(rows.column(*index), field.data_type()),
                None => Ok(new_null_array(field.data_type(), rows.num_rows())),
            })
            .collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns?, &options)
    }

    /// The columns as a manifest lists them.
    pub fn listed(&self) -> Vec<ManifestColumn> {
        let listed = |field: &Arc<Field>| ManifestColumn {
            name: field.name().clone(),
            data_type: field.data_type().to_string(),
        };
        self.schema.fields().iter().map(listed).collect()
    }
}

/// A column in another type; the same, if it has it.
pub fn as_type(column: &ArrayRef, data_type: &DataType) -> Result<ArrayRef, ArrowError> {
    match column.data_type() == data_type {
        true => Ok(Arc::clone(column)),
        false => cast(column, data_type),
    }
}

/// The type that a column has in a file: one for each kind of values, so that a schema does not
/// change with the expression that made them, and that readers know.
fn stored(data_type: &DataType) -> DataType {
    use DataType as T;
    match data_type {
        T::Null | T::LargeUtf8 | T::Utf8View | T::Interval(_) => T::Utf8,
        T::LargeBinary | T::BinaryView => T::Binary,
        T::Dictionary(_, values) => stored(values),
        T::RunEndEncoded(_, values) => stored(values.data_type()),
        T::Float16 => T::Float32,
        T::Date64 => T::Date32,
        // Parquet has no seconds.
        T::Timestamp(TimeUnit::Second, zone) => T::Timestamp(TimeUnit::Millisecond, zone.clone()),
        T::Time32(TimeUnit::Second) => T::Time32(TimeUnit::Millisecond),
        other => other.clone(),
    }
}

fn parsed(column: &ManifestColumn) -> Result<DataType, FileLoadError> {
    DataType::from_str(&column.data_type).map_err(|_| {
        FileLoadError::refused(
            format!(
                "the column `{}` is gone from the rows, and its type `{}` cannot be written \
                 without them",
                column.name, column.data_type
            ),
            "bring the column back by a `map`, or load into a new folder",
        )
    })
}

fn same_type(before: &ManifestColumn, now: &Field) -> Result<(), FileLoadError> {
    let type_now = now.data_type().to_string();
    if type_now == before.data_type {
        return Ok(());
    }
    Err(FileLoadError::refused(
        format!(
            "the column `{}` was `{}` in the files that are there, and is `{type_now}` now",
            before.name, before.data_type
        ),
        format!(
            "make it what it was by a `map` with a `cast`, give it another name, or load into a \
             new folder: readers of `{}` count on its type",
            before.name
        ),
    ))
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, Int64Array, StringViewArray};

    use super::*;

    fn manifest(columns: &[(&str, &str)]) -> Manifest {
        let column = |(name, data_type): &(&str, &str)| ManifestColumn {
            name: (*name).to_owned(),
            data_type: (*data_type).to_owned(),
        };
        Manifest {
            version: Manifest::version(),
            pipeline: "p".into(),
            run_id: "r".into(),
            written_at: String::new(),
            mode: Mode::Append,
            key: Vec::new(),
            partition_by: Vec::new(),
            sort_by: Vec::new(),
            window: None,
            rows: 0,
            bytes: 0,
            schema: columns.iter().map(column).collect(),
            files: Vec::new(),
        }
    }

    fn rows() -> RecordBatch {
        RecordBatch::try_from_iter([
            ("b", Arc::new(StringViewArray::from(vec!["x", "y"])) as ArrayRef),
            ("a", Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef),
        ])
        .unwrap()
    }

    #[test]
    fn the_order_stays_and_what_appears_or_vanishes_is_told() {
        let rows = rows();
        let mut told = Vec::new();
        let before = manifest(&[("a", "Int64"), ("gone", "Timestamp(µs, \"UTC\")")]);
        let columns =
            Columns::after(&rows.schema(), &before, Mode::Append, |word| told.push(word)).unwrap();
        let arranged = columns.arrange(&rows).unwrap();
        let names: Vec<&str> =
            columns.schema.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names, ["a", "gone", "b"]);
        assert_eq!(arranged.column(1).null_count(), 2);
        assert_eq!(arranged.column(2).as_string::<i32>().value(1), "y");
        assert!(told[0].starts_with("the column `gone` is gone from the rows: it stays"));
        assert!(told[1].starts_with("the column `b` is new"));
    }

    #[test]
    fn a_snapshot_gives_up_what_vanishes_and_says_so() {
        let mut told = Vec::new();
        let before = manifest(&[("a", "Int64"), ("gone", "Utf8")]);
        let columns =
            Columns::after(&rows().schema(), &before, Mode::Snapshot, |word| told.push(word));
        assert_eq!(columns.unwrap().schema.fields().len(), 2);
        assert!(told[0].contains("`gone`") && told[1].contains("`b`"), "{told:?}");
    }

    #[test]
    fn another_type_is_refused_with_the_way_out() {
        let before = manifest(&[("a", "Utf8")]);
        let error = Columns::after(&rows().schema(), &before, Mode::Append, |_| {}).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the column `a` was `Utf8` in the files that are there, and is `Int64` now"
        );
        assert!(error.hint().contains("cast"));
    }

    #[test]
    fn types_of_columns_come_back_from_their_names() {
        let entries = Field::new(
            "entries",
            DataType::Struct(
                vec![
                    Field::new("keys", DataType::Utf8, false),
                    Field::new("values", DataType::Utf8, true),
                ]
                .into(),
            ),
            false,
        );
        for data_type in [
            DataType::Utf8,
            DataType::Int64,
            DataType::Date32,
            DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            DataType::Timestamp(TimeUnit::Millisecond, None),
            DataType::Decimal128(10, 2),
            DataType::Map(Arc::new(entries), false),
            DataType::List(Arc::new(Field::new("item", DataType::Int64, true))),
        ] {
            let column = ManifestColumn { name: "x".into(), data_type: data_type.to_string() };
            assert_eq!(parsed(&column).unwrap(), data_type);
        }
    }
}
