//! Cases.

use super::{
    CUSTOM_FIELD, CUSTOM_PICKLIST, DESCRIPTION_BYTES, Format, WHITESPACE_ONLY, row::Table,
};
use crate::{
    crm::Action,
    rules::{
        Requires, Rule,
        TenantValues::{AgentsAndGroups, Picklist},
    },
};

pub(super) const BLANK_NOT: &[&str] = &[WHITESPACE_ONLY];
pub(super) const VISIBILITIES: &[&str] = &["Internal", "External"];

/// "If status is used, the ASSIGNEDTO parameter must also be defined" (wapi:1416-1417), but
/// only Open is refused without it (wapi:4802-4815); Unassigned forbids it (wapi:4784-4794).
pub(super) const STATUS_NEEDS: &[Requires] = &[
    Requires::GivenIf { tag: "ASSIGNEDTO", value: "Open" },
    Requires::AbsentIf { tag: "ASSIGNEDTO", value: "Unassigned" },
];
pub(super) const ASSIGNEDTO_NEEDS: &[Requires] = &[Requires::Given("STATUS")];

const COMPANY_NOT: &[&str] = &["~", "<", ">", WHITESPACE_ONLY];
const MEDIA_TYPES: &[&str] = &["Phone", "Chat", "Email", "None"];

const ON_ADD: Table = Table::new("Case", "Add", "Add Case");

#[rustfmt::skip]
static ADD: [Rule; 13] = [
    ON_ADD.mandatory("ACCOUNTNUM").said(&["wapi:1395-1396"]),
    ON_ADD.mandatory("SUBJECT").most(255).not(BLANK_NOT).said(&["wapi:1398-1402"]),
    ON_ADD.mandatory("DESCRIPTION").most(DESCRIPTION_BYTES).form(Format::Latin1Bytes)
        .not(BLANK_NOT).said(&["wapi:1404-1408"]),
    ON_ADD.optional("STATUS").of_tenant(Picklist).or_else("Unassigned").needs(STATUS_NEEDS)
        .said(&["wapi:1410-1417", "wapi:4784-4830"]),
    ON_ADD.optional("PRIORITY").of_tenant(Picklist).said(&["wapi:1420-1425"]),
    ON_ADD.optional("SEVERITY").of_tenant(Picklist).said(&["wapi:1427-1434"]),
    ON_ADD.optional("PROJECT").of_tenant(Picklist).said(&["wapi:1436-1443"]),
    ON_ADD.optional("CATEGORY").of_tenant(Picklist).said(&["wapi:1445-1452"]),
    ON_ADD.optional("VISIBILITY").one_of(VISIBILITIES).or_else("Internal")
        .said(&["wapi:1454-1458"]),
    ON_ADD.optional("MEDIATYPE").one_of(MEDIA_TYPES).of_tenant(Picklist)
        .said(&["wapi:1460-1463"]),
    ON_ADD.optional("ASSIGNEDTO").of_tenant(AgentsAndGroups).needs(ASSIGNEDTO_NEEDS)
        .said(&["wapi:1466-1471", "wapi:4777-4794"]),
    ON_ADD.optional(CUSTOM_PICKLIST).of_tenant(Picklist).said(&["wapi:1473-1479"]),
    ON_ADD.optional(CUSTOM_FIELD).said(&["wapi:1481-1484"]),
];

const ON_MODIFY: Table = Table::new("Case", "Modify", "Modify Case");

/// PROJECT and the custom fields are not in the table. Custom fields can be sent nevertheless
/// (wapi:1520-1521, wapi:4399-4403).
#[rustfmt::skip]
static MODIFY: [Rule; 10] = [
    ON_MODIFY.mandatory("CASENUM").said(&["wapi:1549"]),
    ON_MODIFY.optional("SUBJECT").most(255).not(BLANK_NOT).said(&["wapi:1551-1555"]),
    ON_MODIFY.optional("DESCRIPTION").most(DESCRIPTION_BYTES).form(Format::Latin1Bytes)
        .not(BLANK_NOT).said(&["wapi:1557-1561"]),
    ON_MODIFY.optional("STATUS").of_tenant(Picklist).or_else("Unassigned").needs(STATUS_NEEDS)
        .said(&["wapi:1563-1572", "wapi:4784-4830"]),
    ON_MODIFY.optional("PRIORITY").of_tenant(Picklist).said(&["wapi:1574-1579"]),
    ON_MODIFY.optional("SEVERITY").of_tenant(Picklist).said(&["wapi:1581-1586"]),
    ON_MODIFY.optional("CATEGORY").of_tenant(Picklist).said(&["wapi:1588-1593"]),
    ON_MODIFY.optional("VISIBILITY").one_of(VISIBILITIES).or_else("Internal")
        .said(&["wapi:1595-1599"]),
    ON_MODIFY.optional("MEDIATYPE").one_of(MEDIA_TYPES).of_tenant(Picklist)
        .said(&["wapi:1601-1604"]),
    ON_MODIFY.optional("ASSIGNEDTO").of_tenant(AgentsAndGroups).needs(ASSIGNEDTO_NEEDS)
        .said(&["wapi:1606-1607", "wapi:4777-4794"]),
];

const ON_GET: Table = Table::new("Case", "Get", "Get Case");

/// `%` (wapi:1647-1655), repeated (wapi:1656-1669) and ranges (wapi:1671-1684) are told before
/// the table.
#[rustfmt::skip]
static GET: [Rule; 21] = [
    ON_GET.row("CASENUM").said(&["wapi:2150"]),
    ON_GET.row("STATUS").of_tenant(Picklist).often().said(&["wapi:2152-2155", "wapi:1661"]),
    ON_GET.row("FROMDATE").form(Format::Date).pairs_with("TODATE")
        .said(&["wapi:2157", "wapi:1676-1684"]),
    ON_GET.row("TODATE").form(Format::Date).pairs_with("FROMDATE")
        .said(&["wapi:2159", "wapi:1676-1684"]),
    ON_GET.row("CATEGORY").of_tenant(Picklist).often().said(&["wapi:2161-2165", "wapi:1663"]),
    ON_GET.row("PRIORITY").of_tenant(Picklist).often().said(&["wapi:2167-2171", "wapi:1665"]),
    ON_GET.row("SEVERITY").of_tenant(Picklist).often().said(&["wapi:2173-2178", "wapi:1667"]),
    ON_GET.row("PROJECT").of_tenant(Picklist).often().said(&["wapi:2180-2184", "wapi:1669"]),
    ON_GET.row("ASSIGNEDTO").of_tenant(AgentsAndGroups).often()
        .form(Format::UserId { or: &["Deleted Agents", "Deleted Groups", "None"] })
        .said(&["wapi:2186-2192", "wapi:1659"]),
    ON_GET.row("CREATEDBY").of_tenant(AgentsAndGroups).often()
        .form(Format::UserId { or: &["Customers", "Deleted Agents"] })
        .said(&["wapi:2194-2203", "wapi:1657"]),
    ON_GET.row("SUBJECT").most(255).not(BLANK_NOT).percent()
        .said(&["wapi:2205-2209", "wapi:1650"]),
    ON_GET.row("COMPANY").most(50).not(COMPANY_NOT).percent()
        .said(&["wapi:2211-2215", "wapi:1652"]),
    ON_GET.row("LASTNAME").most(30).not(COMPANY_NOT).percent()
        .said(&["wapi:2217-2221", "wapi:1648"]),
    ON_GET.row("ATTACHMENTS").one_of(&["yes", "no"]).said(&["wapi:2223"]),
    ON_GET.row(CUSTOM_PICKLIST).of_tenant(Picklist).said(&["wapi:2225-2231"]),
    ON_GET.row(CUSTOM_FIELD).said(&["wapi:2233-2236"]),
    ON_GET.row("ACCOUNTNUM").said(&["wapi:2238-2239"]),
    ON_GET.row("FROMCREATEDATE").form(Format::Date).pairs_with("TOCREATEDATE")
        .said(&["wapi:2242-2243", "wapi:1672"]),
    ON_GET.row("TOCREATEDATE").form(Format::Date).pairs_with("FROMCREATEDATE")
        .said(&["wapi:2245-2246", "wapi:1672"]),
    ON_GET.row("FROMLASTMODDATE").form(Format::Date).pairs_with("TOLASTMODDATE")
        .said(&["wapi:2248-2249", "wapi:1674"]),
    ON_GET.row("TOLASTMODDATE").form(Format::Date).pairs_with("FROMLASTMODDATE")
        .said(&["wapi:2251-2252", "wapi:1674"]),
];

static DELETE: [Rule; 1] =
    [Table::new("Case", "Delete", "Delete Case").mandatory("CASENUM").said(&["wapi:2349"])];

pub(super) fn table(action: Action) -> &'static [Rule] {
    match action {
        Action::Add => &ADD,
        Action::Modify => &MODIFY,
        Action::Get => &GET,
        Action::Delete => &DELETE,
    }
}
