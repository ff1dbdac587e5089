//! Every status, code and message with every action.

use super::*;
use crate::wire::wapi::messages::tests::PRINTED;

const ACTIONS: [Action; 4] = [Action::Add, Action::Modify, Action::Get, Action::Delete];

fn answer(status: Status, error_code: Option<i64>, message: &str) -> Answer {
    Answer { status, error_code, message: message.to_owned() }
}

/// What a failure means for each action on cases: add, modify, get, delete.
fn meanings(error_code: Option<i64>, message: &str) -> [Meaning; 4] {
    let answer = answer(Status::Failed, error_code, message);
    ACTIONS.map(|action| classify(Object::Case, action, &answer))
}

#[test]
fn each_status_means_the_same_for_every_object() {
    use Meaning::{Again, Done, Refused, Unknown};
    let cases = [
        (Status::Success, [Done; 4]),
        (Status::Failed, [Refused; 4]),
        (Status::BadXml, [Refused; 4]),
        (Status::Login, [LOGIN; 4]),
        (Status::InvalidOperation, [OPERATION, OPERATION, OPERATION, Refused]),
        (Status::Permission, [RIGHT; 4]),
        (Status::Internal, [Unknown, Unknown, Again, Unknown]),
        (Status::Unavailable, [Unknown, Unknown, Again, Unknown]),
        (Status::Other("42".to_owned()), [Unknown; 4]),
        (Status::Other(String::new()), [Unknown; 4]),
    ];
    for (status, meanings) in cases {
        for object in [Object::Customer, Object::Followup, Object::Faq, Object::CustomField] {
            for (action, meaning) in ACTIONS.into_iter().zip(meanings) {
                // Neither the code nor the message changes what another status says.
                for (code, message) in [(None, ""), (Some(0), ""), (Some(9), "Something else")] {
                    let answer = answer(status.clone(), code, message);
                    assert_eq!(classify(object, action, &answer), meaning, "{action} {answer}");
                }
            }
        }
    }
    let odd = answer(Status::Unavailable, Some(81), "Duplicate value 'a' of 'EMAIL'");
    assert_eq!(classify(Object::Customer, Action::Add, &odd), Unknown);
}

#[test]
fn each_message_of_the_guide_is_classified() {
    use Meaning::{Again, Duplicate, NotThere, Refused, Unknown};
    for (number, _, printed) in PRINTED {
        let expected = match number {
            1 | 2 | 3 | 16 | 17 | 18 => {
                [NO_SUCH_COMMAND, NO_SUCH_COMMAND, NO_SUCH_COMMAND, Refused]
            }
            6 => [Duplicate; 4],
            11 => [Unknown, Unknown, Again, Unknown],
            33 => [Refused, NotThere, NotThere, NotThere],
            _ => [Refused; 4],
        };
        assert_eq!(meanings(Some(-1), printed), expected, "E{number:02} {printed}");
    }
}

#[test]
fn each_known_code_is_classified_whatever_the_message() {
    for code in [1, 2, 3, 4, 5, 6, 7, 8] {
        assert_eq!(meanings(Some(code), "in other words"), [Meaning::Refused; 4], "{code}");
    }
    assert_eq!(meanings(Some(81), "in other words"), [Meaning::Duplicate; 4]);
    assert_eq!(meanings(Some(40), "a new refusal"), [Meaning::Refused; 4]);
}

#[test]
fn a_key_that_is_not_valid_is_a_record_that_is_not_there() {
    use Meaning::{NotThere, Refused};
    let gone = [Refused, NotThere, NotThere, NotThere];
    for message in [
        "The value '99' of the alias 'CASENUM' is not valid",
        "The value ‘99' for the tag ‘casenum' is not valid",
        "The value = '99' of the tag ‘CASENUM' is not valid",
        "Case 99 not found",
    ] {
        assert_eq!(meanings(None, message), gone, "{message}");
    }
    assert_eq!(meanings(Some(5), "The value '99' of the alias 'CASENUM' is not valid"), gone);
    // The customer of a case is another record than the case.
    let other = "The value '99' of the alias 'ACCOUNTNUM' is not valid";
    assert_eq!(meanings(Some(5), other), [Refused; 4]);
    let value = answer(Status::Failed, None, other);
    assert_eq!(classify(Object::Customer, Action::Modify, &value), NotThere);
}

#[test]
fn each_http_status_is_classified() {
    use Meaning::{Again, Refused, Unknown};
    let cases = [
        (429, Again, Again),
        (401, NO_ACCESS, NO_ACCESS),
        (403, NO_ACCESS, NO_ACCESS),
        (404, WRONG_HOST, WRONG_HOST),
        (301, WRONG_HOST, WRONG_HOST),
        (405, NOT_THIS_API, NOT_THIS_API),
        (400, Refused, Refused),
        (413, Refused, Refused),
        (408, Unknown, Again),
        (500, Unknown, Again),
        (503, Unknown, Again),
        (522, Unknown, Again),
        (100, Unknown, Again),
    ];
    for (status, change, get) in cases {
        assert_eq!(classify_http(Action::Add, status), Some(change), "{status}");
        assert_eq!(classify_http(Action::Delete, status), Some(change), "{status}");
        assert_eq!(classify_http(Action::Get, status), Some(get), "{status}");
    }
    assert_eq!(classify_http(Action::Add, 200), None);
    assert_eq!(classify_http(Action::Add, 206), None);
}

#[test]
fn a_body_that_cannot_be_read_leaves_a_change_in_doubt() {
    let page = DecodeError::Html { title: "Maintenance".to_owned() };
    let cut = DecodeError::Truncated { bytes: 7 };
    let large = DecodeError::TooLarge { bytes: 2, most: 1 };
    for action in [Action::Add, Action::Modify, Action::Delete] {
        for error in [&page, &cut, &large, &DecodeError::Doctype] {
            assert_eq!(classify_unreadable(action, error), Meaning::Unknown);
        }
    }
    assert_eq!(classify_unreadable(Action::Get, &page), Meaning::Again);
    assert_eq!(classify_unreadable(Action::Get, &cut), Meaning::Again);
    assert_eq!(classify_unreadable(Action::Get, &large), Meaning::Refused);
}

#[test]
fn no_line_of_a_table_is_hidden_by_one_before_it() {
    for (number, line) in ANSWERS.iter().enumerate() {
        let actions = if line.actions.is_empty() { &ACTIONS } else { line.actions };
        let families = line.families.iter().copied().map(Some).chain([None]);
        let status = match line.status {
            "other" => Status::Other("42".to_owned()),
            number => Status::of(number),
        };
        let reached = families.flat_map(|family| actions.iter().map(move |a| (family, *a))).any(
            |(family, action)| {
                let fits = |l: &Known| l.fits(action, &status, family, line.about_key);
                ANSWERS.iter().position(fits) == Some(number)
            },
        );
        assert!(reached, "line {number}: {line:?}");
    }
    for (number, line) in HTTP_ANSWERS.iter().enumerate() {
        let fits = |l: &KnownHttp, s: &u16| (l.statuses.0..=l.statuses.1).contains(s);
        let reached = (line.statuses.0..=line.statuses.1)
            .any(|status| HTTP_ANSWERS.iter().position(|l| fits(l, &status)) == Some(number));
        assert!(reached, "line {number}: {line:?}");
    }
}

#[test]
fn hints_say_what_to_do() {
    let login = hint(&answer(Status::Login, None, "Invalid login")).unwrap();
    for word in ["tenant", "username", "password", "cluster"] {
        assert!(login.contains(word), "{login}");
    }
    assert!(hint(&answer(Status::Permission, None, "")).unwrap().contains("Access Rights"));
    assert!(hint(&answer(Status::InvalidOperation, None, "")).is_some());
    let deleted = "The STATUS of the tag 'CF01' is 'DEL'. No action allowed on this tag";
    assert!(hint(&answer(Status::Failed, None, deleted)).unwrap().contains("custom field"));
    assert_eq!(hint(&answer(Status::Failed, None, "Something else")), None);
    assert_eq!(hint(&answer(Status::Success, None, "")), None);
}
