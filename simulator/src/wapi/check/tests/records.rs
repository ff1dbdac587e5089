//! Records that a change names or touches.

use super::*;

#[test]
fn a_change_names_records_that_are_there() {
    for (object, action, tag, number) in [
        (Customer, Modify, "ACCOUNTNUM", 42),
        (Customer, Delete, "ACCOUNTNUM", 42),
        (Case, Add, "ACCOUNTNUM", 42),
        (Case, Modify, "CASENUM", 33),
        (Case, Delete, "CASENUM", 33),
        (Followup, Add, "CASENUM", 33),
        (Followup, Delete, "CASENUM", 33),
        (Followup, Delete, "FOLLOWUPNUM", 42),
        (Task, Add, "ACCOUNTNUM", 42),
        (Task, Modify, "TASKNUM", 42),
        (Task, Delete, "TASKNUM", 42),
        (FaqCategory, Modify, "FAQCATID", 42),
        (FaqCategory, Delete, "FAQCATID", 42),
        (Faq, Add, "FAQCATID", 42),
        (Faq, Modify, "FAQID", 42),
        (Faq, Delete, "FAQID", 42),
    ] {
        for value in ["99", "x1", "-1", " ", "1%"] {
            let judged = with(object, action, &[(tag, value)]);
            assert_eq!(judged, number, "{object} {action} {tag} {value:?}");
        }
    }
}

#[test]
fn a_followup_is_one_of_its_case() {
    assert_eq!(exactly(Followup, Delete, &[("FOLLOWUPNUM", "4"), ("CASENUM", "1002")]), 0);
    assert_eq!(exactly(Followup, Delete, &[("CASENUM", "1001"), ("FOLLOWUPNUM", "4")]), 42);
}

#[test]
fn a_search_names_what_could_be_there() {
    for (object, tag, number) in [
        (Customer, "ACCOUNTNUM", 42),
        (Case, "CASENUM", 33),
        (Case, "ACCOUNTNUM", 42),
        (Followup, "CASENUM", 33),
        (Task, "TASKNUM", 42),
        (Task, "ACCOUNTNUM", 42),
        (Faq, "FAQCATID", 42),
    ] {
        assert_eq!(with(object, Get, &[(tag, "67890")]), 0, "{object} {tag}");
        assert_eq!(with(object, Get, &[(tag, "x")]), number, "{object} {tag}");
    }
}

#[test]
fn addresses_and_shortcuts_and_unique_fields_are_one_records() {
    let email = ("EMAIL", "bill@ms.example");
    assert_eq!(with(Customer, Add, &[email]), 6);
    assert_eq!(with(Customer, Modify, &[email]), 6);
    assert_eq!(with(Customer, Modify, &[("ACCOUNTNUM", "10000002"), email]), 0);
    assert_eq!(with(Customer, Get, &[email]), 0);
    assert_eq!(with(Customer, Add, &[("EMAIL", "other@ms.example")]), 0);
    assert_eq!(with(Task, Add, &[email]), 0);
    let shortcut = ("SHORTCUT", "Jettype1");
    assert_eq!(with(Faq, Add, &[shortcut]), 6);
    assert_eq!(with(Faq, Modify, &[shortcut]), 6);
    assert_eq!(with(Faq, Modify, &[("FAQID", "2"), shortcut]), 0);
    let unique = ("CF_UNIQUE", "used");
    assert_eq!(with(Customer, Add, &[unique]), 6);
    assert_eq!(with(Customer, Modify, &[("ACCOUNTNUM", "10000002"), unique]), 0);
    assert_eq!(with(Task, Modify, &[unique]), 6);
    assert_eq!(with(Case, Add, &[unique]), 0);
}

#[test]
fn the_number_of_a_duplicate_is_known_of_added_customers_only() {
    let email = ("EMAIL", "bill@ms.example");
    let judge = |object, action, tag| {
        let tags = [least(object, action).as_slice(), &[tag]].concat();
        check(&command(object, action, &tags), &Fake::default()).unwrap_err()
    };
    let problem = judge(Customer, Add, email);
    assert_eq!(problem.error_code(), 81);
    assert_eq!(problem.text(), "Duplicate value 'bill@ms.example' of 'EMAIL'");
    assert_eq!(judge(Customer, Modify, email).error_code(), -1);
    assert_eq!(judge(Customer, Add, ("CF_UNIQUE", "used")).error_code(), -1);
    assert_eq!(judge(Faq, Add, ("SHORTCUT", "Jettype1")).error_code(), -1);
}

#[test]
fn the_description_of_an_email_case_stays() {
    let case = ("CASENUM", "1003");
    assert_eq!(with(Case, Modify, &[case, ("DESCRIPTION", "d")]), 4);
    assert_eq!(with(Case, Modify, &[case, ("SUBJECT", "s")]), 0);
    assert_eq!(with(Case, Modify, &[("DESCRIPTION", "d")]), 0);
    assert_eq!(with(Followup, Add, &[case]), 0);
}

#[test]
fn a_category_with_faqs_stays() {
    assert_eq!(with(FaqCategory, Delete, &[("FAQCATID", "1")]), 8);
    assert_eq!(with(FaqCategory, Delete, &[("FAQCATID", "2")]), 0);
    assert_eq!(with(FaqCategory, Modify, &[("FAQCATID", "1")]), 0);
}
