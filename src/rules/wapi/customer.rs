//! Customers.

use super::{
    CUSTOM_FIELD, CUSTOM_PICKLIST, EMAIL, Format, NO_DIGIT, PASSWORD, PHONE, WHITESPACE_ONLY,
    row::Table,
};
use crate::{
    crm::Action,
    rules::{
        Requires, Rule,
        TenantValues::{Countries, Picklist},
    },
};

const COMPANY_NOT: &[&str] = &["~", "<", ">", WHITESPACE_ONLY];
const PHONE_NOT: &[&str] = &[WHITESPACE_ONLY, NO_DIGIT];

/// The guide says both that PASSWORD is ignored beside True (wapi:634) and that it is refused
/// (wapi:4737); it is never sent.
const AUTOPASSWD_NEEDS: &[Requires] = &[
    Requires::GivenIf { tag: "PASSWORD", value: "False" },
    Requires::AbsentIf { tag: "PASSWORD", value: "True" },
];

const ON_ADD: Table = Table::new("Customer", "Add", "Add Customer");

#[rustfmt::skip]
static ADD: [Rule; 25] = [
    ON_ADD.mandatory("FIRSTNAME").most(30).said(&["wapi:588"]),
    ON_ADD.mandatory("LASTNAME").most(30).said(&["wapi:590"]),
    ON_ADD.optional("EMAIL").most(55).chars(EMAIL).once().said(&["wapi:592-598"]),
    ON_ADD.optional("COMPANY").most(50).not(COMPANY_NOT).said(&["wapi:600-602"]),
    ON_ADD.optional("VOICE").most(38).chars(PHONE).not(PHONE_NOT).said(&["wapi:604-608"]),
    ON_ADD.optional("ALTERNATIVE").most(38).chars(PHONE).not(PHONE_NOT).said(&["wapi:610-614"]),
    ON_ADD.optional("FAX").most(38).chars(PHONE).not(PHONE_NOT).said(&["wapi:616-620"]),
    ON_ADD.optional("COMMENTS").most(1024).said(&["wapi:622"]),
    ON_ADD.optional("PASSWORD").least(3).most(15).chars(PASSWORD).said(&["wapi:624-628"]),
    ON_ADD.mandatory("AUTOPASSWD").one_of(&["False", "True"]).any_case().needs(AUTOPASSWD_NEEDS)
        .said(&["wapi:630-634", "wapi:4737-4742", "wapi:4835-4839"]),
    ON_ADD.optional("ADDR1STR1").most(50).said(&["wapi:636"]),
    ON_ADD.optional("ADDR1STR2").most(50).said(&["wapi:638"]),
    ON_ADD.optional("ADDR1CITY").most(40).said(&["wapi:640"]),
    ON_ADD.optional("ADDR1STATE").most(30).said(&["wapi:642"]),
    ON_ADD.optional("ADDR1ZIP").most(15).said(&["wapi:644"]),
    ON_ADD.optional("ADDR1COUNTRY").of_tenant(Countries).or_else("United States")
        .said(&["wapi:649-651"]),
    ON_ADD.optional("ADDR2STR1").most(50).said(&["wapi:653"]),
    ON_ADD.optional("ADDR2STR2").most(50).said(&["wapi:655"]),
    ON_ADD.optional("ADDR2CITY").most(40).said(&["wapi:657"]),
    ON_ADD.optional("ADDR2STATE").most(30).said(&["wapi:659"]),
    ON_ADD.optional("ADDR2ZIP").most(15).said(&["wapi:661"]),
    ON_ADD.optional("ADDR2COUNTRY").of_tenant(Countries).or_else("United States")
        .said(&["wapi:663-665"]),
    ON_ADD.optional("CUSTOMERTYPE").of_tenant(Picklist).said(&["wapi:667-669"]),
    ON_ADD.optional(CUSTOM_PICKLIST).of_tenant(Picklist).said(&["wapi:671-677"]),
    ON_ADD.optional(CUSTOM_FIELD).said(&["wapi:679-684"]),
];

const ON_MODIFY: Table = Table::new("Customer", "Modify", "Modify Customer");

/// The guide prints the first eight rows twice. EMAIL is unique here as on Add: an address of
/// another customer would be a duplicate value (wapi:4725-4726).
#[rustfmt::skip]
static MODIFY: [Rule; 26] = [
    ON_MODIFY.mandatory("ACCOUNTNUM").said(&["wapi:744", "wapi:773"]),
    ON_MODIFY.optional("FIRSTNAME").most(30).said(&["wapi:746", "wapi:775"]),
    ON_MODIFY.optional("LASTNAME").most(30).said(&["wapi:749", "wapi:777"]),
    ON_MODIFY.optional("EMAIL").most(55).chars(EMAIL).once()
        .said(&["wapi:751-753", "wapi:779-781", "wapi:4725-4726"]),
    ON_MODIFY.optional("COMPANY").most(50).not(COMPANY_NOT)
        .said(&["wapi:755-757", "wapi:783-785"]),
    ON_MODIFY.optional("VOICE").most(38).chars(PHONE).not(PHONE_NOT)
        .said(&["wapi:759-763", "wapi:787-791"]),
    ON_MODIFY.optional("ALTERNATIVE").most(38).chars(PHONE).not(PHONE_NOT)
        .said(&["wapi:765-769", "wapi:793-797"]),
    ON_MODIFY.optional("FAX").most(38).chars(PHONE).not(PHONE_NOT)
        .said(&["wapi:771", "wapi:799-804"]),
    ON_MODIFY.optional("COMMENTS").most(1024).said(&["wapi:806"]),
    ON_MODIFY.optional("PASSWORD").least(3).most(15).chars(PASSWORD).said(&["wapi:808-812"]),
    ON_MODIFY.optional("AUTOPASSWD").one_of(&["False", "True"]).any_case().needs(AUTOPASSWD_NEEDS)
        .said(&["wapi:814-818", "wapi:4737-4742", "wapi:4835-4839"]),
    ON_MODIFY.optional("ADDR1STR1").most(50).said(&["wapi:820"]),
    ON_MODIFY.optional("ADDR1STR2").most(50).said(&["wapi:822"]),
    ON_MODIFY.optional("ADDR1CITY").most(40).said(&["wapi:824"]),
    ON_MODIFY.optional("ADDR1STATE").most(30).said(&["wapi:826"]),
    ON_MODIFY.optional("ADDR1ZIP").most(15).said(&["wapi:828"]),
    ON_MODIFY.optional("ADDR1COUNTRY").of_tenant(Countries).or_else("United States")
        .said(&["wapi:830-832"]),
    ON_MODIFY.optional("ADDR2STR1").most(50).said(&["wapi:834"]),
    ON_MODIFY.optional("ADDR2STR2").most(50).said(&["wapi:836"]),
    ON_MODIFY.optional("ADDR2CITY").most(40).said(&["wapi:838"]),
    ON_MODIFY.optional("ADDR2STATE").most(30).said(&["wapi:840"]),
    ON_MODIFY.optional("ADDR2ZIP").most(15).said(&["wapi:842"]),
    ON_MODIFY.optional("ADDR2COUNTRY").of_tenant(Countries).or_else("United States")
        .said(&["wapi:844-846"]),
    ON_MODIFY.optional("CUSTOMERTYPE").of_tenant(Picklist).said(&["wapi:848-850"]),
    ON_MODIFY.optional(CUSTOM_PICKLIST).of_tenant(Picklist)
        .said(&["wapi:852-857", "wapi:4455-4461"]),
    ON_MODIFY.optional(CUSTOM_FIELD).said(&["wapi:859-862", "wapi:4463-4466"]),
];

const ON_GET: Table = Table::new("Customer", "Get", "Get Customer Details");

/// `%` is told by examples only; FIRSTNAME and VOICE have none.
#[rustfmt::skip]
static GET: [Rule; 13] = [
    ON_GET.row("FIRSTNAME").most(30).said(&["wapi:1166"]),
    ON_GET.row("LASTNAME").most(30).percent().said(&["wapi:1168", "wapi:948-957"]),
    ON_GET.row("EMAIL").most(55).chars(EMAIL).percent().said(&["wapi:1170-1172", "wapi:976-986"]),
    ON_GET.row("VOICE").most(38).chars(PHONE).not(PHONE_NOT).said(&["wapi:1174-1178"]),
    ON_GET.row("COMPANY").most(50).not(COMPANY_NOT).percent()
        .said(&["wapi:1180-1184", "wapi:912-925"]),
    ON_GET.row("ACCOUNTNUM").percent().said(&["wapi:1186-1187", "wapi:1024-1034"]),
    ON_GET.row("CUSTOMERTYPE").of_tenant(Picklist).said(&["wapi:1189-1190"]),
    ON_GET.row(CUSTOM_PICKLIST).of_tenant(Picklist).said(&["wapi:1192-1198"]),
    ON_GET.row(CUSTOM_FIELD).said(&["wapi:1200-1203"]),
    ON_GET.row("FROMCREATEDATE").form(Format::Date).pairs_with("TOCREATEDATE")
        .said(&["wapi:1206-1207", "wapi:893"]),
    ON_GET.row("TOCREATEDATE").form(Format::Date).pairs_with("FROMCREATEDATE")
        .said(&["wapi:1209-1210", "wapi:893"]),
    ON_GET.row("FROMLASTMODDATE").form(Format::Date).pairs_with("TOLASTMODDATE")
        .said(&["wapi:1212-1213", "wapi:895"]),
    ON_GET.row("TOLASTMODDATE").form(Format::Date).pairs_with("FROMLASTMODDATE")
        .said(&["wapi:1215-1216", "wapi:895"]),
];

static DELETE: [Rule; 1] = [Table::new("Customer", "Delete", "Delete Customer")
    .mandatory("ACCOUNTNUM")
    .said(&["wapi:1310"])];

pub(super) fn table(action: Action) -> &'static [Rule] {
    match action {
        Action::Add => &ADD,
        Action::Modify => &MODIFY,
        Action::Get => &GET,
        Action::Delete => &DELETE,
    }
}
