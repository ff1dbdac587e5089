//! The documented rules of the CRM's objects over columns: one pass a column, side by side, and
//! then the rules between the columns of a row.

mod charsets;
mod cross;
mod dates;
mod field;
mod form;
mod length;
mod lists;
mod text;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, RecordBatch, StringArray},
    compute::filter_record_batch,
    datatypes::{DataType, Field, Schema},
    error::ArrowError,
};
use rayon::prelude::*;

use super::{ColumnProblem, Fixed, complaints::Complaints};
use crate::{
    batch::{Batch, Fallen},
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

/// Rows that keep every rule, and those that do not.
#[derive(Debug)]
pub struct CheckedWapi {
    /// Text columns in the batch's order; a null is not sent.
    pub batch: Batch,
    /// Rows that fell, with all reasons.
    pub fallen: Vec<Fallen>,
    /// Values that were mended because the pipeline or the connection asks for it.
    pub fixed: Vec<Fixed>,
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
        let mut problems = Vec::new();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for name in &self.custom_fields {
            let documented = self.table().iter().find(|rule| rule.tag.eq_ignore_ascii_case(name));
            let with = documented.map(|rule| rule.tag.to_owned());
            let twice = !seen.insert(name.to_uppercase());
            if let Some(with) = with.or(twice.then(|| name.to_uppercase())) {
                problems.push(ColumnProblem::Clash { name: name.clone(), with });
            }
        }
        for field in columns.fields() {
            let name = field.name();
            let is_moment = matches!(field.data_type(), DataType::Timestamp(_, Some(_)));
            if let Some(rule) = self.rule(name).filter(|rule| is_moment && takes_a_date(rule)) {
                problems.push(ColumnProblem::Zoned { name: rule.tag });
            }
            if self.rule(name).is_none() && !self.custom_fields.contains(name) {
                let nearest = rules::nearest(self.table(), name);
                problems.push(ColumnProblem::UnknownField { name: name.clone(), nearest });
            }
        }
        let missing = self.table().iter().filter(|rule| rule.is_mandatory());
        let missing = missing.filter(|rule| columns.index_of(rule.tag).is_err());
        problems.extend(
            missing.map(|rule| ColumnProblem::Missing {
                name: rule.tag.into(),
                by: "the load target",
            }),
        );
        problems
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
    pub fn check(&self, batch: &Batch) -> Result<CheckedWapi, ArrowError> {
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
    mut fixed: Vec<Fixed>,
) -> Result<CheckedWapi, ArrowError> {
    let fields: Vec<Field> =
        columns.iter().map(|(name, _)| Field::new(*name, DataType::Utf8, true)).collect();
    let arrays = columns.into_iter().map(|(_, values)| Arc::new(values) as ArrayRef).collect();
    let columns = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?;
    let source = Arc::clone(&batch.source);
    if complaints.is_empty() {
        let batch = Batch { columns, source, picks: batch.picks.clone() };
        return Ok(CheckedWapi { batch, fallen: Vec::new(), fixed });
    }
    let passed = complaints.passed(batch.len());
    let kept = batch.picks.iter().zip(passed.values().iter());
    let picks: Vec<u32> = kept.filter(|(_, passed)| *passed).map(|(pick, _)| *pick).collect();
    // A row that falls nevertheless was not mended.
    fixed.retain(|fixed| picks.binary_search(&fixed.pick).is_ok());
    let fallen = complaints.into_fallen(batch);
    let columns = filter_record_batch(&columns, &passed)?;
    Ok(CheckedWapi { batch: Batch { columns, source, picks }, fallen, fixed })
}

#[cfg(test)]
mod tests;
