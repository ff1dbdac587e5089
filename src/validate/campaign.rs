//! The rules of campaign customers, over columns.

use std::sync::{Arc, LazyLock};

use arrow::{
    array::{
        Array, ArrayRef, AsArray, Int64Array, RecordBatch, TimestampMillisecondArray,
        TimestampMillisecondBuilder,
    },
    compute::cast,
    datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit},
    error::ArrowError,
    util::display::array_value_to_string,
};
use jiff::Timestamp;

use super::{
    checked::{Checked, Fixed},
    complaints::{Complaints, missing, reason},
    date_time::{self, DateTime},
};
use crate::{
    batch::Batch,
    rules::{Format, Rule, campaign_customer},
};

const MILLIS_PER_DAY: i64 = 86_400_000;

/// The documented rules of campaign customers at one moment.
#[derive(Clone, Copy, Debug)]
pub struct CampaignRules {
    /// What counts as now.
    pub now: Timestamp,
    /// First and last moment of the campaign's schedule, where its status tells them.
    pub window: Option<(Timestamp, Timestamp)>,
    /// Whether a `schedule-date-time` that breaks a rule is sent as none: `fix: blank`.
    pub blank_schedule: bool,
}

/// The columns of a batch that is ready to be sent.
pub fn campaign_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        let moment = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
        let [id, schedule] = campaign_customer() else { return Arc::new(Schema::empty()) };
        Arc::new(Schema::new(vec![
            Field::new(id.tag, DataType::Int64, false),
            Field::new(schedule.tag, moment, true),
        ]))
    });
    Arc::clone(&SCHEMA)
}

impl CampaignRules {
    /// Checks every rule of every row. Columns that the target does not know are left out; what
    /// [`super::check_columns`] would complain of is an error here.
    pub fn check(&self, batch: &Batch) -> Result<Checked, ArrowError> {
        let [id_rule, schedule_rule] = campaign_customer() else {
            return Err(ArrowError::SchemaError("the table of rules has two rows".to_owned()));
        };
        let column = |rule: &Rule| batch.columns.column_by_name(rule.tag);
        let ids = column(id_rule).ok_or_else(|| {
            ArrowError::SchemaError(format!("there is no column `{}`", id_rule.tag))
        })?;
        let mut complaints = Complaints::default();
        let mut fixed = Vec::new();
        let ids = read_ids(id_rule, ids, &mut complaints)?;
        let schedule = match column(schedule_rule) {
            None => TimestampMillisecondArray::new_null(batch.len()),
            Some(column) => {
                let mut wrong = Complaints::default();
                let schedule = self.read_schedule(schedule_rule, column, &mut wrong)?;
                self.settle(schedule, wrong, batch, &mut complaints, &mut fixed)
            }
        };
        let schedule = schedule.with_timezone("UTC");
        finish(batch, ids, schedule, complaints, fixed)
    }

    /// Rows whose schedule breaks a rule either fall or lose the schedule.
    fn settle(
        &self,
        schedule: TimestampMillisecondArray,
        wrong: Complaints,
        batch: &Batch,
        complaints: &mut Complaints,
        fixed: &mut Vec<Fixed>,
    ) -> TimestampMillisecondArray {
        if wrong.is_empty() {
            return schedule;
        }
        let column = campaign_customer()[1].tag;
        let (values, nulls) = (schedule.values().clone(), schedule.nulls().cloned());
        let mut valid: Vec<bool> =
            (0..schedule.len()).map(|row| nulls.as_ref().is_none_or(|n| n.is_valid(row))).collect();
        for (row, reason) in wrong.into_rows() {
            valid[row] = false;
            if self.blank_schedule {
                fixed.push(Fixed { pick: batch.picks[row], column: column.into(), reason });
            } else {
                complaints.add(row, &reason);
            }
        }
        TimestampMillisecondArray::new(values, Some(valid.into()))
    }

    fn read_schedule(
        &self,
        rule: &Rule,
        column: &ArrayRef,
        wrong: &mut Complaints,
    ) -> Result<TimestampMillisecondArray, ArrowError> {
        let schedule = match column.data_type() {
            DataType::Null => TimestampMillisecondArray::new_null(column.len()),
            DataType::Dictionary(_, value) => {
                return self.read_schedule(rule, &cast(column, value)?, wrong);
            }
            DataType::Timestamp(_, Some(_)) => {
                let millis = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
                cast(column, &millis)?.as_primitive().clone()
            }
            DataType::Timestamp(_, None) | DataType::Date32 | DataType::Date64 => {
                for row in (0..column.len()).filter(|row| column.is_valid(*row)) {
                    let value = array_value_to_string(column, row)?;
                    wrong.add(row, &without_zone(rule, &value));
                }
                TimestampMillisecondArray::new_null(column.len())
            }
            _ => read_schedule_texts(rule, column, wrong)?,
        };
        self.check_moments(rule, &schedule, wrong);
        Ok(schedule)
    }

    /// Not in the past, not too far ahead, and within the campaign's schedule.
    fn check_moments(
        &self,
        rule: &Rule,
        schedule: &TimestampMillisecondArray,
        wrong: &mut Complaints,
    ) {
        let now = self.now.as_millisecond();
        let days = match rule.format {
            Some(Format::ZonedDateTime { most_days_ahead }) => i64::from(most_days_ahead),
            _ => return,
        };
        let last = now + days * MILLIS_PER_DAY;
        let (opens, closes) = self.window.map_or((i64::MIN, i64::MAX), |(opens, closes)| {
            (opens.as_millisecond(), closes.as_millisecond())
        });
        let (least, most) = (now.max(opens), last.min(closes));
        // A null's place may hold anything, so it may merely call for the closer look.
        if schedule.values().iter().fold(true, |fine, at| fine & (least <= *at) & (*at <= most)) {
            return;
        }
        for row in (0..schedule.len()).filter(|row| schedule.is_valid(*row)) {
            let at = schedule.value(row);
            let mut say = |what: &str, limit: String| {
                wrong.add(row, &reason(rule, what, shown(at), &limit));
            };
            if at < now {
                say("in the past", format!("now is {}", shown(now)));
            }
            if at > last {
                say(&format!("more than {days} days ahead"), format!("at most {}", shown(last)));
            }
            if at < opens || at > closes {
                let limit = format!("from {} to {}", shown(opens), shown(closes));
                say("outside the campaign's schedule", limit);
            }
        }
    }
}

/// A moment as it is sent.
fn shown(millis: i64) -> String {
    Timestamp::from_millisecond(millis)
        .map_or_else(|_| format!("{millis} ms since 1970"), |at| format!("{at:.3}"))
}

fn without_zone(rule: &Rule, value: &str) -> String {
    reason(rule, "without a zone", value, "use to_utc(.., 'America/New_York') or the like")
}

fn read_schedule_texts(
    rule: &Rule,
    column: &ArrayRef,
    wrong: &mut Complaints,
) -> Result<TimestampMillisecondArray, ArrowError> {
    let mut moments = TimestampMillisecondBuilder::with_capacity(column.len());
    for (row, text) in texts(column)?.enumerate() {
        match text.map(str::trim).filter(|text| !text.is_empty()) {
            None => moments.append_null(),
            Some(text) => match date_time::parse(text) {
                DateTime::At(millis) => moments.append_value(millis),
                unreadable => {
                    let reason = if unreadable == DateTime::WithoutZone {
                        without_zone(rule, text)
                    } else {
                        let form = "e.g. 2022-08-29T09:00:00.000Z";
                        reason(rule, "not an ISO 8601 date and time with a zone", text, form)
                    };
                    wrong.add(row, &reason);
                    moments.append_null();
                }
            },
        }
    }
    Ok(moments.finish())
}

/// The ids; those of rows against which something is said are 0.
fn read_ids(
    rule: &Rule,
    column: &ArrayRef,
    complaints: &mut Complaints,
) -> Result<Int64Array, ArrowError> {
    match column.data_type() {
        DataType::Int64 => Ok(check_ids(rule, column.as_primitive(), complaints)),
        DataType::Null => Ok(check_ids(rule, &Int64Array::new_null(column.len()), complaints)),
        DataType::Dictionary(_, value) => read_ids(rule, &cast(column, value)?, complaints),
        DataType::UInt64 | DataType::Float32 | DataType::Float64 => {
            // Their texts are digits only where they are whole, and tell what they were if not.
            let text = |row| whole_number_text(column, row);
            let values = (0..column.len()).map(text).collect::<Result<Vec<_>, _>>()?;
            Ok(parse_ids(rule, values.iter().map(Option::as_deref), complaints))
        }
        other if other.is_integer() => {
            let ids = cast(column, &DataType::Int64)?;
            Ok(check_ids(rule, ids.as_primitive(), complaints))
        }
        _ => Ok(parse_ids(rule, texts(column)?, complaints)),
    }
}

/// A number as text, without the fraction where that is 0.
pub(super) fn whole_number_text(
    column: &ArrayRef,
    row: usize,
) -> Result<Option<String>, ArrowError> {
    if column.is_null(row) {
        return Ok(None);
    }
    let text = array_value_to_string(column, row)?;
    Ok(Some(match text.parse::<f64>() {
        // Beyond 2^53 a double may stand for several whole numbers.
        Ok(number) if column.data_type().is_floating() && is_exactly_whole(number) => {
            (number as i64).to_string()
        }
        _ => text,
    }))
}

fn is_exactly_whole(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0
}

/// Ids that are numbers already: the usual case costs one look over the column.
fn check_ids(rule: &Rule, ids: &Int64Array, complaints: &mut Complaints) -> Int64Array {
    if ids.null_count() == 0 && ids.values().iter().fold(0, |all, id| all | id) >= 0 {
        return ids.clone();
    }
    let checked = ids.iter().enumerate().map(|(row, id)| match id {
        None => {
            complaints.add(row, &missing(rule));
            0
        }
        Some(id) if id < 0 => {
            complaints.add(row, &reason(rule, "not a whole number", id, "digits only"));
            0
        }
        Some(id) => id,
    });
    Int64Array::from_iter_values(checked)
}

fn parse_ids<'a>(
    rule: &Rule,
    texts: impl Iterator<Item = Option<&'a str>>,
    complaints: &mut Complaints,
) -> Int64Array {
    let parsed = texts.enumerate().map(|(row, text)| {
        let text = text.unwrap_or_default().trim();
        if text.is_empty() {
            complaints.add(row, &missing(rule));
            return 0;
        }
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            complaints.add(row, &reason(rule, "not a whole number", text, "digits only"));
            return 0;
        }
        text.parse().unwrap_or_else(|_| {
            let limit = format!("at most {}", i64::MAX);
            complaints.add(row, &reason(rule, "too large", text, &limit));
            0
        })
    });
    Int64Array::from_iter_values(parsed)
}

/// The values of a text column.
fn texts(column: &ArrayRef) -> Result<Box<dyn Iterator<Item = Option<&str>> + '_>, ArrowError> {
    Ok(match column.data_type() {
        DataType::Utf8 => Box::new(column.as_string::<i32>().iter()),
        DataType::LargeUtf8 => Box::new(column.as_string::<i64>().iter()),
        DataType::Utf8View => Box::new(column.as_string_view().iter()),
        other => {
            return Err(ArrowError::SchemaError(format!("a column of type `{other}` is not sent")));
        }
    })
}

fn finish(
    batch: &Batch,
    ids: Int64Array,
    schedule: TimestampMillisecondArray,
    complaints: Complaints,
    fixed: Vec<Fixed>,
) -> Result<Checked, ArrowError> {
    let columns = RecordBatch::try_new(campaign_schema(), vec![Arc::new(ids), Arc::new(schedule)])?;
    Checked::of(batch, columns, complaints, fixed)
}
