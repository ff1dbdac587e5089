//! The shape of one documented rule.

use std::fmt;

use serde::{Serialize, Serializer};

/// All that the documents say of one parameter of one object and action.
#[derive(Clone, Debug, Serialize)]
pub struct Rule {
    /// The object, e.g. `CampaignCustomer`.
    pub object: &'static str,
    /// The action, e.g. `Add`.
    pub action: &'static str,
    /// The parameter's name on the wire, which is the column's name, too.
    pub tag: &'static str,
    /// Mandatory, optional, or not said.
    pub presence: Option<Presence>,
    /// Least number of characters.
    pub min_chars: Option<u32>,
    /// Greatest number of characters.
    pub max_chars: Option<u32>,
    /// The values allowed; empty = any.
    pub values: &'static [&'static str],
    /// Whether the case of `values` matters.
    pub values_case_sensitive: bool,
    /// A regular expression for one allowed character.
    pub charset: Option<&'static str>,
    /// What is forbidden: characters, or words such as `whitespace-only`.
    pub invalid: &'static [&'static str],
    /// The form of the value.
    pub format: Option<Format>,
    /// What the server takes where the parameter is not sent.
    pub default: Option<&'static str>,
    /// Whether no two records may have the same value.
    pub unique: bool,
    /// What it requires of other parameters.
    pub requires: &'static [&'static str],
    /// Whether Get takes it more than once.
    pub repeatable: bool,
    /// Whether Get takes `%` in it.
    pub wildcard: bool,
    /// The other end of the range, where Get takes it as one.
    pub range_pair: Option<&'static str>,
    /// The document, as in a reason that a user reads. Not in the JSON, whose keys are agreed upon.
    #[serde(skip)]
    pub document: &'static str,
    /// The section of the document, as in a reason that a user reads. Not in the JSON, either.
    #[serde(skip)]
    pub section: &'static str,
    /// The lines of the document that say so, e.g. `campaign:74-76`.
    pub lines: &'static [&'static str],
    /// Where the tenant defines the values. Not in the JSON: it is how we ask, not what is said.
    #[serde(skip)]
    pub tenant_values: Option<TenantValues>,
}

impl Rule {
    /// A parameter of which nothing but its name is known; the start of each row of a table.
    pub const fn new(object: &'static str, action: &'static str, tag: &'static str) -> Self {
        Rule {
            object,
            action,
            tag,
            presence: None,
            min_chars: None,
            max_chars: None,
            values: &[],
            values_case_sensitive: false,
            charset: None,
            invalid: &[],
            format: None,
            default: None,
            unique: false,
            requires: &[],
            repeatable: false,
            wildcard: false,
            range_pair: None,
            document: "",
            section: "",
            lines: &[],
            tenant_values: None,
        }
    }

    /// Whether every record must have it.
    pub fn is_mandatory(&self) -> bool {
        self.presence == Some(Presence::Mandatory)
    }

    /// Whether the row stands for the custom fields that a tenant defines: its tag is none.
    pub fn is_custom_field(&self) -> bool {
        self.tag.starts_with("CF0") && self.tag.ends_with(".NAME")
    }

    /// Whether the fix `blank` (send no value) makes sense for it.
    pub fn may_be_blanked(&self) -> bool {
        !self.is_mandatory()
    }

    /// Whether the fix `truncate` makes sense for it.
    pub fn may_be_truncated(&self) -> bool {
        self.max_chars.is_some()
    }

    /// Whether the fix `transliterate` makes sense for it: it takes text in any characters.
    pub fn may_be_transliterated(&self) -> bool {
        let is_text = matches!(self.format, None | Some(Format::Latin1Bytes { .. }));
        is_text && self.charset.is_none() && self.values.is_empty()
    }

    /// Document and section, as they stand at the end of a reason.
    pub fn source(&self) -> String {
        format!("{}: {}", self.document, self.section)
    }
}

/// Values that the tenant's administrator defines, and how they can be learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TenantValues {
    /// List COUNTRY.
    Countries,
    /// List AGENTS and List GROUPS: user ids.
    AgentsAndGroups,
    /// List AGENTS.
    Agents,
    /// Get Customfield with the parameter's own name: the picklist's values.
    Picklist,
    /// List FAQCATEGORY: ids.
    FaqCategories,
}

/// Whether a parameter must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Presence {
    /// It must be given.
    #[serde(rename = "M")]
    Mandatory,
    /// It may be given.
    #[serde(rename = "O")]
    Optional,
}

/// The form of a value, beyond its characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A whole number written in digits.
    Integer,
    /// A day as MMDDYYYY.
    Date,
    /// A day and a time as MMDDYYYYHH24MI.
    DateTime,
    /// A day as MMDDYYYY, or with a time as MMDDYYYYHH24MI (rulings DUEDATE_RANGE_FORMAT).
    DateOrDateTime,
    /// An e-mail address.
    EmailAddress,
    /// Text of a limited size (rulings SIZE_2MB).
    Latin1Bytes {
        /// Bytes of its ISO-8859-1 form at the most.
        most: u32,
    },
    /// ISO 8601 date and time with a zone, not in the past.
    ZonedDateTime {
        /// The greatest number of days from now.
        most_days_ahead: u32,
    },
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Format::Integer => f.write_str("integer"),
            Format::Date => f.write_str("MMDDYYYY"),
            Format::DateTime => f.write_str("MMDDYYYYHH24MI"),
            Format::DateOrDateTime => f.write_str("MMDDYYYY or MMDDYYYYHH24MI"),
            Format::EmailAddress => f.write_str("e-mail address"),
            Format::Latin1Bytes { most } => write!(f, "at most {most} bytes of ISO-8859-1 text"),
            Format::ZonedDateTime { most_days_ahead } => write!(
                f,
                "ISO 8601 date and time with zone, not in the past, at most {most_days_ahead} days ahead"
            ),
        }
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A documented limit on the number of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Most {
    /// The greatest number allowed.
    pub value: u64,
    /// The document.
    pub document: &'static str,
    /// Its section.
    pub section: &'static str,
    /// Its lines.
    pub lines: &'static str,
}

/// The rule of `rules` for the parameter `tag`.
pub fn find<'a>(rules: &'a [Rule], tag: &str) -> Option<&'a Rule> {
    rules.iter().find(|rule| rule.tag == tag)
}

/// The parameter of `rules` whose name is nearest to `name`, if one is near enough to be meant.
pub fn nearest(rules: &[Rule], name: &str) -> Option<&'static str> {
    let plain = |text: &str| text.to_lowercase().replace([' ', '_', '.'], "-");
    let wanted = plain(name);
    rules
        .iter()
        .filter(|rule| !rule.is_custom_field())
        .map(|rule| (strsim::jaro_winkler(&plain(rule.tag), &wanted), rule.tag))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, tag)| tag)
}
