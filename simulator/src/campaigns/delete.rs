//! DELETE of a customer.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Method, StatusCode},
};

use super::{authorize, change::Change, messages::Refusal, number};
use crate::shared::Shared;

/// `DELETE /api/tstats/campaigns/{id}/customers/{customer}`
pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path((id, customer)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    authorize(&shared, &method, &headers)?;
    let id = number(&id, Refusal::UnknownCampaign)?;
    let mut campaigns = shared.campaigns();
    let (campaign, _) = campaigns.get_mut(id).ok_or(Refusal::UnknownCampaign)?;
    if let Some(refusal) = campaign.refuses_deleting() {
        return Err(refusal);
    }
    let customer = number(&customer, Refusal::NotInCampaign)?;
    let status = campaign.book.status(customer).ok_or(Refusal::NotInCampaign)?;
    if !status.is_deletable() {
        return Err(Refusal::NotDeletable);
    }
    campaign.remove(customer);
    let change = Change::Removed { campaign: id, customer };
    shared.keep(&campaigns, &change).map_err(|_| Refusal::Internal)?;
    Ok(StatusCode::NO_CONTENT)
}
