//! Records that are added while others are read, as a tenant's agents do.

use super::{
    command::{Action, Command, Object},
    crm::Crm,
};
use crate::settings::{CrmObject, GrowSettings};

/// How many Gets there were, and how many records were added for them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Growth {
    gets: u64,
    added: u64,
}

impl Growth {
    /// Counts a Get; whether it is one after which a record is added.
    fn is_due(&mut self, settings: &GrowSettings) -> bool {
        self.gets += 1;
        let wanted = settings.times.is_none_or(|times| self.added < times);
        let due = wanted && self.gets.is_multiple_of(settings.every_requests.max(1));
        self.added += u64::from(due);
        due
    }
}

impl Crm {
    /// The Add of a record that is due after a Get; none where its parent is missing.
    pub(super) fn grown(&mut self) -> Option<Command> {
        let settings = self.rules.grows.clone()?;
        if !self.growth.is_due(&settings) {
            return None;
        }
        let nth = self.growth.added.to_string();
        let first = |object| self.table(object).rows().next().map(|row| row.id().to_string());
        let text = ("SUBJECT", format!("Added while others are read, {nth}"));
        let described = ("DESCRIPTION", "Written by nobody.".to_string());
        let (object, tags) = match settings.object {
            CrmObject::Customer => {
                let names = [("FIRSTNAME", "Grown".into()), ("LASTNAME", format!("Later {nth}"))];
                (Object::Customer, [names.to_vec(), vec![("AUTOPASSWD", "True".into())]].concat())
            }
            CrmObject::Case => {
                let customer = ("ACCOUNTNUM", first(CrmObject::Customer)?);
                (Object::Case, vec![customer, text, described])
            }
            CrmObject::Followup => {
                let case = ("CASENUM", first(CrmObject::Case)?);
                (Object::Followup, vec![case, text, described])
            }
            CrmObject::Task => {
                (Object::Task, vec![("ACCOUNTNUM", first(CrmObject::Customer)?), text])
            }
            CrmObject::FaqCategory => {
                (Object::FaqCategory, vec![("FAQCATEGORY", format!("Grown {nth}"))])
            }
            CrmObject::Faq => {
                let category = ("FAQCATID", first(CrmObject::FaqCategory)?);
                let answer = ("ANSWER", "Nobody knows.".to_string());
                (Object::Faq, vec![category, ("QUESTION", format!("Why {nth}?")), answer])
            }
        };
        let tags = tags.into_iter().map(|(tag, value)| (tag.to_string(), value)).collect();
        Some(Command { object, action: Action::Add, tags })
    }
}
