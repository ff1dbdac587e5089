//! The documented rules of the CRM's objects over columns: one pass a column, side by side, and
//! then the rules between the columns of a row.

mod charsets;
mod cross;
mod dates;
mod field;
mod form;
mod length;
mod lists;
pub(super) mod text;

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{ArrayRef, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema},
    error::ArrowError,
};
use rayon::prelude::*;

use super::{Checked, ColumnProblem, Fixed, complaints::Complaints};
use crate::{
    batch::Batch,
    crm::{Action, LoadAction, Object},
    rules::{self, Fix, Format, Rule, TenantValues},
    wire::wapi::Apostrophe,
};

use field::{FieldRules, Outcome};
use lists::Values;

/// The documented rules of one object and action, with what the pipeline and the tenant add.
#[derive(Clone, Debug)]
pub struct WapiRules {
    /// What the rows are.
    pub object: Object,
    /// What is done with them.
    pub action: LoadAction,
    /// Columns that are custom fields of the tenant.
    pub custom_fields: Vec<String>,
    fixes: BTreeMap<String, Fix>,
    apostrophe: Option<Apostrophe>,
    values: BTreeMap<String, Arc<Values>>,
}

impl WapiRules {
    /// The rules of an object and action; nothing is known of the tenant yet.
    pub fn new(
        object: Object,
        action: LoadAction,
        custom_fields: Vec<String>,
        fixes: BTreeMap<String, Fix>,
        apostrophe: Option<Apostrophe>,
    ) -> Self {
        let values = BTreeMap::new();
        WapiRules { object, action, custom_fields, fixes, apostrophe, values }
    }

    /// The parameters that the load may send. An upsert may add: it is held to those of Add.
    pub fn table(&self) -> &'static [Rule] {
        let action = match self.action {
            LoadAction::Add | LoadAction::Upsert => Action::Add,
            LoadAction::Modify => Action::Modify,
            LoadAction::Delete => Action::Delete,
        };
        rules::wapi::table(self.object, action)
    }

    /// The documented rule of a column.
    pub fn rule(&self, column: &str) -> Option<&'static Rule> {
        rules::find(self.table(), column).filter(|rule| !rule.is_custom_field())
    }

    /// Columns that the CRM does not know, misses, or cannot tell apart.
    pub fn complaints(&self, columns: &Schema) -> Vec<ColumnProblem> {
        let mut problems = self.custom_field_complaints();
        for field in columns.fields() {
            let name = field.name();
            let is_moment = matches!(field.data_type(), DataType::Timestamp(_, Some(_)));
            if let Some(rule) = self.rule(name).filter(|rule| is_moment && takes_a_date(rule)) {
                problems.push(ColumnProblem::Zoned { name: rule.tag });
            }
            if self.rule(name).is_none() && !self.custom_fields.contains(name) {
                problems.push(self.unknown(name));
            }
        }
        let missing = self.table().iter().filter(|rule| rule.is_mandatory());
        let missing = missing.filter(|rule| columns.index_of(rule.tag).is_err());
        problems.extend(missing.map(|rule| ColumnProblem::Missing {
            name: rule.tag.into(),
            by: "the load target",
            meant: None,
        }));
        problems
    }

    /// Custom fields that nobody can tell from another field, or that no tag can name.
    fn custom_field_complaints(&self) -> Vec<ColumnProblem> {
        let mut problems = Vec::new();
        let documented: Vec<&str> = rules::wapi::actions(self.object)
            .iter()
            .flat_map(|action| rules::wapi::table(self.object, *action))
            .map(|rule| rule.tag)
            .collect();
        for (place, name) in self.custom_fields.iter().enumerate() {
            let others = self.custom_fields[..place].iter().map(String::as_str);
            let with = documented
                .iter()
                .copied()
                .chain(others)
                .find(|other| other.eq_ignore_ascii_case(name));
            if let Some(with) = with {
                problems.push(ColumnProblem::Clash { name: name.clone(), with: with.to_owned() });
            } else if !is_tag(name) {
                problems.push(ColumnProblem::NoTag { name: name.clone() });
            }
        }
        problems
    }

    /// A column that is neither a parameter of the load nor a custom field.
    fn unknown(&self, name: &str) -> ColumnProblem {
        let takes = |action: &&Action| {
            rules::find(rules::wapi::table(self.object, **action), name)
                .is_some_and(|rule| !rule.is_custom_field())
        };
        let actions = rules::wapi::actions(self.object).iter().filter(takes);
        let actions: Vec<String> =
            actions.map(|action| format!("{} {action}", self.object)).collect();
        let name = name.to_owned();
        if !actions.is_empty() {
            return ColumnProblem::OtherAction { name, actions: actions.join(", ") };
        }
        let nearest = rules::nearest(self.table(), &name);
        ColumnProblem::UnknownField { name, nearest }
    }

    /// Parameters whose values the tenant defines, so that they have to be asked for.
    pub fn wanted_lists(&self, columns: &Schema) -> Vec<(String, TenantValues)> {
        let wanted = columns.fields().iter().filter_map(|field| {
            let name = field.name();
            let what = match self.rule(name) {
                Some(rule) => rule.tenant_values,
                None => Some(TenantValues::Picklist),
            };
            what.map(|what| (name.clone(), what))
        });
        match self.action {
            LoadAction::Delete => Vec::new(),
            _ => wanted.collect(),
        }
    }

    /// Takes over the values that the tenant told.
    pub fn learn(&mut self, values: BTreeMap<String, Vec<String>>) {
        let learned = values.into_iter().map(|(tag, values)| (tag, Arc::new(Values::new(values))));
        self.values = learned.collect();
    }

    /// Checks every rule of every row.
    ///
    /// # Errors
    /// Columns that cannot be put together.
    pub fn check(&self, batch: &Batch) -> Result<Checked, ArrowError> {
        let schema = batch.columns.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let outcomes: Vec<Outcome> = names
            .par_iter()
            .zip(batch.columns.columns())
            .map(|(name, column)| self.check_column(name, column))
            .collect::<Result<_, _>>()?;
        let mut complaints = Complaints::default();
        let mut fixed = Vec::new();
        let mut columns: Vec<(&str, StringArray)> = Vec::with_capacity(names.len());
        for (name, outcome) in names.iter().zip(outcomes) {
            outcome.complaints.iter().for_each(|(row, reason)| complaints.add(*row, reason));
            let mended = outcome.fixed.into_iter().map(|(row, reason)| Fixed {
                pick: batch.picks[row],
                column: (*name).to_owned().into(),
                reason,
            });
            fixed.extend(mended);
            columns.push((name, outcome.values));
        }
        cross::check(self, &columns, &mut complaints);
        finish(batch, columns, complaints, fixed)
    }

    fn check_column(&self, name: &str, column: &ArrayRef) -> Result<Outcome, ArrowError> {
        let rule = self.rule(name);
        let texts = text::texts(rule, column)?;
        let field = FieldRules::new(
            name,
            rule,
            self.fixes.get(name).copied(),
            self.apostrophe,
            self.values.get(name).cloned(),
        );
        field.check(texts)
    }
}

/// Whether XML takes a name as a tag. The tenant's names are letters, digits and `_` (field-notes,
/// WAPI); the guide's own examples have a dot.
fn is_tag(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

fn takes_a_date(rule: &Rule) -> bool {
    matches!(rule.format, Some(Format::Date | Format::DateTime | Format::DateOrDateTime))
}

/// What is wrong with one value by one rule, for those who send single values, such as the criteria
/// of a Get: there `%` is a sign of its own. What the tenant defines is not known here.
pub fn complaint(rule: &Rule, value: &str) -> Option<String> {
    FieldRules::new(rule.tag, Some(rule), None, None, None).complaint(value)
}

fn finish(
    batch: &Batch,
    columns: Vec<(&str, StringArray)>,
    complaints: Complaints,
    fixed: Vec<Fixed>,
) -> Result<Checked, ArrowError> {
    let fields: Vec<Field> =
        columns.iter().map(|(name, _)| Field::new(*name, DataType::Utf8, true)).collect();
    let arrays = columns.into_iter().map(|(_, values)| Arc::new(values) as ArrayRef).collect();
    let columns = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?;
    Checked::of(batch, columns, complaints, fixed)
}

#[cfg(test)]
mod mend_tests;
#[cfg(test)]
mod tests;
