//! The ground truth of the CRM's records.

use serde_json::{Map, Value};

use super::{crm::Crm, table::Row};
use crate::settings::CrmObject;

/// The records of an object from a number on, at most so many, each as a line of JSON; and the
/// number to go on with, if there are more. `None` is an object that there is not.
pub(crate) fn lines(
    crm: &Crm,
    object: &str,
    from: u64,
    most: usize,
) -> Option<(String, Option<u64>)> {
    let object = CrmObject::named(object)?;
    let mut rows = crm.table(object).rows_from(from);
    let mut out = String::new();
    for row in rows.by_ref().take(most) {
        out.push_str(&line(row));
        out.push('\n');
    }
    Some((out, rows.next().map(|row| row.id())))
}

/// All fields by their tags in upper case, and what no reply tells.
fn line(row: Row) -> String {
    let record = row.record();
    let mut line: Map<String, Value> =
        record.fields().map(|(tag, value)| (tag.into(), value.into())).collect();
    line.insert("_created".into(), record.created.to_string().into());
    line.insert("_modified".into(), record.modified.to_string().into());
    line.insert("_times_modified".into(), record.times_modified.into());
    line.insert("_automated".into(), record.automated.into());
    Value::Object(line).to_string()
}
