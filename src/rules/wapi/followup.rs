//! Follow-ups.

use super::{
    CUSTOM_FIELD, CUSTOM_PICKLIST, DESCRIPTION_BYTES, Format,
    case::{ASSIGNEDTO_NEEDS, BLANK_NOT, STATUS_NEEDS, VISIBILITIES},
    row::Table,
};
use crate::{
    crm::Action,
    rules::{
        Rule,
        TenantValues::{AgentsAndGroups, Picklist},
    },
};

/// The guide's own examples send Voice (wapi:2410), which its list does not have: a tenant's list
/// takes the place of this one.
const MEDIA_TYPES: &[&str] = &["Phone", "Chat", "Email", "Other"];

const ON_ADD: Table = Table::new("Followup", "Add", "Add Follow-Up");

/// "The STATUS parameter must be consistent" (wapi:2493): as with a case.
#[rustfmt::skip]
static ADD: [Rule; 13] = [
    ON_ADD.mandatory("CASENUM").said(&["wapi:2423-2424"]),
    ON_ADD.mandatory("SUBJECT").most(255).not(BLANK_NOT).said(&["wapi:2426-2430"]),
    ON_ADD.mandatory("DESCRIPTION").most(DESCRIPTION_BYTES).form(Format::Latin1Bytes)
        .not(BLANK_NOT).said(&["wapi:2432-2436"]),
    ON_ADD.optional("STATUS").of_tenant(Picklist).needs(STATUS_NEEDS)
        .said(&["wapi:2438-2442", "wapi:2493", "wapi:4784-4830"]),
    ON_ADD.optional("PRIORITY").of_tenant(Picklist).said(&["wapi:2444-2450"]),
    ON_ADD.optional("SEVERITY").of_tenant(Picklist).said(&["wapi:2452-2459"]),
    ON_ADD.optional("PROJECT").of_tenant(Picklist).said(&["wapi:2461-2467"]),
    ON_ADD.optional("CATEGORY").of_tenant(Picklist).said(&["wapi:2469-2475"]),
    ON_ADD.optional("VISIBILITY").one_of(VISIBILITIES).said(&["wapi:2477-2482"]),
    ON_ADD.optional("MEDIATYPE").one_of(MEDIA_TYPES).of_tenant(Picklist)
        .said(&["wapi:2484-2489"]),
    ON_ADD.optional("ASSIGNEDTO").of_tenant(AgentsAndGroups).needs(ASSIGNEDTO_NEEDS)
        .said(&["wapi:2491-2497", "wapi:4777-4794"]),
    ON_ADD.optional(CUSTOM_PICKLIST).of_tenant(Picklist).said(&["wapi:2499-2507"]),
    ON_ADD.optional(CUSTOM_FIELD).said(&["wapi:2509-2512"]),
];

const ON_GET: Table = Table::new("Followup", "Get", "Get Follow-Up");

#[rustfmt::skip]
static GET: [Rule; 3] = [
    ON_GET.mandatory("CASENUM").percent().said(&["wapi:2611-2612", "wapi:2541-2547"]),
    ON_GET.row("FROMCREATEDATE").form(Format::Date).pairs_with("TOCREATEDATE")
        .said(&["wapi:2614-2615", "wapi:2550"]),
    ON_GET.row("TOCREATEDATE").form(Format::Date).pairs_with("FROMCREATEDATE")
        .said(&["wapi:2617-2618", "wapi:2550"]),
];

const ON_DELETE: Table = Table::new("Followup", "Delete", "Delete Follow-Up");

static DELETE: [Rule; 2] = [
    ON_DELETE.mandatory("FOLLOWUPNUM").said(&["wapi:2703"]),
    ON_DELETE.mandatory("CASENUM").said(&["wapi:2705"]),
];

pub(super) fn table(action: Action) -> &'static [Rule] {
    match action {
        Action::Add => &ADD,
        Action::Modify => &[],
        Action::Get => &GET,
        Action::Delete => &DELETE,
    }
}
