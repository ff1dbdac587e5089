//! The customers that a campaign has, page by page.

use crate::{
    http::{Api, Auth, Client, Request},
    wire::campaign::record_ids,
};

/// A campaign that can be asked for its records.
#[derive(Clone, Debug)]
pub struct CampaignRecords {
    /// The client of the tenant's host.
    pub client: Client,
    /// The token for reading.
    pub auth: Auth,
    /// The campaign's number.
    pub campaign: u64,
}

/// Why the records are not known, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// What happened.
    pub what: String,
    /// The way out.
    pub hint: String,
}

impl CampaignRecords {
    /// Hands on the number of each customer that the campaign has.
    ///
    /// Whether the list comes in pages is not documented: it is asked for until a page is empty,
    /// shorter than the first, or the one before again (field-notes, Campaign records).
    ///
    /// # Errors
    /// The campaign does not tell, or not in a form that is understood.
    pub async fn each(&self, mut take: impl FnMut(i64)) -> Result<(), Unanswered> {
        let (mut rows, mut first_page, mut before) = (0, 0, None);
        loop {
            let page = self.page(rows + 1).await?;
            let begins_with = page.first().copied();
            if page.is_empty() || begins_with == before {
                return Ok(());
            }
            page.iter().copied().for_each(&mut take);
            rows += page.len();
            first_page = first_page.max(page.len());
            before = begins_with;
            if page.len() < first_page {
                return Ok(());
            }
        }
    }

    async fn page(&self, from: usize) -> Result<Vec<i64>, Unanswered> {
        let id = self.campaign;
        let query = if from > 1 { format!("?n={from}") } else { String::new() };
        let path = format!("/api/stats/campaigns/{id}/records.json{query}");
        let request = Request::get(Api::Campaigns, path, self.auth.clone());
        let later = "give the same command again later";
        let reply = self.client.send(request).await.map_err(|failure| Unanswered {
            hint: failure.hint().unwrap_or(later).to_owned(),
            what: format!("the records of campaign {id} could not be read: {failure}"),
        })?;
        if reply.status != 200 {
            let hint = match reply.status {
                401 | 403 => {
                    "check the tenant's name and the token; `campaigns: {records_token: ..}` in \
                     the connection says which one is used"
                }
                404 => "check the campaign's number and the connection's tenant and platform",
                _ => later,
            };
            let what =
                format!("the records of campaign {id} could not be read: HTTP {}", reply.status);
            return Err(Unanswered { what, hint: hint.to_owned() });
        }
        record_ids(&reply.body).map_err(|error| Unanswered {
            what: format!("the records of campaign {id} were not understood: {error}"),
            hint: "see whether the host is the tenant's own, and report this reply".to_owned(),
        })
    }
}
