//! Keys of `extract: wapi` that make no sense together, or ask for what the guide does not offer.

use super::{
    documented,
    options::{CustomFields, IncrementalBy, RangeBy, Select, WapiExtract},
};
use crate::{
    crm::{Action, Object},
    diagnostic::Diagnostic,
    rules::{self, nearest_of, wapi},
};

/// All that is wrong with the keys, each with its place.
pub fn complaints(extract: &WapiExtract) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    search(extract, &mut found);
    select(extract, &mut found);
    days(extract, &mut found);
    found
}

/// Tags of `where` by the table of the guide.
fn search(extract: &WapiExtract, found: &mut Vec<Diagnostic>) {
    let object = extract.object.value;
    let table = wapi::table(object, Action::Get);
    for (tag, values) in &extract.r#where.0 {
        let rule = rules::find(table, table_name(object, &tag.value));
        let custom = match &extract.custom_fields {
            CustomFields::Columns(names) => names.iter().any(|name| name.value == tag.value),
            CustomFields::Map => false,
        };
        let Some(rule) = rule else {
            if !custom {
                found.push(unknown(object, table, tag));
            }
            continue;
        };
        if values.len() > 1 && !rule.repeatable {
            let message =
                format!("{object} cannot be searched for several values of {}", tag.value);
            found.push(Diagnostic::new(tag.span, message).with_hint(
                "take one value, and filter in `transform`; the guide lists the tags that may \
                 come more than once",
            ));
        }
        if values.iter().any(|value| value.contains('%')) && !rule.wildcard {
            let message = format!("`%` is not allowed for {} of {object}", tag.value);
            found.push(Diagnostic::new(tag.span, message).with_hint(
                "write the whole value, or filter in `transform`; the guide lists the tags that \
                 take a part of a value",
            ));
        }
    }
}

/// A tag of `where` as the guide's table prints it. A task's media type has two names, and is asked
/// for by the one that is written (ruling MEDIA_TYPE_TAG).
fn table_name(object: Object, tag: &str) -> &str {
    match (object, tag) {
        (Object::Task, wapi::TASK_GET_MEDIA_TYPE) => "MEDIATYPE",
        _ => tag,
    }
}

fn unknown(
    object: Object,
    table: &[rules::Rule],
    tag: &crate::yaml::Spanned<String>,
) -> Diagnostic {
    let message = format!("{object} cannot be searched by `{}`", tag.value);
    let near = rules::nearest(table, &tag.value).map(|near| format!("did you mean `{near}`? "));
    let hint = format!(
        "{}a custom field of the tenant is named under `custom_fields`; for all else there is \
         `filter` in `transform`",
        near.unwrap_or_default()
    );
    Diagnostic::new(tag.span, message).with_hint(hint)
}

fn select(extract: &WapiExtract, found: &mut Vec<Diagnostic>) {
    let Select::Tags(tags) = &extract.select else { return };
    let object = extract.object.value;
    let documented = documented::columns(object).iter().map(|column| column.tag);
    let declared: Vec<&str> = match &extract.custom_fields {
        CustomFields::Columns(names) => names.iter().map(|name| name.value.as_str()).collect(),
        CustomFields::Map => Vec::new(),
    };
    for tag in tags {
        let known = documented::is_documented(object, &tag.value)
            || declared.iter().any(|name| name.eq_ignore_ascii_case(&tag.value));
        if !known {
            let near = nearest_of(documented.clone().chain(declared.iter().copied()), &tag.value)
                .map(|near| format!("did you mean `{near}`? "));
            let hint = format!(
                "{}a custom field of the tenant is named under `custom_fields` as well",
                near.unwrap_or_default()
            );
            let message = format!("a reply of {object} has no field `{}`", tag.value);
            found.push(Diagnostic::new(tag.span, message).with_hint(hint));
        }
    }
}

/// Which days an object can be asked for.
fn days(extract: &WapiExtract, found: &mut Vec<Diagnostic>) {
    let (object, place) = (extract.object.value, extract.object.span);
    let complain = |message: String, hint: &str| Diagnostic::new(place, message).with_hint(hint);
    let by = extract.range.by;
    let possible: &[RangeBy] = match object {
        Object::Customer => &[RangeBy::Number, RangeBy::Created, RangeBy::Modified],
        Object::Case => &[RangeBy::Created, RangeBy::Modified],
        Object::Task => &[RangeBy::Created, RangeBy::Modified, RangeBy::Due],
        Object::Followup => &[RangeBy::Number, RangeBy::Created],
        Object::Faq => &[RangeBy::Category, RangeBy::Created],
        Object::FaqCategory | Object::CustomField => &[],
    };
    if let Some(by) = by.filter(|by| !possible.contains(by)) {
        found.push(complain(
            format!("{object} cannot be cut `by: {}`", word(by)),
            "leave `by` out: the windows are cut as suits the object",
        ));
    }
    let dated = extract.range.from.is_some() || extract.range.to.is_some();
    if let (Some(from), Some(to)) = (extract.range.from, extract.range.to)
        && from >= to
    {
        found.push(complain(
            format!("`range` begins on {from} and ends before {to}: there is no day in it"),
            "`to` is the day after the last one",
        ));
    }
    if dated && object == Object::FaqCategory {
        found.push(complain(
            "FAQ categories have no dates".into(),
            "leave `from` and `to` out: all of them come with one request",
        ));
    }
    let Some(incremental) = &extract.incremental else { return };
    if dated {
        found.push(complain(
            "`range: from` and `to` make no sense beside `incremental`".into(),
            "a period is fetched again by `vccpipe run --from DATE --to DATE`",
        ));
    }
    match (object, incremental.by) {
        (Object::FaqCategory, _) => found.push(complain(
            "FAQ categories have no dates, so that nobody can ask for the new ones".into(),
            "leave `incremental` out: all of them come with one request",
        )),
        (Object::Followup | Object::Faq, IncrementalBy::Modified) => found.push(complain(
            format!("{object} cannot be asked for by the day of the last change"),
            "write `incremental: {by: created}`; what is changed later is only seen by fetching all",
        )),
        _ => {}
    }
}

fn word(by: RangeBy) -> &'static str {
    match by {
        RangeBy::Number => "number",
        RangeBy::Created => "created",
        RangeBy::Modified => "modified",
        RangeBy::Due => "due",
        RangeBy::Category => "category",
    }
}
