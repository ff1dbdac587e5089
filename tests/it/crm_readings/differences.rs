//! Where the program and the tenant may differ, by which ruling, and how.

use vccpipe::{
    crm::{Action, Object},
    rules::wapi::WHITESPACE_ONLY,
};
use vccpipe_simulator::CustomFieldType;

use super::values::{Field, OWN};

/// A value of a row of a table.
pub struct Trial<'a> {
    pub object: Object,
    pub action: Action,
    pub field: &'a Field,
    pub value: &'a str,
}

/// A difference that is meant to be.
pub struct Difference {
    /// The ruling, or the lines of the guide.
    pub by: &'static str,
    /// What it makes of them.
    pub why: &'static str,
    /// Whether the program lets the value through.
    pub program: bool,
    /// Whether the tenant takes it as it stands.
    pub tenant: bool,
    fits: fn(&Trial) -> bool,
}

/// The differences; the first that fits is what must happen. One that no value fits is an error.
pub static DIFFERENCES: &[Difference] = &[
    Difference {
        by: "VALUES_MUST_BE_GIVEN",
        why: "an empty optional value is not sent, and the tenant refuses an empty tag",
        program: true,
        tenant: false,
        fits: |trial| {
            trial.is_load() && trial.value.is_empty() && trial.is_optional() && !trial.is_paired()
        },
    },
    Difference {
        by: "VALUES_MUST_BE_GIVEN",
        why: "blanks where they are no value are not sent, and the tenant refuses them",
        program: true,
        tenant: false,
        fits: |trial| {
            trial.is_load()
                && trial.is_blank()
                && trial.is_optional()
                && !trial.is_paired()
                && !trial.forbids_blanks()
                && !trial.field.is_free_text()
        },
    },
    Difference {
        by: "VALUES_MUST_BE_GIVEN",
        why: "blanks are no value of a mandatory row, and nothing to search for",
        program: false,
        tenant: true,
        fits: |trial| {
            trial.is_blank()
                && !trial.value.is_empty()
                && trial.field.is_free_text()
                && trial.field.tag != "retired"
                && !trial.forbids_blanks()
                && !(trial.is_load() && trial.is_optional())
        },
    },
    Difference {
        by: "wapi:4857-4859, 4892-4896",
        why: "only the tenant knows its records",
        program: true,
        tenant: false,
        fits: |trial| {
            let is_learned = trial.field.rule.tenant_values.is_some() && trial.is_load();
            let is_known = trial.value == OWN || trial.is_blank();
            let digits = trial.value.replace(OWN, "1").replace('%', "");
            let takes = |sign: bool| !sign || trial.field.rule.wildcard;
            let is_found = trial.action == Action::Get
                && digits.bytes().all(|b| b.is_ascii_digit())
                && takes(trial.has_percent());
            let is_refused = trial.action == Action::Get && !takes(trial.has_percent());
            trial.field.is_number()
                && !is_learned
                && !is_known
                && !is_found
                && !is_refused
                && trial.is_xml()
        },
    },
    Difference {
        by: "CUSTOMFIELD_NON_PICKLIST",
        why: "what a field takes that is no picklist, only the tenant knows",
        program: true,
        tenant: false,
        fits: |trial| {
            let chars = trial.value.chars().count();
            let is_wrong = match (trial.field.tag.as_str(), trial.field.kind) {
                ("retired", _) => true,
                ("OLD_ID", _) => chars > 32,
                ("followup_text", _) => chars > 20,
                (_, Some(CustomFieldType::Number)) => trial.value.parse::<f64>().is_err(),
                (_, Some(CustomFieldType::Date)) => {
                    let good = ["06212012", "02292012", "12311999", "01012099"];
                    !good.contains(&trial.value)
                }
                _ => false,
            };
            let is_sent = !trial.value.is_empty() && trial.is_xml();
            let is_given = !trial.is_blank() || (trial.is_load() && trial.field.is_free_text());
            is_wrong && is_sent && is_given && (trial.is_load() || !trial.has_percent())
        },
    },
    Difference {
        by: "SIZE_2MB",
        why: "the program reads 2 MB as 2,000,000 bytes, the tenant as 2,097,152",
        program: false,
        tenant: true,
        fits: |trial| {
            let bytes = |c: char| if u32::from(c) < 256 { 1 } else { 8 };
            let size = trial.value.len();
            size > 400_000
                && (2_000_001..=2_097_152).contains(&trial.value.chars().map(bytes).sum::<usize>())
        },
    },
    Difference {
        by: "FAQCATEGORY_CHARS",
        why: "the program holds Modify to the characters of Add, and takes no apostrophe",
        program: false,
        tenant: true,
        fits: |trial| {
            let taken = |c: char| c.is_ascii_alphanumeric() || "~!@#$%^:\";,.?/ ".contains(c);
            let on_add = |c: char| taken(c) || c == '\'';
            trial.field.rule.tag == "FAQCATEGORY"
                && trial.value.chars().count() <= 50
                && trial.is_xml()
                && !trial.is_blank()
                && !trial.value.chars().all(taken)
                && (trial.action == Action::Modify || trial.value.chars().all(on_add))
        },
    },
    Difference {
        by: "wapi:1661-1669, 2152-2203, 3050-3058",
        why: "what the tenant defines is not known when a single value is checked",
        program: true,
        tenant: false,
        fits: |trial| {
            let lists = trial.field.list.as_ref().filter(|_| trial.action == Action::Get);
            let is_guide = trial.field.rule.values.is_empty();
            lists.is_some_and(|(active, _)| {
                is_guide
                    && !active.iter().any(|value| value == trial.value)
                    && !trial.is_word()
                    && !trial.has_percent()
                    && !trial.is_blank()
                    && trial.is_xml()
            })
        },
    },
];

impl Trial<'_> {
    pub fn is_load(&self) -> bool {
        self.action != Action::Get
    }

    fn is_optional(&self) -> bool {
        !self.field.rule.is_mandatory()
    }

    fn is_blank(&self) -> bool {
        self.value.trim().is_empty()
    }

    fn has_percent(&self) -> bool {
        self.value.contains('%')
    }

    fn forbids_blanks(&self) -> bool {
        self.field.rule.invalid.contains(&WHITESPACE_ONLY)
    }

    /// Whether another tag of the request is wrong without this one: a PASSWORD that is not there.
    fn is_paired(&self) -> bool {
        self.field.tag == "PASSWORD"
    }

    /// Whether XML can write it.
    fn is_xml(&self) -> bool {
        !self.value.contains(['\u{1}', '\u{b}', '\u{fffe}'])
    }

    /// Whether it is a word for several users.
    fn is_word(&self) -> bool {
        let is = |word: &str| self.value.eq_ignore_ascii_case(word);
        match (self.object, self.field.tag.as_str()) {
            (_, "ASSIGNEDTO") => {
                is("Deleted Agents") || is("Deleted Groups") || self.value == "None"
            }
            (Object::Case, "CREATEDBY") => is("Deleted Agents") || is("Customers"),
            (_, "CREATEDBY") => is("Deleted Agents"),
            _ => false,
        }
    }

    /// The difference that is meant to be, if there is one.
    pub fn difference(&self) -> Option<usize> {
        DIFFERENCES.iter().position(|difference| (difference.fits)(self))
    }
}
