//! The rules between the fields of a row.

use super::*;

/// What is said of a row with these fields, beside all that is mandatory.
fn said(object: Object, action: LoadAction, fields: &[(&str, &str)]) -> Option<String> {
    let rules = plain_rules(object, action);
    let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text.to_owned()])) };
    let given = |rule: &&Rule| fields.iter().any(|(tag, _)| *tag == rule.tag);
    let mandatory = documented(&rules).filter(|rule| rule.is_mandatory() && !given(rule));
    let mut columns: Vec<(&str, ArrayRef)> = mandatory
        .map(|rule| (rule.tag, text(if rule.tag == "AUTOPASSWD" { "True" } else { sound(rule) })))
        .collect();
    columns.extend(fields.iter().map(|(tag, value)| (*tag, text(value))));
    let checked = rules.check(&batch(columns)).unwrap();
    checked.fallen.into_iter().next().map(|fallen| fallen.reason)
}

const NEW: [LoadAction; 2] = [LoadAction::Add, LoadAction::Upsert];
const SENT: [LoadAction; 3] = [LoadAction::Add, LoadAction::Upsert, LoadAction::Modify];

#[track_caller]
fn assert_says(told: Option<String>, words: &str) {
    let told = told.expect("a reason");
    assert!(told.starts_with(words), "{told}");
    assert!(told.contains("(wapi-crm-api: "), "{told}");
}

#[test]
fn a_password_goes_with_autopasswd_false_and_only_with_it() {
    for action in SENT {
        let said = |fields: &[(&str, &str)]| said(Object::Customer, action, fields);
        for no in ["False", "false", "FALSE"] {
            assert_eq!(said(&[("AUTOPASSWD", no), ("PASSWORD", "abc1")]), None);
            let missing = "PASSWORD: missing, where AUTOPASSWD is False";
            assert_says(said(&[("AUTOPASSWD", no)]), missing);
            assert_says(said(&[("AUTOPASSWD", no), ("PASSWORD", "")]), missing);
            assert_says(said(&[("AUTOPASSWD", no), ("PASSWORD", " ")]), missing);
        }
        for yes in ["True", "true"] {
            assert_eq!(said(&[("AUTOPASSWD", yes)]), None);
            assert_eq!(said(&[("AUTOPASSWD", yes), ("PASSWORD", "")]), None);
            let given = "PASSWORD: given, where AUTOPASSWD is True";
            assert_says(said(&[("AUTOPASSWD", yes), ("PASSWORD", "abc1")]), given);
        }
    }
    assert_eq!(said(Object::Customer, LoadAction::Modify, &[("PASSWORD", "abc1")]), None);
}

#[test]
fn status_and_assignedto_go_together() {
    for object in [Object::Case, Object::Followup] {
        for action in NEW {
            let said = |fields: &[(&str, &str)]| said(object, action, fields);
            assert_eq!(said(&[]), None);
            assert_eq!(said(&[("STATUS", "Unassigned")]), None);
            assert_eq!(said(&[("STATUS", "Open"), ("ASSIGNEDTO", "u1")]), None);
            assert_eq!(said(&[("STATUS", "Closed"), ("ASSIGNEDTO", "u1")]), None);
            assert_eq!(said(&[("STATUS", "Closed")]), None);
            let unassigned = said(&[("STATUS", "Unassigned"), ("ASSIGNEDTO", "u1")]);
            assert_says(unassigned, "ASSIGNEDTO: given, where STATUS is Unassigned");
            assert_says(said(&[("ASSIGNEDTO", "u1")]), "ASSIGNEDTO: given without STATUS");
            assert_says(said(&[("STATUS", ""), ("ASSIGNEDTO", "u1")]), "ASSIGNEDTO: given without");
            let open = "ASSIGNEDTO: missing, where STATUS is Open";
            assert_says(said(&[("STATUS", "Open")]), open);
            assert_says(said(&[("STATUS", "Open"), ("ASSIGNEDTO", "")]), open);
        }
    }
    // The record may have the other one already.
    let said = |fields: &[(&str, &str)]| said(Object::Case, LoadAction::Modify, fields);
    assert_eq!(said(&[("ASSIGNEDTO", "u1")]), None);
    assert_eq!(said(&[("STATUS", "Open")]), None);
    let unassigned = said(&[("STATUS", "Unassigned"), ("ASSIGNEDTO", "u1")]);
    assert_says(unassigned, "ASSIGNEDTO: given, where STATUS is Unassigned");
}

#[test]
fn a_task_is_assigned_with_its_status() {
    for action in NEW {
        let said = |fields: &[(&str, &str)]| said(Object::Task, action, fields);
        assert_eq!(said(&[("TASK_STATUS", "New")]), None);
        assert_eq!(said(&[("ASSIGNEDTO", "u1"), ("TASK_STATUS", "New")]), None);
        assert_says(said(&[("ASSIGNEDTO", "u1")]), "ASSIGNEDTO: given without TASK_STATUS");
    }
    assert_eq!(said(Object::Task, LoadAction::Modify, &[("ASSIGNEDTO", "u1")]), None);
}

#[test]
fn a_reminder_needs_a_due_date() {
    for action in SENT {
        let said = |fields: &[(&str, &str)]| said(Object::Task, action, fields);
        assert_eq!(said(&[("REMINDER", "Y"), ("DUEDATE", "062120121315")]), None);
        assert_eq!(said(&[("DUEDATE", "062120121315")]), None);
        assert_says(said(&[("REMINDER", "Y")]), "REMINDER: given without DUEDATE");
        assert_says(said(&[("REMINDER", "N"), ("DUEDATE", "")]), "REMINDER: given without DUEDATE");
    }
}

#[test]
fn a_row_is_judged_by_its_own_fields() {
    let rules = plain_rules(Object::Case, LoadAction::Add);
    let text =
        |values: [Option<&str>; 3]| -> ArrayRef { Arc::new(StringArray::from(values.to_vec())) };
    let batch = batch(vec![
        ("ACCOUNTNUM", text([Some("1"); 3])),
        ("SUBJECT", text([Some("s"); 3])),
        ("DESCRIPTION", text([Some("d"); 3])),
        ("STATUS", text([None, Some("Open"), Some("Unassigned")])),
        ("ASSIGNEDTO", text([Some("u1"), Some("u1"), Some("u1")])),
    ]);
    let checked = rules.check(&batch).unwrap();
    assert_eq!(checked.batch.picks, [1]);
    let told: Vec<(u32, &str)> =
        checked.fallen.iter().map(|fallen| (fallen.pick, fallen.reason.as_str())).collect();
    insta::assert_debug_snapshot!(told, @r#"
    [
        (
            0,
            "ASSIGNEDTO: given without STATUS (wapi-crm-api: Add Case)",
        ),
        (
            2,
            "ASSIGNEDTO: given, where STATUS is Unassigned (wapi-crm-api: Add Case)",
        ),
    ]
    "#);
}
