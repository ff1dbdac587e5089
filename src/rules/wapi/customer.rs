//! Rules of a customer (wapi-crm-api), row by row as the guide prints them; the client column of the
//! rulings where the guide contradicts itself.

use super::WAPI_DOCUMENT;
use crate::{
    crm::Action,
    rules::{Format, Presence, Rule, TenantValues},
};

const OF_ADD: Rule =
    Rule { document: WAPI_DOCUMENT, section: "Add Customer", ..Rule::new("Customer", "Add", "") };

static ADD: [Rule; 25] = [
    Rule {
        tag: "FIRSTNAME",
        presence: Some(Presence::Mandatory),
        max_chars: Some(30),
        lines: &["wapi:588"],
        ..OF_ADD
    },
    Rule {
        tag: "LASTNAME",
        presence: Some(Presence::Mandatory),
        max_chars: Some(30),
        lines: &["wapi:590"],
        ..OF_ADD
    },
    Rule {
        tag: "EMAIL",
        presence: Some(Presence::Optional),
        max_chars: Some(55),
        charset: Some("[A-Za-z0-9_@.-]"),
        unique: true,
        lines: &["wapi:592-598"],
        ..OF_ADD
    },
    Rule {
        tag: "COMPANY",
        presence: Some(Presence::Optional),
        max_chars: Some(50),
        invalid: &["~", "<", ">", "whitespace-only"],
        lines: &["wapi:600-602"],
        ..OF_ADD
    },
    Rule {
        tag: "VOICE",
        presence: Some(Presence::Optional),
        max_chars: Some(38),
        charset: Some("[+()/._0-9 -]"),
        invalid: &["whitespace-only", "non-numeric characters"],
        lines: &["wapi:604-608"],
        ..OF_ADD
    },
    Rule {
        tag: "ALTERNATIVE",
        presence: Some(Presence::Optional),
        max_chars: Some(38),
        charset: Some("[+()/._0-9 -]"),
        invalid: &["whitespace-only", "non-numeric characters"],
        lines: &["wapi:610-614"],
        ..OF_ADD
    },
    Rule {
        tag: "FAX",
        presence: Some(Presence::Optional),
        max_chars: Some(38),
        charset: Some("[+()/._0-9 -]"),
        invalid: &["whitespace-only", "non-numeric characters"],
        lines: &["wapi:616-620"],
        ..OF_ADD
    },
    Rule {
        tag: "COMMENTS",
        presence: Some(Presence::Optional),
        max_chars: Some(1024),
        lines: &["wapi:622"],
        ..OF_ADD
    },
    Rule {
        tag: "PASSWORD",
        presence: Some(Presence::Optional),
        min_chars: Some(3),
        max_chars: Some(15),
        charset: Some("[A-Za-z0-9_]"),
        lines: &["wapi:624-628"],
        ..OF_ADD
    },
    Rule {
        tag: "AUTOPASSWD",
        presence: Some(Presence::Mandatory),
        values: &["False", "True"],
        requires: &["PASSWORD where it is False", "no PASSWORD where it is True"],
        lines: &["wapi:630-634"],
        ..OF_ADD
    },
    Rule {
        tag: "ADDR1STR1",
        presence: Some(Presence::Optional),
        max_chars: Some(50),
        lines: &["wapi:636"],
        ..OF_ADD
    },
    Rule {
        tag: "ADDR1STR2",
        presence: Some(Presence::Optional),
        max_chars: Some(50),
        lines: &["wapi:638"],
        ..OF_ADD
    },
    Rule {
        tag: "ADDR1CITY",
        presence: Some(Presence::Optional),
        max_chars: Some(40),
        lines: &["wapi:640"],
        ..OF_ADD
    },
    Rule {
        tag: "ADDR1STATE",
        presence: Some(Presence::Optional),
        max_chars: Some(30),
        lines: &["wapi:642"],
        ..OF_ADD
    },
    Rule {
        tag: "ADDR1ZIP",
        presence: Some(Presence::Optional),
        max_chars: Some(15),
        lines: &["wapi:644"],
        ..OF_ADD
    },
    Rule {
        tag: "ADDR1COUNTRY",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        default: Some("United States"),
        tenant_values: Some(TenantValues::Countries),
        lines: &["wapi:649-651"],
        ..OF_ADD
    },
    Rule {
        tag: "ADDR2STR1",
        presence: Some(Presence::Optional),
        max_chars: Some(50),
        lines: &["wapi:653"],
        ..OF_ADD
    },
    Rule {
        tag: "ADDR2STR2",
        presence: Some(Presence::Optional),
        max_chars: Some(50),
        lines: &["wapi:655"],
        ..OF_ADD
    },
    Rule {
        tag: "ADDR2CITY",
        presence: Some(Presence::Optional),
        max_chars: Some(40),
        lines: &["wapi:657"],
        ..OF_ADD
    },
    Rule {
        tag: "ADDR2STATE",
        presence: Some(Presence::Optional),
        max_chars: Some(30),
        lines: &["wapi:659"],
        ..OF_ADD
    },
    Rule {
        tag: "ADDR2ZIP",
        presence: Some(Presence::Optional),
        max_chars: Some(15),
        lines: &["wapi:661"],
        ..OF_ADD
    },
    Rule {
        tag: "ADDR2COUNTRY",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        default: Some("United States"),
        tenant_values: Some(TenantValues::Countries),
        lines: &["wapi:663-665"],
        ..OF_ADD
    },
    Rule {
        tag: "CUSTOMERTYPE",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:667-669"],
        ..OF_ADD
    },
    Rule {
        tag: "CF01_PICKLIST.NAME",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:671-677"],
        ..OF_ADD
    },
    Rule {
        tag: "CF02.NAME",
        presence: Some(Presence::Optional),
        lines: &["wapi:679-684"],
        ..OF_ADD
    },
];

const OF_MODIFY: Rule = Rule {
    document: WAPI_DOCUMENT,
    section: "Modify Customer",
    ..Rule::new("Customer", "Modify", "")
};

static MODIFY: [Rule; 26] = [
    Rule {
        tag: "ACCOUNTNUM",
        presence: Some(Presence::Mandatory),
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        lines: &["wapi:744", "wapi:773"],
        ..OF_MODIFY
    },
    Rule {
        tag: "FIRSTNAME",
        presence: Some(Presence::Optional),
        max_chars: Some(30),
        lines: &["wapi:746", "wapi:775"],
        ..OF_MODIFY
    },
    Rule {
        tag: "LASTNAME",
        presence: Some(Presence::Optional),
        max_chars: Some(30),
        lines: &["wapi:749", "wapi:777"],
        ..OF_MODIFY
    },
    Rule {
        tag: "EMAIL",
        presence: Some(Presence::Optional),
        max_chars: Some(55),
        charset: Some("[A-Za-z0-9_@.-]"),
        unique: true,
        lines: &["wapi:751-753", "wapi:779-781"],
        ..OF_MODIFY
    },
    Rule {
        tag: "COMPANY",
        presence: Some(Presence::Optional),
        max_chars: Some(50),
        invalid: &["~", "<", ">", "whitespace-only"],
        lines: &["wapi:755-757", "wapi:783-785"],
        ..OF_MODIFY
    },
    Rule {
        tag: "VOICE",
        presence: Some(Presence::Optional),
        max_chars: Some(38),
        charset: Some("[+()/._0-9 -]"),
        invalid: &["whitespace-only", "non-numeric characters"],
        lines: &["wapi:759-763", "wapi:787-791"],
        ..OF_MODIFY
    },
    Rule {
        tag: "ALTERNATIVE",
        presence: Some(Presence::Optional),
        max_chars: Some(38),
        charset: Some("[+()/._0-9 -]"),
        invalid: &["whitespace-only", "non-numeric characters"],
        lines: &["wapi:765-769", "wapi:793-797"],
        ..OF_MODIFY
    },
    Rule {
        tag: "FAX",
        presence: Some(Presence::Optional),
        max_chars: Some(38),
        charset: Some("[+()/._0-9 -]"),
        invalid: &["whitespace-only", "non-numeric characters"],
        lines: &["wapi:771", "wapi:799-804"],
        ..OF_MODIFY
    },
    Rule {
        tag: "COMMENTS",
        presence: Some(Presence::Optional),
        max_chars: Some(1024),
        lines: &["wapi:806"],
        ..OF_MODIFY
    },
    Rule {
        tag: "PASSWORD",
        presence: Some(Presence::Optional),
        min_chars: Some(3),
        max_chars: Some(15),
        charset: Some("[A-Za-z0-9_]"),
        lines: &["wapi:808-812"],
        ..OF_MODIFY
    },
    Rule {
        tag: "AUTOPASSWD",
        presence: Some(Presence::Optional),
        values: &["False", "True"],
        requires: &["PASSWORD where it is False", "no PASSWORD where it is True"],
        lines: &["wapi:814-818"],
        ..OF_MODIFY
    },
    Rule {
        tag: "ADDR1STR1",
        presence: Some(Presence::Optional),
        max_chars: Some(50),
        lines: &["wapi:820"],
        ..OF_MODIFY
    },
    Rule {
        tag: "ADDR1STR2",
        presence: Some(Presence::Optional),
        max_chars: Some(50),
        lines: &["wapi:822"],
        ..OF_MODIFY
    },
    Rule {
        tag: "ADDR1CITY",
        presence: Some(Presence::Optional),
        max_chars: Some(40),
        lines: &["wapi:824"],
        ..OF_MODIFY
    },
    Rule {
        tag: "ADDR1STATE",
        presence: Some(Presence::Optional),
        max_chars: Some(30),
        lines: &["wapi:826"],
        ..OF_MODIFY
    },
    Rule {
        tag: "ADDR1ZIP",
        presence: Some(Presence::Optional),
        max_chars: Some(15),
        lines: &["wapi:828"],
        ..OF_MODIFY
    },
    Rule {
        tag: "ADDR1COUNTRY",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        default: Some("United States"),
        tenant_values: Some(TenantValues::Countries),
        lines: &["wapi:830-832"],
        ..OF_MODIFY
    },
    Rule {
        tag: "ADDR2STR1",
        presence: Some(Presence::Optional),
        max_chars: Some(50),
        lines: &["wapi:834"],
        ..OF_MODIFY
    },
    Rule {
        tag: "ADDR2STR2",
        presence: Some(Presence::Optional),
        max_chars: Some(50),
        lines: &["wapi:836"],
        ..OF_MODIFY
    },
    Rule {
        tag: "ADDR2CITY",
        presence: Some(Presence::Optional),
        max_chars: Some(40),
        lines: &["wapi:838"],
        ..OF_MODIFY
    },
    Rule {
        tag: "ADDR2STATE",
        presence: Some(Presence::Optional),
        max_chars: Some(30),
        lines: &["wapi:840"],
        ..OF_MODIFY
    },
    Rule {
        tag: "ADDR2ZIP",
        presence: Some(Presence::Optional),
        max_chars: Some(15),
        lines: &["wapi:842"],
        ..OF_MODIFY
    },
    Rule {
        tag: "ADDR2COUNTRY",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        default: Some("United States"),
        tenant_values: Some(TenantValues::Countries),
        lines: &["wapi:844-846"],
        ..OF_MODIFY
    },
    Rule {
        tag: "CUSTOMERTYPE",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:848-850"],
        ..OF_MODIFY
    },
    Rule {
        tag: "CF01_PICKLIST.NAME",
        presence: Some(Presence::Optional),
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:852-857"],
        ..OF_MODIFY
    },
    Rule {
        tag: "CF02.NAME",
        presence: Some(Presence::Optional),
        lines: &["wapi:859-862"],
        ..OF_MODIFY
    },
];

const OF_GET: Rule = Rule {
    document: WAPI_DOCUMENT,
    section: "Get Customer Details",
    ..Rule::new("Customer", "Get", "")
};

static GET: [Rule; 13] = [
    Rule { tag: "FIRSTNAME", max_chars: Some(30), lines: &["wapi:1166"], ..OF_GET },
    Rule {
        tag: "LASTNAME",
        max_chars: Some(30),
        wildcard: true,
        lines: &["wapi:1168", "wapi:948-957"],
        ..OF_GET
    },
    Rule {
        tag: "EMAIL",
        max_chars: Some(55),
        charset: Some("[A-Za-z0-9_@.-]"),
        wildcard: true,
        lines: &["wapi:1170-1172", "wapi:976-986"],
        ..OF_GET
    },
    Rule {
        tag: "VOICE",
        max_chars: Some(38),
        charset: Some("[+()/._0-9 -]"),
        invalid: &["whitespace-only", "non-numeric characters"],
        lines: &["wapi:1174-1178"],
        ..OF_GET
    },
    Rule {
        tag: "COMPANY",
        max_chars: Some(50),
        invalid: &["~", "<", ">", "whitespace-only"],
        wildcard: true,
        lines: &["wapi:1180-1184", "wapi:912-925"],
        ..OF_GET
    },
    Rule {
        tag: "ACCOUNTNUM",
        charset: Some("[0-9]"),
        format: Some(Format::Integer),
        wildcard: true,
        lines: &["wapi:1186-1187", "wapi:1024-1034"],
        ..OF_GET
    },
    Rule {
        tag: "CUSTOMERTYPE",
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:1189-1190"],
        ..OF_GET
    },
    Rule {
        tag: "CF01_PICKLIST.NAME",
        values_case_sensitive: true,
        tenant_values: Some(TenantValues::Picklist),
        lines: &["wapi:1192-1198"],
        ..OF_GET
    },
    Rule { tag: "CF02.NAME", lines: &["wapi:1200-1203"], ..OF_GET },
    Rule {
        tag: "FROMCREATEDATE",
        format: Some(Format::Date),
        range_pair: Some("TOCREATEDATE"),
        lines: &["wapi:1206-1207", "wapi:892-893"],
        ..OF_GET
    },
    Rule {
        tag: "TOCREATEDATE",
        format: Some(Format::Date),
        range_pair: Some("FROMCREATEDATE"),
        lines: &["wapi:1209-1210", "wapi:892-893"],
        ..OF_GET
    },
    Rule {
        tag: "FROMLASTMODDATE",
        format: Some(Format::Date),
        range_pair: Some("TOLASTMODDATE"),
        lines: &["wapi:1212-1213", "wapi:895"],
        ..OF_GET
    },
    Rule {
        tag: "TOLASTMODDATE",
        format: Some(Format::Date),
        range_pair: Some("FROMLASTMODDATE"),
        lines: &["wapi:1215-1216", "wapi:895"],
        ..OF_GET
    },
];

const OF_DELETE: Rule = Rule {
    document: WAPI_DOCUMENT,
    section: "Delete Customer",
    ..Rule::new("Customer", "Delete", "")
};

static DELETE: [Rule; 1] = [Rule {
    tag: "ACCOUNTNUM",
    presence: Some(Presence::Mandatory),
    charset: Some("[0-9]"),
    format: Some(Format::Integer),
    lines: &["wapi:1310"],
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
