//! `to_utc(text or timestamp, zone)`: the instant at which clocks of a zone show a time.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, PrimitiveBuilder, TimestampMillisecondArray},
    compute::cast,
    datatypes::{DataType, Field, FieldRef, TimeUnit, TimestampMillisecondType},
};
use datafusion::{
    common::{DataFusionError, Result},
    logical_expr::{
        ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
    },
};

use super::{
    FunctionDoc, Text, constant_text, failure, like_arguments,
    local_time::LocalTime,
    two_arguments,
    zone::{Zone, Zones},
};

pub(super) const DOC: FunctionDoc = FunctionDoc {
    name: "to_utc",
    arguments: "text or timestamp, zone",
    meaning: "the instant at which clocks of the zone (an IANA name) show a date and time. Text may \
              be ISO 8601 (an offset or `Z` in it wins over the zone), `2026-11-23 14:30[:05[.5]]`, \
              `11/23/2026 2:30[:05] PM` (month first; without AM or PM the hours run to 23) or a \
              date alone, which is its midnight. A time that the zone's clocks skip rejects the \
              row; of one that they show twice the first is taken. Null and blank give null",
    example: "to_utc('11/23/2026 2:30 PM', 'America/New_York')",
    result: "2026-11-23T19:30:00Z",
};

const MILLIS: TimeUnit = TimeUnit::Millisecond;

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ToUtc(Signature);

impl Default for ToUtc {
    fn default() -> Self {
        ToUtc(Signature::user_defined(Volatility::Immutable))
    }
}

impl ScalarUDFImpl for ToUtc {
    fn name(&self) -> &str {
        DOC.name
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(instant())
    }

    /// A zone that is written out is checked when the expression is compiled.
    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        if let Some(zone) = constant_text(&arguments, 1) {
            Zone::named(zone).map_err(DataFusionError::Plan)?;
        }
        Ok(Arc::new(Field::new(DOC.name, instant(), true)))
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        two_arguments(types, &DOC)?;
        let time = match &types[0] {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => {
                DataType::Utf8
            }
            DataType::Timestamp(_, Some(_)) => instant(),
            DataType::Timestamp(_, None) | DataType::Date32 | DataType::Date64 => {
                DataType::Timestamp(MILLIS, None)
            }
            other => {
                let message = format!("`to_utc` takes text or a timestamp first, not {other}");
                return Err(DataFusionError::Plan(message));
            }
        };
        Ok(vec![time, DataType::Utf8])
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let times = arguments.args[0].to_array(arguments.number_rows)?;
        let mut zones = Zones::of(Text::of(&arguments.args[1])?);
        let instants = match times.data_type() {
            DataType::Utf8 => from_text(&times, &mut zones)?,
            DataType::Timestamp(_, None) => from_local(&times, &mut zones)?,
            _ => cast(&times, &instant())?,
        };
        like_arguments(&arguments, instants)
    }
}

fn instant() -> DataType {
    DataType::Timestamp(MILLIS, Some("UTC".into()))
}

fn from_text(times: &ArrayRef, zones: &mut Zones<'_>) -> Result<ArrayRef> {
    let mut instants = builder(times.len());
    for (row, text) in times.as_string::<i32>().iter().enumerate() {
        let text = text.filter(|text| !text.trim().is_empty());
        let (Some(text), Some(zone)) = (text, zones.row(row)?) else {
            instants.append_null();
            continue;
        };
        let local = LocalTime::read(text).map_err(|wrong| failure(wrong.told(text)))?;
        instants.append_value(match local.offset {
            Some(offset) => (local.seconds - offset) * 1000 + i64::from(local.millis),
            None => zone.utc_of(local).map_err(failure)?,
        });
    }
    Ok(Arc::new(instants.finish()))
}

fn from_local(times: &ArrayRef, zones: &mut Zones<'_>) -> Result<ArrayRef> {
    let mut instants = builder(times.len());
    for (row, millis) in times.as_primitive::<TimestampMillisecondType>().iter().enumerate() {
        match (millis, zones.row(row)?) {
            (Some(millis), Some(zone)) => {
                instants
                    .append_value(zone.utc_of(LocalTime::from_millis(millis)).map_err(failure)?);
            }
            _ => instants.append_null(),
        }
    }
    Ok(Arc::new(instants.finish()))
}

fn builder(rows: usize) -> PrimitiveBuilder<TimestampMillisecondType> {
    TimestampMillisecondArray::builder(rows).with_data_type(instant())
}
