//! One command: judged, carried out, kept, and answered, in this order.

use std::time::Duration;

use super::{
    check::check,
    command::{Action, Command, Object},
    countries::COUNTRIES,
    crm::Crm,
    layout,
    messages::Problem,
    reply::{self, Body, Reply, Sending, TooLong},
    request::Unreadable,
    search::{self, Search},
    write,
};
use crate::{
    settings::{
        CrmObject, CrmRight, EmptySummary, GroupsReply, NoMatch, TooManyRows, UserDefinition,
    },
    shared::Shared,
};

/// Answers a command of somebody who may enter.
pub(crate) fn answer(shared: &Shared, command: Result<Command, Unreadable>) -> Reply {
    let command = match command {
        Ok(command) => command,
        Err(found) => return unreadable(shared, found),
    };
    if !has_right(shared, &command) {
        return Reply::status(reply::NO_RIGHT);
    }
    let mut crm = shared.crm();
    if let Err(problem) = check(&command, &*crm) {
        return refused(shared, &problem);
    }
    match (command.action, command.object.kept()) {
        (Action::Get, Some(object)) => {
            let reply = get(&crm, object, &command);
            grow(shared, &mut crm);
            reply
        }
        (Action::Add | Action::Modify | Action::Delete, Some(object)) => {
            change(shared, &mut crm, object, &command)
        }
        _ => found(&crm, lists(&crm, &command)),
    }
}

/// Whether the API's user may do this. Lists of the configuration need no right.
fn has_right(shared: &Shared, command: &Command) -> bool {
    let right = match command.action {
        Action::Add => CrmRight::Add,
        Action::Modify => CrmRight::Modify,
        Action::Get | Action::List => CrmRight::Get,
        Action::Delete => CrmRight::Delete,
    };
    let rights = &shared.settings.wapi.rights;
    let of_object = command.object.kept().and_then(|object| rights.get(&object));
    of_object.is_none_or(|rights| rights.contains(&right))
}

fn change(shared: &Shared, crm: &mut Crm, object: CrmObject, command: &Command) -> Reply {
    let Some(plan) = write::plan(crm, object, command, shared.clock.now()) else {
        return Reply::status(reply::INTERNAL);
    };
    // Kept before it is done, so that what another API reads of it is kept as well.
    if !plan.changes.is_empty() && shared.keep_crm(crm, &plan.changes).is_err() {
        return Reply::status(reply::INTERNAL);
    }
    crm.carry_out_all(plan.changes);
    let mut body = Body::default();
    if let Some((tag, number)) = plan.key {
        match in_item(crm, object, command) {
            true => body.item(|item| item.element(tag, &number)),
            false => body.element(tag, &number),
        }
    }
    Reply::success(body)
}

/// Adds a record after as many Gets as the switch has it.
fn grow(shared: &Shared, crm: &mut Crm) {
    let Some(command) = crm.grown() else { return };
    let Some(object) = command.object.kept() else { return };
    let Some(plan) = write::plan(crm, object, &command, shared.clock.now()) else { return };
    if shared.keep_crm(crm, &plan.changes).is_ok() {
        crm.carry_out_all(plan.changes);
    }
}

/// Whether a reply's number stands in an ITEM (ITEM_WRAP).
fn in_item(crm: &Crm, object: CrmObject, command: &Command) -> bool {
    let is_custom =
        |tag: &str| crm.custom_fields(object).any(|field| field.name.eq_ignore_ascii_case(tag));
    object == CrmObject::Customer
        && (command.action == Action::Add
            || crm.rules.customer_modify_item && command.tags.iter().any(|(tag, _)| is_custom(tag)))
}

fn get(crm: &Crm, object: CrmObject, command: &Command) -> Reply {
    let search = Search::new(crm, object, command);
    if search.is_empty() && search::has_summary(command.object) {
        return summary(crm, object);
    }
    let most = crm.rules.get_most_rows.unwrap_or(u64::MAX);
    let (mut body, mut too_many) = (Body::default(), false);
    search.run(|row| {
        too_many = body.items() == most;
        if !too_many {
            layout::item(crm, object, row, &mut body);
        }
        !too_many
    });
    let delay = Duration::from_secs_f64(body.items() as f64 * crm.rules.get_ms_per_row / 1e3);
    let sending = Sending { delay, cut: None };
    match crm.rules.get_too_many {
        TooManyRows::Status500 if too_many => Reply::status(reply::INTERNAL).sent(sending),
        TooManyRows::Timeout if too_many => {
            let delay = Duration::from_millis(crm.rules.get_timeout_ms);
            found(crm, body).sent(Sending { delay, cut: Some(TooLong::Nothing) })
        }
        TooManyRows::Truncated if too_many => {
            found(crm, body).sent(Sending { cut: Some(TooLong::Half), ..sending })
        }
        _ => found(crm, body).sent(sending),
    }
}

/// The numbers of the records that there are (CASE_SUMMARY_NUMBERS).
fn summary(crm: &Crm, object: CrmObject) -> Reply {
    let table = crm.table(object);
    let number = |number: Option<u64>| match (number, crm.rules.empty_summary_as) {
        (None, EmptySummary::Blank) => String::new(),
        (number, _) => number.unwrap_or_default().to_string(),
    };
    if table.len() == 0 && crm.rules.empty_summary_as == EmptySummary::Nothing {
        return found(crm, Body::default());
    }
    let first = number(table.rows().next().map(|row| row.id()));
    let last = number(table.last_id());
    let (first, last) = if crm.rules.summary_swapped { (last, first) } else { (first, last) };
    let total = table.len().saturating_add_signed(crm.rules.summary_total_off).to_string();
    let mut body = Body::default();
    body.item(|item| {
        for (tag, number) in [("FIRSTID", first), ("LASTID", last), ("TOTAL", total)] {
            item.element(tag, &number);
        }
    });
    Reply::success(body)
}

/// Lists of the tenant's configuration, and the values of pick lists.
fn lists(crm: &Crm, command: &Command) -> Body {
    let mut body = Body::default();
    match command.object {
        Object::Country => {
            COUNTRIES.iter().for_each(|name| body.item(|item| item.element("COUNTRY", name)));
        }
        Object::Agents => users(&crm.settings.agents, ("AGENTID", "AGENT"), &mut body),
        Object::Groups => {
            let tags = match crm.rules.groups_reply {
                GroupsReply::Agentid => ("AGENTID", "AGENT"),
                GroupsReply::Groupid => ("GROUPID", "GROUP"),
            };
            users(&crm.settings.groups, tags, &mut body);
        }
        Object::CustomField => {
            let name = command.tags.iter().find(|(tag, _)| tag == "NAME");
            let name = name.map_or("", |(_, value)| value);
            for value in search::picklist(crm, name) {
                body.item(|item| item.element("VALUE", value));
            }
        }
        _ => {
            let categories = crm.table(CrmObject::FaqCategory);
            categories
                .rows()
                .for_each(|row| layout::item(crm, CrmObject::FaqCategory, row, &mut body));
        }
    }
    body
}

fn users(users: &[UserDefinition], (id, name): (&str, &str), body: &mut Body) {
    for user in users.iter().filter(|user| !user.deleted) {
        body.item(|item| {
            item.element(id, &user.id);
            item.element(name, &user.name);
        });
    }
}

/// A Get that found nothing is a success.
fn found(crm: &Crm, body: Body) -> Reply {
    Reply::success(match (body.is_empty(), crm.rules.no_match_as) {
        (true, NoMatch::Data) => Body::nothing(),
        _ => body,
    })
}

/// Answers a request that holds no command.
pub(crate) fn unreadable(shared: &Shared, unreadable: Unreadable) -> Reply {
    let problem = match unreadable {
        Unreadable::Insufficient => return Reply::status(reply::INSUFFICIENT),
        Unreadable::NotXml => Problem::NotXml,
        Unreadable::NotXmlAfter(tag) => Problem::NotXmlAfter { tag },
        Unreadable::NotXmlAt { line, message } => Problem::XmlNotCorrect { line, message },
        Unreadable::NoAction => Problem::ActionNotPassed,
        Unreadable::UnknownAction => Problem::ActionNotValid,
        Unreadable::NoObject => Problem::ObjectNotPassed,
        // SIMILAR_ERRORS: what is no word is no name, another word is no object.
        Unreadable::UnknownObject(name) => match name.bytes().all(|b| b.is_ascii_alphabetic()) {
            true => Problem::NotAnObject { name },
            false => Problem::ObjectNameNotValid { name },
        },
        Unreadable::Apostrophe { tag, value } => Problem::Criterion { value, tag },
    };
    refused(shared, &problem)
}

/// STATUS -1 with a message of the guide's table (ERROR_STR_FAILURE).
fn refused(shared: &Shared, problem: &Problem) -> Reply {
    let code = match shared.settings.wapi.error_code_minus_one {
        true => reply::FAILED,
        false => problem.error_code(),
    };
    Reply::failed(code, problem.text())
}
