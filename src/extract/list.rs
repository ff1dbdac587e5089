//! Values that the tenant defines: whole lists, each of which is one request.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    fetch::{FetchError, Found, Surroundings, Told},
    spooled::{Cast, Column, Shape},
};
use crate::{
    diagnostic::Diagnostic,
    spool::{Key, Packed, Part, Spool},
    tenant::Trouble,
    wire::wapi::Item,
    yaml::Spanned,
};

/// A list of values that the tenant defines: `of` a kind, or a `picklist`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListExtract {
    /// What the values are.
    #[serde(default)]
    pub of: Option<Spanned<Kind>>,
    /// The name of a picklist: that of a custom field, or a tag such as STATUS.
    #[serde(default)]
    pub picklist: Option<Spanned<String>>,
}

/// What the values of a list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Countries: COUNTRY.
    Countries,
    /// Groups of agents: GROUPID, GROUP.
    Groups,
    /// Agents: AGENTID, AGENT.
    Agents,
    /// Categories of FAQs: FAQCATID, FAQCATEGORY.
    FaqCategories,
}

impl Kind {
    /// What the List action is given as object.
    fn wire_name(self) -> &'static str {
        match self {
            Kind::Countries => "COUNTRY",
            Kind::Groups => "GROUPS",
            Kind::Agents => "AGENTS",
            Kind::FaqCategories => "FAQCATEGORY",
        }
    }

    fn columns(self) -> &'static [&'static str] {
        match self {
            Kind::Countries => &["COUNTRY"],
            Kind::Groups => &["GROUPID", "GROUP"],
            Kind::Agents => &["AGENTID", "AGENT"],
            Kind::FaqCategories => &["FAQCATID", "FAQCATEGORY"],
        }
    }
}

impl ListExtract {
    /// What is wrong with the keys.
    pub fn complaints(&self) -> Vec<Diagnostic> {
        let hint = "write `of: countries`, `groups`, `agents` or `faq_categories`, or \
                    `picklist: NAME`";
        match (&self.of, &self.picklist) {
            (Some(_), Some(picklist)) => vec![
                Diagnostic::new(picklist.span, "`of` and `picklist` make no sense together")
                    .with_hint("each list is an extract of its own"),
            ],
            (None, Some(picklist)) if picklist.value.trim().is_empty() => {
                vec![Diagnostic::new(picklist.span, "`picklist` has no name").with_hint(hint)]
            }
            (None, None) => {
                vec![
                    Diagnostic::new(Default::default(), "`list` does not say which")
                        .with_hint(hint),
                ]
            }
            _ => Vec::new(),
        }
    }

    /// What a run belongs to.
    pub fn identity(&self) -> String {
        format!("list {}", self.name())
    }

    /// What a run asks for, for a person.
    pub fn outlook(&self) -> Vec<String> {
        let list = if self.of.is_some() { "list " } else { "" };
        vec![format!("the {list}{}, by one request", self.name())]
    }

    fn name(&self) -> String {
        match (&self.of, &self.picklist) {
            (Some(kind), _) => kind.value.wire_name().to_owned(),
            (None, Some(picklist)) => format!("picklist {}", picklist.value),
            (None, None) => String::new(),
        }
    }

    fn names(&self) -> &'static [&'static str] {
        self.of.as_ref().map_or(&["VALUE"], |kind| kind.value.columns())
    }

    /// The columns.
    pub fn shape(&self) -> Shape {
        let column = |name: &&str| Column { name: (*name).to_owned(), cast: Cast::Text };
        Shape { columns: self.names().iter().map(column).collect(), map: None, zone: None }
    }
}

/// Fetches the list into the spool, in its own order.
///
/// # Errors
/// What keeps it from being fetched.
pub async fn fetch(
    options: &ListExtract,
    around: &Surroundings<'_>,
    spool: &mut Spool,
) -> Result<Found, FetchError> {
    let Some(crm) = &around.remote.crm else {
        return Err(FetchError::tenant(
            "the connection has no access to the CRM API",
            "write `wapi: {username: .., password: ..}` and `timezone:` into it",
        ));
    };
    let asked = match (&options.of, &options.picklist) {
        (Some(kind), _) => crm.list(kind.value.wire_name(), around.dice).await,
        (None, Some(picklist)) => crm.picklist(&picklist.value, around.dice).await,
        (None, None) => Ok(Vec::new()),
    };
    let items = asked.map_err(|trouble| wrong(options, trouble))?;
    if let (true, Some(picklist)) = (items.is_empty(), &options.picklist) {
        // An empty list means: no such picklist (ruling CUSTOMFIELD_NON_PICKLIST).
        (around.tell)(Told::Warning(format!(
            "the tenant has no picklist `{}`, or nothing in it",
            picklist.value
        )));
    }
    let rows: Vec<Vec<Option<&str>>> =
        items.iter().map(|item| values(item, options.names().len())).collect();
    if !rows.is_empty() {
        enter(options, &rows, spool)?;
    }
    let count = rows.len() as u64;
    Ok(Found {
        asked: options.identity(),
        windows: 1,
        rows: count,
        records: count,
        ..Found::default()
    })
}

fn enter(
    options: &ListExtract,
    rows: &[Vec<Option<&str>>],
    spool: &mut Spool,
) -> Result<(), FetchError> {
    let columns = options.names().iter().enumerate().map(|(at, name)| {
        let mut column = StringBuilder::new();
        rows.iter().for_each(|row| column.append_option(row.get(at).copied().flatten()));
        (*name, Arc::new(column.finish()) as ArrayRef, true)
    });
    let batches = [RecordBatch::try_from_iter_with_nullable(columns)?];
    let keys: Vec<Key> = (0..rows.len() as u64).map(Key::of_place).collect();
    let hashes = vec![0; rows.len()];
    let part = Part { what: options.name(), rows: Packed::of(&batches)?, keys, hashes };
    Ok(spool.enter(&[part], &[])?)
}

/// The values of an item: of two, first the id, whose tag ends in ID, then the name, whatever the
/// tags are called (ruling GROUPS_REPLY).
fn values(item: &Item, columns: usize) -> Vec<Option<&str>> {
    let fields: Vec<(&str, &str)> = item.fields().collect();
    if columns == 1 {
        return vec![fields.first().map(|(_, value)| *value)];
    }
    let id = fields.iter().position(|(tag, _)| tag.to_uppercase().ends_with("ID"));
    let name = fields.iter().enumerate().find(|(at, _)| Some(*at) != id);
    vec![id.map(|id| fields[id].1), name.map(|(_, (_, value))| *value)]
}

fn wrong(options: &ListExtract, trouble: Trouble) -> FetchError {
    match trouble {
        Trouble::Passing { message, .. } => FetchError::tenant(
            format!("the tenant does not answer: {message}"),
            "give the same command again later",
        ),
        Trouble::Refused { message } => FetchError::tenant(
            format!("the tenant refuses the list ({}): {message}", options.name()),
            "check the name; Configuration Manager shows the lists of the tenant",
        ),
        Trouble::Forbidden { what, hint } | Trouble::Stop { what, hint } => {
            FetchError::tenant(what, hint)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_read_whatever_their_tags_are_called() {
        for fields in [
            [("AGENTID", "101"), ("AGENT", "Sales")],
            [("GROUPID", "101"), ("GROUPNAME", "Sales")],
            [("GROUP", "Sales"), ("GROUPID", "101")],
        ] {
            let item = Item::from_fields(&fields);
            assert_eq!(values(&item, 2), [Some("101"), Some("Sales")]);
        }
        assert_eq!(values(&Item::from_fields(&[("COUNTRY", "Chad")]), 1), [Some("Chad")]);
    }
}
