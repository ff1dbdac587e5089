//! Values that must agree.

use super::*;

const ME: (&str, &str) = ("ASSIGNEDTO", "jsmith");
const NOBODY: (&str, &str) = ("ASSIGNEDTO", "");
const UNA: (&str, &str) = ("STATUS", "Unassigned");
const OPN: (&str, &str) = ("STATUS", "Open");
const OTHER: (&str, &str) = ("STATUS", "Pending");
const OF_ASSIGNED: (&str, &str) = ("CASENUM", "1002");

#[test]
fn the_status_of_a_new_case_fits_its_assignee() {
    let rows: [(&[(&str, &str)], usize); 11] = [
        (&[], 0),
        (&[UNA], 0),
        (&[OPN], 26),
        (&[OTHER], 0),
        (&[ME], 20),
        (&[ME, UNA], 21),
        (&[ME, OPN], 0),
        (&[ME, OTHER], 0),
        (&[NOBODY, OPN], 23),
        (&[NOBODY, OTHER], 32),
        (&[("ASSIGNEDTO", "gone1"), OPN], 37),
    ];
    for (tags, number) in rows {
        assert_eq!(with(Case, Add, tags), number, "{tags:?}");
    }
}

#[test]
fn the_status_of_a_case_fits_its_assignee() {
    let rows: [(&Tags, usize, usize); 9] = [
        (&[], 0, 0),
        (&[UNA], 0, 25),
        (&[OPN], 24, 0),
        (&[OTHER], 0, 0),
        (&[ME], 20, 20),
        (&[ME, UNA], 21, 21),
        (&[ME, OPN], 0, 0),
        (&[ME, OTHER], 0, 0),
        (&[NOBODY, OPN], 23, 23),
    ];
    for (tags, of_unassigned, of_assigned) in rows {
        assert_eq!(with(Case, Modify, tags), of_unassigned, "{tags:?}");
        let tags = [&[OF_ASSIGNED], tags].concat();
        assert_eq!(with(Case, Modify, &tags), of_assigned, "{tags:?}");
    }
}

#[test]
fn the_status_of_a_followup_fits_its_assignee() {
    let rows: [(&Tags, usize, usize); 9] = [
        (&[], 0, 0),
        (&[UNA], 0, 27),
        (&[OPN], 0, 0),
        (&[OTHER], 0, 0),
        (&[ME], 20, 20),
        (&[ME, UNA], 22, 22),
        (&[ME, OPN], 0, 0),
        (&[ME, OTHER], 0, 0),
        (&[NOBODY, OPN], 23, 23),
    ];
    for (tags, of_unassigned, of_assigned) in rows {
        assert_eq!(with(Followup, Add, tags), of_unassigned, "{tags:?}");
        let tags = [&[OF_ASSIGNED], tags].concat();
        assert_eq!(with(Followup, Add, &tags), of_assigned, "{tags:?}");
    }
}

#[test]
fn a_search_wants_no_status_beside_an_assignee() {
    for object in [Case, Task] {
        assert_eq!(with(object, Get, &[ME]), 0, "{object}");
    }
    assert_eq!(with(Case, Get, &[ME, UNA]), 0);
    assert_eq!(with(Case, Get, &[OPN]), 0);
}

#[test]
fn an_empty_assignee_that_is_ignored_is_none() {
    let rules = WapiSettings { empty_optional_lenient: true, ..WapiSettings::default() };
    assert_eq!(with_under(&rules, Case, Add, &[NOBODY, OTHER]), 0);
    assert_eq!(with_under(&rules, Case, Add, &[NOBODY, OPN]), 23);
    assert_eq!(with_under(&rules, Case, Modify, &[OF_ASSIGNED, NOBODY, UNA]), 25);
}

#[test]
fn a_task_that_is_assigned_has_a_task_status() {
    for action in [Add, Modify] {
        assert_eq!(with(Task, action, &[ME]), 20, "{action}");
        assert_eq!(with(Task, action, &[ME, ("TASK_STATUS", "New")]), 0, "{action}");
        assert_eq!(with(Task, action, &[("TASK_STATUS", "New")]), 0, "{action}");
    }
}

#[test]
fn a_reminder_has_a_due_date() {
    for action in [Add, Modify] {
        for value in ["Y", "N"] {
            assert_eq!(with(Task, action, &[("REMINDER", value)]), 10, "{action} {value}");
            let due = [("REMINDER", value), ("DUEDATE", "062120121315")];
            assert_eq!(with(Task, action, &due), 0, "{action} {value}");
        }
    }
    assert_eq!(with(Task, Get, &[("REMINDER", "Y")]), 10);
    for tag in ["FROMDUEDATE", "TODUEDATE"] {
        assert_eq!(with(Task, Get, &[("REMINDER", "Y"), (tag, "06212012")]), 0, "{tag}");
    }
}

#[test]
fn a_password_is_given_or_made_but_not_both() {
    let password = ("PASSWORD", "bill123");
    for action in [Add, Modify] {
        for value in ["True", "TRUE", "true"] {
            assert_eq!(with(Customer, action, &[("AUTOPASSWD", value)]), 0, "{action} {value}");
            let both = [("AUTOPASSWD", value), password];
            assert_eq!(with(Customer, action, &both), 9, "{action} {value}");
        }
        for value in ["False", "FALSE", "false"] {
            assert_eq!(with(Customer, action, &[("AUTOPASSWD", value)]), 29, "{action} {value}");
            let both = [("AUTOPASSWD", value), password];
            assert_eq!(with(Customer, action, &both), 0, "{action} {value}");
        }
    }
    assert_eq!(with(Customer, Modify, &[password]), 0);
}

#[test]
fn a_password_beside_autopasswd_is_ignored_where_the_switch_is_on() {
    let rules = WapiSettings { autopasswd_true_ignores_password: true, ..WapiSettings::default() };
    for password in ["bill123", "x", ""] {
        let tags = [("AUTOPASSWD", "True"), ("PASSWORD", password)];
        assert_eq!(with_under(&rules, Customer, Add, &tags), 0, "{password}");
    }
    let tags = [("AUTOPASSWD", "False"), ("PASSWORD", "x")];
    assert_eq!(with_under(&rules, Customer, Add, &tags), 30);
}
