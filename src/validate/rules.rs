//! The rules of whatever target a pipeline loads, as one thing that a run can ask.

use arrow::{
    array::{AsArray, RecordBatch},
    datatypes::{DataType, Field, Int64Type, Schema},
    error::ArrowError,
};
use jiff::Timestamp;

use super::{CampaignRules, Fixed, check_columns};
use crate::{
    batch::{Batch, Fallen},
    diagnostic::{Diagnostic, Span},
    rules::{self, Rule},
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
    },
}

/// What may be sent, in the target's own columns and types.
pub struct Fit {
    pub rows: Batch,
    /// Values mended because the pipeline asks for it.
    pub fixed: Vec<Fixed>,
}

impl Rules {
    /// Name of the column that tells one record of the target from another.
    pub fn key_name(&self) -> &'static str {
        match self {
            Rules::Campaign { .. } => "customer-id",
        }
    }

    /// Index of that column in [`Fit::rows`].
    pub fn key(&self) -> usize {
        match self {
            Rules::Campaign { .. } => 0,
        }
    }

    /// The key of a row of [`Fit::rows`], for a reason.
    pub fn key_text(&self, rows: &RecordBatch, row: usize) -> String {
        match self {
            Rules::Campaign { .. } => {
                rows.column(0).as_primitive::<Int64Type>().value(row).to_string()
            }
        }
    }

    /// Whether `field` is the key in the target's own type: then equal keys are equal values.
    pub fn is_key_in_its_type(&self, field: &Field) -> bool {
        match self {
            Rules::Campaign { .. } => {
                field.name() == self.key_name() && *field.data_type() == DataType::Int64
            }
        }
    }

    /// The documented rule of a column.
    pub fn rule(&self, column: &str) -> Option<&'static Rule> {
        match self {
            Rules::Campaign { .. } => rules::find(rules::campaign_customer(), column),
        }
    }

    /// Takes over what a look at the target told.
    pub fn learn_window(&mut self, told: Option<(Timestamp, Timestamp)>) {
        match self {
            Rules::Campaign { window, .. } => *window = told,
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
            Rules::Campaign { blank_schedule, window } => {
                let rules = CampaignRules { now, window: *window, blank_schedule: *blank_schedule };
                let checked = rules.check(batch)?;
                fallen.extend(checked.fallen);
                Ok(Fit { rows: checked.batch, fixed: checked.fixed })
            }
        }
    }

    /// Columns that the target does not know, or misses, each at its place in the pipeline file.
    pub fn complaints(&self, columns: &Schema, place: impl Fn(&str) -> Span) -> Vec<Diagnostic> {
        let rules = match self {
            Rules::Campaign { .. } => rules::campaign_customer(),
        };
        check_columns(rules, columns)
            .into_iter()
            .map(|problem| {
                Diagnostic::new(place(problem.name()), problem.to_string())
                    .with_hint(problem.hint())
            })
            .collect()
    }
}
