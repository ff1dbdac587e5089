//! Tasks.

use super::{
    CUSTOM_FIELD, CUSTOM_PICKLIST, DESCRIPTION_BYTES, DIGITS, Format, NO_DIGIT, PHONE,
    case::BLANK_NOT, row::Table,
};
use crate::{
    crm::Action,
    rules::{
        Requires, Rule,
        TenantValues::{Agents, AgentsAndGroups, Picklist},
    },
};

const MEDIA_TYPES: &[&str] = &["Phone", "Chat", "Email", "None"];
const YES_NO: &[&str] = &["Y", "N"];

/// "The STATUS parameter must also be defined" (wapi:2809): a task's is TASK_STATUS.
const ASSIGNEDTO_NEEDS: &[Requires] = &[Requires::Given("TASK_STATUS")];
const REMINDER_NEEDS: &[Requires] = &[Requires::Given("DUEDATE")];

/// "Digits and formatting characters must be used" (wapi:2828): those of a customer's phones.
const PHONE_NOT: &[&str] = &[NO_DIGIT];

const ON_ADD: Table = Table::new("Task", "Add", "Add Task");

#[rustfmt::skip]
static ADD: [Rule; 16] = [
    ON_ADD.mandatory("ACCOUNTNUM").said(&["wapi:2793-2794"]),
    ON_ADD.optional("SUBJECT").most(255).not(BLANK_NOT).said(&["wapi:2796-2800"]),
    ON_ADD.optional("DESCRIPTION").most(DESCRIPTION_BYTES).form(Format::Latin1Bytes)
        .not(BLANK_NOT).said(&["wapi:2802-2806"]),
    ON_ADD.optional("ASSIGNEDTO").of_tenant(AgentsAndGroups).or_else("the value of USERNAME")
        .needs(ASSIGNEDTO_NEEDS).said(&["wapi:2808-2816"]),
    ON_ADD.optional("TASK_STATUS").of_tenant(Picklist).or_else("New").said(&["wapi:2818-2819"]),
    ON_ADD.optional("MEDIATYPE").one_of(MEDIA_TYPES).of_tenant(Picklist)
        .said(&["wapi:2821-2824"]),
    ON_ADD.optional("CALL_TYPE").of_tenant(Picklist).said(&["wapi:2826"]),
    ON_ADD.optional("PHONE").most(128).chars(PHONE).not(PHONE_NOT)
        .said(&["wapi:2828", "wapi:606"]),
    ON_ADD.optional("EMAIL").most(255).form(Format::EmailAddress).said(&["wapi:2830"]),
    ON_ADD.optional("DUEDATE").form(Format::DateTime).said(&["wapi:2832-2834"]),
    ON_ADD.optional("REMINDER").one_of(YES_NO).needs(REMINDER_NEEDS).said(&["wapi:2836-2838"]),
    ON_ADD.optional("CAMPAIGNNAME").most(255).not(BLANK_NOT).said(&["wapi:2840-2844"]),
    ON_ADD.optional("CALLDURATION").most(13).chars(DIGITS).form(Format::Digits)
        .said(&["wapi:2846-2850"]),
    ON_ADD.optional("TRANSID").most(10).chars(DIGITS).form(Format::Digits)
        .said(&["wapi:2852-2856"]),
    ON_ADD.optional(CUSTOM_PICKLIST).of_tenant(Picklist).said(&["wapi:2858-2864"]),
    ON_ADD.optional(CUSTOM_FIELD).said(&["wapi:2866-2871"]),
];

const ON_MODIFY: Table = Table::new("Task", "Modify", "Modify Task");

#[rustfmt::skip]
static MODIFY: [Rule; 13] = [
    ON_MODIFY.mandatory("TASKNUM").said(&["wapi:2940-2941"]),
    ON_MODIFY.optional("SUBJECT").most(255).not(BLANK_NOT).said(&["wapi:2943-2947"]),
    ON_MODIFY.optional("DESCRIPTION").most(DESCRIPTION_BYTES).form(Format::Latin1Bytes)
        .not(BLANK_NOT).said(&["wapi:2949-2953"]),
    ON_MODIFY.optional("ASSIGNEDTO").of_tenant(AgentsAndGroups).or_else("the value of USERNAME")
        .needs(ASSIGNEDTO_NEEDS).said(&["wapi:2955-2961"]),
    ON_MODIFY.optional("TASK_STATUS").of_tenant(Picklist).said(&["wapi:2963-2964"]),
    ON_MODIFY.optional("MEDIATYPE").one_of(MEDIA_TYPES).of_tenant(Picklist)
        .said(&["wapi:2966-2969"]),
    ON_MODIFY.optional("CALL_TYPE").of_tenant(Picklist).said(&["wapi:2972"]),
    ON_MODIFY.optional("PHONE").most(128).chars(PHONE).not(PHONE_NOT)
        .said(&["wapi:2974", "wapi:606"]),
    ON_MODIFY.optional("EMAIL").most(255).form(Format::EmailAddress).said(&["wapi:2976"]),
    ON_MODIFY.optional("DUEDATE").form(Format::DateTime).said(&["wapi:2978-2980"]),
    ON_MODIFY.optional("REMINDER").one_of(YES_NO).needs(REMINDER_NEEDS)
        .said(&["wapi:2982-2984"]),
    ON_MODIFY.optional(CUSTOM_PICKLIST).of_tenant(Picklist).said(&["wapi:2986-2992"]),
    ON_MODIFY.optional(CUSTOM_FIELD).said(&["wapi:2994-2997"]),
];

const ON_GET: Table = Table::new("Task", "Get", "Get Task");

/// `%` (wapi:3035-3047), repeated (wapi:3049-3058, wapi:3129-3130) and ranges (wapi:3060-3068)
/// are told before the table, which lacks FROMCREATEDATE and TOCREATEDATE (wapi:3061). ASSIGNEDTO
/// needs nothing here, whatever wapi:3481 says: wapi:3139-3143. CAMPAIGNNAME is printed
/// CAMPAGINNAME. REMINDER has to be "used with DUEDATE" (wapi:3527), which Get does not take.
#[rustfmt::skip]
static GET: [Rule; 20] = [
    ON_GET.row("TASKNUM").said(&["wapi:3464-3465"]),
    ON_GET.row("SUBJECT").most(255).not(BLANK_NOT).percent()
        .said(&["wapi:3468-3472", "wapi:3036"]),
    ON_GET.row("DESCRIPTION").most(DESCRIPTION_BYTES).form(Format::Latin1Bytes).not(BLANK_NOT)
        .said(&["wapi:3474-3478"]),
    ON_GET.row("ASSIGNEDTO").of_tenant(AgentsAndGroups).often()
        .form(Format::UserId { or: &["Deleted Agents", "Deleted Groups", "None"] })
        .said(&["wapi:3480-3485", "wapi:3052"]),
    ON_GET.row("CREATEDBY").of_tenant(Agents).often()
        .form(Format::UserId { or: &["Deleted Agents"] }).said(&["wapi:3487", "wapi:3050"]),
    ON_GET.row("TASK_STATUS").of_tenant(Picklist).often().said(&["wapi:3489", "wapi:3054"]),
    ON_GET.row("FROMDUEDATE").form(Format::DateOrDateTime).pairs_with("TODUEDATE")
        .said(&["wapi:3491-3492", "wapi:3063", "wapi:3121"]),
    ON_GET.row("TODUEDATE").form(Format::DateOrDateTime).pairs_with("FROMDUEDATE")
        .said(&["wapi:3494-3495", "wapi:3063", "wapi:3123"]),
    ON_GET.row("FROMLASTMODDATE").form(Format::Date).pairs_with("TOLASTMODDATE")
        .said(&["wapi:3497-3498", "wapi:3064"]),
    ON_GET.row("TOLASTMODDATE").form(Format::Date).pairs_with("FROMLASTMODDATE")
        .said(&["wapi:3500-3501", "wapi:3064"]),
    ON_GET.row("MEDIATYPE").one_of(MEDIA_TYPES).of_tenant(Picklist).often()
        .said(&["wapi:3503-3506", "wapi:3058"]),
    ON_GET.row("CALL_TYPE").of_tenant(Picklist).often().said(&["wapi:3508", "wapi:3056"]),
    ON_GET.row("PHONE").most(128).chars(PHONE).not(PHONE_NOT).percent()
        .said(&["wapi:3510", "wapi:3038", "wapi:606"]),
    ON_GET.row("EMAIL").most(255).form(Format::EmailAddress).percent()
        .said(&["wapi:3512", "wapi:3040"]),
    ON_GET.row("CAMPAIGNNAME").most(255).not(BLANK_NOT).percent()
        .said(&["wapi:3514-3519", "wapi:3042"]),
    ON_GET.row("TRANSID").most(10).chars(DIGITS).form(Format::Digits).percent()
        .said(&["wapi:3521-3525", "wapi:3044"]),
    ON_GET.row("REMINDER").one_of(YES_NO).said(&["wapi:3527"]),
    ON_GET.row(CUSTOM_PICKLIST).of_tenant(Picklist).said(&["wapi:3529-3534"]),
    ON_GET.row(CUSTOM_FIELD).said(&["wapi:3536-3538"]),
    ON_GET.row("ACCOUNTNUM").said(&["wapi:3540-3541"]),
];

static DELETE: [Rule; 1] =
    [Table::new("Task", "Delete", "Delete Task").mandatory("TASKNUM").said(&["wapi:3654"])];

pub(super) fn table(action: Action) -> &'static [Rule] {
    match action {
        Action::Add => &ADD,
        Action::Modify => &MODIFY,
        Action::Get => &GET,
        Action::Delete => &DELETE,
    }
}
