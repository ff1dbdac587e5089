//! Customers.

use super::{
    Field, Table,
    form::{Form, Set},
    mandatory, optional,
};
use crate::wapi::command::Object;

const NAME: Form = Form::text(30);
const EMAIL: Form = Form::of(Set::Email, 55);
const COMPANY: Form = Form::of(Set::NoAngles, 50);
const PHONE: Form = Form::of(Set::Phone, 38);
const PASSWORD: Form = Form::Text { min: 3, max: 15, set: Set::Password, blank_allowed: false };
const AUTOPASSWD: Form = Form::OneOfAnyCase(&["True", "False"]);
const COUNTRY: Form = Form::Listed("COUNTRY");
const TYPE: Form = Form::Listed("CUSTOMERTYPE");

pub(super) const ADD: Table = Table {
    fields: &[
        mandatory("FIRSTNAME", NAME, "wapi:588"),
        mandatory("LASTNAME", NAME, "wapi:590"),
        optional("EMAIL", EMAIL, "wapi:592-598").unique(),
        optional("COMPANY", COMPANY, "wapi:600-602"),
        optional("VOICE", PHONE, "wapi:604-608"),
        optional("ALTERNATIVE", PHONE, "wapi:610-614"),
        optional("FAX", PHONE, "wapi:616-620"),
        optional("COMMENTS", Form::text(1024), "wapi:622"),
        optional("PASSWORD", PASSWORD, "wapi:624-628"),
        mandatory("AUTOPASSWD", AUTOPASSWD, "wapi:630-634"),
        optional("ADDR1STR1", Form::text(50), "wapi:636"),
        optional("ADDR1STR2", Form::text(50), "wapi:638"),
        optional("ADDR1CITY", Form::text(40), "wapi:640"),
        optional("ADDR1STATE", Form::text(30), "wapi:642"),
        optional("ADDR1ZIP", Form::text(15), "wapi:644"),
        optional("ADDR1COUNTRY", COUNTRY, "wapi:649-651"),
        optional("ADDR2STR1", Form::text(50), "wapi:653"),
        optional("ADDR2STR2", Form::text(50), "wapi:655"),
        optional("ADDR2CITY", Form::text(40), "wapi:657"),
        optional("ADDR2STATE", Form::text(30), "wapi:659"),
        optional("ADDR2ZIP", Form::text(15), "wapi:661"),
        optional("ADDR2COUNTRY", COUNTRY, "wapi:663-665"),
        optional("CUSTOMERTYPE", TYPE, "wapi:667-669"),
    ],
    custom: "wapi:671-684",
};

pub(super) const MODIFY: Table = Table {
    fields: &[
        mandatory("ACCOUNTNUM", Form::Number(Object::Customer), "wapi:744, 773, 4449"),
        optional("FIRSTNAME", NAME, "wapi:746, 775, 4451"),
        optional("LASTNAME", NAME, "wapi:749, 777, 4453"),
        // EMAIL_UNIQUE.
        optional("EMAIL", EMAIL, "wapi:751-753, 779-781").unique(),
        optional("COMPANY", COMPANY, "wapi:755-757, 783-785"),
        optional("VOICE", PHONE, "wapi:759-763, 787-791"),
        optional("ALTERNATIVE", PHONE, "wapi:765-769, 793-797"),
        optional("FAX", PHONE, "wapi:771, 799-804"),
        optional("COMMENTS", Form::text(1024), "wapi:806"),
        optional("PASSWORD", PASSWORD, "wapi:808-812"),
        optional("AUTOPASSWD", AUTOPASSWD, "wapi:814-818"),
        optional("ADDR1STR1", Form::text(50), "wapi:820"),
        optional("ADDR1STR2", Form::text(50), "wapi:822"),
        optional("ADDR1CITY", Form::text(40), "wapi:824"),
        optional("ADDR1STATE", Form::text(30), "wapi:826"),
        optional("ADDR1ZIP", Form::text(15), "wapi:828"),
        optional("ADDR1COUNTRY", COUNTRY, "wapi:830-832"),
        optional("ADDR2STR1", Form::text(50), "wapi:834"),
        optional("ADDR2STR2", Form::text(50), "wapi:836"),
        optional("ADDR2CITY", Form::text(40), "wapi:838"),
        optional("ADDR2STATE", Form::text(30), "wapi:840"),
        optional("ADDR2ZIP", Form::text(15), "wapi:842"),
        optional("ADDR2COUNTRY", COUNTRY, "wapi:844-846"),
        optional("CUSTOMERTYPE", TYPE, "wapi:848-850"),
    ],
    custom: "wapi:852-862, 4455-4466",
};

/// No other tag can be searched for (CUSTOMER_GET_TAGS).
pub(super) const GET: Table = Table {
    fields: &[
        optional("FIRSTNAME", NAME, "wapi:1166").wildcard_switched(),
        optional("LASTNAME", NAME, "wapi:957, 1168").wildcard(),
        optional("EMAIL", EMAIL, "wapi:986, 1170-1172").wildcard(),
        optional("VOICE", PHONE, "wapi:1174-1178").wildcard_switched(),
        optional("COMPANY", COMPANY, "wapi:925, 1180-1184").wildcard(),
        optional("ACCOUNTNUM", Form::Number(Object::Customer), "wapi:1034, 1186-1187").wildcard(),
        optional("CUSTOMERTYPE", TYPE, "wapi:1189-1190"),
        day("FROMCREATEDATE", "wapi:893, 1206-1207"),
        day("TOCREATEDATE", "wapi:893, 1209-1210"),
        day("FROMLASTMODDATE", "wapi:895, 1212-1213"),
        day("TOLASTMODDATE", "wapi:895, 1215-1216"),
    ],
    custom: "wapi:1192-1203",
};

pub(super) const DELETE: Table = Table {
    fields: &[mandatory("ACCOUNTNUM", Form::Number(Object::Customer), "wapi:1310")],
    custom: "",
};

const fn day(tag: &'static str, lines: &'static str) -> Field {
    optional(tag, Form::Day, lines)
}
