//! From the reply to a POST of customers to one answer per row.

use std::borrow::Cow;

use super::{
    answers::{Class, Scope, classify},
    decode::{Body, DecodeError, Item, decode},
    matching::{ItemFor, match_items},
};
use crate::outcome::{RowAnswer, UnitAnswer};

/// What the reply says of the customers `sent`, of whom those marked in `in_doubt_before` were
/// sent before without an answer.
///
/// Where a 207 refuses some rows for a reason that concerns the whole run, those are to be sent
/// again, so that the outcomes of the others are kept; sent alone they then stop the run.
pub fn answer(status: u16, body: &[u8], sent: &[i64], in_doubt_before: &[bool]) -> UnitAnswer {
    debug_assert_eq!(sent.len(), in_doubt_before.len());
    let decoded = decode(body);
    match (status, decoded) {
        (200 | 207 | 400, Ok(Body::Items(items))) => {
            answer_rows(status, &items, sent, in_doubt_before)
        }
        (200..=299, decoded) => UnitAnswer::Doubt { message: unexpected(status, &decoded) },
        (_, decoded) => answer_post(status, &message_of(decoded), sent, in_doubt_before),
    }
}

fn unexpected(status: u16, decoded: &Result<Body<'_>, DecodeError>) -> String {
    match decoded {
        Ok(Body::Message(message)) if !message.is_empty() => format!("HTTP {status}: {message}"),
        Ok(_) => format!("HTTP {status} without an answer to each customer"),
        Err(error) => format!("HTTP {status}: {error}"),
    }
}

pub(super) fn message_of<'a>(decoded: Result<Body<'a>, DecodeError>) -> Cow<'a, str> {
    match decoded {
        Ok(Body::Message(message)) => message,
        Ok(Body::Items(mut items)) if items.len() == 1 => items.swap_remove(0).message,
        Ok(Body::Items(_)) | Err(DecodeError::Empty) => "".into(),
        Err(error) => error.to_string().into(),
    }
}

/// Each row by its own item.
fn answer_rows(
    status: u16,
    items: &[Item<'_>],
    sent: &[i64],
    in_doubt_before: &[bool],
) -> UnitAnswer {
    let matched = match_items(sent, items);
    let anomalies = matched.anomalies;
    let mut stop = None;
    let mut stopped = 0;
    let mut classes = Classes::default();
    let mut rows = Vec::with_capacity(sent.len());
    for (row, found) in matched.rows.iter().enumerate() {
        rows.push(match found {
            ItemFor::Item(index) => {
                let item = &items[*index];
                let class = classes.of(item, in_doubt_before[row]);
                if let Class::Stop { hint } = class {
                    stopped += 1;
                    stop.get_or_insert((told(item.status, &item.message), hint));
                }
                row_answer(class, item.status, &item.message)
            }
            ItemFor::Missing => RowAnswer::Doubt {
                message: format!(
                    "HTTP {status} without an answer to this customer{}",
                    besides(anomalies)
                ),
            },
            ItemFor::Contradiction => RowAnswer::Doubt {
                message: format!("HTTP {status} with answers to this customer that disagree"),
            },
        });
    }
    match stop {
        Some((what, hint)) if stopped == sent.len() => {
            UnitAnswer::Stop { what, hint: hint.to_owned() }
        }
        _ => UnitAnswer::Rows(rows),
    }
}

/// The classes of the answers met in one reply: a few, each met often.
#[derive(Default)]
struct Classes<'a>(Vec<(&'a Item<'a>, bool, Class)>);

/// More different answers than this (messages with values in them) are not worth remembering.
const MOST_REMEMBERED: usize = 8;

impl<'a> Classes<'a> {
    fn of(&mut self, item: &'a Item<'a>, in_doubt: bool) -> Class {
        let met = self.0.iter().find(|(met, was_in_doubt, _)| {
            met.status == item.status && *was_in_doubt == in_doubt && met.message == item.message
        });
        if let Some((_, _, class)) = met {
            return *class;
        }
        let class = classify(Scope::Record, item.status, &item.message, in_doubt);
        if self.0.len() < MOST_REMEMBERED {
            self.0.push((item, in_doubt, class));
        }
        class
    }
}

fn besides(anomalies: usize) -> String {
    match anomalies {
        0 => String::new(),
        1 => ", but with one to a customer that was not sent".to_owned(),
        many => format!(", but with {many} to customers that were not sent"),
    }
}

pub(super) fn row_answer(class: Class, status: u16, message: &str) -> RowAnswer {
    match class {
        Class::Loaded(how) => RowAnswer::loaded(how),
        Class::Refused | Class::Split => {
            let message = match message.trim() {
                "" => format!("HTTP {status}"),
                text => text.to_owned(),
            };
            RowAnswer::Refused { status: status.into(), message }
        }
        Class::Again { .. } | Class::Stop { .. } => {
            RowAnswer::Again { after: None, message: told(status, message) }
        }
        Class::Doubt => RowAnswer::Doubt { message: told(status, message) },
    }
}

/// All rows by one answer.
fn answer_post(status: u16, message: &str, sent: &[i64], in_doubt_before: &[bool]) -> UnitAnswer {
    match classify(Scope::Post, status, message, false) {
        Class::Split if sent.len() > 1 => {
            UnitAnswer::Split { status, message: message.trim().to_owned() }
        }
        // One record alone: the answer to the POST is the answer to the record.
        Class::Split => {
            let in_doubt = in_doubt_before.first().is_some_and(|in_doubt| *in_doubt);
            let class = classify(Scope::Record, status, message, in_doubt);
            UnitAnswer::Rows(sent.iter().map(|_| row_answer(class, status, message)).collect())
        }
        Class::Again { throttled } => {
            UnitAnswer::Again { after: None, throttled, message: told(status, message) }
        }
        Class::Stop { hint } => {
            UnitAnswer::Stop { what: told(status, message), hint: hint.to_owned() }
        }
        // No line of the table of whole POSTs means these two.
        Class::Doubt | Class::Loaded(_) | Class::Refused => {
            UnitAnswer::Doubt { message: told(status, message) }
        }
    }
}

pub(super) fn told(status: u16, message: &str) -> String {
    match message.trim() {
        "" => format!("the server answered HTTP {status}"),
        text => format!("the server answered HTTP {status}: {text}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::outcome::LoadedAs;

    const ADDED: RowAnswer = RowAnswer::Loaded { done: LoadedAs::Added, id: None };

    fn rows(status: u16, body: &str, sent: &[i64]) -> Vec<RowAnswer> {
        match answer(status, body.as_bytes(), sent, &vec![false; sent.len()]) {
            UnitAnswer::Rows(rows) => rows,
            other => panic!("not rows: {other:?}"),
        }
    }

    fn refused(status: u16, message: &str) -> RowAnswer {
        RowAnswer::Refused { status: status.into(), message: message.to_owned() }
    }

    /// campaign:97-146, letter for letter.
    const DOCUMENTED: &str = r#"[
        {"customer-id": 10003629, "schedule-date-time": "2016-08-29T09:00:00.000Z", "http-status": 200},
        {"customer-id": 1000001, "http-status": 200},
        {"customer-id": 10003621, "http-status": 400, "message": "Duplicate customer"},
        {"customer-id": 1000777, "schedule-date-time": "2016-08-29T 09:00:00.000Z", "http-status": 400,
         "message": "Invalid schedule-date-time format - please use ISO 8601 format"},
        {"customer-id": null, "http-status": 400, "message": "Invalid customer-id"},
        {"customer-id": 9, "http-status": 404, "message": "The customer-id has not been found."},
        {"customer-id": 10000, "schedule-date-time": "2016-08-29T09:00:00.000Z", "http-status": 400,
         "message": "The subject schedule-date-time is in the past."},
        {"customer-id": 1000778, "schedule-date-time": "2016-08-29T09:00:00.000Z", "http-status": 400,
         "message": "The subject schedule-date-time is outside the campaign schedule from 2016-08-27T09:00:00.000Z to 2016-08-28T09:00:00.000Z."},
        {"customer-id": 100002, "schedule-date-time": "2016-08-29T09:00:00.000Z", "http-status": 400,
         "message": "The subject schedule-date-time must be within 7 days ahead of a future period."}
    ]"#;

    #[test]
    fn the_documented_reply_answers_each_of_its_rows() {
        let sent = [10003629, 1000001, 10003621, 1000777, -1, 9, 10000, 1000778, 100002];
        let answers = rows(207, DOCUMENTED, &sent);
        assert_eq!(answers[..2], [ADDED, ADDED]);
        assert_eq!(answers[2], refused(400, "Duplicate customer"));
        assert_eq!(answers[4], refused(400, "Invalid customer-id"));
        assert_eq!(answers[5], refused(404, "The customer-id has not been found."));
        assert!(answers[2..].iter().all(|answer| matches!(answer, RowAnswer::Refused { .. })));
        // 200 with the same body is read alike.
        assert_eq!(rows(200, DOCUMENTED, &sent), answers);
    }

    #[test]
    fn a_duplicate_confirms_only_the_row_that_was_in_doubt() {
        let body = br#"[{"customer-id":1,"http-status":400,"message":"Duplicate customer"},
                        {"customer-id":"2","http-status":"400","message":"Duplicated customer."}]"#;
        assert_eq!(
            answer(207, body, &[1, 2], &[true, false]),
            UnitAnswer::Rows(vec![
                RowAnswer::loaded(LoadedAs::ConfirmedOnResume),
                refused(400, "Duplicated customer.")
            ])
        );
    }

    #[test]
    fn a_row_that_the_reply_misses_is_in_doubt() {
        let answers = rows(
            207,
            r#"[{"customer-id":1,"http-status":200},{"customer-id":3,"http-status":200}]"#,
            &[1, 2],
        );
        assert_eq!(answers[0], ADDED);
        assert_eq!(
            answers[1],
            RowAnswer::Doubt {
                message: "HTTP 207 without an answer to this customer, but with one to a customer \
                          that was not sent"
                    .to_owned()
            }
        );
    }

    #[test]
    fn a_run_wide_refusal_of_every_row_stops_and_of_some_keeps_the_others() {
        let stopped = |id: i64| {
            format!(
                r#"{{"customer-id":{id},"http-status":400,"message":"The campaign has stopped. No additional customers can be added."}}"#
            )
        };
        let all = format!("[{},{}]", stopped(1), stopped(2));
        match answer(207, all.as_bytes(), &[1, 2], &[false; 2]) {
            UnitAnswer::Stop { what, hint } => {
                assert!(what.contains("The campaign has stopped."), "{what}");
                assert!(hint.contains("create a new campaign"), "{hint}");
            }
            other => panic!("{other:?}"),
        }
        let some = format!(r#"[{{"customer-id":1,"http-status":200}},{}]"#, stopped(2));
        let answers = rows(207, &some, &[1, 2]);
        assert_eq!(answers[0], ADDED);
        assert!(matches!(answers[1], RowAnswer::Again { .. }));
    }

    #[test]
    fn a_post_refused_because_of_a_part_is_halved_down_to_the_one_that_is_refused() {
        let body = br#"{"message":"The provided customer list is invalid."}"#;
        assert!(matches!(answer(400, body, &[1, 2], &[false; 2]), UnitAnswer::Split { .. }));
        assert_eq!(
            answer(400, body, &[1], &[false]),
            UnitAnswer::Rows(vec![refused(400, "The provided customer list is invalid.")])
        );
        assert!(matches!(answer(413, b"<html>", &[1, 2], &[false; 2]), UnitAnswer::Split { .. }));
        assert!(matches!(&rows(413, "", &[1])[0], RowAnswer::Refused { status: 413, .. }));
        let alone = br#"{"message":"Duplicated customer."}"#;
        assert_eq!(
            answer(400, alone, &[1], &[true]),
            UnitAnswer::Rows(vec![RowAnswer::loaded(LoadedAs::ConfirmedOnResume)])
        );
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_in_doubt_where_it_may_have_been_applied() {
        let sent: &[i64] = &[1, 2];
        for (status, body) in [
            (207, r#"[{"customer-id":1,"http-status":200},"#),
            (207, "<html>"),
            (207, ""),
            (207, "{}"),
            (200, r#"{"message":"OK"}"#),
            (202, "[]"),
            (206, r#"{"message":"The request was sent but the response timed out."}"#),
            (204, ""),
            (500, r#"{"message":"Internal server error"}"#),
            (520, "<html>"),
        ] {
            let answer = answer(status, body.as_bytes(), sent, &[false; 2]);
            assert!(matches!(answer, UnitAnswer::Doubt { .. }), "{status} {body}: {answer:?}");
        }
        // Busy is never applied, whatever the page says.
        for status in [429, 503] {
            assert!(matches!(
                answer(status, b"<html>maintenance", sent, &[false; 2]),
                UnitAnswer::Again { throttled: true, .. }
            ));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer_and_no_row_too_many(
            status in 100..600_u16,
            body in r#"[\[\]{}",:0-9a-z -]{0,120}"#,
            sent in proptest::collection::vec(0..50_i64, 1..5),
        ) {
            if let UnitAnswer::Rows(rows) = answer(status, body.as_bytes(), &sent, &vec![false; sent.len()]) {
                prop_assert_eq!(rows.len(), sent.len());
            }
        }

        #[test]
        fn a_reply_that_is_cut_or_lacks_rows_loads_none_that_it_does_not_name(
            answered in proptest::collection::vec(any::<bool>(), 1..20),
            cut in 0..40_usize,
        ) {
            let sent: Vec<i64> = (0..answered.len() as i64).collect();
            let items: Vec<_> = sent.iter().filter(|id| answered[**id as usize])
                .map(|id| format!(r#"{{"customer-id":{id},"http-status":200}}"#)).collect();
            let whole = format!("[{}]", items.join(","));
            let body = &whole.as_bytes()[..whole.len().saturating_sub(cut)];
            match answer(207, body, &sent, &vec![false; sent.len()]) {
                UnitAnswer::Rows(rows) => {
                    prop_assert_eq!(cut, 0);
                    for (row, answer) in rows.iter().enumerate() {
                        prop_assert_eq!(*answer == ADDED, answered[row]);
                    }
                }
                other => {
                    prop_assert!(cut > 0);
                    let in_doubt = matches!(other, UnitAnswer::Doubt { .. });
                    prop_assert!(in_doubt);
                }
            }
        }
    }
}
