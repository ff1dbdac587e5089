//! Values that must agree with each other.

use super::{Tenant, Usability, tags::Sent};
use crate::wapi::{
    command::{Action, Object},
    messages::Problem,
};

/// Those of a change.
pub(super) fn change(sent: &Sent, tenant: &impl Tenant) -> Result<(), Problem> {
    match (sent.object, sent.action) {
        (Object::Customer, _) => password(sent),
        (Object::Case, Action::Add) => status_of_new_case(sent, tenant),
        (Object::Case, Action::Modify) => status_of_case(sent, tenant),
        (Object::Followup, Action::Add) => status_of_followup(sent, tenant),
        (Object::Task, _) => {
            // TASK_STATUS_TAG.
            if sent.get("ASSIGNEDTO").is_some() && sent.get("TASK_STATUS").is_none() {
                return Err(Problem::AssignedWithoutStatus);
            }
            reminder(sent, &["DUEDATE"])
        }
        _ => Ok(()),
    }
}

/// Those of a search: DUEDATE is none of its tags, so a range of it is meant (wapi:3527).
pub(super) fn search(sent: &Sent) -> Result<(), Problem> {
    match sent.object {
        Object::Task => reminder(sent, &["FROMDUEDATE", "TODUEDATE"]),
        _ => Ok(()),
    }
}

/// wapi:630-634, 814-818 (AUTOPASSWD_TRUE_PASSWORD).
fn password(sent: &Sent) -> Result<(), Problem> {
    let has_password = sent.get("PASSWORD").is_some();
    match (sent.get("AUTOPASSWD"), has_password) {
        (Some(_), true) if sent.has_autopasswd() => Err(Problem::AutopasswdAndPassword),
        (Some(_), false) if !sent.has_autopasswd() => Err(Problem::PasswordNotProvided),
        _ => Ok(()),
    }
}

/// wapi:2838, 2984, 3527.
fn reminder(sent: &Sent, due: &[&str]) -> Result<(), Problem> {
    let has_due = due.iter().any(|tag| sent.get(tag).is_some());
    match sent.get("REMINDER") {
        Some(_) if !has_due => Err(Problem::TagNotPassed { tag: due[0].into() }),
        _ => Ok(()),
    }
}

/// CASE_STATUS_ASSIGNEDTO, Add.
fn status_of_new_case(sent: &Sent, tenant: &impl Tenant) -> Result<(), Problem> {
    let is_assigned = sent.get("ASSIGNEDTO").is_some();
    match (usability(sent, tenant), is_assigned) {
        (None, true) => Err(Problem::AssignedWithoutStatus),
        (Some(Usability::Unassigned), true) => Err(Problem::AssignedButUnassigned),
        (Some(Usability::Open), false) => Err(Problem::OpenWithoutAssigned),
        _ => Ok(()),
    }
}

/// CASE_STATUS_ASSIGNEDTO, Modify.
fn status_of_case(sent: &Sent, tenant: &impl Tenant) -> Result<(), Problem> {
    let is_assigned = sent.get("ASSIGNEDTO").is_some();
    match (usability(sent, tenant), is_assigned) {
        (None, true) => Err(Problem::AssignedWithoutStatus),
        (Some(Usability::Unassigned), true) => Err(Problem::AssignedButUnassigned),
        (Some(Usability::Unassigned), false) if case_is_assigned(sent, tenant) => {
            Err(Problem::UnaOnAssignedCase)
        }
        (Some(Usability::Open), false) if !case_is_assigned(sent, tenant) => {
            Err(Problem::OpenOnUnassignedCase)
        }
        _ => Ok(()),
    }
}

/// FOLLOWUP_STATUS: with ASSIGNEDTO as a case's. Alone, only Unassigned is refused, and only if
/// the case is not: "The status cannot be Unassigned when the case is assigned to an agent"
/// (wapi:4829-4830).
fn status_of_followup(sent: &Sent, tenant: &impl Tenant) -> Result<(), Problem> {
    let is_assigned = sent.get("ASSIGNEDTO").is_some();
    match (usability(sent, tenant), is_assigned) {
        (None, true) => Err(Problem::AssignedWithoutStatus),
        (Some(Usability::Unassigned), true) => Err(Problem::AssignedWithUnassigned),
        (Some(Usability::Unassigned), false) if case_is_assigned(sent, tenant) => {
            Err(Problem::UnassignedOnAssignedCase)
        }
        _ => Ok(()),
    }
}

fn usability(sent: &Sent, tenant: &impl Tenant) -> Option<Usability> {
    sent.get("STATUS").map(|status| tenant.usability(status))
}

fn case_is_assigned(sent: &Sent, tenant: &impl Tenant) -> bool {
    sent.get("CASENUM").and_then(|casenum| tenant.case_is_assigned(casenum)) == Some(true)
}
