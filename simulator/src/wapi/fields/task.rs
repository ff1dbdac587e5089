//! Tasks. The tag of a task's status is TASK_STATUS; STATUS is no tag of it (TASK_STATUS_TAG).

use super::{
    Field, Table,
    form::{Form, MEDIA, Set},
    mandatory, optional,
};
use crate::wapi::command::Object;

const SUBJECT: Form = Form::words(255);
const TASK: Form = Form::Number(Object::Task);
/// "Maximum 128 digits and formatting characters": those of a customer's numbers.
const PHONE: Form = Form::of(Set::Phone, 128);
const EMAIL: Form = Form::Address { max: 255 };
const CAMPAIGN: Form = Form::words(255);
const REMINDER: Form = Form::OneOf(&["Y", "N"]);
const TRANSID: Form = Form::Digits { max: 10 };

pub(super) const ADD: Table = Table {
    fields: &[
        mandatory("ACCOUNTNUM", Form::Number(Object::Customer), "wapi:2793-2794"),
        optional("SUBJECT", SUBJECT, "wapi:2796-2800"),
        optional("DESCRIPTION", Form::Description, "wapi:2802-2806"),
        optional("ASSIGNEDTO", Form::Assignee, "wapi:2808-2816"),
        listed("TASK_STATUS", "wapi:2818-2819"),
        media("wapi:2768, 2821-2824"),
        listed("CALL_TYPE", "wapi:2826"),
        optional("PHONE", PHONE, "wapi:2828"),
        optional("EMAIL", EMAIL, "wapi:2830"),
        optional("DUEDATE", Form::Minute, "wapi:2832-2834"),
        optional("REMINDER", REMINDER, "wapi:2836-2838"),
        optional("CAMPAIGNNAME", CAMPAIGN, "wapi:2840-2844"),
        optional("CALLDURATION", Form::Digits { max: 13 }, "wapi:2846-2850"),
        optional("TRANSID", TRANSID, "wapi:2852-2856"),
    ],
    custom: "wapi:2858-2871",
};

pub(super) const MODIFY: Table = Table {
    fields: &[
        mandatory("TASKNUM", TASK, "wapi:2940-2941"),
        optional("SUBJECT", SUBJECT, "wapi:2943-2947"),
        optional("DESCRIPTION", Form::Description, "wapi:2949-2953"),
        optional("ASSIGNEDTO", Form::Assignee, "wapi:2955-2961"),
        listed("TASK_STATUS", "wapi:2963-2964"),
        media("wapi:2966-2969"),
        listed("CALL_TYPE", "wapi:2972"),
        optional("PHONE", PHONE, "wapi:2974"),
        optional("EMAIL", EMAIL, "wapi:2976"),
        optional("DUEDATE", Form::Minute, "wapi:2978-2980"),
        optional("REMINDER", REMINDER, "wapi:2982-2984"),
    ],
    custom: "wapi:2986-2997",
};

pub(super) const GET: Table = Table {
    fields: &[
        optional("TASKNUM", TASK, "wapi:3464-3465"),
        optional("SUBJECT", SUBJECT, "wapi:3036, 3468-3472").wildcard(),
        optional("DESCRIPTION", Form::Description, "wapi:3474-3478"),
        optional("ASSIGNEDTO", Form::Assignee, "wapi:3052, 3480-3485").repeatable(),
        optional("CREATEDBY", Form::Creator { customers: false }, "wapi:3050, 3487").repeatable(),
        listed("TASK_STATUS", "wapi:3054, 3489").repeatable(),
        optional("FROMDUEDATE", Form::DayOrMinute, "wapi:3063, 3491-3492"),
        optional("TODUEDATE", Form::DayOrMinute, "wapi:3063, 3494-3495"),
        optional("FROMLASTMODDATE", Form::Day, "wapi:3064, 3497-3498"),
        optional("TOLASTMODDATE", Form::Day, "wapi:3064, 3500-3501"),
        media("wapi:3058, 3321, 3503-3506").repeatable(),
        listed("CALL_TYPE", "wapi:3056, 3508").repeatable(),
        optional("PHONE", PHONE, "wapi:3038, 3510").wildcard(),
        optional("EMAIL", EMAIL, "wapi:3040, 3512").wildcard(),
        // CAMPAGINNAME.
        optional("CAMPAIGNNAME", CAMPAIGN, "wapi:3042, 3237, 3514-3519").wildcard(),
        optional("TRANSID", TRANSID, "wapi:3044, 3521-3525").wildcard(),
        optional("REMINDER", REMINDER, "wapi:3527"),
        optional("ACCOUNTNUM", Form::Number(Object::Customer), "wapi:3540-3541"),
        // No rows of the table, but a pair of the action.
        optional("FROMCREATEDATE", Form::Day, "wapi:3061, 3066-3068"),
        optional("TOCREATEDATE", Form::Day, "wapi:3061, 3066-3068"),
    ],
    custom: "wapi:3529-3538",
};

/// The example's tag is TASK (TASK_DELETE_TAG).
pub(super) const DELETE: Table =
    Table { fields: &[mandatory("TASKNUM", TASK, "wapi:3654")], custom: "" };

/// Both spellings are printed (MEDIA_TYPE_TAG).
const fn media(lines: &'static str) -> Field {
    optional("MEDIATYPE", MEDIA, lines).or("MEDIA_TYPE")
}

const fn listed(tag: &'static str, lines: &'static str) -> Field {
    optional(tag, Form::Listed(tag), lines)
}
