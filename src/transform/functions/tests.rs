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
        "wapi_date('1/2/2026 2:30 PM')",
        "wapi_date(date '2026-07-01')",
        "wapi_date(timestamp '2026-07-01T12:00:00')",
        "wapi_date(now())",
        "wapi_date('2026-11-23T02:00:00Z')",
        "wapi_date('2026-11-23T02:00:00Z', 'America/New_York')",
        "wapi_date(to_utc('2026-11-23 23:00', 'America/New_York'), 'America/New_York')",
        "wapi_date('2026-11-23T23:00', 'America/New_York')",
        "wapi_date('2026-11-23', null)",
        "wapi_date('')",
        "wapi_date(null)",
        "wapi_date('23.11.2026')",
        "wapi_date(20261123)",
        "wapi_date('2026-11-23', 'America/NewYork')",
        "wapi_date()",
        "wapi_datetime('11/23/2026')",
        "wapi_datetime(now(), 'Asia/Kolkata')",
        "wapi_datetime(parse_wapi_date('062120121315'))",
        "parse_wapi_date('01122010')",
        "parse_wapi_date(' 04062012   18:33:49 ')",
        "parse_wapi_date(' ')",
        "parse_wapi_date('13012010')",
        "parse_wapi_date('2012-04-06')",
        "to_utc(parse_wapi_date('04062012 18:33:49'), 'America/New_York')",
        "strip_html('a<br>b')",
        "strip_html('<p> </p>')",
        "strip_html(null)",
        "strip_html('a', 'b')",
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
    wapi_date('1/2/2026 2:30 PM')
        01022026
    wapi_date(date '2026-07-01')
        07012026
    wapi_date(timestamp '2026-07-01T12:00:00')
        07012026
    wapi_date(now())
        11222026
    wapi_date('2026-11-23T02:00:00Z')
        11232026
    wapi_date('2026-11-23T02:00:00Z', 'America/New_York')
        11222026
    wapi_date(to_utc('2026-11-23 23:00', 'America/New_York'), 'America/New_York')
        11232026
    wapi_date('2026-11-23T23:00', 'America/New_York')
        11232026
    wapi_date('2026-11-23', null)
        null
    wapi_date('')
        null
    wapi_date(null)
        null
    wapi_date('23.11.2026')
        error: Execution error: `23.11.2026` is not a date and time
    wapi_date(20261123)
        error: Execution error: Function 'wapi_date' user-defined coercion failed with: Error during planning: `wapi_date` takes a date, a timestamp or text, not Int64
    wapi_date('2026-11-23', 'America/NewYork')
        error: Error during planning: there is no time zone `America/NewYork`; did you mean `America/New_York`?
    wapi_date()
        error: Execution error: Function 'wapi_date' user-defined coercion failed with: Error during planning: `wapi_date` is called as `wapi_date(date, timestamp or text[, zone])`
    wapi_datetime('11/23/2026')
        112320260000
    wapi_datetime(now(), 'Asia/Kolkata')
        112320260130
    wapi_datetime(parse_wapi_date('062120121315'))
        062120121315
    parse_wapi_date('01122010')
        2010-01-12T00:00:00
    parse_wapi_date(' 04062012   18:33:49 ')
        2012-04-06T18:33:49
    parse_wapi_date(' ')
        null
    parse_wapi_date('13012010')
        error: Execution error: `13012010` is not MMDDYYYY, with or without HH:MM:SS
    parse_wapi_date('2012-04-06')
        error: Execution error: `2012-04-06` is not MMDDYYYY, with or without HH:MM:SS
    to_utc(parse_wapi_date('04062012 18:33:49'), 'America/New_York')
        2012-04-06T22:33:49Z
    strip_html('a<br>b')
        a
    b
    strip_html('<p> </p>')
        null
    strip_html(null)
        null
    strip_html('a', 'b')
        error: Execution error: Function 'strip_html' user-defined coercion failed with: Error during planning: `strip_html` is called as `strip_html(text)`
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
