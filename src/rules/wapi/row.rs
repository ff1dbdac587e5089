//! How a row of a table is written: the parameter, then what the guide says of it.

use super::WAPI_DOCUMENT;
use crate::rules::{Format, Presence, Requires, Rule, TenantValues};

/// What all rows of a table have in common.
pub(super) struct Table {
    object: &'static str,
    action: &'static str,
    section: &'static str,
}

impl Table {
    pub const fn new(object: &'static str, action: &'static str, section: &'static str) -> Self {
        Table { object, action, section }
    }

    /// A parameter of which nothing is said about presence, as in the tables of Get.
    pub const fn row(&self, tag: &'static str) -> Rule {
        let rule = Rule::new(self.object, self.action, tag);
        Rule { document: WAPI_DOCUMENT, section: self.section, ..rule }
    }

    /// `M` of the guide.
    pub const fn mandatory(&self, tag: &'static str) -> Rule {
        Rule { presence: Some(Presence::Mandatory), ..self.row(tag) }
    }

    /// `O` of the guide.
    pub const fn optional(&self, tag: &'static str) -> Rule {
        Rule { presence: Some(Presence::Optional), ..self.row(tag) }
    }
}

impl Rule {
    pub(super) const fn least(self, chars: u32) -> Self {
        Rule { min_chars: Some(chars), ..self }
    }

    pub(super) const fn most(self, chars: u32) -> Self {
        Rule { max_chars: Some(chars), ..self }
    }

    /// The values, in the case in which they have to be sent.
    pub(super) const fn one_of(self, values: &'static [&'static str]) -> Self {
        Rule { values, values_case_sensitive: true, ..self }
    }

    pub(super) const fn any_case(self) -> Self {
        Rule { values_case_sensitive: false, ..self }
    }

    pub(super) const fn chars(self, charset: &'static str) -> Self {
        Rule { charset: Some(charset), ..self }
    }

    pub(super) const fn not(self, invalid: &'static [&'static str]) -> Self {
        Rule { invalid, ..self }
    }

    pub(super) const fn form(self, format: Format) -> Self {
        Rule { format: Some(format), ..self }
    }

    pub(super) const fn or_else(self, default: &'static str) -> Self {
        Rule { default: Some(default), ..self }
    }

    pub(super) const fn once(self) -> Self {
        Rule { unique: true, ..self }
    }

    pub(super) const fn needs(self, requires: &'static [Requires]) -> Self {
        Rule { requires, ..self }
    }

    pub(super) const fn often(self) -> Self {
        Rule { repeatable: true, ..self }
    }

    pub(super) const fn percent(self) -> Self {
        Rule { wildcard: true, ..self }
    }

    pub(super) const fn pairs_with(self, tag: &'static str) -> Self {
        Rule { range_pair: Some(tag), ..self }
    }

    pub(super) const fn of_tenant(self, values: TenantValues) -> Self {
        Rule { tenant_values: Some(values), ..self }
    }

    pub(super) const fn said(self, lines: &'static [&'static str]) -> Self {
        Rule { lines, ..self }
    }
}
