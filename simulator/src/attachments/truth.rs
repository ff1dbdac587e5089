//! The ground truth of attachments: a line of JSON for each file.

use serde_json::{Map, Value, json};

use super::{
    files::{File, Holder},
    names::disposition,
    zip::Form,
};
use crate::{settings::CrmObject, shared::Shared};

const OBJECTS: [CrmObject; 3] = [CrmObject::Case, CrmObject::Followup, CrmObject::Faq];
/// Records that are looked at in one piece.
const PIECE: usize = 200;

/// Where the next piece begins.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    object: usize,
    from: u64,
}

impl Place {
    pub(crate) const FIRST: Place = Place { object: 0, from: 0 };
}

/// The lines of some records, and where to go on, if there are more.
pub(crate) fn lines(shared: &Shared, place: Place) -> Option<(String, Place)> {
    let object = *OBJECTS.get(place.object)?;
    let mut holders = Vec::new();
    let next = {
        let crm = shared.crm();
        let mut rows = crm.table(object).rows_from(place.from);
        let rows_of_piece = rows.by_ref().take(PIECE).filter(|row| {
            crm.was_there_at_first(object, row.id())
                && shared.files.count(Holder { object, id: row.id() }) > 0
        });
        holders.extend(rows_of_piece.map(|row| {
            let id = match object {
                CrmObject::Followup => {
                    format!("{}.{}", row.get("CASENUM"), row.get("FOLLOWUPNUM"))
                }
                _ => row.id().to_string(),
            };
            (Holder { object, id: row.id() }, id)
        }));
        match rows.next() {
            Some(row) => Place { from: row.id(), ..place },
            None => Place { object: place.object + 1, from: 0 },
        }
    };
    let lines = holders.into_iter().flat_map(|(of, id)| of_record(shared, of, &id));
    Some((lines.map(|line| format!("{line}\n")).collect(), next))
}

fn of_record(shared: &Shared, of: Holder, id: &str) -> Vec<Value> {
    if shared.files.are_gone(of) {
        return vec![json!({ "object": of.object.name(), "id": id, "vanished": true })];
    }
    let files = shared.files.of(of);
    let in_reply = files.len();
    files.iter().map(|file| line(shared, of, id, file, in_reply)).collect()
}

fn line(shared: &Shared, of: Holder, id: &str, file: &File, in_reply: usize) -> Value {
    let settings = &shared.settings.attachments;
    let lossy = |bytes: &[u8]| Value::from(String::from_utf8_lossy(bytes));
    let sent_as = match in_reply {
        1 => disposition(&file.name, settings.names),
        _ => Some(shared.files.name_in_zip(file).0),
    };
    let mut line = Map::new();
    line.insert("object".into(), of.object.name().into());
    line.insert("id".into(), id.into());
    line.insert("name".into(), lossy(&file.name));
    if std::str::from_utf8(&file.name).is_err() {
        let hex: String = file.name.iter().map(|byte| format!("{byte:02x}")).collect();
        line.insert("name_hex".into(), hex.into());
    }
    line.insert("sent_as".into(), sent_as.map_or(Value::Null, |sent| lossy(&sent)));
    line.insert("in_reply".into(), in_reply.into());
    line.insert("form".into(), form(file.form).into());
    match file.bomb {
        Some(bytes) => {
            line.insert("bomb".into(), true.into());
            line.insert("bytes".into(), bytes.into());
        }
        None => {
            line.insert("bytes".into(), file.content.len().into());
            line.insert("sha256".into(), file.content.sha256().into());
        }
    }
    Value::Object(line)
}

fn form(form: Form) -> &'static str {
    match form {
        Form::File => "file",
        Form::Directory => "directory",
        Form::Symlink => "symlink",
    }
}
