//! A campaign's status: to look at, and to change.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, Method, header},
    response::{IntoResponse, Response},
};
use quick_xml::escape::escape;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    authorize,
    campaign::Campaign,
    change::Change,
    dates,
    messages::Refusal,
    number, require_json,
    settings::{CampaignSettings, JsonValues, StatusMethod},
    status::Phase,
};
use crate::shared::Shared;

/// `GET /api/stats/campaigns/{id}.json`, and without `.json` as XML.
pub(super) async fn view(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    authorize(&shared, &method, &headers)?;
    let (id, as_json) = match name.strip_suffix(".json") {
        Some(id) => (id, true),
        None => (name.as_str(), false),
    };
    let id = number(id, Refusal::UnknownCampaign)?;
    let settings = &shared.settings.campaigns;
    let campaigns = shared.campaigns();
    let fields = fields(campaigns.get(id).ok_or(Refusal::UnknownCampaign)?, settings);
    drop(campaigns);
    Ok(if as_json { json_of(fields, settings.digits_as) } else { xml_of(&fields) })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    status: String,
}

/// `POST` or `PATCH /api/tstats/campaigns/{id}` with `{"status": ".."}`. What a success replies
/// is printed nowhere; here it is the new status.
pub(super) async fn change(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let settings = &shared.settings.campaigns;
    match settings.status_method {
        StatusMethod::Post if method != Method::POST => return Err(Refusal::MethodNotAllowed),
        StatusMethod::Patch if method != Method::PATCH => return Err(Refusal::MethodNotAllowed),
        _ => {}
    }
    authorize(&shared, &method, &headers)?;
    let id = number(&id, Refusal::UnknownCampaign)?;
    require_json(&headers)?;
    let wanted: Wanted = serde_json::from_slice(&body).map_err(|_| Refusal::InvalidStatus)?;
    let phase = Phase::named(&wanted.status).ok_or(Refusal::InvalidStatus)?;
    let mut campaigns = shared.campaigns();
    let (campaign, _) = campaigns.get_mut(id).ok_or(Refusal::UnknownCampaign)?;
    campaign.status = next_status(campaign, phase)?;
    let change = Change::Status { campaign: id, status: campaign.status.number() };
    let fields = fields(campaign, settings);
    shared.keep(&campaigns, &change).map_err(|_| Refusal::Internal)?;
    Ok(json_of(fields, settings.digits_as))
}

fn next_status(campaign: &Campaign, phase: Phase) -> Result<super::status::Status, Refusal> {
    if !campaign.definition.enabled {
        return Err(Refusal::AddToDisabled);
    }
    let refusal = match campaign.status.phase() {
        Phase::New => Refusal::NotStarted,
        _ => Refusal::NoSuchTransition,
    };
    campaign.status.changed_to(phase, campaign.window.is_some()).ok_or(refusal)
}

/// The fields of the status answer, in their order.
fn fields(campaign: &Campaign, settings: &CampaignSettings) -> Vec<(String, Value)> {
    let definition = &campaign.definition;
    let yes = |is| if is { "Y" } else { "N" };
    let has_window = campaign.window.is_some();
    let mut fields: Vec<(String, Value)> = [
        ("campaign-name", json!(definition.name)),
        ("campaign-id", json!(definition.id)),
        ("enabled", json!(yes(definition.enabled))),
        ("status", json!(campaign.status.number())),
        ("no-of-records", json!(campaign.book.records())),
        ("dynamic-campaign", json!(yes(definition.dynamic))),
        ("timezone", json!("America/New_York")),
        ("schedule-name", json!(if has_window { "Campaign schedule" } else { "" })),
    ]
    .map(|(key, value)| (key.into(), value))
    .into();
    if let (Some([start, end]), Some((from, to))) = (&settings.schedule_keys, campaign.window) {
        fields.push((start.clone(), json!(dates::write(from))));
        fields.push((end.clone(), json!(dates::write(to))));
    }
    fields
}

fn json_of(fields: Vec<(String, Value)>, digits_as: JsonValues) -> Response {
    let as_set = |value: Value| match digits_as {
        JsonValues::Strings if value.is_number() => Value::String(value.to_string()),
        _ => value,
    };
    let fields: Map<_, _> = fields.into_iter().map(|(key, value)| (key, as_set(value))).collect();
    axum::Json(json!({ "campaign": fields })).into_response()
}

fn xml_of(fields: &[(String, Value)]) -> Response {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><campaign>");
    for (key, value) in fields {
        let value = value.as_str().map_or_else(|| value.to_string(), |text| escape(text).into());
        text.push_str(&format!("<{key}>{value}</{key}>"));
    }
    text.push_str("</campaign>");
    ([(header::CONTENT_TYPE, "application/xml")], text).into_response()
}
