//! The program's reading of the campaign rules and the simulator's are the same: what one lets
//! through, the other accepts.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema},
};
use jiff::{SignedDuration, Timestamp};
use vccpipe::{
    batch::{Batch, Origin, SourceBatch},
    validate::CampaignRules,
};
use vccpipe_simulator::{ClockSettings, ScheduleWindow};

use crate::bench::{Bench, CAMPAIGN, customers, settings};

/// The tenant's clock stands still here.
const NOW: &str = "2026-11-23T12:00:00Z";

fn at(offset: SignedDuration) -> String {
    format!("{:.3}", NOW.parse::<Timestamp>().unwrap() + offset)
}

/// A tenant whose clock stands still, with or without a schedule from now to four days ahead.
fn tenant(scheduled: bool) -> Bench {
    let mut settings = settings(12_000);
    settings.clock = ClockSettings { starts_at: Some(NOW.parse().unwrap()), stands_still: true };
    settings.tenant.campaigns[0].schedule =
        scheduled.then_some(ScheduleWindow { from_hours: 1, to_hours: 96 });
    Bench::new(settings)
}

/// Whether the program lets a row with these texts through.
fn lets_through(id: &str, schedule: &str, scheduled: bool) -> bool {
    let fields = ["customer-id", "schedule-date-time"];
    let schema = Schema::new(fields.map(|name| Field::new(name, DataType::Utf8, true)).to_vec());
    let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text.to_owned()])) };
    let columns = RecordBatch::try_new(Arc::new(schema), vec![text(id), text(schedule)]).unwrap();
    let origins = vec![Origin { file: 0, line: 2, start: 0, length: 1, ordinal: 0 }];
    let batch = Batch::from_source(Arc::new(SourceBatch { columns, origins }));
    let now: Timestamp = NOW.parse().unwrap();
    let hours = |hours| now + SignedDuration::from_hours(hours);
    let rules = CampaignRules {
        now,
        window: scheduled.then(|| (hours(1), hours(96))),
        blank_schedule: false,
    };
    rules.check(&batch).unwrap().fallen.is_empty()
}

/// Whether the tenant takes a record of this JSON in: the status of its item of the 207.
fn accepts(bench: &Bench, record: &str) -> bool {
    let body = format!("[{record}]");
    let reply = bench.post_customers(CAMPAIGN, &body);
    reply.contains("\"http-status\":200")
}

/// What both say to a schedule; the text is sent as it stands.
#[track_caller]
fn assert_alike(schedules: &[String], scheduled: bool) {
    let bench = tenant(scheduled);
    let mut free = customers(schedules.len()).into_iter();
    let (mut yes, mut no) = (0, 0);
    for schedule in schedules {
        let id = free.next().unwrap();
        let ours = lets_through(&id.to_string(), schedule, scheduled);
        let json = serde_json::json!({ "customer-id": id, "schedule-date-time": schedule });
        let theirs = accepts(&bench, &json.to_string());
        assert_eq!(ours, theirs, "`{schedule}`: the program {ours}, the tenant {theirs}");
        *if ours { &mut yes } else { &mut no } += 1;
    }
    assert!(yes > 0 && no > 0, "the table has only one side: {yes} and {no}");
}

/// Moments at and around a boundary.
fn around(boundary: SignedDuration) -> impl Iterator<Item = String> {
    [-86_400_000, -1000, -1, 0, 1, 1000, 86_400_000]
        .into_iter()
        .map(move |millis| at(boundary + SignedDuration::from_millis(millis)))
}

#[test]
fn moments_around_now_and_seven_days_ahead_are_read_alike() {
    let boundaries = [SignedDuration::ZERO, SignedDuration::from_hours(7 * 24)];
    let moments: Vec<String> = boundaries.into_iter().flat_map(around).collect();
    assert_alike(&moments, false);
}

#[test]
fn moments_around_the_ends_of_the_schedule_are_read_alike() {
    let boundaries = [SignedDuration::from_hours(1), SignedDuration::from_hours(96)];
    let moments: Vec<String> = boundaries.into_iter().flat_map(around).collect();
    assert_alike(&moments, true);
}

#[test]
fn forms_of_iso_8601_are_read_alike() {
    let forms = [
        "2026-11-24T09:00:00.000Z",
        "2026-11-24T09:00:00Z",
        "2026-11-24T09:00Z",
        "2026-11-24T09Z",
        "2026-11-24T09:00:00.5Z",
        "2026-11-24T09:00:00.123456789Z",
        "2026-11-24T09:00:00.1234567891Z",
        "2026-11-24T09:00:00.Z",
        "2026-11-24T09:00:00+02:00",
        "2026-11-24T09:00:00-05:00",
        "2026-11-24T09:00:00+14:00",
        "2026-11-24T09:00:00+02",
        "2026-11-24T09:00:00",
        "2026-11-24T09:00",
        "2026-11-24",
        "2026-11-24 09:00:00Z",
        "2026-11-24T 09:00:00Z",
        "2026-11-24t09:00:00z",
        "2026-11-24T24:00:00Z",
        "2026-11-24T23:59:60Z",
        "2026-11-31T09:00:00Z",
        "2026-11-24T9:00:00Z",
        "26-11-24T09:00:00Z",
        "20261124T090000Z",
        "11/24/2026 9:00 AM",
        "tomorrow",
        "2026-11-24T09:00:00[America/New_York]",
        "2026-11-24T09:00:00Z[UTC]",
        "２026-11-24T09:00:00Z",
    ];
    assert_alike(&forms.map(str::to_owned), false);
}

/// What the program reads and mends: it sends the moment in the document's own form, which the
/// tenant takes.
#[test]
fn forms_that_only_the_program_reads_are_sent_as_the_document_writes_them() {
    let bench = tenant(false);
    let mut free = customers(10).into_iter();
    for form in [" 2026-11-24T09:00:00Z ", "2026-11-24T09:00:00+0200", "2026-11-24T09:00:00,5Z", ""]
    {
        let id = free.next().unwrap();
        assert!(lets_through(&id.to_string(), form, false), "`{form}`");
        let verbatim = serde_json::json!({ "customer-id": id, "schedule-date-time": form });
        assert!(!accepts(&bench, &verbatim.to_string()), "`{form}` need not be told apart");
    }
}

#[test]
fn customer_ids_are_read_alike() {
    let bench = tenant(false);
    let known = customers(4);
    let ids = [
        known[0].to_string(),
        format!("-{}", known[1]),
        format!("+{}", known[1]),
        format!("{}.0", known[1]),
        format!("{}.5", known[1]),
        format!("{}e0", known[1]),
        format!("{}x", known[1]),
        "abc".into(),
        "null".into(),
        "".into(),
        "true".into(),
        "0x989680".into(),
        "1 0000000".into(),
        "１0000000".into(),
        "99999999999999999999999".into(),
        known[2].to_string(),
    ];
    let mut yes = 0;
    for id in &ids {
        let ours = lets_through(id, "", false);
        let theirs = accepts(&bench, &format!("{{\"customer-id\":{id}}}"));
        assert_eq!(ours, theirs, "`{id}`: the program {ours}, the tenant {theirs}");
        yes += u32::from(ours);
    }
    assert_eq!(yes, 2);
    // A text cell with blanks and zeros before the number is the number that is sent.
    let padded = format!(" 0{} ", known[3]);
    assert!(lets_through(&padded, "", false));
    assert!(accepts(&bench, &format!("{{\"customer-id\":{}}}", known[3])));
}
