//! The rules of a WAPI load as a run asks them: the documented rules, the key by which rows are
//! told apart, and the key by which an upsert finds its record.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, StringBuilder},
    datatypes::{DataType, Field, Schema, SchemaRef},
    error::ArrowError,
};

use super::{Checked, ColumnProblem, Fit, WapiRules, complaints::Complaints, rules::UniqueKey};
use crate::{
    batch::{Batch, Fallen},
    crm::{Action, LoadAction, MATCH_KEY, Object, match_key},
    outcome::{KeyFrom, LoadedColumns},
    rules::{self, Fix, Rule, TenantValues},
    wire::wapi::Apostrophe,
};

/// What the guide says to be unique, where a record is added (wapi:597-598; rulings
/// FAQ_SHORTCUT_UNIQUE).
const UNIQUE_IN_ADD: &[(Object, &str)] = &[(Object::Customer, "EMAIL"), (Object::Faq, "SHORTCUT")];

/// The rules of one `load: wapi`.
#[derive(Clone, Debug)]
pub struct WapiLoadRules {
    rules: WapiRules,
    match_on: Vec<String>,
    identify_by: Vec<String>,
}

impl WapiLoadRules {
    /// The rules of an object and an action, with what the pipeline and the connection say.
    pub fn new(
        object: Object,
        action: LoadAction,
        custom_fields: Vec<String>,
        fixes: BTreeMap<String, Fix>,
        match_on: Vec<String>,
        identify_by: Vec<String>,
        apostrophe: Option<Apostrophe>,
    ) -> Self {
        let rules = WapiRules::new(object, action, custom_fields, fixes, apostrophe);
        WapiLoadRules { rules, match_on, identify_by }
    }

    pub fn rule(&self, column: &str) -> Option<&'static Rule> {
        self.rules.rule(column)
    }

    pub fn is_custom_field(&self, column: &str) -> bool {
        self.rules.custom_fields.iter().any(|name| name == column)
    }

    pub fn complaints(&self, columns: &Schema) -> Vec<ColumnProblem> {
        let mut complaints = self.rules.complaints(columns);
        for (by, names) in [("`match_on`", &self.match_on), ("`identify_by`", &self.identify_by)] {
            let missing = names.iter().filter(|tag| columns.index_of(tag).is_err());
            let missing = missing.map(|tag| {
                let alike = |field: &&Arc<Field>| field.name().eq_ignore_ascii_case(tag);
                let meant = columns.fields().iter().find(alike);
                let meant = meant.map(|field| field.name().clone());
                ColumnProblem::Missing { name: tag.clone().into(), by, meant }
            });
            complaints.extend(missing);
        }
        complaints.extend(self.not_asked());
        complaints
    }

    /// What `match_on` lacks, so that the CRM could be asked for a record.
    fn not_asked(&self) -> Option<ColumnProblem> {
        // A Get of categories takes nothing, and gives them all.
        if self.match_on.is_empty() || self.rules.object == Object::FaqCategory {
            return None;
        }
        let get = rules::wapi::table(self.rules.object, Action::Get);
        let asks = |tag: &String| rules::find(get, tag).is_some() || self.is_custom_field(tag);
        let askable = || {
            let own = self.rules.table().iter().map(|rule| rule.tag);
            own.filter(|tag| rules::find(get, tag).is_some_and(|rule| !rule.is_custom_field()))
        };
        (!self.match_on.iter().any(asks)).then(|| ColumnProblem::NotAsked {
            name: self.match_on.join(", "),
            askable: askable().collect(),
        })
    }

    pub fn wanted_lists(&self, columns: &Schema) -> Vec<(String, TenantValues)> {
        self.rules.wanted_lists(columns)
    }

    pub fn learn(&mut self, values: BTreeMap<String, Vec<String>>) {
        self.rules.learn(values);
    }

    /// The columns of what is sent.
    fn fit_schema(&self, output: &Schema) -> SchemaRef {
        let text = |name: &str| Field::new(name, DataType::Utf8, true);
        let mut fields: Vec<Field> =
            output.fields().iter().map(|field| text(field.name())).collect();
        if self.rules.action == LoadAction::Upsert && output.index_of(MATCH_KEY).is_err() {
            fields.push(text(MATCH_KEY));
        }
        Arc::new(Schema::new(fields))
    }

    pub fn unique_key(&self, output: &Schema) -> Option<UniqueKey> {
        let object = self.rules.object;
        let (name, tags) = match self.rules.action {
            LoadAction::Add => {
                let (_, tag) = UNIQUE_IN_ADD.iter().find(|(of, _)| *of == object)?;
                ((*tag).to_owned(), vec![*tag])
            }
            LoadAction::Upsert => (self.match_on.join(", "), vec![MATCH_KEY]),
            LoadAction::Modify | LoadAction::Delete => {
                (object.key().join(", "), object.key().to_vec())
            }
        };
        let schema = self.fit_schema(output);
        let columns: Result<Vec<usize>, _> = tags.iter().map(|tag| schema.index_of(tag)).collect();
        Some(UniqueKey { name, columns: columns.ok()? })
    }

    pub fn loaded_columns(&self, output: &Schema) -> LoadedColumns {
        let schema = self.fit_schema(output);
        let own = self.rules.object.key();
        let last = own.len().saturating_sub(1);
        let from = |(place, tag): (usize, &&'static str)| match schema.index_of(tag) {
            // What the server calls the record is in the answer; within what, in the row.
            Ok(index) if place < last => ((*tag).into(), KeyFrom::Column(index)),
            _ => ((*tag).into(), KeyFrom::Answer),
        };
        LoadedColumns { key: own.iter().enumerate().map(from).collect(), input: true }
    }

    pub fn check(&self, batch: &Batch, fallen: &mut Vec<Fallen>) -> Result<Fit, ArrowError> {
        let checked = self.rules.check(batch)?;
        fallen.extend(checked.fallen);
        let fit = Fit { rows: checked.batch, fixed: checked.fixed };
        match self.rules.action {
            LoadAction::Upsert => self.with_match_key(fit, fallen),
            _ => Ok(fit),
        }
    }

    /// Adds the key by which the record is found; rows that have nothing to match by fall.
    fn with_match_key(&self, fit: Fit, fallen: &mut Vec<Fallen>) -> Result<Fit, ArrowError> {
        let columns = &fit.rows.columns;
        let by: Vec<(&str, Option<&ArrayRef>)> =
            self.match_on.iter().map(|tag| (tag.as_str(), columns.column_by_name(tag))).collect();
        let mut keys = StringBuilder::new();
        let mut complaints = Complaints::default();
        for row in 0..columns.num_rows() {
            let value = |column: Option<&'_ ArrayRef>| {
                let texts = column?.as_string_opt::<i32>()?;
                texts.is_valid(row).then(|| texts.value(row).to_owned())
            };
            let values: Vec<(&str, Option<String>)> =
                by.iter().map(|(tag, column)| (*tag, value(*column))).collect();
            let key = match_key(values.iter().map(|(tag, value)| (*tag, value.as_deref())));
            if key.is_none() {
                let reason = format!("{}: no value to match on", self.match_on.join(", "));
                complaints.add(row, &reason);
            }
            keys.append_option(key);
        }
        let mut arrays = columns.columns().to_vec();
        arrays.push(Arc::new(keys.finish()));
        let schema = self.fit_schema(columns.schema_ref());
        let columns = RecordBatch::try_new(schema, arrays)?;
        let checked = Checked::of(&fit.rows, columns, complaints, fit.fixed)?;
        fallen.extend(checked.fallen);
        Ok(Fit { rows: checked.batch, fixed: checked.fixed })
    }
}
