//! Campaign customers against their rules.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, AsArray, Float64Array, Int32Array, Int64Array, NullArray, RecordBatch,
        StringArray, StringViewArray, TimestampMicrosecondArray, TimestampMillisecondArray,
        TimestampSecondArray, UInt64Array,
    },
    datatypes::{Int64Type, TimestampMillisecondType},
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::batch::{Batch, Origin, SourceBatch};

fn now() -> Timestamp {
    "2022-07-14T09:00:00.000Z".parse().unwrap()
}

fn rules() -> CampaignRules {
    CampaignRules { now: now(), window: None, blank_schedule: false }
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> Batch {
    let columns = RecordBatch::try_from_iter(columns).unwrap();
    let origin = |row| Origin { file: 0, line: row + 2, start: 0, length: 0, ordinal: row };
    let origins = (0..columns.num_rows() as u64).map(origin).collect();
    Batch::from_source(Arc::new(SourceBatch { columns, origins }))
}

fn with_ids(ids: ArrayRef) -> Batch {
    batch(vec![("customer-id", ids)])
}

fn with_schedule(schedule: ArrayRef) -> Batch {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..schedule.len() as i64));
    batch(vec![("customer-id", ids), ("schedule-date-time", schedule)])
}

fn ids_of(checked: &Checked) -> Vec<i64> {
    checked.batch.columns.column(0).as_primitive::<Int64Type>().values().to_vec()
}

fn schedule_of(checked: &Checked) -> Vec<Option<String>> {
    let column = checked.batch.columns.column(1).as_primitive::<TimestampMillisecondType>();
    let shown = |millis| Timestamp::from_millisecond(millis).unwrap().to_string();
    column.iter().map(|at| at.map(shown)).collect()
}

fn reasons(checked: &Checked) -> Vec<(u32, &str)> {
    checked.fallen.iter().map(|fallen| (fallen.pick, fallen.reason.as_str())).collect()
}

#[test]
fn texts_of_digits_become_numbers_and_all_else_falls_with_its_reason() {
    let texts = ["10003629", " 007 ", "12a", "", "-5", "9223372036854775808", "1.0", "+1"];
    let mut ids: Vec<_> = texts.iter().map(|text| Some(*text)).collect();
    ids.push(None);
    for column in
        [Arc::new(StringArray::from(ids.clone())) as ArrayRef, Arc::new(StringViewArray::from(ids))]
    {
        let checked = rules().check(&with_ids(column)).unwrap();
        assert_eq!(ids_of(&checked), [10003629, 7]);
        assert_eq!(checked.batch.picks, [0, 1]);
        let not_whole = |value: &str| {
            format!(
                "customer-id: not a whole number (`{value}`, digits only, campaign-records-api: Customer Record)"
            )
        };
        let missing = "customer-id: missing (mandatory, campaign-records-api: Customer Record)";
        let large = "customer-id: too large (`9223372036854775808`, at most 9223372036854775807, \
                     campaign-records-api: Customer Record)";
        assert_eq!(
            reasons(&checked),
            [
                (2, not_whole("12a").as_str()),
                (3, missing),
                (4, not_whole("-5").as_str()),
                (5, large),
                (6, not_whole("1.0").as_str()),
                (7, not_whole("+1").as_str()),
                (8, missing),
            ]
        );
    }
}

#[test]
fn numbers_of_each_type_are_taken_where_they_are_whole() {
    let check = |ids: ArrayRef| rules().check(&with_ids(ids)).unwrap();
    assert_eq!(ids_of(&check(Arc::new(Int32Array::from(vec![Some(1), None, Some(-1)])))), [1]);
    assert_eq!(ids_of(&check(Arc::new(UInt64Array::from(vec![1, u64::MAX])))), [1]);
    let floats = check(Arc::new(Float64Array::from(vec![10003629.0, 1.5, 1e300, f64::NAN])));
    assert_eq!(ids_of(&floats), [10003629]);
    assert!(floats.fallen[0].reason.contains("not a whole number (`1.5`"));
    assert_eq!(check(Arc::new(NullArray::new(2))).fallen.len(), 2);
    assert!(rules().check(&batch(vec![("id", Arc::new(NullArray::new(1)))])).is_err());
}

#[test]
fn a_column_of_sound_numbers_is_passed_on_as_it_is() {
    let ids = Int64Array::from(vec![1, 2, 3]);
    let values = ids.values().as_ptr();
    let checked = rules().check(&with_ids(Arc::new(ids))).unwrap();
    let out = checked.batch.columns.column(0).as_primitive::<Int64Type>();
    assert_eq!(out.values().as_ptr(), values);
    assert_eq!(checked.batch.columns.schema(), campaign_schema());
    assert_eq!(checked.batch.columns.column(1).null_count(), 3);
}

#[test]
fn the_bounds_of_the_schedule_are_within() {
    let at = |millis: i64| now() + SignedDuration::from_millis(millis);
    let week = 7 * 86_400_000;
    let moments = [0, -1, week, week + 1].map(|offset| at(offset).as_millisecond());
    let column = TimestampMillisecondArray::from(moments.to_vec()).with_timezone("UTC");
    let checked = rules().check(&with_schedule(Arc::new(column))).unwrap();
    assert_eq!(ids_of(&checked), [0, 2]);
    assert_eq!(
        reasons(&checked),
        [
            (
                1,
                "schedule-date-time: in the past (`2022-07-14T08:59:59.999Z`, now is \
                 2022-07-14T09:00:00.000Z, campaign-records-api: Customer Record)"
            ),
            (
                3,
                "schedule-date-time: more than 7 days ahead (`2022-07-21T09:00:00.001Z`, at most \
                 2022-07-21T09:00:00.000Z, campaign-records-api: Customer Record)"
            ),
        ]
    );
}

#[test]
fn moments_are_read_in_each_unit_and_zone() {
    let second = now().as_second() + 60;
    let columns: [ArrayRef; 4] = [
        Arc::new(TimestampSecondArray::from(vec![second]).with_timezone("America/New_York")),
        Arc::new(TimestampMicrosecondArray::from(vec![second * 1_000_000]).with_timezone("+02:00")),
        Arc::new(StringArray::from(vec!["2022-07-14T09:01:00Z"])),
        Arc::new(StringViewArray::from(vec![" 2022-07-14T05:01:00.000-04:00 "])),
    ];
    for column in columns {
        let checked = rules().check(&with_schedule(column)).unwrap();
        assert_eq!(schedule_of(&checked), [Some("2022-07-14T09:01:00Z".to_owned())]);
    }
}

#[test]
fn a_schedule_without_a_zone_falls_with_the_way_out_and_an_empty_one_is_none() {
    let texts = vec![Some("2022-07-15T09:00:00"), Some("next week"), Some(" "), None];
    let checked = rules().check(&with_schedule(Arc::new(StringArray::from(texts)))).unwrap();
    assert_eq!(schedule_of(&checked), [None, None]);
    assert_eq!(
        reasons(&checked),
        [
            (
                0,
                "schedule-date-time: without a zone (`2022-07-15T09:00:00`, use to_utc(.., \
                 'America/New_York') or the like, campaign-records-api: Customer Record)"
            ),
            (
                1,
                "schedule-date-time: not an ISO 8601 date and time with a zone (`next week`, e.g. \
                 2022-08-29T09:00:00.000Z, campaign-records-api: Customer Record)"
            ),
        ]
    );
    let typed = TimestampSecondArray::from(vec![Some(now().as_second()), None]);
    let checked = rules().check(&with_schedule(Arc::new(typed))).unwrap();
    assert_eq!(ids_of(&checked), [1]);
    assert!(checked.fallen[0].reason.contains("without a zone (`2022-07-14T09:00:00`"));
}

#[test]
fn every_rule_that_fails_is_told() {
    let rules = CampaignRules {
        window: Some((
            now() + SignedDuration::from_hours(1),
            now() + SignedDuration::from_hours(2),
        )),
        ..rules()
    };
    let ids: ArrayRef = Arc::new(StringArray::from(vec!["x", "1", "2"]));
    let schedule: ArrayRef = Arc::new(StringArray::from(vec![
        "2022-07-14T08:00:00Z",
        "2022-07-14T10:00:00Z",
        "2022-07-14T11:00:00.001Z",
    ]));
    let columns = vec![("customer-id", ids), ("schedule-date-time", schedule)];
    let checked = rules.check(&batch(columns)).unwrap();
    assert_eq!(ids_of(&checked), [1]);
    let [first, last] = &checked.fallen[..] else { panic!("{checked:?}") };
    let wrong: Vec<_> =
        first.reason.split("; ").map(|reason| reason.split(" (").next().unwrap()).collect();
    assert_eq!(
        wrong,
        [
            "customer-id: not a whole number",
            "schedule-date-time: in the past",
            "schedule-date-time: outside the campaign's schedule"
        ]
    );
    assert_eq!(
        last.reason,
        "schedule-date-time: outside the campaign's schedule (`2022-07-14T11:00:00.001Z`, from \
         2022-07-14T10:00:00.000Z to 2022-07-14T11:00:00.000Z, campaign-records-api: Customer Record)"
    );
}

#[test]
fn a_schedule_is_blanked_only_where_asked_and_each_time_listed() {
    let ids: ArrayRef = Arc::new(StringArray::from(vec!["1", "2", "x"]));
    let schedule: ArrayRef =
        Arc::new(StringArray::from(vec!["soon", "2022-07-14T10:00:00Z", "soon"]));
    let columns = vec![("customer-id", ids), ("schedule-date-time", schedule)];
    let rules = CampaignRules { blank_schedule: true, ..rules() };
    let checked = rules.check(&batch(columns)).unwrap();
    assert_eq!(schedule_of(&checked), [None, Some("2022-07-14T10:00:00Z".to_owned())]);
    assert_eq!(checked.fixed.len(), 1);
    assert_eq!(
        (checked.fixed[0].pick, checked.fixed[0].column.as_ref()),
        (0, "schedule-date-time")
    );
    assert!(checked.fixed[0].reason.contains("`soon`"));
    assert_eq!(checked.fallen.len(), 1);
}

#[test]
fn a_long_value_is_shown_in_part() {
    let column: ArrayRef = Arc::new(StringArray::from(vec!["é".repeat(5000)]));
    let checked = rules().check(&with_ids(column)).unwrap();
    assert!(checked.fallen[0].reason.contains(&format!("`{}...`", "é".repeat(60))));
    assert!(checked.fallen[0].reason.len() < 300);
}

proptest! {
    #[test]
    fn rows_out_and_rows_fallen_are_the_rows_in(
        rows in proptest::collection::vec(
            (proptest::option::of("[0-9 x]{0,4}"), proptest::option::of(-10_000_000_i64..900_000_000)),
            0..40,
        ),
        blank_schedule in any::<bool>(),
    ) {
        let (ids, offsets): (Vec<_>, Vec<_>) = rows.iter().cloned().unzip();
        let at = |offset: i64| (now() + SignedDuration::from_millis(offset)).to_string();
        let schedule: StringArray = offsets.iter().map(|offset| offset.map(at)).collect();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("customer-id", Arc::new(StringArray::from(ids.clone()))),
            ("schedule-date-time", Arc::new(schedule)),
        ];
        let batch = batch(columns);
        let checked = CampaignRules { blank_schedule, ..rules() }.check(&batch).unwrap();
        let mut picks: Vec<u32> = checked.fallen.iter().map(|fallen| fallen.pick).collect();
        picks.extend(&checked.batch.picks);
        picks.sort();
        prop_assert_eq!(picks, (0..rows.len() as u32).collect::<Vec<_>>());
        prop_assert_eq!(checked.batch.columns.num_rows(), checked.batch.picks.len());
        for (id, pick) in ids_of(&checked).iter().zip(&checked.batch.picks) {
            let text = ids[*pick as usize].as_deref().unwrap();
            prop_assert_eq!(text.trim().parse::<i64>().ok(), Some(*id));
        }
        for fallen in &checked.fallen {
            prop_assert!(!fallen.reason.is_empty());
        }
    }
}
