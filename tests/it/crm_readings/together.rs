//! What fields ask of each other, over all combinations of their values.

use std::collections::BTreeSet;

use vccpipe::crm::{Action, LoadAction, Object};

use super::{
    Program, fresh, minimal,
    tenant::{Tags, Tenant, tags},
};

/// A difference that is meant to be: by which ruling, and which of the two lets the fields through.
struct Difference {
    by: &'static str,
    program: bool,
    tenant: bool,
    fits: fn(&Fields) -> bool,
}

const fn only_program(by: &'static str, fits: fn(&Fields) -> bool) -> Difference {
    Difference { by, program: true, tenant: false, fits }
}

const fn only_tenant(by: &'static str, fits: fn(&Fields) -> bool) -> Difference {
    Difference { by, program: false, tenant: true, fits }
}

/// The two fields of a combination, `None` where one is not sent.
struct Fields {
    action: Action,
    first: Option<&'static str>,
    second: Option<&'static str>,
    /// Whether the case is assigned to somebody.
    assigned: bool,
}

impl Fields {
    fn first_is(&self, value: &str) -> bool {
        self.first == Some(value)
    }

    fn has_second(&self) -> bool {
        self.second.is_some_and(|value| !value.is_empty())
    }
}

/// Sends all combinations of two fields to both, and compares.
#[track_caller]
fn compare(
    object: Object,
    action: Action,
    firsts: (&str, &[Option<&'static str>]),
    seconds: (&str, &[Option<&'static str>]),
    differences: &[Difference],
) {
    let tenant = Tenant::new();
    let load = if action == Action::Add { LoadAction::Add } else { LoadAction::Modify };
    let columns = [firsts.0.to_owned(), seconds.0.to_owned()];
    let program = Program::new(&tenant, object, load, &columns);
    let (mut wrong, mut used, mut agreed) = (Vec::new(), BTreeSet::new(), [0, 0]);
    let both = firsts.1.iter().flat_map(|one| seconds.1.iter().map(move |other| (*one, *other)));
    for (first, second) in both {
        // Only these belong to a case, or are one.
        let cases: &[bool] = match (object, action) {
            (Object::Followup, _) | (Object::Case, Action::Modify) => &[false, true],
            _ => &[false],
        };
        for assigned in cases.iter().copied() {
            let fields = Fields { action, first, second, assigned };
            let request = request(&tenant, object, &fields, [firsts.0, seconds.0]);
            let ours = program.sends(&request);
            let reply = tenant.asked(object, action.name(), &request);
            let theirs = reply.answer.is_success();
            let told = format!(
                "{object} {action} {} {first:?}, {} {second:?}, assigned {assigned}: {ours:?}, {}",
                firsts.0, seconds.0, reply.answer
            );
            match differences.iter().position(|difference| (difference.fits)(&fields)) {
                Some(place) => {
                    let meant = &differences[place];
                    used.insert(place);
                    if (ours.is_ok(), theirs) != (meant.program, meant.tenant) {
                        wrong.push(format!("{told}; not as {} says", meant.by));
                    }
                }
                None if ours.is_ok() != theirs => wrong.push(told),
                None => agreed[usize::from(theirs)] += 1,
            }
        }
    }
    assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(used.len(), differences.len(), "a difference is none: {used:?}");
    assert!(agreed[0] > 0 && agreed[1] > 0, "{agreed:?}");
}

/// A request that is right but for the two fields.
fn request(tenant: &Tenant, object: Object, fields: &Fields, names: [&str; 2]) -> Tags {
    let mut request = match (object, fields.action) {
        (Object::Followup, _) => {
            [case(tenant, fields.assigned), tags(&[("SUBJECT", "s"), ("DESCRIPTION", "d")])]
                .concat()
        }
        (_, Action::Add) => minimal(tenant, object),
        (Object::Case, _) => case(tenant, fields.assigned),
        _ => fresh(tenant, object),
    };
    for (name, value) in names.into_iter().zip([fields.first, fields.second]) {
        request.retain(|(tag, _)| tag != name);
        request.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }
    request
}

fn case(tenant: &Tenant, assigned: bool) -> Tags {
    let mut case = minimal(tenant, Object::Case);
    if assigned {
        case.extend(tags(&[("STATUS", "Pending"), ("ASSIGNEDTO", "bobp")]));
    }
    tenant.record(Object::Case, case)
}

const STATUSES: &[Option<&str>] = &[
    None,
    Some(""),
    Some("Unassigned"),
    Some("unassigned"),
    Some("Open"),
    Some("OPEN"),
    Some("Pending"),
    Some("Closed"),
    Some("Nowhere"),
];
const ASSIGNEES: &[Option<&str>] =
    &[None, Some(""), Some("jsmith"), Some("101"), Some("gone1"), Some("109"), Some("nobody")];

/// An empty field is not sent; the tenant refuses it.
const EMPTY: &str = "VALUES_MUST_BE_GIVEN";

fn is_listed(status: Option<&str>) -> bool {
    matches!(status, Some("Unassigned" | "Open" | "Pending" | "Closed"))
}

fn is_active(assignee: Option<&str>) -> bool {
    matches!(assignee, Some("jsmith" | "101"))
}

#[test]
fn autopasswd_and_password_are_read_alike() {
    let truths: &[Option<&str>] = &[
        None,
        Some(""),
        Some("True"),
        Some("TRUE"),
        Some("true"),
        Some("False"),
        Some("FALSE"),
        Some("maybe"),
        Some("Y"),
    ];
    let passwords: &[Option<&str>] = &[None, Some(""), Some("abc"), Some("ab"), Some("a-b")];
    let of_add = [only_program(EMPTY, |fields| {
        let is_true = fields.first.is_some_and(|first| first.eq_ignore_ascii_case("true"));
        is_true && fields.second == Some("")
    })];
    let both = [("AUTOPASSWD", truths), ("PASSWORD", passwords)];
    compare(Object::Customer, Action::Add, both[0], both[1], &of_add);
    let of_modify = [only_program(EMPTY, |fields| {
        let is_true = fields.first.is_some_and(|first| first.eq_ignore_ascii_case("true"));
        let empty = fields.first_is("") || fields.second == Some("");
        let password = matches!(fields.second, None | Some("" | "abc"));
        let rest = is_true && !fields.has_second() || matches!(fields.first, None | Some(""));
        empty && password && rest
    })];
    compare(Object::Customer, Action::Modify, both[0], both[1], &of_modify);
}

/// An empty value of the two, where the other does not call for one.
fn is_empty_beside_no_open_status(fields: &Fields) -> bool {
    let status_is_empty = fields.first == Some("") && matches!(fields.second, None | Some(""));
    let needs_nobody = matches!(fields.first, None | Some("Unassigned" | "Pending" | "Closed"));
    status_is_empty || (needs_nobody && fields.second == Some(""))
}

#[test]
fn the_status_and_the_assignee_of_a_new_case_are_read_alike() {
    let differences = [only_program(EMPTY, is_empty_beside_no_open_status)];
    let both = [("STATUS", STATUSES), ("ASSIGNEDTO", ASSIGNEES)];
    compare(Object::Case, Action::Add, both[0], both[1], &differences);
}

#[test]
fn the_status_and_the_assignee_of_a_follow_up_are_read_alike() {
    let differences = [
        // The program knows no case.
        only_program("FOLLOWUP_STATUS", |fields| {
            fields.assigned && fields.first_is("Unassigned") && fields.second.is_none()
        }),
        only_program(EMPTY, is_empty_beside_no_open_status),
        // The program applies all of a case's rules, the tenant those with ASSIGNEDTO.
        only_tenant("FOLLOWUP_STATUS", |fields| fields.first_is("Open") && fields.second.is_none()),
    ];
    let both = [("STATUS", STATUSES), ("ASSIGNEDTO", ASSIGNEES)];
    compare(Object::Followup, Action::Add, both[0], both[1], &differences);
}

#[test]
fn the_status_and_the_assignee_of_a_changed_case_are_read_alike() {
    let differences = [
        only_program(EMPTY, |fields| match (fields.first, fields.second) {
            (Some(""), second) => second.is_none_or(str::is_empty) || is_active(second),
            (first, Some("")) => first.is_none() || is_listed(first),
            _ => false,
        }),
        // What is lacking is read from the case and sent with it.
        only_program("CASE_MODIFY_UNSUPPLIED", |fields| {
            fields.first.is_none() && is_active(fields.second)
                || fields.first_is("Open") && fields.second.is_none() && !fields.assigned
        }),
        only_program("CASE_STATUS_ASSIGNEDTO", |fields| {
            fields.first_is("Unassigned") && fields.second.is_none() && fields.assigned
        }),
    ];
    let both = [("STATUS", STATUSES), ("ASSIGNEDTO", ASSIGNEES)];
    compare(Object::Case, Action::Modify, both[0], both[1], &differences);
}

#[test]
fn the_status_and_the_assignee_of_a_task_are_read_alike() {
    let statuses: &[Option<&str>] =
        &[None, Some(""), Some("New"), Some("new"), Some("Closed"), Some("Nowhere")];
    let both = [("TASK_STATUS", statuses), ("ASSIGNEDTO", ASSIGNEES)];
    let of_add = [only_program(EMPTY, |fields| match (fields.first, fields.second) {
        (Some(""), second) => second.is_none_or(str::is_empty),
        (None | Some("New" | "Closed"), Some("")) => true,
        _ => false,
    })];
    compare(Object::Task, Action::Add, both[0], both[1], &of_add);
    let of_modify = [
        only_program(EMPTY, |fields| match (fields.first, fields.second) {
            (Some(""), second) => second.is_none_or(str::is_empty) || is_active(second),
            (None | Some("New" | "Closed"), Some("")) => true,
            _ => false,
        }),
        // TASK_STATUS is read from the task and sent with it.
        only_program("TASK_MODIFY_ASSIGNEDTO", |fields| {
            fields.first.is_none() && is_active(fields.second)
        }),
    ];
    compare(Object::Task, Action::Modify, both[0], both[1], &of_modify);
}

#[test]
fn the_reminder_and_the_due_date_of_a_task_are_read_alike() {
    let reminders: &[Option<&str>] = &[None, Some(""), Some("Y"), Some("N"), Some("y")];
    let dates: &[Option<&str>] = &[None, Some(""), Some("062120121315"), Some("06212012")];
    let both = [("REMINDER", reminders), ("DUEDATE", dates)];
    let differences = [only_program(EMPTY, |fields| match (fields.first, fields.second) {
        (Some(""), second) => second != Some("06212012"),
        (None, Some("")) => true,
        _ => false,
    })];
    compare(Object::Task, Action::Add, both[0], both[1], &differences);
    compare(Object::Task, Action::Modify, both[0], both[1], &differences);
}
