//! The rules of phone calls, over columns.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, RecordBatch, StringArray, StringBuilder},
    datatypes::{DataType, Field, Schema},
    error::ArrowError,
};

use super::{
    ColumnProblem, UniqueKey,
    checked::{Checked, Fixed},
    complaints::{Complaints, missing, reason},
    wapi::text::texts,
};
use crate::{
    batch::Batch,
    outcome::{KeyFrom, LoadedColumns},
    phone::{AGENT_ID, CallAction, INTERACTION_ID, LINE_NO, NUMBER, PREFIX, RINGS},
    rules::{self, Fix, Format, Rule},
    wire::calls::{Codes, CodesError},
};

/// The documented rules of one action, with what the pipeline adds.
#[derive(Clone, Debug)]
pub struct CallRules {
    /// What is done with each row.
    pub action: CallAction,
    /// What the pipeline mends.
    pub fixes: BTreeMap<String, Fix>,
    /// Whether rows of the same number each place a call.
    pub allow_repeats: bool,
}

impl CallRules {
    /// The documented rule of a column.
    pub fn rule(&self, column: &str) -> Option<&'static Rule> {
        rules::call_column(self.action, column)
    }

    /// Columns that the API does not know, misses, or cannot take.
    pub fn complaints(&self, columns: &Schema) -> Vec<ColumnProblem> {
        let table = rules::calls(self.action);
        let given = columns.fields().iter().filter_map(|field| match self.rule(field.name()) {
            None => {
                let nearest = rules::nearest(table, field.name());
                Some(ColumnProblem::Unknown { name: field.name().clone(), nearest })
            }
            Some(rule) if !can_be_sent(field.data_type()) => {
                let found = field.data_type().clone();
                Some(ColumnProblem::WrongType { name: rule.tag, found })
            }
            Some(_) => None,
        });
        let must = table.iter().filter(|rule| rule.is_mandatory() && rule.default.is_none());
        let missing = must.filter(|rule| columns.index_of(rule.tag).is_err());
        let missing = missing.map(|rule| ColumnProblem::Missing {
            name: rule.tag.into(),
            by: "the load target",
            meant: None,
        });
        given.chain(missing).collect()
    }

    /// What no two rows may share: a phone that rings, an interaction whose codes are set.
    pub fn unique_key(&self, columns: &Schema) -> Option<UniqueKey> {
        match self.action {
            CallAction::Place if !self.allow_repeats => {
                let rings = columns.index_of(RINGS).unwrap_or(columns.fields().len());
                Some(UniqueKey { name: NUMBER.into(), columns: vec![rings] })
            }
            // The codes of the second row would take the place of the first one's.
            CallAction::SetTransactionCodes => {
                let tags = [INTERACTION_ID, AGENT_ID];
                let indices: Result<Vec<usize>, _> =
                    tags.iter().map(|tag| columns.index_of(tag)).collect();
                Some(UniqueKey { name: tags.join(", "), columns: indices.ok()? })
            }
            _ => None,
        }
    }

    /// What `loaded.csv` tells of each row.
    pub fn loaded_columns(&self, columns: &Schema) -> LoadedColumns {
        let from = |tag: &'static str| {
            columns.index_of(tag).ok().map(|at| (tag.into(), KeyFrom::Column(at)))
        };
        let key = match self.action {
            CallAction::Place => {
                let own = [from(AGENT_ID), from(PREFIX), from(NUMBER)].into_iter().flatten();
                return LoadedColumns {
                    key: std::iter::once((INTERACTION_ID.into(), KeyFrom::Answer))
                        .chain(own)
                        .collect(),
                    // Codes are looked up for the call of a row of the input.
                    input: true,
                };
            }
            _ => [INTERACTION_ID, AGENT_ID, LINE_NO],
        };
        LoadedColumns { key: key.into_iter().filter_map(from).collect(), input: false }
    }

    /// Checks every rule of every row.
    ///
    /// # Errors
    /// Columns of a type that [`CallRules::complaints`] would have told.
    pub fn check(&self, batch: &Batch) -> Result<Checked, ArrowError> {
        let schema = batch.columns.schema();
        let mut complaints = Complaints::default();
        let mut fixed = Vec::new();
        let mut fields = Vec::with_capacity(schema.fields().len() + 1);
        let mut columns = Vec::with_capacity(schema.fields().len() + 1);
        for (field, column) in schema.fields().iter().zip(batch.columns.columns()) {
            let name = field.name();
            let rule = self.rule(name).ok_or_else(|| {
                ArrowError::SchemaError(format!("no rule is known for the column `{name}`"))
            })?;
            let texts = texts(None, column)?;
            let mend = self.fixes.get(name) == Some(&Fix::Blank);
            let mut mended = |row: usize, reason: String| {
                let column = name.clone().into();
                fixed.push(Fixed { pick: batch.picks[row], column, reason });
            };
            let checked = check_column(rule, &texts, &mut complaints, mend, &mut mended);
            fields.push(Field::new(name, DataType::Utf8, true));
            columns.push(checked);
        }
        if self.action == CallAction::Place {
            columns.push(rings(&fields, &columns, batch.len()));
            fields.push(Field::new(RINGS, DataType::Utf8, true));
        }
        let columns = columns.into_iter().map(|column| Arc::new(column) as ArrayRef).collect();
        let columns = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;
        Checked::of(batch, columns, complaints, fixed)
    }
}

/// Text, numbers and truths; a moment or a list is none of the API's values.
fn can_be_sent(found: &DataType) -> bool {
    match found {
        DataType::Null | DataType::Boolean => true,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => can_be_sent(value),
        other => other.is_numeric(),
    }
}

/// Which phone rings, by the digits that are dialled: prefix and number may be parted in more than
/// one way.
fn rings(fields: &[Field], columns: &[StringArray], rows: usize) -> StringArray {
    let part = |tag: &str| fields.iter().position(|field| field.name() == tag);
    let parts: Vec<&StringArray> =
        [part(PREFIX), part(NUMBER)].into_iter().flatten().map(|at| &columns[at]).collect();
    let digits = |row: usize| -> String {
        let texts = parts.iter().filter(|texts| texts.is_valid(row)).map(|texts| texts.value(row));
        texts.flat_map(|text| text.chars().filter(char::is_ascii_digit)).collect()
    };
    (0..rows).map(|row| Some(digits(row))).collect()
}

/// The values as they are sent. What breaks a rule is told, or mended where the pipeline asks.
fn check_column(
    rule: &Rule,
    texts: &StringArray,
    complaints: &mut Complaints,
    mend: bool,
    mended: &mut dyn FnMut(usize, String),
) -> StringArray {
    let is_element = rule.tag.ends_with(".NAME");
    let mut values = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
    for (row, text) in texts.iter().enumerate() {
        let text = text.map(|text| if is_element { text } else { text.trim() });
        match text.filter(|text| !text.is_empty()) {
            None => {
                if rule.is_mandatory() && rule.default.is_none() {
                    complaints.add(row, &missing(rule));
                }
                // An empty prefix is sent as such.
                values.append_option(rule.default.filter(|_| rule.is_mandatory()));
            }
            Some(text) => match checked(rule, text) {
                Ok(value) => values.append_value(value),
                Err(reason) if mend => {
                    mended(row, reason);
                    values.append_null();
                }
                Err(reason) => {
                    complaints.add(row, &reason);
                    values.append_null();
                }
            },
        }
    }
    values.finish()
}

/// A value in the form in which it is sent, or what is wrong with it.
fn checked<'a>(rule: &Rule, text: &'a str) -> Result<&'a str, String> {
    if !rule.values.is_empty() {
        let allowed = rule.values.join(" or ");
        let value = rule.values.iter().find(|value| value.eq_ignore_ascii_case(text));
        return value.copied().ok_or_else(|| reason(rule, "not allowed", text, &allowed));
    }
    if rule.invalid.contains(&"no digit") && !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err(reason(rule, "no digit in it", text, "a number to dial"));
    }
    // Each is a segment of a path, and these two lead elsewhere.
    if matches!(text, "." | "..") && matches!(rule.tag, AGENT_ID | INTERACTION_ID) {
        return Err(reason(rule, "not an id", text, ""));
    }
    match rule.format {
        Some(Format::TransactionCodes { most }) => check_codes(rule, text, most).map(|()| text),
        _ => Ok(text),
    }
}

fn check_codes(rule: &Rule, text: &str, most: u32) -> Result<(), String> {
    const FORM: &str = "listId:itemId;listId:itemId";
    match Codes::parse(text) {
        Ok(codes) if codes.count() > most as usize => {
            let wrong = format!("{} codes", codes.count());
            Err(reason(rule, &wrong, text, &format!("at most {most}")))
        }
        Ok(_) => Ok(()),
        Err(CodesError::None) => Err(reason(rule, "no code in it", text, FORM)),
        Err(CodesError::NotAPair { part }) => {
            let wrong = format!("`{part}` is not two numbers with `:` between them");
            Err(reason(rule, &wrong, text, FORM))
        }
        Err(CodesError::Twice { part }) => {
            Err(reason(rule, &format!("`{part}` stands there twice"), text, ""))
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, BooleanArray, Int64Array};

    use super::*;
    use crate::batch::{Origin, SourceBatch};

    fn rules(action: CallAction) -> CallRules {
        CallRules { action, fixes: BTreeMap::new(), allow_repeats: false }
    }

    fn batch(columns: &[(&str, &[&str])]) -> Batch {
        let columns = columns.iter().map(|(name, values)| {
            let texts = values.iter().map(|value| (*value != "-").then_some(*value));
            (*name, Arc::new(texts.collect::<StringArray>()) as ArrayRef)
        });
        of(RecordBatch::try_from_iter(columns).unwrap())
    }

    fn of(columns: RecordBatch) -> Batch {
        let origin =
            |row: u64| Origin { file: 0, line: row + 2, start: row, length: 1, ordinal: row };
        let origins = (0..columns.num_rows() as u64).map(origin).collect();
        Batch::from_source(Arc::new(SourceBatch { columns, origins }))
    }

    /// The rows that pass, as JSON, and the reasons of the others.
    fn check(rules: &CallRules, batch: &Batch) -> (Vec<String>, Vec<String>) {
        let checked = rules.check(batch).unwrap();
        let columns = &checked.batch.columns;
        let row = |row: usize| {
            let schema = columns.schema();
            let cells = schema.fields().iter().zip(columns.columns()).map(|(field, column)| {
                let texts = column.as_string::<i32>();
                let value = if texts.is_null(row) { "null" } else { texts.value(row) };
                format!("{}={value}", field.name())
            });
            cells.collect::<Vec<_>>().join(" ")
        };
        let passed = (0..columns.num_rows()).map(row).collect();
        (passed, checked.fallen.into_iter().map(|fallen| fallen.reason).collect())
    }

    #[test]
    fn a_call_without_agent_or_number_falls_and_an_empty_prefix_is_sent() {
        let batch = batch(&[
            ("agentId", &["ag1", "-", "ag1", " ag2 "]),
            ("prefix", &["1", "1", "-", ""]),
            ("number", &["6175550100", "6175550101", "n/a", "+1 617 555 0102"]),
        ]);
        let (passed, fallen) = check(&rules(CallAction::Place), &batch);
        assert_eq!(
            passed,
            [
                "agentId=ag1 prefix=1 number=6175550100 _rings=16175550100",
                "agentId=ag2 prefix= number=+1 617 555 0102 _rings=16175550102",
            ]
        );
        assert_eq!(
            fallen,
            [
                "agentId: missing (mandatory, phone-calls-api: Place Call For Agent)",
                "number: no digit in it (`n/a`, a number to dial, phone-calls-api: Place Call For Agent)",
            ]
        );
    }

    #[test]
    fn a_flag_is_true_or_false_and_may_be_blanked() {
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("agentId", Arc::new(StringArray::from(vec!["a", "a", "a"]))),
            ("number", Arc::new(Int64Array::from(vec![1, 2, 3]))),
            ("forceCall", Arc::new(StringArray::from(vec!["TRUE", "yes", ""]))),
        ];
        let batch = of(RecordBatch::try_from_iter(columns).unwrap());
        let mut rules = rules(CallAction::Place);
        let (passed, fallen) = check(&rules, &batch);
        assert_eq!(passed.len(), 2);
        assert!(passed[0].contains("forceCall=true") && passed[1].contains("forceCall=null"));
        assert_eq!(
            fallen,
            [
                "forceCall: not allowed (`yes`, true or false, phone-calls-api: Place Call For Agent)"
            ]
        );
        rules.fixes.insert("forceCall".into(), Fix::Blank);
        let checked = rules.check(&batch).unwrap();
        assert_eq!((checked.batch.len(), checked.fixed.len(), checked.fallen.len()), (3, 1, 0));
        let flags: ArrayRef = Arc::new(BooleanArray::from(vec![true]));
        let one: ArrayRef = Arc::new(StringArray::from(vec!["1"]));
        let columns = [("agentId", one.clone()), ("number", one), ("forceCall", flags)];
        let (passed, _) = check(&rules, &of(RecordBatch::try_from_iter(columns).unwrap()));
        assert!(passed[0].contains("forceCall=true"), "{passed:?}");
    }

    #[test]
    fn codes_are_counted_over_all_lists() {
        let batch = batch(&[
            ("interactionId", &["int-1", "int-2", "int-3", "int-4", ".."]),
            ("agentId", &["a", "a", "a", "a", "a"]),
            (
                "codes",
                &["1:2;1:3;2:4;2:5;3:6;3:7", "1:2;1:3;2:4;2:5;3:6;3:7;4:8", "1", "1:2;1:2", "1:2"],
            ),
        ]);
        let (passed, fallen) = check(&rules(CallAction::SetTransactionCodes), &batch);
        assert_eq!(passed, ["interactionId=int-1 agentId=a codes=1:2;1:3;2:4;2:5;3:6;3:7"]);
        let section = "phone-calls-api: Set Transaction Codes";
        assert_eq!(
            fallen,
            [
                format!("codes: 7 codes (`1:2;1:3;2:4;2:5;3:6;3:7;4:8`, at most 6, {section})"),
                format!(
                    "codes: `1` is not two numbers with `:` between them (`1`, \
                     listId:itemId;listId:itemId, {section})"
                ),
                format!("codes: `1:2` stands there twice (`1:2;1:2`, {section})"),
                format!("interactionId: not an id (`..`, {section})"),
            ]
        );
    }

    #[test]
    fn columns_are_told_with_the_nearest() {
        let schema = |names: &[&str]| {
            let fields = names.iter().map(|name| Field::new(*name, DataType::Utf8, true));
            Schema::new(fields.collect::<Vec<_>>())
        };
        let told = |action, names: &[&str]| -> Vec<String> {
            let problems = rules(action).complaints(&schema(names));
            problems.iter().map(|one| format!("{one} / {}", one.hint())).collect()
        };
        assert_eq!(
            told(CallAction::Place, &["agentId", "Number", "extTransactionData.Name"]),
            [
                "the load target has no column `Number` / did you mean `number`?",
                "the load target demands a column `number` / add `number: ...` to the last `map`",
            ]
        );
        assert_eq!(told(CallAction::Place, &["agentId", "number"]), [""; 0]);
        assert_eq!(
            told(CallAction::FreeLine, &["agentId", "lineNo", "number"]),
            ["the load target has no column `number` / leave it out of the last `map`"]
        );
    }

    #[test]
    fn the_same_phone_and_the_same_interaction_may_stand_there_once() {
        let key = |rules: &CallRules, batch: &Batch| {
            let fit = rules.check(batch).unwrap().batch;
            let before = rules.unique_key(batch.columns.schema_ref());
            assert_eq!(before, rules.unique_key(fit.columns.schema_ref()), "before and after");
            before.map(|key| (key.name, key.columns))
        };
        let calls = batch(&[("agentId", &["a"]), ("number", &["1"])]);
        let place = rules(CallAction::Place);
        assert_eq!(key(&place, &calls), Some(("number".into(), vec![2])));
        assert_eq!(key(&CallRules { allow_repeats: true, ..place }, &calls), None);
        let codes = batch(&[("codes", &["1:1"]), ("agentId", &["a"]), ("interactionId", &["i"])]);
        let expected = Some(("interactionId, agentId".into(), vec![2, 1]));
        assert_eq!(key(&rules(CallAction::SetTransactionCodes), &codes), expected);
    }
}
