//! Custom fields: the values of a picklist.

use super::row::Table;
use crate::{crm::Action, rules::Rule};

/// The table says "Custom Field Name"; NAME is in the example (wapi:4364).
static GET: [Rule; 1] = [Table::new("Customfield", "Get", "Get Custom Field")
    .row("NAME")
    .said(&["wapi:4375-4378", "wapi:4364"])];

pub(super) fn table(action: Action) -> &'static [Rule] {
    match action {
        Action::Get => &GET,
        _ => &[],
    }
}
