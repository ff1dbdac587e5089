//! The names of the APIs: limits, latency, faults and the ground truth are kept by them.

use serde::{Deserialize, Serialize};

use crate::{attachments, calls, wapi};

/// One of the tenant's APIs. A further module adds its paths to [`Api::of`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Api {
    /// Campaigns: their customers, status and records.
    Campaigns,
    /// The CRM.
    Wapi,
    /// Attachments of the CRM.
    Attachments,
    /// Phone calls.
    Calls,
}

impl Api {
    /// The API that a path belongs to; `None` is a path of no API.
    pub(crate) fn of(path: &str) -> Option<Api> {
        let campaigns = ["/api/stats/campaigns", "/api/tstats/campaigns"];
        match path {
            wapi::CLASSIC | wapi::GATEWAY => Some(Api::Wapi),
            _ if calls::action("", path).is_some() => Some(Api::Calls),
            _ if path.starts_with(attachments::PATH) => Some(Api::Attachments),
            _ => campaigns.iter().any(|start| path.starts_with(start)).then_some(Api::Campaigns),
        }
    }
}
