//! What a schema cannot say of a pipeline, and that needs nothing to be opened.

use serde::de::DeserializeOwned;

use crate::{
    crm::{LoadAction, Object},
    diagnostic::{Diagnostic, Span},
    extract::{self, ExtractOptions, csv::CsvOptions},
    load::{
        LoadOptions,
        calls::CallsOptions,
        campaign::{CampaignAction, CampaignOptions},
        files::{Mode, ParquetOptions},
        wapi::WapiOptions,
    },
    phone::CallAction,
    transform::Step,
    yaml::{self, Node, Spanned, Value},
};

pub(super) fn empty_file() -> Diagnostic {
    Diagnostic::new(Span::default(), "the file is empty")
        .with_hint("a pipeline has the keys `version`, `name`, `connection`, `extract` and `load`")
}

/// Checks each section on its own, so that a mistake in one does not hide those of another.
pub(super) fn sections(root: &Node, text: &str, found: &mut Vec<Diagnostic>) {
    match section(root.get("extract"), text, found) {
        Some(ExtractOptions::Csv(csv)) => csv_dialect(&csv, found),
        Some(ExtractOptions::Wapi(wapi)) => found.extend(extract::wapi::complaints(&wapi)),
        Some(ExtractOptions::List(list)) => found.extend(list.complaints()),
        Some(ExtractOptions::Attachments(attachments)) => {
            found.extend(extract::attachments::complaints(&attachments));
        }
        _ => {}
    }
    match section(root.get("load"), text, found) {
        Some(LoadOptions::Wapi(wapi)) => wapi_load(&wapi, found),
        Some(LoadOptions::Calls(calls)) => calls_load(&calls, found),
        Some(LoadOptions::Campaign(campaign)) => campaign_load(&campaign, found),
        Some(LoadOptions::Parquet(parquet)) => parquet_load(&parquet, found),
        Some(LoadOptions::Csv(csv)) => {
            one_character("delimiter", csv.delimiter.as_ref(), found);
            not_a_quote(csv.delimiter.as_ref(), found);
        }
        _ => {}
    }
    let mut validate = None;
    if let Some(Value::List(steps)) = root.get("transform").map(|steps| &steps.value) {
        for node in steps {
            if let Some(Step::Validate(_)) = section(Some(node), text, found) {
                only_one_validate(&mut validate, node, found);
            }
        }
    }
}

/// A section as a value; none if it is wrong, which is then told.
fn section<T: DeserializeOwned>(
    node: Option<&Node>,
    text: &str,
    found: &mut Vec<Diagnostic>,
) -> Option<T> {
    let node = node?;
    let within =
        |one: &Diagnostic| node.span.start <= one.span.start && one.span.end <= node.span.end;
    // What the schema found here would only be said again.
    let known = found.iter().any(within) || node.value == Value::Null;
    match yaml::decode(node, text) {
        Ok(value) => (!known).then_some(value),
        Err(complaint) => {
            found.extend((!known).then_some(complaint));
            None
        }
    }
}

/// What an action needs, and what makes no sense with it.
fn wapi_load(wapi: &WapiOptions, found: &mut Vec<Diagnostic>) {
    let (object, action) = (wapi.object.value, wapi.action.value);
    let complain =
        |message: String, hint: &str| Diagnostic::new(wapi.action.span, message).with_hint(hint);
    let changes = matches!(action, LoadAction::Modify | LoadAction::Upsert);
    if object == Object::Followup && changes {
        found.push(complain(
            "a follow-up cannot be changed, so that it cannot be loaded by this action".into(),
            "the CRM API has `add` and `delete` for follow-ups",
        ));
    }
    if action == LoadAction::Delete && !wapi.confirm_delete {
        found.push(complain(
            "`delete` needs `confirm_delete: true` beside it".into(),
            "what is deleted cannot be brought back, and takes along what belongs to it: the \
             cases, follow-ups and tasks of a customer, for instance",
        ));
    }
    if !matches!(action, LoadAction::Add | LoadAction::Upsert) && wapi.identify_by.is_some() {
        found.push(complain(
            format!("`identify_by` makes no sense with `{}`", action.as_str()),
            "it is for `add` and `upsert`; `modify` and `delete` find their record by its number",
        ));
    }
    match (action, &wapi.match_on) {
        (LoadAction::Upsert, None) => found.push(complain(
            "`upsert` needs `match_on`: by which columns a row finds its record".into(),
            "for instance `match_on: EMAIL`",
        )),
        (LoadAction::Upsert, Some(on)) if on.0.iter().any(|tag| object.key().contains(&&**tag)) => {
            found.push(complain(
                format!(
                    "an upsert cannot match on {}: a new record gets it from the tenant",
                    on.0.join(", ")
                ),
                "`modify` changes the records that numbers name",
            ));
        }
        (LoadAction::Upsert, _) | (_, None) => {}
        (other, Some(_)) => found.push(complain(
            format!("`match_on` makes no sense with `{}`", other.as_str()),
            "it is for `upsert`; `modify` and `delete` find their record by its number",
        )),
    }
}

/// What a mode needs, and what makes no sense with it.
fn parquet_load(parquet: &ParquetOptions, found: &mut Vec<Diagnostic>) {
    let complain =
        |span: Span, message: String, hint: &str| Diagnostic::new(span, message).with_hint(hint);
    match (parquet.mode, parquet.key.first()) {
        (Mode::Upsert, None) => found.push(complain(
            parquet.path.span,
            "`upsert` needs `key`: by which columns a row finds the one that it replaces".into(),
            "for instance `key: [ACCOUNTNUM]`",
        )),
        (Mode::Upsert, Some(_)) | (_, None) => {}
        (other, Some(key)) => found.push(complain(
            key.span,
            format!("`key` makes no sense with `mode: {}`", other.as_str()),
            "only `upsert` replaces single rows",
        )),
    }
    for names in [&parquet.key, &parquet.partition_by, &parquet.sort_by] {
        for (at, name) in names.iter().enumerate() {
            if names[..at].iter().any(|before| before.value == name.value) {
                let message = format!("`{}` stands here twice", name.value);
                found.push(complain(name.span, message, "name each column once"));
            }
        }
    }
}

fn not_a_quote(delimiter: Option<&Spanned<String>>, found: &mut Vec<Diagnostic>) {
    if let Some(delimiter) = delimiter.filter(|delimiter| delimiter.value == "\"") {
        found.push(
            Diagnostic::new(delimiter.span, "`delimiter` cannot be the quote")
                .with_hint("for instance `\",\"` or `\";\"`"),
        );
    }
}

fn calls_load(calls: &CallsOptions, found: &mut Vec<Diagnostic>) {
    if calls.action.value == CallAction::Place && !calls.confirm_place {
        let message = "`place` needs `confirm_place: true` beside it";
        found.push(Diagnostic::new(calls.action.span, message).with_hint(
            "each row rings a phone, and nobody can take that back; `vccpipe run --dry-run` \
                 rings none",
        ));
    }
}

fn campaign_load(campaign: &CampaignOptions, found: &mut Vec<Diagnostic>) {
    if campaign.start_after_load && campaign.action.value != CampaignAction::Add {
        let message = "`start_after_load` makes no sense with `remove`";
        found.push(
            Diagnostic::new(campaign.action.span, message)
                .with_hint("it starts the campaign that `add` has filled"),
        );
    }
}

fn only_one_validate(first: &mut Option<Span>, node: &Node, found: &mut Vec<Diagnostic>) {
    if first.replace(node.head()).is_some() {
        found.push(
            Diagnostic::new(node.head(), "a second `validate` step").with_hint(
                "put all fixes into one: the rules are applied once, after the last step",
            ),
        );
    }
}

fn csv_dialect(csv: &CsvOptions, found: &mut Vec<Diagnostic>) {
    let delimiter = one_character("delimiter", csv.delimiter.as_ref(), found);
    let quote = one_character("quote", csv.quote.as_ref(), found);
    let same = delimiter.unwrap_or(',') == quote.unwrap_or('"');
    if let (true, Some(place)) = (same, csv.quote.as_ref().or(csv.delimiter.as_ref())) {
        found.push(
            Diagnostic::new(place.span, "`delimiter` and `quote` are the same character")
                .with_hint("a field in quotes may hold the delimiter only if the two differ"),
        );
    }
    if let Some(label) = &csv.encoding
        && encoding_rs::Encoding::for_label(label.as_bytes()).is_none()
    {
        found.push(
            Diagnostic::new(label.span, "`encoding` is not the name of an encoding")
                .with_hint("for instance `utf-8`, `windows-1252` or `iso-8859-1`"),
        );
    }
}

/// The character of a CSV option. It must be one byte, since the reader splits bytes.
fn one_character(
    key: &str,
    option: Option<&Spanned<String>>,
    found: &mut Vec<Diagnostic>,
) -> Option<char> {
    let option = option?;
    let character = match option.value.as_str() {
        "\\t" => Some('\t'),
        text if text.len() == 1 => text.chars().next(),
        _ => None,
    };
    let usable = character.filter(|c| !matches!(c, '\r' | '\n' | '\0'));
    if usable.is_none() {
        found.push(
            Diagnostic::new(option.span, format!("`{key}` must be one ASCII character"))
                .with_hint("for instance `\",\"`, `\";\"` or `\"|\"`; a tab is written `\"\\t\"`"),
        );
    }
    usable
}
