//! Records of the CRM against the rules of the guide.

mod columns;
mod cross;
mod rows;
mod search;
mod settings;

use arrow::array::{Array, AsArray};

use super::*;
use crate::batch::{Origin, SourceBatch};

/// The loads of which the guide has rules, each object with each action.
fn loads() -> impl Iterator<Item = (Object, LoadAction)> {
    let all = [LoadAction::Add, LoadAction::Modify, LoadAction::Delete];
    rules::wapi::OBJECTS
        .into_iter()
        .flat_map(move |object| all.map(|action| (object, action)))
        .filter(|(object, action)| !plain_rules(*object, *action).table().is_empty())
}

/// The rules alone, with nothing that a pipeline, a connection or a tenant adds.
fn plain_rules(object: Object, action: LoadAction) -> WapiRules {
    WapiRules::new(object, action, Vec::new(), BTreeMap::new(), None)
}

/// The rows of a table that are columns: those for custom fields stand for others.
fn documented(rules: &WapiRules) -> impl Iterator<Item = &'static Rule> {
    rules.table().iter().filter(|rule| !rule.is_custom_field())
}

/// A value that keeps a rule.
fn sound(rule: &Rule) -> &'static str {
    match rule.format {
        Some(Format::Date) => "06212012",
        Some(Format::DateTime | Format::DateOrDateTime) => "062120121315",
        Some(Format::EmailAddress) => "1@2",
        _ => rule.values.first().unwrap_or(&"1234"),
    }
}

/// A value of so many characters that keeps all else of a rule.
fn of_length(rule: &Rule, chars: usize) -> String {
    match rule.format {
        Some(Format::EmailAddress) => format!("1@{}", "2".repeat(chars - 2)),
        _ => "1".repeat(chars),
    }
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> Batch {
    let columns = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    );
    let columns = columns.unwrap();
    let origin = |row| Origin { file: 0, line: row + 2, start: 0, length: 0, ordinal: row };
    let origins = (0..columns.num_rows() as u64).map(origin).collect();
    Batch::from_source(Arc::new(SourceBatch { columns, origins }))
}

/// What became of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Sent(String),
    NotSent,
    Mended(Option<String>, String),
    Wrong(String),
}

impl Verdict {
    #[track_caller]
    fn reason(&self) -> &str {
        match self {
            Verdict::Wrong(reason) => reason,
            other => panic!("not rejected: {other:?}"),
        }
    }
}

fn sent(value: &str) -> Verdict {
    Verdict::Sent(value.to_owned())
}

/// What becomes of the values of one column, where all other columns have sound ones.
fn verdicts(rules: &WapiRules, tag: &str, values: &[Option<&str>]) -> Vec<Verdict> {
    let text = |values: Vec<Option<&str>>| -> ArrayRef { Arc::new(StringArray::from(values)) };
    let others = documented(rules).filter(|rule| rule.tag != tag);
    let mut columns: Vec<(&str, ArrayRef)> =
        others.map(|rule| (rule.tag, text(vec![Some(sound(rule)); values.len()]))).collect();
    columns.push((tag, text(values.to_vec())));
    let batch = batch(columns);
    let checked = rules.check(&batch).unwrap();
    assert_eq!(checked.batch.len() + checked.fallen.len(), values.len(), "a row is lost");
    (0..values.len() as u32).map(|row| verdict(&checked, tag, row)).collect()
}

fn verdict(checked: &CheckedWapi, tag: &str, row: u32) -> Verdict {
    if let Some(fallen) = checked.fallen.iter().find(|fallen| fallen.pick == row) {
        return Verdict::Wrong(fallen.reason.clone());
    }
    let at = checked.batch.picks.binary_search(&row).unwrap();
    let column = checked.batch.columns.column_by_name(tag).unwrap().as_string::<i32>();
    let value = column.is_valid(at).then(|| column.value(at).to_owned());
    let mended = checked.fixed.iter().find(|fixed| fixed.pick == row && fixed.column == tag);
    match (mended, value) {
        (Some(fixed), value) => Verdict::Mended(value, fixed.reason.clone()),
        (None, Some(value)) => Verdict::Sent(value),
        (None, None) => Verdict::NotSent,
    }
}

fn verdict_of(rules: &WapiRules, tag: &str, value: &str) -> Verdict {
    verdicts(rules, tag, &[Some(value)]).remove(0)
}
