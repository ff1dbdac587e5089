//! Rules of a custom field (wapi-crm-api), row by row as the guide prints them; the client column of the
//! rulings where the guide contradicts itself.

use super::WAPI_DOCUMENT;
use crate::{
    crm::Action,
    rules::{Presence, Rule},
};

const OF_GET: Rule = Rule {
    document: WAPI_DOCUMENT,
    section: "Get Custom Field",
    ..Rule::new("Customfield", "Get", "")
};

static GET: [Rule; 1] = [Rule {
    tag: "NAME",
    presence: Some(Presence::Mandatory),
    lines: &["wapi:4375-4378", "wapi:4364"],
    ..OF_GET
}];

/// The parameters of an action, in the order of the guide.
pub(super) fn table(action: Action) -> &'static [Rule] {
    match action {
        Action::Get => &GET,
        _ => &[],
    }
}
