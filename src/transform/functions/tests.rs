use arrow::{
    array::{Array, RecordBatch, RecordBatchOptions},
    datatypes::Schema,
    util::display::{ArrayFormatter, FormatOptions},
};

use super::*;
use crate::transform::engine::Engine;

/// The value of an expression that reads no column, or what is wrong with it.
fn value(sql: &str) -> String {
    let engine = Engine::new("2026-11-22T20:00:00Z".parse().unwrap());
    let planned = engine.parse(sql).and_then(|parsed| engine.plan(parsed, &Schema::empty()));
    let planned = match planned {
        Ok(planned) => planned,
        Err(error) => return format!("error: {}", error.strip_backtrace()),
    };
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    let row = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options);
    match planned.physical.evaluate(&row.unwrap()).and_then(|value| value.into_array(1)) {
        Ok(array) if array.is_null(0) => "null".to_owned(),
        Ok(array) => {
            let formatter = ArrayFormatter::try_new(&array, &FormatOptions::default()).unwrap();
            formatter.value(0).to_string()
        }
        Err(error) => format!("error: {}", error.strip_backtrace()),
    }
}

#[test]
fn every_example_of_the_documentation_gives_what_it_says() {
    for doc in functions() {
        assert!(doc.example.starts_with(&format!("{}(", doc.name)), "{}", doc.example);
        assert_eq!(value(doc.example), doc.result, "{}", doc.example);
    }
}

#[test]
fn functions_take_other_types_and_refuse_what_makes_no_sense() {
    let expressions = [
        "to_utc(timestamp '2026-07-01T12:00:00', 'Europe/Berlin')",
        "to_utc(date '2026-07-01', 'Europe/Berlin')",
        "to_utc(now(), 'Europe/Berlin')",
        "to_utc('2026-07-01T12:00:00+02:00', 'America/New_York')",
        "to_utc(null, 'Europe/Berlin')",
        "to_utc('  ', 'Europe/Berlin')",
        "to_utc('2026-07-01', null)",
        "to_utc('2026-03-29 02:30', 'Europe/Berlin')",
        "to_utc('2026-07-01', 'Europe/Berln')",
        "to_utc(7, 'UTC')",
        "to_utc('2026-07-01')",
        "phone_digits(5551234567)",
        "phone_digits('none')",
        "phone_digits(null)",
        "phone_digits()",
        "phone_e164(' ', 'US')",
        "phone_e164('+49 30 123456', 'US')",
        "phone_e164('+49 30 123456', null)",
        "phone_e164('030 123456', null)",
        "phone_e164('555', 'Narnia')",
    ];
    let told: Vec<_> = expressions.iter().map(|sql| format!("{sql}\n    {}", value(sql))).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    to_utc(timestamp '2026-07-01T12:00:00', 'Europe/Berlin')
        2026-07-01T10:00:00Z
    to_utc(date '2026-07-01', 'Europe/Berlin')
        2026-06-30T22:00:00Z
    to_utc(now(), 'Europe/Berlin')
        2026-11-22T20:00:00Z
    to_utc('2026-07-01T12:00:00+02:00', 'America/New_York')
        2026-07-01T10:00:00Z
    to_utc(null, 'Europe/Berlin')
        null
    to_utc('  ', 'Europe/Berlin')
        null
    to_utc('2026-07-01', null)
        null
    to_utc('2026-03-29 02:30', 'Europe/Berlin')
        error: Execution error: `2026-03-29 02:30:00` does not exist in Europe/Berlin: the clocks are put forward over it
    to_utc('2026-07-01', 'Europe/Berln')
        error: Error during planning: there is no time zone `Europe/Berln`; did you mean `Europe/Berlin`?
    to_utc(7, 'UTC')
        error: Execution error: Function 'to_utc' user-defined coercion failed with: Error during planning: `to_utc` takes text or a timestamp first, not Int64
    to_utc('2026-07-01')
        error: Execution error: Function 'to_utc' user-defined coercion failed with: Error during planning: `to_utc` is called as `to_utc(text or timestamp, zone)`
    phone_digits(5551234567)
        5551234567
    phone_digits('none')
        null
    phone_digits(null)
        null
    phone_digits()
        error: Execution error: Function 'phone_digits' user-defined coercion failed with: Error during planning: `phone_digits` is called as `phone_digits(text)`
    phone_e164(' ', 'US')
        null
    phone_e164('+49 30 123456', 'US')
        +4930123456
    phone_e164('+49 30 123456', null)
        +4930123456
    phone_e164('030 123456', null)
        error: Execution error: `030 123456` is not a phone number: invalid country code
    phone_e164('555', 'Narnia')
        error: Execution error: `Narnia` is not a region: give two letters of ISO 3166, such as `US`
    ");
}
