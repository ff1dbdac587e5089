//! Follow-ups. There is no Modify.

use super::{
    Field, Table,
    form::{Form, VISIBILITY},
    mandatory, optional,
};
use crate::wapi::command::Object;

const CASE: Form = Form::Number(Object::Case);

pub(super) const ADD: Table = Table {
    fields: &[
        mandatory("CASENUM", CASE, "wapi:2423-2424"),
        mandatory("SUBJECT", Form::words(255), "wapi:2426-2430"),
        mandatory("DESCRIPTION", Form::Description, "wapi:2432-2436"),
        listed("STATUS", "wapi:2438-2442"),
        listed("PRIORITY", "wapi:2444-2450"),
        listed("SEVERITY", "wapi:2452-2459"),
        listed("PROJECT", "wapi:2461-2467"),
        listed("CATEGORY", "wapi:2469-2475"),
        optional("VISIBILITY", VISIBILITY, "wapi:2477-2482"),
        optional("MEDIATYPE", Form::FollowupMedia, "wapi:2484-2489"),
        optional("ASSIGNEDTO", Form::Assignee, "wapi:2491-2497"),
    ],
    custom: "wapi:2499-2512",
};

pub(super) const GET: Table = Table {
    fields: &[
        // FOLLOWUP_ONLY_CASENUM, FOLLOWUP_CASENUM_WILDCARD.
        mandatory("CASENUM", CASE, "wapi:2541-2547, 2611-2612").wildcard(),
        optional("FROMCREATEDATE", Form::Day, "wapi:2550, 2614-2615"),
        optional("TOCREATEDATE", Form::Day, "wapi:2550, 2617-2618"),
    ],
    custom: "",
};

pub(super) const DELETE: Table = Table {
    fields: &[
        mandatory("FOLLOWUPNUM", Form::FollowupNumber, "wapi:2703"),
        mandatory("CASENUM", CASE, "wapi:2705"),
    ],
    custom: "",
};

const fn listed(tag: &'static str, lines: &'static str) -> Field {
    optional(tag, Form::Listed(tag), lines)
}
