//! Strands: the same windows asked for with further tags, because the guide lets some records come
//! only where they are asked for (ruling DELETED_AGENTS_SCOPE).

use serde::{Deserialize, Serialize};

use crate::crm::Object;

/// Tags that are added to each Get of a strand; a tag that is there twice is an OR.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strand(pub Vec<(String, String)>);

const CREATED: &str = "CREATEDBY";
const ASSIGNED: &str = "ASSIGNEDTO";

/// Only the plural finds anything (ruling DELETED_AGENT_SINGULAR).
const DELETED_AGENTS: &str = "Deleted Agents";
const DELETED_GROUPS: &str = "Deleted Groups";
/// `None` exactly (ruling NONE_CASE).
const NOBODY: &str = "None";
const CUSTOMERS: &str = "Customers";

/// The strands that are always asked for. `taken` are the tags that the pipeline's `where` has
/// already.
pub fn always(object: Object, taken: &[&str]) -> Vec<Strand> {
    let mut strands = vec![Strand::default()];
    match object {
        // "your search for all cases does not automatically yield cases created by deleted agents"
        // (wapi:2047-2048).
        Object::Case => strands.push(strand(&[(CREATED, DELETED_AGENTS)])),
        // The notes of wapi:3620-3626.
        Object::Task => strands.extend([
            strand(&[(CREATED, DELETED_AGENTS)]),
            strand(&[(ASSIGNED, DELETED_AGENTS), (ASSIGNED, DELETED_GROUPS), (ASSIGNED, NOBODY)]),
            strand(&[
                (CREATED, DELETED_AGENTS),
                (ASSIGNED, DELETED_AGENTS),
                (ASSIGNED, DELETED_GROUPS),
                (ASSIGNED, NOBODY),
            ]),
        ]),
        _ => {}
    }
    without(strands, taken)
}

/// The strands that are asked for as well where records are missing, or where nobody can tell
/// whether any are.
pub fn in_doubt(object: Object, taken: &[&str]) -> Vec<Strand> {
    let strands = match object {
        Object::Case => vec![
            strand(&[(CREATED, CUSTOMERS)]),
            strand(&[(ASSIGNED, DELETED_AGENTS), (ASSIGNED, DELETED_GROUPS), (ASSIGNED, NOBODY)]),
            strand(&[
                (CREATED, DELETED_AGENTS),
                (CREATED, CUSTOMERS),
                (ASSIGNED, DELETED_AGENTS),
                (ASSIGNED, DELETED_GROUPS),
                (ASSIGNED, NOBODY),
            ]),
        ],
        _ => Vec::new(),
    };
    without(strands, taken)
}

fn strand(tags: &[(&str, &str)]) -> Strand {
    Strand(tags.iter().map(|(tag, value)| ((*tag).to_owned(), (*value).to_owned())).collect())
}

/// A tag that `where` has is not widened: the pipeline asks for those records and no others.
fn without(strands: Vec<Strand>, taken: &[&str]) -> Vec<Strand> {
    let mut left: Vec<Strand> = Vec::new();
    for Strand(tags) in strands {
        let free: Vec<_> = tags.into_iter().filter(|(tag, _)| !taken.contains(&&**tag)).collect();
        if !left.contains(&Strand(free.clone())) {
            left.push(Strand(free));
        }
    }
    left
}
