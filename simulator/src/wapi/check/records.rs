//! The records that a change names or touches.

use super::{
    Tenant,
    tags::{Item, Rule, Sent},
    values::no_record,
};
use crate::wapi::{
    command::{Action, Object},
    fields::Form,
    messages::Problem,
};

/// Refuses a change that names a record that is not there.
pub(super) fn there(sent: &Sent, tenant: &impl Tenant) -> Result<(), Problem> {
    for item in &sent.items {
        if let Some(Form::Number(object)) = form(item)
            && !tenant.exists(object, item.value)
        {
            return Err(no_record(object, item.tag, item.value));
        }
    }
    // FOLLOWUP_IDS: a follow-up's number is one within its case, which is there.
    let followup = sent.items.iter().find(|item| form(item) == Some(Form::FollowupNumber));
    match (followup, sent.get("CASENUM")) {
        (Some(item), Some(case))
            if !tenant.exists(Object::Followup, &format!("{case}.{}", item.value)) =>
        {
            Err(no_record(Object::Followup, item.tag, item.value))
        }
        _ => Ok(()),
    }
}

fn form(item: &Item) -> Option<Form> {
    match item.rule {
        Rule::Field(field) => Some(field.form),
        Rule::Custom(_) => None,
    }
}

/// Refuses a change of what must stay, or to what another record has.
pub(super) fn allowed(sent: &Sent, tenant: &impl Tenant) -> Result<(), Problem> {
    match (sent.object, sent.action) {
        (Object::Case, Action::Modify) => description_may_change(sent, tenant)?,
        (Object::FaqCategory, Action::Delete) => category_is_empty(sent, tenant)?,
        _ => {}
    }
    sent.items.iter().try_for_each(|item| is_unique(item, sent, tenant))
}

fn description_may_change(sent: &Sent, tenant: &impl Tenant) -> Result<(), Problem> {
    match (sent.get("CASENUM"), sent.get("DESCRIPTION")) {
        (Some(casenum), Some(_)) if tenant.case_came_by_email(casenum) => {
            Err(Problem::EmailCase { casenum: casenum.into() })
        }
        _ => Ok(()),
    }
}

fn category_is_empty(sent: &Sent, tenant: &impl Tenant) -> Result<(), Problem> {
    let category = sent.get("FAQCATID").unwrap_or_default();
    match tenant.category_has_faqs(category) {
        true => Err(Problem::CategoryHasFaqs),
        false => Ok(()),
    }
}

/// EMAIL_UNIQUE, FAQ_SHORTCUT_UNIQUE, and custom fields that are unique.
fn is_unique(item: &Item, sent: &Sent, tenant: &impl Tenant) -> Result<(), Problem> {
    let must_be = match item.rule {
        Rule::Field(field) => field.unique,
        Rule::Custom(field) => field.unique,
    };
    let except = if sent.action == Action::Modify { sent.key() } else { None };
    if must_be && tenant.taken(sent.object, item.tag, item.value, except) {
        let (value, tag) = (item.value.into(), item.tag.into());
        return Err(Problem::DuplicateValue { value, tag, action: sent.action });
    }
    Ok(())
}
