//! Keys of `extract: attachments` that make no sense together.

use super::options::{AttachmentsExtract, Holder, Ids, IdsFrom};
use crate::{
    diagnostic::Diagnostic,
    extract::{
        ExtractOptions,
        wapi::{self, Select},
    },
};

/// All that is wrong with the keys, each with its place.
pub fn complaints(extract: &AttachmentsExtract) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if extract.directory.value.trim().is_empty() {
        found.push(
            Diagnostic::new(extract.directory.span, "`directory` is empty")
                .with_hint("name the folder for the files, for instance `attachments`"),
        );
    }
    let holder = extract.object.value;
    match &extract.ids {
        Ids::List(ids) => {
            let wrong = ids.iter().filter(|id| !is_an_id(holder, &id.value));
            found.extend(wrong.map(|id| {
                let message = format!("`{}` is no number of a {}", id.value, holder.as_str());
                Diagnostic::new(id.span, message).with_hint(form_of(holder))
            }));
        }
        Ids::From(from) => other_extract(holder, from, &mut found),
    }
    found
}

/// Whether a text can be the number of a record (ruling FOLLOWUP_IDS).
pub fn is_an_id(holder: Holder, id: &str) -> bool {
    let is_number = |text: &str| {
        (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    match holder {
        Holder::Case | Holder::Faq => is_number(id),
        Holder::Followup => {
            id.split_once('.').is_some_and(|(case, number)| is_number(case) && is_number(number))
        }
    }
}

/// How the numbers are written.
pub fn form_of(holder: Holder) -> &'static str {
    match holder {
        Holder::Case => "a case has a number, such as `1234`",
        Holder::Followup => {
            "a follow-up is known by the number of its case and its own: `1234.2`, in quotes"
        }
        Holder::Faq => "an FAQ has a number, such as `12`",
    }
}

fn other_extract(holder: Holder, from: &IdsFrom, found: &mut Vec<Diagnostic>) {
    let place = from.from.span;
    match &from.from.value {
        ExtractOptions::Wapi(wapi) => {
            found.extend(wapi::complaints(wapi));
            let object = wapi.object.value;
            if from.column.is_none() && object != holder.object() {
                let message = format!(
                    "the numbers of a {} are not known from rows of {object}",
                    holder.as_str()
                );
                let hint = format!("take `object: {}`, or name a `column`", holder.as_str());
                found.push(Diagnostic::new(wapi.object.span, message).with_hint(hint));
            }
            if wapi.incremental.is_some() {
                found.push(
                    Diagnostic::new(place, "`incremental` makes no sense within `ids`").with_hint(
                        "leave it out: records whose files are there are not asked for again",
                    ),
                );
            }
            if let (Select::Tags(tags), None) = (&wapi.select, &from.column) {
                let lacks = |tag: &&&str| !tags.iter().any(|selected| selected.value == **tag);
                if let Some(tag) = holder.object().key().iter().find(lacks) {
                    let message = format!("`select` lacks {tag}, by which the files are asked for");
                    found.push(Diagnostic::new(place, message).with_hint("leave `select` out"));
                }
            }
        }
        file if !file.is_remote() => {}
        _ => found.push(
            Diagnostic::new(place, "numbers of records come from `wapi` or from files")
                .with_hint("other extracts are for rows that are loaded"),
        ),
    }
}
