//! Which tags there are: known ones, not twice, and all that must be there.

use super::{CustomField, Tenant, Usability};
use crate::wapi::{
    command::{Action, Command, Object},
    fields::{Field, Form, Presence, Table},
    messages::Problem,
};

/// The tags of a command, each with the rule for it.
pub(super) struct Sent<'a> {
    pub object: Object,
    pub action: Action,
    pub items: Vec<Item<'a>>,
}

/// A tag, its value, and the rule for it.
pub(super) struct Item<'a> {
    pub tag: &'a str,
    pub value: &'a str,
    pub rule: Rule,
}

#[derive(Clone, Copy)]
pub(super) enum Rule {
    Field(&'static Field),
    Custom(CustomField),
}

impl Item<'_> {
    /// The tag as its table spells it.
    fn name(&self) -> &str {
        match self.rule {
            Rule::Field(field) => field.tag,
            Rule::Custom(_) => self.tag,
        }
    }

    fn is_mandatory(&self) -> bool {
        matches!(self.rule, Rule::Field(field) if field.presence == Presence::Mandatory)
    }
}

impl<'a> Sent<'a> {
    /// Finds the rule for each tag. A tag that there is none for is refused before one that is
    /// missing: it may be the missing one, misspelt.
    pub(super) fn read(
        command: &'a Command,
        table: &Table,
        tenant: &impl Tenant,
    ) -> Result<Self, Problem> {
        let Command { object, action, ref tags } = *command;
        let mut sent = Sent { object, action, items: Vec::with_capacity(tags.len()) };
        for (tag, value) in tags {
            let item = Item { tag, value, rule: sent.rule(tag, table, tenant)? };
            if sent.repeats(&item) {
                return Err(Problem::DuplicateTag { tag: tag.clone() });
            }
            sent.items.push(item);
        }
        Ok(sent)
    }

    fn rule(&self, tag: &str, table: &Table, tenant: &impl Tenant) -> Result<Rule, Problem> {
        let (object, action) = (self.object, self.action);
        let known = match (object, action, tag) {
            (Object::Task, Action::Delete, "TASK") if tenant.rules().delete_task_lenient => {
                table.field("TASKNUM")
            }
            _ => table.field(tag),
        };
        if let Some(field) = known {
            return Ok(Rule::Field(field));
        }
        let custom = if table.custom.is_empty() { None } else { tenant.custom_field(object, tag) };
        match custom {
            Some(field) if field.deleted => Err(Problem::DeletedField { tag: tag.into() }),
            Some(field) => Ok(Rule::Custom(field)),
            None => Err(Problem::UnknownTag { tag: tag.into(), action, object }),
        }
    }

    /// Whether a tag is there already and may not be again (DUPLICATE_TAGS). The two spellings
    /// of one tag may stand together, but not with different values (MEDIA_TYPE_TAG).
    fn repeats(&self, item: &Item) -> bool {
        let Some(before) = self.items.iter().find(|before| before.name() == item.name()) else {
            return false;
        };
        let other_spelling = before.tag != item.tag;
        match item.rule {
            _ if other_spelling => before.value != item.value,
            Rule::Field(field) => !(self.action == Action::Get && field.repeatable),
            Rule::Custom(_) => true,
        }
    }

    /// The item of a tag, also an empty one.
    fn item(&self, name: &str) -> Option<&Item<'a>> {
        self.items.iter().find(|item| item.name() == name)
    }

    /// The value of a tag.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.item(name).map(|item| item.value)
    }

    /// Refuses a command without a tag or a value that must be there. Tags without a value that
    /// need none, and what else means nothing, are gone afterwards.
    pub(super) fn complete(&mut self, table: &Table, tenant: &impl Tenant) -> Result<(), Problem> {
        self.has_what_is_mandatory(table)?;
        let rules = tenant.rules();
        // AUTOPASSWD_TRUE_PASSWORD.
        if rules.autopasswd_true_ignores_password && self.has_autopasswd() {
            self.items.retain(|item| item.tag != "PASSWORD");
        }
        self.has_no_empty_assignee(tenant)?;
        // VALUES_MUST_BE_GIVEN.
        let is_empty = |item: &&Item| item.value.is_empty();
        let strict = !rules.empty_optional_lenient;
        if let Some(empty) = self.items.iter().find(is_empty).filter(|_| strict) {
            return Err(Problem::MandatoryNotPassed { tag: empty.tag.into() });
        }
        self.items.retain(|item| !item.value.is_empty());
        // FAQ_GET_TAGS.
        match (self.object, self.action) {
            (Object::Faq, Action::Get) if self.items.is_empty() => Err(Problem::NoMandatoryTag),
            _ => Ok(()),
        }
    }

    fn has_what_is_mandatory(&self, table: &Table) -> Result<(), Problem> {
        let is_change = !matches!(self.action, Action::Get | Action::List);
        let is_mandatory = |field: &&Field| field.presence == Presence::Mandatory;
        let mut mandatory = table.fields.iter().filter(is_mandatory);
        let deletes_category = self.object == Object::FaqCategory && self.action == Action::Delete;
        if is_change && self.items.is_empty() && !deletes_category {
            return Err(Problem::NoTags);
        }
        let none_passed = !self.items.iter().any(Item::is_mandatory);
        if none_passed && mandatory.clone().count() > 1 {
            return Err(Problem::NoMandatoryTag);
        }
        let is_missing = |field: &&Field| self.get(field.tag).is_none_or(str::is_empty);
        match mandatory.find(is_missing) {
            Some(field) => Err(self.missing(field.tag)),
            None => Ok(()),
        }
    }

    /// What is said of a mandatory tag that is not there, or is empty.
    fn missing(&self, tag: &str) -> Problem {
        let is_there = self.item(tag).is_some();
        match (self.object, self.action, tag) {
            (Object::FaqCategory, Action::Delete, _) => Problem::FaqcatidNotPassed,
            (_, _, "AUTOPASSWD") if !is_there => Problem::AutopasswdNotGiven,
            (Object::CustomField, ..) if !is_there => Problem::TagNotPassed { tag: tag.into() },
            _ => Problem::MandatoryNotPassed { tag: tag.into() },
        }
    }

    /// CASE_STATUS_ASSIGNEDTO: no value of ASSIGNEDTO, with the status Open.
    fn has_no_empty_assignee(&self, tenant: &impl Tenant) -> Result<(), Problem> {
        let of_case = matches!(self.object, Object::Case | Object::Followup);
        let is_open = |status| tenant.usability(status) == Usability::Open;
        let is_empty = self.get("ASSIGNEDTO") == Some("");
        match of_case && self.action != Action::Get && is_empty {
            true if self.get("STATUS").is_some_and(is_open) => Err(Problem::EmptyAssignedWithOpen),
            _ => Ok(()),
        }
    }

    /// AUTOPASSWD is True.
    pub(super) fn has_autopasswd(&self) -> bool {
        self.get("AUTOPASSWD").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The number of the record that a Modify changes.
    pub(super) fn key(&self) -> Option<&'a str> {
        let is_key = |item: &&Item| matches!(item.rule, Rule::Field(field) if field.form == Form::Number(self.object));
        self.items.iter().find(is_key).map(|item| item.value)
    }
}
