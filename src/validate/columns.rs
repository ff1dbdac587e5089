//! Whether the columns after the last step are those that the target takes.

use std::{borrow::Cow, fmt};

use arrow::datatypes::{DataType, Schema};

use crate::rules::{self, Format, Rule};

/// A column that cannot be loaded, told before the first row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnProblem {
    /// The target knows no such column.
    Unknown {
        /// The column.
        name: String,
        /// The target's column that may be meant.
        nearest: Option<&'static str>,
    },
    /// The CRM knows no such field, and the pipeline declares none.
    UnknownField {
        /// The column.
        name: String,
        /// The field that may be meant.
        nearest: Option<&'static str>,
    },
    /// A custom field has the name of a documented one, or of another in other letters.
    Clash {
        /// The custom field.
        name: String,
        /// The other one.
        with: String,
    },
    /// The CRM knows the field, but not in what the load does.
    OtherAction {
        /// The column.
        name: String,
        /// What takes it, such as `Case Add`.
        actions: String,
    },
    /// A custom field of which no tag can have the name.
    NoTag {
        /// The custom field.
        name: String,
    },
    /// The target, or a key of the load, demands a column that is not there.
    Missing {
        /// The column.
        name: Cow<'static, str>,
        /// Who demands it.
        by: &'static str,
        /// The column that may be meant.
        meant: Option<String>,
    },
    /// An upsert cannot ask the CRM for a record by any column of `match_on`.
    NotAsked {
        /// The columns.
        name: String,
        /// What can be asked for.
        askable: Vec<&'static str>,
    },
    /// Maps and lists have no order, and name no folder.
    Nested {
        /// The column.
        name: String,
        /// Who names it.
        by: &'static str,
        /// Its type.
        found: DataType,
    },
    /// All columns name folders, so that none is left for the files.
    NothingLeft {
        /// The first of them.
        name: String,
    },
    /// The CRM's dates have no zone, and these times have one.
    Zoned {
        /// The column.
        name: &'static str,
    },
    /// No value of the column's type can be sent.
    WrongType {
        /// The column.
        name: &'static str,
        /// Its type.
        found: DataType,
    },
}

impl ColumnProblem {
    /// The name of the column concerned.
    pub fn name(&self) -> &str {
        match self {
            ColumnProblem::Unknown { name, .. }
            | ColumnProblem::UnknownField { name, .. }
            | ColumnProblem::OtherAction { name, .. }
            | ColumnProblem::NoTag { name }
            | ColumnProblem::NotAsked { name, .. }
            | ColumnProblem::Nested { name, .. }
            | ColumnProblem::NothingLeft { name }
            | ColumnProblem::Clash { name, .. } => name,
            ColumnProblem::Missing { name, .. } => name,
            ColumnProblem::Zoned { name } | ColumnProblem::WrongType { name, .. } => name,
        }
    }

    /// The way out.
    pub fn hint(&self) -> String {
        match self {
            ColumnProblem::Unknown { nearest: Some(nearest), .. } => {
                format!("did you mean `{nearest}`?")
            }
            ColumnProblem::Unknown { .. } => "leave it out of the last `map`".to_owned(),
            ColumnProblem::UnknownField { name, nearest } => {
                let meant = match nearest {
                    Some(nearest) => format!("did you mean `{nearest}`? if not, "),
                    None => String::new(),
                };
                format!(
                    "{meant}name a custom field of the tenant under `custom_fields: [{name}]`, or \
                     leave the column out of the last `map`"
                )
            }
            ColumnProblem::Clash { .. } => {
                "give the custom field another name in Configuration Manager, or leave it out"
                    .into()
            }
            ColumnProblem::OtherAction { actions, .. } => {
                format!("it is a parameter of {actions}; leave it out of the last `map`")
            }
            ColumnProblem::NoTag { .. } => {
                "take the field's Field Name, as Configuration Manager shows it".to_owned()
            }
            ColumnProblem::Zoned { name } => {
                format!(
                    "say in which zone it is meant: `{name}: wapi_datetime(.., 'America/New_York')`"
                )
            }
            ColumnProblem::Missing { meant: Some(meant), .. } => format!("did you mean `{meant}`?"),
            ColumnProblem::Missing { name, .. } => format!("add `{name}: ...` to the last `map`"),
            ColumnProblem::Nested { .. } => "name a column of single values".to_owned(),
            ColumnProblem::NothingLeft { .. } => {
                "name fewer columns there, or map further ones".to_owned()
            }
            ColumnProblem::NotAsked { askable, .. } => {
                format!("add one of them to `match_on`: {}", askable.join(", "))
            }
            ColumnProblem::WrongType {
                found: DataType::Timestamp(..) | DataType::Date32,
                name,
            } => {
                format!("say in which zone it is: `{name}: to_utc(.., 'America/New_York')`")
            }
            ColumnProblem::WrongType { .. } => "convert it in the last `map`".to_owned(),
        }
    }
}

impl fmt::Display for ColumnProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ColumnProblem::Unknown { name, .. }
            | ColumnProblem::UnknownField { name, .. }
            | ColumnProblem::OtherAction { name, .. } => {
                write!(f, "the load target has no column `{name}`")
            }
            ColumnProblem::Clash { name, with } => write!(
                f,
                "the custom field `{name}` has the name of the field `{with}`: nobody can tell \
                 which of the two is meant"
            ),
            ColumnProblem::NoTag { name } => {
                write!(f, "the custom field `{name}` cannot be a tag of XML")
            }
            ColumnProblem::NotAsked { name, .. } => write!(
                f,
                "the CRM cannot be asked for records by {name}: nobody could tell whether one is \
                 there"
            ),
            ColumnProblem::Missing { name, by, .. } => {
                write!(f, "{by} demands a column `{name}`")
            }
            ColumnProblem::Nested { name, by, found } => {
                write!(f, "{by} cannot have the column `{name}` of the type `{found}`")
            }
            ColumnProblem::NothingLeft { .. } => {
                write!(f, "every column stands in `partition_by`, and none is left for the files")
            }
            ColumnProblem::Zoned { name } => {
                write!(
                    f,
                    "the times of column `{name}` are moments, and the CRM's dates have no zone"
                )
            }
            ColumnProblem::WrongType { name, found: DataType::Timestamp(..) } => {
                write!(f, "the times of column `{name}` have no zone")
            }
            ColumnProblem::WrongType { name, found } => {
                write!(f, "column `{name}` has the type `{found}`, which cannot be sent")
            }
        }
    }
}

/// Compares the columns after the last step with the target's rules.
pub fn check_columns(rules: &[Rule], schema: &Schema) -> Vec<ColumnProblem> {
    let given = schema.fields().iter().filter_map(|field| {
        let Some(rule) = rules::find(rules, field.name()) else {
            let nearest = rules::nearest(rules, field.name());
            return Some(ColumnProblem::Unknown { name: field.name().clone(), nearest });
        };
        let fits = rule.format.is_none_or(|format| can_be(format, field.data_type()));
        let found = field.data_type().clone();
        (!fits).then_some(ColumnProblem::WrongType { name: rule.tag, found })
    });
    let is_given = |rule: &&Rule| schema.index_of(rule.tag).is_ok();
    let missing = rules.iter().filter(|rule| rule.is_mandatory() && !is_given(rule));
    let missing = missing.map(|rule| ColumnProblem::Missing {
        name: rule.tag.into(),
        by: "the load target",
        meant: None,
    });
    given.chain(missing).collect()
}

fn can_be(format: Format, found: &DataType) -> bool {
    match found {
        DataType::Null | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => can_be(format, value),
        other => match format {
            Format::Integer => {
                other.is_integer() || matches!(other, DataType::Float32 | DataType::Float64)
            }
            Format::ZonedDateTime { .. } => matches!(other, DataType::Timestamp(_, Some(_))),
            Format::Date | Format::DateTime | Format::DateOrDateTime => other.is_temporal(),
            Format::Digits => other.is_integer(),
            Format::EmailAddress
            | Format::Latin1Bytes
            | Format::TransactionCodes { .. }
            | Format::UserId { .. } => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{Field, TimeUnit};

    use super::*;
    use crate::rules::campaign_customer;

    fn told(columns: &[(&str, DataType)]) -> Vec<(String, String)> {
        let fields = columns.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true));
        let schema = Schema::new(fields.collect::<Vec<_>>());
        let problems = check_columns(campaign_customer(), &schema);
        problems.iter().map(|problem| (problem.to_string(), problem.hint())).collect()
    }

    fn pair(problem: &str, hint: &str) -> (String, String) {
        (problem.to_owned(), hint.to_owned())
    }

    #[test]
    fn a_column_that_the_target_does_not_know_is_told_with_the_nearest() {
        assert_eq!(
            told(&[("customer_id", DataType::Utf8), ("phone", DataType::Utf8)]),
            [
                pair("the load target has no column `customer_id`", "did you mean `customer-id`?"),
                pair("the load target has no column `phone`", "leave it out of the last `map`"),
                pair(
                    "the load target demands a column `customer-id`",
                    "add `customer-id: ...` to the last `map`"
                ),
            ]
        );
    }

    #[test]
    fn a_time_without_a_zone_is_told_before_the_first_row() {
        let id = ("customer-id", DataType::Int64);
        let time = |zone: Option<&str>| DataType::Timestamp(TimeUnit::Second, zone.map(Into::into));
        assert_eq!(told(&[id.clone(), ("schedule-date-time", time(Some("UTC")))]), []);
        assert_eq!(told(&[id.clone(), ("schedule-date-time", DataType::Utf8View)]), []);
        assert_eq!(
            told(&[id, ("schedule-date-time", time(None))]),
            [pair(
                "the times of column `schedule-date-time` have no zone",
                "say in which zone it is: `schedule-date-time: to_utc(.., 'America/New_York')`"
            )]
        );
        assert_eq!(
            told(&[("customer-id", DataType::Boolean)]),
            [pair(
                "column `customer-id` has the type `Boolean`, which cannot be sent",
                "convert it in the last `map`"
            )]
        );
    }
}
