//! Rules of a follow-up (wapi-crm-api), row by row as the guide prints them; the client column of the
//! rulings where the guide contradicts itself.

use super::WAPI_DOCUMENT;
use crate::{
    crm::Action,
    rules::{Format, Presence, Rule, TenantValues},
};

const OF_ADD: Rule =
    Rule { document: WAPI_DOCUMENT, section: "Add Follow-Up", ..Rule::new("Followup", "Add", "") };

static ADD: [Rule; 13] = [
    Rule {
        tag: "CASENUM",
        presence: Some(Presence::Mandatory),
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        lines: &["wapi:2423-2424"],
        ..OF_ADD
    },
    Rule {
        tag: "SUBJECT",
        presence: Some(Presence::Mandatory),
        max_chars: Some(255),
        invalid: &["whitespace-only"],
        lines: &["wapi:2426-2430"],
        ..OF_ADD
    },
    Rule {
        tag: "DESCRIPTION",
        presence: Some(Presence::Mandatory),
        invalid: &["whitespace-only"],
        format: Some(Format::Latin1Bytes { most: 2_000_000 }),
        lines: &["wapi:2432-2436"],
        ..OF_ADD
    },
    Rule {
        tag: "STATUS",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        requires: &["ASSIGNEDTO where it is Open", "no ASSIGNEDTO where it is Unassigned"],
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2438-2442"],
        ..OF_ADD
    },
    Rule {
        tag: "PRIORITY",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2444-2450"],
        ..OF_ADD
    },
    Rule {
        tag: "SEVERITY",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2452-2459"],
        ..OF_ADD
    },
    Rule {
        tag: "PROJECT",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2461-2467"],
        ..OF_ADD
    },
    Rule {
        tag: "CATEGORY",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2469-2475"],
        ..OF_ADD
    },
    Rule {
        tag: "VISIBILITY",
        presence: Some(Presence::Optional),
        values: &["Internal", "External"],
        values_case_sensitive: true,
        lines: &["wapi:2477-2482"],
        ..OF_ADD
    },
    Rule {
        tag: "MEDIATYPE",
        presence: Some(Presence::Optional),
        values: &["Phone", "Chat", "Email", "Other"],
        values_case_sensitive: true,
        lines: &["wapi:2484-2489"],
        ..OF_ADD
    },
    Rule {
        tag: "ASSIGNEDTO",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        requires: &["STATUS other than Unassigned"],
        tenant_values: Some(TenantValues::AgentsAndGroups),
        lines: &["wapi:2491-2497"],
        ..OF_ADD
    },
    Rule {
        tag: "CF01_PICKLIST.NAME",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2499-2507"],
        ..OF_ADD
    },
    Rule {
        tag: "CF02.NAME",
        presence: Some(Presence::Optional),
        lines: &["wapi:2509-2512"],
        ..OF_ADD
    },
];

const OF_GET: Rule =
    Rule { document: WAPI_DOCUMENT, section: "Get Follow-Up", ..Rule::new("Followup", "Get", "") };

static GET: [Rule; 3] = [
    Rule {
        tag: "CASENUM",
        presence: Some(Presence::Mandatory),
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        wildcard: true,
        lines: &["wapi:2611-2612", "wapi:2541-2547"],
        ..OF_GET
    },
    Rule {
        tag: "FROMCREATEDATE",
        format: Some(Format::Date),
        range_pair: Some("TOCREATEDATE"),
        lines: &["wapi:2614-2615", "wapi:2549-2550"],
        ..OF_GET
    },
    Rule {
        tag: "TOCREATEDATE",
        format: Some(Format::Date),
        range_pair: Some("FROMCREATEDATE"),
        lines: &["wapi:2617-2618", "wapi:2549-2550"],
        ..OF_GET
    },
];

const OF_DELETE: Rule = Rule {
    document: WAPI_DOCUMENT,
    section: "Delete Follow-Up",
    ..Rule::new("Followup", "Delete", "")
};

static DELETE: [Rule; 2] = [
    Rule {
        tag: "FOLLOWUPNUM",
        presence: Some(Presence::Mandatory),
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        lines: &["wapi:2703"],
        ..OF_DELETE
    },
    Rule {
        tag: "CASENUM",
        presence: Some(Presence::Mandatory),
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        lines: &["wapi:2705"],
        ..OF_DELETE
    },
];

/// The parameters of an action, in the order of the guide.
pub(super) fn table(action: Action) -> &'static [Rule] {
    match action {
        Action::Add => &ADD,
        Action::Get => &GET,
        Action::Delete => &DELETE,
        _ => &[],
    }
}
