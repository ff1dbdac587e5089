//! Cases.

use super::{
    Field, Table,
    form::{Form, MEDIA, Set, VISIBILITY},
    mandatory, optional,
};
use crate::wapi::command::Object;

const SUBJECT: Form = Form::words(255);
const CUSTOMER: Form = Form::Number(Object::Customer);
const CASE: Form = Form::Number(Object::Case);

/// What STATUS and ASSIGNEDTO ask of each other is in [`crate::wapi::check`]
/// (CASE_STATUS_ASSIGNEDTO).
pub(super) const ADD: Table = Table {
    fields: &[
        mandatory("ACCOUNTNUM", CUSTOMER, "wapi:1395-1396"),
        mandatory("SUBJECT", SUBJECT, "wapi:1398-1402"),
        mandatory("DESCRIPTION", Form::Description, "wapi:1404-1408"),
        listed("STATUS", "wapi:1410-1417"),
        listed("PRIORITY", "wapi:1420-1425"),
        listed("SEVERITY", "wapi:1427-1434"),
        listed("PROJECT", "wapi:1436-1443"),
        listed("CATEGORY", "wapi:1445-1452"),
        optional("VISIBILITY", VISIBILITY, "wapi:1454-1458"),
        optional("MEDIATYPE", MEDIA, "wapi:1460-1463"),
        optional("ASSIGNEDTO", Form::Assignee, "wapi:1466-1471"),
    ],
    custom: "wapi:1473-1484",
};

/// No PROJECT; custom fields are in the example's text and in a section of their own.
pub(super) const MODIFY: Table = Table {
    fields: &[
        mandatory("CASENUM", CASE, "wapi:1549"),
        optional("SUBJECT", SUBJECT, "wapi:1551-1555"),
        optional("DESCRIPTION", Form::Description, "wapi:1557-1561"),
        listed("STATUS", "wapi:1563-1572"),
        listed("PRIORITY", "wapi:1574-1579"),
        listed("SEVERITY", "wapi:1581-1586"),
        listed("CATEGORY", "wapi:1588-1593"),
        optional("VISIBILITY", VISIBILITY, "wapi:1595-1599"),
        optional("MEDIATYPE", MEDIA, "wapi:1601-1604"),
        optional("ASSIGNEDTO", Form::Assignee, "wapi:1606-1607"),
    ],
    custom: "wapi:1520-1521, 4399-4416",
};

pub(super) const GET: Table = Table {
    fields: &[
        optional("CASENUM", CASE, "wapi:2150"),
        listed("STATUS", "wapi:1661, 2152-2155").repeatable(),
        day("FROMDATE", "wapi:1677, 2157"),
        day("TODATE", "wapi:1679, 2159"),
        listed("CATEGORY", "wapi:1663, 2161-2165").repeatable(),
        listed("PRIORITY", "wapi:1665, 2167-2171").repeatable(),
        listed("SEVERITY", "wapi:1667, 2173-2178").repeatable(),
        listed("PROJECT", "wapi:1669, 2180-2184").repeatable(),
        optional("ASSIGNEDTO", Form::Assignee, "wapi:1659, 2186-2192").repeatable(),
        optional("CREATEDBY", Form::Creator { customers: true }, "wapi:1657, 2194-2203")
            .repeatable(),
        optional("SUBJECT", SUBJECT, "wapi:1650, 2205-2209").wildcard(),
        optional("COMPANY", Form::of(Set::NoAngles, 50), "wapi:1652, 2211-2215").wildcard(),
        // CASE_LASTNAME_INVALID.
        optional("LASTNAME", Form::of(Set::NoAngles, 30), "wapi:1648, 2217-2221").wildcard(),
        // ATTACHMENTS_FORM.
        optional("ATTACHMENTS", Form::OneOf(&["yes", "no"]), "wapi:2223"),
        optional("ACCOUNTNUM", CUSTOMER, "wapi:2238-2239"),
        day("FROMCREATEDATE", "wapi:1672, 2242-2243"),
        day("TOCREATEDATE", "wapi:1672, 2245-2246"),
        day("FROMLASTMODDATE", "wapi:1674, 2248-2249"),
        day("TOLASTMODDATE", "wapi:1674, 2251-2252"),
    ],
    custom: "wapi:2225-2236",
};

pub(super) const DELETE: Table =
    Table { fields: &[mandatory("CASENUM", CASE, "wapi:2349")], custom: "" };

const fn listed(tag: &'static str, lines: &'static str) -> Field {
    optional(tag, Form::Listed(tag), lines)
}

const fn day(tag: &'static str, lines: &'static str) -> Field {
    optional(tag, Form::Day, lines)
}
