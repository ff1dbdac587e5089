//! The records that a change names, and what it may do to them.

use super::{Row, Sent};
use crate::wapi::{
    command::{Action, Object},
    fields::Form,
    messages::Problem,
};

impl Sent<'_> {
    pub(super) fn change_is_allowed(&self) -> Result<(), Problem> {
        self.records_are_there()?;
        self.description_may_change()?;
        self.values_are_unique()?;
        // wapi:4731-4735.
        let category = self
            .get("FAQCATID")
            .filter(|_| (self.object(), self.action()) == (Object::FaqCategory, Action::Delete));
        match category.is_some_and(|category| self.tenant.category_has_faqs(category)) {
            true => Err(Problem::CategoryHasFaqs),
            false => Ok(()),
        }
    }

    fn records_are_there(&self) -> Result<(), Problem> {
        for row in self.table.fields {
            let Some(value) = self.get(row.tag) else { continue };
            match row.form {
                Form::Number(object) if !self.tenant.exists(object, value) => {
                    return Err(Problem::no_record(row.tag, value));
                }
                _ => {}
            }
        }
        // After its case.
        match (self.get("CASENUM"), self.get("FOLLOWUPNUM")) {
            (Some(case), Some(number))
                if !self.tenant.exists(Object::Followup, &format!("{case}.{number}")) =>
            {
                Err(Problem::no_record("FOLLOWUPNUM", number))
            }
            _ => Ok(()),
        }
    }

    /// "The description of email cases cannot be modified" (wapi:4716-4720).
    fn description_may_change(&self) -> Result<(), Problem> {
        let modifies = (self.object(), self.action()) == (Object::Case, Action::Modify)
            && self.get("DESCRIPTION").is_some();
        match self.get("CASENUM").filter(|_| modifies) {
            Some(case) if self.tenant.case_came_by_email(case) => {
                Err(Problem::EmailCase { casenum: case.into() })
            }
            _ => Ok(()),
        }
    }

    /// EMAIL_UNIQUE, FAQ_SHORTCUT_UNIQUE, and unique custom fields.
    fn values_are_unique(&self) -> Result<(), Problem> {
        let own = self.object().kept().and_then(|object| self.get(object.id_tag()));
        let own = own.filter(|_| self.action() == Action::Modify);
        for (tag, value) in self.tags().filter(|(_, value)| !value.is_empty()) {
            let unique = match self.row(tag) {
                Some(Row::Field(field)) => field.unique,
                Some(Row::Custom(custom)) => custom.unique,
                None => false,
            };
            if unique && self.tenant.taken(self.object(), tag, value, own) {
                let (value, tag, action) = (value.into(), tag.into(), self.action());
                return Err(Problem::DuplicateValue { value, tag, action });
            }
        }
        Ok(())
    }
}

impl Problem {
    /// A number that no record has.
    pub(super) fn no_record(tag: &str, value: &str) -> Problem {
        let (tag, value) = (tag.into(), value.into());
        match tag {
            "CASENUM" => Problem::CaseNotValid { casenum: value },
            "FOLLOWUPNUM" => Problem::OtherValueNotValid { value, tag: String::from(tag) },
            _ => Problem::ValueNotValid { value, tag: String::from(tag) },
        }
    }
}
