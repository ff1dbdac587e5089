//! Rules of a case (wapi-crm-api), row by row as the guide prints them; the client column of the
//! rulings where the guide contradicts itself.

use super::WAPI_DOCUMENT;
use crate::{
    crm::Action,
    rules::{Format, Presence, Rule, TenantValues},
};

const OF_ADD: Rule =
    Rule { document: WAPI_DOCUMENT, section: "Add Case", ..Rule::new("Case", "Add", "") };

static ADD: [Rule; 13] = [
    Rule {
        tag: "ACCOUNTNUM",
        presence: Some(Presence::Mandatory),
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        lines: &["wapi:1395-1396"],
        ..OF_ADD
    },
    Rule {
        tag: "SUBJECT",
        presence: Some(Presence::Mandatory),
        max_chars: Some(255),
        invalid: &["whitespace-only"],
        lines: &["wapi:1398-1402"],
        ..OF_ADD
    },
    Rule {
        tag: "DESCRIPTION",
        presence: Some(Presence::Mandatory),
        invalid: &["whitespace-only"],
        format: Some(Format::Latin1Bytes { most: 2_000_000 }),
        lines: &["wapi:1404-1408"],
        ..OF_ADD
    },
    Rule {
        tag: "STATUS",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        default: Some("Unassigned"),
        requires: &["ASSIGNEDTO where it is Open", "no ASSIGNEDTO where it is Unassigned"],
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:1410-1417"],
        ..OF_ADD
    },
    Rule {
        tag: "PRIORITY",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:1420-1425"],
        ..OF_ADD
    },
    Rule {
        tag: "SEVERITY",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:1427-1434"],
        ..OF_ADD
    },
    Rule {
        tag: "PROJECT",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:1436-1443"],
        ..OF_ADD
    },
    Rule {
        tag: "CATEGORY",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:1445-1452"],
        ..OF_ADD
    },
    Rule {
        tag: "VISIBILITY",
        presence: Some(Presence::Optional),
        values: &["Internal", "External"],
        values_case_sensitive: true,
        default: Some("Internal"),
        lines: &["wapi:1454-1458"],
        ..OF_ADD
    },
    Rule {
        tag: "MEDIATYPE",
        presence: Some(Presence::Optional),
        values: &["Phone", "Chat", "Email", "None"],
        values_case_sensitive: true,
        lines: &["wapi:1460-1463"],
        ..OF_ADD
    },
    Rule {
        tag: "ASSIGNEDTO",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        requires: &["STATUS other than Unassigned"],
        tenant_values: Some(TenantValues::AgentsAndGroups),
        lines: &["wapi:1466-1471"],
        ..OF_ADD
    },
    Rule {
        tag: "CF01_PICKLIST.NAME",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:1473-1479"],
        ..OF_ADD
    },
    Rule {
        tag: "CF02.NAME",
        presence: Some(Presence::Optional),
        lines: &["wapi:1481-1484"],
        ..OF_ADD
    },
];

const OF_MODIFY: Rule =
    Rule { document: WAPI_DOCUMENT, section: "Modify Case", ..Rule::new("Case", "Modify", "") };

static MODIFY: [Rule; 10] = [
    Rule {
        tag: "CASENUM",
        presence: Some(Presence::Mandatory),
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        lines: &["wapi:1549"],
        ..OF_MODIFY
    },
    Rule {
        tag: "SUBJECT",
        presence: Some(Presence::Optional),
        max_chars: Some(255),
        invalid: &["whitespace-only"],
        lines: &["wapi:1551-1555"],
        ..OF_MODIFY
    },
    Rule {
        tag: "DESCRIPTION",
        presence: Some(Presence::Optional),
        invalid: &["whitespace-only"],
        format: Some(Format::Latin1Bytes { most: 2_000_000 }),
        lines: &["wapi:1557-1561"],
        ..OF_MODIFY
    },
    Rule {
        tag: "STATUS",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        default: Some("Unassigned"),
        requires: &["ASSIGNEDTO where it is Open", "no ASSIGNEDTO where it is Unassigned"],
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:1563-1572"],
        ..OF_MODIFY
    },
    Rule {
        tag: "PRIORITY",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:1574-1579"],
        ..OF_MODIFY
    },
    Rule {
        tag: "SEVERITY",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:1581-1586"],
        ..OF_MODIFY
    },
    Rule {
        tag: "CATEGORY",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:1588-1593"],
        ..OF_MODIFY
    },
    Rule {
        tag: "VISIBILITY",
        presence: Some(Presence::Optional),
        values: &["Internal", "External"],
        values_case_sensitive: true,
        default: Some("Internal"),
        lines: &["wapi:1595-1599"],
        ..OF_MODIFY
    },
    Rule {
        tag: "MEDIATYPE",
        presence: Some(Presence::Optional),
        values: &["Phone", "Chat", "Email", "None"],
        values_case_sensitive: true,
        lines: &["wapi:1601-1604"],
        ..OF_MODIFY
    },
    Rule {
        tag: "ASSIGNEDTO",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        requires: &["STATUS other than Unassigned"],
        tenant_values: Some(TenantValues::AgentsAndGroups),
        lines: &["wapi:1606-1607"],
        ..OF_MODIFY
    },
];

const OF_GET: Rule =
    Rule { document: WAPI_DOCUMENT, section: "Get Case", ..Rule::new("Case", "Get", "") };

static GET: [Rule; 21] = [
    Rule {
        tag: "CASENUM",
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        lines: &["wapi:2150"],
        ..OF_GET
    },
    Rule {
        tag: "STATUS",
        values_case_sensitive: true,
        repeatable: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2152-2155", "wapi:1656-1669"],
        ..OF_GET
    },
    Rule {
        tag: "FROMDATE",
        format: Some(Format::Date),
        range_pair: Some("TODATE"),
        lines: &["wapi:2157", "wapi:1676-1684"],
        ..OF_GET
    },
    Rule {
        tag: "TODATE",
        format: Some(Format::Date),
        range_pair: Some("FROMDATE"),
        lines: &["wapi:2159", "wapi:1676-1684"],
        ..OF_GET
    },
    Rule {
        tag: "CATEGORY",
        values_case_sensitive: true,
        repeatable: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2161-2165", "wapi:1656-1669"],
        ..OF_GET
    },
    Rule {
        tag: "PRIORITY",
        values_case_sensitive: true,
        repeatable: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2167-2171", "wapi:1656-1669"],
        ..OF_GET
    },
    Rule {
        tag: "SEVERITY",
        values_case_sensitive: true,
        repeatable: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2173-2178", "wapi:1656-1669"],
        ..OF_GET
    },
    Rule {
        tag: "PROJECT",
        values_case_sensitive: true,
        repeatable: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2180-2184", "wapi:1656-1669"],
        ..OF_GET
    },
    Rule {
        tag: "ASSIGNEDTO",
        values_case_sensitive: true,
        repeatable: true,
        tenant_values: Some(TenantValues::AgentsAndGroups),
        lines: &["wapi:2186-2192", "wapi:1656-1669"],
        ..OF_GET
    },
    Rule {
        tag: "CREATEDBY",
        values_case_sensitive: true,
        repeatable: true,
        tenant_values: Some(TenantValues::AgentsAndGroups),
        lines: &["wapi:2194-2203", "wapi:1656-1669"],
        ..OF_GET
    },
    Rule {
        tag: "SUBJECT",
        max_chars: Some(255),
        invalid: &["whitespace-only"],
        wildcard: true,
        lines: &["wapi:2205-2209", "wapi:1647-1655"],
        ..OF_GET
    },
    Rule {
        tag: "COMPANY",
        max_chars: Some(50),
        invalid: &["~", "<", ">", "whitespace-only"],
        wildcard: true,
        lines: &["wapi:2211-2215", "wapi:1647-1655"],
        ..OF_GET
    },
    Rule {
        tag: "LASTNAME",
        max_chars: Some(30),
        invalid: &["~", "<", ">", "whitespace-only"],
        wildcard: true,
        lines: &["wapi:2217-2221", "wapi:1647-1655"],
        ..OF_GET
    },
    Rule {
        tag: "ATTACHMENTS",
        values: &["yes", "no"],
        values_case_sensitive: true,
        lines: &["wapi:2223"],
        ..OF_GET
    },
    Rule {
        tag: "CF01_PICKLIST.NAME",
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2225-2231"],
        ..OF_GET
    },
    Rule { tag: "CF02.NAME", lines: &["wapi:2233-2236"], ..OF_GET },
    Rule {
        tag: "ACCOUNTNUM",
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        lines: &["wapi:2238-2239"],
        ..OF_GET
    },
    Rule {
        tag: "FROMCREATEDATE",
        format: Some(Format::Date),
        range_pair: Some("TOCREATEDATE"),
        lines: &["wapi:2242-2243", "wapi:1671-1672"],
        ..OF_GET
    },
    Rule {
        tag: "TOCREATEDATE",
        format: Some(Format::Date),
        range_pair: Some("FROMCREATEDATE"),
        lines: &["wapi:2245-2246", "wapi:1671-1672"],
        ..OF_GET
    },
    Rule {
        tag: "FROMLASTMODDATE",
        format: Some(Format::Date),
        range_pair: Some("TOLASTMODDATE"),
        lines: &["wapi:2248-2249", "wapi:1674"],
        ..OF_GET
    },
    Rule {
        tag: "TOLASTMODDATE",
        format: Some(Format::Date),
        range_pair: Some("FROMLASTMODDATE"),
        lines: &["wapi:2251-2252", "wapi:1674"],
        ..OF_GET
    },
];

const OF_DELETE: Rule =
    Rule { document: WAPI_DOCUMENT, section: "Delete Case", ..Rule::new("Case", "Delete", "") };

static DELETE: [Rule; 1] = [Rule {
    tag: "CASENUM",
    presence: Some(Presence::Mandatory),
    charset: Some("[0-9]"),
    format: Some(Format::Integer),
    lines: &["wapi:2349"],
    ..OF_DELETE
}];

/// The parameters of an action, in the order of the guide.
pub(super) fn table(action: Action) -> &'static [Rule] {
    match action {
        Action::Add => &ADD,
        Action::Modify => &MODIFY,
        Action::Get => &GET,
        Action::Delete => &DELETE,
    }
}
