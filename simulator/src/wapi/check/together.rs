//! Values that must agree with each other, and with the case.

use super::{Sent, Usability};
use crate::wapi::{
    command::{Action, Object},
    messages::Problem,
};

impl Sent<'_> {
    pub(super) fn values_agree(&self) -> Result<(), Problem> {
        if !matches!(self.action(), Action::Add | Action::Modify) {
            return Ok(());
        }
        match self.object() {
            Object::Customer => self.password_agrees(),
            Object::Case | Object::Followup => self.status_agrees(),
            Object::Task => self.task_agrees(),
            _ => Ok(()),
        }
    }

    /// wapi:630-634, 4737-4742, 4832-4838 (AUTOPASSWD_TRUE_PASSWORD).
    fn password_agrees(&self) -> Result<(), Problem> {
        let password = self.get("PASSWORD").is_some();
        match self.makes_password() {
            Some(true) if password && !self.rules().autopasswd_true_ignores_password => {
                Err(Problem::AutopasswdAndPassword)
            }
            Some(false) if !password => Err(Problem::PasswordNotProvided),
            _ => Ok(()),
        }
    }

    /// What AUTOPASSWD says, in any case.
    pub(super) fn makes_password(&self) -> Option<bool> {
        self.get("AUTOPASSWD").map(|value| value.eq_ignore_ascii_case("True"))
    }

    /// CASE_STATUS_ASSIGNEDTO, FOLLOWUP_STATUS. A follow-up's STATUS alone is refused only where
    /// it would unassign the case.
    fn status_agrees(&self) -> Result<(), Problem> {
        let is_followup = self.object() == Object::Followup;
        let usability = self.get("STATUS").map(|status| self.tenant.usability(status));
        let assigned = self.get("CASENUM").and_then(|case| self.tenant.case_is_assigned(case));
        let problem = match (self.get("ASSIGNEDTO").is_some(), usability) {
            (true, None) => Problem::AssignedWithoutStatus,
            (true, Some(Usability::Unassigned)) if is_followup => Problem::AssignedWithUnassigned,
            (true, Some(Usability::Unassigned)) => Problem::AssignedButUnassigned,
            (false, Some(Usability::Open)) if self.object() == Object::Case => match assigned {
                Some(true) => return Ok(()),
                _ if self.action() == Action::Add => Problem::OpenWithoutAssigned,
                // A case that is not there is no unassigned one.
                None => return Ok(()),
                Some(false) => Problem::OpenOnUnassignedCase,
            },
            (false, Some(Usability::Unassigned)) if assigned == Some(true) => match is_followup {
                true => Problem::UnassignedOnAssignedCase,
                false => Problem::UnaOnAssignedCase,
            },
            _ => return Ok(()),
        };
        Err(problem)
    }

    /// TASK_STATUS_TAG; "REMINDER needs to be used with DUEDATE" (wapi:2838, 2984).
    fn task_agrees(&self) -> Result<(), Problem> {
        if self.get("ASSIGNEDTO").is_some() && self.get("TASK_STATUS").is_none() {
            return Err(Problem::AssignedWithoutStatus);
        }
        if self.get("REMINDER").is_some() && self.get("DUEDATE").is_none() {
            return Err(Problem::TagNotPassed { tag: "DUEDATE".into() });
        }
        Ok(())
    }
}
