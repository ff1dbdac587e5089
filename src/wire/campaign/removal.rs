//! From the reply to a DELETE of one customer to an answer.

use super::{
    answer::{message_of, row_answer, told},
    answers::{Class, Scope, classify},
    decode::{DecodeError, decode},
};
use crate::outcome::UnitAnswer;

/// What the reply says of the customer, who was perhaps taken out before without an answer.
pub fn removal_answer(status: u16, body: &[u8], in_doubt_before: bool) -> UnitAnswer {
    let decoded = decode(body);
    // "The success response code is HTTP 204 (No Content)" (campaign:278): a page is no success.
    if let (200..=299, Err(error)) = (status, &decoded)
        && !matches!(error, DecodeError::Empty)
    {
        return UnitAnswer::Doubt { message: format!("HTTP {status}: {error}") };
    }
    let mut message = message_of(decoded);
    // What a 404 without a word means here (field-notes, Campaign records: "404 not in the campaign").
    if status == 404 && message.trim().is_empty() {
        message = "HTTP 404: the customer is not in the campaign".into();
    }
    match classify(Scope::Delete, status, &message, in_doubt_before) {
        Class::Again { throttled } => {
            UnitAnswer::Again { after: None, throttled, message: told(status, &message) }
        }
        Class::Stop { hint } => {
            UnitAnswer::Stop { what: told(status, &message), hint: hint.to_owned() }
        }
        Class::Doubt => UnitAnswer::Doubt { message: told(status, &message) },
        class @ (Class::Loaded(_) | Class::Refused | Class::Split) => {
            UnitAnswer::Rows(vec![row_answer(class, status, &message)])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{LoadedAs, RowAnswer};

    fn answer(status: u16, message: &str, doubt: bool) -> UnitAnswer {
        let body = match message {
            "" => String::new(),
            text => serde_json::json!({ "message": text }).to_string(),
        };
        removal_answer(status, body.as_bytes(), doubt)
    }

    fn loaded(how: LoadedAs) -> UnitAnswer {
        UnitAnswer::Rows(vec![RowAnswer::loaded(how)])
    }

    fn refused(status: i32, message: &str) -> UnitAnswer {
        UnitAnswer::Rows(vec![RowAnswer::Refused { status, message: message.to_owned() }])
    }

    #[test]
    fn a_204_takes_out_and_a_404_means_so_only_after_a_lost_answer() {
        assert_eq!(answer(204, "", false), loaded(LoadedAs::Removed));
        assert_eq!(answer(204, "", true), loaded(LoadedAs::Removed));
        let missing = "The customer-id has not been found.";
        assert_eq!(answer(404, missing, false), refused(404, missing));
        assert_eq!(answer(404, missing, true), loaded(LoadedAs::ConfirmedOnResume));
        assert_eq!(answer(404, "", true), loaded(LoadedAs::ConfirmedOnResume));
        assert_eq!(
            answer(404, "", false),
            refused(404, "HTTP 404: the customer is not in the campaign")
        );
        assert_eq!(answer(409, "", false), refused(409, "HTTP 409"));
        let state = "Only New, Queued and Scheduled records can be deleted.";
        assert_eq!(answer(400, state, true), refused(400, state));
    }

    #[test]
    fn what_concerns_the_whole_campaign_stops_the_run() {
        for (status, message) in [
            (400, "The campaign has stopped. No customers can be deleted."),
            (400, "This is not a dynamic campaign."),
            (400, "This campaign is not enabled."),
            (404, "The campaign-id has not been found."),
            (401, "Unauthorized"),
            (403, ""),
            (405, ""),
            (302, ""),
        ] {
            for doubt in [false, true] {
                let answer = answer(status, message, doubt);
                assert!(
                    matches!(answer, UnitAnswer::Stop { .. }),
                    "{status} {message}: {answer:?}"
                );
            }
        }
    }

    #[test]
    fn what_may_have_been_done_is_in_doubt() {
        for status in [206, 408, 500, 502, 0] {
            assert!(matches!(answer(status, "", false), UnitAnswer::Doubt { .. }), "{status}");
        }
        for status in [429, 503] {
            assert!(matches!(answer(status, "", false), UnitAnswer::Again { .. }), "{status}");
        }
        let page = removal_answer(200, b"<html>sign in</html>", false);
        assert!(matches!(page, UnitAnswer::Doubt { .. }), "{page:?}");
    }
}
