//! Which tags are sent: the known ones, each once, and those that must be.

use super::{Row, Sent, Usability};
use crate::wapi::{
    command::{Action, Object},
    fields::{Field, Presence},
    messages::Problem,
};

impl Sent<'_> {
    /// "No tags are passed in the ADD, MODIFY, or DELETE action" (wapi:4752).
    pub(super) fn has_tags(&self) -> Result<(), Problem> {
        let changes = matches!(self.action(), Action::Add | Action::Modify | Action::Delete);
        match self.command.tags.is_empty() && changes {
            true if self.deletes_a_category() => Err(Problem::FaqcatidNotPassed),
            true => Err(Problem::NoTags),
            false => Ok(()),
        }
    }

    fn deletes_a_category(&self) -> bool {
        (self.object(), self.action()) == (Object::FaqCategory, Action::Delete)
    }

    /// Each is the action's, and sent once unless a Get takes it as an OR (DUPLICATE_TAGS).
    pub(super) fn tags_are_known(&self) -> Result<(), Problem> {
        let mut seen: Vec<(&str, &str)> = Vec::new();
        for (tag, value) in self.tags() {
            let (name, repeatable) = match self.row(tag) {
                Some(Row::Field(field)) => (field.tag, field.repeatable && self.is_get()),
                Some(Row::Custom(custom)) if custom.deleted => {
                    return Err(Problem::DeletedField { tag: tag.into() });
                }
                Some(Row::Custom(_)) => (tag, false),
                None => {
                    let (action, object) = (self.action(), self.object());
                    return Err(Problem::UnknownTag { tag: tag.into(), action, object });
                }
            };
            let before = self.tags().zip(&seen).find(|(_, (known, _))| *known == name);
            if let Some(((first, first_value), _)) = before
                && !repeatable
                // MEDIA_TYPE_TAG: both spellings may be sent if they say the same.
                && (first == tag || first_value != value)
            {
                return Err(Problem::DuplicateTag { tag: tag.into() });
            }
            seen.push((name, value));
        }
        Ok(())
    }

    pub(super) fn mandatory_tags_are_there(&self) -> Result<(), Problem> {
        let mandatory = self.table.fields.iter().filter(|row| row.presence == Presence::Mandatory);
        let mandatory: Vec<&Field> = mandatory.collect();
        let none = mandatory.iter().all(|row| self.get(row.tag).is_none());
        // FAQ_GET_TAGS: any of them will do, but one must be.
        let needs_any = (self.object(), self.action()) == (Object::Faq, Action::Get);
        if none && mandatory.len() > 1 || needs_any && self.command.tags.is_empty() {
            return Err(Problem::NoMandatoryTag);
        }
        match mandatory.into_iter().find(|row| self.get(row.tag).is_none()) {
            Some(row) => Err(self.missing(row.tag)),
            None => Ok(()),
        }
    }

    fn missing(&self, tag: &str) -> Problem {
        let tag = tag.to_string();
        match (tag.as_str(), self.sent(&tag)) {
            ("AUTOPASSWD", None) => Problem::AutopasswdNotGiven,
            ("NAME", None) => Problem::TagNotPassed { tag },
            _ => Problem::MandatoryNotPassed { tag },
        }
    }

    /// "All parameters must contain a value" (VALUES_MUST_BE_GIVEN).
    pub(super) fn nothing_is_empty(&self) -> Result<(), Problem> {
        let opens = matches!(self.object(), Object::Case | Object::Followup)
            && self
                .sent("STATUS")
                .is_some_and(|status| self.tenant.usability(status) == Usability::Open);
        for (tag, _) in self.tags().filter(|(_, value)| value.is_empty()) {
            if tag == "ASSIGNEDTO" && opens && !self.is_get() {
                return Err(Problem::EmptyAssignedWithOpen);
            }
            if !self.rules().empty_optional_lenient {
                return Err(Problem::MandatoryNotPassed { tag: tag.into() });
            }
        }
        Ok(())
    }
}
