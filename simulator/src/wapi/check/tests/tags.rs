//! Which tags there are.

use super::*;

#[test]
fn what_is_mandatory_is_missed() {
    let rows: [(Object, Action, &[&str]); 14] = [
        (Customer, Add, &["FIRSTNAME", "LASTNAME"]),
        (Case, Add, &["ACCOUNTNUM", "SUBJECT", "DESCRIPTION"]),
        (Followup, Add, &["CASENUM", "SUBJECT", "DESCRIPTION"]),
        (Followup, Get, &["CASENUM"]),
        (Followup, Delete, &["CASENUM", "FOLLOWUPNUM"]),
        (FaqCategory, Modify, &["FAQCATID", "FAQCATEGORY"]),
        (Faq, Add, &["FAQCATID", "QUESTION", "ANSWER"]),
        (Customer, Modify, &["ACCOUNTNUM"]),
        (Case, Modify, &["CASENUM"]),
        (Task, Add, &["ACCOUNTNUM"]),
        (Task, Modify, &["TASKNUM"]),
        (Faq, Modify, &["FAQID"]),
        (FaqCategory, Add, &["FAQCATEGORY"]),
        (Faq, Delete, &["FAQID"]),
    ];
    for (object, action, mandatory) in rows {
        for tag in mandatory {
            let mut tags = least(object, action);
            tags.retain(|(other, _)| other != tag);
            // Another tag, so that there is one.
            match (object, action) {
                (Customer, Modify) => tags.push(("FIRSTNAME", "B")),
                (Case | Task, Add | Modify) if tags.is_empty() => tags.push(("MEDIATYPE", "Phone")),
                (Faq, Modify) | (FaqCategory, Add) => tags.push(("PRIVATE", "N")),
                _ => {}
            }
            let missing = if tags.is_empty() && action != Get { 12 } else { 32 };
            assert_eq!(exactly(object, action, &tags), missing, "{object} {action} {tag}");
            assert_eq!(with(object, action, &[(tag, "")]), 32, "{object} {action} {tag}");
        }
    }
}

#[test]
fn none_of_several_mandatory_tags_is_told_as_such() {
    assert_eq!(exactly(Customer, Add, &[("COMPANY", "M")]), 13);
    assert_eq!(exactly(Faq, Add, &[("PRIVATE", "Y")]), 13);
    assert_eq!(exactly(FaqCategory, Modify, &[("PRIVATE", "Y")]), 13);
    assert_eq!(exactly(Customer, Add, &[("FIRSTNAME", "")]), 32);
}

#[test]
fn changes_have_tags_and_searches_need_not() {
    for object in [Customer, Case, Followup, Task, FaqCategory, Faq] {
        for action in [Add, Modify, Delete] {
            let number = match (object, action) {
                (Followup, Modify) => 1,
                (FaqCategory, Delete) => 7,
                _ => 12,
            };
            assert_eq!(exactly(object, action, &[]), number, "{object} {action}");
        }
    }
    for (object, number) in
        [(Customer, 0), (Case, 0), (Task, 0), (FaqCategory, 0), (Faq, 13), (Followup, 32)]
    {
        assert_eq!(exactly(object, Get, &[]), number, "{object}");
    }
}

#[test]
fn autopasswd_and_faqcatid_and_name_have_messages_of_their_own() {
    assert_eq!(exactly(Customer, Add, &[("FIRSTNAME", "B"), ("LASTNAME", "G")]), 28);
    assert_eq!(with(Customer, Add, &[("AUTOPASSWD", "")]), 32);
    assert_eq!(exactly(FaqCategory, Delete, &[("FAQCATID", "")]), 7);
    assert_eq!(exactly(Object::CustomField, Get, &[]), 10);
    assert_eq!(exactly(Object::CustomField, Get, &[("NAME", "")]), 32);
    assert_eq!(exactly(Object::CustomField, Get, &[("CUSTOMFIELD", "x")]), 35);
}

#[test]
fn an_empty_optional_tag_is_refused_or_ignored() {
    let lenient = WapiSettings { empty_optional_lenient: true, ..WapiSettings::default() };
    for (object, action, tag) in [
        (Customer, Add, "EMAIL"),
        (Customer, Add, "PASSWORD"),
        (Customer, Modify, "ADDR1COUNTRY"),
        (Case, Add, "STATUS"),
        (Case, Modify, "ASSIGNEDTO"),
        (Case, Get, "FROMDATE"),
        (Task, Modify, "DUEDATE"),
        (Task, Add, "CF_PICK"),
        (Faq, Add, "LANGUAGE"),
    ] {
        assert_eq!(with(object, action, &[(tag, "")]), 32, "{object} {action} {tag}");
        let judged = with_under(&lenient, object, action, &[(tag, "")]);
        assert_eq!(judged, 0, "{object} {action} {tag}");
    }
    assert_eq!(with_under(&lenient, Customer, Add, &[("FIRSTNAME", "")]), 32);
    assert_eq!(exactly_under(&lenient, Faq, Get, &[("STRING", "")]), 13);
}

#[test]
fn tags_that_an_action_does_not_have_are_refused() {
    for (object, action, tag) in [
        (Customer, Add, "ACCOUNTNUM"),
        (Customer, Add, "ADDR1STR3"),
        (Customer, Add, "AUTOPASSWORD"),
        (Customer, Get, "ALTERNATIVE"),
        (Customer, Get, "FAX"),
        (Customer, Get, "COMMENTS"),
        (Customer, Get, "ADDR1CITY"),
        (Customer, Get, "PASSWORD"),
        (Case, Add, "CASENUM"),
        (Case, Add, "MEDIA_TYPE"),
        (Case, Modify, "PROJECT"),
        (Case, Modify, "TASKNUM"),
        (Case, Get, "DESCRIPTION"),
        (Followup, Add, "MEDIA_TYPE"),
        (Followup, Get, "SUBJECT"),
        (Task, Add, "STATUS"),
        (Task, Add, "CREATEDBY"),
        (Task, Modify, "STATUS"),
        (Task, Modify, "ACCOUNTNUM"),
        (Task, Get, "STATUS"),
        (Task, Get, "DUEDATE"),
        (Task, Get, "CAMPAGINNAME"),
        (FaqCategory, Get, "FAQCATID"),
        (Faq, Modify, "LANGUAGE"),
        (Faq, Modify, "FAQCATID"),
        (Faq, Get, "QUESTION"),
        (Object::Country, List, "COUNTRY"),
    ] {
        assert_eq!(with(object, action, &[(tag, "x")]), 35, "{object} {action} {tag}");
    }
}

#[test]
fn an_unknown_tag_is_told_before_a_missing_one() {
    assert_eq!(exactly(Case, Modify, &[("TASKNUM", "170")]), 35);
    let problem = check(&command(Task, Delete, &[("TASK", "170")]), &Fake::default()).unwrap_err();
    assert_eq!(problem.text(), "The tag 'TASK' is not a valid tag for the 'DELETE' on the 'TASK'");
}

#[test]
fn a_task_is_deleted_by_its_other_tag_where_the_switch_is_on() {
    let rules = WapiSettings { delete_task_lenient: true, ..WapiSettings::default() };
    assert_eq!(exactly_under(&rules, Task, Delete, &[("TASK", "170")]), 0);
    assert_eq!(exactly_under(&rules, Task, Delete, &[("TASK", "171")]), 42);
    assert_eq!(exactly_under(&rules, Task, Modify, &[("TASK", "170")]), 35);
}

#[test]
fn a_change_repeats_no_tag() {
    for (object, action) in [(Customer, Add), (Case, Modify), (Followup, Delete), (Task, Modify)] {
        let tags = least(object, action);
        for tag in &tags {
            let twice = [tags.as_slice(), &[*tag]].concat();
            assert_eq!(exactly(object, action, &twice), 5, "{object} {action} {tag:?}");
        }
    }
    assert_eq!(with(Customer, Modify, &[("CF_TEXT", "a"), ("CF_TEXT", "b")]), 5);
    assert_eq!(with(Case, Modify, &[("ASSIGNEDTO", "jsmith"), ("ASSIGNEDTO", "101")]), 5);
}

#[test]
fn a_search_repeats_the_tags_of_the_guide_only() {
    let repeatable: [(Object, &[(&str, &str)]); 2] = [
        (
            Case,
            &[
                ("CREATEDBY", "jsmith"),
                ("ASSIGNEDTO", "jsmith"),
                ("STATUS", "Open"),
                ("CATEGORY", "Gold"),
                ("PRIORITY", "High"),
                ("SEVERITY", "Information"),
                ("PROJECT", "Default"),
            ],
        ),
        (
            Task,
            &[
                ("CREATEDBY", "jsmith"),
                ("ASSIGNEDTO", "jsmith"),
                ("TASK_STATUS", "New"),
                ("CALL_TYPE", "DAA"),
                ("MEDIATYPE", "Phone"),
            ],
        ),
    ];
    for (object, tags) in repeatable {
        for tag in tags {
            assert_eq!(with(object, Get, &[*tag, *tag, *tag]), 0, "{object} {tag:?}");
        }
    }
    for object in [Customer, Case, Followup, Task, Faq, Object::CustomField] {
        let repeatable = repeatable.iter().find(|(other, _)| *other == object);
        for field in fields::table(object, Get).unwrap().fields {
            let repeats =
                repeatable.is_some_and(|(_, tags)| tags.iter().any(|(tag, _)| *tag == field.tag));
            if !repeats {
                let twice = [(field.tag, "1"), (field.tag, "2")];
                assert_eq!(with(object, Get, &twice), 5, "{object} {}", field.tag);
            }
        }
    }
    assert_eq!(with(Case, Get, &[("CF_PICK", "one"), ("CF_PICK", "two")]), 5);
}

#[test]
fn a_tasks_media_type_has_two_spellings_and_one_value() {
    for action in [Add, Modify, Get] {
        for (other, number) in [("Phone", 0), ("Email", 5)] {
            let tags = [("MEDIA_TYPE", "Phone"), ("MEDIATYPE", other)];
            assert_eq!(with(Task, action, &tags), number, "{action} {other}");
        }
    }
}

#[test]
fn deleting_is_no_action_where_it_is_not_allowed() {
    let rules = WapiSettings { delete_allowed: false, ..WapiSettings::default() };
    for object in [Customer, Case, Followup, Task, FaqCategory, Faq] {
        assert_eq!(with_under(&rules, object, Delete, &[]), 1, "{object}");
        assert_eq!(with_under(&rules, object, Add, &[]), 0, "{object}");
    }
    let problem = check(&command(Case, Delete, &[("CASENUM", "1001")]), &Fake { rules });
    let text = problem.unwrap_err().text();
    assert_eq!(text, "Action 'DELETE' Not Valid for the Object 'CASE'");
}
