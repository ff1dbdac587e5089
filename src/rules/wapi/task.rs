//! Rules of a task (wapi-crm-api), row by row as the guide prints them; the client column of the
//! rulings where the guide contradicts itself.

use super::WAPI_DOCUMENT;
use crate::{
    crm::Action,
    rules::{Format, Presence, Rule, TenantValues},
};

const OF_ADD: Rule =
    Rule { document: WAPI_DOCUMENT, section: "Add Task", ..Rule::new("Task", "Add", "") };

static ADD: [Rule; 16] = [
    Rule {
        tag: "ACCOUNTNUM",
        presence: Some(Presence::Mandatory),
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        lines: &["wapi:2793-2794"],
        ..OF_ADD
    },
    Rule {
        tag: "SUBJECT",
        presence: Some(Presence::Optional),
        max_chars: Some(255),
        invalid: &["whitespace-only"],
        lines: &["wapi:2796-2800"],
        ..OF_ADD
    },
    Rule {
        tag: "DESCRIPTION",
        presence: Some(Presence::Optional),
        invalid: &["whitespace-only"],
        format: Some(Format::Latin1Bytes { most: 2_000_000 }),
        lines: &["wapi:2802-2806"],
        ..OF_ADD
    },
    Rule {
        tag: "ASSIGNEDTO",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        default: Some("the API user"),
        requires: &["TASK_STATUS"],
        tenant_values: Some(TenantValues::AgentsAndGroups),
        lines: &["wapi:2808-2816"],
        ..OF_ADD
    },
    Rule {
        tag: "TASK_STATUS",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        default: Some("New"),
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2818-2819"],
        ..OF_ADD
    },
    Rule {
        tag: "MEDIATYPE",
        presence: Some(Presence::Optional),
        values: &["Phone", "Chat", "Email", "None"],
        values_case_sensitive: true,
        lines: &["wapi:2821-2824"],
        ..OF_ADD
    },
    Rule {
        tag: "CALL_TYPE",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2826"],
        ..OF_ADD
    },
    Rule {
        tag: "PHONE",
        presence: Some(Presence::Optional),
        max_chars: Some(128),
        charset: Some("[+()/._0-9 -]"),
        lines: &["wapi:2828"],
        ..OF_ADD
    },
    Rule {
        tag: "EMAIL",
        presence: Some(Presence::Optional),
        max_chars: Some(255),
        format: Some(Format::EmailAddress),
        lines: &["wapi:2830"],
        ..OF_ADD
    },
    Rule {
        tag: "DUEDATE",
        presence: Some(Presence::Optional),
        format: Some(Format::DateTime),
        lines: &["wapi:2832-2834"],
        ..OF_ADD
    },
    Rule {
        tag: "REMINDER",
        presence: Some(Presence::Optional),
        values: &["Y", "N"],
        values_case_sensitive: true,
        requires: &["DUEDATE"],
        lines: &["wapi:2836-2838"],
        ..OF_ADD
    },
    Rule {
        tag: "CAMPAIGNNAME",
        presence: Some(Presence::Optional),
        max_chars: Some(255),
        invalid: &["whitespace-only"],
        lines: &["wapi:2840-2844"],
        ..OF_ADD
    },
    Rule {
        tag: "CALLDURATION",
        presence: Some(Presence::Optional),
        max_chars: Some(13),
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        lines: &["wapi:2846-2850"],
        ..OF_ADD
    },
    Rule {
        tag: "TRANSID",
        presence: Some(Presence::Optional),
        max_chars: Some(10),
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        lines: &["wapi:2852-2856"],
        ..OF_ADD
    },
    Rule {
        tag: "CF01_PICKLIST.NAME",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2858-2864"],
        ..OF_ADD
    },
    Rule {
        tag: "CF02.NAME",
        presence: Some(Presence::Optional),
        lines: &["wapi:2866-2871"],
        ..OF_ADD
    },
];

const OF_MODIFY: Rule =
    Rule { document: WAPI_DOCUMENT, section: "Modify Task", ..Rule::new("Task", "Modify", "") };

static MODIFY: [Rule; 13] = [
    Rule {
        tag: "TASKNUM",
        presence: Some(Presence::Mandatory),
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        lines: &["wapi:2940-2941"],
        ..OF_MODIFY
    },
    Rule {
        tag: "SUBJECT",
        presence: Some(Presence::Optional),
        max_chars: Some(255),
        invalid: &["whitespace-only"],
        lines: &["wapi:2943-2947"],
        ..OF_MODIFY
    },
    Rule {
        tag: "DESCRIPTION",
        presence: Some(Presence::Optional),
        invalid: &["whitespace-only"],
        format: Some(Format::Latin1Bytes { most: 2_000_000 }),
        lines: &["wapi:2949-2953"],
        ..OF_MODIFY
    },
    Rule {
        tag: "ASSIGNEDTO",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        default: Some("the API user"),
        requires: &["TASK_STATUS"],
        tenant_values: Some(TenantValues::AgentsAndGroups),
        lines: &["wapi:2955-2961"],
        ..OF_MODIFY
    },
    Rule {
        tag: "TASK_STATUS",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2963-2964"],
        ..OF_MODIFY
    },
    Rule {
        tag: "MEDIATYPE",
        presence: Some(Presence::Optional),
        values: &["Phone", "Chat", "Email", "None"],
        values_case_sensitive: true,
        lines: &["wapi:2966-2969"],
        ..OF_MODIFY
    },
    Rule {
        tag: "CALL_TYPE",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2972"],
        ..OF_MODIFY
    },
    Rule {
        tag: "PHONE",
        presence: Some(Presence::Optional),
        max_chars: Some(128),
        charset: Some("[+()/._0-9 -]"),
        lines: &["wapi:2974"],
        ..OF_MODIFY
    },
    Rule {
        tag: "EMAIL",
        presence: Some(Presence::Optional),
        max_chars: Some(255),
        format: Some(Format::EmailAddress),
        lines: &["wapi:2976"],
        ..OF_MODIFY
    },
    Rule {
        tag: "DUEDATE",
        presence: Some(Presence::Optional),
        format: Some(Format::DateTime),
        lines: &["wapi:2978-2980"],
        ..OF_MODIFY
    },
    Rule {
        tag: "REMINDER",
        presence: Some(Presence::Optional),
        values: &["Y", "N"],
        values_case_sensitive: true,
        requires: &["DUEDATE"],
        lines: &["wapi:2982-2984"],
        ..OF_MODIFY
    },
    Rule {
        tag: "CF01_PICKLIST.NAME",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:2986-2992"],
        ..OF_MODIFY
    },
    Rule {
        tag: "CF02.NAME",
        presence: Some(Presence::Optional),
        lines: &["wapi:2994-2997"],
        ..OF_MODIFY
    },
];

const OF_GET: Rule =
    Rule { document: WAPI_DOCUMENT, section: "Get Task", ..Rule::new("Task", "Get", "") };

static GET: [Rule; 20] = [
    Rule {
        tag: "TASKNUM",
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        lines: &["wapi:3464-3465"],
        ..OF_GET
    },
    Rule {
        tag: "SUBJECT",
        max_chars: Some(255),
        invalid: &["whitespace-only"],
        wildcard: true,
        lines: &["wapi:3468-3472", "wapi:3035-3047"],
        ..OF_GET
    },
    Rule {
        tag: "DESCRIPTION",
        invalid: &["whitespace-only"],
        format: Some(Format::Latin1Bytes { most: 2_000_000 }),
        lines: &["wapi:3474-3478"],
        ..OF_GET
    },
    Rule {
        tag: "ASSIGNEDTO",
        values_case_sensitive: true,
        repeatable: true,
        tenant_values: Some(TenantValues::AgentsAndGroups),
        lines: &["wapi:3480-3485", "wapi:3049-3058"],
        ..OF_GET
    },
    Rule {
        tag: "CREATEDBY",
        values_case_sensitive: true,
        repeatable: true,
        tenant_values: Some(TenantValues::Agents),
        lines: &["wapi:3487", "wapi:3049-3058"],
        ..OF_GET
    },
    Rule {
        tag: "TASK_STATUS",
        values_case_sensitive: true,
        repeatable: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:3489", "wapi:3049-3058"],
        ..OF_GET
    },
    Rule {
        tag: "FROMDUEDATE",
        format: Some(Format::DateOrDateTime),
        range_pair: Some("TODUEDATE"),
        lines: &["wapi:3491-3492", "wapi:3063", "wapi:3121-3123"],
        ..OF_GET
    },
    Rule {
        tag: "TODUEDATE",
        format: Some(Format::DateOrDateTime),
        range_pair: Some("FROMDUEDATE"),
        lines: &["wapi:3494-3495", "wapi:3063", "wapi:3121-3123"],
        ..OF_GET
    },
    Rule {
        tag: "FROMLASTMODDATE",
        format: Some(Format::Date),
        range_pair: Some("TOLASTMODDATE"),
        lines: &["wapi:3497-3498", "wapi:3064"],
        ..OF_GET
    },
    Rule {
        tag: "TOLASTMODDATE",
        format: Some(Format::Date),
        range_pair: Some("FROMLASTMODDATE"),
        lines: &["wapi:3500-3501", "wapi:3064"],
        ..OF_GET
    },
    Rule {
        tag: "MEDIATYPE",
        values: &["Phone", "Chat", "Email", "None"],
        values_case_sensitive: true,
        repeatable: true,
        lines: &["wapi:3503-3506", "wapi:3049-3058"],
        ..OF_GET
    },
    Rule {
        tag: "CALL_TYPE",
        values_case_sensitive: true,
        repeatable: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:3508", "wapi:3049-3058"],
        ..OF_GET
    },
    Rule {
        tag: "PHONE",
        max_chars: Some(128),
        charset: Some("[+()/._0-9 -]"),
        wildcard: true,
        lines: &["wapi:3510", "wapi:3035-3047"],
        ..OF_GET
    },
    Rule {
        tag: "EMAIL",
        max_chars: Some(255),
        format: Some(Format::EmailAddress),
        wildcard: true,
        lines: &["wapi:3512", "wapi:3035-3047"],
        ..OF_GET
    },
    Rule {
        tag: "CAMPAIGNNAME",
        max_chars: Some(255),
        invalid: &["whitespace-only"],
        wildcard: true,
        lines: &["wapi:3514-3519", "wapi:3035-3047"],
        ..OF_GET
    },
    Rule {
        tag: "TRANSID",
        max_chars: Some(10),
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        wildcard: true,
        lines: &["wapi:3521-3525", "wapi:3035-3047"],
        ..OF_GET
    },
    Rule {
        tag: "REMINDER",
        values: &["Y", "N"],
        values_case_sensitive: true,
        requires: &["DUEDATE"],
        lines: &["wapi:3527"],
        ..OF_GET
    },
    Rule {
        tag: "CF01_PICKLIST.NAME",
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:3529-3534"],
        ..OF_GET
    },
    Rule { tag: "CF02.NAME", lines: &["wapi:3536-3538"], ..OF_GET },
    Rule {
        tag: "ACCOUNTNUM",
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        lines: &["wapi:3540-3541"],
        ..OF_GET
    },
];

const OF_DELETE: Rule =
    Rule { document: WAPI_DOCUMENT, section: "Delete Task", ..Rule::new("Task", "Delete", "") };

static DELETE: [Rule; 1] = [Rule {
    tag: "TASKNUM",
    presence: Some(Presence::Mandatory),
    charset: Some("[0-9]"),
    format: Some(Format::Integer),
    lines: &["wapi:3654"],
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
