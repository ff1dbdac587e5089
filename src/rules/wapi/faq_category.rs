//! Categories of FAQs.

use super::{WHITESPACE_ONLY, row::Table};
use crate::{crm::Action, rules::Rule};

/// "Alphabet characters, numbers, and special characters such as ~, !, @, # ,$ ,%, ^, :, ", ;, ',
/// ,, ., ? /" (wapi:3722-3723), and the blank, without the apostrophe (wapi:261). Modify says "any
/// character" (wapi:3797), which a category added later could not have.
const NAME: &str = r##"[A-Za-z0-9~!@#$%^:";,.?/ ]"##;

/// "&, *, ( ,), -, =, _, _, {, }, [, ] | are not accepted" (wapi:3725).
const NAME_NOT: &[&str] =
    &["&", "*", "(", ")", "-", "=", "_", "{", "}", "[", "]", "|", WHITESPACE_ONLY];

const ON_ADD: Table = Table::new("FAQCategory", "Add", "Add FAQ Category");

#[rustfmt::skip]
static ADD: [Rule; 2] = [
    ON_ADD.mandatory("FAQCATEGORY").most(50).chars(NAME).not(NAME_NOT).said(&["wapi:3720-3729"]),
    ON_ADD.optional("PRIVATE").one_of(&["Y", "N"]).or_else("N").said(&["wapi:3731-3737"]),
];

const ON_MODIFY: Table = Table::new("FAQCategory", "Modify", "Modify FAQ Category");

#[rustfmt::skip]
static MODIFY: [Rule; 3] = [
    ON_MODIFY.mandatory("FAQCATID").said(&["wapi:3794-3795"]),
    ON_MODIFY.mandatory("FAQCATEGORY").most(50).chars(NAME).not(NAME_NOT)
        .said(&["wapi:3797-3801", "wapi:3720-3725"]),
    ON_MODIFY.optional("PRIVATE").one_of(&["Y", "N"]).or_else("N").said(&["wapi:3803-3808"]),
];

static DELETE: [Rule; 1] = [Table::new("FAQCategory", "Delete", "Delete FAQ Category")
    .mandatory("FAQCATID")
    .said(&["wapi:3891-3893"])];

pub(super) fn table(action: Action) -> &'static [Rule] {
    match action {
        Action::Add => &ADD,
        Action::Modify => &MODIFY,
        Action::Get => &[],
        Action::Delete => &DELETE,
    }
}
