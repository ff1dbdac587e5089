//! What a command did to the CRM, as the journal keeps it.

use super::record::Record;
use crate::{
    journal::{put_number, take_number},
    settings::CrmObject,
};

/// A change of one record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    Added(CrmObject, Record),
    Modified(CrmObject, Record),
    Deleted(CrmObject, u64),
}

const ADDED: u8 = 1;
const MODIFIED: u8 = 2;
const DELETED: u8 = 3;

/// Appends the changes of one command to a frame: all are made, or none.
pub(crate) fn write(changes: &[Change], out: &mut Vec<u8>) {
    for change in changes {
        match change {
            Change::Added(object, record) => {
                out.extend([ADDED, number(*object)]);
                record.write(out);
            }
            Change::Modified(object, record) => {
                out.extend([MODIFIED, number(*object)]);
                record.write(out);
            }
            Change::Deleted(object, id) => {
                out.extend([DELETED, number(*object)]);
                put_number(out, *id);
            }
        }
    }
}

/// Reads what `write` wrote.
pub(crate) fn read(mut frame: &[u8]) -> Option<Vec<Change>> {
    let mut changes = Vec::new();
    while let [kind, object, rest @ ..] = frame {
        frame = rest;
        let object = CrmObject::ALL.into_iter().find(|known| number(*known) == *object)?;
        changes.push(match *kind {
            ADDED => Change::Added(object, Record::read(&mut frame)?),
            MODIFIED => Change::Modified(object, Record::read(&mut frame)?),
            DELETED => Change::Deleted(object, take_number(&mut frame)?),
            _ => return None,
        });
    }
    frame.is_empty().then_some(changes)
}

/// Journals hold these numbers: never give one anew.
fn number(object: CrmObject) -> u8 {
    match object {
        CrmObject::Customer => 1,
        CrmObject::Case => 2,
        CrmObject::Followup => 3,
        CrmObject::Task => 4,
        CrmObject::FaqCategory => 5,
        CrmObject::Faq => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_come_back_as_they_were_written() {
        let at = "2025-03-04T05:06:07Z".parse().unwrap();
        let record = Record::new(7, at).with("SUBJECT", "Zoë & co");
        let changes = vec![
            Change::Modified(CrmObject::Case, record.clone()),
            Change::Added(CrmObject::Followup, record),
            Change::Deleted(CrmObject::Customer, 10_000_000),
        ];
        let mut frame = Vec::new();
        write(&changes, &mut frame);
        assert_eq!(read(&frame), Some(changes));
        frame.push(9);
        assert_eq!(read(&frame), None);
    }
}
