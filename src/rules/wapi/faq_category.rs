//! Rules of a category of FAQs (wapi-crm-api), row by row as the guide prints them; the client column of the
//! rulings where the guide contradicts itself.

use super::WAPI_DOCUMENT;
use crate::{
    crm::Action,
    rules::{Format, Presence, Rule, TenantValues},
};

const OF_ADD: Rule = Rule {
    document: WAPI_DOCUMENT,
    section: "Add FAQ Category",
    ..Rule::new("FAQCategory", "Add", "")
};

static ADD: [Rule; 2] = [
    Rule {
        tag: "FAQCATEGORY",
        presence: Some(Presence::Mandatory),
        max_chars: Some(50),
        charset: Some("[A-Za-z0-9~!@#$%^:\";,.?/ ]"),
        invalid: &["&", "*", "(", ")", "-", "=", "_", "{", "}", "[", "]", "|", "whitespace-only"],
        lines: &["wapi:3720-3729"],
        ..OF_ADD
    },
    Rule {
        tag: "PRIVATE",
        presence: Some(Presence::Optional),
        values: &["Y", "N"],
        values_case_sensitive: true,
        default: Some("N"),
        lines: &["wapi:3731-3737"],
        ..OF_ADD
    },
];

const OF_MODIFY: Rule = Rule {
    document: WAPI_DOCUMENT,
    section: "Modify FAQ Category",
    ..Rule::new("FAQCategory", "Modify", "")
};

static MODIFY: [Rule; 3] = [
    Rule {
        tag: "FAQCATID",
        presence: Some(Presence::Mandatory),
        values_case_sensitive: true,
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        tenant_values: Some(TenantValues::FaqCategories),
        lines: &["wapi:3794-3795"],
        ..OF_MODIFY
    },
    Rule {
        tag: "FAQCATEGORY",
        presence: Some(Presence::Mandatory),
        max_chars: Some(50),
        charset: Some("[A-Za-z0-9~!@#$%^:\";,.?/ ]"),
        invalid: &["&", "*", "(", ")", "-", "=", "_", "{", "}", "[", "]", "|", "whitespace-only"],
        lines: &["wapi:3797-3801", "wapi:3720-3725"],
        ..OF_MODIFY
    },
    Rule {
        tag: "PRIVATE",
        presence: Some(Presence::Optional),
        values: &["Y", "N"],
        values_case_sensitive: true,
        default: Some("N"),
        lines: &["wapi:3803-3808"],
        ..OF_MODIFY
    },
];

const OF_DELETE: Rule = Rule {
    document: WAPI_DOCUMENT,
    section: "Delete FAQ Category",
    ..Rule::new("FAQCategory", "Delete", "")
};

static DELETE: [Rule; 1] = [Rule {
    tag: "FAQCATID",
    presence: Some(Presence::Mandatory),
    charset: Some("[0-9]"),
    format: Some(Format::Integer),
    lines: &["wapi:3891-3893"],
    ..OF_DELETE
}];

/// The parameters of an action, in the order of the guide.
pub(super) fn table(action: Action) -> &'static [Rule] {
    match action {
        Action::Add => &ADD,
        Action::Modify => &MODIFY,
        Action::Delete => &DELETE,
        _ => &[],
    }
}
