//! The rules of whatever target a pipeline loads, as one thing that a run can ask.

use std::collections::BTreeMap;

use arrow::{
    array::RecordBatch,
    datatypes::{DataType, Field, Schema},
    error::ArrowError,
    util::display::array_value_to_string,
};
use jiff::Timestamp;

use super::{CallRules, CampaignRules, FileRules, Fixed, WapiLoadRules, check_columns};
use crate::{
    batch::{Batch, Fallen},
    diagnostic::{Diagnostic, Span},
    outcome::{KeyFrom, LoadedColumns},
    rules::{self, Rule, TenantValues},
};

/// The rules of a load target. A new target is a variant and an arm in each function.
#[derive(Clone, Debug)]
pub enum Rules {
    /// Customers of a dialer campaign.
    Campaign {
        /// Whether a `schedule-date-time` that breaks a rule is sent as none.
        blank_schedule: bool,
        /// First and last moment of the campaign's schedule, once its status has told them.
        window: Option<(Timestamp, Timestamp)>,
        /// Whether the customers are taken out, and not added.
        removes: bool,
    },
    /// Phone calls.
    Calls(CallRules),
    /// Records of the CRM.
    Wapi(Box<WapiLoadRules>),
    /// Files, which take any column.
    Files(FileRules),
}

/// What may be sent, in the target's own columns and types.
pub struct Fit {
    pub rows: Batch,
    /// Values mended because the pipeline asks for it.
    pub fixed: Vec<Fixed>,
}

/// Columns of [`Fit::rows`] whose values no two rows of an input may share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UniqueKey {
    /// Their name in a reason.
    pub name: String,
    /// Their indices.
    pub columns: Vec<usize>,
}

impl Rules {
    /// What must be unique among the rows; `output` has the columns after the last step.
    pub fn unique_key(&self, output: &Schema) -> Option<UniqueKey> {
        match self {
            Rules::Campaign { .. } => {
                Some(UniqueKey { name: "customer-id".into(), columns: vec![0] })
            }
            Rules::Calls(calls) => calls.unique_key(output),
            Rules::Wapi(wapi) => wapi.unique_key(output),
            Rules::Files(files) => files.unique_key(output),
        }
    }

    /// Which of two rows with the same key is loaded: the earlier one, and the later is rejected;
    /// or the later one, which replaces the earlier.
    pub fn later_row_wins(&self) -> bool {
        match self {
            Rules::Campaign { .. } | Rules::Wapi(_) | Rules::Calls(_) => false,
            Rules::Files(_) => true,
        }
    }

    /// Whether the target must know the number of rows before the first is sent.
    pub fn rows_are_counted(&self) -> bool {
        match self {
            Rules::Campaign { .. } | Rules::Wapi(_) | Rules::Calls(_) => true,
            Rules::Files(_) => false,
        }
    }

    /// Its name in a reason; `fit` has the columns of [`Fit::rows`].
    pub fn key_name(&self, fit: &Schema) -> String {
        self.unique_key(fit).map(|key| key.name).unwrap_or_default()
    }

    /// Its value in a row of [`Fit::rows`], for a reason.
    pub fn key_text(&self, rows: &RecordBatch, row: usize) -> String {
        let key = self.unique_key(rows.schema_ref());
        let columns = key.iter().flat_map(|key| &key.columns);
        let texts = columns.map(|index| {
            array_value_to_string(rows.column(*index), row)
                .unwrap_or_default()
                .replace('\u{1f}', ", ")
        });
        texts.collect::<Vec<_>>().join(", ")
    }

    /// What `loaded.csv` tells of each row; `output` has the columns after the last step.
    pub fn loaded_columns(&self, output: &Schema) -> LoadedColumns {
        match self {
            Rules::Campaign { .. } => LoadedColumns {
                key: vec![("customer-id".into(), KeyFrom::Column(0))],
                input: false,
            },
            Rules::Calls(calls) => calls.loaded_columns(output),
            Rules::Wapi(wapi) => wapi.loaded_columns(output),
            Rules::Files(files) => files.loaded_columns(output),
        }
    }

    /// Whether `field` is the key in the target's own type: then equal keys are equal values.
    pub fn is_key_in_its_type(&self, field: &Field) -> bool {
        match self {
            Rules::Campaign { .. } => {
                field.name() == "customer-id" && *field.data_type() == DataType::Int64
            }
            Rules::Wapi(_) | Rules::Files(_) | Rules::Calls(_) => false,
        }
    }

    /// The documented rule of a column.
    pub fn rule(&self, column: &str) -> Option<&'static Rule> {
        match self {
            Rules::Campaign { removes: true, .. } => rules::find(rules::campaign_removal(), column),
            Rules::Campaign { .. } => rules::find(rules::campaign_customer(), column),
            Rules::Calls(calls) => calls.rule(column),
            Rules::Wapi(wapi) => wapi.rule(column),
            Rules::Files(_) => None,
        }
    }

    /// Whether the pipeline declares a column as a custom field of the tenant.
    pub fn is_custom_field(&self, column: &str) -> bool {
        match self {
            Rules::Campaign { .. } | Rules::Files(_) | Rules::Calls(_) => false,
            Rules::Wapi(wapi) => wapi.is_custom_field(column),
        }
    }

    /// Parameters whose values the target defines, so that they have to be asked for.
    pub fn wanted_lists(&self, output: &Schema) -> Vec<(String, TenantValues)> {
        match self {
            Rules::Campaign { .. } | Rules::Files(_) | Rules::Calls(_) => Vec::new(),
            Rules::Wapi(wapi) => wapi.wanted_lists(output),
        }
    }

    /// Takes over what a look at the target told: its schedule, and the values that it defines.
    pub fn learn(
        &mut self,
        told: Option<(Timestamp, Timestamp)>,
        values: BTreeMap<String, Vec<String>>,
    ) {
        match self {
            Rules::Campaign { window, .. } => *window = told,
            Rules::Calls(_) => {}
            Rules::Wapi(wapi) => wapi.learn(values),
            Rules::Files(_) => {}
        }
    }

    /// Checks every rule of every row; the rows that break one go on `fallen`.
    ///
    /// # Errors
    /// Columns of a type that [`Rules::complaints`] would have told.
    pub fn check(
        &self,
        batch: &Batch,
        now: Timestamp,
        fallen: &mut Vec<Fallen>,
    ) -> Result<Fit, ArrowError> {
        match self {
            Rules::Campaign { blank_schedule, window, .. } => {
                let rules = CampaignRules { now, window: *window, blank_schedule: *blank_schedule };
                let checked = rules.check(batch)?;
                fallen.extend(checked.fallen);
                Ok(Fit { rows: checked.batch, fixed: checked.fixed })
            }
            Rules::Calls(calls) => {
                let checked = calls.check(batch)?;
                fallen.extend(checked.fallen);
                Ok(Fit { rows: checked.batch, fixed: checked.fixed })
            }
            Rules::Wapi(wapi) => wapi.check(batch, fallen),
            Rules::Files(files) => files.check(batch, fallen),
        }
    }

    /// Columns that the target does not know, or misses, each at its place in the pipeline file.
    pub fn complaints(&self, columns: &Schema, place: impl Fn(&str) -> Span) -> Vec<Diagnostic> {
        let problems = match self {
            Rules::Campaign { removes: true, .. } => {
                check_columns(rules::campaign_removal(), columns)
            }
            Rules::Campaign { .. } => check_columns(rules::campaign_customer(), columns),
            Rules::Calls(calls) => calls.complaints(columns),
            Rules::Wapi(wapi) => wapi.complaints(columns),
            Rules::Files(files) => files.complaints(columns),
        };
        problems
            .into_iter()
            .map(|problem| {
                Diagnostic::new(place(problem.name()), problem.to_string())
                    .with_hint(problem.hint())
            })
            .collect()
    }
}
