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
    /// A regular expression for one allowed character; `%` apart, where `wildcard` allows it.
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
    pub requires: &'static [Requires],
    /// Whether Get takes it more than once.
    pub repeatable: bool,
    /// Whether Get takes `%` in it.
    pub wildcard: bool,
    /// The other end of the range, where Get takes it as one.
    pub range_pair: Option<&'static str>,
    /// The document, as in a reason that a user reads.
    #[serde(skip)]
    pub document: &'static str,
    /// The section of the document, as in a reason that a user reads.
    #[serde(skip)]
    pub section: &'static str,
    /// The lines of the document that say so, e.g. `campaign:74-76`.
    pub lines: &'static [&'static str],
    /// Where the tenant defines the values; a list of the tenant's takes the place of `values`.
    /// Not in the JSON: it is how we ask, not what is said.
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

    /// Whether the fix `blank` (send no value) makes sense for it.
    pub fn may_be_blanked(&self) -> bool {
        !self.is_mandatory()
    }

    /// Whether the fix `truncate` makes sense for it.
    pub fn may_be_truncated(&self) -> bool {
        self.max_chars.is_some()
    }

    /// Whether the fix `transliterate` makes sense for it: it is text of any characters.
    pub fn may_be_transliterated(&self) -> bool {
        self.charset.is_none() && matches!(self.format, None | Some(Format::Latin1Bytes))
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

/// What a parameter requires of another one. Values are compared without regard to case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requires {
    /// Where this one is given, the other must be.
    Given(&'static str),
    /// Where this one has the value, the other must be given.
    GivenIf {
        /// The other parameter.
        tag: &'static str,
        /// This one's value.
        value: &'static str,
    },
    /// Where this one has the value, the other must not be given.
    AbsentIf {
        /// The other parameter.
        tag: &'static str,
        /// This one's value.
        value: &'static str,
    },
}

impl Requires {
    /// The other parameter.
    pub fn tag(self) -> &'static str {
        match self {
            Requires::Given(tag)
            | Requires::GivenIf { tag, .. }
            | Requires::AbsentIf { tag, .. } => tag,
        }
    }
}

impl fmt::Display for Requires {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Requires::Given(tag) => f.write_str(tag),
            Requires::GivenIf { tag, value } => write!(f, "{tag} if {value}"),
            Requires::AbsentIf { tag, value } => write!(f, "no {tag} if {value}"),
        }
    }
}

impl Serialize for Requires {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
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
    /// ISO 8601 date and time with a zone, not in the past.
    ZonedDateTime {
        /// The greatest number of days from now.
        most_days_ahead: u32,
    },
    /// A day as MMDDYYYY.
    Date,
    /// A day and time as MMDDYYYYHH24MI.
    DateTime,
    /// A day, or a day and time.
    DateOrDateTime,
    /// Digits only, leading zeros kept.
    Digits,
    /// A valid e-mail address.
    EmailAddress,
    /// `max_chars` counts bytes of the text in ISO-8859-1.
    Latin1Bytes,
    /// Transaction codes: `listId:itemId;listId:itemId`.
    TransactionCodes {
        /// The greatest number of them.
        most: u32,
    },
    /// The user id of an agent or a group, or a word for several of them.
    UserId {
        /// The words.
        or: &'static [&'static str],
    },
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Format::Integer => f.write_str("integer"),
            Format::ZonedDateTime { most_days_ahead } => write!(
                f,
                "ISO 8601 date and time with zone, not in the past, at most {most_days_ahead} days ahead"
            ),
            Format::Date => f.write_str("MMDDYYYY"),
            Format::DateTime => f.write_str("MMDDYYYYHH24MI"),
            Format::DateOrDateTime => f.write_str("MMDDYYYY or MMDDYYYYHH24MI"),
            Format::Digits => f.write_str("digits"),
            Format::EmailAddress => f.write_str("e-mail address"),
            Format::Latin1Bytes => f.write_str("length in bytes of ISO-8859-1"),
            Format::TransactionCodes { most } => {
                write!(f, "listId:itemId, with `;` between them, at most {most}")
            }
            Format::UserId { or } => write!(f, "user id, or {}", or.join(", ")),
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
    let tags = rules.iter().filter(|rule| !rule.is_custom_field()).map(|rule| rule.tag);
    nearest_of(tags, name)
}

/// The one of `names` that is nearest to `name`, if one is near enough to be meant.
pub fn nearest_of<'a>(names: impl IntoIterator<Item = &'a str>, name: &str) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace([' ', '_', '.'], "-");
    let wanted = plain(name);
    names
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&plain(name), &wanted), name))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
pub(super) mod tests {
    use super::Rule;

    const KEYS: [&str; 18] = [
        "object",
        "action",
        "tag",
        "presence",
        "min_chars",
        "max_chars",
        "values",
        "values_case_sensitive",
        "charset",
        "invalid",
        "format",
        "default",
        "unique",
        "requires",
        "repeatable",
        "wildcard",
        "range_pair",
        "lines",
    ];

    /// A rule as JSON, which has the keys that other programs read, and no other.
    pub fn json(rule: &Rule) -> serde_json::Value {
        let json = serde_json::to_value(rule).unwrap();
        let mut keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let mut expected = KEYS;
        keys.sort();
        expected.sort();
        assert_eq!(keys, expected);
        json
    }
}
