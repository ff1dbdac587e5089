//! FAQ categories and FAQs. FAQ categories are got and listed without parameters.

use super::{
    Table,
    form::{Form, Set, YES_NO},
    mandatory, optional,
};
use crate::wapi::command::Object;

const CATEGORY: Form = Form::Number(Object::FaqCategory);
const QUESTION: Form = Form::words(250);
const ANSWER: Form = Form::words(4000);
const SHORTCUT: Form = Form::words(20);
const FAQ: Form = Form::Number(Object::Faq);

pub(super) const CATEGORY_ADD: Table = Table {
    fields: &[
        mandatory("FAQCATEGORY", Form::of(Set::Category, 50), "wapi:3720-3729"),
        optional("PRIVATE", YES_NO, "wapi:3731-3737"),
    ],
    custom: "",
};

pub(super) const CATEGORY_MODIFY: Table = Table {
    fields: &[
        mandatory("FAQCATID", CATEGORY, "wapi:3794-3795"),
        // FAQCAT_MODIFY_NAME, FAQCATEGORY_CHARS.
        mandatory("FAQCATEGORY", Form::words(50), "wapi:3797-3801"),
        optional("PRIVATE", YES_NO, "wapi:3803-3808"),
    ],
    custom: "",
};

pub(super) const CATEGORY_DELETE: Table =
    Table { fields: &[mandatory("FAQCATID", CATEGORY, "wapi:3891-3893")], custom: "" };

pub(super) const ADD: Table = Table {
    fields: &[
        mandatory("FAQCATID", CATEGORY, "wapi:3978-3979"),
        mandatory("QUESTION", QUESTION, "wapi:3981-3985"),
        mandatory("ANSWER", ANSWER, "wapi:3987-3991"),
        // FAQ_SHORTCUT_UNIQUE.
        optional("SHORTCUT", SHORTCUT, "wapi:3939-3940, 3993-3997").unique(),
        optional("PRIVATE", YES_NO, "wapi:3999-4003"),
        optional("LANGUAGE", Form::OneOf(LANGUAGES), "wapi:4005-4050"),
    ],
    custom: "",
};

pub(super) const MODIFY: Table = Table {
    fields: &[
        mandatory("FAQID", FAQ, "wapi:4108-4109"),
        optional("QUESTION", QUESTION, "wapi:4111-4119"),
        optional("ANSWER", ANSWER, "wapi:4121-4128"),
        optional("SHORTCUT", SHORTCUT, "wapi:4130-4134").unique(),
        // FAQ_PRIVATE_CASE.
        optional("PRIVATE", Form::OneOfAnyCase(&["Y", "N"]), "wapi:4136-4138"),
    ],
    custom: "",
};

/// FAQ_GET_TAGS.
pub(super) const GET: Table = Table {
    fields: &[
        optional("FAQCATID", CATEGORY, "wapi:4237"),
        optional("STRING", Form::ANY, "wapi:4203-4209, 4239").wildcard(),
        optional("FROMCREATEDATE", Form::Day, "wapi:4172, 4241-4242"),
        optional("TOCREATEDATE", Form::Day, "wapi:4172, 4244-4245"),
    ],
    custom: "",
};

pub(super) const DELETE: Table =
    Table { fields: &[mandatory("FAQID", FAQ, "wapi:4313-4314")], custom: "" };

/// wapi:4008-4050.
const LANGUAGES: &[&str] = &[
    "en", "ru", "de", "ja", "es", "fr", "pt", "it", "pl", "hr", "hi", "nl", "ar", "da", "ko", "no",
    "sv", "vi", "cy", "th", "zh-CN", "zh-TW",
];
