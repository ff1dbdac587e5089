//! Getting a record by its number, wherever it hides: a Get without a word about agents leaves out
//! what belongs to deleted ones (rulings DELETED_AGENTS_SCOPE), and FAQs have no Get by number.

use crate::crm::Object;

const BY_DELETED: (&str, &str) = ("CREATEDBY", "Deleted Agents");
const TO_DELETED: (&str, &str) = ("ASSIGNEDTO", "Deleted Agents");
const TO_DELETED_GROUPS: (&str, &str) = ("ASSIGNEDTO", "Deleted Groups");
const TO_NOBODY: (&str, &str) = ("ASSIGNEDTO", "None");

/// What to ask, one after the other until the record is found, beside its number.
const MORE: &[(Object, &[&[(&str, &str)]])] = &[
    (Object::Case, &[&[], &[BY_DELETED]]),
    (
        Object::Task,
        &[
            &[],
            &[TO_NOBODY],
            &[TO_DELETED],
            &[TO_DELETED_GROUPS],
            &[BY_DELETED],
            &[BY_DELETED, TO_NOBODY],
            &[BY_DELETED, TO_DELETED],
            &[BY_DELETED, TO_DELETED_GROUPS],
        ],
    ),
];

/// Where the number alone finds a record.
const NOTHING_MORE: &[&[(&str, &str)]] = &[&[]];

/// The questions that find a record by its key, in order.
pub fn questions<'a>(object: Object, key: &[(&'a str, &'a str)]) -> Vec<Vec<(&'a str, &'a str)>> {
    match object {
        // "Use <STRING>%<STRING> to fetch all FAQs" (wapi:4209): there is no Get by FAQID.
        Object::Faq => vec![vec![("STRING", "%")]],
        // Get takes no parameters (wapi:3822-3850).
        Object::FaqCategory => vec![Vec::new()],
        _ => {
            let more = MORE.iter().find(|(of, _)| *of == object).map_or(NOTHING_MORE, |(_, m)| *m);
            more.iter().map(|more| key.iter().chain(*more).copied().collect()).collect()
        }
    }
}
