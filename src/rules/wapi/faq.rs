//! FAQs.

use super::{Format, case::BLANK_NOT, row::Table};
use crate::{
    crm::Action,
    rules::{Rule, TenantValues::FaqCategories},
};

const LANGUAGES: &[&str] = &[
    "en", "ru", "de", "ja", "es", "fr", "pt", "it", "pl", "hr", "hi", "nl", "ar", "da", "ko", "no",
    "sv", "vi", "cy", "th", "zh-CN", "zh-TW",
];

const ON_ADD: Table = Table::new("FAQ", "Add", "Add FAQ");

/// SHORTCUT "uniquely identifies an FAQ item" (wapi:3939).
#[rustfmt::skip]
static ADD: [Rule; 6] = [
    ON_ADD.mandatory("FAQCATID").of_tenant(FaqCategories).said(&["wapi:3978-3979"]),
    ON_ADD.mandatory("QUESTION").most(250).not(BLANK_NOT).said(&["wapi:3981-3985"]),
    ON_ADD.mandatory("ANSWER").most(4000).not(BLANK_NOT).said(&["wapi:3987-3991"]),
    ON_ADD.optional("SHORTCUT").most(20).not(BLANK_NOT).once()
        .said(&["wapi:3993-3997", "wapi:3939-3940"]),
    ON_ADD.optional("PRIVATE").one_of(&["Y", "N"]).or_else("N")
        .said(&["wapi:3999-4003", "wapi:3942"]),
    ON_ADD.optional("LANGUAGE").one_of(LANGUAGES).or_else("en").said(&["wapi:4005-4050"]),
];

const ON_MODIFY: Table = Table::new("FAQ", "Modify", "Modify FAQ");

#[rustfmt::skip]
static MODIFY: [Rule; 5] = [
    ON_MODIFY.mandatory("FAQID").said(&["wapi:4108-4109"]),
    ON_MODIFY.optional("QUESTION").most(250).not(BLANK_NOT).said(&["wapi:4111-4119"]),
    ON_MODIFY.optional("ANSWER").most(4000).not(BLANK_NOT).said(&["wapi:4121-4128"]),
    ON_MODIFY.optional("SHORTCUT").most(20).not(BLANK_NOT).once()
        .said(&["wapi:4130-4134", "wapi:3939-3940"]),
    ON_MODIFY.optional("PRIVATE").one_of(&["Y", "N"]).any_case().or_else("N")
        .said(&["wapi:4136-4138"]),
];

const ON_GET: Table = Table::new("FAQ", "Get", "Get FAQ");

#[rustfmt::skip]
static GET: [Rule; 4] = [
    ON_GET.row("FAQCATID").of_tenant(FaqCategories).said(&["wapi:4237"]),
    ON_GET.row("STRING").percent().said(&["wapi:4239", "wapi:4192-4209"]),
    ON_GET.row("FROMCREATEDATE").form(Format::Date).pairs_with("TOCREATEDATE")
        .said(&["wapi:4241-4242", "wapi:4172"]),
    ON_GET.row("TOCREATEDATE").form(Format::Date).pairs_with("FROMCREATEDATE")
        .said(&["wapi:4244-4245", "wapi:4172"]),
];

static DELETE: [Rule; 1] =
    [Table::new("FAQ", "Delete", "Delete FAQ").mandatory("FAQID").said(&["wapi:4313-4314"])];

pub(super) fn table(action: Action) -> &'static [Rule] {
    match action {
        Action::Add => &ADD,
        Action::Modify => &MODIFY,
        Action::Get => &GET,
        Action::Delete => &DELETE,
    }
}
