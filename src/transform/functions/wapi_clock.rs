//! What `wapi_date` and `wapi_datetime` share: from any kind of time to what clocks show.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, StringBuilder},
    compute::cast,
    datatypes::{DataType, Field, FieldRef, TimeUnit, TimestampMillisecondType},
};
use datafusion::{
    common::{DataFusionError, Result},
    logical_expr::{
        ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
    },
};
use jiff::civil::DateTime;

use super::{
    FunctionDoc, Text, constant_text, failure, like_arguments,
    local_time::LocalTime,
    wapi_date, wapi_datetime, wrong_call,
    zone::{Zone, Zones},
};

const MILLIS: TimeUnit = TimeUnit::Millisecond;

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    Date,
    DateTime,
}

impl Form {
    fn doc(self) -> &'static FunctionDoc {
        match self {
            Form::Date => &wapi_date::DOC,
            Form::DateTime => &wapi_datetime::DOC,
        }
    }

    fn write(self, at: DateTime) -> String {
        match self {
            Form::Date => wapi_date::write(at),
            Form::DateTime => wapi_datetime::write(at),
        }
    }
}

/// `wapi_date` or `wapi_datetime`.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct WapiClock {
    form: Form,
    signature: Signature,
}

impl WapiClock {
    /// The function that writes times in this form.
    pub fn new(form: Form) -> Self {
        WapiClock { form, signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for WapiClock {
    fn name(&self) -> &str {
        self.form.doc().name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    /// A zone that is written out is checked when the expression is compiled.
    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        if let Some(zone) = constant_text(&arguments, 1) {
            Zone::named(zone).map_err(DataFusionError::Plan)?;
        }
        Ok(Arc::new(Field::new(self.name(), DataType::Utf8, true)))
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let ([time] | [time, _]) = types else { return Err(wrong_call(self.form.doc())) };
        let time = match time {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => {
                DataType::Utf8
            }
            DataType::Timestamp(_, Some(_)) => DataType::Timestamp(MILLIS, Some("UTC".into())),
            DataType::Timestamp(_, None) | DataType::Date32 | DataType::Date64 => {
                DataType::Timestamp(MILLIS, None)
            }
            other => {
                let name = self.form.doc().name;
                let message = format!("`{name}` takes a date, a timestamp or text, not {other}");
                return Err(DataFusionError::Plan(message));
            }
        };
        Ok([time].into_iter().chain(types.iter().skip(1).map(|_| DataType::Utf8)).collect())
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let times = arguments.args[0].to_array(arguments.number_rows)?;
        let mut zones = arguments.args.get(1).map(Text::of).transpose()?.map(Zones::of);
        let times = Times::of(&times)?;
        let mut written = StringBuilder::with_capacity(times.len(), 12 * times.len());
        for row in 0..times.len() {
            let zone = match &mut zones {
                Some(zones) => Some(zones.row(row)?),
                None => None,
            };
            match (times.row(row)?, zone) {
                // A zone that is null tells no date.
                (None, _) | (_, Some(None)) => written.append_null(),
                (Some(time), zone) => {
                    written.append_value(self.form.write(shown(time, zone.flatten())?));
                }
            }
        }
        like_arguments(&arguments, Arc::new(written.finish()))
    }
}

/// What clocks show at a time.
fn shown(time: Time, zone: Option<&mut Zone>) -> Result<DateTime> {
    let out_of_range = || failure("the time is out of range");
    let local = match (time, zone) {
        (Time::Instant(millis), Some(zone)) => zone.local_of(millis).ok_or_else(out_of_range)?,
        (Time::Instant(millis), None) => LocalTime::from_millis(millis),
        (Time::Local(LocalTime { seconds, millis, offset: Some(offset) }), Some(zone)) => {
            let millis = (seconds - offset) * 1000 + i64::from(millis);
            zone.local_of(millis).ok_or_else(out_of_range)?
        }
        (Time::Local(local), _) => local,
    };
    local.civil().filter(|at| at.year() >= 1).ok_or_else(out_of_range)
}

/// A time as an argument gives it.
enum Time {
    /// Milliseconds since 1970 in UTC.
    Instant(i64),
    Local(LocalTime),
}

/// The first argument.
enum Times {
    Text(ArrayRef),
    Instants(ArrayRef),
    Locals(ArrayRef),
}

impl Times {
    fn of(times: &ArrayRef) -> Result<Self> {
        Ok(match times.data_type() {
            DataType::Utf8 => Times::Text(Arc::clone(times)),
            DataType::Timestamp(_, Some(_)) => Times::Instants(Arc::clone(times)),
            _ => Times::Locals(cast(times, &DataType::Timestamp(MILLIS, None))?),
        })
    }

    fn len(&self) -> usize {
        let (Times::Text(times) | Times::Instants(times) | Times::Locals(times)) = self;
        times.len()
    }

    fn row(&self, row: usize) -> Result<Option<Time>> {
        let (Times::Text(times) | Times::Instants(times) | Times::Locals(times)) = self;
        if times.is_null(row) {
            return Ok(None);
        }
        let millis = || times.as_primitive::<TimestampMillisecondType>().value(row);
        Ok(match self {
            Times::Text(texts) => {
                let text = texts.as_string::<i32>().value(row);
                if text.trim().is_empty() {
                    return Ok(None);
                }
                let local = LocalTime::read(text).map_err(|wrong| failure(wrong.told(text)))?;
                Some(Time::Local(local))
            }
            Times::Instants(_) => Some(Time::Instant(millis())),
            Times::Locals(_) => Some(Time::Local(LocalTime::from_millis(millis()))),
        })
    }
}
