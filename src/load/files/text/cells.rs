//! The values of a column as text.

use std::io::Write;

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, MapArray, PrimitiveArray, StringArray},
    compute::cast,
    datatypes::{DataType, Date32Type, Float32Type, Float64Type, Int64Type, TimeUnit, UInt64Type},
    error::ArrowError,
    util::display::{ArrayFormatter, FormatOptions},
};

use super::super::columns::as_type;

/// Which text is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextOf {
    /// Texts as they are; maps and lists as JSON.
    Csv,
    /// A JSON value.
    Json,
}

/// A column whose values are to be written. Instants are written in UTC, as ISO 8601.
pub enum Cells {
    Text(StringArray, TextOf),
    Whole(PrimitiveArray<Int64Type>),
    Unsigned(PrimitiveArray<UInt64Type>),
    Float(PrimitiveArray<Float64Type>, TextOf),
    /// As short as a `f32` may be.
    Short(PrimitiveArray<Float32Type>, TextOf),
    Bool(BooleanArray),
    Day(PrimitiveArray<Date32Type>, TextOf),
    /// Microseconds or what else the unit says; whether it is an instant.
    Time {
        values: PrimitiveArray<Int64Type>,
        unit: TimeUnit,
        zoned: bool,
        of: TextOf,
    },
    Map {
        entries: MapArray,
        keys: Box<Cells>,
        values: Box<Cells>,
    },
    List {
        offsets: Vec<(usize, usize)>,
        nulls: ArrayRef,
        values: Box<Cells>,
    },
    Struct {
        nulls: ArrayRef,
        fields: Vec<(String, Cells)>,
    },
    /// Anything else, as Arrow shows it.
    Other(ArrayRef, TextOf),
}

impl Cells {
    /// The values of `column`.
    ///
    /// # Errors
    /// Arrow cannot give them another type of the same kind.
    pub fn of(column: &ArrayRef, of: TextOf) -> Result<Cells, ArrowError> {
        use DataType as T;
        Ok(match column.data_type() {
            T::Utf8 => Cells::Text(column.as_string().clone(), of),
            T::Null | T::LargeUtf8 | T::Utf8View | T::Dictionary(..) => {
                Cells::Text(cast(column, &T::Utf8)?.as_string().clone(), of)
            }
            T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt8 | T::UInt16 | T::UInt32 => {
                Cells::Whole(as_type(column, &T::Int64)?.as_primitive().clone())
            }
            T::UInt64 => Cells::Unsigned(column.as_primitive().clone()),
            T::Float32 => Cells::Short(column.as_primitive().clone(), of),
            T::Float16 | T::Float64 => {
                Cells::Float(as_type(column, &T::Float64)?.as_primitive().clone(), of)
            }
            T::Boolean => Cells::Bool(column.as_boolean().clone()),
            T::Date32 | T::Date64 => {
                Cells::Day(as_type(column, &T::Date32)?.as_primitive().clone(), of)
            }
            T::Timestamp(unit, zone) => Cells::Time {
                values: cast(column, &T::Int64)?.as_primitive().clone(),
                unit: *unit,
                zoned: zone.is_some(),
                of,
            },
            T::Map(..) => {
                let entries = column.as_map().clone();
                // A key is a text in JSON, whatever it is here.
                let keys = cast(entries.keys(), &T::Utf8)?;
                Cells::Map {
                    keys: Box::new(Cells::of(&keys, TextOf::Json)?),
                    values: Box::new(Cells::of(entries.values(), TextOf::Json)?),
                    entries,
                }
            }
            T::List(_) => {
                let list = column.as_list::<i32>();
                let offsets = list.value_offsets().windows(2);
                Cells::List {
                    offsets: offsets.map(|w| (w[0] as usize, w[1] as usize)).collect(),
                    nulls: std::sync::Arc::clone(column),
                    values: Box::new(Cells::of(list.values(), TextOf::Json)?),
                }
            }
            T::Struct(fields) => {
                let columns = column.as_struct().columns();
                let cells = fields.iter().zip(columns).map(|(field, column)| {
                    Ok((field.name().clone(), Cells::of(column, TextOf::Json)?))
                });
                Cells::Struct {
                    nulls: std::sync::Arc::clone(column),
                    fields: cells.collect::<Result<_, ArrowError>>()?,
                }
            }
            _ => Cells::Other(std::sync::Arc::clone(column), of),
        })
    }

    /// Whether a row has no value.
    pub fn is_null(&self, row: usize) -> bool {
        match self {
            Cells::Text(values, _) => values.is_null(row),
            Cells::Whole(values) => values.is_null(row),
            Cells::Unsigned(values) => values.is_null(row),
            Cells::Float(values, of) => {
                // JSON has no word for what is no number.
                let lacks = |value: f64| *of == TextOf::Json && !value.is_finite();
                values.is_null(row) || lacks(values.value(row))
            }
            Cells::Short(values, of) => {
                let lacks = |value: f32| *of == TextOf::Json && !value.is_finite();
                values.is_null(row) || lacks(values.value(row))
            }
            Cells::Bool(values) => values.is_null(row),
            Cells::Day(values, _) => values.is_null(row),
            Cells::Time { values, .. } => values.is_null(row),
            Cells::Map { entries, .. } => entries.is_null(row),
            Cells::List { nulls, .. } | Cells::Struct { nulls, .. } => nulls.is_null(row),
            Cells::Other(values, _) => values.is_null(row),
        }
    }

    /// Whether a text stands here as it is, so that it may have to be put in quotes.
    pub fn is_free_text(&self) -> bool {
        matches!(
            self,
            Cells::Text(..)
                | Cells::Map { .. }
                | Cells::List { .. }
                | Cells::Struct { .. }
                | Cells::Other(..)
        )
    }

    /// Adds the value of a row that has one.
    pub fn write(&self, row: usize, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        // Writing to a `Vec` cannot fail.
        let _ = match self {
            Cells::Text(values, TextOf::Csv) => out.write_all(values.value(row).as_bytes()),
            Cells::Text(values, TextOf::Json) => {
                json_text(values.value(row), out);
                Ok(())
            }
            Cells::Whole(values) => write!(out, "{}", values.value(row)),
            Cells::Unsigned(values) => write!(out, "{}", values.value(row)),
            Cells::Float(values, _) => write!(out, "{:?}", values.value(row)),
            Cells::Short(values, _) => write!(out, "{:?}", values.value(row)),
            Cells::Bool(values) => write!(out, "{}", values.value(row)),
            Cells::Day(values, of) => quoted(*of, out, |out| day(values.value(row), out)),
            Cells::Time { values, unit, zoned, of } => {
                quoted(*of, out, |out| time(values.value(row), *unit, *zoned, out))
            }
            Cells::Map { entries, keys, values } => {
                let offsets = entries.value_offsets();
                let range = offsets[row] as usize..offsets[row + 1] as usize;
                return object(range, out, |entry, out| {
                    keys.write(entry, out)?;
                    out.push(b':');
                    values.write_json(entry, out)
                });
            }
            Cells::List { offsets, values, .. } => {
                let (from, to) = offsets[row];
                out.push(b'[');
                for entry in from..to {
                    if entry > from {
                        out.push(b',');
                    }
                    values.write_json(entry, out)?;
                }
                out.push(b']');
                Ok(())
            }
            Cells::Struct { fields, .. } => {
                return object(0..fields.len(), out, |field, out| {
                    json_text(&fields[field].0, out);
                    out.push(b':');
                    fields[field].1.write_json(row, out)
                });
            }
            Cells::Other(values, of) => {
                let text = ArrayFormatter::try_new(values, &FormatOptions::default())?;
                let text = text.value(row).to_string();
                match of {
                    TextOf::Csv => out.write_all(text.as_bytes()),
                    TextOf::Json => {
                        json_text(&text, out);
                        Ok(())
                    }
                }
            }
        };
        Ok(())
    }

    /// Adds the value of a row, or `null`.
    pub fn write_json(&self, row: usize, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        match self.is_null(row) {
            true => out.extend_from_slice(b"null"),
            false => self.write(row, out)?,
        }
        Ok(())
    }
}

fn object(
    entries: std::ops::Range<usize>,
    out: &mut Vec<u8>,
    mut each: impl FnMut(usize, &mut Vec<u8>) -> Result<(), ArrowError>,
) -> Result<(), ArrowError> {
    out.push(b'{');
    for entry in entries.clone() {
        if entry > entries.start {
            out.push(b',');
        }
        each(entry, out)?;
    }
    out.push(b'}');
    Ok(())
}

/// A text as JSON has it.
pub fn json_text(text: &str, out: &mut Vec<u8>) {
    // A text can always be written, and a `Vec` always takes it.
    let _ = serde_json::to_writer(&mut *out, text);
}

fn quoted(
    of: TextOf,
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>,
) -> std::io::Result<()> {
    if of == TextOf::Csv {
        return write(out);
    }
    out.push(b'"');
    write(out)?;
    out.push(b'"');
    Ok(())
}

fn day(days: i32, out: &mut Vec<u8>) -> std::io::Result<()> {
    let date = jiff::civil::date(1970, 1, 1)
        .checked_add(jiff::Span::new().try_days(days).unwrap_or_default());
    match date {
        Ok(date) => write!(out, "{date}"),
        // Beyond what a calendar has: as the number that it is.
        Err(_) => write!(out, "{days}"),
    }
}

fn time(value: i64, unit: TimeUnit, zoned: bool, out: &mut Vec<u8>) -> std::io::Result<()> {
    let instant = match unit {
        TimeUnit::Second => jiff::Timestamp::from_second(value),
        TimeUnit::Millisecond => jiff::Timestamp::from_millisecond(value),
        TimeUnit::Microsecond => jiff::Timestamp::from_microsecond(value),
        TimeUnit::Nanosecond => jiff::Timestamp::from_nanosecond(value.into()),
    };
    match instant {
        Ok(instant) if zoned => write!(out, "{instant}"),
        Ok(instant) => write!(out, "{}", instant.to_zoned(jiff::tz::TimeZone::UTC).datetime()),
        Err(_) => write!(out, "{value}"),
    }
}
