//! Rules of an FAQ (wapi-crm-api), row by row as the guide prints them; the client column of the
//! rulings where the guide contradicts itself.

use super::WAPI_DOCUMENT;
use crate::{
    crm::Action,
    rules::{Format, Presence, Rule, TenantValues},
};

const OF_ADD: Rule =
    Rule { document: WAPI_DOCUMENT, section: "Add FAQ", ..Rule::new("FAQ", "Add", "") };

static ADD: [Rule; 6] = [
    Rule {
        tag: "FAQCATID",
        presence: Some(Presence::Mandatory),
        values_case_sensitive: true,
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        tenant_values: Some(TenantValues::FaqCategories),
        lines: &["wapi:3978-3979"],
        ..OF_ADD
    },
    Rule {
        tag: "QUESTION",
        presence: Some(Presence::Mandatory),
        max_chars: Some(250),
        invalid: &["whitespace-only"],
        lines: &["wapi:3981-3985"],
        ..OF_ADD
    },
    Rule {
        tag: "ANSWER",
        presence: Some(Presence::Mandatory),
        max_chars: Some(4000),
        invalid: &["whitespace-only"],
        lines: &["wapi:3987-3991"],
        ..OF_ADD
    },
    Rule {
        tag: "SHORTCUT",
        presence: Some(Presence::Optional),
        max_chars: Some(20),
        invalid: &["whitespace-only"],
        unique: true,
        lines: &["wapi:3993-3997", "wapi:3939-3940"],
        ..OF_ADD
    },
    Rule {
        tag: "PRIVATE",
        presence: Some(Presence::Optional),
        values: &["Y", "N"],
        values_case_sensitive: true,
        default: Some("N"),
        lines: &["wapi:3999-4003"],
        ..OF_ADD
    },
    Rule {
        tag: "LANGUAGE",
        presence: Some(Presence::Optional),
        values: &[
            "en", "ru", "de", "ja", "es", "fr", "pt", "it", "pl", "hr", "hi", "nl", "ar", "da",
            "ko", "no", "sv", "vi", "cy", "th", "zh-CN", "zh-TW",
        ],
        values_case_sensitive: true,
        default: Some("en"),
        lines: &["wapi:4005-4050"],
        ..OF_ADD
    },
];

const OF_MODIFY: Rule =
    Rule { document: WAPI_DOCUMENT, section: "Modify FAQ", ..Rule::new("FAQ", "Modify", "") };

static MODIFY: [Rule; 5] = [
    Rule {
        tag: "FAQID",
        presence: Some(Presence::Mandatory),
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        lines: &["wapi:4108-4109"],
        ..OF_MODIFY
    },
    Rule {
        tag: "QUESTION",
        presence: Some(Presence::Optional),
        max_chars: Some(250),
        invalid: &["whitespace-only"],
        lines: &["wapi:4111-4119"],
        ..OF_MODIFY
    },
    Rule {
        tag: "ANSWER",
        presence: Some(Presence::Optional),
        max_chars: Some(4000),
        invalid: &["whitespace-only"],
        lines: &["wapi:4121-4128"],
        ..OF_MODIFY
    },
    Rule {
        tag: "SHORTCUT",
        presence: Some(Presence::Optional),
        max_chars: Some(20),
        invalid: &["whitespace-only"],
        unique: true,
        lines: &["wapi:4130-4134", "wapi:3939-3940"],
        ..OF_MODIFY
    },
    Rule {
        tag: "PRIVATE",
        presence: Some(Presence::Optional),
        values: &["Y", "N"],
        default: Some("N"),
        lines: &["wapi:4136-4138"],
        ..OF_MODIFY
    },
];

const OF_GET: Rule =
    Rule { document: WAPI_DOCUMENT, section: "Get FAQ", ..Rule::new("FAQ", "Get", "") };

static GET: [Rule; 4] = [
    Rule {
        tag: "FAQCATID",
        values_case_sensitive: true,
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        tenant_values: Some(TenantValues::FaqCategories),
        lines: &["wapi:4237"],
        ..OF_GET
    },
    Rule { tag: "STRING", wildcard: true, lines: &["wapi:4239", "wapi:4192-4209"], ..OF_GET },
    Rule {
        tag: "FROMCREATEDATE",
        format: Some(Format::Date),
        range_pair: Some("TOCREATEDATE"),
        lines: &["wapi:4241-4242", "wapi:4171-4172"],
        ..OF_GET
    },
    Rule {
        tag: "TOCREATEDATE",
        format: Some(Format::Date),
        range_pair: Some("FROMCREATEDATE"),
        lines: &["wapi:4244-4245", "wapi:4171-4172"],
        ..OF_GET
    },
];

const OF_DELETE: Rule =
    Rule { document: WAPI_DOCUMENT, section: "Delete FAQ", ..Rule::new("FAQ", "Delete", "") };

static DELETE: [Rule; 1] = [Rule {
    tag: "FAQID",
    presence: Some(Presence::Mandatory),
    charset: Some("[0-9]"),
    format: Some(Format::Integer),
    lines: &["wapi:4313-4314"],
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
